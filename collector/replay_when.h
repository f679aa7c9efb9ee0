/*
 * replay_when - a moment of a recording as somebody types it.
 *
 * Moments are those at which events were received, on the clock of the
 * aggregator that recorded them.
 */
#ifndef COLLECTOR_REPLAY_WHEN_H
#define COLLECTOR_REPLAY_WHEN_H

#include <stdint.h>

#include "common/err.h"

enum when_form {
	WHEN_NONE,
	WHEN_CLOCK,   /* 10:42:00, 10:42: us after local midnight */
	WHEN_INSTANT, /* 2014-09-21T10:42:00+02:00: UTC */
	WHEN_AFTER    /* +10m: us after some zero */
};

struct when {
	enum when_form form;
	int64_t us;
};

/* What the forms are counted from. */
struct when_zero {
	int64_t near_us; /* a time of day is on the day that puts it nearest */
	int64_t after_us;
};

/* -EINVAL with a hint for anything else. */
int when_parse(const char *text, struct when *out, struct err *err);

/* "90s", "10m", "1h30m", and as instant_parse_span(). */
int when_span(const char *text, int64_t *us, struct err *err);

/* -ERANGE with words for a time that the zone leaves out.  w is not NONE. */
int when_settle(const struct when *w, const struct when_zero *zero, int64_t *us,
    struct err *err);

#endif
