#include "control/verb.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cli.h"
#include "common/endpoint.h"
#include "common/instant.h"
#include "common/xalloc.h"

enum { OPTION_HELP = 'h', OPTION_VERSION = 'V' };

/* What an option becomes: a member that is its argument, or is true; or one
 * more of those that were said. */
enum form { FORM_TEXT, FORM_FLAG, FORM_SAID };

struct setting {
	const char *name;
	enum verb_option letter;
	enum form form;
	size_t at; /* the member of struct verb_options */
};

#define TEXT(member) FORM_TEXT, offsetof(struct verb_options, member)
#define FLAG(member) FORM_FLAG, offsetof(struct verb_options, member)
#define SAID         FORM_SAID, 0

static const struct setting settings[] = {
	{ "race", VERB_RACE, TEXT(race) },
	{ "aggregator", VERB_AGGREGATOR, TEXT(aggregator) },
	{ "format", VERB_FORMAT, TEXT(format) },
	{ "ranking", VERB_RANKING, TEXT(ranking) },
	{ "out", VERB_OUT, TEXT(out) },
	{ "from", VERB_FROM, TEXT(from) },
	{ "offline", VERB_OFFLINE, FLAG(offline) },
	{ "yes", VERB_YES, FLAG(yes) },
	{ "dry-run", VERB_DRY_RUN, FLAG(dry_run) },
	{ "remove", VERB_REMOVE, FLAG(remove) },
	{ "by", VERB_BY, TEXT(by) },
	{ "reason", VERB_REASON, TEXT(reason) },
	{ "unknown", VERB_UNKNOWN, FLAG(unknown) },
	{ "watch", VERB_WATCH, FLAG(watch) },
	{ "station", VERB_STATION, TEXT(station) },
	{ "bib", VERB_BIB, TEXT(bib) },
	{ "point", VERB_POINT, TEXT(point) },
	{ "kind", VERB_KIND, TEXT(kind) },
	{ "since", VERB_SINCE, TEXT(since) },
	{ "until", VERB_UNTIL, TEXT(until) },
	{ "last", VERB_LAST, TEXT(last) },
	{ "to", VERB_TO, TEXT(to) },
	{ "note", VERB_NOTE, TEXT(note) },
	{ "collected", VERB_COLLECTED, FLAG(collected) },
	{ "back", VERB_BACK, FLAG(back) },
	{ "all", VERB_ALL, FLAG(all) },
	{ "print", VERB_PRINT, FLAG(print) },
	{ "page", VERB_PAGE, FLAG(page) },
	{ "title", VERB_TITLE, TEXT(title) },
	{ "date", VERB_DATE, TEXT(date) },
	{ "timezone", VERB_TIMEZONE, TEXT(timezone) },
	{ "points", VERB_POINTS, TEXT(points) },
	{ "waves", VERB_WAVES, TEXT(waves) },
	{ "rankings", VERB_RANKINGS, TEXT(rankings) },
	{ "prizes", VERB_PRIZES, TEXT(prizes) },
	{ "entries", VERB_ENTRIES, FLAG(entries) },
	{ "season", VERB_SEASON, TEXT(season) },
	{ "after", VERB_AFTER, TEXT(after) },
	{ "plot", VERB_PLOT, TEXT(plot) },
	{ "team", VERB_TEAM, TEXT(team) },
	{ "unseen", VERB_UNSEEN, FLAG(unseen) },
	{ "seed", VERB_SEED, TEXT(seed) },
	{ "at", VERB_AT, TEXT(at) },
	{ "at-seq", VERB_AT_SEQ, TEXT(at_seq) },
	{ "rules", VERB_RULES, TEXT(rules) },
	{ "gun", VERB_GUN, SAID },
	{ "void", VERB_VOID, SAID },
	{ "undo", VERB_UNDO, SAID },
	{ "do", VERB_DO, SAID },
};

enum { SETTINGS = sizeof settings / sizeof settings[0] };

static _Noreturn void
help(const struct verb *v)
{
	printf("Usage: %s %s\n\n%s.\n\n%s"
	       "  --help                    this text\n"
	       "  --version                 the version\n",
	    v->program, v->usage, v->summary, v->options);
	exit(cli_end(v->program, 0));
}

/* They are kept until the program ends. */
static void
say(struct verb_options *o, enum verb_option letter)
{
	o->said = xgrow(o->said, &o->said_cap, o->said_count, sizeof *o->said);
	o->said[o->said_count++] = (struct verb_said){ letter, optarg };
}

/* getopt_long reads all options of all verbs: those that are not this one's
 * are refused here. */
static void
take(const struct verb *v, struct verb_options *o, int c)
{
	const struct setting *s = settings;
	char *member;

	while ((int)s->letter != c)
		s++;
	if (strchr(v->accepts, c) == NULL)
		cli_usage(v->program, "--%s: not for this verb", s->name);
	member = (char *)o + s->at;
	switch (s->form) {
	case FORM_TEXT:
		memcpy(member, &optarg, sizeof optarg);
		break;
	case FORM_FLAG:
		memcpy(member, &(bool){ true }, sizeof(bool));
		break;
	case FORM_SAID:
		say(o, s->letter);
		break;
	}
}

/* The settings as getopt_long takes them. */
static void
list_options(struct option out[SETTINGS + 3])
{
	for (size_t i = 0; i < SETTINGS; i++)
		out[i] = (struct option){ settings[i].name,
			settings[i].form == FORM_FLAG ? no_argument
			                              : required_argument,
			NULL, (int)settings[i].letter };
	out[SETTINGS] =
	    (struct option){ "help", no_argument, NULL, OPTION_HELP };
	out[SETTINGS + 1] =
	    (struct option){ "version", no_argument, NULL, OPTION_VERSION };
	out[SETTINGS + 2] = (struct option){ NULL, 0, NULL, 0 };
}

static void
read_at(const struct verb *v, struct verb_options *o)
{
	enum instant_form form;
	int64_t number;
	struct err err;

	if (o->at != NULL && o->at_seq != NULL)
		cli_usage(v->program, "--at and --at-seq: one of them");
	if (o->at_seq != NULL) {
		if (cli_number(o->at_seq, 1, INT64_MAX, &number) < 0)
			cli_usage(v->program,
			    "--at-seq %s: the number of an event, from 1 "
			    "(palmares log tells them)",
			    o->at_seq);
		o->at_log = (uint64_t)number;
	}
	if (o->at == NULL)
		return;
	if (instant_parse(o->at, &form, &o->at_us, &err) < 0)
		cli_usage(v->program, "--at %s: %s", o->at, err.text);
	if (form == INSTANT_RELATIVE)
		cli_usage(v->program,
		    "--at %s: after which gun? Give a time of day (10:42:00) "
		    "or 2014-09-21T10:42:00+02:00",
		    o->at);
	o->at_clock = form == INSTANT_CLOCK;
}

void
verb_options(const struct verb *v, int argc, char **argv,
    struct verb_options *out)
{
	struct option long_options[SETTINGS + 3];
	int c;

	list_options(long_options);
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
	read_at(v, out);
	out->race = cli_race(out->race);
	out->rest = argv + optind;
	out->rest_count = argc - optind;
}

bool
verb_aggregator_named(const struct verb_options *o)
{
	return endpoint_named(o->aggregator);
}

/* Any word would be a file that is not there. */
static void
check_recording(const struct verb *v, const char *word)
{
	struct stat st;

	if (stat(word, &st) < 0)
		cli_usage(v->program, "%s: %s: name a recording", word,
		    strerror(errno));
	if (S_ISDIR(st.st_mode))
		cli_usage(v->program,
		    "%s: is a folder: --race %s reads that of a race", word,
		    word);
}

void
verb_recording(const struct verb *v, struct verb_options *o)
{
	if (o->rest_count == 0)
		return;
	if (o->from != NULL || o->rest_count > 1)
		cli_usage(v->program, "one recording at a time: %s is too much",
		    o->rest[o->from != NULL ? 0 : 1]);
	check_recording(v, o->rest[0]);
	o->from = o->rest[0];
}

bool
verb_past_options(const struct verb *v, struct verb_options *o)
{
	bool json;

	if (o->from != NULL && o->aggregator != NULL)
		cli_usage(v->program,
		    "%s is read alone: leave --aggregator out", o->from);
	if (o->format == NULL)
		o->format = "text";
	json = strcmp(o->format, "json") == 0;
	if (!json && strcmp(o->format, "text") != 0)
		cli_usage(v->program, "--format %s: text or json", o->format);
	if (o->from == NULL)
		cli_folder(v->program, o->race);
	return json;
}

static struct past_source
source_of(const struct verb_options *o)
{
	return (struct past_source){ .race = o->race,
		.aggregator = o->aggregator,
		.from = o->from,
		.offline = o->offline,
		.at = o->at,
		.at_seq = o->at_seq,
		.at_clock = o->at_clock,
		.at_us = o->at_us,
		.at_log = o->at_log };
}

int
verb_load(const struct verb_options *o, struct past *out, past_fn fn, void *arg,
    struct err *err)
{
	const struct past_source from = source_of(o);

	return past_load(&from, out, fn, arg, err);
}

int
verb_load_any(const struct verb_options *o, struct past *out, past_fn fn,
    void *arg, struct err *err)
{
	struct past_source from = source_of(o);

	from.seasons = true;
	return past_load(&from, out, fn, arg, err);
}

int
verb_more(const struct verb_options *o, struct past *p, past_fn fn, void *arg,
    struct err *err)
{
	const struct past_source from = source_of(o);
	int rc;

	do
		rc = past_more(&from, p, fn, arg, err);
	while (rc == -EAGAIN);
	return rc;
}

struct story
verb_story(const struct past *p)
{
	return (struct story){ .streams = p->streams,
		.rulings = p->book->rulings,
		.date = p->book->rules->date,
		.stored_us = p->stored_us,
		.stored_count = p->stored_count };
}

void
verb_into_file(const struct verb *v, const struct verb_options *o)
{
	if (o->rest_count != 1)
		cli_usage(v->program, "%s",
		    o->rest_count == 0 ? "into which file? Name one"
		                       : "one file at a time");
	if (o->race == NULL)
		cli_usage(v->program,
		    "of which race folder? Use --race DIR or PALMARES_RACE");
	cli_folder(v->program, o->race);
}
