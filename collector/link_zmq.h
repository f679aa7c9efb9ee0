/*
 * link - the collector's socket: one DEALER to the aggregator's ROUTER.
 *
 * Never waits.  What is sent is only handed over; nothing counts before it is
 * acknowledged, so queues are short and a closed socket forgets them.
 * zmq.h is seen in link_zmq.c alone.
 */
#ifndef COLLECTOR_LINK_ZMQ_H
#define COLLECTOR_LINK_ZMQ_H

#include "common/err.h"
#include "proto/message.h"

struct link;

/* What the links of a process share: libzmq's threads. */
struct links;

/* After loop_new(), so that the threads get no signals. */
int links_open(struct links **out, struct err *err);
/* When all links are freed: waits until their last words have left. */
void links_free(struct links *all);

/* url is copied, all is borrowed. */
int link_open(struct link **out, const struct links *all, const char *url,
    struct err *err);
void link_free(struct link *l);

/* For loop_add_zmq(); another one after link_reopen(). */
void *link_socket(const struct link *l);

/* A new socket, to url, in place of the old one, which is closed. */
int link_reopen(struct link *l, const char *url, struct err *err);

/* False: the socket takes no more now, or there is no connection. */
bool link_send(struct link *l, const struct message *m);

/* 1 and a message (valid until the next call), 0: no more, or as wire_get(). */
int link_receive(struct link *l, struct message *out);

/* What was sent last may take a moment to leave when the link is freed. */
void link_linger(struct link *l);

#endif
