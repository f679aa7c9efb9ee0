#include "said.h"

#include <errno.h>

/* A point a trophy. */
static struct season *
make(void)
{
	struct season_competition c[] = { said_competition("Podium"),
		said_competition("Gala"), said_competition("Palmes") };
	struct season_table t = said_table("Prix des prix");
	struct season_rules rules = { .title = said_text("Prix des prix"),
		.competitions = c,
		.competition_count = 3,
		.tables = &t,
		.table_count = 1 };

	t.points.beyond = SEASON_UNIT;
	c[0].title = said_text("Podium de la relation client");
	c[1].from = said_text("2010");
	c[2].to = said_text("2012");
	return season_new(&rules);
}

static void
put(struct season *s, uint64_t key, const char *season, const char *competition,
    const char *recipient)
{
	said(s, key,
	    (struct season_result){ .season = season,
	        .competition = competition,
	        .place = 1,
	        .recipient = recipient });
}

static void
seasons_with_results_are_listed_in_order(void **state)
{
	struct season *s = make();

	(void)state;
	assert_int_equal(season_count(s), 0);
	put(s, 1, "2014", "Podium", "Nespresso");
	put(s, 2, "2008", "Podium", "Toyota");
	put(s, 3, "2009", "Podium", "Toyota");
	season_set_state(s, "2013", "Podium", SEASON_LIVE);
	assert_int_equal(season_count(s), 3);
	assert_string_equal(season_label(s, 0), "2008");
	assert_string_equal(season_label(s, 2), "2014");
	assert_int_equal(season_find(s, "2009"), 1);
	assert_int_equal(season_find(s, "2013"), -ENOENT);
	season_drop(s, 2);
	assert_int_equal(season_count(s), 2);
	assert_int_equal(season_find(s, "2009"), 0);
	/* Nothing is where there is no season. */
	assert_string_equal(season_label(s, 2), "");
	assert_int_equal(season_row_count(s, 2, 0), 0);
	assert_int_equal(season_row_count(s, 0, 1), 0);
	assert_int_equal(season_line(s, 0, 0, "Nobody"), -ENOENT);
	season_free(s);
}

static void
competitions_of_the_rules_come_first(void **state)
{
	struct season *s = make();
	struct season_held held[8];

	(void)state;
	put(s, 1, "2014", "Podium", "Nespresso");
	put(s, 2, "2014", "Zeta", "Nespresso");
	said(s, 3,
	    (struct season_result){ .competition = "Trophées",
	        .date = "2014-06-02",
	        .recipient = "Maaf" });
	said(s, 4,
	    (struct season_result){ .competition = "Cup",
	        .date = "2014-07-01",
	        .recipient = "Maaf" });
	assert_int_equal(season_competitions(s, 0, held, 8), 5);
	assert_string_equal(held[0].name, "Podium");
	assert_string_equal(held[0].title, "Podium de la relation client");
	assert_true(held[0].held);
	assert_string_equal(held[1].name, "Gala");
	assert_false(held[1].held);
	assert_string_equal(held[2].name, "Trophées");
	assert_string_equal(held[2].title, "Trophées");
	assert_string_equal(held[3].name, "Cup");
	assert_string_equal(held[4].name, "Zeta");
	/* Its date is the first that is given. */
	said(s, 5,
	    (struct season_result){ .competition = "Cup",
	        .date = "2014-05-01",
	        .recipient = "Bo" });
	assert_int_equal(season_competitions(s, 0, held, 3), 5);
	assert_string_equal(held[2].name, "Cup");
	season_drop(s, 5);
	season_competitions(s, 0, held, 8);
	assert_string_equal(held[2].name, "Trophées");
	assert_string_equal(held[3].date, "2014-07-01");
	season_free(s);
}

static void
a_void_competition_is_held_and_counts_nothing(void **state)
{
	struct season *s = make();
	struct season_held held[8];

	(void)state;
	put(s, 1, "2014", "Podium", "Nespresso");
	put(s, 2, "2014", "Gala", "Maaf");
	season_set_state(s, "2014", "Gala", SEASON_VOID);
	assert_string_equal(said_rows(s), "1 Nespresso 1");
	assert_int_equal(season_competitions(s, 0, held, 8), 2);
	assert_true(held[1].held);
	assert_int_equal(held[1].state, SEASON_VOID);
	season_set_state(s, "2014", "Gala", SEASON_PUBLISHED);
	assert_string_equal(said_rows(s), "1= Maaf 1; 1= Nespresso 1");
	season_free(s);
}

static void
a_result_put_again_replaces_the_one_before(void **state)
{
	struct season *s = make();

	(void)state;
	put(s, 7, "2014", "Podium", "Nespresso");
	put(s, 8, "2014", "Gala", "Nespresso");
	assert_string_equal(said_rows(s), "1 Nespresso 2");
	put(s, 7, "2014", "Podium", "Maaf");
	assert_string_equal(said_rows(s), "1= Maaf 1; 1= Nespresso 1");
	put(s, 7, "2013", "Podium", "Maaf");
	assert_string_equal(said_rows_of(s, 1, 0), "1 Nespresso 1");
	season_drop(s, 7);
	season_drop(s, 7);
	season_drop(s, 8);
	assert_int_equal(season_count(s), 0);
	season_free(s);
}

static void
a_row_is_found_and_read_alone(void **state)
{
	struct season *s = make();
	struct season_row row;

	(void)state;
	for (uint64_t i = 0; i < 20; i++) {
		char name[16];

		snprintf(name, sizeof name, "Firm %02d", (int)i);
		put(s, i, "2014", "Podium", name);
	}
	put(s, 100, "2014", "Gala", "Firm 17");
	assert_int_equal(season_row_count(s, 0, 0), 20);
	assert_int_equal(season_line(s, 0, 0, "Firm 17"), 0);
	assert_int_equal(season_line(s, 0, 0, "Firm 18"), 18);
	assert_int_equal(season_rows(s, 0, 0, 18, &row, 1), 1);
	assert_string_equal(row.subject, "Firm 18");
	assert_int_equal(row.place, 2);
	assert_true(row.tied);
	assert_int_equal(season_rows(s, 0, 0, 20, &row, 1), 0);
	season_free(s);
}

static void
an_account_tells_every_line(void **state)
{
	struct season *s = make();
	struct season_account a;

	(void)state;
	put(s, 3, "2014", "Gala", "Nespresso");
	said(s, 1,
	    (struct season_result){ .competition = "Podium",
	        .award = "Distribution",
	        .place = 2,
	        .recipient = "NESPRESSO",
	        .note = "with thanks" });
	said(s, 2,
	    (struct season_result){ .competition = "Podium",
	        .place = 2,
	        .recipient = "Maaf",
	        .award = "Distribution" });
	season_name(s, "NESPRESSO", "", "Nespresso");
	assert_int_equal(season_account(s, 0, 0, "NESPRESSO", &a), -ENOENT);
	assert_int_equal(season_account(s, 0, 0, "Nespresso", &a), 0);
	assert_int_equal(a.score_count, 2);
	assert_int_equal(a.line_count, 2);
	assert_int_equal(a.scores[0].competition, 0);
	assert_int_equal(a.scores[0].score, SEASON_UNIT);
	assert_int_equal(a.scores[0].first, 0);
	assert_int_equal(a.scores[1].first, 1);
	assert_int_equal(a.lines[0].key, 1);
	/* As written. */
	assert_string_equal(a.lines[0].result->recipient, "NESPRESSO");
	assert_string_equal(a.lines[0].result->note, "with thanks");
	assert_int_equal(a.lines[0].place, 2);
	assert_int_equal(a.lines[0].shared, 2);
	assert_int_equal(a.lines[1].shared, 1);
	free(a.scores);
	free(a.lines);
	season_free(s);
}

static void
the_table_after_some_competitions_is_a_season_of_its_own(void **state)
{
	struct season *s = make();
	struct season *then;
	struct season_held held[4];

	(void)state;
	put(s, 1, "2014", "Podium", "Nespresso");
	put(s, 2, "2014", "Gala", "BMS");
	put(s, 3, "2014", "Cup", "Nespresso");
	put(s, 4, "2013", "Podium", "Maaf");
	season_name(s, "BMS", "", "Bristol-Myers Squibb");
	then = season_after(s, 1, 2);
	assert_int_equal(season_count(then), 1);
	assert_string_equal(said_rows(then),
	    "1= Bristol-Myers Squibb 1; 1= Nespresso 1");
	season_free(then);
	/* Gala is to come. */
	then = season_after(s, 1, 1);
	assert_int_equal(season_competitions(then, 0, held, 4), 2);
	assert_false(held[1].held);
	season_free(then);
	season_free(s);
}

struct told {
	uint64_t keys[4];
	enum season_state states[4];
	char notes[4][16];
	size_t count;
};

static void
tell(void *arg, uint64_t key, const struct season_result *r,
    enum season_state state)
{
	struct told *t = arg;

	t->keys[t->count] = key;
	t->states[t->count] = state;
	snprintf(t->notes[t->count], sizeof t->notes[0], "%s", r->note);
	t->count++;
}

static void
results_are_told_by_key_void_ones_too(void **state)
{
	struct season *s = make();
	struct told t = { .count = 0 };

	(void)state;
	put(s, UINT64_C(1) << 40, "2014", "Podium", "Nespresso");
	said(s, 7,
	    (struct season_result){ .competition = "Gala",
	        .recipient = "Maaf",
	        .note = "late" });
	put(s, 9, "2008", "Podium", "Toyota");
	season_set_state(s, "2014", "Gala", SEASON_VOID);
	said(s, 7,
	    (struct season_result){ .competition = "Gala",
	        .recipient = "Maaf",
	        .note = "very late" });
	season_results(s, tell, &t);
	assert_int_equal(t.count, 3);
	assert_int_equal(t.keys[0], 7);
	assert_int_equal(t.keys[1], 9);
	assert_int_equal(t.keys[2], UINT64_C(1) << 40);
	assert_int_equal(t.states[0], SEASON_VOID);
	assert_int_equal(t.states[1], SEASON_PUBLISHED);
	assert_string_equal(t.notes[0], "very late");
	assert_string_equal(t.notes[1], "");
	season_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seasons_with_results_are_listed_in_order),
		cmocka_unit_test(competitions_of_the_rules_come_first),
		cmocka_unit_test(a_void_competition_is_held_and_counts_nothing),
		cmocka_unit_test(a_result_put_again_replaces_the_one_before),
		cmocka_unit_test(a_row_is_found_and_read_alone),
		cmocka_unit_test(an_account_tells_every_line),
		cmocka_unit_test(
		    the_table_after_some_competitions_is_a_season_of_its_own),
		cmocka_unit_test(results_are_told_by_key_void_ones_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
