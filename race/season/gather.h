/*
 * gather - a season put together: its folder, what was published and decided,
 * and what its races and other seasons give as they stand now.
 */
#ifndef RACE_SEASON_GATHER_H
#define RACE_SEASON_GATHER_H

#include "common/err.h"
#include "race/season/folder.h"
#include "race/season/ledger.h"
#include "race/season/taken.h"

struct gather_ops {
	/* The book of a race folder, the callee's until the next is asked for;
	 * NULL: nothing has been timed there yet. */
	int (*book)(void *arg, const char *race, struct book **out,
	    struct err *err);
	/* The rules of a race of this season (of none that it takes standings
	 * from) whose rows the caller brings himself, with taken_update();
	 * NULL: it is read. */
	const struct race_rules *(*ours)(void *arg, const char *race);
	/* A season folder that is about to be read, of another season too. */
	void (*folder)(void *arg, const char *dir);
	/* A mistake or a doubt, with file and line; dir: of another season than
	 * the one that is asked for, else "". */
	void (*problem)(void *arg, const char *dir, const char *line);
};

struct gather {
	struct season_folder folder;
	struct season *season;
	/* What season.db says; it tells the season. */
	struct ledger *ledger;
	uint64_t log;   /* its last event's number */
	bool published; /* the season has what is published: else the lines of
	                 * the files */
	/* What races and other seasons gave as if it ended now. */
	struct season_given *live;
	size_t live_count;
	size_t live_cap;
	struct taken **takens; /* by feed, of the races that are ours; else NULL
	                        */
};

/* -EINVAL: the folder has mistakes, or a race or another season cannot be used,
 * and err says so; -ECANCELED: the source is not wanted any more.  Cleared in
 * any case. */
int gather_read(struct gather *out, const struct season_source *from,
    const struct gather_ops *ops, void *arg, struct err *err);
void gather_clear(struct gather *g);

/* What is shown of it now: the season of the race that is ours, else the last
 * one that has begun; -1: none has. */
int64_t gather_shown(const struct gather *g);

/* The season is brought up to what the ledger says now. */
void gather_settle(struct gather *g);

#endif
