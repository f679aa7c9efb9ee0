/*
 * conf - race.yaml and entries.csv, read and checked: every mistake of a race
 * folder in one run, each with file, line, column, value and what would do.
 * And spreadsheets that are to become entries.
 *
 * libyaml's event parser is seen in conf_yaml.c alone.  Scalars are text until
 * our typed readers take them; repeated keys, anchors, aliases, tags and
 * several documents are errors, and so are keys that we do not know (nearest
 * known one named).  Problems name the files without their folder.
 */
#ifndef RACE_CONF_H
#define RACE_CONF_H

#include <stdio.h>

#include "common/err.h"
#include "race/types.h"

/* The problems of one reading, in order of file and line. */
struct conf_problem {
	bool error; /* else a warning: the race can be run with it */
	char *file;
	unsigned line;   /* 0: the file as a whole */
	unsigned column; /* 0: the line as a whole */
	char *text;      /* "min-lap 0.2: must be between 0.5 and 600 s" */
};

struct conf_report {
	struct conf_problem *problems;
	size_t count;
	size_t cap;
	size_t errors;
};

void conf_report_add(struct conf_report *report, bool error, const char *file,
    unsigned line, unsigned column, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
void conf_report_clear(struct conf_report *report);

/* One line for a person: "race.yaml:12:9: text" or "warning" in front of the
 * text.  Returns what snprintf would. */
int conf_problem_print(char *out, size_t cap, const struct conf_problem *p);

/* A row that was left out for its mistakes: who that is, as far as it says. */
struct conf_left {
	unsigned line;
	const char *bib;
	const char *name;
};

/* Entries of a file; strings are owned by the roll. */
struct conf_roll {
	struct race_entry *entries;
	unsigned *lines; /* of entries.csv, for messages */
	/* Of a spreadsheet: the columns in which a row says something, 1 <<
	 * enum conf_column.  A "-" says that the field is empty; a column
	 * without meaning that has one is in `more` with the value "". */
	uint32_t *given;
	size_t count;
	size_t cap;
	struct conf_left *left; /* of a spreadsheet, in order */
	size_t left_count;
	size_t left_cap;
	struct conf_block *blocks; /* where the strings are */
};

void conf_roll_clear(struct conf_roll *roll);

/*
 * Reads DIR/race.yaml.  Sets the process's zone (instant_zone) to the race's.
 * Returns the rules, or NULL when there is any error; the report says which.
 * Free with rules_free().
 */
struct race_rules *conf_rules(const char *dir, struct conf_report *report);

/* The same of a file of that form, wherever it is. */
struct race_rules *conf_rules_file(const char *path,
    struct conf_report *report);

/* The text of a race.yaml that is read back as these rules, as far as one can
 * say them.  Sets the process's zone to the race's. */
void conf_rules_write(FILE *out, const struct race_rules *rules);

/* A text of such a file, in quotes. */
void conf_text_write(FILE *out, const char *s);

/*
 * Reads DIR/entries.csv (a missing file is an error of the report, no entries
 * a warning).  rules may be NULL: then waves are not checked.  Lines with
 * mistakes are reported and left out, the others taken; 0, or -EINVAL if there
 * was any error.
 */
int conf_entries(const char *dir, const struct race_rules *rules,
    struct conf_roll *roll, struct conf_report *report);

/* What the columns of a spreadsheet were taken for. */
struct conf_heading {
	const char *head; /* in the file; the roll's */
	const char *key;  /* "bib", "name" ...; "" for what has no meaning */
};

enum { CONF_HEADINGS_MAX = 256 };

struct conf_sheet {
	struct conf_heading columns[CONF_HEADINGS_MAX];
	size_t count;
	unsigned line; /* where they stand */
	char separator;
};

/*
 * Reads a spreadsheet saved as text: as conf_entries(), with names of columns
 * and words as people write them (conf_columns.h), dates as 23/05/1984, and
 * titles above the header.  A column that is missing is no mistake, not even
 * that of the wave: whoever asks knows what was there before.
 */
int conf_sheet(const char *path, const struct race_rules *rules,
    struct conf_sheet *sheet, struct conf_roll *roll,
    struct conf_report *report);

/*
 * The same of a single row that stands in no file, but was said: its mistakes
 * are on line 0 of `what`.  At most CONF_HEADINGS_MAX heads, each with a value,
 * all UTF-8; they are written in.
 */
int conf_sheet_row(const char *what, char **heads, char **values, size_t count,
    const struct race_rules *rules, struct conf_sheet *sheet,
    struct conf_roll *roll, struct conf_report *report);

bool conf_sheet_has(const struct conf_sheet *sheet, const char *key);

#endif
