/*
 * fault_vfs - a disk under SQLite that fails when a test says so.
 *
 * An SQLite VFS over "unix", the default one once it is installed.  It counts
 * the calls that change a database, its journal or its WAL, or that make the
 * WAL's index longer, fails the n-th, and knows what of each file has been
 * flushed, so that it can be put back as a power cut would leave it.  Flushes
 * are noted and not made: nothing here depends on the disk below.
 *
 * One thread.  A sweep is: fault_forget(), fault_arm() with n = 1, 2, 3 ...,
 * the scenario, fault_disarm(), until fault_hits() stays 0.
 */
#ifndef TESTS_SUPPORT_FAULT_VFS_H
#define TESTS_SUPPORT_FAULT_VFS_H

#include <stdbool.h>
#include <stdint.h>

enum fault_how {
	FAULT_FULL,   /* half a write is made, then SQLITE_FULL (ENOSPC) */
	FAULT_QUOTA,  /* half a write is made, then SQLITE_IOERR_WRITE with
	               * EDQUOT, as unix tells everything but ENOSPC */
	FAULT_NOROOM, /* the same with ENOSPC */
	FAULT_INDEX,  /* no room for the WAL's index, and nothing else */
	FAULT_BROKEN, /* EIO of whatever call */
	FAULT_FLUSH,  /* EIO of a flush, and what was to be flushed is gone
	               * from the kernel: the next flush succeeds */
	FAULT_POWER   /* from this call on nothing reaches the disk */
};

/* What a power cut leaves of that which was written and not flushed. */
enum fault_cut {
	FAULT_CUT_NOTHING, /* none of it */
	FAULT_CUT_ALL,     /* all of it: a kill -9 */
	FAULT_CUT_TORN,    /* the first so many bytes of each file's */
	FAULT_CUT_SECTORS, /* any sectors, in whatever order */
	FAULT_CUTS
};

void fault_install(void);

/* Fails the n-th call that `how` is about, or all from the n-th on. */
void fault_arm(enum fault_how how, unsigned n, bool lasting);
void fault_disarm(void);
/* Calls that failed since fault_arm(). */
unsigned fault_hits(void);

/* Leaves the files as after a power cut; all must be closed. */
void fault_cut(enum fault_cut cut, uint64_t *random);
/* What is in the files now counts as flushed. */
void fault_forget(void);

/* rename() and fsync() of a folder, for what changes files beside SQLite. */
int fault_rename(const char *from, const char *to);
int fault_sync_folder(int fd);

#endif
