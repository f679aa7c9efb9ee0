/*
 * taken - what a race gives to a season: the first of its awards, or whole
 * rankings, as they stand now.  Pure.
 *
 * A recipient is a runner by his name ("bib 12" of one without) or a team.  Of
 * a ranking everybody is told who has a place, or whose status says that he
 * took part; of an award those who win it.  The competition is
 * live until every ranking that feeds it is published as final or amended.
 */
#ifndef RACE_SEASON_TAKEN_H
#define RACE_SEASON_TAKEN_H

#include "race/book.h"
#include "race/season/folder.h"

struct taken;

/*
 * feed is copied; first_key: of 2^40 keys that nobody else uses.  NULL and *why
 * (for free()): a ranking that the race does not have, or no award.
 */
struct taken *taken_new(const struct season_feed *feed,
    const struct race_rules *rules, uint64_t first_key, char **why);
void taken_free(struct taken *t);

/* Brings the season up to date; true: something changed.  O(1) while no row of
 * the rankings has, else O(rows that are told). */
bool taken_update(struct taken *t, struct book *b, struct season *s);

const char *taken_season(const struct taken *t);

/* As it was last told. */
enum season_state taken_state(const struct taken *t);

#endif
