/* A collector: the real uplink over outboxes that are arrays. */
#include <string.h>

#include "common/xalloc.h"
#include "sim/cluster.h"
#include "support/test.h"

struct sim_box *
sim_live_box(struct sim_collector *n)
{
	return &n->boxes[n->box_count - 1];
}

size_t
sim_collector_written(const struct sim_collector *n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n->box_count; i++)
		sum += n->boxes[i].durable;
	return sum;
}

/* ---- what uplink wants done ---- */

static void
connect(struct sim_collector *n)
{
	n->conn++;
	n->streams =
	    xgrow(n->streams, &n->streams_cap, n->conn, sizeof *n->streams);
	n->streams[n->conn] = n->box->epoch;
}

uint64_t
sim_collector_stream(const struct sim_collector *n, uint32_t conn)
{
	SIM_HOLDS(conn >= 1 && conn <= n->conn, "who is answered has asked");
	return n->streams[conn];
}

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
	SIM_HOLDS(first - 1 + count <= n->box->durable,
	    "fsync before send: collector %u sends up to %llu, durable are %zu",
	    n->index, (unsigned long long)(first - 1 + count), n->box->durable);
	if (sim_chance(n->cluster, 50))
		return 0; /* the socket takes no more */
	for (size_t i = 0; i < count; i++) {
		bytes[i].data = n->box->events[first - 1 + i].data;
		bytes[i].len = n->box->events[first - 1 + i].len;
	}
	m.batch.stream = n->box->epoch;
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
	connect(arg);
}

static uint64_t
on_chain(void *arg, uint64_t seq)
{
	struct sim_collector *n = arg;

	SIM_HOLDS(seq <= n->box->durable,
	    "no chain beyond the outbox is asked for");
	return seq == 0 ? 0 : n->box->events[seq - 1].chain;
}

/* What the aggregator has, or had before it was restored: that comes again, for
 * outboxes have it. */
static uint64_t
stored(const struct sim_collector *n, const struct sim_box *box)
{
	uint64_t now =
	    sim_aggregator_cursor(&n->cluster->aggregator, box->epoch);

	return box->stored_once > now ? box->stored_once : now;
}

static void
on_acked(void *arg, uint64_t seq)
{
	struct sim_collector *n = arg;
	struct sim_box *box = n->box;

	SIM_HOLDS(seq <= box->durable,
	    "nothing is acknowledged that was never written");
	/* Acks from before a restore may be under way. */
	SIM_HOLDS(seq <= stored(n, box),
	    "ack before trim: collector %u may forget up to %llu, stored are "
	    "%llu",
	    n->index, (unsigned long long)seq,
	    (unsigned long long)stored(n, box));
	if (sim_chance(n->cluster, 300))
		box->acked_saved = seq; /* kept lazily */
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
	bool old = n->image.used && n->image.gone.epoch == n->box->epoch;

	SIM_HOLDS((n->cluster->plan.copied || old) &&
	        r->why == MESSAGE_WHY_CONFLICT,
	    "no outbox is refused but a copied one: %s", r->text);
	n->cluster->refused++;
	verdict_count(SIM_REFUSED, 1);
	if (old) {
		n->box->refused = true;
		verdict_count(SIM_OLD_COPIES, 1);
	}
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

	for (size_t i = 0; i < n->box->durable; i++) {
		const struct sim_body *body = &n->box->events[i];
		struct race_event e;

		if (body->kind != RACE_CLOCK)
			continue;
		wire_reset(c->arena);
		SIM_HOLDS(wire_get_event(c->arena, body->data, body->len, &e) ==
		        0,
		    "every event of an outbox can be decoded");
		clockwork_recall(n->clocks, &e.clock);
	}
}

/* The aggregator was restored since that one was sent. */
struct sim_box *
sim_collector_owes(struct sim_collector *n)
{
	for (size_t i = 0; i < n->box_count; i++)
		if (n->boxes[i].archived &&
		    n->boxes[i].restores < n->cluster->restores)
			return &n->boxes[i];
	return NULL;
}

/* A person chooses, now and then, and when all is over. */
static struct sim_box *
choose_box(struct sim_collector *n)
{
	struct sim_box *owed = sim_collector_owes(n);

	if (owed == NULL ||
	    (!n->cluster->healing && sim_chance(n->cluster, 500)))
		return sim_live_box(n);
	verdict_count(SIM_ARCHIVES_SENT, 1);
	return owed;
}

void
sim_collector_start(struct sim_collector *n)
{
	struct sim_box *box = choose_box(n);
	struct message_hello hello = {
		.stream = box->epoch,
		.name = n->name,
		.point = "p1",
		.first_kept = box->durable > 0 ? 1 : 0,
		.last = box->durable,
		.software = "sim",
		.protocol = MESSAGE_PROTOCOL,
	};
	struct keys_stamp now = stamp(n);
	char boot_id[16];

	n->box = box;
	n->restores = n->cluster->restores;
	snprintf(boot_id, sizeof boot_id, "%u", n->laptop.boots);
	n->clocks = clockwork_new(&box->kept, boot_id, &now);
	n->put = box->kept;
	recall(n);
	connect(n);
	n->uplink = uplink_new(&hello, box->acked_saved,
	    test_random(&n->cluster->random), &ops, n);
}

static void
make_durable(struct sim_collector *n)
{
	n->box->durable = n->box->count;
	n->box->kept = n->put;
}

static void
forget_uncommitted(struct sim_collector *n)
{
	while (n->box->count > n->box->durable)
		free(n->box->events[--n->box->count].data);
	n->put = n->box->kept;
}

static void
end(struct sim_collector *n)
{
	struct uplink_facts facts;

	uplink_facts(n->uplink, &facts);
	verdict_count(SIM_RESENT, facts.resent);
	uplink_free(n->uplink);
	n->uplink = NULL;
	clockwork_free(n->clocks);
	n->clocks = NULL;
	n->restart_us = sim_later(n->cluster, 2000000);
}

void
sim_collector_crash(struct sim_collector *n)
{
	struct cluster *c = n->cluster;

	if (n->uplink == NULL)
		return;
	end(n);
	if (n->box->count > n->box->durable && sim_fault(c, c->plan.torn)) {
		verdict_count(SIM_TORN, 1);
		make_durable(n);
	}
	forget_uncommitted(n);
	if (sim_chance(c, 300)) {
		sim_collector_boot(n);
		verdict_count(SIM_REBOOTS, 1);
	}
	verdict_trace(c->now_us, "collector %u ends: %zu durable", n->index,
	    n->box->durable);
}

/* As when it is told to: between two turns, and what is acknowledged is
 * written. */
static void
end_orderly(struct sim_collector *n)
{
	struct message bye = { .type = MESSAGE_BYE,
		.bye = { .stream = n->box->epoch, .text = "" } };
	struct uplink_facts facts;

	uplink_facts(n->uplink, &facts);
	if (facts.state == UPLINK_UP)
		(void)on_send(n, &bye);
	n->box->acked_saved = facts.acked;
	end(n);
	forget_uncommitted(n);
	verdict_trace(n->cluster->now_us, "collector %u leaves: %zu durable",
	    n->index, n->box->durable);
}

void
sim_collector_close(struct sim_collector *n)
{
	for (size_t i = 0; i < n->box_count; i++)
		sim_free_bodies(n->boxes[i].events, n->boxes[i].count);
	sim_free_bodies(n->image.gone.events, n->image.gone.count);
	free(n->streams);
}

/* ---- outboxes that come and go ---- */

static void
begin_box(struct sim_collector *n)
{
	n->boxes[n->box_count] = (struct sim_box){
		.epoch = 1000 + n->index + 100 * n->box_count,
	};
	n->box_count++;
}

/* The command, while no collector runs: it knows what is on the disk. */
static void
archive(struct sim_collector *n)
{
	struct cluster *c = n->cluster;
	struct sim_box *box = sim_live_box(n);
	uint64_t now = sim_aggregator_cursor(&c->aggregator, box->epoch);

	/* Room for one more stays: who is refused as an old copy, once at most,
	 * has to start anew. */
	if (box->durable == 0 || n->box_count + 1 >= SIM_BOXES_MAX)
		return;
	if (box->acked_saved < box->durable) {
		verdict_count(SIM_ARCHIVES_REFUSED, 1);
		return;
	}
	SIM_HOLDS(box->durable <= stored(n, box),
	    "ack before trim: collector %u archives %zu events, stored are "
	    "%llu",
	    n->index, box->durable, (unsigned long long)stored(n, box));
	box->archived = true;
	/* A restore that this one has not heard of is known to people. */
	box->restores = now < box->durable && c->restores > 0 ? c->restores - 1
	                                                      : c->restores;
	begin_box(n);
	verdict_count(SIM_ARCHIVES, 1);
	verdict_trace(c->now_us, "collector %u archives %zu events", n->index,
	    box->durable);
}

static void
take_image(struct sim_collector *n)
{
	n->image.box = *sim_live_box(n);
	n->image.taken = true;
}

/* The events that both have are in two places from now on. */
static void
use_image(struct sim_collector *n)
{
	struct sim_image *image = &n->image;
	struct sim_box *box = sim_live_box(n);
	struct sim_body *events =
	    xcalloc(image->box.durable + 1, sizeof *events);

	for (size_t i = 0; i < image->box.durable; i++) {
		events[i] = box->events[i];
		events[i].data = xmalloc(events[i].len);
		memcpy(events[i].data, box->events[i].data, events[i].len);
	}
	image->gone = *box;
	image->stored =
	    sim_aggregator_cursor(&n->cluster->aggregator, box->epoch);
	image->used = true;
	*box = image->box;
	box->events = events;
	box->count = box->durable;
	box->cap = image->box.durable + 1;
	verdict_count(SIM_OLD_DISKS, 1);
	verdict_trace(n->cluster->now_us,
	    "collector %u gets an old disk: %zu events of %zu", n->index,
	    box->durable, image->gone.durable);
}

void
sim_collector_image(struct sim_collector *n)
{
	if (n->image.used || n->box != sim_live_box(n) || n->box->durable == 0)
		return;
	if (!n->image.taken || n->image.box.epoch != n->box->epoch ||
	    n->box->durable < n->image.box.durable + 2) {
		take_image(n);
		return;
	}
	sim_collector_crash(n);
	/* It was switched off. */
	sim_collector_boot(n);
	use_image(n);
}

/* False: the program has ended. */
static bool
mind_boxes(struct sim_collector *n)
{
	struct cluster *c = n->cluster;
	struct uplink_facts facts;

	uplink_facts(n->uplink, &facts);
	if (n->box->refused) {
		/* With status 1; a person starts anew. */
		end(n);
		forget_uncommitted(n);
		SIM_HOLDS(n->box_count < SIM_BOXES_MAX,
		    "the sim has room for outboxes");
		begin_box(n);
		return false;
	}
	if (n->box->archived) {
		if (facts.state != UPLINK_UP || facts.acked < n->box->durable)
			return true;
		n->box->restores = n->restores;
		end_orderly(n);
		return false;
	}
	if (c->healing && sim_collector_owes(n) != NULL) {
		end_orderly(n);
		return false;
	}
	if (!sim_fault(c, c->plan.archive) ||
	    /* Mostly people wait for the last ack. */
	    (facts.acked < n->box->durable && sim_chance(c, 800)))
		return true;
	end_orderly(n);
	archive(n);
	return false;
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
	uint64_t seq = n->box->count + 1;

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
	struct sim_box *box = n->box;
	struct sim_body *body;

	SIM_HOLDS(!box->archived && !box->refused,
	    "nothing is added to an outbox that was put aside");
	box->events =
	    xgrow(box->events, &box->cap, box->count, sizeof *box->events);
	body = &box->events[box->count];
	sim_encode(body, e, box->count > 0 ? body[-1].chain : 0);
	if (e->kind == RACE_CROSSING && e->crossing.boot_us != 0)
		body->true_us =
		    sim_wall_us(n->cluster, &n->cluster->aggregator.node);
	box->count++;
	n->put = *clockwork_epoch(n->clocks);
}

/* What a source has at the moment. */
static void
read_source(struct sim_collector *n)
{
	struct cluster *c = n->cluster;
	uint64_t some = 1 + sim_below(c, 8);

	if (c->healing || n->box->archived || !sim_chance(c, 120))
		return;
	while (some-- > 0 &&
	    sim_collector_written(n) + n->box->count - n->box->durable <
	        c->plan.events) {
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
	if (n->box->archived || n->cluster->now_us < n->full_until_us ||
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

	if (n->box->count == n->box->durable)
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
	uplink_journaled(n->uplink, n->box->durable);
	return true;
}

/* As the program: take what there is, commit, only then tell the uplink. */
void
sim_collector_turn(struct sim_collector *n)
{
	struct cluster *c = n->cluster;

	if (n->uplink == NULL || !mind_boxes(n))
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
