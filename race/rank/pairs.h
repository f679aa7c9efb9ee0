/*
 * pairs - the times of one laptop and the bibs of another, as one list.
 *
 * The rules, and why they are what they are: PROTOCOL.md 3.8.  Pure, and linear
 * in the two lists, for a stranger may send a million lines.
 */
#ifndef RACE_RANK_PAIRS_H
#define RACE_RANK_PAIRS_H

#include "race/types.h"

#define PAIRS_NONE UINT32_MAX

/* How long before its time a bib may be typed: somebody reads the number of who
 * comes up the last metres, and never that of who is still 15 m away. */
#define PAIRS_EARLY_US INT64_C(3000000)
/* Nobody comes for so long: whoever types has typed what there was. */
#define PAIRS_QUIET_US INT64_C(30000000)
/* How far behind a list may be in a crowd that does not end: further, and the
 * bibs are from memory or from somebody else's paper. */
#define PAIRS_LATE_US INT64_C(120000000)

/* A row of either list. */
struct pairs_line {
	int64_t time_us; /* corrected */
	struct race_id id;
	uint32_t read; /* the caller's own: not looked at */
	uint32_t bib;  /* a number, PAIRS_NONE: no bib */
	uint32_t mate; /* out: index into the other list, or PAIRS_NONE */
};

/* Rows that wait, or that nobody can tell how to join. */
struct pairs_group {
	bool open;        /* the end of the lists: more may come */
	uint32_t times;   /* how many, those with a bib of their own not */
	uint32_t bibs;    /* listed lines, with or without bib */
	uint32_t first;   /* index of the first of them; the rest follow */
	int64_t first_us; /* of both lists */
	int64_t last_us;
};

/*
 * Puts lines into their order, of which the first `sorted` are: cheap if few
 * are not.
 */
void pairs_sort(struct pairs_line *lines, size_t sorted, size_t count);

/*
 * Joins two sorted lists: sets every mate; *out, for free(), gets the groups
 * that are not joined, in the order of the lists.  Returns their number.  Bibs
 * are below `bibs`.
 */
size_t pairs_join(struct pairs_line *times, size_t time_count,
    struct pairs_line *listed, size_t listed_count, size_t bibs,
    struct pairs_group **out);

#endif
