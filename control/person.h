/*
 * person - who is meant on a command line: a bib, or a name that one person
 * alone has; a team by its name.  Pure.
 */
#ifndef CONTROL_PERSON_H
#define CONTROL_PERSON_H

#include "common/err.h"
#include "race/roster.h"
#include "race/rulings.h"
#include "race/types.h"

/*
 * A bib comes before a name, a whole name before a part of one; capitals and
 * accents do not matter.  -ENOENT: nobody, with words about who may be meant;
 * -ENOTUNIQ: several, which err lists.
 */
int person_find(const struct race_entry **out, const struct roster *roster,
    const char *text, struct err *err);

/* The number of the decision by which nobody has a bib any more, or whoever had
 * it another one, with words; 0: there is none. */
uint64_t person_gone(const struct rulings *rulings, const char *bib,
    struct err *err);

/* The name of a team as rankings show it, for any spelling.  -ENOENT. */
int person_team(const char **out, const struct race_rules *rules,
    const struct roster *roster, const char *text, struct err *err);

#endif
