#include "control/doubts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/strmap.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "control/chips.h"
#include "control/prose.h"

enum {
	INDENT = 2,
	SHOWN = 5,   /* of each kind */
	NEAR = 16,   /* decisions of one command that are tried */
	HALVES = 20, /* undone at once, beside which another is looked for */
};

struct chip {
	char *name;
	char *bib;   /* who has its reads: the lower one */
	char *other; /* who wears it as well, NULL: nobody */
};

/* Who wears what. */
struct doubts {
	struct strmap *index;
	struct chip *all;
	size_t count;
	size_t cap;
};

struct printer {
	FILE *out;
	const struct doubts *before;
	struct doubts *after;
	const struct correct *correct;
	struct book *book;
	uint64_t tries; /* names of undos that were tried */
	bool begun;
};

/* ---- chips ---- */

static void
wear(struct doubts *d, const char *chip, const char *bib)
{
	uint32_t i = strmap_get(d->index, chip);
	struct chip *is;

	if (i == STRMAP_NONE) {
		d->all = xgrow(d->all, &d->cap, d->count, sizeof *d->all);
		d->all[d->count] =
		    (struct chip){ .name = xstrdup(chip), .bib = xstrdup(bib) };
		strmap_put(d->index, chip, (uint32_t)d->count++);
		return;
	}
	is = &d->all[i];
	free(is->other);
	if (text_label_cmp(bib, is->bib) < 0) {
		is->other = is->bib;
		is->bib = xstrdup(bib);
	} else {
		is->other = xstrdup(bib);
	}
}

struct doubts *
doubts_begin(const struct roster *roster)
{
	struct doubts *d = xcalloc(1, sizeof *d);
	size_t slots = roster_slots(roster);

	d->index = strmap_new();
	for (size_t i = 0; i < slots; i++) {
		const char *bib;
		const struct race_entry *e = roster_at(roster, i, &bib);

		for (size_t k = 0; e != NULL && k < e->chip_count; k++)
			wear(d, e->chips[k], bib);
	}
	return d;
}

void
doubts_free(struct doubts *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->count; i++) {
		free(d->all[i].name);
		free(d->all[i].bib);
		free(d->all[i].other);
	}
	free(d->all);
	strmap_free(d->index);
	free(d);
}

static bool
is_worn(const struct doubts *d, const char *chip)
{
	return strmap_get(d->index, chip) != STRMAP_NONE;
}

static bool
is_worn_twice(const struct doubts *d, const char *chip)
{
	return is_worn(d, chip) &&
	    d->all[strmap_get(d->index, chip)].other != NULL;
}

/* How many wear it, and one of them. */
static size_t
wearers(const struct roster *roster, const char *chip, const char **bib)
{
	size_t slots = roster_slots(roster);
	size_t count = 0;

	for (size_t i = 0; i < slots; i++) {
		const char *of;
		const struct race_entry *e = roster_at(roster, i, &of);

		for (size_t k = 0; e != NULL && k < e->chip_count; k++) {
			if (strcmp(e->chips[k], chip) != 0)
				continue;
			*bib = of;
			count++;
		}
	}
	return count;
}

static uint64_t
reads_of_chip(struct book *b, const char *chip)
{
	struct race_unknown *all;
	size_t count = rank_unknowns(b->rank, &all);
	uint64_t reads = 0;

	for (size_t i = 0; i < count; i++)
		if (all[i].kind == RACE_UNKNOWN_CHIP &&
		    strcmp(all[i].text, chip) == 0)
			reads += all[i].reads;
	free(all);
	return reads;
}

/* ---- the other half ---- */

static void
undo(struct printer *p, struct race_id target)
{
	const struct race_decision d = { .verb = RACE_UNDO,
		.by = "",
		.reason = "",
		.target = target,
		.bib = "",
		.other_bib = "",
		.point = "",
		.wave = "",
		.ranking = "",
		.text = "" };
	/* Behind all that was decided, and all that was tried before. */
	const struct race_id id = { p->correct->job->stream,
		UINT64_MAX / 2 + ++p->tries };
	const struct race_event e = { .kind = RACE_DECISION,
		.made_us = p->correct->job->made_us,
		.decision = &d };

	(void)book_apply(p->book, id, &e);
}

/* Whether one person wears the chip when that decision is undone; *bib is for
 * free(). */
static bool
would_mend(struct printer *p, const char *chip, uint64_t number, char **bib)
{
	struct rulings_item item;
	const char *of = "";
	bool mends;

	rulings_at(p->book->rulings, number - 1, &item);
	undo(p, item.id);
	mends = wearers(p->book->roster, chip, &of) == 1;
	if (mends)
		*bib = xstrdup(of);
	undo(p,
	    (struct race_id){ p->correct->job->stream,
	        UINT64_MAX / 2 + p->tries });
	return mends;
}

/* What an undo, or the undo of that, is about in the end; 0: that is nothing
 * that was decided. */
static uint64_t
root_of(const struct printer *p, const struct race_event *e)
{
	const struct story s = { .rulings = p->book->rulings };
	uint64_t number = 0;
	struct rulings_item item;

	for (size_t i = 0;
	     e->kind == RACE_DECISION && e->decision->verb == RACE_UNDO &&
	     i <= rulings_count(p->book->rulings);
	     i++) {
		number = story_number(&s, e->decision->target);
		if (number == 0)
			return 0;
		rulings_at(p->book->rulings, number - 1, &item);
		e = item.event;
	}
	return number;
}

/* Whether it is undone, or brought back, as it is. */
static bool
is_meant(const struct printer *p, uint64_t number)
{
	const struct correct *c = p->correct;

	for (size_t i = 0; i < c->count; i++)
		if (root_of(p, &c->events[i].event) == number)
			return true;
	return false;
}

/* The number to undo so that a decision holds no more, or holds again, if that
 * mends it; 0: it does not. */
static uint64_t
try_half(struct printer *p, const char *chip, struct race_id id, char **bib)
{
	const struct story s = { .rulings = p->book->rulings };
	uint64_t number = story_number(&s, id);
	struct rulings_item item;

	if (number == 0 || is_meant(p, number))
		return 0;
	rulings_at(p->book->rulings, number - 1, &item);
	if (!item.holds)
		number = item.undone_by;
	return number > 0 && would_mend(p, chip, number, bib) ? number : 0;
}

/* A command decides both halves of a transfer: of those that stand beside the
 * one that is undone, the nearest that mends it. */
static uint64_t
other_half(struct printer *p, const char *chip, uint64_t root, char **bib)
{
	struct rulings_item is;
	uint64_t number = 0;

	rulings_at(p->book->rulings, root - 1, &is);
	for (uint64_t far = 1; number == 0 && far <= NEAR; far++) {
		struct race_id id = is.id;

		id.seq -= far;
		number = try_half(p, chip, id, bib);
		id.seq = is.id.seq + far;
		if (number == 0)
			number = try_half(p, chip, id, bib);
	}
	return number;
}

/* Of all that c undoes. */
static uint64_t
find_other_half(struct printer *p, const char *chip, char **bib)
{
	const struct correct *c = p->correct;

	/* Each is compared with each: who undoes hundreds undoes a file, and
	 * no half of a transfer. */
	if (c->count > HALVES)
		return 0;
	for (size_t i = 0; i < c->count; i++) {
		uint64_t root = root_of(p, &c->events[i].event);
		uint64_t half = root > 0 ? other_half(p, chip, root, bib) : 0;

		if (half > 0)
			return half;
	}
	return 0;
}

/* ---- telling it ---- */

static void
put(struct printer *p, const char *text)
{
	if (!p->begun)
		fputs("\nTo be looked at:\n", p->out);
	p->begun = true;
	prose_put(p->out, INDENT, "", INDENT, text);
}

static void
put_rest(struct printer *p, size_t count, const char *what)
{
	char *text;

	if (count <= SHOWN)
		return;
	text = xasprintf("and %zu more %s", count - SHOWN, what);
	put(p, text);
	free(text);
}

static char *
with_reads(struct book *b, const char *chip)
{
	uint64_t reads = reads_of_chip(b, chip);

	if (reads == 0)
		return xstrdup("");
	return xasprintf(", and so %s its %" PRIu64 " crossing%s",
	    reads == 1 ? "is" : "are", reads, reads == 1 ? "" : "s");
}

/* Whose chip he wears now, who has none then: of two that were mixed up one is
 * put right.  NULL: nobody's. */
static const struct race_entry *
find_swapped(const struct printer *p, const struct race_entry *e)
{
	for (size_t i = 0; e != NULL && i < e->chip_count; i++) {
		uint32_t at = strmap_get(p->before->index, e->chips[i]);
		const struct race_entry *other = at == STRMAP_NONE
		    ? NULL
		    : roster_find(p->book->roster, p->before->all[at].bib);

		if (other != NULL && other != e && other->chip_count == 0)
			return other;
	}
	return NULL;
}

/* What to do about a chip that is nobody's, if it is no half of a transfer; for
 * free(). */
static char *
way_out(const struct printer *p, const struct chip *was)
{
	const struct race_entry *e = roster_find(p->book->roster, was->bib);
	const struct race_entry *swapped = find_swapped(p, e);
	char *what = chips_more(swapped != NULL ? swapped : e, was->name);
	char *text;

	if (swapped != NULL)
		text = xasprintf("%s gives it to %s, who has none then", what,
		    swapped->bib);
	else if (e != NULL)
		text = xasprintf("%s leaves it to him as well", what);
	else
		text = xasprintf("%s gives it to somebody", what);
	free(what);
	return text;
}

static void
put_lost(struct printer *p, const struct chip *was)
{
	char *reads = with_reads(p->book, was->name);
	char *bib = NULL;
	uint64_t half = find_other_half(p, was->name, &bib);
	char *what = half > 0
	    ? xasprintf("palmares undo %" PRIu64 " as well gives it to %s",
	          half, bib)
	    : way_out(p, was);
	char *text = xasprintf("chip %s, of %s until now, is nobody's then%s: "
	                       "%s",
	    was->name, was->bib, reads, what);

	put(p, text);
	free(text);
	free(what);
	free(bib);
	free(reads);
}

static void
put_doubled(struct printer *p, const struct chip *is)
{
	char *bib = NULL;
	uint64_t half = find_other_half(p, is->name, &bib);
	char *what = half > 0
	    ? xasprintf("palmares undo %" PRIu64, half)
	    : chips_less(roster_find(p->book->roster, is->other), is->name);
	char *text = xasprintf("chip %s is that of %s and of %s then, and its "
	                       "crossings are %s's: %s%s leaves it to %s alone",
	    is->name, is->bib, is->other, is->bib, what,
	    half > 0 ? " as well" : "", half > 0 ? bib : is->bib);

	put(p, text);
	free(text);
	free(what);
	free(bib);
}

static void
print_chips(struct printer *p)
{
	size_t lost = 0;
	size_t doubled = 0;

	for (size_t i = 0; i < p->before->count; i++) {
		const struct chip *was = &p->before->all[i];

		if (!is_worn(p->after, was->name) && lost++ < SHOWN)
			put_lost(p, was);
	}
	put_rest(p, lost, "chips that are nobody's then");
	for (size_t i = 0; i < p->after->count; i++) {
		const struct chip *is = &p->after->all[i];

		if (is->other != NULL && !is_worn_twice(p->before, is->name) &&
		    doubled++ < SHOWN)
			put_doubled(p, is);
	}
	put_rest(p, doubled, "chips of two");
}

/* ---- times ---- */

static bool
counts(const struct rank_read *r)
{
	return r->point >= 0 && (r->why == RANK_COUNTS || r->why == RANK_SET);
}

/* The first two of which the one further on is the earlier one. */
static bool
find_backwards(const struct race_rules *rules, const struct rank_read *reads,
    size_t count, const struct rank_read *pair[2])
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++)
			if (counts(&reads[i]) && counts(&reads[k]) &&
			    reads[i].time_us > reads[k].time_us &&
			    rules->points[reads[i].point].metres <
			        rules->points[reads[k].point].metres) {
				pair[0] = &reads[i];
				pair[1] = &reads[k];
				return true;
			}
	return false;
}

static void
put_backwards(struct printer *p, const char *bib,
    const struct rank_read *const pair[2])
{
	const struct race_point *points = p->book->rules->points;
	char from[STORY_MOMENT];
	char to[STORY_MOMENT];
	char *text;

	story_moment(from, &p->correct->story, pair[0]->time_us);
	story_moment(to, &p->correct->story, pair[1]->time_us);
	text = xasprintf("the times of %s run backwards then: %s at %s, but %s "
	                 "at %s "
	                 "(palmares reads %s)",
	    bib, from, points[pair[0]->point].name, to,
	    points[pair[1]->point].name, bib);
	put(p, text);
	free(text);
}

static void
print_times(struct printer *p)
{
	const struct correct *c = p->correct;
	size_t told = 0;

	for (size_t i = 0; i < c->bib_count; i++) {
		const struct rank_read *pair[2];
		struct rank_read *reads;
		size_t count = rank_reads(p->book->rank, c->bibs[i], &reads);

		if (find_backwards(p->book->rules, reads, count, pair) &&
		    told++ < SHOWN)
			put_backwards(p, c->bibs[i], pair);
		free(reads);
	}
	put_rest(p, told, "whose times run backwards");
}

void
doubts_print(FILE *out, const struct doubts *d, const struct correct *c,
    struct book *b)
{
	struct printer p = { .out = out,
		.before = d,
		.after = doubts_begin(b->roster),
		.correct = c,
		.book = b };

	print_times(&p);
	print_chips(&p);
	doubts_free(p.after);
}
