#include "collector/typist.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/xalloc.h"

/* A size that divides PIPE_BUF: each is in the pipe as a whole, and a thousand
 * of them find room before the thread has to wait. */
enum { RECORD_BYTES = 64, TYPED_BYTES = 36 };

struct record {
	struct keys_stamp stamp;
	uint32_t len;
	char bytes[TYPED_BYTES];
};

_Static_assert(sizeof(struct record) == RECORD_BYTES &&
        PIPE_BUF % RECORD_BYTES == 0,
    "a record is not cut");

struct typist {
	pthread_t thread;
	int typed; /* end of the pipe: records come out */
	bool gone;
	struct keys *keys;
};

/* What the thread knows; its own. */
struct work {
	int terminal;
	int out; /* end of the pipe: records go in */
};

/* ---- the thread ---- */

/* Before others where this may be had, which is seldom; a key is stamped a
 * little later where it may not, and only while the machine is busy. */
static void
come_first(void)
{
	struct sched_param lowest = {
		.sched_priority = sched_get_priority_min(SCHED_RR),
	};

	(void)pthread_setschedparam(pthread_self(), SCHED_RR, &lowest);
}

/* False when nobody listens, or nothing will come any more. */
static bool
wait_for_key(const struct work *w)
{
	/* The other end is closed to end this: an error at ours. */
	struct pollfd fds[] = {
		{ .fd = w->terminal, .events = POLLIN },
		{ .fd = w->out },
	};

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return false;
	return fds[1].revents == 0 && (fds[0].revents & POLLNVAL) == 0;
}

static bool
pass_on(const struct work *w)
{
	struct record r = { .len = 0 };
	ssize_t n = read(w->terminal, r.bytes, sizeof r.bytes);

	r.stamp = clock_stamp();
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	/* Raw mode knows no end of file: the terminal is gone. */
	if (n <= 0)
		return false;
	r.len = (uint32_t)n;
	/* No other error than that nobody listens. */
	return write(w->out, &r, sizeof r) == (ssize_t)sizeof r;
}

static void *
work(void *arg)
{
	struct work w = *(struct work *)arg;

	free(arg);
	come_first();
	while (wait_for_key(&w) && pass_on(&w))
		;
	close(w.out);
	return NULL;
}

/* ---- its life ---- */

/* Without signals: they are the loop's; but what kills has to find the handler
 * that puts the terminal right. */
static int
start(struct typist *t, struct work *w)
{
	static const int deadly[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE,
		SIGILL };
	sigset_t most;
	sigset_t before;
	int rc;

	sigfillset(&most);
	for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
		sigdelset(&most, deadly[i]);
	pthread_sigmask(SIG_SETMASK, &most, &before);
	rc = pthread_create(&t->thread, NULL, work, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -rc;
}

int
typist_open(struct typist **out, int fd, struct err *err)
{
	struct typist *t = xcalloc(1, sizeof *t);
	struct work *w = xcalloc(1, sizeof *w);
	int ends[2];
	int rc;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		rc = err_errno(err, -errno, "a pipe for what is typed");
		goto fail;
	}
	*w = (struct work){ .terminal = fd, .out = ends[1] };
	t->typed = ends[0];
	fcntl(t->typed, F_SETFL, O_NONBLOCK);
	rc = start(t, w);
	if (rc < 0) {
		err_errno(err, rc, "a thread that reads the keys");
		goto fail_close;
	}
	t->keys = keys_new();
	*out = t;
	return 0;

fail_close:
	close(ends[0]);
	close(ends[1]);
fail:
	free(w);
	free(t);
	return rc;
}

void
typist_free(struct typist *t)
{
	if (t == NULL)
		return;
	/* Wakes the thread, whether it polls or waits for room. */
	close(t->typed);
	pthread_join(t->thread, NULL);
	keys_free(t->keys);
	free(t);
}

/* ---- keys ---- */

static void
take_records(struct typist *t)
{
	struct record r;

	while (!t->gone) {
		ssize_t n = read(t->typed, &r, sizeof r);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			t->gone = true;
			return;
		}
		assert(n == (ssize_t)sizeof r && r.len <= sizeof r.bytes);
		keys_feed(t->keys, r.bytes, r.len, &r.stamp);
	}
}

int
typist_fd(const struct typist *t)
{
	return t->typed;
}

/* All records first: a sequence that was typed is not taken for an Esc because
 * this program was late. */
bool
typist_next(struct typist *t, int64_t now_mono_us, struct keys_press *out)
{
	take_records(t);
	return keys_next(t->keys, now_mono_us, out);
}

int64_t
typist_deadline(const struct typist *t)
{
	return keys_deadline(t->keys);
}

bool
typist_gone(const struct typist *t)
{
	return t->gone;
}
