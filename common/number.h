/*
 * number - whole numbers for people.
 */
#ifndef COMMON_NUMBER_H
#define COMMON_NUMBER_H

#include <stdint.h>

/* 48213 as "48,213".  Returns out. */
char *number_grouped(char out[32], uint64_t n);

#endif
