/*
 * trail - the log of a running aggregator, followed page by page with several
 * requests under way, so that a long way costs its bandwidth and not its round
 * trips (PROTOCOL.md 4.4).  Pure.
 *
 * How much fits into a page is known when it is there.  So where the next ones
 * begin is guessed, a little too early: what overlaps is skipped, and after a
 * guess that was too late the log is asked for again from where it ends.
 */
#ifndef RACE_TRAIL_H
#define RACE_TRAIL_H

#include "proto/message.h"

enum { TRAIL_WINDOW = 4 };

struct trail {
	uint64_t have;  /* everything up to that number was taken */
	uint64_t last;  /* there is, by the latest answer */
	uint64_t store; /* 0: none came yet */
	uint64_t asked; /* where the next request begins */
	uint64_t step;  /* from one request to the next; 0: not known yet */
	uint32_t request;
	struct trail_slot {
		uint32_t request; /* 0: none */
		uint64_t after;
	} slots[TRAIL_WINDOW];
	int64_t asked_us;    /* last, */
	int64_t progress_us; /* ... and when an answer last brought something */
};

/* From behind `after` on. */
void trail_init(struct trail *t, uint64_t after, int64_t now_us);

/* True and a request to be sent now; call until it is false. */
bool trail_ask(struct trail *t, int64_t now_us,
    struct message_log_request *out);

/*
 * How many of the answer's events are new, from *first on, and may be taken in
 * that order.  -ESTALE: it is of another race.db, or of one that has lost what
 * was there.
 */
int trail_take(struct trail *t, const struct message_log_reply *r,
    int64_t now_us, size_t *first);

/* The log reaches that far, as somebody says who is not asked: it will be asked
 * for. */
void trail_told(struct trail *t, uint64_t last);

/* Everything is here that was committed when the latest answer was made. */
bool trail_done(const struct trail *t);

/* Nothing new for 10 s. */
bool trail_lost(const struct trail *t, int64_t now_us);

/* When to ask again, if nothing comes. */
int64_t trail_again(const struct trail *t);

/* When to ask or to give up, if nothing comes. */
int64_t trail_deadline(const struct trail *t);

#endif
