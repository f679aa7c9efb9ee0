/*
 * stations - the health of a race as words for people: what `palmares status`
 * prints and what the screens show is the same.  Pure.
 *
 * Columns that would be empty in every row are left out.  Moments are told in
 * the process's zone, ages by the aggregator's clock.
 */
#ifndef RACE_STATIONS_H
#define RACE_STATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/message.h"

enum { STATIONS_COLUMNS = 15 };

struct stations_column {
	const char *head;
	bool right; /* numbers */
	/* Where there is no room for all: those with the least go first, and
	 * STATIONS_KEEP never. */
	unsigned need;
};

enum { STATIONS_KEEP = 100 };

struct stations_table {
	struct stations_column columns[STATIONS_COLUMNS];
	size_t column_count;
	size_t row_count;
	char **cells; /* row by row */
};

/* A row for each station, or for each point, in the order of the message. */
void stations_table(struct stations_table *out,
    const struct message_status_reply *s);
void stations_points(struct stations_table *out,
    const struct message_status_reply *s);
/* Leaves out the least needed columns until it is no wider, with so much
 * between two; those that are kept stay. */
void stations_fit(struct stations_table *t, size_t width, size_t gap);
/* Of a column: of its widest cell. */
size_t stations_width(const struct stations_table *t, size_t column);
void stations_clear(struct stations_table *t);

/* All for free():
 * "since 10:42:07 (4 min): split 2 silent for 4 min, 212 runners ..." */
char *stations_alarm(const struct message_alarm *a, int64_t now_us);
/* "season prix-des-prix: current, read at 10:42:07 (4 min ago)" */
char *stations_season(const struct message_season *s, int64_t now_us);
/* "5 stations: 3 connected, 1 gone, 1 left" */
char *stations_summary(const struct message_status_reply *s);
/* "42 s", "7 min", "3 h", "2 days" */
char *stations_age(int64_t us);

/* How many there are, beyond those that fit into the message. */
size_t stations_more(const struct message_status_reply *s);

/* An alarm is about it. */
bool stations_alarmed(const struct message_status_reply *s,
    const struct message_station *t);

#endif
