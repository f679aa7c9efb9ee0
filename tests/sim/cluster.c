#include "sim/cluster.h"

#include <string.h>

#include "common/hash.h"
#include "common/xalloc.h"
#include "race/rules.h"
#include "sim/weather.h"
#include "support/test.h"

static const int64_t second_us = 1000000;
static const int64_t true_ppm = 1000000;

/* ---- for the nodes ---- */

bool
sim_chance(struct cluster *c, unsigned of_1000)
{
	return test_below(&c->random, 1000) < of_1000;
}

bool
sim_fault(struct cluster *c, unsigned of_1000)
{
	return !c->healing && of_1000 > 0 && sim_chance(c, of_1000);
}

uint64_t
sim_below(struct cluster *c, uint64_t n)
{
	return test_below(&c->random, n);
}

int64_t
sim_later(struct cluster *c, int64_t most_us)
{
	return c->now_us + (int64_t)sim_below(c, (uint64_t)most_us);
}

int64_t
sim_clock_us(const struct cluster *c, const struct sim_clock *k)
{
	return k->wall_us + (c->now_us - k->since_us) * k->rate_ppm / true_ppm;
}

int64_t
sim_wall_us(const struct cluster *c, const struct sim_node *n)
{
	return sim_clock_us(c, &n->clock);
}

unsigned
sim_view(const struct cluster *c, const char *name)
{
	int v = rules_ranking(c->rules, name);

	return v >= 0 ? (unsigned)v : (unsigned)c->rules->ranking_count;
}

unsigned
sim_display_link(const struct cluster *c, unsigned display)
{
	return c->plan.collectors + display;
}

unsigned
sim_operator_link(const struct cluster *c, unsigned op)
{
	return c->plan.collectors + c->plan.displays + op;
}

static const char *
type_name(unsigned type)
{
	static const char *const names[] = {
		[MESSAGE_HELLO] = "HELLO",
		[MESSAGE_WELCOME] = "WELCOME",
		[MESSAGE_BATCH] = "BATCH",
		[MESSAGE_ACK] = "ACK",
		[MESSAGE_GAP] = "GAP",
		[MESSAGE_PING] = "PING",
		[MESSAGE_PONG] = "PONG",
		[MESSAGE_REFUSE] = "REFUSE",
		[MESSAGE_BYE] = "BYE",
		[MESSAGE_DELTA] = "DELTA",
		[MESSAGE_HEARTBEAT] = "HEARTBEAT",
		[MESSAGE_SNAPSHOT_REQUEST] = "SNAPSHOT_REQUEST",
		[MESSAGE_SNAPSHOT_PAGE] = "SNAPSHOT_PAGE",
	};

	if (type >= sizeof names / sizeof *names || names[type] == NULL)
		return "?";
	return names[type];
}

/* The number that a message is about, for the trace. */
static uint64_t
number_of(const struct message *m)
{
	switch (m->type) {
	case MESSAGE_HELLO:
		return m->hello.last;
	case MESSAGE_WELCOME:
		return m->welcome.committed;
	case MESSAGE_BATCH:
		return m->batch.first + m->batch.count - 1;
	case MESSAGE_ACK:
		return m->ack.committed;
	case MESSAGE_GAP:
		return m->gap.expected;
	case MESSAGE_PING:
		return m->ping.last;
	case MESSAGE_PONG:
		return m->pong.committed;
	case MESSAGE_REFUSE:
		return (uint64_t)m->refuse.why;
	case MESSAGE_DELTA:
		return m->delta.to;
	case MESSAGE_HEARTBEAT:
		return m->heartbeat.view_count;
	case MESSAGE_SNAPSHOT_PAGE:
		return m->snapshot_page.seq;
	case MESSAGE_BYE:
	case MESSAGE_SNAPSHOT_REQUEST:
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
	return 0;
}

void
sim_send(struct cluster *c, unsigned link, bool up, uint32_t conn,
    const struct message *m)
{
	SIM_HOLDS(wire_put(&c->buffer, m) == 0, "every message can be encoded");
	verdict_trace(c->now_us, "link %u %s sends %s %llu", link,
	    up ? "up" : "down", type_name((unsigned)m->type),
	    (unsigned long long)number_of(m));
	net_send(c->net, c->now_us, link, up, conn, "", c->buffer.data,
	    c->buffer.len);
}

void
sim_encode(struct sim_body *out, const struct race_event *e, uint64_t chain)
{
	struct wire_buffer b = { 0 };

	SIM_HOLDS(wire_put_event(&b, e) > 0, "every event can be encoded");
	out->len = b.len;
	out->data = xmalloc(b.len);
	memcpy(out->data, b.data, b.len);
	out->chain = hash_chain(chain, out->data, out->len);
	out->kind = e->kind;
	out->true_us = RACE_NO_TIME;
	wire_buffer_free(&b);
}

void
sim_free_bodies(struct sim_body *bodies, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(bodies[i].data);
	free(bodies);
}

void
sim_decode(struct cluster *c, const struct net_packet *p, struct message *out)
{
	wire_reset(c->arena);
	SIM_HOLDS(wire_get(c->arena, p->bytes, p->len, out) == 0,
	    "what was sent can be decoded");
}

void
sim_make_entry(struct cluster *c, struct race_event *e, const char *text)
{
	static const char *const teams[] = { "A", "B", "C", "" };

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

/* ---- life ---- */

struct sim_node *
sim_node_at(struct cluster *c, unsigned link)
{
	if (link < c->plan.collectors)
		return &c->collectors[link].node;
	link -= c->plan.collectors;
	if (link < c->plan.displays)
		return &c->displays[link].node;
	link -= c->plan.displays;
	if (link < c->plan.operators)
		return &c->operators[link].node;
	return &c->aggregator.node;
}

static void
open_collectors(struct cluster *c)
{
	for (unsigned i = 0; i < c->plan.collectors; i++) {
		struct sim_collector *n = &c->collectors[i];

		n->cluster = c;
		n->index = i;
		n->box_count = 1;
		n->boxes[0].epoch = c->plan.copied && i == 1 ? 1000 : 1000 + i;
		snprintf(n->name, sizeof n->name, "c%u", i);
		sim_collector_boot(n);
		sim_collector_start(n);
	}
}

/* Some come late. */
static void
open_others(struct cluster *c)
{
	for (unsigned i = 0; i < c->plan.displays; i++) {
		c->displays[i].cluster = c;
		c->displays[i].index = i;
		c->displays[i].restart_us =
		    sim_later(c, (int64_t)c->plan.late_ms * 1000 + 1);
	}
	for (unsigned i = 0; i < c->plan.operators; i++) {
		c->operators[i].cluster = c;
		c->operators[i].index = i;
		c->operators[i].left = c->plan.commands;
		c->operators[i].restart_us = sim_later(c, 5 * second_us);
	}
}

void
cluster_open(struct cluster *c, const struct sim_plan *plan,
    const struct race_rules *rules)
{
	memset(c, 0, sizeof *c);
	c->plan = *plan;
	c->random = plan->seed;
	c->now_us = second_us;
	c->links = plan->collectors + plan->displays + plan->operators;
	c->rules = rules_copy(rules);
	c->arena = wire_arena_new();
	c->net = net_new(&c->random, c->links);
	net_set(c->net,
	    &(struct net_faults){ .loss = plan->loss,
	        .repeat = plan->repeat,
	        .delay_us = plan->delay_us,
	        .shuffle = plan->shuffle != 0 });
	for (unsigned i = 0; i <= c->links; i++)
		sim_node_at(c, i)->clock = (struct sim_clock){ c->now_us,
			SIM_WALL_US + c->now_us, true_ppm };
	c->aggregator.cluster = c;
	sim_aggregator_start(&c->aggregator);
	open_collectors(c);
	open_others(c);
}

void
cluster_close(struct cluster *c)
{
	/* Not as a fault: nothing is torn. */
	c->healing = true;
	for (unsigned i = 0; i < c->plan.collectors; i++) {
		sim_collector_crash(&c->collectors[i]);
		sim_collector_close(&c->collectors[i]);
	}
	for (unsigned i = 0; i < c->plan.displays; i++)
		sim_display_crash(&c->displays[i]);
	for (unsigned i = 0; i < c->plan.operators; i++)
		sim_operator_end(&c->operators[i]);
	sim_aggregator_crash(&c->aggregator);
	for (size_t k = 0; k < c->aggregator.now.log_count; k++)
		free(c->aggregator.log[k].body.data);
	for (size_t k = 0; k < c->command_count; k++)
		sim_free_bodies(c->commands[k].events, c->commands[k].count);
	free(c->commands);
	free(c->aggregator.log);
	free(c->digests);
	net_free(c->net);
	wire_buffer_free(&c->buffer);
	wire_arena_free(c->arena);
	rules_free(c->rules);
}

/* ---- time ---- */

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* A node that is stopped has no deadline but its waking up. */
static int64_t
of_node(const struct cluster *c, const struct sim_node *n, int64_t at_us)
{
	return n->stopped_until_us > c->now_us ? n->stopped_until_us : at_us;
}

static int64_t
next_deadline(struct cluster *c)
{
	int64_t at = sooner(net_deadline(c->net),
	    of_node(c, &c->aggregator.node,
	        sim_aggregator_deadline(&c->aggregator)));

	for (unsigned i = 0; i < c->plan.collectors; i++)
		at = sooner(at,
		    of_node(c, &c->collectors[i].node,
		        sim_collector_deadline(&c->collectors[i])));
	for (unsigned i = 0; i < c->plan.displays; i++)
		at = sooner(at,
		    of_node(c, &c->displays[i].node,
		        sim_display_deadline(&c->displays[i])));
	for (unsigned i = 0; i < c->plan.operators; i++)
		at = sooner(at,
		    of_node(c, &c->operators[i].node,
		        sim_operator_deadline(&c->operators[i])));
	return at;
}

/* Sources and faults come at any moment; afterwards there are deadlines alone.
 */
static void
advance(struct cluster *c)
{
	int64_t at = next_deadline(c);

	if (!c->healing)
		at = sooner(at, c->now_us + 1 + (int64_t)sim_below(c, 20000));
	c->now_us = at > c->now_us ? at : c->now_us + 1;
}

static void
restart_what_is_due(struct cluster *c)
{
	if (c->aggregator.intake == NULL &&
	    c->now_us >= c->aggregator.restart_us)
		sim_aggregator_start(&c->aggregator);
	for (unsigned i = 0; i < c->plan.collectors; i++)
		if (c->collectors[i].uplink == NULL &&
		    c->now_us >= c->collectors[i].restart_us)
			sim_collector_start(&c->collectors[i]);
	for (unsigned i = 0; i < c->plan.displays; i++)
		if (!c->displays[i].up &&
		    c->now_us >= c->displays[i].restart_us)
			sim_display_start(&c->displays[i]);
}

/* ---- a step ---- */

static void
receive(struct cluster *c, const struct net_packet *p)
{
	unsigned link = p->link;

	verdict_trace(c->now_us, "link %u %s: %s arrives", link,
	    p->up ? "up" : "down", type_name(p->bytes[5]));
	if (p->up) {
		sim_aggregator_receive(&c->aggregator, p);
		return;
	}
	if (link < c->plan.collectors) {
		sim_collector_receive(&c->collectors[link], p);
		return;
	}
	link -= c->plan.collectors;
	if (link < c->plan.displays)
		sim_display_receive(&c->displays[link], p);
	else
		sim_operator_receive(&c->operators[link - c->plan.displays], p);
}

/* When it will be read; now or before: at once. */
static int64_t
read_at(struct cluster *c, const struct net_packet *p)
{
	unsigned display = p->link - c->plan.collectors;
	const struct sim_node *n = sim_node_at(c, p->up ? c->links : p->link);
	int64_t at_us = n->stopped_until_us;

	/* From below collectors it wraps around, and is no display. */
	if (!p->up && display < c->plan.displays &&
	    c->displays[display].busy_until_us > at_us)
		at_us = c->displays[display].busy_until_us;
	return at_us;
}

static void
deliver(struct cluster *c)
{
	struct net_packet p;
	int64_t at_us;

	if (!net_next(c->net, c->now_us, &p))
		return;
	at_us = read_at(c, &p);
	if (at_us > c->now_us) {
		verdict_count(SIM_MESSAGES_HELD, 1);
		net_hold(c->net, &p, at_us);
		return;
	}
	receive(c, &p);
	free(p.bytes);
}

static bool
runs(const struct cluster *c, const struct sim_node *n)
{
	return n->stopped_until_us <= c->now_us;
}

static void
turns(struct cluster *c)
{
	if (runs(c, &c->aggregator.node))
		sim_aggregator_turn(&c->aggregator);
	for (unsigned i = 0; i < c->plan.collectors; i++)
		if (runs(c, &c->collectors[i].node))
			sim_collector_turn(&c->collectors[i]);
	for (unsigned i = 0; i < c->plan.displays; i++)
		if (runs(c, &c->displays[i].node))
			sim_display_turn(&c->displays[i]);
	for (unsigned i = 0; i < c->plan.operators; i++)
		if (runs(c, &c->operators[i].node))
			sim_operator_turn(&c->operators[i]);
}

static void
step(struct cluster *c)
{
	verdict_count(SIM_STEPS, 1);
	advance(c);
	restart_what_is_due(c);
	weather_turn(c);
	deliver(c);
	turns(c);
	for (unsigned i = 0; i < c->plan.displays; i++)
		if (runs(c, &c->displays[i].node))
			sim_display_check(&c->displays[i]);
}

static bool
all_written(const struct cluster *c)
{
	for (unsigned i = 0; i < c->plan.collectors; i++)
		if (sim_collector_written(&c->collectors[i]) < c->plan.events)
			return false;
	return true;
}

void
cluster_storm(struct cluster *c)
{
	int64_t end = c->now_us + 3600 * second_us;

	while (!all_written(c)) {
		step(c);
		SIM_HOLDS(c->now_us < end, "an hour is enough to write all");
	}
}

/* ---- after the storm ---- */

static bool
acknowledged(struct sim_collector *n)
{
	const struct sim_box *live = sim_live_box(n);
	struct uplink_facts facts;
	uint64_t cursor;

	if (n->uplink == NULL || n->box != live ||
	    sim_collector_owes(n) != NULL)
		return false;
	uplink_facts(n->uplink, &facts);
	if (facts.state == UPLINK_REFUSED)
		return true;
	cursor = sim_aggregator_cursor(&n->cluster->aggregator, live->epoch);
	/* Both, for an older copy may have taken away what was acknowledged,
	 * and the collector does not know yet.  And heard of the aggregator
	 * since it was started: an older copy of its own disk may believe that
	 * all is acknowledged, and will be refused, as soon as it hears that
	 * the aggregator has more. */
	return facts.state == UPLINK_UP && facts.acked >= live->durable &&
	    cursor >= live->durable &&
	    (n->cluster->plan.copied || cursor == live->durable);
}

static bool
level(const struct cluster *c, const struct sim_display *d)
{
	unsigned v = d->index % (unsigned)c->rules->ranking_count;

	return d->up && replica_state(d->board, c->now_us) == REPLICA_LIVE &&
	    replica_state(d->roster, c->now_us) == REPLICA_LIVE &&
	    board_digest(replica_board(d->board)) ==
	    rank_digest(c->aggregator.book->rank, v) &&
	    roster_digest(replica_roster(d->roster)) ==
	    roster_digest(c->aggregator.book->roster);
}

/* Acknowledged, and every display level with the aggregator. */
static bool
settled(struct cluster *c)
{
	/* Of two copies the aggregator has heard; who was told on the spot need
	 * not have come through to it. */
	if (c->aggregator.intake == NULL ||
	    (c->plan.copied && c->refused > 0 && c->conflicts == 0))
		return false;
	for (unsigned i = 0; i < c->plan.collectors; i++)
		if (!acknowledged(&c->collectors[i]))
			return false;
	for (unsigned i = 0; i < c->plan.operators; i++)
		if (c->operators[i].left > 0 ||
		    c->operators[i].delivery != NULL)
			return false;
	for (unsigned i = 0; i < c->plan.displays; i++)
		if (!level(c, &c->displays[i]))
			return false;
	return true;
}

/* Who is not, in a few words. */
static void
tell_unsettled(struct cluster *c)
{
	for (unsigned i = 0; i < c->plan.collectors; i++) {
		struct sim_collector *n = &c->collectors[i];
		struct uplink_facts f;

		SIM_HOLDS(n->uplink != NULL, "a collector comes back");
		if (acknowledged(n))
			continue;
		uplink_facts(n->uplink, &f);
		SIM_HOLDS(false,
		    "collector %u delivers within two minutes of the storm: "
		    "state %d, %zu durable, %llu sent, %llu acknowledged, %llu "
		    "stored",
		    i, (int)f.state, n->box->durable,
		    (unsigned long long)f.sent, (unsigned long long)f.acked,
		    (unsigned long long)sim_aggregator_cursor(&c->aggregator,
		        n->box->epoch));
	}
	for (unsigned i = 0; i < c->plan.displays; i++) {
		const struct sim_display *d = &c->displays[i];
		struct replica_facts f;

		SIM_HOLDS(d->up, "a display comes back");
		replica_facts(d->board, &f);
		SIM_HOLDS(level(c, d),
		    "display %u is level within two minutes of the storm: "
		    "states %d %d, seq %llu, %llu snapshots, %llu holes, %llu "
		    "mismatches",
		    i, (int)replica_state(d->board, c->now_us),
		    (int)replica_state(d->roster, c->now_us),
		    (unsigned long long)f.seq, (unsigned long long)f.snapshots,
		    (unsigned long long)f.holes,
		    (unsigned long long)f.mismatches);
	}
	SIM_HOLDS(false,
	    "operators and conflicts are settled within two "
	    "minutes of the storm");
}

void
cluster_heal(struct cluster *c)
{
	static const struct net_faults none = { .delay_us = 2000 };
	int64_t end = c->now_us + 120 * second_us;

	verdict_trace(c->now_us, "the storm is over");
	c->healing = true;
	net_set(c->net, &none);
	/* Who is stopped wakes up in time, and reads its queue in order. */
	for (unsigned i = 0; i < c->links; i++) {
		net_cut(c->net, i, true, false);
		net_cut(c->net, i, false, false);
	}
	while (!settled(c)) {
		step(c);
		if (c->now_us > end)
			tell_unsettled(c);
	}
	verdict_count(SIM_VIRTUAL_SECONDS, (uint64_t)(c->now_us / second_us));
}
