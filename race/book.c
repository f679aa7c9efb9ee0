#include "race/book.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
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
	b->places = xcalloc(rules->ranking_count + 1, sizeof *b->places);
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
	free(b->publications);
	free(b->places);
	free(b->stations);
	free(b);
}

/* The first station with no lesser stream. */
static size_t
find_station(const struct book *b, uint64_t stream)
{
	size_t low = 0;
	size_t high = b->station_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (b->stations[middle].stream < stream)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
count_crossing(struct book *b, uint64_t stream)
{
	size_t i = find_station(b, stream);

	if (i == b->station_count || b->stations[i].stream != stream) {
		b->stations = xgrow(b->stations, &b->station_cap,
		    b->station_count, sizeof *b->stations);
		memmove(&b->stations[i + 1], &b->stations[i],
		    (b->station_count - i) * sizeof *b->stations);
		b->stations[i] = (struct book_station){ stream, 0 };
		b->station_count++;
	}
	b->stations[i].crossings++;
}

uint64_t
book_crossings(const struct book *b, uint64_t stream)
{
	size_t i = find_station(b, stream);

	return i < b->station_count && b->stations[i].stream == stream
	    ? b->stations[i].crossings
	    : 0;
}

static int
apply_crossing(struct book *b, struct race_id id, const struct race_crossing *c)
{
	int rc = rank_apply(b->rank, id, c);

	if (rc == 0) {
		b->crossings++;
		count_crossing(b, id.stream);
	}
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

/* ---- what was published ---- */

/* That a ranking is final or amended, and what it was then. */
struct publication {
	size_t ranking;
	enum race_publication as;
	int64_t made_us;
	uint64_t places;
};

static uint64_t
hash_place(const struct race_row *row)
{
	static const struct hash_key key = { 1, 2 };
	const uint64_t parts[] = {
		hash_sip(&key, row->label, strlen(row->label)),
		row->sort.group,
		(uint64_t)row->sort.key[0],
		(uint64_t)row->sort.key[1],
		(uint64_t)row->sort.key[2],
		(uint64_t)row->status,
	};

	return hash_sip(&key, parts, sizeof parts);
}

static uint64_t
digest_places(struct rank *rank, size_t v)
{
	size_t slots = rank_slots(rank, v);
	struct race_row row;
	uint64_t sum = 0;

	for (size_t i = 0; i < slots; i++)
		if (rank_row(rank, v, (uint32_t)i, &row) &&
		    row.sort.group == RACE_GROUP_PLACED)
			sum += hash_place(&row);
	return sum;
}

static uint64_t
places_now(struct book *b, size_t v)
{
	struct book_places *p = &b->places[v];
	uint64_t rows = rank_digest(b->rank, v);

	if (!p->known || p->rows != rows)
		*p = (struct book_places){ true, rows,
			digest_places(b->rank, v) };
	return p->digest;
}

static bool
is_promised(enum race_publication as)
{
	return as == RACE_FINAL || as == RACE_AMENDED;
}

/* Of which one holds the rulings decide, when it is undone too: all are kept.
 */
static void
note_publication(struct book *b, const struct race_event *e)
{
	const struct race_decision *d = e->decision;
	enum race_publication as = outlook_publication(d->text);
	int v = rules_ranking(b->rules, d->ranking);

	if (v < 0 || !is_promised(as))
		return;
	b->publications = xgrow(b->publications, &b->publication_cap,
	    b->publication_count, sizeof *b->publications);
	b->publications[b->publication_count++] =
	    (struct publication){ (size_t)v, as, e->made_us,
		    places_now(b, (size_t)v) };
}

bool
book_changed_since(struct book *b, size_t ranking)
{
	int64_t since_us;
	const char *word = rulings_published(b->rulings,
	    b->rules->rankings[ranking].name, &since_us);
	enum race_publication as = outlook_publication(word);

	for (size_t i = b->publication_count; i > 0; i--) {
		const struct publication *p = &b->publications[i - 1];

		if (p->ranking == ranking && p->as == as &&
		    p->made_us == since_us)
			return p->places != places_now(b, ranking);
	}
	return false;
}

/* A verb of a later version has no effect, but can be undone. */
static int
apply_ruling(struct book *b, struct race_id id, const struct race_event *e)
{
	int rc = rulings_apply(b->rulings, id, e);

	b->undecoded += rc == 0 && e->kind == RACE_DECISION &&
	    e->decision->verb == RACE_VERB_UNSPECIFIED;
	if (rc == 0 && e->kind == RACE_DECISION &&
	    e->decision->verb == RACE_PUBLISH)
		note_publication(b, e);
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
	case RACE_RESULT:
	case RACE_RESULT_GONE:
	case RACE_SEASON_FILE:
	case RACE_SEASON_FILE_GONE:
	case RACE_SEASON_GIVEN:
	case RACE_SEASON_MOMENT:
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
