/*
 * model - rankings the slow and obvious way: from all events, from scratch,
 * with loops and qsort.  Shares nothing with the core but its types and the
 * order of labels, so that an error has to be made twice to stay hidden.
 */
#ifndef TESTS_SUPPORT_MODEL_H
#define TESTS_SUPPORT_MODEL_H

#include "race/rank/rank.h"
#include "race/types.h"

/* The stream of entries.csv: whose entries yield to all others'. */
enum { MODEL_FILES = 7 };

/* An event and its name; strings are borrowed. */
struct model_event {
	struct race_id id;
	struct race_event event;
};

struct model_line {
	const char *label;
	enum race_group group;
	enum race_status status;
	int64_t elapsed_us;
	uint32_t metres;
	int point;
	int64_t splits[RACE_POINTS_MAX];
	size_t split_count;
	uint32_t counted;
	uint32_t finishers;
	uint32_t women;
	uint32_t men;
	uint32_t places;
	int64_t bound_us;
	uint64_t clock;
	uint32_t place;
	bool tied;
	/* By what the line is sorted. */
	int64_t sort[3];
	struct race_id read;
	bool average;  /* by metres a runner first */
	char side[48]; /* the label of a side */
};

/*
 * The listing of ranking v after the events, in whatever order and however
 * often they stand there; *out for free().
 */
size_t model_rows(const struct race_rules *rules,
    const struct model_event *events, size_t count, size_t v,
    struct model_line **out);

/* Times and listed bibs that are not joined: conflicts, then what is open, each
 * by point, in the order of its lists; *out for free(). */
struct model_group {
	int point;
	bool open;
	size_t times;
	size_t bibs;
	int64_t first_us;
	int64_t last_us;
	const char *first_bib; /* "" if none of them has one */
	const char *last_bib;
};

size_t model_groups(const struct race_rules *rules,
    const struct model_event *events, size_t count, struct model_group **out);

/* Crossings that nobody can use: those of nobody, and listed ones in conflicts.
 */
uint64_t model_unknown_reads(const struct race_rules *rules,
    const struct model_event *events, size_t count);

/* The latest corrected crossing that was not taken back; RACE_NO_TIME: none. */
int64_t model_as_of(const struct race_rules *rules,
    const struct model_event *events, size_t count);

/* Crossings of a point that are in no list, voided ones too; and the latest of
 * them, RACE_NO_TIME: none. */
uint64_t model_reads(const struct race_rules *rules,
    const struct model_event *events, size_t count, size_t point,
    int64_t *last_us);

/* Why each read of a bib counts, or not, as rank_reads() tells it; *out for
 * free(). */
size_t model_whys(const struct race_rules *rules,
    const struct model_event *events, size_t count, const char *bib,
    struct rank_read **out);

/* From what a runner's times are counted; false: nobody has the bib. */
bool model_start(const struct race_rules *rules,
    const struct model_event *events, size_t count, const char *bib,
    struct rank_start *out);

/* Runners awaited at a point: PROTOCOL.md 5.1. */
void model_awaited(const struct race_rules *rules,
    const struct model_event *events, size_t count, size_t point,
    int64_t last_us, int64_t now_us, struct rank_awaited *out);

#endif
