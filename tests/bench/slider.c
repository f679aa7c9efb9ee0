/*
 * slider - what the time slider of palmares-display does, measured: a log is
 * walked through once, then the race is shown at random moments of it.
 *
 *     slider RECORDING
 *
 * Ends with 1 if a jump takes 100 ms.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "common/clock.h"
#include "common/log.h"
#include "race/journey.h"

enum { JUMPS = 1000, ENDS = 100, PAGE = 19 };

/* What feels immediate. */
#define LIMIT_US INT64_C(100000)

/* Numbers of the splitmix64 generator: the same jumps in each run. */
static uint64_t
draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* What others do on the machine is not the jump's. */
static int64_t
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* As the screen does: the board, and a page of its lines. */
static int64_t
jump(struct travel *t, size_t moment, size_t ranking)
{
	int64_t begun_us = cpu_us();
	struct travel_scene s;
	struct board_line line;

	travel_to(t, moment, ranking, &s);
	for (size_t i = 0; i < PAGE; i++)
		if (board_line(s.board, i, &line) < 0)
			break;
	return cpu_us() - begun_us;
}

/* The 99th of a hundred. */
static int64_t
tell(const char *what, int64_t *took_us, size_t count)
{
	int64_t most_us;

	qsort(took_us, count, sizeof *took_us, by_size);
	most_us = took_us[(count - 1) * 99 / 100];
	printf("  %-34s %8.2f ms  %8.2f ms\n", what,
	    (double)took_us[count / 2] / 1000, (double)most_us / 1000);
	return most_us;
}

static int64_t
tell_jumps(struct travel *t)
{
	size_t count = travel_count(t);
	int64_t took_us[JUMPS];
	uint64_t state = 1;
	int64_t most_us;
	int64_t ends_us;

	printf("  %-34s %11s  %11s\n", "the board and a page, CPU time",
	    "median", "99th of 100");
	for (size_t i = 0; i < JUMPS; i++)
		took_us[i] = jump(t, 1 + draw(&state) % count, 0);
	most_us = tell("a jump anywhere", took_us, JUMPS);
	for (size_t i = 0; i < ENDS; i++)
		took_us[i] = jump(t, i % 2 == 0 ? count : 1, 0);
	ends_us = tell("from end to end", took_us, ENDS);
	return ends_us > most_us ? ends_us : most_us;
}

static void
tell_steps(struct travel *t)
{
	size_t at = travel_count(t) / 2;
	int64_t took_us[JUMPS];

	(void)jump(t, at, 0);
	for (size_t i = 0; i < JUMPS; i++) {
		at = i < JUMPS / 2 ? travel_before(t, at, 0)
		                   : travel_behind(t, at, 0);
		took_us[i] = jump(t, at, 0);
	}
	(void)tell("to the change before or behind", took_us, JUMPS);
	for (size_t i = 0; i < ENDS; i++)
		took_us[i] =
		    jump(t, at, i % travel_rules(t, at)->ranking_count);
	(void)tell("another ranking", took_us, ENDS);
}

int
main(int argc, char **argv)
{
	struct past_source from = { 0 };
	int64_t begun_us = clock_mono_us();
	struct rusage usage;
	struct journey *j;
	struct travel *t;
	struct err err;
	int64_t most_us;

	log_init("slider");
	if (argc != 2)
		log_fatal(2, "slider RECORDING");
	from.from = argv[1];
	if (journey_new(&j, &from, JOURNEY_BUDGET, &err) < 0)
		log_fatal(1, "%s", err.text);
	t = journey_travel(j);
	getrusage(RUSAGE_SELF, &usage);
	printf("The time slider over %zu events, %zu rankings; events from "
	       "stop to stop: %zu\n",
	    travel_count(t), travel_rules(t, travel_count(t))->ranking_count,
	    journey_stride(j));
	printf("  %-34s %8.2f s\n", "until all of it was read",
	    (double)(clock_mono_us() - begun_us) / 1e6);
	printf("  %-34s %8zu MiB of %ld MiB in all\n", "what rows were",
	    travel_bytes(t) >> 20, usage.ru_maxrss / 1024);
	most_us = tell_jumps(t);
	tell_steps(t);
	journey_free(j);
	return most_us < LIMIT_US ? 0 : 1;
}
