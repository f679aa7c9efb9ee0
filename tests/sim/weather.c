#include "sim/weather.h"

static const int64_t second_us = 1000000;
static const int64_t day_us = INT64_C(86400000000);
static const int64_t true_ppm = 1000000;

static void
cut_or_mend(struct cluster *c)
{
	unsigned link = (unsigned)sim_below(c, c->links);
	bool half = sim_chance(c, c->plan.half);
	bool up = sim_chance(c, 500);
	bool down = !net_is_cut(c->net, link, up);

	net_cut(c->net, link, up, down);
	if (!half)
		net_cut(c->net, link, !up, down);
	verdict_trace(c->now_us, "link %u is %s%s", link,
	    down ? "cut" : "mended",
	    !half    ? ""
	        : up ? " in the direction of the aggregator"
	             : " in the direction from the aggregator");
	if (down)
		verdict_count(half ? SIM_HALF_CUTS : SIM_CUTS, 1);
}

/* Any but that of the virtual time itself. */
static void
spoil_clock(struct cluster *c)
{
	unsigned link = (unsigned)sim_below(c, c->links + 1);
	struct sim_node *n = sim_node_at(c, link);
	struct sim_clock *k = &n->clock;

	c->set |= link == c->links;
	k->wall_us = sim_wall_us(c, n);
	k->since_us = c->now_us;
	switch (sim_below(c, 4)) {
	case 0: /* by up to a day, either way */
		k->wall_us = SIM_WALL_US +
		    (int64_t)sim_below(c, 2 * (uint64_t)day_us) - day_us;
		verdict_count(SIM_CLOCKS_SET, 1);
		break;
	case 1: /* no crystal is that bad: 5 % */
		k->rate_ppm = true_ppm + (int64_t)sim_below(c, 100001) - 50000;
		verdict_count(SIM_CLOCKS_DRIFTING, 1);
		break;
	case 2:
		k->rate_ppm = 0;
		verdict_count(SIM_CLOCKS_STOPPED, 1);
		break;
	default:
		k->wall_us = SIM_WALL_US + c->now_us;
		k->rate_ppm = true_ppm;
		break;
	}
	verdict_trace(c->now_us, "the clock of node %u: %+lld us, %+lld ppm",
	    link, (long long)(k->wall_us - SIM_WALL_US - c->now_us),
	    (long long)(k->rate_ppm - true_ppm));
}

static void
freeze(struct cluster *c)
{
	unsigned link = (unsigned)sim_below(c, c->links + 1);
	struct sim_node *n = sim_node_at(c, link);

	n->stopped_until_us = sim_later(c, 8 * second_us);
	verdict_count(SIM_FREEZES, 1);
	if (link < c->plan.collectors && sim_chance(c, 500)) {
		/* Its lid was closed. */
		c->collectors[link].laptop.asleep_us +=
		    n->stopped_until_us - c->now_us;
		verdict_count(SIM_SUSPENDS, 1);
	}
	verdict_trace(c->now_us, "node %u is stopped for %lld us", link,
	    (long long)(n->stopped_until_us - c->now_us));
}

static void
copy_or_restore(struct cluster *c)
{
	struct sim_aggregator *a = &c->aggregator;

	/* Now and then somebody copies race.db, seldom is it needed. */
	if (!a->copied || !sim_chance(c, 300)) {
		a->copy = a->saved;
		a->copied = true;
		return;
	}
	if (a->node.stopped_until_us <= c->now_us)
		sim_aggregator_restore(a);
}

void
weather_turn(struct cluster *c)
{
	if (sim_fault(c, c->plan.cut))
		cut_or_mend(c);
	if (sim_fault(c, c->plan.clock))
		spoil_clock(c);
	if (sim_fault(c, c->plan.freeze))
		freeze(c);
	if (sim_fault(c, c->plan.restore))
		copy_or_restore(c);
	if (c->plan.old_disk && sim_fault(c, 15))
		sim_collector_image(&c->collectors[0]);
}
