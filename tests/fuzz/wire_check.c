#include "wire_check.h"

#include <assert.h>
#include <string.h>

#include "common/hash.h"

enum { AT_TYPE = 5, AT_LENGTH = 8, AT_CRC = 12 };

static void
put_u32(uint8_t *at, size_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> (8 * i));
}

void
wire_seal(uint8_t *message, size_t len, uint8_t type)
{
	uint32_t crc;

	memcpy(message, "PLMR", 4);
	message[4] = MESSAGE_PROTOCOL;
	message[AT_TYPE] = type;
	message[6] = 0;
	message[7] = 0;
	put_u32(message + AT_LENGTH, len - WIRE_HEADER);
	crc = hash_crc32c(0, message, AT_CRC);
	crc = hash_crc32c(crc, message + WIRE_HEADER, len - WIRE_HEADER);
	put_u32(message + AT_CRC, crc);
}

/* The bounds of rows and entries hold, for parts of deltas are cut by them. */
static void
check_bounds(const struct message *m, size_t len)
{
	size_t bound = 2 * WIRE_HEADER + 256;

	if (m->type != MESSAGE_SNAPSHOT_PAGE)
		return;
	for (size_t i = 0; i < m->snapshot_page.row_count; i++)
		bound += wire_row_bound(&m->snapshot_page.rows[i]);
	for (size_t i = 0; i < m->snapshot_page.entry_count; i++)
		bound += wire_entry_bound(&m->snapshot_page.entries[i]);
	assert(len <= bound);
}

int
wire_check_message(const uint8_t *bytes, size_t len)
{
	struct wire_arena *a = wire_arena_new();
	struct wire_buffer first = { 0 };
	struct wire_buffer second = { 0 };
	struct message m;
	int rc = wire_get(a, bytes, len, &m);

	assert(rc == 0 || wire_why(rc)[0] != '\0');
	if (rc == 0) {
		assert(wire_put(&first, &m) == 0);
		check_bounds(&m, first.len);
		assert(wire_get(a, first.data, first.len, &m) == 0);
		assert(wire_put(&second, &m) == 0);
		assert(first.len == second.len);
		assert(memcmp(first.data, second.data, first.len) == 0);
	}
	wire_buffer_free(&first);
	wire_buffer_free(&second);
	wire_arena_free(a);
	return rc;
}

int
wire_check_event(const uint8_t *bytes, size_t len)
{
	struct wire_arena *a = wire_arena_new();
	struct wire_buffer first = { 0 };
	struct wire_buffer second = { 0 };
	struct race_event e;
	int rc = wire_get_event(a, bytes, len, &e);

	if (rc == 0) {
		int n = wire_put_event(&first, &e);

		assert(n >= 0 && (size_t)n == first.len);
		assert(wire_get_event(a, first.data, first.len, &e) == 0);
		assert(wire_put_event(&second, &e) == n);
		assert(memcmp(first.data, second.data, first.len) == 0);
	}
	wire_buffer_free(&first);
	wire_buffer_free(&second);
	wire_arena_free(a);
	return rc;
}
