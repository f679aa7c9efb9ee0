#include "support/test.h"

#include <string.h>

#include "common/strmap.h"
#include "race/near.h"

/* Those whose number is 0. */
static bool
is_known(void *arg, const char *word)
{
	return strmap_get(arg, word) == 0;
}

static struct strmap *
those(const char *words)
{
	struct strmap *m = strmap_new();
	char all[400];
	char *rest = all;

	snprintf(all, sizeof all, "%s", words);
	for (char *w; (w = strsep(&rest, " ")) != NULL;)
		strmap_put(m, w, 0);
	return m;
}

static const char *const marks[] = {
	[NEAR_SWAPPED] = "swapped",
	[NEAR_MISSING] = "missing",
	[NEAR_DOUBLED] = "doubled",
	[NEAR_EXTRA] = "extra",
	[NEAR_KEY] = "key",
	[NEAR_ZEROS] = "zeros",
	[NEAR_NEXT] = "next",
};

/* "102:swapped 120:key" */
static void
expect(const char *typed, const char *known, size_t cap, const char *expected)
{
	struct strmap *m = those(known);
	struct near_match found[20];
	size_t n = near_find(typed, is_known, m, found, cap);
	char text[2000] = "";

	assert_true(n <= cap);
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(text);

		snprintf(text + len, sizeof text - len, "%s%s:%s",
		    i > 0 ? " " : "", found[i].word, marks[found[i].slip]);
	}
	strmap_free(m);
	if (strcmp(text, expected) != 0)
		fail_msg("%s among %s: \"%s\", not \"%s\"", typed, known, text,
		    expected);
}

static void
each_slip_is_found(void **state)
{
	(void)state;
	expect("120", "102", 20, "102:swapped");
	expect("201", "210 021", 20, "021:swapped 210:swapped");
	expect("12", "102", 20, "102:missing");
	expect("02", "102", 20, "102:missing");
	expect("10", "102", 20, "102:missing");
	expect("1002", "102", 20, "102:doubled");
	expect("1022", "102", 20, "102:doubled");
	expect("1702", "102", 20, "102:extra");
	expect("7102", "102", 20, "102:extra");
	expect("1027", "102", 20, "102:extra");
	expect("105", "102", 20, "102:key");
	expect("7", "007", 20, "007:zeros");
	expect("007", "7", 20, "7:zeros");
	expect("109", "110", 20, "110:next");
	expect("110", "109", 20, "109:next");
}

/* Two slips are too many; and so are keys that are far from each other. */
static void
what_is_further_away_is_not_found(void **state)
{
	(void)state;
	expect("120", "12345 1 201 170 320 123 126", 20, "");
	expect("102", "909 108 902 302 702 172", 20, "");
	expect("5", "1 3 7 9 0 50000 A B", 20, "");
	expect("100", "98 105 150 170 200x", 20, "");
}

static void
all_together_come_best_first(void **state)
{
	(void)state;
	/* 110 for 101: swapped; 1010, 1101, A101: one more; 11, 01, 10: one
	 * less; 201, 102, 121: beside; 0101: one more, and a zero in front. */
	expect("101",
	    "1 10 11 01 100 101 102 104 109 110 011 121 131 201 0101 00101 "
	    "1010 1101 A101 999",
	    20,
	    "011:swapped 110:swapped 0101:missing 1010:missing 1101:missing "
	    "A101:missing 01:extra 10:extra 11:extra 100:key 102:key 104:key "
	    "121:key 201:key 00101:zeros");
}

static void
each_word_comes_once_with_its_best_slip(void **state)
{
	(void)state;
	/* Either 1 may have been typed twice. */
	expect("1102", "102", 20, "102:doubled");
	/* A zero in front is one more. */
	expect("7", "07", 20, "07:missing");
	expect("07", "7", 20, "7:extra");
	/* Beside it on the keys, too. */
	expect("102", "103", 20, "103:key");
	expect("21", "12", 20, "12:swapped");
}

static void
the_best_ones_are_kept_where_room_is_short(void **state)
{
	const char *known = "1200 1201 1202 1203 102 130 0120 12 B120";

	(void)state;
	expect("120", known, 20,
	    "102:swapped 0120:missing 1200:missing 1201:missing 1202:missing "
	    "1203:missing B120:missing 12:extra 130:key");
	expect("120", known, 4,
	    "102:swapped 0120:missing 1200:missing 1201:missing");
	expect("120", known, 1, "102:swapped");
	expect("120", known, 0, "");
	/* Found from the last to the first of their order. */
	expect("5", "95 85 75 65 45 35 25 15", 3,
	    "15:missing 25:missing 35:missing");
}

static void
the_number_before_and_after_may_be_shorter_and_longer(void **state)
{
	(void)state;
	expect("99", "100", 20, "100:next");
	expect("100", "99", 20, "99:next");
	expect("100", "099", 20, "099:next");
	expect("A19", "A20 A18", 20, "A18:key A20:next");
	expect("0", "1", 20, "1:key");
	expect("999", "1000 00 0", 20, "1000:next");
	/* That would be two slips. */
	expect("010", "09", 20, "");
	expect("A", "B 1", 20, "");
}

static void
letters_are_inserted_removed_and_swapped_like_digits(void **state)
{
	(void)state;
	expect("102", "A102 a102 10b2", 20,
	    "10b2:missing A102:missing a102:missing");
	expect("A102", "102", 20, "102:extra");
	expect("1A02", "A102", 20, "A102:swapped");
	expect("AA102", "A102", 20, "A102:doubled");
}

static void
characters_of_several_bytes_stay_whole(void **state)
{
	(void)state;
	expect("\u00e91", "1\u00e9 1 \u00e9 \u00e912", 20,
	    "1\u00e9:swapped \u00e912:missing 1:extra \u00e9:extra");
	expect("\u00e9\u00e91", "\u00e91", 20, "\u00e91:doubled");
}

static void
a_word_itself_is_never_offered(void **state)
{
	(void)state;
	expect("102", "102", 20, "");
	expect("11", "11", 20, "");
	expect("00", "00", 20, "");
}

static void
empty_and_overlong_words_have_nothing_near(void **state)
{
	char word[2 * RACE_CHIP_MAX];

	(void)state;
	expect("", "1 0 A", 20, "");
	/* Nobody can be named "". */
	expect("1", "", 20, "");
	for (size_t len = RACE_CHIP_MAX - 1; len < sizeof word; len++) {
		char known[RACE_CHIP_MAX + 40];

		memset(word, '0', len);
		memcpy(word + len - 3, "120", 4);
		snprintf(known, sizeof known, "%.*s102",
		    len <= RACE_CHIP_MAX ? (int)len - 3 : RACE_CHIP_MAX - 3,
		    word);
		char expected[sizeof known + 20];
		snprintf(expected, sizeof expected, "%s:swapped", known);
		expect(word, known, 1, len <= RACE_CHIP_MAX ? expected : "");
	}
}

/* ---- all mutations ---- */

static const char alphabet[] = "0123456789ABCxyz";
static const char row[] = "1234567890";
static const char *const pad[] = { "789", "456", "123" };

static bool
are_beside(char a, char b)
{
	const char *x = strchr(row, a);

	if (x[1] == b || (x > row && x[-1] == b))
		return true;
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 3; k++)
			if (pad[i][k] == a &&
			    ((k < 2 && pad[i][k + 1] == b) ||
			        (k > 0 && pad[i][k - 1] == b) ||
			        (i < 2 && pad[i + 1][k] == b) ||
			        (i > 0 && pad[i - 1][k] == b)))
				return true;
	/* Below 1 and 2. */
	return (a == '0' && (b == '1' || b == '2')) ||
	    (b == '0' && (a == '1' || a == '2'));
}

static void
find(const char *typed, const char *meant, enum near_slip worst)
{
	struct strmap *m = those(meant);
	struct near_match found;

	if (typed[0] != '\0' && strcmp(typed, meant) != 0) {
		if (near_find(typed, is_known, m, &found, 1) != 1)
			fail_msg("%s does not lead to %s", typed, meant);
		assert_string_equal(found.word, meant);
		if (found.slip > worst)
			fail_msg("%s for %s: %s is not as good as %s", typed,
			    meant, marks[found.slip], marks[worst]);
	}
	strmap_free(m);
}

static void
mutate(const char *meant)
{
	int len = (int)strlen(meant);
	char typed[64];

	for (int i = 0; i < len; i++) {
		snprintf(typed, sizeof typed, "%.*s%s", i, meant,
		    meant + i + 1);
		find(typed, meant, NEAR_MISSING);
		snprintf(typed, sizeof typed, "%.*s%s", i + 1, meant,
		    meant + i);
		find(typed, meant, NEAR_DOUBLED);
		if (i + 1 < len) {
			snprintf(typed, sizeof typed, "%.*s%c%c%s", i, meant,
			    meant[i + 1], meant[i], meant + i + 2);
			find(typed, meant, NEAR_SWAPPED);
		}
		for (const char *c = row; *c != '\0'; c++) {
			if (strchr(row, meant[i]) == NULL ||
			    !are_beside(*c, meant[i]))
				continue;
			snprintf(typed, sizeof typed, "%.*s%c%s", i, meant, *c,
			    meant + i + 1);
			find(typed, meant, NEAR_KEY);
		}
	}
	for (int i = 0; i <= len; i++)
		for (const char *c = alphabet; *c != '\0'; c++) {
			snprintf(typed, sizeof typed, "%.*s%c%s", i, meant, *c,
			    meant + i);
			find(typed, meant, NEAR_EXTRA);
		}
	snprintf(typed, sizeof typed, "000%s", meant);
	find(typed, meant, NEAR_ZEROS);
	find(meant + strspn(meant, "0"), meant, NEAR_ZEROS);
}

static void
every_slip_of_any_word_leads_back_to_it(void **state)
{
	uint64_t random = test_seed();

	(void)state;
	for (int round = 0; round < 300; round++) {
		char meant[12];
		size_t len = 1 + test_below(&random, sizeof meant - 1);
		/* Half of them are numbers. */
		uint64_t kinds = round % 2 == 0 ? 10 : sizeof alphabet - 1;

		for (size_t i = 0; i < len; i++)
			meant[i] = alphabet[test_below(&random, kinds)];
		meant[len] = '\0';
		mutate(meant);
	}
}

static void
neighbours_of_every_number_are_found(void **state)
{
	char typed[12];
	char meant[12];

	(void)state;
	for (int i = 0; i < 1200; i++) {
		snprintf(typed, sizeof typed, "%d", i);
		snprintf(meant, sizeof meant, "%d", i + 1);
		find(typed, meant, NEAR_NEXT);
		find(meant, typed, NEAR_NEXT);
		snprintf(typed, sizeof typed, "B%05d", i);
		snprintf(meant, sizeof meant, "B%05d", i + 1);
		find(typed, meant, NEAR_NEXT);
		find(meant, typed, NEAR_NEXT);
	}
}

/* Whatever is found is known, and in the order of the list. */
static bool
is_any(void *arg, const char *word)
{
	size_t *asked = arg;

	assert_true(strlen(word) >= 1 && strlen(word) <= RACE_CHIP_MAX);
	++*asked;
	return true;
}

static void
any_bytes_are_taken(void **state)
{
	uint64_t random = test_seed();

	(void)state;
	for (int round = 0; round < 2000; round++) {
		char word[RACE_CHIP_MAX + 3];
		size_t len = test_below(&random, sizeof word);
		struct near_match found[8];
		size_t asked = 0;

		for (size_t i = 0; i < len; i++)
			word[i] = (char)(1 + test_below(&random, 255));
		word[len] = '\0';
		assert_int_equal(near_find(word, is_any, &asked, found, 8),
		    len == 0 || len > RACE_CHIP_MAX ? 0 : 8);
		assert_true(asked < 6000);
	}
}

static void
the_time_of_a_search_does_not_grow_with_the_roster(void **state)
{
	enum { ENTRIES = 100000, ROUNDS = 2000 };
	struct strmap *m = strmap_new();
	struct near_match found[8];
	struct timespec begin;
	struct timespec end;
	char word[12];

	(void)state;
	for (int i = 1; i <= ENTRIES; i++) {
		snprintf(word, sizeof word, "%d", i);
		strmap_put(m, word, 0);
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < ROUNDS; i++) {
		snprintf(word, sizeof word, "%d", ENTRIES + 1 + i);
		assert_true(near_find(word, is_known, m, found, 8) > 0);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	print_message("%d entries: %.1f us a search\n", ENTRIES,
	    ((double)(end.tv_sec - begin.tv_sec) * 1e6 +
	        (double)(end.tv_nsec - begin.tv_nsec) / 1e3) /
	        ROUNDS);
	strmap_free(m);
}

static void
each_slip_has_its_words(void **state)
{
	(void)state;
	assert_string_equal(near_words(NEAR_SWAPPED), "two digits swapped");
	for (int i = NEAR_SWAPPED; i <= NEAR_NEXT; i++)
		for (int k = NEAR_SWAPPED; k < i; k++)
			assert_string_not_equal(near_words((enum near_slip)i),
			    near_words((enum near_slip)k));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_slip_is_found),
		cmocka_unit_test(what_is_further_away_is_not_found),
		cmocka_unit_test(all_together_come_best_first),
		cmocka_unit_test(each_word_comes_once_with_its_best_slip),
		cmocka_unit_test(the_best_ones_are_kept_where_room_is_short),
		cmocka_unit_test(
		    the_number_before_and_after_may_be_shorter_and_longer),
		cmocka_unit_test(
		    letters_are_inserted_removed_and_swapped_like_digits),
		cmocka_unit_test(characters_of_several_bytes_stay_whole),
		cmocka_unit_test(a_word_itself_is_never_offered),
		cmocka_unit_test(empty_and_overlong_words_have_nothing_near),
		cmocka_unit_test(every_slip_of_any_word_leads_back_to_it),
		cmocka_unit_test(neighbours_of_every_number_are_found),
		cmocka_unit_test(any_bytes_are_taken),
		cmocka_unit_test(
		    the_time_of_a_search_does_not_grow_with_the_roster),
		cmocka_unit_test(each_slip_has_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
