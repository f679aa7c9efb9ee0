#include "collector/replay_deck.h"

#include <inttypes.h>

#include "collector/link_zmq.h"
#include "collector/uplink.h"
#include "common/clock.h"
#include "common/files.h"
#include "common/log.h"
#include "proto/wire.h"

enum { MESSAGES = 64 /* taken a turn */ };

/* As an uplink, which after that asks on a new socket. */
static const int64_t silence_us = 3000000;

/* How well a clock that was put wrong is known to be. */
static const int64_t ahead_bound_us = 1000;

static const struct tape_stream *
stream_of(const struct deck *d)
{
	return &d->host->tape->streams[d->stream];
}

static void
fail(const struct deck *d)
{
	d->host->ops->failed(d->host->arg);
}

static char *
url_of(const struct deck *d, char out[ENDPOINT_URL])
{
	return peer_url(d->host->peer,
	    stream_of(d)->operators ? ENDPOINT_CONTROL : ENDPOINT_INTAKE, out);
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
	const struct tape *t = d->host->tape;
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

	for (int i = 0; i < MESSAGES; i++) {
		struct message m;
		int rc = link_receive(d->link, &m);

		if (rc == 0)
			return;
		if (rc > 0)
			uplink_receive(d->uplink, &m, clock_mono_us(),
			    clock_boot_us());
		else
			peer_unread(d->host->peer, rc);
	}
}

static void
op_reconnect(void *arg)
{
	struct deck *d = arg;
	struct loop *loop = d->host->loop;
	char url[ENDPOINT_URL];
	struct err err;

	peer_find_again(d->host->peer);
	loop_del_zmq(loop, link_socket(d->link));
	if (link_reopen(d->link, url_of(d, url), &err) < 0) {
		log_warnx("%s", err.text);
		fail(d);
		return;
	}
	loop_add_zmq(loop, link_socket(d->link), read_link, d);
}

static uint64_t
op_chain(void *arg, uint64_t seq)
{
	const struct deck *d = arg;

	return tape_chain(d->host->tape, d->stream, seq);
}

static void
set_acked(struct deck *d, uint64_t seq)
{
	d->acked = seq;
	d->host->ops->acked(d->host->arg, d->stream, seq);
}

/* What it holds already need not be due. */
static bool
op_accepts(void *arg, const struct message_welcome *w)
{
	struct deck *d = arg;
	const uint64_t count = stream_of(d)->count;

	if (peer_check(d->host->peer, w) < 0) {
		fail(d);
		return false;
	}
	d->host->ops->welcomed(d->host->arg, w);
	if (!d->met)
		d->held = w->committed < count ? w->committed : count;
	d->met = true;
	d->answered = true;
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

static void
op_lost(void *arg, int64_t silent_us, uint64_t of_stream)
{
	struct deck *d = arg;

	(void)of_stream;
	if (!d->over)
		peer_lost(d->host->peer, silent_us,
		    d->host->ops->waiting(d->host->arg));
}

static void
op_back(void *arg, int64_t gone_us, uint64_t of_stream,
    const struct message_welcome *w)
{
	struct deck *d = arg;

	(void)gone_us;
	(void)of_stream;
	(void)w;
	peer_back(d->host->peer);
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

	log_warnx("%s: refused the stream %s at event %" PRIu64 ": %s",
	    peer_name(d->host->peer), stream_of(d)->name, r->seq,
	    r->why == MESSAGE_WHY_CONFLICT
	        ? "what it holds under these numbers is not what was recorded"
	        : r->text);
	fail(d);
}

static const struct uplink_ops ops = {
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

/* ---- its connection ---- */

void
deck_init(struct deck *d, const struct deck_host *host, uint32_t stream)
{
	*d = (struct deck){ .host = host, .stream = stream };
}

void
deck_open(struct deck *d)
{
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

	if (link_open(&d->link, peer_links(d->host->peer), url_of(d, url),
	        &err) < 0) {
		log_warnx("%s", err.text);
		fail(d);
		return;
	}
	d->answered = false;
	d->uplink = uplink_new(&hello, 0, files_random(), &ops, d);
	loop_add_zmq(d->host->loop, link_socket(d->link), read_link, d);
}

/* NULL: it could not be opened again. */
static bool
is_listening(const struct deck *d)
{
	return link_socket(d->link) != NULL && !d->stalled;
}

static void
say_bye(struct deck *d, const char *why)
{
	const struct message m = { .type = MESSAGE_BYE,
		.bye = { .stream = stream_of(d)->epoch, .text = why } };
	struct uplink_facts facts;

	uplink_facts(d->uplink, &facts);
	if (facts.state == UPLINK_UP && !link_send(d->link, &m))
		return;
	/* Its last word may also have been why it will not go on. */
	if (facts.state == UPLINK_UP || facts.state == UPLINK_REFUSED)
		link_linger(d->link);
}

void
deck_close(struct deck *d, const char *why)
{
	if (is_listening(d))
		say_bye(d, why);
	deck_hang_up(d);
}

void
deck_hang_up(struct deck *d)
{
	if (is_listening(d))
		loop_del_zmq(d->host->loop, link_socket(d->link));
	uplink_free(d->uplink);
	link_free(d->link);
	d->uplink = NULL;
	d->link = NULL;
	d->stalled = false;
}

void
deck_stall(struct deck *d)
{
	if (d->stalled)
		return;
	if (is_listening(d))
		loop_del_zmq(d->host->loop, link_socket(d->link));
	d->stalled = true;
	d->stalled_mono_us = clock_mono_us();
}

bool
deck_resume(struct deck *d)
{
	if (!d->stalled || link_socket(d->link) == NULL ||
	    clock_mono_us() - d->stalled_mono_us >= silence_us)
		return false;
	d->stalled = false;
	loop_add_zmq(d->host->loop, link_socket(d->link), read_link, d);
	return true;
}

/* ---- what it plays ---- */

void
deck_release(struct deck *d, uint64_t seq)
{
	if (seq > d->released)
		d->released = seq;
}

void
deck_doubt(struct deck *d)
{
	d->over = false;
}

uint64_t
deck_waiting(const struct deck *d)
{
	return d->released > d->acked ? d->released - d->acked : 0;
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
		    tape_at(d->host->tape, d->stream, d->released);

		if (e->kind == RACE_CROSSING)
			ping.last_time_us = e->moment_us;
	}
	uplink_report(d->uplink, &ping);
}

void
deck_turn(struct deck *d, int64_t now_mono_us)
{
	if (d->over || d->stalled)
		return;
	uplink_journaled(d->uplink, d->released);
	report(d);
	uplink_turn(d->uplink, now_mono_us, clock_boot_us());
}

int64_t
deck_deadline(const struct deck *d, int64_t now_mono_us)
{
	return d->stalled ? LOOP_NEVER
	                  : uplink_deadline(d->uplink, now_mono_us);
}
