#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "aggregator/intake.h"
#include "common/hash.h"
#include "proto/wire.h"

/*
 * Frames of three collectors that are damaged on their way: a bit flipped, cut
 * short, doubled, or behind the next one.  The collectors are as simple as can
 * be: they send what the last answer asks for, and say HELLO when there was
 * none.
 */
enum {
	SENDERS = 3,
	EVENTS = 40000, /* of each */
	BATCH_MAX = 6,
	FRAMES = 100000, /* damaged */
	TEXT = 32,
	WAYS = 4
};

struct frame {
	uint8_t bytes[1024];
	size_t len;
};

struct sender {
	uint64_t epoch;
	uint64_t chains[EVENTS + 1];
	uint64_t next;     /* to be sent */
	bool welcome;      /* and may send */
	unsigned silent;   /* frames since the last answer */
	struct frame held; /* to go behind the next one */

	/* The store. */
	uint64_t cursor;
	uint64_t committed;
	uint64_t wrong;
};

struct fixture {
	struct intake *in;
	struct sender senders[SENDERS];
	struct wire_arena *arena;
	struct wire_buffer out;
	uint64_t seed;
	uint64_t damaged[WAYS];
	uint64_t undecoded;
};

static size_t
make_text(char out[TEXT], uint64_t epoch, uint64_t seq)
{
	int len = snprintf(out, TEXT, "%llu of %llu", (unsigned long long)seq,
	    (unsigned long long)epoch);

	return (size_t)len;
}

/* ---- the store ---- */

static int
on_open(void *arg, const struct message_hello *h, bool operators,
    uint32_t *stream, uint64_t *cursor, uint64_t *chain)
{
	struct fixture *f = arg;
	const struct sender *s;

	assert_false(operators);
	/* A stream that nobody has is a HELLO stored wrong. */
	assert_in_range(h->stream, 1, SENDERS);
	assert_string_equal(h->name, "box");
	s = &f->senders[h->stream - 1];
	*stream = (uint32_t)h->stream;
	*cursor = s->cursor;
	*chain = s->chains[s->cursor];
	return 0;
}

static int
on_take(void *arg, uint32_t stream, uint64_t seq,
    const struct message_bytes *body, uint64_t chain)
{
	struct fixture *f = arg;
	struct sender *s = &f->senders[stream - 1];
	char text[TEXT];
	size_t len = make_text(text, s->epoch, seq);

	if (seq != s->cursor + 1 || seq > EVENTS || chain != s->chains[seq] ||
	    body->len != len || memcmp(body->data, text, len) != 0)
		s->wrong++;
	else
		s->cursor = seq;
	return 0;
}

static int
on_chain(void *arg, uint32_t stream, uint64_t seq, uint64_t *chain)
{
	struct fixture *f = arg;

	if (seq > f->senders[stream - 1].cursor)
		return -ENOENT;
	*chain = f->senders[stream - 1].chains[seq];
	return 0;
}

static void
on_conflict(void *arg, const char *name, const char *point, uint64_t seq,
    bool missing)
{
	(void)arg;
	(void)point;
	(void)missing;
	fail_msg("a conflict of %s at %llu", name, (unsigned long long)seq);
}

static void
on_ended(void *arg, uint32_t stream, const char *name, bool orderly)
{
	(void)arg;
	(void)stream;
	(void)orderly;
	fail_msg("%s is no operator", name);
}

/* ---- the collectors ---- */

static void
on_send(void *arg, intake_conn conn, const struct message *m)
{
	struct fixture *f = arg;
	struct sender *s = &f->senders[conn];

	if (m->type == MESSAGE_WELCOME) {
		s->welcome = true;
		s->next = m->welcome.committed + 1;
		s->silent = 0;
	} else if (m->type == MESSAGE_ACK) {
		assert_true(m->ack.committed <= s->committed);
		s->silent = 0;
	} else if (m->type == MESSAGE_GAP) {
		s->next = m->gap.expected;
	}
	/* REFUSE: of what could not be read; nobody knows what it was. */
}

static const struct intake_ops ops = { .send = on_send,
	.take = on_take,
	.open = on_open,
	.chain = on_chain,
	.conflict = on_conflict,
	.ended = on_ended };

static void
make_hello(struct fixture *f, const struct sender *s)
{
	const struct message m = { .type = MESSAGE_HELLO,
		.hello = { .stream = s->epoch,
		    .name = "box",
		    .point = "finish",
		    .first_kept = 1,
		    .last = EVENTS,
		    .software = "test",
		    .protocol = MESSAGE_PROTOCOL } };

	assert_int_equal(wire_put(&f->out, &m), 0);
}

static void
make_batch(struct fixture *f, struct sender *s)
{
	struct message_bytes events[BATCH_MAX];
	char texts[BATCH_MAX][TEXT];
	struct message m = { .type = MESSAGE_BATCH,
		.batch = { .stream = s->epoch,
		    .first = s->next,
		    .chain = s->chains[s->next - 1],
		    .events = events } };
	size_t want = 1 + (size_t)test_below(&f->seed, BATCH_MAX);

	while (m.batch.count < want && s->next <= EVENTS) {
		size_t i = m.batch.count++;

		events[i].data = (const uint8_t *)texts[i];
		events[i].len = make_text(texts[i], s->epoch, s->next++);
	}
	assert_int_equal(wire_put(&f->out, &m), 0);
}

static struct frame
next_frame(struct fixture *f, struct sender *s)
{
	struct frame frame;

	/* Nothing acknowledged for long: back to where the other side is. */
	if (++s->silent > 20)
		s->welcome = false;
	if (!s->welcome || s->next > EVENTS)
		make_hello(f, s);
	else
		make_batch(f, s);
	assert_true(f->out.len <= sizeof frame.bytes);
	memcpy(frame.bytes, f->out.data, f->out.len);
	frame.len = f->out.len;
	return frame;
}

/* ---- the way ---- */

static void
commit(struct fixture *f)
{
	for (size_t i = 0; i < SENDERS; i++)
		f->senders[i].committed = f->senders[i].cursor;
	intake_committed(f->in);
}

static void
arrive(struct fixture *f, size_t from, const struct frame *frame)
{
	struct message m;

	wire_reset(f->arena);
	if (wire_get(f->arena, frame->bytes, frame->len, &m) == 0) {
		intake_receive(f->in, from, &m, 0, 0);
	} else {
		f->undecoded++;
		intake_malformed(f->in, from, "damaged", false);
	}
	if (test_below(&f->seed, 4) == 0)
		commit(f);
}

static void
pass_on(struct fixture *f, size_t from, struct frame *frame)
{
	struct sender *s = &f->senders[from];
	size_t way = (size_t)test_below(&f->seed, 2 * WAYS);
	bool holds = s->held.len > 0;

	if (way == 3 && holds)
		way = WAYS;
	if (way < WAYS)
		f->damaged[way]++;
	switch (way) {
	case 0:
		frame->bytes[test_below(&f->seed, frame->len)] ^=
		    (uint8_t)(1U << test_below(&f->seed, 8));
		break;
	case 1:
		frame->len = (size_t)test_below(&f->seed, frame->len);
		break;
	case 2:
		arrive(f, from, frame);
		break;
	case 3:
		s->held = *frame;
		return;
	default:
		break;
	}
	arrive(f, from, frame);
	if (holds)
		arrive(f, from, &s->held);
	s->held.len = 0;
}

static void
setup_senders(struct fixture *f)
{
	for (size_t i = 0; i < SENDERS; i++) {
		struct sender *s = &f->senders[i];
		char text[TEXT];

		s->epoch = i + 1;
		s->next = 1;
		for (uint64_t seq = 1; seq <= EVENTS; seq++)
			s->chains[seq] = hash_chain(s->chains[seq - 1], text,
			    make_text(text, s->epoch, seq));
	}
}

static bool
all_is_stored(const struct fixture *f)
{
	for (size_t i = 0; i < SENDERS; i++)
		if (f->senders[i].committed < EVENTS)
			return false;
	return true;
}

static uint64_t
all_damaged(const struct fixture *f)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < WAYS; i++)
		sum += f->damaged[i];
	return sum;
}

static void
of_damaged_frames_nothing_is_stored_wrong(void **state)
{
	static struct fixture f;
	uint64_t wrong = 0;

	(void)state;
	f.seed = test_seed();
	f.arena = wire_arena_new();
	f.in = intake_new(77, 88, "race", "test", &ops, &f);
	setup_senders(&f);
	/* The rest is repeats: those who have sent everything say HELLO. */
	while (all_damaged(&f) < FRAMES || !all_is_stored(&f)) {
		size_t from = (size_t)test_below(&f.seed, SENDERS);
		struct frame frame = next_frame(&f, &f.senders[from]);

		/* Far more than it takes: it hangs. */
		assert_true(all_damaged(&f) < (uint64_t)20 * FRAMES);
		pass_on(&f, from, &frame);
	}
	for (size_t i = 0; i < SENDERS; i++)
		wrong += f.senders[i].wrong;
	print_message("frames: %llu flipped, %llu cut, %llu doubled, %llu "
	              "swapped: %d events stored, %llu wrong\n",
	    (unsigned long long)f.damaged[0], (unsigned long long)f.damaged[1],
	    (unsigned long long)f.damaged[2], (unsigned long long)f.damaged[3],
	    SENDERS * EVENTS, (unsigned long long)wrong);
	assert_int_equal(wrong, 0);
	/* Each that was flipped or cut was noticed. */
	assert_int_equal(f.undecoded, f.damaged[0] + f.damaged[1]);
	intake_free(f.in);
	wire_arena_free(f.arena);
	wire_buffer_free(&f.out);
}

#define TEST(name) cmocka_unit_test(name)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_damaged_frames_nothing_is_stored_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
