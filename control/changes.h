/*
 * changes - what a spreadsheet would make of the roster: who is new, changed,
 * gone, and what cannot be.  Pure.
 *
 * A column that the spreadsheet does not have changes nothing, and neither does
 * an empty field: a list of bibs and teams leaves names and chips alone.  A "-"
 * empties what was there.
 */
#ifndef CONTROL_CHANGES_H
#define CONTROL_CHANGES_H

#include <stdio.h>

#include "race/conf.h"

enum changes_kind { CHANGES_NEW, CHANGES_CHANGED, CHANGES_EQUAL, CHANGES_GONE };

struct changes_item {
	enum changes_kind kind;
	const struct race_entry *before; /* NULL: nobody had the bib */
	const struct race_entry *after;  /* NULL: gone */
	unsigned line;                   /* of the spreadsheet; 0: none */
};

struct changes_move {
	const char *chip;
	const char *from; /* bibs */
	const char *to;
};

/* A row that is left out for its mistakes. */
struct changes_left {
	unsigned line;
	const char *bib; /* "" if it names none that can be one */
	const char *name;
	bool held; /* somebody has the bib: he stays as he is */
};

struct changes {
	struct changes_item *items; /* in the order of the file; then who is
	                             * gone */
	size_t count;
	size_t counts[CHANGES_GONE + 1];
	const struct race_entry **kept; /* not in the file: they stay */
	size_t kept_count;
	struct changes_move *moves; /* chips that somebody else gets */
	size_t move_count;
	struct changes_left *left; /* by line */
	size_t left_count;
	struct changes_block *blocks; /* merged entries */
};

/* What is compared; all of it is borrowed for the life of the changes. */
struct changes_job {
	const struct race_entry *const *held; /* the roster as it is */
	size_t held_count;
	const char *file; /* for messages */
	const struct conf_sheet *sheet;
	const struct conf_roll *roll;
	const struct race_rules *rules; /* may be NULL */
	bool remove;                    /* who is not in the file goes */
};

/* Rows that cannot be are left out and reported. */
void changes_find(const struct changes_job *job, struct changes *out,
    struct conf_report *report);

/* What may be a mistake of the whole file; of changes_find() a part. */
void changes_tell(const struct changes_job *job, const struct changes *c,
    struct conf_report *report);

void changes_clear(struct changes *c);

/* Entries that would be other than they are. */
size_t changes_total(const struct changes *c);

/* The summary for a person, in detail the first 20 of who is new, changed and
 * gone. */
void changes_print(FILE *out, const struct changes *c);

/* Who is left out, each with his mistakes in the report. */
void changes_print_left(FILE *out, const struct changes *c,
    const struct conf_report *report);

/* "NOT entered: 2 people" without the end of the line; nothing if nobody is
 * left out. */
void changes_print_left_count(FILE *out, const struct changes *c);

/* The one with that line; NULL if no row that has it was left out. */
const struct changes_left *changes_left_on(const struct changes *c,
    unsigned line);

#endif
