#include "support/test.h"

#include <string.h>

#include "common/instant.h"
#include "common/text.h"
#include "display/frame.h"
#include "support/shown.h"
#include "unit/display/race.h"

struct fixture {
	struct frame frame;
	struct frame_scene scene;
	struct view view;
	struct flash *flash;
	struct board *board;
	struct roster *roster;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct race_entry e = race_person("7", "Zoé Lemaître", "Sodexo");
	struct race_id id = { 1, 1 };

	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	f->flash = flash_new();
	f->board = board_new();
	f->roster = roster_new(0);
	roster_put(f->roster, 1, id, &e);
	race_run(f->board, "7", 2000 * S);
	race_run(f->board, "8", 2001 * S);
	race_run(f->board, "9", -1);
	f->scene = (struct frame_scene){
		.view = { .rules = &race_rules_small,
		    .board = f->board,
		    .roster = f->roster },
		.link = FRAME_LIVE,
		.peer = "127.0.0.1:5570",
		.trouble = "",
		.log = "",
		/* 2014-09-21T10:33:20+02:00 */
		.as_of_us = INT64_C(1411288400) * S,
		.seq = 123,
		.now_us = 100 * S,
	};
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	frame_close(&f->frame);
	flash_free(f->flash);
	board_free(f->board);
	roster_free(f->roster);
	free(f);
	return 0;
}

static void
compose(struct fixture *f, size_t height, size_t width)
{
	frame_compose(&f->frame, height, width, &f->view, f->flash, &f->scene);
}

static const char *
text(struct fixture *f, size_t i)
{
	return shown_text(&f->frame.lines[i]);
}

static bool
anywhere(struct fixture *f, const char *words)
{
	return shown_find(f->frame.lines, f->frame.height, words) != NULL;
}

static void
a_live_board_on_80_by_24(void **state)
{
	struct fixture *f = *state;

	compose(f, 24, 80);
	assert_string_equal(text(f, 0),
	    "Les 8 kilomètres de la relation client"
	    "                                      LIVE");
	assert_string_equal(text(f, 1),
	    "1 scratch  2 femmes  3 entreprise-rapide  "
	    "4 entreprise-solidaire");
	assert_int_equal(f->frame.lines[1].mark, 0);
	assert_int_equal(f->frame.lines[1].mark_len, strlen("1 scratch"));
	assert_string_equal(text(f, 3),
	    "   1       7 Zoé Lemaître        F V1F  Sodexo        arrivee   "
	    "  33:20");
	assert_string_equal(text(f, 4),
	    "   2       8                                          arrivee   "
	    "  33:21    +0:01");
	assert_string_equal(text(f, 5),
	    "           9                                          depart    "
	    "         running");
	assert_string_equal(text(f, 22), "as of 10:33:20  seq 123  1-3 of 3");
	assert_string_equal(text(f, 23),
	    "Left/Right ranking  / find  Up/Down scroll  s stations  t past  ? "
	    "help  q quit");
}

/* A runner timed by a laptop, with that bound. */
static void
run_timed(struct fixture *f, const char *bib, int64_t elapsed_us,
    int64_t bound_us, uint64_t clock)
{
	int64_t splits[] = { 0, 0, elapsed_us };
	struct race_row row = {
		.label = bib,
		.status = RACE_FINISHED,
		.sort = { .key = { elapsed_us } },
		.elapsed_us = elapsed_us,
		.metres = 8000,
		.point = 2,
		.splits = splits,
		.split_count = 3,
		.bound_us = bound_us,
		.clock = clock,
	};

	board_put(f->board, &row, 2);
}

static void
what_is_provisional_is_marked_unless_all_is(void **state)
{
	struct fixture *f = *state;
	struct race_outlook o = { .open = true, .from = { 2001 * S } };

	board_expect(f->board, &o);
	compose(f, 24, 80);
	assert_memory_equal(text(f, 3), "   1       7", 12);
	assert_memory_equal(text(f, 4), "  ?2       8", 12);
	assert_memory_equal(text(f, 5), "           9", 12);
	assert_string_equal(text(f, 22),
	    "as of 10:33:20  seq 123  1-3 of 3"
	    "                                  ? provisional");
	o.from[0] = 0;
	board_expect(f->board, &o);
	compose(f, 24, 80);
	assert_memory_equal(text(f, 4), "   2       8", 12);
	assert_string_equal(text(f, 22),
	    "as of 10:33:20  seq 123  1-3 of 3"
	    "                         all places provisional");
}

static void
what_was_published_stands_in_the_title(void **state)
{
	struct fixture *f = *state;
	/* 2014-09-21T11:02:10+02:00 */
	const struct race_outlook o = { .published = RACE_FINAL,
		.since_us = INT64_C(1411290130) * S };

	board_expect(f->board, &o);
	compose(f, 24, 80);
	assert_string_equal(text(f, 0),
	    "Les 8 kilomètres de la relation client"
	    "                   final since 11:02  LIVE");
}

static void
what_is_too_close_to_call_is_marked_and_explained(void **state)
{
	struct fixture *f = *state;

	run_timed(f, "7", 2000 * S, 3000, 5);
	run_timed(f, "8", 2000 * S + 4000, 3000, 6);
	compose(f, 24, 80);
	assert_memory_equal(text(f, 3), "  ~1       7", 12);
	assert_memory_equal(text(f, 4), "  ~2       8", 12);
	assert_string_equal(text(f, 22),
	    "as of 10:33:20  seq 123  1-3 of 3"
	    "                            ~ too close to call");
	f->scene.trouble = "disk full";
	compose(f, 24, 80);
	assert_null(strstr(text(f, 22), "~"));
	assert_non_null(strstr(text(f, 22), "disk full"));
	f->scene.trouble = "";
	run_timed(f, "8", 2000 * S + 7000, 3000, 6);
	compose(f, 24, 80);
	assert_false(anywhere(f, "~"));
}

static void
a_bound_alone_is_no_news(void **state)
{
	struct fixture *f = *state;

	run_timed(f, "7", 2000 * S, 9000, 5);
	compose(f, 24, 80);
	run_timed(f, "7", 2000 * S, 3000, 5);
	compose(f, 24, 80);
	assert_int_equal(f->frame.lines[3].style, 0);
	run_timed(f, "8", 2000 * S + 1, 3000, 6);
	compose(f, 24, 80);
	assert_int_equal(f->frame.lines[3].style, SCREEN_BOLD);
}

static void
an_old_board_is_dim_and_says_how_old(void **state)
{
	struct fixture *f = *state;

	f->scene.link = FRAME_STALE;
	f->scene.age_us = 7 * S + 900000;
	compose(f, 24, 80);
	assert_non_null(strstr(text(f, 0), "STALE 7 s"));
	assert_int_equal(f->frame.lines[3].style, SCREEN_DIM);
	assert_non_null(strstr(text(f, 3), "Zoé"));
	f->scene.link = FRAME_CHECKING;
	compose(f, 24, 80);
	assert_non_null(strstr(text(f, 0), "CHECKING"));
	assert_int_equal(f->frame.lines[3].style, SCREEN_DIM);
}

static void
what_is_waited_for_is_said(void **state)
{
	struct fixture *f = *state;

	f->scene.view = (struct view_scene){ 0 };
	f->scene.link = FRAME_WAITING;
	compose(f, 24, 80);
	assert_true(
	    anywhere(f, "waiting for the aggregator at 127.0.0.1:5570"));
	assert_true(anywhere(f, "WAITING"));
	f->scene.view.rules = &race_rules_small;
	f->scene.link = FRAME_JOINING;
	compose(f, 24, 80);
	assert_true(anywhere(f, "waiting for the first complete board"));
	assert_true(anywhere(f, "JOINING"));
}

static void
trouble_and_the_log_are_shown(void **state)
{
	struct fixture *f = *state;

	f->scene.trouble = "disk full: crossings wait";
	f->scene.log = "aggregator 127.0.0.1:5570: back after 9 s";
	compose(f, 24, 80);
	assert_non_null(strstr(text(f, 22), "disk full: crossings wait"));
	assert_string_equal(text(f, 23),
	    "aggregator 127.0.0.1:5570: back after 9 s");
}

static void
a_changed_row_is_bold_for_two_seconds(void **state)
{
	struct fixture *f = *state;

	compose(f, 24, 80);
	assert_int_equal(f->frame.lines[4].style, 0);
	race_run(f->board, "8", 2002 * S);
	compose(f, 24, 80);
	assert_int_equal(f->frame.lines[3].style, 0);
	assert_int_equal(f->frame.lines[4].style, SCREEN_BOLD);
	f->scene.now_us += FLASH_US;
	compose(f, 24, 80);
	assert_int_equal(f->frame.lines[4].style, 0);
}

static void
who_was_found_is_reversed(void **state)
{
	struct fixture *f = *state;

	snprintf(f->view.found, sizeof f->view.found, "8");
	compose(f, 24, 80);
	assert_int_equal(f->frame.lines[3].style, 0);
	assert_int_equal(f->frame.lines[4].style, SCREEN_REVERSE);
}

static void
the_search_is_shown_as_it_is_typed(void **state)
{
	struct fixture *f = *state;

	f->view.searching = true;
	f->view.missed = true;
	snprintf(f->view.query, sizeof f->view.query, "zoe");
	compose(f, 24, 80);
	assert_memory_equal(f->frame.lines[23].text, "/zoe_", 5);
	assert_non_null(strstr(text(f, 23), "nobody"));
}

static void
the_chosen_tab_is_always_in_sight(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < race_rules_small.ranking_count; i++) {
		char name[64];

		f->view.ranking = i;
		snprintf(name, sizeof name, "%zu %s", i + 1,
		    race_rankings[i].name);
		compose(f, 24, 30);
		struct screen_line *l = &f->frame.lines[1];
		assert_int_equal(l->mark_len, strlen(name));
		assert_memory_equal(l->text + l->mark, name, strlen(name));
	}
}

static void
a_screen_of_any_size_is_filled_exactly(void **state)
{
	struct fixture *f = *state;

	for (size_t height = 1; height < 40; height++)
		for (size_t width = 1; width < 140; width += 3)
			for (int help = 0; help < 2; help++) {
				f->view.help = help == 1;
				compose(f, height, width);
				assert_true(f->frame.height >= height);
				for (size_t i = 0; i < f->frame.height; i++)
					assert_int_equal(text_width(
					                     f->frame.lines[i]
					                         .text),
					    width);
			}
}

/* The scene of fixture.scene, as it was. */
static void
go_back(struct fixture *f, struct frame_past *p, struct screen_line *bar)
{
	*bar = (struct screen_line){ .mark = 9, .mark_len = 1 };
	strcpy(bar->text, "10:00:00 X-- 11:42:10");
	*p = (struct frame_past){ .told = "as of 10:42:00 — not live",
		.bar = bar,
		.typed = "",
		.log = 1234,
		.last_log = 292144,
		.live = true };
	f->scene.link = FRAME_PAST;
	f->scene.past = p;
}

static void
nobody_takes_the_past_for_the_race_as_it_is(void **state)
{
	struct fixture *f = *state;
	struct screen_line bar;
	struct frame_past p;

	compose(f, 24, 80);
	assert_int_equal(f->frame.lines[0].style & SCREEN_REVERSE, 0);
	go_back(f, &p, &bar);
	compose(f, 24, 80);
	assert_true((f->frame.lines[0].style & SCREEN_REVERSE) != 0);
	assert_string_equal(text(f, 0),
	    "Les 8 kilomètres de la relation client"
	    "                 as of 10:42:00 — not live");
	assert_string_equal(text(f, 21),
	    "event 1,234 of 292,144  latest 10:33:20  1-3 of 3");
	assert_string_equal(text(f, 22), "10:00:00 X-- 11:42:10");
	assert_int_equal(f->frame.lines[22].mark, 9);
	assert_non_null(strstr(text(f, 23), "l live"));
	/* It has a way back only where there is something live. */
	p.live = false;
	compose(f, 24, 80);
	assert_null(strstr(text(f, 23), "l live"));
	f->scene.as_of_us = RACE_NO_TIME;
	compose(f, 24, 80);
	assert_string_equal(text(f, 21),
	    "event 1,234 of 292,144  no crossing yet  1-3 of 3");
	f->scene.past = NULL;
	f->scene.link = FRAME_LIVE;
}

/* As live: what differs from the moment before. */
static void
rows_of_the_past_stand_out_when_they_change(void **state)
{
	struct fixture *f = *state;
	struct screen_line bar;
	struct frame_past p;

	go_back(f, &p, &bar);
	compose(f, 24, 80);
	assert_int_equal(f->frame.lines[3].style, 0);
	race_run(f->board, "8", 1990 * S);
	compose(f, 24, 80);
	assert_int_equal(f->frame.lines[3].style, SCREEN_BOLD);
	assert_int_equal(f->frame.lines[4].style, 0);
	f->scene.now_us += FLASH_US;
	compose(f, 24, 80);
	assert_int_equal(f->frame.lines[3].style, 0);
	f->scene.past = NULL;
	f->scene.link = FRAME_LIVE;
}

static void
a_moment_is_shown_as_it_is_typed(void **state)
{
	struct fixture *f = *state;
	struct screen_line bar;
	struct frame_past p;

	go_back(f, &p, &bar);
	p.typed = "10:4";
	compose(f, 24, 80);
	assert_string_equal(text(f, 23),
	    "go to 10:4_                              10:42, or an event's "
	    "number  Enter  Esc");
	p.wrong = "no such time of day";
	compose(f, 24, 80);
	assert_non_null(strstr(text(f, 23), "no such time of day"));
	f->scene.past = NULL;
	f->scene.link = FRAME_LIVE;
}

static void
how_far_a_log_is_read_is_said(void **state)
{
	struct fixture *f = *state;

	f->scene.link = FRAME_READING;
	f->scene.words = "reading: 5 of 7 events";
	f->scene.view.board = NULL;
	compose(f, 24, 80);
	assert_true(anywhere(f, "  reading: 5 of 7 events"));
	assert_non_null(strstr(text(f, 0), "READING"));
	f->scene.view.board = f->board;
}

static void
help_fits_on_24_lines(void **state)
{
	struct fixture *f = *state;

	f->view.help = true;
	compose(f, 24, 80);
	assert_true(anywhere(f, "q                        quit"));
	assert_true(anywhere(f, "s                        the stations"));
	assert_true(anywhere(f, "'~' before a place: too close to call"));
	assert_true(anywhere(f, "A dim board is an old one"));
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_live_board_on_80_by_24),
		CASE(what_is_too_close_to_call_is_marked_and_explained),
		CASE(what_is_provisional_is_marked_unless_all_is),
		CASE(what_was_published_stands_in_the_title),
		CASE(a_bound_alone_is_no_news),
		CASE(an_old_board_is_dim_and_says_how_old),
		CASE(what_is_waited_for_is_said),
		CASE(trouble_and_the_log_are_shown),
		CASE(a_changed_row_is_bold_for_two_seconds),
		CASE(who_was_found_is_reversed),
		CASE(the_search_is_shown_as_it_is_typed),
		CASE(the_chosen_tab_is_always_in_sight),
		CASE(a_screen_of_any_size_is_filled_exactly),
		CASE(nobody_takes_the_past_for_the_race_as_it_is),
		CASE(rows_of_the_past_stand_out_when_they_change),
		CASE(a_moment_is_shown_as_it_is_typed),
		CASE(how_far_a_log_is_read_is_said),
		CASE(help_fits_on_24_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
