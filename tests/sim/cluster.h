/*
 * cluster - collectors, an aggregator, displays and operators in one process,
 * on a virtual clock, with a bad network between them: the deciders of the real
 * programs around disks that are arrays.  A disk keeps what was committed; a
 * crash takes the rest, and all memory, away.
 *
 * After every step the four orderings are checked:
 *
 * - fsync before send: no batch holds an event that is not durable.
 *
 * - commit before rank, publish and ack: nothing acknowledged, ranked or
 *   published is beyond the durable log.
 *
 * - ack before trim: nothing that a collector takes for acknowledged, and no
 *   outbox that was archived, is missing in the durable log, unless an older
 * copy of it was brought back.
 *
 * - snapshot n, then deltas: a display that says LIVE has the digest that the
 *   aggregator had at that number.
 *
 * Bytes that tear within a transaction are SQLite's business, and that of the
 * fault tests of outbox and store: here a transaction is on the disk whole or
 * not at all, and the program may not have learned which.
 */
#ifndef TESTS_SIM_CLUSTER_H
#define TESTS_SIM_CLUSTER_H

#include "aggregator/feed.h"
#include "aggregator/intake.h"
#include "collector/clockwork.h"
#include "collector/uplink.h"
#include "control/delivery.h"
#include "proto/wire.h"
#include "race/book.h"
#include "race/replica.h"
#include "sim/net.h"
#include "sim/plan.h"
#include "sim/verdict.h"
#include "support/model.h"

enum {
	SIM_STREAMS_MAX = 64,
	SIM_BOXES_MAX = 6,
	SIM_STORE_ID = MODEL_FILES,
	SIM_HIGH_WATER = 64
};

/* What wall clocks show when a scenario begins: the gun of the race. */
#define SIM_WALL_US INT64_C(1411286400000000)

/* A wall clock: it may be set, be fast or slow, or stand still. */
struct sim_clock {
	int64_t since_us; /* monotonic */
	int64_t wall_us;  /* at since_us */
	int64_t rate_ppm; /* 1000000: a true second a second */
};

/* What every process has. */
struct sim_node {
	struct sim_clock clock;
	int64_t stopped_until_us; /* SIGSTOP: it does and reads nothing */
};

struct sim_body {
	uint8_t *data;
	size_t len;
	uint64_t chain; /* after it */
	enum race_event_kind kind;
	/* Of a crossing that a laptop has stamped: when it was, by the
	 * aggregator's clock; else RACE_NO_TIME. */
	int64_t true_us;
};

/* What a collector runs on: it may be booted again, and sleep. */
struct sim_laptop {
	struct sim_clock boot; /* CLOCK_BOOTTIME: nobody sets it */
	int64_t asleep_us;
	unsigned boots;
};

/* An outbox. */
struct sim_box {
	uint64_t epoch;
	struct sim_body *events;
	size_t durable;
	size_t count; /* with what is not committed */
	size_t cap;
	uint64_t acked_saved;
	struct clockwork_epoch kept;
	bool archived; /* by command: it can be sent again, and that is all */
	bool refused;  /* as an old copy: a person started a new one */
	/* Those of the aggregator after which this one was sent. */
	unsigned restores;
	/* for the judge: what a restore took away had been acknowledged */
	uint64_t stored_once;
};

/* A disk that somebody has copied, and what was on it when the copy took its
 * place: an outbox. */
struct sim_image {
	bool taken;
	bool used;
	struct sim_box box; /* its events are of the outbox that was copied */
	struct sim_box gone;
	uint64_t stored; /* of that, then */
};

struct sim_collector {
	struct cluster *cluster;
	struct sim_node node;
	struct sim_laptop laptop;
	unsigned index;
	char name[16];
	/* disk */
	struct sim_box boxes[SIM_BOXES_MAX]; /* the last one is written to */
	size_t box_count;
	struct sim_image image;
	int64_t full_until_us;
	/* memory */
	struct uplink *uplink; /* NULL: down */
	struct sim_box *box;   /* that it runs on */
	unsigned restores;     /* of the aggregator, when it was started */
	struct clockwork *clocks;
	struct clockwork_epoch put; /* in the open transaction */
	uint32_t conn;
	int64_t restart_us;
	/* Of each connection, for the judge. */
	uint64_t *streams;
	size_t streams_cap;
};

struct sim_row {
	uint32_t stream;
	uint64_t seq;
	uint64_t chain;
	struct sim_body body;
};

struct sim_stream {
	uint64_t epoch;
	uint64_t cursor;
	uint64_t chain;
	bool operators;
};

/* The tables of race.db at a commit; of the log, its length. */
struct sim_tables {
	struct sim_stream streams[SIM_STREAMS_MAX];
	size_t stream_count;
	size_t log_count;
};

struct sim_aggregator {
	struct cluster *cluster;
	struct sim_node node;
	/* disk */
	struct sim_row *log; /* with what is not committed */
	size_t log_cap;
	struct sim_tables now;   /* as in the open transaction */
	struct sim_tables saved; /* as committed */
	struct sim_tables copy;  /* of some time ago, on another disk */
	bool copied;
	int64_t full_until_us;
	/* memory */
	bool no_room;          /* an event found no room */
	bool full;             /* the last commit found no room */
	int64_t retry_us;      /* then */
	struct intake *intake; /* NULL: down */
	struct feed *feed;
	struct book *book;
	size_t applied; /* log rows in the book */
	uint64_t run;
	int64_t restart_us;
	bool publishing;
};

struct sim_display {
	struct cluster *cluster;
	struct sim_node node;
	unsigned index;
	bool up;
	char topic[FEED_TOPIC_MAX];
	struct replica *board;
	struct replica *roster;
	uint32_t conn;
	int64_t restart_us;
	int64_t busy_until_us; /* with the message that came last */
};

/* What an operator sends as one stream, for the judge. */
struct sim_command {
	uint64_t epoch;
	struct sim_body *events;
	size_t count;
	uint64_t owed; /* the operator was told that these are stored */
	bool excused;  /* a restore has taken some away: nobody has them */
};

struct sim_operator {
	struct cluster *cluster;
	struct sim_node node;
	unsigned index;
	unsigned left;             /* commands to come */
	struct delivery *delivery; /* NULL: none under way */
	size_t command;            /* of cluster's */
	uint32_t conn;
	int64_t restart_us;
};

/* What the aggregator's view was at a number. */
struct sim_digest {
	uint64_t run;
	uint64_t seq;
	uint64_t digest;
	unsigned view;
};

/* Links: the collectors', the displays', the operators'. */
struct cluster {
	struct sim_plan plan;
	uint64_t random;
	int64_t now_us;
	struct net *net;
	unsigned links;
	struct race_rules *rules;
	struct wire_arena *arena;
	struct wire_buffer buffer;
	struct sim_collector collectors[SIM_COLLECTORS_MAX];
	struct sim_aggregator aggregator;
	struct sim_display displays[SIM_DISPLAYS_MAX];
	struct sim_operator operators[SIM_OPERATORS_MAX];
	struct sim_command *commands;
	size_t command_count;
	size_t command_cap;
	struct sim_digest *digests;
	size_t digest_count;
	size_t digest_cap;
	bool healing;
	bool set; /* the aggregator's clock, by which all others are measured */
	unsigned conflicts; /* told to the operator */
	unsigned refused;   /* collectors that ended for it */
	unsigned restores;  /* of the aggregator, from its copy */
};

void cluster_open(struct cluster *c, const struct sim_plan *plan,
    const struct race_rules *rules);
void cluster_close(struct cluster *c);

/* Runs until every event of the plan is in an outbox, faults on. */
void cluster_storm(struct cluster *c);

/* Faults off, everything up, until all is acknowledged and every display is
 * live and level; broken if that takes over two minutes (virtual). */
void cluster_heal(struct cluster *c);

/* ---- for the nodes ---- */

/* A fault that the plan wants now; never while healing. */
bool sim_fault(struct cluster *c, unsigned of_1000);
bool sim_chance(struct cluster *c, unsigned of_1000);
uint64_t sim_below(struct cluster *c, uint64_t n);
/* How long a program that ended stays away, at most most_us. */
int64_t sim_later(struct cluster *c, int64_t most_us);
int64_t sim_clock_us(const struct cluster *c, const struct sim_clock *k);
int64_t sim_wall_us(const struct cluster *c, const struct sim_node *n);
/* The one at the far end of a link; cluster's links: the aggregator. */
struct sim_node *sim_node_at(struct cluster *c, unsigned link);
unsigned sim_view(const struct cluster *c, const char *name);
unsigned sim_display_link(const struct cluster *c, unsigned display);
unsigned sim_operator_link(const struct cluster *c, unsigned op);
/* Encodes and sends. */
void sim_send(struct cluster *c, unsigned link, bool up, uint32_t conn,
    const struct message *m);
/* Encodes e into *out, behind an event with that chain. */
void sim_encode(struct sim_body *out, const struct race_event *e,
    uint64_t chain);
void sim_free_bodies(struct sim_body *bodies, size_t count);
/* A decoded packet; valid until the next one. */
void sim_decode(struct cluster *c, const struct net_packet *p,
    struct message *out);
/* A new or changed entry, or none any more; text is the bib. */
void sim_make_entry(struct cluster *c, struct race_event *e, const char *text);

/* A laptop's own clock begins somewhere, and goes as its crystal does. */
void sim_collector_boot(struct sim_collector *n);
void sim_collector_start(struct sim_collector *n);
void sim_collector_crash(struct sim_collector *n);
void sim_collector_close(struct sim_collector *n);
void sim_collector_receive(struct sim_collector *n, const struct net_packet *p);
void sim_collector_turn(struct sim_collector *n);
int64_t sim_collector_deadline(const struct sim_collector *n);
/* The outbox that is written to. */
struct sim_box *sim_live_box(struct sim_collector *n);
/* Durable, in all outboxes. */
size_t sim_collector_written(const struct sim_collector *n);
/* The stream of a connection. */
uint64_t sim_collector_stream(const struct sim_collector *n, uint32_t conn);
/* An archived outbox that has to be sent again; NULL: there is none. */
struct sim_box *sim_collector_owes(struct sim_collector *n);
/* Somebody copies its disk, or puts the copy in its place. */
void sim_collector_image(struct sim_collector *n);

void sim_aggregator_start(struct sim_aggregator *n);
void sim_aggregator_crash(struct sim_aggregator *n);
/* Ends it; it comes back with the copy, if there is one. */
void sim_aggregator_restore(struct sim_aggregator *n);
void sim_aggregator_receive(struct sim_aggregator *n,
    const struct net_packet *p);
void sim_aggregator_turn(struct sim_aggregator *n);
int64_t sim_aggregator_deadline(const struct sim_aggregator *n);
/* Committed cursor of a stream, 0 if it is not known. */
uint64_t sim_aggregator_cursor(const struct sim_aggregator *n, uint64_t epoch);

void sim_display_start(struct sim_display *n);
void sim_display_crash(struct sim_display *n);
void sim_display_receive(struct sim_display *n, const struct net_packet *p);
void sim_display_turn(struct sim_display *n);
int64_t sim_display_deadline(const struct sim_display *n);
void sim_display_check(struct sim_display *n);

void sim_operator_end(struct sim_operator *n);
void sim_operator_receive(struct sim_operator *n, const struct net_packet *p);
void sim_operator_turn(struct sim_operator *n);
int64_t sim_operator_deadline(const struct sim_operator *n);

#endif
