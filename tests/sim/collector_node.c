/* A collector: the real uplink over an outbox that is an array. */
#include <string.h>

#include "common/xalloc.h"
#include "sim/cluster.h"
#include "support/test.h"

static bool
on_send(void *arg, const struct message *m)
{
	struct sim_collector *n = arg;

	sim_send(n->cluster, n->index, true, n->conn, m);
	return true;
}

static size_t
on_send_batch(void *arg, uint64_t first, uint64_t chain, size_t count)
{
	struct sim_collector *n = arg;
	struct message_bytes bytes[RACE_BATCH_EVENTS];
	struct message m = { .type = MESSAGE_BATCH };

	SIM_HOLDS(first >= 1 && count >= 1 && count <= RACE_BATCH_EVENTS,
	    "a batch is neither empty nor too long");
	SIM_HOLDS(first - 1 + count <= n->durable,
	    "fsync before send: collector %u sends up to %llu, durable are %zu",
	    n->index, (unsigned long long)(first - 1 + count), n->durable);
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
	(void)on_send(n, &m);
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

	SIM_HOLDS(seq <= n->durable, "no chain beyond the outbox is asked for");
	return seq == 0 ? 0 : n->outbox[seq - 1].chain;
}

static void
on_acked(void *arg, uint64_t seq)
{
	struct sim_collector *n = arg;

	uint64_t stored =
	    sim_aggregator_cursor(&n->cluster->aggregator, n->epoch);

	/* What a restore takes away comes again, for the outbox has it: acks
	 * from before may be under way. */
	if (n->stored_once > stored)
		stored = n->stored_once;
	SIM_HOLDS(seq <= n->durable,
	    "nothing is acknowledged that was never written");
	SIM_HOLDS(seq <= stored,
	    "ack before trim: collector %u may forget up to %llu, stored are "
	    "%llu",
	    n->index, (unsigned long long)seq, (unsigned long long)stored);
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

	SIM_HOLDS(n->cluster->plan.copied && r->why == MESSAGE_WHY_CONFLICT,
	    "no outbox is refused but a copied one: %s", r->text);
	n->cluster->refused++;
	verdict_count(SIM_REFUSED, 1);
}

static int64_t
boot_us(const struct sim_collector *n)
{
	return sim_clock_us(n->cluster, &n->laptop.boot);
}

static struct keys_stamp
stamp(const struct sim_collector *n)
{
	return (struct keys_stamp){
		.utc_us = sim_wall_us(n->cluster, &n->node),
		.boot_us = boot_us(n),
		.mono_us = boot_us(n) - n->laptop.asleep_us,
	};
}

static void
on_sample(void *arg, const struct clockfit_sample *s)
{
	struct sim_collector *n = arg;

	SIM_HOLDS(s->t1_us <= s->t4_us && s->t4_us == boot_us(n) &&
	        s->t2_us <= s->t3_us,
	    "a sample of a clock is of this laptop, and of now");
	clockwork_sample(n->clocks, s);
	verdict_count(SIM_SAMPLES, 1);
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
	.sample = on_sample,
	.refused = on_refused,
};

void
sim_collector_boot(struct sim_collector *n)
{
	struct cluster *c = n->cluster;

	n->laptop.boots++;
	n->laptop.asleep_us = 0;
	n->laptop.boot = (struct sim_clock){ .since_us = c->now_us,
		.wall_us = (int64_t)sim_below(c, 1000000000),
		/* crystals of laptops are within 50, bad ones within 200 */
		.rate_ppm = 1000000 - 200 + (int64_t)sim_below(c, 401) };
}

/* What the outbox says of its own clock. */
static void
recall(struct sim_collector *n)
{
	struct cluster *c = n->cluster;

	for (size_t i = 0; i < n->durable; i++) {
		struct race_event e;

		if (n->outbox[i].kind != RACE_CLOCK)
			continue;
		wire_reset(c->arena);
		SIM_HOLDS(wire_get_event(c->arena, n->outbox[i].data,
		              n->outbox[i].len, &e) == 0,
		    "every event of an outbox can be decoded");
		clockwork_recall(n->clocks, &e.clock);
	}
}

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
	struct keys_stamp now = stamp(n);
	char boot_id[16];

	snprintf(boot_id, sizeof boot_id, "%u", n->laptop.boots);
	n->clocks = clockwork_new(&n->kept, boot_id, &now);
	n->put = n->kept;
	recall(n);
	n->conn++;
	n->uplink = uplink_new(&hello, n->acked_saved,
	    test_random(&n->cluster->random), &ops, n);
}

static void
make_durable(struct sim_collector *n)
{
	n->durable = n->count;
	n->kept = n->put;
}

static void
forget_uncommitted(struct sim_collector *n)
{
	while (n->count > n->durable)
		free(n->outbox[--n->count].data);
	n->put = n->kept;
}

void
sim_collector_crash(struct sim_collector *n)
{
	struct cluster *c = n->cluster;
	struct uplink_facts facts;

	if (n->uplink == NULL)
		return;
	uplink_facts(n->uplink, &facts);
	verdict_count(SIM_RESENT, facts.resent);
	uplink_free(n->uplink);
	n->uplink = NULL;
	clockwork_free(n->clocks);
	n->clocks = NULL;
	if (n->count > n->durable && sim_fault(c, c->plan.torn)) {
		verdict_count(SIM_TORN, 1);
		make_durable(n);
	}
	forget_uncommitted(n);
	if (sim_chance(c, 300)) {
		sim_collector_boot(n);
		verdict_count(SIM_REBOOTS, 1);
	}
	n->restart_us = sim_later(c, 2000000);
	verdict_trace(c->now_us, "collector %u ends: %zu durable", n->index,
	    n->durable);
}

/* A keyboard's: it is now, as far as this laptop knows. */
static void
stamp_crossing(struct sim_collector *n, struct race_crossing *x)
{
	struct keys_stamp now = stamp(n);
	struct clockwork_mark mark;

	clockwork_look(n->clocks, &now);
	clockwork_mark(n->clocks, &now, &mark);
	x->clock = RACE_CLOCK_LAPTOP;
	x->time_us = now.utc_us;
	x->boot_us = now.boot_us;
	x->clock_epoch = mark.epoch;
	x->offset_us = mark.offset_us;
	x->bound_us = mark.bound_us;
}

static void
make_crossing(struct sim_collector *n, struct race_event *e, const char *bib)
{
	struct cluster *c = n->cluster;
	struct race_crossing *x = &e->crossing;

	e->kind = RACE_CROSSING;
	*x = (struct race_crossing){ .bib = sim_chance(c, 50) ? "" : bib,
		.chip = "",
		.source = "",
		.clock = RACE_CLOCK_FILE };
	x->point = c->rules->points[sim_below(c, c->rules->point_count)].name;
	x->time_us = c->rules->waves[0].gun_us - 5000000 +
	    (int64_t)sim_below(c, 2000) * 1000000;
	/* Of old, or by a laptop that says nothing of its clock. */
	if (sim_chance(c, 250))
		x->clock = RACE_CLOCK_LAPTOP;
	else if (sim_chance(c, 333))
		stamp_crossing(n, x);
	/* Times on one laptop, bibs on another. */
	if (sim_chance(c, 200))
		x->flags = RACE_FLAG_LISTED;
}

/* One of the things that a collector's source can say. */
static void
make_event(struct sim_collector *n, struct race_event *e, char text[16])
{
	struct cluster *c = n->cluster;
	uint64_t seq = n->count + 1;

	memset(e, 0, sizeof *e);
	e->made_us = sim_wall_us(c, &n->node);
	snprintf(text, 16, "%u", (unsigned)sim_below(c, c->plan.runners + 2));
	if (seq > 1 && sim_chance(c, 30)) {
		e->kind = RACE_VOID;
		e->void_seq = 1 + sim_below(c, seq - 1);
	} else if (seq > 1 && sim_chance(c, 30)) {
		e->kind = RACE_FILL_IN;
		e->fill_in.seq = 1 + sim_below(c, seq - 1);
		e->fill_in.bib = text;
	} else if (sim_chance(c, 30)) {
		sim_make_entry(c, e, text);
	} else {
		make_crossing(n, e, text);
	}
}

static void
append(struct sim_collector *n, const struct race_event *e)
{
	struct sim_body *body;

	n->outbox = xgrow(n->outbox, &n->cap, n->count, sizeof *n->outbox);
	body = &n->outbox[n->count];
	sim_encode(body, e, n->count > 0 ? body[-1].chain : 0);
	if (e->kind == RACE_CROSSING && e->crossing.boot_us != 0)
		body->true_us =
		    sim_wall_us(n->cluster, &n->cluster->aggregator.node);
	n->count++;
	n->put = *clockwork_epoch(n->clocks);
}

/* What a source has at the moment. */
static void
read_source(struct sim_collector *n)
{
	struct cluster *c = n->cluster;
	uint64_t some = 1 + sim_below(c, 8);

	if (c->healing || !sim_chance(c, 120))
		return;
	while (some-- > 0 && n->count < c->plan.events) {
		struct race_event e;
		char text[16];

		make_event(n, &e, text);
		append(n, &e);
	}
}

/* What was measured goes into the stream, where the disk takes it. */
static void
put_estimate(struct sim_collector *n)
{
	struct race_event e = { .kind = RACE_CLOCK };
	struct keys_stamp now = stamp(n);

	clockwork_look(n->clocks, &now);
	if (n->cluster->now_us < n->full_until_us ||
	    !clockwork_due(n->clocks, now.boot_us, &e.clock))
		return;
	e.made_us = clockfit_time(&e.clock, now.boot_us);
	append(n, &e);
	verdict_count(SIM_ESTIMATES, 1);
}

/* False: the program has ended. */
static bool
commit(struct sim_collector *n)
{
	struct cluster *c = n->cluster;

	if (n->count == n->durable)
		return true;
	if (sim_fault(c, c->plan.disk_error)) {
		verdict_count(SIM_DISK_ERRORS, 1);
		sim_collector_crash(n);
		return false;
	}
	if (sim_fault(c, c->plan.disk_full)) {
		verdict_count(SIM_DISKS_FULL, 1);
		n->full_until_us = sim_later(c, 3000000);
	}
	if (!c->healing && c->now_us < n->full_until_us) {
		forget_uncommitted(n);
		return true;
	}
	make_durable(n);
	uplink_journaled(n->uplink, n->durable);
	return true;
}

/* As the program: take what there is, commit, only then tell the uplink. */
void
sim_collector_turn(struct sim_collector *n)
{
	struct cluster *c = n->cluster;

	if (n->uplink == NULL)
		return;
	read_source(n);
	put_estimate(n);
	if (sim_fault(c, c->plan.collector_crash)) {
		verdict_count(SIM_CRASHES_OF_COLLECTORS, 1);
		sim_collector_crash(n);
		return;
	}
	if (commit(n))
		uplink_turn(n->uplink, c->now_us, boot_us(n));
}

void
sim_collector_receive(struct sim_collector *n, const struct net_packet *p)
{
	struct cluster *c = n->cluster;
	struct message m;

	if (n->uplink == NULL || p->conn != n->conn)
		return;
	sim_decode(c, p, &m);
	uplink_receive(n->uplink, &m, c->now_us, boot_us(n));
}

int64_t
sim_collector_deadline(const struct sim_collector *n)
{
	if (n->uplink == NULL)
		return n->restart_us;
	return uplink_deadline(n->uplink, n->cluster->now_us);
}
