/*
 * replay_player - plays a tape to an aggregator: which stream has a connection
 * when (replay_deck is one of them), and what faults do to it.
 *
 * When which event may go is replay_pace's to say; that everything arrives once
 * whatever happens to the aggregator meanwhile, the uplink's.  A stream has a
 * connection from its first event until its last one is acknowledged.  Where
 * the aggregator holds something at the start, it is asked about all of them
 * before the clock goes; and once more where it was started again since.
 *
 * While a fault cuts a link nothing is sent nor read, and the connection is
 * left as it is; when it makes a laptop die, that is closed without leave, and
 * whoever is started again knows but what the aggregator says.
 */
#ifndef COLLECTOR_REPLAY_PLAYER_H
#define COLLECTOR_REPLAY_PLAYER_H

#include "collector/replay_pace.h"
#include "collector/replay_tape.h"
#include "common/err.h"
#include "common/loop.h"

struct player;

struct player_job {
	const struct tape *tape;
	const struct faults *faults;
	const int64_t *pauses; /* when it stands by itself; they rise */
	size_t pause_count;
	double speed;           /* 0: as fast as can be */
	const char *aggregator; /* as endpoint_find() takes them */
	const char *race;
};

/* job's members and loop are borrowed. */
int player_new(struct player **out, struct loop *loop,
    const struct player_job *job, struct err *err);
/* Takes leave from the aggregator. */
void player_free(struct player *p);

/* The clock of the recording stands, or goes; and a single event. */
void player_pause(struct player *p, bool pause, int64_t now_mono_us);
bool player_paused(const struct player *p);
void player_step(struct player *p);
void player_speed(struct player *p, double speed, int64_t now_mono_us);
/* To a later time of the recording, once it is ready. */
void player_jump(struct player *p, int64_t to_us, int64_t now_mono_us);

void player_turn(struct player *p, int64_t now_mono_us);
int64_t player_deadline(const struct player *p, int64_t now_mono_us);

/* The aggregator holds the whole tape. */
bool player_done(const struct player *p);
/* It cannot go on, and has said why. */
bool player_failed(const struct player *p);

struct player_facts {
	struct pace_facts pace;
	uint64_t held;    /* by the aggregator, of the tape */
	uint64_t repeats; /* of these, it held already */
	bool ready;       /* it was reached, and what it held is known */
	bool up;          /* now */
	const char *cut;  /* a place that a fault holds; NULL: none */
	uint64_t cut_waiting;
};
void player_facts(const struct player *p, int64_t now_mono_us,
    struct player_facts *out);

/* HOST:BASE, until the next turn. */
const char *player_peer(const struct player *p);

#endif
