/* What a race gives to a season, as it goes on. */
#include "support/test.h"

#include <string.h>

#include "support/handmade.h"

#include "race/season/taken.h"

static char points_all[] = "all";
static char empty[] = "";

struct fixture {
	struct handmade *race;
	struct season *season;
	struct taken *taken;
	struct season_feed feed;
};

/* One point a trophy. */
static struct season *
plain_season(void)
{
	int64_t list[] = { 3 * SEASON_UNIT, 2 * SEASON_UNIT, SEASON_UNIT };
	struct season_table table = { .name = points_all,
		.points = { .scale = SEASON_LIST, .list = list, .count = 3 },
		.sex = empty,
		.category = empty,
		.team = empty,
		.missing = SEASON_NO_VALUE };
	struct season_rules rules = { .title = empty,
		.tables = &table,
		.table_count = 1 };

	return season_new(&rules);
}

static int
setup(void **state)
{
	static char competition[] = "8 km";
	static char women[] = "women";
	static char *rankings[] = { women };
	struct fixture *f = calloc(1, sizeof *f);
	char *why;

	f->race = handmade_new();
	f->season = plain_season();
	f->feed = (struct season_feed){ .competition = competition,
		.season = empty,
		.race = empty,
		.rankings = rankings,
		.ranking_count = 1,
		.standings = empty,
		.table = empty };
	rankings[0] = f->race->rules.rankings[HANDMADE_WOMEN].name;
	f->taken = taken_new(&f->feed, f->race->book->rules, 1000, &why);
	assert_non_null(f->taken);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	taken_free(f->taken);
	season_free(f->season);
	handmade_free(f->race);
	free(f);
	return 0;
}

static bool
update(struct fixture *f)
{
	return taken_update(f->taken, f->race->book, f->season);
}

static size_t
rows(struct fixture *f, struct season_row out[8])
{
	if (season_count(f->season) == 0)
		return 0;
	return season_rows(f->season, 0, 0, 0, out, 8);
}

static void
runners_give_names_places_and_the_year_of_the_race(void **state)
{
	struct fixture *f = *state;
	struct season_row out[8];

	handmade_enter(f->race, "1", "Anna", "F", "Axa");
	handmade_enter(f->race, "2", "Bea", "F", "");
	handmade_enter(f->race, "3", "Carl", "M", "");
	handmade_run(f->race, "2", 0, 1800 * HANDMADE_S);
	handmade_run(f->race, "1", 0, 1900 * HANDMADE_S);
	handmade_run(f->race, "3", 0, 1700 * HANDMADE_S);
	assert_true(update(f));
	assert_string_equal(season_label(f->season, 0), "2014");
	assert_int_equal(rows(f, out), 2);
	assert_string_equal(out[0].subject, "Bea");
	assert_int_equal(out[0].score, 3 * SEASON_UNIT);
	assert_string_equal(out[1].subject, "Anna");
}

static void
nothing_new_changes_nothing(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->race, "1", "Anna", "F", "");
	handmade_run(f->race, "1", 0, 1900 * HANDMADE_S);
	assert_true(update(f));
	assert_false(update(f));
}

static void
a_runner_without_a_name_is_her_bib(void **state)
{
	struct fixture *f = *state;
	struct season_row out[8];

	handmade_enter(f->race, "17", "", "F", "");
	handmade_run(f->race, "17", 0, 1900 * HANDMADE_S);
	assert_true(update(f));
	assert_int_equal(rows(f, out), 1);
	assert_string_equal(out[0].subject, "bib 17");
}

static void
a_disqualification_takes_the_points_back(void **state)
{
	struct fixture *f = *state;
	struct season_row out[8];

	handmade_enter(f->race, "1", "Anna", "F", "");
	handmade_enter(f->race, "2", "Bea", "F", "");
	handmade_run(f->race, "1", 0, 1800 * HANDMADE_S);
	handmade_run(f->race, "2", 0, 1900 * HANDMADE_S);
	assert_true(update(f));
	(void)handmade_decide(f->race,
	    (struct race_decision){ .verb = RACE_SET_STATUS,
	        .bib = "1",
	        .status = RACE_DSQ });
	assert_true(update(f));
	assert_int_equal(rows(f, out), 2);
	assert_string_equal(out[0].subject, "Bea");
	assert_int_equal(out[0].score, 3 * SEASON_UNIT);
	assert_int_equal(out[1].score, 0);
}

static void
a_new_name_is_taken_over(void **state)
{
	struct fixture *f = *state;
	struct season_row out[8];

	handmade_enter(f->race, "1", "Ana", "F", "");
	handmade_run(f->race, "1", 0, 1800 * HANDMADE_S);
	assert_true(update(f));
	handmade_enter(f->race, "1", "Anna", "F", "");
	assert_true(update(f));
	assert_int_equal(rows(f, out), 1);
	assert_string_equal(out[0].subject, "Anna");
}

static void
it_is_live_until_it_is_final(void **state)
{
	struct fixture *f = *state;
	struct season_held held;

	handmade_enter(f->race, "1", "Anna", "F", "");
	handmade_run(f->race, "1", 0, 1800 * HANDMADE_S);
	assert_true(update(f));
	assert_int_equal(season_competitions(f->season, 0, &held, 1), 1);
	assert_int_equal(held.state, SEASON_LIVE);
	(void)handmade_decide(f->race,
	    (struct race_decision){ .verb = RACE_PUBLISH,
	        .ranking = f->feed.rankings[0],
	        .text = "final" });
	assert_true(update(f));
	assert_int_equal(season_competitions(f->season, 0, &held, 1), 1);
	assert_int_equal(held.state, SEASON_PUBLISHED);
}

static void
a_ranking_that_there_is_not_is_told(void **state)
{
	struct fixture *f = *state;
	static char name[] = "wimmin";
	static char *rankings[] = { name };
	struct season_feed feed = f->feed;
	char *why;

	feed.rankings = rankings;
	assert_null(taken_new(&feed, f->race->book->rules, 1, &why));
	assert_non_null(strstr(why, "has no ranking wimmin"));
	free(why);
	feed.ranking_count = 0;
	assert_null(taken_new(&feed, f->race->book->rules, 1, &why));
	assert_non_null(strstr(why, "has no awards"));
	free(why);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(runners_give_names_places_and_the_year_of_the_race),
		TEST(nothing_new_changes_nothing),
		TEST(a_runner_without_a_name_is_her_bib),
		TEST(a_disqualification_takes_the_points_back),
		TEST(a_new_name_is_taken_over),
		TEST(it_is_live_until_it_is_final),
		TEST(a_ranking_that_there_is_not_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
