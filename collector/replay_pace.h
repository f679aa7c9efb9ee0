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
 * Faults begin and end between two events, the same ones at any speed.  Nobody
 * waits for an acknowledgement of a stream that is cut off; where a fault ends,
 * all that others sent meanwhile is acknowledged first.
 *
 * Pure; now_us is monotonic, times of the recording are those at which events
 * were received.
 */
#ifndef COLLECTOR_REPLAY_PACE_H
#define COLLECTOR_REPLAY_PACE_H

#include "collector/replay_faults.h"
#include "collector/replay_tape.h"

struct pace;

struct pace_ops {
	/* The stream may send what it has up to seq. */
	void (*release)(void *arg, uint32_t stream, uint64_t seq);
	/* A stream begins soon: an operators', for a connection takes its time
	 * and nothing else goes meanwhile; or the very first one, where it is
	 * to stand before that. */
	void (*expect)(void *arg, uint32_t stream);
	/* A fault begins, or is over. */
	void (*fault)(void *arg, const struct fault *f, bool begins);
	/* It stands by itself: pace_stops(). */
	void (*stand)(void *arg, int64_t at_us);
};

/* tape and faults are borrowed, the streams are whole; speed 0: as fast as can
 * be. */
struct pace *pace_new(const struct tape *tape, const struct faults *faults,
    double speed, const struct pace_ops *ops, void *arg);
void pace_free(struct pace *p);

/* It is to stand at these times, which rise and are borrowed: once all is
 * acknowledged that was received by then.  Where the aggregator holds what was
 * received next it goes on, for there somebody has gone on before. */
void pace_stops(struct pace *p, const int64_t *at_us, size_t count);

/* The clock stands until it is told to go, and may be told to stand again;
 * while it stands nothing is released but the first event. */
void pace_go(struct pace *p, bool go, int64_t now_us);
/* While it stands: the next event, whenever it was due. */
void pace_step(struct pace *p);
/* Another speed from now on. */
void pace_speed(struct pace *p, double speed, int64_t now_us);
/* To a later time: what was received up to then goes as fast as it is
 * acknowledged, standing or not; then the clock goes on from there, or stands.
 */
void pace_jump(struct pace *p, int64_t to_us, int64_t now_us);

/* The aggregator holds the stream up to seq, released or not: that much is due
 * at once. */
void pace_acked(struct pace *p, uint32_t stream, uint64_t seq);

/* A fault holds the stream. */
bool pace_is_cut(const struct pace *p, uint32_t stream);

void pace_turn(struct pace *p, int64_t now_us);
/* When the next event is due; INT64_MAX: an acknowledgement is waited for, or
 * the clock stands, or all was released. */
int64_t pace_deadline(const struct pace *p, int64_t now_us);

struct pace_facts {
	uint64_t released;
	uint64_t waiting; /* released, and not acknowledged, less what is cut
	                   * off */
	int64_t time_us;  /* of the recording */
	bool jumping;
	int64_t until_us; /* where the jump goes, else time_us */
};
void pace_facts(const struct pace *p, int64_t now_us, struct pace_facts *out);

#endif
