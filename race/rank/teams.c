/*
 * teams - the companies of a race, who is in them, and what each member adds.
 */
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/rank/core.h"

/* Of a company that is new: nothing, and room for its sides. */
static void
clear_sum(const struct view *v, struct sum *s)
{
	uint32_t others = squads_sides(v) - 1;

	*s = (struct sum){ 0 };
	if (others > 0)
		s->others = xcalloc(others, sizeof *s->others);
}

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
	r->teams[slot] = (struct team){
		.name = strmap_put(r->team_names, name, slot),
		.mates = NONE,
	};
	for (size_t i = 0; i < r->rules->ranking_count; i++)
		if (r->views[i].rule->of == RACE_TEAMS)
			clear_sum(&r->views[i], teams_sum(&r->views[i], slot));
	return slot;
}

void
teams_close(struct rank *r)
{
	for (size_t i = 0; i < r->teams_count * r->team_views; i++) {
		free(r->sums[i].best);
		free(r->sums[i].others);
	}
	for (size_t i = 0; i < r->teams_count; i++) {
		for (size_t k = 0;
		     r->teams[i].labels != NULL && k < RACE_SIDES_MAX; k++)
			free(r->teams[i].labels[k]);
		free(r->teams[i].labels);
	}
	free(r->teams);
	free(r->sums);
}

struct sum *
teams_sum(const struct view *v, uint32_t team)
{
	return &v->rank->sums[team * v->rank->team_views + v->column];
}

struct share *
teams_share_of(const struct view *v, uint32_t runner)
{
	return &v->rank->shares[runner * v->rank->team_views + v->column];
}

static void
queue(struct view *v, uint32_t slot)
{
	struct sum *s = teams_sum(v, slot);

	if ((s->flags & SUM_QUEUED) != 0)
		return;
	s->flags |= SUM_QUEUED;
	rank_list(&v->queued, slot);
	v->rank->teams_queued = true;
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

/* ---- shares ---- */

static bool
same_share(const struct share *a, const struct share *b)
{
	return a->score == b->score && a->metres == b->metres &&
	    a->sex == b->sex && a->able == b->able &&
	    a->finisher == b->finisher;
}

static void
add_able(struct sum *s, const struct share *share, uint32_t one)
{
	if (!share->able)
		return;
	s->able += one;
	if (share->sex == TEAM_WOMAN)
		s->able_women += one;
	if (share->sex == TEAM_MAN)
		s->able_men += one;
}

static void
add_metres(struct sum *s, const struct share *was, const struct share *is)
{
	s->metres += is->metres;
	s->metres -= was->metres;
	if (is->score >= 0)
		s->elapsed_us += (uint64_t)is->score;
	if (was->score >= 0)
		s->elapsed_us -= (uint64_t)was->score;
}

/* What a runner adds to the team with which it was last settled. */
void
teams_share(struct view *v, uint32_t runner, const struct share *share)
{
	struct rank *r = v->rank;
	uint32_t team = r->runners[runner].settled_team;
	struct share *was = teams_share_of(v, runner);
	struct sum *s;

	if (team == NONE || same_share(was, share))
		return;
	s = teams_sum(v, team);
	if (v->rule->score == RACE_SCORE_KM)
		add_metres(s, was, share);
	else
		scorers_note(v, s, runner, was->score, share->score);
	s->counted += share->score >= 0;
	s->counted -= was->score >= 0;
	s->finishers += share->finisher;
	s->finishers -= was->finisher;
	add_able(s, share, 1);
	add_able(s, was, UINT32_MAX);
	*was = *share;
	queue(v, team);
}
