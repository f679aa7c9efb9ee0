/* palmares awards: who has won which prize, and who holds it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cli.h"
#include "common/log.h"
#include "control/podiums.h"
#include "control/verb.h"
#include "race/past.h"

static enum podiums_format
format_of(const struct verb *v, const struct verb_options *o)
{
	if (o->print)
		return o->page ? PODIUMS_PAGES : PODIUMS_LIST;
	if (o->format == NULL || strcmp(o->format, "text") == 0)
		return PODIUMS_TEXT;
	if (strcmp(o->format, "csv") == 0)
		return PODIUMS_CSV;
	if (strcmp(o->format, "json") != 0)
		cli_usage(v->program, "--format %s: text, csv or json",
		    o->format);
	return PODIUMS_JSON;
}

static void
check_options(const struct verb *v, const struct verb_options *o)
{
	if (o->rest_count > 0)
		cli_usage(v->program,
		    "%s: no such argument; palmares award hands one on",
		    o->rest[0]);
	if (o->from != NULL && o->aggregator != NULL)
		cli_usage(v->program,
		    "--from reads %s alone: leave --aggregator out", o->from);
	if (o->page && !o->print)
		cli_usage(v->program, "--page: of what is printed: --print");
	if (o->print && o->format != NULL)
		cli_usage(v->program,
		    "--print is a format of its own: leave --format out");
	if (o->from == NULL)
		cli_folder(v->program, o->race);
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	enum podiums_format format;
	struct prizes *prizes;
	struct past past;
	struct err err;
	int rc;

	verb_options(v, argc, argv, &o);
	check_options(v, &o);
	format = format_of(v, &o);
	if (verb_load(&o, &past, NULL, NULL, &err) < 0)
		log_fatal(1, "%s", err.text);
	prizes = prizes_new(past.book);
	if (prizes_count(prizes) == 0)
		log_warnx("race.yaml has no awards: race.yaml(5) tells how");
	rc = podiums_print(stdout, format, past.book, prizes);
	prizes_free(prizes);
	past_clear(&past);
	/* Whoever reads has seen enough. */
	if (rc == -EPIPE)
		return 1;
	if (rc < 0)
		log_fatal(1, "standard output: %s", strerror(-rc));
	return 0;
}

const struct verb verb_awards = {
	.name = "awards",
	.program = "palmares awards",
	.summary = "Shows who has won the prizes, and who holds them",
	.usage = "[OPTION]...",
	.options =
	    "  --format text|csv|json    default text\n"
	    "  --print                   a list with boxes to be ticked\n"
	    "  --page                    ... an award a page\n"
	    "  --at TIME                 as it stood at 10:42:00, or "
	    "2014-09-21T10:42:00+02:00\n"
	    "  --at-seq N                as it stood at that event of the log\n"
	    "  --from FILE               read a recording, ask nobody\n"
	    "  --offline                 read race.db, ask nobody\n"
	    "  --race DIR                the race folder "
	    "(or PALMARES_RACE)\n"
	    "  --aggregator HOST[:BASE]  whom to ask "
	    "(or PALMARES_AGGREGATOR)\n",
	.accepts = "rafmlPGIQ",
	.run = run,
};
