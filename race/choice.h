/*
 * choice - a ranking named on a command line: found, or the words that help.
 */
#ifndef RACE_CHOICE_H
#define RACE_CHOICE_H

#include "race/types.h"

/*
 * What to tell somebody who named no ranking of these rules: the nearest one,
 * and all there are.  name "": he named none at all.  Free with free().
 */
char *choice_words(const struct race_rules *rules, const char *name);

#endif
