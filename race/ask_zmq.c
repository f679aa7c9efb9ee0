#include "race/ask_zmq.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#include "common/clock.h"
#include "common/xalloc.h"
#include "proto/wire.h"

#define PATIENCE_US INT64_C(3000000)

struct ask {
	void *context;
	void *socket;
	char url[300];
	char peer[300]; /* "HOST:BASE", for people */
	struct wire_arena *arena;
	struct wire_buffer buffer;
};

static int
zmq_err(struct err *err, const char *what, const char *url)
{
	int code = zmq_errno();

	return err_set(err, -code, "%s %s: %s", what, url, zmq_strerror(code));
}

static int
open_socket(struct ask *a, struct err *err)
{
	int64_t max = WIRE_MESSAGE_MAX;
	int zero = 0;
	int one = 1;

	a->context = zmq_ctx_new();
	if (a->context == NULL)
		return zmq_err(err, "start ZeroMQ for", a->url);
	a->socket = zmq_socket(a->context, ZMQ_DEALER);
	if (a->socket == NULL)
		return zmq_err(err, "open a socket to", a->url);
	zmq_setsockopt(a->socket, ZMQ_LINGER, &zero, sizeof zero);
	zmq_setsockopt(a->socket, ZMQ_IPV6, &one, sizeof one);
	zmq_setsockopt(a->socket, ZMQ_MAXMSGSIZE, &max, sizeof max);
	if (zmq_connect(a->socket, a->url) < 0)
		return zmq_err(err, "connect to", a->url);
	return 0;
}

int
ask_new(struct ask **out, const struct endpoint *to, enum endpoint_port port,
    struct err *err)
{
	struct ask *a = xcalloc(1, sizeof *a);
	int rc;

	a->arena = wire_arena_new();
	endpoint_url(a->url, to, port);
	snprintf(a->peer, sizeof a->peer, "%s:%d", to->host, to->base);
	rc = open_socket(a, err);
	if (rc < 0) {
		ask_free(a);
		return rc;
	}
	*out = a;
	return 0;
}

void
ask_free(struct ask *a)
{
	if (a == NULL)
		return;
	if (a->socket != NULL)
		zmq_close(a->socket);
	if (a->context != NULL)
		zmq_ctx_term(a->context);
	wire_arena_free(a->arena);
	wire_buffer_free(&a->buffer);
	free(a);
}

int
ask_wait(struct ask *a, int64_t until_us, struct message *m, struct err *err)
{
	zmq_pollitem_t item = { .socket = a->socket, .events = ZMQ_POLLIN };
	int64_t left_us = until_us - clock_mono_us();
	zmq_msg_t part;
	int rc;

	if (left_us <= 0 || zmq_poll(&item, 1, (long)(left_us / 1000) + 1) <= 0)
		return err_set(err, -ETIMEDOUT,
		    "no aggregator answers at %s (is it running?)", a->peer);
	zmq_msg_init(&part);
	do {
		if (zmq_msg_recv(&part, a->socket, ZMQ_DONTWAIT) < 0) {
			rc = zmq_err(err, "receive from", a->peer);
			zmq_msg_close(&part);
			return rc;
		}
	} while (zmq_msg_more(&part));
	wire_reset(a->arena);
	rc = wire_get(a->arena, zmq_msg_data(&part), zmq_msg_size(&part), m);
	zmq_msg_close(&part);
	if (rc < 0)
		return err_set(err, rc, "answer of %s: %s", a->peer,
		    wire_why(rc));
	if (m->type == MESSAGE_REFUSE)
		return err_set(err, -EPROTO, "%s refuses: %s", a->peer,
		    m->refuse.text);
	return 0;
}

int
ask_send(struct ask *a, const struct message *question, struct err *err)
{
	int rc = wire_put(&a->buffer, question);

	if (rc < 0)
		return err_errno(err, rc, "ask %s", a->peer);
	if (zmq_send(a->socket, a->buffer.data, a->buffer.len, ZMQ_DONTWAIT) <
	    0)
		return zmq_err(err, "ask", a->peer);
	return 0;
}

int
ask(struct ask *a, const struct message *question, enum message_type wanted,
    struct message *answer, struct err *err)
{
	int64_t until_us = clock_mono_us() + PATIENCE_US;
	int rc = ask_send(a, question, err);

	if (rc < 0)
		return rc;
	do {
		rc = ask_wait(a, until_us, answer, err);
		if (rc < 0)
			return rc;
	} while (answer->type != wanted);
	return 0;
}
