/*
 * engine - the aggregator at work: joins store, book, intake, feed and hub.
 *
 * One turn: the messages that wait are taken, up to some 2,000 events; then
 * commit, acknowledge, rank, publish, in that order.  Nothing is acknowledged,
 * ranked or shown that is not durable.
 */
#ifndef AGGREGATOR_ENGINE_H
#define AGGREGATOR_ENGINE_H

#include "aggregator/seasons.h"
#include "common/endpoint.h"
#include "common/err.h"
#include "race/conf.h"

struct engine;

/* What is to be served; borrowed for the call. */
struct engine_race {
	const char *dir;
	const struct race_rules *rules;
	const struct conf_roll *roll;
	struct seasons *seasons; /* borrowed for the engine's life */
};

/*
 * Opens DIR/race.db, binds the ports (endpoint's base is set if it was 0),
 * brings the log up to date with rules and roll, and reads it.
 */
int engine_open(struct engine **out, const struct engine_race *race,
    struct endpoint *where, struct err *err);
void engine_free(struct engine *e);

/* Serves until SIGINT or SIGTERM.  The exit status: 0, or 1 with the reason in
 * the log. */
int engine_run(struct engine *e);

#endif
