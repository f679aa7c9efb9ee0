/*
 * season_doubts - what season.yaml and aliases.csv name and no award list has:
 * no mistake, for it may be to come, but often one letter is wrong.
 */
#ifndef CONTROL_SEASON_DOUBTS_H
#define CONTROL_SEASON_DOUBTS_H

#include <stdio.h>

#include "race/season/gather.h"

/* A line each; returns how many. */
size_t season_doubts(FILE *out, const struct gather *g);

#endif
