/*
 * A crossing's bytes without protobuf-c: a log is made of little else, and half
 * of what reading an event took was finding out what its fields may be.
 *
 * What is taken is what palmares__event__pack() writes: each field once, in the
 * order of their numbers, a crossing and nothing behind it.  Anything else may
 * be as valid, or not: protobuf-c decides.
 */
#include <string.h>

#include "proto/wire_parts.h"

enum { VARINT = 0, FIXED64 = 1, BYTES = 2 };

enum {
	POINT = 1,
	BIB,
	CHIP,
	TIME,
	CLOCK,
	OFFSET = 6,
	BOUND,
	EPOCH,
	BOOT,
	FLAGS,
	SOURCE
};

/* A field as a byte: numbers below 16 take one. */
#define TAG(number, type) ((number) << 3 | (type))

struct reader {
	const uint8_t *at;
	const uint8_t *end;
	char *texts; /* room for those that are left, each with its NUL */
};

/* Of at most 63 bits: longer ones are protobuf-c's. */
static bool
get_varint(struct reader *r, uint64_t *out)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 63 && r->at < r->end; shift += 7) {
		uint8_t byte = *r->at++;

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*out = value;
			return true;
		}
	}
	return false;
}

static bool
get_signed(struct reader *r, int64_t *out)
{
	uint64_t value;

	if (!get_varint(r, &value))
		return false;
	*out = (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
	return true;
}

static bool
get_uint32(struct reader *r, uint32_t *out)
{
	uint64_t value;

	if (!get_varint(r, &value) || value > UINT32_MAX)
		return false;
	*out = (uint32_t)value;
	return true;
}

static bool
get_clock(struct reader *r, Palmares__Clock *out)
{
	uint64_t value;

	if (!get_varint(r, &value) || value > RACE_CLOCK_LAPTOP)
		return false;
	*out = (Palmares__Clock)value;
	return true;
}

static bool
get_fixed(struct reader *r, int64_t *out)
{
	uint64_t value = 0;

	if (r->end - r->at < 8)
		return false;
	for (unsigned i = 0; i < 8; i++)
		value |= (uint64_t)r->at[i] << (8 * i);
	r->at += 8;
	*out = (int64_t)value;
	return true;
}

static bool
get_text(struct reader *r, char **out)
{
	uint64_t len;

	if (!get_varint(r, &len) || len > (uint64_t)(r->end - r->at))
		return false;
	*out = r->texts;
	memcpy(*out, r->at, len);
	(*out)[len] = '\0';
	r->texts += len + 1;
	r->at += len;
	return true;
}

static bool
get_field(struct reader *r, uint8_t tag, Palmares__Crossing *c)
{
	switch (tag) {
	case TAG(POINT, BYTES):
		return get_text(r, &c->point);
	case TAG(BIB, BYTES):
		return get_text(r, &c->bib);
	case TAG(CHIP, BYTES):
		return get_text(r, &c->chip);
	case TAG(TIME, FIXED64):
		return get_fixed(r, &c->time_us);
	case TAG(CLOCK, VARINT):
		return get_clock(r, &c->clock);
	case TAG(OFFSET, VARINT):
		return get_signed(r, &c->offset_us);
	case TAG(BOUND, VARINT):
		return get_varint(r, &c->bound_us);
	case TAG(EPOCH, VARINT):
		return get_uint32(r, &c->clock_epoch);
	case TAG(BOOT, VARINT):
		return get_signed(r, &c->boot_us);
	case TAG(FLAGS, VARINT):
		return get_uint32(r, &c->flags);
	case TAG(SOURCE, BYTES):
		return get_text(r, &c->source);
	default:
		return false;
	}
}

static bool
get_fields(struct reader *r, Palmares__Crossing *c)
{
	uint8_t last = 0;

	while (r->at < r->end) {
		uint8_t tag = *r->at++;

		if (tag >> 3 <= last || !get_field(r, tag, c))
			return false;
		last = tag >> 3;
	}
	return true;
}

bool
wire_quick(struct wire_arena *a, const uint8_t *bytes, size_t len,
    Palmares__Event *event, Palmares__Crossing *crossing)
{
	struct reader r = { .at = bytes, .end = bytes + len };
	uint64_t size;

	palmares__event__init(event);
	if (len > 0 && *r.at == TAG(1, VARINT)) {
		r.at++;
		if (!get_signed(&r, &event->made_us))
			return false;
	}
	if (r.at == r.end || *r.at++ != TAG(2, BYTES) ||
	    !get_varint(&r, &size) || size != (uint64_t)(r.end - r.at))
		return false;
	palmares__crossing__init(crossing);
	/* A text has its length before it, where it has a NUL behind here. */
	r.texts = wire_take(a, size + 1);
	if (!get_fields(&r, crossing))
		return false;
	event->body_case = PALMARES__EVENT__BODY_CROSSING;
	event->crossing = crossing;
	return true;
}
