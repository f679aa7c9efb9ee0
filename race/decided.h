/*
 * decided - copies of what operators decided: a decision, a prize or a gun.
 */
#ifndef RACE_DECIDED_H
#define RACE_DECIDED_H

#include "race/types.h"

/* RACE_DECISION, RACE_AWARD or RACE_GUN; free with decided_free(). */
struct race_event *decided_copy(const struct race_event *e);
void decided_free(struct race_event *e);

#endif
