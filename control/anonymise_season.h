/*
 * anonymise_season - the recording of a season in which nobody is named any
 * more, and whose tables are the same but for names, at every moment of it
 * (PROTOCOL.md 3.11).
 *
 * Recipients and teams are replaced, each by the same everywhere: in the files,
 * in what was published and decided, and in what races gave.  A line's key is
 * made of its names, and is that of the new ones.  Competitions, awards,
 * tables, the files' names and the title are what they were.
 */
#ifndef CONTROL_ANONYMISE_SEASON_H
#define CONTROL_ANONYMISE_SEASON_H

#include "control/anonymise.h"

/* Whether path is the recording of a season: 1 or 0; or as of
 * recording_read(). */
int anonymise_is_season(const char *path, struct err *err);

/* As anonymise_file(). */
int anonymise_season(const char *from, const char *to, uint64_t seed,
    struct anonymise *out, struct err *err);

#endif
