#include "proto/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/xalloc.h"
#include "proto/wire_parts.h"

enum {
	AT_LENGTH = 8, /* offsets in the header */
	AT_CRC = 12
};

/* ---- buffer ---- */

void
wire_buffer_free(struct wire_buffer *b)
{
	free(b->data);
	wire_arena_free(b->scratch);
	*b = (struct wire_buffer){ 0 };
}

void
wire_reserve(struct wire_buffer *b, size_t more)
{
	if (more < b->cap - b->len) /* so that data is never NULL */
		return;
	b->cap = b->len + more + b->cap / 2 + 1;
	b->data = xreallocarray(b->data, b->cap, 1);
}

struct wire_arena *
wire_scratch(struct wire_buffer *b)
{
	if (b->scratch == NULL)
		b->scratch = wire_arena_new();
	return b->scratch;
}

/* ---- header ---- */

static void
put_u32(uint8_t *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t
get_u32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	    (uint32_t)at[3] << 24;
}

static uint32_t
message_crc(const uint8_t *bytes, size_t len)
{
	uint32_t crc = hash_crc32c(0, bytes, AT_CRC);

	return hash_crc32c(crc, bytes + WIRE_HEADER, len - WIRE_HEADER);
}

int
wire_pack(struct wire_buffer *b, enum message_type type,
    const ProtobufCMessage *m)
{
	size_t size = protobuf_c_message_get_packed_size(m);
	uint8_t *at;

	if (size > WIRE_MESSAGE_MAX - WIRE_HEADER)
		return -EMSGSIZE;
	wire_reserve(b, WIRE_HEADER + size);
	at = b->data;
	memcpy(at, "PLMR", 4);
	at[4] = MESSAGE_PROTOCOL;
	at[5] = (uint8_t)type;
	at[6] = 0;
	at[7] = 0;
	put_u32(at + AT_LENGTH, (uint32_t)size);
	protobuf_c_message_pack(m, at + WIRE_HEADER);
	b->len = WIRE_HEADER + size;
	put_u32(at + AT_CRC, message_crc(at, b->len));
	return 0;
}

/* ---- messages ---- */

int
wire_put(struct wire_buffer *b, const struct message *m)
{
	wire_reset(wire_scratch(b));
	b->len = 0;
	switch (m->type) {
	case MESSAGE_HELLO:
		return wire_put_hello(b, &m->hello);
	case MESSAGE_WELCOME:
		return wire_put_welcome(b, &m->welcome);
	case MESSAGE_BATCH:
		return wire_put_batch(b, &m->batch);
	case MESSAGE_ACK:
		return wire_put_ack(b, &m->ack);
	case MESSAGE_GAP:
		return wire_put_gap(b, &m->gap);
	case MESSAGE_PING:
		return wire_put_ping(b, &m->ping);
	case MESSAGE_PONG:
		return wire_put_pong(b, &m->pong);
	case MESSAGE_REFUSE:
		return wire_put_refuse(b, &m->refuse);
	case MESSAGE_BYE:
		return wire_put_bye(b, &m->bye);
	case MESSAGE_DELTA:
		return wire_put_delta(b, &m->delta);
	case MESSAGE_HEARTBEAT:
		return wire_put_heartbeat(b, &m->heartbeat);
	case MESSAGE_SNAPSHOT_REQUEST:
		return wire_put_snapshot_request(b, &m->snapshot_request);
	case MESSAGE_SNAPSHOT_PAGE:
		return wire_put_snapshot_page(b, &m->snapshot_page);
	case MESSAGE_RULES_REQUEST:
		return wire_put_rules_request(b, &m->rules_request);
	case MESSAGE_RULES_REPLY:
		return wire_put_rules_reply(b, &m->rules_reply);
	case MESSAGE_LOG_REQUEST:
		return wire_put_log_request(b, &m->log_request);
	case MESSAGE_LOG_REPLY:
		return wire_put_log_reply(b, &m->log_reply);
	case MESSAGE_STATUS_REQUEST:
		return wire_put_status_request(b, &m->status_request);
	case MESSAGE_STATUS_REPLY:
		return wire_put_status_reply(b, &m->status_reply);
	case MESSAGE_UNKNOWN_REQUEST:
		return wire_put_unknown_request(b, &m->unknown_request);
	case MESSAGE_UNKNOWN_REPLY:
		return wire_put_unknown_reply(b, &m->unknown_reply);
	}
	return -EPROTO;
}

static const ProtobufCMessageDescriptor *
descriptor(uint8_t type)
{
	switch ((enum message_type)type) {
	case MESSAGE_HELLO:
		return &palmares__hello__descriptor;
	case MESSAGE_WELCOME:
		return &palmares__welcome__descriptor;
	case MESSAGE_BATCH:
		return &palmares__batch__descriptor;
	case MESSAGE_ACK:
		return &palmares__ack__descriptor;
	case MESSAGE_GAP:
		return &palmares__gap__descriptor;
	case MESSAGE_PING:
		return &palmares__ping__descriptor;
	case MESSAGE_PONG:
		return &palmares__pong__descriptor;
	case MESSAGE_REFUSE:
		return &palmares__refuse__descriptor;
	case MESSAGE_BYE:
		return &palmares__bye__descriptor;
	case MESSAGE_DELTA:
		return &palmares__delta__descriptor;
	case MESSAGE_HEARTBEAT:
		return &palmares__heartbeat__descriptor;
	case MESSAGE_SNAPSHOT_REQUEST:
		return &palmares__snapshot_request__descriptor;
	case MESSAGE_SNAPSHOT_PAGE:
		return &palmares__snapshot_page__descriptor;
	case MESSAGE_RULES_REQUEST:
		return &palmares__rules_request__descriptor;
	case MESSAGE_RULES_REPLY:
		return &palmares__rules_reply__descriptor;
	case MESSAGE_LOG_REQUEST:
		return &palmares__log_request__descriptor;
	case MESSAGE_LOG_REPLY:
		return &palmares__log_reply__descriptor;
	case MESSAGE_STATUS_REQUEST:
		return &palmares__status_request__descriptor;
	case MESSAGE_STATUS_REPLY:
		return &palmares__status_reply__descriptor;
	case MESSAGE_UNKNOWN_REQUEST:
		return &palmares__unknown_request__descriptor;
	case MESSAGE_UNKNOWN_REPLY:
		return &palmares__unknown_reply__descriptor;
	}
	return NULL;
}

/* p is of the type that descriptor() gave for m->type. */
static int
get_message(struct wire_arena *a, const void *p, struct message *m)
{
	switch (m->type) {
	case MESSAGE_HELLO:
		return wire_get_hello(p, &m->hello);
	case MESSAGE_WELCOME:
		return wire_get_welcome(p, &m->welcome);
	case MESSAGE_BATCH:
		return wire_get_batch(a, p, &m->batch);
	case MESSAGE_ACK:
		return wire_get_ack(p, &m->ack);
	case MESSAGE_GAP:
		return wire_get_gap(p, &m->gap);
	case MESSAGE_PING:
		return wire_get_ping(p, &m->ping);
	case MESSAGE_PONG:
		return wire_get_pong(p, &m->pong);
	case MESSAGE_REFUSE:
		return wire_get_refuse(p, &m->refuse);
	case MESSAGE_BYE:
		return wire_get_bye(p, &m->bye);
	case MESSAGE_DELTA:
		return wire_get_delta(a, p, &m->delta);
	case MESSAGE_HEARTBEAT:
		return wire_get_heartbeat(a, p, &m->heartbeat);
	case MESSAGE_SNAPSHOT_REQUEST:
		return wire_get_snapshot_request(p, &m->snapshot_request);
	case MESSAGE_SNAPSHOT_PAGE:
		return wire_get_snapshot_page(a, p, &m->snapshot_page);
	case MESSAGE_RULES_REQUEST:
		m->rules_request.request =
		    ((const Palmares__RulesRequest *)p)->request;
		return 0;
	case MESSAGE_RULES_REPLY:
		return wire_get_rules_reply(a, p, &m->rules_reply);
	case MESSAGE_LOG_REQUEST:
		m->log_request.request =
		    ((const Palmares__LogRequest *)p)->request;
		m->log_request.after = ((const Palmares__LogRequest *)p)->after;
		return 0;
	case MESSAGE_LOG_REPLY:
		return wire_get_log_reply(a, p, &m->log_reply);
	case MESSAGE_STATUS_REQUEST:
		m->status_request.request =
		    ((const Palmares__StatusRequest *)p)->request;
		return 0;
	case MESSAGE_STATUS_REPLY:
		return wire_get_status_reply(a, p, &m->status_reply);
	case MESSAGE_UNKNOWN_REQUEST:
		m->unknown_request.request =
		    ((const Palmares__UnknownRequest *)p)->request;
		m->unknown_request.first =
		    ((const Palmares__UnknownRequest *)p)->first;
		return 0;
	case MESSAGE_UNKNOWN_REPLY:
		return wire_get_unknown_reply(a, p, &m->unknown_reply);
	}
	return -EPROTO;
}

static int
check_header(const uint8_t *bytes, size_t len)
{
	if (len < WIRE_HEADER || memcmp(bytes, "PLMR", 4) != 0)
		return -EBADMSG;
	/* What stands behind belongs to the version. */
	if (bytes[4] != MESSAGE_PROTOCOL)
		return -EPROTO;
	if (len > WIRE_MESSAGE_MAX)
		return -E2BIG;
	if (get_u32(bytes + AT_LENGTH) != len - WIRE_HEADER ||
	    get_u32(bytes + AT_CRC) != message_crc(bytes, len))
		return -EBADMSG;
	if (bytes[6] != 0 || bytes[7] != 0 || descriptor(bytes[5]) == NULL)
		return -EPROTO;
	return 0;
}

int
wire_get(struct wire_arena *a, const uint8_t *bytes, size_t len,
    struct message *out)
{
	struct wire_mark before = wire_mark(a);
	struct message m;
	void *p;
	int rc = check_header(bytes, len);

	if (rc < 0)
		return rc;
	/* A field forgotten here is 0 and not what the stack held. */
	memset(&m, 0, sizeof m);
	m.type = (enum message_type)bytes[5];
	rc = wire_unpack(a, descriptor(bytes[5]), bytes + WIRE_HEADER,
	    len - WIRE_HEADER, &p);
	if (rc == 0)
		rc = get_message(a, p, &m);
	if (rc < 0) {
		wire_rewind(a, before);
		return rc;
	}
	*out = m;
	return 0;
}

const char *
wire_why(int rc)
{
	switch (rc) {
	case -EBADMSG:
		return "no message of Palmarès, cut off or damaged";
	case -EPROTO:
		return "a version or a type that this program, which speaks "
		       "protocol 1, does not know";
	case -EINVAL:
		return "a field is out of bounds, or text is not UTF-8";
	case -E2BIG:
		return "larger than a message may be";
	case -EMSGSIZE:
		return "does not fit into a message";
	default:
		return "cannot be read";
	}
}
