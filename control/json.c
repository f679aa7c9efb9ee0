#include "control/json.h"

#include <inttypes.h>
#include <jansson.h>

#include "common/dump.h"
#include "common/instant.h"

const char *
json_unknown_kind(enum race_unknown_kind kind)
{
	switch (kind) {
	case RACE_UNKNOWN_BIB:
		return "bib";
	case RACE_UNKNOWN_CHIP:
		return "chip";
	case RACE_UNKNOWN_POINT:
		return "point";
	case RACE_UNKNOWN_NOBODY:
		return "nobody";
	case RACE_UNKNOWN_CONFLICT:
		return "conflict";
	case RACE_UNKNOWN_OPEN:
		return "open";
	}
	return "";
}

static void
put_text(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, json_string(text));
}

static void
put_count(json_t *o, const char *key, uint64_t count)
{
	json_object_set_new(o, key, json_integer((json_int_t)count));
}

/* Ids are 64 bits, which other languages' numbers do not hold. */
static void
put_id(json_t *o, const char *key, uint64_t id)
{
	char text[24];

	snprintf(text, sizeof text, "%016" PRIx64, id);
	put_text(o, key, text);
}

static void
put_moment(json_t *o, const char *key, int64_t us, int64_t none)
{
	char text[40];

	if (us == none)
		json_object_set_new(o, key, json_null());
	else
		put_text(o, key, instant_format(text, us));
}

static json_t *
station(const struct message_station *s)
{
	json_t *o = json_object();

	put_text(o, "name", s->name);
	put_text(o, "point", s->point);
	put_id(o, "stream", s->stream);
	json_object_set_new(o, "connected", json_boolean(s->connected));
	put_moment(o, "last_read", s->last_time_us, RACE_NO_TIME);
	put_moment(o, "heard", s->heard_us, 0);
	put_count(o, "stored", s->stored);
	put_count(o, "crossings", s->crossings);
	put_count(o, "waiting", s->waiting);
	put_count(o, "repeats", s->repeats);
	put_count(o, "holes", s->holes);
	put_count(o, "refused", s->refused);
	json_object_set_new(o, "offset_us", json_integer(s->offset_us));
	put_count(o, "bound_us", s->bound_us);
	put_count(o, "disk_free", s->disk_free);
	put_count(o, "reads_minute", s->reads_minute);
	json_object_set_new(o, "left", json_boolean(s->left));
	put_text(o, "software", s->software);
	return o;
}

static const char *
alarm_kind(enum message_alarm_kind kind)
{
	switch (kind) {
	case MESSAGE_ALARM_UNSPECIFIED:
		break;
	case MESSAGE_ALARM_STORE:
		return "store";
	case MESSAGE_ALARM_MISFITS:
		return "misfits";
	case MESSAGE_ALARM_GONE:
		return "gone";
	case MESSAGE_ALARM_SILENT:
		return "silent";
	case MESSAGE_ALARM_WALL_CLOCK:
		return "wall_clock";
	case MESSAGE_ALARM_CLOCK_BOUND:
		return "clock_bound";
	case MESSAGE_ALARM_DISK:
		return "disk";
	case MESSAGE_ALARM_WAITING:
		return "waiting";
	case MESSAGE_ALARM_POINT:
		return "point";
	case MESSAGE_ALARM_VERSION:
		return "version";
	case MESSAGE_ALARM_PUBLISHED:
		return "published";
	case MESSAGE_ALARM_SEASON:
		return "season";
	}
	return "";
}

static json_t *
alarms(const struct message_status_reply *s)
{
	json_t *all = json_array();

	for (size_t i = 0; i < s->alarm_count; i++) {
		const struct message_alarm *a = &s->alarms[i];
		json_t *o = json_object();

		put_text(o, "kind", alarm_kind(a->kind));
		if (a->stream != 0)
			put_id(o, "stream", a->stream);
		if (a->point[0] != '\0')
			put_text(o, "point", a->point);
		put_moment(o, "since", a->since_us, RACE_NO_TIME);
		put_text(o, "text", a->text);
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *
points(const struct message_status_reply *s)
{
	json_t *all = json_array();

	for (size_t i = 0; i < s->point_count; i++) {
		const struct message_point_state *p = &s->points[i];
		json_t *o = json_object();

		put_text(o, "point", p->point);
		put_count(o, "reads", p->reads);
		put_moment(o, "last_read", p->last_us, RACE_NO_TIME);
		put_count(o, "reads_minute", p->reads_minute);
		put_count(o, "awaited", p->awaited);
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *
seasons(const struct message_status_reply *s)
{
	json_t *all = json_array();

	for (size_t i = 0; i < s->season_count; i++) {
		const struct message_season *season = &s->seasons[i];
		json_t *o = json_object();

		put_text(o, "season", season->name);
		json_object_set_new(o, "current",
		    json_boolean(
		        season->trouble[0] == '\0' && !season->reading));
		put_moment(o, "read", season->read_us, RACE_NO_TIME);
		json_object_set_new(o, "reading",
		    json_boolean(season->reading));
		put_text(o, "trouble", season->trouble);
		json_array_append_new(all, o);
	}
	return all;
}

static int
dump(FILE *out, json_t *root, enum json_shape shape)
{
	int rc = dump_json(out, root,
	    shape == JSON_LINE ? JSON_COMPACT : JSON_INDENT(1));

	return rc < 0 ? rc : dump_end(out);
}

int
json_status(FILE *out, const struct message_status_reply *s,
    enum json_shape shape)
{
	json_t *root = json_object();
	json_t *stations = json_array();

	for (size_t i = 0; i < s->station_count; i++)
		json_array_append_new(stations, station(&s->stations[i]));
	put_text(root, "race", s->race);
	put_id(root, "store", s->store);
	put_id(root, "run", s->run);
	put_text(root, "software", s->software);
	put_moment(root, "now", s->now_us, RACE_NO_TIME);
	put_moment(root, "started", s->started_us, RACE_NO_TIME);
	put_moment(root, "as_of", s->as_of_us, RACE_NO_TIME);
	put_text(root, "trouble", s->trouble);
	put_count(root, "entries", s->entries);
	put_count(root, "log", s->log);
	put_count(root, "crossings", s->crossings);
	put_count(root, "unknown", s->unknown);
	put_count(root, "repeats", s->repeats);
	put_count(root, "holes", s->holes);
	put_count(root, "outbox_conflicts", s->conflicts);
	put_count(root, "list_conflicts", s->misfits);
	put_count(root, "malformed", s->malformed);
	put_count(root, "undecoded", s->undecoded);
	put_count(root, "commits", s->commits);
	put_count(root, "snapshots", s->snapshots);
	json_object_set_new(root, "alarms", alarms(s));
	json_object_set_new(root, "stations", stations);
	put_count(root, "stations_total", s->station_total);
	json_object_set_new(root, "points", points(s));
	json_object_set_new(root, "seasons", seasons(s));
	return dump(out, root, shape);
}

static const char *
slip_name(enum near_slip slip)
{
	switch (slip) {
	case NEAR_SWAPPED:
		return "swapped";
	case NEAR_MISSING:
		return "missing";
	case NEAR_DOUBLED:
		return "doubled";
	case NEAR_EXTRA:
		return "extra";
	case NEAR_KEY:
		return "key";
	case NEAR_ZEROS:
		return "zeros";
	case NEAR_NEXT:
		return "next";
	}
	return "";
}

static json_t *
near_entries(const struct unknown *u)
{
	json_t *all = json_array();

	for (size_t i = 0; i < u->near_count; i++) {
		const struct unknown_near *n = &u->near[i];
		json_t *o = json_object();

		put_text(o, "bib", n->bib);
		put_text(o, "name", n->name);
		if (n->chip[0] != '\0')
			put_text(o, "chip", n->chip);
		put_text(o, "slip", slip_name(n->slip));
		json_array_append_new(all, o);
	}
	return all;
}

int
json_unknown(FILE *out, const struct unknown *unknown, size_t count)
{
	json_t *root = json_array();

	for (size_t i = 0; i < count; i++) {
		const struct race_unknown *u = &unknown[i].what;
		json_t *o = json_object();

		put_text(o, "kind", json_unknown_kind(u->kind));
		put_text(o, "text", u->text);
		put_count(o, "reads", u->reads);
		put_moment(o, "first", u->first_us, RACE_NO_TIME);
		put_moment(o, "last", u->last_us, RACE_NO_TIME);
		put_text(o, "point", u->point);
		json_object_set_new(o, "near", near_entries(&unknown[i]));
		json_array_append_new(root, o);
	}
	return dump(out, root, JSON_LINES);
}
