/*
 * story - what happened, in words: any event of the log, and what operators
 * decided.  Previews, explanations and the history say it with the same words.
 * Pure; moments are told in the process's zone.
 */
#ifndef CONTROL_STORY_H
#define CONTROL_STORY_H

#include <stdio.h>

#include "control/name.h"
#include "race/rulings.h"

struct story {
	struct name_streams *streams;
	const struct rulings *rulings; /* for the numbers of decisions */
	const char *date;              /* of the race: other ones are told */
};

/* Room for story_moment(). */
enum { STORY_MOMENT = 48 };

/* "10:31:05.25", or "2014-09-22 00:10:02" on another day than that of the race;
 * all decimals there are.  Returns out. */
char *story_moment(char out[STORY_MOMENT], const struct story *s, int64_t us);

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
