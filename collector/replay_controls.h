/*
 * replay_controls - the keys of whoever watches a replay at a terminal.
 */
#ifndef COLLECTOR_REPLAY_CONTROLS_H
#define COLLECTOR_REPLAY_CONTROLS_H

#include "common/loop.h"

struct controls;

struct controls_ops {
	void (*pause)(void *arg); /* Space */
	void (*step)(void *arg);  /* . */
	void (*quit)(void *arg);  /* q */
};

/*
 * NULL if nobody can press a key and see what comes of it: standard input or
 * the talk is no terminal, or another program has it.  Until it is freed keys
 * are not shown; Ctrl-C ends the program as ever, and Ctrl-Z does nothing.  The
 * terminal is left as it was found, also by exit().
 */
struct controls *controls_new(struct loop *loop, const struct controls_ops *ops,
    void *arg);
void controls_free(struct controls *c);

#endif
