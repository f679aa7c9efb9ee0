/*
 * replay_cut - the part of a tape that was received between two instants, and
 * what it would have been with clocks that are off.
 *
 * With a part goes what it is ranked by, as in a file of `palmares cut`: what
 * operators had said before, and what was known of the laptops' clocks, without
 * which the times of crossings would be others.
 *
 * The beginning of a station's stream is what the aggregator held at some time:
 * it keeps its identity, and the rest may follow.  Any other part, and a stream
 * whose clock was put wrong, is a stream of its own: with another epoch, made
 * of the old one, the bounds, the clocks and where the part begins, so that
 * playing it twice repeats it; with numbers from 1; and its voids and fill-ins
 * name its events as they are called now.  Those of what is left out are left
 * out themselves.
 *
 * What operators said is played as they said it, under its own names: parts of
 * one race that come one after the other bring it again, and it is known.  What
 * names a crossing that is called otherwise now comes a second time, in a
 * stream of its own (as above), with the new name: either of the two waits for
 * its crossing (PROTOCOL.md 3.9).  So does what undoes such a one; what
 * replaces it with something else undoes the second one, and is said once.
 * Only the part itself knows these names: a part behind it does not.
 * Pure.
 */
#ifndef COLLECTOR_REPLAY_CUT_H
#define COLLECTOR_REPLAY_CUT_H

#include "collector/replay_tape.h"

struct tape_cut {
	/* Both belong to it.  An instant stands for the last event of the log
	 * that had been received by then. */
	int64_t from_us;
	int64_t to_us;
	const int64_t *ahead_us; /* of clocks, by stream (faults_clocks()) */
};

struct tape_cut_facts {
	size_t parts;   /* stations' streams with a new identity */
	size_t dropped; /* voids and fill-ins of what is left out */
	size_t waiting; /* decisions about crossings that are left out */
};

/* Also with everything within the bounds: for a recording whose streams are not
 * whole.  *t becomes what is left. */
void tape_cut(struct tape *t, const struct tape_cut *cut,
    struct tape_cut_facts *out);

#endif
