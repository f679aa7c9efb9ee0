/* palmares log: what happened, an event a line, from race.db, a recording or a
 * running aggregator. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/cli.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/about.h"
#include "control/event_json.h"
#include "control/story.h"
#include "control/verb.h"
#include "race/choice.h"
#include "race/kind.h"
#include "race/past.h"
#include "race/rules.h"

enum {
	LAST_MAX = 10000000,
	MOMENT_COLUMNS = 15, /* "10:31:05.123456" */
	DIGITS_LEAST = 4     /* of a stream, as for names */
};

/* --since and --until; a time of day is that of the race's date. */
struct bound {
	const char *option;
	const char *text; /* NULL: none */
	enum instant_form form;
	int64_t given_us;
	int64_t us;
};

struct job {
	const struct verb_options *options;
	struct past past;
	struct story story;
	bool json;
	int kind; /* -1: any */
	struct bound since;
	struct bound until;
	bool begun;
	int rc;
	struct err *err;
	uint64_t shown;

	/* -n: the last ones, in a ring that begins at `next`. */
	size_t last; /* 0: all */
	char **lines;
	size_t next;
};

/* ---- which events ---- */

static int
settle(struct bound *b, const char *date, struct err *err)
{
	if (b->text == NULL)
		return 0;
	if (b->form == INSTANT_ABSOLUTE) {
		b->us = b->given_us;
		return 0;
	}
	/* A season has no day of its own. */
	if (date[0] == '\0')
		return err_set(err, -EINVAL,
		    "%s %s: of which day? As in 2014-09-21T10:31:05+02:00",
		    b->option, b->text);
	if (instant_local(date, b->given_us, INSTANT_NONE, &b->us, err) < 0)
		return err_wrap(err, -EINVAL, "%s %s", b->option, b->text);
	return 0;
}

/* Once the rules are known. */
static void
begin(struct job *j)
{
	const char *date = j->past.book->rules->date;

	j->begun = true;
	j->story = (struct story){ .streams = j->past.streams,
		.rulings = j->past.book->rulings,
		.date = date };
	j->rc = settle(&j->since, date, j->err);
	if (j->rc == 0)
		j->rc = settle(&j->until, date, j->err);
}

static int64_t
moment_of(const struct past_event *e)
{
	if (e->event->kind == RACE_CROSSING)
		return e->event->crossing.time_us;
	if (e->event->kind == RACE_EVENT_UNKNOWN)
		return e->received_us;
	return story_told(e->event->made_us, e->received_us);
}

/* By its name, or the first digits of its epoch. */
static bool
is_station(struct job *j, const struct past_event *e, const char *station)
{
	size_t len = strlen(station);
	char name[NAME_MAX_PRINTED];
	char digits[20];

	if (strcmp(e->station, station) == 0)
		return true;
	/* One of several with that name: arrivee/2. */
	name_print(name, e->id, j->past.streams);
	if (strncmp(name, station, len) == 0 && name[len] == ':' &&
	    strchr(name + len + 1, ':') == NULL)
		return true;
	snprintf(digits, sizeof digits, "%016" PRIx64, e->id.stream);
	return len >= DIGITS_LEAST && strncasecmp(digits, station, len) == 0;
}

static bool
is_point(const struct race_event *e, const char *point)
{
	if (e->kind == RACE_CROSSING)
		return strcmp(e->crossing.point, point) == 0;
	return e->kind == RACE_DECISION &&
	    strcmp(e->decision->point, point) == 0;
}

static bool
is_wanted(struct job *j, const struct past_event *e)
{
	const struct verb_options *o = j->options;
	int64_t us = moment_of(e);

	return (j->kind < 0 || (int)e->event->kind == j->kind) &&
	    (o->station == NULL || is_station(j, e, o->station)) &&
	    (o->point == NULL || is_point(e->event, o->point)) &&
	    (j->since.text == NULL || us >= j->since.us) &&
	    (j->until.text == NULL || us <= j->until.us) &&
	    (o->bib == NULL ||
	        about_bib(j->past.book, o->bib, e->id, e->event));
}

/* ---- lines ---- */

static void
put_padded(FILE *out, const char *text, size_t width)
{
	size_t used = text_width(text);

	fprintf(out, "%s%*s  ", text, used < width ? (int)(width - used) : 0,
	    "");
}

static char *
text_line(struct job *j, const struct past_event *e)
{
	char moment[STORY_MOMENT];
	char name[NAME_MAX_PRINTED];
	/* The number behind it grows by and by. */
	size_t width = name_width(j->past.streams) + sizeof ":99999" - 1;
	char *line = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&line, &len);

	if (out == NULL)
		return NULL;
	fprintf(out, "%7" PRIu64 "  ", e->log);
	put_padded(out, name_print(name, e->id, j->past.streams), width);
	put_padded(out, story_moment(moment, &j->story, moment_of(e)),
	    MOMENT_COLUMNS);
	story_event(out, &j->story, e->id, e->event);
	fclose(out);
	return line;
}

static void
keep(struct job *j, char *line)
{
	if (j->last == 0) {
		puts(line);
		free(line);
		return;
	}
	if (j->lines == NULL)
		j->lines = xcalloc(j->last, sizeof *j->lines);
	free(j->lines[j->next]);
	j->lines[j->next] = line;
	j->next = (j->next + 1) % j->last;
}

static void
take(void *arg, const struct past_event *e)
{
	struct job *j = arg;
	char *line;

	if (!j->begun)
		begin(j);
	/* Nobody reads any more, or nothing can be said. */
	if (j->rc < 0 || ferror(stdout) || !is_wanted(j, e))
		return;
	line = j->json ? event_json(e, j->past.streams) : text_line(j, e);
	if (line == NULL) {
		j->rc = err_set(j->err, -ENOMEM, "no memory for a line");
		return;
	}
	j->shown++;
	keep(j, line);
}

static void
print_last(struct job *j)
{
	for (size_t i = 0; j->lines != NULL && i < j->last; i++) {
		char *line = j->lines[(j->next + i) % j->last];

		if (line != NULL)
			puts(line);
		free(line);
	}
	free(j->lines);
}

/* Nothing was found: because there is no such thing? */
static void
tell_none(struct job *j)
{
	const struct verb_options *o = j->options;
	struct err err;
	char *text;

	if (o->station != NULL &&
	    name_station(o->station, j->past.streams, &err) < 0)
		log_warnx("no event of --station %s", err.text);
	if (o->point != NULL &&
	    rules_reader(j->past.book->rules, o->point) < 0) {
		text = choice_point(j->past.book->rules, o->point);
		log_warnx("no event of --point %s: %s", o->point, text);
		free(text);
	}
}

/* ---- the command line ---- */

static void
read_bound(const struct verb *v, struct bound *b, const char *option,
    const char *text)
{
	struct err err;

	b->option = option;
	b->text = text;
	if (text == NULL)
		return;
	if (instant_parse(text, &b->form, &b->given_us, &err) < 0)
		cli_usage(v->program, "%s %s: %s", option, text, err.text);
	if (b->form == INSTANT_RELATIVE)
		cli_usage(v->program,
		    "%s %s: after which gun? Give a time of day (10:31:05) or "
		    "2014-09-21T10:31:05+02:00",
		    option, text);
}

static void
read_kind(const struct verb *v, struct job *j, const char *word)
{
	j->kind = word != NULL ? kind_parse(word) : -1;
	if (word != NULL && j->kind < 0)
		cli_usage(v->program,
		    "--kind %s: crossing, void, fill-in, clock, rules, entry, "
		    "entry-gone, gun, decision, award or unknown; of a season "
		    "result, result-gone, season-file, season-file-gone, "
		    "season-given or season-moment",
		    word);
}

static void
read_options(const struct verb *v, struct job *j, struct verb_options *o)
{
	int64_t last = 0;

	verb_recording(v, o);
	j->json = verb_past_options(v, o);
	if (o->last != NULL && cli_number(o->last, 1, LAST_MAX, &last) < 0)
		cli_usage(v->program, "-n %s: a number from 1 to %d", o->last,
		    LAST_MAX);
	j->last = (size_t)last;
	read_kind(v, j, o->kind);
	read_bound(v, &j->since, "--since", o->since);
	read_bound(v, &j->until, "--until", o->until);
}

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct err err = { "" };
	struct job j = { .options = &o, .err = &err };
	int rc;

	verb_options(v, argc, argv, &o);
	read_options(v, &j, &o);
	rc = verb_load_any(&o, &j.past, take, &j, &err);
	if (rc == 0)
		rc = j.rc;
	if (rc < 0)
		log_fatal(1, "%s", err.text);
	print_last(&j);
	if (j.shown == 0)
		tell_none(&j);
	past_clear(&j.past);
	return 0;
}

const struct verb verb_log = {
	.name = "log",
	.program = "palmares log",
	.summary = "Prints what happened, an event a line",
	.usage = "[FILE] [OPTION]...",
	.options =
	    "  --station NAME            of that station alone\n"
	    "  --bib BIB                 about that runner alone\n"
	    "  --point POINT             at that point alone\n"
	    "  --kind KIND               crossing, void, fill-in, clock, "
	    "rules, entry,\n"
	    "                            entry-gone, gun, decision or award\n"
	    "  --since TIME              not before 10:31:05, or "
	    "2014-09-21T10:31:05+02:00\n"
	    "  --until TIME              not after that\n"
	    "  -n, --last N              the last N of them\n"
	    "  --format text|json        default text; json is an object a "
	    "line\n"
	    "  --from FILE               read a recording, ask nobody, as "
	    "FILE alone does\n"
	    "  --race DIR                the race folder "
	    "(or PALMARES_RACE)\n"
	    "  --aggregator HOST[:BASE]  whose log to fetch "
	    "(or PALMARES_AGGREGATOR)\n",
	.accepts = "rafmsipcgun",
	.run = run,
};
