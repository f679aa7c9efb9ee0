/*
 * rules - a race's rules as an owned struct: copies, looks up, frees.
 */
#ifndef RACE_RULES_H
#define RACE_RULES_H

#include "race/types.h"

struct race_rules *rules_copy(const struct race_rules *rules);
void rules_free(struct race_rules *rules);
bool rules_equal(const struct race_rules *a, const struct race_rules *b);

/* Whether the first point is the start, so that reads there are starts. */
bool rules_has_start(const struct race_rules *rules);
/* Whether who has no wave may get one where he starts. */
bool rules_windows(const struct race_rules *rules);

/* Indices, or -1. */
int rules_point(const struct race_rules *rules, const char *name);
int rules_wave(const struct race_rules *rules, const char *name);
int rules_ranking(const struct race_rules *rules, const char *name);

/* The point at which readers of that name stand: its own, or that of which they
 * are the backup. */
int rules_reader(const struct race_rules *rules, const char *name);

/* "finished", "running", "DNS" ...; "" for none. */
const char *rules_status_name(enum race_status status);
/* The other way, without regard to case; -1 for a word that is none. */
int rules_status(const char *word);

#endif
