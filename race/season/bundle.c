#include "race/season/bundle.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

/* The first with no lesser name. */
static size_t
place_of(const struct bundle *b, const char *name)
{
	size_t low = 0;
	size_t high = b->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(b->files[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_at(const struct bundle *b, size_t i, const char *name)
{
	return i < b->count && strcmp(b->files[i].name, name) == 0;
}

const struct bundle_file *
bundle_find(const struct bundle *b, const char *name)
{
	size_t i = place_of(b, name);

	return is_at(b, i, name) ? &b->files[i] : NULL;
}

void
bundle_put(struct bundle *b, const char *name, char *data, size_t len)
{
	size_t i = place_of(b, name);

	if (is_at(b, i, name)) {
		free(b->files[i].data);
	} else {
		b->files = xgrow(b->files, &b->cap, b->count, sizeof *b->files);
		memmove(&b->files[i + 1], &b->files[i],
		    (b->count - i) * sizeof *b->files);
		b->count++;
		b->files[i].name = xstrdup(name);
	}
	b->files[i].data = data;
	b->files[i].len = len;
}

void
bundle_drop(struct bundle *b, const char *name)
{
	size_t i = place_of(b, name);

	if (!is_at(b, i, name))
		return;
	free(b->files[i].name);
	free(b->files[i].data);
	b->count--;
	memmove(&b->files[i], &b->files[i + 1],
	    (b->count - i) * sizeof *b->files);
}

void
bundle_clear(struct bundle *b)
{
	for (size_t i = 0; i < b->count; i++) {
		free(b->files[i].name);
		free(b->files[i].data);
	}
	free(b->files);
	*b = (struct bundle){ 0 };
}
