/*
 * about - whether an event or a decision concerns a bib: names it, or a
 * crossing, an entry or a decision of it.  Pure.
 */
#ifndef CONTROL_ABOUT_H
#define CONTROL_ABOUT_H

#include <stdbool.h>

#include "race/book.h"

/* By what the book knows when it is asked. */
bool about_bib(struct book *b, const char *bib, struct race_id id,
    const struct race_event *e);

#endif
