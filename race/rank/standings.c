/*
 * standings - the places of runners, where those are what a ranking of teams
 * adds up: of all that pass its filters, with a team or without, complete or
 * not.
 *
 * A crossing moves one runner, in O(log n).  Places follow when somebody asks,
 * of those alone between the first and the last that were moved, or behind the
 * first if somebody has come or gone; in a race with one gun that is who came
 * in last.
 */
#include <stdlib.h>

#include "common/xalloc.h"
#include "race/rank/core.h"

struct standing {
	struct race_key key;
	uint32_t place; /* as last settled, 0: none */
	bool placed;
	bool queued;
};

struct standings {
	struct places places;
	struct standing *by_slot;
	size_t cap;
	size_t count;
	struct slots queued;
	/* From which place to which one somebody was moved. */
	uint32_t from;
	uint32_t to;
};

static const struct race_key *
key_of(const void *view, uint32_t slot)
{
	const struct view *v = view;

	return &v->standings->by_slot[slot].key;
}

static const char *
label_of(const void *view, uint32_t slot)
{
	const struct view *v = view;

	return v->rank->runners[slot].bib;
}

void
standings_init(struct view *v)
{
	struct standings *st;

	if (v->rule->of != RACE_TEAMS || v->rule->score != RACE_SCORE_PLACES)
		return;
	st = xcalloc(1, sizeof *st);
	st->from = UINT32_MAX;
	st->places = (struct places){ NULL, key_of, label_of, v };
	st->places.order = order_new(places_cmp, &st->places);
	v->standings = st;
}

void
standings_close(struct view *v)
{
	if (v->standings == NULL)
		return;
	order_free(v->standings->places.order);
	free(v->standings->by_slot);
	free(v->standings->queued.slots);
	free(v->standings);
}

static struct standing *
standing_of(struct standings *st, uint32_t slot)
{
	while (st->count <= slot) {
		st->by_slot = xgrow(st->by_slot, &st->cap, st->count,
		    sizeof *st->by_slot);
		st->by_slot[st->count++] = (struct standing){ 0 };
	}
	return &st->by_slot[slot];
}

static void
touch_place(struct standings *st, uint32_t place)
{
	if (place == 0)
		return;
	if (place < st->from)
		st->from = place;
	if (place > st->to)
		st->to = place;
}

void
standings_note(struct view *v, uint32_t slot, const struct facts *f,
    struct share *share)
{
	struct standings *st = v->standings;
	struct standing *s = standing_of(st, slot);
	struct race_key key = { 0 };
	bool placed = false;

	if (f != NULL) {
		people_key(v->rank, v->rule, slot, f, &key);
		placed = key.group == RACE_GROUP_PLACED;
	}
	if (placed != s->placed || (placed && !rank_same_key(&key, &s->key))) {
		touch_place(st, s->place);
		if (placed)
			s->key = key;
		s->placed = placed;
		order_touch(st->places.order, slot, placed);
		if (!s->queued)
			rank_list(&st->queued, slot);
		s->queued = true;
	}
	/* The place that he had, until all are known. */
	if (placed) {
		share->able = true;
		if (s->place > 0)
			share->score = s->place;
	}
}

static void
give_place(struct view *v, uint32_t slot, uint32_t place)
{
	struct share share = *teams_share_of(v, slot);

	v->standings->by_slot[slot].place = place;
	share.score = place;
	teams_share(v, slot, &share);
}

/* From where on places may be others. */
static void
find_range(struct standings *st)
{
	for (size_t i = 0; i < st->queued.count; i++) {
		uint32_t slot = st->queued.slots[i];
		struct standing *s = &st->by_slot[slot];
		struct places_line line;

		s->queued = false;
		if (!s->placed) {
			s->place = 0;
			continue;
		}
		(void)places_find(&st->places, slot, &line);
		touch_place(st, line.place);
	}
}

void
standings_settle(struct view *v)
{
	struct standings *st = v->standings;
	struct places_line lines[64];
	bool done;
	size_t n;

	if (st == NULL || st->queued.count == 0)
		return;
	find_range(st);
	done = st->from == UINT32_MAX;
	for (size_t at = st->from - 1; !done; at += n) {
		n = places_lines(&st->places, at, lines,
		    sizeof lines / sizeof *lines);
		done = n == 0;
		for (size_t i = 0; i < n && !done; i++) {
			uint32_t was = st->by_slot[lines[i].slot].place;

			if (was != lines[i].place)
				give_place(v, lines[i].slot, lines[i].place);
			else
				/* Nobody was moved from here on. */
				done = lines[i].place > st->to;
		}
	}
	st->queued.count = 0;
	st->from = UINT32_MAX;
	st->to = 0;
}
