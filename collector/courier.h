/*
 * courier - from the outbox to the aggregator: does what uplink decides, with
 * the socket and the outbox, and says when the link is lost and back.
 */
#ifndef COLLECTOR_COURIER_H
#define COLLECTOR_COURIER_H

#include "collector/outbox.h"
#include "collector/uplink.h"
#include "common/loop.h"

struct courier;

/* loop, outbox and its file's path are borrowed; url is copied.  quiet: the
 * first connection is not told. */
int courier_open(struct courier **out, struct loop *loop, struct outbox *outbox,
    const char *path, const char *url, bool quiet, struct err *err);
/* Says BYE to the aggregator, if it is there. */
void courier_free(struct courier *c);

/* After the outbox's commit: what is durable may go.  last_time_us and refused
 * are for the next PING. */
void courier_turn(struct courier *c, int64_t now_mono_us, int64_t now_utc_us,
    int64_t last_time_us, uint64_t refused);
int64_t courier_deadline(const struct courier *c, int64_t now_mono_us);

/* The aggregator was reached in this run and holds all of the outbox. */
bool courier_done(const struct courier *c);

/* It cannot go on, and has said why. */
bool courier_failed(const struct courier *c);

void courier_facts(const struct courier *c, struct uplink_facts *out);

#endif
