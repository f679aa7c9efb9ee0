#include "support/test.h"

#include <string.h>

#include "race/rank/rank.h"
#include "support/plain.h"

/* ---- which places may still change ---- */

#define GUN_US (RACE_TIME_MIN + INT64_C(36000000000))
#define S      INT64_C(1000000)

enum { RANKINGS = 8, WAVES = 3, RUNNERS = 12 };

enum {
	GUN,
	NET,
	LIVE,
	KM,
	GUN_FIRST,
	WITHOUT,
	TEAMS,
	HALF /* at the split */
};

struct fixture {
	struct race_wave waves[WAVES];
	struct race_point points[3];
	struct race_ranking rankings[RANKINGS];
	struct race_rules rules;
	struct rank *rank;
	uint64_t seq;
	uint64_t random;
};

static void
set_rankings(struct fixture *f)
{
	static const char *const names[RANKINGS] = { "gun", "net", "live", "km",
		"prizes", "others", "teams", "half" };

	for (size_t i = 0; i < RANKINGS; i++) {
		f->rankings[i] = plain_ranking(names[i], 2);
		f->rankings[i].best = 2;
		f->rankings[i].sides = 1;
	}
	f->rankings[NET].by = RACE_BY_NET;
	f->rankings[LIVE].at = RACE_LIVE;
	f->rankings[KM].by = RACE_BY_KM;
	f->rankings[GUN_FIRST].by = RACE_BY_NET;
	f->rankings[GUN_FIRST].gun_first = 2;
	f->rankings[WITHOUT].without[0] = (struct race_without){ GUN, 2 };
	f->rankings[WITHOUT].without_count = 1;
	f->rankings[TEAMS].of = RACE_TEAMS;
	f->rankings[HALF].at = 1;
}

static int
set_up(void **state)
{
	static const char *const waves[WAVES] = { "a", "b", "c" };
	static const char *const points[] = { "start", "half", "finish" };
	struct fixture *f = calloc(1, sizeof *f);

	for (size_t i = 0; i < WAVES; i++)
		f->waves[i] = (struct race_wave){ .name = plain_text(waves[i]),
			.gun_us = GUN_US + (int64_t)i * 600 * S };
	for (size_t i = 0; i < 3; i++)
		f->points[i] = plain_point(points[i], (uint32_t)i * 5000);
	set_rankings(f);
	f->rules = plain_rules();
	f->rules.waves = f->waves;
	f->rules.wave_count = WAVES;
	f->rules.points = f->points;
	f->rules.point_count = 3;
	f->rules.rankings = f->rankings;
	f->rules.ranking_count = RANKINGS;
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	rank_free(f->rank);
	free(f);
	return 0;
}

static void
begin(struct fixture *f)
{
	rank_free(f->rank);
	f->rank = rank_new(&f->rules);
	f->seq = 0;
}

static void
enter(struct fixture *f, const char *bib, const char *wave, const char *team)
{
	struct race_entry e = plain_entry(bib);

	e.team = team;
	e.wave = wave;
	rank_entry(f->rank, &e);
}

static void
cross(struct fixture *f, const char *point, const char *bib, int64_t time_us)
{
	struct race_crossing c = plain_crossing(point, bib, time_us);

	assert_int_equal(rank_apply(f->rank, (struct race_id){ 2, ++f->seq },
	                     &c),
	    0);
}

static void
rule(struct fixture *f, const char *bib, enum race_status status,
    int64_t penalty_us)
{
	struct rank_ruling what = { .status = status,
		.penalty_us = penalty_us };

	rank_rule(f->rank, bib, &what);
}

static bool
is_provisional(const struct race_outlook *is, const struct race_row *row)
{
	if (!is->open)
		return false;
	for (size_t i = 0; i < 3; i++)
		if (row->sort.key[i] != is->from[i])
			return row->sort.key[i] > is->from[i];
	return true;
}

/* How many of the placed, from the first, are certain. */
static size_t
certain(struct fixture *f, size_t v)
{
	struct rank_standing rows[RUNNERS];
	struct race_outlook is;
	size_t n = rank_rows(f->rank, v, 0, rows, RUNNERS);
	size_t count = 0;

	rank_provisional(f->rank, v, &is);
	while (count < n && rows[count].place > 0 &&
	    !is_provisional(&is, &rows[count].row))
		count++;
	return count;
}

/* ---- worked by hand ---- */

static void
who_arrives_after_one_gun_is_certain_at_once(void **state)
{
	struct fixture *f = *state;

	begin(f);
	for (size_t i = 0; i < 3; i++)
		enter(f, (const char *[]){ "1", "2", "3" }[i], "a", "");
	cross(f, "finish", "1", GUN_US + 1500 * S);
	cross(f, "finish", "2", GUN_US + 1510 * S);
	assert_int_equal(certain(f, GUN), 2);
}

/* The second wave starts 600 s later: the first of the first, after 1500 s, can
 * be beaten until 2100 s. */
static void
a_later_wave_may_still_win(void **state)
{
	struct fixture *f = *state;

	begin(f);
	enter(f, "1", "a", "");
	enter(f, "2", "a", "");
	enter(f, "3", "b", "");
	cross(f, "finish", "1", GUN_US + 1500 * S);
	cross(f, "finish", "2", GUN_US + 2099 * S);
	assert_int_equal(certain(f, GUN), 0);
	cross(f, "half", "3", GUN_US + 2100 * S);
	assert_int_equal(certain(f, GUN), 1);
	/* Out is as good as in. */
	rule(f, "3", RACE_DNF, 0);
	assert_int_equal(certain(f, GUN), 2);
	rule(f, "3", RACE_STATUS_NONE, 0);
	assert_int_equal(certain(f, GUN), 1);
	rank_gun(f->rank, "b", GUN_US + 2000 * S);
	assert_int_equal(certain(f, GUN), 0);
	rank_entry_gone(f->rank, "3");
	assert_int_equal(certain(f, GUN), 2);
}

static void
a_bonus_to_come_counts(void **state)
{
	struct fixture *f = *state;

	begin(f);
	enter(f, "1", "a", "");
	enter(f, "2", "a", "");
	cross(f, "finish", "1", GUN_US + 1500 * S);
	assert_int_equal(certain(f, GUN), 1);
	rule(f, "2", RACE_STATUS_NONE, -30 * S);
	assert_int_equal(certain(f, GUN), 0);
	cross(f, "half", "2", GUN_US + 1530 * S);
	assert_int_equal(certain(f, GUN), 1);
}

static void
by_net_who_has_not_started_may_do_so_now(void **state)
{
	struct fixture *f = *state;

	begin(f);
	enter(f, "1", "a", "");
	enter(f, "2", "a", "");
	cross(f, "start", "1", GUN_US + 10 * S);
	cross(f, "finish", "1", GUN_US + 1510 * S);
	assert_int_equal(certain(f, GUN), 1);
	assert_int_equal(certain(f, NET), 0);
	cross(f, "start", "2", GUN_US + 1600 * S);
	assert_int_equal(certain(f, NET), 0);
	cross(f, "half", "2", GUN_US + 3099 * S);
	assert_int_equal(certain(f, NET), 0);
	cross(f, "half", "1", GUN_US + 3100 * S); /* a turn more: later */
	assert_int_equal(certain(f, NET), 1);
}

static void
a_wave_without_gun_leaves_all_open(void **state)
{
	struct fixture *f = *state;

	f->waves[2].gun_us = RACE_NO_TIME;
	begin(f);
	enter(f, "1", "a", "");
	enter(f, "2", "c", "");
	cross(f, "finish", "1", GUN_US + 90000 * S);
	assert_int_equal(certain(f, GUN), 0);
	rule(f, "2", RACE_DNS, 0);
	assert_int_equal(certain(f, GUN), 1);
}

static void
who_is_on_the_way_is_never_certain_live(void **state)
{
	struct fixture *f = *state;

	begin(f);
	enter(f, "1", "a", "");
	enter(f, "2", "a", "");
	cross(f, "half", "2", GUN_US + 1400 * S);
	cross(f, "finish", "1", GUN_US + 1500 * S);
	assert_int_equal(certain(f, LIVE), 1);
	assert_int_equal(certain(f, KM), 1);
	cross(f, "finish", "2", GUN_US + 1501 * S);
	assert_int_equal(certain(f, LIVE), 2);
	assert_int_equal(certain(f, KM), 2);
}

static uint64_t
below(struct fixture *f, uint64_t n)
{
	return test_below(&f->random, n);
}

/* A reader's clock was hours ahead, or somebody ran over the mat at night. */
static void
what_was_taken_back_does_not_say_how_late_it_is(void **state)
{
	static const struct rank_amendment none = { .voided = true };
	struct fixture *f = *state;
	struct race_event taken_back = { .kind = RACE_VOID, .void_seq = 4 };
	struct race_id bogus = { 2, 3 };

	begin(f);
	enter(f, "1", "a", "");
	enter(f, "3", "b", "");
	cross(f, "half", "3", GUN_US + 900 * S);
	cross(f, "finish", "1", GUN_US + 1500 * S);
	assert_int_equal(certain(f, GUN), 0);
	cross(f, "half", "1", GUN_US + 90000 * S);
	assert_int_equal(certain(f, GUN), 1);
	rank_amend(f->rank, bogus, &none);
	assert_int_equal(rank_latest(f->rank), GUN_US + 1500 * S);
	assert_int_equal(certain(f, GUN), 0);
	cross(f, "half", "nobody", GUN_US + 1600 * S);
	assert_int_equal(rank_latest(f->rank), GUN_US + 1600 * S);
	assert_int_equal(rank_correct(f->rank, (struct race_id){ 2, 5 },
	                     &taken_back),
	    0);
	assert_int_equal(rank_latest(f->rank), GUN_US + 1500 * S);
	rank_amend(f->rank, bogus, NULL);
	assert_int_equal(rank_latest(f->rank), GUN_US + 90000 * S);
	assert_int_equal(certain(f, GUN), 1);
}

/* What operators or stations take back, and what comes only then. */
static void
the_latest_is_that_of_what_was_not_taken_back(void **state)
{
	static const struct rank_amendment none = { .voided = true };
	enum { READS = 40 };
	struct fixture *f = *state;

	f->random = test_seed();
	for (size_t race = 0; race < 300; race++) {
		int64_t times[READS];
		bool there[READS] = { false };
		bool gone[READS] = { false };

		begin(f);
		for (size_t i = 0; i < READS; i++)
			times[i] = GUN_US + (int64_t)below(f, 30) * S;
		for (size_t step = 0; step < 100; step++) {
			size_t i = below(f, READS);
			struct race_id id = { 2, i + 1 };
			struct race_crossing c =
			    plain_crossing("half", "1", times[i]);
			int64_t latest = RACE_NO_TIME;

			if (below(f, 2) == 0) {
				(void)rank_apply(f->rank, id, &c);
				there[i] = true;
			} else {
				gone[i] = !gone[i];
				rank_amend(f->rank, id, gone[i] ? &none : NULL);
			}
			for (size_t k = 0; k < READS; k++)
				if (there[k] && !gone[k] && times[k] > latest)
					latest = times[k];
			assert_int_equal(rank_latest(f->rank), latest);
		}
	}
}

/* ---- no later crossing changes what is certain ---- */

static char bibs[RUNNERS][8];

struct told {
	size_t certain; /* of all that were looked at */
	size_t open;
	size_t changed; /* of the open ones */
};

/* Out, or started before: crossing the start again is not thought of. */
static bool
may_cross(struct fixture *f, const char *bib, size_t point)
{
	struct rank_start is;

	assert_true(rank_start(f->rank, bib, &is));
	if (is.status == RACE_DNF || is.status == RACE_DNS ||
	    is.status == RACE_OTL || is.status == RACE_DSQ)
		return false;
	return point != 0 || is.crossed_us == RACE_NO_TIME;
}

static void
cross_somebody(struct fixture *f, int64_t time_us)
{
	size_t point = below(f, 3);
	size_t who = below(f, RUNNERS);

	if (may_cross(f, bibs[who], point))
		cross(f, f->points[point].name, bibs[who], time_us);
}

static void
random_race(struct fixture *f)
{
	for (size_t i = 0; i < WAVES; i++) {
		f->waves[i].gun_us = GUN_US + (int64_t)below(f, 6) * S;
		f->waves[i].window_us = (int64_t)below(f, 3) * 2 * S;
	}
	for (size_t i = 0; i < RANKINGS; i++)
		f->rankings[i].ties = (enum race_ties[]){ RACE_TIES_SHARED,
			RACE_TIES_ORDER, RACE_TIES_TIME }[below(f, 3)];
	f->rankings[GUN].wave = plain_text(below(f, 4) == 0 ? "b" : "");
	begin(f);
	for (size_t i = 0; i < RUNNERS; i++) {
		const char *wave =
		    (const char *[]){ "a", "a", "b", "c", "" }[below(f, 5)];

		snprintf(bibs[i], sizeof bibs[i], "%zu", i + 1);
		enter(f, bibs[i], wave, i % 3 == 0 ? "" : bibs[i / 4]);
		if (below(f, 8) == 0)
			rule(f, bibs[i], RACE_STATUS_NONE,
			    ((int64_t)below(f, 5) - 2) * S);
	}
}

/* Half seconds, so that many are equal. */
static int64_t
later(struct fixture *f, int64_t us)
{
	return us + (int64_t)(1 + below(f, 3)) * S / 2;
}

static uint32_t
place_of(const struct rank_standing *rows, size_t n, const char *label)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].row.label, label) == 0)
			return rows[i].place;
	return 0;
}

/* What is certain at a moment, against what is after all that comes. */
struct moment {
	struct rank_standing rows[RUNNERS];
	char labels[RUNNERS][8];
	bool open[RUNNERS];
	size_t count;
};

static void
note(struct fixture *f, size_t v, struct moment *m)
{
	struct race_outlook is;

	m->count = rank_rows(f->rank, v, 0, m->rows, RUNNERS);
	rank_provisional(f->rank, v, &is);
	for (size_t i = 0; i < m->count; i++) {
		m->open[i] = is_provisional(&is, &m->rows[i].row);
		snprintf(m->labels[i], sizeof m->labels[i], "%s",
		    m->rows[i].row.label);
	}
}

static void
compare(struct fixture *f, size_t v, const struct moment *m, struct told *told)
{
	struct rank_standing rows[RUNNERS];
	size_t n = rank_rows(f->rank, v, 0, rows, RUNNERS);

	for (size_t i = 0; i < m->count && m->rows[i].place > 0; i++) {
		uint32_t now = place_of(rows, n, m->labels[i]);

		if (m->open[i]) {
			told->open++;
			told->changed += now != m->rows[i].place;
			continue;
		}
		told->certain++;
		if (now != m->rows[i].place)
			fail_msg("%s: %s was certain of %u and has %u",
			    f->rankings[v].name, m->labels[i],
			    (unsigned)m->rows[i].place, (unsigned)now);
	}
}

static void
one_race(struct fixture *f, struct told told[RANKINGS])
{
	static struct moment moments[RANKINGS];
	int64_t us = GUN_US;
	uint64_t before = below(f, 40);

	random_race(f);
	for (uint64_t i = 0; i < before; i++) {
		us = later(f, us);
		cross_somebody(f, us);
		if (below(f, 12) == 0)
			rule(f, bibs[below(f, RUNNERS)],
			    below(f, 2) == 0 ? RACE_DNF : RACE_DNS, 0);
		/* Asked at some moments and not at others, what is kept
		 * between them is put to the test. */
		if (below(f, 3) == 0)
			(void)certain(f, below(f, RANKINGS));
	}
	us = rank_latest(f->rank) == RACE_NO_TIME ? us : rank_latest(f->rank);
	for (size_t v = 0; v < RANKINGS; v++)
		note(f, v, &moments[v]);
	for (size_t i = 0; i < 20; i++) {
		us = below(f, 4) == 0 ? us + 1 : later(f, us);
		cross_somebody(f, us);
		for (size_t v = 0; v < RANKINGS; v++)
			compare(f, v, &moments[v], &told[v]);
	}
}

static void
no_later_crossing_changes_a_place_that_is_certain(void **state)
{
	struct fixture *f = *state;
	struct told told[RANKINGS] = { { 0 } };

	f->random = test_seed();
	for (size_t i = 0; i < 2000; i++)
		one_race(f, told);
	for (size_t v = 0; v < RANKINGS; v++) {
		assert_true(told[v].certain > 100);
		assert_true(told[v].changed > 100);
		if (v == GUN || v == NET || v == HALF)
			assert_true(told[v].certain > told[v].open / 20);
	}
}

static void
nothing_is_open_when_all_are_in_or_out(void **state)
{
	struct fixture *f = *state;
	struct race_outlook is;

	f->random = test_seed();
	for (size_t i = 0; i < 300; i++) {
		int64_t us = GUN_US + 10 * S;

		random_race(f);
		for (size_t k = 0; k < RUNNERS; k++) {
			us = later(f, us);
			if (below(f, 4) == 0)
				rule(f, bibs[k], RACE_DNS, 0);
			else
				cross(f, "finish", bibs[k], us);
		}
		for (size_t v = 0; v < HALF; v++) {
			rank_provisional(f->rank, v, &is);
			assert_false(is.open);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    who_arrives_after_one_gun_is_certain_at_once, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(a_later_wave_may_still_win,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_bonus_to_come_counts, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    by_net_who_has_not_started_may_do_so_now, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_wave_without_gun_leaves_all_open, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    who_is_on_the_way_is_never_certain_live, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_was_taken_back_does_not_say_how_late_it_is, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    the_latest_is_that_of_what_was_not_taken_back, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    no_later_crossing_changes_a_place_that_is_certain, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    nothing_is_open_when_all_are_in_or_out, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
