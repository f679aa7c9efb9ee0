#include "control/deliver_zmq.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <zmq.h>

#include "common/clock.h"
#include "common/endpoint.h"
#include "common/files.h"
#include "common/xalloc.h"
#include "control/delivery.h"
#include "proto/wire.h"

struct deliver {
	const struct deliver_job *job;
	struct delivery *delivery;
	uint64_t count;
	struct endpoint to;
	void *context;
	void *socket;
	struct wire_arena *arena;
	struct wire_buffer out;
	struct wire_buffer event;
};

/* As the collectors' link.  LINGER is for the last word, BYE. */
static const struct {
	int option;
	int value;
} options[] = {
	{ ZMQ_LINGER, 200 },
	{ ZMQ_SNDHWM, 64 },
	{ ZMQ_RCVHWM, 1000 },
	{ ZMQ_IMMEDIATE, 1 },
	{ ZMQ_IPV6, 1 },
	{ ZMQ_HANDSHAKE_IVL, 5000 },
	{ ZMQ_RECONNECT_IVL, 100 },
	{ ZMQ_RECONNECT_IVL_MAX, 1000 },
};

static int
zmq_err(const struct deliver *d, struct err *err, const char *what)
{
	int code = zmq_errno();

	return err_set(err, -code, "%s %s:%d: %s", what, d->to.host, d->to.base,
	    zmq_strerror(code));
}

static int
open_socket(struct deliver *d, struct err *err)
{
	int64_t max = WIRE_MESSAGE_MAX;
	char url[ENDPOINT_URL];

	d->socket = zmq_socket(d->context, ZMQ_DEALER);
	if (d->socket == NULL)
		return zmq_err(d, err, "open a socket to");
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		zmq_setsockopt(d->socket, options[i].option, &options[i].value,
		    sizeof options[i].value);
	zmq_setsockopt(d->socket, ZMQ_MAXMSGSIZE, &max, sizeof max);
	endpoint_url(url, &d->to, ENDPOINT_CONTROL);
	if (zmq_connect(d->socket, url) < 0)
		return zmq_err(d, err, "connect to");
	return 0;
}

static void
close_socket(struct deliver *d)
{
	if (d->socket != NULL)
		zmq_close(d->socket);
	d->socket = NULL;
}

static bool
on_send(void *arg, const struct message *m)
{
	struct deliver *d = arg;

	if (d->socket == NULL || wire_put(&d->out, m) < 0)
		return false;
	return zmq_send(d->socket, d->out.data, d->out.len, ZMQ_DONTWAIT) >= 0;
}

static void
on_reconnect(void *arg)
{
	struct deliver *d = arg;
	struct endpoint now;

	/* One that was started again may have taken other ports. */
	if (endpoint_find(&now, d->job->aggregator, d->job->race, NULL) == 0)
		d->to = now;
	close_socket(d);
	/* Else again at the next silence, until patience ends. */
	if (open_socket(d, NULL) < 0)
		close_socket(d);
}

static const struct delivery_ops ops = { .send = on_send,
	.reconnect = on_reconnect };

int
deliver_new(struct deliver **out, const struct deliver_job *job,
    struct err *err)
{
	struct deliver *d = xcalloc(1, sizeof *d);
	int rc;

	d->job = job;
	d->arena = wire_arena_new();
	d->delivery =
	    delivery_new(job->epoch != 0 ? job->epoch : files_random(),
	        job->store, job->name, &ops, d);
	rc = endpoint_find(&d->to, job->aggregator, job->race, err);
	if (rc == 0) {
		d->context = zmq_ctx_new();
		rc = d->context == NULL
		    ? zmq_err(d, err, "start ZeroMQ to reach")
		    : open_socket(d, err);
	}
	if (rc < 0) {
		deliver_free(d);
		return rc;
	}
	*out = d;
	return 0;
}

void
deliver_free(struct deliver *d)
{
	if (d == NULL)
		return;
	close_socket(d);
	if (d->context != NULL)
		zmq_ctx_term(d->context);
	delivery_free(d->delivery);
	wire_arena_free(d->arena);
	wire_buffer_free(&d->out);
	wire_buffer_free(&d->event);
	free(d);
}

int
deliver_add(struct deliver *d, const struct race_event *e)
{
	int rc;

	d->event.len = 0;
	rc = wire_put_event(&d->event, e);
	if (rc < 0)
		return rc;
	delivery_add(d->delivery, d->event.data, d->event.len);
	d->count++;
	return 0;
}

/* All that has come.  What is no message of ours is passed over: whatever it
 * was, it is asked for again. */
static void
receive_all(struct deliver *d)
{
	zmq_msg_t frame;

	zmq_msg_init(&frame);
	while (d->socket != NULL &&
	    zmq_msg_recv(&frame, d->socket, ZMQ_DONTWAIT) >= 0) {
		struct message m;

		wire_reset(d->arena);
		if (zmq_msg_more(&frame) == 0 &&
		    wire_get(d->arena, zmq_msg_data(&frame),
		        zmq_msg_size(&frame), &m) == 0)
			delivery_receive(d->delivery, &m, clock_mono_us());
	}
	zmq_msg_close(&frame);
}

static void
wait_until(struct deliver *d, int64_t at_us)
{
	int64_t left_us = at_us - clock_mono_us();
	long ms = left_us > 0 ? (long)(left_us / 1000) + 1 : 0;
	zmq_pollitem_t item = { .socket = d->socket, .events = ZMQ_POLLIN };

	zmq_poll(&item, d->socket != NULL ? 1 : 0, ms);
}

static int
explain(const struct deliver *d, struct err *err)
{
	enum delivery_state state = delivery_state(d->delivery);
	const char *why = delivery_why(d->delivery);
	uint64_t stored = delivery_stored(d->delivery);

	if (state == DELIVERY_DONE)
		return 0;
	/* What it stored last it may not have said before it went. */
	return err_set(err, state == DELIVERY_REFUSED ? -EPROTO : -ETIMEDOUT,
	    "the aggregator at %s:%d: %s: %" PRIu64 " of %" PRIu64
	    " change%s stored for certain",
	    d->to.host, d->to.base, why, stored, d->count,
	    d->count == 1 ? "" : "s");
}

int
deliver_send(struct deliver *d, struct err *err)
{
	for (;;) {
		int64_t now_us = clock_mono_us();

		delivery_turn(d->delivery, now_us, clock_utc_us());
		if (delivery_state(d->delivery) != DELIVERY_UNDER_WAY)
			return explain(d, err);
		wait_until(d, delivery_deadline(d->delivery, now_us));
		receive_all(d);
	}
}
