/*
 * past_book SOURCE WHAT - every ranking of a race as its past tells it, for the
 * tests: SOURCE is "race" (a folder), "from" (a recording) or "aggregator"
 * (HOST:BASE).  On stderr how many events that were, and in how many seconds.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "race/export.h"
#include "race/past.h"

static void
print_ranking(struct book *b, size_t v)
{
	struct board *board = board_new();
	size_t slots = rank_slots(b->rank, v);
	struct race_row row;

	for (size_t i = 0; i < slots; i++)
		if (rank_row(b->rank, v, (uint32_t)i, &row))
			board_put(board, &row, 1);
	printf("== %s\n", b->rules->rankings[v].name);
	if (export_ranking(stdout, EXPORT_CSV, b->rules, v, board, b->roster) <
	    0)
		log_fatal(1, "write %s", b->rules->rankings[v].name);
	board_free(board);
}

static void
count(void *arg, const struct past_event *e)
{
	uint64_t *last = arg;

	if (e->log != *last + 1)
		log_fatal(1, "event %" PRIu64 " follows %" PRIu64, e->log,
		    *last);
	*last = e->log;
}

int
main(int argc, char **argv)
{
	struct past_source o = { .offline = false };
	struct err err = { "" };
	struct past past;
	uint64_t last = 0;
	int64_t began_us = clock_mono_us();

	log_init("past_book");
	if (argc != 3)
		log_fatal(2, "past_book race|from|aggregator WHAT");
	if (strcmp(argv[1], "race") == 0)
		o.race = argv[2];
	else if (strcmp(argv[1], "from") == 0)
		o.from = argv[2];
	else
		o.aggregator = argv[2];
	if (past_load(&o, &past, count, &last, &err) < 0)
		log_fatal(1, "%s", err.text);
	if (last != past.log)
		log_fatal(1, "%" PRIu64 " events told of %" PRIu64, last,
		    past.log);
	fprintf(stderr, "events %" PRIu64 " seconds %.3f\n", last,
	    (double)(clock_mono_us() - began_us) / 1e6);
	for (size_t v = 0; v < past.book->rules->ranking_count; v++)
		print_ranking(past.book, v);
	past_clear(&past);
	return 0;
}
