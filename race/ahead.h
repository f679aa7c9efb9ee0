/*
 * ahead - the log of a race.db, read, checked and decoded by a thread of its
 * own, while the caller makes use of what came before.
 *
 * To rank a crossing takes about as long as to read it.  The two share nothing
 * but batches of events, each of which belongs to one of them at a time.
 */
#ifndef RACE_AHEAD_H
#define RACE_AHEAD_H

#include "race/store.h"

/* What the log says of an event. */
struct ahead_label {
	uint64_t log;
	struct race_id id;
	int64_t received_us;
	const struct store_stream *stream; /* with its first event, else NULL */
	bool decoded; /* else the event is of kind RACE_EVENT_UNKNOWN */
};

/* Events of the log in order, and of each its label; valid for the call. */
struct ahead_batch {
	const struct race_event *events;
	const struct ahead_label *labels;
	size_t count;
};

typedef int (*ahead_fn)(void *arg, const struct ahead_batch *b);

/*
 * As store_scan(), a batch at a time.  fn is called by the caller's thread, and
 * may not use s, which is the other one's meanwhile.
 */
int ahead_scan(struct store *s, uint64_t after, ahead_fn fn, void *arg,
    struct err *err);

#endif
