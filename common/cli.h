/*
 * cli - what all command lines share (GNU long options by getopt_long; results
 * on stdout, talk on stderr; exit status 0, 1 failed, 2 usage).
 */
#ifndef COMMON_CLI_H
#define COMMON_CLI_H

#include <stdbool.h>
#include <stdint.h>

/* First of all: text is UTF-8, and a number has a point, whatever the language
 * of the terminal. */
void cli_locale(void);

/* "PROGRAM: text" and "Try 'PROGRAM --help'.", then exit(2). */
_Noreturn void cli_usage(const char *program, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* "PROGRAM (Palmarès) VERSION" on stdout. */
void cli_version(const char *program);

/* The race folder: the option, else PALMARES_RACE, else NULL. */
const char *cli_race(const char *option);

/* Exits with 2 if there is no such race folder; NULL is fine. */
void cli_folder(const char *program, const char *race);

/* The exit status, once what was written to stdout has arrived: 1 and words if
 * it has not (and `status` told of nothing else). */
int cli_end(const char *program, int status);

/* A whole number within bounds: 0, or -EINVAL. */
int cli_number(const char *s, int64_t min, int64_t max, int64_t *out);

#define CLI_SPEED_MIN 0.001
#define CLI_SPEED_MAX 1e6

/* --speed: 0 for "max", else so many times as fast.  Exits with 2 for anything
 * else. */
double cli_speed(const char *program, const char *value);

/* --timeout: a span of time, in microseconds, more than 0; likewise. */
int64_t cli_timeout(const char *program, const char *value);

/* Colours and cursor control may go to fd: a terminal that is not dumb, and
 * NO_COLOR is not set. */
bool cli_colour(int fd);

#endif
