/*
 * points - what a place or a time is worth: whole numbers, rounded once.
 */
#include <stdlib.h>

#include "common/xalloc.h"
#include "race/season/core.h"

/* A weight is in thousandths, and so is a ratio. */
enum { THOUSAND = 1000 };

void
worth_init(struct worth *w, const struct season_points *points)
{
	w->points = points;
	w->sums = xcalloc(points->count + 1, sizeof *w->sums);
	for (size_t i = 0; i < points->count; i++)
		w->sums[i + 1] = w->sums[i] + points->list[i];
}

void
worth_close(struct worth *w)
{
	free(w->sums);
}

int64_t
worth_cut(wide sum)
{
	if (sum > SCORE_MAX)
		return SCORE_MAX;
	return sum < -SCORE_MAX ? -SCORE_MAX : (int64_t)sum;
}

/* Half up; nothing is below zero. */
static wide
divide(wide sum, wide by)
{
	return (2 * sum + by) / (2 * by);
}

int64_t
worth_weighted(int64_t points, int64_t weight)
{
	return worth_cut(divide((wide)points * weight, THOUSAND));
}

/* The first `places` of all together. */
static wide
sum_list(const struct worth *w, uint64_t places)
{
	const struct season_points *p = w->points;

	if (places <= p->count)
		return w->sums[places];
	return w->sums[p->count] + (wide)(places - p->count) * p->beyond;
}

static wide
sum_steps(const struct season_points *p, uint64_t places)
{
	uint64_t above = places;

	/* Places that are worth more than `beyond`. */
	if (p->from <= p->beyond)
		above = 0;
	else if (p->step > 0) {
		uint64_t most =
		    ((uint64_t)(p->from - p->beyond) + (uint64_t)p->step - 1) /
		    (uint64_t)p->step;

		above = places < most ? places : most;
	}
	return (wide)above * p->from -
	    (wide)above * ((wide)above - 1) / 2 * p->step +
	    (wide)(places - above) * p->beyond;
}

static wide
sum_places(const struct worth *w, uint64_t places)
{
	switch (w->points->scale) {
	case SEASON_LIST:
		return sum_list(w, places);
	case SEASON_STEPS:
		return sum_steps(w->points, places);
	case SEASON_PLACE:
		return (wide)places * ((wide)places + 1) / 2 * SEASON_UNIT;
	case SEASON_RATIO:
		break;
	}
	return 0;
}

int64_t
worth_of_place(const struct worth *w, enum season_tied tied, uint32_t place,
    uint32_t shared, int64_t weight)
{
	uint64_t before = place - UINT64_C(1);
	uint64_t share = tied == SEASON_TIED_AVERAGE && shared > 0 ? shared : 1;
	wide sum = sum_places(w, before + share) - sum_places(w, before);

	/* The mean and the weight at once: rounded but once. */
	return worth_cut(divide(sum * weight, (wide)share * THOUSAND));
}

int64_t
worth_of_time(const struct worth *w, int64_t least_us, int64_t time_us,
    int64_t weight)
{
	const int64_t thousandth = SEASON_UNIT / THOUSAND;
	wide ratio = divide((wide)w->points->from * least_us,
	    (wide)thousandth * time_us);

	return worth_cut(divide(ratio * thousandth * weight, THOUSAND));
}
