#include "support/test.h"

#include <string.h>

#include "control/why.h"

static const enum rank_why last = RANK_NOWHERE;

static void
each_reason_has_words_and_a_name_of_its_own(void **state)
{
	(void)state;
	for (enum rank_why a = RANK_COUNTS; a <= last; a++) {
		assert_non_null(why_words(a));
		assert_non_null(why_name(a));
		for (enum rank_why b = RANK_COUNTS; b < a; b++) {
			assert_string_not_equal(why_words(a), why_words(b));
			assert_string_not_equal(why_name(a), why_name(b));
		}
	}
}

static void
what_counts_says_so_and_nothing_else_does(void **state)
{
	(void)state;
	for (enum rank_why a = RANK_COUNTS; a <= last; a++)
		assert_int_equal(why_counts(a),
		    strncmp(why_words(a), "counts", 6) == 0);
	assert_true(why_counts(RANK_SET));
	assert_false(why_counts(RANK_OVERRULED));
}

static void
a_name_is_one_word_for_a_program(void **state)
{
	(void)state;
	for (enum rank_why a = RANK_COUNTS; a <= last; a++)
		assert_int_equal(strspn(why_name(a),
		                     "abcdefghijklmnopqrstuvwxyz-"),
		    strlen(why_name(a)));
	assert_string_equal(why_name(RANK_TOO_EARLY), "too-early");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_reason_has_words_and_a_name_of_its_own),
		cmocka_unit_test(what_counts_says_so_and_nothing_else_does),
		cmocka_unit_test(a_name_is_one_word_for_a_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
