#include "race/preview.h"

#include <stdlib.h>
#include <string.h>

#include "common/strmap.h"
#include "common/xalloc.h"
#include "race/places.h"
#include "race/rules.h"

/* All rows of a ranking at one time, in the order of the listing. */
struct listing {
	struct rank_standing *rows;
	size_t count;
	int64_t *kept;   /* their splits, */
	int64_t *splits; /* ... behind which there is room */
	char *labels;
};

struct difference {
	struct listing before;
	/* Of the rows after it those alone that are told: no more are kept, and
	 * none of a ranking where nothing has changed. */
	struct listing after;
	char **names; /* labels of those that were not there before */
	size_t names_cap;
	size_t name_count;
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
	l->kept = xreallocarray(NULL, all + 1, sizeof *l->kept);
	to = l->kept;
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
	free(l->kept);
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

/* A ranking while it is compared. */
struct comparison {
	struct difference *d;
	struct rank *rank;
	size_t view;
	struct places_line *lines; /* after */
	size_t count;
	bool *touched; /* by slot: the row may be another one */
	uint32_t *was; /* by slot: its index in before, or NONE */
	uint32_t *is;  /* by index in before: in lines, NONE, CHANGED */
};

/* The slots of rows that may have changed since this was last asked, as marks;
 * how many. */
static size_t
take_changes(struct rank *r, size_t v, bool *touched)
{
	uint32_t slots[256];
	size_t count = 0;
	size_t n;

	do {
		n = rank_take_changes(r, v, slots,
		    sizeof slots / sizeof *slots);
		for (size_t i = 0; touched != NULL && i < n; i++)
			touched[slots[i]] = true;
		count += n;
	} while (n > 0);
	return count;
}

static const struct rank_standing *
before_of(const struct comparison *c, const struct places_line *line)
{
	uint32_t k = c->was[line->slot];

	return k == NONE ? NULL : &c->d->before.rows[k];
}

/* It may have to be told. */
static bool
is_suspect(const struct comparison *c, const struct places_line *line)
{
	const struct rank_standing *was = before_of(c, line);

	return was == NULL || c->touched[line->slot] || was->tied != line->tied;
}

static const char *
label_of(struct difference *d, const struct rank_standing *was,
    const char *label)
{
	if (was != NULL)
		return was->row.label;
	d->names =
	    xgrow(d->names, &d->names_cap, d->name_count, sizeof *d->names);
	return d->names[d->name_count++] = xstrdup(label);
}

/* Adds the row of a line: as the rank has it, where it may be another one. */
static struct rank_standing *
add_row(struct comparison *c, const struct places_line *line)
{
	struct difference *d = c->d;
	const struct rank_standing *was = before_of(c, line);
	struct rank_standing *now = &d->after.rows[d->after.count++];

	if (was == NULL || c->touched[line->slot]) {
		rank_row(c->rank, c->view, line->slot, &now->row);
		now->row.label = label_of(d, was, now->row.label);
		if (now->row.split_count > 0)
			now->row.splits =
			    memcpy(d->after.splits, now->row.splits,
			        now->row.split_count * sizeof *now->row.splits);
		d->after.splits += now->row.split_count;
	} else {
		now->row = was->row;
	}
	now->slot = line->slot;
	now->place = line->place;
	now->tied = line->tied;
	return now;
}

static void
compare_line(struct comparison *c, uint32_t i)
{
	const struct places_line *line = &c->lines[i];
	const struct rank_standing *was = before_of(c, line);
	const struct rank_standing *now;

	if (was != NULL)
		c->is[c->was[line->slot]] = i;
	if (!is_suspect(c, line))
		return;
	now = add_row(c, line);
	if (was != NULL && was->tied == now->tied &&
	    same_row(&was->row, &now->row))
		return;
	if (was != NULL)
		c->is[c->was[line->slot]] = CHANGED;
	add_change(c->d, was, now);
}

/* A row has moved from its place: the last range goes on, or one begins. */
static void
extend_ranges(struct difference *d, uint32_t place, int64_t by, bool next)
{
	struct preview_range *last =
	    next ? &d->ranges[d->range_count - 1] : NULL;

	if (last == NULL || last->by != by) {
		d->ranges = xgrow(d->ranges, &d->ranges_cap, d->range_count,
		    sizeof *d->ranges);
		last = &d->ranges[d->range_count++];
		*last = (struct preview_range){ .first = place, .by = by };
	}
	last->last = place;
	last->rows++;
}

static void
add_move(struct comparison *c, const struct rank_standing *was,
    const struct places_line *line, size_t limit)
{
	struct difference *d = c->d;

	d->moved++;
	if (d->move_count >= limit)
		return;
	d->moves =
	    xgrow(d->moves, &d->moves_cap, d->move_count, sizeof *d->moves);
	d->moves[d->move_count++] =
	    (struct preview_change){ was, add_row(c, line) };
}

static void
find_moves(struct comparison *c, size_t limit)
{
	bool next = false; /* all since the last range's begin have moved */

	for (size_t i = 0; i < c->d->before.count; i++) {
		const struct rank_standing *was = &c->d->before.rows[i];
		const struct places_line *line;

		/* Told by itself: it neither ends nor is in a range. */
		if (c->is[i] == CHANGED || c->is[i] == NONE)
			continue;
		line = &c->lines[c->is[i]];
		if (line->place == was->place) {
			next = false;
			continue;
		}
		extend_ranges(c->d, was->place,
		    (int64_t)line->place - (int64_t)was->place, next);
		add_move(c, was, line, limit);
		next = true;
	}
}

/* Room for all rows that will be added: what points to them stays. */
static void
make_room(struct comparison *c, size_t limit, size_t points)
{
	struct listing *after = &c->d->after;
	size_t rows = limit < c->count ? limit : c->count;

	for (size_t i = 0; i < c->count; i++)
		rows += is_suspect(c, &c->lines[i]);
	after->rows = xreallocarray(NULL, rows + 1, sizeof *after->rows);
	after->kept =
	    xreallocarray(NULL, rows * points + 1, sizeof *after->kept);
	after->splits = after->kept;
}

static void
compare(struct comparison *c, size_t limit, size_t points)
{
	struct listing *before = &c->d->before;

	make_room(c, limit, points);
	for (size_t i = 0; i < c->count; i++)
		compare_line(c, (uint32_t)i);
	for (size_t i = 0; i < before->count; i++)
		if (c->is[i] == NONE)
			add_change(c->d, &before->rows[i], NULL);
	find_moves(c, limit);
}

static uint32_t *
nowhere(size_t count)
{
	uint32_t *list = xreallocarray(NULL, count + 1, sizeof *list);

	memset(list, 0xff, (count + 1) * sizeof *list);
	return list;
}

/* Of one book: each row has kept its slot. */
static void
match_slots(struct comparison *c)
{
	const struct listing *before = &c->d->before;

	for (size_t i = 0; i < before->count; i++)
		c->was[before->rows[i].slot] = (uint32_t)i;
}

/* Of two: by labels, and any row may be another one. */
static void
match_labels(struct comparison *c, size_t slots)
{
	const struct listing *before = &c->d->before;
	struct strmap *labels = strmap_new();
	struct race_row row;

	for (size_t i = 0; i < before->count; i++)
		strmap_put(labels, before->rows[i].row.label, (uint32_t)i);
	for (size_t i = 0; i < slots; i++) {
		if (!rank_row(c->rank, c->view, (uint32_t)i, &row))
			continue;
		c->was[i] = strmap_get(labels, row.label);
		c->touched[i] = true;
	}
	strmap_free(labels);
}

static void
find_difference(struct difference *d, struct book *b, size_t v, size_t limit,
    bool two)
{
	size_t count = rank_count(b->rank, v);
	size_t slots = rank_slots(b->rank, v);
	struct comparison c = { .d = d,
		.rank = b->rank,
		.view = v,
		.touched = xcalloc(slots + 1, sizeof *c.touched) };

	/* Places follow from the rows. */
	if (two || take_changes(b->rank, v, c.touched) > 0) {
		c.was = nowhere(slots);
		c.is = nowhere(d->before.count);
		c.lines = xreallocarray(NULL, count + 1, sizeof *c.lines);
		c.count = rank_lines(b->rank, v, 0, c.lines, count);
		if (two)
			match_labels(&c, slots);
		else
			match_slots(&c);
		compare(&c, limit, b->rules->point_count);
	}
	free(c.touched);
	free(c.was);
	free(c.is);
	free(c.lines);
}

/* ---- previews ---- */

struct preview *
preview_begin(struct book *b)
{
	struct preview *p = xcalloc(1, sizeof *p);

	p->count = b->rules->ranking_count;
	p->rankings = xcalloc(p->count + 1, sizeof *p->rankings);
	for (size_t v = 0; v < p->count; v++) {
		take_changes(b->rank, v, NULL);
		take_listing(&p->rankings[v].before, b->rank, v);
	}
	return p;
}

void
preview_end(struct preview *p, struct book *b,
    const struct preview_event *events, size_t count, size_t moves)
{
	for (size_t i = 0; i < count; i++)
		(void)book_apply(b, events[i].id, &events[i].event);
	for (size_t v = 0; v < p->count; v++)
		find_difference(&p->rankings[v], b, v, moves, false);
}

int
preview_partner(const struct race_rules *before,
    const struct race_ranking *after)
{
	int v = rules_ranking(before, after->name);

	return v >= 0 && before->rankings[v].of == after->of ? v : -1;
}

struct preview *
preview_between(struct book *before, struct book *after, size_t moves)
{
	struct preview *p = xcalloc(1, sizeof *p);

	p->count = after->rules->ranking_count;
	p->rankings = xcalloc(p->count + 1, sizeof *p->rankings);
	for (size_t v = 0; v < p->count; v++) {
		int was =
		    preview_partner(before->rules, &after->rules->rankings[v]);

		if (was < 0)
			continue;
		take_listing(&p->rankings[v].before, before->rank, (size_t)was);
		find_difference(&p->rankings[v], after, v, moves, true);
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
		while (d->name_count > 0)
			free(d->names[--d->name_count]);
		free(d->names);
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
