/*
 * season - what a changed place costs a season's table.
 *
 *	season [COMPETITIONS SUBJECTS]
 *
 * 1,000 competitions with 1,000 subjects each, unless told otherwise, under
 * several sets of rules.  For each: the results are put, the whole table is
 * read, and then one place after the other is changed (it is shared from then
 *on) and the table read again: its first 20 rows, and the row of who was
 *changed.
 *
 * Prints for each set the seconds of this process to load and to read all of it
 * once, and the microseconds of a change (median, 99 of 100, the longest),
 *beside those of looking once at as many words of memory as the subject has
 *results: less is not possible for who keeps no sums.  Fails if the median of
 *any is above 1 ms.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/xalloc.h"
#include "race/season/season.h"
#include "tests/bench/spread.h"

enum {
	CHANGES = 2000,
	LATE = CHANGES * 99 / 100,
	SHOWN = 20,
	POINTS = 10,
	LIMIT_NS = 1000000
};

struct rules {
	const char *name;
	struct season_table table;
};

struct bench {
	uint32_t competitions;
	uint32_t subjects;
	uint64_t random;
	char (*names)[16];
	char (*labels)[16];
	uint32_t *places; /* by competition, then subject */
	struct season *season;
	int64_t taken_ns[CHANGES];
	int64_t floor_ns[CHANGES];
	uint64_t seen; /* so that nothing is left out as unused */
};

/* Of this process: others may be at work. */
static int64_t
cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* splitmix64 (Steele, Lea, Flood 2014): the same places each time. */
static uint64_t
below(struct bench *b, uint64_t n)
{
	uint64_t z = (b->random += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % n;
}

static void
put(struct bench *b, uint32_t competition, uint32_t subject)
{
	size_t at = (size_t)competition * b->subjects + subject;
	struct season_result r = {
		.season = "2014",
		.competition = b->labels[competition],
		.award = "",
		.place = b->places[at],
		.recipient = b->names[subject],
		.team = "",
		.sex = subject % 2 == 0 ? "F" : "M",
		.category = "",
		.date = "",
		.time_us = (int64_t)b->places[at] * 1000000,
		.points = SEASON_NO_VALUE,
		.note = "",
	};

	season_put(b->season, at, &r);
}

/* Everybody is in every competition, in an order of its own. */
static void
make_places(struct bench *b)
{
	for (uint32_t c = 0; c < b->competitions; c++) {
		uint32_t *places = b->places + (size_t)c * b->subjects;

		for (uint32_t i = 0; i < b->subjects; i++)
			places[i] = i + 1;
		for (uint32_t i = b->subjects - 1; i > 0; i--) {
			uint32_t k = (uint32_t)below(b, i + 1);
			uint32_t swap = places[i];

			places[i] = places[k];
			places[k] = swap;
		}
	}
}

static void
make(struct bench *b)
{
	size_t results = (size_t)b->competitions * b->subjects;

	b->names = xcalloc(b->subjects, sizeof *b->names);
	b->labels = xcalloc(b->competitions, sizeof *b->labels);
	b->places = xcalloc(results, sizeof *b->places);
	for (uint32_t i = 0; i < b->subjects; i++)
		snprintf(b->names[i], sizeof b->names[i], "Firm %" PRIu32, i);
	for (uint32_t i = 0; i < b->competitions; i++)
		snprintf(b->labels[i], sizeof b->labels[i], "Cup %" PRIu32, i);
}

static void
look(struct bench *b, const char *subject)
{
	struct season_row rows[SHOWN];
	int64_t line;

	season_rows(b->season, 0, 0, 0, rows, SHOWN);
	line = season_line(b->season, 0, 0, subject);
	if (line >= 0)
		season_rows(b->season, 0, 0, (size_t)line, rows, 1);
	b->seen += (uint64_t)rows[0].score;
}

static void
look_at_all(struct bench *b)
{
	struct season_row *rows = xcalloc(b->subjects, sizeof *rows);

	b->seen += season_rows(b->season, 0, 0, 0, rows, b->subjects);
	free(rows);
}

/* One word of each result of a subject. */
static int64_t
walk(struct bench *b, uint32_t subject)
{
	int64_t begin_ns = cpu_ns();

	for (uint32_t c = 0; c < b->competitions; c++)
		b->seen += b->places[(size_t)c * b->subjects + subject];
	return cpu_ns() - begin_ns;
}

static void
change(struct bench *b, size_t i)
{
	uint32_t competition = (uint32_t)below(b, b->competitions);
	uint32_t subject = (uint32_t)below(b, b->subjects);
	uint32_t place = (uint32_t)(1 + below(b, b->subjects));
	int64_t begin_ns;

	b->floor_ns[i] = walk(b, subject);
	b->places[(size_t)competition * b->subjects + subject] = place;
	begin_ns = cpu_ns();
	put(b, competition, subject);
	look(b, b->names[subject]);
	b->taken_ns[i] = cpu_ns() - begin_ns;
}

static void
print_us(int64_t ns)
{
	printf(" %8.1f", (double)ns / 1e3);
}

static bool
measure(struct bench *b, const struct rules *rules)
{
	struct season_table table = rules->table;
	struct season_rules all = { .title = table.name,
		.tables = &table,
		.table_count = 1 };
	int64_t begin_ns = cpu_ns();
	int64_t loaded_ns;

	make_places(b);
	b->season = season_new(&all);
	for (uint32_t c = 0; c < b->competitions; c++)
		for (uint32_t i = 0; i < b->subjects; i++)
			put(b, c, i);
	loaded_ns = cpu_ns();
	look_at_all(b);
	printf("  %-34s %6.2f s %6.2f s", rules->name,
	    (double)(loaded_ns - begin_ns) / 1e9,
	    (double)(cpu_ns() - loaded_ns) / 1e9);
	fflush(stdout);
	for (size_t i = 0; i < CHANGES; i++)
		change(b, i);
	season_free(b->season);
	qsort(b->taken_ns, CHANGES, sizeof *b->taken_ns, spread_compare);
	qsort(b->floor_ns, CHANGES, sizeof *b->floor_ns, spread_compare);
	print_us(b->taken_ns[CHANGES / 2]);
	print_us(b->taken_ns[LATE]);
	print_us(b->taken_ns[CHANGES - 1]);
	print_us(b->floor_ns[CHANGES / 2]);
	printf("\n");
	return b->taken_ns[CHANGES / 2] <= LIMIT_NS;
}

static bool
measure_all(struct bench *b)
{
	static char none[] = "";
	static char women[] = "F";
	static int64_t list[POINTS] = { 25, 18, 15, 12, 10, 8, 6, 4, 2, 1 };
	static struct season_tie ties[] = {
		{ .rule = SEASON_COUNT_BACK, .competition = none },
	};
	struct season_table plain = {
		.name = none,
		.points = { .list = list, .count = POINTS },
		.sex = none,
		.category = none,
		.team = none,
		.missing = SEASON_NO_VALUE,
		.ties = ties,
		.tie_count = 1,
	};
	struct season_points steps = {
		.scale = SEASON_STEPS,
		.from = (int64_t)b->subjects * SEASON_UNIT,
		.step = SEASON_UNIT,
	};
	struct rules all[] = {
		{ "ten places have points, count-back", plain },
		{ "best half, shared places averaged", plain },
		{ "women's places anew, best half", plain },
		{ "least time", plain },
		{ "nobody has points: all are equal", plain },
	};
	bool well = true;

	for (size_t i = 0; i < POINTS; i++)
		list[i] *= SEASON_UNIT;
	all[1].table.points = steps;
	all[1].table.best = b->competitions / 2;
	all[1].table.tied = SEASON_TIED_AVERAGE;
	all[2].table.points = steps;
	all[2].table.best = b->competitions / 2;
	all[2].table.sex = women;
	all[2].table.again = true;
	all[3].table.by = SEASON_BY_TIME;
	all[4].table.points.count = 0;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		well = measure(b, &all[i]) && well;
	return well;
}

int
main(int argc, char **argv)
{
	struct bench *b = xcalloc(1, sizeof *b);
	bool well;

	b->competitions = argc == 3 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
	b->subjects = argc == 3 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
	if (b->competitions == 0 || b->subjects == 0)
		b->competitions = b->subjects = 1000;
	make(b);
	printf("%" PRIu32 " competitions with %" PRIu32
	       " subjects each; a change in microseconds\n",
	    b->competitions, b->subjects);
	printf("  %-34s %8s %8s %8s %8s %8s %8s\n", "", "load", "read", "p50",
	    "p99", "max", "floor");
	well = measure_all(b);
	free(b->names);
	free(b->labels);
	free(b->places);
	if (!well)
		fprintf(stderr, "bench: a changed place took more than 1 ms\n");
	/* What was read has to be used. */
	well = well && b->seen != 0;
	free(b);
	return well ? 0 : 1;
}
