#include "race/conf_rows.h"

static void
warn_cp1252(struct conf_rows *r)
{
	if (r->said_cp1252)
		return;
	r->said_cp1252 = true;
	conf_report_add(r->report, false, r->file, r->line, 0,
	    "is not UTF-8: read as CP1252 (Windows), here and below; look at "
	    "the accents");
}

bool
conf_rows_take(struct conf_rows *r, const struct csv_row *row)
{
	r->refused = false;
	if (row->cp1252)
		warn_cp1252(r);
	if (r->count++ == 0) {
		conf_header_read(r, row);
		return !r->refused;
	}
	if (!conf_header_suffices(r))
		return false;
	if (r->count > (uint64_t)RACE_ENTRIES_MAX + 1) {
		complain(r, "more than %d lines; what follows was not read",
		    RACE_ENTRIES_MAX);
		return false;
	}
	conf_line_read(r, row);
	return true;
}

/* A row that csv refuses. */
static bool
refuse_row(struct conf_rows *r, const struct err *err)
{
	bool header = r->count++ == 0;

	complain(r, "%s", err->text);
	if (!header && r->sheet != NULL)
		conf_roll_leave(r->roll, r->line, "", "");
	return !header;
}

/* All rows that the bytes fed so far hold; false: no use going on. */
static bool
take_rows(struct conf_rows *r)
{
	for (;;) {
		struct csv_row row;
		struct err err;
		int rc = csv_next(r->csv, &row, &err);
		bool go_on;

		if (rc == 0)
			return true;
		/* Lines are numbers of 32 bits in reports. */
		r->line = row.line < STRMAP_NONE ? (unsigned)row.line
		                                 : STRMAP_NONE - 1;
		go_on = rc < 0 ? refuse_row(r, &err) : conf_rows_take(r, &row);
		if (!go_on)
			return false;
	}
}

bool
conf_rows_feed(struct conf_rows *r, const char *bytes, size_t len)
{
	csv_feed(r->csv, bytes, len);
	return take_rows(r);
}

void
conf_rows_finish(struct conf_rows *r, bool go_on)
{
	if (go_on) {
		csv_end(r->csv);
		go_on = take_rows(r);
	}
	r->line = 0;
	if (go_on && r->count == 0)
		complain(r,
		    "is empty: the first line names the columns, as in "
		    "bib,name,sex,team");
	else if (go_on && r->count == 1)
		conf_report_add(r->report, false, r->file, 0, 0,
		    "nobody is entered");
}

void
conf_rows_open(struct conf_rows *r, uint64_t offset, uint64_t line)
{
	r->csv = csv_new(offset, line, '\0');
	r->bibs = strmap_new();
	r->chips = strmap_new();
}

void
conf_rows_close(struct conf_rows *r)
{
	strmap_free(r->chips);
	strmap_free(r->bibs);
	csv_free(r->csv);
}
