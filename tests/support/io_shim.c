/*
 * io_shim - LD_PRELOAD: a disk on which one write or flush fails with EIO.
 *
 * The $PALMARES_TEST_IO-th write or flush (from 1 on, together) of a file whose
 * path begins with $PALMARES_TEST_IO_PATH fails, and everything of that disk
 * after it if $PALMARES_TEST_IO_DEAD is set.  A file of that path with
 * ".failed" behind it is made then.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_ulong count;

static void
tell(const char *path)
{
	char name[PATH_MAX];
	int fd;

	snprintf(name, sizeof name, "%s.failed", path);
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd >= 0)
		close(fd);
}

static bool
is_of(int fd, const char *path)
{
	char link[64];
	char target[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, target, sizeof target);
	return n >= (ssize_t)strlen(path) &&
	    memcmp(target, path, strlen(path)) == 0;
}

static bool
fails(int fd)
{
	const char *path = getenv("PALMARES_TEST_IO_PATH");
	const char *nth = getenv("PALMARES_TEST_IO");
	unsigned long at;

	if (path == NULL || nth == NULL || !is_of(fd, path))
		return false;
	at = strtoul(nth, NULL, 10);
	if (++count < at ||
	    (count > at && getenv("PALMARES_TEST_IO_DEAD") == NULL))
		return false;
	tell(path);
	errno = EIO;
	return true;
}

/* dlsym gives a data pointer; POSIX says that it may be a function's. */
static void
next(const char *name, void *fn)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(fn, &symbol, sizeof symbol);
}

ssize_t
write(int fd, const void *buf, size_t len)
{
	static ssize_t (*real)(int, const void *, size_t);

	if (real == NULL)
		next("write", &real);
	return fails(fd) ? -1 : real(fd, buf, len);
}

ssize_t
pwrite(int fd, const void *buf, size_t len, off_t at)
{
	static ssize_t (*real)(int, const void *, size_t, off_t);

	if (real == NULL)
		next("pwrite", &real);
	return fails(fd) ? -1 : real(fd, buf, len, at);
}

/* SQLite's. */
ssize_t
pwrite64(int fd, const void *buf, size_t len, off64_t at)
{
	static ssize_t (*real)(int, const void *, size_t, off64_t);

	if (real == NULL)
		next("pwrite64", &real);
	return fails(fd) ? -1 : real(fd, buf, len, at);
}

int
fsync(int fd)
{
	static int (*real)(int);

	if (real == NULL)
		next("fsync", &real);
	return fails(fd) ? -1 : real(fd);
}

int
fdatasync(int fd)
{
	static int (*real)(int);

	if (real == NULL)
		next("fdatasync", &real);
	return fails(fd) ? -1 : real(fd);
}
