#include "race/season/key.h"

#include <string.h>

#include "common/hash.h"

enum { NAMES = 5, TEXT_MAX = NAMES * (RACE_NAME_MAX + 1) + 8 };

/* "palmares line  1": fixed, for keys are stored. */
static const struct hash_key line_key = { UINT64_C(0x736572616d6c6170),
	UINT64_C(0x312020656e696c20) };

uint64_t
key_of(const struct season_result *r, uint64_t equals)
{
	const char *const names[NAMES] = { r->season, r->competition, r->award,
		r->recipient, r->team };
	char text[TEXT_MAX];
	char *end = text;

	for (size_t i = 0; i < NAMES; i++)
		end = stpcpy(end, names[i]) + 1;
	for (int i = 0; i < 8; i++)
		*end++ = (char)(equals >> 8 * i & 0xff);
	return hash_sip(&line_key, text, (size_t)(end - text)) | KEY_LEAST;
}
