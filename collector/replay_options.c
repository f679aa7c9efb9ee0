#include "collector/replay_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"

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
    "  --timeout S         give up after S seconds\n"
    "  --help, --version\n"
    "\n"
    "Keys, on a terminal: Space stands still and goes on, . plays one event,\n"
    "q ends.\n"
    "\n"
    "Exit status: 0; 1 failed; 2 usage.\n";

enum { RACE = 256, AGGREGATOR, SPEED, FROM, TO, TIMEOUT, HELP, VERSION };

static const struct option long_options[] = {
	{ "race", required_argument, NULL, RACE },
	{ "aggregator", required_argument, NULL, AGGREGATOR },
	{ "speed", required_argument, NULL, SPEED },
	{ "from", required_argument, NULL, FROM },
	{ "to", required_argument, NULL, TO },
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

	if (instant_parse(value, &m.form, &m.us, &err) < 0)
		cli_usage(REPLAY_PROGRAM, "%s %s: %s", option, value, err.text);
	if (m.form == INSTANT_RELATIVE)
		cli_usage(REPLAY_PROGRAM,
		    "%s %s: a time of day, such as 10:30:00", option, value);
	return m;
}

static void
take(struct replay_options *o, int option)
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
		take(o, option);
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
