#include "support/test.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "aggregator/folder.h"
#include "common/hash.h"
#include "common/log.h"
#include "proto/wire.h"
#include "support/plain.h"

static char none[] = "";

struct fixture {
	char dir[64];
	char path[96];
	struct store *store;
	struct book *book;
	uint64_t undecoded;
	struct race_wave wave;
	struct race_point points[2];
	struct race_ranking ranking;
	struct race_rules rules;
	struct race_entry entries[8];
	unsigned lines[8];
	struct conf_roll roll;
	char said[1024];
	struct err err;
};

static void
note(void *arg, const char *line)
{
	struct fixture *f = arg;

	snprintf(f->said, sizeof f->said, "%s", line);
}

static void
enter(struct fixture *f, const char *bib, const char *name)
{
	f->lines[f->roll.count] = (unsigned)f->roll.count + 2;
	f->entries[f->roll.count++] = (struct race_entry){ .bib = bib,
		.name = name,
		.sex = "",
		.born = "",
		.category = "",
		.team = "",
		.wave = "",
		.nation = "" };
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	snprintf(f->dir, sizeof f->dir, "/tmp/test_folder.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof f->path, "%s/race.db", f->dir);
	f->wave = (struct race_wave){ .name = strdup("w"),
		.gun_us = 1400000000000000 };
	f->points[0] =
	    (struct race_point){ .name = strdup("start"), .metres = 0 };
	f->points[1] =
	    (struct race_point){ .name = strdup("finish"), .metres = 8000 };
	f->ranking = (struct race_ranking){ .name = strdup("all"),
		.sex = none,
		.category = none,
		.team = none,
		.wave = none,
		.at = 1 };
	f->rules = (struct race_rules){ .title = strdup("Race"),
		.date = strdup("2014-05-13"),
		.timezone = strdup("UTC"),
		.waves = &f->wave,
		.wave_count = 1,
		.points = f->points,
		.point_count = 2,
		.rankings = &f->ranking,
		.ranking_count = 1 };
	f->roll.entries = f->entries;
	f->roll.lines = f->lines;
	log_capture(note, f);
	*state = f;
	return 0;
}

static void
close_race(struct fixture *f)
{
	book_free(f->book);
	store_free(f->store);
	f->book = NULL;
	f->store = NULL;
}

static int
teardown(void **state)
{
	const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	struct fixture *f = *state;
	char path[128];

	log_capture(NULL, NULL);
	close_race(f);
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s%s", f->path, ends[i]);
		unlink(path);
	}
	rmdir(f->dir);
	free(f->wave.name);
	free(f->points[0].name);
	free(f->points[1].name);
	free(f->ranking.name);
	free(f->rules.title);
	free(f->rules.date);
	free(f->rules.timezone);
	free(f);
	return 0;
}

/* A start of the aggregator: returns how many events it appended. */
static uint64_t
start(struct fixture *f)
{
	uint64_t before;

	close_race(f);
	f->said[0] = '\0';
	assert_int_equal(store_open(&f->store, f->path, STORE_WRITE, &f->err),
	    0);
	before = store_log(f->store);
	if (folder_load(&f->book, &f->undecoded, f->store, &f->rules, &f->roll,
	        &f->err) != 0)
		fail_msg("%s", f->err.text);
	assert_false(store_pending(f->store));
	return store_log(f->store) - before;
}

static const char *
name_of(const struct fixture *f, const char *bib)
{
	const struct race_entry *e = roster_find(f->book->roster, bib);

	return e != NULL ? e->name : "(gone)";
}

static void
the_first_start_logs_rules_and_everybody(void **state)
{
	struct fixture *f = *state;

	enter(f, "1", "Ann");
	enter(f, "2", "Bob");
	assert_int_equal(start(f), 3);
	assert_string_equal(f->said, "entries.csv: 2 new, 0 changed, 0 gone");
	assert_int_equal(roster_count(f->book->roster), 2);
	assert_string_equal(name_of(f, "2"), "Bob");
	assert_int_equal(rank_count(f->book->rank, 0), 2);
}

static void
a_start_without_changes_logs_nothing(void **state)
{
	struct fixture *f = *state;

	enter(f, "1", "Ann");
	start(f);
	assert_int_equal(start(f), 0);
	assert_string_equal(f->said, "");
	assert_int_equal(roster_count(f->book->roster), 1);
	assert_string_equal(name_of(f, "1"), "Ann");
}

static void
new_changed_and_gone_entries_are_events(void **state)
{
	struct fixture *f = *state;

	enter(f, "1", "Ann");
	enter(f, "2", "Bob");
	enter(f, "3", "Cid");
	start(f);
	f->roll.count = 0;
	enter(f, "2", "Bob");
	enter(f, "3", "Dan");
	enter(f, "4", "Eve");
	assert_int_equal(start(f), 3);
	assert_string_equal(f->said, "entries.csv: 1 new, 1 changed, 1 gone");
	assert_string_equal(name_of(f, "1"), "(gone)");
	assert_string_equal(name_of(f, "3"), "Dan");
	assert_int_equal(rank_count(f->book->rank, 0), 3);
	/* and the log alone tells the same */
	assert_int_equal(start(f), 0);
	assert_string_equal(name_of(f, "1"), "(gone)");
	assert_string_equal(name_of(f, "3"), "Dan");
	assert_string_equal(name_of(f, "4"), "Eve");
}

static void
an_entry_that_was_gone_may_come_back(void **state)
{
	struct fixture *f = *state;

	enter(f, "1", "Ann");
	start(f);
	f->roll.count = 0;
	start(f);
	assert_string_equal(name_of(f, "1"), "(gone)");
	enter(f, "1", "Ann");
	assert_int_equal(start(f), 1);
	assert_string_equal(name_of(f, "1"), "Ann");
	start(f);
	assert_string_equal(name_of(f, "1"), "Ann");
}

static void
changed_rules_are_logged_and_hold(void **state)
{
	struct fixture *f = *state;

	start(f);
	f->points[1].metres = 10000;
	assert_int_equal(start(f), 1);
	assert_non_null(strstr(f->said, "race.yaml"));
	assert_int_equal(f->book->rules->points[1].metres, 10000);
	assert_int_equal(start(f), 0);
	/* back to what they were is a change, too */
	f->points[1].metres = 8000;
	assert_int_equal(start(f), 1);
}

static void
stored_events_that_cannot_be_read_are_kept_and_counted(void **state)
{
	struct fixture *f = *state;
	struct store_stream st;

	start(f);
	store_stream(f->store, 5, "box", "", false, &st);
	store_append(f->store, st.id, 1, NULL, (const uint8_t *)"\xff\xff", 2,
	    hash_chain(0, "\xff\xff", 2), 0);
	assert_int_equal(store_commit(f->store, &f->err), 0);
	assert_int_equal(start(f), 0);
	assert_int_equal(f->undecoded, 1);
	assert_non_null(strstr(f->said, "1 events"));
	assert_int_equal(store_log(f->store), 2);
}

static void
an_entry_too_long_is_named_with_its_line(void **state)
{
	struct fixture *f = *state;
	char *value = malloc(RACE_MORE_MAX + 1);
	struct race_column more[40];

	memset(value, 'v', RACE_MORE_MAX);
	value[RACE_MORE_MAX] = '\0';
	for (size_t i = 0; i < 40; i++)
		more[i] = (struct race_column){ "column", value };
	enter(f, "1", "Ann");
	enter(f, "2", "Bob");
	f->entries[1].more = more;
	f->entries[1].more_count = 40;
	assert_int_equal(store_open(&f->store, f->path, STORE_WRITE, &f->err),
	    0);
	assert_int_equal(folder_load(&f->book, &f->undecoded, f->store,
	                     &f->rules, &f->roll, &f->err),
	    -EMSGSIZE);
	assert_non_null(strstr(f->err.text, "entries.csv:3: bib 2"));
	/* nothing of it is stored by halves */
	assert_int_equal(store_log(f->store), 1);
	free(value);
}

/* What an operator sent while the race ran. */
static void
operate(struct fixture *f, uint64_t seq, const struct race_event *e)
{
	struct wire_buffer b = { 0 };
	struct store_stream st;

	store_stream(f->store, 9, "anna", "", true, &st);
	assert_true(wire_put_event(&b, e) > 0);
	assert_int_equal(store_append(f->store, st.id, seq, e, b.data, b.len,
	                     hash_chain(st.chain, b.data, b.len), 0),
	    0);
	assert_int_equal(store_commit(f->store, &f->err), 0);
	wire_buffer_free(&b);
}

/* made_us is early on purpose: an operator's word holds whenever it came. */
static void
operator_enters(struct fixture *f, uint64_t seq, const char *bib,
    const char *name)
{
	struct race_event e = { .kind = RACE_ENTRY, .made_us = RACE_TIME_MIN };

	e.entry = plain_entry(bib);
	e.entry.name = name;
	operate(f, seq, &e);
}

static void
operator_gives_chip(struct fixture *f, uint64_t seq, const char *bib,
    const char *chip)
{
	struct race_event e = { .kind = RACE_ENTRY, .made_us = RACE_TIME_MIN };

	e.entry = f->entries[0];
	e.entry.bib = bib;
	e.entry.chips = &chip;
	e.entry.chip_count = 1;
	operate(f, seq, &e);
}

static void
operator_takes_out(struct fixture *f, uint64_t seq, const char *bib)
{
	struct race_event e = { .kind = RACE_ENTRY_GONE,
		.made_us = RACE_TIME_MIN };

	e.entry_gone = bib;
	operate(f, seq, &e);
}

static void
an_unchanged_file_undoes_nothing_that_operators_said(void **state)
{
	struct fixture *f = *state;

	enter(f, "1", "Ann");
	enter(f, "2", "Bob");
	start(f);
	operator_enters(f, 1, "1", "Anna");
	operator_takes_out(f, 2, "2");
	operator_enters(f, 3, "3", "Cid");
	assert_int_equal(start(f), 0);
	assert_string_equal(name_of(f, "1"), "Anna");
	assert_string_equal(name_of(f, "2"), "(gone)");
	assert_string_equal(name_of(f, "3"), "Cid");
	assert_string_equal(f->said, "");
	/* and at no later start */
	assert_int_equal(start(f), 0);
	assert_string_equal(name_of(f, "1"), "Anna");
}

static struct race_decision
decision(enum race_verb verb, const char *bib)
{
	struct race_decision d = plain_decision(verb, bib);

	d.by = "anna";
	return d;
}

static void
operator_decides(struct fixture *f, uint64_t seq, const struct race_decision *d)
{
	struct race_event e = { .kind = RACE_DECISION,
		.made_us = RACE_TIME_MIN + (int64_t)seq };

	e.decision = d;
	operate(f, seq, &e);
}

/* What the file says is compared with what it said, not with the roster. */
static void
an_unchanged_file_says_nothing_about_decisions_nor_when_they_are_undone(
    void **state)
{
	struct fixture *f = *state;
	struct race_decision d = decision(RACE_SET_ENTRY, "1");
	struct race_entry changed;

	enter(f, "1", "Ann");
	enter(f, "2", "Bob");
	start(f);
	/* another bib and name for 1, and 2 is out */
	changed = f->entries[0];
	changed.bib = "11";
	changed.name = "Anna";
	d.entry = &changed;
	operator_decides(f, 1, &d);
	d = decision(RACE_REMOVE_ENTRY, "2");
	operator_decides(f, 2, &d);
	assert_int_equal(start(f), 0);
	assert_string_equal(f->said, "");
	assert_string_equal(name_of(f, "1"), "(gone)");
	assert_string_equal(name_of(f, "11"), "Anna");
	assert_string_equal(name_of(f, "2"), "(gone)");
	d = decision(RACE_UNDO, "");
	d.target = (struct race_id){ 9, 1 };
	operator_decides(f, 3, &d);
	d.target.seq = 2;
	operator_decides(f, 4, &d);
	assert_int_equal(start(f), 0);
	assert_string_equal(f->said, "");
	assert_string_equal(name_of(f, "1"), "Ann");
	assert_string_equal(name_of(f, "11"), "(gone)");
	assert_string_equal(name_of(f, "2"), "Bob");
	/* and a change of the file is one again */
	f->entries[0].name = "Anne";
	assert_int_equal(start(f), 1);
	assert_string_equal(name_of(f, "1"), "Anne");
}

/* The file has moved on meanwhile: that is what the others say. */
static void
an_undone_decision_leaves_what_the_file_says_now(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = decision(RACE_SET_ENTRY, "");
	struct race_entry changed;

	enter(f, "1", "Ann");
	start(f);
	changed = f->entries[0];
	changed.name = "Anna";
	d.entry = &changed;
	operator_decides(f, 1, &d);
	f->entries[0].name = "Anne";
	assert_int_equal(start(f), 1);
	assert_string_equal(name_of(f, "1"), "Anna");
	assert_non_null(strstr(f->said, "bib 1 is the first"));
	d = decision(RACE_UNDO, "");
	d.target = (struct race_id){ 9, 1 };
	operator_decides(f, 2, &d);
	assert_int_equal(start(f), 0);
	assert_string_equal(name_of(f, "1"), "Anne");
}

static void
a_change_of_the_file_that_operators_override_is_told(void **state)
{
	struct fixture *f = *state;

	enter(f, "1", "Ann");
	enter(f, "2", "Bob");
	enter(f, "3", "Cid");
	start(f);
	operator_enters(f, 1, "2", "Robert");
	operator_enters(f, 2, "3", "Cyd");
	f->roll.count = 0;
	enter(f, "1", "Anne");
	enter(f, "2", "Rob");
	/* 3 is out of the file, and the operator's all the same */
	assert_int_equal(start(f), 3);
	assert_string_equal(name_of(f, "1"), "Anne");
	assert_string_equal(name_of(f, "2"), "Robert");
	assert_string_equal(name_of(f, "3"), "Cyd");
	assert_non_null(strstr(f->said, "2 "));
	assert_non_null(strstr(f->said, "bib 2"));
	assert_int_equal(start(f), 0);
	/* What the operator said as well is no news. */
	f->roll.count = 0;
	enter(f, "1", "Anne");
	enter(f, "2", "Robert");
	assert_int_equal(start(f), 1);
	assert_string_equal(f->said, "entries.csv: 0 new, 1 changed, 0 gone");
}

static void
a_chip_that_the_file_gives_to_another_than_operators_do_is_told(void **state)
{
	struct fixture *f = *state;
	const char *chip[] = { "C1" };

	enter(f, "1", "Ann");
	enter(f, "2", "Bob");
	f->entries[0].chips = chip;
	f->entries[0].chip_count = 1;
	start(f);
	operator_enters(f, 1, "2", "Bob");
	assert_int_equal(start(f), 0);
	assert_string_equal(f->said, "");
	operator_gives_chip(f, 2, "2", "C1");
	assert_int_equal(start(f), 0);
	assert_non_null(strstr(f->said, "chip C1"));
	assert_non_null(strstr(f->said, "bib 2, an operator says"));
	assert_non_null(strstr(f->said, "of bib 1 (1 such"));
	f->entries[0].chip_count = 0;
	assert_int_equal(start(f), 1);
	assert_string_equal(f->said, "entries.csv: 0 new, 1 changed, 0 gone");
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FOLDER_TEST(the_first_start_logs_rules_and_everybody),
		FOLDER_TEST(a_start_without_changes_logs_nothing),
		FOLDER_TEST(new_changed_and_gone_entries_are_events),
		FOLDER_TEST(an_entry_that_was_gone_may_come_back),
		FOLDER_TEST(changed_rules_are_logged_and_hold),
		FOLDER_TEST(
		    stored_events_that_cannot_be_read_are_kept_and_counted),
		FOLDER_TEST(
		    an_unchanged_file_undoes_nothing_that_operators_said),
		FOLDER_TEST(
		    an_unchanged_file_says_nothing_about_decisions_nor_when_they_are_undone),
		FOLDER_TEST(an_undone_decision_leaves_what_the_file_says_now),
		FOLDER_TEST(
		    a_change_of_the_file_that_operators_override_is_told),
		FOLDER_TEST(
		    a_chip_that_the_file_gives_to_another_than_operators_do_is_told),
		FOLDER_TEST(an_entry_too_long_is_named_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
