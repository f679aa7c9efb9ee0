#include "collector/clockfit.h"

#include <errno.h>
#include <string.h>

__extension__ typedef __int128 wide;

#define PER INT64_C(1000000000)

static const int64_t drift_ppb = CLOCKFIT_DRIFT_PPB;
static const int64_t wander_ppb = CLOCKFIT_WANDER_PPB;
static const int64_t hour_us = INT64_C(3600000000);
static const int64_t calm_us = INT64_C(600000000);

/* Longer ones say nothing that could be used. */
static const int64_t round_trip_max_us = INT64_C(60000000);

/*
 * Clocks are read in whole microseconds, cut.  The aggregator's, read later
 * than ours, may have been up to one later than it says; so may ours have been
 * at its receipt, and that once more by what it was cut before.
 */
static const int64_t cut_above_us = 1;
static const int64_t cut_below_us = 2;

/* ---- arithmetic ---- */

static int64_t
floor_div(wide a, wide b)
{
	wide q = a / b;

	return (int64_t)(a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q);
}

static int64_t
ceil_div(wide a, wide b)
{
	return -floor_div(-a, b);
}

/* What a drift makes of a span, at most. */
static int64_t
at_most(int64_t ppb, int64_t span_us)
{
	return ceil_div((wide)ppb * span_us, PER);
}

/* ---- a hull ---- */

/* Whether b lies below the line from a to c. */
static bool
is_corner(const struct clockfit_corner *a, const struct clockfit_corner *b,
    const struct clockfit_corner *c)
{
	wide before =
	    (wide)(b->offset_us - a->offset_us) * (c->boot_us - b->boot_us);
	wide behind =
	    (wide)(c->offset_us - b->offset_us) * (b->boot_us - a->boot_us);

	return before < behind;
}

/* How far b lies below that line: what would be lost without it. */
static int64_t
depth(const struct clockfit_corner *a, const struct clockfit_corner *b,
    const struct clockfit_corner *c)
{
	int64_t line = a->offset_us +
	    floor_div((wide)(c->offset_us - a->offset_us) *
	            (b->boot_us - a->boot_us),
	        c->boot_us - a->boot_us);

	return line - b->offset_us;
}

static void
drop_least(struct clockfit_hull *h)
{
	size_t least = 1;
	int64_t least_depth = INT64_MAX;

	for (size_t i = 1; i + 1 < h->count; i++) {
		int64_t d = depth(&h->corners[i - 1], &h->corners[i],
		    &h->corners[i + 1]);

		if (d < least_depth) {
			least_depth = d;
			least = i;
		}
	}
	h->count--;
	memmove(&h->corners[least], &h->corners[least + 1],
	    (h->count - least) * sizeof *h->corners);
}

/* Whether b says nothing that a does not say at any drift. */
static bool
covers(const struct clockfit_corner *a, const struct clockfit_corner *b)
{
	int64_t span_us = b->boot_us > a->boot_us ? b->boot_us - a->boot_us
	                                          : a->boot_us - b->boot_us;

	return b->offset_us - a->offset_us >= at_most(drift_ppb, span_us);
}

static void
add_corner(struct clockfit_hull *h, const struct clockfit_corner *c)
{
	if (h->count > 0) {
		const struct clockfit_corner *last = &h->corners[h->count - 1];

		if (c->boot_us <= last->boot_us || covers(last, c))
			return;
	}
	while (h->count > 0 &&
	    (covers(c, &h->corners[h->count - 1]) ||
	        (h->count > 1 &&
	            !is_corner(&h->corners[h->count - 2],
	                &h->corners[h->count - 1], c))))
		h->count--;
	if (h->count == CLOCKFIT_CORNERS)
		drop_least(h);
	h->corners[h->count++] = *c;
}

/* The least that the corners leave at a moment behind them. */
static int64_t
reach(const struct clockfit_hull *h, int64_t ppb, int64_t boot_us)
{
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < h->count; i++) {
		const struct clockfit_corner *c = &h->corners[i];
		int64_t at = c->offset_us + at_most(ppb, boot_us - c->boot_us);

		if (at < least)
			least = at;
	}
	return least;
}

/* ---- a stretch ---- */

static void
begin(struct clockfit_stretch *t, int64_t boot_us, int64_t wander)
{
	t->above.count = 0;
	t->below.count = 0;
	t->first_us = boot_us;
	t->latest_us = boot_us;
	t->wander_ppb = wander;
	t->least_ppb = -drift_ppb + wander;
	t->most_ppb = drift_ppb - wander;
}

/*
 * A corner from above and one from below: the truth passes between them.
 * Narrows the drift.  False: there is nothing between at any drift.
 */
static bool
narrow(struct clockfit_stretch *t, const struct clockfit_corner *above,
    const struct clockfit_corner *below)
{
	int64_t span_us = above->boot_us - below->boot_us;
	wide gap = (wide)(above->offset_us + below->offset_us) * PER;
	/* Beyond this nothing is said, or all is; nor would it fit 64 bits. */
	wide limit = (wide)2 * drift_ppb * (span_us > 0 ? span_us : -span_us);
	int64_t ppb;

	if (gap >= limit)
		return true;
	if (gap < -limit || span_us == 0)
		return false;
	if (span_us > 0) {
		ppb = ceil_div(gap, span_us) + t->wander_ppb;
		if (ppb < t->most_ppb)
			t->most_ppb = ppb;
	} else {
		ppb = floor_div(gap, span_us) - t->wander_ppb;
		if (ppb > t->least_ppb)
			t->least_ppb = ppb;
	}
	return true;
}

/* False: it contradicts what was taken before. */
static bool
take(struct clockfit_stretch *t, const struct clockfit_sample *s)
{
	const struct clockfit_corner above = { s->t1_us,
		s->t2_us - s->t1_us + cut_above_us };
	const struct clockfit_corner below = { s->t4_us,
		s->t4_us - s->t3_us + cut_below_us };
	bool fits = true;

	for (size_t i = 0; i < t->below.count; i++)
		fits = narrow(t, &above, &t->below.corners[i]) && fits;
	for (size_t i = 0; i < t->above.count; i++)
		fits = narrow(t, &t->above.corners[i], &below) && fits;
	if (!fits || t->least_ppb > t->most_ppb)
		return false;
	add_corner(&t->above, &above);
	add_corner(&t->below, &below);
	t->latest_us = s->t4_us;
	return true;
}

/* ---- ---- */

void
clockfit_init(struct clockfit *f)
{
	f->any = false;
}

static bool
is_sane(const struct clockfit_sample *s)
{
	return s->t1_us >= 0 && s->t4_us >= s->t1_us &&
	    s->t4_us - s->t1_us <= round_trip_max_us &&
	    s->t2_us >= RACE_TIME_MIN && s->t3_us >= s->t2_us &&
	    s->t3_us < RACE_TIME_MAX &&
	    s->t4_us - s->t1_us >= s->t3_us - s->t2_us;
}

/* The stretch in which estimates are made, and another one behind it. */
static void
begin_both(struct clockfit *f, const struct clockfit_sample *s, int64_t ppb)
{
	begin(&f->old, s->t1_us, ppb);
	begin(&f->young, s->t1_us, wander_ppb);
	(void)take(&f->old, s);
	(void)take(&f->young, s);
	f->any = true;
}

/* Whether a clock that runs as wildly as it may could have come here from
 * there: else it was set. */
static bool
may_come_to(const struct race_clock_estimate *e,
    const struct clockfit_sample *s)
{
	int64_t away_us = e->bound_us +
	    at_most(drift_ppb, s->t4_us - e->boot_us) +
	    at_most(drift_ppb, s->t4_us - s->t1_us);

	return s->t2_us - s->t1_us + cut_above_us >= e->offset_us - away_us &&
	    s->t3_us - s->t4_us - cut_below_us <= e->offset_us + away_us;
}

/* Whether the crystal would have to keep to its mean for longer than it does:
 * the link was away meanwhile. */
static bool
is_aged(const struct clockfit_stretch *t, const struct clockfit_sample *s)
{
	return t->wander_ppb == wander_ppb &&
	    s->t4_us - t->first_us > 2 * hour_us;
}

static void
grow_up(struct clockfit *f, const struct clockfit_sample *s)
{
	int64_t age_us = f->young.latest_us - f->young.first_us;

	if (age_us < (f->old.wander_ppb == wander_ppb ? hour_us : calm_us))
		return;
	f->old = f->young;
	begin(&f->young, s->t1_us, wander_ppb);
	(void)take(&f->young, s);
}

int
clockfit_take(struct clockfit *f, const struct clockfit_sample *s)
{
	struct race_clock_estimate before;
	bool young;

	if (!is_sane(s) || (f->any && s->t4_us < f->old.latest_us))
		return -EINVAL;
	if (!clockfit_estimate(f, 0, &before)) {
		begin_both(f, s, wander_ppb);
		return 0;
	}
	if (is_aged(&f->young, s))
		begin(&f->young, s->t1_us, wander_ppb);
	young = take(&f->young, s);
	if (!young) {
		begin(&f->young, s->t1_us, wander_ppb);
		(void)take(&f->young, s);
	}
	if (is_aged(&f->old, s) || !take(&f->old, s)) {
		if (!may_come_to(&before, s)) {
			begin_both(f, s, wander_ppb);
			return -ESTALE;
		}
		if (!young) {
			begin_both(f, s, drift_ppb);
			return -EAGAIN;
		}
		/* A crystal may do in hours what it does not in one: the
		 * younger ones agree among each other. */
		f->old = f->young;
	}
	grow_up(f, s);
	return 0;
}

bool
clockfit_estimate(const struct clockfit *f, int64_t boot_us,
    struct race_clock_estimate *out)
{
	const struct clockfit_stretch *t = &f->old;
	int64_t least;
	int64_t most;

	if (!f->any)
		return false;
	if (boot_us < t->latest_us)
		boot_us = t->latest_us;
	/* All corners lie before: the most is reached at the greatest drift. */
	most = reach(&t->above, t->most_ppb + t->wander_ppb, boot_us);
	least = -reach(&t->below, t->wander_ppb - t->least_ppb, boot_us);
	*out = (struct race_clock_estimate){
		.boot_us = boot_us,
		.offset_us = floor_div((wide)least + most, 2),
		.drift_ppb = floor_div((wide)t->least_ppb + t->most_ppb, 2),
		/* One more, for what clockfit_time() cuts. */
		.bound_us = ceil_div((wide)most - least, 2) + 1,
		.drift_bound_ppb =
		    ceil_div((wide)t->most_ppb - t->least_ppb, 2) +
		    t->wander_ppb,
	};
	return true;
}

int64_t
clockfit_time(const struct race_clock_estimate *e, int64_t boot_us)
{
	return boot_us + e->offset_us +
	    (int64_t)((wide)(boot_us - e->boot_us) * e->drift_ppb / PER);
}

int64_t
clockfit_bound(const struct race_clock_estimate *e, int64_t boot_us)
{
	int64_t span_us =
	    boot_us > e->boot_us ? boot_us - e->boot_us : e->boot_us - boot_us;

	return e->bound_us + at_most(e->drift_bound_ppb, span_us);
}
