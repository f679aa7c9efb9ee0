/*
 * explain_print - an explanation as a person would tell it, at 80 columns, and
 * as JSON.  Pure, but for the process's zone.
 */
#ifndef CONTROL_EXPLAIN_PRINT_H
#define CONTROL_EXPLAIN_PRINT_H

#include <stdio.h>

#include "control/explain.h"
#include "control/story.h"

void explain_print(FILE *out, const struct explain *e, const struct story *s);

/* 0, or -errno of writing. */
int explain_json(FILE *out, const struct explain *e, const struct story *s);

/* "scores", "slower" ... */
const char *explain_share(enum explain_share share);

#endif
