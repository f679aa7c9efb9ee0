/* The aggregator: the real intake, book and feed over a log that is an array.
 */
#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "common/xalloc.h"
#include "sim/cluster.h"

/* Connections are numbered by link and generation. */
static intake_conn
conn_of(const struct net_packet *p)
{
	return (intake_conn)p->link << 20 | (p->conn & 0xfffff);
}

static void
transmit(struct sim_aggregator *n, unsigned link, uint32_t conn,
    const struct message *m)
{
	struct cluster *c = n->cluster;

	assert_int_equal(wire_put(&c->buffer, m), 0);
	net_send(c->net, c->now_us, link, false, conn, "", c->buffer.data,
	    c->buffer.len);
}

static void
on_send(void *arg, intake_conn conn, const struct message *m)
{
	struct sim_aggregator *n = arg;

	/* Ordering 2: commit before ack. */
	if (m->type == MESSAGE_ACK)
		assert_true(m->ack.committed <=
		    sim_aggregator_cursor(n, m->ack.stream));
	if (m->type == MESSAGE_PONG)
		assert_true(m->pong.committed <=
		    sim_aggregator_cursor(n, m->pong.stream));
	transmit(n, (unsigned)(conn >> 20), (uint32_t)(conn & 0xfffff), m);
}

static int
on_take(void *arg, uint32_t stream, uint64_t seq,
    const struct message_bytes *body, uint64_t chain)
{
	struct sim_aggregator *n = arg;
	struct sim_stream *st = &n->streams[stream];
	struct sim_row *row;

	assert_true(stream < n->stream_count);
	assert_true(seq == st->cursor + 1);
	if (!n->cluster->healing &&
	    sim_chance(n->cluster, n->cluster->plan.disk_full / 10)) {
		n->no_room = true;
		return -ENOSPC;
	}
	n->log = xgrow(n->log, &n->log_cap, n->log_count, sizeof *n->log);
	row = &n->log[n->log_count++];
	row->stream = stream;
	row->seq = seq;
	row->chain = chain;
	row->body.len = body->len;
	row->body.data = xmalloc(body->len);
	memcpy(row->body.data, body->data, body->len);
	st->cursor = seq;
	st->chain = chain;
	return 0;
}

static int
on_open(void *arg, const struct message_hello *h, bool operators,
    uint32_t *stream, uint64_t *cursor, uint64_t *chain)
{
	struct sim_aggregator *n = arg;
	uint32_t i = 0;

	assert_false(operators);
	while (i < n->stream_count && n->streams[i].epoch != h->stream)
		i++;
	if (i == n->stream_count) {
		assert_true(n->stream_count < SIM_STREAMS_MAX);
		n->streams[n->stream_count++] =
		    (struct sim_stream){ .epoch = h->stream };
	}
	*stream = i;
	*cursor = n->streams[i].cursor;
	*chain = n->streams[i].chain;
	return 0;
}

static int
on_chain(void *arg, uint32_t stream, uint64_t seq, uint64_t *chain)
{
	struct sim_aggregator *n = arg;

	if (seq == 0) {
		*chain = 0;
		return 0;
	}
	for (size_t i = 0; i < n->log_count; i++) {
		if (n->log[i].stream == stream && n->log[i].seq == seq) {
			*chain = n->log[i].chain;
			return 0;
		}
	}
	return -ENOENT;
}

static void
on_conflict(void *arg, const char *name, const char *point, uint64_t seq,
    bool missing)
{
	struct sim_aggregator *n = arg;

	if (!n->cluster->plan.copied || missing)
		fail_msg("conflict in stream %s (%s) at %llu", name, point,
		    (unsigned long long)seq);
	n->cluster->conflicts++;
}

static void
on_ended(void *arg, uint32_t stream, const char *name, bool orderly)
{
	(void)arg;
	(void)orderly;
	fail_msg("stream %u of %s is no operator's", stream, name);
}

static const struct intake_ops intake_ops = {
	.send = on_send,
	.take = on_take,
	.open = on_open,
	.chain = on_chain,
	.conflict = on_conflict,
	.ended = on_ended,
};

/* Notes what a view is at a number; the same number is never two things. */
static void
note(struct sim_aggregator *n, const char *view, uint64_t seq, uint64_t digest)
{
	struct cluster *c = n->cluster;
	unsigned v = sim_view(c, view);
	uint64_t now = v < c->rules->ranking_count
	    ? rank_digest(n->book->rank, v)
	    : roster_digest(n->book->roster);

	assert_true(digest == now);
	for (size_t i = c->digest_count; i-- > 0;) {
		const struct sim_digest *d = &c->digests[i];

		if (d->run == n->run && d->seq == seq && d->view == v) {
			assert_true(d->digest == digest);
			return;
		}
	}
	c->digests = xgrow(c->digests, &c->digest_cap, c->digest_count,
	    sizeof *c->digests);
	c->digests[c->digest_count++] =
	    (struct sim_digest){ n->run, seq, digest, v };
}

static void
on_publish(void *arg, const char *topic, const struct message *m)
{
	struct sim_aggregator *n = arg;
	struct cluster *c = n->cluster;

	/* Ordering 2: commit before rank and publish. */
	assert_true(n->publishing);
	assert_true(n->applied == n->log_durable);
	if (m->type == MESSAGE_DELTA)
		note(n, m->delta.view, m->delta.to, m->delta.digest);
	for (size_t i = 0;
	     m->type == MESSAGE_HEARTBEAT && i < m->heartbeat.view_count; i++)
		note(n, m->heartbeat.views[i].view, m->heartbeat.views[i].seq,
		    m->heartbeat.views[i].digest);
	assert_int_equal(wire_put(&c->buffer, m), 0);
	for (unsigned d = 0; d < c->plan.displays; d++) {
		struct sim_display *to = &c->displays[d];
		bool wants = strcmp(topic, "h/") == 0 ||
		    strcmp(topic, to->topic) == 0 ||
		    strcmp(topic, "t/" MESSAGE_ROSTER "\n") == 0;

		if (to->up && wants)
			net_send(c->net, c->now_us, c->plan.collectors + d,
			    false, to->conn, topic, c->buffer.data,
			    c->buffer.len);
	}
}

static const struct feed_ops feed_ops = { .publish = on_publish };

/* What was committed becomes rows; the same at a start and in a turn. */
static void
apply_durable(struct sim_aggregator *n)
{
	for (; n->applied < n->log_durable; n->applied++) {
		const struct sim_row *row = &n->log[n->applied];
		struct race_id id = { n->streams[row->stream].epoch, row->seq };
		struct race_event e;

		wire_reset(n->cluster->arena);
		assert_int_equal(wire_get_event(n->cluster->arena,
		                     row->body.data, row->body.len, &e),
		    0);
		assert_int_equal(book_apply(n->book, id, &e), 0);
	}
}

/* The race folder's own stream: the entries, once. */
static void
log_roster(struct sim_aggregator *n)
{
	struct wire_buffer b = { 0 };

	n->streams[0] = (struct sim_stream){ .epoch = SIM_STORE_ID };
	n->stream_count = 1;
	for (unsigned i = 0; i < n->cluster->plan.runners; i++) {
		char bib[16];
		struct race_event e = { .kind = RACE_ENTRY };
		struct message_bytes body;

		snprintf(bib, sizeof bib, "%u", i);
		e.entry = (struct race_entry){ .bib = bib,
			.name = "",
			.sex = i % 2 == 0 ? "F" : "M",
			.born = "",
			.category = "",
			.team = i % 3 == 0 ? "A" : "B",
			.wave = "",
			.nation = "" };
		b.len = 0;
		assert_true(wire_put_event(&b, &e) > 0);
		body = (struct message_bytes){ b.data, b.len };
		while (on_take(n, 0, i + 1, &body, 0) != 0)
			;
	}
	wire_buffer_free(&b);
	memcpy(n->saved, n->streams, sizeof n->saved);
	n->saved_count = n->stream_count;
	n->log_durable = n->log_count;
}

void
sim_aggregator_start(struct sim_aggregator *n)
{
	struct cluster *c = n->cluster;

	if (n->log_count == 0)
		log_roster(n);
	n->run = test_random(&c->random);
	n->applied = 0;
	n->book = book_new(c->rules, SIM_STORE_ID);
	n->intake =
	    intake_new(SIM_STORE_ID, n->run, "sim", "sim", &intake_ops, n);
	for (uint32_t i = 0; i < n->stream_count; i++)
		intake_known(n->intake, i, n->streams[i].epoch, false, "", "",
		    n->streams[i].cursor, n->streams[i].chain, RACE_NO_TIME);
	apply_durable(n);
	n->feed = feed_new(SIM_STORE_ID, n->run, n->book, &feed_ops, n);
	for (unsigned d = 0; d < c->plan.displays; d++)
		if (c->displays[d].up)
			feed_subscribed(n->feed, c->displays[d].topic,
			    strlen(c->displays[d].topic));
	feed_subscribed(n->feed, "h/", 2);
	feed_subscribed(n->feed, "t/" MESSAGE_ROSTER "\n",
	    strlen("t/" MESSAGE_ROSTER "\n"));
}

static void
roll_back(struct sim_aggregator *n)
{
	while (n->log_count > n->log_durable)
		free(n->log[--n->log_count].body.data);
	/* Numbers hold for the run: a new stream stays, empty. */
	for (size_t i = 0; i < n->stream_count; i++) {
		n->streams[i].cursor = 0;
		n->streams[i].chain = 0;
	}
	memcpy(n->streams, n->saved, n->saved_count * sizeof *n->streams);
}

void
sim_aggregator_crash(struct sim_aggregator *n)
{
	struct intake_facts facts;

	if (n->intake == NULL)
		return;
	intake_facts(n->intake, &facts);
	n->cluster->repeats += facts.repeats;
	intake_free(n->intake);
	feed_free(n->feed);
	book_free(n->book);
	n->intake = NULL;
	n->feed = NULL;
	n->book = NULL;
	roll_back(n);
	n->stream_count = n->saved_count;
	n->full = false;
	n->restart_us =
	    n->cluster->now_us + (int64_t)sim_below(n->cluster, 3000000);
}

/* Two kinds of requests come down the displays' links. */
static void
answer(struct sim_aggregator *n, const struct net_packet *p,
    const struct message *m)
{
	struct message reply;

	assert_int_equal(m->type, MESSAGE_SNAPSHOT_REQUEST);
	feed_snapshot(n->feed, &m->snapshot_request, &reply);
	if (reply.type == MESSAGE_SNAPSHOT_PAGE)
		note(n, reply.snapshot_page.view, reply.snapshot_page.seq,
		    reply.snapshot_page.digest);
	transmit(n, p->link, p->conn, &reply);
}

void
sim_aggregator_receive(struct sim_aggregator *n, const struct net_packet *p)
{
	struct cluster *c = n->cluster;
	struct message m;

	if (n->intake == NULL)
		return;
	wire_reset(c->arena);
	assert_int_equal(wire_get(c->arena, p->bytes, p->len, &m), 0);
	if (p->link >= c->plan.collectors)
		answer(n, p, &m);
	else
		intake_receive(n->intake, conn_of(p), &m, c->now_us,
		    sim_wall_us(c));
}

static void
commit(struct sim_aggregator *n)
{
	struct cluster *c = n->cluster;

	if (n->no_room || (!c->healing && sim_chance(c, c->plan.disk_full))) {
		c->fulls++;
		n->no_room = false;
		roll_back(n);
		intake_rolled_back(n->intake);
		n->full = true;
		return;
	}
	n->log_durable = n->log_count;
	memcpy(n->saved, n->streams, sizeof n->saved);
	n->saved_count = n->stream_count;
	if (n->full)
		intake_recovered(n->intake);
	n->full = false;
	if (!c->healing && sim_chance(c, c->plan.aggregator_crash)) {
		c->crashes++; /* after the commit, before anybody knows */
		sim_aggregator_crash(n);
		return;
	}
	intake_committed(n->intake);
	apply_durable(n);
	n->publishing = true;
	feed_commit(n->feed, sim_wall_us(c));
	n->publishing = false;
}

/* As the program: commit, ack, rank, publish. */
void
sim_aggregator_turn(struct sim_aggregator *n)
{
	struct cluster *c = n->cluster;

	if (n->intake == NULL)
		return;
	if (!c->healing && sim_chance(c, c->plan.aggregator_crash)) {
		c->crashes++;
		sim_aggregator_crash(n);
		return;
	}
	if (sim_chance(c, 500) || c->healing)
		commit(n); /* else more than one message shares a commit */
	if (n->intake == NULL)
		return;
	intake_tick(n->intake, c->now_us);
	if (n->applied != n->log_durable || n->log_count != n->log_durable)
		return;
	n->publishing = true;
	feed_turn(n->feed, c->now_us, sim_wall_us(c), n->log_durable,
	    n->full ? "disk full" : "");
	n->publishing = false;
}

int64_t
sim_aggregator_deadline(const struct sim_aggregator *n)
{
	int64_t at;

	if (n->intake == NULL)
		return n->restart_us;
	at = feed_deadline(n->feed, n->cluster->now_us);
	if (n->log_count > n->log_durable || n->full)
		at = n->cluster->now_us + 1000;
	return at;
}

uint64_t
sim_aggregator_cursor(const struct sim_aggregator *n, uint64_t epoch)
{
	for (size_t i = 0; i < n->saved_count; i++)
		if (n->saved[i].epoch == epoch)
			return n->saved[i].cursor;
	return 0;
}
