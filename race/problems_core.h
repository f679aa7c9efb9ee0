/*
 * problems_core - what the files that look for problems share, and nobody else
 * sees.
 *
 *	problems         all of them in order; entries, names, clocks
 *	problems_reads   what nobody can be given
 *	problems_people  each runner by himself, and who is first
 */
#ifndef RACE_PROBLEMS_CORE_H
#define RACE_PROBLEMS_CORE_H

#include "common/strmap.h"
#include "race/problems.h"

/* Of a point, among those who are in the race. */
struct problems_point {
	uint64_t past; /* seen there, or further on */
	uint64_t seen; /* there */
};

/* Of a wave at a point, among those whose start is its gun or follows it. */
struct problems_gun {
	uint64_t seen;
	uint64_t fast; /* too fast, from the gun */
};

struct problems_job {
	struct problems *out;
	struct book *b;
	struct crossings *c;
	struct strmap *chips; /* slots of the roster */
	struct problems_point points[RACE_POINTS_MAX];
	struct problems_gun (*guns)[RACE_POINTS_MAX]; /* a row for each wave */
};

/* One more, to be filled in: at no point and no time, of nobody. */
struct problem *problems_add(struct problems_job *j, enum problem_kind kind);

/* A copy that lives as long as the problems do. */
const char *problems_keep(struct problems_job *j, const char *text);

void problems_of_reads(struct problems_job *j);
void problems_of_people(struct problems_job *j);

#endif
