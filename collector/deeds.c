#include "collector/deeds.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

/* What is written in the crossings, and what they are known by later. */
static const char source[] = "keyboard";

/* An event that is not durable yet. */
struct made {
	enum race_event_kind kind;
	int64_t made_us;
	uint64_t target; /* of a void or fill-in */
	int64_t time_us;
	int64_t boot_us;
	struct clockwork_mark mark;
	struct race_clock_estimate estimate;
	uint32_t flags;
	char bib[RACE_BIB_MAX + 1];
};

enum deed { ENTERED, FILLED, TAKEN_BACK, BROUGHT_BACK };

/* What was done, to be undone. */
struct action {
	enum deed deed;
	size_t entry;
	char before[RACE_BIB_MAX + 1]; /* FILLED */
	char after[RACE_BIB_MAX + 1];
};

struct deeds {
	const char *point;
	const struct bibs *bibs;

	struct deeds_entry *entries;
	size_t count;
	size_t cap;

	struct made *made; /* durable + 1 .. last */
	size_t made_count;
	size_t made_cap;
	uint64_t durable;

	/* Those up to `done` hold; those behind were undone. */
	struct action *actions;
	size_t done;
	size_t action_count;
	size_t action_cap;
};

struct deeds *
deeds_new(const char *point, const struct bibs *bibs, uint64_t last)
{
	struct deeds *d = xcalloc(1, sizeof *d);

	d->point = point;
	d->bibs = bibs;
	d->durable = last;
	return d;
}

void
deeds_free(struct deeds *d)
{
	if (d == NULL)
		return;
	free(d->entries);
	free(d->made);
	free(d->actions);
	free(d);
}

size_t
deeds_count(const struct deeds *d)
{
	return d->count;
}

const struct deeds_entry *
deeds_entry(const struct deeds *d, size_t i)
{
	assert(i < d->count);
	return &d->entries[i];
}

int64_t
deeds_seen(const struct deeds *d, size_t end, const char *bib, int64_t time_us)
{
	int64_t first = RACE_NO_TIME;

	if (bib[0] == '\0')
		return RACE_NO_TIME;
	for (size_t i = 0; i < end; i++) {
		const struct deeds_entry *e = &d->entries[i];

		if (!e->gone && e->time_us <= time_us &&
		    time_us - e->time_us <= DEEDS_AGAIN_US &&
		    strcmp(e->bib, bib) == 0 &&
		    (first == RACE_NO_TIME || e->time_us < first))
			first = e->time_us;
	}
	return first;
}

/* ---- events ---- */

uint64_t
deeds_last(const struct deeds *d)
{
	return d->durable + d->made_count;
}

static uint64_t
make(struct deeds *d, const struct made *m)
{
	d->made = xgrow(d->made, &d->made_cap, d->made_count, sizeof *d->made);
	d->made[d->made_count++] = *m;
	return deeds_last(d);
}

void
deeds_event(const struct deeds *d, uint64_t seq, struct race_event *out)
{
	const struct made *m;

	assert(seq > d->durable && seq <= deeds_last(d));
	m = &d->made[seq - d->durable - 1];
	*out = (struct race_event){ .kind = m->kind, .made_us = m->made_us };
	if (m->kind == RACE_VOID) {
		out->void_seq = m->target;
	} else if (m->kind == RACE_FILL_IN) {
		out->fill_in.seq = m->target;
		out->fill_in.bib = m->bib;
	} else if (m->kind == RACE_CLOCK) {
		out->clock = m->estimate;
	} else {
		out->crossing = (struct race_crossing){ .point = d->point,
			.bib = m->bib,
			.chip = "",
			.time_us = m->time_us,
			.clock = RACE_CLOCK_LAPTOP,
			.clock_epoch = m->mark.epoch,
			.boot_us = m->boot_us,
			.offset_us = m->mark.offset_us,
			.bound_us = m->mark.bound_us,
			.flags = m->flags,
			.source = source };
	}
}

void
deeds_durable(struct deeds *d, uint64_t seq)
{
	size_t n = (size_t)(seq - d->durable);

	assert(seq >= d->durable && n <= d->made_count);
	if (n == 0)
		return;
	d->made_count -= n;
	memmove(d->made, d->made + n, d->made_count * sizeof *d->made);
	d->durable = seq;
}

size_t
deeds_unsaved(const struct deeds *d)
{
	size_t count = 0;

	for (size_t i = 0; i < d->made_count; i++)
		count += d->made[i].kind != RACE_CLOCK;
	return count;
}

static uint64_t
make_crossing(struct deeds *d, const struct deeds_entry *e, int64_t made_us)
{
	struct made m = { .kind = RACE_CROSSING,
		.made_us = made_us,
		.time_us = e->time_us,
		.boot_us = e->boot_us,
		.mark = e->mark };

	(void)snprintf(m.bib, sizeof m.bib, "%s", e->bib);
	if (bibs_unknown(d->bibs, e->bib))
		m.flags |= RACE_FLAG_UNKNOWN_BIB;
	if (e->listed)
		m.flags |= RACE_FLAG_LISTED;
	return make(d, &m);
}

void
deeds_estimate(struct deeds *d, const struct race_clock_estimate *e,
    int64_t made_us)
{
	make(d,
	    &(struct made){ .kind = RACE_CLOCK,
	        .made_us = made_us,
	        .estimate = *e });
}

/* ---- what is done to entries ---- */

static size_t
add_entry(struct deeds *d, const struct deeds_entry *e)
{
	d->entries = xgrow(d->entries, &d->cap, d->count, sizeof *d->entries);
	d->entries[d->count] = *e;
	return d->count++;
}

static void
take_back(struct deeds *d, size_t i, int64_t made_us)
{
	struct deeds_entry *e = &d->entries[i];
	struct made m = { .kind = RACE_VOID,
		.made_us = made_us,
		.target = e->seq };

	e->touched = make(d, &m);
	e->gone = true;
}

static void
bring_back(struct deeds *d, size_t i, int64_t made_us)
{
	struct deeds_entry *e = &d->entries[i];

	e->seq = e->touched = make_crossing(d, e, made_us);
	e->gone = false;
}

static void
refill(struct deeds *d, size_t i, const char *bib, int64_t made_us)
{
	struct deeds_entry *e = &d->entries[i];
	struct made m = { .kind = RACE_FILL_IN,
		.made_us = made_us,
		.target = e->seq };

	(void)snprintf(m.bib, sizeof m.bib, "%s", bib);
	memcpy(e->bib, m.bib, sizeof e->bib);
	e->touched = make(d, &m);
}

/* Behind what holds; what was undone cannot be done again then. */
static void
note_action(struct deeds *d, enum deed deed, size_t entry, const char *before,
    const char *after)
{
	struct action *a;

	d->actions =
	    xgrow(d->actions, &d->action_cap, d->done, sizeof *d->actions);
	a = &d->actions[d->done++];
	d->action_count = d->done;
	*a = (struct action){ .deed = deed, .entry = entry };
	(void)snprintf(a->before, sizeof a->before, "%s", before);
	(void)snprintf(a->after, sizeof a->after, "%s", after);
}

size_t
deeds_enter(struct deeds *d, const struct deeds_entry *e, int64_t made_us)
{
	size_t i = add_entry(d, e);

	bring_back(d, i, made_us);
	note_action(d, ENTERED, i, "", "");
	return i;
}

void
deeds_fill(struct deeds *d, size_t i, const char *bib, int64_t made_us)
{
	char before[RACE_BIB_MAX + 1];

	memcpy(before, d->entries[i].bib, sizeof before);
	refill(d, i, bib, made_us);
	note_action(d, FILLED, i, before, bib);
}

void
deeds_toggle(struct deeds *d, size_t i, int64_t made_us)
{
	if (d->entries[i].gone) {
		bring_back(d, i, made_us);
		note_action(d, BROUGHT_BACK, i, "", "");
	} else {
		take_back(d, i, made_us);
		note_action(d, TAKEN_BACK, i, "", "");
	}
}

enum deeds_change
deeds_undo(struct deeds *d, int64_t made_us, size_t *i)
{
	const struct action *a;

	if (d->done == 0)
		return DEEDS_NOTHING;
	a = &d->actions[--d->done];
	*i = a->entry;
	switch (a->deed) {
	case ENTERED:
	case BROUGHT_BACK:
		take_back(d, a->entry, made_us);
		return DEEDS_GONE;
	case TAKEN_BACK:
		bring_back(d, a->entry, made_us);
		return DEEDS_BACK;
	case FILLED:
		refill(d, a->entry, a->before, made_us);
		break;
	}
	return DEEDS_REFILLED;
}

enum deeds_change
deeds_redo(struct deeds *d, int64_t made_us, size_t *i)
{
	const struct action *a;

	if (d->done == d->action_count)
		return DEEDS_NOTHING;
	a = &d->actions[d->done++];
	*i = a->entry;
	switch (a->deed) {
	case ENTERED:
	case BROUGHT_BACK:
		bring_back(d, a->entry, made_us);
		return DEEDS_BACK;
	case TAKEN_BACK:
		take_back(d, a->entry, made_us);
		return DEEDS_GONE;
	case FILLED:
		refill(d, a->entry, a->after, made_us);
		break;
	}
	return DEEDS_REFILLED;
}

/* ---- what the stream had ---- */

static bool
reverses(const struct action *a, enum deed deed, size_t entry, const char *bib)
{
	if (a->entry != entry)
		return false;
	if (a->deed == FILLED)
		return deed == FILLED && strcmp(a->before, bib) == 0;
	return a->deed == TAKEN_BACK ? deed == BROUGHT_BACK
	                             : deed == TAKEN_BACK;
}

static bool
repeats(const struct action *a, enum deed deed, size_t entry, const char *bib)
{
	if (a->entry != entry)
		return false;
	if (a->deed == FILLED)
		return deed == FILLED && strcmp(a->after, bib) == 0;
	return a->deed == TAKEN_BACK ? deed == TAKEN_BACK
	                             : deed == BROUGHT_BACK;
}

/* The stream does not tell who pressed Ctrl-Z: what looks like it, is it, so
 * that a Ctrl-Z after a restart goes further back. */
static void
recall_action(struct deeds *d, enum deed deed, size_t entry, const char *before,
    const char *after)
{
	if (d->done > 0 &&
	    reverses(&d->actions[d->done - 1], deed, entry, after))
		d->done--;
	else if (d->done < d->action_count &&
	    repeats(&d->actions[d->done], deed, entry, after))
		d->done++;
	else
		note_action(d, deed, entry, before, after);
}

static size_t
find_seq(const struct deeds *d, uint64_t seq)
{
	for (size_t i = d->count; i > 0; i--) {
		if (d->entries[i - 1].seq == seq)
			return i - 1;
	}
	return DEEDS_NONE;
}

/* The one taken back that comes again. */
static size_t
find_gone(const struct deeds *d, const struct deeds_entry *like)
{
	for (size_t i = d->count; i > 0; i--) {
		const struct deeds_entry *e = &d->entries[i - 1];

		if (e->gone && e->time_us == like->time_us &&
		    e->boot_us == like->boot_us && e->listed == like->listed &&
		    strcmp(e->bib, like->bib) == 0)
			return i - 1;
	}
	return DEEDS_NONE;
}

static void
recall_crossing(struct deeds *d, uint64_t seq, const struct race_crossing *c)
{
	struct deeds_entry e = { .seq = seq,
		.touched = seq,
		.time_us = c->time_us,
		.boot_us = c->boot_us,
		.mark = { .epoch = c->clock_epoch,
		    .offset_us = c->offset_us,
		    .bound_us = c->bound_us },
		.listed = (c->flags & RACE_FLAG_LISTED) != 0 };
	size_t i;

	if (strcmp(c->source, source) != 0)
		return;
	(void)snprintf(e.bib, sizeof e.bib, "%s", c->bib);
	i = find_gone(d, &e);
	if (i == DEEDS_NONE) {
		note_action(d, ENTERED, add_entry(d, &e), "", "");
		return;
	}
	d->entries[i] = e;
	recall_action(d, BROUGHT_BACK, i, "", "");
}

static void
recall_void(struct deeds *d, uint64_t seq, uint64_t target)
{
	size_t i = find_seq(d, target);

	if (i == DEEDS_NONE || d->entries[i].gone)
		return;
	d->entries[i].gone = true;
	d->entries[i].touched = seq;
	recall_action(d, TAKEN_BACK, i, "", "");
}

static void
recall_fill_in(struct deeds *d, uint64_t seq, const struct race_fill_in *f)
{
	size_t i = find_seq(d, f->seq);
	struct deeds_entry *e;

	if (i == DEEDS_NONE)
		return;
	e = &d->entries[i];
	recall_action(d, FILLED, i, e->bib, f->bib);
	(void)snprintf(e->bib, sizeof e->bib, "%s", f->bib);
	e->touched = seq;
}

void
deeds_recall(struct deeds *d, uint64_t seq, const struct race_event *event)
{
	if (event->kind == RACE_CROSSING)
		recall_crossing(d, seq, &event->crossing);
	else if (event->kind == RACE_VOID)
		recall_void(d, seq, event->void_seq);
	else if (event->kind == RACE_FILL_IN)
		recall_fill_in(d, seq, &event->fill_in);
}
