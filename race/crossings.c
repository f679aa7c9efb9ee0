#include "race/crossings.h"

#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/rank/journal.h"

/* Texts are many and small, and go all at once. */
enum { CHUNK = 256 * 1024 };

struct chunk {
	struct chunk *before;
	size_t used;
	char text[CHUNK];
};

struct item {
	struct race_id id;
	struct race_crossing crossing;
};

struct crossings {
	struct journal *names; /* index + 1 */
	struct item *items;
	size_t count;
	size_t cap;
	struct chunk *chunk;
	/* The clocks that somebody has measured: a stream and a clock epoch
	 * make a name. */
	struct journal *measured;
	struct journal *revised;
};

struct crossings *
crossings_new(void)
{
	struct crossings *c = xcalloc(1, sizeof *c);

	c->names = journal_new();
	c->measured = journal_new();
	c->revised = journal_new();
	return c;
}

void
crossings_free(struct crossings *c)
{
	if (c == NULL)
		return;
	while (c->chunk != NULL) {
		struct chunk *before = c->chunk->before;

		free(c->chunk);
		c->chunk = before;
	}
	journal_free(c->names);
	journal_free(c->measured);
	journal_free(c->revised);
	free(c->items);
	free(c);
}

/* Every edge has checked that a text fits into a chunk. */
static const char *
keep(struct crossings *c, const char *text)
{
	size_t size = strlen(text) + 1;
	char *at;

	if (size == 1)
		return "";
	if (c->chunk == NULL || size > CHUNK - c->chunk->used) {
		struct chunk *next = xmalloc(sizeof *next);

		next->before = c->chunk;
		next->used = 0;
		c->chunk = next;
	}
	at = memcpy(c->chunk->text + c->chunk->used, text, size);
	c->chunk->used += size;
	return at;
}

static void
note_crossing(struct crossings *c, struct race_id id,
    const struct race_crossing *from)
{
	uint32_t *name = journal_at(c->names, id);
	struct race_crossing *to;

	if (*name != 0)
		return;
	c->items = xgrow(c->items, &c->cap, c->count, sizeof *c->items);
	c->items[c->count] = (struct item){ id, *from };
	to = &c->items[c->count].crossing;
	*name = (uint32_t)++c->count;
	to->point = keep(c, from->point);
	to->bib = keep(c, from->bib);
	to->chip = keep(c, from->chip);
	to->source = keep(c, from->source);
}

void
crossings_note(struct crossings *c, struct race_id id,
    const struct race_event *e)
{
	struct race_id about = { .stream = id.stream };

	if (e->kind == RACE_CROSSING) {
		note_crossing(c, id, &e->crossing);
	} else if (e->kind == RACE_CLOCK && e->clock.clock_epoch > 0) {
		about.seq = e->clock.clock_epoch;
		*journal_at(c->measured, about) = 1;
	} else if (e->kind == RACE_VOID) {
		about.seq = e->void_seq;
		*journal_at(c->revised, about) = 1;
	} else if (e->kind == RACE_FILL_IN) {
		about.seq = e->fill_in.seq;
		*journal_at(c->revised, about) = 1;
	}
}

const struct race_crossing *
crossings_find(struct crossings *c, struct race_id id)
{
	uint32_t name = *journal_at(c->names, id);

	return name == 0 ? NULL : &c->items[name - 1].crossing;
}

size_t
crossings_count(const struct crossings *c)
{
	return c->count;
}

const struct race_crossing *
crossings_at(const struct crossings *c, size_t i, struct race_id *id)
{
	*id = c->items[i].id;
	return &c->items[i].crossing;
}

bool
crossings_unmeasured(struct crossings *c, struct race_id id)
{
	const struct race_crossing *is = crossings_find(c, id);

	if (is == NULL || is->clock != RACE_CLOCK_LAPTOP || is->bound_us > 0)
		return false;
	return is->clock_epoch == 0 ||
	    *journal_at(c->measured,
	        (struct race_id){ id.stream, is->clock_epoch }) == 0;
}

bool
crossings_revised(struct crossings *c, struct race_id id)
{
	return *journal_at(c->revised, id) != 0;
}
