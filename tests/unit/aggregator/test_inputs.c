#include "support/test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aggregator/inputs.h"
#include "support/tick.h"

struct fixture {
	char dir[64];
	struct inputs inputs;
};

static char *
path_of(const struct fixture *f, const char *name, char out[128])
{
	snprintf(out, 128, "%s/%s", f->dir, name);
	return out;
}

static void
put(const struct fixture *f, const char *name, const char *text)
{
	char path[128];
	FILE *out = fopen(path_of(f, name, path), "w");

	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	char path[128];

	snprintf(f->dir, sizeof f->dir, "/tmp/test_inputs.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(mkdir(path_of(f, "palmares", path), 0777), 0);
	put(f, "season.yaml", "yaml");
	put(f, "palmares/a.csv", "lines");
	put(f, "race.yaml", "yaml");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = { "season.yaml", "aliases.csv",
		"season.db", "season.db-wal", "race.yaml", "race.db",
		"race.db-wal", "palmares/a.csv", "palmares/b.csv" };
	struct fixture *f = *state;
	char path[128];

	inputs_clear(&f->inputs);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unlink(path_of(f, names[i], path));
	rmdir(path_of(f, "palmares", path));
	rmdir(f->dir);
	free(f);
	return 0;
}

/* As they are now. */
static void
look(struct fixture *f)
{
	inputs_clear(&f->inputs);
	inputs_add(&f->inputs, INPUTS_SEASON, f->dir);
	inputs_add(&f->inputs, INPUTS_RACE, f->dir);
	assert_false(inputs_changed(&f->inputs, INPUTS_SEASON));
	assert_false(inputs_changed(&f->inputs, INPUTS_RACE));
	tick_wait(f->dir);
}

static void
assert_noticed(struct fixture *f, enum inputs_kind kind)
{
	assert_int_equal(inputs_changed(&f->inputs, INPUTS_SEASON),
	    kind == INPUTS_SEASON);
	assert_int_equal(inputs_changed(&f->inputs, INPUTS_RACE),
	    kind == INPUTS_RACE);
	look(f);
}

static void
a_list_that_comes_or_goes_is_noticed(void **state)
{
	struct fixture *f = *state;
	char path[128];

	look(f);
	put(f, "palmares/b.csv", "");
	assert_noticed(f, INPUTS_SEASON);
	unlink(path_of(f, "palmares/b.csv", path));
	assert_noticed(f, INPUTS_SEASON);
	unlink(path_of(f, "palmares/a.csv", path));
	assert_noticed(f, INPUTS_SEASON);
	rmdir(path_of(f, "palmares", path));
	assert_noticed(f, INPUTS_SEASON);
}

static void
a_list_that_is_emptied_is_noticed(void **state)
{
	struct fixture *f = *state;

	look(f);
	put(f, "palmares/a.csv", "");
	assert_noticed(f, INPUTS_SEASON);
	put(f, "palmares/a.csv", "lines");
	assert_noticed(f, INPUTS_SEASON);
}

static void
rights_that_change_are_noticed(void **state)
{
	static const char *const names[] = { "palmares/a.csv", "season.yaml" };
	struct fixture *f = *state;
	char path[128];

	for (size_t i = 0; i < 2; i++) {
		look(f);
		assert_int_equal(chmod(path_of(f, names[i], path), 0), 0);
		assert_noticed(f, INPUTS_SEASON);
	}
	assert_int_equal(chmod(path_of(f, "race.yaml", path), 0), 0);
	assert_noticed(f, INPUTS_RACE);
}

/* As cp -p and some editors do. */
static void
as_many_bytes_with_the_time_of_before_are_noticed(void **state)
{
	struct fixture *f = *state;
	struct timespec times[2];
	char path[128];
	struct stat st;

	path_of(f, "palmares/a.csv", path);
	assert_int_equal(stat(path, &st), 0);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	look(f);
	put(f, "palmares/a.csv", "seven");
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	assert_noticed(f, INPUTS_SEASON);
}

static void
a_database_and_its_log_are_noticed_and_no_empty_log(void **state)
{
	struct fixture *f = *state;

	look(f);
	put(f, "season.db", "pages");
	assert_noticed(f, INPUTS_SEASON);
	put(f, "season.db-wal", "");
	assert_false(inputs_changed(&f->inputs, INPUTS_SEASON));
	put(f, "season.db-wal", "frames");
	assert_noticed(f, INPUTS_SEASON);
	put(f, "race.db", "pages");
	assert_noticed(f, INPUTS_RACE);
	put(f, "race.db-wal", "");
	assert_false(inputs_changed(&f->inputs, INPUTS_RACE));
	put(f, "race.db-wal", "frames");
	assert_noticed(f, INPUTS_RACE);
}

static void
a_folder_that_is_not_there_may_come(void **state)
{
	struct fixture *f = *state;
	char path[128];

	path_of(f, "palmares/b.csv", path);
	inputs_add(&f->inputs, INPUTS_RACE, path);
	assert_false(inputs_changed(&f->inputs, INPUTS_RACE));
	assert_int_equal(mkdir(path, 0777), 0);
	assert_false(inputs_changed(&f->inputs, INPUTS_RACE));
	put(f, "palmares/b.csv/race.yaml", "yaml");
	assert_true(inputs_changed(&f->inputs, INPUTS_RACE));
	path_of(f, "palmares/b.csv/race.yaml", path);
	unlink(path);
	rmdir(path_of(f, "palmares/b.csv", path));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_list_that_comes_or_goes_is_noticed),
		TEST(a_list_that_is_emptied_is_noticed),
		TEST(rights_that_change_are_noticed),
		TEST(as_many_bytes_with_the_time_of_before_are_noticed),
		TEST(a_database_and_its_log_are_noticed_and_no_empty_log),
		TEST(a_folder_that_is_not_there_may_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
