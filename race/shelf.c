#include "race/shelf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "proto/wire.h"
#include "race/ahead.h"
#include "race/store.h"

/* A book with the rules that the log names last. */
static int
begin(struct book **out, struct store *s, const char *path, struct err *err)
{
	struct wire_arena *arena = wire_arena_new();
	struct race_event event;
	uint8_t *body;
	size_t len;
	int rc = store_rules(s, &body, &len, err);

	if (rc == -ENOENT)
		err_set(err, rc,
		    "%s: holds no rules yet: start palmares-aggregator once",
		    path);
	if (rc == 0) {
		rc = wire_get_event(arena, body, len, &event);
		if (rc == 0 && event.kind == RACE_RULES)
			*out = book_new(event.rules, store_id(s));
		else
			rc = err_set(err, -EINVAL,
			    "%s: its rules cannot be read by this version: use "
			    "a newer palmares",
			    path);
		free(body);
	}
	wire_arena_free(arena);
	return rc;
}

static int
take(void *arg, const struct ahead_batch *b)
{
	struct book *book = arg;

	for (size_t i = 0; i < b->count; i++) {
		if (i % RANK_EXPECTED == 0)
			rank_expect(book->rank, b->events + i, b->count - i);
		(void)book_apply(book, b->labels[i].id, &b->events[i]);
	}
	return 0;
}

static int
read_db(struct book **out, const char *path, struct err *err)
{
	struct store *s;
	int rc = store_open(&s, path, STORE_READ, err);

	if (rc < 0)
		return rc;
	rc = begin(out, s, path, err);
	if (rc == 0)
		rc = ahead_scan(s, 0, take, *out, err);
	store_free(s);
	return rc;
}

int
shelf_book(struct book **out, const char *race, struct err *err)
{
	char *rules = xasprintf("%s/race.yaml", race);
	char *db = xasprintf("%s/race.db", race);
	struct book *book = NULL;
	int rc = 0;

	if (access(rules, R_OK) != 0)
		rc = err_set(err, -EINVAL, "%s: %s", rules, strerror(errno));
	else if (access(db, F_OK) == 0)
		rc = read_db(&book, db, err);
	if (rc < 0)
		book_free(book);
	else
		*out = book;
	free(db);
	free(rules);
	return rc;
}
