/*
 * typist - the keys of a terminal with the moment of each, whatever else this
 * program is doing.
 *
 * A thread that does nothing but wait for bytes stamps them and passes them on
 * through a pipe: a disk that takes half a second to flush makes no time late.
 * It owns no memory that others see.
 */
#ifndef COLLECTOR_TYPIST_H
#define COLLECTOR_TYPIST_H

#include "common/err.h"
#include "common/keys.h"

struct typist;

/* Begins to read the terminal fd (borrowed), which is in raw mode: every key is
 * a byte or more, none a signal.  After the loop has blocked its signals. */
int typist_open(struct typist **out, int fd, struct err *err);
/* Waits for the thread, which ends at once. */
void typist_free(struct typist *t);

/* To be watched for reading, then typist_next() until it is false; not any more
 * once typist_gone(), for then it is always ready. */
int typist_fd(const struct typist *t);
bool typist_next(struct typist *t, int64_t now_mono_us, struct keys_press *out);
int64_t typist_deadline(const struct typist *t);

/* The terminal is gone: nothing more will come. */
bool typist_gone(const struct typist *t);

#endif
