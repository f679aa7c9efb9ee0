#include "race/row.h"

#include <assert.h>
#include <string.h>

#include "common/hash.h"
#include "common/text.h"

/* Any fixed key: the hash has to be equal everywhere, not secret. */
static const struct hash_key row_hash_key = {
	UINT64_C(0x50616c6d61726573), /* "Palmares" */
	UINT64_C(0x726f772076312020), /* "row v1  " */
};

static int
cmp_i64(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
cmp_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int
row_key_cmp(const struct race_key *a, const struct race_key *b)
{
	int c = cmp_u64(a->group, b->group);

	for (size_t i = 0; c == 0 && i < 3; i++)
		c = cmp_i64(a->key[i], b->key[i]);
	return c;
}

int
row_cmp(const struct race_key *a, const char *label_a, const struct race_key *b,
    const char *label_b)
{
	int c = row_key_cmp(a, b);

	/* Where `tie` is not set it is 0 in all rows of a ranking. */
	if (c == 0)
		c = cmp_u64(a->tie.stream, b->tie.stream);
	if (c == 0)
		c = cmp_u64(a->tie.seq, b->tie.seq);
	if (c == 0)
		c = text_label_cmp(label_a, label_b);
	return c;
}

/* ---- the hash ---- */

/* Little-endian, without padding: the same bytes on every machine. */
struct bytes {
	uint8_t data[RACE_ROW_MAX + 8 * RACE_POINTS_MAX + RACE_WHY_MAX + 128];
	size_t len;
};

static void
put(struct bytes *b, uint64_t value, size_t size)
{
	assert(size <= sizeof b->data - b->len);
	for (size_t i = 0; i < size; i++)
		b->data[b->len++] = (uint8_t)(value >> 8 * i);
}

static void
put_text(struct bytes *b, const char *s)
{
	size_t len = strlen(s);

	put(b, len, 2);
	assert(len <= sizeof b->data - b->len);
	memcpy(b->data + b->len, s, len);
	b->len += len;
}

uint64_t
row_hash(const struct race_row *row)
{
	struct bytes b;

	b.len = 0;
	put_text(&b, row->label);
	put(&b, (uint64_t)row->status, 1);
	put(&b, row->sort.group, 1);
	for (size_t i = 0; i < 3; i++)
		put(&b, (uint64_t)row->sort.key[i], 8);
	put(&b, row->sort.tie.stream, 8);
	put(&b, row->sort.tie.seq, 8);
	put(&b, (uint64_t)row->elapsed_us, 8);
	put(&b, row->metres, 4);
	put(&b, (uint64_t)(int64_t)row->point, 4);
	put(&b, row->split_count, 2);
	for (size_t i = 0; i < row->split_count; i++)
		put(&b, (uint64_t)row->splits[i], 8);
	put(&b, row->counted, 4);
	put(&b, row->finishers, 4);
	put(&b, row->women, 4);
	put(&b, row->men, 4);
	put(&b, row->places, 4);
	put(&b, (uint64_t)row->bound_us, 8);
	put(&b, row->clock, 8);
	/* All four or none: rows of races hash as they always did. */
	if (row->points != 0 || row->dropped != 0 || row->wins != 0 ||
	    row->why != NULL) {
		put(&b, (uint64_t)row->points, 8);
		put(&b, (uint64_t)row->dropped, 8);
		put(&b, row->wins, 4);
		put_text(&b, row->why != NULL ? row->why : "");
	}
	return hash_sip(&row_hash_key, b.data, b.len);
}
