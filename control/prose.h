/*
 * prose - sentences in lines of at most 80 columns, broken between words.  What
 * would steer a terminal becomes U+FFFD.
 */
#ifndef CONTROL_PROSE_H
#define CONTROL_PROSE_H

#include <stddef.h>
#include <stdio.h>

/*
 * Puts `head` at column `at` (blanks in front), the words of `text` behind it
 * from column `from` on, and what does not fit below them.  A head that reaches
 * further pushes the words on.
 */
void prose_put(FILE *out, size_t at, const char *head, size_t from,
    const char *text);

/* The words alone, on a line that is at `column` already. */
void prose_go_on(FILE *out, size_t column, size_t from, const char *text);

#endif
