/*
 * season_explain - a subject's place in a table, line by line: what counts and
 * what does not, how it is written in which file, who stands before and behind
 * and why.
 */
#ifndef CONTROL_SEASON_EXPLAIN_H
#define CONTROL_SEASON_EXPLAIN_H

#include "control/season_load.h"
#include "control/season_print.h"

/* -ENOENT: the subject is not in that table. */
int season_explain(FILE *out, const struct season_sheet *sheet,
    const struct gather *l, const char *subject);

#endif
