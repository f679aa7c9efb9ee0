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
	if (conf_sheet(f->path, NULL, &f->sheet, &f->roll, &f->report) != 0)
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
	assert_printed(f, "1 others stay as they are");
	f->remove = true;
	compare(f, "bib,name\n1,Anna\n");
	assert_counts(f, 0, 0, 1, 2);
	assert_null(item(f, 1)->after);
	assert_string_equal(item(f, 1)->before->bib, "2");
	assert_printed(f, "2 not in the file: they are taken out\n  2  Berta");
}

static void
a_column_that_is_missing_changes_nothing_an_empty_field_does(void **state)
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
	compare(f, "bib,sex,chip,status,ville,Club ACN\n1,,,,,x\n");
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
	compare(f, "bib,chip\n2,C1\n3,C2\n4,C4\n");
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
	compare(f, "bib,chip\n2,C1\n3,C2\n4,C4\n");
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
	compare(f, "bib,wave\n1,\n2,b\n");
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
		{ "", "F", "H" }, { "", "PMU", "A;B" }, { "", "C", "" },
		{ "", "Lyon", "Paris" }, { "", "1984", "3/5/1990" },
		{ "", "DNS", "" } };
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
				if (k == 3 && *v != '\0')
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

#define CHANGES_TEST(name)                                                     \
	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CHANGES_TEST(new_changed_equal_and_missing_are_told_apart),
		CHANGES_TEST(
		    a_column_that_is_missing_changes_nothing_an_empty_field_does),
		CHANGES_TEST(chips_in_another_order_are_the_same),
		CHANGES_TEST(a_chip_that_moves_is_flagged),
		CHANGES_TEST(a_chip_that_another_keeps_is_a_mistake),
		CHANGES_TEST(
		    whoever_is_new_names_a_wave_where_there_are_several),
		CHANGES_TEST(twenty_of_a_kind_are_shown_and_the_rest_counted),
		CHANGES_TEST(changes_that_are_made_are_none_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
