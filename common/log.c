#include "common/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An err text of 1024 bytes with its context fits twice. */
enum { LINE_MAX_BYTES = 2048 };

static const char *program = "palmares";
static log_sink_fn sink;
static void *sink_arg;

/* The last words of a full-screen program; see say_last_words(). */
static char last_words[LINE_MAX_BYTES];

/* Names and keys in a line come from files and from the network: none of them
 * moves the cursor or begins a line of its own. */
static void
defuse(char *line)
{
	for (unsigned char *p = (unsigned char *)line; *p != '\0'; p++) {
		bool c1 = p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0;

		if (*p < 0x20 || *p == 0x7f || c1)
			*p = '?';
		if (c1)
			*++p = '?';
	}
}

/* One write a line, so that the lines of several programs do not mix. */
static void
write_line(const char *line)
{
	char out[LINE_MAX_BYTES + 128];
	int n = snprintf(out, sizeof out, "%s: %s\n", program, line);
	size_t len = (size_t)n < sizeof out ? (size_t)n : sizeof out - 1;
	const char *p = out;

	while (len > 0) {
		ssize_t written = write(STDERR_FILENO, p, len);

		if (written < 0 && errno == EINTR)
			continue;
		/* Nobody is left to tell that stderr is gone. */
		if (written < 0)
			return;
		p += written;
		len -= (size_t)written;
	}
}

/* At exit handlers run last to first: this one, registered by log_init() at
 * the start of main, runs when the terminal has been restored. */
static void
say_last_words(void)
{
	if (last_words[0] != '\0')
		write_line(last_words);
}

static void format(char *line, int code, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

/* code is an errno to add, or 0. */
static void
format(char *line, int code, const char *fmt, va_list ap)
{
	int n = vsnprintf(line, LINE_MAX_BYTES, fmt, ap);
	size_t len = n < 0 ? 0 : (size_t)n;

	if (n < 0)
		line[0] = '\0';
	if (code != 0 && len < LINE_MAX_BYTES)
		snprintf(line + len, LINE_MAX_BYTES - len, ": %s",
		    strerror(code));
	defuse(line);
}

static void emit(int code, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
emit(int code, const char *fmt, va_list ap)
{
	char line[LINE_MAX_BYTES];
	int before = errno;

	format(line, code, fmt, ap);
	if (sink != NULL)
		sink(sink_arg, line);
	else
		write_line(line);
	errno = before;
}

void
log_init(const char *name)
{
	static bool registered;

	program = name;
	if (!registered)
		registered = atexit(say_last_words) == 0;
}

void
log_capture(log_sink_fn fn, void *arg)
{
	sink = fn;
	sink_arg = arg;
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(0, fmt, ap);
	va_end(ap);
}

void
log_warn(const char *fmt, ...)
{
	int code = errno;
	va_list ap;

	va_start(ap, fmt);
	emit(code, fmt, ap);
	va_end(ap);
}

void
log_warnx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(0, fmt, ap);
	va_end(ap);
}

_Noreturn void
log_fatal(int status, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	format(line, 0, fmt, ap);
	va_end(ap);
	/* What a full-screen program shows now is gone when it ends. */
	if (sink != NULL)
		memcpy(last_words, line, sizeof last_words);
	else
		write_line(line);
	exit(status);
}
