/*
 * board - one ranking as a display holds it: rows by label, their order, their
 * places, and the digest that must equal the aggregator's.  Pure.
 */
#ifndef RACE_BOARD_H
#define RACE_BOARD_H

#include "race/types.h"

struct board;

struct board *board_new(void);
void board_free(struct board *b);

/*
 * Sets the row of that label as of `version`, or notes that it is gone; what is
 * known at a later version is left alone, and a row that is gone does not come
 * back by an earlier one (deltas are absolute, so that applying twice is
 * harmless).  Copied.
 */
void board_put(struct board *b, const struct race_row *row, uint64_t version);
void board_remove(struct board *b, const char *label, uint64_t version);

/* How far its places can be relied on; before: unpublished, and all certain. */
void board_expect(struct board *b, const struct race_outlook *o);
const struct race_outlook *board_outlook(const struct board *b);

size_t board_count(struct board *b);
uint64_t board_digest(const struct board *b);

struct board_line {
	struct race_row row; /* valid until the board changes */
	uint32_t place;      /* 0: none */
	bool tied;
	/* Too close to call: the line before or behind has a time by another
	 * clock, and the two are no further apart than they may be off. */
	bool close;
	bool provisional; /* somebody who is still out may change the place */
	bool doubted;     /* ... where the first of the listing is certain */
	/* Behind the first and behind the line before, at the point where this
	 * row's time was taken; teams by their score in time; -1: none, as
	 * between one by gun in front and one by net. */
	int64_t gap_us;
	int64_t ahead_us;
};

/* The i-th line of the listing.  -ENOENT past the end.  O(log n). */
int board_line(struct board *b, size_t i, struct board_line *out);

/* Where label stands in the listing, or -ENOENT. */
int64_t board_find(struct board *b, const char *label);

#endif
