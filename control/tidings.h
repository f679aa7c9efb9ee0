/*
 * tidings - what has changed between one word of the stations' health and the
 * next, as lines for a log: each alarm that begins and ends, each station that
 * comes and goes.  Pure.
 *
 *   10:42:07  alarm: split 2 silent for 60 s, 12 runners should have passed
 *   10:46:12  over after 4 min: split 2 silent for 5 min, 212 runners ...
 *   10:46:12  mi-course connected
 */
#ifndef CONTROL_TIDINGS_H
#define CONTROL_TIDINGS_H

#include "proto/message.h"

struct tidings;

struct tidings *tidings_new(void);
void tidings_free(struct tidings *n);

typedef void (*tidings_fn)(void *arg, const char *line);

/* The first look tells of all alarms that there are, and who is connected. */
void tidings_look(struct tidings *n, const struct message_status_reply *s,
    tidings_fn fn, void *arg);

#endif
