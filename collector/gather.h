/*
 * gather - from the source into the outbox, a bounded number of rows a turn.
 *
 * A turn's crossings, its refused lines and the source's position are one
 * transaction, durable when gather_turn() returns.  When the disk is full they
 * wait in memory, nothing more is read, and it is tried again each second.
 */
#ifndef COLLECTOR_GATHER_H
#define COLLECTOR_GATHER_H

#include "collector/lines.h"
#include "collector/outbox.h"
#include "collector/source.h"

struct gather;

struct gather_pace {
	double speed;      /* 0: as fast as the outbox takes it */
	int64_t origin_us; /* RACE_NO_TIME: the first row's time */
};

/* All are borrowed, and not used by others meanwhile (but to read the outbox).
 * header: `lines` has read it, as that of a file; that of a pipe or a file that
 * is followed comes, or the outbox has kept it. */
int gather_open(struct gather **out, struct source *source, struct lines *lines,
    bool header, struct outbox *outbox, const struct gather_pace *pace,
    struct err *err);
void gather_free(struct gather *g);

/* 0, or -errno: the program ends.  -ENODATA: for what a row needs and we were
 * not told; what was before that row is kept, and it is where reading goes on
 * when the program is started again.  A pipe that has given crossings goes on
 * instead, and such a row is refused. */
int gather_turn(struct gather *g, int64_t now_mono_us, int64_t now_utc_us,
    struct err *err);
int64_t gather_deadline(const struct gather *g, int64_t now_mono_us);

/* Bytes of a pipe would be taken now. */
bool gather_hungry(const struct gather *g);

/* The source has ended and what it gave is in the outbox. */
bool gather_done(const struct gather *g);

/* Crossings in memory that the disk had no room for. */
size_t gather_waiting(const struct gather *g);

uint64_t gather_refused(const struct gather *g);
int64_t gather_last_time(const struct gather *g); /* RACE_NO_TIME: none yet */

#endif
