#include "support/test.h"

#include <string.h>

#include "common/keys.h"
#include "display/view.h"
#include "unit/display/race.h"

struct fixture {
	struct view view;
	struct view_scene scene;
	struct board *board;
	struct roster *roster;
};

/* A hundred runners in the order of their bibs, and three with names. */
static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct race_id id = { 1, 0 };

	f->board = board_new();
	f->roster = roster_new(0);
	for (int i = 1; i <= 100; i++) {
		char bib[8];
		const char *name = i == 30 ? "Élodie Œuvrard"
		    : i == 60              ? "Anna Müller"
		    : i == 90              ? "Annabelle Petit"
		                           : "Coureur";
		struct race_entry e;

		snprintf(bib, sizeof bib, "%d", i);
		e = race_person(bib, name, "");
		id.seq++;
		roster_put(f->roster, 1, id, &e);
		race_run(f->board, bib, (1000 + i) * S);
	}
	f->scene =
	    (struct view_scene){ &race_rules_small, f->board, f->roster, 20 };
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	board_free(f->board);
	roster_free(f->roster);
	free(f);
	return 0;
}

static void
press(struct fixture *f, uint32_t key)
{
	assert_true(view_press(&f->view, key, &f->scene));
}

static void
type_text(struct fixture *f, const char *text)
{
	for (; *text != '\0'; text++)
		press(f, (unsigned char)*text);
}

static void
scrolling_stops_at_both_ends(void **state)
{
	struct fixture *f = *state;

	press(f, KEYS_UP);
	assert_int_equal(f->view.top, 0);
	press(f, KEYS_PAGE_DOWN);
	assert_int_equal(f->view.top, 20);
	press(f, KEYS_DOWN);
	assert_int_equal(f->view.top, 21);
	press(f, KEYS_END);
	assert_int_equal(f->view.top, 80);
	press(f, KEYS_PAGE_DOWN);
	assert_int_equal(f->view.top, 80);
	press(f, KEYS_PAGE_UP);
	assert_int_equal(f->view.top, 60);
	press(f, KEYS_HOME);
	assert_int_equal(f->view.top, 0);
}

static void
rankings_are_chosen_by_arrow_and_number(void **state)
{
	struct fixture *f = *state;

	press(f, KEYS_RIGHT);
	assert_int_equal(f->view.ranking, 1);
	press(f, KEYS_LEFT);
	press(f, KEYS_LEFT);
	assert_int_equal(f->view.ranking, 3);
	press(f, KEYS_RIGHT);
	assert_int_equal(f->view.ranking, 0);
	press(f, '3');
	assert_int_equal(f->view.ranking, 2);
	press(f, '9');
	assert_int_equal(f->view.ranking, 2);
}

static void
the_stations_come_and_go(void **state)
{
	struct fixture *f = *state;

	press(f, 's');
	assert_true(f->view.stations);
	press(f, 's');
	assert_false(f->view.stations);
	press(f, 's');
	/* Help goes first, and then the page. */
	press(f, '?');
	assert_true(f->view.help);
	press(f, KEYS_ESCAPE);
	assert_true(f->view.stations);
	press(f, KEYS_ESCAPE);
	assert_false(f->view.stations);
}

static void
whatever_is_about_a_ranking_leaves_the_stations(void **state)
{
	static const uint32_t keys[] = { '1', '2', KEYS_LEFT, KEYS_RIGHT, '/' };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		press(f, 's');
		assert_true(f->view.stations);
		press(f, keys[i]);
		assert_false(f->view.stations);
	}
	press(f, KEYS_ESCAPE);
	press(f, 's');
	press(f, '9');
	assert_true(f->view.stations);
}

static void
nothing_unseen_happens_behind_the_stations(void **state)
{
	struct fixture *f = *state;

	press(f, '/');
	type_text(f, "ANNA");
	press(f, KEYS_ESCAPE);
	press(f, 's');
	press(f, KEYS_ENTER);
	press(f, 'f');
	press(f, KEYS_ESCAPE);
	assert_string_equal(f->view.found, "60");
	assert_false(f->view.following);
}

static void
accents_do_not_matter_in_a_search(void **state)
{
	struct fixture *f = *state;

	press(f, '/');
	type_text(f, "elodie oeu");
	assert_string_equal(f->view.found, "30");
	assert_true(f->view.top <= 29 && 29 < f->view.top + 20);
	press(f, KEYS_ESCAPE);
	assert_false(f->view.searching);
	assert_string_equal(f->view.found, "30");
}

static void
enter_finds_the_next_and_goes_round(void **state)
{
	struct fixture *f = *state;

	press(f, '/');
	type_text(f, "ANNA");
	assert_string_equal(f->view.found, "60");
	press(f, KEYS_ENTER);
	assert_string_equal(f->view.found, "90");
	press(f, KEYS_ENTER);
	assert_string_equal(f->view.found, "60");
}

static void
a_whole_bib_is_found_before_those_that_begin_with_it(void **state)
{
	struct fixture *f = *state;

	board_remove(f->board, "1", 2);
	press(f, '/');
	type_text(f, "1");
	assert_string_equal(f->view.found, "10");
	race_run(f->board, "100", 1 * S);
	type_text(f, "0");
	assert_string_equal(f->view.found, "10");
}

static void
backspace_takes_back_a_whole_character(void **state)
{
	struct fixture *f = *state;

	press(f, '/');
	type_text(f, "m");
	press(f, 0xfc);
	press(f, 0x4e2d);
	assert_true(f->view.missed);
	assert_string_equal(f->view.found, "");
	press(f, KEYS_BACKSPACE);
	assert_string_equal(f->view.query, "m\xc3\xbc");
	assert_string_equal(f->view.found, "60");
	press(f, KEYS_BACKSPACE);
	press(f, KEYS_BACKSPACE);
	press(f, KEYS_BACKSPACE);
	assert_string_equal(f->view.query, "");
}

static void
a_query_that_is_full_takes_no_more(void **state)
{
	struct fixture *f = *state;

	press(f, '/');
	for (int i = 0; i < 100; i++)
		press(f, 0x20ac);
	assert_true(strlen(f->view.query) < VIEW_QUERY_MAX);
	assert_int_equal(strlen(f->view.query) % 3, 0);
}

static void
the_followed_runner_stays_on_the_screen(void **state)
{
	struct fixture *f = *state;

	press(f, '/');
	type_text(f, "muller");
	press(f, KEYS_ESCAPE);
	press(f, 'f');
	assert_true(f->view.following);
	race_run(f->board, "60", 1 * S);
	view_settle(&f->view, &f->scene);
	assert_int_equal(f->view.top, 0);
	race_run(f->board, "60", 5000 * S);
	view_settle(&f->view, &f->scene);
	assert_int_equal(f->view.top, 80);
	press(f, KEYS_UP);
	assert_false(f->view.following);
}

static void
nobody_is_followed_who_was_not_found(void **state)
{
	struct fixture *f = *state;

	press(f, 'f');
	assert_false(f->view.following);
}

static void
q_ends_it_but_not_in_a_search(void **state)
{
	struct fixture *f = *state;

	press(f, '/');
	press(f, 'q');
	assert_string_equal(f->view.query, "q");
	press(f, KEYS_ESCAPE);
	assert_false(view_press(&f->view, 'q', &f->scene));
}

static void
keys_before_anything_has_come_are_harmless(void **state)
{
	struct fixture *f = *state;
	struct view_scene empty = { .page = 20 };
	struct view v = { 0 };

	(void)f;
	for (uint32_t key = KEYS_LEFT; key <= KEYS_BACKSPACE; key++)
		assert_true(view_press(&v, key, &empty));
	assert_true(view_press(&v, '1', &empty));
	assert_true(view_press(&v, '/', &empty));
	assert_true(view_press(&v, 'a', &empty));
	assert_true(view_press(&v, KEYS_ENTER, &empty));
	assert_int_equal(v.top, 0);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(scrolling_stops_at_both_ends),
		CASE(rankings_are_chosen_by_arrow_and_number),
		CASE(the_stations_come_and_go),
		CASE(whatever_is_about_a_ranking_leaves_the_stations),
		CASE(nothing_unseen_happens_behind_the_stations),
		CASE(accents_do_not_matter_in_a_search),
		CASE(enter_finds_the_next_and_goes_round),
		CASE(a_whole_bib_is_found_before_those_that_begin_with_it),
		CASE(backspace_takes_back_a_whole_character),
		CASE(a_query_that_is_full_takes_no_more),
		CASE(the_followed_runner_stays_on_the_screen),
		CASE(nobody_is_followed_who_was_not_found),
		CASE(q_ends_it_but_not_in_a_search),
		CASE(keys_before_anything_has_come_are_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
