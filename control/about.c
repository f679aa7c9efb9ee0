#include "control/about.h"

#include <stdlib.h>
#include <string.h>

#include "race/rulings.h"

static bool
same(struct race_id a, struct race_id b)
{
	return a.seq > 0 && a.stream == b.stream && a.seq == b.seq;
}

/* A crossing that is his, or that names him. */
static bool
is_read(struct book *b, const char *bib, struct race_id id)
{
	struct rank_read *reads;
	size_t count;
	bool found = false;

	if (id.seq == 0)
		return false;
	count = rank_reads(b->rank, bib, &reads);
	for (size_t i = 0; i < count && !found; i++)
		found = same(id, reads[i].id) || same(id, reads[i].by);
	free(reads);
	return found;
}

/* The event that an undo is about, NULL: it has not come. */
static const struct race_event *
find(const struct book *b, struct race_id id)
{
	size_t count = id.seq > 0 ? rulings_count(b->rulings) : 0;
	struct rulings_item item;

	for (size_t i = 0; i < count; i++) {
		rulings_at(b->rulings, i, &item);
		if (same(item.id, id))
			return item.event;
	}
	return NULL;
}

static bool
is_decision(struct book *b, const char *bib, const struct race_decision *d)
{
	/* An undo of an undo of ...: each older than the one before it came. */
	for (int depth = 0; depth < 1000; depth++) {
		const struct race_event *e;

		if (strcmp(d->bib, bib) == 0 ||
		    strcmp(d->other_bib, bib) == 0 ||
		    (d->entry != NULL && strcmp(d->entry->bib, bib) == 0))
			return true;
		if (d->verb != RACE_UNDO)
			return is_read(b, bib, d->target) ||
			    is_read(b, bib, d->other_target);
		e = find(b, d->target);
		if (e == NULL || e->kind != RACE_DECISION)
			return e != NULL && e->kind == RACE_AWARD &&
			    strcmp(e->prize.holder, bib) == 0;
		d = e->decision;
	}
	return false;
}

static bool
is_crossing(const struct book *b, const char *bib,
    const struct race_crossing *c)
{
	const struct race_entry *e;

	if (c->bib[0] != '\0' || c->chip[0] == '\0')
		return strcmp(c->bib, bib) == 0;
	e = roster_find(b->roster, bib);
	for (size_t i = 0; e != NULL && i < e->chip_count; i++)
		if (strcmp(e->chips[i], c->chip) == 0)
			return true;
	return false;
}

bool
about_bib(struct book *b, const char *bib, struct race_id id,
    const struct race_event *e)
{
	struct race_id target = { .stream = id.stream };

	switch (e->kind) {
	case RACE_CROSSING:
		return is_crossing(b, bib, &e->crossing);
	case RACE_VOID:
		target.seq = e->void_seq;
		return is_read(b, bib, target);
	case RACE_FILL_IN:
		target.seq = e->fill_in.seq;
		return strcmp(e->fill_in.bib, bib) == 0 ||
		    is_read(b, bib, target);
	case RACE_ENTRY:
		return strcmp(e->entry.bib, bib) == 0;
	case RACE_ENTRY_GONE:
		return strcmp(e->entry_gone, bib) == 0;
	case RACE_DECISION:
		return is_decision(b, bib, e->decision);
	case RACE_AWARD:
		return strcmp(e->prize.holder, bib) == 0;
	case RACE_EVENT_UNKNOWN:
	case RACE_CLOCK:
	case RACE_RULES:
	case RACE_GUN:
	case RACE_RESULT:
	case RACE_RESULT_GONE:
	case RACE_SEASON_FILE:
	case RACE_SEASON_FILE_GONE:
	case RACE_SEASON_GIVEN:
	case RACE_SEASON_MOMENT:
		break;
	}
	return false;
}
