/*
 * json - the answers of the aggregator for other programs.
 */
#ifndef CONTROL_JSON_H
#define CONTROL_JSON_H

#include <stdio.h>

#include "control/unknown.h"
#include "proto/message.h"

enum json_shape {
	JSON_LINES, /* for people who look into it */
	JSON_LINE   /* all on one, for what comes again and again */
};

/* 0, or -errno of writing.  Moments are ISO 8601 in the process's zone. */
int json_status(FILE *out, const struct message_status_reply *s,
    enum json_shape shape);
int json_unknown(FILE *out, const struct unknown *unknown, size_t count);

/* "bib", "chip", "point", "nobody". */
const char *json_unknown_kind(enum race_unknown_kind kind);

#endif
