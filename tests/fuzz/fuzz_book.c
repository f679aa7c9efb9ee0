/*
 * A race whose rules and events are whatever the decoder lets through: the same
 * rankings in any order of arrival, whatever came twice, and whenever somebody
 * looked; and a board that took every change has what the ranking has.
 */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "made.h"
#include "proto/wire.h"
#include "race/board.h"
#include "race/book.h"
#include "race/rulings.h"

enum { EVENTS_MAX = 48, STREAMS = 3, STANDINGS = 8 };

static const char *const bibs[] = { "1", "2", "3", "12", "21", "" };
static const char *const chips[] = { "A1", "B2", "", "" };
static const char *const teams[] = { "Orange", "Vinci", "" };

/* When the laptops were switched on. */
#define BOOT_US RACE_TIME_MIN

/* Decoded, as whoever applies them has them. */
struct events {
	struct race_event list[EVENTS_MAX];
	struct race_id ids[EVENTS_MAX];
	size_t count;
};

#define CHOOSE(in, list)                                                       \
	(list)[fuzz_byte(in) % (sizeof(list) / sizeof(list)[0])]

/* Close together, so that it matters which is first. */
static int64_t
a_time(struct fuzz_input *in)
{
	uint8_t how = fuzz_byte(in);
	int64_t seconds = how % 128 + (how >= 128 ? fuzz_byte(in) * 16 : 0);

	return RACE_TIME_MIN + INT64_C(86400000000) + seconds * 500000;
}

static const char *
a_point(struct fuzz_input *in, const struct race_rules *rules)
{
	uint8_t i = fuzz_byte(in);

	return rules->point_count > 0 && i < 240
	    ? rules->points[i % rules->point_count].name
	    : "nowhere";
}

static const char *
a_wave(struct fuzz_input *in, const struct race_rules *rules)
{
	uint8_t i = fuzz_byte(in);

	return rules->wave_count > 0 && i < 240
	    ? rules->waves[i % rules->wave_count].name
	    : "";
}

static void
tune_crossing(struct fuzz_input *in, const struct race_rules *rules,
    struct race_crossing *c)
{
	uint8_t how;

	c->point = a_point(in, rules);
	c->bib = CHOOSE(in, bibs);
	c->chip = CHOOSE(in, chips);
	c->time_us = a_time(in);
	c->offset_us = fuzz_byte(in) < 200 ? 0 : a_time(in) - c->time_us;
	how = fuzz_byte(in);
	c->clock = how < 128 ? RACE_CLOCK_LAPTOP : RACE_CLOCK_FILE;
	c->clock_epoch = how % 3;
	c->boot_us = c->time_us - BOOT_US;
	c->bound_us = how / 4 % 4 * 1000000;
	c->flags = fuzz_byte(in) < 64 ? RACE_FLAG_LISTED : 0;
}

static void
tune_clock(struct fuzz_input *in, struct race_clock_estimate *e)
{
	e->clock_epoch = fuzz_byte(in) % 3;
	e->boot_us = a_time(in) - BOOT_US;
	e->offset_us = BOOT_US + (fuzz_byte(in) - 128) * INT64_C(500000);
	e->bound_us = fuzz_byte(in) % 16 * INT64_C(250000);
}

static void
tune_entry(struct fuzz_input *in, const struct race_rules *rules,
    struct race_entry *e)
{
	static const char *held[1];

	e->bib = CHOOSE(in, bibs);
	if (e->bib[0] == '\0')
		e->bib = "7";
	e->team = CHOOSE(in, teams);
	e->wave = a_wave(in, rules);
	held[0] = CHOOSE(in, chips);
	e->chips = held;
	e->chip_count = held[0][0] != '\0';
}

static struct race_id
an_id(struct fuzz_input *in)
{
	struct race_id id = { 1 + fuzz_byte(in) % STREAMS, 0 };

	id.seq = 1 + fuzz_byte(in) % 16;
	return id;
}

static const char *
a_bib(struct fuzz_input *in)
{
	const char *bib = CHOOSE(in, bibs);

	return bib[0] != '\0' ? bib : "7";
}

/* Of anything that somebody did, as a decision of any kind; often undone. */
static const struct race_decision *
make_decision(struct fuzz_input *in, const struct race_rules *rules)
{
	/* Of a season: in a race it has no effect. */
	static const struct race_matter matter = { "2014", "Podium", "general",
		"Nespresso", "" };
	static struct race_entry entry;
	static struct race_decision d;
	uint8_t how = fuzz_byte(in);

	d = (struct race_decision){
		.verb =
		    how < 64 ? RACE_UNDO : (enum race_verb)(how % RACE_VERBS),
		.by = "",
		.reason = "",
		.target = an_id(in),
		.other_target = an_id(in),
		.bib = a_bib(in),
		.other_bib = a_bib(in),
		.point = a_point(in, rules),
		.wave = a_wave(in, rules),
		.ranking = "scratch",
		.status = (enum race_status)(fuzz_byte(in) % (RACE_NC + 1)),
		.time_us = a_time(in),
		.amount_us = (fuzz_byte(in) - 128) * INT64_C(500000),
		.text = "final",
		.matter = &matter,
	};
	if (fuzz_byte(in) < 64)
		d.replaces = an_id(in);
	if (d.verb == RACE_SET_ENTRY) {
		entry = (struct race_entry){ .name = "",
			.sex = "F",
			.born = "",
			.category = "",
			.nation = "" };
		tune_entry(in, rules, &entry);
		d.entry = &entry;
	}
	return &d;
}

/* Brings what was made close to the others; as it was made one time in
 * eight. */
static void
tune(struct fuzz_input *in, const struct race_rules *rules,
    struct race_event *e)
{
	if (fuzz_byte(in) >= 224)
		return;
	if (e->kind == RACE_CROSSING)
		tune_crossing(in, rules, &e->crossing);
	else if (e->kind == RACE_CLOCK)
		tune_clock(in, &e->clock);
	else if (e->kind == RACE_ENTRY)
		tune_entry(in, rules, &e->entry);
	else if (e->kind == RACE_DECISION)
		e->decision = make_decision(in, rules);
	else if (e->kind == RACE_GUN)
		e->gun = (struct race_gun){ a_wave(in, rules), a_time(in) };
	else if (e->kind == RACE_VOID)
		e->void_seq = 1 + fuzz_byte(in) % 16;
	else if (e->kind == RACE_FILL_IN)
		e->fill_in = (struct race_fill_in){ 1 + fuzz_byte(in) % 16,
			CHOOSE(in, bibs) };
	else if (e->kind == RACE_ENTRY_GONE)
		e->entry_gone = "12";
}

/* Through the wire, so that nothing else is tried. */
static bool
pass(struct wire_arena *a, struct race_event *e)
{
	struct wire_buffer b = { 0 };
	bool passed = wire_put_event(&b, e) >= 0 &&
	    wire_get_event(a, b.data, b.len, e) == 0;

	wire_buffer_free(&b);
	return passed;
}

static void
make_events(struct fuzz_input *in, struct wire_arena *a,
    const struct race_rules *rules, struct events *all)
{
	uint64_t seq[STREAMS] = { 0 };

	all->count = 0;
	while (in->left > 0 && all->count < EVENTS_MAX) {
		struct race_event *e = &all->list[all->count];
		size_t stream = fuzz_byte(in) % STREAMS;

		uint8_t how = fuzz_byte(in);

		/* Most are crossings. */
		if (how >= 224) {
			e->kind = RACE_DECISION;
			e->made_us = a_time(in);
			e->decision = make_decision(in, rules);
		} else if (how < 128) {
			e->kind = RACE_CROSSING;
			e->made_us = a_time(in);
			e->crossing = (struct race_crossing){ .source = "" };
			tune_crossing(in, rules, &e->crossing);
		} else {
			made_event(in, e);
			tune(in, rules, e);
		}
		if (!pass(a, e))
			continue;
		all->ids[all->count++] =
		    (struct race_id){ 1 + stream, ++seq[stream] };
	}
}

/* ---- what has to hold ---- */

static void
check_standings(struct book *b, size_t v)
{
	struct rank_standing rows[STANDINGS];
	size_t n = rank_rows(b->rank, v, 0, rows, STANDINGS);

	assert(n <= rank_count(b->rank, v));
	for (size_t i = 0; i < n; i++) {
		assert((rows[i].place > 0) ==
		    (rows[i].row.sort.group == RACE_GROUP_PLACED));
		assert(rows[i].place <= i + 1);
		assert(rows[i].row.elapsed_us >= -1);
	}
	for (size_t i = 0; i < n; i++) {
		char label[RACE_NAME_MAX + 1];
		uint32_t place = rows[i].place;

		strcpy(label, rows[i].row.label);
		assert(rank_place(b->rank, v, label) == place);
		n = rank_rows(b->rank, v, 0, rows, STANDINGS);
	}
}

/* Takes what has changed. */
static void
follow(struct book *b, size_t v, struct board *board)
{
	static uint64_t version; /* rises as a feed's number does */
	uint32_t slots[4];
	struct race_row row;
	size_t n;

	version++;
	while ((n = rank_take_changes(b->rank, v, slots, 4)) > 0) {
		for (size_t i = 0; i < n; i++) {
			if (rank_row(b->rank, v, slots[i], &row))
				board_put(board, &row, version);
			else
				board_remove(board, row.label, version);
		}
	}
}

static void
look(struct book *b, struct board **boards)
{
	for (size_t v = 0; v < b->rules->ranking_count; v++) {
		follow(b, v, boards[v]);
		assert(board_digest(boards[v]) == rank_digest(b->rank, v));
		assert(board_count(boards[v]) == rank_count(b->rank, v));
		check_standings(b, v);
	}
}

static struct book *
in_order(struct fuzz_input *in, const struct race_rules *rules,
    const struct events *all)
{
	struct book *b = book_new(rules, 1);
	struct board *boards[RACE_RANKINGS_MAX];

	for (size_t v = 0; v < rules->ranking_count; v++)
		boards[v] = board_new();
	for (size_t i = 0; i < all->count; i++) {
		assert(book_apply(b, all->ids[i], &all->list[i]) != -EEXIST);
		if (fuzz_byte(in) % 4 == 3)
			look(b, boards);
	}
	look(b, boards);
	for (size_t v = 0; v < rules->ranking_count; v++)
		board_free(boards[v]);
	return b;
}

static struct book *
backwards(const struct race_rules *rules, const struct events *all)
{
	struct book *b = book_new(rules, 1);

	for (size_t i = all->count; i-- > 0;) {
		(void)book_apply(b, all->ids[i], &all->list[i]);
		assert(book_apply(b, all->ids[i], &all->list[i]) == -EEXIST);
	}
	return b;
}

static void
check_same(struct book *x, struct book *y)
{
	struct race_unknown *list;

	assert(roster_digest(x->roster) == roster_digest(y->roster));
	for (size_t v = 0; v < x->rules->ranking_count; v++)
		assert(rank_digest(x->rank, v) == rank_digest(y->rank, v));
	assert(rank_unknown_reads(x->rank) == rank_unknown_reads(y->rank));
	assert(book_as_of(x) == book_as_of(y) && x->crossings == y->crossings);
	assert(rulings_count(x->rulings) == rulings_count(y->rulings));
	assert(rulings_latest(x->rulings) == rulings_latest(y->rulings));
	size_t count = rank_unknowns(x->rank, &list);
	free(list);
	assert(rank_unknowns(y->rank, &list) == count);
	free(list);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct events all;
	struct fuzz_input in = { data, len };
	struct fuzz_input looks = { data, len };
	struct wire_arena *a = wire_arena_new();
	struct race_event rules = { .kind = RACE_RULES };
	struct book *x;
	struct book *y;

	fuzz_forget();
	rules.rules = made_rules(&in);
	if (pass(a, &rules)) {
		make_events(&in, a, rules.rules, &all);
		x = in_order(&looks, rules.rules, &all);
		y = backwards(rules.rules, &all);
		check_same(x, y);
		book_free(x);
		book_free(y);
	}
	wire_arena_free(a);
	return 0;
}
