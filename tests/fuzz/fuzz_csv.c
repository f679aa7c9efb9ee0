/*
 * Rows out of bytes: the same whether the bytes come at once or in pieces, and
 * whether a reader begins at the start or where another one stopped.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/csv.h"
#include "common/xalloc.h"
#include "fuzz.h"

/* A row or a refusal, kept. */
struct row {
	int rc;
	uint64_t line;
	uint64_t offset;
	size_t count;
	char *text; /* the fields, each with its NUL */
	size_t len;
};

struct rows {
	struct row *list;
	size_t count;
	size_t cap;
};

static void
keep(struct rows *rows, int rc, const struct csv_row *row)
{
	struct row *to;

	rows->list =
	    xgrow(rows->list, &rows->cap, rows->count, sizeof *rows->list);
	to = &rows->list[rows->count++];
	*to = (struct row){ .rc = rc,
		.line = row->line,
		.offset = row->offset,
		.count = row->count };
	for (size_t i = 0; i < row->count; i++) {
		size_t n = strlen(row->fields[i]) + 1;

		to->text = xreallocarray(to->text, to->len + n, 1);
		memcpy(to->text + to->len, row->fields[i], n);
		to->len += n;
	}
}

static void
check_row(const struct csv_row *row, int rc, uint64_t before, size_t end)
{
	assert(rc == 1 || row->count == 0);
	assert(row->count <= CSV_FIELDS_MAX);
	assert(row->offset > before && row->offset <= end);
}

static void
take(struct csv *c, struct rows *rows, uint64_t *before, size_t end)
{
	struct csv_row row;
	struct err err;
	int rc;

	while ((rc = csv_next(c, &row, &err)) != 0) {
		check_row(&row, rc, *before, end);
		*before = row.offset;
		keep(rows, rc, &row);
	}
}

/* A row that ends in CR is not held back for an LF that may come later: where
 * two pieces meet between them, the LF is passed over next time. */
static void
pass_line_feeds(struct rows *rows, const char *bytes, size_t len)
{
	for (size_t i = 0; i < rows->count; i++) {
		uint64_t *at = &rows->list[i].offset;

		if (*at < len && bytes[*at] == '\n' && bytes[*at - 1] == '\r')
			++*at;
	}
}

/* The bytes from `from` on, in pieces of that size; returns the separator. */
static char
read_all(struct rows *rows, const char *bytes, size_t len, size_t from,
    uint64_t line, char separator, size_t piece)
{
	struct csv *c = csv_new(from, line, separator);
	uint64_t before = from;

	for (size_t at = from; at < len;) {
		size_t n = len - at < piece ? len - at : piece;

		csv_feed(c, bytes + at, n);
		take(c, rows, &before, len);
		at += n;
	}
	csv_end(c);
	take(c, rows, &before, len);
	pass_line_feeds(rows, bytes, len);
	separator = csv_separator(c);
	csv_free(c);
	return separator;
}

static void
clear(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		free(rows->list[i].text);
	free(rows->list);
	*rows = (struct rows){ 0 };
}

static void
check_same(const struct rows *a, size_t skipped, const struct rows *b)
{
	assert(a->count - skipped == b->count);
	for (size_t i = 0; i < b->count; i++) {
		const struct row *x = &a->list[skipped + i];
		const struct row *y = &b->list[i];

		assert(x->rc == y->rc && x->offset == y->offset);
		assert(x->line == y->line && x->count == y->count);
		assert(x->len == y->len);
		assert(x->len == 0 || memcmp(x->text, y->text, x->len) == 0);
	}
}

/* The fields of a row with quotes where they need them, behind one more. */
static char *
quote_row(const struct row *row, size_t *len)
{
	size_t cap = 2 * row->len + 3 * row->count + 4;
	char *line = xmalloc(cap);
	const char *field = row->text;
	size_t used = 1;

	strcpy(line, "x");
	for (size_t i = 0; i < row->count; i++) {
		line[used++] = ',';
		used += csv_quote(line + used, cap - used, field);
		field += strlen(field) + 1;
	}
	assert(used < cap && line[used] == '\0');
	*len = used;
	return line;
}

/* What csv_quote() writes is read as what it was given. */
static void
check_quotes(const struct row *row)
{
	size_t len;
	char *line = quote_row(row, &len);
	struct csv *c = csv_new(0, 1, ',');
	const char *field = row->text;
	struct csv_row back;

	csv_feed(c, line, len);
	csv_end(c);
	if (len < CSV_ROW_MAX && row->count < CSV_FIELDS_MAX) {
		assert(csv_next(c, &back, NULL) == 1);
		assert(back.count == row->count + 1);
		for (size_t i = 0; i < row->count; i++) {
			assert(strcmp(back.fields[i + 1], field) == 0);
			field += strlen(field) + 1;
		}
	}
	csv_free(c);
	free(line);
}

/* Bytes 1 may become many letters: rows of 64 KiB from small inputs. */
static char *
expand(struct fuzz_input *in, size_t *len)
{
	enum { MANY = 9000, TIMES = 10 };
	size_t times = fuzz_byte(in) == 0x7e ? TIMES : 0;
	char *out = xmalloc(in->left + times * MANY + 1);
	size_t used = 0;

	for (size_t i = 0; i < in->left; i++) {
		bool many = in->at[i] == 1 && times > 0;
		size_t n = many ? MANY : 1;

		times -= many;
		memset(out + used, many ? 'x' : in->at[i], n);
		used += n;
	}
	*len = used;
	/* No byte behind: a reader that goes too far is seen. */
	return xreallocarray(out, used > 0 ? used : 1, 1);
}

/* A reader that begins behind row k, as a collector does that was restarted. */
static void
check_restart(const struct rows *whole, size_t k, const char *bytes, size_t len,
    char separator)
{
	struct rows rest = { 0 };

	(void)read_all(&rest, bytes, len, (size_t)whole->list[k].offset, 1,
	    separator, len);
	/* Lines are counted from 1 here: blank ones may lie between. */
	for (size_t i = 0; i < rest.count && k + 1 + i < whole->count; i++)
		rest.list[i].line = whole->list[k + 1 + i].line;
	check_same(whole, k + 1, &rest);
	clear(&rest);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	size_t piece = 1 + fuzz_below(&in, 256);
	size_t k = fuzz_byte(&in);
	size_t len;
	char *bytes = expand(&in, &len);
	struct rows whole = { 0 };
	struct rows parts = { 0 };

	/* A first row is looked at from its beginning with each piece. */
	if (len > 4096)
		piece *= 256;
	char separator =
	    read_all(&whole, bytes, len, 0, 1, '\0', len > 0 ? len : 1);

	(void)read_all(&parts, bytes, len, 0, 1, '\0', piece);
	check_same(&whole, 0, &parts);
	if (k < whole.count)
		check_restart(&whole, k, bytes, len, separator);
	for (size_t i = 0; i < whole.count && i < 16; i++)
		check_quotes(&whole.list[i]);
	clear(&parts);
	clear(&whole);
	free(bytes);
	return 0;
}
