/*
 * lines - rows of a crossings file as crossings: what each column is, what
 * each time means, and what of it the race does not know.
 *
 * Times are made UTC here; a point, bib or chip that nobody knows is taken all
 * the same, flagged, and said once.
 */
#ifndef COLLECTOR_LINES_H
#define COLLECTOR_LINES_H

#include "common/csv.h"
#include "race/types.h"

struct lines;

struct lines_race {
	const struct race_rules *rules; /* NULL: no race folder was given */
	const struct race_entry
	    *entries; /* NULL: nobody knows who is entered */
	size_t entry_count;
	const char *wave; /* whose gun `+` counts from; "": the only one */
};

/* For a person, a line each. */
typedef void (*lines_say_fn)(void *arg, const char *text);

/* What race points at is borrowed for the life of the lines. */
struct lines *lines_new(const struct lines_race *race, lines_say_fn say,
    void *arg);
void lines_free(struct lines *l);

/* The row names columns, rather than being a crossing. */
bool lines_is_header(const struct csv_row *row);

/* The first row.  Columns that are not used are said.  -EINVAL: without these
 * columns nothing can be read; those of before, if any, hold. */
int lines_header(struct lines *l, const struct csv_row *row, struct err *err);
bool lines_has_point(const struct lines *l);

/* The point of rows that name none; "": they are not understood. */
void lines_set_point(struct lines *l, const char *point);

/* The first gun there is, or that of the wave; RACE_NO_TIME. */
int64_t lines_gun(const struct lines *l);

/*
 * One row.  near_us is the last time of this source (RACE_NO_TIME: none) and
 * becomes this row's.  -EINVAL with words for a row that is refused; -ENODATA
 * for one that may be good, but not without what we were not told: the race,
 * its gun, the point.  The crossing points into row, which is written in, and
 * l: valid until the next call on either.
 */
int lines_crossing(struct lines *l, const struct csv_row *row, int64_t *near_us,
    struct race_crossing *out, struct err *err);

/* Says how often each kind was unknown, if some were not named. */
void lines_sum_up(const struct lines *l);

#endif
