/*
 * clockwork - what this laptop's clocks are worth: clock epochs, what a stamp
 * is on the aggregator's clock, and which estimates go into the stream
 * (PROTOCOL.md 3.7).  Pure.
 *
 * A new epoch begins with another boot, after a suspend, when exchanges
 * contradict each other (one of the clocks was set or is slewed), and when they
 * contradict the estimate that the stream made last.  Before anything of it is
 * durable, the caller keeps what clockwork_epoch() says.
 */
#ifndef COLLECTOR_CLOCKWORK_H
#define COLLECTOR_CLOCKWORK_H

#include "collector/clockfit.h"
#include "common/keys.h"

struct clockwork;

enum {
	CLOCKWORK_BOOT_ID = 63, /* bytes; Linux has 36 */
	CLOCKWORK_WORDS = 160
};

struct clockwork_epoch {
	uint32_t number; /* 0: there was none yet */
	char boot_id[CLOCKWORK_BOOT_ID + 1];
	int64_t asleep_us; /* CLOCK_BOOTTIME less CLOCK_MONOTONIC */
};

/* What is known of a stamp. */
struct clockwork_mark {
	uint32_t epoch;    /* 0: of none that is known */
	int64_t offset_us; /* the aggregator's clock less utc_us */
	int64_t bound_us;  /* 0: not measured */
};

/* kept: as the outbox has it.  boot_id: of this boot; "": not to be had, and
 * each start of the program is one. */
struct clockwork *clockwork_new(const struct clockwork_epoch *kept,
    const char *boot_id, const struct keys_stamp *now);
void clockwork_free(struct clockwork *w);

/* Before anything else: an estimate that the stream has. */
void clockwork_recall(struct clockwork *w, const struct race_clock_estimate *e);

/* Was the laptop asleep?  Each second, and before a stamp is used. */
void clockwork_look(struct clockwork *w, const struct keys_stamp *now);

/* An exchange with the aggregator. */
void clockwork_sample(struct clockwork *w, const struct clockfit_sample *s);

const struct clockwork_epoch *clockwork_epoch(const struct clockwork *w);
void clockwork_mark(const struct clockwork *w, const struct keys_stamp *stamp,
    struct clockwork_mark *out);

/* Whether an estimate is to go into the stream: each one once. */
bool clockwork_due(struct clockwork *w, int64_t boot_us,
    struct race_clock_estimate *out);

/* What a person has to know, once: 0 nothing (more), 1 good news, 2 bad.
 * stamps: times are taken from this laptop. */
int clockwork_news(struct clockwork *w, const struct keys_stamp *now,
    bool stamps, char out[CLOCKWORK_WORDS]);
/* What is amiss as long as it is, for who stamps; "" for nothing. */
char *clockwork_trouble(const struct clockwork *w, const struct keys_stamp *now,
    char out[CLOCKWORK_WORDS]);

#endif
