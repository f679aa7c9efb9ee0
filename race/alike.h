/*
 * alike - whether two names may be one and the same, written by two people.
 * Pure.
 *
 * Alike are names that differ by case, accents, blanks and punctuation, and
 * those of five letters or more one slip apart: a letter more or less, another
 * one, or two swapped.  Names that differ by a digit or a letter that stands
 * alone are numbered ("Team 1", "Lycée B"), not mistyped.
 */
#ifndef RACE_ALIKE_H
#define RACE_ALIKE_H

#include <stdbool.h>

/* What is compared of a name; for free(). */
char *alike_key(const char *name);

/* Of two keys. */
bool alike(const char *a, const char *b);

#endif
