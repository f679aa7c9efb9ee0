/*
 * reads - crossings as a list: when, where, what they are called, and whether
 * they count, or why not.
 */
#ifndef CONTROL_READS_H
#define CONTROL_READS_H

#include <stdio.h>

#include "control/story.h"
#include "race/book.h"

struct reads_item {
	struct rank_read read;
	char *bib;      /* whose it is; "": nobody's */
	char *under;    /* the bib or chip that it names, or "" */
	int64_t gun_us; /* from which he is timed; RACE_NO_TIME: none */
};

struct reads {
	struct reads_item *items;
	size_t cap;
	size_t count;
};

/* Of a bib, in the order of time. */
void reads_of_bib(struct reads *l, struct book *b, const char *bib);

/* Of these crossings those at a point (an index), or, with -1, those that are
 * nobody's; in the order of time.  Texts are copied. */
void reads_of(struct reads *l, struct book *b, const struct race_id *ids,
    size_t count, int point);
void reads_clear(struct reads *l);

/* The last n of them. */
void reads_last(struct reads *l, size_t n);

/* What is not the same for all of them, and so has a column. */
enum reads_columns { READS_OF_BIB, READS_OF_POINT, READS_OF_NOBODY };

void reads_print(FILE *out, const struct reads *l, struct book *b,
    const struct story *s, enum reads_columns columns);

/* An object a line; 0, or -errno of writing. */
int reads_json(FILE *out, const struct reads *l, struct book *b,
    const struct story *s);

#endif
