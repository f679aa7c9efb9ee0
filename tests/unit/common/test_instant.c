#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "common/instant.h"

#define S              INSTANT_SECOND
#define CLOCK(h, m, s) (((h)*INT64_C(3600) + (m)*INT64_C(60) + (s)) * S)

static void
assert_parse(const char *s, enum instant_form form, int64_t us)
{
	enum instant_form f;
	struct err err;
	int64_t v;

	err.text[0] = '\0';
	if (instant_parse(s, &f, &v, &err) != 0)
		fail_msg("%s: %s", s, err.text);
	assert_int_equal(f, form);
	assert_int_equal(v, us);
}

/* Refused, the reason mentions `words`, and the outputs are untouched. */
static void
assert_refused(const char *s, const char *words)
{
	enum instant_form f = INSTANT_CLOCK;
	struct err err;
	int64_t v = 42;

	err.text[0] = '\0';
	if (instant_parse(s, &f, &v, &err) != -EINVAL)
		fail_msg("%s: was taken", s);
	if (strstr(err.text, words) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"", s, err.text, words);
	assert_int_equal(v, 42);
}

static void
absolute_times_are_read(void **state)
{
	(void)state;
	assert_parse("2014-09-21T10:30:16.5+02:00", INSTANT_ABSOLUTE,
	    INT64_C(1411288216500000));
	assert_parse("2014-09-21 08:30:16.500000Z", INSTANT_ABSOLUTE,
	    INT64_C(1411288216500000));
	assert_parse("2014-09-21T10:30:16+0200", INSTANT_ABSOLUTE,
	    INT64_C(1411288216000000));
	assert_parse("2014-09-20T22:30:16-10", INSTANT_ABSOLUTE,
	    INT64_C(1411288216000000));
	assert_parse("2016-02-29T00:00:00Z", INSTANT_ABSOLUTE,
	    INT64_C(1456704000000000));
}

static void
absolute_times_keep_to_the_years_2000_to_2099(void **state)
{
	(void)state;
	assert_parse("2000-01-01T00:00:00Z", INSTANT_ABSOLUTE,
	    INT64_C(946684800000000));
	assert_parse("2099-12-31T23:59:59.999999Z", INSTANT_ABSOLUTE,
	    INT64_C(4102444799999999));
	assert_refused("1999-12-31T23:59:59Z", "2000 to 2099");
	assert_refused("2000-01-01T00:00:00+00:01", "2000 to 2099");
	assert_refused("2099-12-31T23:59:59-00:01", "2000 to 2099");
	assert_refused("9999-01-01T00:00:00Z", "2000 to 2099");
}

static void
absolute_times_need_a_date_a_time_and_an_offset(void **state)
{
	(void)state;
	assert_refused("2014-09-21T10:30:16", "offset");
	assert_refused("2014-09-21T10:30:16+25:00", "offset");
	assert_refused("2014-09-21T10:30:16+02:00x", "offset");
	assert_refused("2014-09-21", "without time");
	assert_refused("2014-02-29T10:30:16Z", "no such date");
	assert_refused("2014-13-01T10:30:16Z", "no such date");
	assert_refused("2014-00-01T10:30:16Z", "no such date");
	assert_refused("2014-09-21T24:00:00Z", "no time of day");
	assert_refused("2014-09-21T10:30Z", "hh:mm:ss");
}

static void
relative_times_are_read(void **state)
{
	(void)state;
	assert_parse("+0", INSTANT_RELATIVE, 0);
	assert_parse("+8.5", INSTANT_RELATIVE, 8500000);
	assert_parse("+1816.000001", INSTANT_RELATIVE, INT64_C(1816000001));
	assert_parse("+0:30:16.25", INSTANT_RELATIVE, INT64_C(1816250000));
	assert_parse("+120:00:00", INSTANT_RELATIVE, CLOCK(120, 0, 0));
	assert_parse("+31622400", INSTANT_RELATIVE, CLOCK(INT64_C(8784), 0, 0));
}

static void
relative_times_have_bounds(void **state)
{
	(void)state;
	assert_refused("+99999999999999999999", "longer than a year");
	assert_refused("+9999999999999999999999:00:00", "longer than a year");
	assert_refused("+31622401", "longer than a year");
	assert_refused("+12:30", "+h:mm:ss");
	assert_refused("+0:60:00", "+h:mm:ss");
	assert_refused("+0:00:60", "+h:mm:ss");
	assert_refused("+", "+seconds");
	assert_refused("+-5", "+seconds");
	assert_refused("+8.", "+seconds");
	assert_refused("+.5", "+seconds");
	assert_refused("+8.5s", "+seconds");
	assert_refused("+1.2345678", "six decimals");
}

static void
clock_times_are_read(void **state)
{
	(void)state;
	assert_parse("10:30:16", INSTANT_CLOCK, CLOCK(10, 30, 16));
	assert_parse("0:00:00.000001", INSTANT_CLOCK, 1);
	assert_parse("23:59:59.9", INSTANT_CLOCK, CLOCK(23, 59, 59) + 900000);
	assert_refused("24:00:00", "no time of day");
	assert_refused("10:60:00", "no time of day");
	assert_refused("10:30:60", "no time of day");
	assert_refused("1000000000000000000000:30:00", "no time of day");
	assert_refused("10:30:16.1234567", "six decimals");
	assert_refused("10:30:16Z", "no time");
}

static void
what_could_be_two_things_is_refused_with_a_hint(void **state)
{
	(void)state;
	assert_refused("8.5", "write +8.5 or +0:00:08.5");
	assert_refused("1816", "write +1816 or +0:30:16");
	assert_refused("1411288216", "bare number");
	assert_refused("10:30", "minutes or hours");
	assert_refused("8,5", "not a comma");
	assert_refused("", "empty");
	assert_refused("noon", "hh:mm:ss");
	assert_refused("-5", "hh:mm:ss");
	assert_refused("\x1b[2J", "hh:mm:ss");
}

static void
spans_are_read(void **state)
{
	int64_t us = 42;

	(void)state;
	assert_int_equal(instant_parse_span("0:20:00", &us, NULL), 0);
	assert_int_equal(us, CLOCK(0, 20, 0));
	assert_int_equal(instant_parse_span("90:00", &us, NULL), 0);
	assert_int_equal(us, CLOCK(1, 30, 0));
	assert_int_equal(instant_parse_span("0.2", &us, NULL), 0);
	assert_int_equal(us, 200000);
	us = 42;
	assert_int_equal(instant_parse_span("", &us, NULL), -EINVAL);
	assert_int_equal(instant_parse_span("-1", &us, NULL), -EINVAL);
	assert_int_equal(instant_parse_span("+1", &us, NULL), -EINVAL);
	assert_int_equal(instant_parse_span("1:2:3", &us, NULL), -EINVAL);
	assert_int_equal(instant_parse_span("1:00:00:00", &us, NULL), -EINVAL);
	assert_int_equal(instant_parse_span("99999999999999999999", &us, NULL),
	    -EINVAL);
	assert_int_equal(us, 42);
}

static void
spans_may_have_units(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} good[] = {
		{ "30 s", CLOCK(0, 0, 30) },
		{ "30s", CLOCK(0, 0, 30) },
		{ "0.25 s", 250000 },
		{ "20 min", CLOCK(0, 20, 0) },
		{ "90 min", CLOCK(1, 30, 0) },
		{ "2 h", CLOCK(2, 0, 0) },
		{ "2h30", CLOCK(2, 30, 0) },
		{ "2 h 30", CLOCK(2, 30, 0) },
		{ "2 h 30 min", CLOCK(2, 30, 0) },
		{ "1 h 2 min 3.5 s", CLOCK(1, 2, 3) + 500000 },
		{ "8784 h", CLOCK(8784, 0, 0) },
	};
	static const char *const bad[] = { "h", "20 m", "20 minutes", "2 h h",
		"2 min 1 h", "1 h 2 h", "1.5 h", "2h30 s 5", "20 min 5", "-5 s",
		"+5 s", "5 S", "min", "s", "8785 h", "1 h 30x",
		"99999999999999999999 s", "0.1234567 s", "1:00 h", "5 s 5" };
	int64_t us = 42;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (instant_parse_span(bad[i], &us, NULL) != -EINVAL)
			fail_msg("was taken: %s", bad[i]);
	assert_int_equal(us, 42);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(instant_parse_span(good[i].text, &us, NULL),
		    0);
		assert_int_equal(us, good[i].us);
	}
}

static void
every_beginning_of_a_time_is_read_or_refused(void **state)
{
	static const char full[] = "2014-09-21T10:30:16.5+02:00";

	(void)state;
	for (size_t n = 0; n < sizeof full - 1; n++) {
		char *s = strndup(full, n); /* so that reading on is noticed */
		enum instant_form f;
		struct err err;
		int64_t us;
		int rc;

		assert_non_null(s);
		rc = instant_parse(s, &f, &us, &err);
		/* "...+02" is an offset. */
		assert_int_equal(rc, n == sizeof full - 4 ? 0 : -EINVAL);
		free(s);
	}
}

static void
dates_are_checked_by_the_calendar(void **state)
{
	(void)state;
	assert_true(instant_date_valid("2014-09-21"));
	assert_true(instant_date_valid("2000-02-29"));
	assert_true(instant_date_valid("1931-12-31"));
	assert_false(instant_date_valid("1900-02-29"));
	assert_false(instant_date_valid("2014-04-31"));
	assert_false(instant_date_valid("2014-9-21"));
	assert_false(instant_date_valid("2014-09-21 "));
	assert_false(instant_date_valid("0000-01-01"));
	assert_false(instant_date_valid(""));
}

static void
only_zones_of_the_system_are_taken(void **state)
{
	static const char *const bad[] = { "", "Europe", "Europe/Lutece",
		"../zoneinfo/Europe/Paris", "/usr/share/zoneinfo/Europe/Paris",
		"zone.tab", "zone1970.tab", "right/Europe/Paris", "UTC0",
		"CET-1CEST", "Europe/Paris\n" };

	(void)state;
	assert_int_equal(instant_zone("UTC", NULL), 0);
	assert_int_equal(instant_zone("America/Argentina/La_Rioja", NULL), 0);
	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(instant_zone(bad[i], NULL), -EINVAL);
	/* A refused one leaves the zone alone. */
	assert_string_equal(getenv("TZ"), "Europe/Paris");
}

static void
assert_local(const char *date, int64_t clock_us, int64_t near,
    const char *expected)
{
	struct err err;
	char out[40];
	int64_t us;

	if (instant_local(date, clock_us, near, &us, &err) != 0)
		fail_msg("%s: %s", expected, err.text);
	assert_string_equal(instant_format(out, us), expected);
}

static int64_t
utc(const char *s)
{
	enum instant_form f;
	int64_t us;

	assert_int_equal(instant_parse(s, &f, &us, NULL), 0);
	assert_int_equal(f, INSTANT_ABSOLUTE);
	return us;
}

static void
local_time_follows_the_zone(void **state)
{
	(void)state;
	assert_local("2014-09-21", CLOCK(10, 0, 0) + 250000, INSTANT_NONE,
	    "2014-09-21T10:00:00.25+02:00");
	assert_local("2014-12-21", CLOCK(23, 59, 59), INSTANT_NONE,
	    "2014-12-21T23:59:59+01:00");
	assert_local("2014-10-26", CLOCK(1, 59, 59), INSTANT_NONE,
	    "2014-10-26T01:59:59+02:00");
	assert_local("2014-10-26", CLOCK(3, 0, 0), INSTANT_NONE,
	    "2014-10-26T03:00:00+01:00");
	assert_int_equal(instant_local("2014-02-30", 0, INSTANT_NONE, NULL,
	                     NULL),
	    -EINVAL);
}

static void
a_repeated_hour_is_resolved_by_what_is_near(void **state)
{
	int64_t first = utc("2014-10-26T02:30:00+02:00");
	int64_t second = utc("2014-10-26T02:30:00+01:00");

	(void)state;
	assert_local("2014-10-26", CLOCK(2, 30, 0), INSTANT_NONE,
	    "2014-10-26T02:30:00+02:00");
	assert_local("2014-10-26", CLOCK(2, 30, 0), first + 60 * S,
	    "2014-10-26T02:30:00+02:00");
	assert_local("2014-10-26", CLOCK(2, 30, 0), second - 60 * S,
	    "2014-10-26T02:30:00+01:00");
	/* Right between them: the first. */
	assert_local("2014-10-26", CLOCK(2, 30, 0), (first + second) / 2,
	    "2014-10-26T02:30:00+02:00");
}

static void
a_time_that_the_clocks_jump_over_is_refused(void **state)
{
	struct err err;
	int64_t us = 42;

	(void)state;
	assert_int_equal(instant_local("2014-03-30", CLOCK(2, 30, 0),
	                     INSTANT_NONE, &us, &err),
	    -ERANGE);
	assert_non_null(strstr(err.text, "02:30:00"));
	assert_non_null(strstr(err.text, "Europe/Paris"));
	assert_int_equal(us, 42);
	assert_local("2014-03-30", CLOCK(1, 59, 59), INSTANT_NONE,
	    "2014-03-30T01:59:59+01:00");
	assert_local("2014-03-30", CLOCK(3, 0, 0), INSTANT_NONE,
	    "2014-03-30T03:00:00+02:00");
}

static void
changes_that_are_no_summer_time_count_too(void **state)
{
	(void)state;
	assert_int_equal(instant_zone("Europe/Moscow", NULL), 0);
	assert_local("2014-10-26", CLOCK(1, 30, 0), INSTANT_NONE,
	    "2014-10-26T01:30:00+04:00");
	assert_local("2014-10-26", CLOCK(1, 30, 0), INT64_MAX,
	    "2014-10-26T01:30:00+03:00");
	/* Samoa had no 30 December 2011. */
	assert_int_equal(instant_zone("Pacific/Apia", NULL), 0);
	assert_int_equal(instant_local("2011-12-30", CLOCK(12, 0, 0),
	                     INSTANT_NONE, NULL, NULL),
	    -ERANGE);
	assert_local("2011-12-31", CLOCK(12, 0, 0), INSTANT_NONE,
	    "2011-12-31T12:00:00+14:00");
	/* Half an hour. */
	assert_int_equal(instant_zone("Australia/Lord_Howe", NULL), 0);
	assert_local("2014-04-06", CLOCK(1, 45, 0), INT64_MAX,
	    "2014-04-06T01:45:00+10:30");
	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
}

static void
assert_near(int64_t clock_us, const char *near, const char *expected)
{
	struct err err;
	char out[40];
	int64_t us;

	if (instant_near(clock_us, utc(near), &us, &err) != 0)
		fail_msg("%s: %s", expected, err.text);
	assert_string_equal(instant_format(out, us), expected);
}

static void
midnight_rolls_over_both_ways(void **state)
{
	(void)state;
	assert_near(CLOCK(0, 0, 5), "2014-09-21T23:59:58+02:00",
	    "2014-09-22T00:00:05+02:00");
	assert_near(CLOCK(23, 59, 58), "2014-09-22T00:00:05+02:00",
	    "2014-09-21T23:59:58+02:00");
	assert_near(CLOCK(12, 0, 0), "2014-09-21T12:00:00+02:00",
	    "2014-09-21T12:00:00+02:00");
	assert_near(CLOCK(0, 30, 0), "2014-12-31T23:30:00+01:00",
	    "2015-01-01T00:30:00+01:00");
	/* The day is the zone's, not that of UTC. */
	assert_near(CLOCK(0, 45, 0), "2014-09-22T00:30:00+02:00",
	    "2014-09-22T00:45:00+02:00");
}

static void
continuity_tells_the_hours_of_autumn_apart(void **state)
{
	(void)state;
	assert_near(CLOCK(2, 59, 59), "2014-10-26T02:59:58+02:00",
	    "2014-10-26T02:59:59+02:00");
	assert_near(CLOCK(2, 0, 1), "2014-10-26T02:59:59+02:00",
	    "2014-10-26T02:00:01+01:00");
	assert_near(CLOCK(2, 30, 0), "2014-10-26T02:29:00+01:00",
	    "2014-10-26T02:30:00+01:00");
}

static void
a_time_in_the_gap_does_not_slip_to_another_day(void **state)
{
	struct err err;
	int64_t us = 42;

	(void)state;
	assert_int_equal(instant_near(CLOCK(2, 30, 0),
	                     utc("2014-03-30T03:10:00+02:00"), &us, &err),
	    -ERANGE);
	assert_int_equal(us, 42);
	assert_near(CLOCK(2, 30, 0), "2014-03-29T10:00:00+01:00",
	    "2014-03-29T02:30:00+01:00");
	assert_int_equal(instant_near(0, INT64_MAX, &us, &err), -ERANGE);
}

static void
what_is_written_reads_back(void **state)
{
	uint64_t seed = test_seed();

	(void)state;
	for (int i = 0; i < 20000; i++) {
		/* 2000 to 2099, ten minutes before the end: see below */
		int64_t us = INT64_C(946684800000000) +
		    (int64_t)test_below(&seed, UINT64_C(3155759400000000));
		enum instant_form f;
		char out[40];
		int64_t back;

		if (i % 2 == 0)
			us -= us % S;
		assert_int_equal(instant_parse(instant_format(out, us), &f,
		                     &back, NULL),
		    0);
		assert_int_equal(back, us);
		/* And by the wall clock, from not far away. */
		assert_int_equal(instant_parse(out + 11, &f, &back, NULL),
		    -EINVAL);
		*strpbrk(out + 11, "+-") = '\0';
		assert_int_equal(instant_parse(out + 11, &f, &back, NULL), 0);
		assert_int_equal(f, INSTANT_CLOCK);
		assert_int_equal(instant_near(back, us + 600 * S, &back, NULL),
		    0);
		assert_int_equal(back, us);
	}
}

static void
times_are_shown_as_people_read_them(void **state)
{
	char out[40];

	(void)state;
	assert_string_equal(instant_clock(out,
	                        utc("2014-09-21T10:30:16.999+02:00")),
	    "10:30:16");
	assert_string_equal(instant_elapsed(out, 0, true), "0:00");
	assert_string_equal(instant_elapsed(out, CLOCK(0, 33, 57), true),
	    "33:57");
	assert_string_equal(instant_elapsed(out, CLOCK(2, 9, 44) + 1, true),
	    "2:09:45");
	assert_string_equal(instant_elapsed(out, CLOCK(0, 59, 59) + 300000,
	                        true),
	    "1:00:00");
	assert_string_equal(instant_elapsed(out, CLOCK(2, 9, 44) + 300000,
	                        false),
	    "2:09:44.3");
	assert_string_equal(instant_elapsed(out, -1500000, false), "-0:01.5");
	assert_string_equal(instant_elapsed(out, -1500000, true), "-0:01");
	assert_string_equal(instant_elapsed(out, -1, true), "0:00");
	assert_string_equal(instant_elapsed(out, INT64_MIN, false),
	    "-2562047788:00:54.775808");
	assert_string_equal(instant_elapsed(out, INT64_MAX, true),
	    "2562047788:00:55");
}

static void
seconds_keep_what_was_stored(void **state)
{
	char out[40];

	(void)state;
	assert_string_equal(instant_seconds(out, 1816 * S), "1816");
	assert_string_equal(instant_seconds(out, 1816 * S + 250000), "1816.25");
	assert_string_equal(instant_seconds(out, 1), "0.000001");
	assert_string_equal(instant_seconds(out, 0), "0");
	assert_string_equal(instant_seconds(out, -500000), "-0.5");
	assert_string_equal(instant_seconds(out, INT64_MIN),
	    "-9223372036854.775808");
}

static void
times_beyond_reach_are_written_all_the_same(void **state)
{
	char out[40];

	(void)state;
	assert_string_equal(instant_format(out, -1),
	    "1970-01-01T00:59:59.999999+01:00");
	assert_true(strlen(instant_format(out, INT64_MIN)) < sizeof out);
	assert_true(strlen(instant_format(out, INT64_MAX)) < sizeof out);
}

static int
in_paris(void **state)
{
	(void)state;
	return instant_zone("Europe/Paris", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absolute_times_are_read),
		cmocka_unit_test(absolute_times_keep_to_the_years_2000_to_2099),
		cmocka_unit_test(
		    absolute_times_need_a_date_a_time_and_an_offset),
		cmocka_unit_test(relative_times_are_read),
		cmocka_unit_test(relative_times_have_bounds),
		cmocka_unit_test(clock_times_are_read),
		cmocka_unit_test(
		    what_could_be_two_things_is_refused_with_a_hint),
		cmocka_unit_test(spans_are_read),
		cmocka_unit_test(spans_may_have_units),
		cmocka_unit_test(every_beginning_of_a_time_is_read_or_refused),
		cmocka_unit_test(dates_are_checked_by_the_calendar),
		cmocka_unit_test(only_zones_of_the_system_are_taken),
		cmocka_unit_test(local_time_follows_the_zone),
		cmocka_unit_test(a_repeated_hour_is_resolved_by_what_is_near),
		cmocka_unit_test(a_time_that_the_clocks_jump_over_is_refused),
		cmocka_unit_test(changes_that_are_no_summer_time_count_too),
		cmocka_unit_test(midnight_rolls_over_both_ways),
		cmocka_unit_test(continuity_tells_the_hours_of_autumn_apart),
		cmocka_unit_test(
		    a_time_in_the_gap_does_not_slip_to_another_day),
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(times_are_shown_as_people_read_them),
		cmocka_unit_test(seconds_keep_what_was_stored),
		cmocka_unit_test(times_beyond_reach_are_written_all_the_same),
	};

	return cmocka_run_group_tests(tests, in_paris, NULL);
}
