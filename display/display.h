/*
 * display - what the three ways of showing a race are asked: on a full screen,
 * as lines, or once.  Each returns the exit status.
 */
#ifndef DISPLAY_DISPLAY_H
#define DISPLAY_DISPLAY_H

#include "race/export.h"
#include "race/follow_zmq.h"

struct display_job {
	const char *ranking; /* NULL: the first of the rules */
	const char *aggregator;
	const char *race;
	bool named; /* the aggregator's address was, so that it may serve a race
	             * that is not the folder's */
	enum follow_tier tier;
	enum export_format format; /* of display_once() */
	bool stations;             /* display_screen() begins with them */
	/* Of display_screen() alone: a race that is over.  NULL, false: live */
	const char *from; /* a recording */
	bool offline;     /* race.db */
};

int display_screen(const struct display_job *job);
int display_lines(const struct display_job *job);
int display_once(const struct display_job *job);

/* Ends the program with 1 if the aggregator serves another race than that of
 * the job's folder. */
void display_check(const struct display_job *job, const struct follow *f);

/* The ranking that the job names, or the first.  A wrong name, or rules
 * without rankings, are told and end the program with 2. */
size_t display_choose(const struct display_job *job,
    const struct race_rules *rules);

#endif
