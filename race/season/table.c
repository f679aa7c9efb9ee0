/*
 * table - one table of one season: what each competition brings its subjects,
 * what of it counts, and the order by that.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/season/core.h"

const struct comp *
table_comp(const struct table *t, uint32_t local)
{
	return &t->season->comps[t->year->comps.at[local]];
}

struct subject *
table_subject(const struct table *t, uint32_t subject)
{
	return &t->year->crowds[t->rule->of].subjects[subject];
}

/* ---- the order ---- */

int
table_cmp_key(const struct table *t, const struct row *a, const struct row *b)
{
	if (a->standing != b->standing)
		return a->standing < b->standing ? -1 : 1;
	/* Sums of less are compared for as many of them. */
	if (t->less && a->counted != b->counted)
		return a->counted > b->counted ? -1 : 1;
	if (a->total != b->total)
		return (a->total < b->total) == t->less ? -1 : 1;
	return 0;
}

static int
compare(const void *arg, uint32_t a, uint32_t b)
{
	const struct table *t = arg;
	int c = table_cmp_key(t, &t->rows[a], &t->rows[b]);

	if (c != 0)
		return c;
	return text_label_cmp(table_subject(t, a)->name,
	    table_subject(t, b)->name);
}

struct bound {
	const struct table *table;
	const struct row *row;
};

static bool
is_before(const void *arg, uint32_t slot)
{
	const struct bound *b = arg;

	return table_cmp_key(b->table, &b->table->rows[slot], b->row) < 0;
}

static bool
is_not_behind(const void *arg, uint32_t slot)
{
	const struct bound *b = arg;

	return table_cmp_key(b->table, &b->table->rows[slot], b->row) <= 0;
}

size_t
table_begin(struct table *t, uint32_t subject)
{
	struct bound b = { t, &t->rows[subject] };

	return order_partition(t->order, is_before, &b);
}

struct block *
table_block(struct table *t, uint32_t subject)
{
	struct bound b = { t, &t->rows[subject] };
	size_t from;
	size_t count;
	uint32_t *all;
	uint32_t at;

	if (t->rows[subject].block != NULL)
		return t->rows[subject].block;
	from = table_begin(t, subject);
	count = order_partition(t->order, is_not_behind, &b) - from;
	all = xreallocarray(NULL, count, sizeof *all);
	at = order_at(t->order, from);
	for (size_t i = 0; i < count; i++, at = order_next(t->order, at))
		all[i] = at;
	return block_new(t, all, count);
}

/* ---- making ---- */

void
table_init(struct table *t, struct season *s, struct year *y, uint32_t number)
{
	*t = (struct table){ .season = s,
		.year = y,
		.rule = &s->rules->tables[number],
		.number = number,
		.bit = UINT32_C(1) << number };
	t->less = t->rule->lowest || t->rule->by == SEASON_BY_TIME;
	t->order = order_new(compare, t);
}

void
table_close(struct table *t)
{
	for (size_t i = 0; i < t->cap; i++) {
		if (t->rows[i].block != NULL)
			block_free(t, t->rows[i].block);
		traits_forget(t, &t->rows[i]);
		free(t->rows[i].cells);
		free(t->rows[i].traits);
	}
	for (size_t i = 0; i < t->decision_count; i++)
		free(t->decisions[i].note);
	order_free(t->order);
	free(t->rows);
	free(t->queue.at);
	free(t->required.at);
	free(t->plans);
	free(t->decisions);
}

void
table_queue(struct table *t, uint32_t subject)
{
	size_t cap = t->cap;

	if (subject >= cap) {
		t->rows = xgrow(t->rows, &t->cap, subject, sizeof *t->rows);
		memset(t->rows + cap, 0, (t->cap - cap) * sizeof *t->rows);
	}
	if (t->rows[subject].queued)
		return;
	t->rows[subject].queued = true;
	slots_add(&t->queue, subject);
}

/* ---- lines ---- */

/* False: it brings nothing, and makes no competition. */
static bool
points_of(const struct table *t, const struct result *r, struct line *out)
{
	const struct season *s = t->season;
	const struct award *a = &s->awards[r->award];
	const struct comp *c = &s->comps[a->comp];
	const struct filter *f = &s->filters[t->number];
	int16_t own = a->own[t->number];
	const struct worth *w = own >= 0 ? &f->own[own] : &f->worth;
	int64_t weight = c->rule != NULL ? c->rule->weight : 1000;
	bool well =
	    r->r.status == RACE_STATUS_NONE || r->r.status == RACE_FINISHED;
	struct season_line *l = &out->line;
	int64_t least_us;

	result_place(s, r, t->number, &l->place, &l->shared, &least_us);
	if (t->rule->by == SEASON_BY_TIME) {
		if (r->r.time_us < 0 || !(well || l->place > 0))
			return false;
		l->points = r->r.time_us;
		return true;
	}
	if (w->points->given && r->r.points != SEASON_NO_VALUE) {
		l->points = worth_weighted(r->r.points, weight);
		return true;
	}
	if (l->place == 0 ||
	    (w->points->scale == SEASON_RATIO && r->r.time_us <= 0)) {
		l->points = worth_weighted(w->points->taking_part, weight);
		return well || l->place > 0;
	}
	l->points = w->points->scale == SEASON_RATIO
	    ? worth_of_time(w, least_us, r->r.time_us, weight)
	    : worth_of_place(w, t->rule->tied, l->place, l->shared, weight);
	return true;
}

static struct line
line_of(const struct table *t, const struct result *r)
{
	const struct season *s = t->season;
	int16_t own = s->awards[r->award].own[t->number];
	struct line out = { .award = r->award };

	out.line.key = r->key;
	out.line.result = &r->r;
	out.line.bonus = own >= 0 && t->rule->awards[own].bonus;
	out.scored = points_of(t, r, &out);
	if (!out.scored)
		out.line.points = 0;
	return out;
}

/* Without a place: behind all that have one. */
static uint64_t
place_or_last(uint32_t place)
{
	return place > 0 ? place : UINT64_MAX;
}

/* Those first that count before others. */
static int
by_worth(const void *a, const void *b)
{
	const struct line *x = a;
	const struct line *y = b;

	if (x->scored != y->scored)
		return x->scored ? -1 : 1;
	if (x->line.bonus != y->line.bonus)
		return x->line.bonus ? 1 : -1;
	if (x->line.points != y->line.points)
		return x->line.points > y->line.points ? -1 : 1;
	if (x->line.place != y->line.place)
		return place_or_last(x->line.place) <
		        place_or_last(y->line.place)
		    ? -1
		    : 1;
	if (strcmp(x->line.result->award, y->line.result->award) != 0)
		return strcmp(x->line.result->award, y->line.result->award);
	return (x->line.key > y->line.key) - (x->line.key < y->line.key);
}

static int
by_least(const void *a, const void *b)
{
	const struct line *x = a;
	const struct line *y = b;

	if (x->scored == y->scored && x->line.bonus == y->line.bonus &&
	    x->line.points != y->line.points)
		return x->line.points < y->line.points ? -1 : 1;
	return by_worth(a, b);
}

void
table_lines(const struct table *t, const struct part *p, struct lines *out)
{
	const struct season *s = t->season;
	uint32_t each = t->rule->each > 0 ? t->rule->each : UINT32_MAX;
	enum ring ring = (enum ring)t->rule->of;
	size_t from = out->count;
	uint32_t kept = 0;

	if (table_comp(t, p->comp)->state == SEASON_VOID)
		return;
	for (uint32_t i = p->first; i != NONE;
	     i = s->results[i].links[ring].next) {
		if (!result_passes(s, &s->results[i], t->number))
			continue;
		out->list =
		    xgrow(out->list, &out->cap, out->count, sizeof *out->list);
		out->list[out->count++] = line_of(t, &s->results[i]);
	}
	if (out->count - from > 1)
		qsort(out->list + from, out->count - from, sizeof *out->list,
		    t->less ? by_least : by_worth);
	for (size_t i = from; i < out->count; i++) {
		struct line *l = &out->list[i];

		l->line.counts = l->scored && (l->line.bonus || kept < each);
		kept += l->line.counts && !l->line.bonus;
	}
}

void
lines_close(struct lines *x)
{
	free(x->list);
}

/* ---- cells ---- */

static void
fill_cell(const struct table *t, const struct part *p, struct lines *lines,
    struct cell *out)
{
	wide base = 0;
	wide bonus = 0;
	wide rest = 0;

	lines->count = 0;
	table_lines(t, p, lines);
	*out = (struct cell){ .stamp = p->stamp,
		.comp = p->comp,
		.lines = (uint32_t)lines->count };
	for (size_t i = 0; i < lines->count; i++) {
		const struct line *x = &lines->list[i];
		const struct season_line *l = &x->line;

		if (l->bonus) {
			out->extra = out->extra || x->scored;
			bonus += l->points;
			continue;
		}
		out->wins += l->place == 1;
		out->took_part =
		    out->took_part || l->result->status != RACE_DNS;
		out->kept += l->counts;
		if (x->scored) {
			out->told++;
			out->place = l->place;
		}
		*(l->counts ? &base : &rest) += l->points;
	}
	out->based = out->kept > 0;
	out->base = worth_cut(base);
	out->bonus = worth_cut(bonus);
	out->rest = worth_cut(rest);
}

/* Cells beside the parts: those of parts that are still there stay. */
static void
align(struct row *row, const struct subject *x)
{
	struct cell *old = row->cells;
	size_t count = row->count;
	size_t k = 0;

	row->cells = xcalloc(x->cap, sizeof *row->cells);
	row->count = x->count;
	for (size_t i = 0; i < x->count; i++) {
		while (k < count && old[k].comp < x->parts[i].comp)
			k++;
		if (k < count && old[k].comp == x->parts[i].comp)
			row->cells[i] = old[k];
		else
			row->cells[i].comp = x->parts[i].comp;
	}
	free(old);
}

static void
fill_cells(const struct table *t, uint32_t subject, struct lines *lines)
{
	const struct subject *x = table_subject(t, subject);
	struct row *row = &t->rows[subject];

	if (row->count != x->count)
		align(row, x);
	/* A stamp is of one part alone, and none is 0. */
	for (size_t i = 0; i < x->count; i++)
		if (row->cells[i].stamp != x->parts[i].stamp)
			fill_cell(t, &x->parts[i], lines, &row->cells[i]);
}

/* ---- scores ---- */

static uint32_t
lacks(const struct table *t, const struct plan *plan, uint32_t kept)
{
	if (plan->lack == SEASON_NO_VALUE || kept >= t->rule->each)
		return 0;
	return t->rule->each - kept;
}

static void
add_score(const struct table *t, uint32_t comp, uint32_t at,
    const struct cell *cell, struct scores *out)
{
	const struct plan *plan = &t->plans[comp];
	struct score x = { .comp = comp,
		.rank = plan->rank,
		.cell = at,
		.required = plan->required };
	wide value = 0;

	x.missing = lacks(t, plan, cell != NULL ? cell->kept : 0);
	x.loose = x.missing == 0 && (cell == NULL || !cell->based);
	if (x.loose && (cell == NULL || !cell->extra))
		return;
	if (cell != NULL)
		value = (wide)cell->base + cell->bonus;
	if (x.missing > 0)
		value += (wide)plan->lack * x.missing;
	x.value = worth_cut(value);
	out->list = xgrow(out->list, &out->cap, out->count, sizeof *out->list);
	out->list[out->count++] = x;
}

/* Competitions without a part of his that count nevertheless. */
static void
add_missing(const struct table *t, const struct row *row, struct scores *out)
{
	size_t comps = t->year->comps.count;

	out->cells =
	    xgrow(out->cells, &out->cells_cap, comps, sizeof *out->cells);
	memset(out->cells, 0, comps * sizeof *out->cells);
	for (size_t i = 0; i < row->count; i++)
		out->cells[row->cells[i].comp] = 1;
	for (uint32_t i = 0; i < comps; i++)
		if (out->cells[i] == 0)
			add_score(t, i, NONE, NULL, out);
}

/* Whether score a counts before b. */
static bool
is_better(const struct table *t, const struct score *a, const struct score *b)
{
	if (a->required != b->required)
		return a->required;
	if (a->value != b->value)
		return (a->value < b->value) == t->less;
	return a->rank < b->rank;
}

/* Cuts [low, high) in two: no score of the first part, or before *from in the
 * second, is worse than one behind; returns where the first ends. */
static size_t
part_scores(const struct table *t, const struct scores *x, size_t low,
    size_t high, size_t *from)
{
	uint32_t *p = x->picks;
	const struct score *middle = &x->list[p[low + (high - low) / 2]];
	size_t i = low;
	size_t j = high - 1;

	while (true) {
		uint32_t swap;

		while (is_better(t, &x->list[p[i]], middle))
			i++;
		while (is_better(t, middle, &x->list[p[j]]))
			j--;
		if (i >= j)
			break;
		swap = p[i];
		p[i++] = p[j];
		p[j--] = swap;
	}
	*from = j + 1;
	return i;
}

/* The best come to the front of the picks (Hoare's selection): of a thousand
 * scores each is seen twice, where sorting would see it ten times. */
static void
pick(const struct table *t, const struct scores *x, size_t count, size_t best)
{
	size_t low = 0;
	size_t high = count;

	while (high - low > 1) {
		size_t from;
		size_t to = part_scores(t, x, low, high, &from);

		if (best < to)
			high = to;
		else if (best > from)
			low = from;
		else
			return;
	}
}

static void
choose(const struct table *t, struct scores *x)
{
	size_t best = t->rule->best;
	size_t count = 0;

	x->picks = xgrow(x->picks, &x->picks_cap, x->count, sizeof *x->picks);
	for (uint32_t i = 0; i < x->count; i++) {
		x->list[i].counts = x->list[i].loose || best == 0;
		if (!x->list[i].loose)
			x->picks[count++] = i;
	}
	if (best == 0)
		return;
	if (count > best)
		pick(t, x, count, best);
	for (size_t i = 0; i < count && i < best; i++)
		x->list[x->picks[i]].counts = true;
}

void
table_scores(const struct table *t, uint32_t subject, struct scores *out)
{
	const struct row *row = &t->rows[subject];

	out->count = 0;
	for (uint32_t i = 0; i < row->count; i++)
		add_score(t, row->cells[i].comp, i, &row->cells[i], out);
	if (t->season->filters[t->number].missing)
		add_missing(t, row, out);
	choose(t, out);
}

void
scores_close(struct scores *x)
{
	free(x->list);
	free(x->picks);
	free(x->cells);
}

/* ---- rows ---- */

static bool
is_based_in(const struct row *row, uint32_t comp)
{
	size_t low = 0;
	size_t high = row->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (row->cells[middle].comp < comp)
			low = middle + 1;
		else
			high = middle;
	}
	return low < row->count && row->cells[low].comp == comp &&
	    row->cells[low].based;
}

static enum season_standing
standing_of(const struct table *t, const struct row *row)
{
	bool all = row->scored >= t->at_least;
	bool can = all || t->to_come >= t->at_least - row->scored;

	for (size_t i = 0; i < t->required.count; i++) {
		uint32_t comp = t->required.at[i];

		if (is_based_in(row, comp))
			continue;
		all = false;
		can = can && !comp_held(table_comp(t, comp));
	}
	if (all)
		return SEASON_IN;
	return can ? SEASON_OPEN : SEASON_OUT;
}

static void
add_up(const struct table *t, struct row *row, const struct scores *scores)
{
	wide total = 0;
	wide dropped = 0;

	row->counted = row->scored = row->took_part = 0;
	row->wins = row->lines = 0;
	for (size_t i = 0; i < row->count; i++) {
		const struct cell *cell = &row->cells[i];

		row->lines += cell->lines;
		row->wins += cell->wins;
		row->took_part += cell->took_part;
		row->scored += cell->based;
		dropped += cell->rest;
	}
	for (size_t i = 0; i < scores->count; i++) {
		const struct score *x = &scores->list[i];

		*(x->counts ? &total : &dropped) += x->value;
		row->counted += x->counts && !x->loose;
	}
	row->total = worth_cut(total);
	row->dropped = worth_cut(dropped);
	row->standing = standing_of(t, row);
}

struct scratch {
	struct lines lines;
	struct scores scores;
};

static void
settle_row(struct table *t, uint32_t subject, struct scratch *x)
{
	struct row *row = &t->rows[subject];

	row->queued = false;
	if (row->block != NULL)
		block_free(t, row->block);
	traits_forget(t, row);
	fill_cells(t, subject, &x->lines);
	table_scores(t, subject, &x->scores);
	add_up(t, row, &x->scores);
	row->present = row->lines > 0;
	order_touch(t->order, subject, row->present);
}

/* Equals who have got one more. */
static void
open_block(struct table *t, uint32_t subject, size_t at)
{
	uint32_t other = order_at(t->order, at);

	if (other != ORDER_NONE && t->rows[other].block != NULL &&
	    table_cmp_key(t, &t->rows[subject], &t->rows[other]) == 0)
		block_free(t, t->rows[other].block);
}

static uint32_t
placed_in(const struct table *t, const struct award *a)
{
	int16_t own = a->own[t->number];

	if (own >= 0 && t->rule->awards[own].bonus)
		return 0;
	return a->tallies[t->number].placed;
}

/* What a result is worth that is not there: as many points as have a place, and
 * more. */
static void
settle_lacks(struct table *t)
{
	const struct season *s = t->season;

	for (size_t i = 0; i < t->year->comps.count; i++) {
		const struct comp *c = table_comp(t, (uint32_t)i);
		int64_t weight = c->rule != NULL ? c->rule->weight : 1000;
		wide placed = 0;

		t->plans[i].lack = SEASON_NO_VALUE;
		if (!s->filters[t->number].missing || !comp_held(c) ||
		    !comp_counts(c, t))
			continue;
		for (size_t k = 0; k < c->awards.count; k++)
			placed += placed_in(t, &s->awards[c->awards.at[k]]);
		t->plans[i].lack =
		    worth_weighted(worth_cut(
		                       placed * SEASON_UNIT + t->rule->missing),
		        weight);
	}
}

void
table_settle(struct table *t)
{
	struct scratch x = { 0 };

	results_settle(t->season, t->year);
	calendar_settle(t->season, t->year);
	if (t->all) {
		settle_lacks(t);
		for (uint32_t i = 0; i < t->year->crowds[t->rule->of].count;
		     i++)
			table_queue(t, i);
	}
	t->all = false;
	for (size_t i = 0; i < t->queue.count; i++)
		settle_row(t, t->queue.at[i], &x);
	for (size_t i = 0; i < t->queue.count; i++) {
		uint32_t subject = t->queue.at[i];
		size_t at;

		if (!t->rows[subject].present)
			continue;
		at = order_index(t->order, subject);
		if (at > 0)
			open_block(t, subject, at - 1);
		open_block(t, subject, at + 1);
	}
	t->queue.count = 0;
	lines_close(&x.lines);
	scores_close(&x.scores);
}
