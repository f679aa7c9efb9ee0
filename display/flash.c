#include "display/flash.h"

#include <stddef.h>
#include <stdlib.h>

#include "common/strmap.h"
#include "common/xalloc.h"

struct seen {
	uint64_t hash;
	int64_t changed_us;
};

struct flash {
	struct strmap *labels; /* to indices of seen */
	struct seen *seen;
	size_t cap;
	bool moved;
};

struct flash *
flash_new(void)
{
	struct flash *f = xcalloc(1, sizeof *f);

	f->labels = strmap_new();
	f->moved = true;
	return f;
}

void
flash_free(struct flash *f)
{
	if (f == NULL)
		return;
	strmap_free(f->labels);
	free(f->seen);
	free(f);
}

void
flash_frame(struct flash *f, bool moved)
{
	f->moved = moved;
}

void
flash_reset(struct flash *f)
{
	strmap_free(f->labels);
	f->labels = strmap_new();
	f->moved = true;
}

bool
flash_row(struct flash *f, const char *label, uint64_t hash, int64_t now_us)
{
	uint32_t i = strmap_get(f->labels, label);
	struct seen *s;

	if (i == STRMAP_NONE) {
		i = (uint32_t)strmap_count(f->labels);
		strmap_put(f->labels, label, i);
		f->seen = xgrow(f->seen, &f->cap, i, sizeof *f->seen);
		s = &f->seen[i];
		s->hash = hash;
		s->changed_us = f->moved ? now_us - FLASH_US : now_us;
	}
	s = &f->seen[i];
	if (s->hash != hash) {
		s->hash = hash;
		s->changed_us = now_us;
	}
	return now_us - s->changed_us < FLASH_US;
}
