/*
 * season_from - what stands on the command line for a season: its folder, or a
 * recording of it, as it was then.
 */
#ifndef CONTROL_SEASON_FROM_H
#define CONTROL_SEASON_FROM_H

#include "control/verb.h"
#include "race/season/recorded.h"

struct season_from {
	struct season_source source;
	struct recorded *recorded; /* NULL: a folder */
};

/* The first argument, with --at and --at-seq; a mistake, or what cannot be
 * read, ends the program. */
void season_from_open(struct season_from *out, const struct verb *v,
    const struct verb_options *o);
void season_from_close(struct season_from *f);

#endif
