/*
 * season_db - season.db of a season folder: the log of what was published and
 * decided, a store as a race's (race/store.h), made by the first command that
 * decides something.
 */
#ifndef RACE_SEASON_SEASON_DB_H
#define RACE_SEASON_SEASON_DB_H

#include "common/err.h"
#include "race/types.h"

/* Valid for the call. */
struct season_db_event {
	struct race_id id;
	const char *stream; /* its name: who decided */
	int64_t received_us;
	uint64_t chain;
	const uint8_t *body;
	size_t len;
	const struct race_event *event; /* RACE_EVENT_UNKNOWN: undecoded */
};

/*
 * All events in the order of the log, whose last number goes to *last; none
 * where there is no such file.  As store_open() and store_scan().
 */
typedef void (*season_db_fn)(void *arg, const struct season_db_event *e);
int season_db_scan(const char *dir, season_db_fn fn, void *arg, uint64_t *last,
    struct err *err);

/*
 * Stores events as a stream of somebody's own, all of them or none: durable
 * when it returns 0.  -ESTALE: the log goes on behind `last`, for somebody else
 * has decided meanwhile.  -EMSGSIZE: one is larger than an event may be.
 */
int season_db_append(const char *dir, uint64_t last, const char *name,
    const struct race_event *events, size_t count, struct err *err);

/* DIR/season.db, for free(). */
char *season_db_path(const char *dir);

#endif
