/*
 * doubts - what a correction leaves that somebody has to look at twice: a chip
 * that is nobody's by it, or of two, as half of a transfer undone leaves it;
 * and times that run backwards along the course.  With what to type.  Pure.
 */
#ifndef CONTROL_DOUBTS_H
#define CONTROL_DOUBTS_H

#include <stdio.h>

#include "control/correct.h"

struct doubts;

/* Keeps who wears which chip now.  O(entries). */
struct doubts *doubts_begin(const struct roster *roster);
void doubts_free(struct doubts *d);

/*
 * Of what c has decided and was applied to b.  What would mend it is tried on b
 * and taken back: b is good for nothing else then but to be looked at.  80
 * columns; nothing where there is no doubt.
 */
void doubts_print(FILE *out, const struct doubts *d, const struct correct *c,
    struct book *b);

#endif
