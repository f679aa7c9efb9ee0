#include "support/test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "race/name.h"

struct fixture {
	struct name_streams *streams;
	struct err err;
	char text[NAME_MAX_PRINTED];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->streams = name_streams_new();
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	name_streams_free(f->streams);
	free(f);
	return 0;
}

static const char *
print(struct fixture *f, uint64_t epoch, uint64_t seq)
{
	return name_print(f->text, (struct race_id){ epoch, seq }, f->streams);
}

static void
means(struct fixture *f, const char *text, uint64_t epoch, uint64_t seq)
{
	struct race_id id = { 0, 0 };

	if (name_parse(text, f->streams, &id, &f->err) != 0)
		fail_msg("%s", f->err.text);
	assert_int_equal(id.stream, epoch);
	assert_int_equal(id.seq, seq);
}

/* The words, in f->err. */
static void
refused(struct fixture *f, const char *text, int code)
{
	struct race_id id = { 1, 2 };

	assert_int_equal(name_parse(text, f->streams, &id, &f->err), code);
	assert_int_equal(id.stream, 1);
	assert_int_equal(id.seq, 2);
	assert_non_null(strstr(f->err.text, text));
}

static void
a_station_gives_its_crossings_their_names(void **state)
{
	struct fixture *f = *state;

	name_stream(f->streams, 0x77, "arrivee", false);
	name_stream(f->streams, 0x78, "mi-course", false);
	assert_string_equal(print(f, 0x77, 1234), "arrivee:1234");
	means(f, "arrivee:1234", 0x77, 1234);
	means(f, "mi-course:1", 0x78, 1);
	assert_int_equal(name_width(f->streams), 9);
}

static void
the_first_station_keeps_its_name_and_the_next_are_counted(void **state)
{
	struct fixture *f = *state;
	const uint64_t a = UINT64_C(0xabcdef1300000000);
	const uint64_t b = UINT64_C(0xabcdef1200000000);
	struct race_id id = { a, 9 };

	name_stream(f->streams, a, "arrivee", false);
	assert_string_equal(print(f, a, 9), "arrivee:9");
	/* With the lesser epoch, which says nothing. */
	name_stream(f->streams, b, "arrivee", false);
	name_stream(f->streams, 7, "arrivee", false);
	assert_string_equal(print(f, a, 9), "arrivee:9");
	assert_string_equal(print(f, b, 9), "arrivee/2:9");
	assert_string_equal(print(f, 7, 9), "arrivee/3:9");
	means(f, "arrivee:9", a, 9);
	means(f, "arrivee/2:9", b, 9);
	means(f, "arrivee/3:1", 7, 1);
	refused(f, "arrivee/4:9", -ENOENT);
	assert_non_null(
	    strstr(f->err.text, "arrivee:9, arrivee/2:9, arrivee/3:9"));
	means(f, "abcdef13:9", a, 9);
	means(f, "ABCDEF12:9", b, 9);
	refused(f, "abcdef1:9", -ENOTUNIQ);
	assert_non_null(strstr(f->err.text, "arrivee/2:9, arrivee:9"));
	assert_true(name_next(f->streams, &id));
	assert_int_equal(id.stream, b);
	assert_true(name_next(f->streams, &id));
	assert_int_equal(id.stream, 7);
	assert_int_equal(id.seq, 9);
	assert_false(name_next(f->streams, &id));
}

static void
a_station_called_like_a_second_one_takes_nothing_from_it(void **state)
{
	struct fixture *f = *state;
	const uint64_t late = UINT64_C(0xabcdef1200000000);

	name_stream(f->streams, 1, "a", false);
	name_stream(f->streams, 2, "a", false);
	name_stream(f->streams, late, "a/2", false);
	assert_string_equal(print(f, 2, 3), "a/2:3");
	means(f, "a/2:3", 2, 3);
	assert_string_equal(print(f, late, 3), "abcdef:3");
	means(f, "abcdef:3", late, 3);
}

static void
a_second_one_takes_nothing_from_a_station_called_like_it(void **state)
{
	struct fixture *f = *state;
	const uint64_t late = UINT64_C(0xabcdef1200000000);

	name_stream(f->streams, 1, "a", false);
	name_stream(f->streams, 2, "a/2", false);
	name_stream(f->streams, late, "a", false);
	assert_string_equal(print(f, 2, 3), "a/2:3");
	means(f, "a/2:3", 2, 3);
	assert_string_equal(print(f, late, 3), "abcdef:3");
	name_stream(f->streams, 4, "a", false);
	assert_string_equal(print(f, 4, 3), "a/3:3");
}

static void
a_station_alone_is_looked_up_by_its_name(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(name_station("finish", f->streams, &f->err), -ENOENT);
	name_stream(f->streams, 1, "vm-finish", false);
	name_stream(f->streams, 2, "vm-finish", false);
	assert_int_equal(name_station("vm-finish", f->streams, &f->err), 0);
	assert_int_equal(name_station("vm-finish/2", f->streams, &f->err), 0);
	assert_int_equal(name_station("finish", f->streams, &f->err), -ENOENT);
	assert_string_equal(f->err.text,
	    "finish: there is no such station; there are vm-finish, "
	    "vm-finish/2");
}

/* What was printed means the same when others have come. */
static void
a_printed_name_holds_for_good(void **state)
{
	static const char *const names[] = { "a", "b", "a/2", "a/3", "a/2/2" };
	uint64_t random = test_seed();

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct fixture f = { .streams = name_streams_new() };
		char before[12][NAME_MAX_PRINTED];
		uint64_t epochs[12];

		for (size_t i = 0; i < 12; i++) {
			/* Far apart: digits may become ambiguous. */
			epochs[i] = (i + 1) << 60 | test_random(&random) >> 4;
			name_stream(f.streams, epochs[i],
			    names[test_below(&random, 5)], false);
			strcpy(before[i], print(&f, epochs[i], i + 1));
			for (size_t k = 0; k <= i; k++)
				means(&f, before[k], epochs[k], k + 1);
		}
		name_streams_free(f.streams);
	}
}

static void
operators_are_named_by_digits(void **state)
{
	struct fixture *f = *state;
	const uint64_t anna = UINT64_C(0x1234567800000000);

	name_stream(f->streams, 5, "anna", false);
	name_stream(f->streams, anna, "anna", true);
	assert_string_equal(print(f, anna, 1), "123456:1");
	means(f, "123456:1", anna, 1);
	means(f, "1234:1", anna, 1);
	means(f, "anna:1", 5, 1);
	assert_true(name_operators(f->streams, anna));
	assert_false(name_operators(f->streams, 5));
	assert_string_equal(name_of(f->streams, anna), "anna");
	assert_string_equal(name_of(f->streams, 99), "");
}

static void
fewer_than_four_digits_are_no_name(void **state)
{
	struct fixture *f = *state;
	const uint64_t epoch = UINT64_C(0xabcd000000000000);

	name_stream(f->streams, epoch, "", false);
	means(f, "abcd:1", epoch, 1);
	refused(f, "abc:1", -ENOENT);
}

static void
a_station_called_like_digits_is_that_station(void **state)
{
	struct fixture *f = *state;
	const uint64_t other = UINT64_C(0xdecade0000000000);

	name_stream(f->streams, 1, "decade", false);
	name_stream(f->streams, other, "", false);
	means(f, "decade:3", 1, 3);
	assert_string_equal(print(f, 1, 3), "decade:3");
	assert_string_equal(print(f, other, 3), "decade0:3");
	means(f, "decade0:3", other, 3);
}

static void
a_station_called_like_another_ones_epoch_takes_nothing_from_it(void **state)
{
	struct fixture *f = *state;
	const uint64_t other = UINT64_C(0x00000000decade11);

	name_stream(f->streams, 1, "00000000decade11", false);
	name_stream(f->streams, other, "00000000decade11", true);
	means(f, "00000000decade11:3", other, 3);
	means(f, print(f, 1, 3), 1, 3);
	means(f, print(f, other, 3), other, 3);
}

static void
a_name_may_hold_colons(void **state)
{
	struct fixture *f = *state;

	name_stream(f->streams, 1, "host:4km", false);
	means(f, "host:4km:17", 1, 17);
	assert_string_equal(print(f, 1, 17), "host:4km:17");
}

static void
what_is_no_name_is_refused_with_words(void **state)
{
	static const char *const all[] = { "", ":", ":1", "arrivee",
		"arrivee:", "arrivee:0", "arrivee:-1", "arrivee:+1",
		"arrivee: 1", "arrivee:1x", "arrivee:9223372036854775808",
		"arrivee:99999999999999999999" };
	struct fixture *f = *state;

	name_stream(f->streams, 1, "arrivee", false);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		refused(f, all[i], -EINVAL);
	assert_non_null(strstr(f->err.text, "arrivee:1234"));
	means(f, "arrivee:9223372036854775807", 1, INT64_MAX);
}

static void
a_station_that_there_is_not_is_refused_with_those_there_are(void **state)
{
	struct fixture *f = *state;

	refused(f, "arivee:7", -ENOENT);
	name_stream(f->streams, 1, "arrivee", false);
	name_stream(f->streams, 2, "depart", false);
	name_stream(f->streams, 3, "anna", true);
	refused(f, "arivee:7", -ENOENT);
	assert_non_null(strstr(f->err.text, "arrivee:7, depart:7"));
	assert_null(strstr(f->err.text, "anna"));
}

static void
a_stream_that_was_renamed_has_its_new_name(void **state)
{
	struct fixture *f = *state;

	name_stream(f->streams, 1, "old", false);
	assert_string_equal(print(f, 1, 1), "old:1");
	name_stream(f->streams, 1, "new", false);
	assert_string_equal(print(f, 1, 1), "new:1");
	refused(f, "old:1", -ENOENT);
}

/* As they stand in the log: of two stations in turn, decisions between them. */
static void
a_crossing_has_a_number_in_the_log_too(void **state)
{
	static const struct {
		uint64_t log;
		uint64_t stream;
		uint64_t seq;
	} told[] = { { 7, 0x77, 1 }, { 8, 0x77, 2 }, { 9, 0x78, 1 },
		{ 10, 0x78, 3 }, { 14, 0x78, 4 }, { 15, 0x77, 5 },
		{ 16, 0x77, 6 } };
	static const char *const none[] = { "1", "6", "11", "13", "17",
		"9223372036854775807" };
	struct fixture *f = *state;

	name_stream(f->streams, 0x76, "race folder", false);
	name_stream(f->streams, 0x77, "arrivee", false);
	/* Who told of none takes it for a name. */
	refused(f, "7", -EINVAL);
	for (size_t i = 0; i < sizeof told / sizeof *told; i++)
		name_number(f->streams, told[i].log,
		    (struct race_id){ told[i].stream, told[i].seq });
	for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
		char text[24];

		snprintf(text, sizeof text, "%" PRIu64, told[i].log);
		means(f, text, told[i].stream, told[i].seq);
	}
	means(f, "0016", 0x77, 6);
	means(f, "arrivee:16", 0x77, 16);
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		refused(f, none[i], -ENOENT);
	refused(f, "0", -EINVAL);
	refused(f, "7-8", -EINVAL);
	refused(f, "+7", -EINVAL);
	refused(f, "9223372036854775808", -EINVAL);
	refused(f, "depart:2", -ENOENT);
	assert_string_equal(f->err.text,
	    "depart:2: there is no such station; there is arrivee:2");
}

/* Few digits and few names, so that all of them meet. */
static void
what_is_printed_is_read_back(void **state)
{
	static const char *const names[] = { "", "a", "b", "aaaa", "abab",
		"aaaaaa", "aaaaaaa", "aaaaaaaaaaaaaaaa", "abaaaaaaaaaaaaaa",
		"a:1", "é" };
	uint64_t random = test_seed();

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct fixture f = { .streams = name_streams_new() };
		uint64_t epochs[12];

		for (size_t i = 0; i < 12; i++) {
			epochs[i] = UINT64_C(0xaaaaaaaaaaaaaaaa);
			for (uint64_t k = test_below(&random, 3); k > 0; k--)
				epochs[i] ^= UINT64_C(1)
				    << 4 * test_below(&random, 16);
			name_stream(f.streams, epochs[i],
			    names[test_below(&random, 11)],
			    test_below(&random, 3) == 0);
		}
		for (size_t i = 0; i < 12; i++)
			means(&f, print(&f, epochs[i], i + 1), epochs[i],
			    i + 1);
		name_streams_free(f.streams);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_station_gives_its_crossings_their_names),
		TEST(the_first_station_keeps_its_name_and_the_next_are_counted),
		TEST(a_station_called_like_a_second_one_takes_nothing_from_it),
		TEST(a_second_one_takes_nothing_from_a_station_called_like_it),
		TEST(a_station_alone_is_looked_up_by_its_name),
		cmocka_unit_test(a_printed_name_holds_for_good),
		TEST(operators_are_named_by_digits),
		TEST(fewer_than_four_digits_are_no_name),
		TEST(a_station_called_like_digits_is_that_station),
		TEST(
		    a_station_called_like_another_ones_epoch_takes_nothing_from_it),
		TEST(a_name_may_hold_colons),
		TEST(what_is_no_name_is_refused_with_words),
		TEST(
		    a_station_that_there_is_not_is_refused_with_those_there_are),
		TEST(a_stream_that_was_renamed_has_its_new_name),
		TEST(a_crossing_has_a_number_in_the_log_too),
		cmocka_unit_test(what_is_printed_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
