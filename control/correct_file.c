#include "control/correct_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/csv.h"
#include "common/files.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/rules.h"

enum { FILE_MAX = 16 << 20, NAME_MAX_COLUMN = 40 };

struct reader {
	struct correct *correct;
	struct conf_report *report;
	const char *name; /* of the file, for messages */
	unsigned line;
	char **heads;
	size_t head_count;
	char **fields;
	size_t field_count;
	bool used[CSV_FIELDS_MAX]; /* by column: the verb has a word of it */
	char *words[CSV_FIELDS_MAX];
	size_t word_count;
};

static void
tell(struct reader *r, const char *words)
{
	conf_report_add(r->report, true, r->name, r->line, 0, "%s", words);
}

/* ---- cells ---- */

static int
column_of(const struct reader *r, const char *name)
{
	for (size_t i = 0; i < r->head_count; i++)
		if (strcasecmp(r->heads[i], name) == 0)
			return (int)i;
	return -1;
}

/* "" where there is none. */
static const char *
cell(struct reader *r, const char *name)
{
	int i = column_of(r, name);

	if (i < 0 || (size_t)i >= r->field_count)
		return "";
	r->used[i] = true;
	return r->fields[i];
}

static void
add_word(struct reader *r, const char *head, const char *value)
{
	r->words[r->word_count++] =
	    *head != '\0' ? xasprintf("%s=%s", head, value) : xstrdup(value);
}

static void
free_words(struct reader *r)
{
	while (r->word_count > 0)
		free(r->words[--r->word_count]);
}

/* All that no other word was made of. */
static void
add_others(struct reader *r)
{
	for (size_t i = 0; i < r->field_count && i < r->head_count; i++) {
		if (r->used[i] || r->fields[i][0] == '\0')
			continue;
		r->used[i] = true;
		add_word(r,
		    strcasecmp(r->heads[i], "new-bib") == 0 ? "bib"
		                                            : r->heads[i],
		    r->fields[i]);
	}
}

/* A word of correct_verb.columns.  False: the row lacks it. */
static bool
add_column(struct reader *r, const char *verb, const char *column)
{
	bool optional = column[0] == '[';
	char name[NAME_MAX_COLUMN];
	char words[128];
	const char *value;

	if (strcmp(column, "*") == 0) {
		add_others(r);
		return true;
	}
	snprintf(name, sizeof name, "%.*s",
	    (int)strcspn(column + optional, "]"), column + optional);
	value = cell(r, name);
	if (value[0] != '\0') {
		add_word(r, "", value);
		return true;
	}
	if (optional)
		return true;
	snprintf(words, sizeof words, "%s: the column %s is empty or missing",
	    verb, name);
	tell(r, words);
	return false;
}

static bool
make_words(struct reader *r, const struct correct_verb *v)
{
	char *columns = xstrdup(v->columns);
	char *rest = columns;
	char *column;
	bool ok = true;

	while (ok && (column = strsep(&rest, " ")) != NULL)
		ok = add_column(r, v->name, column);
	free(columns);
	return ok;
}

static bool
check_rest(struct reader *r, const struct correct_verb *v)
{
	char q[TEXT_QUOTE_MAX];

	for (size_t i = 0; i < r->field_count; i++) {
		if (r->used[i] || r->fields[i][0] == '\0')
			continue;
		if (i < r->head_count)
			conf_report_add(r->report, true, r->name, r->line, 0,
			    "%s: %s takes no %s", text_quote(q, r->fields[i]),
			    v->name, r->heads[i]);
		else
			conf_report_add(r->report, true, r->name, r->line, 0,
			    "%s: there is no column for it",
			    text_quote(q, r->fields[i]));
		return false;
	}
	return true;
}

/* ---- rows ---- */

/* dsq alone is mark dsq. */
static const struct correct_verb *
find_verb(struct reader *r)
{
	const char *word = cell(r, "verb");
	const struct correct_verb *v = correct_verb(word);
	char q[TEXT_QUOTE_MAX];
	char *all;

	if (v == NULL && rules_status(word) >= (int)RACE_DNS &&
	    cell(r, "status")[0] == '\0') {
		add_word(r, "", word);
		return correct_verb("mark");
	}
	if (v != NULL && !v->crossings)
		return v;
	all = correct_verb_list();
	conf_report_add(r->report, true, r->name, r->line, 0,
	    "verb %s: %s, or dns, dnf, dsq, otl, nc", text_quote(q, word), all);
	free(all);
	return NULL;
}

static bool
check_reason(struct reader *r, const char *reason)
{
	if (strlen(reason) <= RACE_REASON_MAX && text_printable(reason))
		return true;
	tell(r, "reason: at most 500 bytes on one line");
	return false;
}

static bool
words_made(struct reader *r, const struct correct_verb *v)
{
	char *column;

	/* find_verb() has made the status of it. */
	if (r->word_count == 0)
		return make_words(r, v);
	column = strchr(v->columns, ' ');
	return column != NULL && add_column(r, v->name, column + 1);
}

static void
take_row(struct reader *r)
{
	struct correct *c = r->correct;
	const struct correct_verb *v;
	const char *reason;
	size_t from = c->count;
	struct err err;

	memset(r->used, 0, sizeof r->used);
	reason = cell(r, "reason");
	v = find_verb(r);
	if (v != NULL && check_reason(r, reason) && words_made(r, v) &&
	    check_rest(r, v)) {
		if (v->make(c, r->words, r->word_count, &err) < 0)
			tell(r, err.text);
		else if (reason[0] != '\0')
			correct_reason(c, reason);
		correct_apply(c, from);
	}
	free_words(r);
}

static void
take_head(struct reader *r, const struct csv_row *row)
{
	r->head_count = row->count;
	r->heads = xcalloc(row->count + 1, sizeof *r->heads);
	for (size_t i = 0; i < row->count; i++)
		r->heads[i] = xstrdup(row->fields[i]);
	if (column_of(r, "verb") < 0)
		tell(r,
		    "the first row names the columns, and one of them is verb: "
		    "verb,bib,point,time,reason");
}

static void
read_rows(struct reader *r, struct csv *csv)
{
	struct csv_row row;
	struct err err;
	int rc;

	while ((rc = csv_next(csv, &row, &err)) != 0) {
		r->line = (unsigned)row.line;
		if (rc < 0) {
			tell(r, err.text);
			continue;
		}
		if (r->heads == NULL) {
			take_head(r, &row);
			if (r->report->errors > 0)
				return;
			continue;
		}
		r->fields = row.fields;
		r->field_count = row.count;
		take_row(r);
	}
	if (r->heads == NULL)
		tell(r, "nothing is in the file");
}

int
correct_file(struct correct *c, const char *path, struct conf_report *report,
    struct err *err)
{
	const char *slash = strrchr(path, '/');
	struct reader r = { .correct = c,
		.report = report,
		.name = slash != NULL ? slash + 1 : path };
	struct csv *csv;
	char *text;
	size_t len;
	int rc = files_read(path, FILE_MAX, &text, &len, err);

	if (rc < 0)
		return rc;
	csv = csv_new(0, 1, '\0');
	csv_feed(csv, text, len);
	csv_end(csv);
	read_rows(&r, csv);
	csv_free(csv);
	free(text);
	for (size_t i = 0; i < r.head_count; i++)
		free(r.heads[i]);
	free(r.heads);
	correct_note_parts(c);
	/* One row that needs no reason does not speak for the others. */
	c->unreasoned = false;
	return 0;
}
