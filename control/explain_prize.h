/*
 * explain_prize - why a prize is whose it is: how its ranking stands, who has
 * won it and with what, who comes next, and what was decided of it.  Pure.
 */
#ifndef CONTROL_EXPLAIN_PRIZE_H
#define CONTROL_EXPLAIN_PRIZE_H

#include <stdio.h>

#include "control/story.h"
#include "race/book.h"

/* The index of the award with that name, -1: there is none. */
int explain_award(const struct race_rules *rules, const char *name);

/* All its places, or one (0: all).  80 columns.  -ENOENT: it has no such place,
 * or no ranking. */
int explain_prize(FILE *out, struct book *b, const struct story *s,
    size_t award, uint32_t place);

#endif
