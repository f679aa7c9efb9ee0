#include "support/test.h"

#include <string.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "control/changes.h"
#include "race/roster.h"

enum { HELD_MAX = 16 };

struct fixture {
	char path[64];
	struct race_entry held[HELD_MAX];
	const struct race_entry *held_list[HELD_MAX];
	const char *chips[HELD_MAX][1];
	size_t held_count;
	struct race_rules *rules;
	bool remove;
	bool mistakes; /* the file may have some */
	struct conf_sheet sheet;
	struct conf_roll roll;
	struct conf_report report;
	struct changes changes;
};

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);
	int fd;

	(void)snprintf(f->path, sizeof f->path, "/tmp/test_changes.XXXXXX");
	fd = mkstemp(f->path);
	assert_true(fd >= 0);
	(void)close(fd);
	*state = f;
	return 0;
}

static void
forget(struct fixture *f)
{
	changes_clear(&f->changes);
	conf_report_clear(&f->report);
	conf_roll_clear(&f->roll);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	forget(f);
	(void)unlink(f->path);
	free(f);
	return 0;
}

/* Somebody who is entered already; chip "" for none. */
static struct race_entry *
hold(struct fixture *f, const char *bib, const char *name, const char *chip)
{
	size_t i = f->held_count++;
	struct race_entry *e = &f->held[i];

	assert_true(i < HELD_MAX);
	f->chips[i][0] = chip;
	*e = (struct race_entry){ .bib = bib,
		.name = name,
		.sex = "F",
		.born = "",
		.category = "SE",
		.team = "PMU",
		.wave = "",
		.nation = "",
		.chips = f->chips[i],
		.chip_count = *chip != '\0' };
	f->held_list[i] = e;
	return e;
}

static void
compare(struct fixture *f, const char *text)
{
	struct changes_job job = { .held = f->held_list,
		.held_count = f->held_count,
		.file = f->path,
		.sheet = &f->sheet,
		.roll = &f->roll,
		.rules = f->rules,
		.remove = f->remove };
	FILE *file = fopen(f->path, "wb");

	forget(f);
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	if (conf_sheet(f->path, NULL, &f->sheet, &f->roll, &f->report) != 0 &&
	    !f->mistakes)
		fail_msg("%s", f->report.problems[0].text);
	changes_find(&job, &f->changes, &f->report);
}

static void
assert_counts(const struct fixture *f, size_t new, size_t changed, size_t equal,
    size_t gone)
{
	const size_t *counts = f->changes.counts;

	assert_int_equal(counts[CHANGES_NEW], new);
	assert_int_equal(counts[CHANGES_CHANGED], changed);
	assert_int_equal(counts[CHANGES_EQUAL], equal);
	assert_int_equal(counts[CHANGES_GONE], gone);
	assert_int_equal(changes_total(&f->changes), new + changed + gone);
}

static const struct changes_item *
item(const struct fixture *f, size_t i)
{
	assert_true(i < f->changes.count);
	return &f->changes.items[i];
}

/* The summary, for free(). */
static char *
printed(const struct fixture *f)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	changes_print(out, &f->changes);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void
assert_printed(const struct fixture *f, const char *words)
{
	char *text = printed(f);

	if (strstr(text, words) == NULL)
		fail_msg("\"%s\" is not in:\n%s", words, text);
	free(text);
}

static void
assert_not_printed(const struct fixture *f, const char *words)
{
	char *text = printed(f);

	if (strstr(text, words) != NULL)
		fail_msg("\"%s\" is in:\n%s", words, text);
	free(text);
}

/* A warning or mistake on that line. */
static void
assert_told(const struct fixture *f, unsigned line, const char *words)
{
	for (size_t i = 0; i < f->report.count; i++) {
		const struct conf_problem *p = &f->report.problems[i];

		if (p->line == line && strstr(p->text, words) != NULL)
			return;
	}
	for (size_t i = 0; i < f->report.count; i++)
		print_message("%u: %s\n", f->report.problems[i].line,
		    f->report.problems[i].text);
	fail_msg("nothing on line %u says \"%s\"", line, words);
}

static void
new_changed_equal_and_missing_are_told_apart(void **state)
{
	struct fixture *f = *state;

	hold(f, "1", "Anna", "");
	hold(f, "2", "Berta", "");
	hold(f, "3", "Cora", "");
	compare(f, "bib,name\n1,Anna\n2,Bertha\n4,Dora\n");
	assert_counts(f, 1, 1, 1, 0);
	assert_int_equal(f->changes.kept_count, 1);
	assert_string_equal(f->changes.kept[0]->bib, "3");
	assert_int_equal(item(f, 1)->line, 3);
	assert_printed(f, "2  Berta: name \"Berta\" -> \"Bertha\"");
	assert_printed(f, "1 new\n  4  Dora\n");
	assert_printed(f, "1 entry stays as it is\n1 entry is not in the file");
	assert_not_printed(f, "Anna");
	assert_not_printed(f, "Cora");
	compare(f, "bib,name\n4,Dora\n");
	assert_printed(f, "3 entries are not in the file and stay");
	assert_not_printed(f, "as it is");
	f->remove = true;
	compare(f, "bib,name\n1,Anna\n");
	assert_counts(f, 0, 0, 1, 2);
	assert_null(item(f, 1)->after);
	assert_string_equal(item(f, 1)->before->bib, "2");
	assert_printed(f, "2 taken out\n  2  Berta");
}

static void
a_missing_column_and_an_empty_field_change_nothing_a_dash_empties(void **state)
{
	static const struct race_column more[] = { { "Ville", "Lyon" },
		{ "Taille", "L" } };
	struct fixture *f = *state;
	struct race_entry *e = hold(f, "1", "Anna", "C1");
	const struct race_entry *after;

	e->more = more;
	e->more_count = 2;
	e->status = RACE_DNS;
	compare(f, "dossard;équipe\n1;Nespresso\n");
	assert_counts(f, 0, 1, 0, 0);
	after = item(f, 0)->after;
	assert_string_equal(after->team, "Nespresso");
	assert_string_equal(after->name, "Anna");
	assert_string_equal(after->sex, "F");
	assert_string_equal(after->category, "SE");
	assert_int_equal(after->status, RACE_DNS);
	assert_int_equal(after->chip_count, 1);
	assert_int_equal(after->more_count, 2);
	compare(f, "bib,name,sex,chip,status,ville,wave\n1,,,,,,\n");
	assert_counts(f, 0, 0, 1, 0);
	compare(f, "bib,sex,chip,status,ville,Club ACN\n1,-,-,-,-,x\n");
	after = item(f, 0)->after;
	assert_string_equal(after->sex, "");
	assert_int_equal(after->chip_count, 0);
	assert_int_equal(after->status, RACE_STATUS_NONE);
	assert_int_equal(after->more_count, 2);
	assert_string_equal(after->more[0].name, "Taille");
	assert_string_equal(after->more[1].name, "Club ACN");
	assert_printed(f, "Ville \"Lyon\" -> \"\"");
	assert_printed(f, "Club ACN \"\" -> \"x\"");
	compare(f, "bib,taille,VILLE\n1,L,Lyon\n");
	assert_counts(f, 0, 0, 1, 0);
}

static void
a_start_of_ones_own_stays_until_the_file_says_otherwise(void **state)
{
	struct fixture *f = *state;
	struct race_entry *e = hold(f, "1", "Anna", "");

	e->start_us = INT64_C(1411286490000000);
	compare(f, "bib;start;team\n1;;PMU\n");
	assert_counts(f, 0, 0, 1, 0);
	compare(f, "bib;team\n1;BNP\n");
	assert_counts(f, 0, 1, 0, 0);
	assert_true(item(f, 0)->after->start_us == e->start_us);
	compare(f, "bib;start\n1;-\n");
	assert_counts(f, 0, 1, 0, 0);
	assert_true(item(f, 0)->after->start_us == 0);
	compare(f, "bib;start\n1;2014-09-21T10:02:00+02:00\n");
	assert_counts(f, 0, 1, 0, 0);
	assert_true(item(f, 0)->after->start_us == INT64_C(1411286520000000));
}

static void
chips_in_another_order_are_the_same(void **state)
{
	static const char *const two[] = { "C1", "C2" };
	struct fixture *f = *state;
	struct race_entry *e = hold(f, "1", "Anna", "");

	e->chips = two;
	e->chip_count = 2;
	compare(f, "bib,chip\n1,c2;C1\n");
	assert_counts(f, 0, 0, 1, 0);
	compare(f, "bib,chip\n1,c2;C3\n");
	assert_counts(f, 0, 1, 0, 0);
	assert_printed(f, "chip \"C1;C2\" -> \"C2;C3\"");
}

static void
a_chip_that_moves_is_flagged(void **state)
{
	struct fixture *f = *state;

	hold(f, "1", "Anna", "C1");
	hold(f, "2", "Berta", "C2");
	compare(f, "bib,chip\n1,C2\n2,C1\n");
	assert_counts(f, 0, 2, 0, 0);
	assert_int_equal(f->changes.move_count, 2);
	assert_printed(f, "chip C2 moves from bib 2 to bib 1\n");
	assert_printed(f, "chip C1 moves from bib 1 to bib 2\n");
}

static void
a_chip_that_another_keeps_is_a_mistake(void **state)
{
	struct fixture *f = *state;

	hold(f, "1", "Anna", "C1");
	hold(f, "2", "Berta", "C2");
	hold(f, "3", "Cora", "C3");
	/* 2 cannot have 1's, so it keeps its own, so 3 cannot have that */
	compare(f, "bib,name,chip\n2,,C1\n3,,C2\n4,,C4\n");
	assert_counts(f, 1, 0, 0, 0);
	assert_int_equal(f->report.errors, 2);
	assert_int_equal(f->report.problems[0].line, 2);
	assert_non_null(
	    strstr(f->report.problems[0].text, "\"C1\": is that of bib \"1\""));
	assert_int_equal(f->report.problems[1].line, 3);
	assert_int_equal(f->changes.move_count, 0);
	/* who is left out stays */
	assert_int_equal(f->changes.kept_count, 1);
	/* who is taken out lets go */
	f->remove = true;
	compare(f, "bib,name,chip\n2,,C1\n3,,C2\n4,,C4\n");
	assert_int_equal(f->report.errors, 0);
	assert_counts(f, 1, 2, 0, 1);
	assert_int_equal(f->changes.move_count, 2);
}

static void
whoever_is_new_names_a_wave_where_there_are_several(void **state)
{
	struct race_wave waves[2] = { { 0 } };
	struct race_rules rules = { .waves = waves, .wave_count = 2 };
	struct fixture *f = *state;

	hold(f, "1", "Anna", "")->wave = "a";
	f->rules = &rules;
	compare(f, "bib,name\n1,Anne\n2,Berta\n");
	assert_counts(f, 0, 1, 0, 0);
	assert_string_equal(item(f, 0)->after->wave, "a");
	assert_int_equal(f->report.errors, 1);
	assert_int_equal(f->report.problems[0].line, 3);
	compare(f, "bib,name,wave\n1,,-\n2,,b\n");
	assert_counts(f, 1, 0, 0, 0);
	assert_int_equal(f->report.problems[0].line, 2);
	rules.wave_count = 1;
	compare(f, "bib,name\n1,Anne\n2,Berta\n");
	assert_counts(f, 1, 1, 0, 0);
}

static void
twenty_of_a_kind_are_shown_and_the_rest_counted(void **state)
{
	struct fixture *f = *state;
	char text[1024] = "bib,name\n";
	size_t used = strlen(text);

	for (int i = 1; i <= 25; i++)
		used += (size_t)snprintf(text + used, sizeof text - used,
		    "%d,N%d\n", i, i);
	compare(f, text);
	assert_counts(f, 25, 0, 0, 0);
	assert_printed(f, "25 new\n  1  N1\n");
	assert_printed(f, "  20  N20\n  and 5 more\n");
}

/* ---- done is done ---- */

/* What the roster is after the changes, compared again, is equal. */
static void
changes_that_are_made_are_none_any_more(void **state)
{
	static const char *const bibs[] = { "1", "2", "3", "4", "5", "6", "7" };
	static const char *const heads[] = { "name", "sex", "team", "chip",
		"Ville", "born", "status" };
	static const char *const values[][3] = { { "", "Anna", "Élise" },
		{ "", "F", "-" }, { "", "PMU", "-" }, { "", "C", "-" },
		{ "", "Lyon", "-" }, { "", "1984", "3/5/1990" },
		{ "", "DNS", "inscrit" } };
	struct fixture *f = *state;
	uint64_t random = test_seed();

	for (int round = 0; round < 300; round++) {
		char text[4096];
		size_t used = 0;
		bool has[7];
		struct changes_job job = { .held = f->held_list,
			.file = f->path,
			.sheet = &f->sheet,
			.roll = &f->roll };
		const struct race_entry *after[2 * HELD_MAX];
		struct changes again;

		f->held_count = 0;
		for (size_t i = test_below(&random, 8); i > 0; i--)
			hold(f, bibs[i - 1], "Held", "");
		used = (size_t)snprintf(text, sizeof text, "bib");
		for (size_t k = 0; k < 7; k++) {
			has[k] = test_below(&random, 2) == 0;
			if (has[k])
				used += (size_t)snprintf(text + used,
				    sizeof text - used, "\t%s", heads[k]);
		}
		for (unsigned i = 0; i < 6; i++) {
			used += (size_t)snprintf(text + used,
			    sizeof text - used, "\n%u", i + 1);
			for (size_t k = 0; k < 7; k++) {
				const char *v =
				    values[k][test_below(&random, 3)];

				if (!has[k])
					continue;
				/* a chip is one's own */
				used += (size_t)snprintf(text + used,
				    sizeof text - used, "\t%s", v);
				if (k == 3 && *v == 'C')
					used += (size_t)snprintf(text + used,
					    sizeof text - used, "%u", i);
			}
		}
		compare(f, text);
		job.held = after;
		for (size_t i = 0; i < f->changes.count; i++)
			after[job.held_count++] = f->changes.items[i].after;
		changes_find(&job, &again, &f->report);
		assert_int_equal(again.count, f->changes.count);
		assert_int_equal(again.counts[CHANGES_EQUAL], again.count);
		changes_clear(&again);
	}
}

static void
new_people_without_names_for_want_of_a_column_are_told(void **state)
{
	struct fixture *f = *state;

	hold(f, "1", "Anna", "");
	compare(f, "Startnummer;Naam;Voornaam\n1;A;B\n2;C;D\n3;E;F\n");
	assert_int_equal(f->report.count, 1);
	assert_int_equal(f->report.errors, 0);
	assert_int_equal(f->report.problems[0].line, 1);
	assert_told(f, 1, "2 of the new entries have no name");
	assert_counts(f, 2, 1, 0, 0);
	compare(f, "Startnummer;Naam\n1;A\n2;C\n");
	assert_told(f, 1, "1 of the new entries has no name");
	/* A column that is empty says so itself, and who is there has one. */
	compare(f, "bib;name\n1;Anna\n2;\n");
	assert_int_equal(f->report.count, 0);
	compare(f, "bib;team\n1;Other\n");
	assert_int_equal(f->report.count, 0);
}

static void
an_empty_field_of_somebody_new_is_empty_and_so_is_a_dash(void **state)
{
	struct fixture *f = *state;
	const struct race_entry *after;

	compare(f, "bib,name,sex,team,Ville\n1,,-,-,-\n");
	assert_counts(f, 1, 0, 0, 0);
	after = item(f, 0)->after;
	assert_string_equal(after->name, "");
	assert_string_equal(after->sex, "");
	assert_string_equal(after->team, "");
	assert_int_equal(after->more_count, 0);
}

static void
a_list_of_who_gave_up_leaves_the_rest_of_them_alone(void **state)
{
	struct fixture *f = *state;
	const struct race_entry *after;

	hold(f, "14", "Jean MARTIN", "C1");
	compare(f, "Dossard;Nom;Prénom;Sexe;Équipe;Statut\n14;;;;;Abandon\n");
	assert_counts(f, 0, 1, 0, 0);
	after = item(f, 0)->after;
	assert_string_equal(after->name, "Jean MARTIN");
	assert_string_equal(after->sex, "F");
	assert_string_equal(after->team, "PMU");
	assert_int_equal(after->chip_count, 1);
	assert_int_equal(after->status, RACE_DNF);
}

static void
half_a_name_is_not_taken_for_the_whole(void **state)
{
	static const struct {
		const char *row;
		const char *name;
	} all[] = {
		{ "MARTIN;", "Jean MARTIN" },
		{ ";Jean", "Jean MARTIN" },
		{ "-;", "Jean MARTIN" },
		{ "MARTIN;-", "MARTIN" },
		{ "-;Jean", "Jean" },
		{ "PETIT;", "PETIT" },
		{ "ARTIN;", "ARTIN" },
		{ "MARTIN;Jeanne", "Jeanne MARTIN" },
		{ "-;-", "" },
	};
	struct fixture *f = *state;
	char text[128];

	hold(f, "14", "Jean MARTIN", "");
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		(void)snprintf(text, sizeof text, "bib;Nom;Prénom\n14;%s\n",
		    all[i].row);
		compare(f, text);
		assert_string_equal(item(f, 0)->after->name, all[i].name);
	}
	/* A first name alone is said for good. */
	compare(f, "bib;Prénom\n14;Jean\n");
	assert_string_equal(item(f, 0)->after->name, "Jean");
}

/* ---- who is left out ---- */

static char *
printed_left(const struct fixture *f)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	changes_print_left(out, &f->changes, &f->report);
	changes_print_left_count(out, &f->changes);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void
who_is_left_out_is_named_with_every_mistake(void **state)
{
	struct fixture *f = *state;
	char *text;

	hold(f, "1", "Anna", "C1");
	hold(f, "2", "Berta", "C2");
	hold(f, "11", "Anne", "");
	f->mistakes = true;
	compare(f,
	    "bib,name,sex,born,chip\n"
	    "11,Anne,F,1984,\n"
	    "11,Rémi,Q,soon,\n"
	    ",Benoît,,,\n"
	    "2,,Q,,\n"
	    "12,,Q,,\n"
	    "13,Dora,,,C1\n");
	text = printed_left(f);
	assert_string_equal(text,
	    "NOT changed: 1 person\n"
	    "  line 5, Berta: sex \"Q\": must be F, M or X\n"
	    "NOT entered: 4 people\n"
	    "  line 3, Rémi: bib \"11\" is on line 2 already: each has its "
	    "own; sex \"Q\": must be F, M or X; born \"soon\": must be a year "
	    "or a day, as in 1984 or 23/05/1984\n"
	    "  line 4, Benoît: the bib is empty: every line needs one\n"
	    "  line 6, bib 12: sex \"Q\": must be F, M or X\n"
	    "  line 7, Dora: chip \"C1\": is that of bib \"1\", who keeps it\n"
	    "NOT entered: 4 people; NOT changed: 1 person");
	free(text);
	assert_non_null(changes_left_on(&f->changes, 7));
	assert_null(changes_left_on(&f->changes, 2));
	/* Berta is in the file. */
	assert_int_equal(f->changes.kept_count, 1);
	assert_string_equal(f->changes.kept[0]->bib, "1");
	compare(f, "bib,name\n11,Anne\n");
	text = printed_left(f);
	assert_string_equal(text, "");
	free(text);
	assert_null(changes_left_on(&f->changes, 2));
}

static void
who_has_no_chip_in_the_file_keeps_his(void **state)
{
	struct fixture *f = *state;

	hold(f, "1", "Anna", "C1");
	hold(f, "2", "Berta", "C2");
	compare(f, "bib,name,chip\n1,Anna,\n2,Berta,C1\n3,Cora,C2\n");
	assert_counts(f, 0, 0, 1, 0);
	assert_told(f, 3, "\"C1\": is that of bib \"1\"");
	assert_told(f, 4, "\"C2\": is that of bib \"2\"");
	compare(f, "bib,name,chip\n1,Anna,-\n2,Berta,C1\n3,Cora,C2\n");
	assert_counts(f, 1, 2, 0, 0);
	assert_int_equal(f->report.count, 0);
	assert_int_equal(f->changes.move_count, 2);
}

/* ---- what the whole file lacks ---- */

static void
a_column_that_rankings_want_is_missed(void **state)
{
	static char none[] = "", f_[] = "F", women[] = "women",
	            girls[] = "girls", teams[] = "teams", old[] = "old",
	            veteran[] = "V1";
	struct race_ranking rankings[] = {
		{ .name = women,
		    .sex = f_,
		    .category = none,
		    .team = none,
		    .wave = none },
		{ .name = girls,
		    .sex = f_,
		    .category = none,
		    .team = none,
		    .wave = none },
		{ .name = old,
		    .sex = none,
		    .category = veteran,
		    .team = none,
		    .wave = none },
		{ .name = teams,
		    .of = RACE_TEAMS,
		    .sex = none,
		    .category = none,
		    .team = none,
		    .wave = none },
	};
	struct race_rules rules = { .rankings = rankings, .ranking_count = 4 };
	struct fixture *f = *state;

	f->rules = &rules;
	compare(f, "bib,name,Geschlecht\n1,Anna,w\n");
	assert_int_equal(f->report.errors, 0);
	assert_int_equal(f->report.count, 3);
	assert_told(f, 1,
	    "rankings women, girls filter by sex, and no column is taken as "
	    "sex: rename the column that is");
	assert_told(f, 1,
	    "ranking old filters by category, and no column is taken as "
	    "category");
	assert_told(f, 1, "ranking teams ranks by team, and no");
	compare(f, "bib,name,sexe,cat,club\n1,Anna,F,V1,PMU\n");
	assert_int_equal(f->report.count, 0);
	/* Where others have it, this file may be about something else. */
	hold(f, "9", "Berta", "");
	compare(f, "bib,name\n1,Anna\n");
	assert_int_equal(f->report.count, 0);
	f->held[0].category = "";
	compare(f, "bib,name\n1,Anna\n");
	assert_int_equal(f->report.count, 1);
	/* and nobody new is nothing new */
	compare(f, "bib,name\n9,Anna\n");
	assert_int_equal(f->report.count, 0);
}

static void
a_new_team_that_is_near_to_another_is_told(void **state)
{
	struct fixture *f = *state;

	hold(f, "1", "Anna", "")->team = "Foulées de l'Adour";
	hold(f, "2", "Berta", "")->team = "Nespresso";
	compare(f,
	    "bib,name,team\n3,Cora,Foulées de l Adour\n4,Dora,PMU\n"
	    "5,Eva,Nespreso\n6,Flo,Nespresso\n7,Gil,P.M.U.\n");
	assert_int_equal(f->report.count, 3);
	assert_told(f, 2,
	    "new team \"Foulées de l Adour\": near to \"Foulées de "
	    "l'Adour\"");
	assert_told(f, 4, "new team \"Nespreso\": near to \"Nespresso\"");
	assert_told(f, 6, "new team \"P.M.U.\": near to \"PMU\"");
	/* Set right, the old name is nobody's. */
	compare(f, "bib,team\n1,Foulées de l’Adour\n");
	assert_int_equal(f->report.count, 0);
}

#define CHANGES_TEST(name)                                                     \
	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CHANGES_TEST(new_changed_equal_and_missing_are_told_apart),
		CHANGES_TEST(
		    a_missing_column_and_an_empty_field_change_nothing_a_dash_empties),
		CHANGES_TEST(
		    a_start_of_ones_own_stays_until_the_file_says_otherwise),
		CHANGES_TEST(chips_in_another_order_are_the_same),
		CHANGES_TEST(a_chip_that_moves_is_flagged),
		CHANGES_TEST(a_chip_that_another_keeps_is_a_mistake),
		CHANGES_TEST(
		    whoever_is_new_names_a_wave_where_there_are_several),
		CHANGES_TEST(twenty_of_a_kind_are_shown_and_the_rest_counted),
		CHANGES_TEST(changes_that_are_made_are_none_any_more),
		CHANGES_TEST(
		    new_people_without_names_for_want_of_a_column_are_told),
		CHANGES_TEST(
		    an_empty_field_of_somebody_new_is_empty_and_so_is_a_dash),
		CHANGES_TEST(
		    a_list_of_who_gave_up_leaves_the_rest_of_them_alone),
		CHANGES_TEST(half_a_name_is_not_taken_for_the_whole),
		CHANGES_TEST(who_is_left_out_is_named_with_every_mistake),
		CHANGES_TEST(who_has_no_chip_in_the_file_keeps_his),
		CHANGES_TEST(a_column_that_rankings_want_is_missed),
		CHANGES_TEST(a_new_team_that_is_near_to_another_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
