#include "collector/replay_player.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/link_zmq.h"
#include "collector/uplink.h"
#include "common/clock.h"
#include "common/endpoint.h"
#include "common/files.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "proto/wire.h"
#include "race/served.h"

/* As an uplink, which after that asks on a new socket. */
static const int64_t silence_us = 3000000;

/* How well a clock that was put wrong is known to be. */
static const int64_t ahead_bound_us = 1000;

enum {
	MESSAGES = 64, /* of a stream, taken a turn */
	AGAIN_MAX = 32 /* streams that are over, asked again at a time */
};

/* A stream that is being played. */
struct deck {
	struct player *player;
	uint32_t stream;
	struct link *link; /* NULL: not under way */
	struct uplink *uplink;
	uint64_t released;
	uint64_t acked;
	uint64_t held; /* when it was first asked */
	bool met;      /* it was asked */
	bool over;     /* all of it is there */
	bool again;    /* under way only because it is asked again */
	bool stalled;  /* its link is cut: it is not listened to, since */
	int64_t stalled_mono_us;
};

struct player {
	struct loop *loop;
	struct player_job job;
	struct pace *pace;
	struct links *links;
	struct endpoint to;
	char peer[ENDPOINT_URL];
	struct deck *decks; /* by stream */
	uint32_t *open;     /* that are under way */
	size_t open_count;
	uint64_t run;  /* of the aggregator */
	size_t looked; /* up to this stream for some to be asked again, */
	size_t again;  /* ... so many of which are under way */
	bool *faulty;  /* by fault: it lasts */
	bool paused;
	bool reached;
	bool failed;
	bool foreign_said;
	bool unread_said;
	bool gone; /* said that it does not answer, not yet that it is back */
	int64_t gone_mono_us;
};

static const struct tape_stream *
stream_of(const struct deck *d)
{
	return &d->player->job.tape->streams[d->stream];
}

static void
fail(struct player *p)
{
	p->failed = true;
}

/* ---- whom it reaches ---- */

static char *
url_of(const struct deck *d, char out[ENDPOINT_URL])
{
	return endpoint_url(out, &d->player->to,
	    stream_of(d)->operators ? ENDPOINT_CONTROL : ENDPOINT_INTAKE);
}

static void
set_peer(struct player *p, const struct endpoint *to)
{
	bool six = strchr(to->host, ':') != NULL;

	p->to = *to;
	(void)snprintf(p->peer, sizeof p->peer, six ? "[%s]:%d" : "%s:%d",
	    to->host, to->base);
}

/* Started again, it may listen elsewhere; while it starts, there is no file or
 * half of one, and where it was last is as good as any. */
static void
find_again(struct player *p)
{
	struct endpoint to;

	if (!endpoint_there(p->job.race) ||
	    endpoint_find(&to, p->job.aggregator, p->job.race, NULL) < 0 ||
	    (strcmp(to.host, p->to.host) == 0 && to.base == p->to.base))
		return;
	set_peer(p, &to);
	log_info("the aggregator is at %s now", p->peer);
}

/* A race that nobody meant gets nothing. */
static bool
is_foreign(struct player *p, const struct message_welcome *w)
{
	struct err err;

	if (served_check(p->peer, w->race, p->job.tape->race, &err) == 0)
		return false;
	if (!endpoint_named(p->job.aggregator) &&
	    !endpoint_there(p->job.race)) {
		log_warnx("%s", err.text);
		fail(p);
		return true;
	}
	if (!p->foreign_said)
		log_warnx("%s serves '%s', and the recording is of '%s': it "
		          "was named, and gets the events all the same",
		    p->peer, w->race, p->job.tape->race);
	p->foreign_said = true;
	return false;
}

/* ---- what an uplink wants done ---- */

static bool
op_send(void *arg, const struct message *m)
{
	struct deck *d = arg;

	return link_send(d->link, m);
}

static size_t
op_send_batch(void *arg, uint64_t first, uint64_t chain, size_t count)
{
	struct deck *d = arg;
	const struct tape *t = d->player->job.tape;
	struct message_bytes events[RACE_BATCH_EVENTS];
	struct message m = { .type = MESSAGE_BATCH };
	size_t bytes = 0;
	size_t n = 0;

	while (n < count && n < RACE_BATCH_EVENTS) {
		const struct tape_event *e = tape_at(t, d->stream, first + n);

		if (n > 0 && e->len > RACE_BATCH_BYTES - bytes)
			break;
		bytes += e->len;
		events[n++] =
		    (struct message_bytes){ t->bytes + e->at, e->len };
	}
	m.batch = (struct message_batch){ .stream = stream_of(d)->epoch,
		.first = first,
		.chain = chain,
		.events = events,
		.count = n };
	return link_send(d->link, &m) ? n : 0;
}

static void
read_link(void *arg)
{
	struct deck *d = arg;
	struct player *p = d->player;

	for (int i = 0; i < MESSAGES; i++) {
		struct message m;
		int rc = link_receive(d->link, &m);

		if (rc == 0)
			return;
		if (rc > 0) {
			uplink_receive(d->uplink, &m, clock_mono_us(),
			    clock_boot_us());
			continue;
		}
		if (!p->unread_said)
			log_warnx("%s: a message was dropped: %s", p->peer,
			    wire_why(rc));
		p->unread_said = true;
	}
}

static void
op_reconnect(void *arg)
{
	struct deck *d = arg;
	struct player *p = d->player;
	char url[ENDPOINT_URL];
	struct err err;

	find_again(p);
	loop_del_zmq(p->loop, link_socket(d->link));
	if (link_reopen(d->link, url_of(d, url), &err) < 0) {
		log_warnx("%s", err.text);
		fail(p);
		return;
	}
	loop_add_zmq(p->loop, link_socket(d->link), read_link, d);
}

static uint64_t
op_chain(void *arg, uint64_t seq)
{
	const struct deck *d = arg;

	return tape_chain(d->player->job.tape, d->stream, seq);
}

static void
set_acked(struct deck *d, uint64_t seq)
{
	d->acked = seq;
	pace_acked(d->player->pace, d->stream, seq);
}

/* Started again, it may have been set back to a backup, and then misses the end
 * of streams that were played. */
static void
doubt_all(struct player *p)
{
	for (size_t i = 0; i < p->job.tape->stream_count; i++)
		p->decks[i].over = false;
	p->looked = 0;
}

/* Only now does the recording's clock begin to go. */
static void
note_reached(struct player *p, const struct message_welcome *w)
{
	if (p->reached && w->run != p->run)
		doubt_all(p);
	p->run = w->run;
	if (p->reached)
		return;
	p->reached = true;
	log_info("%s: race '%s'", p->peer, w->race);
	pace_go(p->pace, !p->paused, clock_mono_us());
}

/* What it holds already need not be due. */
static bool
op_accepts(void *arg, const struct message_welcome *w)
{
	struct deck *d = arg;
	const uint64_t count = stream_of(d)->count;

	if (is_foreign(d->player, w))
		return false;
	note_reached(d->player, w);
	if (!d->met)
		d->held = w->committed < count ? w->committed : count;
	d->met = true;
	/* It has more than was recorded, or than was cut out. */
	if (w->committed > count) {
		d->over = true;
		set_acked(d, count);
		return false;
	}
	if (w->committed > d->released) {
		d->released = w->committed;
		uplink_journaled(d->uplink, d->released);
	}
	return true;
}

static void
op_acked(void *arg, uint64_t seq)
{
	struct deck *d = arg;

	set_acked(d, seq);
	d->over = seq == stream_of(d)->count;
}

static uint64_t
waiting(const struct player *p)
{
	struct pace_facts facts;

	pace_facts(p->pace, clock_mono_us(), &facts);
	return facts.waiting;
}

/* All streams lose it together: it is said once. */
static void
op_lost(void *arg, int64_t silent_us, uint64_t of_stream)
{
	struct deck *d = arg;
	struct player *p = d->player;

	(void)of_stream;
	if (p->gone || p->failed || d->over)
		return;
	p->gone = true;
	p->gone_mono_us = clock_mono_us() - silent_us;
	if (silent_us == 0)
		log_warnx("%s: the aggregator took leave, %" PRIu64
		          " events wait",
		    p->peer, waiting(p));
	else
		log_warnx("%s: no answer for %" PRId64 " s, %" PRIu64
		          " events wait",
		    p->peer, silent_us / 1000000, waiting(p));
}

static void
op_back(void *arg, int64_t gone_us, uint64_t of_stream,
    const struct message_welcome *w)
{
	struct deck *d = arg;
	struct player *p = d->player;

	(void)gone_us;
	(void)of_stream;
	(void)w;
	if (!p->gone)
		return;
	p->gone = false;
	log_info("%s: back after %" PRId64 " s", p->peer,
	    (clock_mono_us() - p->gone_mono_us + 500000) / 1000000);
}

/* The clocks are those of the recording. */
static void
op_sample(void *arg, const struct clockfit_sample *s)
{
	(void)arg;
	(void)s;
}

static void
op_refused(void *arg, const struct message_refuse *r)
{
	struct deck *d = arg;
	struct player *p = d->player;

	log_warnx("%s: refused the stream %s at event %" PRIu64 ": %s", p->peer,
	    stream_of(d)->name, r->seq,
	    r->why == MESSAGE_WHY_CONFLICT
	        ? "what it holds under these numbers is not what was recorded"
	        : r->text);
	fail(p);
}

static const struct uplink_ops deck_ops = {
	.send = op_send,
	.send_batch = op_send_batch,
	.reconnect = op_reconnect,
	.chain = op_chain,
	.accepts = op_accepts,
	.acked = op_acked,
	.lost = op_lost,
	.back = op_back,
	.sample = op_sample,
	.refused = op_refused,
};

/* ---- streams come and go ---- */

static void
open_deck(struct deck *d)
{
	struct player *p = d->player;
	const struct tape_stream *s = stream_of(d);
	const struct message_hello hello = { .stream = s->epoch,
		.name = s->name,
		.point = s->operators ? "" : tape_point(s),
		.first_kept = 1,
		.last = d->released,
		.software = "palmares-replay " PALMARES_VERSION,
		.protocol = MESSAGE_PROTOCOL };
	char url[ENDPOINT_URL];
	struct err err;

	if (link_open(&d->link, p->links, url_of(d, url), &err) < 0) {
		log_warnx("%s", err.text);
		fail(p);
		return;
	}
	d->uplink = uplink_new(&hello, 0, files_random(), &deck_ops, d);
	loop_add_zmq(p->loop, link_socket(d->link), read_link, d);
	p->open[p->open_count++] = d->stream;
}

static void
say_bye(struct deck *d)
{
	const struct message m = { .type = MESSAGE_BYE,
		.bye = { .stream = stream_of(d)->epoch,
		    .text = d->over ? "all is stored" : "the replay ends" } };
	struct uplink_facts facts;

	uplink_facts(d->uplink, &facts);
	if (facts.state == UPLINK_UP && !link_send(d->link, &m))
		return;
	/* Its last word may also have been why it will not go on. */
	if (facts.state == UPLINK_UP || facts.state == UPLINK_REFUSED)
		link_linger(d->link);
}

/* Without a word. */
static void
hang_up(struct deck *d)
{
	/* NULL: it could not be opened again. */
	if (link_socket(d->link) != NULL && !d->stalled)
		loop_del_zmq(d->player->loop, link_socket(d->link));
	uplink_free(d->uplink);
	link_free(d->link);
	d->uplink = NULL;
	d->link = NULL;
	d->player->again -= d->again;
	d->again = false;
	d->stalled = false;
}

static void
close_deck(struct deck *d)
{
	if (d->link == NULL)
		return;
	if (link_socket(d->link) != NULL && !d->stalled)
		say_bye(d);
	hang_up(d);
}

static void
expect(void *arg, uint32_t stream)
{
	struct player *p = arg;
	struct deck *d = &p->decks[stream];

	if (d->link == NULL && !d->over && !p->failed &&
	    !pace_is_cut(p->pace, stream))
		open_deck(d);
}

static void
release(void *arg, uint32_t stream, uint64_t seq)
{
	struct player *p = arg;
	struct deck *d = &p->decks[stream];

	if (seq > d->released)
		d->released = seq;
	expect(p, stream);
}

/* ---- faults ---- */

static void
die(struct deck *d)
{
	struct player *p = d->player;
	size_t left = 0;

	hang_up(d);
	for (size_t i = 0; i < p->open_count; i++) {
		if (p->open[i] != d->stream)
			p->open[left++] = p->open[i];
	}
	p->open_count = left;
}

static void
break_deck(struct deck *d, enum fault_kind kind)
{
	if (d->link == NULL)
		return;
	if (kind == FAULT_KILL) {
		die(d);
	} else if (!d->stalled) {
		d->stalled = true;
		d->stalled_mono_us = clock_mono_us();
		if (link_socket(d->link) != NULL)
			loop_del_zmq(d->player->loop, link_socket(d->link));
	}
}

/* A cut that was shorter than any silence was a slow packet. */
static void
mend_deck(struct deck *d)
{
	if (pace_is_cut(d->player->pace, d->stream))
		return;
	if (d->link != NULL && d->stalled &&
	    clock_mono_us() - d->stalled_mono_us < silence_us &&
	    link_socket(d->link) != NULL) {
		d->stalled = false;
		loop_add_zmq(d->player->loop, link_socket(d->link), read_link,
		    d);
		return;
	}
	if (d->link != NULL)
		die(d);
	if (d->released > 0)
		expect(d->player, d->stream);
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

static uint64_t
deck_waiting(const struct deck *d)
{
	return d->released > d->acked ? d->released - d->acked : 0;
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
			break_deck(d, f->wish->kind);
		else
			mend_deck(d);
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

/* ---- streams that are over ---- */

static void
ask_again(struct player *p)
{
	while (p->looked < p->job.tape->stream_count && p->again < AGAIN_MAX &&
	    !p->failed) {
		struct deck *d = &p->decks[p->looked++];

		/* One that is cut off is asked when that is over. */
		if (!d->met || d->over || d->link != NULL ||
		    pace_is_cut(p->pace, d->stream))
			continue;
		d->again = true;
		p->again++;
		open_deck(d);
	}
}

/* What a station tells of itself: what it read last. */
static void
report(struct deck *d)
{
	const int64_t ahead_us = stream_of(d)->ahead_us;
	struct message_ping ping = { .last_time_us = RACE_NO_TIME };

	if (ahead_us != 0) {
		ping.offset_us = -ahead_us;
		ping.bound_us = ahead_bound_us;
	}
	if (d->released > 0) {
		const struct tape_event *e =
		    tape_at(d->player->job.tape, d->stream, d->released);

		if (e->kind == RACE_CROSSING)
			ping.last_time_us = e->moment_us;
	}
	uplink_report(d->uplink, &ping);
}

static void
turn_deck(struct deck *d, int64_t now_mono_us)
{
	uplink_journaled(d->uplink, d->released);
	report(d);
	uplink_turn(d->uplink, now_mono_us, clock_boot_us());
}

/* ---- the whole ---- */

int
player_new(struct player **out, struct loop *loop, const struct player_job *job,
    struct err *err)
{
	struct player *p = xcalloc(1, sizeof *p);
	size_t streams = job->tape->stream_count;
	struct endpoint to;
	int rc = endpoint_find(&to, job->aggregator, job->race, err);

	if (rc == 0)
		rc = links_open(&p->links, err);
	if (rc < 0) {
		free(p);
		return rc;
	}
	p->loop = loop;
	p->job = *job;
	set_peer(p, &to);
	p->pace = pace_new(job->tape, job->faults, job->speed, &pace_ops, p);
	pace_stops(p->pace, job->pauses, job->pause_count);
	p->faulty = xcalloc(job->faults->count + 1, sizeof *p->faulty);
	p->decks = xcalloc(streams + 1, sizeof *p->decks);
	p->open = xcalloc(streams + 1, sizeof *p->open);
	p->looked = streams;
	for (size_t i = 0; i < streams; i++)
		p->decks[i] =
		    (struct deck){ .player = p, .stream = (uint32_t)i };
	*out = p;
	return 0;
}

void
player_free(struct player *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->open_count; i++)
		close_deck(&p->decks[p->open[i]]);
	links_free(p->links);
	pace_free(p->pace);
	free(p->faulty);
	free(p->decks);
	free(p->open);
	free(p);
}

void
player_pause(struct player *p, bool pause, int64_t now_mono_us)
{
	p->paused = pause;
	if (p->reached)
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
	size_t left = 0;

	if (p->failed)
		return;
	pace_turn(p->pace, now_mono_us);
	for (size_t i = 0; i < p->open_count && !p->failed; i++) {
		struct deck *d = &p->decks[p->open[i]];

		if (!d->over && !d->stalled)
			turn_deck(d, now_mono_us);
	}
	for (size_t i = 0; i < p->open_count; i++) {
		struct deck *d = &p->decks[p->open[i]];

		if (d->over)
			close_deck(d);
		else
			p->open[left++] = p->open[i];
	}
	p->open_count = left;
	ask_again(p);
}

int64_t
player_deadline(const struct player *p, int64_t now_mono_us)
{
	int64_t least_us = LOOP_NEVER;

	if (p->failed)
		return least_us;
	least_us = pace_deadline(p->pace, now_mono_us);
	for (size_t i = 0; i < p->open_count; i++) {
		const struct deck *d = &p->decks[p->open[i]];
		int64_t us;

		if (d->stalled)
			continue;
		us = uplink_deadline(d->uplink, now_mono_us);
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
	*out = (struct player_facts){ .reached = p->reached,
		.up = p->reached && !p->gone };
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
	return p->peer;
}
