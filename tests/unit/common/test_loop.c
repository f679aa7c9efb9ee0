#include "support/test.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/time.h>
#include <unistd.h>
#include <zmq.h>

#include "common/clock.h"
#include "common/loop.h"

/*
 * Ends by itself: turn_end stops the loop after `turns`.  A loop that waits
 * though it should not runs into the time limit of the test.
 */
struct fixture {
	struct loop *loop;
	void *zmq;
	void *in;
	void *out;
	int pipe[2];
	int64_t deadline;
	int64_t ended; /* when the last turn did */
	int turns;
	int turns_left;
	int handled;
	int handled_at_end; /* as turn_end saw it */
	int resized;
	struct loop_ops ops;
	struct err err;
};

static void
turn_end(void *arg, int64_t now_mono_us)
{
	struct fixture *f = arg;

	f->turns++;
	f->ended = now_mono_us;
	f->handled_at_end = f->handled;
	if (--f->turns_left == 0)
		loop_stop(f->loop);
}

static int64_t
deadline(void *arg, int64_t now_mono_us)
{
	struct fixture *f = arg;

	(void)now_mono_us;
	return f->deadline;
}

static void
winch(void *arg)
{
	struct fixture *f = arg;

	f->resized++;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	if (f == NULL)
		return -1;
	f->ops = (struct loop_ops){ .turn_end = turn_end,
		.deadline = deadline,
		.winch = winch };
	f->deadline = LOOP_NEVER;
	f->turns_left = 1;
	if (loop_new(&f->loop, &f->ops, f, &f->err) < 0 || pipe(f->pipe) < 0)
		return -1;
	f->zmq = zmq_ctx_new();
	f->in = zmq_socket(f->zmq, ZMQ_PAIR);
	f->out = zmq_socket(f->zmq, ZMQ_PAIR);
	if (zmq_bind(f->in, "inproc://loop") < 0 ||
	    zmq_connect(f->out, "inproc://loop") < 0)
		return -1;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	loop_free(f->loop);
	zmq_close(f->in);
	zmq_close(f->out);
	zmq_ctx_term(f->zmq);
	close(f->pipe[0]);
	if (f->pipe[1] >= 0)
		close(f->pipe[1]);
	free(f);
	return 0;
}

static void
send_message(struct fixture *f)
{
	assert_int_equal(zmq_send(f->out, "x", 1, ZMQ_DONTWAIT), 1);
}

static void
write_byte(struct fixture *f)
{
	assert_int_equal(write(f->pipe[1], "x", 1), 1);
}

static void
take_message(void *arg)
{
	struct fixture *f = arg;
	char byte;

	assert_int_equal(zmq_recv(f->in, &byte, 1, ZMQ_DONTWAIT), 1);
	f->handled++;
}

static void
take_byte(void *arg)
{
	struct fixture *f = arg;
	char byte;

	assert_int_equal(read(f->pipe[0], &byte, 1), 1);
	f->handled++;
}

static void
take_end(void *arg)
{
	struct fixture *f = arg;
	char byte;

	assert_int_equal(read(f->pipe[0], &byte, 1), 0);
	f->handled++;
}

static void
count(void *arg)
{
	struct fixture *f = arg;

	f->handled++;
}

static void
a_handler_that_takes_one_message_is_called_until_none_is_left(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 10; i++)
		send_message(f);
	loop_add_zmq(f->loop, f->in, take_message, f);
	f->turns_left = 10;
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->handled, 10);

	/* And not without a message: an eleventh call would not find any. */
	f->turns_left = 1;
	f->deadline = LOOP_NOW;
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->handled, 10);
}

static void
a_turn_ends_after_its_handlers(void **state)
{
	struct fixture *f = *state;

	send_message(f);
	write_byte(f);
	loop_add_zmq(f->loop, f->in, take_message, f);
	loop_add_fd(f->loop, f->pipe[0], take_byte, f);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->turns, 1);
	assert_int_equal(f->handled_at_end, 2);
}

static void
a_pipe_that_was_closed_is_ready(void **state)
{
	struct fixture *f = *state;

	close(f->pipe[1]);
	f->pipe[1] = -1;
	loop_add_fd(f->loop, f->pipe[0], take_end, f);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->handled, 1);
}

static void
a_turn_comes_at_its_deadline_and_not_before(void **state)
{
	struct fixture *f = *state;

	for (int64_t wait = 1; wait < 4000; wait += 333) {
		f->deadline = clock_mono_us() + wait;
		f->turns_left = 1;
		f->turns = 0;
		assert_int_equal(loop_run(f->loop), 0);
		assert_int_equal(f->turns, 1);
		assert_true(f->ended >= f->deadline);
	}
}

static void
a_deadline_that_is_past_does_not_wait(void **state)
{
	struct fixture *f = *state;
	int64_t begin = clock_mono_us();

	f->deadline = LOOP_NOW;
	f->turns_left = 100;
	assert_int_equal(loop_run(f->loop), 0);
	f->deadline = begin;
	f->turns_left = 100;
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->turns, 200);
}

static void
a_deadline_as_good_as_never_waits_for_input(void **state)
{
	static const int64_t far[] = { INT64_MAX, INT64_MAX - 1,
		INT64_C(0x80000000) * 1000 * 1000,
		INT64_C(0x100000000) * 1000 };
	struct fixture *f = *state;

	loop_add_fd(f->loop, f->pipe[0], take_byte, f);
	for (int i = 0; i < (int)(sizeof far / sizeof far[0]); i++) {
		f->deadline = far[i];
		f->turns_left = 1;
		write_byte(f);
		assert_int_equal(loop_run(f->loop), 0);
		assert_int_equal(f->handled, i + 1);
	}
}

static void
a_signal_ends_the_loop_after_its_turn(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM };
	struct fixture *f = *state;

	loop_add_fd(f->loop, f->pipe[0], take_byte, f);
	for (int i = 0; i < 2; i++) {
		f->turns_left = -1;
		write_byte(f);
		kill(getpid(), signals[i]);
		assert_int_equal(loop_run(f->loop), signals[i]);
		assert_int_equal(f->turns, i + 1);
		assert_int_equal(f->handled_at_end, i + 1);
	}
}

static void
the_terminals_new_size_is_told(void **state)
{
	struct fixture *f = *state;

	kill(getpid(), SIGWINCH);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->resized, 1);
	assert_int_equal(f->turns, 1);
}

static void
a_peer_that_goes_does_not_end_the_program(void **state)
{
	struct fixture *f = *state;

	close(f->pipe[0]);
	assert_int_equal(write(f->pipe[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	f->pipe[0] = dup(f->pipe[1]);
}

static void
ignore_alarm(int number)
{
	(void)number;
}

static void
an_interrupted_poll_is_a_turn_without_input(void **state)
{
	struct fixture *f = *state;
	const struct itimerval soon = { .it_value.tv_usec = 1000,
		.it_interval.tv_usec = 1000 };
	const struct itimerval off = { 0 };
	struct sigaction action = { .sa_handler = ignore_alarm };

	loop_add_zmq(f->loop, f->in, take_message, f);
	loop_add_fd(f->loop, f->pipe[0], take_byte, f);
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	f->turns_left = 3;
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &off, NULL), 0);
	assert_int_equal(f->turns, 3);
	assert_int_equal(f->handled, 0);
}

static void
remove_both(void *arg)
{
	struct fixture *f = arg;

	f->handled++;
	loop_del_zmq(f->loop, f->in);
	loop_del_fd(f->loop, f->pipe[0]);
}

static void
a_handler_that_was_removed_in_this_turn_is_not_called(void **state)
{
	struct fixture *f = *state;

	/* Both are ready, the first removes both. */
	send_message(f);
	write_byte(f);
	loop_add_zmq(f->loop, f->in, remove_both, f);
	loop_add_fd(f->loop, f->pipe[0], remove_both, f);
	f->turns_left = 3;
	f->deadline = LOOP_NOW;
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->handled, 1);
}

static void
close_both(void *arg)
{
	struct fixture *f = arg;

	remove_both(f);
	zmq_close(f->in);
	close(f->pipe[0]);
	f->in = zmq_socket(f->zmq, ZMQ_PAIR);
	f->pipe[0] = dup(STDERR_FILENO);
}

static void
what_was_removed_may_be_closed_at_once(void **state)
{
	struct fixture *f = *state;

	send_message(f);
	write_byte(f);
	loop_add_zmq(f->loop, f->in, close_both, f);
	loop_add_fd(f->loop, f->pipe[0], close_both, f);
	f->turns_left = 3;
	f->deadline = LOOP_NOW;
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->handled, 1);
}

static void
add_many(void *arg)
{
	struct fixture *f = arg;

	loop_del_fd(f->loop, f->pipe[0]);
	for (int i = 0; i < 100; i++)
		loop_add_fd(f->loop, f->pipe[0], count, f);
}

static void
a_handler_that_was_added_is_called_from_the_next_turn_on(void **state)
{
	struct fixture *f = *state;

	write_byte(f);
	loop_add_fd(f->loop, f->pipe[0], add_many, f);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->handled, 0);
	f->turns_left = 1;
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->handled, 100);
}

static void
a_context_that_ended_ends_the_loop_with_an_error(void **state)
{
	struct fixture *f = *state;

	loop_add_zmq(f->loop, f->in, take_message, f);
	assert_int_equal(zmq_ctx_shutdown(f->zmq), 0);
	f->turns_left = 5;
	assert_int_equal(loop_run(f->loop), -ESHUTDOWN);
	assert_int_equal(f->turns, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(
		    a_handler_that_takes_one_message_is_called_until_none_is_left),
		TEST(a_turn_ends_after_its_handlers),
		TEST(a_pipe_that_was_closed_is_ready),
		TEST(a_turn_comes_at_its_deadline_and_not_before),
		TEST(a_deadline_that_is_past_does_not_wait),
		TEST(a_deadline_as_good_as_never_waits_for_input),
		TEST(a_signal_ends_the_loop_after_its_turn),
		TEST(the_terminals_new_size_is_told),
		TEST(a_peer_that_goes_does_not_end_the_program),
		TEST(an_interrupted_poll_is_a_turn_without_input),
		TEST(a_handler_that_was_removed_in_this_turn_is_not_called),
		TEST(what_was_removed_may_be_closed_at_once),
		TEST(a_handler_that_was_added_is_called_from_the_next_turn_on),
		TEST(a_context_that_ended_ends_the_loop_with_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
