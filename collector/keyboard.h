/*
 * keyboard - what a volunteer types, as events: bib and Enter are a crossing at
 * the moment of the first key.
 *
 * Pure: keys and ticks go in; out come the events to be appended to the stream,
 * in order, and the line that is being typed, which is worth keeping too.  The
 * caller says what has become durable; until then it may ask again.  What was
 * entered, and how it is undone, is kept by deeds.
 */
#ifndef COLLECTOR_KEYBOARD_H
#define COLLECTOR_KEYBOARD_H

#include "collector/bibs.h"
#include "collector/clockwork.h"
#include "collector/deeds.h"
#include "common/keys.h"
#include "race/types.h"

/* A line emptied by Backspace keeps its time this long: the same runner is
 * being typed anew; later it is another one. */
#define KEYBOARD_EMPTIED_US INT64_C(5000000)

/* A second Enter on an empty line within this is a key held down, or one that
 * bounces: keyboards repeat 30 times a second, no thumb does 20. */
#define KEYBOARD_HELD_US INT64_C(50000)

/* A key that is held down begins to repeat after 1/4 to 3/4 of a second. */
#define KEYBOARD_PAUSE_US INT64_C(1000000)

struct keyboard;

struct keyboard_setup {
	const char *point;
	bool listed; /* bibs alone: somebody else takes the times */
	const struct bibs *bibs;
	const struct clockwork *clocks;
	uint64_t last; /* event of the stream so far */
};

/* What setup points at is borrowed for the life of the keyboard. */
struct keyboard *keyboard_new(const struct keyboard_setup *setup);
void keyboard_free(struct keyboard *k);

/* Before any key, in order: an event that the stream has.  What was not typed
 * is passed over. */
void keyboard_recall(struct keyboard *k, uint64_t seq,
    const struct race_event *event);

/* The line that is being typed, with the time of its first key. */
struct keyboard_draft {
	int64_t time_us;
	int64_t boot_us;
	struct clockwork_mark mark;
	char text[RACE_BIB_MAX + 1];
};

/* Before any key: what was being typed when the program ended. */
void keyboard_resume(struct keyboard *k, const struct keyboard_draft *draft);

/* ---- while people type ---- */

void keyboard_press(struct keyboard *k, const struct keys_press *press);
/* An event of the stream that nobody typed. */
void keyboard_estimate(struct keyboard *k, const struct race_clock_estimate *e,
    int64_t made_us);
void keyboard_tick(struct keyboard *k, int64_t now_mono_us);
int64_t keyboard_deadline(const struct keyboard *k); /* INT64_MAX: none */

/* The last event that was made; those behind what is durable can be had. */
uint64_t keyboard_last(const struct keyboard *k);
/* Valid until the next call that is not const. */
void keyboard_event(const struct keyboard *k, uint64_t seq,
    struct race_event *out);
void keyboard_durable(struct keyboard *k, uint64_t seq);

/* False: nothing is being typed that would have to be kept. */
bool keyboard_draft(const struct keyboard *k, struct keyboard_draft *out);

/* The bibs are others now: of one that nobody had, and that is still spoken of,
 * it is said that somebody has it. */
void keyboard_renew(struct keyboard *k);

/* The bell is to ring; once each time. */
bool keyboard_rings(struct keyboard *k);

/* The person wants to leave, and has insisted if anything is not durable. */
bool keyboard_ended(const struct keyboard *k);

/* ---- for showing it ---- */

size_t keyboard_count(const struct keyboard *k);
const struct deeds_entry *keyboard_entry(const struct keyboard *k, size_t i);

/* As deeds_seen(). */
int64_t keyboard_seen(const struct keyboard *k, size_t end, const char *bib,
    int64_t time_us);

const char *keyboard_text(const struct keyboard *k);
int64_t keyboard_since(const struct keyboard *k);   /* RACE_NO_TIME: none */
size_t keyboard_selected(const struct keyboard *k); /* DEEDS_NONE */

/* What the latest key did, for the person; "" for nothing. */
const char *keyboard_note(const struct keyboard *k);
bool keyboard_warns(const struct keyboard *k); /* it is something wrong */

/* "10:42:05.3" in the zone of the race. */
char *keyboard_clock(char out[24], int64_t us);

#endif
