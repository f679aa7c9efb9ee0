#include "support/test.h"

#include <string.h>

#include "race/choice.h"

static char scratch[] = "scratch";
static char femmes[] = "femmes";
static char relais[] = "relais-équipes";

static struct race_ranking rankings[] = {
	{ .name = scratch },
	{ .name = femmes },
	{ .name = relais },
};

static const struct race_rules rules = { .rankings = rankings,
	.ranking_count = 3 };

static void
expect(const char *name, const char *words)
{
	char *got = choice_ranking(&rules, name);

	assert_string_equal(got, words);
	free(got);
}

static void
the_nearest_ranking_is_named(void **state)
{
	(void)state;
	expect("scrach",
	    "no ranking 'scrach': did you mean 'scratch'? "
	    "There are: scratch, femmes, relais-équipes");
	expect("RELAIS-EQUIPES",
	    "no ranking 'RELAIS-EQUIPES': did you mean 'relais-équipes'? "
	    "There are: scratch, femmes, relais-équipes");
}

static void
who_asks_for_a_table_of_a_season_is_told_where_they_are(void **state)
{
	struct race_ranking table = { .name = scratch, .of = RACE_SEASON };
	const struct race_rules shown = { .rankings = &table,
		.ranking_count = 1 };
	char *got = choice_ranking(&shown, "prix/a");

	(void)state;
	expect("prix/a",
	    "no ranking 'prix/a'. There are: scratch, femmes, relais-équipes; "
	    "tables of a season come from an aggregator that runs with "
	    "--season, or from palmares season");
	assert_string_equal(got, "no ranking 'prix/a'. There are: scratch");
	free(got);
}

static void
what_is_like_none_gets_the_list_alone(void **state)
{
	(void)state;
	expect("zzz",
	    "no ranking 'zzz'. "
	    "There are: scratch, femmes, relais-équipes");
}

static void
no_name_at_all_is_asked_for(void **state)
{
	(void)state;
	expect("", "which ranking? There are: scratch, femmes, relais-équipes");
}

static void
a_name_of_any_length_is_compared(void **state)
{
	char name[5000];
	char *got;

	(void)state;
	memset(name, 'x', sizeof name);
	name[sizeof name - 1] = '\0';
	got = choice_ranking(&rules, name);
	assert_non_null(strstr(got, "There are: scratch"));
	free(got);
}

static void
a_race_without_rankings_says_so(void **state)
{
	static const struct race_rules none;
	char *got = choice_ranking(&none, "scratch");

	(void)state;
	assert_string_equal(got, "this race has no rankings");
	free(got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_ranking_is_named),
		cmocka_unit_test(what_is_like_none_gets_the_list_alone),
		cmocka_unit_test(
		    who_asks_for_a_table_of_a_season_is_told_where_they_are),
		cmocka_unit_test(no_name_at_all_is_asked_for),
		cmocka_unit_test(a_name_of_any_length_is_compared),
		cmocka_unit_test(a_race_without_rankings_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
