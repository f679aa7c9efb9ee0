/*
 * palmares-replay - recording -> tape -> uplinks.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "collector/replay_cut.h"
#include "collector/replay_faults.h"
#include "collector/replay_options.h"
#include "collector/replay_player.h"
#include "collector/replay_tape.h"
#include "collector/replay_watch.h"
#include "common/cli.h"
#include "common/clock.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/xalloc.h"
#include "race/follow_zmq.h"
#include "race/rules.h"

enum { FAILED = 1, USAGE = 2 };

/* The rules are asked for beside the replay, which need not wait for them. */
static const int64_t rules_patience_us = 2000000;

struct replay {
	struct replay_options options;
	struct tape tape;
	struct when_zero zero; /* of times on the command line */
	struct faults faults;
	int64_t *pauses; /* of the options, in the order of time */
	struct loop *loop;
	struct player *player;
	struct follow *follow; /* NULL: the rules were compared */
	struct watch *watch;
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

/* What +10m is counted from.  A gun that is no part of what was received, for
 * the race was recorded on another day, is none. */
static int64_t
zero_us(const struct tape *t)
{
	const int64_t day_us = 86400 * INSTANT_SECOND;
	int64_t first_us = t->events[0].received_us;
	int64_t gun_us = tape_gun(t);

	if (gun_us != RACE_NO_TIME && gun_us > first_us - day_us &&
	    gun_us <= t->events[t->count - 1].received_us)
		return gun_us;
	return first_us;
}

static int64_t
settle(const struct replay *r, const char *option,
    const struct replay_moment *m, int64_t otherwise_us)
{
	struct err err;
	int64_t us;

	if (m->text == NULL)
		return otherwise_us;
	if (when_settle(&m->when, &r->zero, &us, &err) < 0)
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
tell_cut(const struct replay *r, const struct tape_cut_facts *f)
{
	if (f->parts > 0)
		log_info("played as streams of their own, being parts or with "
		         "a clock that is off: %zu of %zu",
		    f->parts, r->tape.stream_count);
	if (f->dropped > 0)
		log_info("%zu reference%s to what is left out dropped, with "
		         "the void or fill-in that needs it",
		    f->dropped, f->dropped == 1 ? "" : "s");
	if (f->waiting > 0)
		log_info("%zu decision%s about what is left out: without "
		         "effect, unless the aggregator has that under its "
		         "own name",
		    f->waiting, f->waiting == 1 ? "" : "s");
}

static void
cut(struct replay *r, const int64_t *ahead_us, bool any_clock)
{
	const struct replay_options *o = &r->options;
	struct tape_cut bounds = { .ahead_us = ahead_us };
	struct tape_cut_facts facts;

	bounds.from_us = settle(r, "--from", &o->from, INT64_MIN);
	bounds.to_us = settle(r, "--to", &o->to, INT64_MAX);
	if (bounds.from_us > bounds.to_us)
		log_fatal(USAGE, "--from %s --to %s: there is nothing between",
		    o->from.text, o->to.text);
	if (o->from.text == NULL && o->to.text == NULL && !any_clock &&
	    is_whole(&r->tape))
		return;
	check_part(r, &bounds);
	tape_cut(&r->tape, &bounds, &facts);
	tell_cut(r, &facts);
}

/* ---- what is to go wrong ---- */

/* "9 of its 10 crossings are corrected by what was measured of it, the rest is
 * not"; for free(). */
static char *
clock_words(const struct fault_clock_facts *f)
{
	size_t all = f->measured + f->taken;
	const char *s = all == 1 ? "" : "s";

	if (all == 0)
		return xstrdup("it stamped no crossing of these");
	if (f->measured == 0)
		return xasprintf("none of its %zu crossing%s is corrected, for "
		                 "nothing was measured of it",
		    all, s);
	if (f->taken == 0)
		return xasprintf("all of its %zu crossing%s are corrected by "
		                 "what was measured of it",
		    all, s);
	return xasprintf("%zu of its %zu crossings %s corrected by what was "
	                 "measured of it, the rest is not",
	    f->measured, all, f->measured == 1 ? "is" : "are");
}

static void
tell_clock(const struct replay *r, const struct fault_wish *w)
{
	char span[32];
	struct fault_clock_facts f;
	char *words;

	fault_clock_facts(&r->tape, w, &f);
	words = clock_words(&f);
	log_info("the clock of %s is %s s %s: %s", w->place,
	    instant_seconds(span, llabs(w->span_us)),
	    w->span_us > 0 ? "fast" : "slow", words);
	free(words);
}

static void
prepare(struct replay *r)
{
	const struct replay_options *o = &r->options;
	int64_t *ahead_us = xcalloc(r->tape.stream_count + 1, sizeof *ahead_us);
	bool any_clock = false;
	struct err err;

	if (faults_clocks(ahead_us, &r->tape, o->faults, o->fault_count, &err) <
	    0)
		log_fatal(USAGE, "%s", err.text);
	for (size_t i = 0; i < o->fault_count; i++)
		any_clock |= o->faults[i].kind == FAULT_CLOCK;
	cut(r, ahead_us, any_clock);
	free(ahead_us);
	if (faults_settle(&r->faults, &r->tape, o->faults, o->fault_count,
	        &r->zero, &err) < 0)
		log_fatal(USAGE, "%s", err.text);
	for (size_t i = 0; i < o->fault_count; i++) {
		if (o->faults[i].kind == FAULT_CLOCK)
			tell_clock(r, &o->faults[i]);
	}
}

static int
by_time(const void *a, const void *b)
{
	const int64_t *x = a;
	const int64_t *y = b;

	return (*x > *y) - (*x < *y);
}

static void
settle_pauses(struct replay *r)
{
	const struct replay_options *o = &r->options;

	r->pauses = xcalloc(o->pause_count + 1, sizeof *r->pauses);
	for (size_t i = 0; i < o->pause_count; i++)
		r->pauses[i] = settle(r, "--pause", &o->pauses[i], 0);
	qsort(r->pauses, o->pause_count, sizeof *r->pauses, by_time);
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
	r->zero = (struct when_zero){ middle_us(&r->tape), zero_us(&r->tape) };
	prepare(r);
	settle_pauses(r);
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

	player_facts(r->player, clock_mono_us(), &f);
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

static void
on_quit(void *arg)
{
	struct replay *r = arg;

	stop(r, false);
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
	watch_turn(r->watch, now_mono_us);
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
		watch_deadline(r->watch), r->give_up_mono_us };
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

	player_facts(r->player, clock_mono_us(), &f);
	printf("replayed %" PRIu64 " events of %zu streams, accepted %" PRIu64
	       ", repeats %" PRIu64 "\n",
	    f.held, r->tape.stream_count, f.held - f.repeats, f.repeats);
	if (f.held < r->tape.count && !r->failed)
		log_info("ended before its end: %" PRIu64 " of %zu events are "
		         "acknowledged; the same again goes on",
		    f.held, r->tape.count);
}

static int
run(struct replay *r)
{
	const struct watch_job job = { .player = r->player,
		.count = r->tape.count,
		.near_us = r->zero.near_us,
		.speed = r->options.speed,
		.quit = on_quit,
		.arg = r };
	int rc;

	if (r->options.timeout_us > 0)
		r->give_up_mono_us = clock_mono_us() + r->options.timeout_us;
	r->watch = watch_new(r->loop, &job);
	if (!watch_has_keys(r->watch) && r->options.pause_count > 0)
		log_fatal(USAGE,
		    "--pause: needs a terminal with keys (and no NO_COLOR): "
		    "Space goes on");
	rc = loop_run(r->loop);
	watch_free(r->watch);
	print_sum(r);
	return cli_end(REPLAY_PROGRAM, rc < 0 || r->failed ? FAILED : 0);
}

static int
play(struct replay *r)
{
	static const struct loop_ops ops = { .turn_end = turn_end,
		.deadline = deadline };
	const struct player_job job = { .tape = &r->tape,
		.faults = &r->faults,
		.pauses = r->pauses,
		.pause_count = r->options.pause_count,
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

	cli_locale();
	log_init(REPLAY_PROGRAM);
	replay_options_parse(&r.options, argc, argv);
	load(&r);
	status = play(&r);
	faults_clear(&r.faults);
	free(r.pauses);
	tape_clear(&r.tape);
	return status;
}
