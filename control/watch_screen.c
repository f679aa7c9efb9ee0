/* palmares status --watch on the whole terminal. */
#include <stdio.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/keys.h"
#include "common/log.h"
#include "common/screen.h"
#include "control/watch.h"
#include "race/panel.h"

/* As often as an age grows, and no more than 20 times a second. */
#define FRAME_US INT64_C(50000)
#define IDLE_US  INT64_C(500000)

/* How long a line of the log stands at the bottom. */
#define LOG_US INT64_C(10000000)

struct watch {
	const struct verb_options *options;
	struct loop *loop;
	struct follow *follow;
	struct panel panel;
	unsigned edition;
	bool pressed; /* a key waits for its effect */
	bool waiting; /* something that came since the last frame does */
	bool gone;    /* the terminal is */
	int64_t drawn_us;
	char log[512];
	int64_t log_until_us;
};

static void
on_log(void *arg, const char *line)
{
	struct watch *w = arg;

	(void)snprintf(w->log, sizeof w->log, "%s", line);
	w->log_until_us = clock_mono_us() + LOG_US;
}

static void
draw(struct watch *w, int64_t now_us)
{
	const struct race_rules *rules = follow_rules(w->follow);
	struct panel_scene s = {
		.title = rules != NULL ? rules->title : "",
		.peer = follow_peer(w->follow),
		.log = now_us < w->log_until_us ? w->log : "",
		.keys = "Up/Down scroll  q quit",
	};
	int64_t heard_us;
	size_t height;
	size_t width;

	s.status = follow_status(w->follow, &heard_us);
	if (s.status != NULL)
		s.age_us = now_us - heard_us;
	screen_size(&height, &width);
	panel_compose(&w->panel, height, width, &s);
	screen_draw(w->panel.lines, w->panel.height);
	w->drawn_us = now_us;
	w->pressed = false;
	w->waiting = false;
}

/* ---- the loop ---- */

static void
on_keys(void *arg)
{
	struct watch *w = arg;
	uint32_t key;

	while ((key = screen_key()) != KEYS_NONE) {
		w->pressed = true;
		w->log_until_us = 0;
		if (key == 'q') {
			loop_stop(w->loop);
			return;
		}
		panel_press(&w->panel, key);
	}
	if (!w->pressed && screen_gone()) {
		w->gone = true;
		loop_stop(w->loop);
	}
}

static void
on_winch(void *arg)
{
	struct watch *w = arg;

	screen_resize();
	w->pressed = true;
}

static void
on_turn(void *arg, int64_t now_us)
{
	struct watch *w = arg;

	follow_turn(w->follow, now_us);
	if (follow_edition(w->follow) != w->edition) {
		w->edition = follow_edition(w->follow);
		watch_rules(w->options, w->follow);
	}
	if (w->pressed || now_us - w->drawn_us >= FRAME_US)
		draw(w, now_us);
	else
		w->waiting = true;
}

static int64_t
on_deadline(void *arg, int64_t now_us)
{
	const struct watch *w = arg;
	int64_t due = follow_deadline(w->follow, now_us);
	int64_t next = w->drawn_us + (w->waiting ? FRAME_US : IDLE_US);

	return next < due ? next : due;
}

static void
run(struct watch *w)
{
	struct err err;

	if (screen_open(&err) < 0)
		log_fatal(1, "%s", err.text);
	log_capture(on_log, w);
	loop_add_fd(w->loop, STDIN_FILENO, on_keys, w);
	loop_run(w->loop);
	screen_close();
	log_capture(NULL, NULL);
}

int
watch_screen(const struct verb_options *o)
{
	static const struct loop_ops ops = {
		.turn_end = on_turn,
		.deadline = on_deadline,
		.winch = on_winch,
	};
	struct watch w = { .options = o, .pressed = true };
	struct err err;

	if (loop_new(&w.loop, &ops, &w, &err) < 0 ||
	    follow_new(&w.follow, w.loop, o->aggregator, o->race, FOLLOW_TICK,
	        &err) < 0)
		log_fatal(1, "%s", err.text);
	follow_health(w.follow, true);
	run(&w);
	panel_close(&w.panel);
	follow_free(w.follow);
	loop_free(w.loop);
	return w.gone ? 1 : 0;
}
