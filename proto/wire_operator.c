/* What operators ask for. */
#include <errno.h>

#include "proto/wire_parts.h"

/* Our enums have the values of the schema's. */
SAME(RACE_UNKNOWN_NOBODY, PALMARES__UNKNOWN__KIND__NOBODY);
SAME(RACE_UNKNOWN_OPEN, PALMARES__UNKNOWN__KIND__OPEN);
SAME(MESSAGE_ALARM_STORE, PALMARES__ALARM__KIND__STORE);
SAME(MESSAGE_ALARM_SEASON, PALMARES__ALARM__KIND__SEASON);

/* ---- to the schema's ---- */

int
wire_put_status_request(struct wire_buffer *b,
    const struct message_status_request *m)
{
	Palmares__StatusRequest p = PALMARES__STATUS_REQUEST__INIT;

	p.request = m->request;
	return wire_pack(b, MESSAGE_STATUS_REQUEST, &p.base);
}

static void
put_station(Palmares__Station *p, const struct message_station *s)
{
	palmares__station__init(p);
	p->stream = s->stream;
	p->name = wire_str(s->name);
	p->point = wire_str(s->point);
	p->connected = s->connected;
	p->stored = s->stored;
	p->waiting = s->waiting;
	p->last_time_us = wire_put_time(s->last_time_us);
	p->heard_us = s->heard_us;
	p->holes = s->holes;
	p->repeats = s->repeats;
	p->offset_us = s->offset_us;
	p->bound_us = s->bound_us;
	p->disk_free = s->disk_free;
	p->software = wire_str(s->software);
	p->refused = s->refused;
	p->reads_minute = s->reads_minute;
	p->left = s->left;
	p->crossings = s->crossings;
}

static void
put_stations(struct wire_arena *a, Palmares__StatusReply *p,
    const struct message_status_reply *m)
{
	Palmares__Station *stations =
	    wire_take_array(a, m->station_count, sizeof *stations);

	p->n_stations = m->station_count;
	p->stations = wire_take_array(a, p->n_stations, sizeof *p->stations);
	for (size_t i = 0; i < p->n_stations; i++) {
		put_station(&stations[i], &m->stations[i]);
		p->stations[i] = &stations[i];
	}
	p->station_count = m->station_total;
}

static void
put_alarms(struct wire_arena *a, Palmares__StatusReply *p,
    const struct message_status_reply *m)
{
	Palmares__Alarm *alarms =
	    wire_take_array(a, m->alarm_count, sizeof *alarms);

	p->n_alarms = m->alarm_count;
	p->alarms = wire_take_array(a, p->n_alarms, sizeof *p->alarms);
	for (size_t i = 0; i < p->n_alarms; i++) {
		palmares__alarm__init(&alarms[i]);
		alarms[i].kind = (Palmares__Alarm__Kind)m->alarms[i].kind;
		alarms[i].stream = m->alarms[i].stream;
		alarms[i].point = wire_str(m->alarms[i].point);
		alarms[i].since_us = m->alarms[i].since_us;
		alarms[i].text = wire_str(m->alarms[i].text);
		p->alarms[i] = &alarms[i];
	}
}

static void
put_point_states(struct wire_arena *a, Palmares__StatusReply *p,
    const struct message_status_reply *m)
{
	Palmares__PointState *points =
	    wire_take_array(a, m->point_count, sizeof *points);

	p->n_points = m->point_count;
	p->points = wire_take_array(a, p->n_points, sizeof *p->points);
	for (size_t i = 0; i < p->n_points; i++) {
		palmares__point_state__init(&points[i]);
		points[i].point = wire_str(m->points[i].point);
		points[i].reads = m->points[i].reads;
		points[i].last_us = wire_put_time(m->points[i].last_us);
		points[i].reads_minute = m->points[i].reads_minute;
		points[i].awaited = m->points[i].awaited;
		p->points[i] = &points[i];
	}
}

static void
put_seasons(struct wire_arena *a, Palmares__StatusReply *p,
    const struct message_status_reply *m)
{
	Palmares__SeasonState *seasons =
	    wire_take_array(a, m->season_count, sizeof *seasons);

	p->n_seasons = m->season_count;
	p->seasons = wire_take_array(a, p->n_seasons, sizeof *p->seasons);
	for (size_t i = 0; i < p->n_seasons; i++) {
		palmares__season_state__init(&seasons[i]);
		seasons[i].name = wire_str(m->seasons[i].name);
		seasons[i].read_us = m->seasons[i].read_us;
		seasons[i].reading = m->seasons[i].reading;
		seasons[i].trouble = wire_str(m->seasons[i].trouble);
		p->seasons[i] = &seasons[i];
	}
}

int
wire_put_status_reply(struct wire_buffer *b,
    const struct message_status_reply *m)
{
	Palmares__StatusReply p = PALMARES__STATUS_REPLY__INIT;

	p.request = m->request;
	p.store = m->store;
	p.run = m->run;
	p.race = wire_str(m->race);
	p.software = wire_str(m->software);
	p.now_us = m->now_us;
	p.started_us = m->started_us;
	p.log = m->log;
	p.crossings = m->crossings;
	p.unknown = m->unknown;
	p.repeats = m->repeats;
	p.holes = m->holes;
	p.commits = m->commits;
	p.undecoded = m->undecoded;
	p.snapshots = m->snapshots;
	p.malformed = m->malformed;
	p.conflicts = m->conflicts;
	p.misfits = m->misfits;
	p.entries = m->entries;
	p.entries_us = m->entries_us;
	p.trouble = wire_str(m->trouble);
	p.as_of_us = wire_put_time(m->as_of_us);
	put_stations(b->scratch, &p, m);
	put_alarms(b->scratch, &p, m);
	put_point_states(b->scratch, &p, m);
	put_seasons(b->scratch, &p, m);
	return wire_pack(b, MESSAGE_STATUS_REPLY, &p.base);
}

int
wire_put_unknown_request(struct wire_buffer *b,
    const struct message_unknown_request *m)
{
	Palmares__UnknownRequest p = PALMARES__UNKNOWN_REQUEST__INIT;

	p.request = m->request;
	p.first = m->first;
	return wire_pack(b, MESSAGE_UNKNOWN_REQUEST, &p.base);
}

static void
put_unknown(Palmares__Unknown *p, const struct race_unknown *u)
{
	palmares__unknown__init(p);
	p->kind = (Palmares__Unknown__Kind)u->kind;
	p->text = wire_str(u->text);
	p->reads = u->reads;
	p->first_us = u->first_us;
	p->last_us = u->last_us;
	p->point = wire_str(u->point);
}

int
wire_put_unknown_reply(struct wire_buffer *b,
    const struct message_unknown_reply *m)
{
	Palmares__UnknownReply p = PALMARES__UNKNOWN_REPLY__INIT;
	Palmares__Unknown *list =
	    wire_take_array(b->scratch, m->count, sizeof *list);

	p.request = m->request;
	p.next = m->next;
	p.n_unknown = m->count;
	p.unknown = wire_take_array(b->scratch, m->count, sizeof *p.unknown);
	for (size_t i = 0; i < m->count; i++) {
		put_unknown(&list[i], &m->unknown[i]);
		p.unknown[i] = &list[i];
	}
	return wire_pack(b, MESSAGE_UNKNOWN_REPLY, &p.base);
}

int
wire_put_log_request(struct wire_buffer *b, const struct message_log_request *m)
{
	Palmares__LogRequest p = PALMARES__LOG_REQUEST__INIT;

	p.request = m->request;
	p.after = m->after;
	return wire_pack(b, MESSAGE_LOG_REQUEST, &p.base);
}

static void
put_log_events(struct wire_arena *a, Palmares__LogReply *p,
    const struct message_log_reply *m)
{
	Palmares__LogEvent *list =
	    wire_take_array(a, m->event_count, sizeof *list);

	p->n_events = m->event_count;
	p->events = wire_take_array(a, p->n_events, sizeof *p->events);
	for (size_t i = 0; i < p->n_events; i++) {
		const struct message_log_event *e = &m->events[i];

		palmares__log_event__init(&list[i]);
		list[i].log = e->log;
		list[i].stream = e->id.stream;
		list[i].seq = e->id.seq;
		list[i].received_us = e->received_us;
		list[i].chain = e->chain;
		list[i].event.len = e->len;
		list[i].event.data = (uint8_t *)e->body;
		p->events[i] = &list[i];
	}
}

int
wire_put_log_reply(struct wire_buffer *b, const struct message_log_reply *m)
{
	Palmares__LogReply p = PALMARES__LOG_REPLY__INIT;
	Palmares__LogStream *streams =
	    wire_take_array(b->scratch, m->stream_count, sizeof *streams);

	p.request = m->request;
	p.store = m->store;
	p.run = m->run;
	p.log = m->log;
	put_log_events(b->scratch, &p, m);
	p.n_streams = m->stream_count;
	p.streams = wire_take_array(b->scratch, p.n_streams, sizeof *p.streams);
	for (size_t i = 0; i < p.n_streams; i++) {
		palmares__log_stream__init(&streams[i]);
		streams[i].stream = m->streams[i].stream;
		streams[i].name = wire_str(m->streams[i].name);
		streams[i].point = wire_str(m->streams[i].point);
		streams[i].operators = m->streams[i].operators;
		p.streams[i] = &streams[i];
	}
	return wire_pack(b, MESSAGE_LOG_REPLY, &p.base);
}

/* ---- from the schema's ---- */

static int
get_station(const Palmares__Station *p, struct message_station *out)
{
	if (!wire_name_ok(p->name) || !wire_label_ok(p->point) ||
	    !wire_span_ok(p->last_time_us) || !wire_span_ok(p->heard_us) ||
	    !wire_span_ok(p->offset_us) || !wire_bound_ok(p->bound_us) ||
	    !wire_name_ok(p->software))
		return -EINVAL;
	out->stream = p->stream;
	out->name = p->name;
	out->point = p->point;
	out->connected = p->connected != 0;
	out->stored = p->stored;
	out->waiting = p->waiting;
	out->last_time_us = wire_get_time(p->last_time_us);
	out->heard_us = p->heard_us;
	out->holes = p->holes;
	out->repeats = p->repeats;
	out->offset_us = p->offset_us;
	out->bound_us = p->bound_us;
	out->disk_free = p->disk_free;
	out->software = p->software;
	out->refused = p->refused;
	out->reads_minute = p->reads_minute;
	out->left = p->left != 0;
	out->crossings = p->crossings;
	return 0;
}

static int
get_stations(struct wire_arena *a, const Palmares__StatusReply *p,
    struct message_status_reply *out)
{
	struct message_station *stations =
	    wire_take_array(a, p->n_stations, sizeof *stations);

	for (size_t i = 0; i < p->n_stations; i++) {
		int rc = get_station(p->stations[i], &stations[i]);

		if (rc < 0)
			return rc;
	}
	out->stations = stations;
	out->station_count = p->n_stations;
	/* An older aggregator sends all and no number. */
	out->station_total = p->station_count > p->n_stations
	    ? p->station_count
	    : (uint32_t)p->n_stations;
	return 0;
}

static int
get_alarms(struct wire_arena *a, const Palmares__StatusReply *p,
    struct message_status_reply *out)
{
	struct message_alarm *alarms =
	    wire_take_array(a, p->n_alarms, sizeof *alarms);

	for (size_t i = 0; i < p->n_alarms; i++) {
		const Palmares__Alarm *from = p->alarms[i];

		if (!wire_label_ok(from->point) ||
		    !wire_span_ok(from->since_us) || !wire_words_ok(from->text))
			return -EINVAL;
		/* A kind of a later version still comes with its words. */
		alarms[i].kind = (unsigned)from->kind <= MESSAGE_ALARM_SEASON
		    ? (enum message_alarm_kind)from->kind
		    : MESSAGE_ALARM_UNSPECIFIED;
		alarms[i].stream = from->stream;
		alarms[i].point = from->point;
		alarms[i].since_us = from->since_us;
		alarms[i].text = from->text;
	}
	out->alarms = alarms;
	out->alarm_count = p->n_alarms;
	return 0;
}

static int
get_point_states(struct wire_arena *a, const Palmares__StatusReply *p,
    struct message_status_reply *out)
{
	struct message_point_state *points;

	if (p->n_points > RACE_POINTS_MAX)
		return -EINVAL;
	points = wire_take_array(a, p->n_points, sizeof *points);
	for (size_t i = 0; i < p->n_points; i++) {
		const Palmares__PointState *from = p->points[i];

		if (from->point[0] == '\0' || !wire_label_ok(from->point) ||
		    !wire_span_ok(from->last_us))
			return -EINVAL;
		points[i].point = from->point;
		points[i].reads = from->reads;
		points[i].last_us = wire_get_time(from->last_us);
		points[i].reads_minute = from->reads_minute;
		points[i].awaited = from->awaited;
	}
	out->points = points;
	out->point_count = p->n_points;
	return 0;
}

static int
get_seasons(struct wire_arena *a, const Palmares__StatusReply *p,
    struct message_status_reply *out)
{
	struct message_season *seasons =
	    wire_take_array(a, p->n_seasons, sizeof *seasons);

	for (size_t i = 0; i < p->n_seasons; i++) {
		const Palmares__SeasonState *from = p->seasons[i];

		if (from->name[0] == '\0' || !wire_label_ok(from->name) ||
		    !wire_span_ok(from->read_us) ||
		    !wire_words_ok(from->trouble))
			return -EINVAL;
		seasons[i].name = from->name;
		seasons[i].read_us = from->read_us;
		seasons[i].reading = from->reading != 0;
		seasons[i].trouble = from->trouble;
	}
	out->seasons = seasons;
	out->season_count = p->n_seasons;
	return 0;
}

int
wire_get_status_reply(struct wire_arena *a, const Palmares__StatusReply *p,
    struct message_status_reply *out)
{
	int rc;

	if (!wire_name_ok(p->race) || !wire_name_ok(p->software) ||
	    !wire_span_ok(p->now_us) || !wire_span_ok(p->started_us) ||
	    !wire_words_ok(p->trouble) || p->entries_us < 0 ||
	    p->entries_us > RACE_TIME_MAX || !wire_span_ok(p->as_of_us))
		return -EINVAL;
	out->request = p->request;
	out->store = p->store;
	out->run = p->run;
	out->race = p->race;
	out->software = p->software;
	out->now_us = p->now_us;
	out->started_us = p->started_us;
	out->log = p->log;
	out->crossings = p->crossings;
	out->unknown = p->unknown;
	out->repeats = p->repeats;
	out->holes = p->holes;
	out->commits = p->commits;
	out->undecoded = p->undecoded;
	out->snapshots = p->snapshots;
	out->malformed = p->malformed;
	out->conflicts = p->conflicts;
	out->misfits = p->misfits;
	out->entries = p->entries;
	out->entries_us = p->entries_us;
	out->trouble = p->trouble;
	out->as_of_us = wire_get_time(p->as_of_us);
	rc = get_stations(a, p, out);
	if (rc == 0)
		rc = get_alarms(a, p, out);
	if (rc == 0)
		rc = get_point_states(a, p, out);
	if (rc == 0)
		rc = get_seasons(a, p, out);
	return rc;
}

static int
get_unknown(const Palmares__Unknown *p, struct race_unknown *out)
{
	if ((unsigned)p->kind > RACE_UNKNOWN_OPEN || !wire_label_ok(p->text) ||
	    !wire_span_ok(p->first_us) || !wire_span_ok(p->last_us) ||
	    !wire_label_ok(p->point))
		return -EINVAL;
	out->kind = (enum race_unknown_kind)p->kind;
	out->text = p->text;
	out->reads = p->reads;
	out->first_us = p->first_us;
	out->last_us = p->last_us;
	out->point = p->point;
	return 0;
}

int
wire_get_unknown_reply(struct wire_arena *a, const Palmares__UnknownReply *p,
    struct message_unknown_reply *out)
{
	struct race_unknown *list =
	    wire_take_array(a, p->n_unknown, sizeof *list);

	if (p->next != 0 && p->n_unknown == 0)
		return -EINVAL; /* the asker would turn in a circle */
	for (size_t i = 0; i < p->n_unknown; i++) {
		int rc = get_unknown(p->unknown[i], &list[i]);

		if (rc < 0)
			return rc;
	}
	out->request = p->request;
	out->next = p->next;
	out->unknown = list;
	out->count = p->n_unknown;
	return 0;
}

/* Their numbers rise, up to the last one. */
static int
get_log_events(struct wire_arena *a, const Palmares__LogReply *p,
    struct message_log_reply *out)
{
	struct message_log_event *list =
	    wire_take_array(a, p->n_events, sizeof *list);
	uint64_t before = 0;

	for (size_t i = 0; i < p->n_events; i++) {
		const Palmares__LogEvent *e = p->events[i];

		if (e->log <= before || e->log > p->log || e->stream == 0 ||
		    e->seq < 1 || e->seq > INT64_MAX ||
		    !wire_span_ok(e->received_us) ||
		    e->event.len > RACE_EVENT_MAX)
			return -EINVAL;
		before = e->log;
		list[i].log = e->log;
		list[i].id = (struct race_id){ e->stream, e->seq };
		list[i].received_us = e->received_us;
		list[i].chain = e->chain;
		list[i].body =
		    e->event.len > 0 ? e->event.data : (const uint8_t *)"";
		list[i].len = e->event.len;
	}
	out->events = list;
	out->event_count = p->n_events;
	return 0;
}

static int
get_log_streams(struct wire_arena *a, const Palmares__LogReply *p,
    struct message_log_reply *out)
{
	struct message_log_stream *list =
	    wire_take_array(a, p->n_streams, sizeof *list);

	for (size_t i = 0; i < p->n_streams; i++) {
		const Palmares__LogStream *s = p->streams[i];

		if (s->stream == 0 || !wire_name_ok(s->name) ||
		    !wire_label_ok(s->point))
			return -EINVAL;
		list[i].stream = s->stream;
		list[i].name = s->name;
		list[i].point = s->point;
		list[i].operators = s->operators != 0;
	}
	out->streams = list;
	out->stream_count = p->n_streams;
	return 0;
}

int
wire_get_log_reply(struct wire_arena *a, const Palmares__LogReply *p,
    struct message_log_reply *out)
{
	int rc;

	if (p->log > INT64_MAX)
		return -EINVAL;
	out->request = p->request;
	out->store = p->store;
	out->run = p->run;
	out->log = p->log;
	rc = get_log_events(a, p, out);
	if (rc == 0)
		rc = get_log_streams(a, p, out);
	return rc;
}
