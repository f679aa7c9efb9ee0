#include "../race/season/said.h"

#include "control/season_effect.h"

struct fixture {
	struct season *s;
	struct season_rules rules;
	struct season_table table;
	uint64_t key;
	char *text;
};

static int
setup(void **state)
{
	static struct fixture f;
	static int64_t list[] = { 3 * SEASON_UNIT, 2 * SEASON_UNIT };

	f = (struct fixture){ .table = said_table("general") };
	f.table.points.list = list;
	f.table.points.count = 2;
	f.rules = (struct season_rules){ .title = said_text("test"),
		.tables = &f.table,
		.table_count = 1 };
	f.s = season_new(&f.rules);
	said_place(f.s, &f.key, "c1", 1, "Ada");
	said_place(f.s, &f.key, "c1", 2, "Bo");
	said_place(f.s, &f.key, "c1", 3, "Cy");
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	season_free(f->s);
	free(f->text);
	return 0;
}

static void
assert_effect(struct fixture *f, struct season_effect *e, size_t lines,
    size_t all, const char *text)
{
	size_t len;
	FILE *out = open_memstream(&f->text, &len);

	assert_int_equal(season_effect_end(out, e, f->s, lines, 2), all);
	fclose(out);
	assert_string_equal(f->text, text);
	free(f->text);
	f->text = NULL;
}

static void
nothing_is_told_where_nothing_changes(void **state)
{
	struct fixture *f = *state;
	struct season_effect *e = season_effect_begin(f->s, &f->rules);

	assert_effect(f, e, 9, 0, "");
}

static void
whose_points_change_comes_before_who_is_moved(void **state)
{
	struct fixture *f = *state;
	struct season_effect *e = season_effect_begin(f->s, &f->rules);

	said_place(f->s, &f->key, "c2", 1, "Di");
	said_place(f->s, &f->key, "c2", 2, "Cy");
	assert_effect(f, e, 9, 4,
	    "  2014 general: Di new -> 1=, 3 points\n"
	    "  2014 general: Cy 3 -> 3=, 0 -> 2 points\n"
	    "  2014 general: Ada 1 -> 1=, 3 points\n"
	    "  2014 general: Bo 2 -> 3=, 2 points\n");
}

static void
what_is_too_much_is_counted(void **state)
{
	struct fixture *f = *state;
	struct season_effect *e = season_effect_begin(f->s, &f->rules);

	season_drop(f->s, 1);
	assert_effect(f, e, 1, 3,
	    "  2014 general: Ada gone, was 1, 3 points\n  and 2 more\n");
}

static void
a_season_that_is_gone_is_told(void **state)
{
	struct fixture *f = *state;
	struct season_effect *e = season_effect_begin(f->s, &f->rules);

	for (uint64_t key = 1; key <= 3; key++)
		season_drop(f->s, key);
	said(f->s, 9,
	    (struct season_result){ .season = "2015",
	        .competition = "c1",
	        .place = 1,
	        .recipient = "Ada" });
	assert_effect(f, e, 2, 4,
	    "  2015 general: Ada new -> 1, 3 points\n"
	    "  2014 general: Ada gone, was 1, 3 points\n"
	    "  and 2 more\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(nothing_is_told_where_nothing_changes),
		T(whose_points_change_comes_before_who_is_moved),
		T(what_is_too_much_is_counted),
		T(a_season_that_is_gone_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
