#include "support/effects.h"

#include <stdlib.h>
#include <string.h>

static bool
same_id(struct race_id a, struct race_id b)
{
	return a.stream == b.stream && a.seq == b.seq;
}

static bool
later(const struct model_event *a, const struct model_event *b)
{
	if (a->event.made_us != b->event.made_us)
		return a->event.made_us > b->event.made_us;
	if (a->id.stream != b->id.stream)
		return a->id.stream > b->id.stream;
	return a->id.seq > b->id.seq;
}

/* ---- what holds ---- */

/* In order, each once. */
struct said {
	const struct model_event **all;
	bool *holds;
	size_t count;
};

static bool
undoes(const struct model_event *by, const struct model_event *e)
{
	const struct race_decision *d = by->event.decision;

	if (by->event.kind != RACE_DECISION || !later(by, e))
		return false;
	return (d->verb == RACE_UNDO && same_id(d->target, e->id)) ||
	    same_id(d->replaces, e->id);
}

static int
by_order(const void *a, const void *b)
{
	const struct model_event *const *x = a;
	const struct model_event *const *y = b;

	return later(*x, *y) ? 1 : later(*y, *x) ? -1 : 0;
}

static struct said
all_said(const struct model_event *events, size_t count)
{
	struct said s = { calloc(count + 1, sizeof(*s.all)),
		calloc(count + 1, sizeof(*s.holds)), 0 };
	size_t once = 0;

	for (size_t i = 0; i < count; i++)
		if (events[i].event.kind == RACE_DECISION ||
		    events[i].event.kind == RACE_AWARD ||
		    events[i].event.kind == RACE_GUN)
			s.all[s.count++] = &events[i];
	qsort(s.all, s.count, sizeof(*s.all), by_order);
	for (size_t i = 0; i < s.count; i++)
		if (once == 0 || !same_id(s.all[once - 1]->id, s.all[i]->id))
			s.all[once++] = s.all[i];
	s.count = once;
	/* From the latest back: who could undo it has been decided. */
	for (size_t i = s.count; i-- > 0;) {
		s.holds[i] = true;
		for (size_t k = i + 1; k < s.count; k++)
			if (s.holds[k] && undoes(s.all[k], s.all[i]))
				s.holds[i] = false;
	}
	return s;
}

static void
forget(struct said *s)
{
	free(s->all);
	free(s->holds);
}

bool
effects_hold(const struct model_event *events, size_t count, struct race_id id)
{
	struct said s = all_said(events, count);
	bool holds = false;

	for (size_t i = 0; i < s.count; i++)
		if (same_id(s.all[i]->id, id))
			holds = s.holds[i];
	forget(&s);
	return holds;
}

/* ---- what follows: called in order, so that the latest has the last word ---
 */

static size_t
amendment_of(struct effects *e, struct race_id read)
{
	for (size_t i = 0; i < e->amendment_count; i++)
		if (same_id(e->amendments[i].read, read))
			return i;
	e->amendments[e->amendment_count].read = read;
	return e->amendment_count++;
}

static size_t
ruling_of(struct effects *e, const char *bib)
{
	for (size_t i = 0; i < e->ruling_count; i++)
		if (strcmp(e->rulings[i].bib, bib) == 0)
			return i;
	e->rulings[e->ruling_count].bib = bib;
	return e->ruling_count++;
}

static void
set_gun(struct effects *e, const struct race_rules *rules, const char *wave,
    int64_t gun_us)
{
	size_t i = 0;

	if (strcmp(wave, "") == 0 && rules->wave_count > 0)
		wave = rules->waves[0].name;
	while (i < e->gun_count && strcmp(e->guns[i].wave, wave) != 0)
		i++;
	if (i == e->gun_count)
		e->gun_count++;
	e->guns[i].wave = wave;
	e->guns[i].gun_us = gun_us;
}

static void
add_read(struct effects *e, struct race_id id, const struct race_decision *d)
{
	size_t i = 0;

	/* Of times that are set, the latest alone. */
	while (i < e->added_count &&
	    (d->verb != RACE_SET_TIME || !e->added[i].set ||
	        strcmp(e->added[i].bib, d->bib) != 0 ||
	        strcmp(e->added[i].point, d->point) != 0))
		i++;
	if (i == e->added_count)
		e->added_count++;
	e->added[i].id = id;
	e->added[i].bib = d->bib;
	e->added[i].point = d->point;
	e->added[i].time_us = d->time_us;
	e->added[i].set = d->verb == RACE_SET_TIME;
}

static void
say_entry(struct effects *e, const struct model_event *by, const char *bib,
    const struct race_entry *entry)
{
	size_t i = e->entry_count++;

	e->entries[i].made_us = by->event.made_us;
	e->entries[i].id = by->id;
	e->entries[i].bib = bib;
	e->entries[i].entry = entry;
}

static void
take_decision(struct effects *e, const struct race_rules *rules,
    const struct model_event *by)
{
	const struct race_decision *d = by->event.decision;
	size_t i;

	if (d->verb == RACE_VOID_READ)
		e->amendments[amendment_of(e, d->target)].voided = true;
	if (d->verb == RACE_MOVE_READ) {
		i = amendment_of(e, d->target);
		if (strcmp(d->bib, "") != 0)
			e->amendments[i].bib = d->bib;
		if (strcmp(d->point, "") != 0)
			e->amendments[i].point = d->point;
	}
	if (d->verb == RACE_SWAP) {
		e->amendments[amendment_of(e, d->target)].bib = d->other_bib;
		e->amendments[amendment_of(e, d->other_target)].bib = d->bib;
	}
	if (d->verb == RACE_ADD_READ || d->verb == RACE_SET_TIME)
		add_read(e, by->id, d);
	if (d->verb == RACE_SET_STATUS)
		e->rulings[ruling_of(e, d->bib)].status = d->status;
	if (d->verb == RACE_PENALTY)
		e->rulings[ruling_of(e, d->bib)].penalty_us += d->amount_us;
	if (d->verb == RACE_SET_START)
		e->rulings[ruling_of(e, d->bib)].start_us = d->time_us;
	if (d->verb == RACE_SET_GUN)
		set_gun(e, rules, d->wave, d->time_us);
	if (d->verb == RACE_SET_ENTRY && strcmp(d->bib, "") != 0 &&
	    strcmp(d->bib, d->entry->bib) != 0)
		say_entry(e, by, d->bib, NULL);
	if (d->verb == RACE_SET_ENTRY)
		say_entry(e, by, d->entry->bib, d->entry);
	if (d->verb == RACE_REMOVE_ENTRY)
		say_entry(e, by, d->bib, NULL);
}

void
effects_find(struct effects *out, const struct race_rules *rules,
    const struct model_event *events, size_t count)
{
	struct said s = all_said(events, count);

	*out = (struct effects){ 0 };
	out->amendments = calloc(2 * s.count + 1, sizeof(*out->amendments));
	out->added = calloc(s.count + 1, sizeof(*out->added));
	out->rulings = calloc(s.count + 1, sizeof(*out->rulings));
	out->guns = calloc(s.count + 1, sizeof(*out->guns));
	out->entries = calloc(2 * s.count + count + 1, sizeof(*out->entries));
	for (size_t i = 0; i < count; i++) {
		const struct race_event *e = &events[i].event;

		if (e->kind == RACE_ENTRY)
			say_entry(out, &events[i], e->entry.bib, &e->entry);
		if (e->kind == RACE_ENTRY_GONE)
			say_entry(out, &events[i], e->entry_gone, NULL);
	}
	for (size_t i = 0; i < s.count; i++) {
		const struct race_event *e = &s.all[i]->event;

		if (s.holds[i] && e->kind == RACE_DECISION)
			take_decision(out, rules, s.all[i]);
		if (s.holds[i] && e->kind == RACE_GUN)
			set_gun(out, rules, e->gun.wave, e->gun.gun_us);
	}
	forget(&s);
}

void
effects_free(struct effects *e)
{
	free(e->amendments);
	free(e->added);
	free(e->rulings);
	free(e->guns);
	free(e->entries);
}

bool
effects_stronger(int64_t a_us, struct race_id a, int64_t b_us, struct race_id b)
{
	if ((a.stream == MODEL_FILES) != (b.stream == MODEL_FILES))
		return b.stream == MODEL_FILES;
	if (a_us != b_us)
		return a_us > b_us;
	if (a.stream != b.stream)
		return a.stream > b.stream;
	return a.seq > b.seq;
}
