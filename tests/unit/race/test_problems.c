#include "support/test.h"

#include <string.h>

#include "race/problems.h"
#include "support/handmade.h"
#include "support/plain.h"

#define S HANDMADE_S

struct fixture {
	struct handmade *h;
	struct problems all;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->h = handmade_new();
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	problems_clear(&f->all);
	handmade_free(f->h);
	free(f);
	return 0;
}

static void
find(struct fixture *f)
{
	problems_clear(&f->all);
	problems_find(&f->all, f->h->book, f->h->crossings);
}

static const struct problem *
first_of(struct fixture *f, enum problem_kind kind)
{
	for (size_t i = 0; i < f->all.count; i++)
		if (f->all.items[i].kind == kind)
			return &f->all.items[i];
	return NULL;
}

/* Finds, and expects that one problem and no other. */
static const struct problem *
only(struct fixture *f, enum problem_kind kind)
{
	find(f);
	if (f->all.count != 1 || f->all.items[0].kind != kind) {
		for (size_t i = 0; i < f->all.count; i++)
			print_message("there is: %s\n",
			    problem_kind_name(f->all.items[i].kind));
		fail_msg("%s was expected, and nothing else",
		    problem_kind_name(kind));
	}
	return &f->all.items[0];
}

static void
nothing(struct fixture *f)
{
	find(f);
	for (size_t i = 0; i < f->all.count; i++)
		print_message("there is: %s\n",
		    problem_kind_name(f->all.items[i].kind));
	assert_int_equal(f->all.count, 0);
}

static void
same_id(struct race_id a, struct race_id b)
{
	assert_int_equal(a.stream, b.stream);
	assert_int_equal(a.seq, b.seq);
}

/* A field that is all right: so many runners from `from` on. */
static void
run_field(struct fixture *f, int from, int count)
{
	for (int i = from; i < from + count; i++) {
		char bib[16];

		snprintf(bib, sizeof bib, "%d", i);
		handmade_enter(f->h, bib, "", "", "");
		handmade_run(f->h, bib, S, (1800 + 10 * i) * S);
	}
}

/* ---- reads of nobody ---- */

static void
a_race_without_a_fault_has_no_problems(void **state)
{
	struct fixture *f = *state;

	nothing(f);
	run_field(f, 100, 6);
	nothing(f);
}

static void
a_bib_that_nobody_has_comes_with_those_near_and_its_first_reads(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;
	struct race_id first;

	handmade_enter(f->h, "102", "", "", "");
	handmade_cross(f->h, 0, "102", "", S);
	handmade_cross(f->h, 1, "102", "", 900 * S);
	first = handmade_cross(f->h, 2, "120", "", 1900 * S);
	handmade_cross(f->h, 2, "120", "", 1910 * S);
	p = only(f, PROBLEM_UNKNOWN_BIB);
	assert_string_equal(p->text, "120");
	assert_int_equal(p->count, 2);
	assert_int_equal(p->point, 2);
	assert_int_equal(p->time_us, HANDMADE_GUN_US + 1900 * S);
	same_id(p->reads[0].id, first);
	assert_int_equal(p->near_count, 1);
	assert_string_equal(p->near[0].bib, "102");
	assert_int_equal(p->near[0].slip, NEAR_SWAPPED);
	assert_int_equal(p->gone_count, 2);
	same_id(p->gone[0], first);

	/* Moved, it is nobody's any more, and the next one is the example. */
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_VOID_READ, .target = first });
	p = only(f, PROBLEM_UNKNOWN_BIB);
	assert_int_equal(p->count, 1);
	assert_int_equal(p->reads[0].id.seq, first.seq + 1);
	assert_int_equal(p->gone_count, 1);
	assert_int_equal(p->gone[0].seq, first.seq + 1);
}

/* 102 is nearer to what was typed, but has come in already: whoever is given
 * the read changes place by it. */
static void
who_has_a_time_there_already_is_meant_last(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	run_field(f, 102, 1);
	handmade_enter(f->h, "121", "", "", "");
	handmade_cross(f->h, 0, "121", "", S);
	handmade_cross(f->h, 1, "121", "", 1000 * S);
	handmade_cross(f->h, 2, "120", "", 2000 * S);
	p = only(f, PROBLEM_UNKNOWN_BIB);
	assert_int_equal(p->near_count, 2);
	assert_string_equal(p->near[0].bib, "121");
	assert_int_equal(p->near[0].clash, PROBLEM_FITS);
	assert_string_equal(p->near[1].bib, "102");
	assert_int_equal(p->near[1].clash, PROBLEM_HAS_TIME);
	assert_string_equal(p->other->bib, "121");
}

static void
a_bib_that_fits_nobody_near_is_somebody_else(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	run_field(f, 102, 1);
	handmade_enter(f->h, "121", "", "", "");
	handmade_cross(f->h, 0, "121", "", S);
	/* Too soon after 120 came in to be half way only. */
	handmade_cross(f->h, 1, "121", "", 1900 * S);
	handmade_cross(f->h, 2, "120", "", 2000 * S);
	p = only(f, PROBLEM_UNKNOWN_BIB);
	assert_int_equal(p->near_count, 2);
	assert_string_equal(p->near[0].bib, "102");
	assert_int_equal(p->near[0].clash, PROBLEM_HAS_TIME);
	assert_int_equal(p->near[1].clash, PROBLEM_ELSEWHERE);
	assert_null(p->other);
}

/* At the start both were at the same time; further on they were not. */
static void
who_is_meant_has_to_fit_all_reads(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	run_field(f, 102, 1);
	handmade_cross(f->h, 0, "120", "", 2 * S);
	assert_non_null(only(f, PROBLEM_UNKNOWN_BIB)->other);
	for (int i = 0; i < 3; i++)
		handmade_cross(f->h, 0, "120", "", (3 + i) * S);
	handmade_cross(f->h, 2, "120", "", 2000 * S);
	p = only(f, PROBLEM_UNKNOWN_BIB);
	assert_int_equal(p->near[0].clash, PROBLEM_HAS_TIME);
	assert_null(p->other);
}

/* Typed once more, and right, a moment later. */
static void
a_bib_that_was_typed_anew_is_still_meant(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	run_field(f, 102, 1);
	handmade_cross(f->h, 2, "120", "", (2820 - 6) * S);
	p = only(f, PROBLEM_UNKNOWN_BIB);
	assert_int_equal(p->near[0].clash, PROBLEM_FITS);
	assert_string_equal(p->other->bib, "102");
}

static void
enter_with_chip(struct fixture *f, const char *bib, const char *chip)
{
	struct race_entry e = plain_entry(bib);

	e.chips = &chip;
	e.chip_count = 1;
	e.wave = "masse";
	handmade_entry(f->h, &e);
}

/* The chip of 7 was read all along, at other times. */
static void
a_chip_that_is_read_elsewhere_is_no_slip_of_its_owners(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	enter_with_chip(f, "7", "AB12");
	enter_with_chip(f, "8", "AB211");
	handmade_cross(f->h, 0, "", "AB21", 2 * S);
	handmade_cross(f->h, 2, "", "AB21", 1900 * S);
	handmade_cross(f->h, 2, "", "AB12", 1860 * S);
	find(f);
	p = first_of(f, PROBLEM_UNKNOWN_CHIP);
	assert_non_null(p);
	assert_int_equal(p->near_count, 2);
	assert_string_equal(p->near[0].bib, "8");
	assert_string_equal(p->near[1].bib, "7");
	assert_int_equal(p->near[1].clash, PROBLEM_HAS_TIME);
	assert_string_equal(p->other->bib, "8");
}

static void
a_chip_that_nobody_has_comes_with_those_near(void **state)
{
	struct fixture *f = *state;
	struct race_entry e = plain_entry("7");
	const char *chip = "AB12";
	const struct problem *p;

	e.chips = &chip;
	e.chip_count = 1;
	e.name = "Anne";
	e.wave = "masse";
	handmade_entry(f->h, &e);
	handmade_cross(f->h, 1, "", "AB21", 1000 * S);
	p = only(f, PROBLEM_UNKNOWN_CHIP);
	assert_string_equal(p->text, "AB21");
	assert_int_equal(p->near_count, 1);
	assert_string_equal(p->near[0].bib, "7");
	assert_string_equal(p->near[0].chip, "AB12");
	assert_string_equal(p->other->bib, "7");
}

static void
reads_at_no_point_and_of_nobody_are_told(void **state)
{
	struct fixture *f = *state;
	struct race_id nowhere;
	struct race_id nobody;

	handmade_enter(f->h, "1", "", "", "");
	nowhere = handmade_cross(f->h, 3, "1", "", 100 * S);
	nobody = handmade_cross(f->h, 2, "", "", 1000 * S);
	find(f);
	assert_int_equal(f->all.count, 2);
	assert_string_equal(first_of(f, PROBLEM_UNKNOWN_POINT)->text,
	    "ailleurs");
	same_id(first_of(f, PROBLEM_UNKNOWN_POINT)->reads[0].id, nowhere);
	assert_int_equal(first_of(f, PROBLEM_UNKNOWN_POINT)->gone_count, 1);
	same_id(first_of(f, PROBLEM_UNKNOWN_POINT)->gone[0], nowhere);
	same_id(first_of(f, PROBLEM_NOBODY)->reads[0].id, nobody);
}

static void
lists_of_two_people_that_do_not_fit_are_a_conflict(void **state)
{
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_CROSSING,
		.crossing = { .point = "arrivee",
		    .bib = "1",
		    .chip = "",
		    .clock = RACE_CLOCK_LAPTOP,
		    .bound_us = S / 100,
		    .flags = RACE_FLAG_LISTED,
		    .source = "" } };
	const struct problem *p;

	handmade_enter(f->h, "1", "", "", "");
	handmade_enter(f->h, "2", "", "", "");
	handmade_stamp(f->h, 2, "", 1800 * S, 0, S / 100);
	for (uint64_t i = 0; i < 3; i++) {
		e.crossing.bib = i == 0 ? "1" : i == 1 ? "2" : "";
		e.crossing.time_us = HANDMADE_GUN_US + (1801 + (int64_t)i) * S;
		handmade_event(f->h, (struct race_id){ 50, i + 1 }, &e);
	}
	/* Long after, so that the group is closed. */
	handmade_stamp(f->h, 2, "", 2400 * S, 0, S / 100);
	p = NULL;
	find(f);
	p = first_of(f, PROBLEM_CONFLICT);
	assert_non_null(p);
	assert_int_equal(p->point, 2);
	assert_non_null(strstr(p->text, "3 bibs"));
}

/* ---- entries ---- */

static void
a_chip_on_two_bibs_is_told_with_who_has_its_reads(void **state)
{
	struct fixture *f = *state;
	const char *chips[] = { "AA", "BB" };
	struct race_entry e = plain_entry("20");
	const struct problem *p;

	e.chips = chips;
	e.chip_count = 2;
	handmade_entry(f->h, &e);
	e = plain_entry("3");
	e.chips = chips + 1;
	e.chip_count = 1;
	handmade_entry(f->h, &e);
	p = only(f, PROBLEM_CHIP_TWICE);
	assert_string_equal(p->text, "BB");
	assert_string_equal(p->entry->bib, "3");
	assert_string_equal(p->other->bib, "20");
}

static void
one_name_twice_is_one_person_unless_both_run(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	handmade_enter(f->h, "1", "Zoé Petit", "F", "Orange");
	handmade_enter(f->h, "2", "ZOE PETIT", "F", "PMU");
	p = only(f, PROBLEM_SAME_PERSON);
	assert_string_equal(p->entry->bib, "1");
	assert_string_equal(p->other->bib, "2");

	/* Who runs stays. */
	handmade_run(f->h, "2", 0, 1800 * S);
	find(f);
	p = first_of(f, PROBLEM_SAME_PERSON);
	assert_non_null(p);
	assert_string_equal(p->entry->bib, "2");
	assert_string_equal(p->other->bib, "1");
	handmade_run(f->h, "1", 0, 1801 * S);
	nothing(f);
}

static void
people_of_different_sex_or_age_are_two(void **state)
{
	struct fixture *f = *state;
	struct race_entry e = plain_entry("3");

	handmade_enter(f->h, "1", "Dominique Roy", "F", "PMU");
	handmade_enter(f->h, "2", "Dominique Roy", "M", "PMU");
	nothing(f);
	e.name = "Claude Blanc";
	e.born = "1970";
	handmade_entry(f->h, &e);
	e.bib = "4";
	e.born = "1995";
	handmade_entry(f->h, &e);
	nothing(f);
}

/* A slip in a name is one only where something else agrees. */
static void
near_names_have_to_share_a_team_or_a_birthday(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "Anne Martin", "F", "");
	handmade_enter(f->h, "2", "Anna Martin", "F", "");
	nothing(f);
	handmade_enter(f->h, "1", "Anne Martin", "F", "PMU");
	handmade_enter(f->h, "2", "Anna Martin", "F", "PMU");
	assert_string_equal(only(f, PROBLEM_SAME_PERSON)->other->bib, "2");
}

static void
of_two_spellings_of_a_team_the_rarer_one_is_the_slip(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	handmade_enter(f->h, "1", "", "", "Nespreso");
	handmade_enter(f->h, "2", "", "", "Nespresso");
	handmade_enter(f->h, "3", "", "", "Nespresso");
	p = only(f, PROBLEM_SAME_TEAM);
	assert_string_equal(p->text, "Nespresso");
	assert_int_equal(p->of, 2);
	assert_string_equal(p->other_text, "Nespreso");
	assert_int_equal(p->count, 1);
}

/* ---- reads that cannot be ---- */

/* 4 km in 3 minutes, where the fastest takes 2 minutes a kilometre. */
static void
two_places_at_once_are_told_by_the_read_that_does_not_count(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;
	struct race_id wrong;

	run_field(f, 1, 1);
	/* 1 finished at 1810 s; "1" was typed half way 100 s before. */
	wrong = handmade_cross(f->h, 1, "1", "", 1710 * S);
	p = only(f, PROBLEM_TWO_PLACES);
	assert_string_equal(p->entry->bib, "1");
	same_id(p->reads[p->suspect].id, wrong);
	assert_int_equal(p->point, 1);

	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_VOID_READ, .target = wrong });
	nothing(f);
}

static void
at_exactly_the_fastest_pace_nothing_is_told(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 0, "1", "", 0);
	handmade_cross(f->h, 1, "1", "", 480 * S);
	handmade_cross(f->h, 2, "1", "", 960 * S);
	nothing(f);
	handmade_enter(f->h, "2", "", "", "");
	handmade_cross(f->h, 0, "2", "", 0);
	handmade_cross(f->h, 1, "2", "", 480 * S - 1);
	handmade_cross(f->h, 2, "2", "", 960 * S);
	assert_string_equal(only(f, PROBLEM_PACE)->entry->bib, "2");
}

static void
an_impossible_pace_suspects_the_read_without_which_all_is_well(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;
	struct race_id half;

	/* Half way after 2 minutes, the finish after 30: it was not him. */
	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 0, "1", "", 0);
	half = handmade_cross(f->h, 1, "1", "", 120 * S);
	handmade_cross(f->h, 2, "1", "", 1800 * S);
	p = only(f, PROBLEM_PACE);
	same_id(p->reads[p->suspect].id, half);
	assert_int_equal(p->suspect, 1);
}

/* Half way at 29 minutes is right for nobody who then finishes at 30, but the
 * finish fits the start, and half way does not fit the finish. */
static void
of_a_split_and_a_finish_too_close_the_later_is_suspected(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;
	struct race_id finish;

	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 0, "1", "", 0);
	handmade_cross(f->h, 1, "1", "", 1740 * S);
	finish = handmade_cross(f->h, 2, "1", "", 1800 * S);
	p = only(f, PROBLEM_PACE);
	same_id(p->reads[1].id, finish);
	assert_int_equal(p->suspect, 1);
}

static void
who_has_no_start_is_measured_from_the_gun(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 1, "1", "", 100 * S);
	p = only(f, PROBLEM_PACE);
	assert_int_equal(p->reads[0].id.seq, 0);
	assert_int_equal(p->reads[0].time_us, HANDMADE_GUN_US);
	assert_int_equal(p->suspect, 1);
}

/* As many as said are half way within two minutes of the gun, from `from` on,
 * and have no start. */
static void
rush(struct fixture *f, int from, int count)
{
	for (int i = from; i < from + count; i++) {
		char bib[16];

		snprintf(bib, sizeof bib, "%d", i);
		handmade_enter(f->h, bib, "", "", "");
		handmade_cross(f->h, 1, bib, "", (100 + 10 - i % 10) * S);
	}
}

static void
where_most_of_a_wave_are_too_fast_its_gun_is_told_alone(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	/* Four may be slips. */
	rush(f, 1, 4);
	find(f);
	assert_int_equal(f->all.count, 4);
	assert_int_equal(f->all.items[0].kind, PROBLEM_PACE);

	rush(f, 5, 2);
	p = only(f, PROBLEM_GUN);
	assert_string_equal(p->text, "masse");
	assert_int_equal(p->point, 1);
	assert_int_equal(p->time_us, HANDMADE_GUN_US);
	assert_int_equal(p->count, 6);
	assert_int_equal(p->of, 6);
	assert_int_equal(p->reads[0].id.seq, 0);
	/* The first to pass. */
	assert_string_equal(p->entry->bib, "6");
	assert_int_equal(p->reads[1].time_us, HANDMADE_GUN_US + 104 * S);

	/* With half an hour more nobody was too fast. */
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_GUN,
	        .wave = "masse",
	        .time_us = HANDMADE_GUN_US - 1800 * S });
	nothing(f);
}

static void
where_half_of_a_wave_is_all_right_its_gun_is_not_told(void **state)
{
	struct fixture *f = *state;

	rush(f, 1, 6);
	run_field(f, 100, 5);
	find(f);
	assert_non_null(first_of(f, PROBLEM_GUN));
	assert_int_equal(first_of(f, PROBLEM_GUN)->of, 11);
	assert_null(first_of(f, PROBLEM_PACE));
	run_field(f, 105, 1);
	find(f);
	assert_null(first_of(f, PROBLEM_GUN));
	assert_non_null(first_of(f, PROBLEM_PACE));
}

static void
who_has_a_start_of_his_own_says_nothing_of_the_gun(void **state)
{
	struct fixture *f = *state;

	rush(f, 1, 5);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_START,
	        .bib = "5",
	        .time_us = HANDMADE_GUN_US + 10 * S });
	find(f);
	assert_int_equal(f->all.count, 5);
	assert_null(first_of(f, PROBLEM_GUN));
}

static void
counting_reads_in_the_wrong_order_are_told(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 0, "1", "", 0);
	handmade_cross(f->h, 2, "1", "", 1800 * S);
	handmade_cross(f->h, 1, "1", "", 3000 * S);
	p = only(f, PROBLEM_PACE);
	assert_int_equal(p->reads[0].point, 2);
	assert_int_equal(p->reads[1].point, 1);
}

static void
void_gone(struct fixture *f, const struct problem *p)
{
	struct race_id gone[64];
	size_t count = p->gone_count;

	assert_in_range(count, 1, 64);
	memcpy(gone, p->gone, count * sizeof *gone);
	for (size_t i = 0; i < count; i++)
		handmade_decide(f->h,
		    (struct race_decision){ .verb = RACE_VOID_READ,
		        .target = gone[i] });
}

/* Carried past the mats in a pocket, again and again. */
static void
all_reads_that_have_to_go_are_told_at_once(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;
	struct race_id tried[3];

	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 0, "1", "", 0);
	for (int i = 0; i < 3; i++)
		tried[i] = handmade_cross(f->h, 1, "1", "", (60 + 20 * i) * S);
	handmade_cross(f->h, 1, "1", "", 900 * S);
	handmade_cross(f->h, 2, "1", "", 1800 * S);
	p = only(f, PROBLEM_PACE);
	assert_int_equal(p->gone_count, 3);
	for (size_t i = 0; i < 3; i++)
		same_id(p->gone[i], tried[i]);
	void_gone(f, p);
	nothing(f);
}

/* Standing on the mat, twice within two seconds: that is one sight, and no
 * witness against the half. */
static void
a_mat_that_reads_twice_is_no_witness_against_the_split_before(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;
	struct race_id half;
	struct race_id finish[2];

	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 0, "1", "", 0);
	half = handmade_cross(f->h, 1, "1", "", 1740 * S);
	finish[0] = handmade_cross(f->h, 2, "1", "", 2000 * S);
	finish[1] = handmade_cross(f->h, 2, "1", "", 2001 * S);
	p = only(f, PROBLEM_PACE);
	same_id(p->reads[0].id, half);
	same_id(p->reads[1].id, finish[0]);
	assert_int_equal(p->suspect, 1);
	assert_int_equal(p->gone_count, 2);
	same_id(p->gone[0], finish[0]);
	same_id(p->gone[1], finish[1]);

	/* When she comes at last, they go all the more. */
	handmade_cross(f->h, 2, "1", "", 3480 * S);
	p = only(f, PROBLEM_PACE);
	assert_int_equal(p->gone_count, 2);
	void_gone(f, p);
	nothing(f);
}

/* The bib was seen half way; at the finish it may be anybody's chip. */
static void
a_chip_that_somebody_else_may_wear_is_named(void **state)
{
	struct fixture *f = *state;

	enter_with_chip(f, "1", "AB12");
	handmade_cross(f->h, 0, "", "AB12", 0);
	handmade_cross(f->h, 1, "1", "", 1740 * S);
	handmade_cross(f->h, 2, "", "AB12", 2000 * S);
	assert_string_equal(only(f, PROBLEM_PACE)->text, "AB12");

	/* Both by the chip, it was one and the same. */
	handmade_begin(f->h);
	enter_with_chip(f, "1", "AB12");
	handmade_cross(f->h, 1, "", "AB12", 1740 * S);
	handmade_cross(f->h, 2, "", "AB12", 2000 * S);
	assert_string_equal(only(f, PROBLEM_PACE)->text, "");
}

static void
a_split_that_was_read_twice_goes_no_more_than_one_that_was_not(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;
	struct race_id half;
	struct race_id finish;

	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 0, "1", "", 0);
	half = handmade_cross(f->h, 1, "1", "", 1740 * S);
	handmade_cross(f->h, 1, "1", "", 1750 * S);
	finish = handmade_cross(f->h, 2, "1", "", 2000 * S);
	p = only(f, PROBLEM_PACE);
	same_id(p->reads[0].id, half);
	assert_int_equal(p->gone_count, 1);
	same_id(p->gone[0], finish);
}

/* Back over the start 25 minutes after it: with the first read there, nothing
 * is wrong. */
static void
a_read_that_another_is_in_the_place_of_goes_first(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;
	struct race_id again;

	f->h->waves[0].window_us = 0;
	handmade_begin(f->h);
	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 0, "1", "", 0);
	again = handmade_cross(f->h, 0, "1", "", 1500 * S);
	handmade_cross(f->h, 1, "1", "", 1740 * S);
	handmade_cross(f->h, 1, "1", "", 1741 * S);
	handmade_cross(f->h, 2, "1", "", 3480 * S);
	p = only(f, PROBLEM_PACE);
	assert_int_equal(p->suspect, 0);
	assert_int_equal(p->gone_count, 1);
	same_id(p->gone[0], again);
	void_gone(f, p);
	nothing(f);
}

/* It is told once, and not that he ran with another wave as well. */
static void
a_start_that_is_to_go_is_not_told_as_one_in_another_wave(void **state)
{
	struct fixture *f = *state;
	struct race_id again;

	handmade_enter(f->h, "1", "", "", "");
	handmade_run(f->h, "1", 2 * S, 2000 * S);
	again = handmade_cross(f->h, 0, "1", "", 640 * S);
	same_id(only(f, PROBLEM_PACE)->gone[0], again);
	void_gone(f, &f->all.items[0]);
	nothing(f);
}

static void
what_a_second_reader_has_of_it_goes_as_well(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;
	struct race_id finish;
	struct race_id second;

	f->h->points[2].backup = plain_text("ailleurs");
	f->h->points[2].tolerance_us = 5 * S;
	handmade_begin(f->h);
	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 0, "1", "", 0);
	handmade_cross(f->h, 1, "1", "", 1740 * S);
	finish = handmade_cross(f->h, 2, "1", "", 2000 * S);
	second = handmade_cross(f->h, 3, "1", "", 2002 * S);
	p = only(f, PROBLEM_PACE);
	assert_int_equal(p->gone_count, 2);
	same_id(p->gone[0], finish);
	same_id(p->gone[1], second);
	void_gone(f, p);
	nothing(f);
}

/* Somebody takes a box of chips over the mat half way, two seconds each. */
static void
try_out(struct fixture *f, int from, int to)
{
	for (int i = from; i <= to; i++) {
		char bib[16];

		snprintf(bib, sizeof bib, "%d", i);
		handmade_enter(f->h, bib, "", "", "");
		handmade_cross(f->h, 0, bib, "", i * S);
		handmade_cross(f->h, 1, bib, "", (100 + 2 * i) * S);
		handmade_cross(f->h, 1, bib, "", (900 + i) * S);
		handmade_cross(f->h, 2, bib, "", (1800 + i) * S);
	}
}

static void
many_at_one_mat_at_one_time_are_told_once(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	try_out(f, 1, 4);
	find(f);
	assert_int_equal(f->all.count, 4);
	assert_null(first_of(f, PROBLEM_SERIES));
	try_out(f, 5, 5);
	find(f);
	p = first_of(f, PROBLEM_SERIES);
	assert_non_null(p);
	assert_int_equal(p->count, 5);
	assert_int_equal(p->point, 1);
	assert_int_equal(p->time_us, HANDMADE_GUN_US + 102 * S);
	assert_int_equal(p->amount_us, 8 * S);
	assert_string_equal(p->entry->bib, "1");
	assert_false(p->open);
	void_gone(f, p);
	find(f);
	assert_null(first_of(f, PROBLEM_SERIES));
	assert_null(first_of(f, PROBLEM_PACE));
}

/* Half way by a clock that is 14 minutes fast, or in by one that is slow: who
 * throws the finish of all away has no race any more. */
static void
of_two_mats_that_contradict_each_other_neither_is_blamed(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	for (int i = 1; i <= 6; i++) {
		char bib[16];

		snprintf(bib, sizeof bib, "%d", i);
		handmade_enter(f->h, bib, "", "", "");
		handmade_cross(f->h, 0, bib, "", i * S);
		handmade_cross(f->h, 1, bib, "", (1740 + 20 * i) * S);
		handmade_cross(f->h, 2, bib, "", (1800 + 20 * i) * S);
	}
	p = only(f, PROBLEM_SERIES);
	assert_int_equal(p->count, 6);
	assert_true(p->open);
}

/* They are as many slips. */
static void
those_that_are_minutes_apart_are_no_series(void **state)
{
	struct fixture *f = *state;
	int paces = 0;

	for (int i = 1; i <= 6; i++) {
		char bib[16];

		snprintf(bib, sizeof bib, "%d", i);
		handmade_enter(f->h, bib, "", "", "");
		handmade_cross(f->h, 0, bib, "", i * 100 * S);
		handmade_cross(f->h, 1, bib, "", (i * 100 + 60) * S);
		handmade_cross(f->h, 2, bib, "", (i * 100 + 1800) * S);
	}
	find(f);
	assert_null(first_of(f, PROBLEM_SERIES));
	for (size_t i = 0; i < f->all.count; i++)
		paces += f->all.items[i].kind == PROBLEM_PACE;
	assert_int_equal(paces, 6);
}

static bool
is_of_pace(const struct problem *p)
{
	return p->kind == PROBLEM_PACE || p->kind == PROBLEM_TWO_PLACES ||
	    p->kind == PROBLEM_SERIES;
}

/* Whatever was read: without what is to go, nobody is too fast any more. */
static void
what_is_said_to_go_is_all_that_has_to(void **state)
{
	uint64_t random = test_seed();
	struct fixture *f = *state;
	size_t mended = 0;

	for (int round = 0; round < 300; round++) {
		struct race_id gone[256];
		size_t count = 0;

		f->h->points[2].backup =
		    plain_text(round % 2 != 0 ? "ailleurs" : "");
		f->h->points[2].tolerance_us = 60 * S;
		handmade_begin(f->h);
		for (int i = 0; i < 7; i++)
			handmade_enter(f->h, (char[]){ (char)('1' + i), 0 }, "",
			    "", "");
		for (uint64_t i = test_below(&random, 60); i > 0; i--) {
			char bib[] = { (char)('1' + test_below(&random, 7)),
				0 };

			handmade_cross(f->h, (int)test_below(&random, 4), bib,
			    "", (int64_t)test_below(&random, 2400) * S);
		}
		find(f);
		for (size_t i = 0; i < f->all.count; i++) {
			const struct problem *p = &f->all.items[i];

			if (!is_of_pace(p))
				continue;
			assert_in_range(p->gone_count, 1, 60);
			memcpy(gone + count, p->gone,
			    p->gone_count * sizeof *gone);
			count += p->gone_count;
		}
		if (first_of(f, PROBLEM_GUN) != NULL)
			continue;
		mended += count;
		for (size_t i = 0; i < count; i++)
			handmade_decide(f->h,
			    (struct race_decision){ .verb = RACE_VOID_READ,
			        .target = gone[i] });
		find(f);
		for (size_t i = 0; i < f->all.count; i++)
			if (is_of_pace(&f->all.items[i]))
				fail_msg("round %d: %s is still too fast",
				    round, f->all.items[i].entry->bib);
	}
	assert_true(mended > 300);
}

static void
without_a_fastest_pace_only_the_order_is_looked_at(void **state)
{
	struct fixture *f = *state;

	f->h->rules.fastest_us_km = 0;
	handmade_begin(f->h);
	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 0, "1", "", 0);
	handmade_cross(f->h, 1, "1", "", 1 * S);
	handmade_cross(f->h, 2, "1", "", 901 * S);
	nothing(f);
}

/* A finisher who walks over the start again was not in two places. */
static void
a_read_at_the_start_when_all_is_over_proves_nothing(void **state)
{
	struct fixture *f = *state;

	run_field(f, 1, 1);
	handmade_cross(f->h, 0, "1", "", 1811 * S);
	nothing(f);
}

static void
of_who_is_out_of_the_race_nothing_is_told(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 1, "1", "", 100 * S);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_STATUS,
	        .bib = "1",
	        .status = RACE_DSQ });
	nothing(f);
}

static void
who_is_dns_and_was_seen_is_told_with_the_decision_that_said_so(void **state)
{
	struct fixture *f = *state;
	const struct race_decision dns = { .verb = RACE_SET_STATUS,
		.bib = "1",
		.status = RACE_DNS };
	struct race_decision other = { .verb = RACE_SET_STATUS,
		.bib = "2",
		.status = RACE_DNS };
	const struct problem *p;
	struct race_id last;
	struct race_id said;

	handmade_enter(f->h, "1", "", "", "");
	handmade_enter(f->h, "2", "", "", "");
	handmade_decide(f->h, other);
	handmade_decide(f->h, dns);
	nothing(f);
	/* Three reads at two points; nothing else is told of him. */
	handmade_cross(f->h, 0, "1", "", 1 * S);
	handmade_cross(f->h, 1, "1", "", 2 * S);
	last = handmade_cross(f->h, 1, "1", "", 1000 * S);
	p = only(f, PROBLEM_DNS_SEEN);
	assert_string_equal(p->entry->bib, "1");
	assert_int_equal(p->count, 2);
	assert_int_equal(p->point, 1);
	assert_int_equal(p->reads[0].id.stream, last.stream);
	assert_int_equal(p->number, 2);

	/* Said once more, the later one is to be undone first. */
	said = handmade_decide(f->h, dns);
	assert_int_equal(only(f, PROBLEM_DNS_SEEN)->number, 3);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_UNDO, .target = said });
	assert_int_equal(only(f, PROBLEM_DNS_SEEN)->number, 2);

	/* What was said of another, or before it and came late, is not it. */
	handmade_decide(f->h, other);
	other.bib = "1";
	other.status = RACE_DSQ;
	f->h->made_us -= 10;
	handmade_decide(f->h, other);
	assert_int_equal(only(f, PROBLEM_DNS_SEEN)->number, 2);
}

static void
who_is_entered_as_dns_and_was_seen_is_told_without_a_decision(void **state)
{
	struct fixture *f = *state;
	struct race_entry e = plain_entry("7");
	struct race_id read;

	e.status = RACE_DNS;
	e.wave = "masse";
	handmade_entry(f->h, &e);
	read = handmade_cross(f->h, 2, "7", "", 1800 * S);
	assert_int_equal(only(f, PROBLEM_DNS_SEEN)->number, 0);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_VOID_READ, .target = read });
	nothing(f);
}

/* ---- starts ---- */

static void
who_starts_in_the_time_of_another_wave_is_in_the_wrong_one(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	/* Of masse, over the line a minute after the gun of elite. */
	handmade_enter(f->h, "1", "", "", "");
	handmade_run(f->h, "1", 660 * S, 2600 * S);
	p = only(f, PROBLEM_WRONG_WAVE);
	assert_string_equal(p->text, "masse");
	assert_string_equal(p->other_text, "elite");
	assert_int_equal(p->amount_us, 660 * S);
}

static void
who_starts_in_no_wave_is_early_or_late(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	handmade_enter(f->h, "1", "", "", "");
	handmade_run(f->h, "1", 400 * S, 2600 * S);
	p = only(f, PROBLEM_LATE_START);
	assert_int_equal(p->amount_us, 400 * S);

	handmade_begin(f->h);
	handmade_enter(f->h, "1", "", "", "");
	handmade_run(f->h, "1", -60 * S, 2600 * S);
	p = only(f, PROBLEM_EARLY_START);
	assert_int_equal(p->amount_us, -60 * S);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_START,
	        .bib = "1",
	        .time_us = HANDMADE_GUN_US - 60 * S });
	nothing(f);
}

/* Over the start line so long before the gun, or after it, and home in time. */
static void
start_all(struct fixture *f, int from, int count, int64_t us)
{
	for (int i = from; i < from + count; i++) {
		char bib[16];

		snprintf(bib, sizeof bib, "%d", i);
		handmade_enter(f->h, bib, "", "", "");
		handmade_run(f->h, bib, us + (10 - i % 10) * S, us + 2600 * S);
	}
}

static void
where_most_of_a_wave_start_before_the_gun_it_is_told_alone(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	/* Four may have been impatient. */
	start_all(f, 1, 4, -120 * S);
	find(f);
	assert_int_equal(f->all.count, 4);
	assert_int_equal(f->all.items[0].kind, PROBLEM_EARLY_START);

	start_all(f, 5, 2, -120 * S);
	p = only(f, PROBLEM_GUN);
	assert_string_equal(p->text, "masse");
	assert_int_equal(p->point, 0);
	assert_int_equal(p->time_us, HANDMADE_GUN_US);
	assert_int_equal(p->count, 6);
	assert_int_equal(p->of, 6);
	/* The first over the line. */
	assert_string_equal(p->entry->bib, "6");
	assert_int_equal(p->reads[1].time_us, HANDMADE_GUN_US - 116 * S);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_GUN,
	        .wave = "masse",
	        .time_us = HANDMADE_GUN_US - 120 * S });
	nothing(f);
}

static void
who_ran_off_before_a_late_wave_is_no_example_of_its_gun(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	handmade_enter(f->h, "99", "", "", "");
	handmade_run(f->h, "99", -200 * S, 2600 * S);
	start_all(f, 1, 6, 400 * S);
	find(f);
	p = first_of(f, PROBLEM_GUN);
	assert_non_null(p);
	assert_int_equal(p->count, 7);
	assert_string_equal(p->entry->bib, "6");
	assert_int_equal(p->reads[1].time_us, HANDMADE_GUN_US + 404 * S);
}

static void
where_half_of_a_wave_start_in_time_its_gun_is_not_told(void **state)
{
	struct fixture *f = *state;

	start_all(f, 1, 6, -120 * S);
	start_all(f, 101, 5, 0);
	assert_int_equal(only(f, PROBLEM_GUN)->of, 11);
	start_all(f, 106, 1, 0);
	find(f);
	assert_null(first_of(f, PROBLEM_GUN));
	assert_int_equal(f->all.count, 6);
}

/* Who stands on the mat at the gun may be read just before it. */
static void
ten_seconds_before_the_gun_are_not_early(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "", "", "");
	handmade_run(f->h, "1", -10 * S, 2600 * S);
	nothing(f);
	handmade_enter(f->h, "2", "", "", "");
	handmade_run(f->h, "2", -10 * S - 1, 2600 * S);
	assert_string_equal(only(f, PROBLEM_EARLY_START)->entry->bib, "2");
}

static void
without_windows_nobody_is_late(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	f->h->waves[0].window_us = 0;
	f->h->waves[1].window_us = 0;
	handmade_begin(f->h);
	handmade_enter(f->h, "1", "", "", "");
	handmade_run(f->h, "1", 700 * S, 2600 * S);
	nothing(f);

	/* But of elite, with the others. */
	struct race_entry e = plain_entry("2");
	e.wave = "elite";
	handmade_entry(f->h, &e);
	handmade_run(f->h, "2", 20 * S, 5600 * S);
	find(f);
	p = first_of(f, PROBLEM_WRONG_WAVE);
	assert_non_null(p);
	assert_string_equal(p->entry->bib, "2");
	assert_string_equal(p->other_text, "masse");
}

static void
who_has_no_wave_and_is_given_one_is_in_the_right_one(void **state)
{
	struct fixture *f = *state;
	struct race_entry e = plain_entry("1");

	handmade_entry(f->h, &e);
	handmade_run(f->h, "1", 660 * S, 2600 * S);
	nothing(f);
}

/* ---- points ---- */

/* Too late for a time is too late all the more. */
static void
who_comes_after_the_maximum_is_told_as_after_the_cut_off(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	f->h->points[2].cutoff_us = 3600 * S;
	f->h->points[2].max_us = 7200 * S;
	handmade_begin(f->h);
	handmade_enter(f->h, "1", "Anne", "F", "");
	handmade_cross(f->h, 0, "1", "", 0);
	handmade_cross(f->h, 2, "1", "", 7201 * S);
	p = only(f, PROBLEM_CUTOFF);
	assert_string_equal(p->entry->bib, "1");
	assert_int_equal(p->point, 2);
	assert_int_equal(p->amount_us, 3601 * S);
}

static void
who_comes_after_the_cut_off_is_told_until_he_is_out(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	f->h->points[2].cutoff_us = 3600 * S;
	handmade_begin(f->h);
	handmade_enter(f->h, "1", "", "", "");
	handmade_run(f->h, "1", 0, 3600 * S);
	nothing(f);
	handmade_enter(f->h, "2", "", "", "");
	handmade_run(f->h, "2", 0, 3605 * S);
	p = only(f, PROBLEM_CUTOFF);
	assert_string_equal(p->entry->bib, "2");
	assert_int_equal(p->amount_us, 5 * S);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_STATUS,
	        .bib = "2",
	        .status = RACE_OTL });
	nothing(f);
}

static void
a_missing_split_is_told_where_most_have_one(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	run_field(f, 1, 3);
	handmade_enter(f->h, "9", "", "", "");
	handmade_cross(f->h, 0, "9", "", 0);
	handmade_cross(f->h, 2, "9", "", 1800 * S);
	p = only(f, PROBLEM_NO_SPLIT);
	assert_string_equal(p->entry->bib, "9");
	assert_int_equal(p->point, 1);
	assert_int_equal(p->reads[0].id.seq, 0);
}

static void
a_read_that_was_not_taken_is_offered_for_the_missing_one(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;
	struct race_id late;

	f->h->points[1].max_us = 1000 * S;
	handmade_begin(f->h);
	run_field(f, 1, 3);
	handmade_enter(f->h, "9", "", "", "");
	handmade_cross(f->h, 0, "9", "", 0);
	late = handmade_cross(f->h, 1, "9", "", 1001 * S);
	handmade_cross(f->h, 2, "9", "", 1800 * S);
	p = only(f, PROBLEM_NO_SPLIT);
	same_id(p->reads[0].id, late);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_TIME,
	        .bib = "9",
	        .point = "mi-course",
	        .time_us = p->reads[0].time_us });
	nothing(f);
}

/* A finisher who walks over the start was not there when he started. */
static void
a_read_that_cannot_have_been_is_not_offered(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	f->h->points[1].min_us = 300 * S;
	handmade_begin(f->h);
	run_field(f, 1, 3);
	handmade_enter(f->h, "9", "", "", "");
	handmade_cross(f->h, 1, "9", "", 900 * S);
	handmade_cross(f->h, 2, "9", "", 1800 * S);
	handmade_cross(f->h, 0, "9", "", 1860 * S);
	p = only(f, PROBLEM_NO_START);
	assert_int_equal(p->reads[0].id.seq, 0);

	/* Nor one that was half way two minutes after the gun. */
	handmade_begin(f->h);
	run_field(f, 1, 3);
	handmade_enter(f->h, "9", "", "", "");
	handmade_cross(f->h, 0, "9", "", -S);
	handmade_cross(f->h, 1, "9", "", 120 * S);
	handmade_cross(f->h, 2, "9", "", 1800 * S);
	p = only(f, PROBLEM_NO_SPLIT);
	assert_int_equal(p->reads[0].id.seq, 0);
}

/* The first one counts, and nothing else says that it may not be his. */
static void
a_bib_typed_for_somebody_before_its_owner_came_is_told(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;
	struct race_id first;
	struct race_id again;

	run_field(f, 1, 3);
	handmade_enter(f->h, "9", "", "", "");
	handmade_cross(f->h, 0, "9", "", 0);
	handmade_cross(f->h, 1, "9", "", 900 * S);
	again = handmade_cross(f->h, 2, "9", "", 2040 * S);
	nothing(f);
	first = handmade_cross(f->h, 2, "9", "", 1800 * S);
	p = only(f, PROBLEM_SEEN_TWICE);
	assert_string_equal(p->entry->bib, "9");
	assert_int_equal(p->point, 2);
	assert_int_equal(p->amount_us, 240 * S);
	same_id(p->reads[0].id, first);
	same_id(p->reads[1].id, again);
	assert_true(p->open);
	assert_int_equal(p->gone_count, 1);
	same_id(p->gone[0], first);

	/* A third one is the same doubt. */
	handmade_cross(f->h, 2, "9", "", 2400 * S);
	same_id(only(f, PROBLEM_SEEN_TWICE)->reads[1].id, again);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_TIME,
	        .bib = "9",
	        .point = "arrivee",
	        .time_us = HANDMADE_GUN_US + 1800 * S });
	nothing(f);
}

static void
a_bib_typed_anew_within_a_minute_is_no_doubt(void **state)
{
	struct fixture *f = *state;

	run_field(f, 1, 1);
	handmade_cross(f->h, 2, "1", "", (1810 + 59) * S);
	nothing(f);
	handmade_cross(f->h, 2, "1", "", (1810 + 60) * S);
	only(f, PROBLEM_SEEN_TWICE);
}

static void
seen_twice_it_is_the_bib_that_is_doubted_not_the_chip(void **state)
{
	const char *chip = "A9";
	struct fixture *f = *state;
	struct race_entry e = plain_entry("9");
	const struct problem *p;
	struct race_id typed;

	e.chips = &chip;
	e.chip_count = 1;
	run_field(f, 1, 1);
	handmade_entry(f->h, &e);
	handmade_cross(f->h, 0, "", "A9", 0);
	handmade_cross(f->h, 1, "", "A9", 900 * S);
	handmade_cross(f->h, 2, "", "A9", 1800 * S);
	/* He strolls over the mat again. */
	handmade_cross(f->h, 2, "", "A9", 2400 * S);
	nothing(f);
	typed = handmade_cross(f->h, 2, "9", "", 2000 * S);
	p = only(f, PROBLEM_SEEN_TWICE);
	assert_false(p->open);
	assert_int_equal(p->suspect, 1);
	same_id(p->gone[0], typed);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_VOID_READ, .target = typed });
	nothing(f);
	typed = handmade_cross(f->h, 2, "9", "", 1700 * S);
	p = only(f, PROBLEM_SEEN_TWICE);
	assert_int_equal(p->suspect, 0);
	assert_int_equal(p->amount_us, 100 * S);
	same_id(p->gone[0], typed);
}

static void
a_point_that_missed_most_is_told_once(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	run_field(f, 1, 2);
	for (int i = 10; i < 15; i++) {
		char bib[16];

		snprintf(bib, sizeof bib, "%d", i);
		handmade_enter(f->h, bib, "", "", "");
		handmade_cross(f->h, 0, bib, "", 0);
		handmade_cross(f->h, 2, bib, "", (1800 + i) * S);
	}
	p = only(f, PROBLEM_SILENT_POINT);
	assert_int_equal(p->point, 1);
	assert_int_equal(p->count, 5);
	assert_int_equal(p->of, 7);
}

static void
a_finish_without_start_is_told_where_there_is_a_start_mat(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	handmade_enter(f->h, "9", "", "", "");
	handmade_cross(f->h, 1, "9", "", 900 * S);
	handmade_cross(f->h, 2, "9", "", 1800 * S);
	nothing(f);
	run_field(f, 1, 2);
	p = only(f, PROBLEM_NO_START);
	assert_string_equal(p->entry->bib, "9");
	assert_int_equal(p->amount_us, HANDMADE_GUN_US);
}

/* ---- the first three ---- */

/* 1 is 10 s ahead by the gun, 2 has started 15 s later. */
static void
another_winner_by_net_time_is_told_for_each_ranking(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;
	size_t rankings = 0;

	handmade_enter(f->h, "1", "", "F", "");
	handmade_run(f->h, "1", 0, 1800 * S);
	handmade_enter(f->h, "2", "", "F", "");
	handmade_run(f->h, "2", 15 * S, 1810 * S);
	handmade_enter(f->h, "3", "", "M", "");
	handmade_run(f->h, "3", 0, 1900 * S);
	find(f);
	for (size_t i = 0; i < f->all.count; i++) {
		p = &f->all.items[i];
		assert_int_equal(p->kind, PROBLEM_TOP_THREE);
		assert_string_equal(p->entry->bib, "1");
		assert_string_equal(p->other->bib, "2");
		assert_int_equal(p->place, 1);
		rankings++;
	}
	/* scratch, femmes, and net, whose first two are by gun. */
	assert_int_equal(rankings, 3);
}

/* ---- clocks ---- */

static void
a_clock_that_nobody_measured_is_told_until_somebody_does(void **state)
{
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_CLOCK,
		.made_us = HANDMADE_GUN_US,
		.clock = { .clock_epoch = 1,
		    .boot_us = S,
		    .offset_us = HANDMADE_GUN_US - S,
		    .bound_us = 1000 } };
	const struct problem *p;

	handmade_enter(f->h, "1", "", "", "");
	handmade_stamp(f->h, 1, "1", 1000 * S, 0, 0);
	p = only(f, PROBLEM_CLOCK);
	assert_int_equal(p->stream, HANDMADE_STATION + 1);
	assert_int_equal(p->count, 1);
	handmade_event(f->h, (struct race_id){ HANDMADE_STATION + 1, 99 }, &e);
	nothing(f);
}

/* ---- all of them ---- */

static void
publish(struct fixture *f, const char *ranking, const char *as)
{
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_PUBLISH,
	        .ranking = ranking,
	        .text = as });
}

static void
a_final_ranking_that_changes_is_told_until_it_is_amended(void **state)
{
	struct fixture *f = *state;
	struct race_outlook o;
	const struct problem *p;

	run_field(f, 100, 3);
	publish(f, "scratch", "final");
	nothing(f);
	handmade_enter(f->h, "200", "", "", "");
	handmade_run(f->h, "200", S, 1805 * S);
	p = only(f, PROBLEM_PUBLISHED);
	book_outlook(f->h->book, HANDMADE_SCRATCH, &o);
	assert_string_equal(p->text, "scratch");
	assert_int_equal(p->ranking, HANDMADE_SCRATCH);
	assert_int_equal(p->number, RACE_FINAL);
	assert_int_equal(p->time_us, o.since_us);
	assert_int_equal(problem_gravity(p->kind), PROBLEM_WRONG);
	assert_string_equal(problem_kind_name(p->kind), "published-changed");
	publish(f, "scratch", "amended");
	nothing(f);
}

/* ---- who was never seen ---- */

static void
who_was_never_seen_is_told_once_when_the_start_is_over(void **state)
{
	struct fixture *f = *state;
	const struct problem *p;

	handmade_enter(f->h, "1", "", "", "");
	handmade_enter(f->h, "2", "", "", "");
	handmade_enter(f->h, "3", "", "", "");
	handmade_cross(f->h, 0, "1", "", S);
	handmade_cross(f->h, 1, "1", "", 900 * S);
	nothing(f);
	/* In, and so is the race half an hour after the last start. */
	handmade_cross(f->h, 2, "1", "", 1800 * S);
	p = only(f, PROBLEM_UNSEEN);
	assert_int_equal(p->count, 2);
	assert_int_equal(p->of, 3);
	assert_int_equal(problem_gravity(p->kind), PROBLEM_DOUBTFUL);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_STATUS,
	        .bib = "2",
	        .status = RACE_DNS });
	assert_int_equal(only(f, PROBLEM_UNSEEN)->count, 1);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_STATUS,
	        .bib = "3",
	        .status = RACE_DNS });
	nothing(f);
}

/* At a point that there is not, he was on the course all the same; a chip that
 * was tried out before the gun says nothing of him. */
static void
a_read_after_the_gun_is_a_sight_whatever_it_is_worth(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "", "", "");
	handmade_enter(f->h, "2", "", "", "");
	handmade_run(f->h, "1", S, 1800 * S);
	assert_int_equal(only(f, PROBLEM_UNSEEN)->count, 1);
	handmade_cross(f->h, 1, "2", "", -600 * S);
	assert_int_equal(only(f, PROBLEM_UNSEEN)->count, 1);
	handmade_cross(f->h, 3, "2", "", 900 * S);
	find(f);
	assert_null(first_of(f, PROBLEM_UNSEEN));
}

/* Elite started ten minutes later, and the last of it just now. */
static void
each_wave_has_its_own_start(void **state)
{
	struct fixture *f = *state;
	struct race_entry e = plain_entry("2");

	handmade_enter(f->h, "1", "", "", "");
	handmade_enter(f->h, "4", "", "", "");
	e.wave = "elite";
	handmade_entry(f->h, &e);
	e.bib = "3";
	handmade_entry(f->h, &e);
	handmade_run(f->h, "1", S, 1250 * S);
	handmade_cross(f->h, 0, "2", "", 700 * S);
	assert_int_equal(only(f, PROBLEM_UNSEEN)->count, 1);
	handmade_cross(f->h, 1, "2", "", 1300 * S);
	assert_int_equal(only(f, PROBLEM_UNSEEN)->count, 2);
}

static void
while_people_start_nobody_is_told_as_never_seen(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "", "", "");
	handmade_enter(f->h, "2", "", "", "");
	handmade_enter(f->h, "3", "", "", "");
	handmade_run(f->h, "1", S, 1800 * S);
	handmade_cross(f->h, 0, "2", "", 1500 * S);
	find(f);
	assert_null(first_of(f, PROBLEM_UNSEEN));
}

/* Without a mat at the start nobody can tell who is on his way. */
static void
without_reads_at_the_start_nobody_is_told_as_never_seen(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "", "", "");
	handmade_enter(f->h, "2", "", "", "");
	handmade_cross(f->h, 1, "1", "", 900 * S);
	handmade_cross(f->h, 2, "1", "", 1800 * S);
	find(f);
	assert_null(first_of(f, PROBLEM_UNSEEN));
}

static void
the_gravest_come_first_then_by_point_and_time(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "Zoé Petit", "", "");
	handmade_enter(f->h, "2", "Zoe Petit", "", "");
	handmade_cross(f->h, 2, "77", "", 1900 * S);
	handmade_cross(f->h, 2, "88", "", 1800 * S);
	handmade_cross(f->h, 1, "99", "", 1950 * S);
	find(f);
	assert_int_equal(f->all.count, 4);
	assert_string_equal(f->all.items[0].text, "99");
	assert_string_equal(f->all.items[1].text, "88");
	assert_string_equal(f->all.items[2].text, "77");
	assert_int_equal(f->all.items[3].kind, PROBLEM_SAME_PERSON);
	for (size_t i = 1; i < f->all.count; i++)
		assert_true(problem_gravity(f->all.items[i - 1].kind) <=
		    problem_gravity(f->all.items[i].kind));
}

/* Left on the mat at the finish, which has two readers, by somebody who was
 * half way just before. */
static void
a_chip_that_lies_on_a_mat_goes_with_all_its_reads(void **state)
{
	enum { READS = 2000 };
	struct fixture *f = *state;
	const struct problem *p;

	f->h->points[2].backup = plain_text("ailleurs");
	f->h->points[2].tolerance_us = 5 * S;
	f->h->points[2].metres = 50000;
	handmade_begin(f->h);
	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 0, "1", "", 0);
	handmade_cross(f->h, 1, "1", "", 1740 * S);
	for (int i = 0; i < READS; i++) {
		handmade_cross(f->h, 2, "1", "", (1800 + i) * S);
		handmade_cross(f->h, 3, "1", "", (1801 + i) * S);
	}
	find(f);
	p = first_of(f, PROBLEM_PACE);
	assert_non_null(p);
	assert_int_equal(p->gone_count, 2 * READS);
}

/* 50,000 runners with ten reads each: a tired operator asks again and again. */
static void
a_big_race_takes_no_minutes(void **state)
{
	enum { RUNNERS = 50000 };
	struct fixture *f = *state;
	struct timespec begin;
	struct timespec end;
	double took;

	for (int i = 1; i <= RUNNERS; i++) {
		struct race_entry e;
		char bib[16];
		char name[32];

		snprintf(bib, sizeof bib, "%d", i);
		snprintf(name, sizeof name, "Runner %c%c %d", 'A' + i % 26,
		    'a' + i / 26 % 26, i);
		e = plain_entry(bib);
		e.name = name;
		e.team = i % 2 != 0 ? "PMU" : "Orange";
		e.wave = "masse";
		handmade_entry(f->h, &e);
		for (int k = 0; k < 5; k++)
			handmade_cross(f->h, 0, bib, "", (i % 200) * S);
		for (int k = 0; k < 4; k++)
			handmade_cross(f->h, 1, bib, "",
			    (900 + i % 2000) * S + k);
		handmade_cross(f->h, 2, bib, "", (1800 + i % 4000) * S);
	}
	rank_count(f->h->book->rank, 0);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	find(f);
	clock_gettime(CLOCK_MONOTONIC, &end);
	took = (double)(end.tv_sec - begin.tv_sec) +
	    (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
	print_message("%d runners, %d reads: %.0f ms, %zu problems\n", RUNNERS,
	    10 * RUNNERS, took * 1000, f->all.count);
	/* Quadratic, it would be minutes; a sanitizer and a busy machine may
	 * cost a lot. */
	assert_true(took < 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_race_without_a_fault_has_no_problems),
		TEST(
		    a_bib_that_nobody_has_comes_with_those_near_and_its_first_reads),
		TEST(who_has_a_time_there_already_is_meant_last),
		TEST(a_bib_that_fits_nobody_near_is_somebody_else),
		TEST(who_is_meant_has_to_fit_all_reads),
		TEST(a_bib_that_was_typed_anew_is_still_meant),
		TEST(a_chip_that_is_read_elsewhere_is_no_slip_of_its_owners),
		TEST(a_chip_that_nobody_has_comes_with_those_near),
		TEST(reads_at_no_point_and_of_nobody_are_told),
		TEST(lists_of_two_people_that_do_not_fit_are_a_conflict),
		TEST(a_chip_on_two_bibs_is_told_with_who_has_its_reads),
		TEST(one_name_twice_is_one_person_unless_both_run),
		TEST(people_of_different_sex_or_age_are_two),
		TEST(near_names_have_to_share_a_team_or_a_birthday),
		TEST(of_two_spellings_of_a_team_the_rarer_one_is_the_slip),
		TEST(
		    two_places_at_once_are_told_by_the_read_that_does_not_count),
		TEST(at_exactly_the_fastest_pace_nothing_is_told),
		TEST(
		    an_impossible_pace_suspects_the_read_without_which_all_is_well),
		TEST(of_a_split_and_a_finish_too_close_the_later_is_suspected),
		TEST(who_has_no_start_is_measured_from_the_gun),
		TEST(where_most_of_a_wave_are_too_fast_its_gun_is_told_alone),
		TEST(where_half_of_a_wave_is_all_right_its_gun_is_not_told),
		TEST(who_has_a_start_of_his_own_says_nothing_of_the_gun),
		TEST(counting_reads_in_the_wrong_order_are_told),
		TEST(all_reads_that_have_to_go_are_told_at_once),
		TEST(
		    a_mat_that_reads_twice_is_no_witness_against_the_split_before),
		TEST(a_chip_that_somebody_else_may_wear_is_named),
		TEST(
		    a_split_that_was_read_twice_goes_no_more_than_one_that_was_not),
		TEST(a_read_that_another_is_in_the_place_of_goes_first),
		TEST(a_start_that_is_to_go_is_not_told_as_one_in_another_wave),
		TEST(what_a_second_reader_has_of_it_goes_as_well),
		TEST(many_at_one_mat_at_one_time_are_told_once),
		TEST(of_two_mats_that_contradict_each_other_neither_is_blamed),
		TEST(those_that_are_minutes_apart_are_no_series),
		TEST(what_is_said_to_go_is_all_that_has_to),
		TEST(without_a_fastest_pace_only_the_order_is_looked_at),
		TEST(a_read_at_the_start_when_all_is_over_proves_nothing),
		TEST(of_who_is_out_of_the_race_nothing_is_told),
		TEST(
		    who_is_dns_and_was_seen_is_told_with_the_decision_that_said_so),
		TEST(
		    who_is_entered_as_dns_and_was_seen_is_told_without_a_decision),
		TEST(
		    who_starts_in_the_time_of_another_wave_is_in_the_wrong_one),
		TEST(who_starts_in_no_wave_is_early_or_late),
		TEST(
		    where_most_of_a_wave_start_before_the_gun_it_is_told_alone),
		TEST(who_ran_off_before_a_late_wave_is_no_example_of_its_gun),
		TEST(where_half_of_a_wave_start_in_time_its_gun_is_not_told),
		TEST(ten_seconds_before_the_gun_are_not_early),
		TEST(without_windows_nobody_is_late),
		TEST(who_has_no_wave_and_is_given_one_is_in_the_right_one),
		TEST(who_comes_after_the_maximum_is_told_as_after_the_cut_off),
		TEST(who_comes_after_the_cut_off_is_told_until_he_is_out),
		TEST(a_missing_split_is_told_where_most_have_one),
		TEST(a_read_that_was_not_taken_is_offered_for_the_missing_one),
		TEST(a_read_that_cannot_have_been_is_not_offered),
		TEST(a_bib_typed_for_somebody_before_its_owner_came_is_told),
		TEST(a_bib_typed_anew_within_a_minute_is_no_doubt),
		TEST(seen_twice_it_is_the_bib_that_is_doubted_not_the_chip),
		TEST(a_point_that_missed_most_is_told_once),
		TEST(a_finish_without_start_is_told_where_there_is_a_start_mat),
		TEST(another_winner_by_net_time_is_told_for_each_ranking),
		TEST(a_clock_that_nobody_measured_is_told_until_somebody_does),
		TEST(a_final_ranking_that_changes_is_told_until_it_is_amended),
		TEST(who_was_never_seen_is_told_once_when_the_start_is_over),
		TEST(a_read_after_the_gun_is_a_sight_whatever_it_is_worth),
		TEST(each_wave_has_its_own_start),
		TEST(while_people_start_nobody_is_told_as_never_seen),
		TEST(without_reads_at_the_start_nobody_is_told_as_never_seen),
		TEST(the_gravest_come_first_then_by_point_and_time),
		TEST(a_chip_that_lies_on_a_mat_goes_with_all_its_reads),
		TEST(a_big_race_takes_no_minutes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
