/* The aggregator: the real intake, book and feed over a log that is an array.
 */
#include <errno.h>
#include <string.h>

#include "common/xalloc.h"
#include "sim/cluster.h"
#include "support/plain.h"
#include "support/test.h"

static const int64_t second_us = 1000000;

/* ---- connections: numbered by link and generation ---- */

static intake_conn
conn_of(const struct cluster *c, const struct net_packet *p)
{
	intake_conn conn = (intake_conn)p->link << 20 | (p->conn & 0xfffff);

	return p->link < sim_operator_link(c, 0) ? conn
	                                         : conn | INTAKE_OPERATOR;
}

static unsigned
link_of(intake_conn conn)
{
	return (unsigned)((conn & ~INTAKE_OPERATOR) >> 20);
}

/* The stream that a message of durability is about; 0: none. */
static uint64_t
promises(const struct cluster *c, intake_conn conn, const struct message *m,
    uint64_t *committed)
{
	unsigned link = link_of(conn);

	switch (m->type) {
	case MESSAGE_ACK:
		*committed = m->ack.committed;
		return m->ack.stream;
	case MESSAGE_PONG:
		*committed = m->pong.committed;
		return m->pong.stream;
	case MESSAGE_WELCOME:
		*committed = m->welcome.committed;
		return link < c->plan.collectors
		    ? sim_collector_stream(&c->collectors[link],
		          (uint32_t)(conn & 0xfffff))
		    : 0;
	default:
		return 0;
	}
}

static void
on_send(void *arg, intake_conn conn, const struct message *m)
{
	struct sim_aggregator *n = arg;
	struct cluster *c = n->cluster;
	uint64_t committed = 0;
	uint64_t stream = promises(c, conn, m, &committed);

	if (stream != 0)
		SIM_HOLDS(committed <= sim_aggregator_cursor(n, stream),
		    "commit before ack: the aggregator says %llu, durable are "
		    "%llu",
		    (unsigned long long)committed,
		    (unsigned long long)sim_aggregator_cursor(n, stream));
	sim_send(c, link_of(conn), false, (uint32_t)(conn & 0xfffff), m);
}

/* ---- the store ---- */

static int
on_take(void *arg, uint32_t stream, uint64_t seq,
    const struct message_bytes *body, uint64_t chain)
{
	struct sim_aggregator *n = arg;
	struct sim_stream *st = &n->now.streams[stream];
	struct sim_row *row;

	SIM_HOLDS(stream < n->now.stream_count, "events belong to a stream");
	SIM_HOLDS(seq == st->cursor + 1,
	    "neither hole nor double: event %llu of a stream that stands at "
	    "%llu",
	    (unsigned long long)seq, (unsigned long long)st->cursor);
	if (sim_fault(n->cluster, n->cluster->plan.disk_full / 10)) {
		n->no_room = true;
		return -ENOSPC;
	}
	n->log = xgrow(n->log, &n->log_cap, n->now.log_count, sizeof *n->log);
	row = &n->log[n->now.log_count++];
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
	struct sim_tables *t = &n->now;
	uint32_t i = 0;

	while (i < t->stream_count && t->streams[i].epoch != h->stream)
		i++;
	if (i == t->stream_count) {
		SIM_HOLDS(i < SIM_STREAMS_MAX, "the sim has room for streams");
		t->streams[t->stream_count++] =
		    (struct sim_stream){ .epoch = h->stream,
			    .operators = operators };
	}
	SIM_HOLDS(t->streams[i].operators == operators,
	    "a stream belongs to the port where it began");
	*stream = i;
	*cursor = t->streams[i].cursor;
	*chain = t->streams[i].chain;
	return 0;
}

static int
on_chain(void *arg, uint32_t stream, uint64_t seq, uint64_t *chain)
{
	struct sim_aggregator *n = arg;

	for (size_t i = 0; i < n->now.log_count; i++) {
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

	SIM_HOLDS((n->cluster->plan.copied || n->cluster->plan.old_disk) &&
	        !missing,
	    "no conflict but about a copied outbox: %s (%s) at %llu", name,
	    point, (unsigned long long)seq);
	n->cluster->conflicts++;
	verdict_count(SIM_CONFLICTS, 1);
}

static void
on_ended(void *arg, uint32_t stream, const char *name, bool orderly)
{
	struct sim_aggregator *n = arg;

	(void)orderly;
	SIM_HOLDS(n->now.streams[stream].operators,
	    "none but operators' streams end: %s", name);
}

static const struct intake_ops intake_ops = {
	.send = on_send,
	.take = on_take,
	.open = on_open,
	.chain = on_chain,
	.conflict = on_conflict,
	.ended = on_ended,
};

static void
truncate_log(struct sim_aggregator *n, size_t count)
{
	while (n->now.log_count > count)
		free(n->log[--n->now.log_count].body.data);
}

static void
roll_back(struct sim_aggregator *n)
{
	size_t streams = n->now.stream_count;

	truncate_log(n, n->saved.log_count);
	/* Numbers hold for the run: a new stream stays, empty. */
	for (size_t i = n->saved.stream_count; i < streams; i++) {
		n->now.streams[i].cursor = 0;
		n->now.streams[i].chain = 0;
	}
	memcpy(n->now.streams, n->saved.streams,
	    n->saved.stream_count * sizeof *n->now.streams);
}

static void
make_durable(struct sim_aggregator *n)
{
	n->saved.stream_count = n->now.stream_count;
	n->saved.log_count = n->now.log_count;
	memcpy(n->saved.streams, n->now.streams,
	    n->now.stream_count * sizeof *n->now.streams);
}

static bool
pending(const struct sim_aggregator *n)
{
	return n->now.log_count > n->saved.log_count || n->no_room;
}

uint64_t
sim_aggregator_cursor(const struct sim_aggregator *n, uint64_t epoch)
{
	for (size_t i = 0; i < n->saved.stream_count; i++)
		if (n->saved.streams[i].epoch == epoch)
			return n->saved.streams[i].cursor;
	return 0;
}

/* ---- what is published ---- */

static uint64_t
digest_of(const struct sim_aggregator *n, unsigned view)
{
	return view < n->cluster->rules->ranking_count
	    ? rank_digest(n->book->rank, view)
	    : roster_digest(n->book->roster);
}

/* Notes what a view is at a number; the same number is never two things. */
static void
note(struct sim_aggregator *n, const char *view, uint64_t seq, uint64_t digest)
{
	struct cluster *c = n->cluster;
	unsigned v = sim_view(c, view);

	SIM_HOLDS(digest == digest_of(n, v),
	    "the digest said of %s at %llu is that of its rows", view,
	    (unsigned long long)seq);
	for (size_t i = c->digest_count; i-- > 0;) {
		const struct sim_digest *d = &c->digests[i];

		if (d->run == n->run && d->seq == seq && d->view == v) {
			SIM_HOLDS(d->digest == digest,
			    "%s is one thing at %llu", view,
			    (unsigned long long)seq);
			return;
		}
	}
	c->digests = xgrow(c->digests, &c->digest_cap, c->digest_count,
	    sizeof *c->digests);
	c->digests[c->digest_count++] =
	    (struct sim_digest){ n->run, seq, digest, v };
}

static void
publish_to(struct sim_display *to, const char *topic)
{
	struct cluster *c = to->cluster;
	unsigned link = sim_display_link(c, to->index);
	size_t room =
	    c->plan.high_water > 0 ? c->plan.high_water : SIM_HIGH_WATER;
	bool wants = strcmp(topic, "h/") == 0 ||
	    strcmp(topic, to->topic) == 0 ||
	    strcmp(topic, "t/" MESSAGE_ROSTER "\n") == 0;

	if (!to->up || !wants)
		return;
	if (net_waiting(c->net, link, false) >= room) {
		verdict_count(SIM_MESSAGES_DROPPED, 1);
		return;
	}
	net_send(c->net, c->now_us, link, false, to->conn, topic,
	    c->buffer.data, c->buffer.len);
}

static void
on_publish(void *arg, const char *topic, const struct message *m)
{
	struct sim_aggregator *n = arg;
	struct cluster *c = n->cluster;

	SIM_HOLDS(n->publishing && n->applied == n->saved.log_count,
	    "commit before publish");
	if (m->type == MESSAGE_DELTA)
		note(n, m->delta.view, m->delta.to, m->delta.digest);
	for (size_t i = 0;
	     m->type == MESSAGE_HEARTBEAT && i < m->heartbeat.view_count; i++)
		note(n, m->heartbeat.views[i].view, m->heartbeat.views[i].seq,
		    m->heartbeat.views[i].digest);
	SIM_HOLDS(wire_put(&c->buffer, m) == 0, "every message can be encoded");
	verdict_trace(c->now_us, "publishes %.*s", (int)strcspn(topic, "\n"),
	    topic);
	for (unsigned d = 0; d < c->plan.displays; d++)
		publish_to(&c->displays[d], topic);
}

static const struct feed_ops feed_ops = { .publish = on_publish };

/* ---- its life ---- */

/* What was committed becomes rows; the same at a start and in a turn. */
static void
apply_durable(struct sim_aggregator *n)
{
	for (; n->applied < n->saved.log_count; n->applied++) {
		const struct sim_row *row = &n->log[n->applied];
		struct race_id id = { n->now.streams[row->stream].epoch,
			row->seq };
		struct race_event e;

		wire_reset(n->cluster->arena);
		SIM_HOLDS(wire_get_event(n->cluster->arena, row->body.data,
		              row->body.len, &e) == 0,
		    "every stored event can be decoded");
		SIM_HOLDS(book_apply(n->book, id, &e) == 0,
		    "no event is stored twice");
	}
}

/* The race folder's own stream: the entries, once. */
static void
log_roster(struct sim_aggregator *n)
{
	n->now.streams[0] = (struct sim_stream){ .epoch = SIM_STORE_ID };
	n->now.stream_count = 1;
	for (unsigned i = 0; i < n->cluster->plan.runners; i++) {
		char bib[16];
		struct race_event e = { .kind = RACE_ENTRY };
		struct message_bytes bytes;
		struct sim_body body;

		snprintf(bib, sizeof bib, "%u", i);
		e.entry = plain_entry(bib);
		e.entry.sex = i % 2 == 0 ? "F" : "M";
		e.entry.team = i % 3 == 0 ? "A" : "B";
		sim_encode(&body, &e, 0);
		bytes = (struct message_bytes){ body.data, body.len };
		while (on_take(n, 0, i + 1, &bytes, 0) != 0)
			;
		free(body.data);
	}
	n->no_room = false;
	make_durable(n);
}

static void
subscribe_all(struct sim_aggregator *n)
{
	struct cluster *c = n->cluster;

	for (unsigned d = 0; d < c->plan.displays; d++)
		if (c->displays[d].up)
			feed_subscribed(n->feed, c->displays[d].topic,
			    strlen(c->displays[d].topic));
	feed_subscribed(n->feed, "h/", 2);
	feed_subscribed(n->feed, "t/" MESSAGE_ROSTER "\n",
	    strlen("t/" MESSAGE_ROSTER "\n"));
}

void
sim_aggregator_start(struct sim_aggregator *n)
{
	struct cluster *c = n->cluster;

	if (n->saved.log_count == 0)
		log_roster(n);
	n->run = test_random(&c->random);
	n->applied = 0;
	n->book = book_new(c->rules, SIM_STORE_ID);
	n->intake =
	    intake_new(SIM_STORE_ID, n->run, "sim", "sim", &intake_ops, n);
	for (uint32_t i = 1; i < n->now.stream_count; i++) {
		const struct sim_stream *st = &n->now.streams[i];

		intake_known(n->intake, i, st->epoch, st->operators, "", "",
		    st->cursor, st->chain, RACE_NO_TIME);
	}
	apply_durable(n);
	n->feed = feed_new(SIM_STORE_ID, n->run,
	    &(struct feed_sources){ .book = n->book }, &feed_ops, n);
	subscribe_all(n);
	verdict_trace(c->now_us, "the aggregator starts: %zu events stored",
	    n->saved.log_count);
}

void
sim_aggregator_crash(struct sim_aggregator *n)
{
	struct cluster *c = n->cluster;
	struct intake_facts facts;

	if (n->intake == NULL)
		return;
	intake_facts(n->intake, &facts);
	verdict_count(SIM_REPEATS, facts.repeats);
	intake_free(n->intake);
	feed_free(n->feed);
	book_free(n->book);
	n->intake = NULL;
	n->feed = NULL;
	n->book = NULL;
	if (pending(n) && !n->no_room && sim_fault(c, c->plan.torn)) {
		verdict_count(SIM_TORN, 1);
		make_durable(n);
	}
	roll_back(n);
	n->now.stream_count = n->saved.stream_count;
	n->no_room = false;
	n->full = false;
	n->publishing = false;
	n->restart_us = sim_later(c, 3 * second_us);
	verdict_trace(c->now_us, "the aggregator ends: %zu events stored",
	    n->saved.log_count);
}

static void
note_stored(struct sim_aggregator *n, struct sim_collector *s)
{
	for (size_t k = 0; k < s->box_count; k++) {
		struct sim_box *box = &s->boxes[k];
		uint64_t stored = sim_aggregator_cursor(n, box->epoch);

		if (stored > box->stored_once)
			box->stored_once = stored;
	}
}

/* What the judge may still ask for. */
static void
excuse(struct sim_aggregator *n)
{
	struct cluster *c = n->cluster;

	c->restores++;
	for (unsigned i = 0; i < c->plan.collectors; i++)
		note_stored(n, &c->collectors[i]);
	verdict_count(SIM_TAKEN_AWAY, n->saved.log_count - n->copy.log_count);
	n->saved = n->copy;
	for (size_t i = 0; i < c->command_count; i++) {
		struct sim_command *command = &c->commands[i];
		uint64_t stored = sim_aggregator_cursor(n, command->epoch);

		command->excused = true;
		if (command->owed > stored)
			command->owed = stored;
	}
}

void
sim_aggregator_restore(struct sim_aggregator *n)
{
	sim_aggregator_crash(n);
	verdict_count(SIM_RESTORES, 1);
	verdict_trace(n->cluster->now_us,
	    "the aggregator gets a copy: %zu of %zu events", n->copy.log_count,
	    n->saved.log_count);
	excuse(n);
	truncate_log(n, n->saved.log_count);
	n->now = n->saved;
}

/* ---- messages in ---- */

static void
answer(struct sim_aggregator *n, const struct net_packet *p,
    const struct message *m)
{
	struct message reply;

	SIM_HOLDS(m->type == MESSAGE_SNAPSHOT_REQUEST,
	    "displays ask for snapshots alone");
	feed_snapshot(n->feed, &m->snapshot_request, &reply);
	if (reply.type == MESSAGE_SNAPSHOT_PAGE)
		note(n, reply.snapshot_page.view, reply.snapshot_page.seq,
		    reply.snapshot_page.digest);
	sim_send(n->cluster, p->link, false, p->conn, &reply);
}

void
sim_aggregator_receive(struct sim_aggregator *n, const struct net_packet *p)
{
	struct cluster *c = n->cluster;
	struct message m;

	if (n->intake == NULL)
		return;
	sim_decode(c, p, &m);
	if (p->link >= sim_display_link(c, 0) &&
	    p->link < sim_operator_link(c, 0))
		answer(n, p, &m);
	else
		intake_receive(n->intake, conn_of(c, p), &m, c->now_us,
		    sim_wall_us(c, &n->node));
}

/* ---- the end of a turn ---- */

static void
begin_trouble(struct sim_aggregator *n)
{
	struct cluster *c = n->cluster;

	n->no_room = false;
	n->full = true;
	n->retry_us = c->now_us + second_us;
	verdict_trace(c->now_us, "the aggregator's disk is full");
	roll_back(n);
	intake_rolled_back(n->intake);
}

/* Whether there is room for what is pending, or as a try. */
static bool
has_room(struct sim_aggregator *n)
{
	struct cluster *c = n->cluster;

	if (n->no_room || sim_fault(c, c->plan.disk_full)) {
		verdict_count(SIM_DISKS_FULL, 1);
		n->full_until_us = sim_later(c, 3 * second_us);
	}
	return !n->no_room && (c->healing || c->now_us >= n->full_until_us);
}

/* False: the program has ended. */
static bool
commit(struct sim_aggregator *n)
{
	struct cluster *c = n->cluster;

	if (!pending(n)) {
		intake_committed(n->intake);
		return true;
	}
	if (sim_fault(c, c->plan.disk_error)) {
		verdict_count(SIM_DISK_ERRORS, 1);
		sim_aggregator_crash(n);
		return false;
	}
	if (!has_room(n)) {
		begin_trouble(n);
		return true;
	}
	make_durable(n);
	verdict_trace(c->now_us, "the aggregator commits: %zu events stored",
	    n->saved.log_count);
	if (sim_fault(c, c->plan.aggregator_crash)) {
		/* After the commit, before anybody knows. */
		verdict_count(SIM_CRASHES_OF_AGGREGATORS, 1);
		sim_aggregator_crash(n);
		return false;
	}
	intake_committed(n->intake);
	apply_durable(n);
	n->publishing = true;
	feed_commit(n->feed, sim_wall_us(c, &n->node));
	n->publishing = false;
	return true;
}

static void
retry(struct sim_aggregator *n)
{
	n->retry_us = n->cluster->now_us + second_us;
	if (!has_room(n))
		return;
	n->full = false;
	intake_recovered(n->intake);
}

/* As the program: commit, ack, rank, publish. */
void
sim_aggregator_turn(struct sim_aggregator *n)
{
	struct cluster *c = n->cluster;

	if (n->intake == NULL)
		return;
	if (sim_fault(c, c->plan.aggregator_crash)) {
		verdict_count(SIM_CRASHES_OF_AGGREGATORS, 1);
		sim_aggregator_crash(n);
		return;
	}
	/* Else more than one message shares a commit. */
	if ((sim_chance(c, 500) || c->healing) && !commit(n))
		return;
	if (n->full && !pending(n) && c->now_us >= n->retry_us)
		retry(n);
	intake_tick(n->intake, c->now_us);
	if (pending(n))
		return;
	n->publishing = true;
	feed_turn(n->feed, c->now_us, sim_wall_us(c, &n->node),
	    n->saved.log_count, n->full ? "disk full" : "");
	n->publishing = false;
}

int64_t
sim_aggregator_deadline(const struct sim_aggregator *n)
{
	int64_t at_us;

	if (n->intake == NULL)
		return n->restart_us;
	at_us = feed_deadline(n->feed, n->cluster->now_us);
	if (n->full && n->retry_us < at_us)
		at_us = n->retry_us;
	if (pending(n))
		at_us = n->cluster->now_us + 1000;
	return at_us;
}
