/*
 * The disk under an outbox fails at its n-th call, n = 1, 2, 3 ... until the
 * scenario passes untouched; then the file is opened again and read.
 */
#include "support/test.h"

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
	const char *const ends[] = { "", "-wal", "-journal", ".lock", ".new",
		".new-journal" };
	struct fixture *f = arg;
	char path[128];

	f->epoch = 0;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		snprintf(path, sizeof path, "%s%s", f->path, ends[i]);
		(void)unlink(path);
	}
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

	sweep_calls(&f->sweep, FAULT_FULL, false, "full once");
	sweep_calls(&f->sweep, FAULT_FULL, true, "full for a while");
	sweep_calls(&f->sweep, FAULT_QUOTA, false, "over quota once");
	sweep_calls(&f->sweep, FAULT_NOROOM, true, "no room for a while");
}

static void
after_an_error_of_the_disk_what_was_committed_is_there_once(void **state)
{
	struct fixture *f = *state;

	sweep_calls(&f->sweep, FAULT_BROKEN, false, "broken once");
	sweep_calls(&f->sweep, FAULT_BROKEN, true, "broken");
}

/* The kernel forgets what it could not flush, and says so once. */
static void
after_a_failed_flush_what_was_committed_survives_a_power_cut(void **state)
{
	struct fixture *f = *state;

	sweep_calls(&f->sweep, FAULT_FLUSH, false, "flush failed once");
	sweep_calls(&f->sweep, FAULT_FLUSH, true, "flush fails");
	sweep_cuts(&f->sweep, FAULT_FLUSH, FAULT_CUT_NOTHING,
	    "flush failed, then a power cut");
}

static void
a_power_cut_anywhere_loses_no_commit_and_shows_no_half(void **state)
{
	struct fixture *f = *state;

	sweep_cuts(&f->sweep, FAULT_POWER, FAULT_CUT_NOTHING,
	    "power cut, nothing more kept");
	sweep_cuts(&f->sweep, FAULT_POWER, FAULT_CUT_ALL, "killed");
	for (int i = 0; i < 2; i++) {
		sweep_cuts(&f->sweep, FAULT_POWER, FAULT_CUT_TORN,
		    "power cut, torn write");
		sweep_cuts(&f->sweep, FAULT_POWER, FAULT_CUT_SECTORS,
		    "power cut, any sectors");
	}
}

#define FAULT_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
	};

	log_init("test");
	fault_install();
	/* SQLite takes a function of no arguments and calls it with three. */
	sqlite3_auto_extension((void (*)(void))on_connection);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
