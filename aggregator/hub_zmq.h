/*
 * hub - the aggregator's four sockets, and bytes through them.
 *
 * A peer of a ROUTER is a number: libzmq gives each connection a routing id of
 * its own, a zero and 32 bits, never used again in a run.  Peers that choose
 * theirs are not served.
 *
 * Nothing here waits: what a peer's queue does not hold is dropped and counted,
 * and the protocol recovers (PROTOCOL.md).  zmq.h is seen in hub_zmq.c alone.
 */
#ifndef AGGREGATOR_HUB_ZMQ_H
#define AGGREGATOR_HUB_ZMQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/endpoint.h"
#include "common/err.h"

struct hub;

/*
 * Binds where->base and the three ports above it; base 0: four free ones, which
 * it writes to where->base.  -EADDRINUSE and others, with words.
 */
int hub_open(struct hub **out, struct endpoint *where, struct err *err);

/* What was said last gets a moment to leave. */
void hub_free(struct hub *h);

/* For loop_add_zmq(). */
void *hub_socket(struct hub *h, enum endpoint_port port);

struct hub_message {
	uint32_t peer;
	const uint8_t *data; /* until the next call for that port */
	size_t len;
};

/* True and the next message of a ROUTER's port; false: none is waiting, or so
 * much nonsense that the others come first. */
bool hub_receive(struct hub *h, enum endpoint_port port,
    struct hub_message *out);

/* Copied. */
void hub_send(struct hub *h, enum endpoint_port port, uint32_t peer,
    const uint8_t *data, size_t len);

struct hub_subscription {
	bool on;
	const char *topic; /* no NUL behind it; until the next call */
	size_t len;
};

/* True and the next coming or going of a subscriber, each one told. */
bool hub_subscription(struct hub *h, struct hub_subscription *out);

void hub_publish(struct hub *h, const char *topic, const uint8_t *data,
    size_t len);

/* Messages that were not one frame of a peer with a number. */
uint64_t hub_malformed(const struct hub *h);

#endif
