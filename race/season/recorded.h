/*
 * recorded - a season as its recording tells it (PROTOCOL.md 3.11), to be read
 * from there, or for a recorder to go on with.
 *
 * Of a season there is what stands before a moment: what a recorder that was
 * killed had written behind the last one counts for nothing until it goes on.
 */
#ifndef RACE_SEASON_RECORDED_H
#define RACE_SEASON_RECORDED_H

#include "common/err.h"
#include "proto/recording.h"
#include "race/season/source.h"

struct recorded;

/* ---- read ---- */

/* Up to which moment; all zero: the last one. */
struct recorded_until {
	bool by_time;
	int64_t us;   /* the last one that was recorded by then, */
	uint64_t log; /* ... or that is that event, or stands before it */
};

/* Which moment it was. */
struct recorded_moment {
	uint64_t log;
	int64_t received_us;
	uint64_t later; /* events behind it */
	size_t ahead;   /* moments before it that bear later times */
	bool torn;      /* the last event is cut off at offset */
	uint64_t offset;
};

/*
 * Reads path.  -EINVAL: it is a recording of a race, or none that this version
 * can read; -ENODATA: it holds no moment; -ENOENT: none so early; or as of
 * recording_read().  Free with recorded_free().
 */
int recorded_open(struct recorded **out, const char *path,
    const struct recorded_until *until, struct recorded_moment *moment,
    struct err *err);
void recorded_free(struct recorded *r);

/* To read the season from; as long as r. */
struct season_source recorded_source(struct recorded *r);

/* ---- gone on with ---- */

/* What a recorder finds; nothing yet in one that is new. */
struct recorded_end {
	uint64_t store;    /* of the recording: the recorder's stream */
	const char *title; /* in its header; NULL: there is none */
	uint64_t log;      /* the last event's number */
	uint64_t seq;      /* of the recorder's stream */
	uint64_t chain;
	bool settled;    /* a moment is its last event */
	uint64_t events; /* of season.db, and the last of them */
	struct race_id last;
	uint64_t last_chain;
};

struct recorded *recorded_new(const char *path, struct err *err);

/* Its header and events go in here, all of them, as of recording_resume(). */
struct recording_reader recorded_reader(struct recorded *r);

const struct recorded_end *recorded_end(const struct recorded *r);

/* What was said, what stands behind the last moment too. */
const struct chronicle *recorded_chronicle(const struct recorded *r);

#endif
