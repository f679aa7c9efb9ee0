/*
 * flush - a disk for LD_PRELOAD: one whose flush takes $FLUSH_US microseconds
 * before it begins, or ($FLUSH_LIES) one that only says that it has flushed.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

typedef int flush_fn(int fd);

static int
flush(const char *name, int fd)
{
	const char *us = getenv("FLUSH_US");
	flush_fn *next;

	if (getenv("FLUSH_LIES") != NULL)
		return 0;
	if (us != NULL)
		usleep((unsigned)strtoul(us, NULL, 10));
	*(void **)&next = dlsym(RTLD_NEXT, name);
	return next(fd);
}

int
fsync(int fd)
{
	return flush("fsync", fd);
}

int
fdatasync(int fd)
{
	return flush("fdatasync", fd);
}
