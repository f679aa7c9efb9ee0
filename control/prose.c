#include "control/prose.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "common/text.h"

enum { COLUMNS = 80, WORD_BYTES = 1200 };

static void
blanks(FILE *out, size_t count)
{
	fprintf(out, "%*s", (int)count, "");
}

void
prose_go_on(FILE *out, size_t column, size_t from, const char *text)
{
	bool begun = false;

	if (column < from) {
		blanks(out, from - column);
		column = from;
	}
	for (;;) {
		char bytes[WORD_BYTES];
		char word[3 * WORD_BYTES];
		size_t len = strcspn(text += strspn(text, " "), " ");
		size_t width;

		if (len == 0)
			break;
		snprintf(bytes, sizeof bytes, "%.*s", (int)len, text);
		width =
		    text_fit(word, sizeof word, bytes, SIZE_MAX, false) + begun;
		if (begun && column + width > COLUMNS) {
			putc('\n', out);
			blanks(out, from);
			column = from;
			begun = false;
			width--;
		}
		fprintf(out, "%s%s", begun ? " " : "", word);
		column += width;
		begun = true;
		text += len;
	}
	putc('\n', out);
}

void
prose_put(FILE *out, size_t at, const char *head, size_t from, const char *text)
{
	char shown[3 * WORD_BYTES];
	size_t column =
	    at + text_fit(shown, sizeof shown, head, SIZE_MAX, false);

	blanks(out, at);
	fputs(shown, out);
	if (column >= from && head[0] != '\0' && text[0] != '\0') {
		putc(' ', out);
		column++;
	}
	prose_go_on(out, column, from, text);
}
