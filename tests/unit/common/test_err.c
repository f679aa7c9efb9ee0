#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "common/err.h"

static void
setting_gives_the_code_and_the_words(void **state)
{
	struct err err = { "old" };

	(void)state;
	assert_int_equal(err_set(&err, -EINVAL, "line %d", 12), -EINVAL);
	assert_string_equal(err.text, "line 12");
}

static void
a_system_error_ends_in_its_words(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(err_errno(&err, -ENOENT, "open %s", "a.db"), -ENOENT);
	assert_string_equal(err.text, "open a.db: No such file or directory");
}

static void
context_goes_before_the_words(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, -EINVAL, "min-lap 0.2: too short");
	assert_int_equal(err_wrap(&err, -EINVAL, "race.yaml:%d", 12), -EINVAL);
	err_wrap(&err, -EINVAL, "check");
	assert_string_equal(err.text,
	    "check: race.yaml:12: min-lap 0.2: too short");
}

static void
the_code_comes_back_where_nobody_wants_words(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, -EINVAL, "x"), -EINVAL);
	assert_int_equal(err_errno(NULL, -EIO, "x"), -EIO);
	assert_int_equal(err_wrap(NULL, -EBUSY, "x"), -EBUSY);
}

static void
words_may_quote_the_words_before(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, -EIO, "disk");
	err_set(&err, -EIO, "(%s) again", err.text);
	assert_string_equal(err.text, "(disk) again");
}

static void
assert_length(const struct err *err, size_t len)
{
	size_t most = sizeof err->text - 1;

	assert_int_equal(strlen(err->text), len < most ? len : most);
}

static void
long_words_are_cut(void **state)
{
	char words[1101];
	struct err err;

	(void)state;
	memset(words, 'x', sizeof words - 1);
	words[sizeof words - 1] = '\0';
	for (size_t len = 1000; len < sizeof words; len++) {
		const char *tail = words + sizeof words - 1 - len;

		err_errno(&err, -EIO, "%s", tail);
		assert_length(&err, len + strlen(": Input/output error"));
		err_set(&err, -EIO, "%s", tail);
		assert_length(&err, len);
		err_wrap(&err, -EIO, "here");
		assert_length(&err, len + strlen("here: "));
		assert_memory_equal(err.text, "here: xxx", 9);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_gives_the_code_and_the_words),
		cmocka_unit_test(a_system_error_ends_in_its_words),
		cmocka_unit_test(context_goes_before_the_words),
		cmocka_unit_test(the_code_comes_back_where_nobody_wants_words),
		cmocka_unit_test(words_may_quote_the_words_before),
		cmocka_unit_test(long_words_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
