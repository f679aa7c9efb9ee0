#include "race/shelf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "proto/wire.h"
#include "race/ahead.h"
#include "race/store.h"

/* A race, and how far its book has come. */
struct shelved {
	char *race; /* resolved */
	struct book *book;
	dev_t device; /* of race.db: another file is another past */
	ino_t file;
	uint64_t store;
	uint64_t log;
	uint8_t *rules; /* that the log names last, as stored */
	size_t rules_len;
};

struct shelf {
	shelf_fn fn;
	void *arg;
	struct shelved *all;
	size_t count;
	size_t cap;
};

struct shelf *
shelf_new(shelf_fn fn, void *arg)
{
	struct shelf *s = xcalloc(1, sizeof *s);

	s->fn = fn;
	s->arg = arg;
	return s;
}

static void
forget(struct shelved *one)
{
	book_free(one->book);
	free(one->rules);
	one->book = NULL;
	one->rules = NULL;
}

void
shelf_free(struct shelf *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++) {
		forget(&s->all[i]);
		free(s->all[i].race);
	}
	free(s->all);
	free(s);
}

/* ---- one race.db ---- */

struct reading {
	const struct shelf *shelf;
	struct shelved *one;
	struct store *store;
	const char *path;
	struct err *err;
};

/* A book with those rules, which it takes. */
static int
begin(struct reading *r, uint8_t *rules, size_t len)
{
	struct wire_arena *arena = wire_arena_new();
	struct race_event event;
	int rc = wire_get_event(arena, rules, len, &event);

	forget(r->one);
	if (rc == 0 && event.kind == RACE_RULES) {
		r->one->book = book_new(event.rules, store_id(r->store));
		r->one->store = store_id(r->store);
		r->one->log = 0;
		r->one->rules = rules;
		r->one->rules_len = len;
	} else {
		free(rules);
		rc = err_set(r->err, -EINVAL,
		    "%s: its rules cannot be read by this version: use a newer "
		    "palmares",
		    r->path);
	}
	wire_arena_free(arena);
	return rc;
}

/* The book goes on: it is the same log, under the same rules. */
static bool
goes_on(const struct reading *r, const struct stat *st, const uint8_t *rules,
    size_t len)
{
	const struct shelved *one = r->one;

	return one->book != NULL && one->device == st->st_dev &&
	    one->file == st->st_ino && one->store == store_id(r->store) &&
	    one->log <= store_log(r->store) && one->rules_len == len &&
	    memcmp(one->rules, rules, len) == 0;
}

static int
prepare(struct reading *r, const struct stat *st)
{
	uint8_t *rules;
	size_t len;
	int rc = store_rules(r->store, &rules, &len, r->err);

	if (rc == -ENOENT)
		return err_set(r->err, rc,
		    "%s: holds no rules yet: start palmares-aggregator once",
		    r->path);
	if (rc < 0)
		return rc;
	if (goes_on(r, st, rules, len)) {
		free(rules);
		return 0;
	}
	r->one->device = st->st_dev;
	r->one->file = st->st_ino;
	return begin(r, rules, len);
}

static int
take(void *arg, const struct ahead_batch *b)
{
	struct reading *r = arg;
	struct book *book = r->one->book;

	for (size_t i = 0; i < b->count; i++) {
		if (i % RANK_EXPECTED == 0)
			rank_expect(book->rank, b->events + i, b->count - i);
		(void)book_apply(book, b->labels[i].id, &b->events[i]);
	}
	r->one->log = b->labels[b->count - 1].log;
	return r->shelf->fn(r->shelf->arg, r->one->log, store_log(r->store));
}

static int
read_db(const struct shelf *s, struct shelved *one, const char *path,
    struct err *err)
{
	struct reading r = { .shelf = s, .one = one, .path = path, .err = err };
	struct stat st;
	int rc;

	/* Before it is opened: a file that comes meanwhile is read anew. */
	if (stat(path, &st) < 0)
		return err_errno(err, -errno, "%s", path);
	rc = store_open(&r.store, path, STORE_READ, err);
	if (rc == 0) {
		rc = prepare(&r, &st);
		if (rc == 0)
			rc = ahead_scan(r.store, one->log, take, &r, err);
		store_free(r.store);
	}
	/* Half of a race is none. */
	if (rc < 0)
		forget(one);
	/* It is only just being made. */
	return rc == -ENODATA ? 0 : rc;
}

/* ---- the races ---- */

static struct shelved *
find(struct shelf *s, char *race)
{
	for (size_t i = 0; i < s->count; i++) {
		if (strcmp(s->all[i].race, race) == 0) {
			free(race);
			return &s->all[i];
		}
	}
	s->all = xgrow(s->all, &s->cap, s->count, sizeof *s->all);
	s->all[s->count] = (struct shelved){ .race = race };
	return &s->all[s->count++];
}

/* 1: there is a race.db. */
static int
look(const char *race, const char *db, struct err *err)
{
	char *rules = xasprintf("%s/race.yaml", race);
	int rc = access(db, F_OK) == 0 ? 1 : 0;

	if (access(rules, R_OK) != 0)
		rc = err_set(err, -EINVAL, "%s: %s", rules, strerror(errno));
	free(rules);
	return rc;
}

int
shelf_book(struct shelf *s, const char *race, struct book **out,
    struct err *err)
{
	char *db = xasprintf("%s/race.db", race);
	int rc = look(race, db, err);
	char *path = rc < 0 ? NULL : realpath(race, NULL);

	if (path == NULL && rc >= 0)
		rc = err_errno(err, -errno, "%s", race);
	if (path != NULL) {
		struct shelved *one = find(s, path);

		if (rc > 0)
			rc = read_db(s, one, db, err);
		else
			forget(one);
		if (rc == 0)
			*out = one->book;
	}
	free(db);
	return rc;
}
