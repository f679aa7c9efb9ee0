/*
 * decisions - random small races in which operators decide all sorts of things,
 * and undo them, and undo that: few bibs, points and moments, so that most of
 * it meets.
 */
#ifndef TESTS_SUPPORT_DECISIONS_H
#define TESTS_SUPPORT_DECISIONS_H

#include "support/model.h"

enum { DECISIONS_EVENTS = 160, DECISIONS_BIBS = 8, DECISIONS_STREAMS = 5 };

#define DECISIONS_BASE_US INT64_C(1400000000000000)

/* What an event's pointers lead to. */
struct decisions_body {
	struct race_decision decision;
	struct race_entry entry;
	const char *chips[1];
};

struct decisions {
	uint64_t *random;
	struct race_wave waves[2];
	struct race_point points[3];
	struct race_ranking rankings[6];
	struct race_rules rules;
	struct model_event events[DECISIONS_EVENTS];
	struct decisions_body bodies[DECISIONS_EVENTS];
	size_t count;
	uint64_t seqs[DECISIONS_STREAMS];
};

/* Rules, and so many entries and crossings. */
void decisions_race(struct decisions *d, uint64_t *random, size_t events);

/* One more thing decided: by one of two operators, at one of few moments, about
 * whatever there is or is not. */
void decisions_add(struct decisions *d);

/* One more that undoes events[i], later than all that was. */
void decisions_undo(struct decisions *d, size_t i);

/* A decision, an award or a gun. */
bool decisions_is(const struct model_event *e);

/* Events from .. count - 1 in any order. */
void decisions_shuffle(struct decisions *d, size_t from);

#endif
