#include "support/test.h"

#include <string.h>

#include "race/preview.h"
#include "race/row.h"
#include "support/decisions.h"
#include "support/plain.h"

#define GUN_US DECISIONS_BASE_US
#define S      INT64_C(1000000)

static char none[] = "";
static struct race_wave waves[] = { { (char[]){ "masse" }, GUN_US, 0 } };
static struct race_point points[] = {
	{ .name = (char[]){ "half" }, .metres = 4000, .backup = none },
	{ .name = (char[]){ "finish" }, .metres = 8000, .backup = none },
};
static struct race_ranking rankings[] = {
	{ .name = (char[]){ "scratch" },
	    .sex = none,
	    .category = none,
	    .team = none,
	    .wave = none,
	    .at = 1 },
	{ .name = (char[]){ "half-way" },
	    .sex = none,
	    .category = none,
	    .team = none,
	    .wave = none,
	    .at = 0 },
};
static const struct race_rules rules = {
	.title = none,
	.date = none,
	.timezone = none,
	.waves = waves,
	.wave_count = 1,
	.points = points,
	.point_count = 2,
	.rankings = rankings,
	.ranking_count = 2,
};

struct fixture {
	struct book *b;
	uint64_t seq;
};

static struct preview *
preview_of(struct book *b, const struct preview_event *events, size_t count,
    size_t moves)
{
	struct preview *p = preview_begin(b);

	preview_end(p, b, events, count, moves);
	return p;
}

static void
enter(struct fixture *f, const char *bib)
{
	struct race_event e = { .kind = RACE_ENTRY };

	e.entry = plain_entry(bib);
	book_apply(f->b, (struct race_id){ 1, ++f->seq }, &e);
}

static void
cross(struct fixture *f, const char *bib, const char *point, int64_t seconds)
{
	struct race_event e = { .kind = RACE_CROSSING };

	e.crossing = plain_crossing(point, bib, GUN_US + seconds * S);
	e.crossing.clock = RACE_CLOCK_FILE;
	book_apply(f->b, (struct race_id){ 1, ++f->seq }, &e);
}

/* 1 to 9 in that order, a minute apart. */
static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->b = book_new(&rules, 0);
	for (int i = 1; i <= 9; i++) {
		char bib[12];

		snprintf(bib, sizeof bib, "%d", i);
		enter(f, bib);
		cross(f, bib, "half", 1000 + i);
		cross(f, bib, "finish", 2000 + 60 * i);
	}
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	book_free(f->b);
	free(f);
	return 0;
}

static struct race_decision
about(enum race_verb verb, const char *bib)
{
	struct race_decision d = plain_decision(verb, bib);

	d.by = "op";
	return d;
}

static bool
is_empty(const struct preview *p)
{
	struct preview_ranking r;

	for (size_t v = 0; v < rules.ranking_count; v++) {
		preview_ranking(p, v, &r);
		if (r.change_count > 0 || r.moved > 0)
			return false;
	}
	return true;
}

static struct preview *
preview(struct fixture *f, const struct race_decision *d, size_t moves)
{
	struct preview_event e = { { 2, ++f->seq },
		{ .kind = RACE_DECISION, .made_us = (int64_t)f->seq } };

	e.event.decision = d;
	return preview_of(f->b, &e, 1, moves);
}

static void
who_is_penalised_falls_back_and_others_move_up(void **state)
{
	struct race_decision d = about(RACE_PENALTY, "2");
	struct preview_ranking r;
	struct preview *p;

	d.amount_us = 150 * S;
	p = preview(*state, &d, 1);
	preview_ranking(p, 0, &r);
	assert_int_equal(r.change_count, 1);
	assert_string_equal(r.changes[0].after->row.label, "2");
	assert_int_equal(r.changes[0].before->place, 2);
	assert_int_equal(r.changes[0].after->place, 4);
	assert_int_equal(r.changes[0].before->row.elapsed_us, 2120 * S);
	assert_int_equal(r.changes[0].after->row.elapsed_us, 2270 * S);
	assert_int_equal(r.moved, 2);
	assert_int_equal(r.move_count, 1);
	assert_string_equal(r.moves[0].before->row.label, "3");
	assert_int_equal(r.moves[0].after->place, 2);
	assert_int_equal(r.range_count, 1);
	assert_int_equal(r.ranges[0].first, 3);
	assert_int_equal(r.ranges[0].last, 4);
	assert_int_equal(r.ranges[0].by, -1);
	assert_int_equal(r.ranges[0].rows, 2);
	assert_false(is_empty(p));
	preview_free(p);
}

/* The first goes, the last is fifth: those behind him stay. */
static void
ranges_end_where_nobody_moves(void **state)
{
	struct preview_event e[2] = { { { 2, 1 }, { .kind = RACE_DECISION } },
		{ { 2, 2 }, { .kind = RACE_DECISION } } };
	struct race_decision a = about(RACE_SET_STATUS, "1");
	struct race_decision b = about(RACE_SET_TIME, "9");
	struct preview_ranking r;
	struct preview *p;

	a.status = RACE_DSQ;
	b.point = "finish";
	b.time_us = GUN_US + 2000 * S + 60 * S * 5 + 1;
	e[0].event.decision = &a;
	e[1].event.decision = &b;
	p = preview_of(((struct fixture *)*state)->b, e, 2, 10);
	preview_ranking(p, 0, &r);
	/* 2 .. 5 up by one, 9 is fifth, 6 .. 8 stay */
	assert_int_equal(r.change_count, 2);
	assert_string_equal(r.changes[0].after->row.label, "9");
	assert_int_equal(r.changes[0].after->place, 5);
	assert_string_equal(r.changes[1].after->row.label, "1");
	assert_int_equal(r.changes[1].after->place, 0);
	assert_int_equal(r.range_count, 1);
	assert_int_equal(r.ranges[0].first, 2);
	assert_int_equal(r.ranges[0].last, 5);
	assert_int_equal(r.moved, 4);
	assert_int_equal(r.move_count, 4);
	preview_free(p);
}

static void
who_comes_and_who_goes_is_told(void **state)
{
	static const struct race_entry entry = { "10", "", "", "", "", "", "",
		"", RACE_STATUS_NONE, 0, NULL, 0, NULL, 0 };
	struct fixture *f = *state;
	struct race_decision d = about(RACE_SET_ENTRY, "3");
	struct preview_ranking r;
	struct preview *p;

	d.entry = &entry;
	p = preview(f, &d, 10);
	/* what is told outlives the book */
	book_free(f->b);
	f->b = NULL;
	preview_ranking(p, 0, &r);
	assert_int_equal(r.change_count, 2);
	assert_null(r.changes[0].before);
	assert_string_equal(r.changes[0].after->row.label, "10");
	assert_null(r.changes[1].after);
	assert_string_equal(r.changes[1].before->row.label, "3");
	assert_int_equal(r.changes[1].before->place, 3);
	assert_int_equal(r.changes[1].before->row.splits[0], 1003 * S);
	assert_int_equal(r.ranges[0].first, 4);
	assert_int_equal(r.ranges[0].last, 9);
	preview_free(p);
}

static void
a_split_alone_is_a_change_too(void **state)
{
	struct race_decision d = about(RACE_SET_TIME, "5");
	struct preview_ranking r;
	struct preview *p;

	d.point = "half";
	d.time_us = GUN_US + 1005 * S + 1;
	p = preview(*state, &d, 10);
	preview_ranking(p, 0, &r);
	assert_int_equal(r.change_count, 1);
	assert_int_equal(r.moved, 0);
	assert_int_equal(r.changes[0].before->row.splits[0], 1005 * S);
	assert_int_equal(r.changes[0].after->row.splits[0], 1005 * S + 1);
	preview_free(p);
}

static void
who_is_tied_anew_is_told(void **state)
{
	struct race_decision d = about(RACE_SET_TIME, "5");
	struct preview_ranking r;
	struct preview *p;

	d.point = "finish";
	d.time_us = GUN_US + 2240 * S;
	p = preview(*state, &d, 10);
	preview_ranking(p, 0, &r);
	assert_int_equal(r.change_count, 2);
	assert_string_equal(r.changes[0].after->row.label, "4");
	assert_true(r.changes[0].after->tied);
	assert_false(r.changes[0].before->tied);
	assert_int_equal(r.moved, 0);
	preview_free(p);
}

static void
what_has_no_effect_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = about(RACE_PENALTY, "77");
	struct preview *p;

	d.amount_us = S;
	p = preview(f, &d, 10);
	assert_true(is_empty(p));
	preview_free(p);
	d.bib = "1";
	p = preview(f, &d, 10);
	assert_false(is_empty(p));
	preview_free(p);
	/* a repeat */
	f->seq--;
	p = preview(f, &d, 10);
	assert_true(is_empty(p));
	preview_free(p);
}

/* ---- no correction changes what its preview did not list ---- */

struct seen {
	char label[RACE_NAME_MAX + 1];
	uint64_t hash;
	uint32_t place;
	bool tied;
};

enum { SEEN = 2 * DECISIONS_BIBS };

static size_t
see(struct rank *r, size_t v, struct seen out[SEEN])
{
	struct rank_standing rows[SEEN];
	size_t count = rank_rows(r, v, 0, rows, SEEN);

	assert_int_equal(count, rank_count(r, v));
	for (size_t i = 0; i < count; i++) {
		snprintf(out[i].label, sizeof out[i].label, "%s",
		    rows[i].row.label);
		out[i].hash = row_hash(&rows[i].row);
		out[i].place = rows[i].place;
		out[i].tied = rows[i].tied;
	}
	return count;
}

static const struct seen *
find(const struct seen *all, size_t count, const char *label)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i].label, label) == 0)
			return &all[i];
	return NULL;
}

static void
check_side(const struct rank_standing *told, const struct seen *is)
{
	assert_int_equal(told != NULL, is != NULL);
	if (is == NULL)
		return;
	assert_string_equal(told->row.label, is->label);
	assert_int_equal(row_hash(&told->row), is->hash);
	assert_int_equal(told->place, is->place);
	assert_int_equal(told->tied, is->tied);
}

static const struct preview_change *
listed(const struct preview_ranking *r, const char *label)
{
	for (size_t i = 0; i < r->change_count; i++) {
		const struct preview_change *c = &r->changes[i];

		if (strcmp(c->before != NULL ? c->before->row.label
		                             : c->after->row.label,
		        label) == 0)
			return c;
	}
	return NULL;
}

/* By how much a row moves that is in no list of its own. */
static int64_t
shift(const struct preview_ranking *r, uint32_t place)
{
	for (size_t i = 0; i < r->range_count; i++)
		if (place >= r->ranges[i].first && place <= r->ranges[i].last)
			return r->ranges[i].by;
	return 0;
}

static void
check_told(const struct preview_ranking *r, const struct seen *before,
    size_t before_count, const struct seen *after, size_t after_count,
    size_t limit)
{
	size_t in_ranges = 0;
	size_t moved = 0;
	size_t changed = 0;

	for (size_t i = 0; i < before_count; i++) {
		const struct seen *was = &before[i];
		const struct seen *is = find(after, after_count, was->label);
		const struct preview_change *c = listed(r, was->label);

		changed += c != NULL;
		if (c != NULL) {
			check_side(c->before, was);
			check_side(c->after, is);
			/* ... and nothing is listed that stays. */
			assert_true(is == NULL || is->hash != was->hash ||
			    is->tied != was->tied);
			continue;
		}
		assert_non_null(is);
		assert_int_equal(is->hash, was->hash);
		assert_int_equal(is->tied, was->tied);
		assert_int_equal((int64_t)is->place - was->place,
		    shift(r, was->place));
		if (is->place == was->place)
			continue;
		if (moved < limit) {
			check_side(r->moves[moved].before, was);
			check_side(r->moves[moved].after, is);
		}
		moved++;
	}
	for (size_t i = 0; i < after_count; i++) {
		const struct preview_change *c = listed(r, after[i].label);

		if (find(before, before_count, after[i].label) != NULL)
			continue;
		assert_non_null(c);
		check_side(c->after, &after[i]);
		changed++;
	}
	assert_int_equal(r->change_count, changed);
	assert_int_equal(r->moved, moved);
	assert_int_equal(r->move_count, moved < limit ? moved : limit);
	for (size_t i = 0; i < r->range_count; i++)
		in_ranges += r->ranges[i].rows;
	assert_int_equal(in_ranges, moved);
}

static struct book *
book_by(const struct decisions *d, const struct race_rules *by, size_t count)
{
	struct book *b = book_new(by, MODEL_FILES);

	for (size_t i = 0; i < count; i++)
		book_apply(b, d->events[i].id, &d->events[i].event);
	return b;
}

static void
check_preview(const struct decisions *d, size_t from, size_t limit)
{
	struct preview_event events[16];
	struct book *thrown = book_by(d, &d->rules, from);
	struct book *applied = book_by(d, &d->rules, from);
	struct seen before[6][SEEN];
	size_t before_count[6];
	struct preview *p;

	for (size_t v = 0; v < 6; v++)
		before_count[v] = see(applied->rank, v, before[v]);
	for (size_t i = from; i < d->count; i++) {
		events[i - from] = (struct preview_event){ d->events[i].id,
			d->events[i].event };
		book_apply(applied, d->events[i].id, &d->events[i].event);
	}
	p = preview_of(thrown, events, d->count - from, limit);
	book_free(thrown);
	for (size_t v = 0; v < 6; v++) {
		struct preview_ranking r;
		struct seen after[SEEN];
		size_t count = see(applied->rank, v, after);

		preview_ranking(p, v, &r);
		check_told(&r, before[v], before_count[v], after, count, limit);
	}
	preview_free(p);
	book_free(applied);
}

static void
no_correction_changes_a_row_that_its_preview_did_not_list(void **state)
{
	static struct decisions d;
	uint64_t random = test_seed();

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t count = 1 + test_below(&random, 16);
		size_t from;

		decisions_race(&d, &random, 10 + test_below(&random, 40));
		for (size_t i = test_below(&random, 20); i > 0; i--)
			decisions_add(&d);
		from = d.count;
		for (size_t i = 0; i < count; i++)
			decisions_add(&d);
		check_preview(&d, from, test_below(&random, 5));
	}
}

/* ---- two books ---- */

/* The last ranking first: they are found by their names. */
static void
check_between(const struct decisions *d, size_t from, size_t limit)
{
	struct race_rules turned = d->rules;
	struct race_ranking backwards[6];
	struct book *was = book_by(d, &d->rules, from);
	struct book *is;
	struct preview *p;

	for (size_t v = 0; v < 6; v++) {
		backwards[v] = d->rankings[5 - v];
		for (size_t i = 0; i < backwards[v].without_count; i++)
			backwards[v].without[i].ranking =
			    5 - backwards[v].without[i].ranking;
	}
	turned.rankings = backwards;
	is = book_by(d, &turned, d->count);
	p = preview_between(was, is, limit);
	for (size_t v = 0; v < 6; v++) {
		struct preview_ranking r;
		struct seen before[SEEN];
		struct seen after[SEEN];
		size_t before_count = see(was->rank, 5 - v, before);
		size_t count = see(is->rank, v, after);

		preview_ranking(p, v, &r);
		check_told(&r, before, before_count, after, count, limit);
	}
	book_free(was);
	book_free(is);
	preview_free(p);
}

static void
all_that_differs_between_two_books_is_told(void **state)
{
	static struct decisions d;
	uint64_t random = test_seed();

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t from;

		decisions_race(&d, &random, 10 + test_below(&random, 40));
		for (size_t i = test_below(&random, 20); i > 0; i--)
			decisions_add(&d);
		from = test_below(&random, d.count + 1);
		check_between(&d, from, test_below(&random, 5));
	}
}

static void
a_ranking_of_other_rules_is_compared_with_that_of_its_name(void **state)
{
	struct fixture *f = *state;
	struct race_ranking others[3] = { rankings[1], rankings[0],
		rankings[0] };
	struct race_rules by = rules;
	struct preview_ranking r;
	struct preview *p;
	struct book *b;

	others[1].of = RACE_TEAMS;
	others[1].best = 1;
	others[2].name = (char[]){ "new" };
	by.rankings = others;
	by.ranking_count = 3;
	b = book_new(&by, 0);
	assert_int_equal(preview_partner(&rules, &others[0]), 1);
	assert_int_equal(preview_partner(&rules, &others[1]), -1);
	assert_int_equal(preview_partner(&rules, &others[2]), -1);
	p = preview_between(f->b, b, 1);
	/* Nobody is entered in the second. */
	preview_ranking(p, 0, &r);
	assert_int_equal(r.change_count, 9);
	for (size_t v = 1; v < 3; v++) {
		preview_ranking(p, v, &r);
		assert_int_equal(r.change_count + r.moved, 0);
	}
	preview_free(p);
	book_free(b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_is_penalised_falls_back_and_others_move_up),
		TEST(ranges_end_where_nobody_moves),
		TEST(who_comes_and_who_goes_is_told),
		TEST(a_split_alone_is_a_change_too),
		TEST(who_is_tied_anew_is_told),
		TEST(what_has_no_effect_changes_nothing),
		cmocka_unit_test(
		    no_correction_changes_a_row_that_its_preview_did_not_list),
		cmocka_unit_test(all_that_differs_between_two_books_is_told),
		TEST(
		    a_ranking_of_other_rules_is_compared_with_that_of_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
