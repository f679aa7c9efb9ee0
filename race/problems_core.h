/*
 * problems_core - what the files that look for problems share, and nobody else
 * sees.
 *
 *	problems         all of them in order; entries, names, clocks
 *	problems_reads   what nobody can be given
 *	problems_people  each runner by himself, and who is first
 *	problems_pace    reads that one person cannot have made
 */
#ifndef RACE_PROBLEMS_CORE_H
#define RACE_PROBLEMS_CORE_H

#include "common/strmap.h"
#include "race/problems.h"

/* Of a point, among those who are in the race. */
struct problems_point {
	uint64_t past; /* seen there, or further on */
	uint64_t seen; /* there */
};

/* Of a wave at a point, among those whose start is its gun or follows it. */
struct problems_gun {
	uint64_t seen;
	uint64_t off; /* at the start not in its time, else too fast from it */
};

struct problems_job {
	struct problems *out;
	struct book *b;
	struct crossings *c;
	struct strmap *chips; /* slots of the roster */
	struct problems_point points[RACE_POINTS_MAX];
	struct problems_gun (*guns)[RACE_POINTS_MAX]; /* a row for each wave */
};

/* A runner who is looked at. */
struct problems_person {
	struct problems_job *j;
	const struct race_rules *rules;
	const struct race_entry *entry;
	struct rank_start start;
	struct rank_read *reads; /* his own, by time */
	size_t read_count;
	const struct rank_read *counting[RACE_POINTS_MAX];
	bool odd;        /* his reads were told already */
	bool start_goes; /* and that of the start is to go */
};

/* One more, to be filled in: at no point and no time, of nobody. */
struct problem *problems_add(struct problems_job *j, enum problem_kind kind);

/* A copy that lives as long as the problems do. */
const char *problems_keep(struct problems_job *j, const char *text);

/* Room for so many, likewise. */
struct race_id *problems_room(struct problems_job *j, size_t count);

/* Likewise. */
struct race_id *problems_keep_ids(struct problems_job *j,
    const struct race_id *ids, size_t count);

void problems_of_reads(struct problems_job *j);
void problems_of_people(struct problems_job *j);

/* problems_people.c */
struct problem *problems_add_of(struct problems_person *p,
    enum problem_kind kind, int point, int64_t time_us);
struct problem_read problems_read_of(const struct rank_read *r);
bool problems_counts(const struct rank_read *r);
/* Named by its bib, which somebody has read, not by a chip alone. */
bool problems_has_bib(const struct problems_person *p, struct race_id id);

/* problems_pace.c: from one point to another faster than anybody. */
bool problems_too_fast(const struct race_rules *rules, int a, int64_t a_us,
    int b, int64_t b_us);

/* Whether a read may be his, by what counts of him. */
enum problem_clash problems_clash(const struct race_rules *rules,
    const struct rank_read *reads, size_t count, int point, int64_t time_us);

/* One problem of a runner at most; and of many of them in one place one. */
void problems_of_pace(struct problems_person *p);
void problems_of_series(struct problems_job *j);

#endif
