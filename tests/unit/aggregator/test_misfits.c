#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include "aggregator/misfits.h"
#include "common/instant.h"

#define T0 INT64_C(1411293600000000) /* 2014-09-21T10:00:00Z */
#define S  INT64_C(1000000)

enum { POINTS = 3 };

static char start[] = "start";
static char middle[] = "middle";
static char finish[] = "finish";

static struct race_point points[POINTS] = { { .name = start },
	{ .name = middle }, { .name = finish } };

static const struct race_rules rules = { .points = points,
	.point_count = POINTS };

struct fixture {
	struct misfits m;
	struct rank_conflict all[POINTS];
	char said[1000];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_non_null(f);
	assert_int_equal(instant_zone("UTC", NULL), 0);
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
on_say(void *arg, bool warning, const char *line)
{
	struct fixture *f = arg;
	size_t len = strlen(f->said);

	snprintf(f->said + len, sizeof f->said - len, "%s%s\n",
	    warning ? "! " : "", line);
}

/* What is said of it. */
static const char *
look(struct fixture *f)
{
	f->said[0] = '\0';
	misfits_look(&f->m, &rules, f->all, on_say, f);
	return f->said;
}

static void
a_conflict_is_said_when_it_begins_and_when_it_is_settled(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(look(f), "");
	f->all[2] = (struct rank_conflict){ 1, 8, 8, T0 + 131 * S };
	assert_string_equal(look(f),
	    "! finish: 8 times and 8 bibs of two people do not fit from "
	    "10:02:11 on, and have no places: 'palmares unknown' tells what "
	    "to do\n");
	/* While it lasts and grows it has been said. */
	f->all[2].times = 9;
	f->all[2].conflicts = 2;
	assert_string_equal(look(f), "");
	f->all[2] = (struct rank_conflict){ .first_us = INT64_MAX };
	assert_string_equal(look(f),
	    "finish: times and bibs of two people fit again\n");
	assert_string_equal(look(f), "");
	f->all[2] = (struct rank_conflict){ 1, 1, 0, T0 };
	assert_string_equal(look(f),
	    "! finish: 1 time and 0 bibs of two people do not fit from "
	    "10:00:00 on, and have no places: 'palmares unknown' tells what "
	    "to do\n");
}

static void
each_point_is_told_by_itself(void **state)
{
	struct fixture *f = *state;

	f->all[1] = (struct rank_conflict){ 1, 0, 1, T0 };
	look(f);
	f->all[2] = (struct rank_conflict){ 1, 3, 2, T0 };
	f->all[1] = (struct rank_conflict){ .first_us = INT64_MAX };
	assert_string_equal(look(f),
	    "middle: times and bibs of two people fit again\n"
	    "! finish: 3 times and 2 bibs of two people do not fit from "
	    "10:00:00 on, and have no places: 'palmares unknown' tells what "
	    "to do\n");
}

static void
boards_are_told_where_and_how_many_wait(void **state)
{
	struct fixture *f = *state;

	look(f);
	assert_string_equal(f->m.trouble, "");
	assert_int_equal(f->m.conflicts, 0);
	f->all[2] = (struct rank_conflict){ 2, 7, 8, T0 };
	look(f);
	assert_string_equal(f->m.trouble,
	    "finish: times and bibs do not fit: 8 runners wait");
	assert_int_equal(f->m.conflicts, 2);
	f->all[1] = (struct rank_conflict){ 1, 1, 0, T0 };
	look(f);
	assert_string_equal(f->m.trouble,
	    "middle and elsewhere: times and bibs do not fit: 9 runners wait");
	assert_int_equal(f->m.conflicts, 3);
	f->all[2] = (struct rank_conflict){ .first_us = INT64_MAX };
	look(f);
	assert_string_equal(f->m.trouble,
	    "middle: times and bibs do not fit: 1 runner waits");
	f->all[1] = (struct rank_conflict){ .first_us = INT64_MAX };
	look(f);
	assert_string_equal(f->m.trouble, "");
	assert_int_equal(f->m.conflicts, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_conflict_is_said_when_it_begins_and_when_it_is_settled),
		TEST(each_point_is_told_by_itself),
		TEST(boards_are_told_where_and_how_many_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
