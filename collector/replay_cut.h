/*
 * replay_cut - the part of a tape that was received between two instants.
 *
 * With it goes what it is ranked by, as in a file of `palmares cut`: what
 * operators had said before, and what was known of the laptops' clocks, without
 * which the times of crossings would be others.
 *
 * The beginning of a stream is what the aggregator held at some time: it keeps
 * its identity, and the rest may follow.  Any other part is a stream of its
 * own: with another epoch, made of the old one, the bounds and where the part
 * begins, so that playing it twice repeats it; with numbers from 1; and what
 * names its events (voids, fill-ins, decisions) names them as they are called
 * now, wherever it stands, which makes another stream of that one, too.  What
 * names an event that is left out is left out itself, or if it only replaced it
 * loses that.  Pure.
 */
#ifndef COLLECTOR_REPLAY_CUT_H
#define COLLECTOR_REPLAY_CUT_H

#include "collector/replay_tape.h"

/* Both belong to it.  An instant stands for the last event of the log that had
 * been received by then. */
struct tape_cut {
	int64_t from_us;
	int64_t to_us;
};

struct tape_cut_facts {
	size_t parts;   /* streams with a new identity */
	size_t dropped; /* references to what is left out, with their events */
};

/* Also with everything within the bounds: for a recording whose streams are not
 * whole.  *t becomes what is left. */
void tape_cut(struct tape *t, const struct tape_cut *cut,
    struct tape_cut_facts *out);

#endif
