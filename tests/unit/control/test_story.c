#include "support/test.h"

#include <string.h>

#include "common/instant.h"
#include "control/event_json.h"
#include "control/story.h"
#include "support/plain.h"

/* 2014-09-21T10:00:00+02:00 */
#define TEN INT64_C(1411286400000000)

#define ANNA UINT64_C(0x7abcdef000000000)

enum { ARRIVEE = 5, DEPART = 6 };

static const struct race_entry zoe = { .bib = "12",
	.name = "Zoé",
	.sex = "F",
	.born = "",
	.category = "SE",
	.team = "",
	.wave = "elite",
	.nation = "",
	.status = RACE_DNS,
	.chips = (const char *const[]){ "A1", "B2" },
	.chip_count = 2 };

struct fixture {
	struct name_streams *streams;
	struct rulings *rulings;
	struct story story;
	char *text;
};

static void
on_amend(void *arg, struct race_id read, const struct rank_amendment *a)
{
	(void)arg;
	(void)read;
	(void)a;
}

static void
on_add(void *arg, struct race_id id, const struct rank_added *a)
{
	(void)arg;
	(void)id;
	(void)a;
}

static void
on_rule(void *arg, const char *bib, const struct rank_ruling *what)
{
	(void)arg;
	(void)bib;
	(void)what;
}

static void
on_gun(void *arg, const char *wave, int64_t gun_us)
{
	(void)arg;
	(void)wave;
	(void)gun_us;
}

static void
on_entry(void *arg, int64_t made_us, struct race_id id, const char *bib,
    const struct race_entry *entry, bool holds)
{
	(void)arg;
	(void)made_us;
	(void)id;
	(void)bib;
	(void)entry;
	(void)holds;
}

static const struct rulings_ops ops = { on_amend, on_add, on_rule, on_gun,
	on_entry, NULL };

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	instant_zone("Europe/Paris", NULL);
	f->streams = name_streams_new();
	name_stream(f->streams, ARRIVEE, "arrivee", false);
	name_stream(f->streams, DEPART, "depart", false);
	name_stream(f->streams, ANNA, "anna", true);
	f->rulings = rulings_new(&ops, NULL, "masse");
	f->story = (struct story){ .streams = f->streams,
		.rulings = f->rulings,
		.date = "2014-09-21" };
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	name_streams_free(f->streams);
	rulings_free(f->rulings);
	free(f->text);
	free(f);
	return 0;
}

/* What is told of the event. */
static const char *
told(struct fixture *f, struct race_id id, const struct race_event *e)
{
	size_t len;
	FILE *out;

	free(f->text);
	out = open_memstream(&f->text, &len);
	story_event(out, &f->story, id, e);
	fclose(out);
	return f->text;
}

static const char *
decided(struct fixture *f, const struct race_decision *d)
{
	const struct race_event e = { .kind = RACE_DECISION, .decision = d };
	size_t len;
	FILE *out;

	free(f->text);
	out = open_memstream(&f->text, &len);
	story_decided(out, &f->story, &e);
	fclose(out);
	return f->text;
}

static struct race_event
crossing(void)
{
	return (struct race_event){ .kind = RACE_CROSSING,
		.crossing = { .point = "arrivee",
		    .bib = "",
		    .chip = "",
		    .time_us = TEN,
		    .source = "" } };
}

static void
crossings_tell_who_where_and_how_sure(void **state)
{
	struct fixture *f = *state;
	const struct race_id id = { ARRIVEE, 1 };
	struct race_event e = crossing();

	assert_string_equal(told(f, id, &e), "nobody at arrivee");
	e.crossing.chip = "A1";
	e.crossing.clock = RACE_CLOCK_READER;
	assert_string_equal(told(f, id, &e),
	    "chip A1 at arrivee, reader's clock");
	e.crossing.bib = "12";
	e.crossing.clock = RACE_CLOCK_LAPTOP;
	assert_string_equal(told(f, id, &e),
	    "12 (chip A1) at arrivee, clock not measured");
	e.crossing.chip = "";
	e.crossing.offset_us = -12500;
	e.crossing.bound_us = 400;
	e.crossing.flags = RACE_FLAG_LISTED | RACE_FLAG_UNKNOWN_BIB;
	e.crossing.source = "a.csv:7";
	assert_string_equal(told(f, id, &e),
	    "12 at arrivee, clock -0.0125 s behind, within 0.0004 s, listed, "
	    "unknown bib, a.csv:7");
	/* Nothing of it steers the terminal. */
	e.crossing.source = "\x1b[31m";
	assert_string_equal(told(f, id, &e),
	    "12 at arrivee, clock -0.0125 s behind, within 0.0004 s, listed, "
	    "unknown bib, \xef\xbf\xbd[31m");
}

static void
what_a_station_says_of_its_own_is_told_by_name(void **state)
{
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_VOID, .void_seq = 33 };

	assert_string_equal(told(f, (struct race_id){ ARRIVEE, 40 }, &e),
	    "arrivee:33 taken back");
	e = (struct race_event){ .kind = RACE_FILL_IN, .fill_in = { 3, "12" } };
	assert_string_equal(told(f, (struct race_id){ DEPART, 40 }, &e),
	    "depart:3 is 12");
}

static void
entries_are_told(void **state)
{
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_ENTRY, .entry = zoe };

	assert_string_equal(told(f, (struct race_id){ ANNA, 1 }, &e),
	    "entry 12: Zoé, F, SE, wave elite, DNS, chip A1;B2");
	e.entry.start_us = TEN + 500000;
	e.entry.chip_count = 0;
	assert_string_equal(told(f, (struct race_id){ ANNA, 1 }, &e),
	    "entry 12: Zoé, F, SE, wave elite, DNS, start 10:00:00.5");
}

static void
each_decision_has_its_words(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = plain_decision(RACE_VERB_UNSPECIFIED, "");

	assert_non_null(strstr(decided(f, &d), "newer palmares"));
	d = plain_decision(RACE_ADD_READ, "");
	d.bib = "12";
	d.point = "arrivee";
	d.time_us = TEN + 1;
	assert_string_equal(decided(f, &d),
	    "12 at arrivee added, at 10:00:00.000001");
	d.verb = RACE_SET_TIME;
	assert_string_equal(decided(f, &d),
	    "12 at arrivee: time set to 10:00:00.000001");
	d = plain_decision(RACE_VOID_READ, "");
	d.target = (struct race_id){ ARRIVEE, 33 };
	assert_string_equal(decided(f, &d), "crossing arrivee:33 is no read");
	d.verb = RACE_MOVE_READ;
	d.bib = "15";
	assert_string_equal(decided(f, &d), "crossing arrivee:33 is 15");
	d.point = "mi-course";
	assert_string_equal(decided(f, &d),
	    "crossing arrivee:33 is 15 at mi-course");
	d.bib = "";
	assert_string_equal(decided(f, &d),
	    "crossing arrivee:33 is at mi-course");
	d = plain_decision(RACE_SWAP, "");
	d.target = (struct race_id){ ARRIVEE, 33 };
	d.other_target = (struct race_id){ ARRIVEE, 34 };
	d.bib = "12";
	d.other_bib = "15";
	assert_string_equal(decided(f, &d),
	    "12 and 15 swapped: crossing arrivee:33 is 15, arrivee:34 is 12");
	d = plain_decision(RACE_SET_STATUS, "");
	d.bib = "12";
	d.status = RACE_DSQ;
	assert_string_equal(decided(f, &d), "12: DSQ");
	d.status = RACE_STATUS_NONE;
	assert_string_equal(decided(f, &d), "12: status as entered");
	d = plain_decision(RACE_PENALTY, "");
	d.bib = "12";
	d.amount_us = 90000000;
	assert_string_equal(decided(f, &d), "12: penalty of 1:30");
	d.amount_us = -90000000;
	assert_string_equal(decided(f, &d), "12: bonus of 1:30");
	d = plain_decision(RACE_SET_ENTRY, "");
	d.entry = &zoe;
	assert_string_equal(decided(f, &d),
	    "entry 12: Zoé, F, SE, wave elite, DNS, chip A1;B2");
	d.bib = "7";
	assert_string_equal(decided(f, &d),
	    "entry 7 becomes 12: Zoé, F, SE, wave elite, DNS, chip A1;B2");
	d = plain_decision(RACE_REMOVE_ENTRY, "");
	d.bib = "7";
	assert_string_equal(decided(f, &d), "entry 7 removed");
	d = plain_decision(RACE_SET_GUN, "");
	d.wave = "masse";
	d.time_us = TEN + 7000000;
	assert_string_equal(decided(f, &d), "gun of masse at 10:00:07");
	d.target = (struct race_id){ ARRIVEE, 3 };
	assert_string_equal(decided(f, &d),
	    "gun of masse at 10:00:07, taken from crossing arrivee:3");
	d.target = (struct race_id){ 0 };
	d.wave = "";
	assert_string_equal(decided(f, &d), "gun at 10:00:07");
	d = plain_decision(RACE_SET_START, "");
	d.bib = "12";
	assert_string_equal(decided(f, &d), "12: no start of his own");
	d.time_us = TEN;
	assert_string_equal(decided(f, &d), "12: start at 10:00:00");
	d = plain_decision(RACE_PUBLISH, "");
	d.ranking = "scratch";
	d.text = "final";
	assert_string_equal(decided(f, &d), "scratch is final");
	d = plain_decision(RACE_ASIDE, "");
	d.text = "same-person:17,33";
	assert_string_equal(decided(f, &d),
	    "problem same-person:17,33 set aside");
}

static void
what_is_decided_about_a_season_has_its_words(void **state)
{
	struct fixture *f = *state;
	struct race_matter m = { "", "", "", "Bristol", "" };
	struct race_decision d = plain_decision(RACE_NAME, "");

	d.text = "BMS";
	d.matter = &m;
	assert_string_equal(decided(f, &d), "BMS is Bristol");
	m.team = "Group";
	assert_string_equal(decided(f, &d), "BMS of Group is Bristol");
	d.matter = NULL;
	assert_string_equal(decided(f, &d), "BMS is somebody of its own");
	m = (struct race_matter){ "2014", "Podium", "general", "Axa", "" };
	d = plain_decision(RACE_VOID_COMPETITION, "");
	d.matter = &m;
	assert_string_equal(decided(f, &d), "Podium 2014 is void");
	d = plain_decision(RACE_DECIDE_TIE, "");
	d.text = "Maaf";
	d.matter = &m;
	assert_string_equal(decided(f, &d),
	    "2014 general: of equals Maaf before Axa");
	d = plain_decision(RACE_PUBLISH_LIST, "");
	d.text = "12 lines new";
	d.matter = &m;
	assert_string_equal(decided(f, &d),
	    "Podium 2014 published: 12 lines new");
	d.matter = NULL;
	assert_string_equal(decided(f, &d), "published: 12 lines new");
}

static void
lines_of_a_season_are_told(void **state)
{
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_RESULT,
		.listed = { .key = 7,
		    .result = { .season = "2014",
		        .competition = "Podium",
		        .award = "Grand prix",
		        .place = 1,
		        .recipient = "Nespresso" } } };

	assert_string_equal(told(f, (struct race_id){ ANNA, 1 }, &e),
	    "2014, Podium, Grand prix: 1 Nespresso");
	e.kind = RACE_RESULT_GONE;
	e.result_gone = 7;
	assert_string_equal(told(f, (struct race_id){ ANNA, 2 }, &e),
	    "line 0000000000000007 of an award list gone");
}

static void
what_records_a_season_is_told(void **state)
{
	const struct race_id id = { ANNA, 1 };
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_SEASON_FILE };

	e.part = (struct season_part){ "season.yaml", 0, 1, (const uint8_t *)"",
		12 };
	assert_string_equal(told(f, id, &e), "file season.yaml: 12 bytes");
	e.part.parts = 3;
	e.part.part = 2;
	assert_string_equal(told(f, id, &e),
	    "file season.yaml: part 3 of 3, 12 bytes");
	e.kind = RACE_SEASON_FILE_GONE;
	e.file_gone = "aliases.csv";
	assert_string_equal(told(f, id, &e), "file aliases.csv: gone");
	e.kind = RACE_SEASON_GIVEN;
	e.given = (struct season_given){ "2014", "8 km", true };
	assert_string_equal(told(f, id, &e), "2014, 8 km: as if it ended now");
	e.given.live = false;
	assert_string_equal(told(f, id, &e), "2014, 8 km: published");
	e.kind = RACE_SEASON_MOMENT;
	e.moment.events = 1;
	assert_string_equal(told(f, id, &e),
	    "the season is what stands above, with 1 event of season.db");
}

static void
prizes_are_told(void **state)
{
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_AWARD,
		.prize = { .award = "Femmes",
		    .place = 2,
		    .holder = "15",
		    .note = "12 had left",
		    .by = "paul",
		    .collected = true } };

	assert_string_equal(told(f, (struct race_id){ ANNA, 1 }, &e),
	    "decision 1 by paul: prize Femmes, place 2: goes to 15, collected "
	    "(12 had left)");
	e.prize.holder = e.prize.by = e.prize.note = "";
	e.prize.collected = false;
	assert_string_equal(told(f, (struct race_id){ ANNA, 1 }, &e),
	    "decision 1 by anna: prize Femmes, place 2: stays with who has won "
	    "it");
}

static void
an_undo_names_the_number_of_what_it_undoes(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = plain_decision(RACE_SET_STATUS, "");
	struct race_event e = { .kind = RACE_DECISION, .decision = &d };
	const struct race_id first = { ANNA, 1 };
	const struct race_id second = { ANNA, 2 };

	d.bib = "12";
	d.status = RACE_DSQ;
	d.reason = "no bib";
	assert_string_equal(told(f, first, &e),
	    "decision 1 by anna: 12: DSQ (no bib)");
	assert_int_equal(rulings_apply(f->rulings, first, &e), 0);
	assert_int_equal(story_number(&f->story, first), 1);
	assert_int_equal(story_number(&f->story, second), 0);
	/* Of one that is there already its own number. */
	assert_string_equal(told(f, first, &e),
	    "decision 1 by anna: 12: DSQ (no bib)");
	d = plain_decision(RACE_UNDO, "");
	d.target = first;
	e.made_us = 5;
	assert_string_equal(told(f, second, &e),
	    "decision 2 by anna: decision 1 undone");
	d.target = second;
	assert_string_equal(decided(f, &d), "decision 7abcde:2 undone");
	d = plain_decision(RACE_SET_STATUS, "");
	d.bib = "12";
	d.status = RACE_DNF;
	d.replaces = first;
	assert_string_equal(decided(f, &d), "12: DNF, instead of decision 1");
}

static void
moments_of_other_days_have_their_date(void **state)
{
	struct fixture *f = *state;
	char text[STORY_MOMENT];

	assert_string_equal(story_moment(text, &f->story, TEN), "10:00:00");
	assert_string_equal(story_moment(text, &f->story, TEN + 250000),
	    "10:00:00.25");
	assert_string_equal(story_moment(text, &f->story,
	                        TEN + INT64_C(15) * 3600 * 1000000 + 123456),
	    "2014-09-22 01:00:00.123456");
	f->story.date = "2014-09-22";
	assert_string_equal(story_moment(text, &f->story, TEN),
	    "2014-09-21 10:00:00");
}

/* 01:30, 02:10, 02:10 again and 03:10 of the night of 2014-10-26. */
static void
a_time_that_comes_twice_has_its_zone(void **state)
{
	struct fixture *f = *state;
	const int64_t half_past_one = TEN + INT64_C(2993400) * 1000000;
	const int64_t minute = INT64_C(60) * 1000000;
	char text[STORY_MOMENT];

	f->story.date = "2014-10-26";
	assert_string_equal(story_moment(text, &f->story, half_past_one),
	    "01:30:00");
	assert_string_equal(story_moment(text, &f->story,
	                        half_past_one + 40 * minute),
	    "02:10:00");
	assert_string_equal(story_moment(text, &f->story,
	                        half_past_one + 100 * minute),
	    "02:10:00+01:00");
	assert_string_equal(story_moment(text, &f->story,
	                        half_past_one + 160 * minute),
	    "03:10:00+01:00");
	/* The day before: in the night behind it. */
	f->story.date = "2014-10-25";
	assert_string_equal(story_moment(text, &f->story,
	                        half_past_one + 160 * minute),
	    "2014-10-26 03:10:00+01:00");
	/* Months later nobody wonders. */
	f->story.date = "2014-07-01";
	assert_string_equal(story_moment(text, &f->story,
	                        half_past_one + 160 * minute),
	    "2014-10-26 03:10:00");
}

static void
what_a_clock_that_was_ahead_decided_is_told_when_it_was_stored(void **state)
{
	const int64_t day_us = INT64_C(86400) * 1000000;
	struct fixture *f = *state;
	struct race_decision d = plain_decision(RACE_PENALTY, "");
	const struct race_event e = { .kind = RACE_DECISION,
		.made_us = TEN + 1234567,
		.decision = &d };
	struct rulings_item item;
	int64_t stored_us[1] = { TEN + 2000000 };

	assert_int_equal(rulings_apply(f->rulings, (struct race_id){ ANNA, 1 },
	                     &e),
	    0);
	rulings_at(f->rulings, 0, &item);
	/* To the second, and its own where nobody knows better. */
	assert_int_equal(story_when(&f->story, &item), TEN + 1000000);
	f->story.stored_us = stored_us;
	f->story.stored_count = 1;
	assert_int_equal(story_when(&f->story, &item), TEN + 1000000);
	stored_us[0] = TEN - day_us + 5500000;
	assert_int_equal(story_when(&f->story, &item), TEN - day_us + 5000000);
	/* A recording that was played later. */
	stored_us[0] = TEN + day_us;
	assert_int_equal(story_when(&f->story, &item), TEN + 1000000);
	assert_int_equal(story_told(TEN, TEN - 60000000), TEN);
	assert_int_equal(story_told(TEN, TEN - 60000001), TEN - 60000001);
}

static void
nothing_that_steers_a_terminal_is_told(void **state)
{
	static const char evil[] = "\x1b[2J\xe2\x80\xae";
	static const char shown[] = "\xef\xbf\xbd[2J\xef\xbf\xbd";
	struct fixture *f = *state;
	struct race_decision d = plain_decision(RACE_SET_STATUS, "");
	struct race_event e;

	d.bib = evil;
	d.status = RACE_DSQ;
	assert_memory_equal(decided(f, &d), shown, sizeof shown - 1);
	d.reason = evil;
	d.by = evil;
	e = (struct race_event){ .kind = RACE_DECISION, .decision = &d };
	assert_null(strpbrk(told(f, (struct race_id){ ANNA, 1 }, &e), "\x1b"));
	assert_null(strstr(f->text, "\xe2\x80\xae"));
	e = crossing();
	e.crossing.source = evil;
	e.crossing.point = evil;
	assert_null(strpbrk(told(f, (struct race_id){ ANNA, 1 }, &e), "\x1b"));
	assert_null(strstr(f->text, "\xe2\x80\xae"));
}

static void
json_holds_what_was_decided_and_whether_it_holds(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = plain_decision(RACE_SWAP, "");
	struct race_event e = { .kind = RACE_DECISION,
		.made_us = TEN,
		.decision = &d };
	struct rulings_item item;

	d.target = (struct race_id){ ARRIVEE, 33 };
	d.other_target = (struct race_id){ ARRIVEE, 34 };
	d.bib = "12";
	d.other_bib = "15";
	d.by = "anna";
	d.reason = "photo \"A\"";
	assert_int_equal(rulings_apply(f->rulings, (struct race_id){ ANNA, 1 },
	                     &e),
	    0);
	d = plain_decision(RACE_UNDO, "");
	d.target = (struct race_id){ ANNA, 1 };
	e.made_us = TEN + 1;
	assert_int_equal(rulings_apply(f->rulings, (struct race_id){ ANNA, 2 },
	                     &e),
	    0);
	rulings_at(f->rulings, 0, &item);
	f->text = event_json_ruling(&item, f->streams, TEN + 2000000);
	assert_string_equal(f->text,
	    "{\"decision\":1,\"event\":\"7abcde:1\","
	    "\"stream\":\"7abcdef000000000\",\"seq\":1,"
	    "\"operator\":\"anna\",\"holds\":false,\"undone_by\":2,"
	    "\"received\":\"2014-09-21T10:00:02+02:00\","
	    "\"kind\":\"decision\",\"made\":\"2014-09-21T10:00:00+02:00\","
	    "\"verb\":\"swap\",\"by\":\"anna\","
	    "\"reason\":\"photo \\\"A\\\"\",\"target\":\"arrivee:33\","
	    "\"other_target\":\"arrivee:34\",\"bib\":\"12\","
	    "\"other_bib\":\"15\"}");
}

/* A fingerprint has 64 bits, which other languages' numbers do not hold. */
static void
json_of_what_is_set_aside_has_key_and_facts(void **state)
{
	struct fixture *f = *state;
	struct race_decision d = plain_decision(RACE_ASIDE, "");
	const struct race_event e = { .kind = RACE_DECISION,
		.made_us = TEN,
		.decision = &d };
	const struct past_event p = { .log = 7,
		.id = { ANNA, 1 },
		.station = "anna",
		.operators = true,
		.received_us = TEN,
		.event = &e };

	d.text = "pace:12";
	d.facts = UINT64_C(0xfedcba9876543210);
	f->text = event_json(&p, f->streams);
	assert_non_null(strstr(f->text,
	    "\"verb\":\"aside\",\"text\":\"pace:12\","
	    "\"facts\":\"fedcba9876543210\""));
}

static void
json_keeps_an_entrys_own_columns_apart(void **state)
{
	struct fixture *f = *state;
	const struct race_column more[] = { { "shirt", "M" }, { "bib", "x" } };
	struct race_event e = { .kind = RACE_ENTRY,
		.made_us = TEN,
		.entry = zoe };
	const struct past_event p = { .log = 7,
		.id = { ANNA, 1 },
		.station = "anna",
		.operators = true,
		.received_us = TEN,
		.event = &e };

	e.entry.more = more;
	e.entry.more_count = 2;
	f->text = event_json(&p, f->streams);
	assert_non_null(strstr(f->text, "\"log\":7,"));
	assert_non_null(strstr(f->text, "\"operator\":\"anna\""));
	assert_non_null(strstr(f->text,
	    "\"bib\":\"12\",\"entry\":{\"bib\":\"12\",\"name\":\"Zoé\","
	    "\"sex\":\"F\",\"category\":\"SE\",\"wave\":\"elite\","
	    "\"status\":\"DNS\",\"chips\":[\"A1\",\"B2\"],"
	    "\"shirt\":\"M\"}}"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(crossings_tell_who_where_and_how_sure),
		TEST(what_a_station_says_of_its_own_is_told_by_name),
		TEST(entries_are_told),
		TEST(each_decision_has_its_words),
		TEST(what_is_decided_about_a_season_has_its_words),
		TEST(lines_of_a_season_are_told),
		TEST(what_records_a_season_is_told),
		TEST(prizes_are_told),
		TEST(an_undo_names_the_number_of_what_it_undoes),
		TEST(moments_of_other_days_have_their_date),
		TEST(a_time_that_comes_twice_has_its_zone),
		TEST(json_holds_what_was_decided_and_whether_it_holds),
		TEST(nothing_that_steers_a_terminal_is_told),
		TEST(
		    what_a_clock_that_was_ahead_decided_is_told_when_it_was_stored),
		TEST(json_of_what_is_set_aside_has_key_and_facts),
		TEST(json_keeps_an_entrys_own_columns_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
