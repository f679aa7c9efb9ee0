#include "control/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "control/about.h"
#include "race/category.h"
#include "race/places.h"
#include "race/team.h"

struct board *
explain_board(struct book *b, size_t v)
{
	struct board *board = board_new();
	size_t slots = rank_slots(b->rank, v);
	struct race_outlook outlook;
	struct race_row row;

	for (size_t i = 0; i < slots; i++)
		if (rank_row(b->rank, v, (uint32_t)i, &row))
			board_put(board, &row, 1);
	book_outlook(b, v, &outlook);
	board_expect(board, &outlook);
	return board;
}

/* ---- a runner ---- */

static void
filter(struct explain_runner *r, const char *what, const char *wants,
    const char *has)
{
	bool passes = strcmp(wants, has) == 0;

	if (wants[0] == '\0')
		return;
	r->filters[r->filter_count++] =
	    (struct explain_filter){ what, wants, has, passes };
	r->passes = r->passes && passes;
}

static const char *
wave_of(const struct race_rules *rules, const struct explain_runner *r)
{
	if (r->start.wave >= 0)
		return rules->waves[r->start.wave].name;
	return r->entry->wave;
}

static void
filter_all(struct explain_runner *r, const struct race_rules *rules,
    const struct race_ranking *rule)
{
	r->passes = true;
	filter(r, "sex", rule->sex, r->entry->sex);
	filter(r, "category", rule->category, category_of(rules, r->entry));
	filter(r, "team", rule->team, team_of(rules, r->entry));
	filter(r, "wave", rule->wave, wave_of(rules, r));
}

static bool
counts(const struct rank_read *read)
{
	return read->why == RANK_COUNTS || read->why == RANK_SET;
}

/* The read that counts at a point; NULL: none. */
static const struct rank_read *
counting(const struct explain_runner *r, int point)
{
	for (size_t i = 0; i < r->read_count; i++)
		if (r->reads[i].is.point == point && counts(&r->reads[i].is))
			return &r->reads[i].is;
	return NULL;
}

static int
furthest(const struct explain_runner *r, const struct race_rules *rules)
{
	int best = -1;

	for (int p = 0; p < (int)rules->point_count; p++)
		if (counting(r, p) != NULL &&
		    (best < 0 ||
		        rules->points[p].metres >= rules->points[best].metres))
			best = p;
	return best;
}

static bool
is_by_km(const struct race_ranking *rule)
{
	return rule->by == RACE_BY_KM ||
	    (rule->of == RACE_TEAMS && rule->score == RACE_SCORE_KM);
}

static int64_t
elapsed(const struct explain_time *t)
{
	int64_t us;

	if (t->read_us == RACE_NO_TIME || t->since_us == RACE_NO_TIME)
		return -1;
	us = t->read_us - t->since_us;
	/* Over the start line before the gun. */
	us = (us > 0 ? us : 0) + t->penalty_us;
	if (us > RACE_TIME_MAX)
		return RACE_TIME_MAX;
	return us > 0 ? us : 0;
}

static struct explain_time
time_at(const struct explain_runner *r, const struct race_rules *rules,
    enum race_by by, int point)
{
	const struct rank_read *read = counting(r, point);
	struct explain_time t = {
		.point = point,
		.read = read != NULL ? read->id : (struct race_id){ 0 },
		.read_us = read != NULL ? read->time_us : RACE_NO_TIME,
		.since_us = r->start.gun_us,
	};

	if (by == RACE_BY_NET && t.since_us != RACE_NO_TIME &&
	    r->start.crossed_us > t.since_us)
		t.since_us = r->start.crossed_us;
	/* A penalty is for the whole race. */
	if (point >= 0 && point == (int)rules->point_count - 1)
		t.penalty_us = r->start.penalty_us;
	t.elapsed_us = elapsed(&t);
	return t;
}

static void
take_reads(struct explain_runner *r, struct crossings *c,
    struct rank_read *reads, size_t count)
{
	r->reads = xcalloc(count + 1, sizeof *r->reads);
	r->read_count = count;
	for (size_t i = 0; i < count; i++)
		r->reads[i] = (struct explain_read){ reads[i],
			c != NULL ? crossings_find(c, reads[i].id) : NULL };
	free(reads);
}

/* As ranking rule takes it, or (by_gun) would by gun. */
static void
time_all(struct explain_runner *r, const struct race_rules *rules,
    const struct race_ranking *rule, bool by_gun)
{
	int last = furthest(r, rules);
	bool live = rule->at == RACE_LIVE || is_by_km(rule);
	int point = live ? last : rule->at;

	r->time = time_at(r, rules, by_gun ? RACE_BY_GUN : rule->by, point);
	r->gun_us = time_at(r, rules, RACE_BY_GUN, point).elapsed_us;
	r->net_us = time_at(r, rules, RACE_BY_NET, point).elapsed_us;
	r->metres = last >= 0 ? rules->points[last].metres : 0;
}

static bool
find_runner(struct explain_runner *out, struct book *b, const char *bib)
{
	*out = (struct explain_runner){ .entry = roster_find(b->roster, bib) };
	return out->entry != NULL && rank_start(b->rank, bib, &out->start);
}

static void
follow(struct explain_runner *out, struct book *b, size_t v)
{
	filter_all(out, b->rules, &b->rules->rankings[v]);
	time_all(out, b->rules, &b->rules->rankings[v], false);
}

static bool
read_runner(struct explain_runner *out, struct book *b, struct crossings *c,
    size_t v, const char *bib)
{
	struct rank_read *reads;
	size_t count;

	if (!find_runner(out, b, bib))
		return false;
	count = rank_reads(b->rank, bib, &reads);
	take_reads(out, c, reads, count);
	follow(out, b, v);
	return true;
}

/* With the reads that are his alone: that can be asked of everybody. */
static bool
one_of_many(struct explain_runner *out, struct book *b, struct crossings *c,
    size_t v, const char *bib)
{
	struct rank_read *reads;
	size_t count;

	if (!find_runner(out, b, bib))
		return false;
	count = rank_own_reads(b->rank, bib, &reads);
	take_reads(out, c, reads, count);
	follow(out, b, v);
	return true;
}

static void
clear_runner(struct explain_runner *r)
{
	free(r->reads);
}

/* ---- a team ---- */

static bool
is_eligible(enum race_status status, bool km)
{
	return status == RACE_FINISHED || status == RACE_RUNNING ||
	    (km && (status == RACE_DNF || status == RACE_OTL));
}

/* Whether he may score, if he is fast enough. */
static enum explain_share
share_of(const struct explain_runner *r, const struct race_ranking *rule)
{
	bool km = rule->score == RACE_SCORE_KM;

	if (!r->passes)
		return EXPLAIN_FILTERED;
	if (km ? r->metres == 0 : r->time.elapsed_us < 0)
		return is_eligible(r->start.status, km) ||
		        r->start.status == RACE_STATUS_NONE
		    ? EXPLAIN_NOT_THERE
		    : EXPLAIN_STATUS;
	return is_eligible(r->start.status, km) ? EXPLAIN_SCORES
	                                        : EXPLAIN_STATUS;
}

/* What he is worth to his team: less is better. */
static int64_t
score_of(const struct explain_member *m)
{
	return m->place > 0 ? m->place : m->runner.time.elapsed_us;
}

static int
by_share_and_score(const void *a, const void *b)
{
	const struct explain_member *x = a;
	const struct explain_member *y = b;
	int64_t t = score_of(x);
	int64_t u = score_of(y);

	if (x->share != y->share)
		return x->share < y->share ? -1 : 1;
	if (x->side != y->side)
		return x->side < y->side ? -1 : 1;
	if (t != u)
		return t < u ? -1 : 1;
	return text_label_cmp(x->runner.entry->bib, y->runner.entry->bib);
}

static void
sort_members(struct explain *e)
{
	if (e->member_count > 0)
		qsort(e->members, e->member_count, sizeof *e->members,
		    by_share_and_score);
}

/* Of those who may score and do not yet, in order: the best so many women and
 * men that are asked for, then whoever is best.  How many. */
static uint32_t
take_side(struct explain *e, uint32_t side)
{
	uint32_t wanted[2] = { e->rule->women, e->rule->men };
	uint32_t others = e->rule->best > 0 ? e->rule->best : 1;
	uint32_t taken = 0;

	for (size_t k = 0; k < 2; k++)
		others -= wanted[k] < others ? wanted[k] : others;
	for (size_t i = 0; i < e->member_count; i++) {
		struct explain_member *m = &e->members[i];
		const char *sex = m->runner.entry->sex;
		uint32_t *of = &others;

		if (m->share != EXPLAIN_SLOWER)
			continue;
		if (strcmp(sex, "F") == 0 && wanted[0] > 0)
			of = &wanted[0];
		else if (strcmp(sex, "M") == 0 && wanted[1] > 0)
			of = &wanted[1];
		if (*of == 0)
			continue;
		--*of;
		taken++;
		m->side = side;
		m->share =
		    side == e->side ? EXPLAIN_SCORES : EXPLAIN_OTHER_SIDE;
	}
	return taken;
}

/* A side is made when the one before is complete. */
static void
take_sides(struct explain *e)
{
	uint32_t best = e->rule->best > 0 ? e->rule->best : 1;
	uint32_t sides = e->rule->sides > 1 ? e->rule->sides : 1;

	for (size_t i = 0; i < e->member_count; i++)
		if (e->members[i].share == EXPLAIN_SCORES)
			e->members[i].share = EXPLAIN_SLOWER;
	sort_members(e);
	for (uint32_t side = 0; side < sides; side++)
		if (take_side(e, side) < best)
			break;
}

/* ---- places that are added up ---- */

struct field {
	struct race_key *keys;
	const char **labels;
	size_t count;
};

static const struct race_key *
field_key(const void *arg, uint32_t slot)
{
	const struct field *f = arg;

	return &f->keys[slot];
}

static const char *
field_label(const void *arg, uint32_t slot)
{
	const struct field *f = arg;

	return f->labels[slot];
}

/* As in the ranking of runners with the same rules. */
static struct race_key
key_of(const struct race_ranking *rule, const struct explain_runner *r)
{
	const int64_t second = 1000000;
	struct race_key key = { .group = RACE_GROUP_PLACED };
	int64_t us = r->time.elapsed_us;
	size_t k = 0;

	if (rule->ties == RACE_TIES_TIME && rule->round == RACE_ROUND_UP_SECOND)
		us = (us + second - 1) / second * second;
	if (rule->at == RACE_LIVE || rule->by == RACE_BY_KM)
		key.key[k++] = -(int64_t)r->metres;
	key.key[k] = us;
	if (rule->ties == RACE_TIES_ORDER)
		key.tie = r->time.read;
	return key;
}

static void
take_field(struct explain *e, struct field *f)
{
	const struct roster *roster = e->book->roster;
	size_t slots = roster_slots(roster);

	f->keys = xcalloc(slots + 1, sizeof *f->keys);
	f->labels = xcalloc(slots + 1, sizeof *f->labels);
	for (size_t i = 0; i < slots; i++) {
		struct explain_runner r;
		const char *bib;

		if (roster_at(roster, i, &bib) == NULL ||
		    !one_of_many(&r, e->book, NULL, e->v, bib))
			continue;
		if (share_of(&r, e->rule) == EXPLAIN_SCORES) {
			f->keys[f->count] = key_of(e->rule, &r);
			f->labels[f->count++] = bib;
		}
		clear_runner(&r);
	}
}

static void
place_members(struct explain *e)
{
	struct field f = { .count = 0 };
	struct places places = { NULL, field_key, field_label, &f };

	take_field(e, &f);
	places.order = order_new(places_cmp, &places);
	for (size_t i = 0; i < f.count; i++)
		order_touch(places.order, (uint32_t)i, true);
	for (size_t i = 0; i < f.count; i++)
		for (size_t k = 0; k < e->member_count; k++) {
			struct explain_member *m = &e->members[k];
			struct places_line line;

			if (strcmp(m->runner.entry->bib, f.labels[i]) != 0)
				continue;
			places_find(&places, (uint32_t)i, &line);
			m->place = line.place;
		}
	order_free(places.order);
	free(f.keys);
	free(f.labels);
}

/* ---- who is in it ---- */

size_t
explain_team_length(const struct race_ranking *rule, const char *label,
    uint32_t *side)
{
	size_t len = strlen(label);

	*side = 0;
	if (rule->sides <= 1 || len < 3 || label[len - 2] != ' ' ||
	    label[len - 1] < 'A' || label[len - 1] > 'Z')
		return len;
	*side = (uint32_t)(label[len - 1] - 'A');
	return len - 2;
}

static bool
is_member(const struct explain *e, const struct race_entry *entry, size_t len)
{
	const char *team = team_of(e->book->rules, entry);

	return strlen(team) == len && strncmp(team, e->label, len) == 0;
}

static void
take_members(struct explain *e, struct crossings *c)
{
	const struct roster *roster = e->book->roster;
	size_t len = explain_team_length(e->rule, e->label, &e->side);
	size_t cap = 0;

	for (size_t i = 0; i < roster_slots(roster); i++) {
		const char *bib;
		const struct race_entry *entry = roster_at(roster, i, &bib);
		struct explain_member m = { .place = 0 };

		if (entry == NULL || !is_member(e, entry, len) ||
		    !one_of_many(&m.runner, e->book, c, e->v, bib))
			continue;
		m.share = share_of(&m.runner, e->rule);
		e->members = xgrow(e->members, &cap, e->member_count,
		    sizeof *e->members);
		e->members[e->member_count++] = m;
	}
	if (e->rule->score == RACE_SCORE_PLACES)
		place_members(e);
	if (e->rule->score != RACE_SCORE_KM)
		take_sides(e);
	sort_members(e);
	while (e->scorer_count < e->member_count &&
	    e->members[e->scorer_count].share == EXPLAIN_SCORES)
		e->scorer_count++;
}

/* ---- what was decided ---- */

/* The gun of a wave; one without name is that of the first. */
static bool
is_gun(const struct explain *e, const struct race_event *event, int wave)
{
	const char *name;

	if (event->kind == RACE_GUN)
		name = event->gun.wave;
	else if (event->kind == RACE_DECISION &&
	    event->decision->verb == RACE_SET_GUN)
		name = event->decision->wave;
	else
		return false;
	if (wave < 0)
		return false;
	return strcmp(name, e->book->rules->waves[wave].name) == 0 ||
	    (name[0] == '\0' && wave == 0);
}

static bool
concerns(struct explain *e, const struct explain_runner *r,
    const struct rulings_item *item)
{
	return about_bib(e->book, r->entry->bib, item->id, item->event) ||
	    (!r->start.own && is_gun(e, item->event, r->start.wave));
}

static bool
is_wanted(struct explain *e, const struct rulings_item *item)
{
	if (e->rule->of == RACE_RUNNERS)
		return concerns(e, &e->runner, item);
	if (item->event->kind == RACE_AWARD)
		return strcmp(item->event->prize.holder, e->label) == 0;
	for (size_t i = 0; i < e->member_count; i++)
		if (concerns(e, &e->members[i].runner, item))
			return true;
	return false;
}

static void
take_decided(struct explain *e)
{
	const struct rulings *rulings = e->book->rulings;
	struct rulings_item item;
	size_t cap = 0;

	for (size_t i = 0; i < rulings_count(rulings); i++) {
		rulings_at(rulings, i, &item);
		if (!is_wanted(e, &item))
			continue;
		e->decided = xgrow(e->decided, &cap, e->decided_count,
		    sizeof *e->decided);
		e->decided[e->decided_count++] = item;
	}
}

/* ---- the place ---- */

static void
find_without(struct explain *e)
{
	for (size_t i = 0; i < e->rule->without_count; i++) {
		const struct race_without *w = &e->rule->without[i];
		uint32_t place =
		    rank_place(e->book->rank, w->ranking, e->label);

		if (place > 0 && place <= w->places) {
			e->without = w;
			e->without_place = place;
			return;
		}
	}
}

/* Lines that share a place follow each other. */
static void
find_tied(struct explain *e)
{
	size_t i = (size_t)e->at;
	struct board_line line;

	while (i > 0 && board_line(e->board, i - 1, &line) == 0 &&
	    line.place == e->line.place)
		i--;
	e->first_tied = i;
	while (
	    board_line(e->board, i, &line) == 0 && line.place == e->line.place)
		i++;
	e->tied_count = i - e->first_tied;
}

static size_t
count_placed(struct board *board)
{
	size_t low = 0;
	size_t high = board_count(board);
	struct board_line line;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (board_line(board, middle, &line) == 0 && line.place > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* On the way, or not seen, and not out; live has a place on the way too. */
static size_t
count_awaited(const struct explain *e)
{
	bool live = e->rule->at == RACE_LIVE || e->rule->by == RACE_BY_KM;
	size_t from = live ? 0 : e->placed;
	size_t count = 0;
	struct board_line line;

	for (size_t i = from; board_line(e->board, i, &line) == 0; i++)
		count += (int64_t)i != e->at &&
		    (line.row.status == RACE_STATUS_NONE ||
		        line.row.status == RACE_RUNNING);
	return count;
}

static void
find_place(struct explain *e)
{
	e->board = explain_board(e->book, e->v);
	e->placed = count_placed(e->board);
	e->at = board_find(e->board, e->label);
	if (e->at < 0 || board_line(e->board, (size_t)e->at, &e->line) < 0) {
		e->at = -1;
		return;
	}
	if (e->line.place > 0 && e->line.tied)
		find_tied(e);
	if (e->line.provisional && e->rule->of == RACE_RUNNERS)
		e->awaited = count_awaited(e);
	/* Their keys begin with a 0, those of all others with a 1. */
	e->by_gun = e->rule->of == RACE_RUNNERS && e->rule->gun_first > 0 &&
	    e->rule->by == RACE_BY_NET && e->line.place > 0 &&
	    e->line.row.sort.key[0] == 0;
	if (e->by_gun)
		time_all(&e->runner, e->book->rules, e->rule, true);
}

int
explain_new(struct explain **out, struct book *b, struct crossings *c, size_t v,
    const char *label)
{
	struct explain *e = xcalloc(1, sizeof *e);
	bool there;

	e->book = b;
	e->rule = &b->rules->rankings[v];
	e->v = v;
	e->label = label;
	if (e->rule->of == RACE_RUNNERS) {
		there = read_runner(&e->runner, b, c, v, label);
	} else {
		take_members(e, c);
		there = e->member_count > 0;
	}
	if (!there) {
		explain_free(e);
		return -ENOENT;
	}
	find_place(e);
	find_without(e);
	take_decided(e);
	*out = e;
	return 0;
}

void
explain_free(struct explain *e)
{
	if (e == NULL)
		return;
	clear_runner(&e->runner);
	for (size_t i = 0; i < e->member_count; i++)
		clear_runner(&e->members[i].runner);
	free(e->members);
	free(e->decided);
	board_free(e->board);
	free(e);
}
