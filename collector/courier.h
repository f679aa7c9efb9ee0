/*
 * courier - from the outbox to the aggregator: does what uplink decides, with
 * the socket and the outbox, and says when the link is lost and back.
 */
#ifndef COLLECTOR_COURIER_H
#define COLLECTOR_COURIER_H

#include "collector/clockwork.h"
#include "collector/outbox.h"
#include "collector/uplink.h"
#include "common/loop.h"

struct courier;

/* As --aggregator and --race say it, for endpoint_find(). */
struct courier_whom {
	const char *aggregator; /* NULL: not given */
	const char *race;       /* NULL: none */
	/* Who types is not to be interrupted: ours may come yet. */
	bool patient;
};

/* loop, outbox, its file's path, the clocks and what whom points at are
 * borrowed.  quiet: the first connection is not told.  With each new socket the
 * aggregator is looked for again: started again, it may listen elsewhere. */
int courier_open(struct courier **out, struct loop *loop, struct outbox *outbox,
    const char *path, struct clockwork *clocks, const struct courier_whom *whom,
    bool quiet, struct err *err);
/* The title that the aggregator's race is to have.  Nothing goes to another one
 * at an address that nobody named; at one that somebody did it is told once. */
void courier_expect(struct courier *c, const char *title);
/* Says BYE to the aggregator, if it is there. */
void courier_free(struct courier *c);

/* After the outbox's commit: what is durable may go.  last_time_us and refused
 * are for the next PING. */
void courier_turn(struct courier *c, int64_t now_mono_us, int64_t last_time_us,
    uint64_t refused);
int64_t courier_deadline(const struct courier *c, int64_t now_mono_us);

/* The aggregator was reached in this run and holds all of the outbox. */
bool courier_done(const struct courier *c);

/* It cannot go on, and has said why. */
bool courier_failed(const struct courier *c);

/* The race.db that the crossings go to; 0: none was reached, or nothing goes
 * there. */
uint64_t courier_store(const struct courier *c);

/* Of the aggregator; until the next courier_turn(). */
const char *courier_url(const struct courier *c);

void courier_facts(const struct courier *c, struct uplink_facts *out);

#endif
