#include "support/test.h"

#include "common/number.h"

static void
digits_stand_in_groups_of_three(void **state)
{
	char out[32];

	(void)state;
	assert_string_equal(number_grouped(out, 0), "0");
	assert_string_equal(number_grouped(out, 999), "999");
	assert_string_equal(number_grouped(out, 1000), "1,000");
	assert_string_equal(number_grouped(out, 48213), "48,213");
	assert_string_equal(number_grouped(out, 123456), "123,456");
	assert_string_equal(number_grouped(out, UINT64_MAX),
	    "18,446,744,073,709,551,615");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_stand_in_groups_of_three),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
