#include "race/season/recorded.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "common/instant.h"
#include "common/xalloc.h"
#include "proto/wire.h"
#include "race/until.h"

struct recorded {
	char *path;
	char *title;
	struct chronicle *chronicle;
	struct recorded_end end;
	uint64_t until; /* what comes behind it is not read */
	struct wire_arena *arena;
	struct err *err;
};

struct recorded *
recorded_new(const char *path, struct err *err)
{
	struct recorded *r = xcalloc(1, sizeof *r);

	r->path = xstrdup(path);
	r->chronicle = chronicle_new();
	r->until = UINT64_MAX;
	r->arena = wire_arena_new();
	r->err = err;
	return r;
}

void
recorded_free(struct recorded *r)
{
	if (r == NULL)
		return;
	chronicle_free(r->chronicle);
	wire_arena_free(r->arena);
	free(r->title);
	free(r->path);
	free(r);
}

const struct recorded_end *
recorded_end(const struct recorded *r)
{
	return &r->end;
}

const struct chronicle *
recorded_chronicle(const struct recorded *r)
{
	return r->chronicle;
}

/* ---- its events ---- */

/* Kept for a later version that can read it. */
static void
decode(struct wire_arena *a, const struct recording_record *rec,
    struct race_event *out)
{
	wire_reset(a);
	if (wire_get_event(a, rec->event, rec->len, out) < 0)
		*out = (struct race_event){ .kind = RACE_EVENT_UNKNOWN };
}

static int
refuse(const struct recorded *r, const struct recording_record *rec,
    const char *why)
{
	return err_set(r->err, -EINVAL, "%s: event %" PRIu64 " %s", r->path,
	    rec->log, why);
}

static int
take_moment(struct recorded *r, const struct recording_record *rec,
    const struct season_moment *m)
{
	if (m->events != r->end.events)
		return err_set(r->err, -EINVAL,
		    "%s: event %" PRIu64 " says that %" PRIu64
		    " events of season.db stand before it, and there are "
		    "%" PRIu64 ": take a whole copy of it",
		    r->path, rec->log, m->events, r->end.events);
	r->end.settled = true;
	return 0;
}

static int
take_own(struct recorded *r, const struct recording_record *rec)
{
	struct race_event event;
	const char *why;

	decode(r->arena, rec, &event);
	if (event.kind == RACE_RULES)
		return err_set(r->err, -EINVAL,
		    "%s: is a recording of a race, not of a season: palmares "
		    "log --from tells what is in it",
		    r->path);
	if (rec->id.seq != r->end.seq + 1)
		return refuse(r, rec,
		    "does not follow the one before it: a season needs all of "
		    "its recording");
	if (chronicle_apply(r->chronicle, &event, &why) < 0)
		return refuse(r, rec, why);
	r->end.seq = rec->id.seq;
	r->end.chain = rec->chain;
	return event.kind == RACE_SEASON_MOMENT
	    ? take_moment(r, rec, &event.moment)
	    : 0;
}

static int
take_header(void *arg, const struct recording_header *h)
{
	struct recorded *r = arg;

	r->end.store = h->store;
	r->title = xstrdup(h->race);
	r->end.title = r->title;
	return 0;
}

static int
take_record(void *arg, const struct recording_record *rec)
{
	struct recorded *r = arg;

	if (rec->log > r->until)
		return -ECANCELED;
	r->end.log = rec->log;
	r->end.settled = false;
	if (rec->id.stream == r->end.store)
		return take_own(r, rec);
	r->end.events++;
	r->end.last = rec->id;
	r->end.last_chain = rec->chain;
	return 0;
}

struct recording_reader
recorded_reader(struct recorded *r)
{
	return (struct recording_reader){ take_header, take_record, r };
}

/* ---- which moment ---- */

struct survey {
	struct wire_arena *arena;
	uint64_t store;
	struct until moments;
	uint64_t last;
	struct recording_end end;
};

static int
survey_header(void *arg, const struct recording_header *h)
{
	struct survey *s = arg;

	s->store = h->store;
	return 0;
}

static int
survey_record(void *arg, const struct recording_record *rec)
{
	struct survey *s = arg;
	struct race_event event;

	s->last = rec->log;
	if (rec->id.stream != s->store)
		return 0;
	decode(s->arena, rec, &event);
	if (event.kind == RACE_SEASON_MOMENT)
		until_event(&s->moments,
		    &(struct until_event){ rec->log, rec->received_us, false });
	return 0;
}

static const struct until_event *
find_moment(const struct survey *s, const struct recorded_until *until)
{
	const struct until *u = &s->moments;

	if (until->by_time)
		return until_received(u, until->us);
	for (size_t i = u->count; i > 0; i--)
		if (until->log == 0 || u->events[i - 1].log <= until->log)
			return &u->events[i - 1];
	return NULL;
}

static int
tell_none(const struct recorded *r, const struct survey *s)
{
	char when[40];

	if (s->moments.count == 0)
		return err_set(r->err, -ENODATA,
		    "%s: holds no season: palmares season DIR record writes "
		    "one",
		    r->path);
	return err_set(r->err, -ENOENT,
	    "%s: the season was first recorded %s, up to event %" PRIu64
	    ": nothing is known of it before",
	    r->path, instant_format(when, s->moments.events[0].received_us),
	    s->moments.events[0].log);
}

static int
check_bound(const struct recorded *r, const struct survey *s,
    const struct recorded_until *until)
{
	if (until->log <= s->last)
		return 0;
	return err_set(r->err, -ENOENT,
	    "event %" PRIu64 ": the last event of %s is number %" PRIu64,
	    until->log, r->path, s->last);
}

static int
choose(struct recorded *r, struct survey *s, const struct recorded_until *until,
    struct recorded_moment *out)
{
	const struct recording_reader reader = { survey_header, survey_record,
		s };
	const struct until_event *found;
	int rc = recording_read(r->path, &reader, &s->end, r->err);

	if (rc == 0 && s->moments.count > 0)
		rc = check_bound(r, s, until);
	if (rc < 0)
		return rc;
	found = find_moment(s, until);
	if (found == NULL)
		return tell_none(r, s);
	r->until = found->log;
	*out = (struct recorded_moment){ .log = found->log,
		.received_us = found->received_us,
		.later = s->last - found->log,
		.ahead = until_ahead(&s->moments, found),
		.torn = s->end.torn,
		.offset = s->end.offset };
	return 0;
}

/* ---- read ---- */

static int
read_all(struct recorded *r)
{
	const struct recording_reader reader = recorded_reader(r);
	struct recording_end end;
	int rc = recording_read(r->path, &reader, &end, r->err);

	return rc == -ECANCELED ? 0 : rc;
}

int
recorded_open(struct recorded **out, const char *path,
    const struct recorded_until *until, struct recorded_moment *moment,
    struct err *err)
{
	struct recorded *r = recorded_new(path, err);
	struct survey s = { .arena = r->arena };
	int rc = choose(r, &s, until, moment);

	until_clear(&s.moments);
	/* What there is instead of a season is told by what it holds. */
	if (rc == 0 || rc == -ENODATA) {
		int read = read_all(r);

		rc = read < 0 ? read : rc;
	}
	if (rc < 0)
		recorded_free(r);
	else
		*out = r;
	return rc;
}

/* ---- the source ---- */

static int
source_open(void *arg, const char *name, FILE **out, struct err *err)
{
	const struct recorded *r = arg;

	return season_source_bundle_open(chronicle_files(r->chronicle), name,
	    out, err);
}

static int
source_names(void *arg, char ***out)
{
	const struct recorded *r = arg;

	return season_source_bundle_names(chronicle_files(r->chronicle), out);
}

struct events {
	const struct recorded *recorded;
	struct wire_arena *arena;
	season_db_fn fn;
	void *arg;
};

static int
give_event(void *arg, const struct recording_record *rec)
{
	struct events *e = arg;
	const struct recorded *r = e->recorded;
	struct race_event event;
	struct season_db_event out = { .id = rec->id,
		.stream = rec->stream_name,
		.received_us = rec->received_us,
		.chain = rec->chain,
		.body = rec->event,
		.len = rec->len,
		.event = &event };

	if (rec->log > r->until)
		return -ECANCELED;
	if (rec->id.stream == r->end.store)
		return 0;
	decode(e->arena, rec, &event);
	e->fn(e->arg, &out);
	return 0;
}

static int
source_events(void *arg, season_db_fn fn, void *fn_arg, uint64_t *last,
    struct err *err)
{
	const struct recorded *r = arg;
	struct events e = { r, wire_arena_new(), fn, fn_arg };
	const struct recording_reader reader = { NULL, give_event, &e };
	struct recording_end end;
	int rc = recording_read(r->path, &reader, &end, err);

	wire_arena_free(e.arena);
	*last = r->end.events;
	return rc == -ECANCELED ? 0 : rc;
}

struct season_source
recorded_source(struct recorded *r)
{
	static const struct season_source_ops ops = { NULL, source_open,
		source_names, source_events };

	return (struct season_source){ .ops = &ops,
		.arg = r,
		.path = r->path,
		.given = r->chronicle };
}
