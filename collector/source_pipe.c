#include "collector/source_feed.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/loop.h"
#include "common/xalloc.h"

static void
free_pipe(struct source_feed *f)
{
	free(f->key);
	free(f->title);
	free(f);
}

static int
read_pipe(struct source_feed *f, char *out, size_t cap, size_t *len,
    struct err *err)
{
	ssize_t n = read(f->fd, out, cap);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return SOURCE_NOTHING;
	if (n < 0)
		return err_errno(err, -EIO, "read %s", f->title);
	*len = (size_t)n;
	return n == 0 ? SOURCE_END : SOURCE_BYTES;
}

static const struct source_feed_ops ops = {
	.free = free_pipe,
	.read = read_pipe,
};

int
source_pipe_open(struct source_feed **out, const char *path, struct err *err)
{
	struct source_feed *f = xcalloc(1, sizeof *f);

	/* It is open, and has no path. */
	(void)path;
	(void)err;
	f->ops = &ops;
	f->key = xstrdup("stdin");
	f->title = xstrdup("stdin");
	f->fd = STDIN_FILENO;
	f->deadline_mono_us = LOOP_NEVER;
	*out = f;
	return 0;
}
