#include "common/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/cli.h"
#include "common/log.h"
#include "common/text.h"
#include "common/xalloc.h"

enum { TEXT = 1024, WIDTH = 80, LINE = 4096 };

static const int64_t every_us = 200000; /* 5 a second */

/* To the line's beginning, and erase it. */
static const char erase[] = "\r\033[K";

struct status {
	const char *program;
	char text[TEXT];
	int64_t next_mono_us;
};

/* One write, so that nothing flickers. */
static void
put(const char *bytes, size_t len)
{
	ssize_t n = write(STDERR_FILENO, bytes, len);

	(void)n; /* the terminal is gone: the crossings are not */
}

static size_t
width(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 2)
		return WIDTH;
	return size.ws_col - 1U; /* the last column would wrap */
}

static void
draw(const struct status *s)
{
	char line[LINE];
	size_t len = strlen(erase);

	memcpy(line, erase, sizeof erase);
	text_fit(line + len, sizeof line - len, s->text, width(), false);
	put(line, strlen(line));
}

static void
above(void *arg, const char *text)
{
	const struct status *s = arg;
	char line[LINE];
	int n =
	    snprintf(line, sizeof line, "%s%s: %s\n", erase, s->program, text);

	put(line, n < LINE ? (size_t)n : LINE - 1);
	draw(s);
}

struct status *
status_new(const char *program)
{
	struct status *s;

	if (!cli_colour(STDERR_FILENO))
		return NULL;
	s = xcalloc(1, sizeof *s);
	s->program = program;
	s->next_mono_us = INT64_MIN;
	log_capture(above, s);
	return s;
}

void
status_free(struct status *s)
{
	if (s == NULL)
		return;
	log_capture(NULL, NULL);
	put(erase, strlen(erase));
	free(s);
}

bool
status_due(const struct status *s, int64_t now_mono_us)
{
	return s != NULL && now_mono_us >= s->next_mono_us;
}

int64_t
status_deadline(const struct status *s)
{
	return s == NULL ? INT64_MAX : s->next_mono_us;
}

void
status_show(struct status *s, int64_t now_mono_us, const char *text)
{
	s->next_mono_us = now_mono_us + every_us;
	if (strcmp(text, s->text) == 0)
		return;
	(void)snprintf(s->text, sizeof s->text, "%s", text);
	draw(s);
}
