/*
 * stretches - of each stream of a log how far it was read, and whether an event
 * is the next one of its stream: by its number and by the chain, which is a
 * hash over all before it.  Pure.
 */
#ifndef RACE_STRETCHES_H
#define RACE_STRETCHES_H

#include <stdbool.h>
#include <stddef.h>

#include "race/types.h"

struct stretch {
	uint64_t stream;
	uint64_t seq; /* of the last event, and its chain */
	uint64_t chain;
};

struct stretches {
	struct stretch *all; /* by stream */
	size_t count;
	size_t cap;
	size_t parts; /* that begin with another event than their first */
};

void stretches_clear(struct stretches *s);

/* NULL: nothing of it was read. */
const struct stretch *stretches_find(const struct stretches *s,
    uint64_t stream);

/*
 * Whether that may come next; nothing is changed.  A stream may begin with any
 * event, but what stood before that nobody knows, so its chain is taken as it
 * is.  -ENODATA: not the next one of its stream; -EBADMSG: not what was stored.
 */
int stretches_check(const struct stretches *s, struct race_id id,
    uint64_t chain, const uint8_t *event, size_t len);

/* It has been read. */
void stretches_put(struct stretches *s, struct race_id id, uint64_t chain);

/* It is written behind what is there of its stream: its chain. */
uint64_t stretches_write(struct stretches *s, struct race_id id,
    const uint8_t *event, size_t len);

#endif
