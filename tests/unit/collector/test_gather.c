#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "collector/gather.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/xalloc.h"
#include "proto/wire.h"

#define T0 INT64_C(1411286400000000) /* 2014-09-21T08:00:00Z */
#define S  INT64_C(1000000)

struct fixture {
	char folder[64];
	char csv[128];
	char box[128];
	char spec[140];
	struct outbox *outbox;
	struct source *source;
	struct lines *lines;
	struct gather *gather;
	struct gather_pace pace;
	const struct race_rules *rules;
	int pipe[2];
	int stdin_copy;
	char logged[64][256];
	size_t logged_count;
	int64_t now;
	struct err err;
};

static char title[] = "Race";
static char date[] = "2014-09-21";
static char zone[] = "UTC";
static const struct race_rules rules = { .title = title,
	.date = date,
	.timezone = zone };

/* ---- a disk that is full ---- */

static bool disk_full;

int __real_sqlite3_step(sqlite3_stmt *s);
int __wrap_sqlite3_step(sqlite3_stmt *s);

int
__wrap_sqlite3_step(sqlite3_stmt *s)
{
	if (disk_full && !sqlite3_stmt_readonly(s))
		return SQLITE_FULL;
	return __real_sqlite3_step(s);
}

/* ---- ---- */

static void
on_log(void *arg, const char *line)
{
	struct fixture *f = arg;

	assert_true(f->logged_count < 64);
	snprintf(f->logged[f->logged_count++], 256, "%s", line);
}

static void
on_say(void *arg, const char *text)
{
	on_log(arg, text);
}

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	log_init("test");
	log_capture(on_log, f);
	snprintf(f->folder, sizeof f->folder, "/tmp/gather-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->csv, sizeof f->csv, "%s/c.csv", f->folder);
	snprintf(f->box, sizeof f->box, "%s/box.db", f->folder);
	snprintf(f->spec, sizeof f->spec, "csv:%s", f->csv);
	f->pipe[0] = f->pipe[1] = f->stdin_copy = -1;
	f->pace.origin_us = RACE_NO_TIME;
	f->now = 100 * S;
	*state = f;
	return 0;
}

static void
end(struct fixture *f)
{
	gather_free(f->gather);
	source_free(f->source);
	lines_free(f->lines);
	outbox_free(f->outbox);
	f->gather = NULL;
	f->source = NULL;
	f->lines = NULL;
	f->outbox = NULL;
}

static int
teardown(void **state)
{
	static const char *const names[] = { "c.csv", "box.db", "box.db.lock",
		"box.db-wal" };
	struct fixture *f = *state;

	disk_full = false;
	end(f);
	if (f->stdin_copy >= 0) {
		dup2(f->stdin_copy, STDIN_FILENO);
		close(f->stdin_copy);
	}
	for (int i = 0; i < 2; i++) {
		if (f->pipe[i] >= 0)
			close(f->pipe[i]);
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[160];

		snprintf(path, sizeof path, "%s/%s", f->folder, names[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(f->folder), 0);
	log_capture(NULL, NULL);
	free(f);
	return 0;
}

static void
write_csv(struct fixture *f, const char *mode, const char *text)
{
	FILE *file = fopen(f->csv, mode);

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int
start(struct fixture *f)
{
	struct lines_race race = { .rules = f->rules, .wave = "" };
	struct csv_row row;
	bool file = f->spec[0] == 'c';

	if (source_open(&f->source, f->spec, &f->err) < 0)
		fail_msg("%s", f->err.text);
	f->lines = lines_new(&race, on_say, f);
	if (file) {
		assert_int_equal(source_header(f->source, &row, &f->err), 1);
		assert_int_equal(lines_header(f->lines, &row, &f->err), 0);
	}
	if (outbox_open(&f->outbox, f->box, "north", "finish", &f->err) < 0)
		fail_msg("%s", f->err.text);
	lines_set_point(f->lines, "finish");
	return gather_open(&f->gather, f->source, f->lines, file, f->outbox,
	    &f->pace, &f->err);
}

static void
begin(struct fixture *f)
{
	if (start(f) < 0)
		fail_msg("%s", f->err.text);
}

static int
turn(struct fixture *f)
{
	return gather_turn(f->gather, f->now, T0 + f->now, &f->err);
}

/* Turns until nothing is to be done now. */
static void
run(struct fixture *f)
{
	do {
		if (turn(f) < 0)
			fail_msg("%s", f->err.text);
	} while (gather_deadline(f->gather, f->now) <= f->now);
}

struct reading {
	struct wire_arena *arena;
	uint64_t seq;
	char bib[RACE_BIB_MAX + 1];
	int64_t time_us;
};

static void
read_one(void *arg, uint64_t seq, const uint8_t *body, size_t len)
{
	struct reading *r = arg;
	struct race_event e;

	r->seq = seq;
	assert_int_equal(wire_get_event(r->arena, body, len, &e), 0);
	assert_int_equal(e.kind, RACE_CROSSING);
	assert_string_equal(e.crossing.point, "finish");
	snprintf(r->bib, sizeof r->bib, "%s", e.crossing.bib);
	r->time_us = e.crossing.time_us;
}

/* Event seq is the crossing of bib seq, at seq seconds. */
static void
check_events(struct fixture *f, uint64_t last)
{
	struct reading r = { .arena = wire_arena_new() };

	assert_int_equal(outbox_last(f->outbox), last);
	for (uint64_t n = 1; n <= last; n++) {
		wire_reset(r.arena);
		assert_int_equal(outbox_read(f->outbox, n, 1, 1, read_one, &r,
		                     NULL),
		    1);
		assert_int_equal(strtoull(r.bib, NULL, 10), n);
		assert_int_equal(r.time_us, T0 + (int64_t)n * S);
	}
	wire_arena_free(r.arena);
}

static void
add_rows(struct fixture *f, uint64_t first, uint64_t last)
{
	FILE *file = fopen(f->csv, "a");

	assert_non_null(file);
	for (uint64_t n = first; n <= last; n++)
		fprintf(file, "2014-09-21T08:%02d:%02dZ,%d\n", (int)(n / 60),
		    (int)(n % 60), (int)n);
	assert_int_equal(fclose(file), 0);
}

static void
a_file_is_read_to_its_end_a_bounded_number_of_rows_a_turn(void **state)
{
	struct fixture *f = *state;
	int turns = 0;

	write_csv(f, "w", "time,bib\n");
	add_rows(f, 1, 3200);
	begin(f);
	assert_int_equal(gather_last_time(f->gather), RACE_NO_TIME);
	do {
		uint64_t before = outbox_last(f->outbox);

		assert_int_equal(turn(f), 0);
		assert_true(outbox_last(f->outbox) - before <= 2000);
		turns++;
	} while (gather_deadline(f->gather, f->now) <= f->now);
	assert_true(turns > 1);
	assert_true(gather_done(f->gather));
	assert_int_equal(gather_deadline(f->gather, f->now), LOOP_NEVER);
	assert_int_equal(gather_refused(f->gather), 0);
	assert_int_equal(gather_last_time(f->gather), T0 + 3200 * S);
	check_events(f, 3200);
}

static void
a_restart_after_any_turn_neither_skips_nor_doubles(void **state)
{
	struct fixture *f = *state;
	int restarts = 0;

	write_csv(f, "w", "time,bib\n");
	add_rows(f, 1, 3300);
	for (bool done = false; !done; restarts++) {
		begin(f);
		assert_int_equal(turn(f), 0);
		done = gather_done(f->gather);
		end(f);
	}
	assert_true(restarts > 2);
	begin(f);
	run(f);
	check_events(f, 3300);
	end(f);
	/* The file grew. */
	add_rows(f, 3301, 3310);
	begin(f);
	run(f);
	check_events(f, 3310);
}

static void
a_last_row_without_newline_counts_once(void **state)
{
	struct fixture *f = *state;

	write_csv(f, "w", "time,bib\n2014-09-21T08:00:01Z,1");
	begin(f);
	run(f);
	end(f);
	begin(f);
	run(f);
	check_events(f, 1);
	end(f);
	write_csv(f, "a", "\n2014-09-21T08:00:02Z,2\n");
	begin(f);
	run(f);
	check_events(f, 2);
}

static void
bad_lines_are_told_kept_counted_and_never_stop_it(void **state)
{
	struct fixture *f = *state;
	sqlite3_stmt *s;
	sqlite3 *db;

	write_csv(f, "w",
	    "time,bib\n"
	    "2014-09-21T08:00:01Z,1\n"
	    "8.5,2\n"
	    "\n"
	    "2014-09-21T08:00:02Z,2\n"
	    "2014-09-21T08:00:02Z,\"x\"y\n"
	    "2014-09-21T08:00:03Z,3\n"
	    "2014-09-21T08:00:03Z\n");
	begin(f);
	run(f);
	check_events(f, 3);
	assert_int_equal(gather_refused(f->gather), 3);
	assert_int_equal(f->logged_count, 3);
	assert_non_null(strstr(f->logged[0], "c.csv:3: "));
	assert_non_null(strstr(f->logged[0], "8.5"));
	assert_non_null(strstr(f->logged[1], "c.csv:6: "));
	assert_non_null(strstr(f->logged[2], "c.csv:8: "));
	end(f);
	begin(f);
	run(f);
	assert_int_equal(gather_refused(f->gather), 3);
	assert_int_equal(f->logged_count, 3);
	end(f);
	assert_int_equal(sqlite3_open(f->box, &db), SQLITE_OK);
	sqlite3_prepare_v2(db, "SELECT line, text FROM refused ORDER BY line",
	    -1, &s, NULL);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(s, 0), 3);
	assert_string_equal((const char *)sqlite3_column_text(s, 1), "8.5,2");
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(s, 0), 6);
	assert_string_equal((const char *)sqlite3_column_text(s, 1),
	    "2014-09-21T08:00:02Z,\"x\"y");
	sqlite3_finalize(s);
	sqlite3_close(db);
}

static void
a_row_that_needs_what_was_not_told_stops_it_before_that_row(void **state)
{
	struct fixture *f = *state;

	write_csv(f, "w", "time,bib\n");
	add_rows(f, 1, 3);
	write_csv(f, "a", "bad,4\n08:00:04,4\n");
	add_rows(f, 5, 6);
	for (int i = 0; i < 2; i++) {
		begin(f);
		assert_int_equal(turn(f), -ENODATA);
		assert_non_null(strstr(f->err.text,
		    "c.csv:6: 08:00:04 is a local time: name the race folder "
		    "with --race"));
		check_events(f, 3);
		assert_int_equal(gather_refused(f->gather), 1);
		end(f);
	}
	/* Now it is told. */
	assert_int_equal(instant_zone(zone, NULL), 0);
	f->rules = &rules;
	begin(f);
	run(f);
	check_events(f, 6);
	assert_int_equal(gather_refused(f->gather), 1);
}

static void
lines_keep_their_numbers_after_a_restart(void **state)
{
	struct fixture *f = *state;

	write_csv(f, "w",
	    "time,bib,note\n"
	    "2014-09-21T08:00:01Z,\"1\n\",\"a\r\nb\nc\"\r\n");
	begin(f);
	run(f);
	end(f);
	write_csv(f, "a", "8.5,2,\n");
	begin(f);
	f->logged_count = 0;
	run(f);
	assert_int_equal(f->logged_count, 1);
	assert_non_null(strstr(f->logged[0], "c.csv:6: "));
}

static void
a_file_that_is_not_the_one_that_was_read_is_refused(void **state)
{
	static const char *const others[][2] = {
		{ "time,bib\n2014-09-21T08:00:01Z,1\n",
		    "bytes, and 55 were read" },
		{ "time,bib\n2014-09-21T08:00:01Z,1\n2014-09-21T08:00:01Z,9\n"
		  "2014-09-21T08:00:02Z,2\n",
		    "(its first 55 bytes differ)" },
		{ "time,bib\n2014-09-21T08:00:01Z,1\n2014-09-21T08:00:02Z,3\n",
		    "(its first 55 bytes differ)" },
		{ "chip,bib,time,point\n", "bytes, and 55 were read" },
		{ "bib,time\n2014-09-21T08:00:01Z,1\n2014-09-21T08:00:02Z,2\n",
		    "(its first 55 bytes differ)" },
	};
	struct fixture *f = *state;

	write_csv(f, "w", "time,bib\n");
	add_rows(f, 1, 2);
	begin(f);
	run(f);
	end(f);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		write_csv(f, "w", others[i][0]);
		assert_int_equal(start(f), -EINVAL);
		if (strstr(f->err.text, others[i][1]) == NULL)
			fail_msg("%s", f->err.text);
		end(f);
	}
}

static void
a_last_row_that_grew_is_not_read_on(void **state)
{
	struct fixture *f = *state;

	write_csv(f, "w", "time,bib\n2014-09-21T08:00:01Z,1");
	begin(f);
	run(f);
	end(f);
	write_csv(f, "a", "2\n");
	assert_int_equal(start(f), -EINVAL);
	assert_non_null(strstr(f->err.text, "not at the end of a line"));
}

/* Of every shape that a row may have, also over several blocks. */
static void
write_strange_rows(struct fixture *f)
{
	write_csv(f, "w", "\xef\xbb\xbftime,bib,note\r\n");
	for (int i = 0; i < 400; i++) {
		char note[400];

		memset(note, 'x', sizeof note - 1);
		note[sizeof note - 1] = '\0';
		write_csv(f, "a",
		    "\r\n2014-09-21T08:00:01Z,\"1\",\"a\nb\"\r\n");
		/* Refused for its first line alone, once the next is read. */
		if (i % 100 == 50)
			write_csv(f, "a", "\"open,3,\r\n");
		write_csv(f, "a", "2014-09-21T08:00:01Z,2,");
		/* Longer than a row may be, and than what is kept. */
		for (int k = i % 100 == 50 ? 1000 : 1; k > 0; k--)
			write_csv(f, "a", note);
		write_csv(f, "a", i % 50 == 7 ? "\n\"open,3,\r\n" : "\n");
	}
	write_csv(f, "a", "2014-09-21T08:00:01Z,4,");
}

static void
open_at(struct fixture *f, struct source **s, const struct outbox_position *pos)
{
	struct csv_row row;

	if (source_open(s, f->spec, &f->err) < 0 ||
	    source_header(*s, &row, &f->err) < 0 ||
	    (pos != NULL && source_resume(*s, pos, &f->err) < 0))
		fail_msg("%s", f->err.text);
}

static void
after_every_row_the_file_is_known_again_and_read_on(void **state)
{
	struct fixture *f = *state;
	struct source *s = NULL;
	struct csv_row row;
	size_t rows = 0;

	write_strange_rows(f);
	open_at(f, &s, NULL);
	for (; source_next(s, &row, &f->err) != 0; rows++) {
		struct outbox_position pos, after, other;
		struct source *again = NULL;

		source_position(s, &pos);
		/* Its own place is always known; going on takes a while. */
		open_at(f, &again, &pos);
		source_position(again, &other);
		assert_int_equal(other.hash, pos.hash);
		if (rows % 20 == 0 && source_next(again, &row, &f->err) != 0) {
			source_position(again, &after);
			source_free(again);
			open_at(f, &again, &after);
		}
		source_free(again);
	}
	assert_true(source_ended(s));
	assert_true(rows >= 800);
	source_free(s);
}

static void
with_a_speed_rows_wait_for_their_time(void **state)
{
	struct fixture *f = *state;

	write_csv(f, "w", "time,bib\n");
	add_rows(f, 1, 30);
	f->pace = (struct gather_pace){ .speed = 10, .origin_us = T0 };
	begin(f);
	run(f);
	assert_int_equal(outbox_last(f->outbox), 0);
	assert_int_equal(gather_deadline(f->gather, f->now), f->now + S / 10);
	f->now += S / 10;
	run(f);
	assert_int_equal(outbox_last(f->outbox), 1);
	f->now += S - 1;
	run(f);
	assert_int_equal(outbox_last(f->outbox), 10);
	assert_false(gather_done(f->gather));
	end(f);
	/* A restart goes on from there and does not begin again. */
	begin(f);
	run(f);
	assert_int_equal(gather_deadline(f->gather, f->now), f->now + S / 10);
	f->now += 10 * S;
	run(f);
	assert_true(gather_done(f->gather));
	check_events(f, 30);
}

static void
without_an_origin_the_first_row_comes_at_once(void **state)
{
	struct fixture *f = *state;

	write_csv(f, "w", "time,bib\n");
	add_rows(f, 1, 3);
	f->pace.speed = 0.5;
	begin(f);
	run(f);
	assert_int_equal(outbox_last(f->outbox), 1);
	assert_int_equal(gather_deadline(f->gather, f->now), f->now + 2 * S);
}

static void
a_full_disk_is_said_once_and_nothing_is_lost(void **state)
{
	struct fixture *f = *state;

	write_csv(f, "w", "time,bib\n");
	add_rows(f, 1, 1500);
	write_csv(f, "a", "8.5,2\n");
	begin(f);
	assert_int_equal(turn(f), 0);
	disk_full = true;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(turn(f), 0);
		assert_false(gather_done(f->gather));
		assert_int_equal(gather_deadline(f->gather, f->now),
		    f->now + S);
		f->now += S;
	}
	assert_true(gather_waiting(f->gather) > 0);
	assert_int_equal(f->logged_count, 2); /* and the refused line */
	assert_non_null(strstr(f->logged[1], "full"));
	disk_full = false;
	f->now += S - 1;
	run(f);
	assert_int_equal(f->logged_count, 3);
	assert_non_null(strstr(f->logged[2], "room again"));
	assert_true(gather_done(f->gather));
	assert_int_equal(gather_waiting(f->gather), 0);
	assert_int_equal(gather_refused(f->gather), 1);
	check_events(f, 1500);
}

static void
plug_stdin(struct fixture *f)
{
	assert_int_equal(pipe(f->pipe), 0);
	f->stdin_copy = dup(STDIN_FILENO);
	assert_true(dup2(f->pipe[0], STDIN_FILENO) >= 0);
	snprintf(f->spec, sizeof f->spec, "stdin");
}

static void
type(struct fixture *f, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(write(f->pipe[1], text, len), len);
	assert_int_equal(source_fill(f->source, &f->err), 0);
	run(f);
}

static void
a_pipe_is_read_as_it_comes(void **state)
{
	struct fixture *f = *state;

	plug_stdin(f);
	begin(f);
	run(f);
	assert_true(gather_hungry(f->gather));
	type(f, "ti");
	assert_int_equal(outbox_last(f->outbox), 0);
	type(f, "me,bib\n2014-09-21T08:00:01Z,1\n2014-09-21T08:");
	assert_int_equal(outbox_last(f->outbox), 1);
	type(f, "00:02Z,2\nbad,3\n");
	assert_int_equal(outbox_last(f->outbox), 2);
	assert_int_equal(gather_refused(f->gather), 1);
	assert_non_null(strstr(f->logged[0], "stdin:4: "));
	assert_false(gather_done(f->gather));
	close(f->pipe[1]);
	f->pipe[1] = -1;
	assert_int_equal(source_fill(f->source, &f->err), 0);
	run(f);
	assert_true(gather_done(f->gather));
	assert_false(gather_hungry(f->gather));
	check_events(f, 2);
}

static void
a_pipe_without_header_ends_with_words(void **state)
{
	struct fixture *f = *state;

	plug_stdin(f);
	begin(f);
	close(f->pipe[1]);
	f->pipe[1] = -1;
	assert_int_equal(source_fill(f->source, &f->err), 0);
	assert_int_equal(turn(f), -EINVAL);
	assert_non_null(strstr(f->err.text, "stdin is empty"));
}

static void
sources_of_later_versions_and_unknown_ones_are_told_apart(void **state)
{
	struct fixture *f = *state;
	struct source *s = NULL;

	assert_int_equal(source_open(&s, "reader:x", &f->err), -ENOTSUP);
	assert_non_null(strstr(f->err.text, "not in this version"));
	assert_int_equal(source_open(&s, "x.csv", &f->err), -EINVAL);
	assert_int_equal(source_open(&s, "csv:", &f->err), -EINVAL);
	assert_int_equal(source_open(&s, "tail:", &f->err), -EINVAL);
	assert_int_equal(source_open(&s, f->spec, &f->err), -ENOENT);
	snprintf(f->spec, sizeof f->spec, "csv:%s", f->folder);
	assert_int_equal(source_open(&s, f->spec, &f->err), -EINVAL);
	assert_non_null(strstr(f->err.text, "not a file"));
	assert_null(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_read_to_its_end_a_bounded_number_of_rows_a_turn),
		TEST(a_restart_after_any_turn_neither_skips_nor_doubles),
		TEST(a_last_row_without_newline_counts_once),
		TEST(bad_lines_are_told_kept_counted_and_never_stop_it),
		TEST(
		    a_row_that_needs_what_was_not_told_stops_it_before_that_row),
		TEST(lines_keep_their_numbers_after_a_restart),
		TEST(a_file_that_is_not_the_one_that_was_read_is_refused),
		TEST(a_last_row_that_grew_is_not_read_on),
		TEST(after_every_row_the_file_is_known_again_and_read_on),
		TEST(with_a_speed_rows_wait_for_their_time),
		TEST(without_an_origin_the_first_row_comes_at_once),
		TEST(a_full_disk_is_said_once_and_nothing_is_lost),
		TEST(a_pipe_is_read_as_it_comes),
		TEST(a_pipe_without_header_ends_with_words),
		TEST(sources_of_later_versions_and_unknown_ones_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
