/* The recording of a season without names: the same tables but for them, then
 * and later. */
#include "support/test.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/files.h"
#include "common/xalloc.h"
#include "control/anonymise_season.h"
#include "control/season_load.h"
#include "control/season_record.h"
#include "control/verify.h"
#include "proto/wire.h"
#include "race/season/recorded.h"
#include "support/season_maker.h"

enum { ROUNDS = 12, STEPS = 6 };

struct fixture {
	char dir[64];
	struct season_maker maker;
	char *file;
	char *other;
	struct anonymise told;
	struct err err;
};

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	(void)snprintf(f->dir, sizeof f->dir, "/tmp/test_anon_season.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->file = xasprintf("%s/season.rec", f->dir);
	f->other = xasprintf("%s/other.rec", f->dir);
	season_maker_make(&f->maker, f->dir);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	season_maker_unmake(&f->maker);
	(void)unlink(f->file);
	(void)unlink(f->other);
	assert_int_equal(rmdir(f->dir), 0);
	free(f->file);
	free(f->other);
	free(f);
	return 0;
}

static void
record(struct fixture *f)
{
	uint64_t added;

	if (season_record(f->maker.dir, f->file, &added, &f->err) < 0)
		fail_msg("%s", f->err.text);
}

static void
anonymise(struct fixture *f)
{
	struct verify v;

	(void)unlink(f->other);
	assert_int_equal(anonymise_is_season(f->file, &f->err), 1);
	if (anonymise_season(f->file, f->other, 1, &f->told, &f->err) < 0)
		fail_msg("%s", f->err.text);
	if (verify_file(f->other, &v, &f->err) < 0)
		fail_msg("%s", f->err.text);
}

/* ---- all that a season shows, but for names ---- */

static void
print_row(FILE *out, const struct season_row *r, bool names)
{
	fprintf(out, "%u %lld %u %s\n", r->place, (long long)r->score, r->wins,
	    names ? r->subject : "");
}

static void
print_all(FILE *out, struct gather *g, bool names)
{
	const struct season_rules *rules = g->folder.rules;

	for (size_t s = 0; s < season_count(g->season); s++)
		for (size_t t = 0; t < rules->table_count; t++) {
			size_t n = season_row_count(g->season, s, t);
			struct season_row *rows = xcalloc(n + 1, sizeof *rows);

			n = season_rows(g->season, s, t, 0, rows, n);
			fprintf(out, "%s %s\n", season_label(g->season, s),
			    rules->tables[t].name);
			for (size_t i = 0; i < n; i++)
				print_row(out, &rows[i], names);
			free(rows);
		}
	fprintf(out, "%zu lines, %zu decisions, published: %d\n",
	    g->folder.listed_count,
	    (size_t)rulings_count(ledger_rulings(g->ledger)), g->published);
}

static void
count_difference(void *arg, const struct season_difference *d)
{
	size_t *count = arg;

	(void)d;
	++*count;
}

/* Of the moment-th of them, from 1; NULL: there are not so many. */
static char *
shown(struct fixture *f, const char *path, uint64_t log, bool names,
    uint64_t *at)
{
	const struct recorded_until until = { .log = log };
	struct recorded_moment moment;
	struct recorded *r;
	struct season_source from;
	char *text = NULL;
	size_t differences = 0;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct gather g;

	if (recorded_open(&r, path, &until, &moment, &f->err) < 0)
		fail_msg("%s", f->err.text);
	from = recorded_source(r);
	if (season_load(&from, &g, &f->err) < 0)
		fail_msg("%s", f->err.text);
	print_all(out, &g, names);
	/* Keys are those of the files' lines. */
	season_differences(&g, count_difference, &differences);
	fprintf(out, "%zu not published\n", g.published ? differences : 0);
	gather_clear(&g);
	recorded_free(r);
	(void)fclose(out);
	*at = moment.log;
	return text;
}

static void
assert_same_moments(struct fixture *f)
{
	uint64_t a = 0;
	uint64_t b = 0;

	for (size_t i = 0; i == 0 || (a > 1 && b > 1); i++) {
		struct recorded *r;
		struct recorded_moment m;
		char *ours = shown(f, f->file, i == 0 ? 0 : a - 1, false, &a);
		char *theirs =
		    shown(f, f->other, i == 0 ? 0 : b - 1, false, &b);
		const struct recorded_until ua = { .log = a - 1 };
		const struct recorded_until ub = { .log = b - 1 };
		int first;

		assert_string_equal(theirs, ours);
		free(ours);
		free(theirs);
		first = recorded_open(&r, f->file, &ua, &m, &f->err);
		if (first == 0)
			recorded_free(r);
		assert_int_equal(recorded_open(&r, f->other, &ub, &m, &f->err),
		    first);
		if (first < 0)
			return;
		recorded_free(r);
	}
}

/* ---- what its bytes hold ---- */

static bool
holds(const char *path, const char *word)
{
	struct err err;
	char *bytes;
	size_t len;
	bool found;

	assert_int_equal(files_read(path, 10000000, &bytes, &len, &err), 0);
	found = memmem(bytes, len, word, strlen(word)) != NULL;
	free(bytes);
	return found;
}

/* ---- tests ---- */

static void
nobody_is_named_and_the_tables_are_the_same(void **state)
{
	static const char *const named[] = { "Jeanne", "Petit", "Axa", "Bob",
		"a mistake", "jeanne@", "maintainer", "/home/", "Durand" };
	struct fixture *f = *state;

	season_maker_write(&f->maker, "season.yaml",
	    "# Of Jeanne, the maintainer.\n"
	    "title: Prix\n"
	    "competitions: { A: { title: Gala }, team: {},\n"
	    "  N: { standings: " /* its own */
	    "../other } }\n"
	    "tables:\n"
	    "  g: { points: { list: [10, 6, 4] }, ties: [wins, decision],\n"
	    "    points-of: { team: [7, 1] } }\n"
	    "  axa: { points: [1], team: Axa }\n"
	    "  duos: { of: pairs, points: [3, 2, 1] }\n");
	season_maker_write(&f->maker, "palmares/a.csv",
	    "season;competition;award;place;recipient;team;note;mail\n"
	    "2014;A;;1;\"Jeanne \"\"J\"\" Petit\";Axa;a mistake;jeanne@x\n"
	    "2014;A;;1;Durand;;;\n"
	    "2014;A;duo;1;Bob / Jeanne \"J\" Petit;;;\n"
	    "2014;team;team;1;Durand;Axa;;\n");
	season_maker_write(&f->maker, "aliases.csv",
	    "alias,team,recipient\nBob,,Durand\n");
	season_maker_publish(&f->maker);
	season_maker_decide(&f->maker, RACE_NAME, "Durand",
	    "Jeanne \"J\" Petit");
	record(f);
	anonymise(f);
	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		if (holds(f->other, named[i]))
			fail_msg("%s is named", named[i]);
	assert_true(holds(f->other, "Gala"));
	assert_int_equal(f->told.columns, 1 + 1);
	assert_true(f->told.texts >= 2);
	assert_same_moments(f);
}

static void
a_file_of_other_parts_is_whole(void **state)
{
	struct fixture *f = *state;
	char *list = NULL;
	size_t len;
	FILE *out = open_memstream(&list, &len);

	fputs("season,competition,place,recipient,mail\n", out);
	for (int i = 1; i <= 4000; i++)
		fprintf(out, "2014,A,%d,S%d,somebody%d@example.org\n", i, i, i);
	assert_int_equal(fclose(out), 0);
	record(f);
	season_maker_write(&f->maker, "palmares/a.csv", list);
	record(f);
	anonymise(f);
	assert_int_equal(f->told.columns, 4000);
	assert_same_moments(f);
	free(list);
}

static void
the_same_seed_gives_the_same_names(void **state)
{
	struct fixture *f = *state;
	uint64_t log;
	char *once;
	char *again;

	record(f);
	anonymise(f);
	once = shown(f, f->other, 0, true, &log);
	anonymise(f);
	again = shown(f, f->other, 0, true, &log);
	assert_string_equal(once, again);
	assert_non_null(strstr(once, "Name "));
	free(once);
	free(again);
}

static void
a_file_that_is_there_is_left(void **state)
{
	struct fixture *f = *state;

	record(f);
	anonymise(f);
	assert_int_equal(anonymise_season(f->file, f->other, 1, &f->told,
	                     &f->err),
	    -EEXIST);
}

/* Any folder, edited and decided about at random. */
static void
any_season_is_the_same_but_for_names(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = test_seed();

	for (size_t i = 0; i < ROUNDS; i++) {
		(void)unlink(f->file);
		season_maker_forget(&f->maker);
		season_maker_random(&f->maker, &seed);
		for (size_t k = 0; k < STEPS; k++) {
			season_maker_change(&f->maker, &seed);
			record(f);
		}
		anonymise(f);
		assert_same_moments(f);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_is_named_and_the_tables_are_the_same),
		TEST(a_file_of_other_parts_is_whole),
		TEST(the_same_seed_gives_the_same_names),
		TEST(a_file_that_is_there_is_left),
		TEST(any_season_is_the_same_but_for_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
