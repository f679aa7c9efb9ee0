/*
 * instant - moments as text, and back.  int64_t microseconds UTC.
 *
 * No floating point.  A zone is the process's: instant_zone() sets TZ, since
 * a program serves one race.
 */
#ifndef COMMON_INSTANT_H
#define COMMON_INSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

#define INSTANT_NONE   INT64_MIN
#define INSTANT_SECOND INT64_C(1000000)

/* Sets the zone of the process.  -EINVAL for a name that the system's zone
 * database does not have. */
int instant_zone(const char *iana, struct err *err);

/* What a time in a file can be. */
enum instant_form {
	INSTANT_ABSOLUTE, /* ISO 8601 with offset or Z: us is UTC */
	INSTANT_RELATIVE, /* +seconds[.f] or +h:mm:ss[.f]: us after the gun */
	INSTANT_CLOCK     /* hh:mm:ss[.f]: us after local midnight */
};

/*
 * Reads one.  -EINVAL with a hint in err for anything else (a bare number gets
 * "write +8.5 or 0:00:08.5: a spreadsheet eats the plus").  Up to six decimals;
 * more are an error, for nothing is rounded on the way in.
 */
int instant_parse(const char *s, enum instant_form *form, int64_t *us,
    struct err *err);

/* "h:mm:ss[.f]", "mm:ss[.f]", "seconds[.f]", or with units as in "2 h 30 min",
 * "2h30", "20 min" and "0.5 s": a span of time, for configuration. */
int instant_parse_span(const char *s, int64_t *us, struct err *err);

/*
 * Local clock time (0 <= clock_us < a day) on a date (YYYY-MM-DD) in the zone,
 * to UTC.  A time that the zone leaves out (spring) is -ERANGE with words; of
 * one that it has twice (autumn) the one nearest to `near` is taken
 * (INSTANT_NONE: the first).
 */
int instant_local(const char *date, int64_t clock_us, int64_t near, int64_t *us,
    struct err *err);

/* As instant_local, on whichever of the days around `near` puts it closest to
 * `near` (a time in the years 2000 to 2099, else -ERANGE): midnight rolls over
 * during races.  A time in the gap of spring is -ERANGE, never another day. */
int instant_near(int64_t clock_us, int64_t near, int64_t *us, struct err *err);

bool instant_date_valid(const char *date);

/* "2014-09-21T10:30:16.5+02:00" in the zone, decimals as needed.  Returns
 * out. */
char *instant_format(char out[40], int64_t us);

/* "10:30:16" in the zone, cut to seconds.  Returns out. */
char *instant_clock(char out[16], int64_t us);

/* Elapsed as shown: "33:57", "2:09:45"; `up` rounds up to the whole second,
 * else up to six decimals, trailing zeros cut.  Negative gets a minus. */
char *instant_elapsed(char out[32], int64_t us, bool up);

/* Seconds with as many decimals as there are: "1816", "1816.25". */
char *instant_seconds(char out[32], int64_t us);

#endif
