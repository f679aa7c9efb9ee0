/*
 * core - what the files of race/season share; for nobody else.
 *
 *	season.c    the doors: what comes in, rows and accounts
 *	rules.c     the rules: copied, freed
 *	points.c    what a place is worth
 *	identity.c  words, names, who is the subject of a result
 *	results.c   the results, and with whom they share a place
 *	calendar.c  competitions in their order; who may still count
 *	table.c     one table of one season: scores, totals, the order
 *	ties.c      equals, one rule after the other
 *
 * A result that comes, goes or changes what it is worth stamps the `part` in
 * which its subject keeps it, and queues the subject in all tables of its kind.
 * Tables look at what is queued when they are read: table_settle().
 */
#ifndef RACE_SEASON_CORE_H
#define RACE_SEASON_CORE_H

#include "common/strmap.h"
#include "race/order.h"
#include "race/season/index.h"
#include "race/season/season.h"

__extension__ typedef __int128 wide;

/* Less or more than that is cut off: totals stay apart from SEASON_NO_VALUE and
 * can be added and subtracted. */
#define SCORE_MAX (INT64_MAX / 4)

/* ---- points.c ---- */

/* Points of an award, with what makes shares quick. */
struct worth {
	const struct season_points *points;
	int64_t *sums; /* of the first 0, 1, 2 ... places of the list */
};

void worth_init(struct worth *w, const struct season_points *points);
void worth_close(struct worth *w);

/* A place that `shared` have, times weight thousandths. */
int64_t worth_of_place(const struct worth *w, enum season_tied tied,
    uint32_t place, uint32_t shared, int64_t weight);
int64_t worth_of_time(const struct worth *w, int64_t least_us, int64_t time_us,
    int64_t weight);
int64_t worth_weighted(int64_t points, int64_t weight);
int64_t worth_cut(wide sum);

/* ---- results ---- */

/* Rings of results that have something in common. */
enum ring {
	OF_SUBJECT, /* one for each enum season_of: of a competition */
	OF_AWARD = 3,
	OF_SPOT, /* a place of an award */
	OF_RECIPIENT,
	OF_TEAM,
	RINGS
};

struct ring_link {
	uint32_t next;
	uint32_t prev;
};

struct result {
	struct season_result r; /* words, and the note */
	char *note;             /* NULL: none */
	uint64_t key;
	const char *team; /* under its name */
	uint32_t year;
	uint32_t award;
	uint32_t spot; /* NONE: no place */
	uint32_t recipient_word;
	uint32_t team_word;
	uint32_t subject[3]; /* of the crowd; NONE */
	struct ring_link links[RINGS];
	bool used;
};

/* Those who have one place of an award. */
struct spot {
	uint32_t first;
	uint32_t count;
	bool queued;
};

/* Of those who pass a table's filters and have a place. */
struct tally {
	uint32_t *places; /* ascending, each once */
	uint32_t *before; /* how many are in front; one more: of all */
	size_t count;
	uint32_t placed;
	int64_t least_us; /* INT64_MAX: none */
};

struct award {
	uint32_t comp;
	const char *name;
	uint32_t first;
	uint32_t tables;       /* bits: those that count it */
	int16_t *own;          /* by table: which of its awards; -1 */
	struct tally *tallies; /* by table; NULL if none needs them */
	int64_t least_us;      /* INT64_MAX: none */
	bool queued;
};

struct comp {
	uint32_t year;
	uint32_t local; /* of the year's */
	const char *name;
	const struct season_competition *rule; /* NULL: not in the rules */
	bool in_rules; /* held in that season, as the rules have it */
	bool listed;   /* among those of the season */
	uint32_t rank; /* of the listed: where it stands */
	uint32_t tables;
	uint32_t results;
	enum season_state state; /* as it counts */
	enum season_state said;  /* by whoever feeds it */
	bool voided;             /* by the organiser */
	const char *date;        /* the first that is given */
	uint32_t dated;          /* how many give it */
	struct slots awards;
};

/* ---- identity ---- */

struct word {
	const char *text;
	uint32_t recipients; /* ring of results */
	uint32_t teams;
	bool named; /* some name speaks of it */
	bool halved;
	uint32_t half[2];    /* of "A / B" */
	struct slots wholes; /* pairs of which it is a half */
};

/* What of a subject lies in one competition. */
struct part {
	uint32_t comp;  /* of the year's */
	uint32_t first; /* ring of results */
	uint64_t stamp;
};

struct subject {
	const char *name;
	struct part *parts; /* by comp */
	size_t count;
	size_t cap;
};

/* The subjects of one kind of one season. */
struct crowd {
	struct index by_word;
	struct subject *subjects;
	size_t count;
	size_t cap;
};

/* ---- tables ---- */

/* A part as a table counts it. */
struct cell {
	uint64_t stamp;
	uint32_t comp;
	uint32_t lines;
	uint32_t wins;
	uint32_t kept;  /* results within `each` */
	uint32_t told;  /* results that matter in ties, were they dropped */
	uint32_t place; /* of one of those: of the only one, mostly */
	bool based;     /* has a score of more than bonus awards */
	bool extra;     /* has one of bonus awards */
	bool took_part;
	int64_t base;
	int64_t bonus;
	int64_t rest; /* beyond `each` */
};

/* Sparse: who has something earlier is better, then who has more. */
struct trait {
	int64_t at;
	int64_t value;
};

struct traits {
	struct trait *list;
	size_t count;
	size_t cap;
};

struct block;

struct row {
	struct cell *cells; /* by comp, as the parts */
	size_t count;
	size_t cap;
	int64_t total;
	int64_t dropped;
	uint32_t counted;
	uint32_t scored; /* competitions with a score of his own */
	uint32_t took_part;
	uint32_t wins;
	uint32_t lines;
	enum season_standing standing;
	bool present;
	bool queued;
	struct block *block;   /* his equals, once they have been parted */
	uint32_t seat;         /* among them */
	struct traits *traits; /* by tie rule, once somebody asked */
	uint32_t traits_known; /* bits */
};

/* Equals, in their order. */
struct block {
	uint32_t *subjects;
	uint32_t *classes; /* where those begin with whom the place is shared */
	uint32_t *sizes;   /* of the class */
	struct season_reason *reasons;
	size_t count;
};

struct decision {
	const char *before;
	const char *behind;
	char *note;
};

/* A competition, for all rows of a table. */
struct plan {
	bool required;
	uint32_t rank;
	int64_t lack; /* points of a result that is missing; NO_VALUE */
};

struct table {
	struct season *season;
	struct year *year;
	const struct season_table *rule;
	uint32_t number;
	uint32_t bit;
	bool less;        /* is better */
	struct row *rows; /* by subject */
	size_t cap;
	struct slots queue;
	struct order *order;
	/* Of the calendar: */
	uint32_t at_least;
	uint32_t to_come;
	struct slots required; /* compulsory competitions, of the year's */
	struct plan *plans;    /* by competition of the year */
	bool all;              /* rows have to be looked at */
	struct decision *decisions;
	size_t decision_count;
	size_t decision_cap;
};

struct year {
	uint32_t number;
	const char *label;
	uint32_t results;
	struct slots comps;  /* as they came */
	struct slots listed; /* in their order */
	bool reorder;
	struct crowd crowds[3];
	struct table *tables;
	struct slots awards; /* queued */
	struct slots spots;
};

/* What a table asks of a result (NULL: nothing), and how it counts. */
struct filter {
	const char *sex;
	const char *category;
	const char *team;
	bool ratio;   /* times of others matter */
	bool missing; /* results that are not there count */
	struct worth worth;
	struct worth *own; /* by award of the table */
	/* The tie rules; the organiser's decision is the last if it is not
	 * named. */
	struct season_tie *ties;
	size_t tie_count;
};

struct name {
	uint32_t subject; /* word, NONE: withdrawn */
	uint32_t written;
	char *team;
};

struct season {
	struct season_rules *rules;
	struct filter *filters; /* by table */
	bool kinds[3];          /* some table is of it */
	bool any_tally;
	bool any_average;
	bool any_ratio;
	uint64_t stamp;
	struct strmap *words_by_text;
	struct word *words;
	size_t word_count;
	size_t word_cap;
	struct strmap *names_by_text;
	struct name *names;
	size_t name_count;
	size_t name_cap;
	struct index results_by_key;
	struct result *results;
	size_t result_count; /* slots */
	size_t result_cap;
	size_t live;       /* results */
	struct slots gone; /* slots of results that may be used again */
	/* The result that came last, were it gone: its texts are words. */
	uint32_t last;
	struct index spots_by_place;
	struct spot *spots;
	size_t spot_count;
	size_t spot_cap;
	struct index awards_by_name;
	struct award *awards;
	size_t award_count;
	size_t award_cap;
	struct index comps_by_name;
	struct comp *comps;
	size_t comp_count;
	size_t comp_cap;
	struct index years_by_label;
	struct year **years;
	size_t year_count;
	size_t year_cap;
	struct slots seasons; /* years with results, in their order */
	bool resort;
};

/* ---- identity.c ---- */

uint32_t word_of(struct season *s, const char *text);
/* The one copy of text, which lives as long as the season. */
const char *word_text(struct season *s, const char *text);
/* The word that text is, where it probably is that one. */
uint32_t word_near(struct season *s, const char *text, uint32_t guess);
/* A word, NONE for nobody. */
uint32_t identity_subject(struct season *s, enum season_of of,
    const struct result *r);
/* The word under which a word goes. */
uint32_t identity_name(const struct season *s, uint32_t word, const char *team);
void identity_free(struct season *s);

/* ---- results.c ---- */

void ring_add(struct season *s, enum ring ring, uint32_t *first, uint32_t slot);
void ring_remove(struct season *s, enum ring ring, uint32_t *first,
    uint32_t slot);
/* Its subjects' tables look at it again. */
void result_stamp(struct season *s, uint32_t slot);
/* Its names have changed. */
void result_rename(struct season *s, uint32_t slot);
bool result_passes(const struct season *s, const struct result *r,
    uint32_t table);
/* The place that counts in that table, and by how many it is shared. */
void result_place(const struct season *s, const struct result *r,
    uint32_t table, uint32_t *place, uint32_t *shared, int64_t *least_us);
void results_settle(struct season *s, struct year *y);
void results_free(struct season *s);

/* ---- calendar.c ---- */

/* By their words; made if they are not there. */
struct year *year_of(struct season *s, uint32_t word);
uint32_t comp_of(struct season *s, struct year *y, uint32_t word);
uint32_t award_of(struct season *s, uint32_t comp, uint32_t word);
void comp_gain(struct season *s, uint32_t comp, const char *date);
void comp_lose(struct season *s, uint32_t comp, const char *date);
bool comp_held(const struct comp *c);
bool comp_counts(const struct comp *c, const struct table *t);
void calendar_settle(struct season *s, struct year *y);
struct year *calendar_season(struct season *s, size_t season);
void calendar_free(struct season *s);

/* ---- table.c ---- */

/* A competition as it counts for a row: what he has there, and what the rules
 * give who has not. */
struct score {
	int64_t value; /* with its bonus */
	uint32_t comp; /* of the year's */
	uint32_t rank;
	uint32_t cell; /* NONE: no part of his */
	bool loose;    /* bonus awards alone: always counts, and is none of his
	                * competitions */
	bool counts;
	bool required;
	uint32_t missing;
};

/* Scores of one row, in the order of the season. */
struct scores {
	struct score *list;
	size_t count;
	size_t cap;
	uint32_t *picks;
	size_t picks_cap;
	uint32_t *cells; /* by comp.local */
	size_t cells_cap;
};

struct line {
	struct season_line line;
	uint32_t award;
	bool scored; /* has points, or a time */
};

struct lines {
	struct line *list;
	size_t count;
	size_t cap;
};

void table_init(struct table *t, struct season *s, struct year *y,
    uint32_t number);
void table_close(struct table *t);
void table_queue(struct table *t, uint32_t subject);
void table_settle(struct table *t);
void table_scores(const struct table *t, uint32_t subject, struct scores *out);
void scores_close(struct scores *x);
/* Adds the lines of a part; sorted as `each` takes them. */
void table_lines(const struct table *t, const struct part *p,
    struct lines *out);
void lines_close(struct lines *x);
const struct comp *table_comp(const struct table *t, uint32_t local);
struct subject *table_subject(const struct table *t, uint32_t subject);
struct block *table_block(struct table *t, uint32_t subject);
/* <0: a is better than b by what it has in all. */
int table_cmp_key(const struct table *t, const struct row *a,
    const struct row *b);
size_t table_begin(struct table *t, uint32_t subject);

/* ---- ties.c ---- */

struct block *block_new(struct table *t, uint32_t *subjects, size_t count);
void block_free(struct table *t, struct block *b);
void traits_forget(struct table *t, struct row *row);

#endif
