#include "support/model.h"

#include <stdlib.h>
#include <string.h>

#include "common/text.h"

struct world {
	const struct race_rules *rules;
	const struct model_event *events;
	size_t count;
};

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

static const char *
bib_of(const struct race_event *e)
{
	if (e->kind == RACE_ENTRY)
		return e->entry.bib;
	return e->kind == RACE_ENTRY_GONE ? e->entry_gone : NULL;
}

/* Whether events[i] is the last word about its bib. */
static bool
holds(const struct world *w, size_t i)
{
	const struct model_event *e = &w->events[i];
	const char *bib = bib_of(&e->event);

	for (size_t j = 0; j < w->count; j++) {
		const struct model_event *o = &w->events[j];
		const char *other = bib_of(&o->event);

		if (other == NULL || strcmp(bib, other) != 0)
			continue;
		if (o->id.stream != MODEL_FILES && e->id.stream == MODEL_FILES)
			return false;
		if (o->id.stream == MODEL_FILES && e->id.stream != MODEL_FILES)
			continue;
		if (later(o->event.made_us, o->id, e->event.made_us, e->id))
			return false;
		if (same_id(o->id, e->id) && j < i)
			return false;
	}
	return true;
}

/* The entries that are there; for free(). */
static const struct race_entry **
entries_of(const struct world *w, size_t *count)
{
	const struct race_entry **all = calloc(w->count + 1, sizeof(*all));

	*count = 0;
	for (size_t i = 0; i < w->count; i++)
		if (w->events[i].event.kind == RACE_ENTRY && holds(w, i))
			all[(*count)++] = &w->events[i].event.entry;
	return all;
}

static const char *
wave_of(const struct world *w, const char *wave)
{
	if (strcmp(wave, "") == 0 && w->rules->wave_count > 0)
		return w->rules->waves[0].name;
	return wave;
}

static int64_t
gun_of(const struct world *w, const struct race_entry *entry)
{
	const char *wave = wave_of(w, entry->wave);
	const struct model_event *last = NULL;
	int64_t gun = RACE_NO_TIME;
	bool known = false;

	for (size_t i = 0; i < w->rules->wave_count; i++)
		if (strcmp(w->rules->waves[i].name, wave) == 0) {
			known = true;
			gun = w->rules->waves[i].gun_us;
		}
	for (size_t i = 0; i < w->count && known; i++) {
		const struct model_event *e = &w->events[i];

		if (e->event.kind != RACE_GUN ||
		    strcmp(wave_of(w, e->event.gun.wave), wave) != 0)
			continue;
		if (last == NULL ||
		    later(e->event.made_us, e->id, last->event.made_us,
		        last->id))
			last = e;
	}
	return last != NULL ? last->event.gun.gun_us : gun;
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

int64_t
model_as_of(const struct race_rules *rules, const struct model_event *events,
    size_t count)
{
	struct world w = { rules, events, count };
	int64_t last = RACE_NO_TIME;

	for (size_t i = 0; i < count; i++) {
		struct moment m;

		if (events[i].event.kind != RACE_CROSSING)
			continue;
		m = moment_of(&w, &events[i]);
		if (m.time_us > last)
			last = m.time_us;
	}
	return last;
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
};

static int
point_named(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->rules->point_count; i++)
		if (strcmp(w->rules->points[i].name, name) == 0)
			return (int)i;
	return -1;
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

/* The crossings that hold, once each, listed ones too; for free(). */
static struct crossing *
all_crossings(const struct world *w, size_t *count)
{
	struct crossing *all = calloc(w->count + 1, sizeof(*all));

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
		c.point = point_named(w, e->event.crossing.point);
		c.bib = e->event.crossing.bib;
		c.chip = e->event.crossing.chip;
		c.listed = (e->event.crossing.flags & RACE_FLAG_LISTED) != 0;
		c.stamped = !c.listed && strcmp(c.chip, "") == 0 &&
		    e->event.crossing.clock == RACE_CLOCK_LAPTOP;
		if (c.listed)
			c.chip = "";
		fill_in(w, &c);
		all[(*count)++] = c;
	}
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
	struct world w = { rules, events, count };
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
	struct world w = { rules, events, count };
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
	return unknown;
}

/* ---- people ---- */

struct person {
	const struct race_entry *entry;
	int64_t gun_us;
	const struct crossing *at[RACE_POINTS_MAX]; /* what counts */
	int furthest;
	bool started; /* over the start line, after the gun */
	enum race_status status;
};

static bool
has_start(const struct world *w)
{
	return w->rules->point_count > 0 && w->rules->points[0].metres == 0;
}

/* What counts away from the start: the first that is late enough. */
static void
find_others(const struct world *w, struct person *p,
    const struct crossing *const *mine, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct crossing *c = mine[i];
		const struct crossing **at = &p->at[c->point];

		if (c->point == 0 && has_start(w))
			continue;
		if (p->gun_us != RACE_NO_TIME &&
		    c->time_us < p->gun_us + w->rules->points[c->point].min_us)
			continue;
		if (*at == NULL ||
		    later((*at)->time_us, (*at)->id, c->time_us, c->id))
			*at = c;
	}
}

/* The last at the start that is not after any of those. */
static void
find_start(const struct world *w, struct person *p,
    const struct crossing *const *mine, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct crossing *c = mine[i];
		bool after = false;

		if (c->point != 0)
			continue;
		for (size_t k = 1; k < w->rules->point_count; k++)
			if (p->at[k] != NULL && c->time_us > p->at[k]->time_us)
				after = true;
		if (!after &&
		    (p->at[0] == NULL ||
		        later(c->time_us, c->id, p->at[0]->time_us,
		            p->at[0]->id)))
			p->at[0] = c;
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
	p->status = p->entry->status;
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

static bool
matches(const char *wanted, const char *value)
{
	return strcmp(wanted, "") == 0 || strcmp(wanted, value) == 0;
}

static bool
is_in(const struct world *w, const struct race_ranking *v,
    const struct race_entry *e)
{
	return matches(v->sex, e->sex) && matches(v->category, e->category) &&
	    matches(v->team, e->team) && matches(v->wave, wave_of(w, e->wave));
}

/* Everybody in the filter of v; for free(), crossings too. */
static struct person *
people_of(const struct world *w, const struct race_ranking *v, size_t *count,
    struct crossing **crossings)
{
	size_t entry_count;
	size_t crossing_count;
	const struct race_entry **entries = entries_of(w, &entry_count);
	struct person *people = calloc(entry_count + 1, sizeof(*people));
	const struct race_entry **owners;
	const struct crossing **mine;

	*crossings = crossings_of(w, &crossing_count);
	owners = calloc(crossing_count + 1, sizeof(*owners));
	mine = calloc(crossing_count + 1, sizeof(*mine));
	for (size_t i = 0; i < crossing_count; i++)
		owners[i] = owner_of(entries, entry_count, &(*crossings)[i]);
	*count = 0;
	for (size_t i = 0; i < entry_count; i++) {
		struct person *p = &people[*count];
		size_t n = 0;

		if (!is_in(w, v, entries[i]))
			continue;
		for (size_t j = 0; j < crossing_count; j++)
			if (owners[j] == entries[i])
				mine[n++] = &(*crossings)[j];
		p->entry = entries[i];
		p->gun_us = gun_of(w, p->entry);
		find_others(w, p, mine, n);
		if (has_start(w))
			find_start(w, p, mine, n);
		p->started = has_start(w) && p->at[0] != NULL &&
		    p->at[0]->time_us > p->gun_us;
		find_status(w, p);
		(*count)++;
	}
	free(mine);
	free(owners);
	free(entries);
	return people;
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
		.elapsed_us = elapsed_at(w, p, v->by, point),
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
		out->sort[1] = elapsed_at(w, p, v->by, p->furthest);
		if (out->sort[1] < 0) {
			/* Without gun, behind all others; without read, last */
			out->sort[1] = p->furthest < 0
			    ? INT64_MAX
			    : p->at[p->furthest]->time_us;
		}
	}
}

/* ---- lines of teams ---- */

static int
by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void
time_line(const struct race_ranking *v, int64_t *times, size_t count,
    struct model_line *out)
{
	size_t best = v->best > 0 ? v->best : 1;
	int64_t sum = 0;

	if (count > 0)
		qsort(times, count, sizeof(*times), by_number);
	out->counted = (uint32_t)(count < best ? count : best);
	for (size_t i = 0; i < out->counted; i++)
		sum += times[i];
	out->elapsed_us = count > 0 ? sum : -1;
	if (count >= best) {
		out->group = RACE_GROUP_PLACED;
		out->sort[0] = sum;
		out->sort[1] = times[best - 1];
		out->sort[2] = times[0];
	} else {
		out->group = RACE_GROUP_RUNNING;
		out->sort[0] = -(int64_t)out->counted;
		out->sort[1] = sum;
	}
}

static void
km_line(int64_t metres, size_t counted, int64_t elapsed, struct model_line *out)
{
	out->counted = (uint32_t)counted;
	out->metres = (uint32_t)metres;
	out->elapsed_us = counted > 0 ? elapsed : -1;
	out->group = metres > 0 ? RACE_GROUP_PLACED : RACE_GROUP_RUNNING;
	if (metres > 0) {
		out->sort[0] = -metres;
		out->sort[1] = -(int64_t)counted;
		out->sort[2] = elapsed;
	}
}

static void
team_line(const struct world *w, const struct race_ranking *v,
    const struct person *people, size_t count, const char *team,
    struct model_line *out)
{
	int64_t *times = calloc(count + 1, sizeof(*times));
	bool km = v->score == RACE_SCORE_KM;
	bool live = v->at == RACE_LIVE || v->by == RACE_BY_KM;
	int64_t metres = 0;
	int64_t elapsed = 0;
	size_t counted = 0;

	*out = (struct model_line){ .label = team, .point = -1 };
	for (size_t i = 0; i < count; i++) {
		const struct person *p = &people[i];
		int64_t t =
		    elapsed_at(w, p, v->by, km || live ? p->furthest : v->at);

		if (strcmp(p->entry->team, team) != 0)
			continue;
		out->finishers += p->status == RACE_FINISHED;
		if (!is_ranked(p->status, km))
			continue;
		if (km && metres_at(w, p->furthest) > 0) {
			metres += metres_at(w, p->furthest);
			elapsed += t > 0 ? t : 0;
			counted++;
		}
		if (!km && t >= 0)
			times[counted++] = t;
	}
	if (km)
		km_line(metres, counted, elapsed, out);
	else
		time_line(v, times, counted, out);
	out->status =
	    out->group == RACE_GROUP_PLACED ? RACE_FINISHED : RACE_RUNNING;
	free(times);
}

/* ---- the listing ---- */

static int
by_merit(const struct model_line *a, const struct model_line *b)
{
	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	for (size_t i = 0; i < 3; i++)
		if (a->sort[i] != b->sort[i])
			return a->sort[i] < b->sort[i] ? -1 : 1;
	return 0;
}

static int
by_merit_and_label(const void *a, const void *b)
{
	const struct model_line *x = a;
	const struct model_line *y = b;
	int c = by_merit(x, y);

	return c != 0 ? c : text_label_cmp(x->label, y->label);
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

static bool
is_listed(const struct model_line *lines, size_t count, const char *label)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(lines[i].label, label) == 0)
			return true;
	return false;
}

size_t
model_rows(const struct race_rules *rules, const struct model_event *events,
    size_t count, size_t v, struct model_line **out)
{
	struct world w = { rules, events, count };
	const struct race_ranking *ranking = &rules->rankings[v];
	struct crossing *crossings;
	size_t people_count;
	struct person *people =
	    people_of(&w, ranking, &people_count, &crossings);
	struct model_line *lines = calloc(people_count + 1, sizeof(*lines));
	size_t n = 0;

	for (size_t i = 0; i < people_count; i++) {
		const char *team = people[i].entry->team;

		if (ranking->of == RACE_RUNNERS)
			runner_line(&w, ranking, &people[i], &lines[n++]);
		else if (team[0] != '\0' && !is_listed(lines, n, team))
			team_line(&w, ranking, people, people_count, team,
			    &lines[n++]);
	}
	place(ranking, lines, n);
	free(people);
	free(crossings);
	*out = lines;
	return n;
}
