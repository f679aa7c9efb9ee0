/*
 * inputs - the files that a season was read from, and whether they are still as
 * they were then.
 *
 * They are never opened: what counts is which file it is, its length, and when
 * it was changed, were it its rights alone.
 */
#ifndef AGGREGATOR_INPUTS_H
#define AGGREGATOR_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum inputs_kind {
	INPUTS_SEASON, /* a season folder */
	INPUTS_RACE    /* the race.yaml and race.db of a race folder */
};

struct inputs {
	struct input {
		enum inputs_kind kind;
		char *dir;
		uint64_t look;
	} * list;
	size_t count;
	size_t cap;
};

/* A folder, as it is now: before it is read, for it may change meanwhile. */
void inputs_add(struct inputs *in, enum inputs_kind kind, const char *dir);
void inputs_clear(struct inputs *in);

/* Whether a folder of that kind is not as it was. */
bool inputs_changed(const struct inputs *in, enum inputs_kind kind);

#endif
