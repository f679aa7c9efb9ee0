/* What a feed is told of a season's table, as the season goes on. */
#include "support/test.h"

#include <string.h>

#include "race/board.h"
#include "race/season/tally.h"

enum { KEYS = 24, SUBJECTS = 9, STEPS = 60, SLOTS = 64 };

static char empty[] = "";
static const char *const names[SUBJECTS] = { "Anna", "Ben", "Cleo", "Dan",
	"Eve", "Fritz", "Gil", "10", "9" };
static const char *const events[] = { "C1", "C2", "C3", "C4" };

struct fixture {
	int64_t list[3];
	struct season_tie ties[2];
	char *compulsory[1];
	struct season_competition competitions[4];
	struct season_table tables[3];
	struct season_rules rules;
	struct season *season;
	struct tally *tally;
};

static struct season_table
table(struct fixture *f, char *name, enum season_scale scale)
{
	return (struct season_table){ .name = name,
		.points = { .scale = scale,
		    .list = f->list,
		    .count = scale == SEASON_LIST ? 3 : 0 },
		.sex = empty,
		.category = empty,
		.team = empty,
		.missing = SEASON_NO_VALUE,
		.ties = f->ties,
		.tie_count = 2 };
}

static int
setup(void **state)
{
	static char more[] = "more", less[] = "less", clock[] = "clock";
	static char titles[4][3] = { "C1", "C2", "C3", "C4" };
	struct fixture *f = calloc(1, sizeof *f);

	for (int i = 0; i < 3; i++)
		f->list[i] = (3 - i) * SEASON_UNIT;
	f->ties[0] = (struct season_tie){ SEASON_WINS, 0, empty };
	f->ties[1] = (struct season_tie){ SEASON_LATEST, 0, empty };
	for (int i = 0; i < 4; i++)
		f->competitions[i] = (struct season_competition){ titles[i],
			empty, empty, empty, 1000 };
	f->tables[0] = table(f, more, SEASON_LIST);
	f->tables[0].best = 3;
	f->tables[0].at_least = 2;
	f->tables[1] = table(f, less, SEASON_PLACE);
	f->tables[1].lowest = true;
	f->tables[2] = table(f, clock, SEASON_LIST);
	f->tables[2].points.count = 0;
	f->tables[2].by = SEASON_BY_TIME;
	f->tables[2].at_least = 1;
	f->rules =
	    (struct season_rules){ empty, f->competitions, 4, f->tables, 3 };
	f->season = season_new(&f->rules);
	f->tally = tally_new();
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tally_free(f->tally);
	season_free(f->season);
	free(f);
	return 0;
}

static void
put(struct fixture *f, uint64_t key, const char *competition, uint32_t place,
    const char *who)
{
	struct season_result r = { .season = "2014",
		.competition = competition,
		.award = "",
		.place = place,
		.recipient = who,
		.team = "",
		.sex = "",
		.category = "",
		.date = "",
		.time_us = (int64_t)place * 1000000,
		.points = SEASON_NO_VALUE,
		.note = "" };

	season_put(f->season, key, &r);
}

static enum tally_step
step(struct fixture *f, struct tally *t, size_t table)
{
	return tally_step(t, f->season, season_find(f->season, "2014"),
	    &f->rules, table);
}

static bool
update(struct fixture *f, struct tally *t, size_t table)
{
	enum tally_step is = TALLY_MORE;

	while (is == TALLY_MORE)
		is = step(f, t, table);
	return is == TALLY_MOVED;
}

/* Tells a board what changed, as a feed does. */
static size_t
tell(struct tally *t, struct board *b)
{
	static uint64_t version;
	uint32_t slots[SLOTS];
	size_t n = tally_take_changes(t, slots, SLOTS);

	version++;
	for (size_t i = 0; i < n; i++) {
		struct race_row row;

		if (tally_row(t, slots[i], &row))
			board_put(b, &row, version);
		else
			board_remove(b, row.label, version);
	}
	return n;
}

static const char *
changes(struct fixture *f)
{
	static char out[200];
	uint32_t slots[SLOTS];
	size_t n = tally_take_changes(f->tally, slots, SLOTS);
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		struct race_row row;
		bool is = tally_row(f->tally, slots[i], &row);

		len += (size_t)snprintf(out + len, sizeof out - len, " %s%s",
		    is ? "" : "-", row.label);
	}
	return out;
}

static void
a_season_that_has_not_begun_is_an_empty_table(void **state)
{
	struct fixture *f = *state;
	struct race_outlook o;

	assert_false(update(f, f->tally, 0));
	assert_int_equal(tally_count(f->tally), 0);
	assert_int_equal(tally_digest(f->tally), 0);
	tally_outlook(f->tally, &o);
	assert_false(o.open);
}

static void
a_row_says_what_the_table_says(void **state)
{
	struct fixture *f = *state;
	struct race_row row;

	put(f, 1, "C1", 1, "Anna");
	put(f, 2, "C2", 2, "Anna");
	put(f, 3, "C1", 2, "Ben");
	put(f, 4, "C2", 1, "Ben");
	put(f, 5, "C3", 1, "Cleo");
	assert_true(update(f, f->tally, 0));
	assert_int_equal(tally_count(f->tally), 3);
	assert_true(tally_row(f->tally, 0, &row));
	assert_string_equal(row.label, "Ben");
	assert_int_equal(row.points, 5 * SEASON_UNIT);
	assert_int_equal(row.elapsed_us, -1);
	assert_int_equal(row.wins, 1);
	assert_int_equal(row.counted, 2);
	assert_int_equal(row.status, RACE_FINISHED);
	assert_string_equal(row.why, "better in C2");
	assert_true(tally_row(f->tally, 1, &row));
	assert_string_equal(row.label, "Anna");
	assert_int_equal(row.sort.key[2], 1);
	assert_string_equal(row.why, "has enough competitions");
	assert_true(tally_row(f->tally, 2, &row));
	assert_int_equal(row.status, RACE_RUNNING);
	assert_int_equal(row.sort.group, RACE_GROUP_PLACED);
	assert_null(row.why);
}

static void
only_rows_that_change_are_told_once(void **state)
{
	struct fixture *f = *state;

	put(f, 1, "C1", 1, "Anna");
	put(f, 2, "C1", 2, "Ben");
	put(f, 3, "C1", 3, "Cleo");
	assert_true(update(f, f->tally, 0));
	(void)changes(f);
	assert_false(update(f, f->tally, 0));
	assert_string_equal(changes(f), "");
	put(f, 4, "C2", 3, "Ben");
	assert_true(update(f, f->tally, 0));
	put(f, 5, "C2", 2, "Ben");
	put(f, 4, "C3", 9, "Ben");
	assert_true(update(f, f->tally, 0));
	/* Anna and Cleo are where they were, by the same score. */
	assert_string_equal(changes(f), " Ben");
	season_drop(f->season, 3);
	assert_true(update(f, f->tally, 0));
	assert_string_equal(changes(f), " -Cleo");
	assert_int_equal(tally_count(f->tally), 2);
	put(f, 3, "C1", 3, "Cleo");
	assert_true(update(f, f->tally, 0));
	assert_string_equal(changes(f), " Cleo");
}

static void
all_is_provisional_until_every_competition_is_held_and_over(void **state)
{
	struct fixture *f = *state;
	struct race_outlook o;

	for (uint64_t i = 0; i < 4; i++) {
		(void)update(f, f->tally, 0);
		tally_outlook(f->tally, &o);
		assert_int_equal(o.open, i > 0);
		put(f, i, events[i], 1, "Anna");
	}
	season_set_state(f->season, "2014", "C4", SEASON_LIVE);
	(void)update(f, f->tally, 0);
	tally_outlook(f->tally, &o);
	assert_true(o.open);
	assert_int_equal(o.from[0], INT64_MIN);
	season_set_state(f->season, "2014", "C4", SEASON_PUBLISHED);
	(void)update(f, f->tally, 0);
	tally_outlook(f->tally, &o);
	assert_false(o.open);
}

/* More than are read at once. */
static void
put_many(struct fixture *f, unsigned count, const char *prefix)
{
	for (unsigned i = 0; i < count; i++) {
		char name[32];

		snprintf(name, sizeof name, "%s %u", prefix, i);
		put(f, 1000 + i, "C1", 1, name);
	}
}

static size_t
take_all_changes(struct tally *t)
{
	uint32_t slots[SLOTS];
	size_t all = 0;
	size_t n;

	while ((n = tally_take_changes(t, slots, SLOTS)) > 0)
		all += n;
	return all;
}

static void
what_is_told_is_as_before_until_all_of_it_has_been_read(void **state)
{
	enum { MANY = 10000 };
	struct fixture *f = *state;
	struct race_row first;
	struct race_row row;
	uint64_t digest;
	int steps = 0;

	put(f, 1, "C1", 1, "Anna");
	put_many(f, MANY, "A");
	assert_true(update(f, f->tally, 0));
	assert_int_equal(take_all_changes(f->tally), MANY + 1);
	digest = tally_digest(f->tally);
	assert_true(tally_row(f->tally, 1, &first));
	put_many(f, MANY, "B");
	put(f, 1, "C2", 1, "Anna");
	for (; step(f, f->tally, 0) == TALLY_MORE; steps++) {
		assert_int_equal(tally_count(f->tally), MANY + 1);
		assert_int_equal(tally_slots(f->tally), MANY + 1);
		assert_true(tally_digest(f->tally) == digest);
		assert_true(tally_row(f->tally, 1, &row));
		assert_string_equal(row.label, first.label);
		assert_int_equal(take_all_changes(f->tally), 0);
	}
	assert_in_range(steps, 10, 1000);
	assert_int_equal(tally_count(f->tally), MANY + 1);
	assert_int_equal(tally_slots(f->tally), 2 * MANY + 1);
	assert_false(tally_row(f->tally, 1, &row));
	assert_string_equal(row.label, first.label);
	/* Who came, who went, and Anna. */
	assert_int_equal(take_all_changes(f->tally), 2 * MANY + 1);
	assert_false(update(f, f->tally, 0));
}

/* ---- at random ---- */

/* The board of a display is the table, line by line. */
static void
check_lines(struct fixture *f, struct board *b, size_t t)
{
	int64_t season = season_find(f->season, "2014");
	bool time = f->tables[t].by == SEASON_BY_TIME;
	struct season_row rows[SUBJECTS];
	size_t n = 0;

	if (season >= 0)
		n = season_rows(f->season, (size_t)season, t, 0, rows,
		    SUBJECTS);
	assert_int_equal(board_count(b), n);
	for (size_t i = 0; i < n; i++) {
		struct board_line line;

		assert_int_equal(board_line(b, i, &line), 0);
		assert_string_equal(line.row.label, rows[i].subject);
		assert_int_equal(line.place, rows[i].place);
		assert_int_equal(line.tied, rows[i].tied);
		assert_int_equal(time ? line.row.elapsed_us : line.row.points,
		    rows[i].score);
		assert_int_equal(line.row.dropped, rows[i].dropped);
		assert_int_equal(line.row.finishers, rows[i].took_part);
	}
}

/* What was told bit by bit, and what a fresh start tells. */
static void
check_rebuilt(struct fixture *f, struct board *b, size_t t)
{
	struct tally *fresh = tally_new();

	(void)update(f, fresh, t);
	assert_true(tally_digest(fresh) == board_digest(b));
	assert_int_equal(tally_count(fresh), board_count(b));
	tally_free(fresh);
}

static void
change(struct fixture *f, uint64_t *seed)
{
	uint64_t key = test_below(seed, KEYS);
	const char *event = events[test_below(seed, 4)];

	switch (test_below(seed, 6)) {
	case 0:
		season_drop(f->season, key);
		return;
	case 1:
		season_set_state(f->season, "2014", event,
		    (enum season_state)test_below(seed, 3));
		return;
	case 2:
		season_name(f->season, names[test_below(seed, SUBJECTS)], "",
		    test_below(seed, 2) > 0 ? "Anna" : NULL);
		return;
	default:
		put(f, key, event, (uint32_t)test_below(seed, 5),
		    names[test_below(seed, SUBJECTS)]);
		return;
	}
}

static void
a_board_that_hears_changes_is_the_table(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = test_seed();
	struct tally *tallies[3];
	struct board *boards[3];

	for (size_t t = 0; t < 3; t++) {
		tallies[t] = tally_new();
		boards[t] = board_new();
	}
	for (int i = 0; i < STEPS; i++) {
		for (uint64_t n = test_below(&seed, 8); n > 0; n--)
			change(f, &seed);
		for (size_t t = 0; t < 3; t++) {
			bool changed = update(f, tallies[t], t);

			assert_int_equal(tell(tallies[t], boards[t]) > 0,
			    changed);
			check_lines(f, boards[t], t);
			check_rebuilt(f, boards[t], t);
		}
	}
	for (size_t t = 0; t < 3; t++) {
		tally_free(tallies[t]);
		board_free(boards[t]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_season_that_has_not_begun_is_an_empty_table, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(a_row_says_what_the_table_says,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    only_rows_that_change_are_told_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    all_is_provisional_until_every_competition_is_held_and_over,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_told_is_as_before_until_all_of_it_has_been_read,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_board_that_hears_changes_is_the_table, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
