/* palmares-display: a ranking on the terminal, live. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/cli.h"
#include "common/endpoint.h"
#include "common/log.h"
#include "common/screen.h"
#include "display/display.h"
#include "race/choice.h"
#include "race/rules.h"
#include "race/served.h"

static char program[] = "palmares-display";

static void
help(void)
{
	puts("Usage: palmares-display [OPTION]... [RANKING]\n"
	     "\n"
	     "Shows a ranking live: on the whole terminal, or, when the output "
	     "is none,\n"
	     "its first five lines whenever they have changed.  Without "
	     "RANKING: the first\n"
	     "one of the race.\n"
	     "\n"
	     "  --race DIR                the race folder "
	     "(or PALMARES_RACE)\n"
	     "  --aggregator HOST[:BASE]  whom to follow "
	     "(or PALMARES_AGGREGATOR)\n"
	     "  --once                    print the whole ranking and end\n"
	     "  --format text|csv|json    with --once; default text\n"
	     "  --stations                begin with the stations, not the "
	     "ranking\n"
	     "  --from FILE               a race that is over, from a "
	     "recording\n"
	     "  --offline                 ... from race.db, ask nobody\n"
	     "  --every-commit            follow each commit, not 10 a second\n"
	     "  --help                    this text\n"
	     "  --version                 the version\n"
	     "\n"
	     "On the screen, ? shows the keys.");
}

void
display_check(const struct display_job *job, const struct follow *f)
{
	char *title = job->named ? NULL : served_title(job->race);
	struct err err;
	int rc =
	    served_check(follow_peer(f), follow_rules(f)->title, title, &err);

	free(title);
	if (rc < 0)
		log_fatal(1, "%s", err.text);
}

size_t
display_choose(const struct display_job *job, const struct race_rules *rules)
{
	int i = rules->ranking_count > 0 ? 0 : -1;
	char *words;

	if (job->ranking != NULL)
		i = rules_ranking(rules, job->ranking);
	if (i >= 0)
		return (size_t)i;
	words = choice_ranking(rules, job->ranking != NULL ? job->ranking : "");
	log_fatal(2, "%s", words);
}

struct options {
	struct display_job job;
	const char *format;
	bool once;
};

static void
read_options(int argc, char **argv, struct options *o)
{
	enum {
		RACE = 256,
		AGGREGATOR,
		ONCE,
		FORMAT,
		STATIONS,
		FROM,
		OFFLINE,
		EVERY,
		HELP,
		VERSION
	};
	static const struct option longs[] = {
		{ "race", required_argument, NULL, RACE },
		{ "aggregator", required_argument, NULL, AGGREGATOR },
		{ "once", no_argument, NULL, ONCE },
		{ "format", required_argument, NULL, FORMAT },
		{ "stations", no_argument, NULL, STATIONS },
		{ "from", required_argument, NULL, FROM },
		{ "offline", no_argument, NULL, OFFLINE },
		{ "every-commit", no_argument, NULL, EVERY },
		{ "help", no_argument, NULL, HELP },
		{ "version", no_argument, NULL, VERSION },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	argv[0] = program; /* getopt_long's messages begin with it */
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case RACE:
			o->job.race = optarg;
			break;
		case AGGREGATOR:
			o->job.aggregator = optarg;
			break;
		case ONCE:
			o->once = true;
			break;
		case FORMAT:
			o->format = optarg;
			break;
		case STATIONS:
			o->job.stations = true;
			break;
		case FROM:
			o->job.from = optarg;
			break;
		case OFFLINE:
			o->job.offline = true;
			break;
		case EVERY:
			o->job.tier = FOLLOW_COMMIT;
			break;
		case HELP:
			help();
			exit(0);
		case VERSION:
			cli_version(program);
			exit(0);
		default:
			fprintf(stderr, "Try '%s --help'.\n", program);
			exit(2);
		}
	}
}

/* They are a page of the screen; what prints them is another program. */
static void
check_stations(const struct options *o)
{
	if (o->once)
		cli_usage(program,
		    "--stations: not with --once: see palmares status");
	if (!screen_usable())
		cli_usage(program,
		    "--stations: only on a terminal: palmares status --watch "
		    "writes lines");
}

/* The past is looked through with keys; what prints it is another program. */
static void
check_past(const struct options *o)
{
	const char *option = o->job.from != NULL ? "--from" : "--offline";

	if (o->job.from != NULL && o->job.offline)
		cli_usage(program, "--from and --offline: one of them");
	if (o->once || !screen_usable())
		cli_usage(program,
		    "%s: only on a terminal, and not with --once: palmares "
		    "export writes a ranking",
		    option);
	if (o->job.stations || o->job.tier == FOLLOW_COMMIT ||
	    o->job.aggregator != NULL)
		cli_usage(program,
		    "%s: asks no aggregator: leave --aggregator, --stations "
		    "and --every-commit out",
		    option);
	if (o->job.offline && o->job.race == NULL)
		cli_usage(program,
		    "--offline: of which race folder? Use --race DIR or "
		    "PALMARES_RACE");
}

static void
check_options(int argc, char **argv, struct options *o)
{
	int format = export_format(o->format != NULL ? o->format : "text");

	if (argc - optind > 1)
		cli_usage(program, "%s: one ranking at a time",
		    argv[optind + 1]);
	if (optind < argc)
		o->job.ranking = argv[optind];
	if (format < 0)
		cli_usage(program, "--format %s: text, csv or json", o->format);
	if (format != EXPORT_TEXT && !o->once)
		cli_usage(program, "--format %s: only with --once", o->format);
	if (o->once && o->job.tier == FOLLOW_COMMIT)
		cli_usage(program, "--every-commit: not with --once");
	if (o->job.stations)
		check_stations(o);
	o->job.format = (enum export_format)format;
	o->job.race = cli_race(o->job.race);
	cli_folder(program, o->job.race);
	if (o->job.from != NULL || o->job.offline)
		check_past(o);
	o->job.named = endpoint_named(o->job.aggregator);
}

int
main(int argc, char **argv)
{
	struct options o = { .job = { .tier = FOLLOW_TICK } };

	log_init(program);
	cli_locale();
	read_options(argc, argv, &o);
	check_options(argc, argv, &o);
	if (o.once)
		return cli_end(program, display_once(&o.job));
	if (screen_usable())
		return display_screen(&o.job);
	return display_lines(&o.job);
}
