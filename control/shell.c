#include "control/shell.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

static bool
is_plain(const char *word)
{
	return word[0] != '\0' &&
	    strspn(word,
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	        "0123456789_.,:=+-/@%") == strlen(word);
}

void
shell_word(FILE *out, const char *word)
{
	if (is_plain(word)) {
		fputs(word, out);
		return;
	}
	putc('\'', out);
	for (; *word != '\0'; word++)
		if (*word == '\'')
			fputs("'\\''", out);
		else
			putc(*word, out);
	putc('\'', out);
}

/* ---- the other way ---- */

struct splitting {
	const char *rest;
	char *to; /* the word that is being made */
};

/* Behind a quote, up to the next; within "" a backslash takes away what the
 * next character means.  False: there is none. */
static bool
take_quoted(struct splitting *s, char quote)
{
	while (*s->rest != quote) {
		if (quote == '"' && *s->rest == '\\' &&
		    (s->rest[1] == '"' || s->rest[1] == '\\'))
			s->rest++;
		if (*s->rest == '\0')
			return false;
		*s->to++ = *s->rest++;
	}
	s->rest++;
	return true;
}

/* Up to a blank. */
static bool
take_word(struct splitting *s)
{
	while (*s->rest != '\0' && strchr(" \t\n", *s->rest) == NULL) {
		char c = *s->rest++;

		if (c == '\'' || c == '"') {
			if (!take_quoted(s, c))
				return false;
			continue;
		}
		if (c == '\\')
			c = *s->rest++;
		if (c == '\0')
			return false;
		*s->to++ = c;
	}
	*s->to = '\0';
	return true;
}

int
shell_split(char ***out, size_t *count, const char *line)
{
	char *word = xmalloc(strlen(line) + 1);
	struct splitting s = { .rest = line };
	char **words = xcalloc(strlen(line) / 2 + 2, sizeof *words);
	size_t n = 0;

	for (;;) {
		s.rest += strspn(s.rest, " \t\n");
		if (*s.rest == '\0')
			break;
		s.to = word;
		if (!take_word(&s)) {
			free(word);
			shell_free(words);
			return -EINVAL;
		}
		words[n++] = xstrdup(word);
	}
	free(word);
	*out = words;
	*count = n;
	return 0;
}

void
shell_free(char **words)
{
	for (size_t i = 0; words != NULL && words[i] != NULL; i++)
		free(words[i]);
	free(words);
}
