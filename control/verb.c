#include "control/verb.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/endpoint.h"
#include "common/xalloc.h"

enum { OPTION_HELP = 'h', OPTION_VERSION = 'V' };

static const struct option long_options[] = {
	{ "race", required_argument, NULL, VERB_RACE },
	{ "aggregator", required_argument, NULL, VERB_AGGREGATOR },
	{ "format", required_argument, NULL, VERB_FORMAT },
	{ "ranking", required_argument, NULL, VERB_RANKING },
	{ "out", required_argument, NULL, VERB_OUT },
	{ "from", required_argument, NULL, VERB_FROM },
	{ "offline", no_argument, NULL, VERB_OFFLINE },
	{ "yes", no_argument, NULL, VERB_YES },
	{ "dry-run", no_argument, NULL, VERB_DRY_RUN },
	{ "remove", no_argument, NULL, VERB_REMOVE },
	{ "by", required_argument, NULL, VERB_BY },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ NULL, 0, NULL, 0 },
};

static _Noreturn void
help(const struct verb *v)
{
	printf("Usage: %s %s\n\n%s.\n\n%s"
	       "  --help                    this text\n"
	       "  --version                 the version\n",
	    v->program, v->usage, v->summary, v->options);
	exit(cli_end(v->program, 0));
}

/* getopt_long reads all options of all verbs: those that are not this one's
 * are refused here. */
static const char *
option_name(int c)
{
	const struct option *o = long_options;

	while (o->val != c)
		o++;
	return o->name;
}

static void
take(const struct verb *v, struct verb_options *o, int c)
{
	if (strchr(v->accepts, c) == NULL)
		cli_usage(v->program, "--%s: not for this verb",
		    option_name(c));
	switch ((enum verb_option)c) {
	case VERB_RACE:
		o->race = optarg;
		break;
	case VERB_AGGREGATOR:
		o->aggregator = optarg;
		break;
	case VERB_FORMAT:
		o->format = optarg;
		break;
	case VERB_RANKING:
		o->ranking = optarg;
		break;
	case VERB_OUT:
		o->out = optarg;
		break;
	case VERB_FROM:
		o->from = optarg;
		break;
	case VERB_OFFLINE:
		o->offline = true;
		break;
	case VERB_YES:
		o->yes = true;
		break;
	case VERB_DRY_RUN:
		o->dry_run = true;
		break;
	case VERB_REMOVE:
		o->remove = true;
		break;
	case VERB_BY:
		o->by = optarg;
		break;
	}
}

void
verb_options(const struct verb *v, int argc, char **argv,
    struct verb_options *out)
{
	int c;

	memset(out, 0, sizeof *out);
	/* getopt_long puts argv[0] before its words about a wrong option. */
	argv[0] = xstrdup(v->program);
	while ((c = getopt_long(argc, argv, "hV", long_options, NULL)) != -1) {
		if (c == OPTION_HELP)
			help(v);
		if (c == OPTION_VERSION) {
			cli_version("palmares");
			exit(0);
		}
		if (c == '?') {
			fprintf(stderr, "Try '%s --help'.\n", v->program);
			exit(2);
		}
		take(v, out, c);
	}
	out->race = cli_race(out->race);
	out->rest = argv + optind;
	out->rest_count = argc - optind;
}

bool
verb_aggregator_named(const struct verb_options *o)
{
	return endpoint_named(o->aggregator);
}
