/* Three years of a small season, worked by hand. */
#include "support/test.h"

#include "race/season/history.h"

static char empty[] = "";
static char all[] = "all";

static struct season *
make(void)
{
	int64_t list[] = { 3 * SEASON_UNIT, SEASON_UNIT };
	struct season_table table = { .name = all,
		.points = { .scale = SEASON_LIST, .list = list, .count = 2 },
		.sex = empty,
		.category = empty,
		.team = empty,
		.missing = SEASON_NO_VALUE };
	struct season_rules rules = { .title = empty,
		.tables = &table,
		.table_count = 1 };
	static const struct {
		const char *season;
		const char *competition;
		uint32_t place;
		const char *who;
	} lines[] = {
		{ "2012", "A", 1, "Anna" },
		{ "2012", "A", 2, "Bea" },
		{ "2013", "A", 1, "Bea" },
		{ "2013", "B", 1, "Bea" },
		{ "2013", "B", 2, "Anna" },
		{ "2014", "A", 1, "Anna" },
		{ "2014", "A", 2, "Zoe" },
		{ "2014", "B", 2, "Anna" },
		{ "2014", "B", 1, "Zoe" },
		{ "2014", "C", 2, "Zoe" },
	};
	struct season *s = season_new(&rules);

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		struct season_result r = { .season = lines[i].season,
			.competition = lines[i].competition,
			.award = "",
			.place = lines[i].place,
			.recipient = lines[i].who,
			.team = "",
			.sex = "",
			.category = "",
			.date = "",
			.time_us = -1,
			.points = SEASON_NO_VALUE,
			.note = "" };

		season_put(s, i, &r);
	}
	return s;
}

static int
setup(void **state)
{
	*state = make();
	return 0;
}

static int
teardown(void **state)
{
	season_free(*state);
	return 0;
}

static void
years_tell_who_was_first_and_who_is_new(void **state)
{
	struct history_year *y;

	assert_int_equal(history_years(*state, 0, &y), 3);
	assert_string_equal(y[0].leader, "Anna");
	assert_string_equal(y[0].second, "Bea");
	assert_int_equal(y[0].newcomers, 2);
	assert_string_equal(y[1].leader, "Bea");
	assert_int_equal(y[1].score, 6 * SEASON_UNIT);
	assert_int_equal(y[1].newcomers, 0);
	assert_string_equal(y[2].leader, "Zoe");
	assert_int_equal(y[2].leaders, 1);
	assert_int_equal(y[2].newcomers, 1);
	assert_int_equal(y[2].subjects, 2);
	assert_int_equal(y[2].held, 3);
	assert_false(y[2].provisional);
	free(y);
}

static void
records_count_titles_then_wins(void **state)
{
	struct history_record *r;

	assert_int_equal(history_records(*state, 0, 0, &r), 3);
	/* One title each: Anna has won 2, Bea 2, Zoe 1; Anna has 4 prizes, Bea
	 * 3. */
	assert_string_equal(r[0].subject, "Anna");
	assert_int_equal(r[0].titles, 1);
	assert_int_equal(r[0].wins, 2);
	assert_int_equal(r[0].results, 4);
	assert_int_equal(r[0].seasons, 3);
	assert_string_equal(r[1].subject, "Bea");
	assert_int_equal(r[1].wins, 2);
	assert_int_equal(r[1].results, 3);
	assert_string_equal(r[2].subject, "Zoe");
	free(r);
	assert_int_equal(history_records(*state, 0, 1, &r), 2);
	assert_string_equal(r[0].subject, "Zoe");
	free(r);
}

static void
the_most_wins_of_a_season_are_a_record(void **state)
{
	struct history_most *m;

	assert_int_equal(history_most(*state, 0, &m), 1);
	assert_string_equal(m[0].subject, "Bea");
	assert_int_equal(m[0].wins, 2);
	assert_string_equal(season_label(*state, m[0].season), "2013");
	free(m);
}

static void
newcomers_were_in_no_year_before(void **state)
{
	const char **names;

	assert_int_equal(history_newcomers(*state, 2, 0, &names), 1);
	assert_string_equal(names[0], "Zoe");
	free(names);
}

static void
progress_tells_the_place_after_each_competition(void **state)
{
	struct history_progress p;

	history_progress(*state, 2, 0, 10, &p);
	assert_int_equal(p.held, 3);
	assert_int_equal(p.rows, 2);
	assert_string_equal(p.subjects[0], "Zoe");
	/* Zoe: 1, then 4 and shared, then 5. */
	assert_int_equal(p.steps[0].place, 2);
	assert_int_equal(p.steps[1].place, 1);
	assert_int_equal(p.steps[1].score, 4 * SEASON_UNIT);
	assert_int_equal(p.steps[2].place, 1);
	assert_int_equal(p.steps[2].score, 5 * SEASON_UNIT);
	assert_string_equal(p.subjects[1], "Anna");
	assert_int_equal(p.steps[3].place, 1);
	assert_int_equal(p.steps[4].place, 1);
	assert_int_equal(p.steps[5].place, 2);
	history_progress_clear(&p);
}

/* Zoe is in front, but nobody has won it yet. */
static void
a_season_that_goes_on_gives_no_title(void **state)
{
	struct history_record *r;

	season_set_state(*state, "2014", "C", SEASON_LIVE);
	assert_int_equal(history_records(*state, 0, 0, &r), 3);
	assert_string_equal(r[2].subject, "Zoe");
	assert_int_equal(r[2].titles, 0);
	assert_int_equal(r[0].titles, 1);
	assert_int_equal(r[1].titles, 1);
	free(r);
}

/* Anna leads after the first, and is not among those who are asked for. */
static void
who_led_is_known_however_far_behind_in_the_end(void **state)
{
	struct history_progress p;

	history_progress(*state, 2, 0, 1, &p);
	assert_int_equal(p.rows, 1);
	assert_int_equal(p.leads[0].count, 1);
	assert_string_equal(p.leads[0].names[0], "Anna");
	assert_int_equal(p.leads[1].count, 2);
	assert_string_equal(p.leads[1].names[0], "Anna");
	assert_string_equal(p.leads[1].names[1], "Zoe");
	assert_int_equal(p.leads[2].count, 1);
	assert_string_equal(p.leads[2].names[0], "Zoe");
	history_progress_clear(&p);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(years_tell_who_was_first_and_who_is_new),
		TEST(records_count_titles_then_wins),
		TEST(the_most_wins_of_a_season_are_a_record),
		TEST(newcomers_were_in_no_year_before),
		TEST(progress_tells_the_place_after_each_competition),
		TEST(a_season_that_goes_on_gives_no_title),
		TEST(who_led_is_known_however_far_behind_in_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
