/*
 * near - what somebody may have meant by a bib or chip that nobody has.  Pure.
 *
 * Candidates are one slip away: two neighbours swapped, a character missing,
 * doubled or too many, a key beside the right one (digits in a row or on a
 * keypad), zeros in front, or the number before or after.
 */
#ifndef RACE_NEAR_H
#define RACE_NEAR_H

#include "race/types.h"

/* In the order in which they are offered; what was typed for what was meant. */
enum near_slip {
	NEAR_SWAPPED, /* 120 for 102 */
	NEAR_MISSING, /* 12 for 102 */
	NEAR_DOUBLED, /* 1002 for 102 */
	NEAR_EXTRA,   /* 1702 for 102 */
	NEAR_KEY,     /* 105 for 102: beside it on a keypad */
	NEAR_ZEROS,   /* 7 for 007 */
	NEAR_NEXT     /* 110 for 109: no neighbours on the keys */
};

struct near_match {
	char word[RACE_CHIP_MAX + 1];
	enum near_slip slip;
};

typedef bool (*near_known_fn)(void *arg, const char *word);

/*
 * The words one slip away from `word` that `known` says exist, best first, each
 * once (with its best slip), at most cap.  Returns how many.
 */
size_t near_find(const char *word, near_known_fn known, void *arg,
    struct near_match *out, size_t cap);

/* "two digits swapped" */
const char *near_words(enum near_slip slip);

#endif
