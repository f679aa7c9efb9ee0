#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "race/board.h"
#include "race/row.h"

static int
setup(void **state)
{
	*state = board_new();
	return 0;
}

static int
teardown(void **state)
{
	board_free(*state);
	return 0;
}

/* Somebody who finished after that time; splits are borrowed. */
static struct race_row
runner(const char *label, const int64_t *splits, size_t n)
{
	struct race_row row = { .label = label,
		.status = RACE_FINISHED,
		.elapsed_us = splits[n - 1],
		.metres = 1000 * (uint32_t)n,
		.point = (int)n - 1,
		.splits = splits,
		.split_count = n };

	row.sort.key[0] = row.elapsed_us;
	return row;
}

static void
put(struct board *b, const char *label, int64_t time_us, uint64_t version)
{
	struct race_row row = runner(label, &time_us, 1);

	board_put(b, &row, version);
}

static const char *
label_at(struct board *b, size_t i)
{
	struct board_line line;

	assert_int_equal(board_line(b, i, &line), 0);
	return line.row.label;
}

static uint32_t
place_at(struct board *b, size_t i, bool tied)
{
	struct board_line line;

	assert_int_equal(board_line(b, i, &line), 0);
	assert_int_equal(line.tied, tied);
	return line.place;
}

static void
an_empty_board_has_no_line(void **state)
{
	struct board_line line;

	assert_int_equal(board_count(*state), 0);
	assert_int_equal(board_digest(*state), 0);
	assert_int_equal(board_line(*state, 0, &line), -ENOENT);
	assert_int_equal(board_find(*state, "1"), -ENOENT);
}

static void
rows_stand_in_the_order_of_their_keys(void **state)
{
	struct board_line line;

	put(*state, "7", 300, 1);
	put(*state, "8", 100, 1);
	put(*state, "9", 200, 1);
	assert_int_equal(board_count(*state), 3);
	assert_string_equal(label_at(*state, 0), "8");
	assert_string_equal(label_at(*state, 1), "9");
	assert_string_equal(label_at(*state, 2), "7");
	assert_int_equal(board_line(*state, 3, &line), -ENOENT);
	assert_int_equal(board_find(*state, "9"), 1);
	assert_int_equal(board_find(*state, "10"), -ENOENT);
}

static void
equal_keys_share_a_place(void **state)
{
	put(*state, "7", 200, 1);
	put(*state, "8", 100, 1);
	put(*state, "10", 200, 1);
	put(*state, "9", 300, 1);
	assert_int_equal(place_at(*state, 0, false), 1);
	assert_int_equal(place_at(*state, 1, true), 2);
	assert_int_equal(place_at(*state, 2, true), 2);
	assert_int_equal(place_at(*state, 3, false), 4);
	/* numbers by value */
	assert_string_equal(label_at(*state, 1), "7");
	assert_string_equal(label_at(*state, 2), "10");
}

static void
a_row_that_changes_moves(void **state)
{
	put(*state, "7", 100, 1);
	put(*state, "8", 200, 1);
	assert_string_equal(label_at(*state, 0), "7");
	put(*state, "7", 300, 2);
	assert_int_equal(board_count(*state), 2);
	assert_string_equal(label_at(*state, 0), "8");
	assert_int_equal(board_find(*state, "7"), 1);
}

static void
an_older_row_does_not_overwrite_a_newer_one(void **state)
{
	struct board_line line;

	put(*state, "7", 100, 5);
	put(*state, "7", 200, 4);
	assert_int_equal(board_line(*state, 0, &line), 0);
	assert_int_equal(line.row.elapsed_us, 100);
	put(*state, "7", 300, 5);
	assert_int_equal(board_line(*state, 0, &line), 0);
	assert_int_equal(line.row.elapsed_us, 300);
}

static void
a_row_that_is_gone_does_not_come_back_by_an_older_one(void **state)
{
	put(*state, "7", 100, 3);
	board_remove(*state, "7", 5);
	assert_int_equal(board_count(*state), 0);
	assert_int_equal(board_digest(*state), 0);
	put(*state, "7", 100, 4);
	assert_int_equal(board_count(*state), 0);
	/* also if it was never there */
	board_remove(*state, "8", 5);
	put(*state, "8", 100, 4);
	assert_int_equal(board_count(*state), 0);
	assert_int_equal(board_find(*state, "8"), -ENOENT);
	put(*state, "8", 100, 6);
	assert_int_equal(board_count(*state), 1);
	/* and a late removal does not take out what came after it */
	board_remove(*state, "8", 5);
	assert_int_equal(board_count(*state), 1);
}

static void
putting_twice_is_harmless(void **state)
{
	uint64_t digest;

	put(*state, "7", 100, 1);
	put(*state, "8", 200, 1);
	digest = board_digest(*state);
	put(*state, "7", 100, 1);
	put(*state, "7", 100, 2);
	board_remove(*state, "9", 2);
	board_remove(*state, "9", 2);
	assert_int_equal(board_count(*state), 2);
	assert_true(board_digest(*state) == digest);
}

static void
the_digest_is_the_sum_of_the_rows_hashes(void **state)
{
	static const int64_t times[] = { 100, 200 };
	struct race_row a = runner("7", times, 1);
	struct race_row b = runner("8", times, 2);

	board_put(*state, &a, 1);
	assert_true(board_digest(*state) == row_hash(&a));
	board_put(*state, &b, 1);
	assert_true(board_digest(*state) == row_hash(&a) + row_hash(&b));
	board_remove(*state, "7", 2);
	assert_true(board_digest(*state) == row_hash(&b));
}

static void
rows_are_copied_with_their_splits(void **state)
{
	int64_t few[] = { 1, 2 };
	int64_t many[] = { 3, RACE_NO_SPLIT, 5, 6, 7 };
	char label[] = "7";
	struct race_row row = runner(label, few, 2);
	struct board_line line;

	board_put(*state, &row, 1);
	row = runner("8", many, 5);
	board_put(*state, &row, 1);
	label[0] = 'x';
	memset(few, 0, sizeof few);
	memset(many, 0, sizeof many);
	assert_int_equal(board_line(*state, 0, &line), 0);
	assert_string_equal(line.row.label, "7");
	assert_int_equal(line.row.split_count, 2);
	assert_int_equal(line.row.splits[0], 1);
	assert_int_equal(line.row.splits[1], 2);
	assert_int_equal(board_line(*state, 1, &line), 0);
	assert_int_equal(line.row.split_count, 5);
	assert_int_equal(line.row.splits[1], RACE_NO_SPLIT);
	assert_int_equal(line.row.splits[4], 7);
}

/* ---- gaps ---- */

static void
check_gaps(struct board *b, size_t i, int64_t gap_us, int64_t ahead_us)
{
	struct board_line line;

	assert_int_equal(board_line(b, i, &line), 0);
	assert_int_equal(line.gap_us, gap_us);
	assert_int_equal(line.ahead_us, ahead_us);
}

static void
gaps_at_a_point_are_differences_of_time(void **state)
{
	put(*state, "7", 100, 1);
	put(*state, "8", 130, 1);
	put(*state, "9", 170, 1);
	put(*state, "10", 170, 1);
	check_gaps(*state, 0, 0, -1);
	check_gaps(*state, 1, 30, 30);
	check_gaps(*state, 2, 70, 40);
	check_gaps(*state, 3, 70, 0);
}

/* Further first, as the core's live rankings are. */
static void
put_live(struct board *b, const char *label, const int64_t *splits, size_t n)
{
	int64_t all[4] = { RACE_NO_SPLIT, RACE_NO_SPLIT, RACE_NO_SPLIT,
		RACE_NO_SPLIT };
	struct race_row row;

	memcpy(all, splits, n * sizeof *splits);
	row = runner(label, splits, n);
	row.sort.key[0] = -(int64_t)row.metres;
	row.sort.key[1] = row.elapsed_us;
	row.splits = all;
	row.split_count = 4;
	board_put(b, &row, 1);
}

static void
gaps_of_a_live_ranking_are_those_where_the_runner_was_seen(void **state)
{
	static const int64_t leader[] = { 0, 100, 200, 300 };
	static const int64_t second[] = { 0, 110, 230 };
	static const int64_t third[] = { 0, 150 };
	static const int64_t fast[] = { 0, 160 };

	put_live(*state, "1", leader, 4);
	put_live(*state, "2", second, 3);
	put_live(*state, "3", third, 2);
	put_live(*state, "4", fast, 2);
	check_gaps(*state, 0, 0, -1);
	check_gaps(*state, 1, 30, 30);
	check_gaps(*state, 2, 50, 40); /* at the point of 150 */
	check_gaps(*state, 3, 60, 10);
}

static void
who_is_behind_by_distance_alone_has_no_gap(void **state)
{
	static const int64_t leader[] = { 0, 100, 200 };
	static const int64_t faster[] = { 0, 90 };

	put_live(*state, "1", leader, 3);
	put_live(*state, "2", faster, 2);
	check_gaps(*state, 1, -1, -1);
}

static void
who_ran_past_the_point_is_compared_at_the_point(void **state)
{
	/* a ranking at the second of three points */
	static const int64_t a[] = { 0, 100, 500 };
	static const int64_t b[] = { 0, 120, 400 };
	struct race_row row = runner("1", a, 3);

	row.elapsed_us = row.sort.key[0] = a[1];
	board_put(*state, &row, 1);
	row = runner("2", b, 3);
	row.elapsed_us = row.sort.key[0] = b[1];
	board_put(*state, &row, 1);
	check_gaps(*state, 1, 20, 20);
}

static void
ties_by_the_shown_time_have_no_gap_below_zero(void **state)
{
	static const int64_t a = 900000;
	static const int64_t b = 500000;
	struct race_row row = runner("1", &a, 1);

	row.sort.key[0] = 1000000;
	board_put(*state, &row, 1);
	row = runner("2", &b, 1);
	row.sort.key[0] = 1000000;
	board_put(*state, &row, 1);
	check_gaps(*state, 1, 0, 0);
}

static void
between_gun_in_front_and_net_there_is_no_gap(void **state)
{
	/* Keys as gun_first makes them: 0 in front, 1 behind. */
	static const int64_t splits[] = { 100, 90, 105 };
	static const int64_t in_front[] = { 0, 1, 1 };
	static const char *const bibs[] = { "1", "2", "3" };

	for (size_t i = 0; i < 3; i++) {
		struct race_row row = runner(bibs[i], &splits[i], 1);

		row.sort.key[0] = in_front[i];
		row.sort.key[1] = splits[i];
		board_put(*state, &row, 1);
	}
	check_gaps(*state, 0, 0, -1);
	check_gaps(*state, 1, -1, -1);
	check_gaps(*state, 2, -1, 15);
}

static void
who_has_no_place_has_no_gap(void **state)
{
	static const int64_t time_us = 200;
	struct race_row row = runner("8", &time_us, 1);

	row.sort.group = RACE_GROUP_DSQ;
	row.status = RACE_DSQ;
	board_put(*state, &row, 1);
	check_gaps(*state, 0, -1, -1);
	put(*state, "7", 100, 1);
	check_gaps(*state, 1, -1, -1);
	assert_int_equal(place_at(*state, 1, false), 0);
}

static void
put_team(struct board *b, const char *label, int64_t key, int64_t elapsed_us)
{
	struct race_row row = { .label = label,
		.elapsed_us = elapsed_us,
		.metres = 24000,
		.point = -1,
		.counted = 3 };

	row.sort.key[0] = key;
	board_put(b, &row, 1);
}

static void
teams_by_time_are_behind_by_their_scores(void **state)
{
	put_team(*state, "Alpha", 1000, 1000);
	put_team(*state, "Beta", 1250, 1250);
	check_gaps(*state, 0, 0, -1);
	check_gaps(*state, 1, 250, 250);
}

static void
teams_by_kilometres_have_no_gap_in_time(void **state)
{
	put_team(*state, "Alpha", -24000, 1000);
	put_team(*state, "Beta", -16000, 1250);
	check_gaps(*state, 0, -1, -1);
	check_gaps(*state, 1, -1, -1);
}

/* ---- too close to call ---- */

static void
put_timed(struct board *b, const char *label, int64_t time_us, int64_t bound_us,
    uint64_t clock)
{
	struct race_row row = runner(label, &time_us, 1);

	row.bound_us = bound_us;
	row.clock = clock;
	board_put(b, &row, 1);
}

/* "1 ~2 ~3": the labels, marked where it is too close. */
static void
check_close(struct board *b, const char *expected)
{
	char text[200] = "";
	size_t len = 0;
	struct board_line line;

	for (size_t i = 0; board_line(b, i, &line) == 0; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%s%s",
		    i > 0 ? " " : "", line.close ? "~" : "", line.row.label);
	assert_string_equal(text, expected);
}

static void
two_clocks_within_their_bounds_are_too_close(void **state)
{
	put_timed(*state, "1", 1000, 30, 7);
	put_timed(*state, "2", 1050, 20, 8); /* 50 apart, 50 in all */
	put_timed(*state, "3", 1100, 20, 9); /* 50 apart, 40 in all */
	check_close(*state, "~1 ~2 3");
}

static void
one_microsecond_more_is_not_too_close(void **state)
{
	put_timed(*state, "1", 1000, 30, 7);
	put_timed(*state, "2", 1051, 20, 8);
	check_close(*state, "1 2");
}

static void
one_clock_puts_its_own_in_order(void **state)
{
	put_timed(*state, "1", 1000, 30, 7);
	put_timed(*state, "2", 1001, 30, 7);
	put_timed(*state, "3", 1002, 0, 0); /* by a mat */
	put_timed(*state, "4", 1003, 0, 0);
	check_close(*state, "1 ~2 ~3 4");
}

static void
of_clocks_that_nobody_measured_nothing_is_said(void **state)
{
	put_timed(*state, "1", 1000, 0, 7);
	put_timed(*state, "2", 1000, 0, 8);
	check_close(*state, "1 2");
}

static void
equal_times_of_two_clocks_are_too_close(void **state)
{
	put_timed(*state, "1", 1000, 5, 7);
	put_timed(*state, "2", 1000, 0, 8);
	put_timed(*state, "3", 0, 5, 7); /* over the line before the gun */
	put_timed(*state, "4", 9, 5, 8);
	check_close(*state, "~3 ~4 ~1 ~2");
}

static void
who_has_no_place_is_not_too_close(void **state)
{
	struct race_row row;
	static const int64_t times[] = { 1000, 1001, 1002 };

	for (size_t i = 0; i < 3; i++) {
		row = runner(i == 0 ? "1" : i == 1 ? "2" : "3", &times[i], 1);
		row.bound_us = 500;
		row.clock = i + 1;
		if (i > 0)
			row.sort.group = RACE_GROUP_DSQ;
		board_put(*state, &row, 1);
	}
	check_close(*state, "1 2 3");
}

/* Live: a time at 4 km is no time at 8 km. */
static void
times_at_different_points_are_not_compared(void **state)
{
	static const int64_t times[] = { 1000, 1005, 1010 };
	static const int64_t metres[] = { 8000, 4000, 4000 };

	for (size_t i = 0; i < 3; i++) {
		struct race_row row = runner(i == 0 ? "1"
		        : i == 1                    ? "2"
		                                    : "3",
		    &times[i], 1);

		row.sort.key[0] = -metres[i];
		row.sort.key[1] = times[i];
		row.bound_us = 500;
		row.clock = i + 1;
		board_put(*state, &row, 1);
	}
	check_close(*state, "1 ~2 ~3");
}

static void
a_runner_at_the_start_is_not_close_to_one_on_the_way(void **state)
{
	static const int64_t times[] = { 4, 5 };
	struct race_row row = runner("1", &times[0], 1);

	row.sort.key[0] = -4000;
	row.sort.key[1] = times[0];
	row.bound_us = 500;
	row.clock = 1;
	board_put(*state, &row, 1);
	row = runner("2", &times[1], 1);
	row.sort.key[0] = 0;
	row.sort.key[1] = times[1];
	row.bound_us = 500;
	row.clock = 2;
	board_put(*state, &row, 1);
	check_close(*state, "1 2");
}

/* ---- against an obvious model ---- */

enum { LABELS = 60, STEPS = 4000 };

struct known {
	char label[8];
	struct race_row row;
	int64_t splits[3];
	uint64_t version;
	bool present;
};

static int
by_key(const void *a, const void *b)
{
	const struct known *x = *(const struct known *const *)a;
	const struct known *y = *(const struct known *const *)b;

	return row_cmp(&x->row.sort, x->label, &y->row.sort, y->label);
}

static bool
too_close(const struct race_row *a, const struct race_row *b)
{
	if (a->sort.group != RACE_GROUP_PLACED ||
	    b->sort.group != RACE_GROUP_PLACED || a->clock == b->clock ||
	    (a->bound_us == 0 && b->bound_us == 0))
		return false;
	return a->elapsed_us - a->bound_us <= b->elapsed_us + b->bound_us &&
	    b->elapsed_us - b->bound_us <= a->elapsed_us + a->bound_us;
}

static void
compare(struct board *b, struct known *all)
{
	const struct known *list[LABELS];
	uint64_t digest = 0;
	size_t n = 0;

	for (size_t i = 0; i < LABELS; i++)
		if (all[i].present) {
			list[n++] = &all[i];
			digest += row_hash(&all[i].row);
		}
	qsort(list, n, sizeof(const struct known *), by_key);
	assert_int_equal(board_count(b), n);
	assert_true(board_digest(b) == digest);
	for (size_t i = 0; i < n; i++) {
		struct board_line line;
		uint32_t place = 1;

		for (size_t j = 0; j < n; j++)
			place += row_key_cmp(&list[j]->row.sort,
			             &list[i]->row.sort) < 0;
		if (list[i]->row.sort.group != RACE_GROUP_PLACED)
			place = 0;
		assert_int_equal(board_line(b, i, &line), 0);
		assert_string_equal(line.row.label, list[i]->label);
		assert_true(row_hash(&line.row) == row_hash(&list[i]->row));
		assert_int_equal(line.place, place);
		assert_int_equal(line.close,
		    (i > 0 && too_close(&list[i]->row, &list[i - 1]->row)) ||
		        (i + 1 < n &&
		            too_close(&list[i]->row, &list[i + 1]->row)));
		assert_int_equal(board_find(b, line.row.label), (int64_t)i);
	}
}

static void
a_board_equals_its_model_after_random_changes(void **state)
{
	static struct known all[LABELS];
	uint64_t seed = test_seed();

	for (size_t i = 0; i < LABELS; i++)
		snprintf(all[i].label, sizeof all[i].label, "%zu", i);
	for (int step = 0; step < STEPS; step++) {
		struct known *k = &all[test_below(&seed, LABELS)];
		uint64_t version = test_below(&seed, (uint64_t)step / 8 + 2);
		size_t n = test_below(&seed, 4);
		struct race_row row;

		if (test_below(&seed, 4) == 0) {
			board_remove(*state, k->label, version);
			if (version >= k->version) {
				k->version = version;
				k->present = false;
			}
		} else {
			int64_t splits[3];

			for (size_t i = 0; i < n; i++)
				splits[i] = (int64_t)test_below(&seed, 9);
			row = (struct race_row){ .label = k->label,
				.point = (int)n - 1,
				.splits = splits,
				.split_count = n };
			row.sort.group = (uint8_t)test_below(&seed, 2);
			row.sort.key[0] = (int64_t)test_below(&seed, 20);
			row.elapsed_us = row.sort.key[0];
			row.bound_us = (int64_t)test_below(&seed, 3);
			row.clock = test_below(&seed, 3);
			board_put(*state, &row, version);
			if (version >= k->version) {
				k->version = version;
				k->present = true;
				k->row = row;
				memcpy(k->splits, splits, n * sizeof *splits);
				k->row.splits = k->splits;
			}
		}
		if (step % 7 == 0)
			compare(*state, all);
	}
}

/* ---- provisional ---- */

/* "1 ?2 !3": labels, ? of what is marked, ! of what is provisional and not. */
static void
check_provisional(struct board *b, const char *expected)
{
	char text[100] = "";
	size_t len = 0;
	struct board_line line;

	for (size_t i = 0; board_line(b, i, &line) == 0; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%s%s",
		    i > 0 ? " " : "",
		    line.doubted           ? "?"
		        : line.provisional ? "!"
		                           : "",
		    line.row.label);
	assert_string_equal(text, expected);
}

static void
places_from_a_key_on_are_provisional(void **state)
{
	struct race_outlook o = { .open = true, .from = { 200 } };
	int64_t none = RACE_NO_SPLIT;
	struct race_row out = runner("9", &none, 1);

	put(*state, "7", 100, 1);
	put(*state, "8", 200, 1);
	put(*state, "10", 300, 1);
	out.status = RACE_DNF;
	out.sort = (struct race_key){ .group = RACE_GROUP_DNF, .key = { 900 } };
	board_put(*state, &out, 1);
	check_provisional(*state, "7 8 10 9");
	board_expect(*state, &o);
	check_provisional(*state, "7 ?8 ?10 9");
	o.from[1] = 1;
	board_expect(*state, &o);
	check_provisional(*state, "7 8 ?10 9");
	/* Where all are, none is marked. */
	o.from[0] = 0;
	board_expect(*state, &o);
	check_provisional(*state, "!7 !8 !10 9");
	o.open = false;
	board_expect(*state, &o);
	check_provisional(*state, "7 8 10 9");
}

/* Times with a penalty are no splits: who is behind is behind all of it. */
static void
a_penalty_is_part_of_the_gap(void **state)
{
	static const int64_t first[] = { 900, 1800 };
	static const int64_t second[] = { 950, 1990 };
	static const int64_t third[] = { 940, 1950 };
	struct race_row rows[] = { runner("1", first, 2),
		runner("2", second, 2), runner("3", third, 2) };
	struct board_line line;

	rows[0].elapsed_us = 1920; /* + 120 */
	rows[2].elapsed_us = 2070; /* + 120 */
	for (size_t i = 0; i < 3; i++) {
		rows[i].sort.key[0] = rows[i].elapsed_us;
		board_put(*state, &rows[i], 1);
	}
	assert_int_equal(board_line(*state, 1, &line), 0);
	assert_string_equal(line.row.label, "2");
	assert_int_equal(line.gap_us, 70);
	assert_int_equal(line.ahead_us, 70);
	assert_int_equal(board_line(*state, 2, &line), 0);
	assert_int_equal(line.gap_us, 150);
	assert_int_equal(line.ahead_us, 80);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_board_has_no_line),
		TEST(rows_stand_in_the_order_of_their_keys),
		TEST(equal_keys_share_a_place),
		TEST(a_row_that_changes_moves),
		TEST(an_older_row_does_not_overwrite_a_newer_one),
		TEST(a_row_that_is_gone_does_not_come_back_by_an_older_one),
		TEST(putting_twice_is_harmless),
		TEST(the_digest_is_the_sum_of_the_rows_hashes),
		TEST(rows_are_copied_with_their_splits),
		TEST(gaps_at_a_point_are_differences_of_time),
		TEST(
		    gaps_of_a_live_ranking_are_those_where_the_runner_was_seen),
		TEST(who_is_behind_by_distance_alone_has_no_gap),
		TEST(who_ran_past_the_point_is_compared_at_the_point),
		TEST(ties_by_the_shown_time_have_no_gap_below_zero),
		TEST(between_gun_in_front_and_net_there_is_no_gap),
		TEST(who_has_no_place_has_no_gap),
		TEST(teams_by_time_are_behind_by_their_scores),
		TEST(teams_by_kilometres_have_no_gap_in_time),
		TEST(two_clocks_within_their_bounds_are_too_close),
		TEST(one_microsecond_more_is_not_too_close),
		TEST(one_clock_puts_its_own_in_order),
		TEST(of_clocks_that_nobody_measured_nothing_is_said),
		TEST(equal_times_of_two_clocks_are_too_close),
		TEST(who_has_no_place_is_not_too_close),
		TEST(times_at_different_points_are_not_compared),
		TEST(a_runner_at_the_start_is_not_close_to_one_on_the_way),
		TEST(places_from_a_key_on_are_provisional),
		TEST(a_board_equals_its_model_after_random_changes),
		TEST(a_penalty_is_part_of_the_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
