/*
 * misfits - the points where the lists of two people do not fit each other:
 * what is said when that begins and ends, and what boards and desks show while
 * it lasts.  Pure.
 */
#ifndef AGGREGATOR_MISFITS_H
#define AGGREGATOR_MISFITS_H

#include "race/rank/rank.h"

struct misfits {
	bool told[RACE_POINTS_MAX]; /* by point: it has begun */
	uint64_t conflicts;         /* of all points */
	char trouble[200];          /* "" is none */
};

/* A line of the log. */
typedef void (*misfits_say_fn)(void *arg, bool warning, const char *line);

/* Starts as { 0 }.  all[i] is what is in conflict at point i of the rules. */
void misfits_look(struct misfits *m, const struct race_rules *rules,
    const struct rank_conflict *all, misfits_say_fn say, void *arg);

#endif
