#include "support/test.h"

#include "race/season/amount.h"
#include "race/season/season.h"

static const char *
printed(int64_t amount)
{
	static char out[AMOUNT_MAX];

	return amount_print(out, amount);
}

static void
what_is_read_is_printed_again(void **state)
{
	static const char *const words[] = { "0", "1", "25", "12.5", "7.25",
		"0.001", "999999.999", "1000000" };

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		int64_t amount;

		assert_true(amount_parse(words[i], &amount));
		assert_string_equal(printed(amount), words[i]);
	}
}

static void
a_decimal_comma_is_a_point(void **state)
{
	int64_t amount;

	(void)state;
	assert_true(amount_parse("4,5", &amount));
	assert_int_equal(amount, SEASON_UNIT * 9 / 2);
}

static void
anything_else_is_refused(void **state)
{
	static const char *const words[] = { "", "-1", "+1", " 1", "1 ", ".5",
		"5.", "1.2345", "1e3", "1000000.001", "12345678", "0x10",
		"1.5.2" };

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		int64_t amount = 42;

		assert_false(amount_parse(words[i], &amount));
		assert_int_equal(amount, 42);
	}
}

static void
thirds_are_rounded_when_they_are_printed(void **state)
{
	(void)state;
	assert_string_equal(printed(SEASON_UNIT / 3), "0.333");
	assert_string_equal(printed(SEASON_UNIT * 2 / 3), "0.667");
	assert_string_equal(printed(SEASON_UNIT / 3 * 3), "1");
	assert_string_equal(printed(-SEASON_UNIT * 5 / 2), "-2.5");
}

static void
weights_have_a_limit_of_their_own(void **state)
{
	int64_t weight;

	(void)state;
	assert_true(amount_parse_thousandths("0.5", 1000, &weight));
	assert_int_equal(weight, 500);
	assert_true(amount_parse_thousandths("1", 1000, &weight));
	assert_false(amount_parse_thousandths("1.001", 1000, &weight));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read_is_printed_again),
		cmocka_unit_test(a_decimal_comma_is_a_point),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(thirds_are_rounded_when_they_are_printed),
		cmocka_unit_test(weights_have_a_limit_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
