#include "support/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "race/category.h"
#include "support/effects.h"

struct world {
	const struct race_rules *rules;
	const struct model_event *events;
	size_t count;
	struct effects effects;
};

static struct world
world_of(const struct race_rules *rules, const struct model_event *events,
    size_t count)
{
	struct world w = { .rules = rules, .events = events, .count = count };

	effects_find(&w.effects, rules, events, count);
	return w;
}

static bool
same_id(struct race_id a, struct race_id b)
{
	return a.stream == b.stream && a.seq == b.seq;
}

/* By time, then stream, then seq. */
static bool
later(int64_t a_us, struct race_id a, int64_t b_us, struct race_id b)
{
	if (a_us != b_us)
		return a_us > b_us;
	if (a.stream != b.stream)
		return a.stream > b.stream;
	return a.seq > b.seq;
}

/* ---- who is entered ---- */

/* Whether the i-th of what is said of entries is the last word about its bib,
 * and the first of those that say so. */
static bool
holds(const struct effects *e, size_t i)
{
	for (size_t j = 0; j < e->entry_count; j++) {
		if (strcmp(e->entries[j].bib, e->entries[i].bib) != 0)
			continue;
		if (effects_stronger(e->entries[j].made_us, e->entries[j].id,
		        e->entries[i].made_us, e->entries[i].id))
			return false;
		if (j < i && same_id(e->entries[j].id, e->entries[i].id))
			return false;
	}
	return true;
}

/* The entries that are there; for free(). */
static const struct race_entry **
entries_of(const struct world *w, size_t *count)
{
	const struct effects *e = &w->effects;
	const struct race_entry **all =
	    calloc(e->entry_count + 1, sizeof(*all));

	*count = 0;
	for (size_t i = 0; i < e->entry_count; i++)
		if (e->entries[i].entry != NULL && holds(e, i))
			all[(*count)++] = e->entries[i].entry;
	return all;
}

/* Of a wave of the rules. */
static int64_t
gun_of(const struct world *w, size_t wave)
{
	const struct effects *e = &w->effects;
	const char *name = w->rules->waves[wave].name;

	for (size_t i = 0; i < e->gun_count; i++)
		if (strcmp(e->guns[i].wave, name) == 0)
			return e->guns[i].gun_us;
	return w->rules->waves[wave].gun_us;
}

/* ---- when: PROTOCOL.md 3.7 ---- */

__extension__ typedef __int128 wide;

struct moment {
	int64_t time_us;
	int64_t bound_us; /* 0: nothing is known */
};

/* What an estimate says of that moment; false if that is no time of a race. */
static bool
estimate_at(const struct race_clock_estimate *e, int64_t boot_us,
    struct moment *out)
{
	wide span = (wide)boot_us - e->boot_us;
	wide time =
	    boot_us + (wide)e->offset_us + span * e->drift_ppb / 1000000000;
	wide off = (span < 0 ? -span : span) * e->drift_bound_ppb;

	if (time < RACE_TIME_MIN || time > RACE_TIME_MAX)
		return false;
	out->time_us = (int64_t)time;
	out->bound_us =
	    e->bound_us + (int64_t)(off / 1000000000) + (off % 1000000000 > 0);
	return true;
}

static bool
speaks_of(const struct model_event *estimate, const struct model_event *e)
{
	return estimate->event.kind == RACE_CLOCK &&
	    estimate->id.stream == e->id.stream &&
	    e->event.crossing.clock_epoch > 0 &&
	    estimate->event.clock.clock_epoch == e->event.crossing.clock_epoch;
}

static struct moment
moment_of(const struct world *w, const struct model_event *e)
{
	const struct race_crossing *c = &e->event.crossing;
	struct moment raw = { c->time_us, 0 };
	struct moment own = { c->time_us + c->offset_us, c->bound_us };
	struct moment best = raw;
	uint64_t best_seq = 0;
	bool holds_good = c->bound_us > 0;

	if (c->clock != RACE_CLOCK_LAPTOP)
		return raw;
	for (size_t i = 0; i < w->count; i++) {
		struct moment m;

		if (!speaks_of(&w->events[i], e) ||
		    !estimate_at(&w->events[i].event.clock, c->boot_us, &m))
			continue;
		if (m.bound_us < own.bound_us &&
		    (m.time_us < own.time_us - own.bound_us ||
		        m.time_us > own.time_us + own.bound_us))
			holds_good = false;
		if (best_seq == 0 || m.bound_us < best.bound_us ||
		    (m.bound_us == best.bound_us &&
		        w->events[i].id.seq > best_seq)) {
			best = m;
			best_seq = w->events[i].id.seq;
		}
	}
	return holds_good ? own : best;
}

/* ---- whose crossings ---- */

struct crossing {
	struct race_id id;
	int64_t time_us;
	int64_t bound_us;
	bool by_laptop;
	int point; /* -1: unknown */
	const char *bib;
	const char *chip;
	bool listed;
	bool stamped; /* by a laptop, and without chip */
	bool backup;  /* names the point's second reader */
	bool set;     /* by an operator: counts in any case */
};

static int
point_named(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->rules->point_count; i++)
		if (strcmp(w->rules->points[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* Where a crossing was that names that. */
static void
set_point(const struct world *w, struct crossing *c, const char *name)
{
	c->point = point_named(w, name);
	c->backup = false;
	for (size_t i = 0; i < w->rules->point_count && c->point < 0; i++) {
		const char *backup = w->rules->points[i].backup;

		if (strcmp(backup, "") == 0 || strcmp(backup, name) != 0)
			continue;
		c->point = (int)i;
		c->backup = true;
	}
}

static bool
is_void(const struct world *w, struct race_id id)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->events[i].event.kind == RACE_VOID &&
		    w->events[i].id.stream == id.stream &&
		    w->events[i].event.void_seq == id.seq)
			return true;
	return false;
}

static void
fill_in(const struct world *w, struct crossing *c)
{
	uint64_t best = 0;

	for (size_t i = 0; i < w->count; i++) {
		const struct model_event *e = &w->events[i];

		if (e->event.kind != RACE_FILL_IN ||
		    e->id.stream != c->id.stream ||
		    e->event.fill_in.seq != c->id.seq || e->id.seq < best)
			continue;
		best = e->id.seq;
		c->bib = e->event.fill_in.bib;
		c->chip = "";
	}
}

/* What operators say of a read; false: that it is none. */
static bool
amend(const struct world *w, struct crossing *c)
{
	const struct effects *e = &w->effects;

	for (size_t i = 0; i < e->amendment_count; i++) {
		if (!same_id(e->amendments[i].read, c->id))
			continue;
		if (e->amendments[i].voided)
			return false;
		if (e->amendments[i].bib != NULL) {
			c->bib = e->amendments[i].bib;
			c->chip = "";
		}
		if (e->amendments[i].point != NULL)
			set_point(w, c, e->amendments[i].point);
	}
	return true;
}

int64_t
model_as_of(const struct race_rules *rules, const struct model_event *events,
    size_t count)
{
	struct world w = world_of(rules, events, count);
	int64_t last = RACE_NO_TIME;

	for (size_t i = 0; i < count; i++) {
		struct crossing c = { .id = events[i].id };
		struct moment m;

		if (events[i].event.kind != RACE_CROSSING ||
		    is_void(&w, c.id) || !amend(&w, &c))
			continue;
		m = moment_of(&w, &events[i]);
		if (m.time_us > last)
			last = m.time_us;
	}
	effects_free(&w.effects);
	return last;
}

static void
add_added(const struct world *w, struct crossing *all, size_t *count)
{
	const struct effects *e = &w->effects;

	for (size_t i = 0; i < e->added_count; i++) {
		struct crossing c = {
			.id = e->added[i].id,
			.time_us = e->added[i].time_us,
			.bib = e->added[i].bib,
			.chip = "",
			.set = e->added[i].set,
		};

		set_point(w, &c, e->added[i].point);
		if (amend(w, &c))
			all[(*count)++] = c;
	}
}

/* The crossings that hold, once each, listed ones and what operators added too;
 * for free(). */
static struct crossing *
all_crossings(const struct world *w, size_t *count)
{
	struct crossing *all =
	    calloc(w->count + w->effects.added_count + 1, sizeof(*all));

	*count = 0;
	for (size_t i = 0; i < w->count; i++) {
		const struct model_event *e = &w->events[i];
		struct crossing c = { .id = e->id };
		struct moment m;
		bool again = false;

		if (e->event.kind != RACE_CROSSING || is_void(w, e->id))
			continue;
		for (size_t j = 0; j < *count; j++)
			if (same_id(all[j].id, e->id))
				again = true;
		if (again)
			continue;
		m = moment_of(w, e);
		c.time_us = m.time_us;
		c.bound_us = m.bound_us;
		c.by_laptop = e->event.crossing.clock == RACE_CLOCK_LAPTOP;
		set_point(w, &c, e->event.crossing.point);
		c.bib = e->event.crossing.bib;
		c.chip = e->event.crossing.chip;
		c.listed = (e->event.crossing.flags & RACE_FLAG_LISTED) != 0;
		c.stamped = !c.listed && strcmp(c.chip, "") == 0 &&
		    e->event.crossing.clock == RACE_CLOCK_LAPTOP;
		if (c.listed)
			c.chip = "";
		fill_in(w, &c);
		if (amend(w, &c))
			all[(*count)++] = c;
	}
	add_added(w, all, count);
	return all;
}

/* ---- times on one laptop, bibs on another: PROTOCOL.md 3.8 ---- */

static const int64_t early_us = 3000000;
static const int64_t quiet_us = 30000000;
static const int64_t late_us = 120000000;

/* A time or a listed bib of a point, among all of them in order. */
struct line {
	struct crossing *c;
	bool is_time;
	bool out;     /* a time with a bib, a tied bib: in no group */
	bool cut;     /* tied: the lists are cut here */
	size_t place; /* how many cuts of its own list are before it */
};

struct lines {
	struct line *lines;
	size_t count;
	struct model_group *groups; /* room for one a line */
	size_t group_count;
	int point;
};

static int
by_time(const void *a, const void *b)
{
	const struct line *x = a;
	const struct line *y = b;

	return later(x->c->time_us, x->c->id, y->c->time_us, y->c->id) ? 1 : -1;
}

static bool
near_enough(const struct crossing *time, const struct crossing *bib)
{
	return bib->time_us >= time->time_us - early_us &&
	    bib->time_us <= time->time_us + late_us;
}

static void
tie(struct lines *l)
{
	size_t behind = 0; /* the last tied bib */

	for (size_t i = 0; i < l->count; i++) {
		struct line *time = &l->lines[i];

		if (!time->is_time || strcmp(time->c->bib, "") == 0)
			continue;
		time->out = true;
		for (size_t k = behind; k < l->count && !time->cut; k++) {
			struct line *bib = &l->lines[k];

			if (bib->is_time ||
			    strcmp(bib->c->bib, time->c->bib) != 0 ||
			    !near_enough(time->c, bib->c))
				continue;
			bib->out = true;
			bib->cut = true;
			time->cut = true;
			behind = k + 1;
		}
	}
	for (size_t i = 0; i < l->count; i++)
		for (size_t k = 0; k < i; k++)
			if (l->lines[k].cut &&
			    l->lines[k].is_time == l->lines[i].is_time)
				l->lines[i].place++;
}

static size_t
count_kind(struct line *const *g, size_t count, bool times)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += g[i]->is_time == times;
	return n;
}

/* The i-th time, or bib, of a group. */
static struct crossing *
nth(struct line *const *g, bool time, size_t i)
{
	while ((*g)->is_time != time || i-- > 0)
		g++;
	return (*g)->c;
}

/* As many times as bibs, each typed when it should be. */
static bool
fits(struct line *const *g, size_t count)
{
	size_t n = count_kind(g, count, true);

	if (count_kind(g, count, false) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!near_enough(nth(g, true, i), nth(g, false, i)))
			return false;
	return true;
}

/* Whether the group ends before `next`. */
static bool
ends_before(struct line *const *g, size_t count, const struct line *next)
{
	size_t bibs = count_kind(g, count, false);
	size_t times = count_kind(g, count, true);

	if (next->c->time_us >= g[count - 1]->c->time_us + quiet_us)
		return true;
	return next->is_time && times == bibs &&
	    next->c->time_us > nth(g, false, bibs - 1)->time_us + early_us;
}

static void
report(struct lines *l, struct line *const *g, size_t count, bool open)
{
	struct model_group *to = &l->groups[l->group_count++];

	*to = (struct model_group){
		.point = l->point,
		.open = open,
		.times = count_kind(g, count, true),
		.bibs = count_kind(g, count, false),
		.first_us = g[0]->c->time_us,
		.last_us = g[count - 1]->c->time_us,
		.first_bib = "",
		.last_bib = "",
	};
	for (size_t i = 0; i < count; i++) {
		if (g[i]->is_time || strcmp(g[i]->c->bib, "") == 0)
			continue;
		if (strcmp(to->first_bib, "") == 0)
			to->first_bib = g[i]->c->bib;
		to->last_bib = g[i]->c->bib;
	}
}

static void
join_group(struct lines *l, struct line *const *g, size_t count, bool open)
{
	size_t joined = count;
	size_t pairs;

	while (!fits(g, joined))
		joined = open ? joined - 1 : 0;
	/* All are found before the first is named: a time that has got its
	 * bib is still one of the group. */
	pairs = count_kind(g, joined, true);
	for (size_t i = 0; i < pairs; i++)
		nth(g, true, i)->bib = nth(g, false, i)->bib;
	if (joined < count)
		report(l, g + joined, count - joined, open);
}

/* What lies between two cuts, group by group. */
static void
join_between(struct lines *l, struct line *const *g, size_t count, bool last)
{
	size_t begin = 0;

	for (size_t i = 1; i <= count; i++)
		if (i == count || ends_before(g + begin, i - begin, g[i])) {
			join_group(l, g + begin, i - begin, last && i == count);
			begin = i;
		}
}

static void
join_lines(struct lines *l)
{
	struct line **some = calloc(l->count + 1, sizeof(*some));
	size_t cuts = 0;

	qsort(l->lines, l->count, sizeof(*l->lines), by_time);
	tie(l);
	for (size_t i = 0; i < l->count; i++)
		cuts += l->lines[i].cut && l->lines[i].is_time;
	for (size_t place = 0; place <= cuts; place++) {
		size_t n = 0;

		for (size_t i = 0; i < l->count; i++)
			if (!l->lines[i].out && l->lines[i].place == place)
				some[n++] = &l->lines[i];
		join_between(l, some, n, place == cuts);
	}
	free(some);
}

/* Names the times of a point; returns how many groups cannot be joined. */
static size_t
join_point(struct crossing *all, size_t count, int point,
    struct model_group *groups)
{
	struct lines l = { .groups = groups, .point = point };
	bool listed = false;

	l.lines = calloc(count + 1, sizeof(*l.lines));
	for (size_t i = 0; i < count; i++) {
		if (all[i].point != point || !(all[i].listed || all[i].stamped))
			continue;
		l.lines[l.count++] =
		    (struct line){ .c = &all[i], .is_time = all[i].stamped };
		if (all[i].listed)
			listed = true;
	}
	if (listed)
		join_lines(&l);
	free(l.lines);
	return l.group_count;
}

/* The crossings that hold, times with the bibs joined to them, without those
 * that only gave their bibs; for free(), groups too. */
static struct crossing *
joined_crossings(const struct world *w, size_t *count,
    struct model_group **groups, size_t *group_count)
{
	size_t n;
	struct crossing *all = all_crossings(w, &n);

	*groups = calloc(n + 1, sizeof(**groups));
	*group_count = 0;
	for (int p = 0; p < (int)w->rules->point_count; p++)
		*group_count += join_point(all, n, p, *groups + *group_count);
	*count = 0;
	for (size_t i = 0; i < n; i++)
		if (!all[i].listed || all[i].point < 0)
			all[(*count)++] = all[i];
	return all;
}

static struct crossing *
crossings_of(const struct world *w, size_t *count)
{
	struct model_group *groups;
	size_t group_count;
	struct crossing *all =
	    joined_crossings(w, count, &groups, &group_count);

	free(groups);
	return all;
}

size_t
model_groups(const struct race_rules *rules, const struct model_event *events,
    size_t count, struct model_group **out)
{
	struct world w = world_of(rules, events, count);
	size_t n;
	size_t crossing_count;
	struct model_group *groups;
	size_t sorted = 0;

	free(joined_crossings(&w, &crossing_count, &groups, &n));
	*out = calloc(n + 1, sizeof(**out));
	for (int open = 0; open <= 1; open++)
		for (size_t i = 0; i < n; i++)
			if (groups[i].open == (open != 0))
				(*out)[sorted++] = groups[i];
	free(groups);
	effects_free(&w.effects);
	return n;
}

static bool
claims(const struct race_entry *e, const char *chip)
{
	for (size_t i = 0; i < e->chip_count; i++)
		if (strcmp(e->chips[i], chip) == 0)
			return true;
	return false;
}

static const struct race_entry *
owner_of(const struct race_entry *const *entries, size_t count,
    const struct crossing *c)
{
	const struct race_entry *best = NULL;

	if (c->point < 0)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const struct race_entry *e = entries[i];

		if (c->bib[0] != '\0') {
			if (strcmp(e->bib, c->bib) == 0)
				return e;
			continue;
		}
		if (c->chip[0] != '\0' && claims(e, c->chip) &&
		    (best == NULL || text_label_cmp(e->bib, best->bib) < 0))
			best = e;
	}
	return best;
}

uint64_t
model_unknown_reads(const struct race_rules *rules,
    const struct model_event *events, size_t count)
{
	struct world w = world_of(rules, events, count);
	size_t entry_count;
	size_t crossing_count;
	const struct race_entry **entries = entries_of(&w, &entry_count);
	struct crossing *crossings = crossings_of(&w, &crossing_count);
	struct model_group *groups;
	size_t group_count = model_groups(rules, events, count, &groups);
	uint64_t unknown = 0;

	for (size_t i = 0; i < crossing_count; i++)
		if (owner_of(entries, entry_count, &crossings[i]) == NULL)
			unknown++;
	for (size_t i = 0; i < group_count; i++)
		unknown += groups[i].open ? 0 : groups[i].bibs;
	free(groups);
	free(crossings);
	free(entries);
	effects_free(&w.effects);
	return unknown;
}

/* ---- people ---- */

struct person {
	const struct race_entry *entry;
	const char *wave;
	const char *team;
	bool inferred;  /* the wave, from a crossing */
	bool own;       /* a start of his own */
	int64_t gun_us; /* or his own start */
	int64_t penalty_us;
	const struct crossing **mine; /* that are his */
	size_t count;
	const struct crossing *at[RACE_POINTS_MAX]; /* what counts */
	int furthest;
	bool started;          /* over the start line, after the gun */
	enum race_status said; /* whatever was read */
	enum race_status status;
};

static bool
has_start(const struct world *w)
{
	return w->rules->point_count > 0 && w->rules->points[0].metres == 0;
}

static bool
at_start(const struct world *w, const struct crossing *c)
{
	return has_start(w) && c->point == 0;
}

/* Neither too early nor too late, which nobody is at the start. */
static bool
is_timely(const struct world *w, const struct person *p,
    const struct crossing *c)
{
	const struct race_point *point = &w->rules->points[c->point];

	if (at_start(w, c) || p->gun_us == RACE_NO_TIME)
		return true;
	return c->time_us - p->gun_us >= point->min_us &&
	    (point->max_us == 0 || c->time_us - p->gun_us <= point->max_us);
}

/* The point's own reader does not have him. */
static bool
is_admitted(const struct world *w, const struct person *p,
    const struct crossing *c)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct crossing *o = p->mine[i];

		if (c->backup && !o->backup && o->point == c->point &&
		    is_timely(w, p, o) &&
		    llabs(o->time_us - c->time_us) <=
		        w->rules->points[c->point].tolerance_us)
			return false;
	}
	return true;
}

static bool
is_sooner(const struct crossing *a, const struct crossing *b)
{
	return later(b->time_us, b->id, a->time_us, a->id);
}

/* The time that an operator has set at a point, NULL: none. */
static const struct crossing *
set_at(const struct person *p, int point)
{
	const struct crossing *first = NULL;

	for (size_t i = 0; i < p->count; i++)
		if (p->mine[i]->set && p->mine[i]->point == point &&
		    (first == NULL || is_sooner(p->mine[i], first)))
			first = p->mine[i];
	return first;
}

/* What counts away from the start: the first that is late enough. */
static void
find_others(const struct world *w, struct person *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct crossing *c = p->mine[i];
		const struct crossing **at = &p->at[c->point];

		if (at_start(w, c) || !is_timely(w, p, c) ||
		    !is_admitted(w, p, c))
			continue;
		if (*at == NULL || is_sooner(c, *at))
			*at = c;
	}
	for (int k = 0; k < (int)w->rules->point_count; k++)
		if (set_at(p, k) != NULL)
			p->at[k] = set_at(p, k);
}

/* The last at the start that is not after any of those. */
static void
find_start(const struct world *w, struct person *p)
{
	p->at[0] = NULL;
	for (size_t i = 0; i < p->count; i++) {
		const struct crossing *c = p->mine[i];
		bool after = false;

		if (c->point != 0 || !is_admitted(w, p, c))
			continue;
		for (size_t k = 1; k < w->rules->point_count; k++)
			if (p->at[k] != NULL && c->time_us > p->at[k]->time_us)
				after = true;
		if (!after && (p->at[0] == NULL || is_sooner(p->at[0], c)))
			p->at[0] = c;
	}
	if (set_at(p, 0) != NULL)
		p->at[0] = set_at(p, 0);
}

/* ---- from when on ---- */

/* The wave in whose window that is; -1: none. */
static int
window_of(const struct world *w, int64_t time_us)
{
	int best = -1;

	for (size_t i = 0; i < w->rules->wave_count; i++) {
		int64_t gun = gun_of(w, i);

		if (gun == RACE_NO_TIME || time_us < gun ||
		    time_us - gun >= w->rules->waves[i].window_us)
			continue;
		if (best < 0 || gun > gun_of(w, (size_t)best))
			best = (int)i;
	}
	return best;
}

/* Whether he was read away from the start before that, at a time that counts if
 * he runs in that wave. */
static bool
was_away(const struct world *w, const struct person *p, int wave, int64_t until)
{
	struct person in_it = *p;

	if (!p->own)
		in_it.gun_us = gun_of(w, wave < 0 ? 0 : (size_t)wave);
	for (size_t i = 0; i < p->count; i++) {
		const struct crossing *c = p->mine[i];

		if (!at_start(w, c) && c->time_us < until &&
		    (c->set || is_timely(w, &in_it, c)))
			return true;
	}
	return false;
}

/* His start crossings, one after the other: each puts him into the wave in
 * whose window it is, unless he was under way, in that wave or in the one
 * before.  Of what was set that alone. */
static int
wave_started_in(const struct world *w, const struct person *p)
{
	const struct crossing *last = NULL;
	int wave = -1;

	if (has_start(w) && set_at(p, 0) != NULL)
		return window_of(w, set_at(p, 0)->time_us);
	for (;;) {
		const struct crossing *next = NULL;
		int found;

		for (size_t i = 0; i < p->count; i++)
			if (at_start(w, p->mine[i]) &&
			    is_admitted(w, p, p->mine[i]) &&
			    (last == NULL || is_sooner(last, p->mine[i])) &&
			    (next == NULL || is_sooner(p->mine[i], next)))
				next = p->mine[i];
		if (next == NULL)
			return wave;
		last = next;
		found = window_of(w, next->time_us);
		if (found < 0 || found == wave ||
		    was_away(w, p, wave, next->time_us) ||
		    was_away(w, p, found, next->time_us))
			continue;
		wave = found;
	}
}

static void
find_wave(const struct world *w, struct person *p)
{
	p->wave = p->entry->wave;
	if (strcmp(p->wave, "") == 0 && w->rules->wave_count > 0) {
		int found = wave_started_in(w, p);

		p->inferred = found >= 0;
		p->wave = w->rules->waves[found < 0 ? 0 : found].name;
	}
	if (p->own)
		return;
	p->gun_us = RACE_NO_TIME;
	for (size_t i = 0; i < w->rules->wave_count; i++)
		if (strcmp(w->rules->waves[i].name, p->wave) == 0)
			p->gun_us = gun_of(w, i);
}

/* What operators say of him, over what his entry says. */
static void
find_rulings(const struct world *w, struct person *p)
{
	const struct effects *e = &w->effects;

	p->said = p->entry->status;
	p->own = p->entry->start_us != 0;
	if (p->own)
		p->gun_us = p->entry->start_us;
	for (size_t i = 0; i < e->ruling_count; i++) {
		if (strcmp(e->rulings[i].bib, p->entry->bib) != 0)
			continue;
		if (e->rulings[i].status != RACE_STATUS_NONE)
			p->said = e->rulings[i].status;
		if (e->rulings[i].start_us != 0) {
			p->own = true;
			p->gun_us = e->rulings[i].start_us;
		}
		p->penalty_us = e->rulings[i].penalty_us;
	}
}

static void
find_status(const struct world *w, struct person *p)
{
	const struct race_point *points = w->rules->points;

	p->furthest = -1;
	for (int k = 0; k < (int)w->rules->point_count; k++)
		if (p->at[k] != NULL &&
		    (p->furthest < 0 ||
		        points[k].metres >= points[p->furthest].metres))
			p->furthest = k;
	p->status = p->said;
	if (p->status != RACE_STATUS_NONE || p->furthest < 0)
		return;
	if (p->at[w->rules->point_count - 1] != NULL)
		p->status = RACE_FINISHED;
	else
		p->status = RACE_RUNNING;
}

static int64_t
elapsed_at(const struct world *w, const struct person *p, enum race_by by,
    int point)
{
	int64_t start = p->gun_us;

	if (point < 0 || p->at[point] == NULL || start == RACE_NO_TIME)
		return -1;
	if (by == RACE_BY_NET && has_start(w) && p->at[0] != NULL &&
	    p->at[0]->time_us > start)
		start = p->at[0]->time_us;
	if (p->at[point]->time_us < start)
		return 0;
	return p->at[point]->time_us - start;
}

/* With the penalty, which is for the whole race. */
static int64_t
score_at(const struct world *w, const struct person *p, enum race_by by,
    int point)
{
	int64_t elapsed = elapsed_at(w, p, by, point);

	if (elapsed < 0 || point + 1 != (int)w->rules->point_count)
		return elapsed;
	elapsed += p->penalty_us;
	if (p->penalty_us != 0 && elapsed > RACE_TIME_MAX)
		return RACE_TIME_MAX;
	return elapsed < 0 ? 0 : elapsed;
}

static bool
matches(const char *wanted, const char *value)
{
	return strcmp(wanted, "") == 0 || strcmp(wanted, value) == 0;
}

static bool
is_in(const struct world *w, const struct race_ranking *v,
    const struct person *p)
{
	return matches(v->sex, p->entry->sex) &&
	    matches(v->category, category_of(w->rules, p->entry)) &&
	    matches(v->team, p->team) && matches(v->wave, p->wave);
}

static const char *
team_named(const struct world *w, const char *spelling)
{
	for (size_t i = 0; i < w->rules->alias_count; i++)
		if (strcmp(w->rules->aliases[i].spelling, spelling) == 0)
			return w->rules->aliases[i].team;
	return spelling;
}

static void
find_person(const struct world *w, struct person *p,
    const struct race_entry *entry)
{
	p->entry = entry;
	p->team = team_named(w, entry->team);
	find_rulings(w, p);
	find_wave(w, p);
	find_others(w, p);
	if (has_start(w))
		find_start(w, p);
	p->started =
	    has_start(w) && p->at[0] != NULL && p->at[0]->time_us > p->gun_us;
	find_status(w, p);
}

/* A world looked at for its people. */
struct people {
	struct world world;
	const struct race_entry **entries;
	struct crossing *crossings;
	size_t crossing_count;
	struct person *all;
	size_t count;
	/* Of rankings that others look at, once they did. */
	struct model_line *lines[RACE_RANKINGS_MAX];
	size_t line_counts[RACE_RANKINGS_MAX];
};

/* Everybody. */
static void
people_find(struct people *out, const struct race_rules *rules,
    const struct model_event *events, size_t count)
{
	const struct world *w = &out->world;
	const struct race_entry **owners;

	*out = (struct people){ .count = 0 };
	out->world = world_of(rules, events, count);
	out->entries = entries_of(w, &out->count);
	out->crossings = crossings_of(w, &out->crossing_count);
	out->all = calloc(out->count + 1, sizeof(*out->all));
	owners = calloc(out->crossing_count + 1, sizeof(*owners));
	for (size_t i = 0; i < out->crossing_count; i++)
		owners[i] =
		    owner_of(out->entries, out->count, &out->crossings[i]);
	for (size_t i = 0; i < out->count; i++) {
		struct person *p = &out->all[i];

		p->mine = calloc(out->crossing_count + 1, sizeof(*p->mine));
		for (size_t j = 0; j < out->crossing_count; j++)
			if (owners[j] == out->entries[i])
				p->mine[p->count++] = &out->crossings[j];
		find_person(w, p, out->entries[i]);
	}
	free(owners);
}

static void
people_free(struct people *p)
{
	for (size_t i = 0; i < RACE_RANKINGS_MAX; i++)
		free(p->lines[i]);
	for (size_t i = 0; i < p->count; i++)
		free(p->all[i].mine);
	free(p->all);
	free(p->crossings);
	free(p->entries);
	effects_free(&p->world.effects);
}

/* ---- lines of runners ---- */

static enum race_group
group_of(enum race_status status)
{
	if (status == RACE_STATUS_NONE || status == RACE_DNS)
		return RACE_GROUP_DNS;
	if (status == RACE_DNF)
		return RACE_GROUP_DNF;
	if (status == RACE_DSQ)
		return RACE_GROUP_DSQ;
	if (status == RACE_OTL)
		return RACE_GROUP_OTL;
	if (status == RACE_NC)
		return RACE_GROUP_NC;
	return RACE_GROUP_RUNNING;
}

static int64_t
metres_at(const struct world *w, int point)
{
	return point < 0 ? 0 : (int64_t)w->rules->points[point].metres;
}

/* Whether somebody of that status is ranked where kilometres count, or not. */
static bool
is_ranked(enum race_status status, bool km)
{
	if (status == RACE_DNF || status == RACE_OTL)
		return km;
	return status == RACE_FINISHED || status == RACE_RUNNING;
}

/* How sure the elapsed time at a point is: that of the read, and by net that of
 * the start. */
static void
find_clock(const struct person *p, enum race_by by, int point,
    struct model_line *out)
{
	const struct crossing *read = p->at[point];
	int64_t bound = read->bound_us;

	if (read->by_laptop)
		out->clock = read->id.stream;
	if (by == RACE_BY_NET && point > 0 && p->started)
		bound += p->at[0]->bound_us;
	out->bound_us = bound < RACE_TIME_MAX ? bound : RACE_TIME_MAX;
}

static void
runner_line(const struct world *w, const struct race_ranking *v,
    const struct person *p, struct model_line *out)
{
	bool live = v->at == RACE_LIVE || v->by == RACE_BY_KM;
	int point = live ? p->furthest : v->at;

	*out = (struct model_line){
		.label = p->entry->bib,
		.status = p->status,
		.group = group_of(p->status),
		.elapsed_us = score_at(w, p, v->by, point),
		.metres = (uint32_t)metres_at(w, p->furthest),
		.point = p->furthest,
		.split_count = w->rules->point_count,
	};
	for (int k = 0; k < (int)out->split_count; k++)
		out->splits[k] = elapsed_at(w, p, v->by, k);
	if (out->elapsed_us >= 0)
		find_clock(p, v->by, point, out);
	if (out->elapsed_us >= 0 && is_ranked(p->status, v->by == RACE_BY_KM)) {
		out->group = RACE_GROUP_PLACED;
		out->sort[0] = live ? -metres_at(w, p->furthest) : 0;
		out->sort[1] = out->elapsed_us;
		if (v->ties == RACE_TIES_TIME &&
		    v->round == RACE_ROUND_UP_SECOND) {
			out->sort[1] = out->elapsed_us / 1000000;
			if (out->elapsed_us % 1000000 > 0)
				out->sort[1]++;
		}
		out->read = p->at[point]->id;
	} else if (out->group == RACE_GROUP_RUNNING) {
		out->sort[0] = -metres_at(w, p->furthest);
		out->sort[1] = score_at(w, p, v->by, p->furthest);
		if (out->sort[1] < 0) {
			/* Without gun, behind all others; without read, last */
			out->sort[1] = p->furthest < 0
			    ? INT64_MAX
			    : p->at[p->furthest]->time_us;
		}
	}
}

/* ---- lines of teams ---- */

/* A member who counts. */
struct score {
	const struct person *who;
	int64_t value; /* time, or place */
	bool used;
};

static int
by_value(const void *a, const void *b)
{
	const struct score *x = a;
	const struct score *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return text_label_cmp(x->who->entry->bib, y->who->entry->bib);
}

static bool
is_of_sex(const struct person *p, const char *sex)
{
	return strcmp(p->entry->sex, sex) == 0;
}

/* The first `wanted` of a sex ("": whatever) that are not yet used. */
static size_t
choose(struct score *scores, size_t count, const char *sex, size_t wanted)
{
	size_t n = 0;

	for (size_t i = 0; i < count && n < wanted; i++) {
		if (scores[i].used || !matches(sex, scores[i].who->entry->sex))
			continue;
		scores[i].used = true;
		n++;
	}
	return n;
}

static size_t
scorers_wanted(const struct race_ranking *v)
{
	size_t best = v->best;

	if (best < v->women + v->men)
		best = v->women + v->men;
	return best == 0 ? 1 : best;
}

/* What a team's members are, whether they count or not. */
struct members {
	size_t all;
	size_t finishers;
	size_t hopeful; /* not out, and do not count */
	size_t able;    /* not out, or count */
	size_t women;   /* of these */
	size_t men;
};

static bool
is_out(enum race_status status)
{
	return status == RACE_DNS || status == RACE_DNF || status == RACE_DSQ ||
	    status == RACE_OTL || status == RACE_NC;
}

static void
add_member(struct members *m, const struct person *p, bool counts)
{
	m->all++;
	m->finishers += p->status == RACE_FINISHED;
	if (!counts && is_out(p->status))
		return;
	m->able++;
	m->hopeful += !counts;
	m->women += is_of_sex(p, "F");
	m->men += is_of_sex(p, "M");
}

static void
set_unplaced(struct model_line *out, bool hope)
{
	out->group = RACE_GROUP_RUNNING;
	out->status = RACE_RUNNING;
	if (hope)
		return;
	out->group = out->counted > 0 ? RACE_GROUP_DNF : RACE_GROUP_DNS;
	out->status = out->counted > 0 ? RACE_DNF : RACE_DNS;
}

/* One side: the scores that were chosen last, in order. */
static void
side_line(const struct race_ranking *v, const struct score *scores,
    size_t count, const bool *before, const struct members *m, size_t side,
    struct model_line *out)
{
	size_t wanted = scorers_wanted(v);
	int64_t sum = 0;
	int64_t first = 0;
	int64_t last = 0;
	int64_t worth;
	bool quota = v->women + v->men > 0;

	*out = (struct model_line){ .point = -1, .elapsed_us = -1 };
	for (size_t i = 0; i < count; i++) {
		if (!scores[i].used || before[i])
			continue;
		if (out->counted == 0)
			first = scores[i].value;
		last = scores[i].value;
		sum += last;
		out->counted++;
		out->women += quota && is_of_sex(scores[i].who, "F");
		out->men += quota && is_of_sex(scores[i].who, "M");
		out->finishers += scores[i].who->status == RACE_FINISHED;
	}
	if (v->sides <= 1)
		out->finishers = (uint32_t)m->finishers;
	worth = v->how == RACE_LAST ? last : sum;
	if (out->counted > 0 && v->score == RACE_SCORE_PLACES)
		out->places = (uint32_t)worth;
	else if (out->counted > 0)
		out->elapsed_us = worth;
	if (out->elapsed_us > 0 && v->how == RACE_MEAN) {
		out->elapsed_us = worth / out->counted;
		if (worth % out->counted > 0)
			out->elapsed_us++;
	}
	if (out->counted == wanted) {
		out->status = RACE_FINISHED;
		out->sort[0] = worth;
		out->sort[1] = last;
		out->sort[2] = first;
		return;
	}
	set_unplaced(out,
	    m->hopeful > 0 && m->able >= (side + 1) * wanted &&
	        m->women >= (side + 1) * v->women &&
	        m->men >= (side + 1) * v->men);
	out->sort[0] = -(int64_t)out->counted;
	out->sort[1] = worth;
}

static size_t
side_lines(const struct race_ranking *v, struct score *scores, size_t count,
    const struct members *m, struct model_line *out)
{
	bool *before = calloc(count + 1, sizeof(*before));
	size_t sides = v->sides > 1 ? v->sides : 1;
	size_t n = 0;

	while (n < sides && (n == 0 || out[n - 1].group == RACE_GROUP_PLACED)) {
		size_t got = 0;

		for (size_t i = 0; i < count; i++)
			before[i] = scores[i].used;
		got += choose(scores, count, "F", v->women);
		got += choose(scores, count, "M", v->men);
		got += choose(scores, count, "",
		    scorers_wanted(v) - v->women - v->men);
		if (got == 0 && n > 0)
			break;
		side_line(v, scores, count, before, m, n, &out[n]);
		n++;
	}
	free(before);
	return n;
}

static void
km_line(int64_t metres, size_t counted, int64_t elapsed,
    const struct members *m, struct model_line *out)
{
	*out = (struct model_line){
		.status = RACE_FINISHED,
		.point = -1,
		.counted = (uint32_t)counted,
		.finishers = (uint32_t)m->finishers,
		.metres = (uint32_t)metres,
		.elapsed_us = counted > 0 ? elapsed : -1,
	};
	if (metres == 0) {
		set_unplaced(out, m->able > 0);
		return;
	}
	out->sort[0] = -metres;
	out->sort[1] = -(int64_t)counted;
	out->sort[2] = elapsed;
}

/* The value of who counts, -1: he does not. */
static int64_t
value_of(const struct people *people, const struct race_ranking *v,
    const struct person *p, const struct model_line *runners, size_t count)
{
	bool live = v->at == RACE_LIVE || v->by == RACE_BY_KM;

	if (v->score == RACE_SCORE_TIME)
		return is_ranked(p->status, false)
		    ? score_at(&people->world, p, v->by,
		          live ? p->furthest : v->at)
		    : -1;
	for (size_t i = 0; i < count; i++)
		if (strcmp(runners[i].label, p->entry->bib) == 0)
			return runners[i].place > 0 ? (int64_t)runners[i].place
			                            : -1;
	return -1;
}

/* The rows of a team, none or several. */
static size_t
team_lines(const struct people *people, const struct race_ranking *v,
    const char *team, const struct model_line *runners, size_t runner_count,
    struct model_line *out)
{
	struct score *scores = calloc(people->count + 1, sizeof(*scores));
	bool km = v->score == RACE_SCORE_KM;
	struct members m = { 0 };
	int64_t metres = 0;
	int64_t elapsed = 0;
	size_t counted = 0;
	size_t n = 0;

	for (size_t i = 0; i < people->count; i++) {
		const struct person *p = &people->all[i];
		int64_t far = metres_at(&people->world, p->furthest);
		int64_t t = score_at(&people->world, p, v->by, p->furthest);
		int64_t value = 0;
		bool counts = km && far > 0 && is_ranked(p->status, true);

		if (!is_in(&people->world, v, p) || strcmp(p->team, team) != 0)
			continue;
		if (!km) {
			value = value_of(people, v, p, runners, runner_count);
			counts = value >= 0;
		}
		/* By km who is out cannot come any further. */
		add_member(&m, p, counts && !km);
		if (!counts)
			continue;
		scores[counted++] = (struct score){ .who = p, .value = value };
		metres += far;
		elapsed += t > 0 ? t : 0;
	}
	if (m.all > 0 && m.all >= v->size_min &&
	    (v->size_max == 0 || m.all <= v->size_max)) {
		if (counted > 0)
			qsort(scores, counted, sizeof(*scores), by_value);
		if (km)
			km_line(metres, counted, elapsed, &m, &out[n++]);
		else
			n = side_lines(v, scores, counted, &m, out);
	}
	free(scores);
	return n;
}

/* ---- the listing ---- */

/* Metres by runner: by multiplying across. */
static int
by_average(const struct model_line *a, const struct model_line *b)
{
	wide x = (wide)a->metres * b->counted;
	wide y = (wide)b->metres * a->counted;

	return x > y ? -1 : x < y;
}

static int
by_merit(const struct model_line *a, const struct model_line *b)
{
	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	if (a->average && by_average(a, b) != 0)
		return by_average(a, b);
	for (size_t i = 0; i < 3; i++)
		if (a->sort[i] != b->sort[i])
			return a->sort[i] < b->sort[i] ? -1 : 1;
	return 0;
}

/* Sorting moves sides from under their labels. */
static const char *
name_of(const struct model_line *line)
{
	return line->side[0] != '\0' ? line->side : line->label;
}

static int
by_merit_and_label(const void *a, const void *b)
{
	const struct model_line *x = a;
	const struct model_line *y = b;
	int c = by_merit(x, y);

	return c != 0 ? c : text_label_cmp(name_of(x), name_of(y));
}

static int
by_seq(const void *a, const void *b)
{
	const struct model_line *x = a;
	const struct model_line *y = b;

	return x->read.seq < y->read.seq ? -1 : 1;
}

/* Lines begin .. end - 1 are equal. */
static void
place_group(const struct race_ranking *v, struct model_line *lines,
    size_t begin, size_t end)
{
	bool one_stream = v->of == RACE_RUNNERS;

	for (size_t i = begin; i < end; i++)
		if (lines[i].read.stream != lines[begin].read.stream)
			one_stream = false;
	if (v->ties == RACE_TIES_ORDER && one_stream) {
		qsort(lines + begin, end - begin, sizeof(*lines), by_seq);
		for (size_t i = begin; i < end; i++)
			lines[i].place = (uint32_t)i + 1;
		return;
	}
	for (size_t i = begin; i < end; i++) {
		lines[i].place = (uint32_t)begin + 1;
		lines[i].tied = end - begin > 1;
	}
}

static void
place(const struct race_ranking *v, struct model_line *lines, size_t count)
{
	size_t begin = 0;

	if (count > 0)
		qsort(lines, count, sizeof(*lines), by_merit_and_label);
	while (begin < count && lines[begin].group == RACE_GROUP_PLACED) {
		size_t end = begin + 1;

		while (end < count && by_merit(&lines[begin], &lines[end]) == 0)
			end++;
		place_group(v, lines, begin, end);
		begin = end;
	}
}

static size_t lines_of(struct people *p, size_t v, struct model_line **out);

/* Whether somebody is among the first of a ranking. */
static bool
is_among(const struct model_line *lines, size_t count, uint32_t places,
    const char *label)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(lines[i].label, label) == 0)
			return lines[i].place > 0 && lines[i].place <= places;
	return false;
}

static bool
is_left_out(struct people *p, const struct race_ranking *v, const char *bib)
{
	for (size_t i = 0; i < v->without_count; i++) {
		uint32_t of = v->without[i].ranking;

		if (p->lines[of] == NULL)
			p->line_counts[of] = lines_of(p, of, &p->lines[of]);
		if (is_among(p->lines[of], p->line_counts[of],
		        v->without[i].places, bib))
			return true;
	}
	return false;
}

/* Everybody in the ranking, by one clock or the other. */
static size_t
runner_lines(struct people *p, const struct race_ranking *v, enum race_by by,
    struct model_line *lines)
{
	struct race_ranking ranking = *v;
	size_t n = 0;

	ranking.by = by;
	for (size_t i = 0; i < p->count; i++)
		if (is_in(&p->world, v, &p->all[i]) &&
		    !is_left_out(p, v, p->all[i].entry->bib))
			runner_line(&p->world, &ranking, &p->all[i],
			    &lines[n++]);
	place(&ranking, lines, n);
	return n;
}

/* The first by gun, as they are by gun, and all others behind. */
static void
put_guns_first(struct people *p, const struct race_ranking *v,
    struct model_line *lines, size_t count)
{
	struct model_line *guns = calloc(count + 1, sizeof(*guns));
	size_t n = runner_lines(p, v, RACE_BY_GUN, guns);

	for (size_t i = 0; i < count; i++) {
		bool first = is_among(guns, n, v->gun_first, lines[i].label);

		for (size_t k = 0; k < n && first; k++)
			if (strcmp(guns[k].label, lines[i].label) == 0)
				lines[i] = guns[k];
		lines[i].place = 0;
		lines[i].tied = false;
		if (lines[i].group != RACE_GROUP_PLACED)
			continue;
		lines[i].sort[2] = lines[i].sort[1];
		lines[i].sort[1] = lines[i].sort[0];
		lines[i].sort[0] = first ? 0 : 1;
	}
	place(v, lines, count);
	free(guns);
}

static bool
is_named(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* With sides each has its letter; labels live as long as the lines. */
static void
name_sides(const struct race_ranking *v, const char *team,
    struct model_line *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		lines[i].label = team;
		lines[i].average = v->average && v->score == RACE_SCORE_KM &&
		    lines[i].group == RACE_GROUP_PLACED;
		if (v->sides <= 1 || v->score == RACE_SCORE_KM)
			continue;
		snprintf(lines[i].side, sizeof(lines[i].side), "%s %c", team,
		    (char)('A' + (char)i));
		lines[i].label = lines[i].side;
	}
}

static size_t
all_team_lines(struct people *p, const struct race_ranking *v,
    struct model_line **out)
{
	size_t sides = v->sides > 1 ? v->sides : 1;
	struct model_line *lines =
	    calloc((p->count + 1) * sides, sizeof(*lines));
	struct model_line *runners = calloc(p->count + 1, sizeof(*runners));
	const char **names = calloc(p->count + 1, sizeof(*names));
	struct race_ranking of_runners = *v;
	size_t runner_count;
	size_t names_count = 0;
	size_t n = 0;

	/* Of runners by the same keys. */
	of_runners.of = RACE_RUNNERS;
	of_runners.without_count = 0;
	runner_count = runner_lines(p, &of_runners, v->by, runners);
	for (size_t i = 0; i < p->count; i++) {
		const char *team = p->all[i].team;
		size_t more;

		if (team[0] == '\0' || is_named(names, names_count, team))
			continue;
		names[names_count++] = team;
		more = team_lines(p, v, team, runners, runner_count, &lines[n]);
		name_sides(v, team, &lines[n], more);
		n += more;
	}
	free(runners);
	free(names);
	place(v, lines, n);
	/* They have been moved about. */
	for (size_t i = 0; i < n; i++)
		if (lines[i].side[0] != '\0')
			lines[i].label = lines[i].side;
	*out = lines;
	return n;
}

static size_t
lines_of(struct people *p, size_t v, struct model_line **out)
{
	const struct race_ranking *ranking = &p->world.rules->rankings[v];
	struct model_line *lines = calloc(p->count + 1, sizeof(*lines));
	size_t n = 0;

	*out = lines;
	if (ranking->of == RACE_RUNNERS) {
		n = runner_lines(p, ranking, ranking->by, lines);
		if (ranking->gun_first > 0 && ranking->by == RACE_BY_NET)
			put_guns_first(p, ranking, lines, n);
		return n;
	}
	free(lines);
	return all_team_lines(p, ranking, out);
}

size_t
model_rows(const struct race_rules *rules, const struct model_event *events,
    size_t count, size_t v, struct model_line **out)
{
	struct people p;
	size_t n;

	people_find(&p, rules, events, count);
	n = lines_of(&p, v, out);
	people_free(&p);
	return n;
}

/* ---- why ---- */

static const struct person *
person_of(const struct people *p, const char *bib)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->all[i].entry->bib, bib) == 0)
			return &p->all[i];
	return NULL;
}

bool
model_start(const struct race_rules *rules, const struct model_event *events,
    size_t count, const char *bib, struct rank_start *out)
{
	struct people people;
	const struct person *p;

	people_find(&people, rules, events, count);
	p = person_of(&people, bib);
	if (p != NULL) {
		*out = (struct rank_start){
			.wave = -1,
			.inferred = p->inferred,
			.own = p->own,
			.gun_us = p->gun_us,
			.crossed_us =
			    has_start(&people.world) && p->at[0] != NULL
			    ? p->at[0]->time_us
			    : RACE_NO_TIME,
			.status = p->status,
			.penalty_us = p->penalty_us,
		};
		for (size_t i = 0; i < rules->wave_count; i++)
			if (strcmp(rules->waves[i].name, p->wave) == 0)
				out->wave = (int)i;
	}
	people_free(&people);
	return p != NULL;
}

static enum rank_why
why_his(const struct world *w, const struct person *p, const struct crossing *c)
{
	const struct crossing *at = p->at[c->point];
	int64_t gap = w->rules->points[c->point].gap_us;

	if (at == c)
		return c->set ? RANK_SET : RANK_COUNTS;
	if (at != NULL && at->set)
		return RANK_OVERRULED;
	if (!is_timely(w, p, c))
		return c->time_us <
		        p->gun_us + w->rules->points[c->point].min_us
		    ? RANK_TOO_EARLY
		    : RANK_TOO_LATE;
	if (!is_admitted(w, p, c))
		return RANK_BACKUP;
	for (size_t k = 1; at_start(w, c) && k < w->rules->point_count; k++)
		if (p->at[k] != NULL && c->time_us > p->at[k]->time_us)
			return RANK_UNDER_WAY;
	if (at != NULL && gap > 0 && llabs(c->time_us - at->time_us) <= gap)
		return RANK_REPEAT;
	return at_start(w, c) ? RANK_NOT_LAST : RANK_NOT_FIRST;
}

/* A crossing or what an operator added, with all that anybody says of it. */
struct telling {
	struct crossing c; /* by itself */
	bool voided;
	bool dismissed;
	const char *said[3]; /* whose it is, by itself, filled in, moved */
};

static bool
names(const struct telling *t, const char *bib, const struct person *p)
{
	for (size_t i = 0; i < 3; i++)
		if (t->said[i] != NULL && strcmp(t->said[i], bib) == 0)
			return true;
	return p != NULL && strcmp(t->said[0], "") == 0 &&
	    strcmp(t->c.chip, "") != 0 && claims(p->entry, t->c.chip);
}

/* Adds a read if it is one of the bib, or was thought to be. */
static void
tell(const struct people *people, const struct person *p, const char *bib,
    const struct telling *t, struct rank_read *all, size_t *count)
{
	struct rank_read *out = &all[*count];
	const struct crossing *c = NULL;
	size_t n = 0;

	*out = (struct rank_read){ .id = t->c.id,
		.point = t->c.point,
		.time_us = t->c.time_us,
		.bound_us = t->c.bound_us,
		.backup = t->c.backup };
	for (size_t i = 0; p != NULL && i < p->count; i++)
		if (same_id(p->mine[i]->id, t->c.id))
			c = p->mine[i];
	if (c != NULL) {
		out->why = why_his(&people->world, p, c);
		if (p->at[c->point] != NULL && p->at[c->point] != c)
			out->by = p->at[c->point]->id;
		(*count)++;
		return;
	}
	for (size_t i = 0; i < people->crossing_count; i++)
		if (same_id(people->crossings[i].id, t->c.id) &&
		    strcmp(people->crossings[i].bib, bib) == 0)
			n++; /* joined to a bib that nobody has */
	if (n == 0 && !names(t, bib, p))
		return;
	if (t->voided)
		out->why = RANK_VOIDED;
	else if (t->dismissed)
		out->why = RANK_VOIDED_BY_OPERATOR;
	else if (t->c.point < 0)
		out->why = RANK_NOWHERE;
	else
		out->why = RANK_NOT_OURS;
	(*count)++;
}

/* What operators say of it. */
static void
hear(const struct world *w, struct telling *t)
{
	const struct effects *e = &w->effects;

	for (size_t i = 0; i < e->amendment_count; i++) {
		if (!same_id(e->amendments[i].read, t->c.id))
			continue;
		t->dismissed = e->amendments[i].voided;
		t->said[2] = e->amendments[i].bib;
		if (e->amendments[i].point != NULL)
			set_point(w, &t->c, e->amendments[i].point);
	}
}

static void
tell_crossing(const struct people *people, const struct person *p,
    const char *bib, const struct model_event *e, struct rank_read *all,
    size_t *count)
{
	const struct world *w = &people->world;
	const struct race_crossing *c = &e->event.crossing;
	bool listed = (c->flags & RACE_FLAG_LISTED) != 0;
	struct moment m = moment_of(w, e);
	struct crossing filled = { .id = e->id };
	struct telling t = {
		.c = { .id = e->id,
		    .time_us = m.time_us,
		    .bound_us = m.bound_us,
		    .chip = listed ? "" : c->chip },
		.voided = is_void(w, e->id),
		.said = { c->bib },
	};

	fill_in(w, &filled);
	t.said[1] = filled.bib;
	set_point(w, &t.c, c->point);
	hear(w, &t);
	if (!listed || t.c.point < 0)
		tell(people, p, bib, &t, all, count);
}

static int
by_time_and_name(const void *a, const void *b)
{
	const struct rank_read *x = a;
	const struct rank_read *y = b;

	return later(x->time_us, x->id, y->time_us, y->id) ? 1 : -1;
}

size_t
model_whys(const struct race_rules *rules, const struct model_event *events,
    size_t count, const char *bib, struct rank_read **out)
{
	struct people people;
	const struct effects *e = &people.world.effects;
	const struct person *p;
	size_t n = 0;

	people_find(&people, rules, events, count);
	p = person_of(&people, bib);
	*out = calloc(count + e->added_count + 1, sizeof(**out));
	for (size_t i = 0; i < count; i++) {
		bool again = false;

		for (size_t j = 0; j < i; j++)
			if (same_id(events[j].id, events[i].id))
				again = true;
		if (!again && events[i].event.kind == RACE_CROSSING)
			tell_crossing(&people, p, bib, &events[i], *out, &n);
	}
	for (size_t i = 0; i < e->added_count; i++) {
		struct telling t = {
			.c = { .id = e->added[i].id,
			    .time_us = e->added[i].time_us,
			    .chip = "" },
			.said = { e->added[i].bib },
		};
		size_t before = n;

		set_point(&people.world, &t.c, e->added[i].point);
		hear(&people.world, &t);
		tell(&people, p, bib, &t, *out, &n);
		if (n > before)
			(*out)[before].added = true;
	}
	if (n > 0)
		qsort(*out, n, sizeof(**out), by_time_and_name);
	people_free(&people);
	return n;
}

/* ---- who should have passed: PROTOCOL.md 5.1 ---- */

uint64_t
model_reads(const struct race_rules *rules, const struct model_event *events,
    size_t count, size_t point, int64_t *last_us)
{
	struct world w = world_of(rules, events, count);
	uint64_t reads = 0;

	*last_us = RACE_NO_TIME;
	for (size_t i = 0; i < count; i++) {
		const struct race_crossing *c = &events[i].event.crossing;
		struct crossing at = { 0 };
		struct moment m;
		bool again = false;

		if (events[i].event.kind != RACE_CROSSING ||
		    (c->flags & RACE_FLAG_LISTED) != 0)
			continue;
		set_point(&w, &at, c->point);
		if (at.point != (int)point)
			continue;
		for (size_t j = 0; j < i; j++)
			if (same_id(events[j].id, events[i].id))
				again = true;
		m = moment_of(&w, &events[i]);
		if (m.time_us > *last_us)
			*last_us = m.time_us;
		if (!again)
			reads++;
	}
	effects_free(&w.effects);
	return reads;
}

/* Whether it is one who was read further on; -1: nobody awaits them. */
static int
is_awaited(const struct world *w, const struct person *p, size_t point,
    int64_t last_us, int64_t now_us)
{
	int64_t metres = w->rules->points[point].metres;
	int64_t done = metres_at(w, p->furthest);
	enum race_status status = p->said;
	bool missed = done > metres;
	wide since;

	if (p->furthest < 0 || p->at[point] != NULL || done == metres)
		return -1;
	if (status != RACE_STATUS_NONE && status != RACE_RUNNING &&
	    status != RACE_NC)
		return -1;
	if (p->gun_us == RACE_NO_TIME) {
		since = p->at[p->furthest]->time_us;
		return missed && since > last_us && since <= now_us ? 1 : -1;
	}
	since = p->started ? p->at[0]->time_us : p->gun_us;
	if (done == 0) {
		since += (wide)metres * 15 * 60 * 1000;
	} else {
		wide span = p->at[p->furthest]->time_us - since;
		wide whole;

		/* There before the start: what an operator has set. */
		span = span > 0 ? span : 0;
		whole = span * metres / done;
		since += whole;
		if (!missed && whole - span + 120000000 < whole / 2)
			since += whole - span + 120000000;
		else if (!missed)
			since += whole / 2;
	}
	return since > last_us && since <= now_us ? missed : -1;
}

void
model_awaited(const struct race_rules *rules, const struct model_event *events,
    size_t count, size_t point, int64_t last_us, int64_t now_us,
    struct rank_awaited *out)
{
	struct people p;

	people_find(&p, rules, events, count);
	*out = (struct rank_awaited){ 0 };
	for (size_t i = 0; i < p.count; i++) {
		int is =
		    is_awaited(&p.world, &p.all[i], point, last_us, now_us);

		out->missed += is == 1;
		out->late += is == 0;
		out->passed += p.all[i].at[point] != NULL;
	}
	people_free(&p);
}
