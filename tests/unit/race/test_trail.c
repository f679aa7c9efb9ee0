#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "race/trail.h"

/* The other end: a log whose pages hold what fits, behind a way that may lose,
 * delay and repeat. */
enum { STORE = 5, WAY = 64, PAGE_MAX = 200 };

static const int64_t second_us = 1000000;

struct fixture {
	struct trail trail;
	uint64_t store;
	uint64_t last;   /* number of the log */
	unsigned page;   /* events that fit, */
	unsigned uneven; /* ... and up to so many more */
	uint64_t random;
	int64_t now_us;
	struct message_log_request way[WAY]; /* on their way, in order */
	size_t way_count;
	unsigned asked;
	unsigned pages; /* answered */
	uint64_t seen;  /* events taken, each the next one */
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->store = STORE;
	f->page = 10;
	f->random = 1;
	trail_init(&f->trail, 0, 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	free(*state);
	return 0;
}

static void
ask(struct fixture *f)
{
	struct message_log_request q;

	while (trail_ask(&f->trail, f->now_us, &q)) {
		assert_true(f->way_count < WAY);
		f->way[f->way_count++] = q;
		f->asked++;
	}
}

/* What the aggregator says to q. */
static int
take(struct fixture *f, const struct message_log_request *q)
{
	struct message_log_event events[PAGE_MAX] = { { .log = 0 } };
	struct message_log_reply r = { .request = q->request,
		.store = f->store,
		.log = f->last,
		.events = events };
	size_t room = f->page + test_below(&f->random, f->uneven + 1);
	size_t first = SIZE_MAX;
	int count;

	for (uint64_t n = q->after; n < f->last && r.event_count < room;)
		events[r.event_count++].log = ++n;
	f->pages++;
	count = trail_take(&f->trail, &r, f->now_us, &first);
	for (int i = 0; i < count; i++)
		assert_int_equal(events[first + (size_t)i].log, ++f->seen);
	assert_int_equal(f->trail.have, f->seen);
	return count;
}

static int
answer(struct fixture *f)
{
	struct message_log_request q = f->way[0];

	assert_true(f->way_count > 0);
	f->way_count--;
	memmove(f->way, f->way + 1, f->way_count * sizeof *f->way);
	return take(f, &q);
}

static void
run(struct fixture *f)
{
	ask(f);
	while (!trail_done(&f->trail)) {
		assert_true(answer(f) >= 0);
		ask(f);
	}
}

static void
a_log_is_taken_whole_and_in_order(void **state)
{
	struct fixture *f = *state;

	f->last = 1234;
	run(f);
	assert_int_equal(f->seen, 1234);
	assert_false(trail_lost(&f->trail, f->now_us));
}

static void
an_empty_log_is_known_to_be_so(void **state)
{
	struct fixture *f = *state;

	assert_false(trail_done(&f->trail));
	run(f);
	assert_int_equal(f->asked, 1);
}

static void
several_requests_are_under_way(void **state)
{
	struct fixture *f = *state;

	f->last = 1000;
	ask(f);
	/* Before the first page nobody knows how much fits. */
	assert_int_equal(f->way_count, 1);
	answer(f);
	ask(f);
	assert_int_equal(f->way_count, TRAIL_WINDOW);
	answer(f);
	ask(f);
	assert_int_equal(f->way_count, TRAIL_WINDOW);
}

static void
little_is_asked_for_twice(void **state)
{
	struct fixture *f = *state;

	f->page = 100;
	f->uneven = 4;
	f->last = 20000;
	run(f);
	/* 200 pages at the least. */
	assert_true(f->pages < 225);
}

static void
nothing_is_asked_for_behind_the_end(void **state)
{
	struct fixture *f = *state;

	f->last = 12;
	ask(f);
	answer(f);
	ask(f);
	assert_int_equal(f->way_count, 1);
	answer(f);
	assert_true(trail_done(&f->trail));
	ask(f);
	assert_int_equal(f->way_count, 0);
}

static void
pages_that_shrink_leave_no_hole(void **state)
{
	struct fixture *f = *state;

	f->last = 1000;
	f->page = 100;
	ask(f);
	answer(f);
	ask(f);
	f->page = 3; /* long events */
	run(f);
	assert_int_equal(f->seen, 1000);
}

static void
what_comes_meanwhile_is_taken_too(void **state)
{
	struct fixture *f = *state;

	f->last = 100;
	ask(f);
	for (int i = 0; i < 20; i++) {
		f->last += 5;
		answer(f);
		ask(f);
		if (f->way_count == 0)
			break;
	}
	assert_true(trail_done(&f->trail));
	assert_int_equal(f->seen, f->last);
}

static void
what_is_told_of_is_asked_for(void **state)
{
	struct fixture *f = *state;

	f->last = 5;
	run(f);
	trail_told(&f->trail, 4); /* an old word */
	assert_true(trail_done(&f->trail));
	f->last = 9;
	trail_told(&f->trail, 9);
	assert_false(trail_done(&f->trail));
	assert_int_equal(trail_again(&f->trail), f->now_us + 2 * second_us);
	run(f);
	assert_int_equal(f->seen, 9);
}

static void
silence_is_asked_again_and_then_given_up(void **state)
{
	struct fixture *f = *state;

	f->last = 100;
	ask(f);
	f->way_count = 0; /* lost */
	assert_int_equal(trail_deadline(&f->trail), 2 * second_us);
	f->now_us = 2 * second_us - 1;
	ask(f);
	assert_int_equal(f->way_count, 0);
	f->now_us = 2 * second_us;
	ask(f);
	assert_int_equal(f->way_count, 1);
	assert_false(trail_lost(&f->trail, 10 * second_us - 1));
	assert_true(trail_lost(&f->trail, 10 * second_us));
	answer(f);
	assert_false(trail_lost(&f->trail, 12 * second_us - 1));
	assert_true(trail_lost(&f->trail, 12 * second_us));
}

static void
an_answer_that_comes_late_counts_all_the_same(void **state)
{
	struct fixture *f = *state;

	f->last = 100;
	ask(f);
	f->now_us = 3 * second_us;
	ask(f); /* again */
	assert_int_equal(f->way_count, 2);
	assert_int_equal(answer(f), 10);
	assert_int_equal(answer(f), 0);
	run(f);
	assert_int_equal(f->seen, 100);
}

static void
a_late_answer_from_further_on_leaves_no_hole(void **state)
{
	struct fixture *f = *state;
	struct message_log_request late;

	f->last = 1000;
	ask(f);
	answer(f);
	ask(f);
	late = f->way[3];
	f->way_count = 0;
	f->now_us = 3 * second_us;
	ask(f);
	assert_int_equal(take(f, &late), 0);
	assert_int_equal(f->seen, 10);
	run(f);
	assert_int_equal(f->seen, 1000);
}

static void
another_store_is_refused(void **state)
{
	struct fixture *f = *state;

	f->last = 100;
	ask(f);
	answer(f);
	ask(f);
	f->store++;
	assert_int_equal(answer(f), -ESTALE);
	assert_int_equal(f->trail.have, 10);
}

static void
a_log_that_got_shorter_is_refused(void **state)
{
	struct fixture *f = *state;

	f->last = 100;
	ask(f);
	answer(f);
	ask(f);
	f->last = 9;
	assert_int_equal(answer(f), -ESTALE);
}

/* Losses, repeats, a restart that forgets what waits. */
static void
a_bad_network_loses_and_doubles_nothing(void **state)
{
	uint64_t random = test_seed();

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct fixture f = { .store = STORE,
			.last = test_below(&random, 3000),
			.page = 1 + (unsigned)test_below(&random, 90),
			.uneven = (unsigned)test_below(&random, 100),
			.random = test_random(&random) };

		trail_init(&f.trail, 0, 0);
		ask(&f);
		while (!trail_done(&f.trail)) {
			struct message_log_request q = f.way[0];
			uint64_t luck = test_below(&random, 40);

			if (f.way_count == 0 || luck == 0)
				f.now_us += 2 * second_us;
			else if (luck == 1)
				f.way_count = 0;
			else if (luck == 2)
				take(&f, &q);
			else
				answer(&f);
			f.last += test_below(&random, 30) == 0;
			ask(&f);
		}
		assert_int_equal(f.seen, f.trail.last);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_log_is_taken_whole_and_in_order),
		TEST(an_empty_log_is_known_to_be_so),
		TEST(several_requests_are_under_way),
		TEST(little_is_asked_for_twice),
		TEST(nothing_is_asked_for_behind_the_end),
		TEST(pages_that_shrink_leave_no_hole),
		TEST(what_comes_meanwhile_is_taken_too),
		TEST(what_is_told_of_is_asked_for),
		TEST(silence_is_asked_again_and_then_given_up),
		TEST(an_answer_that_comes_late_counts_all_the_same),
		TEST(a_late_answer_from_further_on_leaves_no_hole),
		TEST(another_store_is_refused),
		TEST(a_log_that_got_shorter_is_refused),
		cmocka_unit_test(a_bad_network_loses_and_doubles_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
