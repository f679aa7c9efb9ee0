/*
 * core - what the files of the core share, and nobody else sees.
 *
 *	identity  whose reads are they: bibs and chips, repeats, corrections
 *	clocks    when those were that laptops have stamped
 *	pairs     times of one laptop and bibs of another, as one list
 *	lists     the points where that happens: what is joined, what is not
 *	people    which reads count, and what a runner's rows follow from them
 *	reasons   why reads do not count
 *	heads     rankings that look at who is first in one
 *	teams     companies, their members, and what each adds
 *	scorers   which of them score, and for which side
 *	standings the places of runners, where those are added up
 *	squads    the rows that follow: a company, or its sides
 *	traffic   what came from each point
 *	awaited   who should have passed one by now
 *	pending   who may still come, and whose places that can change
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
	READ_VOIDED = 2,    /* by its own station */
	READ_DISMISSED = 4, /* by an operator */
	READ_LISTED = 8,    /* a line of a list: linked to nobody */
	READ_STAMPED = 16,  /* a laptop's time without chip: may be joined */
	READ_JOINED = 32,   /* its node is that of the line joined to it */
	READ_WAITING = 64,  /* nobody's, and told with its group */
	READ_LAPTOP = 128,  /* its time is what the clocks say */
	READ_BACKUP = 256,  /* names the point's second reader */
	READ_ADDED = 512,   /* by an operator */
	READ_SET = 1024,    /* ... and what counts at its point */
	READ_NOTED = 2048   /* has a note */
};

/* A point that the rules do not have. */
#define POINT_UNKNOWN UINT8_MAX

/*
 * A crossing as kept: whose, where and in which list it is now.  A correction
 * that comes first makes the read, which then waits for its crossing without
 * READ_ARRIVED.
 */
struct read {
	int64_t time_us; /* corrected */
	struct race_id id;
	uint32_t node; /* to whom it belongs; READ_NOTED: index of a note */
	uint32_t next; /* of the node's reads */
	uint32_t prev;
	uint16_t flags;
	uint8_t point;
};

/* A point as a crossing or an operator names it. */
struct spot {
	uint32_t nowhere; /* the node of one that the rules do not have */
	uint8_t point;    /* POINT_UNKNOWN then */
	bool backup;
};

/* Of a read of which more is said than its crossing says, or that is at no
 * point: what everybody says.  Few reads have one. */
struct note {
	uint32_t read;
	uint32_t node;     /* to whom it belongs */
	uint32_t named;    /* the bib or chip that the crossing names */
	uint32_t filled;   /* the bib of the last fill-in, */
	uint64_t fill_seq; /* 0: there is none */
	struct spot spot;  /* where the crossing says that it was */
	uint16_t kind;     /* READ_LISTED, READ_STAMPED: as the crossing is */
	bool moved;        /* an operator says where: */
	struct spot elsewhere;
	uint32_t bib; /* an operator says whose, NONE: he does not */
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
	struct note *notes;
	size_t notes_cap;
	size_t notes_count;
	struct claim *claims;
	size_t claims_cap;
	size_t claims_count;
	uint32_t free_claims;
	uint64_t unknown; /* reads linked to nodes without owner */
	struct clocks *clocks;
	uint32_t *stamps; /* by read, of READ_LAPTOP alone: in the clocks */
	size_t stamps_cap;
	int64_t latest_us; /* of the others, RACE_NO_TIME: none */
	/* Nothing that was taken back is later than that; the latest of what
	 * was not, looked for if it is asked for. */
	int64_t gone_us;
	int64_t sound_us;
	bool sound_known;
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

/* ---- traffic ---- */

/* Of a point. */
struct traffic {
	struct rank_traffic is;
	bool stale; /* the last one has become earlier */
};

/* ---- people ---- */

enum {
	RUNNER_QUEUED = 1,
	RUNNER_RECOUNT = 2, /* all its reads have to be looked at again */
	RUNNER_MOVED = 4,   /* other reads count than when last settled */
	/* Stays: his wave follows from where he crossed the start. */
	RUNNER_INFERS = 8
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
	uint32_t special; /* NONE: nothing of that is said of him */
	uint16_t wave;
	uint8_t status;         /* the entry's own */
	uint8_t settled_status; /* ... what followed */
	uint8_t flags;
	uint8_t sex; /* enum team_sex */
};

/* What is said of few: a start of their own, what an operator decided, and of
 * those with RUNNER_INFERS the rankings that they are in, in one wave or
 * another. */
struct special {
	struct rank_ruling said;
	int64_t start_us; /* the entry's, 0: none */
	uint64_t views;
};

/* A read that keeps those of the second reader out. */
struct main_read {
	int64_t time_us;
	uint8_t point;
};

/* What follows from the reads that count. */
struct facts {
	int64_t gun_us;   /* or the own start; RACE_NO_TIME: none */
	int64_t start_us; /* the start read, RACE_NO_TIME: none */
	int64_t time_us;  /* at the furthest point */
	int64_t penalty_us;
	int point; /* the furthest, -1: none */
	enum race_status status;
};

/* ---- teams ---- */

/* As quotas see it. */
enum team_sex { TEAM_NEITHER, TEAM_WOMAN, TEAM_MAN };

/* What a member adds to a team in one ranking. */
struct share {
	int64_t score; /* his time, or his place; -1: nothing */
	uint32_t metres;
	uint8_t sex;
	bool able; /* counts, or may yet */
	bool finisher;
};

/* ---- rows ---- */

enum {
	CELL_PRESENT = 1,
	CELL_CHANGED = 2,
	CELL_STALE = 4,
	/* Of derived rankings: to be settled, and the key is another. */
	CELL_QUEUED = 8,
	CELL_MOVED = 16
};

/* A row as kept. */
struct cell {
	struct race_key key;
	uint64_t hash; /* its share of the digest, 0 if it has no row */
	uint8_t flags;
};

struct scorer {
	int64_t score;
	uint32_t runner;
};

/* What those who count make: of their scores, in order. */
struct tally {
	int64_t sum;
	int64_t first;
	int64_t last;
	uint32_t counted;
	uint32_t women; /* where there is a quota, as the next */
	uint32_t men;
	uint32_t finishers;
};

/* A row: a company, or one of its sides. */
struct squad {
	struct cell cell;
	struct tally tally;
};

enum { SUM_QUEUED = 1, SUM_SEARCH = 2 };

/* A company in a ranking: its rows and the sums that they follow from. */
struct sum {
	struct squad squad;
	struct squad *others; /* B, C ...; NULL: there is one alone */
	struct scorer *best;  /* the first in order, where that is all */
	uint64_t metres;
	uint64_t elapsed_us; /* by km: of all counted, modulo 2^64 */
	size_t best_cap;
	uint32_t best_count;
	uint32_t members;
	uint32_t counted;
	uint32_t finishers;
	uint32_t able; /* of the members, as the next */
	uint32_t able_women;
	uint32_t able_men;
	uint8_t flags; /* SUM_SEARCH: the best have to be found again */
};

struct team {
	const char *name;
	char **labels;  /* by side, made when one is asked for */
	uint32_t mates; /* the first member */
};

struct slots {
	uint32_t *slots;
	size_t cap;
	size_t count;
};

/* The first of a ranking, as last looked at; by slot. */
struct head {
	struct view *of;
	uint32_t limit; /* the last place that is one of theirs */
	uint64_t seen;  /* changes of that ranking */
	struct slots firsts;
};

struct gun_row {
	struct race_key key;
	bool placed;
};

/*
 * Of those of a ranking who may still come to a place, who has the least time
 * behind him: he that was started last.  Kept as runners are settled; when he
 * has gone it is only known that nobody is before lead_us, until somebody asks.
 */
struct pending {
	int64_t lead_us; /* PENDING_NOBODY, PENDING_ANY: may start any moment */
	uint32_t witness; /* who that is, or was */
	bool gone;
};

#define PENDING_NOBODY INT64_MIN
#define PENDING_ANY    INT64_MAX

/* Of a ranking whose rows follow from who is first. */
struct derived {
	struct head without[RACE_WITHOUT_MAX];
	size_t without_count;
	/* With gun.limit > 0: who is first by gun. */
	struct head gun;
	struct race_ranking gun_rule;
	struct pending gun_pending;
	struct places gun_places;
	struct gun_row *by_gun; /* by slot */
	size_t by_gun_cap;
	size_t by_gun_count;
	struct slots queued;
	bool listed; /* in the order of settling */
};

/* A ranking. */
struct view {
	struct rank *rank;
	const struct race_ranking *rule;
	size_t column; /* among the rankings of runners, or of teams */
	struct places places;
	size_t count;     /* rows */
	uint64_t changes; /* how often one has come, gone or been altered */
	struct pending pending;
	struct derived *derived;
	struct standings *standings; /* teams by places */
	uint64_t digest;
	struct slots changed; /* not yet taken */
	struct slots stale;   /* hash not yet in the digest */
	struct slots queued;  /* teams whose sums have changed */
};

struct rank {
	struct race_rules *rules;
	struct strmap *point_names;
	size_t points;
	bool has_start; /* the first point is the start */
	bool infers;    /* a start crossing can tell the wave */
	/* Bits of points: those with a second reader, and those where one more
	 * read is not decided by itself. */
	uint64_t backed;
	uint64_t entangled;
	int64_t *guns;        /* by wave, as the next */
	uint64_t *wave_views; /* the rankings that do not leave it out */
	struct view *views;
	size_t runner_views;
	size_t team_views;
	struct view **derived; /* in the order of settling */
	size_t derived_count;
	struct identity id;
	struct traffic *traffic; /* by point, as the next */
	struct listing *lists;
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
	struct special *specials;
	size_t specials_cap;
	size_t specials_count;
	struct main_read *mains; /* of the runner looked at, by point and time
	                          */
	size_t mains_cap;
	size_t mains_count;

	struct strmap *team_names;
	struct team *teams; /* by slot, as the next */
	struct sum *sums;   /* [slot][column] */
	size_t teams_cap;
	size_t sums_cap;
	size_t teams_count;
	bool teams_queued; /* one of them is, in some ranking */

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
void identity_expect(const struct rank *r, const struct race_event *events,
    size_t count);
int identity_event(struct rank *r, struct race_id id);
/* The read of a crossing that has come, or NONE. */
uint32_t identity_find(const struct rank *r, struct race_id id);
void identity_clock(struct rank *r, struct race_id id,
    const struct race_clock_estimate *e);
/* The latest time of what was not taken back, RACE_NO_TIME: none.  O(1);
 * O(reads) once after a crossing as late as that was taken back. */
int64_t identity_latest(struct identity *id);
/* How far off the time of a read may be; 0: not at all, or nobody knows. */
int64_t identity_bound(const struct rank *r, uint32_t read);
void identity_void(struct rank *r, struct race_id target);
void identity_fill_in(struct rank *r, struct race_id target, uint64_t seq,
    const char *bib);
void identity_amend(struct rank *r, struct race_id target,
    const struct rank_amendment *a);
void identity_add(struct rank *r, struct race_id id,
    const struct rank_added *a);
/* At which point a read was made, as it says itself; POINT_UNKNOWN: at none, or
 * not by a station, or it is no read. */
uint8_t identity_made_at(const struct rank *r, uint32_t read);
/* The node that a read belongs to. */
uint32_t identity_node_of(const struct identity *id, const struct read *read);
/* It counts for whom it belongs to, if that is somebody. */
bool identity_is_linked(const struct read *read);
/* The reads of a node. */
uint64_t identity_count(const struct identity *id, uint32_t node);
void identity_own(struct rank *r, uint32_t node, uint32_t runner);
bool identity_same_chips(struct rank *r, uint32_t runner,
    const struct race_entry *entry);
void identity_claim(struct rank *r, uint32_t runner,
    const struct race_entry *entry);
void identity_disclaim(struct rank *r, uint32_t runner);
bool identity_before(const struct read *a, const struct read *b);
/* The node of the bib that somebody says that a crossing is of, NONE: none. */
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
bool lists_holds(const struct read *read);
void lists_touch(struct rank *r, uint32_t read);
void lists_settle(struct rank *r);
size_t lists_unknowns(struct rank *r, struct race_unknown **all, size_t *cap,
    size_t count);

/* traffic.c */
struct traffic *traffic_new(size_t points);
void traffic_read(struct rank *r, uint32_t read);
void traffic_moved(struct rank *r, uint32_t read, int64_t was_us);

/* people.c */
uint32_t people_new(struct rank *r, uint32_t node);
void people_queue(struct rank *r, uint32_t slot, uint8_t why);
void people_read(struct rank *r, uint32_t slot, uint32_t read);
void people_recount(struct rank *r, uint32_t slot);
struct special *people_special(struct rank *r, uint32_t slot);
enum race_status people_status(const struct rank *r, uint32_t slot);
/* The wave in whose window he crossed the start, -1: in none. */
int people_infer(struct rank *r, uint32_t slot);
/* Whether he has a start of his own. */
bool people_own_start(const struct rank *r, uint32_t slot);
bool people_is_start(const struct rank *r, uint8_t point);
/* Before keep-out of second readers is asked for, of one runner. */
void people_mains(struct rank *r, uint32_t slot, int64_t gun_us);
bool people_admits(const struct rank *r, const struct read *read);
/* -1: too early, 1: too late, 0: neither. */
int people_timely(const struct rank *r, int64_t gun_us,
    const struct read *read);
int64_t people_first_elsewhere(const struct rank *r, uint32_t slot);
void people_facts(const struct rank *r, uint32_t slot, struct facts *out);
int64_t people_elapsed(const struct rank *r, uint32_t slot,
    const struct facts *f, enum race_by by, int point);
/* The time that decides: with `ties: time`, the one shown. */
int64_t people_decisive(const struct race_ranking *rule, int64_t elapsed_us);
void people_key(const struct rank *r, const struct race_ranking *rule,
    uint32_t slot, const struct facts *f, struct race_key *out);
void people_share(const struct rank *r, const struct race_ranking *rule,
    uint32_t slot, const struct facts *f, struct share *out);
void people_row(const struct rank *r, const struct race_ranking *rule,
    uint32_t slot, int64_t *splits, struct race_row *out);

/* heads.c */
void heads_init(struct rank *r);
void heads_close(struct view *v);
/* The runner was settled; moved: the row is another, if there is one. */
void heads_queue(struct view *v, uint32_t slot, bool moved);
void heads_settle(struct rank *r);
/* By what a row is made. */
const struct race_ranking *heads_rule(const struct view *v, uint32_t slot);

/* pending.c */
void pending_init(struct pending *p);
/* The runner was settled. */
void pending_settle(struct rank *r, uint32_t slot, const struct facts *f);

/* teams.c */
uint32_t teams_slot(struct rank *r, const char *name);
void teams_join(struct rank *r, uint32_t runner);
void teams_leave(struct rank *r, uint32_t runner);
void teams_share(struct view *v, uint32_t runner, const struct share *share);
struct share *teams_share_of(const struct view *v, uint32_t runner);
struct sum *teams_sum(const struct view *v, uint32_t team);
void teams_close(struct rank *r);

/* scorers.c */
uint32_t scorers_needed(const struct view *v); /* of a side */
/* A member's score is another; -1: none. */
void scorers_note(const struct view *v, struct sum *s, uint32_t runner,
    int64_t was, int64_t now);
/* By side; returns how many sides have a row. */
size_t scorers_tally(const struct view *v, uint32_t team,
    struct tally out[RACE_SIDES_MAX]);

/* standings.c */
void standings_init(struct view *v);
void standings_close(struct view *v);
/* The runner was settled; f: NULL if he is not in the ranking.  Adds to his
 * share what he scores as far as that is known. */
void standings_note(struct view *v, uint32_t slot, const struct facts *f,
    struct share *share);
void standings_settle(struct view *v);

/* squads.c: slots are those of rows, `sides` a company */
uint32_t squads_sides(const struct view *v);
struct squad *squads_at(const struct view *v, uint32_t slot);
const char *squads_label(const struct view *v, uint32_t slot);
uint32_t squads_find(const struct view *v, const char *label);
void squads_settle(struct view *v);
void squads_row(const struct view *v, uint32_t slot, struct race_row *out);

/* rank.c */
void rank_settle(struct rank *r);
void rank_move(struct rank *r, uint32_t slot, uint64_t views, uint32_t team);
uint32_t rank_node_runner(const struct rank *r, const char *bib);
struct cell *rank_cell(const struct view *v, uint32_t slot);
bool rank_same_key(const struct race_key *a, const struct race_key *b);
void rank_keep_order(struct view *v);
void rank_list(struct slots *list, uint32_t slot);
void rank_set(struct view *v, uint32_t slot, struct cell *cell,
    const struct race_key *key);

#endif
