/*
 * consequences - who changes place by what is decided, for people: of each
 * ranking the rows of those that it is about, then others, then who only moves;
 * and the prizes that change hands.  Pure.
 */
#ifndef CONTROL_CONSEQUENCES_H
#define CONTROL_CONSEQUENCES_H

#include <stdio.h>

#include "control/correct.h"

/* Applies what c has decided to b, which is good for nothing else then; b may
 * be the book of c.  80 columns.  Returns which rankings change: a bit each. */
uint64_t consequences_print(FILE *out, const struct correct *c, struct book *b);

/* The same in two steps, where what is decided is applied to b between them:
 * what is kept before, and what is printed then, once. */
struct consequences;
struct consequences *consequences_begin(struct book *b);
uint64_t consequences_end(FILE *out, struct consequences *before,
    const struct correct *c, struct book *b);
void consequences_free(struct consequences *before);

/*
 * What was published as final is no longer what was said, where one of these
 * rankings changes: that is decided as well, so that everybody sees it, and
 * told.
 */
void consequences_amend(FILE *out, struct correct *c, struct book *b,
    uint64_t changed);

/* The same as consequences_end() of two books, whose rules may differ; c was
 * applied to `after`. */
void consequences_between(FILE *out, const struct correct *c,
    struct book *before, struct book *after);

#endif
