/*
 * travel - a race at any moment of its log: every ranking, the roster beside
 * it and the rules that held, as they were when an event had been taken.  Pure.
 *
 * A book goes forward alone.  So on its way through the log the rows that each
 * event changes are kept, packed, and a board is moved to another moment, both
 * ways, by the rows that differ: each of them once, however far away it is.
 *
 * Moments are counted: 1 is the race after the first event of the log.  Events
 * under one set of rules are an era; what came before its rules is seen in the
 * era before.
 */
#ifndef RACE_TRAVEL_H
#define RACE_TRAVEL_H

#include "race/board.h"
#include "race/book.h"
#include "race/until.h"

struct travel;

/* budget: bytes that the rows kept may take. */
struct travel *travel_new(size_t budget);
void travel_free(struct travel *t);

/* ---- on the way through the log ---- */

/* An event, in the order of the log.  decided: a mark on the bar. */
void travel_event(struct travel *t, const struct until_event *e, bool decided);

/* From this moment on these rules held, which are copied.  An era that begins
 * at the same moment is replaced. */
struct travel_era *travel_era(struct travel *t, size_t first,
    const struct race_rules *rules);

/*
 * The book is as that moment left it; its changes are taken.  -E2BIG: there is
 * no more room, and what was kept is of no use: to be done again with fewer
 * stops.
 */
int travel_stop(struct travel *t, struct travel_era *era, struct book *b,
    size_t moment);

/* ---- what there is ---- */

size_t travel_count(const struct travel *t); /* events, so the last moment */
size_t travel_bytes(const struct travel *t);

/* The event that made that moment. */
const struct until_event *travel_event_at(const struct travel *t,
    size_t moment);

/* The last moment whose event had been received by then (until_received()), or
 * has no greater number in the log; the first one before all. */
size_t travel_received(const struct travel *t, int64_t us);
size_t travel_numbered(const struct travel *t, uint64_t log);

/* The moments of the stations' first and last events; of all events, where no
 * station has said anything. */
size_t travel_first(const struct travel *t);
size_t travel_last(const struct travel *t);

/* A time of day, as until_clock(). */
int travel_clock(const struct travel *t, int64_t clock_us, int64_t *us,
    struct err *err);

/* Decisions, by their moments. */
size_t travel_decisions(const struct travel *t, const uint32_t **moments);

/* ---- standing somewhere ---- */

/* What there was then.  Valid until the next of these calls. */
struct travel_scene {
	size_t moment;
	const struct race_rules *rules;
	struct board *board; /* NULL: the rules have no ranking */
	const struct roster *roster;
	int64_t as_of_us; /* the latest crossing, RACE_NO_TIME: none */
};

/* The rules that held then, to choose a ranking from. */
const struct race_rules *travel_rules(const struct travel *t, size_t moment);

/* The race at the last stop up to that moment; ranking: an index into the rules
 * that held then. */
void travel_to(struct travel *t, size_t moment, size_t ranking,
    struct travel_scene *out);

/*
 * From change to change: the next moment at which rows of that ranking are
 * altered or other rules come, the last one of all behind those; and back to
 * where the one before what is shown came, or to the end of the era before.
 */
size_t travel_before(const struct travel *t, size_t moment, size_t ranking);
size_t travel_behind(const struct travel *t, size_t moment, size_t ranking);

#endif
