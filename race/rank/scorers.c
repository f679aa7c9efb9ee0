/*
 * scorers - which members of a company score in a ranking of teams, and for
 * which of its sides.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/rank/core.h"

/* Sides, or a quota: who scores hangs on all members, not on the best alone. */
static bool
is_picked(const struct view *v)
{
	return squads_sides(v) > 1 || v->rule->women > 0 || v->rule->men > 0;
}

uint32_t
scorers_needed(const struct view *v)
{
	const struct race_ranking *rule = v->rule;
	uint32_t quota = rule->women + rule->men;

	if (rule->best > quota)
		return rule->best;
	return quota > 0 ? quota : 1;
}

/* ---- the best ---- */

/* Takes the scorer in if it is among the best. */
static void
insert(struct sum *s, uint32_t limit, uint32_t runner, int64_t score)
{
	uint32_t i;

	if (s->best_count == limit && score >= s->best[limit - 1].score)
		return;
	s->best = xgrow(s->best, &s->best_cap, s->best_count, sizeof *s->best);
	if (s->best_count < limit)
		s->best_count++;
	for (i = s->best_count - 1; i > 0 && s->best[i - 1].score > score; i--)
		s->best[i] = s->best[i - 1];
	s->best[i] = (struct scorer){ score, runner };
}

/*
 * Among the best are all that count, or the first `limit` of them.  Who gets
 * worse or leaves makes room for one that is not known here: then they are
 * searched once, before somebody looks.
 */
void
scorers_note(const struct view *v, struct sum *s, uint32_t runner, int64_t was,
    int64_t now)
{
	uint32_t i = 0;

	if (is_picked(v) || was == now || (s->flags & SUM_SEARCH) != 0)
		return;
	while (i < s->best_count && s->best[i].runner != runner)
		i++;
	if (was >= 0 && i < s->best_count) {
		if ((now < 0 || now > was) && s->counted > s->best_count) {
			s->flags |= SUM_SEARCH;
			return;
		}
		s->best_count--;
		memmove(s->best + i, s->best + i + 1,
		    (s->best_count - i) * sizeof *s->best);
	}
	if (now >= 0)
		insert(s, scorers_needed(v), runner, now);
}

static void
search(const struct view *v, uint32_t team)
{
	const struct rank *r = v->rank;
	struct sum *s = teams_sum(v, team);

	s->flags &= (uint8_t)~SUM_SEARCH;
	s->best_count = 0;
	for (uint32_t i = r->teams[team].mates; i != NONE;
	     i = r->runners[i].next_mate) {
		const struct share *share = teams_share_of(v, i);

		if (share->score >= 0)
			insert(s, scorers_needed(v), i, share->score);
	}
}

static void
tally_best(const struct view *v, uint32_t team, struct tally *out)
{
	struct sum *s = teams_sum(v, team);

	if ((s->flags & SUM_SEARCH) != 0)
		search(v, team);
	*out = (struct tally){ .counted = s->best_count,
		.finishers = s->finishers };
	for (uint32_t i = 0; i < s->best_count; i++)
		out->sum += s->best[i].score;
	if (s->best_count > 0) {
		out->first = s->best[0].score;
		out->last = s->best[s->best_count - 1].score;
	}
}

/* ---- sides and quotas ---- */

struct candidate {
	int64_t score;
	const char *bib;
	enum team_sex sex;
	bool finisher;
	bool taken;
};

static int
by_score(const void *a, const void *b)
{
	const struct candidate *x = a;
	const struct candidate *y = b;

	if (x->score != y->score)
		return x->score < y->score ? -1 : 1;
	return text_label_cmp(x->bib, y->bib);
}

/* All that count, in order; for free(). */
static struct candidate *
line_up(const struct view *v, uint32_t team)
{
	const struct rank *r = v->rank;
	uint32_t count = teams_sum(v, team)->counted;
	struct candidate *all = xreallocarray(NULL, count + 1u, sizeof *all);
	size_t n = 0;

	for (uint32_t i = r->teams[team].mates; i != NONE;
	     i = r->runners[i].next_mate) {
		const struct share *share = teams_share_of(v, i);

		if (share->score >= 0 && n < count)
			all[n++] = (struct candidate){
				.score = share->score,
				.bib = r->runners[i].bib,
				.sex = share->sex,
				.finisher = share->finisher,
			};
	}
	if (n > 0)
		qsort(all, n, sizeof *all, by_score);
	return all;
}

static void
add(struct tally *t, struct candidate *c)
{
	c->taken = true;
	t->sum += c->score;
	t->last = c->score;
	if (t->counted == 0)
		t->first = c->score;
	t->counted++;
	t->women += c->sex == TEAM_WOMAN;
	t->men += c->sex == TEAM_MAN;
	t->finishers += c->finisher;
}

/*
 * One side out of those that are left: so many seats for women, for men, and
 * for anybody; whoever comes first takes a seat of his own sex if one is free,
 * else one for anybody, else none.
 *
 * That is the best set there is.  The sets that can be seated are the
 * independent sets of a matroid, and the greedy choice gives one that no other
 * betters in any position (Gale 1968): its k-th scorer is no slower than the
 * k-th of any set that is legal, so sum, mean and last are the least at once.
 * That nobody who sits has to move for somebody who comes: a woman sits on a
 * seat for anybody only when those for women are taken.
 */
static void
seat(const struct view *v, struct candidate *all, size_t count,
    struct tally *out)
{
	uint32_t women = v->rule->women;
	uint32_t men = v->rule->men;
	uint32_t anybody = scorers_needed(v) - women - men;

	*out = (struct tally){ 0 };
	for (size_t i = 0; i < count && women + men + anybody > 0; i++) {
		uint32_t *seats = &anybody;

		if (all[i].taken)
			continue;
		if (all[i].sex == TEAM_WOMAN && women > 0)
			seats = &women;
		else if (all[i].sex == TEAM_MAN && men > 0)
			seats = &men;
		if (*seats == 0)
			continue;
		--*seats;
		add(out, &all[i]);
	}
}

size_t
scorers_tally(const struct view *v, uint32_t team,
    struct tally out[static RACE_SIDES_MAX])
{
	struct sum *s = teams_sum(v, team);
	struct candidate *all;
	size_t sides = 1;

	if (!is_picked(v)) {
		tally_best(v, team, &out[0]);
		return 1;
	}
	all = line_up(v, team);
	seat(v, all, s->counted, &out[0]);
	/* Those of a side are its scorers; else all of the company. */
	if (squads_sides(v) == 1)
		out[0].finishers = s->finishers;
	while (sides < squads_sides(v) &&
	    out[sides - 1].counted == scorers_needed(v)) {
		seat(v, all, s->counted, &out[sides]);
		if (out[sides].counted == 0)
			break;
		sides++;
	}
	free(all);
	return sides;
}
