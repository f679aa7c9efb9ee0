#include "support/test.h"

#include <string.h>

#include "control/compare.h"
#include "support/handmade.h"

#define S HANDMADE_S

struct fixture {
	struct handmade *h;
	char *text;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->h = handmade_new();
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	handmade_free(f->h);
	free(f->text);
	free(f);
	return 0;
}

static struct compare *
compared(struct fixture *f, size_t v, const char *a, const char *b)
{
	const struct race_entry *entries[] = {
		roster_find(f->h->book->roster, a),
		roster_find(f->h->book->roster, b),
	};
	struct compare *c;

	compare_new(&c, f->h->book, v, entries, 2);
	return c;
}

static const char *
printed(struct fixture *f, size_t v, const char *a, const char *b, bool json)
{
	struct compare *c = compared(f, v, a, b);
	size_t len;
	FILE *out;

	free(f->text);
	f->text = NULL;
	out = open_memstream(&f->text, &len);
	assert_int_equal(json ? compare_json(out, c) : compare_print(out, c),
	    0);
	fclose(out);
	compare_free(c);
	return f->text;
}

/* 1 wins; 2 to 6 come in between; 7 was first half way. */
static void
run_all(struct fixture *f)
{
	for (int i = 1; i <= 7; i++) {
		char bib[8];

		snprintf(bib, sizeof bib, "%d", i);
		handmade_enter(f->h, bib, i == 1 ? "Anne Martin" : "", "F", "");
		handmade_cross(f->h, 0, bib, "", i * S);
		handmade_cross(f->h, 1, bib, "", (i == 7 ? 800 : 900 + i) * S);
		handmade_cross(f->h, 2, bib, "", (1790 + 10 * i) * S);
	}
}

static void
places_and_times_are_told_split_by_split(void **state)
{
	struct fixture *f = *state;

	run_all(f);
	assert_string_equal(printed(f, HANDMADE_SCRATCH, "7", "1", false),
	    "8 km, scratch, by gun time\n"
	    "\n"
	    "depart, 0 km\n"
	    "      1.  1 Anne Martin                    0:01\n"
	    "      7.  7                                0:07  6 places and "
	    "0:06 behind\n"
	    "\n"
	    "mi-course, 4 km\n"
	    "      1.  7                               13:20\n"
	    "      2.  1 Anne Martin                   15:01  1 place and "
	    "1:41 behind\n"
	    "\n"
	    "arrivee, 8 km\n"
	    "      1.  1 Anne Martin                   30:00\n"
	    "      7.  7                               31:00  6 places and "
	    "1:00 behind\n"
	    "\n"
	    "1 Anne Martin is 6 places and 1:00 ahead of 7.\n");
}

static void
by_net_the_start_is_no_split(void **state)
{
	struct fixture *f = *state;
	struct compare *c;

	run_all(f);
	c = compared(f, HANDMADE_NET, "3", "4");
	assert_int_equal(c->point_count, 2);
	assert_int_equal(c->points[0], 1);
	assert_int_equal(c->runners[0].splits[2].elapsed_us, 1817 * S);
	compare_free(c);
}

static void
a_penalty_counts_at_the_end_and_not_before(void **state)
{
	struct fixture *f = *state;
	struct compare *c;

	run_all(f);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_PENALTY,
	        .bib = "1",
	        .amount_us = 25 * S });
	c = compared(f, HANDMADE_SCRATCH, "1", "2");
	assert_string_equal(c->runners[0].entry->bib, "2");
	assert_int_equal(c->runners[1].splits[1].elapsed_us, 901 * S);
	assert_int_equal(c->runners[1].splits[1].place, 2);
	assert_int_equal(c->runners[1].splits[2].elapsed_us, 1825 * S);
	assert_int_equal(c->runners[1].splits[2].place, 3);
	compare_free(c);
}

static void
who_has_no_place_is_told_as_such(void **state)
{
	struct fixture *f = *state;

	run_all(f);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_STATUS,
	        .bib = "1",
	        .status = RACE_DSQ });
	handmade_enter(f->h, "8", "", "M", "");
	assert_non_null(strstr(printed(f, HANDMADE_SCRATCH, "1", "2", false),
	    "\n1 has no place in scratch: DSQ.\n"));
	/* Of the others one comes a place nearer at each point. */
	assert_non_null(strstr(f->text, "      1.  2 "));
	assert_non_null(strstr(printed(f, HANDMADE_SCRATCH, "8", "2", false),
	    "\n8 has no place in scratch: not seen.\n"));
	assert_non_null(strstr(printed(f, HANDMADE_WOMEN, "8", "2", false),
	    "\n8 is not in femmes.\n"));
}

static void
who_has_not_come_that_far_has_no_time_there(void **state)
{
	struct fixture *f = *state;
	struct compare *c;

	run_all(f);
	handmade_enter(f->h, "8", "", "F", "");
	handmade_cross(f->h, 1, "8", "", 1000 * S);
	c = compared(f, HANDMADE_DISTANCE, "7", "8");
	assert_int_equal(c->runners[1].line.place, 8);
	assert_int_equal(c->runners[1].splits[2].elapsed_us, RACE_NO_SPLIT);
	assert_int_equal(c->runners[1].splits[2].place, 0);
	compare_free(c);
	assert_non_null(strstr(printed(f, HANDMADE_DISTANCE, "7", "8", false),
	    "\n7 is 1 place ahead of 8.\n"));
	assert_non_null(strstr(printed(f, HANDMADE_LIVE, "1", "8", false),
	    "\n1 Anne Martin is 7 places ahead of 8.\n"));
}

static void
who_is_tied_shares_the_place(void **state)
{
	struct fixture *f = *state;

	run_all(f);
	handmade_enter(f->h, "8", "", "F", "");
	handmade_cross(f->h, 2, "8", "", 1800 * S);
	assert_non_null(strstr(printed(f, HANDMADE_SCRATCH, "8", "1", false),
	    "    30:00  the same place\n"));
	assert_non_null(
	    strstr(f->text, "\n1 Anne Martin shares place 1 with 8.\n"));
}

static void
json_says_how_far_each_is_behind_the_best(void **state)
{
	struct fixture *f = *state;
	const char *text;

	run_all(f);
	text = printed(f, HANDMADE_SCRATCH, "7", "1", true);
	assert_non_null(strstr(text, "\"behind_us\": 60000000"));
	assert_non_null(strstr(text, "\"behind_us\": -101000000"));
	assert_non_null(strstr(text, "\"place\": 7"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(places_and_times_are_told_split_by_split),
		TEST(by_net_the_start_is_no_split),
		TEST(a_penalty_counts_at_the_end_and_not_before),
		TEST(who_has_no_place_is_told_as_such),
		TEST(who_has_not_come_that_far_has_no_time_there),
		TEST(who_is_tied_shares_the_place),
		TEST(json_says_how_far_each_is_behind_the_best),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
