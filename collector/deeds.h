/*
 * deeds - what a volunteer entered, took back, filled in and undid, as events
 * of the stream.
 *
 * Pure.  An entry is never altered: it is taken back by a void, its bib is
 * filled in or corrected by a fill-in, and what was taken back comes again as a
 * new crossing with the old time.  Events are numbered here, for nobody else
 * writes to the stream meanwhile; the caller says what has become durable, and
 * until then it may ask for it again.
 */
#ifndef COLLECTOR_DEEDS_H
#define COLLECTOR_DEEDS_H

#include "collector/bibs.h"
#include "collector/clockwork.h"
#include "race/types.h"

#define DEEDS_NONE SIZE_MAX

/* The same bib again within this is told. */
#define DEEDS_AGAIN_US INT64_C(600000000)

struct deeds;

struct deeds_entry {
	uint64_t seq;     /* of its crossing */
	uint64_t touched; /* of the latest event about it */
	int64_t time_us;
	int64_t boot_us;
	struct clockwork_mark mark;
	char bib[RACE_BIB_MAX + 1]; /* "": not known yet */
	bool listed;
	bool gone; /* taken back */
};

/* point and bibs are borrowed; last: event of the stream so far. */
struct deeds *deeds_new(const char *point, const struct bibs *bibs,
    uint64_t last);
void deeds_free(struct deeds *d);

/* An event that the stream has, in order, before anything is done.  What was
 * not typed is passed over. */
void deeds_recall(struct deeds *d, uint64_t seq,
    const struct race_event *event);

size_t deeds_count(const struct deeds *d);
const struct deeds_entry *deeds_entry(const struct deeds *d, size_t i);

/* When that bib was first entered within DEEDS_AGAIN_US before time_us, in an
 * entry before number `end`; RACE_NO_TIME. */
int64_t deeds_seen(const struct deeds *d, size_t end, const char *bib,
    int64_t time_us);

/* ---- what is done ---- */

/* A new entry, of which seq and touched are not looked at; returns its number.
 */
size_t deeds_enter(struct deeds *d, const struct deeds_entry *e,
    int64_t made_us);
void deeds_fill(struct deeds *d, size_t i, const char *bib, int64_t made_us);
/* Takes it back; or brings it back if that was done before. */
void deeds_toggle(struct deeds *d, size_t i, int64_t made_us);

/* What happened to an entry by undoing, or by doing again. */
enum deeds_change { DEEDS_NOTHING, DEEDS_GONE, DEEDS_BACK, DEEDS_REFILLED };

/* DEEDS_NOTHING: there is nothing to undo, or to do again; *i is as it was. */
enum deeds_change deeds_undo(struct deeds *d, int64_t made_us, size_t *i);
enum deeds_change deeds_redo(struct deeds *d, int64_t made_us, size_t *i);

/* An event of the stream that nobody typed. */
void deeds_estimate(struct deeds *d, const struct race_clock_estimate *e,
    int64_t made_us);

/* ---- the events ---- */

/* The last event that was made; those behind what is durable can be had. */
uint64_t deeds_last(const struct deeds *d);
/* Valid until the next call that is not const. */
void deeds_event(const struct deeds *d, uint64_t seq, struct race_event *out);
void deeds_durable(struct deeds *d, uint64_t seq);

/* How many that were typed are in memory alone. */
size_t deeds_unsaved(const struct deeds *d);

#endif
