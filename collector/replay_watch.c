#include "collector/replay_watch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "collector/replay_controls.h"
#include "collector/replay_options.h"
#include "collector/replay_when.h"
#include "common/cli.h"
#include "common/clock.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/status.h"
#include "common/xalloc.h"

/* Of what is slower than as fast as can be. */
static const double fast = 1000;

struct watch {
	struct watch_job job;
	double speed;          /* now; 0: as fast as can be */
	struct status *status; /* NULL: no terminal */
	struct controls *controls;
};

/* ---- keys ---- */

static void
on_pause(void *arg)
{
	struct watch *w = arg;

	player_pause(w->job.player, !player_paused(w->job.player),
	    clock_mono_us());
}

static void
on_step(void *arg)
{
	struct watch *w = arg;

	if (!player_paused(w->job.player))
		on_pause(w);
	player_step(w->job.player);
}

/* A time of day, or so long from now, or from where a jump goes that is under
 * way. */
static int
settle_jump(const struct watch *w, const char *text,
    const struct player_facts *f, int64_t *us, struct err *err)
{
	const struct when_zero zero = { w->job.near_us, f->pace.until_us };
	struct when when;
	char clock[16];

	if (when_parse(text, &when, err) < 0 ||
	    when_settle(&when, &zero, us, err) < 0)
		return -EINVAL;
	if (*us <= f->pace.time_us)
		return err_set(err, -EINVAL,
		    "it is %s already, and nothing goes back",
		    instant_clock(clock, f->pace.time_us));
	return 0;
}

static void
on_jump(void *arg, const char *where)
{
	struct watch *w = arg;
	int64_t now_mono_us = clock_mono_us();
	struct player_facts f;
	char clock[16];
	struct err err;
	int64_t us;

	player_facts(w->job.player, now_mono_us, &f);
	if (!f.ready) {
		log_warnx("no aggregator was reached yet: nothing to jump in");
	} else if (w->speed <= 0 && !player_paused(w->job.player)) {
		log_warnx("it goes as fast as it can already");
	} else if (settle_jump(w, where, &f, &us, &err) < 0) {
		log_warnx("jump to %s: %s", where, err.text);
	} else {
		log_info("jumps to %s", instant_clock(clock, us));
		player_jump(w->job.player, us, now_mono_us);
	}
}

static void
on_back(void *arg)
{
	(void)arg;
	log_warnx("nothing goes back: what an aggregator has stored stays "
	          "stored");
}

/* From as fast as can be down to a speed, and up again. */
static double
next_speed(double speed, bool faster)
{
	if (speed <= 0)
		return faster ? 0 : fast;
	if (faster)
		return 2 * speed > CLI_SPEED_MAX ? 0 : 2 * speed;
	return speed / 2 < CLI_SPEED_MIN ? CLI_SPEED_MIN : speed / 2;
}

static void
on_speed(void *arg, bool faster)
{
	struct watch *w = arg;

	w->speed = next_speed(w->speed, faster);
	player_speed(w->job.player, w->speed, clock_mono_us());
}

static void
on_help(void *arg)
{
	(void)arg;
	log_info("keys: Space stands, and goes on; . plays one event");
	log_info("      Right jumps 1 min on, Page Down 10 min, j to a time");
	log_info("      + twice as fast, - half as fast; q ends");
}

static void
on_quit(void *arg)
{
	struct watch *w = arg;

	w->job.quit(w->job.arg);
}

/* ---- the line ---- */

static void
put_state(const struct watch *w, const struct player_facts *f, char *out,
    size_t cap)
{
	const char *word = "link up";

	if (!f->ready)
		word = "connecting";
	else if (!f->up)
		word = "no answer";
	else if (f->pace.jumping)
		word = "jumps";
	else if (player_paused(w->job.player))
		word = "stands: Space goes on";
	if (f->cut != NULL && f->up && !player_paused(w->job.player))
		(void)snprintf(out, cap, "%s off: %" PRIu64 " wait", f->cut,
		    f->cut_waiting);
	else
		(void)snprintf(out, cap, "%s", word);
}

static void
put_speed(const struct watch *w, char *out, size_t cap)
{
	if (w->speed <= 0)
		(void)snprintf(out, cap, "max");
	else
		(void)snprintf(out, cap, "x%g", w->speed);
}

static void
show(struct watch *w, int64_t now_mono_us)
{
	const char *typed = controls_typed(w->controls);
	struct player_facts f;
	char clock[16];
	char speed[16];
	char state[256];
	char text[512];

	if (!status_due(w->status, now_mono_us))
		return;
	player_facts(w->job.player, now_mono_us, &f);
	put_speed(w, speed, sizeof speed);
	put_state(w, &f, state, sizeof state);
	if (typed != NULL)
		(void)snprintf(text, sizeof text,
		    "jump to (10:42, 10:42:30 or +5m; Esc: not): %s_", typed);
	else
		(void)snprintf(text, sizeof text,
		    "%s %s  played %" PRIu64 " of %zu, %" PRIu64
		    " stored  %s%s",
		    instant_clock(clock, f.pace.time_us), speed,
		    f.pace.released, w->job.count, f.held, state,
		    w->controls != NULL ? "  ? keys" : "");
	status_show(w->status, now_mono_us, text);
}

/* ---- the whole ---- */

static const struct controls_ops controls_ops = { .pause = on_pause,
	.step = on_step,
	.jump = on_jump,
	.back = on_back,
	.speed = on_speed,
	.help = on_help,
	.quit = on_quit };

struct watch *
watch_new(struct loop *loop, const struct watch_job *job)
{
	struct watch *w = xcalloc(1, sizeof *w);

	w->job = *job;
	w->speed = job->speed;
	w->status = status_new(REPLAY_PROGRAM);
	w->controls = controls_new(loop, &controls_ops, w);
	return w;
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	controls_free(w->controls);
	status_free(w->status);
	free(w);
}

bool
watch_has_keys(const struct watch *w)
{
	return w->controls != NULL;
}

void
watch_turn(struct watch *w, int64_t now_mono_us)
{
	controls_turn(w->controls, now_mono_us);
	show(w, now_mono_us);
}

int64_t
watch_deadline(const struct watch *w)
{
	int64_t keys_us = controls_deadline(w->controls);
	int64_t line_us = status_deadline(w->status);

	return keys_us < line_us ? keys_us : line_us;
}
