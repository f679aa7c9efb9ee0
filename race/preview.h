/*
 * preview - what a correction would change, told before it is applied.
 *
 * Events are applied to a book that is thrown away afterwards, and its rankings
 * compared with what they were.  Whatever differs is told: a row of which more
 * changes than its place, each; rows that another one's correction moves up or
 * down, in ranges, and the first of them by name.  Pure.
 */
#ifndef RACE_PREVIEW_H
#define RACE_PREVIEW_H

#include "race/book.h"

struct preview;

struct preview_event {
	struct race_id id;
	struct race_event event;
};

/* A row as it was and as it is; NULL: there is none. */
struct preview_change {
	const struct rank_standing *before;
	const struct rank_standing *after;
};

/* The places from `first` to `last` of before, less those in `changes`: all
 * places of the rows that moved there are `by` greater (down) or less (up). */
struct preview_range {
	uint32_t first;
	uint32_t last;
	int64_t by;
	size_t rows;
};

struct preview_ranking {
	/* Rows that come, go, or say something else, or are no longer (or
	 * newly) tied: as the ranking lists them now, then those that go. */
	const struct preview_change *changes;
	size_t change_count;
	/* Rows that say what they said, but for the place: the first of them,
	 * as they were listed. */
	const struct preview_change *moves;
	size_t move_count;
	size_t moved; /* all there are */
	const struct preview_range *ranges;
	size_t range_count;
};

/* Keeps what the rankings of b are now, and takes rank_take_changes() of them
 * for itself.  O(rows), and their memory. */
struct preview *preview_begin(struct book *b);

/*
 * Applies the events to b, the same, where they were not applied since: a
 * repeat changes nothing.  Then tells what has changed.  b is the caller's to
 * free, and may be freed first.  moves: so many rows of each ranking that only
 * move are listed.
 */
void preview_end(struct preview *p, struct book *b,
    const struct preview_event *events, size_t count, size_t moves);
void preview_free(struct preview *p);

/*
 * The same of two books: each ranking of `after`, by its index there, with that
 * of before which has its name and is of the same; one that is in `after` alone
 * is left empty.  Both may be freed first.
 */
struct preview *preview_between(struct book *before, struct book *after,
    size_t moves);
/* The ranking of before that one of `after` is compared with; -1: none. */
int preview_partner(const struct race_rules *before,
    const struct race_ranking *after);

/* v: as in the rules of the book, of two those of the later. */
void preview_ranking(const struct preview *p, size_t v,
    struct preview_ranking *out);

#endif
