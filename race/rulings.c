#include "race/rulings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/decided.h"
#include "race/rulings_core.h"

struct rulings *
rulings_new(const struct rulings_ops *ops, void *arg, const char *first_wave)
{
	struct rulings *r = xcalloc(1, sizeof *r);

	r->ops = ops;
	r->arg = arg;
	r->first_wave = xstrdup(first_wave);
	r->names = journal_new();
	r->topic_names = strmap_new();
	return r;
}

void
rulings_free(struct rulings *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->items_count; i++)
		decided_free(r->items[i].event);
	free(r->items);
	journal_free(r->names);
	free(r->marks);
	free(r->links);
	strmap_free(r->topic_names);
	free(r->topics);
	free(r->undone.at);
	free(r->changed.at);
	free(r->first_wave);
	free(r);
}

/* ---- names and lists ---- */

uint32_t
rulings_mark(struct rulings *r, struct race_id id)
{
	uint32_t *at = journal_at(r->names, id);

	if (*at == 0) {
		r->marks = xgrow(r->marks, &r->marks_cap, r->marks_count,
		    sizeof *r->marks);
		r->marks[r->marks_count] = (struct mark){ NONE, NONE, NONE };
		*at = (uint32_t)++r->marks_count;
	}
	return *at - 1;
}

void
rulings_link(struct rulings *r, uint32_t *first, uint32_t item)
{
	r->links =
	    xgrow(r->links, &r->links_cap, r->links_count, sizeof *r->links);
	r->links[r->links_count] = (struct link){ item, *first };
	*first = (uint32_t)r->links_count++;
}

void
rulings_list(struct list *l, uint32_t number)
{
	l->at = xgrow(l->at, &l->cap, l->count, sizeof *l->at);
	l->at[l->count++] = number;
}

/* The order of all that is decided. */
bool
rulings_before(const struct item *a, const struct item *b)
{
	if (a->event->made_us != b->event->made_us)
		return a->event->made_us < b->event->made_us;
	if (a->id.stream != b->id.stream)
		return a->id.stream < b->id.stream;
	return a->id.seq < b->id.seq;
}

/* ---- undoing ---- */

/* The latest of the heap is on top: when it is taken, all that could undo it
 * have been. */
static void
push(struct rulings *r, uint32_t i)
{
	struct list *h = &r->undone;
	size_t at = h->count;

	if (r->items[i].queued)
		return;
	r->items[i].queued = true;
	rulings_list(h, i);
	while (at > 0) {
		size_t up = (at - 1) / 2;

		if (rulings_before(&r->items[i], &r->items[h->at[up]]))
			break;
		h->at[at] = h->at[up];
		at = up;
	}
	h->at[at] = i;
}

static uint32_t
pop(struct rulings *r)
{
	struct list *h = &r->undone;
	uint32_t top = h->at[0];
	uint32_t last = h->at[--h->count];
	size_t at = 0;

	for (size_t down = 1; down < h->count; down = 2 * at + 1) {
		if (down + 1 < h->count &&
		    rulings_before(&r->items[h->at[down]],
		        &r->items[h->at[down + 1]]))
			down++;
		if (rulings_before(&r->items[h->at[down]], &r->items[last]))
			break;
		h->at[at] = h->at[down];
		at = down;
	}
	if (h->count > 0)
		h->at[at] = last;
	r->items[top].queued = false;
	return top;
}

/* Item i holds, or does no longer: what it undoes is to be looked at again. */
static void
turn(struct rulings *r, uint32_t i)
{
	struct item *it = &r->items[i];

	it->holds = !it->holds;
	topics_turned(r, i);
	for (size_t k = 0; k < TARGETS; k++) {
		uint32_t target = it->targets[k] != NONE
		    ? r->marks[it->targets[k]].item
		    : NONE;

		if (target == NONE || !rulings_before(&r->items[target], it))
			continue;
		if (it->holds)
			r->items[target].undoing++;
		else
			r->items[target].undoing--;
		push(r, target);
	}
}

static void
settle(struct rulings *r)
{
	while (r->undone.count > 0) {
		uint32_t i = pop(r);

		if (r->items[i].holds != (r->items[i].undoing == 0))
			turn(r, i);
	}
	topics_settle(r);
}

/* ---- what comes ---- */

/* What item i undoes, if it holds itself. */
static void
aim(struct rulings *r, uint32_t i, size_t k, struct race_id target)
{
	uint32_t mark = NONE;

	if (target.seq != 0) {
		mark = rulings_mark(r, target);
		rulings_link(r, &r->marks[mark].undoers, i);
	}
	r->items[i].targets[k] = mark;
}

static void
aim_all(struct rulings *r, uint32_t i)
{
	static const struct race_id nothing;
	const struct race_event *e = r->items[i].event;
	const struct race_decision *d =
	    e->kind == RACE_DECISION ? e->decision : NULL;

	aim(r, i, 0, d != NULL && d->verb == RACE_UNDO ? d->target : nothing);
	aim(r, i, 1, d != NULL ? d->replaces : nothing);
}

/* Those that came before what they undo. */
static uint32_t
count_undoing(const struct rulings *r, uint32_t mark, const struct item *it)
{
	uint32_t n = 0;

	for (uint32_t l = r->marks[mark].undoers; l != NONE;
	     l = r->links[l].next) {
		const struct item *by = &r->items[r->links[l].item];

		n += by->holds && rulings_before(it, by);
	}
	return n;
}

int
rulings_apply(struct rulings *r, struct race_id id, const struct race_event *e)
{
	uint32_t mark = rulings_mark(r, id);
	uint32_t i = (uint32_t)r->items_count;

	if (r->marks[mark].item != NONE)
		return -EEXIST;
	r->items =
	    xgrow(r->items, &r->items_cap, r->items_count, sizeof *r->items);
	r->items[i] = (struct item){ .event = decided_copy(e), .id = id };
	r->items_count++;
	r->marks[mark].item = i;
	if (e->made_us > r->latest_us)
		r->latest_us = e->made_us;
	topics_join(r, i);
	r->items[i].undoing = count_undoing(r, mark, &r->items[i]);
	aim_all(r, i);
	push(r, i);
	settle(r);
	return 0;
}

/* ---- the story ---- */

size_t
rulings_count(const struct rulings *r)
{
	return r->items_count;
}

static uint64_t
undone_by(const struct rulings *r, const struct item *it)
{
	uint32_t mark = *journal_at(r->names, it->id) - 1;
	const struct item *first = NULL;

	for (uint32_t l = r->marks[mark].undoers; l != NONE;
	     l = r->links[l].next) {
		const struct item *by = &r->items[r->links[l].item];

		if (by->holds && rulings_before(it, by) &&
		    (first == NULL || rulings_before(by, first)))
			first = by;
	}
	return first != NULL ? (uint64_t)(first - r->items) + 1 : 0;
}

void
rulings_at(const struct rulings *r, size_t i, struct rulings_item *out)
{
	const struct item *it = &r->items[i];

	*out = (struct rulings_item){
		.number = i + 1,
		.id = it->id,
		.event = it->event,
		.holds = it->holds,
		.undone_by = it->holds ? 0 : undone_by(r, it),
	};
}

int64_t
rulings_latest(const struct rulings *r)
{
	return r->latest_us;
}
