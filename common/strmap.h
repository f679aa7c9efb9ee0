/*
 * strmap - short strings to numbers: bibs, chips, teams, labels.
 *
 * Keys are copied.  Numbers are the caller's (indices into its arrays).
 * There is no iteration: the caller's arrays have an order, and nothing is to
 * depend on hashing.  Nothing is removed; what is out of use gets STRMAP_NONE.
 * The hash is seeded, so that nobody can choose bibs that collide.
 */
#ifndef COMMON_STRMAP_H
#define COMMON_STRMAP_H

#include <stddef.h>
#include <stdint.h>

struct strmap;

#define STRMAP_NONE UINT32_MAX

struct strmap *strmap_new(void);
void strmap_free(struct strmap *m);

/* A hint that key is asked for soon: it is fetched meanwhile. */
void strmap_expect(const struct strmap *m, const char *key);

/* The number of key, or STRMAP_NONE. */
uint32_t strmap_get(const struct strmap *m, const char *key);

/* Sets it; returns the copy of the key, which lives until the map is freed. */
const char *strmap_put(struct strmap *m, const char *key, uint32_t number);

size_t strmap_count(const struct strmap *m);

#endif
