#include "support/test.h"

#include "control/about.h"
#include "support/plain.h"

enum { STATION = 5, ANNA = 6 };

static char none[] = "";
static struct race_wave wave = { .name = (char[]){ "masse" },
	.gun_us = RACE_TIME_MIN };
static struct race_point point = { .name = (char[]){ "arrivee" },
	.metres = 8000 };
static const struct race_rules rules = { .title = none,
	.date = none,
	.timezone = none,
	.waves = &wave,
	.wave_count = 1,
	.points = &point,
	.point_count = 1 };

static const struct race_id first = { STATION, 1 };

static int
setup(void **state)
{
	*state = book_new(&rules, 0);
	return 0;
}

static int
teardown(void **state)
{
	book_free(*state);
	return 0;
}

static void
apply(struct book *b, struct race_id id, const struct race_event *e)
{
	assert_int_equal(book_apply(b, id, e), 0);
}

static struct race_event
crossing(const char *bib, const char *chip)
{
	return (struct race_event){ .kind = RACE_CROSSING,
		.crossing = { .point = "arrivee",
		    .bib = bib,
		    .chip = chip,
		    .time_us = RACE_TIME_MIN + 1000000,
		    .source = "" } };
}

static void
enter(struct book *b, uint64_t seq, const char *bib, const char *chip)
{
	const char *const chips[] = { chip };
	struct race_event e = { .kind = RACE_ENTRY,
		.made_us = (int64_t)seq,
		.entry = plain_entry(bib) };

	e.entry.chips = chips;
	e.entry.chip_count = 1;
	apply(b, (struct race_id){ ANNA, seq }, &e);
}

static struct race_decision
decision(enum race_verb verb, struct race_id target)
{
	struct race_decision d = plain_decision(verb, "");

	d.target = target;
	return d;
}

static void
decide(struct book *b, uint64_t seq, const struct race_decision *d)
{
	const struct race_event e = { .kind = RACE_DECISION,
		.made_us = (int64_t)seq,
		.decision = d };

	apply(b, (struct race_id){ ANNA, seq }, &e);
}

static bool
about(struct book *b, const char *bib, const struct race_decision *d)
{
	const struct race_event e = { .kind = RACE_DECISION, .decision = d };

	return about_bib(b, bib, (struct race_id){ ANNA, 99 }, &e);
}

static void
a_crossing_is_about_whoever_it_names(void **state)
{
	struct race_event e = crossing("12", "");

	assert_true(about_bib(*state, "12", first, &e));
	assert_false(about_bib(*state, "15", first, &e));
}

static void
a_chips_crossing_is_about_whoever_has_it(void **state)
{
	struct race_event e = crossing("", "A1");

	assert_false(about_bib(*state, "12", first, &e));
	enter(*state, 1, "12", "A1");
	enter(*state, 2, "15", "B2");
	assert_true(about_bib(*state, "12", first, &e));
	assert_false(about_bib(*state, "15", first, &e));
}

static void
what_a_station_takes_back_is_about_whose_it_was(void **state)
{
	struct race_event e = crossing("12", "");
	struct race_event taken = { .kind = RACE_VOID, .void_seq = 1 };
	const struct race_id id = { STATION, 2 };

	enter(*state, 1, "12", "A1");
	enter(*state, 2, "15", "B2");
	apply(*state, first, &e);
	assert_true(about_bib(*state, "12", id, &taken));
	assert_false(about_bib(*state, "15", id, &taken));
	/* Another station's first one is another one. */
	assert_false(about_bib(*state, "12", (struct race_id){ 9, 2 }, &taken));
}

static void
a_decision_is_about_those_it_names_and_whose_crossing_it_names(void **state)
{
	struct race_event e = crossing("12", "");
	struct race_decision d;

	enter(*state, 1, "12", "A1");
	enter(*state, 2, "15", "B2");
	apply(*state, first, &e);
	d = decision(RACE_VOID_READ, first);
	assert_true(about(*state, "12", &d));
	assert_false(about(*state, "15", &d));
	d = decision(RACE_MOVE_READ, first);
	d.bib = "15";
	assert_true(about(*state, "12", &d));
	assert_true(about(*state, "15", &d));
	assert_false(about(*state, "7", &d));
	d = decision(RACE_SET_STATUS, (struct race_id){ 0, 0 });
	d.bib = "12";
	assert_true(about(*state, "12", &d));
	assert_false(about(*state, "15", &d));
}

static void
an_undo_is_about_what_it_undoes(void **state)
{
	struct race_decision d;

	enter(*state, 1, "12", "A1");
	d = decision(RACE_SET_STATUS, (struct race_id){ 0, 0 });
	d.bib = "12";
	d.status = RACE_DSQ;
	decide(*state, 2, &d);
	d = decision(RACE_UNDO, (struct race_id){ ANNA, 2 });
	decide(*state, 3, &d);
	assert_true(about(*state, "12", &d));
	assert_false(about(*state, "15", &d));
	d = decision(RACE_UNDO, (struct race_id){ ANNA, 3 });
	assert_true(about(*state, "12", &d));
	/* What has not come is about nobody yet. */
	d = decision(RACE_UNDO, (struct race_id){ ANNA, 77 });
	assert_false(about(*state, "12", &d));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_crossing_is_about_whoever_it_names),
		TEST(a_chips_crossing_is_about_whoever_has_it),
		TEST(what_a_station_takes_back_is_about_whose_it_was),
		TEST(
		    a_decision_is_about_those_it_names_and_whose_crossing_it_names),
		TEST(an_undo_is_about_what_it_undoes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
