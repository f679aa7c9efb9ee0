/*
 * test - include first in every test: cmocka 1.1 wants four headers before its
 * own, and an include sorter would move them.
 *
 * A random test takes its seed from test_seed(), which prints it and takes it
 * back from PALMARES_SEED=0x....
 */
#ifndef TESTS_SUPPORT_TEST_H
#define TESTS_SUPPORT_TEST_H

/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline uint64_t
test_seed(void)
{
	const char *given = getenv("PALMARES_SEED");
	uint64_t seed;

	if (given != NULL)
		seed = strtoull(given, NULL, 0);
	else
		seed = (uint64_t)time(NULL) * UINT64_C(0x9e3779b97f4a7c15) ^
		    (uint64_t)clock();
	print_message("seed: PALMARES_SEED=0x%llx\n", (unsigned long long)seed);
	return seed;
}

/* splitmix64 (Steele, Lea, Flood 2014) */
static inline uint64_t
test_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 <= result < n */
static inline uint64_t
test_below(uint64_t *state, uint64_t n)
{
	return test_random(state) % n;
}

#endif
