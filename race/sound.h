/*
 * sound - whether a log is whole: its numbers are 1, 2, 3 ..., those of each
 * stream too, and each event's chain is that of its bytes.  SQLite notices a
 * page that is no page; a bit that has flipped inside a body it does not.
 */
#ifndef RACE_SOUND_H
#define RACE_SOUND_H

#include <stddef.h>
#include <stdint.h>

struct sound_stream {
	uint64_t seq;
	uint64_t chain;
};

/* All zero before the first event. */
struct sound {
	uint64_t log; /* events 1 to log are as they were stored */
	struct sound_stream *streams; /* by id */
	size_t stream_count;
	size_t cap;
};

/* Of a stream, by its id in the database. */
struct sound_event {
	uint64_t log;
	int64_t stream;
	uint64_t seq;
	uint64_t chain;
	const void *body;
	size_t len;
};

/* The next event: NULL, or what is wrong with it. */
const char *sound_next(struct sound *s, const struct sound_event *e);

void sound_close(struct sound *s);

#endif
