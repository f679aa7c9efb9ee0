/*
 * replay_tape - what a recording has to be played: the streams of collectors
 * and operators with their events, in the order of the log.
 *
 * What the aggregator said itself (rules, roster) is no part of it: whoever
 * plays has a race folder that says it.  A recording does not say whose a
 * stream is and where it stands; its events do.
 */
#ifndef COLLECTOR_REPLAY_TAPE_H
#define COLLECTOR_REPLAY_TAPE_H

#include "common/err.h"
#include "common/strmap.h"
#include "race/types.h"

struct tape_event {
	uint32_t stream; /* index */
	uint64_t seq;
	uint64_t chain; /* after it */
	int64_t received_us;
	int64_t moment_us; /* a crossing's own time, else when it was said */
	enum race_event_kind kind;
	size_t at; /* of its bytes */
	size_t len;
};

struct tape_stream {
	uint64_t epoch;
	char *name;
	char **points; /* that its crossings name, each once; 128 at most */
	size_t point_count;
	size_t point_cap;
	bool operators;   /* by its first event */
	int64_t ahead_us; /* its clock was put wrong by that (tape_cut()) */
	uint32_t *events; /* indices, by rising seq */
	size_t count;
	size_t cap;
};

struct tape {
	uint64_t store;           /* whose race.db it was */
	char *race;               /* its title */
	struct race_rules *rules; /* that the aggregator said last; NULL: none
	                           * that this version can read */
	int64_t gun_us;           /* that an operator gave first, or
	                           * RACE_NO_TIME */
	struct tape_stream *streams;
	size_t stream_count;
	size_t stream_cap;
	struct strmap *by_epoch;
	int64_t begin_us; /* before that nothing is waited for: of a part,
	                   * what it begins with; else RACE_NO_TIME */
	struct tape_event *events; /* in the order of the log */
	size_t count;
	size_t cap;
	uint8_t *bytes;
	size_t len;
	size_t room;
	bool torn; /* the file ends within a record */
};

/* An empty one. */
void tape_init(struct tape *t, uint64_t store, const char *race);
void tape_clear(struct tape *t);

/*
 * Reads a recording.  -EUCLEAN: damaged, or the events of a stream are not what
 * their chain says.  A stream may begin later than at 1, or have holes: then
 * the recording was cut, and tape_cut() makes streams of its parts.
 */
int tape_load(struct tape *out, const char *path, struct err *err);

/* The next event of the log, of the stream with that index; bytes are copied,
 * chain and kind are as said. */
void tape_add(struct tape *t, const struct tape_event *e, const uint8_t *bytes);

/* The index of the stream with that epoch, made if need be. */
uint32_t tape_stream(struct tape *t, uint64_t epoch, const char *name);

/* A crossing of that stream names it; copied. */
void tape_note_point(struct tape_stream *s, const char *point);
/* Where the station stands; "": its crossings name several, or there is none.
 */
const char *tape_point(const struct tape_stream *s);

/* The first gun of the rules, else of an operator; RACE_NO_TIME: none. */
int64_t tape_gun(const struct tape *t);

/* The index, or -1. */
int64_t tape_find_stream(const struct tape *t, uint64_t epoch);
/* Of the event with that number of the stream, or -1. */
int64_t tape_find(const struct tape *t, uint32_t stream, uint64_t seq);

/* Of streams that are 1, 2, 3 ...: what is at seq, 1 to count; and the chain
 * there (0: 0). */
const struct tape_event *tape_at(const struct tape *t, uint32_t stream,
    uint64_t seq);
uint64_t tape_chain(const struct tape *t, uint32_t stream, uint64_t seq);

#endif
