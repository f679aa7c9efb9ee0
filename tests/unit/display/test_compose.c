#include "support/test.h"

#include <string.h>

#include "common/text.h"
#include "display/compose.h"
#include "unit/display/race.h"

static char *
line_of(const struct race_ranking *r, size_t width,
    const struct board_line *line, const struct race_entry *e)
{
	static char out[COMPOSE_BYTES];
	struct compose_layout layout;

	compose_layout(&layout, &race_rules_small, r, width, 412);
	compose_row(out, &layout, &race_rules_small, r, line, line, e);
	return out;
}

static char *
heads_of(const struct race_ranking *r, size_t width)
{
	static char out[COMPOSE_BYTES];
	struct compose_layout layout;

	compose_layout(&layout, &race_rules_small, r, width, 412);
	compose_heads(out, &layout, r);
	return out;
}

static struct board_line
runner(void)
{
	return (struct board_line){
		.row = { .label = "101",
		    .status = RACE_FINISHED,
		    .elapsed_us = 2037 * S - 1,
		    .metres = 8000,
		    .point = 2 },
		.place = 12,
		.tied = true,
		.gap_us = 65 * S,
	};
}

static struct board_line
team(void)
{
	return (struct board_line){
		.row = { .label = "Bristol-Myers Squibb",
		    .status = RACE_FINISHED,
		    .elapsed_us = 5523 * S,
		    .metres = 96000,
		    .point = -1,
		    .counted = 2,
		    .finishers = 12 },
		.place = 1,
	};
}

static void
a_runner_at_80_columns(void **state)
{
	struct race_entry e = race_person("101", "Zoé Lemaître", "Sodexo");
	struct board_line l = runner();

	(void)state;
	assert_string_equal(heads_of(&race_rankings[0], 80),
	    "place    bib name                class  team          at        "
	    "   time      gap");
	assert_string_equal(line_of(&race_rankings[0], 80, &l, &e),
	    "  12=    101 Zoé Lemaître        F V1F  Sodexo        arrivee   "
	    "  33:57    +1:05");
}

static void
class_and_team_are_those_that_hold(void **state)
{
	static char date[] = "2014-09-21", se[] = "SE", any[] = "";
	static char spelt[] = "SODEXHO", firm[] = "Sodexo";
	struct race_category category = { se, any, 23, 34 };
	struct race_alias alias = { spelt, firm };
	struct race_rules rules = race_rules_small;
	struct race_entry e = race_person("101", "Zoé Lemaître", spelt);
	struct board_line l = runner();
	struct compose_layout layout;
	char out[COMPOSE_BYTES];

	(void)state;
	rules.date = date;
	rules.categories = &category;
	rules.category_count = 1;
	rules.aliases = &alias;
	rules.alias_count = 1;
	e.category = "";
	e.born = "1984";
	compose_layout(&layout, &rules, &race_rankings[0], 80, 412);
	compose_row(out, &layout, &rules, &race_rankings[0], &l, &l, &e);
	assert_non_null(strstr(out, "F SE   Sodexo "));
}

static void
what_is_too_close_to_call_is_marked_beside_the_place(void **state)
{
	struct race_entry e = race_person("101", "Zoé Lemaître", "Sodexo");
	struct board_line l = runner();
	struct compose_layout layout;
	char out[COMPOSE_BYTES];

	(void)state;
	l.close = true;
	assert_memory_equal(line_of(&race_rankings[0], 80, &l, &e),
	    " ~12=    101 Zoé", 16);
	l.tied = false;
	assert_memory_equal(line_of(&race_rankings[0], 80, &l, &e),
	    " ~12     101 Zoé", 16);
	/* The last of so many has room for both marks. */
	l.tied = true;
	l.place = 12345;
	compose_layout(&layout, &race_rules_small, &race_rankings[0], 80,
	    12345);
	compose_row(out, &layout, &race_rules_small, &race_rankings[0], &l, &l,
	    &e);
	assert_memory_equal(out, "~12345=    101 Zoé", 18);
}

static void
a_runner_at_160_columns_has_room_for_long_names(void **state)
{
	const char *name = "Marie-Antoinette de la Rochefoucauld";
	const char *firm = "Compagnie générale des eaux minérales";
	struct race_entry e = race_person("101", name, firm);
	struct board_line l = runner();

	(void)state;
	assert_non_null(strstr(line_of(&race_rankings[0], 160, &l, &e), name));
	assert_non_null(strstr(line_of(&race_rankings[0], 160, &l, &e), firm));
	assert_null(strstr(line_of(&race_rankings[0], 80, &l, &e), name));
	assert_non_null(strstr(line_of(&race_rankings[0], 80, &l, &e), "…"));
}

static void
room_to_spare_shows_the_interval_and_the_splits(void **state)
{
	static const int64_t splits[] = { 0, 995 * S, 2037 * S };
	struct race_entry e = race_person("101", "Zoé Lemaître", "Sodexo");
	struct board_line l = runner();
	const char *text;

	(void)state;
	l.row.splits = splits;
	l.row.split_count = 3;
	l.ahead_us = 5 * S;
	assert_null(strstr(heads_of(&race_rankings[0], 80), "interval"));
	assert_non_null(strstr(heads_of(&race_rankings[0], 132), "interval"));
	assert_non_null(strstr(heads_of(&race_rankings[0], 132), "mi-course"));
	text = line_of(&race_rankings[0], 132, &l, &e);
	assert_non_null(strstr(text, "+0:05"));
	assert_non_null(strstr(text, "16:35"));
	/* The last point is the time itself. */
	assert_null(strstr(heads_of(&race_rankings[0], 200), " arrivee"));
	l.row.split_count = 0;
	assert_null(strstr(line_of(&race_rankings[0], 132, &l, &e), "16:35"));
}

static void
a_team_shows_how_many_are_in(void **state)
{
	struct board_line l = team();

	(void)state;
	assert_string_equal(line_of(&race_rankings[2], 80, &l, NULL),
	    "   1  Bristol-Myers Squibb                1:32:03 2 of 3 in "
	    "                  12");
	assert_string_equal(line_of(&race_rankings[3], 80, &l, NULL),
	    "   1  Bristol-Myers Squibb                  96 km 2 in      "
	    "                  12");
}

static void
a_team_with_a_quota_shows_who_is_missing(void **state)
{
	struct race_ranking mixed = race_rankings[2];
	struct board_line l = team();

	(void)state;
	mixed.women = 1;
	l.row.men = 2;
	l.row.status = RACE_DNF;
	l.place = 0;
	assert_string_equal(line_of(&mixed, 80, &l, NULL),
	    "      Bristol-Myers S…    1:32:03 2 of 3 in, 1 woman missing    "
	    "too few       12");
}

static void
a_split_does_not_say_how_far_people_have_come_since(void **state)
{
	struct race_ranking split = race_rankings[0];

	(void)state;
	assert_non_null(strstr(heads_of(&split, 80), " at "));
	split.at = 1;
	assert_null(strstr(heads_of(&split, 80), " at "));
}

static void
who_has_no_place_shows_the_status(void **state)
{
	struct race_entry e = race_person("101", "Zoé", "");
	struct board_line l = runner();
	char *out;

	(void)state;
	l.place = 0;
	l.tied = false;
	l.row.status = RACE_DNF;
	l.row.elapsed_us = -1;
	l.row.point = 1;
	out = line_of(&race_rankings[0], 80, &l, &e);
	assert_non_null(strstr(out, "mi-course"));
	assert_string_equal(out + strlen(out) - 3, "DNF");
	l.row.status = RACE_STATUS_NONE;
	l.row.point = -1;
	out = line_of(&race_rankings[0], 80, &l, &e);
	assert_string_equal(out + strlen(out) - 8, "not seen");
}

/* Whatever is in a name, a line is as wide as the screen and steers nothing. */
static void
every_name_at_every_width_fills_the_line_exactly(void **state)
{
	static const char long_name[] =
	    "Xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	static const char *const names[] = {
		"",
		"山田太郎山田太郎山田太郎山田太郎山田太郎",
		"e\314\201e\314\201 e\314\201x\314\201",
		"a\033[2J\r\n\tb\a",
		"\xff\xfe broken \xc3",
		long_name,
		"👩‍👩‍👧 Ł́",
	};

	(void)state;
	for (size_t r = 0; r < race_rules_small.ranking_count; r++)
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			for (size_t width = 1; width <= 200; width++) {
				struct race_entry e =
				    race_person(names[i], names[i], names[i]);
				struct board_line l = runner();
				char *out;

				l.row.label = names[i];
				out = line_of(&race_rankings[r], width, &l, &e);
				assert_int_equal(text_width(out), width);
				assert_true(text_utf8_valid(out, strlen(out)));
				for (const char *p = out; *p != '\0'; p++)
					assert_true((unsigned char)*p >= ' ');
				assert_int_equal(text_width(
				                     heads_of(&race_rankings[r],
				                         width)),
				    width);
			}
}

static void
what_is_needed_least_goes_first(void **state)
{
	(void)state;
	assert_null(strstr(heads_of(&race_rankings[0], 60), "team"));
	assert_non_null(strstr(heads_of(&race_rankings[0], 60), "class"));
	assert_null(strstr(heads_of(&race_rankings[0], 50), "class"));
	assert_non_null(strstr(heads_of(&race_rankings[0], 40), "name"));
}

static void
a_table_of_a_season_says_why(void **state)
{
	static char name[] = "prix/general";
	const struct race_ranking points = { .name = name,
		.of = RACE_SEASON,
		.score = RACE_SCORE_POINTS };
	const struct race_ranking times = { .name = name,
		.of = RACE_SEASON,
		.score = RACE_SCORE_TIME };
	struct board_line l = { .row = { .label = "Bristol-Myers Squibb",
		                    .status = RACE_FINISHED,
		                    .sort = { .key = { 0, -1, 0 } },
		                    .elapsed_us = 3725 * S,
		                    .counted = 3,
		                    .finishers = 4,
		                    .points = 225225000,
		                    .wins = 2,
		                    .why = "more 2nd places: 3 to 2" },
		.place = 2 };

	(void)state;
	assert_string_equal(heads_of(&points, 80),
	    "place name                   points   behind wins counted "
	    "                      ");
	assert_string_equal(line_of(&points, 80, &l, NULL),
	    "   2  Bristol-Myers Squibb     12.5             2  3 of 4 "
	    "more 2nd places: 3 to…");
	assert_non_null(strstr(heads_of(&times, 80), " time "));
	assert_non_null(strstr(line_of(&times, 80, &l, NULL), " 1:02:05 "));
	l.place = 0;
	assert_non_null(
	    strstr(line_of(&points, 80, &l, NULL), "too few competitions"));
	/* Why goes first, then wins. */
	assert_null(strstr(line_of(&points, 60, &l, NULL), "too few"));
	assert_non_null(strstr(heads_of(&points, 60), "wins"));
	assert_null(strstr(heads_of(&points, 40), "wins"));
	assert_non_null(strstr(heads_of(&points, 40), "points"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_runner_at_80_columns),
		cmocka_unit_test(class_and_team_are_those_that_hold),
		cmocka_unit_test(
		    what_is_too_close_to_call_is_marked_beside_the_place),
		cmocka_unit_test(
		    a_runner_at_160_columns_has_room_for_long_names),
		cmocka_unit_test(
		    room_to_spare_shows_the_interval_and_the_splits),
		cmocka_unit_test(a_team_shows_how_many_are_in),
		cmocka_unit_test(a_team_with_a_quota_shows_who_is_missing),
		cmocka_unit_test(
		    a_split_does_not_say_how_far_people_have_come_since),
		cmocka_unit_test(who_has_no_place_shows_the_status),
		cmocka_unit_test(
		    every_name_at_every_width_fills_the_line_exactly),
		cmocka_unit_test(what_is_needed_least_goes_first),
		cmocka_unit_test(a_table_of_a_season_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
