#include "sim/verdict.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/test.h"

struct verdict *verdict;

static const char *const names[SIM_COUNTS] = {
	[SIM_SCENARIOS] = "scenarios",
	[SIM_VIRTUAL_SECONDS] = "virtual seconds",
	[SIM_STEPS] = "steps",
	[SIM_ACCEPTED] = "events accepted",
	[SIM_STORED] = "events stored",
	[SIM_RESENT] = "events sent again",
	[SIM_REPEATS] = "repeats skipped",
	[SIM_CRASHES_OF_COLLECTORS] = "crashes of collectors",
	[SIM_CRASHES_OF_AGGREGATORS] = "crashes of aggregators",
	[SIM_CRASHES_OF_DISPLAYS] = "crashes of displays",
	[SIM_CRASHES_OF_OPERATORS] = "crashes of operators",
	[SIM_FREEZES] = "nodes frozen",
	[SIM_DISKS_FULL] = "full disks",
	[SIM_DISK_ERRORS] = "disk errors",
	[SIM_TORN] = "transactions stored unknown to their program",
	[SIM_RESTORES] = "aggregators restored from an older copy",
	[SIM_TAKEN_AWAY] = "events that a restore took away",
	[SIM_ARCHIVES] = "outboxes archived",
	[SIM_ARCHIVES_REFUSED] = "outboxes not archived, for want of an ack",
	[SIM_ARCHIVES_SENT] = "archived outboxes sent again after a restore",
	[SIM_OLD_DISKS] = "laptops' disks replaced by older copies",
	[SIM_OLD_COPIES] = "old copies of outboxes refused",
	[SIM_CUTS] = "links cut",
	[SIM_HALF_CUTS] = "links cut in one direction",
	[SIM_MESSAGES] = "messages",
	[SIM_MESSAGES_LOST] = "messages lost",
	[SIM_MESSAGES_REPEATED] = "messages repeated",
	[SIM_MESSAGES_HELD] = "messages held by a frozen or slow node",
	[SIM_MESSAGES_DROPPED] = "messages dropped at the high-water mark",
	[SIM_CLOCKS_SET] = "clocks set",
	[SIM_CLOCKS_DRIFTING] = "clocks made to drift",
	[SIM_CLOCKS_STOPPED] = "clocks stopped",
	[SIM_SUSPENDS] = "laptops that slept",
	[SIM_REBOOTS] = "laptops booted again",
	[SIM_ESTIMATES] = "clock estimates in streams",
	[SIM_STAMPED] = "crossings by known clocks, right within the bound",
	[SIM_CORRECTED] = "crossings whose own time was further off than that",
	[SIM_SAMPLES] = "exchanges between clocks",
	[SIM_COMMANDS] = "commands of operators",
	[SIM_COMMANDS_GIVEN_UP] = "commands given up",
	[SIM_LIVE] = "looks at a live display",
	[SIM_SNAPSHOTS] = "snapshots",
	[SIM_HOLES] = "holes seen by displays",
	[SIM_MISMATCHES] = "digests that differed",
	[SIM_REFUSED] = "copied outboxes refused",
	[SIM_CONFLICTS] = "conflicts told",
};

void
verdict_open(void)
{
	void *p = mmap(NULL, sizeof *verdict, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(p != MAP_FAILED);
	verdict = p;
}

void
verdict_broken(const char *file, int line, const char *format, ...)
{
	const char *slash = strrchr(file, '/');
	char words[180];
	va_list ap;

	va_start(ap, format);
	vsnprintf(words, sizeof words, format, ap);
	va_end(ap);
	snprintf(verdict->text, sizeof verdict->text, "%s (%s:%d)", words,
	    slash != NULL ? slash + 1 : file, line);
	verdict->broken = true;
	/* No destructors: a process that stops here has leaked all it had. */
	_exit(1);
}

void
verdict_count(enum sim_count what, uint64_t n)
{
	verdict->counts[what] += n;
}

void
verdict_trace(int64_t now_us, const char *format, ...)
{
	char *line = verdict->trace[verdict->lines % VERDICT_LINES];
	va_list ap;
	int len;

	if (!verdict->tracing)
		return;
	len = snprintf(line, VERDICT_LINE, "%12.6f  ",
	    (double)now_us / 1000000.0);
	va_start(ap, format);
	vsnprintf(line + len, VERDICT_LINE - (size_t)len, format, ap);
	va_end(ap);
	if (verdict->printing)
		printf("%s\n", line);
	verdict->lines++;
}

void
verdict_print_trace(const struct verdict *v)
{
	unsigned first =
	    v->lines > VERDICT_LINES ? v->lines - VERDICT_LINES : 0;

	for (unsigned i = first; i < v->lines; i++)
		printf("  %s\n", v->trace[i % VERDICT_LINES]);
}

void
verdict_print_counts(const uint64_t counts[SIM_COUNTS])
{
	for (size_t i = 0; i < SIM_COUNTS; i++)
		printf("%12" PRIu64 "  %s\n", counts[i], names[i]);
}
