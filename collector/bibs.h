/*
 * bibs - who is entered, looked up by what is being typed.  Pure.
 */
#ifndef COLLECTOR_BIBS_H
#define COLLECTOR_BIBS_H

#include "race/near.h"
#include "race/types.h"

struct bibs;

/* Of the entries bib, name, category and team are copied. */
struct bibs *bibs_new(const struct race_entry *entries, size_t count);
void bibs_free(struct bibs *b);

/* Others instead, copied too: what was found before is gone. */
void bibs_replace(struct bibs *b, const struct race_entry *const *entries,
    size_t count);

/* Nobody is entered, so that nothing can be checked. */
bool bibs_empty(const struct bibs *b);

/* Bibs are known, and nobody has this one; "" is none. */
bool bibs_unknown(const struct bibs *b, const char *bib);

/* NULL: nobody has it.  Valid until they are replaced. */
const struct race_entry *bibs_find(const struct bibs *b, const char *bib);

/* Those whose bib begins with `text`, in the order of their bytes, at most cap.
 * Returns how many. */
size_t bibs_beginning(const struct bibs *b, const char *text,
    const struct race_entry **out, size_t cap);

/* As near_find(), among these. */
size_t bibs_near(const struct bibs *b, const char *bib, struct near_match *out,
    size_t cap);

/* "120 Ada Lovelace (two digits swapped), 12 Bob": at most three of those near,
 * as long as they fit.  Returns out, "" if there is none. */
char *bibs_guess(const struct bibs *b, const char *bib, char *out, size_t cap);

#endif
