/*
 * shell - words of a command line as a POSIX shell takes them, for commands
 * that are printed to be pasted.  Pure.
 */
#ifndef CONTROL_SHELL_H
#define CONTROL_SHELL_H

#include <stdio.h>

/* As it stands where that will do, else in quotes. */
void shell_word(FILE *out, const char *word);

#endif
