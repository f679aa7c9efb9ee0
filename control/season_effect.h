/*
 * season_effect - who changes place in which table of a season when something
 * is published or decided: all tables before, beside all tables after.  Pure.
 */
#ifndef CONTROL_SEASON_EFFECT_H
#define CONTROL_SEASON_EFFECT_H

#include <stdio.h>

#include "race/season/season.h"

struct season_effect;

/* The tables as they are now.  rules: those of the season, which outlive it. */
struct season_effect *season_effect_begin(struct season *s,
    const struct season_rules *rules);

/*
 * Prints what is other now, at most `lines` of it, each behind `indent` blanks:
 * "2014 general: Nespresso 2 -> 1, 15 -> 18 points"; "and 12 more".  Whose
 * points have changed come first, then who was only moved by them.  Returns how
 * many lines that would be in all; out NULL: nobody looks.  Frees e.
 */
size_t season_effect_end(FILE *out, struct season_effect *e, struct season *s,
    size_t lines, int indent);

#endif
