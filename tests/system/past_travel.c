/*
 * past_travel RECORDING INSTANTS LOADS ONE_IN SEED - whether a race is seen as
 * it stood, for the tests.  Of so many random instants each is compared with
 * the slow model, by the events up to then of one bib in ONE_IN; the log is
 * walked through once for that.  At so many of them the whole of every ranking
 * is loaded with --at, and has to be what the walk came by.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "proto/wire.h"
#include "race/export.h"
#include "race/past.h"
#include "support/model.h"
#include "support/test.h"

struct instant {
	int64_t us;
	uint64_t log;    /* the last event received by then */
	size_t events;   /* of the sample, up to then */
	uint64_t digest; /* of all exports */
	bool loads;
};

struct travel {
	struct past_source options;
	uint64_t random;
	uint64_t one_in;
	struct past past;
	struct wire_arena *arena; /* of the sample */
	struct wire_buffer bytes;
	struct model_event *events;
	uint64_t *logs; /* of each of them */
	size_t count;
	size_t cap;
	size_t logs_cap;
	int64_t *received_us; /* of every event, number i + 1 */
	size_t received;
	size_t received_cap;
	struct instant *instants;
	size_t instant_count;
	size_t next;
	uint64_t lines; /* compared */
};

/* ---- the first time: what there is ---- */

static const char *
bib_of(const struct race_event *e)
{
	if (e->kind == RACE_CROSSING)
		return e->crossing.bib;
	if (e->kind == RACE_ENTRY)
		return e->entry.bib;
	return e->kind == RACE_ENTRY_GONE ? e->entry_gone : NULL;
}

static void
collect(void *arg, const struct past_event *e)
{
	static const struct hash_key key = { 3, 4 };
	struct travel *t = arg;
	const char *bib = bib_of(e->event);
	struct model_event *kept;

	t->received_us = xgrow(t->received_us, &t->received_cap, t->received,
	    sizeof *t->received_us);
	t->received_us[t->received++] = e->received_us;
	if (bib == NULL || hash_sip(&key, bib, strlen(bib)) % t->one_in != 0)
		return;
	t->events = xgrow(t->events, &t->cap, t->count, sizeof *t->events);
	t->logs = xgrow(t->logs, &t->logs_cap, t->count, sizeof *t->logs);
	kept = &t->events[t->count];
	kept->id = e->id;
	/* Texts of its own. */
	t->bytes.len = 0;
	if (wire_put_event(&t->bytes, e->event) < 0 ||
	    wire_get_event(t->arena, t->bytes.data, t->bytes.len,
	        &kept->event) < 0)
		log_fatal(1, "event %" PRIu64 " cannot be kept", e->log);
	t->logs[t->count++] = e->log;
}

static int
by_log(const void *a, const void *b)
{
	const struct instant *x = a;
	const struct instant *y = b;

	return (x->log > y->log) - (x->log < y->log);
}

static void
choose(struct travel *t, size_t count, size_t loads)
{
	int64_t first_us = t->received_us[0];
	uint64_t span =
	    (uint64_t)(t->received_us[t->received - 1] - first_us) + 2;

	t->instants = xcalloc(count, sizeof *t->instants);
	t->instant_count = count;
	for (size_t i = 0; i < count; i++) {
		struct instant *at = &t->instants[i];

		at->us = first_us + (int64_t)test_below(&t->random, span);
		for (size_t k = 0; k < t->received; k++)
			if (t->received_us[k] <= at->us)
				at->log = k + 1;
		while (at->events < t->count && t->logs[at->events] <= at->log)
			at->events++;
		at->loads = i < loads;
	}
	qsort(t->instants, count, sizeof *t->instants, by_log);
}

/* ---- every ranking ---- */

static uint64_t
digest_of(struct book *b)
{
	static const struct hash_key key = { 5, 6 };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct race_row row;
	uint64_t digest;

	for (size_t v = 0; v < b->rules->ranking_count; v++) {
		struct board *board = board_new();

		for (size_t i = 0; i < rank_slots(b->rank, v); i++)
			if (rank_row(b->rank, v, (uint32_t)i, &row))
				board_put(board, &row, 1);
		if (export_ranking(out, EXPORT_CSV, b->rules, v, board,
		        b->roster) < 0)
			log_fatal(1, "no memory for a ranking");
		board_free(board);
	}
	fclose(out);
	digest = hash_sip(&key, text, len);
	free(text);
	return digest;
}

/* ---- the second time: what it was ---- */

static const struct model_line *
find(const struct model_line *lines, size_t count, const char *label)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(lines[i].label, label) == 0)
			return &lines[i];
	return NULL;
}

static void
compare_row(const struct instant *at, const struct race_row *row,
    const struct model_line *line)
{
	bool same = row->status == line->status &&
	    row->elapsed_us == line->elapsed_us &&
	    row->metres == line->metres && row->point == line->point &&
	    row->sort.group == line->group &&
	    row->split_count == line->split_count;

	for (size_t i = 0; same && i < row->split_count; i++)
		same = row->splits[i] == line->splits[i];
	if (!same)
		log_fatal(1,
		    "event %" PRIu64 ": bib %s is not what the model has",
		    at->log, row->label);
}

/* Some of all keep their order, and who shares a place. */
static void
compare_places(struct travel *t, const struct instant *at, size_t v,
    const struct model_line *lines, size_t count)
{
	uint32_t before = 0;
	uint32_t before_all = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t all =
		    rank_place(t->past.book->rank, v, lines[i].label);

		if ((lines[i].place == 0) != (all == 0) ||
		    (all != 0 &&
		        (all < before_all ||
		            (all == before_all) != (lines[i].place == before))))
			log_fatal(1, "event %" PRIu64 ": place of bib %s",
			    at->log, lines[i].label);
		before = lines[i].place;
		before_all = all;
	}
}

static void
compare_ranking(struct travel *t, const struct instant *at, size_t v)
{
	struct rank *rank = t->past.book->rank;
	struct model_line *lines;
	struct race_row row;
	size_t met = 0;
	size_t count =
	    model_rows(t->past.book->rules, t->events, at->events, v, &lines);

	for (size_t i = 0; i < rank_slots(rank, v); i++) {
		const struct model_line *line;

		if (!rank_row(rank, v, (uint32_t)i, &row))
			continue;
		line = find(lines, count, row.label);
		if (line == NULL)
			continue;
		compare_row(at, &row, line);
		met++;
	}
	if (met != count)
		log_fatal(1, "event %" PRIu64 ": %zu rows of %zu", at->log, met,
		    count);
	compare_places(t, at, v, lines, count);
	t->lines += met;
	free(lines);
}

static void
compare(struct travel *t, struct instant *at)
{
	size_t rankings = t->past.book->rules->ranking_count;

	compare_ranking(t, at, 0);
	compare_ranking(t, at, test_below(&t->random, rankings));
	if (at->loads)
		at->digest = digest_of(t->past.book);
}

/* The book is as the event before left it. */
static void
walk(void *arg, const struct past_event *e)
{
	struct travel *t = arg;

	while (t->next < t->instant_count && t->instants[t->next].log < e->log)
		compare(t, &t->instants[t->next++]);
}

static void
load(struct travel *t, past_fn fn)
{
	struct err err = { "" };

	if (past_load(&t->options, &t->past, fn, t, &err) < 0)
		log_fatal(1, "%s", err.text);
}

static void
travel(struct travel *t, size_t count, size_t loads)
{
	load(t, collect);
	past_clear(&t->past);
	choose(t, count, loads);
	load(t, walk);
	while (t->next < t->instant_count)
		compare(t, &t->instants[t->next++]);
	past_clear(&t->past);
	t->options.at = "then";
	for (size_t i = 0; i < count; i++) {
		const struct instant *at = &t->instants[i];

		if (!at->loads)
			continue;
		t->options.at_us = at->us;
		load(t, NULL);
		if (t->past.log != at->log ||
		    digest_of(t->past.book) != at->digest)
			log_fatal(1,
			    "event %" PRIu64 ": --at shows another race",
			    at->log);
		past_clear(&t->past);
	}
}

int
main(int argc, char **argv)
{
	struct travel t = { .arena = wire_arena_new() };
	size_t count;
	size_t loads;

	log_init("past_travel");
	if (argc != 6)
		log_fatal(2,
		    "past_travel RECORDING INSTANTS LOADS ONE_IN SEED");
	t.options.from = argv[1];
	count = strtoul(argv[2], NULL, 10);
	loads = strtoul(argv[3], NULL, 10);
	t.one_in = strtoul(argv[4], NULL, 10);
	t.random = strtoull(argv[5], NULL, 0);
	travel(&t, count, loads);
	printf("instants %zu loads %zu lines %" PRIu64 " events %zu\n", count,
	    loads, t.lines, t.received);
	wire_buffer_free(&t.bytes);
	wire_arena_free(t.arena);
	free(t.events);
	free(t.logs);
	free(t.received_us);
	free(t.instants);
	return 0;
}
