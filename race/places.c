#include "race/places.h"

#include <stdlib.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/row.h"

int
places_cmp(const void *places, uint32_t a, uint32_t b)
{
	const struct places *p = places;

	const struct race_key *x;
	const struct race_key *y;
	int c;

	if (a == b)
		return 0;
	x = p->key(p->arg, a);
	y = p->key(p->arg, b);
	c = row_key_cmp(x, y);
	/* Labels lie elsewhere, and are seldom needed. */
	if (c != 0)
		return c;
	return row_cmp(x, p->label(p->arg, a), y, p->label(p->arg, b));
}

/* Members with equal keys: lines begin .. end - 1. */
struct group {
	size_t begin;
	size_t end;
	bool placed;
	bool shared; /* one place for all */
	bool mixed;  /* several streams: listed by label, not by `tie` */
};

struct pivot {
	const struct places *places;
	const struct race_key *key;
};

static bool
before(const void *arg, uint32_t slot)
{
	const struct pivot *pivot = arg;
	const struct places *p = pivot->places;

	return row_key_cmp(p->key(p->arg, slot), pivot->key) < 0;
}

static bool
not_after(const void *arg, uint32_t slot)
{
	const struct pivot *pivot = arg;
	const struct places *p = pivot->places;

	return row_key_cmp(p->key(p->arg, slot), pivot->key) <= 0;
}

/* The order within a group begins with the stream. */
static void
describe_group(const struct places *p, struct group *g, uint32_t first_slot,
    uint32_t last_slot)
{
	const struct race_key *first = p->key(p->arg, first_slot);
	const struct race_key *last = p->key(p->arg, last_slot);

	g->placed = first->group == RACE_GROUP_PLACED;
	g->mixed = first->tie.stream != last->tie.stream;
	g->shared = g->mixed || first->tie.seq == 0;
}

static struct group
group_of(const struct places *p, uint32_t slot)
{
	struct pivot pivot = { p, p->key(p->arg, slot) };
	struct group g;

	g.begin = order_partition(p->order, before, &pivot);
	g.end = order_partition(p->order, not_after, &pivot);
	describe_group(p, &g, order_at(p->order, g.begin),
	    order_at(p->order, g.end - 1));
	return g;
}

/* The group that begins with slot, the begin-th: nearly all are small, and the
 * end of one with more than `most` is looked for. */
static struct group
group_from(const struct places *p, uint32_t slot, size_t begin, size_t most)
{
	struct pivot pivot = { p, p->key(p->arg, slot) };
	struct group g = { .begin = begin, .end = begin + 1 };
	uint32_t last = slot;
	uint32_t next = order_next(p->order, slot);

	while (next != ORDER_NONE && g.end - begin < most &&
	    not_after(&pivot, next)) {
		last = next;
		next = order_next(p->order, next);
		g.end++;
	}
	if (next != ORDER_NONE && not_after(&pivot, next)) {
		g.end = order_partition(p->order, not_after, &pivot);
		last = order_at(p->order, g.end - 1);
	}
	describe_group(p, &g, slot, last);
	return g;
}

static void
describe(const struct group *g, size_t i, uint32_t slot,
    struct places_line *out)
{
	out->slot = slot;
	out->tied = g->placed && g->shared && g->end - g->begin > 1;
	out->place = 0;
	if (g->placed)
		out->place = (uint32_t)(g->shared ? g->begin : i) + 1;
}

struct named {
	const char *label;
	uint32_t slot;
};

static int
by_label(const void *a, const void *b)
{
	const struct named *x = a;
	const struct named *y = b;

	return text_label_cmp(x->label, y->label);
}

/* The members of a mixed group by label; for free(). */
static struct named *
sort_group(const struct places *p, const struct group *g)
{
	struct named *names =
	    xreallocarray(NULL, g->end - g->begin, sizeof *names);

	for (size_t i = g->begin; i < g->end; i++) {
		struct named *n = &names[i - g->begin];

		n->slot = order_at(p->order, i);
		n->label = p->label(p->arg, n->slot);
	}
	qsort(names, g->end - g->begin, sizeof *names, by_label);
	return names;
}

/* Those of the group from the i-th of all on, the first of which is *slot; it
 * moves on.  Returns how many. */
static size_t
list_group(const struct places *p, const struct group *g, size_t i,
    uint32_t *slot, struct places_line *out, size_t cap)
{
	struct named *names = g->mixed ? sort_group(p, g) : NULL;
	size_t n = 0;

	for (; n < cap && i + n < g->end; n++) {
		describe(g, i + n,
		    names != NULL ? names[i + n - g->begin].slot : *slot,
		    &out[n]);
		*slot = order_next(p->order, *slot);
	}
	free(names);
	return n;
}

size_t
places_lines(const struct places *p, size_t from, struct places_line *out,
    size_t cap)
{
	size_t count = order_count(p->order);
	size_t n = 0;
	uint32_t slot;
	struct group g;

	if (from >= count || cap == 0)
		return 0;
	slot = order_at(p->order, from);
	g = group_of(p, slot);
	n = list_group(p, &g, from, &slot, out, cap);
	while (n < cap && from + n < count) {
		g = group_from(p, slot, from + n, cap - n);
		n += list_group(p, &g, from + n, &slot, out + n, cap - n);
	}
	return n;
}

size_t
places_find(const struct places *p, uint32_t slot, struct places_line *out)
{
	struct group g = group_of(p, slot);
	size_t i = 0;

	if (g.mixed) {
		struct named *names = sort_group(p, &g);

		while (names[i].slot != slot)
			i++;
		i += g.begin;
		free(names);
	} else {
		i = order_index(p->order, slot);
	}
	describe(&g, i, slot, out);
	return i;
}
