/*
 * kind - the words for kinds of events: in race.db, in the log as it is
 * printed, and on command lines.
 */
#ifndef RACE_KIND_H
#define RACE_KIND_H

#include "race/types.h"

/* "crossing", "fill-in", "entry-gone" ... */
const char *kind_name(enum race_event_kind kind);

/* The other way; -1 for a word that is none. */
int kind_parse(const char *word);

/*
 * Whether it is brought to the operators' port alone, or is the aggregator's
 * own.  A recording says nothing of whose a stream is: its first event does.
 */
bool kind_of_operators(enum race_event_kind kind);

/* Whether the recording of a season alone holds it, from whoever records it. */
bool kind_of_season(enum race_event_kind kind);

#endif
