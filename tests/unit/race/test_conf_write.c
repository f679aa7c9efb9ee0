#include "support/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/instant.h"
#include "common/xalloc.h"
#include "race/conf.h"
#include "race/rules.h"

enum { ROUNDS = 3000, NAME = 96 };

struct fixture {
	char dir[64];
	char path[96];
	struct conf_report report;
	uint64_t random;
};

static int
set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	(void)snprintf(f->dir, sizeof f->dir, "/tmp/conf-write-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->path, sizeof f->path, "%s/race.yaml", f->dir);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	conf_report_clear(&f->report);
	(void)unlink(f->path);
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

/* ---- random rules, of those that race.yaml can say ---- */

static uint64_t
below(struct fixture *f, uint64_t n)
{
	return test_below(&f->random, n);
}

static bool
sometimes(struct fixture *f)
{
	return below(f, 3) == 0;
}

/* Each its own by its number, and all that YAML could take for something. */
static char *
name(struct fixture *f, size_t number)
{
	static const char *const words[] = { "no", "~", "010", "a: b", "# x",
		"é", "\"q\"", "back\\slash", "{", "- x", "* x", "x y", "%",
		"l'été", "null", "[1, 2]", "!t", "|", ">", "1:30", "=", "N",
		"x\xef\xbb\xbf-", "\xf0\x9f\x8f\x83", "a\xef\xbf\xbe", "," };
	char text[NAME];

	(void)snprintf(text, sizeof text, "%s%zu%s",
	    words[below(f, sizeof words / sizeof *words)], number,
	    sometimes(f) ? words[below(f, 4)] : "");
	return xstrdup(text);
}

static int64_t
span(struct fixture *f, int64_t least_us, int64_t most_us)
{
	int64_t units[] = { 1, 1000, INSTANT_SECOND, 60 * INSTANT_SECOND };
	int64_t us = units[below(f, 4)] * (int64_t)below(f, 5000);

	return us < least_us ? least_us : us > most_us ? most_us : us;
}

static void
make_waves(struct fixture *f, struct race_rules *r)
{
	/* Noon of the race's day, the hour that comes twice, and elsewhere. */
	static const int64_t near[] = { 1414317600, 1414282500, 1414286100,
		946684800, 4102444700 };

	r->wave_count = 1 + below(f, 4);
	r->waves = xcalloc(r->wave_count, sizeof *r->waves);
	for (size_t i = 0; i < r->wave_count; i++) {
		struct race_wave *w = &r->waves[i];

		w->name = name(f, i);
		w->gun_us = sometimes(f)
		    ? RACE_NO_TIME
		    : near[below(f, 5)] * INSTANT_SECOND + span(f, 0, 10);
		/* Two that overlap are refused. */
		if (i == 0 && sometimes(f))
			w->window_us = span(f, INSTANT_SECOND, 86400000000);
	}
}

static void
make_limits(struct fixture *f, struct race_point *p, bool start)
{
	static const int64_t most_us = INT64_C(8640000) * INSTANT_SECOND;

	if (sometimes(f) && !start)
		p->min_us = span(f, 0, most_us);
	if (sometimes(f) && !start)
		p->max_us = p->min_us + span(f, INSTANT_SECOND, most_us);
	if (sometimes(f))
		p->gap_us = span(f, 0, most_us / 100);
	if (sometimes(f) && p->max_us == 0)
		p->cutoff_us = p->min_us + span(f, INSTANT_SECOND, most_us);
}

static void
make_points(struct fixture *f, struct race_rules *r)
{
	uint32_t metres = (uint32_t)below(f, 2) * 1234;

	r->point_count = 1 + below(f, 5);
	r->points = xcalloc(r->point_count, sizeof *r->points);
	for (size_t i = 0; i < r->point_count; i++) {
		struct race_point *p = &r->points[i];

		p->name = name(f, i);
		p->metres = metres;
		metres += (uint32_t)below(f, 3) * (uint32_t)below(f, 9999);
		make_limits(f, p, i == 0 && p->metres == 0);
		p->backup = sometimes(f) ? name(f, 100 + i) : xstrdup("");
		if (p->backup[0] != '\0')
			p->tolerance_us = sometimes(f)
			    ? 10 * INSTANT_SECOND
			    : span(f, 0, 3600 * INSTANT_SECOND);
	}
}

static void
make_groups(struct fixture *f, struct race_rules *r)
{
	static const char *const sexes[] = { "F", "M", "X", "" };
	const char *sex = sexes[below(f, 4)];
	uint32_t age = 0;

	r->category_count = below(f, 5);
	r->categories = xcalloc(r->category_count + 1, sizeof *r->categories);
	for (size_t i = 0; i < r->category_count; i++) {
		struct race_category *c = &r->categories[i];

		c->name = name(f, i);
		c->sex = xstrdup(sex);
		c->from = age;
		c->to = age + (uint32_t)below(f, 20);
		age = c->to + 1;
		if (i + 1 == r->category_count)
			c->to = RACE_AGE_MAX;
	}
	r->alias_count = below(f, 6);
	r->aliases = xcalloc(r->alias_count + 1, sizeof *r->aliases);
	for (size_t i = 0; i < r->alias_count; i++) {
		char text[NAME];

		(void)snprintf(text, sizeof text, "%zu \\\"spelling", i);
		r->aliases[i].spelling = xstrdup(text);
		(void)snprintf(text, sizeof text, "Team %d", (int)below(f, 3));
		r->aliases[i].team = xstrdup(text);
	}
}

static void
make_runners(struct fixture *f, struct race_ranking *k)
{
	k->by = (enum race_by)below(f, 3);
	k->ties = (enum race_ties)below(f, 3);
	if (k->by == RACE_BY_NET && sometimes(f))
		k->gun_first = 1 + (uint32_t)below(f, 1000);
}

static void
make_teams(struct fixture *f, struct race_ranking *k)
{
	k->score = (enum race_score)below(f, 3);
	if (k->score == RACE_SCORE_PLACES)
		k->round = RACE_ROUND_UP_SECOND;
	if (sometimes(f))
		k->size_min = (uint32_t)below(f, 30);
	if (sometimes(f))
		k->size_max = k->size_min + 1 + (uint32_t)below(f, 30);
	if (k->score == RACE_SCORE_KM) {
		k->average = sometimes(f);
		return;
	}
	k->by = (enum race_by)below(f, 2);
	k->best = 1 + (uint32_t)below(f, RACE_BEST_MAX);
	k->how = (enum race_how)below(f, 3);
	k->sides = 1 + (uint32_t)below(f, RACE_SIDES_MAX);
	if (k->sex[0] != '\0')
		return;
	k->women = (uint32_t)below(f, k->best + 1);
	k->men = (uint32_t)below(f, k->best - k->women + 1);
}

static bool
counts_furthest(const struct race_ranking *k)
{
	return k->of == RACE_RUNNERS ? k->by == RACE_BY_KM
	                             : k->score == RACE_SCORE_KM;
}

static void
make_ranking(struct fixture *f, const struct race_rules *r, size_t i,
    struct race_ranking *k)
{
	static const char *const sexes[] = { "", "F", "M", "X" };

	k->name = name(f, i);
	for (char *slash; (slash = strchr(k->name, '/')) != NULL;)
		*slash = '-';
	k->of = below(f, 2) == 0 ? RACE_RUNNERS : RACE_TEAMS;
	k->sex = xstrdup(sexes[below(f, 4)]);
	k->category = sometimes(f) ? name(f, 3) : xstrdup("");
	k->team = sometimes(f) ? name(f, 4) : xstrdup("");
	k->wave =
	    xstrdup(sometimes(f) ? r->waves[below(f, r->wave_count)].name : "");
	k->round = (enum race_round)below(f, 2);
	k->best = 3;
	k->sides = 1;
	if (k->of == RACE_RUNNERS)
		make_runners(f, k);
	else
		make_teams(f, k);
	k->at = (int)r->point_count - 1;
	if (!counts_furthest(k))
		k->at = (int)below(f, r->point_count + 1) - 1;
}

/* Of those before it, so that none goes round in a circle. */
static void
make_without(struct fixture *f, const struct race_rules *r, size_t i,
    struct race_ranking *k)
{
	for (size_t v = 0; v < i && k->of == RACE_RUNNERS; v++)
		if (r->rankings[v].of == RACE_RUNNERS && sometimes(f) &&
		    k->without_count < RACE_WITHOUT_MAX)
			k->without[k->without_count++] =
			    (struct race_without){ (uint32_t)v,
				    1 + (uint32_t)below(f, 1000) };
}

static void
make_rankings(struct fixture *f, struct race_rules *r)
{
	r->ranking_count = 1 + below(f, 6);
	r->rankings = xcalloc(r->ranking_count, sizeof *r->rankings);
	for (size_t i = 0; i < r->ranking_count; i++) {
		make_ranking(f, r, i, &r->rankings[i]);
		make_without(f, r, i, &r->rankings[i]);
	}
	r->award_count = below(f, 4);
	r->awards = xcalloc(r->award_count + 1, sizeof *r->awards);
	for (size_t i = 0; i < r->award_count; i++) {
		struct race_award *a = &r->awards[i];

		a->name = name(f, i);
		a->ranking =
		    xstrdup(r->rankings[below(f, r->ranking_count)].name);
		a->places = 1 + (uint32_t)below(f, 1000);
	}
}

static struct race_rules *
make_rules(struct fixture *f)
{
	static const char *const zones[] = { "Europe/Paris", "UTC",
		"America/Los_Angeles", "Asia/Kolkata" };
	struct race_rules *r = xcalloc(1, sizeof *r);

	r->title = name(f, 2014);
	r->date = xstrdup(sometimes(f) ? "2014-09-21" : "2014-10-26");
	r->timezone = xstrdup(zones[below(f, 4)]);
	r->fastest_us_km = sometimes(f)
	    ? span(f, 60 * INSTANT_SECOND, 3600 * INSTANT_SECOND)
	    : 120 * INSTANT_SECOND;
	make_waves(f, r);
	make_points(f, r);
	make_groups(f, r);
	make_rankings(f, r);
	return r;
}

/* ---- there and back ---- */

static char *
written(const struct race_rules *rules)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	conf_rules_write(out, rules);
	assert_int_equal(fclose(out), 0);
	return text;
}

static struct race_rules *
read_back(struct fixture *f, const char *text)
{
	FILE *file;

	conf_report_clear(&f->report);
	(void)unlink(f->path);
	file = fopen(f->path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return conf_rules(f->dir, &f->report);
}

static void
print_errors(const struct fixture *f)
{
	for (size_t i = 0; i < f->report.count; i++)
		if (f->report.problems[i].error)
			print_error("%u: %s\n", f->report.problems[i].line,
			    f->report.problems[i].text);
}

static void
rules_that_are_written_are_read_back_the_same(void **state)
{
	struct fixture *f = *state;

	f->random = test_seed();
	for (int i = 0; i < ROUNDS; i++) {
		struct race_rules *rules = make_rules(f);
		char *text = written(rules);
		struct race_rules *back = read_back(f, text);

		print_errors(f);
		if (back == NULL || !rules_equal(rules, back))
			print_error("%s\n", text);
		assert_non_null(back);
		assert_true(rules_equal(rules, back));
		rules_free(back);
		rules_free(rules);
		free(text);
	}
}

/* What is in race.yaml.5's example, as a person would write it. */
static void
a_race_is_written_as_people_write_it(void **state)
{
	static const char yaml[] =
	    "title: \"Les 8 kilomètres\"\n"
	    "date: 2014-09-21\n"
	    "timezone: Europe/Paris\n"
	    "waves:\n"
	    "  masse: { gun: \"10:00:00\" }\n"
	    "  elite: { gun: \"09:59:30.5\", window: \"20:00\" }\n"
	    "  later:\n"
	    "points:\n"
	    "  depart: { km: 0 }\n"
	    "  mi-course: { km: 4.25, min: \"12:00\" }\n"
	    "  arrivee: { km: 8, backup: arrivee-b }\n"
	    "categories:\n"
	    "  SE: { sex: F, ages: 23-34 }\n"
	    "  M0: { sex: M, ages: 35- }\n"
	    "aliases:\n"
	    "  Nespresso: [NESPRESSO, \"Nespresso SA\"]\n"
	    "rankings:\n"
	    "  scratch: { of: runners }\n"
	    "  femmes: { of: runners, sex: F, by: net, without: { scratch: 3 "
	    "} }\n"
	    "  live: { of: runners, at: live }\n"
	    "  fast: { of: teams, score: time, best: 3 }\n"
	    "awards:\n"
	    "  \"Le plus rapide\": { ranking: scratch, places: 3 }\n";
	struct fixture *f = *state;
	struct race_rules *rules = read_back(f, yaml);
	char *text;

	print_errors(f);
	assert_non_null(rules);
	text = written(rules);
	assert_string_equal(text, yaml);
	free(text);
	rules_free(rules);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rules_that_are_written_are_read_back_the_same),
		TEST(a_race_is_written_as_people_write_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
