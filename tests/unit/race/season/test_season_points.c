#include "said.h"

static int64_t formula1[] = { 25, 18, 15, 12, 10, 8, 6, 4, 2, 1 };

static int
set_up(void **state)
{
	(void)state;
	said_list(formula1, 10);
	return 0;
}

/* A table with the points of Formula 1 since 2010. */
static struct season_table
make_table(void)
{
	struct season_table t = said_table("drivers");

	t.points = (struct season_points){ .list = formula1, .count = 10 };
	return t;
}

static void
a_list_goes_on_flat_beyond_its_end(void **state)
{
	struct season_table t = make_table();
	uint64_t key = 0;

	(void)state;
	t.points.beyond = SEASON_UNIT / 2;
	struct season *s = said_season(&t);
	said_place(s, &key, "Podium", 1, "Ada");
	said_place(s, &key, "Podium", 10, "Bo");
	said_place(s, &key, "Podium", 11, "Cy");
	said_place(s, &key, "Podium", 4000000000, "Di");
	assert_string_equal(said_rows(s),
	    "1 Ada 25; 2 Bo 1; 3= Cy 0.5; 3= Di 0.5");
	season_free(s);
}

static void
steps_do_not_fall_below_their_end(void **state)
{
	struct season_table t = said_table("steps");
	uint64_t key = 0;

	(void)state;
	/* 100, 90 ... 10, 5, 5 (rules.md). */
	t.points = (struct season_points){ .scale = SEASON_STEPS,
		.from = 100 * SEASON_UNIT,
		.step = 10 * SEASON_UNIT,
		.beyond = 5 * SEASON_UNIT };
	struct season *s = said_season(&t);
	said_place(s, &key, "Podium", 1, "Ada");
	said_place(s, &key, "Podium", 2, "Bo");
	said_place(s, &key, "Podium", 10, "Cy");
	said_place(s, &key, "Podium", 11, "Di");
	said_place(s, &key, "Podium", 12, "Ed");
	assert_string_equal(said_rows(s),
	    "1 Ada 100; 2 Bo 90; 3 Cy 10; 4= Di 5; 4= Ed 5");
	season_free(s);
}

static void
shared_steps_are_averaged_across_their_end(void **state)
{
	struct season_table t = said_table("steps");
	uint64_t key = 0;

	(void)state;
	t.points = (struct season_points){ .scale = SEASON_STEPS,
		.from = 30 * SEASON_UNIT,
		.step = 12 * SEASON_UNIT,
		.beyond = 5 * SEASON_UNIT };
	t.tied = SEASON_TIED_AVERAGE;
	struct season *s = said_season(&t);
	/* 30 18 6 5 5: (18 + 6 + 5 + 5) / 4 */
	said_place(s, &key, "Podium", 1, "Ada");
	said_place(s, &key, "Podium", 2, "Bo");
	said_place(s, &key, "Podium", 2, "Cy");
	said_place(s, &key, "Podium", 2, "Di");
	said_place(s, &key, "Podium", 2, "Ed");
	assert_string_equal(said_rows(s),
	    "1 Ada 30; 2= Bo 8.5; 2= Cy 8.5; 2= Di 8.5; 2= Ed 8.5");
	season_free(s);
}

static void
the_place_itself_is_least_for_the_best(void **state)
{
	struct season_table t = said_table("places");
	uint64_t key = 0;

	(void)state;
	t.points.scale = SEASON_PLACE;
	t.lowest = true;
	t.tied = SEASON_TIED_AVERAGE;
	struct season *s = said_season(&t);
	said_place(s, &key, "Podium", 1, "Ada");
	said_place(s, &key, "Podium", 2, "Bo");
	said_place(s, &key, "Podium", 2, "Cy");
	said_place(s, &key, "Podium", 4, "Di");
	assert_string_equal(said_rows(s),
	    "1 Ada 1; 2= Bo 2.5; 2= Cy 2.5; 4 Di 4");
	season_free(s);
}

static void
shared_places_have_the_mean_of_those_they_take(void **state)
{
	struct season_table t = make_table();
	uint64_t key = 0;

	(void)state;
	t.tied = SEASON_TIED_AVERAGE;
	struct season *s = said_season(&t);
	said_place(s, &key, "Podium", 1, "Ada");
	said_place(s, &key, "Podium", 2, "Bo");
	said_place(s, &key, "Podium", 2, "Cy");
	/* Ninth, tenth and nothing: (2 + 1 + 0) / 3 */
	said_place(s, &key, "Podium", 9, "Di");
	said_place(s, &key, "Podium", 9, "Ed");
	said_place(s, &key, "Podium", 9, "Fay");
	assert_string_equal(said_rows(s),
	    "1 Ada 25; 2= Bo 16.5; 2= Cy 16.5; 4= Di 1; 4= Ed 1; 4= Fay 1");
	/* Cy was third: nobody shares any more. */
	said(s, 3,
	    (struct season_result){ .competition = "Podium",
	        .place = 3,
	        .recipient = "Cy" });
	assert_string_equal(said_rows(s),
	    "1 Ada 25; 2 Bo 18; 3 Cy 15; 4= Di 1; 4= Ed 1; 4= Fay 1");
	season_free(s);
}

static void
the_higher_place_counts_for_all_who_share_it(void **state)
{
	struct season_table t = make_table();
	uint64_t key = 0;

	(void)state;
	struct season *s = said_season(&t);
	said_place(s, &key, "Podium", 2, "Bo");
	said_place(s, &key, "Podium", 2, "Cy");
	said_place(s, &key, "Podium", 4, "Di");
	assert_string_equal(said_rows(s), "1= Bo 18; 1= Cy 18; 3 Di 12");
	season_free(s);
}

static void
who_shares_is_told_by_the_award_whatever_the_filter(void **state)
{
	struct season_table t = make_table();

	(void)state;
	t.tied = SEASON_TIED_AVERAGE;
	t.sex = said_text("F");
	struct season *s = said_season(&t);
	said(s, 1,
	    (struct season_result){ .place = 1,
	        .recipient = "Ada",
	        .sex = "F" });
	said(s, 2,
	    (struct season_result){ .place = 1,
	        .recipient = "Bo",
	        .sex = "M" });
	assert_string_equal(said_rows(s), "1 Ada 21.5");
	season_free(s);
}

static void
points_that_are_given_come_first(void **state)
{
	struct season_table t = make_table();

	(void)state;
	t.points.given = true;
	struct season *s = said_season(&t);
	said(s, 1,
	    (struct season_result){ .place = 1,
	        .recipient = "Ada",
	        .points = 7 * SEASON_UNIT / 2 });
	said(s, 2, (struct season_result){ .place = 2, .recipient = "Bo" });
	/* Stopped, and still a point for the fastest lap. */
	said(s, 3,
	    (struct season_result){ .status = RACE_DNF,
	        .recipient = "Cy",
	        .points = SEASON_UNIT });
	assert_string_equal(said_rows(s), "1 Bo 18; 2 Ada 3.5; 3 Cy 1");
	season_free(s);
}

static void
points_that_are_given_do_not_count_unless_the_rules_say_so(void **state)
{
	struct season_table t = make_table();

	(void)state;
	struct season *s = said_season(&t);
	said(s, 1,
	    (struct season_result){ .place = 1,
	        .recipient = "Ada",
	        .points = 3 * SEASON_UNIT });
	assert_string_equal(said_rows(s), "1 Ada 25");
	season_free(s);
}

static void
a_ratio_is_rounded_half_up_to_thousandths(void **state)
{
	struct season_table t = said_table("ratio");

	(void)state;
	t.points = (struct season_points){ .scale = SEASON_RATIO,
		.from = SEASON_UNIT };
	struct season *s = said_season(&t);
	said(s, 1,
	    (struct season_result){ .place = 1,
	        .recipient = "Ada",
	        .time_us = 1000 });
	/* 0.0625, 0.0624..., 2/3 */
	said(s, 2,
	    (struct season_result){ .place = 4,
	        .recipient = "Bo",
	        .time_us = 16000 });
	said(s, 3,
	    (struct season_result){ .place = 5,
	        .recipient = "Cy",
	        .time_us = 16001 });
	said(s, 4,
	    (struct season_result){ .place = 2,
	        .recipient = "Di",
	        .time_us = 1500 });
	assert_string_equal(said_rows(s),
	    "1 Ada 1; 2 Di 0.667; 3 Bo 0.063; 4 Cy 0.062");
	season_free(s);
}

static void
a_new_winner_changes_every_ratio_of_the_award(void **state)
{
	struct season_table t = said_table("ratio");

	(void)state;
	t.points = (struct season_points){ .scale = SEASON_RATIO,
		.from = 1000 * SEASON_UNIT };
	struct season *s = said_season(&t);
	said(s, 1,
	    (struct season_result){ .place = 1,
	        .recipient = "Ada",
	        .time_us = 3000 });
	said(s, 2,
	    (struct season_result){ .place = 2,
	        .recipient = "Bo",
	        .time_us = 4000 });
	assert_string_equal(said_rows(s), "1 Ada 1000; 2 Bo 750");
	said(s, 3,
	    (struct season_result){ .place = 1,
	        .recipient = "Cy",
	        .time_us = 1500 });
	assert_string_equal(said_rows(s), "1 Cy 1000; 2 Ada 500; 3 Bo 375");
	/* Who has a time and no place has not won. */
	said(s, 3,
	    (struct season_result){ .status = RACE_DSQ,
	        .recipient = "Cy",
	        .time_us = 1500 });
	assert_string_equal(said_rows(s), "1 Ada 1000; 2 Bo 750; 3 Cy 0");
	season_free(s);
}

static void
without_a_place_taking_part_counts_and_a_dnf_brings_nothing(void **state)
{
	struct season_table t = make_table();

	(void)state;
	t.points.taking_part = 2 * SEASON_UNIT;
	struct season *s = said_season(&t);
	said(s, 1, (struct season_result){ .recipient = "Ada" });
	said(s, 2,
	    (struct season_result){ .recipient = "Bo",
	        .status = RACE_FINISHED });
	said(s, 3,
	    (struct season_result){ .recipient = "Cy", .status = RACE_DNF });
	/* A place that was given counts. */
	said(s, 4,
	    (struct season_result){ .recipient = "Di",
	        .place = 10,
	        .status = RACE_RUNNING });
	assert_string_equal(said_rows(s), "1= Ada 2; 1= Bo 2; 3 Di 1; 4 Cy 0");
	season_free(s);
}

static void
the_weight_of_a_competition_multiplies(void **state)
{
	struct season_table t = make_table();
	struct season_competition c[] = { said_competition("c1"),
		said_competition("c2") };
	struct season_rules rules = { .title = said_text("weights"),
		.competitions = c,
		.competition_count = 2,
		.tables = &t,
		.table_count = 1 };
	struct season *s;

	(void)state;
	/* The last race of 2014 had double points. */
	c[0].weight = 2000;
	c[1].weight = 333;
	t.points.taking_part = SEASON_UNIT;
	s = season_new(&rules);
	said(s, 1,
	    (struct season_result){ .competition = "c1",
	        .place = 1,
	        .recipient = "Ada" });
	said(s, 2,
	    (struct season_result){ .competition = "c2",
	        .place = 2,
	        .recipient = "Bo" });
	said(s, 3,
	    (struct season_result){ .competition = "c1", .recipient = "Cy" });
	said(s, 4,
	    (struct season_result){ .competition = "c3",
	        .place = 9,
	        .recipient = "Di" });
	assert_string_equal(said_rows(s),
	    "1 Ada 50; 2 Bo 5.994; 3= Cy 2; 3= Di 2");
	season_free(s);
}

static void
means_of_sixteen_are_exact(void **state)
{
	struct season_table t = said_table("one point");
	int64_t one[] = { 1 };
	uint64_t key = 0;

	(void)state;
	t.points = said_list(one, 1);
	t.tied = SEASON_TIED_AVERAGE;
	struct season *s = said_season(&t);
	for (int n = 2; n <= 16; n++)
		for (int i = 0; i < n; i++) {
			char cup[16];

			snprintf(cup, sizeof cup, "of %d", n);
			said_place(s, &key, cup, 1, "Ada");
		}
	/* A point from each of 15 competitions, in parts. */
	assert_int_equal(said_row(s, 0).score, 15 * SEASON_UNIT);
	season_free(s);
}

static void
the_greatest_values_do_not_overflow(void **state)
{
	struct season_table t = make_table();
	struct season_competition c = said_competition("");
	struct season_rules rules = { .title = said_text("greatest"),
		.competitions = &c,
		.competition_count = 1,
		.tables = &t,
		.table_count = 1 };
	struct season *s;

	(void)state;
	c.weight = SEASON_WEIGHT_MAX;
	t.points.given = true;
	s = season_new(&rules);
	for (uint64_t i = 0; i < 6000; i++)
		said(s, i,
		    (struct season_result){ .recipient =
		                                i < 5999 ? "Ada" : "Bo",
		        .points = SEASON_VALUE_MAX });
	assert_string_equal(said_row(s, 0).subject, "Ada");
	assert_true(said_row(s, 0).score > 1000 * said_row(s, 1).score);
	assert_int_equal(said_row(s, 1).score,
	    SEASON_VALUE_MAX / 1000 * SEASON_WEIGHT_MAX);
	season_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_goes_on_flat_beyond_its_end),
		cmocka_unit_test(steps_do_not_fall_below_their_end),
		cmocka_unit_test(shared_steps_are_averaged_across_their_end),
		cmocka_unit_test(the_place_itself_is_least_for_the_best),
		cmocka_unit_test(
		    shared_places_have_the_mean_of_those_they_take),
		cmocka_unit_test(the_higher_place_counts_for_all_who_share_it),
		cmocka_unit_test(
		    who_shares_is_told_by_the_award_whatever_the_filter),
		cmocka_unit_test(points_that_are_given_come_first),
		cmocka_unit_test(
		    points_that_are_given_do_not_count_unless_the_rules_say_so),
		cmocka_unit_test(a_ratio_is_rounded_half_up_to_thousandths),
		cmocka_unit_test(a_new_winner_changes_every_ratio_of_the_award),
		cmocka_unit_test(
		    without_a_place_taking_part_counts_and_a_dnf_brings_nothing),
		cmocka_unit_test(the_weight_of_a_competition_multiplies),
		cmocka_unit_test(means_of_sixteen_are_exact),
		cmocka_unit_test(the_greatest_values_do_not_overflow),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
