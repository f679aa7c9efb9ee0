/*
 * The whole system on a virtual clock.  PALMARES_SEED repeats a run;
 * PALMARES_SCENARIOS says how many (default 2000).
 */
#include "support/test.h"

#include <string.h>

#include "common/xalloc.h"
#include "sim/cluster.h"

static struct race_wave waves[] = { { .name = (char[]){ "w" },
    .gun_us = INT64_C(1411286400000000) } };

static struct race_point points[] = {
	{ .name = (char[]){ "p0" }, .metres = 0 },
	{ .name = (char[]){ "p1" }, .metres = 4000 },
	{ .name = (char[]){ "p2" }, .metres = 8000 },
};

#define RANKING(n, ...)                                                        \
	{                                                                      \
		.name = (char[]){ n }, .sex = (char[]){ "" },                  \
		.category = (char[]){ "" }, .team = (char[]){ "" },            \
		.wave = (char[]){ "" }, __VA_ARGS__                            \
	}

static struct race_ranking rankings[] = {
	RANKING("finish", .at = 2),
	RANKING("live", .at = RACE_LIVE, .by = RACE_BY_NET),
	RANKING("teams", .of = RACE_TEAMS, .at = 2, .best = 3),
	RANKING("km", .of = RACE_TEAMS, .at = 2, .score = RACE_SCORE_KM,
	    .best = 3),
};

static const struct race_rules rules = {
	.title = (char[]){ "sim" },
	.date = (char[]){ "2014-09-21" },
	.timezone = (char[]){ "UTC" },
	.waves = waves,
	.wave_count = 1,
	.points = points,
	.point_count = 3,
	.rankings = rankings,
	.ranking_count = 4,
};

/* After healing: the store is the union of the outboxes, no more, no less. */
static void
check_union(const struct cluster *c)
{
	const struct sim_aggregator *a = &c->aggregator;
	size_t expected = c->plan.runners;

	for (unsigned i = 0; i < c->plan.collectors; i++) {
		const struct sim_collector *n = &c->collectors[i];
		size_t seen = 0;

		for (size_t k = 0; k < a->log_durable; k++) {
			const struct sim_row *row = &a->log[k];

			if (a->streams[row->stream].epoch != n->epoch)
				continue;
			assert_true(row->seq == seen + 1);
			assert_int_equal(row->body.len, n->outbox[seen].len);
			assert_memory_equal(row->body.data,
			    n->outbox[seen].data, row->body.len);
			seen++;
		}
		assert_int_equal(seen, n->durable);
		expected += n->durable;
	}
	assert_int_equal(a->log_durable, expected);
}

/* A book of the same events in another order. */
static struct book *
rebuild(struct cluster *c)
{
	struct sim_aggregator *a = &c->aggregator;
	struct book *book = book_new(c->rules, SIM_STORE_ID);
	size_t *order = xcalloc(a->log_durable, sizeof *order);

	for (size_t i = 0; i < a->log_durable; i++) {
		size_t j = sim_below(c, i + 1);

		order[i] = order[j];
		order[j] = i;
	}
	for (size_t i = 0; i < a->log_durable; i++) {
		const struct sim_row *row = &a->log[order[i]];
		struct race_id id = { a->streams[row->stream].epoch, row->seq };
		struct race_event e;

		wire_reset(c->arena);
		assert_int_equal(wire_get_event(c->arena, row->body.data,
		                     row->body.len, &e),
		    0);
		assert_int_equal(book_apply(book, id, &e), 0);
	}
	free(order);
	return book;
}

static void
check_board(struct cluster *c, struct sim_display *d, struct book *fresh)
{
	size_t v = d->index % c->rules->ranking_count;
	struct board *board = replica_board(d->board);
	size_t count = rank_count(fresh->rank, v);
	struct rank_standing *want = xcalloc(count + 1, sizeof *want);

	assert_int_equal(rank_rows(fresh->rank, v, 0, want, count + 1), count);
	assert_int_equal(board_count(board), count);
	for (size_t i = 0; i < count; i++) {
		struct board_line line;

		assert_int_equal(board_line(board, i, &line), 0);
		assert_string_equal(line.row.label, want[i].row.label);
		assert_int_equal(line.place, want[i].place);
		assert_int_equal(line.tied, want[i].tied);
		assert_true(line.row.elapsed_us == want[i].row.elapsed_us);
	}
	free(want);
}

struct totals {
	unsigned crashes;
	unsigned fulls;
	unsigned cuts;
	unsigned clocks;
	uint64_t resent;
	uint64_t repeats;
	uint64_t live;
	/* of the displays, at the end */
	uint64_t snapshots;
	uint64_t holes;
	uint64_t mismatches;
};

static void
count_display(struct totals *t, const struct sim_display *d)
{
	struct replica_facts f;

	replica_facts(d->board, &f);
	t->snapshots += f.snapshots;
	t->holes += f.holes;
	t->mismatches += f.mismatches;
	t->live += d->live_seen;
}

static void
run(const struct sim_plan *plan, struct totals *t)
{
	struct cluster c;
	struct book *fresh;

	cluster_open(&c, plan, &rules);
	cluster_storm(&c);
	if (!cluster_heal(&c)) {
		cluster_print(&c);
		fail_msg("not settled two minutes after the storm");
	}
	check_union(&c);
	fresh = rebuild(&c);
	for (size_t v = 0; v < c.rules->ranking_count; v++)
		assert_true(rank_digest(fresh->rank, v) ==
		    rank_digest(c.aggregator.book->rank, v));
	assert_true(roster_digest(fresh->roster) ==
	    roster_digest(c.aggregator.book->roster));
	for (unsigned i = 0; i < plan->displays; i++) {
		check_board(&c, &c.displays[i], fresh);
		count_display(t, &c.displays[i]);
	}
	book_free(fresh);
	cluster_close(&c);
	t->crashes += c.crashes;
	t->fulls += c.fulls;
	t->cuts += c.cuts;
	t->clocks += c.clocks;
	t->resent += c.resent;
	t->repeats += c.repeats;
}

static void
calm_weather_delivers_everything(void **state)
{
	struct totals t = { 0 };
	struct sim_plan plan = { .seed = 1,
		.collectors = 3,
		.displays = 4,
		.runners = 20,
		.events = 2000,
		.net = { .delay_us = 1000 } };

	(void)state;
	run(&plan, &t);
	assert_int_equal(t.repeats, 0);
	assert_int_equal(t.resent, 0);
	assert_true(t.live > 0);
	assert_int_equal(t.snapshots, plan.displays);
	assert_int_equal(t.holes, 0);
	assert_int_equal(t.mismatches, 0);
}

/* Snapshots of several pages, while rows change. */
static void
a_large_field_is_shown_whole(void **state)
{
	struct totals t = { 0 };
	struct sim_plan plan = { .seed = test_seed(),
		.collectors = 3,
		.displays = 4,
		.runners = 1700,
		.events = 1500,
		.late_us = 100000,
		.net = { .delay_us = 20000, .loss = 20 },
		.display_crash = 5,
		.clock = 5 };

	(void)state;
	run(&plan, &t);
	assert_true(t.live > 0);
	assert_int_equal(t.mismatches, 0);
}

/* What is stored of a stream is the beginning of this outbox. */
static bool
is_prefix(const struct sim_aggregator *a, const struct sim_collector *n)
{
	size_t seen = 0;

	for (size_t k = 0; k < a->log_durable; k++) {
		const struct sim_row *row = &a->log[k];

		if (a->streams[row->stream].epoch != n->epoch)
			continue;
		assert_true(row->seq == seen + 1);
		if (seen >= n->durable || row->chain != n->outbox[seen].chain)
			return false;
		seen++;
	}
	return true;
}

static void
of_two_copies_of_an_outbox_one_is_stored_and_somebody_is_told(void **state)
{
	uint64_t random = test_seed();

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct sim_plan plan = { .seed = test_random(&random),
			.collectors = 3,
			.displays = 1,
			.runners = 20,
			.events = 60,
			.net = { .delay_us = 50000 },
			.disk_full = 10,
			.copied = true };
		struct cluster c;

		cluster_open(&c, &plan, &rules);
		cluster_storm(&c);
		if (!cluster_heal(&c)) {
			cluster_print(&c);
			fail_msg("not settled two minutes after the storm");
		}
		assert_true(is_prefix(&c.aggregator, &c.collectors[0]) !=
		    is_prefix(&c.aggregator, &c.collectors[1]));
		assert_true(is_prefix(&c.aggregator, &c.collectors[2]));
		assert_true(c.refused > 0);
		assert_true(c.conflicts > 0);
		cluster_close(&c);
	}
}

static struct sim_plan
random_plan(uint64_t *random)
{
	struct sim_plan p = { .seed = test_random(random) };

	p.collectors = 1 + (unsigned)test_below(random, 4);
	p.displays = 1 + (unsigned)test_below(random, SIM_DISPLAYS_MAX);
	p.runners = 2 + (unsigned)test_below(random, 30);
	p.events = 10 + (unsigned)test_below(random, 150);
	p.late_us = 5000000;
	p.net.loss = (unsigned)test_below(random, 200);
	p.net.repeat = (unsigned)test_below(random, 100);
	p.net.delay_us = 1 + (int64_t)test_below(random, 400000);
	p.net.shuffle = test_below(random, 2) == 0;
	p.collector_crash = (unsigned)test_below(random, 12);
	p.aggregator_crash = (unsigned)test_below(random, 12);
	p.display_crash = (unsigned)test_below(random, 6);
	p.disk_full = (unsigned)test_below(random, 60);
	p.cut = (unsigned)test_below(random, 12);
	p.clock = (unsigned)test_below(random, 12);
	return p;
}

static void
storms_lose_nothing_and_double_nothing(void **state)
{
	const char *given = getenv("PALMARES_SCENARIOS");
	unsigned long count = given != NULL ? strtoul(given, NULL, 10) : 2000;
	uint64_t random = test_seed();
	struct totals t = { 0 };

	(void)state;
	for (unsigned long i = 0; i < count; i++) {
		uint64_t before = random;
		struct sim_plan plan = random_plan(&random);

		if (getenv("PALMARES_VERBOSE") != NULL)
			print_message("scenario %lu: PALMARES_SEED=0x%llx "
			              "PALMARES_SCENARIOS=1\n",
			    i, (unsigned long long)before);
		run(&plan, &t);
	}
	print_message("%lu scenarios: %u crashes, %u full disks, %u cuts, "
	              "%llu events sent again, %llu repeats, lost 0, "
	              "doubled 0\n",
	    count, t.crashes, t.fulls, t.cuts, (unsigned long long)t.resent,
	    (unsigned long long)t.repeats);
	/* The weather was bad indeed, or this shows nothing. */
	if (count >= 100) {
		assert_true(t.crashes > 0 && t.fulls > 0 && t.cuts > 0);
		assert_true(t.clocks > 0);
		assert_true(t.resent > 0 && t.repeats > 0 && t.live > 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calm_weather_delivers_everything),
		cmocka_unit_test(a_large_field_is_shown_whole),
		cmocka_unit_test(
		    of_two_copies_of_an_outbox_one_is_stored_and_somebody_is_told),
		cmocka_unit_test(storms_lose_nothing_and_double_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
