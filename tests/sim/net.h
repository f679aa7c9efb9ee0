/*
 * net - a bad network on a virtual clock: messages are encoded for real, may
 * be lost, late, repeated, and overtaken by those of other links; within one
 * connection they keep their order, as TCP does, unless `shuffle` is set.
 */
#ifndef TESTS_SIM_NET_H
#define TESTS_SIM_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct net_faults {
	unsigned loss;    /* of 1000 messages */
	unsigned repeat;  /* of 1000 */
	int64_t delay_us; /* at most */
	bool shuffle;
};

struct net_packet {
	int64_t at_us;
	uint64_t order;
	unsigned link;  /* which pair of nodes */
	bool up;        /* towards the aggregator */
	uint32_t conn;  /* generation of the connection */
	char topic[80]; /* "" unless published */
	uint8_t *bytes; /* free() it */
	size_t len;
};

struct net;

struct net *net_new(uint64_t *random, unsigned links);
void net_free(struct net *n);
void net_set(struct net *n, const struct net_faults *faults);

/* A direction that is down loses what is in flight and what is sent. */
void net_cut(struct net *n, unsigned link, bool up, bool down);
bool net_is_cut(const struct net *n, unsigned link, bool up);

void net_send(struct net *n, int64_t now_us, unsigned link, bool up,
    uint32_t conn, const char *topic, const uint8_t *bytes, size_t len);

/* How many are under way, with those that are held. */
size_t net_waiting(const struct net *n, unsigned link, bool up);

/* When the next packet arrives, INT64_MAX if none is under way. */
int64_t net_deadline(const struct net *n);

/* Takes the next packet that has arrived by now. */
bool net_next(struct net *n, int64_t now_us, struct net_packet *out);

/* Its receiver does not read now: it keeps its place in the queue, and p's
 * bytes go back to n. */
void net_hold(struct net *n, const struct net_packet *p, int64_t until_us);

#endif
