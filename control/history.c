/* palmares history: what operators decided, in order, and what of it holds. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/cli.h"
#include "common/log.h"
#include "common/text.h"
#include "control/about.h"
#include "control/event_json.h"
#include "control/prose.h"
#include "control/story.h"
#include "control/verb.h"
#include "race/past.h"

enum {
	MOMENT_COLUMNS = 8, /* "10:31:05" */
	COLUMN_LATEST = 48, /* where words may stand below each other */
	COLUMN_BELOW = 7
};

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

/* A name of an operator, at most. */
static void
put_padded(FILE *out, const char *text, size_t width)
{
	char shown[3 * RACE_NAME_MAX + 1];
	size_t used = text_fit(shown, sizeof shown, text, SIZE_MAX, false);

	fprintf(out, "%s%*s  ", shown, used < width ? (int)(width - used) : 0,
	    "");
}

/* Number, when, who, and whether it holds; for free(). */
static char *
head_of(struct job *j, const struct rulings_item *item, size_t width)
{
	char moment[STORY_MOMENT];
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		log_fatal(1, "no memory for a line");
	fprintf(out, "%5" PRIu64 "  ", item->number);
	put_padded(out,
	    story_moment(moment, &j->story, story_when(&j->story, item)),
	    MOMENT_COLUMNS);
	put_padded(out, story_by(&j->story, item->id, item->event), width);
	put_state(out, item);
	fclose(out);
	return text;
}

/* What and why are read together; for free(). */
static char *
what_of(const struct story *s, const struct rulings_item *item)
{
	char reason[3 * RACE_REASON_MAX + 1];
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		log_fatal(1, "no memory for a line");
	text_fit(reason, sizeof reason, story_reason(item->event), SIZE_MAX,
	    false);
	story_decided(out, s, item->event);
	if (reason[0] != '\0')
		fprintf(out, " (%s)", reason);
	fclose(out);
	return text;
}

/* On a terminal broken between words; else a decision is a line. */
static void
print_item(struct job *j, const struct rulings_item *item, size_t width,
    bool terminal)
{
	char *head = head_of(j, item, width);
	char *what = what_of(&j->story, item);
	size_t column = text_width(head);

	fputs(head, stdout);
	if (terminal)
		prose_go_on(stdout, column,
		    column <= COLUMN_LATEST ? column : COLUMN_BELOW, what);
	else
		puts(what);
	free(head);
	free(what);
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
	bool terminal = isatty(STDOUT_FILENO) != 0;
	struct rulings_item item;

	for (size_t i = 0; i < count; i++) {
		rulings_at(j->past.book->rulings, i, &item);
		if (!is_wanted(j, &item))
			continue;
		shown++;
		print_item(j, &item, width, terminal);
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
		line = event_json_ruling(&item, j->past.streams,
		    j->past.stored_us[item.number - 1]);
		if (line != NULL)
			puts(line);
		free(line);
	}
}

/* ---- the command line ---- */

static bool
read_options(const struct verb *v, struct verb_options *o)
{
	if (o->rest_count > 1)
		cli_usage(v->program, "%s: one bib at a time", o->rest[1]);
	return verb_past_options(v, o);
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
	if (verb_load(&o, &j.past, NULL, NULL, &err) < 0)
		log_fatal(1, "%s", err.text);
	j.bib = o.rest_count > 0 ? o.rest[0] : NULL;
	j.story = verb_story(&j.past);
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
	    "  --at TIME                 as it stood at 10:42:00, or "
	    "2014-09-21T10:42:00+02:00\n"
	    "  --at-seq N                as it stood at that event of the log\n"
	    "  --from FILE               read a recording, ask nobody\n"
	    "  --race DIR                the race folder "
	    "(or PALMARES_RACE)\n"
	    "  --aggregator HOST[:BASE]  whose log to fetch "
	    "(or PALMARES_AGGREGATOR)\n",
	.accepts = "rafmIQ",
	.run = run,
};
