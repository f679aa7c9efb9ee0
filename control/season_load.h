/*
 * season_load - a season folder for a verb of palmares: read, with what its
 * races give as they stand in their race.db.
 */
#ifndef CONTROL_SEASON_LOAD_H
#define CONTROL_SEASON_LOAD_H

#include "common/err.h"
#include "race/season/folder.h"
#include "race/season/taken.h"

struct season_load {
	struct season_folder folder;
	struct season *season;
	struct taken **takens; /* by feed */
};

/* Every mistake of the folder is told on stderr; -EINVAL if there is any, or a
 * race cannot be read, and err says what then.  Cleared in any case. */
int season_load(const char *dir, struct season_load *out, struct err *err);
void season_load_clear(struct season_load *l);

/* What the keys of results from files mean; NULL for one that a race gave. */
const struct season_listed *season_load_listed(const struct season_load *l,
    uint64_t key);

#endif
