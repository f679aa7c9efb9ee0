#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "aggregator/intake.h"
#include "common/hash.h"

enum { STORE = 77, RUN = 88, SENT_MAX = 256, ROWS_MAX = 4096, STREAMS = 8 };

static const int64_t second_us = 1000000;

/* An event is its seq and the letter of its outbox, as text. */
struct body {
	char text[16];
	struct message_bytes bytes;
};

static struct message_bytes
make_body(struct body *b, char letter, uint64_t seq)
{
	int len = snprintf(b->text, sizeof b->text, "%c%llu", letter,
	    (unsigned long long)seq);

	b->bytes.data = (const uint8_t *)b->text;
	b->bytes.len = (size_t)len;
	return b->bytes;
}

/* The chain at seq of the outbox of that letter. */
static uint64_t
chain_at(char letter, uint64_t seq)
{
	uint64_t chain = 0;
	struct body b;

	for (uint64_t i = 1; i <= seq; i++) {
		make_body(&b, letter, i);
		chain = hash_chain(chain, b.bytes.data, b.bytes.len);
	}
	return chain;
}

/* A store: what was appended to each stream, and how much is committed. */
struct table {
	uint64_t epoch;
	bool operators;
	uint64_t chains[ROWS_MAX + 1];
	char texts[ROWS_MAX + 1][16];
	uint64_t cursor;
	uint64_t committed;
};

struct sent {
	intake_conn conn;
	struct message m;
};

struct fixture {
	struct intake *in;
	struct table tables[STREAMS];
	size_t table_count;
	uint64_t room; /* rows that fit before the disk is full */
	struct sent sent[SENT_MAX];
	size_t sent_count;
	char conflict_name[16];
	bool conflict_missing;
	uint64_t conflict_seq;
	size_t conflicts;
	char ended[32]; /* "NAME" or "NAME, silent" */
	int64_t now_us;
};

static void
on_send(void *arg, intake_conn conn, const struct message *m)
{
	struct fixture *f = arg;

	assert_true(f->sent_count < SENT_MAX);
	f->sent[f->sent_count++] = (struct sent){ conn, *m };
}

static int
on_take(void *arg, uint32_t stream, uint64_t seq,
    const struct message_bytes *body, uint64_t chain)
{
	struct fixture *f = arg;
	struct table *t = &f->tables[stream - 1];

	if (f->room == 0)
		return -ENOSPC;
	f->room--;
	assert_true(stream >= 1 && stream <= f->table_count);
	assert_int_equal(seq, t->cursor + 1);
	assert_true(seq <= ROWS_MAX);
	assert_true(
	    chain == hash_chain(t->chains[seq - 1], body->data, body->len));
	memcpy(t->texts[seq], body->data, body->len);
	t->texts[seq][body->len] = '\0';
	t->chains[seq] = chain;
	t->cursor = seq;
	return 0;
}

static int
on_open(void *arg, const struct message_hello *h, bool operators,
    uint32_t *stream, uint64_t *cursor, uint64_t *chain)
{
	struct fixture *f = arg;
	size_t i = 0;

	if (f->room == 0)
		return -ENOSPC;
	while (i < f->table_count && f->tables[i].epoch != h->stream)
		i++;
	assert_true(i < STREAMS);
	if (i == f->table_count)
		f->tables[f->table_count++] =
		    (struct table){ .epoch = h->stream,
			    .operators = operators };
	*stream = (uint32_t)i + 1;
	*cursor = f->tables[i].cursor;
	*chain = f->tables[i].chains[*cursor];
	return 0;
}

static int
on_chain(void *arg, uint32_t stream, uint64_t seq, uint64_t *chain)
{
	struct fixture *f = arg;

	if (seq > f->tables[stream - 1].cursor)
		return -ENOENT;
	*chain = f->tables[stream - 1].chains[seq];
	return 0;
}

static void
on_conflict(void *arg, const char *name, const char *point, uint64_t seq,
    bool missing)
{
	struct fixture *f = arg;

	assert_string_equal(point, "finish");
	snprintf(f->conflict_name, sizeof f->conflict_name, "%s", name);
	f->conflict_missing = missing;
	f->conflict_seq = seq;
	f->conflicts++;
}

static void
on_ended(void *arg, uint32_t stream, const char *name, bool orderly)
{
	struct fixture *f = arg;

	assert_true(f->tables[stream - 1].operators);
	assert_string_equal(f->ended, "");
	snprintf(f->ended, sizeof f->ended, "%s%s", name,
	    orderly ? "" : ", silent");
}

static const struct intake_ops ops = { .send = on_send,
	.take = on_take,
	.open = on_open,
	.chain = on_chain,
	.conflict = on_conflict,
	.ended = on_ended };

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->room = UINT64_MAX;
	f->now_us = 1000 * second_us;
	f->in = intake_new(STORE, RUN, "Race", "software 1", &ops, f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	intake_free(f->in);
	free(f);
	return 0;
}

static void
receive(struct fixture *f, intake_conn conn, const struct message *m)
{
	intake_receive(f->in, conn, m, f->now_us, f->now_us + 5);
}

static void
say_hello(struct fixture *f, intake_conn conn, uint64_t stream,
    uint64_t first_kept, uint64_t last)
{
	receive(f, conn,
	    &(struct message){ .type = MESSAGE_HELLO,
	        .hello = { .stream = stream,
	            .name = "box",
	            .point = "finish",
	            .first_kept = first_kept,
	            .last = last,
	            .software = "c 1",
	            .protocol = MESSAGE_PROTOCOL } });
}

static void
send_batch(struct fixture *f, intake_conn conn, uint64_t stream, char letter,
    uint64_t first, size_t count)
{
	struct body bodies[RACE_BATCH_EVENTS];
	struct message_bytes events[RACE_BATCH_EVENTS];

	for (size_t i = 0; i < count; i++)
		events[i] = make_body(&bodies[i], letter, first + i);
	receive(f, conn,
	    &(struct message){ .type = MESSAGE_BATCH,
	        .batch = { .stream = stream,
	            .first = first,
	            .chain = chain_at(letter, first - 1),
	            .events = events,
	            .count = count } });
}

static void
commit(struct fixture *f)
{
	for (size_t i = 0; i < f->table_count; i++)
		f->tables[i].committed = f->tables[i].cursor;
	intake_committed(f->in);
}

static void
roll_back(struct fixture *f)
{
	for (size_t i = 0; i < f->table_count; i++)
		f->tables[i].cursor = f->tables[i].committed;
	intake_rolled_back(f->in);
}

/* The only answer since the last call. */
static const struct message *
answer(struct fixture *f, intake_conn conn, enum message_type type)
{
	if (f->sent_count != 1)
		fail_msg("%zu answers instead of one", f->sent_count);
	assert_int_equal(f->sent[0].conn, conn);
	assert_int_equal(f->sent[0].m.type, type);
	f->sent_count = 0;
	return &f->sent[0].m;
}

static void
no_answer(struct fixture *f)
{
	assert_int_equal(f->sent_count, 0);
}

static void
greet(struct fixture *f, intake_conn conn, uint64_t stream)
{
	say_hello(f, conn, stream, 0, 0);
	answer(f, conn, MESSAGE_WELCOME);
}

static void
a_new_stream_is_welcomed_at_zero_with_credit(void **state)
{
	struct fixture *f = *state;
	const struct message_welcome *w;

	say_hello(f, 1, 5, 0, 0);
	w = &answer(f, 1, MESSAGE_WELCOME)->welcome;
	assert_int_equal(w->store, STORE);
	assert_int_equal(w->run, RUN);
	assert_int_equal(w->committed, 0);
	assert_int_equal(w->chain, 0);
	assert_true(w->credit >= RACE_BATCH_EVENTS);
	assert_string_equal(w->race, "Race");
	assert_int_equal(w->protocol, MESSAGE_PROTOCOL);
}

static void
nothing_is_acknowledged_before_the_commit(void **state)
{
	struct fixture *f = *state;
	const struct message_ack *a;

	greet(f, 1, 5);
	send_batch(f, 1, 5, 'a', 1, 10);
	send_batch(f, 1, 5, 'a', 11, 5);
	no_answer(f);
	commit(f);
	a = &answer(f, 1, MESSAGE_ACK)->ack;
	assert_int_equal(a->committed, 15);
	assert_true(a->chain == chain_at('a', 15));
	assert_true(a->credit > 15);
	assert_string_equal(f->tables[0].texts[15], "a15");
	commit(f);
	no_answer(f);
}

static void
each_stream_of_a_commit_gets_one_ack(void **state)
{
	struct fixture *f = *state;

	greet(f, 1, 5);
	greet(f, 2, 6);
	greet(f, 3, 7);
	send_batch(f, 1, 5, 'a', 1, 1);
	send_batch(f, 2, 6, 'b', 1, 2);
	send_batch(f, 1, 5, 'a', 2, 1);
	commit(f);
	assert_int_equal(f->sent_count, 2);
	assert_int_equal(f->sent[0].m.ack.stream, 5);
	assert_int_equal(f->sent[0].m.ack.committed, 2);
	assert_int_equal(f->sent[1].conn, 2);
	assert_int_equal(f->sent[1].m.ack.committed, 2);
}

static void
a_crossing_sent_twice_is_stored_once_and_acknowledged_again(void **state)
{
	struct fixture *f = *state;
	const struct message_ack *a;

	greet(f, 1, 5);
	send_batch(f, 1, 5, 'a', 1, 10);
	commit(f);
	answer(f, 1, MESSAGE_ACK);
	send_batch(f, 1, 5, 'a', 3, 4);
	a = &answer(f, 1, MESSAGE_ACK)->ack;
	assert_int_equal(a->committed, 10);
	assert_int_equal(a->repeats, 4);
	assert_int_equal(f->tables[0].cursor, 10);
}

static void
repeats_of_what_is_not_committed_wait_for_the_commit(void **state)
{
	struct fixture *f = *state;

	greet(f, 1, 5);
	send_batch(f, 1, 5, 'a', 1, 10);
	send_batch(f, 1, 5, 'a', 1, 10);
	no_answer(f);
	commit(f);
	assert_int_equal(answer(f, 1, MESSAGE_ACK)->ack.committed, 10);
}

static void
of_a_batch_that_is_known_in_part_the_rest_is_taken(void **state)
{
	struct fixture *f = *state;
	const struct message_ack *a;

	greet(f, 1, 5);
	send_batch(f, 1, 5, 'a', 1, 10);
	send_batch(f, 1, 5, 'a', 8, 6);
	commit(f);
	a = &answer(f, 1, MESSAGE_ACK)->ack;
	assert_int_equal(a->committed, 13);
	assert_int_equal(a->repeats, 3);
	assert_true(a->chain == chain_at('a', 13));
}

static void
a_hole_is_asked_for_once_until_the_cursor_moves(void **state)
{
	struct fixture *f = *state;
	struct intake_facts facts;

	greet(f, 1, 5);
	send_batch(f, 1, 5, 'a', 1, 2);
	commit(f);
	answer(f, 1, MESSAGE_ACK);
	send_batch(f, 1, 5, 'a', 5, 2);
	assert_int_equal(answer(f, 1, MESSAGE_GAP)->gap.expected, 3);
	send_batch(f, 1, 5, 'a', 7, 2);
	no_answer(f);
	send_batch(f, 1, 5, 'a', 3, 1);
	commit(f);
	answer(f, 1, MESSAGE_ACK);
	send_batch(f, 1, 5, 'a', 9, 1);
	assert_int_equal(answer(f, 1, MESSAGE_GAP)->gap.expected, 4);
	assert_int_equal(f->tables[0].cursor, 3);
	intake_facts(f->in, &facts);
	assert_int_equal(facts.holes, 2);
}

static void
a_hole_is_asked_for_again_after_a_hello(void **state)
{
	struct fixture *f = *state;

	greet(f, 1, 5);
	send_batch(f, 1, 5, 'a', 5, 2);
	answer(f, 1, MESSAGE_GAP);
	greet(f, 1, 5);
	send_batch(f, 1, 5, 'a', 5, 2);
	assert_int_equal(answer(f, 1, MESSAGE_GAP)->gap.expected, 1);
}

static void
a_batch_beyond_every_number_is_a_hole_too(void **state)
{
	struct fixture *f = *state;
	struct body b;
	struct message_bytes e = make_body(&b, 'a', 1);

	greet(f, 1, 5);
	receive(f, 1,
	    &(struct message){ .type = MESSAGE_BATCH,
	        .batch = { .stream = 5,
	            .first = UINT64_MAX,
	            .events = &e,
	            .count = 1 } });
	assert_int_equal(answer(f, 1, MESSAGE_GAP)->gap.expected, 1);
}

static void
other_content_under_a_known_number_is_a_conflict_with_its_number(void **state)
{
	struct fixture *f = *state;
	struct body bodies[6];
	struct message_bytes events[6];
	const struct message_refuse *r;
	struct intake_facts facts;

	greet(f, 1, 5);
	send_batch(f, 1, 5, 'a', 1, 10);
	commit(f);
	answer(f, 1, MESSAGE_ACK);
	for (size_t i = 0; i < 6; i++)
		events[i] = make_body(&bodies[i], i < 3 ? 'a' : 'z', 4 + i);
	receive(f, 1,
	    &(struct message){ .type = MESSAGE_BATCH,
	        .batch = { .stream = 5,
	            .first = 4,
	            .chain = chain_at('a', 3),
	            .events = events,
	            .count = 6 } });
	r = &answer(f, 1, MESSAGE_REFUSE)->refuse;
	assert_int_equal(r->why, MESSAGE_WHY_CONFLICT);
	assert_int_equal(r->stream, 5);
	assert_int_equal(r->seq, 7);
	assert_int_equal(f->conflicts, 1);
	assert_string_equal(f->conflict_name, "box");
	assert_false(f->conflict_missing);
	assert_int_equal(f->conflict_seq, 7);
	intake_facts(f->in, &facts);
	assert_int_equal(facts.conflicts, 1);
	assert_int_equal(facts.repeats, 0);
	assert_int_equal(f->tables[0].cursor, 10);
}

static void
new_events_behind_another_past_are_a_conflict(void **state)
{
	struct fixture *f = *state;

	greet(f, 1, 5);
	send_batch(f, 1, 5, 'a', 1, 10);
	commit(f);
	answer(f, 1, MESSAGE_ACK);
	/* a copy that went on by itself */
	send_batch(f, 1, 5, 'z', 11, 3);
	assert_int_equal(answer(f, 1, MESSAGE_REFUSE)->refuse.why,
	    MESSAGE_WHY_CONFLICT);
	assert_int_equal(f->tables[0].cursor, 10);
	/* and one that goes on from further back */
	greet(f, 2, 5);
	send_batch(f, 2, 5, 'z', 9, 8);
	assert_int_equal(answer(f, 2, MESSAGE_REFUSE)->refuse.why,
	    MESSAGE_WHY_CONFLICT);
	assert_int_equal(f->tables[0].cursor, 10);
	/* told once */
	assert_int_equal(f->conflicts, 1);
	greet(f, 3, 5);
	send_batch(f, 3, 5, 'a', 11, 1);
	commit(f);
	assert_int_equal(answer(f, 3, MESSAGE_ACK)->ack.committed, 11);
}

static void
a_conflict_with_what_is_not_committed_yet_is_seen(void **state)
{
	struct fixture *f = *state;

	greet(f, 1, 5);
	send_batch(f, 1, 5, 'a', 1, 10);
	send_batch(f, 1, 5, 'z', 1, 12);
	assert_int_equal(answer(f, 1, MESSAGE_REFUSE)->refuse.seq, 1);
	assert_int_equal(f->tables[0].cursor, 10);
}

static void
a_batch_without_hello_is_asked_to_say_it(void **state)
{
	struct fixture *f = *state;

	send_batch(f, 1, 5, 'a', 1, 1);
	assert_int_equal(answer(f, 1, MESSAGE_REFUSE)->refuse.why,
	    MESSAGE_WHY_NOT_HELD);
	greet(f, 1, 5);
	send_batch(f, 2, 5, 'a', 1, 1);
	assert_int_equal(answer(f, 2, MESSAGE_REFUSE)->refuse.why,
	    MESSAGE_WHY_NOT_HELD);
	assert_int_equal(f->tables[0].cursor, 0);
}

static void
a_ping_without_hello_is_asked_to_say_it(void **state)
{
	struct fixture *f = *state;

	receive(f, 1,
	    &(struct message){ .type = MESSAGE_PING, .ping = { .stream = 5 } });
	assert_int_equal(answer(f, 1, MESSAGE_REFUSE)->refuse.why,
	    MESSAGE_WHY_NOT_HELD);
}

static void
a_newer_connection_of_a_stream_takes_over(void **state)
{
	struct fixture *f = *state;

	greet(f, 1, 5);
	say_hello(f, 2, 5, 0, 0);
	assert_int_equal(f->sent_count, 2);
	assert_int_equal(f->sent[0].conn, 1);
	assert_int_equal(f->sent[0].m.type, MESSAGE_BYE);
	assert_int_equal(f->sent[0].m.bye.stream, 5);
	assert_int_equal(f->sent[1].conn, 2);
	assert_int_equal(f->sent[1].m.type, MESSAGE_WELCOME);
	f->sent_count = 0;
	/* another stream of the same name and point is nobody's business */
	say_hello(f, 3, 6, 0, 0);
	answer(f, 3, MESSAGE_WELCOME);
}

static void
a_welcome_waits_for_the_commit_of_its_streams_rows(void **state)
{
	struct fixture *f = *state;
	const struct message_welcome *w;

	greet(f, 1, 5);
	send_batch(f, 1, 5, 'a', 1, 3);
	say_hello(f, 1, 5, 1, 3);
	no_answer(f);
	commit(f);
	w = &answer(f, 1, MESSAGE_WELCOME)->welcome;
	assert_int_equal(w->committed, 3);
	assert_true(w->chain == chain_at('a', 3));
}

static void
an_outbox_that_forgot_what_is_missing_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct message_refuse *r;

	greet(f, 1, 5);
	send_batch(f, 1, 5, 'a', 1, 3);
	commit(f);
	answer(f, 1, MESSAGE_ACK);
	say_hello(f, 1, 5, 4, 9);
	answer(f, 1, MESSAGE_WELCOME);
	say_hello(f, 1, 5, 5, 9);
	r = &answer(f, 1, MESSAGE_REFUSE)->refuse;
	assert_int_equal(r->why, MESSAGE_WHY_FORGOTTEN);
	assert_int_equal(r->seq, 4);
	assert_int_equal(f->conflicts, 1);
	assert_int_equal(f->conflict_seq, 4);
	assert_true(f->conflict_missing);
}

static void
another_protocol_is_refused(void **state)
{
	struct fixture *f = *state;

	receive(f, 1,
	    &(struct message){ .type = MESSAGE_HELLO,
	        .hello = { .stream = 5,
	            .name = "",
	            .point = "",
	            .software = "",
	            .protocol = 0 } });
	assert_int_equal(answer(f, 1, MESSAGE_REFUSE)->refuse.why,
	    MESSAGE_WHY_VERSION);
	intake_malformed(f->in, 2, "words", true);
	assert_int_equal(answer(f, 2, MESSAGE_REFUSE)->refuse.why,
	    MESSAGE_WHY_VERSION);
}

static void
the_aggregators_own_stream_belongs_to_nobody_else(void **state)
{
	struct fixture *f = *state;

	say_hello(f, 1, STORE, 0, 0);
	assert_int_equal(answer(f, 1, MESSAGE_REFUSE)->refuse.why,
	    MESSAGE_WHY_CONFLICT);
	assert_int_equal(f->table_count, 0);
}

static void
what_cannot_be_read_is_refused_and_counted(void **state)
{
	struct fixture *f = *state;
	struct intake_facts facts;

	intake_malformed(f->in, 4, "its CRC is wrong", false);
	assert_int_equal(answer(f, 4, MESSAGE_REFUSE)->refuse.why,
	    MESSAGE_WHY_MALFORMED);
	receive(f, 4, &(struct message){ .type = MESSAGE_STATUS_REQUEST });
	answer(f, 4, MESSAGE_REFUSE);
	intake_facts(f->in, &facts);
	assert_int_equal(facts.malformed, 2);
}

static void
a_refusal_is_never_answered(void **state)
{
	struct fixture *f = *state;

	receive(f, 1,
	    &(struct message){ .type = MESSAGE_REFUSE,
	        .refuse = { .text = "" } });
	no_answer(f);
}

static void
a_ping_is_answered_with_both_times_and_the_durable_cursor(void **state)
{
	struct fixture *f = *state;
	const struct message_pong *p;

	greet(f, 1, 5);
	send_batch(f, 1, 5, 'a', 1, 2);
	commit(f);
	answer(f, 1, MESSAGE_ACK);
	send_batch(f, 1, 5, 'a', 3, 2);
	receive(f, 1,
	    &(struct message){ .type = MESSAGE_PING,
	        .ping = { .stream = 5, .t1_us = 42 } });
	p = &answer(f, 1, MESSAGE_PONG)->pong;
	assert_int_equal(p->stream, 5);
	assert_int_equal(p->t1_us, 42);
	assert_int_equal(p->t2_us, f->now_us + 5);
	assert_int_equal(p->t3_us, f->now_us + 5);
	assert_int_equal(p->committed, 2);
}

static void
a_full_disk_takes_credit_away_and_acknowledges_nothing_new(void **state)
{
	struct fixture *f = *state;
	const struct message_ack *a;

	greet(f, 1, 5);
	send_batch(f, 1, 5, 'a', 1, 4);
	commit(f);
	answer(f, 1, MESSAGE_ACK);
	f->room = 2;
	send_batch(f, 1, 5, 'a', 5, 4);
	no_answer(f);
	roll_back(f);
	a = &answer(f, 1, MESSAGE_ACK)->ack;
	assert_int_equal(a->committed, 4);
	assert_true(a->chain == chain_at('a', 4));
	assert_int_equal(a->credit, 0);
	/* while it is full nothing is taken */
	f->room = UINT64_MAX;
	send_batch(f, 1, 5, 'a', 5, 4);
	no_answer(f);
	assert_int_equal(f->tables[0].cursor, 4);
}

static void
room_again_gives_credit_and_asks_for_what_was_left_alone(void **state)
{
	struct fixture *f = *state;

	greet(f, 1, 5);
	greet(f, 2, 6);
	f->room = 0;
	send_batch(f, 1, 5, 'a', 1, 4);
	f->sent_count = 0;
	roll_back(f);
	assert_int_equal(f->sent_count, 2);
	f->sent_count = 0;
	f->room = UINT64_MAX;
	intake_recovered(f->in);
	assert_int_equal(f->sent_count, 3);
	assert_int_equal(f->sent[0].m.type, MESSAGE_ACK);
	assert_true(f->sent[0].m.ack.credit > 0);
	assert_int_equal(f->sent[1].m.type, MESSAGE_GAP);
	assert_int_equal(f->sent[1].m.gap.expected, 1);
	assert_int_equal(f->sent[2].conn, 2);
	assert_int_equal(f->sent[2].m.type, MESSAGE_ACK);
	f->sent_count = 0;
	send_batch(f, 1, 5, 'a', 1, 4);
	commit(f);
	assert_int_equal(answer(f, 1, MESSAGE_ACK)->ack.committed, 4);
}

static void
a_new_stream_without_room_waits_and_comes_again(void **state)
{
	struct fixture *f = *state;

	f->room = 0;
	roll_back(f);
	say_hello(f, 1, 5, 0, 0);
	assert_int_equal(answer(f, 1, MESSAGE_WELCOME)->welcome.credit, 0);
	send_batch(f, 1, 5, 'a', 1, 1);
	no_answer(f);
	f->room = UINT64_MAX;
	intake_recovered(f->in);
	assert_int_equal(f->sent_count, 2);
	assert_int_equal(f->sent[0].m.type, MESSAGE_ACK);
	assert_int_equal(f->sent[1].m.gap.expected, 1);
	f->sent_count = 0;
	send_batch(f, 1, 5, 'a', 1, 1);
	commit(f);
	assert_int_equal(answer(f, 1, MESSAGE_ACK)->ack.committed, 1);
}

static void
a_stream_leaves_no_trace_before_its_first_events(void **state)
{
	struct fixture *f = *state;

	greet(f, 1, 5);
	greet(f, 1, 5);
	assert_int_equal(f->table_count, 0);
	send_batch(f, 1, 5, 'a', 4, 1);
	answer(f, 1, MESSAGE_GAP);
	send_batch(f, 1, 5, 'a', 1, 1);
	assert_int_equal(f->table_count, 1);
	commit(f);
	answer(f, 1, MESSAGE_ACK);
}

static void
a_peer_that_makes_up_streams_leaves_room_for_others(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < 20000; i++) {
		say_hello(f, 1, 100 + i, 0, 0);
		assert_int_equal(f->sent_count, 1);
		if (f->sent[0].m.type == MESSAGE_REFUSE)
			assert_int_equal(f->sent[0].m.refuse.why,
			    MESSAGE_WHY_NOT_HELD);
		f->sent_count = 0;
	}
	greet(f, 2, 5);
	/* one that was there before is still served */
	greet(f, 1, 100);
}

static void
what_waits_in_an_outbox_is_never_what_is_stored(void **state)
{
	struct fixture *f = *state;
	struct message_station *st;

	say_hello(f, 1, 5, 1, 10);
	answer(f, 1, MESSAGE_WELCOME);
	intake_stations(f->in, &st);
	assert_int_equal(st->waiting, 10);
	send_batch(f, 1, 5, 'a', 1, 8);
	commit(f);
	answer(f, 1, MESSAGE_ACK);
	intake_stations(f->in, &st);
	assert_int_equal(st->waiting, 2);
	/* it ends without another word */
	send_batch(f, 1, 5, 'a', 9, 4);
	commit(f);
	answer(f, 1, MESSAGE_ACK);
	receive(f, 1,
	    &(struct message){ .type = MESSAGE_BYE, .bye = { .stream = 5 } });
	intake_stations(f->in, &st);
	assert_int_equal(st->waiting, 0);
	assert_int_equal(st->stored, 12);
}

static void
a_conflict_that_the_collector_finds_is_told_here(void **state)
{
	struct fixture *f = *state;
	struct message m = { .type = MESSAGE_REFUSE,
		.refuse = { .why = MESSAGE_WHY_CONFLICT,
		    .text = "",
		    .stream = 5,
		    .seq = 3 } };

	greet(f, 1, 5);
	send_batch(f, 1, 5, 'a', 1, 3);
	commit(f);
	answer(f, 1, MESSAGE_ACK);
	/* the other copy is connected now, and does not hear of it */
	say_hello(f, 2, 5, 1, 3);
	f->sent_count = 0;
	receive(f, 1, &m);
	receive(f, 1, &m);
	no_answer(f);
	assert_int_equal(f->conflicts, 1);
	assert_int_equal(f->conflict_seq, 3);
	assert_string_equal(f->conflict_name, "box");
}

static void
a_stream_that_the_store_knows_goes_on_where_it_was(void **state)
{
	struct fixture *f = *state;
	struct message_station *st;

	f->tables[0].epoch = 5;
	f->tables[0].cursor = f->tables[0].committed = 3;
	f->tables[0].chains[3] = chain_at('a', 3);
	f->table_count = 1;
	intake_known(f->in, 1, 5, false, "old box", "start", 3,
	    chain_at('a', 3), 99);
	assert_int_equal(intake_stations(f->in, &st), 1);
	assert_string_equal(st->name, "old box");
	assert_false(st->connected);
	assert_int_equal(st->stored, 3);
	assert_int_equal(st->waiting, 0);
	assert_int_equal(st->last_time_us, 99);
	assert_int_equal(st->heard_us, 0);
	say_hello(f, 1, 5, 1, 3);
	assert_int_equal(answer(f, 1, MESSAGE_WELCOME)->welcome.committed, 3);
	send_batch(f, 1, 5, 'a', 4, 1);
	commit(f);
	assert_int_equal(answer(f, 1, MESSAGE_ACK)->ack.committed, 4);
}

static int64_t
last_time(struct fixture *f)
{
	struct message_station *st;

	assert_int_equal(intake_stations(f->in, &st), 1);
	return st->last_time_us;
}

/* It may be gone before its next PING. */
static void
the_last_read_is_that_which_was_stored_or_told_last(void **state)
{
	struct fixture *f = *state;
	struct message ping = { .type = MESSAGE_PING,
		.ping = { .stream = 5, .last_time_us = RACE_NO_TIME } };

	greet(f, 1, 5);
	assert_true(last_time(f) == RACE_NO_TIME);
	intake_crossing(f->in, 5, 100);
	intake_crossing(f->in, 6, 200);
	assert_int_equal(last_time(f), 100);
	/* Started anew, and has read nothing yet. */
	receive(f, 1, &ping);
	assert_int_equal(last_time(f), 100);
	ping.ping.last_time_us = 150;
	receive(f, 1, &ping);
	assert_int_equal(last_time(f), 150);
	intake_crossing(f->in, 5, 120);
	assert_int_equal(last_time(f), 120);
}

static void
a_station_that_is_silent_for_5_s_is_gone_until_it_speaks(void **state)
{
	struct fixture *f = *state;
	struct message_station *st;

	greet(f, 1, 5);
	receive(f, 1,
	    &(struct message){ .type = MESSAGE_PING,
	        .ping = { .stream = 5,
	            .last = 9,
	            .waiting = 9,
	            .last_time_us = 123,
	            .disk_free = 4,
	            .refused = 2 } });
	intake_tick(f->in, f->now_us + 4 * second_us);
	assert_int_equal(intake_stations(f->in, &st), 1);
	assert_true(st->connected);
	assert_int_equal(st->waiting, 9);
	assert_int_equal(st->last_time_us, 123);
	assert_int_equal(st->disk_free, 4);
	assert_int_equal(st->refused, 2);
	assert_string_equal(st->software, "c 1");
	assert_string_equal(st->point, "finish");
	f->now_us += 5 * second_us;
	intake_tick(f->in, f->now_us);
	intake_stations(f->in, &st);
	assert_false(st->connected);
	f->sent_count = 0;
	send_batch(f, 1, 5, 'a', 1, 1);
	intake_stations(f->in, &st);
	assert_true(st->connected);
	assert_int_equal(f->tables[0].cursor, 1);
}

/* Its process was stopped, or its disk took its time. */
static void
an_aggregator_that_hung_takes_nobody_for_gone(void **state)
{
	struct fixture *f = *state;
	struct message_station *st;

	greet(f, 1, 5);
	intake_tick(f->in, f->now_us + second_us);
	intake_tick(f->in, f->now_us + 60 * second_us);
	intake_stations(f->in, &st);
	assert_true(st->connected);
	/* It has the time that everybody has, from now on. */
	for (int i = 61; i < 65; i++)
		intake_tick(f->in, f->now_us + i * second_us);
	intake_stations(f->in, &st);
	assert_true(st->connected);
	intake_tick(f->in, f->now_us + 65 * second_us);
	intake_stations(f->in, &st);
	assert_false(st->connected);
}

static void
a_station_that_took_leave_has_left_until_it_comes_again(void **state)
{
	struct fixture *f = *state;
	const struct message bye = { .type = MESSAGE_BYE,
		.bye = { .stream = 5 } };
	struct message_station *st;

	greet(f, 1, 5);
	intake_stations(f->in, &st);
	assert_false(st->left);
	receive(f, 1, &bye);
	intake_stations(f->in, &st);
	assert_false(st->connected);
	assert_true(st->left);
	greet(f, 2, 5);
	intake_stations(f->in, &st);
	assert_true(st->connected);
	assert_false(st->left);
	/* A silence is none, but what it says after it is. */
	f->now_us += 5 * second_us;
	intake_tick(f->in, f->now_us);
	intake_stations(f->in, &st);
	assert_false(st->connected);
	assert_false(st->left);
	receive(f, 2, &bye);
	intake_stations(f->in, &st);
	assert_true(st->left);
}

static void
an_orderly_end_says_bye_to_those_who_are_there(void **state)
{
	struct fixture *f = *state;

	greet(f, 1, 5);
	greet(f, 2, 6);
	receive(f, 2,
	    &(struct message){ .type = MESSAGE_BYE, .bye = { .stream = 6 } });
	intake_end(f->in);
	assert_int_equal(answer(f, 1, MESSAGE_BYE)->bye.stream, 5);
}

/* ---- a bad network, a full disk and kill -9, all at random ---- */

enum { PEERS = 3, EVENTS = 4000, WIRE = 64 };

struct packet {
	intake_conn conn;
	struct message m;
	size_t peer;
	size_t count;
};

struct peer {
	char letter;
	uint64_t stream;
	intake_conn conn;
	bool welcomed;
	uint64_t next;
	uint64_t acked;
	uint64_t credit;
	unsigned patience;
};

struct world {
	struct fixture *f;
	uint64_t random;
	bool bad;
	struct peer peers[PEERS];
	struct packet up[WIRE + 1];
	size_t up_count;
	struct packet down[WIRE + 1];
	size_t down_count;
	intake_conn conns;
	uint64_t chains[PEERS][EVENTS + 1];
};

static bool
chance(struct world *w, uint64_t one_in)
{
	return test_below(&w->random, one_in) == 0;
}

/* Lost, doubled, or put somewhere in the queue. */
static void
put(struct world *w, struct packet *queue, size_t *count, struct packet p)
{
	size_t times = 1;

	if (w->bad && chance(w, 10))
		times = test_below(&w->random, 2) * 2;
	for (; times > 0 && *count < WIRE; times--) {
		size_t at = *count;

		if (w->bad && chance(w, 8))
			at = (size_t)test_below(&w->random, *count + 1);
		memmove(&queue[at + 1], &queue[at],
		    (*count - at) * sizeof *queue);
		queue[at] = p;
		(*count)++;
	}
}

static void
peer_hello(struct world *w, size_t i)
{
	struct peer *p = &w->peers[i];

	p->welcomed = false;
	p->patience = 8;
	if (p->conn == 0 || chance(w, 3))
		p->conn = ++w->conns;
	put(w, w->up, &w->up_count,
	    (struct packet){ .conn = p->conn,
	        .peer = i,
	        .m = { .type = MESSAGE_HELLO,
	            .hello = { .stream = p->stream,
	                .name = "n",
	                .point = "p",
	                .first_kept = 1,
	                .last = EVENTS,
	                .software = "",
	                .protocol = MESSAGE_PROTOCOL } } });
}

static void
peer_send(struct world *w, size_t i)
{
	struct peer *p = &w->peers[i];
	uint64_t last = p->credit < EVENTS ? p->credit : EVENTS;
	uint64_t count;

	if (!p->welcomed || p->next > last)
		return;
	count = 1 + test_below(&w->random, 20);
	if (count > last - p->next + 1)
		count = last - p->next + 1;
	put(w, w->up, &w->up_count,
	    (struct packet){ .conn = p->conn,
	        .peer = i,
	        .count = (size_t)count,
	        .m = { .type = MESSAGE_BATCH,
	            .batch = { .stream = p->stream,
	                .first = p->next,
	                .chain = w->chains[i][p->next - 1] } } });
	p->next += count;
}

/* What was told as stored has to be stored, and be ours. */
static void
check_durable(struct world *w, size_t i, uint64_t committed, uint64_t chain)
{
	const struct fixture *f = w->f;
	uint64_t durable = 0;

	for (size_t t = 0; t < f->table_count; t++)
		if (f->tables[t].epoch == w->peers[i].stream)
			durable = f->tables[t].committed;
	assert_true(committed <= durable);
	assert_true(chain == w->chains[i][committed]);
}

static void
peer_receive(struct world *w, const struct packet *packet)
{
	const struct message *m = &packet->m;
	struct peer *p = NULL;
	size_t i;

	for (i = 0; i < PEERS && p == NULL; i++)
		if (w->peers[i].conn == packet->conn)
			p = &w->peers[i];
	if (p == NULL)
		return;
	i = (size_t)(p - w->peers);
	if (m->type == MESSAGE_WELCOME) {
		check_durable(w, i, m->welcome.committed, m->welcome.chain);
		p->acked = p->next = m->welcome.committed;
		p->next++;
		p->credit = m->welcome.credit;
		p->welcomed = true;
	} else if (m->type == MESSAGE_ACK) {
		check_durable(w, i, m->ack.committed, m->ack.chain);
		if (!p->welcomed || m->ack.committed < p->acked)
			return;
		p->acked = m->ack.committed;
		p->credit = m->ack.credit;
		if (p->next <= p->acked)
			p->next = p->acked + 1;
		p->patience = 8;
	} else if (m->type == MESSAGE_GAP && p->welcomed) {
		p->next = m->gap.expected;
	} else if (m->type == MESSAGE_REFUSE) {
		assert_int_equal(m->refuse.why, MESSAGE_WHY_NOT_HELD);
		p->welcomed = false;
	}
}

static void
deliver_up(struct world *w)
{
	struct packet packet = w->up[0];
	struct body bodies[32];
	struct message_bytes events[32];
	struct message *m = &packet.m;

	memmove(w->up, w->up + 1, --w->up_count * sizeof *w->up);
	if (m->type == MESSAGE_BATCH) {
		for (size_t i = 0; i < packet.count; i++)
			events[i] = make_body(&bodies[i],
			    w->peers[packet.peer].letter, m->batch.first + i);
		m->batch.events = events;
		m->batch.count = packet.count;
	}
	receive(w->f, packet.conn, m);
}

static void
collect_answers(struct world *w)
{
	for (size_t i = 0; i < w->f->sent_count; i++)
		put(w, w->down, &w->down_count,
		    (struct packet){ .conn = w->f->sent[i].conn,
		        .m = w->f->sent[i].m });
	w->f->sent_count = 0;
}

/* kill -9: what was not committed is gone, and all connections. */
static void
restart(struct world *w)
{
	struct fixture *f = w->f;

	intake_free(f->in);
	f->in = intake_new(STORE, RUN, "Race", "", &ops, f);
	f->sent_count = 0;
	for (size_t i = 0; i < f->table_count; i++) {
		struct table *t = &f->tables[i];

		t->cursor = t->committed;
		intake_known(f->in, (uint32_t)i + 1, t->epoch, false, "n", "p",
		    t->cursor, t->chains[t->cursor], RACE_NO_TIME);
	}
	for (size_t i = 0; i < PEERS; i++)
		w->peers[i].conn = ++w->conns;
}

static void
server_turn(struct world *w)
{
	struct fixture *f = w->f;

	if (w->bad && chance(w, 40))
		f->room = test_below(&w->random, 30);
	for (uint64_t n = test_below(&w->random, 6); n > 0 && w->up_count > 0;
	     n--)
		deliver_up(w);
	collect_answers(w);
	if (w->bad && chance(w, 50)) {
		restart(w);
	} else if (f->room == 0) {
		roll_back(f);
		collect_answers(w);
		if (!w->bad || chance(w, 3)) {
			f->room = UINT64_MAX;
			intake_recovered(f->in);
		}
	} else {
		commit(f);
	}
	collect_answers(w);
}

static void
step(struct world *w)
{
	for (size_t i = 0; i < PEERS; i++) {
		struct peer *p = &w->peers[i];

		if (p->acked < EVENTS && p->patience-- == 0)
			peer_hello(w, i);
		if (chance(w, 2))
			peer_send(w, i);
	}
	server_turn(w);
	for (uint64_t n = test_below(&w->random, 6); n > 0 && w->down_count > 0;
	     n--) {
		struct packet p = w->down[0];

		memmove(w->down, w->down + 1,
		    --w->down_count * sizeof *w->down);
		peer_receive(w, &p);
	}
}

static void
check_all(const struct world *w)
{
	const struct fixture *f = w->f;

	assert_int_equal(f->table_count, PEERS);
	for (size_t i = 0; i < PEERS; i++) {
		const struct table *t = &f->tables[i];
		char letter = (char)('a' + (t->epoch - 100));

		assert_int_equal(t->committed, EVENTS);
		for (uint64_t seq = 1; seq <= EVENTS; seq++) {
			struct body b;

			make_body(&b, letter, seq);
			assert_string_equal(t->texts[seq], b.text);
		}
	}
}

static bool
done(const struct world *w)
{
	for (size_t i = 0; i < PEERS; i++)
		if (w->peers[i].acked < EVENTS)
			return false;
	return true;
}

static void
nothing_is_lost_doubled_or_acknowledged_too_early_on_a_bad_network(void **state)
{
	struct fixture *f = *state;
	struct world *w = calloc(1, sizeof *w);
	unsigned steps = 0;

	w->f = f;
	w->random = test_seed();
	for (size_t i = 0; i < PEERS; i++) {
		w->peers[i].letter = (char)('a' + i);
		w->peers[i].stream = 100 + i;
		for (uint64_t seq = 1; seq <= EVENTS; seq++) {
			struct body b;

			make_body(&b, (char)('a' + i), seq);
			w->chains[i][seq] = hash_chain(w->chains[i][seq - 1],
			    b.bytes.data, b.bytes.len);
		}
	}
	w->bad = true;
	for (unsigned n = 0; n < 3000; n++)
		step(w);
	w->bad = false;
	while (!done(w) && ++steps < 200000)
		step(w);
	assert_true(done(w));
	check_all(w);
	assert_int_equal(f->conflicts, 0);
	free(w);
}

/* ---- the operators' port ---- */

static const intake_conn desk = INTAKE_OPERATOR | 1;

static void
say_operators_hello(struct fixture *f, intake_conn conn, uint64_t stream,
    const char *point)
{
	receive(f, conn,
	    &(struct message){ .type = MESSAGE_HELLO,
	        .hello = { .stream = stream,
	            .name = "anna",
	            .point = point,
	            .first_kept = 1,
	            .last = 2,
	            .software = "palmares 1",
	            .protocol = MESSAGE_PROTOCOL } });
}

static void
say_bye_of(struct fixture *f, intake_conn conn, uint64_t stream)
{
	receive(f, conn,
	    &(struct message){ .type = MESSAGE_BYE,
	        .bye = { .stream = stream, .text = "" } });
}

static void
peers_of_two_ports_with_one_number_are_two(void **state)
{
	struct fixture *f = *state;

	greet(f, 1, 5);
	say_operators_hello(f, desk, 6, "");
	answer(f, desk, MESSAGE_WELCOME);
	send_batch(f, 1, 6, 'a', 1, 1);
	assert_int_equal(answer(f, 1, MESSAGE_REFUSE)->refuse.why,
	    MESSAGE_WHY_NOT_HELD);
	send_batch(f, desk, 6, 'a', 1, 2);
	commit(f);
	assert_int_equal(answer(f, desk, MESSAGE_ACK)->ack.committed, 2);
	send_batch(f, 1, 5, 'b', 1, 1);
	commit(f);
	assert_int_equal(answer(f, 1, MESSAGE_ACK)->ack.committed, 1);
	assert_true(f->tables[0].operators);
	assert_false(f->tables[1].operators);
}

static void
an_operators_stream_is_no_station_and_its_end_is_told(void **state)
{
	struct fixture *f = *state;
	struct message_station *st;

	say_operators_hello(f, desk, 6, "");
	answer(f, desk, MESSAGE_WELCOME);
	greet(f, 1, 5);
	send_batch(f, desk, 6, 'a', 1, 2);
	commit(f);
	answer(f, desk, MESSAGE_ACK);
	assert_int_equal(intake_stations(f->in, &st), 1);
	assert_int_equal(st->stream, 5);
	say_bye_of(f, desk, 6);
	assert_string_equal(f->ended, "anna");
	f->ended[0] = '\0';
	/* once */
	say_bye_of(f, desk, 6);
	f->now_us += 60 * second_us;
	intake_tick(f->in, f->now_us);
	assert_string_equal(f->ended, "");
}

static void
an_operator_that_falls_silent_is_told_one_that_brought_nothing_is_not(
    void **state)
{
	struct fixture *f = *state;

	say_operators_hello(f, desk, 6, "");
	say_operators_hello(f, desk + 1, 7, "");
	f->sent_count = 0;
	send_batch(f, desk, 6, 'a', 1, 1);
	commit(f);
	answer(f, desk, MESSAGE_ACK);
	f->now_us += 6 * second_us;
	intake_tick(f->in, f->now_us);
	assert_string_equal(f->ended, "anna, silent");
}

static void
a_stream_that_the_store_knows_as_an_operators_is_no_station(void **state)
{
	struct fixture *f = *state;
	struct message_station *st;

	intake_known(f->in, 1, 6, true, "anna", "", 0, 0, RACE_NO_TIME);
	assert_int_equal(intake_stations(f->in, &st), 0);
}

static void
a_stream_belongs_to_the_port_where_it_began(void **state)
{
	struct fixture *f = *state;

	greet(f, 1, 5);
	say_operators_hello(f, desk, 5, "");
	assert_int_equal(answer(f, desk, MESSAGE_REFUSE)->refuse.why,
	    MESSAGE_WHY_CONFLICT);
	say_operators_hello(f, desk, 6, "");
	answer(f, desk, MESSAGE_WELCOME);
	say_hello(f, 1, 6, 0, 0);
	assert_int_equal(answer(f, 1, MESSAGE_REFUSE)->refuse.why,
	    MESSAGE_WHY_CONFLICT);
	/* and the first one goes on */
	send_batch(f, desk, 6, 'a', 1, 1);
	commit(f);
	assert_int_equal(answer(f, desk, MESSAGE_ACK)->ack.committed, 1);
}

static void
a_collector_at_the_operators_port_is_sent_to_its_own(void **state)
{
	struct fixture *f = *state;
	const struct message *m;

	say_operators_hello(f, desk, 6, "finish");
	m = answer(f, desk, MESSAGE_REFUSE);
	assert_int_equal(m->refuse.why, MESSAGE_WHY_MALFORMED);
	assert_non_null(strstr(m->refuse.text, "operators"));
	send_batch(f, desk, 6, 'a', 1, 1);
	assert_int_equal(answer(f, desk, MESSAGE_REFUSE)->refuse.why,
	    MESSAGE_WHY_NOT_HELD);
}

static void
made_up_streams_at_one_port_take_no_room_from_the_other(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < 20000; i++) {
		say_operators_hello(f, desk, 100 + i, "");
		say_bye_of(f, desk, 100 + i);
		f->sent_count = 0;
	}
	/* Full, for operators: the fixture can refuse. */
	say_operators_hello(f, desk, 99, "");
	assert_int_equal(answer(f, desk, MESSAGE_REFUSE)->refuse.why,
	    MESSAGE_WHY_NOT_HELD);
	greet(f, 1, 5);
}

#define INTAKE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		INTAKE_TEST(a_new_stream_is_welcomed_at_zero_with_credit),
		INTAKE_TEST(peers_of_two_ports_with_one_number_are_two),
		INTAKE_TEST(
		    an_operators_stream_is_no_station_and_its_end_is_told),
		INTAKE_TEST(
		    an_operator_that_falls_silent_is_told_one_that_brought_nothing_is_not),
		INTAKE_TEST(
		    a_stream_that_the_store_knows_as_an_operators_is_no_station),
		INTAKE_TEST(a_stream_belongs_to_the_port_where_it_began),
		INTAKE_TEST(
		    a_collector_at_the_operators_port_is_sent_to_its_own),
		INTAKE_TEST(
		    made_up_streams_at_one_port_take_no_room_from_the_other),
		INTAKE_TEST(nothing_is_acknowledged_before_the_commit),
		INTAKE_TEST(each_stream_of_a_commit_gets_one_ack),
		INTAKE_TEST(
		    a_crossing_sent_twice_is_stored_once_and_acknowledged_again),
		INTAKE_TEST(
		    repeats_of_what_is_not_committed_wait_for_the_commit),
		INTAKE_TEST(of_a_batch_that_is_known_in_part_the_rest_is_taken),
		INTAKE_TEST(a_hole_is_asked_for_once_until_the_cursor_moves),
		INTAKE_TEST(a_hole_is_asked_for_again_after_a_hello),
		INTAKE_TEST(a_batch_beyond_every_number_is_a_hole_too),
		INTAKE_TEST(
		    other_content_under_a_known_number_is_a_conflict_with_its_number),
		INTAKE_TEST(new_events_behind_another_past_are_a_conflict),
		INTAKE_TEST(a_conflict_with_what_is_not_committed_yet_is_seen),
		INTAKE_TEST(a_conflict_that_the_collector_finds_is_told_here),
		INTAKE_TEST(a_stream_leaves_no_trace_before_its_first_events),
		INTAKE_TEST(
		    a_peer_that_makes_up_streams_leaves_room_for_others),
		INTAKE_TEST(what_waits_in_an_outbox_is_never_what_is_stored),
		INTAKE_TEST(a_batch_without_hello_is_asked_to_say_it),
		INTAKE_TEST(a_ping_without_hello_is_asked_to_say_it),
		INTAKE_TEST(a_newer_connection_of_a_stream_takes_over),
		INTAKE_TEST(a_welcome_waits_for_the_commit_of_its_streams_rows),
		INTAKE_TEST(an_outbox_that_forgot_what_is_missing_is_refused),
		INTAKE_TEST(another_protocol_is_refused),
		INTAKE_TEST(the_aggregators_own_stream_belongs_to_nobody_else),
		INTAKE_TEST(what_cannot_be_read_is_refused_and_counted),
		INTAKE_TEST(a_refusal_is_never_answered),
		INTAKE_TEST(
		    a_ping_is_answered_with_both_times_and_the_durable_cursor),
		INTAKE_TEST(
		    a_full_disk_takes_credit_away_and_acknowledges_nothing_new),
		INTAKE_TEST(
		    room_again_gives_credit_and_asks_for_what_was_left_alone),
		INTAKE_TEST(a_new_stream_without_room_waits_and_comes_again),
		INTAKE_TEST(a_stream_that_the_store_knows_goes_on_where_it_was),
		INTAKE_TEST(
		    the_last_read_is_that_which_was_stored_or_told_last),
		INTAKE_TEST(
		    a_station_that_is_silent_for_5_s_is_gone_until_it_speaks),
		INTAKE_TEST(an_aggregator_that_hung_takes_nobody_for_gone),
		INTAKE_TEST(
		    a_station_that_took_leave_has_left_until_it_comes_again),
		INTAKE_TEST(an_orderly_end_says_bye_to_those_who_are_there),
		INTAKE_TEST(
		    nothing_is_lost_doubled_or_acknowledged_too_early_on_a_bad_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
