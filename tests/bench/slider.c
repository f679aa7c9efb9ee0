/*
 * slider - what the time slider of palmares-display does, measured: a log is
 * walked through once, then the race is shown at random moments of it.
 *
 *     slider RECORDING
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "common/clock.h"
#include "common/log.h"
#include "race/journey.h"

enum { JUMPS = 1000, PAGE = 19 };

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

/* As the screen does: the board, and a page of its lines. */
static int64_t
jump(struct travel *t, size_t moment, size_t ranking)
{
	int64_t begun_us = clock_mono_us();
	struct travel_scene s;
	struct board_line line;

	travel_to(t, moment, ranking, &s);
	for (size_t i = 0; i < PAGE; i++)
		if (board_line(s.board, i, &line) < 0)
			break;
	return clock_mono_us() - begun_us;
}

static void
tell(const char *what, int64_t *took_us, size_t count)
{
	qsort(took_us, count, sizeof *took_us, by_size);
	printf("%-28s %6.1f ms median %6.1f ms the longest\n", what,
	    (double)took_us[count / 2] / 1000,
	    (double)took_us[count - 1] / 1000);
}

int
main(int argc, char **argv)
{
	struct past_source from = { 0 };
	int64_t random_us[JUMPS];
	int64_t ends_us[JUMPS];
	int64_t steps_us[JUMPS];
	uint64_t state = 1;
	int64_t begun_us = clock_mono_us();
	struct journey *j;
	struct travel *t;
	struct rusage usage;
	struct err err;
	size_t count;
	size_t at;

	log_init("slider");
	if (argc != 2)
		log_fatal(2, "slider RECORDING");
	from.from = argv[1];
	if (journey_new(&j, &from, JOURNEY_BUDGET, &err) < 0)
		log_fatal(1, "%s", err.text);
	t = journey_travel(j);
	count = travel_count(t);
	getrusage(RUSAGE_SELF, &usage);
	printf("%zu events read in       %6.2f s, %.0f MiB kept of rows, "
	       "%ld MiB in all; a stop each %zu\n",
	    count, (double)(clock_mono_us() - begun_us) / 1e6,
	    (double)travel_bytes(t) / 1048576, usage.ru_maxrss / 1024,
	    journey_stride(j));
	for (size_t i = 0; i < JUMPS; i++)
		random_us[i] = jump(t, 1 + draw(&state) % count, 0);
	tell("a jump anywhere", random_us, JUMPS);
	for (size_t i = 0; i < 50; i++)
		ends_us[i] = jump(t, i % 2 == 0 ? count : 1, 0);
	tell("from end to end", ends_us, 50);
	at = count / 2;
	(void)jump(t, at, 0);
	for (size_t i = 0; i < JUMPS; i++) {
		at = i < JUMPS / 2 ? travel_before(t, at, 0)
		                   : travel_behind(t, at, 0);
		steps_us[i] = jump(t, at, 0);
	}
	tell("a step", steps_us, JUMPS);
	for (size_t i = 0; i < 50; i++)
		ends_us[i] =
		    jump(t, count, i % travel_rules(t, count)->ranking_count);
	tell("another ranking", ends_us, 50);
	journey_free(j);
	return 0;
}
