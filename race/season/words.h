/*
 * words - a season's figures and reasons as people read them.  Pure.
 */
#ifndef RACE_SEASON_WORDS_H
#define RACE_SEASON_WORDS_H

#include "race/season/season.h"

enum { SEASON_WORDS_MAX = 32, SEASON_WHY_MAX = 800 };

/* Points, or by time a span: "30.5", "2:31:07".  Returns out. */
char *season_score(char out[SEASON_WORDS_MAX], const struct season_table *t,
    int64_t score);

/* The same for programs: points, or seconds. */
char *season_figure(char out[SEASON_WORDS_MAX], const struct season_table *t,
    int64_t score);

/* "1st", "22nd". */
char *season_ordinal(char out[SEASON_WORDS_MAX], uint32_t n);

/* Why a row stands before the next one: "more wins: 3 to 2"; "" where the
 * scores differ, or nothing parted them. */
char *season_why(char out[SEASON_WHY_MAX], const struct season_table *t,
    const struct season_row *row);

/* What of a season has been held: "after 3 of 11 competitions, provisional". */
char *season_state(char out[SEASON_WHY_MAX], struct season *s, size_t season);

#endif
