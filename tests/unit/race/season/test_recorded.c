/* Recordings whose bytes are in order, and what they say of a season is not: by
 * a program that is none of ours, or out of two files. */
#include "support/test.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/hash.h"
#include "common/xalloc.h"
#include "control/verify.h"
#include "proto/wire.h"
#include "race/season/recorded.h"

enum { STORE = 77, OTHER = 5, STREAMS = 8 };

struct fixture {
	char dir[64];
	char path[128];
	struct recording *to;
	uint64_t log;
	int64_t now_us;
	uint64_t seqs[STREAMS + 1]; /* the last one is the recorder's */
	uint64_t chains[STREAMS + 1];
	struct recorded *r;
	struct recorded_moment moment;
	struct err err;
};

static int
setup(void **state)
{
	static const struct recording_header header = { STORE, "Prix",
		"0.1.0" };
	struct fixture *f = xcalloc(1, sizeof *f);

	(void)snprintf(f->dir, sizeof f->dir, "/tmp/test_recorded.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->path, sizeof f->path, "%s/season.rec", f->dir);
	f->now_us = RACE_TIME_MIN;
	assert_int_equal(recording_open(&f->to, f->path, &header, &f->err), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	recorded_free(f->r);
	recording_free(f->to);
	(void)unlink(f->path);
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

/* ---- what is written ---- */

static void
put_bytes(struct fixture *f, uint64_t stream, const uint8_t *bytes, size_t len)
{
	size_t i = stream == STORE ? STREAMS : (size_t)stream;
	struct recording_record rec = { .log = ++f->log,
		.id = { stream, ++f->seqs[i] },
		.stream_name = "s",
		.received_us = f->now_us,
		.event = bytes,
		.len = len };

	f->chains[i] = hash_chain(f->chains[i], bytes, len);
	rec.chain = f->chains[i];
	f->now_us += 1000000;
	assert_int_equal(recording_append(f->to, &rec), 0);
}

static void
put(struct fixture *f, uint64_t stream, struct race_event e)
{
	struct wire_buffer b = { 0 };

	e.made_us = f->now_us;
	assert_true(wire_put_event(&b, &e) > 0);
	put_bytes(f, stream, b.data, b.len);
	wire_buffer_free(&b);
}

static void
put_named(struct fixture *f, const char *name, uint32_t part, uint32_t parts,
    const char *text)
{
	struct race_event e = { .kind = RACE_SEASON_FILE };

	e.part = (struct season_part){ name, part, parts, (const uint8_t *)text,
		strlen(text) };
	put(f, STORE, e);
}

static void
put_part(struct fixture *f, uint32_t part, uint32_t parts, const char *text)
{
	put_named(f, "season.yaml", part, parts, text);
}

static void
put_moment(struct fixture *f, uint64_t events)
{
	put(f, STORE,
	    (struct race_event){ .kind = RACE_SEASON_MOMENT,
	        .moment = { events } });
}

static void
put_gone(struct fixture *f, uint64_t stream, uint64_t key)
{
	put(f, stream,
	    (struct race_event){ .kind = RACE_RESULT_GONE,
	        .result_gone = key });
}

/* ---- what is read ---- */

static int
open_until(struct fixture *f, struct recorded_until until)
{
	assert_int_equal(recording_sync(f->to), 0);
	recorded_free(f->r);
	f->r = NULL;
	return recorded_open(&f->r, f->path, &until, &f->moment, &f->err);
}

static int
open_all(struct fixture *f)
{
	return open_until(f, (struct recorded_until){ .log = 0 });
}

static int
verified(struct fixture *f)
{
	struct verify v;
	struct err err;

	assert_int_equal(recording_sync(f->to), 0);
	return verify_file(f->path, &v, &err);
}

static void
assert_refused(struct fixture *f, const char *words)
{
	assert_int_equal(open_all(f), -EINVAL);
	if (strstr(f->err.text, words) == NULL)
		fail_msg("\"%s\" has no \"%s\"", f->err.text, words);
}

static void
assert_yaml(struct fixture *f, const char *text)
{
	const struct season_source from = recorded_source(f->r);
	char *got;
	size_t len;

	assert_int_equal(season_source_read(&from, "season.yaml", 1000, &got,
	                     &len, &f->err),
	    0);
	assert_string_equal(got, text);
	free(got);
}

static void
count_event(void *arg, const struct season_db_event *e)
{
	assert_int_equal(e->event->kind, RACE_RESULT_GONE);
	(*(size_t *)arg)++;
}

static size_t
events_of(struct fixture *f)
{
	const struct season_source from = recorded_source(f->r);
	size_t count = 0;
	uint64_t last;

	assert_int_equal(from.ops->events(from.arg, count_event, &count, &last,
	                     &f->err),
	    0);
	assert_int_equal(last, count);
	return count;
}

/* ---- tests ---- */

static void
each_moment_is_what_stands_before_it(void **state)
{
	struct fixture *f = *state;

	put_gone(f, OTHER, 1);
	put_part(f, 0, 1, "a");
	put_moment(f, 1); /* 3 */
	put_part(f, 0, 2, "b");
	put_part(f, 1, 2, "c");
	put_gone(f, OTHER, 2);
	put_moment(f, 2); /* 7 */
	put_gone(f, OTHER, 3);
	assert_int_equal(verified(f), 0);
	assert_int_equal(open_all(f), 0);
	assert_int_equal(f->moment.log, 7);
	assert_int_equal(f->moment.later, 1);
	assert_yaml(f, "bc");
	assert_int_equal(events_of(f), 2);
	for (uint64_t log = 3; log <= 6; log++) {
		assert_int_equal(open_until(f,
		                     (struct recorded_until){ .log = log }),
		    0);
		assert_int_equal(f->moment.log, 3);
		assert_yaml(f, "a");
		assert_int_equal(events_of(f), 1);
	}
	assert_int_equal(open_until(f, (struct recorded_until){ .log = 2 }),
	    -ENOENT);
	assert_int_equal(open_until(f, (struct recorded_until){ .log = 9 }),
	    -ENOENT);
}

static void
its_lists_are_in_the_order_of_their_names(void **state)
{
	struct fixture *f = *state;
	struct season_source from;
	char **names;

	put_named(f, "season.yaml", 0, 1, "a");
	put_named(f, "palmares/b.csv", 0, 1, "a");
	put_named(f, "aliases.csv", 0, 1, "a");
	put_named(f, "palmares/a.CSV", 0, 1, "a");
	put_named(f, "palmares/B.csv", 0, 1, "");
	put_moment(f, 0);
	assert_int_equal(open_all(f), 0);
	from = recorded_source(f->r);
	assert_int_equal(from.ops->names(from.arg, &names), 3);
	assert_string_equal(names[0], "B.csv");
	assert_string_equal(names[1], "a.CSV");
	assert_string_equal(names[2], "b.csv");
	season_source_names_free(names, 3);
}

static void
an_instant_is_the_last_moment_recorded_by_then(void **state)
{
	struct fixture *f = *state;
	struct recorded_until until = { .by_time = true };

	put_part(f, 0, 1, "a");
	put_moment(f, 0); /* one second after the first */
	put_part(f, 0, 1, "b");
	put_moment(f, 0);
	for (int64_t s = 1; s < 5; s++) {
		until.us = RACE_TIME_MIN + s * 1000000;
		assert_int_equal(open_until(f, until), 0);
		assert_yaml(f, s < 3 ? "a" : "b");
	}
	until.us = RACE_TIME_MIN + 999999;
	assert_int_equal(open_until(f, until), -ENOENT);
}

static void
a_clock_that_was_set_back_between_moments_is_told(void **state)
{
	struct fixture *f = *state;
	struct recorded_until until = { .by_time = true,
		.us = RACE_TIME_MIN + 9 * INT64_C(1000000) };

	put_part(f, 0, 1, "a");
	f->now_us = RACE_TIME_MIN + 8 * INT64_C(1000000);
	put_moment(f, 0);
	assert_int_equal(open_until(f, until), 0);
	assert_int_equal(f->moment.ahead, 0);
	f->now_us = RACE_TIME_MIN + 4 * INT64_C(1000000);
	put_part(f, 0, 1, "b");
	put_moment(f, 0);
	assert_int_equal(open_until(f, until), 0);
	assert_yaml(f, "b");
	assert_int_equal(f->moment.ahead, 1);
}

static void
a_recording_without_a_moment_holds_no_season(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(open_all(f), -ENODATA);
	put_part(f, 0, 1, "a");
	put_gone(f, OTHER, 1);
	assert_int_equal(open_all(f), -ENODATA);
	assert_int_equal(verified(f), 0);
}

static void
a_part_of_a_file_that_does_not_follow_is_damage(void **state)
{
	struct fixture *f = *state;

	put_part(f, 0, 3, "a");
	put_part(f, 2, 3, "c");
	put_moment(f, 0);
	assert_refused(f, "event 2 is a part of a file that does not follow");
	assert_int_equal(verified(f), -EUCLEAN);
}

static void
a_moment_that_counts_other_events_is_damage(void **state)
{
	struct fixture *f = *state;

	put_part(f, 0, 1, "a");
	put_gone(f, OTHER, 1);
	put_moment(f, 2);
	assert_refused(f, "event 3 says that 2 events of season.db");
	assert_int_equal(verified(f), -EUCLEAN);
}

static void
a_line_that_no_race_gives_is_damage(void **state)
{
	struct fixture *f = *state;

	put(f, STORE,
	    (struct race_event){ .kind = RACE_RESULT,
	        .listed = { .key = UINT64_MAX,
	            .result = { "2014", "A", "", 1, "Ann", "", "", "", "",
	                RACE_STATUS_NONE, -1, SEASON_NO_VALUE, "" } } });
	put_moment(f, 0);
	assert_refused(f, "event 1 is a line that no race gives");
	assert_int_equal(verified(f), -EUCLEAN);
}

static void
what_a_later_version_recorded_is_not_shown_without_it(void **state)
{
	static const uint8_t later[] = { 0x08, 0x02, 0xfa, 0x01, 0x00 };
	struct fixture *f = *state;

	put_part(f, 0, 1, "a");
	put_bytes(f, STORE, later, sizeof later);
	put_moment(f, 0);
	assert_refused(f, "event 2 is of a later version");
	/* Which is no damage. */
	assert_int_equal(verified(f), 0);
}

static void
the_recording_of_a_race_is_told(void **state)
{
	static char text[] = "Race";
	static char date[] = "2014-09-21";
	static char zone[] = "UTC";
	const struct race_rules rules = { .title = text,
		.date = date,
		.timezone = zone };
	struct fixture *f = *state;

	put(f, STORE,
	    (struct race_event){ .kind = RACE_RULES, .rules = &rules });
	put_gone(f, OTHER, 1);
	assert_refused(f, "is a recording of a race");
}

static void
a_part_of_a_recording_is_no_season(void **state)
{
	struct fixture *f = *state;

	f->seqs[STREAMS] = 4;
	put_part(f, 0, 1, "a");
	put_moment(f, 0);
	assert_refused(f, "a season needs all of its recording");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_moment_is_what_stands_before_it),
		TEST(its_lists_are_in_the_order_of_their_names),
		TEST(an_instant_is_the_last_moment_recorded_by_then),
		TEST(a_clock_that_was_set_back_between_moments_is_told),
		TEST(a_recording_without_a_moment_holds_no_season),
		TEST(a_part_of_a_file_that_does_not_follow_is_damage),
		TEST(a_moment_that_counts_other_events_is_damage),
		TEST(a_line_that_no_race_gives_is_damage),
		TEST(what_a_later_version_recorded_is_not_shown_without_it),
		TEST(the_recording_of_a_race_is_told),
		TEST(a_part_of_a_recording_is_no_season),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
