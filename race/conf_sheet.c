/* Spreadsheets that are to become entries.csv. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/files.h"
#include "race/conf_rows.h"

enum {
	PIECE = 64 * 1024,
	HEADER_ROWS = 5, /* the header of a spreadsheet is among them */
	SHEET_MAX = 256 * 1024 * 1024
};

struct bytes {
	char *data;
	size_t len;
};

/* What a spreadsheet's own format begins with, and what would do. */
static const char *
foreign_format(const struct bytes *b)
{
	static const struct {
		const char *magic;
		size_t len;
		const char *words;
	} all[] = {
		{ "PK\003\004", 4,
		    "is a spreadsheet (.xlsx, .ods), not text: save it as CSV "
		    "(UTF-8) and import that" },
		{ "\xd0\xcf\x11\xe0", 4,
		    "is a spreadsheet (.xls), not text: save it as CSV (UTF-8) "
		    "and import that" },
		{ "\xff\xfe", 2,
		    "is UTF-16 (\"Unicode text\"): save it as CSV UTF-8" },
		{ "\xfe\xff", 2,
		    "is UTF-16 (\"Unicode text\"): save it as CSV UTF-8" },
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (b->len >= all[i].len &&
		    memcmp(b->data, all[i].magic, all[i].len) == 0)
			return all[i].words;
	return NULL;
}

/* The first row of the bytes from `offset` on; false: there is none. */
static bool
row_at(struct csv *c, const struct bytes *b, uint64_t offset,
    struct csv_row *row)
{
	size_t left = b->len - (size_t)offset;

	csv_feed(c, b->data + offset, left < CSV_ROW_MAX ? left : CSV_ROW_MAX);
	csv_end(c);
	return csv_next(c, row, NULL) == 1;
}

enum heading { HEADING_NOT, HEADING_BIB, HEADING_FULL /* bib and name */ };

static enum heading
heading_of(const struct csv_row *row)
{
	enum conf_column kinds[CSV_FIELDS_MAX];
	bool known[CONF_COLUMNS + 2] = { false };
	size_t a;
	size_t b;

	for (size_t i = 0; i < row->count; i++)
		row->fields[i] = text_trim(row->fields[i]);
	(void)conf_columns_map(row->fields, row->count, kinds, &a, &b);
	for (size_t i = 0; i < row->count; i++)
		known[kinds[i]] = true;
	if (known[CONF_BIB] && (known[CONF_NAME] || known[CONF_LAST]))
		return HEADING_FULL;
	return known[CONF_BIB] ? HEADING_BIB : HEADING_NOT;
}

static uint64_t
lines_before(const struct bytes *b, uint64_t offset)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < offset; i++)
		lines += b->data[i] == '\n' ||
		    (b->data[i] == '\r' &&
		        (i + 1 == b->len || b->data[i + 1] != '\n'));
	return lines;
}

/*
 * Where the row is that names the columns: the first, unless it names no bib
 * and one soon after it does; a title may be a column's name, as "Participant".
 * Each row is read with a separator of its own, for a title may hold a comma
 * where the table has semicolons.
 */
static uint64_t
find_header(const struct bytes *b)
{
	uint64_t offset = 0;

	for (int i = 0; i < HEADER_ROWS && offset < b->len; i++) {
		struct csv *c = csv_new(offset, 1, '\0');
		struct csv_row row;
		enum heading is = HEADING_NOT;
		uint64_t next = b->len;

		if (row_at(c, b, offset, &row)) {
			is = heading_of(&row);
			next = row.offset;
		}
		csv_free(c);
		if (i == 0 && is != HEADING_NOT)
			return 0;
		if (is == HEADING_FULL)
			return offset;
		offset = next;
	}
	return 0;
}

static void
read_sheet(struct conf_rows *r, const struct bytes *b)
{
	uint64_t offset = find_header(b);
	uint64_t line = 1 + lines_before(b, offset);
	bool titled = offset > 0;
	bool go_on = true;

	conf_rows_open(r, offset, line);
	while (go_on && offset < b->len) {
		size_t n = b->len - (size_t)offset;

		n = n < PIECE ? n : PIECE;
		go_on = conf_rows_feed(r, b->data + offset, n);
		offset += n;
	}
	conf_rows_finish(r, go_on);
	if (titled)
		conf_report_add(r->report, false, r->file, 1, 0,
		    "names no bib: taken for a title; the columns are named on "
		    "line %u",
		    r->sheet->line);
	r->sheet->separator = csv_separator(r->csv);
	conf_rows_close(r);
}

static void
tell_wordy(const struct conf_rows *r)
{
	if (r->wordy > 0)
		conf_report_add(r->report, false, r->file, r->wordy_line, 0,
		    "bib %s has no digit, as %" PRIu64
		    " of this file: an entry, or a row of totals?",
		    r->wordy_bib, r->wordy);
}

/* Day and month can be taken for one another. */
static void
tell_dates(const struct conf_rows *r)
{
	if (r->either == 0 || (r->day_first > 0 && r->month_first == 0))
		return;
	conf_report_add(r->report, false, r->file, r->either_line, 0,
	    "born %s: read as day/month/year, as %" PRIu64
	    " dates of this file that could be either%s",
	    r->either_date, r->either,
	    r->month_first > 0 ? "; others seem to have the month first: look "
	                         "at them, or write all as 1984-05-23"
	                       : "");
}

int
conf_sheet(const char *path, const struct race_rules *rules,
    struct conf_sheet *sheet, struct conf_roll *roll,
    struct conf_report *report)
{
	const char *slash = strrchr(path, '/');
	struct conf_rows r = { .file = slash != NULL ? slash + 1 : path,
		.sheet = sheet,
		.rules = rules,
		.roll = roll,
		.report = report };
	size_t errors = report->errors;
	const char *words;
	struct bytes b;
	int rc = files_read(path, SHEET_MAX, &b.data, &b.len, NULL);

	*sheet = (struct conf_sheet){ 0 };
	if (rc < 0) {
		complain(&r, "cannot be read: %s", strerror(-rc));
		return -EINVAL;
	}
	words = foreign_format(&b);
	if (words != NULL)
		complain(&r, "%s", words);
	else
		read_sheet(&r, &b);
	tell_wordy(&r);
	tell_dates(&r);
	free(b.data);
	return report->errors == errors ? 0 : -EINVAL;
}

int
conf_sheet_row(const char *what, char **heads, char **values, size_t count,
    const struct race_rules *rules, struct conf_sheet *sheet,
    struct conf_roll *roll, struct conf_report *report)
{
	struct conf_rows r = { .file = what,
		.sheet = sheet,
		.rules = rules,
		.roll = roll,
		.report = report };
	struct csv_row head = { .count = count, .fields = heads };
	struct csv_row row = { .count = count, .fields = values };
	size_t errors = report->errors;

	*sheet = (struct conf_sheet){ 0 };
	conf_rows_open(&r, 0, 1);
	if (conf_rows_take(&r, &head))
		(void)conf_rows_take(&r, &row);
	conf_rows_close(&r);
	tell_dates(&r);
	return report->errors == errors ? 0 : -EINVAL;
}

bool
conf_sheet_has(const struct conf_sheet *sheet, const char *key)
{
	for (size_t i = 0; i < sheet->count; i++)
		if (strcmp(sheet->columns[i].key, key) == 0)
			return true;
	return false;
}
