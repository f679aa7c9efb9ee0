#include "control/held.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "control/reach.h"
#include "race/fetch.h"
#include "race/past.h"
#include "race/roster.h"
#include "race/rules.h"

/* How long an aggregator may take to answer. */
#define PATIENCE_US INT64_C(3000000)

void
held_clear(struct held *h)
{
	while (h->count > 0)
		free(h->entries[--h->count]);
	free(h->entries);
	*h = (struct held){ 0 };
}

static int
by_bib(const void *a, const void *b)
{
	const struct race_entry *const *x = a;
	const struct race_entry *const *y = b;

	return text_label_cmp((*x)->bib, (*y)->bib);
}

void
held_put(struct held *h, const struct race_entry *e)
{
	h->entries = xgrow(h->entries, &h->cap, h->count, sizeof *h->entries);
	h->entries[h->count++] = roster_entry_copy(e);
}

static int
hold_roster(void *arg, const struct roster *roster)
{
	struct held *h = arg;
	size_t slots = roster_slots(roster);
	struct roster_double d;

	held_clear(h);
	h->doubles = roster_doubles(roster, &d);
	if (h->doubles > 0)
		snprintf(h->doubled, sizeof h->doubled,
		    "chip %s is that of bibs %s and %s now", d.chip, d.bibs[0],
		    d.bibs[1]);
	for (size_t i = 0; i < slots; i++) {
		const char *bib;
		const struct race_entry *e = roster_at(roster, i, &bib);

		if (e != NULL)
			held_put(h, e);
	}
	if (h->count > 0)
		qsort(h->entries, h->count, sizeof *h->entries, by_bib);
	return 0;
}

const struct race_entry *
held_find(const struct held *h, const char *bib)
{
	const struct race_entry key = { .bib = bib };
	const struct race_entry *wanted = &key;
	struct race_entry **found = NULL;

	if (h->count > 0)
		found = bsearch(&wanted, h->entries, h->count,
		    sizeof *h->entries, by_bib);
	return found != NULL ? *found : NULL;
}

const struct race_entry *const *
held_entries(const struct held *h)
{
	return (const struct race_entry *const *)h->entries;
}

/* ---- where it comes from ---- */

int
held_fetch(const struct verb_options *o, uint64_t store, struct held *h,
    struct err *err)
{
	struct fetch_job fetch = {
		.aggregator = o->aggregator,
		.race = o->race,
		.store = store,
		.patience_us = PATIENCE_US,
	};
	sigset_t mask;
	int rc;

	/* The loop of a fetch takes Ctrl-C for itself and keeps it: who is
	 * asked something afterwards shall be able to end it. */
	sigprocmask(SIG_BLOCK, NULL, &mask);
	rc = fetch_roster(&fetch, hold_roster, h, err);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return rc;
}

int
held_race(const struct verb_options *o, struct endpoint *to, uint64_t *store,
    struct race_rules **rules, struct err *err)
{
	uint64_t ours;
	int rc = reach_rules(o, to, store, rules, err);

	if (rc < 0 || verb_aggregator_named(o) || o->race == NULL ||
	    past_store(&ours, o->race, err) < 0 || ours == *store)
		return rc;
	rules_free(*rules);
	*rules = NULL;
	return err_set(err, -ESTALE,
	    "the aggregator at %s:%d holds another race", to->host, to->base);
}

int
held_offline(const struct verb_options *o, struct held *h, struct err *err)
{
	const struct verb_options local = { .race = o->race, .offline = true };
	struct past past;
	int rc = verb_load(&local, &past, NULL, NULL, err);

	if (rc < 0)
		return rc;
	hold_roster(h, past.book->roster);
	past_clear(&past);
	return 0;
}

int
held_live(const struct verb_options *o, struct held *h, struct err *err)
{
	struct race_rules *rules = NULL;
	struct endpoint to;
	uint64_t store;
	int rc = held_race(o, &to, &store, &rules, err);

	rules_free(rules);
	return rc < 0 ? rc : held_fetch(o, store, h, err);
}
