/* entries.csv, and spreadsheets that are to become one: who is entered, checked
 * line by line. */
#include "race/conf.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/csv.h"
#include "common/files.h"
#include "common/instant.h"
#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/conf_columns.h"
#include "race/rules.h"

#define FILE_NAME "entries.csv"

enum {
	PIECE = 64 * 1024,
	HEADER_ROWS = 5, /* the header of a spreadsheet is among them */
	SHEET_MAX = 256 * 1024 * 1024,
	BLOCK = 256 * 1024,
	BORN_MIN = 1900,
	/* What an encoded entry takes beside its texts, generously. */
	EVENT_SLACK = 512,
	FIELD_SLACK = 8
};

/* Memory of a roll: blocks that never move, freed together. */
struct conf_block {
	struct conf_block *next;
	size_t used;
	size_t cap;
	max_align_t data[];
};

struct reader {
	const char *file;               /* for messages */
	struct conf_sheet *sheet;       /* NULL: entries.csv, which is fixed */
	const struct race_rules *rules; /* may be NULL */
	struct conf_roll *roll;
	struct conf_report *report;
	struct csv *csv;
	struct strmap *bibs;  /* bib -> line */
	struct strmap *chips; /* chip -> line */
	int born_max;

	/* The header. */
	enum conf_column kinds[CSV_FIELDS_MAX];
	const char
	    *names[CSV_FIELDS_MAX]; /* of CONF_MORE; in the roll's blocks */
	size_t field_count;
	bool has[CONF_COLUMNS];
	bool need_wave; /* several waves: every line names one */

	uint64_t rows;
	unsigned line; /* of the row being read */
	bool refused;  /* it has mistakes */
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

_Static_assert((int)CONF_HEADINGS_MAX == (int)CSV_FIELDS_MAX,
    "every column of a row has a heading");

#define complain(r, ...)                                                       \
	((r)->refused = true,                                                  \
	    conf_report_add((r)->report, true, (r)->file, (r)->line, 0,        \
	        __VA_ARGS__))

/* ---- memory ---- */

static void *
keep(struct conf_roll *roll, size_t size)
{
	size_t unit = sizeof(max_align_t);
	size_t units = (size + unit - 1) / unit;
	struct conf_block *b = roll->blocks;
	void *p;

	if (b == NULL || units > b->cap - b->used) {
		size_t cap = BLOCK / unit > units ? BLOCK / unit : units;

		b = xmalloc(sizeof *b + cap * unit);
		b->next = roll->blocks;
		b->used = 0;
		b->cap = cap;
		roll->blocks = b;
	}
	p = b->data + b->used;
	b->used += units;
	return p;
}

static const char *
keep_text(struct conf_roll *roll, const char *s)
{
	size_t len = strlen(s);
	char *copy;

	if (len == 0)
		return "";
	copy = keep(roll, len + 1);
	memcpy(copy, s, len + 1);
	return copy;
}

void
conf_roll_clear(struct conf_roll *roll)
{
	struct conf_block *next;

	for (struct conf_block *b = roll->blocks; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(roll->entries);
	free(roll->lines);
	free(roll->given);
	free(roll->left);
	*roll = (struct conf_roll){ 0 };
}

/* ---- the header ---- */

static void
check_column(struct reader *r, char **names, size_t i)
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
demote_parts(struct reader *r)
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
check_header(struct reader *r, const struct csv_row *row)
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
	if (r->need_wave && !r->has[CONF_WAVE])
		complain(r,
		    "the race has %zu waves: a column \"wave\" has to say who "
		    "starts in which",
		    r->rules->wave_count);
}

/* What a column is, for entries.csv by its name alone. */
static void
map_columns(struct reader *r, const struct csv_row *row)
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
tell_columns(struct reader *r, const struct csv_row *row)
{
	r->sheet->count = row->count;
	r->sheet->line = r->line;
	for (size_t i = 0; i < row->count; i++) {
		enum conf_column kind = r->kinds[i];

		r->sheet->columns[i] = (struct conf_heading){
			.head = keep_text(r->roll, row->fields[i]),
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

static void
read_header(struct reader *r, const struct csv_row *row)
{
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
			r->names[i] = keep_text(r->roll, row->fields[i]);
	}
	check_header(r, row);
}

/* ---- fields ---- */

/* The chips of a line as they are found. */
struct chips {
	char text[RACE_CHIPS_MAX][RACE_CHIP_MAX + 1];
	size_t count;
};

struct line {
	struct race_entry entry; /* its strings are the row's */
	struct chips chips;
	struct race_column more[RACE_COLUMNS_MAX];
	uint32_t given; /* as conf_roll has it */
	const char *first;
	const char *last;
	const char *start;
	char name[2 * RACE_NAME_MAX + 2];
	char born[16];
	char none[1]; /* the value of a field that a short row does not have */
};

/* Within bounds and printable. */
static bool
text_ok(struct reader *r, const char *column, const char *value, size_t max)
{
	char q[TEXT_QUOTE_MAX];
	size_t len = strlen(value);

	if (len > max) {
		complain(r, "%s %s: %zu bytes, must be at most %zu", column,
		    text_quote(q, value), len, max);
		return false;
	}
	if (!text_printable(value)) {
		complain(r, "%s %s: has control characters: take them out",
		    column, text_quote(q, value));
		return false;
	}
	return true;
}

/* Two lines with one bib or chip: both are named. */
static void
claim(struct reader *r, struct strmap *map, const char *what, const char *key)
{
	uint32_t line = strmap_get(map, key);
	char q[TEXT_QUOTE_MAX];

	if (line == STRMAP_NONE)
		(void)strmap_put(map, key, r->line);
	else if (line != r->line)
		complain(r, "%s %s is on line %u already: each has its own",
		    what, text_quote(q, key), line);
}

/*
 * What a spreadsheet makes of bibs: 12.0 of a column with gaps, and a row of
 * totals below.
 */
static void
check_sheet_bib(struct reader *r, const char *bib)
{
	size_t whole = strspn(bib, "0123456789");
	char q[TEXT_QUOTE_MAX];

	if (whole > 0 && (bib[whole] == '.' || bib[whole] == ',') &&
	    bib[whole + 1] != '\0' &&
	    bib[whole + 1 + strspn(bib + whole + 1, "0")] == '\0')
		complain(r, "bib %s: write %.*s", text_quote(q, bib),
		    (int)whole, bib);
	else if (strpbrk(bib, "0123456789") == NULL && r->wordy++ == 0) {
		r->wordy_line = r->line;
		(void)text_quote(r->wordy_bib, bib);
	}
}

static void
read_bib(struct reader *r, struct race_entry *e, const char *bib)
{
	if (bib[0] == '\0') {
		complain(r, "the bib is empty: every line needs one");
		return;
	}
	if (!text_ok(r, "bib", bib, RACE_BIB_MAX))
		return;
	if (r->sheet != NULL)
		check_sheet_bib(r, bib);
	claim(r, r->bibs, "bib", bib);
	e->bib = bib;
}

static void
add_chip(struct reader *r, struct chips *chips, const char *word)
{
	char chip[RACE_CHIP_MAX + 1];
	char q[TEXT_QUOTE_MAX];

	if (word[0] == '\0')
		return;
	if (text_chip(chip, sizeof chip, word) < 0) {
		complain(r,
		    "chip %s: must be at most %d letters, digits, and - : _ .",
		    text_quote(q, word), RACE_CHIP_MAX);
		return;
	}
	for (size_t i = 0; i < chips->count; i++) {
		if (strcmp(chips->text[i], chip) == 0)
			return;
	}
	if (chips->count == RACE_CHIPS_MAX) {
		complain(r, "more than %d chips", RACE_CHIPS_MAX);
		return;
	}
	memcpy(chips->text[chips->count++], chip, sizeof chip);
	claim(r, r->chips, "chip", chip);
}

static void
read_chips(struct reader *r, struct chips *chips, char *value)
{
	size_t before = r->report->errors;
	char *next;

	/* One error a line is enough of a field of many chips. */
	for (; value != NULL && r->report->errors == before; value = next) {
		next = strchr(value, ';');
		if (next != NULL)
			*next++ = '\0';
		add_chip(r, chips, text_trim(value));
	}
}

static void
read_sex(struct reader *r, struct race_entry *e, const char *value)
{
	static const char *const words[] = { "", "F", "M", "X" };
	const char *sex = NULL;
	char q[TEXT_QUOTE_MAX];

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcasecmp(words[i], value) == 0)
			sex = words[i];
	if (sex == NULL && r->sheet != NULL)
		sex = conf_sex_word(value);
	if (sex != NULL)
		e->sex = sex;
	else
		complain(r, "sex %s: must be F, M or X", text_quote(q, value));
}

/* Of a date or a year that is one. */
static int
year_in(const char *date)
{
	int year = 0;

	for (size_t i = 0; i < 4 && date[i] >= '0' && date[i] <= '9'; i++)
		year = year * 10 + (date[i] - '0');
	return year;
}

/* A spreadsheet's 23/05/1984 as we write it; anything else as it is. */
static const char *
read_sheet_date(struct reader *r, struct line *l, const char *value)
{
	char q[TEXT_QUOTE_MAX];

	switch (conf_date_parse(value, l->born)) {
	case CONF_DATE_NONE:
		return value;
	case CONF_DATE_DAY_FIRST:
		r->day_first++;
		break;
	case CONF_DATE_MONTH_FIRST:
		r->month_first++;
		complain(r,
		    "born %s: dates are read as day/month/year: write %s",
		    text_quote(q, value), l->born);
		break;
	case CONF_DATE_EITHER:
		if (r->either++ == 0) {
			r->either_line = r->line;
			(void)snprintf(r->either_date, sizeof r->either_date,
			    "%s", value);
		}
		break;
	}
	return l->born;
}

static void
read_born(struct reader *r, struct line *l, const char *value)
{
	bool year_only = strlen(value) == 4 && strspn(value, "0123456789") == 4;
	char q[TEXT_QUOTE_MAX];
	int year;

	if (value[0] == '\0')
		return;
	if (r->sheet != NULL)
		value = read_sheet_date(r, l, value);
	if (!year_only && !instant_date_valid(value)) {
		complain(r,
		    "born %s: must be a year or a day, as in 1984 or %s",
		    text_quote(q, value),
		    r->sheet != NULL ? "23/05/1984" : "1984-05-23");
		return;
	}
	year = year_in(value);
	if (year < BORN_MIN || year > r->born_max)
		complain(r, "born %s: must be in the years %d to %d",
		    text_quote(q, value), BORN_MIN, r->born_max);
	l->entry.born = value;
}

static void
read_wave(struct reader *r, struct race_entry *e, const char *value)
{
	char q[TEXT_QUOTE_MAX];

	if (value[0] == '\0') {
		if (r->need_wave && r->has[CONF_WAVE])
			complain(r,
			    "the wave is empty: the race has several, name "
			    "one");
		return;
	}
	if (!text_ok(r, "wave", value, RACE_LABEL_MAX))
		return;
	if (r->rules != NULL && rules_wave(r->rules, value) < 0)
		complain(r, "wave %s: no wave of race.yaml has that name",
		    text_quote(q, value));
	e->wave = value;
}

static void
read_status(struct reader *r, struct race_entry *e, const char *value)
{
	int status = value[0] == '\0' ? RACE_STATUS_NONE : rules_status(value);
	char q[TEXT_QUOTE_MAX];

	if (status < 0 && r->sheet != NULL)
		status = conf_status_word(value);
	if (status < 0)
		complain(r,
		    "status %s: must be DNS, DNF, DSQ, NC, OTL or empty%s",
		    text_quote(q, value),
		    r->sheet != NULL ? " (if the column means something else, "
		                       "rename it)"
		                     : "");
	else if (status == RACE_FINISHED || status == RACE_RUNNING)
		complain(r,
		    "status %s: follows from the crossings, leave it empty",
		    text_quote(q, value));
	else
		e->status = (enum race_status)status;
}

/* What is not read in a way of its own. */
static void
read_plain(struct reader *r, enum conf_column kind, const char **to,
    const char *value, size_t max)
{
	if (text_ok(r, conf_column_names[kind], value, max))
		*to = value;
}

/* ---- lines ---- */

static void
read_more(struct reader *r, struct line *l, size_t i, const char *value)
{
	char name[TEXT_QUOTE_MAX];
	char q[TEXT_QUOTE_MAX];

	if (value[0] == '\0')
		return;
	if (r->sheet != NULL && strcmp(value, "-") == 0)
		value = "";
	if (strlen(value) > RACE_MORE_MAX) {
		complain(r, "column %s, %s: %zu bytes, must be at most %d",
		    text_quote(name, r->names[i]), text_quote(q, value),
		    strlen(value), RACE_MORE_MAX);
		return;
	}
	l->more[l->entry.more_count++] =
	    (struct race_column){ .name = r->names[i], .value = value };
}

static void
read_nameless(struct reader *r, size_t i, const char *value)
{
	char q[TEXT_QUOTE_MAX];

	if (value[0] == '\0' || r->said_nameless)
		return;
	r->said_nameless = true;
	conf_report_add(r->report, false, r->file, r->line, 0,
	    "column %zu has no name: its values (here %s) are left out", i + 1,
	    text_quote(q, value));
}

/* In a spreadsheet an empty field says nothing, "-" that there is nothing. */
static void
note_given(struct reader *r, struct line *l, size_t i, char *value)
{
	if (*value == '\0' || r->kinds[i] >= CONF_COLUMNS)
		return;
	l->given |= UINT32_C(1) << r->kinds[i];
	if (r->sheet != NULL && strcmp(value, "-") == 0)
		*value = '\0';
}

static void
read_field(struct reader *r, struct line *l, size_t i, char *value)
{
	struct race_entry *e = &l->entry;

	note_given(r, l, i, value);
	switch (r->kinds[i]) {
	case CONF_BIB:
		read_bib(r, e, value);
		break;
	case CONF_CHIP:
		read_chips(r, &l->chips, value);
		break;
	case CONF_NAME:
		read_plain(r, CONF_NAME, &e->name, value, RACE_NAME_MAX);
		break;
	case CONF_FIRST:
		read_plain(r, CONF_FIRST, &l->first, value, RACE_NAME_MAX);
		break;
	case CONF_LAST:
		read_plain(r, CONF_LAST, &l->last, value, RACE_NAME_MAX);
		break;
	case CONF_SEX:
		read_sex(r, e, value);
		break;
	case CONF_BORN:
		read_born(r, l, value);
		break;
	case CONF_CATEGORY:
		read_plain(r, CONF_CATEGORY, &e->category, value,
		    RACE_LABEL_MAX);
		break;
	case CONF_TEAM:
		read_plain(r, CONF_TEAM, &e->team, value, RACE_NAME_MAX);
		break;
	case CONF_WAVE:
		read_wave(r, e, value);
		break;
	case CONF_NATION:
		read_plain(r, CONF_NATION, &e->nation, value, RACE_LABEL_MAX);
		break;
	case CONF_STATUS:
		read_status(r, e, value);
		break;
	case CONF_START:
		l->start = value;
		break;
	case CONF_MORE:
		read_more(r, l, i, value);
		break;
	case CONF_NAMELESS:
		read_nameless(r, i, value);
		break;
	}
}

static void
join_name(struct reader *r, struct line *l)
{
	const char *blank = *l->first != '\0' && *l->last != '\0' ? " " : "";

	if (*l->first == '\0' && *l->last == '\0')
		return;
	(void)snprintf(l->name, sizeof l->name, "%s%s%s", l->first, blank,
	    l->last);
	read_plain(r, CONF_NAME, &l->entry.name, l->name, RACE_NAME_MAX);
}

/* The wave in which an entry starts; NULL if nobody can tell. */
static const struct race_wave *
wave_of(const struct reader *r, const struct race_entry *e)
{
	int i;

	if (r->rules == NULL)
		return NULL;
	if (e->wave[0] == '\0')
		return r->rules->wave_count == 1 ? r->rules->waves : NULL;
	i = rules_wave(r->rules, e->wave);
	return i < 0 ? NULL : &r->rules->waves[i];
}

static void
start_after_gun(struct reader *r, struct line *l, int64_t after_us)
{
	const struct race_wave *wave = wave_of(r, &l->entry);
	char q[TEXT_QUOTE_MAX];

	if (r->rules == NULL)
		return; /* race.yaml has mistakes, which are told */
	if (wave == NULL)
		complain(r,
		    "start %s: after which gun? Name the wave, or write the "
		    "time of day",
		    text_quote(q, l->start));
	else if (wave->gun_us == RACE_NO_TIME)
		complain(r,
		    "start %s: race.yaml does not say when the gun of the wave "
		    "goes off: write the time of day",
		    text_quote(q, l->start));
	else
		l->entry.start_us = wave->gun_us + after_us;
}

/* A clock time nearest to the gun, so that a race may go past midnight. */
static void
start_at_clock(struct reader *r, struct line *l, int64_t clock_us)
{
	const struct race_wave *wave = wave_of(r, &l->entry);
	struct err err;
	int rc;

	if (r->rules == NULL)
		return;
	if (wave != NULL && wave->gun_us != RACE_NO_TIME)
		rc = instant_near(clock_us, wave->gun_us, &l->entry.start_us,
		    &err);
	else
		rc = instant_local(r->rules->date, clock_us, INSTANT_NONE,
		    &l->entry.start_us, &err);
	if (rc < 0)
		complain(r, "start %s", err.text);
}

/* When the wave is known. */
static void
read_start(struct reader *r, struct line *l)
{
	char q[TEXT_QUOTE_MAX];
	enum instant_form form;
	struct err err;
	int64_t us;

	if (*l->start == '\0')
		return;
	if (instant_parse(l->start, &form, &us, &err) < 0) {
		complain(r, "start %s", err.text);
		return;
	}
	if (form == INSTANT_RELATIVE)
		start_after_gun(r, l, us);
	else if (form == INSTANT_CLOCK)
		start_at_clock(r, l, us);
	else
		l->entry.start_us = us;
	if (l->entry.start_us != 0 &&
	    (l->entry.start_us < RACE_TIME_MIN ||
	        l->entry.start_us > RACE_TIME_MAX))
		complain(r, "start %s: must be in the years 2000 to 2099",
		    text_quote(q, l->start));
}

/* An entry travels as one event. */
static void
check_size(struct reader *r, const struct line *l)
{
	const struct race_entry *e = &l->entry;
	size_t size = EVENT_SLACK + strlen(e->name) + strlen(e->category) +
	    strlen(e->team) + strlen(e->wave) + strlen(e->nation);

	for (size_t i = 0; i < l->chips.count; i++)
		size += strlen(l->chips.text[i]) + FIELD_SLACK;
	for (size_t i = 0; i < e->more_count; i++)
		size += strlen(l->more[i].name) + strlen(l->more[i].value) +
		    (size_t)2 * FIELD_SLACK;
	if (size > RACE_EVENT_MAX)
		complain(r,
		    "the line takes about %zu bytes, at most %d fit into an "
		    "event: shorten or take out columns",
		    size, RACE_EVENT_MAX);
}

static void
keep_entry(struct reader *r, const struct line *l)
{
	struct conf_roll *roll = r->roll;
	const struct race_entry *e = &l->entry;
	struct race_entry copy = *e;
	const char **chips;
	struct race_column *more;
	size_t lines_cap = roll->cap;
	size_t given_cap = roll->cap;

	copy.bib = keep_text(roll, e->bib);
	copy.name = keep_text(roll, e->name);
	copy.born = keep_text(roll, e->born);
	copy.category = keep_text(roll, e->category);
	copy.team = keep_text(roll, e->team);
	copy.wave = keep_text(roll, e->wave);
	copy.nation = keep_text(roll, e->nation);
	if (l->chips.count > 0) {
		chips = keep(roll, l->chips.count * sizeof *chips);
		for (size_t i = 0; i < l->chips.count; i++)
			chips[i] = keep_text(roll, l->chips.text[i]);
		copy.chips = chips;
		copy.chip_count = l->chips.count;
	}
	if (e->more_count > 0) {
		more = keep(roll, e->more_count * sizeof *more);
		for (size_t i = 0; i < e->more_count; i++) {
			more[i].name = l->more[i].name;
			more[i].value = keep_text(roll, l->more[i].value);
		}
		copy.more = more;
	}
	roll->entries = xgrow(roll->entries, &roll->cap, roll->count,
	    sizeof *roll->entries);
	roll->lines =
	    xgrow(roll->lines, &lines_cap, roll->count, sizeof *roll->lines);
	roll->given =
	    xgrow(roll->given, &given_cap, roll->count, sizeof *roll->given);
	roll->entries[roll->count] = copy;
	roll->given[roll->count] = l->given;
	roll->lines[roll->count] = r->line;
	roll->count++;
}

/* Somebody stays out, and has to be told of by name. */
static void
leave_out(struct reader *r, const char *bib, const char *name)
{
	struct conf_roll *roll = r->roll;

	if (r->sheet == NULL)
		return;
	roll->left = xgrow(roll->left, &roll->left_cap, roll->left_count,
	    sizeof *roll->left);
	roll->left[roll->left_count++] = (struct conf_left){ .line = r->line,
		.bib = keep_text(roll, bib),
		.name = keep_text(roll, name) };
}

/* Spreadsheets write as many separators as their widest row has. */
static bool
only_empty(const struct reader *r, const struct csv_row *row)
{
	for (size_t i = r->field_count; i < row->count; i++)
		if (row->fields[i][0] != '\0')
			return false;
	return r->sheet != NULL;
}

static void
read_line(struct reader *r, const struct csv_row *row)
{
	struct line l;

	l.entry = (struct race_entry){ .bib = "",
		.name = "",
		.sex = "",
		.born = "",
		.category = "",
		.team = "",
		.wave = "",
		.nation = "" };
	l.chips.count = 0;
	l.given = 0;
	l.first = "";
	l.last = "";
	l.start = "";
	l.none[0] = '\0';
	if (row->count > r->field_count && !only_empty(r, row)) {
		complain(r,
		    "has %zu fields, the first line names %zu: is there a "
		    "separator in a value that needs quotes?",
		    row->count, r->field_count);
		leave_out(r, "", "");
		return;
	}
	for (size_t i = 0; i < r->field_count; i++)
		read_field(r, &l, i,
		    i < row->count ? text_trim(row->fields[i]) : l.none);
	join_name(r, &l);
	read_start(r, &l);
	if (!r->refused)
		check_size(r, &l);
	if (r->refused)
		leave_out(r, l.entry.bib, l.entry.name);
	else
		keep_entry(r, &l);
}

/* ---- the file ---- */

static void
warn_cp1252(struct reader *r)
{
	if (r->said_cp1252)
		return;
	r->said_cp1252 = true;
	conf_report_add(r->report, false, r->file, r->line, 0,
	    "is not UTF-8: read as CP1252 (Windows), here and below; look at "
	    "the accents");
}

/* False: no use going on. */
static bool
take_row(struct reader *r, const struct csv_row *row)
{
	r->refused = false;
	if (row->cp1252)
		warn_cp1252(r);
	if (r->rows++ == 0) {
		read_header(r, row);
		return !r->refused;
	}
	if (r->rows > (uint64_t)RACE_ENTRIES_MAX + 1) {
		complain(r, "more than %d lines; what follows was not read",
		    RACE_ENTRIES_MAX);
		return false;
	}
	read_line(r, row);
	return true;
}

/* A row that csv refuses. */
static bool
refuse_row(struct reader *r, const struct err *err)
{
	bool header = r->rows++ == 0;

	complain(r, "%s", err->text);
	if (!header)
		leave_out(r, "", "");
	return !header;
}

/* All rows that the bytes fed so far hold; false: no use going on. */
static bool
take_rows(struct reader *r)
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
		go_on = rc < 0 ? refuse_row(r, &err) : take_row(r, &row);
		if (!go_on)
			return false;
	}
}

/* False: no use going on. */
static bool
feed(struct reader *r, const char *bytes, size_t len)
{
	csv_feed(r->csv, bytes, len);
	return take_rows(r);
}

static void
finish(struct reader *r, bool go_on)
{
	if (go_on) {
		csv_end(r->csv);
		go_on = take_rows(r);
	}
	r->line = 0;
	if (go_on && r->rows == 0)
		complain(r,
		    "is empty: the first line names the columns, as in "
		    "bib,name,sex,team");
	else if (go_on && r->rows == 1)
		conf_report_add(r->report, false, r->file, 0, 0,
		    "nobody is entered");
}

static void
read_file(struct reader *r, FILE *f)
{
	char *piece = xmalloc(PIECE);
	bool go_on = true;
	size_t n;

	while (go_on && (n = fread(piece, 1, PIECE, f)) > 0)
		go_on = feed(r, piece, n);
	free(piece);
	if (go_on && ferror(f) != 0) {
		r->line = 0;
		complain(r, "cannot be read: %s", strerror(errno));
		return;
	}
	finish(r, go_on);
}

static void
read_path(struct reader *r, const char *path)
{
	FILE *f = fopen(path, "rbe");

	if (f == NULL) {
		complain(r, "cannot be read: %s%s", strerror(errno),
		    errno == ENOENT ? ": palmares roster import makes it of a "
		                      "spreadsheet; the line bib,name alone is "
		                      "enough to begin with"
		                    : "");
		return;
	}
	read_file(r, f);
	(void)fclose(f);
}

/* Nobody who runs was born after the race. */
static int
year_of(const struct race_rules *rules)
{
	return rules == NULL ? 2099 : year_in(rules->date);
}

static void
open_reader(struct reader *r, uint64_t offset, uint64_t line)
{
	r->born_max = year_of(r->rules);
	r->csv = csv_new(offset, line, '\0');
	r->bibs = strmap_new();
	r->chips = strmap_new();
}

static void
close_reader(struct reader *r)
{
	strmap_free(r->chips);
	strmap_free(r->bibs);
	csv_free(r->csv);
}

int
conf_entries(const char *dir, const struct race_rules *rules,
    struct conf_roll *roll, struct conf_report *report)
{
	struct reader r = { .file = FILE_NAME,
		.rules = rules,
		.roll = roll,
		.report = report };
	char *path = xasprintf("%s/%s", dir, FILE_NAME);
	size_t errors = report->errors;

	open_reader(&r, 0, 1);
	read_path(&r, path);
	close_reader(&r);
	free(path);
	return report->errors == errors ? 0 : -EINVAL;
}

/* ---- spreadsheets ---- */

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
read_sheet(struct reader *r, const struct bytes *b)
{
	uint64_t offset = find_header(b);
	uint64_t line = 1 + lines_before(b, offset);
	bool titled = offset > 0;
	bool go_on = true;

	open_reader(r, offset, line);
	while (go_on && offset < b->len) {
		size_t n = b->len - (size_t)offset;

		n = n < PIECE ? n : PIECE;
		go_on = feed(r, b->data + offset, n);
		offset += n;
	}
	finish(r, go_on);
	if (titled)
		conf_report_add(r->report, false, r->file, 1, 0,
		    "names no bib: taken for a title; the columns are named on "
		    "line %u",
		    r->sheet->line);
	r->sheet->separator = csv_separator(r->csv);
	close_reader(r);
}

static void
tell_wordy(const struct reader *r)
{
	if (r->wordy > 0)
		conf_report_add(r->report, false, r->file, r->wordy_line, 0,
		    "bib %s has no digit, as %" PRIu64
		    " of this file: an entry, or a row of totals?",
		    r->wordy_bib, r->wordy);
}

/* Day and month can be taken for one another. */
static void
tell_dates(const struct reader *r)
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
	struct reader r = { .file = slash != NULL ? slash + 1 : path,
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
	struct reader r = { .file = what,
		.sheet = sheet,
		.rules = rules,
		.roll = roll,
		.report = report };
	struct csv_row head = { .count = count, .fields = heads };
	struct csv_row row = { .count = count, .fields = values };
	size_t errors = report->errors;

	*sheet = (struct conf_sheet){ 0 };
	open_reader(&r, 0, 1);
	if (take_row(&r, &head))
		(void)take_row(&r, &row);
	close_reader(&r);
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
