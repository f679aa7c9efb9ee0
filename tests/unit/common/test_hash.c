#include "support/test.h"

/* Not the library: both ways to a CRC are static, and one machine uses one. */
#include "common/hash.c" /* NOLINT(bugprone-suspicious-include) */

/* vectors_sip64 of the reference: key 00..0f, the inputs 00, 0001, 000102 ...
 */
static const uint64_t sip_vectors[] = {
	0x726fdb47dd0e0e31,
	0x74f839c593dc67fd,
	0x0d6c8009d9a94f5a,
	0x85676696d7fb7e2d,
	0xcf2794e0277187b7,
	0x18765564cd99a68d,
	0xcbc9466e58fee3ce,
	0xab0200f58b01d137,
	0x93f5f5799a932462,
	0x9e0082df0ba9e4b0,
	0x7a5dbbc594ddb9f3,
	0xf4b32f46226bada7,
	0x751e8fbc860ee5fb,
	0x14ea5627c0843d90,
	0xf723ca908e7af2ee,
	0xa129ca6149be45e5,
};

static void
fill(unsigned char *bytes, size_t len, uint64_t *random)
{
	for (size_t i = 0; i < len; i++)
		bytes[i] = (unsigned char)test_random(random);
}

static void
sip_gives_the_vectors_of_the_reference(void **state)
{
	const struct hash_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
	unsigned char input[16];

	(void)state;
	for (unsigned char n = 0; n < 16; n++) {
		assert_int_equal(hash_sip(&key, input, n), sip_vectors[n]);
		input[n] = n;
	}
}

static void
a_chain_is_sip_of_the_hash_before_and_the_event(void **state)
{
	const struct hash_key key = { HASH_CHAIN_K0, HASH_CHAIN_K1 };
	uint64_t random = test_seed();
	unsigned char both[8 + 70];

	(void)state;
	for (size_t len = 0; len <= 70; len++) {
		uint64_t before = test_random(&random);

		for (int i = 0; i < 8; i++)
			both[i] = (unsigned char)(before >> (8 * i));
		fill(both + 8, len, &random);
		assert_int_equal(hash_chain(before, both + 8, len),
		    hash_sip(&key, both, 8 + len));
	}
}

static void
the_key_of_the_chain_is_the_documented_text(void **state)
{
	const unsigned char *text = (const unsigned char *)"palmares chain 1";

	(void)state;
	assert_int_equal(load64(text), HASH_CHAIN_K0);
	assert_int_equal(load64(text + 8), HASH_CHAIN_K1);
	/* Collectors of other versions have this number in their outboxes. */
	assert_int_equal(hash_chain(0, "", 0), UINT64_C(0xbfde5512d9789762));
}

static void
crc_gives_the_vectors_of_rfc_3720(void **state)
{
	unsigned char bytes[32];

	(void)state;
	assert_int_equal(hash_crc32c(0, "123456789", 9), 0xe3069283);
	assert_int_equal(hash_crc32c(0, "", 0), 0);
	memset(bytes, 0, sizeof bytes);
	assert_int_equal(hash_crc32c(0, bytes, 32), 0x8a9136aa);
	memset(bytes, 0xff, sizeof bytes);
	assert_int_equal(hash_crc32c(0, bytes, 32), 0x62a8ab43);
	for (unsigned char i = 0; i < 32; i++)
		bytes[i] = i;
	assert_int_equal(hash_crc32c(0, bytes, 32), 0x46dd794e);
}

static uint32_t
crc_by_bits(uint32_t crc, const unsigned char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return crc;
}

static void
table_and_hardware_give_the_same_crc(void **state)
{
	uint64_t random = test_seed();
	unsigned char bytes[300];

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t at = test_below(&random, 16);
		size_t len = test_below(&random, sizeof bytes - 16);
		uint32_t from = (uint32_t)test_random(&random);

		fill(bytes, sizeof bytes, &random);
		uint32_t model = crc_by_bits(from, bytes + at, len);
		assert_int_equal(crc_by_table(from, bytes + at, len), model);
		if (crc_in_hardware)
			assert_int_equal(crc_by_hardware(from, bytes + at, len),
			    model);
	}
}

static void
a_crc_goes_on_from_where_it_was(void **state)
{
	uint64_t random = test_seed();
	unsigned char bytes[100];

	(void)state;
	fill(bytes, sizeof bytes, &random);
	uint32_t whole = hash_crc32c(0, bytes, sizeof bytes);
	for (size_t cut = 0; cut <= sizeof bytes; cut++) {
		uint32_t first = hash_crc32c(0, bytes, cut);

		assert_int_equal(hash_crc32c(first, bytes + cut,
		                     sizeof bytes - cut),
		    whole);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sip_gives_the_vectors_of_the_reference),
		cmocka_unit_test(
		    a_chain_is_sip_of_the_hash_before_and_the_event),
		cmocka_unit_test(the_key_of_the_chain_is_the_documented_text),
		cmocka_unit_test(crc_gives_the_vectors_of_rfc_3720),
		cmocka_unit_test(table_and_hardware_give_the_same_crc),
		cmocka_unit_test(a_crc_goes_on_from_where_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
