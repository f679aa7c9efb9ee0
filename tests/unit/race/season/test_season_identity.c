#include "said.h"

#include <errno.h>

/* A point a trophy. */
static struct season *
make(enum season_of of)
{
	struct season_table t = said_table("trophies");

	t.points.beyond = SEASON_UNIT;
	t.of = of;
	return said_season(&t);
}

static void
put(struct season *s, uint64_t key, const char *recipient, const char *team)
{
	said(s, key,
	    (struct season_result){ .place = 1,
	        .recipient = recipient,
	        .team = team });
}

static void
spellings_are_others_until_they_are_named(void **state)
{
	struct season *s = make(SEASON_RECIPIENTS);

	(void)state;
	put(s, 1, "Nespresso", "");
	put(s, 2, "NESPRESSO", "");
	assert_string_equal(said_rows(s), "1= NESPRESSO 1; 1= Nespresso 1");
	season_name(s, "NESPRESSO", "", "Nespresso");
	assert_string_equal(said_rows(s), "1 Nespresso 2");
	assert_string_equal(season_subject(s, "NESPRESSO", "any"), "Nespresso");
	season_name(s, "NESPRESSO", "", NULL);
	assert_string_equal(said_rows(s), "1= NESPRESSO 1; 1= Nespresso 1");
	assert_string_equal(season_subject(s, "NESPRESSO", ""), "NESPRESSO");
	season_free(s);
}

static void
a_name_may_come_before_what_it_names(void **state)
{
	struct season *s = make(SEASON_RECIPIENTS);

	(void)state;
	season_name(s, "BMS", "", "Bristol-Myers Squibb");
	season_name(s, "UPSA", "", "Bristol-Myers Squibb");
	put(s, 1, "BMS", "");
	put(s, 2, "UPSA", "");
	assert_string_equal(said_rows(s), "1 Bristol-Myers Squibb 2");
	season_free(s);
}

static void
a_name_with_the_team_comes_first(void **state)
{
	struct season *s = make(SEASON_RECIPIENTS);

	(void)state;
	put(s, 1, "J. Martin", "Axa");
	put(s, 2, "J. Martin", "PMU");
	put(s, 3, "J. Martin", "");
	season_name(s, "J. Martin", "", "Jean Martin");
	season_name(s, "J. Martin", "PMU", "Jeanne Martin");
	assert_string_equal(said_rows(s), "1 Jean Martin 2; 2 Jeanne Martin 1");
	assert_string_equal(season_subject(s, "J. Martin", "PMU"),
	    "Jeanne Martin");
	season_name(s, "J. Martin", "", NULL);
	assert_string_equal(said_rows(s), "1 J. Martin 2; 2 Jeanne Martin 1");
	season_free(s);
}

static void
names_are_not_chained(void **state)
{
	struct season *s = make(SEASON_RECIPIENTS);

	(void)state;
	put(s, 1, "A", "");
	put(s, 2, "B", "");
	season_name(s, "A", "", "B");
	season_name(s, "B", "", "C");
	assert_string_equal(said_rows(s), "1= B 1; 1= C 1");
	season_free(s);
}

static void
a_team_is_named_by_its_own_spelling(void **state)
{
	struct season *s = make(SEASON_TEAMS);

	(void)state;
	put(s, 1, "Ada", "BMS");
	put(s, 2, "Bo", "Bristol-Myers Squibb");
	put(s, 3, "Cy", "");
	assert_string_equal(said_rows(s),
	    "1= BMS 1; 1= Bristol-Myers Squibb 1");
	season_name(s, "BMS", "", "Bristol-Myers Squibb");
	/* Of a person, not of the team. */
	season_name(s, "Ada", "BMS", "Bo");
	assert_string_equal(said_rows(s), "1 Bristol-Myers Squibb 2");
	season_free(s);
}

static void
a_filter_asks_for_the_name_of_the_team(void **state)
{
	struct season_table t = said_table("of one firm");

	(void)state;
	t.points.beyond = SEASON_UNIT;
	t.team = said_text("Bristol-Myers Squibb");
	struct season *s = said_season(&t);
	put(s, 1, "Ada", "BMS");
	assert_string_equal(said_rows(s), "");
	season_name(s, "BMS", "", "Bristol-Myers Squibb");
	assert_string_equal(said_rows(s), "1 Ada 1");
	season_free(s);
}

static void
a_pair_is_one_in_either_order(void **state)
{
	struct season *s = make(SEASON_PAIRS);

	(void)state;
	put(s, 1, "Ida / Bo", "");
	put(s, 2, "Bo / Ida", "");
	put(s, 3, "Ida", "");
	assert_string_equal(said_rows(s), "1 Bo / Ida 2; 2 Ida 1");
	season_free(s);
}

static void
a_pair_goes_under_the_names_of_its_halves(void **state)
{
	struct season *s = make(SEASON_PAIRS);

	(void)state;
	put(s, 1, "Ida / Bo", "Axa");
	put(s, 2, "Ida / Robert", "Axa");
	season_name(s, "Bo", "", "Robert");
	assert_string_equal(said_rows(s), "1 Ida / Robert 2");
	/* Of that team alone; and the order follows the names. */
	season_name(s, "Ida", "Axa", "Zoe");
	assert_string_equal(said_rows(s), "1 Robert / Zoe 2");
	season_name(s, "Ida", "Axa", NULL);
	season_name(s, "Bo", "", NULL);
	assert_string_equal(said_rows(s), "1= Bo / Ida 1; 1= Ida / Robert 1");
	season_free(s);
}

static void
a_pair_may_have_a_name_of_its_own(void **state)
{
	struct season *s = make(SEASON_PAIRS);

	(void)state;
	put(s, 1, "Ida / Bo", "");
	put(s, 2, "Bo / Ida", "");
	season_name(s, "Bo", "", "Robert");
	season_name(s, "Bo / Ida", "", "The Twins");
	assert_string_equal(said_rows(s), "1 The Twins 2");
	season_name(s, "Bo / Ida", "", NULL);
	assert_string_equal(said_rows(s), "1 Ida / Robert 2");
	season_free(s);
}

static void
nobody_has_no_row(void **state)
{
	struct season *s = make(SEASON_RECIPIENTS);

	(void)state;
	put(s, 1, "", "Axa");
	assert_string_equal(said_rows(s), "");
	assert_int_equal(season_line(s, 0, 0, ""), -ENOENT);
	season_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings_are_others_until_they_are_named),
		cmocka_unit_test(a_name_may_come_before_what_it_names),
		cmocka_unit_test(a_name_with_the_team_comes_first),
		cmocka_unit_test(names_are_not_chained),
		cmocka_unit_test(a_team_is_named_by_its_own_spelling),
		cmocka_unit_test(a_filter_asks_for_the_name_of_the_team),
		cmocka_unit_test(a_pair_is_one_in_either_order),
		cmocka_unit_test(a_pair_goes_under_the_names_of_its_halves),
		cmocka_unit_test(a_pair_may_have_a_name_of_its_own),
		cmocka_unit_test(nobody_has_no_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
