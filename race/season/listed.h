/*
 * listed - lines of award lists, copied and compared.
 */
#ifndef RACE_SEASON_LISTED_H
#define RACE_SEASON_LISTED_H

#include "race/types.h"

/* One block, for free(): the line, its columns, the texts. */
struct race_listed *listed_copy(const struct race_listed *from);

/* All that a line says, but for columns that nobody uses. */
bool listed_same(const struct season_result *a, const struct season_result *b);

#endif
