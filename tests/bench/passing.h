/*
 * passing - a field of any size on a course: who is entered, and who passes
 * which point when, in the order of passing.
 *
 * Everybody passes every point of the rules, each at a pace of their own, with
 * some overtaking; the slowest take twice the time of the fastest, so that in
 * mid-race several points are busy at once.  Three streams share the points.
 * With two readers at a point each passing is seen twice, 0.2 s apart, by
 * streams 0..2 and 3..5.
 */
#ifndef BENCH_PASSING_H
#define BENCH_PASSING_H

#include "race/types.h"

enum { PASSING_STREAMS = 6, PASSING_TEAM = 20 /* members */ };

struct passing {
	const struct race_rules *rules;
	uint64_t entries; /* a multiple of 1000 */
	unsigned readers; /* at each point: 1 or 2 */
	/* How many have passed each point. */
	uint64_t passed[RACE_POINTS_MAX];
	struct race_crossing second; /* the other reader's, due next */
	unsigned second_stream;
	char bib[24];
};

/* The texts of an entry. */
struct passing_entry {
	struct race_entry entry;
	char bib[24];
	char name[40];
	char team[40];
};

/* rules are borrowed and have a gun. */
void passing_init(struct passing *p, const struct race_rules *rules,
    uint64_t entries, unsigned readers);

/* The i-th entry; out->entry points into *out. */
void passing_entry(uint64_t i, struct passing_entry *out);

uint64_t passing_total(const struct passing *p);

/* The next crossing and its stream; false after the last.  Texts live until the
 * next call. */
bool passing_next(struct passing *p, struct race_crossing *out,
    unsigned *stream);

#endif
