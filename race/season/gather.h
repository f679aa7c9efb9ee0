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
	/* The book of a race folder, the callee's as long as the season is
	 * read; NULL: nothing has been timed there yet. */
	int (*book)(void *arg, const char *race, struct book **out,
	    struct err *err);
	/* A mistake or a doubt of a folder, with file and line. */
	void (*problem)(void *arg, const char *line);
};

struct gather {
	struct season_folder folder;
	struct season *season;
	/* What season.db says; it tells the season. */
	struct ledger *ledger;
	uint64_t log;   /* its last event's number */
	bool published; /* the season has what is published: else the lines of
	                 * the files */
	struct taken **takens; /* by feed; NULL: it has none */
	struct book **books;   /* by feed, of the takens */
};

/* -EINVAL: the folder has mistakes, or a race or another season cannot be used,
 * and err says so.  Cleared in any case. */
int gather_read(struct gather *out, const char *dir,
    const struct gather_ops *ops, void *arg, struct err *err);
void gather_clear(struct gather *g);

/* The season is brought up to what the ledger says now. */
void gather_settle(struct gather *g);

#endif
