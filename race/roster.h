/*
 * roster - who is entered: the view that all others are read beside.
 *
 * A function of the set of entry events: of several with one bib an operator's
 * holds over those made from entries.csv, and among equals the one with the
 * greatest (made_us, stream, seq), whatever the order of arrival.
 * Entries have slots (0, 1, 2 ... in order of first appearance, never reused).
 * Pure.
 */
#ifndef RACE_ROSTER_H
#define RACE_ROSTER_H

#include "race/types.h"

struct roster;

/* files: the stream that speaks for entries.csv (the store's id); 0: none does,
 * all are equals. */
struct roster *roster_new(uint64_t files);
void roster_free(struct roster *r);

/* 1 if the roster changed, 0 if not (equal, or an older event).  Copied. */
int roster_put(struct roster *r, int64_t made_us, struct race_id id,
    const struct race_entry *entry);
int roster_remove(struct roster *r, int64_t made_us, struct race_id id,
    const char *bib);

/* That event is no longer there (an operator's decision that was undone): 1 if
 * the roster changed, 0 if not.  It may be put again. */
int roster_withdraw(struct roster *r, struct race_id id, const char *bib);

/* Whether what holds of a bib was said later than that event, which may have
 * been withdrawn; and by which event. */
bool roster_overruled(const struct roster *r, const char *bib, int64_t made_us,
    struct race_id id, struct race_id *by);

/* NULL if nobody has it (any more).  Valid until that entry changes. */
const struct race_entry *roster_find(const struct roster *r, const char *bib);

size_t roster_count(const struct roster *r); /* entries that are there */
size_t roster_slots(const struct roster *r);

/* The entry of a slot, or NULL if it is gone; *bib is set in both cases. */
const struct race_entry *roster_at(const struct roster *r, size_t slot,
    const char **bib);

/* The greatest made_us of all that was said, 0 before. */
int64_t roster_latest(const struct roster *r);

/* Slots changed since they were last taken; at most cap.  Call until 0. */
size_t roster_take_changes(struct roster *r, uint32_t *slots, size_t cap);

/* A chip that two entries have: each made sense when it was said. */
struct roster_double {
	const char *chip;
	const char *bibs[2]; /* an operator's first */
};

/*
 * How many there are, and the first in *out, valid until an entry changes.
 * entries.csv gives no chip twice, so that one of the two is an operator's.
 */
size_t roster_doubles(const struct roster *r, struct roster_double *out);

/* Sum modulo 2^64 of the SipHash of each entry. */
uint64_t roster_digest(const struct roster *r);

/* The same on every machine; entries that differ share one once in 2^64. */
uint64_t roster_entry_hash(const struct race_entry *e);

bool roster_entry_equal(const struct race_entry *a, const struct race_entry *b);

/* A copy in one block, for free(). */
struct race_entry *roster_entry_copy(const struct race_entry *e);

#endif
