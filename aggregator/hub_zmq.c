#include "aggregator/hub_zmq.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "common/files.h"
#include "common/xalloc.h"
#include "proto/wire.h"

enum {
	PORTS = 4,
	ID_LEN = 5,
	/* Free ports are looked for below those that the kernel gives to
	 * outgoing connections (32768 and up). */
	FREE_MIN = 20000,
	FREE_MAX = 32000,
	FREE_TRIES = 200,
	/* Left out in one call at most: who sends nothing else must not keep
	 * us from all others. */
	SKIP_MAX = 1000,
	/* An XPUB has them in memory already. */
	SKIP_PENDING_MAX = 100000,
	/* What may come in at the rankings' port: subscriptions, which libzmq
	 * keeps at forty times their size, and handshakes. */
	SUBSCRIPTION_MAX = 1024
};

struct hub {
	void *context;
	void *sockets[PORTS];
	zmq_msg_t held[PORTS]; /* the message given out last */
	uint64_t malformed;
};

static const int types[PORTS] = { ZMQ_ROUTER, ZMQ_XPUB, ZMQ_ROUTER,
	ZMQ_ROUTER };

/*
 * The sending queue of a peer is short, for a peer that does not read is not
 * worth memory: collectors ask again, displays take a snapshot.  LINGER is for
 * the last words at the end.  ZMQ_HEARTBEAT_* stays off: 4.3.4 aborts the
 * process when a peer pauses (sync.md 2).
 */
static const struct {
	int option;
	int value;
} options[] = {
	{ ZMQ_LINGER, 200 },
	{ ZMQ_SNDHWM, 64 },
	{ ZMQ_RCVHWM, 1000 },
	{ ZMQ_HANDSHAKE_IVL, 5000 },
	{ ZMQ_BACKLOG, 1024 },
	{ ZMQ_TCP_KEEPALIVE, 1 },
	{ ZMQ_TCP_KEEPALIVE_IDLE, 5 },
	{ ZMQ_TCP_KEEPALIVE_INTVL, 2 },
	{ ZMQ_TCP_KEEPALIVE_CNT, 3 },
	{ ZMQ_TCP_MAXRT, 5000 },
};

static int
set_options(void *socket, int type, const struct endpoint *where)
{
	int64_t max = type == ZMQ_XPUB ? SUBSCRIPTION_MAX : WIRE_MESSAGE_MAX;
	int six = strchr(where->host, ':') != NULL;
	int one = 1;
	/* Each coming and going is told, so that they can be counted. */
	int own = type == ZMQ_XPUB ? ZMQ_XPUB_VERBOSER : ZMQ_ROUTER_MANDATORY;

	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		if (zmq_setsockopt(socket, options[i].option, &options[i].value,
		        sizeof options[i].value) < 0)
			return -zmq_errno();
	}
	if (zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &max, sizeof max) < 0 ||
	    zmq_setsockopt(socket, ZMQ_IPV6, &six, sizeof six) < 0 ||
	    zmq_setsockopt(socket, own, &one, sizeof one) < 0)
		return -zmq_errno();
	return 0;
}

static int
explain(int rc, const struct endpoint *where, int port, struct err *err)
{
	const char *host = where->host;

	if (rc == -EADDRINUSE)
		return err_set(err, rc,
		    "port %d of %s is in use: end the program that has it, or "
		    "give --listen %s:BASE with another port (%s:0 takes free "
		    "ones)",
		    port, host, host, host);
	if (rc == -EACCES)
		return err_set(err, rc,
		    "port %d of %s: not allowed: give --listen %s:BASE with a "
		    "port from 1024 on",
		    port, host, host);
	if (rc == -ENODEV || rc == -EADDRNOTAVAIL)
		return err_set(err, rc,
		    "%s is not an address of this machine: give --listen an "
		    "address that `ip address` shows, or * for all",
		    host);
	return err_set(err, rc, "listen on port %d of %s: %s", port, host,
	    zmq_strerror(-rc));
}

static int
bind_port(struct hub *h, enum endpoint_port port, const struct endpoint *where,
    struct err *err)
{
	char url[ENDPOINT_URL];
	void *socket = zmq_socket(h->context, types[port]);
	int rc;

	if (socket == NULL)
		return explain(-zmq_errno(), where, where->base + (int)port,
		    err);
	h->sockets[port] = socket;
	rc = set_options(socket, types[port], where);
	endpoint_url(url, where, port);
	if (rc == 0 && zmq_bind(socket, url) < 0)
		rc = -zmq_errno();
	if (rc < 0)
		return explain(rc, where, where->base + (int)port, err);
	return 0;
}

static void
close_all(struct hub *h)
{
	for (int i = 0; i < PORTS; i++) {
		if (h->sockets[i] != NULL)
			zmq_close(h->sockets[i]);
		h->sockets[i] = NULL;
	}
}

static int
bind_all(struct hub *h, const struct endpoint *where, struct err *err)
{
	for (int i = 0; i < PORTS; i++) {
		int rc = bind_port(h, (enum endpoint_port)i, where, err);

		if (rc < 0) {
			close_all(h);
			return rc;
		}
	}
	return 0;
}

static int
bind_free(struct hub *h, struct endpoint *where, struct err *err)
{
	int rc = -EADDRINUSE;

	for (int i = 0; rc == -EADDRINUSE && i < FREE_TRIES; i++) {
		struct endpoint at = *where;

		at.base =
		    FREE_MIN + (int)(files_random() % (FREE_MAX - FREE_MIN));
		rc = bind_all(h, &at, err);
		if (rc == 0)
			*where = at;
	}
	return rc;
}

int
hub_open(struct hub **out, struct endpoint *where, struct err *err)
{
	struct hub *h = xcalloc(1, sizeof *h);
	int rc;

	for (int i = 0; i < PORTS; i++)
		zmq_msg_init(&h->held[i]);
	h->context = zmq_ctx_new();
	if (h->context == NULL)
		rc = err_set(err, -zmq_errno(), "start ZeroMQ: %s",
		    zmq_strerror(zmq_errno()));
	else if (where->base == 0)
		rc = bind_free(h, where, err);
	else
		rc = bind_all(h, where, err);
	if (rc < 0) {
		hub_free(h);
		return rc;
	}
	*out = h;
	return 0;
}

void
hub_free(struct hub *h)
{
	if (h == NULL)
		return;
	for (int i = 0; i < PORTS; i++)
		zmq_msg_close(&h->held[i]);
	close_all(h);
	if (h->context != NULL)
		zmq_ctx_term(h->context);
	free(h);
}

void *
hub_socket(struct hub *h, enum endpoint_port port)
{
	return h->sockets[port];
}

/* Takes the rest of a message that has more frames than it should. */
static void
skip_rest(void *socket, const zmq_msg_t *msg)
{
	zmq_msg_t rest;
	bool more = zmq_msg_more(msg) != 0;

	zmq_msg_init(&rest);
	while (more && zmq_msg_recv(&rest, socket, ZMQ_DONTWAIT) >= 0)
		more = zmq_msg_more(&rest) != 0;
	zmq_msg_close(&rest);
}

static bool
read_peer(zmq_msg_t *msg, uint32_t *peer)
{
	const uint8_t *id = zmq_msg_data(msg);

	if (zmq_msg_size(msg) != ID_LEN || id[0] != 0)
		return false;
	*peer = (uint32_t)id[1] << 24 | (uint32_t)id[2] << 16 |
	    (uint32_t)id[3] << 8 | id[4];
	return true;
}

bool
hub_receive(struct hub *h, enum endpoint_port port, struct hub_message *out)
{
	zmq_msg_t *held = &h->held[port];
	void *socket = h->sockets[port];

	for (int i = 0; i < SKIP_MAX; i++) {
		if (zmq_msg_recv(held, socket, ZMQ_DONTWAIT) < 0)
			return false;

		bool known = read_peer(held, &out->peer);
		bool more = zmq_msg_more(held) != 0;

		/* All frames of a message are there when the first is. */
		if (more && zmq_msg_recv(held, socket, ZMQ_DONTWAIT) < 0)
			return false;
		if (known && more && zmq_msg_more(held) == 0) {
			out->data = zmq_msg_data(held);
			out->len = zmq_msg_size(held);
			return true;
		}
		skip_rest(socket, held);
		h->malformed++;
	}
	return false;
}

void
hub_send(struct hub *h, enum endpoint_port port, uint32_t peer,
    const uint8_t *data, size_t len)
{
	const uint8_t id[ID_LEN] = { 0, (uint8_t)(peer >> 24),
		(uint8_t)(peer >> 16), (uint8_t)(peer >> 8), (uint8_t)peer };
	void *socket = h->sockets[port];

	/* EHOSTUNREACH: gone; EAGAIN: its queue is full.  Either way it has to
	 * ask again. */
	if (zmq_send(socket, id, ID_LEN, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
		return;
	zmq_send(socket, data, len, ZMQ_DONTWAIT);
}

bool
hub_subscription(struct hub *h, struct hub_subscription *out)
{
	zmq_msg_t *held = &h->held[ENDPOINT_RANKINGS];
	void *socket = h->sockets[ENDPOINT_RANKINGS];

	for (int i = 0; i < SKIP_PENDING_MAX; i++) {
		if (zmq_msg_recv(held, socket, ZMQ_DONTWAIT) < 0)
			return false;

		const char *bytes = zmq_msg_data(held);
		size_t len = zmq_msg_size(held);

		if (zmq_msg_more(held) == 0 && len > 0 && bytes[0] <= 1 &&
		    bytes[0] >= 0) {
			out->on = bytes[0] == 1;
			out->topic = bytes + 1;
			out->len = len - 1;
			return true;
		}
		skip_rest(socket, held);
		h->malformed++;
	}
	return false;
}

void
hub_publish(struct hub *h, const char *topic, const uint8_t *data, size_t len)
{
	void *socket = h->sockets[ENDPOINT_RANKINGS];

	/* An XPUB drops for those whose queue is full; it does not wait. */
	if (zmq_send(socket, topic, strlen(topic), ZMQ_SNDMORE | ZMQ_DONTWAIT) <
	    0)
		return;
	zmq_send(socket, data, len, ZMQ_DONTWAIT);
}

uint64_t
hub_malformed(const struct hub *h)
{
	return h->malformed;
}
