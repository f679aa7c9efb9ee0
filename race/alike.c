#include "race/alike.h"

#include <stddef.h>
#include <string.h>

#include "common/text.h"

enum { LETTERS_MIN = 5 };

char *
alike_key(const char *name)
{
	return text_fold(name);
}

static bool
same_without_blanks(const char *a, const char *b)
{
	for (;;) {
		a += *a == ' ';
		b += *b == ' ';
		if (*a != *b)
			return false;
		if (*a == '\0')
			return true;
		a++;
		b++;
	}
}

/* A digit, or a letter that is a word: what tells names of a series apart. */
static bool
numbers(const char *key, const char *at)
{
	bool begins = at == key || at[-1] == ' ';
	bool ends = *at == '\0' || at[1] == '\0' || at[1] == ' ';

	return (*at >= '0' && *at <= '9') || *at == ' ' || (begins && ends);
}

/* One byte more in the longer one; both from where they differ. */
static bool
one_more(const char *longer, const char *rest, const char *short_rest)
{
	return strcmp(rest + 1, short_rest) == 0 && !numbers(longer, rest);
}

static bool
one_other(const char *a, const char *at_a, const char *b, const char *at_b)
{
	if (numbers(a, at_a) || numbers(b, at_b))
		return false;
	if (strcmp(at_a + 1, at_b + 1) == 0)
		return true;
	return at_a[0] == at_b[1] && at_a[1] == at_b[0] &&
	    strcmp(at_a + 2, at_b + 2) == 0;
}

bool
alike(const char *a, const char *b)
{
	size_t len_a = strlen(a);
	size_t len_b = strlen(b);
	size_t i = 0;

	if (*a == '\0' || *b == '\0')
		return false;
	if (same_without_blanks(a, b))
		return true;
	if (len_a < LETTERS_MIN || len_b < LETTERS_MIN)
		return false;
	while (a[i] == b[i])
		i++;
	if (len_a == len_b + 1)
		return one_more(a, a + i, b + i);
	if (len_b == len_a + 1)
		return one_more(b, b + i, a + i);
	return len_a == len_b && one_other(a, a + i, b, b + i);
}
