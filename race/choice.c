#include "race/choice.h"

#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's distance in bytes; both are at most RACE_LABEL_MAX long. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[RACE_LABEL_MAX + 1];
	size_t width = strnlen(b, RACE_LABEL_MAX);

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

/* The nearest name without regard to case and accents, or NULL when half of
 * the word would have to change. */
static const char *
nearest(const struct race_rules *rules, const char *name)
{
	char *wanted = text_fold(name);
	size_t best = strlen(wanted) / 2 + 1;
	const char *found = NULL;

	for (size_t i = 0; i < rules->ranking_count; i++) {
		char *have = text_fold(rules->rankings[i].name);
		size_t d = distance(wanted, have);

		if (d < best) {
			best = d;
			found = rules->rankings[i].name;
		}
		free(have);
	}
	free(wanted);
	return found;
}

static char *
list(const struct race_rules *rules)
{
	char *all = xstrdup("");

	for (size_t i = 0; i < rules->ranking_count; i++) {
		char *longer = xasprintf("%s%s%s", all, i > 0 ? ", " : "",
		    rules->rankings[i].name);

		free(all);
		all = longer;
	}
	return all;
}

char *
choice_words(const struct race_rules *rules, const char *name)
{
	char *all = list(rules);
	const char *near = nearest(rules, name);
	char *words;

	if (rules->ranking_count == 0)
		words = xstrdup("this race has no rankings");
	else if (name[0] == '\0')
		words = xasprintf("which ranking? There are: %s", all);
	else if (near == NULL)
		words = xasprintf("no ranking '%s'. There are: %s", name, all);
	else
		words = xasprintf("no ranking '%s': did you mean '%s'? "
		                  "There are: %s",
		    name, near, all);
	free(all);
	return words;
}
