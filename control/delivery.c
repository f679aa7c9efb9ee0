#include "control/delivery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/xalloc.h"

#define MS INT64_C(1000)
#define S  INT64_C(1000000)

/* As the collectors' uplink; a person waits, so that there is an end. */
static const int64_t hello_every_us = 1 * S;
static const int64_t ping_every_us = 1 * S;
static const int64_t silence_us = 3 * S;
static const int64_t ack_us = 2 * S;
static const int64_t retry_us = 20 * MS;
static const int64_t patience_us = 10 * S;

struct event {
	struct message_bytes bytes; /* in a block of its own */
	uint8_t *block;
	uint64_t chain; /* after it */
};

struct delivery {
	const struct delivery_ops *ops;
	void *arg;
	uint64_t epoch;
	uint64_t store;
	char *name;

	struct event *events; /* by seq - 1 */
	size_t count;
	size_t cap;

	enum delivery_state state;
	char why[256];
	bool started;
	bool welcomed; /* the aggregator's cursor is known: events may go */
	uint64_t stored;
	uint64_t next; /* seq to send */
	uint64_t credit;

	int64_t heard_us;
	int64_t progress_us;
	int64_t ack_by_us; /* for what was sent */
	int64_t hello_at_us;
	int64_t ping_at_us;
	int64_t blocked_until_us;
};

struct delivery *
delivery_new(uint64_t epoch, uint64_t store, const char *name,
    const struct delivery_ops *ops, void *arg)
{
	struct delivery *d = xcalloc(1, sizeof *d);

	d->ops = ops;
	d->arg = arg;
	d->epoch = epoch;
	d->store = store;
	d->name = xstrdup(name);
	d->next = 1;
	return d;
}

void
delivery_free(struct delivery *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->count; i++)
		free(d->events[i].block);
	free(d->events);
	free(d->name);
	free(d);
}

static uint64_t
chain_at(const struct delivery *d, uint64_t seq)
{
	return seq == 0 ? 0 : d->events[seq - 1].chain;
}

void
delivery_add(struct delivery *d, const uint8_t *bytes, size_t len)
{
	struct event *e;

	d->events = xgrow(d->events, &d->cap, d->count, sizeof *d->events);
	e = &d->events[d->count];
	e->block = xmalloc(len + 1);
	memcpy(e->block, bytes, len);
	e->bytes = (struct message_bytes){ e->block, len };
	e->chain = hash_chain(chain_at(d, d->count), bytes, len);
	d->count++;
}

/* ---- what comes ---- */

static void
keep_why(struct delivery *d, const char *why)
{
	snprintf(d->why, sizeof d->why, "%s", why);
}

static void
refuse(struct delivery *d, const char *why)
{
	keep_why(d, why);
	d->state = DELIVERY_REFUSED;
}

/* The aggregator holds everything up to seq. */
static void
take_stored(struct delivery *d, uint64_t seq, uint64_t credit, int64_t now_us)
{
	if (seq > d->count)
		return;
	d->credit = credit;
	if (seq <= d->stored)
		return;
	d->stored = seq;
	d->progress_us = now_us;
	d->ack_by_us = now_us + ack_us;
	if (d->next <= seq)
		d->next = seq + 1;
}

static void
on_welcome(struct delivery *d, const struct message_welcome *w, int64_t now_us)
{
	if (w->store != d->store) {
		refuse(d, "another race is held there now");
		return;
	}
	if (w->committed > d->count || w->chain != chain_at(d, w->committed)) {
		refuse(d, "it holds something else under this command's name");
		return;
	}
	d->welcomed = true;
	d->why[0] = '\0';
	take_stored(d, w->committed, w->credit, now_us);
	/* Whatever was sent before: what is not stored is sent again. */
	d->next = w->committed + 1;
	d->ping_at_us = now_us + ping_every_us;
	d->blocked_until_us = now_us;
}

static void
on_refuse(struct delivery *d, const struct message_refuse *r, int64_t now_us)
{
	switch (r->why) {
	case MESSAGE_WHY_NOT_HELD:
		/* It was restarted and does not know us, or has no room. */
		keep_why(d, r->text);
		d->hello_at_us = d->welcomed ? now_us : now_us + hello_every_us;
		d->welcomed = false;
		return;
	case MESSAGE_WHY_VERSION:
	case MESSAGE_WHY_CONFLICT:
	case MESSAGE_WHY_FORGOTTEN:
	case MESSAGE_WHY_MALFORMED:
	case MESSAGE_WHY_UNSPECIFIED:
		break;
	}
	refuse(d, r->text);
}

/* It ends, or another connection took over: begin anew, after a moment. */
static void
on_bye(struct delivery *d, int64_t now_us)
{
	d->welcomed = false;
	d->heard_us = now_us - silence_us + hello_every_us;
	d->hello_at_us = now_us + hello_every_us;
}

static bool
for_us(const struct delivery *d, const struct message *m)
{
	switch (m->type) {
	case MESSAGE_WELCOME:
		return true;
	case MESSAGE_ACK:
		return m->ack.stream == d->epoch;
	case MESSAGE_GAP:
		return m->gap.stream == d->epoch;
	case MESSAGE_PONG:
		return m->pong.stream == d->epoch;
	case MESSAGE_REFUSE:
		return m->refuse.stream == 0 || m->refuse.stream == d->epoch;
	case MESSAGE_BYE:
		return m->bye.stream == d->epoch;
	case MESSAGE_HELLO:
	case MESSAGE_BATCH:
	case MESSAGE_PING:
	case MESSAGE_DELTA:
	case MESSAGE_HEARTBEAT:
	case MESSAGE_SNAPSHOT_REQUEST:
	case MESSAGE_SNAPSHOT_PAGE:
	case MESSAGE_RULES_REQUEST:
	case MESSAGE_RULES_REPLY:
	case MESSAGE_LOG_REQUEST:
	case MESSAGE_LOG_REPLY:
	case MESSAGE_STATUS_REQUEST:
	case MESSAGE_STATUS_REPLY:
	case MESSAGE_UNKNOWN_REQUEST:
	case MESSAGE_UNKNOWN_REPLY:
		break;
	}
	return false;
}

void
delivery_receive(struct delivery *d, const struct message *m, int64_t now_us)
{
	if (d->state != DELIVERY_UNDER_WAY || !for_us(d, m))
		return;
	d->heard_us = now_us;
	if (m->type == MESSAGE_WELCOME)
		on_welcome(d, &m->welcome, now_us);
	else if (m->type == MESSAGE_ACK)
		take_stored(d, m->ack.committed, m->ack.credit, now_us);
	else if (m->type == MESSAGE_PONG)
		take_stored(d, m->pong.committed, m->pong.credit, now_us);
	else if (m->type == MESSAGE_REFUSE)
		on_refuse(d, &m->refuse, now_us);
	else if (m->type == MESSAGE_BYE)
		on_bye(d, now_us);
	else if (m->gap.expected > d->stored && m->gap.expected <= d->next)
		d->next = m->gap.expected;
}

/* ---- what goes ---- */

static void
say_hello(struct delivery *d, int64_t now_us)
{
	bool sent = d->ops->send(d->arg,
	    &(struct message){ .type = MESSAGE_HELLO,
	        .hello = { .stream = d->epoch,
	            .name = d->name,
	            .point = "",
	            .first_kept = 1,
	            .last = d->count,
	            .software = "palmares " PALMARES_VERSION,
	            .protocol = MESSAGE_PROTOCOL } });

	d->hello_at_us = now_us + (sent ? hello_every_us : retry_us);
}

static void
say_ping(struct delivery *d, int64_t now_us, int64_t wall_us)
{
	(void)d->ops->send(d->arg,
	    &(struct message){ .type = MESSAGE_PING,
	        .ping = { .stream = d->epoch,
	            .t1_us = wall_us,
	            .last = d->count,
	            .waiting = d->count - d->stored,
	            .last_time_us = RACE_NO_TIME,
	            .wall_us = wall_us } });
	d->ping_at_us = now_us + ping_every_us;
}

static void
say_bye(struct delivery *d)
{
	(void)d->ops->send(d->arg,
	    &(struct message){ .type = MESSAGE_BYE,
	        .bye = { .stream = d->epoch, .text = "all is stored" } });
}

/* False: not now. */
static bool
send_batch(struct delivery *d)
{
	struct message_bytes events[RACE_BATCH_EVENTS];
	uint64_t last = d->credit < d->count ? d->credit : d->count;
	size_t count = 0;
	size_t bytes = 0;

	while (count < RACE_BATCH_EVENTS && d->next + count <= last) {
		const struct message_bytes *e =
		    &d->events[d->next - 1 + count].bytes;

		/* One fits always: an event is smaller than a batch. */
		if (count > 0 && e->len > RACE_BATCH_BYTES - bytes)
			break;
		bytes += e->len;
		events[count++] = *e;
	}
	if (count == 0 ||
	    !d->ops->send(d->arg,
	        &(struct message){ .type = MESSAGE_BATCH,
	            .batch = { .stream = d->epoch,
	                .first = d->next,
	                .chain = chain_at(d, d->next - 1),
	                .events = events,
	                .count = count } }))
		return false;
	d->next += count;
	return true;
}

static bool
outstanding(const struct delivery *d)
{
	return d->next - 1 > d->stored;
}

static bool
sendable(const struct delivery *d)
{
	return d->welcomed && d->next <= d->count && d->next <= d->credit;
}

static void
send_events(struct delivery *d, int64_t now_us)
{
	bool waits = outstanding(d);

	if (now_us < d->blocked_until_us)
		return;
	while (sendable(d)) {
		if (!send_batch(d)) {
			d->blocked_until_us = now_us + retry_us;
			break;
		}
		if (!waits)
			d->ack_by_us = now_us + ack_us;
		waits = true;
	}
}

static void
begin(struct delivery *d, int64_t now_us)
{
	d->started = true;
	d->heard_us = now_us;
	d->progress_us = now_us;
	d->hello_at_us = now_us;
}

static void
give_up(struct delivery *d)
{
	if (d->why[0] == '\0')
		keep_why(d,
		    d->welcomed
		        ? "it stores nothing now (palmares status tells why)"
		        : "it does not answer");
	d->state = DELIVERY_GIVEN_UP;
}

/* True if it is over, one way or the other. */
static bool
is_over(struct delivery *d, int64_t now_us)
{
	if (d->state != DELIVERY_UNDER_WAY)
		return true;
	if (d->stored == d->count) {
		say_bye(d);
		d->state = DELIVERY_DONE;
	} else if (now_us - d->progress_us >= patience_us) {
		give_up(d);
	}
	return d->state != DELIVERY_UNDER_WAY;
}

void
delivery_turn(struct delivery *d, int64_t now_us, int64_t wall_us)
{
	if (!d->started)
		begin(d, now_us);
	if (is_over(d, now_us))
		return;
	if (now_us - d->heard_us >= silence_us) {
		d->ops->reconnect(d->arg);
		d->heard_us = now_us;
		d->welcomed = false;
		d->hello_at_us = now_us;
	}
	if (d->welcomed && outstanding(d) && now_us >= d->ack_by_us) {
		d->welcomed = false;
		d->hello_at_us = now_us;
	}
	if (!d->welcomed && now_us >= d->hello_at_us)
		say_hello(d, now_us);
	if (d->welcomed)
		send_events(d, now_us);
	if (d->welcomed && now_us >= d->ping_at_us)
		say_ping(d, now_us, wall_us);
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t
delivery_deadline(const struct delivery *d, int64_t now_us)
{
	int64_t at_us;

	if (!d->started || d->state != DELIVERY_UNDER_WAY ||
	    d->stored == d->count)
		return now_us;
	at_us = sooner(d->progress_us + patience_us, d->heard_us + silence_us);
	if (!d->welcomed)
		return sooner(at_us, d->hello_at_us);
	at_us = sooner(at_us, d->ping_at_us);
	if (outstanding(d))
		at_us = sooner(at_us, d->ack_by_us);
	if (sendable(d))
		at_us = sooner(at_us, d->blocked_until_us);
	return at_us;
}

/* ---- how it stands ---- */

enum delivery_state
delivery_state(const struct delivery *d)
{
	return d->state;
}

uint64_t
delivery_stored(const struct delivery *d)
{
	return d->stored;
}

const char *
delivery_why(const struct delivery *d)
{
	return d->why;
}
