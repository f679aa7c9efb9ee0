/*
 * follow_zmq - the views of an aggregator, followed over ZeroMQ: one SUB for
 * deltas and heartbeats, one DEALER for rules and snapshots, a replica a view.
 *
 * A silence of 3 s closes both sockets and opens new ones, with the endpoint
 * looked up afresh: an aggregator that was restarted on free ports has written
 * other ones.  Nothing is sent or received outside the handlers that the loop
 * calls and follow_turn().
 */
#ifndef RACE_FOLLOW_ZMQ_H
#define RACE_FOLLOW_ZMQ_H

#include "common/err.h"
#include "common/loop.h"
#include "race/replica.h"
#include "race/types.h"

struct follow;

enum follow_tier {
	FOLLOW_TICK,  /* at most 10 deltas a second, merged */
	FOLLOW_COMMIT /* one for each commit */
};

/*
 * aggregator and race as endpoint_find() takes them, borrowed for its life;
 * l has to outlive it.  -EINVAL: an address that cannot be one.  That nobody
 * answers there is no error.
 */
int follow_new(struct follow **out, struct loop *l, const char *aggregator,
    const char *race, enum follow_tier tier, struct err *err);
void follow_free(struct follow *f);

/* That nobody answers, and that somebody does again, is not logged: where an
 * uplink to the same aggregator says so already. */
void follow_hush(struct follow *f);

/* Follows a view (once; asking again gives the same replica). */
struct replica *follow_view(struct follow *f, const char *view);

/* Lets go of the views that the rules have no longer; their replicas are
 * freed. */
void follow_prune(struct follow *f);

/*
 * The rules, or NULL until they have come.  They are replaced when another run
 * of the aggregator has others; follow_edition() grows then, and it is for the
 * caller to follow_prune() and to look up its ranking again.
 */
const struct race_rules *follow_rules(const struct follow *f);
unsigned follow_edition(const struct follow *f);

/* The store that the rules came from; 0 until then. */
uint64_t follow_store(const struct follow *f);

/* Whom it reaches for: "HOST:BASE". */
const char *follow_peer(const struct follow *f);

/* The health of the stations (topic "s/") too, from now on, or no longer. */
void follow_health(struct follow *f, bool on);
/* The last word of it, until the caller is back in the loop; NULL: none has
 * come from this run yet.  heard_us: when, monotonic. */
const struct message_status_reply *follow_status(const struct follow *f,
    int64_t *heard_us);

struct follow_log_ops {
	/* Behind which number it is wanted: asked when it begins, when another
	 * run of the aggregator answers, and after a reconnection.  What comes
	 * may therefore come again. */
	uint64_t (*after)(void *arg);
	/* Its next events, r->events from `first` on.  Negative: no more of
	 * them until follow_log_on(). */
	int (*take)(void *arg, const struct message_log_reply *r, size_t first,
	    size_t count);
	/* It does not reach as far as after() said, or ends before what came.
	 */
	void (*stale)(void *arg, const struct message_log_reply *r);
};

/* The log, from now on: each commit is told (topic "l/") and then asked for.
 * ops and arg are borrowed for the life of f. */
void follow_log(struct follow *f, const struct follow_log_ops *ops, void *arg);
/* Once more from after() on. */
void follow_log_on(struct follow *f);
/* The last number there is, as far as was told. */
uint64_t follow_log_end(const struct follow *f);
/* Everything has come that was there when the latest answer was made. */
bool follow_log_done(const struct follow *f);
/* Somebody answers. */
bool follow_live(const struct follow *f);

/* Requests and reconnections that are due: to be called at each turn's end. */
void follow_turn(struct follow *f, int64_t now_us);
int64_t follow_deadline(const struct follow *f, int64_t now_us);

#endif
