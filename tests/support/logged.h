/*
 * logged - a random small race as it was logged, in a recording: with other
 * rules from an event on, and with times that may have been set back.
 */
#ifndef TESTS_SUPPORT_LOGGED_H
#define TESTS_SUPPORT_LOGGED_H

#include "proto/recording.h"
#include "support/decisions.h"

enum { LOGGED_MAX = DECISIONS_EVENTS + 2 };

/* When the first event was received. */
#define LOGGED_BEGIN_US (DECISIONS_BASE_US + INT64_C(3600000000))

struct logged {
	uint64_t random;
	char folder[64];
	char path[128];
	struct decisions d;
	struct race_rules later; /* others, that hold from an event on */
	struct race_ranking rankings[6];
	struct model_event events[LOGGED_MAX]; /* number i + 1 */
	int64_t received_us[LOGGED_MAX];
	size_t count;
	size_t changed; /* index of the later rules */
	struct recording *to;
};

/* A folder for it; of cmocka's kind, as the next. */
int logged_set_up(void **state);
int logged_tear_down(void **state);

/* Another race, instead of the one before.  back: somebody sets the
 * aggregator's clock back now and then. */
void logged_make(struct logged *f, bool back);

/* Of the first so many events: the rules that held then. */
const struct race_rules *logged_rules(const struct logged *f, size_t events);

/* How many events are told at an instant. */
size_t logged_received(const struct logged *f, int64_t us);

#endif
