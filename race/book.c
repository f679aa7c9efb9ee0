#include "race/book.h"

#include <errno.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "race/outlook.h"
#include "race/rank/journal.h"
#include "race/rules.h"
#include "race/rulings.h"

/* ---- what operators decided ---- */

static void
on_amend(void *arg, struct race_id read, const struct rank_amendment *a)
{
	struct book *b = arg;

	rank_amend(b->rank, read, a);
}

static void
on_add(void *arg, struct race_id id, const struct rank_added *a)
{
	struct book *b = arg;

	rank_add(b->rank, id, a);
}

static void
on_rule(void *arg, const char *bib, const struct rank_ruling *what)
{
	struct book *b = arg;

	rank_rule(b->rank, bib, what);
}

static void
on_gun(void *arg, const char *wave, int64_t gun_us)
{
	struct book *b = arg;

	rank_gun(b->rank, wave, gun_us);
}

/* As the roster has it now. */
static void
tell_rank(struct book *b, const char *bib)
{
	const struct race_entry *entry = roster_find(b->roster, bib);

	if (entry != NULL)
		rank_entry(b->rank, entry);
	else
		rank_entry_gone(b->rank, bib);
}

static void
on_entry(void *arg, int64_t made_us, struct race_id id, const char *bib,
    const struct race_entry *entry, bool holds)
{
	struct book *b = arg;
	int changed;

	if (!holds)
		changed = roster_withdraw(b->roster, id, bib);
	else if (entry != NULL)
		changed = roster_put(b->roster, made_us, id, entry);
	else
		changed = roster_remove(b->roster, made_us, id, bib);
	if (changed > 0)
		tell_rank(b, bib);
}

static const struct rulings_ops rulings_ops = {
	.amend = on_amend,
	.add = on_add,
	.rule = on_rule,
	.gun = on_gun,
	.entry = on_entry,
};

/* ---- the book ---- */

struct book *
book_new(const struct race_rules *rules, uint64_t files)
{
	struct book *b = xcalloc(1, sizeof *b);

	b->rules = rules_copy(rules);
	b->roster = roster_new(files);
	b->rank = rank_new(rules);
	b->rulings = rulings_new(&rulings_ops, b,
	    rules->wave_count > 0 ? rules->waves[0].name : "");
	b->applied = journal_new();
	return b;
}

void
book_free(struct book *b)
{
	if (b == NULL)
		return;
	rules_free(b->rules);
	roster_free(b->roster);
	rank_free(b->rank);
	rulings_free(b->rulings);
	journal_free(b->applied);
	free(b);
}

static int
apply_crossing(struct book *b, struct race_id id, const struct race_crossing *c)
{
	int rc = rank_apply(b->rank, id, c);

	b->crossings += rc == 0;
	return rc;
}

/* The roster knows which of several events about a bib holds. */
static void
apply_entry(struct book *b, struct race_id id, const struct race_event *e)
{
	if (roster_put(b->roster, e->made_us, id, &e->entry) > 0)
		tell_rank(b, e->entry.bib);
}

static void
apply_entry_gone(struct book *b, struct race_id id, const struct race_event *e)
{
	if (roster_remove(b->roster, e->made_us, id, e->entry_gone) > 0)
		tell_rank(b, e->entry_gone);
}

/* A verb of a later version has no effect, but can be undone. */
static int
apply_ruling(struct book *b, struct race_id id, const struct race_event *e)
{
	int rc = rulings_apply(b->rulings, id, e);

	b->undecoded += rc == 0 && e->kind == RACE_DECISION &&
	    e->decision->verb == RACE_VERB_UNSPECIFIED;
	return rc;
}

/* Events whose names nobody else keeps: a repeat is noticed here. */
static int
note(struct book *b, struct race_id id)
{
	uint32_t *applied = journal_at(b->applied, id);

	if (*applied != 0)
		return -EEXIST;
	*applied = 1;
	return 0;
}

int
book_apply(struct book *b, struct race_id id, const struct race_event *e)
{
	int rc;

	switch (e->kind) {
	case RACE_CROSSING:
		return apply_crossing(b, id, &e->crossing);
	case RACE_VOID:
	case RACE_FILL_IN:
	case RACE_CLOCK:
		return rank_correct(b->rank, id, e);
	case RACE_GUN:
	case RACE_DECISION:
	case RACE_AWARD:
		return apply_ruling(b, id, e);
	case RACE_ENTRY:
		rc = note(b, id);
		if (rc == 0)
			apply_entry(b, id, e);
		return rc;
	case RACE_ENTRY_GONE:
		rc = note(b, id);
		if (rc == 0)
			apply_entry_gone(b, id, e);
		return rc;
	case RACE_EVENT_UNKNOWN:
		rc = note(b, id);
		b->undecoded += rc == 0;
		return rc;
	case RACE_RULES:
		break;
	}
	return note(b, id);
}

int64_t
book_as_of(struct book *b)
{
	return rank_latest(b->rank);
}

void
book_outlook(struct book *b, size_t v, struct race_outlook *out)
{
	int64_t since_us;
	const char *word = rulings_published(b->rulings,
	    b->rules->rankings[v].name, &since_us);

	rank_provisional(b->rank, v, out);
	out->published = outlook_publication(word);
	if (out->published != RACE_UNPUBLISHED)
		out->since_us = since_us;
}
