/*
 * journey - the log of a race, walked through once so that it can be looked at
 * as it was at any moment (travel.h): from race.db, a recording, or a running
 * aggregator, whose log goes on.
 */
#ifndef RACE_JOURNEY_H
#define RACE_JOURNEY_H

#include "race/past.h"
#include "race/travel.h"

/*
 * What is kept of the rows may take that much.  Where it is not enough, every
 * fourth event alone is a stop, or every sixteenth ...
 */
#define JOURNEY_BUDGET ((size_t)256 << 20)

struct journey;

/*
 * from, borrowed, without `at` and `at_seq`; its errors, and its progress, are
 * those of past_load().  -ENOENT, too: there is no event yet.
 */
int journey_new(struct journey **out, const struct past_source *from,
    size_t budget, struct err *err);
void journey_free(struct journey *j);

/*
 * Events that have come since: how many.  -EAGAIN: they are on their way, to be
 * called again.  -ESTALE, from then on: it is another log now, or one that has
 * other rules or more to keep: a new journey is to be made.
 */
int journey_more(struct journey *j, struct err *err);

/* What is on its way is not waited for: to be asked for again, some day. */
void journey_rest(struct journey *j);

/* An aggregator held the race's log when it was last looked at. */
bool journey_running(const struct journey *j);

/* Events from one stop to the next. */
size_t journey_stride(const struct journey *j);

struct travel *journey_travel(struct journey *j);

#endif
