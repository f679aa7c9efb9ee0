/*
 * story - what happened, in words: any event of the log, and what operators
 * decided.  Previews, explanations and the history say it with the same words.
 * What would steer a terminal becomes U+FFFD, wherever it came from, but in
 * what story_by() and story_reason() return.
 * Pure; moments are told in the process's zone.
 */
#ifndef CONTROL_STORY_H
#define CONTROL_STORY_H

#include <stdio.h>

#include "race/name.h"
#include "race/rulings.h"

struct story {
	struct name_streams *streams;
	const struct rulings *rulings; /* for the numbers of decisions */
	const char *date;              /* of the race: other ones are told */
	/* When decision i + 1 was stored, as far as that is known. */
	const int64_t *stored_us;
	size_t stored_count;
};

/* Room for story_moment(). */
enum { STORY_MOMENT = 48 };

/* "10:31:05.25", or "2014-09-22 00:10:02" on another day than that of the race;
 * all decimals there are; with the zone, as "02:10:00+01:00", where it is
 * another one than when the day of the race began, a week before or after it.
 * Returns out. */
char *story_moment(char out[STORY_MOMENT], const struct story *s, int64_t us);

/*
 * When something was said.  What an operator's event says itself is later than
 * all that was decided before it, and so tomorrow's once a clock has been a day
 * ahead; nothing is said after it was stored, and where the two are more than a
 * minute apart that is told.
 */
int64_t story_told(int64_t made_us, int64_t stored_us);

/* The same of a decision, to the second. */
int64_t story_when(const struct story *s, const struct rulings_item *item);

/* The number of a decision, prize or gun; 0: there is none of that name. */
uint64_t story_number(const struct story *s, struct race_id id);

/*
 * What a RACE_DECISION, RACE_AWARD or RACE_GUN decided: "crossing arrivee:33 is
 * no read", "12: DSQ".  Who and why are told by the other two; "" where nobody
 * said.
 */
void story_decided(FILE *out, const struct story *s,
    const struct race_event *e);
const char *story_by(const struct story *s, struct race_id id,
    const struct race_event *e);
const char *story_reason(const struct race_event *e);

/* What any event says: "12 at arrivee, ...", "arrivee:33 taken back". */
void story_event(FILE *out, const struct story *s, struct race_id id,
    const struct race_event *e);

#endif
