/*
 * entries - who is entered, written as entries.csv has it: what conf_entries()
 * reads back as the same.
 */
#ifndef CONTROL_ENTRIES_H
#define CONTROL_ENTRIES_H

#include "race/types.h"

enum { ENTRIES_START_MAX = 40 };

/* A start of his own as the file has it; "" for none.  Returns out. */
char *entries_start(char out[ENTRIES_START_MAX], const struct race_entry *e);

/*
 * The file's text, for free().  bib and name have columns always, the others
 * where anybody has them.
 */
char *entries_csv(const struct race_entry *const *entries, size_t count);

#endif
