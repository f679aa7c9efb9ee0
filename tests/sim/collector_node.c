/* A collector: the real uplink over an outbox that is an array. */
#include "support/test.h"

#include <string.h>

#include "common/hash.h"
#include "common/xalloc.h"
#include "sim/cluster.h"

static void
transmit(struct sim_collector *n, const struct message *m)
{
	struct cluster *c = n->cluster;

	assert_int_equal(wire_put(&c->buffer, m), 0);
	net_send(c->net, c->now_us, n->index, true, n->conn, "", c->buffer.data,
	    c->buffer.len);
}

static bool
on_send(void *arg, const struct message *m)
{
	transmit(arg, m);
	return true;
}

static size_t
on_send_batch(void *arg, uint64_t first, uint64_t chain, size_t count)
{
	struct sim_collector *n = arg;
	struct message_bytes bytes[RACE_BATCH_EVENTS];
	struct message m = { .type = MESSAGE_BATCH };

	/* Ordering 1: fsync before send. */
	assert_true(first >= 1);
	assert_true(first - 1 + count <= n->durable);
	assert_true(count >= 1 && count <= RACE_BATCH_EVENTS);
	if (sim_chance(n->cluster, 50))
		return 0; /* the socket takes no more */
	for (size_t i = 0; i < count; i++) {
		bytes[i].data = n->outbox[first - 1 + i].data;
		bytes[i].len = n->outbox[first - 1 + i].len;
	}
	m.batch.stream = n->epoch;
	m.batch.first = first;
	m.batch.chain = chain;
	m.batch.events = bytes;
	m.batch.count = count;
	transmit(n, &m);
	return count;
}

static void
on_reconnect(void *arg)
{
	struct sim_collector *n = arg;

	n->conn++;
}

static uint64_t
on_chain(void *arg, uint64_t seq)
{
	struct sim_collector *n = arg;

	assert_true(seq <= n->durable);
	return seq == 0 ? 0 : n->outbox[seq - 1].chain;
}

static void
on_acked(void *arg, uint64_t seq)
{
	struct sim_collector *n = arg;

	/* Ordering 3: what we may forget is durable over there. */
	assert_true(seq <= n->durable);
	assert_true(
	    seq <= sim_aggregator_cursor(&n->cluster->aggregator, n->epoch));
	if (sim_chance(n->cluster, 300))
		n->acked_saved = seq; /* kept lazily */
}

static void
on_lost(void *arg, int64_t silent_us, uint64_t waiting)
{
	(void)arg;
	(void)silent_us;
	(void)waiting;
}

static void
on_back(void *arg, int64_t gone_us, uint64_t waiting,
    const struct message_welcome *w)
{
	(void)arg;
	(void)gone_us;
	(void)waiting;
	(void)w;
}

static bool
on_accepts(void *arg, const struct message_welcome *w)
{
	(void)arg;
	(void)w;
	return true;
}

static void
on_refused(void *arg, const struct message_refuse *r)
{
	struct sim_collector *n = arg;

	if (!n->cluster->plan.copied || r->why != MESSAGE_WHY_CONFLICT)
		fail_msg("refused: %s", r->text);
	n->cluster->refused++;
}

static const struct uplink_ops ops = {
	.send = on_send,
	.send_batch = on_send_batch,
	.reconnect = on_reconnect,
	.chain = on_chain,
	.accepts = on_accepts,
	.acked = on_acked,
	.lost = on_lost,
	.back = on_back,
	.refused = on_refused,
};

void
sim_collector_start(struct sim_collector *n)
{
	struct message_hello hello = {
		.stream = n->epoch,
		.name = n->name,
		.point = "p1",
		.first_kept = n->durable > 0 ? 1 : 0,
		.last = n->durable,
		.software = "sim",
		.protocol = MESSAGE_PROTOCOL,
	};

	n->conn++;
	n->uplink = uplink_new(&hello, n->acked_saved,
	    test_random(&n->cluster->random), &ops, n);
}

void
sim_collector_crash(struct sim_collector *n)
{
	struct uplink_facts facts;

	if (n->uplink == NULL)
		return;
	uplink_facts(n->uplink, &facts);
	n->cluster->resent += facts.resent;
	uplink_free(n->uplink);
	n->uplink = NULL;
	while (n->count > n->durable)
		free(n->outbox[--n->count].data);
	n->restart_us =
	    n->cluster->now_us + (int64_t)sim_below(n->cluster, 2000000);
}

/* What an operator says of the roster: over what entries.csv said, whichever
 * clock is ahead. */
static void
make_roster_event(struct sim_collector *n, struct race_event *e, char *text)
{
	static const char *const teams[] = { "A", "B", "C", "" };
	struct cluster *c = n->cluster;

	if (sim_chance(c, 200)) {
		e->kind = RACE_ENTRY_GONE;
		e->entry_gone = text;
		return;
	}
	e->kind = RACE_ENTRY;
	e->entry = (struct race_entry){ .bib = text,
		.name = "",
		.sex = sim_chance(c, 500) ? "F" : "M",
		.born = "",
		.category = "",
		.team = teams[sim_below(c, 4)],
		.wave = "",
		.nation = "" };
}

/* One of the things that a collector's source can say. */
static void
make_event(struct sim_collector *n, struct race_event *e, char *text)
{
	struct cluster *c = n->cluster;
	uint64_t seq = n->count + 1;
	unsigned runner = (unsigned)sim_below(c, c->plan.runners + 2);

	memset(e, 0, sizeof *e);
	e->made_us = sim_wall_us(c);
	snprintf(text, 16, "%u", runner);
	if (seq > 1 && sim_chance(c, 30)) {
		e->kind = RACE_VOID;
		e->void_seq = 1 + sim_below(c, seq - 1);
	} else if (seq > 1 && sim_chance(c, 30)) {
		e->kind = RACE_FILL_IN;
		e->fill_in.seq = 1 + sim_below(c, seq - 1);
		e->fill_in.bib = text;
	} else if (sim_chance(c, 30)) {
		make_roster_event(n, e, text);
	} else {
		e->kind = RACE_CROSSING;
		e->crossing.point =
		    c->rules->points[sim_below(c, c->rules->point_count)].name;
		e->crossing.bib = sim_chance(c, 50) ? "" : text;
		e->crossing.chip = "";
		e->crossing.source = "";
		e->crossing.time_us = c->rules->waves[0].gun_us - 5000000 +
		    (int64_t)sim_below(c, 2000) * 1000000;
		e->crossing.clock =
		    sim_chance(c, 500) ? RACE_CLOCK_LAPTOP : RACE_CLOCK_FILE;
		/* Times on one laptop, bibs on another. */
		if (sim_chance(c, 200))
			e->crossing.flags = RACE_FLAG_LISTED;
	}
}

static void
append(struct sim_collector *n)
{
	struct wire_buffer b = { 0 };
	struct race_event e;
	struct sim_body *body;
	char text[16];

	make_event(n, &e, text);
	assert_true(wire_put_event(&b, &e) > 0);
	n->outbox = xgrow(n->outbox, &n->cap, n->count, sizeof *n->outbox);
	body = &n->outbox[n->count];
	body->len = b.len;
	body->data = xmalloc(b.len);
	memcpy(body->data, b.data, b.len);
	body->chain = hash_chain(n->count > 0 ? body[-1].chain : 0, body->data,
	    body->len);
	n->count++;
	wire_buffer_free(&b);
}

/* As the program: take what there is, commit, only then tell the uplink. */
void
sim_collector_turn(struct sim_collector *n)
{
	struct cluster *c = n->cluster;

	if (n->uplink == NULL)
		return;
	if (!c->healing && n->count < c->plan.events && sim_chance(c, 300)) {
		uint64_t some = 1 + sim_below(c, 8);

		while (some-- > 0 && n->count < c->plan.events)
			append(n);
	}
	if (sim_chance(c, c->healing ? 0 : c->plan.collector_crash)) {
		c->crashes++;
		sim_collector_crash(n);
		return;
	}
	if (n->count > n->durable) {
		if (!c->healing && sim_chance(c, c->plan.disk_full)) {
			c->fulls++;
			while (n->count > n->durable)
				free(n->outbox[--n->count].data);
		}
		n->durable = n->count;
		uplink_journaled(n->uplink, n->durable);
	}
	uplink_turn(n->uplink, c->now_us, sim_wall_us(c));
}

void
sim_collector_receive(struct sim_collector *n, const struct net_packet *p)
{
	struct cluster *c = n->cluster;
	struct message m;

	if (n->uplink == NULL || p->conn != n->conn)
		return;
	wire_reset(c->arena);
	assert_int_equal(wire_get(c->arena, p->bytes, p->len, &m), 0);
	uplink_receive(n->uplink, &m, c->now_us, sim_wall_us(c));
}

int64_t
sim_collector_deadline(const struct sim_collector *n)
{
	if (n->uplink == NULL)
		return n->restart_us;
	return uplink_deadline(n->uplink, n->cluster->now_us);
}
