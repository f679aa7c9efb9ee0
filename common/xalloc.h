/*
 * xalloc - memory or the end of the program: the way back from exhaustion is a
 * restart and recovery from disk, which the kill -9 tests exercise.
 */
#ifndef COMMON_XALLOC_H
#define COMMON_XALLOC_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Room for `count` members of `size` bytes; overflow ends the program. */
void *xreallocarray(void *p, size_t count, size_t size);

/*
 * Grows *p so that index `count` fits: doubles *cap (in members) when it has to
 * and returns the new array.  Use: a = xgrow(a, &cap, count, sizeof *a);
 */
void *xgrow(void *p, size_t *cap, size_t count, size_t size);

#endif
