#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "common/text.h"

static void
only_utf8_is_valid(void **state)
{
	(void)state;
	assert_true(text_utf8_valid("", 0));
	assert_true(text_utf8_valid("\xc3\x89lodie", 7));
	assert_false(text_utf8_valid("\xc9lodie", 6));
	assert_false(text_utf8_valid("\xc3", 1));
	/* Overlong, a surrogate, beyond U+10FFFF. */
	assert_false(text_utf8_valid("\xc0\xaf", 2));
	assert_false(text_utf8_valid("\xed\xa0\x80", 3));
	assert_false(text_utf8_valid("\xf4\x90\x80\x80", 4));
}

static void
what_steers_a_terminal_is_not_printable(void **state)
{
	static const char *const bad[] = { "a\x1b[31m", "a\nb", "a\tb", "\x7f",
		"\xc2\x9b" /* CSI */, "\xe2\x80\xae" /* right to left */,
		"\xe2\x80\xa8" /* line separator */, "\xff" };

	(void)state;
	assert_true(text_printable(""));
	assert_true(text_printable("Zo\xc3\xab \xe9\x99\xb3"));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(text_printable(bad[i]));
}

static void
cp1252_becomes_utf8(void **state)
{
	char *s = text_from_cp1252("\xc9t\xe9 \x80\x9c\x81|", 8);

	(void)state;
	/* É é € œ and the undefined 0x81 */
	assert_string_equal(s,
	    "\xc3\x89t\xc3\xa9 \xe2\x82\xac\xc5\x93\xef\xbf\xbd"
	    "|");
	free(s);
}

static void
trim_cuts_all_white_space_at_both_ends(void **state)
{
	char plain[] = " \t\r\n12 3 \v\f";
	char wide[] = "\xef\xbb\xbf\xc2\xa0 Zo\xc3\xab\xc2\xa0\xe2\x80\xaf";
	char blank[] = " \xc2\xa0 ";
	char broken[] = "\xa0x\xa0";

	(void)state;
	assert_string_equal(text_trim(plain), "12 3");
	assert_string_equal(text_trim(wide), "Zo\xc3\xab");
	assert_string_equal(text_trim(blank), "");
	/* Half a character is no blank. */
	assert_string_equal(text_trim(broken), "\xa0x\xa0");
}

static void
assert_fold(const char *s, const char *expected)
{
	char *folded = text_fold(s);

	assert_string_equal(folded, expected);
	free(folded);
}

static void
fold_finds_names_however_they_are_typed(void **state)
{
	(void)state;
	assert_fold("", "");
	assert_fold("\xc3\x89LODIE", "elodie");
	assert_fold("e\xcc\x81lodie", "elodie"); /* decomposed */
	assert_fold("\xc5\x92uvre", "oeuvre");
	assert_fold("Gro\xc3\x9f", "gross");
	assert_fold("S\xc3\xb8ren \xc3\x86r\xc3\xb8", "soren aero");
	assert_fold("\xc5\x81\xc3\xb3"
	            "d\xc5\xba",
	    "lodz");
	assert_fold("\xc4\xb0zmir", "izmir"); /* dotted capital I */
	assert_fold("  d'Avila--Le  Goff. ", "d avila le goff");
	assert_fold("--", "");
	assert_fold("\xe9\x99\xb3 12", "\xe9\x99\xb3 12");
	assert_fold("a\xff"
	            "b",
	    "a b");
}

static void
width_counts_columns_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("\xc3\x89lodie"), 6);
	assert_int_equal(text_width("e\xcc\x81"), 1);
	assert_int_equal(text_width("\xe9\x99\xb3"), 2);
	assert_int_equal(text_width("a\x1b\xff"), 3);
}

static void
assert_fit(const char *s, size_t cap, size_t width, bool pad,
    const char *expected, size_t columns)
{
	char *out = malloc(cap); /* so that a byte too many is noticed */

	assert_non_null(out);
	assert_int_equal(text_fit(out, cap, s, width, pad), columns);
	assert_string_equal(out, expected);
	free(out);
}

static void
fit_cuts_pads_and_defuses(void **state)
{
	(void)state;
	assert_fit("abc", 16, 3, true, "abc", 3);
	assert_fit("abc", 16, 5, true, "abc  ", 5);
	assert_fit("abc", 16, 5, false, "abc", 3);
	assert_fit("abcdef", 16, 4, true, "abc\xe2\x80\xa6", 4);
	assert_fit("\xc3\x89\xc3\x89\xc3\x89", 16, 2, false,
	    "\xc3\x89\xe2\x80\xa6", 2);
	/* The accent stays on its letter. */
	assert_fit("e\xcc\x81xyz", 16, 2, false, "e\xcc\x81\xe2\x80\xa6", 2);
	/* Half a wide character is none: padded. */
	assert_fit("\xe9\x99\xb3\xe9\x99\xb3", 16, 2, true, "\xe2\x80\xa6 ", 2);
	assert_fit("a\x1b", 16, 2, false, "a\xef\xbf\xbd", 2);
	assert_fit("abc", 16, 0, true, "", 0);
	assert_fit("abc", 1, 9, true, "", 0);
	assert_fit("abcdef", 6, 9, false, "ab\xe2\x80\xa6", 3);
	assert_fit("abcdef", 3, 9, false, "", 0);
}

static void
fit_keeps_its_bounds_whatever_the_text(void **state)
{
	uint64_t seed = test_seed();

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char s[24] = { 0 };
		char out[32];
		size_t cap = 1 + test_below(&seed, sizeof out - 1);
		size_t width = test_below(&seed, 12);
		size_t len = test_below(&seed, sizeof s - 1);
		size_t columns;

		for (size_t i = 0; i < len; i++)
			s[i] = (char)(1 + test_below(&seed, 255));
		memset(out, '#', sizeof out);
		columns = text_fit(out, cap, s, width, round % 2 == 0);
		assert_true(strlen(out) < cap);
		assert_true(columns <= width);
		assert_int_equal(columns, text_width(out));
		assert_true(text_printable(out));
		if (cap < sizeof out)
			assert_int_equal(out[cap], '#');
	}
}

static void
quote_shortens_and_defuses(void **state)
{
	char out[TEXT_QUOTE_MAX];
	char s[300];

	(void)state;
	assert_string_equal(text_quote(out, ""), "\"\"");
	assert_string_equal(text_quote(out, "a\nb"),
	    "\"a\xef\xbf\xbd"
	    "b\"");
	memset(s, 'x', sizeof s);
	s[64] = '\0';
	assert_int_equal(strlen(text_quote(out, s)), 66);
	s[64] = 'x';
	s[65] = '\0';
	assert_string_equal(text_quote(out, s),
	    "\"xxxxxxxxxxxxxxxxxxxx\xe2\x80\xa6\"");
	/* The longest there is: 64 characters of four bytes. */
	for (size_t i = 0; i < 256; i += 4)
		memcpy(s + i, "\xf0\x9f\x8f\x83", 4);
	s[256] = '\0';
	assert_int_equal(strlen(text_quote(out, s)), 258);
}

static void
labels_are_ordered_numbers_first(void **state)
{
	static const char *const order[] = { "0", "007", "7", "8", "0010", "10",
		"99999999999999999999999998", "99999999999999999999999999", "",
		"-1", "10A", "A1", "B", "a", "\xc3\x89" };
	size_t n = sizeof order / sizeof order[0];

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n; k++) {
			int c = text_label_cmp(order[i], order[k]);

			assert_int_equal((c > 0) - (c < 0), (i > k) - (i < k));
		}
	}
}

static void
chips_have_one_form(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(text_chip(out, sizeof out, "00aB"), 0);
	assert_string_equal(out, "AB");
	assert_int_equal(text_chip(out, sizeof out, ""), 0);
	assert_string_equal(out, "");
	assert_int_equal(text_chip(out, sizeof out, "000"), 0);
	assert_string_equal(out, "0");
	assert_int_equal(text_chip(out, sizeof out, "0-:_."), 0);
	assert_string_equal(out, "-:_.");
	assert_int_equal(text_chip(out, sizeof out, "000001234567"), 0);
	assert_string_equal(out, "1234567");
}

static void
a_chip_that_is_none_leaves_the_output_alone(void **state)
{
	static const char *const bad[] = { "12345678", "a b", "a;b", "\xc3\xa9",
		"a\n" };
	char out[8] = "before";

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(text_chip(out, sizeof out, bad[i]), -EINVAL);
	assert_string_equal(out, "before");
}

static void
both_sides_of_a_line_are_kept_apart(void **state)
{
	char out[64];

	(void)state;
	text_pair(out, sizeof out, 12, "left", "right");
	assert_string_equal(out, "left   right");
	text_pair(out, sizeof out, 12, "a long left", "right");
	assert_string_equal(out, "a lon… right");
	text_pair(out, sizeof out, 4, "left", "right");
	assert_string_equal(out, "rig…");
	text_pair(out, sizeof out, 6, "left", "");
	assert_string_equal(out, "left  ");
	text_pair(out, 6, 12, "left", "right");
	assert_string_equal(out, "left ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_utf8_is_valid),
		cmocka_unit_test(what_steers_a_terminal_is_not_printable),
		cmocka_unit_test(cp1252_becomes_utf8),
		cmocka_unit_test(trim_cuts_all_white_space_at_both_ends),
		cmocka_unit_test(fold_finds_names_however_they_are_typed),
		cmocka_unit_test(width_counts_columns_not_bytes),
		cmocka_unit_test(fit_cuts_pads_and_defuses),
		cmocka_unit_test(fit_keeps_its_bounds_whatever_the_text),
		cmocka_unit_test(both_sides_of_a_line_are_kept_apart),
		cmocka_unit_test(quote_shortens_and_defuses),
		cmocka_unit_test(labels_are_ordered_numbers_first),
		cmocka_unit_test(chips_have_one_form),
		cmocka_unit_test(a_chip_that_is_none_leaves_the_output_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
