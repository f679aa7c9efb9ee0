/*
 * problems_people - each runner by himself: starts, splits that are missing or
 * there twice; and who is first by which time.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/problems_core.h"
#include "race/rules.h"
#include "race/rulings.h"

/* Whoever stands on the mat at the gun may be read for the last time a little
 * before it. */
#define EARLY_US INT64_C(10000000)

/* Whoever types may be late by so much. */
#define TWICE_US INT64_C(60000000)

/* Fewer prove nothing of a gun. */
enum { GUN_MIN = 5 };

bool
problems_counts(const struct rank_read *r)
{
	return r->why == RANK_COUNTS || r->why == RANK_SET;
}

struct problem *
problems_add_of(struct problems_person *p, enum problem_kind kind, int point,
    int64_t time_us)
{
	struct problem *is = problems_add(p->j, kind);

	is->entry = p->entry;
	is->point = point;
	is->time_us = time_us;
	return is;
}

struct problem_read
problems_read_of(const struct rank_read *r)
{
	return (struct problem_read){ r->id, r->point, r->time_us };
}

bool
problems_has_bib(const struct problems_person *p, struct race_id id)
{
	const struct race_crossing *c = crossings_find(p->j->c, id);

	return c != NULL && c->bib[0] != '\0';
}

/* ---- the start ---- */

/* Another wave in whose time that is; of several the one that began last, -1:
 * none. */
static int
wave_at(const struct problems_person *p, int64_t time_us)
{
	const struct race_rules *rules = p->rules;
	int best = -1;
	int64_t best_us = 0;

	for (size_t w = 0; w < rules->wave_count; w++) {
		int64_t gun_us = rank_wave_gun(p->j->b->rank, w);
		int64_t window_us = rules->waves[w].window_us;

		if ((int)w == p->start.wave || gun_us == RACE_NO_TIME ||
		    time_us < gun_us ||
		    (window_us > 0 && time_us >= gun_us + window_us) ||
		    (best >= 0 && gun_us <= best_us))
			continue;
		/* Without a window it lasts until his own begins. */
		if (window_us == 0 && time_us >= p->start.gun_us)
			continue;
		best = (int)w;
		best_us = gun_us;
	}
	return best;
}

static void
look_at_wave(struct problems_person *p)
{
	int64_t at_us = p->start.crossed_us;
	int64_t late_us;
	int64_t window_us;
	enum problem_kind kind = PROBLEM_LATE_START;
	struct problem *is;
	int other;

	/* A read that was none says nothing of his wave. */
	if (p->counting[0] == NULL || p->start_goes ||
	    !rules_has_start(p->rules) || p->start.own || p->start.inferred ||
	    p->start.wave < 0 || p->start.gun_us == RACE_NO_TIME)
		return;
	late_us = at_us - p->start.gun_us;
	window_us = p->rules->waves[p->start.wave].window_us;
	if (late_us >= -EARLY_US && (window_us == 0 || late_us < window_us))
		return;
	if (late_us < 0)
		kind = PROBLEM_EARLY_START;
	other = wave_at(p, at_us);
	is = problems_add_of(p, other >= 0 ? PROBLEM_WRONG_WAVE : kind, 0,
	    at_us);
	is->reads[0] = problems_read_of(p->counting[0]);
	is->amount_us = late_us;
	is->text = p->rules->waves[p->start.wave].name;
	if (other >= 0)
		is->other_text = p->rules->waves[other].name;
	/* If most of his wave are so, it is not he. */
	if (late_us < 0 || other < 0) {
		is->wave = p->start.wave;
		p->j->guns[is->wave][0].off++;
	}
}

/* ---- points ---- */

/* When he came there: the read that counts, or was too late to. */
static const struct rank_read *
arrival_at(const struct problems_person *p, size_t point)
{
	if (p->counting[point] != NULL)
		return p->counting[point];
	for (size_t i = 0; i < p->read_count; i++)
		if (p->reads[i].point == (int)point &&
		    p->reads[i].why == RANK_TOO_LATE)
			return &p->reads[i];
	return NULL;
}

static void
look_at_cutoffs(struct problems_person *p)
{
	if (p->start.gun_us == RACE_NO_TIME)
		return;
	for (size_t i = 0; i < p->rules->point_count; i++) {
		int64_t cutoff_us = p->rules->points[i].cutoff_us;
		const struct rank_read *read = arrival_at(p, i);
		struct problem *is;

		if (cutoff_us == 0 || read == NULL ||
		    read->time_us - p->start.gun_us <= cutoff_us)
			continue;
		is = problems_add_of(p, PROBLEM_CUTOFF, (int)i, read->time_us);
		is->reads[0] = problems_read_of(read);
		is->amount_us = read->time_us - p->start.gun_us - cutoff_us;
		return;
	}
}

static bool
may_be_set(const struct problems_person *p, const struct rank_read *r)
{
	if (rules_has_start(p->rules) && p->start.gun_us != RACE_NO_TIME &&
	    problems_too_fast(p->rules, 0, p->start.gun_us, r->point,
	        r->time_us))
		return false;
	return problems_clash(p->rules, p->reads, p->read_count, r->point,
	           r->time_us) == PROBLEM_FITS;
}

/* A read of that point that the rules have not taken, and that may be put there
 * all the same. */
static const struct rank_read *
unused_at(const struct problems_person *p, int point)
{
	for (size_t i = 0; i < p->read_count; i++)
		if (p->reads[i].point == point &&
		    p->reads[i].why != RANK_VOIDED &&
		    p->reads[i].why != RANK_VOIDED_BY_OPERATOR &&
		    may_be_set(p, &p->reads[i]))
			return &p->reads[i];
	return NULL;
}

static void
add_missing(struct problems_person *p, int point)
{
	const struct rank_read *unused = unused_at(p, point);
	bool start = point == 0 && rules_has_start(p->rules);
	struct problem *is = problems_add_of(p,
	    start ? PROBLEM_NO_START : PROBLEM_NO_SPLIT, point, RACE_NO_TIME);

	if (unused != NULL)
		is->reads[0] = problems_read_of(unused);
	if (start && p->start.gun_us != RACE_NO_TIME)
		is->amount_us = p->start.gun_us;
}

/* Of the start only finishers are told: who has begun somewhere may have been
 * put down there by the organiser. */
static void
look_at_splits(struct problems_person *p)
{
	const struct race_rules *rules = p->rules;
	uint32_t furthest = 0;
	bool seen = false;

	for (size_t i = 0; i < rules->point_count; i++)
		if (p->counting[i] != NULL &&
		    (!seen || rules->points[i].metres >= furthest)) {
			furthest = rules->points[i].metres;
			seen = true;
		}
	for (size_t i = 0; seen && i < rules->point_count; i++) {
		bool start = i == 0 && rules_has_start(rules);

		if (rules->points[i].metres > furthest ||
		    (rules->points[i].metres == furthest &&
		        p->counting[i] == NULL) ||
		    (start && (p->start.status != RACE_FINISHED)))
			continue;
		p->j->points[i].past++;
		if (p->counting[i] != NULL)
			p->j->points[i].seen++;
		else if (!p->odd && !(start && p->start.own))
			add_missing(p, (int)i);
	}
}

/* ---- seen again at a point ---- */

/* The one that was named by its bib is to go, for a chip is no slip; of two
 * such the one that counts: if it is not his, it has made his place. */
static void
add_twice(struct problems_person *p, const struct rank_read *first,
    const struct rank_read *again)
{
	const struct rank_read *which = first;
	struct problem *is;

	if (!problems_has_bib(p, first->id))
		which = again;
	is = problems_add_of(p, PROBLEM_SEEN_TWICE, first->point,
	    first->time_us);
	is->reads[0] = problems_read_of(first);
	is->reads[1] = problems_read_of(again);
	is->suspect = which == first ? 0 : 1;
	is->open =
	    problems_has_bib(p, first->id) && problems_has_bib(p, again->id);
	is->amount_us = again->time_us - first->time_us;
	is->gone = problems_keep_ids(p->j, &which->id, 1);
	is->gone_count = 1;
}

/*
 * A bib that is typed at a point for somebody else, before its owner comes or
 * after, is told by nothing but this: the first one counts.  Who strolls over
 * a mat again is read by his chip both times.
 */
static void
look_at_twice(struct problems_person *p)
{
	bool told[RACE_POINTS_MAX] = { false };

	for (size_t i = 0; !p->odd && i < p->read_count; i++) {
		const struct rank_read *again = &p->reads[i];
		const struct rank_read *first;

		if (again->point < 0 || again->why != RANK_NOT_FIRST ||
		    told[again->point])
			continue;
		first = p->counting[again->point];
		if (first == NULL ||
		    again->time_us - first->time_us < TWICE_US ||
		    (!problems_has_bib(p, first->id) &&
		        !problems_has_bib(p, again->id)))
			continue;
		add_twice(p, first, again);
		told[again->point] = true;
	}
}

/* ---- who did not start, and was seen ---- */

/* The number of the decision that made him DNS, the latest if there are
 * several; 0: he was entered so. */
static uint64_t
decided_dns(const struct problems_person *p)
{
	const struct rulings *rulings = p->j->b->rulings;

	for (size_t i = rulings_count(rulings); i > 0; i--) {
		const struct race_decision *d;
		struct rulings_item item;

		rulings_at(rulings, i - 1, &item);
		if (!item.holds || item.event->kind != RACE_DECISION)
			continue;
		d = item.event->decision;
		if (d->verb == RACE_SET_STATUS && d->status == RACE_DNS &&
		    strcmp(d->bib, p->entry->bib) == 0)
			return item.number;
	}
	return 0;
}

static void
look_at_dns(struct problems_person *p)
{
	const struct rank_read *last = NULL;
	struct problem *is;
	uint64_t count = 0;

	for (size_t i = 0; i < p->read_count; i++)
		if (p->reads[i].point >= 0 && problems_counts(&p->reads[i])) {
			last = &p->reads[i];
			count++;
		}
	if (last == NULL)
		return;
	is = problems_add_of(p, PROBLEM_DNS_SEEN, last->point, last->time_us);
	is->reads[0] = problems_read_of(last);
	is->count = count;
	is->number = decided_dns(p);
}

/* ---- one after the other ---- */

static bool
is_racing(enum race_status status)
{
	return status == RACE_FINISHED || status == RACE_RUNNING;
}

static void
count_guns(struct problems_person *p)
{
	if (p->start.own || p->start.wave < 0)
		return;
	for (size_t i = 0; i < p->rules->point_count; i++)
		p->j->guns[p->start.wave][i].seen += p->counting[i] != NULL;
}

static void
look_at_person(struct problems_job *j, const struct race_entry *entry)
{
	struct problems_person p = { .j = j,
		.rules = j->b->rules,
		.entry = entry };

	if (!rank_start(j->b->rank, entry->bib, &p.start) ||
	    (!is_racing(p.start.status) && p.start.status != RACE_DNS))
		return;
	p.read_count = rank_own_reads(j->b->rank, entry->bib, &p.reads);
	if (p.start.status == RACE_DNS) {
		look_at_dns(&p);
		free(p.reads);
		return;
	}
	for (size_t i = 0; i < p.read_count; i++)
		if (p.reads[i].point >= 0 && problems_counts(&p.reads[i]))
			p.counting[p.reads[i].point] = &p.reads[i];
	count_guns(&p);
	problems_of_pace(&p);
	look_at_wave(&p);
	look_at_cutoffs(&p);
	look_at_splits(&p);
	look_at_twice(&p);
	free(p.reads);
}

/* ---- guns ---- */

static bool
is_wrong_gun(const struct problems_job *j, int wave, int point)
{
	const struct problems_gun *g = &j->guns[wave][point];

	return g->off >= GUN_MIN && 2 * g->off > g->seen;
}

/* Whether most of those who show it are too early for it, not too late. */
static bool
is_mostly_early(const struct problems *all, int wave, int point)
{
	size_t count[2] = { 0, 0 };

	for (size_t i = 0; i < all->count; i++) {
		const struct problem *p = &all->items[i];

		if (p->wave == wave && p->point == point)
			count[p->amount_us < 0]++;
	}
	return count[true] > count[false];
}

/* The first of the most who show it, by his time and then his bib: the same one
 * each time, and nobody who ran off with another wave. */
static const struct problem *
example_of_gun(const struct problems *all, int wave, int point)
{
	const bool early = is_mostly_early(all, wave, point);
	const struct problem *best = NULL;

	for (size_t i = 0; i < all->count; i++) {
		const struct problem *p = &all->items[i];

		if (p->wave != wave || p->point != point ||
		    (p->amount_us < 0) != early)
			continue;
		if (best == NULL || p->time_us < best->time_us ||
		    (p->time_us == best->time_us &&
		        text_label_cmp(p->entry->bib, best->entry->bib) < 0))
			best = p;
	}
	return best;
}

static void
add_gun(struct problems_job *j, int wave, int point)
{
	const struct problem example = *example_of_gun(j->out, wave, point);
	struct problem *p = problems_add(j, PROBLEM_GUN);

	p->entry = example.entry;
	p->text = j->b->rules->waves[wave].name;
	p->point = point;
	p->time_us = rank_wave_gun(j->b->rank, (size_t)wave);
	p->reads[0] = (struct problem_read){ .time_us = p->time_us };
	p->reads[1] = example.reads[point > 0 ? 1 : 0];
	p->count = j->guns[wave][point].off;
	p->of = j->guns[wave][point].seen;
}

/* Told once for a wave, at the first point that shows it. */
static void
add_guns(struct problems_job *j)
{
	const struct race_rules *rules = j->b->rules;

	for (size_t w = 0; w < rules->wave_count; w++)
		for (size_t i = 0; i < rules->point_count; i++)
			if (is_wrong_gun(j, (int)w, (int)i)) {
				add_gun(j, (int)w, (int)i);
				break;
			}
}

/* A point that half of the field has not is no point of theirs to have missed:
 * that is told once, in the place of all. */
static bool
is_silent(const struct problems_job *j, size_t point)
{
	return 2 * j->points[point].seen < j->points[point].past;
}

static bool
is_dropped(const struct problems_job *j, const struct problem *p)
{
	if (p->wave >= 0 && is_wrong_gun(j, p->wave, p->point))
		return true;
	return (p->kind == PROBLEM_NO_START || p->kind == PROBLEM_NO_SPLIT) &&
	    is_silent(j, (size_t)p->point);
}

static void
drop_told(struct problems_job *j)
{
	struct problems *out = j->out;
	size_t kept = 0;

	for (size_t i = 0; i < out->count; i++)
		if (!is_dropped(j, &out->items[i]))
			out->items[kept++] = out->items[i];
	out->count = kept;
}

static void
add_silent(struct problems_job *j)
{
	const struct race_rules *rules = j->b->rules;

	for (size_t i = 0; i < rules->point_count; i++) {
		struct problem *p;

		if (!is_silent(j, i))
			continue;
		/* Where there is no mat at the start, nobody misses it. */
		if (i == 0 && rules_has_start(rules) && j->points[0].seen == 0)
			continue;
		p = problems_add(j, PROBLEM_SILENT_POINT);
		p->point = (int)i;
		p->count = j->points[i].past - j->points[i].seen;
		p->of = j->points[i].past;
	}
}

/* ---- the first three ---- */

enum { FIRST = 3, CHUNK = 256 };

struct front {
	const struct race_entry *entry;
	int64_t key[2];
};

/* Takes it in if it is one of the first; equals by bib, so that the same three
 * come out every time. */
static void
insert(struct front first[FIRST], size_t *count, const struct front *f)
{
	size_t i = *count;

	while (i > 0) {
		const struct front *o = &first[i - 1];

		if (o->key[0] < f->key[0] ||
		    (o->key[0] == f->key[0] &&
		        (o->key[1] < f->key[1] ||
		            (o->key[1] == f->key[1] &&
		                text_label_cmp(o->entry->bib, f->entry->bib) <
		                    0))))
			break;
		i--;
	}
	if (i == FIRST)
		return;
	if (*count < FIRST)
		++*count;
	memmove(first + i + 1, first + i, (*count - i - 1) * sizeof *first);
	first[i] = *f;
}

/* The two times of a row. */
static bool
times_of(struct book *b, const struct race_ranking *rule,
    const struct race_row *row, int64_t *gun_us, int64_t *net_us)
{
	struct rank_start start;
	int64_t offset_us = 0;
	/* Those who have their place by gun have their time by it too. */
	bool by_gun = rule->by == RACE_BY_GUN ||
	    (rule->gun_first > 0 && row->sort.key[0] == 0);

	if (!rank_start(b->rank, row->label, &start) || row->elapsed_us < 0)
		return false;
	if (start.crossed_us != RACE_NO_TIME && start.crossed_us > start.gun_us)
		offset_us = start.crossed_us - start.gun_us;
	*gun_us = row->elapsed_us + (by_gun ? 0 : offset_us);
	*net_us = row->elapsed_us - (by_gun ? offset_us : 0);
	return true;
}

static void
find_first(struct book *b, size_t v, struct front gun[FIRST],
    struct front net[FIRST], size_t *count)
{
	const struct race_ranking *rule = &b->rules->rankings[v];
	struct rank_standing rows[CHUNK];
	size_t nets = 0;
	size_t n;

	*count = 0;
	for (size_t from = 0;
	     (n = rank_rows(b->rank, v, from, rows, CHUNK)) > 0; from += n)
		for (size_t i = 0; i < n; i++) {
			const struct race_entry *e =
			    roster_find(b->roster, rows[i].row.label);
			int64_t g;
			int64_t t;

			if (rows[i].place == 0)
				return;
			if (e == NULL ||
			    !times_of(b, rule, &rows[i].row, &g, &t))
				continue;
			insert(gun, count, &(struct front){ e, { g, t } });
			insert(net, &nets, &(struct front){ e, { t, g } });
		}
}

static void
look_at_front(struct problems_job *j, size_t v)
{
	struct front gun[FIRST];
	struct front net[FIRST];
	size_t count;

	find_first(j->b, v, gun, net, &count);
	for (size_t i = 0; i < count; i++) {
		struct problem *p;

		if (gun[i].entry == net[i].entry)
			continue;
		p = problems_add(j, PROBLEM_TOP_THREE);
		p->entry = gun[i].entry;
		p->other = net[i].entry;
		p->text = j->b->rules->rankings[v].name;
		p->ranking = (int)v;
		p->place = (uint32_t)i + 1;
		p->point = j->b->rules->rankings[v].at;
		return;
	}
}

static void
look_at_fronts(struct problems_job *j)
{
	const struct race_rules *rules = j->b->rules;

	if (!rules_has_start(rules) || j->points[0].seen == 0)
		return;
	for (size_t v = 0; v < rules->ranking_count; v++)
		if (rules->rankings[v].of == RACE_RUNNERS &&
		    rules->rankings[v].by != RACE_BY_KM &&
		    rules->rankings[v].at == (int)rules->point_count - 1)
			look_at_front(j, v);
}

void
problems_of_people(struct problems_job *j)
{
	const struct roster *roster = j->b->roster;

	j->guns = xcalloc(j->b->rules->wave_count + 1, sizeof *j->guns);
	for (size_t i = 0; i < roster_slots(roster); i++) {
		const char *bib;
		const struct race_entry *e = roster_at(roster, i, &bib);

		if (e != NULL)
			look_at_person(j, e);
	}
	add_guns(j);
	drop_told(j);
	problems_of_series(j);
	add_silent(j);
	free(j->guns);
	look_at_fronts(j);
}
