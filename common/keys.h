/*
 * keys - what is typed at a terminal: bytes in, keys out, each with the moment
 * at which its first byte came.  Pure.
 *
 * Keys are Unicode code points, or one of enum keys_key.  A sequence that
 * means nothing here is passed over whole, so that an unknown function key
 * types nothing; Alt with a key is one.  Esc is a key of its own when nothing
 * follows it within KEYS_ESCAPE_US, or another Esc does; a sequence ends, too,
 * where its next byte takes that long.
 */
#ifndef COMMON_KEYS_H
#define COMMON_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum keys_key {
	KEYS_NONE,
	/* Control with a letter: its place in the alphabet. */
	KEYS_CTRL_C = 3,
	KEYS_CTRL_Y = 25,
	KEYS_CTRL_Z = 26,
	/* No characters, so beyond Unicode. */
	KEYS_LEFT = 0x200000,
	KEYS_RIGHT,
	KEYS_UP,
	KEYS_DOWN,
	KEYS_PAGE_UP,
	KEYS_PAGE_DOWN,
	KEYS_HOME,
	KEYS_END,
	KEYS_ENTER,
	KEYS_ESCAPE,
	KEYS_BACKSPACE,
	KEYS_DELETE,
	/* Of screen_key() alone. */
	KEYS_TAB,
	KEYS_BACKTAB,
	KEYS_SHIFT_LEFT,
	KEYS_SHIFT_RIGHT
};

#define KEYS_ESCAPE_US INT64_C(25000)

/* A moment by three clocks, read one after the other. */
struct keys_stamp {
	int64_t utc_us;
	int64_t boot_us; /* CLOCK_BOOTTIME: goes on while a laptop sleeps */
	int64_t mono_us;
};

struct keys_press {
	uint32_t key;
	struct keys_stamp stamp;
};

struct keys;

struct keys *keys_new(void);
void keys_free(struct keys *k);

/* Bytes that came at one moment; copied. */
void keys_feed(struct keys *k, const char *bytes, size_t len,
    const struct keys_stamp *stamp);

/* The next key; false when there is none, or not yet. */
bool keys_next(struct keys *k, int64_t now_mono_us, struct keys_press *out);

/* When an Esc that waits becomes a key; INT64_MAX: none does. */
int64_t keys_deadline(const struct keys *k);

#endif
