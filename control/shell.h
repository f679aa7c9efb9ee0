/*
 * shell - words of a command line as a POSIX shell takes them, for commands
 * that are printed to be pasted, or that stand in one argument.  Pure.
 */
#ifndef CONTROL_SHELL_H
#define CONTROL_SHELL_H

#include <stddef.h>
#include <stdio.h>

/* As it stands where that will do, else in quotes. */
void shell_word(FILE *out, const char *word);

/*
 * The words of a line: between blanks, with quotes and backslashes, and nothing
 * else that a shell would do.  *out ends with NULL, for shell_free().  -EINVAL:
 * a quote that is not closed, or a backslash at the end.
 */
int shell_split(char ***out, size_t *count, const char *line);
void shell_free(char **words);

#endif
