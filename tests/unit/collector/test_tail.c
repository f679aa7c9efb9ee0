/*
 * Files that grow and are rotated, followed into an outbox.
 */
#include "support/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/gather.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "proto/wire.h"

#define T0   INT64_C(1411286400000000) /* 2014-09-21T08:00:00Z */
#define S    INT64_C(1000000)
#define POLL INT64_C(100000)

enum { LOGGED = 64, FILES = 60, NOBODY = 65534 };

struct fixture {
	char folder[64];
	char file[80];
	char box[80];
	char spec[100];
	struct outbox *outbox;
	struct source *source;
	struct lines *lines;
	struct gather *gather;
	double speed;
	char logged[LOGGED][400];
	size_t logged_count;
	int64_t now;
	struct err err;
};

static void
on_log(void *arg, const char *line)
{
	struct fixture *f = arg;

	snprintf(f->logged[f->logged_count++ % LOGGED], sizeof f->logged[0],
	    "%s", line);
}

static void
on_say(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	log_init("test");
	log_capture(on_log, f);
	snprintf(f->folder, sizeof f->folder, "/tmp/tail-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->file, sizeof f->file, "%s/c.csv", f->folder);
	snprintf(f->box, sizeof f->box, "%s/box.db", f->folder);
	snprintf(f->spec, sizeof f->spec, "tail:%s", f->file);
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
	struct fixture *f = *state;
	DIR *dir;
	struct dirent *d;

	end(f);
	dir = opendir(f->folder);
	assert_non_null(dir);
	while ((d = readdir(dir)) != NULL)
		(void)unlinkat(dirfd(dir), d->d_name, 0);
	closedir(dir);
	assert_int_equal(rmdir(f->folder), 0);
	log_capture(NULL, NULL);
	free(f);
	return 0;
}

/* ---- the collector's part ---- */

static void
begin(struct fixture *f)
{
	struct lines_race race = { .wave = "" };
	struct gather_pace pace = { .speed = f->speed,
		.origin_us = f->speed > 0 ? T0 : RACE_NO_TIME };

	if (source_open(&f->source, f->spec, &f->err) < 0)
		fail_msg("%s", f->err.text);
	assert_false(source_whole(f->source));
	assert_int_equal(source_fd(f->source), -1);
	f->lines = lines_new(&race, on_say, f);
	if (outbox_open(&f->outbox, f->box, "north", "finish", &f->err) < 0)
		fail_msg("%s", f->err.text);
	lines_set_point(f->lines, "finish");
	if (gather_open(&f->gather, f->source, f->lines, false, f->outbox,
	        &pace, &f->err) < 0)
		fail_msg("%s", f->err.text);
}

static int
turns(struct fixture *f)
{
	do {
		int rc = gather_turn(f->gather, f->now, T0 + f->now, &f->err);

		if (rc < 0)
			return rc;
	} while (gather_deadline(f->gather, f->now) <= f->now);
	return 0;
}

/* So many looks at the file, and what each brings. */
static void
look(struct fixture *f, int times)
{
	for (int i = 0; i < times; i++) {
		if (turns(f) < 0)
			fail_msg("%s", f->err.text);
		assert_int_equal(gather_deadline(f->gather, f->now),
		    f->now + POLL);
		f->now += POLL;
	}
}

static void
restart(struct fixture *f)
{
	end(f);
	begin(f);
}

static bool
was_said(const struct fixture *f, const char *words)
{
	for (size_t i = 0; i < f->logged_count && i < LOGGED; i++) {
		if (strstr(f->logged[i], words) != NULL)
			return true;
	}
	return false;
}

static void
tell_log(const struct fixture *f)
{
	size_t begin = f->logged_count < LOGGED ? 0 : f->logged_count - LOGGED;

	for (size_t i = begin; i < f->logged_count; i++)
		print_message("%s\n", f->logged[i % LOGGED]);
}

static void
check_said(const struct fixture *f, const char *words)
{
	if (was_said(f, words))
		return;
	tell_log(f);
	fail_msg("not said: %s", words);
}

struct reading {
	struct wire_arena *arena;
	char bibs[4000];
	uint64_t in_order; /* rows 1, 2, ... one after another */
};

static void
read_one(void *arg, uint64_t seq, const uint8_t *body, size_t len)
{
	struct reading *r = arg;
	size_t used = strlen(r->bibs);
	struct race_event e;

	wire_reset(r->arena);
	assert_int_equal(wire_get_event(r->arena, body, len, &e), 0);
	if (used < sizeof r->bibs - 40)
		snprintf(r->bibs + used, sizeof r->bibs - used, "%s%s",
		    used == 0 ? "" : " ", e.crossing.bib);
	if (r->in_order + 1 == seq &&
	    strtoull(e.crossing.bib, NULL, 10) == seq &&
	    e.crossing.time_us == T0 + (int64_t)seq * S)
		r->in_order++;
}

static void
read_all(struct fixture *f, struct reading *r)
{
	uint64_t next = 1;
	int n;

	while ((n = outbox_read(f->outbox, next, 1000, 1 << 20, read_one, r,
	            NULL)) > 0)
		next += (uint64_t)n;
	assert_int_equal(n, 0);
}

/* The bibs in the outbox, in its order. */
static void
check_bibs(struct fixture *f, const char *bibs)
{
	struct reading r = { .arena = wire_arena_new() };

	read_all(f, &r);
	wire_arena_free(r.arena);
	if (strcmp(r.bibs, bibs) == 0)
		return;
	tell_log(f);
	fail_msg("'%s' instead of '%s'", r.bibs, bibs);
}

/* ---- the writer's part ---- */

static const char *
named(const struct fixture *f, const char *end_of_name)
{
	static char paths[4][120];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof paths[0], "%s%s", f->file, end_of_name);
	return path;
}

static void
put(const char *path, const char *mode, const char *text)
{
	FILE *file = fopen(path, mode);

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
add(struct fixture *f, const char *text)
{
	put(f->file, "a", text);
}

static char *
row(int n)
{
	static char rows[8][64];
	static unsigned next;
	char *text = rows[next++ % 8];

	snprintf(text, sizeof rows[0], "2014-09-21T%02d:%02d:%02dZ,%d\n",
	    8 + n / 3600, n / 60 % 60, n % 60, n);
	return text;
}

static void
add_row(struct fixture *f, int n)
{
	add(f, row(n));
}

/* FILE.1 becomes FILE.2, and so on. */
static void
shift(struct fixture *f)
{
	for (int n = FILES; n > 0; n--) {
		char from[16], to[16];

		snprintf(from, sizeof from, ".%d", n);
		snprintf(to, sizeof to, ".%d", n + 1);
		if (rename(named(f, from), named(f, to)) < 0)
			assert_int_equal(errno, ENOENT);
	}
}

static void
move_away(struct fixture *f)
{
	shift(f);
	assert_int_equal(rename(f->file, named(f, ".1")), 0);
}

static void
copy(const char *from, const char *to)
{
	char bytes[4096];
	FILE *in = fopen(from, "r");
	FILE *out = fopen(to, "w");
	size_t n;

	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(bytes, 1, sizeof bytes, in)) > 0)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

static void
copy_and_cut(struct fixture *f)
{
	shift(f);
	copy(f->file, named(f, ".1"));
	assert_int_equal(truncate(f->file, 0), 0);
}

/* Followed from the beginning, and rows 1 to n read. */
static void
begin_with(struct fixture *f, int n)
{
	add(f, "time,bib\n");
	for (int i = 1; i <= n; i++)
		add_row(f, i);
	begin(f);
	look(f, 2);
}

/* ---- growing ---- */

static void
a_line_waits_for_its_end_however_long(void **state)
{
	struct fixture *f = *state;

	begin(f);
	add(f, "ti");
	look(f, 5);
	add(f, "me,bib\n2014-09-21T08:00:01Z,");
	look(f, 50);
	check_bibs(f, "");
	add(f, "1");
	look(f, 50);
	check_bibs(f, "");
	restart(f);
	look(f, 5);
	add(f, "2\n2014");
	look(f, 1);
	check_bibs(f, "12");
	assert_false(gather_done(f->gather));
	assert_int_equal(gather_refused(f->gather), 0);
}

static void
a_file_that_is_not_there_is_waited_for_and_that_is_said_once(void **state)
{
	struct fixture *f = *state;

	begin(f);
	look(f, 20);
	check_said(f, "c.csv is not there: waiting for it");
	assert_int_equal(f->logged_count, 1);
	add(f, "time,bib\n");
	add_row(f, 1);
	look(f, 2);
	assert_int_equal(f->logged_count, 2);
	check_said(f, "c.csv is there");
	check_bibs(f, "1");
}

static void
a_folder_that_is_not_there_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct source *s = NULL;
	char spec[120];

	snprintf(spec, sizeof spec, "tail:%s/none/c.csv", f->folder);
	assert_int_equal(source_open(&s, spec, &f->err), -ENOENT);
	assert_non_null(strstr(f->err.text, "the folder of "));
	snprintf(spec, sizeof spec, "tail:%s", f->folder);
	assert_int_equal(source_open(&s, spec, &f->err), -EINVAL);
	assert_non_null(strstr(f->err.text, "is not a file"));
	snprintf(spec, sizeof spec, "tail:%s/", f->folder);
	assert_int_equal(source_open(&s, spec, &f->err), -EINVAL);
	assert_int_equal(mkfifo(f->file, 0600), 0);
	assert_int_equal(source_open(&s, f->spec, &f->err), -EINVAL);
	assert_null(s);
}

static void
refused_lines_are_told_with_the_file_that_they_stand_in(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 1);
	add(f, "bad,2\n");
	look(f, 1);
	check_said(f, "/c.csv:3: ");
	move_away(f);
	look(f, 1);
	put(f->file, "w", "time,bib\n\nbad,3\n");
	put(named(f, ".1"), "a", "bad,4\n");
	look(f, 4);
	check_said(f, "/c.csv.1:4: ");
	check_said(f, "/c.csv:3: ");
	assert_int_equal(gather_refused(f->gather), 3);
	restart(f);
	add(f, "bad,5\n");
	look(f, 1);
	check_said(f, "/c.csv:4: ");
	assert_int_equal(gather_refused(f->gather), 4);
}

static void
a_cr_waits_for_its_lf(void **state)
{
	struct fixture *f = *state;

	add(f, "time,bib\r\n2014-09-21T08:00:01Z,1\r");
	begin(f);
	look(f, 3);
	restart(f);
	look(f, 3);
	add(f, "\nbad,2\r\n");
	look(f, 1);
	check_bibs(f, "1");
	check_said(f, "/c.csv:3: ");
}

static void
a_first_line_without_columns_ends_it_with_words(void **state)
{
	struct fixture *f = *state;

	add_row(f, 1);
	begin(f);
	assert_int_equal(turns(f), -EINVAL);
	assert_non_null(strstr(f->err.text, "there is no column 'time'"));
}

/* ---- moved away ---- */

static void
the_rest_of_a_file_that_was_moved_comes_before_the_new_one(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 1);
	add_row(f, 2);
	move_away(f);
	look(f, 5);
	check_bibs(f, "1 2");
	put(named(f, ".1"), "a", row(3));
	look(f, 1);
	add(f, "time,bib\n");
	add_row(f, 5);
	put(named(f, ".1"), "a", row(4));
	look(f, 4);
	check_bibs(f, "1 2 3 4 5");
	assert_int_equal(gather_refused(f->gather), 0);
}

static void
the_last_line_of_a_moved_file_counts_when_nothing_more_comes(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 1);
	add(f, "2014-09-21T08:00:02Z,2");
	move_away(f);
	/* Whoever moved it may finish it, until there is a new one. */
	look(f, 20);
	check_bibs(f, "1");
	add_row(f, 3);
	look(f, 1);
	check_bibs(f, "1");
	put(named(f, ".1"), "a", "2");
	look(f, 2);
	check_bibs(f, "1");
	look(f, 1);
	check_bibs(f, "1 22 3");
	/* It was too late for this. */
	put(named(f, ".1"), "a", "2\n");
	look(f, 5);
	restart(f);
	look(f, 5);
	check_bibs(f, "1 22 3");
}

static void
several_rotations_between_two_looks_are_read_in_order(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 1);
	for (int n = 2; n < 20; n += 2) {
		add_row(f, n);
		move_away(f);
		add_row(f, n + 1);
	}
	look(f, 40);
	check_bibs(f, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19");
	assert_false(was_said(f, "not read"));
}

static void
dated_names_are_read_by_the_time_of_their_last_write(void **state)
{
	static const char *const names[] = { "-20140921", "-20140922",
		"-20140923" };
	struct fixture *f = *state;

	begin_with(f, 1);
	end(f);
	for (int n = 0; n < 3; n++) {
		add_row(f, 2 + n);
		assert_int_equal(rename(f->file, named(f, names[n])), 0);
	}
	add_row(f, 5);
	/* That of another point. */
	snprintf(f->box, sizeof f->box, "%s/c-2.csv", f->folder);
	put(f->box, "w", "time,bib\n2014-09-21T08:00:09Z,9\n");
	snprintf(f->box, sizeof f->box, "%s/box.db", f->folder);
	begin(f);
	look(f, 15);
	check_bibs(f, "1 2 3 4 5");
	check_said(f, "nothing tells whether other files were");
}

static void
a_compressed_file_between_two_is_told(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 1);
	end(f);
	move_away(f);
	assert_int_equal(rename(named(f, ".1"), named(f, "-20140921")), 0);
	add_row(f, 2);
	assert_int_equal(rename(f->file, named(f, "-20140922.gz")), 0);
	add_row(f, 3);
	begin(f);
	look(f, 5);
	check_bibs(f, "1 3");
	check_said(f, "c.csv-20140921 and ");
	check_said(f, "missing or compressed: it was not read");
}

/* ---- the columns of the next file ---- */

static void
a_next_file_without_columns_has_those_of_before(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 1);
	move_away(f);
	add_row(f, 2);
	look(f, 4);
	check_bibs(f, "1 2");
	end(f);
	add_row(f, 3);
	move_away(f);
	add_row(f, 4);
	begin(f);
	look(f, 5);
	check_bibs(f, "1 2 3 4");
	assert_int_equal(gather_refused(f->gather), 0);
}

static void
a_next_file_may_name_other_columns(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 1);
	move_away(f);
	add(f, "bib;note;time\n2;x;2014-09-21T08:00:02Z\n");
	look(f, 4);
	check_bibs(f, "1 2");
	check_said(f, "/c.csv:1: other columns than before");
	restart(f);
	add(f, "3;;2014-09-21T08:00:03Z\n");
	move_away(f);
	add(f, "4;;2014-09-21T08:00:04Z\n");
	look(f, 5);
	check_bibs(f, "1 2 3 4");
	restart(f);
	add(f, "5;;2014-09-21T08:00:05Z\n");
	look(f, 1);
	check_bibs(f, "1 2 3 4 5");
	assert_int_equal(gather_refused(f->gather), 0);
}

static void
columns_that_cannot_be_leave_those_of_before(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 1);
	move_away(f);
	add(f, "time,time,bib\n");
	add_row(f, 2);
	look(f, 4);
	check_bibs(f, "1 2");
	check_said(f, "/c.csv:1: columns 1 and 2 are both named 'time'");
	assert_int_equal(gather_refused(f->gather), 1);
}

static void
a_next_file_without_columns_has_the_separator_of_before(void **state)
{
	struct fixture *f = *state;

	add(f, "time;bib;note\n2014-09-21T08:00:01Z;1;\n");
	begin(f);
	look(f, 2);
	move_away(f);
	add(f,
	    "2014-09-21T08:00:02Z;2;a, b, c, d\n"
	    "2014-09-21T08:00:03Z;3;\n");
	look(f, 4);
	check_bibs(f, "1 2 3");
	restart(f);
	add(f, "2014-09-21T08:00:04Z;4;\n");
	look(f, 2);
	check_bibs(f, "1 2 3 4");
	assert_int_equal(gather_refused(f->gather), 0);
}

static void
columns_alone_are_a_place_to_go_on_from(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 0);
	end(f);
	add_row(f, 1);
	move_away(f);
	add_row(f, 2);
	begin(f);
	look(f, 5);
	check_bibs(f, "1 2");
}

static void
a_file_is_known_before_its_first_line(void **state)
{
	struct fixture *f = *state;

	add(f, "ti");
	begin(f);
	look(f, 2);
	end(f);
	add(f, "me,bib\n");
	add_row(f, 1);
	move_away(f);
	add(f, "2014");
	begin(f);
	look(f, 5);
	check_bibs(f, "1");
	end(f);
	/* The next one, too, when the one before is gone. */
	assert_int_equal(unlink(named(f, ".1")), 0);
	add(f, row(2) + strlen("2014"));
	move_away(f);
	add_row(f, 3);
	begin(f);
	look(f, 5);
	check_bibs(f, "1 2 3");
	assert_false(was_said(f, "not read"));
}

/* ---- cut off ---- */

static void
a_file_that_was_copied_and_cut_off_loses_nothing(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 2);
	for (int n = 3; n < 12; n += 3) {
		add_row(f, n);
		copy_and_cut(f);
		add_row(f, n + 1);
		add_row(f, n + 2);
		look(f, 6);
	}
	check_bibs(f, "1 2 3 4 5 6 7 8 9 10 11");
	check_said(f, "the rest of it is read in ");
	assert_int_equal(gather_refused(f->gather), 0);
	assert_false(was_said(f, "not read"));
}

static void
a_file_that_was_cut_off_begins_again_and_that_is_said(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 3);
	put(f->file, "w", "");
	look(f, 1);
	check_said(f,
	    "/c.csv was cut off, or other bytes were written to it: "
	    "it is read from its beginning; what stood in it behind "
	    "byte 78 was not read");
	add(f, "time,bib\n");
	add_row(f, 4);
	look(f, 2);
	check_bibs(f, "1 2 3 4");
	/* As long as before. */
	put(f->file, "w", "time,bib\n");
	add_row(f, 5);
	look(f, 2);
	check_bibs(f, "1 2 3 4 5");
	/* And longer, before we look. */
	put(f->file, "w", "time,bib\n");
	for (int n = 6; n < 10; n++)
		add_row(f, n);
	look(f, 2);
	check_bibs(f, "1 2 3 4 5 6 7 8 9");
}

static void
a_line_that_was_cut_off_is_kept_and_not_taken(void **state)
{
	struct fixture *f = *state;
	sqlite3_stmt *s;
	sqlite3 *db;

	begin_with(f, 2);
	add(f, "2014-09-21T08:00:03Z,3");
	look(f, 2);
	put(f->file, "w", "");
	add_row(f, 4);
	add_row(f, 5);
	look(f, 2);
	/* And in a copy. */
	add_row(f, 6);
	add(f, "2014-09-21T08:00:07Z,7");
	copy_and_cut(f);
	add_row(f, 8);
	look(f, 5);
	check_bibs(f, "1 2 4 5 6 8");
	assert_int_equal(gather_refused(f->gather), 2);
	check_said(f, "/c.csv:4: the row was not finished");
	check_said(f, "/c.csv.1:4: the row was not finished");
	end(f);
	assert_int_equal(sqlite3_open(f->box, &db), SQLITE_OK);
	sqlite3_prepare_v2(db, "SELECT text FROM refused ORDER BY line DESC",
	    -1, &s, NULL);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(s, 0),
	    "2014-09-21T08:00:03Z,3");
	sqlite3_finalize(s);
	sqlite3_close(db);
}

static void
old_files_with_the_same_columns_are_not_taken_for_a_copy(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 3);
	move_away(f);
	add(f, "time,bib\n");
	look(f, 5);
	/* c.csv.1 begins with the line that was read of c.csv. */
	put(f->file, "w", "");
	look(f, 2);
	add_row(f, 4);
	look(f, 2);
	check_bibs(f, "1 2 3 4");
}

/* ---- replaced ---- */

static void
a_longer_copy_in_its_place_goes_on_behind_what_was_read(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 0);
	for (int n = 1; n < 8; n++) {
		if (n == 6)
			end(f);
		add(f, "2014-09-21T08:");
		if (n != 6)
			look(f, 1);
		copy(f->file, named(f, ".new"));
		put(named(f, ".new"), "a", row(n) + strlen("2014-09-21T08:"));
		assert_int_equal(rename(named(f, ".new"), f->file), 0);
		if (n == 6)
			begin(f);
		look(f, 4);
		check_said(f, "another file with the same beginning");
		f->logged_count = 0;
	}
	check_bibs(f, "1 2 3 4 5 6 7");
	assert_int_equal(gather_refused(f->gather), 0);
}

/* ---- while nobody looked ---- */

static void
a_restart_goes_on_where_it_was_left(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 2);
	for (int n = 3; n < 7; n++) {
		end(f);
		add_row(f, n);
		begin(f);
		look(f, 1);
	}
	check_bibs(f, "1 2 3 4 5 6");
	assert_int_equal(f->logged_count, 0);
}

static void
a_rotation_while_nobody_looked_loses_nothing(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 2);
	end(f);
	add_row(f, 3);
	move_away(f);
	begin(f);
	look(f, 3);
	check_bibs(f, "1 2 3");
	end(f);
	add(f, "time,bib\n");
	add_row(f, 4);
	begin(f);
	look(f, 5);
	check_bibs(f, "1 2 3 4");
	end(f);
	for (int n = 5; n < 9; n++) {
		add_row(f, n);
		move_away(f);
	}
	add_row(f, 9);
	begin(f);
	look(f, 20);
	check_bibs(f, "1 2 3 4 5 6 7 8 9");
	assert_false(was_said(f, "not read"));
}

static void
copies_made_while_nobody_looked_lose_nothing(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 2);
	end(f);
	for (int n = 3; n < 6; n++) {
		add_row(f, n);
		copy_and_cut(f);
	}
	add_row(f, 6);
	begin(f);
	look(f, 20);
	check_bibs(f, "1 2 3 4 5 6");
	check_said(f, "begins with what was read of ");
	assert_false(was_said(f, "not read"));
}

static void
a_file_that_is_gone_is_told_with_the_byte(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 3);
	end(f);
	add_row(f, 4);
	assert_int_equal(unlink(f->file), 0);
	/* Which may get its number. */
	put(named(f, ".txt"), "w", "other");
	add(f, "time,bib\n");
	add_row(f, 5);
	begin(f);
	check_said(f,
	    "/c.csv is not the file of which 78 bytes (4 lines) were read");
	check_said(f, "what stood behind byte 78 of it was not read");
	look(f, 2);
	check_bibs(f, "1 2 3 5");
	restart(f);
	look(f, 2);
	check_bibs(f, "1 2 3 5");
}

static void
a_file_that_is_missing_between_two_is_told(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 2);
	end(f);
	for (int n = 3; n < 7; n++) {
		move_away(f);
		add_row(f, n);
	}
	assert_int_equal(rename(named(f, ".2"), named(f, ".2.gz")), 0);
	begin(f);
	look(f, 20);
	check_bibs(f, "1 2 3 5 6");
	check_said(f, "c.csv.3 and ");
	assert_false(was_said(f, "c.csv.4 and "));
	check_said(f, "missing or compressed: it was not read");
}

static void
other_bytes_in_the_same_file_are_told_after_a_restart(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 3);
	end(f);
	put(f->file, "w", "time,bib\n");
	for (int n = 4; n < 9; n++)
		add_row(f, n);
	begin(f);
	look(f, 2);
	check_bibs(f, "1 2 3 4 5 6 7 8");
	check_said(f, "what stood behind byte 78 of it was not read");
}

static void
a_row_that_waits_for_its_time_is_read_again_after_a_restart(void **state)
{
	struct fixture *f = *state;

	f->speed = 1;
	add(f, "time,bib\n");
	add_row(f, 1);
	begin(f);
	assert_int_equal(turns(f), 0);
	check_bibs(f, "");
	f->speed = 0;
	restart(f);
	look(f, 2);
	check_bibs(f, "1");
	/* The first of the next file, too. */
	f->speed = 1;
	restart(f);
	move_away(f);
	add_row(f, 3600);
	for (int i = 0; i < 5; i++, f->now += POLL)
		assert_int_equal(turns(f), 0);
	f->speed = 0;
	restart(f);
	look(f, 5);
	check_bibs(f, "1 3600");
}

static void
a_row_that_ends_the_program_is_read_again_after_a_restart(void **state)
{
	struct fixture *f = *state;

	add(f, "time,bib\n+1,1\n");
	begin(f);
	assert_int_equal(turns(f), -ENODATA);
	restart(f);
	assert_int_equal(turns(f), -ENODATA);
	end(f);
	assert_int_equal(unlink(f->box), 0);
	put(f->file, "w", "");
	add_row(f, 1);
	begin(f);
	assert_int_equal(turns(f), -EINVAL);
	restart(f);
	assert_int_equal(turns(f), -EINVAL);
}

static void
a_file_that_is_away_at_a_start_goes_on_when_it_is_back(void **state)
{
	struct fixture *f = *state;
	char away[80];

	begin_with(f, 3);
	end(f);
	/* Its share is not mounted yet. */
	snprintf(away, sizeof away, "%s-away", f->folder);
	assert_int_equal(rename(f->file, away), 0);
	begin(f);
	look(f, 3);
	check_said(f, "c.csv is not there: waiting for it");
	restart(f);
	look(f, 3);
	assert_int_equal(rename(away, f->file), 0);
	add_row(f, 4);
	look(f, 4);
	check_bibs(f, "1 2 3 4");
	assert_false(was_said(f, "not read"));
	restart(f);
	add_row(f, 5);
	look(f, 4);
	check_bibs(f, "1 2 3 4 5");
}

static void
another_file_after_one_that_was_away_at_a_start_is_told(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 3);
	end(f);
	assert_int_equal(unlink(f->file), 0);
	begin(f);
	look(f, 3);
	assert_false(was_said(f, "not read"));
	add(f, "bib;time\n4;2014-09-21T08:00:04Z\n");
	look(f, 4);
	check_said(f, "what stood behind byte 78 of it was not read");
	check_bibs(f, "1 2 3 4");
	restart(f);
	add(f, "5;2014-09-21T08:00:05Z\n");
	look(f, 1);
	check_bibs(f, "1 2 3 4 5");
	assert_int_equal(gather_refused(f->gather), 0);
}

static void
a_file_that_cannot_be_read_is_told_and_those_behind_it_are_read(void **state)
{
	struct fixture *f = *state;
	bool root = geteuid() == 0;

	begin_with(f, 1);
	end(f);
	for (int n = 2; n < 5; n++) {
		move_away(f);
		add_row(f, n);
	}
	assert_int_equal(chmod(named(f, ".2"), 0), 0);
	begin(f);
	/* Root may read whatever there is. */
	if (root) {
		assert_int_equal(chown(f->folder, NOBODY, NOBODY), 0);
		assert_int_equal(seteuid(NOBODY), 0);
	}
	look(f, 10);
	if (root)
		assert_int_equal(seteuid(0), 0);
	check_bibs(f, "1 3 4");
	check_said(f, "/c.csv.2 cannot be read: Permission denied");
}

static void
a_link_is_followed_through_restarts(void **state)
{
	struct fixture *f = *state;
	char folder[] = "/tmp/tail-target-XXXXXX";
	char a[64], b[64];

	assert_non_null(mkdtemp(folder));
	snprintf(a, sizeof a, "%s/a", folder);
	snprintf(b, sizeof b, "%s/b", folder);
	put(a, "w", "time,bib\n");
	assert_int_equal(symlink(a, f->file), 0);
	begin(f);
	look(f, 2);
	add_row(f, 1);
	look(f, 2);
	restart(f);
	add_row(f, 2);
	look(f, 2);
	assert_int_equal(f->logged_count, 0);
	/* Switched to another file, without columns. */
	add_row(f, 3);
	put(b, "w", row(4));
	assert_int_equal(unlink(f->file), 0);
	assert_int_equal(symlink(b, f->file), 0);
	look(f, 4);
	check_bibs(f, "1 2 3 4");
	restart(f);
	add_row(f, 5);
	look(f, 2);
	check_bibs(f, "1 2 3 4 5");
	assert_false(was_said(f, "not read"));
	unlink(a);
	unlink(b);
	rmdir(folder);
}

static void
a_file_with_two_names_keeps_its_own(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 2);
	for (int n = 1; n < 10; n++) {
		char bak[16];

		snprintf(bak, sizeof bak, ".%d", n);
		assert_int_equal(link(f->file, named(f, bak)), 0);
	}
	restart(f);
	add(f, "bad\n");
	look(f, 2);
	check_said(f, "/c.csv:4: ");
	assert_int_equal(f->logged_count, 1);
}

static void
one_unfinished_row_alone_in_a_file_has_the_separator_of_before(void **state)
{
	struct fixture *f = *state;

	add(f, "time;bib;note\n2014-09-21T08:00:01Z;1;\n");
	begin(f);
	look(f, 2);
	move_away(f);
	add(f, "2014-09-21T08:00:02Z;2;a, b, c, d");
	look(f, 4);
	move_away(f);
	add(f, "2014-09-21T08:00:03Z;3;\n");
	look(f, 8);
	check_bibs(f, "1 2 3");
}

static void
who_moved_a_file_may_write_to_it_while_the_new_one_is_empty(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 1);
	move_away(f);
	add(f, "");
	for (int n = 2; n < 5; n++) {
		look(f, 30);
		put(named(f, ".1"), "a", row(n));
	}
	add_row(f, 5);
	look(f, 4);
	check_bibs(f, "1 2 3 4 5");
}

static void
a_line_cut_off_in_a_copy_is_not_taken_after_a_restart(void **state)
{
	struct fixture *f = *state;

	begin_with(f, 2);
	add_row(f, 3);
	add(f, "2014-09-21T08:00:07Z,7");
	copy_and_cut(f);
	look(f, 1);
	check_bibs(f, "1 2 3");
	restart(f);
	add(f, "7\n");
	add_row(f, 8);
	look(f, 5);
	check_bibs(f, "1 2 3 8");
}

/* ---- anything, in any order ---- */

struct writer {
	struct fixture *f;
	uint64_t random;
	int fd;        /* the file that is written to */
	int row;       /* the next one to begin */
	char line[64]; /* the one that is being written */
	size_t done;   /* of it */
	int whole;     /* rows that are complete */
	int lines;     /* of this file */
	int unseen;    /* renamings since somebody looked */
	unsigned counts[6];
};

static bool
chance(struct writer *w, unsigned percent)
{
	return test_below(&w->random, 100) < percent;
}

static void
open_new(struct writer *w)
{
	w->fd = open(w->f->file, O_WRONLY | O_CREAT | O_APPEND, 0600);
	assert_true(w->fd >= 0);
	w->lines = 0;
}

static void
write_bytes(struct writer *w, const char *text, size_t len)
{
	assert_int_equal(write(w->fd, text, len), len);
}

static void
write_columns(struct writer *w)
{
	write_bytes(w, "time,bib\n", 9);
	w->lines++;
}

static void
write_piece(struct writer *w, size_t most)
{
	size_t left, n;

	if (w->line[0] == '\0') {
		snprintf(w->line, sizeof w->line, "%s", row(w->row++));
		w->done = 0;
	}
	left = strlen(w->line) - w->done;
	n = left < most ? left : most;
	write_bytes(w, w->line + w->done, n);
	w->done += n;
	if (n < left)
		return;
	w->line[0] = '\0';
	w->whole++;
	w->lines++;
}

static void
finish_line(struct writer *w)
{
	if (w->line[0] != '\0')
		write_piece(w, SIZE_MAX);
}

static void
write_some(struct writer *w)
{
	for (uint64_t n = test_below(&w->random, 6); n > 0; n--)
		write_piece(w, 1 + test_below(&w->random, 40));
}

static void
some_looks(struct writer *w, int times)
{
	look(w->f, times);
	if (times > 0)
		w->unseen = 0;
}

static void
catch_up(struct writer *w)
{
	int patience = 400;

	while (outbox_last(w->f->outbox) < (uint64_t)w->whole && patience-- > 0)
		some_looks(w, 1);
	some_looks(w, 6);
	if (outbox_last(w->f->outbox) == (uint64_t)w->whole)
		return;
	tell_log(w->f);
	fail_msg("%llu rows instead of %d",
	    (unsigned long long)outbox_last(w->f->outbox), w->whole);
}

/* To the file that was moved, while the new one is empty. */
static void
write_on(struct writer *w)
{
	put(w->f->file, "a", "");
	for (uint64_t n = test_below(&w->random, 4); n > 0; n--) {
		some_looks(w, (int)test_below(&w->random, 6));
		if (chance(w, 20))
			restart(w->f);
		write_some(w);
	}
}

static void
rotate_by_name(struct writer *w)
{
	/* An empty one may be older than what it came after. */
	if (w->lines == 0)
		write_piece(w, SIZE_MAX);
	move_away(w->f);
	w->unseen++;
	if (chance(w, 30))
		write_on(w);
	if (w->line[0] != '\0' && chance(w, 50))
		some_looks(w, (int)test_below(&w->random, 4));
	finish_line(w);
	close(w->fd);
	if (chance(w, 30))
		some_looks(w, (int)test_below(&w->random, 3));
	open_new(w);
	if (chance(w, 50))
		write_columns(w);
}

static void
rotate_by_copy(struct writer *w)
{
	finish_line(w);
	if (w->unseen == 0) {
		/* Two lines have to be read, to tell a copy by. */
		while (w->lines < 2)
			write_piece(w, SIZE_MAX);
		catch_up(w);
		write_some(w);
		finish_line(w);
	}
	copy_and_cut(w->f);
	w->lines = 0;
	if (chance(w, 50))
		write_columns(w);
}

static void
cut_off(struct writer *w)
{
	finish_line(w);
	catch_up(w);
	assert_int_equal(truncate(w->f->file, 0), 0);
	w->lines = 0;
	if (chance(w, 50))
		write_columns(w);
	if (chance(w, 50))
		write_some(w);
}

static void
act(struct writer *w)
{
	unsigned what = (unsigned)test_below(&w->random, 100);
	unsigned kind = what < 50 ? 0
	    : what < 65           ? 1
	    : what < 75           ? 2
	    : what < 79           ? 3
	    : what < 90           ? 4
	                          : 5;

	w->counts[kind]++;
	if (kind == 0)
		write_some(w);
	else if (kind == 1)
		rotate_by_name(w);
	else if (kind == 2)
		rotate_by_copy(w);
	else if (kind == 3)
		cut_off(w);
	else if (kind == 4)
		restart(w->f);
	else
		some_looks(w, (int)test_below(&w->random, 4));
}

static void
play(struct fixture *f, uint64_t seed)
{
	struct writer w = { .f = f, .random = seed, .row = 1 };
	struct reading r = { .arena = wire_arena_new() };

	open_new(&w);
	write_columns(&w);
	begin(f);
	/* Without a place to go on from there is nothing to find again. */
	look(f, 1);
	for (int i = 0; i < 150; i++)
		act(&w);
	finish_line(&w);
	catch_up(&w);
	close(w.fd);
	read_all(f, &r);
	wire_arena_free(r.arena);
	assert_int_equal(r.in_order, w.whole);
	assert_int_equal(gather_refused(f->gather), 0);
	for (size_t i = 0; i < f->logged_count && i < LOGGED; i++) {
		if (strstr(f->logged[i], "if so, they were not read") != NULL)
			fail_msg("%s", f->logged[i]);
	}
}

static void
every_row_comes_once_and_in_order_whatever_is_done_to_the_file(void **state)
{
	uint64_t seed = test_seed();

	for (int i = 0; i < 12; i++) {
		struct fixture *f = *state;

		play(f, seed + (uint64_t)i);
		teardown(state);
		setup(state);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_waits_for_its_end_however_long),
		TEST(
		    a_file_that_is_not_there_is_waited_for_and_that_is_said_once),
		TEST(a_folder_that_is_not_there_is_an_error),
		TEST(refused_lines_are_told_with_the_file_that_they_stand_in),
		TEST(a_cr_waits_for_its_lf),
		TEST(a_first_line_without_columns_ends_it_with_words),
		TEST(
		    the_rest_of_a_file_that_was_moved_comes_before_the_new_one),
		TEST(
		    the_last_line_of_a_moved_file_counts_when_nothing_more_comes),
		TEST(several_rotations_between_two_looks_are_read_in_order),
		TEST(dated_names_are_read_by_the_time_of_their_last_write),
		TEST(a_compressed_file_between_two_is_told),
		TEST(a_next_file_without_columns_has_those_of_before),
		TEST(a_next_file_may_name_other_columns),
		TEST(columns_that_cannot_be_leave_those_of_before),
		TEST(a_next_file_without_columns_has_the_separator_of_before),
		TEST(columns_alone_are_a_place_to_go_on_from),
		TEST(a_file_is_known_before_its_first_line),
		TEST(a_file_that_was_copied_and_cut_off_loses_nothing),
		TEST(a_file_that_was_cut_off_begins_again_and_that_is_said),
		TEST(a_line_that_was_cut_off_is_kept_and_not_taken),
		TEST(old_files_with_the_same_columns_are_not_taken_for_a_copy),
		TEST(a_longer_copy_in_its_place_goes_on_behind_what_was_read),
		TEST(a_restart_goes_on_where_it_was_left),
		TEST(a_rotation_while_nobody_looked_loses_nothing),
		TEST(copies_made_while_nobody_looked_lose_nothing),
		TEST(a_file_that_is_gone_is_told_with_the_byte),
		TEST(a_file_that_is_missing_between_two_is_told),
		TEST(other_bytes_in_the_same_file_are_told_after_a_restart),
		TEST(
		    a_row_that_waits_for_its_time_is_read_again_after_a_restart),
		TEST(a_row_that_ends_the_program_is_read_again_after_a_restart),
		TEST(a_file_that_is_away_at_a_start_goes_on_when_it_is_back),
		TEST(another_file_after_one_that_was_away_at_a_start_is_told),
		TEST(
		    a_file_that_cannot_be_read_is_told_and_those_behind_it_are_read),
		TEST(a_link_is_followed_through_restarts),
		TEST(a_file_with_two_names_keeps_its_own),
		TEST(
		    one_unfinished_row_alone_in_a_file_has_the_separator_of_before),
		TEST(
		    who_moved_a_file_may_write_to_it_while_the_new_one_is_empty),
		TEST(a_line_cut_off_in_a_copy_is_not_taken_after_a_restart),
		TEST(
		    every_row_comes_once_and_in_order_whatever_is_done_to_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
