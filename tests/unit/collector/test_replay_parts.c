#include "support/test.h"

#include <string.h>

#include "collector/replay_cut.h"
#include "collector/replay_faults.h"
#include "common/hash.h"
#include "common/xalloc.h"
#include "proto/wire.h"
#include "race/book.h"
#include "race/row.h"
#include "support/decisions.h"

/* Random races in which stations take back and name, and operators decide all
 * sorts of things: a part of one, or several into one book, gives the boards of
 * a book that was given what was said under its first names. */

#define S INT64_C(1000000)

enum { PARTS = 4, ROUNDS = 2000, EVENTS = DECISIONS_EVENTS };

/* A part: what stations said in it, and which streams kept their identity. */
struct part {
	size_t end; /* of the log, for operators */
	bool kept[EVENTS];
	bool same[EVENTS]; /* by event: of a stream that kept it */
};

struct fixture {
	uint64_t random;
	struct decisions d;
	size_t log[EVENTS]; /* events that are recorded, in their order */
	size_t count;
	struct part parts[PARTS];
	size_t part_count;
	struct wire_arena *arena;
	struct wire_buffer buffer;
	bool clocks;                         /* that are measured count */
	int64_t ahead_us[DECISIONS_STREAMS]; /* by collector: how far off */
};

static int
set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	f->random = test_seed();
	f->arena = wire_arena_new();
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	wire_arena_free(f->arena);
	wire_buffer_free(&f->buffer);
	free(f);
	return 0;
}

static const struct model_event *
logged(const struct fixture *f, size_t i)
{
	return &f->d.events[f->log[i]];
}

static bool
is_operators(const struct fixture *f, size_t i)
{
	return logged(f, i)->id.stream >= 13;
}

/* ---- a race ---- */

/* Streams in any order, each in its own. */
static void
write_log(struct fixture *f)
{
	size_t order[EVENTS];
	bool taken[EVENTS] = { false };

	f->count = 0;
	for (size_t i = 0; i < f->d.count; i++)
		order[i] = i;
	for (size_t i = 0; i + 1 < f->d.count; i++) {
		size_t k = i + test_below(&f->random, f->d.count - i);
		size_t was = order[i];

		order[i] = order[k];
		order[k] = was;
	}
	for (size_t i = 0; i < f->d.count; i++) {
		uint64_t stream = f->d.events[order[i]].id.stream;
		size_t next = 0;

		while (taken[next] || f->d.events[next].id.stream != stream)
			next++;
		taken[next] = true;
		if (stream != MODEL_FILES)
			f->log[f->count++] = next;
	}
}

/* What is equal to the microsecond is put in order by the streams' names, which
 * a part may change: nothing is. */
static void
tell_apart(struct fixture *f)
{
	for (size_t i = 0; i < f->d.count; i++) {
		struct race_event *e = &f->d.events[i].event;
		int64_t i_us = (int64_t)i;

		e->made_us = DECISIONS_BASE_US +
		    1000 * (int64_t)test_below(&f->random, 100) + i_us;
		if (e->kind != RACE_CROSSING)
			continue;
		e->crossing.time_us += i_us;
		e->crossing.boot_us += e->crossing.boot_us != 0 ? i_us : 0;
	}
}

/* Nobody takes back what he has not said yet: then the beginning of his stream
 * would be without it. */
static void
correct_the_past(struct fixture *f)
{
	for (size_t i = 0; i < f->d.count; i++) {
		struct model_event *e = &f->d.events[i];

		if (e->event.kind == RACE_VOID)
			e->event.void_seq = 1 + e->event.void_seq % e->id.seq;
		else if (e->event.kind == RACE_FILL_IN)
			e->event.fill_in.seq =
			    1 + e->event.fill_in.seq % e->id.seq;
	}
}

static void
make_race(struct fixture *f)
{
	decisions_race(&f->d, &f->random, 10 + test_below(&f->random, 60));
	/* Of equal times: the order of the streams' names. */
	for (size_t v = 0; v < f->d.rules.ranking_count; v++) {
		if (f->d.rankings[v].ties == RACE_TIES_ORDER)
			f->d.rankings[v].ties = RACE_TIES_TIME;
	}
	for (size_t n = test_below(&f->random, 50); n > 0; n--)
		decisions_add(&f->d);
	tell_apart(f);
	write_log(f);
}

static int64_t
received_us(size_t i)
{
	return DECISIONS_BASE_US + (int64_t)i * S;
}

static void
record(struct fixture *f, struct tape *t)
{
	tape_init(t, MODEL_FILES, "a race");
	for (size_t i = 0; i < f->count; i++) {
		const struct model_event *e = logged(f, i);
		uint32_t s = tape_stream(t, e->id.stream, "somebody");

		t->streams[s].operators = is_operators(f, i);
		f->buffer.len = 0;
		assert_true(wire_put_event(&f->buffer, &e->event) > 0);
		tape_add(t,
		    &(struct tape_event){ .stream = s,
		        .seq = e->id.seq,
		        .chain = hash_chain(tape_chain(t, s, e->id.seq - 1),
		            f->buffer.data, f->buffer.len),
		        .received_us = received_us(i),
		        .moment_us = received_us(i),
		        .kind = e->event.kind,
		        .len = f->buffer.len },
		    f->buffer.data);
	}
}

/* ---- the slow way ---- */

/* What a station's own correction names; 0: it is none. */
static uint64_t
corrects(const struct model_event *e)
{
	return e->event.kind == RACE_VOID   ? e->event.void_seq
	    : e->event.kind == RACE_FILL_IN ? e->event.fill_in.seq
	                                    : 0;
}

static size_t
find(const struct fixture *f, struct race_id id)
{
	for (size_t i = 0; i < f->count; i++) {
		if (logged(f, i)->id.stream == id.stream &&
		    logged(f, i)->id.seq == id.seq)
			return i;
	}
	return f->count;
}

static bool
lacks(const struct fixture *f, const struct part *p, size_t i)
{
	const struct model_event *e = logged(f, i);
	struct race_id target = { e->id.stream, corrects(e) };
	size_t at = find(f, target);

	return target.seq != 0 && at < f->count && !p->kept[at];
}

static void
keep_stations(const struct fixture *f, struct part *p, size_t from)
{
	bool moved = true;
	bool any[DECISIONS_STREAMS] = { false };

	for (size_t i = from; i < p->end; i++)
		any[logged(f, i)->id.stream % DECISIONS_STREAMS] = true;
	for (size_t i = 0; i < p->end; i++)
		p->kept[i] = !is_operators(f, i) &&
		    (i >= from ||
		        (logged(f, i)->event.kind == RACE_CLOCK &&
		            any[logged(f, i)->id.stream % DECISIONS_STREAMS]));
	while (moved) {
		moved = false;
		for (size_t i = 0; i < p->end; i++) {
			if (!p->kept[i] || !lacks(f, p, i))
				continue;
			p->kept[i] = false;
			moved = true;
		}
	}
}

static void
find_same(const struct fixture *f, struct part *p)
{
	for (size_t i = 0; i < f->count; i++) {
		uint64_t stream = logged(f, i)->id.stream;
		uint64_t last = 0;
		uint64_t count = 0;

		for (size_t k = 0; k < f->count; k++) {
			if (!p->kept[k] || logged(f, k)->id.stream != stream)
				continue;
			last = logged(f, k)->id.seq;
			count++;
		}
		p->same[i] = last == count && f->ahead_us[stream - 11] == 0;
	}
}

static void
expect_part(struct fixture *f, size_t from, size_t end)
{
	struct part *p = &f->parts[f->part_count++];

	*p = (struct part){ .end = end };
	keep_stations(f, p, from);
	find_same(f, p);
}

/* A read that has another name now is found by what was said before the end of
 * its part, and by nobody later. */
static void
forget(const struct fixture *f, size_t said, struct race_id *name)
{
	size_t i = find(f, *name);

	if (i == f->count || is_operators(f, i))
		return;
	for (size_t k = 0; k < f->part_count; k++) {
		const struct part *p = &f->parts[k];

		if (p->kept[i] && (p->same[i] || said < p->end))
			return;
	}
	*name = (struct race_id){ 1, 1 };
}

static void
put(struct fixture *f, struct book *b, struct race_id id,
    const struct race_event *e)
{
	if (e->kind != RACE_CLOCK || f->clocks)
		(void)book_apply(b, id, e);
}

/* Read back: not all that is made here can be said. */
static bool
reread(struct fixture *f, const struct race_event *e, struct race_event *out)
{
	f->buffer.len = 0;
	wire_reset(f->arena);
	assert_true(wire_put_event(&f->buffer, e) > 0);
	return wire_get_event(f->arena, f->buffer.data, f->buffer.len, out) ==
	    0;
}

static struct book *
begin_book(struct fixture *f)
{
	struct book *b = book_new(&f->d.rules, MODEL_FILES);

	for (size_t i = 0; i < f->d.count; i++) {
		const struct model_event *e = &f->d.events[i];

		if (e->id.stream == MODEL_FILES)
			assert_int_equal(book_apply(b, e->id, &e->event), 0);
	}
	return b;
}

static bool
is_expected(const struct fixture *f, size_t i)
{
	for (size_t k = 0; k < f->part_count; k++) {
		const struct part *p = &f->parts[k];

		if (is_operators(f, i) ? i < p->end : p->kept[i])
			return true;
	}
	return false;
}

static struct book *
expected_book(struct fixture *f)
{
	struct book *b = begin_book(f);

	for (size_t i = 0; i < f->count; i++) {
		const struct model_event *e = logged(f, i);
		struct race_event event;
		struct race_decision d;

		if (!is_expected(f, i) || !reread(f, &e->event, &event))
			continue;
		if (event.kind == RACE_DECISION) {
			d = *event.decision;
			forget(f, i, &d.target);
			forget(f, i, &d.other_target);
			event.decision = &d;
		}
		if (!is_operators(f, i))
			fault_shift(&event, f->ahead_us[e->id.stream - 11]);
		put(f, b, e->id, &event);
	}
	return b;
}

/* ---- the parts ---- */

static void
play(struct fixture *f, struct book *b, size_t from, size_t end)
{
	int64_t ahead_us[DECISIONS_STREAMS];
	struct tape_cut_facts facts;
	struct tape t;

	record(f, &t);
	for (size_t i = 0; i < t.stream_count; i++)
		ahead_us[i] = f->ahead_us[t.streams[i].epoch - 11];
	tape_cut(&t,
	    &(struct tape_cut){ received_us(from), received_us(end) - 1,
	        ahead_us },
	    &facts);
	for (size_t i = t.count; i-- > 0;) {
		const struct tape_event *e = &t.events[i];
		struct race_event event;

		wire_reset(f->arena);
		if (wire_get_event(f->arena, t.bytes + e->at, e->len, &event) <
		    0)
			continue;
		put(f, b,
		    (struct race_id){ t.streams[e->stream].epoch, e->seq },
		    &event);
	}
	tape_clear(&t);
}

static bool
are_same_splits(const struct race_row *a, const struct race_row *b)
{
	if (a->split_count != b->split_count)
		return false;
	for (size_t i = 0; i < a->split_count; i++) {
		if (a->splits[i] != b->splits[i])
			return false;
	}
	return true;
}

static bool
is_same_row(const struct rank_standing *a, const struct rank_standing *b)
{
	return strcmp(a->row.label, b->row.label) == 0 &&
	    a->place == b->place && a->tied == b->tied &&
	    a->row.status == b->row.status &&
	    row_key_cmp(&a->row.sort, &b->row.sort) == 0 &&
	    a->row.elapsed_us == b->row.elapsed_us &&
	    a->row.metres == b->row.metres && a->row.point == b->row.point &&
	    are_same_splits(&a->row, &b->row) &&
	    a->row.counted == b->row.counted &&
	    a->row.finishers == b->row.finishers &&
	    a->row.women == b->row.women && a->row.men == b->row.men &&
	    a->row.places == b->row.places &&
	    a->row.bound_us == b->row.bound_us;
}

static bool
is_same_board(struct book *a, struct book *b, size_t v)
{
	struct rank_standing rows[2][2 * DECISIONS_BIBS];
	const size_t cap = sizeof rows[0] / sizeof *rows[0];
	size_t count = rank_rows(a->rank, v, 0, rows[0], cap);

	if (count != rank_rows(b->rank, v, 0, rows[1], cap))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!is_same_row(&rows[0][i], &rows[1][i]))
			return false;
	}
	return true;
}

static bool
is_as_expected(struct fixture *f, struct book *got)
{
	struct book *want = expected_book(f);
	bool same = true;

	for (size_t v = 0; v < f->d.rules.ranking_count; v++)
		same = same && is_same_board(got, want, v);
	book_free(want);
	return same;
}

static void
a_part_is_ranked_as_what_is_in_it(void **state)
{
	struct fixture *f = *state;

	f->clocks = true;
	for (int round = 0; round < ROUNDS; round++) {
		struct book *b;
		size_t from;
		size_t end;

		make_race(f);
		if (f->count == 0)
			continue;
		from = test_below(&f->random, f->count);
		end = from + 1 + test_below(&f->random, f->count - from);
		f->part_count = 0;
		expect_part(f, from, end);
		b = begin_book(f);
		play(f, b, from, end);
		assert_true(is_as_expected(f, b));
		book_free(b);
	}
}

static void
a_part_with_clocks_that_are_off_is_ranked_as_they_showed(void **state)
{
	struct fixture *f = *state;

	f->clocks = true;
	for (int round = 0; round < ROUNDS; round++) {
		struct book *b;
		size_t from;

		make_race(f);
		if (f->count == 0)
			continue;
		from = test_below(&f->random, 2) == 0
		    ? 0
		    : test_below(&f->random, f->count);
		for (size_t i = 0; i < 2; i++)
			f->ahead_us[i] =
			    ((int64_t)test_below(&f->random, 5) - 2) * S;
		f->part_count = 0;
		expect_part(f, from, f->count);
		b = begin_book(f);
		play(f, b, from, f->count);
		assert_true(is_as_expected(f, b));
		book_free(b);
	}
}

/* One after the other, and played in any order. */
static void
play_parts(struct fixture *f, struct book *b, size_t count)
{
	size_t edges[PARTS + 1] = { 0 };
	size_t turn = test_below(&f->random, count);

	for (size_t k = 1; k < count; k++)
		edges[k] = edges[k - 1] +
		    test_below(&f->random, f->count - edges[k - 1]);
	edges[count] = f->count;
	f->part_count = 0;
	for (size_t k = 0; k < count; k++)
		expect_part(f, edges[k], edges[k + 1]);
	for (size_t k = 0; k < count; k++) {
		size_t is = (k + turn) % count;

		play(f, b, edges[is], edges[is + 1]);
	}
}

/* All that was ever decided stands in the second one. */
static void
a_beginning_and_the_rest_are_ranked_together(void **state)
{
	struct fixture *f = *state;

	for (int round = 0; round < ROUNDS; round++) {
		struct book *b;

		make_race(f);
		correct_the_past(f);
		if (f->count == 0)
			continue;
		b = begin_book(f);
		play_parts(f, b, 2);
		assert_true(is_as_expected(f, b));
		book_free(b);
	}
}

/* Nobody decides about a crossing: what is said in a part about one of a part
 * before finds it no more. */
static void
name_no_reads(struct fixture *f)
{
	for (size_t i = 0; i < f->d.count; i++) {
		struct race_decision *d = &f->d.bodies[i].decision;

		if (d->verb == RACE_VOID_READ || d->verb == RACE_MOVE_READ ||
		    d->verb == RACE_SWAP)
			d->verb = RACE_PENALTY;
	}
}

static void
parts_that_follow_each_other_are_ranked_together(void **state)
{
	struct fixture *f = *state;

	for (int round = 0; round < ROUNDS; round++) {
		struct book *b;

		make_race(f);
		name_no_reads(f);
		if (f->count == 0)
			continue;
		b = begin_book(f);
		play_parts(f, b, 3 + test_below(&f->random, PARTS - 2));
		assert_true(is_as_expected(f, b));
		book_free(b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(a_part_is_ranked_as_what_is_in_it),
		T(a_part_with_clocks_that_are_off_is_ranked_as_they_showed),
		T(a_beginning_and_the_rest_are_ranked_together),
		T(parts_that_follow_each_other_are_ranked_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
