#include "support/test.h"

#include "race/rank/rank.h"
#include "support/plain.h"

/* ---- rankings that look at who is first, worked by hand ---- */

#define GUN_US (RACE_TIME_MIN + INT64_C(36000000000))
#define S      INT64_C(1000000)

struct fixture {
	struct race_wave wave;
	struct race_point points[2];
	struct race_ranking rankings[3];
	struct race_rules rules;
	struct rank *rank;
	uint64_t seq;
	char text[1000];
};

static int
set_up(void **state)
{
	static const char *const names[] = { "scratch", "seniors", "other" };
	struct fixture *f = calloc(1, sizeof *f);

	f->wave =
	    (struct race_wave){ .name = plain_text("masse"), .gun_us = GUN_US };
	f->points[0] = plain_point("depart", 0);
	f->points[1] = plain_point("arrivee", 8000);
	for (size_t i = 0; i < 3; i++)
		f->rankings[i] = plain_ranking(names[i], 1);
	f->rules = plain_rules();
	f->rules.waves = &f->wave;
	f->rules.wave_count = 1;
	f->rules.points = f->points;
	f->rules.point_count = 2;
	f->rules.rankings = f->rankings;
	f->rules.ranking_count = 3;
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	rank_free(f->rank);
	free(f);
	return 0;
}

/* After the rankings are as the test wants them. */
static void
begin(struct fixture *f)
{
	f->rank = rank_new(&f->rules);
}

static void
leave_out(struct fixture *f, size_t of, uint32_t ranking, uint32_t places)
{
	struct race_ranking *v = &f->rankings[of];

	v->without[v->without_count++] =
	    (struct race_without){ ranking, places };
}

static uint64_t
cross(struct fixture *f, const char *point, const char *bib, int64_t after_us)
{
	struct race_crossing c = plain_crossing(point, bib, GUN_US + after_us);

	assert_int_equal(rank_apply(f->rank, (struct race_id){ 2, ++f->seq },
	                     &c),
	    0);
	return f->seq;
}

/* Returns the name of the finish. */
static uint64_t
run(struct fixture *f, const char *bib, int64_t start_us, int64_t finish_us)
{
	struct race_entry e = plain_entry(bib);

	rank_entry(f->rank, &e);
	cross(f, "depart", bib, start_us);
	return cross(f, "arrivee", bib, finish_us);
}

/* "1:12/1500 2=:7/1510": place, = if shared, label, seconds. */
static const char *
listing(struct fixture *f, size_t v)
{
	struct rank_standing rows[20];
	size_t n = rank_rows(f->rank, v, 0, rows, 20);
	size_t len = 0;

	f->text[0] = '\0';
	assert_int_equal(rank_count(f->rank, v), n);
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(f->text + len, sizeof f->text - len,
		    "%s%u%s:%s/%d", i > 0 ? " " : "", (unsigned)rows[i].place,
		    rows[i].tied ? "=" : "", rows[i].row.label,
		    (int)(rows[i].row.elapsed_us / S));
	return f->text;
}

/* RunSignup, Race Director: the first n by gun, everybody else by net. */
static void
the_first_by_gun_go_before_all_by_net(void **state)
{
	struct fixture *f = *state;

	f->rankings[0].by = RACE_BY_NET;
	f->rankings[0].gun_first = 2;
	begin(f);
	run(f, "1", 0, 1500 * S);
	run(f, "2", 20 * S, 1510 * S);
	run(f, "3", 400 * S, 1520 * S); /* 1120 net */
	run(f, "4", 300 * S, 1530 * S); /* 1230 net */
	assert_string_equal(listing(f, 0),
	    "1:1/1500 2:2/1510 3:3/1120 4:4/1230");
	/* One more is in front: the second one of before is no longer. */
	run(f, "5", 100 * S, 1490 * S);
	assert_string_equal(listing(f, 0),
	    "1:5/1490 2:1/1500 3:3/1120 4:4/1230 5:2/1490");
}

static void
who_shares_the_last_place_by_gun_is_first_too(void **state)
{
	struct fixture *f = *state;
	struct rank_amendment dismissed = { .voided = true };

	f->rankings[0].by = RACE_BY_NET;
	f->rankings[0].gun_first = 2;
	begin(f);
	run(f, "1", 0, 1500 * S);
	run(f, "2", 20 * S, 1510 * S);
	run(f, "3", 400 * S, 1510 * S);
	run(f, "4", 300 * S, 1530 * S);
	assert_string_equal(listing(f, 0),
	    "1:1/1500 2=:2/1510 2=:3/1510 4:4/1230");
	rank_amend(f->rank, (struct race_id){ 2, 2 }, &dismissed);
	assert_string_equal(listing(f, 0),
	    "1=:2/1510 1=:3/1510 3:4/1230 0:1/0");
}

static void
who_is_first_overall_has_no_row_among_the_seniors(void **state)
{
	struct fixture *f = *state;
	struct rank_amendment dismissed = { .voided = true };
	uint64_t first;

	leave_out(f, 1, 0, 2);
	begin(f);
	first = run(f, "1", 0, 1500 * S);
	run(f, "2", 0, 1510 * S);
	run(f, "3", 0, 1510 * S);
	run(f, "4", 0, 1530 * S);
	assert_string_equal(listing(f, 1), "1:4/1530");
	assert_int_equal(rank_place(f->rank, 1, "2"), 0);
	rank_amend(f->rank, (struct race_id){ 2, first }, &dismissed);
	assert_string_equal(listing(f, 1), "1:4/1530 0:1/0");
	rank_amend(f->rank, (struct race_id){ 2, first }, NULL);
	run(f, "5", 0, 1505 * S);
	assert_string_equal(listing(f, 1), "1=:2/1510 1=:3/1510 3:4/1530");
}

static void
a_chain_is_followed_whatever_stands_first(void **state)
{
	struct fixture *f = *state;

	leave_out(f, 0, 1, 1);
	leave_out(f, 1, 2, 1);
	begin(f);
	run(f, "1", 0, 1500 * S);
	run(f, "2", 0, 1510 * S);
	run(f, "3", 0, 1520 * S);
	assert_string_equal(listing(f, 2), "1:1/1500 2:2/1510 3:3/1520");
	assert_string_equal(listing(f, 1), "1:2/1510 2:3/1520");
	assert_string_equal(listing(f, 0), "1:1/1500 2:3/1520");
	run(f, "4", 0, 1400 * S);
	assert_string_equal(listing(f, 2),
	    "1:4/1400 2:1/1500 3:2/1510 4:3/1520");
	assert_string_equal(listing(f, 1), "1:1/1500 2:2/1510 3:3/1520");
	assert_string_equal(listing(f, 0), "1:4/1400 2:2/1510 3:3/1520");
}

/* It came over the wire: race.yaml has none. */
static void
what_closes_a_circle_means_nothing(void **state)
{
	struct fixture *f = *state;

	leave_out(f, 0, 1, 1);
	leave_out(f, 1, 0, 1);
	leave_out(f, 2, 2, 1);
	leave_out(f, 2, 9, 1);
	begin(f);
	run(f, "1", 0, 1500 * S);
	run(f, "2", 0, 1510 * S);
	assert_string_equal(listing(f, 1), "1:1/1500 2:2/1510");
	assert_string_equal(listing(f, 0), "1:2/1510");
	assert_string_equal(listing(f, 2), "1:1/1500 2:2/1510");
}

/* As many ways from the last one to the first as there are stars. */
static void
a_mesh_of_rankings_is_gone_through_once(void **state)
{
	struct fixture *f = *state;
	struct race_ranking all[RACE_RANKINGS_MAX];

	for (uint32_t i = 0; i < RACE_RANKINGS_MAX; i++) {
		all[i] = f->rankings[0];
		for (uint32_t k = 0; k < RACE_WITHOUT_MAX && k < i; k++)
			all[i].without[all[i].without_count++] =
			    (struct race_without){ i - 1 - k, 1 };
	}
	/* Back to the last: a circle through all. */
	all[0].without[all[0].without_count++] =
	    (struct race_without){ RACE_RANKINGS_MAX - 1, 1 };
	f->rules.rankings = all;
	f->rules.ranking_count = RACE_RANKINGS_MAX;
	begin(f);
	run(f, "1", 0, 1500 * S);
	run(f, "2", 0, 1510 * S);
	assert_string_equal(listing(f, 63), "1:1/1500 2:2/1510");
}

static void
rows_that_come_and_go_are_told(void **state)
{
	struct fixture *f = *state;
	uint32_t slots[8];
	struct race_row row;

	leave_out(f, 1, 0, 1);
	begin(f);
	run(f, "1", 0, 1500 * S);
	run(f, "2", 0, 1510 * S);
	assert_int_equal(rank_take_changes(f->rank, 1, slots, 8), 1);
	assert_true(rank_row(f->rank, 1, slots[0], &row));
	assert_string_equal(row.label, "2");
	run(f, "3", 0, 1400 * S);
	assert_int_equal(rank_take_changes(f->rank, 1, slots, 8), 1);
	assert_true(rank_row(f->rank, 1, slots[0], &row));
	assert_string_equal(row.label, "1");
	rank_entry_gone(f->rank, "3");
	assert_int_equal(rank_take_changes(f->rank, 1, slots, 8), 1);
	assert_false(rank_row(f->rank, 1, slots[0], &row));
	assert_string_equal(row.label, "1");
}

#define heads_test(name)                                                       \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		heads_test(the_first_by_gun_go_before_all_by_net),
		heads_test(who_shares_the_last_place_by_gun_is_first_too),
		heads_test(who_is_first_overall_has_no_row_among_the_seniors),
		heads_test(a_chain_is_followed_whatever_stands_first),
		heads_test(what_closes_a_circle_means_nothing),
		heads_test(a_mesh_of_rankings_is_gone_through_once),
		heads_test(rows_that_come_and_go_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
