#include "support/test.h"

#include "common/offclock.h"

#define MS INT64_C(1000)
#define S  INT64_C(1000000)

static void
a_span_is_in_the_words_of_a_person(void **state)
{
	static const struct {
		int64_t us;
		const char *words;
	} spans[] = {
		{ 0, "0.0 ms" },
		{ 240, "0.2 ms" },
		{ 62 * MS, "62 ms" },
		{ -62 * MS, "62 ms" },
		{ 999 * MS, "999 ms" },
		{ 31200 * MS, "31.2 s" },
		{ 119960 * MS, "2 min 0 s" },
		{ 3599900 * MS, "60 min 0 s" },
		{ 25 * 3600 * S + 40 * S, "25 h 1 min" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
		char out[OFFCLOCK_WORDS];

		assert_string_equal(offclock_span(out, spans[i].us),
		    spans[i].words);
	}
}

static void
a_laptop_behind_the_aggregator_is_slow(void **state)
{
	char out[OFFCLOCK_WORDS];

	(void)state;
	assert_string_equal(offclock_words(out, 62 * MS), "62 ms slow");
	assert_string_equal(offclock_words(out, -31200 * MS), "31.2 s fast");
}

static void
what_is_not_known_is_no_news(void **state)
{
	struct offclock o = { 0 };

	(void)state;
	assert_int_equal(offclock_look(&o, 3600 * S, 0), 0);
	/* Off by less than nobody knows. */
	assert_int_equal(offclock_look(&o, 60 * MS, 15 * MS), 0);
	assert_int_equal(offclock_look(&o, 60 * MS, 9 * MS), OFFCLOCK_WRONG);
}

static void
each_limit_is_told_when_it_is_passed_and_when_it_is_well_below(void **state)
{
	struct offclock o = { 0 };

	(void)state;
	assert_int_equal(offclock_look(&o, -50 * MS - 2, 1), OFFCLOCK_WRONG);
	assert_int_equal(offclock_look(&o, 41 * MS, 1), 0);
	assert_int_equal(offclock_look(&o, 40 * MS, 1), OFFCLOCK_RIGHT);
	assert_int_equal(offclock_look(&o, 50 * MS, 1), 0);
	assert_int_equal(offclock_look(&o, 0, 20 * MS), 0);
	assert_int_equal(offclock_look(&o, 0, 20 * MS + 1), OFFCLOCK_VAGUE);
	assert_int_equal(offclock_look(&o, 0, 17 * MS), 0);
	assert_int_equal(offclock_look(&o, 0, 16 * MS), OFFCLOCK_SHARP);
	assert_int_equal(offclock_look(&o, S, 30 * MS),
	    OFFCLOCK_WRONG | OFFCLOCK_VAGUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_span_is_in_the_words_of_a_person),
		cmocka_unit_test(a_laptop_behind_the_aggregator_is_slow),
		cmocka_unit_test(what_is_not_known_is_no_news),
		cmocka_unit_test(
		    each_limit_is_told_when_it_is_passed_and_when_it_is_well_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
