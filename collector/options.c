#include "collector/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/instant.h"
#include "common/text.h"
#include "race/types.h"

static const char help[] =
    "Usage: palmares-collector --point NAME --source SRC [OPTION]...\n"
    "       palmares-collector --outbox FILE --once [OPTION]...\n"
    "       palmares-collector --outbox FILE --archive\n"
    "Reads the crossings of a timing point, keeps them on disk, and sends\n"
    "them to the aggregator until it has acknowledged every one.  Without a\n"
    "source: sends what the aggregator lacks of an outbox.\n"
    "\n"
    "  --source SRC        csv:FILE, tail:FILE, stdin, keyboard, or\n"
    "                      keyboard:bibs (times on one laptop, bibs on "
    "another)\n"
    "  --point NAME        the timing point; may be left out if each row has\n"
    "                      one in its column 'point'\n"
    "  --race DIR          the race folder (or PALMARES_RACE): needed for\n"
    "                      local times and times after the gun, and to check\n"
    "                      points, bibs and chips\n"
    "  --aggregator HOST[:BASE]\n"
    "                      whom to reach (or PALMARES_AGGREGATOR, or what the\n"
    "                      race folder says); 127.0.0.1:5570\n"
    "  --outbox FILE       where crossings are kept; ./NAME.outbox.db\n"
    "  --name NAME         of this collector; the host's name and the point\n"
    "  --gun WAVE          the wave whose gun times like +8.5 count from\n"
    "  --speed X|max       X times as fast as it happened; max\n"
    "  --origin TIME       with a speed: the time to begin at; the first gun,\n"
    "                      or the first row\n"
    "  --once              end when all is read (or typed) and acknowledged\n"
    "  --timeout S         with --once: give up after S seconds\n"
    "  --archive           put the outbox aside, beside it, for a new one to "
    "take\n"
    "                      its place; refused while anything is not "
    "acknowledged\n"
    "  --quiet             no progress, only what went wrong\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0; 1 failed, or lines were refused; 2 usage.\n";

enum {
	POINT = 256,
	SOURCE,
	RACE,
	AGGREGATOR,
	OUTBOX,
	NAME,
	SPEED,
	ORIGIN,
	GUN,
	ONCE,
	TIMEOUT,
	ARCHIVE,
	QUIET,
	HELP,
	VERSION
};

static const struct option long_options[] = {
	{ "point", required_argument, NULL, POINT },
	{ "source", required_argument, NULL, SOURCE },
	{ "race", required_argument, NULL, RACE },
	{ "aggregator", required_argument, NULL, AGGREGATOR },
	{ "outbox", required_argument, NULL, OUTBOX },
	{ "name", required_argument, NULL, NAME },
	{ "speed", required_argument, NULL, SPEED },
	{ "origin", required_argument, NULL, ORIGIN },
	{ "gun", required_argument, NULL, GUN },
	{ "once", no_argument, NULL, ONCE },
	{ "timeout", required_argument, NULL, TIMEOUT },
	{ "archive", no_argument, NULL, ARCHIVE },
	{ "quiet", no_argument, NULL, QUIET },
	{ "help", no_argument, NULL, HELP },
	{ "version", no_argument, NULL, VERSION },
	{ NULL, 0, NULL, 0 },
};

static const char *
label(const char *option, const char *value, size_t max)
{
	if (value[0] == '\0')
		cli_usage(OPTIONS_PROGRAM, "%s: is empty", option);
	if (strlen(value) > max)
		cli_usage(OPTIONS_PROGRAM, "%s '%.40s...': at most %zu bytes",
		    option, value, max);
	if (!text_printable(value))
		cli_usage(OPTIONS_PROGRAM,
		    "%s: has control characters, or is not UTF-8", option);
	return value;
}

static void
take(struct options *o, int option)
{
	switch (option) {
	case POINT:
		o->point = label("--point", optarg, RACE_LABEL_MAX);
		return;
	case SOURCE:
		o->source = optarg;
		return;
	case RACE:
		o->race = optarg;
		return;
	case AGGREGATOR:
		o->aggregator = optarg;
		return;
	case OUTBOX:
		o->outbox = optarg;
		return;
	case NAME:
		o->name = label("--name", optarg, RACE_NAME_MAX);
		return;
	case SPEED:
		o->speed = cli_speed(OPTIONS_PROGRAM, optarg);
		return;
	case ORIGIN:
		o->origin = optarg;
		return;
	case GUN:
		o->gun = label("--gun", optarg, RACE_LABEL_MAX);
		return;
	case ONCE:
		o->once = true;
		return;
	case TIMEOUT:
		o->timeout_us = cli_timeout(OPTIONS_PROGRAM, optarg);
		return;
	case ARCHIVE:
		o->archive = true;
		return;
	case QUIET:
		o->quiet = true;
		return;
	case HELP:
		fputs(help, stdout);
		exit(0);
	case VERSION:
		cli_version(OPTIONS_PROGRAM);
		exit(0);
	}
	/* getopt_long has said what is wrong. */
	fprintf(stderr, "Try '%s --help'.\n", OPTIONS_PROGRAM);
	exit(2);
}

/* One that is about the times of a source's rows; NULL: none was given. */
static const char *
timing_option(const struct options *o)
{
	return o->speed > 0     ? "--speed"
	    : o->origin != NULL ? "--origin"
	    : o->gun[0] != '\0' ? "--gun"
	                        : NULL;
}

static void
refuse_for_typing(const struct options *o)
{
	const char *option = timing_option(o);

	if (option != NULL)
		cli_usage(OPTIONS_PROGRAM,
		    "%s: of no use with --source %s, where times are those of "
		    "the keys",
		    option, o->source);
}

static void
check_no_source(const struct options *o)
{
	const char *option = timing_option(o);

	if (!o->once)
		cli_usage(OPTIONS_PROGRAM,
		    "--source is missing: csv:FILE, tail:FILE, stdin, "
		    "keyboard or keyboard:bibs (an outbox that is there is "
		    "sent without one: say --once)");
	if (option != NULL)
		cli_usage(OPTIONS_PROGRAM,
		    "%s: of no use without --source, when an outbox is sent",
		    option);
}

/* It reads nothing, and reaches nobody. */
static void
check_archive(const struct options *o)
{
	const char *option = o->source != NULL ? "--source"
	    : o->once                          ? "--once"
	    : o->timeout_us > 0                ? "--timeout"
	    : o->aggregator != NULL            ? "--aggregator"
	    : o->race != NULL                  ? "--race"
	                                       : timing_option(o);

	if (option != NULL)
		cli_usage(OPTIONS_PROGRAM, "%s: of no use with --archive",
		    option);
}

static void
check_source(struct options *o)
{
	if (o->source == NULL) {
		check_no_source(o);
		return;
	}
	o->listed = strcmp(o->source, "keyboard:bibs") == 0;
	o->typed = o->listed || strcmp(o->source, "keyboard") == 0;
	if (!o->typed && strncmp(o->source, "keyboard", 8) == 0)
		cli_usage(OPTIONS_PROGRAM,
		    "--source %s: keyboard, or keyboard:bibs", o->source);
	if (o->typed)
		refuse_for_typing(o);
}

void
options_parse(struct options *o, int argc, char **argv)
{
	char program[] = OPTIONS_PROGRAM;
	int option;

	*o = (struct options){ .point = "", .gun = "" };
	argv[0] = program; /* getopt_long's messages begin with it */
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		take(o, option);
	if (optind < argc)
		cli_usage(OPTIONS_PROGRAM,
		    "%s: is no option; did you mean --source csv:%s?",
		    argv[optind], argv[optind]);
	if (o->archive) {
		check_archive(o);
		return;
	}
	o->race = cli_race(o->race);
	check_source(o);
	if (o->gun[0] != '\0' && o->race == NULL)
		cli_usage(OPTIONS_PROGRAM,
		    "--gun %s: of which race? Name its folder with --race",
		    o->gun);
	if (o->origin != NULL && o->speed <= 0)
		cli_usage(OPTIONS_PROGRAM,
		    "--origin is of use only with --speed X");
	if (o->once && o->source != NULL && strncmp(o->source, "tail:", 5) == 0)
		cli_usage(OPTIONS_PROGRAM,
		    "--once: %s never ends: use csv:FILE", o->source);
	if (o->timeout_us > 0 && !o->once)
		cli_usage(OPTIONS_PROGRAM,
		    "--timeout is of use only with --once");
}
