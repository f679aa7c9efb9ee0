#include "race/stretches.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/xalloc.h"

void
stretches_clear(struct stretches *s)
{
	free(s->all);
	*s = (struct stretches){ .all = NULL };
}

/* The first that is no lesser one. */
static size_t
place(const struct stretches *s, uint64_t stream)
{
	size_t low = 0;
	size_t high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->all[middle].stream < stream)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct stretch *
stretches_find(const struct stretches *s, uint64_t stream)
{
	size_t i = place(s, stream);

	return i < s->count && s->all[i].stream == stream ? &s->all[i] : NULL;
}

int
stretches_check(const struct stretches *s, struct race_id id, uint64_t chain,
    const uint8_t *event, size_t len)
{
	const struct stretch *st = stretches_find(s, id.stream);

	if (st != NULL && id.seq != st->seq + 1)
		return -ENODATA;
	if (st == NULL && id.seq > 1)
		return 0;
	if (hash_chain(st != NULL ? st->chain : 0, event, len) != chain)
		return -EBADMSG;
	return 0;
}

void
stretches_put(struct stretches *s, struct race_id id, uint64_t chain)
{
	size_t i = place(s, id.stream);

	if (i == s->count || s->all[i].stream != id.stream) {
		s->all = xgrow(s->all, &s->cap, s->count, sizeof *s->all);
		memmove(&s->all[i + 1], &s->all[i],
		    (s->count - i) * sizeof *s->all);
		s->count++;
		s->parts += id.seq > 1;
	}
	s->all[i] = (struct stretch){ id.stream, id.seq, chain };
}

uint64_t
stretches_write(struct stretches *s, struct race_id id, const uint8_t *event,
    size_t len)
{
	const struct stretch *st = stretches_find(s, id.stream);
	uint64_t chain = hash_chain(st != NULL ? st->chain : 0, event, len);

	stretches_put(s, id, chain);
	return chain;
}
