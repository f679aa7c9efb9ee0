/*
 * team - which team an entry is of, through the aliases of the rules.  Pure.
 *
 * A spelling is compared byte for byte: "NESPRESSO" is Nespresso if the rules
 * say so, and not by itself, for what looks like a slip may be a second firm.
 * Both sides were trimmed when they were read.  What probably is one team is
 * for `palmares check` to suggest.
 */
#ifndef RACE_TEAM_H
#define RACE_TEAM_H

#include "race/types.h"

/* The name that a team is shown and ranked under: that of the alias, else the
 * one given. */
const char *team_name(const struct race_rules *rules, const char *spelling);

/* "" for none.  Lives as long as both. */
const char *team_of(const struct race_rules *rules,
    const struct race_entry *entry);

#endif
