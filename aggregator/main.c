/*
 * palmares-aggregator - takes the crossings of a race, stores them, ranks them
 * and tells everybody.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "aggregator/addresses.h"
#include "aggregator/engine.h"
#include "common/cli.h"
#include "common/log.h"
#include "race/conf.h"
#include "race/rules.h"

static char program[] = "palmares-aggregator";

static const char help[] =
    "Usage: palmares-aggregator [OPTION]... RACE\n"
    "Take the crossings of a race, store and rank them, and tell displays.\n"
    "\n"
    "RACE is a folder with race.yaml and entries.csv.\n"
    "\n"
    "      --race DIR            the race folder (or PALMARES_RACE)\n"
    "      --season DIR          show the tables of that season folder too, as "
    "if\n"
    "                            the race ended now; up to four of them\n"
    "      --listen HOST[:BASE]  where to listen (127.0.0.1:5570): collectors\n"
    "                            at BASE, rankings, snapshots and operators\n"
    "                            at the three ports above; 0: free ones\n"
    "      --insecure            listen beyond this machine without keys\n"
    "      --help                show this\n"
    "      --version             show the version\n";

struct options {
	const char *race;
	struct endpoint listen;
	bool insecure;
	struct seasons_folders seasons;
};

enum {
	OPT_RACE = 1,
	OPT_SEASON,
	OPT_LISTEN,
	OPT_INSECURE,
	OPT_HELP,
	OPT_VERSION
};

static const struct option long_options[] = {
	{ "race", required_argument, NULL, OPT_RACE },
	{ "season", required_argument, NULL, OPT_SEASON },
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "insecure", no_argument, NULL, OPT_INSECURE },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static void
parse_listen(struct options *o, const char *text)
{
	struct err err;

	if (endpoint_parse(&o->listen, text, true, &err) < 0)
		cli_usage(program, "--listen %s", err.text);
}

static void
add_season(struct options *o, const char *dir)
{
	if (o->seasons.count == SEASONS_MAX)
		cli_usage(program, "--season: at most %d of them", SEASONS_MAX);
	o->seasons.dirs[o->seasons.count++] = dir;
}

static void
parse_option(struct options *o, int option)
{
	switch (option) {
	case OPT_RACE:
		o->race = optarg;
		return;
	case OPT_SEASON:
		add_season(o, optarg);
		return;
	case OPT_LISTEN:
		parse_listen(o, optarg);
		return;
	case OPT_INSECURE:
		o->insecure = true;
		return;
	case OPT_HELP:
		fputs(help, stdout);
		exit(0);
	case OPT_VERSION:
		cli_version(program);
		exit(0);
	default:
		/* getopt has said what is wrong with it. */
		fprintf(stderr, "Try '%s --help'.\n", program);
		exit(2);
	}
}

static void
parse(struct options *o, int argc, char **argv)
{
	int option;

	parse_listen(o, "127.0.0.1");
	argv[0] = program; /* getopt_long's messages begin with it */
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		parse_option(o, option);
	if (argc - optind > 1)
		cli_usage(program, "one race at a time: %s is too much",
		    argv[optind + 1]);
	if (argc - optind == 1 && o->race != NULL)
		cli_usage(program, "the race is given twice: %s and %s",
		    o->race, argv[optind]);
	if (argc - optind == 1)
		o->race = argv[optind];
	o->race = cli_race(o->race);
	if (o->race == NULL)
		cli_usage(program,
		    "which race? Name its folder, or set PALMARES_RACE");
}

static void
check_listen(const struct options *o)
{
	if (endpoint_loopback(&o->listen))
		return;
	if (!o->insecure)
		cli_usage(program,
		    "--listen %s: other machines could reach it, and without "
		    "keys anybody can send crossings: add --insecure if this "
		    "network is yours alone",
		    o->listen.host);
	log_warnx("--insecure: whoever reaches %s can send crossings and read "
	          "the rankings",
	    o->listen.host);
}

static void
print_problems(const struct conf_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		char line[1024];

		conf_problem_print(line, sizeof line, &report->problems[i]);
		log_warnx("%s", line);
	}
}

/* A thousand displays are a thousand connections, twice. */
static void
raise_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		log_warn("raise the number of open files");
}

/* What to type on the others, which nobody should have to find out. */
static void
tell_addresses(const struct endpoint *where)
{
	char *list = addresses_list(where);

	if (list[0] != '\0')
		log_info("other machines reach it with --aggregator %s", list);
	free(list);
}

static int
serve_all(const struct options *o, const struct engine_race *race,
    struct conf_roll *roll)
{
	struct endpoint where = o->listen;
	struct engine *engine;
	struct err err;
	int rc = engine_open(&engine, race, &where, &err);

	/* Names of 50,000 people, which the roster has too. */
	conf_roll_clear(roll);
	if (rc < 0) {
		log_warnx("%s", err.text);
		return 1;
	}
	tell_addresses(&where);
	rc = engine_run(engine);
	engine_free(engine);
	return rc;
}

/* The seasons before race.db: a start that fails on them is not to leave one.
 */
static int
serve(const struct options *o, const struct race_rules *rules,
    struct conf_roll *roll)
{
	struct engine_race race = { .dir = o->race,
		.rules = rules,
		.roll = roll };
	struct err err;
	int rc = seasons_new(&race.seasons, &o->seasons, o->race, rules, &err);

	if (rc < 0) {
		log_warnx("%s", err.text);
		return 1;
	}
	rc = serve_all(o, &race, roll);
	seasons_free(race.seasons);
	return rc;
}

int
main(int argc, char **argv)
{
	struct options o = { 0 };
	struct conf_report report = { 0 };
	struct conf_roll roll = { 0 };
	struct race_rules *rules;
	int status = 1;

	log_init(program);
	parse(&o, argc, argv);
	check_listen(&o);
	raise_files();
	rules = conf_rules(o.race, &report);
	conf_entries(o.race, rules, &roll, &report);
	print_problems(&report);
	if (report.errors == 0)
		status = serve(&o, rules, &roll);
	conf_report_clear(&report);
	conf_roll_clear(&roll);
	rules_free(rules);
	return status;
}
