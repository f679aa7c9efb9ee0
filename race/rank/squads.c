/*
 * squads - the rows of a ranking of teams: a company's only one, or its sides
 * A, B, C: their labels, keys, and what they show.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/rank/core.h"

static bool
by_km(const struct view *v)
{
	return v->rule->score == RACE_SCORE_KM;
}

uint32_t
squads_sides(const struct view *v)
{
	return by_km(v) || v->rule->sides == 0 ? 1 : v->rule->sides;
}

/* ---- slots and labels ---- */

struct squad *
squads_at(const struct view *v, uint32_t slot)
{
	uint32_t sides = squads_sides(v);
	struct sum *s = teams_sum(v, slot / sides);

	return slot % sides == 0 ? &s->squad : &s->others[slot % sides - 1];
}

/*
 * Where companies may have several sides all carry their letter, the only side
 * too: so no name changes when a second side comes up, and the side A of Axa
 * is never taken for a company of the name "Axa A", whose own is "Axa A A".
 */
const char *
squads_label(const struct view *v, uint32_t slot)
{
	uint32_t sides = squads_sides(v);
	struct team *team = &v->rank->teams[slot / sides];
	char **label;

	if (sides == 1)
		return team->name;
	if (team->labels == NULL)
		team->labels = xcalloc(RACE_SIDES_MAX, sizeof *team->labels);
	label = &team->labels[slot % sides];
	if (*label == NULL) {
		size_t len = strlen(team->name);

		*label = xmalloc(len + 3);
		memcpy(*label, team->name, len);
		(*label)[len] = ' ';
		(*label)[len + 1] = (char)('A' + slot % sides);
		(*label)[len + 2] = '\0';
	}
	return *label;
}

uint32_t
squads_find(const struct view *v, const char *label)
{
	const struct rank *r = v->rank;
	uint32_t sides = squads_sides(v);
	size_t len = strlen(label);
	uint32_t team;
	char *name;

	if (sides == 1)
		return strmap_get(r->team_names, label);
	if (len < 2 || label[len - 2] != ' ' || label[len - 1] < 'A' ||
	    label[len - 1] >= 'A' + (char)sides)
		return NONE;
	name = xasprintf("%.*s", (int)(len - 2), label);
	team = strmap_get(r->team_names, name);
	free(name);
	return team == STRMAP_NONE
	    ? NONE
	    : team * sides + (uint32_t)(label[len - 1] - 'A');
}

/* ---- keys ---- */

/* Whether so many sides may be complete yet: somebody is still to come, and
 * with all who are there are enough. */
static bool
may_be_complete(const struct view *v, const struct sum *s, uint32_t sides)
{
	return s->able > s->counted && s->able >= sides * scorers_needed(v) &&
	    s->able_women >= sides * v->rule->women &&
	    s->able_men >= sides * v->rule->men;
}

static uint8_t
group_unplaced(bool may, uint32_t counted)
{
	if (may)
		return RACE_GROUP_RUNNING;
	return counted > 0 ? RACE_GROUP_DNF : RACE_GROUP_DNS;
}

static int64_t
score_of(const struct view *v, const struct tally *t)
{
	/* All that are placed have as many scorers: their sums are in the order
	 * of their means. */
	return v->rule->how == RACE_LAST ? t->last : t->sum;
}

static void
key_scorers(const struct view *v, const struct sum *s, uint32_t side,
    const struct tally *t, struct race_key *out)
{
	if (t->counted < scorers_needed(v)) {
		out->group =
		    group_unplaced(may_be_complete(v, s, side + 1), t->counted);
		out->key[0] = -(int64_t)t->counted;
		out->key[1] = score_of(v, t);
		return;
	}
	out->group = RACE_GROUP_PLACED;
	out->key[0] = score_of(v, t);
	out->key[1] = t->last;
	out->key[2] = t->first;
}

/*
 * Metres by runner as whole metres, then the rest in parts of 2^-42, then the
 * runners.  Two fractions whose denominators are at most RACE_ENTRIES_MAX, less
 * than 2^21, are equal or more than 2^-42 apart: nothing is rounded away that
 * would tell two teams apart.
 */
static void
key_average(const struct sum *s, struct race_key *out)
{
	const unsigned part_bits = 42;
	const unsigned count_bits = 21;
	uint64_t whole = s->metres / s->counted;
	uint64_t rest = s->metres % s->counted;
	uint64_t parts = (rest << part_bits) / s->counted;

	static_assert(RACE_ENTRIES_MAX < 1 << 21, "a count takes 21 bits");
	out->key[0] = -(int64_t)whole;
	out->key[1] = -(int64_t)(parts << count_bits | s->counted);
}

static void
key_km(const struct view *v, const struct sum *s, struct race_key *out)
{
	if (s->metres == 0) {
		out->group = group_unplaced(s->able > 0, 0);
		return;
	}
	out->group = RACE_GROUP_PLACED;
	if (v->rule->average) {
		key_average(s, out);
	} else {
		out->key[0] = -(int64_t)s->metres;
		out->key[1] = -(int64_t)s->counted;
	}
	out->key[2] = (int64_t)s->elapsed_us;
}

/* ---- putting rows right ---- */

static bool
same_tally(const struct tally *a, const struct tally *b)
{
	return a->sum == b->sum && a->first == b->first && a->last == b->last &&
	    a->counted == b->counted && a->women == b->women &&
	    a->men == b->men && a->finishers == b->finishers;
}

/* tally: NULL for no row. */
static void
settle_squad(struct view *v, uint32_t slot, const struct tally *tally)
{
	uint32_t sides = squads_sides(v);
	const struct sum *s = teams_sum(v, slot / sides);
	struct squad *q = squads_at(v, slot);
	bool was = (q->cell.flags & CELL_PRESENT) != 0;
	struct race_key key = { 0 };

	if (tally == NULL) {
		if (was)
			rank_set(v, slot, &q->cell, NULL);
		return;
	}
	if (by_km(v))
		key_km(v, s, &key);
	else
		key_scorers(v, s, slot % sides, tally, &key);
	if (was && rank_same_key(&key, &q->cell.key) &&
	    same_tally(tally, &q->tally))
		return;
	q->tally = *tally;
	rank_set(v, slot, &q->cell, &key);
}

/* Of the size that the ranking is for. */
static bool
is_listed(const struct view *v, const struct sum *s)
{
	const struct race_ranking *rule = v->rule;

	return s->members > 0 && s->members >= rule->size_min &&
	    (rule->size_max == 0 || s->members <= rule->size_max);
}

static void
settle_team(struct view *v, uint32_t team)
{
	struct tally tallies[RACE_SIDES_MAX];
	struct sum *s = teams_sum(v, team);
	uint32_t sides = squads_sides(v);
	size_t count = 0;

	s->flags &= (uint8_t)~SUM_QUEUED;
	if (is_listed(v, s) && by_km(v)) {
		tallies[0] = (struct tally){ .sum = (int64_t)s->elapsed_us,
			.counted = s->counted,
			.finishers = s->finishers };
		count = 1;
	} else if (is_listed(v, s)) {
		count = scorers_tally(v, team, tallies);
	}
	for (uint32_t i = 0; i < sides; i++)
		settle_squad(v, team * sides + i,
		    i < count ? &tallies[i] : NULL);
}

void
squads_settle(struct view *v)
{
	for (size_t i = 0; i < v->queued.count; i++)
		settle_team(v, v->queued.slots[i]);
	v->queued.count = 0;
}

/* ---- what they show ---- */

static enum race_status
status_of(enum race_group group)
{
	switch (group) {
	case RACE_GROUP_PLACED:
		return RACE_FINISHED;
	case RACE_GROUP_DNF:
		return RACE_DNF;
	case RACE_GROUP_DNS:
		return RACE_DNS;
	case RACE_GROUP_RUNNING:
	case RACE_GROUP_OTL:
	case RACE_GROUP_DSQ:
	case RACE_GROUP_NC:
		break;
	}
	return RACE_RUNNING;
}

/* A mean is shown with what it has over a microsecond rounded up: as a time,
 * never better than it is. */
static int64_t
time_shown(const struct view *v, const struct tally *t)
{
	if (by_km(v))
		return t->sum;
	if (v->rule->how != RACE_MEAN)
		return score_of(v, t);
	return (t->sum + t->counted - 1) / t->counted;
}

void
squads_row(const struct view *v, uint32_t slot, struct race_row *out)
{
	const struct sum *s = teams_sum(v, slot / squads_sides(v));
	const struct squad *q = squads_at(v, slot);
	const struct tally *t = &q->tally;
	bool quota = v->rule->women > 0 || v->rule->men > 0;

	*out = (struct race_row){
		.label = out->label,
		.status = status_of((enum race_group)q->cell.key.group),
		.sort = q->cell.key,
		.elapsed_us = -1,
		.point = -1,
		.counted = t->counted,
		.finishers = t->finishers,
		.women = quota ? t->women : 0,
		.men = quota ? t->men : 0,
	};
	out->metres = s->metres < UINT32_MAX ? (uint32_t)s->metres : UINT32_MAX;
	if (t->counted == 0)
		return;
	if (v->rule->score == RACE_SCORE_PLACES)
		out->places = (uint32_t)score_of(v, t);
	else
		out->elapsed_us = time_shown(v, t);
}
