/*
 * rules_diff - what two races are told differently by their rules, as lines of
 * race.yaml: the old ones behind a -, the new ones behind a +.
 */
#ifndef CONTROL_RULES_DIFF_H
#define CONTROL_RULES_DIFF_H

#include <stdio.h>

#include "race/types.h"

/* 80 columns.  Sets the process's zone to that of `is`.  False: nothing is
 * printed, for they say the same. */
bool rules_diff_print(FILE *out, const struct race_rules *was,
    const struct race_rules *is);

#endif
