/*
 * conf_rows - what the files that read entries share, and nobody else sees.
 *
 *	conf_entries   entries.csv
 *	conf_sheet     spreadsheets that are to become one
 *	conf_rows      the rows of either, as their bytes come
 *	conf_header    the first row: what the columns are
 *	conf_line      every other: an entry, field by field
 *	conf_roll      where the entries are kept
 */
#ifndef RACE_CONF_ROWS_H
#define RACE_CONF_ROWS_H

#include "common/csv.h"
#include "common/strmap.h"
#include "common/text.h"
#include "race/conf.h"
#include "race/conf_columns.h"

struct conf_rows {
	const char *file;               /* for messages */
	struct conf_sheet *sheet;       /* NULL: entries.csv, which is fixed */
	const struct race_rules *rules; /* may be NULL */
	struct conf_roll *roll;
	struct conf_report *report;
	struct csv *csv;
	struct strmap *bibs;  /* bib -> line */
	struct strmap *chips; /* chip -> line */

	/* The header. */
	enum conf_column kinds[CSV_FIELDS_MAX];
	const char *names[CSV_FIELDS_MAX]; /* of CONF_MORE; the roll's */
	size_t field_count;
	bool has[CONF_COLUMNS];
	bool need_wave; /* several waves: every line names one */
	unsigned header_line;

	uint64_t count; /* rows so far, the header among them */
	unsigned line;  /* of the row being read */
	bool refused;   /* it has mistakes */
	bool said_cp1252;
	bool said_nameless;

	/* Bibs of a spreadsheet without a digit: the first one. */
	uint64_t wordy;
	unsigned wordy_line;
	char wordy_bib[TEXT_QUOTE_MAX];

	/* Dates of a spreadsheet. */
	uint64_t day_first;
	uint64_t month_first;
	uint64_t either;
	unsigned either_line; /* of the first one, and what it says */
	char either_date[16];
};

/* A mistake of the row being read. */
#define complain(r, ...)                                                       \
	((r)->refused = true,                                                  \
	    conf_report_add((r)->report, true, (r)->file, (r)->line, 0,        \
	        __VA_ARGS__))

/* Begins at byte `offset`, which is on that line. */
void conf_rows_open(struct conf_rows *r, uint64_t offset, uint64_t line);
void conf_rows_close(struct conf_rows *r);

/* Reads what rows there are; false: no use going on. */
bool conf_rows_feed(struct conf_rows *r, const char *bytes, size_t len);
bool conf_rows_take(struct conf_rows *r, const struct csv_row *row);

/* No more bytes will come; go_on is what conf_rows_feed() returned last. */
void conf_rows_finish(struct conf_rows *r, bool go_on);

void conf_header_read(struct conf_rows *r, const struct csv_row *row);
/* Whether it says all that a line has to: without any it need not.  If not, it
 * is told. */
bool conf_header_suffices(struct conf_rows *r);

/* Adds the entry to the roll, or says what is wrong with it. */
void conf_line_read(struct conf_rows *r, const struct csv_row *row);

/* A copy that lives as long as the roll. */
const char *conf_roll_text(struct conf_roll *roll, const char *s);
/* A copy of the entry, but for the names of `more`, which are the roll's. */
void conf_roll_add(struct conf_roll *roll, const struct race_entry *e,
    uint32_t given, unsigned line);
/* Somebody stays out, and has to be told of by name. */
void conf_roll_leave(struct conf_roll *roll, unsigned line, const char *bib,
    const char *name);

#endif
