#include "support/test.h"

#include "aggregator/backlog.h"

#define S INT64_C(1000000)

/* Each second for so long; how many seconds of them it was stuck. */
static int
look(struct backlog *b, int64_t *now_us, int seconds, uint64_t stored,
    uint64_t waiting)
{
	int stuck = 0;

	for (int i = 0; i < seconds; i++) {
		*now_us += S;
		stuck += backlog_look(b, stored, waiting, *now_us);
	}
	return stuck;
}

static void
what_waits_for_30_s_is_stuck(void **state)
{
	struct backlog b = { 0 };
	int64_t now_us = 100 * S;

	(void)state;
	assert_int_equal(look(&b, &now_us, 30, 5, 1), 0);
	assert_int_equal(look(&b, &now_us, 10, 5, 1), 10);
	assert_int_equal(look(&b, &now_us, 10, 6, 0), 0);
	assert_int_equal(look(&b, &now_us, 30, 6, 1), 0);
	assert_int_equal(look(&b, &now_us, 1, 6, 1), 1);
}

static void
a_slow_link_on_which_some_are_always_on_the_way_is_not_stuck(void **state)
{
	struct backlog b = { 0 };
	int64_t now_us = 100 * S;

	(void)state;
	for (uint64_t i = 0; i < 600; i++)
		assert_int_equal(look(&b, &now_us, 1, 10 * i, 20), 0);
}

static void
a_backlog_that_gets_shorter_is_not_stuck(void **state)
{
	struct backlog b = { 0 };
	int64_t now_us = 100 * S;

	(void)state;
	for (uint64_t i = 0; i < 900; i++)
		assert_int_equal(look(&b, &now_us, 1, i, 1000 - i), 0);
}

/* While it grows and shrinks by one. */
static void
it_is_stuck_once_until_a_quarter_is_gone(void **state)
{
	struct backlog b = { 0 };
	int64_t now_us = 100 * S;

	(void)state;
	assert_int_equal(look(&b, &now_us, 60, 0, 100), 30);
	for (uint64_t i = 0; i < 60; i++)
		assert_int_equal(look(&b, &now_us, 1, i % 2, 100 - i % 2), 1);
	assert_int_equal(look(&b, &now_us, 1, 24, 76), 1);
	assert_int_equal(look(&b, &now_us, 1, 26, 74), 0);
}

static void
who_looks_rarely_or_twice_a_second_sees_the_same(void **state)
{
	struct backlog b = { 0 };
	int64_t now_us = 100 * S;

	(void)state;
	assert_false(backlog_look(&b, 5, 1, now_us));
	assert_false(backlog_look(&b, 5, 1, now_us + S / 2));
	assert_false(backlog_look(&b, 5, 1, now_us + 29 * S));
	assert_false(backlog_look(&b, 5, 1, now_us + 29 * S + 1));
	assert_true(backlog_look(&b, 5, 1, now_us + 35 * S));
	assert_false(backlog_look(&b, 6, 0, now_us + 40 * S));
	assert_false(backlog_look(&b, 6, 9, now_us + 41 * S));
	/* A second look is not compared with the first one. */
	assert_false(backlog_look(&b, 6, 9, now_us + 42 * S));
	assert_false(backlog_look(&b, 7, 5, now_us + 80 * S));
	assert_false(backlog_look(&b, 7, 5, now_us + 80 * S + 1));
	/* It has not been looked at for long: it waits since then. */
	assert_true(backlog_look(&b, 7, 5, now_us + 500 * S));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waits_for_30_s_is_stuck),
		cmocka_unit_test(
		    a_slow_link_on_which_some_are_always_on_the_way_is_not_stuck),
		cmocka_unit_test(a_backlog_that_gets_shorter_is_not_stuck),
		cmocka_unit_test(it_is_stuck_once_until_a_quarter_is_gone),
		cmocka_unit_test(
		    who_looks_rarely_or_twice_a_second_sees_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
