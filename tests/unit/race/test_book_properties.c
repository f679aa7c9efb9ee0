#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "race/book.h"
#include "race/roster.h"
#include "race/rulings.h"
#include "support/decisions.h"
#include "support/effects.h"

/* Races in which operators decide: the model agrees, the order of arrival does
 * not matter, and nothing stays of what was undone. */

struct fixture {
	uint64_t random;
	struct decisions d;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->random = test_seed();
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	free(*state);
	return 0;
}

static void
apply(struct book *b, const struct decisions *d, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		assert_int_equal(book_apply(b, d->events[i].id,
		                     &d->events[i].event),
		    0);
}

static void
decide_some(struct decisions *d, size_t count)
{
	for (size_t i = 0; i < count && d->count < DECISIONS_EVENTS; i++)
		decisions_add(d);
}

/* ---- the model ---- */

static void
check_line(const struct rank_standing *s, const struct model_line *line)
{
	assert_string_equal(s->row.label, line->label);
	assert_int_equal(s->row.status, line->status);
	assert_int_equal(s->row.sort.group, line->group);
	assert_int_equal(s->row.elapsed_us, line->elapsed_us);
	assert_int_equal(s->row.metres, line->metres);
	assert_int_equal(s->row.point, line->point);
	assert_int_equal(s->row.split_count, line->split_count);
	for (size_t i = 0; i < line->split_count; i++)
		assert_int_equal(s->row.splits[i], line->splits[i]);
	assert_int_equal(s->row.counted, line->counted);
	assert_int_equal(s->row.finishers, line->finishers);
	assert_int_equal(s->row.women, line->women);
	assert_int_equal(s->row.men, line->men);
	assert_int_equal(s->row.places, line->places);
	assert_int_equal(s->row.bound_us, line->bound_us);
	assert_int_equal(s->place, line->place);
	assert_int_equal(s->tied, line->tied);
}

static void
check_ranking(struct book *b, const struct decisions *d, size_t events,
    size_t v)
{
	struct rank_standing rows[2 * DECISIONS_BIBS];
	struct model_line *lines;
	size_t count = model_rows(&d->rules, d->events, events, v, &lines);

	assert_true(count < sizeof rows / sizeof *rows);
	assert_int_equal(rank_count(b->rank, v), count);
	assert_int_equal(rank_rows(b->rank, v, 0, rows,
	                     sizeof rows / sizeof *rows),
	    count);
	for (size_t i = 0; i < count; i++)
		check_line(&rows[i], &lines[i]);
	free(lines);
}

/* Of what is said of each bib the strongest is in the roster. */
static void
check_roster(const struct book *b, const struct decisions *d, size_t events)
{
	struct effects e;
	size_t there = 0;

	effects_find(&e, &d->rules, d->events, events);
	for (size_t i = 0; i < e.entry_count; i++) {
		const struct race_entry *held;
		size_t best = i;

		for (size_t k = 0; k < e.entry_count; k++)
			if (strcmp(e.entries[k].bib, e.entries[i].bib) == 0 &&
			    effects_stronger(e.entries[k].made_us,
			        e.entries[k].id, e.entries[best].made_us,
			        e.entries[best].id))
				best = k;
		if (best != i)
			continue;
		held = roster_find(b->roster, e.entries[i].bib);
		there += held != NULL;
		assert_int_equal(held != NULL, e.entries[i].entry != NULL);
		if (held != NULL)
			assert_true(
			    roster_entry_equal(held, e.entries[i].entry));
	}
	assert_int_equal(roster_count(b->roster), there);
	effects_free(&e);
}

static void
the_model_agrees_whatever_operators_decide(void **state)
{
	struct fixture *f = *state;
	struct decisions *d = &f->d;

	for (int round = 0; round < 1500; round++) {
		struct book *b;
		size_t done = 0;

		decisions_race(d, &f->random, 10 + test_below(&f->random, 40));
		decide_some(d, 1 + test_below(&f->random, 40));
		decisions_shuffle(d, 0);
		b = book_new(&d->rules, MODEL_FILES);
		for (size_t part = 1; part <= 3; part++) {
			size_t to = d->count * part / 3;

			apply(b, d, done, to);
			for (size_t v = 0; v < d->rules.ranking_count; v++)
				check_ranking(b, d, to, v);
			check_roster(b, d, to);
			done = to;
		}
		book_free(b);
	}
}

/* ---- the order of arrival ---- */

static void
check_same(struct book *x, struct book *y)
{
	assert_int_equal(roster_digest(x->roster), roster_digest(y->roster));
	assert_int_equal(roster_count(x->roster), roster_count(y->roster));
	for (size_t v = 0; v < x->rules->ranking_count; v++)
		assert_int_equal(rank_digest(x->rank, v),
		    rank_digest(y->rank, v));
	assert_int_equal(rank_unknown_reads(x->rank),
	    rank_unknown_reads(y->rank));
	assert_int_equal(book_as_of(x), book_as_of(y));
}

static void
in_any_order_the_book_is_the_same(void **state)
{
	struct fixture *f = *state;
	struct decisions *d = &f->d;

	for (int round = 0; round < 1500; round++) {
		struct book *in_order;
		struct book *shuffled;

		decisions_race(d, &f->random, 10 + test_below(&f->random, 40));
		decide_some(d, 1 + test_below(&f->random, 60));
		in_order = book_new(&d->rules, MODEL_FILES);
		shuffled = book_new(&d->rules, MODEL_FILES);
		apply(in_order, d, 0, d->count);
		decisions_shuffle(d, 0);
		for (size_t i = 0; i < d->count; i++) {
			apply(shuffled, d, i, i + 1);
			assert_int_equal(book_apply(shuffled, d->events[i].id,
			                     &d->events[i].event),
			    -EEXIST);
			if (test_below(&f->random, 8) == 0)
				rank_digest(shuffled->rank, 0);
		}
		check_same(in_order, shuffled);
		assert_int_equal(in_order->undecoded, shuffled->undecoded);
		assert_int_equal(rulings_latest(in_order->rulings),
		    rulings_latest(shuffled->rulings));
		book_free(in_order);
		book_free(shuffled);
	}
}

/* ---- undoing ---- */

/* All decisions, awards and guns. */
static void
undo_all(struct decisions *d)
{
	size_t count = d->count;

	for (size_t i = 0; i < count && d->count < DECISIONS_EVENTS; i++)
		if (decisions_is(&d->events[i]))
			decisions_undo(d, i);
}

static void
when_all_is_undone_the_book_is_as_if_nothing_had_been_decided(void **state)
{
	struct fixture *f = *state;
	struct decisions *d = &f->d;

	for (int round = 0; round < 1500; round++) {
		struct book *untouched;
		struct book *undone;
		size_t events = 10 + test_below(&f->random, 40);

		decisions_race(d, &f->random, events);
		decide_some(d, 1 + test_below(&f->random, 50));
		undo_all(d);
		untouched = book_new(&d->rules, MODEL_FILES);
		undone = book_new(&d->rules, MODEL_FILES);
		apply(untouched, d, 0, events);
		if (test_below(&f->random, 2) == 0)
			decisions_shuffle(d, 0);
		for (size_t i = 0; i < d->count; i++) {
			apply(undone, d, i, i + 1);
			if (test_below(&f->random, 8) == 0)
				rank_digest(undone->rank, 0);
		}
		check_same(untouched, undone);
		book_free(untouched);
		book_free(undone);
	}
}

/* What was undone, and that undone, is there again. */
static void
what_is_redone_is_as_it_was(void **state)
{
	struct fixture *f = *state;
	struct decisions *d = &f->d;

	for (int round = 0; round < 1500; round++) {
		struct book *before;
		struct book *redone;
		size_t decided;
		size_t undone;

		decisions_race(d, &f->random, 10 + test_below(&f->random, 40));
		decide_some(d, 1 + test_below(&f->random, 20));
		decided = d->count;
		undo_all(d);
		undone = d->count;
		for (size_t i = decided; i < undone; i++)
			decisions_undo(d, i);
		before = book_new(&d->rules, MODEL_FILES);
		redone = book_new(&d->rules, MODEL_FILES);
		apply(before, d, 0, decided);
		apply(redone, d, 0, d->count);
		check_same(before, redone);
		book_free(before);
		book_free(redone);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_model_agrees_whatever_operators_decide),
		cmocka_unit_test(in_any_order_the_book_is_the_same),
		cmocka_unit_test(
		    when_all_is_undone_the_book_is_as_if_nothing_had_been_decided),
		cmocka_unit_test(what_is_redone_is_as_it_was),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
