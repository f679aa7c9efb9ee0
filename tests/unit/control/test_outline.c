#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/ground.h"
#include "control/outline.h"
#include "race/conf.h"
#include "race/rules.h"

struct fixture {
	struct outline o;
	struct err err;
	char dir[64];
	char race[96];
	char *yaml;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct err err;

	snprintf(f->dir, sizeof f->dir, "/tmp/outline-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->race, sizeof f->race, "%s/race", f->dir);
	assert_int_equal(outline_title(&f->o, "Club", &err), 0);
	assert_int_equal(outline_date(&f->o, "2026-09-20", &err), 0);
	assert_int_equal(outline_timezone(&f->o, "Europe/Paris", &err), 0);
	assert_int_equal(outline_points(&f->o, "start 0, finish 10", &err), 0);
	assert_int_equal(outline_waves(&f->o, "all 10:00", &err), 0);
	assert_int_equal(outline_rankings(&f->o, "overall", &err), 0);
	assert_int_equal(outline_prizes(&f->o, "3", &err), 0);
	*state = f;
	return 0;
}

static void
take_away(struct fixture *f)
{
	static const char *const names[] = { "race.yaml", "entries.csv" };
	char path[160];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", f->race, names[i]);
		unlink(path);
	}
	rmdir(f->race);
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	take_away(f);
	assert_int_equal(rmdir(f->dir), 0);
	free(f->yaml);
	free(f);
	return 0;
}

static const char *
written(struct fixture *f)
{
	size_t len;
	FILE *out;

	free(f->yaml);
	out = open_memstream(&f->yaml, &len);
	outline_write(out, &f->o);
	fclose(out);
	return f->yaml;
}

/* The rules as the programs take them. */
static struct race_rules *
taken(struct fixture *f)
{
	struct conf_report report = { 0 };
	struct race_rules *rules;

	take_away(f);
	assert_int_equal(ground_write(f->race, written(f), "bib,name,wave\n",
	                     &f->err),
	    0);
	rules = conf_rules(f->race, &report);
	assert_non_null(rules);
	assert_int_equal(report.count, 0);
	conf_report_clear(&report);
	return rules;
}

static void
names_that_yaml_would_take_for_something_else_are_kept(void **state)
{
	struct fixture *f = *state;
	struct race_rules *r;

	assert_int_equal(outline_title(&f->o, "Le \"8\": \\ #1", &f->err), 0);
	assert_int_equal(outline_points(&f->o,
	                     "Départ 0, mi course 4.25, no 8.005, 10 10",
	                     &f->err),
	    0);
	assert_int_equal(outline_waves(&f->o, "yes 9:30, Wave 2, 3 10:00:05",
	                     &f->err),
	    0);
	r = taken(f);
	assert_string_equal(r->title, "Le \"8\": \\ #1");
	assert_int_equal(r->point_count, 4);
	assert_string_equal(r->points[0].name, "Départ");
	assert_string_equal(r->points[1].name, "mi course");
	assert_int_equal(r->points[1].metres, 4250);
	assert_string_equal(r->points[2].name, "no");
	assert_int_equal(r->points[2].metres, 8005);
	assert_string_equal(r->points[3].name, "10");
	assert_int_equal(r->wave_count, 3);
	assert_string_equal(r->waves[0].name, "yes");
	assert_true(r->waves[0].gun_us == INT64_C(1789889400000000));
	assert_string_equal(r->waves[1].name, "Wave 2");
	assert_true(r->waves[1].gun_us == RACE_NO_TIME);
	assert_string_equal(r->waves[2].name, "3");
	assert_true(r->waves[2].gun_us == INT64_C(1789891205000000));
	rules_free(r);
}

static void
every_ranking_that_is_offered_is_one(void **state)
{
	struct fixture *f = *state;
	struct race_rules *r;

	assert_int_equal(outline_rankings(&f->o, outline_choice, &f->err), 0);
	r = taken(f);
	assert_int_equal(r->ranking_count, OUTLINE_RANKINGS);
	assert_int_equal(r->award_count, 5);
	assert_int_equal(r->awards[0].places, 3);
	assert_int_equal(r->rankings[OUTLINE_NET].by, RACE_BY_NET);
	assert_int_equal(r->rankings[OUTLINE_LIVE].at, RACE_LIVE);
	assert_int_equal(r->rankings[OUTLINE_KM].score, RACE_SCORE_KM);
	rules_free(r);
	assert_int_equal(outline_prizes(&f->o, "0", &f->err), 0);
	r = taken(f);
	assert_int_equal(r->award_count, 0);
	rules_free(r);
}

static void
of_several_waves_it_says_that_everybody_names_his(void **state)
{
	struct fixture *f = *state;

	assert_null(strstr(written(f), "Column wave"));
	assert_int_equal(outline_waves(&f->o, "a 10:00, b", &f->err), 0);
	assert_non_null(strstr(written(f),
	    "# Column wave of entries.csv says who starts in which, of "
	    "everybody.\n"));
}

static void
no_line_is_wider_than_a_terminal(void **state)
{
	struct fixture *f = *state;
	const char *line;

	assert_int_equal(outline_rankings(&f->o, outline_choice, &f->err), 0);
	assert_int_equal(outline_waves(&f->o, "a 10:00, b", &f->err), 0);
	for (line = written(f); *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 80);
}

static void
an_answer_that_is_none_changes_nothing_and_says_what_would_do(void **state)
{
	static const struct {
		int (*take)(struct outline *o, const char *text,
		    struct err *err);
		const char *text;
		const char *words;
	} wrong[] = {
		{ outline_title, "", "title: a line of at most 200 bytes" },
		{ outline_date, "20/09/2026",
		    "date \"20/09/2026\": as in 2026-09-20, year, month, "
		    "day" },
		{ outline_points, "",
		    "points: names and kilometres, as in start 0, finish 10" },
		{ outline_points, "start 0",
		    "points: names and kilometres, as in start 0, finish 10" },
		{ outline_points, "start 0, half",
		    "point \"half\": a name and its kilometre, as in half "
		    "2.5, with at most three decimals" },
		{ outline_points, "start 0, finish 21.0975",
		    "point \"finish 21.0975\": a name and its kilometre, as in "
		    "half 2.5, with at most three decimals" },
		{ outline_points, "start 0, half -2",
		    "point \"half -2\": a name and its kilometre, as in half "
		    "2.5, with at most three decimals" },
		{ outline_points, "a 0, a 5", "point \"a\": twice" },
		{ outline_points, "a 5, b 5",
		    "point \"b\": further on than the one before, in the order "
		    "of the course" },
		{ outline_waves, "", "waves: at least one, as in all 10:00" },
		{ outline_waves, "all 10h00",
		    "wave \"all\": its gun is a time of day, as 10:00:00" },
		{ outline_waves, "all 25:00",
		    "wave \"all\": its gun is a time of day, as 10:00:00" },
		{ outline_waves, "10:00",
		    "wave \"10:00\": a name and, if it is known, the time of "
		    "its gun, as in all 10:00" },
		{ outline_waves, "a, a 10:00", "wave \"a\": twice" },
		{ outline_rankings, "overall, womn",
		    "ranking \"womn\": some of overall, women, men, net, live, "
		    "teams, km; race.yaml(5) tells of more" },
		{ outline_prizes, "three",
		    "prizes \"three\": how many places get one, 0 to 100" },
	};
	struct fixture *f = *state;
	struct outline before = f->o;

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(wrong[i].take(&f->o, wrong[i].text, &f->err),
		    -EINVAL);
		assert_string_equal(f->err.text, wrong[i].words);
		assert_memory_equal(&f->o, &before, sizeof before);
	}
	assert_int_equal(outline_timezone(&f->o, "Europe/Nowhere", &f->err),
	    -EINVAL);
	assert_string_equal(f->o.timezone, "Europe/Paris");
}

/* ---- the folder ---- */

static void
nothing_is_overwritten(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ground_is_free(f->race, &f->err), 0);
	rules_free(taken(f));
	assert_int_equal(ground_is_free(f->race, &f->err), -EEXIST);
	assert_int_equal(ground_write(f->race, "title: other\n", "bib\n",
	                     &f->err),
	    -EEXIST);
	assert_int_equal(ground_is_free(f->race, &f->err), -EEXIST);
}

static void
what_has_mistakes_is_not_made(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(ground_write(f->race, "title: x\n", "bib,name\n",
	                     &f->err),
	    -EINVAL);
	assert_int_equal(access(f->race, F_OK), -1);
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(names_that_yaml_would_take_for_something_else_are_kept),
		TEST(every_ranking_that_is_offered_is_one),
		TEST(of_several_waves_it_says_that_everybody_names_his),
		TEST(no_line_is_wider_than_a_terminal),
		TEST(
		    an_answer_that_is_none_changes_nothing_and_says_what_would_do),
		TEST(nothing_is_overwritten),
		TEST(what_has_mistakes_is_not_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
