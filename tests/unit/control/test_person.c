#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "control/person.h"
#include "support/plain.h"

struct fixture {
	struct roster *roster;
	struct race_rules rules;
	struct race_alias alias;
};

static void
enter(struct fixture *f, const char *bib, const char *name, const char *team)
{
	struct race_entry e = plain_entry(bib);
	static uint64_t seq;

	e.name = name;
	e.team = team;
	roster_put(f->roster, 1, (struct race_id){ 1, ++seq }, &e);
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->roster = roster_new(1);
	f->alias =
	    (struct race_alias){ plain_text("Poste"), plain_text("La Poste") };
	f->rules.aliases = &f->alias;
	f->rules.alias_count = 1;
	enter(f, "102", "Zoé Petit", "Poste");
	enter(f, "7", "Anne Martin", "La Poste");
	enter(f, "8", "Jeanne Martin", "Nespresso");
	enter(f, "9", "Team 7", "");
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	roster_free(f->roster);
	free(f);
	return 0;
}

static void
is(struct fixture *f, const char *said, const char *bib)
{
	const struct race_entry *e;
	struct err err = { "" };

	if (person_find(&e, f->roster, said, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(e->bib, bib);
}

static void
is_refused(struct fixture *f, const char *said, int rc, const char *words)
{
	const struct race_entry *e;
	struct err err = { "" };

	assert_int_equal(person_find(&e, f->roster, said, &err), rc);
	if (strstr(err.text, words) == NULL)
		fail_msg("%s", err.text);
}

static void
a_bib_comes_before_a_name_and_a_whole_one_before_a_part(void **state)
{
	is(*state, "7", "7");
	is(*state, "zoe petit", "102");
	is(*state, "PETIT", "102");
	is(*state, "jeanne", "8");
	/* Also a part of Jeanne Martin. */
	is(*state, "anne martin", "7");
	is(*state, "team 7", "9");
}

static void
who_cannot_be_told_is_refused_with_those_who_may_be_meant(void **state)
{
	is_refused(*state, "martin", -ENOTUNIQ,
	    "2 have that name: 7 Anne Martin, 8 Jeanne Martin; say the bib");
	is_refused(*state, "120", -ENOENT, "near: 102 Zoé Petit");
	is_refused(*state, "Dupont", -ENOENT,
	    "nobody has that bib or name; palmares roster export");
	is_refused(*state, "", -ENOENT, "nobody");
	/* No part of "Team 7". */
	is_refused(*state, "77", -ENOENT, "nobody");
}

static void
a_team_is_found_by_any_spelling(void **state)
{
	struct fixture *f = *state;
	struct err err = { "" };
	const char *team = "";

	assert_int_equal(person_team(&team, &f->rules, f->roster, "Poste",
	                     &err),
	    0);
	assert_string_equal(team, "La Poste");
	assert_int_equal(person_team(&team, &f->rules, f->roster, "nespresso",
	                     &err),
	    0);
	assert_string_equal(team, "Nespresso");
	assert_int_equal(person_team(&team, &f->rules, f->roster, "Nespreso",
	                     &err),
	    -ENOENT);
	assert_non_null(strstr(err.text, "did you mean Nespresso?"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_bib_comes_before_a_name_and_a_whole_one_before_a_part),
		TEST(who_cannot_be_told_is_refused_with_those_who_may_be_meant),
		TEST(a_team_is_found_by_any_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
