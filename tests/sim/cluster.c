#include "support/test.h"

#include <string.h>

#include "common/xalloc.h"
#include "race/rules.h"
#include "sim/cluster.h"

static const int64_t WALL_US = INT64_C(1411286400000000);

bool
sim_chance(struct cluster *c, unsigned of_1000)
{
	return test_below(&c->random, 1000) < of_1000;
}

uint64_t
sim_below(struct cluster *c, uint64_t n)
{
	return test_below(&c->random, n);
}

int64_t
sim_wall_us(const struct cluster *c)
{
	return WALL_US + c->now_us + c->clock_us;
}

unsigned
sim_view(const struct cluster *c, const char *name)
{
	int v = rules_ranking(c->rules, name);

	return v >= 0 ? (unsigned)v : (unsigned)c->rules->ranking_count;
}

void
cluster_open(struct cluster *c, const struct sim_plan *plan,
    const struct race_rules *rules)
{
	memset(c, 0, sizeof *c);
	c->plan = *plan;
	c->random = plan->seed;
	c->now_us = 1000000;
	c->rules = rules_copy(rules);
	c->arena = wire_arena_new();
	c->net = net_new(&c->random, plan->collectors + plan->displays);
	net_set(c->net, &plan->net);
	c->aggregator.cluster = c;
	sim_aggregator_start(&c->aggregator);
	for (unsigned i = 0; i < plan->collectors; i++) {
		struct sim_collector *n = &c->collectors[i];

		n->cluster = c;
		n->index = i;
		n->epoch = plan->copied && i == 1 ? 1000 : 1000 + i;
		snprintf(n->name, sizeof n->name, "c%u", i);
		sim_collector_start(n);
	}
	for (unsigned i = 0; i < plan->displays; i++) {
		c->displays[i].cluster = c;
		c->displays[i].index = i;
		/* some come late */
		c->displays[i].restart_us = c->now_us +
		    (int64_t)sim_below(c, (uint64_t)plan->late_us + 1);
	}
}

void
cluster_close(struct cluster *c)
{
	for (unsigned i = 0; i < c->plan.collectors; i++) {
		struct sim_collector *n = &c->collectors[i];

		sim_collector_crash(n);
		for (size_t k = 0; k < n->count; k++)
			free(n->outbox[k].data);
		free(n->outbox);
	}
	for (unsigned i = 0; i < c->plan.displays; i++)
		sim_display_crash(&c->displays[i]);
	sim_aggregator_crash(&c->aggregator);
	for (size_t k = 0; k < c->aggregator.log_count; k++)
		free(c->aggregator.log[k].body.data);
	free(c->aggregator.log);
	free(c->digests);
	net_free(c->net);
	wire_buffer_free(&c->buffer);
	wire_arena_free(c->arena);
	rules_free(c->rules);
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
next_deadline(struct cluster *c)
{
	int64_t at = sooner(net_deadline(c->net),
	    sim_aggregator_deadline(&c->aggregator));

	for (unsigned i = 0; i < c->plan.collectors; i++)
		at = sooner(at, sim_collector_deadline(&c->collectors[i]));
	for (unsigned i = 0; i < c->plan.displays; i++)
		at = sooner(at, sim_display_deadline(&c->displays[i]));
	return at;
}

static void
advance(struct cluster *c)
{
	int64_t at = sooner(next_deadline(c),
	    c->now_us + 1 + (int64_t)sim_below(c, 20000));

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

static void
trace(struct cluster *c, const struct net_packet *p)
{
	print_message("%lld link %u %s conn %u type %u len %zu\n",
	    (long long)c->now_us, p->link, p->up ? "up" : "down", p->conn,
	    p->bytes[5], p->len);
}

static void
deliver(struct cluster *c, const struct net_packet *p)
{
	if (getenv("PALMARES_TRACE") != NULL)
		trace(c, p);
	if (p->up)
		sim_aggregator_receive(&c->aggregator, p);
	else if (p->link < c->plan.collectors)
		sim_collector_receive(&c->collectors[p->link], p);
	else
		sim_display_receive(&c->displays[p->link - c->plan.collectors],
		    p);
}

static void
turns(struct cluster *c)
{
	sim_aggregator_turn(&c->aggregator);
	for (unsigned i = 0; i < c->plan.collectors; i++)
		sim_collector_turn(&c->collectors[i]);
	for (unsigned i = 0; i < c->plan.displays; i++)
		sim_display_turn(&c->displays[i]);
}

static void
step(struct cluster *c)
{
	struct net_packet p;

	advance(c);
	restart_what_is_due(c);
	if (!c->healing && sim_chance(c, c->plan.cut)) {
		unsigned link = (unsigned)sim_below(c,
		    c->plan.collectors + c->plan.displays);

		c->cuts++;
		net_cut(c->net, link, !net_is_cut(c->net, link));
	}
	if (!c->healing && sim_chance(c, c->plan.clock)) {
		c->clocks++; /* by up to a day, either way */
		c->clock_us = (int64_t)sim_below(c, INT64_C(172800000000)) -
		    INT64_C(86400000000);
	}
	if (net_next(c->net, c->now_us, &p)) {
		deliver(c, &p);
		free(p.bytes);
	}
	turns(c);
	for (unsigned i = 0; i < c->plan.displays; i++)
		sim_display_check(&c->displays[i]);
}

static bool
all_written(const struct cluster *c)
{
	for (unsigned i = 0; i < c->plan.collectors; i++)
		if (c->collectors[i].durable < c->plan.events)
			return false;
	return true;
}

void
cluster_storm(struct cluster *c)
{
	int64_t end = c->now_us + INT64_C(3600) * 1000000;

	while (!all_written(c)) {
		step(c);
		assert_true(c->now_us < end);
	}
}

/* Acknowledged, and every display level with the aggregator. */
static bool
settled(struct cluster *c)
{
	struct book *book = c->aggregator.book;

	/* Of two copies the aggregator has heard. */
	if (c->aggregator.intake == NULL ||
	    (c->refused > 0 && c->conflicts == 0))
		return false;
	for (unsigned i = 0; i < c->plan.collectors; i++) {
		struct uplink_facts facts;

		if (c->collectors[i].uplink == NULL)
			return false;
		uplink_facts(c->collectors[i].uplink, &facts);
		if (facts.acked < c->collectors[i].durable &&
		    facts.state != UPLINK_REFUSED)
			return false;
	}
	for (unsigned i = 0; i < c->plan.displays; i++) {
		struct sim_display *d = &c->displays[i];
		unsigned v = i % (unsigned)c->rules->ranking_count;

		if (!d->up ||
		    replica_state(d->board, c->now_us) != REPLICA_LIVE ||
		    replica_state(d->roster, c->now_us) != REPLICA_LIVE)
			return false;
		if (board_digest(replica_board(d->board)) !=
		    rank_digest(book->rank, v))
			return false;
	}
	return true;
}

bool
cluster_heal(struct cluster *c)
{
	static const struct net_faults none = { .delay_us = 2000 };
	int64_t end = c->now_us + INT64_C(120) * 1000000;

	c->healing = true;
	net_set(c->net, &none);
	for (unsigned i = 0; i < c->plan.collectors + c->plan.displays; i++)
		net_cut(c->net, i, false);
	while (!settled(c)) {
		step(c);
		if (c->now_us > end)
			return false;
	}
	return true;
}

void
cluster_print(struct cluster *c)
{
	for (unsigned i = 0; i < c->plan.collectors; i++) {
		const struct sim_collector *n = &c->collectors[i];
		struct uplink_facts f = { 0 };

		if (n->uplink != NULL)
			uplink_facts(n->uplink, &f);
		print_message("collector %u: state %d durable %zu sent %llu "
		              "acked %llu, stored %llu\n",
		    i, (int)f.state, n->durable, (unsigned long long)f.sent,
		    (unsigned long long)f.acked,
		    (unsigned long long)sim_aggregator_cursor(&c->aggregator,
		        n->epoch));
	}
	for (unsigned i = 0; i < c->plan.displays; i++) {
		const struct sim_display *d = &c->displays[i];
		struct replica_facts f = { 0 };

		if (!d->up)
			continue;
		replica_facts(d->board, &f);
		print_message("display %u: %s board %d seq %llu snapshots "
		              "%llu holes %llu mismatches %llu, roster %d\n",
		    i, d->topic, (int)replica_state(d->board, c->now_us),
		    (unsigned long long)f.seq, (unsigned long long)f.snapshots,
		    (unsigned long long)f.holes,
		    (unsigned long long)f.mismatches,
		    (int)replica_state(d->roster, c->now_us));
	}
}
