/*
 * status - one line at the foot of a terminal, rewritten in place, that log
 * lines pass above.
 */
#ifndef COMMON_STATUS_H
#define COMMON_STATUS_H

#include <stdbool.h>
#include <stdint.h>

struct status;

/* NULL if stderr is no terminal for it: all others then do nothing.  Log lines
 * go through it until it is freed. */
struct status *status_new(const char *program);
/* Erases the line. */
void status_free(struct status *s);

/* True if enough time has passed for another text. */
bool status_due(const struct status *s, int64_t now_mono_us);
int64_t status_deadline(const struct status *s);

/* Shows text, cut to the terminal's width. */
void status_show(struct status *s, int64_t now_mono_us, const char *text);

#endif
