/*
 * ground - a new race folder: race.yaml and entries.csv, where nothing of a
 * race is yet.
 */
#ifndef CONTROL_GROUND_H
#define CONTROL_GROUND_H

#include "common/err.h"

/* -EEXIST with what is there: a race.yaml, entries.csv or race.db. */
int ground_is_free(const char *dir, struct err *err);

/* Makes the folder, if it is not there, and both files in it, which must not
 * be; and reads them as palmares check does: what they hold that is a mistake
 * is printed, and then none of it was made (-EINVAL). */
int ground_write(const char *dir, const char *rules, const char *entries,
    struct err *err);

#endif
