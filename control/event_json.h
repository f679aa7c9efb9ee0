/*
 * event_json - an event of the log as one line of JSON, for other programs.
 */
#ifndef CONTROL_EVENT_JSON_H
#define CONTROL_EVENT_JSON_H

#include "race/past.h"
#include "race/rulings.h"

/*
 * All fields that the event has, by the names of palmares.proto; moments are
 * ISO 8601 in the process's zone, and beside them microseconds UTC where it is
 * the time of a crossing.  Without the end of line; for free().
 */
char *event_json(const struct past_event *e, struct name_streams *streams);

/* A decision, prize or gun with its number, whether it holds, and when it was
 * stored. */
char *event_json_ruling(const struct rulings_item *item,
    struct name_streams *streams, int64_t stored_us);

#endif
