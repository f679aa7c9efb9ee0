#include "support/test.h"

#include "collector/replay_pace.h"
#include "common/xalloc.h"

#define S INT64_C(1000000)

enum { STREAMS_MAX = 200, EVENTS_MAX = 2000 };

struct fixture {
	struct tape tape;
	struct pace *pace;
	uint64_t released[STREAMS_MAX]; /* by stream */
	uint64_t acked[STREAMS_MAX];
	size_t count; /* of all */
	bool expected[STREAMS_MAX];
	size_t expected_count;
};

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	tape_init(&f->tape, 9, "a race");
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
release(void *arg, uint32_t stream, uint64_t seq)
{
	struct fixture *f = arg;

	assert_int_equal(seq, f->released[stream] + 1);
	f->released[stream] = seq;
	f->count++;
}

static void
expect(void *arg, uint32_t stream)
{
	struct fixture *f = arg;

	assert_true(f->tape.streams[stream].operators);
	assert_int_equal(f->released[stream], 0);
	assert_false(f->expected[stream]);
	f->expected[stream] = true;
	f->expected_count++;
}

static const struct pace_ops ops = { .release = release, .expect = expect };

static void
begin(struct fixture *f, double speed)
{
	f->pace = pace_new(&f->tape, speed, &ops, f);
}

static void
acknowledge(struct fixture *f)
{
	for (uint32_t i = 0; i < f->tape.stream_count; i++) {
		if (f->released[i] > f->acked[i])
			pace_acked(f->pace, i, f->acked[i] = f->released[i]);
	}
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
	pace_facts(f->pace, &facts);
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
		pace_facts(f->pace, &facts);
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
		T(a_clock_that_stands_goes_on_where_it_stood),
		T(a_step_is_one_event_and_sets_the_clock),
		T(a_clock_that_was_set_back_holds_nobody_up),
		T(a_command_is_expected_before_it_is_due),
		T(not_too_many_are_expected_at_once),
		T(any_recording_comes_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
