#include "common/loop.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <zmq.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/xalloc.h"

/* zmq_poll keeps milliseconds in an int: a turn an hour too many is harmless.
 */
enum { WAIT_MAX_MS = 3600 * 1000 };

struct handler {
	void *socket; /* or NULL: */
	int fd;
	loop_io_fn fn; /* NULL: removed, swept before the next poll */
	void *arg;
};

struct loop {
	const struct loop_ops *ops;
	void *arg;
	int signal_fd;
	int signal; /* that ended the loop, or 0 */
	bool stopped;
	struct handler *handlers;
	size_t count;
	size_t cap;
	zmq_pollitem_t *items; /* of the first handlers, in their order */
	size_t items_cap;
};

static void
take_signals(void *arg)
{
	struct loop *l = arg;
	struct signalfd_siginfo info;

	while (read(l->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGWINCH) {
			l->ops->winch(l->arg);
			continue;
		}
		l->signal = (int)info.ssi_signo;
		l->stopped = true;
	}
}

static int
open_signals(const struct loop_ops *ops, struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (ops->winch != NULL)
		sigaddset(&set, SIGWINCH);
	/* A peer or a pipe that goes is an error code, not the end; so is a
	 * file as large as it may be. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_errno(err, -errno, "block signals");

	int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return err_errno(err, -errno, "open signalfd");
	return fd;
}

int
loop_new(struct loop **out, const struct loop_ops *ops, void *arg,
    struct err *err)
{
	int fd = open_signals(ops, err);
	struct loop *l;

	if (fd < 0)
		return fd;
	l = xcalloc(1, sizeof *l);
	l->ops = ops;
	l->arg = arg;
	l->signal_fd = fd;
	loop_add_fd(l, fd, take_signals, l);
	*out = l;
	return 0;
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	/* The signals stay blocked: a second SIGTERM does not interrupt the
	 * closing that the first one asked for. */
	close(l->signal_fd);
	free(l->items);
	free(l->handlers);
	free(l);
}

static void
add(struct loop *l, const struct handler *h)
{
	l->handlers =
	    xgrow(l->handlers, &l->cap, l->count, sizeof *l->handlers);
	l->handlers[l->count++] = *h;
}

/* Marks only: the index of a handler is that of its item until the next poll,
 * so that handlers may remove themselves and each other. */
static void
del(struct loop *l, const void *socket, int fd)
{
	for (size_t i = 0; i < l->count; i++) {
		struct handler *h = &l->handlers[i];

		if (h->socket == socket && h->fd == fd)
			h->fn = NULL;
	}
}

void
loop_add_zmq(struct loop *l, void *socket, loop_io_fn fn, void *arg)
{
	assert(socket != NULL && fn != NULL);
	add(l,
	    &(struct handler){ .socket = socket,
	        .fd = -1,
	        .fn = fn,
	        .arg = arg });
}

void
loop_del_zmq(struct loop *l, void *socket)
{
	assert(socket != NULL);
	del(l, socket, -1);
}

void
loop_add_fd(struct loop *l, int fd, loop_io_fn fn, void *arg)
{
	assert(fd >= 0 && fn != NULL);
	add(l, &(struct handler){ .fd = fd, .fn = fn, .arg = arg });
}

void
loop_del_fd(struct loop *l, int fd)
{
	assert(fd >= 0);
	del(l, NULL, fd);
}

void
loop_stop(struct loop *l)
{
	l->stopped = true;
}

/* Sweeps the removed handlers and makes an item for each of the others. */
static void
prepare(struct loop *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->count; i++) {
		struct handler h = l->handlers[i];

		if (h.fn == NULL)
			continue;
		l->items =
		    xgrow(l->items, &l->items_cap, kept, sizeof *l->items);
		l->items[kept] = (zmq_pollitem_t){ .socket = h.socket,
			.fd = h.fd,
			.events = ZMQ_POLLIN };
		l->handlers[kept++] = h;
	}
	l->count = kept;
}

static long
wait_ms(int64_t deadline_mono_us, int64_t now_mono_us)
{
	if (deadline_mono_us <= now_mono_us)
		return 0;

	/* Up, so that the deadline is past when the turn comes. */
	int64_t wait_us = deadline_mono_us - now_mono_us;
	int64_t wait = wait_us / 1000 + (wait_us % 1000 != 0);
	return wait < WAIT_MAX_MS ? (long)wait : WAIT_MAX_MS;
}

/* Runs the handlers of what is ready; errors are ready, too: reading tells. */
static void
dispatch(struct loop *l, size_t polled)
{
	for (size_t i = 0; i < polled; i++) {
		/* A copy: a handler may add others, and the array moves. */
		struct handler h = l->handlers[i];

		if (l->items[i].revents != 0 && h.fn != NULL)
			h.fn(h.arg);
	}
}

static int
turn(struct loop *l)
{
	int64_t now = clock_mono_us();
	long wait = wait_ms(l->ops->deadline(l->arg, now), now);

	prepare(l);

	size_t polled = l->count;
	int ready = zmq_poll(l->items, (int)polled, wait);

	/* Interrupted is a turn without input; the deadline is asked again. */
	if (ready < 0 && zmq_errno() != EINTR)
		return zmq_errno() == ETERM ? -ESHUTDOWN : -zmq_errno();
	if (ready > 0)
		dispatch(l, polled);
	l->ops->turn_end(l->arg, clock_mono_us());
	return 0;
}

int
loop_run(struct loop *l)
{
	int rc = 0;

	l->stopped = false;
	l->signal = 0;
	while (!l->stopped && rc == 0)
		rc = turn(l);
	if (rc < 0) {
		errno = -rc;
		log_warn("loop: poll");
	}
	return rc < 0 ? rc : l->signal;
}
