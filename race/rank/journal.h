/*
 * journal - what is known of each (stream, seq): a number, 0 at first.
 *
 * Streams count 1, 2, 3 ..., so 64 neighbours lie in one block; any order and
 * any numbers are right all the same, only larger.  Pure.
 */
#ifndef RACE_RANK_JOURNAL_H
#define RACE_RANK_JOURNAL_H

#include "race/types.h"

struct journal;

struct journal *journal_new(void);
void journal_free(struct journal *j);

/* Where the number of that event is kept; valid until the next call. */
uint32_t *journal_at(struct journal *j, struct race_id id);

#endif
