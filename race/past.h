/*
 * past - a race as its events tell it, with the events themselves for who wants
 * to look at them: from race.db where it is at hand, from a recording, or from
 * the log of a running aggregator over the network.
 */
#ifndef RACE_PAST_H
#define RACE_PAST_H

#include "race/book.h"
#include "race/name.h"

/* An event of the log, valid for the call. */
struct past_event {
	uint64_t log;
	struct race_id id;
	const char *station; /* name of its stream */
	bool operators;      /* a command of theirs, no station */
	int64_t received_us;
	const struct race_event *event; /* kind RACE_EVENT_UNKNOWN: undecoded */
};

/* Before it is applied to the book. */
typedef void (*past_fn)(void *arg, const struct past_event *e);

/* Where the events come from; NULL where nothing was said. */
struct past_source {
	const char *race; /* the race folder */
	const char *aggregator;
	const char *from; /* a recording */
	bool offline;     /* race.db, whoever runs */
	bool seasons;     /* a recording of a season will do: its events, and a
	                   * book without anything in it */
	/* A race as it stood, as on the command line; NULL: as it is. */
	const char *at;
	const char *at_seq;
	bool at_clock; /* a time of day: */
	int64_t at_us; /* after midnight, else UTC */
	uint64_t at_log;
	/* Told ten times a second, by past_more() after the first alone, of a
	 * number that is not yet known 0; not 0: no more is wanted.  NULL: it
	 * is written on stderr, if that is a terminal and it takes more than a
	 * second. */
	int (*progress)(void *arg, const char *doing, uint64_t done,
	    uint64_t all);
	void *arg;
};

struct logbook;

struct past {
	struct book *book;            /* by the rules that the log names last */
	struct name_streams *streams; /* all of them, from the first call of fn
	                               * on, but for those that a running
	                               * aggregator makes meanwhile */
	uint64_t store;
	uint64_t log;           /* the last event's number */
	bool running;           /* an aggregator holds that race.db now */
	struct logbook *coming; /* what past_more() has begun to fetch */
	/* When each of the decisions, prizes and guns was stored, in the order
	 * of their numbers. */
	int64_t *stored_us;
	size_t stored_count;
	size_t stored_cap;
};

/*
 * from->from: that recording.  Else, if no aggregator was named (or
 * from->offline) and the race folder holds a race.db: that file, whether an
 * aggregator runs or not; -ENOENT if it holds neither that nor an endpoint.
 * Else the aggregator's log, from BASE+2; -ETIMEDOUT after 10 s without any of
 * it.  Sets the process's zone to the race's.  *out is filled in before fn is
 * called, which may be NULL.  With `at` or `at_seq` the race as it stood then:
 * the events up to that one alone, and the rules that held.  -ECANCELED: by
 * progress().
 */
int past_load(const struct past_source *from, struct past *out, past_fn fn,
    void *arg, struct err *err);
void past_clear(struct past *p);

/*
 * What has come behind p->log, which moves on; the book stays as it is, and so
 * does what it was told by, or was altered with.  from: as p was loaded, and no
 * recording.  -EAGAIN: it is being fetched over the network, and has not come
 * in a fiftieth of a second: to be called again.  -ESTALE: another race.db is
 * there now, or one that has lost some of it.
 */
int past_more(const struct past_source *from, struct past *p, past_fn fn,
    void *arg, struct err *err);

/* Whether that file begins as the recording of a race does: 0, or why it is not
 * to be shown, before anything is. */
int past_begins(const char *path, struct err *err);

/* The id of the race folder's race.db: whose aggregator's answers are this
 * race's. */
int past_store(uint64_t *id, const char *race, struct err *err);

#endif
