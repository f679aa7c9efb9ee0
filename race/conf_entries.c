/* entries.csv: who is entered, checked line by line. */
#include "race/conf.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/csv.h"
#include "common/instant.h"
#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "race/rules.h"

#define FILE_NAME "entries.csv"

enum {
	PIECE = 64 * 1024,
	BLOCK = 256 * 1024,
	BORN_MIN = 1900,
	/* What an encoded entry takes beside its texts, generously. */
	EVENT_SLACK = 512,
	FIELD_SLACK = 8
};

/* The columns we know, in the order of their names below. */
enum column {
	BIB,
	CHIP,
	NAME,
	FIRST,
	LAST,
	SEX,
	BORN,
	CATEGORY,
	TEAM,
	WAVE,
	NATION,
	STATUS,
	COLUMNS,
	MORE = COLUMNS, /* kept under its own name */
	NAMELESS        /* no name: has to be empty */
};

static const char *const column_names[COLUMNS] = { "bib", "chip", "name",
	"first", "last", "sex", "born", "category", "team", "wave", "nation",
	"status" };

/* Memory of a roll: blocks that never move, freed together. */
struct conf_block {
	struct conf_block *next;
	size_t used;
	size_t cap;
	max_align_t data[];
};

struct reader {
	const struct race_rules *rules; /* may be NULL */
	struct conf_roll *roll;
	struct conf_report *report;
	struct csv *csv;
	struct strmap *bibs;  /* bib -> line */
	struct strmap *chips; /* chip -> line */
	int born_max;

	/* The header. */
	enum column kinds[CSV_FIELDS_MAX];
	const char *names[CSV_FIELDS_MAX]; /* of MORE; in the roll's blocks */
	size_t field_count;
	bool has[COLUMNS];
	bool need_wave; /* several waves: every line names one */

	uint64_t rows;
	unsigned line; /* of the row being read */
	bool refused;  /* it has mistakes */
	bool said_cp1252;
	bool said_nameless;
};

#define complain(r, ...)                                                       \
	((r)->refused = true,                                                  \
	    conf_report_add((r)->report, true, FILE_NAME, (r)->line, 0,        \
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
	*roll = (struct conf_roll){ 0 };
}

/* ---- the header ---- */

static enum column
kind_of(const char *name)
{
	if (name[0] == '\0')
		return NAMELESS;
	for (int k = 0; k < COLUMNS; k++) {
		if (strcasecmp(name, column_names[k]) == 0)
			return (enum column)k;
	}
	return MORE;
}

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
	if (!r->has[NAME])
		return;
	for (size_t i = 0; i < r->field_count; i++) {
		if (r->kinds[i] == FIRST || r->kinds[i] == LAST)
			r->kinds[i] = MORE;
	}
	r->has[FIRST] = false;
	r->has[LAST] = false;
}

static void
check_header(struct reader *r, const struct csv_row *row)
{
	char found[800];
	size_t more = 0;

	for (size_t i = 0; i < row->count; i++)
		more += r->kinds[i] == MORE;
	if (more > RACE_COLUMNS_MAX)
		complain(r,
		    "%zu columns that have no meaning here, at most %d are "
		    "kept: take some out",
		    more, RACE_COLUMNS_MAX);
	if (!r->has[BIB]) {
		list_columns(found, sizeof found, row->fields, row->count);
		complain(r, "no column \"bib\"; the first line has %s", found);
	}
	r->need_wave = r->rules != NULL && r->rules->wave_count > 1;
	if (r->need_wave && !r->has[WAVE])
		complain(r,
		    "the race has %zu waves: a column \"wave\" has to say who "
		    "starts in which",
		    r->rules->wave_count);
}

static void
read_header(struct reader *r, const struct csv_row *row)
{
	r->field_count = row->count;
	for (size_t i = 0; i < row->count; i++) {
		char *name = text_trim(row->fields[i]);

		row->fields[i] = name;
		check_column(r, row->fields, i);
		r->kinds[i] = kind_of(name);
		if (r->kinds[i] < COLUMNS)
			r->has[r->kinds[i]] = true;
	}
	demote_parts(r);
	for (size_t i = 0; i < row->count; i++) {
		if (r->kinds[i] == MORE)
			r->names[i] = keep_text(r->roll, row->fields[i]);
	}
	check_header(r, row);
}

/* ---- fields ---- */

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

static void
read_bib(struct reader *r, struct race_entry *e, const char *bib)
{
	if (bib[0] == '\0') {
		complain(r, "the bib is empty: every line needs one");
		return;
	}
	if (!text_ok(r, "bib", bib, RACE_BIB_MAX))
		return;
	claim(r, r->bibs, "bib", bib);
	e->bib = bib;
}

/* The chips of a line as they are found. */
struct chips {
	char text[RACE_CHIPS_MAX][RACE_CHIP_MAX + 1];
	size_t count;
};

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
	char q[TEXT_QUOTE_MAX];

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcasecmp(words[i], value) == 0) {
			e->sex = words[i];
			return;
		}
	}
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

static void
read_born(struct reader *r, struct race_entry *e, const char *value)
{
	bool year_only = strlen(value) == 4 && strspn(value, "0123456789") == 4;
	char q[TEXT_QUOTE_MAX];
	int year;

	if (value[0] == '\0')
		return;
	if (!year_only && !instant_date_valid(value)) {
		complain(r,
		    "born %s: must be a year or a day, as in 1984 or "
		    "1984-05-23",
		    text_quote(q, value));
		return;
	}
	year = year_in(value);
	if (year < BORN_MIN || year > r->born_max)
		complain(r, "born %s: must be in the years %d to %d",
		    text_quote(q, value), BORN_MIN, r->born_max);
	e->born = value;
}

static void
read_wave(struct reader *r, struct race_entry *e, const char *value)
{
	char q[TEXT_QUOTE_MAX];

	if (value[0] == '\0') {
		if (r->need_wave && r->has[WAVE])
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

	if (status < 0)
		complain(r,
		    "status %s: must be DNS, DNF, DSQ, NC, OTL or empty",
		    text_quote(q, value));
	else if (status == RACE_FINISHED || status == RACE_RUNNING)
		complain(r,
		    "status %s: follows from the crossings, leave it empty",
		    text_quote(q, value));
	else
		e->status = (enum race_status)status;
}

/* What is not read in a way of its own. */
static void
read_plain(struct reader *r, enum column kind, const char **to,
    const char *value, size_t max)
{
	if (text_ok(r, column_names[kind], value, max))
		*to = value;
}

/* ---- lines ---- */

struct line {
	struct race_entry entry; /* its strings are the row's */
	struct chips chips;
	struct race_column more[RACE_COLUMNS_MAX];
	const char *first;
	const char *last;
	char name[2 * RACE_NAME_MAX + 2];
	char none[1]; /* the value of a field that a short row does not have */
};

static void
read_more(struct reader *r, struct line *l, size_t i, const char *value)
{
	char name[TEXT_QUOTE_MAX];
	char q[TEXT_QUOTE_MAX];

	if (value[0] == '\0')
		return;
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
	conf_report_add(r->report, false, FILE_NAME, r->line, 0,
	    "column %zu has no name: its values (here %s) are left out", i + 1,
	    text_quote(q, value));
}

static void
read_field(struct reader *r, struct line *l, size_t i, char *value)
{
	struct race_entry *e = &l->entry;

	switch (r->kinds[i]) {
	case BIB:
		read_bib(r, e, value);
		break;
	case CHIP:
		read_chips(r, &l->chips, value);
		break;
	case NAME:
		read_plain(r, NAME, &e->name, value, RACE_NAME_MAX);
		break;
	case FIRST:
		read_plain(r, FIRST, &l->first, value, RACE_NAME_MAX);
		break;
	case LAST:
		read_plain(r, LAST, &l->last, value, RACE_NAME_MAX);
		break;
	case SEX:
		read_sex(r, e, value);
		break;
	case BORN:
		read_born(r, e, value);
		break;
	case CATEGORY:
		read_plain(r, CATEGORY, &e->category, value, RACE_LABEL_MAX);
		break;
	case TEAM:
		read_plain(r, TEAM, &e->team, value, RACE_NAME_MAX);
		break;
	case WAVE:
		read_wave(r, e, value);
		break;
	case NATION:
		read_plain(r, NATION, &e->nation, value, RACE_LABEL_MAX);
		break;
	case STATUS:
		read_status(r, e, value);
		break;
	case MORE:
		read_more(r, l, i, value);
		break;
	case NAMELESS:
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
	read_plain(r, NAME, &l->entry.name, l->name, RACE_NAME_MAX);
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
	roll->entries[roll->count] = copy;
	roll->lines[roll->count] = r->line;
	roll->count++;
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
	l.first = "";
	l.last = "";
	l.none[0] = '\0';
	if (row->count > r->field_count) {
		complain(r,
		    "has %zu fields, the first line names %zu: is there a "
		    "separator in a value that needs quotes?",
		    row->count, r->field_count);
		return;
	}
	for (size_t i = 0; i < r->field_count; i++)
		read_field(r, &l, i,
		    i < row->count ? text_trim(row->fields[i]) : l.none);
	join_name(r, &l);
	if (!r->refused)
		check_size(r, &l);
	if (!r->refused)
		keep_entry(r, &l);
}

/* ---- the file ---- */

static void
warn_cp1252(struct reader *r)
{
	if (r->said_cp1252)
		return;
	r->said_cp1252 = true;
	conf_report_add(r->report, false, FILE_NAME, r->line, 0,
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

static void
read_file(struct reader *r, FILE *f)
{
	char *piece = xmalloc(PIECE);
	bool go_on = true;
	size_t n;

	while (go_on && (n = fread(piece, 1, PIECE, f)) > 0) {
		csv_feed(r->csv, piece, n);
		go_on = take_rows(r);
	}
	if (go_on && ferror(f) != 0) {
		r->line = 0;
		complain(r, "cannot be read: %s", strerror(errno));
	} else if (go_on) {
		csv_end(r->csv);
		go_on = take_rows(r);
	}
	free(piece);
	r->line = 0;
	if (go_on && r->rows == 0)
		complain(r,
		    "is empty: the first line names the columns, as in "
		    "bib,name,sex,team");
	else if (go_on && r->rows == 1)
		conf_report_add(r->report, false, FILE_NAME, 0, 0,
		    "nobody is entered");
}

static void
read_path(struct reader *r, const char *path)
{
	FILE *f = fopen(path, "rbe");

	if (f == NULL) {
		complain(r, "cannot be read: %s", strerror(errno));
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

int
conf_entries(const char *dir, const struct race_rules *rules,
    struct conf_roll *roll, struct conf_report *report)
{
	struct reader r = { .rules = rules,
		.roll = roll,
		.report = report,
		.born_max = year_of(rules) };
	char *path = xasprintf("%s/%s", dir, FILE_NAME);
	size_t errors = report->errors;

	r.csv = csv_new(0, 1, '\0');
	r.bibs = strmap_new();
	r.chips = strmap_new();
	read_path(&r, path);
	strmap_free(r.chips);
	strmap_free(r.bibs);
	csv_free(r.csv);
	free(path);
	return report->errors == errors ? 0 : -EINVAL;
}
