/*
 * delivery - how an operator's events reach the aggregator: PROTOCOL.md 3 and 5
 * as the client sees them.
 *
 * Pure: messages and the time go in, messages to send come out.  A command is
 * a stream of its own, whose events are kept here until they are acknowledged:
 * an aggregator that is killed and comes back within the patience gets what it
 * has not stored, and nothing counts twice.
 *
 * HELLO on a new socket and after 2 s without an acknowledgement; silence of
 * 3 s: a new socket; 10 s without progress: given up.
 */
#ifndef CONTROL_DELIVERY_H
#define CONTROL_DELIVERY_H

#include "proto/message.h"

struct delivery;

struct delivery_ops {
	/* False: the socket takes no more now. */
	bool (*send)(void *arg, const struct message *m);
	/* Closes the socket and opens a new one, wherever the aggregator is
	 * now. */
	void (*reconnect)(void *arg);
};

/*
 * epoch: random, made for this command.  store: the race.db that this is for;
 * another one gets nothing.  name: the operator's, copied.
 */
struct delivery *delivery_new(uint64_t epoch, uint64_t store, const char *name,
    const struct delivery_ops *ops, void *arg);
void delivery_free(struct delivery *d);

/* The next event, as wire_put_event() encodes it; copied.  All of them before
 * the first turn. */
void delivery_add(struct delivery *d, const uint8_t *bytes, size_t len);

void delivery_receive(struct delivery *d, const struct message *m,
    int64_t now_us);

/* Does what is due.  wall_us is for the other side's eyes alone. */
void delivery_turn(struct delivery *d, int64_t now_us, int64_t wall_us);
int64_t delivery_deadline(const struct delivery *d, int64_t now_us);

enum delivery_state {
	DELIVERY_UNDER_WAY,
	DELIVERY_DONE,    /* everything is stored */
	DELIVERY_REFUSED, /* delivery_why(): it will not have this */
	DELIVERY_GIVEN_UP /* delivery_why(): for now */
};

enum delivery_state delivery_state(const struct delivery *d);
uint64_t delivery_stored(const struct delivery *d);
const char *delivery_why(const struct delivery *d);

#endif
