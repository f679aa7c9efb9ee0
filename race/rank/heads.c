/*
 * heads - rankings whose rows follow from the first of a ranking: without those
 * who are first elsewhere, or with the first by gun in front.
 */
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/rank/core.h"

/* ---- the first of a ranking ---- */

static int
by_slot(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;

	return (*x > *y) - (*x < *y);
}

static bool
is_first(const struct head *h, uint32_t slot)
{
	return h->firsts.count > 0 &&
	    bsearch(&slot, h->firsts.slots, h->firsts.count, sizeof slot,
	        by_slot) != NULL;
}

/* Those with a place up to the limit, so with all who share the last one. */
static void
find_firsts(const struct places *p, uint32_t limit, struct slots *out)
{
	struct places_line lines[16];
	size_t from = 0;
	size_t n;

	do {
		n = places_lines(p, from, lines, sizeof lines / sizeof *lines);
		for (size_t i = 0; i < n; i++) {
			if (lines[i].place == 0 || lines[i].place > limit)
				return;
			rank_list(out, lines[i].slot);
		}
		from += n;
	} while (n > 0);
}

/* Queues those who are among the first now and were not, or were and are not.
 */
static void
look_again(struct head *h, const struct places *p, struct view *v, bool moved)
{
	struct slots was = h->firsts;
	struct slots now = { 0 };
	size_t i = 0;
	size_t k = 0;

	find_firsts(p, h->limit, &now);
	if (now.count > 0)
		qsort(now.slots, now.count, sizeof *now.slots, by_slot);
	h->firsts = now;
	while (i < was.count || k < now.count) {
		if (k == now.count ||
		    (i < was.count && was.slots[i] < now.slots[k]))
			heads_queue(v, was.slots[i++], moved);
		else if (i == was.count || now.slots[k] < was.slots[i])
			heads_queue(v, now.slots[k++], moved);
		else
			i++, k++;
	}
	free(was.slots);
}

/* ---- who depends on whom ---- */

/* Whether v is found when going from `from` on, by what is left out; each is
 * looked at once. */
static bool
leads_to(const struct view *from, const struct view *v, uint64_t *seen)
{
	const struct derived *d = from->derived;
	uint64_t bit = UINT64_C(1) << (from - from->rank->views);

	if (from == v)
		return true;
	if ((*seen & bit) != 0)
		return false;
	*seen |= bit;
	for (size_t i = 0; d != NULL && i < d->without_count; i++)
		if (leads_to(d->without[i].of, v, seen))
			return true;
	return false;
}

static void
leave_out(struct rank *r, struct view *v, const struct race_without *without)
{
	struct derived *d = v->derived;
	struct view *of;
	uint64_t seen = 0;

	if (without->ranking >= r->rules->ranking_count)
		return;
	of = &r->views[without->ranking];
	/* In a circle nobody would be first. */
	if (of->rule->of != RACE_RUNNERS || leads_to(of, v, &seen))
		return;
	d->without[d->without_count++] = (struct head){
		.of = of,
		.limit = without->places,
		.seen = UINT64_MAX,
	};
	rank_keep_order(of);
}

static const struct race_key *
gun_key_of(const void *view, uint32_t slot)
{
	const struct view *v = view;

	return &v->derived->by_gun[slot].key;
}

static const char *
label_of(const void *view, uint32_t slot)
{
	const struct view *v = view;

	return v->rank->runners[slot].bib;
}

static void
lead_by_gun(struct view *v)
{
	struct derived *d = v->derived;

	d->gun_rule = *v->rule;
	d->gun_rule.by = RACE_BY_GUN;
	d->gun.limit = v->rule->gun_first;
	pending_init(&d->gun_pending);
	d->gun_places = (struct places){ NULL, gun_key_of, label_of, v };
	d->gun_places.order = order_new(places_cmp, &d->gun_places);
}

static void
settle_after_others(struct rank *r, struct view *v)
{
	struct derived *d = v->derived;

	if (d == NULL || d->listed)
		return;
	d->listed = true;
	for (size_t i = 0; i < d->without_count; i++)
		settle_after_others(r, d->without[i].of);
	r->derived[r->derived_count++] = v;
}

void
heads_init(struct rank *r)
{
	size_t count = r->rules->ranking_count;

	for (size_t i = 0; i < count; i++) {
		struct view *v = &r->views[i];
		bool by_gun =
		    v->rule->gun_first > 0 && v->rule->by == RACE_BY_NET;

		if (v->rule->of != RACE_RUNNERS ||
		    (!by_gun && v->rule->without_count == 0))
			continue;
		v->derived = xcalloc(1, sizeof *v->derived);
		if (by_gun)
			lead_by_gun(v);
		for (size_t k = 0; k < v->rule->without_count; k++)
			leave_out(r, v, &v->rule->without[k]);
	}
	r->derived = xcalloc(count + 1, sizeof *r->derived);
	for (size_t i = 0; i < count; i++)
		settle_after_others(r, &r->views[i]);
}

void
heads_close(struct view *v)
{
	struct derived *d = v->derived;

	if (d == NULL)
		return;
	for (size_t i = 0; i < d->without_count; i++)
		free(d->without[i].firsts.slots);
	order_free(d->gun_places.order);
	free(d->gun.firsts.slots);
	free(d->by_gun);
	free(d->queued.slots);
	free(d);
}

/* ---- putting rows right ---- */

void
heads_queue(struct view *v, uint32_t slot, bool moved)
{
	struct cell *cell = rank_cell(v, slot);

	if (moved)
		cell->flags |= CELL_MOVED;
	if ((cell->flags & CELL_QUEUED) != 0)
		return;
	cell->flags |= CELL_QUEUED;
	rank_list(&v->derived->queued, slot);
}

static bool
is_in(const struct view *v, uint32_t slot)
{
	const struct rank *r = v->rank;
	const struct derived *d = v->derived;
	size_t i = (size_t)(v - r->views);

	if ((r->runners[slot].views >> i & 1) == 0)
		return false;
	for (size_t k = 0; k < d->without_count; k++)
		if (is_first(&d->without[k], slot))
			return false;
	return true;
}

/* Where somebody would be by gun. */
static void
place_by_gun(struct view *v, uint32_t slot)
{
	struct rank *r = v->rank;
	struct derived *d = v->derived;
	struct race_key key = { 0 };
	bool placed = false;
	struct gun_row *row;
	struct facts f;

	while (d->by_gun_count <= slot) {
		d->by_gun = xgrow(d->by_gun, &d->by_gun_cap, d->by_gun_count,
		    sizeof *d->by_gun);
		d->by_gun[d->by_gun_count++] = (struct gun_row){ 0 };
	}
	row = &d->by_gun[slot];
	if (is_in(v, slot)) {
		people_facts(r, slot, &f);
		people_key(r, &d->gun_rule, slot, &f, &key);
		placed = key.group == RACE_GROUP_PLACED;
	}
	if (placed == row->placed &&
	    (!placed || rank_same_key(&key, &row->key)))
		return;
	if (placed)
		row->key = key;
	row->placed = placed;
	order_touch(d->gun_places.order, slot, placed);
}

const struct race_ranking *
heads_rule(const struct view *v, uint32_t slot)
{
	if (v->derived != NULL && is_first(&v->derived->gun, slot))
		return &v->derived->gun_rule;
	return v->rule;
}

/* Those by gun go before all others. */
static void
put_in_front(const struct view *v, uint32_t slot, struct race_key *key)
{
	const struct derived *d = v->derived;

	if (d->gun.limit == 0 || key->group != RACE_GROUP_PLACED)
		return;
	memmove(key->key + 1, key->key, 2 * sizeof *key->key);
	key->key[0] = !is_first(&d->gun, slot);
}

static void
settle_row(struct view *v, uint32_t slot)
{
	struct cell *cell = rank_cell(v, slot);
	bool present = is_in(v, slot);
	bool was = (cell->flags & CELL_PRESENT) != 0;
	bool moved = (cell->flags & CELL_MOVED) != 0;
	struct race_key key;
	struct facts f;

	cell->flags &= (uint8_t) ~(CELL_QUEUED | CELL_MOVED);
	if (present == was && (!present || !moved))
		return;
	if (present) {
		people_facts(v->rank, slot, &f);
		people_key(v->rank, heads_rule(v, slot), slot, &f, &key);
		put_in_front(v, slot, &key);
	}
	rank_set(v, slot, cell, present ? &key : NULL);
}

static void
settle(struct view *v)
{
	struct derived *d = v->derived;

	for (size_t i = 0; i < d->without_count; i++) {
		struct head *h = &d->without[i];

		if (h->seen == h->of->changes)
			continue;
		h->seen = h->of->changes;
		look_again(h, &h->of->places, v, false);
	}
	if (d->gun.limit > 0 && d->queued.count > 0) {
		for (size_t i = 0; i < d->queued.count; i++)
			place_by_gun(v, d->queued.slots[i]);
		look_again(&d->gun, &d->gun_places, v, true);
	}
	for (size_t i = 0; i < d->queued.count; i++)
		settle_row(v, d->queued.slots[i]);
	d->queued.count = 0;
}

void
heads_settle(struct rank *r)
{
	for (size_t i = 0; i < r->derived_count; i++)
		settle(r->derived[i]);
}
