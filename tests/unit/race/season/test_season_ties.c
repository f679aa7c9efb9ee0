#include "said.h"

static int64_t formula1[] = { 25, 18, 15, 12, 10, 8, 6, 4, 2, 1 };

static int
set_up(void **state)
{
	(void)state;
	said_list(formula1, 10);
	return 0;
}

static struct season_tie
tie(enum season_rule rule)
{
	return (
	    struct season_tie){ .rule = rule, .competition = said_text("") };
}

/* All that take part have a point: they are equal but for the rule. */
static struct season_table
make_equals(struct season_tie *ties, size_t count)
{
	struct season_table t = said_table("equals");

	t.points.beyond = SEASON_UNIT;
	t.points.taking_part = SEASON_UNIT;
	t.ties = ties;
	t.tie_count = count;
	return t;
}

static void
check_reason(const struct season_reason *r, enum season_rule rule,
    uint32_t place, int64_t mine, int64_t theirs)
{
	assert_int_equal(r->rule, rule);
	assert_int_equal(r->place, place);
	assert_int_equal(r->mine, mine);
	assert_int_equal(r->theirs, theirs);
}

static void
check_reason_on(struct season *s, size_t line, enum season_rule rule,
    uint32_t place, int64_t mine, int64_t theirs)
{
	struct season_row row = said_row(s, line);

	check_reason(&row.before, rule, place, mine, theirs);
}

/* The end of 2014 (f1-2010-2014 of the test data): both have 55 points, and
 * Magnussen was second in Australia (FIA Sporting Regulations, 7.2: number of
 * first places, then second places ...).  The last race counted double. */
static void
equal_points_are_parted_by_count_back(void **state)
{
	static const uint32_t magnussen[] = { 2, 9, 0, 13, 12, 10, 9, 7, 7, 9,
		12, 12, 10, 10, 14, 5, 8, 9, 11 };
	static const uint32_t raikkonen[] = { 7, 12, 10, 8, 7, 12, 10, 10, 0,
		11, 6, 4, 9, 8, 12, 9, 13, 7, 10 };
	struct season_tie ties[] = { tie(SEASON_COUNT_BACK) };
	struct season_competition last = said_competition("c19");
	struct season_table t = said_table("drivers");
	struct season_rules rules = { .title = said_text("2014"),
		.competitions = &last,
		.competition_count = 1,
		.tables = &t,
		.table_count = 1 };
	struct season_row row;
	struct season *s;
	uint64_t key = 0;

	(void)state;
	last.weight = 2000;
	t.points = (struct season_points){ .list = formula1, .count = 10 };
	t.ties = ties;
	t.tie_count = 1;
	s = season_new(&rules);
	said_places(s, &key, "Räikkönen", raikkonen, 19);
	said_places(s, &key, "Magnussen", magnussen, 19);
	assert_string_equal(said_rows(s), "1 Magnussen 55; 2 Räikkönen 55");
	row = said_row(s, 0);
	assert_false(row.tied);
	check_reason(&row.before, SEASON_COUNT_BACK, 2, 1, 0);
	row = said_row(s, 1);
	assert_int_equal(row.before.rule, SEASON_SHARED);
	season_free(s);
}

static void
count_back_ends_after_as_many_places_as_the_rule_says(void **state)
{
	static const uint32_t ada[] = { 1, 2, 4 };
	static const uint32_t bo[] = { 1, 2, 3 };
	struct season_tie ties[] = { tie(SEASON_COUNT_BACK) };
	struct season_table t = make_equals(ties, 1);
	uint64_t key = 0;

	(void)state;
	for (uint32_t places = 2; places <= 3; places++) {
		ties[0].places = places;
		struct season *s = said_season(&t);
		said_places(s, &key, "Ada", ada, 3);
		said_places(s, &key, "Bo", bo, 3);
		assert_string_equal(said_rows(s),
		    places == 2 ? "1= Ada 3; 1= Bo 3" : "1 Bo 3; 2 Ada 3");
		season_free(s);
	}
}

static void
a_shared_place_is_skipped_behind(void **state)
{
	struct season_tie ties[] = { tie(SEASON_WINS) };
	struct season_table t = make_equals(ties, 1);
	uint64_t key = 0;

	(void)state;
	struct season *s = said_season(&t);
	said_place(s, &key, "c", 1, "10");
	said_place(s, &key, "c", 1, "9");
	said_place(s, &key, "c", 3, "Cy");
	assert_string_equal(said_rows(s), "1= 9 1; 1= 10 1; 3 Cy 1");
	check_reason_on(s, 0, SEASON_SHARED, 0, 0, 0);
	check_reason_on(s, 1, SEASON_WINS, 0, 1, 0);
	season_free(s);
}

static void
dropped_wins_matter_if_the_rules_say_so(void **state)
{
	struct season_tie ties[] = { tie(SEASON_WINS) };
	struct season_table t = make_equals(ties, 1);
	uint64_t key = 0;

	(void)state;
	t.best = 1;
	for (int with = 0; with <= 1; with++) {
		t.dropped_in_ties = with == 1;
		struct season *s = said_season(&t);
		said_place(s, &key, "c1", 3, "Ada");
		said_place(s, &key, "c1", 3, "Bo");
		said_place(s, &key, "c2", 1, "Bo");
		assert_string_equal(said_rows(s),
		    with == 1 ? "1 Bo 1 (1); 2 Ada 1"
		              : "1= Ada 1; 1= Bo 1 (1)");
		assert_int_equal(said_row(s, 1 - (size_t)with).wins, 1);
		season_free(s);
	}
}

/* ---- head to head ---- */

static void
head_to_head_counts_where_both_were(void **state)
{
	static const uint32_t ada[] = { 1, 5, 0, 2 };
	static const uint32_t bo[] = { 2, 4, 1, 3 };
	struct season_tie ties[] = { tie(SEASON_HEAD_TO_HEAD) };
	struct season_table t = make_equals(ties, 1);
	uint64_t key = 0;

	(void)state;
	t.best = 3;
	t.dropped_in_ties = true;
	struct season *s = said_season(&t);
	said_places(s, &key, "Ada", ada, 4);
	said_places(s, &key, "Bo", bo, 4);
	assert_string_equal(said_rows(s), "1 Ada 3; 2 Bo 3 (1)");
	check_reason_on(s, 0, SEASON_HEAD_TO_HEAD, 0, 2, 1);
	season_free(s);
}

/* Nobody is better by it, whoever is compared first (NFHS cross-country: a tie
 * of three is not broken two by two). */
static void
three_in_a_circle_stay_equal(void **state)
{
	static const uint32_t ada[] = { 1, 0, 2 };
	static const uint32_t bo[] = { 2, 1, 0 };
	static const uint32_t cy[] = { 0, 2, 1 };
	struct season_tie ties[] = { tie(SEASON_HEAD_TO_HEAD) };
	struct season_table t = make_equals(ties, 1);
	uint64_t key = 0;

	(void)state;
	struct season *s = said_season(&t);
	said_places(s, &key, "Cy", cy, 3);
	said_places(s, &key, "Ada", ada, 3);
	said_places(s, &key, "Bo", bo, 3);
	assert_string_equal(said_rows(s), "1= Ada 2; 1= Bo 2; 1= Cy 2");
	season_free(s);
}

/* Ada is in front of others three times, Bo and Cy twice each; of the two Bo
 * was in front of Cy. */
static void
who_is_equal_again_meets_again_alone(void **state)
{
	static const uint32_t ada[] = { 1, 2, 1 };
	static const uint32_t bo[] = { 2, 3, 2 };
	static const uint32_t cy[] = { 3, 1, 3 };
	struct season_tie ties[] = { tie(SEASON_HEAD_TO_HEAD) };
	struct season_table t = make_equals(ties, 1);
	uint64_t key = 0;

	(void)state;
	struct season *s = said_season(&t);
	said_places(s, &key, "Cy", cy, 3);
	said_places(s, &key, "Bo", bo, 3);
	said_places(s, &key, "Ada", ada, 3);
	assert_string_equal(said_rows(s), "1 Ada 3; 2 Bo 3; 3 Cy 3");
	check_reason_on(s, 0, SEASON_HEAD_TO_HEAD, 0, 5, 2);
	check_reason_on(s, 1, SEASON_HEAD_TO_HEAD, 0, 2, 1);
	season_free(s);
}

static void
without_a_place_he_is_behind_all_places(void **state)
{
	struct season_tie ties[] = { tie(SEASON_HEAD_TO_HEAD) };
	struct season_table t = make_equals(ties, 1);
	uint64_t key = 0;

	(void)state;
	struct season *s = said_season(&t);
	said_place(s, &key, "c", 0, "Ada");
	said_place(s, &key, "c", 7, "Bo");
	assert_string_equal(said_rows(s), "1 Bo 1; 2 Ada 1");
	season_free(s);
}

/* ---- scores ---- */

static void
the_better_best_result_comes_first(void **state)
{
	static const uint32_t ada[] = { 2, 7 };
	static const uint32_t bo[] = { 4, 4 };
	struct season_tie ties[] = { tie(SEASON_BEST_RESULT) };
	struct season_table t = make_equals(ties, 1);
	uint64_t key = 0;

	(void)state;
	t.points = (struct season_points){ .list = formula1, .count = 10 };
	struct season *s = said_season(&t);
	said_places(s, &key, "Bo", bo, 2);
	said_places(s, &key, "Ada", ada, 2);
	assert_string_equal(said_rows(s), "1 Ada 24; 2 Bo 24");
	check_reason_on(s, 0, SEASON_BEST_RESULT, 1, 18 * SEASON_UNIT,
	    12 * SEASON_UNIT);
	season_free(s);
}

static void
the_latest_decides_then_the_one_before(void **state)
{
	static const uint32_t ada[] = { 2, 7, 5 };
	static const uint32_t bo[] = { 7, 2, 5 };
	struct season_tie ties[] = { tie(SEASON_LATEST) };
	struct season_table t = make_equals(ties, 1);
	struct season_row row;
	uint64_t key = 0;

	(void)state;
	t.points = (struct season_points){ .list = formula1, .count = 10 };
	struct season *s = said_season(&t);
	said_places(s, &key, "Ada", ada, 3);
	said_places(s, &key, "Bo", bo, 3);
	assert_string_equal(said_rows(s), "1 Bo 34; 2 Ada 34");
	row = said_row(s, 0);
	check_reason(&row.before, SEASON_LATEST, 0, 18 * SEASON_UNIT,
	    6 * SEASON_UNIT);
	assert_string_equal(row.before.competition, "c02");
	season_free(s);
}

static void
a_named_competition_decides(void **state)
{
	static const uint32_t ada[] = { 2, 7 };
	static const uint32_t bo[] = { 7, 2 };
	static const uint32_t cy[] = { 0, 0, 2, 7 };
	struct season_tie ties[] = { tie(SEASON_BETTER_IN) };
	struct season_table t = make_equals(ties, 1);
	struct season_row row;
	uint64_t key = 0;

	(void)state;
	ties[0].competition = said_text("c01");
	t.points = (struct season_points){ .list = formula1, .count = 10 };
	struct season *s = said_season(&t);
	said_places(s, &key, "Cy", cy, 4);
	said_places(s, &key, "Bo", bo, 2);
	said_places(s, &key, "Ada", ada, 2);
	assert_string_equal(said_rows(s), "1 Ada 24; 2 Bo 24; 3 Cy 24");
	row = said_row(s, 1);
	/* Cy was not there. */
	check_reason(&row.before, SEASON_BETTER_IN, 0, 6 * SEASON_UNIT,
	    SEASON_NO_VALUE);
	assert_string_equal(row.before.competition, "c01");
	season_free(s);
}

static void
more_competitions_and_less_time_decide(void **state)
{
	struct season_tie ties[] = { tie(SEASON_MORE_COMPETITIONS),
		tie(SEASON_LESS_TIME) };
	struct season_table t = make_equals(ties, 2);

	(void)state;
	t.best = 1;
	struct season *s = said_season(&t);
	said(s, 1,
	    (struct season_result){ .competition = "c1",
	        .recipient = "Ada",
	        .time_us = 70000000 });
	said(s, 2,
	    (struct season_result){ .competition = "c1",
	        .recipient = "Bo",
	        .time_us = 60000000 });
	said(s, 3,
	    (struct season_result){ .competition = "c1", .recipient = "Cy" });
	said(s, 4,
	    (struct season_result){ .competition = "c1", .recipient = "Di" });
	said(s, 5,
	    (struct season_result){ .competition = "c2", .recipient = "Di" });
	assert_string_equal(said_rows(s),
	    "1 Di 1 (1); 2 Bo 1; 3 Ada 1; 4 Cy 1");
	check_reason_on(s, 0, SEASON_MORE_COMPETITIONS, 0, 2, 1);
	check_reason_on(s, 1, SEASON_LESS_TIME, 0, 60000000, 70000000);
	check_reason_on(s, 2, SEASON_LESS_TIME, 0, 70000000, SEASON_NO_VALUE);
	season_free(s);
}

/* ---- decisions ---- */

static struct season *
make_four(struct season_tie *ties, size_t count)
{
	struct season_table t = make_equals(ties, count);
	struct season *s = said_season(&t);
	uint64_t key = 0;

	said_place(s, &key, "c", 0, "Ada");
	said_place(s, &key, "c", 0, "Bo");
	said_place(s, &key, "c", 0, "Cy");
	said_place(s, &key, "c", 0, "Di");
	return s;
}

static void
the_organiser_decides_with_his_words(void **state)
{
	struct season *s = make_four(NULL, 0);
	struct season_row row;

	(void)state;
	season_decide(s, "2014", "equals", "Di", "Ada", "a coin");
	/* Of Bo and Cy nothing was said. */
	assert_string_equal(said_rows(s), "1= Bo 1; 1= Cy 1; 1= Di 1; 4 Ada 1");
	row = said_row(s, 2);
	check_reason(&row.before, SEASON_DECIDED, 0, 0, 0);
	assert_string_equal(row.before.note, "a coin");
	season_decide(s, "2014", "equals", "Di", "Bo", "a second coin");
	season_decide(s, "2014", "equals", "Bo", "Cy", "a third coin");
	assert_string_equal(said_rows(s), "1 Di 1; 2= Ada 1; 2= Bo 1; 4 Cy 1");
	season_decide(s, "2014", "equals", "Di", "Ada", NULL);
	assert_string_equal(said_rows(s), "1= Ada 1; 1= Di 1; 3 Bo 1; 4 Cy 1");
	row = said_row(s, 2);
	assert_string_equal(row.before.note, "a third coin");
	season_free(s);
}

static void
the_words_are_those_of_the_one_immediately_before(void **state)
{
	struct season *s = make_four(NULL, 0);
	struct season_row row;

	(void)state;
	season_decide(s, "2014", "equals", "Ada", "Cy", "first of all");
	season_decide(s, "2014", "equals", "Bo", "Cy", "by the jury");
	season_decide(s, "2014", "equals", "Ada", "Bo", "by age");
	assert_string_equal(said_rows(s), "1= Ada 1; 1= Di 1; 3 Bo 1; 4 Cy 1");
	row = said_row(s, 1);
	assert_string_equal(row.before.note, "by age");
	row = said_row(s, 2);
	assert_string_equal(row.before.note, "by the jury");
	season_free(s);
}

static void
decisions_part_equals_alone(void **state)
{
	struct season *s = make_four(NULL, 0);
	uint64_t key = 10;

	(void)state;
	said_place(s, &key, "d", 0, "Ada");
	season_decide(s, "2014", "equals", "Di", "Ada", "no");
	season_decide(s, "2013", "equals", "Di", "Bo", "of another year");
	season_decide(s, "2014", "others", "Di", "Cy", "of another table");
	assert_string_equal(said_rows(s), "1 Ada 2; 2= Bo 1; 2= Cy 1; 2= Di 1");
	season_free(s);
}

static void
a_circle_of_decisions_says_nothing(void **state)
{
	struct season *s = make_four(NULL, 0);

	(void)state;
	season_decide(s, "2014", "equals", "Ada", "Bo", "x");
	season_decide(s, "2014", "equals", "Bo", "Cy", "x");
	season_decide(s, "2014", "equals", "Cy", "Ada", "x");
	assert_string_equal(said_rows(s),
	    "1= Ada 1; 1= Bo 1; 1= Cy 1; 1= Di 1");
	/* What is no part of the circle holds. */
	season_decide(s, "2014", "equals", "Cy", "Di", "y");
	assert_string_equal(said_rows(s), "1= Ada 1; 1= Bo 1; 1= Cy 1; 4 Di 1");
	season_decide(s, "2014", "equals", "Cy", "Ada", NULL);
	assert_string_equal(said_rows(s), "1 Ada 1; 2 Bo 1; 3 Cy 1; 4 Di 1");
	season_free(s);
}

static void
a_decision_is_made_where_the_list_names_it(void **state)
{
	struct season_tie ties[] = { tie(SEASON_DECIDED), tie(SEASON_WINS) };
	struct season_table t = make_equals(ties, 2);
	uint64_t key = 0;

	(void)state;
	struct season *s = said_season(&t);
	said_place(s, &key, "c", 1, "Ada");
	said_place(s, &key, "c", 2, "Bo");
	assert_string_equal(said_rows(s), "1 Ada 1; 2 Bo 1");
	season_decide(s, "2014", "equals", "Bo", "Ada", "fair play");
	assert_string_equal(said_rows(s), "1 Bo 1; 2 Ada 1");
	season_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_points_are_parted_by_count_back),
		cmocka_unit_test(
		    count_back_ends_after_as_many_places_as_the_rule_says),
		cmocka_unit_test(a_shared_place_is_skipped_behind),
		cmocka_unit_test(dropped_wins_matter_if_the_rules_say_so),
		cmocka_unit_test(head_to_head_counts_where_both_were),
		cmocka_unit_test(three_in_a_circle_stay_equal),
		cmocka_unit_test(who_is_equal_again_meets_again_alone),
		cmocka_unit_test(without_a_place_he_is_behind_all_places),
		cmocka_unit_test(the_better_best_result_comes_first),
		cmocka_unit_test(the_latest_decides_then_the_one_before),
		cmocka_unit_test(a_named_competition_decides),
		cmocka_unit_test(more_competitions_and_less_time_decide),
		cmocka_unit_test(the_organiser_decides_with_his_words),
		cmocka_unit_test(
		    the_words_are_those_of_the_one_immediately_before),
		cmocka_unit_test(decisions_part_equals_alone),
		cmocka_unit_test(a_circle_of_decisions_says_nothing),
		cmocka_unit_test(a_decision_is_made_where_the_list_names_it),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
