#include "support/test.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "collector/clockfit.h"
#include "common/xalloc.h"

#define MS   INT64_C(1000)
#define S    INT64_C(1000000)
#define BOOT (77 * S)

/* 2014-09-21T08:00:00Z, less what the laptop's boot is before it. */
static const int64_t origin = INT64_C(1411286400) * S - BOOT;

enum { SECONDS = 3600, CUT = 600 };

/* ---- an hour of a laptop ---- */

struct laptop {
	double ahead[SECONDS + 2]; /* T - boot - origin at each second */
	double ppm[SECONDS + 1];
};

static double
chance(uint64_t *random)
{
	return (double)(test_random(random) >> 11) / 9007199254740992.0;
}

static double
between(uint64_t *random, double least, double most)
{
	return least + (most - least) * chance(random);
}

/* 30 to 200 ppm off, either way; a ramp or a wave of the temperature, and a
 * walk; together no more than what is allowed. */
static void
make_laptop(struct laptop *l, uint64_t *random)
{
	double off = between(random, 30, 200) * (chance(random) < 0.5 ? -1 : 1);
	double most = (double)CLOCKFIT_WANDER_PPB / 1000;
	double warm = most / 2 * chance(random);
	double walk_most = most - warm;
	double walk = between(random, -walk_most, walk_most);
	double pace = pow(10, between(random, -3, -0.5));
	double from = between(random, 0, SECONDS);
	double wide = between(random, 60, SECONDS);

	l->ahead[0] = between(random, -20, 20) * 3600e6;
	for (size_t i = 0; i <= SECONDS; i++) {
		double way = ((double)i - from) / wide;

		walk += pace * between(random, -1, 1);
		walk = fmax(-walk_most, fmin(walk_most, walk));
		l->ppm[i] = off + walk + warm * fmax(-1, fmin(1, way));
		l->ahead[i + 1] = l->ahead[i] + l->ppm[i];
	}
}

/* The truth. */
static double
aggregator_at(const struct laptop *l, double boot)
{
	double since = (boot - BOOT) / 1e6;
	size_t i = since < 0      ? 0
	    : since > SECONDS - 1 ? SECONDS - 1
	                          : (size_t)since;

	return boot + l->ahead[i] + l->ppm[i] * (since - (double)i);
}

/* Against an estimate: positive numbers are of some 1e15, where a double knows
 * 0.2 us, so the origin is left out. */
static double
error_at(const struct laptop *l, const struct race_clock_estimate *e,
    int64_t boot)
{
	return (double)(clockfit_time(e, boot) - origin) -
	    aggregator_at(l, (double)boot);
}

/* ---- networks: one way's delay in microseconds ---- */

struct path {
	double queue;
	bool burst;
};

typedef double (*delay_fn)(struct path *p, bool up, uint64_t *random);

static double
tail(uint64_t *random, double mean)
{
	return -mean * log(1 - chance(random));
}

static double
wired(struct path *p, bool up, uint64_t *random)
{
	(void)p;
	(void)up;
	return 80 + tail(random, 20) +
	    (chance(random) < 0.02 ? tail(random, 400) : 0);
}

static double
wifi(struct path *p, bool up, uint64_t *random)
{
	(void)up;
	if (chance(random) < (p->burst ? 0.1 : 0.02))
		p->burst = !p->burst;
	return 700 + tail(random, 600) + (p->burst ? tail(random, 60e3) : 0);
}

static double
mobile(struct path *p, bool up, uint64_t *random)
{
	if (chance(random) < 0.02)
		p->burst = !p->burst;
	return (up ? 32e3 : 14e3) + tail(random, up ? 15e3 : 5e3) +
	    (p->burst ? tail(random, 150e3) : 0);
}

static double
congested(struct path *p, bool up, uint64_t *random)
{
	if (up)
		return 5e3 + tail(random, 500);
	p->queue += between(random, -40e3, 40e3);
	p->queue = fmax(0, fmin(400e3, p->queue));
	return 5e3 + p->queue + tail(random, 500);
}

/* What waits is up to 16 KiB: two seconds; a PING is 10 ms of it. */
static double
saturated(struct path *p, bool up, uint64_t *random)
{
	if (!up)
		return 20e3 + tail(random, 2e3);
	p->queue += between(random, -600e3, 600e3);
	p->queue = fmax(0, fmin(2e6, p->queue));
	return 30e3 + p->queue + tail(random, 10e3);
}

/* TCP sends it again, later and later. */
static double
lossy(struct path *p, bool up, uint64_t *random)
{
	double delay = 3e3 + tail(random, 1e3);

	(void)p;
	(void)up;
	for (int ms = 200; chance(random) < 0.3 && ms < 3000; ms *= 2)
		delay += ms * 1e3;
	return delay;
}

struct network {
	const char *name;
	delay_fn delay;
	int64_t bound_max_us; /* of 99 in 100, when the first minute is over */
	int64_t cut_max_us;   /* at the end of ten minutes without a link */
};

static const struct network networks[] = {
	{ "wired", wired, 1 * MS, 25 * MS },
	{ "Wi-Fi, bursts", wifi, 3 * MS, 30 * MS },
	{ "mobile, lopsided", mobile, 100 * MS, 1500 * MS },
	{ "one way congested", congested, 200 * MS, 1500 * MS },
	{ "64 kbit/s, full", saturated, 500 * MS, 2000 * MS },
	{ "30 % lost", lossy, 10 * MS, 120 * MS },
};

enum { NETWORKS = sizeof networks / sizeof *networks };

/* ---- how large ---- */

enum { BINS = 2000 };

/* A twentieth of an e-fold each: 5 % from one bin to the next. */
struct spread {
	uint64_t bins[BINS];
	uint64_t count;
};

static void
count(struct spread *s, double us)
{
	double bin = us < 0.01 ? 0 : 20 * log(us * 100);

	s->bins[bin < BINS ? (size_t)bin : BINS - 1]++;
	s->count++;
}

static double
quantile_ms(const struct spread *s, double part)
{
	uint64_t below = 0;
	size_t i = 0;

	while (i + 1 < BINS &&
	    (double)(below + s->bins[i]) < part * (double)s->count)
		below += s->bins[i++];
	return exp((double)(i + 1) / 20) / 100 / 1000;
}

struct figures {
	struct spread bound;
	struct spread error;
	struct spread cut_bound;
	struct spread cut_error;
};

/* ---- an hour ---- */

struct hour {
	struct laptop laptop;
	struct clockfit fit;
	struct path up;
	struct path down;
	uint64_t seed;
	uint64_t random;
	int64_t arrived; /* TCP keeps the order */
	int64_t answered;
};

static void
check(const struct hour *h, const struct race_clock_estimate *e, int64_t boot)
{
	double error = error_at(&h->laptop, e, boot);
	int64_t bound = clockfit_bound(e, boot);

	if (fabs(error) > (double)bound)
		fail_msg("seed 0x%llx: at %.3f s, of %.3f s: off by %.1f us, "
		         "bound %lld us",
		    (unsigned long long)h->seed, (double)(boot - BOOT) / 1e6,
		    (double)(e->boot_us - BOOT) / 1e6, error, (long long)bound);
}

static void
exchange(struct hour *h, delay_fn delay, double boot)
{
	double there =
	    fmax(boot + delay(&h->up, true, &h->random), (double)h->answered);
	double back = there + between(&h->random, 10, 300);
	double here =
	    fmax(back + delay(&h->down, false, &h->random), (double)h->arrived);
	struct clockfit_sample s = {
		.t1_us = (int64_t)floor(boot),
		.t2_us =
		    origin + (int64_t)floor(aggregator_at(&h->laptop, there)),
		.t3_us =
		    origin + (int64_t)floor(aggregator_at(&h->laptop, back)),
		.t4_us = (int64_t)floor(here),
	};

	h->answered = (int64_t)ceil(back);
	h->arrived = (int64_t)ceil(here);
	assert_int_equal(clockfit_take(&h->fit, &s), 0);
}

/* At the moment itself, and what it says of all others. */
static void
judge(struct hour *h, int64_t boot, struct spread *bound, struct spread *error)
{
	struct race_clock_estimate e;

	assert_true(clockfit_estimate(&h->fit, boot, &e));
	assert_in_range(e.drift_bound_ppb, 0, RACE_DRIFT_MAX);
	check(h, &e, boot);
	if (boot < e.boot_us)
		boot = e.boot_us;
	if (bound != NULL) {
		count(bound, (double)clockfit_bound(&e, boot));
		count(error, fabs(error_at(&h->laptop, &e, boot)));
	}
	for (int i = 0; i < 2; i++)
		check(h, &e,
		    BOOT +
		        (int64_t)test_below(&h->random,
		            (uint64_t)(SECONDS - 1) * 1000000));
}

static void
run_hour(const struct network *n, uint64_t seed, struct figures *f)
{
	struct hour *h = xcalloc(1, sizeof *h);
	int64_t cut;

	h->seed = h->random = seed;
	cut = 120 + (int64_t)test_below(&h->random, SECONDS - CUT - 300);
	make_laptop(&h->laptop, &h->random);
	clockfit_init(&h->fit);
	/* Ten in the first two seconds. */
	for (int i = 0; i < 10; i++)
		exchange(h, n->delay, (double)(BOOT + i * 200 * MS));
	for (int64_t i = 2; i < SECONDS - 10; i++) {
		int64_t now = BOOT + i * S + (int64_t)test_below(&h->random, S);
		bool away = i >= cut && i < cut + CUT;

		if (!away)
			exchange(h, n->delay, (double)now);
		if (away && i == cut + CUT - 1)
			judge(h, now, &f->cut_bound, &f->cut_error);
		else if (away || i < 60 || i >= cut)
			judge(h, away ? now : h->arrived, NULL, NULL);
		else
			judge(h, h->arrived, &f->bound, &f->error);
	}
	free(h);
}

static unsigned
hours(void)
{
	const char *given = getenv("PALMARES_HOURS");

	return given != NULL ? (unsigned)strtoul(given, NULL, 0) : 350;
}

static void
the_truth_is_within_the_bound_at_every_moment_of_every_network(void **state)
{
	uint64_t seed = test_seed();
	unsigned n = hours();

	(void)state;
	for (size_t i = 0; i < NETWORKS; i++) {
		struct figures *f = xcalloc(1, sizeof *f);

		for (unsigned k = 0; k < n; k++)
			run_hour(&networks[i], test_random(&seed), f);
		print_message("%-18s %u h: bound p50 %8.3f p99 %8.3f ms, error "
		              "p50 %7.3f p99 %8.3f ms; 10 min cut off: "
		              "bound p99 %7.3f, error p99 %7.3f ms\n",
		    networks[i].name, n, quantile_ms(&f->bound, 0.5),
		    quantile_ms(&f->bound, 0.99), quantile_ms(&f->error, 0.5),
		    quantile_ms(&f->error, 0.99),
		    quantile_ms(&f->cut_bound, 0.99),
		    quantile_ms(&f->cut_error, 0.99));
		assert_true(quantile_ms(&f->bound, 0.99) * 1000 <
		    (double)networks[i].bound_max_us);
		assert_true(quantile_ms(&f->cut_bound, 0.99) * 1000 <
		    (double)networks[i].cut_max_us);
		free(f);
	}
}

/* ---- by hand ---- */

/* Sent at boot, a way up and a way down, on a clock that is `ahead` of ours. */
static int
take(struct clockfit *f, int64_t boot, int64_t up, int64_t down, int64_t ahead)
{
	const struct clockfit_sample s = {
		.t1_us = boot,
		.t2_us = boot + up + ahead,
		.t3_us = boot + up + ahead,
		.t4_us = boot + up + down,
	};

	return clockfit_take(f, &s);
}

static void
nothing_is_known_before_the_first_exchange(void **state)
{
	struct clockfit f;
	struct race_clock_estimate e;

	(void)state;
	clockfit_init(&f);
	assert_false(clockfit_estimate(&f, BOOT, &e));
}

static void
one_exchange_is_wrong_by_half_its_round_trip_and_no_more(void **state)
{
	struct clockfit f;
	struct race_clock_estimate e;

	(void)state;
	clockfit_init(&f);
	/* All of the way is up: the worst there is. */
	assert_int_equal(take(&f, BOOT, 10 * MS, 0, origin), 0);
	assert_true(clockfit_estimate(&f, BOOT + 10 * MS, &e));
	assert_int_equal(e.boot_us, BOOT + 10 * MS);
	assert_in_range(e.offset_us, origin + 5 * MS - 10,
	    origin + 5 * MS + 10);
	/* And what the crystal may have done on the way. */
	assert_in_range(e.bound_us, 5 * MS, 5 * MS + 12);
	assert_in_range(e.drift_bound_ppb, 490000, 500000);
	/* A minute later as much more. */
	assert_in_range(clockfit_bound(&e, BOOT + 60 * S), 34 * MS, 36 * MS);
}

/* Both clocks are read in whole microseconds, cut. */
static void
an_exchange_that_takes_no_time_is_known_to_microseconds(void **state)
{
	struct clockfit f;
	struct race_clock_estimate e;

	(void)state;
	clockfit_init(&f);
	assert_int_equal(take(&f, BOOT, 0, 0, origin), 0);
	assert_true(clockfit_estimate(&f, BOOT, &e));
	assert_in_range(e.bound_us, 1, 4);
	assert_in_range(e.offset_us - origin + 1, 0, 2);
	/* One of them a microsecond on, by now or at the next reading. */
	assert_int_equal(take(&f, BOOT + 1, 0, 0, origin + 1), 0);
	assert_int_equal(take(&f, BOOT + 2, 0, 0, origin - 1), 0);
}

static void
a_short_round_trip_holds_against_the_long_ones_behind_it(void **state)
{
	struct clockfit f;
	struct race_clock_estimate e;

	(void)state;
	clockfit_init(&f);
	for (int i = 0; i < 120; i++)
		assert_int_equal(take(&f, BOOT + i * S,
		                     i % 30 == 0 ? 100 : 300 * MS, 100, origin),
		    0);
	assert_true(clockfit_estimate(&f, BOOT + 120 * S, &e));
	assert_in_range(e.bound_us, 0, 500);
	assert_in_range(e.drift_ppb + 20000, 0, 40000);
}

static void
the_aggregators_clock_that_is_set_begins_it_anew(void **state)
{
	static const int64_t steps[] = { 3600 * S, -3600 * S, 20 * MS, -20 * MS,
		INT64_C(80) * 365 * 86400 * S };

	(void)state;
	for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
		struct clockfit f;
		struct race_clock_estimate e;

		clockfit_init(&f);
		for (int i = 0; i < 100; i++)
			assert_int_equal(take(&f, BOOT + i * S, 400, 300,
			                     origin),
			    0);
		assert_int_equal(take(&f, BOOT + 100 * S, 400, 300,
		                     origin + steps[k]),
		    -ESTALE);
		assert_true(clockfit_estimate(&f, BOOT + 101 * S, &e));
		assert_true(
		    llabs(clockfit_time(&e, BOOT + 101 * S) -
		        (BOOT + 101 * S + origin + steps[k])) <= e.bound_us);
		assert_in_range(e.bound_us, 350, 1000);
		assert_int_equal(take(&f, BOOT + 102 * S, 400, 300,
		                     origin + steps[k]),
		    0);
	}
}

static void
what_cannot_be_is_passed_over(void **state)
{
	static const struct clockfit_sample bad[] = {
		{ 5, 0, 0, 9 },                         /* in 1970 */
		{ 5, RACE_TIME_MAX, RACE_TIME_MAX, 9 }, /* in 2100 */
		{ 9, RACE_TIME_MIN, RACE_TIME_MIN, 5 },
		{ 5, RACE_TIME_MIN + 1, RACE_TIME_MIN, 9 },
		{ 5, RACE_TIME_MIN, RACE_TIME_MIN + 5, 9 },
		{ -5, RACE_TIME_MIN, RACE_TIME_MIN, 9 },
		{ 5, RACE_TIME_MIN, RACE_TIME_MIN, 61 * S },
		{ 5, INT64_MIN, INT64_MAX, 9 },
		{ INT64_MIN, RACE_TIME_MIN, RACE_TIME_MIN, INT64_MAX },
	};
	struct clockfit f;
	struct race_clock_estimate e;

	(void)state;
	clockfit_init(&f);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(clockfit_take(&f, &bad[i]), -EINVAL);
	assert_false(clockfit_estimate(&f, BOOT, &e));
	assert_int_equal(take(&f, BOOT, 100, 100, origin), 0);
	/* Nor one that comes after a later one. */
	assert_int_equal(take(&f, BOOT - S, 100, 100, origin), -EINVAL);
}

/* A crystal that warms up evenly bends the line at each moment: every exchange
 * is a corner. */
static void
more_corners_than_are_kept_widen_the_bound_and_break_nothing(void **state)
{
	struct clockfit f;
	struct race_clock_estimate e;

	(void)state;
	for (int bend = -1; bend <= 1; bend += 2) {
		clockfit_init(&f);
		for (int64_t i = 0; i < 1800; i++) {
			/* 8 ppm in half an hour */
			int64_t ahead = origin + bend * i * i * 8 / 3600;

			assert_int_equal(take(&f, BOOT + i * S, 100, 100,
			                     ahead),
			    0);
			assert_true(clockfit_estimate(&f, BOOT + i * S, &e));
			assert_true(llabs(clockfit_time(&e, BOOT + i * S) -
			                (BOOT + i * S + ahead)) <=
			    clockfit_bound(&e, BOOT + i * S));
		}
		assert_true(f.old.above.count <= CLOCKFIT_CORNERS);
		assert_in_range(e.bound_us, 0, 200);
		assert_in_range(e.drift_bound_ppb, 5000, 8000);
	}
}

static void
a_crystal_that_changes_over_hours_is_no_clock_that_was_set(void **state)
{
	struct clockfit f;
	struct race_clock_estimate e;
	int64_t ahead_ns = 0;

	(void)state;
	clockfit_init(&f);
	/* 24 ppm in six hours. */
	for (int64_t i = 0; i < 6 * 3600; i++) {
		assert_int_equal(take(&f, BOOT + i * S, 200, 200,
		                     origin + ahead_ns / 1000),
		    0);
		ahead_ns += i * 24000 / (6 * 3600);
	}
	assert_true(clockfit_estimate(&f, BOOT, &e));
	assert_in_range(e.bound_us, 0, 500);
	assert_in_range(e.drift_ppb, 15000, 30000);
}

/* 3 ppm more each hour, and a link that is away for four of them: when it is
 * back it is short once, and slow from then on. */
static void
what_was_learned_before_a_gap_of_hours_is_no_longer_held(void **state)
{
	enum { BEGINS = 3600, ENDS = 19440 };
	struct clockfit f;
	struct race_clock_estimate e;

	(void)state;
	clockfit_init(&f);
	for (int64_t i = 0; i < ENDS + 1800; i++) {
		int64_t way = i <= ENDS ? 200 : 300 * MS;
		int64_t ahead = origin + 3 * i * i / 7200;

		if (i >= BEGINS && i < ENDS)
			continue;
		assert_int_equal(take(&f, BOOT + i * S, way, way, ahead), 0);
		assert_true(clockfit_estimate(&f, 0, &e));
		assert_true(llabs(clockfit_time(&e, BOOT + i * S) -
		                (BOOT + i * S + ahead)) <=
		    clockfit_bound(&e, BOOT + i * S));
	}
}

/* A daemon that corrects 0.3 s of a clock does so with all its might. */
static void
a_clock_that_is_slewed_is_told_once_and_known_less_well(void **state)
{
	struct clockfit f;
	struct race_clock_estimate e;
	int64_t ahead = origin;
	int told = 0;

	(void)state;
	clockfit_init(&f);
	for (int64_t i = 0; i < 3000; i++) {
		int rc = take(&f, BOOT + i * S, 200, 300, ahead);

		told += rc == -EAGAIN;
		assert_true(rc == 0 || (rc == -EAGAIN && i > 600));
		assert_true(clockfit_estimate(&f, BOOT + i * S, &e));
		/* It takes a round trip's worth to be seen. */
		assert_true((i > 600 && told == 0) ||
		    llabs(clockfit_time(&e, e.boot_us) - (e.boot_us + ahead)) <=
		        e.bound_us);
		assert_int_equal(told, i > 601);
		if (i == 800)
			assert_in_range(e.drift_bound_ppb, 490000, 510000);
		if (i >= 600 && i < 900)
			ahead += 420;
	}
	assert_in_range(e.drift_bound_ppb, 5000, 15000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_known_before_the_first_exchange),
		cmocka_unit_test(
		    one_exchange_is_wrong_by_half_its_round_trip_and_no_more),
		cmocka_unit_test(
		    an_exchange_that_takes_no_time_is_known_to_microseconds),
		cmocka_unit_test(
		    a_short_round_trip_holds_against_the_long_ones_behind_it),
		cmocka_unit_test(
		    the_aggregators_clock_that_is_set_begins_it_anew),
		cmocka_unit_test(what_cannot_be_is_passed_over),
		cmocka_unit_test(
		    more_corners_than_are_kept_widen_the_bound_and_break_nothing),
		cmocka_unit_test(
		    a_crystal_that_changes_over_hours_is_no_clock_that_was_set),
		cmocka_unit_test(
		    what_was_learned_before_a_gap_of_hours_is_no_longer_held),
		cmocka_unit_test(
		    a_clock_that_is_slewed_is_told_once_and_known_less_well),
		cmocka_unit_test(
		    the_truth_is_within_the_bound_at_every_moment_of_every_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
