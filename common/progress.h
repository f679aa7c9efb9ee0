/*
 * progress - how far a long reading has come: on stderr, where that is a
 * terminal, behind the first second, five times in each.
 */
#ifndef COMMON_PROGRESS_H
#define COMMON_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool terminal;
	bool shown;
	int64_t next_us;
};

void progress_begin(struct progress *p);

/* "reading 8km: 12,000 of 50,000 events", without "of ..." where all is not yet
 * known: 0; of an event here and there, not of each: it reads the clock. */
void progress_show(struct progress *p, const char *doing, uint64_t done,
    uint64_t all);

/* The line is ended. */
void progress_end(struct progress *p);

#endif
