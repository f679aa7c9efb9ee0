/*
 * backlog - whether what waits in an outbox gets through: it does not if an
 * event of 30 s ago still waits, and no fewer wait than then.  Pure.
 *
 * Numbers alone would not do: on a slow link a few are always on the way.
 */
#ifndef AGGREGATOR_BACKLOG_H
#define AGGREGATOR_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>

enum { BACKLOG_SECONDS = 30 };

/* Starts as { 0 }, and anew with each connection. */
struct backlog {
	struct backlog_then {
		uint64_t last; /* of the outbox */
		uint64_t waiting;
	} then[BACKLOG_SECONDS];
	int64_t begun; /* seconds */
	int64_t second;
	bool known; /* something has been seen */
	bool stuck;
};

/* Returns whether it is stuck, which ends when a quarter of it is gone. */
bool backlog_look(struct backlog *b, uint64_t stored, uint64_t waiting,
    int64_t now_us);

#endif
