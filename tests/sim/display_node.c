/* A display: the real replicas of one ranking and of the roster. */
#include "support/test.h"

#include <string.h>

#include "sim/cluster.h"

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

void
sim_display_crash(struct sim_display *n)
{
	struct cluster *c = n->cluster;

	if (!n->up)
		return;
	replica_free(n->board);
	replica_free(n->roster);
	n->board = NULL;
	n->roster = NULL;
	n->up = false;
	n->restart_us = c->now_us + (int64_t)sim_below(c, 4000000);
}

void
sim_display_receive(struct sim_display *n, const struct net_packet *p)
{
	struct cluster *c = n->cluster;
	struct replica *both[2] = { n->board, n->roster };
	struct message m;

	if (!n->up || p->conn != n->conn)
		return;
	wire_reset(c->arena);
	assert_int_equal(wire_get(c->arena, p->bytes, p->len, &m), 0);
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

	while (replica_request(r, c->now_us, &m.snapshot_request)) {
		assert_int_equal(wire_put(&c->buffer, &m), 0);
		net_send(c->net, c->now_us, c->plan.collectors + n->index, true,
		    n->conn, "", c->buffer.data, c->buffer.len);
	}
}

void
sim_display_turn(struct sim_display *n)
{
	struct cluster *c = n->cluster;

	if (!n->up)
		return;
	if (!c->healing && sim_chance(c, c->plan.display_crash)) {
		c->crashes++;
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

static uint64_t
expected(const struct cluster *c, unsigned view, uint64_t run, uint64_t seq)
{
	for (size_t i = c->digest_count; i-- > 0;) {
		const struct sim_digest *d = &c->digests[i];

		if (d->run == run && d->seq == seq && d->view == view)
			return d->digest;
	}
	fail_msg("a display is live at a number that was never said: %llu",
	    (unsigned long long)seq);
	return 0;
}

/* Ordering 4: what is shown as live is what the aggregator had. */
void
sim_display_check(struct sim_display *n)
{
	struct cluster *c = n->cluster;
	struct replica_facts facts;

	if (!n->up)
		return;
	if (replica_state(n->board, c->now_us) == REPLICA_LIVE) {
		replica_facts(n->board, &facts);
		assert_true(board_digest(replica_board(n->board)) ==
		    expected(c, sim_view(c, ranking_of(n)), facts.run,
		        facts.seq));
		n->live_seen++;
	}
	if (replica_state(n->roster, c->now_us) == REPLICA_LIVE) {
		replica_facts(n->roster, &facts);
		assert_true(roster_digest(replica_roster(n->roster)) ==
		    expected(c, sim_view(c, MESSAGE_ROSTER), facts.run,
		        facts.seq));
	}
}
