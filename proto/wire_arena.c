#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "proto/wire_parts.h"

enum {
	CHUNK = 64 * 1024, /* the arena grows by at least this */
	ALIGN = 8
};

struct chunk {
	struct chunk *next;
	size_t cap;
	size_t used;
	_Alignas(16) uint8_t data[];
};

struct wire_arena {
	struct chunk *first;
	struct chunk *current; /* those behind it are unused */
	size_t budget;         /* left for the message being unpacked */
	bool over;             /* it was asked for more */
};

struct wire_arena *
wire_arena_new(void)
{
	return xcalloc(1, sizeof(struct wire_arena));
}

void
wire_arena_free(struct wire_arena *a)
{
	struct chunk *next;

	if (a == NULL)
		return;
	for (struct chunk *c = a->first; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
}

void
wire_reset(struct wire_arena *a)
{
	a->current = a->first;
	if (a->current != NULL)
		a->current->used = 0;
}

struct wire_mark
wire_mark(const struct wire_arena *a)
{
	if (a->current == NULL)
		return (struct wire_mark){ NULL, 0 };
	return (struct wire_mark){ a->current, a->current->used };
}

void
wire_rewind(struct wire_arena *a, struct wire_mark m)
{
	if (m.current == NULL) {
		wire_reset(a);
		return;
	}
	a->current = m.current;
	a->current->used = m.used;
}

/* Makes a chunk with that room the current one. */
static void
next_chunk(struct wire_arena *a, size_t size)
{
	struct chunk *c = a->current != NULL ? a->current->next : a->first;

	if (c == NULL || c->cap < size) {
		size_t cap = size > CHUNK ? size : CHUNK;
		struct chunk *fresh = xmalloc(sizeof *fresh + cap);

		fresh->cap = cap;
		fresh->next = c;
		if (a->current != NULL)
			a->current->next = fresh;
		else
			a->first = fresh;
		c = fresh;
	}
	c->used = 0;
	a->current = c;
}

void *
wire_take(struct wire_arena *a, size_t size)
{
	void *p;

	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (a->current == NULL || a->current->cap - a->current->used < size)
		next_chunk(a, size);
	p = a->current->data + a->current->used;
	a->current->used += size;
	return p;
}

void *
wire_take_array(struct wire_arena *a, size_t count, size_t size)
{
	return wire_take(a, count * size);
}

static void *
budget_alloc(void *arg, size_t size)
{
	struct wire_arena *a = arg;

	if (size > a->budget) {
		a->over = true;
		return NULL;
	}
	a->budget -= size;
	return wire_take(a, size);
}

static void
budget_free(void *arg, void *p)
{
	(void)arg;
	(void)p;
}

int
wire_unpack(struct wire_arena *a, const ProtobufCMessageDescriptor *type,
    const uint8_t *bytes, size_t len, void *out)
{
	ProtobufCAllocator allocator = { budget_alloc, budget_free, a };
	ProtobufCMessage *m;

	a->budget = WIRE_BUDGET;
	a->over = false;
	m = protobuf_c_message_unpack(type, &allocator, len, bytes);
	if (m == NULL)
		return a->over ? -E2BIG : -EBADMSG;
	memcpy(out, &m, sizeof m);
	return 0;
}
