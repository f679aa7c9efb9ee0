/*
 * nearest - the word that somebody may have meant, for messages.
 */
#ifndef COMMON_NEAREST_H
#define COMMON_NEAREST_H

#include <stddef.h>

/*
 * The one of `count` words that is least edits away from `word`, without regard
 * to case and accents; NULL when half of the word would have to change.
 */
const char *nearest(const char *word, const char *const *words, size_t count);

/* "a, b, c"; free with free(). */
char *nearest_list(const char *const *words, size_t count);

#endif
