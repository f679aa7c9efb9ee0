#include "support/test.h"

#include "aggregator/rate.h"

#define S INT64_C(1000000)

static void
a_minute_is_sixty_seconds(void **state)
{
	struct rate r = { 0 };
	int64_t now_us = 5000 * S;

	(void)state;
	assert_int_equal(rate_minute(&r, now_us), 0);
	rate_add(&r, now_us);
	rate_add(&r, now_us + S / 2);
	rate_add(&r, now_us + 30 * S);
	assert_int_equal(rate_minute(&r, now_us + 30 * S), 3);
	assert_int_equal(rate_minute(&r, now_us + 59 * S), 3);
	assert_int_equal(rate_minute(&r, now_us + 60 * S), 1);
	assert_int_equal(rate_minute(&r, now_us + 89 * S), 1);
	assert_int_equal(rate_minute(&r, now_us + 90 * S), 0);
	assert_int_equal(rate_minute(&r, now_us + 9000 * S), 0);
}

static void
a_machine_that_has_just_started_counts_too(void **state)
{
	struct rate r = { 0 };

	(void)state;
	rate_add(&r, 0);
	rate_add(&r, 3 * S);
	assert_int_equal(rate_minute(&r, 3 * S), 2);
	assert_int_equal(rate_minute(&r, 60 * S), 1);
}

/* Against all of them, one by one. */
static void
any_times_are_counted_as_they_are(void **state)
{
	enum { COUNT = 2000 };
	static int64_t times[COUNT];
	uint64_t random = test_seed();
	struct rate r = { 0 };
	int64_t now_us = 0;

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		uint32_t count = 0;

		now_us += (int64_t)test_below(&random,
		    test_below(&random, 20) == 0 ? 90 * S : 2 * S);
		times[i] = now_us;
		rate_add(&r, now_us);
		for (size_t k = 0; k <= i; k++)
			count += now_us / S - times[k] / S < 60;
		assert_int_equal(rate_minute(&r, now_us), count);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_minute_is_sixty_seconds),
		cmocka_unit_test(a_machine_that_has_just_started_counts_too),
		cmocka_unit_test(any_times_are_counted_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
