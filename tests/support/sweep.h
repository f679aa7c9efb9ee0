/*
 * sweep - what keeps its word on a disk that fails at its n-th call, n = 1, 2,
 * 3 ... until the scenario passes untouched.
 *
 * The scenario is a number of turns, each a transaction.  It goes on after
 * -ENOSPC, in the same process, as the programs do; after any other failure
 * the subject is closed, opened again without faults, read, and brought to the
 * end.  What was committed has to be there once, and no turn by halves.
 */
#ifndef TESTS_SUPPORT_SWEEP_H
#define TESTS_SUPPORT_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "support/fault_vfs.h"

enum { SWEEP_NO_TURN = -1 };

struct sweep_subject {
	void (*remove)(void *arg); /* all its files; it is closed */
	int (*open)(void *arg);
	void (*close)(void *arg);
	/* Commits turn t (1 ...); taken back whole if that fails. */
	int (*take)(void *arg, int t);
	/* Tries for room without a turn; NULL: has no such thing. */
	int (*room)(void *arg);
	/* The turn after which it stands; SWEEP_NO_TURN: in the middle of one,
	 * or its parts do not agree.  *doubled: something is there twice. */
	int (*stand)(void *arg, bool *doubled);
	const char *(*why)(void *arg); /* open() failed */
};

struct sweep {
	const struct sweep_subject *subject;
	void *arg;
	int turns;
	uint64_t random;

	/* The run. */
	enum fault_how how;
	unsigned n;
	int committed; /* turns for which take() gave 0 */
	bool trying;   /* and one more may have been committed */

	/* The findings. */
	unsigned faults;
	unsigned lost;
	unsigned doubled;
	unsigned halves;
	unsigned unopened;
};

/* No room: once, or from the n-th call on, in each way there is. */
void sweep_full(struct sweep *s);
void sweep_index(struct sweep *s); /* for the WAL's index alone */

void sweep_broken(struct sweep *s);

/* The kernel forgets what it could not flush, and says so once. */
void sweep_unflushed(struct sweep *s);

/* The power is cut at the n-th call; so often with what may be left of it,
 * which is random. */
void sweep_power(struct sweep *s, int rounds);

#endif
