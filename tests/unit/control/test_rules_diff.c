#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "control/rules_diff.h"
#include "race/rules.h"
#include "support/plain.h"

/* 2014-09-21T10:00:00+02:00 */
#define TEN INT64_C(1411286400000000)
#define S   INT64_C(1000000)

struct fixture {
	struct race_wave waves[2];
	struct race_point points[2];
	struct race_ranking rankings[2];
	struct race_award awards[1];
	struct race_rules rules;
};

static int
set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	f->waves[0] = (struct race_wave){ plain_text("masse"), TEN, 0 };
	f->waves[1] = (struct race_wave){ plain_text("a: \"b\""), TEN, 0 };
	f->points[0] = plain_point("depart", 0);
	f->points[1] = plain_point("arrivee", 8000);
	f->rankings[0] = plain_ranking("scratch", 1);
	f->rankings[1] = plain_ranking("live", RACE_LIVE);
	for (int i = 0; i < 2; i++) {
		f->rankings[i].best = 3;
		f->rankings[i].sides = 1;
	}
	f->awards[0] = (struct race_award){ plain_text("First"),
		plain_text("scratch"), 3 };
	f->rules = plain_rules();
	f->rules.fastest_us_km = 120 * S;
	f->rules.waves = f->waves;
	f->rules.wave_count = 2;
	f->rules.points = f->points;
	f->rules.point_count = 2;
	f->rules.rankings = f->rankings;
	f->rules.ranking_count = 2;
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	free(*state);
	return 0;
}

static void
assert_told(const struct race_rules *was, const struct race_rules *is,
    const char *want)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	bool any;

	assert_non_null(out);
	any = rules_diff_print(out, was, is);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, want);
	assert_int_equal(any, want[0] != '\0');
	free(text);
}

static void
what_is_the_same_is_not_told(void **state)
{
	struct fixture *f = *state;

	assert_told(&f->rules, &f->rules, "");
}

static void
lines_of_one_name_stand_together(void **state)
{
	struct fixture *f = *state;
	struct race_rules *was = rules_copy(&f->rules);

	f->waves[0].gun_us += 7 * S;
	f->waves[1].gun_us = RACE_NO_TIME;
	f->rankings[1].sex = plain_text("F");
	f->rules.title = plain_text("9 km");
	f->rules.fastest_us_km = 150 * S;
	assert_told(was, &f->rules,
	    "  - title: \"8 km\"\n"
	    "  + title: \"9 km\"\n"
	    "  + fastest: \"2:30\"\n"
	    "  waves:\n"
	    "    - masse: { gun: \"10:00:00\" }\n"
	    "    + masse: { gun: \"10:00:07\" }\n"
	    "    - \"a: \\\"b\\\"\": { gun: \"10:00:00\" }\n"
	    "    + \"a: \\\"b\\\"\":\n"
	    "  rankings:\n"
	    "    - live: { of: runners, at: live }\n"
	    "    + live: { of: runners, sex: F, at: live }\n");
	rules_free(was);
}

static void
what_comes_and_what_goes_is_told_in_its_place(void **state)
{
	struct fixture *f = *state;
	struct race_rules *was = rules_copy(&f->rules);

	f->rules.wave_count = 1;
	f->rankings[0].name = plain_text("all");
	f->rules.awards = f->awards;
	f->rules.award_count = 1;
	assert_told(was, &f->rules,
	    "  waves:\n"
	    "    - \"a: \\\"b\\\"\": { gun: \"10:00:00\" }\n"
	    "  rankings:\n"
	    "    - scratch: { of: runners }\n"
	    "    + all: { of: runners }\n"
	    "  awards:\n"
	    "    + First: { ranking: scratch, places: 3 }\n");
	assert_told(&f->rules, was,
	    "  waves:\n"
	    "    + \"a: \\\"b\\\"\": { gun: \"10:00:00\" }\n"
	    "  rankings:\n"
	    "    - all: { of: runners }\n"
	    "    + scratch: { of: runners }\n"
	    "  awards:\n"
	    "    - First: { ranking: scratch, places: 3 }\n");
	rules_free(was);
}

static void
another_order_is_told(void **state)
{
	struct fixture *f = *state;
	struct race_rules *was = rules_copy(&f->rules);
	struct race_ranking first = f->rankings[0];

	f->rankings[0] = f->rankings[1];
	f->rankings[1] = first;
	assert_told(was, &f->rules, "  the same lines in another order\n");
	rules_free(was);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_the_same_is_not_told),
		TEST(lines_of_one_name_stand_together),
		TEST(what_comes_and_what_goes_is_told_in_its_place),
		TEST(another_order_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
