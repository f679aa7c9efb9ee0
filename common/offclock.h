/*
 * offclock - whether a laptop's wall clock is off, or how far is not known:
 * said once when it begins and once when it ends.  Pure.
 */
#ifndef COMMON_OFFCLOCK_H
#define COMMON_OFFCLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Above these it begins; it ends a fifth below, so that it is said once. */
#define OFFCLOCK_WRONG_US INT64_C(50000)
#define OFFCLOCK_VAGUE_US INT64_C(20000)

/* Starts as { 0 }. */
struct offclock {
	bool wrong;
	bool vague;
};

/* What has changed. */
enum offclock_news {
	OFFCLOCK_WRONG = 1,
	OFFCLOCK_RIGHT = 2,
	OFFCLOCK_VAGUE = 4,
	OFFCLOCK_SHARP = 8
};

/* offset_us is the aggregator's clock less the laptop's; bound_us 0: nothing is
 * known, and nothing changes.  News, as bits. */
unsigned offclock_look(struct offclock *o, int64_t offset_us, int64_t bound_us);

enum { OFFCLOCK_WORDS = 48 };

/* "62 ms", "31.2 s", "59 min 3 s", "25 h 0 min" */
char *offclock_span(char out[OFFCLOCK_WORDS], int64_t us);
/* "31.2 s fast", "62 ms slow" */
char *offclock_words(char out[OFFCLOCK_WORDS], int64_t offset_us);

#endif
