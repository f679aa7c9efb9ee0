#include "control/shell.h"

#include <stdbool.h>
#include <string.h>

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
