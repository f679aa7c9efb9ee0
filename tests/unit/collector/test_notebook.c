#include "support/test.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "collector/notebook.h"
#include "common/instant.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/xalloc.h"

#define T0 INT64_C(1411286400000000) /* 2014-09-21T08:00:00Z */
#define S  INT64_C(1000000)

struct fixture {
	char folder[64];
	char path[128];
	struct bibs *bibs;
	struct outbox *outbox;
	struct keyboard *k;
	struct notebook *n;
	struct clockwork *clocks;
	const char *boot_id;
	int64_t now_us;
	char logged[32][256];
	size_t logged_count;
	struct err err;
};

/* ---- a disk that is full, or fails ---- */

static int step_fails; /* with that code of SQLite's */

int __real_sqlite3_step(sqlite3_stmt *s);
int __wrap_sqlite3_step(sqlite3_stmt *s);

int
__wrap_sqlite3_step(sqlite3_stmt *s)
{
	if (step_fails != 0 && !sqlite3_stmt_readonly(s))
		return step_fails;
	return __real_sqlite3_step(s);
}

/* ---- ---- */

static void
on_log(void *arg, const char *line)
{
	struct fixture *f = arg;

	assert_true(f->logged_count < 32);
	snprintf(f->logged[f->logged_count++], 256, "%s", line);
}

static bool
said(const struct fixture *f, const char *words)
{
	for (size_t i = 0; i < f->logged_count; i++) {
		if (strstr(f->logged[i], words) != NULL)
			return true;
	}
	return false;
}

static void
start(struct fixture *f)
{
	const struct keys_stamp now = { T0 + f->now_us, f->now_us, f->now_us };
	struct keyboard_setup s = { .point = "finish", .bibs = f->bibs };
	struct clockwork_epoch kept;

	if (outbox_open(&f->outbox, f->path, "north", "finish", &f->err) < 0)
		fail_msg("%s", f->err.text);
	assert_int_equal(outbox_get_clock(f->outbox, &kept), 0);
	f->clocks = clockwork_new(&kept, f->boot_id, &now);
	s.last = outbox_last(f->outbox);
	s.clocks = f->clocks;
	f->k = keyboard_new(&s);
	if (notebook_open(&f->n, f->outbox, f->k, f->clocks, &f->err) < 0)
		fail_msg("%s", f->err.text);
}

static void
end(struct fixture *f)
{
	notebook_free(f->n);
	keyboard_free(f->k);
	clockwork_free(f->clocks);
	outbox_free(f->outbox);
	f->n = NULL;
	f->k = NULL;
	f->outbox = NULL;
}

static void
restart(struct fixture *f)
{
	end(f);
	start(f);
}

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	assert_int_equal(instant_zone("UTC", NULL), 0);
	log_init("test");
	log_capture(on_log, f);
	snprintf(f->folder, sizeof f->folder, "/tmp/notebook-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof f->path, "%s/box.db", f->folder);
	f->bibs = bibs_new(NULL, 0);
	f->now_us = 100 * S;
	f->boot_id = "first";
	start(f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = { "box.db", "box.db.lock",
		"box.db-wal" };
	struct fixture *f = *state;

	step_fails = 0;
	end(f);
	bibs_free(f->bibs);
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
press(struct fixture *f, uint32_t key)
{
	struct keys_press p = { .key = key };

	f->now_us += S / 10;
	p.stamp = (struct keys_stamp){ .utc_us = T0 + f->now_us,
		.boot_us = f->now_us,
		.mono_us = f->now_us };
	keyboard_press(f->k, &p);
}

static void
type(struct fixture *f, const char *ascii)
{
	for (; *ascii != '\0'; ascii++)
		press(f,
		    *ascii == '\n' ? (uint32_t)KEYS_ENTER : (uint32_t)*ascii);
}

static int
turn(struct fixture *f)
{
	return notebook_turn(f->n, f->now_us, &f->err);
}

static void
turn_well(struct fixture *f)
{
	if (turn(f) < 0)
		fail_msg("%s", f->err.text);
}

/* ---- ---- */

static void
what_is_entered_is_on_disk_after_the_turn(void **state)
{
	struct fixture *f = *state;

	type(f, "102\n\n");
	assert_int_equal(outbox_last(f->outbox), 0);
	assert_int_equal(notebook_waiting(f->n), 2);
	turn_well(f);
	assert_int_equal(outbox_last(f->outbox), 2);
	assert_int_equal(notebook_waiting(f->n), 0);
	assert_false(outbox_pending(f->outbox));
}

static void
the_line_is_on_disk_after_its_first_key_and_gone_with_its_entry(void **state)
{
	struct fixture *f = *state;
	struct outbox_draft d;

	type(f, "1");
	turn_well(f);
	assert_int_equal(outbox_get_draft(f->outbox, &d), 0);
	assert_string_equal(d.text, "1");
	assert_int_equal(d.time_us, T0 + f->now_us);
	assert_int_equal(d.boot_us, f->now_us);
	type(f, "02");
	turn_well(f);
	assert_int_equal(outbox_get_draft(f->outbox, &d), 0);
	assert_string_equal(d.text, "102");
	assert_int_equal(d.time_us, T0 + f->now_us - S / 5);
	type(f, "\n");
	turn_well(f);
	assert_int_equal(outbox_get_draft(f->outbox, &d), -ENOENT);
	assert_int_equal(outbox_last(f->outbox), 1);
}

static void
a_restart_brings_entries_and_line_back(void **state)
{
	struct fixture *f = *state;
	int64_t first_us = T0 + f->now_us + S / 10;

	type(f, "102\n\n7\n");
	press(f, KEYS_CTRL_Z);
	press(f, KEYS_UP);
	press(f, KEYS_UP);
	type(f, "120\n12");
	turn_well(f);
	restart(f);
	assert_int_equal(keyboard_count(f->k), 3);
	assert_string_equal(keyboard_entry(f->k, 0)->bib, "102");
	assert_int_equal(keyboard_entry(f->k, 0)->time_us, first_us);
	assert_string_equal(keyboard_entry(f->k, 1)->bib, "120");
	assert_true(keyboard_entry(f->k, 2)->gone);
	assert_string_equal(keyboard_text(f->k), "12");
	type(f, "1\n");
	turn_well(f);
	restart(f);
	assert_int_equal(keyboard_count(f->k), 4);
	assert_string_equal(keyboard_entry(f->k, 3)->bib, "121");
	assert_string_equal(keyboard_text(f->k), "");
}

static uint32_t
epoch_kept(const struct fixture *f)
{
	struct clockwork_epoch kept;

	assert_int_equal(outbox_get_clock(f->outbox, &kept), 0);
	return kept.number;
}

static void
a_clock_epoch_is_kept_with_its_first_event_and_lasts_till_the_next_boot(
    void **state)
{
	struct fixture *f = *state;
	struct race_clock_estimate e;

	/* What has no events may have its number again. */
	assert_int_equal(epoch_kept(f), 0);
	restart(f);
	assert_int_equal(clockwork_epoch(f->clocks)->number, 1);
	step_fails = SQLITE_FULL;
	type(f, "7\n");
	assert_int_equal(turn(f), 0);
	step_fails = 0;
	assert_int_equal(epoch_kept(f), 0);
	f->now_us += 2 * S;
	turn_well(f);
	assert_int_equal(epoch_kept(f), 1);
	restart(f);
	assert_int_equal(clockwork_epoch(f->clocks)->number, 1);
	/* An estimate that the stream has is not made again. */
	clockwork_sample(f->clocks,
	    &(struct clockfit_sample){ .t1_us = f->now_us - 100,
	        .t2_us = T0 + f->now_us,
	        .t3_us = T0 + f->now_us,
	        .t4_us = f->now_us });
	assert_true(clockwork_due(f->clocks, f->now_us, &e));
	keyboard_estimate(f->k, &e, T0 + f->now_us);
	turn_well(f);
	assert_int_equal(outbox_last(f->outbox), 2);
	restart(f);
	clockwork_sample(f->clocks,
	    &(struct clockfit_sample){ .t1_us = f->now_us,
	        .t2_us = T0 + f->now_us + 50,
	        .t3_us = T0 + f->now_us + 50,
	        .t4_us = f->now_us + 100 });
	assert_false(clockwork_due(f->clocks, f->now_us + 100, &e));
	/* A line of the boot before keeps its epoch. */
	type(f, "12");
	turn_well(f);
	f->boot_id = "second";
	restart(f);
	assert_int_equal(clockwork_epoch(f->clocks)->number, 2);
	type(f, "0\n");
	turn_well(f);
	assert_int_equal(epoch_kept(f), 2);
	assert_string_equal(keyboard_entry(f->k, 1)->bib, "120");
	assert_int_equal(keyboard_entry(f->k, 1)->mark.epoch, 1);
	type(f, "7\n");
	assert_int_equal(keyboard_entry(f->k, 2)->mark.epoch, 2);
}

static void
many_entries_come_back(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 1200; i++)
		type(f, "102\n");
	turn_well(f);
	restart(f);
	assert_int_equal(keyboard_count(f->k), 1200);
	assert_int_equal(keyboard_entry(f->k, 1199)->seq, 1200);
}

static void
a_full_disk_keeps_entries_and_is_tried_each_second(void **state)
{
	struct fixture *f = *state;
	struct outbox_draft d;

	type(f, "102\n");
	turn_well(f);
	step_fails = SQLITE_FULL;
	type(f, "120\n12");
	turn_well(f);
	assert_true(notebook_full(f->n));
	assert_true(said(f, "disk of the outbox is full"));
	assert_int_equal(notebook_deadline(f->n), f->now_us + S);
	assert_int_equal(notebook_waiting(f->n), 1);
	type(f, "1\n");
	press(f, KEYS_CTRL_Z);
	turn_well(f);
	assert_int_equal(notebook_waiting(f->n), 3);
	assert_int_equal(notebook_tell_lost(f->n), 2);
	assert_true(said(f, "not kept: 08:01:40.5 120"));
	assert_true(said(f, "121, taken back"));

	/* Not before the second is over. */
	step_fails = 0;
	f->now_us = notebook_deadline(f->n) - 1;
	turn_well(f);
	assert_int_equal(outbox_last(f->outbox), 1);
	f->now_us++;
	turn_well(f);
	assert_false(notebook_full(f->n));
	assert_true(said(f, "is on the disk again"));
	assert_int_equal(notebook_deadline(f->n), LOOP_NEVER);
	assert_int_equal(outbox_last(f->outbox), 4);
	assert_int_equal(notebook_tell_lost(f->n), 0);
	assert_int_equal(outbox_get_draft(f->outbox, &d), -ENOENT);
	restart(f);
	assert_int_equal(keyboard_count(f->k), 3);
	assert_string_equal(keyboard_entry(f->k, 1)->bib, "120");
	assert_true(keyboard_entry(f->k, 2)->gone);
}

static void
a_line_that_finds_no_room_is_an_alarm_too(void **state)
{
	struct fixture *f = *state;
	struct outbox_draft d;

	step_fails = SQLITE_FULL;
	type(f, "1");
	turn_well(f);
	assert_true(notebook_full(f->n));
	/* Nothing waits any more; the next key tells whether there is room. */
	press(f, KEYS_ESCAPE);
	f->now_us = notebook_deadline(f->n);
	turn_well(f);
	assert_false(notebook_full(f->n));
	type(f, "1");
	turn_well(f);
	assert_true(notebook_full(f->n));
	step_fails = 0;
	f->now_us = notebook_deadline(f->n);
	turn_well(f);
	assert_false(notebook_full(f->n));
	assert_int_equal(outbox_get_draft(f->outbox, &d), 0);
	assert_string_equal(d.text, "1");
}

static void
a_disk_that_fails_ends_the_program_with_the_reason(void **state)
{
	struct fixture *f = *state;

	type(f, "102\n");
	step_fails = SQLITE_IOERR;
	assert_true(turn(f) < 0);
	assert_true(strlen(f->err.text) > 0);
	assert_int_equal(notebook_tell_lost(f->n), 1);
	assert_true(said(f, "not kept: 08:01:40.1 102"));
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_entered_is_on_disk_after_the_turn),
		TEST(
		    the_line_is_on_disk_after_its_first_key_and_gone_with_its_entry),
		TEST(a_restart_brings_entries_and_line_back),
		TEST(
		    a_clock_epoch_is_kept_with_its_first_event_and_lasts_till_the_next_boot),
		TEST(many_entries_come_back),
		TEST(a_full_disk_keeps_entries_and_is_tried_each_second),
		TEST(a_line_that_finds_no_room_is_an_alarm_too),
		TEST(a_disk_that_fails_ends_the_program_with_the_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
