#include "common/keys.h"

#include <stdlib.h>

#include "common/xalloc.h"

enum state {
	GROUND,
	ESCAPE,  /* Esc: a key, or what begins one of those below */
	CSI,     /* Esc [ */
	CONSOLE, /* Esc [ [: function keys of the Linux console */
	SS3,     /* Esc O */
	STRING,  /* Esc ] and such: what a terminal answers to a question */
	UTF8     /* in a character of several bytes */
};

enum { BEL = 7, BS = 8, ESC = 27, DEL = 127, UNICODE_LAST = 0x10ffff };

struct keys {
	struct keys_press *presses;
	size_t cap;
	size_t first;
	size_t count;
	enum state state;
	struct keys_stamp begun; /* what is not complete */
	int64_t latest_mono_us;  /* byte */
	bool muted;              /* this character is Alt's */
	unsigned more;           /* bytes of it */
	uint32_t code;           /* so far */
	uint32_t least;          /* code that needs that many bytes */
	bool foreign;            /* a sequence that means nothing here */
	bool counted;            /* its first number is complete */
	unsigned number;         /* the first */
};

struct keys *
keys_new(void)
{
	return xcalloc(1, sizeof(struct keys));
}

void
keys_free(struct keys *k)
{
	if (k == NULL)
		return;
	free(k->presses);
	free(k);
}

static void
press(struct keys *k, uint32_t key, const struct keys_stamp *stamp)
{
	if (key == KEYS_NONE)
		return;
	k->presses = xgrow(k->presses, &k->cap, k->count, sizeof *k->presses);
	k->presses[k->count++] = (struct keys_press){ key, *stamp };
}

/* What was begun is complete. */
static void
complete(struct keys *k, uint32_t key)
{
	k->state = GROUND;
	press(k, key, &k->begun);
}

/* ---- characters ---- */

static void
begin_character(struct keys *k, unsigned char c)
{
	/* Continues nothing, or would be beyond Unicode. */
	if (c < 0xc2 || c > 0xf4)
		return;
	k->state = UTF8;
	k->more = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
	k->code = c & (0x3fU >> k->more);
	k->least = c < 0xe0 ? 0x80 : c < 0xf0 ? 0x800 : 0x10000;
}

/* Control characters of 8 bits are no keys either. */
static bool
typeable(const struct keys *k)
{
	return k->code >= k->least && k->code >= 0xa0 &&
	    k->code <= UNICODE_LAST && (k->code < 0xd800 || k->code > 0xdfff);
}

static bool
in_character(struct keys *k, unsigned char c)
{
	if ((c & 0xc0) != 0x80)
		return false;
	k->code = k->code << 6 | (c & 0x3f);
	if (--k->more == 0)
		complete(k, typeable(k) && !k->muted ? k->code : KEYS_NONE);
	return true;
}

static void
in_ground(struct keys *k, unsigned char c, const struct keys_stamp *stamp)
{
	k->state = GROUND;
	k->begun = *stamp;
	k->muted = false;
	if (c == ESC)
		k->state = ESCAPE;
	else if (c == '\r' || c == '\n')
		press(k, KEYS_ENTER, stamp);
	else if (c == BS || c == DEL)
		press(k, KEYS_BACKSPACE, stamp);
	else if (c < 0x80)
		press(k, c, stamp);
	else
		begin_character(k, c);
}

/* ---- sequences ---- */

static void
begin_sequence(struct keys *k, enum state state)
{
	k->state = state;
	k->foreign = false;
	k->counted = false;
	k->number = 0;
}

/* Alt with a key is Esc and that key: nothing here, and passed over whole. */
static bool
in_escape(struct keys *k, unsigned char c)
{
	switch (c) {
	case ESC:
		/* Twice Esc that came together on a slow line: two keys. */
		complete(k, KEYS_ESCAPE);
		return false;
	case '[':
		begin_sequence(k, CSI);
		return true;
	case 'O':
		begin_sequence(k, SS3);
		return true;
	case ']':
	case 'P':
	case 'X':
	case '^':
	case '_':
		begin_sequence(k, STRING);
		return true;
	default:
		k->state = GROUND;
		k->muted = true;
		if (c >= 0x80)
			begin_character(k, c);
		return true;
	}
}

/* The end of Esc [ A, Esc O A, Esc [ 1 ; 5 A and such. */
static uint32_t
cursor_key(unsigned char c)
{
	switch (c) {
	case 'A':
		return KEYS_UP;
	case 'B':
		return KEYS_DOWN;
	case 'C':
		return KEYS_RIGHT;
	case 'D':
		return KEYS_LEFT;
	case 'F':
		return KEYS_END;
	case 'H':
		return KEYS_HOME;
	default:
		return KEYS_NONE;
	}
}

/* Esc [ number ~ */
static uint32_t
numbered_key(unsigned number)
{
	switch (number) {
	case 1:
	case 7:
		return KEYS_HOME;
	case 3:
		return KEYS_DELETE;
	case 4:
	case 8:
		return KEYS_END;
	case 5:
		return KEYS_PAGE_UP;
	case 6:
		return KEYS_PAGE_DOWN;
	default:
		return KEYS_NONE;
	}
}

/* Esc O p is 0 on the number pad where a terminal was asked to tell it from
 * the 0 above the letters. */
static uint32_t
pad_key(unsigned char c)
{
	if (c >= 'j' && c <= 'y')
		return (uint32_t)(c - 'j' + '*');
	if (c == 'X')
		return '=';
	return c == 'M' ? KEYS_ENTER : cursor_key(c);
}

/* Numbers with ';' between them, the first of which is kept. */
static void
take_parameter(struct keys *k, unsigned char c)
{
	if (c > ';')
		k->foreign = true;
	else if (c > '9')
		k->counted = true;
	else if (!k->counted && k->number < 1000)
		k->number = k->number * 10 + (c - '0');
}

static bool
in_csi(struct keys *k, unsigned char c)
{
	if (c < ' ' || c >= DEL)
		return false;
	if (c < '0')
		k->foreign = true;
	else if (c <= '?')
		take_parameter(k, c);
	else if (k->foreign)
		complete(k, KEYS_NONE);
	else if (c == '[' && k->number == 0)
		k->state = CONSOLE;
	else
		complete(k, c == '~' ? numbered_key(k->number) : cursor_key(c));
	return true;
}

static bool
in_ss3(struct keys *k, unsigned char c)
{
	if (c < ' ' || c >= DEL)
		return false;
	/* Modifiers. */
	if ((c >= '0' && c <= '9') || c == ';')
		return true;
	complete(k, pad_key(c));
	return true;
}

static bool
in_console(struct keys *k, unsigned char c)
{
	if (c < ' ' || c >= DEL)
		return false;
	complete(k, KEYS_NONE);
	return true;
}

/* Ends with BEL, or with Esc \, which means nothing either. */
static bool
in_string(struct keys *k, unsigned char c)
{
	if (c == BEL)
		complete(k, KEYS_NONE);
	return c == BEL || c >= ' ';
}

/* ---- bytes in, keys out ---- */

/* False when c does not belong to what was begun, which is given up. */
static bool
goes_on(struct keys *k, unsigned char c)
{
	switch (k->state) {
	case GROUND:
		return false;
	case ESCAPE:
		return in_escape(k, c);
	case CSI:
		return in_csi(k, c);
	case CONSOLE:
		return in_console(k, c);
	case SS3:
		return in_ss3(k, c);
	case STRING:
		return in_string(k, c);
	case UTF8:
		return in_character(k, c);
	}
	return false;
}

/* The bytes of a sequence come together: so Alt-[ does not take away the key
 * that is typed after it. */
static void
give_up(struct keys *k)
{
	if (k->state == ESCAPE)
		complete(k, KEYS_ESCAPE);
	else if (k->state != UTF8)
		k->state = GROUND;
}

void
keys_feed(struct keys *k, const char *bytes, size_t len,
    const struct keys_stamp *stamp)
{
	if (len > 0 && stamp->mono_us - k->latest_mono_us >= KEYS_ESCAPE_US)
		give_up(k);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (!goes_on(k, c))
			in_ground(k, c, stamp);
	}
	if (len > 0)
		k->latest_mono_us = stamp->mono_us;
}

int64_t
keys_deadline(const struct keys *k)
{
	if (k->state != ESCAPE)
		return INT64_MAX;
	return k->latest_mono_us + KEYS_ESCAPE_US;
}

bool
keys_next(struct keys *k, int64_t now_mono_us, struct keys_press *out)
{
	if (k->first == k->count && k->state == ESCAPE &&
	    now_mono_us >= keys_deadline(k))
		complete(k, KEYS_ESCAPE);
	if (k->first == k->count)
		return false;
	*out = k->presses[k->first++];
	if (k->first == k->count) {
		k->first = 0;
		k->count = 0;
	}
	return true;
}
