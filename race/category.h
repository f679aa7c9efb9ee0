/*
 * category - which category an entry is in.  Pure.
 *
 * The one that it names; else the first of the rules' categories that takes its
 * sex and its age on the day of the race.  Who was born on a date has a
 * birthday; of whom only the year is known the age is that of the year.  The
 * entry itself is left as it was given.
 */
#ifndef RACE_CATEGORY_H
#define RACE_CATEGORY_H

#include "race/types.h"

/* "" for none.  Lives as long as both. */
const char *category_of(const struct race_rules *rules,
    const struct race_entry *entry);

/* Whole years on the day of the race; -1: nobody knows. */
int category_age(const struct race_rules *rules,
    const struct race_entry *entry);

#endif
