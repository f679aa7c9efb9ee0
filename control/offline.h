/*
 * offline - a race as its race.db, or a recording of it, tells it, without an
 * aggregator.
 */
#ifndef CONTROL_OFFLINE_H
#define CONTROL_OFFLINE_H

#include "common/err.h"
#include "race/book.h"

/* Reads all events of RACE/race.db and sets the process's zone to the race's.
 * Free with book_free(). */
int offline_book(struct book **out, const char *race, struct err *err);

/* The same from a recording of such a race.db (proto/recording.h). */
int offline_recording(struct book **out, const char *path, struct err *err);

/* The id of RACE/race.db; -ENOENT if there is none. */
int offline_store(uint64_t *id, const char *race, struct err *err);

#endif
