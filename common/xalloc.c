#include "common/xalloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* exit() and not abort(): a terminal in full-screen mode is restored by
 * handlers at exit, and none of them needs much memory. */
static _Noreturn void
die(size_t size)
{
	fprintf(stderr,
	    "out of memory (asked for %zu bytes); start again, nothing that "
	    "was acknowledged is lost\n",
	    size);
	exit(1);
}

void *
xmalloc(size_t size)
{
	void *p = malloc(size > 0 ? size : 1);

	if (p == NULL)
		die(size);
	return p;
}

void *
xcalloc(size_t count, size_t size)
{
	void *p = count > 0 && size > 0 ? calloc(count, size) : calloc(1, 1);

	if (p == NULL)
		die(size);
	return p;
}

char *
xstrdup(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(xmalloc(size), s, size);
}

char *
xstrndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = xmalloc(len + 1);

	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *out;

	va_start(ap, fmt);
	int n = vasprintf(&out, fmt, ap);
	va_end(ap);
	if (n < 0)
		die(strlen(fmt));
	return out;
}

void *
xreallocarray(void *p, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		die(SIZE_MAX);
	/* realloc(p, 0) would free, and NULL would look like exhaustion. */
	p = realloc(p, bytes > 0 ? bytes : 1);
	if (p == NULL)
		die(bytes);
	return p;
}

void *
xgrow(void *p, size_t *cap, size_t count, size_t size)
{
	size_t wider = *cap > 0 ? *cap : 8;

	if (count < *cap)
		return p;
	while (wider <= count)
		if (__builtin_mul_overflow(wider, (size_t)2, &wider))
			die(SIZE_MAX);
	p = xreallocarray(p, wider, size);
	*cap = wider;
	return p;
}
