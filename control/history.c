/* palmares history: what operators decided, in order, and what of it holds. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/log.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/about.h"
#include "control/event_json.h"
#include "control/past.h"
#include "control/story.h"
#include "control/verb.h"

enum { MOMENT_COLUMNS = 15 }; /* "10:31:05.123456" */

struct job {
	struct past past;
	struct story story;
	const char *bib; /* NULL: all */
};

static bool
is_wanted(struct job *j, const struct rulings_item *item)
{
	return j->bib == NULL ||
	    about_bib(j->past.book, j->bib, item->id, item->event);
}

/* ---- text ---- */

static void
put_state(FILE *out, const struct rulings_item *item)
{
	char text[40] = "holds";

	if (!item->holds)
		snprintf(text, sizeof text, "undone by %" PRIu64,
		    item->undone_by);
	fprintf(out, "%-14s  ", text);
}

static void
put_padded(FILE *out, const char *text, size_t width)
{
	size_t used = text_width(text);

	fprintf(out, "%s%*s  ", text, used < width ? (int)(width - used) : 0,
	    "");
}

/* What and why are read together. */
static void
put_what(FILE *out, const struct story *s, const struct rulings_item *item)
{
	const char *reason = story_reason(item->event);

	story_decided(out, s, item->event);
	if (reason[0] != '\0')
		fprintf(out, " (%s)", reason);
	putc('\n', out);
}

/* Columns of the longest operator's name. */
static size_t
who_width(struct job *j)
{
	size_t count = rulings_count(j->past.book->rulings);
	size_t width = 0;
	struct rulings_item item;

	for (size_t i = 0; i < count; i++) {
		size_t w;

		rulings_at(j->past.book->rulings, i, &item);
		w = text_width(story_by(&j->story, item.id, item.event));
		if (w > width)
			width = w;
	}
	return width;
}

static void
print_text(struct job *j)
{
	size_t count = rulings_count(j->past.book->rulings);
	size_t width = who_width(j);
	size_t shown = 0;
	char moment[STORY_MOMENT];
	struct rulings_item item;

	for (size_t i = 0; i < count; i++) {
		rulings_at(j->past.book->rulings, i, &item);
		if (!is_wanted(j, &item))
			continue;
		shown++;
		printf("%5" PRIu64 "  ", item.number);
		put_padded(stdout,
		    story_moment(moment, &j->story, item.event->made_us),
		    MOMENT_COLUMNS);
		put_padded(stdout, story_by(&j->story, item.id, item.event),
		    width);
		put_state(stdout, &item);
		put_what(stdout, &j->story, &item);
	}
	if (shown == 0)
		log_info("nothing was decided%s%s",
		    j->bib != NULL ? " about " : "",
		    j->bib != NULL ? j->bib : "");
}

/* ---- json ---- */

static void
print_json(struct job *j)
{
	size_t count = rulings_count(j->past.book->rulings);
	struct rulings_item item;

	for (size_t i = 0; i < count; i++) {
		char *line;

		rulings_at(j->past.book->rulings, i, &item);
		if (!is_wanted(j, &item))
			continue;
		line = event_json_ruling(&item, j->past.streams);
		if (line != NULL)
			puts(line);
		free(line);
	}
}

/* ---- the command line ---- */

static bool
read_options(const struct verb *v, struct verb_options *o)
{
	bool json;

	if (o->rest_count > 1)
		cli_usage(v->program, "%s: one bib at a time", o->rest[1]);
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

static int
run(const struct verb *v, int argc, char **argv)
{
	struct verb_options o;
	struct err err = { "" };
	struct job j = { .bib = NULL };
	bool json;

	verb_options(v, argc, argv, &o);
	json = read_options(v, &o);
	if (past_load(&o, &j.past, NULL, NULL, &err) < 0)
		log_fatal(1, "%s", err.text);
	j.bib = o.rest_count > 0 ? o.rest[0] : NULL;
	j.story = (struct story){ .streams = j.past.streams,
		.rulings = j.past.book->rulings,
		.date = j.past.book->rules->date };
	if (json)
		print_json(&j);
	else
		print_text(&j);
	past_clear(&j.past);
	return 0;
}

const struct verb verb_history = {
	.name = "history",
	.program = "palmares history",
	.summary = "Shows what operators decided, and what of it holds",
	.usage = "[BIB] [OPTION]...",
	.options =
	    "  --format text|json        default text; json is an object a "
	    "line\n"
	    "  --from FILE               read a recording, ask nobody\n"
	    "  --race DIR                the race folder "
	    "(or PALMARES_RACE)\n"
	    "  --aggregator HOST[:BASE]  whose log to fetch "
	    "(or PALMARES_AGGREGATOR)\n",
	.accepts = "rafm",
	.run = run,
};
