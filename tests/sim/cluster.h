/*
 * cluster - collectors, an aggregator and displays in one process, on a virtual
 * clock, with a bad network between them: the deciders of the real programs
 * around disks that are arrays.  A disk keeps what was committed; a crash takes
 * the rest, and all memory, away.
 *
 * After every step the four orderings are checked:
 *
 * - fsync before send: no batch holds an event that is not durable.
 *
 * - commit before rank, publish and ack: nothing acknowledged, ranked or
 *   published is beyond the durable log.
 *
 * - ack before trim: nothing that a collector takes for acknowledged is missing
 *   in the durable log.
 *
 * - snapshot n, then deltas: a display that says LIVE has the digest that the
 *   aggregator had at that number.
 */
#ifndef TESTS_SIM_CLUSTER_H
#define TESTS_SIM_CLUSTER_H

#include "aggregator/feed.h"
#include "aggregator/intake.h"
#include "collector/uplink.h"
#include "proto/wire.h"
#include "race/book.h"
#include "race/replica.h"
#include "sim/net.h"

enum {
	SIM_COLLECTORS_MAX = 5,
	SIM_DISPLAYS_MAX = 4,
	SIM_STREAMS_MAX = SIM_COLLECTORS_MAX + 1,
	SIM_STORE_ID = 77
};

/* What goes wrong in a scenario; parts of 1000 by step unless said. */
struct sim_plan {
	uint64_t seed;
	unsigned collectors;
	unsigned displays;
	unsigned runners;
	unsigned events; /* by collector */
	int64_t late_us; /* displays join within this */
	struct net_faults net;
	unsigned collector_crash;
	unsigned aggregator_crash;
	unsigned display_crash;
	unsigned disk_full; /* chance that a commit finds no room */
	unsigned cut;       /* chance that a link goes down, or up again */
	unsigned clock;     /* chance that wall clocks are set */
	bool copied;        /* the first two outboxes claim one stream */
};

struct sim_body {
	uint8_t *data;
	size_t len;
	uint64_t chain; /* after it */
};

struct sim_collector {
	struct cluster *cluster;
	unsigned index;
	uint64_t epoch;
	char name[16];
	/* disk */
	struct sim_body *outbox;
	size_t durable;
	size_t count; /* with what is not committed */
	size_t cap;
	uint64_t acked_saved;
	/* memory */
	struct uplink *uplink; /* NULL: down */
	uint32_t conn;
	int64_t restart_us;
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
};

struct sim_aggregator {
	struct cluster *cluster;
	/* disk: `durable` rows and streams are committed */
	struct sim_row *log;
	size_t log_durable;
	size_t log_count;
	size_t log_cap;
	struct sim_stream
	    streams[SIM_STREAMS_MAX]; /* as in the open transaction */
	size_t stream_count;
	struct sim_stream saved[SIM_STREAMS_MAX]; /* as committed */
	size_t saved_count;
	bool no_room; /* an event found no room: the commit will not be */
	bool full;    /* the last commit found no room */
	/* memory */
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
	unsigned index;
	bool up;
	char topic[FEED_TOPIC_MAX];
	struct replica *board;
	struct replica *roster;
	uint32_t conn;
	int64_t restart_us;
	uint64_t live_seen; /* how often it was LIVE when looked at */
};

/* What the aggregator's view was at a number. */
struct sim_digest {
	uint64_t run;
	uint64_t seq;
	uint64_t digest;
	unsigned view;
};

struct cluster {
	struct sim_plan plan;
	uint64_t random;
	int64_t now_us;
	struct net *net;
	struct race_rules *rules;
	struct wire_arena *arena;
	struct wire_buffer buffer;
	struct sim_collector collectors[SIM_COLLECTORS_MAX];
	struct sim_aggregator aggregator;
	struct sim_display displays[SIM_DISPLAYS_MAX];
	struct sim_digest *digests;
	size_t digest_count;
	size_t digest_cap;
	bool healing;
	int64_t clock_us;   /* what wall clocks were set by */
	unsigned conflicts; /* told to the operator */
	unsigned refused;   /* collectors that ended for it */
	/* counted, to show that faults did happen */
	unsigned crashes;
	unsigned fulls;
	unsigned cuts;
	unsigned clocks;
	uint64_t resent;
	uint64_t repeats;
};

void cluster_open(struct cluster *c, const struct sim_plan *plan,
    const struct race_rules *rules);
void cluster_close(struct cluster *c);

/* Runs until every event of the plan is in an outbox, faults on. */
void cluster_storm(struct cluster *c);

/* Faults off, everything up, until all is acknowledged and every display is
 * live and level; false if that takes over two minutes (virtual). */
bool cluster_heal(struct cluster *c);

/* Where everybody stands, for a person who looks for the reason. */
void cluster_print(struct cluster *c);

/* For the nodes. */
bool sim_chance(struct cluster *c, unsigned of_1000);
uint64_t sim_below(struct cluster *c, uint64_t n);
int64_t sim_wall_us(const struct cluster *c);
unsigned sim_view(const struct cluster *c, const char *name);

void sim_collector_start(struct sim_collector *n);
void sim_collector_crash(struct sim_collector *n);
void sim_collector_receive(struct sim_collector *n, const struct net_packet *p);
void sim_collector_turn(struct sim_collector *n);
int64_t sim_collector_deadline(const struct sim_collector *n);

void sim_aggregator_start(struct sim_aggregator *n);
void sim_aggregator_crash(struct sim_aggregator *n);
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

#endif
