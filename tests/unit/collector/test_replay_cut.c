#include "support/test.h"

#include <string.h>

#include "collector/replay_cut.h"
#include "common/hash.h"
#include "common/xalloc.h"
#include "proto/wire.h"

#define S INT64_C(1000000)

enum { STORE = 9, ARRIVEE = 100, DEPART = 200, ANNA = 300, MADE = 4096 };

/* Event n happens n seconds after this one, and is known by that. */
static const int64_t zero = INT64_C(1411286400) * S;

struct fixture {
	struct tape tape;
	struct wire_arena *arena;
	struct wire_buffer buffer;
	int64_t now; /* the next event happens */
	struct tape_cut_facts facts;
};

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	tape_init(&f->tape, STORE, "a race");
	f->arena = wire_arena_new();
	f->now = 1;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tape_clear(&f->tape);
	wire_arena_free(f->arena);
	wire_buffer_free(&f->buffer);
	free(f);
	return 0;
}

/* ---- what is recorded ---- */

static struct race_id
add(struct fixture *f, uint64_t epoch, struct race_event *e)
{
	uint32_t i = tape_stream(&f->tape, epoch, "somebody");
	struct tape_stream *s = &f->tape.streams[i];
	uint64_t seq = s->count + 1;

	if (epoch != ANNA)
		tape_note_point(s, "arrivee");
	s->operators = epoch == ANNA;
	e->made_us = zero + f->now++ * S;
	f->buffer.len = 0;
	assert_true(wire_put_event(&f->buffer, e) > 0);
	tape_add(&f->tape,
	    &(struct tape_event){ .stream = i,
	        .seq = seq,
	        .chain = hash_chain(tape_chain(&f->tape, i, seq - 1),
	            f->buffer.data, f->buffer.len),
	        .received_us = e->made_us,
	        .moment_us = e->made_us,
	        .kind = e->kind,
	        .len = f->buffer.len },
	    f->buffer.data);
	return (struct race_id){ epoch, seq };
}

static struct race_id
add_crossing(struct fixture *f, uint64_t epoch)
{
	return add(f, epoch,
	    &(struct race_event){ .kind = RACE_CROSSING,
	        .crossing = { .point = "arrivee",
	            .bib = "7",
	            .chip = "",
	            .source = "",
	            .clock = RACE_CLOCK_FILE,
	            .time_us = zero + f->now * S } });
}

static struct race_id
add_void(struct fixture *f, struct race_id what)
{
	return add(f, what.stream,
	    &(struct race_event){ .kind = RACE_VOID, .void_seq = what.seq });
}

static struct race_id
add_fill_in(struct fixture *f, struct race_id what)
{
	return add(f, what.stream,
	    &(struct race_event){ .kind = RACE_FILL_IN,
	        .fill_in = { .seq = what.seq, .bib = "8" } });
}

static struct race_id
add_clock(struct fixture *f, uint64_t epoch)
{
	return add(f, epoch,
	    &(struct race_event){ .kind = RACE_CLOCK,
	        .clock = { .clock_epoch = 1, .offset_us = zero } });
}

static struct race_id
add_decision(struct fixture *f, enum race_verb verb, struct race_id target,
    struct race_id other, struct race_id replaces)
{
	const struct race_decision d = { .verb = verb,
		.by = "anna",
		.reason = "seen",
		.target = target,
		.other_target = other,
		.replaces = replaces,
		.bib = "7",
		.other_bib = "8",
		.point = "",
		.wave = "masse",
		.ranking = "",
		.time_us = zero,
		.text = "" };

	return add(f, ANNA,
	    &(struct race_event){ .kind = RACE_DECISION, .decision = &d });
}

static const struct race_id nothing = { 0, 0 };

static struct race_id
add_undo(struct fixture *f, struct race_id what)
{
	return add_decision(f, RACE_UNDO, what, nothing, nothing);
}

/* ---- what is played ---- */

static void
cut(struct fixture *f, int64_t from, int64_t to)
{
	tape_cut(&f->tape,
	    &(struct tape_cut){ zero + from * S, zero + to * S, NULL },
	    &f->facts);
}

/* When the event was made, as the number that it was given. */
static int64_t
made_at(const struct fixture *f, size_t i, struct race_event *out)
{
	const struct tape_event *e = &f->tape.events[i];

	wire_reset(f->arena);
	assert_int_equal(wire_get_event(f->arena, f->tape.bytes + e->at, e->len,
	                     out),
	    0);
	return (out->made_us - zero) / S;
}

/* The number of the event with that name in the part; 0: there is none. */
static int64_t
called(const struct fixture *f, struct race_id id)
{
	int64_t stream = tape_find_stream(&f->tape, id.stream);
	struct race_event e;
	int64_t i;

	if (stream < 0)
		return 0;
	i = tape_find(&f->tape, (uint32_t)stream, id.seq);
	return i < 0 ? 0 : made_at(f, (size_t)i, &e);
}

static void
check_streams(const struct fixture *f)
{
	const struct tape *t = &f->tape;

	for (uint32_t i = 0; i < t->stream_count; i++) {
		uint64_t chain = 0;

		assert_true(t->streams[i].count > 0);
		for (uint64_t n = 1; n <= t->streams[i].count; n++) {
			const struct tape_event *e = tape_at(t, i, n);

			assert_int_equal(e->seq, n);
			chain = hash_chain(chain, t->bytes + e->at, e->len);
			assert_int_equal(e->chain, chain);
		}
	}
}

static void
check_events(const struct fixture *f, const int64_t *numbers, size_t count)
{
	struct race_event e;

	check_streams(f);
	assert_int_equal(f->tape.count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(made_at(f, i, &e), numbers[i]);
}

#define CHECK(f, ...)                                                          \
	check_events(f, (const int64_t[]){ __VA_ARGS__ },                      \
	    sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))

/* ---- ---- */

static void
the_beginning_of_a_stream_keeps_its_name(void **state)
{
	struct fixture *f = *state;
	struct race_id read = add_crossing(f, ARRIVEE);

	add_void(f, read);
	add_crossing(f, ARRIVEE);
	cut(f, 0, 2);
	CHECK(f, 1, 2);
	assert_int_equal(f->tape.streams[0].epoch, ARRIVEE);
	assert_int_equal(f->facts.parts, 0);
}

static void
any_other_part_is_a_stream_of_its_own(void **state)
{
	struct fixture *f = *state;
	struct race_event e;

	add_crossing(f, ARRIVEE);
	add_fill_in(f, add_crossing(f, ARRIVEE));
	add_crossing(f, DEPART);
	cut(f, 2, 5);
	CHECK(f, 2, 3, 4);
	assert_int_not_equal(f->tape.streams[0].epoch, ARRIVEE);
	assert_int_equal(f->tape.streams[1].epoch, DEPART);
	assert_int_equal(f->facts.parts, 1);
	made_at(f, 1, &e);
	assert_int_equal(e.fill_in.seq, 1);
	assert_string_equal(e.fill_in.bib, "8");
}

static void
the_bounds_belong_to_the_part(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 5; i++)
		add_crossing(f, ARRIVEE);
	cut(f, 2, 3);
	CHECK(f, 2, 3);
}

static void
other_bounds_make_another_stream(void **state)
{
	struct fixture *f = *state;
	uint64_t first;

	for (int i = 0; i < 5; i++)
		add_crossing(f, ARRIVEE);
	cut(f, 2, 6);
	first = f->tape.streams[0].epoch;
	cut(f, 3, 6);
	assert_int_not_equal(f->tape.streams[0].epoch, first);
}

static void
what_a_station_takes_back_of_what_is_left_out_is_left_out(void **state)
{
	struct fixture *f = *state;
	struct race_id early = add_crossing(f, ARRIVEE);
	struct race_event e;

	add_crossing(f, ARRIVEE);
	add_void(f, early);
	add_void(f, (struct race_id){ ARRIVEE, 2 });
	cut(f, 2, 9);
	CHECK(f, 2, 4);
	assert_int_equal(f->facts.dropped, 1);
	made_at(f, 1, &e);
	assert_int_equal(e.void_seq, 1);
}

/* The k-th event of the part, which was made as that number. */
static const struct race_decision *
decision_at(const struct fixture *f, size_t k, int64_t number)
{
	struct race_event e;

	assert_int_equal(made_at(f, k, &e), number);
	assert_int_equal(e.kind, RACE_DECISION);
	return e.decision;
}

static uint64_t
epoch_at(const struct fixture *f, size_t k)
{
	return f->tape.streams[f->tape.events[k].stream].epoch;
}

static void
decisions_follow_the_reads_that_they_are_about(void **state)
{
	struct fixture *f = *state;
	const struct race_decision *d;
	struct race_id other;
	struct race_id read;
	struct race_id swap;

	add_crossing(f, ARRIVEE);
	read = add_crossing(f, ARRIVEE);
	other = add_crossing(f, DEPART);
	swap = add_decision(f, RACE_SWAP, read, other, nothing);
	add_decision(f, RACE_VOID_READ, other, nothing, swap);
	cut(f, 2, 9);
	/* As they were said, and as they have to be here. */
	CHECK(f, 2, 3, 4, 4, 5, 5);
	d = decision_at(f, 2, 4);
	assert_int_equal(epoch_at(f, 2), ANNA);
	assert_int_equal(d->target.stream, ARRIVEE);
	d = decision_at(f, 3, 4);
	assert_int_not_equal(epoch_at(f, 3), ANNA);
	assert_int_equal(d->verb, RACE_SWAP);
	assert_int_equal(called(f, d->target), 2);
	assert_int_equal(d->other_target.stream, DEPART);
	d = decision_at(f, 4, 5);
	assert_int_equal(d->replaces.stream, ANNA);
	/* The void names a read that keeps its name: it is said once. */
	d = decision_at(f, 5, 5);
	assert_int_equal(d->verb, RACE_UNDO);
	assert_int_equal(d->target.stream, epoch_at(f, 3));
	assert_int_equal(d->target.seq, 1);
	assert_int_equal(f->facts.parts, 1);
}

static void
what_is_decided_about_what_is_left_out_waits_for_it(void **state)
{
	struct fixture *f = *state;
	struct race_id read = add_crossing(f, ARRIVEE);
	struct race_id decision;

	add_crossing(f, ARRIVEE);
	decision = add_decision(f, RACE_VOID_READ, read, nothing, nothing);
	add_undo(f, add_undo(f, decision));
	cut(f, 2, 9);
	CHECK(f, 2, 3, 4, 5);
	assert_int_equal(decision_at(f, 1, 3)->target.stream, ARRIVEE);
	assert_int_equal(f->facts.waiting, 1);
	/* And nobody is called otherwise for it. */
	assert_int_equal(f->facts.parts, 1);
	assert_int_equal(f->tape.stream_count, 2);
}

static void
an_undo_undoes_what_was_said_again(void **state)
{
	struct fixture *f = *state;
	struct race_id decision;

	add_crossing(f, ARRIVEE);
	decision = add_decision(f, RACE_VOID_READ, add_crossing(f, ARRIVEE),
	    nothing, nothing);
	add_undo(f, add_undo(f, decision));
	cut(f, 2, 9);
	CHECK(f, 2, 3, 3, 4, 4, 5, 5);
	for (size_t k = 1; k < 7; k += 2) {
		int64_t number = (int64_t)(k + 5) / 2;
		const struct race_decision *said = decision_at(f, k, number);

		assert_int_equal(epoch_at(f, k), ANNA);
		assert_int_equal(said->target.stream, k == 1 ? ARRIVEE : ANNA);
		said = decision_at(f, k + 1, number);
		assert_int_equal(called(f, said->target), number - 1);
		assert_int_not_equal(said->target.stream, ANNA);
	}
}

/* It would be added up as often as it is said. */
static void
a_penalty_that_replaces_what_is_said_again_is_said_once(void **state)
{
	struct fixture *f = *state;
	const struct race_decision *d;
	struct race_id first;

	add_crossing(f, ARRIVEE);
	first = add_decision(f, RACE_VOID_READ, add_crossing(f, ARRIVEE),
	    nothing, nothing);
	add_decision(f, RACE_PENALTY, nothing, nothing, first);
	cut(f, 2, 9);
	CHECK(f, 2, 3, 3, 4, 4);
	d = decision_at(f, 3, 4);
	assert_int_equal(d->verb, RACE_PENALTY);
	assert_int_equal(epoch_at(f, 3), ANNA);
	d = decision_at(f, 4, 4);
	assert_int_equal(d->verb, RACE_UNDO);
	assert_string_equal(d->by, "anna");
	assert_string_equal(d->bib, "");
	assert_int_equal(d->target.stream, epoch_at(f, 2));
	assert_int_equal(d->target.seq, 1);
	assert_int_equal(d->replaces.seq, 0);
}

/* A gun tells from which crossing it was taken, and is one all the same. */
static void
a_gun_of_a_crossing_is_said_once(void **state)
{
	struct fixture *f = *state;

	add_crossing(f, ARRIVEE);
	add_decision(f, RACE_SET_GUN, add_crossing(f, ARRIVEE), nothing,
	    nothing);
	cut(f, 2, 9);
	CHECK(f, 2, 3);
	assert_int_equal(epoch_at(f, 1), ANNA);
}

/* Of parts that come one after the other into one aggregator. */
static void
parts_agree_about_what_operators_said(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[2][1000];
	size_t len[2] = { 0, 0 };

	for (int part = 0; part < 2; part++) {
		struct race_id read;
		int64_t anna;

		tape_clear(&f->tape);
		tape_init(&f->tape, STORE, "a race");
		f->now = 1;
		add_crossing(f, ARRIVEE);
		read = add_crossing(f, ARRIVEE);
		add_decision(f, RACE_VOID_READ, read, nothing, nothing);
		add_decision(f, RACE_PENALTY, nothing, nothing, nothing);
		add_crossing(f, ARRIVEE);
		cut(f, part == 0 ? 1 : 2, part == 0 ? 4 : 5);
		anna = tape_find_stream(&f->tape, ANNA);
		assert_true(anna >= 0);
		assert_int_equal(f->tape.streams[anna].count, 2);
		for (uint64_t n = 1; n <= 2; n++) {
			const struct tape_event *e =
			    tape_at(&f->tape, (uint32_t)anna, n);

			memcpy(bytes[part] + len[part], f->tape.bytes + e->at,
			    e->len);
			len[part] += e->len;
		}
	}
	assert_int_equal(len[0], len[1]);
	assert_memory_equal(bytes[0], bytes[1], len[0]);
}

/* ---- clocks ---- */

static void
put_ahead(struct fixture *f, uint32_t stream, int64_t ahead_us)
{
	int64_t ahead[8] = { 0 };

	ahead[stream] = ahead_us;
	tape_cut(&f->tape, &(struct tape_cut){ INT64_MIN, INT64_MAX, ahead },
	    &f->facts);
}

static struct race_id
add_stamp(struct fixture *f, int64_t bound_us)
{
	return add(f, ARRIVEE,
	    &(struct race_event){ .kind = RACE_CROSSING,
	        .crossing = { .point = "arrivee",
	            .bib = "7",
	            .chip = "",
	            .source = "",
	            .clock = RACE_CLOCK_LAPTOP,
	            .clock_epoch = 1,
	            .boot_us = 5 * S,
	            .offset_us = bound_us == 0 ? 0 : 70,
	            .bound_us = bound_us,
	            .time_us = zero + f->now * S } });
}

static void
a_clock_that_is_ahead_makes_another_stream(void **state)
{
	struct fixture *f = *state;
	struct race_event e;
	struct race_id read;

	add_clock(f, ARRIVEE);
	add_stamp(f, 0);
	read = add_stamp(f, 900);
	add_crossing(f, DEPART);
	add_void(f, read);
	put_ahead(f, 0, 5 * S / 2);
	check_streams(f);
	assert_int_equal(f->tape.count, 5);
	assert_int_equal(f->facts.parts, 1);
	assert_int_not_equal(f->tape.streams[0].epoch, ARRIVEE);
	assert_int_equal(f->tape.streams[0].ahead_us, 5 * S / 2);
	assert_int_equal(f->tape.streams[1].epoch, DEPART);
	/* Of the aggregator's clock an estimate says what it said. */
	made_at(f, 0, &e);
	assert_int_equal(e.clock.offset_us, zero);
	assert_int_equal(e.made_us, zero + S + 5 * S / 2);
	made_at(f, 1, &e);
	assert_int_equal(e.crossing.time_us, zero + 2 * S + 5 * S / 2);
	assert_int_equal(e.crossing.offset_us, 0);
	made_at(f, 2, &e);
	assert_int_equal(e.crossing.time_us + e.crossing.offset_us,
	    zero + 3 * S + 70);
	assert_int_equal(e.crossing.boot_us, 5 * S);
	made_at(f, 3, &e);
	assert_int_equal(e.crossing.time_us, zero + 4 * S);
	made_at(f, 4, &e);
	assert_int_equal(e.void_seq, 3);
	assert_int_equal(f->tape.events[1].moment_us, zero + 2 * S + 5 * S / 2);
}

static void
another_error_of_the_clock_is_another_stream(void **state)
{
	struct fixture *f = *state;
	uint64_t epochs[3];

	for (int k = 0; k < 3; k++) {
		tape_clear(&f->tape);
		tape_init(&f->tape, STORE, "a race");
		f->now = 1;
		add_crossing(f, ARRIVEE);
		put_ahead(f, 0, k == 1 ? -S : S);
		epochs[k] = f->tape.streams[0].epoch;
	}
	assert_int_equal(epochs[0], epochs[2]);
	assert_int_not_equal(epochs[0], epochs[1]);
}

static void
decisions_follow_a_clock_that_is_off(void **state)
{
	struct fixture *f = *state;

	add_decision(f, RACE_VOID_READ, add_crossing(f, ARRIVEE), nothing,
	    nothing);
	put_ahead(f, 0, S);
	assert_int_equal(f->tape.count, 3);
	assert_int_equal(decision_at(f, 1, 2)->target.stream, ARRIVEE);
	assert_int_equal(decision_at(f, 2, 2)->target.stream,
	    f->tape.streams[0].epoch);
}

/* ---- ---- */

static void
what_operators_said_before_goes_with_a_part(void **state)
{
	struct fixture *f = *state;

	add_decision(f, RACE_SET_STATUS, nothing, nothing, nothing);
	add_crossing(f, ARRIVEE);
	add_crossing(f, ARRIVEE);
	add_decision(f, RACE_SET_STATUS, nothing, nothing, nothing);
	cut(f, 3, 3);
	CHECK(f, 1, 3);
	assert_int_equal(f->tape.streams[0].epoch, ANNA);
	assert_int_equal(f->tape.begin_us, zero + 3 * S);
}

/* The aggregator's clock was set back. */
static void
an_instant_is_the_last_event_received_by_then(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 5; i++)
		add_crossing(f, ARRIVEE);
	f->tape.events[1].received_us = zero + 9 * S;
	cut(f, 2, 4);
	CHECK(f, 2, 3, 4);
}

static void
what_names_nothing_of_the_recording_stays_as_it_is(void **state)
{
	struct fixture *f = *state;
	struct race_event e;

	add_crossing(f, ARRIVEE);
	add_decision(f, RACE_VOID_READ, (struct race_id){ 777, 3 }, nothing,
	    nothing);
	cut(f, 2, 9);
	CHECK(f, 2);
	assert_int_equal(f->tape.streams[0].epoch, ANNA);
	made_at(f, 0, &e);
	assert_int_equal(e.decision->target.stream, 777);
	assert_int_equal(f->facts.dropped, 0);
}

static void
a_clock_is_known_from_before(void **state)
{
	struct fixture *f = *state;

	add_clock(f, ARRIVEE);
	add_crossing(f, ARRIVEE);
	add_clock(f, DEPART);
	add_clock(f, ARRIVEE);
	add_crossing(f, ARRIVEE);
	cut(f, 4, 9);
	CHECK(f, 1, 4, 5);
	assert_int_equal(f->tape.stream_count, 1);
}

/* Of a file that was cut somewhere else. */
static void
another_beginning_makes_another_stream(void **state)
{
	struct fixture *f = *state;
	uint64_t epochs[2];

	for (uint64_t k = 0; k < 2; k++) {
		tape_clear(&f->tape);
		tape_init(&f->tape, STORE, "a race");
		add_crossing(f, ARRIVEE);
		f->tape.events[0].seq = 3 + k;
		tape_cut(&f->tape,
		    &(struct tape_cut){ INT64_MIN, INT64_MAX, NULL },
		    &f->facts);
		epochs[k] = f->tape.streams[0].epoch;
	}
	assert_int_not_equal(epochs[0], epochs[1]);
}

/* A recording that was cut itself. */
static void
a_stream_with_a_hole_becomes_whole(void **state)
{
	struct fixture *f = *state;

	add_crossing(f, ARRIVEE);
	add_crossing(f, ARRIVEE);
	f->tape.events[0].seq = 4;
	f->tape.events[1].seq = 7;
	tape_cut(&f->tape, &(struct tape_cut){ INT64_MIN, INT64_MAX, NULL },
	    &f->facts);
	CHECK(f, 1, 2);
	assert_int_not_equal(f->tape.streams[0].epoch, ARRIVEE);
}

/* ---- any race ---- */

/* By number: what an event names, 0 for nothing. */
struct made {
	struct race_id id;
	int64_t names[3];
};

static struct race_id
choose(uint64_t *seed, const struct fixture *f, const struct made *made,
    int64_t *number)
{
	*number = 0;
	if (f->now == 1 || test_below(seed, 4) == 0)
		return nothing;
	*number = 1 + (int64_t)test_below(seed, (uint64_t)f->now - 1);
	return made[*number].id;
}

static void
make_any(struct fixture *f, uint64_t *seed, struct made *made)
{
	struct made *m = &made[f->now];
	uint64_t epoch = test_below(seed, 2) == 0 ? ARRIVEE : DEPART;
	struct race_id a = choose(seed, f, made, &m->names[0]);
	struct race_id b;

	switch (test_below(seed, 6)) {
	case 0:
		if (a.stream == ARRIVEE || a.stream == DEPART) {
			m->id = add_void(f, a);
			return;
		}
		break;
	case 1:
		if (a.seq == 0)
			break;
		b = choose(seed, f, made, &m->names[2]);
		m->id = add_decision(f, RACE_MOVE_READ, a, nothing, b);
		return;
	case 2:
		b = choose(seed, f, made, &m->names[1]);
		if (a.seq == 0 || b.seq == 0)
			break;
		m->id = add_decision(f, RACE_SWAP, a, b, nothing);
		return;
	default:
		break;
	}
	*m = (struct made){ .id = nothing };
	m->id = add_crossing(f, epoch);
}

/* The slow way: until nobody goes any more.  Whatever operators said stays. */
static void
model(const struct made *made, int64_t count, int64_t from, int64_t to,
    bool *kept)
{
	bool moved = true;

	for (int64_t i = 1; i < count; i++)
		kept[i] = i <= to && (i >= from || made[i].id.stream == ANNA);
	while (moved) {
		moved = false;
		for (int64_t i = 1; i < count; i++) {
			const int64_t *n = made[i].names;

			if (!kept[i] || made[i].id.stream == ANNA ||
			    n[0] == 0 || kept[n[0]])
				continue;
			kept[i] = false;
			moved = true;
		}
	}
}

/* Every name that an event has in the part is that of what it named, or of
 * nothing that is there. */
static void
check_names(const struct fixture *f, size_t i, const struct made *made)
{
	struct race_event e;
	int64_t number = made_at(f, i, &e);
	const int64_t *n = made[number].names;
	uint32_t stream = f->tape.events[i].stream;
	struct race_decision d;
	int64_t to;

	if (e.kind == RACE_VOID) {
		struct race_id id = { f->tape.streams[stream].epoch,
			e.void_seq };

		assert_int_equal(called(f, id), n[0]);
		return;
	}
	if (e.kind != RACE_DECISION)
		return;
	d = *e.decision;
	to = called(f, d.target);
	assert_true(
	    to == 0 || to == n[0] || (d.verb == RACE_UNDO && to == n[2]));
	to = called(f, d.other_target);
	assert_true(to == 0 || to == n[1]);
	to = called(f, d.replaces);
	assert_true(to == 0 || to == n[2]);
}

/* A crossing of the part that a decision named is named in the part. */
static void
check_found(const struct fixture *f, const struct made *made, const bool *kept,
    int64_t count)
{
	for (int64_t i = 1; i < count; i++) {
		bool wanted[2] = { false, false };

		if (!kept[i] || made[i].id.stream != ANNA)
			continue;
		for (int k = 0; k < 2; k++)
			wanted[k] =
			    made[i].names[k] != 0 && kept[made[i].names[k]];
		for (size_t at = 0; at < f->tape.count; at++) {
			struct race_decision d;
			struct race_event e;

			if (made_at(f, at, &e) != i)
				continue;
			d = *e.decision;
			wanted[0] &= called(f, d.target) != made[i].names[0];
			wanted[1] &=
			    called(f, d.other_target) != made[i].names[1];
		}
		assert_false(wanted[0] || wanted[1]);
	}
}

static void
any_part_names_what_the_whole_named(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = test_seed();

	for (int round = 0; round < 200; round++) {
		static struct made made[MADE];
		static bool kept[MADE];
		int64_t count = 1 + (int64_t)test_below(&seed, 60);
		int64_t from = (int64_t)test_below(&seed, 40);
		int64_t to = from + 1 + (int64_t)test_below(&seed, 60);
		struct race_event e;
		size_t at = 0;

		memset(made, 0, sizeof made);
		while (f->now < count)
			make_any(f, &seed, made);
		model(made, count, from, to, kept);
		cut(f, from, to);
		check_streams(f);
		for (int64_t i = 1; i < count; i++) {
			if (!kept[i])
				continue;
			assert_true(at < f->tape.count);
			assert_int_equal(made_at(f, at, &e), i);
			assert_true(made[i].id.stream != ANNA ||
			    epoch_at(f, at) == ANNA);
			check_names(f, at++, made);
			/* And what was said again. */
			if (at < f->tape.count && made_at(f, at, &e) == i)
				check_names(f, at++, made);
		}
		assert_int_equal(at, f->tape.count);
		check_found(f, made, kept, count);
		tape_clear(&f->tape);
		tape_init(&f->tape, STORE, "a race");
		f->now = 1;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(the_beginning_of_a_stream_keeps_its_name),
		T(any_other_part_is_a_stream_of_its_own),
		T(the_bounds_belong_to_the_part),
		T(other_bounds_make_another_stream),
		T(what_a_station_takes_back_of_what_is_left_out_is_left_out),
		T(decisions_follow_the_reads_that_they_are_about),
		T(what_is_decided_about_what_is_left_out_waits_for_it),
		T(an_undo_undoes_what_was_said_again),
		T(a_penalty_that_replaces_what_is_said_again_is_said_once),
		T(a_gun_of_a_crossing_is_said_once),
		T(parts_agree_about_what_operators_said),
		T(a_clock_that_is_ahead_makes_another_stream),
		T(another_error_of_the_clock_is_another_stream),
		T(decisions_follow_a_clock_that_is_off),
		T(what_operators_said_before_goes_with_a_part),
		T(an_instant_is_the_last_event_received_by_then),
		T(what_names_nothing_of_the_recording_stays_as_it_is),
		T(a_clock_is_known_from_before),
		T(another_beginning_makes_another_stream),
		T(a_stream_with_a_hole_becomes_whole),
		T(any_part_names_what_the_whole_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
