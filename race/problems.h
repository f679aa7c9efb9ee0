/*
 * problems - what an operator should look at: reads that nobody can be given,
 * chips and bibs that two have, times that cannot be, names that are probably
 * one, clocks that nobody has measured.  From a book as it is and what its
 * crossings said; told as facts, for others to make words and commands of.
 * Pure.
 *
 * Nothing is told of who is out of the race, but of who is DNS that he was
 * seen; and nothing twice: of a runner whose reads are too far apart, that he
 * cannot have been so fast is not said again, and where most of a wave cannot,
 * it is its gun that is told.
 */
#ifndef RACE_PROBLEMS_H
#define RACE_PROBLEMS_H

#include "race/book.h"
#include "race/crossings.h"
#include "race/near.h"

/* What it costs to leave it: somebody's place, or a prize, or nothing yet. */
enum problem_gravity { PROBLEM_WRONG, PROBLEM_DOUBTFUL, PROBLEM_NOTE };

enum problem_kind {
	PROBLEM_UNKNOWN_BIB,   /* text: the bib, count reads; other is the first
	                        * of near, if it fits */
	PROBLEM_UNKNOWN_CHIP,  /* text: the chip */
	PROBLEM_UNKNOWN_POINT, /* text: the point */
	PROBLEM_NOBODY,        /* reads[0] names neither bib nor chip */
	PROBLEM_CONFLICT,   /* times and bibs of two people; text as listed */
	PROBLEM_CHIP_TWICE, /* text: the chip, of bib and other */
	PROBLEM_TWO_PLACES, /* reads[0] and reads[1] are too far apart; gone
	                     * is what is to go */
	PROBLEM_PACE,   /* ... and both count, or [0] is the start; text: the
	                 * chip of one, if a bib was seen at the other */
	PROBLEM_SERIES, /* of count people at one station, one soon
	                 * after the other, for amount_us from time_us
	                 * on: entry is the first one's */
	PROBLEM_GUN,    /* of wave text, at time_us: from there to point,
	                 * count of `of` are too fast, as entry with
	                 * reads[1] is; at point 0, they have started
	                 * before it or after its window */
	PROBLEM_WRONG_WAVE,   /* over the start in the time of text */
	PROBLEM_EARLY_START,  /* before his gun, in the time of no other */
	PROBLEM_LATE_START,   /* after his wave's window */
	PROBLEM_CUTOFF,       /* amount_us after the point's cut-off */
	PROBLEM_NO_START,     /* finished, with no read at the start */
	PROBLEM_NO_SPLIT,     /* was seen further on */
	PROBLEM_SEEN_TWICE,   /* amount_us after reads[0], which counts; of the
	                       * two, one at least named by its bib: gone */
	PROBLEM_DNS_SEEN,     /* DNS by decision `number`, or as entered (0),
	                       * and has count reads; [0] is the last */
	PROBLEM_SILENT_POINT, /* count of `of` who went past have no read */
	PROBLEM_TOP_THREE,    /* of a ranking: bib by gun, other by net */
	PROBLEM_SAME_PERSON,  /* bib and other have one name */
	PROBLEM_SAME_TEAM,    /* text and other_text are near */
	PROBLEM_PUBLISHED,    /* ranking text is final or amended (number, a
	                       * race_publication) since time_us, and has
	                       * changed */
	PROBLEM_CLOCK,        /* count reads of stream by a clock that nobody
	                       * has measured */
	PROBLEM_UNSEEN,       /* count of `of` who are entered have no read, and
	                       * the start is over (race/unseen.h) */
	PROBLEM_KINDS
};

enum { PROBLEM_NEAR = 3 };

/* Whether those reads may be his. */
enum problem_clash {
	PROBLEM_FITS,
	PROBLEM_HAS_TIME, /* another one at that point */
	PROBLEM_ELSEWHERE /* too far away then */
};

/* Who may be meant: those first whose reads they may be, then by the slip. */
struct problem_near {
	const char *bib;
	const char *name;
	const char *chip; /* the near one; "": the bib is near */
	enum near_slip slip;
	enum problem_clash clash;
};

/* A read, if there is one: seq 0 is none, or the start of the race. */
struct problem_read {
	struct race_id id;
	int point;
	int64_t time_us;
};

struct problem {
	enum problem_kind kind;
	const struct race_entry *entry; /* NULL: nobody's */
	const struct race_entry *other;
	const char *text;
	const char *other_text;
	int point;       /* -1: at none, or at several */
	int64_t time_us; /* RACE_NO_TIME: at none */
	struct problem_read reads[2];
	size_t suspect; /* of the reads: which one is to go */
	/* Those that are to go until all is well; of an unknown bib or point
	 * those that are to be moved. */
	struct race_id *gone;
	size_t gone_count;
	bool open; /* no less would be well without the other read */
	int64_t amount_us;
	uint64_t stream;
	uint64_t count;
	uint64_t of;
	uint32_t place; /* of a top three */
	uint64_t number;
	uint64_t digest; /* of the rows of a ranking that was published */
	int ranking;     /* -1 */
	int wave;        /* whose gun is reads[0], -1: none's */
	struct problem_near near[PROBLEM_NEAR];
	size_t near_count;
};

struct problems {
	struct problem *items; /* the gravest first, then by point and time */
	size_t count;
	size_t cap;
	char **texts; /* that items point to */
	size_t text_count;
	size_t text_cap;
	struct race_id **ids; /* likewise */
	size_t id_count;
	size_t id_cap;
};

/*
 * Everything there is; valid as long as b and c do not change.  *out is filled
 * in; problems_clear() when done.  O(reads + names), but for the sorting.
 */
void problems_find(struct problems *out, struct book *b, struct crossings *c);
void problems_clear(struct problems *p);

enum problem_gravity problem_gravity(enum problem_kind kind);

/* "unknown-bib", "two-places" ... */
const char *problem_kind_name(enum problem_kind kind);
/* "wrong", "doubtful", "note" */
const char *problem_gravity_name(enum problem_gravity gravity);

#endif
