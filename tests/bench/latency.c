/*
 * latency - from a crossing handed to a collector to its row on a display.
 *
 *   latency RACE RANKING FIFO RATE COUNT FIRST-BIB (commit|tick)
 *
 * Follows RANKING as displays do; once it is live, writes COUNT crossings at
 * RATE a second to FIFO, which is a collector's standard input, one for each
 * bib from FIRST-BIB on, and waits until the board shows each.  Prints one line
 * of microseconds: count p50 p99 max, separated by tabs.  Both ends of a
 * latency are taken from one clock in this one process.
 *
 * A crossing that is not shown within 10 s after the last was written is an
 * error.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cli.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/xalloc.h"
#include "race/follow_zmq.h"
#include "tests/bench/spread.h"

#define SECOND_US   INT64_C(1000000)
#define PATIENCE_US (10 * SECOND_US)

struct latency {
	struct loop *loop;
	struct follow *follow;
	struct replica *replica;
	const char *fifo_path;
	FILE *fifo;
	int64_t rate;
	int64_t count;
	int64_t first_bib;
	int64_t start_us; /* of the first crossing */
	int64_t written;
	int64_t seen;
	int64_t *sent_us; /* by number */
	int64_t *taken_us;
	int64_t last_us; /* when the last was written */
};

static int64_t
due_us(const struct latency *l, int64_t number)
{
	return l->start_us + number * SECOND_US / l->rate;
}

static void
begin(struct latency *l, int64_t now_us)
{
	l->fifo = fopen(l->fifo_path, "w");
	if (l->fifo == NULL)
		log_fatal(1, "%s: %s", l->fifo_path, strerror(errno));
	fputs("time,bib\n", l->fifo);
	l->start_us = now_us;
}

static void
write_due(struct latency *l, int64_t now_us)
{
	bool any = false;

	while (l->written < l->count && due_us(l, l->written) <= now_us) {
		/* Seconds after the gun, all different. */
		fprintf(l->fifo, "+%" PRId64 ".%06" PRId64 ",%" PRId64 "\n",
		    1800 + l->written / 1000, l->written % 1000 * 1000,
		    l->first_bib + l->written);
		l->sent_us[l->written++] = now_us;
		any = true;
	}
	if (any && fflush(l->fifo) != 0)
		log_fatal(1, "%s: %s", l->fifo_path, strerror(errno));
	if (l->written == l->count && l->last_us == 0) {
		l->last_us = now_us;
		fclose(l->fifo);
	}
}

static bool
shown(struct latency *l, int64_t number)
{
	struct board *board = replica_board(l->replica);
	struct board_line line;
	char bib[32];
	int64_t at;

	snprintf(bib, sizeof bib, "%" PRId64, l->first_bib + number);
	at = board_find(board, bib);
	return at >= 0 && board_line(board, (size_t)at, &line) == 0 &&
	    line.row.point >= 0;
}

/* Crossings of one stream are shown in their order. */
static void
take_shown(struct latency *l)
{
	while (l->seen < l->written && shown(l, l->seen)) {
		l->taken_us[l->seen] = clock_mono_us() - l->sent_us[l->seen];
		l->seen++;
	}
	if (l->seen == l->count)
		loop_stop(l->loop);
}

static void
turn_end(void *arg, int64_t now_us)
{
	struct latency *l = arg;

	follow_turn(l->follow, now_us);
	if (l->fifo == NULL && l->written == 0 &&
	    replica_state(l->replica, now_us) == REPLICA_LIVE)
		begin(l, now_us);
	if (l->fifo != NULL && l->written < l->count)
		write_due(l, now_us);
	take_shown(l);
	if (l->last_us != 0 && now_us - l->last_us > PATIENCE_US)
		log_fatal(1, "%" PRId64 " of %" PRId64 " crossings not shown",
		    l->count - l->seen, l->count);
}

static int64_t
deadline(void *arg, int64_t now_us)
{
	const struct latency *l = arg;
	int64_t first = follow_deadline(l->follow, now_us);
	int64_t own = LOOP_NEVER;

	if (l->fifo != NULL && l->written < l->count)
		own = due_us(l, l->written);
	else if (l->last_us != 0)
		own = l->last_us + PATIENCE_US + 1;
	return own < first ? own : first;
}

static int64_t
number(const char *s)
{
	int64_t n;

	if (cli_number(s, 1, 10 * SECOND_US, &n) < 0)
		cli_usage("latency", "%s: not a number from 1 on", s);
	return n;
}

int
main(int argc, char **argv)
{
	static const struct loop_ops ops = { turn_end, deadline, NULL };
	struct latency l = { 0 };
	enum follow_tier tier = FOLLOW_COMMIT;
	struct err err;

	log_init("latency");
	if (argc != 8)
		cli_usage("latency",
		    "RACE RANKING FIFO RATE COUNT FIRST-BIB "
		    "(commit|tick)");
	l.fifo_path = argv[3];
	l.rate = number(argv[4]);
	l.count = number(argv[5]);
	l.first_bib = number(argv[6]);
	if (strcmp(argv[7], "tick") == 0)
		tier = FOLLOW_TICK;
	l.sent_us = xcalloc((size_t)l.count, sizeof *l.sent_us);
	l.taken_us = xcalloc((size_t)l.count, sizeof *l.taken_us);
	if (loop_new(&l.loop, &ops, &l, &err) < 0 ||
	    follow_new(&l.follow, l.loop, NULL, argv[1], tier, &err) < 0)
		log_fatal(1, "%s", err.text);
	l.replica = follow_view(l.follow, argv[2]);
	int signal = loop_run(l.loop);
	if (signal == 0)
		spread_print(l.taken_us, (size_t)l.count);
	follow_free(l.follow);
	loop_free(l.loop);
	free(l.sent_us);
	free(l.taken_us);
	return signal == 0 ? 0 : 1;
}
