#include "race/travel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "race/rules.h"
#include "race/rulings.h"
#include "race/travel_pack.h"

#define NONE UINT32_MAX

/* What a row was from a moment on. */
struct version {
	uint32_t moment;
	uint32_t slot;
	uint32_t before; /* the version that it replaced, or NONE */
	uint32_t at;     /* in the bytes, or among the entries; NONE: gone */
};

/* Rows by slot, and all that they ever were. */
struct past_rows {
	struct version *versions; /* by moment */
	size_t count;
	size_t cap;
	uint32_t *latest; /* by slot: its last version, or NONE */
	char **labels;    /* by slot */
	size_t slots;
	size_t latest_cap;
	size_t labels_cap;
};

/* How far a ranking could be relied on, from a moment on. */
struct foresight {
	uint32_t moment;
	uint32_t at; /* in the bytes */
};

struct past_ranking {
	struct past_rows rows;
	struct travel_bytes bytes;
	struct foresight *foresights;
	size_t count;
	size_t cap;
	struct race_outlook outlook; /* the last one */
};

struct stop {
	uint32_t moment;
	int64_t as_of_us;
};

struct travel_era {
	size_t first;
	struct race_rules *rules;
	struct past_ranking *rankings;
	struct past_rows entries;
	struct race_entry **bodies; /* of the entries' versions */
	size_t body_count;
	size_t body_cap;
	struct stop *stops;
	size_t stop_count;
	size_t stop_cap;
	size_t decided; /* decisions and the like, as of the last stop */
	size_t bytes;
};

/* What a slot is to be, as of a turn. */
struct seen {
	uint32_t turn;
	uint32_t at;
};

/* Where somebody stands: how many versions are in what is shown. */
struct stand {
	const struct travel_era *era;
	size_t ranking;
	struct board *board;
	size_t rows;
	struct roster *roster;
	size_t entries;
	int64_t turns;     /* each puts entries over those before */
	struct seen *seen; /* by slot */
	size_t seen_cap;
	size_t seen_count;
	uint32_t turn;
	uint32_t *listed; /* slots of this turn */
	size_t listed_cap;
	size_t listed_count;
};

struct travel {
	struct until log;
	size_t first; /* moments of stations' events, 0: none */
	size_t last;
	uint32_t *decisions;
	size_t decision_count;
	size_t decision_cap;
	struct travel_era **eras; /* by their first moment */
	size_t era_count;
	size_t era_cap;
	size_t budget;
	struct stand stand;
};

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
	for (size_t i = 0; i < r->slots; i++)
		free(r->labels[i]);
	free(r->labels);
	free(r->latest);
	free(r->versions);
}

static void
free_era(struct travel_era *era)
{
	for (size_t i = 0; i < era->rules->ranking_count; i++) {
		struct past_ranking *p = &era->rankings[i];

		close_rows(&p->rows);
		free(p->bytes.data);
		free(p->foresights);
	}
	free(era->rankings);
	close_rows(&era->entries);
	for (size_t i = 0; i < era->body_count; i++)
		free(era->bodies[i]);
	free(era->bodies);
	free(era->stops);
	rules_free(era->rules);
	free(era);
}

static void
leave(struct stand *s)
{
	board_free(s->board);
	roster_free(s->roster);
	free(s->seen);
	free(s->listed);
	*s = (struct stand){ 0 };
}

void
travel_free(struct travel *t)
{
	if (t == NULL)
		return;
	leave(&t->stand);
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

static void
know_slot(struct past_rows *r, uint32_t slot)
{
	while (r->slots <= slot) {
		r->latest = xgrow(r->latest, &r->latest_cap, r->slots,
		    sizeof *r->latest);
		r->labels = xgrow(r->labels, &r->labels_cap, r->slots,
		    sizeof *r->labels);
		r->latest[r->slots] = NONE;
		r->labels[r->slots] = NULL;
		r->slots++;
	}
}

static void
add_version(struct travel_era *era, struct past_rows *r, size_t moment,
    uint32_t slot, const char *label, uint32_t at)
{
	know_slot(r, slot);
	if (r->labels[slot] == NULL) {
		r->labels[slot] = xstrdup(label);
		era->bytes += strlen(label) + 1;
	}
	r->versions =
	    xgrow(r->versions, &r->cap, r->count, sizeof *r->versions);
	r->versions[r->count] =
	    (struct version){ (uint32_t)moment, slot, r->latest[slot], at };
	r->latest[slot] = (uint32_t)r->count++;
	era->bytes += sizeof *r->versions;
}

/* What begins at `at` is what that row was: where a row is looked at again, it
 * need not be another. */
static bool
is_same(const struct past_ranking *p, uint32_t slot, size_t at)
{
	const struct past_rows *r = &p->rows;
	size_t len = p->bytes.len - at;
	uint32_t latest = slot < r->slots ? r->latest[slot] : NONE;
	uint32_t was = latest != NONE ? r->versions[latest].at : NONE;

	/* Bytes of a row say where they end, so that none begins another. */
	if (was == NONE || len == 0)
		return was == NONE && len == 0;
	return memcmp(p->bytes.data + was, p->bytes.data + at, len) == 0;
}

static void
stop_row(struct travel_era *era, struct rank *rank, size_t v, uint32_t slot,
    size_t moment)
{
	struct past_ranking *p = &era->rankings[v];
	size_t at = p->bytes.len;
	struct race_row row;
	bool there = rank_row(rank, v, slot, &row);

	if (there)
		travel_pack_row(&p->bytes, &row);
	if (is_same(p, slot, at)) {
		p->bytes.len = at;
		return;
	}
	era->bytes += p->bytes.len - at;
	add_version(era, &p->rows, moment, slot, row.label,
	    there ? (uint32_t)at : NONE);
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
	size_t at = p->bytes.len;

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
	travel_pack_outlook(&p->bytes, &now);
	p->foresights =
	    xgrow(p->foresights, &p->cap, p->count, sizeof *p->foresights);
	p->foresights[p->count++] =
	    (struct foresight){ (uint32_t)moment, (uint32_t)at };
	era->bytes += sizeof *p->foresights + p->bytes.len - at;
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

/* ---- looking for a moment ---- */

/* The first era holds for what came before it, too: nothing is there then. */
static struct travel_era *
era_at(const struct travel *t, size_t moment)
{
	size_t i = t->era_count - 1;

	while (i > 0 && t->eras[i]->first > moment)
		i--;
	return t->eras[i];
}

/* How many were there up to that moment. */
static size_t
versions_until(const struct past_rows *r, size_t moment)
{
	size_t low = 0;
	size_t high = r->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->versions[middle].moment <= moment)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct stop *
stop_at(const struct travel_era *era, size_t moment)
{
	size_t low = 0;
	size_t high = era->stop_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (era->stops[middle].moment <= moment)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? &era->stops[low - 1] : NULL;
}

static void
outlook_at(const struct past_ranking *p, size_t moment,
    struct race_outlook *out)
{
	size_t low = 0;
	size_t high = p->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->foresights[middle].moment <= moment)
			low = middle + 1;
		else
			high = middle;
	}
	*out = (struct race_outlook){ .open = false };
	if (low > 0)
		travel_unpack_outlook(p->bytes.data + p->foresights[low - 1].at,
		    out);
}

const struct race_rules *
travel_rules(const struct travel *t, size_t moment)
{
	return era_at(t, moment)->rules;
}

size_t
travel_before(const struct travel *t, size_t moment, size_t ranking)
{
	const struct travel_era *era = era_at(t, moment);
	const struct past_rows *r = &era->rankings[ranking].rows;
	size_t n = versions_until(r, moment);
	/* Since when it is as it is shown. */
	size_t shown = n > 0 ? r->versions[n - 1].moment : era->first;

	while (n > 0 && r->versions[n - 1].moment == shown)
		n--;
	if (n > 0)
		return r->versions[n - 1].moment;
	if (shown > era->first)
		return era->first;
	return era->first > 1 ? era->first - 1 : 1;
}

size_t
travel_behind(const struct travel *t, size_t moment, size_t ranking)
{
	const struct travel_era *era = era_at(t, moment);
	const struct past_rows *r = &era->rankings[ranking].rows;
	size_t n = versions_until(r, moment);

	if (n < r->count)
		return r->versions[n].moment;
	for (size_t i = 0; i < t->era_count; i++)
		if (t->eras[i]->first > moment)
			return t->eras[i]->first;
	return t->log.count;
}

/* ---- standing there ---- */

typedef void (*put_fn)(struct stand *s, const char *label, uint32_t at);

/* Each slot once, though it be changed often in between. */
static void
list_slot(struct stand *s, uint32_t slot, uint32_t at)
{
	while (s->seen_count <= slot) {
		s->seen = xgrow(s->seen, &s->seen_cap, s->seen_count,
		    sizeof *s->seen);
		s->seen[s->seen_count++] = (struct seen){ 0 };
	}
	if (s->seen[slot].turn == s->turn)
		return;
	s->seen[slot] = (struct seen){ s->turn, at };
	s->listed = xgrow(s->listed, &s->listed_cap, s->listed_count,
	    sizeof *s->listed);
	s->listed[s->listed_count++] = slot;
}

static int
by_slot(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;

	return (*x > *y) - (*x < *y);
}

/* In the order of the slots, in which the board has its lines: on long jumps
 * memory is what takes the time. */
static void
put_listed(struct stand *s, const struct past_rows *r, put_fn put)
{
	if (s->listed_count > r->slots / 16) {
		for (uint32_t slot = 0; slot < s->seen_count; slot++)
			if (s->seen[slot].turn == s->turn)
				put(s, r->labels[slot], s->seen[slot].at);
		return;
	}
	if (s->listed_count > 0)
		qsort(s->listed, s->listed_count, sizeof *s->listed, by_slot);
	for (size_t i = 0; i < s->listed_count; i++) {
		uint32_t slot = s->listed[i];

		put(s, r->labels[slot], s->seen[slot].at);
	}
}

/* From the first `from` versions to the first `to` of them. */
static void
move(struct stand *s, const struct past_rows *r, size_t from, size_t to,
    put_fn put)
{
	s->turn++;
	s->listed_count = 0;
	for (size_t i = to; i > from; i--)
		list_slot(s, r->versions[i - 1].slot, r->versions[i - 1].at);
	for (size_t i = to; i < from; i++) {
		const struct version *v = &r->versions[i];

		list_slot(s, v->slot,
		    v->before != NONE ? r->versions[v->before].at : NONE);
	}
	put_listed(s, r, put);
}

static void
put_row(struct stand *s, const char *label, uint32_t at)
{
	const struct past_ranking *p = &s->era->rankings[s->ranking];
	int64_t splits[TRAVEL_SPLITS];
	struct race_row row;

	if (at == NONE) {
		board_remove(s->board, label, 1);
		return;
	}
	travel_unpack_row(p->bytes.data + at, splits, &row);
	row.label = label;
	board_put(s->board, &row, 1);
}

/* One event says it all, each time later. */
static void
put_entry(struct stand *s, const char *label, uint32_t at)
{
	static const struct race_id one = { 0 };

	s->turns++;
	if (at == NONE)
		(void)roster_remove(s->roster, s->turns, one, label);
	else
		(void)roster_put(s->roster, s->turns, one, s->era->bodies[at]);
}

static void
stand_in(struct stand *s, const struct travel_era *era, size_t ranking)
{
	if (s->era != era) {
		leave(s);
		s->roster = roster_new(0);
	}
	if (s->era != era || s->ranking != ranking) {
		board_free(s->board);
		s->board = NULL;
		s->rows = 0;
	}
	s->era = era;
	s->ranking = ranking;
	if (s->board == NULL && ranking < era->rules->ranking_count)
		s->board = board_new();
}

void
travel_to(struct travel *t, size_t moment, size_t ranking,
    struct travel_scene *out)
{
	const struct travel_era *era = era_at(t, moment);
	const struct stop *stop = stop_at(era, moment);
	struct stand *s = &t->stand;
	struct race_outlook outlook;
	size_t to;

	if (stop != NULL)
		moment = stop->moment;
	stand_in(s, era, ranking);
	to = versions_until(&era->entries, moment);
	move(s, &era->entries, s->entries, to, put_entry);
	s->entries = to;
	if (s->board != NULL) {
		const struct past_ranking *p = &era->rankings[ranking];

		to = versions_until(&p->rows, moment);
		move(s, &p->rows, s->rows, to, put_row);
		s->rows = to;
		outlook_at(p, moment, &outlook);
		board_expect(s->board, &outlook);
	}
	*out = (struct travel_scene){ .moment = moment,
		.rules = era->rules,
		.board = s->board,
		.roster = s->roster,
		.as_of_us = stop != NULL ? stop->as_of_us : RACE_NO_TIME };
}
