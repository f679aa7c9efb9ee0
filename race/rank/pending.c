/*
 * pending - who may still come to a place, and from which key on that could
 * change others' places (rank.h, "provisional").
 */
#include <string.h>

#include "race/rank/core.h"

void
pending_init(struct pending *p)
{
	*p = (struct pending){ .lead_us = PENDING_NOBODY, .witness = NONE };
}

/* ---- one runner ---- */

static bool
is_out(enum race_status status)
{
	switch (status) {
	case RACE_STATUS_NONE:
	case RACE_FINISHED: /* said by somebody, who has not seen him come */
	case RACE_RUNNING:
		return false;
	case RACE_DNS:
	case RACE_DNF:
	case RACE_DSQ:
	case RACE_OTL:
	case RACE_NC:
		break;
	}
	return true;
}

/* Was read away from the start: nothing at the start can count any more. */
static bool
is_under_way(const struct rank *r, uint32_t slot)
{
	const uint32_t *counting = r->counting + slot * r->points;

	for (size_t p = r->has_start ? 1 : 0; p < r->points; p++)
		if (counting[p] != NONE)
			return true;
	return false;
}

/* At which point he will have come. */
static size_t
goal_of(const struct rank *r, const struct race_ranking *rule)
{
	if (rule->at == RACE_LIVE || rule->by == RACE_BY_KM ||
	    (rule->of == RACE_TEAMS && rule->score == RACE_SCORE_KM))
		return r->points - 1;
	return (size_t)rule->at;
}

/* The latest gun of those that his start crossing may yet choose. */
static int64_t
latest_gun(const struct rank *r, int64_t gun_us)
{
	for (size_t i = 0; i < r->rules->wave_count; i++) {
		if (r->rules->waves[i].window_us == 0)
			continue;
		if (r->guns[i] == RACE_NO_TIME)
			return PENDING_ANY;
		if (r->guns[i] > gun_us)
			gun_us = r->guns[i];
	}
	return gun_us;
}

/* From when his time runs, at the latest. */
static int64_t
started_us(const struct rank *r, const struct race_ranking *rule, uint32_t slot,
    const struct facts *f)
{
	bool started = f->start_us != RACE_NO_TIME || is_under_way(r, slot);
	bool net = rule->by == RACE_BY_NET;

	if (f->gun_us == RACE_NO_TIME || (net && r->has_start && !started))
		return PENDING_ANY;
	if (!started && (r->runners[slot].flags & RUNNER_INFERS) != 0 &&
	    !people_own_start(r, slot))
		return latest_gun(r, f->gun_us);
	if (net && f->start_us > f->gun_us)
		return f->start_us;
	return f->gun_us;
}

/* The rankings that he is in, or may yet be. */
static uint64_t
views_of(const struct rank *r, uint32_t slot, const struct facts *f)
{
	const struct runner *runner = &r->runners[slot];

	if ((runner->flags & RUNNER_INFERS) != 0 &&
	    f->start_us == RACE_NO_TIME && !is_under_way(r, slot))
		return r->specials[runner->special].views;
	return runner->views;
}

/* PENDING_NOBODY: he cannot come any more. */
static int64_t
lead_of(const struct rank *r, size_t v, const struct race_ranking *rule,
    uint32_t slot, const struct facts *f)
{
	size_t goal = goal_of(r, rule);
	bool start = people_is_start(r, (uint8_t)goal);
	int64_t lead_us;
	bool there;

	if (r->points == 0 || (views_of(r, slot, f) >> v & 1) == 0 ||
	    is_out(f->status))
		return PENDING_NOBODY;
	there = r->counting[slot * r->points + goal] != NONE;
	/* At the start the last read counts. */
	if (start)
		return is_under_way(r, slot) ? PENDING_NOBODY : PENDING_ANY;
	if (there)
		return PENDING_NOBODY;
	/* By places he moves those behind him, without a team too. */
	if (rule->of == RACE_TEAMS)
		return r->runners[slot].team != NONE ||
		        rule->score == RACE_SCORE_PLACES
		    ? PENDING_ANY
		    : PENDING_NOBODY;
	lead_us = started_us(r, rule, slot, f);
	if (lead_us != PENDING_ANY && goal == r->points - 1)
		lead_us -= f->penalty_us;
	return lead_us;
}

/* ---- all of a ranking ---- */

static void
take(struct pending *p, uint32_t slot, int64_t lead_us)
{
	if (lead_us > p->lead_us ||
	    (p->gone && lead_us == p->lead_us && lead_us != PENDING_NOBODY)) {
		*p = (struct pending){ .lead_us = lead_us, .witness = slot };
		return;
	}
	if (!p->gone && slot == p->witness && lead_us < p->lead_us)
		p->gone = true;
}

void
pending_settle(struct rank *r, uint32_t slot, const struct facts *f)
{
	for (size_t i = 0; i < r->rules->ranking_count; i++) {
		struct view *v = &r->views[i];
		struct derived *d = v->derived;

		take(&v->pending, slot, lead_of(r, i, v->rule, slot, f));
		if (d != NULL && d->gun.limit > 0)
			take(&d->gun_pending, slot,
			    lead_of(r, i, &d->gun_rule, slot, f));
	}
}

/*
 * Looks for somebody in the place of who has gone.  Nobody is before lead_us,
 * and in a race with few guns many are at it: the first of them will do, and
 * whoever has gone since is not looked at again.
 */
static int64_t
find(struct rank *r, size_t v, const struct race_ranking *rule,
    struct pending *p)
{
	struct pending best = { .lead_us = PENDING_NOBODY, .witness = NONE };
	size_t n = r->runners_count;

	if (!p->gone)
		return p->lead_us;
	for (size_t i = 1; i <= n && best.lead_us < p->lead_us; i++) {
		uint32_t slot = (uint32_t)((p->witness + i) % n);
		int64_t lead_us;
		struct facts f;

		people_facts(r, slot, &f);
		lead_us = lead_of(r, v, rule, slot, &f);
		if (lead_us > best.lead_us) {
			best.lead_us = lead_us;
			best.witness = slot;
		}
	}
	*p = best;
	return p->lead_us;
}

/* ---- keys ---- */

/* The least key of who comes after the latest crossing. */
static void
least_key(struct rank *r, const struct race_ranking *rule, int64_t lead_us,
    int64_t *out)
{
	int64_t latest_us = rank_latest(r);
	int64_t least_us = 0;

	if (lead_us != PENDING_ANY && latest_us != RACE_NO_TIME &&
	    latest_us >= lead_us)
		least_us = latest_us - lead_us + 1;
	if (rule->at == RACE_LIVE || rule->by == RACE_BY_KM)
		*out++ = -(int64_t)r->rules->points[r->points - 1].metres;
	*out = people_decisive(rule, least_us);
}

static bool
is_before(const struct race_key *key, const int64_t *from)
{
	for (size_t i = 0; i < 3; i++)
		if (key->key[i] != from[i])
			return key->key[i] < from[i];
	return false;
}

/* Whoever comes, the first of a ranking stay the same. */
static bool
is_certain(struct rank *r, const struct head *h)
{
	struct race_outlook is;

	rank_provisional(r, (size_t)(h->of - r->views), &is);
	if (!is.open)
		return true;
	if (h->firsts.count < h->limit)
		return false;
	for (size_t i = 0; i < h->firsts.count; i++)
		if (!is_before(&rank_cell(h->of, h->firsts.slots[i])->key,
		        is.from))
			return false;
	return true;
}

/* The first by gun, who have keys of their own. */
static bool
gun_is_certain(const struct derived *d, const int64_t *from)
{
	if (d->gun.firsts.count < d->gun.limit)
		return false;
	for (size_t i = 0; i < d->gun.firsts.count; i++)
		if (!is_before(&d->by_gun[d->gun.firsts.slots[i]].key, from))
			return false;
	return true;
}

/* With the first by gun in front of all others. */
static void
put_gun_in_front(struct rank *r, struct view *v, int64_t *from)
{
	struct derived *d = v->derived;
	int64_t by_gun[3] = { 0 };
	bool certain;

	least_key(r, &d->gun_rule,
	    find(r, (size_t)(v - r->views), &d->gun_rule, &d->gun_pending),
	    by_gun);
	certain = gun_is_certain(d, by_gun);
	if (!certain)
		memcpy(from, by_gun, sizeof by_gun);
	memmove(from + 1, from, 2 * sizeof *from);
	from[0] = certain;
}

static void
open_all(struct race_outlook *out)
{
	out->open = true;
	for (size_t i = 0; i < 3; i++)
		out->from[i] = INT64_MIN;
}

void
rank_provisional(struct rank *r, size_t v, struct race_outlook *out)
{
	struct view *view = &r->views[v];
	struct derived *d = view->derived;
	int64_t lead_us;

	rank_settle(r);
	*out = (struct race_outlook){ .open = false };
	for (size_t i = 0; d != NULL && i < d->without_count; i++)
		if (!is_certain(r, &d->without[i])) {
			open_all(out);
			return;
		}
	lead_us = find(r, v, view->rule, &view->pending);
	if (lead_us == PENDING_NOBODY)
		return;
	if (view->rule->of == RACE_TEAMS) {
		open_all(out);
		return;
	}
	out->open = true;
	least_key(r, view->rule, lead_us, out->from);
	if (d != NULL && d->gun.limit > 0)
		put_gun_in_front(r, view, out->from);
}
