/*
 * results - the lines of the palmarès: with whom they share a place, and in
 * which parts of which subjects they lie.
 */
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/season/core.h"
#include "race/season/listed.h"

void
ring_add(struct season *s, enum ring ring, uint32_t *first, uint32_t slot)
{
	struct result *r = &s->results[slot];

	r->links[ring] = (struct ring_link){ *first, NONE };
	if (*first != NONE)
		s->results[*first].links[ring].prev = slot;
	*first = slot;
}

void
ring_remove(struct season *s, enum ring ring, uint32_t *first, uint32_t slot)
{
	const struct ring_link *l = &s->results[slot].links[ring];

	if (l->prev == NONE)
		*first = l->next;
	else
		s->results[l->prev].links[ring].next = l->next;
	if (l->next != NONE)
		s->results[l->next].links[ring].prev = l->prev;
}

/* ---- what has to be looked at again ---- */

static void
queue_award(struct season *s, uint32_t award)
{
	struct award *a = &s->awards[award];

	if (a->queued || (!s->any_tally && !s->any_ratio))
		return;
	a->queued = true;
	slots_add(&s->years[s->comps[a->comp].year]->awards, award);
}

static void
queue_spot(struct season *s, struct year *y, uint32_t spot)
{
	if (s->spots[spot].queued || !s->any_average)
		return;
	s->spots[spot].queued = true;
	slots_add(&y->spots, spot);
}

static void
queue_subject(struct season *s, struct year *y, enum season_of of,
    uint32_t subject)
{
	for (size_t i = 0; i < s->rules->table_count; i++)
		if (y->tables[i].rule->of == of)
			table_queue(&y->tables[i], subject);
}

/* ---- subjects and their parts ---- */

static uint32_t
subject_of(struct season *s, struct crowd *c, uint32_t word)
{
	uint32_t at = index_get(&c->by_word, word);

	if (at != NONE)
		return at;
	c->subjects =
	    xgrow(c->subjects, &c->cap, c->count, sizeof *c->subjects);
	at = (uint32_t)c->count++;
	c->subjects[at] = (struct subject){ .name = s->words[word].text };
	index_put(&c->by_word, word, at);
	return at;
}

/* Where the part of comp is, or belongs. */
static size_t
find_part(const struct subject *x, uint32_t comp)
{
	size_t low = 0;
	size_t high = x->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (x->parts[middle].comp < comp)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint32_t
local_of(const struct season *s, const struct result *r)
{
	return s->comps[s->awards[r->award].comp].local;
}

static struct part *
part_of(struct subject *x, uint32_t comp)
{
	size_t at = find_part(x, comp);

	if (at < x->count && x->parts[at].comp == comp)
		return &x->parts[at];
	x->parts = xgrow(x->parts, &x->cap, x->count, sizeof *x->parts);
	memmove(x->parts + at + 1, x->parts + at,
	    (x->count - at) * sizeof *x->parts);
	x->count++;
	x->parts[at] = (struct part){ .comp = comp, .first = NONE };
	return &x->parts[at];
}

static void
join_subject(struct season *s, enum season_of of, uint32_t slot)
{
	struct result *r = &s->results[slot];
	struct year *y = s->years[r->year];
	uint32_t word = identity_subject(s, of, r);
	struct part *part;

	r->subject[of] = NONE;
	if (word == NONE)
		return;
	r->subject[of] = subject_of(s, &y->crowds[of], word);
	part = part_of(&y->crowds[of].subjects[r->subject[of]], local_of(s, r));
	ring_add(s, (enum ring)of, &part->first, slot);
	part->stamp = ++s->stamp;
	queue_subject(s, y, of, r->subject[of]);
}

static void
leave_subject(struct season *s, enum season_of of, uint32_t slot)
{
	const struct result *r = &s->results[slot];
	struct year *y = s->years[r->year];
	struct subject *x;
	struct part *part;

	if (r->subject[of] == NONE)
		return;
	x = &y->crowds[of].subjects[r->subject[of]];
	part = part_of(x, local_of(s, r));
	ring_remove(s, (enum ring)of, &part->first, slot);
	part->stamp = ++s->stamp;
	queue_subject(s, y, of, r->subject[of]);
	if (part->first != NONE)
		return;
	x->count--;
	memmove(part, part + 1,
	    (size_t)(x->parts + x->count - part) * sizeof *part);
}

void
result_stamp(struct season *s, uint32_t slot)
{
	const struct result *r = &s->results[slot];
	struct year *y = s->years[r->year];

	for (enum season_of of = SEASON_RECIPIENTS; of <= SEASON_PAIRS; of++) {
		struct subject *x;

		if (!s->kinds[of] || r->subject[of] == NONE)
			continue;
		x = &y->crowds[of].subjects[r->subject[of]];
		part_of(x, local_of(s, r))->stamp = ++s->stamp;
		queue_subject(s, y, of, r->subject[of]);
	}
}

static void
join_subjects(struct season *s, uint32_t slot)
{
	struct result *r = &s->results[slot];
	uint32_t team = identity_name(s, r->team_word, "");

	r->team = s->words[team].text;
	for (enum season_of of = SEASON_RECIPIENTS; of <= SEASON_PAIRS; of++)
		if (s->kinds[of])
			join_subject(s, of, slot);
}

static void
leave_subjects(struct season *s, uint32_t slot)
{
	for (enum season_of of = SEASON_RECIPIENTS; of <= SEASON_PAIRS; of++)
		if (s->kinds[of])
			leave_subject(s, of, slot);
}

void
result_rename(struct season *s, uint32_t slot)
{
	leave_subjects(s, slot);
	join_subjects(s, slot);
	queue_award(s, s->results[slot].award);
}

/* ---- results come and go ---- */

static uint32_t
spot_of(struct season *s, uint32_t award, uint32_t place)
{
	uint64_t key = index_pair(award, place);
	uint32_t at = index_get(&s->spots_by_place, key);

	if (at != NONE)
		return at;
	s->spots =
	    xgrow(s->spots, &s->spot_cap, s->spot_count, sizeof *s->spots);
	at = (uint32_t)s->spot_count++;
	s->spots[at] = (struct spot){ .first = NONE };
	index_put(&s->spots_by_place, key, at);
	return at;
}

static void
link_result(struct season *s, uint32_t slot)
{
	struct result *r = &s->results[slot];

	ring_add(s, OF_AWARD, &s->awards[r->award].first, slot);
	ring_add(s, OF_RECIPIENT, &s->words[r->recipient_word].recipients,
	    slot);
	ring_add(s, OF_TEAM, &s->words[r->team_word].teams, slot);
	if (r->spot != NONE) {
		ring_add(s, OF_SPOT, &s->spots[r->spot].first, slot);
		s->spots[r->spot].count++;
		queue_spot(s, s->years[r->year], r->spot);
	}
	join_subjects(s, slot);
	queue_award(s, r->award);
	comp_gain(s, s->awards[r->award].comp, r->r.date);
}

static void
unlink_result(struct season *s, uint32_t slot)
{
	struct result *r = &s->results[slot];

	leave_subjects(s, slot);
	ring_remove(s, OF_AWARD, &s->awards[r->award].first, slot);
	ring_remove(s, OF_RECIPIENT, &s->words[r->recipient_word].recipients,
	    slot);
	ring_remove(s, OF_TEAM, &s->words[r->team_word].teams, slot);
	if (r->spot != NONE) {
		ring_remove(s, OF_SPOT, &s->spots[r->spot].first, slot);
		s->spots[r->spot].count--;
		queue_spot(s, s->years[r->year], r->spot);
	}
	queue_award(s, r->award);
	comp_lose(s, s->awards[r->award].comp, r->r.date);
}

static uint32_t
take_slot(struct season *s)
{
	if (s->gone.count > 0)
		return s->gone.at[--s->gone.count];
	s->results = xgrow(s->results, &s->result_cap, s->result_count,
	    sizeof *s->results);
	return (uint32_t)s->result_count++;
}

static void
give_slot(struct season *s, uint32_t slot)
{
	struct result *r = &s->results[slot];

	free(r->note);
	r->used = false;
	slots_add(&s->gone, slot);
	s->live--;
}

/* The word of text, which probably is that of the result before. */
static const char *
text_near(struct season *s, const char *text, const char *before)
{
	if (before != NULL && strcmp(text, before) == 0)
		return before;
	return word_text(s, text);
}

static void
copy_texts(struct season *s, struct season_result *to,
    const struct season_result *r, const struct season_result *before)
{
	static const struct season_result nothing = { 0 };
	const struct season_result *b = before != NULL ? before : &nothing;

	*to = *r;
	to->season = text_near(s, r->season, b->season);
	to->competition = text_near(s, r->competition, b->competition);
	to->award = text_near(s, r->award, b->award);
	to->sex = text_near(s, r->sex, b->sex);
	to->category = text_near(s, r->category, b->category);
	to->date = text_near(s, r->date, b->date);
}

static uint32_t
find_award(struct season *s, const struct season_result *r, uint32_t *year)
{
	struct year *y = year_of(s, word_of(s, r->season));
	uint32_t comp = comp_of(s, y, word_of(s, r->competition));

	*year = y->number;
	return award_of(s, comp, word_of(s, r->award));
}

static void
fill(struct season *s, uint32_t slot, uint64_t key,
    const struct season_result *r)
{
	const struct result *before =
	    s->last != NONE ? &s->results[s->last] : NULL;
	struct result new = { .key = key, .used = true, .spot = NONE };

	copy_texts(s, &new.r, r, before != NULL ? &before->r : NULL);
	/* Texts are words: the same address, the same award. */
	if (before != NULL && before->r.award == new.r.award &&
	    before->r.competition == new.r.competition &&
	    before->r.season == new.r.season) {
		new.award = before->award;
		new.year = before->year;
	} else {
		new.award = find_award(s, &new.r, &new.year);
	}
	new.note = r->note[0] != '\0' ? xstrdup(r->note) : NULL;
	new.r.note = new.note != NULL ? new.note : "";
	new.recipient_word = word_of(s, r->recipient);
	new.r.recipient = s->words[new.recipient_word].text;
	new.team_word =
	    word_near(s, r->team, before != NULL ? before->team_word : NONE);
	new.r.team = s->words[new.team_word].text;
	if (r->place > 0)
		new.spot = spot_of(s, new.award, r->place);
	for (size_t i = 0; i < 3; i++)
		new.subject[i] = NONE;
	s->results[slot] = new;
	s->last = slot;
	s->live++;
}

void
season_put(struct season *s, uint64_t key, const struct season_result *r)
{
	uint32_t old = index_get(&s->results_by_key, key);
	const struct season_result *was =
	    old != NONE ? &s->results[old].r : NULL;
	uint32_t slot;

	if (was != NULL && listed_same(was, r))
		return;
	/* The new one before the old one goes: a competition of one result
	 * stays held. */
	slot = take_slot(s);
	fill(s, slot, key, r);
	link_result(s, slot);
	index_put(&s->results_by_key, key, slot);
	if (old == NONE)
		return;
	unlink_result(s, old);
	give_slot(s, old);
}

void
season_drop(struct season *s, uint64_t key)
{
	uint32_t slot = index_get(&s->results_by_key, key);

	if (slot == NONE)
		return;
	index_drop(&s->results_by_key, key);
	unlink_result(s, slot);
	give_slot(s, slot);
}

/* ---- filters and places ---- */

bool
result_passes(const struct season *s, const struct result *r, uint32_t table)
{
	const struct filter *f = &s->filters[table];

	return (s->awards[r->award].tables >> table & 1) != 0 &&
	    r->subject[s->rules->tables[table].of] != NONE &&
	    (f->sex == NULL || f->sex == r->r.sex) &&
	    (f->category == NULL || f->category == r->r.category) &&
	    (f->team == NULL || f->team == r->team);
}

static size_t
find_place(const struct tally *t, uint32_t place)
{
	size_t low = 0;
	size_t high = t->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->places[middle] < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
place_again(const struct tally *t, uint32_t written, uint32_t *place,
    uint32_t *shared)
{
	size_t at = find_place(t, written);

	*place = 0;
	*shared = 0;
	if (at == t->count || t->places[at] != written)
		return;
	*place = t->before[at] + 1;
	*shared = t->before[at + 1] - t->before[at];
}

void
result_place(const struct season *s, const struct result *r, uint32_t table,
    uint32_t *place, uint32_t *shared, int64_t *least_us)
{
	const struct award *a = &s->awards[r->award];
	bool again = s->rules->tables[table].again;

	*least_us = again ? a->tallies[table].least_us : a->least_us;
	*place = 0;
	*shared = 1;
	if (r->spot == NONE)
		return;
	if (again) {
		place_again(&a->tallies[table], r->r.place, place, shared);
		return;
	}
	*place = r->r.place;
	*shared = s->spots[r->spot].count;
}

/* ---- awards anew ---- */

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Those who pass, by place. */
static void
count_places(struct tally *t, uint32_t *all, size_t count)
{
	if (count > 0)
		qsort(all, count, sizeof *all, by_number);
	t->places = xreallocarray(NULL, count, sizeof *t->places);
	t->before = xreallocarray(NULL, count + 1, sizeof *t->before);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && all[i] == all[i - 1])
			continue;
		t->places[t->count] = all[i];
		t->before[t->count++] = (uint32_t)i;
	}
	t->before[t->count] = (uint32_t)count;
	t->placed = (uint32_t)count;
}

static struct tally
tally(const struct season *s, const struct award *a, uint32_t table)
{
	struct tally t = { .least_us = INT64_MAX };
	uint32_t *all = NULL;
	size_t count = 0;
	size_t cap = 0;

	for (uint32_t i = a->first; i != NONE;
	     i = s->results[i].links[OF_AWARD].next) {
		const struct result *r = &s->results[i];

		if (r->spot == NONE || !result_passes(s, r, table))
			continue;
		all = xgrow(all, &cap, count, sizeof *all);
		all[count++] = r->r.place;
		if (r->r.time_us > 0 && r->r.time_us < t.least_us)
			t.least_us = r->r.time_us;
	}
	count_places(&t, all, count);
	free(all);
	return t;
}

/* Those who count otherwise than before. */
static void
stamp_moved(struct season *s, const struct award *a, uint32_t table,
    const struct tally *was)
{
	const struct tally *now = &a->tallies[table];
	bool anew = s->filters[table].ratio && now->least_us != was->least_us;

	for (uint32_t i = a->first; i != NONE;
	     i = s->results[i].links[OF_AWARD].next) {
		const struct result *r = &s->results[i];
		uint32_t place[2];
		uint32_t shared[2];

		if (r->spot == NONE)
			continue;
		place_again(was, r->r.place, &place[0], &shared[0]);
		place_again(now, r->r.place, &place[1], &shared[1]);
		if (anew || place[0] != place[1] || shared[0] != shared[1])
			result_stamp(s, i);
	}
}

static void
settle_tally(struct season *s, struct award *a, struct table *t)
{
	struct tally was = a->tallies[t->number];

	a->tallies[t->number] = tally(s, a, t->number);
	if (t->rule->again)
		stamp_moved(s, a, t->number, &was);
	if (s->filters[t->number].missing &&
	    was.placed != a->tallies[t->number].placed)
		t->all = true;
	free(was.places);
	free(was.before);
}

static void
settle_least(struct season *s, struct award *a)
{
	int64_t was = a->least_us;

	a->least_us = INT64_MAX;
	for (uint32_t i = a->first; i != NONE;
	     i = s->results[i].links[OF_AWARD].next) {
		const struct result *r = &s->results[i];

		if (r->spot != NONE && r->r.time_us > 0 &&
		    r->r.time_us < a->least_us)
			a->least_us = r->r.time_us;
	}
	if (was == a->least_us)
		return;
	for (uint32_t i = a->first; i != NONE;
	     i = s->results[i].links[OF_AWARD].next)
		result_stamp(s, i);
}

static void
settle_award(struct season *s, struct year *y, struct award *a)
{
	a->queued = false;
	if (s->any_ratio)
		settle_least(s, a);
	for (size_t i = 0; i < s->rules->table_count; i++) {
		struct table *t = &y->tables[i];

		if ((a->tables & t->bit) != 0 &&
		    (t->rule->again || s->filters[i].missing))
			settle_tally(s, a, t);
	}
}

void
results_settle(struct season *s, struct year *y)
{
	for (size_t i = 0; i < y->awards.count; i++)
		settle_award(s, y, &s->awards[y->awards.at[i]]);
	y->awards.count = 0;
	for (size_t i = 0; i < y->spots.count; i++) {
		struct spot *spot = &s->spots[y->spots.at[i]];

		spot->queued = false;
		for (uint32_t k = spot->first; k != NONE;
		     k = s->results[k].links[OF_SPOT].next)
			result_stamp(s, k);
	}
	y->spots.count = 0;
}

void
results_free(struct season *s)
{
	size_t tables = s->any_tally ? s->rules->table_count : 0;

	for (size_t i = 0; i < s->result_count; i++)
		if (s->results[i].used)
			free(s->results[i].note);
	for (size_t i = 0; i < s->award_count; i++) {
		for (size_t k = 0; k < tables; k++) {
			free(s->awards[i].tallies[k].places);
			free(s->awards[i].tallies[k].before);
		}
		free(s->awards[i].tallies);
		free(s->awards[i].own);
	}
	free(s->results);
	free(s->gone.at);
	free(s->spots);
	free(s->awards);
}
