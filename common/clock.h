/*
 * clock - the clocks, which never meet in one expression.  For mains,
 * loops and movers of bytes; deciders get the time as a parameter.
 */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include "common/keys.h"

int64_t clock_utc_us(void);  /* CLOCK_REALTIME */
int64_t clock_mono_us(void); /* CLOCK_MONOTONIC: waiting */
int64_t clock_boot_us(void); /* CLOCK_BOOTTIME: goes on while a laptop sleeps */

/* All of them, one after the other. */
struct keys_stamp clock_stamp(void);

#endif
