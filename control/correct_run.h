/*
 * correct_run - a correction from the command line to race.db: the race is
 * read, the decisions are made of the words and shown with what they change,
 * the operator is asked, and they are delivered as his stream.
 */
#ifndef CONTROL_CORRECT_RUN_H
#define CONTROL_CORRECT_RUN_H

#include <stddef.h>

#include "control/verb.h"

/*
 * words: those of correct_verb(name); or, if file is not NULL, the rows of that
 * file.  The exit status.
 */
int correct_run(const struct verb *v, const struct verb_options *o,
    const char *name, char *const *words, size_t count, const char *file);

#endif
