/*
 * spread - how far apart measured times lie, on one line.
 */
#ifndef TESTS_BENCH_SPREAD_H
#define TESTS_BENCH_SPREAD_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static inline int
spread_compare(const void *a, const void *b)
{
	const int64_t *x = a;
	const int64_t *y = b;

	return (*x > *y) - (*x < *y);
}

/* Prints "count p50 p99 max", separated by tabs.  Sorts them. */
static inline void
spread_print(int64_t *taken_us, size_t n)
{
	qsort(taken_us, n, sizeof *taken_us, spread_compare);
	printf("%zu\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\n", n,
	    taken_us[n / 2], taken_us[n * 99 / 100], taken_us[n - 1]);
}

#endif
