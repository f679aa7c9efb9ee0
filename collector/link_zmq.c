#include "collector/link_zmq.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "common/xalloc.h"
#include "proto/wire.h"

enum {
	LINGER_MS = 200,
	/* Who replays a race has a socket for each of its streams, and a race
	 * has no more of them than that. */
	SOCKETS_MAX = 10000
};

struct links {
	void *context;
};

struct link {
	char *url;
	const struct links *all;
	void *socket;
	struct wire_arena *arena;
	struct wire_buffer buffer;
};

/*
 * Queues are kept short, for the outbox is the queue.  IMMEDIATE: nothing is
 * queued for a peer that is not there.  The kernel and libzmq notice a dead
 * peer by keepalives and MAXRT; ZMQ_HEARTBEAT_* stays off, since 4.3.4 aborts
 * the process of a peer that pauses (sync.md 2).
 */
static const struct {
	int option;
	int value;
} options[] = {
	{ ZMQ_LINGER, 0 },
	{ ZMQ_SNDHWM, 64 },
	{ ZMQ_RCVHWM, 1000 },
	{ ZMQ_IMMEDIATE, 1 },
	{ ZMQ_HANDSHAKE_IVL, 5000 },
	{ ZMQ_TCP_KEEPALIVE, 1 },
	{ ZMQ_TCP_KEEPALIVE_IDLE, 5 },
	{ ZMQ_TCP_KEEPALIVE_INTVL, 2 },
	{ ZMQ_TCP_KEEPALIVE_CNT, 3 },
	{ ZMQ_TCP_MAXRT, 5000 },
	{ ZMQ_RECONNECT_IVL, 100 },
	{ ZMQ_RECONNECT_IVL_MAX, 2000 },
};

static int
set_options(const struct link *l, void *socket)
{
	int64_t max = WIRE_MESSAGE_MAX;
	int six = strchr(l->url, '[') != NULL;

	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		if (zmq_setsockopt(socket, options[i].option, &options[i].value,
		        sizeof options[i].value) < 0)
			return -zmq_errno();
	}
	if (zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &max, sizeof max) < 0 ||
	    zmq_setsockopt(socket, ZMQ_IPV6, &six, sizeof six) < 0)
		return -zmq_errno();
	return 0;
}

static int
connect_socket(struct link *l, struct err *err)
{
	void *socket = zmq_socket(l->all->context, ZMQ_DEALER);
	int rc;

	if (socket == NULL) {
		rc = -zmq_errno();
		return err_set(err, rc, "open a socket for %s: %s", l->url,
		    zmq_strerror(-rc));
	}
	rc = set_options(l, socket);
	if (rc == 0 && zmq_connect(socket, l->url) < 0)
		rc = -zmq_errno();
	if (rc < 0) {
		zmq_close(socket);
		return err_set(err, rc, "connect to %s: %s", l->url,
		    zmq_strerror(-rc));
	}
	l->socket = socket;
	return 0;
}

int
links_open(struct links **out, struct err *err)
{
	void *context = zmq_ctx_new();

	if (context == NULL ||
	    zmq_ctx_set(context, ZMQ_MAX_SOCKETS, SOCKETS_MAX) < 0) {
		int rc = -zmq_errno();

		if (context != NULL)
			zmq_ctx_term(context);
		return err_set(err, rc, "start ZeroMQ: %s", zmq_strerror(-rc));
	}
	*out = xcalloc(1, sizeof **out);
	(*out)->context = context;
	return 0;
}

void
links_free(struct links *all)
{
	if (all == NULL)
		return;
	zmq_ctx_term(all->context);
	free(all);
}

int
link_open(struct link **out, const struct links *all, const char *url,
    struct err *err)
{
	struct link *l = xcalloc(1, sizeof *l);
	int rc;

	l->url = xstrdup(url);
	l->all = all;
	l->arena = wire_arena_new();
	rc = connect_socket(l, err);
	if (rc < 0) {
		link_free(l);
		return rc;
	}
	*out = l;
	return 0;
}

void
link_free(struct link *l)
{
	if (l == NULL)
		return;
	if (l->socket != NULL)
		zmq_close(l->socket);
	wire_buffer_free(&l->buffer);
	wire_arena_free(l->arena);
	free(l->url);
	free(l);
}

void *
link_socket(const struct link *l)
{
	return l->socket;
}

int
link_reopen(struct link *l, const char *url, struct err *err)
{
	free(l->url);
	l->url = xstrdup(url);
	if (l->socket != NULL)
		zmq_close(l->socket);
	l->socket = NULL;
	return connect_socket(l, err);
}

bool
link_send(struct link *l, const struct message *m)
{
	int rc = wire_put(&l->buffer, m);

	/* What we make is within the protocol's bounds. */
	assert(rc == 0);
	if (rc < 0)
		return false;
	do {
		rc = zmq_send(l->socket, l->buffer.data, l->buffer.len,
		    ZMQ_DONTWAIT);
	} while (rc < 0 && zmq_errno() == EINTR);
	return rc >= 0;
}

/* The rest of a message of several frames: not ours. */
static bool
drop_rest(void *socket)
{
	bool dropped = false;
	int more = 1;
	size_t len = sizeof more;

	while (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &len) == 0 && more) {
		zmq_msg_t part;

		zmq_msg_init(&part);
		(void)zmq_msg_recv(&part, socket, ZMQ_DONTWAIT);
		zmq_msg_close(&part);
		dropped = true;
	}
	return dropped;
}

int
link_receive(struct link *l, struct message *out)
{
	zmq_msg_t frame;
	int rc;

	zmq_msg_init(&frame);
	if (zmq_msg_recv(&frame, l->socket, ZMQ_DONTWAIT) < 0) {
		zmq_msg_close(&frame);
		return 0;
	}
	if (drop_rest(l->socket)) {
		zmq_msg_close(&frame);
		return -EBADMSG;
	}
	wire_reset(l->arena);
	rc =
	    wire_get(l->arena, zmq_msg_data(&frame), zmq_msg_size(&frame), out);
	zmq_msg_close(&frame);
	return rc < 0 ? rc : 1;
}

void
link_linger(struct link *l)
{
	int ms = LINGER_MS;

	(void)zmq_setsockopt(l->socket, ZMQ_LINGER, &ms, sizeof ms);
}
