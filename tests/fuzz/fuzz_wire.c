/*
 * Messages and events out of any bytes: as they are, as the payload of a
 * message of the type that the first byte names, and as an event.
 */
#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "fuzz.h"
#include "wire_check.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *message;

	(void)wire_check_message(data, len);
	if (len == 0)
		return 0;
	(void)wire_check_event(data + 1, len - 1);
	message = xmalloc(WIRE_HEADER + len - 1);
	memcpy(message + WIRE_HEADER, data + 1, len - 1);
	wire_seal(message, WIRE_HEADER + len - 1, data[0]);
	(void)wire_check_message(message, WIRE_HEADER + len - 1);
	free(message);
	return 0;
}
