/*
 * until - up to which event a log is read, to see a race as it stood then.
 *
 * What a board showed is what a beginning of the log tells: an instant stands
 * for the last event that had been received by then.
 */
#ifndef RACE_UNTIL_H
#define RACE_UNTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

/* When an event was received. */
struct until_event {
	uint64_t log;
	int64_t received_us;
	bool station; /* from a station's stream */
};

/* An event of the aggregator's own that holds rules: its bytes. */
struct until_rules {
	uint64_t log;
	uint8_t *body;
	size_t len;
};

/* A log as far as that matters; all zero before the first event. */
struct until {
	struct until_event *events;
	size_t count;
	size_t cap;
	struct until_rules *rules;
	size_t rules_count;
	size_t rules_cap;
};

/* In the order of the log. */
void until_event(struct until *u, const struct until_event *e);
void until_rules(struct until *u, uint64_t log, const uint8_t *body,
    size_t len);
void until_clear(struct until *u);

/* The rules that held then; NULL: none yet. */
const struct until_rules *until_ruled(const struct until *u, uint64_t log);

/* The last event that was received by then; NULL: none had been. */
const struct until_event *until_received(const struct until *u, int64_t us);

/* Events up to that one that say they were received later than it: somebody
 * has set the aggregator's clock back. */
size_t until_ahead(const struct until *u, const struct until_event *last);

/*
 * A time of day in the process's zone, on the day that puts it nearest to the
 * race: to when the stations' event in the middle of them all was received.  A
 * rehearsal of a race long past is found where it took place, and a test read
 * two days before is not taken for the race.  -errno as instant_near().
 */
int until_clock(const struct until *u, int64_t clock_us, int64_t *us,
    struct err *err);

#endif
