/*
 * hash - SipHash-2-4 and CRC-32C.
 *
 * SipHash: Aumasson and Bernstein, 2012; tested against the vectors of the
 * reference.  CRC-32C: Castagnoli, RFC 3720 appendix B.4, init and xorout ~0.
 */
#ifndef COMMON_HASH_H
#define COMMON_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_key {
	uint64_t k0;
	uint64_t k1;
};

uint64_t hash_sip(const struct hash_key *key, const void *data, size_t len);

/* The CRC of a then b is hash_crc32c(hash_crc32c(0, a), b). */
uint32_t hash_crc32c(uint32_t crc, const void *data, size_t len);

/*
 * The chain of a stream: the hash of an event given that of all before it.
 * SipHash-2-4 over the 8 bytes of `before`, little-endian, and the event's
 * bytes.  The chain before the first event is 0.
 *
 * The key is fixed, since collectors and aggregators of all versions have to
 * agree: the 16 bytes "palmares chain 1", k0 from the first eight and k1 from
 * the last, little-endian.  It is no secret: the chain tells a copied outbox
 * from a repeat, it keeps nobody out.
 */
#define HASH_CHAIN_K0 UINT64_C(0x736572616d6c6170)
#define HASH_CHAIN_K1 UINT64_C(0x31206e6961686320)

uint64_t hash_chain(uint64_t before, const void *event, size_t len);

#endif
