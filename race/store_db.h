/*
 * store_db - what the files of the store share; nothing for anybody else.
 */
#ifndef RACE_STORE_DB_H
#define RACE_STORE_DB_H

#include <stdint.h>

#include "common/err.h"
#include "race/store.h"

struct sqlite3;

struct sqlite3 *store_db(struct store *s);
const char *store_path(const struct store *s);

/* A URI that makes SQLite read path as a file that nobody changes, and make no
 * other beside it.  Free with free(). */
char *store_immutable(const char *path);

/*
 * Reads the log from its beginning as far as it is what was stored: *last is
 * the last such event.  0, or -EUCLEAN with what is wrong with the next.
 */
int store_sound(struct sqlite3 *db, uint64_t *last, struct err *err);

/* Damage, told with what can be read and what to do: -EUCLEAN. */
int store_damaged(struct store *s, struct err *err, const char *what);

#endif
