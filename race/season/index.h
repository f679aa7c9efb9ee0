/*
 * index - numbers by number: keys, places of awards, words of a season; and
 * lists of numbers.
 */
#ifndef RACE_SEASON_INDEX_H
#define RACE_SEASON_INDEX_H

#include <stddef.h>
#include <stdint.h>

#define NONE UINT32_MAX

struct index {
	uint64_t *keys;
	uint32_t *numbers; /* NONE: empty */
	size_t mask;
	size_t count;
};

void index_init(struct index *x);
void index_close(struct index *x);
uint32_t index_get(const struct index *x, uint64_t key); /* or NONE */
void index_put(struct index *x, uint64_t key, uint32_t number);
void index_drop(struct index *x, uint64_t key);

static inline uint64_t
index_pair(uint32_t a, uint32_t b)
{
	return (uint64_t)a << 32 | b;
}

/* Slots that wait, each once: the caller keeps the mark. */
struct slots {
	uint32_t *at;
	size_t count;
	size_t cap;
};

void slots_add(struct slots *s, uint32_t slot);

#endif
