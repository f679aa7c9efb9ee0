/*
 * anonymise - a recording in which nobody is named any more, and whose boards
 * are the same but for names.
 *
 * Bibs, chips, teams and names are replaced, each by the same one everywhere:
 * in entries, crossings, decisions, prizes and the rules.  Bibs and teams keep
 * their order, by which equal rows are listed.  Of a birth date the year is
 * left, and the category that followed from it is named where the year would
 * give another.  Columns that Palmarès does not use, reasons and notes may say
 * anything: they are left out; so are the operators' names, the folders that
 * files came from, and the fingerprints of problems, which are made of names.
 * Everything else is as it was, but the chains, which are those of the new
 * bytes.
 */
#ifndef CONTROL_ANONYMISE_H
#define CONTROL_ANONYMISE_H

#include "control/rewrite.h"

struct anonymise {
	struct rewrite rewrite;
	uint64_t columns; /* values that were left out */
	uint64_t texts;   /* reasons and notes */
};

/* Another seed, other words.  -errno as rewrite_file(); -ENOTSUP: an event of a
 * later version, or of a season (anonymise_season.h), is not understood here.
 */
int anonymise_file(const char *from, const char *to, uint64_t seed,
    struct anonymise *out, struct err *err);

#endif
