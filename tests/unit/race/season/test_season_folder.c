/* A season folder: what is read of it, and every mistake by its line. */
#include "support/test.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "race/season/folder.h"
#include "race/season/key.h"

#define TITLE "title: T\n"
#define TABLE "tables:\n  g: { points: [3, 2, 1] }\n"
#define HEAD  "season,competition,award,place,recipient\n"

/* A season folder of its own for each test. */
struct fixture {
	char dir[64];
	struct conf_report report;
	struct season_folder folder;
	int rc;
};

static const char *const names[] = { "season.yaml", "aliases.csv",
	"palmares/a.csv", "palmares/b.CSV", "palmares/c.txt",
	"palmares/d.csv" };

static char *
path_of(const struct fixture *f, const char *name)
{
	return xasprintf("%s/%s", f->dir, name);
}

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);
	char *lists;

	(void)snprintf(f->dir, sizeof f->dir, "/tmp/test_season.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	lists = path_of(f, "palmares");
	assert_int_equal(mkdir(lists, 0777), 0);
	free(lists);
	*state = f;
	return 0;
}

static void
forget(struct fixture *f)
{
	season_folder_clear(&f->folder);
	conf_report_clear(&f->report);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char *lists = path_of(f, "palmares");

	forget(f);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char *path = path_of(f, names[i]);

		(void)unlink(path);
		(void)rmdir(path);
		free(path);
	}
	(void)rmdir(lists);
	(void)rmdir(f->dir);
	free(lists);
	free(f);
	return 0;
}

static void
write_bytes(const struct fixture *f, const char *name, const char *bytes,
    size_t len)
{
	char *path = path_of(f, name);
	FILE *file;

	(void)unlink(path);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	free(path);
}

static void
write_text(const struct fixture *f, const char *name, const char *text)
{
	write_bytes(f, name, text, strlen(text));
}

static void
read_folder(struct fixture *f)
{
	const struct season_source from = season_source_folder(f->dir);

	forget(f);
	f->rc = season_folder_read(&f->folder, &from, &f->report);
	/* Refused if and only if there is an error. */
	assert_int_equal(f->rc != 0, f->report.errors > 0);
	if (f->rc == 0)
		assert_non_null(f->folder.rules);
}

static void
read_rules(struct fixture *f, const char *yaml)
{
	write_text(f, "season.yaml", yaml);
	write_text(f, "palmares/a.csv", HEAD "2014,A,,1,Ann\n");
	read_folder(f);
}

static void
read_list(struct fixture *f, const char *csv)
{
	write_text(f, "season.yaml", TITLE TABLE);
	write_text(f, "palmares/a.csv", csv);
	read_folder(f);
}

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* Line i of the report begins so. */
static void
assert_told(const struct fixture *f, size_t i, const char *words)
{
	char line[4096];

	if (i >= f->report.count)
		fail_msg("nothing told where \"%s\" should be", words);
	assert_true(
	    conf_problem_print(line, sizeof line, &f->report.problems[i]) > 0);
	if (!begins(line, words))
		fail_msg("line %zu is \"%s\", not \"%s\"", i, line, words);
}

/* What a table says, in a season of two competitions. */
static void
read_table(struct fixture *f, const char *table)
{
	char *yaml = xasprintf(TITLE "competitions: { A: {}, B: {} }\n"
	                             "tables: { g: { %s } }\n",
	    table);

	read_rules(f, yaml);
	free(yaml);
}

static void
read_competition(struct fixture *f, const char *competition)
{
	char *yaml =
	    xasprintf(TITLE "competitions: { A: { %s } }\n" TABLE, competition);

	read_rules(f, yaml);
	free(yaml);
}

/* ---- season.yaml ---- */

static void
a_whole_season_is_understood(void **state)
{
	struct fixture *f = *state;
	const struct season_rules *rules;
	const struct season_table *t;

	read_rules(f,
	    "title: Prix\n"
	    "competitions:\n"
	    "  A: { title: Gala, weight: 1.5, seasons: 2010-2014 }\n"
	    "  B:\n"
	    "tables:\n"
	    "  g:\n"
	    "    points: { list: [10, 6.5], beyond: 1, taking-part: 0.5 }\n"
	    "    bonus: { Pole: [2] }\n"
	    "    tied: average\n"
	    "    best: 4\n"
	    "    at-least: 2\n"
	    "    compulsory: [A]\n"
	    "    ties: [wins, count-back 3, better-in B, decision]\n"
	    "  w: { of: teams, sex: f, again: yes, points: place,\n"
	    "       lowest: yes, each: 4, missing: 10 }\n");
	assert_int_equal(f->report.count, 0);
	rules = f->folder.rules;
	assert_string_equal(rules->title, "Prix");
	assert_int_equal(rules->competition_count, 2);
	assert_string_equal(rules->competitions[0].title, "Gala");
	assert_int_equal(rules->competitions[0].weight, 1500);
	assert_string_equal(rules->competitions[0].from, "2010");
	assert_string_equal(rules->competitions[0].to, "2014");
	assert_int_equal(rules->competitions[1].weight, 1000);
	assert_int_equal(rules->table_count, 2);
	t = &rules->tables[0];
	assert_int_equal(t->points.count, 2);
	assert_int_equal(t->points.list[1], SEASON_UNIT * 13 / 2);
	assert_int_equal(t->points.beyond, SEASON_UNIT);
	assert_int_equal(t->points.taking_part, SEASON_UNIT / 2);
	assert_int_equal(t->award_count, 1);
	assert_true(t->awards[0].bonus);
	assert_int_equal(t->tied, SEASON_TIED_AVERAGE);
	assert_int_equal(t->best, 4);
	assert_int_equal(t->at_least, 2);
	assert_int_equal(t->compulsory_count, 1);
	assert_int_equal(t->tie_count, 4);
	assert_int_equal(t->ties[1].places, 3);
	assert_string_equal(t->ties[2].competition, "B");
	t = &rules->tables[1];
	assert_int_equal(t->of, SEASON_TEAMS);
	assert_string_equal(t->sex, "F");
	assert_true(t->again && t->lowest);
	assert_int_equal(t->points.scale, SEASON_PLACE);
	assert_int_equal(t->each, 4);
	assert_int_equal(t->missing, 10 * SEASON_UNIT);
}

static void
a_season_without_a_table_is_refused(void **state)
{
	struct fixture *f = *state;

	read_rules(f, TITLE);
	assert_told(f, 0, "season.yaml: has no tables");
	read_rules(f, TITLE "tables: {}\n");
	assert_told(f, 0, "season.yaml: has no tables");
	read_rules(f, TITLE "tables:\n");
	assert_told(f, 0, "season.yaml: has no tables");
}

static void
mistakes_of_the_file_are_told_by_line(void **state)
{
	static const struct {
		const char *yaml;
		const char *told;
	} cases[] = {
		{ "", "season.yaml: has no title" },
		{ "- a\n", "season.yaml:1:1: has to be a table of keys" },
		{ TABLE, "season.yaml: has no title" },
		{ TITLE TITLE TABLE,
		    "season.yaml:2:1: \"title\" is on line 1" },
		{ TITLE "tabels: 1\n" TABLE,
		    "season.yaml:2:1: unknown key \"tabels\"" },
		{ TITLE "tables:\n\tg: { points: [1] }\n",
		    "season.yaml:3:1: a TAB" },
		{ TITLE "tables: [a]\n",
		    "season.yaml:2:9: tables: has to be a table" },
		{ TITLE "tables: { g: }\n",
		    "season.yaml:2:11: table \"g\" has no points" },
		{ TITLE "tables: { g: 3 }\n",
		    "season.yaml:2:11: table \"g\" has no points" },
		{ TITLE "competitions: [A]\n" TABLE,
		    "season.yaml:2:15: competitions: has to be a table" },
		{ TITLE "competitions: { A: 3 }\n" TABLE,
		    "season.yaml:2:20: " },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fixture *f = *state;

		read_rules(f, cases[i].yaml);
		assert_told(f, 0, cases[i].told);
	}
}

static void
mistakes_of_a_competition_are_told_by_line(void **state)
{
	static const struct {
		const char *text;
		const char *told;
	} cases[] = {
		{ "weight: 101", "season.yaml:2:30: weight \"101\": must be" },
		{ "weight: -1", "season.yaml:2:30: weight \"-1\"" },
		{ "weight: 1.2345", "season.yaml:2:30: weight \"1.2345\"" },
		{ "wait: 1", "season.yaml:2:22: unknown key \"wait\"" },
		{ "seasons: 2015-2010",
		    "season.yaml:2:31: seasons \"2015-2010\": end before" },
		{ "seasons: a-b-c",
		    "season.yaml:2:31: seasons \"a-b-c\": must" },
		{ "seasons: -2014",
		    "season.yaml:2:31: seasons \"-2014\": must" },
		{ "seasons: ''", "season.yaml:2:31: seasons \"\": must be" },
		{ "seasons: 1 - 2 - 3",
		    "season.yaml:2:31: seasons \"1 - 2 - 3\"" },
		{ "season: 2014", "season.yaml:2:30: season: says nothing" },
		{ "rankings: [a]", "season.yaml:2:32: rankings: says nothing" },
		{ "table: g", "season.yaml:2:29: table: says nothing" },
		{ "race: x, standings: y",
		    "season.yaml:2:17: is decided by a race or by" },
		{ "race: x, rankings: [a, a]",
		    "season.yaml:2:45: rankings \"a\": is in the list "
		    "already" },
		{ "race: x, rankings: []",
		    "season.yaml:2:41: rankings: the list is empty" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fixture *f = *state;

		read_competition(f, cases[i].text);
		assert_told(f, 0, cases[i].told);
		assert_int_equal(f->report.count, 1);
	}
}

/* What a table says, and what is told of it. */
static const struct {
	const char *text;
	const char *told;
} of_tables[] = {
	{ "points: 3", "season.yaml:3:24: points \"3\": must be a list" },
	{ "points: []", "season.yaml:3:24: points: the list is empty" },
	{ "points: { list: [] }",
	    "season.yaml:3:32: points: the list is empty" },
	{ "points: [1.2345]", "season.yaml:3:25: points \"1.2345\"" },
	{ "points: [1000001]", "season.yaml:3:25: points \"1000001\"" },
	{ "points: {}", "season.yaml:3:24: points: need one of list" },
	{ "points: { list: [1], first: 2 }",
	    "season.yaml:3:24: points: need one of list" },
	{ "points: { first: 2, step: -1 }", "season.yaml:3:42: step" },
	{ "points: { list: [1], step: 1 }",
	    "season.yaml:3:43: step: says nothing without first" },
	{ "points: { winner: 9, beyond: 1 }",
	    "season.yaml:3:45: beyond: says nothing beside winner" },
	{ "points: { list: 3 }", "season.yaml:3:32: list: has to be" },
	{ "points: { list: [1], given: perhaps }",
	    "season.yaml:3:44: given \"perhaps\"" },
	{ "by: time, points: [1]",
	    "season.yaml:3:34: points: says nothing in a table by "
	    "time" },
	{ "by: time, tied: average", "season.yaml:3:32: tied: says" },
	{ "by: time, lowest: yes", "season.yaml:3:34: lowest: by time" },
	{ "points: place, missing: 3",
	    "season.yaml:3:11: table \"g\": missing says nothing" },
	{ "points: [1], lowest: yes, each: 2, missing: 3",
	    "season.yaml:3:11: table \"g\": missing says nothing" },
	{ "points: [1], best: 0", "season.yaml:3:35: best \"0\"" },
	{ "points: [1], best: 2001", "season.yaml:3:35: best \"2001\"" },
	{ "points: [1], each: 1.5", "season.yaml:3:35: each \"1.5\"" },
	{ "points: [1], at-least: -1", "season.yaml:3:39: at-least" },
	{ "points: [1], best: 1, compulsory: [A, B]",
	    "season.yaml:3:11: table \"g\": 2 competitions are" },
	{ "points: [1], compulsory: [Z]",
	    "season.yaml:3:11: table \"g\": there is no competition" },
	{ "points: [1], competitions: [A], compulsory: [B]",
	    "season.yaml:3:11: table \"g\": \"B\" is not among its" },
	{ "points: [1], competitions: [A], ties: [better-in B]",
	    "season.yaml:3:11: table \"g\": \"B\" is not among its" },
	{ "points: [1], competitions: [A, A]",
	    "season.yaml:3:47: competitions \"A\": is in the list" },
	{ "points: [1], competitions: []",
	    "season.yaml:3:43: competitions: the list is empty" },
	{ "points: [1], compulsory: []",
	    "season.yaml:3:41: compulsory: the list is empty" },
	{ "points: [1], competitions: { A: 1 }",
	    "season.yaml:3:43: competitions: has to be a list" },
	{ "awards: [Race]", "season.yaml:3:25: award \"Race\" has no points" },
	{ "awards: { Race: }",
	    "season.yaml:3:26: award \"Race\" has no points" },
	{ "points: [1], awards: []",
	    "season.yaml:3:37: awards: the list is empty" },
	{ "points: [1], awards: Race",
	    "season.yaml:3:37: awards: has to be a list" },
	{ "points: [1], awards: [Race, Race]",
	    "season.yaml:3:44: award \"Race\": is named twice" },
	{ "points: [1], awards: [R], points-of: { R: [2] }",
	    "season.yaml:3:55: award \"R\": is named twice" },
	{ "points: [1], points-in: { Z: [2] }",
	    "season.yaml:3:11: table \"g\": there is no competition \"Z\"" },
	{ "by: time, points-in: { A: [2] }",
	    "season.yaml:3:37: points-in: says nothing" },
	{ "points: [1], points-in: [2]", "season.yaml:3:40: points-in" },
	{ "points: [1], sex: W", "season.yaml:3:34: sex \"W\"" },
	{ "points: [1], again: perhaps", "season.yaml:3:36: again" },
	{ "points: [1], of: people", "season.yaml:3:33: of \"people\"" },
	{ "points: [1], by: place", "season.yaml:3:33: by \"place\"" },
	{ "points: [1], tied: lower", "season.yaml:3:35: tied" },
	{ "points: [1], ties: [win]", "season.yaml:3:36: ties \"win\"" },
	{ "points: [1], ties: { wins: 1 }",
	    "season.yaml:3:35: ties: has to be a list" },
	{ "points: [1], ties: [count-back 0]",
	    "season.yaml:3:36: ties \"count-back 0\"" },
	{ "points: [1], ties: [count-back 3 4]",
	    "season.yaml:3:36: ties \"count-back 3 4\"" },
	{ "points: [1], ties: [wins 3]", "season.yaml:3:36: ties" },
	{ "points: [1], ties: [better-in]",
	    "season.yaml:3:36: ties \"better-in\": name the" },
	{ "points: [1], ties: [better-in Z]",
	    "season.yaml:3:11: table \"g\": there is no competition" },
	{ "points: [1], ties: [wins, latest, wins]",
	    "season.yaml:3:50: ties \"wins\": is in the list already" },
};

static void
mistakes_of_a_table_are_told_by_line(void **state)
{
	for (size_t i = 0; i < sizeof of_tables / sizeof of_tables[0]; i++) {
		struct fixture *f = *state;

		read_table(f, of_tables[i].text);
		if (f->report.count != 1)
			fail_msg("%s: %zu problems", of_tables[i].text,
			    f->report.count);
		assert_told(f, 0, of_tables[i].told);
	}
}

static void
what_says_something_is_taken(void **state)
{
	static const char *const cases[] = {
		"points: { list: [], beyond: 1 }",
		"points: { list: [], given: yes }",
		"points: given",
		"points: { winner: 1000, taking-part: 5 }",
		"awards: { Race: [1], Gala: place }",
		"by: time, awards: [Race]",
		"points: [1], ties: [better-in A, better-in B]",
		"points: [1], ties: [count-back 1, count-back]",
		"points: [1], ties: shared",
		"points: [1], ties: wins",
		"points: [1], competitions: A",
		"points: [1], best: 3, at-least: 5",
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fixture *f = *state;

		read_table(f, cases[i]);
		if (f->report.count != 0)
			fail_msg("%s: %s", cases[i],
			    f->report.problems[0].text);
	}
}

static void
assert_seasons(struct fixture *f, const char *text, const char *from,
    const char *to)
{
	read_competition(f, text);
	assert_int_equal(f->report.count, 0);
	assert_string_equal(f->folder.rules->competitions[0].from, from);
	assert_string_equal(f->folder.rules->competitions[0].to, to);
}

static void
seasons_are_taken_with_and_without_blanks(void **state)
{
	struct fixture *f = *state;

	assert_seasons(f, "seasons: 2014", "2014", "2014");
	assert_seasons(f, "seasons: 2010-2014", "2010", "2014");
	assert_seasons(f, "seasons: 2010 - 2014", "2010", "2014");
	assert_seasons(f, "seasons: 2010-", "2010", "");
	assert_seasons(f, "seasons: 2010 -", "2010", "");
	/* Winters have a dash of their own. */
	assert_seasons(f, "seasons: 2022-23 - 2024-25", "2022-23", "2024-25");
	assert_seasons(f, "seasons: 2022-23 -", "2022-23", "");
}

static void
a_large_file_and_a_missing_one_are_told(void **state)
{
	struct fixture *f = *state;
	const struct season_source from = season_source_folder("/nonexistent");
	char *large = xmalloc(2 * 1024 * 1024);

	memset(large, '#', 2 * 1024 * 1024);
	write_bytes(f, "season.yaml", large, 2 * 1024 * 1024);
	free(large);
	read_folder(f);
	assert_told(f, 0, "season.yaml: is larger than 1 MiB");
	write_text(f, "aliases.csv", "");
	forget(f);
	assert_true(season_folder_read(&f->folder, &from, &f->report) < 0);
	assert_told(f, 0, "season.yaml: cannot be read: No such");
	assert_told(f, 1, "palmares/: cannot be read: No such file");
}

/* ---- award lists ---- */

static void
a_list_is_read_as_it_is_written(void **state)
{
	struct fixture *f = *state;
	const struct season_listed *l;

	read_list(f,
	    "recipient,place,season,competition,award,note,team,sex,category,"
	    "date,time,points,status,jury\n"
	    "Ann,3=,2014,A,Race,ex aequo,Orange,f,SE,2014-09-21,1:02:33.5,"
	    "12.5,DNF,public\n");
	/* The jury. */
	assert_int_equal(f->report.count, 1);
	assert_told(f, 0,
	    "palmares/a.csv:1: warning: column \"jury\" has no meaning here");
	assert_int_equal(f->folder.listed_count, 1);
	l = &f->folder.listed[0];
	assert_string_equal(l->file, "palmares/a.csv");
	assert_int_equal(l->line, 2);
	assert_string_equal(l->what.result.season, "2014");
	assert_string_equal(l->what.result.competition, "A");
	assert_string_equal(l->what.result.award, "Race");
	assert_int_equal(l->what.result.place, 3);
	assert_string_equal(l->what.result.recipient, "Ann");
	assert_string_equal(l->what.result.note, "ex aequo");
	assert_string_equal(l->what.result.team, "Orange");
	assert_string_equal(l->what.result.sex, "F");
	assert_string_equal(l->what.result.category, "SE");
	assert_string_equal(l->what.result.date, "2014-09-21");
	assert_int_equal(l->what.result.time_us, INT64_C(3753500000));
	assert_int_equal(l->what.result.points, SEASON_UNIT * 25 / 2);
	assert_int_equal(l->what.result.status, RACE_DNF);
	assert_int_equal(l->what.more_count, 1);
	assert_string_equal(l->what.more[0].name, "jury");
	assert_string_equal(l->what.more[0].value, "public");
}

/* Of the lines in their order. */
static void
read_keys(struct fixture *f, const char *csv, uint64_t *keys, size_t count)
{
	read_list(f, csv);
	assert_int_equal(f->folder.listed_count, count);
	for (size_t i = 0; i < count; i++) {
		keys[i] = f->folder.listed[i].what.key;
		assert_ptr_equal(season_folder_line(&f->folder, keys[i]),
		    &f->folder.listed[i]);
	}
}

static void
a_line_keeps_its_key_wherever_it_stands(void **state)
{
	struct fixture *f = *state;
	uint64_t was[4];
	uint64_t now[4];

	read_keys(f,
	    HEAD "2014,A,,1,Ann\n2014,A,,2,Bob\n2014,A,,3,Ann\n"
	         "2013,A,,1,Ann\n",
	    was, 4);
	assert_null(season_folder_line(&f->folder, 1));
	/* Other places, another order: only equals are told by theirs. */
	read_keys(f,
	    HEAD "2013,A,,7,Ann\n2014,A,,1,Bob\n2014,A,,5,Ann\n"
	         "2014,A,,6,Ann\n",
	    now, 4);
	assert_true(now[0] == was[3] && now[1] == was[1]);
	assert_true(now[2] == was[0] && now[3] == was[2]);
	for (size_t i = 0; i < 4; i++) {
		assert_true(was[i] >= KEY_LEAST);
		for (size_t k = 0; k < i; k++)
			assert_true(was[k] != was[i]);
	}
	/* Fixed: they are stored. */
	assert_true(was[0] == UINT64_C(0xf3fe497534aab070));
}

static void
mistakes_of_a_list_are_told_by_line(void **state)
{
	struct fixture *f = *state;

	read_list(f,
	    "season,competition,place,recipient,sex,date,time,points,status\n"
	    "2014,A,0,Ann,,,,,\n"
	    "2014,A,1.5,Ann,,,,,\n"
	    "2014,A,1er,Ann,,,,,\n"
	    "2014,A,1000000,Ann,,,,,\n"
	    "2014,A,1,Ann,W,,,,\n"
	    "2014,A,1,Ann,,2014-02-30,,,\n"
	    "2014,A,1,Ann,,,soon,,\n"
	    "2014,A,1,Ann,,,,-1,\n"
	    "2014,A,1,Ann,,,,1.2345,\n"
	    "2014,A,1,Ann,,,,,lost\n"
	    ",A,1,Ann,,,,,\n"
	    "2014,,1,Ann,,,,,\n"
	    "2014,A,1,,,,,,\n"
	    "2014,A,1,\"Ann\nBob\",,,,,\n"
	    "2014,A,1,Ann,,,,,,more\n"
	    "2014,A,=2,Ann,,,,,\n");
	assert_int_equal(f->report.errors, 15);
	assert_int_equal(f->folder.listed_count, 1);
	assert_int_equal(f->folder.listed[0].line, 18);
	assert_told(f, 0, "palmares/a.csv:2: place \"0\": must be a number");
	assert_told(f, 1, "palmares/a.csv:3: place \"1.5\"");
	assert_told(f, 2, "palmares/a.csv:4: place \"1er\"");
	assert_told(f, 3, "palmares/a.csv:5: place \"1000000\"");
	assert_told(f, 4, "palmares/a.csv:6: sex \"W\"");
	assert_told(f, 5, "palmares/a.csv:7: date \"2014-02-30\"");
	assert_told(f, 6, "palmares/a.csv:8: time \"soon\"");
	assert_told(f, 7, "palmares/a.csv:9: points \"-1\"");
	assert_told(f, 8, "palmares/a.csv:10: points \"1.2345\"");
	assert_told(f, 9, "palmares/a.csv:11: status \"lost\"");
	assert_told(f, 10, "palmares/a.csv:12: season is empty");
	assert_told(f, 11, "palmares/a.csv:13: competition is empty");
	assert_told(f, 12, "palmares/a.csv:14: recipient is empty");
	assert_told(f, 13, "palmares/a.csv:15: recipient \"Ann");
	assert_told(f, 14, "palmares/a.csv:17: \"more\" stands in column 10");
}

static void
a_time_with_a_decimal_comma_is_read(void **state)
{
	struct fixture *f = *state;

	read_list(f,
	    "season;competition;place;recipient;time\n"
	    "2014;A;1;Ann;31:00,5\n"
	    "2014;A;2;Bob;1:31:00.25\n");
	assert_int_equal(f->rc, 0);
	assert_int_equal(f->folder.listed[0].what.result.time_us,
	    INT64_C(1860500000));
	assert_int_equal(f->folder.listed[1].what.result.time_us,
	    INT64_C(5460250000));
	read_list(f,
	    "season;competition;place;recipient;time\n"
	    "2014;A;1;Ann;31:00,5,5\n");
	assert_told(f, 0, "palmares/a.csv:2: time \"31:00,5,5\"");
}

static void
mistakes_of_the_first_line_are_told(void **state)
{
	static const struct {
		const char *csv;
		const char *told;
	} cases[] = {
		{ "", "palmares/a.csv: is empty" },
		{ "season,competition,place\n2014,A,1\n",
		    "palmares/a.csv:1: has no column \"recipient\"" },
		{ "season,Season,competition,place,recipient\n",
		    "palmares/a.csv:1: columns 1 and 2 are both \"Season\"" },
		{ HEAD "2014,A,,1,\"Ann\n", "palmares/a.csv:2: the row has a" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fixture *f = *state;

		read_list(f, cases[i].csv);
		assert_told(f, 0, cases[i].told);
		assert_int_equal(f->report.count, 1);
	}
}

static void
too_many_columns_are_told(void **state)
{
	struct fixture *f = *state;
	char row[1024];

	memset(row, ',', 300);
	memcpy(row, "season", 6);
	row[300] = '\n';
	row[301] = '\0';
	read_list(f, row);
	assert_told(f, 0, "palmares/a.csv:1: the row has more than 256 fields");
}

/* Who writes them in quotes does not mean another season. */
static void
blanks_around_a_value_do_not_count(void **state)
{
	struct fixture *f = *state;

	read_list(f,
	    "\" season\",competition,award,place,recipient\n"
	    "\"2014 \", A ,\"\",\" 1\",\"Ann \"\n");
	assert_int_equal(f->report.count, 0);
	assert_string_equal(f->folder.listed[0].what.result.season, "2014");
	assert_string_equal(f->folder.listed[0].what.result.recipient, "Ann");
	write_text(f, "aliases.csv", "alias,recipient\n\"Anna \",\" Ann\"\n");
	read_folder(f);
	assert_int_equal(f->report.count, 0);
	assert_string_equal(f->folder.spellings[0].written, "Anna");
	assert_string_equal(f->folder.spellings[0].subject, "Ann");
}

static void
lists_of_all_spreadsheets_are_read(void **state)
{
	static const char *const cases[] = {
		("\xef\xbb\xbfseason;competition;place;recipient\r\n"
		 "2014;A;1;Zo\xc3\xab\r\n"),
		"season\tcompetition\tplace\trecipient\r2014\tA\t1\tZo\xc3\xab",
		"season,competition,place,recipient\n2014,A,1,Zo\xeb\n",
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fixture *f = *state;

		read_list(f, cases[i]);
		assert_int_equal(f->report.errors, 0);
		assert_int_equal(f->folder.listed_count, 1);
		assert_string_equal(f->folder.listed[0].what.result.recipient,
		    "Zo\xc3\xab");
	}
}

static void
names_of_200_bytes_are_the_longest(void **state)
{
	struct fixture *f = *state;
	char name[202];
	char *csv;

	memset(name, 'x', 201);
	name[201] = '\0';
	csv = xasprintf(HEAD "2014,A,,1,%s\n2014,A,,2,%s\n", name + 1, name);
	read_list(f, csv);
	free(csv);
	assert_int_equal(f->report.count, 1);
	assert_told(f, 0, "palmares/a.csv:3: recipient \"xxxx");
	assert_int_equal(f->folder.listed_count, 1);
}

static void
a_line_that_is_there_twice_is_told(void **state)
{
	struct fixture *f = *state;

	read_list(f, HEAD "2014,A,,1,Ann\n2014,A,,2,Ann\n2014,A,,1,Ann\n");
	assert_int_equal(f->report.count, 1);
	assert_told(f, 0,
	    "palmares/a.csv:4: warning: is the same as palmares/a.csv:2");
	/* In another list, too; and it counts, for it stands there. */
	write_text(f, "palmares/a.csv", HEAD "2014,A,,1,Ann\n");
	write_text(f, "palmares/d.csv", HEAD "2015,A,,1,Ann\n2014,A,,1,Ann\n");
	read_folder(f);
	assert_int_equal(f->report.count, 1);
	assert_told(f, 0,
	    "palmares/d.csv:3: warning: is the same as palmares/a.csv:2");
	assert_int_equal(f->folder.listed_count, 3);
}

static void
what_is_no_list_is_told(void **state)
{
	struct fixture *f = *state;
	char *path;

	read_list(f, HEAD "2014,A,,1,Ann\n");
	write_text(f, "palmares/b.CSV", HEAD "2014,A,,2,Bob\n");
	write_text(f, "palmares/c.txt", HEAD "2014,A,,3,Cid\n");
	path = path_of(f, "palmares/d.csv");
	assert_int_equal(mkdir(path, 0777), 0);
	read_folder(f);
	assert_int_equal(f->folder.listed_count, 2);
	assert_int_equal(f->report.count, 2);
	assert_told(f, 0, "palmares/c.txt: warning: is no *.csv: not read");
	assert_told(f, 1, "palmares/d.csv: is no ordinary file");
	assert_int_equal(rmdir(path), 0);
	/* Nobody writes into it: waiting would be for ever. */
	assert_int_equal(mkfifo(path, 0666), 0);
	read_folder(f);
	assert_told(f, 1, "palmares/d.csv: is no ordinary file");
	free(path);
}

static void
a_season_yaml_that_never_ends_is_told(void **state)
{
	struct fixture *f = *state;
	char *path;

	read_list(f, HEAD "2014,A,,1,Ann\n");
	path = path_of(f, "season.yaml");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0666), 0);
	read_folder(f);
	assert_told(f, 0, "season.yaml: is no ordinary file");
	free(path);
}

/* ---- aliases ---- */

static void
read_aliases(struct fixture *f, const char *csv)
{
	write_text(f, "aliases.csv", csv);
	read_list(f, HEAD "2014,A,,1,Ann\n");
}

static void
aliases_are_read(void **state)
{
	struct fixture *f = *state;

	read_aliases(f,
	    "alias,team,recipient\nA.,,Ann\nA.,Orange,Ann (Orange)\n");
	assert_int_equal(f->report.count, 0);
	assert_int_equal(f->folder.spelling_count, 2);
	assert_string_equal(f->folder.spellings[1].written, "A.");
	assert_string_equal(f->folder.spellings[1].team, "Orange");
	assert_string_equal(f->folder.spellings[1].subject, "Ann (Orange)");
	assert_int_equal(f->folder.spellings[1].line, 3);
}

static void
mistakes_of_aliases_are_told_by_line(void **state)
{
	struct fixture *f = *state;

	read_aliases(f,
	    "alias,team,recipient\nB,,Ann\nB,,Ann\nC,,B\n,,Ann\nD,,\n");
	assert_int_equal(f->report.count, 4);
	assert_told(f, 0, "aliases.csv:3: alias \"B\": is on line 2 already");
	assert_told(f, 1,
	    "aliases.csv:4: recipient \"B\": is an alias itself, on line 2");
	assert_told(f, 2, "aliases.csv:5: alias is empty");
	assert_told(f, 3, "aliases.csv:6: recipient is empty");
	read_aliases(f, "alias\nB\n");
	assert_told(f, 0, "aliases.csv:1: has no column \"recipient\"");
}

/* Whoever lists everybody, those too who are written well. */
static void
who_is_an_alias_of_himself_can_be_named(void **state)
{
	struct fixture *f = *state;

	read_aliases(f, "alias,recipient\nAnna,Ann\nAnn,Ann\n");
	assert_int_equal(f->report.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_whole_season_is_understood,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_season_without_a_table_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    mistakes_of_the_file_are_told_by_line, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    mistakes_of_a_competition_are_told_by_line, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    mistakes_of_a_table_are_told_by_line, setup, teardown),
		cmocka_unit_test_setup_teardown(what_says_something_is_taken,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    seasons_are_taken_with_and_without_blanks, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_large_file_and_a_missing_one_are_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_list_is_read_as_it_is_written,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    mistakes_of_a_list_are_told_by_line, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_time_with_a_decimal_comma_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    mistakes_of_the_first_line_are_told, setup, teardown),
		cmocka_unit_test_setup_teardown(too_many_columns_are_told,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    blanks_around_a_value_do_not_count, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    lists_of_all_spreadsheets_are_read, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    names_of_200_bytes_are_the_longest, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_line_that_is_there_twice_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_list_is_told, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_season_yaml_that_never_ends_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_line_keeps_its_key_wherever_it_stands, setup, teardown),
		cmocka_unit_test_setup_teardown(aliases_are_read, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    mistakes_of_aliases_are_told_by_line, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    who_is_an_alias_of_himself_can_be_named, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
