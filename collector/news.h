/*
 * news - the race as its aggregator knows it now: the points, and who is
 * entered.  For a desk, whose folder knows no late entry, or which has none.
 *
 * Followed as displays do it, of that race.db alone to which the courier's
 * crossings go.  What was known stays while the aggregator is away.
 */
#ifndef COLLECTOR_NEWS_H
#define COLLECTOR_NEWS_H

#include "collector/bibs.h"
#include "collector/courier.h"
#include "common/loop.h"

struct news;

/* All are borrowed; whom as the courier has it.  What is in bibs stays until
 * the aggregator's entries have come. */
int news_open(struct news **out, struct loop *l,
    const struct courier_whom *whom, const struct courier *courier,
    struct bibs *bibs, struct err *err);
void news_free(struct news *n);

/* What is new since the last turn. */
enum { NEWS_RULES = 1, NEWS_ENTRIES = 2 };

/* To be called at each turn.  Of 50,000 entries a change costs some 10 ms, so
 * that they are taken at most once a second. */
unsigned news_turn(struct news *n, int64_t now_mono_us);
int64_t news_deadline(const struct news *n, int64_t now_mono_us);

/* NULL until they have come; valid until the next turn. */
const struct race_rules *news_rules(const struct news *n);

/* What the aggregator complains of, while it is heard; "" for nothing. */
const char *news_trouble(const struct news *n);

#endif
