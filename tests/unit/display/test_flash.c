#include "support/test.h"

#include "display/flash.h"

#define S INT64_C(1000000)

static void
what_is_seen_first_is_no_news(void **state)
{
	struct flash *f = flash_new();

	(void)state;
	assert_false(flash_row(f, "7", 1, 10 * S));
	flash_free(f);
}

static void
a_change_stands_out_for_two_seconds(void **state)
{
	struct flash *f = flash_new();

	(void)state;
	flash_row(f, "7", 1, 10 * S);
	flash_frame(f, false);
	assert_false(flash_row(f, "7", 1, 11 * S));
	assert_true(flash_row(f, "7", 2, 12 * S));
	assert_true(flash_row(f, "7", 2, 14 * S - 1));
	assert_false(flash_row(f, "7", 2, 14 * S));
	flash_free(f);
}

static void
who_comes_into_a_standing_screen_stands_out(void **state)
{
	struct flash *f = flash_new();

	(void)state;
	flash_row(f, "7", 1, 10 * S);
	flash_frame(f, false);
	assert_true(flash_row(f, "8", 1, 11 * S));
	flash_frame(f, true);
	assert_false(flash_row(f, "9", 1, 11 * S));
	flash_free(f);
}

static void
another_ranking_begins_afresh(void **state)
{
	struct flash *f = flash_new();

	(void)state;
	flash_row(f, "7", 1, 10 * S);
	flash_frame(f, false);
	flash_reset(f);
	assert_false(flash_row(f, "7", 2, 11 * S));
	flash_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_seen_first_is_no_news),
		cmocka_unit_test(a_change_stands_out_for_two_seconds),
		cmocka_unit_test(who_comes_into_a_standing_screen_stands_out),
		cmocka_unit_test(another_ranking_begins_afresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
