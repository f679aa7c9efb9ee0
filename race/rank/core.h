/*
 * core - what the files of the core share, and nobody else sees.
 *
 *	identity  whose reads are they: bibs and chips, repeats, corrections
 *	clocks    when those were that laptops have stamped
 *	pairs     times of one laptop and bibs of another, as one list
 *	lists     the points where that happens: what is joined, what is not
 *	people    which reads count, and what a runner's rows follow from them
 *	teams     what members add up to
 *	rank      the calls of rank.h, and the lists of changed rows
 *
 * A crossing does little: it is linked to its bib or chip, the point it touches
 * is decided again, and the runner is queued.  Rows, keys and teams follow when
 * somebody asks, for each queued runner once.
 */
#ifndef RACE_RANK_CORE_H
#define RACE_RANK_CORE_H

#include "common/strmap.h"
#include "race/places.h"
#include "race/rank/clocks.h"
#include "race/rank/journal.h"
#include "race/rank/pairs.h"
#include "race/rank/rank.h"

#define NONE UINT32_MAX

/* ---- identity ---- */

enum {
	READ_ARRIVED = 1,
	READ_VOIDED = 2,
	READ_FILLED = 4,
	READ_LISTED = 8,   /* a line of a list: linked to nobody */
	READ_STAMPED = 16, /* a laptop's time without chip: may be joined */
	READ_JOINED = 32,  /* its node is that of the line joined to it */
	READ_WAITING = 64, /* nobody's, and told with its group */
	READ_LAPTOP = 128  /* its time is what the clocks say */
};

/* A point that the rules do not have. */
#define POINT_UNKNOWN UINT8_MAX

/*
 * A crossing as kept.  A correction that comes first makes the read, which then
 * waits for its crossing without READ_ARRIVED.
 */
struct read {
	int64_t time_us; /* corrected */
	struct race_id id;
	uint32_t node; /* to whom it belongs; READ_FILLED: index of a fill */
	uint32_t next; /* of the node's reads */
	uint32_t prev;
	uint8_t point;
	uint8_t flags;
};

struct fill {
	uint64_t seq;
	uint32_t node;
};

/* A bib, a chip, an unknown point, or (one node) nobody. */
struct node {
	const char *text;
	uint32_t reads; /* the first */
	uint32_t owner; /* the runner for whom its reads count, or NONE */
	union {
		uint32_t runner; /* bibs: who has or had it, or NONE */
		uint32_t claims; /* chips: the first, or NONE */
	};
	uint8_t kind; /* enum race_unknown_kind */
};

/* An entry says that a chip is its own. */
struct claim {
	uint32_t runner;
	uint32_t node;
	uint32_t next_of_node;
	uint32_t next_of_runner;
};

/* Bibs, chips and points have texts; the kinds behind them have none. */
enum { NAMED_KINDS = RACE_UNKNOWN_POINT + 1 };

struct identity {
	struct journal *journal;
	struct strmap *names[NAMED_KINDS]; /* nodes, by kind */
	struct node *nodes;                /* the first is nobody */
	size_t nodes_cap;
	size_t nodes_count;
	struct read *reads;
	size_t reads_cap;
	size_t reads_count;
	struct fill *fills;
	size_t fills_cap;
	size_t fills_count;
	struct claim *claims;
	size_t claims_cap;
	size_t claims_count;
	uint32_t free_claims;
	uint64_t unknown; /* reads linked to nodes without owner */
	struct clocks *clocks;
	uint32_t *stamps; /* by read, of READ_LAPTOP alone: in the clocks */
	size_t stamps_cap;
	int64_t latest_us; /* of the others, RACE_NO_TIME: none */
};

/* ---- lists ---- */

struct rows {
	struct pairs_line *lines;
	size_t cap;
	size_t count;
	size_t sorted; /* so many of them, from the first */
};

/* A point; before its first listed crossing nothing is kept of it. */
struct listing {
	struct rows times;
	struct rows listed;
	struct pairs_group *groups; /* not joined */
	size_t group_count;
	bool used;
	bool queued;
};

/* ---- people ---- */

enum {
	RUNNER_QUEUED = 1,
	RUNNER_RECOUNT = 2, /* all its reads have to be looked at again */
	RUNNER_MOVED = 4    /* other reads count than when last settled */
};

#define WAVE_UNKNOWN UINT16_MAX

struct runner {
	const char *bib;
	uint64_t views;      /* bit mask: the rankings whose filter it passes */
	int64_t settled_gun; /* as when last settled, ... */
	uint32_t settled_team;
	uint32_t node; /* of its bib */
	uint32_t claims;
	uint32_t team;
	uint32_t next_mate; /* in the team */
	uint32_t prev_mate;
	uint16_t wave;
	uint8_t status;         /* the entry's own */
	uint8_t settled_status; /* ... what followed */
	uint8_t flags;
};

/* What follows from the reads that count. */
struct facts {
	int64_t gun_us;   /* RACE_NO_TIME: none */
	int64_t start_us; /* the start read, RACE_NO_TIME: none */
	int64_t time_us;  /* at the furthest point */
	int point;        /* the furthest, -1: none */
	enum race_status status;
};

struct gun {
	int64_t gun_us;
	int64_t made_us;
	struct race_id id; /* seq 0: the gun of the rules */
};

/* ---- teams ---- */

/* What a member adds to a team in one ranking. */
struct share {
	int64_t elapsed_us; /* -1: nothing */
	uint32_t metres;
	bool finisher;
};

/* ---- rows ---- */

enum { CELL_PRESENT = 1, CELL_CHANGED = 2, CELL_STALE = 4 };

/* A row as kept. */
struct cell {
	struct race_key key;
	uint64_t hash; /* its share of the digest, 0 if it has no row */
	uint8_t flags;
};

struct scorer {
	int64_t elapsed_us;
	uint32_t runner;
};

enum { SUM_QUEUED = 1, SUM_SEARCH = 2 };

/* A team's row: a cell and the sums that it follows from. */
struct sum {
	struct cell cell;
	struct scorer *best; /* the fastest, in order */
	uint64_t metres;
	uint64_t elapsed_us; /* by km: of all counted, modulo 2^64 */
	size_t best_cap;
	uint32_t best_count;
	uint32_t members;
	uint32_t counted;
	uint32_t finishers;
	uint8_t flags; /* SUM_SEARCH: the best have to be found again */
};

struct team {
	const char *name;
	uint32_t mates; /* the first member */
};

struct slots {
	uint32_t *slots;
	size_t cap;
	size_t count;
};

/* A ranking. */
struct view {
	struct rank *rank;
	const struct race_ranking *rule;
	size_t column; /* among the rankings of runners, or of teams */
	struct places places;
	size_t count; /* rows */
	uint64_t digest;
	struct slots changed; /* not yet taken */
	struct slots stale;   /* hash not yet in the digest */
	struct slots queued;  /* teams whose sums have changed */
};

struct rank {
	struct race_rules *rules;
	struct strmap *point_names;
	size_t points;
	bool has_start;   /* the first point is the start */
	struct gun *guns; /* by wave */
	struct view *views;
	size_t runner_views;
	size_t team_views;
	struct identity id;
	struct listing *lists;             /* by point */
	bool lists_queued;                 /* one of them is */
	uint64_t joins;                    /* how often they were joined */
	uint64_t conflicting;              /* listed crossings in conflicts */
	char (*texts)[RACE_LABEL_MAX + 1]; /* of conflicts handed out */
	size_t texts_cap;

	struct runner *runners; /* by slot, as the next three */
	uint32_t *counting;     /* [slot][point]: the read that counts */
	struct cell *cells;     /* [slot][column] */
	struct share *shares;   /* [slot][column] */
	size_t runners_cap;
	size_t counting_cap;
	size_t cells_cap;
	size_t shares_cap;
	size_t runners_count;
	struct slots queued;

	struct strmap *team_names;
	struct team *teams; /* by slot, as the next */
	struct sum *sums;   /* [slot][column] */
	size_t teams_cap;
	size_t sums_cap;
	size_t teams_count;

	int64_t *splits; /* of rows handed out */
	size_t splits_cap;
};

/* identity.c */
void identity_init(struct identity *id);
void identity_close(struct identity *id);
uint32_t identity_node(struct rank *r, enum race_unknown_kind kind,
    const char *text);
int identity_read(struct rank *r, struct race_id id,
    const struct race_crossing *c);
int identity_event(struct rank *r, struct race_id id);
void identity_clock(struct rank *r, struct race_id id,
    const struct race_clock_estimate *e);
/* How far off the time of a read may be; 0: not at all, or nobody knows. */
int64_t identity_bound(const struct rank *r, uint32_t read);
void identity_void(struct rank *r, struct race_id target);
void identity_fill_in(struct rank *r, struct race_id target, uint64_t seq,
    const char *bib);
void identity_own(struct rank *r, uint32_t node, uint32_t runner);
bool identity_same_chips(struct rank *r, uint32_t runner,
    const struct race_entry *entry);
void identity_claim(struct rank *r, uint32_t runner,
    const struct race_entry *entry);
void identity_disclaim(struct rank *r, uint32_t runner);
bool identity_before(const struct read *a, const struct read *b);
/* The node of the bib that a crossing or its fill-in names, NONE: none. */
uint32_t identity_bib(const struct rank *r, uint32_t read);
/* Gives a stamped read without bib to that one; NONE: back to nobody. */
void identity_join(struct rank *r, uint32_t read, uint32_t bib);
/* The first or next read of a runner, NONE at the end. */
struct identity_walk {
	uint32_t runner;
	uint32_t claim;
	uint32_t read;
};
uint32_t identity_first(const struct rank *r, struct identity_walk *w,
    uint32_t runner);
uint32_t identity_next(const struct rank *r, struct identity_walk *w);

/* lists.c */
void lists_close(struct listing *l);
void lists_read(struct rank *r, uint32_t read);
void lists_touch(struct rank *r, uint32_t read);
void lists_settle(struct rank *r);
size_t lists_unknowns(struct rank *r, struct race_unknown **all, size_t *cap,
    size_t count);

/* people.c */
uint32_t people_new(struct rank *r, uint32_t node);
void people_queue(struct rank *r, uint32_t slot, uint8_t why);
void people_read(struct rank *r, uint32_t slot, uint32_t read);
void people_recount(struct rank *r, uint32_t slot);
void people_facts(const struct rank *r, uint32_t slot, struct facts *out);
int64_t people_elapsed(const struct rank *r, uint32_t slot,
    const struct facts *f, enum race_by by, int point);
void people_key(const struct rank *r, const struct race_ranking *rule,
    uint32_t slot, const struct facts *f, struct race_key *out);
void people_share(const struct rank *r, const struct race_ranking *rule,
    uint32_t slot, const struct facts *f, struct share *out);
void people_row(const struct rank *r, const struct race_ranking *rule,
    uint32_t slot, int64_t *splits, struct race_row *out);

/* teams.c */
uint32_t teams_slot(struct rank *r, const char *name);
void teams_join(struct rank *r, uint32_t runner);
void teams_leave(struct rank *r, uint32_t runner);
void teams_share(struct view *v, uint32_t runner, const struct share *share);
void teams_settle(struct view *v);
struct sum *teams_sum(const struct view *v, uint32_t slot);
void teams_row(const struct view *v, uint32_t slot, struct race_row *out);

/* rank.c */
void rank_list(struct slots *list, uint32_t slot);
void rank_set(struct view *v, uint32_t slot, struct cell *cell,
    const struct race_key *key);

#endif
