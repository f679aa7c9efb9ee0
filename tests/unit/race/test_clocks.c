#include "support/test.h"

#include <string.h>

#include "race/rank/clocks.h"
#include "support/plain.h"

#define S  INT64_C(1000000)
#define MS INT64_C(1000)

/* The laptop was switched on at NOON less a million seconds. */
#define NOON   (RACE_TIME_MIN + INT64_C(43200000000))
#define BOOT   (INT64_C(1000000) * S)
#define OFFSET (NOON - BOOT)

enum { ONE = 11, TWO = 22 }; /* streams */

struct fixture {
	struct clocks *clocks;
	uint32_t moved[8];
	size_t moved_count;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->clocks = clocks_new();
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	clocks_free(f->clocks);
	free(f);
	return 0;
}

static void
note_moved(void *arg, uint32_t read)
{
	struct fixture *f = arg;

	assert_true(f->moved_count < 8);
	f->moved[f->moved_count++] = read;
}

/* So long after noon, by that stream's clock in epoch 1. */
static struct race_crossing
crossing(int64_t after_us)
{
	struct race_crossing c = plain_crossing("arrivee", "", NOON + after_us);

	c.clock = RACE_CLOCK_LAPTOP;
	c.clock_epoch = 1;
	c.boot_us = BOOT + after_us;
	return c;
}

static struct race_crossing
with_pair(int64_t after_us, int64_t offset_us, int64_t bound_us)
{
	struct race_crossing c = crossing(after_us);

	c.offset_us = offset_us;
	c.bound_us = bound_us;
	return c;
}

/* At BOOT, in epoch 1, without drift. */
static struct race_clock_estimate
estimate(int64_t off_us, int64_t bound_us)
{
	return (struct race_clock_estimate){
		.clock_epoch = 1,
		.boot_us = BOOT,
		.offset_us = OFFSET + off_us,
		.bound_us = bound_us,
	};
}

static void
learn(struct fixture *f, uint64_t stream, uint64_t seq, int64_t off_us,
    int64_t bound_us)
{
	struct race_clock_estimate e = estimate(off_us, bound_us);

	clocks_estimate(f->clocks, (struct race_id){ stream, seq }, &e,
	    note_moved, f);
}

static void
check(const struct fixture *f, uint32_t stamp, int64_t after_us,
    int64_t bound_us)
{
	struct clocks_moment m = clocks_moment(f->clocks, stamp);

	assert_int_equal(m.time_us - NOON, after_us);
	assert_int_equal(m.bound_us, bound_us);
}

/* ---- what an estimate says ---- */

static void
an_estimate_drifts_both_ways_from_where_it_was_made(void **state)
{
	struct race_clock_estimate e = estimate(0, 5);
	struct clocks_moment m;

	(void)state;
	e.drift_ppb = 30000;      /* 30 us a second */
	e.drift_bound_ppb = 2000; /* 2 us a second */
	assert_true(clocks_at(&e, BOOT, &m));
	assert_int_equal(m.time_us, NOON);
	assert_int_equal(m.bound_us, 5);
	assert_true(clocks_at(&e, BOOT + 10 * S, &m));
	assert_int_equal(m.time_us, NOON + 10 * S + 300);
	assert_int_equal(m.bound_us, 25);
	assert_true(clocks_at(&e, BOOT - 10 * S, &m));
	assert_int_equal(m.time_us, NOON - 10 * S - 300);
	assert_int_equal(m.bound_us, 25);
}

static void
a_bound_is_rounded_up_and_a_drift_towards_nothing(void **state)
{
	struct race_clock_estimate e = estimate(0, 0);
	struct clocks_moment m;

	(void)state;
	e.drift_ppb = -30000;
	e.drift_bound_ppb = 2000;
	assert_true(clocks_at(&e, BOOT + 50 * MS, &m)); /* 1.5 us, 0.1 us */
	assert_int_equal(m.time_us, NOON + 50 * MS - 1);
	assert_int_equal(m.bound_us, 1);
	assert_true(clocks_at(&e, BOOT - 50 * MS, &m));
	assert_int_equal(m.time_us, NOON - 50 * MS + 1);
	assert_int_equal(m.bound_us, 1);
}

__extension__ typedef __int128 wide;

/* Whatever the wire lets through. */
static void
no_estimate_overflows(void **state)
{
	static const int64_t ends[] = { -RACE_TIME_MAX, -1, 0, 1, NOON,
		RACE_TIME_MAX };
	uint64_t random = test_seed();
	const size_t n = sizeof ends / sizeof *ends;
	size_t usable = 0;

	(void)state;
	for (size_t i = 0; i < 20000; i++) {
		struct race_clock_estimate e = {
			.boot_us = ends[test_below(&random, n)] / 2 +
			    (int64_t)test_below(&random, RACE_TIME_MAX / 2),
			.offset_us = ends[test_below(&random, n)],
			.drift_ppb = (int64_t)test_below(&random,
			                 2 * RACE_DRIFT_MAX + 1) -
			    RACE_DRIFT_MAX,
			.bound_us = (int64_t)test_below(&random, RACE_TIME_MAX),
			.drift_bound_ppb =
			    (int64_t)test_below(&random, RACE_DRIFT_MAX + 1),
		};
		int64_t boot_us = ends[test_below(&random, n)];
		wide span = (wide)boot_us - e.boot_us;
		wide time = (wide)boot_us + e.offset_us +
		    span * e.drift_ppb / 1000000000;
		wide bound = e.bound_us * (wide)1000000000 +
		    (span < 0 ? -span : span) * e.drift_bound_ppb;
		struct clocks_moment m;
		bool fits = time >= RACE_TIME_MIN && time <= RACE_TIME_MAX;

		assert_int_equal(clocks_at(&e, boot_us, &m), fits);
		if (!fits)
			continue;
		usable++;
		assert_true(m.time_us == time);
		assert_true(m.bound_us == (bound + 999999999) / 1000000000);
	}
	assert_true(usable > 1000);
}

static void
a_time_that_no_race_has_is_no_time(void **state)
{
	struct race_clock_estimate e = { .clock_epoch = 1 };
	struct clocks_moment m;

	(void)state;
	e.offset_us = RACE_TIME_MIN;
	assert_true(clocks_at(&e, 0, &m));
	assert_false(clocks_at(&e, -1, &m));
	e.offset_us = RACE_TIME_MAX;
	assert_true(clocks_at(&e, 0, &m));
	assert_false(clocks_at(&e, 1, &m));
}

/* ---- which one decides ---- */

static void
without_anything_the_raw_time_stays(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c = with_pair(0, 3 * S, 0);

	assert_true(clocks_latest(f->clocks) == RACE_NO_TIME);
	/* An offset that nobody vouches for is none. */
	check(f, clocks_stamp(f->clocks, ONE, &c, 0), 0, 0);
	assert_int_equal(clocks_latest(f->clocks), NOON);
}

static void
its_own_pair_holds_while_better_estimates_agree(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c = with_pair(0, 3 * S, 100 * MS);
	uint32_t stamp = clocks_stamp(f->clocks, ONE, &c, 0);

	check(f, stamp, 3 * S, 100 * MS);
	learn(f, ONE, 5, 3 * S + 100 * MS, 1 * MS); /* just inside */
	learn(f, ONE, 6, 3 * S - 100 * MS, 1 * MS);
	check(f, stamp, 3 * S, 100 * MS);
	assert_int_equal(f->moved_count, 0);
}

static void
its_own_pair_holds_against_what_is_no_better(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c = with_pair(0, 3 * S, 100 * MS);
	uint32_t stamp = clocks_stamp(f->clocks, ONE, &c, 0);

	learn(f, ONE, 5, 9 * S, 100 * MS);
	check(f, stamp, 3 * S, 100 * MS);
	learn(f, ONE, 6, 9 * S, 100 * MS - 1);
	check(f, stamp, 9 * S, 100 * MS - 1);
}

static void
a_better_estimate_outside_its_bound_refutes_it(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c = with_pair(0, 3 * S, 100 * MS);
	uint32_t stamp = clocks_stamp(f->clocks, ONE, &c, 7);

	learn(f, ONE, 5, 3 * S - 100 * MS - 1, 50 * MS);
	check(f, stamp, 3 * S - 100 * MS - 1, 50 * MS);
	assert_int_equal(f->moved_count, 1);
	assert_int_equal(f->moved[0], 7);
}

static void
once_refuted_the_surest_estimate_decides(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c = with_pair(0, 3 * S, 100 * MS);
	uint32_t before = clocks_stamp(f->clocks, ONE, &c, 0);
	uint32_t after;

	/* Agrees, and is the surest; it is another that refutes. */
	learn(f, ONE, 5, 3 * S + 10 * MS, 20 * MS);
	check(f, before, 3 * S, 100 * MS);
	learn(f, ONE, 6, 4 * S, 60 * MS);
	after = clocks_stamp(f->clocks, ONE, &c, 1);
	check(f, before, 3 * S + 10 * MS, 20 * MS);
	check(f, after, 3 * S + 10 * MS, 20 * MS);
}

static void
of_equals_the_latest_estimate_decides(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c = crossing(0);
	uint32_t stamp = clocks_stamp(f->clocks, ONE, &c, 0);

	learn(f, ONE, 6, 1 * S, 20 * MS);
	check(f, stamp, 1 * S, 20 * MS);
	learn(f, ONE, 5, 2 * S, 20 * MS);
	check(f, stamp, 1 * S, 20 * MS);
	learn(f, ONE, 7, 3 * S, 20 * MS);
	check(f, stamp, 3 * S, 20 * MS);
	learn(f, ONE, 8, 4 * S, 21 * MS);
	check(f, stamp, 3 * S, 20 * MS);
}

/* Surest is who is surest at the stamp, which is as a rule who was near. */
static void
the_bound_at_the_stamp_counts_and_not_where_it_was_made(void **state)
{
	struct fixture *f = *state;
	struct race_crossing early = crossing(0);
	struct race_crossing late = crossing(3600 * S);
	uint32_t a = clocks_stamp(f->clocks, ONE, &early, 0);
	uint32_t b = clocks_stamp(f->clocks, ONE, &late, 1);
	struct race_clock_estimate e = estimate(1 * S, 1 * MS);

	e.drift_bound_ppb = 1000; /* 3.6 ms in an hour */
	clocks_estimate(f->clocks, (struct race_id){ ONE, 5 }, &e, note_moved,
	    f);
	e = estimate(2 * S, 2 * MS);
	e.boot_us += 3600 * S;
	e.drift_bound_ppb = 1000;
	clocks_estimate(f->clocks, (struct race_id){ ONE, 6 }, &e, note_moved,
	    f);
	check(f, a, 1 * S, 1 * MS);
	check(f, b, 3602 * S, 2 * MS);
}

static void
an_estimate_of_no_race_s_time_decides_nothing(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c = with_pair(0, 3 * S, 100 * MS);
	uint32_t stamp = clocks_stamp(f->clocks, ONE, &c, 0);

	learn(f, ONE, 5, -OFFSET, 0); /* 1970 */
	check(f, stamp, 3 * S, 100 * MS);
}

/* ---- whose ---- */

static void
streams_and_epochs_do_not_mix(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c = crossing(0);
	uint32_t mine = clocks_stamp(f->clocks, ONE, &c, 0);
	uint32_t theirs = clocks_stamp(f->clocks, TWO, &c, 1);
	uint32_t rebooted;
	uint32_t nobodys;

	c.clock_epoch = 2;
	rebooted = clocks_stamp(f->clocks, ONE, &c, 2);
	c.clock_epoch = 0;
	nobodys = clocks_stamp(f->clocks, ONE, &c, 3);
	learn(f, ONE, 5, 1 * S, 20 * MS);
	check(f, mine, 1 * S, 20 * MS);
	check(f, theirs, 0, 0);
	check(f, rebooted, 0, 0);
	check(f, nobodys, 0, 0);
	assert_int_equal(f->moved_count, 1);
	assert_int_equal(f->moved[0], 0);
}

static void
an_estimate_without_epoch_is_of_no_crossing(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c = crossing(0);
	struct race_clock_estimate e = estimate(1 * S, 20 * MS);
	uint32_t stamp;

	c.clock_epoch = e.clock_epoch = 0;
	stamp = clocks_stamp(f->clocks, ONE, &c, 0);
	clocks_estimate(f->clocks, (struct race_id){ ONE, 5 }, &e, note_moved,
	    f);
	check(f, stamp, 0, 0);
	check(f, clocks_stamp(f->clocks, ONE, &c, 1), 0, 0);
}

/* ---- the latest ---- */

static void
the_latest_time_can_come_earlier(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c = crossing(50 * S);

	clocks_stamp(f->clocks, ONE, &c, 0);
	c = crossing(40 * S);
	clocks_stamp(f->clocks, TWO, &c, 1);
	assert_int_equal(clocks_latest(f->clocks), NOON + 50 * S);
	learn(f, ONE, 5, -20 * S, 20 * MS);
	assert_int_equal(clocks_latest(f->clocks), NOON + 40 * S);
	learn(f, TWO, 5, 10 * S, 20 * MS);
	assert_int_equal(clocks_latest(f->clocks), NOON + 50 * S);
	c = crossing(90 * S);
	clocks_stamp(f->clocks, ONE, &c, 2);
	assert_int_equal(clocks_latest(f->clocks), NOON + 70 * S);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_estimate_drifts_both_ways_from_where_it_was_made),
		TEST(a_bound_is_rounded_up_and_a_drift_towards_nothing),
		TEST(no_estimate_overflows),
		TEST(a_time_that_no_race_has_is_no_time),
		TEST(without_anything_the_raw_time_stays),
		TEST(its_own_pair_holds_while_better_estimates_agree),
		TEST(its_own_pair_holds_against_what_is_no_better),
		TEST(a_better_estimate_outside_its_bound_refutes_it),
		TEST(once_refuted_the_surest_estimate_decides),
		TEST(of_equals_the_latest_estimate_decides),
		TEST(the_bound_at_the_stamp_counts_and_not_where_it_was_made),
		TEST(an_estimate_of_no_race_s_time_decides_nothing),
		TEST(streams_and_epochs_do_not_mix),
		TEST(an_estimate_without_epoch_is_of_no_crossing),
		TEST(the_latest_time_can_come_earlier),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
