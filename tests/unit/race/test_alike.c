#include "support/test.h"

#include <stdlib.h>

#include "race/alike.h"

static bool
are_alike(const char *a, const char *b)
{
	char *x = alike_key(a);
	char *y = alike_key(b);
	bool is = alike(x, y);

	assert_int_equal(alike(y, x), is);
	free(y);
	free(x);
	return is;
}

static void
case_accents_blanks_and_signs_do_not_tell_names_apart(void **state)
{
	(void)state;
	assert_true(are_alike("Foulées de l'Adour", "FOULEES DE L ADOUR"));
	assert_true(are_alike("A.C. Nantes", "AC Nantes"));
	assert_true(are_alike("Run-Club", "Run Club "));
	assert_true(are_alike("PMU", "pmu"));
	assert_false(are_alike("", ""));
	assert_false(are_alike("!", ""));
}

static void
one_slip_is_alike_two_are_not(void **state)
{
	(void)state;
	assert_true(are_alike("Nespresso", "Nespreso"));
	assert_true(are_alike("Nespresso", "Nespresos"));
	assert_true(are_alike("Nespresso", "Nesprasso"));
	assert_true(are_alike("Nespresso", "Nespressos"));
	assert_true(are_alike("Espresso", "Nespresso"));
	assert_true(are_alike("Nesrpesso", "Nespresso"));
	assert_false(are_alike("Nespresso", "Nesprs"));
	assert_false(are_alike("Nespresso", "Nasprasso"));
	assert_false(are_alike("Nespresso", "Nspressoo"));
	assert_false(are_alike("Nespresso", "Sespreson"));
}

static void
short_and_numbered_names_are_their_own(void **state)
{
	(void)state;
	assert_false(are_alike("PMU", "PME"));
	assert_false(are_alike("Team 1", "Team 2"));
	assert_false(are_alike("Team 1", "Team 12"));
	assert_false(are_alike("Team 12", "Team 21"));
	assert_false(are_alike("Lycée A", "Lycée B"));
	assert_false(are_alike("Lycée", "Lycée B"));
	assert_false(are_alike("A team of", "B team of"));
	assert_true(are_alike("Team 12 north", "Team 12 nort"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    case_accents_blanks_and_signs_do_not_tell_names_apart),
		cmocka_unit_test(one_slip_is_alike_two_are_not),
		cmocka_unit_test(short_and_numbered_names_are_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
