/*
 * deciding - from a decision that is delivered to its rows on a display.
 *
 *   deciding RACE RANKING COUNT (mark|gun) (commit|tick)
 *
 * Follows RANKING as displays do; once it is live, a process beside it delivers
 * COUNT decisions as the palmares verbs do, each with a connection of its own:
 * DSQ for one bib after the other from 1 on, or the gun of the first wave moved
 * by a second.  The next is delivered when the board shows the one before.
 * Prints one line of microseconds: count p50 p99 max, separated by tabs, from
 * the order to deliver to the row, or the last of the rows, on the board.
 *
 * A decision that is not shown within 10 s is an error.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cli.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/xalloc.h"
#include "control/deliver_zmq.h"
#include "race/follow_zmq.h"
#include "tests/bench/spread.h"

#define SECOND_US   INT64_C(1000000)
#define PATIENCE_US (10 * SECOND_US)

/* Of 50,000 as passing.c has them. */
enum { SAMPLES = 100, SAMPLE_STEP = 500 };
enum { BIB_MAX = 24, COUNT_MAX = 10000 };

/* To the process that delivers, which answers with a byte when it is done. */
struct order {
	uint64_t store;
	int64_t number;
	int64_t gun_us; /* 0: a mark */
	char wave[RACE_LABEL_MAX + 1];
};

struct deciding {
	struct loop *loop;
	struct follow *follow;
	struct replica *replica;
	bool gun;
	int64_t count;
	int orders;
	int answers;
	bool ready; /* to deliver the next */
	int64_t sent;
	int64_t seen;
	int64_t sent_us;
	int64_t *taken_us;
	int64_t before_us[SAMPLES]; /* elapsed, when the gun was moved */
};

/* ---- the process that delivers ---- */

static void
deliver(const char *race, const struct order *o)
{
	const struct deliver_job job = { .race = race,
		.store = o->store,
		.name = "bench" };
	char bib[BIB_MAX];
	const struct race_decision decision = {
		.verb = o->gun_us != 0 ? RACE_SET_GUN : RACE_SET_STATUS,
		.by = "bench",
		.reason = "bench",
		.bib = o->gun_us != 0 ? "" : bib,
		.other_bib = "",
		.point = "",
		.wave = o->wave,
		.ranking = "",
		.status = o->gun_us != 0 ? RACE_STATUS_NONE : RACE_DSQ,
		.time_us = o->gun_us,
		.text = "",
	};
	const struct race_event event = { .kind = RACE_DECISION,
		.made_us = clock_utc_us(),
		.decision = &decision };
	struct deliver *d;
	struct err err;

	snprintf(bib, sizeof bib, "%" PRId64, o->number + 1);
	if (deliver_new(&d, &job, &err) < 0)
		log_fatal(1, "%s", err.text);
	if (deliver_add(d, &event) < 0)
		log_fatal(1, "a decision is too long");
	if (deliver_send(d, &err) < 0)
		log_fatal(1, "%s", err.text);
	deliver_free(d);
}

/* Until the other end is closed. */
static void
obey(const char *race, int orders, int answers)
{
	struct order o;

	for (;;) {
		ssize_t n;

		if (write(answers, "", 1) != 1)
			_exit(1);
		n = read(orders, &o, sizeof o);
		if (n != (ssize_t)sizeof o)
			_exit(n == 0 ? 0 : 1);
		deliver(race, &o);
	}
}

static void
begin_delivering(struct deciding *d, const char *race)
{
	int orders[2];
	int answers[2];
	pid_t pid;

	if (pipe(orders) < 0 || pipe(answers) < 0)
		log_fatal(1, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		log_fatal(1, "fork: %s", strerror(errno));
	if (pid == 0) {
		close(orders[1]);
		close(answers[0]);
		obey(race, orders[0], answers[1]);
	}
	close(orders[0]);
	close(answers[1]);
	d->orders = orders[1];
	d->answers = answers[0];
}

/* ---- the display ---- */

static void
on_answer(void *arg)
{
	struct deciding *d = arg;
	char byte;

	if (read(d->answers, &byte, 1) != 1)
		log_fatal(1, "nobody delivers any more");
	d->ready = true;
}

static bool
find_row(struct deciding *d, int64_t bib, struct board_line *out)
{
	struct board *board = replica_board(d->replica);
	char label[BIB_MAX];
	int64_t at;

	snprintf(label, sizeof label, "%" PRId64, bib);
	at = board_find(board, label);
	return at >= 0 && board_line(board, (size_t)at, out) == 0;
}

/* Some of the first wave, of the whole field. */
static int64_t
sampled_bib(size_t i)
{
	return (int64_t)i * SAMPLE_STEP + 2;
}

static int64_t
sampled_us(struct deciding *d, size_t i)
{
	struct board_line line;

	if (!find_row(d, sampled_bib(i), &line) || line.row.elapsed_us < 0)
		log_fatal(1, "bib %" PRId64 " has no place", sampled_bib(i));
	return line.row.elapsed_us;
}

static bool
is_shown(struct deciding *d)
{
	struct board_line line;

	if (!d->gun)
		return find_row(d, d->seen + 1, &line) &&
		    line.row.status == RACE_DSQ;
	for (size_t i = 0; i < SAMPLES; i++)
		if (sampled_us(d, i) == d->before_us[i])
			return false;
	return true;
}

static const struct race_wave *
first_wave(const struct deciding *d)
{
	const struct race_rules *rules = follow_rules(d->follow);

	if (rules == NULL || rules->wave_count == 0 ||
	    rules->waves[0].gun_us == RACE_NO_TIME)
		log_fatal(1, "the first wave has no gun");
	return &rules->waves[0];
}

static void
send_order(struct deciding *d, int64_t now_us)
{
	struct order o = { .store = follow_store(d->follow),
		.number = d->sent };

	if (d->gun) {
		const struct race_wave *w = first_wave(d);

		snprintf(o.wave, sizeof o.wave, "%s", w->name);
		/* Back and forth, and never what it is already. */
		o.gun_us = w->gun_us + (d->sent % 2 == 0 ? SECOND_US : 0);
		for (size_t i = 0; i < SAMPLES; i++)
			d->before_us[i] = sampled_us(d, i);
	}
	d->ready = false;
	d->sent++;
	d->sent_us = now_us;
	if (write(d->orders, &o, sizeof o) != (ssize_t)sizeof o)
		log_fatal(1, "nobody delivers: %s", strerror(errno));
}

static void
turn_end(void *arg, int64_t now_us)
{
	struct deciding *d = arg;

	follow_turn(d->follow, now_us);
	if (replica_state(d->replica, now_us) == REPLICA_LIVE &&
	    d->seen < d->sent && is_shown(d)) {
		d->taken_us[d->seen] = clock_mono_us() - d->sent_us;
		d->seen++;
	}
	if (d->seen == d->count)
		loop_stop(d->loop);
	else if (d->seen < d->sent && now_us - d->sent_us > PATIENCE_US)
		log_fatal(1, "decision %" PRId64 " is not shown", d->sent);
	else if (d->ready && d->seen == d->sent &&
	    replica_state(d->replica, now_us) == REPLICA_LIVE)
		send_order(d, clock_mono_us());
}

static int64_t
deadline(void *arg, int64_t now_us)
{
	const struct deciding *d = arg;
	int64_t first = follow_deadline(d->follow, now_us);
	int64_t own = d->sent_us + PATIENCE_US + 1;

	return d->seen < d->sent && own < first ? own : first;
}

int
main(int argc, char **argv)
{
	static const struct loop_ops ops = { turn_end, deadline, NULL };
	struct deciding d = { 0 };
	struct err err;
	int signal;

	log_init("deciding");
	if (argc != 6 || cli_number(argv[3], 1, COUNT_MAX, &d.count) < 0)
		cli_usage("deciding",
		    "RACE RANKING COUNT (mark|gun) (commit|tick)");
	d.gun = strcmp(argv[4], "gun") == 0;
	d.taken_us = xcalloc((size_t)d.count, sizeof *d.taken_us);
	/* Before ZeroMQ has threads. */
	begin_delivering(&d, argv[1]);
	if (loop_new(&d.loop, &ops, &d, &err) < 0 ||
	    follow_new(&d.follow, d.loop, NULL, argv[1],
	        strcmp(argv[5], "tick") == 0 ? FOLLOW_TICK : FOLLOW_COMMIT,
	        &err) < 0)
		log_fatal(1, "%s", err.text);
	loop_add_fd(d.loop, d.answers, on_answer, &d);
	d.replica = follow_view(d.follow, argv[2]);
	signal = loop_run(d.loop);
	if (signal == 0)
		spread_print(d.taken_us, (size_t)d.count);
	follow_free(d.follow);
	loop_free(d.loop);
	free(d.taken_us);
	return signal == 0 ? 0 : 1;
}
