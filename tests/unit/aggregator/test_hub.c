#include "support/test.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>

#include "aggregator/hub_zmq.h"

enum { WAIT_MS = 5000 };

struct fixture {
	struct hub *hub;
	struct endpoint where;
	void *context;
	void *peer;
	struct err err;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_int_equal(endpoint_parse(&f->where, "127.0.0.1:0", true,
	                     &f->err),
	    0);
	if (hub_open(&f->hub, &f->where, &f->err) != 0)
		fail_msg("%s", f->err.text);
	f->context = zmq_ctx_new();
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	if (f->peer != NULL)
		zmq_close(f->peer);
	zmq_ctx_term(f->context);
	hub_free(f->hub);
	free(f);
	return 0;
}

static void
join(struct fixture *f, int type, const char *id, enum endpoint_port port)
{
	char url[ENDPOINT_URL];
	int zero = 0;
	int wait = WAIT_MS;

	f->peer = zmq_socket(f->context, type);
	zmq_setsockopt(f->peer, ZMQ_LINGER, &zero, sizeof zero);
	zmq_setsockopt(f->peer, ZMQ_RCVTIMEO, &wait, sizeof wait);
	if (id != NULL)
		zmq_setsockopt(f->peer, ZMQ_ROUTING_ID, id, strlen(id));
	endpoint_url(url, &f->where, port);
	assert_int_equal(zmq_connect(f->peer, url), 0);
}

static bool
wait_for(struct fixture *f, enum endpoint_port port)
{
	zmq_pollitem_t item = { .socket = hub_socket(f->hub, port),
		.events = ZMQ_POLLIN };

	return zmq_poll(&item, 1, WAIT_MS) == 1;
}

static void
say(struct fixture *f, const char *text, int flags)
{
	assert_true(zmq_send(f->peer, text, strlen(text), flags) >= 0);
}

static void
hears(struct fixture *f, const char *text)
{
	char got[64] = "";
	int n = zmq_recv(f->peer, got, sizeof got - 1, 0);

	assert_int_equal(n, strlen(text));
	assert_string_equal(got, text);
}

static void
free_ports_are_four_in_a_row(void **state)
{
	struct fixture *f = *state;
	struct endpoint again = f->where;
	struct hub *second;

	assert_true(f->where.base > 0);
	assert_int_equal(hub_open(&second, &again, &f->err), -EADDRINUSE);
	/* one of the four is enough to be refused, and it is named */
	again.base = f->where.base - 3;
	assert_int_equal(hub_open(&second, &again, &f->err), -EADDRINUSE);
	snprintf(f->err.text + 512, 64, "port %d of", f->where.base);
	assert_non_null(strstr(f->err.text, f->err.text + 512));
	assert_non_null(strstr(f->err.text, "--listen"));
}

static void
an_address_of_another_machine_is_refused_with_words(void **state)
{
	struct fixture *f = *state;
	struct endpoint where = { .host = "192.0.2.7", .base = 0 };
	struct hub *h;

	assert_true(hub_open(&h, &where, &f->err) < 0);
	assert_non_null(strstr(f->err.text, "192.0.2.7"));
	assert_non_null(strstr(f->err.text, "not an address of this machine"));
}

static void
a_peer_is_answered_by_its_number(void **state)
{
	const enum endpoint_port ports[] = { ENDPOINT_INTAKE,
		ENDPOINT_SNAPSHOTS, ENDPOINT_CONTROL };
	struct fixture *f = *state;

	for (size_t i = 0; i < 3; i++) {
		struct hub_message m;

		join(f, ZMQ_DEALER, NULL, ports[i]);
		say(f, "hello", 0);
		assert_true(wait_for(f, ports[i]));
		assert_true(hub_receive(f->hub, ports[i], &m));
		assert_int_equal(m.len, 5);
		assert_memory_equal(m.data, "hello", 5);
		assert_false(
		    hub_receive(f->hub, ports[i], &(struct hub_message){ 0 }));
		hub_send(f->hub, ports[i], m.peer, (const uint8_t *)"you", 3);
		hears(f, "you");
		zmq_close(f->peer);
		f->peer = NULL;
	}
	assert_int_equal(hub_malformed(f->hub), 0);
}

static void
sending_to_nobody_does_not_wait(void **state)
{
	struct fixture *f = *state;

	hub_send(f->hub, ENDPOINT_INTAKE, 12345, (const uint8_t *)"x", 1);
	hub_publish(f->hub, "h/", (const uint8_t *)"x", 1);
}

static void
a_peer_that_does_not_read_is_dropped_from(void **state)
{
	struct fixture *f = *state;
	static const uint8_t block[65536];
	struct hub_message m;

	join(f, ZMQ_DEALER, NULL, ENDPOINT_SNAPSHOTS);
	say(f, "hello", 0);
	assert_true(wait_for(f, ENDPOINT_SNAPSHOTS));
	assert_true(hub_receive(f->hub, ENDPOINT_SNAPSHOTS, &m));
	/* a gigabyte, if it were kept */
	for (int i = 0; i < 16000; i++)
		hub_send(f->hub, ENDPOINT_SNAPSHOTS, m.peer, block,
		    sizeof block);
}

static void
messages_of_another_shape_are_counted_and_left_out(void **state)
{
	struct fixture *f = *state;
	struct hub_message m;

	join(f, ZMQ_DEALER, NULL, ENDPOINT_INTAKE);
	say(f, "two", ZMQ_SNDMORE);
	say(f, "frames", 0);
	say(f, "three", ZMQ_SNDMORE);
	say(f, "frames", ZMQ_SNDMORE);
	say(f, "more", 0);
	say(f, "good", 0);
	assert_true(wait_for(f, ENDPOINT_INTAKE));
	while (!hub_receive(f->hub, ENDPOINT_INTAKE, &m))
		assert_true(wait_for(f, ENDPOINT_INTAKE));
	assert_int_equal(m.len, 4);
	assert_memory_equal(m.data, "good", 4);
	assert_int_equal(hub_malformed(f->hub), 2);
}

static void
nonsense_does_not_keep_us_from_others(void **state)
{
	struct fixture *f = *state;
	struct hub_message m;

	join(f, ZMQ_DEALER, NULL, ENDPOINT_INTAKE);
	for (int i = 0; i < 10000; i++) {
		say(f, "two", ZMQ_SNDMORE);
		say(f, "frames", 0);
	}
	assert_true(wait_for(f, ENDPOINT_INTAKE));
	assert_false(hub_receive(f->hub, ENDPOINT_INTAKE, &m));
	assert_true(hub_malformed(f->hub) <= 1000);
	while (hub_malformed(f->hub) < 10000) {
		assert_true(wait_for(f, ENDPOINT_INTAKE));
		assert_false(hub_receive(f->hub, ENDPOINT_INTAKE, &m));
	}
}

static void
a_peer_that_chose_its_own_id_is_not_served(void **state)
{
	struct fixture *f = *state;

	join(f, ZMQ_DEALER, "short", ENDPOINT_INTAKE);
	say(f, "hello", 0);
	assert_true(wait_for(f, ENDPOINT_INTAKE));
	assert_false(
	    hub_receive(f->hub, ENDPOINT_INTAKE, &(struct hub_message){ 0 }));
	assert_int_equal(hub_malformed(f->hub), 1);
}

static void
expect_subscription(struct fixture *f, const char *topic, bool on)
{
	struct hub_subscription s;

	while (!hub_subscription(f->hub, &s))
		assert_true(wait_for(f, ENDPOINT_RANKINGS));
	assert_int_equal(s.on, on);
	assert_int_equal(s.len, strlen(topic));
	assert_memory_equal(s.topic, topic, s.len);
}

static void
each_coming_and_going_of_a_subscriber_is_told(void **state)
{
	struct fixture *f = *state;
	void *first;

	join(f, ZMQ_SUB, NULL, ENDPOINT_RANKINGS);
	zmq_setsockopt(f->peer, ZMQ_SUBSCRIBE, "h/", 2);
	expect_subscription(f, "h/", true);
	first = f->peer;
	join(f, ZMQ_SUB, NULL, ENDPOINT_RANKINGS);
	zmq_setsockopt(f->peer, ZMQ_SUBSCRIBE, "h/", 2);
	expect_subscription(f, "h/", true);
	hub_publish(f->hub, "h/", (const uint8_t *)"beat", 4);
	hub_publish(f->hub, "x/", (const uint8_t *)"none", 4);
	hears(f, "h/");
	hears(f, "beat");
	zmq_close(first);
	expect_subscription(f, "h/", false);
	zmq_setsockopt(f->peer, ZMQ_UNSUBSCRIBE, "h/", 2);
	expect_subscription(f, "h/", false);
}

#define HUB_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(free_ports_are_four_in_a_row),
		HUB_TEST(an_address_of_another_machine_is_refused_with_words),
		HUB_TEST(a_peer_is_answered_by_its_number),
		HUB_TEST(sending_to_nobody_does_not_wait),
		HUB_TEST(a_peer_that_does_not_read_is_dropped_from),
		HUB_TEST(messages_of_another_shape_are_counted_and_left_out),
		HUB_TEST(nonsense_does_not_keep_us_from_others),
		HUB_TEST(a_peer_that_chose_its_own_id_is_not_served),
		HUB_TEST(each_coming_and_going_of_a_subscriber_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
