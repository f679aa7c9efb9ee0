/* A display: the real replicas of one ranking and of the roster. */
#include <string.h>

#include "sim/cluster.h"
#include "support/test.h"

static const char *
ranking_of(const struct sim_display *n)
{
	const struct race_rules *rules = n->cluster->rules;

	return rules->rankings[n->index % rules->ranking_count].name;
}

void
sim_display_start(struct sim_display *n)
{
	struct cluster *c = n->cluster;

	/* Both tiers are tried. */
	snprintf(n->topic, sizeof n->topic, "%c/%s\n",
	    n->index % 2 == 0 ? 't' : 'c', ranking_of(n));
	n->board = replica_new(ranking_of(n), test_random(&c->random));
	n->roster = replica_new(MESSAGE_ROSTER, test_random(&c->random));
	n->up = true;
	n->conn++;
	if (c->aggregator.feed != NULL)
		feed_subscribed(c->aggregator.feed, n->topic, strlen(n->topic));
}

static void
count(const struct replica *r)
{
	struct replica_facts f;

	replica_facts(r, &f);
	verdict_count(SIM_SNAPSHOTS, f.snapshots);
	verdict_count(SIM_HOLES, f.holes);
}

void
sim_display_crash(struct sim_display *n)
{
	struct cluster *c = n->cluster;

	if (!n->up)
		return;
	count(n->board);
	count(n->roster);
	replica_free(n->board);
	replica_free(n->roster);
	n->board = NULL;
	n->roster = NULL;
	n->up = false;
	n->restart_us = sim_later(c, 4000000);
}

void
sim_display_receive(struct sim_display *n, const struct net_packet *p)
{
	struct cluster *c = n->cluster;
	struct replica *both[2] = { n->board, n->roster };
	struct message m;

	if (!n->up || p->conn != n->conn)
		return;
	sim_decode(c, p, &m);
	if (!c->healing && c->plan.lag_ms > 0)
		n->busy_until_us = sim_later(c, (int64_t)c->plan.lag_ms * 1000);
	for (int i = 0; i < 2; i++) {
		if (m.type == MESSAGE_HEARTBEAT)
			replica_heartbeat(both[i], &m.heartbeat, c->now_us);
		else if (m.type == MESSAGE_DELTA)
			replica_delta(both[i], &m.delta, c->now_us);
		else if (m.type == MESSAGE_SNAPSHOT_PAGE)
			replica_page(both[i], &m.snapshot_page, c->now_us);
	}
}

static void
request(struct sim_display *n, struct replica *r)
{
	struct cluster *c = n->cluster;
	struct message m = { .type = MESSAGE_SNAPSHOT_REQUEST };

	while (replica_request(r, c->now_us, &m.snapshot_request))
		sim_send(c, sim_display_link(c, n->index), true, n->conn, &m);
}

void
sim_display_turn(struct sim_display *n)
{
	struct cluster *c = n->cluster;

	if (!n->up)
		return;
	if (sim_fault(c, c->plan.display_crash)) {
		verdict_count(SIM_CRASHES_OF_DISPLAYS, 1);
		sim_display_crash(n);
		return;
	}
	request(n, n->board);
	request(n, n->roster);
}

int64_t
sim_display_deadline(const struct sim_display *n)
{
	int64_t a;
	int64_t b;

	if (!n->up)
		return n->restart_us;
	a = replica_deadline(n->board, n->cluster->now_us);
	b = replica_deadline(n->roster, n->cluster->now_us);
	return a < b ? a : b;
}

/* Whether the aggregator had that digest at that number. */
static bool
was_said(const struct cluster *c, unsigned view,
    const struct replica_facts *shown, uint64_t digest)
{
	for (size_t i = c->digest_count; i-- > 0;) {
		const struct sim_digest *d = &c->digests[i];

		if (d->run == shown->run && d->seq == shown->seq &&
		    d->view == view)
			return d->digest == digest;
	}
	return false;
}

/* Ordering 4: what is shown as live is what the aggregator had. */
static void
check(const struct sim_display *n, struct replica *r, const char *view)
{
	const struct cluster *c = n->cluster;
	struct replica_facts f;
	bool live = replica_state(r, c->now_us) == REPLICA_LIVE;

	replica_facts(r, &f);
	SIM_HOLDS(f.mismatches == 0,
	    "snapshot, then deltas: display %u has another digest of %s",
	    n->index, view);
	if (!live)
		return;
	SIM_HOLDS(was_said(c, sim_view(c, view), &f,
	              replica_board(r) != NULL
	                  ? board_digest(replica_board(r))
	                  : roster_digest(replica_roster(r))),
	    "snapshot, then deltas: display %u shows as live what %s was not "
	    "at %llu",
	    n->index, view, (unsigned long long)f.seq);
	verdict_count(SIM_LIVE, 1);
}

void
sim_display_check(struct sim_display *n)
{
	if (!n->up)
		return;
	check(n, n->board, ranking_of(n));
	check(n, n->roster, MESSAGE_ROSTER);
}
