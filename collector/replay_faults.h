/*
 * replay_faults - what is to go wrong in a replay, as it does in a race: a link
 * that is cut, a laptop that dies, a clock that is off.
 *
 * A fault is of a place: a timing point, and then of all stations that have
 * crossings there, or a station by its name.  It covers what the recording
 * received from one instant up to another, so that the same events are under it
 * at any speed.  Pure; replay_pace says when, and replay_player does it.
 */
#ifndef COLLECTOR_REPLAY_FAULTS_H
#define COLLECTOR_REPLAY_FAULTS_H

#include "collector/replay_tape.h"
#include "collector/replay_when.h"

enum fault_kind { FAULT_LINK, FAULT_KILL, FAULT_CLOCK };

/* One of the command line. */
struct fault_wish {
	enum fault_kind kind;
	const char *option; /* "--drop-link" */
	char *text;         /* as it was typed */
	char place[RACE_NAME_MAX + 1];
	struct when from; /* LINK, KILL */
	int64_t span_us;  /* how long; CLOCK: how far it is ahead */
};

/* "4km@+10m for 90s", or of a clock "4km+2.5s".  text is borrowed.  -EINVAL. */
int fault_parse(struct fault_wish *out, enum fault_kind kind, const char *text,
    struct err *err);

/* By stream of the tape, how far its clock is to be ahead; 0 for most.  -ENOENT
 * where a wish names nothing of the tape, -ERANGE where a time would be out of
 * all bounds: the error says which. */
int faults_clocks(int64_t *ahead_us, const struct tape *t,
    const struct fault_wish *wishes, size_t count, struct err *err);

/* What the event would be, had the clock of its laptop been that far ahead. */
void fault_shift(struct race_event *e, int64_t ahead_us);

/* Of the crossings that a clock which is off stamped (the tape is as it is
 * then): of which the aggregator knows better, and which it takes as they are.
 */
struct fault_clock_facts {
	size_t measured;
	size_t taken;
};
void fault_clock_facts(const struct tape *t, const struct fault_wish *w,
    struct fault_clock_facts *out);

/* A link that is cut or a laptop that dies, from one position of the tape to
 * another. */
struct fault {
	const struct fault_wish *wish;
	int64_t from_us;
	int64_t to_us;
	uint32_t *streams;
	size_t stream_count;
	size_t held; /* events that come meanwhile */
};

/* One of them begins or ends, before the first event of the log that was
 * received at that time or later. */
struct fault_edge {
	int64_t at_us;
	uint32_t fault;
	bool begins;
};

struct faults {
	struct fault *faults;
	size_t count;
	struct fault_edge *edges; /* in their order */
	size_t edge_count;
};

/* Borrows the wishes, of which clocks are passed over.  -ENOENT: a place that
 * the tape does not have, or that has nothing under way then. */
int faults_settle(struct faults *out, const struct tape *t,
    const struct fault_wish *wishes, size_t count, const struct when_zero *zero,
    struct err *err);
void faults_clear(struct faults *f);

#endif
