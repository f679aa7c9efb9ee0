#include "race/board.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/strmap.h"
#include "common/xalloc.h"
#include "race/places.h"
#include "race/row.h"

/* A label keeps its line: one that is gone remembers as of which version. */
struct line {
	struct race_row row; /* splits are at slot * stride, not here */
	char *why;           /* the row's */
	uint64_t version;
	uint64_t hash; /* its share of the digest */
	bool present;
};

struct board {
	struct strmap *labels;
	struct line *lines; /* by slot */
	size_t cap;
	size_t count;    /* slots */
	int64_t *splits; /* of all slots, `stride` each */
	size_t stride;
	struct places places;
	uint64_t digest;
	struct race_outlook outlook;
};

static const struct race_key *
key_of(const void *arg, uint32_t slot)
{
	const struct board *b = arg;

	return &b->lines[slot].row.sort;
}

static const char *
label_of(const void *arg, uint32_t slot)
{
	const struct board *b = arg;

	return b->lines[slot].row.label;
}

struct board *
board_new(void)
{
	struct board *b = xcalloc(1, sizeof *b);

	b->labels = strmap_new();
	b->places = (struct places){ NULL, key_of, label_of, b };
	b->places.order = order_new(places_cmp, &b->places);
	return b;
}

void
board_free(struct board *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < b->count; i++)
		free(b->lines[i].why);
	order_free(b->places.order);
	strmap_free(b->labels);
	free(b->lines);
	free(b->splits);
	free(b);
}

void
board_expect(struct board *b, const struct race_outlook *o)
{
	b->outlook = *o;
}

const struct race_outlook *
board_outlook(const struct board *b)
{
	return &b->outlook;
}

/* ---- rows ---- */

static int64_t *
splits_at(const struct board *b, size_t slot)
{
	return b->stride > 0 ? b->splits + slot * b->stride : NULL;
}

/* Rows of one ranking have as many splits as the race has points, so this
 * happens with the first row alone. */
static void
widen(struct board *b, size_t stride)
{
	int64_t *splits = xreallocarray(NULL, b->cap * stride, sizeof *splits);

	for (size_t i = 0; i < b->count; i++)
		if (b->lines[i].row.split_count > 0)
			memcpy(splits + i * stride, splits_at(b, i),
			    b->lines[i].row.split_count * sizeof *splits);
	free(b->splits);
	b->splits = splits;
	b->stride = stride;
}

static uint32_t
add_label(struct board *b, const char *label)
{
	uint32_t slot = (uint32_t)b->count;
	size_t cap = b->cap;

	b->lines = xgrow(b->lines, &b->cap, b->count, sizeof *b->lines);
	if (b->cap != cap && b->stride > 0)
		b->splits = xreallocarray(b->splits, b->cap * b->stride,
		    sizeof *b->splits);
	b->lines[slot] = (struct line){ 0 };
	b->lines[slot].row.label = strmap_put(b->labels, label, slot);
	b->count++;
	return slot;
}

static uint32_t
slot_of(struct board *b, const char *label)
{
	uint32_t slot = strmap_get(b->labels, label);

	return slot != STRMAP_NONE ? slot : add_label(b, label);
}

static bool
same_key(const struct race_key *a, const struct race_key *b)
{
	return row_key_cmp(a, b) == 0 && a->tie.stream == b->tie.stream &&
	    a->tie.seq == b->tie.seq;
}

static void
copy_row(struct board *b, uint32_t slot, const struct race_row *row)
{
	struct line *line = &b->lines[slot];
	struct race_row *mine = &line->row;
	const char *label = mine->label;
	char *why = row->why != NULL ? xstrdup(row->why) : NULL;

	if (row->split_count > b->stride)
		widen(b, row->split_count);
	free(line->why);
	line->why = why;
	*mine = *row;
	mine->label = label;
	mine->why = why;
	mine->splits = NULL;
	if (row->split_count > 0)
		memcpy(splits_at(b, slot), row->splits,
		    row->split_count * sizeof *row->splits);
}

void
board_put(struct board *b, const struct race_row *row, uint64_t version)
{
	uint32_t slot = slot_of(b, row->label);
	struct line *line = &b->lines[slot];
	uint64_t hash;

	if (line->version > version)
		return;
	line->version = version;
	hash = row_hash(row);
	if (line->present && line->hash == hash)
		return;
	/* What stays where it is need not be put in order again. */
	if (!line->present || !same_key(&line->row.sort, &row->sort))
		order_touch(b->places.order, slot, true);
	if (line->present)
		b->digest -= line->hash;
	b->digest += hash;
	line->hash = hash;
	line->present = true;
	copy_row(b, slot, row);
}

void
board_remove(struct board *b, const char *label, uint64_t version)
{
	uint32_t slot = slot_of(b, label);
	struct line *line = &b->lines[slot];

	if (line->version > version)
		return;
	line->version = version;
	if (!line->present)
		return;
	line->present = false;
	b->digest -= line->hash;
	order_touch(b->places.order, slot, false);
}

size_t
board_count(struct board *b)
{
	return order_count(b->places.order);
}

uint64_t
board_digest(const struct board *b)
{
	return b->digest;
}

/* ---- the listing ---- */

static struct race_row
row_at(const struct board *b, uint32_t slot)
{
	struct race_row row = b->lines[slot].row;

	assert(row.split_count <= b->stride);
	row.splits = splits_at(b, slot);
	return row;
}

/* Where a runner's time was taken.  A time that is no split of his is that of
 * the last point, with a penalty on it. */
static size_t
point_of(const struct race_row *row)
{
	size_t last = row->split_count - 1;

	for (size_t p = row->split_count; p-- > 0;)
		if (row->splits[p] == row->elapsed_us)
			return p;
	return last;
}

/* The other's time where mine was taken: a point for runners, the whole for
 * teams; -1: none. */
static int64_t
time_there(const struct race_row *mine, const struct race_row *other)
{
	size_t p;

	/* Teams by kilometres begin their key with the metres, negated. */
	if (mine->split_count == 0)
		return mine->sort.key[0] < 0 ? -1 : other->elapsed_us;
	p = point_of(mine);
	if (p >= other->split_count || other->splits[p] == RACE_NO_SPLIT)
		return -1;
	/* Whoever has been at the last point has his time there, and with his
	 * penalty. */
	return p + 1 == mine->split_count ? other->elapsed_us
	                                  : other->splits[p];
}

/* Whether one has his time from the gun and the other one from the start line:
 * where the first by gun stand in front, their keys begin with 0 and all others
 * with 1 (heads.c).  Elsewhere they begin with a time or with metres. */
static bool
is_apart(const struct race_row *mine, const struct race_row *other)
{
	return other->sort.key[0] == 0 && mine->sort.key[0] == 1 &&
	    mine->elapsed_us != 1;
}

static int64_t
gap(const struct race_row *mine, const struct race_row *other)
{
	int64_t there;

	if (mine->sort.group != RACE_GROUP_PLACED ||
	    other->sort.group != RACE_GROUP_PLACED || mine->elapsed_us < 0 ||
	    is_apart(mine, other))
		return -1;
	there = time_there(mine, other);
	if (there < 0)
		return -1;
	if (there <= mine->elapsed_us)
		return mine->elapsed_us - there;
	/* Tied by the shown time, or behind by distance and not by time. */
	return row_key_cmp(&mine->sort, &other->sort) == 0 ? 0 : -1;
}

static bool
is_placed(const struct race_row *row)
{
	return row->sort.group == RACE_GROUP_PLACED && row->elapsed_us >= 0;
}

/* Whether the times were taken at the same place: where rankings are by
 * distance first, keys begin with the metres, negated. */
static bool
is_abreast(const struct race_row *a, const struct race_row *b)
{
	return a->sort.key[0] == b->sort.key[0] ||
	    (a->sort.key[0] >= 0 && b->sort.key[0] >= 0);
}

static bool
is_close(const struct race_row *a, const struct race_row *b)
{
	int64_t apart_us = a->elapsed_us - b->elapsed_us;
	int64_t bound_us = a->bound_us + b->bound_us;

	/* One clock puts its own in the right order; of clocks that nobody has
	 * measured nothing can be said. */
	if (!is_placed(a) || !is_placed(b) || a->clock == b->clock ||
	    bound_us == 0 || !is_abreast(a, b))
		return false;
	return (apart_us < 0 ? -apart_us : apart_us) <= bound_us;
}

static bool
is_provisional(const struct race_outlook *o, const struct race_key *key)
{
	if (!o->open || key->group != RACE_GROUP_PLACED)
		return false;
	for (size_t i = 0; i < sizeof o->from / sizeof *o->from; i++)
		if (key->key[i] != o->from[i])
			return key->key[i] > o->from[i];
	return true;
}

int
board_line(struct board *b, size_t i, struct board_line *out)
{
	/* The one before, this one, the one behind. */
	struct places_line lines[3];
	struct places_line *line = &lines[i > 0];
	struct places_line first;
	struct race_row leader;
	size_t n;

	if (i >= board_count(b))
		return -ENOENT;
	n = places_lines(&b->places, i > 0 ? i - 1 : 0, lines, i > 0 ? 3 : 2);
	places_lines(&b->places, 0, &first, 1);
	out->row = row_at(b, line->slot);
	out->place = line->place;
	out->tied = line->tied;
	leader = row_at(b, first.slot);
	out->provisional = is_provisional(&b->outlook, &out->row.sort);
	out->doubted =
	    out->provisional && !is_provisional(&b->outlook, &leader.sort);
	out->gap_us = gap(&out->row, &leader);
	out->ahead_us = -1;
	out->close = false;
	if (i > 0) {
		struct race_row before = row_at(b, lines[0].slot);

		out->ahead_us = gap(&out->row, &before);
		out->close = is_close(&out->row, &before);
	}
	if (line + 1 < lines + n) {
		struct race_row behind = row_at(b, line[1].slot);

		out->close = out->close || is_close(&out->row, &behind);
	}
	return 0;
}

int64_t
board_find(struct board *b, const char *label)
{
	uint32_t slot = strmap_get(b->labels, label);
	struct places_line line;

	if (slot == STRMAP_NONE || !b->lines[slot].present)
		return -ENOENT;
	return (int64_t)places_find(&b->places, slot, &line);
}
