#include "collector/replay_tape.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/instant.h"
#include "common/xalloc.h"
#include "proto/recording.h"
#include "proto/wire.h"
#include "race/kind.h"
#include "race/rules.h"

/* What a person said may be stamped later than it came, when a clock was ahead
 * (PROTOCOL.md 5, made_us); then it was said when it came. */
static const int64_t ahead_us = 60 * INSTANT_SECOND;

void
tape_init(struct tape *t, uint64_t store, const char *race)
{
	*t = (struct tape){ .store = store,
		.race = xstrdup(race),
		.gun_us = RACE_NO_TIME,
		.begin_us = RACE_NO_TIME,
		.by_epoch = strmap_new() };
}

void
tape_clear(struct tape *t)
{
	for (size_t i = 0; i < t->stream_count; i++) {
		free(t->streams[i].name);
		for (size_t k = 0; k < t->streams[i].point_count; k++)
			free(t->streams[i].points[k]);
		free(t->streams[i].points);
		free(t->streams[i].events);
	}
	free(t->streams);
	free(t->events);
	free(t->bytes);
	free(t->race);
	rules_free(t->rules);
	strmap_free(t->by_epoch);
	*t = (struct tape){ 0 };
}

/* ---- streams ---- */

static const char *
epoch_key(char out[17], uint64_t epoch)
{
	(void)snprintf(out, 17, "%016" PRIx64, epoch);
	return out;
}

int64_t
tape_find_stream(const struct tape *t, uint64_t epoch)
{
	char key[17];
	uint32_t i = strmap_get(t->by_epoch, epoch_key(key, epoch));

	return i == STRMAP_NONE ? -1 : (int64_t)i;
}

uint32_t
tape_stream(struct tape *t, uint64_t epoch, const char *name)
{
	int64_t found = tape_find_stream(t, epoch);
	uint32_t i = (uint32_t)t->stream_count;
	char key[17];

	if (found >= 0)
		return (uint32_t)found;
	t->streams = xgrow(t->streams, &t->stream_cap, t->stream_count,
	    sizeof *t->streams);
	t->streams[t->stream_count++] =
	    (struct tape_stream){ .epoch = epoch, .name = xstrdup(name) };
	strmap_put(t->by_epoch, epoch_key(key, epoch), i);
	return i;
}

int64_t
tape_find(const struct tape *t, uint32_t stream, uint64_t seq)
{
	const struct tape_stream *s = &t->streams[stream];
	size_t low = 0;
	size_t high = s->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->events[s->events[mid]].seq < seq)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == s->count || t->events[s->events[low]].seq != seq)
		return -1;
	return s->events[low];
}

const struct tape_event *
tape_at(const struct tape *t, uint32_t stream, uint64_t seq)
{
	return &t->events[t->streams[stream].events[seq - 1]];
}

uint64_t
tape_chain(const struct tape *t, uint32_t stream, uint64_t seq)
{
	return seq == 0 ? 0 : tape_at(t, stream, seq)->chain;
}

void
tape_note_point(struct tape_stream *s, const char *point)
{
	for (size_t i = 0; i < s->point_count; i++) {
		if (strcmp(s->points[i], point) == 0)
			return;
	}
	/* More than a race can have: names that mean nothing. */
	if (s->point_count == 2 * (size_t)RACE_POINTS_MAX)
		return;
	s->points =
	    xgrow(s->points, &s->point_cap, s->point_count, sizeof *s->points);
	s->points[s->point_count++] = xstrdup(point);
}

const char *
tape_point(const struct tape_stream *s)
{
	return s->point_count == 1 ? s->points[0] : "";
}

int64_t
tape_gun(const struct tape *t)
{
	int64_t first_us = RACE_NO_TIME;

	for (size_t i = 0; t->rules != NULL && i < t->rules->wave_count; i++) {
		int64_t us = t->rules->waves[i].gun_us;

		if (us != RACE_NO_TIME &&
		    (first_us == RACE_NO_TIME || us < first_us))
			first_us = us;
	}
	return first_us == RACE_NO_TIME ? t->gun_us : first_us;
}

/* ---- events ---- */

static size_t
keep_bytes(struct tape *t, const uint8_t *bytes, size_t len)
{
	size_t at = t->len;

	while (t->room - t->len < len) {
		t->room = t->room == 0 ? (size_t)64 * 1024 : 2 * t->room;
		t->bytes = xreallocarray(t->bytes, t->room, 1);
	}
	if (len > 0)
		memcpy(t->bytes + at, bytes, len);
	t->len += len;
	return at;
}

void
tape_add(struct tape *t, const struct tape_event *e, const uint8_t *bytes)
{
	struct tape_stream *s = &t->streams[e->stream];
	size_t at = keep_bytes(t, bytes, e->len);

	t->events = xgrow(t->events, &t->cap, t->count, sizeof *t->events);
	t->events[t->count] = *e;
	t->events[t->count].at = at;
	s->events = xgrow(s->events, &s->cap, s->count, sizeof *s->events);
	s->events[s->count++] = (uint32_t)t->count++;
}

/* ---- reading ---- */

struct loading {
	struct tape *tape;
	const char *path;
	struct wire_arena *arena;
	struct err *err;
};

static int64_t
moment_of(const struct race_event *e, int64_t received_us)
{
	if (e->kind == RACE_CROSSING)
		return e->crossing.time_us;
	if (e->kind == RACE_EVENT_UNKNOWN ||
	    e->made_us - received_us > ahead_us)
		return received_us;
	return e->made_us;
}

/* What is known of a gun beside the rules. */
static void
note_gun(struct tape *t, const struct race_event *e)
{
	int64_t us = RACE_NO_TIME;

	if (e->kind == RACE_GUN)
		us = e->gun.gun_us;
	else if (e->kind == RACE_DECISION && e->decision->verb == RACE_SET_GUN)
		us = e->decision->time_us;
	if (t->gun_us == RACE_NO_TIME)
		t->gun_us = us;
}

static int
check_order(const struct loading *l, const struct tape_stream *s,
    const struct recording_record *rec)
{
	const struct tape_event *last;
	uint64_t before = 0;

	if (s->count > 0) {
		last = &l->tape->events[s->events[s->count - 1]];
		if (rec->id.seq <= last->seq)
			return err_set(l->err, -EUCLEAN,
			    "%s: log number %" PRIu64 ": event %" PRIu64
			    " of the stream %s comes again",
			    l->path, rec->log, rec->id.seq, s->name);
		if (rec->id.seq > last->seq + 1)
			return 0;
		before = last->chain;
	} else if (rec->id.seq != 1) {
		return 0;
	}
	if (hash_chain(before, rec->event, rec->len) == rec->chain)
		return 0;
	return err_set(l->err, -EUCLEAN,
	    "%s: log number %" PRIu64 ": event %" PRIu64 " of the stream %s is "
	    "not what its chain says: the recording was altered",
	    l->path, rec->log, rec->id.seq, s->name);
}

static int
load_header(void *arg, const struct recording_header *h)
{
	struct loading *l = arg;

	tape_init(l->tape, h->store, h->race);
	return 0;
}

static int
load_record(void *arg, const struct recording_record *rec)
{
	struct loading *l = arg;
	struct tape *t = l->tape;
	struct race_event event = { .kind = RACE_EVENT_UNKNOWN };
	struct tape_stream *s;
	uint32_t stream;
	int rc;

	wire_reset(l->arena);
	(void)wire_get_event(l->arena, rec->event, rec->len, &event);
	if (rec->id.stream == t->store) {
		if (event.kind == RACE_RULES) {
			rules_free(t->rules);
			t->rules = rules_copy(event.rules);
		}
		if (kind_of_season(event.kind))
			return err_set(l->err, -EINVAL,
			    "%s: is a recording of a season, in which nothing "
			    "is to be played: palmares season %s shows it",
			    l->path, l->path);
		return 0;
	}
	if (t->count == UINT32_MAX)
		return err_set(l->err, -EFBIG, "%s: too many events", l->path);
	stream = tape_stream(t, rec->id.stream, rec->stream_name);
	s = &t->streams[stream];
	rc = check_order(l, s, rec);
	if (rc < 0)
		return rc;
	if (s->count == 0)
		s->operators = kind_of_operators(event.kind);
	if (event.kind == RACE_CROSSING)
		tape_note_point(s, event.crossing.point);
	note_gun(t, &event);
	tape_add(t,
	    &(struct tape_event){ .stream = stream,
	        .seq = rec->id.seq,
	        .chain = rec->chain,
	        .received_us = rec->received_us,
	        .moment_us = moment_of(&event, rec->received_us),
	        .kind = event.kind,
	        .len = rec->len },
	    rec->event);
	return 0;
}

int
tape_load(struct tape *out, const char *path, struct err *err)
{
	struct tape t = { 0 };
	struct loading l = { .tape = &t,
		.path = path,
		.arena = wire_arena_new(),
		.err = err };
	const struct recording_reader reader = { load_header, load_record, &l };
	struct recording_end end;
	int rc = recording_read(path, &reader, &end, err);

	wire_arena_free(l.arena);
	if (rc < 0) {
		tape_clear(&t);
		return rc;
	}
	t.torn = end.torn;
	*out = t;
	return 0;
}
