#include "race/near.h"

#include <string.h>

#include "common/text.h"

/* What may have been left out.  Letters too where the word has none, for the
 * letter in front of a bib is what people leave out first. */
static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "abcdefghijklmnopqrstuvwxyz";

/* For each digit those beside it: in the row 1234567890, and on a keypad, where
 * the wide 0 lies below 1 and 2. */
static const char *const beside[] = { "129", "024", "0135", "246", "1357",
	"2468", "3579", "468", "579", "068" };

struct search {
	const char *word;
	size_t len;
	near_known_fn known;
	void *arg;
	struct near_match *out;
	size_t cap;
	size_t count;
	/* Where characters begin, and the end. */
	size_t starts[RACE_CHIP_MAX + 1];
	size_t characters;
	/* Of this slip. */
	enum near_slip slip;
	size_t first; /* in out */
};

/* Where w belongs among those of its slip. */
static size_t
place_of(const struct search *s, const char *w)
{
	size_t i = s->count;

	while (i > s->first && text_label_cmp(w, s->out[i - 1].word) < 0)
		i--;
	return i;
}

static bool
is_listed(const struct search *s, const char *w)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->out[i].word, w) == 0)
			return true;
	return false;
}

/* Slips come in their order, so a word that is listed has its best one; and a
 * word that did not fit comes no nearer by coming again. */
static void
offer(struct search *s, const char *w)
{
	size_t i;

	if (strcmp(w, s->word) == 0 || !s->known(s->arg, w) || is_listed(s, w))
		return;
	i = place_of(s, w);
	if (i == s->cap)
		return;
	if (s->count < s->cap)
		s->count++;
	memmove(&s->out[i + 1], &s->out[i],
	    (s->count - 1 - i) * sizeof *s->out);
	memcpy(s->out[i].word, w, strlen(w) + 1);
	s->out[i].slip = s->slip;
}

/* The word with `gone` bytes at `at` replaced by `len` of `text`. */
static void
offer_changed(struct search *s, size_t at, size_t gone, const char *text,
    size_t len)
{
	char w[RACE_CHIP_MAX + 1];

	if (s->len - gone + len > RACE_CHIP_MAX || s->len - gone + len == 0)
		return;
	memcpy(w, s->word, at);
	memcpy(w + at, text, len);
	/* Its NUL, too. */
	memcpy(w + at + len, s->word + at + gone, s->len - at - gone + 1);
	offer(s, w);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ---- the slips ---- */

static void
try_swapped(struct search *s)
{
	char pair[RACE_CHIP_MAX];

	for (size_t i = 0; i + 2 <= s->characters; i++) {
		const size_t *at = &s->starts[i];
		size_t second = at[2] - at[1];

		memcpy(pair, s->word + at[1], second);
		memcpy(pair + second, s->word + at[0], at[1] - at[0]);
		offer_changed(s, at[0], at[2] - at[0], pair, at[2] - at[0]);
	}
}

static void
try_missing(struct search *s)
{
	for (size_t i = 0; i <= s->characters; i++)
		for (const char *c = letters; *c != '\0'; c++)
			offer_changed(s, s->starts[i], 0, c, 1);
}

static bool
is_double(const struct search *s, size_t i)
{
	const size_t *at = &s->starts[i];

	return i + 2 <= s->characters && at[1] - at[0] == at[2] - at[1] &&
	    memcmp(s->word + at[0], s->word + at[1], at[1] - at[0]) == 0;
}

static void
try_doubled(struct search *s)
{
	for (size_t i = 0; i < s->characters; i++)
		if (is_double(s, i))
			offer_changed(s, s->starts[i],
			    s->starts[i + 1] - s->starts[i], "", 0);
}

static void
try_extra(struct search *s)
{
	for (size_t i = 0; i < s->characters; i++)
		offer_changed(s, s->starts[i], s->starts[i + 1] - s->starts[i],
		    "", 0);
}

static void
try_key(struct search *s)
{
	for (size_t i = 0; i < s->len; i++) {
		if (!is_digit(s->word[i]))
			continue;
		for (const char *c = beside[s->word[i] - '0']; *c != '\0'; c++)
			offer_changed(s, i, 1, c, 1);
	}
}

static void
try_zeros(struct search *s)
{
	static const char zeros[] = "0000000000000000000000000000000000000000"
	                            "000000000000000000000000";

	_Static_assert(sizeof zeros - 1 >= RACE_CHIP_MAX, "as many as fit");
	for (size_t n = 1; n < s->len && s->word[n - 1] == '0'; n++)
		offer_changed(s, 0, n, "", 0);
	for (size_t n = 1; s->len + n <= RACE_CHIP_MAX; n++)
		offer_changed(s, 0, 0, zeros, n);
}

/* Steps a number by one; false: there is none, in as many digits. */
static bool
step(char *w, size_t count, bool up)
{
	char last = up ? '9' : '0';
	char first = up ? '0' : '9';

	for (size_t i = count; i-- > 0;) {
		if (w[i] != last) {
			w[i] = (char)(up ? w[i] + 1 : w[i] - 1);
			return true;
		}
		w[i] = first;
	}
	return false;
}

/* The number at the end: A17 has neighbours, too. */
static void
try_next(struct search *s)
{
	char digits[RACE_CHIP_MAX + 2];
	size_t from = s->len;

	while (from > 0 && is_digit(s->word[from - 1]))
		from--;
	size_t count = s->len - from;
	for (int up = 0; up < 2; up++) {
		/* With a digit in front, for 100 after 99. */
		digits[0] = '0';
		memcpy(digits + 1, s->word + from, count);
		if (count == 0 || !step(digits, count + 1, up != 0))
			continue;
		if (digits[0] == '0')
			offer_changed(s, from, count, digits + 1, count);
		else
			offer_changed(s, from, count, digits, count + 1);
		/* 99 before 100. */
		if (up == 0 && count > 1 && s->word[from] != '0' &&
		    digits[1] == '0')
			offer_changed(s, from, count, digits + 2, count - 1);
	}
}

/* ---- all of them ---- */

static void
find_characters(struct search *s)
{
	for (size_t i = 0; i < s->len; i++) {
		/* UTF-8: others continue the one before. */
		if (i == 0 || ((unsigned char)s->word[i] & 0xc0) != 0x80)
			s->starts[s->characters++] = i;
	}
	s->starts[s->characters] = s->len;
}

size_t
near_find(const char *word, near_known_fn known, void *arg,
    struct near_match *out, size_t cap)
{
	static void (*const tries[])(struct search *) = {
		[NEAR_SWAPPED] = try_swapped,
		[NEAR_MISSING] = try_missing,
		[NEAR_DOUBLED] = try_doubled,
		[NEAR_EXTRA] = try_extra,
		[NEAR_KEY] = try_key,
		[NEAR_ZEROS] = try_zeros,
		[NEAR_NEXT] = try_next,
	};
	struct search s = {
		.word = word,
		.len = strlen(word),
		.known = known,
		.arg = arg,
		.out = out,
		.cap = cap,
	};

	if (s.len == 0 || s.len > RACE_CHIP_MAX)
		return 0;
	find_characters(&s);
	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		s.slip = (enum near_slip)i;
		s.first = s.count;
		tries[i](&s);
	}
	return s.count;
}

const char *
near_words(enum near_slip slip)
{
	switch (slip) {
	case NEAR_SWAPPED:
		return "two digits swapped";
	case NEAR_MISSING:
		return "one digit missing";
	case NEAR_DOUBLED:
		return "one digit doubled";
	case NEAR_EXTRA:
		return "one digit too many";
	case NEAR_KEY:
		return "a neighbouring key";
	case NEAR_ZEROS:
		return "zeros in front";
	case NEAR_NEXT:
		return "a neighbouring number";
	}
	return "";
}
