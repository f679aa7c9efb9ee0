/* palmares-record: an aggregator's log, as it grows, in a file. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/cli.h"
#include "common/endpoint.h"
#include "common/log.h"
#include "display/record.h"

static char program[] = "palmares-record";

enum {
	SYNC_MS = 1000,
	SYNC_MS_MAX = 60000,
	SYNC_BYTES = 1024 * 1024,
	SYNC_BYTES_MAX = 1024 * 1024 * 1024
};

static void
help(void)
{
	puts(
	    "Usage: palmares-record [OPTION]... FILE [RACE]\n"
	    "\n"
	    "Writes what happens in a race into FILE, as long as it runs: the "
	    "log of a\n"
	    "running aggregator, from its beginning on.  Goes on with a FILE "
	    "that is there.\n"
	    "FILE.zst is compressed.\n"
	    "\n"
	    "  --race DIR, RACE          the race folder "
	    "(or PALMARES_RACE)\n"
	    "  --aggregator HOST[:BASE]  whom to follow "
	    "(or PALMARES_AGGREGATOR)\n"
	    "  --from-seq N              of stations only what was stored from "
	    "event N on\n"
	    "  --once                    end when nothing is missing\n"
	    "  --sync-ms N               on the disk after N ms (1000)\n"
	    "  --sync-bytes N            ... or N bytes (1048576)\n"
	    "  --help                    this text\n"
	    "  --version                 the version");
}

struct options {
	struct record_job job;
	const char *from;
	const char *sync_ms;
	const char *sync_bytes;
};

static void
read_options(int argc, char **argv, struct options *o)
{
	enum { RACE = 256, AGGREGATOR, FROM, ONCE, MS, BYTES, HELP, VERSION };
	static const struct option longs[] = {
		{ "race", required_argument, NULL, RACE },
		{ "aggregator", required_argument, NULL, AGGREGATOR },
		{ "from-seq", required_argument, NULL, FROM },
		{ "once", no_argument, NULL, ONCE },
		{ "sync-ms", required_argument, NULL, MS },
		{ "sync-bytes", required_argument, NULL, BYTES },
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
		case FROM:
			o->from = optarg;
			break;
		case ONCE:
			o->job.once = true;
			break;
		case MS:
			o->sync_ms = optarg;
			break;
		case BYTES:
			o->sync_bytes = optarg;
			break;
		case HELP:
			help();
			exit(0);
		case VERSION:
			cli_version(program);
			exit(0);
		default:
			fprintf(stderr, "Try '%s --help'.\n", program);
			exit(RECORD_USAGE);
		}
	}
}

static int64_t
number(const char *option, const char *text, int64_t max, int64_t otherwise)
{
	int64_t n = otherwise;

	if (text != NULL && cli_number(text, 1, max, &n) < 0)
		cli_usage(program, "%s %s: a number from 1 to %lld", option,
		    text, (long long)max);
	return n;
}

static void
read_arguments(int argc, char **argv, struct options *o)
{
	int count = argc - optind;

	if (count == 0)
		cli_usage(program,
		    "into which file? e.g. palmares-record race.rec");
	if (count > 2)
		cli_usage(program, "%s: one file at a time", argv[optind + 2]);
	if (count == 2 && o->job.race != NULL)
		cli_usage(program, "%s: the race is --race %s already",
		    argv[optind + 1], o->job.race);
	o->job.file = argv[optind];
	if (count == 2)
		o->job.race = argv[optind + 1];
	o->job.race = cli_race(o->job.race);
	cli_folder(program, o->job.race);
	o->job.named = endpoint_named(o->job.aggregator);
}

int
main(int argc, char **argv)
{
	struct options o = { .job = { .once = false } };

	log_init(program);
	read_options(argc, argv, &o);
	read_arguments(argc, argv, &o);
	o.job.from = (uint64_t)number("--from-seq", o.from, INT64_MAX, 1);
	o.job.sync_us =
	    1000 * number("--sync-ms", o.sync_ms, SYNC_MS_MAX, SYNC_MS);
	o.job.sync_bytes = (uint64_t)number("--sync-bytes", o.sync_bytes,
	    SYNC_BYTES_MAX, SYNC_BYTES);
	return record_run(&o.job);
}
