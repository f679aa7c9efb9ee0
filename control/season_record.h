/*
 * season_record - a season written into a file that grows with it, and from
 * which alone it can be shown again (PROTOCOL.md 3.11).
 */
#ifndef CONTROL_SEASON_RECORD_H
#define CONTROL_SEASON_RECORD_H

#include <stdint.h>

#include "common/err.h"

/*
 * What is new of the season folder goes behind what file has, which is made if
 * it is not there: *added events.  Durable when it returns 0.  -EINVAL: the
 * folder has mistakes, told on stderr; -ESTALE: the file is of another season,
 * or season.db is an older copy than was recorded; or as of
 * recording_resume().
 */
int season_record(const char *dir, const char *file, uint64_t *added,
    struct err *err);

#endif
