#include "race/rank/rank.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/category.h"
#include "race/rank/core.h"
#include "race/row.h"
#include "race/rules.h"
#include "race/team.h"

/* ---- lists ---- */

void
rank_list(struct slots *list, uint32_t slot)
{
	list->slots =
	    xgrow(list->slots, &list->cap, list->count, sizeof *list->slots);
	list->slots[list->count++] = slot;
}

bool
rank_same_key(const struct race_key *a, const struct race_key *b)
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
	v->count += key != NULL;
	v->count -= was;
	v->changes++;
	if (v->places.order != NULL &&
	    (key == NULL || !was || !rank_same_key(key, &cell->key)))
		order_touch(v->places.order, slot, key != NULL);
	if (key != NULL)
		cell->key = *key;
}

struct cell *
rank_cell(const struct view *v, uint32_t slot)
{
	struct rank *r = v->rank;

	if (v->rule->of == RACE_TEAMS)
		return &squads_at(v, slot)->cell;
	return &r->cells[slot * r->runner_views + v->column];
}

static const struct race_key *
key_of(const void *view, uint32_t slot)
{
	return &rank_cell(view, slot)->key;
}

static const char *
label_of(const void *view, uint32_t slot)
{
	const struct view *v = view;

	if (v->rule->of == RACE_TEAMS)
		return squads_label(v, slot);
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
	standings_init(v);
	pending_init(&v->pending);
}

static bool
passes(const char *filter, const char *value)
{
	return filter[0] == '\0' || strcmp(filter, value) == 0;
}

/* The names of points and of their second readers; a point's own goes first. */
static void
name_points(struct rank *r)
{
	const struct race_point *points = r->rules->points;

	r->point_names = strmap_new();
	for (size_t i = r->points; i-- > 0;) {
		if (points[i].backup == NULL || points[i].backup[0] == '\0')
			continue;
		strmap_put(r->point_names, points[i].backup,
		    (uint32_t)(RACE_POINTS_MAX + i));
		r->backed |= UINT64_C(1) << i;
	}
	for (size_t i = 0; i < r->points; i++)
		strmap_put(r->point_names, points[i].name, (uint32_t)i);
	/* What counts at the start hangs on all others. */
	r->entangled = r->backed;
	if (r->has_start && (r->backed & 1) != 0)
		r->entangled = UINT64_MAX;
}

static void
set_waves(struct rank *r)
{
	const struct race_rules *rules = r->rules;

	r->guns = xcalloc(rules->wave_count + 1, sizeof *r->guns);
	r->wave_views = xcalloc(rules->wave_count + 1, sizeof *r->wave_views);
	for (size_t i = 0; i < rules->wave_count; i++) {
		r->guns[i] = rules->waves[i].gun_us;
		r->infers = r->infers ||
		    (r->has_start && rules->waves[i].window_us > 0);
		for (size_t k = 0; k < rules->ranking_count; k++)
			if (passes(rules->rankings[k].wave,
			        rules->waves[i].name))
				r->wave_views[i] |= UINT64_C(1) << k;
	}
}

struct rank *
rank_new(const struct race_rules *rules)
{
	struct rank *r = xcalloc(1, sizeof *r);

	assert(rules->point_count <= RACE_POINTS_MAX);
	assert(rules->ranking_count <= RACE_RANKINGS_MAX);
	r->rules = rules_copy(rules);
	r->points = rules->point_count;
	r->has_start = rules_has_start(rules);
	name_points(r);
	set_waves(r);
	r->team_names = strmap_new();
	identity_init(&r->id);
	r->lists = xcalloc(r->points + 1, sizeof *r->lists);
	r->traffic = traffic_new(r->points);
	r->views = xcalloc(rules->ranking_count + 1, sizeof *r->views);
	for (size_t i = 0; i < rules->ranking_count; i++)
		view_init(&r->views[i], r, &r->rules->rankings[i]);
	heads_init(r);
	return r;
}

static void
view_close(struct view *v)
{
	heads_close(v);
	standings_close(v);
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
	teams_close(r);
	identity_close(&r->id);
	for (size_t i = 0; i < r->points; i++)
		lists_close(&r->lists[i]);
	free(r->lists);
	free(r->traffic);
	free(r->texts);
	strmap_free(r->point_names);
	strmap_free(r->team_names);
	rules_free(r->rules);
	free(r->guns);
	free(r->wave_views);
	free(r->specials);
	free(r->mains);
	free(r->views);
	free(r->derived);
	free(r->runners);
	free(r->counting);
	free(r->cells);
	free(r->shares);
	free(r->queued.slots);
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

/* The rankings whose filters an entry passes, but for the wave. */
static uint64_t
views_of(const struct rank *r, const struct race_entry *e, const char *team)
{
	const char *category = category_of(r->rules, e);
	uint64_t views = 0;

	for (size_t i = 0; i < r->rules->ranking_count; i++) {
		const struct race_ranking *rule = &r->rules->rankings[i];

		if (passes(rule->sex, e->sex) &&
		    passes(rule->category, category) &&
		    passes(rule->team, team))
			views |= UINT64_C(1) << i;
	}
	return views;
}

/* Those that do not leave a wave out. */
static uint64_t
views_of_wave(const struct rank *r, const char *wave, int index)
{
	uint64_t views = 0;

	if (index >= 0)
		return r->wave_views[index];
	for (size_t i = 0; i < r->rules->ranking_count; i++)
		if (passes(r->rules->rankings[i].wave, wave))
			views |= UINT64_C(1) << i;
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

/* The filters passed, and the team. */
void
rank_move(struct rank *r, uint32_t slot, uint64_t views, uint32_t team)
{
	struct runner *runner = &r->runners[slot];

	teams_leave(r, slot);
	runner->views = views;
	runner->team = team;
	teams_join(r, slot);
}

/* What few entries say. */
static void
set_special(struct rank *r, uint32_t slot, const struct race_entry *entry,
    uint64_t views, bool infers)
{
	struct special *special;

	r->runners[slot].flags &= (uint8_t)~RUNNER_INFERS;
	if (infers)
		r->runners[slot].flags |= RUNNER_INFERS;
	if (!infers && entry->start_us == 0 && r->runners[slot].special == NONE)
		return;
	special = people_special(r, slot);
	special->start_us = entry->start_us;
	special->views = views;
}

static enum team_sex
sex_of(const char *sex)
{
	if (strcmp(sex, "F") == 0)
		return TEAM_WOMAN;
	return strcmp(sex, "M") == 0 ? TEAM_MAN : TEAM_NEITHER;
}

void
rank_entry(struct rank *r, const struct race_entry *entry)
{
	uint32_t slot = runner_of(r, entry->bib);
	struct runner *runner = &r->runners[slot];
	bool infers = r->infers && entry->wave[0] == '\0';
	const char *name = wave_name(r, entry->wave);
	int wave = rules_wave(r->rules, name);
	const char *team_label = team_of(r->rules, entry);
	uint64_t views = views_of(r, entry, team_label);
	uint32_t team = NONE;

	set_special(r, slot, entry, views, infers);
	views &= views_of_wave(r, name, wave);
	if (team_label[0] != '\0')
		team = teams_slot(r, team_label);
	if (runner->views != views || runner->team != team)
		rank_move(r, slot, views, team);
	runner->wave = wave < 0 ? WAVE_UNKNOWN : (uint16_t)wave;
	runner->status = (uint8_t)entry->status;
	runner->sex = (uint8_t)sex_of(entry->sex);
	if (!identity_same_chips(r, slot, entry)) {
		identity_disclaim(r, slot);
		identity_claim(r, slot, entry);
	}
	identity_own(r, runner->node, slot);
	people_queue(r, slot, RUNNER_RECOUNT);
}

uint32_t
rank_node_runner(const struct rank *r, const char *bib)
{
	uint32_t node = strmap_get(r->id.names[RACE_UNKNOWN_BIB], bib);

	return node == STRMAP_NONE ? NONE : r->id.nodes[node].runner;
}

void
rank_entry_gone(struct rank *r, const char *bib)
{
	uint32_t slot = rank_node_runner(r, bib);
	struct runner *runner;

	if (slot == NONE)
		return;
	runner = &r->runners[slot];
	if (r->id.nodes[runner->node].owner == NONE)
		return;
	rank_move(r, slot, 0, NONE);
	runner->flags &= (uint8_t)~RUNNER_INFERS;
	identity_disclaim(r, slot);
	identity_own(r, runner->node, NONE);
}

/* ---- crossings and corrections ---- */

int
rank_apply(struct rank *r, struct race_id id,
    const struct race_crossing *crossing)
{
	return identity_read(r, id, crossing);
}

void
rank_expect(const struct rank *r, const struct race_event *events, size_t count)
{
	identity_expect(r, events, count);
}

int
rank_correct(struct rank *r, struct race_id id, const struct race_event *event)
{
	struct race_id target = id;
	int rc;

	if (event->kind != RACE_VOID && event->kind != RACE_FILL_IN &&
	    event->kind != RACE_CLOCK)
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
	} else {
		identity_clock(r, id, &event->clock);
	}
	return 0;
}

/* ---- what operators decided ---- */

void
rank_amend(struct rank *r, struct race_id read, const struct rank_amendment *a)
{
	identity_amend(r, read, a);
}

void
rank_add(struct rank *r, struct race_id id, const struct rank_added *a)
{
	identity_add(r, id, a);
}

static int64_t
within(int64_t value, int64_t most)
{
	if (value > most)
		return most;
	return value < -most ? -most : value;
}

void
rank_rule(struct rank *r, const char *bib, const struct rank_ruling *what)
{
	uint32_t slot;

	if (rank_node_runner(r, bib) == NONE &&
	    what->status == RACE_STATUS_NONE && what->penalty_us == 0 &&
	    what->start_us == 0)
		return;
	/* Who has no entry yet has a slot all the same, without rows. */
	slot = runner_of(r, bib);
	people_special(r, slot)->said = (struct rank_ruling){
		.status = what->status,
		.penalty_us = within(what->penalty_us, RACE_TIME_MAX),
		.start_us = what->start_us,
	};
	people_queue(r, slot, RUNNER_RECOUNT | RUNNER_MOVED);
}

void
rank_gun(struct rank *r, const char *wave, int64_t gun_us)
{
	int i = rules_wave(r->rules, wave_name(r, wave));

	if (i < 0)
		return;
	if (gun_us == RACE_NO_TIME)
		gun_us = r->rules->waves[i].gun_us;
	if (r->guns[i] == gun_us)
		return;
	r->guns[i] = gun_us;
	for (uint32_t k = 0; k < r->runners_count; k++)
		if (r->runners[k].wave == i ||
		    (r->runners[k].flags & RUNNER_INFERS) != 0)
			people_queue(r, k, RUNNER_RECOUNT);
}

int64_t
rank_wave_gun(const struct rank *r, size_t wave)
{
	return r->guns[wave];
}

int64_t
rank_latest(struct rank *r)
{
	return identity_latest(&r->id);
}

/* ---- putting rows right ---- */

enum { FETCHED = 16 };

static void
settle_row(struct view *v, uint32_t slot, bool moved, const struct facts *f)
{
	struct cell *cell = rank_cell(v, slot);
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
	static const struct share nothing = { .score = -1 };
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
		bool in = (runner->views >> i & 1) != 0;
		struct share share = { .score = -1 };

		if (v->derived != NULL) {
			heads_queue(v, slot, moved);
			continue;
		}
		if (v->rule->of == RACE_RUNNERS) {
			settle_row(v, slot, moved, &f);
			continue;
		}
		if (in)
			people_share(r, v->rule, slot, &f, &share);
		if (v->standings != NULL)
			standings_note(v, slot, in ? &f : NULL, &share);
		teams_share(v, slot, &share);
	}
	pending_settle(r, slot, &f);
	runner->settled_gun = f.gun_us;
	runner->settled_status = (uint8_t)f.status;
	runner->flags &= RUNNER_INFERS;
}

/* The reads of a runner lie all over memory, each known from the one before:
 * where all have to be looked at, those of several are fetched side by side. */
static void
fetch_reads(const struct rank *r, const uint32_t *slots, size_t count)
{
	struct identity_walk walks[FETCHED];
	uint32_t reads[FETCHED];
	bool more = true;

	for (size_t i = 0; i < count; i++) {
		reads[i] = NONE;
		if ((r->runners[slots[i]].flags & RUNNER_RECOUNT) != 0)
			reads[i] = identity_first(r, &walks[i], slots[i]);
	}
	while (more) {
		more = false;
		for (size_t i = 0; i < count; i++) {
			if (reads[i] == NONE)
				continue;
			__builtin_prefetch(&r->id.reads[reads[i]]);
			reads[i] = identity_next(r, &walks[i]);
			more = true;
		}
	}
}

static void
settle_queued(struct rank *r)
{
	const struct slots *queued = &r->queued;

	for (size_t i = 0; i < queued->count; i++) {
		size_t left = queued->count - i;

		if (i % FETCHED == 0)
			fetch_reads(r, queued->slots + i,
			    left < FETCHED ? left : FETCHED);
		settle_runner(r, queued->slots[i]);
	}
	r->queued.count = 0;
}

void
rank_settle(struct rank *r)
{
	/* Of each ranking it is asked for after each event; that many of them
	 * would be looked at in vain. */
	if (!r->lists_queued && r->queued.count == 0 && !r->teams_queued)
		return;
	lists_settle(r);
	settle_queued(r);
	heads_settle(r);
	for (size_t i = 0; i < r->rules->ranking_count; i++) {
		standings_settle(&r->views[i]);
		squads_settle(&r->views[i]);
	}
	r->teams_queued = false;
}

/* ---- what came out ---- */

size_t
rank_slots(const struct rank *r, size_t v)
{
	if (r->views[v].rule->of == RACE_TEAMS)
		return r->teams_count * squads_sides(&r->views[v]);
	return r->runners_count;
}

size_t
rank_count(struct rank *r, size_t v)
{
	rank_settle(r);
	return r->views[v].count;
}

/* Rows in their order. */
void
rank_keep_order(struct view *v)
{
	size_t slots = rank_slots(v->rank, (size_t)(v - v->rank->views));

	if (v->places.order != NULL)
		return;
	v->places.order = order_new(places_cmp, &v->places);
	for (uint32_t i = 0; i < slots; i++)
		if ((rank_cell(v, i)->flags & CELL_PRESENT) != 0)
			order_touch(v->places.order, i, true);
}

/* Settled rows in their order, kept from the first time that somebody asks: an
 * aggregator never does, for displays order rows themselves. */
static const struct places *
places_of(struct view *v)
{
	rank_keep_order(v);
	return &v->places;
}

static bool
fill_row(const struct view *v, uint32_t slot, int64_t *splits,
    struct race_row *out)
{
	const struct cell *cell = rank_cell(v, slot);

	out->label = label_of(v, slot);
	if ((cell->flags & CELL_PRESENT) == 0)
		return false;
	out->sort = cell->key;
	out->points = 0;
	out->dropped = 0;
	out->wins = 0;
	out->why = NULL;
	if (v->rule->of == RACE_TEAMS)
		squads_row(v, slot, out);
	else
		people_row(v->rank, heads_rule(v, slot), slot, splits, out);
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
	rank_settle(r);
	return fill_row(&r->views[v], slot, split_room(r, 1), out);
}

size_t
rank_take_changes(struct rank *r, size_t v, uint32_t *slots, size_t cap)
{
	struct view *view = &r->views[v];
	size_t n = 0;

	rank_settle(r);
	while (n < cap && view->changed.count > 0) {
		slots[n] = view->changed.slots[--view->changed.count];
		rank_cell(view, slots[n])->flags &= (uint8_t)~CELL_CHANGED;
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

	rank_settle(r);
	for (size_t i = 0; i < view->stale.count; i++) {
		uint32_t slot = view->stale.slots[i];
		struct cell *cell = rank_cell(view, slot);

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
rank_lines(struct rank *r, size_t v, size_t from, struct places_line *out,
    size_t cap)
{
	rank_settle(r);
	return places_lines(places_of(&r->views[v]), from, out, cap);
}

size_t
rank_rows(struct rank *r, size_t v, size_t from, struct rank_standing *out,
    size_t cap)
{
	struct view *view = &r->views[v];
	struct places_line *lines;
	int64_t *splits;
	size_t n = 0;

	rank_settle(r);
	if (from < view->count)
		n = view->count - from;
	if (n > cap)
		n = cap;
	if (n == 0)
		return 0;
	lines = xreallocarray(NULL, n, sizeof *lines);
	n = rank_lines(r, v, from, lines, n);
	splits = split_room(r, n);
	for (size_t i = 0; i < n; i++) {
		fill_row(view, lines[i].slot, splits + i * r->points,
		    &out[i].row);
		out[i].slot = lines[i].slot;
		out[i].place = lines[i].place;
		out[i].tied = lines[i].tied;
	}
	free(lines);
	return n;
}

static uint32_t
slot_of(const struct rank *r, const struct view *v, const char *label)
{
	if (v->rule->of == RACE_TEAMS)
		return squads_find(v, label);
	return rank_node_runner(r, label);
}

uint32_t
rank_place(struct rank *r, size_t v, const char *label)
{
	struct view *view = &r->views[v];
	uint32_t slot = slot_of(r, view, label);
	struct places_line line;

	rank_settle(r);
	if (slot == NONE || (rank_cell(view, slot)->flags & CELL_PRESENT) == 0)
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
rank_waiting(struct rank *r, enum race_unknown_kind kind, const char *text)
{
	uint32_t node = strmap_get(r->id.names[kind], text);

	lists_settle(r);
	if (node == STRMAP_NONE || r->id.nodes[node].owner != NONE)
		return 0;
	return identity_count(&r->id, node);
}

uint64_t
rank_unknown_reads(struct rank *r)
{
	lists_settle(r);
	return r->id.unknown + r->conflicting;
}
