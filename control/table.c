#include "control/table.h"

#include <stdlib.h>

#include "common/text.h"
#include "common/xalloc.h"

enum { WIDTH_MAX = 40, BYTES_MAX = 512 };

static size_t
width_of(const struct table_column *column, size_t k, size_t count,
    const char *const *cells, size_t rows)
{
	size_t width = text_width(column->head);

	for (size_t i = 0; i < rows; i++) {
		size_t w = text_width(cells[i * count + k]);

		if (w > width)
			width = w;
	}
	return width < WIDTH_MAX ? width : WIDTH_MAX;
}

static void
put_cell(FILE *out, const struct table_column *column, size_t width,
    const char *text, bool last)
{
	char fitted[BYTES_MAX];
	size_t used = text_fit(fitted, sizeof fitted, text, width, false);
	int blanks = (int)(width - used);

	if (column->right)
		fprintf(out, "%*s%s", blanks, "", fitted);
	else
		fprintf(out, "%s%*s", fitted, last ? 0 : blanks, "");
	fputs(last ? "\n" : "  ", out);
}

void
table_print_noted(FILE *out, const struct table_column *columns, size_t count,
    const char *const *cells, size_t rows, table_note_fn note, void *arg)
{
	size_t *widths = xcalloc(count, sizeof *widths);

	for (size_t k = 0; k < count; k++) {
		widths[k] = width_of(&columns[k], k, count, cells, rows);
		put_cell(out, &columns[k], widths[k], columns[k].head,
		    k + 1 == count);
	}
	for (size_t i = 0; i < rows; i++) {
		for (size_t k = 0; k < count; k++)
			put_cell(out, &columns[k], widths[k],
			    cells[i * count + k], k + 1 == count);
		note(arg, out, i);
	}
	free(widths);
}

static void
no_note(void *arg, FILE *out, size_t row)
{
	(void)arg;
	(void)out;
	(void)row;
}

void
table_print(FILE *out, const struct table_column *columns, size_t count,
    const char *const *cells, size_t rows)
{
	table_print_noted(out, columns, count, cells, rows, no_note, NULL);
}
