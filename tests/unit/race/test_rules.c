#include "support/test.h"

#include "race/rules.h"

static char title[] = "8 km";
static char date[] = "2014-09-21";
static char zone[] = "Europe/Paris";
static char none[] = "";
static char masse[] = "masse";
static char elite[] = "elite";
static char depart[] = "depart";
static char arrivee[] = "arrivee";
static char femmes[] = "femmes";
static char entreprises[] = "entreprises";
static char sex_f[] = "F";
static char prize[] = "Prix";
static char second[] = "arrivee-b";
static char senior[] = "SE";
static char spelt[] = "NESPRESSO";
static char firm[] = "Nespresso";

struct fixture {
	struct race_wave waves[2];
	struct race_point points[2];
	struct race_ranking rankings[2];
	struct race_award awards[1];
	struct race_category categories[1];
	struct race_alias aliases[1];
	struct race_rules rules;
};

static void
fill(struct fixture *f)
{
	*f = (struct fixture){
		.waves = { { .name = masse, .gun_us = 1 },
		    { .name = elite, .gun_us = RACE_NO_TIME } },
		.points = { { .name = depart },
		    { .name = arrivee, .metres = 8000, .min_us = 5 } },
		.rankings = { { .name = femmes,
		                  .sex = sex_f,
		                  .category = none,
		                  .team = none,
		                  .wave = none,
		                  .at = 1,
		                  .best = 3 },
		    { .name = entreprises,
		        .of = RACE_TEAMS,
		        .sex = none,
		        .category = none,
		        .team = none,
		        .wave = none,
		        .at = RACE_LIVE,
		        .best = 3 } },
		.awards = { { .name = prize, .ranking = femmes, .places = 3 } },
		.categories = { { senior, sex_f, 23, 34 } },
		.aliases = { { spelt, firm } },
	};
	f->rules = (struct race_rules){ .title = title,
		.date = date,
		.timezone = zone,
		.waves = f->waves,
		.wave_count = 2,
		.points = f->points,
		.point_count = 2,
		.rankings = f->rankings,
		.ranking_count = 2,
		.awards = f->awards,
		.award_count = 1,
		.categories = f->categories,
		.category_count = 1,
		.aliases = f->aliases,
		.alias_count = 1,
		.fastest_us_km = 7 };
	f->points[1].backup = second;
	f->rankings[0].without[0] = (struct race_without){ 1, 3 };
	f->rankings[0].without_count = 1;
}

static void
a_copy_is_equal_and_its_own(void **state)
{
	struct fixture f;
	struct race_rules *copy;

	(void)state;
	fill(&f);
	copy = rules_copy(&f.rules);
	assert_true(rules_equal(&f.rules, copy));
	assert_ptr_not_equal(copy->rankings[0].sex, sex_f);
	copy->rankings[0].sex[0] = 'M';
	assert_false(rules_equal(&f.rules, copy));
	assert_string_equal(sex_f, "F");
	rules_free(copy);
	rules_free(NULL);
}

static void
what_was_not_set_becomes_empty_text(void **state)
{
	struct fixture f;
	struct race_rules *copy;

	(void)state;
	fill(&f);
	copy = rules_copy(&f.rules);
	assert_string_equal(copy->points[0].backup, "");
	assert_string_equal(copy->points[1].backup, "arrivee-b");
	assert_true(rules_equal(&f.rules, copy));
	assert_true(rules_equal(copy, &f.rules));
	rules_free(copy);
}

static void
empty_rules_are_copied(void **state)
{
	static const struct race_rules empty = { 0 };
	struct race_rules *copy = rules_copy(&empty);

	(void)state;
	assert_string_equal(copy->title, "");
	assert_int_equal(rules_point(copy, ""), -1);
	rules_free(copy);
}

#define DIFFERS(change)                                                        \
	do {                                                                   \
		fill(&b);                                                      \
		assert_true(rules_equal(&a.rules, &b.rules));                  \
		change;                                                        \
		assert_false(rules_equal(&a.rules, &b.rules));                 \
		assert_false(rules_equal(&b.rules, &a.rules));                 \
	} while (0)

static void
every_member_counts_in_a_comparison(void **state)
{
	struct fixture a;
	struct fixture b;

	(void)state;
	fill(&a);
	DIFFERS(b.rules.title = none);
	DIFFERS(b.rules.date = none);
	DIFFERS(b.rules.timezone = none);
	DIFFERS(b.rules.wave_count = 1);
	DIFFERS(b.rules.point_count = 1);
	DIFFERS(b.rules.ranking_count = 1);
	DIFFERS(b.rules.award_count = 0);
	DIFFERS(b.waves[1].name = none);
	DIFFERS(b.waves[1].gun_us = 0);
	DIFFERS(b.waves[1].window_us = 1);
	DIFFERS(b.points[1].name = none);
	DIFFERS(b.points[1].metres++);
	DIFFERS(b.points[1].min_us++);
	DIFFERS(b.points[1].max_us++);
	DIFFERS(b.points[1].gap_us++);
	DIFFERS(b.points[1].backup = NULL);
	DIFFERS(b.points[1].tolerance_us++);
	DIFFERS(b.points[1].cutoff_us++);
	DIFFERS(b.rankings[1].name = none);
	DIFFERS(b.rankings[1].of = RACE_RUNNERS);
	DIFFERS(b.rankings[1].sex = sex_f);
	DIFFERS(b.rankings[1].category = sex_f);
	DIFFERS(b.rankings[1].team = sex_f);
	DIFFERS(b.rankings[1].wave = masse);
	DIFFERS(b.rankings[1].at = 0);
	DIFFERS(b.rankings[1].by = RACE_BY_NET);
	DIFFERS(b.rankings[1].ties = RACE_TIES_TIME);
	DIFFERS(b.rankings[1].round = RACE_ROUND_NONE);
	DIFFERS(b.rankings[1].score = RACE_SCORE_KM);
	DIFFERS(b.rankings[1].best = 4);
	DIFFERS(b.rankings[1].gun_first = 3);
	DIFFERS(b.rankings[1].how = RACE_MEAN);
	DIFFERS(b.rankings[1].women = 1);
	DIFFERS(b.rankings[1].men = 1);
	DIFFERS(b.rankings[1].sides = 3);
	DIFFERS(b.rankings[1].average = true);
	DIFFERS(b.rankings[1].size_min = 1);
	DIFFERS(b.rankings[1].size_max = 1);
	DIFFERS(b.rankings[0].without_count = 0);
	DIFFERS(b.rankings[0].without[0].ranking = 0);
	DIFFERS(b.rankings[0].without[0].places = 1);
	DIFFERS(b.awards[0].name = none);
	DIFFERS(b.awards[0].ranking = entreprises);
	DIFFERS(b.awards[0].places = 1);
	DIFFERS(b.rules.category_count = 0);
	DIFFERS(b.categories[0].name = none);
	DIFFERS(b.categories[0].sex = none);
	DIFFERS(b.categories[0].from++);
	DIFFERS(b.categories[0].to++);
	DIFFERS(b.rules.alias_count = 0);
	DIFFERS(b.aliases[0].spelling = none);
	DIFFERS(b.aliases[0].team = none);
	DIFFERS(b.rules.fastest_us_km++);
}

static void
names_are_found(void **state)
{
	struct fixture f;

	(void)state;
	fill(&f);
	assert_int_equal(rules_point(&f.rules, "arrivee"), 1);
	assert_int_equal(rules_point(&f.rules, "Arrivee"), -1);
	assert_int_equal(rules_point(&f.rules, "arrivee-b"), -1);
	assert_int_equal(rules_reader(&f.rules, "arrivee-b"), 1);
	assert_int_equal(rules_reader(&f.rules, "arrivee"), 1);
	assert_int_equal(rules_reader(&f.rules, "depart"), 0);
	assert_int_equal(rules_reader(&f.rules, ""), -1);
	assert_int_equal(rules_reader(&f.rules, "Arrivee-b"), -1);
	assert_int_equal(rules_wave(&f.rules, "masse"), 0);
	assert_int_equal(rules_wave(&f.rules, ""), -1);
	assert_int_equal(rules_ranking(&f.rules, "entreprises"), 1);
	assert_int_equal(rules_ranking(&f.rules, "masse"), -1);
}

static void
statuses_have_names(void **state)
{
	(void)state;
	assert_string_equal(rules_status_name(RACE_STATUS_NONE), "");
	assert_string_equal(rules_status_name(RACE_FINISHED), "finished");
	assert_string_equal(rules_status_name(RACE_NC), "NC");
	for (int i = RACE_FINISHED; i <= RACE_NC; i++)
		assert_int_equal(rules_status(
		                     rules_status_name((enum race_status)i)),
		    i);
	assert_int_equal(rules_status("dnf"), RACE_DNF);
	assert_int_equal(rules_status("OTL"), RACE_OTL);
	assert_int_equal(rules_status(""), -1);
	assert_int_equal(rules_status("DNSX"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_is_equal_and_its_own),
		cmocka_unit_test(what_was_not_set_becomes_empty_text),
		cmocka_unit_test(empty_rules_are_copied),
		cmocka_unit_test(every_member_counts_in_a_comparison),
		cmocka_unit_test(names_are_found),
		cmocka_unit_test(statuses_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
