#include "control/correct_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "control/prose.h"
#include "control/terms.h"

enum {
	COLUMNS = 80,
	DECISIONS_SHOWN = 20,
	NOTES_SHOWN = 20,
	PROBLEMS_SHOWN = 100
};

/* Whose crossing it is, when and where, and who gets it; for free(). */
static char *
crossing_of(const struct correct *c, const struct race_decision *d)
{
	const struct race_rules *rules = c->job->book->rules;
	struct rank_crossing crossing;
	char at[STORY_MOMENT];
	char *whose;
	char *whom;
	char *text;

	if (!rank_find(c->job->book->rank, d->target, &crossing))
		return xstrdup("");
	whose = crossing.bib[0] != '\0' ? terms_person(c, crossing.bib)
	                                : xstrdup("nobody's");
	whom = d->bib[0] != '\0' ? terms_person(c, d->bib) : xstrdup("");
	text = xasprintf("%s, %s at %s%s%s", whose,
	    story_moment(at, &c->story, crossing.time_us),
	    crossing.point >= 0 ? rules->points[crossing.point].name
	                        : "no point of the course",
	    whom[0] != '\0' ? " -> " : "", whom);
	free(whose);
	free(whom);
	return text;
}

/* What is undone, or whom it is about; for free(). */
static char *
more_of(const struct correct *c, const struct race_event *e)
{
	const struct race_decision *d =
	    e->kind == RACE_DECISION ? e->decision : NULL;
	struct rulings_item item;
	uint64_t number = 0;
	char *text = NULL;
	size_t len;
	FILE *out;

	if (d != NULL && d->verb == RACE_UNDO)
		number = story_number(&c->story, d->target);
	if (number > 0 && (out = open_memstream(&text, &len)) != NULL) {
		rulings_at(c->story.rulings, number - 1, &item);
		story_decided(out, &c->story, item.event);
		fclose(out);
		return text;
	}
	if (d != NULL &&
	    (d->verb == RACE_VOID_READ || d->verb == RACE_MOVE_READ))
		return crossing_of(c, d);
	/* An entry names him, and of a swap one name alone would mislead. */
	if (d == NULL || d->verb == RACE_SET_ENTRY || d->verb == RACE_SWAP)
		return xstrdup("");
	return xstrdup(correct_whose(c, d->bib));
}

/* What does not fit stands below it. */
static void
print_words(char *text)
{
	size_t first = strcspn(text, " ");
	const char *rest = text[first] != '\0' ? text + first + 1 : "";

	text[first] = '\0';
	prose_put(stdout, 2, text, 4, rest);
}

/* Behind one another if that fits. */
static void
print_decision(const struct correct *c, const struct race_event *e)
{
	char *more = more_of(c, e);
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out != NULL) {
		bool fits;

		story_decided(out, &c->story, e);
		fflush(out);
		fits = text_width(text) + text_width(more) <= COLUMNS - 6;
		if (more[0] != '\0' && fits)
			fprintf(out, " - %s", more);
		fclose(out);
		print_words(text);
		if (more[0] != '\0' && !fits)
			prose_put(stdout, 4, "-", 6, more);
	}
	free(text);
	free(more);
}

void
correct_print(const struct correct *c)
{
	size_t shown = c->listed || c->count < DECISIONS_SHOWN
	    ? c->count
	    : DECISIONS_SHOWN;

	for (size_t i = 0; i < shown; i++)
		print_decision(c, &c->events[i].event);
	if (c->count > shown)
		printf("  and %zu more\n", c->count - shown);
	for (size_t i = 0; i < c->note_count && i < NOTES_SHOWN; i++)
		prose_put(stdout, 2, "note:", 8, c->notes[i]);
	if (c->note_count > NOTES_SHOWN)
		printf("  and %zu more notes\n", c->note_count - NOTES_SHOWN);
}

void
correct_print_notes(const struct correct *c)
{
	for (size_t i = 0; i < c->note_count && i < NOTES_SHOWN; i++)
		prose_put(stdout, 0, "", 0, c->notes[i]);
	if (c->note_count > NOTES_SHOWN)
		printf("and %zu more notes\n", c->note_count - NOTES_SHOWN);
}

void
correct_print_problems(const struct conf_report *report)
{
	fflush(stdout);
	for (size_t i = 0; i < report->count && i < PROBLEMS_SHOWN; i++) {
		char line[4096];

		conf_problem_print(line, sizeof line, &report->problems[i]);
		fprintf(stderr, "%s\n", line);
	}
	if (report->count > PROBLEMS_SHOWN)
		fprintf(stderr, "and %zu more\n",
		    report->count - PROBLEMS_SHOWN);
}
