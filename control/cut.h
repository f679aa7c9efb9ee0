/*
 * cut - a recording of a part of a race.
 *
 * The part is what was received between two instants, or lies between two
 * numbers of the log.  With it goes what is needed to rank it: all that the
 * aggregator itself and the operators brought before.  Events keep their names,
 * their numbers and their bytes.  So a station's stream begins in the middle,
 * and has no hole; what its clock was measured to be before the part its
 * crossings have in them.
 */
#ifndef CONTROL_CUT_H
#define CONTROL_CUT_H

#include <stdbool.h>

#include "control/rewrite.h"

enum cut_form {
	CUT_OPEN, /* as far as there is something */
	CUT_NUMBER,
	CUT_INSTANT, /* UTC */
	CUT_CLOCK    /* a time of day, on the day nearest to the race */
};

struct cut_bound {
	enum cut_form form;
	int64_t value; /* of the log, or us */
	const char *text;
};

/* Both belong to it. */
struct cut {
	struct cut_bound from;
	struct cut_bound to;
};

struct cut_part {
	struct rewrite rewrite;
	uint64_t first; /* numbers of the log */
	uint64_t last;
	uint64_t before; /* events that they are ranked by */
};

/* -errno as rewrite_file(); -ENOENT: nothing lies between the bounds. */
int cut_file(const char *from, const char *to, const struct cut *cut,
    struct cut_part *out, struct err *err);

#endif
