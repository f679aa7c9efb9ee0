#include "control/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/files.h"
#include "common/hash.h"
#include "common/number.h"
#include "common/xalloc.h"
#include "proto/recording.h"
#include "proto/wire.h"
#include "race/store.h"

/* As far as a stream was read. */
struct stretch {
	uint64_t stream;
	uint64_t seq;
	uint64_t chain;
};

struct verifying {
	struct verify *out;
	const char *path;
	struct wire_arena *arena;
	struct stretch *all; /* by stream */
	size_t count;
	size_t cap;
	struct err *err;
};

/* ---- an event, wherever it comes from ---- */

/* The first that is no lesser one. */
static size_t
find(const struct verifying *v, uint64_t stream)
{
	size_t low = 0;
	size_t high = v->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (v->all[middle].stream < stream)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A stream that is new here is made, just before its first event. */
static struct stretch *
stretch_of(struct verifying *v, struct race_id first)
{
	size_t i = find(v, first.stream);

	if (i < v->count && v->all[i].stream == first.stream)
		return &v->all[i];
	v->all = xgrow(v->all, &v->cap, v->count, sizeof *v->all);
	memmove(&v->all[i + 1], &v->all[i], (v->count - i) * sizeof *v->all);
	v->count++;
	v->all[i] = (struct stretch){ first.stream, first.seq - 1, 0 };
	v->out->streams++;
	v->out->begun += first.seq > 1;
	return &v->all[i];
}

static void
count_event(struct verifying *v, uint64_t log, const uint8_t *body, size_t len)
{
	struct race_event event;

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
	(void)arg;
	(void)h;
	return 0;
}

static int
wrong(struct verifying *v, const struct recording_record *rec, const char *what)
{
	char event[32];
	char good[32];

	return err_set(v->err, -EUCLEAN,
	    "%s: damaged at byte %" PRIu64
	    ": event %s %s; the %s events before it are good (head -c %" PRIu64
	    " keeps them)",
	    v->path, rec->offset, number_grouped(event, rec->log), what,
	    number_grouped(good, v->out->events), rec->offset);
}

static int
take_record(void *arg, const struct recording_record *rec)
{
	struct verifying *v = arg;
	size_t known = v->count;
	struct stretch *st = stretch_of(v, rec->id);
	bool part = v->count > known && rec->id.seq > 1;

	if (rec->id.seq != st->seq + 1)
		return wrong(v, rec, "is not the next one of its stream");
	/* What stood before the first one of a part nobody knows. */
	if (!part && hash_chain(st->chain, rec->event, rec->len) != rec->chain)
		return wrong(v, rec, "is not what was stored");
	st->seq = rec->id.seq;
	st->chain = rec->chain;
	count_event(v, rec->log, rec->event, rec->len);
	return 0;
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
	struct verifying *v = arg;
	struct stretch *st = stretch_of(v, e->id);

	st->seq = e->id.seq;
	st->chain = e->chain;
	count_event(v, e->log, e->body, e->len);
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
	size_t i = find(v, st->epoch);

	if (i == v->count || v->all[i].stream != st->epoch ||
	    v->all[i].seq <= st->cursor || files_locked(lock))
		return 0;
	return err_set(v->err, -EUCLEAN,
	    "%s: damaged: the cursor of stream %016" PRIx64
	    " (%s) stands at its event %" PRIu64 ", and the log has %" PRIu64
	    " of them: copy the newest backup there",
	    v->path, st->epoch, st->name, st->cursor, v->all[i].seq);
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
	rc = is_database(file, &database, err);
	if (rc == 0)
		rc = database ? verify_store(&v) : verify_recording(&v);
	wire_arena_free(v.arena);
	free(v.all);
	free(file);
	return rc;
}
