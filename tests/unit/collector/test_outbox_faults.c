/*
 * The disk under an outbox fails at its n-th call, n = 1, 2, 3 ... until the
 * scenario passes untouched; then the file is opened again and read.
 */
#include "support/test.h"

#include <dirent.h>
#include <errno.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "collector/outbox.h"
#include "common/hash.h"
#include "common/log.h"
#include "support/sweep.h"

enum { TURNS = 7, WAL_PAGES = 12 };

/* What is there after each turn.  One is long enough for the cursor of what is
 * acknowledged to be written with the next. */
static const struct {
	uint64_t rows;
	uint64_t refused;
} plan[TURNS + 1] = {
	{ 0, 0 },
	{ 5, 1 },
	{ 30, 1 },
	{ 1100, 3 },
	{ 1120, 4 },
	{ 1120, 5 },
	{ 1121, 5 },
	{ 1180, 9 },
};

static const char source[] = "csv:/x";

struct fixture {
	char folder[64];
	char path[96];
	struct outbox *outbox;
	struct err err;
	uint64_t epoch; /* 0: never opened */
	struct sweep sweep;
};

/* ---- the disk ---- */

int __wrap_rename(const char *from, const char *to);
int __wrap_fsync(int fd);

int
__wrap_rename(const char *from, const char *to)
{
	return fault_rename(from, to);
}

int
__wrap_fsync(int fd)
{
	return fault_sync_folder(fd);
}

/* The outbox's own connection: nobody else gets in while it is open. */
static sqlite3 *connection;

/* Checkpoints come every few turns, not after 4 MB. */
static int
on_connection(sqlite3 *db, char **message,
    const struct sqlite3_api_routines *api)
{
	(void)message;
	(void)api;
	connection = db;
	return sqlite3_wal_autocheckpoint(db, WAL_PAGES);
}

static void
remove_files(void *arg)
{
	struct fixture *f = arg;
	DIR *folder = opendir(f->folder);
	struct dirent *e;

	assert_non_null(folder);
	f->epoch = 0;
	while ((e = readdir(folder)) != NULL)
		(void)unlinkat(dirfd(folder), e->d_name, 0);
	closedir(folder);
}

/* ---- what is written ---- */

/* An event is known by its bytes. */
static size_t
body_of(uint64_t seq, uint8_t *out)
{
	size_t len = 5 + seq % 40;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(seq * 7 + i);
	return len;
}

static int
append_turn(struct outbox *o, int t)
{
	struct outbox_position pos = { .offset = plan[t].rows * 10,
		.line = plan[t].rows + plan[t].refused,
		.near_us = t,
		.refused = plan[t].refused,
		.separator = ';' };
	int rc = 0;

	for (uint64_t n = plan[t - 1].rows; rc == 0 && n < plan[t].rows; n++) {
		uint8_t body[64];
		uint64_t seq;

		rc = outbox_append(o, body, body_of(n + 1, body), &seq);
		assert_true(rc < 0 || seq == n + 1);
	}
	for (uint64_t n = plan[t - 1].refused; rc == 0 && n < plan[t].refused;
	     n++)
		rc = outbox_refuse(o, source, n + 1, "1;x", "no time");
	return rc < 0 ? rc : outbox_set_position(o, source, &pos);
}

static int
take_turn(void *arg, int t)
{
	struct fixture *f = arg;
	int rc = append_turn(f->outbox, t);

	if (rc == 0)
		rc = outbox_commit(f->outbox, &f->err);
	else
		outbox_rollback(f->outbox);
	assert_false(outbox_pending(f->outbox));
	if (rc == 0)
		outbox_set_acked(f->outbox, plan[t].rows);
	return rc;
}

/* ---- what is read ---- */

struct reading {
	uint64_t last;
	uint64_t chain;
	unsigned wrong;
	unsigned doubled;
};

static void
read_event(void *arg, uint64_t seq, const uint8_t *body, size_t len)
{
	struct reading *r = arg;
	uint8_t want[64];
	size_t want_len = body_of(seq, want);

	r->doubled += seq <= r->last;
	r->wrong += seq != ++r->last;
	r->wrong += len != want_len || memcmp(body, want, len) != 0;
	r->chain = hash_chain(r->chain, want, want_len);
}

static uint64_t
number(const char *sql)
{
	sqlite3_stmt *s;
	uint64_t n;

	assert_int_equal(sqlite3_prepare_v2(connection, sql, -1, &s, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	n = (uint64_t)sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

static void
read_rows(struct fixture *f, struct reading *r)
{
	uint64_t last = outbox_last(f->outbox);
	uint64_t chain;
	int count;

	do {
		count = outbox_read(f->outbox, r->last + 1, 500, 1 << 20,
		    read_event, r, &f->err);
	} while (count > 0);
	assert_int_equal(count, 0);
	r->wrong += r->last != last;
	assert_int_equal(outbox_chain(f->outbox, last, &chain), 0);
	r->wrong += chain != r->chain;
	r->wrong += outbox_first(f->outbox) != (last > 0 ? 1 : 0);
	r->wrong += number("SELECT count(*) FROM event") != last;
	/* No more may be taken for acknowledged than there is. */
	r->wrong += outbox_acked(f->outbox) > last;
	r->wrong += outbox_epoch(f->outbox) != f->epoch;
}

static int
turn_of(void *arg, bool *doubled)
{
	struct fixture *f = arg;
	struct outbox_position pos = { 0 };
	struct reading r = { 0 };
	uint64_t refused;
	int rc;

	read_rows(f, &r);
	rc = outbox_get_position(f->outbox, source, &pos);
	assert_true(rc == 0 || rc == -ENOENT);
	refused = number("SELECT count(*) FROM refused");
	r.doubled += refused > number("SELECT ifnull(max(line), 0) FROM "
	                              "refused");
	*doubled = r.doubled > 0;
	r.wrong += pos.offset != r.last * 10;
	r.wrong += pos.line != r.last + refused;
	r.wrong += pos.refused != refused;
	for (int t = 0; r.wrong == 0 && t <= TURNS; t++)
		if (plan[t].rows == r.last && plan[t].refused == refused &&
		    pos.near_us == t)
			return t;
	return SWEEP_NO_TURN;
}

/* ---- ---- */

static int
open_box(void *arg)
{
	struct fixture *f = arg;
	int rc = outbox_open(&f->outbox, f->path, "north", "finish", &f->err);

	if (rc == 0 && f->epoch == 0)
		f->epoch = outbox_epoch(f->outbox);
	return rc;
}

static void
close_box(void *arg)
{
	struct fixture *f = arg;

	outbox_free(f->outbox);
	f->outbox = NULL;
}

static const char *
why(void *arg)
{
	const struct fixture *f = arg;

	return f->err.text;
}

static const struct sweep_subject subject = {
	.remove = remove_files,
	.open = open_box,
	.close = close_box,
	.take = take_turn,
	.stand = turn_of,
	.why = why,
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	snprintf(f->folder, sizeof f->folder, "/tmp/outbox_faults.XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof f->path, "%s/box.db", f->folder);
	f->sweep = (struct sweep){ .subject = &subject,
		.arg = f,
		.turns = TURNS,
		.random = test_seed() };
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	fault_disarm();
	close_box(f);
	fault_forget();
	remove_files(f);
	assert_int_equal(rmdir(f->folder), 0);
	free(f);
	return 0;
}

static void
a_full_disk_takes_the_turn_back_and_the_same_process_goes_on(void **state)
{
	struct fixture *f = *state;

	sweep_full(&f->sweep);
}

static void
after_an_error_of_the_disk_what_was_committed_is_there_once(void **state)
{
	struct fixture *f = *state;

	sweep_broken(&f->sweep);
}

static void
after_a_failed_flush_what_was_committed_survives_a_power_cut(void **state)
{
	struct fixture *f = *state;

	sweep_unflushed(&f->sweep);
}

static void
a_power_cut_anywhere_loses_no_commit_and_shows_no_half(void **state)
{
	struct fixture *f = *state;

	sweep_power(&f->sweep, 2);
}

/* ---- putting aside ---- */

#define ARCHIVED_US INT64_C(1411286400000000)

enum { FILLED = 2 /* turns */ };

static void
fill_box(struct fixture *f)
{
	remove_files(f);
	fault_forget();
	assert_int_equal(open_box(f), 0);
	for (int t = 1; t <= FILLED; t++)
		assert_int_equal(take_turn(f, t), 0);
}

/* All of it, in that file. */
static void
check_whole(struct fixture *f)
{
	bool doubled;

	assert_int_equal(turn_of(f, &doubled), FILLED);
	assert_false(doubled);
}

static int
try_append(struct fixture *f)
{
	const uint8_t body = 1;
	uint64_t seq;
	int rc = outbox_append(f->outbox, &body, 1, &seq);

	outbox_rollback(f->outbox);
	return rc;
}

/* Files beside PATH that are databases: other than it, their number. */
static int
list_asides(struct fixture *f, char out[128])
{
	DIR *folder = opendir(f->folder);
	struct dirent *e;
	int count = 0;

	assert_non_null(folder);
	while ((e = readdir(folder)) != NULL) {
		size_t len = strlen(e->d_name);

		if (strcmp(e->d_name, "box.db") == 0 || len < 3 ||
		    strcmp(e->d_name + len - 3, ".db") != 0)
			continue;
		snprintf(out, 128, "%s/%.60s", f->folder, e->d_name);
		count++;
	}
	closedir(folder);
	return count;
}

static void
check_aside(struct fixture *f, const char *path)
{
	assert_int_equal(outbox_open(&f->outbox, path, "", "", &f->err), 0);
	assert_true(outbox_archived(f->outbox) == ARCHIVED_US);
	check_whole(f);
	assert_int_equal(outbox_acked(f->outbox), plan[FILLED].rows);
	assert_int_equal(try_append(f), -EROFS);
	close_box(f);
}

/* The new one: nothing is in it, and no line is read again. */
static void
check_next(struct fixture *f)
{
	struct outbox_position pos;

	assert_true(outbox_epoch(f->outbox) != f->epoch);
	assert_true(outbox_archived(f->outbox) == 0);
	assert_int_equal(outbox_last(f->outbox), 0);
	assert_int_equal(outbox_first(f->outbox), 0);
	assert_int_equal(outbox_acked(f->outbox), 0);
	assert_string_equal(outbox_name(f->outbox), "north");
	assert_string_equal(outbox_point(f->outbox), "finish");
	assert_int_equal(outbox_get_position(f->outbox, source, &pos), 0);
	assert_int_equal(pos.offset, plan[FILLED].rows * 10);
	assert_int_equal(pos.near_us, FILLED);
	assert_int_equal(pos.refused, 0);
	assert_int_equal(number("SELECT count(*) FROM refused"), 0);
	assert_int_equal(try_append(f), 0);
}

/* Whole under the one name or the other, and one of them is written to.  True:
 * it was archived. */
static bool
check_archiving(struct fixture *f)
{
	uint64_t epoch = f->epoch;
	char aside[128];
	int count;

	if (open_box(f) != 0)
		fail_msg("%s", f->err.text);
	count = list_asides(f, aside);
	if (outbox_epoch(f->outbox) == epoch) {
		assert_int_equal(count, 0);
		assert_true(outbox_archived(f->outbox) == 0);
		check_whole(f);
		assert_int_equal(try_append(f), 0);
		close_box(f);
		return false;
	}
	assert_int_equal(count, 1);
	check_next(f);
	close_box(f);
	check_aside(f, aside);
	return true;
}

static int
archive(struct fixture *f)
{
	char *path = NULL;
	int rc;

	outbox_set_acked(f->outbox, plan[FILLED].rows);
	rc = outbox_archive(f->outbox, ARCHIVED_US, &path, &f->err);
	assert_true((rc == 0) == (path != NULL));
	free(path);
	close_box(f);
	return rc;
}

static void
archive_with_faults(struct fixture *f, enum fault_how how, bool lasting,
    enum fault_cut cut, const char *what)
{
	unsigned done[2] = { 0 };

	for (unsigned n = 1;; n++) {
		bool archived;
		int rc;

		fill_box(f);
		fault_arm(how, n, lasting);
		rc = archive(f);
		fault_disarm();
		if (fault_hits() == 0) {
			assert_int_equal(rc, 0);
			assert_true(check_archiving(f));
			break;
		}
		if (cut != FAULT_CUTS)
			fault_cut(cut, &f->sweep.random);
		archived = check_archiving(f);
		/* What was said to be done is done. */
		assert_true(archived || rc < 0);
		done[archived]++;
		fault_forget();
		if (archived)
			continue;
		assert_int_equal(open_box(f), 0);
		assert_int_equal(archive(f), 0);
		assert_true(check_archiving(f));
	}
	print_message("%s: %u calls, %u cut short, %u finished\n", what,
	    done[0] + done[1], done[0], done[1]);
	assert_true(done[0] > 0);
}

static void
after_a_crash_anywhere_in_archiving_the_stream_is_whole_in_one_file(
    void **state)
{
	struct fixture *f = *state;

	archive_with_faults(f, FAULT_POWER, true, FAULT_CUT_ALL, "killed");
	archive_with_faults(f, FAULT_POWER, true, FAULT_CUT_NOTHING,
	    "power cut, nothing more kept");
	archive_with_faults(f, FAULT_POWER, true, FAULT_CUT_TORN,
	    "power cut, torn write");
	archive_with_faults(f, FAULT_POWER, true, FAULT_CUT_SECTORS,
	    "power cut, any sectors");
}

static void
a_disk_that_fails_while_archiving_leaves_the_stream_whole(void **state)
{
	struct fixture *f = *state;

	archive_with_faults(f, FAULT_FULL, false, FAULT_CUTS, "full once");
	archive_with_faults(f, FAULT_FULL, true, FAULT_CUTS, "full");
	archive_with_faults(f, FAULT_BROKEN, false, FAULT_CUTS, "broken once");
	archive_with_faults(f, FAULT_BROKEN, true, FAULT_CUTS, "broken");
	archive_with_faults(f, FAULT_FLUSH, false, FAULT_CUT_NOTHING,
	    "flush failed, then a power cut");
}

/* What a crash left may meet another one when it is finished. */
static void
finishing_what_was_cut_short_may_be_cut_short(void **state)
{
	struct fixture *f = *state;
	unsigned finished = 0;
	unsigned cut = 0;

	for (int i = 0; i < 120; i++) {
		unsigned n = 1 + (unsigned)test_below(&f->sweep.random, 75);
		unsigned m = 1 + (unsigned)test_below(&f->sweep.random, 30);

		fill_box(f);
		fault_arm(FAULT_POWER, n, true);
		(void)archive(f);
		fault_disarm();
		fault_cut(FAULT_CUT_ALL, &f->sweep.random);
		fault_arm(FAULT_POWER, m, true);
		if (open_box(f) == 0)
			close_box(f);
		fault_disarm();
		cut += fault_hits() > 0;
		fault_cut(FAULT_CUT_SECTORS, &f->sweep.random);
		finished += check_archiving(f);
	}
	assert_true(cut > 20);
	assert_true(finished > 20);
	assert_true(finished < 100);
}

#define FAULT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Each finishing is told. */
static void
swallow(void *arg, const char *line)
{
	(void)arg;
	(void)line;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FAULT_TEST(
		    a_full_disk_takes_the_turn_back_and_the_same_process_goes_on),
		FAULT_TEST(
		    after_an_error_of_the_disk_what_was_committed_is_there_once),
		FAULT_TEST(
		    after_a_failed_flush_what_was_committed_survives_a_power_cut),
		FAULT_TEST(
		    a_power_cut_anywhere_loses_no_commit_and_shows_no_half),
		FAULT_TEST(
		    after_a_crash_anywhere_in_archiving_the_stream_is_whole_in_one_file),
		FAULT_TEST(
		    a_disk_that_fails_while_archiving_leaves_the_stream_whole),
		FAULT_TEST(finishing_what_was_cut_short_may_be_cut_short),
	};

	log_init("test");
	log_capture(swallow, NULL);
	fault_install();
	/* SQLite takes a function of no arguments and calls it with three. */
	sqlite3_auto_extension((void (*)(void))on_connection);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
