#include "common/nearest.h"

#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"

/* Words are compared by their beginning: nobody mistypes more. */
enum { WORD_MAX = 64 };

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's distance in bytes. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1];
	size_t width = strnlen(b, WORD_MAX);

	for (size_t j = 0; j <= width; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t corner = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < width; j++) {
			size_t above = row[j + 1];

			row[j + 1] = least(above + 1, row[j] + 1,
			    corner + (a[i] != b[j]));
			corner = above;
		}
	}
	return row[width];
}

const char *
nearest(const char *word, const char *const *words, size_t count)
{
	char *wanted = text_fold(word);
	size_t best = strlen(wanted) / 2 + 1;
	const char *found = NULL;

	for (size_t i = 0; i < count; i++) {
		char *have = text_fold(words[i]);
		size_t d = distance(wanted, have);

		if (d < best) {
			best = d;
			found = words[i];
		}
		free(have);
	}
	free(wanted);
	return found;
}

char *
nearest_list(const char *const *words, size_t count)
{
	char *all = xstrdup("");

	for (size_t i = 0; i < count; i++) {
		char *longer =
		    xasprintf("%s%s%s", all, i > 0 ? ", " : "", words[i]);

		free(all);
		all = longer;
	}
	return all;
}
