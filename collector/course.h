/*
 * course - the race folder as a collector needs it: the points, the guns, and
 * who is entered.
 */
#ifndef COLLECTOR_COURSE_H
#define COLLECTOR_COURSE_H

#include "collector/options.h"
#include "race/conf.h"

struct course {
	struct race_rules *rules; /* NULL: no race was named */
	struct conf_roll roll;
};

/* Ends the program, with words, if the folder cannot be used or does not have
 * what the command line names.  Mistakes in its entries are told. */
void course_load(struct course *c, const struct options *o);
void course_close(struct course *c);

#endif
