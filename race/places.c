#include "race/places.h"

#include <stdlib.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/row.h"

int
places_cmp(const void *places, uint32_t a, uint32_t b)
{
	const struct places *p = places;

	if (a == b)
		return 0;
	return row_cmp(p->key(p->arg, a), p->label(p->arg, a),
	    p->key(p->arg, b), p->label(p->arg, b));
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

static struct group
group_of(const struct places *p, uint32_t slot)
{
	struct pivot pivot = { p, p->key(p->arg, slot) };
	struct group g;
	const struct race_key *first;
	const struct race_key *last;

	g.begin = order_partition(p->order, before, &pivot);
	g.end = order_partition(p->order, not_after, &pivot);
	/* The order within a group begins with the stream. */
	first = p->key(p->arg, order_at(p->order, g.begin));
	last = p->key(p->arg, order_at(p->order, g.end - 1));
	g.placed = first->group == RACE_GROUP_PLACED;
	g.mixed = first->tie.stream != last->tie.stream;
	g.shared = g.mixed || first->tie.seq == 0;
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

size_t
places_lines(const struct places *p, size_t from, struct places_line *out,
    size_t cap)
{
	size_t count = order_count(p->order);
	size_t n = 0;

	while (n < cap && from + n < count) {
		struct group g = group_of(p, order_at(p->order, from + n));
		struct named *names = g.mixed ? sort_group(p, &g) : NULL;

		for (; n < cap && from + n < g.end; n++) {
			size_t i = from + n;
			uint32_t slot = g.mixed ? names[i - g.begin].slot
			                        : order_at(p->order, i);

			describe(&g, i, slot, &out[n]);
		}
		free(names);
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
