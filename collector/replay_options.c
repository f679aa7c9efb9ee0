#include "collector/replay_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/xalloc.h"

static const char help[] =
    "Usage: palmares-replay FILE [OPTION]...\n"
    "Plays a recording (palmares record) to an aggregator, as the collectors\n"
    "and operators that made it, until everything is acknowledged.  Rules and\n"
    "entries are those of the aggregator's own race folder.  Playing it twice\n"
    "stores nothing twice.\n"
    "\n"
    "  --aggregator HOST[:BASE]\n"
    "                      whom to reach (or PALMARES_AGGREGATOR, or what the\n"
    "                      race folder says); 127.0.0.1:5570\n"
    "  --race DIR          the race folder (or PALMARES_RACE) of that\n"
    "                      aggregator\n"
    "  --speed X|max       X times as fast as it was received; max\n"
    "  --from T            what was received from T on, such as 10:30:00 or\n"
    "                      2014-09-21T10:30:00+02:00, with what operators had\n"
    "                      decided before\n"
    "  --to T              what was received up to T\n"
    "  --pause T           stand still before what was received after T, "
    "until\n"
    "                      Space is pressed; as often as you like\n"
    "  --timeout S         give up after S seconds\n"
    "  --help, --version\n"
    "\n"
    "What goes wrong meanwhile (each as often as you like); PLACE is a timing\n"
    "point or the name of a station, T as above or +10m after the first gun,\n"
    "D such as 90s or 5m:\n"
    "  --drop-link PLACE@T for D\n"
    "                      its link is cut for so long; what it reads waits\n"
    "  --kill PLACE@T for D\n"
    "                      its laptop dies, and is started again after D\n"
    "  --clock PLACE +2.5s its clock is 2.5 s fast; -2.5s: slow\n"
    "\n"
    "Keys, on a terminal: Space stands still and goes on, . plays one event,\n"
    "Right and Page Down jump one minute and ten, j to a time that you type, "
    "+\n"
    "and - make it twice and half as fast, ? says so, q ends.\n"
    "\n"
    "Exit status: 0; 1 failed; 2 usage.\n";

enum {
	RACE = 256,
	AGGREGATOR,
	SPEED,
	FROM,
	TO,
	DROP_LINK,
	KILL,
	CLOCK,
	PAUSE,
	TIMEOUT,
	HELP,
	VERSION
};

static const struct option long_options[] = {
	{ "race", required_argument, NULL, RACE },
	{ "aggregator", required_argument, NULL, AGGREGATOR },
	{ "speed", required_argument, NULL, SPEED },
	{ "from", required_argument, NULL, FROM },
	{ "to", required_argument, NULL, TO },
	{ "drop-link", required_argument, NULL, DROP_LINK },
	{ "kill", required_argument, NULL, KILL },
	{ "clock", required_argument, NULL, CLOCK },
	{ "pause", required_argument, NULL, PAUSE },
	{ "timeout", required_argument, NULL, TIMEOUT },
	{ "help", no_argument, NULL, HELP },
	{ "version", no_argument, NULL, VERSION },
	{ NULL, 0, NULL, 0 },
};

static struct replay_moment
moment(const char *option, const char *value)
{
	struct replay_moment m = { .text = value };
	struct err err;

	if (when_parse(value, &m.when, &err) < 0)
		cli_usage(REPLAY_PROGRAM, "%s %s: %s", option, value, err.text);
	if (m.when.form == WHEN_AFTER)
		cli_usage(REPLAY_PROGRAM,
		    "%s %s: a time of day, such as 10:30:00", option, value);
	return m;
}

static void
add_pause(struct replay_options *o, const char *value)
{
	o->pauses =
	    xgrow(o->pauses, &o->pause_cap, o->pause_count, sizeof *o->pauses);
	o->pauses[o->pause_count++] = moment("--pause", value);
}

/* ---- faults ---- */

/* How many words behind its first one belong to a fault: "for 90s", or what a
 * clock is off by. */
static int
words_behind(enum fault_kind kind, char **argv)
{
	const char *next = argv[optind];

	if (next == NULL)
		return 0;
	if (kind == FAULT_CLOCK)
		return strchr("+-", next[0]) != NULL &&
		    strpbrk(next, "0123456789") == next + 1;
	return strcmp(next, "for") == 0 && argv[optind + 1] != NULL ? 2 : 0;
}

/* What getopt_long gave, with the words that a shell parted from it. */
static char *
whole_text(enum fault_kind kind, char **argv)
{
	int words = words_behind(kind, argv);
	char **next = &argv[optind];

	optind += words;
	if (words == 0)
		return xstrdup(optarg);
	if (words == 1)
		return xasprintf("%s %s", optarg, next[0]);
	return xasprintf("%s %s %s", optarg, next[0], next[1]);
}

static void
add_fault(struct replay_options *o, enum fault_kind kind, const char *option,
    char **argv)
{
	struct fault_wish wish;
	char *text = whole_text(kind, argv);
	struct err err;

	if (fault_parse(&wish, kind, text, &err) < 0)
		cli_usage(REPLAY_PROGRAM, "%s %s: %s", option, text, err.text);
	wish.option = option;
	wish.text = text;
	o->faults =
	    xgrow(o->faults, &o->fault_cap, o->fault_count, sizeof wish);
	o->faults[o->fault_count++] = wish;
}

/* ---- ---- */

static void
take(struct replay_options *o, int option, char **argv)
{
	switch (option) {
	case RACE:
		o->race = optarg;
		return;
	case AGGREGATOR:
		o->aggregator = optarg;
		return;
	case SPEED:
		o->speed = cli_speed(REPLAY_PROGRAM, optarg);
		return;
	case FROM:
		o->from = moment("--from", optarg);
		return;
	case TO:
		o->to = moment("--to", optarg);
		return;
	case DROP_LINK:
		add_fault(o, FAULT_LINK, "--drop-link", argv);
		return;
	case KILL:
		add_fault(o, FAULT_KILL, "--kill", argv);
		return;
	case CLOCK:
		add_fault(o, FAULT_CLOCK, "--clock", argv);
		return;
	case PAUSE:
		add_pause(o, optarg);
		return;
	case TIMEOUT:
		o->timeout_us = cli_timeout(REPLAY_PROGRAM, optarg);
		return;
	case HELP:
		fputs(help, stdout);
		exit(0);
	case VERSION:
		cli_version(REPLAY_PROGRAM);
		exit(0);
	}
	/* getopt_long has said what is wrong. */
	fprintf(stderr, "Try '%s --help'.\n", REPLAY_PROGRAM);
	exit(2);
}

void
replay_options_parse(struct replay_options *o, int argc, char **argv)
{
	char program[] = REPLAY_PROGRAM;
	int option;

	*o = (struct replay_options){ 0 };
	argv[0] = program; /* getopt_long's messages begin with it */
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		take(o, option, argv);
	if (optind == argc)
		cli_usage(REPLAY_PROGRAM,
		    "which recording? Name its file (palmares record makes "
		    "one)");
	if (optind + 1 < argc)
		cli_usage(REPLAY_PROGRAM,
		    "one recording at a time: %s is too much",
		    argv[optind + 1]);
	o->file = argv[optind];
	o->race = cli_race(o->race);
	cli_folder(REPLAY_PROGRAM, o->race);
}
