/*
 * replay_pace - which events of a tape may go, and when.
 *
 * They go in the order of the log: at X times the speed at which they were
 * received, or as fast as they are acknowledged.  Collectors' streams go side
 * by side; what operators said goes when all before it is acknowledged, and
 * what was received behind it waits until it is: a decision meets the race
 * that it was made for.  Of operators' streams, which are many and short, no
 * more than 64 are under way.
 *
 * Pure; now_us is monotonic.
 */
#ifndef COLLECTOR_REPLAY_PACE_H
#define COLLECTOR_REPLAY_PACE_H

#include "collector/replay_tape.h"

struct pace;

struct pace_ops {
	/* The stream may send what it has up to seq. */
	void (*release)(void *arg, uint32_t stream, uint64_t seq);
	/* An operators' stream begins soon: a connection takes its time, and
	 * nothing else goes meanwhile. */
	void (*expect)(void *arg, uint32_t stream);
};

/* tape is borrowed, its streams are whole; speed 0: as fast as can be. */
struct pace *pace_new(const struct tape *tape, double speed,
    const struct pace_ops *ops, void *arg);
void pace_free(struct pace *p);

/* The clock stands until it is told to go, and may be told to stand again;
 * while it stands nothing is released but the first event. */
void pace_go(struct pace *p, bool go, int64_t now_us);
/* While it stands: the next event, whenever it was due. */
void pace_step(struct pace *p);

/* The aggregator holds the stream up to seq, released or not. */
void pace_acked(struct pace *p, uint32_t stream, uint64_t seq);

void pace_turn(struct pace *p, int64_t now_us);
/* When the next event is due; INT64_MAX: an acknowledgement is waited for, or
 * the clock stands, or all was released. */
int64_t pace_deadline(const struct pace *p, int64_t now_us);

struct pace_facts {
	uint64_t released;
	uint64_t waiting; /* released, and not acknowledged */
	int64_t time_us;  /* of the race: when the last one released happened */
};
void pace_facts(const struct pace *p, struct pace_facts *out);

#endif
