#include "race/season/folder_text.h"

#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

enum { BLOCK_BYTES = 64 * 1024 };

struct folder_block {
	struct folder_block *next;
	size_t used;
	size_t cap;
	_Alignas(max_align_t) char bytes[];
};

static void *
take(struct season_folder *f, size_t len)
{
	struct folder_block *b = f->blocks;
	size_t align = _Alignof(max_align_t);
	size_t need = (len + align - 1) / align * align;

	if (b == NULL || need > b->cap - b->used) {
		size_t cap = need > BLOCK_BYTES ? need : BLOCK_BYTES;

		b = xmalloc(sizeof *b + cap);
		b->next = f->blocks;
		b->used = 0;
		b->cap = cap;
		f->blocks = b;
	}
	b->used += need;
	return b->bytes + b->used - need;
}

const char *
folder_text(struct season_folder *f, const char *s)
{
	size_t len = strlen(s) + 1;

	if (len == 1)
		return "";
	return memcpy(take(f, len), s, len);
}

const struct race_column *
folder_more(struct season_folder *f, const struct race_column *more,
    size_t count)
{
	struct race_column *out;

	if (count == 0)
		return NULL;
	out = take(f, count * sizeof *out);
	for (size_t i = 0; i < count; i++) {
		out[i].name = folder_text(f, more[i].name);
		out[i].value = folder_text(f, more[i].value);
	}
	return out;
}

void
folder_text_free(struct season_folder *f)
{
	while (f->blocks != NULL) {
		struct folder_block *b = f->blocks;

		f->blocks = b->next;
		free(b);
	}
}
