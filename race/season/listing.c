#include "race/season/listing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/csv.h"
#include "common/nearest.h"
#include "common/text.h"
#include "common/xalloc.h"

enum { PIECE = 64 * 1024, UNKNOWN = -1 };

struct reading {
	const char *file;
	const struct listing_column *known;
	size_t count;
	listing_fn fn;
	void *arg;
	struct conf_report *report;
	struct csv *csv;
	unsigned line;
	bool headed;
	bool said_cp1252;
	int meaning[CSV_FIELDS_MAX]; /* of a column, by known, or UNKNOWN */
	char *names[CSV_FIELDS_MAX];
	size_t columns;
};

#define complain(r, ...)                                                       \
	conf_report_add((r)->report, true, (r)->file, (r)->line, 0, __VA_ARGS__)
#define warn(r, ...)                                                           \
	conf_report_add((r)->report, false, (r)->file, (r)->line, 0,           \
	    __VA_ARGS__)

/* ---- the first line ---- */

static int
meaning_of(const struct reading *r, const char *name)
{
	for (size_t i = 0; i < r->count; i++) {
		if (strcasecmp(r->known[i].name, name) == 0)
			return (int)i;
	}
	return UNKNOWN;
}

static void
tell_unknown(struct reading *r, const char *name)
{
	const char *words[CSV_FIELDS_MAX];
	const char *near;
	char q[TEXT_QUOTE_MAX];

	for (size_t i = 0; i < r->count; i++)
		words[i] = r->known[i].name;
	near = nearest(name, words, r->count);
	if (near != NULL)
		warn(r,
		    "column %s has no meaning here: did you mean \"%s\"?  It "
		    "is kept beside the line",
		    text_quote(q, name), near);
	else
		warn(r,
		    "column %s has no meaning here: it is kept beside the line",
		    text_quote(q, name));
}

static void
read_name(struct reading *r, size_t i, const char *name)
{
	char q[TEXT_QUOTE_MAX];

	r->names[i] = xstrdup(name);
	r->meaning[i] = meaning_of(r, name);
	if (strlen(name) > RACE_LABEL_MAX || !text_printable(name)) {
		complain(r,
		    "column %s: its name is longer than %d bytes, or has "
		    "control characters",
		    text_quote(q, name), RACE_LABEL_MAX);
		return;
	}
	for (size_t k = 0; k < i && name[0] != '\0'; k++) {
		if (strcasecmp(r->names[k], name) == 0)
			complain(r,
			    "columns %zu and %zu are both %s: rename one",
			    k + 1, i + 1, text_quote(q, name));
	}
	if (r->meaning[i] == UNKNOWN && name[0] != '\0')
		tell_unknown(r, name);
}

static void
check_needed(struct reading *r)
{
	for (size_t k = 0; k < r->count; k++) {
		bool there = !r->known[k].needed;

		for (size_t i = 0; i < r->columns && !there; i++)
			there = r->meaning[i] == (int)k;
		if (!there)
			complain(r, "has no column \"%s\" on its first line",
			    r->known[k].name);
	}
}

/* False: no use going on. */
static bool
read_head(struct reading *r, const struct csv_row *row)
{
	size_t errors = r->report->errors;

	r->columns = row->count;
	r->headed = true;
	for (size_t i = 0; i < row->count; i++)
		read_name(r, i, text_trim(row->fields[i]));
	check_needed(r);
	return r->report->errors == errors;
}

/* ---- every other ---- */

/* False: nobody wants any more. */
static bool
read_row(struct reading *r, const struct csv_row *row)
{
	const char *fields[CSV_FIELDS_MAX];
	struct race_column more[CSV_FIELDS_MAX];
	struct listing_row out = { .file = r->file,
		.line = r->line,
		.fields = fields,
		.more = more };
	char q[TEXT_QUOTE_MAX];

	for (size_t k = 0; k < r->count; k++)
		fields[k] = "";
	for (size_t i = 0; i < row->count; i++) {
		/* Blanks that are quoted, too: nobody sees them. */
		const char *value = text_trim(row->fields[i]);

		if (value[0] == '\0')
			continue;
		if (i >= r->columns || r->names[i][0] == '\0') {
			complain(r,
			    "%s stands in column %zu, which has no name on the "
			    "first line",
			    text_quote(q, value), i + 1);
			return true;
		}
		if (r->meaning[i] != UNKNOWN)
			fields[r->meaning[i]] = value;
		else
			more[out.more_count++] =
			    (struct race_column){ r->names[i], value };
	}
	return r->fn(r->arg, &out);
}

/* ---- the file ---- */

static bool
take_rows(struct reading *r)
{
	for (;;) {
		struct csv_row row;
		struct err err;
		int rc = csv_next(r->csv, &row, &err);

		if (rc == 0)
			return true;
		r->line =
		    row.line < UINT32_MAX ? (unsigned)row.line : UINT32_MAX - 1;
		if (rc < 0) {
			complain(r, "%s", err.text);
			if (!r->headed)
				return false;
			continue;
		}
		if (row.cp1252 && !r->said_cp1252) {
			r->said_cp1252 = true;
			warn(r,
			    "is not UTF-8: read as CP1252 (Windows), here and "
			    "below; look at the accents");
		}
		if (r->headed ? !read_row(r, &row) : !read_head(r, &row))
			return false;
	}
}

static void
read_file(struct reading *r, FILE *f)
{
	char *piece = xmalloc(PIECE);
	size_t errors = r->report->errors;
	bool go_on = true;
	size_t n;

	r->csv = csv_new(0, 1, '\0');
	while (go_on && (n = fread(piece, 1, PIECE, f)) > 0) {
		csv_feed(r->csv, piece, n);
		go_on = take_rows(r);
	}
	if (go_on && ferror(f) != 0) {
		r->line = 0;
		complain(r, "cannot be read: %s", strerror(errno));
	} else if (go_on) {
		csv_end(r->csv);
		(void)take_rows(r);
	}
	csv_free(r->csv);
	free(piece);
	r->line = 0;
	if (!r->headed && r->report->errors == errors)
		complain(r, "is empty: the first line names the columns");
}

int
listing_read(FILE *f, const char *file, const struct listing_column *known,
    size_t count, listing_fn fn, void *arg, struct conf_report *report)
{
	struct reading r = { .file = file,
		.known = known,
		.count = count,
		.fn = fn,
		.arg = arg,
		.report = report };
	size_t errors = report->errors;

	read_file(&r, f);
	(void)fclose(f);
	for (size_t i = 0; i < r.columns; i++)
		free(r.names[i]);
	return report->errors == errors ? 0 : -EINVAL;
}
