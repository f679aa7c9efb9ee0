/*
 * tally - a table of a season as rows by slot, for a feed: what a display is
 * told of it, and what changed since that was asked last.
 *
 * A row (PROTOCOL.md 4.5) carries keys that order it as the season does; equals
 * of the score are numbered, so that a change alters rows of its own group of
 * equals alone.  Pure.
 */
#ifndef RACE_SEASON_TALLY_H
#define RACE_SEASON_TALLY_H

#include "race/season/season.h"

struct tally;

struct tally *tally_new(void);
void tally_free(struct tally *t);

enum tally_step {
	TALLY_MORE, /* there is more of the table to be read */
	TALLY_SAME,
	TALLY_MOVED /* a row changed */
};

/*
 * Reads some of a table of a season again, by their numbers, as long as nothing
 * else of the season changes: what is told is as before until all of it has
 * been read, for a hundred thousand rows are more than a turn can take.  A
 * season that has not begun (-ENOENT) is an empty table.  Neither s nor rules
 * is kept.
 */
enum tally_step tally_step(struct tally *t, struct season *s, int64_t season,
    const struct season_rules *rules, size_t table);

/* Slots of rows that changed, each once; returns how many, 0: no more. */
size_t tally_take_changes(struct tally *t, uint32_t *slots, size_t cap);

/* A slot keeps its label.  False: its row is gone, out->label alone is set.
 * Valid until the next update. */
bool tally_row(const struct tally *t, uint32_t slot, struct race_row *out);

size_t tally_slots(const struct tally *t);
size_t tally_count(const struct tally *t);
uint64_t tally_digest(const struct tally *t);

/* All places are provisional while a competition is live or still to come. */
void tally_outlook(const struct tally *t, struct race_outlook *out);

#endif
