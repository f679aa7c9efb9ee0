/*
 * seasons - the seasons that an aggregator shows beside its race: their tables
 * as if the race ended now, for the feed.
 *
 * What this race gives comes from its own book, at most ten times a second and
 * in a twentieth of the time.  The files of a season, and of the races and
 * other seasons that it is made of, are looked at each second, in a twentieth
 * of the time: what has changed is read again beside the turns (reader.h), and
 * shown when all of it has been read.  What has mistakes then is told, and the
 * season stays as it was, until it can be read; that is tried again.
 */
#ifndef AGGREGATOR_SEASONS_H
#define AGGREGATOR_SEASONS_H

#include "aggregator/feed.h"
#include "common/err.h"
#include "proto/message.h"
#include "race/types.h"

enum { SEASONS_MAX = 4 };

struct seasons;

/* The folders that are asked for; borrowed. */
struct seasons_folders {
	const char *dirs[SEASONS_MAX];
	size_t count;
};

/*
 * Reads them, for the race in that folder under these rules, before anything of
 * it is held.  Mistakes are logged, or how many more there are; err says what
 * else is wrong.
 */
int seasons_new(struct seasons **out, const struct seasons_folders *folders,
    const char *race, const struct race_rules *rules, struct err *err);
void seasons_free(struct seasons *s);

/* From now on the race is that book; borrowed for the life of s. */
void seasons_follow(struct seasons *s, struct book *book);

/* The tables, by the names that displays call them: FOLDER/TABLE. */
const struct feed_table *seasons_tables(const struct seasons *s, size_t *count);

/* What displays are told: the rules of the race, with a ranking for each table
 * behind its own.  The caller's. */
struct race_rules *seasons_rules(const struct seasons *s,
    const struct race_rules *race);

/* Why a season is shown as it was before its files were edited; "". */
const char *seasons_trouble(const struct seasons *s);

/* What operators are told of each; valid until the next turn.  How many. */
size_t seasons_states(const struct seasons *s,
    struct message_season out[SEASONS_MAX]);

/* A commit is in the book. */
void seasons_commit(struct seasons *s);

/* What is due; true: a table may have changed. */
bool seasons_turn(struct seasons *s, int64_t now_us);
int64_t seasons_deadline(const struct seasons *s, int64_t now_us);

#endif
