#include "aggregator/intake.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/strmap.h"
#include "common/xalloc.h"

enum {
	/* What one collector may have on the way: eight full batches, so that
	 * it goes on while two commits are flushed. */
	WINDOW = 4000,
	/* A station is a laptop; more than this is somebody making them up. Of
	 * each port, so that operators' commands keep no collector out. */
	STREAMS_MAX = 10000,
	/* Of one connection: a gateway may bring several collectors. */
	CONN_STATIONS_MAX = 64,
	TEXT = 160
};

static const int64_t silence_us = 5000000;
/* Between two ticks of a second each: we were stopped. */
static const int64_t deaf_us = 3000000;

struct station {
	uint64_t epoch;
	uint32_t stream; /* the store's number; 0: nothing has come of it */
	char name[RACE_NAME_MAX + 1];
	char point[RACE_LABEL_MAX + 1];
	char software[RACE_NAME_MAX + 1];

	bool operators; /* no station: a command that comes and ends */
	bool greeted;   /* a HELLO came on conn */
	bool connected;
	bool took_leave; /* BYE, and nothing since */
	intake_conn conn;
	int64_t heard_us;
	int64_t heard_utc_us;

	uint64_t cursor; /* with what waits for the commit */
	uint64_t chain;
	uint64_t committed;
	uint64_t committed_chain;
	uint64_t asked; /* the GAP sent last; 0: none since the cursor moved */
	bool due;       /* in in->due */
	bool ack_due;
	bool welcome_due;
	bool left;     /* events were left alone: ask when there is room */
	bool conflict; /* the operator was told */

	uint64_t holes;
	uint64_t repeats;
	struct message_ping ping;
};

struct intake {
	const struct intake_ops *ops;
	void *arg;
	uint64_t store;
	uint64_t run;
	char *title;
	char *software;
	bool full; /* no room: nothing is taken */
	int64_t ticked_us;
	struct station *stations;
	size_t count;
	size_t cap;
	struct strmap *by_epoch;
	uint32_t *due;
	size_t due_count;
	size_t due_cap;
	struct message_station *listed;
	size_t listed_cap;
	struct intake_facts facts;
};

struct intake *
intake_new(uint64_t store, uint64_t run, const char *title,
    const char *software, const struct intake_ops *ops, void *arg)
{
	struct intake *in = xcalloc(1, sizeof *in);

	in->ops = ops;
	in->arg = arg;
	in->store = store;
	in->run = run;
	in->title = xstrdup(title);
	in->software = xstrdup(software);
	in->by_epoch = strmap_new();
	return in;
}

void
intake_free(struct intake *in)
{
	if (in == NULL)
		return;
	strmap_free(in->by_epoch);
	free(in->listed);
	free(in->due);
	free(in->stations);
	free(in->software);
	free(in->title);
	free(in);
}

/* ---- stations ---- */

static void
copy_text(char *out, size_t cap, const char *s)
{
	size_t len = strnlen(s, cap - 1);

	memcpy(out, s, len);
	out[len] = '\0';
}

static const char *
epoch_key(char out[17], uint64_t epoch)
{
	snprintf(out, 17, "%016" PRIx64, epoch);
	return out;
}

static struct station *
find(const struct intake *in, uint64_t epoch)
{
	char key[17];
	uint32_t i = strmap_get(in->by_epoch, epoch_key(key, epoch));

	return i == STRMAP_NONE ? NULL : &in->stations[i];
}

static struct station *
add(struct intake *in, uint64_t epoch, bool operators)
{
	char key[17];
	struct station *st;

	in->stations =
	    xgrow(in->stations, &in->cap, in->count, sizeof *in->stations);
	st = &in->stations[in->count];
	*st = (struct station){ .epoch = epoch,
		.operators = operators,
		.ping.last_time_us = RACE_NO_TIME };
	strmap_put(in->by_epoch, epoch_key(key, epoch), (uint32_t)in->count++);
	return st;
}

static void
set_cursor(struct station *st, uint64_t cursor, uint64_t chain)
{
	st->cursor = st->committed = cursor;
	st->chain = st->committed_chain = chain;
}

void
intake_known(struct intake *in, uint32_t stream, uint64_t epoch, bool operators,
    const char *name, const char *point, uint64_t cursor, uint64_t chain,
    int64_t last_time_us)
{
	struct station *st = add(in, epoch, operators);

	st->stream = stream;
	copy_text(st->name, sizeof st->name, name);
	copy_text(st->point, sizeof st->point, point);
	set_cursor(st, cursor, chain);
	st->ping.last = cursor;
	st->ping.last_time_us = last_time_us;
}

static bool
uncommitted(const struct station *st)
{
	return st->cursor != st->committed;
}

/* Answers at the commit. */
static void
set_due(struct intake *in, struct station *st)
{
	if (st->due)
		return;
	st->due = true;
	in->due = xgrow(in->due, &in->due_cap, in->due_count, sizeof *in->due);
	in->due[in->due_count++] = (uint32_t)(st - in->stations);
}

/* ---- what is said ---- */

static void
say(struct intake *in, intake_conn conn, const struct message *m)
{
	in->ops->send(in->arg, conn, m);
}

static void
refuse(struct intake *in, intake_conn conn, enum message_why why,
    uint64_t stream, uint64_t seq, const char *text)
{
	say(in, conn,
	    &(struct message){ .type = MESSAGE_REFUSE,
	        .refuse = { .why = why,
	            .text = text,
	            .stream = stream,
	            .seq = seq } });
}

static uint64_t
credit(const struct intake *in, const struct station *st)
{
	return in->full ? 0 : st->committed + WINDOW;
}

static void
say_welcome(struct intake *in, struct station *st)
{
	st->welcome_due = false;
	say(in, st->conn,
	    &(struct message){ .type = MESSAGE_WELCOME,
	        .welcome = { .store = in->store,
	            .run = in->run,
	            .committed = st->committed,
	            .chain = st->committed_chain,
	            .credit = credit(in, st),
	            .race = in->title,
	            .software = in->software,
	            .protocol = MESSAGE_PROTOCOL } });
}

static void
say_ack(struct intake *in, struct station *st)
{
	st->ack_due = false;
	say(in, st->conn,
	    &(struct message){ .type = MESSAGE_ACK,
	        .ack = { .stream = st->epoch,
	            .committed = st->committed,
	            .chain = st->committed_chain,
	            .credit = credit(in, st),
	            .holes = st->holes,
	            .repeats = st->repeats } });
}

static void
say_gap(struct intake *in, struct station *st)
{
	st->asked = st->cursor + 1;
	say(in, st->conn,
	    &(struct message){ .type = MESSAGE_GAP,
	        .gap = { .stream = st->epoch, .expected = st->asked } });
}

static void
say_bye(struct intake *in, const struct station *st, const char *text)
{
	say(in, st->conn,
	    &(struct message){ .type = MESSAGE_BYE,
	        .bye = { .stream = st->epoch, .text = text } });
}

static void
acknowledge(struct intake *in, struct station *st)
{
	if (uncommitted(st)) {
		st->ack_due = true;
		set_due(in, st);
	} else {
		say_ack(in, st);
	}
}

/* ---- HELLO, PING, BYE ---- */

static void
hear(struct station *st, int64_t now_us, int64_t now_utc_us)
{
	st->connected = true;
	st->took_leave = false;
	st->heard_us = now_us;
	st->heard_utc_us = now_utc_us;
}

static void
tell_conflict(struct intake *in, struct station *st, uint64_t seq)
{
	if (st->conflict)
		return;
	st->conflict = true;
	in->facts.conflicts++;
	in->ops->conflict(in->arg, st->name, st->point, seq, seq > st->cursor);
}

/* False: there is no room for it. */
static bool
open_stream(struct intake *in, struct station *st)
{
	const struct message_hello h = { .stream = st->epoch,
		.name = st->name,
		.point = st->point,
		.software = st->software };
	uint64_t cursor;
	uint64_t chain;
	uint32_t stream;

	if (in->full ||
	    in->ops->open(in->arg, &h, st->operators, &stream, &cursor,
	        &chain) < 0)
		return false;
	if (st->stream == 0)
		set_cursor(st, cursor, chain);
	st->stream = stream;
	return true;
}

static bool
is_operator(intake_conn conn)
{
	return (conn & INTAKE_OPERATOR) != 0;
}

/* The station of a new stream, unless somebody makes them up. */
static struct station *
admit(struct intake *in, intake_conn conn, uint64_t epoch)
{
	bool operators = is_operator(conn);
	size_t of_port = 0;
	size_t of_conn = 0;

	for (size_t i = 0; i < in->count; i++) {
		const struct station *st = &in->stations[i];

		/* The analyzer takes find()'s NULL for that of stations.
		 * NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
		of_port += st->operators == operators;
		of_conn += st->greeted && st->conn == conn;
	}
	if (of_port < STREAMS_MAX && of_conn < CONN_STATIONS_MAX)
		return add(in, epoch, operators);
	refuse(in, conn, MESSAGE_WHY_NOT_HELD, epoch, 0,
	    of_port < STREAMS_MAX ? "too many streams for one connection"
	                          : "too many streams for one race");
	return NULL;
}

static bool
may_open(struct intake *in, intake_conn conn, const struct message_hello *h)
{
	if (h->protocol < MESSAGE_PROTOCOL) {
		refuse(in, conn, MESSAGE_WHY_VERSION, h->stream, 0,
		    "this aggregator speaks protocol 1");
		return false;
	}
	if (h->stream == 0 || h->stream == in->store) {
		refuse(in, conn, MESSAGE_WHY_CONFLICT, h->stream, 0,
		    "this stream is the aggregator's own");
		return false;
	}
	/* A collector that was sent to the wrong port would be no station, and
	 * nobody would miss it. */
	if (is_operator(conn) && h->point[0] != '\0') {
		refuse(in, conn, MESSAGE_WHY_MALFORMED, h->stream, 0,
		    "this port is for operators: the collectors' is three "
		    "below it");
		return false;
	}
	return true;
}

static void
forgotten(struct intake *in, intake_conn conn, struct station *st)
{
	char text[TEXT];

	snprintf(text, sizeof text,
	    "events from %" PRIu64 " on are missing here, and the outbox no "
	    "longer holds them",
	    st->cursor + 1);
	refuse(in, conn, MESSAGE_WHY_FORGOTTEN, st->epoch, st->cursor + 1,
	    text);
	tell_conflict(in, st, st->cursor + 1);
}

static void
supersede(struct intake *in, struct station *st, intake_conn conn)
{
	if (st->greeted && st->conn != conn)
		say_bye(in, st,
		    "a newer connection of this stream has taken over");
	st->greeted = true;
	st->conn = conn;
}

static void
on_hello(struct intake *in, intake_conn conn, const struct message_hello *h,
    int64_t now_us, int64_t now_utc_us)
{
	struct station *st;

	if (!may_open(in, conn, h))
		return;
	st = find(in, h->stream);
	if (st != NULL && st->operators != is_operator(conn)) {
		refuse(in, conn, MESSAGE_WHY_CONFLICT, h->stream, 0,
		    st->operators ? "this stream is an operator's"
		                  : "this stream is a collector's");
		return;
	}
	if (st == NULL)
		st = admit(in, conn, h->stream);
	if (st == NULL)
		return;
	copy_text(st->name, sizeof st->name, h->name);
	copy_text(st->point, sizeof st->point, h->point);
	copy_text(st->software, sizeof st->software, h->software);
	st->ping.last = h->last;
	if (st->stream != 0)
		open_stream(in, st);
	if (h->first_kept > st->cursor + 1) {
		forgotten(in, conn, st);
		return;
	}
	supersede(in, st, conn);
	hear(st, now_us, now_utc_us);
	st->asked = 0;
	if (uncommitted(st)) {
		st->welcome_due = true;
		set_due(in, st);
	} else {
		say_welcome(in, st);
	}
}

/* The stream of a message, if its connection has said HELLO for it. */
static struct station *
greeted(struct intake *in, intake_conn conn, uint64_t epoch, int64_t now_us,
    int64_t now_utc_us)
{
	struct station *st = find(in, epoch);

	if (st == NULL || !st->greeted || st->conn != conn) {
		refuse(in, conn, MESSAGE_WHY_NOT_HELD, epoch, 0,
		    "say HELLO for this stream first");
		return NULL;
	}
	hear(st, now_us, now_utc_us);
	return st;
}

static void
on_ping(struct intake *in, struct station *st, const struct message_ping *p)
{
	int64_t last_time_us = st->ping.last_time_us;

	st->ping = *p;
	/* Started anew, and nothing read since. */
	if (p->last_time_us == RACE_NO_TIME)
		st->ping.last_time_us = last_time_us;
	say(in, st->conn,
	    &(struct message){ .type = MESSAGE_PONG,
	        .pong = { .stream = st->epoch,
	            .t1_us = p->t1_us,
	            .t2_us = st->heard_utc_us,
	            .t3_us = st->heard_utc_us,
	            .committed = st->committed,
	            .credit = credit(in, st) } });
}

static void
disconnect(struct intake *in, struct station *st, bool orderly)
{
	if (st->connected && st->operators && st->stream != 0)
		in->ops->ended(in->arg, st->stream, st->name, orderly);
	st->connected = false;
}

static void
on_bye(struct intake *in, intake_conn conn, uint64_t epoch)
{
	struct station *st = find(in, epoch);

	if (st == NULL || !st->greeted || st->conn != conn)
		return;
	st->greeted = false;
	st->took_leave = true;
	disconnect(in, st, true);
}

/* A collector that finds that its outbox is not what is stored here ends; the
 * operator has to know which.  Another copy may have taken its place already,
 * so that it says so on any connection. */
static void
on_refuse(struct intake *in, const struct message_refuse *r)
{
	struct station *st = find(in, r->stream);

	if (st != NULL && r->why == MESSAGE_WHY_CONFLICT)
		tell_conflict(in, st, r->seq);
}

/* ---- BATCH ---- */

static uint64_t
chain_of(uint64_t before, const struct message_bytes *e)
{
	return hash_chain(before, e->data, e->len);
}

/* What is stored at a known seq; -ENOENT and others: cannot be told. */
static int
stored_chain(struct intake *in, const struct station *st, uint64_t seq,
    uint64_t *chain)
{
	if (seq == st->cursor) {
		*chain = st->chain;
		return 0;
	}
	if (seq == 0) {
		*chain = 0;
		return 0;
	}
	return in->ops->chain(in->arg, st->stream, seq, chain);
}

static bool
differs(struct intake *in, const struct station *st, uint64_t seq,
    uint64_t chain)
{
	uint64_t stored;

	return stored_chain(in, st, seq, &stored) == 0 && stored != chain;
}

/*
 * Compares what the batch repeats with what is stored: `known` events behind
 * b->chain.  0: they agree, and *chain is the chain behind them; else -EEXIST,
 * and *seq is where they part, or the last before the batch if that was
 * earlier.
 */
static int
compare(struct intake *in, const struct station *st,
    const struct message_batch *b, size_t known, uint64_t *chain, uint64_t *seq)
{
	uint64_t h = b->chain;

	*seq = b->first - 1;
	if (differs(in, st, b->first - 1, h))
		return -EEXIST;
	for (size_t i = 0; i < known; i++)
		h = chain_of(h, &b->events[i]);
	*chain = h;
	if (known == 0 || !differs(in, st, b->first + known - 1, h))
		return 0;
	/* The chain carries a difference on: one comparison finds it, these
	 * find where. */
	h = b->chain;
	for (size_t i = 0; i < known; i++) {
		h = chain_of(h, &b->events[i]);
		*seq = b->first + i;
		if (differs(in, st, *seq, h))
			break;
	}
	return -EEXIST;
}

static void
refuse_conflict(struct intake *in, struct station *st, uint64_t seq)
{
	char text[TEXT];

	snprintf(text, sizeof text,
	    "event %" PRIu64 " is stored here with other content: the outbox "
	    "was copied or restored, and two of them claim one stream",
	    seq);
	refuse(in, st->conn, MESSAGE_WHY_CONFLICT, st->epoch, seq, text);
	tell_conflict(in, st, seq);
	st->greeted = false;
	st->connected = false;
}

static void
take(struct intake *in, struct station *st, const struct message_batch *b,
    size_t known, uint64_t chain)
{
	for (size_t i = known; i < b->count; i++) {
		chain = chain_of(chain, &b->events[i]);
		if (in->ops->take(in->arg, st->stream, b->first + i,
		        &b->events[i], chain) < 0) {
			st->left = true;
			return;
		}
		st->cursor = b->first + i;
		st->chain = chain;
	}
}

static void
on_hole(struct intake *in, struct station *st)
{
	/* All that was on the way behind a hole comes here too. */
	if (st->asked == st->cursor + 1)
		return;
	st->holes++;
	in->facts.holes++;
	say_gap(in, st);
}

static void
on_batch(struct intake *in, struct station *st, const struct message_batch *b)
{
	size_t known = 0;
	uint64_t chain;
	uint64_t seq;

	if (in->full || (st->stream == 0 && !open_stream(in, st))) {
		st->left = true;
		return;
	}
	if (b->first == 0 || b->first > st->cursor + 1) {
		on_hole(in, st);
		return;
	}
	if (st->cursor + 1 - b->first < b->count)
		known = (size_t)(st->cursor + 1 - b->first);
	else
		known = b->count;
	if (compare(in, st, b, known, &chain, &seq) < 0) {
		refuse_conflict(in, st, seq);
		return;
	}
	st->repeats += known;
	in->facts.repeats += known;
	take(in, st, b, known, chain);
	acknowledge(in, st);
}

/* ---- in and out ---- */

void
intake_malformed(struct intake *in, intake_conn conn, const char *why,
    bool version)
{
	in->facts.malformed++;
	refuse(in, conn, version ? MESSAGE_WHY_VERSION : MESSAGE_WHY_MALFORMED,
	    0, 0, why);
}

void
intake_receive(struct intake *in, intake_conn conn, const struct message *m,
    int64_t now_us, int64_t now_utc_us)
{
	struct station *st;

	switch (m->type) {
	case MESSAGE_HELLO:
		on_hello(in, conn, &m->hello, now_us, now_utc_us);
		return;
	case MESSAGE_BATCH:
		st = greeted(in, conn, m->batch.stream, now_us, now_utc_us);
		if (st != NULL)
			on_batch(in, st, &m->batch);
		return;
	case MESSAGE_PING:
		st = greeted(in, conn, m->ping.stream, now_us, now_utc_us);
		if (st != NULL)
			on_ping(in, st, &m->ping);
		return;
	case MESSAGE_BYE:
		on_bye(in, conn, m->bye.stream);
		return;
	case MESSAGE_REFUSE:
		/* Never in answer to a REFUSE: that would have no end. */
		on_refuse(in, &m->refuse);
		return;
	case MESSAGE_WELCOME:
	case MESSAGE_ACK:
	case MESSAGE_GAP:
	case MESSAGE_PONG:
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
	intake_malformed(in, conn, "this port is for collectors", false);
}

static void
answer_due(struct intake *in)
{
	for (size_t i = 0; i < in->due_count; i++) {
		struct station *st = &in->stations[in->due[i]];

		st->due = false;
		if (st->greeted && st->welcome_due)
			say_welcome(in, st);
		else if (st->greeted && st->ack_due)
			say_ack(in, st);
		st->welcome_due = false;
		st->ack_due = false;
	}
	in->due_count = 0;
}

void
intake_committed(struct intake *in)
{
	for (size_t i = 0; i < in->due_count; i++) {
		struct station *st = &in->stations[in->due[i]];

		st->committed = st->cursor;
		st->committed_chain = st->chain;
	}
	answer_due(in);
}

void
intake_rolled_back(struct intake *in)
{
	in->full = true;
	for (size_t i = 0; i < in->count; i++) {
		struct station *st = &in->stations[i];

		if (uncommitted(st))
			st->left = true;
		st->cursor = st->committed;
		st->chain = st->committed_chain;
		st->asked = 0;
		/* Credit 0 for everybody, in a WELCOME or an ACK. */
		if (st->greeted && !st->welcome_due) {
			st->ack_due = true;
			set_due(in, st);
		}
	}
	answer_due(in);
}

void
intake_recovered(struct intake *in)
{
	in->full = false;
	for (size_t i = 0; i < in->count; i++) {
		struct station *st = &in->stations[i];

		if (!st->greeted)
			continue;
		say_ack(in, st);
		/* It has sent further than what is stored. */
		if (st->left)
			say_gap(in, st);
		st->left = false;
	}
}

void
intake_crossing(struct intake *in, uint64_t epoch, int64_t time_us)
{
	struct station *st = find(in, epoch);

	if (st != NULL)
		st->ping.last_time_us = time_us;
}

void
intake_tick(struct intake *in, int64_t now_us)
{
	bool deaf = in->ticked_us != 0 && now_us - in->ticked_us >= deaf_us;

	in->ticked_us = now_us;
	for (size_t i = 0; i < in->count; i++) {
		struct station *st = &in->stations[i];

		/* What they said meanwhile may not have come through yet. */
		if (deaf)
			st->heard_us = now_us;
		if (st->connected && now_us - st->heard_us >= silence_us)
			disconnect(in, st, false);
	}
}

void
intake_end(struct intake *in)
{
	for (size_t i = 0; i < in->count; i++)
		if (in->stations[i].greeted)
			say_bye(in, &in->stations[i], "the aggregator ends");
}

size_t
intake_stations(struct intake *in, struct message_station **stations)
{
	size_t listed = 0;

	if (in->count > in->listed_cap) {
		in->listed_cap = in->cap;
		in->listed = xreallocarray(in->listed, in->listed_cap,
		    sizeof *in->listed);
	}
	for (size_t i = 0; i < in->count; i++) {
		const struct station *st = &in->stations[i];

		if (st->operators)
			continue;
		in->listed[listed++] = (struct message_station){
			.stream = st->epoch,
			.name = st->name,
			.point = st->point,
			.connected = st->connected,
			.stored = st->committed,
			.waiting = st->ping.last > st->committed
			    ? st->ping.last - st->committed
			    : 0,
			.last_time_us = st->ping.last_time_us,
			.heard_us = st->heard_utc_us,
			.holes = st->holes,
			.repeats = st->repeats,
			.offset_us = st->ping.offset_us,
			.bound_us = st->ping.bound_us,
			.disk_free = st->ping.disk_free,
			.software = st->software,
			.refused = st->ping.refused,
			.left = st->took_leave,
		};
	}
	*stations = in->listed;
	return listed;
}

void
intake_facts(const struct intake *in, struct intake_facts *out)
{
	*out = in->facts;
}
