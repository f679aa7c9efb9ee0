/*
 * The roster beside a map that is slow and obvious: the same entries after the
 * same events in any order, whatever came twice.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "race/roster.h"

enum { EVENTS_MAX = 64, BIBS = 6, FILES = 2 /* the stream of entries.csv */ };

static const char *const bibs[BIBS] = { "1", "2", "01", "é", "A 1", "7" };

struct event {
	bool put;
	bool file; /* from entries.csv */
	int64_t made_us;
	struct race_id id;
	struct race_entry entry;
	const char *chips[2];
	struct race_column more[1];
};

static void
make_event(struct fuzz_input *in, struct event *e, uint64_t files)
{
	uint8_t choice = fuzz_byte(in);

	e->put = choice % 4 != 0;
	e->made_us = fuzz_byte(in) % 4;
	e->id.stream = 1 + fuzz_byte(in) % 3;
	e->file = e->id.stream == files;
	e->id.seq = 1 + fuzz_byte(in) % 4;
	e->entry = (struct race_entry){ .bib = bibs[choice / 4 % BIBS],
		.name = fuzz_text(in, RACE_NAME_MAX),
		.sex = choice & 32 ? "F" : "",
		.born = "",
		.category = choice & 64 ? fuzz_text(in, RACE_LABEL_MAX) : "",
		.team = choice & 128 ? fuzz_text(in, RACE_NAME_MAX) : "",
		.wave = "",
		.nation = "",
		.status = (enum race_status)(fuzz_byte(in) % (RACE_NC + 1)),
		.chips = e->chips,
		.more = e->more };
	e->entry.chip_count = fuzz_byte(in) % 3;
	e->entry.more_count = fuzz_byte(in) % 2;
	for (size_t i = 0; i < e->entry.chip_count; i++)
		e->chips[i] = fuzz_text(in, 4);
	for (size_t i = 0; i < e->entry.more_count; i++) {
		e->more[i].name = fuzz_text(in, 4);
		e->more[i].value = fuzz_text(in, 4);
	}
}

/* ---- the model ---- */

static int
compare(const struct event *a, const struct event *b)
{
	if (a->file != b->file)
		return a->file ? -1 : 1;
	if (a->made_us != b->made_us)
		return a->made_us < b->made_us ? -1 : 1;
	if (a->id.stream != b->id.stream)
		return a->id.stream < b->id.stream ? -1 : 1;
	if (a->id.seq != b->id.seq)
		return a->id.seq < b->id.seq ? -1 : 1;
	return 0;
}

/* The event about that bib that holds, or NULL. */
static const struct event *
holding(const struct event *events, size_t count, const char *bib)
{
	const struct event *best = NULL;

	for (size_t i = 0; i < count; i++)
		if (strcmp(events[i].entry.bib, bib) == 0 &&
		    (best == NULL || compare(&events[i], best) > 0))
			best = &events[i];
	return best;
}

/* An event's name is its own: of two with one name the first is it. */
static bool
is_new(const struct event *events, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (events[i].id.stream == events[count].id.stream &&
		    events[i].id.seq == events[count].id.seq)
			return false;
	return true;
}

/* ---- the roster ---- */

static int
apply(struct roster *r, const struct event *e)
{
	return e->put ? roster_put(r, e->made_us, e->id, &e->entry)
	              : roster_remove(r, e->made_us, e->id, e->entry.bib);
}

static void
check(const struct roster *r, const struct event *events, size_t count)
{
	size_t there = 0;

	for (size_t i = 0; i < BIBS; i++) {
		const struct event *e = holding(events, count, bibs[i]);
		const struct race_entry *found = roster_find(r, bibs[i]);

		assert((found != NULL) == (e != NULL && e->put));
		if (found != NULL)
			assert(roster_entry_equal(found, &e->entry));
		there += found != NULL;
	}
	assert(roster_count(r) == there);
}

/* What a follower has who takes every change. */
struct follower {
	struct race_entry *entries[BIBS];
};

static void
follow(struct follower *f, struct roster *r)
{
	uint32_t slots[2];
	size_t n;

	while ((n = roster_take_changes(r, slots, 2)) > 0) {
		assert(n <= 2);
		for (size_t i = 0; i < n; i++) {
			const char *bib;
			const struct race_entry *e =
			    roster_at(r, slots[i], &bib);

			assert(slots[i] < BIBS && bib != NULL);
			free(f->entries[slots[i]]);
			f->entries[slots[i]] =
			    e != NULL ? roster_entry_copy(e) : NULL;
		}
	}
}

static void
check_follower(struct follower *f, const struct roster *r)
{
	const char *bib;

	for (size_t i = 0; i < roster_slots(r); i++) {
		const struct race_entry *e = roster_at(r, i, &bib);

		assert((e != NULL) == (f->entries[i] != NULL));
		if (e != NULL)
			assert(roster_entry_equal(e, f->entries[i]));
	}
	for (size_t i = 0; i < BIBS; i++)
		free(f->entries[i]);
}

static uint64_t
digest_backwards(const struct event *events, size_t count, uint64_t files)
{
	struct roster *r = roster_new(files);
	uint64_t digest;

	for (size_t i = count; i-- > 0;) {
		(void)apply(r, &events[i]);
		assert(apply(r, &events[i]) == 0); /* again: no change */
	}
	digest = roster_digest(r);
	roster_free(r);
	return digest;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct event events[EVENTS_MAX];
	struct fuzz_input in = { data, len };
	uint64_t files = fuzz_byte(&in) < 128 ? FILES : 0;
	struct roster *r = roster_new(files);
	struct follower f = { { NULL } };
	size_t count = 0;

	fuzz_forget();
	while (in.left > 0 && count < EVENTS_MAX) {
		uint64_t before = roster_digest(r);

		make_event(&in, &events[count], files);
		if (!is_new(events, count))
			continue;
		if (apply(r, &events[count]) == 0)
			assert(roster_digest(r) == before);
		count++;
		check(r, events, count);
		if (events[count - 1].entry.status == RACE_DSQ)
			follow(&f, r);
	}
	assert(digest_backwards(events, count, files) == roster_digest(r));
	follow(&f, r);
	check_follower(&f, r);
	roster_free(r);
	return 0;
}
