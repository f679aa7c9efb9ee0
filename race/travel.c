#include "race/travel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/xalloc.h"
#include "race/rules.h"
#include "race/rulings.h"
#include "race/travel_core.h"

/* ---- its life ---- */

struct travel *
travel_new(size_t budget)
{
	struct travel *t = xcalloc(1, sizeof *t);

	t->budget = budget;
	return t;
}

static void
close_rows(struct past_rows *r)
{
	for (size_t i = 0; i < r->slot_count; i++)
		free(r->slots[i].label);
	free(r->slots);
	free(r->versions);
}

static void
free_era(struct travel_era *era)
{
	for (size_t i = 0; i < era->rules->ranking_count; i++) {
		struct past_ranking *p = &era->rankings[i];

		close_rows(&p->rows);
		free(p->foresights);
	}
	free(era->rankings);
	free(era->rows.data);
	free(era->packed);
	close_rows(&era->entries);
	for (size_t i = 0; i < era->body_count; i++)
		free(era->bodies[i]);
	free(era->bodies);
	free(era->stops);
	rules_free(era->rules);
	free(era);
}

void
travel_free(struct travel *t)
{
	if (t == NULL)
		return;
	travel_leave(&t->stand);
	for (size_t i = 0; i < t->era_count; i++)
		free_era(t->eras[i]);
	free(t->eras);
	free(t->decisions);
	until_clear(&t->log);
	free(t);
}

/* ---- on the way through the log ---- */

void
travel_event(struct travel *t, const struct until_event *e, bool decided)
{
	until_event(&t->log, e);
	if (e->station) {
		t->last = t->log.count;
		t->first = t->first > 0 ? t->first : t->last;
	}
	if (!decided)
		return;
	t->decisions = xgrow(t->decisions, &t->decision_cap, t->decision_count,
	    sizeof *t->decisions);
	t->decisions[t->decision_count++] = (uint32_t)t->log.count;
}

struct travel_era *
travel_era(struct travel *t, size_t first, const struct race_rules *rules)
{
	struct travel_era *era = xcalloc(1, sizeof *era);
	size_t i = 0;

	era->first = first;
	era->rules = rules_copy(rules);
	era->rankings =
	    xcalloc(rules->ranking_count + 1, sizeof *era->rankings);
	while (i < t->era_count && t->eras[i]->first < first)
		i++;
	if (i < t->era_count && t->eras[i]->first == first) {
		free_era(t->eras[i]);
	} else {
		t->eras =
		    xgrow(t->eras, &t->era_cap, t->era_count, sizeof *t->eras);
		memmove(&t->eras[i + 1], &t->eras[i],
		    (t->era_count - i) * sizeof *t->eras);
		t->era_count++;
	}
	t->eras[i] = era;
	return era;
}

static struct past_slot *
slot_of(struct past_rows *r, uint32_t slot)
{
	while (r->slot_count <= slot) {
		r->slots = xgrow(r->slots, &r->slot_cap, r->slot_count,
		    sizeof *r->slots);
		r->slots[r->slot_count++] =
		    (struct past_slot){ .latest = NONE };
	}
	return &r->slots[slot];
}

static void
add_version(struct travel_era *era, struct past_rows *r, size_t moment,
    uint32_t slot, const char *label, uint32_t at)
{
	struct past_slot *s = slot_of(r, slot);

	if (s->label == NULL) {
		s->label = xstrdup(label);
		era->bytes += sizeof *s + strlen(label) + 1;
	}
	r->versions =
	    xgrow(r->versions, &r->cap, r->count, sizeof *r->versions);
	r->versions[r->count] =
	    (struct version){ (uint32_t)moment, slot, s->latest, at };
	s->latest = (uint32_t)r->count++;
	era->bytes += sizeof *r->versions;
}

/* What begins at `at` is what that row was: where a row is looked at again, it
 * need not be another.  What it was lies far away in memory, and is looked at
 * only where the sums are equal. */
static bool
is_same(const struct travel_era *era, const struct past_rows *r,
    const struct past_slot *s, size_t at)
{
	uint32_t was = s->latest != NONE ? r->versions[s->latest].at : NONE;
	size_t len = era->rows.len - at;

	/* Bytes of a row say where they end, so that none begins another. */
	if (was == NONE || len == 0)
		return was == NONE && len == 0;
	return memcmp(era->rows.data + was, era->rows.data + at, len) == 0;
}

/* Who is first of all and of the women has the same row in both: what begins at
 * `at` is kept once.  Where it is. */
static uint32_t
share(struct travel_era *era, uint32_t slot, size_t moment, size_t at,
    uint32_t crc)
{
	size_t len = era->rows.len - at;
	struct packed *p;

	while (era->packed_count <= slot) {
		era->packed = xgrow(era->packed, &era->packed_cap,
		    era->packed_count, sizeof *era->packed);
		era->packed[era->packed_count++] = (struct packed){ 0 };
		era->bytes += sizeof *era->packed;
	}
	p = &era->packed[slot];
	if (p->moment == moment && p->crc == crc &&
	    memcmp(era->rows.data + p->at, era->rows.data + at, len) == 0) {
		era->rows.len = at;
		return p->at;
	}
	*p = (struct packed){ (uint32_t)moment, crc, (uint32_t)at };
	era->bytes += len;
	return p->at;
}

static void
stop_row(struct travel_era *era, struct rank *rank, size_t v, uint32_t slot,
    size_t moment)
{
	struct past_rows *r = &era->rankings[v].rows;
	struct past_slot *s = slot_of(r, slot);
	size_t at = era->rows.len;
	struct race_row row;
	bool there = rank_row(rank, v, slot, &row);
	uint32_t crc = 0;

	if (there) {
		travel_pack_row(&era->rows, &row);
		crc = hash_crc32c(0, era->rows.data + at, era->rows.len - at);
	}
	if (crc == s->crc && is_same(era, r, s, at)) {
		era->rows.len = at;
		return;
	}
	s->crc = crc;
	add_version(era, r, moment, slot, row.label,
	    there ? share(era, slot, moment, at, crc) : NONE);
}

/* The first stop of an era has all rows: somebody may have taken what changed
 * before. */
static void
stop_rows(struct travel_era *era, struct rank *rank, size_t v, size_t moment)
{
	bool all = era->stop_count == 0;
	uint32_t slots[64];
	size_t n;

	while ((n = rank_take_changes(rank, v, slots,
	            sizeof slots / sizeof *slots)) > 0)
		for (size_t i = 0; i < n && !all; i++)
			stop_row(era, rank, v, slots[i], moment);
	for (size_t i = 0; all && i < rank_slots(rank, v); i++)
		stop_row(era, rank, v, (uint32_t)i, moment);
}

static bool
same_outlook(const struct race_outlook *a, const struct race_outlook *b)
{
	return a->open == b->open &&
	    memcmp(a->from, b->from, sizeof a->from) == 0 &&
	    a->published == b->published && a->since_us == b->since_us;
}

static void
stop_outlook(struct travel_era *era, struct book *b, size_t v, size_t moment)
{
	struct past_ranking *p = &era->rankings[v];
	struct race_outlook now;
	size_t at = era->rows.len;

	/* What was published is looked up by name, for each ranking. */
	if (p->count > 0 && rulings_count(b->rulings) == era->decided) {
		rank_provisional(b->rank, v, &now);
		now.published = p->outlook.published;
		now.since_us = p->outlook.since_us;
	} else {
		book_outlook(b, v, &now);
	}
	if (p->count > 0 && same_outlook(&now, &p->outlook))
		return;
	p->outlook = now;
	travel_pack_outlook(&era->rows, &now);
	p->foresights =
	    xgrow(p->foresights, &p->cap, p->count, sizeof *p->foresights);
	p->foresights[p->count++] =
	    (struct foresight){ (uint32_t)moment, (uint32_t)at };
	era->bytes += sizeof *p->foresights + era->rows.len - at;
}

static void
stop_entry(struct travel_era *era, struct roster *roster, uint32_t slot,
    size_t moment)
{
	const char *bib;
	const struct race_entry *e = roster_at(roster, slot, &bib);
	uint32_t at = NONE;

	if (e != NULL) {
		at = (uint32_t)era->body_count;
		era->bodies = xgrow(era->bodies, &era->body_cap,
		    era->body_count, sizeof *era->bodies);
		era->bodies[era->body_count++] = roster_entry_copy(e);
		era->bytes += sizeof *era->bodies + sizeof *e;
	}
	add_version(era, &era->entries, moment, slot, bib, at);
}

/* As rows. */
static void
stop_entries(struct travel_era *era, struct roster *roster, size_t moment)
{
	bool all = era->stop_count == 0;
	uint32_t slots[64];
	size_t n;

	while ((n = roster_take_changes(roster, slots,
	            sizeof slots / sizeof *slots)) > 0)
		for (size_t i = 0; i < n && !all; i++)
			stop_entry(era, roster, slots[i], moment);
	for (size_t i = 0; all && i < roster_slots(roster); i++)
		stop_entry(era, roster, (uint32_t)i, moment);
}

int
travel_stop(struct travel *t, struct travel_era *era, struct book *b,
    size_t moment)
{
	if (era->stop_count > 0 &&
	    era->stops[era->stop_count - 1].moment == moment)
		return 0;
	for (size_t v = 0; v < era->rules->ranking_count; v++) {
		stop_rows(era, b->rank, v, moment);
		stop_outlook(era, b, v, moment);
	}
	stop_entries(era, b->roster, moment);
	era->decided = rulings_count(b->rulings);
	era->stops = xgrow(era->stops, &era->stop_cap, era->stop_count,
	    sizeof *era->stops);
	era->stops[era->stop_count++] =
	    (struct stop){ (uint32_t)moment, book_as_of(b) };
	era->bytes += sizeof *era->stops;
	return travel_bytes(t) > t->budget ? -E2BIG : 0;
}

/* ---- what there is ---- */

size_t
travel_count(const struct travel *t)
{
	return t->log.count;
}

size_t
travel_bytes(const struct travel *t)
{
	size_t bytes = 0;

	for (size_t i = 0; i < t->era_count; i++)
		bytes += t->eras[i]->bytes;
	return bytes;
}

const struct until_event *
travel_event_at(const struct travel *t, size_t moment)
{
	return &t->log.events[moment - 1];
}

size_t
travel_received(const struct travel *t, int64_t us)
{
	const struct until_event *e = until_received(&t->log, us);

	return e != NULL ? (size_t)(e - t->log.events) + 1 : 1;
}

size_t
travel_numbered(const struct travel *t, uint64_t log)
{
	size_t low = 0;
	size_t high = t->log.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->log.events[middle].log <= log)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? low : 1;
}

size_t
travel_first(const struct travel *t)
{
	return t->first > 0 ? t->first : 1;
}

size_t
travel_last(const struct travel *t)
{
	return t->last > 0 ? t->last : t->log.count;
}

int
travel_clock(const struct travel *t, int64_t clock_us, int64_t *us,
    struct err *err)
{
	return until_clock(&t->log, clock_us, us, err);
}

size_t
travel_decisions(const struct travel *t, const uint32_t **moments)
{
	*moments = t->decisions;
	return t->decision_count;
}
