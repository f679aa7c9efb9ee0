/* The first row of entries.csv or of a spreadsheet: what the columns are. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "race/conf_rows.h"
#include "race/rules.h"

_Static_assert((int)CONF_HEADINGS_MAX == (int)CSV_FIELDS_MAX,
    "every column of a row has a heading");

static void
check_column(struct conf_rows *r, char **names, size_t i)
{
	char q[TEXT_QUOTE_MAX];

	if (strlen(names[i]) > RACE_LABEL_MAX)
		complain(r, "column %s: its name is longer than %d bytes",
		    text_quote(q, names[i]), RACE_LABEL_MAX);
	else if (!text_printable(names[i]))
		complain(r, "column %s: its name has control characters",
		    text_quote(q, names[i]));
	for (size_t k = 0; k < i && names[i][0] != '\0'; k++) {
		if (strcasecmp(names[k], names[i]) != 0)
			continue;
		complain(r, "columns %zu and %zu are both %s: rename one",
		    k + 1, i + 1, text_quote(q, names[i]));
		return;
	}
}

/* `"dossard", "nom"` */
static void
list_columns(char *out, size_t cap, char **names, size_t count)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		char q[TEXT_QUOTE_MAX];
		int n = snprintf(out + used, cap - used, "%s%s",
		    i == 0 ? "" : ", ", text_quote(q, names[i]));

		if (n < 0 || (size_t)n >= cap - used) {
			out[used] = '\0';
			return;
		}
		used += (size_t)n;
	}
}

/* With a whole name its parts are like any other column. */
static void
demote_parts(struct conf_rows *r)
{
	if (!r->has[CONF_NAME])
		return;
	for (size_t i = 0; i < r->field_count; i++) {
		if (r->kinds[i] == CONF_FIRST || r->kinds[i] == CONF_LAST)
			r->kinds[i] = CONF_MORE;
	}
	r->has[CONF_FIRST] = false;
	r->has[CONF_LAST] = false;
}

static void
check_header(struct conf_rows *r, const struct csv_row *row)
{
	char found[800];
	size_t more = 0;

	for (size_t i = 0; i < row->count; i++)
		more += r->kinds[i] == CONF_MORE;
	if (more > RACE_COLUMNS_MAX)
		complain(r,
		    "%zu columns that have no meaning here, at most %d are "
		    "kept: take some out",
		    more, RACE_COLUMNS_MAX);
	if (!r->has[CONF_BIB]) {
		list_columns(found, sizeof found, row->fields, row->count);
		complain(r, "no column \"bib\"%s; the first line has %s",
		    r->sheet != NULL ? " (or dossard, n°, number ...)" : "",
		    found);
	}
	/* Who is entered already has one: the caller knows. */
	if (r->sheet != NULL)
		return;
	r->need_wave = r->rules != NULL && r->rules->wave_count > 1 &&
	    !rules_windows(r->rules);
}

bool
conf_header_suffices(struct conf_rows *r)
{
	if (!r->need_wave || r->has[CONF_WAVE])
		return true;
	conf_report_add(r->report, true, r->file, r->header_line, 0,
	    "the race has %zu waves: a column \"wave\" has to say who starts "
	    "in which",
	    r->rules->wave_count);
	return false;
}

/* What a column is, for entries.csv by its name alone. */
static void
map_columns(struct conf_rows *r, const struct csv_row *row)
{
	char q[2][TEXT_QUOTE_MAX];
	size_t a;
	size_t b;

	for (size_t i = 0; r->sheet == NULL && i < row->count; i++)
		r->kinds[i] = conf_column_exact(row->fields[i]);
	if (r->sheet != NULL &&
	    !conf_columns_map(row->fields, row->count, r->kinds, &a, &b))
		complain(r,
		    "columns %zu and %zu, %s and %s, both say the %s: take one "
		    "out, or give the right one that name",
		    a + 1, b + 1, text_quote(q[0], row->fields[a]),
		    text_quote(q[1], row->fields[b]),
		    conf_column_names[r->kinds[a]]);
}

static void
tell_columns(struct conf_rows *r, const struct csv_row *row)
{
	r->sheet->count = row->count;
	r->sheet->line = r->line;
	for (size_t i = 0; i < row->count; i++) {
		enum conf_column kind = r->kinds[i];

		r->sheet->columns[i] = (struct conf_heading){
			.head = conf_roll_text(r->roll, row->fields[i]),
			.key =
			    kind < CONF_COLUMNS ? conf_column_names[kind] : "",
		};
	}
}

/* Spreadsheets break long headings into lines: one blank for each break. */
static void
join_lines(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++) {
		if (*s != '\r' && *s != '\n')
			*to++ = *s;
		else if (s[1] != '\n')
			*to++ = ' ';
	}
	*to = '\0';
}

void
conf_header_read(struct conf_rows *r, const struct csv_row *row)
{
	r->header_line = r->line;
	r->field_count = row->count;
	for (size_t i = 0; i < row->count; i++) {
		if (r->sheet != NULL)
			join_lines(row->fields[i]);
		row->fields[i] = text_trim(row->fields[i]);
		check_column(r, row->fields, i);
	}
	map_columns(r, row);
	for (size_t i = 0; i < row->count; i++)
		if (r->kinds[i] < CONF_COLUMNS)
			r->has[r->kinds[i]] = true;
	demote_parts(r);
	if (r->sheet != NULL)
		tell_columns(r, row);
	for (size_t i = 0; i < row->count; i++) {
		if (r->kinds[i] == CONF_MORE)
			r->names[i] = conf_roll_text(r->roll, row->fields[i]);
	}
	check_header(r, row);
}
