#include "control/offline.h"

#include <errno.h>
#include <stdlib.h>

#include "common/instant.h"
#include "common/xalloc.h"
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

/* A book with the rules that the log names last. */
static int
begin(struct reading *r, struct store *s, const char *race, struct err *err)
{
	struct race_event event;
	uint8_t *body;
	size_t len;
	int rc = store_rules(s, &body, &len, err);

	if (rc == -ENOENT)
		return err_set(err, rc,
		    "%s/race.db: holds no rules yet: start "
		    "palmares-aggregator once",
		    race);
	if (rc < 0)
		return rc;
	rc = wire_get_event(r->arena, body, len, &event);
	if (rc == 0 && event.kind == RACE_RULES)
		rc = instant_zone(event.rules->timezone, err);
	else
		rc = err_set(err, -EINVAL,
		    "%s/race.db: its rules cannot be read by this version: "
		    "use a newer palmares",
		    race);
	if (rc == 0)
		r->book = book_new(event.rules);
	free(body);
	return rc;
}

int
offline_book(struct book **out, const char *race, struct err *err)
{
	struct reading r = { .arena = wire_arena_new() };
	struct store *s;
	int rc = open_store(&s, race, err);

	if (rc == 0) {
		rc = begin(&r, s, race, err);
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
