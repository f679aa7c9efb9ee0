/*
 * replay_peer - the aggregator that a replay plays to, as all streams of it
 * know it: where it is, whether it is the one that was meant, and whether it
 * answers.  What concerns all of them is said once.
 */
#ifndef COLLECTOR_REPLAY_PEER_H
#define COLLECTOR_REPLAY_PEER_H

#include "common/endpoint.h"
#include "common/err.h"
#include "proto/message.h"

struct peer;
struct links;

/* Found by aggregator and race as endpoint_find() does; title is that of the
 * race which it is to serve.  All are borrowed. */
int peer_new(struct peer **out, const char *aggregator, const char *race,
    const char *title, struct err *err);
/* When all links are freed. */
void peer_free(struct peer *p);

/* HOST:BASE, until peer_find_again(). */
const char *peer_name(const struct peer *p);
const struct links *peer_links(const struct peer *p);
char *peer_url(const struct peer *p, enum endpoint_port port,
    char out[ENDPOINT_URL]);

/* Started again, it may listen elsewhere. */
void peer_find_again(struct peer *p);

/* A race that nobody meant gets nothing: -ESTALE. */
int peer_check(struct peer *p, const struct message_welcome *w);

/* rc: of wire_get(). */
void peer_unread(struct peer *p, int rc);

/* It is gone (silent_us 0: it took leave) and so many events wait; it is back.
 */
void peer_lost(struct peer *p, int64_t silent_us, uint64_t waiting);
void peer_back(struct peer *p);
bool peer_is_gone(const struct peer *p);

#endif
