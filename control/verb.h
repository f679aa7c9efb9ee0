/*
 * verb - what the verbs of palmares share: each is a program of its own behind
 * one name, with its own file, options and help.
 */
#ifndef CONTROL_VERB_H
#define CONTROL_VERB_H

#include <stdbool.h>
#include <stdint.h>

#include "control/story.h"
#include "race/past.h"

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
extern const struct verb verb_verify;
extern const struct verb verb_cut;
extern const struct verb verb_anonymise;
extern const struct verb verb_backup;
extern const struct verb verb_log;
extern const struct verb verb_history;
extern const struct verb verb_explain;
extern const struct verb verb_compare;
extern const struct verb verb_problems;
extern const struct verb verb_mark;
extern const struct verb verb_penalty;
extern const struct verb verb_time;
extern const struct verb verb_add;
extern const struct verb verb_void;
extern const struct verb verb_move;
extern const struct verb verb_swap;
extern const struct verb verb_gun;
extern const struct verb verb_start;
extern const struct verb verb_change;
extern const struct verb verb_enter;
extern const struct verb verb_remove;
extern const struct verb verb_aside;
extern const struct verb verb_undo;
extern const struct verb verb_correct;
extern const struct verb verb_reads;
extern const struct verb verb_awards;
extern const struct verb verb_award;
extern const struct verb verb_publish;
extern const struct verb verb_init;
extern const struct verb verb_clone;
extern const struct verb verb_unpack;
extern const struct verb verb_what_if;
extern const struct verb verb_season;

struct verb_said;

/* What stood on the command line; NULL where nothing did. */
struct verb_options {
	const char *race; /* or PALMARES_RACE */
	const char *aggregator;
	const char *format;
	const char *ranking;
	const char *out;
	const char *from;
	const char *by;
	const char *reason;
	const char *station;
	const char *bib;
	const char *point;
	const char *kind;
	const char *since;
	const char *until;
	const char *last;
	const char *to;
	const char *note;
	const char *title;
	const char *date;
	const char *timezone;
	const char *points;
	const char *waves;
	const char *rankings;
	const char *prizes;
	const char *season;
	const char *after;
	const char *plot;
	const char *seed;
	const char *team;
	/* A race as it stood; NULL: as it is. */
	const char *at;
	const char *at_seq;
	bool at_clock; /* a time of day: */
	int64_t at_us; /* after midnight, else UTC */
	uint64_t at_log;
	bool offline;
	bool yes;
	bool dry_run;
	bool remove;
	bool watch;
	bool unknown;
	bool collected;
	bool back;
	bool all;
	bool print;
	bool page;
	bool entries;
	bool unseen;
	const char *rules;
	/* Options that may stand there often, in their order. */
	struct verb_said *said;
	size_t said_count;
	size_t said_cap;
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
	VERB_BY = 'b',
	VERB_REASON = 'e',
	VERB_UNKNOWN = 'q',
	VERB_WATCH = 'w',
	VERB_STATION = 's',
	VERB_BIB = 'i',
	VERB_POINT = 'p',
	VERB_KIND = 'c',
	VERB_SINCE = 'g',
	VERB_UNTIL = 'u',
	VERB_LAST = 'n',
	VERB_TO = 't',
	VERB_NOTE = 'v',
	VERB_COLLECTED = 'j',
	VERB_BACK = 'z',
	VERB_ALL = 'A',
	VERB_PRINT = 'P',
	VERB_PAGE = 'G',
	VERB_TITLE = 'T',
	VERB_DATE = 'D',
	VERB_TIMEZONE = 'Z',
	VERB_POINTS = 'O',
	VERB_WAVES = 'W',
	VERB_RANKINGS = 'K',
	VERB_PRIZES = 'R',
	VERB_ENTRIES = 'E',
	VERB_SEASON = 'S',
	VERB_AFTER = 'F',
	VERB_PLOT = 'L',
	VERB_TEAM = 'M',
	VERB_UNSEEN = 'N',
	VERB_AT = 'I',
	VERB_AT_SEQ = 'Q',
	VERB_SEED = 'J',
	VERB_RULES = 'B',
	VERB_GUN = 'C',
	VERB_VOID = 'H',
	VERB_UNDO = 'U',
	VERB_DO = 'X'
};

struct verb_said {
	enum verb_option letter;
	const char *text;
};

/* Reads a verb's command line; --help is answered, a mistake ends with 2. */
void verb_options(const struct verb *v, int argc, char **argv,
    struct verb_options *out);

/* A word that is no option names the recording, as --from does; it has to be
 * there. */
void verb_recording(const struct verb *v, struct verb_options *o);

/* Checks what all verbs share that read the past, with --format text (default)
 * or json: whether it is json.  A mistake ends with 2. */
bool verb_past_options(const struct verb *v, struct verb_options *o);

/* The past that the options name, as past_load() and past_more() do. */
int verb_load(const struct verb_options *o, struct past *out, past_fn fn,
    void *arg, struct err *err);

/* The same, and of a recording of a season too: its book is empty. */
int verb_load_any(const struct verb_options *o, struct past *out, past_fn fn,
    void *arg, struct err *err);
int verb_more(const struct verb_options *o, struct past *p, past_fn fn,
    void *arg, struct err *err);

/* What tells it; valid for the life of p, and until more of it is read. */
struct story verb_story(const struct past *p);

/* Checks that a verb which writes a race folder into a file has both, and that
 * the folder is there.  A mistake ends with 2. */
void verb_into_file(const struct verb *v, const struct verb_options *o);

/* Whether somebody said where the aggregator is, so that nothing else will do.
 */
bool verb_aggregator_named(const struct verb_options *o);

#endif
