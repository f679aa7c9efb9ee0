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
	{ "reason", required_argument, NULL, VERB_REASON },
	{ "unknown", no_argument, NULL, VERB_UNKNOWN },
	{ "watch", no_argument, NULL, VERB_WATCH },
	{ "station", required_argument, NULL, VERB_STATION },
	{ "bib", required_argument, NULL, VERB_BIB },
	{ "point", required_argument, NULL, VERB_POINT },
	{ "kind", required_argument, NULL, VERB_KIND },
	{ "since", required_argument, NULL, VERB_SINCE },
	{ "until", required_argument, NULL, VERB_UNTIL },
	{ "last", required_argument, NULL, VERB_LAST },
	{ "to", required_argument, NULL, VERB_TO },
	{ "note", required_argument, NULL, VERB_NOTE },
	{ "collected", no_argument, NULL, VERB_COLLECTED },
	{ "back", no_argument, NULL, VERB_BACK },
	{ "all", no_argument, NULL, VERB_ALL },
	{ "print", no_argument, NULL, VERB_PRINT },
	{ "page", no_argument, NULL, VERB_PAGE },
	{ "title", required_argument, NULL, VERB_TITLE },
	{ "date", required_argument, NULL, VERB_DATE },
	{ "timezone", required_argument, NULL, VERB_TIMEZONE },
	{ "points", required_argument, NULL, VERB_POINTS },
	{ "waves", required_argument, NULL, VERB_WAVES },
	{ "rankings", required_argument, NULL, VERB_RANKINGS },
	{ "prizes", required_argument, NULL, VERB_PRIZES },
	{ "entries", no_argument, NULL, VERB_ENTRIES },
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
	case VERB_REASON:
		o->reason = optarg;
		break;
	case VERB_UNKNOWN:
		o->unknown = true;
		break;
	case VERB_WATCH:
		o->watch = true;
		break;
	case VERB_STATION:
		o->station = optarg;
		break;
	case VERB_BIB:
		o->bib = optarg;
		break;
	case VERB_POINT:
		o->point = optarg;
		break;
	case VERB_KIND:
		o->kind = optarg;
		break;
	case VERB_SINCE:
		o->since = optarg;
		break;
	case VERB_UNTIL:
		o->until = optarg;
		break;
	case VERB_LAST:
		o->last = optarg;
		break;
	case VERB_TO:
		o->to = optarg;
		break;
	case VERB_NOTE:
		o->note = optarg;
		break;
	case VERB_COLLECTED:
		o->collected = true;
		break;
	case VERB_BACK:
		o->back = true;
		break;
	case VERB_ALL:
		o->all = true;
		break;
	case VERB_PRINT:
		o->print = true;
		break;
	case VERB_PAGE:
		o->page = true;
		break;
	case VERB_TITLE:
		o->title = optarg;
		break;
	case VERB_DATE:
		o->date = optarg;
		break;
	case VERB_TIMEZONE:
		o->timezone = optarg;
		break;
	case VERB_POINTS:
		o->points = optarg;
		break;
	case VERB_WAVES:
		o->waves = optarg;
		break;
	case VERB_RANKINGS:
		o->rankings = optarg;
		break;
	case VERB_PRIZES:
		o->prizes = optarg;
		break;
	case VERB_ENTRIES:
		o->entries = true;
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
	while (
	    (c = getopt_long(argc, argv, "hVn:", long_options, NULL)) != -1) {
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

bool
verb_past_options(const struct verb *v, struct verb_options *o)
{
	bool json;

	if (o->from != NULL && o->aggregator != NULL)
		cli_usage(v->program,
		    "--from reads %s alone: leave --aggregator out", o->from);
	if (o->format == NULL)
		o->format = "text";
	json = strcmp(o->format, "json") == 0;
	if (!json && strcmp(o->format, "text") != 0)
		cli_usage(v->program, "--format %s: text or json", o->format);
	if (o->from == NULL)
		cli_folder(v->program, o->race);
	return json;
}
