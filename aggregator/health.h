/*
 * health - what is wrong with the stations, since when, and what is said of it:
 * once when it begins, once when it ends.
 *
 * Pure.  Is asked each second with what intake, engine and core know; alarms
 * are the kinds of message.h, by the rules of PROTOCOL.md 5.1.
 *
 * While a station is away nothing new is known of its clock or its disk: what
 * was wrong stays so.  With its leave all of that ends.  What is said of the
 * store and of misfits is said elsewhere; here they are alarms like the others.
 */
#ifndef AGGREGATOR_HEALTH_H
#define AGGREGATOR_HEALTH_H

#include "proto/message.h"
#include "race/rank/rank.h"

struct health;

/* rules are borrowed for its life.  software: the aggregator's own. */
struct health *health_new(const struct race_rules *rules, const char *software);
void health_free(struct health *h);

/* A crossing of the stream was stored: a read at that point of the rules, or,
 * -1, at none. */
void health_crossing(struct health *h, uint64_t stream, int point,
    int64_t now_us);

/* A line of the log. */
typedef void (*health_say_fn)(void *arg, bool warning, const char *line);

struct health_scene {
	const struct message_station *stations;
	size_t station_count;
	struct rank *rank;
	size_t entries;        /* in it */
	const char *store;     /* why nothing can be stored, "" */
	const char *misfits;   /* "" */
	const char *published; /* what has changed since, "" */
	const char *season;    /* why one is shown as it was, "" */
	int64_t now_us;        /* monotonic */
	int64_t now_utc_us;
};

void health_look(struct health *h, const struct health_scene *s,
    health_say_fn say, void *arg);

/* What was read, as of now: in the stations reads_minute, and all but `awaited`
 * of the points. */
void health_reads(struct health *h, struct rank *rank,
    struct message_station *stations, size_t count, int64_t now_us);

/* As of the last look, valid until the next: alarms, the gravest first, and one
 * state for each point of the rules. */
size_t health_alarms(const struct health *h, const struct message_alarm **out);
size_t health_points(const struct health *h,
    const struct message_point_state **out);

#endif
