#include "race/follow_zmq.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "common/clock.h"
#include "common/endpoint.h"
#include "common/files.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "proto/wire.h"
#include "race/rules.h"
#include "race/trail.h"

enum {
	MESSAGES_A_TURN = 200,
	TOPIC_MAX = 80 /* "t/", a label, "\n" */
};

#define SECOND_US INT64_C(1000000)
/* The first frame of what is told of the stations. */
#define HEALTH_TOPIC "s/"
/* ... and of the log. */
#define LOG_TOPIC "l/"
/* An answer lost is asked for again after this long. */
#define RULES_RETRY_US SECOND_US

struct view {
	char *name;
	struct replica *replica;
};

struct follow {
	struct loop *loop;
	void *context;
	void *sub;
	void *dealer;
	const char *aggregator;
	const char *race;
	char peer[300];
	char tier; /* 't' or 'c' */
	struct view *views;
	size_t view_count;
	size_t view_cap;
	struct wire_arena *arena;
	struct wire_buffer buffer;
	struct race_rules *rules;
	uint64_t rules_store;
	uint64_t rules_run;
	uint64_t run; /* of the last heartbeat, 0: none */
	unsigned edition;
	int64_t rules_due_us; /* monotonic; LOOP_NEVER: they are here */
	int64_t heard_us;     /* monotonic; or when the sockets were opened */
	int64_t lost_us;      /* since when nobody answers, 0: somebody does */
	bool told_lost;       /* and that has been said */
	bool hushed;          /* it never is */
	bool told_unreadable; /* once a connection: a peer may repeat itself */
	bool told_refused;
	bool health; /* is asked for */
	/* The last word of it: a copy, for the next message empties `arena`. */
	struct wire_arena *status_arena;
	struct message status;
	int64_t status_us;                /* monotonic; 0: none of this run */
	const struct follow_log_ops *log; /* NULL: it is not asked for */
	void *log_arg;
	struct trail trail;
	uint64_t log_run; /* that the trail is in; 0: not known yet */
	bool log_held;    /* no more of it is taken */
};

/* ---- receiving ---- */

static struct view *
find(const struct follow *f, const char *name)
{
	for (size_t i = 0; i < f->view_count; i++)
		if (strcmp(f->views[i].name, name) == 0)
			return &f->views[i];
	return NULL;
}

static void
note_heard(struct follow *f, int64_t now_us)
{
	f->heard_us = now_us;
	if (f->told_lost && !f->hushed)
		log_info("aggregator %s: back after %" PRId64 " s", f->peer,
		    (now_us - f->lost_us) / SECOND_US);
	f->told_lost = false;
	f->lost_us = 0;
}

/* From where it is wanted, whoever answers. */
static void
begin_log(struct follow *f, int64_t now_us)
{
	if (f->log == NULL)
		return;
	trail_init(&f->trail, f->log->after(f->log_arg), now_us);
	f->log_run = 0;
	f->log_held = false;
}

/* Another run may have another log, or less of it. */
static void
enter_log(struct follow *f, uint64_t run, int64_t now_us)
{
	if (f->log_run != 0 && f->log_run != run)
		begin_log(f, now_us);
	f->log_run = run;
}

static void
take_heartbeat(struct follow *f, const struct message_heartbeat *h,
    int64_t now_us)
{
	if (h->run != f->run)
		f->status_us = 0;
	f->run = h->run;
	if (f->log != NULL) {
		enter_log(f, h->run, now_us);
		trail_told(&f->trail, h->log);
	}
	/* Another run may have read another race.yaml. */
	if (f->rules != NULL && h->run != f->rules_run &&
	    f->rules_due_us == LOOP_NEVER)
		f->rules_due_us = now_us;
	for (size_t i = 0; i < f->view_count; i++)
		replica_heartbeat(f->views[i].replica, h, now_us);
}

static void
take_rules(struct follow *f, const struct message_rules_reply *r)
{
	/* An answer of the run before, that was still under way. */
	if (f->run != 0 && r->run != f->run)
		return;
	f->rules_due_us = LOOP_NEVER;
	f->rules_run = r->run;
	f->rules_store = r->store;
	if (f->rules != NULL && rules_equal(f->rules, r->rules))
		return;
	rules_free(f->rules);
	f->rules = rules_copy(r->rules);
	f->edition++;
}

/* Decodes it once more, into memory of its own. */
static void
take_status(struct follow *f, zmq_msg_t *part, uint64_t run, int64_t now_us)
{
	/* Of the run before, that was still under way; or asked for no more. */
	if (!f->health || (f->run != 0 && run != f->run))
		return;
	wire_reset(f->status_arena);
	f->status_us = 0;
	if (wire_get(f->status_arena, zmq_msg_data(part), zmq_msg_size(part),
	        &f->status) == 0)
		f->status_us = now_us;
}

static void
take_log(struct follow *f, const struct message_log_reply *r, int64_t now_us)
{
	size_t first = 0;
	int count;

	if (f->log == NULL || f->log_held)
		return;
	enter_log(f, r->run, now_us);
	if (r->request == 0) {
		trail_told(&f->trail, r->log);
		return;
	}
	count = trail_take(&f->trail, r, now_us, &first);
	if (count == -ESTALE) {
		f->log_held = true;
		f->log->stale(f->log_arg, r);
	} else if (count > 0) {
		f->log_held =
		    f->log->take(f->log_arg, r, first, (size_t)count) < 0;
	}
}

static void
take(struct follow *f, const struct message *m, int64_t now_us)
{
	struct view *v;

	/* The other types are not for displays: a later version's, perhaps. */
	if (m->type == MESSAGE_HEARTBEAT) {
		take_heartbeat(f, &m->heartbeat, now_us);
	} else if (m->type == MESSAGE_RULES_REPLY) {
		take_rules(f, &m->rules_reply);
	} else if (m->type == MESSAGE_DELTA) {
		v = find(f, m->delta.view);
		if (v != NULL)
			replica_delta(v->replica, &m->delta, now_us);
	} else if (m->type == MESSAGE_SNAPSHOT_PAGE) {
		v = find(f, m->snapshot_page.view);
		if (v != NULL)
			replica_page(v->replica, &m->snapshot_page, now_us);
	} else if (m->type == MESSAGE_LOG_REPLY) {
		take_log(f, &m->log_reply, now_us);
	} else if (m->type == MESSAGE_REFUSE) {
		if (!f->told_refused)
			log_warnx("aggregator %s refuses: %s", f->peer,
			    m->refuse.text);
		f->told_refused = true;
	}
}

static void
take_bytes(struct follow *f, zmq_msg_t *part)
{
	int64_t now_us = clock_mono_us();
	struct message m;
	int rc;

	wire_reset(f->arena);
	rc = wire_get(f->arena, zmq_msg_data(part), zmq_msg_size(part), &m);
	if (rc < 0) {
		/* A missed delta is noticed as a hole. */
		if (!f->told_unreadable)
			log_warnx("aggregator %s: a message that cannot be "
			          "read: %s",
			    f->peer, wire_why(rc));
		f->told_unreadable = true;
		return;
	}
	note_heard(f, now_us);
	if (m.type == MESSAGE_STATUS_REPLY)
		take_status(f, part, m.status_reply.run, now_us);
	else
		take(f, &m, now_us);
}

/* One message; its last frame is what counts.  False when there is none. */
static bool
receive(struct follow *f, void *socket)
{
	zmq_msg_t part;
	bool more = true;

	zmq_msg_init(&part);
	while (more) {
		if (zmq_msg_recv(&part, socket, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&part);
			return false;
		}
		more = zmq_msg_more(&part) != 0;
	}
	take_bytes(f, &part);
	zmq_msg_close(&part);
	return true;
}

static void
on_sub(void *arg)
{
	struct follow *f = arg;

	for (int i = 0; i < MESSAGES_A_TURN && receive(f, f->sub); i++)
		;
}

static void
on_dealer(void *arg)
{
	struct follow *f = arg;

	for (int i = 0; i < MESSAGES_A_TURN && receive(f, f->dealer); i++)
		;
}

/* ---- sockets ---- */

static void
set(void *socket, int option, int value)
{
	/* Fails for an unknown option or value alone: our own bug. */
	int rc = zmq_setsockopt(socket, option, &value, sizeof value);

	assert(rc == 0);
	(void)rc;
}

static void
set_options(void *socket)
{
	int64_t max = WIRE_MESSAGE_MAX;

	zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &max, sizeof max);
	set(socket, ZMQ_LINGER, 0);
	set(socket, ZMQ_RCVHWM, 1000);
	set(socket, ZMQ_SNDHWM, 64);
	set(socket, ZMQ_HANDSHAKE_IVL, 5000);
	set(socket, ZMQ_RECONNECT_IVL, 100);
	set(socket, ZMQ_RECONNECT_IVL_MAX, 2000);
	set(socket, ZMQ_TCP_KEEPALIVE, 1);
	set(socket, ZMQ_TCP_KEEPALIVE_IDLE, 5);
	set(socket, ZMQ_TCP_KEEPALIVE_INTVL, 2);
	set(socket, ZMQ_TCP_KEEPALIVE_CNT, 3);
	set(socket, ZMQ_IPV6, 1);
}

static void
subscribe(struct follow *f, const char *view, int option)
{
	char topic[TOPIC_MAX];
	int n = snprintf(topic, sizeof topic, "%c/%s\n", f->tier, view);

	assert(n > 0 && (size_t)n < sizeof topic);
	zmq_setsockopt(f->sub, option, topic, (size_t)n);
}

static void
subscribe_health(struct follow *f, int option)
{
	zmq_setsockopt(f->sub, option, HEALTH_TOPIC, strlen(HEALTH_TOPIC));
}

static void
subscribe_log(struct follow *f)
{
	zmq_setsockopt(f->sub, ZMQ_SUBSCRIBE, LOG_TOPIC, strlen(LOG_TOPIC));
}

static int
connect_one(struct follow *f, void **out, int type, const struct endpoint *to,
    enum endpoint_port port, struct err *err)
{
	void *socket = zmq_socket(f->context, type);
	char url[300];

	if (socket == NULL)
		return err_errno(err, -zmq_errno(), "open a socket");
	set_options(socket);
	if (zmq_connect(socket, endpoint_url(url, to, port)) < 0) {
		int code = zmq_errno();

		zmq_close(socket);
		return err_set(err, -code, "connect to %s: %s", url,
		    zmq_strerror(code));
	}
	*out = socket;
	return 0;
}

static void
close_sockets(struct follow *f)
{
	if (f->sub != NULL) {
		loop_del_zmq(f->loop, f->sub);
		zmq_close(f->sub);
	}
	if (f->dealer != NULL) {
		loop_del_zmq(f->loop, f->dealer);
		zmq_close(f->dealer);
	}
	f->sub = NULL;
	f->dealer = NULL;
}

static int
connect_both(struct follow *f, const struct endpoint *to, struct err *err)
{
	int rc = connect_one(f, &f->sub, ZMQ_SUB, to, ENDPOINT_RANKINGS, err);

	if (rc < 0)
		return rc;
	rc =
	    connect_one(f, &f->dealer, ZMQ_DEALER, to, ENDPOINT_SNAPSHOTS, err);
	if (rc < 0) {
		zmq_close(f->sub);
		f->sub = NULL;
		return rc;
	}
	for (size_t i = 0; i < f->view_count; i++)
		subscribe(f, f->views[i].name, ZMQ_SUBSCRIBE);
	if (f->health)
		subscribe_health(f, ZMQ_SUBSCRIBE);
	if (f->log != NULL)
		subscribe_log(f);
	/* Last, for a heartbeat shows that what came before is live. */
	zmq_setsockopt(f->sub, ZMQ_SUBSCRIBE, "h/", 2);
	loop_add_zmq(f->loop, f->sub, on_sub, f);
	loop_add_zmq(f->loop, f->dealer, on_dealer, f);
	return 0;
}

static int
open_sockets(struct follow *f, int64_t now_us, struct err *err)
{
	struct endpoint to;
	int rc = endpoint_find(&to, f->aggregator, f->race, err);

	if (rc < 0)
		return rc;
	snprintf(f->peer, sizeof f->peer,
	    strchr(to.host, ':') != NULL ? "[%s]:%d" : "%s:%d", to.host,
	    to.base);
	rc = connect_both(f, &to, err);
	if (rc < 0)
		return rc;
	f->heard_us = now_us;
	f->rules_due_us = now_us;
	f->told_unreadable = false;
	f->told_refused = false;
	begin_log(f, now_us);
	return 0;
}

/* ---- sending ---- */

static void
send_message(struct follow *f, const struct message *m)
{
	/* A request is small, and one that is lost is asked again. */
	if (f->dealer == NULL || wire_put(&f->buffer, m) < 0)
		return;
	zmq_send(f->dealer, f->buffer.data, f->buffer.len, ZMQ_DONTWAIT);
}

static void
ask_rules(struct follow *f, int64_t now_us)
{
	struct message m = { .type = MESSAGE_RULES_REQUEST };

	m.rules_request.request = 1;
	send_message(f, &m);
	f->rules_due_us = now_us + RULES_RETRY_US;
}

static void
ask_log(struct follow *f, int64_t now_us)
{
	struct message m = { .type = MESSAGE_LOG_REQUEST };

	while (!f->log_held && trail_ask(&f->trail, now_us, &m.log_request))
		send_message(f, &m);
}

static void
reconnect(struct follow *f, int64_t now_us)
{
	struct err err;

	if (f->lost_us == 0)
		f->lost_us = f->heard_us;
	if (!f->told_lost && !f->hushed)
		log_warnx("aggregator %s: no answer for %" PRId64
		          " s, trying again",
		    f->peer, (now_us - f->lost_us) / SECOND_US);
	f->told_lost = true;
	close_sockets(f);
	/* The endpoint file may be half a race folder's restart away. */
	if (open_sockets(f, now_us, &err) < 0) {
		log_warnx("%s", err.text);
		f->heard_us = now_us;
	}
}

void
follow_turn(struct follow *f, int64_t now_us)
{
	struct message m = { .type = MESSAGE_SNAPSHOT_REQUEST };

	if (now_us - f->heard_us >= REPLICA_SILENCE_US)
		reconnect(f, now_us);
	if (f->rules_due_us <= now_us)
		ask_rules(f, now_us);
	for (size_t i = 0; i < f->view_count; i++)
		while (replica_request(f->views[i].replica, now_us,
		    &m.snapshot_request))
			send_message(f, &m);
	if (f->log != NULL)
		ask_log(f, now_us);
}

int64_t
follow_deadline(const struct follow *f, int64_t now_us)
{
	int64_t due = f->heard_us + REPLICA_SILENCE_US;

	if (f->rules_due_us < due)
		due = f->rules_due_us;
	for (size_t i = 0; i < f->view_count; i++) {
		int64_t d = replica_deadline(f->views[i].replica, now_us);

		if (d < due)
			due = d;
	}
	if (f->log != NULL && !f->log_held && !trail_done(&f->trail) &&
	    trail_again(&f->trail) < due)
		due = trail_again(&f->trail);
	return due;
}

/* ---- views ---- */

struct replica *
follow_view(struct follow *f, const char *name)
{
	struct view *v = find(f, name);

	if (v != NULL)
		return v->replica;
	f->views =
	    xgrow(f->views, &f->view_cap, f->view_count, sizeof *f->views);
	v = &f->views[f->view_count++];
	v->name = xstrdup(name);
	v->replica = replica_new(name, files_random());
	if (f->sub != NULL)
		subscribe(f, name, ZMQ_SUBSCRIBE);
	return v->replica;
}

static void
leave(struct follow *f, size_t i)
{
	struct view *v = &f->views[i];

	if (f->sub != NULL)
		subscribe(f, v->name, ZMQ_UNSUBSCRIBE);
	free(v->name);
	replica_free(v->replica);
	*v = f->views[--f->view_count];
}

void
follow_prune(struct follow *f)
{
	for (size_t i = f->view_count; i-- > 0;) {
		const char *name = f->views[i].name;

		if (strcmp(name, MESSAGE_ROSTER) != 0 &&
		    rules_ranking(f->rules, name) < 0)
			leave(f, i);
	}
}

const struct race_rules *
follow_rules(const struct follow *f)
{
	return f->rules;
}

unsigned
follow_edition(const struct follow *f)
{
	return f->edition;
}

uint64_t
follow_store(const struct follow *f)
{
	return f->rules_store;
}

const char *
follow_peer(const struct follow *f)
{
	return f->peer;
}

/* ---- health ---- */

void
follow_health(struct follow *f, bool on)
{
	if (f->health == on)
		return;
	f->health = on;
	f->status_us = 0;
	if (f->sub != NULL)
		subscribe_health(f, on ? ZMQ_SUBSCRIBE : ZMQ_UNSUBSCRIBE);
}

const struct message_status_reply *
follow_status(const struct follow *f, int64_t *heard_us)
{
	if (f->status_us == 0)
		return NULL;
	*heard_us = f->status_us;
	return &f->status.status_reply;
}

/* ---- the log ---- */

void
follow_log(struct follow *f, const struct follow_log_ops *ops, void *arg)
{
	f->log = ops;
	f->log_arg = arg;
	if (f->sub != NULL)
		subscribe_log(f);
	begin_log(f, clock_mono_us());
}

void
follow_log_on(struct follow *f)
{
	begin_log(f, clock_mono_us());
}

uint64_t
follow_log_end(const struct follow *f)
{
	return f->trail.last;
}

bool
follow_log_done(const struct follow *f)
{
	return trail_done(&f->trail);
}

bool
follow_live(const struct follow *f)
{
	return f->run != 0 && f->lost_us == 0;
}

/* ---- life ---- */

int
follow_new(struct follow **out, struct loop *l, const char *aggregator,
    const char *race, enum follow_tier tier, struct err *err)
{
	struct follow *f = xcalloc(1, sizeof *f);
	int rc;

	f->loop = l;
	f->aggregator = aggregator;
	f->race = race;
	f->tier = tier == FOLLOW_COMMIT ? 'c' : 't';
	f->arena = wire_arena_new();
	f->status_arena = wire_arena_new();
	f->context = zmq_ctx_new();
	if (f->context == NULL)
		rc = err_errno(err, -zmq_errno(), "start ZeroMQ");
	else
		rc = open_sockets(f, clock_mono_us(), err);
	if (rc < 0) {
		follow_free(f);
		return rc;
	}
	*out = f;
	return 0;
}

void
follow_hush(struct follow *f)
{
	f->hushed = true;
}

void
follow_free(struct follow *f)
{
	if (f == NULL)
		return;
	close_sockets(f);
	while (f->view_count > 0)
		leave(f, 0);
	if (f->context != NULL)
		zmq_ctx_term(f->context);
	free(f->views);
	rules_free(f->rules);
	wire_arena_free(f->arena);
	wire_arena_free(f->status_arena);
	wire_buffer_free(&f->buffer);
	free(f);
}
