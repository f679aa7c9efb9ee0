/*
 * panel - the health of the stations as a whole screen, composed in memory.
 * Pure.
 *
 *   title of the race                                     link state
 *   3 stations: 2 connected, 1 gone                         2 alarms
 *   alarms, the gravest first; a third of the screen stays
 *   stations, then points; these scroll
 *   time of the latest crossing, lines shown
 *   keys, or the latest words of the log
 *
 * Columns that do not fit are left out, the least needed first; an alarm is
 * told whole, on as many lines as it takes.
 */
#ifndef RACE_PANEL_H
#define RACE_PANEL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/screen.h"
#include "proto/message.h"

struct panel {
	size_t height;
	size_t width;
	size_t cap;
	struct screen_line *lines;
	size_t top;  /* first line that is shown, of those that scroll */
	size_t page; /* how many are shown at a time */
};

struct panel_scene {
	const char *title; /* of the race, "" until it is known */
	const struct message_status_reply *status; /* NULL: none has come */
	int64_t age_us;                            /* since it has */
	const char *peer;                          /* whom we wait for */
	const char *log;                           /* "" for none */
	const char *keys;
};

/* Starts as { 0 }. */
void panel_close(struct panel *p);

/* Composes all lines; puts `top` right for what there is. */
void panel_compose(struct panel *p, size_t height, size_t width,
    const struct panel_scene *s);

/* A key of enum keys_key that scrolls; false for all others. */
bool panel_press(struct panel *p, uint32_t key);

#endif
