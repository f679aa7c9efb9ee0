/*
 * unseen - who is entered, of whom nothing was ever read, and who therefore
 * probably did not start.  That somebody has to say (rank.h: whoever has no
 * read is not out), and until then places by net are provisional.  Pure.
 *
 * A start is over when the window of its wave, if it has one, is, and nobody of
 * it was read at the start for QUIET of the race's own time (the latest
 * crossing), nor its gun was then.  Where there is no mat at the start nobody
 * can tell who is absent from who is on his way.
 */
#ifndef RACE_UNSEEN_H
#define RACE_UNSEEN_H

#include "race/book.h"

#define UNSEEN_QUIET_US (INT64_C(600) * 1000000)

struct unseen {
	const struct race_entry **entries; /* by bib */
	size_t count;
	size_t awaited; /* others, whose start is not over */
	size_t entered; /* all there are */
	bool timed;     /* there are reads at the start; without them, entries
	                 * are those whose gun is past */
	bool arrived;   /* somebody is at the last point */
};

/* Entries are valid until b changes.  O(runners log runners). */
void unseen_find(struct unseen *out, struct book *b);
void unseen_clear(struct unseen *u);

#endif
