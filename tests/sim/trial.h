/*
 * trial - plays plans in a child process, for what is found may be an assert of
 * a decider or an endless loop; says which seed it was, and makes the scenario
 * smaller while it still breaks.
 */
#ifndef TESTS_SIM_TRIAL_H
#define TESTS_SIM_TRIAL_H

#include "sim/plan.h"
#include "sim/verdict.h"

/* The next plan; all of them follow from the first *random. */
typedef struct sim_plan (*trial_plan_fn)(uint64_t *random);

struct trial {
	trial_plan_fn plan;
	unsigned long count; /* scenarios; 0: as many as the time allows */
	unsigned seconds;    /* 0: as long as it takes */
};

/* Fails the test if one of them breaks.  counts: what happened. */
void trial_run(const struct trial *t, uint64_t seed,
    uint64_t counts[SIM_COUNTS]);

#endif
