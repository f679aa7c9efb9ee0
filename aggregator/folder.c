#include "aggregator/folder.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/strmap.h"
#include "common/xalloc.h"
#include "proto/wire.h"
#include "race/ahead.h"
#include "race/rules.h"

/*
 * What entries.csv said last of each bib, without what operators said during
 * the race.  By hash: a second roster of a million entries would be 300 MB.
 */
struct said {
	struct strmap *numbers; /* of bibs */
	const char **bibs;
	uint64_t *hashes; /* GONE, or of the entry */
	size_t bibs_cap;
	size_t hashes_cap;
	size_t count;
};

enum { GONE = 0 };

struct folder {
	struct store *store;
	struct book *book;
	struct said said;
	struct store_stream own; /* the aggregator's stream */
	struct wire_arena *arena;
	struct wire_buffer out;
	int64_t last_made_us; /* of our own events: they are ordered by it */
	uint64_t undecoded;
};

/* ---- what the file said ---- */

static void
say(struct said *s, const char *bib, uint64_t hash)
{
	uint32_t i = strmap_get(s->numbers, bib);

	if (i == STRMAP_NONE) {
		i = (uint32_t)s->count++;
		s->bibs = xgrow(s->bibs, &s->bibs_cap, i, sizeof *s->bibs);
		s->hashes =
		    xgrow(s->hashes, &s->hashes_cap, i, sizeof *s->hashes);
		s->bibs[i] = strmap_put(s->numbers, bib, i);
	}
	s->hashes[i] = hash;
}

static uint64_t
said_of(const struct said *s, const char *bib)
{
	uint32_t i = strmap_get(s->numbers, bib);

	return i != STRMAP_NONE ? s->hashes[i] : GONE;
}

static void
free_said(struct said *s)
{
	strmap_free(s->numbers);
	free(s->bibs);
	free(s->hashes);
}

/* ---- the aggregator's own stream ---- */

static int
open_own(struct folder *f, struct err *err)
{
	int rc = store_stream(f->store, store_id(f->store), "race folder", "",
	    false, &f->own);

	if (rc < 0)
		return err_errno(err, rc, "race.db: make a stream");
	return 0;
}

/* The next event of the aggregator's own stream. */
static int
append_own(struct folder *f, const struct race_event *event, struct err *err)
{
	uint64_t chain;
	int rc;

	f->out.len = 0;
	rc = wire_put_event(&f->out, event);
	if (rc < 0)
		return err_errno(err, rc, "it takes more than %d bytes",
		    RACE_EVENT_MAX);
	chain = hash_chain(f->own.chain, f->out.data, f->out.len);
	rc = store_append(f->store, f->own.id, f->own.cursor + 1, event,
	    f->out.data, f->out.len, chain, clock_utc_us());
	if (rc < 0)
		return err_errno(err, rc, "race.db: append");
	f->own.cursor++;
	f->own.chain = chain;
	return 0;
}

/* Our own events are ordered by made_us, whatever the clock was set to. */
static int64_t
made_now(const struct folder *f)
{
	int64_t now_us = clock_utc_us();

	return now_us > f->last_made_us ? now_us : f->last_made_us + 1;
}

static bool
rules_are_stored(struct folder *f, const struct race_rules *rules, int *rc,
    struct err *err)
{
	struct race_event event;
	uint8_t *body;
	size_t len;
	bool same;

	*rc = store_rules(f->store, &body, &len, err);
	if (*rc < 0)
		return false;
	wire_reset(f->arena);
	same = wire_get_event(f->arena, body, len, &event) == 0 &&
	    event.kind == RACE_RULES && rules_equal(event.rules, rules);
	free(body);
	return same;
}

static int
store_new_rules(struct folder *f, const struct race_rules *rules,
    struct err *err)
{
	struct race_event event = { .kind = RACE_RULES,
		.made_us = made_now(f),
		.rules = rules };
	int rc;

	if (rules_are_stored(f, rules, &rc, err))
		return 0;
	if (rc < 0 && rc != -ENOENT)
		return rc;
	if (rc == 0)
		log_info("race.yaml: changed since the last start: the new "
		         "rules hold");
	rc = open_own(f, err);
	if (rc == 0)
		rc = append_own(f, &event, err);
	if (rc == 0)
		return store_commit(f->store, err);
	store_rollback(f->store);
	return err_wrap(err, rc, "race.yaml");
}

/* In the order of seq, so the last word on a bib comes last. */
static void
read_own(struct folder *f, const struct race_event *e)
{
	if (e->made_us > f->last_made_us)
		f->last_made_us = e->made_us;
	if (e->kind == RACE_ENTRY)
		say(&f->said, e->entry.bib, roster_entry_hash(&e->entry));
	else if (e->kind == RACE_ENTRY_GONE)
		say(&f->said, e->entry_gone, GONE);
}

static int
read_events(void *arg, const struct ahead_batch *b)
{
	struct folder *f = arg;

	for (size_t i = 0; i < b->count; i++) {
		if (i % RANK_EXPECTED == 0)
			rank_expect(f->book->rank, b->events + i, b->count - i);
		if (!b->labels[i].decoded) {
			f->undecoded++;
			continue;
		}
		if (b->labels[i].id.stream == store_id(f->store))
			read_own(f, &b->events[i]);
		book_apply(f->book, b->labels[i].id, &b->events[i]);
	}
	return 0;
}

/* What entries.csv changes of what it said last. */
struct changes {
	struct race_event *events;
	size_t *from; /* index in the roll; SIZE_MAX: gone */
	size_t count;
	size_t cap;
	size_t from_cap;
	size_t added;
	size_t changed;
	size_t gone;
};

static void
add_change(struct changes *c, const struct race_event *event, size_t from)
{
	c->events = xgrow(c->events, &c->cap, c->count, sizeof *c->events);
	c->from = xgrow(c->from, &c->from_cap, c->count, sizeof *c->from);
	c->events[c->count] = *event;
	c->from[c->count++] = from;
}

static void
find_gone(struct changes *c, const struct folder *f,
    const struct conf_roll *roll, int64_t made_us)
{
	struct strmap *bibs = strmap_new();

	for (size_t i = 0; i < roll->count; i++)
		strmap_put(bibs, roll->entries[i].bib, (uint32_t)i);
	for (size_t i = 0; i < f->said.count; i++) {
		if (f->said.hashes[i] == GONE ||
		    strmap_get(bibs, f->said.bibs[i]) != STRMAP_NONE)
			continue;
		add_change(c,
		    &(struct race_event){ .kind = RACE_ENTRY_GONE,
		        .made_us = made_us,
		        .entry_gone = f->said.bibs[i] },
		    SIZE_MAX);
		c->gone++;
	}
	strmap_free(bibs);
}

static void
find_changes(struct changes *c, const struct folder *f,
    const struct conf_roll *roll)
{
	int64_t made_us = made_now(f);

	for (size_t i = 0; i < roll->count; i++) {
		const struct race_entry *entry = &roll->entries[i];
		uint64_t said = said_of(&f->said, entry->bib);

		if (said == roster_entry_hash(entry))
			continue;
		add_change(c,
		    &(struct race_event){ .kind = RACE_ENTRY,
		        .made_us = made_us,
		        .entry = *entry },
		    i);
		if (said == GONE)
			c->added++;
		else
			c->changed++;
	}
	find_gone(c, f, roll, made_us);
}

static int
store_changes(struct folder *f, const struct changes *c,
    const struct conf_roll *roll, uint64_t *before, struct err *err)
{
	int rc = open_own(f, err);

	if (rc < 0)
		return rc;
	*before = f->own.cursor;
	for (size_t i = 0; i < c->count; i++) {
		rc = append_own(f, &c->events[i], err);
		if (rc == 0)
			continue;
		store_rollback(f->store);
		if (c->from[i] != SIZE_MAX)
			return err_wrap(err, rc, "entries.csv:%u: bib %s",
			    roll->lines[c->from[i]], c->events[i].entry.bib);
		return rc;
	}
	return store_commit(f->store, err);
}

/* Whether the roster says what that change of entries.csv says. */
static bool
holds(const struct folder *f, const struct race_event *e)
{
	const char *bib = e->kind == RACE_ENTRY ? e->entry.bib : e->entry_gone;
	const struct race_entry *held = roster_find(f->book->roster, bib);

	if (held == NULL || e->kind != RACE_ENTRY)
		return held == NULL && e->kind != RACE_ENTRY;
	return roster_entry_equal(held, &e->entry);
}

/* Who edits the file has to know that it is not the last word. */
static void
tell_overridden(const struct folder *f, const struct changes *c)
{
	const struct race_event *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < c->count; i++) {
		if (holds(f, &c->events[i]))
			continue;
		if (count++ == 0)
			first = &c->events[i];
	}
	if (count > 0)
		log_warnx("entries.csv: %zu of these do not count (bib %s is "
		          "the first), for an operator has changed the same "
		          "entries: palmares roster import changes them, "
		          "palmares roster export shows what holds",
		    count,
		    first->kind == RACE_ENTRY ? first->entry.bib
		                              : first->entry_gone);
}

/* Each of the two was right by itself: nobody else can notice. */
static void
tell_doubles(const struct folder *f)
{
	struct roster_double d;
	size_t count = roster_doubles(f->book->roster, &d);

	if (count > 0)
		log_warnx("chip %s is that of bib %s, an operator says, and of "
		          "bib %s (%zu such chips): reads go to the lower bib: "
		          "palmares roster import takes it from one of them",
		    d.chip, d.bibs[0], d.bibs[1], count);
}

static int
bring_entries(struct folder *f, const struct conf_roll *roll, struct err *err)
{
	struct changes c = { 0 };
	uint64_t before = 0;
	int rc = 0;

	find_changes(&c, f, roll);
	if (c.count > 0)
		rc = store_changes(f, &c, roll, &before, err);
	if (rc == 0 && c.count > 0) {
		log_info("entries.csv: %zu new, %zu changed, %zu gone", c.added,
		    c.changed, c.gone);
		for (size_t i = 0; i < c.count; i++)
			book_apply(f->book,
			    (struct race_id){ store_id(f->store),
			        before + 1 + i },
			    &c.events[i]);
		tell_overridden(f, &c);
	}
	if (rc == 0)
		tell_doubles(f);
	free(c.events);
	free(c.from);
	return rc;
}

static int
load(struct folder *f, const struct race_rules *rules,
    const struct conf_roll *roll, struct err *err)
{
	int rc = store_new_rules(f, rules, err);

	if (rc < 0)
		return rc;
	f->book = book_new(rules, store_id(f->store));
	f->said.numbers = strmap_new();
	rc = ahead_scan(f->store, 0, read_events, f, err);
	if (rc == 0)
		rc = bring_entries(f, roll, err);
	if (rc < 0)
		book_free(f->book);
	return rc;
}

int
folder_load(struct book **out, uint64_t *undecoded, struct store *store,
    const struct race_rules *rules, const struct conf_roll *roll,
    struct err *err)
{
	struct folder f = { .store = store,
		.arena = wire_arena_new(),
		.last_made_us = RACE_TIME_MIN };
	int rc = load(&f, rules, roll, err);

	free_said(&f.said);
	wire_arena_free(f.arena);
	wire_buffer_free(&f.out);
	if (rc < 0)
		return rc;
	if (f.undecoded + f.book->undecoded > 0)
		log_warnx("race.db: %" PRIu64 " events are of a kind that this "
		          "version does not know: kept for a newer one",
		    f.undecoded + f.book->undecoded);
	*out = f.book;
	*undecoded = f.undecoded;
	return 0;
}
