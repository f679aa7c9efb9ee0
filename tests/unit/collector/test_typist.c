#include "support/test.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "collector/typist.h"
#include "common/clock.h"

/* For what happens at once, on a machine that is busy. */
enum { PATIENCE_MS = 20000 };

struct fixture {
	int person;   /* who types */
	int terminal; /* where the typist reads */
	struct typist *typist;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct termios raw;

	assert_int_equal(openpty(&f->person, &f->terminal, NULL, NULL, NULL),
	    0);
	assert_int_equal(tcgetattr(f->terminal, &raw), 0);
	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(f->terminal, TCSANOW, &raw), 0);
	assert_int_equal(typist_open(&f->typist, f->terminal, NULL), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	typist_free(f->typist);
	close(f->terminal);
	if (f->person >= 0)
		close(f->person);
	free(f);
	return 0;
}

static struct keys_stamp
now(void)
{
	return (struct keys_stamp){ clock_utc_us(), clock_boot_us(),
		clock_mono_us() };
}

static void
type(struct fixture *f, const char *bytes, size_t len)
{
	assert_int_equal(write(f->person, bytes, len), len);
}

static bool
ready(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, ms) == 1;
}

static void
wait_for_bytes(struct fixture *f)
{
	assert_true(ready(typist_fd(f->typist), POLLIN, PATIENCE_MS));
}

static struct keys_press
next(struct fixture *f)
{
	struct keys_press p;

	while (!typist_next(f->typist, clock_mono_us(), &p)) {
		assert_false(typist_gone(f->typist));
		wait_for_bytes(f);
	}
	return p;
}

static void
came_between(const struct keys_stamp *s, const struct keys_stamp *from,
    const struct keys_stamp *to)
{
	assert_in_range(s->utc_us, from->utc_us, to->utc_us);
	assert_in_range(s->boot_us, from->boot_us, to->boot_us);
	assert_in_range(s->mono_us, from->mono_us, to->mono_us);
}

static void
keys_come_in_order_with_their_moments(void **state)
{
	struct fixture *f = *state;
	struct keys_stamp before = now();

	for (const char *c = "102\r"; *c != '\0'; c++) {
		struct keys_press p;
		struct keys_stamp after;

		type(f, c, 1);
		p = next(f);
		after = now();
		assert_int_equal(p.key,
		    *c == '\r' ? KEYS_ENTER : (unsigned char)*c);
		came_between(&p.stamp, &before, &after);
		before = after;
	}
	assert_int_equal(typist_deadline(f->typist), INT64_MAX);
}

/* The program was busy with its disk when the key came. */
static void
a_key_that_waits_keeps_its_moment(void **state)
{
	struct fixture *f = *state;
	struct keys_stamp before = now();
	struct keys_stamp after;
	struct keys_press p;

	type(f, "7", 1);
	wait_for_bytes(f);
	after = now();
	while (clock_utc_us() < after.utc_us + 2000 ||
	    clock_mono_us() < after.mono_us + 2000)
		;
	p = next(f);
	assert_int_equal(p.key, '7');
	came_between(&p.stamp, &before, &after);
}

static void
nothing_typed_gives_nothing(void **state)
{
	struct fixture *f = *state;
	struct keys_press p;

	assert_false(typist_next(f->typist, clock_mono_us(), &p));
	assert_false(ready(typist_fd(f->typist), POLLIN, 0));
	assert_false(typist_gone(f->typist));
}

static void
ctrl_c_is_a_key_like_others(void **state)
{
	struct fixture *f = *state;

	type(f, "\x03\x1a\x04\x11\x13", 5);
	assert_int_equal(next(f).key, KEYS_CTRL_C);
	assert_int_equal(next(f).key, KEYS_CTRL_Z);
	assert_int_equal(next(f).key, 4);
	assert_int_equal(next(f).key, 17);
	assert_int_equal(next(f).key, 19);
}

static void
esc_becomes_a_key_at_its_deadline(void **state)
{
	struct fixture *f = *state;
	struct keys_press p;
	int64_t before = clock_mono_us();
	int64_t due;

	type(f, "\x1b", 1);
	wait_for_bytes(f);
	/* Not yet, by a clock that stands. */
	assert_false(typist_next(f->typist, 0, &p));
	due = typist_deadline(f->typist);
	assert_in_range(due - KEYS_ESCAPE_US, before, clock_mono_us());
	assert_true(typist_next(f->typist, due, &p));
	assert_int_equal(p.key, KEYS_ESCAPE);
	assert_int_equal(p.stamp.mono_us, due - KEYS_ESCAPE_US);
}

static bool
pipe_is_full(const struct fixture *f)
{
	int fd = typist_fd(f->typist);
	int held = 0;

	assert_int_equal(ioctl(fd, FIONREAD, &held), 0);
	return held == fcntl(fd, F_GETPIPE_SZ);
}

/* Types while nobody takes any, and some more for which the thread waits:
 * returns how many. */
static size_t
type_until_full(struct fixture *f)
{
	size_t count = 0;

	while (!pipe_is_full(f)) {
		char digit = (char)('0' + count % 10);

		if (!ready(f->person, POLLOUT, 10))
			continue;
		type(f, &digit, 1);
		count++;
	}
	type(f, "##", 2);
	return count;
}

static void
a_full_pipe_loses_no_key(void **state)
{
	struct fixture *f = *state;
	size_t count = type_until_full(f);

	for (size_t i = 0; i < count; i++)
		assert_int_equal(next(f).key, '0' + i % 10);
	assert_int_equal(next(f).key, '#');
	assert_int_equal(next(f).key, '#');
}

static void
it_ends_at_once_with_a_full_pipe(void **state)
{
	struct fixture *f = *state;

	type_until_full(f);
	/* teardown() waits for the thread. */
}

static void
it_ends_at_once_after_a_hangup(void **state)
{
	struct fixture *f = *state;

	close(f->person);
	f->person = -1;
}

static void
a_hangup_is_told_after_the_last_key(void **state)
{
	struct fixture *f = *state;
	struct keys_press p;

	type(f, "9", 1);
	wait_for_bytes(f);
	close(f->person);
	f->person = -1;
	assert_int_equal(next(f).key, '9');
	while (!typist_gone(f->typist)) {
		wait_for_bytes(f);
		assert_false(typist_next(f->typist, clock_mono_us(), &p));
	}
	assert_false(typist_next(f->typist, clock_mono_us(), &p));
}

/* Else the loop that waits for it would never see it. */
static void
signals_are_not_for_the_thread(void **state)
{
	struct fixture *f = *state;
	struct timespec patience = { .tv_sec = PATIENCE_MS / 1000 };
	struct sigaction deadly = { .sa_handler = SIG_DFL };
	sigset_t usr1;

	(void)f;
	sigaction(SIGUSR1, &deadly, NULL);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &usr1, NULL);
	kill(getpid(), SIGUSR1);
	assert_int_equal(sigtimedwait(&usr1, NULL, &patience), SIGUSR1);
	type(f, "1", 1);
	assert_int_equal(next(f).key, '1');
}

static void
no_terminal_is_one_that_is_gone(void **state)
{
	struct typist *t;
	struct keys_press p;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	close(fds[1]);
	assert_int_equal(typist_open(&t, fds[0], NULL), 0);
	assert_true(ready(typist_fd(t), POLLIN, PATIENCE_MS));
	assert_false(typist_next(t, 0, &p));
	assert_true(typist_gone(t));
	typist_free(t);
	close(fds[0]);
	typist_free(NULL);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(keys_come_in_order_with_their_moments),
		CASE(a_key_that_waits_keeps_its_moment),
		CASE(nothing_typed_gives_nothing),
		CASE(ctrl_c_is_a_key_like_others),
		CASE(esc_becomes_a_key_at_its_deadline),
		CASE(a_full_pipe_loses_no_key),
		CASE(it_ends_at_once_with_a_full_pipe),
		CASE(it_ends_at_once_after_a_hangup),
		CASE(a_hangup_is_told_after_the_last_key),
		CASE(signals_are_not_for_the_thread),
		cmocka_unit_test(no_terminal_is_one_that_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
