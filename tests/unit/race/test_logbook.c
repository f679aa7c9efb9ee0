#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "common/clock.h"
#include "proto/wire.h"
#include "race/logbook.h"

/* A log of that many events, whose aggregator answers when it is told to. */
enum { EVENTS = 7, PAGE = 3, STORE = 77 };

#define MOMENT_US  INT64_C(1000)
#define PATIENT_US INT64_C(10000000)

struct fixture {
	void *context;
	void *router;
	struct endpoint from;
	struct name_streams *streams;
	struct logbook *book;
	struct wire_arena *arena;
	struct wire_buffer buffer;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	char where[64];
	size_t len = sizeof where;
	struct err err;

	assert_non_null(f);
	f->context = zmq_ctx_new();
	f->router = zmq_socket(f->context, ZMQ_ROUTER);
	assert_int_equal(zmq_bind(f->router, "tcp://127.0.0.1:*"), 0);
	zmq_getsockopt(f->router, ZMQ_LAST_ENDPOINT, where, &len);
	strcpy(f->from.host, "127.0.0.1");
	/* Logs are asked for at BASE+2. */
	f->from.base = (int)strtol(strrchr(where, ':') + 1, NULL, 10) - 2;
	f->streams = name_streams_new();
	f->arena = wire_arena_new();
	assert_int_equal(logbook_new(&f->book, &f->from, 0, f->streams, &err),
	    0);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;
	int zero = 0;

	logbook_free(f->book);
	name_streams_free(f->streams);
	wire_arena_free(f->arena);
	wire_buffer_free(&f->buffer);
	zmq_setsockopt(f->router, ZMQ_LINGER, &zero, sizeof zero);
	zmq_close(f->router);
	zmq_ctx_term(f->context);
	free(f);
	return 0;
}

static int
step(struct fixture *f, int64_t wait_us)
{
	struct err err = { "" };

	return logbook_step(f->book, clock_mono_us() + wait_us, &err);
}

static void
reply(struct fixture *f, const void *who, size_t len,
    const struct message_log_request *r)
{
	struct message_log_event events[PAGE];
	struct message m = { .type = MESSAGE_LOG_REPLY };

	m.log_reply.request = r->request;
	m.log_reply.store = STORE;
	m.log_reply.run = 1;
	m.log_reply.log = EVENTS;
	m.log_reply.events = events;
	for (uint64_t log = r->after + 1;
	     log <= EVENTS && m.log_reply.event_count < PAGE; log++)
		events[m.log_reply.event_count++] =
		    (struct message_log_event){ .log = log,
			    .id = { STORE, log },
			    .received_us = (int64_t)log,
			    .body = (const uint8_t *)"event",
			    .len = 5 };
	assert_true(wire_put(&f->buffer, &m) >= 0);
	assert_true(zmq_send(f->router, who, len, ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(f->router, f->buffer.data, f->buffer.len, 0) >= 0);
}

/* The next request of the log, awaited, is answered. */
static void
answer(struct fixture *f)
{
	zmq_pollitem_t item = { .socket = f->router, .events = ZMQ_POLLIN };
	uint8_t who[256];
	uint8_t body[256];
	struct message m;
	int len;
	int got;

	assert_int_equal(zmq_poll(&item, 1, 10000), 1);
	len = zmq_recv(f->router, who, sizeof who, 0);
	got = zmq_recv(f->router, body, sizeof body, 0);
	assert_true(len > 0 && got > 0);
	wire_reset(f->arena);
	assert_int_equal(wire_get(f->arena, body, (size_t)got, &m), 0);
	assert_int_equal(m.type, MESSAGE_LOG_REQUEST);
	reply(f, who, (size_t)len, &m.log_request);
}

static void
nobody_is_kept_waiting_by_one_who_does_not_answer(void **state)
{
	struct fixture *f = *state;
	int64_t begun_us = clock_mono_us();
	uint64_t have;
	uint64_t last;

	for (int i = 0; i < 20; i++)
		assert_int_equal(step(f, MOMENT_US), 0);
	assert_true(clock_mono_us() - begun_us < PATIENT_US);
	logbook_told(f->book, &have, &last);
	assert_int_equal(have, 0);
	assert_int_equal(last, 0);
}

static void
a_log_comes_page_by_page_between_other_things(void **state)
{
	struct fixture *f = *state;
	struct logbook_event e;
	uint64_t have;
	uint64_t last;
	int rc = step(f, MOMENT_US);

	assert_int_equal(rc, 0);
	while (rc == 0) {
		answer(f);
		do {
			uint64_t before;

			logbook_told(f->book, &before, &last);
			rc = step(f, MOMENT_US);
			logbook_told(f->book, &have, &last);
			if (have > before)
				break;
		} while (rc == 0);
	}
	assert_int_equal(rc, 1);
	assert_int_equal(have, EVENTS);
	assert_int_equal(last, EVENTS);
	assert_int_equal(logbook_store(f->book), STORE);
	assert_int_equal(logbook_count(f->book), EVENTS);
	for (size_t i = 0; i < EVENTS; i++) {
		logbook_at(f->book, i, &e);
		assert_int_equal(e.log, i + 1);
		assert_int_equal(e.len, 5);
	}
	/* It stays done. */
	assert_int_equal(step(f, MOMENT_US), 1);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(nobody_is_kept_waiting_by_one_who_does_not_answer),
		CASE(a_log_comes_page_by_page_between_other_things),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
