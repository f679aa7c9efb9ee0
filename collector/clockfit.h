/*
 * clockfit - what CLOCK_BOOTTIME of this laptop is on the aggregator's clock,
 * from exchanges of PING and PONG, with a bound that holds (PROTOCOL.md 3.7).
 *
 * Pure, and in integers: the same exchanges give the same estimate anywhere.
 * No statistics, for a path may be lopsided in any way: each exchange leaves an
 * interval in which the truth lies, at t1 from above and at t4 from below, and
 * what all of them leave is the answer.  What is assumed is the crystal alone:
 * against the aggregator's clock it is off by no more than CLOCKFIT_DRIFT_PPB,
 * and by no more than CLOCKFIT_WANDER_PPB more or less from one minute to
 * another.  That does not hold while a daemon slews either clock: exchanges
 * that say so are taken at the first alone, until ten minutes were calm.
 *
 * Of all exchanges those are kept that can matter later: the lowest ones, at
 * the corners of a convex hull, from either side; what lies behind it says
 * nothing new at any drift.  If there are too many corners the one goes that
 * tells least.  They are forgotten after one to two hours.
 */
#ifndef COLLECTOR_CLOCKFIT_H
#define COLLECTOR_CLOCKFIT_H

#include "race/types.h"

/* The worst that a kernel takes for a clock that can be disciplined. */
#define CLOCKFIT_DRIFT_PPB INT64_C(500000)

/* Around the middle of what a crystal does in two hours: one of a laptop
 * (AT-cut) does 0.1 to 0.5 ppm for a degree, and may warm up by twenty. */
#define CLOCKFIT_WANDER_PPB INT64_C(5000)

enum {
	CLOCKFIT_CORNERS = 64 /* of one hull; there are four: 256 samples */
};

struct clockfit_corner {
	int64_t boot_us;
	int64_t offset_us;
};

struct clockfit_hull {
	struct clockfit_corner corners[CLOCKFIT_CORNERS]; /* by boot_us */
	size_t count;
};

/* What a stretch of exchanges left. */
struct clockfit_stretch {
	struct clockfit_hull above;
	struct clockfit_hull below; /* offsets negated: a mirror image */
	int64_t first_us;
	int64_t latest_us;
	int64_t wander_ppb;
	int64_t least_ppb; /* the drift, without what it wanders */
	int64_t most_ppb;
};

struct clockfit {
	bool any;
	struct clockfit_stretch old;   /* what estimates are made of */
	struct clockfit_stretch young; /* takes its place after a while */
};

struct clockfit_sample {
	int64_t t1_us; /* CLOCK_BOOTTIME, sent */
	int64_t t2_us; /* the aggregator's UTC, received */
	int64_t t3_us; /* answered */
	int64_t t4_us; /* CLOCK_BOOTTIME, received */
};

/* Nothing is known. */
void clockfit_init(struct clockfit *f);

/*
 * Takes an exchange, not before those that were taken.  0; -EINVAL: it cannot
 * be, and is passed over.  -ESTALE: it contradicts those before, and it alone
 * is what is known now: one of the clocks was set.  -EAGAIN: so it does, but a
 * clock that is slewed would do it; estimates of before hold no longer.
 */
int clockfit_take(struct clockfit *f, const struct clockfit_sample *s);

/* As of boot_us, or of the latest exchange if that was later; clock_epoch is
 * left 0.  False: nothing is known. */
bool clockfit_estimate(const struct clockfit *f, int64_t boot_us,
    struct race_clock_estimate *out);

/* What an estimate says of a moment: the aggregator's time, and the bound. */
int64_t clockfit_time(const struct race_clock_estimate *e, int64_t boot_us);
int64_t clockfit_bound(const struct race_clock_estimate *e, int64_t boot_us);

#endif
