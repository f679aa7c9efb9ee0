/*
 * listing - a CSV file whose first line names the columns, read line by line
 * for whoever says which he knows.
 *
 * Every mistake is reported with file and line.  Columns that nobody knows are
 * kept and told of once.
 */
#ifndef RACE_SEASON_LISTING_H
#define RACE_SEASON_LISTING_H

#include <stdio.h>

#include "race/conf.h"

struct listing_column {
	const char *name;
	bool needed; /* the file is refused without it */
};

/* A line; valid for the call. */
struct listing_row {
	const char *file;
	unsigned line;
	const char *const
	    *fields; /* by known column; "" where nothing stands */
	const struct race_column *more; /* others in which something stands */
	size_t more_count;
};

/* False: no more of them. */
typedef bool (*listing_fn)(void *arg, const struct listing_row *row);

/* f is closed; file: what it is called in messages.
 * -EINVAL: it was refused as a whole, or a row was; the report says why. */
int listing_read(FILE *f, const char *file, const struct listing_column *known,
    size_t count, listing_fn fn, void *arg, struct conf_report *report);

#endif
