/*
 * The whole system on a virtual clock.
 *
 * PALMARES_SEED repeats a run; PALMARES_SCENARIOS says how many storms there
 * are (as many as STORMS if nothing is said), PALMARES_SECONDS how long
 * they go on; PALMARES_PLAN='{ .seed = ... }' plays that one alone, as it was
 * printed; PALMARES_TRACE=1 tells what happens.
 */
#include "support/test.h"

#include <string.h>

#include "sim/trial.h"

static struct sim_plan
calm_plan(uint64_t *random)
{
	return (struct sim_plan){ .seed = test_random(random),
		.collectors = 3,
		.displays = 4,
		.operators = 1,
		.runners = 20,
		.events = 700,
		.commands = 3,
		.delay_us = 1000 };
}

static void
calm_weather_delivers_everything(void **state)
{
	const struct trial t = { calm_plan, 1, 0 };
	uint64_t n[SIM_COUNTS];

	(void)state;
	trial_run(&t, test_seed(), n);
	assert_int_equal(n[SIM_REPEATS], 0);
	assert_int_equal(n[SIM_RESENT], 0);
	assert_int_equal(n[SIM_COMMANDS], 3);
	assert_int_equal(n[SIM_COMMANDS_GIVEN_UP], 0);
	assert_true(n[SIM_LIVE] > 0);
	/* Each display has a ranking and the roster. */
	assert_int_equal(n[SIM_SNAPSHOTS], 8);
	assert_int_equal(n[SIM_HOLES], 0);
}

/* Snapshots of several pages, while rows change. */
static struct sim_plan
large_plan(uint64_t *random)
{
	return (struct sim_plan){ .seed = test_random(random),
		.collectors = 3,
		.displays = 4,
		.runners = 1100,
		.events = 500,
		.late_ms = 100,
		.delay_us = 20000,
		.loss = 20,
		.display_crash = 5,
		.clock = 5 };
}

static void
a_large_field_is_shown_whole(void **state)
{
	const struct trial t = { large_plan, 1, 0 };
	uint64_t n[SIM_COUNTS];

	(void)state;
	trial_run(&t, test_seed(), n);
	assert_true(n[SIM_LIVE] > 0);
}

static struct sim_plan
copied_plan(uint64_t *random)
{
	return (struct sim_plan){ .seed = test_random(random),
		.collectors = 3,
		.displays = 1,
		.runners = 20,
		.events = 60,
		.delay_us = 50000,
		.disk_full = 10,
		.copied = 1 };
}

static void
of_two_copies_of_an_outbox_one_is_stored_and_somebody_is_told(void **state)
{
	const struct trial t = { copied_plan, 200, 0 };
	uint64_t n[SIM_COUNTS];

	(void)state;
	trial_run(&t, test_seed(), n);
	assert_true(n[SIM_REFUSED] >= 200);
	assert_true(n[SIM_CONFLICTS] >= 200);
}

/* What storms of all kinds seldom come to: one laptop puts outboxes aside as
 * often as it may before it gets an old disk; or one of five has all its
 * events, and some news of its clock, and gets it while the others sleep. */
static struct sim_plan
old_disk_plan(uint64_t *random)
{
	struct sim_plan p = { .seed = test_random(random),
		.old_disk = 1,
		.runners = 2,
		.delay_us = 1000 };

	if (test_below(random, 2) == 0) {
		p.collectors = 1;
		p.events = 60;
		p.archive = 30;
	} else {
		p.collectors = 5;
		p.events = 20;
		p.clock = 300;
		p.freeze = 40;
	}
	return p;
}

static void
an_old_disk_is_refused_at_the_very_end_and_after_many_outboxes(void **state)
{
	const struct trial t = { old_disk_plan, STORMS / 2, 0 };
	uint64_t n[SIM_COUNTS];

	(void)state;
	trial_run(&t, test_seed(), n);
	assert_true(n[SIM_OLD_DISKS] > 0);
	assert_true(n[SIM_OLD_COPIES] > 0);
	assert_true(n[SIM_ARCHIVES] > 0);
}

static unsigned long
number(const char *name, unsigned long otherwise)
{
	const char *given = getenv(name);

	return given != NULL ? strtoul(given, NULL, 10) : otherwise;
}

/* The weather was bad indeed, or this shows nothing. */
static void
check_weather(const uint64_t n[SIM_COUNTS])
{
	static const enum sim_count faults[] = { SIM_RESENT, SIM_REPEATS,
		SIM_CRASHES_OF_COLLECTORS, SIM_CRASHES_OF_AGGREGATORS,
		SIM_CRASHES_OF_DISPLAYS, SIM_CRASHES_OF_OPERATORS, SIM_FREEZES,
		SIM_DISKS_FULL, SIM_DISK_ERRORS, SIM_TORN, SIM_RESTORES,
		SIM_TAKEN_AWAY, SIM_ARCHIVES, SIM_ARCHIVES_REFUSED,
		SIM_ARCHIVES_SENT, SIM_OLD_DISKS, SIM_OLD_COPIES, SIM_CUTS,
		SIM_HALF_CUTS, SIM_MESSAGES_LOST, SIM_MESSAGES_REPEATED,
		SIM_MESSAGES_HELD, SIM_MESSAGES_DROPPED, SIM_CLOCKS_SET,
		SIM_CLOCKS_DRIFTING, SIM_CLOCKS_STOPPED, SIM_SUSPENDS,
		SIM_REBOOTS, SIM_SAMPLES, SIM_ESTIMATES, SIM_STAMPED,
		SIM_CORRECTED, SIM_COMMANDS_GIVEN_UP, SIM_LIVE, SIM_HOLES };

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		assert_true(n[faults[i]] > 0);
}

static void
storms_lose_nothing_and_double_nothing(void **state)
{
	struct trial t = { .plan = plan_random,
		.seconds = (unsigned)number("PALMARES_SECONDS", 0) };
	uint64_t n[SIM_COUNTS];

	(void)state;
	t.count = number("PALMARES_SCENARIOS", t.seconds > 0 ? 0 : STORMS);
	trial_run(&t, test_seed(), n);
	verdict_print_counts(n);
	print_message("%llu scenarios: accepted %llu, stored %llu, lost 0, "
	              "doubled 0\n",
	    (unsigned long long)n[SIM_SCENARIOS],
	    (unsigned long long)n[SIM_ACCEPTED],
	    (unsigned long long)n[SIM_STORED]);
	assert_true(n[SIM_ACCEPTED] == n[SIM_STORED]);
	if (n[SIM_SCENARIOS] >= 500)
		check_weather(n);
}

static struct sim_plan
given_plan(uint64_t *random)
{
	struct sim_plan p = { 0 };

	(void)random;
	if (plan_parse(&p, getenv("PALMARES_PLAN")) < 0)
		fail_msg("PALMARES_PLAN: a literal as it was printed, with at "
		         "least collectors and runners");
	return p;
}

static void
the_plan_that_was_given_holds(void **state)
{
	const struct trial t = { given_plan, 1, 0 };
	uint64_t n[SIM_COUNTS];

	(void)state;
	trial_run(&t, 0, n);
	verdict_print_counts(n);
}

/* With an argument: the tests whose names are like that. */
int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calm_weather_delivers_everything),
		cmocka_unit_test(a_large_field_is_shown_whole),
		cmocka_unit_test(
		    of_two_copies_of_an_outbox_one_is_stored_and_somebody_is_told),
		cmocka_unit_test(
		    an_old_disk_is_refused_at_the_very_end_and_after_many_outboxes),
		cmocka_unit_test(storms_lose_nothing_and_double_nothing),
	};
	const struct CMUnitTest given[] = {
		cmocka_unit_test(the_plan_that_was_given_holds),
	};

	verdict_open();
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	if (getenv("PALMARES_PLAN") != NULL)
		return cmocka_run_group_tests(given, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
