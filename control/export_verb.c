/* palmares export: a ranking as a file, live, from race.db or a recording. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/cli.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "control/explain.h"
#include "control/reach.h"
#include "control/verb.h"
#include "race/choice.h"
#include "race/conf.h"
#include "race/export.h"
#include "race/fetch.h"
#include "race/past.h"
#include "race/rules.h"

/* How long an aggregator may take to answer before race.db is read. */
#define PATIENCE_US INT64_C(3000000)

struct job {
	const struct verb_options *options;
	enum export_format format;
	struct err *err;
};

/* ---- where it goes ---- */

/* Written beside and renamed: a reader of FILE never sees half of it. */
static int
write_file(const struct job *j, const struct race_rules *rules, size_t ranking,
    struct board *board, const struct roster *roster)
{
	const char *path = j->options->out;
	char *beside = xasprintf("%s.new", path);
	FILE *f = fopen(beside, "w");
	int rc;

	if (f == NULL) {
		rc = err_errno(j->err, -errno, "%s", beside);
		free(beside);
		return rc;
	}
	rc = export_ranking(f, j->format, rules, ranking, board, roster);
	if (rc == 0 && fsync(fileno(f)) < 0)
		rc = -errno;
	if (fclose(f) != 0 && rc == 0)
		rc = -errno;
	if (rc == 0 && rename(beside, path) < 0)
		rc = -errno;
	if (rc < 0) {
		err_errno(j->err, rc, "write %s", path);
		unlink(beside);
	}
	free(beside);
	return rc;
}

static int
write_out(void *arg, const struct race_rules *rules, size_t ranking,
    struct board *board, const struct roster *roster)
{
	const struct job *j = arg;
	struct err err;
	int rc;

	/* A zone that this system does not have leaves its own. */
	(void)instant_zone(rules->timezone, &err);
	if (j->options->out != NULL)
		return write_file(j, rules, ranking, board, roster);
	rc = export_ranking(stdout, j->format, rules, ranking, board, roster);
	return rc < 0 ? err_errno(j->err, rc, "write the ranking") : rc;
}

/* What the race folder has to choose from; nobody is asked for that. */
static char *
which_ranking(const char *race)
{
	struct conf_report report = { 0 };
	struct race_rules *rules = NULL;
	char *words;

	if (race != NULL)
		rules = conf_rules(race, &report);
	if (rules != NULL)
		words = choice_ranking(rules, "");
	else
		words = xstrdup("which ranking? Name it: --ranking NAME");
	conf_report_clear(&report);
	rules_free(rules);
	return words;
}

/* ---- where it comes from ---- */

static int
from_book(struct job *j, struct book *b, char **words)
{
	struct board *board;
	int v;
	int rc;

	v = rules_ranking(b->rules, j->options->ranking);
	if (v < 0) {
		*words = choice_ranking(b->rules, j->options->ranking);
		return -ENOENT;
	}
	board = explain_board(b, (size_t)v);
	rc = write_out(j, b->rules, (size_t)v, board, b->roster);
	board_free(board);
	return rc;
}

static int
from_past(struct job *j, const struct verb_options *o, char **words)
{
	struct past past;
	int rc = verb_load(o, &past, NULL, NULL, j->err);

	if (rc < 0)
		return rc;
	rc = from_book(j, past.book, words);
	past_clear(&past);
	return rc;
}

static int
from_store(struct job *j, char **words)
{
	const struct verb_options o = { .race = j->options->race,
		.offline = true };

	return from_past(j, &o, words);
}

static int
from_aggregator(struct job *j, char **words)
{
	const struct verb_options *o = j->options;
	struct fetch_job fetch = {
		.aggregator = o->aggregator,
		.race = o->race,
		.ranking = o->ranking,
		.patience_us = PATIENCE_US,
	};

	/* A port may have passed on to another race's aggregator. */
	if (!verb_aggregator_named(o) && o->race != NULL &&
	    past_store(&fetch.store, o->race, j->err) < 0)
		fetch.store = 0;
	return fetch_ranking(&fetch, write_out, j, words, j->err);
}

static int export(struct job *j, char **words)
{
	const struct verb_options *o = j->options;
	int rc;

	if (o->from != NULL || o->at != NULL || o->at_seq != NULL)
		return from_past(j, o, words);
	if (!reach_first(o))
		return from_store(j, words);
	rc = from_aggregator(j, words);
	if ((rc != -ETIMEDOUT && rc != -ESTALE) || o->race == NULL ||
	    verb_aggregator_named(o))
		return rc;
	log_info("%s; reading race.db", j->err->text);
	return from_store(j, words);
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct err err = { "" };
	char *words = NULL;
	int format;
	int rc;

	verb_options(v, argc, argv, &o);
	if (o.rest_count > 0)
		cli_usage(v->program,
		    "%s: no such argument; did you mean "
		    "--ranking %s?",
		    o.rest[0], o.rest[0]);
	format = export_format(o.format != NULL ? o.format : "csv");
	if (format < 0)
		cli_usage(v->program, "--format %s: csv, json or text",
		    o.format);
	if (o.offline && o.race == NULL)
		cli_usage(v->program,
		    "--offline: of which race folder? Use "
		    "--race DIR or PALMARES_RACE");
	if (o.from != NULL && o.aggregator != NULL)
		cli_usage(v->program,
		    "--from reads %s alone: leave --aggregator out", o.from);
	/* A recording has its rules in it, and so the choice. */
	if (o.from != NULL && o.ranking == NULL)
		o.ranking = "";
	struct job j = {
		.options = &o,
		.format = (enum export_format)format,
		.err = &err,
	};
	if (o.ranking == NULL) {
		words = which_ranking(o.race);
		rc = -EINVAL;
	} else {
		rc = export(&j, &words);
	}
	if (words != NULL)
		cli_usage(v->program, "%s", words);
	/* Whoever reads has seen enough. */
	if (rc == -EPIPE)
		return 1;
	if (rc < 0)
		log_fatal(1, "%s", err.text);
	return 0;
}

const struct verb verb_export = {
	.name = "export",
	.program = "palmares export",
	.summary = "Writes a ranking, live, from race.db or a recording",
	.usage = "--ranking NAME [OPTION]...",
	.options =
	    "  --ranking NAME            which one\n"
	    "  --format csv|json|text    default csv\n"
	    "  --out FILE                instead of the standard output\n"
	    "  --at TIME                 as it stood at 10:42:00, or "
	    "2014-09-21T10:42:00+02:00\n"
	    "  --at-seq N                as it stood at that event of the log\n"
	    "  --offline                 read race.db, ask nobody\n"
	    "  --from FILE               read a recording, ask nobody\n"
	    "  --race DIR                the race folder "
	    "(or PALMARES_RACE)\n"
	    "  --aggregator HOST[:BASE]  whom to ask "
	    "(or PALMARES_AGGREGATOR)\n",
	.accepts = "rafkolmIQ",
	.run = run,
};
