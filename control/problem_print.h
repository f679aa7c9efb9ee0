/*
 * problem_print - problems in words, each with the command that repairs it,
 * ready to be pasted into a shell.  A word in capitals in a command (BIB, TIME)
 * is what only the operator can know.  Pure, but for the process's zone.
 */
#ifndef CONTROL_PROBLEM_PRINT_H
#define CONTROL_PROBLEM_PRINT_H

#include <stdio.h>

#include "control/story.h"
#include "race/problems.h"

struct problem_words {
	const struct story *story;
	const struct race_rules *rules;
};

/* What is the matter, in a sentence or two; and what is to be typed, "" if
 * nothing is.  Both for free(). */
char *problem_tell(const struct problem_words *w, const struct problem *p);
char *problem_command(const struct problem_words *w, const struct problem *p);

/* 0, or -errno of writing. */
int problem_print(FILE *out, const struct problem_words *w,
    const struct problems *all);
int problem_json(FILE *out, const struct problem_words *w,
    const struct problems *all);

#endif
