#include "support/test.h"

#include <string.h>

#include "race/rank/rank.h"
#include "support/plain.h"

/* Companies worked by hand: rank.h, "Teams". */

#define GUN_US (RACE_TIME_MIN + INT64_C(36000000000))
#define S      INT64_C(1000000)

struct fixture {
	struct race_wave wave;
	struct race_point points[2];
	struct race_ranking ranking;
	struct race_rules rules;
	struct rank *rank;
	uint64_t seq;
	unsigned bibs;
	char text[1000];
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->wave =
	    (struct race_wave){ .name = plain_text("masse"), .gun_us = GUN_US };
	f->points[0] = plain_point("mi-course", 4001);
	f->points[1] = plain_point("arrivee", 8000);
	f->ranking = plain_ranking("teams", 1);
	f->ranking.of = RACE_TEAMS;
	f->ranking.best = 2;
	f->ranking.sides = 1;
	f->rules = plain_rules();
	f->rules.waves = &f->wave;
	f->rules.wave_count = 1;
	f->rules.points = f->points;
	f->rules.point_count = 2;
	f->rules.rankings = &f->ranking;
	f->rules.ranking_count = 1;
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

/* After the ranking is as the test wants it. */
static void
begin(struct fixture *f)
{
	f->rank = rank_new(&f->rules);
}

static void
enter(struct fixture *f, const char *bib, const char *team, const char *sex,
    enum race_status status)
{
	struct race_entry e = plain_entry(bib);

	e.sex = sex;
	e.team = team;
	e.status = status;
	rank_entry(f->rank, &e);
}

static void
cross(struct fixture *f, const char *point, const char *bib, int64_t after_s)
{
	struct race_crossing c =
	    plain_crossing(point, bib, GUN_US + after_s * S);

	assert_int_equal(rank_apply(f->rank, (struct race_id){ 2, ++f->seq },
	                     &c),
	    0);
}

/* The next bib, from 1; after_s 0: has not come. */
static void
run(struct fixture *f, const char *team, const char *sex, int64_t after_s)
{
	char bib[12];

	(void)snprintf(bib, sizeof bib, "%u", ++f->bibs);
	enter(f, bib, team, sex, RACE_STATUS_NONE);
	if (after_s > 0)
		cross(f, "arrivee", bib, after_s);
}

static struct race_row
row_of(struct fixture *f, const char *label)
{
	struct race_row row = { .label = "" };

	for (uint32_t i = 0; i < rank_slots(f->rank, 0); i++)
		if (rank_row(f->rank, 0, i, &row) &&
		    strcmp(row.label, label) == 0)
			return row;
	fail_msg("no row %s", label);
	return row;
}

/* "1:A 2=:B -:C/running": place, = if shared, label, status of no place. */
static const char *
listing(struct fixture *f)
{
	static const char *const words[] = { "?", "finished", "running", "DNS",
		"DNF", "DSQ", "OTL", "NC" };
	struct rank_standing rows[30];
	size_t n = rank_rows(f->rank, 0, 0, rows, 30);
	size_t len = 0;

	f->text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		char place[16] = "-";

		if (rows[i].place > 0)
			(void)snprintf(place, sizeof place, "%u%s",
			    rows[i].place, rows[i].tied ? "=" : "");
		len += (size_t)snprintf(f->text + len, sizeof f->text - len,
		    "%s%s:%s", i > 0 ? " " : "", place, rows[i].row.label);
		if (rows[i].place == 0)
			len += (size_t)snprintf(f->text + len,
			    sizeof f->text - len, "/%s",
			    words[rows[i].row.status]);
		assert_int_equal(rank_place(f->rank, 0, rows[i].row.label),
		    rows[i].place);
	}
	return f->text;
}

/* ---- scores ---- */

static void
a_mean_is_rounded_up_and_ranked_as_it_is(void **state)
{
	struct fixture *f = *state;

	f->ranking.how = RACE_MEAN;
	f->ranking.best = 3;
	begin(f);
	run(f, "A", "", 1000);
	run(f, "A", "", 1001);
	run(f, "A", "", 1002);
	run(f, "B", "", 1000);
	run(f, "B", "", 1000);
	run(f, "B", "", 1001);
	assert_string_equal(listing(f), "1:B 2:A");
	assert_int_equal(row_of(f, "A").elapsed_us, 1001 * S);
	assert_int_equal(row_of(f, "B").elapsed_us, 1000333334);
	assert_int_equal(row_of(f, "B").sort.key[0], 3001 * S);
}

static void
the_last_scorer_alone_then_the_first(void **state)
{
	struct fixture *f = *state;

	f->ranking.how = RACE_LAST;
	begin(f);
	run(f, "A", "", 1000);
	run(f, "A", "", 1200);
	run(f, "B", "", 900);
	run(f, "B", "", 1200);
	run(f, "C", "", 1100);
	run(f, "C", "", 1150);
	run(f, "D", "", 700);
	assert_string_equal(listing(f), "1:C 2:B 3:A -:D/DNF");
	assert_int_equal(row_of(f, "A").elapsed_us, 1200 * S);
	assert_int_equal(row_of(f, "D").elapsed_us, 700 * S);
}

/* ---- quotas ---- */

static void
a_quota_takes_its_women_and_men_before_anybody(void **state)
{
	struct fixture *f = *state;
	struct race_row row;

	f->ranking.best = 3;
	f->ranking.women = 1;
	f->ranking.men = 1;
	begin(f);
	run(f, "A", "M", 1000);
	run(f, "A", "M", 1010);
	run(f, "A", "M", 1020);
	run(f, "A", "X", 1005);
	assert_string_equal(listing(f), "-:A/DNF");
	row = row_of(f, "A");
	assert_int_equal(row.counted, 2);
	assert_int_equal(row.elapsed_us, 2005 * S);
	assert_int_equal(row.women, 0);
	assert_int_equal(row.men, 1);
	run(f, "A", "F", 0);
	assert_string_equal(listing(f), "-:A/running");
	cross(f, "arrivee", "5", 2000);
	assert_string_equal(listing(f), "1:A");
	row = row_of(f, "A");
	assert_int_equal(row.elapsed_us, 4005 * S);
	assert_int_equal(row.finishers, 5);
	/* Somebody who changes his sex changes the quota. */
	enter(f, "4", "A", "F", RACE_STATUS_NONE);
	row = row_of(f, "A");
	assert_int_equal(row.elapsed_us, 3015 * S);
	assert_int_equal(row.women, 1);
	assert_int_equal(row.men, 2);
}

/* ---- sides ---- */

static void
sides_come_and_go_with_those_who_come(void **state)
{
	struct fixture *f = *state;

	f->ranking.sides = 3;
	begin(f);
	run(f, "Axa", "", 0);
	run(f, "Axa", "", 1000);
	run(f, "Axa", "", 1100);
	assert_string_equal(listing(f), "1:Axa A");
	assert_int_equal(row_of(f, "Axa A").elapsed_us, 2100 * S);
	/* He is faster than both: one of them is in B. */
	cross(f, "arrivee", "1", 900);
	assert_string_equal(listing(f), "1:Axa A -:Axa B/DNF");
	assert_int_equal(row_of(f, "Axa A").elapsed_us, 1900 * S);
	assert_int_equal(row_of(f, "Axa B").elapsed_us, 1100 * S);
	run(f, "Axa", "", 1200);
	run(f, "Axa", "", 1300);
	run(f, "Axa", "", 1400);
	run(f, "Axa", "", 1500); /* of nobody */
	assert_string_equal(listing(f), "1:Axa A 2:Axa B 3:Axa C");
	assert_int_equal(row_of(f, "Axa C").elapsed_us, 2700 * S);
	assert_int_equal(row_of(f, "Axa C").finishers, 2);
	for (unsigned i = 3; i <= 7; i++) {
		char bib[12];

		(void)snprintf(bib, sizeof bib, "%u", i);
		enter(f, bib, "Axa", "", RACE_DSQ);
	}
	assert_string_equal(listing(f), "1:Axa A");
	assert_int_equal(rank_count(f->rank, 0), 1);
}

static void
a_company_is_never_taken_for_a_side_of_another(void **state)
{
	struct fixture *f = *state;

	f->ranking.best = 1;
	f->ranking.sides = 2;
	begin(f);
	run(f, "Axa", "", 1000);
	run(f, "Axa A", "", 1100);
	run(f, "Axa A", "", 1200);
	assert_string_equal(listing(f), "1:Axa A 2:Axa A A 3:Axa A B");
	assert_int_equal(rank_place(f->rank, 0, "Axa"), 0);
	assert_int_equal(rank_place(f->rank, 0, "Axa B"), 0);
	assert_int_equal(rank_place(f->rank, 0, "Axa C"), 0);
	assert_int_equal(rank_place(f->rank, 0, "A"), 0);
	assert_int_equal(rank_place(f->rank, 0, ""), 0);
}

/* A takes both women, for they are the fastest, and leaves B without. */
static void
nobody_is_waited_for_who_is_in_already(void **state)
{
	struct fixture *f = *state;

	f->ranking.sides = 2;
	f->ranking.women = 1;
	begin(f);
	run(f, "Axa", "F", 1000);
	run(f, "Axa", "F", 1100);
	run(f, "Axa", "M", 1200);
	run(f, "Axa", "M", 0);
	assert_string_equal(listing(f), "1:Axa A -:Axa B/running");
	cross(f, "arrivee", "4", 1300);
	assert_string_equal(listing(f), "1:Axa A -:Axa B/DNF");
	assert_int_equal(row_of(f, "Axa B").counted, 1);
}

static void
each_side_has_its_quota(void **state)
{
	struct fixture *f = *state;

	f->ranking.sides = 2;
	f->ranking.women = 1;
	begin(f);
	run(f, "Axa", "M", 1000);
	run(f, "Axa", "M", 1100);
	run(f, "Axa", "F", 1200);
	run(f, "Axa", "F", 1300);
	assert_string_equal(listing(f), "1:Axa A 2:Axa B");
	assert_int_equal(row_of(f, "Axa A").elapsed_us, 2200 * S);
	assert_int_equal(row_of(f, "Axa B").elapsed_us, 2400 * S);
	/* Both women are in A then, and B has one man, and nobody to come. */
	enter(f, "1", "Axa", "M", RACE_DNF);
	assert_string_equal(listing(f), "1:Axa A -:Axa B/DNF");
	/* The two of one time: the lower bib is in A. */
	cross(f, "arrivee", "4", 1200);
	assert_int_equal(row_of(f, "Axa A").elapsed_us, 2300 * S);
}

/* ---- kilometres ---- */

static void
averages_are_compared_as_fractions(void **state)
{
	struct fixture *f = *state;
	f->ranking.score = RACE_SCORE_KM;
	f->ranking.average = true;
	begin(f);
	/* A: 16004001 m by 2001, B: 32000002 by 4001, which is 1 part in
	 * 2000 of a metre less, and by more. */
	for (unsigned i = 0; i < 4001; i++) {
		char bib[12];

		(void)snprintf(bib, sizeof bib, "b%u", i);
		enter(f, bib, "B", "", RACE_STATUS_NONE);
		cross(f, i < 2 ? "mi-course" : "arrivee", bib, 1000);
		if (i >= 2001)
			continue;
		bib[0] = 'a';
		enter(f, bib, "A", "", RACE_STATUS_NONE);
		cross(f, i < 1 ? "mi-course" : "arrivee", bib, 2000);
	}
	assert_string_equal(listing(f), "1:A 2:B");
	assert_int_equal(row_of(f, "A").sort.key[0],
	    row_of(f, "B").sort.key[0]);
	/* The sum, whatever is ranked. */
	assert_int_equal(row_of(f, "A").metres, 2000 * 8000 + 4001);
	/* Equal: more runners, then less time. */
	enter(f, "c1", "C", "", RACE_STATUS_NONE);
	cross(f, "arrivee", "c1", 100);
	enter(f, "d1", "D", "", RACE_STATUS_NONE);
	cross(f, "arrivee", "d1", 2000);
	enter(f, "d2", "D", "", RACE_STATUS_NONE);
	cross(f, "arrivee", "d2", 2000);
	enter(f, "e1", "E", "", RACE_STATUS_NONE);
	cross(f, "arrivee", "e1", 99);
	assert_string_equal(listing(f), "1:D 2:E 3:C 4:A 5:B");
}

static void
a_size_counts_who_is_entered_for_the_ranking(void **state)
{
	struct fixture *f = *state;

	f->ranking.sex = plain_text("F");
	f->ranking.best = 1;
	f->ranking.size_min = 2;
	f->ranking.size_max = 3;
	begin(f);
	run(f, "A", "F", 1000);
	run(f, "A", "M", 1000);
	assert_string_equal(listing(f), "");
	run(f, "A", "F", 0);
	assert_string_equal(listing(f), "1:A");
	run(f, "A", "F", 0);
	assert_string_equal(listing(f), "1:A");
	run(f, "A", "F", 0);
	assert_string_equal(listing(f), "");
	rank_entry_gone(f->rank, "5");
	assert_string_equal(listing(f), "1:A");
}

/* ---- places ---- */

static void
places_follow_everybody_before_them(void **state)
{
	struct fixture *f = *state;

	f->ranking.score = RACE_SCORE_PLACES;
	begin(f);
	run(f, "A", "", 1000); /* 1 */
	run(f, "A", "", 1300); /* 4 */
	run(f, "B", "", 1100); /* 2 */
	run(f, "B", "", 1200); /* 3 */
	assert_string_equal(listing(f), "1:B 2:A");
	assert_int_equal(row_of(f, "A").places, 5);
	assert_int_equal(row_of(f, "B").places, 5);
	assert_int_equal(row_of(f, "A").elapsed_us, -1);
	/* Somebody without a team in between, then gone again. */
	run(f, "", "", 1250);
	assert_int_equal(row_of(f, "A").places, 6);
	assert_int_equal(row_of(f, "B").places, 5);
	enter(f, "5", "", "", RACE_DSQ);
	assert_int_equal(row_of(f, "A").places, 5);
	/* Before all; then in a team that he leaves. */
	enter(f, "5", "", "", RACE_STATUS_NONE);
	cross(f, "arrivee", "5", 900);
	assert_int_equal(row_of(f, "A").places, 7);
	assert_int_equal(row_of(f, "B").places, 7);
	enter(f, "5", "A", "", RACE_STATUS_NONE);
	assert_string_equal(listing(f), "1:A 2:B");
	assert_int_equal(row_of(f, "A").places, 3);
	enter(f, "5", "B", "", RACE_STATUS_NONE);
	assert_string_equal(listing(f), "1:B 2:A");
	assert_int_equal(row_of(f, "B").places, 4);
	rank_entry_gone(f->rank, "5");
	assert_int_equal(row_of(f, "B").places, 5);
	assert_int_equal(row_of(f, "A").places, 5);
}

/* ---- who cannot be complete ---- */

static void
a_team_runs_while_it_may_be_complete(void **state)
{
	struct fixture *f = *state;

	begin(f);
	run(f, "A", "", 0);
	assert_string_equal(listing(f), "-:A/DNS"); /* one is too few */
	run(f, "A", "", 0);
	assert_string_equal(listing(f), "-:A/running");
	cross(f, "arrivee", "1", 1000);
	assert_string_equal(listing(f), "-:A/running");
	enter(f, "2", "A", "", RACE_DNF);
	assert_string_equal(listing(f), "-:A/DNF");
	run(f, "A", "", 0); /* a late entry */
	assert_string_equal(listing(f), "-:A/running");
	enter(f, "3", "A", "", RACE_DNS);
	enter(f, "1", "A", "", RACE_DSQ);
	assert_string_equal(listing(f), "-:A/DNS");
}

static void
those_who_may_come_are_before_those_who_cannot(void **state)
{
	struct fixture *f = *state;

	f->ranking.best = 3;
	begin(f);
	run(f, "A", "", 1000);
	run(f, "A", "", 1000);
	run(f, "B", "", 0);
	run(f, "B", "", 0);
	run(f, "B", "", 0);
	run(f, "C", "", 900);
	run(f, "D", "", 0);
	assert_string_equal(listing(f), "-:B/running -:A/DNF -:C/DNF -:D/DNS");
}

static void
by_kilometres_a_team_runs_while_somebody_is_not_out(void **state)
{
	struct fixture *f = *state;

	f->ranking.score = RACE_SCORE_KM;
	begin(f);
	run(f, "A", "", 0);
	assert_string_equal(listing(f), "-:A/running");
	enter(f, "1", "A", "", RACE_DNF);
	assert_string_equal(listing(f), "-:A/DNS");
	cross(f, "mi-course", "1", 1000);
	assert_string_equal(listing(f), "1:A");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_mean_is_rounded_up_and_ranked_as_it_is),
		TEST(the_last_scorer_alone_then_the_first),
		TEST(a_quota_takes_its_women_and_men_before_anybody),
		TEST(sides_come_and_go_with_those_who_come),
		TEST(a_company_is_never_taken_for_a_side_of_another),
		TEST(nobody_is_waited_for_who_is_in_already),
		TEST(each_side_has_its_quota),
		TEST(averages_are_compared_as_fractions),
		TEST(a_size_counts_who_is_entered_for_the_ranking),
		TEST(places_follow_everybody_before_them),
		TEST(a_team_runs_while_it_may_be_complete),
		TEST(those_who_may_come_are_before_those_who_cannot),
		TEST(by_kilometres_a_team_runs_while_somebody_is_not_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
