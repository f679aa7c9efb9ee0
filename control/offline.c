#include "control/offline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "proto/recording.h"
#include "proto/wire.h"
#include "race/store.h"

struct reading {
	struct book *book;
	struct wire_arena *arena;
};

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
offline_store(uint64_t *id, const char *race, struct err *err)
{
	struct store *s;
	int rc = open_store(&s, race, err);

	if (rc < 0)
		return rc;
	*id = store_id(s);
	store_free(s);
	return 0;
}

static int
take(void *arg, const struct store_event *e)
{
	struct reading *r = arg;
	struct race_event event;

	wire_reset(r->arena);
	/* Kept for a later version that can read it. */
	if (wire_get_event(r->arena, e->body, e->len, &event) < 0)
		event.kind = RACE_EVENT_UNKNOWN;
	(void)book_apply(r->book, e->id, &event);
	return 0;
}

/* A book with those rules, an event's bytes; files: as for book_new(). */
static int
begin(struct reading *r, const uint8_t *body, size_t len, uint64_t files,
    const char *where, struct err *err)
{
	struct race_event event;
	int rc = wire_get_event(r->arena, body, len, &event);

	if (rc == 0 && event.kind == RACE_RULES)
		rc = instant_zone(event.rules->timezone, err);
	else
		rc = err_set(err, -EINVAL,
		    "%s: its rules cannot be read by this version: use a newer "
		    "palmares",
		    where);
	if (rc == 0)
		r->book = book_new(event.rules, files);
	return rc;
}

/* With the rules that the log names last. */
static int
begin_store(struct reading *r, struct store *s, const char *race,
    struct err *err)
{
	char *where = xasprintf("%s/race.db", race);
	uint8_t *body;
	size_t len;
	int rc = store_rules(s, &body, &len, err);

	if (rc == 0) {
		rc = begin(r, body, len, store_id(s), where, err);
		free(body);
	} else if (rc == -ENOENT) {
		err_set(err, rc,
		    "%s: holds no rules yet: start palmares-aggregator once",
		    where);
	}
	free(where);
	return rc;
}

int
offline_book(struct book **out, const char *race, struct err *err)
{
	struct reading r = { .arena = wire_arena_new() };
	struct store *s;
	int rc = open_store(&s, race, err);

	if (rc == 0) {
		rc = begin_store(&r, s, race, err);
		if (rc == 0)
			rc = store_scan(s, 0, take, &r, err);
		store_free(s);
	}
	wire_arena_free(r.arena);
	if (rc < 0) {
		book_free(r.book);
		return rc;
	}
	*out = r.book;
	return 0;
}

/* ---- from a recording ---- */

/* The newest rules of the aggregator's own stream. */
struct rules_found {
	struct wire_arena *arena;
	uint64_t store;
	uint8_t body[RACE_EVENT_MAX];
	size_t len; /* 0: none yet */
};

static int
note_store(void *arg, const struct recording_header *h)
{
	struct rules_found *found = arg;

	found->store = h->store;
	return 0;
}

static int
note_rules(void *arg, const struct recording_record *rec)
{
	struct rules_found *found = arg;
	struct race_event event;

	if (rec->id.stream != found->store)
		return 0;
	wire_reset(found->arena);
	if (wire_get_event(found->arena, rec->event, rec->len, &event) < 0 ||
	    event.kind != RACE_RULES)
		return 0;
	memcpy(found->body, rec->event, rec->len);
	found->len = rec->len;
	return 0;
}

static int
skip_header(void *arg, const struct recording_header *h)
{
	(void)arg;
	(void)h;
	return 0;
}

static int
take_record(void *arg, const struct recording_record *rec)
{
	const struct store_event e = { .id = rec->id,
		.body = rec->event,
		.len = rec->len };

	return take(arg, &e);
}

static int
begin_recording(struct reading *r, const char *path, struct err *err)
{
	struct rules_found *found = xcalloc(1, sizeof *found);
	const struct recording_reader reader = { note_store, note_rules,
		found };
	struct recording_end end;
	int rc;

	found->arena = r->arena;
	rc = recording_read(path, &reader, &end, err);
	if (rc == 0 && found->len == 0)
		rc = err_set(err, -ENOENT,
		    "%s: holds no rules that this version can read", path);
	if (rc == 0)
		rc = begin(r, found->body, found->len, found->store, path, err);
	if (rc == 0 && end.torn)
		log_warnx("%s: the last record is cut off at byte %" PRIu64
		          ": read without it",
		    path, end.offset);
	free(found);
	return rc;
}

int
offline_recording(struct book **out, const char *path, struct err *err)
{
	struct reading r = { .arena = wire_arena_new() };
	const struct recording_reader reader = { skip_header, take_record, &r };
	struct recording_end end;
	int rc = begin_recording(&r, path, err);

	if (rc == 0)
		rc = recording_read(path, &reader, &end, err);
	wire_arena_free(r.arena);
	if (rc < 0) {
		book_free(r.book);
		return rc;
	}
	*out = r.book;
	return 0;
}
