/*
 * season_mask - whom a season names, and others in their place: in texts, and
 * in the files of its folder.
 *
 * Recipients and teams are one kind of word, for a table may have either, and
 * an alias may make one of the other.  Each keeps its place in the order of
 * labels, by which equal rows are listed.  Of a pair the halves are replaced,
 * so that it stays one.
 */
#ifndef CONTROL_SEASON_MASK_H
#define CONTROL_SEASON_MASK_H

#include <stdio.h>

#include "common/err.h"
#include "control/anonymise.h"
#include "race/season/bundle.h"

enum { SEASON_MASK_MAX = 64 };

struct season_mask;

struct season_mask *season_mask_new(void);
void season_mask_free(struct season_mask *m);

/* All words first; then each gets its own. */
void season_mask_add(struct season_mask *m, const char *text);
void season_mask_settle(struct season_mask *m, uint64_t *random);

/* "" stays what it is; "(left out)" for one that was not added.  Returns out.
 */
const char *season_mask_of(const struct season_mask *m, const char *text,
    char out[SEASON_MASK_MAX]);

/* The same for whom a decision names: a pair in the order of bytes, in which
 * tables show it, is in that order again. */
const char *season_mask_subject(const struct season_mask *m, const char *text,
    char out[SEASON_MASK_MAX]);

/* Adds the words of a file. */
int season_mask_survey(struct season_mask *m, const struct bundle_file *f,
    struct err *err);

/*
 * Writes it with the others.  Lists keep the columns that Palmarès knows, notes
 * are left out and counted as are other columns; of season.yaml the comments
 * go, and of paths all but the last name.  -EINVAL: it cannot be read.
 */
int season_mask_file(const struct season_mask *m, const struct bundle_file *f,
    FILE *to, struct anonymise *told, struct err *err);

#endif
