#include "support/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector/outbox.h"
#include "common/files.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/xalloc.h"

struct fixture {
	char folder[64];
	char path[128];
	struct outbox *outbox;
	struct err err;
};

/* ---- a database call that fails ---- */

static int steps_left = -1; /* -1: none fails */
static int step_code;
static int step_failed;

int __real_sqlite3_step(sqlite3_stmt *s);
int __wrap_sqlite3_step(sqlite3_stmt *s);

int
__wrap_sqlite3_step(sqlite3_stmt *s)
{
	if (steps_left > 0 && --steps_left == 0) {
		steps_left = -1;
		step_failed++;
		return step_code;
	}
	return __real_sqlite3_step(s);
}

/* ---- ---- */

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	log_init("test");
	snprintf(f->folder, sizeof f->folder, "/tmp/outbox-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof f->path, "%s/box.db", f->folder);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	DIR *folder = opendir(f->folder);
	struct dirent *e;

	steps_left = -1;
	outbox_free(f->outbox);
	assert_non_null(folder);
	while ((e = readdir(folder)) != NULL)
		(void)unlinkat(dirfd(folder), e->d_name, 0);
	closedir(folder);
	assert_int_equal(rmdir(f->folder), 0);
	free(f);
	return 0;
}

static void
open_box(struct fixture *f)
{
	if (outbox_open(&f->outbox, f->path, "north", "finish", &f->err) != 0)
		fail_msg("%s", f->err.text);
}

static void
reopen(struct fixture *f)
{
	outbox_free(f->outbox);
	f->outbox = NULL;
	open_box(f);
}

/* Event n is n repeated, so that each is known by its bytes. */
static void
append(struct outbox *o, uint64_t n)
{
	uint8_t body[40];
	uint64_t seq = 0;

	memset(body, (int)(n & 0xff), sizeof body);
	assert_int_equal(outbox_append(o, body, 1 + n % sizeof body, &seq), 0);
	assert_int_equal(seq, n);
}

static void
append_many(struct outbox *o, uint64_t first, uint64_t last)
{
	for (uint64_t n = first; n <= last; n++)
		append(o, n);
}

static void
commit(struct fixture *f)
{
	if (outbox_commit(f->outbox, &f->err) != 0)
		fail_msg("%s", f->err.text);
}

struct reading {
	uint64_t next;
	uint64_t chain;
	size_t bytes;
};

static void
check_event(void *arg, uint64_t seq, const uint8_t *body, size_t len)
{
	struct reading *r = arg;

	assert_int_equal(seq, r->next++);
	assert_int_equal(len, 1 + seq % 40);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(body[i], seq & 0xff);
	r->chain = hash_chain(r->chain, body, len);
	r->bytes += len;
}

/* All events are there, with the chain over them. */
static void
check_all(struct outbox *o)
{
	struct reading r = { .next = 1 };
	uint64_t last = outbox_last(o);
	uint64_t chain = 1;

	while (r.next <= last)
		assert_true(
		    outbox_read(o, r.next, 7, 4096, check_event, &r, NULL) > 0);
	assert_int_equal(r.next, last + 1);
	assert_int_equal(outbox_chain(o, last, &chain), 0);
	assert_int_equal(chain, r.chain);
	assert_int_equal(outbox_chain(o, last + 1, &chain), -ENOENT);
}

static void
a_new_outbox_has_an_identity_and_nothing_else(void **state)
{
	struct fixture *f = *state;
	struct outbox_position pos;
	uint64_t chain = 1;

	open_box(f);
	assert_true(outbox_epoch(f->outbox) != 0);
	assert_string_equal(outbox_name(f->outbox), "north");
	assert_string_equal(outbox_point(f->outbox), "finish");
	assert_int_equal(outbox_last(f->outbox), 0);
	assert_int_equal(outbox_first(f->outbox), 0);
	assert_int_equal(outbox_acked(f->outbox), 0);
	assert_int_equal(outbox_chain(f->outbox, 0, &chain), 0);
	assert_int_equal(chain, 0);
	assert_int_equal(outbox_get_position(f->outbox, "stdin", &pos),
	    -ENOENT);
	assert_false(outbox_pending(f->outbox));
	assert_int_equal(outbox_commit(f->outbox, &f->err), 0);
}

static void
everything_is_there_after_each_reopening(void **state)
{
	struct fixture *f = *state;
	uint64_t epoch;

	open_box(f);
	epoch = outbox_epoch(f->outbox);
	for (uint64_t n = 1; n <= 60; n += 3) {
		struct outbox_position pos = { .offset = n * 10,
			.line = n,
			.near_us = -(int64_t)n,
			.refused = n / 2,
			.separator = ';',
			.hash = UINT64_MAX - n,
			.device = UINT64_MAX - 2 * n,
			.inode = n << 40 };
		struct outbox_position back;

		append_many(f->outbox, n, n + 2);
		assert_int_equal(outbox_set_position(f->outbox, "csv:/x", &pos),
		    0);
		assert_true(outbox_pending(f->outbox));
		assert_int_equal(outbox_last(f->outbox), n - 1);
		commit(f);
		outbox_set_acked(f->outbox, n);
		reopen(f);
		assert_int_equal(outbox_epoch(f->outbox), epoch);
		assert_int_equal(outbox_last(f->outbox), n + 2);
		assert_int_equal(outbox_first(f->outbox), 1);
		assert_int_equal(outbox_acked(f->outbox), n);
		assert_int_equal(outbox_get_position(f->outbox, "csv:/x",
		                     &back),
		    0);
		assert_memory_equal(&back.offset, &pos.offset, 8);
		assert_int_equal(back.line, n);
		assert_int_equal(back.near_us, -(int64_t)n);
		assert_int_equal(back.refused, n / 2);
		assert_int_equal(back.separator, ';');
		assert_true(back.hash == UINT64_MAX - n);
		assert_true(back.device == UINT64_MAX - 2 * n);
		assert_true(back.inode == n << 40);
		check_all(f->outbox);
	}
}

static void
what_was_not_committed_is_neither_read_nor_kept(void **state)
{
	struct fixture *f = *state;
	struct outbox_position pos = { .line = 9 };
	struct reading r = { .next = 1 };

	open_box(f);
	append_many(f->outbox, 1, 5);
	commit(f);
	append_many(f->outbox, 6, 9);
	assert_int_equal(outbox_set_position(f->outbox, "stdin", &pos), 0);
	assert_int_equal(outbox_read(f->outbox, 1, 100, 4096, check_event, &r,
	                     &f->err),
	    5);
	reopen(f);
	assert_int_equal(outbox_last(f->outbox), 5);
	assert_int_equal(outbox_get_position(f->outbox, "stdin", &pos),
	    -ENOENT);
	append_many(f->outbox, 6, 7);
	outbox_rollback(f->outbox);
	append_many(f->outbox, 6, 8);
	commit(f);
	check_all(f->outbox);
	assert_int_equal(outbox_last(f->outbox), 8);
}

static void
reading_keeps_to_count_and_bytes_but_gives_at_least_one(void **state)
{
	struct fixture *f = *state;
	struct reading r = { .next = 10 };

	open_box(f);
	append_many(f->outbox, 1, 100);
	commit(f);
	assert_int_equal(outbox_read(f->outbox, 10, 4, 4096, check_event, &r,
	                     NULL),
	    4);
	/* Events 14 and 15 take 15 and 16 bytes. */
	assert_int_equal(outbox_read(f->outbox, 14, 99, 31, check_event, &r,
	                     NULL),
	    2);
	assert_int_equal(outbox_read(f->outbox, 16, 99, 1, check_event, &r,
	                     NULL),
	    1);
	r.next = 99;
	assert_int_equal(outbox_read(f->outbox, 99, 99, 4096, check_event, &r,
	                     NULL),
	    2);
	assert_int_equal(outbox_read(f->outbox, 101, 9, 4096, check_event, &r,
	                     NULL),
	    0);
}

static void
another_name_or_point_is_refused_and_none_takes_what_is_there(void **state)
{
	struct fixture *f = *state;
	struct outbox *o = NULL;

	open_box(f);
	outbox_free(f->outbox);
	f->outbox = NULL;
	assert_int_equal(outbox_open(&o, f->path, "south", "finish", &f->err),
	    -EEXIST);
	assert_non_null(strstr(f->err.text, "'north', not 'south'"));
	assert_int_equal(outbox_open(&o, f->path, "north", "start", &f->err),
	    -EEXIST);
	assert_non_null(strstr(f->err.text, "'finish', not 'start'"));
	assert_null(o);
	assert_int_equal(outbox_open(&f->outbox, f->path, "", "", &f->err), 0);
	assert_string_equal(outbox_name(f->outbox), "north");
	assert_string_equal(outbox_point(f->outbox), "finish");
}

static void
an_outbox_without_point_gets_one_later(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(outbox_open(&f->outbox, f->path, "north", "", &f->err),
	    0);
	assert_string_equal(outbox_point(f->outbox), "");
	reopen(f);
	assert_string_equal(outbox_point(f->outbox), "finish");
	outbox_free(f->outbox);
	assert_int_equal(outbox_open(&f->outbox, f->path, "", "", &f->err), 0);
	assert_string_equal(outbox_point(f->outbox), "finish");
}

static void
a_second_process_is_refused(void **state)
{
	struct fixture *f = *state;
	int status = 0;
	pid_t pid;

	open_box(f);
	pid = fork();
	if (pid == 0) {
		struct outbox *o;
		struct err err;

		_exit(outbox_open(&o, f->path, "", "", &err) == -EBUSY ? 7 : 8);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 7);
}

static void
edit(const char *path, const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void
a_newer_schema_is_refused(void **state)
{
	struct fixture *f = *state;

	open_box(f);
	outbox_free(f->outbox);
	f->outbox = NULL;
	edit(f->path, "PRAGMA user_version = 5");
	assert_int_equal(outbox_open(&f->outbox, f->path, "", "", &f->err),
	    -EPROTO);
	assert_non_null(strstr(f->err.text, "schema 5"));
	assert_non_null(strstr(f->err.text, "newer collector"));
}

/* What the first version wrote. */
static const char schema_1[] =
    "CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1),"
    " epoch INTEGER NOT NULL, name TEXT NOT NULL, point TEXT NOT NULL,"
    " acked INTEGER NOT NULL) STRICT;"
    "CREATE TABLE event (seq INTEGER PRIMARY KEY, body BLOB NOT NULL,"
    " chain INTEGER NOT NULL) STRICT;"
    "CREATE TABLE source (name TEXT PRIMARY KEY, offset INTEGER NOT NULL,"
    " line INTEGER NOT NULL, near_us INTEGER NOT NULL,"
    " refused INTEGER NOT NULL, separator INTEGER NOT NULL,"
    " hash INTEGER NOT NULL) STRICT;"
    "CREATE TABLE refused (source TEXT NOT NULL, line INTEGER NOT NULL,"
    " text TEXT NOT NULL, why TEXT NOT NULL) STRICT;"
    "INSERT INTO meta VALUES (1, 77, 'north', 'finish', 1);"
    "INSERT INTO source VALUES ('csv:/x', 55, 4, -9, 1, 59, 123);"
    "INSERT INTO refused VALUES ('csv:/x', 3, 'bad', 'no bib');"
    "PRAGMA application_id = 0x50616c4f;"
    "PRAGMA user_version = 1;";

static void
make_schema_1(struct fixture *f)
{
	uint8_t body[2] = { 1, 1 };
	uint8_t second[3] = { 2, 2, 2 };
	uint64_t chain = hash_chain(0, body, sizeof body);
	char sql[256];

	edit(f->path, schema_1);
	snprintf(sql, sizeof sql,
	    "INSERT INTO event VALUES (1, x'0101', %lld), (2, x'020202', %lld)",
	    (long long)chain, (long long)hash_chain(chain, second, 3));
	edit(f->path, sql);
}

static void
check_schema_1(struct fixture *f)
{
	struct outbox_position pos;
	struct outbox_draft d;
	struct clockwork_epoch clock;
	char *columns = NULL;

	assert_int_equal(outbox_epoch(f->outbox), 77);
	assert_int_equal(outbox_acked(f->outbox), 1);
	assert_int_equal(outbox_last(f->outbox), 2);
	check_all(f->outbox);
	assert_int_equal(outbox_get_position(f->outbox, "csv:/x", &pos), 0);
	assert_int_equal(pos.offset, 55);
	assert_int_equal(pos.hash, 123);
	assert_int_equal(pos.device, 0);
	assert_int_equal(pos.inode, 0);
	assert_int_equal(outbox_get_columns(f->outbox, "csv:/x", &columns), 0);
	assert_string_equal(columns, "");
	free(columns);
	assert_int_equal(outbox_get_draft(f->outbox, &d), -ENOENT);
	assert_int_equal(outbox_get_clock(f->outbox, &clock), 0);
	assert_int_equal(clock.number, 0);
}

static void
an_outbox_of_schema_1_is_brought_up_and_loses_nothing(void **state)
{
	struct fixture *f = *state;

	make_schema_1(f);
	for (int i = 0; i < 2; i++) {
		open_box(f);
		check_schema_1(f);
		outbox_free(f->outbox);
		f->outbox = NULL;
	}
	open_box(f);
	append_many(f->outbox, 3, 5);
	commit(f);
	check_all(f->outbox);
}

static void
an_outbox_that_cannot_be_brought_up_stays_as_it_was(void **state)
{
	struct fixture *f = *state;

	/* Someone's own table is in the way of the last step. */
	make_schema_1(f);
	edit(f->path, "CREATE TABLE draft (x)");
	assert_int_equal(outbox_open(&f->outbox, f->path, "", "", &f->err),
	    -EIO);
	assert_non_null(strstr(f->err.text, "from schema 1 to 4: "));
	edit(f->path, "DROP TABLE draft");
	open_box(f);
	check_schema_1(f);
}

static void
a_schema_that_never_was_is_refused(void **state)
{
	struct fixture *f = *state;

	make_schema_1(f);
	edit(f->path, "PRAGMA user_version = -1");
	assert_int_equal(outbox_open(&f->outbox, f->path, "", "", &f->err),
	    -EUCLEAN);
	assert_non_null(strstr(f->err.text, "schema -1"));
}

/* As the version before clocks were measured left it, with a line on it. */
static void
an_outbox_of_schema_2_is_brought_up_with_its_draft(void **state)
{
	struct fixture *f = *state;
	struct clockwork_epoch clock;
	struct outbox_draft d;

	open_box(f);
	append_many(f->outbox, 1, 5);
	commit(f);
	outbox_free(f->outbox);
	f->outbox = NULL;
	edit(f->path,
	    "ALTER TABLE meta DROP COLUMN archived_us;"
	    "DROP TABLE clock;"
	    "ALTER TABLE draft DROP COLUMN clock_epoch;"
	    "ALTER TABLE draft DROP COLUMN offset_us;"
	    "ALTER TABLE draft DROP COLUMN bound_us;"
	    "INSERT INTO draft VALUES (1, 1411286400000000, 77, '12');"
	    "PRAGMA user_version = 2;");
	open_box(f);
	assert_int_equal(outbox_get_draft(f->outbox, &d), 0);
	assert_string_equal(d.text, "12");
	assert_int_equal(d.time_us, INT64_C(1411286400000000));
	assert_int_equal(d.boot_us, 77);
	assert_int_equal(d.mark.epoch, 0);
	assert_int_equal(d.mark.bound_us, 0);
	assert_int_equal(outbox_get_clock(f->outbox, &clock), 0);
	assert_int_equal(clock.number, 0);
	append_many(f->outbox, 6, 10);
	commit(f);
	check_all(f->outbox);
	assert_int_equal(outbox_last(f->outbox), 10);
}

/* As the version that could not put an outbox aside left it. */
static void
an_outbox_of_schema_3_is_brought_up_and_is_not_archived(void **state)
{
	struct fixture *f = *state;

	open_box(f);
	append_many(f->outbox, 1, 5);
	commit(f);
	outbox_free(f->outbox);
	f->outbox = NULL;
	edit(f->path,
	    "ALTER TABLE meta DROP COLUMN archived_us;"
	    "PRAGMA user_version = 3;");
	open_box(f);
	assert_true(outbox_archived(f->outbox) == 0);
	append_many(f->outbox, 6, 7);
	commit(f);
	check_all(f->outbox);
}

static void
a_draft_is_kept_until_there_is_none_any_more(void **state)
{
	struct outbox_draft d = { .time_us = -5,
		.boot_us = INT64_MAX,
		.mark = { .epoch = UINT32_MAX,
		    .offset_us = INT64_MIN,
		    .bound_us = INT64_MAX },
		.text = "12 é" };
	struct fixture *f = *state;
	struct outbox_draft back;

	open_box(f);
	assert_int_equal(outbox_get_draft(f->outbox, &back), -ENOENT);
	assert_int_equal(outbox_set_draft(f->outbox, &d), 0);
	assert_true(outbox_pending(f->outbox));
	reopen(f);
	assert_int_equal(outbox_get_draft(f->outbox, &back), -ENOENT);
	for (int i = 0; i < 2; i++) {
		d.time_us++;
		assert_int_equal(outbox_set_draft(f->outbox, &d), 0);
		commit(f);
	}
	reopen(f);
	assert_int_equal(outbox_get_draft(f->outbox, &back), 0);
	assert_int_equal(back.time_us, -3);
	assert_true(back.boot_us == INT64_MAX);
	assert_true(back.mark.epoch == UINT32_MAX);
	assert_true(back.mark.offset_us == INT64_MIN);
	assert_true(back.mark.bound_us == INT64_MAX);
	assert_string_equal(back.text, "12 é");
	/* It goes with the crossing that it became, or not at all. */
	append(f->outbox, 1);
	assert_int_equal(outbox_set_draft(f->outbox, NULL), 0);
	outbox_rollback(f->outbox);
	assert_int_equal(outbox_get_draft(f->outbox, &back), 0);
	append(f->outbox, 1);
	assert_int_equal(outbox_set_draft(f->outbox, NULL), 0);
	commit(f);
	reopen(f);
	assert_int_equal(outbox_get_draft(f->outbox, &back), -ENOENT);
	check_all(f->outbox);
}

static void
a_clock_epoch_is_kept_in_the_transaction_of_its_events(void **state)
{
	struct clockwork_epoch e = { .number = UINT32_MAX,
		.boot_id = "37ae7c07-3d0c-4a4c-8d4e-2f3a1f0c9b11",
		.asleep_us = INT64_MIN };
	struct fixture *f = *state;
	struct clockwork_epoch back;

	open_box(f);
	assert_int_equal(outbox_set_clock(f->outbox, &e), 0);
	assert_true(outbox_pending(f->outbox));
	outbox_rollback(f->outbox);
	assert_int_equal(outbox_get_clock(f->outbox, &back), 0);
	assert_int_equal(back.number, 0);
	for (int i = 0; i < 2; i++) {
		e.asleep_us++;
		assert_int_equal(outbox_set_clock(f->outbox, &e), 0);
		commit(f);
	}
	reopen(f);
	assert_int_equal(outbox_get_clock(f->outbox, &back), 0);
	assert_true(back.number == UINT32_MAX);
	assert_true(back.asleep_us == INT64_MIN + 2);
	assert_string_equal(back.boot_id, e.boot_id);
}

static void
a_draft_that_we_never_wrote_is_not_taken(void **state)
{
	struct fixture *f = *state;
	struct outbox_draft d;

	open_box(f);
	outbox_free(f->outbox);
	f->outbox = NULL;
	edit(f->path,
	    "INSERT INTO draft VALUES (1, 0, 0, printf('%.*c', 33, 'x'), 0, 0,"
	    " 0)");
	open_box(f);
	assert_int_equal(outbox_get_draft(f->outbox, &d), -EUCLEAN);
}

static void
the_columns_of_a_source_are_kept_with_its_position(void **state)
{
	struct outbox_position pos = { .offset = 9 };
	struct fixture *f = *state;
	char *columns = NULL;

	open_box(f);
	assert_int_equal(outbox_get_columns(f->outbox, "tail:/x", &columns),
	    -ENOENT);
	assert_int_equal(outbox_set_position(f->outbox, "tail:/x", &pos), 0);
	assert_int_equal(outbox_set_columns(f->outbox, "tail:/x",
	                     "time;\"bib\""),
	    0);
	commit(f);
	pos.offset = 30;
	assert_int_equal(outbox_set_position(f->outbox, "tail:/x", &pos), 0);
	commit(f);
	reopen(f);
	assert_int_equal(outbox_get_columns(f->outbox, "tail:/x", &columns), 0);
	assert_string_equal(columns, "time;\"bib\"");
	free(columns);
}

static void
write_file(const char *path, const void *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void
a_foreign_file_is_refused_and_left_alone(void **state)
{
	struct fixture *f = *state;
	static const char text[] = "time,bib\n2014-09-21T10:00:00Z,1\n";
	char *back;
	size_t len;

	write_file(f->path, text, sizeof text - 1);
	assert_int_equal(outbox_open(&f->outbox, f->path, "a", "b", &f->err),
	    -EUCLEAN);
	assert_non_null(strstr(f->err.text, "not an outbox"));
	assert_int_equal(files_read(f->path, 1000, &back, &len, NULL), 0);
	assert_string_equal(back, text);
	free(back);
	unlink(f->path);

	edit(f->path, "CREATE TABLE race (x)");
	assert_int_equal(outbox_open(&f->outbox, f->path, "a", "b", &f->err),
	    -EUCLEAN);
	assert_non_null(strstr(f->err.text, "not an outbox"));
}

static void
an_outbox_gone_from_beside_its_wal_is_not_made_anew(void **state)
{
	struct fixture *f = *state;
	char wal[160];

	snprintf(wal, sizeof wal, "%s-wal", f->path);
	write_file(wal, "x", 1);
	assert_int_equal(outbox_open(&f->outbox, f->path, "a", "b", &f->err),
	    -EUCLEAN);
	assert_non_null(strstr(f->err.text, "missing"));
	assert_int_equal(access(f->path, F_OK), -1);
}

static void
every_truncation_after_a_clean_end_is_refused(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	char *bytes;
	size_t len;

	open_box(f);
	append_many(f->outbox, 1, 2000);
	commit(f);
	outbox_free(f->outbox);
	f->outbox = NULL;
	assert_int_equal(files_read(f->path, 1 << 24, &bytes, &len, NULL), 0);
	assert_true(len > 4096 * 10);
	for (size_t cut = 0; cut < len; cut += cut < 200 ? 1 : 1021) {
		write_file(f->path, bytes, cut);
		assert_int_equal(outbox_open(&f->outbox, f->path, "", "",
		                     &f->err),
		    -EUCLEAN);
		assert_non_null(strstr(f->err.text, f->path));
		/* Kept for whoever can mend it. */
		assert_int_equal(stat(f->path, &st), 0);
		assert_int_equal(st.st_size, cut);
	}
	write_file(f->path, bytes, len);
	free(bytes);
	open_box(f);
	assert_int_equal(outbox_last(f->outbox), 2000);
	check_all(f->outbox);
}

static void
a_wal_cut_anywhere_holds_whole_turns_of_rows_and_position(void **state)
{
	struct fixture *f = *state;
	char wal[160], cut_path[160], cut_wal[170];
	char *db_bytes, *wal_bytes;
	size_t db_len, wal_len;
	uint64_t seen = 0;

	open_box(f);
	for (uint64_t turn = 1; turn <= 20; turn++) {
		struct outbox_position pos = { .line = turn * 5 };

		append_many(f->outbox, turn * 5 - 4, turn * 5);
		assert_int_equal(outbox_set_position(f->outbox, "csv:/x", &pos),
		    0);
		commit(f);
	}
	/* As a killed process leaves it. */
	snprintf(wal, sizeof wal, "%s-wal", f->path);
	snprintf(cut_path, sizeof cut_path, "%s/cut", f->folder);
	snprintf(cut_wal, sizeof cut_wal, "%s/cut-wal", f->folder);
	assert_int_equal(files_read(f->path, 1 << 24, &db_bytes, &db_len, NULL),
	    0);
	assert_int_equal(files_read(wal, 1 << 24, &wal_bytes, &wal_len, NULL),
	    0);
	for (size_t cut = 0; cut <= wal_len; cut += 509) {
		struct outbox_position pos = { 0 };
		struct outbox *o;
		int rc;

		write_file(cut_path, db_bytes, db_len);
		write_file(cut_wal, wal_bytes, cut);
		rc = outbox_open(&o, cut_path, "", "", &f->err);
		if (rc != 0)
			fail_msg("cut at %zu: %s", cut, f->err.text);
		(void)outbox_get_position(o, "csv:/x", &pos);
		assert_int_equal(pos.line, outbox_last(o));
		assert_true(outbox_last(o) >= seen);
		seen = outbox_last(o);
		check_all(o);
		append_many(o, seen + 1, seen + 3);
		assert_int_equal(outbox_commit(o, &f->err), 0);
		check_all(o);
		outbox_free(o);
	}
	assert_true(seen >= 95);
	free(db_bytes);
	free(wal_bytes);
}

static void
a_damaged_page_is_found_after_a_crash(void **state)
{
	struct fixture *f = *state;
	char wal[160];
	char *bytes;
	size_t len;

	open_box(f);
	append_many(f->outbox, 1, 2000);
	commit(f);
	outbox_free(f->outbox);
	f->outbox = NULL;
	assert_int_equal(files_read(f->path, 1 << 24, &bytes, &len, NULL), 0);
	/* A page of the table of events is zeroed; an empty WAL tells of a
	 * crash. */
	memset(bytes + len - 4096, 0, 4096);
	write_file(f->path, bytes, len);
	free(bytes);
	snprintf(wal, sizeof wal, "%s-wal", f->path);
	write_file(wal, "", 0);
	assert_int_equal(outbox_open(&f->outbox, f->path, "", "", &f->err),
	    -EUCLEAN);
	assert_non_null(strstr(f->err.text, "damaged"));
}

/* What a turn of the collector does. */
static int
one_turn(struct outbox *o, uint64_t first, struct err *err)
{
	struct outbox_position pos = { .line = first + 9 };
	int rc = 0;

	for (uint64_t n = first; rc == 0 && n < first + 10; n++) {
		uint8_t body[40];
		uint64_t seq;

		memset(body, (int)(n & 0xff), sizeof body);
		rc = outbox_append(o, body, 1 + n % sizeof body, &seq);
	}
	if (rc == 0)
		rc = outbox_refuse(o, "csv:/x", first, "text", "why");
	if (rc == 0)
		rc = outbox_set_position(o, "csv:/x", &pos);
	if (rc == 0)
		return outbox_commit(o, err);
	outbox_rollback(o);
	return rc;
}

static void
fail_each_step(struct fixture *f, int fail_code, int expected)
{
	uint64_t last = outbox_last(f->outbox);

	for (int n = 1;; n++) {
		struct outbox_position pos = { 0 };
		int rc;

		step_failed = 0;
		step_code = fail_code;
		steps_left = n;
		rc = one_turn(f->outbox, last + 1, &f->err);
		steps_left = -1;
		if (step_failed == 0) {
			assert_int_equal(rc, 0);
			assert_true(n > 13);
			break;
		}
		assert_int_equal(rc, expected);
		assert_int_equal(outbox_last(f->outbox), last);
		assert_false(outbox_pending(f->outbox));
		(void)outbox_get_position(f->outbox, "csv:/x", &pos);
		assert_int_equal(pos.line, last);
		check_all(f->outbox);
		if (expected != -ENOSPC)
			reopen(f);
	}
	assert_int_equal(outbox_last(f->outbox), last + 10);
	check_all(f->outbox);
}

static void
a_full_disk_at_any_step_takes_the_whole_turn_back(void **state)
{
	struct fixture *f = *state;

	open_box(f);
	assert_int_equal(one_turn(f->outbox, 1, &f->err), 0);
	fail_each_step(f, SQLITE_FULL, -ENOSPC);
	fail_each_step(f, SQLITE_IOERR_FSYNC, -EIO);
	reopen(f);
	assert_int_equal(outbox_last(f->outbox), 30);
	check_all(f->outbox);
}

static void
what_is_acknowledged_is_kept_with_a_commit_that_comes_anyway(void **state)
{
	struct fixture *f = *state;
	char wal[160], cut_path[160], cut_wal[170];
	char *bytes;
	size_t len;
	struct outbox *o;

	open_box(f);
	append_many(f->outbox, 1, 3000);
	commit(f);
	outbox_set_acked(f->outbox, 2500);
	append(f->outbox, 3001);
	commit(f);
	snprintf(wal, sizeof wal, "%s-wal", f->path);
	snprintf(cut_path, sizeof cut_path, "%s/cut", f->folder);
	snprintf(cut_wal, sizeof cut_wal, "%s/cut-wal", f->folder);
	assert_int_equal(files_read(f->path, 1 << 24, &bytes, &len, NULL), 0);
	write_file(cut_path, bytes, len);
	free(bytes);
	assert_int_equal(files_read(wal, 1 << 24, &bytes, &len, NULL), 0);
	write_file(cut_wal, bytes, len);
	free(bytes);
	assert_int_equal(outbox_open(&o, cut_path, "", "", &f->err), 0);
	assert_int_equal(outbox_acked(o), 2500);
	/* An aggregator restored from a copy holds less. */
	outbox_set_acked(o, 100);
	outbox_free(o);
	assert_int_equal(outbox_open(&o, cut_path, "", "", &f->err), 0);
	assert_int_equal(outbox_acked(o), 100);
	outbox_free(o);
}

static void
a_refused_line_is_kept_whole_characters_of_it(void **state)
{
	struct fixture *f = *state;
	char text[1203];
	sqlite3 *db;
	sqlite3_stmt *s;

	memset(text, 'x', 999);
	for (size_t i = 999; i < 1201; i += 2)
		memcpy(text + i, "é", 2);
	text[1201] = '\0';
	open_box(f);
	assert_int_equal(outbox_refuse(f->outbox, "csv:/x", 12, text, "no bib"),
	    0);
	commit(f);
	outbox_free(f->outbox);
	f->outbox = NULL;
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
	                     "SELECT source, line, length(text), why FROM "
	                     "refused",
	                     -1, &s, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(s, 0), "csv:/x");
	assert_int_equal(sqlite3_column_int(s, 1), 12);
	assert_int_equal(sqlite3_column_int(s, 2), 999);
	assert_string_equal((const char *)sqlite3_column_text(s, 3), "no bib");
	sqlite3_finalize(s);
	sqlite3_close(db);
}

static void
a_half_made_outbox_is_made_again(void **state)
{
	struct fixture *f = *state;
	char fresh[160];

	snprintf(fresh, sizeof fresh, "%s.new", f->path);
	write_file(fresh, "SQLite format 3", 16);
	open_box(f);
	assert_int_equal(access(fresh, F_OK), -1);
	append(f->outbox, 1);
	commit(f);
	check_all(f->outbox);
}

/* ---- putting aside ---- */

#define ARCHIVED_US INT64_C(1411286400999999)

static void
fill(struct fixture *f)
{
	struct outbox_position pos = { .offset = 1200,
		.line = 31,
		.near_us = 77,
		.refused = 2,
		.separator = ';',
		.hash = UINT64_MAX,
		.device = 4,
		.inode = 5 };

	open_box(f);
	append_many(f->outbox, 1, 30);
	assert_int_equal(outbox_set_position(f->outbox, "tail:/x", &pos), 0);
	assert_int_equal(outbox_set_columns(f->outbox, "tail:/x", "time;bib"),
	    0);
	assert_int_equal(outbox_refuse(f->outbox, "tail:/x", 3, "x", "no"), 0);
	commit(f);
}

/* *path is for free(); the outbox is closed. */
static void
archive(struct fixture *f, char **path)
{
	outbox_set_acked(f->outbox, outbox_last(f->outbox));
	if (outbox_archive(f->outbox, ARCHIVED_US, path, &f->err) != 0)
		fail_msg("%s", f->err.text);
	outbox_free(f->outbox);
	f->outbox = NULL;
}

static void
an_archived_outbox_has_everything_and_a_new_one_takes_its_place(void **state)
{
	struct fixture *f = *state;
	struct outbox_position pos;
	char want[160];
	char *columns;
	char *path;
	uint64_t epoch;

	fill(f);
	epoch = outbox_epoch(f->outbox);
	assert_true(outbox_archived(f->outbox) == 0);
	archive(f, &path);
	snprintf(want, sizeof want, "%s/box-20140921T080000Z.db", f->folder);
	assert_string_equal(path, want);
	snprintf(want, sizeof want, "%s-wal", path);
	assert_int_equal(access(want, F_OK), -1);

	assert_int_equal(outbox_open(&f->outbox, path, "north", "finish",
	                     &f->err),
	    0);
	assert_true(outbox_epoch(f->outbox) == epoch);
	assert_true(outbox_archived(f->outbox) == ARCHIVED_US);
	assert_int_equal(outbox_last(f->outbox), 30);
	assert_int_equal(outbox_acked(f->outbox), 30);
	check_all(f->outbox);
	free(path);

	reopen(f);
	assert_true(outbox_epoch(f->outbox) != epoch);
	assert_true(outbox_archived(f->outbox) == 0);
	assert_int_equal(outbox_last(f->outbox), 0);
	assert_int_equal(outbox_acked(f->outbox), 0);
	/* No line is read twice; what was refused is in the old one. */
	assert_int_equal(outbox_get_position(f->outbox, "tail:/x", &pos), 0);
	assert_int_equal(pos.offset, 1200);
	assert_int_equal(pos.line, 31);
	assert_int_equal(pos.near_us, 77);
	assert_int_equal(pos.refused, 0);
	assert_int_equal(pos.separator, ';');
	assert_true(pos.hash == UINT64_MAX);
	assert_int_equal(pos.device, 4);
	assert_int_equal(pos.inode, 5);
	assert_int_equal(outbox_get_columns(f->outbox, "tail:/x", &columns), 0);
	assert_string_equal(columns, "time;bib");
	free(columns);
	append_many(f->outbox, 1, 3);
	commit(f);
	check_all(f->outbox);
}

static void
count_files(struct fixture *f, size_t expected)
{
	DIR *folder = opendir(f->folder);
	size_t count = 0;

	assert_non_null(folder);
	while (readdir(folder) != NULL)
		count++;
	closedir(folder);
	assert_int_equal(count, expected + 2); /* . and .. */
}

static void
archiving_is_refused_while_anything_is_not_acknowledged(void **state)
{
	struct fixture *f = *state;
	uint64_t epoch;
	char *path;

	fill(f);
	epoch = outbox_epoch(f->outbox);
	for (uint64_t acked = 0; acked < 30; acked += 29) {
		char want[64];

		outbox_set_acked(f->outbox, acked);
		assert_int_equal(outbox_archive(f->outbox, ARCHIVED_US, &path,
		                     &f->err),
		    -EBUSY);
		snprintf(want, sizeof want, "%u of 30 events are not",
		    (unsigned)(30 - acked));
		assert_non_null(strstr(f->err.text, want));
		assert_non_null(strstr(f->err.text, "--once"));
	}
	/* It is as it was. */
	count_files(f, 3); /* WAL, lock */
	append_many(f->outbox, 31, 31);
	commit(f);
	reopen(f);
	assert_true(outbox_epoch(f->outbox) == epoch);
	check_all(f->outbox);
	archive(f, &path);
	free(path);
}

static void
archiving_is_refused_while_a_line_is_typed(void **state)
{
	const struct outbox_draft d = { .time_us = 1, .text = "12" };
	struct fixture *f = *state;
	char *path;

	fill(f);
	outbox_set_acked(f->outbox, 30);
	assert_int_equal(outbox_set_draft(f->outbox, &d), 0);
	commit(f);
	assert_int_equal(outbox_archive(f->outbox, ARCHIVED_US, &path, &f->err),
	    -EBUSY);
	assert_non_null(strstr(f->err.text, "'12' was typed"));
	assert_int_equal(outbox_set_draft(f->outbox, NULL), 0);
	commit(f);
	archive(f, &path);
	free(path);
}

static void
an_outbox_without_events_is_not_archived(void **state)
{
	struct fixture *f = *state;
	char *path;

	open_box(f);
	assert_int_equal(outbox_archive(f->outbox, ARCHIVED_US, &path, &f->err),
	    -ENODATA);
	assert_non_null(strstr(f->err.text, "nothing to archive"));
	append_many(f->outbox, 1, 2);
	commit(f);
	check_all(f->outbox);
}

static void
nothing_is_added_to_an_archived_outbox_but_what_is_acknowledged(void **state)
{
	const struct outbox_position pos = { .offset = 9 };
	const struct clockwork_epoch clock = { .number = 7 };
	const struct outbox_draft d = { .text = "1" };
	const uint8_t body = 1;
	struct fixture *f = *state;
	char *path;
	uint64_t seq;

	fill(f);
	archive(f, &path);
	for (int i = 0; i < 2; i++) {
		struct outbox *o;

		assert_int_equal(outbox_open(&o, path, "", "", &f->err), 0);
		assert_int_equal(outbox_acked(o), i == 0 ? 30 : 4);
		assert_int_equal(outbox_append(o, &body, 1, &seq), -EROFS);
		assert_int_equal(outbox_set_position(o, "x", &pos), -EROFS);
		assert_int_equal(outbox_set_columns(o, "x", "y"), -EROFS);
		assert_int_equal(outbox_set_draft(o, &d), -EROFS);
		assert_int_equal(outbox_set_clock(o, &clock), -EROFS);
		assert_int_equal(outbox_refuse(o, "x", 1, "y", "z"), -EROFS);
		assert_false(outbox_pending(o));
		assert_int_equal(outbox_commit(o, &f->err), 0);
		/* To an aggregator that was restored it is sent again. */
		outbox_set_acked(o, 4);
		check_all(o);
		outbox_free(o);
	}
	free(path);
}

static void
an_archived_outbox_takes_no_point(void **state)
{
	struct fixture *f = *state;
	struct outbox *o;
	char *path;

	assert_int_equal(outbox_open(&f->outbox, f->path, "north", "", &f->err),
	    0);
	append(f->outbox, 1);
	commit(f);
	archive(f, &path);
	assert_int_equal(outbox_open(&o, path, "", "finish", &f->err), -EROFS);
	assert_non_null(strstr(f->err.text, "leave out --point"));
	assert_int_equal(outbox_open(&o, path, "", "", &f->err), 0);
	outbox_free(o);
	free(path);
}

static void
archives_of_one_second_lie_beside_each_other(void **state)
{
	static const char *const ends[] = { "", "-2", "-3" };
	struct fixture *f = *state;
	uint64_t epochs[3];

	for (size_t i = 0; i < 3; i++) {
		char want[160];
		char *path;

		open_box(f);
		epochs[i] = outbox_epoch(f->outbox);
		append_many(f->outbox, 1, i + 1);
		commit(f);
		archive(f, &path);
		snprintf(want, sizeof want, "%s/box-20140921T080000Z%s.db",
		    f->folder, ends[i]);
		assert_string_equal(path, want);
		free(path);
	}
	for (size_t i = 0; i < 3; i++) {
		char path[160];
		struct outbox *o;

		snprintf(path, sizeof path, "%s/box-20140921T080000Z%s.db",
		    f->folder, ends[i]);
		assert_int_equal(outbox_open(&o, path, "", "", &f->err), 0);
		assert_true(outbox_epoch(o) == epochs[i]);
		assert_int_equal(outbox_last(o), i + 1);
		outbox_free(o);
	}
}

static void
an_outbox_that_is_to_come_is_not_missing(void **state)
{
	struct fixture *f = *state;
	char next[160];
	char *path;

	assert_true(outbox_missing(f->path));
	fill(f);
	assert_false(outbox_missing(f->path));
	archive(f, &path);
	free(path);
	/* As a crash between the two moves leaves it. */
	snprintf(next, sizeof next, "%s.next", f->path);
	assert_int_equal(rename(f->path, next), 0);
	assert_false(outbox_missing(f->path));
	open_box(f);
	assert_int_equal(outbox_last(f->outbox), 0);
	assert_int_equal(access(next, F_OK), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_outbox_has_an_identity_and_nothing_else),
		TEST(everything_is_there_after_each_reopening),
		TEST(what_was_not_committed_is_neither_read_nor_kept),
		TEST(reading_keeps_to_count_and_bytes_but_gives_at_least_one),
		TEST(
		    another_name_or_point_is_refused_and_none_takes_what_is_there),
		TEST(an_outbox_without_point_gets_one_later),
		TEST(a_second_process_is_refused),
		TEST(a_newer_schema_is_refused),
		TEST(an_outbox_of_schema_1_is_brought_up_and_loses_nothing),
		TEST(an_outbox_of_schema_2_is_brought_up_with_its_draft),
		TEST(an_outbox_of_schema_3_is_brought_up_and_is_not_archived),
		TEST(an_outbox_that_cannot_be_brought_up_stays_as_it_was),
		TEST(a_schema_that_never_was_is_refused),
		TEST(a_draft_is_kept_until_there_is_none_any_more),
		TEST(a_clock_epoch_is_kept_in_the_transaction_of_its_events),
		TEST(a_draft_that_we_never_wrote_is_not_taken),
		TEST(the_columns_of_a_source_are_kept_with_its_position),
		TEST(a_foreign_file_is_refused_and_left_alone),
		TEST(an_outbox_gone_from_beside_its_wal_is_not_made_anew),
		TEST(every_truncation_after_a_clean_end_is_refused),
		TEST(a_wal_cut_anywhere_holds_whole_turns_of_rows_and_position),
		TEST(a_damaged_page_is_found_after_a_crash),
		TEST(a_full_disk_at_any_step_takes_the_whole_turn_back),
		TEST(
		    what_is_acknowledged_is_kept_with_a_commit_that_comes_anyway),
		TEST(a_refused_line_is_kept_whole_characters_of_it),
		TEST(a_half_made_outbox_is_made_again),
		TEST(
		    an_archived_outbox_has_everything_and_a_new_one_takes_its_place),
		TEST(archiving_is_refused_while_anything_is_not_acknowledged),
		TEST(archiving_is_refused_while_a_line_is_typed),
		TEST(an_outbox_without_events_is_not_archived),
		TEST(
		    nothing_is_added_to_an_archived_outbox_but_what_is_acknowledged),
		TEST(an_archived_outbox_takes_no_point),
		TEST(archives_of_one_second_lie_beside_each_other),
		TEST(an_outbox_that_is_to_come_is_not_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
