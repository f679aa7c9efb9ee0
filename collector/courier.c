#include "collector/courier.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/link_zmq.h"
#include "common/clock.h"
#include "common/endpoint.h"
#include "common/files.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "proto/wire.h"
#include "race/served.h"

enum { MESSAGES = 64 /* taken a turn */ };

static const int64_t disk_every_us = 1000000;

struct courier {
	struct loop *loop;
	struct outbox *outbox;
	const char *path;
	struct courier_whom whom;
	struct endpoint to;
	char url[ENDPOINT_URL]; /* of its intake */
	bool quiet;
	char *title; /* of our race; NULL: any will do */
	bool foreign_said;
	uint64_t store; /* the race.db that was reached, 0: none yet */
	struct links *links;
	struct link *link;
	struct uplink *uplink;
	struct clockwork *clocks;
	bool reached; /* in this run */
	bool failed;
	bool unread_said;

	bool gone; /* said that the link is lost, not yet that it is
	            * back */
	int64_t gone_mono_us;
	bool catching_up; /* back, but what waited is not acknowledged */
	int64_t back_gone_us;
	uint64_t back_waiting;
	uint64_t back_target;

	uint64_t disk_free;
	int64_t disk_mono_us;

	struct message_bytes events[RACE_BATCH_EVENTS];
	size_t event_count;
	uint8_t bodies[RACE_BATCH_BYTES + RACE_EVENT_MAX];
	size_t bodies_len;
};

static void
fail(struct courier *c)
{
	c->failed = true;
}

/* ---- what uplink wants done ---- */

static bool
op_send(void *arg, const struct message *m)
{
	struct courier *c = arg;

	return link_send(c->link, m);
}

static void
collect(void *arg, uint64_t seq, const uint8_t *body, size_t len)
{
	struct courier *c = arg;
	uint8_t *to = c->bodies + c->bodies_len;

	(void)seq;
	/* outbox_read() keeps to the bounds that it is given. */
	assert(len <= sizeof c->bodies - c->bodies_len);
	memcpy(to, body, len);
	c->events[c->event_count++] =
	    (struct message_bytes){ .data = to, .len = len };
	c->bodies_len += len;
}

static size_t
op_send_batch(void *arg, uint64_t first, uint64_t chain, size_t count)
{
	struct courier *c = arg;
	struct message m = { .type = MESSAGE_BATCH };
	struct err err;

	c->event_count = 0;
	c->bodies_len = 0;
	if (outbox_read(c->outbox, first, count, RACE_BATCH_BYTES, collect, c,
	        &err) < 0) {
		log_warnx("%s", err.text);
		fail(c);
		return 0;
	}
	if (c->event_count == 0)
		return 0;
	m.batch = (struct message_batch){ .stream = outbox_epoch(c->outbox),
		.first = first,
		.chain = chain,
		.events = c->events,
		.count = c->event_count };
	return link_send(c->link, &m) ? c->event_count : 0;
}

static void
read_link(void *arg)
{
	struct courier *c = arg;

	for (int i = 0; i < MESSAGES; i++) {
		struct message m;
		int rc = link_receive(c->link, &m);

		if (rc == 0)
			return;
		if (rc > 0) {
			/* Just received, and ours is read before any work is
			 * done: on a slow link that is all the same. */
			uplink_receive(c->uplink, &m, clock_mono_us(),
			    clock_boot_us());
			continue;
		}
		if (!c->unread_said)
			log_warnx("uplink %s: a message was dropped: %s",
			    c->url, wire_why(rc));
		c->unread_said = true;
	}
}

static int
reopen(struct courier *c, struct err *err)
{
	endpoint_url(c->url, &c->to, ENDPOINT_INTAKE);
	return link_reopen(c->link, c->url, err);
}

static void
op_reconnect(void *arg)
{
	struct courier *c = arg;
	const struct endpoint before = c->to;
	bool moved = endpoint_again(&c->to, c->whom.aggregator, c->whom.race);
	char url[ENDPOINT_URL];
	struct err err;
	int rc;

	if (moved)
		log_info("uplink %s: the aggregator is at %s now", c->url,
		    endpoint_url(url, &c->to, ENDPOINT_INTAKE));
	loop_del_zmq(c->loop, link_socket(c->link));
	rc = reopen(c, &err);
	if (rc < 0 && moved) {
		c->to = before;
		log_warnx("%s: staying with %s", err.text,
		    endpoint_url(url, &c->to, ENDPOINT_INTAKE));
		rc = reopen(c, &err);
	}
	if (rc < 0) {
		log_warnx("%s", err.text);
		fail(c);
		return;
	}
	loop_add_zmq(c->loop, link_socket(c->link), read_link, c);
}

static uint64_t
op_chain(void *arg, uint64_t seq)
{
	struct courier *c = arg;
	uint64_t chain = 0;
	int rc = outbox_chain(c->outbox, seq, &chain);

	if (rc < 0) {
		log_warnx("outbox %s: event %" PRIu64 " cannot be read: %s",
		    c->path, seq, strerror(-rc));
		fail(c);
	}
	return chain;
}

/* Once what had to wait is acknowledged, so that the number is a true one. */
static void
say_back(struct courier *c)
{
	char sent[64] = "";

	if (c->back_waiting > 0)
		(void)snprintf(sent, sizeof sent,
		    ", %" PRIu64 " crossings sent", c->back_waiting);
	log_info("uplink %s: back after %" PRId64 " s%s", c->url,
	    (c->back_gone_us + 500000) / 1000000, sent);
	c->gone = false;
	c->catching_up = false;
}

/* It has events of this very stream: they were given to it. */
static bool
holds_ours(struct courier *c, const struct message_welcome *w)
{
	uint64_t chain;

	return w->committed > 0 && w->committed <= outbox_last(c->outbox) &&
	    outbox_chain(c->outbox, w->committed, &chain) == 0 &&
	    chain == w->chain;
}

/* A title that is edited during the race does not make it another one. */
static bool
op_accepts(void *arg, const struct message_welcome *w)
{
	struct courier *c = arg;
	struct err err;

	if (w->store == c->store || holds_ours(c, w) ||
	    served_check(c->url, w->race, c->title, &err) == 0) {
		c->store = w->store;
		c->foreign_said = false;
		return true;
	}
	if (!endpoint_named(c->whom.aggregator)) {
		/* At the start a person is there; later a reader may be
		 * talking, and its crossings are safe on the disk. */
		if (!c->foreign_said || c->whom.patient)
			log_warnx("%s", err.text);
		c->foreign_said = true;
		/* Said; not also that it took leave. */
		c->gone = true;
		c->gone_mono_us = clock_mono_us();
		if (c->store == 0 && !c->whom.patient)
			fail(c);
		return false;
	}
	if (!c->foreign_said)
		log_warnx("uplink %s: serves '%s', not '%s': it was named, "
		          "and gets the crossings all the same",
		    c->url, w->race, c->title);
	c->foreign_said = true;
	c->store = w->store;
	return true;
}

static void
op_acked(void *arg, uint64_t seq)
{
	struct courier *c = arg;

	outbox_set_acked(c->outbox, seq);
	if (c->catching_up && seq >= c->back_target)
		say_back(c);
}

static void
op_lost(void *arg, int64_t silent_us, uint64_t waiting)
{
	struct courier *c = arg;

	c->catching_up = false;
	if (c->gone)
		return;
	c->gone = true;
	c->gone_mono_us = clock_mono_us() - silent_us;
	if (silent_us == 0)
		log_warnx("uplink %s: the aggregator took leave, %" PRIu64
		          " crossings waiting on disk",
		    c->url, waiting);
	else
		log_warnx("uplink %s: no answer for %" PRId64 " s, %" PRIu64
		          " crossings waiting on disk",
		    c->url, silent_us / 1000000, waiting);
}

static void
op_back(void *arg, int64_t gone_us, uint64_t waiting,
    const struct message_welcome *w)
{
	struct courier *c = arg;

	if (!c->reached && !c->quiet)
		log_info("uplink %s: race '%s'", c->url, w->race);
	c->reached = true;
	if (gone_us == 0 || !c->gone)
		return;
	c->catching_up = true;
	c->back_gone_us = clock_mono_us() - c->gone_mono_us;
	c->back_waiting = waiting;
	c->back_target = w->committed + waiting;
	if (waiting == 0)
		say_back(c);
}

static void
op_sample(void *arg, const struct clockfit_sample *s)
{
	struct courier *c = arg;

	clockwork_sample(c->clocks, s);
}

static const char *
advice(enum message_why why)
{
	switch (why) {
	case MESSAGE_WHY_VERSION:
		return "run the same version on both sides";
	case MESSAGE_WHY_CONFLICT:
		return "keep this outbox, and start a new one with --outbox";
	case MESSAGE_WHY_FORGOTTEN:
		return "an archived copy of this outbox has to be sent first";
	case MESSAGE_WHY_UNSPECIFIED:
	case MESSAGE_WHY_MALFORMED:
	case MESSAGE_WHY_NOT_HELD:
		break;
	}
	return "keep this outbox";
}

static void
op_refused(void *arg, const struct message_refuse *r)
{
	struct courier *c = arg;

	/* The outbox could not be read, and a chain was not to be had. */
	if (c->failed)
		return;
	log_warnx("uplink %s: refused at event %" PRIu64 ": %s: %s", c->url,
	    r->seq, r->text, advice(r->why));
	fail(c);
}

static const struct uplink_ops courier_ops = {
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

/* ---- */

int
courier_open(struct courier **out, struct loop *loop, struct outbox *outbox,
    const char *path, struct clockwork *clocks, const struct courier_whom *whom,
    bool quiet, struct err *err)
{
	struct message_hello hello = {
		.stream = outbox_epoch(outbox),
		.name = outbox_name(outbox),
		.point = outbox_point(outbox),
		.first_kept = outbox_first(outbox),
		.last = outbox_last(outbox),
		.software = "palmares-collector " PALMARES_VERSION,
		.protocol = MESSAGE_PROTOCOL,
	};
	struct courier *c = xcalloc(1, sizeof *c);
	int rc = endpoint_find(&c->to, whom->aggregator, whom->race, err);

	if (rc == 0)
		rc = links_open(&c->links, err);
	if (rc == 0)
		rc = link_open(&c->link, c->links,
		    endpoint_url(c->url, &c->to, ENDPOINT_INTAKE), err);
	if (rc < 0) {
		links_free(c->links);
		free(c);
		return rc;
	}
	c->loop = loop;
	c->outbox = outbox;
	c->path = path;
	c->clocks = clocks;
	c->whom = *whom;
	c->quiet = quiet;
	c->disk_mono_us = INT64_MIN;
	c->uplink = uplink_new(&hello, outbox_acked(outbox), files_random(),
	    &courier_ops, c);
	loop_add_zmq(loop, link_socket(c->link), read_link, c);
	*out = c;
	return 0;
}

void
courier_expect(struct courier *c, const char *title)
{
	c->title = xstrdup(title);
}

static void
say_bye(struct courier *c)
{
	struct message m = { .type = MESSAGE_BYE,
		.bye = { .stream = outbox_epoch(c->outbox),
		    .text = "the collector ends" } };
	struct uplink_facts facts;

	uplink_facts(c->uplink, &facts);
	if (facts.state == UPLINK_UP && link_send(c->link, &m))
		link_linger(c->link);
	/* It may have told the aggregator why. */
	if (facts.state == UPLINK_REFUSED)
		link_linger(c->link);
}

void
courier_free(struct courier *c)
{
	if (c == NULL)
		return;
	/* No socket in the link: it could not be opened again. */
	if (link_socket(c->link) != NULL) {
		loop_del_zmq(c->loop, link_socket(c->link));
		say_bye(c);
	}
	uplink_free(c->uplink);
	link_free(c->link);
	links_free(c->links);
	free(c->title);
	free(c);
}

static void
report(struct courier *c, int64_t last_time_us, uint64_t refused)
{
	const struct keys_stamp now = clock_stamp();
	struct clockwork_mark m;

	clockwork_mark(c->clocks, &now, &m);
	uplink_report(c->uplink,
	    &(struct message_ping){ .last_time_us = last_time_us,
	        .disk_free = c->disk_free,
	        .refused = refused,
	        .wall_us = now.utc_us,
	        .offset_us = m.offset_us,
	        .bound_us = (uint64_t)m.bound_us });
}

void
courier_turn(struct courier *c, int64_t now_mono_us, int64_t last_time_us,
    uint64_t refused)
{
	if (c->failed)
		return;
	if (c->disk_mono_us == INT64_MIN ||
	    now_mono_us - c->disk_mono_us >= disk_every_us) {
		c->disk_free = files_free_bytes(c->path);
		c->disk_mono_us = now_mono_us;
	}
	uplink_journaled(c->uplink, outbox_last(c->outbox));
	report(c, last_time_us, refused);
	uplink_turn(c->uplink, now_mono_us, clock_boot_us());
}

int64_t
courier_deadline(const struct courier *c, int64_t now_mono_us)
{
	return c->failed ? LOOP_NEVER : uplink_deadline(c->uplink, now_mono_us);
}

bool
courier_done(const struct courier *c)
{
	return c->reached && outbox_acked(c->outbox) == outbox_last(c->outbox);
}

bool
courier_failed(const struct courier *c)
{
	return c->failed;
}

uint64_t
courier_store(const struct courier *c)
{
	return c->store;
}

const char *
courier_url(const struct courier *c)
{
	return c->url;
}

void
courier_facts(const struct courier *c, struct uplink_facts *out)
{
	uplink_facts(c->uplink, out);
}
