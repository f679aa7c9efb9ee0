/*
 * season_load - a season folder for a verb of palmares: read, with what its
 * races give as they stand in their race.db.
 */
#ifndef CONTROL_SEASON_LOAD_H
#define CONTROL_SEASON_LOAD_H

#include <stdio.h>

#include "common/err.h"
#include "race/season/gather.h"

/* Every mistake of the folder is told on stderr; -EINVAL if there is any, or a
 * race cannot be read, and err says what then.  Cleared with gather_clear() in
 * any case; its books are gone. */
int season_load(const struct season_source *from, struct gather *out,
    struct err *err);

/*
 * How the files and what is published differ, line by line.
 */
struct season_difference {
	const struct season_listed *file;    /* NULL: it stands in none */
	const struct race_listed *published; /* NULL: it is new */
};
typedef void (
    *season_difference_fn)(void *arg, const struct season_difference *d);
void season_differences(const struct gather *g, season_difference_fn fn,
    void *arg);

/* What is in the files and not published, a line for each file; dir: where that
 * can be done, NULL: nowhere. */
void season_load_tell(FILE *out, const struct gather *g, const char *dir);

#endif
