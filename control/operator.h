/*
 * operator - who decides, by which clock, and whether he means it.
 */
#ifndef CONTROL_OPERATOR_H
#define CONTROL_OPERATOR_H

#include <stdint.h>

#include "common/endpoint.h"
#include "common/err.h"
#include "control/verb.h"

/* --by, else the user's name. */
const char *operator_name(const struct verb_options *o);

/* Ends with 2 for a --by or --reason that cannot be, and for --yes with
 * --dry-run. */
void operator_check(const struct verb *v, const struct verb_options *o);

/*
 * By the aggregator's clock: now, and what is to hold over all that was decided
 * (PROTOCOL.md 5).  Of all that operators decide the last one holds, by one
 * clock, which may have been set back since.
 */
int operator_clock(const struct endpoint *to, int64_t *now_us, int64_t *made_us,
    struct err *err);

/* Somebody sits there who can be asked. */
bool operator_is_there(void);

/* "QUESTION [y/N] " */
bool operator_agrees(const char *question);

/* What he answers, trimmed; "" for nothing.  For free(). */
char *operator_says(const char *question);

#endif
