/*
 * replay_deck - a stream that is being played: through an uplink of its own, as
 * the collector or the operator that made it.
 *
 * What the aggregator holds of it is known from its first answer on.  While it
 * is stalled nothing is sent nor read, and the connection is left as it is.
 */
#ifndef COLLECTOR_REPLAY_DECK_H
#define COLLECTOR_REPLAY_DECK_H

#include "collector/replay_peer.h"
#include "collector/replay_tape.h"
#include "common/loop.h"

struct deck_ops {
	/* The aggregator answered, before anything is made of it. */
	void (*welcomed)(void *arg, const struct message_welcome *w);
	/* It holds the stream up to seq. */
	void (*acked)(void *arg, uint32_t stream, uint64_t seq);
	/* How many events of all streams wait. */
	uint64_t (*waiting)(void *arg);
	/* It cannot go on, and has said why. */
	void (*failed)(void *arg);
};

/* What all decks of a replay share. */
struct deck_host {
	struct loop *loop;
	const struct tape *tape;
	struct peer *peer;
	const struct deck_ops *ops;
	void *arg;
};

/* To be looked at; the functions below change it. */
struct deck {
	const struct deck_host *host;
	uint32_t stream;
	struct link *link; /* NULL: not under way */
	struct uplink *uplink;
	uint64_t released;
	uint64_t acked;
	uint64_t held; /* when it was first asked */
	bool met;      /* it was asked */
	bool answered; /* ... on this connection */
	bool over;     /* all of it is there */
	bool stalled;  /* since */
	int64_t stalled_mono_us;
};

/* Borrows host. */
void deck_init(struct deck *d, const struct deck_host *host, uint32_t stream);

/* It is not under way; then it is, unless that has failed. */
void deck_open(struct deck *d);
/* With a word to the aggregator: why. */
void deck_close(struct deck *d, const char *why);
/* Without one. */
void deck_hang_up(struct deck *d);

/* Its link is cut; and is whole again, which who was silent for less than an
 * uplink bears need not know.  False: it has to be hung up. */
void deck_stall(struct deck *d);
bool deck_resume(struct deck *d);

/* It may send what it has up to seq. */
void deck_release(struct deck *d, uint64_t seq);
/* The aggregator may have lost the end of it. */
void deck_doubt(struct deck *d);

/* Released, and not acknowledged. */
uint64_t deck_waiting(const struct deck *d);

/* While it is under way. */
void deck_turn(struct deck *d, int64_t now_mono_us);
int64_t deck_deadline(const struct deck *d, int64_t now_mono_us);

#endif
