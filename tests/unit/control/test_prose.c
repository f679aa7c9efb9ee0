#include "support/test.h"

#include <string.h>

#include "common/text.h"
#include "control/prose.h"

static char *
put(size_t at, const char *head, size_t from, const char *text)
{
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);

	prose_put(f, at, head, from, text);
	fclose(f);
	return out;
}

static void
is(size_t at, const char *head, size_t from, const char *text,
    const char *expected)
{
	char *out = put(at, head, from, text);

	assert_string_equal(out, expected);
	free(out);
}

static void
words_stand_behind_the_head(void **state)
{
	(void)state;
	is(2, "gun", 8, "10:00:00", "  gun   10:00:00\n");
	is(0, "gun", 0, "10:00:00", "gun 10:00:00\n");
	is(2, "", 8, "alone", "        alone\n");
	is(2, "head", 4, "", "  head\n");
	is(2, "a long head", 8, "and more", "  a long head and more\n");
	is(0, "", 0, "  blanks   between ", "blanks between\n");
}

static void
a_line_has_at_most_80_columns_and_goes_on_below(void **state)
{
	char text[500] = "";
	char *out;
	char *line;

	(void)state;
	for (int i = 0; i < 40; i++)
		strcat(text, "mot été ");
	out = put(2, "head", 10, text);
	for (line = strtok(out, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		assert_true(text_width(line) <= 80);
		assert_true(text_width(line) > 72 || strlen(line) < 80);
		assert_memory_equal(line,
		    line == out ? "  head    mot" : "          ", 10);
	}
	free(out);
	/* To the last column. */
	is(0, "", 0,
	    "1234567890123456789012345678901234567890 "
	    "123456789012345678901234567890123456789 next",
	    "1234567890123456789012345678901234567890 "
	    "123456789012345678901234567890123456789\nnext\n");
}

static void
a_word_that_is_longer_than_a_line_is_left_whole(void **state)
{
	char word[120];
	char expected[140];

	(void)state;
	memset(word, 'x', sizeof word - 1);
	word[sizeof word - 1] = '\0';
	snprintf(expected, sizeof expected, "  h %s\n", word);
	is(2, "h", 4, word, expected);
}

static void
what_steers_a_terminal_is_shown_as_a_mark(void **state)
{
	(void)state;
	is(2, "h\x1b[2J", 4,
	    "a\xe2\x80\xae"
	    "b c\x9b"
	    "d\re",
	    "  h\xef\xbf\xbd[2J a\xef\xbf\xbd"
	    "b c\xef\xbf\xbd"
	    "d\xef\xbf\xbd"
	    "e\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_stand_behind_the_head),
		cmocka_unit_test(
		    a_line_has_at_most_80_columns_and_goes_on_below),
		cmocka_unit_test(
		    a_word_that_is_longer_than_a_line_is_left_whole),
		cmocka_unit_test(what_steers_a_terminal_is_shown_as_a_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
