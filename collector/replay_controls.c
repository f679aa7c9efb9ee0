#include "collector/replay_controls.h"

#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "common/cli.h"
#include "common/clock.h"
#include "common/keys.h"
#include "common/xalloc.h"

enum { BYTES = 64, TYPED = 40 };

struct controls {
	struct loop *loop;
	const struct controls_ops *ops;
	void *arg;
	struct keys *keys;
	bool listening;
	bool typing; /* where to jump: */
	char typed[TYPED];
};

/* Of the process, for exit(). */
static struct termios before;
static bool taken;

static void
give_back(void)
{
	if (taken)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
	taken = false;
}

static bool
take_terminal(void)
{
	struct termios raw;

	/* In the background it would be stopped for touching it. */
	if (!isatty(STDIN_FILENO) || !cli_colour(STDERR_FILENO) ||
	    tcgetpgrp(STDIN_FILENO) != getpgrp() ||
	    tcgetattr(STDIN_FILENO, &before) < 0)
		return false;
	raw = before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	/* Nobody would put the terminal right. */
	raw.c_cc[VSUSP] = _POSIX_VDISABLE;
	raw.c_cc[VQUIT] = _POSIX_VDISABLE;
	if (atexit(give_back) != 0 ||
	    tcsetattr(STDIN_FILENO, TCSANOW, &raw) < 0)
		return false;
	taken = true;
	return true;
}

static void
type_key(struct controls *c, uint32_t key)
{
	size_t len = strlen(c->typed);

	if (key == KEYS_ESCAPE) {
		c->typing = false;
	} else if (key == KEYS_ENTER) {
		c->typing = false;
		if (len > 0)
			c->ops->jump(c->arg, c->typed);
	} else if (key == KEYS_BACKSPACE && len > 0) {
		c->typed[len - 1] = '\0';
	} else if (key >= ' ' && key < 0x7f && len + 1 < sizeof c->typed) {
		c->typed[len] = (char)key;
		c->typed[len + 1] = '\0';
	}
}

static void
begin_typing(struct controls *c)
{
	c->typing = true;
	c->typed[0] = '\0';
}

static void
take_key(struct controls *c, uint32_t key)
{
	if (c->typing)
		type_key(c, key);
	else if (key == ' ')
		c->ops->pause(c->arg);
	else if (key == '.')
		c->ops->step(c->arg);
	else if (key == 'j')
		begin_typing(c);
	else if (key == KEYS_RIGHT)
		c->ops->jump(c->arg, "+1m");
	else if (key == KEYS_PAGE_DOWN)
		c->ops->jump(c->arg, "+10m");
	else if (key == KEYS_LEFT || key == KEYS_PAGE_UP)
		c->ops->back(c->arg);
	else if (key == '+' || key == '=') /* the same key, unshifted */
		c->ops->speed(c->arg, true);
	else if (key == '-')
		c->ops->speed(c->arg, false);
	else if (key == '?' || key == 'h')
		c->ops->help(c->arg);
	else if (key == 'q')
		c->ops->quit(c->arg);
}

void
controls_turn(struct controls *c, int64_t now_mono_us)
{
	struct keys_press press;

	while (c != NULL && keys_next(c->keys, now_mono_us, &press))
		take_key(c, press.key);
}

int64_t
controls_deadline(const struct controls *c)
{
	return c == NULL ? LOOP_NEVER : keys_deadline(c->keys);
}

const char *
controls_typed(const struct controls *c)
{
	return c != NULL && c->typing ? c->typed : NULL;
}

static void
stop_listening(struct controls *c)
{
	if (c->listening)
		loop_del_fd(c->loop, STDIN_FILENO);
	c->listening = false;
}

static void
read_keys(void *arg)
{
	struct controls *c = arg;
	const struct keys_stamp now = clock_stamp();
	char bytes[BYTES];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);

	/* The terminal is gone: the replay is not. */
	if (n <= 0) {
		stop_listening(c);
		return;
	}
	keys_feed(c->keys, bytes, (size_t)n, &now);
	controls_turn(c, clock_mono_us());
}

struct controls *
controls_new(struct loop *loop, const struct controls_ops *ops, void *arg)
{
	struct controls *c;

	if (!take_terminal())
		return NULL;
	c = xcalloc(1, sizeof *c);
	c->loop = loop;
	c->ops = ops;
	c->arg = arg;
	c->keys = keys_new();
	c->listening = true;
	loop_add_fd(loop, STDIN_FILENO, read_keys, c);
	return c;
}

void
controls_free(struct controls *c)
{
	if (c == NULL)
		return;
	stop_listening(c);
	give_back();
	keys_free(c->keys);
	free(c);
}
