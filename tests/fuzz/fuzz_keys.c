/*
 * Keys out of the bytes of a terminal: the same however the bytes of a moment
 * are cut, each a character or a key that we know, with the time of a moment
 * at which bytes came.
 */
#include <assert.h>
#include <stdbool.h>

#include "common/keys.h"
#include "fuzz.h"

enum { PRESSES_MAX = 8192 };

struct typed {
	struct keys_press list[PRESSES_MAX];
	size_t count;
};

static struct keys_stamp
stamp_at(int64_t mono_us)
{
	return (struct keys_stamp){ .utc_us = mono_us + 5000000,
		.boot_us = mono_us + 700,
		.mono_us = mono_us };
}

static bool
known(uint32_t key)
{
	if (key >= KEYS_LEFT)
		return key <= KEYS_DELETE;
	return key > 0 && key <= 0x10ffff && (key < 0xd800 || key > 0xdfff);
}

static void
take(struct keys *k, int64_t now_us, struct typed *t)
{
	struct keys_press p;

	while (keys_next(k, now_us, &p)) {
		assert(known(p.key));
		assert(p.stamp.mono_us <= now_us);
		assert(p.stamp.utc_us == p.stamp.mono_us + 5000000);
		assert(p.stamp.boot_us == p.stamp.mono_us + 700);
		assert(t->count == 0 ||
		    t->list[t->count - 1].stamp.mono_us <= p.stamp.mono_us);
		assert(t->count < PRESSES_MAX);
		t->list[t->count++] = p;
	}
	assert(keys_deadline(k) > now_us);
}

/* A moment's bytes behind a pause; in one piece, or byte by byte. */
static void
feed(struct keys *k, const char *bytes, size_t len, int64_t now_us, bool cut,
    struct typed *t)
{
	struct keys_stamp stamp = stamp_at(now_us);

	for (size_t i = 0; i < len && cut; i++) {
		keys_feed(k, bytes + i, 1, &stamp);
		take(k, now_us, t);
	}
	if (!cut)
		keys_feed(k, bytes, len, &stamp);
	take(k, now_us, t);
}

static void
type(struct fuzz_input in, bool cut, struct typed *t)
{
	static const int64_t pauses[] = { 0, 1000, KEYS_ESCAPE_US - 1,
		KEYS_ESCAPE_US, 1000000 };
	struct keys *k = keys_new();
	int64_t now_us = 1000000;

	t->count = 0;
	while (in.left > 1) {
		uint8_t how = fuzz_byte(&in);
		size_t len = 1 + how / 8 % 32;

		if (len > in.left)
			len = in.left;
		now_us += pauses[how % 8 % 5];
		take(k, now_us, t);
		feed(k, (const char *)in.at, len, now_us, cut, t);
		in.at += len;
		in.left -= len;
	}
	take(k, now_us + KEYS_ESCAPE_US, t);
	assert(keys_deadline(k) == INT64_MAX);
	keys_free(k);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct typed whole;
	static struct typed cut;
	struct fuzz_input in = { data, len < 4096 ? len : 4096 };

	type(in, false, &whole);
	type(in, true, &cut);
	assert(whole.count == cut.count);
	for (size_t i = 0; i < whole.count; i++) {
		assert(whole.list[i].key == cut.list[i].key);
		assert(
		    whole.list[i].stamp.mono_us == cut.list[i].stamp.mono_us);
	}
	return 0;
}
