#include "collector/uplink.h"

#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"

#define MS INT64_C(1000)
#define S  INT64_C(1000000)

enum {
	MALFORMED_MAX = 3,
	FIRST_PINGS = 10, /* soon, so that the clock is known soon */
	/* On the way at once; what is older is silence. */
	PINGS = 16
};

static const int64_t hello_every_us = 1 * S;
static const int64_t hello_apart_us = 100 * MS;
static const int64_t ping_every_us = 1 * S;
static const int64_t first_pings_us = 200 * MS;
static const int64_t silence_us = 3 * S;
static const int64_t patience_us = 2 * S;
static const int64_t backoff_min_us = 100 * MS;
static const int64_t backoff_max_us = 2 * S;
/* A link that held this long was a good one: begin with short waits again.
 * Two copies of an outbox that drive each other out do not get there. */
static const int64_t settled_us = 10 * S;
/* When the socket takes no more: events wait for the network's buffers, a
 * HELLO for the connection. */
static const int64_t retry_events_us = 1 * MS;
static const int64_t retry_words_us = 20 * MS;
/* Two clocks are not read at one moment. */
static const int64_t clock_slack_us = 1 * MS;

/* One that is not answered yet. */
struct ping {
	bool waits;
	int64_t sent_us;
	int64_t t1_us;
};

struct uplink {
	const struct uplink_ops *ops;
	void *arg;
	struct message_hello hello; /* its texts are these: */
	char *name;
	char *point;
	char *software;
	struct message_ping report;
	uint64_t random;

	enum uplink_state state;
	bool started;
	bool welcomed;  /* the aggregator's cursor is known: events may go */
	bool blocked;   /* the socket took no more in the last turn */
	bool reopening; /* waits for reopen_us */
	bool dismissed; /* BYE: what else comes on that socket is old */
	unsigned malformed;

	uint64_t journaled;
	uint64_t acked;
	uint64_t next; /* seq to send */
	uint64_t credit;
	uint64_t sent;
	uint64_t resent;
	uint64_t holes;
	uint64_t repeats;

	int64_t heard_us; /* or the socket was opened */
	int64_t hello_us; /* when the last one went */
	int64_t hello_at_us;
	int64_t ping_at_us;
	unsigned first_pings; /* still to go */
	struct ping pings[PINGS];
	size_t ping_next;
	int64_t progress_us;
	int64_t reopen_us;
	int64_t backoff_us;
	int64_t down_us; /* silent since */
	int64_t up_us;
	int64_t rtt_us;
};

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

struct uplink *
uplink_new(const struct message_hello *hello, uint64_t acked, uint64_t seed,
    const struct uplink_ops *ops, void *arg)
{
	struct uplink *u = xcalloc(1, sizeof *u);

	u->ops = ops;
	u->arg = arg;
	u->name = xstrdup(hello->name);
	u->point = xstrdup(hello->point);
	u->software = xstrdup(hello->software);
	u->hello = *hello;
	u->hello.name = u->name;
	u->hello.point = u->point;
	u->hello.software = u->software;
	u->report.last_time_us = RACE_NO_TIME;
	u->random = seed;
	u->journaled = hello->last;
	u->acked = acked;
	u->sent = acked;
	u->next = acked + 1;
	u->backoff_us = backoff_min_us;
	return u;
}

void
uplink_free(struct uplink *u)
{
	if (u == NULL)
		return;
	free(u->name);
	free(u->point);
	free(u->software);
	free(u);
}

void
uplink_journaled(struct uplink *u, uint64_t last)
{
	u->journaled = last;
}

void
uplink_report(struct uplink *u, const struct message_ping *p)
{
	u->report = *p;
}

static uint64_t
waiting(const struct uplink *u)
{
	return u->journaled > u->acked ? u->journaled - u->acked : 0;
}

static bool
outstanding(const struct uplink *u)
{
	return u->next > u->acked + 1;
}

static uint64_t
sendable(const struct uplink *u)
{
	uint64_t limit = u->credit < u->journaled ? u->credit : u->journaled;

	if (!u->welcomed || limit < u->next)
		return 0;
	return limit - u->next + 1;
}

static int64_t
patience(const struct uplink *u)
{
	return later(patience_us, 4 * u->rtt_us);
}

/* splitmix64 (Steele, Lea, Flood 2014): +-25 %, so that laptops that lost one
 * aggregator together do not come back together. */
static int64_t
jitter(struct uplink *u, int64_t us)
{
	uint64_t z = (u->random += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return us - us / 4 + (int64_t)(z % (uint64_t)(us / 2 + 1));
}

static void
lose(struct uplink *u, int64_t now_us, int64_t silent_us)
{
	if (u->state == UPLINK_UP && now_us - u->up_us >= settled_us)
		u->backoff_us = backoff_min_us;
	u->welcomed = false;
	u->reopening = true;
	u->reopen_us = now_us + jitter(u, u->backoff_us);
	u->backoff_us = sooner(2 * u->backoff_us, backoff_max_us);
	if (u->state == UPLINK_DOWN)
		return;
	u->state = UPLINK_DOWN;
	u->down_us = now_us - silent_us;
	u->ops->lost(u->arg, silent_us, waiting(u));
}

static void
refuse(struct uplink *u, const struct message_refuse *r)
{
	u->state = UPLINK_REFUSED;
	u->welcomed = false;
	u->ops->refused(u->arg, r);
}

/* The operator at the other end has to know as well. */
static void
conflict(struct uplink *u, uint64_t seq, const char *text)
{
	struct message m = { .type = MESSAGE_REFUSE,
		.refuse = { .why = MESSAGE_WHY_CONFLICT,
		    .text = text,
		    .stream = u->hello.stream,
		    .seq = seq } };

	(void)u->ops->send(u->arg, &m);
	refuse(u, &m.refuse);
}

/* Whether what the aggregator holds up to seq is what we wrote. */
static bool
agrees(struct uplink *u, uint64_t seq, uint64_t chain)
{
	if (seq > u->journaled) {
		conflict(u, seq,
		    "the aggregator holds more of this stream than the outbox: "
		    "the outbox is an old copy");
		return false;
	}
	if (u->ops->chain(u->arg, seq) != chain) {
		conflict(u, seq,
		    "the aggregator holds other events under these numbers: "
		    "the outbox was copied and both went on");
		return false;
	}
	return true;
}

static void
say_hello_soon(struct uplink *u, int64_t now_us)
{
	u->welcomed = false;
	u->hello_at_us = later(now_us, u->hello_us + hello_apart_us);
}

static void
set_acked(struct uplink *u, uint64_t seq)
{
	if (seq > u->acked)
		u->malformed = 0;
	u->acked = seq;
	if (u->sent < seq)
		u->sent = seq;
	u->ops->acked(u->arg, seq);
}

static void
on_welcome(struct uplink *u, const struct message_welcome *w, int64_t now_us)
{
	int64_t gone_us = u->state == UPLINK_DOWN ? now_us - u->down_us : 0;

	if (!u->ops->accepts(u->arg, w)) {
		/* Ours may come back, here or elsewhere. */
		u->dismissed = true;
		lose(u, now_us, 0);
		return;
	}
	if (!agrees(u, w->committed, w->chain))
		return;
	if (w->committed + 1 < u->hello.first_kept) {
		refuse(u,
		    &(struct message_refuse){ .why = MESSAGE_WHY_FORGOTTEN,
		        .text = "the outbox no longer holds what the "
		                "aggregator misses",
		        .stream = u->hello.stream,
		        .seq = w->committed + 1 });
		return;
	}
	set_acked(u, w->committed);
	u->next = w->committed + 1;
	u->credit = w->credit;
	u->welcomed = true;
	u->progress_us = now_us;
	u->ping_at_us = now_us;
	u->first_pings = FIRST_PINGS;
	if (u->state == UPLINK_UP)
		return;
	u->state = UPLINK_UP;
	u->up_us = now_us;
	u->ops->back(u->arg, gone_us, waiting(u), w);
}

static void
on_ack(struct uplink *u, const struct message_ack *a, int64_t now_us)
{
	/* Before WELCOME it is about an older connection, or too late. */
	if (!u->welcomed || a->committed < u->acked)
		return;
	if (!agrees(u, a->committed, a->chain))
		return;
	u->credit = a->credit;
	u->holes = a->holes;
	u->repeats = a->repeats;
	if (a->committed == u->acked)
		return;
	set_acked(u, a->committed);
	u->progress_us = now_us;
	if (u->next <= a->committed)
		u->next = a->committed + 1;
}

static void
on_gap(struct uplink *u, const struct message_gap *g, int64_t now_us)
{
	if (!u->welcomed)
		return;
	/* It asks for what it said it holds, or for what never was: ask where
	 * it really is. */
	if (g->expected <= u->acked || g->expected > u->next)
		say_hello_soon(u, now_us);
	else
		u->next = g->expected;
}

/* The one that is answered; NULL: none that waits. */
static struct ping *
find_ping(struct uplink *u, int64_t t1_us)
{
	for (size_t i = 0; i < PINGS; i++) {
		if (u->pings[i].waits && u->pings[i].t1_us == t1_us)
			return &u->pings[i];
	}
	return NULL;
}

static void
on_pong(struct uplink *u, const struct message_pong *p, int64_t now_us,
    int64_t boot_us)
{
	const struct clockfit_sample s = { .t1_us = p->t1_us,
		.t2_us = p->t2_us,
		.t3_us = p->t3_us,
		.t4_us = boot_us };
	struct ping *ping;
	int64_t rtt_us;

	/* With nothing outstanding no ACK would ever repeat a lost credit. */
	u->credit = p->credit;
	ping = find_ping(u, p->t1_us);
	if (ping == NULL || p->t2_us < 0 || p->t3_us < p->t2_us)
		return;
	rtt_us = (boot_us - p->t1_us) - (p->t3_us - p->t2_us);
	/* Their clock was set meanwhile, or this laptop was asleep. */
	if (rtt_us < 0 || rtt_us > now_us - ping->sent_us + clock_slack_us)
		return;
	ping->waits = false;
	u->rtt_us =
	    u->rtt_us == 0 ? rtt_us : u->rtt_us + (rtt_us - u->rtt_us) / 8;
	u->ops->sample(u->arg, &s);
}

static void
on_refuse(struct uplink *u, const struct message_refuse *r, int64_t now_us)
{
	if (r->stream != 0 && r->stream != u->hello.stream)
		return;
	switch (r->why) {
	case MESSAGE_WHY_VERSION:
	case MESSAGE_WHY_CONFLICT:
	case MESSAGE_WHY_FORGOTTEN:
		refuse(u, r);
		return;
	case MESSAGE_WHY_MALFORMED:
		/* Sending the same bytes for ever would help nobody. */
		if (++u->malformed >= MALFORMED_MAX) {
			refuse(u, r);
			return;
		}
		break;
	case MESSAGE_WHY_UNSPECIFIED:
	case MESSAGE_WHY_NOT_HELD:
		break;
	}
	say_hello_soon(u, now_us);
}

static void
on_bye(struct uplink *u, int64_t now_us)
{
	u->dismissed = true;
	lose(u, now_us, 0);
}

static bool
for_us(const struct uplink *u, const struct message *m)
{
	uint64_t stream = u->hello.stream;

	switch (m->type) {
	case MESSAGE_WELCOME:
	case MESSAGE_REFUSE:
		return true;
	case MESSAGE_ACK:
		return m->ack.stream == stream;
	case MESSAGE_GAP:
		return m->gap.stream == stream;
	case MESSAGE_PONG:
		return m->pong.stream == stream;
	case MESSAGE_BYE:
		return m->bye.stream == stream;
	case MESSAGE_HELLO:
	case MESSAGE_BATCH:
	case MESSAGE_PING:
	case MESSAGE_DELTA:
	case MESSAGE_HEARTBEAT:
	case MESSAGE_SNAPSHOT_REQUEST:
	case MESSAGE_SNAPSHOT_PAGE:
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
	return false;
}

void
uplink_receive(struct uplink *u, const struct message *m, int64_t now_us,
    int64_t boot_us)
{
	if (u->state == UPLINK_REFUSED || u->dismissed || !u->started ||
	    !for_us(u, m))
		return;
	/* Being turned away again and again is no link. */
	if (m->type != MESSAGE_REFUSE || u->welcomed)
		u->heard_us = now_us;
	if (u->reopening) {
		/* A pause, ours or theirs, and no loss after all. */
		u->reopening = false;
		say_hello_soon(u, now_us);
	}
	if (m->type == MESSAGE_WELCOME)
		on_welcome(u, &m->welcome, now_us);
	else if (m->type == MESSAGE_ACK)
		on_ack(u, &m->ack, now_us);
	else if (m->type == MESSAGE_GAP)
		on_gap(u, &m->gap, now_us);
	else if (m->type == MESSAGE_PONG)
		on_pong(u, &m->pong, now_us, boot_us);
	else if (m->type == MESSAGE_REFUSE)
		on_refuse(u, &m->refuse, now_us);
	else
		on_bye(u, now_us);
}

static void
say_hello(struct uplink *u, int64_t now_us)
{
	struct message m = { .type = MESSAGE_HELLO, .hello = u->hello };

	m.hello.last = u->journaled;
	if (m.hello.first_kept == 0 && u->journaled > 0)
		m.hello.first_kept = 1;
	if (!u->ops->send(u->arg, &m)) {
		u->hello_at_us = now_us + retry_words_us;
		return;
	}
	u->hello_us = now_us;
	u->hello_at_us = now_us + hello_every_us;
}

static void
note_ping(struct uplink *u, int64_t now_us, int64_t boot_us)
{
	u->pings[u->ping_next++ % PINGS] =
	    (struct ping){ .waits = true, .sent_us = now_us, .t1_us = boot_us };
	u->ping_at_us = now_us + ping_every_us;
	if (u->first_pings == 0)
		return;
	u->first_pings--;
	u->ping_at_us = now_us + first_pings_us;
}

static void
say_ping(struct uplink *u, int64_t now_us, int64_t boot_us)
{
	struct message m = { .type = MESSAGE_PING, .ping = u->report };

	m.ping.stream = u->hello.stream;
	m.ping.t1_us = boot_us;
	m.ping.last = u->journaled;
	m.ping.waiting = waiting(u);
	if (!u->ops->send(u->arg, &m)) {
		u->ping_at_us = now_us + retry_words_us;
		return;
	}
	note_ping(u, now_us, boot_us);
}

static void
count_sent(struct uplink *u, uint64_t first, uint64_t count)
{
	uint64_t last = first + count - 1;

	if (first <= u->sent)
		u->resent += (last < u->sent ? last : u->sent) - first + 1;
	if (last > u->sent)
		u->sent = last;
}

static void
send_window(struct uplink *u, int64_t now_us)
{
	uint64_t ready;

	while ((ready = sendable(u)) > 0) {
		size_t want = ready < RACE_BATCH_EVENTS ? (size_t)ready
		                                        : RACE_BATCH_EVENTS;
		size_t n = u->ops->send_batch(u->arg, u->next,
		    u->ops->chain(u->arg, u->next - 1), want);

		if (n == 0) {
			u->blocked = true;
			return;
		}
		if (!outstanding(u))
			u->progress_us = now_us;
		count_sent(u, u->next, n);
		u->next += n;
	}
}

/* The socket is new: nothing that was said on the old one counts. */
static void
start(struct uplink *u, int64_t now_us)
{
	u->started = true;
	u->reopening = false;
	u->dismissed = false;
	u->heard_us = now_us;
	u->hello_at_us = now_us;
	memset(u->pings, 0, sizeof u->pings);
}

void
uplink_turn(struct uplink *u, int64_t now_us, int64_t boot_us)
{
	if (u->state == UPLINK_REFUSED)
		return;
	if (!u->started) {
		start(u, now_us);
	} else if (u->reopening) {
		if (now_us < u->reopen_us)
			return;
		u->ops->reconnect(u->arg);
		start(u, now_us);
	} else if (now_us - u->heard_us >= silence_us) {
		lose(u, now_us, now_us - u->heard_us);
		return;
	}
	if (u->welcomed && outstanding(u) &&
	    now_us - u->progress_us >= patience(u))
		say_hello_soon(u, now_us);
	u->blocked = false;
	if (!u->welcomed) {
		if (now_us >= u->hello_at_us)
			say_hello(u, now_us);
		return;
	}
	if (now_us >= u->ping_at_us)
		say_ping(u, now_us, boot_us);
	send_window(u, now_us);
}

int64_t
uplink_deadline(const struct uplink *u, int64_t now_us)
{
	int64_t at_us;

	if (u->state == UPLINK_REFUSED)
		return INT64_MAX;
	if (!u->started)
		return now_us;
	if (u->reopening)
		return u->reopen_us;
	at_us = u->heard_us + silence_us;
	if (!u->welcomed)
		return sooner(at_us, u->hello_at_us);
	at_us = sooner(at_us, u->ping_at_us);
	if (outstanding(u))
		at_us = sooner(at_us, u->progress_us + patience(u));
	if (sendable(u) > 0)
		at_us = sooner(at_us,
		    u->blocked ? now_us + retry_events_us : now_us);
	return at_us;
}

void
uplink_facts(const struct uplink *u, struct uplink_facts *out)
{
	*out = (struct uplink_facts){
		.state = u->state,
		.sent = u->sent,
		.acked = u->acked,
		.resent = u->resent,
		.holes = u->holes,
		.repeats = u->repeats,
		.rtt_us = u->rtt_us,
		.down_since_us = u->down_us,
	};
}
