/*
 * handmade - a small race, worked by hand: three points, two waves, rankings of
 * all kinds; entries, crossings and decisions are put in one by one.  Stations
 * are named after their points; times are after the gun of the first wave.
 */
#ifndef TESTS_SUPPORT_HANDMADE_H
#define TESTS_SUPPORT_HANDMADE_H

#include "race/book.h"
#include "race/crossings.h"

#define HANDMADE_GUN_US INT64_C(1411286400000000) /* 2014-09-21 10:00 Paris */
#define HANDMADE_S      INT64_C(1000000)

/* Streams: a station for each point, and an operator. */
enum {
	HANDMADE_FILES = 7,
	HANDMADE_OPERATOR = 100,
	HANDMADE_STATION = 1 /* of the first point, then 2, 3 */
};

enum {
	HANDMADE_SCRATCH,
	HANDMADE_WOMEN,
	HANDMADE_NET, /* the first two by gun */
	HANDMADE_LIVE,
	HANDMADE_REST,  /* without the first of scratch */
	HANDMADE_TEAMS, /* by time, the best two */
	HANDMADE_KM,    /* teams by kilometres */
	HANDMADE_ELITE, /* that wave alone, shown to the second */
	HANDMADE_DISTANCE,
	HANDMADE_RANKINGS
};

struct handmade {
	struct race_wave waves[2];
	struct race_point points[3];
	struct race_ranking rankings[HANDMADE_RANKINGS];
	struct race_rules rules;
	struct book *book;
	struct crossings *crossings;
	uint64_t seqs[101];
	int64_t made_us;
};

/* depart 0 km, mi-course 4 km (gap 5 s), arrivee 8 km (not before 15 min);
 * waves masse at the gun and elite 10 minutes later. */
struct handmade *handmade_new(void);
void handmade_free(struct handmade *h);

/* After the rules were changed: nothing has happened yet. */
void handmade_begin(struct handmade *h);

/* "" for none. */
void handmade_enter(struct handmade *h, const char *bib, const char *name,
    const char *sex, const char *team);
void handmade_entry(struct handmade *h, const struct race_entry *e);

/* Returns the crossing's name.  point: an index, or 3 for "ailleurs", which
 * there is not. */
struct race_id handmade_cross(struct handmade *h, int point, const char *bib,
    const char *chip, int64_t after_us);
/* Stamped by a laptop; bound_us 0: not measured. */
struct race_id handmade_stamp(struct handmade *h, int point, const char *bib,
    int64_t after_us, int64_t offset_us, int64_t bound_us);
/* All three points, evenly. */
void handmade_run(struct handmade *h, const char *bib, int64_t start_us,
    int64_t finish_us);

/* Filled up with what a decision has to have; returns its name. */
struct race_id handmade_decide(struct handmade *h, struct race_decision d);
void handmade_event(struct handmade *h, struct race_id id,
    const struct race_event *e);

#endif
