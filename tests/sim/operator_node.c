/* An operator: commands one after the other, each a stream that is delivered or
 * given up, by the real delivery. */
#include <string.h>

#include "common/xalloc.h"
#include "sim/cluster.h"
#include "support/test.h"

static struct sim_command *
command_of(const struct sim_operator *n)
{
	return &n->cluster->commands[n->command];
}

static bool
on_send(void *arg, const struct message *m)
{
	struct sim_operator *n = arg;
	struct cluster *c = n->cluster;

	if (sim_chance(c, 50))
		return false; /* the socket takes no more */
	sim_send(c, sim_operator_link(c, n->index), true, n->conn, m);
	return true;
}

static void
on_reconnect(void *arg)
{
	struct sim_operator *n = arg;

	n->conn++;
}

static const struct delivery_ops ops = {
	.send = on_send,
	.reconnect = on_reconnect,
};

/* What an event's pointers lead to. */
struct words {
	char bib[16];
	char other_bib[16];
	struct race_decision decision;
	struct race_event entry;
};

static void
choose_bib(struct cluster *c, char text[16])
{
	snprintf(text, 16, "%u", (unsigned)sim_below(c, c->plan.runners + 2));
}

/* Of a command, or a crossing: that was, or will be, or never. */
static struct race_id
some_event(struct cluster *c, unsigned commands_of_1000)
{
	struct race_id id = { 1000 + sim_below(c, c->plan.collectors), 0 };

	if (sim_chance(c, commands_of_1000))
		id.stream = 2000 + sim_below(c, c->command_count + 1);
	id.seq = 1 + sim_below(c, id.stream >= 2000 ? 20 : c->plan.events);
	return id;
}

static void
decide(struct cluster *c, struct race_event *e, struct words *words)
{
	/* Of a season: in a race it has no effect. */
	static const struct race_matter matter = { "2014", "Podium", "general",
		"Nespresso", "" };
	struct race_decision *d = &words->decision;

	*d = (struct race_decision){
		.verb = (enum race_verb)(1 + sim_below(c, RACE_VERBS - 1)),
		.by = "op",
		.reason = "sim",
		.bib = words->bib,
		.other_bib = words->other_bib,
		.point = c->rules->points[sim_below(c, 3)].name,
		.wave = c->rules->waves[0].name,
		.ranking = c->rules->rankings[0].name,
		.status = (enum race_status)sim_below(c, RACE_NC + 1),
		.time_us = c->rules->waves[0].gun_us +
		    (int64_t)sim_below(c, 600) * 1000000,
		.amount_us = ((int64_t)sim_below(c, 9) - 4) * 1000000,
		.text = "provisional",
		.matter = &matter,
	};
	if (sim_chance(c, 300))
		d->verb = RACE_UNDO;
	d->target = some_event(c, d->verb == RACE_UNDO ? 1000 : 100);
	d->other_target = some_event(c, 100);
	if (sim_chance(c, 150))
		d->replaces = some_event(c, 1000);
	choose_bib(c, words->other_bib);
	if (d->verb == RACE_SET_ENTRY) {
		sim_make_entry(c, &words->entry, words->other_bib);
		d->entry = &words->entry.entry;
	}
	/* None after all. */
	if (d->entry != NULL && words->entry.kind != RACE_ENTRY) {
		d->verb = RACE_REMOVE_ENTRY;
		d->entry = NULL;
	}
	e->kind = RACE_DECISION;
	e->decision = d;
}

static void
make_event(struct sim_operator *n, struct race_event *e, struct words *words)
{
	struct cluster *c = n->cluster;

	memset(e, 0, sizeof *e);
	e->made_us = sim_wall_us(c, &n->node);
	choose_bib(c, words->bib);
	if (sim_chance(c, 400)) {
		decide(c, e, words);
		return;
	}
	if (sim_chance(c, 800)) {
		sim_make_entry(c, e, words->bib);
		return;
	}
	e->kind = RACE_GUN;
	e->gun.wave = c->rules->waves[0].name;
	e->gun.gun_us =
	    c->rules->waves[0].gun_us + (int64_t)sim_below(c, 600) * 1000000;
}

static void
append(struct sim_operator *n, struct sim_command *command)
{
	struct race_event e;
	struct sim_body *body = &command->events[command->count];
	struct words words;

	make_event(n, &e, &words);
	sim_encode(body, &e, command->count > 0 ? body[-1].chain : 0);
	command->count++;
	delivery_add(n->delivery, body->data, body->len);
}

static void
begin(struct sim_operator *n)
{
	struct cluster *c = n->cluster;
	size_t events = 1 + sim_below(c, 20);
	struct sim_command *command;

	c->commands = xgrow(c->commands, &c->command_cap, c->command_count,
	    sizeof *c->commands);
	n->command = c->command_count++;
	command = command_of(n);
	*command = (struct sim_command){ .epoch = 2000 + n->command,
		.events = xcalloc(events, sizeof *command->events) };
	n->conn++;
	n->left--;
	n->delivery = delivery_new(command->epoch, SIM_STORE_ID, "op", &ops, n);
	while (command->count < events)
		append(n, command);
	verdict_count(SIM_COMMANDS, 1);
	verdict_trace(c->now_us, "operator %u begins stream %llu: %zu events",
	    n->index, (unsigned long long)command->epoch, events);
}

void
sim_operator_end(struct sim_operator *n)
{
	struct cluster *c = n->cluster;

	delivery_free(n->delivery);
	n->delivery = NULL;
	n->restart_us = sim_later(c, 3000000);
}

/* What the operator is told is what the judge will ask for. */
static void
look(struct sim_operator *n)
{
	struct cluster *c = n->cluster;
	struct sim_command *command = command_of(n);
	uint64_t stored = delivery_stored(n->delivery);

	SIM_HOLDS(delivery_state(n->delivery) != DELIVERY_REFUSED,
	    "no operator is refused: %s", delivery_why(n->delivery));
	if (command->excused)
		return;
	SIM_HOLDS(stored <=
	        sim_aggregator_cursor(&c->aggregator, command->epoch),
	    "commit before ack: operator %u was told that %llu are stored",
	    n->index, (unsigned long long)stored);
	command->owed = stored;
}

void
sim_operator_turn(struct sim_operator *n)
{
	struct cluster *c = n->cluster;

	if (n->delivery == NULL) {
		if (n->left > 0 && c->now_us >= n->restart_us)
			begin(n);
		return;
	}
	if (sim_fault(c, c->plan.operator_crash)) {
		verdict_count(SIM_CRASHES_OF_OPERATORS, 1);
		sim_operator_end(n);
		return;
	}
	delivery_turn(n->delivery, c->now_us, sim_wall_us(c, &n->node));
	look(n);
	if (delivery_state(n->delivery) == DELIVERY_UNDER_WAY)
		return;
	if (delivery_state(n->delivery) == DELIVERY_GIVEN_UP) {
		verdict_count(SIM_COMMANDS_GIVEN_UP, 1);
		verdict_trace(c->now_us, "operator %u gives up: %s", n->index,
		    delivery_why(n->delivery));
	}
	sim_operator_end(n);
}

void
sim_operator_receive(struct sim_operator *n, const struct net_packet *p)
{
	struct message m;

	if (n->delivery == NULL || p->conn != n->conn)
		return;
	sim_decode(n->cluster, p, &m);
	delivery_receive(n->delivery, &m, n->cluster->now_us);
}

int64_t
sim_operator_deadline(const struct sim_operator *n)
{
	if (n->delivery == NULL)
		return n->left > 0 ? n->restart_us : INT64_MAX;
	return delivery_deadline(n->delivery, n->cluster->now_us);
}
