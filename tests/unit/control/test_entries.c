#include "support/test.h"

#include <time.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "control/entries.h"
#include "race/conf.h"
#include "race/roster.h"
#include "support/plain.h"

struct fixture {
	char dir[64];
	char path[96];
	struct conf_roll roll;
	struct conf_report report;
};

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	(void)snprintf(f->dir, sizeof f->dir, "/tmp/test_entries.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->path, sizeof f->path, "%s/entries.csv", f->dir);
	*state = f;
	return 0;
}

static void
forget(struct fixture *f)
{
	conf_roll_clear(&f->roll);
	conf_report_clear(&f->report);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	forget(f);
	(void)unlink(f->path);
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

static struct race_entry
plain(const char *bib, const char *name)
{
	struct race_entry e = plain_entry(bib);

	e.name = name;
	return e;
}

/* What is written is read back as it was. */
static void
check_round_trip(struct fixture *f, const struct race_entry *const *entries,
    size_t count)
{
	char *text = entries_csv(entries, count);
	FILE *file = fopen(f->path, "wb");

	forget(f);
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	if (conf_entries(f->dir, NULL, &f->roll, &f->report) != 0)
		fail_msg("%u: %s\n%s", f->report.problems[0].line,
		    f->report.problems[0].text, text);
	assert_int_equal(f->roll.count, count);
	for (size_t i = 0; i < count; i++)
		assert_true(
		    roster_entry_equal(&f->roll.entries[i], entries[i]));
	free(text);
}

static void
columns_are_written_where_somebody_has_them(void **state)
{
	struct race_entry a = plain("1", "Anna");
	struct race_entry b = plain("2", "");
	const struct race_entry *all[] = { &a, &b };
	char start[ENTRIES_START_MAX];
	char *text;

	(void)state;
	text = entries_csv(all, 2);
	assert_string_equal(text, "bib,name\n1,Anna\n2,\n");
	free(text);
	b.team = "A, B";
	b.status = RACE_DNS;
	assert_string_equal(entries_start(start, &b), "");
	text = entries_csv(all, 2);
	assert_string_equal(text,
	    "bib,name,team,status\n1,Anna,,\n2,,\"A, B\",DNS\n");
	free(text);
	b = plain("2", "");
	b.start_us = INT64_C(1411286490500000);
	setenv("TZ", "UTC", 1);
	tzset();
	text = entries_csv(all, 2);
	assert_string_equal(text,
	    "bib,name,start\n1,Anna,\n2,,2014-09-21T08:01:30.5+00:00\n");
	free(text);
	text = entries_csv(all, 0);
	assert_string_equal(text, "bib,name\n");
	free(text);
}

static void
columns_that_differ_by_case_are_one(void **state)
{
	struct race_column lower = { "ville", "Lyon" };
	struct race_column upper = { "Ville", "Paris" };
	struct race_entry a = plain("1", "Anna");
	struct race_entry b = plain("2", "Bob");
	const struct race_entry *all[] = { &a, &b };
	char *text;

	(void)state;
	a.more = &lower;
	b.more = &upper;
	a.more_count = b.more_count = 1;
	text = entries_csv(all, 2);
	assert_string_equal(text, "bib,name,ville\n1,Anna,Lyon\n2,Bob,Paris\n");
	free(text);
}

/* Nobody has all columns, and each has those of his in the order of the file:
 * so they stand in it. */
static void
columns_keep_the_order_that_everybody_has_them_in(void **state)
{
	struct race_column last = { "ville", "Lyon" };
	struct race_column outer[] = { { "club", "A" }, { "ville", "Paris" } };
	struct race_column first[] = { { "size", "L" }, { "club", "B" } };
	struct race_entry a = plain("1", "");
	struct race_entry b = plain("2", "");
	struct race_entry c = plain("3", "");
	const struct race_entry *all[] = { &a, &b, &c };
	char *text;

	(void)state;
	a.more = &last;
	a.more_count = 1;
	b.more = outer;
	c.more = first;
	b.more_count = c.more_count = 2;
	text = entries_csv(all, 3);
	assert_string_equal(text,
	    "bib,name,size,club,ville\n1,,,,Lyon\n2,,,A,Paris\n3,,L,B,\n");
	free(text);
}

/* Two files may have had them in two orders: any will do. */
static void
columns_in_two_orders_are_all_written(void **state)
{
	struct race_column one[] = { { "club", "A" }, { "ville", "Paris" } };
	struct race_column two[] = { { "ville", "Lyon" }, { "club", "B" } };
	struct race_entry a = plain("1", "");
	struct race_entry b = plain("2", "");
	const struct race_entry *all[] = { &a, &b };
	char *text;

	(void)state;
	a.more = one;
	b.more = two;
	a.more_count = b.more_count = 2;
	text = entries_csv(all, 2);
	assert_string_equal(text,
	    "bib,name,club,ville\n1,,A,Paris\n2,,B,Lyon\n");
	free(text);
}

/* ---- random entries ---- */

static const char *const words[] = { "", "", "Élise", "A, B", "say \"x\"",
	"a;b", "d'Été", "7", "œ", "x  y", "=1+1", "'", "\"", ";", ",", "-" };

static const char *
some_word(uint64_t *random)
{
	return words[test_below(random, sizeof words / sizeof *words)];
}

struct person {
	struct race_entry entry;
	char bib[16];
	char chips[3][16];
	const char *chip_list[3];
	struct race_column more[4];
};

static void
make_person(struct person *p, size_t i, uint64_t *random)
{
	static const char *const sexes[] = { "", "F", "M", "X" };
	static const char *const born[] = { "", "1984", "1984-05-23" };
	static const char *const columns[] = { "Ville", "club", "Prénom, 2",
		"size \"L\"" };
	static const enum race_status statuses[] = { RACE_STATUS_NONE, RACE_DNS,
		RACE_DNF, RACE_DSQ, RACE_OTL, RACE_NC };
	struct race_entry *e = &p->entry;

	(void)snprintf(p->bib, sizeof p->bib, "%s%zu", i % 3 == 0 ? "A,0" : "",
	    i);
	*e = plain(p->bib, some_word(random));
	e->sex = sexes[test_below(random, 4)];
	e->born = born[test_below(random, 3)];
	e->category = some_word(random);
	e->team = some_word(random);
	e->wave = some_word(random);
	e->nation = some_word(random);
	if (test_below(random, 4) == 0)
		e->start_us = RACE_TIME_MIN + (int64_t)test_below(random, 1000);
	e->status = statuses[test_below(random, 6)];
	e->chips = p->chip_list;
	e->chip_count = test_below(random, 4);
	for (size_t k = 0; k < e->chip_count; k++) {
		(void)snprintf(p->chips[k], sizeof p->chips[k], "C%zu-%zu", i,
		    k);
		p->chip_list[k] = p->chips[k];
	}
	e->more = p->more;
	for (size_t k = 0; k < 4; k++) {
		const char *value = some_word(random);

		if (*value != '\0')
			p->more[e->more_count++] =
			    (struct race_column){ columns[k], value };
	}
}

static void
what_is_written_is_read_back_as_it_was(void **state)
{
	struct fixture *f = *state;
	uint64_t random = test_seed();

	for (int round = 0; round < 300; round++) {
		struct person people[12];
		const struct race_entry *all[12];
		size_t count = test_below(&random, 13);

		for (size_t i = 0; i < count; i++) {
			make_person(&people[i], i, &random);
			all[i] = &people[i].entry;
		}
		check_round_trip(f, all, count);
	}
}

#define ENTRIES_TEST(name)                                                     \
	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ENTRIES_TEST(columns_are_written_where_somebody_has_them),
		ENTRIES_TEST(columns_that_differ_by_case_are_one),
		ENTRIES_TEST(columns_keep_the_order_that_everybody_has_them_in),
		ENTRIES_TEST(columns_in_two_orders_are_all_written),
		ENTRIES_TEST(what_is_written_is_read_back_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
