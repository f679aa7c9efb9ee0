/*
 * problems_people - each runner by himself: reads that one person cannot have
 * made, starts, splits that are missing; and who is first by which time.
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

/* Fewer prove nothing of a gun. */
enum { GUN_MIN = 5 };

struct person {
	struct problems_job *j;
	const struct race_rules *rules;
	const struct race_entry *entry;
	struct rank_start start;
	struct rank_read *reads; /* his own, by time */
	size_t read_count;
	const struct rank_read *counting[RACE_POINTS_MAX];
	bool odd; /* his reads were told already */
};

static bool
has_start(const struct race_rules *rules)
{
	return rules->point_count > 0 && rules->points[0].metres == 0;
}

static bool
counts(const struct rank_read *r)
{
	return r->why == RANK_COUNTS || r->why == RANK_SET;
}

static struct problem *
add(struct person *p, enum problem_kind kind, int point, int64_t time_us)
{
	struct problem *is = problems_add(p->j, kind);

	is->entry = p->entry;
	is->point = point;
	is->time_us = time_us;
	return is;
}

static struct problem_read
read_of(const struct rank_read *r)
{
	return (struct problem_read){ r->id, r->point, r->time_us };
}

/* ---- faster than anybody can be ---- */

/* A place on the course and when: a read, or (NULL) the start without one. */
struct stop {
	const struct rank_read *read;
	int point;
	int64_t time_us;
};

static struct stop
stop_at(const struct rank_read *r)
{
	return (struct stop){ r, r->point, r->time_us };
}

static bool
too_fast(const struct race_rules *rules, const struct stop *a,
    const struct stop *b)
{
	int64_t metres = (int64_t)rules->points[a->point].metres -
	    (int64_t)rules->points[b->point].metres;
	int64_t us = b->time_us - a->time_us;

	if (metres < 0)
		metres = -metres;
	if (us < 0)
		us = -us;
	/* us / (metres / 1000) < fastest, without the division. */
	return metres > 0 && us < rules->fastest_us_km * metres / 1000;
}

/* Two that count, in the wrong order. */
static bool
backwards(const struct person *p, const struct stop *a, const struct stop *b)
{
	return a->read != NULL && counts(a->read) && counts(b->read) &&
	    p->rules->points[a->point].metres >
	    p->rules->points[b->point].metres;
}

/* What is not used for a good reason proves nothing: a finisher who walks over
 * the start, a mat at the start that is the finish later on. */
static bool
is_evidence(const struct rank_read *r)
{
	return r->point >= 0 && (counts(r) || r->why == RANK_NOT_FIRST);
}

static bool
next_stop(const struct person *p, size_t *i, struct stop *out)
{
	while (*i < p->read_count && !is_evidence(&p->reads[*i]))
		++*i;
	if (*i == p->read_count)
		return false;
	*out = stop_at(&p->reads[(*i)++]);
	return true;
}

/* Which of the two is to go: one that does not count anyway; the first, if
 * without it all is well and not without the second; else the second. */
static size_t
suspect(const struct person *p, const struct stop *before, const struct stop *a,
    const struct stop *b, const struct stop *behind)
{
	bool good_without_a;
	bool good_without_b;

	if (a->read == NULL || !counts(b->read))
		return 1;
	if (!counts(a->read))
		return 0;
	good_without_a = before == NULL || !too_fast(p->rules, before, b);
	good_without_b = behind == NULL ||
	    (!too_fast(p->rules, a, behind) && !backwards(p, a, behind));
	return good_without_a && !good_without_b ? 0 : 1;
}

/* If most of his wave are as fast, it is not his read. */
static void
blame_gun(const struct person *p, struct problem *is, const struct stop *b)
{
	if (p->start.own || p->start.wave < 0 || is->kind != PROBLEM_PACE)
		return;
	is->wave = p->start.wave;
	p->j->guns[is->wave][b->point].fast++;
}

static void
add_pair(struct person *p, const struct stop *a, const struct stop *b,
    size_t which)
{
	bool both = (a->read == NULL || counts(a->read)) && counts(b->read);
	struct problem *is = add(p, both ? PROBLEM_PACE : PROBLEM_TWO_PLACES,
	    which == 0 ? a->point : b->point,
	    which == 0 ? a->time_us : b->time_us);

	if (a->read != NULL) {
		is->reads[0] = read_of(a->read);
	} else {
		is->reads[0] =
		    (struct problem_read){ .point = 0, .time_us = a->time_us };
		blame_gun(p, is, b);
	}
	is->reads[1] = read_of(b->read);
	is->suspect = which;
	p->odd = true;
}

/* Each read with the one before: who can do both can do the first and the
 * last. */
static void
look_at_pace(struct person *p)
{
	struct stop before;
	struct stop a;
	struct stop b;
	bool has_before = false;
	bool begun = has_start(p->rules) && p->counting[0] == NULL &&
	    p->start.gun_us != RACE_NO_TIME;
	size_t i = 0;

	a = (struct stop){ NULL, 0, p->start.gun_us };
	if (!begun && !next_stop(p, &i, &a))
		return;
	while (next_stop(p, &i, &b)) {
		if (too_fast(p->rules, &a, &b) || backwards(p, &a, &b)) {
			struct stop behind;
			size_t k = i;
			bool more = next_stop(p, &k, &behind);

			add_pair(p, &a, &b,
			    suspect(p, has_before ? &before : NULL, &a, &b,
			        more ? &behind : NULL));
			return;
		}
		before = a;
		has_before = true;
		a = b;
	}
}

/* ---- the start ---- */

/* Another wave in whose time that is; of several the one that began last, -1:
 * none. */
static int
wave_at(const struct person *p, int64_t time_us)
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
look_at_wave(struct person *p)
{
	int64_t at_us = p->start.crossed_us;
	int64_t late_us;
	int64_t window_us;
	enum problem_kind kind = PROBLEM_LATE_START;
	struct problem *is;
	int other;

	if (p->counting[0] == NULL || !has_start(p->rules) || p->start.own ||
	    p->start.inferred || p->start.wave < 0 ||
	    p->start.gun_us == RACE_NO_TIME)
		return;
	late_us = at_us - p->start.gun_us;
	window_us = p->rules->waves[p->start.wave].window_us;
	if (late_us >= -EARLY_US && (window_us == 0 || late_us < window_us))
		return;
	if (late_us < 0)
		kind = PROBLEM_EARLY_START;
	other = wave_at(p, at_us);
	is = add(p, other >= 0 ? PROBLEM_WRONG_WAVE : kind, 0, at_us);
	is->reads[0] = read_of(p->counting[0]);
	is->amount_us = late_us;
	is->text = p->rules->waves[p->start.wave].name;
	if (other >= 0)
		is->other_text = p->rules->waves[other].name;
}

/* ---- points ---- */

static void
look_at_cutoffs(struct person *p)
{
	if (p->start.gun_us == RACE_NO_TIME)
		return;
	for (size_t i = 0; i < p->rules->point_count; i++) {
		int64_t cutoff_us = p->rules->points[i].cutoff_us;
		struct problem *is;

		if (cutoff_us == 0 || p->counting[i] == NULL ||
		    p->counting[i]->time_us - p->start.gun_us <= cutoff_us)
			continue;
		is = add(p, PROBLEM_CUTOFF, (int)i, p->counting[i]->time_us);
		is->reads[0] = read_of(p->counting[i]);
		is->amount_us =
		    p->counting[i]->time_us - p->start.gun_us - cutoff_us;
		return;
	}
}

/* A read of that point that the rules have not taken. */
static const struct rank_read *
unused_at(const struct person *p, int point)
{
	for (size_t i = 0; i < p->read_count; i++)
		if (p->reads[i].point == point &&
		    p->reads[i].why != RANK_VOIDED &&
		    p->reads[i].why != RANK_VOIDED_BY_OPERATOR)
			return &p->reads[i];
	return NULL;
}

static void
add_missing(struct person *p, int point)
{
	const struct rank_read *unused = unused_at(p, point);
	bool start = point == 0 && has_start(p->rules);
	struct problem *is = add(p, start ? PROBLEM_NO_START : PROBLEM_NO_SPLIT,
	    point, RACE_NO_TIME);

	if (unused != NULL)
		is->reads[0] = read_of(unused);
	if (start && p->start.gun_us != RACE_NO_TIME)
		is->amount_us = p->start.gun_us;
}

/* Of the start only finishers are told: who has begun somewhere may have been
 * put down there by the organiser. */
static void
look_at_splits(struct person *p)
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
		bool start = i == 0 && has_start(rules);

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

/* ---- who did not start, and was seen ---- */

/* The number of the decision that made him DNS, the latest if there are
 * several; 0: he was entered so. */
static uint64_t
decided_dns(const struct person *p)
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
look_at_dns(struct person *p)
{
	const struct rank_read *last = NULL;
	struct problem *is;
	uint64_t count = 0;

	for (size_t i = 0; i < p->read_count; i++)
		if (p->reads[i].point >= 0 && counts(&p->reads[i])) {
			last = &p->reads[i];
			count++;
		}
	if (last == NULL)
		return;
	is = add(p, PROBLEM_DNS_SEEN, last->point, last->time_us);
	is->reads[0] = read_of(last);
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
count_guns(struct person *p)
{
	if (p->start.own || p->start.wave < 0)
		return;
	for (size_t i = 0; i < p->rules->point_count; i++)
		p->j->guns[p->start.wave][i].seen += p->counting[i] != NULL;
}

static void
look_at_person(struct problems_job *j, const struct race_entry *entry)
{
	struct person p = { .j = j, .rules = j->b->rules, .entry = entry };

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
		if (p.reads[i].point >= 0 && counts(&p.reads[i]))
			p.counting[p.reads[i].point] = &p.reads[i];
	count_guns(&p);
	look_at_pace(&p);
	look_at_wave(&p);
	look_at_cutoffs(&p);
	look_at_splits(&p);
	free(p.reads);
}

/* ---- guns ---- */

static bool
is_wrong_gun(const struct problems_job *j, int wave, int point)
{
	const struct problems_gun *g = &j->guns[wave][point];

	return g->fast >= GUN_MIN && 2 * g->fast > g->seen;
}

/* The first who shows it, by his time and then his bib: the same one each
 * time. */
static const struct problem *
example_of_gun(const struct problems *all, int wave, int point)
{
	const struct problem *best = NULL;

	for (size_t i = 0; i < all->count; i++) {
		const struct problem *p = &all->items[i];

		if (p->wave != wave || p->point != point)
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
	p->time_us = example.reads[0].time_us;
	p->reads[0] = example.reads[0];
	p->reads[1] = example.reads[1];
	p->count = j->guns[wave][point].fast;
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
		if (i == 0 && has_start(rules) && j->points[0].seen == 0)
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

	if (!has_start(rules) || j->points[0].seen == 0)
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
	add_silent(j);
	free(j->guns);
	look_at_fronts(j);
}
