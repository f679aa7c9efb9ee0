/*
 * options - palmares-collector's command line, checked.
 */
#ifndef COLLECTOR_OPTIONS_H
#define COLLECTOR_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
	const char *point;  /* "": not given */
	const char *source; /* NULL: send what is in the outbox, or archive */
	bool typed;         /* the source is a person at the keyboard */
	bool listed;        /* who types bibs alone */
	const char *race;   /* NULL: none */
	const char *aggregator;
	const char *outbox;
	const char *name;
	double speed; /* 0: as fast as it goes */
	const char *origin;
	const char *gun; /* "": not given */
	bool once;
	int64_t timeout_us; /* 0: none */
	bool quiet;
	bool archive; /* put the outbox aside, and nothing else */
};

/* Exits with 2 for what cannot be, with 0 for --help and --version. */
void options_parse(struct options *o, int argc, char **argv);

#define OPTIONS_PROGRAM "palmares-collector"

#endif
