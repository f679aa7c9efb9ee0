#include "race/travel_pack.h"

#include <assert.h>

#include "common/xalloc.h"

/* ---- numbers: seven bits a byte, the least first ---- */

/* Of the longest number; and room for a row: each split is two of them. */
enum { NUMBER_BYTES = 10, ROW_BYTES = (20 + 2 * TRAVEL_SPLITS) * NUMBER_BYTES };

static void
make_room(struct travel_bytes *b)
{
	b->data = xgrow(b->data, &b->cap, b->len + ROW_BYTES, 1);
}

static void
put(struct travel_bytes *b, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		b->data[b->len++] = (uint8_t)(n | 0x80);
	b->data[b->len++] = (uint8_t)n;
}

/* Small ones of either sign are short: 0, -1, 1, -2 ... */
static void
put_signed(struct travel_bytes *b, int64_t n)
{
	put(b, (uint64_t)n << 1 ^ (n < 0 ? UINT64_MAX : 0));
}

static uint64_t
get(const uint8_t **at)
{
	uint64_t n = 0;

	for (unsigned shift = 0;; shift += 7) {
		uint8_t byte = *(*at)++;

		n |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return n;
	}
}

static int64_t
get_signed(const uint8_t **at)
{
	uint64_t n = get(at);

	return (int64_t)(n >> 1 ^ ((n & 1) != 0 ? UINT64_MAX : 0));
}

/* ---- rows ---- */

/* Of few rows anything is said of these. */
enum { HAS_TIE = 1, HAS_CLOCK = 2, HAS_TEAM = 4, HAS_KEYS = 8 };

static unsigned
what_of(const struct race_row *r)
{
	unsigned what = 0;

	if (r->sort.tie.stream != 0 || r->sort.tie.seq != 0)
		what |= HAS_TIE;
	if (r->bound_us != 0 || r->clock != 0)
		what |= HAS_CLOCK;
	if ((r->counted | r->finishers | r->women | r->men | r->places) != 0)
		what |= HAS_TEAM;
	if (r->sort.key[1] != 0 || r->sort.key[2] != 0)
		what |= HAS_KEYS;
	return what;
}

/* Each split from the one before; RACE_NO_SPLIT is some number as well. */
static void
put_splits(struct travel_bytes *b, const struct race_row *r)
{
	uint64_t before = 0;

	put(b, r->split_count);
	for (size_t i = 0; i < r->split_count; i++) {
		uint64_t split = (uint64_t)r->splits[i];
		bool none = r->splits[i] == RACE_NO_SPLIT;

		put(b, none);
		if (none)
			continue;
		put_signed(b, (int64_t)(split - before));
		before = split;
	}
}

void
travel_pack_row(struct travel_bytes *b, const struct race_row *r)
{
	unsigned what = what_of(r);

	assert(r->split_count <= TRAVEL_SPLITS);
	make_room(b);
	put(b, what);
	put(b, (uint64_t)r->status);
	put(b, r->sort.group);
	put_signed(b, r->sort.key[0]);
	if ((what & HAS_KEYS) != 0) {
		put_signed(b, r->sort.key[1]);
		put_signed(b, r->sort.key[2]);
	}
	if ((what & HAS_TIE) != 0) {
		put(b, r->sort.tie.stream);
		put(b, r->sort.tie.seq);
	}
	put_signed(b, r->elapsed_us);
	put(b, r->metres);
	put_signed(b, r->point);
	put_splits(b, r);
	if ((what & HAS_TEAM) != 0) {
		put(b, r->counted);
		put(b, r->finishers);
		put(b, r->women);
		put(b, r->men);
		put(b, r->places);
	}
	if ((what & HAS_CLOCK) != 0) {
		put_signed(b, r->bound_us);
		put(b, r->clock);
	}
}

static void
get_splits(const uint8_t **at, int64_t splits[TRAVEL_SPLITS],
    struct race_row *out)
{
	uint64_t before = 0;

	out->split_count = (size_t)get(at);
	out->splits = splits;
	for (size_t i = 0; i < out->split_count; i++) {
		splits[i] = RACE_NO_SPLIT;
		if (get(at) != 0)
			continue;
		before += (uint64_t)get_signed(at);
		splits[i] = (int64_t)before;
	}
}

void
travel_unpack_row(const uint8_t *from, int64_t splits[TRAVEL_SPLITS],
    struct race_row *out)
{
	unsigned what = (unsigned)get(&from);

	*out = (struct race_row){ .status = (enum race_status)get(&from) };
	out->sort.group = (uint8_t)get(&from);
	out->sort.key[0] = get_signed(&from);
	if ((what & HAS_KEYS) != 0) {
		out->sort.key[1] = get_signed(&from);
		out->sort.key[2] = get_signed(&from);
	}
	if ((what & HAS_TIE) != 0) {
		out->sort.tie.stream = get(&from);
		out->sort.tie.seq = get(&from);
	}
	out->elapsed_us = get_signed(&from);
	out->metres = (uint32_t)get(&from);
	out->point = (int)get_signed(&from);
	get_splits(&from, splits, out);
	if ((what & HAS_TEAM) != 0) {
		out->counted = (uint32_t)get(&from);
		out->finishers = (uint32_t)get(&from);
		out->women = (uint32_t)get(&from);
		out->men = (uint32_t)get(&from);
		out->places = (uint32_t)get(&from);
	}
	if ((what & HAS_CLOCK) != 0) {
		out->bound_us = get_signed(&from);
		out->clock = get(&from);
	}
}

/* ---- how far a ranking can be relied on ---- */

void
travel_pack_outlook(struct travel_bytes *b, const struct race_outlook *o)
{
	make_room(b);
	put(b, o->open);
	for (size_t i = 0; i < 3; i++)
		put_signed(b, o->from[i]);
	put(b, (uint64_t)o->published);
	put_signed(b, o->since_us);
}

void
travel_unpack_outlook(const uint8_t *from, struct race_outlook *out)
{
	out->open = get(&from) != 0;
	for (size_t i = 0; i < 3; i++)
		out->from[i] = get_signed(&from);
	out->published = (enum race_publication)get(&from);
	out->since_us = get_signed(&from);
}
