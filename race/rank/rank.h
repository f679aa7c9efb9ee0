/*
 * rank - the core: rankings of people and teams, kept as events come.
 *
 * The rows are a function of the *set* of events (rules, entries, crossings,
 * corrections): not of their order, the wall clock or addresses.  Every
 * comparison ends in a unique key.  No floating point.  Pure: no clock, socket,
 * file, log or global.
 *
 * What counts (sources in rules.md terms: RACE RESULT kb 3978, World Athletics
 * TR 19.24):
 * - t is a read's time: time_us, and of what a laptop has stamped the corrected
 *   time by its own offset or by a clock estimate (PROTOCOL.md 3.7).  g is the
 *   runner's own start if he has one (decided, else his entry's), else the gun
 *   of his wave.  An entry without wave runs in the first one until he crosses
 *   the start in the window of another (gun <= t < gun + window_us; of several
 *   the one with the latest gun), and then in that one, until he crosses it in
 *   that of a third.  Not if he was read elsewhere before, at a time that is
 *   neither too early nor too late in that wave or in the one before: then he
 *   was under way, and runs past the start.  A start that an operator has set
 *   is the only read looked at.
 * - The first point, if it lies at 0 m, is the start.  At any other point the
 *   first read with g + min_us <= t <= g + max_us (if there is one) counts.  At
 *   the start the last read counts that is not after the first counting read
 *   elsewhere.  A read that names a point's backup counts as one of the point
 *   if it is admitted: no read of the runner that names the point itself, and
 *   is neither too early nor too late, is within tolerance_us of it.
 * - What operators decided (PROTOCOL.md 3.9) comes before all that: a time that
 *   was set at a point is the one that counts there, whatever was read, early
 *   or late; a decided status holds over the entry's.  A penalty is added to
 *   the elapsed time at the last point (never below 0): in keys, elapsed_us and
 *   teams, not in splits.  Of two times that are set at one point (one was
 *   moved there) the first counts.  An added read is no crossing: it is not
 *   looked at for rank_latest() and rank_traffic().
 * - Net start = max(g, start read), g if there is none.
 * - A read with a bib belongs to that bib, else to its chip; a bib or chip that
 *   nobody has is kept and counts as soon as somebody has it.  Of two entries
 *   that claim one chip the lower bib has it (text_label_cmp).
 * - Where bibs are listed by one laptop (RACE_FLAG_LISTED) and times stamped
 *   without bib by another, the two lists are joined, point by point, and a
 *   time belongs to the bib that it is joined to (PROTOCOL.md 3.8).  A listed
 *   crossing is no read.  What cannot be told for certain is joined to nobody:
 *   a conflict, or still open at the end of the lists.
 * - Status: the entry's own if given; else finished with a counting read at the
 *   last point, running with any, RACE_STATUS_NONE ("not seen") with none: a
 *   missing start is not a DNS, which somebody has to say.
 * - Runners at a point: placed are finished or running with a counting read
 *   there and a gun; keys: elapsed.  Live (RACE_LIVE): placed are those with a
 *   counting read anywhere; keys: further first, then elapsed there.  By km:
 *   also DNF and OTL; keys: metres (more first), then elapsed.
 *   A gun is needed for a place in all three; no elapsed is below 0 (who is
 *   over the start line before the gun has 0 there).
 * - Everybody in the filter has a row; unplaced ones by group, running ones by
 *   how far they are and when, the others by label.
 * - Teams (rules.md, "Teams and companies"): members are the entries of a team
 *   that pass the filters, whatever became of them.  A team without members, or
 *   with fewer than size_min or more than size_max (0: any), has no row.  Its
 *   point is -1.
 *   - By time: a member who would be placed in the ranking of runners counts
 *     with his elapsed.  By places: with his place there, in the ranking of all
 *     runners with the same filters, `at`, `by` and `ties`: everybody has a
 *     place who has one there, without a team and of an incomplete one too
 *     (nobody is left out as in cross-country).
 *   - `best` of those who count are scorers (K): the first by score, then by
 *     bib.  With a quota the best `women` women, the best `men` men, and the
 *     best of all others for the rest; X and "" fill the rest alone.  No set
 *     that has the quota is better in any position.
 *   - `sides` > 1: these are side A; of those who are left, B is made in the
 *     same way, then C ...  A side has a row if it is the first, or if the one
 *     before is complete and somebody is left who fits.  Labels are the team's,
 *     a blank and the letter, of an only side too.  Who is left in the end
 *     scores for nobody.  Slots: team * sides + side.
 *   - Placed with K scorers; keys: their sum (mean: the sum too, for all have
 *     K; last: the K-th), the K-th, the first; equal ones share their place.
 *     With fewer: more counted first, then the smaller sum (last: the last).
 *     elapsed_us is the sum, the last, or the mean with what it has over a
 *     microsecond rounded up; by places `places` is the sum or the last one's
 *     place, and elapsed_us -1.  women and men are those of the scorers where
 *     there is a quota.
 *   - By km: metres of the furthest point of each member that is finished,
 *     running, DNF or OTL; keys: metres (more first), counted runners (more
 *     first), total elapsed there.  Counted are those with metres, with or
 *     without a gun (then elapsed 0).  `average`: metres by counted runner,
 *     compared as exact fractions, then as before; `metres` is the sum all the
 *     same, and the quotient is for who shows it.
 *   - Not placed: RUNNING while it may still be complete: a member who is not
 *     out (DNS, DNF, DSQ, OTL, NC) does not yet count, and with all of those
 *     there would be K, with the quota, for this side and those before it (by
 *     km: somebody is not out).  Else the team is DNF if somebody counts and
 * DNS if nobody does, in the groups of these names, and in the same order
 *     there.  An entry that comes late makes it RUNNING again.
 *   - finishers: members that have finished; with sides those of the scorers.
 * - without: who is placed among the first n of another ranking has no row;
 *   all who share the n-th place are among them.  What would close a circle,
 *   in the order of the rankings, means nothing, nor does what is no ranking of
 *   runners.
 * - gun_first, runners by net: who would be among the first n by gun stands in
 *   front, and his row is that of a ranking by gun; all others are behind, by
 *   net.
 * - Categories and teams are those of race/category.h and race/team.h:
 * spellings of one team are one team.
 * - Ties, runners: `shared`: equal stored times share a place (two runners that
 *   are 0.2 s apart do not, whatever is shown).  `order`: equal stored times
 *   keep the order in which one stream recorded them; a group of equals from
 *   more than one stream shares.  `time`: the time as shown decides, so equal
 *   shown times share (with round up-second the key is the next whole second).
 */
#ifndef RACE_RANK_RANK_H
#define RACE_RANK_RANK_H

#include "race/types.h"

struct rank;

/* rules are copied. */
struct rank *rank_new(const struct race_rules *rules);
void rank_free(struct rank *r);

/* Sets or replaces the entry of that bib.  What is kept is copied. */
void rank_entry(struct rank *r, const struct race_entry *entry);
void rank_entry_gone(struct rank *r, const char *bib);

/* 0, or -EEXIST if (stream, seq) was applied before: nothing changes then. */
int rank_apply(struct rank *r, struct race_id id,
    const struct race_crossing *crossing);

/* A hint: these come next, in that order, of which RANK_EXPECTED are looked at.
 * What they need is fetched; nothing changes. */
enum { RANK_EXPECTED = 16 };
void rank_expect(const struct rank *r, const struct race_event *events,
    size_t count);

/*
 * RACE_VOID, RACE_FILL_IN and RACE_CLOCK.  May come before what they speak of.
 * Of several fill-ins the greatest seq holds.  An estimate decides the
 * crossings of its stream and epoch again: O(those).  0; -EEXIST for a repeat;
 * -ENOTSUP for any other kind.
 */
int rank_correct(struct rank *r, struct race_id id,
    const struct race_event *event);

/* ---- what operators decided: each call replaces the one before ---- */

/* About a crossing, or a read that was added, which may come later.  NULL: as
 * it says itself.  An unknown point makes the read unusable. */
struct rank_amendment {
	bool voided;
	const char *bib;
	const char *point;
};
void rank_amend(struct rank *r, struct race_id read,
    const struct rank_amendment *a);

/* A read that nobody made but an operator, under the decision's name.  set: it
 * is the one that counts at its point.  NULL: it is no longer there. */
struct rank_added {
	const char *bib;
	const char *point;
	int64_t time_us;
	bool set;
};
void rank_add(struct rank *r, struct race_id id, const struct rank_added *a);

/* About who has or will have the bib. */
struct rank_ruling {
	enum race_status status; /* RACE_STATUS_NONE: nothing was decided */
	int64_t penalty_us;
	int64_t start_us; /* 0: nothing was decided */
};
void rank_rule(struct rank *r, const char *bib, const struct rank_ruling *what);

/* RACE_NO_TIME: that of the rules.  Waves that there are not: nothing. */
void rank_gun(struct rank *r, const char *wave, int64_t gun_us);

/* The latest corrected time of all crossings that were not taken back, by their
 * station or an operator; RACE_NO_TIME: none came. */
int64_t rank_latest(struct rank *r);

/* ---- what came out; v is an index into the rules' rankings ---- */

/*
 * Slots are the rows in no order, 0 <= slot < rank_slots(); a slot is never
 * reused.  rank_row returns false if that slot has no row in v (any more); its
 * label is set all the same.  out->splits and labels are valid until the next
 * call that changes r or asks for a row.
 */
size_t rank_slots(const struct rank *r, size_t v);
bool rank_row(struct rank *r, size_t v, uint32_t slot, struct race_row *out);

/* Slots of v changed since they were last taken, each once; at most cap.
 * Call until it returns 0. */
size_t rank_take_changes(struct rank *r, size_t v, uint32_t *slots, size_t cap);

size_t rank_count(struct rank *r, size_t v); /* rows */

/* Sum modulo 2^64 of row_hash() of the rows of v. O(rows changed since). */
uint64_t rank_digest(struct rank *r, size_t v);

struct places_line;

/* Who stands where, as rank_rows() without the rows. */
size_t rank_lines(struct rank *r, size_t v, size_t from,
    struct places_line *out, size_t cap);

/* A row with its place. */
struct rank_standing {
	struct race_row row;
	uint32_t slot;
	uint32_t place; /* 0: none */
	bool tied;      /* shares its place */
};

/*
 * Rows `from` (0: the first) in the order of the listing; returns how many were
 * written, at most cap; splits live until the next change or call.
 */
size_t rank_rows(struct rank *r, size_t v, size_t from,
    struct rank_standing *out, size_t cap);

/* Place of a label: 0 if it has none or no row.  O(log n). */
uint32_t rank_place(struct rank *r, size_t v, const char *label);

/*
 * Provisional: a place that a crossing may still change which is made after the
 * latest one that came (rank_latest; never the wall clock), by somebody of the
 * roster who is neither in nor out.
 * - In: who has a counting read at the ranking's point, or at the last one
 *   where it is live, or by km.  Out: DNS, DNF, DSQ, OTL, NC; whoever has no
 *   read is not, until somebody says so.
 * - Everybody else arrives later than the latest crossing, and so with no less
 *   than what has passed since his start, and his penalty.  That start: his
 *   own, else the gun's; by net that of the start read, or any moment from now
 *   on while he has no read; of who may yet be put into a wave by the start
 *   line, the latest gun of those; any moment while there is no gun.
 * - Of a ranking that looks at the first of another all is provisional until
 *   those are certain; of one with the first by gun in front the others are
 *   while those are.  Of teams all is while a member may still come.
 * What already came is taken as it is: by net a start read, though he might
 * start again, what a second reader saw, and the lists of two laptops.
 */
/* Sets open and from, else 0.  O(1), and O(runners) once when the last one that
 * was started has come. */
void rank_provisional(struct rank *r, size_t v, struct race_outlook *out);

/* ---- why ---- */

/*
 * Of a read that does not count, the first that is true of:
 * - taken back: VOIDED, VOIDED_BY_OPERATOR (both: VOIDED);
 * - nobody's, or somebody else's: NOWHERE, NOT_OURS;
 * - another time was set at its point: OVERRULED;
 * - away from the start: TOO_EARLY, TOO_LATE, BACKUP, REPEAT, NOT_FIRST;
 * - at the start: BACKUP, UNDER_WAY (after the first read that counts
 *   elsewhere), REPEAT, NOT_LAST.
 */
enum rank_why {
	RANK_COUNTS,
	RANK_SET,       /* counts, because an operator set it */
	RANK_OVERRULED, /* another time was set here */
	RANK_VOIDED,    /* by its own station */
	RANK_VOIDED_BY_OPERATOR,
	RANK_TOO_EARLY, /* before min_us */
	RANK_TOO_LATE,  /* after max_us */
	RANK_NOT_FIRST, /* another one came before, more than gap_us */
	RANK_REPEAT,    /* within gap_us of the one that counts */
	RANK_NOT_LAST,  /* at the start: another one came later */
	RANK_UNDER_WAY, /* at the start: was elsewhere before */
	RANK_BACKUP,    /* the point's own reader has him */
	RANK_NOT_OURS,  /* the chip is an entry's with a lower bib; the bib was
	                 * changed or moved to somebody else; or nobody has it */
	RANK_NOWHERE    /* at a point that is not on the course */
};

/* A read of a runner. */
struct rank_read {
	struct race_id id;
	int point;        /* index; -1: not on the course */
	int64_t time_us;  /* corrected */
	int64_t bound_us; /* 0: not at all, or nobody knows */
	enum rank_why why;
	struct race_id by; /* the read that counts in its place; seq 0: none */
	bool backup;
	bool added; /* by an operator */
};

/* All reads of a bib, in the order of (time, name); with those of which anybody
 * says that they are the bib's, or that name a chip of his and no bib, and are
 * not his.  Lines of lists are no reads.  O(his, and those that were corrected,
 * of all).  *out for free(). */
size_t rank_reads(struct rank *r, const char *bib, struct rank_read **out);

/* Those alone that are his: for who asks about everybody, O(those). */
size_t rank_own_reads(struct rank *r, const char *bib, struct rank_read **out);

/* A crossing, or a read that was added, as it is taken now. */
struct rank_crossing {
	int point;         /* index; -1: not on the course */
	int64_t time_us;   /* corrected */
	const char *bib;   /* whose it is, "": nobody's */
	const char *under; /* the bib or chip that says so, "": there is none */
	bool voided;       /* by its station or an operator */
	bool dismissed;    /* by an operator */
	bool listed;       /* a line of a list: no read */
};
/* False: none of that name has come.  Texts are valid until the next change. */
bool rank_find(struct rank *r, struct race_id id, struct rank_crossing *out);

/* When a wave was started, by its index; RACE_NO_TIME: it was not. */
int64_t rank_wave_gun(const struct rank *r, size_t wave);

/* From what a runner's times are counted. */
struct rank_start {
	int wave;                /* index, -1: unknown */
	bool inferred;           /* from the start crossing */
	bool own;                /* a start of his own */
	int64_t gun_us;          /* or his own start; RACE_NO_TIME: none yet */
	int64_t crossed_us;      /* the start read, RACE_NO_TIME: none counts */
	enum race_status status; /* what follows, with what was decided */
	int64_t penalty_us;
};
/* False: nobody has the bib. */
bool rank_start(struct rank *r, const char *bib, struct rank_start *out);

/* ---- what could not be used ---- */

/*
 * All there is, by kind then text; conflicts, and then what is open, by point,
 * in the order of its lists.  A read is told once: a time without bib that is
 * in a conflict, or open, is not told as nobody's.  *out for free(); texts are
 * valid until the next call.  Returns the count.
 */
size_t rank_unknowns(struct rank *r, struct race_unknown **out);

/* Reads of a bib or chip that nobody has: they are his who gets it.  0:
 * somebody has it.  O(those). */
uint64_t rank_waiting(struct rank *r, enum race_unknown_kind kind,
    const char *text);

/* Reads that are nobody's, and listed crossings in conflicts.  The times in
 * conflicts are nobody's anyway. */
uint64_t rank_unknown_reads(struct rank *r);

/* What is in conflict at a point, all conflicts of it added up. */
struct rank_conflict {
	uint64_t conflicts;
	uint64_t times;
	uint64_t bibs;
	int64_t first_us; /* of both lists; INT64_MAX: there is none */
};

/* point: its index in the rules.  O(conflicts). */
void rank_conflict(struct rank *r, size_t point, struct rank_conflict *out);

/* Of a point, by its index in the rules. */
struct rank_traffic {
	/* All that arrived, of unknown people and voided ones too: somebody was
	 * at work there. */
	uint64_t reads;
	int64_t last_us; /* the latest of them, RACE_NO_TIME: none */
};

/* O(1); O(reads) once after a clock estimate that brought the latest one back.
 */
void rank_traffic(struct rank *r, size_t point, struct rank_traffic *out);

struct rank_awaited {
	uint32_t missed; /* read further on, and have passed here */
	uint32_t late;   /* read before, and should have come */
	uint32_t passed; /* have a counting read here */
};

/* Runners awaited at a point at the race time now_us, whose last read there was
 * at last_us (PROTOCOL.md 5.1).  O(runners). */
void rank_awaited(struct rank *r, size_t point, int64_t last_us, int64_t now_us,
    struct rank_awaited *out);

/* How often lists were joined anew: while it is the same, no conflict has
 * changed. */
uint64_t rank_joins(struct rank *r);

#endif
