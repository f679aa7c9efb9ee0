/*
 * watch - the health of the stations, followed until somebody ends it: on the
 * whole terminal, or as lines.  Each returns the exit status.
 */
#ifndef CONTROL_WATCH_H
#define CONTROL_WATCH_H

#include <stdbool.h>

#include "control/verb.h"
#include "race/follow_zmq.h"

/* On the terminal if there is one and json is not asked for. */
int watch(const struct verb_options *o, bool json);

int watch_screen(const struct verb_options *o);

/* What begins and ends, or each word of the aggregator as a line of JSON. */
int watch_lines(const struct verb_options *o, bool json);

/* For the two: rules have come, perhaps from another run.  Sets the zone; ends
 * the program with 1 if it is another race than the folder's. */
void watch_rules(const struct verb_options *o, const struct follow *f);

#endif
