/*
 * backup - a checked copy of race.db or season.db, and what is told of it.
 */
#ifndef CONTROL_BACKUP_H
#define CONTROL_BACKUP_H

#include "common/err.h"

/* Tells on stdout what was copied; as store_open() and store_backup(). */
int backup_copy(const char *db, const char *file, struct err *err);

#endif
