#include "support/test.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "race/season/gather.h"

/* After a no it is asked by those who were about to begin, not by every line
 * that is left. */
enum { LINES = 300, AFTER = 8 };

/* A season of LINES, and one that takes its standings. */
struct fixture {
	char dir[64];
	unsigned granted; /* so often it is wanted */
	unsigned asked;
	struct err err;
};

static FILE *
begin(const struct fixture *f, const char *name)
{
	char path[160];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", f->dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	return file;
}

static void
make(const struct fixture *f, const char *name)
{
	char path[160];

	snprintf(path, sizeof path, "%s/%s", f->dir, name);
	assert_int_equal(mkdir(path, 0777), 0);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	FILE *file;

	snprintf(f->dir, sizeof f->dir, "/tmp/test_gather.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	make(f, "other");
	make(f, "other/palmares");
	file = begin(f, "other/season.yaml");
	fputs("title: O\ntables: { all: { points: [9, 6] } }\n", file);
	assert_int_equal(fclose(file), 0);
	file = begin(f, "other/palmares/a.csv");
	fputs("season,competition,place,recipient\n", file);
	for (int i = 1; i <= LINES; i++)
		fprintf(file, "2014,C,%d,R%d\n", i, i);
	assert_int_equal(fclose(file), 0);
	file = begin(f, "season.yaml");
	fputs("title: S\n"
	      "competitions: { O: { standings: other } }\n"
	      "tables: { all: { points: given } }\n",
	    file);
	assert_int_equal(fclose(file), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = { "other/palmares/a.csv",
		"other/palmares", "other/season.yaml", "other", "season.yaml",
		"" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[160];

		snprintf(path, sizeof path, "%s/%s", f->dir, names[i]);
		assert_int_equal(remove(path), 0);
	}
	free(f);
	return 0;
}

static bool
wanted(void *arg)
{
	struct fixture *f = arg;

	return f->asked++ < f->granted;
}

static int
no_book(void *arg, const char *race, struct book **out, struct err *err)
{
	(void)arg;
	fail_msg("%s is no part of it", race);
	*out = NULL;
	return err_set(err, -EINVAL, "%s", race);
}

static const struct race_rules *
not_ours(void *arg, const char *race)
{
	(void)arg;
	(void)race;
	return NULL;
}

static void
any_folder(void *arg, const char *dir)
{
	(void)arg;
	(void)dir;
}

static void
no_problem(void *arg, const char *dir, const char *line)
{
	(void)arg;
	fail_msg("%s %s", dir, line);
}

static int
read_season(struct fixture *f, unsigned granted)
{
	static const struct gather_ops ops = { no_book, not_ours, any_folder,
		no_problem };
	struct season_source from = season_source_folder(f->dir);
	struct gather g;
	int rc;

	f->granted = granted;
	f->asked = 0;
	from.wanted = wanted;
	from.wanted_arg = f;
	rc = gather_read(&g, &from, &ops, f, &f->err);
	if (rc == 0)
		assert_int_equal(season_row_count(g.season, 0, 0), LINES);
	gather_clear(&g);
	return rc;
}

/* ---- tests ---- */

static void
what_is_not_wanted_any_more_is_read_no_further(void **state)
{
	struct fixture *f = *state;
	unsigned all;

	assert_int_equal(read_season(f, UINT32_MAX), 0);
	all = f->asked;
	/* Read, numbered, numbered among equals, told to the season. */
	assert_true(all >= 4 * LINES);
	for (unsigned n = 0; n < all; n++) {
		assert_int_equal(read_season(f, n), -ECANCELED);
		assert_true(f->asked > n && f->asked <= n + AFTER);
		assert_non_null(strstr(f->err.text, "not wanted any more"));
	}
	assert_int_equal(read_season(f, all), 0);
}

/* Nothing of it is worth a line of its own. */
static void
what_is_no_folder_is_told_once(void **state)
{
	struct fixture *f = *state;
	char dir[sizeof f->dir];
	FILE *file;

	memcpy(dir, f->dir, sizeof dir);
	strcat(f->dir, "/season.yaml");
	assert_int_equal(read_season(f, UINT32_MAX), -ENOTDIR);
	assert_non_null(strstr(f->err.text,
	    "/season.yaml: is a file: name a season folder, which has a "
	    "season.yaml"));
	memcpy(f->dir, dir, sizeof dir);
	file = begin(f, "season.yaml");
	fputs("title: S\n"
	      "competitions: { O: { standings: other/season.yaml } }\n"
	      "tables: { all: { points: given } }\n",
	    file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(read_season(f, UINT32_MAX), -ENOTDIR);
	assert_non_null(strstr(f->err.text, "/season.yaml: competition O: "));
	assert_non_null(strstr(f->err.text,
	    "/other/season.yaml: is a file: name a season folder"));
	strcat(f->dir, "/nowhere");
	assert_int_equal(read_season(f, UINT32_MAX), -ENOENT);
	assert_non_null(strstr(f->err.text,
	    "/nowhere: No such file or directory: name a season folder, which "
	    "has a season.yaml"));
	memcpy(f->dir, dir, sizeof dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_no_folder_is_told_once,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_not_wanted_any_more_is_read_no_further, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
