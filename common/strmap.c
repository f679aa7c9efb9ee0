#include "common/strmap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "common/hash.h"
#include "common/xalloc.h"

/*
 * Open addressing with linear probing.  The slot holds a key's first bytes, so
 * that a bib is one cache miss (no slot lies across two lines) and a longer key
 * three.  Keys lie in chunks that never move, since strmap_put() hands out
 * their addresses.
 */
enum { SLOTS_FIRST = 16, CHUNK_BYTES = 16384 };

__extension__ typedef unsigned __int128 wide;

struct slot {
	uint64_t head; /* of the key with its NUL, zeros behind */
	uint32_t tag;  /* of the hash: long keys begin alike; 0: empty */
	uint32_t number;
};

struct chunk {
	struct chunk *before;
	char bytes[];
};

struct strmap {
	struct hash_key seed;
	struct slot *slots;
	const char **keys; /* by slot */
	size_t mask;       /* slots less one, a power of two less one */
	size_t count;
	struct chunk *chunk;
	size_t room; /* bytes left at the end of chunk */
	char *free;
};

struct strmap *
strmap_new(void)
{
	struct strmap *m = xcalloc(1, sizeof *m);

	/* 16 random bytes that the kernel gives each program at its start. */
	/* NOLINTNEXTLINE(performance-no-int-to-ptr) */
	memcpy(&m->seed, (const void *)getauxval(AT_RANDOM), sizeof m->seed);
	m->mask = SLOTS_FIRST - 1;
	m->slots = xcalloc(SLOTS_FIRST, sizeof *m->slots);
	m->keys = xcalloc(SLOTS_FIRST, sizeof *m->keys);
	return m;
}

void
strmap_free(struct strmap *m)
{
	if (m == NULL)
		return;
	for (struct chunk *c = m->chunk; c != NULL;) {
		struct chunk *before = c->before;

		free(c);
		c = before;
	}
	free(m->slots);
	free(m->keys);
	free(m);
}

static uint64_t
head_of(const char *key, size_t len)
{
	uint64_t head = 0;

	memcpy(&head, key, len < sizeof head ? len : sizeof head);
	return head;
}

static uint64_t
fold(uint64_t a, uint64_t b)
{
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/*
 * Bibs and points are shorter than a head, and SipHash took longer over them
 * than the map took to find them: two folded products with secrets (as in
 * wyhash) do for who cannot see the hashes.  After a single one, keys in an
 * arithmetic progression (0000001, 0000002 ...) are one as well: with one seed
 * in some hundreds that was a probe of 80 slots on average.
 */
static uint64_t
hash_of(const struct strmap *m, const char *key, size_t len)
{
	static const uint64_t golden = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t once;

	if (len >= sizeof(uint64_t))
		return hash_sip(&m->seed, key, len);
	once = fold(head_of(key, len) ^ m->seed.k0, m->seed.k1 | 1);
	return fold(once ^ m->seed.k1, golden);
}

static uint32_t
tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32) | 1;
}

/* The slot of key, or the empty one where it belongs. */
static size_t
find(const struct strmap *m, const char *key, size_t len, uint64_t hash)
{
	uint64_t head = head_of(key, len);
	uint32_t tag = tag_of(hash);
	size_t i = (size_t)hash & m->mask;

	for (;; i = (i + 1) & m->mask) {
		const struct slot *s = &m->slots[i];

		if (s->tag == 0)
			return i;
		if (s->head != head || s->tag != tag)
			continue;
		/* Shorter than a head: the NUL has been compared, too. */
		if (len < sizeof head || strcmp(m->keys[i], key) == 0)
			return i;
	}
}

uint32_t
strmap_get(const struct strmap *m, const char *key)
{
	size_t len = strlen(key);
	size_t i = find(m, key, len, hash_of(m, key, len));

	return m->slots[i].tag != 0 ? m->slots[i].number : STRMAP_NONE;
}

void
strmap_expect(const struct strmap *m, const char *key)
{
	size_t i = (size_t)hash_of(m, key, strlen(key)) & m->mask;

	__builtin_prefetch(&m->slots[i]);
}

static void
widen(struct strmap *m)
{
	size_t cap = m->mask + 1;
	struct slot *slots = m->slots;
	const char **keys = m->keys;

	m->slots = xcalloc(2 * cap, sizeof *m->slots);
	m->keys = xcalloc(2 * cap, sizeof *m->keys);
	m->mask = 2 * cap - 1;
	for (size_t i = 0; i < cap; i++) {
		size_t len;
		size_t to;

		if (slots[i].tag == 0)
			continue;
		len = strlen(keys[i]);
		to = find(m, keys[i], len, hash_of(m, keys[i], len));
		m->slots[to] = slots[i];
		m->keys[to] = keys[i];
	}
	free(slots);
	free(keys);
}

static const char *
copy_key(struct strmap *m, const char *key, size_t size)
{
	if (size > m->room) {
		size_t room = size > CHUNK_BYTES ? size : CHUNK_BYTES;
		struct chunk *c = xmalloc(sizeof *c + room);

		c->before = m->chunk;
		m->chunk = c;
		m->free = c->bytes;
		m->room = room;
	}
	char *copy = memcpy(m->free, key, size);
	m->free += size;
	m->room -= size;
	return copy;
}

const char *
strmap_put(struct strmap *m, const char *key, uint32_t number)
{
	size_t len = strlen(key);
	uint64_t hash = hash_of(m, key, len);
	size_t i = find(m, key, len, hash);

	if (m->slots[i].tag == 0) {
		/* Half full at most: probes stay short. */
		if (m->count >= (m->mask + 1) / 2) {
			widen(m);
			i = find(m, key, len, hash);
		}
		m->keys[i] = copy_key(m, key, len + 1);
		m->slots[i].head = head_of(key, len);
		m->slots[i].tag = tag_of(hash);
		m->count++;
	}
	m->slots[i].number = number;
	return m->keys[i];
}

size_t
strmap_count(const struct strmap *m)
{
	return m->count;
}
