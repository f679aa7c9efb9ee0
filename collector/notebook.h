/*
 * notebook - what is typed, into the outbox and back.
 *
 * A turn's events and the line that is being typed are one transaction, durable
 * when notebook_turn() returns.  When the disk is full they stay with the
 * keyboard, and it is tried again each second.
 */
#ifndef COLLECTOR_NOTEBOOK_H
#define COLLECTOR_NOTEBOOK_H

#include "collector/keyboard.h"
#include "collector/outbox.h"

struct notebook;

/* Tells the keyboard and the clocks what the outbox holds.  All are borrowed,
 * and nobody else appends to the outbox meanwhile. */
int notebook_open(struct notebook **out, struct outbox *outbox,
    struct keyboard *keyboard, struct clockwork *clocks, struct err *err);
void notebook_free(struct notebook *n);

/* 0, also while the disk is full; or -errno: the program ends. */
int notebook_turn(struct notebook *n, int64_t now_mono_us, struct err *err);
int64_t notebook_deadline(const struct notebook *n);

/* The disk is. */
bool notebook_full(const struct notebook *n);

/* Events in memory alone. */
size_t notebook_waiting(const struct notebook *n);

/* At the end: says each entry that would have to be typed again, if any are in
 * memory alone, and how many. */
size_t notebook_tell_lost(const struct notebook *n);

#endif
