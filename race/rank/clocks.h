/*
 * clocks - when crossings were that laptops have stamped: by what was known of
 * the clock then, or by an estimate that knows better (PROTOCOL.md 3.7).
 *
 * A function of the set of crossings and estimates, whatever came first.  A
 * crossing is decided once against each estimate of its stream and epoch: no
 * more is kept of it than what has decided so far.  Pure.
 */
#ifndef RACE_RANK_CLOCKS_H
#define RACE_RANK_CLOCKS_H

#include "race/types.h"

struct clocks;

/* A corrected time, no further off than the bound; 0: nothing is known. */
struct clocks_moment {
	int64_t time_us;
	int64_t bound_us;
};

/* The time or the bound of that read is another now. */
typedef void (*clocks_moved_fn)(void *arg, uint32_t read);

struct clocks *clocks_new(void);
void clocks_free(struct clocks *c);

/* What an estimate says of that moment; false if no race can have been then. */
bool clocks_at(const struct race_clock_estimate *e, int64_t boot_us,
    struct clocks_moment *out);

/* Takes a crossing that a laptop of that stream has stamped, under a number of
 * the caller's; returns one for clocks_moment(). */
uint32_t clocks_stamp(struct clocks *c, uint64_t stream,
    const struct race_crossing *crossing, uint32_t read);

/* Takes an estimate, once each, and tells what it has moved. */
void clocks_estimate(struct clocks *c, struct race_id id,
    const struct race_clock_estimate *e, clocks_moved_fn moved, void *arg);

struct clocks_moment clocks_moment(const struct clocks *c, uint32_t stamp);

/* The latest corrected time of all, RACE_NO_TIME: there is none. */
int64_t clocks_latest(struct clocks *c);

#endif
