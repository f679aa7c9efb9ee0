/*
 * key - what names a line of an award list, wherever it stands in which file,
 * so that a corrected place replaces the line (PROTOCOL.md 3.10).
 *
 * Two different lines have one key once in 2^63.
 */
#ifndef RACE_SEASON_KEY_H
#define RACE_SEASON_KEY_H

#include "race/types.h"

/* At least this: what comes from elsewhere has smaller ones. */
#define KEY_LEAST (UINT64_C(1) << 63)

/* equals: how many lines with the same names stand before it. */
uint64_t key_of(const struct season_result *r, uint64_t equals);

#endif
