/*
 * rate - how many came in the last minute.  Pure.
 */
#ifndef AGGREGATOR_RATE_H
#define AGGREGATOR_RATE_H

#include <stdint.h>

enum { RATE_SECONDS = 60 };

/* Starts as { 0 }. */
struct rate {
	uint32_t by_second[RATE_SECONDS];
	int64_t second; /* the current one */
};

void rate_add(struct rate *r, int64_t now_us);
uint32_t rate_minute(const struct rate *r, int64_t now_us);

#endif
