#include "control/cut.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "common/instant.h"
#include "common/xalloc.h"
#include "proto/wire.h"
#include "race/kind.h"
#include "race/until.h"

struct stream {
	uint64_t epoch;
	bool station;
};

struct cutting {
	const struct cut *cut;
	struct cut_part *out;
	struct until log;
	uint64_t store;
	struct stream *streams; /* as they came */
	size_t stream_count;
	size_t stream_cap;
	uint64_t first; /* numbers of the log */
	uint64_t last;
	struct wire_arena *arena;
	struct err *err;
};

/* ---- what there is ---- */

static int
survey_header(void *arg, const struct recording_header *h)
{
	struct cutting *c = arg;

	c->store = h->store;
	return 0;
}

static const struct stream *
find(const struct cutting *c, uint64_t epoch)
{
	for (size_t i = c->stream_count; i > 0; i--)
		if (c->streams[i - 1].epoch == epoch)
			return &c->streams[i - 1];
	return NULL;
}

static void
survey_rules(struct cutting *c, const struct recording_record *rec)
{
	struct race_event event;

	wire_reset(c->arena);
	if (wire_get_event(c->arena, rec->event, rec->len, &event) == 0 &&
	    event.kind == RACE_RULES)
		until_rules(&c->log, rec->log, rec->event, rec->len);
}

/* A station's stream may begin anywhere in a part; those of others are whole.
 */
static bool
begins_station(struct cutting *c, const struct recording_record *rec)
{
	struct race_event event = { .kind = RACE_EVENT_UNKNOWN };

	if (rec->id.stream == c->store)
		return false;
	if (rec->id.seq > 1)
		return true;
	wire_reset(c->arena);
	(void)wire_get_event(c->arena, rec->event, rec->len, &event);
	return !kind_of_operators(event.kind);
}

static const struct stream *
stream_of(struct cutting *c, const struct recording_record *rec)
{
	const struct stream *st = find(c, rec->id.stream);

	if (st != NULL)
		return st;
	c->streams = xgrow(c->streams, &c->stream_cap, c->stream_count,
	    sizeof *c->streams);
	c->streams[c->stream_count++] =
	    (struct stream){ rec->id.stream, begins_station(c, rec) };
	return &c->streams[c->stream_count - 1];
}

static int
survey_record(void *arg, const struct recording_record *rec)
{
	struct cutting *c = arg;

	if (rec->id.stream == c->store)
		survey_rules(c, rec);
	until_event(&c->log,
	    &(struct until_event){ rec->log, rec->received_us,
	        stream_of(c, rec)->station });
	return 0;
}

/* ---- which part of it ---- */

/* Times of day are those of the newest rules. */
static int
use_zone(struct cutting *c)
{
	const struct until_rules *rules = until_ruled(&c->log, UINT64_MAX);
	struct race_event event;

	wire_reset(c->arena);
	if (rules == NULL ||
	    wire_get_event(c->arena, rules->body, rules->len, &event) < 0)
		return 0;
	return instant_zone(event.rules->timezone, c->err);
}

/* The last number before an instant, or at it. */
static int
last_by(struct cutting *c, const struct cut_bound *b, bool at, uint64_t *out)
{
	const struct until_event *last;
	int64_t us = b->value;
	int rc = 0;

	if (b->form == CUT_CLOCK)
		rc = until_clock(&c->log, b->value, &us, c->err);
	if (rc < 0)
		return err_wrap(c->err, rc, "%s", b->text);
	last = until_received(&c->log, at ? us : us - 1);
	*out = last != NULL ? last->log : 0;
	return 0;
}

static int
settle(struct cutting *c)
{
	const struct cut_bound *from = &c->cut->from;
	const struct cut_bound *to = &c->cut->to;
	int rc = use_zone(c);

	c->first = from->form == CUT_NUMBER ? (uint64_t)from->value : 1;
	c->last = to->form == CUT_NUMBER ? (uint64_t)to->value : UINT64_MAX;
	if (rc == 0 && from->form > CUT_NUMBER) {
		rc = last_by(c, from, false, &c->first);
		c->first++;
	}
	if (rc == 0 && to->form > CUT_NUMBER)
		rc = last_by(c, to, true, &c->last);
	return rc;
}

/* There has to be some of it. */
static int
check_part(struct cutting *c, const char *path)
{
	const struct until_event *e = c->log.events;
	struct cut_part *out = c->out;
	char first[40];
	char last[40];

	for (size_t i = 0; i < c->log.count; i++) {
		if (e[i].log < c->first || e[i].log > c->last)
			continue;
		out->first = out->first > 0 ? out->first : e[i].log;
		out->last = e[i].log;
	}
	if (out->first > 0)
		return 0;
	if (c->log.count == 0)
		return err_set(c->err, -ENOENT, "%s: no events at all", path);
	return err_set(c->err, -ENOENT,
	    "%s: nothing lies between those bounds; it has events %" PRIu64
	    " to %" PRIu64 ", received %s to %s",
	    path, e[0].log, e[c->log.count - 1].log,
	    instant_format(first, e[0].received_us),
	    instant_format(last, e[c->log.count - 1].received_us));
}

static int
choose(void *arg, struct recording_record *rec)
{
	struct cutting *c = arg;

	if (rec->log > c->last)
		return 0;
	if (rec->log >= c->first)
		return 1;
	if (find(c, rec->id.stream)->station)
		return 0;
	c->out->before++;
	return 1;
}

static int
survey(struct cutting *c, const char *path)
{
	const struct recording_reader reader = { survey_header, survey_record,
		c };
	struct recording_end end;
	int rc = recording_read(path, &reader, &end, c->err);

	if (rc == 0)
		rc = settle(c);
	return rc < 0 ? rc : check_part(c, path);
}

int
cut_file(const char *from, const char *to, const struct cut *cut,
    struct cut_part *out, struct err *err)
{
	struct cutting c = { .cut = cut, .out = out, .err = err };
	int rc;

	*out = (struct cut_part){ 0 };
	c.arena = wire_arena_new();
	rc = survey(&c, from);
	if (rc == 0)
		rc = rewrite_file(from, to, choose, &c, &out->rewrite, err);
	until_clear(&c.log);
	free(c.streams);
	wire_arena_free(c.arena);
	return rc;
}
