#include "support/test.h"

#include <string.h>

#include "race/prizes.h"
#include "support/plain.h"

#define GUN_US (RACE_TIME_MIN + INT64_C(36000000000))
#define S      INT64_C(1000000)

static char none[] = "";
static struct race_wave waves[] = { { (char[]){ "all" }, GUN_US, 0 },
	{ (char[]){ "late" }, GUN_US + 3600 * S, 0 } };
static struct race_point points[] = {
	{ .name = (char[]){ "finish" }, .metres = 8000, .backup = none },
};
static struct race_ranking rankings[] = {
	{ .name = (char[]){ "overall" },
	    .sex = none,
	    .category = none,
	    .team = none,
	    .wave = none,
	    .at = 0 },
};
static struct race_award awards[] = {
	{ (char[]){ "Cup" }, (char[]){ "overall" }, 4 },
	{ (char[]){ "Lost" }, (char[]){ "nowhere" }, 1 },
};
static const struct race_rules rules = {
	.title = none,
	.date = (char[]){ "2000-01-01" },
	.timezone = (char[]){ "UTC" },
	.waves = waves,
	.wave_count = 2,
	.points = points,
	.point_count = 1,
	.rankings = rankings,
	.ranking_count = 1,
	.awards = awards,
	.award_count = 2,
};

struct fixture {
	struct book *b;
	struct prizes *prizes;
	uint64_t seq;
	char text[500];
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->b = book_new(&rules, 1);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	prizes_free(f->prizes);
	book_free(f->b);
	free(f);
	return 0;
}

static void
apply(struct fixture *f, struct race_event *e)
{
	e->made_us = (int64_t)++f->seq;
	assert_int_equal(book_apply(f->b, (struct race_id){ 3, f->seq }, e), 0);
}

static void
enter(struct fixture *f, const char *bib, const char *wave)
{
	struct race_event e = { .kind = RACE_ENTRY };

	e.entry = plain_entry(bib);
	e.entry.wave = wave;
	apply(f, &e);
}

static void
finish(struct fixture *f, const char *bib, int64_t after_us)
{
	struct race_event e = { .kind = RACE_CROSSING };

	enter(f, bib, "all");
	e.crossing = plain_crossing("finish", bib, GUN_US + after_us);
	apply(f, &e);
}

static void
mark(struct fixture *f, const char *bib, enum race_status status)
{
	struct race_decision d = plain_decision(RACE_SET_STATUS, bib);
	struct race_event e = { .kind = RACE_DECISION, .decision = &d };

	d.status = status;
	apply(f, &e);
}

static void
say(struct fixture *f, uint32_t place, const char *holder, bool collected,
    const char *winner)
{
	struct race_event e = { .kind = RACE_AWARD };

	e.prize = (struct race_prize){ .award = "Cup",
		.place = place,
		.holder = holder,
		.note = "",
		.collected = collected,
		.by = "",
		.winner = winner };
	apply(f, &e);
}

/* "1:7 2:8,9 3: 4:12>15* ..." : winners, > holder, * collected, ! look again,
 * ? provisional. */
static const char *
podium(struct fixture *f)
{
	size_t len = 0;

	prizes_free(f->prizes);
	f->prizes = prizes_new(f->b);
	f->text[0] = '\0';
	for (size_t i = 0; i < prizes_count(f->prizes); i++) {
		const struct prize *z = prizes_at(f->prizes, i);
		char winner[RACE_NAME_MAX + 1];

		len += (size_t)snprintf(f->text + len, sizeof f->text - len,
		    "%s%u:%s%s%s%s%s%s", i > 0 ? " " : "", (unsigned)z->place,
		    prizes_winner(winner, z), z->holder[0] != '\0' ? ">" : "",
		    z->holder, z->collected ? "*" : "", z->changed ? "!" : "",
		    z->provisional ? "?" : "");
	}
	return f->text;
}

static void
before_anybody_is_in_nobody_has_won(void **state)
{
	struct fixture *f = *state;

	enter(f, "7", "all");
	assert_string_equal(podium(f), "1:? 2:? 3:? 4:?");
}

/* 8 and 9 are second together: there is no third place. */
static void
who_ties_shares_a_prize_and_leaves_the_next_vacant(void **state)
{
	struct fixture *f = *state;

	finish(f, "7", 1500 * S);
	finish(f, "9", 1510 * S);
	finish(f, "8", 1510 * S);
	finish(f, "12", 1520 * S);
	finish(f, "13", 1530 * S);
	assert_string_equal(podium(f), "1:7 2:8, 9 3: 4:12");
}

/* Three share the last prize: all of them have won it. */
static void
who_ties_for_the_last_prize_has_won_it(void **state)
{
	struct fixture *f = *state;

	finish(f, "1", 1500 * S);
	finish(f, "2", 1501 * S);
	finish(f, "3", 1502 * S);
	finish(f, "4", 1510 * S);
	finish(f, "5", 1510 * S);
	finish(f, "6", 1510 * S);
	assert_string_equal(podium(f), "1:1 2:2 3:3 4:4, 5, 6");
}

static void
a_later_wave_may_still_win_them(void **state)
{
	struct fixture *f = *state;

	finish(f, "7", 1500 * S);
	finish(f, "8", 5200 * S);
	enter(f, "50", "late");
	/* 50 has been out for 1600 s: the first is certain. */
	assert_string_equal(podium(f), "1:7 2:8? 3:? 4:?");
	mark(f, "50", RACE_DNS);
	assert_string_equal(podium(f), "1:7 2:8 3: 4:");
}

static void
a_prize_handed_on_is_held_by_somebody_else(void **state)
{
	struct fixture *f = *state;

	finish(f, "7", 1500 * S);
	finish(f, "8", 1510 * S);
	say(f, 1, "8", false, "7");
	assert_string_equal(podium(f), "1:7>8 2:8 3: 4:");
	say(f, 1, "8", true, "7");
	assert_string_equal(podium(f), "1:7>8* 2:8 3: 4:");
	say(f, 1, "", false, "7");
	assert_string_equal(podium(f), "1:7 2:8 3: 4:");
}

static void
another_winner_than_then_is_to_be_looked_at(void **state)
{
	struct fixture *f = *state;

	finish(f, "7", 1500 * S);
	finish(f, "8", 1510 * S);
	finish(f, "9", 1520 * S);
	say(f, 1, "9", false, "7");
	say(f, 2, "", true, "8");
	assert_string_equal(podium(f), "1:7>9 2:8* 3:9 4:");
	mark(f, "7", RACE_DSQ);
	assert_string_equal(podium(f), "1:8>9! 2:9*! 3: 4:");
	/* Said again, it is settled; and the result as it was makes it a
	 * question again. */
	say(f, 1, "9", false, "8");
	say(f, 2, "", false, "9");
	assert_string_equal(podium(f), "1:8>9 2:9 3: 4:");
	mark(f, "7", RACE_STATUS_NONE);
	assert_string_equal(podium(f), "1:7>9! 2:8 3:9 4:");
}

static void
an_award_of_no_ranking_has_no_prizes(void **state)
{
	struct fixture *f = *state;

	finish(f, "7", 1500 * S);
	assert_string_equal(podium(f), "1:7 2: 3: 4:");
	assert_non_null(prizes_find(f->prizes, 0, 4));
	assert_null(prizes_find(f->prizes, 0, 5));
	assert_null(prizes_find(f->prizes, 1, 1));
}

/* What an event holds is bounded. */
static void
as_many_winners_are_told_as_fit(void **state)
{
	struct fixture *f = *state;
	char winner[RACE_NAME_MAX + 1];
	char bib[RACE_BIB_MAX + 1];

	for (int i = 0; i < 20; i++) {
		snprintf(bib, sizeof bib, "somebody-with-long-bib-%d", i);
		finish(f, bib, 1500 * S);
	}
	f->prizes = prizes_new(f->b);
	assert_int_equal(prizes_at(f->prizes, 0)->winner_count, 20);
	prizes_winner(winner, prizes_at(f->prizes, 0));
	assert_in_range(strlen(winner), RACE_NAME_MAX - 27, RACE_NAME_MAX);
	assert_int_equal(strncmp(winner, "somebody-with-long-bib-0, ", 26), 0);
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(before_anybody_is_in_nobody_has_won),
		TEST(who_ties_shares_a_prize_and_leaves_the_next_vacant),
		TEST(who_ties_for_the_last_prize_has_won_it),
		TEST(a_later_wave_may_still_win_them),
		TEST(a_prize_handed_on_is_held_by_somebody_else),
		TEST(another_winner_than_then_is_to_be_looked_at),
		TEST(an_award_of_no_ranking_has_no_prizes),
		TEST(as_many_winners_are_told_as_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
