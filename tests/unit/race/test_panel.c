#include "support/test.h"

#include <string.h>

#include "common/instant.h"
#include "common/keys.h"
#include "common/text.h"
#include "race/panel.h"
#include "race/replica.h"
#include "support/shown.h"
#include "unit/race/health.h"

enum { MANY = 1000 };

struct fixture {
	struct panel panel;
	struct panel_scene scene;
	struct health health;
	struct message_station *many;
	char (*names)[32];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	health_init(&f->health);
	f->scene = (struct panel_scene){
		.title = "Les 8 kilomètres de la relation client",
		.status = &f->health.status,
		.peer = "127.0.0.1:5570",
		.log = "",
		.keys = "Up/Down scroll  q quit",
	};
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	panel_close(&f->panel);
	free(f->many);
	free(f->names);
	free(f);
	return 0;
}

static void
many_stations(struct fixture *f)
{
	f->many = calloc(MANY, sizeof *f->many);
	f->names = calloc(MANY, sizeof *f->names);
	for (size_t i = 0; i < MANY; i++) {
		snprintf(f->names[i], sizeof f->names[i], "laptop-%03zu", i);
		f->many[i] = health_station(100 + i, f->names[i], "mi-course");
	}
	f->health.status.stations = f->many;
	f->health.status.station_count = MANY;
	f->health.status.station_total = MANY;
}

static void
compose(struct fixture *f, size_t height, size_t width)
{
	panel_compose(&f->panel, height, width, &f->scene);
}

static const char *
text(struct fixture *f, size_t i)
{
	return shown_text(&f->panel.lines[i]);
}

static bool
anywhere(struct fixture *f, const char *words)
{
	return shown_find(f->panel.lines, f->panel.height, words) != NULL;
}

static void
alarms_stations_and_points_on_80_by_24(void **state)
{
	struct fixture *f = *state;

	compose(f, 24, 80);
	assert_string_equal(text(f, 0),
	    "Les 8 kilomètres de la relation client"
	    "                                      LIVE");
	assert_string_equal(text(f, 1),
	    "3 stations: 2 connected, 1 gone"
	    "                                         2 alarms");
	assert_int_equal(f->panel.lines[1].style, SCREEN_BOLD);
	assert_string_equal(text(f, 2),
	    "since 10:42:07 (4 min): laptop-2 (mi-course) is gone");
	assert_int_equal(f->panel.lines[2].style, SCREEN_BOLD);
	/* Told whole, however long. */
	assert_string_equal(text(f, 3),
	    "since 10:42:57 (3 min): mi-course silent for 4 min, 212 runners "
	    "should have");
	assert_string_equal(text(f, 4), "    passed");
	assert_string_equal(text(f, 5), "");
	assert_string_equal(text(f, 6),
	    "station   point      link              ago  a min  waiting  clock"
	    "        reads");
	assert_int_equal(f->panel.lines[6].style, SCREEN_UNDERLINE);
	assert_string_equal(text(f, 7),
	    "laptop-1  depart     connected         4 s     31        0  "
	    "ok (0.2 ms)    117");
	assert_int_equal(f->panel.lines[7].style, 0);
	assert_string_equal(text(f, 8),
	    "laptop-2  mi-course  gone 4 min ago  4 min      0        0  "
	    "ok (0.2 ms)    117");
	assert_int_equal(f->panel.lines[8].style, SCREEN_BOLD);
	assert_string_equal(text(f, 10), "");
	assert_string_equal(text(f, 11),
	    "point      reads  last read     ago  a min  awaited");
	assert_string_equal(text(f, 13),
	    "mi-course    301  10:41:57    4 min      0      212");
	assert_int_equal(f->panel.lines[13].style, SCREEN_BOLD);
	assert_string_equal(text(f, 22),
	    "as of 10:46:03  1068 crossings, 3 of nobody, 766 entries");
	assert_string_equal(text(f, 23), "Up/Down scroll  q quit");
}

static void
seasons_stand_below_the_points(void **state)
{
	struct fixture *f = *state;
	const struct message_season seasons[] = {
		{ .name = "prix", .read_us = health_now_us, .trouble = "" },
		{ .name = "ligue",
		    .read_us = health_now_us,
		    .trouble = "/ligue: 1 mistake; shown as it was" },
	};

	f->health.status.seasons = seasons;
	f->health.status.season_count = 2;
	compose(f, 24, 80);
	assert_string_equal(text(f, 15), "");
	assert_string_equal(text(f, 16),
	    "season prix: current, read at 10:46:07 (0 s ago)");
	assert_int_equal(f->panel.lines[16].style, 0);
	assert_string_equal(text(f, 17),
	    "season ligue: /ligue: 1 mistake; shown as it was, read at "
	    "10:46:07 (0 s ago)");
	assert_int_equal(f->panel.lines[17].style, SCREEN_BOLD);
}

static void
a_wide_screen_has_all_columns(void **state)
{
	struct fixture *f = *state;

	f->health.stations[0].refused = 12;
	compose(f, 40, 120);
	assert_true(anywhere(f, "last read"));
	assert_true(anywhere(f, "disk free"));
	assert_true(anywhere(f, "12.3 GB"));
	assert_true(anywhere(f, "refused"));
	assert_true(anywhere(f,
	    "since 10:42:57 (3 min): mi-course silent for 4 min, 212 runners "
	    "should have passed"));
}

static void
all_is_well_is_said(void **state)
{
	struct fixture *f = *state;

	f->health.status.alarm_count = 0;
	compose(f, 24, 80);
	assert_non_null(strstr(text(f, 1), "no alarms"));
	assert_int_equal(f->panel.lines[1].style, 0);
	assert_int_equal(strncmp(text(f, 2), "station", 7), 0);
}

static void
any_size_holds_any_names(void **state)
{
	static const char *const names[] = { "ordinateur de Zoé",
		"折り返し地点の時計・第二", "e\xcc\x81toile",
		"a-name-that-goes-on-and-on-and-on-and-on-and-on-and-on-and" };
	struct fixture *f = *state;

	for (size_t width = 1; width <= 200; width += 7)
		for (size_t height = 1; height <= 40; height += 13)
			for (size_t i = 0; i < 4; i++) {
				f->health.stations[i % 3].name = names[i];
				f->health.stations[2].point = names[i];
				compose(f, height, width);
				for (size_t k = 0; k < f->panel.height; k++)
					assert_int_equal(text_width(
					                     f->panel.lines[k]
					                         .text),
					    width);
			}
}

static void
a_long_name_costs_other_columns_only_what_it_has_to(void **state)
{
	struct fixture *f = *state;

	f->health.stations[0].name =
	    "a-name-that-goes-on-and-on-and-on-and-on-and-on-and-on-and";
	compose(f, 24, 80);
	assert_true(anywhere(f, "a-name-that-goe"));
	assert_true(anywhere(f, "connected"));
	assert_true(anywhere(f, "waiting"));
	compose(f, 24, 160);
	assert_true(anywhere(f, f->health.stations[0].name));
	compose(f, 24, 30);
	assert_true(anywhere(f, "a-name-t"));
	assert_true(anywhere(f, "connected"));
}

static void
a_thousand_stations_scroll_below_their_heads(void **state)
{
	struct fixture *f = *state;

	many_stations(f);
	compose(f, 24, 80);
	assert_true(anywhere(f, "laptop-000"));
	assert_false(anywhere(f, "laptop-900"));
	/* 3 lines of alarms, heads, blanks, stations, points */
	assert_true(anywhere(f, "lines 1-20 of 1010"));
	assert_true(panel_press(&f->panel, KEYS_PAGE_DOWN));
	compose(f, 24, 80);
	/* Alarms stay, and so do the names of the columns. */
	assert_int_equal(strncmp(text(f, 2), "since 10:42:07", 14), 0);
	assert_int_equal(strncmp(text(f, 5), "station", 7), 0);
	assert_false(anywhere(f, "laptop-000"));
	assert_int_equal(strncmp(text(f, 6), "laptop-0", 8), 0);
	assert_true(panel_press(&f->panel, KEYS_END));
	assert_true(panel_press(&f->panel, KEYS_PAGE_DOWN));
	compose(f, 24, 80);
	assert_true(anywhere(f, "laptop-999"));
	assert_string_equal(text(f, 21),
	    "arrivee        0  none                   0");
	assert_true(anywhere(f, "lines 991-1010 of 1010"));
	assert_true(panel_press(&f->panel, KEYS_HOME));
	compose(f, 24, 80);
	assert_true(anywhere(f, "laptop-000"));
}

static void
every_line_can_be_scrolled_to(void **state)
{
	struct fixture *f = *state;
	char name[32];

	many_stations(f);
	compose(f, 12, 80);
	for (size_t i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "laptop-%03zu", i);
		for (size_t k = 0; !anywhere(f, name); k++) {
			assert_true(k < 3);
			assert_true(panel_press(&f->panel, KEYS_DOWN));
			compose(f, 12, 80);
		}
	}
}

static void
more_alarms_than_a_third_of_the_screen_scroll(void **state)
{
	struct fixture *f = *state;
	struct message_alarm alarms[30];
	char texts[30][16];

	for (size_t i = 0; i < 30; i++) {
		snprintf(texts[i], sizeof texts[i], "trouble %zu.", i);
		alarms[i] = f->health.alarms[0];
		alarms[i].text = texts[i];
	}
	f->health.status.alarms = alarms;
	f->health.status.alarm_count = 30;
	compose(f, 24, 80);
	/* As one list, until somebody scrolls. */
	for (size_t i = 0; i < 20; i++)
		assert_non_null(strstr(text(f, 2 + i), texts[i]));
	panel_press(&f->panel, KEYS_END);
	compose(f, 24, 80);
	assert_non_null(strstr(text(f, 9), "trouble 7."));
	assert_false(anywhere(f, "trouble 8."));
	assert_true(anywhere(f, "arrivee"));
	f->health.status.alarm_count = 0;
	compose(f, 24, 80);
	assert_int_equal(strncmp(text(f, 2), "station", 7), 0);
}

static void
an_old_word_is_dim_and_says_how_old(void **state)
{
	struct fixture *f = *state;

	f->scene.age_us = REPLICA_SILENCE_US - 1;
	compose(f, 24, 80);
	assert_non_null(strstr(text(f, 0), "LIVE"));
	f->scene.age_us = 7 * S + 900000;
	compose(f, 24, 80);
	assert_non_null(strstr(text(f, 0), "STALE 7 s"));
	assert_int_equal(f->panel.lines[2].style, SCREEN_DIM);
	assert_int_equal(f->panel.lines[7].style, SCREEN_DIM);
	assert_non_null(strstr(text(f, 7), "laptop-1"));
}

static void
a_race_replayed_shows_times_instead_of_ages(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < 3; i++) {
		f->health.stations[i].last_time_us -= 365 * 86400 * S;
		f->health.points[i].last_us = RACE_NO_TIME;
	}
	compose(f, 24, 80);
	assert_int_equal(strncmp(text(f, 6),
	                     "station   point      link            last read",
	                     46),
	    0);
	assert_null(strstr(text(f, 6), "ago"));
}

static void
before_the_first_crossing(void **state)
{
	struct fixture *f = *state;

	f->health.status.as_of_us = RACE_NO_TIME;
	f->health.status.crossings = 0;
	f->health.status.unknown = 0;
	compose(f, 24, 80);
	assert_string_equal(text(f, 22),
	    "no crossing yet  0 crossings, 0 of nobody, 766 entries");
}

static void
what_is_waited_for_is_said(void **state)
{
	struct fixture *f = *state;

	f->scene.status = NULL;
	f->scene.title = "";
	compose(f, 24, 80);
	assert_non_null(strstr(text(f, 0), "Palmarès"));
	assert_non_null(strstr(text(f, 0), "WAITING"));
	assert_true(
	    anywhere(f, "waiting for the aggregator at 127.0.0.1:5570"));
}

static void
who_left_is_dim_and_the_log_takes_the_last_line(void **state)
{
	struct fixture *f = *state;

	f->health.status.alarm_count = 0;
	f->health.stations[1].left = true;
	f->scene.log = "aggregator 127.0.0.1:5570: back after 9 s";
	compose(f, 24, 80);
	assert_non_null(strstr(text(f, 4), "left 4 min ago"));
	assert_int_equal(f->panel.lines[4].style, SCREEN_DIM);
	assert_string_equal(text(f, 23), f->scene.log);
}

static void
stations_that_did_not_fit_are_counted(void **state)
{
	struct fixture *f = *state;

	f->health.status.station_total = 40;
	compose(f, 24, 80);
	assert_true(anywhere(f, "and 37 more"));
}

static void
other_keys_are_not_for_scrolling(void **state)
{
	struct fixture *f = *state;

	compose(f, 24, 80);
	assert_false(panel_press(&f->panel, 'q'));
	assert_false(panel_press(&f->panel, KEYS_LEFT));
	assert_true(panel_press(&f->panel, KEYS_UP));
	assert_int_equal(f->panel.top, 0);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(alarms_stations_and_points_on_80_by_24),
		CASE(seasons_stand_below_the_points),
		CASE(a_wide_screen_has_all_columns),
		CASE(all_is_well_is_said),
		CASE(any_size_holds_any_names),
		CASE(a_long_name_costs_other_columns_only_what_it_has_to),
		CASE(a_thousand_stations_scroll_below_their_heads),
		CASE(every_line_can_be_scrolled_to),
		CASE(more_alarms_than_a_third_of_the_screen_scroll),
		CASE(an_old_word_is_dim_and_says_how_old),
		CASE(a_race_replayed_shows_times_instead_of_ages),
		CASE(before_the_first_crossing),
		CASE(what_is_waited_for_is_said),
		CASE(who_left_is_dim_and_the_log_takes_the_last_line),
		CASE(stations_that_did_not_fit_are_counted),
		CASE(other_keys_are_not_for_scrolling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
