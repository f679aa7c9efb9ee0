#include "support/test.h"

#include <string.h>

#include "common/instant.h"
#include "race/stations.h"
#include "unit/race/health.h"

struct fixture {
	struct health health;
	struct stations_table table;
	struct stations_table points;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	health_init(&f->health);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	stations_clear(&f->table);
	stations_clear(&f->points);
	free(f);
	return 0;
}

static void
make(struct fixture *f)
{
	stations_clear(&f->table);
	stations_clear(&f->points);
	stations_table(&f->table, &f->health.status);
	stations_points(&f->points, &f->health.status);
}

/* NULL: no such column. */
static const char *
cell(const struct stations_table *t, size_t row, const char *head)
{
	for (size_t k = 0; k < t->column_count; k++)
		if (strcmp(t->columns[k].head, head) == 0)
			return t->cells[row * t->column_count + k];
	return NULL;
}

static void
a_station_that_is_well(void **state)
{
	struct fixture *f = *state;

	make(f);
	assert_int_equal(f->table.row_count, 3);
	assert_string_equal(cell(&f->table, 0, "station"), "laptop-1");
	assert_string_equal(cell(&f->table, 0, "point"), "depart");
	assert_string_equal(cell(&f->table, 0, "link"), "connected");
	assert_string_equal(cell(&f->table, 0, "last read"), "10:46:03");
	assert_string_equal(cell(&f->table, 0, "ago"), "4 s");
	assert_string_equal(cell(&f->table, 0, "a min"), "31");
	assert_string_equal(cell(&f->table, 0, "waiting"), "0");
	assert_string_equal(cell(&f->table, 0, "clock"), "ok (0.2 ms)");
	assert_string_equal(cell(&f->table, 0, "disk free"), "12.3 GB");
	assert_string_equal(cell(&f->table, 0, "reads"), "117");
	assert_string_equal(cell(&f->table, 0, "events"), "120");
}

static void
what_is_nothing_anywhere_has_no_column(void **state)
{
	static const char *const heads[] = { "repeats", "holes", "refused",
		"version" };
	struct fixture *f = *state;

	make(f);
	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
		assert_null(cell(&f->table, 0, heads[i]));
	f->health.stations[1].repeats = 1;
	f->health.stations[1].holes = 2;
	f->health.stations[1].refused = 3;
	f->health.stations[2].software = "palmares-collector 0.2.0";
	make(f);
	assert_string_equal(cell(&f->table, 0, "repeats"), "");
	assert_string_equal(cell(&f->table, 1, "repeats"), "1");
	assert_string_equal(cell(&f->table, 1, "holes"), "2");
	assert_string_equal(cell(&f->table, 1, "refused"), "3");
	assert_string_equal(cell(&f->table, 1, "version"), "");
	assert_string_equal(cell(&f->table, 2, "version"), "0.2.0");
	/* The others are where they were. */
	assert_string_equal(cell(&f->table, 2, "station"), "arrivee");
	for (size_t i = 0; i < 3; i++) {
		f->health.stations[i].disk_free = 0;
		f->health.stations[i].bound_us = 0;
	}
	make(f);
	assert_null(cell(&f->table, 0, "disk free"));
	assert_null(cell(&f->table, 0, "clock"));
}

static void
who_left_is_told_from_who_is_gone(void **state)
{
	struct fixture *f = *state;
	struct message_station *t = &f->health.stations[1];

	make(f);
	assert_string_equal(cell(&f->table, 1, "link"), "gone 4 min ago");
	t->left = true;
	make(f);
	assert_string_equal(cell(&f->table, 1, "link"), "left 4 min ago");
	t->heard_us = 0;
	t->left = false;
	make(f);
	assert_string_equal(cell(&f->table, 1, "link"), "not in this run");
}

static void
a_wrong_clock_is_told_and_how_well_it_is_known(void **state)
{
	struct fixture *f = *state;

	f->health.stations[0].offset_us = -31200000;
	f->health.stations[0].bound_us = 3000;
	make(f);
	assert_string_equal(cell(&f->table, 0, "clock"), "31.2 s fast (3 ms)");
}

static void
disks_of_all_sizes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 1, "0 MB" },
		{ 199999999, "199 MB" },
		{ 999999999, "999 MB" },
		{ 1000000000, "1.0 GB" },
		{ UINT64_C(999999999999), "999.9 GB" },
		{ UINT64_C(1800000000000), "1.8 TB" },
		{ UINT64_MAX, "18446744.0 TB" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		f->health.stations[0].disk_free = cases[i].bytes;
		make(f);
		assert_string_equal(cell(&f->table, 0, "disk free"),
		    cases[i].text);
	}
}

static void
ages_are_told_in_the_unit_that_fits(void **state)
{
	static const struct {
		int64_t us;
		const char *text;
	} cases[] = {
		{ -5 * S, "0 s" },
		{ 119 * S, "119 s" },
		{ 120 * S, "2 min" },
		{ 7199 * S, "119 min" },
		{ 7200 * S, "2 h" },
		{ 172799 * S, "47 h" },
		{ 172800 * S, "2 days" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *age = stations_age(cases[i].us);

		assert_string_equal(age, cases[i].text);
		free(age);
	}
}

static void
a_read_of_another_year_has_no_age(void **state)
{
	struct fixture *f = *state;

	f->health.stations[0].last_time_us = health_now_us + 10 * S;
	f->health.stations[1].last_time_us = RACE_NO_TIME;
	make(f);
	assert_string_equal(cell(&f->table, 0, "last read"), "10:46:17");
	assert_string_equal(cell(&f->table, 0, "ago"), "");
	assert_string_equal(cell(&f->table, 1, "last read"), "none");
	assert_string_equal(cell(&f->table, 1, "ago"), "");
	assert_string_equal(cell(&f->table, 2, "ago"), "4 s");
	f->health.stations[2].last_time_us = health_now_us - 20 * 86400 * S;
	make(f);
	assert_string_equal(cell(&f->table, 2, "ago"), "20 days");
	f->health.stations[2].last_time_us = health_now_us - 365 * 86400 * S;
	make(f);
	assert_string_equal(cell(&f->table, 2, "last read"), "10:46:07");
	/* Nobody has one. */
	assert_null(cell(&f->table, 2, "ago"));
}

static void
points_tell_reads_and_who_is_awaited(void **state)
{
	struct fixture *f = *state;

	make(f);
	assert_int_equal(f->points.row_count, 3);
	assert_string_equal(cell(&f->points, 1, "point"), "mi-course");
	assert_string_equal(cell(&f->points, 1, "reads"), "301");
	assert_string_equal(cell(&f->points, 1, "last read"), "10:41:57");
	assert_string_equal(cell(&f->points, 1, "ago"), "4 min");
	assert_string_equal(cell(&f->points, 1, "a min"), "0");
	assert_string_equal(cell(&f->points, 1, "awaited"), "212");
	assert_string_equal(cell(&f->points, 0, "awaited"), "");
	assert_string_equal(cell(&f->points, 2, "last read"), "none");
	f->health.points[1].awaited = 0;
	make(f);
	assert_null(cell(&f->points, 1, "awaited"));
}

static void
an_alarm_says_since_when(void **state)
{
	struct fixture *f = *state;
	char *text = stations_alarm(&f->health.alarms[0], health_now_us);

	assert_string_equal(text,
	    "since 10:42:07 (4 min): laptop-2 (mi-course) is gone");
	free(text);
}

static void
assert_season(const struct message_season *season, const char *expected)
{
	char *text = stations_season(season, health_now_us);

	assert_string_equal(text, expected);
	free(text);
}

static void
a_season_is_current_or_says_why_not(void **state)
{
	struct message_season season = { .name = "prix",
		.read_us = health_now_us - 240 * INT64_C(1000000),
		.trouble = "" };

	(void)state;
	assert_season(&season,
	    "season prix: current, read at 10:42:07 (4 min ago)");
	season.reading = true;
	assert_season(&season,
	    "season prix: has changed, is being read; shown as read at "
	    "10:42:07 (4 min ago)");
	/* It is tried again. */
	season.trouble = "/prix: 1 mistake; shown as it was";
	assert_season(&season,
	    "season prix: /prix: 1 mistake; shown as it was, read at 10:42:07 "
	    "(4 min ago)");
}

static void
sums_up(struct fixture *f, const char *expected)
{
	char *text = stations_summary(&f->health.status);

	assert_string_equal(text, expected);
	free(text);
}

static void
the_summary_counts_all_states(void **state)
{
	struct fixture *f = *state;
	struct message_status_reply *s = &f->health.status;

	sums_up(f, "3 stations: 2 connected, 1 gone");
	assert_int_equal(stations_more(s), 0);
	f->health.stations[0].connected = false;
	f->health.stations[0].left = true;
	f->health.stations[2].connected = false;
	f->health.stations[2].heard_us = 0;
	sums_up(f,
	    "3 stations: 0 connected, 1 gone, 1 left, 1 not in this run");
	s->station_total = 10;
	assert_int_equal(stations_more(s), 7);
	s->station_count = 1;
	sums_up(f, "10 stations: 0 connected, 1 left, 9 not listed");
	s->station_total = 1;
	sums_up(f, "1 station: 0 connected, 1 left");
	s->station_total = 0;
	s->station_count = 0;
	sums_up(f, "no station has spoken yet");
}

static void
an_alarm_finds_its_station(void **state)
{
	struct fixture *f = *state;
	const struct message_status_reply *s = &f->health.status;

	assert_false(stations_alarmed(s, &f->health.stations[0]));
	assert_true(stations_alarmed(s, &f->health.stations[1]));
	/* An alarm that is about no station is about none. */
	f->health.stations[0].stream = 0;
	assert_false(stations_alarmed(s, &f->health.stations[0]));
}

static void
nobody_is_a_table_without_rows(void **state)
{
	struct fixture *f = *state;

	f->health.status.station_count = 0;
	f->health.status.point_count = 0;
	make(f);
	assert_int_equal(f->table.row_count, 0);
	assert_int_equal(f->points.row_count, 0);
}

/* As long as the longest line that would be printed. */
static size_t
columns_of(const struct stations_table *t)
{
	size_t used = 0;

	for (size_t k = 0; k < t->column_count; k++) {
		size_t width = strlen(t->columns[k].head);

		for (size_t i = 0; i < t->row_count; i++) {
			size_t w = strlen(t->cells[i * t->column_count + k]);

			width = w > width ? w : width;
		}
		used += width + (k > 0 ? 2 : 0);
	}
	return used;
}

static void
a_narrow_terminal_leaves_out_what_is_least_needed(void **state)
{
	struct fixture *f = *state;

	make(f);
	assert_true(columns_of(&f->table) > 80);
	stations_fit(&f->table, SIZE_MAX, 2);
	assert_non_null(cell(&f->table, 0, "events"));
	stations_fit(&f->table, 80, 2);
	assert_true(columns_of(&f->table) <= 80);
	assert_null(cell(&f->table, 0, "events"));
	assert_null(cell(&f->table, 0, "disk free"));
	assert_string_equal(cell(&f->table, 1, "reads"), "117");
	assert_string_equal(cell(&f->table, 2, "station"), "arrivee");
	stations_fit(&f->table, 1, 2);
	assert_int_equal(f->table.column_count, 2);
	assert_string_equal(cell(&f->table, 0, "station"), "laptop-1");
	assert_string_equal(cell(&f->table, 0, "link"), "connected");
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_station_that_is_well),
		CASE(what_is_nothing_anywhere_has_no_column),
		CASE(who_left_is_told_from_who_is_gone),
		CASE(a_wrong_clock_is_told_and_how_well_it_is_known),
		CASE(disks_of_all_sizes),
		CASE(ages_are_told_in_the_unit_that_fits),
		CASE(a_read_of_another_year_has_no_age),
		CASE(points_tell_reads_and_who_is_awaited),
		CASE(an_alarm_says_since_when),
		CASE(a_season_is_current_or_says_why_not),
		CASE(the_summary_counts_all_states),
		CASE(an_alarm_finds_its_station),
		CASE(nobody_is_a_table_without_rows),
		CASE(a_narrow_terminal_leaves_out_what_is_least_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
