#include "support/test.h"

#include <stdbool.h>
#include <string.h>

#include "common/keys.h"

enum { ESC = 27, MANY = 4096 };

struct told {
	struct keys_press presses[MANY];
	size_t count;
};

static struct keys_stamp
at(int64_t us)
{
	return (struct keys_stamp){ us + 7000000, us + 300000, us };
}

static void
feed(struct keys *k, const char *bytes, size_t len, int64_t us)
{
	struct keys_stamp stamp = at(us);
	char *copy = malloc(len > 0 ? len : 1);

	/* In memory of its own, so that reading beyond it is seen. */
	memcpy(copy, bytes, len);
	keys_feed(k, copy, len, &stamp);
	free(copy);
}

static void
take(struct keys *k, int64_t now_us, struct told *t)
{
	struct keys_press p;

	while (keys_next(k, now_us, &p)) {
		assert_true(t->count < MANY);
		t->presses[t->count++] = p;
	}
}

/* All at one moment, and then nothing for long. */
static struct told
keys_of(const char *bytes, size_t len)
{
	struct keys *k = keys_new();
	struct told t = { .count = 0 };

	feed(k, bytes, len, 1000);
	take(k, 1000 + KEYS_ESCAPE_US, &t);
	keys_free(k);
	return t;
}

static void
gives(const char *bytes, const uint32_t *wanted)
{
	struct told t = keys_of(bytes, strlen(bytes));
	size_t count = 0;

	while (wanted[count] != KEYS_NONE)
		count++;
	if (t.count != count)
		print_error("%s: %zu keys\n",
		    bytes[0] == ESC ? bytes + 1 : bytes, t.count);
	assert_int_equal(t.count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(t.presses[i].key, wanted[i]);
}

/* The bytes in the middle of others: this key and neither more nor less. */
static void
gives_one(const char *bytes, uint32_t key)
{
	char all[64];

	(void)snprintf(all, sizeof all, "1%s2", bytes);
	if (key == KEYS_NONE)
		gives(all, (uint32_t[]){ '1', '2', 0 });
	else
		gives(all, (uint32_t[]){ '1', key, '2', 0 });
}

static void
characters_are_their_code_points(void **state)
{
	(void)state;
	gives("12 aZ~", (uint32_t[]){ '1', '2', ' ', 'a', 'Z', '~', 0 });
	gives("\xc3\xa9\xe2\x82\xac\xf0\x9f\x8f\x83\xf4\x8f\xbf\xbf",
	    (uint32_t[]){ 0xe9, 0x20ac, 0x1f3c3, 0x10ffff, 0 });
	gives("\xc2\xa0\xed\x9f\xbf\xee\x80\x80",
	    (uint32_t[]){ 0xa0, 0xd7ff, 0xe000, 0 });
	gives("\x03\t\x19\x1a",
	    (uint32_t[]){ KEYS_CTRL_C, '\t', KEYS_CTRL_Y, KEYS_CTRL_Z, 0 });
}

static void
enter_and_backspace_in_both_forms(void **state)
{
	(void)state;
	gives("\r\n", (uint32_t[]){ KEYS_ENTER, KEYS_ENTER, 0 });
	gives("\b\x7f", (uint32_t[]){ KEYS_BACKSPACE, KEYS_BACKSPACE, 0 });
}

static void
cursor_keys_in_all_forms(void **state)
{
	static const char ends[] = "ABCDHF";
	static const uint32_t keys[] = { KEYS_UP, KEYS_DOWN, KEYS_RIGHT,
		KEYS_LEFT, KEYS_HOME, KEYS_END };
	static const char *const begins[] = { "\x1b[", "\x1bO", "\x1b[1;5",
		"\x1b[1;10", "\x1bO5", "\x1bO1;2" };
	char bytes[16];

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		for (size_t b = 0; b < sizeof begins / sizeof begins[0]; b++) {
			(void)snprintf(bytes, sizeof bytes, "%s%c", begins[b],
			    ends[i]);
			gives_one(bytes, keys[i]);
		}
	}
}

static void
numbered_keys(void **state)
{
	(void)state;
	gives_one("\x1b[1~", KEYS_HOME);
	gives_one("\x1b[7~", KEYS_HOME);
	gives_one("\x1b[4~", KEYS_END);
	gives_one("\x1b[8~", KEYS_END);
	gives_one("\x1b[5~", KEYS_PAGE_UP);
	gives_one("\x1b[6~", KEYS_PAGE_DOWN);
	gives_one("\x1b[3~", KEYS_DELETE);
	gives_one("\x1b[3;5~", KEYS_DELETE);
	/* Not "3" and not "53". */
	gives_one("\x1b[33~", KEYS_NONE);
	gives_one("\x1b[5;3~", KEYS_PAGE_UP);
}

/* Bibs are typed there, whatever a program before has asked the terminal. */
static void
the_number_pad_types_numbers(void **state)
{
	(void)state;
	gives("\x1bOp\x1bOq\x1bOr\x1bOs\x1bOt",
	    (uint32_t[]){ '0', '1', '2', '3', '4', 0 });
	gives("\x1bOu\x1bOv\x1bOw\x1bOx\x1bOy\x1bOM",
	    (uint32_t[]){ '5', '6', '7', '8', '9', KEYS_ENTER, 0 });
	gives("\x1bOj\x1bOk\x1bOl\x1bOm\x1bOn\x1bOo\x1bOX",
	    (uint32_t[]){ '*', '+', ',', '-', '.', '/', '=', 0 });
}

static void
what_means_nothing_is_passed_over_whole(void **state)
{
	static const char *const sequences[] = {
		"\x1bOP",
		"\x1b[15~",
		"\x1b[24;5~", /* F1, F5, F12 */
		"\x1b[[A",
		"\x1b[[E", /* F1, F5: console */
		"\x1b[2~",
		"\x1b[Z", /* Insert, back tab */
		"\x1b[200~",
		"\x1b[201~", /* a paste */
		"\x1b[I",
		"\x1b[O", /* focus */
		"\x1b[?64;1;2c",
		"\x1b[24;80R", /* answers */
		"\x1b[?2026;2$y",
		"\x1b[>0;276;0c",                   /* more of them */
		"\x1b]11;rgb:0000/0000/0000\x1b\\", /* the background */
		"\x1b]11;rgb:0000/0000/0000\a",     /* the same */
		"\x1bP1+r544e\x1b\\",               /* a capability */
		"\x1b[?1A",
		"\x1b[1$~", /* nearly known */
		"\x1bx",
		"\x1b\r",
		"\x1b\x7f",
		"\x1b ", /* Alt */
		"\x1b\xc3\xa9",
		"\x1b\xe2\x82\xac", /* Alt with é, € */
		"\x1b[4294967299~",
		"\x1b[99999999999999999999~",
		"\x1b[;;;~",
		"\x1b[1;1;1;1q",
	};

	(void)state;
	for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++)
		gives_one(sequences[i], KEYS_NONE);
}

static void
bytes_that_are_no_utf_8_give_nothing(void **state)
{
	static const char *const bad[] = {
		"\x80", "\xbf\xbf", "\xc0\xaf", "\xc1\xbf", /* overlong */
		"\xe0\x80\xaf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",
		"\xed\xa0\x80", "\xed\xbf\xbf", /* surrogates */
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff\xfe", "\xc3",
		"\xe2\x82", "\xf0\x9f\x8f",         /* cut */
		"\xe9",                             /* another encoding */
		"\xc2\x80", "\xc2\x9b", "\xc2\x9f", /* control characters */
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		gives_one(bad[i], KEYS_NONE);
	/* What comes behind them does count. */
	gives("\xe9t\xe2\x82\xc3\xa9", (uint32_t[]){ 't', 0xe9, 0 });
	assert_int_equal(keys_of("\0", 1).count, 0);
}

static void
one_sequence_does_not_spoil_the_next(void **state)
{
	(void)state;
	gives("\x1b[?1A\x1b[A", (uint32_t[]){ KEYS_UP, 0 });
	gives("\x1b[1;5A\x1b[3~", (uint32_t[]){ KEYS_UP, KEYS_DELETE, 0 });
	gives("\x1b[2~\x1b[3~", (uint32_t[]){ KEYS_DELETE, 0 });
	gives("\x1bx\xc3\xa9", (uint32_t[]){ 0xe9, 0 });
	gives("\x1b\xc3\xa9\xc3\xa9", (uint32_t[]){ 0xe9, 0 });
}

static void
what_ends_a_sequence_early_is_not_lost(void **state)
{
	(void)state;
	gives("\x1b[\r", (uint32_t[]){ KEYS_ENTER, 0 });
	gives("\x1bO\r", (uint32_t[]){ KEYS_ENTER, 0 });
	gives("\x1b[1;\x1b[A", (uint32_t[]){ KEYS_UP, 0 });
	gives("\x1b[[\x03", (uint32_t[]){ KEYS_CTRL_C, 0 });
	gives("\x1b]11\r", (uint32_t[]){ KEYS_ENTER, 0 });
	gives("\x1b[\x7f", (uint32_t[]){ KEYS_BACKSPACE, 0 });
	gives("\x1b[\xc3\xa9", (uint32_t[]){ 0xe9, 0 });
}

static void
esc_is_a_key_when_nothing_follows(void **state)
{
	struct keys *k = keys_new();
	struct keys_press p = { 0 };

	(void)state;
	assert_true(keys_deadline(k) == INT64_MAX);
	feed(k, "\x1b", 1, 1000);
	assert_int_equal(keys_deadline(k), 1000 + KEYS_ESCAPE_US);
	assert_false(keys_next(k, 1000 + KEYS_ESCAPE_US - 1, &p));
	assert_true(keys_next(k, 1000 + KEYS_ESCAPE_US, &p));
	assert_int_equal(p.key, KEYS_ESCAPE);
	assert_int_equal(p.stamp.mono_us, 1000);
	assert_true(keys_deadline(k) == INT64_MAX);
	assert_false(keys_next(k, INT64_MAX, &p));
	feed(k, "[A", 2, 2000);
	assert_true(keys_next(k, 2000, &p) && p.key == '[');
	keys_free(k);
}

/* The bytes say when they came, whenever somebody asks. */
static void
esc_and_what_came_long_after_are_two_keys(void **state)
{
	struct keys *k = keys_new();
	struct told t = { .count = 0 };

	(void)state;
	feed(k, "\x1b", 1, 1000);
	feed(k, "[", 1, 1000 + KEYS_ESCAPE_US);
	feed(k, "\x1b", 1, 2000 + KEYS_ESCAPE_US);
	feed(k, "[", 1, 1999 + 2 * KEYS_ESCAPE_US);
	feed(k, "A", 1, 1998 + 3 * KEYS_ESCAPE_US);
	take(k, 1998 + 3 * KEYS_ESCAPE_US, &t);
	assert_int_equal(t.count, 3);
	assert_int_equal(t.presses[0].key, KEYS_ESCAPE);
	assert_int_equal(t.presses[0].stamp.mono_us, 1000);
	assert_int_equal(t.presses[1].key, '[');
	assert_int_equal(t.presses[2].key, KEYS_UP);
	assert_int_equal(t.presses[2].stamp.mono_us, 2000 + KEYS_ESCAPE_US);
	keys_free(k);
}

static void
alt_with_a_bracket_takes_no_later_key(void **state)
{
	static const char *const begun[] = { "\x1b[", "\x1bO", "\x1b]",
		"\x1b[1;", "\x1b[[", "\x1bP1" };

	(void)state;
	for (size_t i = 0; i < sizeof begun / sizeof begun[0]; i++) {
		struct keys *k = keys_new();
		struct told t = { .count = 0 };

		feed(k, begun[i], strlen(begun[i]), 1000);
		feed(k, "7", 1, 1000 + KEYS_ESCAPE_US);
		take(k, 1000 + KEYS_ESCAPE_US, &t);
		assert_int_equal(t.count, 1);
		assert_int_equal(t.presses[0].key, '7');
		keys_free(k);
	}
}

static void
esc_held_down_is_many(void **state)
{
	(void)state;
	gives("\x1b\x1b\x1b",
	    (uint32_t[]){ KEYS_ESCAPE, KEYS_ESCAPE, KEYS_ESCAPE, 0 });
	gives("\x1b\x1b[A", (uint32_t[]){ KEYS_ESCAPE, KEYS_UP, 0 });
}

static void
a_key_has_the_moment_of_its_first_byte(void **state)
{
	struct keys *k = keys_new();
	struct told t = { .count = 0 };

	(void)state;
	feed(k, "1\xe2", 2, 1000);
	feed(k, "\x82", 1, 2000);
	feed(k, "\xac\x1b", 2, 900000);
	feed(k, "[", 1, 900100);
	feed(k, "5~2", 3, 900200);
	take(k, 900200, &t);
	assert_int_equal(t.count, 4);
	assert_int_equal(t.presses[0].stamp.mono_us, 1000);
	assert_int_equal(t.presses[1].key, 0x20ac);
	assert_int_equal(t.presses[1].stamp.mono_us, 1000);
	assert_int_equal(t.presses[1].stamp.utc_us, at(1000).utc_us);
	assert_int_equal(t.presses[1].stamp.boot_us, at(1000).boot_us);
	assert_int_equal(t.presses[2].key, KEYS_PAGE_UP);
	assert_int_equal(t.presses[2].stamp.mono_us, 900000);
	assert_int_equal(t.presses[3].key, '2');
	assert_int_equal(t.presses[3].stamp.mono_us, 900200);
	keys_free(k);
}

/* ---- random bytes ---- */

/* Often such as keys are made of. */
static size_t
random_bytes(uint64_t *seed, char *out, size_t cap)
{
	static const char *const pieces[] = { "\x1b", "\x1b[", "\x1bO", "[",
		"O", "A", "~", ";", "1", "5", "\x1b[1;5A", "\x1b[3~", "\r",
		"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x8f\x83", "\x1b]", "\a",
		"?", "$", "]", "\x7f" };
	size_t len = 0;
	size_t wanted = test_below(seed, cap);

	while (len + 8 < wanted) {
		const char *p =
		    pieces[test_below(seed, sizeof pieces / sizeof pieces[0])];

		if (test_below(seed, 4) == 0) {
			out[len++] = (char)test_below(seed, 256);
		} else {
			while (*p != '\0')
				out[len++] = *p++;
		}
	}
	return len;
}

static bool
same(const struct told *a, const struct told *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->presses[i].key != b->presses[i].key ||
		    a->presses[i].stamp.mono_us != b->presses[i].stamp.mono_us)
			return false;
	return true;
}

/* In pieces, each at its moment, against byte for byte at the same moments:
 * also when somebody asks for keys now and then. */
static void
any_split_gives_the_same_keys(void **state)
{
	uint64_t seed = test_seed();
	static char bytes[256];
	static struct told pieces;
	static struct told singles;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t len = random_bytes(&seed, bytes, sizeof bytes);
		struct keys *k = keys_new();
		struct keys *one = keys_new();
		int64_t now = 1000;
		size_t n;

		pieces.count = 0;
		singles.count = 0;
		for (size_t i = 0; i < len; i += n) {
			n = 1 + test_below(&seed, len - i);
			now += (int64_t)test_below(&seed, 2) *
			    (int64_t)test_below(&seed, 2 * KEYS_ESCAPE_US);
			feed(k, bytes + i, n, now);
			for (size_t j = 0; j < n; j++)
				feed(one, bytes + i + j, 1, now);
			if (test_below(&seed, 2) == 0)
				take(k, now, &pieces);
		}
		take(k, INT64_MAX - 1, &pieces);
		take(one, INT64_MAX - 1, &singles);
		assert_true(same(&pieces, &singles));
		keys_free(one);
		keys_free(k);
	}
}

static bool
is_key(uint32_t key)
{
	if (key >= KEYS_LEFT)
		return key <= KEYS_DELETE;
	return key > 0 && key <= 0x10ffff && key != ESC && key != '\r' &&
	    key != '\n' && key != '\b' && key != 0x7f &&
	    (key < 0x80 || key >= 0xa0) && (key < 0xd800 || key > 0xdfff);
}

static void
random_bytes_give_nothing_but_keys(void **state)
{
	uint64_t seed = test_seed();
	char bytes[512];

	(void)state;
	for (int round = 0; round < 5000; round++) {
		size_t len = test_below(&seed, 2) == 0
		    ? random_bytes(&seed, bytes, sizeof bytes)
		    : sizeof bytes;
		struct told t;

		if (len == sizeof bytes)
			for (size_t i = 0; i < len; i++)
				bytes[i] = (char)test_below(&seed, 256);
		t = keys_of(bytes, len);
		assert_true(t.count <= len);
		for (size_t i = 0; i < t.count; i++)
			assert_true(is_key(t.presses[i].key));
	}
}

/* Whatever came before, a second later a key is a key. */
static void
nothing_that_came_before_eats_a_key(void **state)
{
	uint64_t seed = test_seed();
	char bytes[64];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t len = random_bytes(&seed, bytes, sizeof bytes);
		struct keys *k = keys_new();
		struct told t = { .count = 0 };

		feed(k, bytes, len, 1000);
		feed(k, "7\r", 2, 1001000);
		take(k, 1001000, &t);
		assert_true(t.count >= 2);
		assert_int_equal(t.presses[t.count - 2].key, '7');
		assert_int_equal(t.presses[t.count - 1].key, KEYS_ENTER);
		keys_free(k);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_are_their_code_points),
		cmocka_unit_test(enter_and_backspace_in_both_forms),
		cmocka_unit_test(cursor_keys_in_all_forms),
		cmocka_unit_test(numbered_keys),
		cmocka_unit_test(the_number_pad_types_numbers),
		cmocka_unit_test(what_means_nothing_is_passed_over_whole),
		cmocka_unit_test(bytes_that_are_no_utf_8_give_nothing),
		cmocka_unit_test(one_sequence_does_not_spoil_the_next),
		cmocka_unit_test(what_ends_a_sequence_early_is_not_lost),
		cmocka_unit_test(esc_is_a_key_when_nothing_follows),
		cmocka_unit_test(esc_and_what_came_long_after_are_two_keys),
		cmocka_unit_test(alt_with_a_bracket_takes_no_later_key),
		cmocka_unit_test(esc_held_down_is_many),
		cmocka_unit_test(a_key_has_the_moment_of_its_first_byte),
		cmocka_unit_test(any_split_gives_the_same_keys),
		cmocka_unit_test(random_bytes_give_nothing_but_keys),
		cmocka_unit_test(nothing_that_came_before_eats_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
