/*
 * files - whole files, lock files, random numbers from the system.
 */
#ifndef COMMON_FILES_H
#define COMMON_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

/* Reads all of path (at most `max` bytes, else -EFBIG), with a NUL behind it
 * that is not counted.  Free with free(). */
int files_read(const char *path, size_t max, char **out, size_t *len,
    struct err *err);

/* Writes beside it, fsyncs, renames over it, fsyncs the folder. */
int files_replace(const char *path, const char *text, struct err *err);

/* Makes the name of a new file durable. */
int files_sync_folder_of(const char *path);

/*
 * Takes the lock file path (created, flock, the pid written in it).  The lock
 * lasts until *fd is closed or the process ends.  -EBUSY, with the holder's pid
 * in err, if another process has it.
 */
int files_lock(const char *path, int *fd, struct err *err);

/* Whether a process has that lock, as far as can be told: no if there is no
 * such file.  Takes it for a moment, shared. */
bool files_locked(const char *path);

/* A random 64-bit number that is not 0. */
uint64_t files_random(void);

/* Bytes free for us where path lies; 0 if that cannot be told. */
uint64_t files_free_bytes(const char *path);

#endif
