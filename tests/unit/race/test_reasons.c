#include "support/test.h"

#include <string.h>

#include "race/rank/rank.h"
#include "support/plain.h"

/* ---- races worked by hand: which reads count, and why the others do not ----
 */

#define GUN_US (RACE_TIME_MIN + INT64_C(36000000000))
#define S      INT64_C(1000000)

enum { DESK = 1, MAT = 2 }; /* streams */

struct fixture {
	struct race_wave waves[2];
	struct race_point points[3];
	struct race_ranking ranking;
	struct race_rules rules;
	struct rank *rank;
	uint64_t seq; /* of the mat */
	char text[1000];
};

/* RACE RESULT kb 3978: last at the start, first at the finish after a minimum;
 * minimum and maximum by split, a gap by mat, a backup with a tolerance. */
static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->waves[0] = (struct race_wave){ .name = plain_text("masse"),
		.gun_us = GUN_US,
		.window_us = 300 * S };
	f->waves[1] = (struct race_wave){ .name = plain_text("elite"),
		.gun_us = GUN_US + 600 * S,
		.window_us = 300 * S };
	f->points[0] = plain_point("depart", 0);
	f->points[0].gap_us = 10 * S;
	f->points[0].backup = plain_text("depart-b");
	f->points[0].tolerance_us = 5 * S;
	f->points[1] = plain_point("mi-course", 4000);
	f->points[1].min_us = 300 * S;
	f->points[1].max_us = 3600 * S;
	f->points[2] = plain_point("arrivee", 8000);
	f->points[2].min_us = 900 * S;
	f->points[2].gap_us = 30 * S;
	f->points[2].backup = plain_text("arrivee-b");
	f->points[2].tolerance_us = 10 * S;
	f->ranking = plain_ranking("scratch", 2);
	f->rules = plain_rules();
	f->rules.waves = f->waves;
	f->rules.wave_count = 2;
	f->rules.points = f->points;
	f->rules.point_count = 3;
	f->rules.rankings = &f->ranking;
	f->rules.ranking_count = 1;
	f->rank = rank_new(&f->rules);
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

/* After a test has changed the rules. */
static void
begin_again(struct fixture *f)
{
	rank_free(f->rank);
	f->rank = rank_new(&f->rules);
}

static void
enter_with(struct fixture *f, const char *bib, const char *wave,
    const char *chip, int64_t start_us)
{
	struct race_entry e = plain_entry(bib);

	e.wave = wave;
	e.start_us = start_us;
	e.chips = &chip;
	e.chip_count = chip[0] != '\0';
	rank_entry(f->rank, &e);
}

static void
enter(struct fixture *f, const char *bib)
{
	enter_with(f, bib, "masse", "", 0);
}

/* A read of the mat, so long after the gun of masse; returns its seq. */
static uint64_t
cross_chip(struct fixture *f, const char *point, const char *bib,
    const char *chip, int64_t after_us)
{
	struct race_id id = { MAT, ++f->seq };
	struct race_crossing c = plain_crossing(point, bib, GUN_US + after_us);

	c.chip = chip;
	assert_int_equal(rank_apply(f->rank, id, &c), 0);
	return id.seq;
}

static uint64_t
cross(struct fixture *f, const char *point, const char *bib, int64_t after_us)
{
	return cross_chip(f, point, bib, "", after_us);
}

static void
correct(struct fixture *f, struct race_event e)
{
	assert_int_equal(rank_correct(f->rank,
	                     (struct race_id){ MAT, ++f->seq }, &e),
	    0);
}

static void
amend(struct fixture *f, uint64_t seq, bool voided, const char *bib,
    const char *point)
{
	struct rank_amendment a = { voided, bib, point };

	rank_amend(f->rank, (struct race_id){ MAT, seq }, &a);
}

static void
withdraw(struct fixture *f, uint64_t seq)
{
	rank_amend(f->rank, (struct race_id){ MAT, seq }, NULL);
}

static void
add(struct fixture *f, uint64_t seq, const char *bib, const char *point,
    int64_t after_us, bool set)
{
	struct rank_added a = { bib, point, GUN_US + after_us, set };

	rank_add(f->rank, (struct race_id){ DESK, seq }, &a);
}

static void
rule(struct fixture *f, const char *bib, enum race_status status,
    int64_t penalty_us, int64_t start_us)
{
	struct rank_ruling what = { status, penalty_us, start_us };

	rank_rule(f->rank, bib, &what);
}

/* -1: no time. */
static int64_t
elapsed(struct fixture *f, const char *bib)
{
	struct rank_standing rows[20];
	size_t n = rank_rows(f->rank, 0, 0, rows, 20);

	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].row.label, bib) == 0)
			return rows[i].row.elapsed_us;
	fail_msg("no row of %s", bib);
	return -1;
}

static const char *const words[] = { "counts", "set", "overruled", "voided",
	"dismissed", "early", "late", "not first", "repeat", "not last",
	"under way", "backup", "not ours", "nowhere" };

/* "1 early, 2 counts, d3 set": seq (d: of the desk), why, and in whose favour
 * if that is not the only one that counts. */
static const char *
told(struct fixture *f, const char *bib)
{
	struct rank_read *reads;
	size_t n = rank_reads(f->rank, bib, &reads);
	size_t len = 0;

	f->text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		const struct rank_read *r = &reads[i];

		len += (size_t)snprintf(f->text + len, sizeof f->text - len,
		    "%s%s%d %s", i > 0 ? ", " : "",
		    r->id.stream == DESK ? "d" : "", (int)r->id.seq,
		    words[r->why]);
		if (r->by.seq > 0)
			len += (size_t)snprintf(f->text + len,
			    sizeof f->text - len, " (%s%d)",
			    r->by.stream == DESK ? "d" : "", (int)r->by.seq);
	}
	free(reads);
	return f->text;
}

static struct rank_start
start_of(struct fixture *f, const char *bib)
{
	struct rank_start start;

	assert_true(rank_start(f->rank, bib, &start));
	return start;
}

/* ---- reads ---- */

static void
the_last_read_at_the_start_counts(void **state)
{
	struct fixture *f = *state;

	enter(f, "1");
	cross(f, "depart", "1", -60 * S);
	cross(f, "depart", "1", 4 * S);
	cross(f, "depart", "1", 14 * S);
	assert_string_equal(told(f, "1"),
	    "1 not last (3), 2 repeat (3), 3 counts");
}

static void
who_was_elsewhere_before_does_not_start(void **state)
{
	struct fixture *f = *state;

	enter(f, "1");
	cross(f, "depart", "1", 4 * S);
	cross(f, "mi-course", "1", 700 * S);
	cross(f, "depart", "1", 1600 * S);
	assert_string_equal(told(f, "1"),
	    "1 counts, 2 counts, 3 under way (1)");
	assert_int_equal(start_of(f, "1").crossed_us, GUN_US + 4 * S);
}

static void
early_late_and_second_reads_say_so(void **state)
{
	struct fixture *f = *state;

	enter(f, "1");
	cross(f, "arrivee", "1", 899 * S);
	cross(f, "arrivee", "1", 900 * S);
	cross(f, "arrivee", "1", 930 * S);
	cross(f, "arrivee", "1", 930 * S + 1);
	cross(f, "mi-course", "1", 3600 * S + 1);
	assert_string_equal(told(f, "1"),
	    "1 early (2), 2 counts, 3 repeat (2), 4 not first (2), 5 late");
	cross(f, "mi-course", "1", 3600 * S);
	assert_string_equal(told(f, "1"),
	    "1 early (2), 2 counts, 3 repeat (2), 4 not first (2), 6 counts, "
	    "5 late (6)");
}

static void
without_a_gun_nothing_is_early_or_late(void **state)
{
	struct fixture *f = *state;

	enter_with(f, "1", "nowhere", "", 0);
	cross(f, "arrivee", "1", 10 * S);
	assert_string_equal(told(f, "1"), "1 counts");
	assert_int_equal(start_of(f, "1").wave, -1);
	assert_int_equal(start_of(f, "1").gun_us, RACE_NO_TIME);
}

static void
the_second_reader_counts_where_the_first_has_nobody(void **state)
{
	struct fixture *f = *state;

	enter(f, "1");
	enter(f, "2");
	enter(f, "3");
	cross(f, "arrivee-b", "1", 1500 * S);
	cross(f, "arrivee-b", "2", 1510 * S);
	cross(f, "arrivee", "2", 1520 * S);
	cross(f, "arrivee-b", "3", 1520 * S);
	cross(f, "arrivee", "3", 1530 * S + 1);
	assert_string_equal(told(f, "1"), "1 counts");
	assert_string_equal(told(f, "2"), "2 backup (3), 3 counts");
	assert_string_equal(told(f, "3"), "4 counts, 5 repeat (4)");
	assert_int_equal(elapsed(f, "1"), 1500 * S);
	assert_int_equal(elapsed(f, "2"), 1520 * S);
	assert_int_equal(elapsed(f, "3"), 1520 * S);
}

static void
a_main_read_that_is_too_early_keeps_nobody_out(void **state)
{
	struct fixture *f = *state;

	enter(f, "1");
	cross(f, "arrivee", "1", 899 * S);
	cross(f, "arrivee-b", "1", 900 * S);
	assert_string_equal(told(f, "1"), "1 early (2), 2 counts");
}

static void
at_the_start_a_second_reader_is_one_too(void **state)
{
	struct fixture *f = *state;

	enter(f, "1");
	cross(f, "depart-b", "1", 6 * S);
	assert_int_equal(start_of(f, "1").crossed_us, GUN_US + 6 * S);
	cross(f, "depart", "1", 1 * S);
	assert_string_equal(told(f, "1"), "2 counts, 1 backup (2)");
	cross(f, "mi-course", "1", 700 * S);
	assert_string_equal(told(f, "1"), "2 counts, 1 backup (2), 3 counts");
}

/* The main reads of somebody else are of no matter. */
static void
a_start_is_decided_again_by_his_own_reads(void **state)
{
	struct fixture *f = *state;

	enter(f, "1");
	enter(f, "2");
	cross(f, "depart", "1", 1 * S);
	cross(f, "depart-b", "1", 4 * S);
	cross(f, "depart", "1", 400 * S);
	assert_int_equal(start_of(f, "1").crossed_us, GUN_US + 400 * S);
	cross(f, "depart-b", "2", 900 * S);
	assert_int_equal(start_of(f, "2").crossed_us, GUN_US + 900 * S);
	cross(f, "mi-course", "1", 350 * S);
	assert_int_equal(start_of(f, "1").crossed_us, GUN_US + 1 * S);
}

/* ---- whose ---- */

static void
reads_that_are_not_his_are_told(void **state)
{
	struct fixture *f = *state;
	uint64_t moved;

	enter_with(f, "2", "masse", "AB", 0);
	enter_with(f, "1", "masse", "AB", 0);
	cross_chip(f, "arrivee", "", "AB", 1500 * S);
	moved = cross(f, "arrivee", "2", 1600 * S);
	cross(f, "nowhere", "2", 1700 * S);
	assert_string_equal(told(f, "2"), "1 not ours, 2 counts, 3 nowhere");
	assert_string_equal(told(f, "1"), "1 counts");
	amend(f, moved, false, "1", NULL);
	assert_string_equal(told(f, "2"), "1 not ours, 2 not ours, 3 nowhere");
	assert_string_equal(told(f, "1"), "1 counts, 2 not first (1)");
}

static void
a_chip_that_got_another_bib_is_told_to_both(void **state)
{
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_FILL_IN };

	enter_with(f, "1", "masse", "AB", 0);
	enter(f, "2");
	e.fill_in.seq = cross_chip(f, "arrivee", "", "AB", 1500 * S);
	e.fill_in.bib = "2";
	correct(f, e);
	assert_string_equal(told(f, "1"), "1 not ours");
	assert_string_equal(told(f, "2"), "1 counts");
}

static void
reads_of_a_bib_that_nobody_has_are_nobodys(void **state)
{
	struct fixture *f = *state;
	struct rank_start start;

	cross(f, "arrivee", "7", 1500 * S);
	assert_string_equal(told(f, "7"), "1 not ours");
	assert_false(rank_start(f->rank, "7", &start));
	assert_string_equal(told(f, "8"), "");
	enter(f, "7");
	assert_string_equal(told(f, "7"), "1 counts");
	rank_entry_gone(f->rank, "7");
	assert_string_equal(told(f, "7"), "1 not ours");
}

/* ---- what operators decided ---- */

static void
what_was_taken_back_says_by_whom(void **state)
{
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_VOID };

	enter(f, "1");
	e.void_seq = cross(f, "arrivee", "1", 1500 * S);
	cross(f, "arrivee", "1", 1600 * S);
	correct(f, e);
	assert_string_equal(told(f, "1"), "1 voided, 2 counts");
	amend(f, 2, true, NULL, NULL);
	assert_string_equal(told(f, "1"), "1 voided, 2 dismissed");
	assert_int_equal(elapsed(f, "1"), -1);
	amend(f, 1, true, NULL, NULL);
	assert_string_equal(told(f, "1"), "1 voided, 2 dismissed");
	withdraw(f, 1);
	withdraw(f, 2);
	assert_string_equal(told(f, "1"), "1 voided, 2 counts");
	assert_int_equal(elapsed(f, "1"), 1600 * S);
}

static void
an_operator_has_the_last_word_about_a_crossing(void **state)
{
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_FILL_IN };

	enter(f, "1");
	enter(f, "2");
	amend(f, 1, false, "2", NULL); /* before it comes */
	e.fill_in.seq = cross(f, "arrivee", "3", 1500 * S);
	e.fill_in.bib = "1";
	correct(f, e);
	assert_int_equal(elapsed(f, "2"), 1500 * S);
	assert_int_equal(elapsed(f, "1"), -1);
	withdraw(f, 1);
	assert_int_equal(elapsed(f, "2"), -1);
	assert_int_equal(elapsed(f, "1"), 1500 * S);
	assert_int_equal(rank_unknown_reads(f->rank), 0);
}

static void
a_crossing_is_moved_to_another_point_and_back(void **state)
{
	struct fixture *f = *state;

	enter(f, "1");
	cross(f, "mi-course", "1", 1500 * S);
	cross(f, "nowhere", "1", 700 * S);
	assert_int_equal(elapsed(f, "1"), -1);
	amend(f, 1, false, NULL, "arrivee");
	amend(f, 2, false, NULL, "mi-course");
	assert_int_equal(elapsed(f, "1"), 1500 * S);
	assert_string_equal(told(f, "1"), "2 counts, 1 counts");
	assert_int_equal(rank_unknown_reads(f->rank), 0);
	withdraw(f, 1);
	amend(f, 2, false, NULL, "elsewhere");
	assert_int_equal(elapsed(f, "1"), -1);
	assert_string_equal(told(f, "1"), "2 nowhere, 1 counts");
	assert_int_equal(rank_unknown_reads(f->rank), 1);
}

static void
an_added_read_is_one_like_any_other(void **state)
{
	struct fixture *f = *state;
	struct rank_amendment dismissed = { .voided = true };

	enter(f, "1");
	add(f, 1, "1", "arrivee", 1500 * S, false);
	cross(f, "arrivee", "1", 1505 * S);
	assert_string_equal(told(f, "1"), "d1 counts, 1 repeat (d1)");
	assert_int_equal(rank_latest(f->rank), GUN_US + 1505 * S);
	add(f, 1, "1", "arrivee", 1510 * S, false);
	assert_string_equal(told(f, "1"), "1 counts, d1 repeat (1)");
	rank_amend(f->rank, (struct race_id){ DESK, 1 }, &dismissed);
	assert_string_equal(told(f, "1"), "1 counts, d1 dismissed");
	rank_amend(f->rank, (struct race_id){ DESK, 1 }, NULL);
	rank_add(f->rank, (struct race_id){ DESK, 1 }, NULL);
	assert_string_equal(told(f, "1"), "1 counts");
}

static void
a_time_that_was_set_counts_whatever_was_read(void **state)
{
	struct fixture *f = *state;

	enter(f, "1");
	cross(f, "depart", "1", 4 * S);
	cross(f, "arrivee", "1", 1500 * S);
	add(f, 1, "1", "arrivee", 600 * S, true); /* before min */
	add(f, 2, "1", "depart", 2000 * S, true);
	cross(f, "arrivee", "1", 550 * S);
	cross(f, "arrivee", "1", 1400 * S);
	cross(f, "depart", "1", 5 * S);
	assert_string_equal(told(f, "1"),
	    "1 overruled (d2), 5 overruled (d2), 3 overruled (d1), d1 set, "
	    "4 overruled (d1), 2 overruled (d1), d2 set");
	assert_int_equal(elapsed(f, "1"), 600 * S);
	rank_add(f->rank, (struct race_id){ DESK, 1 }, NULL);
	rank_add(f->rank, (struct race_id){ DESK, 2 }, NULL);
	assert_int_equal(elapsed(f, "1"), 1400 * S);
	assert_int_equal(start_of(f, "1").crossed_us, GUN_US + 5 * S);
}

static void
a_penalty_is_for_the_whole_race(void **state)
{
	struct fixture *f = *state;
	struct rank_standing row;

	enter(f, "1");
	cross(f, "arrivee", "1", 1500 * S);
	rule(f, "1", RACE_STATUS_NONE, 60 * S, 0);
	assert_int_equal(rank_rows(f->rank, 0, 0, &row, 1), 1);
	assert_int_equal(row.row.elapsed_us, 1560 * S);
	assert_int_equal(row.row.sort.key[0], 1560 * S);
	assert_int_equal(row.row.splits[2], 1500 * S);
	assert_int_equal(start_of(f, "1").penalty_us, 60 * S);
	rule(f, "1", RACE_STATUS_NONE, -2000 * S, 0);
	assert_int_equal(elapsed(f, "1"), 0);
	rule(f, "1", RACE_STATUS_NONE, INT64_MAX, 0);
	assert_int_equal(elapsed(f, "1"), RACE_TIME_MAX);
	rule(f, "1", RACE_STATUS_NONE, 0, 0);
	assert_int_equal(elapsed(f, "1"), 1500 * S);
}

static void
a_ruling_waits_for_its_bib_and_outlives_the_entry(void **state)
{
	struct fixture *f = *state;

	rule(f, "1", RACE_DSQ, 0, 0);
	assert_int_equal(rank_count(f->rank, 0), 0);
	enter(f, "1");
	cross(f, "arrivee", "1", 1500 * S);
	assert_int_equal(start_of(f, "1").status, RACE_DSQ);
	assert_int_equal(rank_place(f->rank, 0, "1"), 0);
	rank_entry_gone(f->rank, "1");
	enter(f, "1");
	assert_int_equal(start_of(f, "1").status, RACE_DSQ);
	rule(f, "1", RACE_STATUS_NONE, 0, 0);
	assert_int_equal(start_of(f, "1").status, RACE_FINISHED);
	assert_int_equal(rank_place(f->rank, 0, "1"), 1);
}

/* ---- starts ---- */

static void
a_start_of_his_own_goes_before_the_gun(void **state)
{
	struct fixture *f = *state;

	enter_with(f, "1", "masse", "", GUN_US + 1000 * S);
	cross(f, "arrivee", "1", 1500 * S); /* 500 s: too early */
	cross(f, "arrivee", "1", 2000 * S);
	assert_int_equal(elapsed(f, "1"), 1000 * S);
	assert_true(start_of(f, "1").own);
	rule(f, "1", RACE_STATUS_NONE, 0, GUN_US + 300 * S);
	assert_int_equal(elapsed(f, "1"), 1200 * S);
	assert_int_equal(start_of(f, "1").gun_us, GUN_US + 300 * S);
	rule(f, "1", RACE_STATUS_NONE, 0, 0);
	assert_int_equal(elapsed(f, "1"), 1000 * S);
	enter(f, "1");
	assert_int_equal(elapsed(f, "1"), 1500 * S);
	assert_false(start_of(f, "1").own);
}

static void
the_wave_is_that_in_whose_window_he_started(void **state)
{
	struct fixture *f = *state;

	enter_with(f, "1", "", "", 0);
	assert_int_equal(start_of(f, "1").wave, 0);
	assert_false(start_of(f, "1").inferred);
	cross(f, "arrivee", "1", 1700 * S);
	cross(f, "depart", "1", 600 * S); /* on the gun of elite */
	assert_int_equal(start_of(f, "1").wave, 1);
	assert_true(start_of(f, "1").inferred);
	assert_int_equal(elapsed(f, "1"), 1100 * S);
	/* On the mat again when the window is over: still elite. */
	cross(f, "depart", "1", 900 * S);
	assert_int_equal(start_of(f, "1").wave, 1);
	rank_gun(f->rank, "elite", GUN_US + 601 * S);
	assert_int_equal(start_of(f, "1").wave, 1);
	rank_gun(f->rank, "elite", GUN_US + 901 * S);
	assert_int_equal(start_of(f, "1").wave, 0);
	assert_false(start_of(f, "1").inferred);
}

static void
of_two_windows_the_later_gun_has_him(void **state)
{
	struct fixture *f = *state;

	f->waves[0].window_us = 3600 * S;
	begin_again(f);
	enter_with(f, "1", "", "", 0);
	cross(f, "depart", "1", 500 * S);
	assert_int_equal(start_of(f, "1").wave, 0);
	assert_true(start_of(f, "1").inferred);
	cross(f, "depart", "1", 700 * S);
	assert_int_equal(start_of(f, "1").wave, 1);
	/* Seen on the course before: that was no start. */
	cross(f, "mi-course", "1", 650 * S);
	assert_int_equal(start_of(f, "1").wave, 0);
}

/* To the start line people go across the finish, or back from the start of
 * others. */
static void
on_the_way_to_the_start_nobody_is_under_way(void **state)
{
	struct fixture *f = *state;

	enter_with(f, "1", "", "", 0);
	cross(f, "arrivee", "1", -100 * S);
	cross(f, "depart", "1", 20 * S);
	cross(f, "arrivee", "1", 580 * S); /* before 900 */
	cross(f, "depart", "1", 610 * S);
	assert_int_equal(start_of(f, "1").wave, 1);
	/* A time that was set is one, early or late. */
	add(f, 1, "1", "arrivee", 590 * S, true);
	assert_int_equal(start_of(f, "1").wave, 0);
	rank_add(f->rank, (struct race_id){ DESK, 1 }, NULL);
	/* By a start of his own it was no less than 900. */
	rule(f, "1", RACE_STATUS_NONE, 0, GUN_US - 320 * S);
	assert_int_equal(start_of(f, "1").wave, 0);
	rule(f, "1", RACE_STATUS_NONE, 0, 0);
	assert_int_equal(start_of(f, "1").wave, 1);
	cross(f, "mi-course", "1", 300 * S);
	assert_int_equal(start_of(f, "1").wave, 0);
}

/* The first wave in the file may start later. */
static void
what_counts_in_the_wave_of_his_start_was_no_way_to_it(void **state)
{
	struct fixture *f = *state;

	f->waves[0].gun_us = GUN_US + 5000 * S;
	f->points[1].min_us = 60 * S;
	begin_again(f);
	enter_with(f, "1", "", "", 0);
	cross(f, "mi-course", "1", 659 * S);
	cross(f, "depart", "1", 670 * S);
	assert_int_equal(start_of(f, "1").wave, 1);
	cross(f, "mi-course", "1", 660 * S);
	assert_int_equal(start_of(f, "1").wave, 0);
}

static void
a_ranking_of_a_wave_has_who_started_in_it(void **state)
{
	struct fixture *f = *state;

	f->ranking.wave = plain_text("elite");
	begin_again(f);
	enter_with(f, "1", "", "", 0);
	assert_int_equal(rank_count(f->rank, 0), 0);
	cross(f, "depart", "1", 700 * S);
	assert_int_equal(rank_count(f->rank, 0), 1);
	amend(f, 1, true, NULL, NULL);
	assert_int_equal(rank_count(f->rank, 0), 0);
	/* What an operator says is where he started. */
	add(f, 1, "1", "depart", 601 * S, true);
	assert_int_equal(rank_count(f->rank, 0), 1);
	rank_entry_gone(f->rank, "1");
	assert_int_equal(rank_count(f->rank, 0), 0);
}

/* ---- lists ---- */

/* By a laptop: a time, or (listed) a bib. */
static void
type(struct fixture *f, const char *bib, bool listed, int64_t after_us)
{
	struct race_crossing c =
	    plain_crossing("arrivee", bib, GUN_US + after_us);

	c.clock = RACE_CLOCK_LAPTOP;
	c.flags = listed ? RACE_FLAG_LISTED : 0;
	assert_int_equal(rank_apply(f->rank, (struct race_id){ MAT, ++f->seq },
	                     &c),
	    0);
}

static void
a_line_of_a_list_gets_another_bib(void **state)
{
	struct fixture *f = *state;

	enter(f, "1");
	enter(f, "2");
	type(f, "", false, 1500 * S);
	type(f, "1", true, 1501 * S);
	assert_int_equal(elapsed(f, "1"), 1500 * S);
	amend(f, 2, false, "2", NULL);
	assert_int_equal(elapsed(f, "1"), -1);
	assert_int_equal(elapsed(f, "2"), 1500 * S);
	withdraw(f, 2);
	assert_int_equal(elapsed(f, "1"), 1500 * S);
}

static void
a_time_that_was_moved_is_out_of_the_join(void **state)
{
	struct fixture *f = *state;

	enter(f, "1");
	enter(f, "2");
	type(f, "", false, 1500 * S);
	type(f, "1", true, 1501 * S);
	amend(f, 1, false, "2", NULL);
	assert_int_equal(elapsed(f, "1"), -1);
	assert_int_equal(elapsed(f, "2"), 1500 * S);
	assert_string_equal(told(f, "2"), "1 counts");
	withdraw(f, 1);
	assert_int_equal(elapsed(f, "1"), 1500 * S);
	assert_int_equal(elapsed(f, "2"), -1);
}

static void
a_line_taken_out_of_a_list_comes_back_once(void **state)
{
	struct fixture *f = *state;

	enter(f, "1");
	enter(f, "2");
	type(f, "", false, 1500 * S);
	type(f, "", false, 1500 * S + 1);
	type(f, "1", true, 1501 * S);
	type(f, "2", true, 1502 * S);
	assert_int_equal(rank_unknown_reads(f->rank), 0);
	amend(f, 3, true, NULL, NULL);
	withdraw(f, 3); /* before anybody looked */
	amend(f, 1, false, NULL, "mi-course");
	amend(f, 1, false, NULL, "arrivee");
	assert_int_equal(elapsed(f, "1"), 1500 * S);
	assert_int_equal(elapsed(f, "2"), 1500 * S + 1);
	amend(f, 3, true, NULL, NULL);
	assert_int_equal(elapsed(f, "1"), -1);
	withdraw(f, 3);
	withdraw(f, 1);
	assert_int_equal(elapsed(f, "1"), 1500 * S);
	assert_int_equal(rank_unknown_reads(f->rank), 0);
}

/* Who asks about everybody is not told of reads that are another one's. */
static void
his_own_reads_are_those_of_all_that_are_his(void **state)
{
	struct fixture *f = *state;
	struct rank_read *reads;
	uint64_t moved;

	enter(f, "1");
	enter(f, "2");
	cross(f, "arrivee", "1", 1000 * S);
	cross(f, "arrivee", "1", 100 * S);
	moved = cross(f, "mi-course", "1", 500 * S);
	amend(f, moved, false, "2", NULL);
	assert_int_equal(rank_reads(f->rank, "1", &reads), 3);
	free(reads);
	assert_int_equal(rank_own_reads(f->rank, "1", &reads), 2);
	assert_int_equal(reads[0].why, RANK_TOO_EARLY);
	assert_int_equal(reads[1].why, RANK_COUNTS);
	free(reads);
	assert_int_equal(rank_own_reads(f->rank, "3", &reads), 0);
	assert_null(reads);
}

#define reads_test(name)                                                       \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		reads_test(the_last_read_at_the_start_counts),
		reads_test(who_was_elsewhere_before_does_not_start),
		reads_test(early_late_and_second_reads_say_so),
		reads_test(without_a_gun_nothing_is_early_or_late),
		reads_test(the_second_reader_counts_where_the_first_has_nobody),
		reads_test(a_main_read_that_is_too_early_keeps_nobody_out),
		reads_test(at_the_start_a_second_reader_is_one_too),
		reads_test(a_start_is_decided_again_by_his_own_reads),
		reads_test(reads_that_are_not_his_are_told),
		reads_test(a_chip_that_got_another_bib_is_told_to_both),
		reads_test(reads_of_a_bib_that_nobody_has_are_nobodys),
		reads_test(what_was_taken_back_says_by_whom),
		reads_test(an_operator_has_the_last_word_about_a_crossing),
		reads_test(a_crossing_is_moved_to_another_point_and_back),
		reads_test(an_added_read_is_one_like_any_other),
		reads_test(a_time_that_was_set_counts_whatever_was_read),
		reads_test(a_penalty_is_for_the_whole_race),
		reads_test(a_ruling_waits_for_its_bib_and_outlives_the_entry),
		reads_test(a_start_of_his_own_goes_before_the_gun),
		reads_test(the_wave_is_that_in_whose_window_he_started),
		reads_test(of_two_windows_the_later_gun_has_him),
		reads_test(on_the_way_to_the_start_nobody_is_under_way),
		reads_test(
		    what_counts_in_the_wave_of_his_start_was_no_way_to_it),
		reads_test(a_ranking_of_a_wave_has_who_started_in_it),
		reads_test(a_line_of_a_list_gets_another_bib),
		reads_test(a_time_that_was_moved_is_out_of_the_join),
		reads_test(a_line_taken_out_of_a_list_comes_back_once),
		reads_test(his_own_reads_are_those_of_all_that_are_his),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
