/*
 * judge - plays a plan from the first step to the last, and looks at what came
 * out: the store is the union of the outboxes, archived ones too, event by
 * event and byte by byte; every ranking is that of a slow model of that union;
 * every display shows it.
 */
#ifndef TESTS_SIM_JUDGE_H
#define TESTS_SIM_JUDGE_H

#include "sim/plan.h"

/* Ends the process if something does not hold. */
void judge(const struct sim_plan *plan);

#endif
