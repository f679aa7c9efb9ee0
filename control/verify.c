#include "control/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/files.h"
#include "common/number.h"
#include "common/xalloc.h"
#include "proto/recording.h"
#include "proto/wire.h"
#include "race/kind.h"
#include "race/season/chronicle.h"
#include "race/store.h"
#include "race/stretches.h"

struct verifying {
	struct verify *out;
	const char *path;
	struct wire_arena *arena;
	struct stretches streams;
	uint64_t store;              /* the recording's */
	struct chronicle *chronicle; /* of a season, else empty */
	uint64_t others;             /* events that are not its recorder's */
	struct err *err;
};

/* ---- an event, wherever it comes from ---- */

static void
count_event(struct verifying *v, uint64_t log, struct race_id id,
    uint64_t chain, const uint8_t *body, size_t len)
{
	struct race_event event;

	stretches_put(&v->streams, id, chain);
	v->out->streams = v->streams.count;
	v->out->begun = v->streams.parts;
	if (v->out->events == 0)
		v->out->first = log;
	v->out->last = log;
	v->out->events++;
	wire_reset(v->arena);
	v->out->undecoded += wire_get_event(v->arena, body, len, &event) < 0 ||
	    event.kind == RACE_EVENT_UNKNOWN;
}

/* ---- a recording ---- */

static int
take_header(void *arg, const struct recording_header *h)
{
	struct verifying *v = arg;

	v->store = h->store;
	return 0;
}

static int
wrong(struct verifying *v, const struct recording_record *rec, const char *what)
{
	char event[32];
	char words[300];

	snprintf(words, sizeof words, "event %s %s",
	    number_grouped(event, rec->log), what);
	return recording_damaged(v->err, v->path, rec->offset, v->out->events,
	    words);
}

static bool
is_recorders(enum race_event_kind kind)
{
	return kind == RACE_RESULT || kind == RACE_RESULT_GONE ||
	    kind_of_season(kind);
}

/* What records a season says how its events follow each other. */
static int
check_season(struct verifying *v, const struct recording_record *rec)
{
	struct race_event event;
	const char *why;

	if (rec->id.stream != v->store) {
		v->others++;
		return 0;
	}
	wire_reset(v->arena);
	if (wire_get_event(v->arena, rec->event, rec->len, &event) < 0 ||
	    !is_recorders(event.kind))
		return 0;
	if (chronicle_apply(v->chronicle, &event, &why) < 0)
		return wrong(v, rec, why);
	if (event.kind == RACE_SEASON_MOMENT &&
	    event.moment.events != v->others)
		return wrong(v, rec,
		    "counts other events of season.db than stand before it");
	return 0;
}

static int
take_record(void *arg, const struct recording_record *rec)
{
	struct verifying *v = arg;
	int rc;

	switch (stretches_check(&v->streams, rec->id, rec->chain, rec->event,
	    rec->len)) {
	case 0:
		rc = check_season(v, rec);
		if (rc < 0)
			return rc;
		count_event(v, rec->log, rec->id, rec->chain, rec->event,
		    rec->len);
		return 0;
	case -ENODATA:
		return wrong(v, rec, "is not the next one of its stream");
	default:
		return wrong(v, rec, "is not what was stored");
	}
}

static int
verify_recording(struct verifying *v)
{
	const struct recording_reader reader = { take_header, take_record, v };
	struct recording_end end;
	int rc;

	v->out->recording = true;
	rc = recording_read(v->path, &reader, &end, v->err);
	v->out->bytes = end.offset;
	v->out->torn = end.torn;
	return rc;
}

/* ---- race.db ---- */

/* A stream's cursor and chain as its row has them, beside its events. */
struct cursors {
	struct verifying *verifying;
	struct store_stream *all;
	size_t count;
	size_t cap;
};

static int
take_stream(void *arg, const struct store_stream *st)
{
	struct cursors *c = arg;

	c->all = xgrow(c->all, &c->cap, c->count, sizeof *c->all);
	c->all[c->count++] = *st;
	return 0;
}

/* store_scan() has checked numbers and chain. */
static int
take_stored(void *arg, const struct store_event *e)
{
	count_event(arg, e->log, e->id, e->chain, e->body, e->len);
	return 0;
}

static int
check_cursor(struct verifying *v, struct store *s,
    const struct store_stream *st)
{
	uint64_t chain = 0;
	int rc = 0;

	if (st->cursor > 0)
		rc = store_chain(s, st->id, st->cursor, &chain);
	if (rc < 0 && rc != -ENOENT)
		return err_errno(v->err, rc, "%s: read the log", v->path);
	if (rc == 0 && chain == st->chain)
		return 0;
	return err_set(v->err, -EUCLEAN,
	    "%s: damaged: the cursor of stream %016" PRIx64
	    " (%s) stands at its event %" PRIu64 ", which is %s; the %" PRIu64
	    " events of the log are good: copy the newest backup there",
	    v->path, st->epoch, st->name, st->cursor,
	    rc < 0 ? "not in the log" : "another one than was stored",
	    v->out->events);
}

/* Nothing was ever stored behind a cursor.  Read before the events, for a
 * running aggregator goes on: then there may be more of them. */
static int
check_behind(struct verifying *v, const char *lock,
    const struct store_stream *st)
{
	const struct stretch *read = stretches_find(&v->streams, st->epoch);

	if (read == NULL || read->seq <= st->cursor || files_locked(lock))
		return 0;
	return err_set(v->err, -EUCLEAN,
	    "%s: damaged: the cursor of stream %016" PRIx64
	    " (%s) stands at its event %" PRIu64 ", and the log has %" PRIu64
	    " of them: copy the newest backup there",
	    v->path, st->epoch, st->name, st->cursor, read->seq);
}

static int
check_all(struct verifying *v, struct store *s, const struct cursors *c)
{
	char *lock = xasprintf("%s.lock", v->path);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < c->count; i++) {
		rc = check_cursor(v, s, &c->all[i]);
		if (rc == 0)
			rc = check_behind(v, lock, &c->all[i]);
	}
	free(lock);
	return rc;
}

static int
verify_store(struct verifying *v)
{
	struct cursors c = { .verifying = v };
	struct store *s;
	int rc = store_open(&s, v->path, STORE_READ, v->err);

	if (rc < 0)
		return rc;
	rc = store_check(s, v->err);
	if (rc == 0) {
		rc = store_streams(s, take_stream, &c);
		if (rc < 0)
			err_errno(v->err, rc, "%s: read the streams", v->path);
	}
	if (rc == 0)
		rc = store_scan(s, 0, take_stored, v, v->err);
	if (rc == 0)
		rc = check_all(v, s, &c);
	free(c.all);
	store_free(s);
	return rc;
}

/* ---- which of them ---- */

/* By what SQLite writes first; and by its name, for that may be damaged. */
static int
is_database(const char *path, bool *out, struct err *err)
{
	static const char magic[16] = "SQLite format 3";
	char bytes[sizeof magic] = { 0 };
	const char *suffix = strrchr(path, '.');
	FILE *f = fopen(path, "rbe");
	int rc = 0;

	if (f == NULL)
		return err_errno(err, -errno, "read %s", path);
	if (fread(bytes, 1, sizeof bytes, f) < sizeof bytes && ferror(f) != 0)
		rc = err_errno(err, -EIO, "read %s", path);
	*out = memcmp(bytes, magic, sizeof magic) == 0 ||
	    (suffix != NULL && strcmp(suffix, ".db") == 0);
	(void)fclose(f);
	return rc;
}

int
verify_file(const char *path, struct verify *out, struct err *err)
{
	struct verifying v = { .out = out, .err = err };
	struct stat st;
	bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
	char *file = folder ? xasprintf("%s/race.db", path) : xstrdup(path);
	bool database = false;
	int rc;

	*out = (struct verify){ 0 };
	v.path = file;
	v.arena = wire_arena_new();
	v.chronicle = chronicle_new();
	rc = is_database(file, &database, err);
	if (rc == 0)
		rc = database ? verify_store(&v) : verify_recording(&v);
	wire_arena_free(v.arena);
	stretches_clear(&v.streams);
	chronicle_free(v.chronicle);
	free(file);
	return rc;
}
