/* The head of the ranking, again whenever it has changed: for pipes and logs.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/instant.h"
#include "common/log.h"
#include "display/compose.h"
#include "display/display.h"
#include "race/cells.h"
#include "race/outlook.h"

enum { TOP = 5, WIDTH = 80 };

/* Not more than a block a second. */
#define PACE_US INT64_C(1000000)

struct lines {
	const struct display_job *job;
	struct loop *loop;
	struct follow *follow;
	struct replica *board;
	struct replica *roster;
	unsigned edition;
	size_t ranking;
	bool printed;
	bool broken; /* what is written does not arrive: */
	int code;    /* errno */
	uint64_t board_digest;
	uint64_t roster_digest;
	int64_t since_us; /* when the ranking was published */
	int64_t next_us;
};

/* Again with each edition: rules that change may lose the ranking. */
static void
choose(struct lines *l)
{
	const struct race_rules *rules = follow_rules(l->follow);
	struct err err;

	l->edition = follow_edition(l->follow);
	display_check(l->job, l->follow);
	follow_prune(l->follow);
	l->ranking = display_choose(l->job, rules);
	if (instant_zone(rules->timezone, &err) < 0)
		log_warnx("%s", err.text);
	l->board = follow_view(l->follow, rules->rankings[l->ranking].name);
	l->roster = follow_view(l->follow, MESSAGE_ROSTER);
	l->printed = false;
}

static bool
changed(const struct lines *l)
{
	return !l->printed ||
	    board_digest(replica_board(l->board)) != l->board_digest ||
	    board_outlook(replica_board(l->board))->since_us != l->since_us ||
	    roster_digest(replica_roster(l->roster)) != l->roster_digest;
}

static void
put_trimmed(const char *line)
{
	size_t len = strlen(line);

	while (len > 0 && line[len - 1] == ' ')
		len--;
	printf("%.*s\n", (int)len, line);
}

static void
print_head(const struct lines *l, const struct race_ranking *r)
{
	struct replica_facts facts;
	char clock[16] = "no crossing yet";
	char told[OUTLOOK_MAX];

	replica_facts(l->board, &facts);
	if (facts.as_of_us != RACE_NO_TIME)
		instant_clock(clock, facts.as_of_us);
	outlook_told(told, board_outlook(replica_board(l->board)));
	printf("%s  %s  seq %" PRIu64 "%s%s\n", clock, r->name, facts.seq,
	    told[0] != '\0' ? "  " : "", told);
}

static void
print_block(struct lines *l)
{
	const struct race_rules *rules = follow_rules(l->follow);
	const struct race_ranking *r = &rules->rankings[l->ranking];
	struct board *board = replica_board(l->board);
	struct compose_layout layout;
	char text[COMPOSE_BYTES];
	struct board_line first;
	struct board_line line;
	bool close = false;
	bool doubted = false;
	bool open = false;

	print_head(l, r);
	compose_layout(&layout, rules, r, WIDTH, board_count(board));
	for (size_t i = 0; i < TOP && board_line(board, i, &line) == 0; i++) {
		if (i == 0)
			first = line;
		compose_row(text, &layout, rules, r, &line, &first,
		    roster_find(replica_roster(l->roster), line.row.label));
		put_trimmed(text);
		close = close || line.close;
		doubted = doubted || line.doubted;
		open = open || (line.provisional && r->of == RACE_SEASON);
	}
	if (close)
		printf("%s\n", cells_close);
	if (doubted)
		printf("%s\n", cells_doubted);
	if (open)
		printf("%s\n", cells_open);
	putchar('\n');
	if (fflush(stdout) != 0) {
		l->code = errno;
		l->broken = true;
		loop_stop(l->loop);
	}
}

static void
on_turn(void *arg, int64_t now_us)
{
	struct lines *l = arg;

	follow_turn(l->follow, now_us);
	if (follow_edition(l->follow) != l->edition) {
		choose(l);
		follow_turn(l->follow, now_us);
	}
	if (l->board == NULL || now_us < l->next_us ||
	    replica_state(l->board, now_us) != REPLICA_LIVE ||
	    replica_state(l->roster, now_us) != REPLICA_LIVE || !changed(l))
		return;
	print_block(l);
	l->printed = true;
	l->board_digest = board_digest(replica_board(l->board));
	l->roster_digest = roster_digest(replica_roster(l->roster));
	l->since_us = board_outlook(replica_board(l->board))->since_us;
	l->next_us = now_us + PACE_US;
}

static int64_t
on_deadline(void *arg, int64_t now_us)
{
	const struct lines *l = arg;
	int64_t due = follow_deadline(l->follow, now_us);

	/* What came within the last second waits for its turn. */
	if (l->next_us > now_us && l->next_us < due)
		due = l->next_us;
	return due;
}

int
display_lines(const struct display_job *job)
{
	static const struct loop_ops ops = {
		.turn_end = on_turn,
		.deadline = on_deadline,
	};
	struct lines l = { .job = job };
	struct err err;
	int rc;

	if (loop_new(&l.loop, &ops, &l, &err) < 0 ||
	    follow_new(&l.follow, l.loop, job->aggregator, job->race, job->tier,
	        &err) < 0)
		log_fatal(1, "%s", err.text);
	rc = loop_run(l.loop);
	if (l.broken && l.code != EPIPE)
		log_warnx("standard output: %s", strerror(l.code));
	follow_free(l.follow);
	loop_free(l.loop);
	return rc < 0 || l.broken ? 1 : 0;
}
