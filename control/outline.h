/*
 * outline - a race in a few words, and the race.yaml that it is written out to,
 * with comments for who has never seen one.  Pure.
 */
#ifndef CONTROL_OUTLINE_H
#define CONTROL_OUTLINE_H

#include <stdio.h>

#include "common/err.h"
#include "race/types.h"

enum { OUTLINE_POINTS = 16, OUTLINE_WAVES = 16 };

struct outline_point {
	char name[RACE_LABEL_MAX + 1];
	uint32_t metres;
};

struct outline_wave {
	char name[RACE_LABEL_MAX + 1];
	char gun[32]; /* hh:mm[:ss]; "": not known yet */
};

/* Rankings that a race can begin with; a bit each. */
enum outline_ranking {
	OUTLINE_OVERALL,
	OUTLINE_WOMEN,
	OUTLINE_MEN,
	OUTLINE_NET,
	OUTLINE_LIVE,
	OUTLINE_TEAMS,
	OUTLINE_KM,
	OUTLINE_RANKINGS
};

struct outline {
	char title[RACE_NAME_MAX + 1];
	char date[16];
	char timezone[64];
	struct outline_point points[OUTLINE_POINTS];
	size_t point_count;
	struct outline_wave waves[OUTLINE_WAVES];
	size_t wave_count;
	unsigned rankings;
	unsigned prizes; /* places of each award, 0: none */
};

/* Each reads an answer; -EINVAL with what would do, and nothing is changed. */
int outline_title(struct outline *o, const char *text, struct err *err);
int outline_date(struct outline *o, const char *text, struct err *err);
/* Sets the process's zone. */
int outline_timezone(struct outline *o, const char *text, struct err *err);
int outline_points(struct outline *o, const char *text, struct err *err);
int outline_waves(struct outline *o, const char *text, struct err *err);
int outline_rankings(struct outline *o, const char *text, struct err *err);
int outline_prizes(struct outline *o, const char *text, struct err *err);

/* "overall, women, ..." */
extern const char outline_choice[];

void outline_write(FILE *out, const struct outline *o);

#endif
