/*
 * loop - one thread, one reactor over zmq_poll.
 *
 * A turn: poll; each ready handler takes a bounded number of messages; timers
 * that are due; then turn_end, which does the durable work in the order commit,
 * rank, ack, publish; then sleep until the earliest deadline.  Deadlines are
 * derived from state at each turn, so that none can be forgotten.
 *
 * SIGINT and SIGTERM (through a signalfd) end the loop after the turn.
 * zmq.h is seen in loop.c and the *_zmq.c files alone.
 */
#ifndef COMMON_LOOP_H
#define COMMON_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/err.h"

struct loop;

/* Never waits when the deadline is LOOP_NOW or past; LOOP_NEVER has none. */
#define LOOP_NOW   INT64_MIN
#define LOOP_NEVER INT64_MAX

typedef void (*loop_io_fn)(void *arg);
typedef void (*loop_turn_fn)(void *arg, int64_t now_mono_us);
typedef int64_t (*loop_deadline_fn)(void *arg, int64_t now_mono_us);

struct loop_ops {
	loop_turn_fn turn_end;     /* after the handlers of a turn */
	loop_deadline_fn deadline; /* of the next turn, at the latest */
	loop_io_fn winch;          /* terminal resized; NULL: ignored */
};

/*
 * Blocks SIGINT, SIGTERM (and SIGWINCH if ops->winch) for the process, for
 * good, and takes them by signalfd; ignores SIGPIPE and SIGXFSZ.  Before any
 * thread is made, for threads inherit the mask (zmq_ctx_new() makes none yet).
 * ops and arg are borrowed.
 */
int loop_new(struct loop **out, const struct loop_ops *ops, void *arg,
    struct err *err);
void loop_free(struct loop *l);

/*
 * Handlers run when there is something to read, or an error that reading tells;
 * they read until there is nothing or their bound is reached, and are called
 * again next turn.  Remove a socket or fd before closing it; handlers may
 * remove themselves and others, and those removed are not called any more.
 */
void loop_add_zmq(struct loop *l, void *socket, loop_io_fn fn, void *arg);
void loop_del_zmq(struct loop *l, void *socket);
void loop_add_fd(struct loop *l, int fd, loop_io_fn fn, void *arg);
void loop_del_fd(struct loop *l, int fd);

/* Ends loop_run after this turn; from a handler or turn_end. */
void loop_stop(struct loop *l);

/* Runs until stopped.  Returns the signal that ended it, or 0; -errno, and a
 * line in the log, if polling fails (a context that was ended under it). */
int loop_run(struct loop *l);

#endif
