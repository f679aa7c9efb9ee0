/*
 * verdict - what a scenario came to.  It lies in memory that a child shares
 * with its parent, for a scenario may end in an assert of the deciders.
 */
#ifndef TESTS_SIM_VERDICT_H
#define TESTS_SIM_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/plan.h"

enum { VERDICT_LINES = 48, VERDICT_LINE = 120 };

/* What happened, so that a reader sees that the faults did. */
enum sim_count {
	SIM_SCENARIOS,
	SIM_VIRTUAL_SECONDS,
	SIM_STEPS,
	SIM_ACCEPTED, /* durable in outboxes; of commands, what has come */
	SIM_STORED,
	SIM_RESENT,
	SIM_REPEATS,
	SIM_CRASHES_OF_COLLECTORS,
	SIM_CRASHES_OF_AGGREGATORS,
	SIM_CRASHES_OF_DISPLAYS,
	SIM_CRASHES_OF_OPERATORS,
	SIM_FREEZES,
	SIM_DISKS_FULL,
	SIM_DISK_ERRORS,
	SIM_TORN,
	SIM_RESTORES,
	SIM_TAKEN_AWAY, /* by a restore: outboxes bring them again */
	SIM_ARCHIVES,
	SIM_ARCHIVES_REFUSED, /* something was not acknowledged */
	SIM_ARCHIVES_SENT,    /* again, after a restore */
	SIM_OLD_DISKS,
	SIM_OLD_COPIES, /* of outboxes that were refused */
	SIM_CUTS,
	SIM_HALF_CUTS,
	SIM_MESSAGES,
	SIM_MESSAGES_LOST,
	SIM_MESSAGES_REPEATED,
	SIM_MESSAGES_HELD,    /* for a node that was frozen or slow */
	SIM_MESSAGES_DROPPED, /* at a display's high-water mark */
	SIM_CLOCKS_SET,
	SIM_CLOCKS_DRIFTING,
	SIM_CLOCKS_STOPPED,
	SIM_SUSPENDS,
	SIM_REBOOTS,
	SIM_SAMPLES,
	SIM_ESTIMATES,
	SIM_STAMPED,   /* crossings whose clock was known */
	SIM_CORRECTED, /* and whose raw time was further off than the bound */
	SIM_COMMANDS,
	SIM_COMMANDS_GIVEN_UP,
	SIM_LIVE, /* displays seen LIVE, and right */
	SIM_SNAPSHOTS,
	SIM_HOLES,
	SIM_MISMATCHES,
	SIM_REFUSED,
	SIM_CONFLICTS,
	SIM_COUNTS
};

struct verdict {
	bool broken;
	bool tracing;
	bool printing; /* the trace, as it comes */
	char text[240];
	uint64_t before; /* PALMARES_SEED of the scenario */
	struct sim_plan plan;
	uint64_t counts[SIM_COUNTS];
	unsigned lines; /* of the trace, so far */
	char trace[VERDICT_LINES][VERDICT_LINE];
};

/* The one that this process writes to. */
extern struct verdict *verdict;

/* In shared memory, for the life of the process. */
void verdict_open(void);

/* What has to hold; if it does not, the process ends here with these words. */
#define SIM_HOLDS(condition, ...)                                              \
	((condition) ? (void)0                                                 \
	             : verdict_broken(__FILE__, __LINE__, __VA_ARGS__))

_Noreturn void verdict_broken(const char *file, int line, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

void verdict_count(enum sim_count what, uint64_t n);

/* A line of the trace, if anybody wants one. */
void verdict_trace(int64_t now_us, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* For people. */
void verdict_print_counts(const uint64_t counts[SIM_COUNTS]);
void verdict_print_trace(const struct verdict *v);

#endif
