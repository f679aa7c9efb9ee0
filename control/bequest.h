/*
 * bequest - what stays with a bib when its runner leaves it, and comes to who
 * gets it: crossings that name it, what was decided of it, prizes.  Told as
 * notes; nothing is decided here.  Pure.
 */
#ifndef CONTROL_BEQUEST_H
#define CONTROL_BEQUEST_H

#include "control/correct.h"

/* He takes another bib. */
void bequest_changed(struct correct *c, const struct race_entry *e,
    const char *new_bib);

/* Nobody has his bib then. */
void bequest_removed(struct correct *c, const struct race_entry *e);

/* What he finds with what he has not had before: before may be NULL. */
void bequest_found(struct correct *c, const struct race_entry *before,
    const struct race_entry *after);

#endif
