#include "support/test.h"

#include <string.h>

#include "common/instant.h"
#include "race/cells.h"
#include "race/export.h"
#include "support/plain.h"

#define S INT64_C(1000000)

static char depart[] = "depart";
static char arrivee[] = "arrivee";
static char title[] = "Les 8 kilomètres";
static char nothing[] = "";
static char scratch[] = "scratch";
static char rapide[] = "rapide";
static char solidaire[] = "solidaire";
static char moyenne[] = "moyenne";
static char cross[] = "cross";
static char general[] = "prix/general";

static struct race_point points[] = {
	{ .name = depart, .metres = 0 },
	{ .name = arrivee, .metres = 8000 },
};

static struct race_ranking rankings[] = {
	{ .name = scratch,
	    .sex = nothing,
	    .category = nothing,
	    .team = nothing,
	    .wave = nothing,
	    .at = 1 },
	{ .name = rapide,
	    .of = RACE_TEAMS,
	    .sex = nothing,
	    .category = nothing,
	    .team = nothing,
	    .wave = nothing,
	    .at = 1,
	    .best = 3 },
	{ .name = solidaire,
	    .of = RACE_TEAMS,
	    .sex = nothing,
	    .category = nothing,
	    .team = nothing,
	    .wave = nothing,
	    .at = 1,
	    .score = RACE_SCORE_KM },
	{ .name = moyenne,
	    .of = RACE_TEAMS,
	    .sex = nothing,
	    .category = nothing,
	    .team = nothing,
	    .wave = nothing,
	    .at = 1,
	    .score = RACE_SCORE_KM,
	    .average = true },
	{ .name = cross,
	    .of = RACE_TEAMS,
	    .sex = nothing,
	    .category = nothing,
	    .team = nothing,
	    .wave = nothing,
	    .at = 1,
	    .score = RACE_SCORE_PLACES,
	    .how = RACE_MEAN,
	    .best = 3,
	    .women = 1 },
	{ .name = general,
	    .of = RACE_SEASON,
	    .sex = nothing,
	    .category = nothing,
	    .team = nothing,
	    .wave = nothing,
	    .at = RACE_LIVE,
	    .score = RACE_SCORE_POINTS },
};

static char date[] = "2014-09-21";
static char senior[] = "SE-F";
static char female[] = "F";
static char zed[] = "Zed", zed_ltd[] = "ZED Ltd";
static struct race_category categories[] = { { senior, female, 23, 34 } };
static struct race_alias aliases[] = { { zed_ltd, zed } };

static const struct race_rules rules = {
	.title = title,
	.date = date,
	.categories = categories,
	.category_count = 1,
	.aliases = aliases,
	.alias_count = 1,
	.points = points,
	.point_count = 2,
	.rankings = rankings,
	.ranking_count = 6,
};

struct fixture {
	struct board *board;
	struct roster *roster;
	char *text;
	size_t len;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->board = board_new();
	f->roster = roster_new(0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	board_free(f->board);
	roster_free(f->roster);
	free(f->text);
	free(f);
	return 0;
}

static void
enter(struct fixture *f, const char *bib, const char *name, const char *team)
{
	struct race_entry e = plain_entry(bib);
	struct race_id id = { 1, roster_count(f->roster) + 1 };

	e.name = name;
	e.sex = "F";
	e.category = "SE";
	e.team = team;
	roster_put(f->roster, 1, id, &e);
}

/* A runner at the finish, or on the way with elapsed -1. */
static void
run_row(struct fixture *f, const char *bib, enum race_status status,
    enum race_group group, int64_t elapsed_us)
{
	int64_t splits[] = { 0, elapsed_us };
	struct race_row row = {
		.label = bib,
		.status = status,
		.sort = { .group = (uint8_t)group, .key = { elapsed_us } },
		.elapsed_us = elapsed_us,
		.metres = elapsed_us < 0 ? 0 : 8000,
		.point = elapsed_us < 0 ? 0 : 1,
		.splits = splits,
		.split_count = 2,
	};

	board_put(f->board, &row, 1);
}

static void
team_row(struct fixture *f, const char *team, enum race_group group,
    int64_t key, uint32_t metres, uint32_t counted)
{
	struct race_row row = {
		.label = team,
		.status =
		    group == RACE_GROUP_PLACED ? RACE_FINISHED : RACE_RUNNING,
		.sort = { .group = (uint8_t)group, .key = { key } },
		.elapsed_us = metres > 0 ? 9999 * S : key,
		.metres = metres,
		.point = -1,
		.counted = counted,
		.finishers = counted,
	};

	board_put(f->board, &row, 1);
}

static const char *export(struct fixture *f, enum export_format format,
    size_t ranking)
{
	FILE *out;

	free(f->text);
	f->text = NULL;
	out = open_memstream(&f->text, &f->len);
	assert_int_equal(0,
	    export_ranking(out, format, &rules, ranking, f->board, f->roster));
	fclose(out);
	return f->text;
}

static void
fill_runners(struct fixture *f)
{
	enter(f, "7", "Éloïse \"Lo\" Nœuf", "A, B & Cie");
	enter(f, "12", "Brice", "Zed");
	enter(f, "3", "Carla", "");
	enter(f, "9", "Dan", "Zed");
	run_row(f, "7", RACE_FINISHED, RACE_GROUP_PLACED, 1816 * S + 250000);
	run_row(f, "12", RACE_FINISHED, RACE_GROUP_PLACED, 1900 * S);
	run_row(f, "3", RACE_FINISHED, RACE_GROUP_PLACED, 1900 * S);
	run_row(f, "9", RACE_DNF, RACE_GROUP_DNF, -1);
}

static void
csv_has_the_columns_that_tools_rely_on(void **state)
{
	struct fixture *f = *state;

	fill_runners(f);
	assert_string_equal(export(f, EXPORT_CSV, 0),
	    "place,bib,name,sex,category,team,time,gap,km,status,split:depart,"
	    "split:arrivee\n"
	    "1,7,\"Éloïse \"\"Lo\"\" Nœuf\",F,SE,\"A, B & Cie\",1816.25,0,8,"
	    "finished,0,1816.25\n"
	    "2,3,Carla,F,SE,,1900,83.75,8,finished,0,1900\n"
	    "2,12,Brice,F,SE,Zed,1900,83.75,8,finished,0,1900\n"
	    ",9,Dan,F,SE,Zed,,,0,DNF,0,\n");
}

static void
json_tells_what_csv_tells(void **state)
{
	struct fixture *f = *state;

	enter(f, "7", "Éloïse", "A");
	run_row(f, "7", RACE_FINISHED, RACE_GROUP_PLACED, 1816 * S + 100000);
	run_row(f, "8", RACE_STATUS_NONE, RACE_GROUP_DNS, -1);
	assert_string_equal(export(f, EXPORT_JSON, 0),
	    "{\n \"race\": \"Les 8 kilomètres\",\n"
	    " \"ranking\": \"scratch\",\n"
	    " \"rows\": [\n"
	    "  {\n   \"place\": 1,\n   \"bib\": \"7\",\n"
	    "   \"name\": \"Éloïse\",\n   \"sex\": \"F\",\n"
	    "   \"category\": \"SE\",\n   \"team\": \"A\",\n"
	    "   \"time\": 1816.1,\n   \"gap\": 0,\n   \"km\": 8,\n"
	    "   \"status\": \"finished\",\n   \"splits\": {\n"
	    "    \"depart\": 0,\n    \"arrivee\": 1816.1\n   }\n  },\n"
	    "  {\n   \"place\": null,\n   \"bib\": \"8\",\n"
	    "   \"name\": \"\",\n   \"sex\": \"\",\n"
	    "   \"category\": \"\",\n   \"team\": \"\",\n"
	    "   \"time\": null,\n   \"gap\": null,\n   \"km\": 0,\n"
	    "   \"status\": \"DNS\",\n   \"splits\": {\n"
	    "    \"depart\": 0,\n    \"arrivee\": null\n   }\n  }\n"
	    " ]\n}\n");
}

/* As rankings have them; the entry itself stays as it was given. */
static void
category_and_team_are_those_that_hold(void **state)
{
	struct fixture *f = *state;
	struct race_entry e = plain_entry("5");

	e.name = "Eve";
	e.sex = "F";
	e.born = "1984-09-21";
	e.team = "ZED Ltd";
	roster_put(f->roster, 1, (struct race_id){ 1, 1 }, &e);
	run_row(f, "5", RACE_FINISHED, RACE_GROUP_PLACED, 1816 * S);
	assert_non_null(
	    strstr(export(f, EXPORT_CSV, 0), "Eve,F,SE-F,Zed,1816"));
	assert_non_null(strstr(export(f, EXPORT_JSON, 0),
	    "\"category\": \"SE-F\",\n   \"team\": \"Zed\""));
	assert_non_null(
	    strstr(export(f, EXPORT_TEXT, 0), "Eve   F    SE-F      Zed"));
}

static void
text_is_aligned_and_rounded_up(void **state)
{
	struct fixture *f = *state;

	fill_runners(f);
	assert_string_equal(export(f, EXPORT_TEXT, 0),
	    "Les 8 kilomètres\nscratch\n\n"
	    "place  bib  name              sex  category  team        km  "
	    " time    gap\n"
	    "   1     7  Éloïse \"Lo\" Nœuf  F    SE        A, B & Cie   8  "
	    "30:17\n"
	    "   2=    3  Carla             F    SE                     8  "
	    "31:40  +1:23\n"
	    "   2=   12  Brice             F    SE        Zed          8  "
	    "31:40  +1:23\n"
	    "         9  Dan               F    SE        Zed          0  "
	    "         DNF\n");
}

/* Three laptops: the first two cannot be told apart. */
static void
fill_close(struct fixture *f)
{
	static const int64_t times[] = { 1800 * S, 1800 * S + 3000, 1801 * S };
	static const char *const bibs[] = { "7", "8", "9" };

	for (size_t i = 0; i < 3; i++) {
		int64_t splits[] = { 0, times[i] };
		struct race_row row = {
			.label = bibs[i],
			.status = RACE_FINISHED,
			.sort = { .key = { times[i] } },
			.elapsed_us = times[i],
			.metres = 8000,
			.point = 1,
			.splits = splits,
			.split_count = 2,
			.bound_us = i < 2 ? 2500 : 0,
			.clock = i + 1,
		};

		board_put(f->board, &row, 1);
	}
}

static void
text_marks_what_is_too_close_to_call_and_says_what_that_means(void **state)
{
	struct fixture *f = *state;

	fill_close(f);
	assert_string_equal(export(f, EXPORT_TEXT, 0),
	    "Les 8 kilomètres\nscratch\n\n"
	    "place  bib  name  sex  category  team  km   time    gap\n"
	    "  ~1     7                              8  30:00\n"
	    "  ~2     8                              8  30:01  +0:01\n"
	    "   3     9                              8  30:01  +0:01\n"
	    "\n~ too close to call: timed by different clocks\n");
}

static void
json_tells_the_bound_and_what_is_close_and_csv_stays_as_it_is(void **state)
{
	struct fixture *f = *state;
	const char *text;

	fill_close(f);
	text = export(f, EXPORT_JSON, 0);
	text = strstr(text, "\"bib\": \"8\"");
	assert_non_null(text);
	text = strstr(text, "\"gap\": 0.003");
	assert_non_null(text);
	assert_memory_equal(text,
	    "\"gap\": 0.003,\n   \"bound\": 0.0025,\n   \"close\": true,\n",
	    strlen("\"gap\": 0.003,\n   \"bound\": 0.0025,\n   "
	           "\"close\": true,\n"));
	text = strstr(text, "\"bib\": \"9\"");
	assert_non_null(text);
	assert_null(strstr(text, "bound"));
	assert_null(strstr(text, "close"));
	assert_string_equal(export(f, EXPORT_CSV, 0),
	    "place,bib,name,sex,category,team,time,gap,km,status,split:depart,"
	    "split:arrivee\n"
	    "1,7,,,,,1800,0,8,finished,0,1800\n"
	    "2,8,,,,,1800.003,0.003,8,finished,0,1800.003\n"
	    "3,9,,,,,1801,1,8,finished,0,1801\n");
}

/* 8 and 9 may still be beaten; 2014-09-21T14:02:10+02:00. */
static void
publish(struct fixture *f)
{
	const struct race_outlook o = { .open = true,
		.from = { 1800 * S + 1 },
		.published = RACE_FINAL,
		.since_us = INT64_C(1411300930000000) };

	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	fill_close(f);
	board_expect(f->board, &o);
}

static void
text_says_what_was_published_and_what_is_provisional(void **state)
{
	struct race_outlook o;
	struct fixture *f = *state;

	publish(f);
	assert_string_equal(export(f, EXPORT_TEXT, 0),
	    "Les 8 kilomètres\nscratch\nfinal since 14:02\n\n"
	    "place  bib  name  sex  category  team  km   time    gap\n"
	    "  ~1     7                              8  30:00\n"
	    "  ~2     8                              8  30:01  +0:01\n"
	    "  ?3     9                              8  30:01  +0:01\n"
	    "\n~ too close to call: timed by different clocks\n"
	    "? provisional: somebody who is still out may change it\n");
	o = *board_outlook(f->board);
	o.from[0] = 0;
	board_expect(f->board, &o);
	assert_non_null(strstr(export(f, EXPORT_TEXT, 0),
	    "   3     9                              8  30:01  +0:01\n"
	    "\n~ too close to call: timed by different clocks\n"
	    "all places are provisional: somebody who is still out may change "
	    "them\n"));
}

static void
json_says_it_too_and_csv_does_not(void **state)
{
	struct fixture *f = *state;
	const char *text;

	publish(f);
	text = export(f, EXPORT_JSON, 0);
	assert_non_null(strstr(text,
	    "\"published\": \"final\",\n"
	    " \"since\": \"2014-09-21T14:02:10+02:00\",\n"));
	assert_true(
	    strstr(text, "provisional") > strstr(text, "\"bib\": \"8\""));
	assert_non_null(strstr(text, "\"provisional\": true"));
	assert_null(strstr(export(f, EXPORT_CSV, 0), "provisional"));
}

static void
a_name_does_not_steer_the_terminal(void **state)
{
	struct fixture *f = *state;

	enter(f, "7", "a\033[2Jb", "");
	run_row(f, "7", RACE_FINISHED, RACE_GROUP_PLACED, S);
	assert_null(strchr(export(f, EXPORT_TEXT, 0), '\033'));
}

static void
teams_by_time_are_behind_by_seconds(void **state)
{
	struct fixture *f = *state;

	team_row(f, "Zed", RACE_GROUP_PLACED, 5400 * S + 500000, 0, 3);
	team_row(f, "A, B", RACE_GROUP_PLACED, 5401 * S, 0, 3);
	team_row(f, "Late", RACE_GROUP_RUNNING, 3600 * S, 0, 2);
	assert_string_equal(export(f, EXPORT_CSV, 1),
	    "place,team,score,gap,counted,finishers,km,status\n"
	    "1,Zed,5400.5,0,3,3,,finished\n"
	    "2,\"A, B\",5401,0.5,3,3,,finished\n"
	    ",Late,3600,,2,2,,running\n");
}

static void
teams_by_km_are_behind_by_kilometres(void **state)
{
	struct fixture *f = *state;

	team_row(f, "Zed", RACE_GROUP_PLACED, -42195, 42195, 6);
	team_row(f, "Abe", RACE_GROUP_PLACED, -40000, 40000, 5);
	assert_string_equal(export(f, EXPORT_CSV, 2),
	    "place,team,score,gap,counted,finishers,km,status\n"
	    "1,Zed,42.195,0,6,6,42.195,finished\n"
	    "2,Abe,40,2.195,5,5,40,finished\n");
	assert_string_equal(export(f, EXPORT_TEXT, 2),
	    "Les 8 kilomètres\nsolidaire\n\n"
	    "place  team      score        gap  counted  finishers\n"
	    "   1   Zed   42.195 km             6 in             6\n"
	    "   2   Abe       40 km  -2.195 km  5 in             5\n");
}

/* 13 km by 3 is 4.333, never more than was run. */
static void
an_average_is_shown_by_runner_and_beside_it_the_sum(void **state)
{
	struct fixture *f = *state;

	team_row(f, "Zed", RACE_GROUP_PLACED, -5000, 10000, 2);
	team_row(f, "Abe", RACE_GROUP_PLACED, -4333, 13000, 3);
	assert_string_equal(export(f, EXPORT_CSV, 3),
	    "place,team,score,gap,counted,finishers,km,status\n"
	    "1,Zed,5,0,2,2,10,finished\n"
	    "2,Abe,4.333,0.667,3,3,13,finished\n");
	assert_string_equal(export(f, EXPORT_TEXT, 3),
	    "Les 8 kilomètres\nmoyenne\n\n"
	    "place  team     score        gap  counted  finishers\n"
	    "   1   Zed       5 km             2 in             2\n"
	    "   2   Abe   4.333 km  -0.667 km  3 in             3\n");
}

static void
place_row(struct fixture *f, const char *team, enum race_status status,
    enum race_group group, uint32_t places, uint32_t counted, uint32_t women)
{
	struct race_row row = {
		.label = team,
		.status = status,
		.sort = { .group = (uint8_t)group, .key = { places } },
		.elapsed_us = -1,
		.point = -1,
		.counted = counted,
		.finishers = 5,
		.women = women,
		.men = counted - women,
		.places = places,
	};

	board_put(f->board, &row, 1);
}

static void
subject_row(struct fixture *f, const char *name, enum race_status status,
    int64_t halves, const char *why)
{
	struct race_row row = {
		.label = name,
		.status = status,
		.sort = { .group = status == RACE_DNF ? RACE_GROUP_DNF
		                                      : RACE_GROUP_PLACED,
		    .key = { (int64_t)(status - RACE_FINISHED) << 32,
		        -halves * 9009000 } },
		.elapsed_us = -1,
		.point = -1,
		.counted = 3,
		.finishers = 4,
		.points = halves * 9009000,
		.dropped = 9009000,
		.wins = 2,
		.why = why,
	};

	board_put(f->board, &row, 1);
}

/* As palmares season writes the same columns; Dan has more points than Zed, and
 * not enough competitions. */
static void
a_table_of_a_season_has_points_and_reasons(void **state)
{
	struct race_outlook open = { .open = true,
		.from = { INT64_MIN, INT64_MIN, INT64_MIN } };
	struct fixture *f = *state;

	subject_row(f, "Zed, Ltd", RACE_FINISHED, 25, NULL);
	subject_row(f, "Abe", RACE_FINISHED, 24, "more wins: 3 to 2");
	subject_row(f, "Dan", RACE_RUNNING, 30, NULL);
	subject_row(f, "Eve", RACE_DNF, 4, NULL);
	board_expect(f->board, &open);
	assert_string_equal(export(f, EXPORT_CSV, 5),
	    "place,name,score,gap,wins,counted,competitions,dropped,standing,"
	    "reason\n"
	    "1,\"Zed, Ltd\",12.5,0,2,3,4,0.5,in,\n"
	    "2,Abe,12,0.5,2,3,4,0.5,in,more wins: 3 to 2\n"
	    "3,Dan,15,-2.5,2,3,4,0.5,open,\n"
	    ",Eve,2,,2,3,4,0.5,out,\n");
	assert_string_equal(export(f, EXPORT_TEXT, 5),
	    "Les 8 kilomètres\nprix/general\n\n"
	    "place  name      points  behind  wins  counted\n"
	    "   1   Zed, Ltd    12.5             2   3 of 4\n"
	    "   2   Abe           12     0.5     2   3 of 4  more wins: 3 to "
	    "2\n"
	    "   3   Dan           15             2   3 of 4  not enough "
	    "competitions yet\n"
	    "       Eve            2             2   3 of 4  too few "
	    "competitions\n"
	    "\n"
	    "all places are provisional: competitions are open, or still to "
	    "come\n");
	assert_non_null(strstr(export(f, EXPORT_JSON, 5),
	    "   \"place\": 2,\n"
	    "   \"tied\": false,\n"
	    "   \"name\": \"Abe\",\n"
	    "   \"score\": \"12\",\n"
	    "   \"dropped\": \"0.5\",\n"
	    "   \"wins\": 2,\n"
	    "   \"counted\": 3,\n"
	    "   \"competitions\": 4,\n"
	    "   \"standing\": \"in\",\n"
	    "   \"reason\": \"more wins: 3 to 2\",\n"
	    "   \"provisional\": true\n"));
}

/* 16 / 3 is 5.334, never better than it is. */
static void
places_are_numbers_and_what_is_missing_is_said(void **state)
{
	struct fixture *f = *state;
	const char *json;

	place_row(f, "Zed", RACE_FINISHED, RACE_GROUP_PLACED, 15, 3, 1);
	place_row(f, "Abe", RACE_FINISHED, RACE_GROUP_PLACED, 16, 3, 1);
	place_row(f, "Cat", RACE_RUNNING, RACE_GROUP_RUNNING, 7, 2, 0);
	place_row(f, "Eve", RACE_DNF, RACE_GROUP_DNF, 9, 1, 1);
	place_row(f, "Fox", RACE_DNS, RACE_GROUP_DNS, 0, 0, 0);
	assert_string_equal(export(f, EXPORT_CSV, 4),
	    "place,team,score,gap,counted,finishers,km,status\n"
	    "1,Zed,5,0,3,5,,finished\n"
	    "2,Abe,5.334,0.334,3,5,,finished\n"
	    ",Cat,3.5,,2,5,,running\n"
	    ",Eve,9,,1,5,,DNF\n"
	    ",Fox,,,0,5,,DNS\n");
	assert_string_equal(export(f, EXPORT_TEXT, 4),
	    "Les 8 kilomètres\ncross\n\n"
	    "place  team  score      gap  counted                     "
	    "finishers\n"
	    "   1   Zed       5           3 of 3 in                           "
	    "5\n"
	    "   2   Abe   5.334   +0.334  3 of 3 in                           "
	    "5\n"
	    "       Cat     3.5           2 of 3 in, 1 woman missing          "
	    "5\n"
	    "       Eve       9  too few  1 of 3 in                           "
	    "5\n"
	    "       Fox          too few  0 of 3 in                           "
	    "5\n");
	json = export(f, EXPORT_JSON, 4);
	assert_non_null(strstr(json, "\"score\": 5.334,\n   \"gap\": 0.334"));
	assert_non_null(strstr(json, "\"women\": 1,\n   \"men\": 2"));
	assert_non_null(strstr(json, "\"score\": null"));
}

static void
a_quota_says_what_nobody_else_can_make_up_for(void **state)
{
	struct race_ranking mixed = { .of = RACE_TEAMS,
		.best = 4,
		.women = 2,
		.men = 2 };
	struct board_line line = {
		.row = { .counted = 2, .women = 1, .men = 1 }
	};
	char out[CELLS_MAX];

	(void)state;
	assert_string_equal(cells_counted(out, &mixed, &line),
	    "2 of 4 in, 1 woman, 1 man missing");
	line.row = (struct race_row){ .counted = 2, .men = 2 };
	assert_string_equal(cells_counted(out, &mixed, &line),
	    "2 of 4 in, 2 women missing");
	line.row = (struct race_row){ .counted = 0 };
	assert_string_equal(cells_counted(out, &mixed, &line),
	    "0 of 4 in, 2 women, 2 men missing");
	mixed.men = 1;
	line.row = (struct race_row){ .counted = 2, .women = 1, .men = 1 };
	assert_string_equal(cells_counted(out, &mixed, &line), "2 of 4 in");
}

static void
an_empty_ranking_is_a_head_alone(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(export(f, EXPORT_CSV, 1),
	    "place,team,score,gap,counted,finishers,km,status\n");
}

static void
a_full_disk_is_an_error(void **state)
{
	struct fixture *f = *state;
	FILE *full = fopen("/dev/full", "w");

	fill_runners(f);
	for (int format = EXPORT_CSV; format <= EXPORT_TEXT; format++)
		assert_true(export_ranking(full, (enum export_format)format,
		                &rules, 0, f->board, f->roster) < 0);
	fclose(full);
}

static void
a_gap_is_the_difference_of_what_is_shown(void **state)
{
	struct board_line line = { .place = 2,
		.gap_us = 300000,
		.row = { .elapsed_us = 100 * S + 200000 } };
	char out[CELLS_MAX];

	(void)state;
	/* 1:40 and 1:41 are shown, though 0.3 s lie between. */
	cells_gap(out, &rankings[0], &line, &line);
	assert_string_equal(out, "+0:01");
	line.gap_us = 100000;
	cells_gap(out, &rankings[0], &line, &line);
	assert_string_equal(out, "+0:00");
}

static void
kilometres_have_the_decimals_they_need(void **state)
{
	static const struct {
		uint32_t metres;
		const char *text;
	} cases[] = { { 0, "0" }, { 5, "0.005" }, { 500, "0.5" }, { 8000, "8" },
		{ 10050, "10.05" }, { 42195, "42.195" },
		{ UINT32_MAX, "4294967.295" } };
	char out[CELLS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(cells_km(out, cases[i].metres),
		    cases[i].text);
}

static void
a_format_is_one_of_three_words(void **state)
{
	(void)state;
	assert_int_equal(export_format("csv"), EXPORT_CSV);
	assert_int_equal(export_format("json"), EXPORT_JSON);
	assert_int_equal(export_format("text"), EXPORT_TEXT);
	assert_int_equal(export_format("CSV"), -1);
	assert_int_equal(export_format(""), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    csv_has_the_columns_that_tools_rely_on, setup, teardown),
		cmocka_unit_test_setup_teardown(json_tells_what_csv_tells,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    category_and_team_are_those_that_hold, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_table_of_a_season_has_points_and_reasons, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(text_is_aligned_and_rounded_up,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    text_marks_what_is_too_close_to_call_and_says_what_that_means,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    json_tells_the_bound_and_what_is_close_and_csv_stays_as_it_is,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    text_says_what_was_published_and_what_is_provisional, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    json_says_it_too_and_csv_does_not, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_name_does_not_steer_the_terminal, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    teams_by_time_are_behind_by_seconds, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    teams_by_km_are_behind_by_kilometres, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    an_average_is_shown_by_runner_and_beside_it_the_sum, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    places_are_numbers_and_what_is_missing_is_said, setup,
		    teardown),
		cmocka_unit_test(a_quota_says_what_nobody_else_can_make_up_for),
		cmocka_unit_test_setup_teardown(
		    an_empty_ranking_is_a_head_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_disk_is_an_error, setup,
		    teardown),
		cmocka_unit_test(a_gap_is_the_difference_of_what_is_shown),
		cmocka_unit_test(kilometres_have_the_decimals_they_need),
		cmocka_unit_test(a_format_is_one_of_three_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
