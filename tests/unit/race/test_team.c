#include "support/test.h"

#include "race/team.h"

static char firm[] = "Nespresso";
static char post[] = "La Poste";
static char upper[] = "NESPRESSO SA";
static char laposte[] = "LAPOSTE";
static char france[] = "Nespresso France";

/* In the order of the bytes. */
static struct race_alias aliases[] = {
	{ laposte, post },
	{ upper, firm },
	{ france, firm },
};

static const struct race_rules rules = { .aliases = aliases, .alias_count = 3 };

static const char *
team(const char *name)
{
	struct race_entry e = { .bib = "1", .team = name };

	return team_of(&rules, &e);
}

static void
each_spelling_is_its_team(void **state)
{
	(void)state;
	assert_string_equal(team("NESPRESSO SA"), "Nespresso");
	assert_string_equal(team("Nespresso France"), "Nespresso");
	assert_string_equal(team("LAPOSTE"), "La Poste");
	assert_string_equal(team("Nespresso"), "Nespresso");
}

static void
what_no_alias_spells_stays_as_it_is(void **state)
{
	static const struct race_rules bare = { 0 };

	(void)state;
	assert_string_equal(team("nespresso sa"), "nespresso sa");
	assert_string_equal(team("NESPRESSO"), "NESPRESSO");
	assert_string_equal(team("Orange"), "Orange");
	assert_string_equal(team(""), "");
	assert_string_equal(team_name(&bare, "LAPOSTE"), "LAPOSTE");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_spelling_is_its_team),
		cmocka_unit_test(what_no_alias_spells_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
