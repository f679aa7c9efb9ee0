#include "support/test.h"

#include <string.h>

#include "common/instant.h"
#include "control/tidings.h"
#include "unit/race/health.h"

struct fixture {
	struct health health;
	struct tidings *tidings;
	char said[4096];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	health_init(&f->health);
	f->tidings = tidings_new();
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tidings_free(f->tidings);
	free(f);
	return 0;
}

static void
on_line(void *arg, const char *line)
{
	struct fixture *f = arg;
	size_t len = strlen(f->said);

	snprintf(f->said + len, sizeof f->said - len, "%s\n", line);
}

static void
says(struct fixture *f, const char *expected)
{
	f->said[0] = '\0';
	tidings_look(f->tidings, &f->health.status, on_line, f);
	assert_string_equal(f->said, expected);
}

static void
the_first_look_tells_what_there_is(void **state)
{
	struct fixture *f = *state;

	says(f,
	    "10:46:07  laptop-1 (depart) connected\n"
	    "10:46:07  arrivee connected\n"
	    "10:46:07  alarm: laptop-2 (mi-course) is gone\n"
	    "10:46:07  alarm: mi-course silent for 4 min, 212 runners should "
	    "have passed\n");
	says(f, "");
}

static void
an_alarm_is_told_when_it_begins_and_when_it_ends(void **state)
{
	struct fixture *f = *state;

	f->health.status.alarm_count = 1;
	says(f,
	    "10:46:07  laptop-1 (depart) connected\n"
	    "10:46:07  arrivee connected\n"
	    "10:46:07  alarm: laptop-2 (mi-course) is gone\n");
	/* Fresh numbers in its text are no news. */
	f->health.alarms[0].text = "laptop-2 (mi-course) is gone, 5 min";
	f->health.status.now_us += 60 * S;
	says(f, "");
	/* Another one in front of it, for that is graver. */
	f->health.alarms[1] = f->health.alarms[0];
	f->health.alarms[0] = (struct message_alarm){ MESSAGE_ALARM_STORE, 0,
		"", f->health.status.now_us, "disk full" };
	f->health.status.alarm_count = 2;
	says(f, "10:47:07  alarm: disk full\n");
	f->health.status.now_us += 10 * S;
	f->health.status.alarm_count = 1;
	says(f,
	    "10:47:17  over after 5 min: laptop-2 (mi-course) is gone, "
	    "5 min\n");
	f->health.status.alarm_count = 0;
	says(f, "10:47:17  over after 10 s: disk full\n");
	says(f, "");
}

static void
alarms_of_one_kind_are_told_apart(void **state)
{
	struct fixture *f = *state;

	f->health.status.station_count = 0;
	f->health.alarms[0] = (struct message_alarm){ MESSAGE_ALARM_SILENT, 0,
		"mi-course", health_now_us, "mi-course silent" };
	f->health.alarms[1] = (struct message_alarm){ MESSAGE_ALARM_SILENT, 0,
		"arrivee", health_now_us, "arrivee silent" };
	f->health.status.alarm_count = 1;
	says(f, "10:46:07  alarm: mi-course silent\n");
	f->health.status.alarm_count = 2;
	says(f, "10:46:07  alarm: arrivee silent\n");
	f->health.alarms[0] = (struct message_alarm){ MESSAGE_ALARM_DISK, 7, "",
		health_now_us, "laptop-1 has no room" };
	f->health.alarms[1] = (struct message_alarm){ MESSAGE_ALARM_DISK, 8, "",
		health_now_us, "laptop-2 has no room" };
	says(f,
	    "10:46:07  over after 0 s: mi-course silent\n"
	    "10:46:07  over after 0 s: arrivee silent\n"
	    "10:46:07  alarm: laptop-1 has no room\n"
	    "10:46:07  alarm: laptop-2 has no room\n");
}

static void
stations_come_go_and_leave(void **state)
{
	struct fixture *f = *state;
	struct message_station *t = f->health.stations;

	f->health.status.alarm_count = 0;
	f->health.status.station_count = 1;
	says(f, "10:46:07  laptop-1 (depart) connected\n");
	f->health.status.station_count = 3;
	says(f, "10:46:07  arrivee connected\n");
	t[1].connected = true;
	t[2].connected = false;
	says(f,
	    "10:46:07  laptop-2 (mi-course) connected\n"
	    "10:46:07  arrivee gone\n");
	t[0].connected = false;
	t[0].left = true;
	says(f, "10:46:07  laptop-1 (depart) left\n");
	t[0].connected = true;
	t[0].left = false;
	says(f, "10:46:07  laptop-1 (depart) connected\n");
	/* In another order. */
	struct message_station first = t[0];
	t[0] = t[2];
	t[2] = first;
	says(f, "");
}

static void
another_run_that_nobody_has_reached_yet(void **state)
{
	struct fixture *f = *state;

	f->health.status.alarm_count = 1;
	says(f,
	    "10:46:07  laptop-1 (depart) connected\n"
	    "10:46:07  arrivee connected\n"
	    "10:46:07  alarm: laptop-2 (mi-course) is gone\n");
	/* It does not know of that alarm: that is not its end. */
	f->health.status.run++;
	f->health.status.alarm_count = 0;
	for (size_t i = 0; i < 3; i++) {
		f->health.stations[i].connected = false;
		f->health.stations[i].heard_us = 0;
	}
	/* Of the third one that is no news. */
	says(f,
	    "10:46:07  laptop-1 (depart) not connected yet\n"
	    "10:46:07  arrivee not connected yet\n");
	f->health.stations[0].connected = true;
	says(f, "10:46:07  laptop-1 (depart) connected\n");
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(the_first_look_tells_what_there_is),
		CASE(an_alarm_is_told_when_it_begins_and_when_it_ends),
		CASE(alarms_of_one_kind_are_told_apart),
		CASE(stations_come_go_and_leave),
		CASE(another_run_that_nobody_has_reached_yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
