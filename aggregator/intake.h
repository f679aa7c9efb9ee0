/*
 * intake - what the aggregator takes from collectors and operators, and what it
 * answers.
 *
 * Pure.  A batch's events are checked against the stream's cursor and chain and
 * handed to ops->take one by one; answers that promise durability (ACK, and a
 * WELCOME of a stream with uncommitted rows) wait for intake_committed().
 *
 *   seq = cursor + 1: taken.  seq <= cursor: a repeat, skipped, counted and
 *   acknowledged again.  Beyond: a hole, GAP once per position until it moves.
 *   A known seq with another hash: CONFLICT, the stream is refused.
 *
 * A stream belongs to the port where it began: those of operators are commands,
 * which come and end, and no stations.
 */
#ifndef AGGREGATOR_INTAKE_H
#define AGGREGATOR_INTAKE_H

#include "proto/message.h"

struct intake;

/* A connection: a number that the hub gives to a routing id, and
 * INTAKE_OPERATOR if it is one of the operators' port. */
typedef uint64_t intake_conn;

#define INTAKE_OPERATOR (UINT64_C(1) << 32)

struct intake_ops {
	void (*send)(void *arg, intake_conn conn, const struct message *m);
	/*
	 * Appends to the open transaction.  0; -ENOSPC: the rest of the batch
	 * is left alone, to come again.  `stream` is the number given by
	 * opened().
	 */
	int (*take)(void *arg, uint32_t stream, uint64_t seq,
	    const struct message_bytes *body, uint64_t chain);
	/*
	 * A stream says HELLO, or if it is new sends its first events, for a
	 * HELLO alone leaves no trace: its number, cursor and chain from the
	 * store, made there if it is new (in the open transaction).  The number
	 * is not 0 and holds for the run, also after a rollback.  0, -ENOSPC.
	 */
	int (*open)(void *arg, const struct message_hello *h, bool operators,
	    uint32_t *stream, uint64_t *cursor, uint64_t *chain);
	/* The chain as stored at seq <= cursor of the stream; -ENOENT. */
	int (*chain)(void *arg, uint32_t stream, uint64_t seq, uint64_t *chain);
	/* For the operator, once: seq is stored with other content or not in
	 * the outbox, or (beyond the cursor) missing here and no longer in the
	 * outbox. */
	void (*conflict)(void *arg, const char *name, const char *point,
	    uint64_t seq, bool missing);
	/* An operator's stream that brought something has ended: in good order,
	 * or it is silent. */
	void (
	    *ended)(void *arg, uint32_t stream, const char *name, bool orderly);
};

struct intake *intake_new(uint64_t store, uint64_t run, const char *title,
    const char *software, const struct intake_ops *ops, void *arg);
void intake_free(struct intake *in);

/* A stream that the store knows, at start: so that status lists it. */
void intake_known(struct intake *in, uint32_t stream, uint64_t epoch,
    bool operators, const char *name, const char *point, uint64_t cursor,
    uint64_t chain, int64_t last_time_us);

void intake_receive(struct intake *in, intake_conn conn,
    const struct message *m, int64_t now_us, int64_t now_utc_us);

/* What could not be decoded: answered with REFUSE, counted. */
void intake_malformed(struct intake *in, intake_conn conn, const char *why,
    bool version);

/* The transaction is durable: the acks of this turn go out. */
void intake_committed(struct intake *in);

/* It was rolled back (disk full): cursors as before, credit 0 until it works.
 */
void intake_rolled_back(struct intake *in);
/* There is room again: credit for everybody connected. */
void intake_recovered(struct intake *in);

/* Of a stream, the crossing that was stored last: a PING tells of it only at
 * the next second. */
void intake_crossing(struct intake *in, uint64_t epoch, int64_t time_us);

/* Each second.  Connections that said nothing for 5 s count as gone; but not
 * while we did not listen ourselves. */
void intake_tick(struct intake *in, int64_t now_us);

/* An orderly end: BYE to everybody, so that nobody waits for 3 s. */
void intake_end(struct intake *in);

/* The stations for STATUS, in order of their coming; reads_minute is somebody
 * else's to fill in.  Valid until the next call. */
size_t intake_stations(struct intake *in, struct message_station **stations);

struct intake_facts {
	uint64_t repeats;
	uint64_t holes;
	uint64_t malformed;
	uint64_t conflicts;
};
void intake_facts(const struct intake *in, struct intake_facts *out);

#endif
