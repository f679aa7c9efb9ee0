#include "race/book.h"

#include <errno.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "race/rank/journal.h"
#include "race/rules.h"

struct book *
book_new(const struct race_rules *rules, uint64_t files)
{
	struct book *b = xcalloc(1, sizeof *b);

	b->rules = rules_copy(rules);
	b->roster = roster_new(files);
	b->rank = rank_new(rules);
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
		rank_entry(b->rank, &e->entry);
}

static void
apply_entry_gone(struct book *b, struct race_id id, const struct race_event *e)
{
	if (roster_remove(b->roster, e->made_us, id, e->entry_gone) > 0)
		rank_entry_gone(b->rank, e->entry_gone);
}

/* Events that neither rank nor roster name: a repeat is noticed here. */
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
	case RACE_GUN:
	case RACE_CLOCK:
		return rank_correct(b->rank, id, e);
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
	case RACE_DECISION:
	case RACE_AWARD:
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
