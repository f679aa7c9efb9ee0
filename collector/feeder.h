/*
 * feeder - what fills the outbox: the rows of a source, or a person who types.
 */
#ifndef COLLECTOR_FEEDER_H
#define COLLECTOR_FEEDER_H

#include "collector/courier.h"
#include "collector/course.h"
#include "collector/options.h"
#include "collector/outbox.h"
#include "common/loop.h"

/* Where it works; all are borrowed. */
struct feeder_place {
	struct loop *loop;
	struct outbox *outbox;
	const char *outbox_path;
	const char *outbox_where; /* the same from the root, for a person */
	bool fresh;               /* it was not there before */
	const struct courier *courier;
	const struct courier_whom *whom;
	struct clockwork *clocks;
};

struct feeder_ops {
	/* Before there is an outbox: ends the program, with words, where it
	 * cannot be.  Both are borrowed. */
	void *(
	    *new)(const struct options *options, const struct course *course);
	void (*free)(void *f);
	/* Why a point has to be named; NULL: it need not.  Free with free().
	 */
	char *(*lacks_point)(void *f);
	int (*open)(void *f, const struct feeder_place *place, struct err *err);

	/* What came is durable when it returns 0.  -ENODATA: a row needs what
	 * was not said; else -errno: the program ends. */
	int (*turn)(void *f, int64_t now_mono_us, int64_t now_utc_us,
	    struct err *err);
	int64_t (*deadline)(void *f, int64_t now_mono_us);
	void (*resized)(void *f); /* the terminal was; NULL: never mind */

	/* Nothing more will come, and all is in the outbox. */
	bool (*done)(void *f);
	bool leaves; /* the program ends then, unless it has to deliver */
	/* The terminal is used. */
	bool (*draws)(void *f);
	uint64_t (*refused)(void *f);
	int64_t (*last_time)(void *f); /* RACE_NO_TIME: none yet */

	/* After the last turn.  False if something was not kept; it has said
	 * what. */
	bool (*end)(void *f);
};

extern const struct feeder_ops rows_feeder; /* rows.c */
extern const struct feeder_ops desk_feeder; /* desk.c */
extern const struct feeder_ops idle_feeder; /* idle.c */

#endif
