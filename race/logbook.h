/*
 * logbook - the log of a running aggregator, fetched over the network and kept
 * as it came: what its events mean is told by rules that may be the last of
 * them.
 */
#ifndef RACE_LOGBOOK_H
#define RACE_LOGBOOK_H

#include "common/endpoint.h"
#include "common/err.h"
#include "race/name.h"

struct logbook_event {
	uint64_t log;
	struct race_id id;
	int64_t received_us;
	const uint8_t *body;
	size_t len;
};

struct logbook;

/*
 * Everything behind `after` (0: all) is to be fetched, as far as it is
 * committed when the last of it comes; the names of its streams go to
 * `streams`, borrowed.
 */
int logbook_new(struct logbook **out, const struct endpoint *from,
    uint64_t after, struct name_streams *streams, struct err *err);
void logbook_free(struct logbook *l);

/*
 * Takes what comes until then, on the monotonic clock, and asks for more: 1
 * when everything has come, else 0.  Waits out what happens to the network and
 * the aggregator; -ETIMEDOUT after 10 s without any of the log, -ESTALE if
 * another race.db answers than before.
 */
int logbook_step(struct logbook *l, int64_t until_mono_us, struct err *err);

/* How many have come, of how many. */
void logbook_told(const struct logbook *l, uint64_t *have, uint64_t *last);

uint64_t logbook_store(const struct logbook *l);
size_t logbook_count(const struct logbook *l);
void logbook_at(const struct logbook *l, size_t i, struct logbook_event *out);

#endif
