/*
 * sheet - what a volunteer sees while typing, as lines of text with attributes.
 * Pure.
 *
 *   point, race                                                   clock
 *   link, what waits; the alarm when the disk is full
 *   other alarms, while they last
 *      no  time        bib  name             team             state
 *   the last entries, the newest below
 *   what the last key did
 *   10:42:05.3 > 102_
 *   who that is, or who else may be meant
 *   the latest words of the log
 *   keys
 */
#ifndef COLLECTOR_SHEET_H
#define COLLECTOR_SHEET_H

#include "collector/keyboard.h"
#include "collector/uplink.h"
#include "common/screen.h"

struct sheet {
	size_t height;
	size_t width;
	size_t cap;
	struct screen_line *lines;
	size_t top; /* first entry shown */
	size_t cursor_line;
	size_t cursor_column;
};

/* What there is to show. */
struct sheet_scene {
	const struct keyboard *keyboard;
	const struct bibs *bibs;
	bool listed;
	const char *title; /* of the race, "" for none */
	const char *point;
	const char *name; /* of the collector */
	int64_t now_us;   /* UTC */
	enum uplink_state link;
	int64_t gone_us; /* since when there is no link, 0: unknown */
	uint64_t durable;
	uint64_t acked;
	uint64_t disk_free;
	bool full;         /* the disk is: the rest waits in memory */
	const char *alarm; /* "" for none */
	bool wrong;        /* it is about this station, and has to be seen */
	const char *fresh; /* the outbox, if it is a new one, else "" */
	const char *log;   /* "" for none */
};

/* Starts as { 0 }. */
void sheet_close(struct sheet *s);

void sheet_compose(struct sheet *s, size_t height, size_t width,
    const struct sheet_scene *scene);

#endif
