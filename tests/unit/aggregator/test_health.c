#include "support/test.h"

#include <stdarg.h>
#include <string.h>

#include "aggregator/health.h"
#include "support/plain.h"

/* ---- a race of 300 with a laptop at each of three points ---- */

#define GUN_US   (RACE_TIME_MIN + INT64_C(36000000000))
#define S        INT64_C(1000000)
#define MIN      (60 * S)
#define MONO_US  (INT64_C(7777) * S)
#define SOFTWARE "palmares-collector 1.2"

enum { RUNNERS = 300, LINES = 64, DEPART = 0, MI_COURSE = 1, ARRIVEE = 2 };

struct fixture {
	struct race_wave wave;
	struct race_point points[3];
	struct race_rules rules;
	struct rank *rank;
	struct health *health;
	struct message_station stations[4];
	size_t station_count;
	struct health_scene scene;
	uint64_t seq;
	char lines[LINES][500];
	bool warnings[LINES];
	size_t line_count;
	char bib[8];
};

static const char *
bib_of(struct fixture *f, unsigned runner)
{
	snprintf(f->bib, sizeof f->bib, "%u", runner);
	return f->bib;
}

static void
enter(struct fixture *f, unsigned runner, enum race_status status)
{
	struct race_entry e = plain_entry(bib_of(f, runner));

	e.status = status;
	rank_entry(f->rank, &e);
}

static struct message_station
station(uint64_t stream, const char *name, const char *point)
{
	return (struct message_station){ .stream = stream,
		.name = name,
		.point = point,
		.connected = true,
		.last_time_us = RACE_NO_TIME,
		.heard_us = GUN_US,
		.bound_us = 1000,
		.disk_free = UINT64_C(9000000000),
		.software = SOFTWARE };
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->wave =
	    (struct race_wave){ .name = plain_text("masse"), .gun_us = GUN_US };
	f->points[DEPART] = plain_point("depart", 0);
	f->points[MI_COURSE] = plain_point("mi-course", 4000);
	f->points[ARRIVEE] = plain_point("arrivee", 8000);
	f->rules = plain_rules();
	f->rules.waves = &f->wave;
	f->rules.wave_count = 1;
	f->rules.points = f->points;
	f->rules.point_count = 3;
	f->rank = rank_new(&f->rules);
	for (unsigned i = 0; i < RUNNERS; i++)
		enter(f, i, RACE_STATUS_NONE);
	f->health = health_new(&f->rules, "palmares-aggregator 1.2");
	f->stations[0] = station(10, "tente", "depart");
	f->stations[1] = station(11, "velo", "mi-course");
	f->stations[2] = station(12, "portique", "arrivee");
	f->station_count = 3;
	f->scene = (struct health_scene){ .store = "",
		.misfits = "",
		.published = "",
		.season = "",
		.now_us = MONO_US,
		.now_utc_us = GUN_US };
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	health_free(f->health);
	rank_free(f->rank);
	free(f);
	return 0;
}

static void
say(void *arg, bool warning, const char *line)
{
	struct fixture *f = arg;

	assert_true(f->line_count < LINES);
	snprintf(f->lines[f->line_count], sizeof f->lines[0], "%s", line);
	f->warnings[f->line_count++] = warning;
}

static void
look(struct fixture *f)
{
	f->scene.stations = f->stations;
	f->scene.station_count = f->station_count;
	f->scene.rank = f->rank;
	if (f->scene.entries == 0)
		f->scene.entries = RUNNERS;
	health_look(f->health, &f->scene, say, f);
}

/* So many seconds, with a look at each. */
static void
pass(struct fixture *f, int seconds)
{
	for (int i = 0; i < seconds; i++) {
		f->scene.now_us += S;
		f->scene.now_utc_us += S;
		look(f);
	}
}

/* The alarm of that kind, NULL: there is none; there are not two. */
static const struct message_alarm *
alarm_of(struct fixture *f, enum message_alarm_kind kind)
{
	const struct message_alarm *all;
	const struct message_alarm *found = NULL;
	size_t count = health_alarms(f->health, &all);

	for (size_t i = 0; i < count; i++) {
		if (all[i].kind != kind)
			continue;
		assert_null(found);
		found = &all[i];
	}
	return found;
}

static size_t
alarms(struct fixture *f)
{
	const struct message_alarm *all;

	return health_alarms(f->health, &all);
}

/* What was said since it was asked last, each line once, in that order. */
static void
expect(struct fixture *f, size_t count, ...)
{
	va_list ap;

	va_start(ap, count);
	for (size_t i = 0; i < count; i++) {
		const char *line = va_arg(ap, const char *);

		assert_true(i < f->line_count);
		assert_string_equal(f->lines[i], line + 1);
		assert_int_equal(f->warnings[i], line[0] == '!');
	}
	va_end(ap);
	assert_int_equal(f->line_count, count);
	f->line_count = 0;
}

/* Everybody is there, and that is said. */
static void
begin(struct fixture *f)
{
	look(f);
	expect(f, 3, ".collector tente (depart): connected, 0 events stored",
	    ".collector velo (mi-course): connected, 0 events stored",
	    ".collector portique (arrivee): connected, 0 events stored");
	assert_int_equal(alarms(f), 0);
}

static void
read_at(struct fixture *f, int point, unsigned runner, int64_t after_us)
{
	struct race_crossing c = plain_crossing(f->points[point].name,
	    bib_of(f, runner), GUN_US + after_us);

	assert_int_equal(rank_apply(f->rank, (struct race_id){ 99, ++f->seq },
	                     &c),
	    0);
}

static const struct message_point_state *
point(struct fixture *f, size_t i)
{
	const struct message_point_state *all;

	assert_int_equal(health_points(f->health, &all), 3);
	return &all[i];
}

/* ---- stations come and go ---- */

static void
a_station_that_falls_silent_is_gone_until_it_is_back(void **state)
{
	struct fixture *f = *state;
	struct message_station *st = &f->stations[1];
	const struct message_alarm *a;

	begin(f);
	st->stored = 100;
	st->waiting = 7;
	pass(f, 3);
	expect(f, 0);
	st->connected = false;
	pass(f, 1);
	expect(f, 1,
	    "!collector velo (mi-course): gone, 100 events stored, 7 waited "
	    "there");
	a = alarm_of(f, MESSAGE_ALARM_GONE);
	assert_non_null(a);
	assert_int_equal(a->stream, 11);
	assert_string_equal(a->point, "mi-course");
	assert_int_equal(a->since_us, GUN_US + 4 * S);
	pass(f, 180);
	a = alarm_of(f, MESSAGE_ALARM_GONE);
	assert_string_equal(a->text,
	    "collector velo (mi-course): gone for 3 min, 100 events stored, 7 "
	    "waited there");
	assert_int_equal(a->since_us, GUN_US + 4 * S);
	expect(f, 0);
	/* Some have come before anybody looked. */
	st->connected = true;
	st->stored = 130;
	st->waiting = 50;
	pass(f, 1);
	expect(f, 1,
	    ".collector velo (mi-course): connected again after 3 min, 80 "
	    "events waited, 130 stored");
	assert_int_equal(alarms(f), 0);
}

static void
a_station_that_takes_leave_is_no_alarm(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->stations[2].connected = false;
	f->stations[2].left = true;
	f->stations[2].stored = 1;
	pass(f, 5);
	expect(f, 1, ".collector portique (arrivee): left, 1 event stored");
	assert_int_equal(alarms(f), 0);
	f->stations[2].connected = true;
	f->stations[2].left = false;
	pass(f, 5);
	expect(f, 1,
	    ".collector portique (arrivee): connected, 1 event stored");
}

static void
leave_taken_late_ends_the_alarm(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->stations[0].connected = false;
	pass(f, 5);
	expect(f, 1, "!collector tente (depart): gone, 0 events stored");
	f->stations[0].left = true;
	pass(f, 5);
	expect(f, 1, ".collector tente (depart): left, 0 events stored");
	assert_int_equal(alarms(f), 0);
}

/* With --once that takes no second. */
static void
who_comes_and_goes_between_two_looks_is_said_to_have_left(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->stations[3] = station(13, "lecteur", "arrivee");
	f->stations[3].connected = false;
	f->stations[3].left = true;
	f->stations[3].stored = 312;
	f->station_count = 4;
	pass(f, 5);
	expect(f, 1, ".collector lecteur (arrivee): left, 312 events stored");
	/* And again. */
	f->stations[3].heard_us += S;
	f->stations[3].stored = 313;
	pass(f, 5);
	expect(f, 1, ".collector lecteur (arrivee): left, 313 events stored");
}

static void
leave_ends_what_was_wrong_with_the_laptop(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->stations[0].disk_free = 1000000;
	f->stations[0].offset_us = -S;
	pass(f, 5);
	assert_int_equal(alarms(f), 2);
	f->line_count = 0;
	f->stations[0].connected = false;
	f->stations[0].left = true;
	pass(f, 5);
	expect(f, 1, ".collector tente (depart): left, 0 events stored");
	assert_int_equal(alarms(f), 0);
	/* Told anew, for it may be another day. */
	f->stations[0].connected = true;
	f->stations[0].left = false;
	pass(f, 5);
	assert_int_equal(f->line_count, 3);
	assert_int_equal(alarms(f), 2);
}

static void
a_station_of_an_earlier_run_is_not_missed(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->stations[3] = station(13, "hier", "nulle-part");
	f->stations[3].connected = false;
	f->stations[3].software = "";
	f->stations[3].disk_free = 0;
	f->station_count = 4;
	pass(f, 100);
	expect(f, 0);
	assert_int_equal(alarms(f), 0);
}

static void
each_coming_and_going_is_said_once(void **state)
{
	struct fixture *f = *state;

	begin(f);
	for (int i = 0; i < 10; i++) {
		f->stations[0].connected = i % 2 != 0;
		pass(f, 3);
		assert_int_equal(f->line_count, 1);
		assert_int_equal(f->warnings[0], i % 2 == 0);
		f->line_count = 0;
		assert_int_equal(alarms(f), i % 2 == 0);
	}
}

/* ---- laptops ---- */

static void
a_wrong_clock_begins_and_ends_once(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->stations[2].offset_us = -31200000;
	pass(f, 5);
	expect(f, 1, "!collector portique (arrivee): its clock is 31.2 s fast");
	assert_string_equal(alarm_of(f, MESSAGE_ALARM_WALL_CLOCK)->text,
	    "collector portique (arrivee): its clock is 31.2 s fast");
	/* While it is away nothing is known: it stays as it was. */
	f->stations[2].connected = false;
	f->stations[2].offset_us = 0;
	pass(f, 2);
	assert_non_null(alarm_of(f, MESSAGE_ALARM_WALL_CLOCK));
	f->line_count = 0;
	f->stations[2].connected = true;
	pass(f, 2);
	expect(f, 2,
	    ".collector portique (arrivee): connected again after 2 s, 0 "
	    "events waited, 0 stored",
	    ".collector portique (arrivee): its clock is right, to 1 ms");
	assert_int_equal(alarms(f), 0);
}

static void
a_vague_clock_begins_and_ends_once(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->stations[0].bound_us = 25000;
	pass(f, 5);
	expect(f, 1,
	    "!collector tente (depart): its clock is known to 25 ms only: the "
	    "link is slow, or was away");
	assert_non_null(alarm_of(f, MESSAGE_ALARM_CLOCK_BOUND));
	f->stations[0].bound_us = 10000;
	pass(f, 5);
	expect(f, 1, ".collector tente (depart): its clock is known to 10 ms");
	assert_int_equal(alarms(f), 0);
}

static void
a_disk_is_low_below_200_mb_and_well_again_above_250(void **state)
{
	struct fixture *f = *state;
	uint64_t *disk = &f->stations[1].disk_free;

	begin(f);
	*disk = 200000000;
	pass(f, 5);
	expect(f, 0);
	*disk = 199999999;
	pass(f, 5);
	expect(f, 1,
	    "!collector velo (mi-course): only 199 MB left on its disk: make "
	    "room there");
	*disk = 150000000;
	pass(f, 1);
	assert_string_equal(alarm_of(f, MESSAGE_ALARM_DISK)->text,
	    "collector velo (mi-course): only 150 MB left on its disk: make "
	    "room there");
	/* Flaps between, then is not known, then nearly. */
	*disk = 230000000;
	pass(f, 1);
	*disk = 0;
	pass(f, 1);
	*disk = 249999999;
	pass(f, 1);
	expect(f, 0);
	assert_non_null(alarm_of(f, MESSAGE_ALARM_DISK));
	*disk = 250000000;
	pass(f, 5);
	expect(f, 1,
	    ".collector velo (mi-course): room again, 250 MB on its disk");
	assert_int_equal(alarms(f), 0);
	*disk = 200000000;
	pass(f, 5);
	*disk = 0;
	pass(f, 5);
	expect(f, 0);
}

static void
an_outbox_that_does_not_get_shorter_is_told_after_30_s(void **state)
{
	struct fixture *f = *state;
	struct message_station *st = &f->stations[1];

	begin(f);
	st->stored = 10;
	st->waiting = 4;
	pass(f, 30);
	expect(f, 0);
	pass(f, 1);
	expect(f, 1,
	    "!collector velo (mi-course): 4 events wait in its outbox, and no "
	    "fewer than 30 s ago");
	st->waiting = 9;
	pass(f, 60);
	assert_string_equal(alarm_of(f, MESSAGE_ALARM_WAITING)->text,
	    "collector velo (mi-course): 9 events wait in its outbox, and no "
	    "fewer than 30 s ago");
	expect(f, 0);
	st->stored = 19;
	st->waiting = 0;
	pass(f, 1);
	expect(f, 1,
	    ".collector velo (mi-course): its outbox gets through, 0 events "
	    "wait");
	assert_int_equal(alarms(f), 0);
}

static void
an_outbox_begins_anew_with_each_connection(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->stations[1].waiting = 1000;
	pass(f, 5);
	f->stations[1].connected = false;
	pass(f, 300);
	assert_null(alarm_of(f, MESSAGE_ALARM_WAITING));
	f->stations[1].connected = true;
	pass(f, 30);
	assert_null(alarm_of(f, MESSAGE_ALARM_WAITING));
	pass(f, 1);
	assert_non_null(alarm_of(f, MESSAGE_ALARM_WAITING));
	/* Once it is told it is not told anew. */
	f->line_count = 0;
	f->stations[1].connected = false;
	pass(f, 10);
	f->stations[1].connected = true;
	pass(f, 100);
	assert_non_null(alarm_of(f, MESSAGE_ALARM_WAITING));
	assert_int_equal(f->line_count, 2);
}

static void
a_point_that_is_not_on_the_course_is_told_with_those_that_are(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->stations[3] = station(13, "table", "arivee");
	f->station_count = 4;
	pass(f, 5);
	expect(f, 2, ".collector table (arivee): connected, 0 events stored",
	    "!collector table: crossings that name no other point do not "
	    "count: no point 'arivee': did you mean 'arrivee'? There are: "
	    "depart, mi-course, arrivee");
	assert_string_equal(alarm_of(f, MESSAGE_ALARM_POINT)->text,
	    "collector table (arivee): this race has no such point: crossings "
	    "that name no other do not count");
	f->stations[3].point = "arrivee";
	pass(f, 5);
	expect(f, 1, ".collector table (arrivee): is at a point of the race");
	assert_int_equal(alarms(f), 0);
	/* Who names no point means each crossing's own. */
	f->stations[3].point = "";
	pass(f, 5);
	expect(f, 0);
}

static void
another_version_is_told(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->stations[0].software = "palmares-collector 1.1";
	pass(f, 5);
	expect(f, 1,
	    "!collector tente (depart): runs palmares-collector 1.1, and this "
	    "is palmares-aggregator 1.2");
	assert_non_null(alarm_of(f, MESSAGE_ALARM_VERSION));
	f->stations[0].software = SOFTWARE;
	pass(f, 5);
	expect(f, 1,
	    ".collector tente (depart): runs palmares-collector 1.2, as this "
	    "is");
	assert_int_equal(alarms(f), 0);
	/* What is not said is not another one. */
	f->stations[0].software = "";
	pass(f, 5);
	expect(f, 0);
}

static void
the_gravest_alarm_is_the_first(void **state)
{
	static const enum message_alarm_kind kinds[] = { MESSAGE_ALARM_STORE,
		MESSAGE_ALARM_MISFITS, MESSAGE_ALARM_GONE, MESSAGE_ALARM_DISK,
		MESSAGE_ALARM_VERSION };
	struct fixture *f = *state;
	const struct message_alarm *all;

	begin(f);
	f->stations[0].software = "palmares-collector 1.1";
	f->stations[0].disk_free = 7;
	f->stations[1].connected = false;
	f->scene.misfits = "8 runners wait";
	pass(f, 3);
	f->scene.store = "disk full";
	pass(f, 2);
	assert_int_equal(health_alarms(f->health, &all), 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(all[i].kind, kinds[i]);
	assert_string_equal(all[0].text, "disk full");
	assert_int_equal(all[0].stream, 0);
	assert_string_equal(all[0].point, "");
	assert_int_equal(all[0].since_us, GUN_US + 4 * S);
	assert_string_equal(all[1].text, "8 runners wait");
	assert_int_equal(all[1].since_us, GUN_US + S);
	/* Both are said elsewhere. */
	assert_int_equal(f->line_count, 3);
	f->scene.store = f->scene.misfits = "";
	pass(f, 1);
	assert_int_equal(alarms(f), 3);
	assert_int_equal(f->line_count, 3);
}

/* Who reads its files has said so in the log, with their lines. */
static void
a_season_that_cannot_be_read_is_an_alarm_while_it_lasts(void **state)
{
	static const char words[] = "prix: 1 mistake; shown as it was";
	struct fixture *f = *state;
	const struct message_alarm *a;

	begin(f);
	f->scene.season = words;
	pass(f, 3);
	expect(f, 0);
	a = alarm_of(f, MESSAGE_ALARM_SEASON);
	assert_non_null(a);
	assert_string_equal(a->text, words);
	assert_int_equal(a->since_us, GUN_US + S);
	f->scene.season = "";
	pass(f, 1);
	assert_int_equal(alarms(f), 0);
}

static void
a_publication_that_is_no_longer_true_begins_and_ends_once(void **state)
{
	static const char words[] =
	    "scratch is final since 14:02, and has changed since";
	static const char more[] =
	    "net is final since 14:02, and has changed since";
	struct fixture *f = *state;
	const struct message_alarm *a;

	begin(f);
	f->scene.published = words;
	pass(f, 3);
	expect(f, 1, "!scratch is final since 14:02, and has changed since");
	a = alarm_of(f, MESSAGE_ALARM_PUBLISHED);
	assert_non_null(a);
	assert_string_equal(a->text, words);
	assert_int_equal(a->stream, 0);
	assert_int_equal(a->since_us, GUN_US + S);
	/* Of another ranking: it is the same alarm. */
	f->scene.published = more;
	pass(f, 1);
	expect(f, 0);
	a = alarm_of(f, MESSAGE_ALARM_PUBLISHED);
	assert_non_null(a);
	assert_string_equal(a->text, more);
	assert_int_equal(a->since_us, GUN_US + S);
	f->scene.published = "";
	pass(f, 2);
	expect(f, 1, ".what was published is as was said");
	assert_int_equal(alarms(f), 0);
}

static void
alarms_outlive_what_they_were_told_of(void **state)
{
	struct fixture *f = *state;
	char name[] = "velo";
	char where[] = "mi-course";

	begin(f);
	f->stations[1].name = name;
	f->stations[1].point = where;
	f->stations[1].connected = false;
	pass(f, 1);
	memset(name, 'x', 4);
	memset(where, 'x', 9);
	assert_string_equal(alarm_of(f, MESSAGE_ALARM_GONE)->point,
	    "mi-course");
	assert_string_equal(alarm_of(f, MESSAGE_ALARM_GONE)->text,
	    "collector velo (mi-course): gone, 0 events stored");
}

/* ---- reads ---- */

static void
reads_of_the_last_minute_are_counted_by_station_and_point(void **state)
{
	struct fixture *f = *state;

	begin(f);
	for (int i = 0; i < 5; i++)
		health_crossing(f->health, 11, MI_COURSE, f->scene.now_us);
	health_crossing(f->health, 12, -1, f->scene.now_us);
	read_at(f, MI_COURSE, 1, 15 * MIN);
	look(f);
	health_reads(f->health, f->rank, f->stations, 3, f->scene.now_us);
	assert_int_equal(f->stations[0].reads_minute, 0);
	assert_int_equal(f->stations[1].reads_minute, 5);
	assert_int_equal(f->stations[2].reads_minute, 1);
	assert_int_equal(point(f, MI_COURSE)->reads_minute, 5);
	assert_int_equal(point(f, MI_COURSE)->reads, 1);
	assert_int_equal(point(f, MI_COURSE)->last_us, GUN_US + 15 * MIN);
	assert_int_equal(point(f, ARRIVEE)->reads_minute, 0);
	assert_int_equal(point(f, ARRIVEE)->reads, 0);
	assert_true(point(f, ARRIVEE)->last_us == RACE_NO_TIME);
	assert_string_equal(point(f, ARRIVEE)->point, "arrivee");
	pass(f, 59);
	assert_int_equal(point(f, MI_COURSE)->reads_minute, 5);
	pass(f, 1);
	assert_int_equal(point(f, MI_COURSE)->reads_minute, 0);
	health_reads(f->health, f->rank, f->stations, 3, f->scene.now_us);
	assert_int_equal(f->stations[1].reads_minute, 0);
}

/* Whoever asks in the same second is not told that there was none. */
static void
a_read_is_told_before_the_next_look(void **state)
{
	struct fixture *f = *state;

	begin(f);
	read_at(f, MI_COURSE, 1, 15 * MIN);
	health_crossing(f->health, 11, MI_COURSE, f->scene.now_us);
	health_reads(f->health, f->rank, f->stations, 3, f->scene.now_us);
	assert_int_equal(point(f, MI_COURSE)->reads, 1);
	assert_int_equal(point(f, MI_COURSE)->last_us, GUN_US + 15 * MIN);
	assert_int_equal(point(f, MI_COURSE)->reads_minute, 1);
}

/* ---- silence ---- */

/* By the gun: nobody is at the start.  A race of this morning, played again. */
static void
begin_by_gun(struct fixture *f)
{
	f->scene.now_utc_us = GUN_US + 12 * 60 * MIN;
	f->stations[0].point = "";
	look(f);
	f->line_count = 0;
}

/* 40 runners at mi-course, one each 10 s from 20 min on; 30 of them, so fast as
 * before, at arrivee. */
static void
run(struct fixture *f)
{
	for (unsigned i = 0; i < 40; i++)
		read_at(f, MI_COURSE, i, 20 * MIN + i * 10 * S);
	for (unsigned i = 0; i < 30; i++)
		read_at(f, ARRIVEE, i, 40 * MIN + i * 20 * S);
}

static void
runners_seen_further_on_tell_of_a_silent_point(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	read_at(f, MI_COURSE, 0, 20 * MIN);
	for (unsigned i = 1; i < 5; i++)
		read_at(f, ARRIVEE, i, 44 * MIN);
	pass(f, 30);
	/* Four may have been missed. */
	expect(f, 0);
	assert_int_equal(point(f, MI_COURSE)->awaited, 4);
	read_at(f, ARRIVEE, 5, 44 * MIN);
	pass(f, 10);
	expect(f, 0);
	assert_int_equal(point(f, MI_COURSE)->awaited, 5);
	pass(f, 1);
	expect(f, 1,
	    "!mi-course silent for 24 min, 5 runners should have passed");
	assert_int_equal(alarm_of(f, MESSAGE_ALARM_SILENT)->stream, 0);
	assert_string_equal(alarm_of(f, MESSAGE_ALARM_SILENT)->point,
	    "mi-course");
	/* The number is always that of now. */
	for (unsigned i = 6; i < 200; i++)
		read_at(f, ARRIVEE, i, 45 * MIN);
	f->stations[1].connected = false;
	pass(f, 2);
	assert_string_equal(alarm_of(f, MESSAGE_ALARM_SILENT)->text,
	    "mi-course silent for 25 min, 199 runners should have passed; its "
	    "laptop velo is not connected");
	f->line_count = 0;
	read_at(f, MI_COURSE, 6, 44 * MIN);
	pass(f, 1);
	expect(f, 1, ".mi-course: reads again");
	assert_null(alarm_of(f, MESSAGE_ALARM_SILENT));
}

/* A mat misses one in a hundred, and those come in long after the last one. */
static void
who_passed_before_the_last_read_does_not_tell_of_silence(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	for (unsigned i = 0; i < 100; i++)
		read_at(f, DEPART, i, 5 * S);
	/* 20 without a read at the start, and at mi-course either. */
	for (unsigned i = 0; i < 120; i++)
		read_at(f, ARRIVEE, i, 40 * MIN + i * S);
	for (unsigned i = 0; i < 100; i++)
		read_at(f, MI_COURSE, i, 20 * MIN + i * S);
	read_at(f, MI_COURSE, 130, 25 * MIN);
	pass(f, 60);
	expect(f, 0);
	assert_int_equal(point(f, DEPART)->awaited, 0);
	assert_int_equal(point(f, MI_COURSE)->awaited, 0);
}

static void
runners_who_do_not_arrive_tell_of_a_silent_point(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	run(f);
	read_at(f, ARRIVEE, 30, 50 * MIN);
	look(f);
	/* 9 are on their way, after 25:10 at mi-course and more: awaited from
	 * 75:30 on, one each half minute. */
	pass(f, 25 * 60);
	assert_int_equal(point(f, ARRIVEE)->awaited, 0);
	pass(f, 10);
	assert_int_equal(point(f, ARRIVEE)->awaited, 0);
	pass(f, 20);
	assert_int_equal(point(f, ARRIVEE)->awaited, 1);
	pass(f, 3 * 30);
	assert_int_equal(point(f, ARRIVEE)->awaited, 4);
	pass(f, 29);
	expect(f, 0);
	pass(f, 11);
	expect(f, 1,
	    "!arrivee silent for 27 min, 5 runners should have passed");
}

static void
four_stragglers_who_gave_up_are_no_alarm(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	run(f);
	/* All but four of the last come in; those have gone home. */
	for (unsigned i = 30; i < 36; i++)
		read_at(f, ARRIVEE, i, 50 * MIN + i * S);
	pass(f, 3 * 3600);
	expect(f, 0);
	assert_int_equal(point(f, ARRIVEE)->awaited, 4);
}

/* They may be, and somebody has to look; who says that they have given up ends
 * it. */
static void
five_stragglers_are_until_somebody_says_that_they_gave_up(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	run(f);
	for (unsigned i = 30; i < 35; i++)
		read_at(f, ARRIVEE, i, 50 * MIN + i * S);
	pass(f, 3600);
	assert_int_equal(f->line_count, 1);
	assert_non_null(alarm_of(f, MESSAGE_ALARM_SILENT));
	f->line_count = 0;
	enter(f, 38, RACE_DNF);
	pass(f, 60);
	expect(f, 1,
	    ".arrivee: silent, but hardly anybody is awaited there any more");
	assert_int_equal(alarms(f), 0);
}

/* The fast ones who gave up would have come before the last ones came. */
static void
those_who_gave_up_in_the_midst_of_the_field_are_not_awaited(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	for (unsigned i = 0; i < 100; i++)
		read_at(f, MI_COURSE, i, 15 * MIN + i * 10 * S);
	/* Every fifth goes home; the last one walks. */
	for (unsigned i = 0; i < 100; i++)
		if (i % 5 != 0)
			read_at(f, ARRIVEE, i, 30 * MIN + i * 20 * S);
	read_at(f, ARRIVEE, 200, 96 * MIN);
	pass(f, 3600);
	expect(f, 0);
	assert_int_equal(point(f, ARRIVEE)->awaited, 0);
}

static void
from_a_start_mat_a_walkers_pace_is_believed(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	for (unsigned i = 0; i < 10; i++)
		read_at(f, DEPART, i, 0);
	read_at(f, DEPART, 99, 59 * MIN);
	pass(f, 59);
	assert_int_equal(point(f, MI_COURSE)->awaited, 0);
	pass(f, 2);
	assert_int_equal(point(f, MI_COURSE)->awaited, 10);
	assert_int_equal(point(f, ARRIVEE)->awaited, 0);
	pass(f, 9);
	expect(f, 0);
	pass(f, 1);
	expect(f, 1,
	    "!mi-course without a read, 10 runners should have passed");
}

static void
a_point_is_quiet_for_a_minute_before_anybody_is_awaited(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	for (unsigned i = 0; i < 20; i++)
		read_at(f, ARRIVEE, i, 60 * MIN);
	read_at(f, MI_COURSE, 50, 29 * MIN + 59 * S);
	look(f);
	assert_int_equal(point(f, MI_COURSE)->awaited, 20);
	/* Somebody is read there, as of a moment ago. */
	read_at(f, MI_COURSE, 51, 59 * MIN + S);
	look(f);
	assert_int_equal(point(f, MI_COURSE)->awaited, 0);
	pass(f, 3);
	expect(f, 0);
}

/* As a replay at full speed does. */
static void
points_that_come_one_file_after_the_other_are_no_alarm(void **state)
{
	static const int64_t pace[] = { 0, 20 * MIN, 40 * MIN };
	static const int order[] = { ARRIVEE, DEPART, MI_COURSE };
	struct fixture *f = *state;

	begin_by_gun(f);
	for (size_t k = 0; k < 3; k++) {
		for (unsigned i = 0; i < RUNNERS; i++)
			read_at(f, order[k], i, pace[order[k]] + i * 5 * S);
		pass(f, 4);
	}
	pass(f, 600);
	expect(f, 0);
	assert_int_equal(alarms(f), 0);
}

/* What comes late, however late it is, is a sign of life. */
static void
a_backlog_that_comes_in_holds_the_alarm_off(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	for (unsigned i = 0; i < RUNNERS; i++)
		read_at(f, ARRIVEE, i, 40 * MIN + i * S);
	for (unsigned i = 0; i < 30; i++) {
		read_at(f, MI_COURSE, i, 20 * MIN + i * S / 2);
		pass(f, 5);
	}
	expect(f, 0);
	assert_true(point(f, MI_COURSE)->awaited > 200);
	pass(f, 7);
	expect(f, 1,
	    "!mi-course silent for 27 min, 270 runners should have passed");
}

static void
a_pause_of_a_moment_begins_the_ten_seconds_anew(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	for (unsigned i = 0; i < 5; i++)
		read_at(f, ARRIVEE, i, 40 * MIN);
	for (int k = 0; k < 5; k++) {
		enter(f, 0, RACE_STATUS_NONE);
		pass(f, 10);
		enter(f, 0, RACE_DNF);
		pass(f, 1);
	}
	expect(f, 0);
	enter(f, 0, RACE_STATUS_NONE);
	pass(f, 11);
	assert_int_equal(f->line_count, 1);
}

static void
a_minute_without_a_read_is_quiet_and_a_second_less_is_not(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	for (unsigned i = 0; i < 20; i++)
		read_at(f, MI_COURSE, i, 20 * MIN);
	read_at(f, ARRIVEE, 50, 60 * MIN - S);
	read_at(f, DEPART, 51, 61 * MIN - 2 * S);
	look(f);
	assert_int_equal(point(f, ARRIVEE)->awaited, 0);
	pass(f, 1);
	assert_int_equal(point(f, ARRIVEE)->awaited, 20);
}

static void
a_point_that_nobody_has_come_to_is_silent_too(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	f->stations[1].point = "arrivee";
	for (unsigned i = 0; i < 9; i++)
		read_at(f, ARRIVEE, i, 40 * MIN);
	pass(f, 20);
	expect(f, 1, "!mi-course without a read, 9 runners should have passed");
}

static void
a_silent_point_is_graver_than_a_laptop_that_is_away(void **state)
{
	struct fixture *f = *state;
	const struct message_alarm *all;

	begin_by_gun(f);
	f->stations[1].connected = false;
	for (unsigned i = 0; i < 9; i++)
		read_at(f, ARRIVEE, i, 40 * MIN);
	pass(f, 20);
	assert_int_equal(health_alarms(f->health, &all), 2);
	assert_int_equal(all[0].kind, MESSAGE_ALARM_SILENT);
	assert_int_equal(all[1].kind, MESSAGE_ALARM_GONE);
}

static void
a_start_by_the_gun_alone_is_not_silent(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	for (unsigned i = 0; i < 9; i++)
		read_at(f, MI_COURSE, i, 20 * MIN);
	pass(f, 20);
	expect(f, 0);
	assert_int_equal(point(f, DEPART)->awaited, 0);
	/* With a laptop that does not read it is. */
	f->stations[0].point = "depart";
	pass(f, 20);
	expect(f, 1, "!depart without a read, 9 runners should have passed");
	/* Reads need no station that is named after the point. */
	f->stations[0].point = "";
	read_at(f, DEPART, 20, -MIN);
	pass(f, 20);
	assert_int_equal(point(f, DEPART)->awaited, 9);
}

static void
of_a_million_runners_one_point_is_looked_at_each_second(void **state)
{
	struct fixture *f = *state;

	f->scene.entries = 1000000;
	begin_by_gun(f);
	for (unsigned i = 0; i < 20; i++)
		read_at(f, MI_COURSE, i, 20 * MIN);
	for (unsigned i = 20; i < 40; i++)
		read_at(f, ARRIVEE, i, 50 * MIN);
	read_at(f, DEPART, 40, 60 * MIN + S);
	look(f);
	assert_int_equal(point(f, MI_COURSE)->awaited, 20);
	assert_int_equal(point(f, ARRIVEE)->awaited, 0);
	look(f);
	assert_int_equal(point(f, ARRIVEE)->awaited, 20);
	pass(f, 11);
	assert_int_equal(f->line_count, 2);
	/* A read is seen at once all the same. */
	read_at(f, ARRIVEE, 0, 60 * MIN);
	look(f);
	assert_int_equal(point(f, ARRIVEE)->awaited, 0);
	assert_int_equal(f->line_count, 3);
}

static void
before_the_first_crossing_nobody_is_awaited(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	pass(f, 7200);
	expect(f, 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(point(f, i)->awaited, 0);
}

/* A laptop's clock that is measured can bring race time back. */
static void
race_time_goes_on_from_what_is_known_now(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c =
	    plain_crossing("depart", "99", GUN_US + 300 * MIN);
	struct race_event e = { .kind = RACE_CLOCK };

	c.clock = RACE_CLOCK_LAPTOP;
	c.clock_epoch = 1;
	begin_by_gun(f);
	for (unsigned i = 0; i < 20; i++)
		read_at(f, DEPART, i, 0);
	assert_int_equal(rank_apply(f->rank, (struct race_id){ 5, 1 }, &c), 0);
	look(f);
	assert_int_equal(point(f, MI_COURSE)->awaited, 20);
	e.clock.clock_epoch = 1;
	e.clock.offset_us = GUN_US + MIN;
	e.clock.bound_us = 1000;
	assert_int_equal(rank_correct(f->rank, (struct race_id){ 5, 2 }, &e),
	    0);
	pass(f, 30);
	assert_int_equal(point(f, MI_COURSE)->awaited, 0);
	assert_int_equal(point(f, DEPART)->last_us, GUN_US + MIN);
	expect(f, 0);
}

/* All others would be late at all other points. */
static void
a_reader_whose_clock_is_ahead_makes_nobody_late(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	f->scene.now_utc_us = GUN_US + 15 * MIN;
	for (unsigned i = 0; i < 100; i++)
		read_at(f, DEPART, i, 0);
	for (unsigned i = 0; i < 50; i++)
		read_at(f, MI_COURSE, i, 14 * MIN + i * S);
	read_at(f, ARRIVEE, 0, 135 * MIN);
	pass(f, 120);
	expect(f, 0);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(point(f, i)->awaited, 0);
	/* Nor does its own hide that it is silent since. */
	pass(f, 27 * 60);
	assert_int_equal(point(f, ARRIVEE)->awaited, 36);
	expect(f, 1,
	    "!arrivee silent for 27 min, 8 runners should have passed");
}

/* Of next year, as it is played to see whether all works. */
static void
a_race_that_is_to_come_has_its_silence_too(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	f->scene.now_utc_us = GUN_US - 365 * 24 * 60 * MIN;
	read_at(f, MI_COURSE, 0, 20 * MIN);
	for (unsigned i = 1; i < 9; i++)
		read_at(f, ARRIVEE, i, 44 * MIN);
	pass(f, 20);
	expect(f, 1,
	    "!mi-course silent for 24 min, 8 runners should have passed");
}

static void
of_a_large_field_one_in_fifty_gives_up(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	for (unsigned i = 0; i < RUNNERS; i++)
		read_at(f, MI_COURSE, i, 20 * MIN + i * S);
	for (unsigned i = 0; i < RUNNERS - 6; i++)
		read_at(f, ARRIVEE, i, 40 * MIN + i * S);
	enter(f, RUNNERS - 1, RACE_DNF);
	pass(f, 3600);
	assert_int_equal(point(f, ARRIVEE)->awaited, 5);
	expect(f, 0);
	enter(f, RUNNERS - 1, RACE_STATUS_NONE);
	pass(f, 20);
	assert_int_equal(f->line_count, 1);
	assert_non_null(alarm_of(f, MESSAGE_ALARM_SILENT));
}

/* Who came in did not give up on the way. */
static void
of_a_large_field_five_who_were_missed_are_told(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	for (unsigned i = 0; i < RUNNERS - 5; i++)
		read_at(f, MI_COURSE, i, 20 * MIN);
	for (unsigned i = RUNNERS - 5; i < RUNNERS; i++)
		read_at(f, ARRIVEE, i, 44 * MIN);
	pass(f, 20);
	expect(f, 1,
	    "!mi-course silent for 24 min, 5 runners should have passed");
}

static void
a_second_reader_is_at_its_point(void **state)
{
	struct fixture *f = *state;

	f->points[MI_COURSE].backup = plain_text("mi-course-2");
	f->points[DEPART].backup = plain_text("depart-2");
	begin_by_gun(f);
	f->stations[0].point = "depart-2";
	f->stations[1].connected = false;
	f->stations[3] = station(13, "secours", "mi-course-2");
	f->station_count = 4;
	for (unsigned i = 0; i < 9; i++)
		read_at(f, ARRIVEE, i, 40 * MIN);
	pass(f, 20);
	f->line_count = 0;
	assert_int_equal(point(f, DEPART)->awaited, 9);
	f->stations[0].point = "";
	pass(f, 2);
	assert_string_equal(alarm_of(f, MESSAGE_ALARM_SILENT)->text,
	    "mi-course without a read, 9 runners should have passed");
	f->stations[3].connected = false;
	pass(f, 1);
	assert_string_equal(alarm_of(f, MESSAGE_ALARM_SILENT)->text,
	    "mi-course without a read, 9 runners should have passed; none of "
	    "its 2 laptops is connected, the last was velo");
}

static void
all_laptops_of_a_silent_point_are_named_if_they_are_away(void **state)
{
	struct fixture *f = *state;

	begin_by_gun(f);
	f->stations[3] = station(13, "secours", "mi-course");
	f->stations[3].heard_us = GUN_US + S;
	f->station_count = 4;
	for (unsigned i = 0; i < 9; i++)
		read_at(f, ARRIVEE, i, 40 * MIN);
	read_at(f, DEPART, 0, 0);
	f->stations[1].connected = false;
	pass(f, 12);
	assert_string_equal(alarm_of(f, MESSAGE_ALARM_SILENT)->text,
	    "mi-course without a read, 9 runners should have passed");
	f->stations[3].connected = false;
	pass(f, 1);
	assert_string_equal(alarm_of(f, MESSAGE_ALARM_SILENT)->text,
	    "mi-course without a read, 9 runners should have passed; none of "
	    "its 2 laptops is connected, the last was secours");
}

/* The longest names that there are. */
static void
no_text_is_longer_than_a_message_takes(void **state)
{
	struct fixture *f = *state;
	const struct message_alarm *all;
	char name[RACE_NAME_MAX + 1];
	char software[RACE_NAME_MAX + 1];
	char where[RACE_LABEL_MAX + 1];
	size_t count;

	memset(name, 'n', RACE_NAME_MAX);
	memset(software, 's', RACE_NAME_MAX);
	memset(where, 'p', RACE_LABEL_MAX);
	name[RACE_NAME_MAX] = software[RACE_NAME_MAX] = '\0';
	where[RACE_LABEL_MAX] = '\0';
	f->stations[0] = station(UINT64_MAX, name, where);
	f->stations[0].software = software;
	f->stations[0].disk_free = 1;
	f->stations[0].stored = UINT64_MAX / 2;
	f->stations[0].waiting = UINT64_MAX / 2;
	f->stations[0].offset_us = RACE_TIME_MAX;
	pass(f, 31);
	f->stations[0].connected = false;
	pass(f, 100);
	count = health_alarms(f->health, &all);
	assert_int_equal(count, 6);
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(all[i].text);

		assert_true(len <= RACE_MORE_MAX);
		assert_true(len > RACE_NAME_MAX + RACE_LABEL_MAX);
	}
	f->line_count = 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_station_that_falls_silent_is_gone_until_it_is_back),
		TEST(a_station_that_takes_leave_is_no_alarm),
		TEST(leave_taken_late_ends_the_alarm),
		TEST(who_comes_and_goes_between_two_looks_is_said_to_have_left),
		TEST(leave_ends_what_was_wrong_with_the_laptop),
		TEST(a_station_of_an_earlier_run_is_not_missed),
		TEST(each_coming_and_going_is_said_once),
		TEST(a_wrong_clock_begins_and_ends_once),
		TEST(a_vague_clock_begins_and_ends_once),
		TEST(a_disk_is_low_below_200_mb_and_well_again_above_250),
		TEST(an_outbox_that_does_not_get_shorter_is_told_after_30_s),
		TEST(an_outbox_begins_anew_with_each_connection),
		TEST(
		    a_point_that_is_not_on_the_course_is_told_with_those_that_are),
		TEST(another_version_is_told),
		TEST(the_gravest_alarm_is_the_first),
		TEST(a_season_that_cannot_be_read_is_an_alarm_while_it_lasts),
		TEST(a_publication_that_is_no_longer_true_begins_and_ends_once),
		TEST(alarms_outlive_what_they_were_told_of),
		TEST(reads_of_the_last_minute_are_counted_by_station_and_point),
		TEST(a_read_is_told_before_the_next_look),
		TEST(runners_seen_further_on_tell_of_a_silent_point),
		TEST(who_passed_before_the_last_read_does_not_tell_of_silence),
		TEST(runners_who_do_not_arrive_tell_of_a_silent_point),
		TEST(four_stragglers_who_gave_up_are_no_alarm),
		TEST(five_stragglers_are_until_somebody_says_that_they_gave_up),
		TEST(
		    those_who_gave_up_in_the_midst_of_the_field_are_not_awaited),
		TEST(from_a_start_mat_a_walkers_pace_is_believed),
		TEST(a_point_is_quiet_for_a_minute_before_anybody_is_awaited),
		TEST(points_that_come_one_file_after_the_other_are_no_alarm),
		TEST(a_backlog_that_comes_in_holds_the_alarm_off),
		TEST(a_pause_of_a_moment_begins_the_ten_seconds_anew),
		TEST(a_minute_without_a_read_is_quiet_and_a_second_less_is_not),
		TEST(a_point_that_nobody_has_come_to_is_silent_too),
		TEST(a_silent_point_is_graver_than_a_laptop_that_is_away),
		TEST(a_start_by_the_gun_alone_is_not_silent),
		TEST(of_a_million_runners_one_point_is_looked_at_each_second),
		TEST(before_the_first_crossing_nobody_is_awaited),
		TEST(race_time_goes_on_from_what_is_known_now),
		TEST(a_reader_whose_clock_is_ahead_makes_nobody_late),
		TEST(a_race_that_is_to_come_has_its_silence_too),
		TEST(of_a_large_field_one_in_fifty_gives_up),
		TEST(of_a_large_field_five_who_were_missed_are_told),
		TEST(a_second_reader_is_at_its_point),
		TEST(all_laptops_of_a_silent_point_are_named_if_they_are_away),
		TEST(no_text_is_longer_than_a_message_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
