#include "race/season/season_db.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "common/clock.h"
#include "common/files.h"
#include "common/hash.h"
#include "common/xalloc.h"
#include "proto/wire.h"
#include "race/store.h"

struct reading {
	season_db_fn fn;
	void *arg;
	struct wire_arena *arena;
};

char *
season_db_path(const char *dir)
{
	return xasprintf("%s/season.db", dir);
}

/* ---- reading ---- */

static int
take(void *arg, const struct store_event *e)
{
	struct reading *r = arg;
	struct race_event event;
	struct season_db_event out = { .id = e->id,
		.stream = e->stream->name,
		.received_us = e->received_us,
		.chain = e->chain,
		.body = e->body,
		.len = e->len,
		.event = &event };

	wire_reset(r->arena);
	/* Kept for a later version that can read it. */
	if (wire_get_event(r->arena, e->body, e->len, &event) < 0)
		event = (struct race_event){ .kind = RACE_EVENT_UNKNOWN };
	r->fn(r->arg, &out);
	return 0;
}

static int
scan(const char *path, struct reading *r, uint64_t *last, struct err *err)
{
	struct store *s;
	int rc = store_open(&s, path, STORE_READ, err);

	/* Whoever made it has not come to say anything. */
	if (rc == -ENODATA)
		return 0;
	if (rc < 0)
		return rc;
	rc = store_scan(s, 0, take, r, err);
	*last = store_committed(s);
	store_free(s);
	return rc;
}

/* Or so new that nothing was written yet.  Whatever else keeps it from being
 * read is told. */
static bool
is_missing(const char *path)
{
	char *wal = xasprintf("%s-wal", path);
	struct stat st;
	bool missing;

	if (stat(path, &st) < 0)
		missing = errno == ENOENT;
	else
		missing = S_ISREG(st.st_mode) && st.st_size == 0 &&
		    (stat(wal, &st) < 0 || st.st_size == 0);
	free(wal);
	return missing;
}

int
season_db_scan(const char *dir, season_db_fn fn, void *arg, uint64_t *last,
    struct err *err)
{
	char *path = season_db_path(dir);
	struct reading r = { fn, arg, NULL };
	int rc = 0;

	*last = 0;
	if (!is_missing(path)) {
		r.arena = wire_arena_new();
		rc = scan(path, &r, last, err);
		wire_arena_free(r.arena);
	}
	free(path);
	return rc;
}

/* ---- writing ---- */

static int
append(struct store *s, const struct store_stream *stream,
    const struct race_event *events, size_t count, struct err *err)
{
	struct wire_buffer bytes = { 0 };
	int64_t now_us = clock_utc_us();
	uint64_t chain = stream->chain;
	int rc = 0;

	for (size_t i = 0; rc >= 0 && i < count; i++) {
		bytes.len = 0;
		rc = wire_put_event(&bytes, &events[i]);
		if (rc < 0) {
			(void)err_errno(err, rc,
			    "season.db: an event takes more than %d bytes",
			    RACE_EVENT_MAX);
			break;
		}
		chain = hash_chain(chain, bytes.data, bytes.len);
		rc = store_append(s, stream->id, i + 1, &events[i], bytes.data,
		    bytes.len, chain, now_us);
		if (rc < 0)
			(void)err_errno(err, rc, "season.db: append");
	}
	wire_buffer_free(&bytes);
	return rc < 0 ? rc : 0;
}

static int
append_all(struct store *s, uint64_t last, const char *name,
    const struct race_event *events, size_t count, struct err *err)
{
	struct store_stream stream;
	int rc;

	if (store_committed(s) != last)
		return err_set(err, -ESTALE,
		    "somebody else has decided something meanwhile: nothing "
		    "was decided; look again, and decide again");
	rc = store_stream(s, files_random(), name, "", true, &stream);
	if (rc == 0)
		rc = append(s, &stream, events, count, err);
	if (rc == 0)
		rc = store_commit(s, err);
	return rc;
}

int
season_db_append(const char *dir, uint64_t last, const char *name,
    const struct race_event *events, size_t count, struct err *err)
{
	char *path = season_db_path(dir);
	struct store *s;
	int rc = store_open(&s, path, STORE_WRITE, err);

	free(path);
	if (rc < 0)
		return rc;
	rc = append_all(s, last, name, events, count, err);
	store_free(s);
	return rc;
}
