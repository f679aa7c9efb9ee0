/*
 * plan - what goes wrong in a scenario, all of it from one seed.
 *
 * A plan is numbers alone, so that a scenario which fails can be made smaller:
 * one number after the other is switched off or halved while it still fails,
 * and what is left is printed as a literal, which PALMARES_PLAN takes back.
 */
#ifndef TESTS_SIM_PLAN_H
#define TESTS_SIM_PLAN_H

#include <stddef.h>
#include <stdint.h>

enum {
	SIM_COLLECTORS_MAX = 5,
	SIM_DISPLAYS_MAX = 6,
	SIM_OPERATORS_MAX = 2,
	SIM_PLAN_TEXT = 1000
};

/* Parts of 1000 are by step unless said. */
struct sim_plan {
	uint64_t seed;
	unsigned collectors;
	unsigned displays;
	unsigned operators;
	unsigned runners;
	unsigned events;   /* by collector */
	unsigned commands; /* by operator */
	unsigned late_ms;  /* displays join within this */
	/* the network */
	unsigned delay_us; /* at most */
	unsigned shuffle;  /* 1: also within a connection */
	unsigned loss;     /* of 1000 messages */
	unsigned repeat;   /* of 1000 messages */
	unsigned cut;      /* a link goes down, or up again */
	unsigned half;     /* of 1000 cuts: in one direction alone */
	/* the nodes */
	unsigned collector_crash;
	unsigned aggregator_crash;
	unsigned display_crash;
	unsigned operator_crash;
	unsigned freeze;     /* one is stopped for up to 8 s, its queue kept */
	unsigned high_water; /* of a display's socket; 0: 64, as it is */
	unsigned lag_ms;     /* displays take a message this late, at most */
	/* the disks */
	unsigned disk_full;  /* of 1000 commits: no room, for up to 3 s */
	unsigned disk_error; /* of 1000 commits: the program ends */
	unsigned torn; /* of 1000 crashes that cut a transaction short: it was
	                * on the disk all the same, whole */
	unsigned restore; /* the aggregator gets an older copy of its disk */
	unsigned copied;  /* 1: the first two outboxes claim one stream */
	unsigned archive; /* a collector's outbox is put aside, if it may be */
	unsigned
	    old_disk; /* 1: the first laptop gets an older copy of its disk */
	/* wall clocks */
	unsigned clock; /* one is set, drifts, or stands still */
};

/* The next one; all of them follow from the first *random. */
struct sim_plan plan_random(uint64_t *random);

/* The C literal, and back; -EINVAL for a word that is no field. */
void plan_print(const struct sim_plan *p, char out[SIM_PLAN_TEXT]);
int plan_parse(struct sim_plan *out, const char *text);

/*
 * The i-th field's next smaller value: 0 (or the least that there has to be),
 * then half.  try counts from 0; -ENOENT: nothing smaller is left to try;
 * -ERANGE: there is no such field.
 */
int plan_smaller(const struct sim_plan *p, size_t i, unsigned try,
    struct sim_plan *out);

#endif
