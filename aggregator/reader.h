/*
 * reader - a season folder, read by a thread of its own while the aggregator
 * goes on: half a million lines take seconds, which collectors are not to wait
 * for.
 *
 * One folder at a time.  The thread shares nothing with whoever asked: it works
 * on an answer of its own, which is taken as a whole when it is done.  Other
 * races and seasons are read as their files say; of the race that is served
 * only the rules are known to it, for its rows are in a book that moves.
 */
#ifndef AGGREGATOR_READER_H
#define AGGREGATOR_READER_H

#include "aggregator/inputs.h"
#include "race/season/gather.h"

enum { READER_TOLD_MAX = 20 };

struct reader;

/* What came of it; reader_answer_clear(). */
struct reader_answer {
	int rc; /* as of gather_read() */
	struct err err;
	/* Its tables are worked out.  takens: of the race that is served, into
	 * which nothing was taken yet. */
	struct gather gather;
	struct inputs inputs; /* as they were before they were read */
	char **problems;      /* the first READER_TOLD_MAX */
	size_t problem_count; /* and how many there are */
	int64_t took_us;
};

void reader_answer_clear(struct reader_answer *a);

/* race: the folder of the race that is served, and its rules; copied. */
struct reader *reader_new(const char *race, const struct race_rules *rules);

/* Gives up what is being read; waits for the thread to notice. */
void reader_free(struct reader *r);

/* Begins with a folder; not while it is busy. */
void reader_start(struct reader *r, const char *dir);

/* Clears what was read before, which takes as long as many a turn; not while it
 * is busy. */
void reader_waste(struct reader *r, struct gather *waste);

/* From its start until the answer was taken, or all is cleared. */
bool reader_busy(struct reader *r);

/* An answer is there: reader_take() does not wait. */
bool reader_ready(const struct reader *r);

/* Waits for the answer. */
void reader_take(struct reader *r, struct reader_answer *out);

#endif
