/*
 * shelf - a race that was: its race.db read into a book, whether an aggregator
 * still runs or not.
 */
#ifndef RACE_SHELF_H
#define RACE_SHELF_H

#include "common/err.h"
#include "race/book.h"

/*
 * *out is the caller's, for book_free(); NULL where a race folder holds no
 * race.db yet: nothing has been timed there.  An error says what would do.
 */
int shelf_book(struct book **out, const char *race, struct err *err);

#endif
