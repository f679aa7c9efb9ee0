/*
 * choice - something of a race named on a command line that the race does not
 * have: the words that help.
 */
#ifndef RACE_CHOICE_H
#define RACE_CHOICE_H

#include "race/types.h"

/*
 * What to tell somebody who named no ranking, or no point, of these rules: the
 * nearest one, and all there are.  name "": he named none at all.  Free with
 * free().
 */
char *choice_ranking(const struct race_rules *rules, const char *name);
char *choice_point(const struct race_rules *rules, const char *name);

#endif
