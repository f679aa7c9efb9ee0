/*
 * shelf - other races as they stand: the race.db of each read into a book,
 * whether an aggregator still runs or not, and read on when there is more of
 * it.
 */
#ifndef RACE_SHELF_H
#define RACE_SHELF_H

#include "common/err.h"
#include "race/book.h"

struct shelf;

/* While a race.db is read, now and then: so many of its events are, of all.  A
 * negative result ends that, and is returned. */
typedef int (*shelf_fn)(void *arg, uint64_t done, uint64_t all);

struct shelf *shelf_new(shelf_fn fn, void *arg);
void shelf_free(struct shelf *s);

/*
 * What its race.db says now.  *out stays the shelf's, and is the same book,
 * read on, when that race is asked for again; NULL where a race folder holds no
 * race.db yet: nothing has been timed there.  An error says what would do.
 */
int shelf_book(struct shelf *s, const char *race, struct book **out,
    struct err *err);

#endif
