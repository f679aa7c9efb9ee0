/*
 * reach - the aggregator that a verb is about.
 */
#ifndef CONTROL_REACH_H
#define CONTROL_REACH_H

#include <stdint.h>

#include "common/endpoint.h"
#include "common/err.h"
#include "control/verb.h"
#include "race/types.h"

/*
 * Finds it, asks it who it is and sets the process's zone to its race's, so
 * that clock times are those of the race.  -ETIMEDOUT: nobody answers.
 */
int reach(const struct verb_options *o, struct endpoint *to, uint64_t *store,
    struct err *err);

/* The same, and its race's rules, for rules_free(). */
int reach_rules(const struct verb_options *o, struct endpoint *to,
    uint64_t *store, struct race_rules **rules, struct err *err);

/*
 * Whether the aggregator at `peer`, which serves a race of that title from that
 * store, may be listened to: somebody named it, or the race is the folder's (a
 * title that was edited since it started does not make it another one).
 * -ESTALE, with words: it is another race's.
 */
int reach_check(const struct verb_options *o, const char *peer, uint64_t store,
    const char *title, struct err *err);

/*
 * Whether to ask an aggregator before race.db: somebody named one, there is no
 * race folder, or RACE/endpoint says that one holds it (and its lock is held).
 */
bool reach_first(const struct verb_options *o);

#endif
