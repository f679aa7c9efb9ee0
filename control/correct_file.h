/*
 * correct_file - many corrections at once: a spreadsheet saved as text, a row a
 * correction.
 *
 * The column verb says what, and the others give its words by their names
 * (correct_verb); reason may stand beside it.  A row builds upon those above.
 */
#ifndef CONTROL_CORRECT_FILE_H
#define CONTROL_CORRECT_FILE_H

#include "control/correct.h"
#include "race/conf.h"

/*
 * Adds what the rows decide and applies it to the book of c.  Every row that
 * cannot be is reported with its line; -errno with words for a file that cannot
 * be read.
 */
int correct_file(struct correct *c, const char *path,
    struct conf_report *report, struct err *err);

#endif
