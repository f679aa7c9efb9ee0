#include "race/decided.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/roster.h"

enum { TEXTS = 13 };

/* One of the three bodies; entries are blocks of their own. */
struct block {
	struct race_event event;
	struct race_decision decision;
	struct race_matter matter;
	char texts[];
};

static size_t
texts_of_matter(struct race_matter *m, const char **out[TEXTS], size_t n)
{
	out[n++] = &m->season;
	out[n++] = &m->competition;
	out[n++] = &m->table;
	out[n++] = &m->subject;
	out[n++] = &m->team;
	return n;
}

/* The members that are texts; returns how many. */
static size_t
texts_of(struct block *b, const char **out[TEXTS])
{
	struct race_decision *d = &b->decision;
	struct race_prize *prize = &b->event.prize;
	size_t n = 0;

	if (b->event.kind == RACE_DECISION) {
		out[n++] = &d->by;
		out[n++] = &d->reason;
		out[n++] = &d->bib;
		out[n++] = &d->other_bib;
		out[n++] = &d->point;
		out[n++] = &d->wave;
		out[n++] = &d->ranking;
		out[n++] = &d->text;
		if (d->matter != NULL)
			n = texts_of_matter(&b->matter, out, n);
	} else if (b->event.kind == RACE_AWARD) {
		out[n++] = &prize->award;
		out[n++] = &prize->holder;
		out[n++] = &prize->note;
		out[n++] = &prize->by;
		out[n++] = &prize->winner;
	} else {
		out[n++] = &b->event.gun.wave;
	}
	return n;
}

static size_t
bytes_of(const char *const *const texts[TEXTS], size_t count)
{
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++) {
		assert(*texts[i] != NULL);
		bytes += strlen(*texts[i]) + 1;
	}
	return bytes;
}

struct race_event *
decided_copy(const struct race_event *e)
{
	struct block from = { .event = *e };
	struct block *b;
	const char **texts[TEXTS];
	size_t count;
	char *to;

	assert(e->kind == RACE_DECISION || e->kind == RACE_AWARD ||
	    e->kind == RACE_GUN);
	if (e->kind == RACE_DECISION)
		from.decision = *e->decision;
	if (e->kind == RACE_DECISION && e->decision->matter != NULL)
		from.matter = *e->decision->matter;
	count = texts_of(&from, texts);
	b = xmalloc(
	    sizeof *b + bytes_of((const char *const *const *)texts, count));
	*b = from;
	to = b->texts;
	count = texts_of(b, texts);
	for (size_t i = 0; i < count; i++) {
		const char *text = *texts[i];

		*texts[i] = to;
		to = stpcpy(to, text) + 1;
	}
	if (e->kind != RACE_DECISION)
		return &b->event;
	if (b->decision.entry != NULL)
		b->decision.entry = roster_entry_copy(b->decision.entry);
	if (b->decision.matter != NULL)
		b->decision.matter = &b->matter;
	b->event.decision = &b->decision;
	return &b->event;
}

void
decided_free(struct race_event *e)
{
	if (e == NULL)
		return;
	if (e->kind == RACE_DECISION) {
		union {
			const struct race_entry *entry;
			void *block;
		} u = { e->decision->entry };

		free(u.block);
	}
	free(e);
}
