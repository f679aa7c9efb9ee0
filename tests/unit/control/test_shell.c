#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/shell.h"

/* The words, each behind a bar: "|a|b c". */
static char *
split(const char *line)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	char **words;
	size_t count;

	assert_non_null(out);
	assert_int_equal(shell_split(&words, &count, line), 0);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "|%s", words[i]);
	assert_null(words[count]);
	shell_free(words);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void
assert_words(const char *line, const char *want)
{
	char *got = split(line);

	assert_string_equal(got, want);
	free(got);
}

static void
words_stand_between_blanks(void **state)
{
	(void)state;
	assert_words("", "");
	assert_words(" \t\n", "");
	assert_words("dsq 15", "|dsq|15");
	assert_words("  penalty\t15  -0:30 ", "|penalty|15|-0:30");
	assert_words("a", "|a");
}

static void
quotes_keep_words_together(void **state)
{
	(void)state;
	assert_words("change 15 team=\"Groupe A\"", "|change|15|team=Groupe A");
	assert_words("'a b'\"c d\"e", "|a bc de");
	assert_words("'' \"\"", "||");
	assert_words("'\\\"' \"\\\"\\\\'\\n\"", "|\\\"|\"\\'\\n");
	assert_words("a\\ b \\'c", "|a b|'c");
}

static void
what_is_not_closed_is_refused(void **state)
{
	static const char *const lines[] = { "'", "\"", "a 'b", "a \"b\\\"",
		"a\\", "'a'\"" };
	char **words;
	size_t count;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_int_equal(shell_split(&words, &count, lines[i]),
		    -EINVAL);
}

/* Whatever a word holds: it is split off as it was. */
static void
a_word_that_is_printed_is_split_off_again(void **state)
{
	static const char letters[] = "ab '\"\\\t\n=é$|";
	uint64_t random = test_seed();

	(void)state;
	for (int round = 0; round < 5000; round++) {
		char *line = NULL;
		char kept[4][16];
		size_t n = test_below(&random, 5);
		size_t len;
		size_t count;
		char **words;
		FILE *out = open_memstream(&line, &len);

		assert_non_null(out);
		for (size_t i = 0; i < n; i++) {
			size_t size = test_below(&random, sizeof kept[i] - 1);

			for (size_t k = 0; k < size; k++)
				kept[i][k] = letters[test_below(&random,
				    sizeof letters - 1)];
			kept[i][size] = '\0';
			shell_word(out, kept[i]);
			putc(' ', out);
		}
		assert_int_equal(fclose(out), 0);
		assert_int_equal(shell_split(&words, &count, line), 0);
		assert_int_equal(count, n);
		for (size_t i = 0; i < n; i++)
			assert_string_equal(words[i], kept[i]);
		shell_free(words);
		free(line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_stand_between_blanks),
		cmocka_unit_test(quotes_keep_words_together),
		cmocka_unit_test(what_is_not_closed_is_refused),
		cmocka_unit_test(a_word_that_is_printed_is_split_off_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
