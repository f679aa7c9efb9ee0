/*
 * uplink - when a collector sends what, and what it makes of the answers.
 *
 * Pure: messages, ticks and facts about the outbox go in, intentions come out
 * through `struct uplink_ops`.  Only what is durable in the outbox is ever
 * sent (the caller says what is, with uplink_journaled); nothing is forgotten
 * before it is acknowledged.  All times are monotonic microseconds, but boot_us
 * is CLOCK_BOOTTIME: read just before the call, for what is sent in a turn, and
 * just after a message was received.
 *
 * HELLO on a new socket; after WELCOME a window of batches up to the credit;
 * a GAP or a HELLO answered goes back to the aggregator's cursor; no ack for
 * max(2 s, 4 x round trip) with something outstanding: HELLO again; ten PINGs
 * in the two seconds after WELCOME, then each second; silence of 3 s: a new
 * socket after 0.1 to 2 s (doubling, +-25 %).
 */
#ifndef COLLECTOR_UPLINK_H
#define COLLECTOR_UPLINK_H

#include "collector/clockfit.h"
#include "proto/message.h"

struct uplink;

struct uplink_ops {
	/* Sends one message (not a batch); false: the socket takes no more. */
	bool (*send)(void *arg, const struct message *m);
	/* Reads `count` events from `first` on and sends them as one BATCH
	 * (fewer if 64 KiB are full); how many were sent, 0: no more now. */
	size_t (*send_batch)(void *arg, uint64_t first, uint64_t chain,
	    size_t count);
	/* Closes the socket and opens a new one. */
	void (*reconnect)(void *arg);
	/* The chain hash at seq of the outbox. */
	uint64_t (*chain)(void *arg, uint64_t seq);
	/* Whether this aggregator is to have the stream: asked at each WELCOME,
	 * before anything is made of it.  If not, the link counts as lost. */
	bool (*accepts)(void *arg, const struct message_welcome *w);
	/* The aggregator holds everything up to seq. */
	void (*acked)(void *arg, uint64_t seq);
	/* Said once when the link is lost (silent 0: the aggregator said BYE)
	 * and once when it is back (gone 0: it is the first time). */
	void (*lost)(void *arg, int64_t silent_us, uint64_t waiting);
	void (*back)(void *arg, int64_t gone_us, uint64_t waiting,
	    const struct message_welcome *w);
	/* An exchange of PING and PONG, each one once. */
	void (*sample)(void *arg, const struct clockfit_sample *s);
	/* The aggregator will not have this stream: the program ends with 1. */
	void (*refused)(void *arg, const struct message_refuse *r);
};

/* hello's strings are copied; last and first_kept are those at the start. */
struct uplink *uplink_new(const struct message_hello *hello, uint64_t acked,
    uint64_t seed, const struct uplink_ops *ops, void *arg);
void uplink_free(struct uplink *u);

/* Everything up to `last` is durable in the outbox. */
void uplink_journaled(struct uplink *u, uint64_t last);

/* What the next PING says beside the counters: last_time_us, disk_free,
 * refused, wall_us, offset_us and bound_us of p. */
void uplink_report(struct uplink *u, const struct message_ping *p);

void uplink_receive(struct uplink *u, const struct message *m, int64_t now_us,
    int64_t boot_us);

/* Does what is due at now: call at the end of each turn. */
void uplink_turn(struct uplink *u, int64_t now_us, int64_t boot_us);
int64_t uplink_deadline(const struct uplink *u, int64_t now_us);

enum uplink_state { UPLINK_CONNECTING, UPLINK_UP, UPLINK_DOWN, UPLINK_REFUSED };

struct uplink_facts {
	enum uplink_state state;
	uint64_t sent; /* highest seq ever sent */
	uint64_t acked;
	uint64_t resent; /* events sent more than once */
	uint64_t holes;  /* as the aggregator counts them for this stream */
	uint64_t repeats;
	int64_t rtt_us; /* smoothed, 0: not measured */
	int64_t down_since_us;
};

void uplink_facts(const struct uplink *u, struct uplink_facts *out);

#endif
