/*
 * csv - rows of fields out of bytes as spreadsheets write them (RFC 4180, plus
 * what is met in the wild: `,` `;` or TAB, BOM, CP1252, CR LF or LF or CR, no
 * newline at the end).
 *
 * The bytes come from the caller in any pieces, so that files, pipes and
 * growing files are read alike.  A field is trimmed of blanks unless quoted.
 */
#ifndef COMMON_CSV_H
#define COMMON_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

enum { CSV_FIELDS_MAX = 256, CSV_ROW_MAX = 64 * 1024 };

struct csv;

struct csv_row {
	uint64_t line;   /* first line of the row, from 1 */
	uint64_t offset; /* first byte after the row: where a restart goes on */
	size_t count;
	char **fields; /* UTF-8, NUL-terminated, the caller may write in them */
	bool cp1252;   /* the row was not UTF-8 and was read as CP1252 */
};

/* A reader that begins at byte `offset`, line `line` (0 and 1 at the start).
 * separator 0: found from the first row that csv_next() yields. */
struct csv *csv_new(uint64_t offset, uint64_t line, char separator);
void csv_free(struct csv *c);
char csv_separator(const struct csv *c);

/* Gives it bytes; they are copied. */
void csv_feed(struct csv *c, const char *bytes, size_t len);

/* No more bytes will come: a last row without newline counts. */
void csv_end(struct csv *c);

/*
 * 1 and the next row (valid until the next call on c), 0 when more bytes are
 * needed or all is read, -EINVAL with words for a row that is refused (too
 * long, too many fields, an unclosed quote, a NUL byte): row->line and
 * row->offset are set, count is 0, and the next call goes on behind it.
 * Blank rows are skipped.
 */
int csv_next(struct csv *c, struct csv_row *row, struct err *err);

/* Writes one field with quotes where they are needed; returns its length as
 * snprintf does. */
size_t csv_quote(char *out, size_t cap, const char *field);

#endif
