#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/rank/core.h"

uint32_t
teams_slot(struct rank *r, const char *name)
{
	uint32_t slot = strmap_get(r->team_names, name);
	size_t n;

	if (slot != STRMAP_NONE)
		return slot;
	slot = (uint32_t)r->teams_count++;
	n = r->teams_count;
	r->teams = xgrow(r->teams, &r->teams_cap, slot, sizeof *r->teams);
	r->sums =
	    xgrow(r->sums, &r->sums_cap, n * r->team_views, sizeof *r->sums);
	r->teams[slot].name = strmap_put(r->team_names, name, slot);
	r->teams[slot].mates = NONE;
	for (size_t i = 0; i < r->team_views; i++)
		r->sums[slot * r->team_views + i] = (struct sum){ 0 };
	return slot;
}

struct sum *
teams_sum(const struct view *v, uint32_t slot)
{
	return &v->rank->sums[slot * v->rank->team_views + v->column];
}

static void
queue(struct view *v, uint32_t slot)
{
	struct sum *s = teams_sum(v, slot);

	if ((s->flags & SUM_QUEUED) != 0)
		return;
	s->flags |= SUM_QUEUED;
	rank_list(&v->queued, slot);
}

/* ---- members ---- */

/* More or fewer members in the rankings whose filter the runner passes. */
static void
count_member(struct rank *r, const struct runner *runner, bool more)
{
	for (size_t i = 0; i < r->rules->ranking_count; i++) {
		struct view *v = &r->views[i];
		struct sum *s;

		if (v->rule->of != RACE_TEAMS || (runner->views >> i & 1) == 0)
			continue;
		s = teams_sum(v, runner->team);
		s->members = more ? s->members + 1 : s->members - 1;
		if (more && s->members == 1)
			v->count++;
		if (!more && s->members == 0)
			v->count--;
		queue(v, runner->team);
	}
}

void
teams_join(struct rank *r, uint32_t slot)
{
	struct runner *runner = &r->runners[slot];
	struct team *team;

	if (runner->team == NONE)
		return;
	team = &r->teams[runner->team];
	runner->prev_mate = NONE;
	runner->next_mate = team->mates;
	if (team->mates != NONE)
		r->runners[team->mates].prev_mate = slot;
	team->mates = slot;
	count_member(r, runner, true);
}

void
teams_leave(struct rank *r, uint32_t slot)
{
	struct runner *runner = &r->runners[slot];

	if (runner->team == NONE)
		return;
	count_member(r, runner, false);
	if (runner->prev_mate != NONE)
		r->runners[runner->prev_mate].next_mate = runner->next_mate;
	else
		r->teams[runner->team].mates = runner->next_mate;
	if (runner->next_mate != NONE)
		r->runners[runner->next_mate].prev_mate = runner->prev_mate;
	runner->team = NONE;
}

/* ---- the best ---- */

static uint32_t
scorers(const struct view *v)
{
	return v->rule->best > 0 ? v->rule->best : 1;
}

/* Takes the scorer in if it is among the best. */
static void
insert(struct sum *s, uint32_t limit, uint32_t runner, int64_t elapsed_us)
{
	uint32_t i;

	if (s->best_count == limit &&
	    elapsed_us >= s->best[limit - 1].elapsed_us)
		return;
	s->best = xgrow(s->best, &s->best_cap, s->best_count, sizeof *s->best);
	if (s->best_count < limit)
		s->best_count++;
	for (i = s->best_count - 1;
	     i > 0 && s->best[i - 1].elapsed_us > elapsed_us; i--)
		s->best[i] = s->best[i - 1];
	s->best[i] = (struct scorer){ elapsed_us, runner };
}

/*
 * Among the best are all that count, or the first `limit` of them.  Who gets
 * worse or leaves makes room for one that is not known here: then they are
 * searched once, before somebody looks.
 */
static void
rescore(struct sum *s, uint32_t limit, uint32_t runner, int64_t was_us,
    int64_t now_us)
{
	uint32_t i = 0;

	if ((s->flags & SUM_SEARCH) != 0)
		return;
	while (i < s->best_count && s->best[i].runner != runner)
		i++;
	if (was_us >= 0 && i < s->best_count) {
		if ((now_us < 0 || now_us > was_us) &&
		    s->counted > s->best_count) {
			s->flags |= SUM_SEARCH;
			return;
		}
		s->best_count--;
		memmove(s->best + i, s->best + i + 1,
		    (s->best_count - i) * sizeof *s->best);
	}
	if (now_us >= 0)
		insert(s, limit, runner, now_us);
}

static void
search(const struct view *v, uint32_t slot)
{
	const struct rank *r = v->rank;
	struct sum *s = teams_sum(v, slot);

	s->flags &= (uint8_t)~SUM_SEARCH;
	s->best_count = 0;
	for (uint32_t i = r->teams[slot].mates; i != NONE;
	     i = r->runners[i].next_mate) {
		const struct share *share =
		    &r->shares[i * r->team_views + v->column];

		if (share->elapsed_us >= 0)
			insert(s, scorers(v), i, share->elapsed_us);
	}
}

/* ---- sums ---- */

/* What a runner adds to the team with which it was last settled. */
void
teams_share(struct view *v, uint32_t runner, const struct share *share)
{
	struct rank *r = v->rank;
	uint32_t team = r->runners[runner].settled_team;
	struct share *was = &r->shares[runner * r->team_views + v->column];
	struct sum *s;

	if (team == NONE ||
	    (was->elapsed_us == share->elapsed_us &&
	        was->metres == share->metres &&
	        was->finisher == share->finisher))
		return;
	s = teams_sum(v, team);
	if (v->rule->score == RACE_SCORE_TIME) {
		rescore(s, scorers(v), runner, was->elapsed_us,
		    share->elapsed_us);
	} else {
		s->metres += share->metres;
		s->metres -= was->metres;
		if (share->elapsed_us >= 0)
			s->elapsed_us += (uint64_t)share->elapsed_us;
		if (was->elapsed_us >= 0)
			s->elapsed_us -= (uint64_t)was->elapsed_us;
	}
	s->counted += share->elapsed_us >= 0;
	s->counted -= was->elapsed_us >= 0;
	s->finishers += share->finisher;
	s->finishers -= was->finisher;
	*was = *share;
	queue(v, team);
}

static int64_t
total(const struct sum *s)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < s->best_count; i++)
		sum += s->best[i].elapsed_us;
	return sum;
}

static void
key_time(const struct view *v, const struct sum *s, struct race_key *out)
{
	int64_t sum = total(s);

	if (s->best_count < scorers(v)) {
		out->group = RACE_GROUP_RUNNING;
		out->key[0] = -(int64_t)s->best_count;
		out->key[1] = sum;
		return;
	}
	out->group = RACE_GROUP_PLACED;
	out->key[0] = sum;
	out->key[1] = s->best[s->best_count - 1].elapsed_us;
	out->key[2] = s->best[0].elapsed_us;
}

static void
key_km(const struct sum *s, struct race_key *out)
{
	if (s->metres == 0) {
		out->group = RACE_GROUP_RUNNING;
		return;
	}
	out->group = RACE_GROUP_PLACED;
	out->key[0] = -(int64_t)s->metres;
	out->key[1] = -(int64_t)s->counted;
	out->key[2] = (int64_t)s->elapsed_us;
}

static void
settle_team(struct view *v, uint32_t slot)
{
	struct sum *s = teams_sum(v, slot);
	struct race_key key = { 0 };

	s->flags &= (uint8_t)~SUM_QUEUED;
	if ((s->flags & SUM_SEARCH) != 0)
		search(v, slot);
	if (v->rule->score == RACE_SCORE_TIME)
		key_time(v, s, &key);
	else
		key_km(s, &key);
	rank_set(v, slot, &s->cell, s->members > 0 ? &key : NULL);
}

void
teams_settle(struct view *v)
{
	for (size_t i = 0; i < v->queued.count; i++)
		settle_team(v, v->queued.slots[i]);
	v->queued.count = 0;
}

void
teams_row(const struct view *v, uint32_t slot, struct race_row *out)
{
	const struct sum *s = teams_sum(v, slot);
	bool km = v->rule->score == RACE_SCORE_KM;

	out->status = s->cell.key.group == RACE_GROUP_PLACED ? RACE_FINISHED
	                                                     : RACE_RUNNING;
	out->counted = km ? s->counted : s->best_count;
	out->elapsed_us = -1;
	if (out->counted > 0)
		out->elapsed_us = km ? (int64_t)s->elapsed_us : total(s);
	out->metres = s->metres < UINT32_MAX ? (uint32_t)s->metres : UINT32_MAX;
	out->point = -1;
	out->splits = NULL;
	out->split_count = 0;
	out->finishers = s->finishers;
	out->bound_us = 0;
	out->clock = 0;
}
