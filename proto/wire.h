/*
 * wire - messages and events as bytes, and back.
 *
 * A message is a 16-byte header and a protobuf payload (PROTOCOL.md, "Header").
 * wire_get checks magic, version, length and CRC, bounds sizes, counts, ids,
 * times and UTF-8, and yields plain structs: what it lets through is trusted.
 * The generated protobuf header is seen in wire_parts.h alone.
 */
#ifndef PROTO_WIRE_H
#define PROTO_WIRE_H

#include "proto/message.h"

enum {
	WIRE_HEADER = 16,
	WIRE_MESSAGE_MAX = 128 * 1024, /* also ZMQ_MAXMSGSIZE */
	/* Heap for unpacking one message.  A part of a delta, 64 KiB, may hold
	 * 7000 rows that are gone, which take 2 MiB unpacked. */
	WIRE_BUDGET = 4 * 1024 * 1024
};

/* Memory of decoded messages.  Everything from it lives until wire_reset(). */
struct wire_arena;

struct wire_arena *wire_arena_new(void);
void wire_arena_free(struct wire_arena *a);
void wire_reset(struct wire_arena *a);

/* A growing buffer for encoded bytes; starts as { 0 }. */
struct wire_buffer {
	uint8_t *data;
	size_t len;
	size_t cap;
	struct wire_arena *scratch; /* our own */
};

void wire_buffer_free(struct wire_buffer *b);

/* Encodes m, header included, into b (from its beginning).  0, or -EMSGSIZE if
 * it would not fit into WIRE_MESSAGE_MAX. */
int wire_put(struct wire_buffer *b, const struct message *m);

/*
 * Decodes.  -EBADMSG: not ours, cut, or its CRC is wrong; -EPROTO: a version or
 * a type that this code does not know; -EINVAL: a field out of bounds;
 * -E2BIG: over WIRE_MESSAGE_MAX or the budget.  out and a are as before on
 * failure.  Times that are optional are RACE_NO_TIME here and 0 on the wire.
 */
int wire_get(struct wire_arena *a, const uint8_t *bytes, size_t len,
    struct message *out);

/* The words for a code that wire_get returned, for logs and REFUSE. */
const char *wire_why(int rc);

/* An event's bytes (Event of palmares.proto), appended to b.  The length, or
 * -EMSGSIZE over RACE_EVENT_MAX. */
int wire_put_event(struct wire_buffer *b, const struct race_event *e);

/*
 * -EINVAL: what does not decode or is out of bounds; out is then untouched.
 * A body from a later version decodes as RACE_EVENT_UNKNOWN without content,
 * and a decision with a verb of a later version as RACE_VERB_UNSPECIFIED: what
 * is stored are the bytes, never what was decoded.
 */
int wire_get_event(struct wire_arena *a, const uint8_t *bytes, size_t len,
    struct race_event *out);

/* No less than what a row or an entry takes in an encoded message. */
size_t wire_row_bound(const struct race_row *row);
size_t wire_entry_bound(const struct race_entry *entry);

#endif
