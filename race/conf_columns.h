/*
 * conf_columns - what the columns of a spreadsheet mean, and words in them, as
 * people write them in French and in English.
 *
 * Names are compared folded: without case, accents and punctuation, and, where
 * that tells nothing, without what stands in brackets.
 */
#ifndef RACE_CONF_COLUMNS_H
#define RACE_CONF_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "race/types.h"

/* The columns of entries.csv, in the order of conf_column_names. */
enum conf_column {
	CONF_BIB,
	CONF_CHIP,
	CONF_NAME,
	CONF_FIRST,
	CONF_LAST,
	CONF_SEX,
	CONF_BORN,
	CONF_CATEGORY,
	CONF_TEAM,
	CONF_WAVE,
	CONF_NATION,
	CONF_STATUS,
	CONF_START,
	CONF_COLUMNS,
	CONF_MORE = CONF_COLUMNS, /* kept under its own name */
	CONF_NAMELESS             /* no name: has to be empty */
};

extern const char *const conf_column_names[CONF_COLUMNS];

/* By the name that entries.csv has for it, without regard to case. */
enum conf_column conf_column_exact(const char *name);

/*
 * The columns of a spreadsheet.  Its own names come before synonyms, which are
 * kept as they are beside them; "nom" and "name" are last names where there is
 * a first name, and "Club (ACN)" is a team where no other column is.  True; or
 * false if two columns, *a and *b, mean the same.
 */
bool conf_columns_map(char *const *names, size_t count, enum conf_column *kinds,
    size_t *a, size_t *b);

/* "F", "M", "X", "" for an empty word; NULL for any other. */
const char *conf_sex_word(const char *word);

/* An enum race_status, RACE_STATUS_NONE for who has none of interest; -1 for
 * any other word. */
int conf_status_word(const char *word);

/* A date with the day first, or the month, as it seems: d/m/yyyy with `/`, `.`
 * or `-`. */
enum conf_date {
	CONF_DATE_NONE, /* no such date */
	CONF_DATE_DAY_FIRST,
	CONF_DATE_MONTH_FIRST, /* the second number is no month */
	CONF_DATE_EITHER       /* read with the day first */
};

/* Writes YYYY-MM-DD to out unless there is none. */
enum conf_date conf_date_parse(const char *s, char out[16]);

#endif
