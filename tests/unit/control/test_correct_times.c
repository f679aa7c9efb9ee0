#include "support/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "control/correct.h"
#include "support/handmade.h"
#include "support/plain.h"

#define S HANDMADE_S

struct fixture {
	struct handmade *h;
	struct name_streams *streams;
	struct correct_job job;
	struct correct c;
	struct err err;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	f->h = handmade_new();
	f->streams = name_streams_new();
	name_stream(f->streams, HANDMADE_STATION, "depart", false);
	name_stream(f->streams, HANDMADE_STATION + 1, "mi-course", false);
	name_stream(f->streams, HANDMADE_STATION + 2, "arrivee", false);
	handmade_enter(f->h, "15", "Zoé Petit", "", "");
	handmade_enter(f->h, "16", "", "", "");
	handmade_cross(f->h, 0, "15", "", 4 * S);
	handmade_cross(f->h, 1, "15", "", 900 * S);
	handmade_cross(f->h, 2, "15", "", 1800 * S);
	f->job = (struct correct_job){ .book = f->h->book,
		.streams = f->streams,
		.by = "anna",
		.stream = HANDMADE_OPERATOR,
		.made_us = HANDMADE_GUN_US + 7200 * S,
		.now_us = HANDMADE_GUN_US + 7200 * S };
	correct_init(&f->c, &f->job);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	correct_clear(&f->c);
	handmade_free(f->h);
	name_streams_free(f->streams);
	free(f);
	return 0;
}

static int
say(struct fixture *f, const char *line)
{
	char *copy = strdup(line);
	char *rest = copy;
	char *words[8];
	size_t count = 0;
	int rc;

	while (rest != NULL && count < 8)
		words[count++] = strsep(&rest, " ");
	correct_clear(&f->c);
	correct_init(&f->c, &f->job);
	rc = correct_verb(words[0])->make(&f->c, words + 1, count - 1, &f->err);
	free(copy);
	return rc;
}

static void
refused(struct fixture *f, const char *line, const char *words)
{
	/* That it is meant changes nothing. */
	f->job.sure = true;
	assert_int_equal(say(f, line), -EINVAL);
	if (strstr(f->err.text, words) == NULL)
		fail_msg("%s: %s", line, f->err.text);
	assert_int_equal(f->c.count, 0);
}

static void
taken(struct fixture *f, const char *line)
{
	if (say(f, line) < 0)
		fail_msg("%s: %s", line, f->err.text);
	assert_true(f->c.count > 0);
}

static void
hold(struct fixture *f, const char *line)
{
	taken(f, line);
	for (size_t i = 0; i < f->c.count; i++)
		handmade_event(f->h, f->c.events[i].id, &f->c.events[i].event);
	f->job.stream++;
	f->job.made_us += S;
}

static bool
is_noted(const struct fixture *f, const char *words)
{
	for (size_t i = 0; i < f->c.note_count; i++)
		if (strstr(f->c.notes[i], words) != NULL)
			return true;
	return false;
}

static void
nobody_is_further_on_before_he_was_there(void **state)
{
	struct fixture *f = *state;

	refused(f, "time 15 mi-course 10:31:00",
	    "15 would be at mi-course at 10:31:00, after arrivee at 10:30:00: "
	    "if that is the wrong one, palmares time 15 arrivee sets it first; "
	    "palmares void arrivee:1 takes it out if it is not his");
	refused(f, "time 15 arrivee 10:14:59",
	    "15 would be at arrivee at 10:14:59, before mi-course");
	refused(f, "add 15 arrivee 10:14:59", "before mi-course at 10:15:00");
	refused(f, "time 15 depart 10:20:00", "after mi-course at 10:15:00");
	taken(f, "time 15 mi-course 10:29:59");
	taken(f, "time 15 depart 10:14:59");
	taken(f, "time 15 arrivee 10:40:00");
	taken(f, "time 16 arrivee 10:40:00");
}

static void
one_of_two_wrong_times_is_no_bar_to_the_other(void **state)
{
	struct fixture *f = *state;

	/* Its clock was an hour ahead. */
	handmade_cross(f->h, 1, "16", "", 4500 * S);
	handmade_cross(f->h, 2, "16", "", 1800 * S);
	taken(f, "time 16 arrivee 10:29:59");
	taken(f, "time 16 mi-course 10:15:00");
	/* What an operator said is not to be voided, but set anew. */
	hold(f, "time 15 mi-course 10:20:00");
	refused(f, "time 15 arrivee 10:19:00",
	    "palmares time 15 mi-course sets it first");
	assert_null(strstr(f->err.text, "void"));
}

static void
nobody_starts_behind_a_point_that_he_has_passed(void **state)
{
	struct fixture *f = *state;

	refused(f, "start 15 10:20:00",
	    "15 would start at 10:20:00, after mi-course at 10:15:00: if that "
	    "is the wrong one, palmares time 15 mi-course sets it first; "
	    "palmares void mi-course:1 takes it out if it is not his");
	taken(f, "start 15 10:14:59");
	/* One that is before his start already is no reason. */
	hold(f, "time 15 mi-course 10:05:00");
	hold(f, "gun masse 10:10:00");
	taken(f, "start 15 10:12:00");
	taken(f, "start 16 10:20:00");
}

/* He warmed up on the course: a later start makes his real passage count. */
static void
a_read_before_his_start_is_no_bar_where_a_later_one_counts(void **state)
{
	struct fixture *f = *state;

	handmade_cross(f->h, 1, "16", "", 300 * S);
	handmade_cross(f->h, 1, "16", "", 1500 * S);
	handmade_cross(f->h, 2, "16", "", 2400 * S);
	taken(f, "start 16 10:10:00");
	refused(f, "start 16 10:26:00", "after mi-course at 10:05:00");
}

static void
a_gun_behind_what_was_read_since_is_told(void **state)
{
	struct fixture *f = *state;
	struct race_entry e = plain_entry("17");

	e.wave = "elite";
	handmade_entry(f->h, &e);
	handmade_cross(f->h, 1, "17", "", 720 * S);
	taken(f, "gun masse 10:16:00");
	assert_true(is_noted(f,
	    "1 of that wave was read on the course before 10:16:00"));
	taken(f, "gun masse 10:15:00");
	assert_false(is_noted(f, "of that wave"));
	taken(f, "gun masse 09:50:00");
	assert_false(is_noted(f, "of that wave"));
	/* Whoever has a start of his own does not hang on it. */
	hold(f, "start 15 10:00:01");
	taken(f, "gun masse 10:16:00");
	assert_false(is_noted(f, "of that wave"));
}

static void
several_crossings_go_to_one_bib_or_point(void **state)
{
	struct fixture *f = *state;

	taken(f, "move arrivee:1 mi-course:1 arrivee:1 bib=16");
	assert_int_equal(f->c.count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct race_decision *d = f->c.events[i].event.decision;

		assert_int_equal(d->verb, RACE_MOVE_READ);
		assert_string_equal(d->bib, "16");
	}
	taken(f, "move bib=16 arrivee:1 mi-course:1 point=depart");
	assert_int_equal(f->c.count, 2);
	taken(f, "move depart:1 arrivee:1 bib=15 point=arrivee");
	assert_int_equal(f->c.count, 1);
	assert_true(is_noted(f, "crossing arrivee:1 is 15 at arrivee already"));
	handmade_cross(f->h, 2, "16", "", 1900 * S);
	handmade_cross(f->h, 2, "16", "", 1910 * S);
	taken(f, "move arrivee:1-3 point=mi-course");
	assert_int_equal(f->c.count, 3);
	refused(f, "move arrivee:3-1 bib=15", "lower number comes first");
	refused(f, "move arrivee:1-9 bib=15", "no crossing arrivee:9");
	refused(f, "move arrivee:1 mi-course:1", "where they belong");
	refused(f, "move bib=16", "where they belong");
	refused(f, "move arrivee:1 arrivee:9 bib=16", "no crossing arrivee:9");
	refused(f, "move arrivee:1 bib=16 bib=15", "of one bib only");
	refused(f, "move arrivee:1 chip=A1", "bib=BIB or point=POINT");
	/* A station may be called anything. */
	name_stream(f->streams, 77, "a=b", false);
	refused(f, "move a=b:1 bib=16", "no crossing a=b:1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    nobody_is_further_on_before_he_was_there, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    one_of_two_wrong_times_is_no_bar_to_the_other, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    nobody_starts_behind_a_point_that_he_has_passed, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_read_before_his_start_is_no_bar_where_a_later_one_counts,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_gun_behind_what_was_read_since_is_told, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    several_crossings_go_to_one_bib_or_point, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
