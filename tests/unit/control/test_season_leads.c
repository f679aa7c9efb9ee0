#include "support/test.h"

#include "control/season_leads.h"

static const char *const anna[] = { "Anna" };
static const char *const bob[] = { "Bob" };
static const char *const both[] = { "Anna", "Bob" };
static const char *const turned[] = { "Bob", "Anna" };
static const char *const others[] = { "Cid", "Dan" };
static const char *const many[] = { "A", "B", "C", "D", "E" };

#define LEAD(names)                                                            \
	{                                                                      \
		(names), sizeof(names) / sizeof((names)[0])                    \
	}

static const struct season_lead nobody = { NULL, 0 }, of_anna = LEAD(anna),
                                of_bob = LEAD(bob), of_both = LEAD(both),
                                of_turned = LEAD(turned),
                                of_others = LEAD(others), of_many = LEAD(many);

static void
assert_words(struct season_lead before, struct season_lead now,
    const char *words)
{
	char *said = season_lead_words(before, now, "it");

	assert_string_equal(said, words);
	free(said);
}

static void
a_first_place_goes_from_one_to_another(void **state)
{
	(void)state;
	assert_words(nobody, of_anna, "Anna is the first to have it");
	assert_words(of_anna, of_anna, "Anna keeps it");
	assert_words(of_anna, of_bob, "Bob takes it from Anna");
}

static void
a_shared_first_place_is_taken_from_all_who_had_it(void **state)
{
	(void)state;
	assert_words(nobody, of_both, "Anna and Bob are the first to have it");
	assert_words(of_both, of_others,
	    "Cid and Dan take it from Anna and "
	    "Bob");
	assert_words(of_both, of_turned, "Bob and Anna keep it");
}

/* Bob had it already. */
static void
who_shared_it_before_has_not_taken_it(void **state)
{
	(void)state;
	assert_words(of_both, of_bob, "Bob keeps it, no longer with Anna");
	assert_words(of_anna, of_both, "Anna keeps it, now with Bob");
}

static void
leads_are_equal_in_any_order(void **state)
{
	(void)state;
	assert_true(season_lead_equal(of_both, of_turned));
	assert_false(season_lead_equal(of_both, of_others));
	assert_false(season_lead_equal(of_both, of_bob));
	assert_true(season_lead_equal(nobody, nobody));
}

static void
of_many_the_first_are_named(void **state)
{
	char *names = season_lead_names(of_many);

	(void)state;
	assert_string_equal(names, "A, B, C and 2 more");
	free(names);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_place_goes_from_one_to_another),
		cmocka_unit_test(
		    a_shared_first_place_is_taken_from_all_who_had_it),
		cmocka_unit_test(who_shared_it_before_has_not_taken_it),
		cmocka_unit_test(leads_are_equal_in_any_order),
		cmocka_unit_test(of_many_the_first_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
