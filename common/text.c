#include "common/text.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>
#include <uniwidth.h>

#include "common/xalloc.h"

#define REPLACEMENT  0xfffd
#define ELLIPSIS     "\xe2\x80\xa6"
#define ELLIPSIS_LEN 3

/* Values longer than this are shortened in messages, to that. */
enum { QUOTE_WHOLE = 64, QUOTE_SHORT = 20 };

static const uint8_t *
bytes(const char *s)
{
	return (const uint8_t *)s;
}

bool
text_utf8_valid(const char *s, size_t len)
{
	return u8_check(bytes(s), len) == NULL;
}

/*
 * Would it move the cursor, end the line, or turn the text around?  The marks
 * of direction count, for with them a name can rearrange the columns beside it.
 */
static bool
steers(ucs4_t uc)
{
	return uc < 0x20 || (uc >= 0x7f && uc <= 0x9f) || uc == 0x061c ||
	    uc == 0x200e || uc == 0x200f || (uc >= 0x2028 && uc <= 0x202e) ||
	    (uc >= 0x2066 && uc <= 0x2069);
}

/*
 * The next character of s as it can be shown: what steers, and each byte that
 * is no UTF-8, is U+FFFD.  Returns the bytes read, 0 at the end.
 */
static size_t
next_shown(ucs4_t *uc, const char *s, size_t len)
{
	int n;

	if (len == 0)
		return 0;
	if (bytes(s)[0] >= 0x20 && bytes(s)[0] < 0x7f) {
		*uc = bytes(s)[0];
		return 1;
	}
	n = u8_mbtoucr(uc, bytes(s), len);
	if (n <= 0) {
		*uc = REPLACEMENT;
		return 1;
	}
	if (steers(*uc))
		*uc = REPLACEMENT;
	return (size_t)n;
}

bool
text_printable(const char *s)
{
	size_t len = strlen(s);

	while (len > 0) {
		ucs4_t uc;
		int n = u8_mbtoucr(&uc, bytes(s), len);

		if (n <= 0 || steers(uc))
			return false;
		s += n;
		len -= (size_t)n;
	}
	return true;
}

/* Appends uc at out + used if it fits into cap; returns the bytes it takes. */
static size_t
put(char *out, size_t used, size_t cap, ucs4_t uc)
{
	uint8_t b[4];
	int n = u8_uctomb(b, uc, sizeof b);

	if (n <= 0 || (size_t)n > cap - used)
		return 0;
	memcpy(out + used, b, (size_t)n);
	return (size_t)n;
}

char *
text_quote(char out[TEXT_QUOTE_MAX], const char *s)
{
	size_t len = strlen(s);
	size_t used = 0;
	size_t brief = 0; /* where the short form ends */
	size_t chars = 0;

	out[used++] = '"';
	while (len > 0 && chars <= QUOTE_WHOLE) {
		ucs4_t uc = 0;
		size_t n = next_shown(&uc, s, len);

		if (chars == QUOTE_SHORT)
			brief = used;
		if (chars < QUOTE_WHOLE)
			used += put(out, used, TEXT_QUOTE_MAX - 5, uc);
		chars++;
		s += n;
		len -= n;
	}
	if (chars > QUOTE_WHOLE) {
		used = brief;
		memcpy(out + used, ELLIPSIS, ELLIPSIS_LEN);
		used += ELLIPSIS_LEN;
	}
	out[used++] = '"';
	out[used] = '\0';
	return out;
}

/* 0x80 to 0x9f; the rest of CP1252 is Latin-1.  unicode.org/Public/MAPPINGS. */
static const uint16_t cp1252[32] = { 0x20ac, REPLACEMENT, 0x201a, 0x0192,
	0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152,
	REPLACEMENT, 0x017d, REPLACEMENT, REPLACEMENT, 0x2018, 0x2019, 0x201c,
	0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153,
	REPLACEMENT, 0x017e, 0x0178 };

char *
text_from_cp1252(const char *s, size_t len)
{
	/* Nothing in CP1252 takes more than three bytes. */
	size_t cap = len * 3 + 1;
	char *out = xmalloc(cap);
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		ucs4_t uc = bytes(s)[i];

		if (uc < 0x80) {
			out[used++] = s[i];
			continue;
		}
		if (uc < 0xa0)
			uc = cp1252[uc - 0x80];
		used += put(out, used, cap, uc);
	}
	out[used] = '\0';
	return out;
}

/* White space to cut; U+200B and U+FEFF are none by name, but as invisible. */
static bool
blank(ucs4_t uc)
{
	return uc == ' ' || (uc >= '\t' && uc <= '\r') || uc == 0xa0 ||
	    (uc >= 0x2000 && uc <= 0x200b) || uc == 0x202f || uc == 0x3000 ||
	    uc == 0xfeff;
}

char *
text_trim(char *s)
{
	size_t len = strlen(s);
	ucs4_t uc;
	int n;

	while (
	    len > 0 && (n = u8_mbtoucr(&uc, bytes(s), len)) > 0 && blank(uc)) {
		s += n;
		len -= (size_t)n;
	}
	while (len > 0) {
		const uint8_t *end = bytes(s) + len;
		const uint8_t *prev = u8_prev(&uc, end, bytes(s));

		if (prev == NULL || !blank(uc))
			break;
		len -= (size_t)(end - prev);
	}
	s[len] = '\0';
	return s;
}

/* Letters that no decomposition takes apart. */
static const char *
plain_letters(ucs4_t uc)
{
	switch (uc) {
	case 0x00e6: /* æ */
		return "ae";
	case 0x00f0: /* ð */
	case 0x0111: /* đ */
		return "d";
	case 0x00f8: /* ø */
		return "o";
	case 0x00fe: /* þ */
		return "th";
	case 0x0127: /* ħ */
		return "h";
	case 0x0131: /* ı */
		return "i";
	case 0x0142: /* ł */
		return "l";
	case 0x0153: /* œ */
		return "oe";
	case 0x0167: /* ŧ */
		return "t";
	default:
		return NULL;
	}
}

/* Decomposed small letters to what is compared, in place: never longer. */
static size_t
fold_marks(char *s, size_t len)
{
	size_t used = 0;
	bool gap = false;

	for (size_t i = 0; i < len;) {
		ucs4_t uc = 0;
		const char *plain;
		size_t plain_len;

		i += next_shown(&uc, s + i, len - i);
		if (uc_is_general_category(uc, UC_NON_SPACING_MARK))
			continue;
		if (!uc_is_general_category_withtable(uc,
		        UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N |
		            UC_CATEGORY_MASK_M)) {
			gap = used > 0;
			continue;
		}
		if (gap)
			s[used++] = ' ';
		gap = false;
		plain = plain_letters(uc);
		if (plain == NULL) {
			used += put(s, used, i, uc);
			continue;
		}
		plain_len = strlen(plain);
		memmove(s + used, plain, plain_len);
		used += plain_len;
	}
	return used;
}

/* A copy in which invalid bytes are U+FFFD, as libunistring wants it. */
static char *
repaired(const char *s, size_t *len)
{
	size_t left = strlen(s);
	size_t cap = left * 3 + 1;
	char *out = xmalloc(cap);
	size_t used = 0;

	while (left > 0) {
		ucs4_t uc = 0;
		size_t n = next_shown(&uc, s, left);

		used += put(out, used, cap, uc);
		s += n;
		left -= n;
	}
	*len = used;
	return out;
}

char *
text_fold(const char *s)
{
	size_t len;
	char *valid = repaired(s, &len);
	size_t folded_len = 0;
	uint8_t *folded = u8_casefold(bytes(valid), len, NULL, UNINORM_NFKD,
	    NULL, &folded_len);
	char *out;

	free(valid);
	if (folded == NULL) /* valid UTF-8 leaves lack of memory alone */
		abort();
	out = xmalloc(folded_len + 1);
	if (folded_len > 0)
		memcpy(out, folded, folded_len);
	free(folded);
	out[fold_marks(out, folded_len)] = '\0';
	return out;
}

static size_t
columns(ucs4_t uc)
{
	int w;

	if (uc >= 0x20 && uc < 0x7f)
		return 1;
	w = uc_width(uc, "UTF-8");
	return w < 0 ? 1 : (size_t)w;
}

size_t
text_width(const char *s)
{
	size_t len = strlen(s);
	size_t width = 0;

	while (len > 0) {
		ucs4_t uc = 0;
		size_t n = next_shown(&uc, s, len);

		width += columns(uc);
		s += n;
		len -= n;
	}
	return width;
}

/*
 * Copies what fits; *cut_used and *cut_width tell where a "…" would still fit.
 * False if something was left out.
 */
static bool
fit_whole(char *out, size_t cap, const char *s, size_t width, size_t *used,
    size_t *shown, size_t *cut_used, size_t *cut_width)
{
	size_t len = strlen(s);

	while (len > 0) {
		ucs4_t uc = 0;
		size_t n = next_shown(&uc, s, len);
		size_t w = columns(uc);
		size_t b;

		if (w > width - *shown)
			return false;
		b = put(out, *used, cap, uc);
		if (b == 0)
			return false;
		*used += b;
		*shown += w;
		if (*shown < width && cap - *used >= ELLIPSIS_LEN) {
			*cut_used = *used;
			*cut_width = *shown;
		}
		s += n;
		len -= n;
	}
	return true;
}

size_t
text_fit(char *out, size_t cap, const char *s, size_t width, bool pad)
{
	size_t used = 0;
	size_t shown = 0;
	size_t cut_used = 0;
	size_t cut_width = 0;

	if (cap == 0)
		return 0;
	cap--; /* the NUL */
	if (!fit_whole(out, cap, s, width, &used, &shown, &cut_used,
	        &cut_width)) {
		used = cut_used;
		shown = cut_width;
		if (width > 0 && cap - used >= ELLIPSIS_LEN) {
			memcpy(out + used, ELLIPSIS, ELLIPSIS_LEN);
			used += ELLIPSIS_LEN;
			shown++;
		}
	}
	while (pad && shown < width && used < cap) {
		out[used++] = ' ';
		shown++;
	}
	out[used] = '\0';
	return shown;
}

void
text_pair(char *out, size_t cap, size_t width, const char *left,
    const char *right)
{
	size_t tail = text_width(right);
	size_t gap;
	size_t len;

	if (tail > width)
		tail = width;
	gap = tail > 0 && tail < width ? 1 : 0;
	text_fit(out, cap, left, width - tail - gap, true);
	len = strlen(out);
	text_fit(out + len, cap - len, "", gap, true);
	len += strlen(out + len);
	text_fit(out + len, cap - len, right, tail, true);
}

/* The length of s if it is a number, else 0. */
static size_t
number_len(const char *s)
{
	size_t n = 0;

	while (s[n] >= '0' && s[n] <= '9')
		n++;
	return s[n] == '\0' ? n : 0;
}

int
text_label_cmp(const char *a, const char *b)
{
	size_t a_len = number_len(a);
	size_t b_len = number_len(b);
	const char *x = a;
	const char *y = b;
	int c;

	if (a_len == 0 || b_len == 0) {
		if (a_len != b_len)
			return a_len > 0 ? -1 : 1;
		return strcmp(a, b);
	}
	for (; *x == '0'; x++)
		a_len--;
	for (; *y == '0'; y++)
		b_len--;
	if (a_len != b_len)
		return a_len < b_len ? -1 : 1;
	c = memcmp(x, y, a_len);
	return c != 0 ? c : strcmp(a, b);
}

/* The normal form of a chip's character, or 0. */
static char
chip_char(char c)
{
	if (c >= 'a' && c <= 'z')
		return (char)(c - 'a' + 'A');
	if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return c;
	if (c == '-' || c == ':' || c == '_' || c == '.')
		return c;
	return '\0';
}

int
text_chip(char *out, size_t cap, const char *s)
{
	size_t len;

	while (s[0] == '0' && s[1] != '\0')
		s++;
	len = strlen(s);
	if (len >= cap)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (chip_char(s[i]) == '\0')
			return -EINVAL;
	}
	for (size_t i = 0; i < len; i++)
		out[i] = chip_char(s[i]);
	out[len] = '\0';
	return 0;
}
