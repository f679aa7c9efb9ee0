/*
 * correct_print - what is about to be decided, on the standard output at 80
 * columns.
 */
#ifndef CONTROL_CORRECT_PRINT_H
#define CONTROL_CORRECT_PRINT_H

#include "control/correct.h"
#include "race/conf.h"

/* The decisions, each with whom it is about, and the notes. */
void correct_print(const struct correct *c);

/* The notes alone, where nothing is decided. */
void correct_print_notes(const struct correct *c);

/* The mistakes of a file, on the standard error. */
void correct_print_problems(const struct conf_report *report);

#endif
