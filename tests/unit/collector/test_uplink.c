#include "support/test.h"

#include <string.h>

#include "collector/uplink.h"
#include "common/hash.h"
#include "common/xalloc.h"

#define MS INT64_C(1000)
#define S  INT64_C(1000000)

enum { STREAM = 77, EVENTS = 20000, QUEUE = 4096, TEXT = 64 };

/* ---- an outbox whose event n is the number n ---- */

static uint64_t chains[EVENTS + 1];

static void
make_chains(void)
{
	for (uint64_t n = 1; n <= EVENTS; n++)
		chains[n] = hash_chain(chains[n - 1], &n, sizeof n);
}

/* ---- what the uplink did ---- */

struct said {
	enum message_type type;
	uint64_t first;
	uint64_t count;
	uint64_t last; /* of HELLO and PING */
	int64_t t1_us;
};

struct fixture {
	struct uplink *uplink;
	struct said said[QUEUE];
	size_t said_count;
	size_t said_read;
	size_t socket_room; /* messages until it is full */
	uint64_t journaled;
	uint64_t acked;
	bool foreign; /* the aggregator is another race's */
	int reconnects;
	int lost;
	int64_t lost_silent_us;
	uint64_t lost_waiting;
	int back;
	int64_t back_gone_us;
	int refused;
	enum message_why refused_why;
	char refused_text[256];
	struct clockfit_sample sample;
	unsigned samples;
	int64_t now;
};

static const int64_t wall0 = INT64_C(1411286400) * S;

static bool
take_room(struct fixture *f)
{
	if (f->socket_room == 0)
		return false;
	f->socket_room--;
	return true;
}

static void
note(struct fixture *f, const struct said *s)
{
	assert_true(f->said_count < QUEUE);
	f->said[f->said_count++] = *s;
}

static bool
on_send(void *arg, const struct message *m)
{
	struct fixture *f = arg;
	struct said s = { .type = m->type };

	if (!take_room(f))
		return false;
	if (m->type == MESSAGE_HELLO) {
		assert_int_equal(m->hello.stream, STREAM);
		assert_string_equal(m->hello.name, "north");
		assert_string_equal(m->hello.point, "finish");
		s.last = m->hello.last;
	} else if (m->type == MESSAGE_REFUSE) {
		assert_int_equal(m->refuse.stream, STREAM);
		assert_int_equal(m->refuse.why, MESSAGE_WHY_CONFLICT);
		s.last = m->refuse.seq;
	} else {
		assert_int_equal(m->type, MESSAGE_PING);
		assert_int_equal(m->ping.stream, STREAM);
		s.last = m->ping.last;
		s.count = m->ping.waiting;
		s.t1_us = m->ping.t1_us;
	}
	note(f, &s);
	return true;
}

static size_t
on_send_batch(void *arg, uint64_t first, uint64_t chain, size_t count)
{
	struct fixture *f = arg;

	assert_true(count >= 1 && count <= RACE_BATCH_EVENTS);
	assert_true(first + count - 1 <= f->journaled);
	assert_int_equal(chain, chains[first - 1]);
	if (!take_room(f))
		return 0;
	note(f,
	    &(struct said){ .type = MESSAGE_BATCH,
	        .first = first,
	        .count = count });
	return count;
}

static void
on_reconnect(void *arg)
{
	((struct fixture *)arg)->reconnects++;
}

static void
on_sample(void *arg, const struct clockfit_sample *s)
{
	struct fixture *f = arg;

	f->sample = *s;
	f->samples++;
}

static uint64_t
on_chain(void *arg, uint64_t seq)
{
	(void)arg;
	assert_true(seq <= EVENTS);
	return chains[seq];
}

static bool
on_accepts(void *arg, const struct message_welcome *w)
{
	(void)w;
	return !((struct fixture *)arg)->foreign;
}

static void
on_acked(void *arg, uint64_t seq)
{
	((struct fixture *)arg)->acked = seq;
}

static void
on_lost(void *arg, int64_t silent_us, uint64_t waiting)
{
	struct fixture *f = arg;

	f->lost++;
	f->lost_silent_us = silent_us;
	f->lost_waiting = waiting;
}

static void
on_back(void *arg, int64_t gone_us, uint64_t waiting,
    const struct message_welcome *w)
{
	struct fixture *f = arg;

	(void)waiting;
	assert_string_equal(w->race, "8 km");
	f->back++;
	f->back_gone_us = gone_us;
}

static void
on_refused(void *arg, const struct message_refuse *r)
{
	struct fixture *f = arg;

	f->refused++;
	f->refused_why = r->why;
	snprintf(f->refused_text, sizeof f->refused_text, "%s", r->text);
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

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);
	char name[TEXT] = "north";
	struct message_hello hello = { .stream = STREAM,
		.name = name,
		.point = "finish",
		.software = "test",
		.protocol = MESSAGE_PROTOCOL };

	f->socket_room = SIZE_MAX;
	f->now = 5 * S;
	f->uplink = uplink_new(&hello, 0, 1, &ops, f);
	memset(name, '?', sizeof name); /* it has its own copy */
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	uplink_free(f->uplink);
	free(f);
	return 0;
}

static void
turn(struct fixture *f)
{
	uplink_turn(f->uplink, f->now, wall0 + f->now);
}

/* As the loop does: a turn at each deadline until `until`. */
static void
run_until(struct fixture *f, int64_t until)
{
	int64_t at;

	while ((at = uplink_deadline(f->uplink, f->now)) <= until) {
		f->now = at > f->now ? at : f->now;
		turn(f);
		/* A deadline that its turn does not move would spin. */
		assert_true(uplink_deadline(f->uplink, f->now) > f->now);
	}
	f->now = until;
}

static void
journal(struct fixture *f, uint64_t last)
{
	f->journaled = last;
	uplink_journaled(f->uplink, last);
}

static void
receive(struct fixture *f, const struct message *m)
{
	uplink_receive(f->uplink, m, f->now, wall0 + f->now);
}

static void
welcome(struct fixture *f, uint64_t committed, uint64_t credit)
{
	receive(f,
	    &(struct message){ .type = MESSAGE_WELCOME,
	        .welcome = { .store = 1,
	            .run = 2,
	            .committed = committed,
	            .chain = chains[committed],
	            .credit = credit,
	            .race = "8 km",
	            .software = "test",
	            .protocol = 1 } });
}

static void
ack(struct fixture *f, uint64_t committed, uint64_t credit)
{
	receive(f,
	    &(struct message){ .type = MESSAGE_ACK,
	        .ack = { .stream = STREAM,
	            .committed = committed,
	            .chain = chains[committed],
	            .credit = credit,
	            .holes = 3,
	            .repeats = 4 } });
}

static void
refuse(struct fixture *f, enum message_why why)
{
	receive(f,
	    &(struct message){ .type = MESSAGE_REFUSE,
	        .refuse = { .why = why, .text = "no", .stream = STREAM } });
}

/* The next thing said; PINGs aside. */
static struct said
next(struct fixture *f)
{
	while (f->said_read < f->said_count) {
		struct said s = f->said[f->said_read++];

		if (s.type != MESSAGE_PING)
			return s;
	}
	return (struct said){ 0 };
}

static void
expect_batch(struct fixture *f, uint64_t first, uint64_t count)
{
	struct said s = next(f);

	assert_int_equal(s.type, MESSAGE_BATCH);
	assert_int_equal(s.first, first);
	assert_int_equal(s.count, count);
}

static void
expect_hello(struct fixture *f)
{
	assert_int_equal(next(f).type, MESSAGE_HELLO);
}

static void
expect_nothing(struct fixture *f)
{
	assert_int_equal(next(f).type, 0);
}

/* Connected, with `journaled` events and credit for all of them. */
static void
connect(struct fixture *f, uint64_t journaled, uint64_t credit)
{
	journal(f, journaled);
	turn(f);
	expect_hello(f);
	welcome(f, 0, credit);
	turn(f);
}

static struct uplink_facts
facts(struct fixture *f)
{
	struct uplink_facts out;

	uplink_facts(f->uplink, &out);
	return out;
}

/* ---- ---- */

static void
hello_comes_first_and_events_wait_for_the_welcome(void **state)
{
	struct fixture *f = *state;
	struct said s;

	journal(f, 700);
	assert_true(uplink_deadline(f->uplink, f->now) <= f->now);
	turn(f);
	s = next(f);
	assert_int_equal(s.type, MESSAGE_HELLO);
	assert_int_equal(s.last, 700);
	expect_nothing(f);
	assert_int_equal(facts(f).state, UPLINK_CONNECTING);
	/* What comes before it is about an older connection. */
	ack(f, 5, 1000);
	assert_int_equal(f->acked, 0);
	assert_int_equal(facts(f).state, UPLINK_CONNECTING);
	welcome(f, 0, 1000);
	assert_int_equal(facts(f).state, UPLINK_UP);
	turn(f);
	expect_batch(f, 1, 500);
	expect_batch(f, 501, 200);
	expect_nothing(f);
	assert_int_equal(facts(f).sent, 700);
	assert_int_equal(facts(f).acked, 0);
	assert_int_equal(f->back, 1);
	assert_int_equal(f->back_gone_us, 0);
}

static void
no_more_is_sent_than_the_credit_and_each_ack_brings_more(void **state)
{
	struct fixture *f = *state;

	connect(f, 2000, 600);
	expect_batch(f, 1, 500);
	expect_batch(f, 501, 100);
	expect_nothing(f);
	ack(f, 500, 1500);
	turn(f);
	expect_batch(f, 601, 500);
	expect_batch(f, 1101, 400);
	expect_nothing(f);
	assert_int_equal(f->acked, 500);
	assert_int_equal(facts(f).holes, 3);
	assert_int_equal(facts(f).repeats, 4);
}

static void
credit_zero_stops_and_a_later_one_goes_on(void **state)
{
	struct fixture *f = *state;

	connect(f, 900, 500);
	expect_batch(f, 1, 500);
	ack(f, 500, 0);
	turn(f);
	expect_nothing(f);
	ack(f, 500, 1500);
	turn(f);
	expect_batch(f, 501, 400);
}

static void
an_aggregator_that_is_not_accepted_gets_nothing(void **state)
{
	struct fixture *f = *state;

	f->foreign = true;
	journal(f, 20);
	turn(f);
	welcome(f, 10, 1000);
	turn(f);
	assert_int_equal(f->acked, 0);
	assert_int_equal(f->back, 0);
	assert_int_equal(f->said_count, 1);
	assert_int_equal(f->said[0].type, MESSAGE_HELLO);
	assert_int_equal(facts(f).state, UPLINK_DOWN);
	/* Asked again at times, until it is the right one. */
	f->foreign = false;
	run_until(f, f->now + 10 * S);
	assert_true(f->said_count < 20);
	welcome(f, 10, 1000);
	assert_int_equal(facts(f).state, UPLINK_UP);
	assert_int_equal(f->acked, 10);
}

static void
a_welcome_goes_on_behind_what_is_stored(void **state)
{
	struct fixture *f = *state;

	journal(f, 50);
	turn(f);
	expect_hello(f);
	welcome(f, 30, 1000);
	turn(f);
	expect_batch(f, 31, 20);
	assert_int_equal(f->acked, 30);
	assert_int_equal(facts(f).resent, 0);
}

static void
an_aggregator_restored_from_a_copy_gets_everything_again(void **state)
{
	struct fixture *f = *state;

	connect(f, 50, 1000);
	expect_batch(f, 1, 50);
	ack(f, 50, 1050);
	refuse(f, MESSAGE_WHY_NOT_HELD);
	f->now += S;
	turn(f);
	expect_hello(f);
	welcome(f, 20, 1020);
	assert_int_equal(f->acked, 20);
	turn(f);
	expect_batch(f, 21, 30);
	assert_int_equal(facts(f).resent, 30);
}

static void
an_older_ack_is_ignored(void **state)
{
	struct fixture *f = *state;

	connect(f, 300, 100);
	expect_batch(f, 1, 100);
	ack(f, 100, 200);
	turn(f);
	expect_batch(f, 101, 100);
	ack(f, 60, 50);
	turn(f);
	expect_nothing(f);
	assert_int_equal(f->acked, 100);
	ack(f, 150, 250);
	turn(f);
	expect_batch(f, 201, 50);
}

static void
a_gap_goes_back_to_the_number_asked_for(void **state)
{
	struct fixture *f = *state;
	struct message gap = { .type = MESSAGE_GAP,
		.gap = { .stream = STREAM, .expected = 41 } };

	connect(f, 100, 1000);
	expect_batch(f, 1, 100);
	receive(f, &gap);
	turn(f);
	expect_batch(f, 41, 60);
	assert_int_equal(facts(f).resent, 60);
	/* What is acknowledged meanwhile is not sent again. */
	receive(f, &gap);
	ack(f, 70, 1000);
	turn(f);
	expect_batch(f, 71, 30);
	/* One that asks for what was acknowledged is a question for HELLO. */
	ack(f, 80, 1000);
	receive(f, &gap);
	f->now += 200 * MS;
	turn(f);
	expect_hello(f);
	expect_nothing(f);
	/* And so is one for what was never sent. */
	welcome(f, 100, 1000);
	gap.gap.expected = 200;
	receive(f, &gap);
	f->now += 200 * MS;
	turn(f);
	expect_hello(f);
}

static void
no_ack_for_two_seconds_asks_before_anything_is_sent_again(void **state)
{
	struct fixture *f = *state;
	int64_t sent_at;
	struct message pong = { .type = MESSAGE_PONG,
		.pong = { .stream = STREAM } };

	connect(f, 100, 1000);
	sent_at = f->now;
	expect_batch(f, 1, 100);
	run_until(f, sent_at + 1900 * MS);
	receive(f, &pong);
	run_until(f, sent_at + 1999 * MS);
	expect_nothing(f);
	run_until(f, sent_at + 2001 * MS);
	expect_hello(f);
	expect_nothing(f);
	welcome(f, 60, 1000);
	turn(f);
	expect_batch(f, 61, 40);
	assert_int_equal(facts(f).state, UPLINK_UP);
	assert_int_equal(f->lost, 0);
	/* With nothing outstanding there is nothing to ask. */
	ack(f, 100, 1000);
	for (int i = 0; i < 10; i++) {
		run_until(f, f->now + S);
		receive(f, &pong);
	}
	expect_nothing(f);
}

static void
silence_is_said_once_and_waits_grow_between_new_sockets(void **state)
{
	static const int64_t waits[] = { 100 * MS, 200 * MS, 400 * MS, 800 * MS,
		1600 * MS, 2 * S, 2 * S, 2 * S };
	struct fixture *f = *state;
	int64_t heard;

	connect(f, 412, 1000);
	heard = f->now;
	run_until(f, heard + 3 * S - 1);
	assert_int_equal(f->lost, 0);
	run_until(f, heard + 3 * S);
	assert_int_equal(f->lost, 1);
	assert_int_equal(f->lost_silent_us, 3 * S);
	assert_int_equal(f->lost_waiting, 412);
	assert_int_equal(facts(f).state, UPLINK_DOWN);
	assert_int_equal(facts(f).down_since_us, heard);
	for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
		int64_t lost_at = f->now;
		int64_t wait = uplink_deadline(f->uplink, f->now) - lost_at;

		assert_in_range(wait, waits[i] * 3 / 4, waits[i] * 5 / 4);
		assert_int_equal(f->reconnects, i);
		run_until(f, lost_at + wait);
		assert_int_equal(f->reconnects, i + 1);
		run_until(f, lost_at + wait + 3 * S);
	}
	assert_int_equal(f->lost, 1);
	assert_int_equal(f->back, 1);
	run_until(f, uplink_deadline(f->uplink, f->now));
	f->said_read = f->said_count;
	welcome(f, 0, 1000);
	turn(f);
	expect_batch(f, 1, 412);
	assert_int_equal(f->back, 2);
	assert_int_equal(f->back_gone_us, f->now - heard);
}

static void
an_aggregator_that_never_was_there_is_said_once(void **state)
{
	struct fixture *f = *state;

	journal(f, 5);
	f->socket_room = 0;
	run_until(f, f->now + 60 * S);
	assert_int_equal(f->lost, 1);
	assert_int_equal(f->lost_waiting, 5);
	assert_true(f->reconnects > 10);
	assert_int_equal(f->said_count, 0);
	f->socket_room = SIZE_MAX;
	run_until(f, f->now + 6 * S);
	expect_hello(f);
	welcome(f, 0, 100);
	assert_int_equal(f->back, 1);
	assert_true(f->back_gone_us > 60 * S);
}

static void
a_word_after_a_pause_calls_off_the_new_socket(void **state)
{
	struct fixture *f = *state;

	connect(f, 10, 1000);
	expect_batch(f, 1, 10);
	/* The program was stopped for 9 s: what came meanwhile is read before
	 * the turn. */
	f->now += 9 * S;
	ack(f, 10, 1010);
	turn(f);
	assert_int_equal(f->lost, 0);
	/* And stopped between the loss and the new socket. */
	f->now += 3 * S;
	turn(f);
	assert_int_equal(f->lost, 1);
	ack(f, 10, 1010);
	turn(f);
	expect_hello(f);
	welcome(f, 10, 1010);
	assert_int_equal(f->back, 2);
	assert_int_equal(f->reconnects, 0);
}

static void
a_ping_goes_each_second_and_its_answer_measures_the_round_trip(void **state)
{
	struct fixture *f = *state;
	size_t pings = 0;
	int64_t t1 = 0;

	uplink_report(f->uplink,
	    &(struct message_ping){ .last_time_us = 123,
	        .disk_free = 456,
	        .refused = 7,
	        .offset_us = -8,
	        .bound_us = 9,
	        .wall_us = 10 });
	connect(f, 3, 1000);
	ack(f, 2, 1000);
	for (int i = 0; i < 5; i++) {
		struct message m = { .type = MESSAGE_PONG };

		t1 = f->said[f->said_count - 1].t1_us;
		run_until(f, f->now + 40 * MS);
		m.pong = (struct message_pong){ .stream = STREAM,
			.t1_us = t1,
			.t2_us = 1000,
			.t3_us = 1000 + 15 * MS };
		for (size_t k = 0; k < f->said_count; k++) {
			if (f->said[k].type == MESSAGE_PING &&
			    f->said[k].t1_us == t1)
				receive(f, &m);
		}
		ack(f, 3, 1000);
		run_until(f, f->now + 960 * MS);
	}
	for (size_t i = 0; i < f->said_count; i++)
		pings += f->said[i].type == MESSAGE_PING;
	/* Ten in the first two seconds. */
	assert_in_range(pings, 13, 14);
	assert_int_equal(f->samples, 4);
	assert_int_equal(f->sample.t1_us, t1);
	assert_int_equal(f->sample.t2_us, 1000);
	assert_int_equal(f->sample.t3_us, 1000 + 15 * MS);
	assert_in_range(facts(f).rtt_us, 20 * MS, 40 * MS);
	assert_int_equal(f->said[f->said_count - 1].last, 3);
	assert_int_equal(f->said[f->said_count - 1].count, 0);
}

static void
a_pong_brings_the_credit_that_an_ack_lost(void **state)
{
	struct fixture *f = *state;
	struct message m = { .type = MESSAGE_PONG,
		.pong = { .stream = STREAM, .credit = 700 } };

	/* Before the welcome it says nothing. */
	journal(f, 900);
	turn(f);
	receive(f, &m);
	turn(f);
	expect_hello(f);
	expect_nothing(f);
	welcome(f, 0, 0);
	turn(f);
	expect_nothing(f);
	receive(f, &m);
	turn(f);
	expect_batch(f, 1, 500);
	expect_batch(f, 501, 200);
	expect_nothing(f);
}

static void
a_wall_clock_that_was_set_spoils_no_round_trip(void **state)
{
	struct fixture *f = *state;
	struct message m = { .type = MESSAGE_PONG };

	connect(f, 1, 1000);
	m.pong = (struct message_pong){ .stream = STREAM,
		.t1_us = wall0 + f->now,
		.t2_us = 9,
		.t3_us = 9 };
	/* Nor do times that cannot be. */
	m.pong.t2_us = INT64_MIN;
	m.pong.t3_us = INT64_MAX;
	receive(f, &m);
	m.pong.t2_us = 0;
	receive(f, &m);
	assert_int_equal(facts(f).rtt_us, 0);
	m.pong.t2_us = m.pong.t3_us = 9;
	uplink_receive(f->uplink, &m, f->now + 5 * MS, wall0 + f->now + 60 * S);
	assert_int_equal(facts(f).rtt_us, 0);
	uplink_receive(f->uplink, &m, f->now + 5 * MS, wall0);
	assert_int_equal(facts(f).rtt_us, 0);
	uplink_receive(f->uplink, &m, f->now + 5 * MS, wall0 + f->now + 5 * MS);
	assert_int_equal(facts(f).rtt_us, 5 * MS);
}

static void
an_answer_is_a_sample_once_also_when_others_are_on_the_way(void **state)
{
	struct fixture *f = *state;
	struct message m = { .type = MESSAGE_PONG };
	int64_t first;

	connect(f, 1, 1000);
	run_until(f, f->now + 200 * MS);
	first = f->said[f->said_count - 1].t1_us;
	/* A slow link: three are on the way. */
	run_until(f, f->now + 500 * MS);
	m.pong = (struct message_pong){ .stream = STREAM,
		.t1_us = first,
		.t2_us = 1000,
		.t3_us = 1001 };
	receive(f, &m);
	assert_int_equal(f->samples, 1);
	assert_int_equal(f->sample.t1_us, first);
	assert_int_equal(f->sample.t4_us, wall0 + f->now);
	receive(f, &m);
	assert_int_equal(f->samples, 1);
	m.pong.t1_us = first + 1;
	receive(f, &m);
	assert_int_equal(f->samples, 1);
	/* Of an older socket: it may have been on the way for a cut. */
	m.pong.t1_us = f->said[f->said_count - 1].t1_us;
	run_until(f, f->now + 8 * S);
	assert_true(f->reconnects > 0);
	welcome(f, 1, 1000);
	receive(f, &m);
	assert_int_equal(f->samples, 1);
}

static void
a_laptop_that_slept_on_the_way_is_no_sample(void **state)
{
	struct fixture *f = *state;
	struct message m = { .type = MESSAGE_PONG };

	connect(f, 1, 1000);
	m.pong = (struct message_pong){ .stream = STREAM,
		.t1_us = f->said[f->said_count - 1].t1_us,
		.t2_us = 1000,
		.t3_us = 1000 };
	f->now += 5 * MS;
	uplink_receive(f->uplink, &m, f->now, wall0 + f->now + 2 * S);
	assert_int_equal(f->samples, 0);
}

static void
another_content_under_the_same_numbers_is_refused(void **state)
{
	struct fixture *f = *state;
	struct message m = { .type = MESSAGE_WELCOME,
		.welcome = { .committed = 3,
		    .chain = 12345,
		    .credit = 100,
		    .race = "8 km",
		    .software = "",
		    .protocol = 1 } };

	journal(f, 10);
	turn(f);
	receive(f, &m);
	assert_int_equal(f->refused, 1);
	assert_int_equal(f->refused_why, MESSAGE_WHY_CONFLICT);
	assert_int_equal(facts(f).state, UPLINK_REFUSED);
	assert_int_equal(uplink_deadline(f->uplink, f->now), INT64_MAX);
	f->said_read = f->said_count;
	f->now += 10 * S;
	turn(f);
	expect_nothing(f);
	assert_int_equal(f->acked, 0);
}

static void
an_ack_over_other_content_is_refused(void **state)
{
	struct fixture *f = *state;
	struct message m = { .type = MESSAGE_ACK,
		.ack = { .stream = STREAM,
		    .committed = 4,
		    .chain = 12345,
		    .credit = 100 } };

	connect(f, 10, 1000);
	receive(f, &m);
	assert_int_equal(f->refused_why, MESSAGE_WHY_CONFLICT);
	assert_int_equal(f->acked, 0);
}

static void
an_outbox_older_than_what_is_stored_is_refused(void **state)
{
	struct fixture *f = *state;

	journal(f, 10);
	turn(f);
	welcome(f, 11, 1000);
	assert_int_equal(f->refused_why, MESSAGE_WHY_CONFLICT);
	assert_non_null(strstr(f->refused_text, "old copy"));
	/* the operator at the other end has to know */
	assert_int_equal(f->said[f->said_count - 1].type, MESSAGE_REFUSE);
	assert_int_equal(f->said[f->said_count - 1].last, 11);
}

static void
what_the_outbox_no_longer_holds_is_refused(void **state)
{
	struct fixture *f = *state;
	struct message_hello hello = { .stream = STREAM,
		.name = "north",
		.point = "finish",
		.software = "test",
		.first_kept = 50,
		.last = 90 };

	uplink_free(f->uplink);
	f->uplink = uplink_new(&hello, 60, 1, &ops, f);
	journal(f, 90);
	turn(f);
	welcome(f, 48, 1000);
	assert_int_equal(f->refused_why, MESSAGE_WHY_FORGOTTEN);
	uplink_free(f->uplink);
	f->refused = 0;
	f->uplink = uplink_new(&hello, 60, 1, &ops, f);
	journal(f, 90);
	turn(f);
	f->said_read = f->said_count;
	welcome(f, 49, 1000);
	turn(f);
	expect_batch(f, 50, 41);
	assert_int_equal(f->refused, 0);
}

static void
refusals_that_a_person_has_to_see_end_it_and_others_say_hello(void **state)
{
	static const enum message_why final[] = { MESSAGE_WHY_VERSION,
		MESSAGE_WHY_CONFLICT, MESSAGE_WHY_FORGOTTEN };
	struct fixture *f = *state;
	struct message other = { .type = MESSAGE_REFUSE,
		.refuse = { .why = MESSAGE_WHY_CONFLICT,
		    .text = "",
		    .stream = STREAM + 1 } };

	connect(f, 10, 1000);
	expect_batch(f, 1, 10);
	receive(f, &other); /* about somebody else */
	refuse(f, MESSAGE_WHY_NOT_HELD);
	assert_int_equal(f->refused, 0);
	f->now += 100 * MS;
	turn(f);
	expect_hello(f);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(f->refused, 0);
		welcome(f, 0, 1000);
		turn(f);
		refuse(f, MESSAGE_WHY_MALFORMED);
		f->now += 100 * MS;
		turn(f);
	}
	assert_int_equal(f->refused, 1);
	assert_int_equal(f->refused_why, MESSAGE_WHY_MALFORMED);
	for (size_t i = 0; i < sizeof final / sizeof *final; i++) {
		teardown(state);
		setup(state);
		f = *state;
		connect(f, 10, 1000);
		refuse(f, final[i]);
		assert_int_equal(f->refused, 1);
		assert_int_equal(f->refused_why, final[i]);
	}
}

static void
not_held_again_and_again_does_not_spin(void **state)
{
	struct fixture *f = *state;
	size_t hellos = 0;

	connect(f, 10, 1000);
	f->said_count = f->said_read = 0;
	for (int i = 0; i < 1000; i++) {
		refuse(f, MESSAGE_WHY_NOT_HELD);
		turn(f);
		f->now += MS;
	}
	for (size_t i = 0; i < f->said_count; i++)
		hellos += f->said[i].type == MESSAGE_HELLO;
	assert_in_range(hellos, 9, 11);
	assert_int_equal(f->lost, 0);
	/* And is no link: a person hears of it. */
	for (int i = 0; i < 3000; i++) {
		refuse(f, MESSAGE_WHY_NOT_HELD);
		turn(f);
		f->now += MS;
	}
	assert_int_equal(f->lost, 1);
}

static void
a_bye_opens_a_new_socket_and_what_follows_on_the_old_is_void(void **state)
{
	struct fixture *f = *state;
	struct message bye = { .type = MESSAGE_BYE,
		.bye = { .stream = STREAM, .text = "" } };

	connect(f, 10, 1000);
	expect_batch(f, 1, 10);
	receive(f, &bye);
	assert_int_equal(f->lost, 1);
	assert_int_equal(f->lost_silent_us, 0);
	ack(f, 10, 1010);
	assert_int_equal(f->acked, 0);
	run_until(f, f->now + 130 * MS);
	assert_int_equal(f->reconnects, 1);
	expect_hello(f);
	welcome(f, 10, 1010);
	assert_int_equal(f->acked, 10);
	assert_int_equal(f->back, 2);
}

static void
a_full_socket_is_tried_again_soon_and_nothing_is_skipped(void **state)
{
	struct fixture *f = *state;

	connect(f, 0, 2000);
	journal(f, 1500);
	f->socket_room = 1;
	turn(f);
	expect_batch(f, 1, 500);
	expect_nothing(f);
	assert_in_range(uplink_deadline(f->uplink, f->now) - f->now, 1, 5 * MS);
	f->socket_room = SIZE_MAX;
	run_until(f, f->now + 5 * MS);
	expect_batch(f, 501, 500);
	expect_batch(f, 1001, 500);
}

static void
nothing_wakes_it_between_pings_when_all_is_acknowledged(void **state)
{
	struct fixture *f = *state;
	int64_t sent_at;

	connect(f, 10, 1000);
	ack(f, 10, 1010);
	/* When the clock is known. */
	run_until(f, f->now + 2 * S);
	ack(f, 10, 1010);
	sent_at = uplink_deadline(f->uplink, f->now);
	run_until(f, sent_at);
	assert_int_equal(uplink_deadline(f->uplink, f->now), sent_at + S);
}

/* ---- a bad network and an aggregator that dies ---- */

struct parcel {
	int64_t at;
	int connection;
	enum message_type type;
	uint64_t first;
	uint64_t count;
	uint64_t chain;
	struct message answer;
	struct parcel *next;
};

struct world {
	struct fixture f;
	uint64_t random;
	bool healed;
	struct parcel *to_aggregator;
	struct parcel *to_uplink;
	int connection;  /* the uplink's socket */
	int answered;    /* the connection of the last HELLO; -1: none */
	uint64_t stored; /* committed */
	uint64_t cursor; /* in the open transaction */
	uint64_t gap_at;
	uint64_t taken[EVENTS + 1];
	bool dirty;
};

static bool
chance(struct world *w, uint64_t percent)
{
	return !w->healed && test_below(&w->random, 100) < percent;
}

static void
post(struct world *w, struct parcel **queue, const struct parcel *p)
{
	int copies = chance(w, 10) ? 0 : chance(w, 5) ? 2 : 1;

	while (copies-- > 0) {
		struct parcel *n = xmalloc(sizeof *n);

		*n = *p;
		n->at = w->f.now + 1 +
		    (int64_t)test_below(&w->random, w->healed ? 2000 : 400000);
		/* Kept in order when healed, as a connection does. */
		while (*queue != NULL && (*queue)->at <= n->at)
			queue = &(*queue)->next;
		n->next = *queue;
		*queue = n;
	}
}

static bool
world_send(void *arg, const struct message *m)
{
	struct world *w = arg;

	if (chance(w, 10))
		return false;
	post(w, &w->to_aggregator,
	    &(struct parcel){ .connection = w->connection, .type = m->type });
	return true;
}

static size_t
world_send_batch(void *arg, uint64_t first, uint64_t chain, size_t count)
{
	struct world *w = arg;

	assert_true(first + count - 1 <= w->f.journaled);
	if (chance(w, 10))
		return 0;
	if (count > 1 && chance(w, 20))
		count = 1 + test_below(&w->random, count);
	post(w, &w->to_aggregator,
	    &(struct parcel){ .connection = w->connection,
	        .type = MESSAGE_BATCH,
	        .first = first,
	        .count = count,
	        .chain = chain });
	return count;
}

static void
world_reconnect(void *arg)
{
	((struct world *)arg)->connection++;
}

static void
world_acked(void *arg, uint64_t seq)
{
	struct world *w = arg;

	/* ack before trim: never more than what is stored. */
	assert_true(seq <= w->stored);
	w->f.acked = seq;
}

static void
world_lost(void *arg, int64_t silent_us, uint64_t waiting)
{
	(void)arg;
	(void)silent_us;
	(void)waiting;
}

static void
world_back(void *arg, int64_t gone_us, uint64_t waiting,
    const struct message_welcome *m)
{
	(void)arg;
	(void)gone_us;
	(void)waiting;
	(void)m;
}

static bool
world_accepts(void *arg, const struct message_welcome *m)
{
	(void)arg;
	(void)m;
	return true;
}

static void
world_refused(void *arg, const struct message_refuse *r)
{
	(void)arg;
	fail_msg("refused: %s", r->text);
}

static const struct uplink_ops world_ops = {
	.send = world_send,
	.send_batch = world_send_batch,
	.reconnect = world_reconnect,
	.chain = on_chain,
	.accepts = world_accepts,
	.acked = world_acked,
	.lost = world_lost,
	.back = world_back,
	.refused = world_refused,
};

static void
answer(struct world *w, const struct message *m)
{
	post(w, &w->to_uplink,
	    &(struct parcel){ .connection = w->answered, .answer = *m });
}

static void
store(struct world *w)
{
	struct message m = { .type = MESSAGE_ACK };

	if (!w->dirty)
		return;
	w->dirty = false;
	for (uint64_t n = w->stored + 1; n <= w->cursor; n++)
		w->taken[n]++;
	w->stored = w->cursor;
	m.ack = (struct message_ack){ .stream = STREAM,
		.committed = w->stored,
		.chain = chains[w->stored],
		.credit = w->stored + 50 };
	answer(w, &m);
}

static void
crash(struct world *w)
{
	w->cursor = w->stored;
	w->dirty = false;
	w->answered = -1;
	w->gap_at = 0;
}

static void
aggregator_batch(struct world *w, const struct parcel *p)
{
	struct message m = { .type = MESSAGE_GAP };

	assert_int_equal(p->chain, chains[p->first - 1]);
	if (p->first > w->cursor + 1) {
		if (w->gap_at == w->cursor + 1)
			return;
		w->gap_at = w->cursor + 1;
		m.gap = (struct message_gap){ .stream = STREAM,
			.expected = w->gap_at };
		answer(w, &m);
		return;
	}
	if (p->first + p->count - 1 > w->cursor)
		w->cursor = p->first + p->count - 1;
	w->dirty = true;
}

static void
aggregator_receive(struct world *w, const struct parcel *p)
{
	struct message m = { .type = MESSAGE_WELCOME };

	if (p->type == MESSAGE_HELLO) {
		/* An old one, late: its connection is no more. */
		if (p->connection < w->answered)
			return;
		w->answered = p->connection;
		store(w);
		m.welcome = (struct message_welcome){ .committed = w->stored,
			.chain = chains[w->stored],
			.credit = w->stored + 50,
			.race = "8 km",
			.software = "",
			.protocol = 1 };
		w->gap_at = 0;
		answer(w, &m);
	} else if (p->connection != w->answered) {
		int before = w->answered;

		m.type = MESSAGE_REFUSE;
		m.refuse = (struct message_refuse){ .stream = STREAM,
			.why = MESSAGE_WHY_NOT_HELD,
			.text = "" };
		w->answered = p->connection;
		answer(w, &m);
		w->answered = before;
	} else if (p->type == MESSAGE_BATCH) {
		aggregator_batch(w, p);
	} else {
		m.type = MESSAGE_PONG;
		m.pong = (struct message_pong){ .stream = STREAM,
			.credit = w->stored + 50 };
		answer(w, &m);
	}
}

static struct parcel *
arrived(struct world *w, struct parcel **queue)
{
	struct parcel *p = *queue;

	if (p == NULL || p->at > w->f.now)
		return NULL;
	*queue = p->next;
	return p;
}

static void
drop_parcels(struct parcel *p)
{
	while (p != NULL) {
		struct parcel *rest = p->next;

		free(p);
		p = rest;
	}
}

/* One millisecond, or more. */
static void
step(struct world *w, uint64_t total)
{
	struct parcel *p;

	while ((p = arrived(w, &w->to_aggregator)) != NULL) {
		aggregator_receive(w, p);
		free(p);
	}
	if (chance(w, 1))
		crash(w);
	else if (w->healed || test_below(&w->random, 4) == 0)
		store(w);
	while ((p = arrived(w, &w->to_uplink)) != NULL) {
		if (p->connection == w->connection)
			uplink_receive(w->f.uplink, &p->answer, w->f.now,
			    wall0 + w->f.now);
		free(p);
	}
	if (w->f.journaled < total && test_below(&w->random, 3) == 0) {
		w->f.journaled += 1 + test_below(&w->random, 20);
		if (w->f.journaled > total)
			w->f.journaled = total;
		uplink_journaled(w->f.uplink, w->f.journaled);
	}
	uplink_turn(w->f.uplink, w->f.now, wall0 + w->f.now);
	w->f.now +=
	    w->healed ? 1000 : 1000 + (int64_t)test_below(&w->random, 50000);
}

static void
one_bad_day(uint64_t seed)
{
	struct world *w = xcalloc(1, sizeof *w);
	struct message_hello hello = { .stream = STREAM,
		.name = "north",
		.point = "finish",
		.software = "test" };
	uint64_t total = 200 + seed % 300;
	int64_t healed_at;

	w->random = seed;
	w->answered = -1;
	w->f.now = S;
	w->f.uplink = uplink_new(&hello, 0, seed, &world_ops, w);
	for (int i = 0; i < 2000; i++)
		step(w, total);
	w->healed = true;
	healed_at = w->f.now;
	while (w->f.acked < total) {
		step(w, total);
		/* Silence, the longest wait, HELLO, and what is to be sent. */
		assert_true(w->f.now - healed_at < 15 * S);
	}
	assert_int_equal(w->stored, total);
	for (uint64_t n = 1; n <= total; n++)
		assert_int_equal(w->taken[n], 1);
	drop_parcels(w->to_aggregator);
	drop_parcels(w->to_uplink);
	uplink_free(w->f.uplink);
	free(w);
}

static void
on_a_bad_network_everything_is_stored_exactly_once(void **state)
{
	uint64_t seed = test_seed();

	(void)state;
	for (int i = 0; i < 150; i++)
		one_bad_day(test_random(&seed));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hello_comes_first_and_events_wait_for_the_welcome),
		TEST(no_more_is_sent_than_the_credit_and_each_ack_brings_more),
		TEST(credit_zero_stops_and_a_later_one_goes_on),
		TEST(an_aggregator_that_is_not_accepted_gets_nothing),
		TEST(a_welcome_goes_on_behind_what_is_stored),
		TEST(an_aggregator_restored_from_a_copy_gets_everything_again),
		TEST(an_older_ack_is_ignored),
		TEST(a_gap_goes_back_to_the_number_asked_for),
		TEST(no_ack_for_two_seconds_asks_before_anything_is_sent_again),
		TEST(silence_is_said_once_and_waits_grow_between_new_sockets),
		TEST(an_aggregator_that_never_was_there_is_said_once),
		TEST(a_word_after_a_pause_calls_off_the_new_socket),
		TEST(
		    a_ping_goes_each_second_and_its_answer_measures_the_round_trip),
		TEST(a_pong_brings_the_credit_that_an_ack_lost),
		TEST(a_wall_clock_that_was_set_spoils_no_round_trip),
		TEST(
		    an_answer_is_a_sample_once_also_when_others_are_on_the_way),
		TEST(a_laptop_that_slept_on_the_way_is_no_sample),
		TEST(another_content_under_the_same_numbers_is_refused),
		TEST(an_ack_over_other_content_is_refused),
		TEST(an_outbox_older_than_what_is_stored_is_refused),
		TEST(what_the_outbox_no_longer_holds_is_refused),
		TEST(
		    refusals_that_a_person_has_to_see_end_it_and_others_say_hello),
		TEST(not_held_again_and_again_does_not_spin),
		TEST(
		    a_bye_opens_a_new_socket_and_what_follows_on_the_old_is_void),
		TEST(a_full_socket_is_tried_again_soon_and_nothing_is_skipped),
		TEST(nothing_wakes_it_between_pings_when_all_is_acknowledged),
		cmocka_unit_test(
		    on_a_bad_network_everything_is_stored_exactly_once),
	};

	make_chains();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
