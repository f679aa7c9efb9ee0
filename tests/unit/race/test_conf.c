#include "support/test.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "race/conf.h"
#include "race/rules.h"

/* A race folder of its own for each test. */
struct fixture {
	char dir[64];
	struct conf_report report;
	struct conf_roll roll;
	struct race_rules *rules;
};

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	(void)snprintf(f->dir, sizeof f->dir, "/tmp/test_conf.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	*state = f;
	return 0;
}

static char *
path_of(const struct fixture *f, const char *name)
{
	return xasprintf("%s/%s", f->dir, name);
}

static void
forget(struct fixture *f)
{
	rules_free(f->rules);
	f->rules = NULL;
	conf_report_clear(&f->report);
	conf_roll_clear(&f->roll);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char *yaml = path_of(f, "race.yaml");
	char *csv = path_of(f, "entries.csv");

	forget(f);
	(void)unlink(yaml);
	(void)unlink(csv);
	(void)rmdir(f->dir);
	free(yaml);
	free(csv);
	free(f);
	return 0;
}

static void
write_bytes(const struct fixture *f, const char *name, const char *bytes,
    size_t len)
{
	char *path = path_of(f, name);
	FILE *file;

	/* A new file each time: ext4 writes a truncated one to the disk. */
	(void)unlink(path);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	free(path);
}

static void
read_rules(struct fixture *f, const char *text)
{
	forget(f);
	write_bytes(f, "race.yaml", text, strlen(text));
	f->rules = conf_rules(f->dir, &f->report);
	/* No rules if and only if there is an error. */
	assert_int_equal(f->rules == NULL, f->report.errors > 0);
}

static int
read_entries(struct fixture *f, const char *text)
{
	int rc;

	conf_report_clear(&f->report);
	conf_roll_clear(&f->roll);
	write_bytes(f, "entries.csv", text, strlen(text));
	rc = conf_entries(f->dir, f->rules, &f->roll, &f->report);
	assert_int_equal(rc, f->report.errors > 0 ? -EINVAL : 0);
	return rc;
}

/* All problems, one a line. */
static char *
told(const struct fixture *f)
{
	char *all = xstrdup("");

	for (size_t i = 0; i < f->report.count; i++) {
		char line[1500];
		char *longer;
		int n = conf_problem_print(line, sizeof line,
		    &f->report.problems[i]);

		assert_in_range(n, 1, sizeof line - 1);
		longer = xasprintf("%s%s\n", all, line);
		free(all);
		all = longer;
	}
	return all;
}

static void
assert_told(const struct fixture *f, const char *words)
{
	char *all = told(f);

	if (strstr(all, words) == NULL)
		fail_msg("no problem says \"%s\":\n%s", words, all);
	free(all);
}

static void
assert_quiet(const struct fixture *f)
{
	char *all = told(f);

	assert_string_equal(all, "");
	free(all);
}

/* ---- race.yaml ---- */

/* What every race needs, then the rest. */
#define HEAD                                                                   \
	"title: Les 8 km\n"                                                    \
	"date: 2014-09-21\n"                                                   \
	"timezone: Europe/Paris\n"
#define WAVES    "waves: { masse: { gun: \"10:00:00\" } }\n"
#define POINTS   "points: { depart: { km: 0 }, arrivee: { km: 8 } }\n"
#define RANKINGS "rankings: { scratch: { of: runners } }\n"

static void
the_race_of_the_manual_is_read(void **state)
{
	struct fixture *f = *state;
	const struct race_rules *r;

	read_rules(f,
	    "title: Les 8 kilom\xc3\xa8tres de la relation client\n"
	    "date: 2014-09-21\n"
	    "timezone: Europe/Paris\n"
	    "waves:\n"
	    "  masse: { gun: \"10:00:00\" }\n"
	    "points:\n"
	    "  depart:    { km: 0 }\n"
	    "  mi-course: { km: 4 }\n"
	    "  arrivee:   { km: 8 }\n"
	    "rankings:\n"
	    "  scratch:              { of: runners }\n"
	    "  femmes:               { of: runners, sex: F }\n"
	    "  entreprise-rapide:    { of: teams, score: time, best: 3 }\n"
	    "  entreprise-solidaire: { of: teams, score: km }\n"
	    "awards:\n"
	    "  La plus rapide: { ranking: entreprise-rapide, places: 3 }\n");
	assert_quiet(f);
	r = f->rules;
	assert_string_equal(r->title,
	    "Les 8 kilom\xc3\xa8tres de la relation client");
	assert_string_equal(r->date, "2014-09-21");
	assert_string_equal(r->timezone, "Europe/Paris");
	assert_int_equal(r->wave_count, 1);
	assert_int_equal(r->waves[0].gun_us, INT64_C(1411286400000000));
	assert_int_equal(r->point_count, 3);
	assert_string_equal(r->points[1].name, "mi-course");
	assert_int_equal(r->points[1].metres, 4000);
	assert_int_equal(r->points[1].min_us, 0);
	assert_int_equal(r->ranking_count, 4);
	assert_string_equal(r->rankings[1].sex, "F");
	assert_int_equal(r->rankings[2].of, RACE_TEAMS);
	assert_int_equal(r->rankings[3].score, RACE_SCORE_KM);
	assert_int_equal(r->award_count, 1);
	assert_string_equal(r->awards[0].ranking, "entreprise-rapide");
	assert_int_equal(r->awards[0].places, 3);
	assert_string_equal(getenv("TZ"), "Europe/Paris");
}

static void
rankings_have_defaults(void **state)
{
	struct fixture *f = *state;
	const struct race_ranking *k;

	read_rules(f, HEAD WAVES POINTS "rankings: { all: }\n");
	assert_quiet(f);
	k = &f->rules->rankings[0];
	assert_int_equal(k->of, RACE_RUNNERS);
	assert_string_equal(k->sex, "");
	assert_string_equal(k->category, "");
	assert_string_equal(k->team, "");
	assert_string_equal(k->wave, "");
	assert_int_equal(k->at, 1);
	assert_int_equal(k->by, RACE_BY_GUN);
	assert_int_equal(k->ties, RACE_TIES_SHARED);
	assert_int_equal(k->round, RACE_ROUND_UP_SECOND);
	assert_int_equal(k->score, RACE_SCORE_TIME);
	assert_int_equal(k->best, 3);
}

static void
rankings_take_every_key(void **state)
{
	struct fixture *f = *state;
	const struct race_ranking *k;

	/* Sections in any order: rankings may stand before what they name. */
	read_rules(f,
	    "rankings:\n"
	    "  a: { of: runners, sex: m, category: M40, team: \"A & B\",\n"
	    "       wave: masse, at: depart, by: net, ties: order,\n"
	    "       round: none }\n"
	    "  b: { at: live, ties: time }\n"
	    "  c: { of: teams, best: 64, by: net }\n"
	    "  d: { by: km }\n" WAVES POINTS HEAD);
	assert_quiet(f);
	k = f->rules->rankings;
	assert_string_equal(k[0].sex, "M");
	assert_string_equal(k[0].category, "M40");
	assert_string_equal(k[0].team, "A & B");
	assert_string_equal(k[0].wave, "masse");
	assert_int_equal(k[0].at, 0);
	assert_int_equal(k[0].by, RACE_BY_NET);
	assert_int_equal(k[0].ties, RACE_TIES_ORDER);
	assert_int_equal(k[0].round, RACE_ROUND_NONE);
	assert_int_equal(k[1].at, RACE_LIVE);
	assert_int_equal(k[1].ties, RACE_TIES_TIME);
	assert_int_equal(k[2].best, 64);
	assert_int_equal(k[3].by, RACE_BY_KM);
}

static void
guns_are_local_absolute_or_not_yet_known(void **state)
{
	struct fixture *f = *state;

	read_rules(f,
	    HEAD POINTS RANKINGS "waves:\n"
	                         "  a: { gun: 10:00:00.25 }\n"
	                         "  b: { gun: 2014-09-21T08:00:00Z }\n"
	                         "  c: {}\n"
	                         "  d:\n");
	assert_quiet(f);
	assert_int_equal(f->rules->waves[0].gun_us, INT64_C(1411286400250000));
	assert_int_equal(f->rules->waves[1].gun_us, INT64_C(1411286400000000));
	assert_int_equal(f->rules->waves[2].gun_us, RACE_NO_TIME);
	assert_int_equal(f->rules->waves[3].gun_us, RACE_NO_TIME);
}

static void
a_gun_that_cannot_be_is_refused(void **state)
{
	struct fixture *f = *state;

	read_rules(f,
	    "title: x\ndate: 2014-03-30\ntimezone: Europe/Paris\n"
	    "waves:\n"
	    "  a: { gun: \"02:30:00\" }\n"
	    "  b: { gun: \"+10\" }\n"
	    "  c: { gun: 10 }\n"
	    "  d: { gun: }\n"
	    "  e: { gun: [] }\n" POINTS RANKINGS);
	assert_int_equal(f->report.errors, 5);
	assert_told(f, "race.yaml:5:13: gun 02:30:00 does not exist");
	assert_told(f, "race.yaml:6:13: gun \"+10\"");
	assert_told(f, "race.yaml:7:13: gun \"10\": a bare number");
	assert_told(f, "race.yaml:8:13: gun is empty");
	assert_told(f, "race.yaml:9:13: gun: has to be one value");
}

static void
a_gun_that_can_be_two_or_is_far_away_is_asked_about(void **state)
{
	struct fixture *f = *state;

	read_rules(f,
	    "title: x\ndate: 2014-10-26\ntimezone: Europe/Paris\n"
	    "waves:\n"
	    "  a: { gun: \"02:30:00\" }\n"
	    "  b: { gun: 2013-10-26T10:00:00Z }\n" POINTS RANKINGS);
	assert_int_equal(f->report.count, 2);
	assert_told(f, "race.yaml:5:13: warning: gun \"02:30:00\" comes twice");
	assert_told(f, "2014-10-26T02:30:00+01:00");
	assert_told(f, "race.yaml:6:13: warning: gun 2013-10-26T12:00:00");
	/* 00:30 UTC is 02:30 summer time, the first. */
	assert_int_equal(f->rules->waves[0].gun_us, INT64_C(1414283400000000));
}

static void
kilometres_are_read_by_digits(void **state)
{
	struct fixture *f = *state;

	read_rules(f,
	    HEAD WAVES RANKINGS "points:\n"
	                        "  a: { km: 0.001 }\n"
	                        "  b: { km: 007.5 }\n"
	                        "  c: { km: \"21.097\", min: 0:58:00 }\n"
	                        "  d: { km: 21.097 }\n"
	                        "  e: { km: 99999.999 }\n");
	assert_quiet(f);
	assert_int_equal(f->rules->points[0].metres, 1);
	assert_int_equal(f->rules->points[1].metres, 7500);
	assert_int_equal(f->rules->points[2].metres, 21097);
	assert_int_equal(f->rules->points[2].min_us, INT64_C(3480000000));
	assert_int_equal(f->rules->points[4].metres, 99999999);
}

static void
kilometres_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = { "\"\"", "\"4,5\"", "-1", "1.2345",
		"100000", "99999999999999999999", "4.", ".5", "4km", "0x10",
		"1e3", "[1]" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char *text = xasprintf("%spoints: { a: { km: %s } }\n",
		    HEAD WAVES RANKINGS, bad[i]);

		read_rules(f, text);
		if (f->report.errors != 1)
			fail_msg("km %s", bad[i]);
		assert_told(f, "race.yaml:6:");
		free(text);
	}
}

static void
points_that_go_back_are_refused(void **state)
{
	struct fixture *f = *state;

	read_rules(f,
	    HEAD WAVES RANKINGS "points:\n"
	                        "  a: { km: 4 }\n"
	                        "  b: { km: 4 }\n"
	                        "  c: { km: 3.999 }\n"
	                        "  live: { km: 5 }\n");
	assert_int_equal(f->report.errors, 2);
	assert_told(f, "race.yaml:9:3: point \"c\" at 3999 m");
	assert_told(f, "race.yaml:10:3: point \"live\"");
}

static void
one_run_tells_every_mistake_in_order(void **state)
{
	struct fixture *f = *state;
	char *all;

	read_rules(f,
	    "titel: x\n"
	    "date: 2014-02-30\n"
	    "timezone: Europe/Lutece\n"
	    "awards:\n"
	    "  A: { ranking: zz, places: 0 }\n"
	    "waves:\n"
	    "  a: { gun: noon, colour: red }\n"
	    "rankings:\n"
	    "  r: { of: horses, at: moon, wave: z, best: x }\n"
	    "points:\n"
	    "  start: { km: zero }\n");
	all = told(f);
	assert_non_null(all);
	assert_int_equal(f->report.errors, 14);
	for (size_t i = 1; i < f->report.count; i++)
		assert_true(f->report.problems[i - 1].line <=
		    f->report.problems[i].line);
	free(all);
	assert_told(f, "race.yaml: title is missing: add a line as in  title:");
	assert_told(f,
	    "race.yaml:1:1: unknown key \"titel\": did you mean "
	    "\"title\"?");
	assert_told(f, "race.yaml:2:7: date \"2014-02-30\"");
	assert_told(f, "race.yaml:3:11: timezone \"Europe/Lutece\"");
	assert_told(f, "race.yaml:5:17: ranking \"zz\"");
	assert_told(f, "race.yaml:5:29: places \"0\"");
	assert_told(f, "race.yaml:7:13: gun \"noon\"");
	assert_told(f, "race.yaml:7:19: unknown key \"colour\"");
	assert_told(f, "race.yaml:9:12: of \"horses\"");
	assert_told(f, "race.yaml:9:24: at \"moon\"");
	assert_told(f, "race.yaml:9:36: wave \"z\"");
	assert_told(f, "race.yaml:9:45: best \"x\"");
	assert_told(f, "race.yaml:11:16: km \"zero\"");
}

static void
everything_missing_is_told_at_once(void **state)
{
	static const char *const needed[] = { "title", "date", "timezone",
		"waves", "points", "rankings" };
	struct fixture *f = *state;

	read_rules(f, "# nothing yet\n");
	assert_int_equal(f->report.errors, 6);
	for (size_t i = 0; i < 6; i++) {
		char *words = xasprintf("race.yaml: %s is missing", needed[i]);

		assert_told(f, words);
		free(words);
	}
	read_rules(f, HEAD "waves: {}\npoints:\nrankings: []\n");
	assert_int_equal(f->report.errors, 3);
	assert_told(f, "race.yaml:4:8: waves has nothing in it");
	assert_told(f, "race.yaml:5:8: points has nothing in it");
	assert_told(f, "race.yaml:6:11: rankings: has to be a table");
}

/* Everything else being right, one line is refused with these words. */
static void
assert_refused(struct fixture *f, const char *text, const char *words)
{
	read_rules(f, text);
	if (f->report.errors == 0)
		fail_msg("was taken:\n%s", text);
	assert_told(f, words);
}

#define R(ranking) HEAD WAVES POINTS "rankings: { a: { " ranking " } }\n"

static void
what_this_version_cannot_do_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, R("by: laps"), "by \"laps\": this version cannot");
}

static void
keys_that_say_nothing_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, R("score: time"),
	    "6:25: score: a ranking of runners");
	assert_refused(f, R("best: 3"), "6:24: best: a ranking of runners");
	assert_refused(f, R("by: km, at: live"), "6:30: at: by: km counts");
	assert_refused(f, R("of: teams, ties: order"), "6:35: ties: teams");
	assert_refused(f, R("of: teams, ties: time"), "6:35: ties: teams");
	assert_refused(f, R("of: teams, by: km"), "write score: km");
	assert_refused(f, R("of: teams, score: km, best: 3"),
	    "best: score: km");
	assert_refused(f, R("of: teams, score: km, at: depart"),
	    "at: score: km");
	assert_refused(f, R("sex: H"), "sex \"H\": must be F, M or X");
	assert_refused(f, R("sex:"), "sex \"\": must be F, M or X");
	assert_refused(f, R("best: 65, of: teams"), "from 1 to 64");
	assert_refused(f, R("best: 99999999999, of: teams"), "from 1 to 64");
}

/* ---- what is for waves, points, rankings, groups ---- */

#define W(waves) HEAD "waves: { " waves " }\n" POINTS RANKINGS
#define P(finish)                                                              \
	HEAD WAVES "points: { depart: { km: 0 }, arrivee: { km: 8, " finish    \
	           " } }\n" RANKINGS
#define K(members) HEAD WAVES POINTS "rankings: { " members " }\n"
#define G(groups)  HEAD WAVES POINTS RANKINGS groups "\n"

static const int64_t second_us = 1000000;

static void
waves_have_windows(void **state)
{
	struct fixture *f = *state;

	read_rules(f,
	    W("a: { gun: \"10:00:00\", window: 5 min }, "
	      "b: { gun: \"10:05:00\", window: \"0:05:00\" }, c:"));
	assert_quiet(f);
	assert_int_equal(f->rules->waves[0].window_us, 300 * second_us);
	assert_int_equal(f->rules->waves[1].window_us, 300 * second_us);
	assert_int_equal(f->rules->waves[2].window_us, 0);
	/* Who has no gun yet may overlap with nobody. */
	read_rules(f, W("a: { window: 5 min }, b: { window: 5 min }"));
	assert_quiet(f);
	assert_refused(f,
	    W("a: { gun: \"10:00:00\", window: 301 s }, "
	      "b: { gun: \"10:05:00\", window: 5 min }"),
	    "4:49: the windows of \"a\" and \"b\" overlap");
	assert_refused(f, W("a: { window: 0 s }"),
	    "4:23: window \"0 s\": must be between 0:01 and 24:00:00");
	assert_refused(f, W("a: { window: soon }"),
	    "window \"soon\": write 30 s, 20 min");
}

static void
points_have_limits(void **state)
{
	struct fixture *f = *state;
	const struct race_point *p;

	read_rules(f,
	    P("min: 20 min, max: 3 h, gap: 30 s, backup: second, "
	      "tolerance: 5 s, cutoff: 2h30"));
	assert_quiet(f);
	p = &f->rules->points[1];
	assert_int_equal(p->min_us, 1200 * second_us);
	assert_int_equal(p->max_us, 10800 * second_us);
	assert_int_equal(p->gap_us, 30 * second_us);
	assert_string_equal(p->backup, "second");
	assert_int_equal(p->tolerance_us, 5 * second_us);
	assert_int_equal(p->cutoff_us, 9000 * second_us);
	assert_string_equal(f->rules->points[0].backup, "");
	assert_int_equal(f->rules->points[0].max_us, 0);
	read_rules(f, P("backup: second"));
	assert_quiet(f);
	assert_int_equal(f->rules->points[1].tolerance_us, 10 * second_us);
}

static void
limits_that_contradict_each_other_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, P("min: 20 min, max: 20 min"),
	    "max: has to be longer than min");
	assert_refused(f, P("min: 20 min, cutoff: 10 min"),
	    "cutoff: has to be longer than min");
	assert_refused(f, P("max: 2 h, cutoff: 2 h"),
	    "cutoff: nobody comes in after it");
	assert_refused(f, P("tolerance: 5 s"), "tolerance: is for a backup");
	assert_refused(f, P("backup: depart"), "backup \"depart\": is a point");
	assert_refused(f, P("backup: arrivee"),
	    "backup \"arrivee\": is a point");
	assert_refused(f, P("backup: \"\""), "backup is empty");
	assert_refused(f, P("gap: 25 h"), "gap \"25 h\": must be between");
	assert_refused(f,
	    HEAD WAVES
	    "points: { a: { km: 0, max: 30 min }, b: { km: 1 } }\n" RANKINGS,
	    "max: at the start the last read counts");
	assert_refused(f,
	    HEAD WAVES
	    "points: { a: { km: 0, min: 1 s }, b: { km: 1 } }\n" RANKINGS,
	    "min: at the start the last read counts");
	/* A course that begins further on has none. */
	read_rules(f,
	    HEAD WAVES
	    "points: { a: { km: 1, min: 1 s }, b: { km: 2 } }\n" RANKINGS);
	assert_quiet(f);
	assert_refused(f,
	    HEAD WAVES "points: { a: { km: 0, backup: x }, "
	               "b: { km: 1, backup: x } }\n" RANKINGS,
	    "backup \"x\": is that of another point already");
}

static void
the_first_by_gun_and_the_others_by_net(void **state)
{
	struct fixture *f = *state;

	read_rules(f, R("by: net, gun_first: 3"));
	assert_quiet(f);
	assert_int_equal(f->rules->rankings[0].gun_first, 3);
	assert_refused(f, R("gun_first: 3"),
	    "gun_first: is for a ranking by net");
	assert_refused(f, R("by: km, gun_first: 3"),
	    "gun_first: is for a ranking by net");
	assert_refused(f, R("of: teams, by: net, gun_first: 3"),
	    "gun_first: a ranking of teams has none");
	assert_refused(f, R("by: net, gun_first: 0"), "from 1 to 1000");
}

static void
prize_categories_leave_out_the_overall_winners(void **state)
{
	struct fixture *f = *state;
	const struct race_ranking *k;

	/* Also of a ranking that stands below. */
	read_rules(f,
	    K("a: { without: { c: 3, b: 1 } }, b: { without: { c: 2 } "
	      "}, c:"));
	assert_quiet(f);
	k = f->rules->rankings;
	assert_int_equal(k[0].without_count, 2);
	assert_int_equal(k[0].without[0].ranking, 2);
	assert_int_equal(k[0].without[0].places, 3);
	assert_int_equal(k[0].without[1].ranking, 1);
	assert_int_equal(k[0].without[1].places, 1);
	assert_int_equal(k[1].without_count, 1);
	assert_int_equal(k[2].without_count, 0);
	assert_refused(f, K("a: { without: { z: 3 } }"),
	    "6:29: without \"z\": none of the rankings");
	assert_refused(f, K("a: { without: { a: 3 } }"),
	    "without \"a\": is this ranking itself");
	assert_refused(f, K("a: { without: { b: 3 } }, b: { of: teams }"),
	    "without \"b\": is of teams");
	assert_refused(f, K("a: { of: teams, without: { b: 3 } }, b:"),
	    "without: a ranking of teams has none");
	assert_refused(f, K("a: { without: { b: 0 } }, b:"),
	    "b \"0\": must be a whole number from 1");
	assert_refused(f, K("a: { without: b }, b:"),
	    "without: has to be a table, as in without: { scratch: 3 }");
	assert_refused(f,
	    K("a: { without: { b: 1 } }, b: { without: { c: 1 } }, "
	      "c: { without: { a: 1 } }, d: { without: { a: 1 } }"),
	    "ranking \"c\": goes round in a circle");
	/* d only leads to it. */
	assert_int_equal(f->report.errors, 3);
	assert_refused(f,
	    K("a: { without: { b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, "
	      "j: 1 } }, b: {}, c: {}, d: {}, e: {}, f: {}, g: {}, h: {}, i: "
	      "{}, j: {}"),
	    "more than 8 rankings in without");
}

static void
teams_are_scored_in_many_ways(void **state)
{
	struct fixture *f = *state;
	const struct race_ranking *k;

	read_rules(f,
	    K("a: { of: teams, best: 4, how: mean, women: 2, men: 2, sides: 3, "
	      "size: 10-50 }, b: { of: teams, score: places, how: last }, "
	      "c: { of: teams, score: km, average: yes, size: 50- }, d: { of: "
	      "teams }"));
	assert_quiet(f);
	k = f->rules->rankings;
	assert_int_equal(k[0].score, RACE_SCORE_TIME);
	assert_int_equal(k[0].best, 4);
	assert_int_equal(k[0].how, RACE_MEAN);
	assert_int_equal(k[0].women, 2);
	assert_int_equal(k[0].men, 2);
	assert_int_equal(k[0].sides, 3);
	assert_int_equal(k[0].size_min, 10);
	assert_int_equal(k[0].size_max, 50);
	assert_int_equal(k[1].score, RACE_SCORE_PLACES);
	assert_int_equal(k[1].how, RACE_LAST);
	assert_int_equal(k[1].best, 3);
	assert_true(k[2].average);
	assert_int_equal(k[2].size_min, 50);
	assert_int_equal(k[2].size_max, 0);
	assert_int_equal(k[3].how, RACE_SUM);
	assert_int_equal(k[3].sides, 1);
	assert_int_equal(k[3].women + k[3].men, 0);
	assert_false(k[3].average);
}

static void
scores_that_contradict_themselves_are_refused(void **state)
{
	static const char *const of_teams[] = { "how: sum", "women: 1",
		"men: 1", "sides: 2", "size: 1-9", "average: yes" };
	static const char *const of_scorers[] = { "how: sum", "women: 1",
		"men: 1", "sides: 2", "best: 3" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof of_teams / sizeof *of_teams; i++) {
		char *text = xasprintf("%srankings: { a: { %s } }\n",
		    HEAD WAVES POINTS, of_teams[i]);

		assert_refused(f, text, "a ranking of runners has none");
		free(text);
	}
	for (size_t i = 0; i < sizeof of_scorers / sizeof *of_scorers; i++) {
		char *text = xasprintf("%srankings: { a: { of: teams, score: "
		                       "km, %s } }\n",
		    HEAD WAVES POINTS, of_scorers[i]);

		assert_refused(f, text, "score: km adds up all runners");
		free(text);
	}
	assert_refused(f, R("of: teams, average: yes"),
	    "average: is for score: km");
	assert_refused(f, R("of: teams, score: places, round: none"),
	    "round: score: places adds up places");
	assert_refused(f, R("of: teams, best: 3, women: 2, men: 2"),
	    "men: women and men are more than best");
	assert_refused(f, R("of: teams, women: 4"),
	    "women: women and men are more than best");
	assert_refused(f, R("of: teams, sex: M, women: 1"),
	    "women: sex leaves them out");
	assert_refused(f, R("of: teams, sex: F, men: 1"),
	    "men: sex leaves them out");
	assert_refused(f, R("of: teams, sides: 27"), "from 1 to 26");
	assert_refused(f, R("of: teams, how: median"),
	    "how \"median\": must be one of sum, mean, last");
	assert_refused(f, R("of: teams, score: km, average: true"),
	    "average \"true\": must be one of no, yes");
	assert_refused(f, R("of: teams, size: 50-10"),
	    "size \"50-10\": ends before it begins");
	assert_refused(f, R("of: teams, size: 20001"),
	    "size \"20001\": must be whole numbers up to 20000");
	assert_refused(f, R("of: teams, size: \"-\""),
	    "size \"-\": must be whole");
	assert_refused(f, R("of: teams, size: 1-2-3"), "must be whole numbers");
}

static void
categories_are_ages_and_a_sex(void **state)
{
	struct fixture *f = *state;
	const struct race_category *c;

	read_rules(f,
	    G("categories: { U18: { ages: -17 }, E: { ages: 18 }, "
	      "SE-F: { sex: f, ages: 19-34 }, SE: { ages: 19-34 }, "
	      "M: { ages: 35- } }"));
	assert_quiet(f);
	c = f->rules->categories;
	assert_int_equal(f->rules->category_count, 5);
	assert_string_equal(c[0].name, "U18");
	assert_string_equal(c[0].sex, "");
	assert_int_equal(c[0].from, 0);
	assert_int_equal(c[0].to, 17);
	assert_int_equal(c[1].from, 18);
	assert_int_equal(c[1].to, 18);
	assert_string_equal(c[2].sex, "F");
	assert_int_equal(c[4].from, 35);
	assert_int_equal(c[4].to, RACE_AGE_MAX);
}

static void
nobody_is_in_two_categories(void **state)
{
	struct fixture *f = *state;

	assert_refused(f,
	    G("categories: { A: { ages: 18-22 }, B: { ages: 22- } }"),
	    "7:35: category \"B\": the ages overlap with those of \"A\"");
	assert_refused(f,
	    G("categories: { A: { sex: F, ages: 18-22 }, B: { sex: F, ages: "
	      "20- } }"),
	    "give each age to one");
	/* Nobody would be in the second. */
	assert_refused(f,
	    G("categories: { SE: { ages: 19-34 }, SE-F: { sex: F, ages: 19-34 "
	      "} }"),
	    "let the one with a sex come first");
	assert_refused(f, G("categories: { A: { sex: F } }"),
	    "category \"A\" has no ages");
	assert_refused(f, G("categories: { A: { ages: young } }"),
	    "ages \"young\": must be whole numbers up to 150, as in 18-22");
	assert_refused(f, G("categories: { A: { ages: 151- } }"),
	    "must be whole numbers up to 150");
	assert_refused(f, G("categories: { A: { ages: 30-20 } }"),
	    "ends before it begins");
}

static void
aliases_are_sorted_by_spelling(void **state)
{
	struct fixture *f = *state;
	const struct race_alias *a;

	read_rules(f,
	    G("aliases: { Nespresso: [Nespresso France, NESPRESSO "
	      "SA], La Poste: LAPOSTE, Orange: [] }"));
	assert_quiet(f);
	a = f->rules->aliases;
	assert_int_equal(f->rules->alias_count, 3);
	assert_string_equal(a[0].spelling, "LAPOSTE");
	assert_string_equal(a[0].team, "La Poste");
	assert_string_equal(a[1].spelling, "NESPRESSO SA");
	assert_string_equal(a[2].spelling, "Nespresso France");
	assert_string_equal(a[2].team, "Nespresso");
}

static void
an_alias_is_of_one_team(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, G("aliases: { A: [x, y], B: [z, x] }"),
	    "7:30: spelling \"x\": is on line 7 already, of \"A\"");
	assert_refused(f, G("aliases: { A: [x, x] }"), "is on line 7 already");
	assert_refused(f, G("aliases: { A: [A] }"),
	    "spelling \"A\": is the team itself");
	assert_refused(f, G("aliases: { A: [B], B: [C] }"),
	    "team \"B\": is a spelling of \"A\"");
	assert_refused(f, G("aliases: { A: { B: } }"),
	    "has to be a list of spellings");
	assert_refused(f, G("aliases: { A: [[B]] }"),
	    "a spelling: has to be one value, not a list");
	assert_refused(f, G("aliases: { A: [\"\"] }"), "spelling is empty");
	assert_refused(f, G("aliases: { A: }"), "spelling is empty");
	assert_refused(f, G("aliases: { A: [\" b\"] }"),
	    "begins or ends with a blank");
	/* Of a filter that would match nobody. */
	assert_refused(f,
	    HEAD WAVES POINTS "aliases: { A: [x] }\nrankings: { a: { team: x } "
	                      "}\n",
	    "team \"x\": is an alias above: write \"A\"");
}

static void
nobody_is_faster_than_two_minutes_a_kilometre(void **state)
{
	struct fixture *f = *state;

	read_rules(f, G(""));
	assert_int_equal(f->rules->fastest_us_km, 120 * second_us);
	read_rules(f, G("fastest: \"2:20\""));
	assert_quiet(f);
	assert_int_equal(f->rules->fastest_us_km, 140 * second_us);
	/* A number in base 60 of older YAML, which is text here. */
	read_rules(f, G("fastest: 2:20"));
	assert_int_equal(f->rules->fastest_us_km, 140 * second_us);
	assert_refused(f, G("fastest: 59 s"), "must be between 1:00 and");
	assert_refused(f, G("fastest: 20 km/h"), "fastest \"20 km/h\": write");
}

static void
names_have_bounds(void **state)
{
	struct fixture *f = *state;
	char name[66];
	char *text;

	memset(name, 'x', sizeof name);
	name[64] = '\0';
	text = xasprintf("%srankings: { %s: }\n", HEAD WAVES POINTS, name);
	read_rules(f, text);
	assert_quiet(f);
	free(text);
	name[64] = 'x';
	name[65] = '\0';
	text = xasprintf("%srankings: { %s: }\n", HEAD WAVES POINTS, name);
	assert_refused(f, text, "65 bytes, must be at most 64");
	free(text);
	assert_refused(f, HEAD WAVES POINTS "rankings: { a/b: }\n", "no \"/\"");
	assert_refused(f, HEAD WAVES POINTS "rankings: { \"\": }\n",
	    "is empty");
	assert_refused(f, HEAD WAVES POINTS "rankings: { \"a\\eb\": }\n",
	    "control characters");
	assert_refused(f, HEAD WAVES POINTS "rankings: { \" a\": }\n",
	    "begins or ends with a blank");
	assert_refused(f, HEAD WAVES POINTS "rankings: { \"a\\0b\": }\n",
	    "NUL");
}

/* A section of n members with names of `width` bytes, without its last brace:
 * `KEY: { a0: VALUE, a1: VALUE`. */
static char *
section(const char *key, int n, int width, const char *value)
{
	char *text = xasprintf("%s: {", key);

	for (int i = 0; i < n; i++) {
		char *longer = xasprintf("%s%s a%0*d: %s", text,
		    i == 0 ? "" : ",\n", width - 1, i, value);

		free(text);
		text = longer;
	}
	return text;
}

static void
assert_bound(struct fixture *f, const char *others, const char *key, int max,
    const char *value)
{
	for (int n = max; n <= max + 1; n++) {
		char *members = section(key, n, 4, value);
		char *text = xasprintf("%s%s }\n", others, members);
		char *words = xasprintf("more than %d %s", max, key);

		read_rules(f, text);
		if (n == max)
			assert_quiet(f);
		else
			assert_told(f, words);
		assert_int_equal(f->report.errors, n - max);
		free(words);
		free(text);
		free(members);
	}
}

static void
sections_have_bounds(void **state)
{
	struct fixture *f = *state;

	assert_bound(f, HEAD POINTS RANKINGS, "waves", RACE_WAVES_MAX, "");
	assert_bound(f, HEAD WAVES RANKINGS, "points", RACE_POINTS_MAX,
	    "{ km: 1 }");
	assert_bound(f, HEAD WAVES POINTS, "rankings", RACE_RANKINGS_MAX, "");
	for (int n = RACE_ALIASES_MAX; n <= RACE_ALIASES_MAX + 1; n++) {
		char *members = section("aliases", n, 4, "b");
		char *text =
		    xasprintf("%s%s }\n", HEAD WAVES POINTS RANKINGS, members);

		/* Each is another team's: all but one are told. */
		read_rules(f, text);
		if (n > RACE_ALIASES_MAX)
			assert_told(f, "more than 1000 spellings");
		free(text);
		free(members);
	}
	assert_bound(f, HEAD WAVES POINTS RANKINGS, "awards", RACE_AWARDS_MAX,
	    "{ ranking: scratch, places: 1 }");
}

static void
rules_that_no_event_holds_are_refused(void **state)
{
	struct fixture *f = *state;
	char team[201];
	char *value;
	char *members;
	char *text;

	memset(team, 'x', sizeof team - 1);
	team[200] = '\0';
	value = xasprintf("{ team: %s, category: %.64s }", team, team);
	members = section("rankings", 64, 64, value);
	text = xasprintf("%s%s }\n", HEAD WAVES POINTS, members);
	read_rules(f, text);
	assert_quiet(f);
	free(text);
	free(value);
	value = section("waves", 256, 64, "{}");
	text = xasprintf("%s%s }\n%s }\n", HEAD POINTS, members, value);
	read_rules(f, text);
	assert_told(f, "race.yaml: the rules take about");
	free(text);
	free(value);
	free(members);
}

static void
awards_name_a_ranking_and_places(void **state)
{
	struct fixture *f = *state;

#define A(award) HEAD WAVES POINTS RANKINGS "awards: { P: " award " }\n"
	read_rules(f, A("{ ranking: scratch, places: 1000 }"));
	assert_quiet(f);
	assert_int_equal(f->rules->awards[0].places, 1000);
	assert_refused(f, A("{ ranking: scratch }"), "has no places");
	assert_refused(f, A("{ places: 3 }"), "has no ranking");
	assert_refused(f, A("{ ranking: x, places: 3 }"),
	    "ranking \"x\": none");
	assert_refused(f, A("{ ranking: scratch, places: 1001 }"),
	    "from 1 to 1000");
	assert_refused(f, A("scratch"), "has to be a table");
}

static void
what_yaml_has_and_we_do_not_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, HEAD "title: y\n" WAVES POINTS RANKINGS,
	    "race.yaml:4:1: \"title\" is on line 1 already");
	assert_refused(f, HEAD WAVES POINTS "rankings: { a: , a: }\n",
	    "race.yaml:6:18: \"a\" is on line 6 already");
	assert_refused(f, HEAD WAVES POINTS "rankings: { a: &x {}, b: *x }\n",
	    "race.yaml:6:16: an anchor");
	assert_told(f, "race.yaml:6:26: an alias");
	assert_refused(f, "title: !!str x\n", "race.yaml:1:8: a tag");
	assert_refused(f, "%TAG !e! x:\n---\ntitle: x\n", "a %TAG directive");
	assert_refused(f, HEAD WAVES POINTS RANKINGS "---\na: b\n",
	    "race.yaml:7:1: a second document");
	assert_refused(f, "? [a]\n: b\n", "a key has to be plain text");
	assert_refused(f, "- a\n- b\n", "has to be a table of keys");
	assert_refused(f, "title: [a, b]\n", "title: has to be one value");
	assert_refused(f, "[[[[[[[[[[[[[[", "nested too deep");
}

static void
a_syntax_error_is_told_alone(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, "title: a: b\n", "race.yaml:1:9: is not YAML");
	assert_int_equal(f->report.count, 1);
	assert_refused(f, "waves:\n\ta: b\n", "race.yaml:2:1: a TAB");
	assert_refused(f, "title: x\n# \xe9t\xe9\n",
	    "race.yaml:2:4: is not UTF-8");
	assert_refused(f, "title: \"x\n", "is not YAML");
}

static void
a_large_file_is_refused(void **state)
{
	struct fixture *f = *state;
	size_t len = 96 * 1024 + 1;
	char *text = xmalloc(len + 1);

	memset(text, '#', len);
	text[len] = '\0';
	assert_refused(f, text, "race.yaml: is larger than 96 KiB");
	free(text);
}

static void
a_folder_without_files_is_told(void **state)
{
	struct fixture *f = *state;

	assert_null(conf_rules(f->dir, &f->report));
	assert_int_equal(conf_entries(f->dir, NULL, &f->roll, &f->report),
	    -EINVAL);
	assert_int_equal(f->report.errors, 2);
	assert_told(f, "No such file");
	assert_told(f, "entries.csv: cannot be read: No such file");
}

/* Any byte of a good file made another: told or read, never worse. */
static void
a_damaged_race_is_read_or_told(void **state)
{
	static const char good[] =
	    HEAD "waves: { a: { gun: 2014-09-21T10:00:00Z }, b: }\n" POINTS
	         "rankings:\n  x: { of: teams, best: 3, wave: a }\n"
	         "awards: { P: { ranking: x, places: 3 } }\n";
	struct fixture *f = *state;
	uint64_t seed = test_seed();

	for (int round = 0; round < 2000; round++) {
		char text[sizeof good];

		memcpy(text, good, sizeof good);
		for (uint64_t n = 1 + test_below(&seed, 3); n > 0; n--)
			text[test_below(&seed, sizeof good - 1)] =
			    (char)(1 + test_below(&seed, 255));
		read_rules(f, text);
	}
	for (size_t cut = 0; cut < sizeof good; cut++) {
		char text[sizeof good];

		memcpy(text, good, cut);
		text[cut] = '\0';
		read_rules(f, text);
	}
	assert_quiet(f);
}

/* ---- entries.csv ---- */

#define TWO_WAVES "waves: { elite: , masse: }\n"

static void
every_column_is_read(void **state)
{
	struct fixture *f = *state;
	const struct race_entry *e;

	read_rules(f, HEAD WAVES POINTS RANKINGS);
	assert_int_equal(
	    read_entries(f,
	        "shirt,Bib,CHIP,Name,sex,born,category,team,wave,nation,"
	        "status\n"
	        "XL, 007 ,00ab;x1 ; AB,\"Desisa, Lelisa\",m,1990-01-14,M18,"
	        "Firm & Co,masse,ETH,dns\n"
	        ",B 2,,,,,,,,,\n"),
	    0);
	assert_quiet(f);
	assert_int_equal(f->roll.count, 2);
	e = &f->roll.entries[0];
	assert_int_equal(f->roll.lines[0], 2);
	assert_string_equal(e->bib, "007");
	assert_int_equal(e->chip_count, 2);
	assert_string_equal(e->chips[0], "AB");
	assert_string_equal(e->chips[1], "X1");
	assert_string_equal(e->name, "Desisa, Lelisa");
	assert_string_equal(e->sex, "M");
	assert_string_equal(e->born, "1990-01-14");
	assert_string_equal(e->category, "M18");
	assert_string_equal(e->team, "Firm & Co");
	assert_string_equal(e->wave, "masse");
	assert_string_equal(e->nation, "ETH");
	assert_int_equal(e->status, RACE_DNS);
	assert_int_equal(e->more_count, 1);
	assert_string_equal(e->more[0].name, "shirt");
	assert_string_equal(e->more[0].value, "XL");
	e = &f->roll.entries[1];
	assert_string_equal(e->bib, "B 2");
	assert_string_equal(e->name, "");
	assert_string_equal(e->sex, "");
	assert_int_equal(e->status, RACE_STATUS_NONE);
	assert_int_equal(e->chip_count + e->more_count, 0);
}

static void
names_are_joined_of_their_parts(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_entries(f,
	                     "bib;first;last\n1;\xc3\x89lo\xc3\xafse;Dupont\n"
	                     "2;;Durand\n3;Zo\xc3\xab\n"),
	    0);
	assert_string_equal(f->roll.entries[0].name,
	    "\xc3\x89lo\xc3\xafse Dupont");
	assert_string_equal(f->roll.entries[1].name, "Durand");
	assert_string_equal(f->roll.entries[2].name, "Zo\xc3\xab");
	/* Beside a whole name the parts are kept, not joined. */
	assert_int_equal(read_entries(f, "bib;first;name;last\n1;A;A. B;B\n"),
	    0);
	assert_string_equal(f->roll.entries[0].name, "A. B");
	assert_int_equal(f->roll.entries[0].more_count, 2);
}

static void
mistakes_of_a_line_are_all_told_and_the_others_taken(void **state)
{
	struct fixture *f = *state;

	read_rules(f, HEAD WAVES POINTS RANKINGS);
	assert_int_equal(read_entries(f,
	                     "bib,chip,sex,born,wave,status\n"
	                     "1,a,F,1980,masse,\n"
	                     ",a b,H,12/3/80,elite,finished\n"
	                     "3,,X,1899,,lost\n"
	                     "4,,M,2015,,running\n"
	                     "5,,M,2014-02-30,,DNF\n"
	                     "6,b,M,2014,,DNF\n"),
	    -EINVAL);
	assert_int_equal(f->roll.count, 2);
	assert_string_equal(f->roll.entries[1].bib, "6");
	assert_int_equal(f->roll.lines[1], 7);
	assert_int_equal(f->report.errors, 11);
	assert_told(f, "entries.csv:3: the bib is empty");
	assert_told(f, "entries.csv:3: chip \"a b\"");
	assert_told(f, "entries.csv:3: sex \"H\": must be F, M or X");
	assert_told(f, "entries.csv:3: born \"12/3/80\"");
	assert_told(f, "entries.csv:3: wave \"elite\"");
	assert_told(f, "entries.csv:3: status \"finished\": follows from");
	assert_told(f, "entries.csv:4: born \"1899\": must be in the years");
	assert_told(f, "entries.csv:4: status \"lost\": must be DNS, DNF");
	assert_told(f, "entries.csv:5: born \"2015\"");
	assert_told(f, "entries.csv:6: born \"2014-02-30\"");
}

static void
a_bib_or_chip_of_two_names_both_lines(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_entries(f,
	                     "bib,chip\n12,A;B\n012,C\n12,D\n13,0b\n\n14,"
	                     "\"E\nF\"\n"),
	    -EINVAL);
	assert_int_equal(f->report.errors, 3);
	assert_told(f, "entries.csv:4: bib \"12\" is on line 2 already");
	assert_told(f, "entries.csv:5: chip \"B\" is on line 2 already");
	assert_told(f,
	    "entries.csv:7: chip \"E\xef\xbf\xbd"
	    "F\"");
	assert_int_equal(f->roll.count, 2);
}

static void
a_start_of_ones_own_is_a_time_of_day_or_after_the_gun(void **state)
{
	static const struct {
		const char *start;
		int64_t after_us; /* the gun of 10:00:00 */
	} good[] = {
		{ "2014-09-21T10:01:30+02:00", 90 },
		{ "2014-09-21T08:01:30Z", 90 },
		{ "10:01:30", 90 },
		{ "09:59:00", -60 },
		{ "+90", 90 },
		{ "+0:01:30", 90 },
		{ "+0", 0 },
	};
	struct fixture *f = *state;

	read_rules(f, HEAD WAVES POINTS RANKINGS);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		char *text = xasprintf("bib,start\n1,%s\n2,\n", good[i].start);

		assert_int_equal(read_entries(f, text), 0);
		assert_true(f->roll.entries[0].start_us ==
		    f->rules->waves[0].gun_us + good[i].after_us * second_us);
		assert_true(f->roll.entries[1].start_us == 0);
		free(text);
	}
	assert_int_equal(read_entries(f, "bib,start\n1,10:01\n2,soon\n3,90\n"),
	    -EINVAL);
	assert_int_equal(f->report.errors, 3);
	assert_told(f, "entries.csv:2: start \"10:01\"");
	assert_told(f, "entries.csv:3: start \"soon\": no time");
	assert_told(f, "entries.csv:4: start \"90\"");
}

static void
a_start_after_midnight_is_the_next_day(void **state)
{
	struct fixture *f = *state;

	read_rules(f, W("nuit: { gun: \"23:30:00\" }"));
	assert_int_equal(read_entries(f, "bib,start\n1,00:10:00\n"), 0);
	assert_true(f->roll.entries[0].start_us ==
	    f->rules->waves[0].gun_us + 2400 * second_us);
}

static void
a_start_after_the_gun_needs_a_gun(void **state)
{
	struct fixture *f = *state;

	read_rules(f, W("a: { gun: \"10:00:00\", window: 5 min }, b:"));
	assert_int_equal(read_entries(f,
	                     "bib,wave,start\n1,a,+60\n2,b,+60\n3,,+60\n"
	                     "4,b,10:30:00\n5,,10:30:00\n"),
	    -EINVAL);
	assert_int_equal(f->report.errors, 2);
	assert_told(f, "entries.csv:3: start \"+60\": race.yaml does not say");
	assert_told(f, "entries.csv:4: start \"+60\": after which gun?");
	assert_int_equal(f->roll.count, 3);
	assert_true(f->roll.entries[1].start_us ==
	    f->rules->waves[0].gun_us + 1800 * second_us);
}

static void
who_may_get_a_wave_where_he_starts_need_not_name_one(void **state)
{
	struct fixture *f = *state;

	read_rules(f, W("a: { window: 5 min }, b:"));
	assert_int_equal(read_entries(f, "bib,wave\n1,b\n2,\n"), 0);
	assert_int_equal(read_entries(f, "bib\n1\n"), 0);
	assert_quiet(f);
}

static void
several_waves_have_to_be_chosen_from(void **state)
{
	struct fixture *f = *state;

	read_rules(f, HEAD TWO_WAVES POINTS RANKINGS);
	assert_int_equal(read_entries(f, "bib,wave\n1,elite\n2,\n3,Masse\n"),
	    -EINVAL);
	assert_int_equal(f->report.errors, 2);
	assert_told(f, "entries.csv:3: the wave is empty");
	assert_told(f, "entries.csv:4: wave \"Masse\"");
	/* Said once, not for each line. */
	assert_int_equal(read_entries(f, "bib\n1\n2\n"), -EINVAL);
	assert_int_equal(f->report.errors, 1);
	assert_told(f, "entries.csv:1: the race has 2 waves");
}

/* Everybody is entered later. */
static void
where_nobody_is_entered_there_is_no_wave_to_choose(void **state)
{
	struct fixture *f = *state;

	read_rules(f, HEAD TWO_WAVES POINTS RANKINGS);
	assert_int_equal(read_entries(f, "bib,name\n"), 0);
	assert_int_equal(f->report.errors, 0);
}

static void
headers_are_checked(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_entries(f, "dossard;nom\n1;A\n"), -EINVAL);
	assert_told(f,
	    "entries.csv:1: no column \"bib\"; the first line has "
	    "\"dossard\", \"nom\"");
	assert_int_equal(read_entries(f, "bib,Team,BIB,team\n1,A,2,B\n"),
	    -EINVAL);
	assert_told(f, "entries.csv:1: columns 1 and 3 are both \"BIB\"");
	assert_told(f, "entries.csv:1: columns 2 and 4 are both \"team\"");
	assert_int_equal(f->report.errors, 2);
	assert_int_equal(f->roll.count, 0);
}

static void
columns_without_a_name_are_empty_or_asked_about(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_entries(f, "bib;;\n1;;\n"), 0);
	assert_quiet(f);
	assert_int_equal(read_entries(f, "bib;;\n1;x;\n2;y;z\n"), 0);
	assert_int_equal(f->report.count, 1);
	assert_told(f, "entries.csv:2: warning: column 2 has no name");
	assert_int_equal(f->roll.count, 2);
}

static void
rows_may_be_short_but_not_long(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_entries(f,
	                     "bib,name,team\n1\n2,Dupont, Jean,Firm\n"),
	    -EINVAL);
	assert_int_equal(f->report.errors, 1);
	assert_told(f, "entries.csv:3: has 4 fields, the first line names 3");
	assert_int_equal(f->roll.count, 1);
}

static void
long_values_are_refused_in_short(void **state)
{
	struct fixture *f = *state;
	char *bib = xcalloc(10001, 1);
	char *text;

	memset(bib, '9', 10000);
	text = xasprintf("bib\n%s\n7\n", bib);
	free(bib);
	assert_int_equal(read_entries(f, text), -EINVAL);
	assert_told(f,
	    "entries.csv:2: bib \"99999999999999999999\xe2\x80\xa6\""
	    ": 10000 bytes, must be at most 32");
	assert_int_equal(f->roll.count, 1);
	free(text);
}

/* One field of n bytes in a column; is it taken? */
static bool
taken(struct fixture *f, const char *column, size_t n)
{
	char *value = xcalloc(n + 1, 1);
	char *text;
	int rc;

	memset(value, 'x', n);
	text = xasprintf("bib,%s\n1,%s\n", column, value);
	rc = read_entries(f, text);
	free(text);
	free(value);
	return rc == 0;
}

static void
values_have_bounds(void **state)
{
	static const struct {
		const char *column;
		size_t max;
	} bounds[] = { { "name", 200 }, { "first", 200 }, { "team", 200 },
		{ "category", 64 }, { "nation", 64 }, { "wave", 64 },
		{ "chip", 64 }, { "shirt", 1000 } };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
		assert_true(taken(f, bounds[i].column, bounds[i].max));
		assert_false(taken(f, bounds[i].column, bounds[i].max + 1));
	}
}

static void
the_number_of_chips_is_bounded(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_entries(f,
	                     "bib,chip\n1,1;2;3;4;5;6;7;8;9;A;B;C;D;E;F;G\n"),
	    0);
	assert_int_equal(f->roll.entries[0].chip_count, 16);
	assert_int_equal(read_entries(f,
	                     "bib,chip\n1,1;2;3;4;5;6;7;8;9;A;B;C;D;E;F;G;H\n"),
	    -EINVAL);
	assert_told(f, "more than 16 chips");
}

/* A header of n columns of our own, and a line with a value of m in each. */
static int
read_columns(struct fixture *f, int n, int m)
{
	char *text = xstrdup("bib");
	int rc;

	for (int line = 0; line < 2; line++) {
		for (int i = 0; i < n; i++) {
			char *longer = line == 0
			    ? xasprintf("%s,c%d", text, i)
			    : xasprintf("%s,%0*d", text, m, i);

			free(text);
			text = longer;
		}
		if (line == 0) {
			char *longer = xasprintf("%s\n1", text);

			free(text);
			text = longer;
		}
	}
	rc = read_entries(f, text);
	free(text);
	return rc;
}

static void
unknown_columns_are_kept_within_bounds(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_columns(f, 64, 4), 0);
	assert_int_equal(f->roll.entries[0].more_count, 64);
	assert_string_equal(f->roll.entries[0].more[63].value, "0063");
	assert_int_equal(read_columns(f, 65, 4), -EINVAL);
	assert_told(f, "entries.csv:1: 65 columns");
	/* What would not fit into an event. */
	assert_int_equal(read_columns(f, 64, 600), -EINVAL);
	assert_told(f, "entries.csv:2: the line takes about");
}

static void
a_file_of_windows_is_read_with_one_warning(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_entries(f,
	                     "bib;name\r\n1;Zo\xeb\r\n2;Anna\r\n3;No\xebl\r\n"),
	    0);
	assert_int_equal(f->report.count, 1);
	assert_told(f, "entries.csv:2: warning: is not UTF-8: read as CP1252");
	assert_string_equal(f->roll.entries[0].name, "Zo\xc3\xab");
	assert_string_equal(f->roll.entries[2].name, "No\xc3\xabl");
}

static void
control_characters_are_refused_and_not_repeated(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_entries(f, "bib,name\n1,\x1b[31mRed\n"), -EINVAL);
	assert_told(f, "name \"\xef\xbf\xbd[31mRed\": has control");
}

static void
rows_that_are_no_csv_are_told_with_their_line(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_entries(f, "bib,name\n1,\"A\n2,B\n3,C\n"),
	    -EINVAL);
	assert_int_equal(f->report.errors, 1);
	assert_told(f, "entries.csv:2: the row has a quote");
	assert_int_equal(f->roll.count, 2);
}

static void
an_empty_roll_is_a_warning_an_empty_file_an_error(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_entries(f, "bib,name\n"), 0);
	assert_told(f, "entries.csv: warning: nobody is entered");
	assert_int_equal(read_entries(f, "\n"), -EINVAL);
	assert_told(f, "entries.csv: is empty");
}

static void
many_entries_keep_their_strings(void **state)
{
	enum { COUNT = 20000 };
	struct fixture *f = *state;
	size_t cap = (size_t)COUNT * 40;
	char *text = xmalloc(cap);
	size_t len = (size_t)snprintf(text, cap, "bib,chip,name\n");

	for (int i = 0; i < COUNT; i++)
		len += (size_t)snprintf(text + len, cap - len,
		    "%d,%X;Z%d,N%d\n", i, i + 1, i, i);
	assert_true(len < cap);
	assert_int_equal(read_entries(f, text), 0);
	assert_int_equal(f->roll.count, COUNT);
	for (int i = 0; i < COUNT; i++) {
		const struct race_entry *e = &f->roll.entries[i];

		assert_int_equal(strtol(e->bib, NULL, 10), i);
		assert_int_equal(strtol(e->chips[0], NULL, 16), i + 1);
		assert_int_equal(strtol(e->chips[1] + 1, NULL, 10), i);
		assert_int_equal(strtol(e->name + 1, NULL, 10), i);
		assert_int_equal(f->roll.lines[i], i + 2);
	}
	free(text);
}

static void
a_damaged_roll_is_read_or_told(void **state)
{
	static const char good[] =
	    "bib,chip,name,sex,born,category,team,wave,nation,status,shirt\n"
	    "1,00a;b,\"A, B\",F,1980,SEF,Firm,masse,FRA,,XL\n"
	    "2,c,C D,M,1990-01-01,SEH,Firm,masse,ETH,DNF,\n";
	struct fixture *f = *state;
	/* A header that runs on into the first line is a header. */
	size_t from = (size_t)(strchr(good, '\n') + 1 - good);
	uint64_t seed = test_seed();

	read_rules(f, HEAD WAVES POINTS RANKINGS);
	for (int round = 0; round < 3000; round++) {
		char text[sizeof good];

		memcpy(text, good, sizeof good);
		for (uint64_t n = 1 + test_below(&seed, 3); n > 0; n--)
			text[from + test_below(&seed, sizeof good - 1 - from)] =
			    (char)(1 + test_below(&seed, 255));
		(void)read_entries(f, text);
		/* Whoever is not taken is spoken of. */
		assert_true(f->roll.count >= 2 || f->report.count > 0);
	}
}

static void
problems_are_kept_in_order_of_file_and_line(void **state)
{
	struct fixture *f = *state;
	char *all;

	conf_report_add(&f->report, true, "a", 3, 0, "x%d", 1);
	conf_report_add(&f->report, true, "a", 1, 2, "x2");
	conf_report_add(&f->report, false, "a", 1, 1, "x3");
	conf_report_add(&f->report, true, "a", 0, 0, "x4");
	conf_report_add(&f->report, true, "b", 1, 0, "x5");
	assert_int_equal(f->report.errors, 4);
	all = told(f);
	assert_string_equal(all,
	    "a: x4\na:1:1: warning: x3\na:1:2: x2\na:3: x1\nb:1: x5\n");
	free(all);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_race_of_the_manual_is_read),
		TEST(rankings_have_defaults),
		TEST(rankings_take_every_key),
		TEST(guns_are_local_absolute_or_not_yet_known),
		TEST(a_gun_that_cannot_be_is_refused),
		TEST(a_gun_that_can_be_two_or_is_far_away_is_asked_about),
		TEST(kilometres_are_read_by_digits),
		TEST(kilometres_that_are_none_are_refused),
		TEST(points_that_go_back_are_refused),
		TEST(one_run_tells_every_mistake_in_order),
		TEST(everything_missing_is_told_at_once),
		TEST(what_this_version_cannot_do_is_refused),
		TEST(keys_that_say_nothing_are_refused),
		TEST(waves_have_windows),
		TEST(points_have_limits),
		TEST(limits_that_contradict_each_other_are_refused),
		TEST(the_first_by_gun_and_the_others_by_net),
		TEST(prize_categories_leave_out_the_overall_winners),
		TEST(teams_are_scored_in_many_ways),
		TEST(scores_that_contradict_themselves_are_refused),
		TEST(categories_are_ages_and_a_sex),
		TEST(nobody_is_in_two_categories),
		TEST(aliases_are_sorted_by_spelling),
		TEST(an_alias_is_of_one_team),
		TEST(nobody_is_faster_than_two_minutes_a_kilometre),
		TEST(names_have_bounds),
		TEST(sections_have_bounds),
		TEST(rules_that_no_event_holds_are_refused),
		TEST(awards_name_a_ranking_and_places),
		TEST(what_yaml_has_and_we_do_not_is_refused),
		TEST(a_syntax_error_is_told_alone),
		TEST(a_large_file_is_refused),
		TEST(a_folder_without_files_is_told),
		TEST(a_damaged_race_is_read_or_told),
		TEST(every_column_is_read),
		TEST(names_are_joined_of_their_parts),
		TEST(mistakes_of_a_line_are_all_told_and_the_others_taken),
		TEST(a_bib_or_chip_of_two_names_both_lines),
		TEST(a_start_of_ones_own_is_a_time_of_day_or_after_the_gun),
		TEST(a_start_after_midnight_is_the_next_day),
		TEST(a_start_after_the_gun_needs_a_gun),
		TEST(who_may_get_a_wave_where_he_starts_need_not_name_one),
		TEST(several_waves_have_to_be_chosen_from),
		TEST(where_nobody_is_entered_there_is_no_wave_to_choose),
		TEST(headers_are_checked),
		TEST(columns_without_a_name_are_empty_or_asked_about),
		TEST(rows_may_be_short_but_not_long),
		TEST(long_values_are_refused_in_short),
		TEST(values_have_bounds),
		TEST(the_number_of_chips_is_bounded),
		TEST(unknown_columns_are_kept_within_bounds),
		TEST(a_file_of_windows_is_read_with_one_warning),
		TEST(control_characters_are_refused_and_not_repeated),
		TEST(rows_that_are_no_csv_are_told_with_their_line),
		TEST(an_empty_roll_is_a_warning_an_empty_file_an_error),
		TEST(many_entries_keep_their_strings),
		TEST(a_damaged_roll_is_read_or_told),
		TEST(problems_are_kept_in_order_of_file_and_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
