/*
 * crossings - what each crossing said when it was made, by its name: the raw
 * time, whose clock, from which line of which file.  The core keeps of a
 * crossing what ranks; whoever has to explain a place, or to say where an
 * unknown bib was typed, looks here.  Pure.
 */
#ifndef RACE_CROSSINGS_H
#define RACE_CROSSINGS_H

#include "race/types.h"

struct crossings;

struct crossings *crossings_new(void);
void crossings_free(struct crossings *c);

/* Takes note of an event, whatever it is; copied.  A repeat is none. */
void crossings_note(struct crossings *c, struct race_id id,
    const struct race_event *e);

/* Of that name; NULL: no such crossing. */
const struct race_crossing *crossings_find(struct crossings *c,
    struct race_id id);

/* In the order of coming: i < crossings_count(). */
size_t crossings_count(const struct crossings *c);
const struct race_crossing *crossings_at(const struct crossings *c, size_t i,
    struct race_id *id);

/* Its own station has taken it back, or said later of whom it is. */
bool crossings_revised(struct crossings *c, struct race_id id);

/* A laptop has stamped it, and nobody ever measured the laptop's clock, neither
 * before nor after. */
bool crossings_unmeasured(struct crossings *c, struct race_id id);

#endif
