/*
 * replay_watch - what somebody at a terminal sees of a replay, and does to it:
 * a line at the foot, and keys.
 */
#ifndef COLLECTOR_REPLAY_WATCH_H
#define COLLECTOR_REPLAY_WATCH_H

#include "collector/replay_player.h"
#include "common/loop.h"

struct watch;

struct watch_job {
	struct player *player; /* borrowed */
	size_t count;          /* of events */
	int64_t near_us;       /* of times of day that are typed */
	double speed;          /* at first; 0: as fast as can be */
	void (*quit)(void *arg);
	void *arg;
};

/* Shows nothing and takes no keys where nobody sits at a terminal. */
struct watch *watch_new(struct loop *loop, const struct watch_job *job);
void watch_free(struct watch *w);

bool watch_has_keys(const struct watch *w);

/* At the end of a turn. */
void watch_turn(struct watch *w, int64_t now_mono_us);
int64_t watch_deadline(const struct watch *w);

#endif
