#include "support/test.h"

#include <string.h>

#include "race/rank/pairs.h"

/* ---- lists as text ---- */

enum { LINES_MAX = 200, BIBS = 1000 };

/*
 * Times are "0 2.5=12": seconds, and a bib of their own.  Lines are "3:101 4:
 * 5:102*": seconds, bib or none, * for the second of two lists.
 */
struct fixture {
	struct pairs_line times[LINES_MAX];
	struct pairs_line listed[LINES_MAX];
	size_t time_count;
	size_t listed_count;
	char text[2000];
};

static int
set_up(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return 0;
}

static int
tear_down(void **state)
{
	free(*state);
	return 0;
}

static size_t
read_lines(struct pairs_line *lines, const char *from, uint64_t stream)
{
	size_t n = 0;

	while (*from != '\0') {
		struct pairs_line *line = &lines[n];
		char *end;

		assert_true(n < LINES_MAX);
		*line = (struct pairs_line){ .bib = PAIRS_NONE };
		line->time_us =
		    (int64_t)(strtod(from, &end) * 1000 + 0.5) * 1000;
		line->id = (struct race_id){ stream, ++n };
		if (*end == '=' || *end == ':') {
			from = ++end;
			if (*from >= '0' && *from <= '9')
				line->bib = (uint32_t)strtoul(from, &end, 10);
			assert_true(
			    line->bib < BIBS || line->bib == PAIRS_NONE);
		}
		if (*end == '*') {
			line->id.stream++;
			end++;
		}
		from = end + strspn(end, " ");
	}
	pairs_sort(lines, 0, n);
	return n;
}

/* The bib that a time is joined to, "." for one that could not be read, =B if
 * it is tied, (B) if it stands for itself, - for nobody. */
static int
put_time(struct fixture *f, const struct pairs_line *time, char *to)
{
	const struct pairs_line *mate = NULL;

	if (time->mate != PAIRS_NONE) {
		assert_true(time->mate < f->listed_count);
		mate = &f->listed[time->mate];
		assert_ptr_equal(&f->times[mate->mate], time);
	}
	if (time->bib != PAIRS_NONE)
		return sprintf(to, mate != NULL ? " =%u" : " (%u)",
		    (unsigned)time->bib);
	if (mate == NULL)
		return sprintf(to, " -");
	if (mate->bib == PAIRS_NONE)
		return sprintf(to, " .");
	return sprintf(to, " %u", (unsigned)mate->bib);
}

/* What becomes of each time, then the groups that are not joined. */
static const char *
joined_as_read(struct fixture *f)
{
	struct pairs_group *groups;
	size_t n = pairs_join(f->times, f->time_count, f->listed,
	    f->listed_count, BIBS, &groups);
	size_t len = 0;
	size_t mates = 0;

	for (size_t i = 0; i < f->time_count; i++) {
		len += (size_t)put_time(f, &f->times[i], f->text + len);
		mates += f->times[i].mate != PAIRS_NONE;
	}
	for (size_t i = 0; i < f->listed_count; i++)
		mates -= f->listed[i].mate != PAIRS_NONE;
	assert_int_equal(mates, 0);
	for (size_t i = 0; i < n; i++)
		len += (size_t)sprintf(f->text + len, " | %s %u:%u",
		    groups[i].open ? "open" : "conflict",
		    (unsigned)groups[i].times, (unsigned)groups[i].bibs);
	free(groups);
	return len > 0 ? f->text + 1 : "";
}

static const char *
joined(struct fixture *f, const char *times, const char *listed)
{
	f->time_count = read_lines(f->times, times, 1);
	f->listed_count = read_lines(f->listed, listed, 2);
	return joined_as_read(f);
}

/* ---- tests ---- */

static void
each_time_gets_the_bib_typed_after_it(void **state)
{
	assert_string_equal(joined(*state, "0 10 20", "2:1 12:2 22:3"),
	    "1 2 3");
}

static void
a_burst_is_joined_in_order(void **state)
{
	struct fixture *f = *state;
	char times[1000] = "";
	char listed[1000] = "";
	char expected[1000] = "";

	/* Thirty in 15 s; typed at one a second, so that the list is 17 s
	 * behind at the end. */
	for (unsigned i = 0; i < 30; i++) {
		sprintf(times + strlen(times), "%u.%u ", i / 2, i % 2 * 5);
		sprintf(listed + strlen(listed), "%u:%u ", 3 + i, 100 + i);
		sprintf(expected + strlen(expected), "%u ", 100 + i);
	}
	strcat(times, "70");
	strcat(listed, "71:7");
	strcat(expected, "7");
	assert_string_equal(joined(f, times, listed), expected);
}

static void
a_missed_press_joins_nobody_of_its_group(void **state)
{
	assert_string_equal(joined(*state, "0 1 2 60", "2:1 3:2 4:3 5:4 61:5"),
	    "- - - 5 | conflict 3:4");
}

static void
a_missed_bib_joins_nobody_of_its_group(void **state)
{
	assert_string_equal(joined(*state, "0 1 2 3 60", "2:1 3:2 4:4 61:5"),
	    "- - - - 5 | conflict 4:3");
}

static void
who_could_not_be_read_takes_a_time(void **state)
{
	assert_string_equal(joined(*state, "0 1 2", "3:1 4: 5:3"), "1 . 3");
}

/* The third has no bib in the list, but the fourth was typed on both sides. */
static void
a_tie_confines_a_conflict(void **state)
{
	assert_string_equal(joined(*state, "0 1 2 3 4 5 6",
	                        "4:101 5:102 6:104 7:105 8:106 9:107"),
	    "- - - - - - - | open 7:6");
	assert_string_equal(joined(*state, "0 1 2 3=104 4 5 6",
	                        "4:101 5:102 6:104 7:105 8:106 9:107"),
	    "- - - =104 105 106 107 | conflict 3:2");
	assert_string_equal(joined(*state, "0 1 2=103 3=104 4 5 6",
	                        "4:101 5:102 5.5:103 6:104 7:105 8:106"),
	    "101 102 =103 =104 - - - | open 3:2");
}

static void
a_silence_of_30_s_ends_a_group(void **state)
{
	assert_string_equal(joined(*state, "0 1 32", "2:1 33:3"),
	    "- - 3 | conflict 2:1");
	assert_string_equal(joined(*state, "0 1 31.999", "2:1 33:3"),
	    "- - - | open 3:2");
	/* The list was silent too, between its lines. */
	assert_string_equal(joined(*state, "0", "30:1"),
	    "- | conflict 1:0 | open 0:1");
}

static void
a_time_ends_a_group_in_which_everybody_has_caught_up(void **state)
{
	assert_string_equal(joined(*state, "0 4.001 100", "1:1 5:2 6:3"),
	    "1 - - | conflict 1:2 | open 1:0");
	/* A bib may be typed 3 s early: it could be that of the second. */
	assert_string_equal(joined(*state, "0 4 100", "1:1 5:2 6:3"),
	    "- - - | conflict 2:3 | open 1:0");
	/* Somebody is behind: no line tells whose the next bib is. */
	assert_string_equal(joined(*state, "0 1 9 100", "2:1 10:2 11:3"),
	    "1 2 3 - | open 1:0");
	/* The last line counts, not any. */
	assert_string_equal(joined(*state, "0 6 10 100", "1:1 9:2 11:3 12:4"),
	    "1 - - - | conflict 2:3 | open 1:0");
}

static void
a_bib_more_than_two_minutes_late_is_nobodys(void **state)
{
	const char *times = "0 20 40 60 80 100 200";

	assert_string_equal(joined(*state, times,
	                        "120:1 121:2 122:3 123:4 124:5 125:6"),
	    "1 2 3 4 5 6 - | open 1:0");
	assert_string_equal(joined(*state, times,
	                        "120.001:1 121:2 122:3 123:4 124:5 125:6"),
	    "- - - - - - - | conflict 6:6 | open 1:0");
}

static void
a_bib_may_be_typed_a_little_early(void **state)
{
	assert_string_equal(joined(*state, "10", "8:1"), "1");
	assert_string_equal(joined(*state, "10", "7:1"), "1");
	assert_string_equal(joined(*state, "10", "6.999:1"), "- | open 1:1");
	assert_string_equal(joined(*state, "10 50", "6.999:1 51:2"),
	    "- 2 | conflict 1:1");
}

static void
the_end_of_the_lists_waits(void **state)
{
	assert_string_equal(joined(*state, "0 1 2", "2.5:1"),
	    "- - - | open 3:1");
	assert_string_equal(joined(*state, "0 2", "1:1"), "1 - | open 1:0");
	assert_string_equal(joined(*state, "0 1 4", "2:1 3:2 5:3 6:4"),
	    "1 2 3 | open 0:1");
	/* What was joined in an open group is no longer once it is over. */
	assert_string_equal(joined(*state, "0 2 60", "1:1"),
	    "- - - | conflict 2:1 | open 1:0");
}

static void
a_beginning_that_is_not_in_time_is_not_joined(void **state)
{
	assert_string_equal(joined(*state, "5 6", "0:1 1:2 7:3"),
	    "- - | open 2:3");
	assert_string_equal(joined(*state, "0 3 10", "1:1 2:2 4:3"),
	    "1 2 - | open 1:1");
}

static void
two_lists_are_one_in_the_order_of_time(void **state)
{
	assert_string_equal(joined(*state, "0 1 2 3", "4:1 5:2* 6:3 7:4*"),
	    "1 2 3 4");
	/* At the same moment, the lower stream first. */
	assert_string_equal(joined(*state, "0 1", "4:1* 4:2"), "2 1");
}

static void
without_a_list_nothing_is_joined(void **state)
{
	assert_string_equal(joined(*state, "0 1 2=7 90", ""), "- - (7) -");
	assert_string_equal(joined(*state, "", "0:1 60:2"),
	    "| conflict 0:1 | open 0:1");
}

static void
a_time_with_a_bib_of_its_own_takes_no_part(void **state)
{
	assert_string_equal(joined(*state, "0 1=9 2", "3:1 4:3"), "1 (9) 3");
	/* Nor does it break a silence. */
	assert_string_equal(joined(*state, "0 1 20=9 40", "2:1 41:3"),
	    "- - (9) 3 | conflict 2:1");
}

static void
a_tie_has_the_bounds_of_a_pair(void **state)
{
	assert_string_equal(joined(*state, "10=5", "7:5"), "=5");
	assert_string_equal(joined(*state, "10=5", "130:5"), "=5");
	assert_string_equal(joined(*state, "10=5", "6.999:5"),
	    "(5) | open 0:1");
	assert_string_equal(joined(*state, "10=5", "130.001:5"),
	    "(5) | open 0:1");
	/* The first in the bounds, not the first. */
	assert_string_equal(joined(*state, "100=5", "0:5 101:5 102:5"),
	    "=5 | conflict 0:1 | open 0:1");
}

static void
ties_do_not_cross(void **state)
{
	assert_string_equal(joined(*state, "0=1 1=2", "3:2 4:1"),
	    "=1 (2) | conflict 0:1");
	/* Laps: the same bib, again and again. */
	assert_string_equal(joined(*state, "0=5 40=5 80=5", "1:5 41:5 81:5"),
	    "=5 =5 =5");
	assert_string_equal(joined(*state, "0=5 1=5", "2:5"), "=5 (5)");
}

static void
groups_say_where_they_are(void **state)
{
	struct fixture *f = *state;
	struct pairs_group *groups;

	f->time_count = read_lines(f->times, "2 3 100 101 102", 1);
	f->listed_count = read_lines(f->listed, "1:7 5:8 6: 102.5:9", 2);
	assert_int_equal(pairs_join(f->times, f->time_count, f->listed,
	                     f->listed_count, BIBS, &groups),
	    2);
	assert_false(groups[0].open);
	assert_int_equal(groups[0].times, 2);
	assert_int_equal(groups[0].bibs, 3);
	assert_int_equal(groups[0].first, 0);
	assert_int_equal(groups[0].first_us, 1000000);
	assert_int_equal(groups[0].last_us, 6000000);
	assert_true(groups[1].open);
	assert_int_equal(groups[1].first, 3);
	assert_int_equal(groups[1].first_us, 100000000);
	assert_int_equal(groups[1].last_us, 102500000);
	free(groups);
}

/* A beginning of any length is in order already. */
static void
new_lines_move_to_their_places(void **state)
{
	struct fixture *f = *state;
	uint64_t random = test_seed();

	for (int round = 0; round < 2000; round++) {
		size_t n = test_below(&random, 40);
		size_t sorted = test_below(&random, n + 1);

		for (size_t i = 0; i < n; i++)
			f->times[i] = (struct pairs_line){
				.time_us = (int64_t)test_below(&random, 5),
				.id = { test_below(&random, 2), i + 1 },
				.read = (uint32_t)i,
			};
		pairs_sort(f->times, 0, sorted);
		pairs_sort(f->times, sorted, n);
		for (size_t i = 1; i < n; i++) {
			const struct pairs_line *a = &f->times[i - 1];
			const struct pairs_line *b = &f->times[i];

			assert_true(a->time_us <= b->time_us);
			if (a->time_us < b->time_us)
				continue;
			assert_true(a->id.stream <= b->id.stream);
			if (a->id.stream == b->id.stream)
				assert_true(a->id.seq < b->id.seq);
		}
		for (size_t i = 0; i < n; i++)
			assert_int_equal(f->times[i].read + 1,
			    f->times[i].id.seq);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_time_gets_the_bib_typed_after_it),
		TEST(a_burst_is_joined_in_order),
		TEST(a_missed_press_joins_nobody_of_its_group),
		TEST(a_missed_bib_joins_nobody_of_its_group),
		TEST(who_could_not_be_read_takes_a_time),
		TEST(a_tie_confines_a_conflict),
		TEST(a_silence_of_30_s_ends_a_group),
		TEST(a_time_ends_a_group_in_which_everybody_has_caught_up),
		TEST(a_bib_more_than_two_minutes_late_is_nobodys),
		TEST(a_bib_may_be_typed_a_little_early),
		TEST(the_end_of_the_lists_waits),
		TEST(a_beginning_that_is_not_in_time_is_not_joined),
		TEST(two_lists_are_one_in_the_order_of_time),
		TEST(without_a_list_nothing_is_joined),
		TEST(a_time_with_a_bib_of_its_own_takes_no_part),
		TEST(a_tie_has_the_bounds_of_a_pair),
		TEST(ties_do_not_cross),
		TEST(groups_say_where_they_are),
		TEST(new_lines_move_to_their_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
