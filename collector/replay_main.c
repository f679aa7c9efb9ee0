/*
 * palmares-replay - recording -> tape -> uplinks.
 */
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "collector/replay_controls.h"
#include "collector/replay_cut.h"
#include "collector/replay_options.h"
#include "collector/replay_player.h"
#include "collector/replay_tape.h"
#include "collector/status.h"
#include "common/cli.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/loop.h"
#include "race/follow_zmq.h"
#include "race/rules.h"

enum { FAILED = 1, USAGE = 2 };

/* The rules are asked for beside the replay, which need not wait for them. */
static const int64_t rules_patience_us = 2000000;

struct replay {
	struct replay_options options;
	struct tape tape;
	struct loop *loop;
	struct player *player;
	struct follow *follow; /* NULL: the rules were compared */
	struct status *status; /* NULL: no terminal */
	struct controls *controls;
	bool paused;
	bool failed;
	int64_t give_up_mono_us;
	int64_t done_mono_us; /* LOOP_NEVER: not yet */
};

/* ---- the part that is to be played ---- */

/* When the stations' event in the middle of them all was received, so that a
 * rehearsal of a race long past is found where it took place. */
static int64_t
middle_us(const struct tape *t)
{
	size_t stations = 0;
	size_t seen = 0;

	for (size_t i = 0; i < t->count; i++)
		stations += !t->streams[t->events[i].stream].operators;
	for (size_t i = 0; i < t->count; i++) {
		const struct tape_event *e = &t->events[i];

		if (!t->streams[e->stream].operators && seen++ == stations / 2)
			return e->received_us;
	}
	return t->events[t->count / 2].received_us;
}

/* A time of day, on the day that puts it nearest to the race. */
static int64_t
settle(const struct replay *r, const char *option,
    const struct replay_moment *m, int64_t otherwise_us)
{
	struct err err;
	int64_t us;

	if (m->text == NULL)
		return otherwise_us;
	if (m->form == INSTANT_ABSOLUTE)
		return m->us;
	if (instant_near(m->us, middle_us(&r->tape), &us, &err) < 0)
		log_fatal(USAGE, "%s %s: %s", option, m->text, err.text);
	return us;
}

/* Something of the race itself is to be in a part of it. */
static void
check_part(const struct replay *r, const struct tape_cut *bounds)
{
	const struct tape *t = &r->tape;
	char first[40];
	char last[40];

	for (size_t i = 0; i < t->count; i++) {
		if (t->events[i].received_us >= bounds->from_us &&
		    t->events[i].received_us <= bounds->to_us)
			return;
	}
	log_fatal(FAILED,
	    "%s: nothing of it was received then; it has what was received "
	    "from %s to %s",
	    r->options.file, instant_format(first, t->events[0].received_us),
	    instant_format(last, t->events[t->count - 1].received_us));
}

static bool
is_whole(const struct tape *t)
{
	for (uint32_t i = 0; i < t->stream_count; i++) {
		const struct tape_stream *s = &t->streams[i];

		if (tape_at(t, i, s->count)->seq != s->count)
			return false;
	}
	return true;
}

static void
cut(struct replay *r)
{
	const struct replay_options *o = &r->options;
	struct tape_cut bounds;
	struct tape_cut_facts facts;

	bounds.from_us = settle(r, "--from", &o->from, INT64_MIN);
	bounds.to_us = settle(r, "--to", &o->to, INT64_MAX);
	if (bounds.from_us > bounds.to_us)
		log_fatal(USAGE, "--from %s --to %s: there is nothing between",
		    o->from.text, o->to.text);
	if (o->from.text == NULL && o->to.text == NULL && is_whole(&r->tape))
		return;
	check_part(r, &bounds);
	tape_cut(&r->tape, &bounds, &facts);
	if (facts.parts > 0)
		log_info("%zu of %zu streams are parts, which are played as "
		         "streams of their own",
		    facts.parts, r->tape.stream_count);
	if (facts.dropped > 0)
		log_info("%zu reference%s to what is left out dropped, with "
		         "the void, fill-in or decision that needs it",
		    facts.dropped, facts.dropped == 1 ? "" : "s");
}

static void
load(struct replay *r)
{
	struct err err;

	if (tape_load(&r->tape, r->options.file, &err) < 0)
		log_fatal(FAILED, "%s", err.text);
	if (r->tape.torn)
		log_warnx("%s: its last record is cut off: played without it",
		    r->options.file);
	if (r->tape.count == 0)
		log_fatal(FAILED,
		    "%s: holds no crossings and no decisions: there is "
		    "nothing to play",
		    r->options.file);
	if (r->tape.rules != NULL &&
	    instant_zone(r->tape.rules->timezone, &err) < 0)
		log_fatal(FAILED, "%s: %s", r->options.file, err.text);
	cut(r);
}

/* ---- the rules ---- */

static void
compare_rules(struct replay *r)
{
	const struct race_rules *theirs = follow_rules(r->follow);

	if (theirs == NULL)
		return;
	if (!rules_equal(theirs, r->tape.rules))
		log_warnx("%s has other rules than the recording: rankings "
		          "will differ (its race.yaml counts)",
		    player_peer(r->player));
	follow_free(r->follow);
	r->follow = NULL;
}

static void
follow_turns(struct replay *r, int64_t now_mono_us)
{
	if (r->follow == NULL)
		return;
	follow_turn(r->follow, now_mono_us);
	compare_rules(r);
}

static int
open_follow(struct replay *r, struct err *err)
{
	const struct replay_options *o = &r->options;
	int rc;

	if (r->tape.rules == NULL)
		return 0;
	rc = follow_new(&r->follow, r->loop, o->aggregator, o->race,
	    FOLLOW_TICK, err);
	if (rc == 0)
		follow_hush(r->follow);
	return rc;
}

/* ---- running ---- */

static void
stop(struct replay *r, bool failed)
{
	r->failed |= failed;
	loop_stop(r->loop);
}

static void
give_up(struct replay *r)
{
	struct player_facts f;

	player_facts(r->player, &f);
	log_warnx("gave up: --timeout is over, %" PRIu64 " of %zu events are "
	          "acknowledged by %s: run the same again to go on",
	    f.held, r->tape.count, player_peer(r->player));
	stop(r, true);
}

static void
end_uncompared(struct replay *r)
{
	log_warnx("whether %s has the rules of the recording is not known: the "
	          "two ports above its first one do not answer",
	    player_peer(r->player));
	stop(r, false);
}

static void
check_end(struct replay *r, int64_t now_mono_us)
{
	if (player_failed(r->player)) {
		stop(r, true);
	} else if (player_done(r->player)) {
		if (r->done_mono_us == LOOP_NEVER)
			r->done_mono_us = now_mono_us;
		if (r->follow == NULL)
			stop(r, false);
		else if (now_mono_us - r->done_mono_us >= rules_patience_us)
			end_uncompared(r);
	} else if (now_mono_us >= r->give_up_mono_us) {
		give_up(r);
	}
}

/* ---- who watches ---- */

static void
on_pause(void *arg)
{
	struct replay *r = arg;

	r->paused = !r->paused;
	player_pause(r->player, r->paused, clock_mono_us());
}

static void
on_step(void *arg)
{
	struct replay *r = arg;

	if (!r->paused)
		on_pause(r);
	player_step(r->player);
}

static void
on_quit(void *arg)
{
	struct replay *r = arg;

	stop(r, false);
}

static const char *
state_word(const struct replay *r, const struct player_facts *f)
{
	if (!f->reached)
		return "connecting";
	if (!f->up)
		return "no answer";
	return r->paused ? "stands: Space goes on, . one event, q ends"
	                 : "link up";
}

static void
show(struct replay *r, int64_t now_mono_us)
{
	struct player_facts f;
	char clock[16];
	char text[256];

	if (!status_due(r->status, now_mono_us))
		return;
	player_facts(r->player, &f);
	(void)snprintf(text, sizeof text,
	    "%s  played %" PRIu64 " of %zu  acknowledged %" PRIu64 "  %s",
	    instant_clock(clock, f.pace.time_us), f.pace.released,
	    r->tape.count, f.held, state_word(r, &f));
	status_show(r->status, now_mono_us, text);
}

static void
turn_end(void *arg, int64_t now_mono_us)
{
	struct replay *r = arg;

	if (r->failed)
		return;
	player_turn(r->player, now_mono_us);
	follow_turns(r, now_mono_us);
	check_end(r, now_mono_us);
	show(r, now_mono_us);
}

static int64_t
deadline(void *arg, int64_t now_mono_us)
{
	const struct replay *r = arg;
	int64_t all[] = { player_deadline(r->player, now_mono_us),
		r->follow != NULL ? follow_deadline(r->follow, now_mono_us)
		                  : LOOP_NEVER,
		r->done_mono_us != LOOP_NEVER
		    ? r->done_mono_us + rules_patience_us
		    : LOOP_NEVER,
		status_deadline(r->status), r->give_up_mono_us };
	int64_t least_us = LOOP_NEVER;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (all[i] < least_us)
			least_us = all[i];
	}
	return least_us;
}

/* A socket for each stream: more than most systems give unasked. */
static void
allow_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void
print_sum(const struct replay *r)
{
	struct player_facts f;

	player_facts(r->player, &f);
	printf("replayed %" PRIu64 " events of %zu streams, accepted %" PRIu64
	       ", repeats %" PRIu64 "\n",
	    f.held, r->tape.stream_count, f.held - f.repeats, f.repeats);
	if (f.held < r->tape.count && !r->failed)
		log_info("ended before its end: %" PRIu64 " of %zu events are "
		         "acknowledged; the same again goes on",
		    f.held, r->tape.count);
}

static const struct controls_ops controls_ops = { .pause = on_pause,
	.step = on_step,
	.quit = on_quit };

static int
run(struct replay *r)
{
	int rc;

	if (r->options.timeout_us > 0)
		r->give_up_mono_us = clock_mono_us() + r->options.timeout_us;
	r->status = status_new(REPLAY_PROGRAM);
	r->controls = controls_new(r->loop, &controls_ops, r);
	rc = loop_run(r->loop);
	controls_free(r->controls);
	status_free(r->status);
	print_sum(r);
	return cli_end(REPLAY_PROGRAM, rc < 0 || r->failed ? FAILED : 0);
}

static int
play(struct replay *r)
{
	static const struct loop_ops ops = { .turn_end = turn_end,
		.deadline = deadline };
	const struct player_job job = { .tape = &r->tape,
		.speed = r->options.speed,
		.aggregator = r->options.aggregator,
		.race = r->options.race };
	int status = FAILED;
	struct err err;

	allow_files();
	if (loop_new(&r->loop, &ops, r, &err) < 0 ||
	    player_new(&r->player, r->loop, &job, &err) < 0 ||
	    open_follow(r, &err) < 0)
		log_warnx("%s", err.text);
	else
		status = run(r);
	follow_free(r->follow);
	player_free(r->player);
	loop_free(r->loop);
	return status;
}

int
main(int argc, char **argv)
{
	static struct replay r = { .give_up_mono_us = LOOP_NEVER,
		.done_mono_us = LOOP_NEVER };
	int status;

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	log_init(REPLAY_PROGRAM);
	replay_options_parse(&r.options, argc, argv);
	load(&r);
	status = play(&r);
	tape_clear(&r.tape);
	return status;
}
