#include "support/test.h"

#include <string.h>

#include "race/crossings.h"

enum { STATION = 3 };

static struct race_event
crossing(const char *bib, enum race_clock clock, uint32_t epoch, int64_t bound)
{
	return (struct race_event){ .kind = RACE_CROSSING,
		.crossing = { .point = "arrivee",
		    .bib = bib,
		    .chip = "AB",
		    .time_us = RACE_TIME_MIN,
		    .bound_us = bound,
		    .clock = clock,
		    .clock_epoch = epoch,
		    .source = "a.csv:1" } };
}

static struct race_id
id_of(uint64_t seq)
{
	return (struct race_id){ STATION, seq };
}

static int
set_up(void **state)
{
	*state = crossings_new();
	return 0;
}

static int
tear_down(void **state)
{
	crossings_free(*state);
	return 0;
}

static void
a_crossing_is_kept_as_it_was_said(void **state)
{
	char bib[] = "12";
	struct race_event e = crossing(bib, RACE_CLOCK_FILE, 0, 0);
	const struct race_crossing *c;
	struct race_id id;

	crossings_note(*state, id_of(5), &e);
	memset(bib, 'x', 2);
	c = crossings_find(*state, id_of(5));
	assert_non_null(c);
	assert_string_equal(c->bib, "12");
	assert_string_equal(c->chip, "AB");
	assert_string_equal(c->point, "arrivee");
	assert_string_equal(c->source, "a.csv:1");
	assert_int_equal(c->time_us, RACE_TIME_MIN);
	assert_null(crossings_find(*state, id_of(4)));
	assert_int_equal(crossings_count(*state), 1);
	assert_ptr_equal(crossings_at(*state, 0, &id), c);
	assert_int_equal(id.seq, 5);
}

static void
a_repeat_is_kept_once(void **state)
{
	struct race_event e = crossing("1", RACE_CLOCK_FILE, 0, 0);

	crossings_note(*state, id_of(1), &e);
	e.crossing.bib = "2";
	crossings_note(*state, id_of(1), &e);
	assert_int_equal(crossings_count(*state), 1);
	assert_string_equal(crossings_find(*state, id_of(1))->bib, "1");
}

static void
what_its_station_takes_back_or_fills_in_is_revised(void **state)
{
	struct race_event taken = { .kind = RACE_VOID, .void_seq = 1 };
	struct race_event filled = { .kind = RACE_FILL_IN,
		.fill_in = { 2, "7" } };

	crossings_note(*state, id_of(8), &taken);
	crossings_note(*state, id_of(9), &filled);
	assert_true(crossings_revised(*state, id_of(1)));
	assert_true(crossings_revised(*state, id_of(2)));
	assert_false(crossings_revised(*state, id_of(3)));
	assert_false(
	    crossings_revised(*state, (struct race_id){ STATION + 1, 1 }));
}

static void
a_laptops_clock_is_measured_by_its_own_epoch_alone(void **state)
{
	struct race_event e = crossing("1", RACE_CLOCK_LAPTOP, 2, 0);
	struct race_event estimate = { .kind = RACE_CLOCK,
		.clock = { .clock_epoch = 1 } };

	crossings_note(*state, id_of(1), &e);
	e = crossing("1", RACE_CLOCK_LAPTOP, 2, 1000);
	crossings_note(*state, id_of(2), &e);
	e = crossing("1", RACE_CLOCK_READER, 0, 0);
	crossings_note(*state, id_of(3), &e);
	e = crossing("1", RACE_CLOCK_LAPTOP, 0, 0);
	crossings_note(*state, id_of(4), &e);
	crossings_note(*state, id_of(5), &estimate);
	assert_true(crossings_unmeasured(*state, id_of(1)));
	assert_false(crossings_unmeasured(*state, id_of(2)));
	assert_false(crossings_unmeasured(*state, id_of(3)));
	assert_true(crossings_unmeasured(*state, id_of(4)));
	assert_false(crossings_unmeasured(*state, id_of(99)));
	estimate.clock.clock_epoch = 2;
	crossings_note(*state, id_of(6), &estimate);
	assert_false(crossings_unmeasured(*state, id_of(1)));
	assert_true(crossings_unmeasured(*state, id_of(4)));
}

/* More than one block of texts. */
static void
many_are_all_kept(void **state)
{
	char source[64];

	for (uint64_t i = 1; i <= 20000; i++) {
		struct race_event e = crossing("1", RACE_CLOCK_FILE, 0, 0);

		snprintf(source, sizeof source,
		    "a-file-with-a-long-name.csv:%d", (int)i);
		e.crossing.source = source;
		crossings_note(*state, id_of(i), &e);
	}
	for (uint64_t i = 1; i <= 20000; i++) {
		snprintf(source, sizeof source,
		    "a-file-with-a-long-name.csv:%d", (int)i);
		assert_string_equal(crossings_find(*state, id_of(i))->source,
		    source);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_crossing_is_kept_as_it_was_said),
		TEST(a_repeat_is_kept_once),
		TEST(what_its_station_takes_back_or_fills_in_is_revised),
		TEST(a_laptops_clock_is_measured_by_its_own_epoch_alone),
		TEST(many_are_all_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
