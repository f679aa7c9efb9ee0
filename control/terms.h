/*
 * terms - the words of an operator: bibs, points, waves, moments and crossings
 * of this race, or why they are none, with what he may have meant.  Pure.
 */
#ifndef CONTROL_TERMS_H
#define CONTROL_TERMS_H

#include "control/correct.h"

/* Each returns 0, or -EINVAL with words. */

/* Valid until the entry changes. */
int terms_bib(struct correct *c, const char *word,
    const struct race_entry **out, struct err *err);

/* An index. */
int terms_point(struct correct *c, const char *word, int *out, struct err *err);

/* An index; "": the only one there is. */
int terms_wave(struct correct *c, const char *word, int *out, struct err *err);

/*
 * hh:mm:ss[.f] on the race's date.  With a bib: the first such moment from two
 * hours before his start on, and +h:mm:ss[.f] is after it.  Or ISO 8601.
 */
int terms_moment(struct correct *c, const char *word, const char *bib,
    int64_t *out, struct err *err);

/* STATION:SEQ, which has come; or its number in the log, unless that is a bib
 * too.  out->bib is valid until the book changes. */
int terms_read(struct correct *c, const char *word, struct race_id *id,
    struct rank_crossing *out, struct err *err);

/* "12 Zoé Petit"; for free(). */
char *terms_person(const struct correct *c, const char *bib);

#endif
