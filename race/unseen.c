#include "race/unseen.h"

#include <stdlib.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/rules.h"

struct search {
	struct book *b;
	struct unseen *out;
	int64_t now_us;                       /* of the race */
	int64_t last_us[RACE_WAVES_MAX];      /* at the start, or its gun */
	const struct race_entry **candidates; /* nothing of theirs counts */
	size_t candidate_count;
};

static bool
is_sight(const struct rank_read *r, int64_t gun_us)
{
	return r->time_us >= gun_us && r->why != RANK_VOIDED &&
	    r->why != RANK_VOIDED_BY_OPERATOR && r->why != RANK_NOT_OURS;
}

/* Also one that counts nowhere, as at a point that there is not; but not one
 * of the rehearsal. */
static bool
has_read(const struct search *s, const struct race_entry *e, int64_t gun_us)
{
	struct rank_read *reads;
	size_t count = rank_reads(s->b->rank, e->bib, &reads);
	bool found = false;

	for (size_t i = 0; i < count; i++)
		found = found || is_sight(&reads[i], gun_us);
	free(reads);
	return found;
}

static void
look_at(struct search *s, const struct race_entry *e)
{
	struct rank_start start;

	if (!rank_start(s->b->rank, e->bib, &start))
		return;
	s->out->entered++;
	if (start.status == RACE_FINISHED)
		s->out->arrived = true;
	if (start.crossed_us != RACE_NO_TIME && rules_has_start(s->b->rules)) {
		s->out->timed = true;
		if (start.wave >= 0 && !start.own &&
		    start.crossed_us > s->last_us[start.wave])
			s->last_us[start.wave] = start.crossed_us;
	}
	if (start.status == RACE_STATUS_NONE)
		s->candidates[s->candidate_count++] = e;
}

/* ---- starts ---- */

static bool
is_past(const struct search *s, int64_t us)
{
	return us != RACE_NO_TIME && s->now_us != RACE_NO_TIME &&
	    us <= s->now_us;
}

static bool
wave_is_over(const struct search *s, size_t wave)
{
	int64_t gun_us = rank_wave_gun(s->b->rank, wave);

	if (!is_past(s, gun_us))
		return false;
	if (!s->out->timed)
		return true;
	return is_past(s, gun_us + s->b->rules->waves[wave].window_us) &&
	    is_past(s, s->last_us[wave] + UNSEEN_QUIET_US) &&
	    is_past(s, gun_us + UNSEEN_QUIET_US);
}

/* Whoever has no wave may yet be put into any that has a window. */
static bool
windows_are_over(const struct search *s)
{
	const struct race_rules *rules = s->b->rules;

	for (size_t i = 0; i < rules->wave_count; i++)
		if (rules->waves[i].window_us > 0 && !wave_is_over(s, i))
			return false;
	return true;
}

static bool
start_is_over(const struct search *s, const struct race_entry *e,
    const struct rank_start *start)
{
	if (start->own)
		return is_past(s,
		    start->gun_us + (s->out->timed ? UNSEEN_QUIET_US : 0));
	if (start->wave < 0 || !wave_is_over(s, (size_t)start->wave))
		return false;
	return e->wave[0] != '\0' || windows_are_over(s);
}

static void
decide(struct search *s, const struct race_entry *e)
{
	struct rank_start start;

	if (!rank_start(s->b->rank, e->bib, &start))
		return;
	if (!start_is_over(s, e, &start))
		s->out->awaited++;
	else if (!has_read(s, e, start.gun_us))
		s->out->entries[s->out->count++] = e;
}

/* ---- all of them ---- */

static int
by_bib(const void *x, const void *y)
{
	const struct race_entry *const *a = x;
	const struct race_entry *const *b = y;

	return text_label_cmp((*a)->bib, (*b)->bib);
}

void
unseen_find(struct unseen *out, struct book *b)
{
	size_t slots = roster_slots(b->roster);
	struct search s = { .b = b,
		.out = out,
		.now_us = book_as_of(b),
		.candidates = xcalloc(slots + 1, sizeof *s.candidates) };

	*out = (struct unseen){ .entries =
		                    xcalloc(slots + 1, sizeof *out->entries) };
	for (size_t i = 0; i < RACE_WAVES_MAX; i++)
		s.last_us[i] = RACE_TIME_MIN;
	for (size_t i = 0; i < slots; i++) {
		const char *bib;
		const struct race_entry *e = roster_at(b->roster, i, &bib);

		if (e != NULL)
			look_at(&s, e);
	}
	for (size_t i = 0; i < s.candidate_count; i++)
		decide(&s, s.candidates[i]);
	qsort(out->entries, out->count, sizeof *out->entries, by_bib);
	free(s.candidates);
}

void
unseen_clear(struct unseen *u)
{
	free(u->entries);
	*u = (struct unseen){ 0 };
}
