#include "said.h"

static int64_t nine[] = { 9, 6, 4, 3, 2, 1 };

static int
set_up(void **state)
{
	(void)state;
	said_list(nine, 6);
	return 0;
}

/* Points of Formula 1 in the eighties. */
static struct season_table
make_table(void)
{
	struct season_table t = said_table("drivers");

	t.points = (struct season_points){ .list = nine, .count = 6 };
	return t;
}

static struct season *
season_of(struct season_table *t, struct season_competition *c, size_t count)
{
	struct season_rules rules = { .title = said_text("test"),
		.competitions = c,
		.competition_count = count,
		.tables = t,
		.table_count = 1 };

	return season_new(&rules);
}

/* ---- best ---- */

/* The championship of 1986, of sixteen races (f1-1985-1987 of the test data):
 * Prost drops two of his points, and so does Mansell; without that rule Mansell
 * would still be second. */
static void
the_best_11_of_16_count(void **state)
{
	static const uint32_t prost[] = { 0, 3, 1, 1, 6, 2, 3, 2, 3, 6, 0, 1, 0,
		2, 2, 1 };
	static const uint32_t mansell[] = { 0, 2, 0, 4, 1, 1, 5, 1, 1, 3, 3, 0,
		2, 1, 5, 0 };
	static const uint32_t piquet[] = { 1, 0, 2, 7, 0, 3, 0, 3, 2, 1, 1, 0,
		1, 3, 4, 2 };
	static const uint32_t senna[] = { 2, 1, 0, 3, 2, 5, 1, 0, 0, 2, 2, 0, 0,
		4, 3, 0 };
	struct season_table t = make_table();
	uint64_t key = 0;

	(void)state;
	t.best = 11;
	struct season *s = said_season(&t);
	said_places(s, &key, "Prost", prost, 16);
	said_places(s, &key, "Mansell", mansell, 16);
	said_places(s, &key, "Piquet", piquet, 16);
	said_places(s, &key, "Senna", senna, 16);
	assert_string_equal(said_rows(s),
	    "1 Prost 72 (2); 2 Mansell 70 (2); 3 Piquet 69; 4 Senna 55");
	assert_int_equal(said_row(s, 0).counted, 11);
	assert_int_equal(said_row(s, 0).took_part, 13);
	assert_int_equal(said_row(s, 1).wins, 5);
	season_free(s);
}

static struct season_account
account_of(struct season *s, const char *subject)
{
	struct season_account a;

	assert_int_equal(season_account(s, 0, 0, subject, &a), 0);
	return a;
}

static void
clear(struct season_account *a)
{
	free(a->scores);
	free(a->lines);
}

static void
of_equal_scores_the_earlier_counts(void **state)
{
	static const uint32_t places[] = { 2, 3, 2, 2 };
	struct season_table t = make_table();
	struct season_account a;
	uint64_t key = 0;

	(void)state;
	t.best = 2;
	struct season *s = said_season(&t);
	said_places(s, &key, "Ada", places, 4);
	assert_string_equal(said_rows(s), "1 Ada 12 (10)");
	a = account_of(s, "Ada");
	assert_int_equal(a.score_count, 4);
	assert_true(a.scores[0].counts);
	assert_false(a.scores[1].counts);
	assert_true(a.scores[2].counts);
	assert_false(a.scores[3].counts);
	clear(&a);
	season_free(s);
}

static void
compulsory_competitions_count_whatever_they_brought(void **state)
{
	static const uint32_t ada[] = { 1, 1, 6 };
	static const uint32_t bo[] = { 1, 1, 0 };
	static char *must[] = { NULL };
	struct season_table t = make_table();
	uint64_t key = 0;

	(void)state;
	must[0] = said_text("c03");
	t.best = 2;
	t.compulsory = must;
	t.compulsory_count = 1;
	struct season *s = said_season(&t);
	said_places(s, &key, "Ada", ada, 3);
	said_places(s, &key, "Bo", bo, 3);
	assert_string_equal(said_rows(s), "1 Ada 10 (9); - Bo 18");
	/* Void, it is no duty. */
	season_set_state(s, "2014", "c03", SEASON_VOID);
	assert_string_equal(said_rows(s), "1= Ada 18; 1= Bo 18");
	season_free(s);
}

static void
the_best_results_of_each_competition_count(void **state)
{
	struct season_table t = make_table();

	(void)state;
	t.of = SEASON_TEAMS;
	t.each = 2;
	struct season *s = said_season(&t);
	for (uint32_t i = 1; i <= 4; i++)
		said(s, i,
		    (struct season_result){ .competition = "Cross",
		        .place = i,
		        .team = "Axa" });
	said(s, 5,
	    (struct season_result){ .competition = "Road",
	        .place = 5,
	        .team = "Axa" });
	/* 9 + 6 and 2; 4 + 3 do not count. */
	assert_string_equal(said_rows(s), "1 Axa 17 (7)");
	assert_int_equal(said_row(s, 0).results, 5);
	assert_int_equal(said_row(s, 0).took_part, 2);
	season_free(s);
}

/* More first. */
static int
by_points(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;

	return (x < y) - (x > y);
}

static void
the_best_of_many_are_the_first_when_sorted(void **state)
{
	enum { MANY = 300 };
	uint64_t random = test_seed();
	struct season_table t = said_table("given");

	(void)state;
	t.points.given = true;
	for (int round = 0; round < 40; round++) {
		uint64_t values = 1 + test_below(&random, 40);
		int64_t points[MANY];
		int64_t best = 0;

		t.best = 1 + (uint32_t)test_below(&random, MANY);
		struct season *s = said_season(&t);
		for (uint64_t i = 0; i < MANY; i++) {
			char cup[16];

			snprintf(cup, sizeof cup, "%d", (int)i);
			points[i] = SEASON_UNIT *
			    (int64_t)(1 + test_below(&random, values));
			said(s, i,
			    (struct season_result){ .competition = cup,
			        .recipient = "Ada",
			        .points = points[i] });
		}
		qsort(points, MANY, sizeof *points, by_points);
		for (size_t i = 0; i < t.best; i++)
			best += points[i];
		assert_int_equal(said_row(s, 0).score, best);
		assert_int_equal(said_row(s, 0).counted, t.best);
		season_free(s);
	}
}

/* ---- awards ---- */

static void
bonus_awards_add_points_and_are_no_wins(void **state)
{
	static int64_t one[] = { SEASON_UNIT };
	struct season_award fastest = { .name = said_text("fastest lap"),
		.points = { .list = one, .count = 1 },
		.bonus = true };
	struct season_table t = make_table();

	(void)state;
	t.awards = &fastest;
	t.award_count = 1;
	t.best = 1;
	struct season *s = said_season(&t);
	said(s, 1,
	    (struct season_result){ .competition = "c1",
	        .place = 2,
	        .recipient = "Ada" });
	said(s, 2,
	    (struct season_result){ .competition = "c1",
	        .award = "fastest lap",
	        .place = 1,
	        .recipient = "Ada" });
	/* Alone it makes no competition, and nothing drops it. */
	said(s, 3,
	    (struct season_result){ .competition = "c2",
	        .award = "fastest lap",
	        .place = 1,
	        .recipient = "Ada" });
	assert_string_equal(said_rows(s), "1 Ada 8");
	assert_int_equal(said_row(s, 0).wins, 0);
	assert_int_equal(said_row(s, 0).counted, 1);
	assert_int_equal(said_row(s, 0).took_part, 1);
	assert_int_equal(said_row(s, 0).results, 3);
	/* The bonus goes with the competition's score. */
	said(s, 4,
	    (struct season_result){ .competition = "c3",
	        .place = 1,
	        .recipient = "Ada" });
	assert_string_equal(said_rows(s), "1 Ada 10 (7)");
	season_free(s);
}

static void
awards_may_have_points_of_their_own_or_be_the_only_ones(void **state)
{
	static int64_t grand[] = { 50 * SEASON_UNIT };
	struct season_award award = { .name = said_text("Grand prix"),
		.points = { .list = grand, .count = 1 } };
	struct season_table tables[] = { make_table(), make_table() };
	struct season_rules rules = { .title = said_text("test"),
		.tables = tables,
		.table_count = 2 };
	struct season *s;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		tables[i].awards = &award;
		tables[i].award_count = 1;
	}
	tables[1].only_awards = true;
	s = season_new(&rules);
	said(s, 1,
	    (struct season_result){ .award = "Grand prix",
	        .place = 1,
	        .recipient = "Ada" });
	said(s, 2,
	    (struct season_result){ .award = "Category",
	        .place = 1,
	        .recipient = "Bo" });
	assert_string_equal(said_rows_of(s, 0, 0), "1 Ada 50; 2 Bo 9");
	assert_string_equal(said_rows_of(s, 0, 1), "1 Ada 50");
	season_free(s);
}

static void
competitions_may_have_points_of_their_own(void **state)
{
	static int64_t twenty[] = { 20 * SEASON_UNIT };
	static int64_t fifty[] = { 50 * SEASON_UNIT };
	struct season_award awards[] = {
		{ .name = said_text("Grand prix"),
		    .points = { .list = fifty, .count = 1 } },
		{ .name = said_text("Race"), .plain = true },
		{ .name = said_text(""),
		    .competition = said_text("c2"),
		    .points = { .list = twenty, .count = 1 } },
	};
	static const struct season_result results[] = {
		{ .competition = "c1", .award = "Race", .recipient = "Ada" },
		{ .competition = "c2", .award = "Race", .recipient = "Bo" },
		{ .competition = "c2", .award = "", .recipient = "Cy" },
		{ .competition = "c2",
		    .award = "Grand prix",
		    .recipient = "Di" },
		{ .competition = "c1", .award = "", .recipient = "Ed" },
	};
	struct season_table tables[] = { make_table(), make_table() };
	struct season_rules rules = { .title = said_text("test"),
		.tables = tables,
		.table_count = 2 };
	struct season *s;

	(void)state;
	awards[1].points = tables[0].points;
	for (size_t i = 0; i < 2; i++) {
		tables[i].awards = awards;
		tables[i].award_count = 3;
	}
	tables[1].only_awards = true;
	s = season_new(&rules);
	for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
		struct season_result r = results[i];

		r.place = 1;
		said(s, i, r);
	}
	assert_string_equal(said_rows_of(s, 0, 0),
	    "1 Di 50; 2= Bo 20; 2= Cy 20; 4= Ada 9; 4= Ed 9");
	/* Only awards that are named. */
	assert_string_equal(said_rows_of(s, 0, 1), "1 Di 50; 2 Bo 20; 3 Ada 9");
	season_free(s);
}

static void
the_best_woman_has_the_points_of_the_first(void **state)
{
	struct season_table t = make_table();

	(void)state;
	t.sex = said_text("F");
	t.again = true;
	struct season *s = said_season(&t);
	static const char *const sexes[] = { "M", "M", "F", "M", "F", "F" };
	static const char *const names[] = { "Al", "Bo", "Ida", "Cy", "Eve",
		"Fay" };
	for (uint32_t i = 0; i < 6; i++)
		said(s, i,
		    (struct season_result){ .place = i + 1,
		        .recipient = names[i],
		        .sex = sexes[i] });
	assert_string_equal(said_rows(s), "1 Ida 9; 2 Eve 6; 3 Fay 4");
	assert_int_equal(said_row(s, 0).wins, 1);
	season_drop(s, 2);
	assert_string_equal(said_rows(s), "1 Eve 9; 2 Fay 6");
	season_free(s);
}

static void
competitions_and_categories_are_filters(void **state)
{
	static char *only[] = { NULL };
	struct season_table t = make_table();

	(void)state;
	only[0] = said_text("c1");
	t.competitions = only;
	t.competition_count = 1;
	t.category = said_text("V");
	struct season *s = said_season(&t);
	said(s, 1,
	    (struct season_result){ .competition = "c1",
	        .place = 1,
	        .category = "V",
	        .recipient = "Ada" });
	said(s, 2,
	    (struct season_result){ .competition = "c2",
	        .place = 1,
	        .category = "V",
	        .recipient = "Bo" });
	said(s, 3,
	    (struct season_result){ .competition = "c1",
	        .place = 1,
	        .category = "S",
	        .recipient = "Cy" });
	assert_string_equal(said_rows(s), "1 Ada 9");
	season_free(s);
}

/* ---- standing ---- */

static void
who_can_still_have_enough_is_open(void **state)
{
	static const uint32_t ada[] = { 6, 6, 6 };
	static const uint32_t bo[] = { 1, 1, 0 };
	static const uint32_t cy[] = { 2, 0, 0 };
	struct season_competition c[] = { said_competition("c01"),
		said_competition("c02"), said_competition("c03"),
		said_competition("c04") };
	struct season_table t = make_table();
	uint64_t key = 0;

	(void)state;
	t.at_least = 3;
	struct season *s = season_of(&t, c, 4);
	said_places(s, &key, "Ada", ada, 3);
	said_places(s, &key, "Bo", bo, 3);
	said_places(s, &key, "Cy", cy, 3);
	/* One is to come: Bo can have three, Cy cannot. */
	assert_string_equal(said_rows(s), "1 Ada 3; 2? Bo 18; - Cy 6");
	assert_int_equal(said_row(s, 0).before.rule, SEASON_STANDING);
	assert_int_equal(said_row(s, 0).before.mine, 3);
	assert_int_equal(said_row(s, 0).before.theirs, 2);
	/* Void: none is to come. */
	season_set_state(s, "2014", "c04", SEASON_VOID);
	assert_string_equal(said_rows(s), "1 Ada 3; - Bo 18; - Cy 6");
	season_free(s);
}

static void
a_dnf_is_a_line_and_no_score(void **state)
{
	struct season_table t = make_table();

	(void)state;
	t.at_least = 1;
	struct season *s = said_season(&t);
	said(s, 1,
	    (struct season_result){ .competition = "c1",
	        .status = RACE_DNF,
	        .recipient = "Ada" });
	said(s, 2,
	    (struct season_result){ .competition = "c2",
	        .status = RACE_DNS,
	        .recipient = "Ada" });
	assert_string_equal(said_rows(s), "- Ada 0");
	assert_int_equal(said_row(s, 0).took_part, 1);
	assert_int_equal(said_row(s, 0).results, 2);
	season_free(s);
}

/* As who withdrew before the Brazilian Grand Prix of 1987 and was placed in the
 * standings behind it. */
static void
a_dns_alone_is_placed_behind_all_points(void **state)
{
	struct season_table t = make_table();

	(void)state;
	struct season *s = said_season(&t);
	said(s, 1,
	    (struct season_result){ .competition = "c1",
	        .place = 1,
	        .recipient = "Bo" });
	said(s, 2,
	    (struct season_result){ .competition = "c1",
	        .status = RACE_DNS,
	        .recipient = "Ada" });
	assert_string_equal(said_rows(s), "1 Bo 9; 2 Ada 0");
	assert_int_equal(said_row(s, 1).took_part, 0);
	season_free(s);
}

/* Three stages as of the Tour of Fife 2017: who missed one is listed behind, by
 * how many he has. */
static void
by_time_all_stages_are_needed(void **state)
{
	static const struct {
		const char *name;
		int64_t seconds[3];
	} runners[] = {
		{ "Ben Hukins", { 1443, 1658, 275 } },
		{ "Christopher O’Brien", { 1478, 1839, 283 } },
		{ "Joanne Clancy", { 1834, 2807, 0 } },
		{ "Heather Anderson", { 0, 2123, 0 } },
		{ "Cyndi Svee", { 0, 0, 520 } },
	};
	struct season_table t = said_table("overall");
	uint64_t key = 0;

	(void)state;
	t.by = SEASON_BY_TIME;
	struct season *s = said_season(&t);
	for (size_t i = 0; i < 5; i++)
		for (size_t k = 0; k < 3; k++) {
			char stage[16];

			snprintf(stage, sizeof stage, "Stage %zu", k + 1);
			if (runners[i].seconds[k] > 0)
				said(s, ++key,
				    (struct season_result){ .competition =
				                                stage,
				        .recipient = runners[i].name,
				        .time_us =
				            runners[i].seconds[k] * 1000000 });
		}
	static const char *const order[] = { "Ben Hukins",
		"Christopher O’Brien", "Joanne Clancy", "Cyndi Svee",
		"Heather Anderson" };
	static const int64_t totals[] = { 3376, 3600, 4641, 520, 2123 };
	for (size_t i = 0; i < 5; i++) {
		struct season_row row = said_row(s, i);

		assert_string_equal(row.subject, order[i]);
		assert_int_equal(row.score, totals[i] * 1000000);
		assert_int_equal(row.place, i < 2 ? i + 1 : 0);
	}
	assert_int_equal(said_row(s, 2).before.rule, SEASON_MORE_COMPETITIONS);
	assert_int_equal(said_row(s, 2).before.mine, 2);
	assert_int_equal(said_row(s, 2).before.theirs, 1);
	season_free(s);
}

static void
nothing_at_all_is_not_the_least(void **state)
{
	struct season_table t = said_table("places");

	(void)state;
	t.points.scale = SEASON_PLACE;
	t.lowest = true;
	struct season *s = said_season(&t);
	said(s, 1,
	    (struct season_result){ .status = RACE_DNF, .recipient = "Ada" });
	said(s, 2, (struct season_result){ .place = 4, .recipient = "Bo" });
	assert_string_equal(said_rows(s), "1 Bo 4; - Ada 0");
	season_free(s);
}

/* ---- missing ---- */

/* As the West District League has it: who lacks a scorer is given as many
 * points as took part, and ten more. */
static void
what_is_missing_counts_as_many_as_took_part_and_more(void **state)
{
	static const char *const clubs[] = { "Axa", "PMU", "Axa", "PMU", "Axa",
		"BMS" };
	struct season_table t = said_table("clubs");
	struct season_account a;

	(void)state;
	t.of = SEASON_TEAMS;
	t.points.scale = SEASON_PLACE;
	t.lowest = true;
	t.each = 3;
	t.missing = 10 * SEASON_UNIT;
	struct season *s = said_season(&t);
	for (uint32_t i = 0; i < 6; i++)
		said(s, i,
		    (struct season_result){ .competition = "c1",
		        .place = i + 1,
		        .team = clubs[i] });
	/* Axa 1 + 3 + 5, PMU 2 + 4 + 16, BMS 6 + 2 * 16 */
	assert_string_equal(said_rows(s), "1 Axa 9; 2 PMU 22; 3 BMS 38");
	said(s, 7,
	    (struct season_result){ .competition = "c2",
	        .place = 1,
	        .team = "BMS" });
	/* One took part: 11 for each that is missing. */
	assert_string_equal(said_rows(s), "1 Axa 42; 2 PMU 55; 3 BMS 61");
	assert_int_equal(said_row(s, 0).counted, 2);
	assert_int_equal(said_row(s, 0).took_part, 1);
	a = account_of(s, "Axa");
	assert_int_equal(a.score_count, 2);
	assert_int_equal(a.scores[0].missing, 0);
	assert_int_equal(a.scores[1].missing, 3);
	assert_int_equal(a.scores[1].count, 0);
	assert_int_equal(a.scores[1].score, 33 * SEASON_UNIT);
	clear(&a);
	/* Void, nobody lacks anything there. */
	season_set_state(s, "2014", "c2", SEASON_VOID);
	assert_string_equal(said_rows(s), "1 Axa 9; 2 PMU 22; 3 BMS 38");
	season_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_11_of_16_count),
		cmocka_unit_test(of_equal_scores_the_earlier_counts),
		cmocka_unit_test(
		    compulsory_competitions_count_whatever_they_brought),
		cmocka_unit_test(the_best_results_of_each_competition_count),
		cmocka_unit_test(the_best_of_many_are_the_first_when_sorted),
		cmocka_unit_test(bonus_awards_add_points_and_are_no_wins),
		cmocka_unit_test(
		    awards_may_have_points_of_their_own_or_be_the_only_ones),
		cmocka_unit_test(competitions_may_have_points_of_their_own),
		cmocka_unit_test(the_best_woman_has_the_points_of_the_first),
		cmocka_unit_test(competitions_and_categories_are_filters),
		cmocka_unit_test(who_can_still_have_enough_is_open),
		cmocka_unit_test(a_dnf_is_a_line_and_no_score),
		cmocka_unit_test(a_dns_alone_is_placed_behind_all_points),
		cmocka_unit_test(by_time_all_stages_are_needed),
		cmocka_unit_test(nothing_at_all_is_not_the_least),
		cmocka_unit_test(
		    what_is_missing_counts_as_many_as_took_part_and_more),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
