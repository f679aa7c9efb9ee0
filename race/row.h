/*
 * row - what is true of a ranking's rows wherever they are kept: their order,
 * and their hash.  Shared by the core, which makes rows, and the board, which
 * receives them, so that both sides cannot differ.  Pure.
 */
#ifndef RACE_ROW_H
#define RACE_ROW_H

#include "race/types.h"

/* By group and keys alone: 0 means tied (if placed). */
int row_key_cmp(const struct race_key *a, const struct race_key *b);

/*
 * The order of a listing: keys, then (only where `tie` is set) stream and seq,
 * then label.  0 for the same label alone.
 */
int row_cmp(const struct race_key *a, const char *label_a,
    const struct race_key *b, const char *label_b);

/* SipHash of every field of the row. */
uint64_t row_hash(const struct race_row *row);

#endif
