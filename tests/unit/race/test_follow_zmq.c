#include "support/test.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>

#include "aggregator/feed.h"
#include "common/clock.h"
#include "common/loop.h"
#include "proto/wire.h"
#include "race/book.h"
#include "race/follow_zmq.h"
#include "support/plain.h"

#define S INT64_C(1000000)

static char nothing[] = "";
static char title[] = "Race";
static char date[] = "2014-09-21";
static char zone[] = "Europe/Paris";
static char masse[] = "masse";
static char arrivee[] = "arrivee";
static char scratch[] = "scratch";
static char femmes[] = "femmes";
static char sex_f[] = "F";

static const int64_t gun_us = INT64_C(1411286400) * S;

static struct race_wave waves[] = { { .name = masse,
    .gun_us = INT64_C(1411286400) * S } };
static struct race_point points[] = { { .name = arrivee, .metres = 8000 } };

static struct race_ranking rankings[] = {
	{ .name = scratch,
	    .sex = nothing,
	    .category = nothing,
	    .team = nothing,
	    .wave = nothing },
	{ .name = femmes,
	    .sex = sex_f,
	    .category = nothing,
	    .team = nothing,
	    .wave = nothing },
};

static struct race_rules rules = {
	.title = title,
	.date = date,
	.timezone = zone,
	.waves = waves,
	.wave_count = 1,
	.points = points,
	.point_count = 1,
	.rankings = rankings,
	.ranking_count = 2,
};

/*
 * The sockets of an aggregator around a real book and feed, in the loop of the
 * follower that is tested.
 */
struct fixture {
	struct loop *loop;
	struct follow *follow;
	char endpoint[32];
	bool (*done)(struct fixture *f);
	int64_t until_us;
	bool late;

	void *context;
	void *pub;
	void *router;
	struct book *book;
	struct feed *feed;
	uint64_t run;
	uint64_t seq;
	bool health; /* somebody has asked for it */

	/* The log: events 1 to seq, and what came of it. */
	uint64_t run_of_log[64]; /* that told event i */
	uint64_t came;
	uint64_t begins;  /* how often it was asked from where */
	uint64_t refused; /* from this one on none is taken; 0: all are */
	bool stale;
	struct wire_arena *arena;
	struct wire_buffer buffer;
};

/* ---- the aggregator's side ---- */

static void
publish(void *arg, const char *topic, const struct message *m)
{
	struct fixture *f = arg;

	assert_int_equal(wire_put(&f->buffer, m), 0);
	zmq_send(f->pub, topic, strlen(topic), ZMQ_SNDMORE);
	zmq_send(f->pub, f->buffer.data, f->buffer.len, 0);
}

static void
on_pub(void *arg)
{
	struct fixture *f = arg;
	char topic[128];
	int n;

	while ((n = zmq_recv(f->pub, topic, sizeof topic, ZMQ_DONTWAIT)) > 0) {
		if (n == 3 && memcmp(topic + 1, FEED_HEALTH, 2) == 0)
			f->health = topic[0] == 1;
		if (topic[0] == 1)
			feed_subscribed(f->feed, topic + 1, (size_t)n - 1);
	}
}

static void
publish_health(struct fixture *f)
{
	struct message_station station = {
		.stream = 5,
		.name = "laptop-1",
		.point = "arrivee",
		.connected = true,
		.last_time_us = RACE_NO_TIME,
		.software = "test",
	};
	struct message m = { .type = MESSAGE_STATUS_REPLY };

	m.status_reply = (struct message_status_reply){
		.store = 1,
		.run = f->run,
		.race = "Race",
		.software = "test",
		.now_us = clock_utc_us(),
		.started_us = gun_us,
		.trouble = "",
		.as_of_us = RACE_NO_TIME,
		.stations = &station,
		.station_count = 1,
		.station_total = 1,
	};
	publish(f, FEED_HEALTH, &m);
}

/* Three to a page. */
static void
answer_log(struct fixture *f, const struct message_log_request *q,
    struct message *out)
{
	static struct message_log_event events[3];
	size_t count = 0;

	for (uint64_t n = q->after + 1; n <= f->seq && count < 3; n++)
		events[count++] = (struct message_log_event){ .log = n,
			.id = { 2, n },
			.body = (const uint8_t *)"x",
			.len = 1 };
	*out = (struct message){ .type = MESSAGE_LOG_REPLY,
		.log_reply = { .request = q->request,
		    .store = 1,
		    .run = f->run,
		    .log = f->seq,
		    .events = events,
		    .event_count = count } };
}

static void
answer(struct fixture *f, const struct message *m, struct message *out)
{
	if (m->type == MESSAGE_SNAPSHOT_REQUEST) {
		feed_snapshot(f->feed, &m->snapshot_request, out);
		return;
	}
	if (m->type == MESSAGE_LOG_REQUEST) {
		answer_log(f, &m->log_request, out);
		return;
	}
	assert_int_equal(m->type, MESSAGE_RULES_REQUEST);
	*out = (struct message){ .type = MESSAGE_RULES_REPLY };
	out->rules_reply.store = 1;
	out->rules_reply.run = f->run;
	out->rules_reply.rules = f->book->rules;
	out->rules_reply.software = "test";
}

static void
on_router(void *arg)
{
	struct fixture *f = arg;
	uint8_t id[256];
	uint8_t bytes[4096];
	struct message m;
	struct message out;
	int n;

	while ((n = zmq_recv(f->router, id, sizeof id, ZMQ_DONTWAIT)) >= 0) {
		int len = zmq_recv(f->router, bytes, sizeof bytes, 0);

		wire_reset(f->arena);
		assert_int_equal(wire_get(f->arena, bytes, (size_t)len, &m), 0);
		answer(f, &m, &out);
		assert_int_equal(wire_put(&f->buffer, &out), 0);
		zmq_send(f->router, id, (size_t)n, ZMQ_SNDMORE);
		zmq_send(f->router, f->buffer.data, f->buffer.len, 0);
	}
}

/* A new run of the aggregator, with these rules and one runner at home. */
static void
start(struct fixture *f, uint64_t run, const struct race_rules *of)
{
	static const struct feed_ops ops = { .publish = publish };
	struct race_event e = { .kind = RACE_ENTRY, .made_us = 1 };

	feed_free(f->feed);
	book_free(f->book);
	f->book = book_new(of, 0);
	f->run = run;
	e.entry = plain_entry("7");
	e.entry.name = "Zoé";
	e.entry.sex = "F";
	assert_int_equal(book_apply(f->book, (struct race_id){ 1, ++f->seq },
	                     &e),
	    0);
	f->feed = feed_new(1, run, &(struct feed_sources){ .book = f->book },
	    &ops, f);
}

static void
finish(struct fixture *f, const char *bib, int64_t elapsed_us)
{
	struct race_event e = { .kind = RACE_CROSSING };

	e.crossing = plain_crossing("arrivee", bib, gun_us + elapsed_us);
	assert_int_equal(book_apply(f->book, (struct race_id){ 2, ++f->seq },
	                     &e),
	    0);
	feed_commit(f->feed, clock_utc_us());
}

/* ---- the loop ---- */

static void
on_turn(void *arg, int64_t now_us)
{
	struct fixture *f = arg;

	feed_turn(f->feed, now_us, clock_utc_us(), f->seq, "");
	if (f->health)
		publish_health(f);
	follow_turn(f->follow, now_us);
	f->late = now_us >= f->until_us;
	if (f->late || f->done(f))
		loop_stop(f->loop);
}

static int64_t
on_deadline(void *arg, int64_t now_us)
{
	const struct fixture *f = arg;
	int64_t due = follow_deadline(f->follow, now_us);
	int64_t feed = feed_deadline(f->feed, now_us);

	if (feed < due)
		due = feed;
	return due < f->until_us ? due : f->until_us;
}

static void
run_until(struct fixture *f, bool (*done)(struct fixture *f))
{
	f->done = done;
	f->until_us = clock_mono_us() + 20 * S;
	assert_int_equal(loop_run(f->loop), 0);
	assert_false(f->late);
}

/* ---- life ---- */

static bool
bind_one(void *socket, int port)
{
	char url[64];

	snprintf(url, sizeof url, "tcp://127.0.0.1:%d", port);
	return zmq_bind(socket, url) == 0;
}

static int
bind_both(struct fixture *f)
{
	uint64_t random = (uint64_t)clock_mono_us();

	for (int i = 0; i < 100; i++) {
		int base = 20000 + (int)test_below(&random, 10000);

		f->pub = zmq_socket(f->context, ZMQ_XPUB);
		f->router = zmq_socket(f->context, ZMQ_ROUTER);
		if (bind_one(f->pub, base + 1) && bind_one(f->router, base + 2))
			return base;
		zmq_close(f->pub);
		zmq_close(f->router);
	}
	fail_msg("no free ports");
	return -1;
}

static int
setup(void **state)
{
	static const struct loop_ops ops = {
		.turn_end = on_turn,
		.deadline = on_deadline,
	};
	struct fixture *f = calloc(1, sizeof *f);

	f->arena = wire_arena_new();
	f->context = zmq_ctx_new();
	snprintf(f->endpoint, sizeof f->endpoint, "127.0.0.1:%d", bind_both(f));
	assert_int_equal(loop_new(&f->loop, &ops, f, NULL), 0);
	loop_add_zmq(f->loop, f->pub, on_pub, f);
	loop_add_zmq(f->loop, f->router, on_router, f);
	start(f, 10, &rules);
	assert_int_equal(follow_new(&f->follow, f->loop, f->endpoint, NULL,
	                     FOLLOW_TICK, NULL),
	    0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	int zero = 0;

	follow_free(f->follow);
	zmq_setsockopt(f->pub, ZMQ_LINGER, &zero, sizeof zero);
	zmq_setsockopt(f->router, ZMQ_LINGER, &zero, sizeof zero);
	zmq_close(f->pub);
	zmq_close(f->router);
	loop_free(f->loop);
	zmq_ctx_term(f->context);
	feed_free(f->feed);
	book_free(f->book);
	wire_arena_free(f->arena);
	wire_buffer_free(&f->buffer);
	free(f);
	return 0;
}

/* ---- tests ---- */

static bool
live(struct fixture *f, const char *view)
{
	return replica_state(follow_view(f->follow, view), clock_mono_us()) ==
	    REPLICA_LIVE;
}

static bool
both_live(struct fixture *f)
{
	return follow_rules(f->follow) != NULL && live(f, "scratch") &&
	    live(f, MESSAGE_ROSTER);
}

static uint64_t
shown(struct fixture *f, const char *view)
{
	return board_digest(replica_board(follow_view(f->follow, view)));
}

static bool
same_board(struct fixture *f)
{
	return both_live(f) &&
	    shown(f, "scratch") == rank_digest(f->book->rank, 0);
}

static bool
other_rules(struct fixture *f)
{
	return follow_edition(f->follow) == 2;
}

static bool
has_rules(struct fixture *f)
{
	return follow_rules(f->follow) != NULL;
}

static void
rules_roster_and_ranking_come_by_themselves(void **state)
{
	struct fixture *f = *state;
	struct roster *roster;

	run_until(f, both_live);
	assert_string_equal(follow_rules(f->follow)->title, "Race");
	assert_int_equal(follow_edition(f->follow), 1);
	assert_int_equal(follow_store(f->follow), 1);
	assert_string_equal(follow_peer(f->follow), f->endpoint);
	roster = replica_roster(follow_view(f->follow, MESSAGE_ROSTER));
	assert_string_equal(roster_find(roster, "7")->name, "Zoé");
	assert_true(shown(f, "scratch") == rank_digest(f->book->rank, 0));
}

static void
a_change_arrives_without_a_new_snapshot(void **state)
{
	struct fixture *f = *state;
	struct replica_facts facts;
	uint64_t before;

	run_until(f, both_live);
	before = rank_digest(f->book->rank, 0);
	finish(f, "7", 1800 * S);
	assert_true(before != rank_digest(f->book->rank, 0));
	run_until(f, same_board);
	replica_facts(follow_view(f->follow, "scratch"), &facts);
	assert_int_equal(facts.snapshots, 1);
}

static void
another_run_with_other_rules_is_followed(void **state)
{
	struct fixture *f = *state;
	struct race_rules fewer = rules;

	fewer.ranking_count = 1;
	run_until(f, both_live);
	follow_view(f->follow, "femmes");
	start(f, 11, &fewer);
	/* The subscriptions are still there; a real restart loses them. */
	feed_subscribed(f->feed, "h/", 2);
	feed_subscribed(f->feed, "t/scratch\n", 10);
	feed_subscribed(f->feed, "t/roster/\n", 10);
	run_until(f, other_rules);
	assert_int_equal(follow_rules(f->follow)->ranking_count, 1);
	follow_prune(f->follow);
	finish(f, "7", 1700 * S);
	run_until(f, same_board);
}

static void
equal_rules_of_another_run_are_no_news(void **state)
{
	struct fixture *f = *state;

	run_until(f, both_live);
	start(f, 11, &rules);
	feed_subscribed(f->feed, "h/", 2);
	feed_subscribed(f->feed, "t/scratch\n", 10);
	feed_subscribed(f->feed, "t/roster/\n", 10);
	finish(f, "7", 1700 * S);
	run_until(f, same_board);
	assert_int_equal(follow_edition(f->follow), 1);
}

static void
noise_on_the_wire_changes_nothing(void **state)
{
	struct fixture *f = *state;

	run_until(f, both_live);
	zmq_send(f->pub, "h/", 2, ZMQ_SNDMORE);
	zmq_send(f->pub, "nonsense", 8, 0);
	zmq_send(f->pub, "h/", 2, 0);
	finish(f, "7", 1800 * S);
	run_until(f, same_board);
}

static void
what_never_comes_is_asked_for_again(void **state)
{
	struct fixture *f = *state;
	char lost[4096];

	/* The first request is taken away before anybody reads it. */
	loop_del_zmq(f->loop, f->router);
	follow_turn(f->follow, clock_mono_us());
	while (zmq_recv(f->router, lost, sizeof lost, 0) >= 0) {
		int more;
		size_t size = sizeof more;

		zmq_getsockopt(f->router, ZMQ_RCVMORE, &more, &size);
		if (!more)
			break;
	}
	loop_add_zmq(f->loop, f->router, on_router, f);
	run_until(f, has_rules);
}

static const struct message_status_reply *
health(struct fixture *f)
{
	int64_t heard_us;
	const struct message_status_reply *s =
	    follow_status(f->follow, &heard_us);

	if (s != NULL)
		assert_in_range(clock_mono_us() - heard_us, 0, 20 * S);
	return s;
}

static bool
has_health(struct fixture *f)
{
	return health(f) != NULL;
}

static bool
nobody_asks_for_health(struct fixture *f)
{
	return !f->health;
}

static void
health_is_followed_while_it_is_asked_for(void **state)
{
	struct fixture *f = *state;

	run_until(f, both_live);
	assert_false(f->health);
	assert_null(health(f));
	follow_health(f->follow, true);
	run_until(f, has_health);
	assert_string_equal(health(f)->race, "Race");
	/* Other messages leave it as it is. */
	finish(f, "7", 1800 * S);
	run_until(f, same_board);
	assert_int_equal(health(f)->station_count, 1);
	assert_string_equal(health(f)->stations[0].name, "laptop-1");
	follow_health(f->follow, false);
	assert_null(health(f));
	run_until(f, nobody_asks_for_health);
	assert_null(health(f));
}

static bool
forgot_health(struct fixture *f)
{
	return health(f) == NULL;
}

static void
another_run_forgets_the_health_of_the_one_before(void **state)
{
	struct fixture *f = *state;

	follow_health(f->follow, true);
	run_until(f, both_live);
	run_until(f, has_health);
	f->health = false;
	start(f, 11, &rules);
	feed_subscribed(f->feed, "h/", 2);
	run_until(f, forgot_health);
	/* What the run before says late is not taken. */
	f->run = 10;
	publish_health(f);
	f->run = 11;
	finish(f, "7", 1700 * S);
	feed_subscribed(f->feed, "t/scratch\n", 10);
	feed_subscribed(f->feed, "t/roster/\n", 10);
	run_until(f, same_board);
	assert_null(health(f));
	f->health = true;
	run_until(f, has_health);
	assert_int_equal(health(f)->run, 11);
}

/* ---- the log ---- */

static uint64_t
log_after(void *arg)
{
	struct fixture *f = arg;

	f->begins++;
	/* The last one again. */
	return f->came > 0 ? f->came - 1 : 0;
}

static int
log_take(void *arg, const struct message_log_reply *r, size_t first,
    size_t count)
{
	struct fixture *f = arg;

	for (size_t i = first; i < first + count; i++) {
		uint64_t n = r->events[i].log;

		assert_true(n == f->came || n == f->came + 1);
		assert_true(n < 64);
		if (f->refused != 0 && n >= f->refused)
			return -ENOSPC;
		f->came = n;
		f->run_of_log[n] = r->run;
	}
	return 0;
}

static void
log_stale(void *arg, const struct message_log_reply *r)
{
	struct fixture *f = arg;

	(void)r;
	f->stale = true;
}

static const struct follow_log_ops log_ops = { log_after, log_take, log_stale };

static bool
has_log(struct fixture *f)
{
	return f->came == f->seq && follow_log_done(f->follow);
}

static bool
is_live(struct fixture *f)
{
	return follow_live(f->follow);
}

static void
the_log_comes_whole_and_as_it_grows(void **state)
{
	struct fixture *f = *state;

	f->seq = 20;
	run_until(f, is_live);
	follow_log(f->follow, &log_ops, f);
	run_until(f, has_log);
	assert_int_equal(follow_log_end(f->follow), 20);
	for (int i = 0; i < 5; i++) {
		f->seq += (uint64_t)i;
		run_until(f, has_log);
	}
	assert_int_equal(f->came, 30);
	assert_int_equal(f->begins, 1);
}

static void
another_run_is_asked_from_where_it_is_wanted(void **state)
{
	struct fixture *f = *state;

	f->seq = 7;
	follow_log(f->follow, &log_ops, f);
	run_until(f, has_log);
	start(f, 11, &rules);
	feed_subscribed(f->feed, "h/", 2);
	feed_subscribed(f->feed, "l/", 2);
	f->seq = 12;
	run_until(f, has_log);
	assert_true(f->begins > 1);
	/* So what had come is there to be compared. */
	assert_int_equal(f->run_of_log[6], 10);
	assert_int_equal(f->run_of_log[7], 11);
	assert_int_equal(f->run_of_log[12], 11);
}

static bool
is_stale(struct fixture *f)
{
	return f->stale;
}

static void
a_log_that_was_set_back_is_told(void **state)
{
	struct fixture *f = *state;

	f->seq = 7;
	follow_log(f->follow, &log_ops, f);
	run_until(f, has_log);
	start(f, 11, &rules);
	feed_subscribed(f->feed, "h/", 2);
	f->seq = 3;
	run_until(f, is_stale);
	assert_int_equal(f->came, 7);
}

static bool
is_refused(struct fixture *f)
{
	return f->came == 9;
}

static void
what_is_refused_comes_again_when_it_is_wanted(void **state)
{
	struct fixture *f = *state;

	f->seq = 20;
	f->refused = 10;
	follow_log(f->follow, &log_ops, f);
	run_until(f, is_refused);
	f->seq++;
	run_until(f, is_live);
	assert_int_equal(f->came, 9);
	f->refused = 0;
	follow_log_on(f->follow);
	run_until(f, has_log);
	assert_int_equal(f->came, 21);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(rules_roster_and_ranking_come_by_themselves),
		CASE(a_change_arrives_without_a_new_snapshot),
		CASE(another_run_with_other_rules_is_followed),
		CASE(equal_rules_of_another_run_are_no_news),
		CASE(noise_on_the_wire_changes_nothing),
		CASE(what_never_comes_is_asked_for_again),
		CASE(health_is_followed_while_it_is_asked_for),
		CASE(another_run_forgets_the_health_of_the_one_before),
		CASE(the_log_comes_whole_and_as_it_grows),
		CASE(another_run_is_asked_from_where_it_is_wanted),
		CASE(a_log_that_was_set_back_is_told),
		CASE(what_is_refused_comes_again_when_it_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
