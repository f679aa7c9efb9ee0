/*
 * served - whether an aggregator serves the race that a folder is of.
 *
 * Where a folder has no endpoint, programs reach for 127.0.0.1:5570, and there
 * may be the aggregator of another race.
 */
#ifndef RACE_SERVED_H
#define RACE_SERVED_H

#include "common/err.h"

/* The title in DIR/race.yaml; NULL if dir is, or if that cannot be read.  Sets
 * the process's zone, as conf_rules() does.  Free with free(). */
char *served_title(const char *dir);

/* -ETIMEDOUT, with the words for silence at `peer`, and why that was asked if
 * neither --aggregator (NULL: none) nor the race folder (NULL) named any. */
int served_silent(const char *peer, const char *aggregator, const char *race,
    struct err *err);

/* theirs: the title that the aggregator at `peer` says; ours NULL: any will do.
 * -ESTALE: another race. */
int served_check(const char *peer, const char *theirs, const char *ours,
    struct err *err);

#endif
