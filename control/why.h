/*
 * why - what became of a read, in words: whether it counts, and if not, why.
 * Pure.
 */
#ifndef CONTROL_WHY_H
#define CONTROL_WHY_H

#include "race/rank/rank.h"

bool why_counts(enum rank_why why);

/* For people: "counts", "counts: it was set"; of one that does not, the reason
 * alone ("too early"), for others to put a no in front. */
const char *why_words(enum rank_why why);

/* For programs: "counts", "set", "too-early" ... */
const char *why_name(enum rank_why why);

#endif
