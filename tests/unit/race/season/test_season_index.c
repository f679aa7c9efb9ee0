#include "support/test.h"

#include <stdbool.h>

#include "race/season/index.h"

enum { KEYS = 3000, STEPS = 200000 };

static void
numbers_are_found_until_they_are_dropped(void **state)
{
	static uint32_t want[KEYS];
	uint64_t random = test_seed();
	struct index x;
	size_t count = 0;

	(void)state;
	index_init(&x);
	for (size_t i = 0; i < KEYS; i++)
		want[i] = NONE;
	for (uint32_t n = 0; n < STEPS; n++) {
		/* Full and empty in turn. */
		bool fill = test_below(&random, 100) <
		    (n / (STEPS / 4) % 2 == 0 ? 70U : 30U);
		size_t i = test_below(&random, KEYS);
		uint64_t key = index_pair((uint32_t)i / 7, (uint32_t)i);

		assert_int_equal(index_get(&x, key), want[i]);
		if (fill) {
			count += want[i] == NONE;
			index_put(&x, key, n);
			want[i] = n;
		} else {
			count -= want[i] != NONE;
			index_drop(&x, key);
			want[i] = NONE;
		}
		assert_int_equal(x.count, count);
	}
	for (uint32_t i = 0; i < KEYS; i++)
		assert_int_equal(index_get(&x, index_pair(i / 7, i)), want[i]);
	index_close(&x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_found_until_they_are_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
