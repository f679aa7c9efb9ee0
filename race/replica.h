/*
 * replica - one view of the aggregator, followed: joined by snapshot, kept by
 * deltas, checked by digests.  Used by whoever shows or exports.  Pure.
 *
 * Order of joining: the subscription is live when the first heartbeat comes;
 * then pages are asked for, one at a time (where the next one begins is known
 * from the one before), and again after 2 s without an answer; deltas are
 * applied meanwhile, each row with its version; then deltas that follow without
 * a hole.  A hole, a digest that differs, or another run of the aggregator: the
 * old rows stay, marked stale, and a new snapshot is asked for after a random
 * wait of up to 500 ms, doubling up to 8 s while it is in vain.
 */
#ifndef RACE_REPLICA_H
#define RACE_REPLICA_H

#include "proto/message.h"
#include "race/board.h"
#include "race/roster.h"

struct replica;

enum replica_state {
	REPLICA_JOINING, /* nothing to show yet */
	REPLICA_LIVE,    /* the aggregator's view at replica_facts().seq */
	REPLICA_STALE    /* an old one: shown with its age */
};

/* No heartbeat for this long: stale. */
#define REPLICA_SILENCE_US INT64_C(3000000)

/* view: a ranking, or MESSAGE_ROSTER.  seed: for the random waits. */
struct replica *replica_new(const char *view, uint64_t seed);
void replica_free(struct replica *r);

void replica_heartbeat(struct replica *r, const struct message_heartbeat *h,
    int64_t now_us);
void replica_delta(struct replica *r, const struct message_delta *d,
    int64_t now_us);
void replica_page(struct replica *r, const struct message_snapshot_page *p,
    int64_t now_us);

/* The next request to send, if one is due: true and *out.  Call until false;
 * out->view lives as long as r. */
bool replica_request(struct replica *r, int64_t now_us,
    struct message_snapshot_request *out);
/* When a request is due or LIVE ends; INT64_MAX: not before something comes. */
int64_t replica_deadline(const struct replica *r, int64_t now_us);

enum replica_state replica_state(const struct replica *r, int64_t now_us);

/*
 * The rows shown: for a ranking the board, else NULL; for the roster the
 * roster, else NULL.  Never half a snapshot nor half a delta; rows with a wrong
 * digest are never LIVE.  A new snapshot brings another board: ask again after
 * a call of replica_heartbeat, replica_delta or replica_page.
 */
struct board *replica_board(struct replica *r);
struct roster *replica_roster(struct replica *r);

struct replica_facts {
	uint64_t seq;
	uint64_t run;
	uint64_t store;
	int64_t as_of_us;    /* of the rows shown */
	int64_t heard_us;    /* monotonic, last heartbeat or delta */
	uint64_t snapshots;  /* taken so far */
	uint64_t holes;      /* deltas missed */
	uint64_t mismatches; /* digests that differed */
	char trouble[256];   /* the aggregator's own words */
};

void replica_facts(const struct replica *r, struct replica_facts *out);

#endif
