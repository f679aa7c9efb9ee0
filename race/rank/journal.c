#include "race/rank/journal.h"

#include <stdlib.h>

#include "common/xalloc.h"

enum { BLOCK_BITS = 6, BLOCK_EVENTS = 1 << BLOCK_BITS, TABLE_FIRST = 64 };

struct block {
	uint64_t stream;
	uint64_t number; /* seq / BLOCK_EVENTS */
	uint32_t events[BLOCK_EVENTS];
};

struct journal {
	struct block *blocks;
	size_t cap;
	size_t count;
	uint32_t *table; /* open addressing: index in blocks + 1; 0: empty */
	size_t mask;
	size_t last; /* the block used last: a stream comes in runs */
};

struct journal *
journal_new(void)
{
	struct journal *j = xcalloc(1, sizeof *j);

	j->mask = TABLE_FIRST - 1;
	j->table = xcalloc(TABLE_FIRST, sizeof *j->table);
	return j;
}

void
journal_free(struct journal *j)
{
	if (j == NULL)
		return;
	free(j->blocks);
	free(j->table);
	free(j);
}

/* Epochs are random already; the finaliser of splitmix64 spreads the rest. */
static size_t
spread(uint64_t stream, uint64_t number)
{
	uint64_t z = stream + number * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (size_t)(z ^ z >> 31);
}

static uint32_t *
find(const struct journal *j, uint64_t stream, uint64_t number)
{
	size_t i = spread(stream, number) & j->mask;

	while (j->table[i] != 0) {
		const struct block *b = &j->blocks[j->table[i] - 1];

		if (b->stream == stream && b->number == number)
			break;
		i = (i + 1) & j->mask;
	}
	return &j->table[i];
}

static void
widen(struct journal *j)
{
	j->mask = 2 * j->mask + 1;
	free(j->table);
	j->table = xcalloc(j->mask + 1, sizeof *j->table);
	for (size_t i = 0; i < j->count; i++)
		*find(j, j->blocks[i].stream, j->blocks[i].number) =
		    (uint32_t)i + 1;
}

static size_t
block_of(struct journal *j, uint64_t stream, uint64_t number)
{
	uint32_t *entry = find(j, stream, number);

	if (*entry == 0) {
		if (j->count > j->mask / 2) {
			widen(j);
			entry = find(j, stream, number);
		}
		j->blocks =
		    xgrow(j->blocks, &j->cap, j->count, sizeof *j->blocks);
		j->blocks[j->count] = (struct block){
			.stream = stream,
			.number = number,
		};
		*entry = (uint32_t)++j->count;
	}
	return *entry - 1;
}

uint32_t *
journal_at(struct journal *j, struct race_id id)
{
	uint64_t number = id.seq >> BLOCK_BITS;

	if (j->count == 0 || j->blocks[j->last].stream != id.stream ||
	    j->blocks[j->last].number != number)
		j->last = block_of(j, id.stream, number);
	return &j->blocks[j->last].events[id.seq % BLOCK_EVENTS];
}
