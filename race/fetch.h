/*
 * fetch - the roster, and one ranking beside it, taken once from an aggregator
 * that runs, with the digests checked.
 */
#ifndef RACE_FETCH_H
#define RACE_FETCH_H

#include "common/err.h"
#include "race/board.h"
#include "race/roster.h"
#include "race/types.h"

struct fetch_job {
	const char *aggregator; /* as endpoint_find() takes them */
	const char *race;
	const char *ranking; /* NULL: the first of the rules */
	uint64_t store;      /* the race.db it has to be of; 0: any */
	const char *title;   /* that the race has to have; NULL: any */
	int64_t patience_us; /* for the first answer */
};

/* What came; all of it is valid during the call alone. */
typedef int (*fetch_fn)(void *arg, const struct race_rules *rules,
    size_t ranking, struct board *board, const struct roster *roster);

/*
 * Returns what fn returned, or: -ETIMEDOUT, nobody answers; -ESTALE, an
 * aggregator of another race does; -ENOENT, no such ranking, and *words says
 * which there are (free with free()); -EINTR, a signal; or why it could not
 * even begin.
 */
int fetch_ranking(const struct fetch_job *job, fetch_fn fn, void *arg,
    char **words, struct err *err);

/* The same without a ranking; job->ranking is not looked at. */
typedef int (*fetch_roster_fn)(void *arg, const struct roster *roster);
int fetch_roster(const struct fetch_job *job, fetch_roster_fn fn, void *arg,
    struct err *err);

#endif
