#include "support/test.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/xalloc.h"
#include "race/season/season_db.h"

struct fixture {
	char *dir;
	char *path;
	uint64_t last;
	size_t events;
	size_t unknown;
	uint64_t stream;
	uint64_t seq;
	char by[64];
	struct err err;
};

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);
	char dir[] = "/tmp/palmares-season-db-XXXXXX";

	assert_non_null(mkdtemp(dir));
	f->dir = xstrdup(dir);
	f->path = season_db_path(dir);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	struct fixture *f = *state;

	for (size_t i = 0; i < 4; i++) {
		char *path = xasprintf("%s%s", f->path, ends[i]);

		(void)unlink(path);
		free(path);
	}
	assert_int_equal(rmdir(f->dir), 0);
	free(f->dir);
	free(f->path);
	free(f);
	return 0;
}

static void
take(void *arg, const struct season_db_event *e)
{
	struct fixture *f = arg;

	f->events++;
	f->unknown += e->event->kind == RACE_EVENT_UNKNOWN;
	/* A command is a stream of its own. */
	if (e->id.stream != f->stream)
		f->seq = 0;
	assert_int_equal(e->id.seq, f->seq + 1);
	f->stream = e->id.stream;
	f->seq = e->id.seq;
	(void)snprintf(f->by, sizeof f->by, "%s", e->stream);
}

static int
scan(struct fixture *f)
{
	f->events = 0;
	f->stream = 0;
	return season_db_scan(f->dir, take, f, &f->last, &f->err);
}

static int
append(struct fixture *f, uint64_t last, size_t count)
{
	struct race_event events[4] = { { 0 } };

	for (size_t i = 0; i < count; i++)
		events[i] = (struct race_event){ .kind = RACE_RESULT_GONE,
			.made_us = 1,
			.result_gone = i + 1 };
	return season_db_append(f->dir, last, "ana", events, count, &f->err);
}

static void
a_folder_without_one_has_no_events(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(scan(f), 0);
	assert_int_equal(f->events, 0);
	assert_int_equal(f->last, 0);
	/* Reading makes none. */
	assert_int_equal(access(f->path, F_OK), -1);
}

static void
what_is_appended_is_read_again(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(append(f, 0, 3), 0);
	assert_int_equal(scan(f), 0);
	assert_int_equal(f->events, 3);
	assert_int_equal(f->last, 3);
	assert_string_equal(f->by, "ana");
	assert_int_equal(append(f, 3, 1), 0);
	assert_int_equal(scan(f), 0);
	assert_int_equal(f->events, 4);
	assert_int_equal(f->unknown, 0);
}

static void
who_has_not_seen_the_last_decision_decides_nothing(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(append(f, 0, 1), 0);
	assert_int_equal(append(f, 0, 1), -ESTALE);
	assert_non_null(strstr(f->err.text, "somebody else has decided"));
	assert_int_equal(scan(f), 0);
	assert_int_equal(f->events, 1);
}

static void
what_is_too_large_leaves_nothing_of_the_rest(void **state)
{
	struct fixture *f = *state;
	struct race_column more[RACE_COLUMNS_MAX];
	char value[RACE_MORE_MAX + 1];
	struct race_event events[2] = {
		{ .kind = RACE_RESULT_GONE, .made_us = 1, .result_gone = 1 },
		{ .kind = RACE_RESULT,
		    .made_us = 1,
		    .listed = { .key = 2,
		        .result = { "2014", "A", "", 1, "Ann", "", "", "", "",
		            RACE_STATUS_NONE, -1, SEASON_NO_VALUE, "" },
		        .more = more,
		        .more_count = RACE_COLUMNS_MAX } }
	};

	memset(value, 'x', RACE_MORE_MAX);
	value[RACE_MORE_MAX] = '\0';
	for (size_t i = 0; i < RACE_COLUMNS_MAX; i++)
		more[i] = (struct race_column){ "n", value };
	assert_int_equal(season_db_append(f->dir, 0, "ana", events, 2, &f->err),
	    -EMSGSIZE);
	assert_int_equal(scan(f), 0);
	assert_int_equal(f->events, 0);
	assert_int_equal(append(f, 0, 1), 0);
}

static void
empty_file(const struct fixture *f)
{
	FILE *file = fopen(f->path, "wb");

	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
}

/* Its maker was killed. */
static void
a_file_without_anything_in_it_yet_has_no_events(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;

	empty_file(f);
	assert_int_equal(scan(f), 0);
	assert_int_equal(f->events, 0);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL,
	                     NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(scan(f), 0);
	assert_int_equal(f->events, 0);
	assert_int_equal(append(f, 0, 2), 0);
	assert_int_equal(scan(f), 0);
	assert_int_equal(f->events, 2);
}

/* What is decided into it nobody would find again. */
static void
what_is_no_file_is_told_and_keeps_nobody_waiting(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkfifo(f->path, 0600), 0);
	assert_true(scan(f) < 0);
	assert_non_null(strstr(f->err.text, "season.db"));
}

static void
what_is_no_store_says_what_to_do(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (a)", NULL, NULL,
	                     NULL),
	    SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(scan(f), -EUCLEAN);
	assert_non_null(strstr(f->err.text, "not a store of Palmarès"));
	assert_non_null(strstr(f->err.text, "palmares season DIR publish"));
	assert_null(strstr(f->err.text, "aggregator"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(a_folder_without_one_has_no_events),
		T(what_is_appended_is_read_again),
		T(who_has_not_seen_the_last_decision_decides_nothing),
		T(what_is_too_large_leaves_nothing_of_the_rest),
		T(a_file_without_anything_in_it_yet_has_no_events),
		T(what_is_no_file_is_told_and_keeps_nobody_waiting),
		T(what_is_no_store_says_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
