#include "race/rank/rank.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/rank/core.h"
#include "race/row.h"
#include "race/rules.h"

/* ---- lists ---- */

void
rank_list(struct slots *list, uint32_t slot)
{
	list->slots =
	    xgrow(list->slots, &list->cap, list->count, sizeof *list->slots);
	list->slots[list->count++] = slot;
}

static bool
same_key(const struct race_key *a, const struct race_key *b)
{
	return row_key_cmp(a, b) == 0 && a->tie.stream == b->tie.stream &&
	    a->tie.seq == b->tie.seq;
}

/* The row has come or is another: key; or has gone: NULL. */
void
rank_set(struct view *v, uint32_t slot, struct cell *cell,
    const struct race_key *key)
{
	bool was = (cell->flags & CELL_PRESENT) != 0;

	if ((cell->flags & CELL_CHANGED) == 0)
		rank_list(&v->changed, slot);
	if ((cell->flags & CELL_STALE) == 0)
		rank_list(&v->stale, slot);
	cell->flags = CELL_CHANGED | CELL_STALE;
	if (key != NULL)
		cell->flags |= CELL_PRESENT;
	if (v->places.order != NULL &&
	    (key == NULL || !was || !same_key(key, &cell->key)))
		order_touch(v->places.order, slot, key != NULL);
	if (key != NULL)
		cell->key = *key;
}

static struct cell *
cell_of(const struct view *v, uint32_t slot)
{
	struct rank *r = v->rank;

	if (v->rule->of == RACE_TEAMS)
		return &teams_sum(v, slot)->cell;
	return &r->cells[slot * r->runner_views + v->column];
}

static const struct race_key *
key_of(const void *view, uint32_t slot)
{
	return &cell_of(view, slot)->key;
}

static const char *
label_of(const void *view, uint32_t slot)
{
	const struct view *v = view;

	if (v->rule->of == RACE_TEAMS)
		return v->rank->teams[slot].name;
	return v->rank->runners[slot].bib;
}

/* ---- life ---- */

static void
view_init(struct view *v, struct rank *r, const struct race_ranking *rule)
{
	bool teams = rule->of == RACE_TEAMS;

	v->rank = r;
	v->rule = rule;
	v->column = teams ? r->team_views++ : r->runner_views++;
	v->places = (struct places){ NULL, key_of, label_of, v };
}

struct rank *
rank_new(const struct race_rules *rules)
{
	struct rank *r = xcalloc(1, sizeof *r);

	assert(rules->point_count <= RACE_POINTS_MAX);
	assert(rules->ranking_count <= RACE_RANKINGS_MAX);
	r->rules = rules_copy(rules);
	r->points = rules->point_count;
	r->has_start = r->points > 0 && rules->points[0].metres == 0;
	r->point_names = strmap_new();
	for (size_t i = 0; i < r->points; i++)
		strmap_put(r->point_names, rules->points[i].name, (uint32_t)i);
	r->guns = xcalloc(rules->wave_count + 1, sizeof *r->guns);
	for (size_t i = 0; i < rules->wave_count; i++)
		r->guns[i].gun_us = rules->waves[i].gun_us;
	r->team_names = strmap_new();
	identity_init(&r->id);
	r->lists = xcalloc(r->points + 1, sizeof *r->lists);
	r->views = xcalloc(rules->ranking_count + 1, sizeof *r->views);
	for (size_t i = 0; i < rules->ranking_count; i++)
		view_init(&r->views[i], r, &r->rules->rankings[i]);
	return r;
}

static void
view_close(struct view *v)
{
	order_free(v->places.order);
	free(v->changed.slots);
	free(v->stale.slots);
	free(v->queued.slots);
}

void
rank_free(struct rank *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->rules->ranking_count; i++)
		view_close(&r->views[i]);
	for (size_t i = 0; i < r->teams_count * r->team_views; i++)
		free(r->sums[i].best);
	identity_close(&r->id);
	for (size_t i = 0; i < r->points; i++)
		lists_close(&r->lists[i]);
	free(r->lists);
	free(r->texts);
	strmap_free(r->point_names);
	strmap_free(r->team_names);
	rules_free(r->rules);
	free(r->guns);
	free(r->views);
	free(r->runners);
	free(r->counting);
	free(r->cells);
	free(r->shares);
	free(r->queued.slots);
	free(r->teams);
	free(r->sums);
	free(r->splits);
	free(r);
}

/* ---- entries ---- */

/* An entry without wave runs in the first. */
static const char *
wave_name(const struct rank *r, const char *wave)
{
	if (wave[0] == '\0' && r->rules->wave_count > 0)
		return r->rules->waves[0].name;
	return wave;
}

static bool
passes(const char *filter, const char *value)
{
	return filter[0] == '\0' || strcmp(filter, value) == 0;
}

static uint64_t
views_of(const struct rank *r, const struct race_entry *e)
{
	uint64_t views = 0;

	for (size_t i = 0; i < r->rules->ranking_count; i++) {
		const struct race_ranking *rule = &r->rules->rankings[i];

		if (passes(rule->sex, e->sex) &&
		    passes(rule->category, e->category) &&
		    passes(rule->team, e->team) &&
		    passes(rule->wave, wave_name(r, e->wave)))
			views |= UINT64_C(1) << i;
	}
	return views;
}

static uint32_t
runner_of(struct rank *r, const char *bib)
{
	uint32_t node = identity_node(r, RACE_UNKNOWN_BIB, bib);

	if (r->id.nodes[node].runner == NONE) {
		uint32_t slot = people_new(r, node);

		r->id.nodes[node].runner = slot;
	}
	return r->id.nodes[node].runner;
}

/* The filters passed, the team: all that the number of rows follows from. */
static void
move_runner(struct rank *r, uint32_t slot, uint64_t views, uint32_t team)
{
	struct runner *runner = &r->runners[slot];

	for (size_t i = 0; i < r->rules->ranking_count; i++) {
		if (r->views[i].rule->of == RACE_TEAMS)
			continue;
		r->views[i].count += views >> i & 1;
		r->views[i].count -= runner->views >> i & 1;
	}
	teams_leave(r, slot);
	runner->views = views;
	runner->team = team;
	teams_join(r, slot);
}

void
rank_entry(struct rank *r, const struct race_entry *entry)
{
	uint32_t slot = runner_of(r, entry->bib);
	uint32_t team = NONE;
	uint64_t views = views_of(r, entry);
	int wave = rules_wave(r->rules, wave_name(r, entry->wave));
	struct runner *runner = &r->runners[slot];

	if (entry->team[0] != '\0')
		team = teams_slot(r, entry->team);
	if (runner->views != views || runner->team != team)
		move_runner(r, slot, views, team);
	runner->wave = wave < 0 ? WAVE_UNKNOWN : (uint16_t)wave;
	runner->status = (uint8_t)entry->status;
	if (!identity_same_chips(r, slot, entry)) {
		identity_disclaim(r, slot);
		identity_claim(r, slot, entry);
	}
	identity_own(r, runner->node, slot);
	people_queue(r, slot, RUNNER_RECOUNT);
}

void
rank_entry_gone(struct rank *r, const char *bib)
{
	uint32_t node = strmap_get(r->id.names[RACE_UNKNOWN_BIB], bib);
	uint32_t slot;

	if (node == STRMAP_NONE || r->id.nodes[node].owner == NONE)
		return;
	slot = r->id.nodes[node].owner;
	move_runner(r, slot, 0, NONE);
	identity_disclaim(r, slot);
	identity_own(r, node, NONE);
}

/* ---- crossings and corrections ---- */

int
rank_apply(struct rank *r, struct race_id id,
    const struct race_crossing *crossing)
{
	return identity_read(r, id, crossing);
}

static bool
is_later(int64_t made_us, struct race_id id, const struct gun *gun)
{
	if (gun->id.seq == 0)
		return true;
	if (made_us != gun->made_us)
		return made_us > gun->made_us;
	if (id.stream != gun->id.stream)
		return id.stream > gun->id.stream;
	return id.seq > gun->id.seq;
}

static void
set_gun(struct rank *r, struct race_id id, int64_t made_us,
    const struct race_gun *given)
{
	int wave = rules_wave(r->rules, wave_name(r, given->wave));
	struct gun *gun;
	bool moved;

	if (wave < 0 || !is_later(made_us, id, &r->guns[wave]))
		return;
	gun = &r->guns[wave];
	moved = gun->gun_us != given->gun_us;
	*gun = (struct gun){ given->gun_us, made_us, id };
	for (uint32_t i = 0; moved && i < r->runners_count; i++)
		if (r->runners[i].wave == wave)
			people_queue(r, i, RUNNER_RECOUNT);
}

int
rank_correct(struct rank *r, struct race_id id, const struct race_event *event)
{
	struct race_id target = id;
	int rc;

	if (event->kind != RACE_VOID && event->kind != RACE_FILL_IN &&
	    event->kind != RACE_GUN && event->kind != RACE_CLOCK)
		return -ENOTSUP;
	rc = identity_event(r, id);
	if (rc < 0)
		return rc;
	if (event->kind == RACE_VOID) {
		target.seq = event->void_seq;
		identity_void(r, target);
	} else if (event->kind == RACE_FILL_IN) {
		target.seq = event->fill_in.seq;
		identity_fill_in(r, target, id.seq, event->fill_in.bib);
	} else if (event->kind == RACE_CLOCK) {
		identity_clock(r, id, &event->clock);
	} else {
		set_gun(r, id, event->made_us, &event->gun);
	}
	return 0;
}

int64_t
rank_latest(struct rank *r)
{
	int64_t stamped = clocks_latest(r->id.clocks);

	/* RACE_NO_TIME is before all. */
	return stamped > r->id.latest_us ? stamped : r->id.latest_us;
}

/* ---- putting rows right ---- */

static void
settle_row(struct view *v, uint32_t slot, bool moved, const struct facts *f)
{
	struct cell *cell = cell_of(v, slot);
	size_t i = (size_t)(v - v->rank->views);
	bool present = (v->rank->runners[slot].views >> i & 1) != 0;
	bool was = (cell->flags & CELL_PRESENT) != 0;
	struct race_key key;

	if (present == was && (!present || !moved))
		return;
	if (present)
		people_key(v->rank, v->rule, slot, f, &key);
	rank_set(v, slot, cell, present ? &key : NULL);
}

/* Takes a runner's share out of the team that it has left. */
static void
settle_team(struct rank *r, uint32_t slot)
{
	static const struct share nothing = { .elapsed_us = -1 };
	struct runner *runner = &r->runners[slot];

	if (runner->team == runner->settled_team)
		return;
	for (size_t i = 0; i < r->rules->ranking_count; i++)
		if (r->views[i].rule->of == RACE_TEAMS)
			teams_share(&r->views[i], slot, &nothing);
	runner->settled_team = runner->team;
}

static void
settle_runner(struct rank *r, uint32_t slot)
{
	struct runner *runner = &r->runners[slot];
	struct facts f;
	bool moved;

	if ((runner->flags & RUNNER_RECOUNT) != 0)
		people_recount(r, slot);
	people_facts(r, slot, &f);
	moved = (runner->flags & RUNNER_MOVED) != 0 ||
	    f.gun_us != runner->settled_gun ||
	    f.status != runner->settled_status;
	settle_team(r, slot);
	for (size_t i = 0; i < r->rules->ranking_count; i++) {
		struct view *v = &r->views[i];
		struct share share = { .elapsed_us = -1 };

		if (v->rule->of == RACE_RUNNERS) {
			settle_row(v, slot, moved, &f);
			continue;
		}
		if ((runner->views >> i & 1) != 0)
			people_share(r, v->rule, slot, &f, &share);
		teams_share(v, slot, &share);
	}
	runner->settled_gun = f.gun_us;
	runner->settled_status = (uint8_t)f.status;
	runner->flags = 0;
}

static void
settle(struct rank *r)
{
	lists_settle(r);
	for (size_t i = 0; i < r->queued.count; i++)
		settle_runner(r, r->queued.slots[i]);
	r->queued.count = 0;
	for (size_t i = 0; i < r->rules->ranking_count; i++)
		teams_settle(&r->views[i]);
}

/* ---- what came out ---- */

size_t
rank_slots(const struct rank *r, size_t v)
{
	if (r->views[v].rule->of == RACE_TEAMS)
		return r->teams_count;
	return r->runners_count;
}

size_t
rank_count(const struct rank *r, size_t v)
{
	return r->views[v].count;
}

/* Settled rows in their order, kept from the first time that somebody asks: an
 * aggregator never does, for displays order rows themselves. */
static const struct places *
places_of(struct view *v)
{
	size_t slots = rank_slots(v->rank, (size_t)(v - v->rank->views));

	if (v->places.order != NULL)
		return &v->places;
	v->places.order = order_new(places_cmp, &v->places);
	for (uint32_t i = 0; i < slots; i++)
		if ((cell_of(v, i)->flags & CELL_PRESENT) != 0)
			order_touch(v->places.order, i, true);
	return &v->places;
}

static bool
fill_row(const struct view *v, uint32_t slot, int64_t *splits,
    struct race_row *out)
{
	const struct cell *cell = cell_of(v, slot);

	out->label = label_of(v, slot);
	if ((cell->flags & CELL_PRESENT) == 0)
		return false;
	out->sort = cell->key;
	if (v->rule->of == RACE_TEAMS)
		teams_row(v, slot, out);
	else
		people_row(v->rank, v->rule, slot, splits, out);
	return true;
}

/* Room for the splits of so many rows. */
static int64_t *
split_room(struct rank *r, size_t rows)
{
	r->splits = xgrow(r->splits, &r->splits_cap, rows * r->points,
	    sizeof *r->splits);
	return r->splits;
}

bool
rank_row(struct rank *r, size_t v, uint32_t slot, struct race_row *out)
{
	assert(slot < rank_slots(r, v));
	settle(r);
	return fill_row(&r->views[v], slot, split_room(r, 1), out);
}

size_t
rank_take_changes(struct rank *r, size_t v, uint32_t *slots, size_t cap)
{
	struct view *view = &r->views[v];
	size_t n = 0;

	settle(r);
	while (n < cap && view->changed.count > 0) {
		slots[n] = view->changed.slots[--view->changed.count];
		cell_of(view, slots[n])->flags &= (uint8_t)~CELL_CHANGED;
		n++;
	}
	return n;
}

uint64_t
rank_digest(struct rank *r, size_t v)
{
	struct view *view = &r->views[v];
	int64_t *splits = split_room(r, 1);
	struct race_row row;

	settle(r);
	for (size_t i = 0; i < view->stale.count; i++) {
		uint32_t slot = view->stale.slots[i];
		struct cell *cell = cell_of(view, slot);

		view->digest -= cell->hash;
		cell->hash = 0;
		if (fill_row(view, slot, splits, &row))
			cell->hash = row_hash(&row);
		view->digest += cell->hash;
		cell->flags &= (uint8_t)~CELL_STALE;
	}
	view->stale.count = 0;
	return view->digest;
}

size_t
rank_rows(struct rank *r, size_t v, size_t from, struct rank_standing *out,
    size_t cap)
{
	struct view *view = &r->views[v];
	struct places_line *lines;
	int64_t *splits;
	size_t n = 0;

	settle(r);
	if (from < view->count)
		n = view->count - from;
	if (n > cap)
		n = cap;
	if (n == 0)
		return 0;
	lines = xreallocarray(NULL, n, sizeof *lines);
	n = places_lines(places_of(view), from, lines, n);
	splits = split_room(r, n);
	for (size_t i = 0; i < n; i++) {
		fill_row(view, lines[i].slot, splits + i * r->points,
		    &out[i].row);
		out[i].place = lines[i].place;
		out[i].tied = lines[i].tied;
	}
	free(lines);
	return n;
}

static uint32_t
slot_of(const struct rank *r, const struct view *v, const char *label)
{
	uint32_t node;

	if (v->rule->of == RACE_TEAMS)
		return strmap_get(r->team_names, label);
	node = strmap_get(r->id.names[RACE_UNKNOWN_BIB], label);
	return node == STRMAP_NONE ? NONE : r->id.nodes[node].runner;
}

uint32_t
rank_place(struct rank *r, size_t v, const char *label)
{
	struct view *view = &r->views[v];
	uint32_t slot = slot_of(r, view, label);
	struct places_line line;

	settle(r);
	if (slot == NONE || (cell_of(view, slot)->flags & CELL_PRESENT) == 0)
		return 0;
	places_find(places_of(view), slot, &line);
	return line.place;
}

/* ---- what could not be used ---- */

/* Returns the number of its reads, of which those that wait are told with their
 * groups. */
static uint64_t
describe_unknown(const struct rank *r, const struct node *node,
    struct race_unknown *out)
{
	const struct read *reads = r->id.reads;
	uint32_t last = NONE;

	*out = (struct race_unknown){
		.kind = (enum race_unknown_kind)node->kind,
		.text = node->text,
		.first_us = INT64_MAX,
	};
	for (uint32_t i = node->reads; i != NONE; i = reads[i].next) {
		if ((reads[i].flags & READ_WAITING) != 0)
			continue;
		out->reads++;
		if (reads[i].time_us < out->first_us)
			out->first_us = reads[i].time_us;
		if (last == NONE || identity_before(&reads[last], &reads[i]))
			last = i;
	}
	if (last == NONE)
		return 0;
	out->last_us = reads[last].time_us;
	out->point = node->text;
	if (reads[last].point != POINT_UNKNOWN)
		out->point = r->rules->points[reads[last].point].name;
	return out->reads;
}

static int
by_kind_and_text(const void *a, const void *b)
{
	const struct race_unknown *x = a;
	const struct race_unknown *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return text_label_cmp(x->text, y->text);
}

size_t
rank_unknowns(struct rank *r, struct race_unknown **out)
{
	struct race_unknown *all = NULL;
	size_t cap = 0;
	size_t n = 0;

	lists_settle(r);
	for (size_t i = 0; i < r->id.nodes_count; i++) {
		const struct node *node = &r->id.nodes[i];

		if (node->owner != NONE)
			continue;
		all = xgrow(all, &cap, n, sizeof *all);
		n += describe_unknown(r, node, &all[n]) > 0;
	}
	if (n > 0)
		qsort(all, n, sizeof *all, by_kind_and_text);
	n = lists_unknowns(r, &all, &cap, n);
	*out = all;
	return n;
}

uint64_t
rank_unknown_reads(struct rank *r)
{
	lists_settle(r);
	return r->id.unknown + r->conflicting;
}
