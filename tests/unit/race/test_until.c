#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "common/instant.h"
#include "race/until.h"

static const int64_t hour_us = INT64_C(3600000000);
static const int64_t day_us = 24 * INT64_C(3600000000);
/* 2014-09-21T10:00:00 in Paris. */
static const int64_t ten_us = INT64_C(1411286400000000);

static int
set_up(void **state)
{
	static struct until u;
	struct err err;

	u = (struct until){ 0 };
	assert_int_equal(instant_zone("Europe/Paris", &err), 0);
	*state = &u;
	return 0;
}

static int
tear_down(void **state)
{
	until_clear(*state);
	return 0;
}

static void
add(struct until *u, int64_t received_us, bool station)
{
	until_event(u,
	    &(struct until_event){ u->count + 1, received_us, station });
}

static int64_t
clock_of(const struct until *u, int hour)
{
	struct err err;
	int64_t us = 0;

	assert_int_equal(until_clock(u, hour * hour_us, &us, &err), 0);
	return us;
}

static void
an_instant_is_the_last_event_received_by_then(void **state)
{
	struct until *u = *state;

	for (int64_t i = 0; i < 10; i++)
		add(u, ten_us + i / 2, true);
	assert_null(until_received(u, ten_us - 1));
	assert_int_equal(until_received(u, ten_us)->log, 2);
	assert_int_equal(until_received(u, ten_us + 3)->log, 8);
	assert_int_equal(until_received(u, ten_us + day_us)->log, 10);
	assert_int_equal(until_ahead(u, until_received(u, ten_us + 3)), 0);
}

static void
a_clock_that_was_set_back_cuts_nothing_off_and_is_told(void **state)
{
	struct until *u = *state;

	add(u, ten_us + hour_us, false);
	add(u, ten_us, true);
	add(u, ten_us + 1, true);
	assert_int_equal(until_received(u, ten_us)->log, 2);
	assert_int_equal(until_ahead(u, until_received(u, ten_us)), 1);
}

static void
the_rules_are_those_that_held_then(void **state)
{
	struct until *u = *state;

	until_rules(u, 3, (const uint8_t *)"a", 1);
	until_rules(u, 7, (const uint8_t *)"", 0);
	assert_null(until_ruled(u, 2));
	assert_int_equal(until_ruled(u, 3)->body[0], 'a');
	assert_int_equal(until_ruled(u, 6)->log, 3);
	assert_int_equal(until_ruled(u, UINT64_MAX)->log, 7);
}

static void
a_time_of_day_is_of_the_day_of_the_race(void **state)
{
	struct until *u = *state;

	/* The roster on Thursday, a test read on Friday, Sunday's race. */
	for (int i = 0; i < 100; i++)
		add(u, ten_us - 3 * day_us, false);
	add(u, ten_us - 2 * day_us, true);
	for (int64_t i = 0; i < 50; i++)
		add(u, ten_us + i, true);
	assert_int_equal(clock_of(u, 11), ten_us + hour_us);
	assert_int_equal(clock_of(u, 9), ten_us - hour_us);
	/* The day after, shortly after midnight, is nearer. */
	assert_int_equal(clock_of(u, 21), ten_us + 11 * hour_us);
	assert_int_equal(clock_of(u, 23), ten_us - 11 * hour_us);
}

static void
a_race_of_a_night_and_a_day_has_both_its_days(void **state)
{
	struct until *u = *state;

	for (int64_t i = 0; i <= 24; i++)
		add(u, ten_us + i * hour_us, true);
	assert_int_equal(clock_of(u, 11), ten_us + hour_us);
	assert_int_equal(clock_of(u, 3), ten_us + 17 * hour_us);
	assert_int_equal(clock_of(u, 9), ten_us + 23 * hour_us);
}

static void
before_the_first_read_it_is_the_day_of_the_roster(void **state)
{
	struct until *u = *state;
	struct err err;
	int64_t us;

	assert_int_equal(until_clock(u, hour_us, &us, &err), -ENOENT);
	add(u, ten_us, false);
	assert_int_equal(clock_of(u, 9), ten_us - hour_us);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    an_instant_is_the_last_event_received_by_then, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_clock_that_was_set_back_cuts_nothing_off_and_is_told,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    the_rules_are_those_that_held_then, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_time_of_day_is_of_the_day_of_the_race, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_race_of_a_night_and_a_day_has_both_its_days, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    before_the_first_read_it_is_the_day_of_the_roster, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
