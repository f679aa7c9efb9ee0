#include "common/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "common/xalloc.h"

/* Free with free(). */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return xstrdup(".");
	if (slash == path)
		return xstrdup("/");
	return xstrndup(path, (size_t)(slash - path));
}

/* Bytes read, fewer at the end of the file alone; or -errno. */
static ssize_t
read_full(int fd, char *to, size_t len)
{
	size_t used = 0;

	while (used < len) {
		ssize_t n = read(fd, to + used, len - used);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

static int
write_full(int fd, const char *from, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, from, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		from += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The size that fstat tells is a hint: a pipe has none, and a file may grow
 * meanwhile. */
static size_t
first_room(int fd, size_t max)
{
	struct stat st;
	size_t room = 4096;

	if (fstat(fd, &st) == 0 && st.st_size > 0)
		room = (uintmax_t)st.st_size < max ? (size_t)st.st_size : max;
	return room + 2; /* a byte more, to see the end at once; the NUL */
}

static int
read_fd(int fd, size_t max, char **out, size_t *len)
{
	size_t room = first_room(fd, max);
	char *bytes = xmalloc(room);
	size_t used = 0;
	int rc;

	for (;;) {
		size_t want = room - 1 - used;
		ssize_t n = read_full(fd, bytes + used, want);

		rc = n < 0 ? (int)n : 0;
		if (rc < 0)
			break;
		used += (size_t)n;
		rc = used > max ? -EFBIG : 0;
		if (rc < 0)
			break;
		if ((size_t)n < want) {
			bytes[used] = '\0';
			*out = bytes;
			*len = used;
			return 0;
		}
		bytes = xgrow(bytes, &room, room, 1);
	}
	free(bytes);
	return rc;
}

int
files_read(const char *path, size_t max, char **out, size_t *len,
    struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, -errno, "read %s", path);

	int rc = read_fd(fd, max, out, len);
	close(fd);
	if (rc == -EFBIG)
		return err_set(err, rc,
		    "read %s: larger than %zu bytes: is it the right file?",
		    path, max);
	if (rc < 0)
		return err_errno(err, rc, "read %s", path);
	return 0;
}

static int
write_durably(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int rc;

	if (fd < 0)
		return -errno;
	rc = write_full(fd, text, strlen(text));
	if (rc == 0 && fsync(fd) < 0)
		rc = -errno;
	/* NFS tells of a full disk here. */
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	return rc;
}

int
files_sync_folder_of(const char *path)
{
	char *folder = folder_of(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	free(folder);
	if (fd < 0)
		return -errno;
	/* EINVAL: a file system that does not sync folders. */
	if (fsync(fd) < 0 && errno != EINVAL)
		rc = -errno;
	close(fd);
	return rc;
}

int
files_replace(const char *path, const char *text, struct err *err)
{
	/* Always the same name: what a crash leaves is used up next time. */
	char *beside = xasprintf("%s.new", path);
	int rc = write_durably(beside, text);

	if (rc == 0 && rename(beside, path) < 0)
		rc = -errno;
	if (rc < 0) {
		unlink(beside);
		free(beside);
		return err_errno(err, rc, "write %s", path);
	}
	free(beside);
	rc = files_sync_folder_of(path);
	if (rc < 0)
		return err_errno(err, rc, "sync the folder of %s", path);
	return 0;
}

/* 0 if the file does not say. */
static long
holder(int fd)
{
	char text[32];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	long pid = strtol(text, NULL, 10);
	return pid > 0 ? pid : 0;
}

static int
refuse(int fd, const char *path, struct err *err)
{
	long pid = holder(fd);

	if (pid == 0)
		return err_set(err, -EBUSY,
		    "%s: another process has the lock: end it first", path);
	return err_set(err, -EBUSY,
	    "%s: process %ld has the lock: end it first", path, pid);
}

/* For the words of refuse() alone: a full disk is no reason not to start. */
static void
write_pid(int fd)
{
	char text[32];
	int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());

	if (pwrite(fd, text, (size_t)len, 0) != len || ftruncate(fd, len) < 0)
		return;
}

/* files_locked() of another program holds it for a moment to see. */
static int
take_lock(int lock)
{
	int rc = flock(lock, LOCK_EX | LOCK_NB);

	for (int i = 0; rc < 0 && errno == EWOULDBLOCK && i < 10; i++) {
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
		rc = flock(lock, LOCK_EX | LOCK_NB);
	}
	return rc;
}

int
files_lock(const char *path, int *fd, struct err *err)
{
	int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	int rc;

	if (lock < 0)
		return err_errno(err, -errno, "open lock %s", path);
	if (take_lock(lock) == 0) {
		write_pid(lock);
		*fd = lock;
		return 0;
	}
	if (errno == EWOULDBLOCK)
		rc = refuse(lock, path, err);
	else
		rc = err_errno(err, -errno, "lock %s", path);
	close(lock);
	return rc;
}

bool
files_locked(const char *path)
{
	int lock = open(path, O_RDONLY | O_CLOEXEC);
	bool free_of_it;

	if (lock < 0)
		return errno != ENOENT;
	free_of_it = flock(lock, LOCK_SH | LOCK_NB) == 0;
	close(lock);
	return !free_of_it;
}

uint64_t
files_random(void)
{
	uint64_t number = 0;

	while (number == 0)
		if (getrandom(&number, sizeof number, 0) < 0 && errno != EINTR)
			/* Linux before 3.17; ids that repeat would be worse. */
			abort();
	return number;
}

uint64_t
files_free_bytes(const char *path)
{
	struct statvfs fs;
	int rc = statvfs(path, &fs);

	if (rc < 0 && errno == ENOENT) {
		char *folder = folder_of(path);

		rc = statvfs(folder, &fs);
		free(folder);
	}
	if (rc < 0)
		return 0;
	return (uint64_t)fs.f_bavail * fs.f_frsize;
}
