#include "race/preview.h"

#include <stdlib.h>
#include <string.h>

#include "common/strmap.h"
#include "common/xalloc.h"

/* All rows of a ranking at one time, in the order of the listing. */
struct listing {
	struct rank_standing *rows;
	size_t count;
	int64_t *splits; /* theirs, as the next */
	char *labels;
};

struct difference {
	struct listing before;
	struct listing after;
	struct strmap *labels; /* indices in before; NULL: not yet needed */
	struct preview_change *changes;
	size_t changes_cap;
	size_t change_count;
	struct preview_change *moves;
	size_t moves_cap;
	size_t move_count;
	size_t moved;
	struct preview_range *ranges;
	size_t ranges_cap;
	size_t range_count;
};

struct preview {
	struct difference *rankings;
	size_t count;
};

/* ---- listings ---- */

/* Splits are the rank's until the next question. */
static void
keep_splits(struct listing *l)
{
	size_t all = 0;
	int64_t *to;

	for (size_t i = 0; i < l->count; i++)
		all += l->rows[i].row.split_count;
	l->splits = xreallocarray(NULL, all + 1, sizeof *l->splits);
	to = l->splits;
	for (size_t i = 0; i < l->count; i++) {
		struct race_row *row = &l->rows[i].row;

		if (row->split_count > 0)
			memcpy(to, row->splits, row->split_count * sizeof *to);
		row->splits = to;
		to += row->split_count;
	}
}

/* So are labels. */
static void
keep_labels(struct listing *l)
{
	size_t bytes = 0;
	char *to;

	for (size_t i = 0; i < l->count; i++)
		bytes += strlen(l->rows[i].row.label) + 1;
	l->labels = xmalloc(bytes + 1);
	to = l->labels;
	for (size_t i = 0; i < l->count; i++) {
		char *label = to;

		to = stpcpy(to, l->rows[i].row.label) + 1;
		l->rows[i].row.label = label;
	}
}

static void
take_listing(struct listing *l, struct rank *r, size_t v)
{
	size_t count = rank_count(r, v);

	l->rows = xreallocarray(NULL, count + 1, sizeof *l->rows);
	l->count = rank_rows(r, v, 0, l->rows, count);
	keep_splits(l);
	keep_labels(l);
}

static void
close_listing(struct listing *l)
{
	free(l->rows);
	free(l->splits);
	free(l->labels);
}

/* ---- what differs ---- */

static bool
same_key(const struct race_key *a, const struct race_key *b)
{
	return a->group == b->group && a->key[0] == b->key[0] &&
	    a->key[1] == b->key[1] && a->key[2] == b->key[2] &&
	    a->tie.stream == b->tie.stream && a->tie.seq == b->tie.seq;
}

static bool
same_splits(const struct race_row *a, const struct race_row *b)
{
	return a->split_count == b->split_count &&
	    (a->split_count == 0 ||
	        memcmp(a->splits, b->splits,
	            a->split_count * sizeof *a->splits) == 0);
}

/* All but the label, which is the same. */
static bool
same_row(const struct race_row *a, const struct race_row *b)
{
	return a->status == b->status && same_key(&a->sort, &b->sort) &&
	    a->elapsed_us == b->elapsed_us && a->metres == b->metres &&
	    a->point == b->point && same_splits(a, b) &&
	    a->counted == b->counted && a->finishers == b->finishers &&
	    a->women == b->women && a->men == b->men &&
	    a->places == b->places && a->bound_us == b->bound_us &&
	    a->clock == b->clock;
}

static void
add_change(struct difference *d, const struct rank_standing *before,
    const struct rank_standing *after)
{
	d->changes = xgrow(d->changes, &d->changes_cap, d->change_count,
	    sizeof *d->changes);
	d->changes[d->change_count++] =
	    (struct preview_change){ before, after };
}

/* Where a row of before is in after; NONE: nowhere.  CHANGED: it is not the row
 * that it was. */
#define NONE    UINT32_MAX
#define CHANGED (UINT32_MAX - 1)

static void
name_all(struct difference *d)
{
	d->labels = strmap_new();
	for (size_t i = 0; i < d->before.count; i++)
		strmap_put(d->labels, d->before.rows[i].row.label, (uint32_t)i);
}

/* The row of before with that label, or STRMAP_NONE.  Most follow one another
 * as they did, but for one that has left: *next is where the last one was. */
static uint32_t
find_before(struct difference *d, const char *label, size_t *next)
{
	for (size_t i = *next; i < *next + 2 && i < d->before.count; i++)
		if (strcmp(d->before.rows[i].row.label, label) == 0) {
			*next = i + 1;
			return (uint32_t)i;
		}
	if (d->labels == NULL)
		name_all(d);
	return strmap_get(d->labels, label);
}

/* In the order of after; for each of before, where it is. */
static uint32_t *
compare(struct difference *d)
{
	uint32_t *where =
	    xreallocarray(NULL, d->before.count + 1, sizeof *where);
	size_t next = 0;

	memset(where, 0xff, (d->before.count + 1) * sizeof *where);
	for (size_t i = 0; i < d->after.count; i++) {
		const struct rank_standing *now = &d->after.rows[i];
		uint32_t k = find_before(d, now->row.label, &next);
		const struct rank_standing *was;

		if (k == STRMAP_NONE) {
			add_change(d, NULL, now);
			continue;
		}
		was = &d->before.rows[k];
		where[k] = (uint32_t)i;
		if (was->tied == now->tied && same_row(&was->row, &now->row))
			continue;
		where[k] = CHANGED;
		add_change(d, was, now);
	}
	return where;
}

/* A row has moved from its place: the last range goes on, or one begins. */
static void
extend_ranges(struct difference *d, const struct preview_change *c, bool next)
{
	int64_t by = (int64_t)c->after->place - (int64_t)c->before->place;
	struct preview_range *last =
	    next ? &d->ranges[d->range_count - 1] : NULL;

	if (last == NULL || last->by != by) {
		d->ranges = xgrow(d->ranges, &d->ranges_cap, d->range_count,
		    sizeof *d->ranges);
		last = &d->ranges[d->range_count++];
		*last = (struct preview_range){ .first = c->before->place,
			.by = by };
	}
	last->last = c->before->place;
	last->rows++;
}

static void
add_move(struct difference *d, const struct preview_change *c, size_t limit)
{
	d->moved++;
	if (d->move_count >= limit)
		return;
	d->moves =
	    xgrow(d->moves, &d->moves_cap, d->move_count, sizeof *d->moves);
	d->moves[d->move_count++] = *c;
}

static void
find_moves(struct difference *d, const uint32_t *where, size_t limit)
{
	bool next = false; /* all since the last range's begin have moved */

	for (size_t i = 0; i < d->before.count; i++) {
		const struct rank_standing *was = &d->before.rows[i];
		struct preview_change c = { .before = was };

		/* Told by itself: it neither ends nor is in a range. */
		if (where[i] == CHANGED || where[i] == NONE)
			continue;
		c.after = &d->after.rows[where[i]];
		if (c.after->place == was->place) {
			next = false;
			continue;
		}
		extend_ranges(d, &c, next);
		add_move(d, &c, limit);
		next = true;
	}
}

static void
find_difference(struct difference *d, size_t limit)
{
	uint32_t *where = compare(d);

	for (size_t i = 0; i < d->before.count; i++)
		if (where[i] == NONE)
			add_change(d, &d->before.rows[i], NULL);
	find_moves(d, where, limit);
	free(where);
}

/* ---- previews ---- */

struct preview *
preview_new(struct book *b, const struct preview_event *events, size_t count,
    size_t moves)
{
	struct preview *p = xcalloc(1, sizeof *p);

	p->count = b->rules->ranking_count;
	p->rankings = xcalloc(p->count + 1, sizeof *p->rankings);
	for (size_t v = 0; v < p->count; v++)
		take_listing(&p->rankings[v].before, b->rank, v);
	for (size_t i = 0; i < count; i++)
		(void)book_apply(b, events[i].id, &events[i].event);
	for (size_t v = 0; v < p->count; v++) {
		take_listing(&p->rankings[v].after, b->rank, v);
		find_difference(&p->rankings[v], moves);
	}
	return p;
}

void
preview_free(struct preview *p)
{
	if (p == NULL)
		return;
	for (size_t v = 0; v < p->count; v++) {
		struct difference *d = &p->rankings[v];

		close_listing(&d->before);
		close_listing(&d->after);
		strmap_free(d->labels);
		free(d->changes);
		free(d->moves);
		free(d->ranges);
	}
	free(p->rankings);
	free(p);
}

void
preview_ranking(const struct preview *p, size_t v, struct preview_ranking *out)
{
	const struct difference *d = &p->rankings[v];

	*out = (struct preview_ranking){
		.changes = d->changes,
		.change_count = d->change_count,
		.moves = d->moves,
		.move_count = d->move_count,
		.moved = d->moved,
		.ranges = d->ranges,
		.range_count = d->range_count,
	};
}

bool
preview_is_empty(const struct preview *p)
{
	for (size_t v = 0; v < p->count; v++)
		if (p->rankings[v].change_count > 0 || p->rankings[v].moved > 0)
			return false;
	return true;
}
