/*
 * book - a race as its events tell it: roster and rankings together, whether
 * the events come live, from race.db or from a simulation.  Pure.
 */
#ifndef RACE_BOOK_H
#define RACE_BOOK_H

#include "race/rank/rank.h"
#include "race/roster.h"
#include "race/types.h"

struct journal;
struct rulings;

struct book {
	struct race_rules *rules;
	struct roster *roster;
	struct rank *rank;
	struct rulings *rulings;
	uint64_t crossings;
	uint64_t undecoded;      /* events kept for a later version */
	struct journal *applied; /* the events whose names nobody else keeps */
};

/* rules are copied and hold for the book's life: RACE_RULES events are skipped.
 * files: as for roster_new(). */
struct book *book_new(const struct race_rules *rules, uint64_t files);
void book_free(struct book *b);

/* 0, or -EEXIST for a repeat. */
int book_apply(struct book *b, struct race_id id, const struct race_event *e);

/* The latest corrected crossing, RACE_NO_TIME: none.  A clock that is measured
 * better can bring it back. */
int64_t book_as_of(struct book *b);

/* How far the places of a ranking, by its index, can be relied on. */
void book_outlook(struct book *b, size_t v, struct race_outlook *out);

#endif
