/*
 * held - the roster as it is, in the order of bibs: from a running aggregator,
 * from race.db, or put together.
 */
#ifndef CONTROL_HELD_H
#define CONTROL_HELD_H

#include <stdint.h>

#include "common/endpoint.h"
#include "common/err.h"
#include "control/verb.h"
#include "race/types.h"

struct held {
	struct race_entry **entries; /* by bib */
	size_t count;
	size_t cap;
	size_t doubles;    /* chips that two entries have */
	char doubled[160]; /* the first of them, in words */
};

void held_clear(struct held *h);

/* One more, behind the others; copied. */
void held_put(struct held *h, const struct race_entry *e);

/* NULL: nobody has the bib.  In the order of bibs alone. */
const struct race_entry *held_find(const struct held *h, const char *bib);
const struct race_entry *const *held_entries(const struct held *h);

/* Whom it is about, and its rules: -ESTALE for another race than that of the
 * folder, for what is changed in another one is hard to undo. */
int held_race(const struct verb_options *o, struct endpoint *to,
    uint64_t *store, struct race_rules **rules, struct err *err);

/* That of the aggregator with this store. */
int held_fetch(const struct verb_options *o, uint64_t store, struct held *h,
    struct err *err);

/* Both at once. */
int held_live(const struct verb_options *o, struct held *h, struct err *err);

/* That of race.db. */
int held_offline(const struct verb_options *o, struct held *h, struct err *err);

#endif
