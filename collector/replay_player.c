#include "collector/replay_player.h"

#include <inttypes.h>
#include <stdlib.h>

#include "collector/replay_deck.h"
#include "common/clock.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/xalloc.h"

enum { ASKED_MAX = 32 /* streams at a time */ };

struct player {
	struct player_job job;
	struct pace *pace;
	struct peer *peer;
	struct deck_host host;
	struct deck *decks; /* by stream */
	uint32_t *open;     /* that are under way */
	size_t open_count;
	uint64_t run; /* of the aggregator */
	/* What it holds of all streams is asked: up to this one; so many of
	 * them, by stream, are under way only for that. */
	size_t looked;
	size_t asked;
	bool *is_asked;
	bool *faulty; /* by fault: it lasts */
	bool paused;
	bool reached;
	bool ready; /* ... and what it held then is known */
	bool failed;
};

static void
on_failed(void *arg)
{
	struct player *p = arg;

	p->failed = true;
}

/* ---- what it holds ---- */

/* Started again, it may have been set back to a backup, and then misses the end
 * of streams that were played. */
static void
doubt_all(struct player *p)
{
	for (size_t i = 0; i < p->job.tape->stream_count; i++)
		deck_doubt(&p->decks[i]);
	p->looked = 0;
}

/* Where it holds something already, somebody goes on: before the recording's
 * clock begins to go, it is asked about all of it, so that nothing is waited
 * for that is there, nor stood still for. */
static void
on_welcomed(void *arg, const struct message_welcome *w)
{
	struct player *p = arg;

	if (p->reached && w->run != p->run)
		doubt_all(p);
	p->run = w->run;
	if (p->reached)
		return;
	p->reached = true;
	if (w->committed > 0)
		p->looked = 0;
	log_info("%s: race '%s'", peer_name(p->peer), w->race);
}

static void
on_acked(void *arg, uint32_t stream, uint64_t seq)
{
	struct player *p = arg;

	pace_acked(p->pace, stream, seq);
}

static uint64_t
on_waiting(void *arg)
{
	const struct player *p = arg;
	struct pace_facts facts;

	pace_facts(p->pace, clock_mono_us(), &facts);
	return facts.waiting;
}

static const struct deck_ops deck_ops = { .welcomed = on_welcomed,
	.acked = on_acked,
	.waiting = on_waiting,
	.failed = on_failed };

/* ---- streams come and go ---- */

static void
open_deck(struct player *p, struct deck *d)
{
	deck_open(d);
	if (d->link != NULL)
		p->open[p->open_count++] = d->stream;
}

/* It is under way for what it plays now, or no more at all. */
static void
note_answer(struct player *p, const struct deck *d)
{
	p->asked -= p->is_asked[d->stream];
	p->is_asked[d->stream] = false;
}

static void
expect(void *arg, uint32_t stream)
{
	struct player *p = arg;
	struct deck *d = &p->decks[stream];

	note_answer(p, d);
	if (d->link == NULL && !d->over && !p->failed &&
	    !pace_is_cut(p->pace, stream))
		open_deck(p, d);
}

static void
release(void *arg, uint32_t stream, uint64_t seq)
{
	struct player *p = arg;

	deck_release(&p->decks[stream], seq);
	expect(p, stream);
}

static void
ask(struct player *p)
{
	while (p->looked < p->job.tape->stream_count && p->asked < ASKED_MAX &&
	    !p->failed) {
		struct deck *d = &p->decks[p->looked++];

		/* One that is cut off is asked when that is over. */
		if ((p->ready && !d->met) || d->over || d->link != NULL ||
		    pace_is_cut(p->pace, d->stream))
			continue;
		p->is_asked[d->stream] = true;
		p->asked++;
		open_deck(p, d);
	}
}

/* Nothing of it is to go now. */
static bool
is_early(const struct player *p, const struct deck *d)
{
	return p->is_asked[d->stream] && d->answered && deck_waiting(d) == 0;
}

static void
close_decks(struct player *p)
{
	size_t left = 0;

	for (size_t i = 0; i < p->open_count; i++) {
		struct deck *d = &p->decks[p->open[i]];

		if (!d->over && !is_early(p, d)) {
			p->open[left++] = p->open[i];
			continue;
		}
		deck_close(d,
		    d->over ? "all is stored" : "its turn comes later");
		note_answer(p, d);
	}
	p->open_count = left;
}

/* Only now does the recording's clock begin to go. */
static void
begin(struct player *p, int64_t now_mono_us)
{
	if (p->ready || !p->reached || p->asked > 0 ||
	    p->looked < p->job.tape->stream_count)
		return;
	p->ready = true;
	pace_go(p->pace, !p->paused, now_mono_us);
}

/* ---- faults ---- */

static void
die(struct player *p, struct deck *d)
{
	size_t left = 0;

	deck_hang_up(d);
	note_answer(p, d);
	for (size_t i = 0; i < p->open_count; i++) {
		if (p->open[i] != d->stream)
			p->open[left++] = p->open[i];
	}
	p->open_count = left;
}

static void
break_deck(struct player *p, struct deck *d, enum fault_kind kind)
{
	if (d->link == NULL)
		return;
	if (kind == FAULT_KILL)
		die(p, d);
	else
		deck_stall(d);
}

/* A cut that was shorter than any silence was a slow packet. */
static void
mend_deck(struct player *p, struct deck *d)
{
	if (pace_is_cut(p->pace, d->stream))
		return;
	if (d->link != NULL && deck_resume(d))
		return;
	if (d->link != NULL)
		die(p, d);
	if (d->released > 0)
		expect(p, d->stream);
}

static void
say_begin(const struct fault *f)
{
	char clock[16];
	char span[32];

	instant_clock(clock, f->from_us);
	instant_seconds(span, f->wish->span_us);
	if (f->wish->kind == FAULT_LINK)
		log_info("%s link of %s dropped for %s s, %zu event%s wait%s",
		    clock, f->wish->place, span, f->held,
		    f->held == 1 ? "" : "s", f->held == 1 ? "s" : "");
	else
		log_info("%s the laptop of %s is dead for %s s, %zu event%s "
		         "wait%s in its outbox",
		    clock, f->wish->place, span, f->held,
		    f->held == 1 ? "" : "s", f->held == 1 ? "s" : "");
}

static void
say_end(const struct player *p, const struct fault *f)
{
	bool link = f->wish->kind == FAULT_LINK;
	uint64_t sent = 0;
	bool held = false;
	char clock[16];

	for (size_t i = 0; i < f->stream_count; i++) {
		sent += deck_waiting(&p->decks[f->streams[i]]);
		held |= pace_is_cut(p->pace, f->streams[i]);
	}
	instant_clock(clock, f->to_us);
	if (held)
		log_info("%s %s of %s is over, and another fault still holds "
		         "it",
		    clock, f->wish->option, f->wish->place);
	else
		log_info("%s %s%s is %s, %" PRIu64 " event%s sent", clock,
		    link ? "link of " : "", f->wish->place,
		    link ? "back" : "started again", sent,
		    sent == 1 ? " is" : "s are");
}

static void
on_fault(void *arg, const struct fault *f, bool begins)
{
	struct player *p = arg;

	p->faulty[f - p->job.faults->faults] = begins;
	if (begins)
		say_begin(f);
	else
		say_end(p, f);
	for (size_t i = 0; i < f->stream_count; i++) {
		struct deck *d = &p->decks[f->streams[i]];

		if (begins)
			break_deck(p, d, f->wish->kind);
		else
			mend_deck(p, d);
	}
}

/* Until somebody says that it is to go on. */
static void
on_stand(void *arg, int64_t at_us)
{
	struct player *p = arg;
	char clock[16];

	p->paused = true;
	log_info("%s stands still", instant_clock(clock, at_us));
}

static const struct pace_ops pace_ops = { .release = release,
	.expect = expect,
	.fault = on_fault,
	.stand = on_stand };

/* ---- the whole ---- */

int
player_new(struct player **out, struct loop *loop, const struct player_job *job,
    struct err *err)
{
	const struct tape *t = job->tape;
	struct player *p = xcalloc(1, sizeof *p);
	int rc = peer_new(&p->peer, job->aggregator, job->race, t->race, err);

	if (rc < 0) {
		free(p);
		return rc;
	}
	p->job = *job;
	p->host = (struct deck_host){ loop, t, p->peer, &deck_ops, p };
	p->pace = pace_new(t, job->faults, job->speed, &pace_ops, p);
	pace_stops(p->pace, job->pauses, job->pause_count);
	p->faulty = xcalloc(job->faults->count + 1, sizeof *p->faulty);
	p->is_asked = xcalloc(t->stream_count + 1, sizeof *p->is_asked);
	p->decks = xcalloc(t->stream_count + 1, sizeof *p->decks);
	p->open = xcalloc(t->stream_count + 1, sizeof *p->open);
	p->looked = t->stream_count;
	for (uint32_t i = 0; i < t->stream_count; i++)
		deck_init(&p->decks[i], &p->host, i);
	*out = p;
	return 0;
}

void
player_free(struct player *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->open_count; i++)
		deck_close(&p->decks[p->open[i]], "the replay ends");
	peer_free(p->peer);
	pace_free(p->pace);
	free(p->faulty);
	free(p->is_asked);
	free(p->decks);
	free(p->open);
	free(p);
}

void
player_pause(struct player *p, bool pause, int64_t now_mono_us)
{
	p->paused = pause;
	if (p->ready)
		pace_go(p->pace, !pause, now_mono_us);
}

bool
player_paused(const struct player *p)
{
	return p->paused;
}

void
player_step(struct player *p)
{
	pace_step(p->pace);
}

void
player_speed(struct player *p, double speed, int64_t now_mono_us)
{
	pace_speed(p->pace, speed, now_mono_us);
}

void
player_jump(struct player *p, int64_t to_us, int64_t now_mono_us)
{
	pace_jump(p->pace, to_us, now_mono_us);
}

void
player_turn(struct player *p, int64_t now_mono_us)
{
	if (p->failed)
		return;
	pace_turn(p->pace, now_mono_us);
	for (size_t i = 0; i < p->open_count && !p->failed; i++)
		deck_turn(&p->decks[p->open[i]], now_mono_us);
	close_decks(p);
	ask(p);
	begin(p, now_mono_us);
}

int64_t
player_deadline(const struct player *p, int64_t now_mono_us)
{
	int64_t least_us = LOOP_NEVER;

	if (p->failed)
		return least_us;
	least_us = pace_deadline(p->pace, now_mono_us);
	for (size_t i = 0; i < p->open_count; i++) {
		int64_t us = deck_deadline(&p->decks[p->open[i]], now_mono_us);

		if (us < least_us)
			least_us = us;
	}
	return least_us;
}

bool
player_done(const struct player *p)
{
	for (size_t i = 0; i < p->job.tape->stream_count; i++) {
		if (!p->decks[i].over)
			return false;
	}
	return true;
}

bool
player_failed(const struct player *p)
{
	return p->failed;
}

void
player_facts(const struct player *p, int64_t now_mono_us,
    struct player_facts *out)
{
	*out = (struct player_facts){ .ready = p->ready,
		.up = p->ready && !peer_is_gone(p->peer) };
	pace_facts(p->pace, now_mono_us, &out->pace);
	for (size_t i = 0; i < p->job.faults->count; i++) {
		if (p->faulty[i])
			out->cut = p->job.faults->faults[i].wish->place;
	}
	for (uint32_t i = 0; i < p->job.tape->stream_count; i++) {
		out->held += p->decks[i].acked;
		out->repeats += p->decks[i].held;
		if (pace_is_cut(p->pace, i))
			out->cut_waiting += deck_waiting(&p->decks[i]);
	}
}

const char *
player_peer(const struct player *p)
{
	return peer_name(p->peer);
}
