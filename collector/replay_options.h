/*
 * replay_options - palmares-replay's command line, checked.
 */
#ifndef COLLECTOR_REPLAY_OPTIONS_H
#define COLLECTOR_REPLAY_OPTIONS_H

#include <stdint.h>

#include "collector/replay_faults.h"
#include "collector/replay_when.h"

struct replay_moment {
	const char *text; /* NULL: not given */
	struct when when;
};

struct replay_options {
	const char *file;
	const char *race; /* NULL: none */
	const char *aggregator;
	double speed; /* 0: as fast as it goes */
	struct replay_moment from;
	struct replay_moment to;
	struct replay_moment *pauses; /* each has a text */
	size_t pause_count;
	size_t pause_cap;
	struct fault_wish *faults; /* in their order */
	size_t fault_count;
	size_t fault_cap;
	int64_t timeout_us; /* 0: none */
};

/* Exits with 2 for what cannot be, with 0 for --help and --version. */
void replay_options_parse(struct replay_options *o, int argc, char **argv);

#define REPLAY_PROGRAM "palmares-replay"

#endif
