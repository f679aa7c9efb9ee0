/*
 * folder - the start of a run: race.db is brought up to date with race.yaml and
 * entries.csv, and read into a book.
 *
 * What the files changed since the last start becomes events of the
 * aggregator's own stream (its epoch is the store's id), durable before it
 * takes effect, so that race.db alone tells the race.  entries.csv is compared
 * with what it said last, not with what operators made of it during the race:
 * a restart with an unchanged file undoes nothing.
 */
#ifndef AGGREGATOR_FOLDER_H
#define AGGREGATOR_FOLDER_H

#include "race/book.h"
#include "race/conf.h"
#include "race/store.h"

/*
 * *out is the book under these rules, the caller's; *undecoded counts the
 * stored events that could not be read at all.  Nothing is lost when rules
 * change: events that mean nothing under them stay.
 */
int folder_load(struct book **out, uint64_t *undecoded, struct store *store,
    const struct race_rules *rules, const struct conf_roll *roll,
    struct err *err);

#endif
