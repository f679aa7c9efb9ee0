/*
 * season_decisions - the story of a season: what was published and decided, by
 * whom and why, what of it holds, and who changed place by it.
 */
#ifndef CONTROL_SEASON_DECISIONS_H
#define CONTROL_SEASON_DECISIONS_H

#include <stdio.h>

#include "control/season_load.h"

/* The events are read again.  -EUCLEAN and the like. */
int season_decisions(FILE *out, const struct season_source *from,
    const struct gather *g, struct err *err);

#endif
