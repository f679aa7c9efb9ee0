#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "aggregator/intake.h"
#include "control/delivery.h"
#include "proto/wire.h"

/*
 * The real intake at the other end, over a store that is an array, with a
 * network between them that the test may spoil.
 */
enum { STORE = 77, EPOCH = 5, EVENTS_MAX = 3000, WAY_MAX = 64 };

static const int64_t second_us = 1000000;

struct packet {
	uint8_t *bytes;
	size_t len;
	unsigned generation; /* of the socket */
};

struct way {
	struct packet packets[WAY_MAX];
	size_t count;
};

struct fixture {
	struct delivery *d;
	struct intake *in; /* NULL: the aggregator is down */
	struct way up;
	struct way down;
	struct wire_buffer buffer;
	struct wire_arena *arena;
	uint64_t store;
	int64_t now_us;
	unsigned generation;
	unsigned reconnects;
	size_t room; /* in the socket */
	bool full;   /* the disk */
	bool deaf;   /* whatever is sent to the aggregator is lost */

	uint64_t chains[EVENTS_MAX + 1];
	char texts[EVENTS_MAX + 1][16];
	uint64_t cursor;
	uint64_t committed;
	unsigned ended;

	uint64_t random;
};

/* ---- the network ---- */

static void
put_way(struct fixture *f, struct way *w, const struct message *m)
{
	struct packet *p;

	assert_int_equal(wire_put(&f->buffer, m), 0);
	if (w->count == WAY_MAX)
		return;
	p = &w->packets[w->count++];
	p->bytes = malloc(f->buffer.len);
	memcpy(p->bytes, f->buffer.data, f->buffer.len);
	p->len = f->buffer.len;
	p->generation = f->generation;
}

static bool
take_way(struct fixture *f, struct way *w, struct message *m)
{
	struct packet p;
	bool stale;

	if (w->count == 0)
		return false;
	p = w->packets[0];
	memmove(w->packets, w->packets + 1, --w->count * sizeof p);
	stale = p.generation != f->generation;
	wire_reset(f->arena);
	assert_int_equal(wire_get(f->arena, p.bytes, p.len, m), 0);
	free(p.bytes);
	return stale ? take_way(f, w, m) : true;
}

static void
empty_way(struct way *w)
{
	while (w->count > 0)
		free(w->packets[--w->count].bytes);
}

/* ---- the client's side ---- */

static bool
on_send(void *arg, const struct message *m)
{
	struct fixture *f = arg;

	if (f->room == 0)
		return false;
	f->room--;
	if (!f->deaf)
		put_way(f, &f->up, m);
	return true;
}

static void
on_reconnect(void *arg)
{
	struct fixture *f = arg;

	f->generation++;
	f->reconnects++;
}

static const struct delivery_ops ops = { on_send, on_reconnect };

/* ---- the aggregator's side ---- */

static void
in_send(void *arg, intake_conn conn, const struct message *m)
{
	struct fixture *f = arg;

	assert_true((conn & INTAKE_OPERATOR) != 0);
	put_way(f, &f->down, m);
}

static int
in_take(void *arg, uint32_t stream, uint64_t seq,
    const struct message_bytes *body, uint64_t chain)
{
	struct fixture *f = arg;

	assert_int_equal(stream, 1);
	assert_int_equal(seq, f->cursor + 1);
	if (f->full)
		return -ENOSPC;
	memcpy(f->texts[seq], body->data, body->len);
	f->texts[seq][body->len] = '\0';
	f->chains[seq] = chain;
	f->cursor = seq;
	return 0;
}

static int
in_open(void *arg, const struct message_hello *h, bool operators,
    uint32_t *stream, uint64_t *cursor, uint64_t *chain)
{
	struct fixture *f = arg;

	assert_true(operators);
	assert_int_equal(h->stream, EPOCH);
	assert_string_equal(h->name, "anna");
	assert_string_equal(h->point, "");
	*stream = 1;
	*cursor = f->cursor;
	*chain = f->chains[f->cursor];
	return 0;
}

static int
in_chain(void *arg, uint32_t stream, uint64_t seq, uint64_t *chain)
{
	struct fixture *f = arg;

	assert_int_equal(stream, 1);
	*chain = f->chains[seq];
	return 0;
}

static void
in_conflict(void *arg, const char *name, const char *point, uint64_t seq,
    bool missing)
{
	(void)arg;
	(void)name;
	(void)point;
	(void)missing;
	fail_msg("conflict at %llu", (unsigned long long)seq);
}

static void
in_ended(void *arg, uint32_t stream, const char *name, bool orderly)
{
	struct fixture *f = arg;

	assert_int_equal(stream, 1);
	assert_string_equal(name, "anna");
	f->ended += orderly;
}

static const struct intake_ops in_ops = {
	.send = in_send,
	.take = in_take,
	.open = in_open,
	.chain = in_chain,
	.conflict = in_conflict,
	.ended = in_ended,
};

static void
start_aggregator(struct fixture *f)
{
	f->in = intake_new(f->store, 1, "Race", "a 1", &in_ops, f);
	if (f->committed > 0)
		intake_known(f->in, 1, EPOCH, true, "anna", "", f->committed,
		    f->chains[f->committed], RACE_NO_TIME);
}

/* kill -9: what was not committed is gone, and so are all connections. */
static void
kill_aggregator(struct fixture *f)
{
	intake_free(f->in);
	f->in = NULL;
	f->cursor = f->committed;
	empty_way(&f->up);
	empty_way(&f->down);
}

/* Takes all that has come; without a commit. */
static void
aggregator_takes(struct fixture *f)
{
	struct message m;

	while (f->in != NULL && take_way(f, &f->up, &m))
		intake_receive(f->in, INTAKE_OPERATOR | f->generation, &m,
		    f->now_us, f->now_us);
}

static void
aggregator_turn(struct fixture *f)
{
	aggregator_takes(f);
	if (f->in == NULL)
		return;
	f->committed = f->cursor;
	intake_committed(f->in);
	intake_tick(f->in, f->now_us);
}

static void
client_turn(struct fixture *f)
{
	struct message m;

	while (take_way(f, &f->down, &m))
		delivery_receive(f->d, &m, f->now_us);
	f->room = WAY_MAX / 2;
	delivery_turn(f->d, f->now_us, f->now_us);
}

/* ---- the fixture ---- */

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->store = STORE;
	f->now_us = 1000 * second_us;
	f->arena = wire_arena_new();
	f->d = delivery_new(EPOCH, STORE, "anna", &ops, f);
	start_aggregator(f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	delivery_free(f->d);
	intake_free(f->in);
	empty_way(&f->up);
	empty_way(&f->down);
	wire_buffer_free(&f->buffer);
	wire_arena_free(f->arena);
	free(f);
	return 0;
}

static void
add(struct fixture *f, size_t count)
{
	for (size_t i = 1; i <= count; i++) {
		char text[16];
		int len = snprintf(text, sizeof text, "event %zu", i);

		delivery_add(f->d, (const uint8_t *)text, (size_t)len);
	}
}

/* Everything is stored, each once and in order. */
static void
check_stored(const struct fixture *f, size_t count)
{
	assert_int_equal(delivery_state(f->d), DELIVERY_DONE);
	assert_int_equal(delivery_stored(f->d), count);
	assert_int_equal(f->committed, count);
	for (size_t i = 1; i <= count; i++) {
		char text[16];

		snprintf(text, sizeof text, "event %zu", i);
		assert_string_equal(f->texts[i], text);
	}
}

/* Both sides, from deadline to deadline, until it is over. */
static void
run(struct fixture *f)
{
	for (int i = 0; i < 20000; i++) {
		int64_t due_us;

		client_turn(f);
		if (delivery_state(f->d) != DELIVERY_UNDER_WAY)
			return;
		if (f->up.count > 0 || f->down.count > 0) {
			f->now_us += 100;
			aggregator_turn(f);
			continue;
		}
		due_us = delivery_deadline(f->d, f->now_us);
		f->now_us = due_us > f->now_us ? due_us : f->now_us + 1;
	}
	fail_msg("neither delivered nor given up");
}

/* ---- tests ---- */

static void
everything_is_stored_in_order_and_the_end_is_said(void **state)
{
	struct fixture *f = *state;

	add(f, 1234);
	run(f);
	check_stored(f, 1234);
	assert_int_equal(f->reconnects, 0);
	aggregator_turn(f);
	assert_int_equal(f->ended, 1);
}

static void
nothing_to_say_is_done_at_once(void **state)
{
	struct fixture *f = *state;

	client_turn(f);
	assert_int_equal(delivery_state(f->d), DELIVERY_DONE);
}

static void
nothing_counts_before_it_is_acknowledged(void **state)
{
	struct fixture *f = *state;

	add(f, 3);
	client_turn(f); /* HELLO */
	aggregator_turn(f);
	client_turn(f); /* BATCH */
	aggregator_takes(f);
	client_turn(f);
	assert_int_equal(delivery_stored(f->d), 0);
	assert_int_equal(delivery_state(f->d), DELIVERY_UNDER_WAY);
	f->now_us += 1000;
	aggregator_turn(f);
	client_turn(f);
	check_stored(f, 3);
}

static void
an_aggregator_killed_in_the_middle_gets_the_rest(void **state)
{
	struct fixture *f = *state;

	add(f, 2500);
	client_turn(f);
	aggregator_turn(f);
	client_turn(f);
	aggregator_turn(f); /* 2500 of them are stored, the ack is on its way */
	assert_int_equal(f->committed, 2500);
	f->committed = f->cursor = 700;
	kill_aggregator(f);
	f->now_us += 4 * second_us;
	client_turn(f);
	assert_int_equal(f->reconnects, 1);
	start_aggregator(f);
	run(f);
	check_stored(f, 2500);
}

/* While everything else gets through, so that nobody seems to be silent. */
static void
a_batch_that_is_lost_is_sent_again(void **state)
{
	struct fixture *f = *state;
	int64_t began_us = f->now_us;

	add(f, 10);
	client_turn(f); /* HELLO */
	aggregator_turn(f);
	f->deaf = true;
	client_turn(f); /* BATCH */
	f->deaf = false;
	run(f);
	check_stored(f, 10);
	assert_int_equal(f->reconnects, 0);
	assert_in_range(f->now_us - began_us, 1, 3 * second_us);
}

static void
a_deaf_aggregator_is_given_up_after_10_s(void **state)
{
	struct fixture *f = *state;
	int64_t began_us = f->now_us;

	add(f, 10);
	f->deaf = true;
	run(f);
	assert_int_equal(delivery_state(f->d), DELIVERY_GIVEN_UP);
	assert_in_range(f->now_us - began_us, 10 * second_us, 11 * second_us);
	assert_true(f->reconnects >= 2);
	assert_string_equal(delivery_why(f->d), "it does not answer");
	assert_int_equal(delivery_stored(f->d), 0);
}

static void
a_full_disk_is_waited_for_and_then_given_up(void **state)
{
	struct fixture *f = *state;

	add(f, 10);
	f->full = true;
	client_turn(f);
	aggregator_turn(f);
	client_turn(f);
	aggregator_takes(f);
	intake_rolled_back(f->in);
	run(f);
	assert_int_equal(delivery_state(f->d), DELIVERY_GIVEN_UP);
	assert_non_null(strstr(delivery_why(f->d), "stores nothing now"));
	/* it answered all the time */
	assert_int_equal(f->reconnects, 0);
}

static void
room_again_goes_on(void **state)
{
	struct fixture *f = *state;

	add(f, 10);
	f->full = true;
	client_turn(f);
	aggregator_turn(f);
	client_turn(f);
	aggregator_takes(f);
	intake_rolled_back(f->in);
	client_turn(f);
	f->now_us += 3 * second_us;
	f->full = false;
	intake_recovered(f->in);
	run(f);
	check_stored(f, 10);
}

static void
another_race_gets_nothing(void **state)
{
	struct fixture *f = *state;

	kill_aggregator(f);
	f->store = 78;
	start_aggregator(f);
	add(f, 1);
	run(f);
	assert_int_equal(delivery_state(f->d), DELIVERY_REFUSED);
	assert_non_null(strstr(delivery_why(f->d), "another race"));
	assert_int_equal(f->cursor, 0);
}

static void
what_the_aggregator_refuses_is_told_in_its_words(void **state)
{
	struct fixture *f = *state;

	add(f, 1);
	client_turn(f);
	delivery_receive(f->d,
	    &(struct message){ .type = MESSAGE_REFUSE,
	        .refuse = { .why = MESSAGE_WHY_MALFORMED,
	            .text = "ask for status" } },
	    f->now_us);
	client_turn(f);
	assert_int_equal(delivery_state(f->d), DELIVERY_REFUSED);
	assert_string_equal(delivery_why(f->d), "ask for status");
}

static bool
chance(struct fixture *f, unsigned of_100)
{
	return test_below(&f->random, 100) < of_100;
}

static void
spoil(struct fixture *f, struct way *w, unsigned loss)
{
	for (size_t i = w->count; i-- > 0;) {
		if (!chance(f, loss))
			continue;
		free(w->packets[i].bytes);
		memmove(w->packets + i, w->packets + i + 1,
		    (--w->count - i) * sizeof *w->packets);
	}
}

static void
storm(struct fixture *f, unsigned loss, unsigned kill)
{
	for (int i = 0; i < 100000; i++) {
		client_turn(f);
		if (delivery_state(f->d) != DELIVERY_UNDER_WAY)
			return;
		spoil(f, &f->up, loss);
		if (f->in == NULL && chance(f, 20))
			start_aggregator(f);
		if (f->in != NULL && chance(f, kill))
			kill_aggregator(f);
		else if (chance(f, 30))
			aggregator_takes(f);
		else
			aggregator_turn(f);
		spoil(f, &f->down, loss);
		f->now_us += (int64_t)test_below(&f->random, 100000);
	}
	fail_msg("a storm without end");
}

static void
what_is_said_to_be_stored_is_stored_once_whatever_happens(void **state)
{
	uint64_t random = test_seed();
	unsigned done = 0;

	teardown(state);
	for (int i = 0; i < 400; i++) {
		struct fixture *f;
		size_t count;

		setup(state);
		f = *state;
		f->random = test_random(&random);
		count = 1 + test_below(&f->random, EVENTS_MAX);
		add(f, count);
		storm(f, (unsigned)test_below(&f->random, 30),
		    (unsigned)test_below(&f->random, 5));
		/* Never more is promised than is there. */
		assert_true(delivery_stored(f->d) <= f->committed);
		assert_int_not_equal(delivery_state(f->d), DELIVERY_REFUSED);
		if (delivery_state(f->d) == DELIVERY_DONE) {
			check_stored(f, count);
			done++;
		}
		teardown(state);
	}
	/* The weather was not so bad that nothing arrived. */
	assert_true(done > 300);
	setup(state);
}

#define DELIVERY_TEST(name)                                                    \
	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		DELIVERY_TEST(
		    everything_is_stored_in_order_and_the_end_is_said),
		DELIVERY_TEST(nothing_to_say_is_done_at_once),
		DELIVERY_TEST(nothing_counts_before_it_is_acknowledged),
		DELIVERY_TEST(an_aggregator_killed_in_the_middle_gets_the_rest),
		DELIVERY_TEST(a_batch_that_is_lost_is_sent_again),
		DELIVERY_TEST(a_deaf_aggregator_is_given_up_after_10_s),
		DELIVERY_TEST(a_full_disk_is_waited_for_and_then_given_up),
		DELIVERY_TEST(room_again_goes_on),
		DELIVERY_TEST(another_race_gets_nothing),
		DELIVERY_TEST(what_the_aggregator_refuses_is_told_in_its_words),
		DELIVERY_TEST(
		    what_is_said_to_be_stored_is_stored_once_whatever_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
