/*
 * twins - which of many names are near to each other (alike), without comparing
 * all with all: names that are one slip apart are equal when the right letter
 * of each is left out.  Pure.
 */
#ifndef RACE_TWINS_H
#define RACE_TWINS_H

#include <stddef.h>
#include <stdint.h>

/* Two that are alike, a < b: indices of the names that were given. */
struct twins_pair {
	uint32_t a;
	uint32_t b;
};

/*
 * keys: of alike_key().  In the order of (a, b), each once; *out for free().
 * Of many equal keys each is paired with the one before it alone.  O(letters
 * log letters), and the pairs that are looked at and turn out not to be alike.
 */
size_t twins_find(const char *const *keys, size_t count,
    struct twins_pair **out);

#endif
