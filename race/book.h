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
struct publication;
struct rulings;

/* What a stream has brought. */
struct book_station {
	uint64_t stream;
	uint64_t crossings;
};

/* Who stands where in a ranking, as it was when that was asked last. */
struct book_places {
	bool known;
	uint64_t rows; /* rank_digest() then */
	uint64_t digest;
};

struct book {
	struct race_rules *rules;
	struct roster *roster;
	struct rank *rank;
	struct rulings *rulings;
	uint64_t crossings;
	struct book_station *stations; /* by stream, those with crossings */
	size_t station_count;
	size_t station_cap;
	uint64_t undecoded;      /* events kept for a later version */
	struct journal *applied; /* the events whose names nobody else keeps */
	struct publication *publications; /* as they came */
	size_t publication_count;
	size_t publication_cap;
	struct book_places *places; /* by ranking */
};

/* rules are copied and hold for the book's life: RACE_RULES events are skipped.
 * files: as for roster_new(). */
struct book *book_new(const struct race_rules *rules, uint64_t files);
void book_free(struct book *b);

/* 0, or -EEXIST for a repeat. */
int book_apply(struct book *b, struct race_id id, const struct race_event *e);

/* The crossings of a stream, whatever was decided of them. */
uint64_t book_crossings(const struct book *b, uint64_t stream);

/* The latest corrected crossing, RACE_NO_TIME: none.  A clock that is measured
 * better, or who takes the crossing back, can bring it back. */
int64_t book_as_of(struct book *b);

/* How far the places of a ranking, by its index, can be relied on. */
void book_outlook(struct book *b, size_t v, struct race_outlook *out);

/*
 * It is final or amended, and has other placed rows now, or others of their
 * keys, than when that decision was applied.  Bounds and splits do not count.
 * A property of the order in the log, and not of the set of events: so it is in
 * no row, and in no digest of a board.  O(1) while no row has changed, else
 * O(rows).
 */
bool book_changed_since(struct book *b, size_t ranking);

#endif
