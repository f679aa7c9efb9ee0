#include "race/season/core.h"

#include <stdlib.h>

#include "common/xalloc.h"

enum { FIRST = 16 };

void
index_init(struct index *x)
{
	*x = (struct index){ .mask = FIRST - 1 };
	x->keys = xcalloc(FIRST, sizeof *x->keys);
	x->numbers = xreallocarray(NULL, FIRST, sizeof *x->numbers);
	for (size_t i = 0; i < FIRST; i++)
		x->numbers[i] = NONE;
}

void
index_close(struct index *x)
{
	free(x->keys);
	free(x->numbers);
}

/* splitmix64's finish (Steele, Lea, Flood 2014): one to one. */
static size_t
home(const struct index *x, uint64_t key)
{
	key = (key ^ key >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	key = (key ^ key >> 27) * UINT64_C(0x94d049bb133111eb);
	return (size_t)(key ^ key >> 31) & x->mask;
}

static size_t
find(const struct index *x, uint64_t key)
{
	size_t i = home(x, key);

	while (x->numbers[i] != NONE && x->keys[i] != key)
		i = (i + 1) & x->mask;
	return i;
}

uint32_t
index_get(const struct index *x, uint64_t key)
{
	return x->numbers[find(x, key)];
}

static void
widen(struct index *x)
{
	struct index old = *x;

	x->mask = 2 * old.mask + 1;
	x->keys = xcalloc(x->mask + 1, sizeof *x->keys);
	x->numbers = xreallocarray(NULL, x->mask + 1, sizeof *x->numbers);
	for (size_t i = 0; i <= x->mask; i++)
		x->numbers[i] = NONE;
	for (size_t i = 0; i <= old.mask; i++) {
		size_t to;

		if (old.numbers[i] == NONE)
			continue;
		to = find(x, old.keys[i]);
		x->keys[to] = old.keys[i];
		x->numbers[to] = old.numbers[i];
	}
	index_close(&old);
}

void
index_put(struct index *x, uint64_t key, uint32_t number)
{
	size_t i = find(x, key);

	if (x->numbers[i] == NONE) {
		/* Half full at most: probes stay short. */
		if (x->count >= (x->mask + 1) / 2) {
			widen(x);
			i = find(x, key);
		}
		x->keys[i] = key;
		x->count++;
	}
	x->numbers[i] = number;
}

/* Those behind move up, so that no probe ends too early (Knuth, TAOCP 6.4,
 * algorithm R). */
void
index_drop(struct index *x, uint64_t key)
{
	size_t hole = find(x, key);

	if (x->numbers[hole] == NONE)
		return;
	x->count--;
	for (size_t i = (hole + 1) & x->mask; x->numbers[i] != NONE;
	     i = (i + 1) & x->mask) {
		size_t from = home(x, x->keys[i]);

		if (((i - from) & x->mask) < ((i - hole) & x->mask))
			continue;
		x->keys[hole] = x->keys[i];
		x->numbers[hole] = x->numbers[i];
		hole = i;
	}
	x->numbers[hole] = NONE;
}

void
slots_add(struct slots *s, uint32_t slot)
{
	s->at = xgrow(s->at, &s->cap, s->count, sizeof *s->at);
	s->at[s->count++] = slot;
}
