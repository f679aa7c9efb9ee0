/*
 * season_check - what a season folder was understood to say, and names in it
 * that may be one and the same.
 */
#ifndef CONTROL_SEASON_CHECK_H
#define CONTROL_SEASON_CHECK_H

#include <stdio.h>

#include "control/season_load.h"

/* dir: what the folder is called on the command line. */
void season_check(FILE *out, const char *dir, const struct gather *l);

#endif
