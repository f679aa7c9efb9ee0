/*
 * explain - why somebody has the place that he has: the facts of it, put
 * together from what a book knows, before anybody makes sentences of them.
 * Pure.
 *
 * The time is worked out here once more, from the read, the start and the
 * penalty: what is told adds up to what the row says, or the tests fail.
 */
#ifndef CONTROL_EXPLAIN_H
#define CONTROL_EXPLAIN_H

#include "race/board.h"
#include "race/book.h"
#include "race/crossings.h"
#include "race/rulings.h"

enum { EXPLAIN_FILTERS = 4 };

/* A condition of the ranking, and how he meets it. */
struct explain_filter {
	const char *what; /* "sex", "category", "team", "wave" */
	const char *wants;
	const char *has; /* "" for none */
	bool passes;
};

/* A time, and how it came about. */
struct explain_time {
	int point;           /* where it was taken, -1: nowhere yet */
	struct race_id read; /* that counts there, seq 0: none */
	int64_t read_us;     /* RACE_NO_TIME: none */
	int64_t since_us;    /* the start that counts, RACE_NO_TIME: none */
	int64_t penalty_us;  /* added there; negative: a bonus */
	int64_t elapsed_us;  /* what comes of it, -1: nothing */
};

struct explain_read {
	struct rank_read is;
	const struct race_crossing *said; /* NULL: an operator added it */
};

/* A runner's start, reads and time, and how he meets a ranking's filters. */
struct explain_runner {
	const struct race_entry *entry;
	struct rank_start start;
	struct explain_read *reads;
	size_t read_count;
	struct explain_filter filters[EXPLAIN_FILTERS];
	size_t filter_count;
	bool passes;              /* all of them */
	struct explain_time time; /* as the ranking takes it */
	int64_t gun_us; /* from gun or own start to there, and from the start
	                 * line on; -1: none; with the penalty */
	int64_t net_us;
	uint32_t metres; /* of the furthest point */
};

enum explain_share {
	EXPLAIN_SCORES,
	EXPLAIN_OTHER_SIDE, /* ... for another one of its sides */
	EXPLAIN_SLOWER,     /* enough others are before him */
	EXPLAIN_NOT_THERE,  /* no read where the ranking looks, or no start */
	EXPLAIN_STATUS,     /* DNF, DSQ ... */
	EXPLAIN_FILTERED    /* not in this ranking */
};

struct explain_member {
	struct explain_runner runner;
	enum explain_share share;
	uint32_t place; /* by places: his own, 0: none */
	uint32_t side;  /* for which he scores: 0 is A */
};

struct explain {
	struct book *book;
	const struct race_ranking *rule;
	size_t v;
	const char *label;

	/* Runners. */
	struct explain_runner runner;
	/* NULL, or among the first of that one, and so not here. */
	const struct race_without *without;
	uint32_t without_place;
	bool by_gun; /* among the first by gun of a ranking by net */

	/* Teams: which of its sides that is, 0 for A; and who is entered for
	 * it, scorers first, in order. */
	uint32_t side;
	struct explain_member *members;
	size_t member_count;
	size_t scorer_count;

	/* What was decided about him, his crossings or his gun; of a team,
	 * about its members. */
	struct rulings_item *decided;
	size_t decided_count;

	struct board *board; /* the ranking */
	int64_t at;          /* his line there, -1: he has none */
	struct board_line line;
	size_t first_tied; /* lines that share his place, with his own */
	size_t tied_count;
	size_t placed; /* lines that have a place */
	/* Other runners of the ranking who may still come where it looks. */
	size_t awaited;
};

/*
 * label: a bib, or the name of a team where v ranks teams.  -ENOENT: nobody has
 * it.  b and c are borrowed for the life of *out; c may be NULL.
 */
int explain_new(struct explain **out, struct book *b, struct crossings *c,
    size_t v, const char *label);
void explain_free(struct explain *e);

/* The rows of ranking v as a board, with its outlook; for board_free(). */
struct board *explain_board(struct book *b, size_t v);

/* Where the name of the team ends in a label of such a ranking, which may have
 * the letter of a side behind it; *side is that, 0 for A. */
size_t explain_team_length(const struct race_ranking *rule, const char *label,
    uint32_t *side);

#endif
