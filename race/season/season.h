/*
 * season - tables over competitions and years: who has most points, kept as
 * results come.
 *
 * A season ("2014") has competitions ("Podium"), each with awards ("Grand
 * prix") that list recipients by place.  Every table of the rules exists once
 * for each season.  The rows are a function of the *set* of results, states,
 * names and decisions: not of their order, the wall clock or addresses.  Every
 * comparison ends in a unique key.  No floating point.  Pure: no clock, socket,
 * file, log or global.
 *
 * What counts (rules.md, "Season points"):
 * - A subject is a recipient, the team of the recipients, or a pair ("A / B",
 *   in either order), under the name that season_name() gives to what is
 *   written; else as written, byte for byte (team.h says why).  A pair goes
 *   under its own name, in the order as written or in the other one, else its
 *   halves go under theirs.  Who has no such text is no subject.
 * - A result of a table is one that passes its filters (competitions, awards,
 *   sex, category, team under its name) and has a subject, of a competition
 *   that is not void.  Whoever has one has a row, were it of a DNS.
 * - Its points: by the scale that belongs to the award, else to the
 * competition, else to the table: with `given` those that the palmarès itself
 * gives, if it does; else a list, then `beyond` for every further place; from
 * and step; the place itself; the winner's time by its own (the least of who
 * has a place), times K, rounded half up to thousandths.  All that times the
 * weight of the competition, rounded half up to the unit.  Without a place (a
 * ratio: or a time): `taking_part`, and without a place nothing with a status
 * other than finished or none: a place that was given counts whatever the
 * status.  By time: its time, without weight; nothing without one, or with such
 * a status and no place.  Who has nothing has no score.  Places that are
 * shared: each the points of the higher place, or the mean of the places that
 * are shared, rounded half up to the unit.  Who shares is told by the award
 * alone, whatever the table's filters, unless `again`.
 * - `again`: places are counted anew among those who pass the filters, so that
 *   the best woman of an award of all has the points of the first.
 * - A competition's score of a subject is the sum of its best `each` results
 *   there (0: all; of equals the better place, then the award's name, then the
 *   key) and of its results in bonus awards; times are added up.  Bonus awards
 *   alone are added to the total: they are no score, and nothing drops them.
 * - best: the best so many scores count, compulsory competitions among them
 *   whatever they brought; the others are dropped (shown in brackets).  Of
 *   equal scores the one of the earlier competition counts.
 * - missing (points by place, `lowest`, `each`: cross-country): every result
 *   that a subject lacks of `each` in a competition that has been held counts
 *   as so many points as recipients have a place among those who pass the
 *   filters there (of all its awards that count, bonus awards not), and
 *   `missing` more, times the weight; a subject of the season without any score
 *   there has `each` of these.
 * - standing: in, with scores of its own in at least at_least competitions and
 *   in every compulsory one; open, if that can still be with the competitions
 *   that are to come; else out.  Only the first two have places, those who are
 *   in before those who are open.  Compulsory is what the season has and the
 *   table counts, and what is not void.
 *   By time at_least is all competitions of the season unless it is given: all
 *   that the table counts and that are not void.  Where less is better
 *   (`lowest`, by time) it is at least one.
 * - Order: standing, total (more first; `lowest` and by time: who has more
 *   competitions that count, then less first), then the list of tie rules, each
 *   applied to those who are still equal; then the organiser's decisions, if
 *   the list does not name them; then they share the place, and the next is
 *   skipped.
 * - Tie rules look at scores that count and at results within `each` of those,
 *   or, with dropped_in_ties, at all; never at bonus awards.  Head to head goes
 *   by awards: in each, a member of the group is in front of every other one
 *   that is there behind it (no place: behind all places; by time: the time);
 *   who is so more often comes first; of those who are equal again, the duels
 *   among them alone are counted anew, as long as that parts them.  Decisions
 *   that contradict each other in a circle do not count; whoever has no decided
 *   one before him comes first.
 * - The competitions of a season: those of the rules that are held in it, in
 *   that order, then others that have results, by date (without one: last),
 *   then by name.  Held are those with a result (void ones count as held,
 *   without results).  Its date is the first that its results give.
 */
#ifndef RACE_SEASON_SEASON_H
#define RACE_SEASON_SEASON_H

#include "race/types.h"

enum {
	SEASON_POINTS_MAX = 1000, /* places of a list */
	SEASON_TABLES_MAX = 32,
	SEASON_COMPETITIONS_MAX = 2000,
	SEASON_AWARDS_MAX = 256, /* named by a table */
	SEASON_TIES_MAX = 16,
	SEASON_RESULTS_MAX = 5000000
};

/* Greatest of a weight, in thousandths. */
#define SEASON_WEIGHT_MAX INT64_C(100000)

/* ---- rules: season.yaml as understood ---- */

/* Between the names of a pair. */
#define SEASON_BETWEEN " / "

enum season_of { SEASON_RECIPIENTS, SEASON_TEAMS, SEASON_PAIRS };
enum season_by { SEASON_BY_POINTS, SEASON_BY_TIME };
enum season_tied { SEASON_TIED_HIGHER, SEASON_TIED_AVERAGE };

enum season_scale {
	SEASON_LIST,  /* list[place - 1], then beyond */
	SEASON_STEPS, /* from - (place - 1) * step, not below beyond; step >= 0
	               */
	SEASON_PLACE, /* the place itself */
	SEASON_RATIO  /* least time of the award / time * from */
};

struct season_points {
	enum season_scale scale;
	int64_t *list; /* SEASON_UNIT, as all of these */
	size_t count;
	int64_t beyond;
	int64_t from;
	int64_t step;
	int64_t taking_part;
	bool given; /* the result's own points come first */
};

/* An award that a table counts by points of its own; or all awards of a
 * competition that have none. */
struct season_award {
	char *name;
	char *competition; /* "": it is an award, of any of them */
	struct season_points points;
	bool plain; /* those of the table: it is only named */
	/* Its points are added, its places are no wins and break no tie, and it
	 * makes no competition by itself. */
	bool bonus;
};

enum season_rule {
	SEASON_SHARED,       /* no rule parted them */
	SEASON_SCORE,        /* not tied at all: the total differs */
	SEASON_STANDING,     /* in, before open */
	SEASON_WINS,         /* more first places */
	SEASON_COUNT_BACK,   /* more firsts, then more seconds ... over n places
	                      */
	SEASON_HEAD_TO_HEAD, /* more often in front where both were, of all who
	                      * are still equal */
	SEASON_BEST_RESULT,  /* the better best score, then the next best ... */
	SEASON_LATEST,       /* better in the last held, then the one before */
	SEASON_BETTER_IN,    /* better in that competition */
	SEASON_MORE_COMPETITIONS, /* took part in, dropped ones too; where less
	                           * is better: that count (not as a tie) */
	SEASON_LESS_TIME, /* in all that count; who has none is behind */
	SEASON_DECIDED    /* by the organiser: season_decide() */
};

struct season_tie {
	enum season_rule rule;
	uint32_t places;   /* count-back: how many; 0: all */
	char *competition; /* better-in; else "" */
};

struct season_competition {
	char *name;  /* as the palmarès write it */
	char *title; /* "": the name */
	/* Held in these seasons, labels compared by text_label_cmp(); "" for
	 * no limit. */
	char *from;
	char *to;
	int64_t weight; /* thousandths */
};

struct season_table {
	char *name;
	enum season_of of;
	enum season_by by;
	struct season_points points;
	struct season_award *awards; /* points of their own */
	size_t award_count;
	bool only_awards; /* others do not count */
	char **competitions;
	size_t competition_count; /* 0: all */
	char **compulsory;
	size_t compulsory_count;
	char *sex; /* filters, "" for none */
	char *category;
	char *team;
	bool again; /* places among those who pass the filters */
	enum season_tied tied;
	bool lowest;
	uint32_t each;     /* 0: all */
	int64_t missing;   /* SEASON_UNIT; SEASON_NO_VALUE: nothing counts */
	uint32_t best;     /* 0: all */
	uint32_t at_least; /* 0: none; by time: all */
	struct season_tie *ties;
	size_t tie_count;
	bool dropped_in_ties;
};

/* Owned as a whole: season_rules_free(). */
struct season_rules {
	char *title;
	struct season_competition *competitions;
	size_t competition_count;
	struct season_table *tables;
	size_t table_count;
};

void season_rules_free(struct season_rules *rules);
struct season_rules *season_rules_copy(const struct season_rules *rules);

/* Whose points hold for that award: its own, else the competition's, else those
 * of the table (NULL). */
const struct season_award *season_award_of(const struct season_table *t,
    const char *competition, const char *award);

/* ---- what comes in (types.h has struct season_result); copied ---- */

/*
 * A change is looked at when a table is read again, and costs O(competitions)
 * for each subject of which a result is worth something else: its own; where
 * places are averaged, those who share or shared the place; by ratio, if the
 * winner's time changes, and with `again` those of the award who count
 * otherwise.  All rows are looked at when a competition becomes held, void or
 * moves in the order, and with `missing` when one more or less has a place.
 */
struct season;

/* rules are copied. */
struct season *season_new(const struct season_rules *rules);
void season_free(struct season *s);

/* Sets or replaces the result of that key (any number of the caller's). */
void season_put(struct season *s, uint64_t key, const struct season_result *r);
void season_drop(struct season *s, uint64_t key);

/* Of a competition in a season, with results or not. */
enum season_state {
	SEASON_PUBLISHED,
	SEASON_LIVE, /* as if it ended now: the table says provisional */
	SEASON_VOID
};
void season_set_state(struct season *s, const char *season,
    const char *competition, enum season_state state);

/* By the organiser's word, whatever its state is. */
void season_void(struct season *s, const char *season, const char *competition,
    bool voided);

/* What is written so, by somebody of that team ("": of any; a line with the
 * team comes first), is that subject; NULL: is itself again.  Not chained. */
void season_name(struct season *s, const char *written, const char *team,
    const char *subject);

/* Among equals `before` stands before `behind`, with the organiser's words;
 * NULL: no longer. */
void season_decide(struct season *s, const char *season, const char *table,
    const char *before, const char *behind, const char *note);

/* ---- what came out ---- */

/* Seasons with results, in the order of text_label_cmp(). */
size_t season_count(struct season *s);
const char *season_label(struct season *s, size_t season);
int64_t season_find(struct season *s, const char *label); /* or -ENOENT */

struct season_held {
	const char *name;
	const char *title;
	const char *date;
	enum season_state state;
	bool held; /* has results, or is void */
};
/* Competitions of a season in their order; out is filled up to cap; returns how
 * many there are. */
size_t season_competitions(struct season *s, size_t season,
    struct season_held *out, size_t cap);

enum season_standing { SEASON_IN, SEASON_OPEN, SEASON_OUT };

/* Why a row stands before the next one, or shares with it. */
struct season_reason {
	enum season_rule rule;
	uint32_t place; /* count-back: firsts, seconds ...; best result: the
	                 * best, the second best ... */
	/* Counted, points or microseconds; standing: competitions with a score;
	 * a score or time that is not there: SEASON_NO_VALUE. */
	int64_t mine;
	int64_t theirs;
	const char *competition; /* latest, better-in; "" */
	const char *note;        /* decided: what puts the first of those behind
	                          * (by label) there; "" */
};

struct season_row {
	const char *subject;
	enum season_standing standing;
	uint32_t place; /* 0: none */
	bool tied;
	int64_t score;      /* SEASON_UNIT, or microseconds */
	int64_t dropped;    /* scores, and results beyond `each` */
	uint32_t counted;   /* competitions that count, those missed too */
	uint32_t took_part; /* competitions with a result, were it a DNF */
	uint32_t wins;      /* first places, those dropped too */
	uint32_t results;   /* lines of palmarès, bonus awards too */
	struct season_reason
	    before; /* against the next row; the last: SHARED */
};

/* Rows `from` and following, at most cap; returns how many.  Texts are valid
 * until the next change.  O(log n + rows), and the equals among whom they are.
 */
size_t season_rows(struct season *s, size_t season, size_t table, size_t from,
    struct season_row *out, size_t cap);
size_t season_row_count(struct season *s, size_t season, size_t table);
/* The line on which a subject stands, or -ENOENT. */
int64_t season_line(struct season *s, size_t season, size_t table,
    const char *subject);

/* A competition as it counts for a subject. */
struct season_score {
	size_t competition; /* in the order of season_competitions() */
	int64_t score;
	bool counts;
	uint32_t missing; /* results that it lacks, and that count */
	size_t first;     /* of its results, in the list given back beside */
	size_t count;
};
/* A line of a palmarès as it counts. */
struct season_line {
	uint64_t key;
	const struct season_result *result; /* as written */
	uint32_t place;                     /* as counted here */
	uint32_t shared;                    /* by so many; 1: alone */
	int64_t points; /* with the weight; by time: microseconds */
	bool counts;    /* within `each` */
	bool bonus;
};
struct season_account {
	struct season_score *scores;
	size_t score_count;
	struct season_line *lines;
	size_t line_count;
};
/* -ENOENT: no such subject in that table.  Cleared with free() of both. */
int season_account(struct season *s, size_t season, size_t table,
    const char *subject, struct season_account *out);

/*
 * The table as it was after the first `held` competitions of the season that
 * have been held, as a season of its own with that season alone.  O(results of
 * the season).  Free with season_free().
 */
struct season *season_after(struct season *s, size_t season, size_t held);

/* then, of the same s, is season_after() that many: it becomes that of one
 * more.  O(results of that competition). */
void season_go_on(struct season *then, struct season *s, size_t season,
    size_t held);

/* The subject of what is written so by somebody of that team, as it is now.  A
 * team: with team "".  Of a pair: its own name, its halves are the caller's. */
const char *season_subject(struct season *s, const char *written,
    const char *team);

/* All results, in the order of their keys: for who tells history. */
typedef void (*season_result_fn)(void *arg, uint64_t key,
    const struct season_result *r, enum season_state state);
void season_results(struct season *s, season_result_fn fn, void *arg);

#endif
