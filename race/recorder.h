/*
 * recorder - a log, from race.db or over the network, appended to a recording
 * with proof that nothing is missing in it and nothing twice.
 *
 * Numbers of the log have no holes, and each event has to be the next one of
 * its stream, by number and chain.  Where the recording goes on, its last event
 * is read again and has to be the same, down to the time when it was received:
 * a race.db that was set back to an older copy has other rows from there on,
 * even if the same crossings came again.
 */
#ifndef RACE_RECORDER_H
#define RACE_RECORDER_H

#include "common/err.h"
#include "proto/recording.h"

struct recorder;

/*
 * Opens what is there; there may be nothing yet.  from: of what was stored
 * before that number only the streams of the aggregator and of operators are
 * taken, without which the rest is not understood; 1: everything.  path is
 * borrowed for its life.  Failures as of recording_open().
 */
int recorder_open(struct recorder **out, const char *path, uint64_t from,
    struct err *err);
void recorder_free(struct recorder *r);

/* The log that it is about to be given; makes the file if there is none.
 * -ESTALE: another one than it has. */
int recorder_begin(struct recorder *r, const struct recording_header *header,
    struct err *err);

/* Behind which number the log is to be read on. */
uint64_t recorder_after(const struct recorder *r);

/*
 * The next event of the log; station: its stream is neither the aggregator's
 * nor an operator's.  1: it was appended; 0: it is there, or left out. -ESTALE:
 * the log is not that of the recording.  -EINVAL: left out, it would be missing
 * behind those of its stream that are there.  Else as recording_append().
 */
int recorder_take(struct recorder *r, const struct recording_record *rec,
    bool station, struct err *err);

/* As recording_sync(). */
int recorder_sync(struct recorder *r, struct err *err);

struct recorder_facts {
	uint64_t store;    /* 0: there is no file yet */
	uint64_t last;     /* number of its last event; 0: none */
	uint64_t seen;     /* of the last one that was looked at */
	uint64_t events;   /* all of them */
	uint64_t unsynced; /* events among them, and ... */
	uint64_t waiting;  /* ... bytes, before compression */
	uint64_t size;     /* of the file, in bytes */
};

void recorder_facts(const struct recorder *r, struct recorder_facts *out);

#endif
