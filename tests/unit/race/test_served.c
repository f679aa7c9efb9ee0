#include "support/test.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "race/served.h"

struct fixture {
	char dir[64];
	char endpoint[96];
	struct err err;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_int_equal(unsetenv("PALMARES_AGGREGATOR"), 0);
	snprintf(f->dir, sizeof f->dir, "/tmp/test_served.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->endpoint, sizeof f->endpoint, "%s/endpoint", f->dir);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	(void)unlink(f->endpoint);
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

static void
silent(struct fixture *f, const char *aggregator, const char *race)
{
	assert_int_equal(served_silent("peer:1", aggregator, race, &f->err),
	    -ETIMEDOUT);
	assert_int_equal(strncmp(f->err.text, "no aggregator answers at peer:1",
	                     31),
	    0);
}

static bool
says(const struct fixture *f, const char *words)
{
	return strstr(f->err.text, words) != NULL;
}

/* ---- tests ---- */

static void
a_folder_without_an_endpoint_is_told_to_have_none(void **state)
{
	struct fixture *f = *state;
	char words[128];

	silent(f, NULL, f->dir);
	snprintf(words, sizeof words, "since %s has no endpoint", f->dir);
	assert_true(says(f, words));
	assert_true(says(f, "start palmares-aggregator /tmp/test_served."));
}

static void
who_names_nothing_is_told_what_to_name(void **state)
{
	struct fixture *f = *state;

	silent(f, NULL, NULL);
	assert_true(says(f, "--race DIR and --aggregator HOST[:BASE]"));
}

static void
silence_where_somebody_was_named_has_no_other_reason(void **state)
{
	struct fixture *f = *state;
	FILE *file = fopen(f->endpoint, "w");

	silent(f, "peer:1", NULL);
	assert_true(says(f, "(is it running?)"));
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	silent(f, NULL, f->dir);
	assert_true(says(f, "(is it running?)"));
	assert_int_equal(unlink(f->endpoint), 0);
	silent(f, "peer:1", f->dir);
	assert_true(says(f, "(is it running?)"));
	assert_int_equal(setenv("PALMARES_AGGREGATOR", "peer:1", 1), 0);
	silent(f, NULL, f->dir);
	assert_true(says(f, "(is it running?)"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_folder_without_an_endpoint_is_told_to_have_none, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    who_names_nothing_is_told_what_to_name, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    silence_where_somebody_was_named_has_no_other_reason, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
