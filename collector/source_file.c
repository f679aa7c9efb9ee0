#include "collector/source_feed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/hash.h"
#include "common/loop.h"
#include "common/xalloc.h"

int64_t
source_feed_prefix(int fd, uint64_t len, uint32_t *crc)
{
	char bytes[64 * 1024];
	uint64_t done = 0;
	uint32_t sum = 0;

	while (done < len) {
		uint64_t left = len - done;
		ssize_t n = pread(fd, bytes,
		    left < sizeof bytes ? (size_t)left : sizeof bytes,
		    (off_t)done);

		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		sum = hash_crc32c(sum, bytes, (size_t)n);
		done += (uint64_t)n;
	}
	*crc = sum;
	return (int64_t)done;
}

static bool
newline_at(int fd, uint64_t offset)
{
	char b = '\0';

	return pread(fd, &b, 1, (off_t)offset) == 1 && (b == '\n' || b == '\r');
}

static void
close_file(struct source_feed *f)
{
	if (f->fd >= 0)
		close(f->fd);
	free(f->key);
	free(f->title);
	free(f);
}

static int
read_file(struct source_feed *f, char *out, size_t cap, size_t *len,
    struct err *err)
{
	ssize_t n;

	do {
		n = read(f->fd, out, cap);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(err, -EIO, "read %s", f->title);
	*len = (size_t)n;
	return n == 0 ? SOURCE_END : SOURCE_BYTES;
}

static const char other_outbox[] =
    "crossings already taken are in the outbox; use another --outbox for a new "
    "file";

/* The bytes that were read before are still those. */
static int
check_prefix(const struct source_feed *f, const struct outbox_position *pos,
    struct err *err)
{
	uint32_t crc = 0;
	int64_t n = source_feed_prefix(f->fd, pos->offset, &crc);

	if (n < 0)
		return err_errno(err, (int)n, "read %s", f->title);
	if ((uint64_t)n < pos->offset)
		return err_set(err, -EINVAL,
		    "%s is not the file that was read before (it has %" PRId64
		    " bytes, and %" PRIu64 " were read): %s",
		    f->title, n, pos->offset, other_outbox);
	if (crc != pos->hash)
		return err_set(err, -EINVAL,
		    "%s is not the file that was read before (its first "
		    "%" PRIu64 " bytes differ): %s",
		    f->title, pos->offset, other_outbox);
	return 0;
}

static int
resume_file(struct source_feed *f, const struct outbox_position *pos,
    struct err *err)
{
	struct stat st;
	int rc = check_prefix(f, pos, err);

	if (rc < 0)
		return rc;
	if (fstat(f->fd, &st) < 0)
		return err_errno(err, -errno, "read %s", f->title);
	/* It may have ended without a newline, and gone on since. */
	if ((uint64_t)st.st_size > pos->offset &&
	    !newline_at(f->fd, pos->offset - 1) &&
	    !newline_at(f->fd, pos->offset))
		return err_set(err, -EINVAL,
		    "%s: byte %" PRIu64 ", where reading stopped, is not at "
		    "the end of a line: %s",
		    f->title, pos->offset, other_outbox);
	if (lseek(f->fd, (off_t)pos->offset, SEEK_SET) < 0)
		return err_errno(err, -errno, "read %s", f->title);
	return 1;
}

static const struct source_feed_ops ops = {
	.free = close_file,
	.read = read_file,
	.resume = resume_file,
};

static int
open_file(struct source_feed *f, const char *path, struct err *err)
{
	struct stat st;
	char *full = realpath(path, NULL);

	if (full == NULL)
		return err_errno(err, -errno, "open %s", path);
	f->key = xasprintf("csv:%s", full);
	free(full);
	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0 || fstat(f->fd, &st) < 0)
		return err_errno(err, -errno, "open %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EINVAL,
		    "%s is not a file: a pipe is read with --source stdin",
		    path);
	return 0;
}

int
source_file_open(struct source_feed **out, const char *path, struct err *err)
{
	struct source_feed *f = xcalloc(1, sizeof *f);
	int rc;

	f->ops = &ops;
	f->title = xstrdup(path);
	f->fd = -1;
	f->whole = true;
	f->deadline_mono_us = LOOP_NEVER;
	rc = open_file(f, path, err);
	if (rc < 0) {
		close_file(f);
		return rc;
	}
	*out = f;
	return 0;
}
