#include "common/hash.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

/* SipHash-2-4 ------------------------------------------------------------- */

struct sip {
	uint64_t v0;
	uint64_t v1;
	uint64_t v2;
	uint64_t v3;
};

static inline uint64_t
rotl(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline uint64_t
load64(const unsigned char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof word);
	return le64toh(word);
}

static inline void
sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotl(s->v1, 13) ^ s->v0;
	s->v3 = rotl(s->v3, 16) ^ s->v2;
	s->v0 = rotl(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotl(s->v1, 17) ^ s->v2;
	s->v3 = rotl(s->v3, 21) ^ s->v0;
	s->v2 = rotl(s->v2, 32);
}

static inline struct sip
sip_begin(uint64_t k0, uint64_t k1)
{
	return (struct sip){
		.v0 = k0 ^ UINT64_C(0x736f6d6570736575),
		.v1 = k1 ^ UINT64_C(0x646f72616e646f6d),
		.v2 = k0 ^ UINT64_C(0x6c7967656e657261),
		.v3 = k1 ^ UINT64_C(0x7465646279746573),
	};
}

static inline void
sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	sip_round(s);
	s->v0 ^= word;
}

/* Takes the rest of the input; total is the length of all of it. */
static inline uint64_t
sip_end(struct sip *s, const void *data, size_t len, size_t total)
{
	const unsigned char *p = data;
	uint64_t last = (uint64_t)total << 56;

	for (; len >= 8; p += 8, len -= 8)
		sip_word(s, load64(p));
	for (size_t i = 0; i < len; i++)
		last |= (uint64_t)p[i] << (8 * i);
	sip_word(s, last);
	s->v2 ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t
hash_sip(const struct hash_key *key, const void *data, size_t len)
{
	struct sip s = sip_begin(key->k0, key->k1);

	return sip_end(&s, data, len, len);
}

uint64_t
hash_chain(uint64_t before, const void *event, size_t len)
{
	struct sip s = sip_begin(HASH_CHAIN_K0, HASH_CHAIN_K1);

	sip_word(&s, before);
	return sip_end(&s, event, len, len + 8);
}

/* CRC-32C ----------------------------------------------------------------- */

/* crc_table[k][b]: the effect of byte b with k zero bytes behind it. */
static uint32_t crc_table[8][256];
static bool crc_in_hardware;

/* Before main, so that threads find it made. */
__attribute__((constructor)) static void
crc_prepare(void)
{
	for (uint32_t b = 0; b < 256; b++) {
		uint32_t crc = b;

		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
		crc_table[0][b] = crc;
	}
	for (int k = 1; k < 8; k++)
		for (int b = 0; b < 256; b++) {
			uint32_t crc = crc_table[k - 1][b];

			crc_table[k][b] = crc >> 8 ^ crc_table[0][crc & 0xff];
		}
#if defined(__x86_64__)
	__builtin_cpu_init();
	crc_in_hardware = __builtin_cpu_supports("sse4.2");
#endif
}

/* Slicing by 8 (Kounavis and Berry, 2005). */
static uint32_t
crc_by_table(uint32_t crc, const unsigned char *p, size_t len)
{
	for (; len >= 8; p += 8, len -= 8) {
		uint64_t x = load64(p) ^ crc;

		crc = 0;
		for (int k = 0; k < 8; k++)
			crc ^= crc_table[7 - k][x >> (8 * k) & 0xff];
	}
	for (; len > 0; p++, len--)
		crc = crc >> 8 ^ crc_table[0][(crc ^ *p) & 0xff];
	return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t
crc_by_hardware(uint32_t crc, const unsigned char *p, size_t len)
{
	for (; len >= 8; p += 8, len -= 8)
		crc = (uint32_t)_mm_crc32_u64(crc, load64(p));
	for (; len > 0; p++, len--)
		crc = _mm_crc32_u8(crc, *p);
	return crc;
}
#else
static uint32_t
crc_by_hardware(uint32_t crc, const unsigned char *p, size_t len)
{
	return crc_by_table(crc, p, len);
}
#endif

uint32_t
hash_crc32c(uint32_t crc, const void *data, size_t len)
{
	if (crc_in_hardware)
		return ~crc_by_hardware(~crc, data, len);
	return ~crc_by_table(~crc, data, len);
}
