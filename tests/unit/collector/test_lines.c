#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "collector/lines.h"
#include "common/csv.h"
#include "common/instant.h"

/* 2014-09-21T10:00:00+02:00 and others of that year's races. */
#define GUN     INT64_C(1411286400000000)
#define S       INT64_C(1000000)
#define H       (INT64_C(3600) * S)
#define MORNING (GUN - 10 * H)

struct fixture {
	struct race_wave waves[2];
	struct race_point points[2];
	struct race_rules rules;
	struct race_entry entries[6];
	struct lines_race race;
	struct lines *lines;
	char said[64][1024];
	size_t said_count;
	int64_t near_us;
	struct race_crossing crossing;
	char fields[3][128]; /* of the crossing */
	struct err err;
};

static char masse[] = "masse";
static char elite[] = "elite";
static char start[] = "depart";
static char finish[] = "arrivee";
static char date[] = "2014-09-21";
static char autumn[] = "2014-10-26";
static char zone[] = "Europe/Paris";
static char title[] = "8 km";
static const char *const chips[] = { "ABC1", "17" };
static const char *const pair[] = { "E5501", "E5502" };

static void
say(void *arg, const char *text)
{
	struct fixture *f = arg;

	assert_true(f->said_count < 64);
	snprintf(f->said[f->said_count++], 1024, "%s", text);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->waves[0] = (struct race_wave){ .name = masse, .gun_us = GUN };
	f->waves[1] =
	    (struct race_wave){ .name = elite, .gun_us = GUN - 600 * S };
	f->points[0] = (struct race_point){ .name = start };
	f->points[1] = (struct race_point){ .name = finish, .metres = 8000 };
	f->rules = (struct race_rules){ .title = title,
		.date = date,
		.timezone = zone,
		.waves = f->waves,
		.wave_count = 1,
		.points = f->points,
		.point_count = 2 };
	f->entries[0] = (struct race_entry){ .bib = "12",
		.name = "Grace Hopper",
		.chips = chips,
		.chip_count = 2 };
	f->entries[1] = (struct race_entry){ .bib = "007", .name = "" };
	f->entries[2] = (struct race_entry){ .bib = "451",
		.name = "Ada Lovelace",
		.chips = pair,
		.chip_count = 2 };
	f->entries[3] = (struct race_entry){ .bib = "4511", .name = "" };
	f->entries[4] = (struct race_entry){ .bib = "4512", .name = "" };
	f->entries[5] = (struct race_entry){ .bib = "4513", .name = "" };
	f->race = (struct lines_race){ .rules = &f->rules,
		.entries = f->entries,
		.entry_count = 6,
		.wave = "" };
	f->near_us = RACE_NO_TIME;
	assert_int_equal(instant_zone(zone, NULL), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	lines_free(f->lines);
	free(f);
	return 0;
}

static int
with_row(struct fixture *f, const char *text,
    int (*fn)(struct fixture *, const struct csv_row *))
{
	struct csv *csv = csv_new(0, 1, ',');
	struct csv_row row;
	int rc;

	csv_feed(csv, text, strlen(text));
	csv_end(csv);
	assert_int_equal(csv_next(csv, &row, NULL), 1);
	rc = fn(f, &row);
	csv_free(csv);
	return rc;
}

static int
do_header(struct fixture *f, const struct csv_row *row)
{
	return lines_header(f->lines, row, &f->err);
}

/* The row goes: what the crossing points at is copied. */
static int
do_crossing(struct fixture *f, const struct csv_row *row)
{
	struct race_crossing *c = &f->crossing;
	int rc = lines_crossing(f->lines, row, &f->near_us, c, &f->err);

	if (rc < 0)
		return rc;
	snprintf(f->fields[0], 128, "%s", c->bib);
	snprintf(f->fields[1], 128, "%s", c->chip);
	snprintf(f->fields[2], 128, "%s", c->point);
	c->bib = f->fields[0];
	c->chip = f->fields[1];
	c->point = f->fields[2];
	return 0;
}

static void
begin(struct fixture *f, const char *names)
{
	lines_free(f->lines);
	f->lines = lines_new(&f->race, say, f);
	lines_set_point(f->lines, finish);
	if (with_row(f, names, do_header) < 0)
		fail_msg("%s", f->err.text);
}

static void
take(struct fixture *f, const char *row)
{
	if (with_row(f, row, do_crossing) < 0)
		fail_msg("%s: %s", row, f->err.text);
}

static void
time_is(struct fixture *f, const char *row, int64_t us)
{
	take(f, row);
	assert_int_equal(f->crossing.time_us, us);
	assert_int_equal(f->near_us, us);
}

static void
not_taken(struct fixture *f, const char *row, int rc, const char *why)
{
	int64_t near_us = f->near_us;

	f->err.text[0] = '\0';
	assert_int_equal(with_row(f, row, do_crossing), rc);
	if (strstr(f->err.text, why) == NULL)
		fail_msg("'%s': '%s' is not about '%s'", row, f->err.text, why);
	assert_int_equal(f->near_us, near_us);
}

static void
refused(struct fixture *f, const char *row, const char *why)
{
	not_taken(f, row, -EINVAL, why);
}

/* It may be good: we were not told enough. */
static void
not_understood(struct fixture *f, const char *row, const char *why)
{
	not_taken(f, row, -ENODATA, why);
}

static void
a_row_becomes_a_crossing(void **state)
{
	struct fixture *f = *state;

	begin(f, "Chip,time,BIB,point");
	take(f, "00abc1,2014-09-21T10:30:16.25+02:00,12,depart");
	assert_int_equal(f->crossing.time_us, GUN + 1816250000);
	assert_string_equal(f->crossing.bib, "12");
	assert_string_equal(f->crossing.chip, "ABC1");
	assert_string_equal(f->crossing.point, "depart");
	assert_int_equal(f->crossing.clock, RACE_CLOCK_FILE);
	assert_int_equal(f->crossing.offset_us, 0);
	assert_int_equal(f->crossing.bound_us, 0);
	assert_int_equal(f->crossing.flags, 0);
	assert_string_equal(f->crossing.source, "");
	take(f, "17,2014-09-21T08:00:00Z,,");
	assert_string_equal(f->crossing.point, "arrivee");
	assert_string_equal(f->crossing.bib, "");
	assert_int_equal(f->crossing.time_us, GUN);
	assert_int_equal(f->said_count, 0);
}

static void
fields_are_trimmed_in_quotes_too(void **state)
{
	struct fixture *f = *state;

	begin(f, "\" time \",\" bib\",\"chip \",point");
	take(f, "\" +1 \",\" 12 \",\" 17\xc2\xa0\",\"\tdepart \"");
	assert_int_equal(f->crossing.time_us, GUN + S);
	assert_string_equal(f->crossing.bib, "12");
	assert_string_equal(f->crossing.chip, "17");
	assert_string_equal(f->crossing.point, "depart");
	assert_int_equal(f->crossing.flags, 0);
	take(f, "+1,\" \",17,\" \"");
	assert_string_equal(f->crossing.bib, "");
	assert_string_equal(f->crossing.point, "arrivee");
	refused(f, "+1,\" \",\" \"", "no bib and no chip");
}

static void
columns_that_are_not_used_are_said_once(void **state)
{
	struct fixture *f = *state;

	begin(f, "time,Lap,bib,");
	assert_int_equal(f->said_count, 2);
	assert_string_equal(f->said[0], "column \"Lap\" is not used");
	assert_string_equal(f->said[1], "column 4 has no name and is not used");
	take(f, "+1,99,12,x");
	assert_int_equal(f->said_count, 2);
	assert_false(lines_has_point(f->lines));
	begin(f, "time,bib,point");
	assert_true(lines_has_point(f->lines));
}

static void
a_header_that_cannot_be_used_says_why(void **state)
{
	static const char *const cases[][2] = {
		{ "bib,point", "no column 'time'" },
		{ "time,point", "no column 'bib' and none 'chip'" },
		{ "time,bib,Bib", "columns 2 and 3 are both named 'bib'" },
		{ "2014-09-21T10:00:00Z,12", "no column 'time'" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		lines_free(f->lines);
		f->lines = lines_new(&f->race, say, f);
		f->said_count = 0;
		assert_int_equal(with_row(f, cases[i][0], do_header), -EINVAL);
		assert_non_null(strstr(f->err.text, cases[i][1]));
	}
}

static void
a_time_after_the_gun_counts_from_it(void **state)
{
	struct fixture *f = *state;

	begin(f, "time,bib");
	time_is(f, "+8.5,12", GUN + 8500000);
	time_is(f, "+1:02:03.000001,12", GUN + 3723 * S + 1);
	f->waves[0].gun_us = RACE_NO_TIME;
	not_understood(f, "+8.5,12", "does not have yet");
	f->waves[0].gun_us = GUN;
	f->rules.wave_count = 2;
	not_understood(f, "+8.5,12", "say which with --gun WAVE");
	f->race.wave = "elite";
	begin(f, "time,bib");
	time_is(f, "+8.5,12", GUN - 600 * S + 8500000);
	assert_int_equal(lines_gun(f->lines), GUN - 600 * S);
	f->race.wave = "masse";
	begin(f, "time,bib");
	time_is(f, "+8.5,12", GUN + 8500000);
	f->race.rules = NULL;
	f->race.wave = "";
	begin(f, "time,bib");
	not_understood(f, "+8.5,12", "--race");
	assert_int_equal(lines_gun(f->lines), RACE_NO_TIME);
}

static void
a_local_time_is_near_the_gun_then_near_the_last_one(void **state)
{
	struct fixture *f = *state;

	begin(f, "time,bib");
	time_is(f, "10:30:16,12", GUN + 1816 * S);
	time_is(f, "9:59:59.9,12", GUN - 100000);
	time_is(f, "21:00:00,12", GUN + 11 * H);
	time_is(f, "23:59:59,12", GUN + 14 * H - S);
	time_is(f, "00:00:01,12", GUN + 14 * H + S);
	time_is(f, "9:00:00,12", GUN + 23 * H);
	time_is(f, "8:00:00,12", GUN + 22 * H); /* out of order, not a day */
	time_is(f, "19:00:00,12", GUN + 33 * H);
	time_is(f, "01:00:00,12", GUN + 39 * H);
}

static void
a_local_time_goes_on_from_where_the_source_was_left(void **state)
{
	struct fixture *f = *state;

	begin(f, "time,bib");
	f->near_us = GUN + 24 * H;
	time_is(f, "10:30:16,12", GUN + 24 * H + 1816 * S);
}

static void
without_a_gun_a_local_time_is_on_the_day_of_the_race(void **state)
{
	struct fixture *f = *state;

	f->waves[0].gun_us = RACE_NO_TIME;
	begin(f, "time,bib");
	time_is(f, "23:30:00,12", MORNING + 23 * H + 1800 * S);
	time_is(f, "00:10:00,12", MORNING + 24 * H + 600 * S);
	f->race.rules = NULL;
	begin(f, "time,bib");
	not_understood(f, "23:30:00,12", "--race");
}

static void
a_repeated_hour_is_resolved_by_what_came_before(void **state)
{
	/* 2014-10-26, 03:00 summer time becomes 02:00: at 01:00 UTC. */
	const int64_t utc1 = INT64_C(1414285200) * S;
	struct fixture *f = *state;

	f->rules.date = autumn;
	f->waves[0].gun_us = utc1 - 2 * H; /* 01:00 local */
	begin(f, "time,bib");
	time_is(f, "01:30:00,12", utc1 - 5400 * S);
	time_is(f, "02:10:00,12", utc1 - 3000 * S);
	time_is(f, "02:55:00,12", utc1 - 300 * S);
	time_is(f, "02:10:00,12", utc1 + 600 * S);
	time_is(f, "02:30:00,12", utc1 + 1800 * S);
	time_is(f, "02:55:00,12", utc1 + 3300 * S);
	time_is(f, "03:05:00,12", utc1 + 3900 * S);
}

static void
bad_rows_are_refused_with_what_is_wrong(void **state)
{
	static const char *const cases[][2] = {
		{ "8.5,12", "+8.5" },
		{ "1411286400,12", "bare number" },
		{ ",12", "time is missing" },
		{ "soon,12", "soon" },
		{ "25:00:00,12", "25:00:00" },
		{ "10:61:00,12", "10:61:00" },
		{ "2014-09-31T10:00:00Z,12", "2014-09-31" },
		{ "2014-09-21T10:00:00,12", "offset" },
		{ "1999-12-31T10:00:00Z,12", "1999" },
		{ "2100-01-01T10:00:00Z,12", "2100" },
		{ "+1.1234567,12", "1.1234567" },
		{ "+1,", "no bib and no chip" },
		{ "+1", "no bib and no chip" },
		{ "+1,123456789012345678901234567890123", "33 bytes" },
		{ "+1,1\x01"
		  "2",
		    "control" },
		{ "+1,,a/b", "chip" },
		{ "+1,12,,nowhere-nowhere-nowhere-nowhere-nowhere-nowhere-"
		  "nowhere-nowhere-nowhere",
		    "at most 64" },
		{ "+1,12,,arrivee,surplus", "5 fields" },
	};
	struct fixture *f = *state;

	begin(f, "time,bib,chip,point");
	f->near_us = GUN + 5;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		refused(f, cases[i][0], cases[i][1]);
	assert_int_equal(f->said_count, 0);
	/* A spreadsheet's empty cells are nothing. */
	take(f, "+1,12345678901234567890123456789012,,,,,");
	lines_set_point(f->lines, "");
	not_understood(f, "+1,12", "no point");
	take(f, "+1,12,,depart");
}

static void
what_the_race_does_not_know_is_taken_flagged_and_said_once(void **state)
{
	struct fixture *f = *state;

	begin(f, "time,bib,chip,point");
	take(f, "+1,7,FFF,gate");
	assert_int_equal(f->crossing.flags,
	    RACE_FLAG_UNKNOWN_BIB | RACE_FLAG_UNKNOWN_CHIP |
	        RACE_FLAG_UNKNOWN_POINT);
	assert_int_equal(f->said_count, 3);
	assert_string_equal(f->said[0],
	    "point \"gate\" is not in race.yaml: taken all the same");
	assert_string_equal(f->said[1],
	    "bib \"7\" is not in entries.csv: perhaps 007 (zeros in front); "
	    "taken all the same");
	assert_string_equal(f->said[2],
	    "chip \"FFF\" is not in entries.csv: taken all the same");
	take(f, "+2,7,,");
	assert_int_equal(f->crossing.flags, RACE_FLAG_UNKNOWN_BIB);
	assert_int_equal(f->said_count, 3);
	take(f, "+2,007,,"); /* leading zeros of bibs matter ... */
	assert_int_equal(f->crossing.flags, 0);
	take(f, "+2,,0017,"); /* ... and of chips do not */
	assert_int_equal(f->crossing.flags, 0);
	/* Without a race or entries nothing is known to be wrong. */
	f->race.entries = NULL;
	begin(f, "time,bib,chip,point");
	take(f, "+1,7,FFF,depart");
	assert_int_equal(f->crossing.flags, 0);
}

static void
an_unknown_bib_or_chip_is_said_with_those_that_are_near(void **state)
{
	struct fixture *f = *state;

	begin(f, "time,bib,chip,point");
	take(f, "+1,415,,");
	take(f, "+2,415,,");
	assert_int_equal(f->said_count, 1);
	assert_string_equal(f->said[0],
	    "bib \"415\" is not in entries.csv: perhaps 451 Ada Lovelace "
	    "(two digits swapped); taken all the same");
	take(f, "+1,,abc11,");
	assert_string_equal(f->said[1],
	    "chip \"ABC11\" is not in entries.csv: perhaps that of 12 Grace "
	    "Hopper (one digit doubled); taken all the same");
	/* Three of them; */
	take(f, "+1,4510,,");
	assert_string_equal(f->said[2],
	    "bib \"4510\" is not in entries.csv: perhaps 451 Ada Lovelace "
	    "(one digit too many), or 4511 (a neighbouring key), or 4512 (a "
	    "neighbouring key); taken all the same");
	/* and who has two chips like that, once. */
	take(f, "+1,,E5503,");
	assert_string_equal(f->said[3],
	    "chip \"E5503\" is not in entries.csv: perhaps that of 451 Ada "
	    "Lovelace (a neighbouring key); taken all the same");
	/* A point is no bib. */
	take(f, "+1,12,,415");
	assert_string_equal(f->said[4],
	    "point \"415\" is not in race.yaml: taken all the same");
	assert_int_equal(f->said_count, 5);
}

/* The longest there can be. */
static void
what_is_said_of_long_names_stays_whole(void **state)
{
	struct fixture *f = *state;
	char name[RACE_NAME_MAX + 1];

	memset(name, 'x', RACE_NAME_MAX);
	name[RACE_NAME_MAX] = '\0';
	for (size_t i = 2; i < 6; i++)
		f->entries[i].name = name;
	begin(f, "time,bib");
	take(f, "+1,4510");
	assert_int_equal(f->said_count, 1);
	assert_non_null(strstr(f->said[0], "taken all the same"));
}

static void
twenty_unknown_bibs_are_named_and_the_others_counted(void **state)
{
	struct fixture *f = *state;

	begin(f, "time,bib");
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 50; i++) {
			char row[64];

			snprintf(row, sizeof row, "+1,x%d", i);
			take(f, row);
			assert_int_equal(f->crossing.flags,
			    RACE_FLAG_UNKNOWN_BIB);
		}
	}
	assert_int_equal(f->said_count, 21);
	lines_sum_up(f->lines);
	assert_int_equal(f->said_count, 22);
	assert_string_equal(f->said[21],
	    "100 reads in all with a bib that is not in entries.csv");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_row_becomes_a_crossing),
		TEST(fields_are_trimmed_in_quotes_too),
		TEST(columns_that_are_not_used_are_said_once),
		TEST(a_header_that_cannot_be_used_says_why),
		TEST(a_time_after_the_gun_counts_from_it),
		TEST(a_local_time_is_near_the_gun_then_near_the_last_one),
		TEST(a_local_time_goes_on_from_where_the_source_was_left),
		TEST(without_a_gun_a_local_time_is_on_the_day_of_the_race),
		TEST(a_repeated_hour_is_resolved_by_what_came_before),
		TEST(bad_rows_are_refused_with_what_is_wrong),
		TEST(
		    what_the_race_does_not_know_is_taken_flagged_and_said_once),
		TEST(an_unknown_bib_or_chip_is_said_with_those_that_are_near),
		TEST(what_is_said_of_long_names_stays_whole),
		TEST(twenty_unknown_bibs_are_named_and_the_others_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
