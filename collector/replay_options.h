/*
 * replay_options - palmares-replay's command line, checked.
 */
#ifndef COLLECTOR_REPLAY_OPTIONS_H
#define COLLECTOR_REPLAY_OPTIONS_H

#include <stdint.h>

#include "common/instant.h"

/* A moment; without a date it is on the day of the race. */
struct replay_moment {
	const char *text; /* NULL: not given */
	enum instant_form form;
	int64_t us;
};

struct replay_options {
	const char *file;
	const char *race; /* NULL: none */
	const char *aggregator;
	double speed; /* 0: as fast as it goes */
	struct replay_moment from;
	struct replay_moment to;
	int64_t timeout_us; /* 0: none */
};

/* Exits with 2 for what cannot be, with 0 for --help and --version. */
void replay_options_parse(struct replay_options *o, int argc, char **argv);

#define REPLAY_PROGRAM "palmares-replay"

#endif
