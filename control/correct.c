#include "control/correct.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/nearest.h"
#include "common/xalloc.h"
#include "race/decided.h"

static const struct correct_verb verbs[] = {
	{ "mark", "status bib", correct_mark, false },
	{ "penalty", "bib amount", correct_penalty, false },
	{ "time", "bib point time", correct_time, false },
	{ "add", "bib point time", correct_add, false },
	{ "void", "read", correct_void, false },
	{ "move", "read *", correct_move, false },
	{ "swap", "bib other [point]", correct_swap, false },
	{ "gun", "[wave] time", correct_gun, false },
	{ "start", "bib time", correct_start, false },
	{ "change", "bib *", correct_change, false },
	{ "enter", "bib *", correct_enter, false },
	{ "remove", "bib", correct_remove, false },
	{ "publish", "ranking state", correct_publish, false },
	{ "award", "award place *", correct_award, false },
	{ "aside", "", correct_aside, true },
	{ "undo", "number", correct_undo, false },
};

enum {
	VERBS = sizeof verbs / sizeof *verbs,
	/* A batch is stored whole or not at all; with long reasons, in
	 * RACE_BATCH_BYTES. */
	AT_ONE_STROKE = 60
};

const struct correct_verb *
correct_verb(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (strcasecmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

char *
correct_verb_list(void)
{
	const char *names[VERBS];

	size_t count = 0;

	for (size_t i = 0; i < VERBS; i++)
		if (!verbs[i].crossings)
			names[count++] = verbs[i].name;
	return nearest_list(names, count);
}

void
correct_settle(struct correct_job *job)
{
	int64_t rulings_us = rulings_latest(job->book->rulings);
	int64_t roster_us = roster_latest(job->book->roster);

	if (job->made_us <= rulings_us)
		job->made_us = rulings_us + 1;
	if (job->made_us <= roster_us)
		job->made_us = roster_us + 1;
}

void
correct_init(struct correct *c, const struct correct_job *job)
{
	*c = (struct correct){ .job = job };
	c->story = (struct story){ .streams = job->streams,
		.rulings = job->book->rulings,
		.date = job->book->rules->date };
}

static void
free_texts(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

void
correct_clear(struct correct *c)
{
	for (size_t i = 0; i < c->count; i++)
		decided_free(c->copies[i]);
	free(c->copies);
	free(c->events);
	free_texts(c->notes, c->note_count);
	free_texts(c->bibs, c->bib_count);
	free_texts(c->names, c->bib_count);
	*c = (struct correct){ 0 };
}

/* ---- decisions ---- */

static void
set_copy(struct correct *c, size_t i, const struct race_event *e)
{
	c->copies[i] = decided_copy(e);
	c->events[i] = (struct preview_event){
		.id = { c->job->stream, i + 1 },
		.event = *c->copies[i],
	};
}

static void
add(struct correct *c, const struct race_event *e)
{
	c->events =
	    xgrow(c->events, &c->events_cap, c->count, sizeof *c->events);
	c->copies =
	    xgrow(c->copies, &c->copies_cap, c->count, sizeof *c->copies);
	set_copy(c, c->count++, e);
}

void
correct_decide(struct correct *c, const struct race_decision *d)
{
	struct race_decision whole = *d;
	const char **const texts[] = { &whole.by, &whole.reason, &whole.bib,
		&whole.other_bib, &whole.point, &whole.wave, &whole.ranking,
		&whole.text };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (*texts[i] == NULL)
			*texts[i] = "";
	whole.by = c->job->by;
	add(c,
	    &(struct race_event){ .kind = RACE_DECISION,
	        .made_us = c->job->made_us,
	        .decision = &whole });
}

void
correct_give(struct correct *c, const struct race_prize *p)
{
	struct race_event e = { .kind = RACE_AWARD,
		.made_us = c->job->made_us,
		.prize = *p };

	e.prize.by = c->job->by;
	add(c, &e);
}

void
correct_apply(const struct correct *c, size_t from)
{
	for (size_t i = from; i < c->count; i++)
		(void)book_apply(c->job->book, c->events[i].id,
		    &c->events[i].event);
}

void
correct_reason(struct correct *c, const char *reason)
{
	for (size_t i = 0; i < c->count; i++) {
		struct race_event *old = c->copies[i];
		struct race_event e = *old;
		struct race_decision d;

		if (story_reason(old)[0] != '\0')
			continue;
		if (e.kind == RACE_AWARD) {
			e.prize.note = reason;
		} else {
			d = *old->decision;
			d.reason = reason;
			e.decision = &d;
		}
		set_copy(c, i, &e);
		decided_free(old);
	}
}

void
correct_note(struct correct *c, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = xstrdup(fmt);
	va_end(ap);
	c->notes =
	    xgrow(c->notes, &c->notes_cap, c->note_count, sizeof *c->notes);
	c->notes[c->note_count++] = text;
}

void
correct_note_parts(struct correct *c)
{
	if (c->count > AT_ONE_STROKE)
		correct_note(c,
		    "more than %d may be stored in parts: if it is cut off "
		    "between two, palmares history tells what is decided",
		    (int)AT_ONE_STROKE);
}

void
correct_concerns(struct correct *c, const char *bib)
{
	const char *name = correct_whose(c, bib);

	for (size_t i = 0; i < c->bib_count; i++)
		if (strcmp(c->bibs[i], bib) == 0)
			return;
	c->bibs = xgrow(c->bibs, &c->bibs_cap, c->bib_count, sizeof *c->bibs);
	c->names =
	    xgrow(c->names, &c->names_cap, c->bib_count, sizeof *c->names);
	c->names[c->bib_count] = xstrdup(name);
	c->bibs[c->bib_count++] = xstrdup(bib);
}

const char *
correct_whose(const struct correct *c, const char *bib)
{
	const struct race_entry *e = roster_find(c->job->book->roster, bib);

	if (e != NULL)
		return e->name;
	for (size_t i = 0; i < c->bib_count; i++)
		if (strcmp(c->bibs[i], bib) == 0)
			return c->names[i];
	return "";
}
