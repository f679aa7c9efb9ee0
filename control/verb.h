/*
 * verb - what the verbs of palmares share: each is a program of its own behind
 * one name, with its own file, options and help.
 */
#ifndef CONTROL_VERB_H
#define CONTROL_VERB_H

#include <stdbool.h>

struct verb {
	const char *name;
	const char *program; /* "palmares NAME", for messages */
	const char *summary; /* one line for the list */
	const char *usage;   /* behind "palmares NAME" */
	const char *options; /* lines of --help, beyond the common ones */
	const char *accepts; /* the letters of enum verb_option it takes */
	int (*run)(const struct verb *v, int argc, char **argv);
};

extern const struct verb verb_check;
extern const struct verb verb_status;
extern const struct verb verb_export;
extern const struct verb verb_unknown;
extern const struct verb verb_roster;
extern const struct verb verb_record;
extern const struct verb verb_backup;

/* What stood on the command line; NULL where nothing did. */
struct verb_options {
	const char *race; /* or PALMARES_RACE */
	const char *aggregator;
	const char *format;
	const char *ranking;
	const char *out;
	const char *from;
	const char *by;
	bool offline;
	bool yes;
	bool dry_run;
	bool remove;
	char **rest; /* arguments that are no options */
	int rest_count;
};

enum verb_option {
	VERB_RACE = 'r',
	VERB_AGGREGATOR = 'a',
	VERB_FORMAT = 'f',
	VERB_RANKING = 'k',
	VERB_OUT = 'o',
	VERB_FROM = 'm',
	VERB_OFFLINE = 'l',
	VERB_YES = 'y',
	VERB_DRY_RUN = 'd',
	VERB_REMOVE = 'x',
	VERB_BY = 'b'
};

/* Reads a verb's command line; --help is answered, a mistake ends with 2. */
void verb_options(const struct verb *v, int argc, char **argv,
    struct verb_options *out);

/* Whether somebody said where the aggregator is, so that nothing else will do.
 */
bool verb_aggregator_named(const struct verb_options *o);

#endif
