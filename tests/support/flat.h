/*
 * flat - words that were laid out for a terminal, as if on one line: a test of
 * what is said does not depend on where it breaks.
 */
#ifndef TESTS_SUPPORT_FLAT_H
#define TESTS_SUPPORT_FLAT_H

#include <stddef.h>

/* Blanks and line ends, however many, are one blank.  Written in place. */
static inline char *
flat(char *text)
{
	size_t n = 0;

	for (const char *from = text; *from != '\0'; from++) {
		char c = *from;

		if (c == '\n')
			c = ' ';
		if (c != ' ' || n == 0 || text[n - 1] != ' ')
			text[n++] = c;
	}
	text[n] = '\0';
	return text;
}

#endif
