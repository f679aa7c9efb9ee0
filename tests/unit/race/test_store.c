#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/hash.h"
#include "race/store.h"

enum { EPOCH = 0xabcdef };

struct fixture {
	char dir[64];
	char path[96];
	struct store *store;
	struct err err;
};

static void
open_store(struct fixture *f)
{
	f->store = NULL;
	if (store_open(&f->store, f->path, STORE_WRITE, &f->err) != 0)
		fail_msg("%s", f->err.text);
}

static void
close_store(struct fixture *f)
{
	store_free(f->store);
	f->store = NULL;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	snprintf(f->dir, sizeof f->dir, "/tmp/test_store.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof f->path, "%s/race.db", f->dir);
	open_store(f);
	*state = f;
	return 0;
}

static void
remove_all(const struct fixture *f)
{
	const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	char path[128];

	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s%s", f->path, ends[i]);
		unlink(path);
	}
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	close_store(f);
	remove_all(f);
	rmdir(f->dir);
	free(f);
	return 0;
}

/* Appends crossings of the stream until its cursor is `last`. */
static void
append_to(struct store *s, uint64_t epoch, uint64_t last)
{
	struct store_stream st;

	assert_int_equal(store_stream(s, epoch, "box", "finish", false, &st),
	    0);
	while (st.cursor < last) {
		char bib[16];
		struct race_event e = {
			.kind = RACE_CROSSING,
			.crossing = { .point = "finish",
			    .bib = bib,
			    .chip = "",
			    .source = "",
			    .time_us = (int64_t)(1000 + st.cursor) },
		};
		int len =
		    snprintf(bib, sizeof bib, "%u", (unsigned)st.cursor + 1);

		st.cursor++;
		st.chain = hash_chain(st.chain, bib, (size_t)len);
		assert_int_equal(store_append(s, st.id, st.cursor, &e,
		                     (const uint8_t *)bib, (size_t)len,
		                     st.chain, 5000),
		    0);
	}
}

static void
commit(struct store *s)
{
	struct err err;

	if (store_commit(s, &err) != 0)
		fail_msg("%s", err.text);
}

static struct store_stream
stream_of(struct store *s, uint64_t epoch)
{
	struct store_stream st;

	assert_int_equal(store_stream(s, epoch, "box", "finish", false, &st),
	    0);
	return st;
}

struct count {
	uint64_t events;
	uint64_t last;
	uint64_t chain;
};

static int
count_event(void *arg, const struct store_event *e)
{
	struct count *c = arg;

	assert_true(e->log > c->last);
	c->last = e->log;
	c->events++;
	c->chain = hash_chain(c->chain, e->body, e->len);
	assert_int_equal(e->id.seq, c->events);
	assert_int_equal(e->id.stream, EPOCH);
	assert_int_equal(e->received_us, 5000);
	assert_true(c->chain == e->chain);
	return 0;
}

static uint64_t
count_events(struct store *s)
{
	struct count c = { 0 };

	assert_int_equal(store_scan(s, 0, count_event, &c, NULL), 0);
	return c.events;
}

/* As kill -9 leaves it: the process goes without closing. */
static void
in_killed_child(struct fixture *f, void (*work)(struct fixture *))
{
	int status;
	pid_t pid;

	close_store(f);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		open_store(f);
		work(f);
		raise(SIGKILL);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* Runs SQL on a connection of its own and returns the first number. */
static int64_t
sql(const char *path, const char *text)
{
	sqlite3 *db;
	sqlite3_stmt *stmt;
	int64_t result = 0;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_prepare_v2(db, text, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	if (sqlite3_step(stmt) == SQLITE_ROW)
		result = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return result;
}

static void
what_was_committed_is_there_after_reopening(void **state)
{
	struct fixture *f = *state;
	uint64_t id = store_id(f->store);
	struct store_stream st;

	append_to(f->store, EPOCH, 25);
	commit(f->store);
	close_store(f);
	open_store(f);
	assert_true(id != 0 && store_id(f->store) == id);
	st = stream_of(f->store, EPOCH);
	assert_int_equal(st.cursor, 25);
	assert_int_equal(st.last_time_us, 1024);
	assert_string_equal(st.name, "box");
	assert_int_equal(store_log(f->store), 25);
	assert_int_equal(count_events(f->store), 25);
	append_to(f->store, EPOCH, 26);
	commit(f->store);
	assert_int_equal(count_events(f->store), 26);
}

static void
what_was_not_committed_is_gone_after_reopening(void **state)
{
	struct fixture *f = *state;

	append_to(f->store, EPOCH, 5);
	commit(f->store);
	append_to(f->store, EPOCH, 9);
	close_store(f);
	open_store(f);
	assert_int_equal(stream_of(f->store, EPOCH).cursor, 5);
	assert_int_equal(count_events(f->store), 5);
}

static void
kill_in_the_middle(struct fixture *f)
{
	append_to(f->store, EPOCH, 700);
	commit(f->store);
	append_to(f->store, EPOCH, 900);
}

static void
rows_and_cursor_agree_after_a_kill(void **state)
{
	struct fixture *f = *state;

	in_killed_child(f, kill_in_the_middle);
	open_store(f);
	assert_int_equal(stream_of(f->store, EPOCH).cursor, 700);
	assert_int_equal(store_log(f->store), 700);
	assert_int_equal(count_events(f->store), 700);
}

static void
rolling_back_takes_rows_and_cursor_back_together(void **state)
{
	struct fixture *f = *state;
	struct store_stream st;

	append_to(f->store, EPOCH, 10);
	commit(f->store);
	st = stream_of(f->store, EPOCH);
	append_to(f->store, EPOCH, 30);
	assert_true(store_pending(f->store));
	store_rollback(f->store);
	assert_false(store_pending(f->store));
	assert_int_equal(store_log(f->store), 10);
	assert_memory_equal(&st.chain,
	    &(uint64_t){ stream_of(f->store, EPOCH).chain }, sizeof st.chain);
	assert_int_equal(stream_of(f->store, EPOCH).cursor, 10);
	append_to(f->store, EPOCH, 12);
	commit(f->store);
	assert_int_equal(count_events(f->store), 12);
}

static void
a_stream_made_in_a_rolled_back_transaction_keeps_its_number(void **state)
{
	struct fixture *f = *state;
	uint32_t id;

	append_to(f->store, EPOCH, 3);
	id = stream_of(f->store, EPOCH).id;
	store_rollback(f->store);
	assert_int_equal(stream_of(f->store, EPOCH).id, id);
	assert_int_equal(stream_of(f->store, EPOCH).cursor, 0);
	commit(f->store);
	close_store(f);
	open_store(f);
	assert_int_equal(sql(f->path, "SELECT count(*) FROM stream"), 1);
	append_to(f->store, EPOCH, 1);
	commit(f->store);
	assert_int_equal(count_events(f->store), 1);
}

static void
a_name_and_point_are_brought_up_to_date(void **state)
{
	struct fixture *f = *state;
	struct store_stream st;

	assert_int_equal(store_stream(f->store, EPOCH, "a", "p", false, &st),
	    0);
	commit(f->store);
	assert_int_equal(store_stream(f->store, EPOCH, "a", "p", false, &st),
	    0);
	assert_false(store_pending(f->store));
	assert_int_equal(store_stream(f->store, EPOCH, "b", "q", false, &st),
	    0);
	assert_true(store_pending(f->store));
	commit(f->store);
	assert_int_equal(sql(f->path,
	                     "SELECT count(*) FROM stream WHERE name = 'b' "
	                     "AND point = 'q'"),
	    1);
}

static void
an_operators_stream_is_one_after_reopening(void **state)
{
	struct fixture *f = *state;
	struct store_stream st;

	assert_int_equal(store_stream(f->store, EPOCH, "anna", "", true, &st),
	    0);
	assert_true(st.operators);
	append_to(f->store, 1, 1);
	commit(f->store);
	close_store(f);
	open_store(f);
	/* Whoever asks does not change it. */
	assert_true(stream_of(f->store, EPOCH).operators);
	assert_false(stream_of(f->store, 1).operators);
}

/* The file as the version before made it. */
static void
make_schema_1(struct fixture *f)
{
	sqlite3 *db;

	append_to(f->store, EPOCH, 3);
	commit(f->store);
	close_store(f);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
	                     "ALTER TABLE stream DROP COLUMN operators;"
	                     "PRAGMA user_version = 1; PRAGMA "
	                     "wal_checkpoint(TRUNCATE)",
	                     NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
}

static void
a_file_of_schema_1_is_read_and_brought_up_to_date_by_a_writer(void **state)
{
	struct fixture *f = *state;
	uint64_t id = store_id(f->store);
	struct count c = { 0 };
	struct store *reader;

	make_schema_1(f);
	for (int i = 0; i < 2; i++) {
		/* A reader leaves it as it is. */
		assert_int_equal(store_open(&reader, f->path, STORE_READ,
		                     &f->err),
		    0);
		assert_int_equal(store_log(reader), 3);
		c = (struct count){ 0 };
		assert_int_equal(store_scan(reader, 0, count_event, &c,
		                     &f->err),
		    0);
		store_free(reader);
		assert_int_equal(c.events, 3);
	}
	open_store(f);
	assert_true(store_id(f->store) == id);
	assert_int_equal(stream_of(f->store, EPOCH).cursor, 3);
	assert_false(stream_of(f->store, EPOCH).operators);
	append_to(f->store, EPOCH, 4);
	commit(f->store);
	close_store(f);
	open_store(f);
	assert_int_equal(store_log(f->store), 4);
}

static void
a_stream_without_a_name_is_kept(void **state)
{
	struct fixture *f = *state;
	struct store_stream st;

	assert_int_equal(store_stream(f->store, EPOCH, "", "", false, &st), 0);
	commit(f->store);
	assert_int_equal(sql(f->path, "SELECT count(*) FROM stream"), 1);
}

static void
the_columns_repeat_what_is_in_the_body(void **state)
{
	struct fixture *f = *state;
	struct store_stream st = stream_of(f->store, EPOCH);
	struct race_event gun = { .kind = RACE_GUN,
		.gun = { .wave = "w", .gun_us = 77 } };
	const struct race_decision add = { .verb = RACE_ADD_READ,
		.bib = "12",
		.point = "finish",
		.time_us = 78 };
	struct race_event decision = { .kind = RACE_DECISION,
		.decision = &add };

	append_to(f->store, EPOCH, 1);
	assert_int_equal(store_append(f->store, st.id, 2, &gun,
	                     (const uint8_t *)"g", 1, 2, 5000),
	    0);
	assert_int_equal(store_append(f->store, st.id, 3, NULL,
	                     (const uint8_t *)"", 0, 3, 5000),
	    0);
	assert_int_equal(store_append(f->store, st.id, 4, &decision,
	                     (const uint8_t *)"d", 1, 4, 5000),
	    0);
	commit(f->store);
	assert_int_equal(sql(f->path,
	                     "SELECT count(*) FROM log WHERE number = 1 AND "
	                     "kind = 'crossing' AND time_us = 1000 AND "
	                     "point = 'finish' AND bib = '1' AND chip IS NULL "
	                     "AND body = x'31'"),
	    1);
	assert_int_equal(sql(f->path,
	                     "SELECT time_us FROM log WHERE kind = 'gun' AND "
	                     "point IS NULL"),
	    77);
	assert_int_equal(sql(f->path,
	                     "SELECT number FROM log WHERE kind = 'unknown' "
	                     "AND body = x''"),
	    3);
	assert_int_equal(sql(f->path,
	                     "SELECT time_us FROM log WHERE bib = '12' AND "
	                     "kind = 'decision' AND point = 'finish'"),
	    78);
}

static void
the_chain_of_any_stored_event_can_be_asked(void **state)
{
	struct fixture *f = *state;
	uint32_t id;
	uint64_t chain = 0;
	uint64_t got;

	append_to(f->store, EPOCH, 3);
	id = stream_of(f->store, EPOCH).id;
	chain = hash_chain(chain, "1", 1);
	chain = hash_chain(chain, "2", 1);
	/* before the commit as well as after */
	assert_int_equal(store_chain(f->store, id, 2, &got), 0);
	assert_true(got == chain);
	commit(f->store);
	assert_int_equal(store_chain(f->store, id, 2, &got), 0);
	assert_true(got == chain);
	assert_int_equal(store_chain(f->store, id, 4, &got), -ENOENT);
	assert_int_equal(store_chain(f->store, id + 1, 1, &got), -ENOENT);
}

static int
stop_at_4(void *arg, const struct store_event *e)
{
	uint64_t *seen = arg;

	(*seen)++;
	return e->log == 4 ? -ECANCELED : 0;
}

static void
a_scan_begins_behind_a_number_and_ends_when_told(void **state)
{
	struct fixture *f = *state;
	uint64_t seen = 0;

	append_to(f->store, EPOCH, 8);
	commit(f->store);
	assert_int_equal(store_scan(f->store, 2, stop_at_4, &seen, NULL),
	    -ECANCELED);
	assert_int_equal(seen, 2);
	/* and can be begun again */
	assert_int_equal(count_events(f->store), 8);
}

static void
a_scan_goes_on_over_many_short_transactions(void **state)
{
	struct fixture *f = *state;

	append_to(f->store, EPOCH, 30000);
	commit(f->store);
	assert_int_equal(count_events(f->store), 30000);
	append_to(f->store, EPOCH, 30001);
	commit(f->store);
	assert_int_equal(count_events(f->store), 30001);
}

static void
a_reader_follows_a_writer(void **state)
{
	struct fixture *f = *state;
	struct store *reader;

	append_to(f->store, EPOCH, 5);
	commit(f->store);
	assert_int_equal(store_open(&reader, f->path, STORE_READ, &f->err), 0);
	assert_int_equal(count_events(reader), 5);
	append_to(f->store, EPOCH, 6);
	commit(f->store);
	assert_int_equal(count_events(reader), 6);
	assert_true(store_id(reader) == store_id(f->store));
	store_free(reader);
}

struct streams {
	size_t count;
	uint64_t cursor;
};

static int
note_stream(void *arg, const struct store_stream *st)
{
	struct streams *n = arg;

	n->count++;
	n->cursor += st->cursor;
	return 0;
}

static void
a_reader_meets_streams_made_after_it_opened(void **state)
{
	struct fixture *f = *state;
	struct store *reader;
	struct streams n = { 0 };

	commit(f->store);
	assert_int_equal(store_open(&reader, f->path, STORE_READ, &f->err), 0);
	append_to(f->store, EPOCH, 4);
	commit(f->store);
	assert_int_equal(count_events(reader), 4);
	append_to(f->store, 99, 2);
	commit(f->store);
	assert_int_equal(store_streams(reader, note_stream, &n), 0);
	assert_int_equal(n.count, 2);
	assert_int_equal(n.cursor, 6);
	store_free(reader);
}

static void
the_newest_rules_are_found(void **state)
{
	struct fixture *f = *state;
	struct store_stream st = stream_of(f->store, store_id(f->store));
	struct store_stream other = stream_of(f->store, 99);
	struct race_event e = { .kind = RACE_RULES };
	uint8_t *body;
	size_t len;

	assert_int_equal(store_rules(f->store, &body, &len, &f->err), -ENOENT);
	store_append(f->store, st.id, 1, &e, (const uint8_t *)"old", 3, 1, 0);
	store_append(f->store, st.id, 2, &e, (const uint8_t *)"new", 3, 2, 0);
	append_to(f->store, EPOCH, 50);
	/* which no collector can give */
	store_append(f->store, other.id, 1, &e, (const uint8_t *)"bad", 3, 3,
	    0);
	commit(f->store);
	assert_int_equal(store_rules(f->store, &body, &len, &f->err), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(body, "new", 3);
	free(body);
}

static void
a_second_writer_is_refused_with_the_first_ones_pid(void **state)
{
	struct fixture *f = *state;
	struct store *second;
	char pid[16];
	int status;
	pid_t child;

	snprintf(pid, sizeof pid, "%d", (int)getpid());
	child = fork();
	if (child == 0) {
		int rc = store_open(&second, f->path, STORE_WRITE, &f->err);

		_exit(rc == -EBUSY && strstr(f->err.text, pid) ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
a_missing_file_is_not_made_by_a_reader(void **state)
{
	struct fixture *f = *state;
	struct store *s;

	close_store(f);
	remove_all(f);
	assert_int_equal(store_open(&s, f->path, STORE_READ, &f->err), -ENOENT);
	assert_int_equal(access(f->path, F_OK), -1);
}

static void
a_newer_schema_is_refused_with_words(void **state)
{
	struct fixture *f = *state;

	close_store(f);
	sql(f->path, "PRAGMA user_version = 5");
	assert_int_equal(store_open(&f->store, f->path, STORE_WRITE, &f->err),
	    -EPROTO);
	assert_non_null(strstr(f->err.text, "schema 5"));
	assert_non_null(strstr(f->err.text, "newer"));
	assert_int_equal(sql(f->path, "PRAGMA user_version"), 5);
}

static void
write_file(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void
another_programs_database_is_refused_and_left_alone(void **state)
{
	struct fixture *f = *state;

	close_store(f);
	remove_all(f);
	sql(f->path, "CREATE TABLE t (x)");
	assert_int_equal(store_open(&f->store, f->path, STORE_WRITE, &f->err),
	    -EUCLEAN);
	assert_non_null(strstr(f->err.text, "not a store of Palmarès"));
	assert_non_null(strstr(f->err.text, "move it away"));
	assert_int_equal(sql(f->path, "SELECT count(*) FROM sqlite_master"), 1);
}

static void
a_file_that_is_no_database_is_refused(void **state)
{
	static const char text[] = "bib,name\n1,Ann\n";
	struct fixture *f = *state;

	close_store(f);
	remove_all(f);
	write_file(f->path, text, sizeof text - 1);
	assert_int_equal(store_open(&f->store, f->path, STORE_WRITE, &f->err),
	    -EUCLEAN);
	assert_non_null(strstr(f->err.text, "move it away"));
}

static char *
read_all(const char *path, size_t *len)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	char *bytes;

	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	*len = (size_t)st.st_size;
	bytes = malloc(*len + 1);
	assert_int_equal(read(fd, bytes, *len), *len);
	close(fd);
	return bytes;
}

static void
a_file_cut_short_is_refused_at_every_length(void **state)
{
	struct fixture *f = *state;
	size_t len;
	char *bytes;

	append_to(f->store, EPOCH, 300);
	commit(f->store);
	close_store(f);
	bytes = read_all(f->path, &len);
	assert_true(len > 20000);
	for (size_t cut = 1; cut < len; cut += cut < 200 ? 1 : 509) {
		int rc;

		remove_all(f);
		write_file(f->path, bytes, cut);
		rc = store_open(&f->store, f->path, STORE_WRITE, &f->err);
		if (rc != -EUCLEAN)
			fail_msg("cut at %zu of %zu: %d %s", cut, len, rc,
			    f->err.text);
		assert_non_null(strstr(f->err.text, "move it away"));
	}
	remove_all(f);
	write_file(f->path, bytes, len);
	open_store(f);
	assert_int_equal(count_events(f->store), 300);
	free(bytes);
}

static void
kill_with_a_wal(struct fixture *f)
{
	append_to(f->store, EPOCH, 3000);
	commit(f->store);
	store_idle(f->store);
	append_to(f->store, EPOCH, 3100);
	commit(f->store);
}

static void
damage_inside_is_found_after_an_unclean_end(void **state)
{
	struct fixture *f = *state;
	size_t len;
	char *bytes;

	in_killed_child(f, kill_with_a_wal);
	bytes = read_all(f->path, &len);
	/* A page in the middle, of no header. */
	memset(bytes + len / 2 / 4096 * 4096, 0x5a, 4096);
	write_file(f->path, bytes, len);
	free(bytes);
	assert_int_equal(store_open(&f->store, f->path, STORE_WRITE, &f->err),
	    -EUCLEAN);
	assert_non_null(strstr(f->err.text, "events 1 to "));
	assert_null(strchr(f->err.text, '\n'));
	assert_null(strstr(f->err.text, "events 1 to 3,100 "));
	assert_non_null(strstr(f->err.text, "race.db-wal"));
}

static void
an_empty_file_beside_a_wal_is_damage_not_a_new_race(void **state)
{
	struct fixture *f = *state;
	char wal[128];
	struct stat st;

	in_killed_child(f, kill_with_a_wal);
	assert_int_equal(truncate(f->path, 0), 0);
	assert_int_equal(store_open(&f->store, f->path, STORE_WRITE, &f->err),
	    -EUCLEAN);
	snprintf(wal, sizeof wal, "%s-wal", f->path);
	assert_int_equal(stat(wal, &st), 0);
	assert_true(st.st_size > 0);
}

static void
the_wal_does_not_grow_without_bound(void **state)
{
	struct fixture *f = *state;
	char wal[128];
	struct stat st;

	snprintf(wal, sizeof wal, "%s-wal", f->path);
	for (uint64_t n = 1; n <= 60; n++) {
		append_to(f->store, EPOCH, n * 2000);
		commit(f->store);
	}
	assert_int_equal(stat(wal, &st), 0);
	assert_true(st.st_size < 8 * 1024 * 1024);
}

static void
a_reader_that_stays_does_not_stop_the_writer(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;

	append_to(f->store, EPOCH, 1);
	commit(f->store);
	assert_int_equal(sqlite3_open_v2(f->path, &db, SQLITE_OPEN_READONLY,
	                     NULL),
	    SQLITE_OK);
	sqlite3_exec(db, "BEGIN; SELECT count(*) FROM log", NULL, NULL, NULL);
	for (uint64_t n = 1; n <= 20; n++) {
		append_to(f->store, EPOCH, n * 2000);
		commit(f->store);
	}
	sqlite3_close(db);
	assert_int_equal(count_events(f->store), 40000);
}

static void
limit_files(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A limit on the size of files stands for a disk without room. */
static void
a_full_disk_is_rolled_back_and_may_be_tried_again(void **state)
{
	struct fixture *f = *state;
	struct store_stream st;
	struct err err;
	uint8_t body[4000];
	int rc = 0;

	append_to(f->store, EPOCH, 10);
	commit(f->store);
	st = stream_of(f->store, EPOCH);
	memset(body, 1, sizeof body);
	signal(SIGXFSZ, SIG_IGN);
	limit_files(200 * 1024);
	for (uint64_t seq = 11; rc == 0 && seq < 111; seq++)
		rc = store_append(f->store, st.id, seq, NULL, body, sizeof body,
		    1, 5000);
	if (rc == 0)
		rc = store_commit(f->store, &err);
	assert_int_equal(rc, -ENOSPC);
	store_rollback(f->store);
	assert_int_equal(store_room(f->store), -ENOSPC);
	assert_int_equal(count_events(f->store), 10);
	limit_files(RLIM_INFINITY);
	assert_int_equal(store_room(f->store), 0);
	append_to(f->store, EPOCH, 40);
	commit(f->store);
	assert_int_equal(count_events(f->store), 40);
	close_store(f);
	open_store(f);
	assert_int_equal(count_events(f->store), 40);
}

static void
a_file_held_by_another_program_may_be_tried_again(void **state)
{
	struct fixture *f = *state;
	struct store_stream st = stream_of(f->store, EPOCH);
	struct err err;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	assert_int_equal(store_append(f->store, st.id, 1, NULL,
	                     (const uint8_t *)"", 0, 1, 5000),
	    -EBUSY);
	assert_int_equal(store_commit(f->store, &err), -EBUSY);
	assert_int_equal(store_room(f->store), -EBUSY);
	sqlite3_close(db);
	assert_int_equal(store_room(f->store), 0);
	append_to(f->store, EPOCH, 2);
	commit(f->store);
	assert_int_equal(count_events(f->store), 2);
}

/* What somebody reads who may not write: the number of events, or -errno. */
static int
read_as_guest(struct fixture *f)
{
	int status = 0;
	pid_t child;

	assert_int_equal(chmod(f->dir, 0555), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct store *s;
		struct err err;
		int rc;

		/* Nothing is forbidden to root. */
		if (geteuid() == 0 && setresuid(65534, 65534, 65534) < 0)
			_exit(255);
		rc = store_open(&s, f->path, STORE_READ, &err);
		if (rc == -EACCES && strstr(err.text, "copy both") != NULL)
			_exit(100);
		if (rc < 0)
			_exit(101);
		_exit((int)count_events(s));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(chmod(f->dir, 0700), 0);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == 100 ? -EACCES : WEXITSTATUS(status);
}

static void
a_folder_that_may_not_be_written_to_can_be_read(void **state)
{
	struct fixture *f = *state;

	append_to(f->store, EPOCH, 7);
	commit(f->store);
	close_store(f);
	assert_int_equal(chmod(f->path, 0444), 0);
	assert_int_equal(read_as_guest(f), 7);
}

static void
a_path_with_a_uris_characters_in_it_can_be_read(void **state)
{
	struct fixture *f = *state;
	char before[sizeof f->path];

	append_to(f->store, EPOCH, 7);
	commit(f->store);
	close_store(f);
	memcpy(before, f->path, sizeof before);
	snprintf(f->path, sizeof f->path, "%s/50%%20?a#b.db", f->dir);
	assert_int_equal(rename(before, f->path), 0);
	assert_int_equal(chmod(f->path, 0444), 0);
	assert_int_equal(read_as_guest(f), 7);
	assert_int_equal(rename(f->path, before), 0);
	memcpy(f->path, before, sizeof before);
}

static void
store_seven(struct fixture *f)
{
	append_to(f->store, EPOCH, 7);
	commit(f->store);
}

/* Reading the file alone would hide the events in the WAL. */
static void
a_wal_left_where_nobody_may_write_is_told_with_what_would_do(void **state)
{
	struct fixture *f = *state;
	char shm[128];

	in_killed_child(f, store_seven);
	snprintf(shm, sizeof shm, "%s-shm", f->path);
	assert_int_equal(unlink(shm), 0);
	assert_int_equal(read_as_guest(f), -EACCES);
}

/* ---- backups ---- */

/* The copy, opened as a race.db, then removed with what that leaves. */
static uint64_t
events_of(const char *copy)
{
	struct fixture c = { .store = NULL };
	uint64_t events;

	snprintf(c.path, sizeof c.path, "%s", copy);
	open_store(&c);
	events = count_events(c.store);
	assert_int_equal(stream_of(c.store, EPOCH).cursor, events);
	close_store(&c);
	remove_all(&c);
	return events;
}

static char *
beside(const struct fixture *f, const char *name)
{
	static char path[96];

	snprintf(path, sizeof path, "%s/%s", f->dir, name);
	return path;
}

static int
back_up(struct fixture *f, const char *to, struct store_copy *copy)
{
	struct store *reader;
	int rc;

	assert_int_equal(store_open(&reader, f->path, STORE_READ, &f->err), 0);
	rc = store_backup(reader, to, NULL, NULL, copy, &f->err);
	store_free(reader);
	return rc;
}

/* The writer goes on between the steps of a copy. */
struct meanwhile {
	struct fixture *f;
	uint64_t next;
	unsigned steps;
	uint64_t done;
	uint64_t total;
};

static void
write_meanwhile(void *arg, uint64_t done, uint64_t total)
{
	struct meanwhile *m = arg;

	m->next += 500;
	append_to(m->f->store, EPOCH, m->next);
	commit(m->f->store);
	store_idle(m->f->store);
	m->steps++;
	assert_true(done > m->done);
	m->done = done;
	m->total = total;
}

static void
a_backup_taken_while_another_writes_is_the_log_as_it_began(void **state)
{
	enum { BEFORE = 120000 };
	struct fixture *f = *state;
	struct meanwhile m = { .f = f, .next = BEFORE };
	struct store_copy copy = { 0 };
	struct store *reader;
	const char *to = beside(f, "copy");
	struct stat st;

	append_to(f->store, EPOCH, BEFORE);
	commit(f->store);
	assert_int_equal(store_open(&reader, f->path, STORE_READ, &f->err), 0);
	if (store_backup(reader, to, write_meanwhile, &m, &copy, &f->err) != 0)
		fail_msg("%s", f->err.text);
	store_free(reader);
	assert_true(m.steps >= 3);
	assert_true(m.done == m.total);
	assert_int_equal(copy.events, BEFORE);
	assert_int_equal(copy.last_us, 5000);
	assert_int_equal(stat(to, &st), 0);
	assert_int_equal(copy.bytes, st.st_size);
	assert_int_equal(events_of(to), BEFORE);
	assert_int_equal(count_events(f->store), m.next);
	assert_int_equal(access(beside(f, "copy.partial"), F_OK), -1);
}

static void
a_backup_has_what_stands_in_the_wal_alone(void **state)
{
	struct fixture *f = *state;
	struct store_copy copy;

	append_to(f->store, EPOCH, 7);
	commit(f->store);
	append_to(f->store, EPOCH, 9); /* not committed */
	assert_int_equal(back_up(f, beside(f, "copy"), &copy), 0);
	assert_int_equal(copy.events, 7);
	assert_int_equal(events_of(beside(f, "copy")), 7);
}

static void
an_older_backup_is_replaced_and_nothing_else_is(void **state)
{
	struct fixture *f = *state;
	struct store_copy copy;
	const char *to = beside(f, "copy");

	append_to(f->store, EPOCH, 7);
	commit(f->store);
	assert_int_equal(back_up(f, to, &copy), 0);
	append_to(f->store, EPOCH, 10);
	commit(f->store);
	assert_int_equal(back_up(f, to, &copy), 0);
	assert_int_equal(copy.events, 10);
	assert_int_equal(back_up(f, f->path, &copy), -EEXIST);
	assert_int_equal(back_up(f, f->dir, &copy), -EISDIR);
	write_file(to, "bib,name\n", 9);
	assert_int_equal(back_up(f, to, &copy), -EEXIST);
	assert_non_null(strstr(f->err.text, "name another file"));
	assert_int_equal(sql(f->path, "SELECT count(*) FROM log"), 10);
	unlink(to);
}

static void
a_backup_with_more_or_other_events_is_not_replaced(void **state)
{
	struct fixture *f = *state;
	struct store_copy copy;
	const char *to = beside(f, "copy");

	append_to(f->store, EPOCH, 7);
	commit(f->store);
	assert_int_equal(back_up(f, to, &copy), 0);
	sql(to, "UPDATE log SET chain = 1 WHERE number = 7");
	assert_int_equal(back_up(f, to, &copy), -EEXIST);
	unlink(to);
	assert_int_equal(back_up(f, to, &copy), 0);
	sql(f->path, "DELETE FROM log WHERE number = 7");
	assert_int_equal(back_up(f, to, &copy), -EEXIST);
	assert_non_null(strstr(f->err.text, "does not have"));
	assert_int_equal(events_of(to), 7);
}

static void
a_race_db_of_another_folder_is_not_replaced(void **state)
{
	struct fixture *f = *state;
	struct fixture other = { .store = NULL };
	struct store_copy copy;

	append_to(f->store, EPOCH, 7);
	commit(f->store);
	snprintf(other.path, sizeof other.path, "%s", beside(f, "other"));
	assert_int_equal(back_up(f, other.path, &copy), 0);
	open_store(&other);
	assert_int_equal(back_up(f, other.path, &copy), -EEXIST);
	close_store(&other);
	remove_all(&other);
	open_store(&other); /* of another race */
	close_store(&other);
	unlink(beside(f, "other.lock"));
	assert_int_equal(back_up(f, other.path, &copy), -EEXIST);
	remove_all(&other);
}

static void
a_second_backup_into_the_same_file_waits_for_its_end(void **state)
{
	struct fixture *f = *state;
	struct store_copy copy;
	int fd = open(beside(f, "copy.partial"), O_RDWR | O_CREAT, 0644);

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(back_up(f, beside(f, "copy"), &copy), -EBUSY);
	close(fd);
	/* What a backup that was killed left is no obstacle. */
	assert_int_equal(back_up(f, beside(f, "copy"), &copy), 0);
	unlink(beside(f, "copy"));
}

static void
without_room_for_it_no_backup_and_no_part_of_it_stays(void **state)
{
	struct fixture *f = *state;
	struct store_copy copy;
	int rc;

	append_to(f->store, EPOCH, 5000);
	commit(f->store);
	close_store(f);
	signal(SIGXFSZ, SIG_IGN);
	limit_files(200 * 1024);
	rc = back_up(f, beside(f, "copy"), &copy);
	limit_files(RLIM_INFINITY);
	assert_int_equal(rc, -ENOSPC);
	assert_non_null(strstr(f->err.text, "no room"));
	assert_int_equal(access(beside(f, "copy.partial"), F_OK), -1);
	assert_int_equal(access(beside(f, "copy"), F_OK), -1);
	assert_int_equal(back_up(f, beside(f, "copy"), &copy), 0);
	assert_int_equal(events_of(beside(f, "copy")), 5000);
}

static void
a_damaged_race_db_is_not_copied_and_what_can_be_read_is_told(void **state)
{
	struct fixture *f = *state;
	struct store_copy copy;

	append_to(f->store, EPOCH, 3000);
	commit(f->store);
	assert_int_equal(back_up(f, beside(f, "copy"), &copy), 0);
	sql(f->path, "UPDATE log SET body = x'00' WHERE number = 1235");
	assert_int_equal(back_up(f, beside(f, "copy"), &copy), -EUCLEAN);
	assert_non_null(strstr(f->err.text, "events 1 to 1,234 can be read"));
	assert_non_null(strstr(f->err.text, "event 1,235 is not what was"));
	assert_non_null(strstr(f->err.text, "move it away"));
	assert_int_equal(access(beside(f, "copy.partial"), F_OK), -1);
	assert_int_equal(events_of(beside(f, "copy")), 3000);
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(what_was_committed_is_there_after_reopening),
		STORE_TEST(what_was_not_committed_is_gone_after_reopening),
		STORE_TEST(rows_and_cursor_agree_after_a_kill),
		STORE_TEST(rolling_back_takes_rows_and_cursor_back_together),
		STORE_TEST(
		    a_stream_made_in_a_rolled_back_transaction_keeps_its_number),
		STORE_TEST(a_name_and_point_are_brought_up_to_date),
		STORE_TEST(an_operators_stream_is_one_after_reopening),
		STORE_TEST(
		    a_file_of_schema_1_is_read_and_brought_up_to_date_by_a_writer),
		STORE_TEST(a_stream_without_a_name_is_kept),
		STORE_TEST(the_columns_repeat_what_is_in_the_body),
		STORE_TEST(the_chain_of_any_stored_event_can_be_asked),
		STORE_TEST(a_scan_begins_behind_a_number_and_ends_when_told),
		STORE_TEST(a_scan_goes_on_over_many_short_transactions),
		STORE_TEST(a_reader_follows_a_writer),
		STORE_TEST(a_reader_meets_streams_made_after_it_opened),
		STORE_TEST(the_newest_rules_are_found),
		STORE_TEST(a_second_writer_is_refused_with_the_first_ones_pid),
		STORE_TEST(a_missing_file_is_not_made_by_a_reader),
		STORE_TEST(a_newer_schema_is_refused_with_words),
		STORE_TEST(another_programs_database_is_refused_and_left_alone),
		STORE_TEST(a_file_that_is_no_database_is_refused),
		STORE_TEST(a_file_cut_short_is_refused_at_every_length),
		STORE_TEST(damage_inside_is_found_after_an_unclean_end),
		STORE_TEST(an_empty_file_beside_a_wal_is_damage_not_a_new_race),
		STORE_TEST(the_wal_does_not_grow_without_bound),
		STORE_TEST(a_reader_that_stays_does_not_stop_the_writer),
		STORE_TEST(a_full_disk_is_rolled_back_and_may_be_tried_again),
		STORE_TEST(a_file_held_by_another_program_may_be_tried_again),
		STORE_TEST(a_folder_that_may_not_be_written_to_can_be_read),
		STORE_TEST(a_path_with_a_uris_characters_in_it_can_be_read),
		STORE_TEST(
		    a_wal_left_where_nobody_may_write_is_told_with_what_would_do),
		STORE_TEST(
		    a_backup_taken_while_another_writes_is_the_log_as_it_began),
		STORE_TEST(a_backup_has_what_stands_in_the_wal_alone),
		STORE_TEST(an_older_backup_is_replaced_and_nothing_else_is),
		STORE_TEST(a_backup_with_more_or_other_events_is_not_replaced),
		STORE_TEST(a_race_db_of_another_folder_is_not_replaced),
		STORE_TEST(
		    a_second_backup_into_the_same_file_waits_for_its_end),
		STORE_TEST(
		    without_room_for_it_no_backup_and_no_part_of_it_stays),
		STORE_TEST(
		    a_damaged_race_db_is_not_copied_and_what_can_be_read_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
