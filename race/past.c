#include "race/past.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/endpoint.h"
#include "common/files.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/number.h"
#include "common/progress.h"
#include "common/xalloc.h"
#include "proto/recording.h"
#include "proto/wire.h"
#include "race/ahead.h"
#include "race/kind.h"
#include "race/logbook.h"
#include "race/store.h"
#include "race/until.h"

/* How long a key waits at most while a log is fetched: all of it, with words on
 * the screen, or what has come since, beside everything else. */
#define SLICE_US INT64_C(100000)
#define MORE_US  INT64_C(20000)

/* Reading the clock for each event would cost more than the event. */
enum { TOLD = 1024 };

struct reading {
	const struct past_source *source;
	struct past *out;
	past_fn fn;
	void *arg;
	bool more;        /* the book stays as it is */
	bool season;      /* it is the recording of one */
	struct until log; /* if not all of it is wanted, */
	uint64_t until;   /* ... and the last event that is */
	struct wire_arena *arena;
	struct progress progress; /* where nobody else is told, */
	int64_t told_us;          /* ... or when he is next */
	bool left;                /* no more is wanted */
	struct err *err;
};

/* ---- progress ---- */

static void
show(struct reading *r, const char *doing, uint64_t done, uint64_t all)
{
	const struct past_source *s = r->source;
	int64_t now_us;

	if (done % TOLD != 0)
		return;
	if (s->progress == NULL) {
		progress_show(&r->progress, doing, done, all);
		return;
	}
	now_us = clock_mono_us();
	if (now_us < r->told_us)
		return;
	r->told_us = now_us + SLICE_US;
	r->left = r->left || s->progress(s->arg, doing, done, all) != 0;
}

/* ---- an event, wherever it comes from ---- */

/* What has a number in the story. */
static void
note_stored(struct past *p, const struct race_event *e, int64_t received_us)
{
	if (e->kind != RACE_DECISION && e->kind != RACE_AWARD &&
	    e->kind != RACE_GUN)
		return;
	p->stored_us = xgrow(p->stored_us, &p->stored_cap, p->stored_count,
	    sizeof *p->stored_us);
	p->stored_us[p->stored_count++] = received_us;
}

static void
take(struct reading *r, uint64_t log, struct race_id id, int64_t received_us,
    const struct race_event *event)
{
	struct past_event e = { .log = log,
		.id = id,
		.received_us = received_us,
		.event = event };

	if (r->fn != NULL) {
		e.station = name_of(r->out->streams, id.stream);
		e.operators = name_operators(r->out->streams, id.stream);
		r->fn(r->arg, &e);
	}
	if (!r->more && book_apply(r->out->book, id, event) == 0)
		note_stored(r->out, event, received_us);
	if (log > r->out->log)
		r->out->log = log;
}

/* An event's bytes; valid until the next. */
static void
decode(struct reading *r, const uint8_t *body, size_t len,
    struct race_event *out)
{
	wire_reset(r->arena);
	/* Kept for a later version that can read it. */
	if (wire_get_event(r->arena, body, len, out) < 0)
		*out = (struct race_event){ .kind = RACE_EVENT_UNKNOWN };
}

/* A book with those rules, an event's bytes. */
static int
begin(struct reading *r, const uint8_t *body, size_t len, const char *where)
{
	struct race_event event;
	int rc = wire_get_event(r->arena, body, len, &event);

	if (rc < 0 || event.kind != RACE_RULES)
		return err_set(r->err, -EINVAL,
		    "%s: its rules cannot be read by this version: use a newer "
		    "palmares",
		    where);
	rc = instant_zone(event.rules->timezone, r->err);
	if (rc == 0)
		r->out->book = book_new(event.rules, r->out->store);
	return rc;
}

/* The recording of a season is told by a race that has nothing of its own. */
static void
begin_season(struct reading *r)
{
	static char none[] = "";
	static char utc[] = "UTC";
	const struct race_rules rules = { .title = none,
		.date = none,
		.timezone = utc };

	r->out->book = book_new(&rules, r->out->store);
}

/* ---- as it stood ---- */

static bool
is_partial(const struct reading *r)
{
	return r->source->at != NULL || r->source->at_seq != NULL;
}

/* An event of the log, in its order; operators' streams are known.  -ECANCELED:
 * nobody has to know what comes behind it. */
static int
survey_event(struct reading *r, uint64_t log, struct race_id id,
    int64_t received_us, const uint8_t *body, size_t len)
{
	bool own = id.stream == r->out->store;
	struct race_event event;

	if (is_partial(r))
		until_event(&r->log,
		    &(struct until_event){ log, received_us,
		        !own && !name_operators(r->out->streams, id.stream) });
	wire_reset(r->arena);
	if (own && wire_get_event(r->arena, body, len, &event) == 0 &&
	    event.kind == RACE_RULES)
		until_rules(&r->log, log, body, len);
	return r->source->at_seq != NULL && log >= r->source->at_log
	    ? -ECANCELED
	    : 0;
}

/* The zone a time of day is in: that of the newest rules. */
static int
use_zone(struct reading *r)
{
	const struct until_rules *rules = until_ruled(&r->log, UINT64_MAX);
	struct race_event event;

	wire_reset(r->arena);
	if (rules == NULL ||
	    wire_get_event(r->arena, rules->body, rules->len, &event) < 0)
		return 0;
	return instant_zone(event.rules->timezone, r->err);
}

static void
tell_until(const struct reading *r, const struct until_event *last)
{
	size_t ahead = until_ahead(&r->log, last);
	uint64_t end = r->log.events[r->log.count - 1].log;
	char number[32];
	char later[32];
	char when[40];

	log_info("as of event %s, received %s; %s came later",
	    number_grouped(number, last->log),
	    instant_format(when, last->received_us),
	    number_grouped(later, end - last->log));
	if (ahead > 0)
		log_warnx("%s of the events up to then bear later times: the "
		          "aggregator's clock was set back; --at-seq names "
		          "the event itself",
		    number_grouped(number, ahead));
}

/* --at. */
static int
find_instant(struct reading *r, const char *where)
{
	int64_t us = r->source->at_us;
	const struct until_event *last;
	char when[40];
	char first[40];
	int rc = use_zone(r);

	if (rc == 0 && r->source->at_clock)
		rc = until_clock(&r->log, r->source->at_us, &us, r->err);
	if (rc < 0)
		return err_wrap(r->err, rc, "--at %s", r->source->at);
	last = until_received(&r->log, us);
	if (last == NULL)
		return err_set(r->err, -ENOENT,
		    "--at %s: nothing had been received by %s; the first event "
		    "of %s came at %s",
		    r->source->at, instant_format(when, us), where,
		    instant_format(first, r->log.events[0].received_us));
	r->until = last->log;
	tell_until(r, last);
	return 0;
}

/* --at-seq. */
static int
find_number(struct reading *r, const char *where)
{
	uint64_t end = r->log.events[r->log.count - 1].log;

	r->until = r->source->at_log;
	if (r->until <= end)
		return 0;
	return err_set(r->err, -ENOENT,
	    "--at-seq %s: the last event of %s is number %" PRIu64,
	    r->source->at_seq, where, end);
}

/* As much of the log as matters was surveyed: up to which event it is read, and
 * a book with the rules that held then. */
static int
begin_surveyed(struct reading *r, const char *where)
{
	const struct until_rules *rules = until_ruled(&r->log, UINT64_MAX);
	int rc = 0;

	if (rules == NULL && !r->season)
		return err_set(r->err, -ENOENT,
		    "%s: holds no rules that this version can read", where);
	if (r->source->at != NULL)
		rc = find_instant(r, where);
	else if (r->source->at_seq != NULL)
		rc = find_number(r, where);
	if (rc < 0)
		return rc;
	if (r->season) {
		begin_season(r);
		return 0;
	}
	rules = until_ruled(&r->log, r->until);
	if (rules == NULL)
		return err_set(r->err, -ENOENT,
		    "%s: there were no rules yet at event %" PRIu64, where,
		    r->until);
	wire_reset(r->arena);
	return begin(r, rules->body, rules->len, where);
}

/* ---- race.db ---- */

static int
open_store(struct store **out, const char *race, struct err *err)
{
	char *path = xasprintf("%s/race.db", race);
	int rc = store_open(out, path, STORE_READ, err);

	if (rc == -ENOENT)
		err_set(err, rc,
		    "%s: not there: no aggregator has held this race folder",
		    path);
	free(path);
	return rc;
}

int
past_store(uint64_t *id, const char *race, struct err *err)
{
	struct store *s;
	int rc = open_store(&s, race, err);

	if (rc < 0)
		return rc;
	*id = store_id(s);
	store_free(s);
	return 0;
}

struct store_reading {
	struct reading *reading;
	uint64_t log; /* the last number when it began */
};

/* A stream that has said something: its first event's number. */
struct begun {
	struct store_stream stream;
	uint64_t first;
};

struct begun_list {
	struct store *store;
	struct err *err;
	bool told; /* err says why */
	struct begun *all;
	size_t count;
	size_t cap;
};

/* Who has said hello alone gets his name with his first event. */
static int
list_begun(void *arg, const struct store_stream *st)
{
	struct begun_list *l = arg;
	uint64_t first;
	int rc = store_number(l->store, st->id, 1, &first, l->err);

	if (rc == -ENOENT)
		return 0;
	if (rc < 0) {
		l->told = true;
		return rc;
	}
	l->all = xgrow(l->all, &l->cap, l->count, sizeof *l->all);
	l->all[l->count++] = (struct begun){ *st, first };
	return 0;
}

static int
compare_begun(const void *a, const void *b)
{
	const struct begun *x = a;
	const struct begun *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* As a recording tells them: in the order of their first events. */
static int
name_stored(struct reading *r, struct store *s, const char *where)
{
	struct begun_list l = { .store = s, .err = r->err };
	int rc = store_streams(s, list_begun, &l);

	if (rc < 0 && !l.told)
		err_errno(r->err, rc, "%s: read the streams", where);
	if (rc == 0 && l.count > 0)
		qsort(l.all, l.count, sizeof *l.all, compare_begun);
	for (size_t i = 0; rc == 0 && i < l.count; i++)
		name_stream(r->out->streams, l.all[i].stream.epoch,
		    l.all[i].stream.name, l.all[i].stream.operators);
	free(l.all);
	return rc;
}

static int
take_stored(void *arg, const struct ahead_batch *b)
{
	struct store_reading *s = arg;

	for (size_t i = 0; i < b->count; i++) {
		const struct ahead_label *l = &b->labels[i];

		if (l->log > s->reading->until)
			return -ECANCELED;
		if (i % RANK_EXPECTED == 0 && !s->reading->more)
			rank_expect(s->reading->out->book->rank, b->events + i,
			    b->count - i);
		/* A running aggregator makes streams while we read. */
		if (l->stream != NULL)
			name_stream(s->reading->out->streams, l->stream->epoch,
			    l->stream->name, l->stream->operators);
		take(s->reading, l->log, l->id, l->received_us, &b->events[i]);
		show(s->reading, "reading race.db", l->log, s->log);
	}
	return s->reading->left ? -ECANCELED : 0;
}

static int
survey_stored(void *arg, const struct store_event *e)
{
	return survey_event(arg, e->log, e->id, e->received_us, e->body,
	    e->len);
}

static int
begin_store_as_of(struct reading *r, struct store *s, const char *race)
{
	char *where = xasprintf("%s/race.db", race);
	int rc = store_scan(s, 0, survey_stored, r, r->err);

	if (rc == 0 || rc == -ECANCELED)
		rc = begin_surveyed(r, where);
	free(where);
	return rc;
}

static int
begin_store(struct reading *r, struct store *s, const char *race)
{
	char *where = xasprintf("%s/race.db", race);
	uint8_t *body;
	size_t len;
	int rc = store_rules(s, &body, &len, r->err);

	if (rc == 0) {
		rc = begin(r, body, len, where);
		free(body);
	} else if (rc == -ENOENT) {
		err_set(r->err, rc,
		    "%s: holds no rules yet: start palmares-aggregator once",
		    where);
	}
	free(where);
	return rc;
}

static bool
is_held(const char *race)
{
	char *path = xasprintf("%s/race.db.lock", race);
	bool held = files_locked(path);

	free(path);
	return held;
}

/* What is read on is the same log, and has lost nothing. */
static int
check_same(struct reading *r, uint64_t store, uint64_t log, const char *where)
{
	if (!r->more || (store == r->out->store && log >= r->out->log))
		return 0;
	return err_set(r->err, -ESTALE,
	    "%s: another race.db is there than a moment ago: ask again", where);
}

static int
scan_store(struct reading *r, struct store *s, const char *race)
{
	struct store_reading reading = { .reading = r, .log = store_log(s) };
	int rc = name_stored(r, s, race);

	if (rc == 0 && !r->more)
		rc = is_partial(r) ? begin_store_as_of(r, s, race)
		                   : begin_store(r, s, race);
	if (rc == 0)
		rc = ahead_scan(s, r->out->log, take_stored, &reading, r->err);
	return rc == -ECANCELED ? 0 : rc;
}

static int
load_store(struct reading *r, const char *race)
{
	struct store *s;
	int rc = open_store(&s, race, r->err);

	if (rc < 0)
		return rc;
	rc = check_same(r, store_id(s), store_log(s), race);
	r->out->running = is_held(race);
	r->out->store = store_id(s);
	if (rc == 0)
		rc = scan_store(r, s, race);
	store_free(s);
	return rc;
}

/* ---- a recording ---- */

static int
refuse_season(const char *path, struct err *err)
{
	return err_set(err, -EINVAL,
	    "%s: is a recording of a season: palmares season %s shows it", path,
	    path);
}

struct beginning {
	const char *path;
	uint64_t store;
	struct wire_arena *arena;
	struct err *err;
};

static int
begin_header(void *arg, const struct recording_header *h)
{
	struct beginning *b = arg;

	b->store = h->store;
	return 0;
}

/* Up to the first rules, or what a season has instead. */
static int
begin_record(void *arg, const struct recording_record *rec)
{
	struct beginning *b = arg;
	struct race_event event;

	wire_reset(b->arena);
	if (rec->id.stream != b->store ||
	    wire_get_event(b->arena, rec->event, rec->len, &event) < 0)
		return 0;
	if (kind_of_season(event.kind))
		return refuse_season(b->path, b->err);
	return event.kind == RACE_RULES ? -ECANCELED : 0;
}

int
past_begins(const char *path, struct err *err)
{
	struct beginning b = { .path = path,
		.arena = wire_arena_new(),
		.err = err };
	const struct recording_reader reader = { begin_header, begin_record,
		&b };
	struct recording_end end;
	int rc = recording_read(path, &reader, &end, err);

	wire_arena_free(b.arena);
	return rc == -ECANCELED ? 0 : rc;
}

/* What has to be known before its first event is told. */
struct survey {
	struct reading *reading;
	uint64_t records;
};

static int
survey_header(void *arg, const struct recording_header *h)
{
	struct survey *s = arg;

	s->reading->out->store = h->store;
	return 0;
}

static int
survey_record(void *arg, const struct recording_record *rec)
{
	struct survey *s = arg;
	struct past *out = s->reading->out;
	bool own = rec->id.stream == out->store;
	struct race_event event = { .kind = RACE_EVENT_UNKNOWN };

	show(s->reading, "reading", ++s->records, 0);
	if (s->reading->left)
		return -ECANCELED;
	/* Its first event tells whose it is, the last one what it is called. */
	if (rec->id.seq > 1)
		name_stream(out->streams, rec->id.stream, rec->stream_name,
		    name_operators(out->streams, rec->id.stream));
	if (rec->id.seq == 1) {
		wire_reset(s->reading->arena);
		(void)wire_get_event(s->reading->arena, rec->event, rec->len,
		    &event);
		name_stream(out->streams, rec->id.stream, rec->stream_name,
		    !own && kind_of_operators(event.kind));
	}
	s->reading->season =
	    s->reading->season || (own && kind_of_season(event.kind));
	if (s->reading->season && !s->reading->source->seasons)
		return refuse_season(s->reading->source->from, s->reading->err);
	return survey_event(s->reading, rec->log, rec->id, rec->received_us,
	    rec->event, rec->len);
}

struct recording_reading {
	struct reading *reading;
	uint64_t done;
	uint64_t records;
};

static int
take_recorded(void *arg, const struct recording_record *rec)
{
	struct recording_reading *s = arg;
	struct race_event event;

	if (rec->log > s->reading->until)
		return -ECANCELED;
	decode(s->reading, rec->event, rec->len, &event);
	take(s->reading, rec->log, rec->id, rec->received_us, &event);
	show(s->reading, "reading", ++s->done, s->records);
	return s->reading->left ? -ECANCELED : 0;
}

static int
survey(struct reading *r, const char *path, uint64_t *records)
{
	struct survey s = { .reading = r };
	const struct recording_reader reader = { survey_header, survey_record,
		&s };
	struct recording_end end;
	int rc = recording_read(path, &reader, &end, r->err);

	if (rc == 0 || rc == -ECANCELED)
		rc = begin_surveyed(r, path);
	if (rc == 0 && end.torn)
		log_warnx("%s: the last record is cut off at byte %" PRIu64
		          ": read without it",
		    path, end.offset);
	*records = s.records;
	return rc;
}

static int
load_recording(struct reading *r, const char *path)
{
	struct recording_reading reading = { .reading = r };
	const struct recording_reader reader = { NULL, take_recorded,
		&reading };
	struct recording_end end;
	int rc = survey(r, path, &reading.records);

	if (rc == 0 && !r->left)
		rc = recording_read(path, &reader, &end, r->err);
	return rc == -ECANCELED ? 0 : rc;
}

/* ---- a running aggregator ---- */

static int
begin_logbook(struct reading *r, const struct logbook *l, const char *where)
{
	struct logbook_event e;

	for (size_t i = 0; i < logbook_count(l); i++) {
		logbook_at(l, i, &e);
		if (survey_event(r, e.log, e.id, e.received_us, e.body, e.len) <
		    0)
			break;
	}
	return begin_surveyed(r, where);
}

static void
take_logbook(struct reading *r, const struct logbook *l)
{
	size_t count = logbook_count(l);
	struct logbook_event e;
	struct race_event event;

	for (size_t i = 0; i < count && !r->left; i++) {
		logbook_at(l, i, &e);
		if (e.log > r->until)
			break;
		decode(r, e.body, e.len, &event);
		take(r, e.log, e.id, e.received_us, &event);
		show(r, "reading", i + 1, count);
	}
}

/* All of it, while it is told how far that is. */
static int
fetch(struct reading *r, struct logbook *l)
{
	uint64_t have;
	uint64_t last;
	int rc = 0;

	while (rc == 0) {
		rc = logbook_step(l, clock_mono_us() + SLICE_US, r->err);
		logbook_told(l, &have, &last);
		show(r, "fetching", have - have % TOLD, last);
		if (r->left)
			return -ECANCELED;
	}
	return rc < 0 ? rc : 0;
}

static int
take_fetched(struct reading *r, const struct logbook *l,
    const struct endpoint *from)
{
	char where[ENDPOINT_URL];
	int rc;

	snprintf(where, sizeof where, "%s:%d", from->host, from->base);
	/* That it has lost nothing the trail has seen to. */
	rc = check_same(r, logbook_store(l), UINT64_MAX, where);
	r->out->running = true;
	r->out->store = logbook_store(l);
	if (rc == 0 && !r->more)
		rc = begin_logbook(r, l, where);
	if (rc == 0)
		take_logbook(r, l);
	return rc;
}

static int
load_aggregator(struct reading *r, const struct endpoint *from)
{
	struct logbook *l = r->out->coming;
	int rc = 0;

	if (l == NULL)
		rc =
		    logbook_new(&l, from, r->out->log, r->out->streams, r->err);
	if (rc < 0)
		return rc;
	r->out->coming = NULL;
	if (r->more)
		rc = logbook_step(l, clock_mono_us() + MORE_US, r->err);
	else
		rc = fetch(r, l);
	if (rc == 0 && r->more) {
		r->out->coming = l;
		return -EAGAIN;
	}
	if (rc >= 0)
		rc = take_fetched(r, l, from);
	logbook_free(l);
	return rc;
}

/* ---- which of them ---- */

/* A race folder alone: its race.db, unless its aggregator has that elsewhere.
 */
static bool
is_local(const struct past_source *o)
{
	char *path;
	bool local;

	if (o->offline)
		return true;
	if (o->race == NULL || endpoint_named(o->aggregator))
		return false;
	path = xasprintf("%s/race.db", o->race);
	local = access(path, F_OK) == 0;
	free(path);
	return local || !endpoint_there(o->race);
}

static int
load(struct reading *r, const struct past_source *o)
{
	struct endpoint from;
	int rc;

	if (o->from != NULL)
		return load_recording(r, o->from);
	if (is_local(o))
		return load_store(r, o->race);
	rc = endpoint_find(&from, o->aggregator, o->race, r->err);
	return rc < 0 ? rc : load_aggregator(r, &from);
}

static int
read_all(struct reading *r, const struct past_source *o)
{
	int rc;

	r->source = o;
	r->until = UINT64_MAX;
	r->arena = wire_arena_new();
	progress_begin(&r->progress);
	r->told_us = r->more ? r->progress.next_us : 0;
	rc = load(r, o);
	if (r->left)
		rc = err_set(r->err, -ECANCELED, "not read to its end");
	progress_end(&r->progress);
	until_clear(&r->log);
	wire_arena_free(r->arena);
	return rc;
}

int
past_load(const struct past_source *o, struct past *out, past_fn fn, void *arg,
    struct err *err)
{
	struct reading r = { .out = out, .fn = fn, .arg = arg, .err = err };
	int rc;

	*out = (struct past){ .streams = name_streams_new() };
	rc = read_all(&r, o);
	if (rc < 0)
		past_clear(out);
	return rc;
}

int
past_more(const struct past_source *o, struct past *p, past_fn fn, void *arg,
    struct err *err)
{
	struct reading r = { .out = p,
		.fn = fn,
		.arg = arg,
		.more = true,
		.err = err };

	return read_all(&r, o);
}

void
past_clear(struct past *p)
{
	logbook_free(p->coming);
	book_free(p->book);
	name_streams_free(p->streams);
	free(p->stored_us);
	*p = (struct past){ .log = 0 };
}
