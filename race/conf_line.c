/* A line of entries.csv or of a spreadsheet, checked field by field. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/instant.h"
#include "race/conf_rows.h"
#include "race/rules.h"

enum {
	BORN_MIN = 1900,
	/* What an encoded entry takes beside its texts, generously. */
	EVENT_SLACK = 512,
	FIELD_SLACK = 8
};

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

/* ---- fields ---- */

/* Within bounds and printable. */
static bool
text_ok(struct conf_rows *r, const char *column, const char *value, size_t max)
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
claim(struct conf_rows *r, struct strmap *map, const char *what,
    const char *key)
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
check_sheet_bib(struct conf_rows *r, const char *bib)
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
read_bib(struct conf_rows *r, struct race_entry *e, const char *bib)
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
add_chip(struct conf_rows *r, struct chips *chips, const char *word)
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
read_chips(struct conf_rows *r, struct chips *chips, char *value)
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
read_sex(struct conf_rows *r, struct race_entry *e, const char *value)
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

/* Nobody who runs was born after the race. */
static int
born_max(const struct conf_rows *r)
{
	return r->rules == NULL ? 2099 : year_in(r->rules->date);
}

/* A spreadsheet's 23/05/1984 as we write it; anything else as it is. */
static const char *
read_sheet_date(struct conf_rows *r, struct line *l, const char *value)
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
read_born(struct conf_rows *r, struct line *l, const char *value)
{
	bool year_only = strlen(value) == 4 && strspn(value, "0123456789") == 4;
	char q[TEXT_QUOTE_MAX];
	int max = born_max(r);
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
	if (year < BORN_MIN || year > max)
		complain(r, "born %s: must be in the years %d to %d",
		    text_quote(q, value), BORN_MIN, max);
	l->entry.born = value;
}

static void
read_wave(struct conf_rows *r, struct race_entry *e, const char *value)
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
read_status(struct conf_rows *r, struct race_entry *e, const char *value)
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
read_plain(struct conf_rows *r, enum conf_column kind, const char **to,
    const char *value, size_t max)
{
	if (text_ok(r, conf_column_names[kind], value, max))
		*to = value;
}

/* ---- lines ---- */

static void
read_more(struct conf_rows *r, struct line *l, size_t i, const char *value)
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
read_nameless(struct conf_rows *r, size_t i, const char *value)
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
note_given(struct conf_rows *r, struct line *l, size_t i, char *value)
{
	if (*value == '\0' || r->kinds[i] >= CONF_COLUMNS)
		return;
	l->given |= UINT32_C(1) << r->kinds[i];
	if (r->sheet != NULL && strcmp(value, "-") == 0)
		*value = '\0';
}

static void
read_field(struct conf_rows *r, struct line *l, size_t i, char *value)
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
join_name(struct conf_rows *r, struct line *l)
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
wave_of(const struct conf_rows *r, const struct race_entry *e)
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
start_after_gun(struct conf_rows *r, struct line *l, int64_t after_us)
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
start_at_clock(struct conf_rows *r, struct line *l, int64_t clock_us)
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
read_start(struct conf_rows *r, struct line *l)
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
check_size(struct conf_rows *r, const struct line *l)
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
keep(struct conf_rows *r, const struct line *l)
{
	struct race_entry e = l->entry;
	const char *chips[RACE_CHIPS_MAX];

	for (size_t i = 0; i < l->chips.count; i++)
		chips[i] = l->chips.text[i];
	e.chips = chips;
	e.chip_count = l->chips.count;
	e.more = l->more;
	conf_roll_add(r->roll, &e, l->given, r->line);
}

static void
leave_out(struct conf_rows *r, const struct line *l)
{
	if (r->sheet != NULL)
		conf_roll_leave(r->roll, r->line, l->entry.bib, l->entry.name);
}

/* Spreadsheets write as many separators as their widest row has. */
static bool
only_empty(const struct conf_rows *r, const struct csv_row *row)
{
	for (size_t i = r->field_count; i < row->count; i++)
		if (row->fields[i][0] != '\0')
			return false;
	return r->sheet != NULL;
}

void
conf_line_read(struct conf_rows *r, const struct csv_row *row)
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
		leave_out(r, &l);
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
		leave_out(r, &l);
	else
		keep(r, &l);
}
