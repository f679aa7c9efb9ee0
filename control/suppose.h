/*
 * suppose - other decisions than those that were made, said as they would be
 * made: what stands behind palmares on a command line that corrects.
 */
#ifndef CONTROL_SUPPOSE_H
#define CONTROL_SUPPOSE_H

#include "control/correct.h"
#include "race/conf.h"

/*
 * "mark dsq 15", "dsq 15", "correct FILE.csv" ...: adds what that decides, and
 * applies it to the book of c, so that what is supposed next builds upon it.
 * -EINVAL with words; of a file's rows the mistakes are in the report too.
 */
int suppose(struct correct *c, char *const *words, size_t count,
    struct conf_report *report, struct err *err);

#endif
