/*
 * amount - points as people write them: "25", "12.5", with at most three
 * decimals.  In SEASON_UNIT.  Pure.
 */
#ifndef RACE_SEASON_AMOUNT_H
#define RACE_SEASON_AMOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AMOUNT_MAX = 32 };

/* 0 to SEASON_VALUE_MAX; false for anything else, and *out is untouched.
 * A decimal comma is a point. */
bool amount_parse(const char *s, int64_t *out);

/* The same in thousandths, up to max. */
bool amount_parse_thousandths(const char *s, int64_t max, int64_t *out);

/* Rounded half up to thousandths, trailing zeros cut: "18", "7.667".  Returns
 * out. */
char *amount_print(char out[AMOUNT_MAX], int64_t amount);

#endif
