/*
 * replay_controls - the keys of whoever watches a replay at a terminal.
 */
#ifndef COLLECTOR_REPLAY_CONTROLS_H
#define COLLECTOR_REPLAY_CONTROLS_H

#include "common/loop.h"

struct controls;

struct controls_ops {
	void (*pause)(void *arg);                   /* Space */
	void (*step)(void *arg);                    /* . */
	void (*jump)(void *arg, const char *where); /* "+1m", or as typed */
	void (*back)(void *arg);                    /* Left, Page Up */
	void (*speed)(void *arg, bool faster);      /* + and - */
	void (*help)(void *arg);                    /* ? */
	void (*quit)(void *arg);                    /* q */
};

/*
 * NULL if nobody can press a key and see what comes of it: standard input or
 * the talk is no terminal, or another program has it.  Until it is freed keys
 * are not shown; Ctrl-C ends the program as ever, Ctrl-Z and Ctrl-\ do nothing.
 * The terminal is left as it was found, also by exit().
 */
struct controls *controls_new(struct loop *loop, const struct controls_ops *ops,
    void *arg);
void controls_free(struct controls *c);

/* What is being typed behind j; NULL: nothing is, or there are no controls. */
const char *controls_typed(const struct controls *c);

/* For an Esc, which may be the beginning of another key. */
void controls_turn(struct controls *c, int64_t now_mono_us);
int64_t controls_deadline(const struct controls *c);

#endif
