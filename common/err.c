#include "common/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/*
 * Formats "text: tail" into err.  By way of a buffer, since the arguments may
 * point into err->text; tail may too.
 */
static void put(struct err *err, const char *tail, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

static void
put(struct err *err, const char *tail, const char *fmt, va_list ap)
{
	char text[sizeof err->text];
	int n = vsnprintf(text, sizeof text, fmt, ap);
	size_t len = n < 0 ? 0 : (size_t)n;

	if (n < 0)
		text[0] = '\0';
	if (tail != NULL && len < sizeof text)
		snprintf(text + len, sizeof text - len, ": %s", tail);
	memcpy(err->text, text, strlen(text) + 1);
}

int
err_set(struct err *err, int rc, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return rc;
	va_start(ap, fmt);
	put(err, NULL, fmt, ap);
	va_end(ap);
	return rc;
}

int
err_errno(struct err *err, int rc, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return rc;
	va_start(ap, fmt);
	put(err, strerror(-rc), fmt, ap);
	va_end(ap);
	return rc;
}

int
err_wrap(struct err *err, int rc, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return rc;
	va_start(ap, fmt);
	put(err, err->text, fmt, ap);
	va_end(ap);
	return rc;
}
