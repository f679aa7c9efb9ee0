/*
 * problem_print - problems in words, each with the command that repairs it,
 * ready to be pasted into a shell.  A word in capitals in a command (BIB, TIME;
 * OLD: the chips that he has) is what only the operator can know.  Pure, but
 * for the process's zone.
 *
 * What was looked at and is fine is set aside by its key, which stays the same
 * over restarts; and comes back when its facts change.
 */
#ifndef CONTROL_PROBLEM_PRINT_H
#define CONTROL_PROBLEM_PRINT_H

#include <stdio.h>

#include "control/story.h"
#include "race/problems.h"

struct problem_words {
	const struct story *story;
	const struct race_rules *rules;
	const struct problems *all; /* among which each is told */
};

/* What is the matter, in a sentence or two; and what is to be typed, "" if
 * nothing is.  Both for free(). */
char *problem_tell(const struct problem_words *w, const struct problem *p);
char *problem_command(const struct problem_words *w, const struct problem *p);

/* "Nespresso": ["NESPRESSO", "Nespreso"] - of all spellings of that team that
 * race.yaml has, or that are told; the same for each of them.  For free(). */
char *problem_alias(const struct problem_words *w, const struct problem *p);

/* "pace:12", "same-person:17,33"; for free().  Two that have one key differ in
 * their facts: where names have commas in them. */
char *problem_key(const struct problem_words *w, const struct problem *p);
/* A fingerprint of what an operator would look at again. */
uint64_t problem_facts(const struct problem *p);
/* The number of the decision that has set it aside, 0: none. */
uint64_t problem_aside(const struct problem_words *w, const struct problem *p);

/* everything: with what is set aside.  0, or -errno of writing. */
int problem_print(FILE *out, const struct problem_words *w,
    const struct problems *all, bool everything);
int problem_json(FILE *out, const struct problem_words *w,
    const struct problems *all, bool everything);

#endif
