#include "control/correct.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"
#include "common/xalloc.h"
#include "race/decided.h"

static const struct correct_verb verbs[] = {
	{ "mark", "status bib", correct_mark },
	{ "penalty", "bib amount", correct_penalty },
	{ "time", "bib point time", correct_time },
	{ "add", "bib point time", correct_add },
	{ "void", "read", correct_void },
	{ "move", "read *", correct_move },
	{ "swap", "bib other [point]", correct_swap },
	{ "gun", "[wave] time", correct_gun },
	{ "start", "bib time", correct_start },
	{ "change", "bib *", correct_change },
	{ "enter", "bib *", correct_enter },
	{ "publish", "ranking state", correct_publish },
	{ "award", "award place *", correct_award },
	{ "undo", "number", correct_undo },
};

enum { VERBS = sizeof verbs / sizeof *verbs };

const struct correct_verb *
correct_verb(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

char *
correct_verb_list(void)
{
	const char *names[VERBS];

	for (size_t i = 0; i < VERBS; i++)
		names[i] = verbs[i].name;
	return nearest_list(names, VERBS);
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
correct_concerns(struct correct *c, const char *bib)
{
	for (size_t i = 0; i < c->bib_count; i++)
		if (strcmp(c->bibs[i], bib) == 0)
			return;
	c->bibs = xgrow(c->bibs, &c->bibs_cap, c->bib_count, sizeof *c->bibs);
	c->bibs[c->bib_count++] = xstrdup(bib);
}
