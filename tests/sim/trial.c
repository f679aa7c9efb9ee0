#include "sim/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/judge.h"
#include "support/test.h"

enum {
	/* A scenario takes some ms, under a sanitizer on a busy machine a
	 * second: what takes this long does not end. */
	STUCK_S = 60,
	/* Other faults come with another plan, of the same kind or not: a few
	 * seeds each. */
	SHRINK_SEEDS = 12,
	SHRINK_S = 20
};

/* In the child; a signal ends it, whatever cmocka had in mind. */
static void
be_a_child(bool quiet)
{
	static const int signals[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV,
		SIGSYS };

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_DFL);
	/* Who is interrupted leaves nobody behind. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (quiet) {
		int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

		dup2(fd, STDERR_FILENO);
	}
}

/* False: it broke, and v->text says how. */
static bool
await(pid_t child, struct verdict *v)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (v->broken)
		return false;
	v->broken = true;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		snprintf(v->text, sizeof v->text, "a scenario ends within %d s",
		    STUCK_S);
	else
		snprintf(v->text, sizeof v->text,
		    "no process crashes (%s %d: see above)",
		    WIFSIGNALED(status) ? "signal" : "status",
		    WIFSIGNALED(status) ? WTERMSIG(status)
		                        : WEXITSTATUS(status));
	return false;
}

/* ---- one plan ---- */

static bool
holds(const struct sim_plan *plan, bool quiet)
{
	pid_t child;

	verdict->broken = false;
	verdict->lines = 0;
	verdict->plan = *plan;
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		be_a_child(quiet);
		alarm(STUCK_S);
		judge(plan);
		fflush(stdout);
		_exit(0);
	}
	return await(child, verdict);
}

/* Which of all the things that have to hold. */
static const char *
site_of(const char *text)
{
	const char *site = strrchr(text, '(');

	return site != NULL ? site : text;
}

/* Whether the same thing breaks with one of some seeds; then *plan has it. */
static bool
breaks(struct sim_plan *plan, const char *site)
{
	uint64_t random = plan->seed;

	for (int i = 0; i < SHRINK_SEEDS; i++) {
		if (!holds(plan, true) &&
		    strcmp(site_of(verdict->text), site) == 0)
			return true;
		plan->seed = test_random(&random);
	}
	return false;
}

static bool
shrink_field(struct sim_plan *plan, const char *site, size_t i, time_t end)
{
	struct sim_plan less;
	bool shrunk = false;

	for (unsigned try = 0; plan_smaller(plan, i, try, &less) == 0;) {
		if (time(NULL) > end)
			return false;
		if (breaks(&less, site)) {
			*plan = less;
			shrunk = true;
			try = 0;
		} else {
			try++;
		}
	}
	return shrunk;
}

/* Each number of the plan to nothing or half, over and over. */
static void
shrink(struct sim_plan *plan, const char *site)
{
	time_t end = time(NULL) + SHRINK_S;
	bool shrunk = true;

	while (shrunk) {
		struct sim_plan unused;

		shrunk = false;
		for (size_t i = 0; plan_smaller(plan, i, 2, &unused) != -ERANGE;
		     i++)
			shrunk |= shrink_field(plan, site, i, end);
	}
}

static void
tell(const char *text, uint64_t before, const struct sim_plan *broken)
{
	struct sim_plan plan = *broken;
	char literal[SIM_PLAN_TEXT];

	if (getenv("PALMARES_PLAN") != NULL)
		printf("broken: %s\n", text);
	else
		printf("broken: %s; PALMARES_SEED=0x%" PRIx64
		       " PALMARES_SCENARIOS=1 shows it again\n",
		    text, before);
	plan_print(&plan, literal);
	printf("the plan: %s\n", literal);
	/* Before a shrinking that somebody interrupts. */
	fflush(stdout);
	shrink(&plan, site_of(text));
	verdict->tracing = true;
	if (holds(&plan, true)) {
		printf("it does not break when played alone: look for what is "
		       "kept from one scenario to the next\n");
	} else {
		plan_print(&plan, literal);
		printf("the smallest plan that breaks: %s\n"
		       "PALMARES_PLAN='...' plays it; PALMARES_TRACE=1 tells "
		       "all of it; its end:\n",
		    literal);
		verdict_print_trace(verdict);
		printf("  broken: %s\n", verdict->text);
	}
	verdict->tracing = verdict->printing;
}

/* ---- many ---- */

static void
play(const struct trial *t, uint64_t seed)
{
	time_t end = time(NULL) + (time_t)t->seconds;
	uint64_t random = seed;

	for (unsigned long i = 0; t->count == 0 || i < t->count; i++) {
		if (t->seconds > 0 && time(NULL) >= end)
			break;
		verdict->before = random;
		verdict->plan = t->plan(&random);
		verdict->lines = 0;
		alarm(STUCK_S);
		judge(&verdict->plan);
	}
}

void
trial_run(const struct trial *t, uint64_t seed, uint64_t counts[SIM_COUNTS])
{
	char text[sizeof verdict->text];
	struct sim_plan plan;
	pid_t child;
	bool whole;

	memset(verdict->counts, 0, sizeof verdict->counts);
	verdict->broken = false;
	verdict->tracing = verdict->printing = getenv("PALMARES_TRACE") != NULL;
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		be_a_child(false);
		play(t, seed);
		/* With destructors: a sanitizer looks for what has leaked. */
		exit(0);
	}
	whole = await(child, verdict);
	memcpy(counts, verdict->counts, sizeof verdict->counts);
	if (whole)
		return;
	memcpy(text, verdict->text, sizeof text);
	plan = verdict->plan;
	tell(text, verdict->before, &plan);
	fail_msg("%s", text);
}
