#include "support/test.h"

#include <string.h>
#include <unistd.h>

#include "aggregator/report.h"
#include "support/plain.h"

/* ---- as many stations as intake takes ---- */

enum { STATIONS = 10000, OF_A_CONNECTION = 64, FILES = 3 };

#define NOW_US (RACE_TIME_MIN + INT64_C(36000000000))
#define S      INT64_C(1000000)

struct fixture {
	char dir[64];
	char path[96];
	struct race_point point;
	struct race_rules rules;
	struct store *store;
	struct book *book;
	struct intake *intake;
	struct feed *feed;
	struct health *health;
	struct wire_buffer out;
	struct wire_arena *arena;
	char name[RACE_NAME_MAX + 1];
	char where[RACE_LABEL_MAX + 1];
	const char *store_trouble;
};

static void
no_send(void *arg, intake_conn conn, const struct message *m)
{
	(void)arg;
	(void)conn;
	(void)m;
}

static void
no_publish(void *arg, const char *topic, const struct message *m)
{
	(void)arg;
	(void)topic;
	(void)m;
}

static void
no_line(void *arg, bool warning, const char *line)
{
	(void)arg;
	(void)warning;
	(void)line;
}

static const struct intake_ops intake_ops = { .send = no_send };
static const struct feed_ops feed_ops = { no_publish };

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct err err;

	snprintf(f->dir, sizeof f->dir, "/tmp/test_report.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof f->path, "%s/race.db", f->dir);
	if (store_open(&f->store, f->path, STORE_WRITE, &err) != 0)
		fail_msg("%s", err.text);
	f->point = plain_point("arrivee", 8000);
	f->rules = plain_rules();
	f->rules.points = &f->point;
	f->rules.point_count = 1;
	f->book = book_new(&f->rules, FILES);
	f->intake = intake_new(1, 2, "8 km", "a 1", &intake_ops, f);
	f->feed = feed_new(1, 2, &(struct feed_sources){ .book = f->book },
	    &feed_ops, f);
	f->health = health_new(&f->rules, "a 1");
	f->arena = wire_arena_new();
	f->store_trouble = "";
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	struct fixture *f = *state;
	char path[128];

	wire_arena_free(f->arena);
	wire_buffer_free(&f->out);
	health_free(f->health);
	feed_free(f->feed);
	intake_free(f->intake);
	book_free(f->book);
	store_free(f->store);
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s%s", f->path, ends[i]);
		unlink(path);
	}
	rmdir(f->dir);
	free(f);
	return 0;
}

static void
greet(struct fixture *f, uint64_t stream)
{
	struct message m = { .type = MESSAGE_HELLO,
		.hello = { .stream = stream,
		    .name = f->name,
		    .point = f->where,
		    .software = "c 0",
		    .protocol = MESSAGE_PROTOCOL,
		    .first_kept = 1 } };

	intake_receive(f->intake, stream / OF_A_CONNECTION, &m, S, NOW_US);
}

static void
greet_all(struct fixture *f, size_t name_len, size_t point_len)
{
	memset(f->name, 'n', name_len);
	memset(f->where, 'p', point_len);
	for (uint64_t i = 0; i < STATIONS; i++)
		greet(f, 2 + i);
}

static void
look(struct fixture *f)
{
	struct message_station *stations;
	struct health_scene scene = { .rank = f->book->rank,
		.store = f->store_trouble,
		.misfits = "",
		.published = "",
		.season = "",
		.now_us = S,
		.now_utc_us = NOW_US };

	scene.station_count = intake_stations(f->intake, &stations);
	scene.stations = stations;
	health_look(f->health, &scene, no_line, NULL);
}

/* Encodes it, and what a reader makes of it. */
static const struct message_status_reply *
told(struct fixture *f, struct message *m)
{
	const struct message_season season = { .name = "prix",
		.read_us = NOW_US,
		.reading = true,
		.trouble = "no" };
	struct report_scene scene = { .store = f->store,
		.seasons = &season,
		.season_count = 1,
		.book = f->book,
		.intake = f->intake,
		.feed = f->feed,
		.health = f->health,
		.software = "a 1",
		.trouble = f->store_trouble,
		.run = 2,
		.started_us = NOW_US,
		.now_us = S,
		.now_utc_us = NOW_US };

	look(f);
	assert_int_equal(report_put(&f->out, &scene, 7), 0);
	wire_reset(f->arena);
	assert_int_equal(wire_get(f->arena, f->out.data, f->out.len, m), 0);
	assert_int_equal(m->type, MESSAGE_STATUS_REPLY);
	assert_int_equal(m->status_reply.request, 7);
	return &m->status_reply;
}

static void
a_few_stations_are_told_whole(void **state)
{
	struct fixture *f = *state;
	const struct message_status_reply *r;
	struct message m;

	snprintf(f->name, sizeof f->name, "portique");
	snprintf(f->where, sizeof f->where, "arrivee");
	greet(f, 5);
	greet(f, 6);
	r = told(f, &m);
	assert_int_equal(r->station_count, 2);
	assert_int_equal(r->station_total, 2);
	assert_int_equal(r->point_count, 1);
	assert_string_equal(r->points[0].point, "arrivee");
	assert_int_equal(r->season_count, 1);
	assert_string_equal(r->seasons[0].name, "prix");
	assert_int_equal(r->seasons[0].read_us, NOW_US);
	assert_true(r->seasons[0].reading);
	assert_string_equal(r->seasons[0].trouble, "no");
	/* Both run another version. */
	assert_int_equal(r->alarm_count, 2);
	assert_int_equal(r->alarms[0].kind, MESSAGE_ALARM_VERSION);
}

/* Two alarms for each, with the longest names and with the shortest, which
 * take the most memory to decode. */
static void
of_ten_thousand_stations_what_fits_is_told_the_gravest_first(void **state)
{
	struct fixture *f = *state;
	const struct message_status_reply *r;
	const struct message_alarm *all;
	struct message m;

	greet_all(f, 1, 1);
	f->store_trouble = "disk full: new crossings wait in the collectors";
	r = told(f, &m);
	assert_int_equal(health_alarms(f->health, &all), 2 * STATIONS + 1);
	assert_int_equal(r->station_total, STATIONS);
	assert_true(r->station_count > 100);
	assert_true(r->alarm_count > 100);
	assert_int_equal(r->alarms[0].kind, MESSAGE_ALARM_STORE);
	assert_int_equal(r->point_count, 1);
	greet_all(f, RACE_NAME_MAX, RACE_LABEL_MAX);
	r = told(f, &m);
	assert_int_equal(r->station_total, STATIONS);
	assert_true(r->station_count > 100);
	assert_true(r->alarm_count > 100);
	assert_int_equal(r->alarms[0].kind, MESSAGE_ALARM_STORE);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_few_stations_are_told_whole),
		CASE(
		    of_ten_thousand_stations_what_fits_is_told_the_gravest_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
