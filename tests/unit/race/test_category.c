#include "support/test.h"

#include "race/category.h"

static char date[] = "2014-09-21";
static char none[] = "";
static char female[] = "F";
static char young[] = "U23";
static char women[] = "SE-F";
static char senior[] = "SE";
static char old[] = "M70";

static struct race_category categories[] = {
	{ young, none, 18, 22 },
	{ women, female, 23, 34 },
	{ senior, none, 23, 69 },
	{ old, none, 70, RACE_AGE_MAX },
};

static const struct race_rules rules = { .date = date,
	.categories = categories,
	.category_count = 4 };

static struct race_entry
entry(const char *born, const char *sex)
{
	return (struct race_entry){ .bib = "1",
		.born = born,
		.sex = sex,
		.category = "",
		.team = "" };
}

static int
age(const char *born)
{
	struct race_entry e = entry(born, "");

	return category_age(&rules, &e);
}

static const char *
category(const char *born, const char *sex)
{
	struct race_entry e = entry(born, sex);

	return category_of(&rules, &e);
}

static void
who_was_born_on_a_date_has_a_birthday(void **state)
{
	(void)state;
	assert_int_equal(age("1984-09-20"), 30);
	assert_int_equal(age("1984-09-21"), 30);
	assert_int_equal(age("1984-09-22"), 29);
	assert_int_equal(age("1984-12-01"), 29);
	assert_int_equal(age("2014-09-21"), 0);
}

static void
of_whom_only_the_year_is_known_the_age_is_that_of_the_year(void **state)
{
	(void)state;
	assert_int_equal(age("1984"), 30);
	assert_int_equal(age("2014"), 0);
}

static void
who_was_born_on_a_leap_day_is_older_on_the_first_of_march(void **state)
{
	static char before[] = "2015-02-28";
	static char after[] = "2015-03-01";
	struct race_rules r = rules;
	struct race_entry e = entry("1992-02-29", "");

	(void)state;
	r.date = before;
	assert_int_equal(category_age(&r, &e), 22);
	r.date = after;
	assert_int_equal(category_age(&r, &e), 23);
}

static void
without_a_birth_or_a_race_there_is_no_age(void **state)
{
	struct race_rules r = rules;
	struct race_entry e = entry("1984", "");

	(void)state;
	assert_int_equal(age(""), -1);
	assert_int_equal(age("2015"), -1);
	assert_int_equal(age("19"), -1);
	assert_int_equal(age("19845"), -1);
	assert_int_equal(age("about 1984"), -1);
	r.date = none;
	assert_int_equal(category_age(&r, &e), -1);
	r.date = NULL;
	assert_int_equal(category_age(&r, &e), -1);
}

static void
the_first_category_that_fits_is_taken(void **state)
{
	(void)state;
	assert_string_equal(category("1996-09-21", "M"), "U23");
	assert_string_equal(category("1996-09-22", "M"), "");
	assert_string_equal(category("1991-09-22", "F"), "U23");
	assert_string_equal(category("1991-09-21", "F"), "SE-F");
	assert_string_equal(category("1991-09-21", "M"), "SE");
	assert_string_equal(category("1991-09-21", ""), "SE");
	assert_string_equal(category("1980", "F"), "SE-F");
	assert_string_equal(category("1979", "F"), "SE");
	assert_string_equal(category("1944", "X"), "M70");
	assert_string_equal(category("", "F"), "");
}

static void
the_category_of_the_entry_itself_holds_over_its_age(void **state)
{
	struct race_entry e = entry("1984", "F");

	(void)state;
	e.category = "Handi";
	assert_string_equal(category_of(&rules, &e), "Handi");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_was_born_on_a_date_has_a_birthday),
		cmocka_unit_test(
		    of_whom_only_the_year_is_known_the_age_is_that_of_the_year),
		cmocka_unit_test(
		    who_was_born_on_a_leap_day_is_older_on_the_first_of_march),
		cmocka_unit_test(without_a_birth_or_a_race_there_is_no_age),
		cmocka_unit_test(the_first_category_that_fits_is_taken),
		cmocka_unit_test(
		    the_category_of_the_entry_itself_holds_over_its_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
