/*
 * record - the log of a running aggregator, followed into a recording.
 *
 * It is told of each commit and asks for what it has not got, so that it never
 * slows the aggregator and misses nothing, however long it was away.
 */
#ifndef DISPLAY_RECORD_H
#define DISPLAY_RECORD_H

#include <stdbool.h>
#include <stdint.h>

struct record_job {
	const char *file;
	const char *aggregator;
	const char *race;
	bool named;          /* the aggregator's address was */
	bool once;           /* until nothing is missing */
	uint64_t from;       /* as recorder_open() */
	int64_t sync_us;     /* no event waits longer for the disk, */
	uint64_t sync_bytes; /* ... nor do more bytes */
};

enum {
	RECORD_FAILED = 1,
	RECORD_USAGE = 2,
	RECORD_STALE = 3 /* the log is not that of the recording */
};

/* Until SIGINT or SIGTERM.  The exit status. */
int record_run(const struct record_job *job);

#endif
