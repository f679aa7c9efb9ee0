#include "support/test.h"

#include <string.h>

#include "collector/clockwork.h"
#include "common/xalloc.h"

#define MS INT64_C(1000)
#define S  INT64_C(1000000)
/* 2014-09-21T08:00:00Z */
#define T0 (INT64_C(1411286400) * S)

struct fixture {
	struct clockwork *w;
	int64_t now_us; /* since T0, on the aggregator's clock */
	int64_t asleep_us;
	int64_t fast_us;       /* the laptop's wall clock */
	int64_t aggregator_us; /* what the aggregator's was set by */
};

static struct keys_stamp
stamp(const struct fixture *f)
{
	return (struct keys_stamp){ .utc_us = T0 + f->now_us + f->fast_us,
		.boot_us = 5000 * S + f->now_us,
		.mono_us = 5000 * S + f->now_us - f->asleep_us };
}

static void
start(struct fixture *f, const struct clockwork_epoch *kept,
    const char *boot_id)
{
	const struct keys_stamp now = stamp(f);

	clockwork_free(f->w);
	f->w = clockwork_new(kept, boot_id, &now);
}

static int
setup(void **state)
{
	const struct clockwork_epoch none = { 0 };
	struct fixture *f = xcalloc(1, sizeof *f);

	start(f, &none, "one");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	clockwork_free(f->w);
	free(f);
	return 0;
}

static void
look(struct fixture *f)
{
	const struct keys_stamp now = stamp(f);

	clockwork_look(f->w, &now);
}

/* A round trip of that, a second later. */
static void
sample(struct fixture *f, int64_t round_trip_us)
{
	int64_t utc_us;

	f->now_us += S;
	look(f);
	utc_us = T0 + f->now_us - round_trip_us / 2 + f->aggregator_us;
	clockwork_sample(f->w,
	    &(struct clockfit_sample){ .t1_us =
	                                   stamp(f).boot_us - round_trip_us,
	        .t2_us = utc_us,
	        .t3_us = utc_us,
	        .t4_us = stamp(f).boot_us });
}

static struct clockwork_mark
mark(const struct fixture *f)
{
	const struct keys_stamp now = stamp(f);
	struct clockwork_mark m;

	clockwork_mark(f->w, &now, &m);
	return m;
}

static uint32_t
epoch(const struct fixture *f)
{
	return clockwork_epoch(f->w)->number;
}

static bool
due(struct fixture *f, struct race_clock_estimate *e)
{
	return clockwork_due(f->w, stamp(f).boot_us, e);
}

/* ---- epochs ---- */

static void
an_epoch_lasts_over_a_restart_and_not_over_a_boot(void **state)
{
	struct fixture *f = *state;
	struct clockwork_epoch kept = *clockwork_epoch(f->w);

	assert_int_equal(kept.number, 1);
	assert_string_equal(kept.boot_id, "one");
	f->now_us += 100 * S;
	start(f, &kept, "one");
	assert_int_equal(epoch(f), 1);
	start(f, &kept, "two");
	assert_int_equal(epoch(f), 2);
	assert_string_equal(clockwork_epoch(f->w)->boot_id, "two");
	/* Nobody can tell. */
	kept.boot_id[0] = '\0';
	start(f, &kept, "");
	assert_int_equal(epoch(f), 2);
	/* Asleep while the program did not run. */
	kept = *clockwork_epoch(f->w);
	strcpy(kept.boot_id, "one");
	f->asleep_us = 60 * S;
	start(f, &kept, "one");
	assert_int_equal(epoch(f), 3);
	/* Less than before: a boot with the same name cannot be. */
	f->asleep_us = 0;
	kept = *clockwork_epoch(f->w);
	start(f, &kept, "one");
	assert_int_equal(epoch(f), 4);
}

static void
a_laptop_that_slept_begins_an_epoch_and_knows_nothing(void **state)
{
	struct fixture *f = *state;
	struct keys_stamp before;
	struct clockwork_mark m;

	sample(f, 2 * MS);
	assert_true(mark(f).bound_us > 0);
	before = stamp(f);
	f->now_us += 600 * S;
	/* Clocks that were read late are no sleep. */
	f->asleep_us = 400 * MS;
	look(f);
	assert_int_equal(epoch(f), 1);
	f->asleep_us = 600 * S;
	look(f);
	look(f);
	assert_int_equal(epoch(f), 2);
	assert_int_equal(mark(f).epoch, 2);
	assert_int_equal(mark(f).bound_us, 0);
	/* A key of before is of none that is known. */
	clockwork_mark(f->w, &before, &m);
	assert_int_equal(m.epoch, 0);
	assert_int_equal(m.bound_us, 0);
	sample(f, 2 * MS);
	assert_int_equal(epoch(f), 2);
	assert_in_range(mark(f).bound_us, MS, MS + 10);
}

static void
the_laptops_wall_clock_that_is_set_begins_nothing(void **state)
{
	static const int64_t fast[] = { 0, 3600 * S, -3600 * S, 60 * MS };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof fast / sizeof *fast; i++) {
		struct clockwork_mark m;

		f->fast_us = fast[i];
		sample(f, 2 * MS);
		m = mark(f);
		assert_int_equal(m.epoch, 1);
		assert_in_range(m.offset_us + fast[i] + MS, 0, 2 * MS);
		assert_in_range(m.bound_us, MS, MS + 10);
	}
}

static void
the_aggregators_clock_that_is_set_begins_an_epoch_and_is_told_once(void **state)
{
	struct fixture *f = *state;
	struct keys_stamp now;
	char words[CLOCKWORK_WORDS];
	struct race_clock_estimate e;

	sample(f, 2 * MS);
	assert_true(due(f, &e));
	assert_int_equal(e.clock_epoch, 1);
	f->aggregator_us = 30 * MS;
	sample(f, 2 * MS);
	assert_int_equal(epoch(f), 2);
	assert_in_range(mark(f).offset_us, 29 * MS, 31 * MS);
	assert_true(due(f, &e));
	assert_int_equal(e.clock_epoch, 2);
	now = stamp(f);
	assert_int_equal(clockwork_news(f->w, &now, true, words), 2);
	assert_non_null(strstr(words, "aggregator's clock was set"));
	assert_int_equal(clockwork_news(f->w, &now, true, words), 0);
}

static void
what_the_stream_said_and_is_no_longer_true_begins_an_epoch(void **state)
{
	struct fixture *f = *state;
	struct clockwork_epoch kept;
	struct race_clock_estimate e;

	sample(f, 2 * MS);
	assert_true(due(f, &e));
	kept = *clockwork_epoch(f->w);
	/* The same again agrees. */
	start(f, &kept, "one");
	clockwork_recall(f->w, &e);
	sample(f, 2 * MS);
	assert_int_equal(epoch(f), 1);
	/* Set while this program was away. */
	f->aggregator_us = -5 * S;
	start(f, &kept, "one");
	clockwork_recall(f->w, &e);
	sample(f, 2 * MS);
	assert_int_equal(epoch(f), 2);
	/* One of another epoch says nothing. */
	start(f, &kept, "two");
	clockwork_recall(f->w, &e);
	sample(f, 2 * MS);
	assert_int_equal(epoch(f), 2);
}

/* ---- estimates ---- */

static void
an_estimate_is_made_first_when_it_is_twice_as_good_and_else_not(void **state)
{
	struct fixture *f = *state;
	struct race_clock_estimate e;
	unsigned made = 0;

	assert_false(due(f, &e));
	sample(f, 100 * MS);
	assert_true(due(f, &e));
	assert_in_range(e.bound_us, 50 * MS, 51 * MS);
	assert_false(due(f, &e));
	sample(f, 80 * MS);
	assert_false(due(f, &e));
	sample(f, 20 * MS);
	assert_true(due(f, &e));
	assert_in_range(e.bound_us, 10 * MS, 11 * MS);
	/* Good is good enough: not one each second. */
	for (int i = 0; i < 3600; i++) {
		sample(f, 400);
		made += due(f, &e);
	}
	assert_in_range(made, 2, 60);
}

static void
one_that_holds_no_longer_is_replaced(void **state)
{
	struct fixture *f = *state;
	struct clockwork_epoch kept;
	struct race_clock_estimate e;
	struct race_clock_estimate off;

	sample(f, 3 * MS);
	assert_true(due(f, &e));
	kept = *clockwork_epoch(f->w);
	/* It is not contradicted, but the middle of what is known is not in
	 * it. */
	off = e;
	off.bound_us = 100;
	off.drift_bound_ppb = 0;
	off.offset_us += 1400;
	start(f, &kept, "one");
	clockwork_recall(f->w, &off);
	sample(f, 3 * MS);
	assert_int_equal(epoch(f), 1);
	assert_true(due(f, &e));
	assert_false(due(f, &e));
}

/* ---- for people ---- */

static int
news(struct fixture *f, char words[CLOCKWORK_WORDS])
{
	const struct keys_stamp now = stamp(f);

	return clockwork_news(f->w, &now, true, words);
}

static void
assert_trouble(const struct fixture *f, const char *words)
{
	const struct keys_stamp now = stamp(f);
	char out[CLOCKWORK_WORDS];

	assert_string_equal(clockwork_trouble(f->w, &now, out), words);
}

static void
a_clock_that_is_off_is_told_once_when_it_begins_and_once_when_it_ends(
    void **state)
{
	struct fixture *f = *state;
	char words[CLOCKWORK_WORDS];

	f->fast_us = 31200 * MS;
	assert_int_equal(news(f, words), 0);
	assert_trouble(f, "");
	sample(f, 2 * MS);
	assert_int_equal(news(f, words), 2);
	assert_string_equal(words,
	    "this laptop's clock is 31.2 s fast: times are corrected");
	assert_trouble(f, words);
	assert_int_equal(news(f, words), 0);
	/* Around the limit it is not told again and again. */
	for (int i = 0; i < 10; i++) {
		f->fast_us = (i % 2 == 0 ? -48 : -53) * MS;
		sample(f, 2 * MS);
		assert_int_equal(news(f, words), 0);
	}
	f->fast_us = 0;
	sample(f, 2 * MS);
	assert_int_equal(news(f, words), 1);
	assert_non_null(strstr(words, "this laptop's clock is right, to "));
	assert_trouble(f, "");
	assert_int_equal(news(f, words), 0);
}

/* An entry with such a time is one that no aggregator takes, ever. */
static void
an_aggregators_clock_that_is_at_the_end_of_time_is_not_followed(void **state)
{
	struct fixture *f = *state;
	struct race_clock_estimate e;

	f->aggregator_us = RACE_TIME_MAX - 2 * S - T0;
	sample(f, 2 * MS);
	assert_in_range(mark(f).bound_us, MS, MS + 10);
	f->now_us += S;
	assert_int_equal(mark(f).bound_us, 0);
	assert_int_equal(mark(f).offset_us, 0);
	assert_int_equal(mark(f).epoch, 1);
	assert_false(due(f, &e));
}

static void
a_clock_that_is_not_known_well_is_told_too(void **state)
{
	struct fixture *f = *state;
	char words[CLOCKWORK_WORDS];

	sample(f, 90 * MS);
	f->fast_us = 3600 * S;
	assert_int_equal(news(f, words), 2);
	assert_non_null(strstr(words, "60 min 0 s fast"));
	/* Both, one after the other. */
	assert_int_equal(news(f, words), 2);
	assert_string_equal(words,
	    "this laptop's clock is known to 45 ms only: the link is slow, or "
	    "was away");
	assert_int_equal(news(f, words), 0);
	f->fast_us = 0;
	for (int i = 0; i < 3; i++)
		sample(f, 2 * MS);
	assert_int_equal(news(f, words), 1);
	assert_int_equal(news(f, words), 1);
	assert_string_equal(words, "this laptop's clock is known to 1 ms");
	assert_int_equal(news(f, words), 0);
	/* A cut makes it worse by and by. */
	f->now_us += 1800 * S;
	assert_int_equal(news(f, words), 2);
	assert_non_null(strstr(words, "only"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_epoch_lasts_over_a_restart_and_not_over_a_boot),
		TEST(a_laptop_that_slept_begins_an_epoch_and_knows_nothing),
		TEST(the_laptops_wall_clock_that_is_set_begins_nothing),
		TEST(
		    the_aggregators_clock_that_is_set_begins_an_epoch_and_is_told_once),
		TEST(
		    what_the_stream_said_and_is_no_longer_true_begins_an_epoch),
		TEST(
		    an_estimate_is_made_first_when_it_is_twice_as_good_and_else_not),
		TEST(one_that_holds_no_longer_is_replaced),
		TEST(
		    a_clock_that_is_off_is_told_once_when_it_begins_and_once_when_it_ends),
		TEST(a_clock_that_is_not_known_well_is_told_too),
		TEST(
		    an_aggregators_clock_that_is_at_the_end_of_time_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
