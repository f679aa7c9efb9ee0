#include "support/test.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "common/hash.h"
#include "proto/wire.h"
#include "race/ahead.h"

/* More than two batches and a part of one. */
enum { EVENTS = 2000, STREAMS = 3 };

#define NINE_US INT64_C(1411282800000000) /* 21 September 2014 */

struct fixture {
	char dir[64];
	char path[96];
	struct store *store;
	struct err err;
};

static void
append(struct fixture *f, struct store_stream *st,
    const struct race_event *event, const void *body, size_t len)
{
	st->chain = hash_chain(st->chain, body, len);
	st->cursor++;
	assert_int_equal(store_append(f->store, st->id, st->cursor, event, body,
	                     len, st->chain, (int64_t)st->cursor),
	    0);
}

/* The n-th of all, by its chip. */
static void
append_crossing(struct fixture *f, struct store_stream *st, unsigned n)
{
	struct wire_buffer out = { 0 };
	char chip[16];
	const struct race_event event = { .kind = RACE_CROSSING,
		.made_us = NINE_US,
		.crossing = { .point = "finish",
		    .bib = "",
		    .chip = chip,
		    .source = "",
		    .time_us = NINE_US } };

	snprintf(chip, sizeof chip, "%u", n);
	assert_true(wire_put_event(&out, &event) > 0);
	append(f, st, &event, out.data, out.len);
	wire_buffer_free(&out);
}

/* A stream's name is its number. */
static struct store_stream
stream_of(struct fixture *f, unsigned i)
{
	struct store_stream st;
	char name[16];

	snprintf(name, sizeof name, "%u", i);
	assert_int_equal(store_stream(f->store, 100 + i, name, "finish",
	                     i % 2 == 1, &st),
	    0);
	return st;
}

static void
append_all(struct fixture *f, unsigned count)
{
	for (unsigned n = 1; n <= count; n++) {
		struct store_stream st = stream_of(f, n % STREAMS);

		append_crossing(f, &st, n);
	}
	assert_int_equal(store_commit(f->store, &f->err), 0);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	snprintf(f->dir, sizeof f->dir, "/tmp/test_ahead.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof f->path, "%s/race.db", f->dir);
	if (store_open(&f->store, f->path, STORE_WRITE, &f->err) != 0)
		fail_msg("%s", f->err.text);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	char path[128];

	store_free(f->store);
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s%s", f->path, ends[i]);
		unlink(path);
	}
	rmdir(f->dir);
	free(f);
	return 0;
}

struct seen {
	uint64_t last;    /* number in the log */
	uint64_t batches; /* how many there were, */
	uint64_t enough;  /* ... and after how many it is, 0: never */
	unsigned begun;   /* streams */
	uint64_t obscure; /* the number of one that does not decode, 0: none */
};

/* As append_all() has made them. */
static void
check_event(struct seen *s, const struct race_event *e,
    const struct ahead_label *l)
{
	unsigned stream = (unsigned)(l->log % STREAMS);
	char chip[16];

	assert_int_equal(l->log, ++s->last);
	if (!l->decoded) {
		assert_int_equal(e->kind, RACE_EVENT_UNKNOWN);
		s->obscure = l->log;
		return;
	}
	snprintf(chip, sizeof chip, "%u", (unsigned)l->log);
	assert_int_equal(e->kind, RACE_CROSSING);
	assert_string_equal(e->crossing.chip, chip);
	assert_string_equal(e->crossing.point, "finish");
	assert_int_equal(l->id.stream, 100 + stream);
	assert_int_equal(l->id.seq, (l->log + STREAMS - 1) / STREAMS);
	assert_int_equal(l->received_us, l->id.seq);
	assert_int_equal(l->stream != NULL, l->id.seq == 1);
	if (l->stream == NULL)
		return;
	assert_int_equal(l->stream->epoch, 100 + stream);
	assert_int_equal(l->stream->name[0], '0' + (int)stream);
	assert_int_equal(l->stream->operators, stream % 2 == 1);
	s->begun++;
}

static int
see(void *arg, const struct ahead_batch *b)
{
	struct seen *s = arg;

	assert_true(b->count > 0);
	for (size_t i = 0; i < b->count; i++)
		check_event(s, &b->events[i], &b->labels[i]);
	return ++s->batches == s->enough ? -ENOTBLK : 0;
}

static void
every_event_comes_once_in_the_order_of_the_log(void **state)
{
	struct fixture *f = *state;
	struct seen s = { 0 };

	append_all(f, EVENTS);
	assert_int_equal(ahead_scan(f->store, 0, see, &s, &f->err), 0);
	assert_int_equal(s.last, EVENTS);
	assert_int_equal(s.begun, STREAMS);
	assert_int_equal(s.obscure, 0);
	assert_true(s.batches > 2);
}

static void
an_empty_log_calls_nobody(void **state)
{
	struct fixture *f = *state;
	struct seen s = { 0 };

	assert_int_equal(ahead_scan(f->store, 0, see, &s, &f->err), 0);
	assert_int_equal(s.batches, 0);
}

static void
what_is_behind_a_number_begins_with_the_next(void **state)
{
	struct fixture *f = *state;
	struct seen s = { .last = EVENTS - 5 };

	append_all(f, EVENTS);
	assert_int_equal(ahead_scan(f->store, EVENTS - 5, see, &s, &f->err), 0);
	assert_int_equal(s.last, EVENTS);
	assert_int_equal(s.batches, 1);
}

static void
who_has_enough_gets_no_more_and_his_own_code(void **state)
{
	struct fixture *f = *state;

	append_all(f, EVENTS);
	for (uint64_t enough = 1; enough <= 3; enough++) {
		struct seen s = { .enough = enough };

		assert_int_equal(ahead_scan(f->store, 0, see, &s, &f->err),
		    -ENOTBLK);
		assert_int_equal(s.batches, enough);
	}
}

static void
an_event_that_does_not_decode_is_told_as_such(void **state)
{
	struct fixture *f = *state;
	struct store_stream st = stream_of(f, 1);
	struct seen s = { 0 };

	append(f, &st, NULL, "\xff\xff", 2);
	assert_int_equal(store_commit(f->store, &f->err), 0);
	assert_int_equal(ahead_scan(f->store, 0, see, &s, &f->err), 0);
	assert_int_equal(s.obscure, 1);
}

static void
what_was_there_before_the_damage_comes_and_then_its_reason(void **state)
{
	struct fixture *f = *state;
	struct seen s = { 0 };
	sqlite3 *db;

	append_all(f, EVENTS);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
	                     "UPDATE log SET chain = chain + 1"
	                     " WHERE number = 1500",
	                     NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(ahead_scan(f->store, 0, see, &s, &f->err), -EUCLEAN);
	assert_int_equal(s.last, 1499);
	assert_non_null(strstr(f->err.text, "event 1,500"));
	/* Who does not ask for words gets none. */
	s = (struct seen){ 0 };
	assert_int_equal(ahead_scan(f->store, 0, see, &s, NULL), -EUCLEAN);
}

#define AHEAD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		AHEAD_TEST(every_event_comes_once_in_the_order_of_the_log),
		AHEAD_TEST(an_empty_log_calls_nobody),
		AHEAD_TEST(what_is_behind_a_number_begins_with_the_next),
		AHEAD_TEST(who_has_enough_gets_no_more_and_his_own_code),
		AHEAD_TEST(an_event_that_does_not_decode_is_told_as_such),
		AHEAD_TEST(
		    what_was_there_before_the_damage_comes_and_then_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
