/*
 * ledger - what was published and decided about a season: the events of
 * season.db, and what of them holds, told to a struct season (PROTOCOL.md
 * 3.10).
 *
 * A function of the set of events, which come in any order but that those of
 * one stream come in theirs.  Pure.
 */
#ifndef RACE_SEASON_LEDGER_H
#define RACE_SEASON_LEDGER_H

#include "race/rulings.h"
#include "race/season/season.h"

struct ledger;

/* s is told, and outlives the ledger. */
struct ledger *ledger_new(struct season *s);
void ledger_free(struct ledger *l);

/* An alias of the files, which is told through the ledger, for what is decided
 * about that name comes before it.  Copied. */
void ledger_alias(struct ledger *l, const char *written, const char *team,
    const char *subject);

/* 0, or -EEXIST for a repeat of a decision; what is no matter of a season
 * changes nothing.  Copied. */
int ledger_apply(struct ledger *l, struct race_id id,
    const struct race_event *e);

/* Tells the season what has changed since; until then it is as it was. */
void ledger_settle(struct ledger *l);

/* Some publication holds: the season has the lines that are published, and
 * what the files say otherwise is not yet said to anybody. */
bool ledger_published(const struct ledger *l);

/* The line of that key as it is published; NULL: there is none.  Valid until
 * the next event. */
const struct race_listed *ledger_line(const struct ledger *l, uint64_t key);

/* All of them, in the order in which their keys first came. */
typedef void (*ledger_line_fn)(void *arg, const struct race_listed *line);
void ledger_lines(const struct ledger *l, ledger_line_fn fn, void *arg);

/* What was decided, by numbers. */
const struct rulings *ledger_rulings(const struct ledger *l);

#endif
