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
 *   gun of the runner's wave (an entry without wave runs in the first).
 * - The first point, if it lies at 0 m, is the start.  At any other point the
 *   first read with t >= g + min_us counts.  At the start the last read counts
 *   that is not after the first counting read elsewhere.
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
 * - Teams by time: the `best` smallest elapsed of placed members; keys: sum,
 *   K-th time, first time.  With fewer: group RUNNING, more counted first, then
 *   the smaller sum.  Teams by km: metres of the furthest point of each member
 *   that is finished, running, DNF or OTL; keys: metres (more first), counted
 *   runners (more first), total elapsed there.  Without metres: group RUNNING.
 *   Members pass the ranking's filters; a team with no such member has no row.
 *   Counted are those with metres, with or without a gun (then elapsed 0).  A
 *   team is finished if placed, else running; its point is -1.
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

/*
 * RACE_VOID, RACE_FILL_IN, RACE_GUN and RACE_CLOCK.  May come before what they
 * speak of.  Of several fill-ins the greatest seq holds, of several guns the
 * greatest (made_us, stream, seq), over that of the rules.  An estimate decides
 * the crossings of its stream and epoch again: O(those).  0; -EEXIST for a
 * repeat; -ENOTSUP for any other kind.
 */
int rank_correct(struct rank *r, struct race_id id,
    const struct race_event *event);

/* The latest corrected time of all crossings, RACE_NO_TIME: none came. */
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

size_t rank_count(const struct rank *r, size_t v); /* rows */

/* Sum modulo 2^64 of row_hash() of the rows of v. O(rows changed since). */
uint64_t rank_digest(struct rank *r, size_t v);

/* A row with its place. */
struct rank_standing {
	struct race_row row;
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

/* ---- what could not be used ---- */

/*
 * All there is, by kind then text; conflicts, and then what is open, by point,
 * in the order of its lists.  A read is told once: a time without bib that is
 * in a conflict, or open, is not told as nobody's.  *out for free(); texts are
 * valid until the next call.  Returns the count.
 */
size_t rank_unknowns(struct rank *r, struct race_unknown **out);

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
	uint64_t reads;  /* all that arrived, of unknown people too */
	int64_t last_us; /* the latest of them, RACE_NO_TIME: none */
};
void rank_traffic(struct rank *r, size_t point, struct rank_traffic *out);

/* Runners awaited at a point at the race time now_us, whose last read there was
 * at last_us (PROTOCOL.md 5.1).  O(runners). */
uint32_t rank_awaited(struct rank *r, size_t point, int64_t last_us,
    int64_t now_us);

/* How often lists were joined anew: while it is the same, no conflict has
 * changed. */
uint64_t rank_joins(struct rank *r);

#endif
