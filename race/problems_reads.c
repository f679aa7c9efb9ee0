/*
 * problems_reads - what nobody can be given: bibs, chips and points that the
 * race does not have, and lists of two people that do not fit each other; with
 * a read of each, to be moved.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "race/problems_core.h"
#include "race/rank/journal.h"
#include "race/rules.h"
#include "race/rulings.h"

/* Where the problem of an unknown word is, by kind. */
struct words {
	struct strmap *at[RACE_UNKNOWN_POINT + 1];
	uint32_t nobody;
	struct journal *decided; /* reads that an operator has spoken of */
};

/* ---- who may be meant ---- */

/* Of whom the best PROBLEM_NEAR are told. */
enum { NEAR_SOUGHT = 16 };

static bool
is_bib(void *arg, const char *word)
{
	const struct problems_job *j = arg;

	return roster_find(j->b->roster, word) != NULL;
}

static bool
is_chip(void *arg, const char *word)
{
	const struct problems_job *j = arg;

	return strmap_get(j->chips, word) != STRMAP_NONE;
}

static const struct race_entry *
owner(const struct problems_job *j, bool chip, const char *word)
{
	const char *bib;

	if (!chip)
		return roster_find(j->b->roster, word);
	return roster_at(j->b->roster, strmap_get(j->chips, word), &bib);
}

static void
judge(struct problems_job *j, struct problem_near *near,
    const struct problem_read *read)
{
	struct rank_read *reads;
	size_t count;

	if (near->clash != PROBLEM_FITS || read->id.seq == 0)
		return;
	count = rank_own_reads(j->b->rank, near->bib, &reads);
	near->clash = problems_clash(j->b->rules, reads, count, read->point,
	    read->time_us);
	free(reads);
}

static int
by_clash(const void *x, const void *y)
{
	const struct problem_near *a = x;
	const struct problem_near *b = y;

	if ((a->clash == PROBLEM_FITS) != (b->clash == PROBLEM_FITS))
		return a->clash == PROBLEM_FITS ? -1 : 1;
	if (a->slip != b->slip)
		return a->slip < b->slip ? -1 : 1;
	return text_label_cmp(a->chip[0] != '\0' ? a->chip : a->bib,
	    b->chip[0] != '\0' ? b->chip : b->bib);
}

static void
seek(struct problems_job *j, struct problem *p)
{
	bool chip = p->kind == PROBLEM_UNKNOWN_CHIP;
	struct near_match found[NEAR_SOUGHT];
	struct problem_near near[NEAR_SOUGHT] = { 0 };
	size_t n =
	    near_find(p->text, chip ? is_chip : is_bib, j, found, NEAR_SOUGHT);

	for (size_t i = 0; i < n; i++) {
		const struct race_entry *e = owner(j, chip, found[i].word);

		near[i] = (struct problem_near){
			.bib = e->bib,
			.name = e->name,
			.chip = chip ? problems_keep(j, found[i].word) : "",
			.slip = found[i].slip,
		};
		for (size_t k = 0; k < 2; k++)
			judge(j, &near[i], &p->reads[k]);
	}
	if (n > 0)
		qsort(near, n, sizeof *near, by_clash);
	p->near_count = n < PROBLEM_NEAR ? n : PROBLEM_NEAR;
	memcpy(p->near, near, p->near_count * sizeof *near);
}

/* Who is meant by all of them has to fit all. */
static void
judge_nears(struct problems_job *j, struct problem *p, struct race_id id,
    const struct race_crossing *c)
{
	const struct problem_read read = { id,
		rules_point(j->b->rules, c->point), c->time_us };

	for (size_t i = 0; i < p->near_count; i++)
		judge(j, &p->near[i], &read);
}

/* ---- what there is ---- */

static void
add_named(struct problems_job *j, struct words *w, enum problem_kind kind,
    const struct race_unknown *u)
{
	const char *text = problems_keep(j, u->text);
	struct problem *p = problems_add(j, kind);
	uint32_t at = (uint32_t)(j->out->count - 1);

	p->text = text;
	p->count = u->reads;
	p->time_us = u->first_us;
	p->point = rules_point(j->b->rules, u->point);
	if (kind == PROBLEM_NOBODY)
		w->nobody = at;
	else if (kind != PROBLEM_CONFLICT)
		strmap_put(w->at[u->kind], text, at);
	if (kind == PROBLEM_CONFLICT)
		p->amount_us = u->last_us - u->first_us;
}

static void
add_unknown(struct problems_job *j, struct words *w,
    const struct race_unknown *u)
{
	switch (u->kind) {
	case RACE_UNKNOWN_BIB:
		add_named(j, w, PROBLEM_UNKNOWN_BIB, u);
		break;
	case RACE_UNKNOWN_CHIP:
		add_named(j, w, PROBLEM_UNKNOWN_CHIP, u);
		break;
	case RACE_UNKNOWN_POINT:
		add_named(j, w, PROBLEM_UNKNOWN_POINT, u);
		break;
	case RACE_UNKNOWN_NOBODY:
		add_named(j, w, PROBLEM_NOBODY, u);
		break;
	case RACE_UNKNOWN_CONFLICT:
		add_named(j, w, PROBLEM_CONFLICT, u);
		break;
	case RACE_UNKNOWN_OPEN:
		/* More may come. */
		break;
	}
}

/* ---- a read of each ---- */

/* What an operator has voided or moved is no example any more. */
static void
take_decided(struct words *w, const struct rulings *rulings)
{
	struct rulings_item item;

	for (size_t i = 0; i < rulings_count(rulings); i++) {
		const struct race_decision *d;

		rulings_at(rulings, i, &item);
		if (!item.holds || item.event->kind != RACE_DECISION)
			continue;
		d = item.event->decision;
		if (d->verb != RACE_VOID_READ && d->verb != RACE_MOVE_READ &&
		    d->verb != RACE_SWAP)
			continue;
		*journal_at(w->decided, d->target) = 1;
		if (d->other_target.seq > 0)
			*journal_at(w->decided, d->other_target) = 1;
	}
}

/* The problem that a crossing is part of, STRMAP_NONE: none. */
static uint32_t
problem_of(const struct words *w, const struct race_crossing *c)
{
	uint32_t at = strmap_get(w->at[RACE_UNKNOWN_POINT], c->point);

	if (at != STRMAP_NONE)
		return at;
	if (c->bib[0] != '\0')
		return strmap_get(w->at[RACE_UNKNOWN_BIB], c->bib);
	if (c->chip[0] != '\0')
		return strmap_get(w->at[RACE_UNKNOWN_CHIP], c->chip);
	return w->nobody;
}

/* The two earliest, the first one first. */
static void
take_example(struct problems_job *j, struct problem *p, struct race_id id,
    const struct race_crossing *c)
{
	struct problem_read read = { id, rules_point(j->b->rules, c->point),
		c->time_us };

	for (size_t i = 0; i < 2; i++) {
		struct problem_read other = p->reads[i];

		if (other.id.seq > 0 && other.time_us <= read.time_us)
			continue;
		p->reads[i] = read;
		if (other.id.seq == 0)
			return;
		read = other;
	}
}

static void
take_moved(struct problems_job *j, struct problem *p, struct race_id id,
    const struct race_crossing *c)
{
	(void)j;
	(void)c;
	if (p->gone != NULL && p->gone_count < p->count)
		p->gone[p->gone_count++] = id;
}

/* Calls take with each crossing that is part of a problem, and that no operator
 * has spoken of. */
static void
walk(struct problems_job *j, struct words *w,
    void (*take)(struct problems_job *j, struct problem *p, struct race_id id,
        const struct race_crossing *c))
{
	for (size_t i = 0; i < crossings_count(j->c); i++) {
		struct race_id id;
		const struct race_crossing *c = crossings_at(j->c, i, &id);
		uint32_t at = problem_of(w, c);

		if (at == STRMAP_NONE || (c->flags & RACE_FLAG_LISTED) != 0 ||
		    *journal_at(w->decided, id) != 0 ||
		    crossings_revised(j->c, id))
			continue;
		take(j, &j->out->items[at], id, c);
	}
}

static void
take_nears(struct problems_job *j, struct words *w)
{
	for (size_t i = 0; i < j->out->count; i++) {
		struct problem *p = &j->out->items[i];

		if (p->kind == PROBLEM_UNKNOWN_BIB ||
		    p->kind == PROBLEM_UNKNOWN_CHIP)
			seek(j, p);
	}
	walk(j, w, judge_nears);
	for (size_t i = 0; i < j->out->count; i++) {
		struct problem *p = &j->out->items[i];

		if (p->near_count == 0)
			continue;
		qsort(p->near, p->near_count, sizeof *p->near, by_clash);
		if (p->near[0].clash == PROBLEM_FITS)
			p->other = owner(j, p->kind == PROBLEM_UNKNOWN_CHIP,
			    p->kind == PROBLEM_UNKNOWN_CHIP ? p->near[0].chip
			                                    : p->near[0].bib);
	}
}

/* All reads of a bib that somebody near is meant by, and of a point. */
static void
take_all_moved(struct problems_job *j, struct words *w)
{
	for (size_t i = 0; i < j->out->count; i++) {
		struct problem *p = &j->out->items[i];

		if (p->kind == PROBLEM_UNKNOWN_POINT ||
		    (p->kind == PROBLEM_UNKNOWN_BIB && p->other != NULL))
			p->gone = problems_room(j, p->count);
	}
	walk(j, w, take_moved);
}

void
problems_of_reads(struct problems_job *j)
{
	struct race_unknown *found;
	size_t count = rank_unknowns(j->b->rank, &found);
	struct words w = { .nobody = STRMAP_NONE, .decided = journal_new() };

	for (size_t i = 0; i <= RACE_UNKNOWN_POINT; i++)
		w.at[i] = strmap_new();
	for (size_t i = 0; i < count; i++)
		add_unknown(j, &w, &found[i]);
	if (count > 0) {
		take_decided(&w, j->b->rulings);
		walk(j, &w, take_example);
		take_nears(j, &w);
		take_all_moved(j, &w);
	}
	for (size_t i = 0; i <= RACE_UNKNOWN_POINT; i++)
		strmap_free(w.at[i]);
	journal_free(w.decided);
	free(found);
}
