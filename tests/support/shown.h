/*
 * shown - what stands in the lines of a screen.
 */
#ifndef TESTS_SUPPORT_SHOWN_H
#define TESTS_SUPPORT_SHOWN_H

#include <string.h>

#include "common/screen.h"

/* Without the blanks at its end; until the next call. */
static inline const char *
shown_text(const struct screen_line *line)
{
	static char out[SCREEN_BYTES];
	size_t len = strlen(line->text);

	while (len > 0 && line->text[len - 1] == ' ')
		len--;
	memcpy(out, line->text, len);
	out[len] = '\0';
	return out;
}

/* The first line with those words; NULL: there is none. */
static inline const struct screen_line *
shown_find(const struct screen_line *lines, size_t height, const char *words)
{
	for (size_t i = 0; i < height; i++)
		if (strstr(lines[i].text, words) != NULL)
			return &lines[i];
	return NULL;
}

#endif
