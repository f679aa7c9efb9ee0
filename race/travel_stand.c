/* Standing somewhere. */
#include <assert.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "race/travel_core.h"

/* ---- looking for a moment ---- */

/* The first era holds for what came before it, too: nothing is there then. */
static struct travel_era *
era_at(const struct travel *t, size_t moment)
{
	size_t i = t->era_count - 1;

	while (i > 0 && t->eras[i]->first > moment)
		i--;
	return t->eras[i];
}

/* How many were there up to that moment. */
static size_t
versions_until(const struct past_rows *r, size_t moment)
{
	size_t low = 0;
	size_t high = r->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->versions[middle].moment <= moment)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct stop *
stop_at(const struct travel_era *era, size_t moment)
{
	size_t low = 0;
	size_t high = era->stop_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (era->stops[middle].moment <= moment)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? &era->stops[low - 1] : NULL;
}

static void
outlook_at(const struct travel_era *era, size_t v, size_t moment,
    struct race_outlook *out)
{
	const struct past_ranking *p = &era->rankings[v];
	size_t low = 0;
	size_t high = p->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->foresights[middle].moment <= moment)
			low = middle + 1;
		else
			high = middle;
	}
	*out = (struct race_outlook){ .open = false };
	if (low > 0)
		travel_unpack_outlook(era->rows.data +
		        p->foresights[low - 1].at,
		    out);
}

const struct race_rules *
travel_rules(const struct travel *t, size_t moment)
{
	return era_at(t, moment)->rules;
}

size_t
travel_before(const struct travel *t, size_t moment, size_t ranking)
{
	const struct travel_era *era = era_at(t, moment);
	const struct past_rows *r = &era->rankings[ranking].rows;
	size_t n = versions_until(r, moment);
	/* Since when it is as it is shown. */
	size_t shown = n > 0 ? r->versions[n - 1].moment : era->first;

	while (n > 0 && r->versions[n - 1].moment == shown)
		n--;
	if (n > 0)
		return r->versions[n - 1].moment;
	if (shown > era->first)
		return era->first;
	return era->first > 1 ? era->first - 1 : 1;
}

size_t
travel_behind(const struct travel *t, size_t moment, size_t ranking)
{
	const struct travel_era *era = era_at(t, moment);
	const struct past_rows *r = &era->rankings[ranking].rows;
	size_t n = versions_until(r, moment);

	if (n < r->count)
		return r->versions[n].moment;
	for (size_t i = 0; i < t->era_count; i++)
		if (t->eras[i]->first > moment)
			return t->eras[i]->first;
	return t->log.count;
}

/* ---- standing there ---- */

void
travel_leave(struct stand *s)
{
	board_free(s->board);
	roster_free(s->roster);
	free(s->seen);
	free(s->listed);
	*s = (struct stand){ 0 };
}

typedef void (*put_fn)(struct stand *s, const char *label, uint32_t at);

/* Each slot once, though it be changed often in between. */
static void
list_slot(struct stand *s, uint32_t slot, uint32_t at)
{
	while (s->seen_count <= slot) {
		s->seen = xgrow(s->seen, &s->seen_cap, s->seen_count,
		    sizeof *s->seen);
		s->seen[s->seen_count++] = (struct seen){ 0 };
	}
	if (s->seen[slot].turn == s->turn)
		return;
	s->seen[slot] = (struct seen){ s->turn, at };
	s->listed = xgrow(s->listed, &s->listed_cap, s->listed_count,
	    sizeof *s->listed);
	s->listed[s->listed_count++] = slot;
}

static int
by_slot(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;

	return (*x > *y) - (*x < *y);
}

/* In the order of the slots, in which the board has its lines: on long jumps
 * memory is what takes the time. */
static void
put_listed(struct stand *s, const struct past_rows *r, put_fn put)
{
	if (s->listed_count > r->slot_count / 16) {
		for (uint32_t slot = 0; slot < s->seen_count; slot++)
			if (s->seen[slot].turn == s->turn)
				put(s, r->slots[slot].label, s->seen[slot].at);
		return;
	}
	if (s->listed_count > 0)
		qsort(s->listed, s->listed_count, sizeof *s->listed, by_slot);
	for (size_t i = 0; i < s->listed_count; i++) {
		uint32_t slot = s->listed[i];

		put(s, r->slots[slot].label, s->seen[slot].at);
	}
}

/* From the first `from` versions to the first `to` of them. */
static void
move(struct stand *s, const struct past_rows *r, size_t from, size_t to,
    put_fn put)
{
	s->turn++;
	s->listed_count = 0;
	for (size_t i = to; i > from; i--)
		list_slot(s, r->versions[i - 1].slot, r->versions[i - 1].at);
	for (size_t i = to; i < from; i++) {
		const struct version *v = &r->versions[i];

		list_slot(s, v->slot,
		    v->before != NONE ? r->versions[v->before].at : NONE);
	}
	put_listed(s, r, put);
}

static void
put_row(struct stand *s, const char *label, uint32_t at)
{
	int64_t splits[TRAVEL_SPLITS];
	struct race_row row;

	if (at == NONE) {
		board_remove(s->board, label, 1);
		return;
	}
	travel_unpack_row(s->era->rows.data + at, splits, &row);
	row.label = label;
	board_put(s->board, &row, 1);
}

/* One event says it all, each time later. */
static void
put_entry(struct stand *s, const char *label, uint32_t at)
{
	static const struct race_id one = { 0 };

	s->turns++;
	if (at == NONE)
		(void)roster_remove(s->roster, s->turns, one, label);
	else
		(void)roster_put(s->roster, s->turns, one, s->era->bodies[at]);
}

static void
stand_in(struct stand *s, const struct travel_era *era, size_t ranking)
{
	assert(era != NULL);
	if (s->era != era) {
		travel_leave(s);
		s->roster = roster_new(0);
	}
	if (s->era != era || s->ranking != ranking) {
		board_free(s->board);
		s->board = NULL;
		s->rows = 0;
	}
	s->era = era;
	s->ranking = ranking;
	if (s->board == NULL && ranking < era->rules->ranking_count)
		s->board = board_new();
}

void
travel_to(struct travel *t, size_t moment, size_t ranking,
    struct travel_scene *out)
{
	const struct travel_era *era = era_at(t, moment);
	const struct stop *stop = stop_at(era, moment);
	struct stand *s = &t->stand;
	struct race_outlook outlook;
	size_t to;

	if (stop != NULL)
		moment = stop->moment;
	stand_in(s, era, ranking);
	to = versions_until(&era->entries, moment);
	move(s, &era->entries, s->entries, to, put_entry);
	s->entries = to;
	if (s->board != NULL) {
		const struct past_ranking *p = &era->rankings[ranking];

		to = versions_until(&p->rows, moment);
		move(s, &p->rows, s->rows, to, put_row);
		s->rows = to;
		outlook_at(era, ranking, moment, &outlook);
		board_expect(s->board, &outlook);
	}
	*out = (struct travel_scene){ .moment = moment,
		.rules = era->rules,
		.board = s->board,
		.roster = s->roster,
		.as_of_us = stop != NULL ? stop->as_of_us : RACE_NO_TIME };
}
