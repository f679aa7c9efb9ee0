#include "support/test.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aggregator/seasons.h"
#include "common/hash.h"
#include "common/log.h"
#include "proto/wire.h"
#include "race/conf.h"
#include "race/rules.h"
#include "race/store.h"
#include "support/tick.h"

#define LISTS "season,competition,place,recipient\n"

static const char race_yaml[] =
    "title: R\n"
    "date: 2014-09-21\n"
    "timezone: Europe/Paris\n"
    "waves: { all: { gun: \"10:00:00\" } }\n"
    "points: { start: { km: 0 }, finish: { km: 8 } }\n"
    "rankings: { scratch: { of: runners } }\n";

#define GUN_US INT64_C(1411286400000000)
#define S      INT64_C(1000000)

/* The race that is served, another one, and two seasons. */
struct fixture {
	char dir[64];
	struct race_rules *rules;
	struct book *book;
	struct seasons *seasons;
	int64_t now_us;
	char told[4096];
	struct err err;
};

static void
keep_line(void *arg, const char *line)
{
	struct fixture *f = arg;
	size_t len = strlen(f->told);

	snprintf(f->told + len, sizeof f->told - len, "%s\n", line);
}

static void
put(const struct fixture *f, const char *name, const char *text)
{
	char path[160];
	FILE *out;

	tick_wait(f->dir);
	snprintf(path, sizeof path, "%s/%s", f->dir, name);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static void
drop(const struct fixture *f, const char *name)
{
	char path[160];

	snprintf(path, sizeof path, "%s/%s", f->dir, name);
	if (unlink(path) < 0 && errno == EISDIR)
		(void)rmdir(path);
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
	static const char *const folders[] = { "race", "other", "prix",
		"prix/palmares", "tour", "tour/palmares" };
	struct conf_report report = { 0 };
	struct fixture *f = calloc(1, sizeof *f);
	char path[160];

	snprintf(f->dir, sizeof f->dir, "/tmp/test_seasons.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		make(f, folders[i]);
	put(f, "race/race.yaml", race_yaml);
	put(f, "other/race.yaml", race_yaml);
	put(f, "tour/season.yaml",
	    "title: T\ntables: { t: { points: [5, 4] } }\n");
	put(f, "tour/palmares/a.csv", LISTS "2014,T,1,Tom\n");
	put(f, "prix/season.yaml",
	    "title: P\n"
	    "competitions:\n"
	    "  Ours: { race: ../race, rankings: [scratch] }\n"
	    "  Other: { race: ../other, rankings: [scratch] }\n"
	    "  Tour: { standings: ../tour }\n"
	    "tables: { all: { points: [9, 6, 3] } }\n");
	put(f, "prix/palmares/a.csv", LISTS "2014,C,1,Ann\n2014,C,2,Bob\n");
	snprintf(path, sizeof path, "%s/race", f->dir);
	f->rules = conf_rules(path, &report);
	assert_int_equal(report.errors, 0);
	conf_report_clear(&report);
	f->book = book_new(f->rules, 0);
	log_capture(keep_line, f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	/* Folders behind what lies in them. */
	static const char *const names[] = { "other/race.db",
		"other/race.db-wal", "other/race.db-shm", "other/race.db.lock",
		"other/race.yaml", "other", "race/race.yaml", "race",
		"prix/palmares/a.csv", "prix/palmares/b.csv", "prix/palmares",
		"prix/season.yaml", "prix", "tour/palmares/a.csv",
		"tour/palmares", "tour/season.yaml", "tour" };
	struct fixture *f = *state;

	log_capture(NULL, NULL);
	seasons_free(f->seasons);
	book_free(f->book);
	rules_free(f->rules);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		drop(f, names[i]);
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

/* ---- an aggregator's turns ---- */

static void
serve(struct fixture *f)
{
	struct seasons_folders folders = { .count = 1 };
	char prix[96];
	char race[96];

	snprintf(prix, sizeof prix, "%s/prix", f->dir);
	snprintf(race, sizeof race, "%s/race", f->dir);
	folders.dirs[0] = prix;
	if (seasons_new(&f->seasons, &folders, race, f->rules, &f->err) < 0)
		fail_msg("%s", f->err.text);
	seasons_follow(f->seasons, f->book);
	/* What is looked at has not changed. */
	assert_false(seasons_turn(f->seasons, f->now_us));
}

/* The next, when the files are looked at again. */
static bool
turn(struct fixture *f)
{
	(void)sched_yield();
	f->now_us = seasons_deadline(f->seasons, f->now_us) + 100 * S;
	return seasons_turn(f->seasons, f->now_us);
}

static void
turn_until_it_moves(struct fixture *f)
{
	while (!turn(f))
		;
}

static void
turn_until_it_is_told(struct fixture *f, const char *words)
{
	while (strstr(f->told, words) == NULL)
		assert_false(turn(f));
}

/* In points; -1: it has no row. */
static int64_t
points(const struct fixture *f, const char *name)
{
	size_t count;
	const struct feed_table *t = seasons_tables(f->seasons, &count);

	assert_int_equal(count, 1);
	assert_string_equal(t->name, "prix/all");
	for (uint32_t i = 0; i < tally_slots(t->tally); i++) {
		struct race_row row;

		if (tally_row(t->tally, i, &row) &&
		    strcmp(row.label, name) == 0)
			return row.points / SEASON_UNIT;
	}
	return -1;
}

/* ---- a race ---- */

static struct race_event
entry(const char *bib)
{
	return (struct race_event){ .kind = RACE_ENTRY,
		.made_us = 1,
		.entry = { .bib = bib,
		    .name = bib,
		    .sex = "",
		    .born = "",
		    .category = "",
		    .team = "",
		    .wave = "",
		    .nation = "" } };
}

static struct race_event
finish(const char *bib, int64_t after_us)
{
	return (struct race_event){ .kind = RACE_CROSSING,
		.made_us = 1,
		.crossing = { .point = "finish",
		    .bib = bib,
		    .chip = "",
		    .source = "",
		    .time_us = GUN_US + after_us } };
}

static void
append(struct store *s, const struct race_event *e)
{
	struct wire_buffer out = { 0 };
	struct store_stream st;

	assert_int_equal(store_stream(s, store_id(s), "aggregator", "", false,
	                     &st),
	    0);
	assert_true(wire_put_event(&out, e) >= 0);
	assert_int_equal(store_append(s, st.id, st.cursor + 1, e, out.data,
	                     out.len, hash_chain(st.chain, out.data, out.len),
	                     1),
	    0);
	wire_buffer_free(&out);
}

/* Of another race somebody finishes, whose aggregator still runs. */
static void
run_other(struct fixture *f, const char *bib, int64_t after_us)
{
	const struct race_event rules = { .kind = RACE_RULES,
		.made_us = 1,
		.rules = f->rules };
	struct race_event who = entry(bib);
	struct race_event crossing = finish(bib, after_us);
	char path[160];
	struct store *s;

	tick_wait(f->dir);
	snprintf(path, sizeof path, "%s/other/race.db", f->dir);
	assert_int_equal(store_open(&s, path, STORE_WRITE, &f->err), 0);
	if (store_log(s) == 0)
		append(s, &rules);
	append(s, &who);
	append(s, &crossing);
	assert_int_equal(store_commit(s, &f->err), 0);
	store_free(s);
}

static void
run_ours(struct fixture *f, uint64_t seq, const char *bib, int64_t after_us)
{
	struct race_event who = entry(bib);
	struct race_event crossing = finish(bib, after_us);

	assert_int_equal(book_apply(f->book, (struct race_id){ 7, seq }, &who),
	    0);
	assert_int_equal(book_apply(f->book, (struct race_id){ 7, seq + 1 },
	                     &crossing),
	    0);
	seasons_commit(f->seasons);
}

/* ---- tests ---- */

static void
what_is_edited_is_shown_when_all_of_it_has_been_read(void **state)
{
	struct fixture *f = *state;

	serve(f);
	assert_int_equal(points(f, "Ann"), 9);
	assert_int_equal(points(f, "Tom"), 9);
	put(f, "prix/palmares/b.csv", LISTS "2014,D,1,Bob\n");
	/* The turn that sees it reads nothing. */
	assert_false(turn(f));
	assert_int_equal(points(f, "Bob"), 6);
	turn_until_it_moves(f);
	assert_int_equal(points(f, "Bob"), 15);
	assert_int_equal(points(f, "Ann"), 9);
	drop(f, "prix/palmares/b.csv");
	turn_until_it_moves(f);
	assert_int_equal(points(f, "Bob"), 6);
	assert_string_equal(f->told, "");
}

static void
what_this_race_gives_moves_while_a_season_is_read(void **state)
{
	struct fixture *f = *state;

	serve(f);
	put(f, "prix/palmares/b.csv", LISTS "2014,D,1,Bob\n");
	assert_false(turn(f));
	run_ours(f, 1, "Eve", 60 * S);
	/* Whichever comes first. */
	while (points(f, "Bob") == 6 || points(f, "Eve") != 9)
		(void)turn(f);
	assert_int_equal(points(f, "Bob"), 15);
	run_ours(f, 3, "Fay", 50 * S);
	turn_until_it_moves(f);
	assert_int_equal(points(f, "Fay"), 9);
	assert_int_equal(points(f, "Eve"), 6);
}

static void
another_race_is_shown_as_it_goes_on(void **state)
{
	struct fixture *f = *state;

	serve(f);
	run_other(f, "Zoe", 60 * S);
	turn_until_it_moves(f);
	assert_int_equal(points(f, "Zoe"), 9);
	run_other(f, "Yan", 50 * S);
	turn_until_it_moves(f);
	assert_int_equal(points(f, "Yan"), 9);
	assert_int_equal(points(f, "Zoe"), 6);
	assert_string_equal(f->told, "");
}

static void
another_season_is_shown_as_it_is_edited(void **state)
{
	struct fixture *f = *state;

	serve(f);
	put(f, "tour/palmares/a.csv", LISTS "2014,T,1,Tim\n2014,T,2,Tom\n");
	turn_until_it_moves(f);
	assert_int_equal(points(f, "Tim"), 9);
	assert_int_equal(points(f, "Tom"), 6);
}

static void
a_list_that_is_emptied_is_told_and_shown_as_it_was(void **state)
{
	struct fixture *f = *state;

	serve(f);
	put(f, "prix/palmares/a.csv", "");
	turn_until_it_is_told(f, "shown as it was");
	assert_non_null(strstr(f->told, "/prix/palmares/a.csv: is empty"));
	assert_non_null(strstr(seasons_trouble(f->seasons), "1 mistake"));
	assert_int_equal(points(f, "Ann"), 9);
	put(f, "prix/palmares/a.csv", LISTS "2014,C,1,Bob\n");
	turn_until_it_moves(f);
	assert_non_null(strstr(f->told, "read again without mistakes"));
	assert_string_equal(seasons_trouble(f->seasons), "");
	assert_int_equal(points(f, "Ann"), -1);
}

static void
a_race_that_cannot_be_read_any_more_is_told_and_shown_as_it_was(void **state)
{
	struct fixture *f = *state;

	run_other(f, "Zoe", 60 * S);
	serve(f);
	drop(f, "other/race.yaml");
	turn_until_it_is_told(f, "shown as it was");
	assert_non_null(strstr(f->told, "other/race.yaml: No such file"));
	assert_int_equal(points(f, "Zoe"), 9);
	put(f, "other/race.yaml", race_yaml);
	turn_until_it_is_told(f, "read again without mistakes");
	assert_int_equal(points(f, "Zoe"), 9);
}

static void
a_stop_while_a_season_is_read_leaves_nothing(void **state)
{
	struct fixture *f = *state;

	run_other(f, "Zoe", 60 * S);
	serve(f);
	put(f, "prix/palmares/b.csv", LISTS "2014,D,1,Bob\n");
	assert_false(turn(f));
	seasons_free(f->seasons);
	f->seasons = NULL;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_is_edited_is_shown_when_all_of_it_has_been_read),
		TEST(what_this_race_gives_moves_while_a_season_is_read),
		TEST(another_race_is_shown_as_it_goes_on),
		TEST(another_season_is_shown_as_it_is_edited),
		TEST(a_list_that_is_emptied_is_told_and_shown_as_it_was),
		TEST(
		    a_race_that_cannot_be_read_any_more_is_told_and_shown_as_it_was),
		TEST(a_stop_while_a_season_is_read_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
