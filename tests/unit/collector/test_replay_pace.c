#include "support/test.h"

#include <string.h>

#include "collector/replay_pace.h"
#include "common/xalloc.h"

#define S INT64_C(1000000)

enum { STREAMS_MAX = 200, EVENTS_MAX = 2000, FAULTS_MAX = 8 };

struct fixture {
	struct tape tape;
	struct faults faults;
	struct pace *pace;
	uint64_t released[STREAMS_MAX]; /* by stream */
	uint64_t acked[STREAMS_MAX];
	size_t count; /* of all */
	bool expected[STREAMS_MAX];
	size_t expected_count;
	struct fault fault[FAULTS_MAX];
	struct fault_edge edges[2 * FAULTS_MAX];
	struct fault_wish wish;
	uint32_t streams[FAULTS_MAX];
	bool overlap;
	int64_t stops[FAULTS_MAX]; /* where it is to stand, */
	size_t stop_count;
	int64_t stood[FAULTS_MAX]; /* and where it did, in seconds */
	size_t stood_count;
	char story[EVENTS_MAX +
	    1000]; /* of a race: streams, and where faults begin */
};

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	tape_init(&f->tape, 9, "a race");
	f->faults.faults = f->fault;
	f->faults.edges = f->edges;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	pace_free(f->pace);
	tape_clear(&f->tape);
	free(f);
	return 0;
}

/* Of collectors below 1000, of operators from there on. */
static void
add(struct fixture *f, uint64_t epoch, int64_t second)
{
	uint32_t i = tape_stream(&f->tape, epoch, "somebody");

	f->tape.streams[i].operators = epoch >= 1000;
	tape_add(&f->tape,
	    &(struct tape_event){ .stream = i,
	        .seq = f->tape.streams[i].count + 1,
	        .received_us = second * S,
	        .moment_us = second * S },
	    NULL);
}

static void
tell(struct fixture *f, char c)
{
	size_t len = strlen(f->story);

	if (len + 1 < sizeof f->story)
		f->story[len] = c;
}

static void
release(void *arg, uint32_t stream, uint64_t seq)
{
	struct fixture *f = arg;

	assert_int_equal(seq, f->released[stream] + 1);
	f->released[stream] = seq;
	f->count++;
	tell(f, (char)('a' + stream));
}

static void
expect(void *arg, uint32_t stream)
{
	struct fixture *f = arg;

	assert_true(f->tape.streams[stream].operators || f->count == 0);
	assert_int_equal(f->released[stream], 0);
	assert_false(f->expected[stream]);
	f->expected[stream] = true;
	f->expected_count++;
}

static void
fault(void *arg, const struct fault *is, bool begins)
{
	struct fixture *f = arg;

	if (!f->overlap)
		assert_int_equal(pace_is_cut(f->pace, is->streams[0]), begins);
	tell(f, begins ? '[' : ']');
}

static void
stand(void *arg, int64_t at_us)
{
	struct fixture *f = arg;

	f->stood[f->stood_count++] = at_us / S;
}

static const struct pace_ops ops = {
	.release = release, .expect = expect, .fault = fault, .stand = stand
};

/* The stream is cut off from one second up to another; faults come in the order
 * of their edges here. */
static void
cut_off(struct fixture *f, uint32_t stream, int64_t from, int64_t to)
{
	uint32_t i = (uint32_t)f->faults.count++;

	f->streams[i] = stream;
	f->fault[i] = (struct fault){ .wish = &f->wish,
		.from_us = from * S,
		.to_us = to * S,
		.streams = &f->streams[i],
		.stream_count = 1 };
	f->edges[f->faults.edge_count++] =
	    (struct fault_edge){ from * S, i, true };
	f->edges[f->faults.edge_count++] =
	    (struct fault_edge){ to * S, i, false };
}

static void
begin(struct fixture *f, double speed)
{
	f->pace = pace_new(&f->tape, &f->faults, speed, &ops, f);
}

static void
acknowledge(struct fixture *f)
{
	for (uint32_t i = 0; i < f->tape.stream_count; i++) {
		if (f->released[i] > f->acked[i])
			pace_acked(f->pace, i, f->acked[i] = f->released[i]);
	}
}

static int64_t
clock_of(const struct fixture *f, int64_t now_us)
{
	struct pace_facts facts;

	pace_facts(f->pace, now_us, &facts);
	return facts.time_us / S;
}

static void
collectors_go_side_by_side_as_fast_as_can_be(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 100; i++)
		add(f, 1 + (uint64_t)i % 3, i);
	begin(f, 0);
	/* Somebody has to be there first. */
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 1);
	assert_int_equal(pace_deadline(f->pace, 0), INT64_MAX);
	pace_go(f->pace, true, 0);
	assert_int_equal(pace_deadline(f->pace, 0), 0);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 100);
	assert_int_equal(pace_deadline(f->pace, 0), INT64_MAX);
}

static void
a_decision_waits_for_what_was_before_and_holds_what_comes(void **state)
{
	struct fixture *f = *state;
	struct pace_facts facts;

	add(f, 1, 0);
	add(f, 2, 0);
	add(f, 1000, 0);
	add(f, 1001, 0);
	add(f, 1, 0);
	begin(f, 0);
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 2);
	pace_acked(f->pace, 0, 1);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 2);
	pace_acked(f->pace, 1, 1);
	assert_int_equal(pace_deadline(f->pace, 0), 0);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 4);
	pace_facts(f->pace, 0, &facts);
	assert_int_equal(facts.waiting, 2);
	pace_acked(f->pace, 2, 1);
	pace_acked(f->pace, 3, 1);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 5);
}

static void
what_is_held_already_is_not_waited_for(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 0);
	add(f, 1, 0);
	add(f, 1000, 0);
	begin(f, 0);
	pace_turn(f->pace, 0);
	pace_acked(f->pace, 0, 2);
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 3);
}

static void
many_commands_go_some_at_a_time(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < 150; i++)
		add(f, 1000 + i, 0);
	begin(f, 0);
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 64);
	pace_acked(f->pace, 5, 1);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 65);
	for (int i = 0; i < 3; i++) {
		acknowledge(f);
		pace_turn(f->pace, 0);
	}
	assert_int_equal(f->count, 150);
}

static void
at_a_speed_each_waits_for_its_time(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 1000);
	add(f, 2, 1010);
	add(f, 1, 1030);
	begin(f, 10);
	/* The clock begins when somebody is there. */
	pace_turn(f->pace, 0);
	pace_turn(f->pace, 50 * S);
	assert_int_equal(f->count, 1);
	pace_go(f->pace, true, 50 * S);
	pace_turn(f->pace, 50 * S);
	assert_int_equal(f->count, 1);
	assert_in_range(pace_deadline(f->pace, 50 * S), 51 * S, 51 * S + 2);
	pace_turn(f->pace, 51 * S - 1);
	assert_int_equal(f->count, 1);
	pace_turn(f->pace, 51 * S);
	assert_int_equal(f->count, 2);
	pace_turn(f->pace, 53 * S);
	assert_int_equal(f->count, 3);
}

/* What operators had said before it is not waited for. */
static void
a_part_begins_with_itself(void **state)
{
	struct fixture *f = *state;

	add(f, 1000, 0);
	add(f, 1, 5000);
	add(f, 1, 5010);
	f->tape.begin_us = 5000 * S;
	begin(f, 1);
	pace_turn(f->pace, 0);
	pace_go(f->pace, true, 0);
	acknowledge(f);
	pace_turn(f->pace, 1 * S);
	assert_int_equal(f->count, 2);
	assert_int_equal(clock_of(f, 1 * S), 5001);
}

static void
a_clock_that_stands_goes_on_where_it_stood(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 10; i++)
		add(f, 1, 100 + 10 * i);
	begin(f, 1);
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 15 * S);
	assert_int_equal(f->count, 2);
	pace_go(f->pace, false, 15 * S);
	pace_turn(f->pace, 500 * S);
	assert_int_equal(f->count, 2);
	pace_go(f->pace, true, 500 * S);
	pace_turn(f->pace, 504 * S);
	assert_int_equal(f->count, 2);
	pace_turn(f->pace, 505 * S);
	assert_int_equal(f->count, 3);
}

static void
a_step_is_one_event_and_sets_the_clock(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 100);
	add(f, 1, 5000);
	add(f, 1, 6000);
	add(f, 1, 6010);
	add(f, 1, 6020);
	begin(f, 1);
	pace_turn(f->pace, 0);
	pace_step(f->pace);
	pace_turn(f->pace, 1 * S);
	pace_turn(f->pace, 1 * S);
	assert_int_equal(f->count, 2);
	/* Who presses a key twice means it. */
	pace_step(f->pace);
	pace_step(f->pace);
	pace_turn(f->pace, 1 * S);
	pace_turn(f->pace, 1 * S);
	assert_int_equal(f->count, 4);
	pace_go(f->pace, true, 1 * S);
	pace_turn(f->pace, 10 * S);
	assert_int_equal(f->count, 4);
	pace_turn(f->pace, 11 * S);
	assert_int_equal(f->count, 5);
}

static void
a_clock_that_was_set_back_holds_nobody_up(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 1000);
	add(f, 1, 400);
	add(f, 1, 1001);
	begin(f, 1);
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 2);
	pace_turn(f->pace, 1 * S);
	assert_int_equal(f->count, 3);
}

static void
a_command_is_expected_before_it_is_due(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 1000);
	add(f, 1000, 1100);
	add(f, 1000, 1101);
	add(f, 1001, 1200);
	begin(f, 10);
	pace_turn(f->pace, 0);
	pace_go(f->pace, true, 0);
	pace_acked(f->pace, 0, 1);
	pace_turn(f->pace, 8 * S);
	assert_int_equal(f->expected_count, 0);
	pace_turn(f->pace, 9 * S);
	assert_true(f->expected[1]);
	assert_int_equal(f->expected_count, 1);
	assert_int_equal(f->count, 1);
	pace_turn(f->pace, 30 * S);
	assert_int_equal(f->count, 4);
}

static void
not_too_many_are_expected_at_once(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 0);
	for (uint64_t i = 0; i < 150; i++)
		add(f, 1000 + i, 0);
	begin(f, 0);
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 1);
	assert_int_equal(f->expected_count, 32);
	for (int i = 0; i < 5; i++) {
		acknowledge(f);
		pace_turn(f->pace, 0);
	}
	assert_int_equal(f->count, 151);
}

/* ---- jumps and speeds ---- */

static void
a_jump_plays_what_lies_between_and_goes_on(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 10; i++)
		add(f, 1, 100 * i);
	begin(f, 1);
	pace_turn(f->pace, 0);
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 50 * S);
	assert_int_equal(f->count, 1);
	pace_jump(f->pace, 450 * S, 50 * S);
	assert_int_equal(pace_deadline(f->pace, 50 * S), 50 * S);
	pace_turn(f->pace, 50 * S);
	assert_int_equal(f->count, 5);
	assert_int_equal(clock_of(f, 50 * S), 450);
	assert_in_range(pace_deadline(f->pace, 50 * S), 100 * S, 100 * S + 2);
	pace_turn(f->pace, 99 * S);
	assert_int_equal(f->count, 5);
	pace_turn(f->pace, 100 * S);
	assert_int_equal(f->count, 6);
}

static void
a_jump_waits_for_what_is_decided_on_the_way(void **state)
{
	struct fixture *f = *state;
	struct pace_facts facts;

	add(f, 1, 0);
	add(f, 1000, 100);
	add(f, 1, 200);
	add(f, 1, 300);
	begin(f, 1);
	pace_turn(f->pace, 0);
	pace_go(f->pace, true, 0);
	pace_jump(f->pace, 250 * S, 0);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 1);
	pace_facts(f->pace, 0, &facts);
	assert_true(facts.jumping);
	assert_int_equal(facts.until_us, 250 * S);
	/* The clock does not run away meanwhile. */
	acknowledge(f);
	pace_turn(f->pace, 500 * S);
	assert_int_equal(f->count, 2);
	acknowledge(f);
	pace_turn(f->pace, 500 * S);
	assert_int_equal(f->count, 3);
	assert_int_equal(clock_of(f, 500 * S), 250);
	pace_turn(f->pace, 549 * S);
	assert_int_equal(f->count, 3);
	pace_turn(f->pace, 550 * S);
	assert_int_equal(f->count, 4);
}

static void
who_stands_jumps_and_stands(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 10; i++)
		add(f, 1, 100 * i);
	begin(f, 1);
	pace_turn(f->pace, 0);
	pace_go(f->pace, true, 0);
	pace_go(f->pace, false, 10 * S);
	pace_jump(f->pace, 300 * S, 10 * S);
	pace_turn(f->pace, 10 * S);
	assert_int_equal(f->count, 4);
	pace_turn(f->pace, 5000 * S);
	assert_int_equal(f->count, 4);
	assert_int_equal(clock_of(f, 5000 * S), 300);
	pace_go(f->pace, true, 5000 * S);
	pace_turn(f->pace, 5100 * S);
	assert_int_equal(f->count, 5);
}

static void
a_jump_beyond_the_end_plays_it_to_its_end(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 10; i++)
		add(f, 1, 100 * i);
	begin(f, 1);
	pace_turn(f->pace, 0);
	pace_go(f->pace, true, 0);
	pace_jump(f->pace, 90000 * S, 0);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 10);
	assert_int_equal(pace_deadline(f->pace, 0), INT64_MAX);
	assert_int_equal(clock_of(f, 0), 900);
}

static void
another_speed_holds_from_now_on(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 10; i++)
		add(f, 1, 100 * i);
	begin(f, 1);
	pace_turn(f->pace, 0);
	pace_go(f->pace, true, 0);
	pace_speed(f->pace, 10, 50 * S);
	pace_turn(f->pace, 55 * S - 1);
	assert_int_equal(f->count, 1);
	pace_turn(f->pace, 55 * S);
	assert_int_equal(f->count, 2);
	pace_speed(f->pace, 0, 56 * S);
	pace_turn(f->pace, 56 * S);
	assert_int_equal(f->count, 10);
}

static void
from_as_fast_as_can_be_down_to_a_speed(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 0);
	add(f, 1000, 100);
	add(f, 1, 200);
	begin(f, 0);
	pace_turn(f->pace, 0);
	pace_go(f->pace, true, 0);
	acknowledge(f);
	pace_turn(f->pace, 1 * S);
	assert_int_equal(f->count, 2);
	assert_int_equal(clock_of(f, 1 * S), 100);
	pace_speed(f->pace, 10, 2 * S);
	acknowledge(f);
	pace_turn(f->pace, 12 * S - 1);
	assert_int_equal(f->count, 2);
	pace_turn(f->pace, 12 * S);
	assert_int_equal(f->count, 3);
}

/* ---- faults ---- */

/* a and b by turns, each ten seconds; a is cut off from 25 up to 55. */
static void
add_cut_race(struct fixture *f)
{
	for (int i = 0; i < 10; i++)
		add(f, 1 + (uint64_t)i % 2, 10 * i);
	cut_off(f, 0, 25, 55);
}

static void
a_fault_covers_the_same_events_at_any_speed(void **state)
{
	static const double speeds[] = { 0, 1, 1000 };
	struct fixture *f = *state;

	add_cut_race(f);
	for (size_t k = 0; k < 3; k++) {
		pace_free(f->pace);
		memset(f->released, 0, sizeof f->released);
		memset(f->acked, 0, sizeof f->acked);
		memset(f->story, 0, sizeof f->story);
		f->count = 0;
		begin(f, speeds[k]);
		pace_turn(f->pace, 0);
		pace_go(f->pace, true, 0);
		for (int now = 0; now <= 100; now++) {
			pace_turn(f->pace, now * S);
			acknowledge(f);
		}
		assert_string_equal(f->story, "aba[bab]abab");
	}
}

static void
nobody_waits_for_a_stream_that_is_cut_off(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 0);
	add(f, 2, 0);
	add(f, 1, 30);
	add(f, 1000, 40);
	add(f, 2, 50);
	add(f, 1000, 70);
	cut_off(f, 0, 20, 60);
	begin(f, 0);
	pace_turn(f->pace, 0);
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 0);
	/* What b sent is waited for, and nothing of a. */
	assert_string_equal(f->story, "ab[a");
	pace_acked(f->pace, 1, 1);
	pace_turn(f->pace, 0);
	assert_string_equal(f->story, "ab[ac");
	pace_acked(f->pace, 2, 1);
	pace_turn(f->pace, 0);
	assert_string_equal(f->story, "ab[acb");
	/* It comes back when all others have arrived, ... */
	pace_acked(f->pace, 1, 2);
	assert_int_equal(pace_deadline(f->pace, 0), 0);
	pace_turn(f->pace, 0);
	assert_string_equal(f->story, "ab[acb]");
	/* ... and then it counts again. */
	pace_acked(f->pace, 0, 1);
	pace_turn(f->pace, 0);
	assert_string_equal(f->story, "ab[acb]");
	pace_acked(f->pace, 0, 2);
	pace_turn(f->pace, 0);
	assert_string_equal(f->story, "ab[acb]c");
}

static void
a_fault_beyond_the_last_event_ends_in_its_time(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 0);
	add(f, 1, 10);
	cut_off(f, 0, 5, 40);
	begin(f, 1);
	pace_turn(f->pace, 0);
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 12 * S);
	assert_string_equal(f->story, "a[a");
	assert_in_range(pace_deadline(f->pace, 12 * S), 40 * S, 40 * S + 2);
	pace_turn(f->pace, 40 * S);
	assert_string_equal(f->story, "a[a]");
	assert_int_equal(clock_of(f, 50 * S), 40);
}

/* Who is cut off from the beginning says hello first: without anybody there the
 * clock would never begin. */
static void
the_very_first_event_goes_before_any_fault(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 0);
	add(f, 1, 10);
	cut_off(f, 0, 0, 40);
	begin(f, 0);
	pace_turn(f->pace, 0);
	assert_string_equal(f->story, "a");
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 0);
	assert_string_equal(f->story, "a[a]");
}

static void
two_faults_of_a_stream_end_with_the_later_one(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 0);
	for (int i = 1; i < 6; i++)
		add(f, 2, 10 * i);
	cut_off(f, 0, 5, 25);
	cut_off(f, 0, 15, 45);
	f->edges[0] = (struct fault_edge){ 5 * S, 0, true };
	f->edges[1] = (struct fault_edge){ 15 * S, 1, true };
	f->edges[2] = (struct fault_edge){ 25 * S, 0, false };
	f->edges[3] = (struct fault_edge){ 45 * S, 1, false };
	f->overlap = true;
	begin(f, 1);
	pace_turn(f->pace, 0);
	pace_go(f->pace, true, 0);
	for (int now = 0; now <= 60; now++) {
		pace_turn(f->pace, now * S);
		pace_acked(f->pace, 1, f->acked[1] = f->released[1]);
		assert_int_equal(pace_is_cut(f->pace, 0), now >= 5 && now < 45);
	}
	assert_string_equal(f->story, "a[b[b]bb]b");
}

static void
a_jump_over_a_fault_covers_the_same_events(void **state)
{
	struct fixture *f = *state;

	add_cut_race(f);
	begin(f, 1);
	pace_turn(f->pace, 0);
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 5 * S);
	pace_jump(f->pace, 71 * S, 5 * S);
	for (int k = 0; k < 5; k++) {
		pace_turn(f->pace, 5 * S);
		acknowledge(f);
	}
	assert_string_equal(f->story, "aba[bab]ab");
}

/* Whatever is recorded and however it is acknowledged, all of it goes, in the
 * order of the log, and never a decision beside a crossing. */
static void
any_recording_comes_to_its_end(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = test_seed();

	for (int i = 0; i < EVENTS_MAX; i++) {
		uint64_t stream = test_below(&seed, 90);

		add(f, stream < 3 ? 1 + stream : 1000 + stream,
		    (int64_t)test_below(&seed, 4000));
	}
	begin(f, 0);
	pace_go(f->pace, true, 0);
	for (int turn = 0; f->count < EVENTS_MAX; turn++) {
		struct pace_facts facts;
		unsigned waiting[2] = { 0, 0 };
		uint32_t i;

		assert_true(turn < 100 * EVENTS_MAX);
		pace_turn(f->pace, turn);
		pace_facts(f->pace, 0, &facts);
		assert_int_equal(facts.released, f->count);
		for (i = 0; i < f->tape.stream_count; i++)
			waiting[f->tape.streams[i].operators] +=
			    (unsigned)(f->released[i] - f->acked[i]);
		assert_true(waiting[0] == 0 || waiting[1] == 0);
		assert_int_equal(facts.waiting, waiting[0] + waiting[1]);
		i = (uint32_t)test_below(&seed, f->tape.stream_count);
		if (f->released[i] > f->acked[i])
			pace_acked(f->pace, i, ++f->acked[i]);
	}
}

/* ---- where it stands by itself ---- */

static void
stand_at(struct fixture *f, int64_t second)
{
	f->stops[f->stop_count++] = second * S;
	pace_stops(f->pace, f->stops, f->stop_count);
}

static void
it_stands_once_all_before_is_acknowledged(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 10; i++)
		add(f, 1, 100 * i);
	begin(f, 0);
	stand_at(f, 250);
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 3);
	assert_int_equal(f->stood_count, 0);
	acknowledge(f);
	pace_turn(f->pace, 0);
	assert_int_equal(f->stood_count, 1);
	assert_int_equal(f->stood[0], 250);
	assert_int_equal(clock_of(f, 1000 * S), 250);
	pace_turn(f->pace, 1000 * S);
	assert_int_equal(f->count, 3);
	pace_go(f->pace, true, 1000 * S);
	pace_turn(f->pace, 1000 * S);
	assert_int_equal(f->count, 10);
	assert_int_equal(f->stood_count, 1);
}

static void
at_a_speed_it_stands_at_the_time_and_goes_on_from_there(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 0);
	add(f, 1, 100);
	add(f, 1, 300);
	begin(f, 10);
	stand_at(f, 100);
	stand_at(f, 250);
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 0);
	acknowledge(f);
	pace_turn(f->pace, 10 * S);
	/* What was received at that very time belongs before it; and while it
	 * is waited for, nobody need look. */
	assert_int_equal(f->count, 2);
	assert_int_equal(f->stood_count, 0);
	pace_turn(f->pace, 11 * S);
	assert_int_equal(clock_of(f, 12 * S), 100);
	acknowledge(f);
	pace_turn(f->pace, 12 * S);
	assert_int_equal(f->stood_count, 1);
	pace_go(f->pace, true, 20 * S);
	assert_in_range(pace_deadline(f->pace, 20 * S), 35 * S, 35 * S + 2);
	pace_turn(f->pace, 36 * S);
	assert_int_equal(f->stood_count, 2);
	assert_int_equal(clock_of(f, 50 * S), 250);
	assert_int_equal(pace_deadline(f->pace, 50 * S), INT64_MAX);
	pace_go(f->pace, true, 50 * S);
	pace_turn(f->pace, 55 * S);
	assert_int_equal(f->count, 3);
}

static void
it_does_not_look_again_and_again_while_it_waits_to_stand(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 0);
	add(f, 1, 300);
	begin(f, 10);
	stand_at(f, 100);
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 0);
	assert_in_range(pace_deadline(f->pace, 0), 10 * S, 10 * S + 2);
	pace_turn(f->pace, 10 * S);
	assert_int_equal(pace_deadline(f->pace, 10 * S), INT64_MAX);
	acknowledge(f);
	pace_turn(f->pace, 11 * S);
	assert_int_equal(f->stood_count, 1);
}

static void
a_jump_ends_where_it_is_to_stand(void **state)
{
	struct fixture *f = *state;
	struct pace_facts facts;

	for (int i = 0; i < 10; i++)
		add(f, 1, 100 * i);
	begin(f, 1);
	stand_at(f, 250);
	pace_go(f->pace, true, 0);
	pace_jump(f->pace, 850 * S, 0);
	pace_turn(f->pace, 0);
	pace_facts(f->pace, 0, &facts);
	assert_true(facts.jumping);
	acknowledge(f);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 3);
	assert_int_equal(f->stood_count, 1);
	pace_turn(f->pace, 1000 * S);
	assert_int_equal(f->count, 3);
	/* One event behind it, by hand. */
	pace_step(f->pace);
	pace_turn(f->pace, 1000 * S);
	assert_int_equal(f->count, 4);
	pace_jump(f->pace, 850 * S, 1000 * S);
	pace_turn(f->pace, 1000 * S);
	assert_int_equal(f->count, 9);
	assert_int_equal(clock_of(f, 1000 * S), 850);
}

static void
who_goes_on_is_not_stopped_where_he_was_before(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 10; i++)
		add(f, 1, 100 * i);
	begin(f, 1);
	stand_at(f, 150);
	stand_at(f, 350);
	stand_at(f, 550);
	pace_turn(f->pace, 0);
	/* It has been played up to 500 and a bit. */
	pace_acked(f->pace, 0, 6);
	pace_go(f->pace, true, 0);
	assert_int_equal(pace_deadline(f->pace, 0), 0);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 6);
	assert_int_equal(f->stood_count, 0);
	assert_int_equal(clock_of(f, 0), 500);
	pace_turn(f->pace, 50 * S);
	assert_int_equal(f->stood_count, 1);
	assert_int_equal(f->stood[0], 550);
}

static void
what_is_held_is_passed_with_the_faults_before_it(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 10; i++)
		add(f, 1, 100 * i);
	add(f, 2, 1000);
	cut_off(f, 0, 150, 350);
	begin(f, 1);
	pace_turn(f->pace, 0);
	pace_acked(f->pace, 0, 6);
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 0);
	assert_string_equal(f->story, "aa[aa]aa");
}

static void
with_nothing_behind_it_there_is_nothing_to_stand_for(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 0);
	add(f, 1, 100);
	begin(f, 0);
	stand_at(f, 200);
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 0);
	acknowledge(f);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 2);
	assert_int_equal(f->stood_count, 0);
}

/* Somebody has to be there for the clock to go, and gets nothing yet. */
static void
it_stands_before_the_very_first_event(void **state)
{
	struct fixture *f = *state;

	add(f, 1, 100);
	add(f, 2, 200);
	begin(f, 0);
	stand_at(f, 50);
	pace_turn(f->pace, 0);
	assert_int_equal(f->count, 0);
	assert_true(f->expected[0]);
	pace_turn(f->pace, 0);
	assert_int_equal(f->expected_count, 1);
	pace_go(f->pace, true, 0);
	pace_turn(f->pace, 0);
	assert_int_equal(f->stood_count, 1);
	pace_turn(f->pace, 1 * S);
	assert_int_equal(f->count, 0);
	pace_go(f->pace, true, 5 * S);
	pace_turn(f->pace, 5 * S);
	acknowledge(f);
	pace_turn(f->pace, 5 * S);
	assert_int_equal(f->count, 2);
}

/* Of some stations, one after the other or one within another. */
static void
add_any_faults(struct fixture *f, uint64_t *seed)
{
	int64_t at = 0;

	for (int i = 0; i < FAULTS_MAX / 2; i++) {
		int64_t from = at + (int64_t)test_below(seed, 500);
		int64_t to = from + 1 + (int64_t)test_below(seed, 500);

		cut_off(f, (uint32_t)test_below(seed, 3), from, to);
		at = to;
	}
}

/* Nobody waits for ever, whatever is cut off and whenever the others are
 * acknowledged; who is cut off is not. */
static void
any_faults_come_to_their_end(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = test_seed();
	int64_t second = 0;
	size_t edges;

	for (uint64_t i = 0; i < 3; i++)
		add(f, 1 + i, 0);
	for (int i = 3; i < EVENTS_MAX; i++) {
		uint64_t stream = test_below(&seed, 40);

		second += (int64_t)test_below(&seed, 4);
		add(f, stream < 35 ? 1 + stream % 3 : 1000 + stream, second);
	}
	add_any_faults(f, &seed);
	begin(f, test_below(&seed, 2) == 0 ? 0 : 100);
	pace_turn(f->pace, 0);
	pace_go(f->pace, true, 0);
	for (int turn = 1; f->count < EVENTS_MAX; turn++) {
		uint32_t i = (uint32_t)test_below(&seed, f->tape.stream_count);

		assert_true(turn < 100 * EVENTS_MAX);
		pace_turn(f->pace, turn * S / 100);
		if (f->released[i] > f->acked[i] && !pace_is_cut(f->pace, i))
			pace_acked(f->pace, i, ++f->acked[i]);
	}
	acknowledge(f);
	pace_turn(f->pace, 1000000 * S);
	edges = 0;
	for (const char *c = f->story; *c != '\0'; c++)
		edges += *c == '[' || *c == ']';
	assert_int_equal(edges, FAULTS_MAX);
	for (uint32_t i = 0; i < 3; i++)
		assert_false(pace_is_cut(f->pace, i));
}

/* ---- whatever is pressed ---- */

static void
press_any(struct fixture *f, uint64_t *seed, int64_t now_us)
{
	static const double speeds[] = { 0, 0.1, 1, 100, 1000000 };
	struct pace_facts facts;

	pace_facts(f->pace, now_us, &facts);
	switch (test_below(seed, 8)) {
	case 0:
		pace_go(f->pace, true, now_us);
		break;
	case 1:
		pace_go(f->pace, false, now_us);
		break;
	case 2:
		pace_step(f->pace);
		break;
	case 3:
		pace_speed(f->pace, speeds[test_below(seed, 5)], now_us);
		break;
	case 4:
		pace_jump(f->pace,
		    facts.time_us + 1 + (int64_t)test_below(seed, 1000) * S,
		    now_us);
		break;
	default:
		break;
	}
}

static void
acknowledge_any(struct fixture *f, uint64_t *seed)
{
	uint32_t i = (uint32_t)test_below(seed, f->tape.stream_count);

	if (f->released[i] > f->acked[i] && !pace_is_cut(f->pace, i))
		pace_acked(f->pace, i, ++f->acked[i]);
}

/* The clock never goes back, and who has just looked need not look again at
 * once; but once more, behind a jump. */
static void
check_turn(struct fixture *f, int64_t now_us, int64_t *last_us)
{
	struct pace_facts facts;

	pace_turn(f->pace, now_us);
	if (pace_deadline(f->pace, now_us) <= now_us)
		pace_turn(f->pace, now_us);
	assert_true(pace_deadline(f->pace, now_us) > now_us);
	pace_facts(f->pace, now_us, &facts);
	assert_true(facts.time_us >= *last_us);
	*last_us = facts.time_us;
}

static void
any_keys_come_to_the_end(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = test_seed();
	int64_t second = 100;
	int64_t now_us = 0;
	int64_t last_us = 0;

	for (int i = 0; i < EVENTS_MAX; i++) {
		uint64_t stream = test_below(&seed, 40);

		second += (int64_t)test_below(&seed, 4);
		add(f, stream < 35 ? 1 + stream % 3 : 1000 + stream, second);
	}
	f->overlap = true;
	add_any_faults(f, &seed);
	begin(f, 1);
	for (int64_t i = 0; i < 4; i++)
		stand_at(f, 1000 * i + (int64_t)test_below(&seed, 1000));
	for (int turn = 0; turn < 3000; turn++) {
		now_us += (int64_t)test_below(&seed, 2 * S);
		check_turn(f, now_us, &last_us);
		press_any(f, &seed, now_us);
		acknowledge_any(f, &seed);
	}
	pace_speed(f->pace, 0, now_us);
	for (int turn = 0; f->count < EVENTS_MAX; turn++) {
		assert_true(turn < 10 * EVENTS_MAX);
		pace_go(f->pace, true, now_us);
		check_turn(f, now_us, &last_us);
		for (uint32_t i = 0; i < f->tape.stream_count; i++) {
			if (!pace_is_cut(f->pace, i) &&
			    f->released[i] > f->acked[i])
				pace_acked(f->pace, i,
				    f->acked[i] = f->released[i]);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(collectors_go_side_by_side_as_fast_as_can_be),
		T(a_decision_waits_for_what_was_before_and_holds_what_comes),
		T(what_is_held_already_is_not_waited_for),
		T(many_commands_go_some_at_a_time),
		T(at_a_speed_each_waits_for_its_time),
		T(a_part_begins_with_itself),
		T(a_clock_that_stands_goes_on_where_it_stood),
		T(a_step_is_one_event_and_sets_the_clock),
		T(a_clock_that_was_set_back_holds_nobody_up),
		T(a_command_is_expected_before_it_is_due),
		T(not_too_many_are_expected_at_once),
		T(a_jump_plays_what_lies_between_and_goes_on),
		T(a_jump_waits_for_what_is_decided_on_the_way),
		T(who_stands_jumps_and_stands),
		T(a_jump_beyond_the_end_plays_it_to_its_end),
		T(another_speed_holds_from_now_on),
		T(from_as_fast_as_can_be_down_to_a_speed),
		T(a_fault_covers_the_same_events_at_any_speed),
		T(nobody_waits_for_a_stream_that_is_cut_off),
		T(a_fault_beyond_the_last_event_ends_in_its_time),
		T(the_very_first_event_goes_before_any_fault),
		T(two_faults_of_a_stream_end_with_the_later_one),
		T(a_jump_over_a_fault_covers_the_same_events),
		T(any_recording_comes_to_its_end),
		T(any_faults_come_to_their_end),
		T(it_stands_once_all_before_is_acknowledged),
		T(at_a_speed_it_stands_at_the_time_and_goes_on_from_there),
		T(it_does_not_look_again_and_again_while_it_waits_to_stand),
		T(a_jump_ends_where_it_is_to_stand),
		T(who_goes_on_is_not_stopped_where_he_was_before),
		T(what_is_held_is_passed_with_the_faults_before_it),
		T(with_nothing_behind_it_there_is_nothing_to_stand_for),
		T(it_stands_before_the_very_first_event),
		T(any_keys_come_to_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
