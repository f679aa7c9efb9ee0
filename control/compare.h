/*
 * compare - two to eight runners side by side: their times and places at every
 * point, and how far each is behind the one who is best placed.  Pure.
 *
 * Places at a point are those of the ranking's people who are still in the
 * race, by their time there; at the end they are the ranking's own.
 */
#ifndef CONTROL_COMPARE_H
#define CONTROL_COMPARE_H

#include <stdio.h>

#include "control/explain.h"

enum { COMPARE_MAX = 8 };

struct compare_split {
	int64_t elapsed_us; /* -1: no read counts there */
	uint32_t place;     /* 0: none */
};

struct compare_runner {
	const struct race_entry *entry;
	struct board_line line;       /* the end; place 0: none */
	bool in;                      /* has a row in the ranking */
	struct compare_split *splits; /* by point */
};

struct compare {
	const struct race_rules *rules;
	const struct race_ranking *rule;
	struct compare_runner runners[COMPARE_MAX]; /* the best placed first */
	size_t count;
	/* The points that tell something: the start is none of them unless
	 * times are from the gun. */
	int points[RACE_POINTS_MAX];
	size_t point_count;
	struct board *board;
};

/* Entries of b, each once, 2 to COMPARE_MAX; v ranks runners.  b is borrowed
 * for the life of *out. */
void compare_new(struct compare **out, struct book *b, size_t v,
    const struct race_entry *const *entries, size_t count);
void compare_free(struct compare *c);

/* At 80 columns; 0, or -errno of writing. */
int compare_print(FILE *out, const struct compare *c);
int compare_json(FILE *out, const struct compare *c);

#endif
