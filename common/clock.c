#include "common/clock.h"

#include <time.h>

static int64_t
read_us(clockid_t id)
{
	struct timespec ts = { 0 };

	/* Fails for an unknown clock alone, and these are as old as
	 * Linux 2.6.39. */
	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
clock_utc_us(void)
{
	return read_us(CLOCK_REALTIME);
}

int64_t
clock_mono_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t
clock_boot_us(void)
{
	return read_us(CLOCK_BOOTTIME);
}

struct keys_stamp
clock_stamp(void)
{
	struct keys_stamp s;

	s.utc_us = clock_utc_us();
	s.boot_us = clock_boot_us();
	s.mono_us = clock_mono_us();
	return s;
}
