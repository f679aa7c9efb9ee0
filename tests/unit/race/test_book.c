#include "support/test.h"

#include <errno.h>

#include "race/book.h"
#include "race/rulings.h"
#include "support/plain.h"

#define GUN_US (RACE_TIME_MIN + INT64_C(36000000000))
#define S      INT64_C(1000000)

static char masse[] = "masse";
static char arrivee[] = "arrivee";
static char scratch[] = "scratch";
static char none[] = "";

static struct race_wave wave = { .name = masse, .gun_us = GUN_US };
static struct race_point point = { .name = arrivee, .metres = 8000 };
static struct race_ranking ranking = {
	.name = scratch,
	.of = RACE_RUNNERS,
	.sex = none,
	.category = none,
	.team = none,
	.wave = none,
	.at = 0,
};
static const struct race_rules rules = {
	.title = none,
	.date = none,
	.timezone = none,
	.waves = &wave,
	.wave_count = 1,
	.points = &point,
	.point_count = 1,
	.rankings = &ranking,
	.ranking_count = 1,
};

static int
set_up(void **state)
{
	*state = book_new(&rules, 0);
	return 0;
}

static int
tear_down(void **state)
{
	book_free(*state);
	return 0;
}

static int
enter(struct book *b, uint64_t seq, int64_t made_us, const char *bib,
    enum race_status status)
{
	struct race_event e = { .kind = RACE_ENTRY, .made_us = made_us };

	e.entry = plain_entry(bib);
	e.entry.status = status;
	return book_apply(b, (struct race_id){ 1, seq }, &e);
}

static int
cross(struct book *b, uint64_t seq, const char *bib, int64_t after_us)
{
	struct race_event e = { .kind = RACE_CROSSING };

	e.crossing = plain_crossing("arrivee", bib, GUN_US + after_us);
	return book_apply(b, (struct race_id){ 2, seq }, &e);
}

/* That says nothing: a verb of a later version, a gun of no wave ... */
static int
apply_kind(struct book *b, uint64_t seq, enum race_event_kind kind)
{
	const struct race_decision nothing =
	    plain_decision(RACE_VERB_UNSPECIFIED, "");
	struct race_event e = { .kind = kind };

	if (kind == RACE_DECISION)
		e.decision = &nothing;
	else if (kind == RACE_AWARD)
		e.prize =
		    (struct race_prize){ "women", 1, "7", "", false, "", "" };
	else if (kind == RACE_GUN)
		e.gun = (struct race_gun){ "nobody", GUN_US };
	return book_apply(b, (struct race_id){ 3, seq }, &e);
}

static void
events_reach_the_roster_and_the_rankings(void **state)
{
	struct book *b = *state;
	struct race_event gun = { .kind = RACE_GUN };
	struct rank_standing row;

	assert_int_equal(book_as_of(b), RACE_NO_TIME);
	assert_int_equal(enter(b, 1, 1, "7", RACE_STATUS_NONE), 0);
	assert_int_equal(cross(b, 1, "7", 1500 * S), 0);
	assert_int_equal(cross(b, 2, "8", 1400 * S), 0);
	gun.gun.wave = "masse";
	gun.gun.gun_us = GUN_US + 10 * S;
	assert_int_equal(book_apply(b, (struct race_id){ 1, 2 }, &gun), 0);
	assert_non_null(roster_find(b->roster, "7"));
	assert_int_equal(rank_rows(b->rank, 0, 0, &row, 1), 1);
	assert_string_equal(row.row.label, "7");
	assert_int_equal(row.place, 1);
	assert_int_equal(row.row.elapsed_us, 1490 * S);
	assert_int_equal(b->crossings, 2);
	assert_int_equal(book_as_of(b), GUN_US + 1500 * S);
}

static void
an_older_entry_changes_neither_roster_nor_ranking(void **state)
{
	struct book *b = *state;

	assert_int_equal(enter(b, 2, 5, "7", RACE_STATUS_NONE), 0);
	assert_int_equal(cross(b, 1, "7", 1500 * S), 0);
	assert_int_equal(enter(b, 1, 4, "7", RACE_DSQ), 0);
	assert_int_equal(rank_place(b->rank, 0, "7"), 1);
	assert_int_equal(enter(b, 3, 6, "7", RACE_DSQ), 0);
	assert_int_equal(rank_place(b->rank, 0, "7"), 0);
}

static void
who_is_gone_has_no_row(void **state)
{
	struct book *b = *state;
	struct race_event gone = { .kind = RACE_ENTRY_GONE, .made_us = 2 };

	enter(b, 1, 1, "7", RACE_STATUS_NONE);
	gone.entry_gone = "7";
	assert_int_equal(book_apply(b, (struct race_id){ 1, 2 }, &gone), 0);
	assert_int_equal(rank_count(b->rank, 0), 0);
	assert_int_equal(roster_count(b->roster), 0);
	assert_int_equal(book_apply(b, (struct race_id){ 1, 2 }, &gone),
	    -EEXIST);
}

static void
a_repeat_of_any_kind_is_noticed(void **state)
{
	static const enum race_event_kind kinds[] = { RACE_EVENT_UNKNOWN,
		RACE_VOID, RACE_CLOCK, RACE_RULES, RACE_GUN, RACE_DECISION,
		RACE_AWARD, RACE_RESULT, RACE_RESULT_GONE, RACE_SEASON_FILE,
		RACE_SEASON_FILE_GONE, RACE_SEASON_GIVEN, RACE_SEASON_MOMENT };
	struct book *b = *state;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		assert_int_equal(apply_kind(b, i + 1, kinds[i]), 0);
		assert_int_equal(apply_kind(b, i + 1, kinds[i]), -EEXIST);
	}
	/* Kept for a later version, each counted once. */
	assert_int_equal(b->undecoded, 2);
	assert_int_equal(rulings_count(b->rulings), 3);
	assert_int_equal(cross(b, 1, "7", 1 * S), 0);
	assert_int_equal(cross(b, 1, "7", 9 * S), -EEXIST);
	assert_int_equal(b->crossings, 1);
	assert_int_equal(book_as_of(b), GUN_US + 1 * S);
	assert_int_equal(enter(b, 1, 1, "7", RACE_STATUS_NONE), 0);
	assert_int_equal(enter(b, 1, 1, "7", RACE_STATUS_NONE), -EEXIST);
}

static void
decide(struct book *b, uint64_t seq, const struct race_decision *d)
{
	struct race_event e = { .kind = RACE_DECISION,
		.made_us = (int64_t)seq };

	e.decision = d;
	assert_int_equal(book_apply(b, (struct race_id){ 5, seq }, &e), 0);
}

static void
undo(struct book *b, uint64_t seq, uint64_t target)
{
	struct race_decision d = plain_decision(RACE_UNDO, "");
	d.target = (struct race_id){ 5, target };
	decide(b, seq, &d);
}

static int64_t
elapsed_of_first(struct book *b)
{
	struct rank_standing row;

	assert_int_equal(rank_rows(b->rank, 0, 0, &row, 1), 1);
	return row.row.elapsed_us;
}

static void
decisions_reach_the_rankings_until_they_are_undone(void **state)
{
	struct book *b = *state;
	struct race_decision d = plain_decision(RACE_MOVE_READ, "");

	enter(b, 1, 1, "7", RACE_STATUS_NONE);
	cross(b, 1, "8", 1500 * S);
	d.target = (struct race_id){ 2, 1 };
	d.bib = "7";
	decide(b, 1, &d);
	assert_int_equal(rank_place(b->rank, 0, "7"), 1);
	d = plain_decision(RACE_PENALTY, "");
	d.bib = "7";
	d.amount_us = 60 * S;
	decide(b, 2, &d);
	assert_int_equal(elapsed_of_first(b), 1560 * S);
	d = plain_decision(RACE_SET_GUN, "");
	d.wave = "masse";
	d.time_us = GUN_US + 10 * S;
	decide(b, 3, &d);
	assert_int_equal(elapsed_of_first(b), 1550 * S);
	d = plain_decision(RACE_SET_TIME, "");
	d.bib = "7";
	d.point = "arrivee";
	d.time_us = GUN_US + 1400 * S;
	decide(b, 4, &d);
	assert_int_equal(elapsed_of_first(b), 1450 * S);
	undo(b, 5, 4);
	undo(b, 6, 3);
	undo(b, 7, 2);
	assert_int_equal(elapsed_of_first(b), 1500 * S);
	undo(b, 8, 1);
	assert_int_equal(rank_place(b->rank, 0, "7"), 0);
	assert_int_equal(b->undecoded, 0);
}

/* Though no event said so again. */
static void
an_entry_is_what_the_others_say_when_a_decision_about_it_is_undone(void **state)
{
	struct book *b = *state;
	struct race_entry entry = { "9", "", "", "", "", "", "", "",
		RACE_STATUS_NONE, 0, NULL, 0, NULL, 0 };
	struct race_decision d = plain_decision(RACE_SET_ENTRY, "");

	enter(b, 1, 100, "7", RACE_STATUS_NONE);
	cross(b, 1, "7", 1500 * S);
	cross(b, 2, "9", 1600 * S);
	d.bib = "7";
	d.entry = &entry;
	decide(b, 200, &d);
	assert_null(roster_find(b->roster, "7"));
	assert_int_equal(rank_count(b->rank, 0), 1);
	assert_int_equal(rank_place(b->rank, 0, "9"), 1);
	undo(b, 201, 200);
	assert_non_null(roster_find(b->roster, "7"));
	assert_null(roster_find(b->roster, "9"));
	assert_int_equal(rank_count(b->rank, 0), 1);
	assert_int_equal(rank_place(b->rank, 0, "7"), 1);
	d = plain_decision(RACE_REMOVE_ENTRY, "");
	d.bib = "7";
	decide(b, 202, &d);
	assert_int_equal(rank_count(b->rank, 0), 0);
	undo(b, 203, 202);
	assert_int_equal(rank_place(b->rank, 0, "7"), 1);
}

/* An undo names decisions: what else has that name is not touched. */
static void
crossings_and_entries_are_not_undone(void **state)
{
	struct book *b = *state;
	struct race_decision d = plain_decision(RACE_UNDO, "");

	enter(b, 1, 1, "7", RACE_STATUS_NONE);
	cross(b, 1, "7", 1500 * S);
	d.target = (struct race_id){ 1, 1 };
	decide(b, 10, &d);
	d.target = (struct race_id){ 2, 1 };
	decide(b, 11, &d);
	assert_int_equal(rank_place(b->rank, 0, "7"), 1);
}

static void
the_latest_crossing_is_that_by_the_clocks_as_known_now(void **state)
{
	struct book *b = *state;
	struct race_event e = { .kind = RACE_CROSSING };

	assert_int_equal(cross(b, 1, "7", 1500 * S), 0);
	e.crossing = plain_crossing("arrivee", "8", GUN_US + 9000 * S);
	e.crossing.clock = RACE_CLOCK_LAPTOP;
	e.crossing.clock_epoch = 1;
	e.crossing.boot_us = 9000 * S;
	assert_int_equal(book_apply(b, (struct race_id){ 4, 1 }, &e), 0);
	assert_int_equal(book_as_of(b), GUN_US + 9000 * S);
	e = (struct race_event){ .kind = RACE_CLOCK };
	e.clock.clock_epoch = 1;
	e.clock.bound_us = 1000;
	e.clock.offset_us = GUN_US - 7000 * S;
	assert_int_equal(book_apply(b, (struct race_id){ 4, 2 }, &e), 0);
	assert_int_equal(book_as_of(b), GUN_US + 2000 * S);
	e.clock.bound_us = 500;
	e.clock.offset_us = GUN_US - 8000 * S;
	assert_int_equal(book_apply(b, (struct race_id){ 4, 3 }, &e), 0);
	assert_int_equal(book_as_of(b), GUN_US + 1500 * S);
}

/* ---- what was published ---- */

static void
publish(struct book *b, uint64_t seq, const char *as)
{
	struct race_decision d = plain_decision(RACE_PUBLISH, "");
	d.ranking = "scratch";
	d.text = as;
	decide(b, seq, &d);
}

static void
void_read(struct book *b, uint64_t seq, uint64_t crossing)
{
	struct race_decision d = plain_decision(RACE_VOID_READ, "");
	d.target = (struct race_id){ 2, crossing };
	decide(b, seq, &d);
}

static void
two_finish(struct book *b)
{
	enter(b, 1, 1, "7", RACE_STATUS_NONE);
	enter(b, 2, 1, "8", RACE_STATUS_NONE);
	enter(b, 3, 1, "9", RACE_STATUS_NONE);
	cross(b, 1, "7", 1500 * S);
	cross(b, 2, "8", 1600 * S);
}

static void
a_final_ranking_has_changed_when_a_read_is_voided(void **state)
{
	struct book *b = *state;

	two_finish(b);
	assert_false(book_changed_since(b, 0));
	publish(b, 10, "final");
	assert_false(book_changed_since(b, 0));
	void_read(b, 11, 2);
	assert_true(book_changed_since(b, 0));
	undo(b, 12, 11);
	assert_false(book_changed_since(b, 0));
	cross(b, 3, "9", 1400 * S);
	assert_true(book_changed_since(b, 0));
}

/* A read that does not count, a starter without a place, and what they are. */
static void
what_changes_no_place_does_not_change_a_final_ranking(void **state)
{
	struct book *b = *state;

	two_finish(b);
	publish(b, 10, "final");
	cross(b, 3, "7", 1700 * S);
	enter(b, 4, 1, "10", RACE_STATUS_NONE);
	enter(b, 5, 2, "9", RACE_DNS);
	assert_int_equal(rank_count(b->rank, 0), 4);
	assert_false(book_changed_since(b, 0));
}

static void
amended_it_has_not_changed_until_it_does_again(void **state)
{
	struct book *b = *state;

	two_finish(b);
	publish(b, 10, "final");
	void_read(b, 11, 2);
	publish(b, 12, "amended");
	assert_false(book_changed_since(b, 0));
	cross(b, 3, "9", 1400 * S);
	assert_true(book_changed_since(b, 0));
	/* Nobody promised anything. */
	publish(b, 13, "provisional");
	void_read(b, 18, 1);
	assert_false(book_changed_since(b, 0));
	undo(b, 19, 18);
	/* It is amended again, as it was then, and then final, as that was. */
	undo(b, 14, 13);
	assert_true(book_changed_since(b, 0));
	void_read(b, 15, 3);
	assert_false(book_changed_since(b, 0));
	undo(b, 16, 12);
	assert_true(book_changed_since(b, 0));
	undo(b, 17, 11);
	assert_false(book_changed_since(b, 0));
}

static void
of_two_amendments_the_one_that_holds_is_compared(void **state)
{
	struct book *b = *state;

	two_finish(b);
	void_read(b, 10, 2);
	publish(b, 11, "amended");
	void_read(b, 12, 1);
	publish(b, 13, "amended");
	assert_false(book_changed_since(b, 0));
	undo(b, 14, 13);
	assert_true(book_changed_since(b, 0));
	undo(b, 15, 12);
	assert_false(book_changed_since(b, 0));
}

/* Two operators at one moment: the greater name holds. */
static void
what_another_said_at_the_same_moment_is_not_compared(void **state)
{
	struct book *b = *state;
	struct race_decision d = plain_decision(RACE_PUBLISH, "");
	struct race_event e = { .kind = RACE_DECISION,
		.made_us = 10,
		.decision = &d };

	two_finish(b);
	publish(b, 10, "final");
	d.ranking = "scratch";
	d.text = "provisional";
	assert_int_equal(book_apply(b, (struct race_id){ 99, 1 }, &e), 0);
	cross(b, 3, "9", 1400 * S);
	assert_false(book_changed_since(b, 0));
}

/* Asked at the end alone, as after a restart, it says what it says when asked
 * after each event. */
static void
a_log_that_is_read_again_says_the_same_of_publications(void **state)
{
	struct book *b = *state;

	for (int often = 0; often < 2; often++) {
		struct book *again = book_new(&rules, 0);

		two_finish(again);
		publish(again, 10, "final");
		if (often)
			assert_false(book_changed_since(again, 0));
		void_read(again, 11, 2);
		if (often)
			assert_true(book_changed_since(again, 0));
		cross(again, 3, "9", 1600 * S);
		assert_true(book_changed_since(again, 0));
		book_free(again);
	}
	/* The decision last: it was said of what is there now. */
	two_finish(b);
	void_read(b, 11, 2);
	cross(b, 3, "9", 1600 * S);
	publish(b, 10, "final");
	assert_false(book_changed_since(b, 0));
}

static void
a_publication_of_no_ranking_is_kept_and_says_nothing(void **state)
{
	struct book *b = *state;
	struct race_decision d = plain_decision(RACE_PUBLISH, "");

	two_finish(b);
	d.ranking = "nowhere";
	d.text = "final";
	decide(b, 10, &d);
	cross(b, 3, "9", 1400 * S);
	assert_false(book_changed_since(b, 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(events_reach_the_roster_and_the_rankings),
		TEST(an_older_entry_changes_neither_roster_nor_ranking),
		TEST(who_is_gone_has_no_row),
		TEST(a_repeat_of_any_kind_is_noticed),
		TEST(decisions_reach_the_rankings_until_they_are_undone),
		TEST(
		    an_entry_is_what_the_others_say_when_a_decision_about_it_is_undone),
		TEST(crossings_and_entries_are_not_undone),
		TEST(the_latest_crossing_is_that_by_the_clocks_as_known_now),
		TEST(a_final_ranking_has_changed_when_a_read_is_voided),
		TEST(what_changes_no_place_does_not_change_a_final_ranking),
		TEST(amended_it_has_not_changed_until_it_does_again),
		TEST(of_two_amendments_the_one_that_holds_is_compared),
		TEST(what_another_said_at_the_same_moment_is_not_compared),
		TEST(a_log_that_is_read_again_says_the_same_of_publications),
		TEST(a_publication_of_no_ranking_is_kept_and_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
