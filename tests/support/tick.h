/*
 * tick - files are stamped with a clock of a few milliseconds a tick: who has
 * to tell two versions of one apart waits for the next.
 */
#ifndef TESTS_SUPPORT_TICK_H
#define TESTS_SUPPORT_TICK_H

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static inline struct timespec
tick_of(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct stat st = { 0 };

	(void)fstat(fd, &st);
	(void)close(fd);
	(void)unlink(path);
	return st.st_ctim;
}

/* What is changed in that folder from now on is stamped later than all before.
 */
static inline void
tick_wait(const char *dir)
{
	struct timespec first;
	struct timespec now;
	char path[160];

	snprintf(path, sizeof path, "%s/tick", dir);
	first = tick_of(path);
	do
		now = tick_of(path);
	while (now.tv_sec == first.tv_sec && now.tv_nsec == first.tv_nsec);
}

#endif
