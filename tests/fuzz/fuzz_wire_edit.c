/*
 * A message or an event made from the input, encoded, damaged where the input
 * says, and decoded: so that what is deep inside is reached.
 */
#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "fuzz.h"
#include "made.h"
#include "wire_check.h"

enum { EDITS_MAX = 32 };

/* One edit of the bytes behind `from`; there is room for one more. */
static size_t
edit(struct fuzz_input *in, uint8_t *bytes, size_t from, size_t len)
{
	uint8_t how = fuzz_byte(in) % 4;
	size_t at = from + (size_t)fuzz_below(in, len - from);
	size_t to;

	switch (how) {
	case 0:
		bytes[at] = fuzz_byte(in);
		return len;
	case 1:
		memmove(bytes + at + 1, bytes + at, len - at);
		bytes[at] = fuzz_byte(in);
		return len + 1;
	case 2:
		memmove(bytes + at, bytes + at + 1, len - at - 1);
		return len - 1;
	default:
		to = from + (size_t)fuzz_below(in, len - from);
		bytes[at] = bytes[to];
		return len;
	}
}

static size_t
damage(struct fuzz_input *in, uint8_t *bytes, size_t from, size_t len)
{
	for (int i = 0; i < EDITS_MAX && in->left > 0 && len > from; i++)
		len = edit(in, bytes, from, len);
	return len;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct wire_buffer b;
	static uint8_t bytes[WIRE_MESSAGE_MAX + EDITS_MAX];
	struct fuzz_input in = { data, size };
	bool event = fuzz_byte(&in) < 64;
	struct message m = { 0 };
	struct race_event e = { 0 };
	size_t from = event ? 0 : WIRE_HEADER;
	size_t len;

	fuzz_forget();
	b.len = 0;
	if (event)
		made_event(&in, &e);
	else
		made_message(&in, &m);
	/* All within bounds: it has to pass, unless it is too long. */
	if (event ? wire_put_event(&b, &e) < 0 : wire_put(&b, &m) < 0)
		return 0;
	if (event)
		assert(wire_check_event(b.data, b.len) == 0);
	else
		assert(wire_check_message(b.data, b.len) == 0);
	memcpy(bytes, b.data, b.len);
	len = damage(&in, bytes, from, b.len);
	if (event) {
		(void)wire_check_event(bytes, len);
	} else {
		wire_seal(bytes, len, bytes[5]);
		(void)wire_check_message(bytes, len);
	}
	return 0;
}
