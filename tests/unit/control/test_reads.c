#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "control/reads.h"
#include "support/plain.h"

/* 2014-09-21T10:00:00+02:00 */
#define TEN INT64_C(1411286400000000)
#define S   INT64_C(1000000)

enum { FILES = 1, ARRIVEE = 5, ANNA = 9, STREAMS };

static char none[] = "";
static struct race_wave waves[] = { { (char[]){ "masse" }, TEN, 0 } };
static struct race_point points[] = {
	{ .name = (char[]){ "depart" }, .metres = 0, .backup = none },
	{ .name = (char[]){ "arrivee" },
	    .metres = 8000,
	    .min_us = 600 * S,
	    .backup = none },
};
static const struct race_rules rules = {
	.title = none,
	.date = (char[]){ "2014-09-21" },
	.timezone = (char[]){ "Europe/Paris" },
	.waves = waves,
	.wave_count = 1,
	.points = points,
	.point_count = 2,
};

struct fixture {
	struct book *b;
	struct name_streams *streams;
	struct story story;
	struct reads reads;
	struct race_id ids[16];
	size_t id_count;
	uint64_t seq[STREAMS];
	char *text;
};

static void
apply(struct fixture *f, uint64_t stream, const struct race_event *e)
{
	struct race_id id = { stream, ++f->seq[stream] };

	assert_int_equal(book_apply(f->b, id, e), 0);
	if (stream != FILES)
		f->ids[f->id_count++] = id;
}

static void
cross(struct fixture *f, const char *bib, const char *chip, int64_t us)
{
	struct race_event e = { .kind = RACE_CROSSING };

	e.crossing = plain_crossing("arrivee", bib, TEN + us);
	e.crossing.chip = chip;
	e.crossing.clock = RACE_CLOCK_FILE;
	apply(f, ARRIVEE, &e);
}

static void
decide(struct fixture *f, struct race_decision d)
{
	struct race_event e = { .kind = RACE_DECISION,
		.made_us = TEN + (int64_t)f->seq[ANNA] * S };

	d.by = "anna";
	d.reason = d.wave = d.ranking = d.text = d.other_bib = "";
	d.bib = d.bib != NULL ? d.bib : "";
	d.point = d.point != NULL ? d.point : "";
	e.decision = &d;
	apply(f, ANNA, &e);
}

static void
enter(struct fixture *f, const char *bib, const char *name, const char *chip)
{
	const char *chips[] = { chip };
	struct race_event e = { .kind = RACE_ENTRY };

	e.entry = plain_entry(bib);
	e.entry.name = name;
	e.entry.chips = chips;
	e.entry.chip_count = 1;
	apply(f, FILES, &e);
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	f->b = book_new(&rules, FILES);
	f->streams = name_streams_new();
	name_stream(f->streams, ARRIVEE, "arrivee", false);
	f->story = (struct story){ .streams = f->streams,
		.rulings = f->b->rulings,
		.date = "2014-09-21" };
	enter(f, "12", "Zoé Petit", "A1");
	enter(f, "14", "Paul Roux", "B2");
	cross(f, "", "A1", 300 * S);    /* arrivee:1 */
	cross(f, "", "A1", 1800 * S);   /* :2 */
	cross(f, "12", "", 1802 * S);   /* :3 */
	cross(f, "", "DEAD", 1700 * S); /* :4 */
	cross(f, "", "B2", 1900 * S);   /* :5 */
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	reads_clear(&f->reads);
	book_free(f->b);
	name_streams_free(f->streams);
	free(f->text);
	free(f);
	return 0;
}

static const char *
printed(struct fixture *f, enum reads_columns columns)
{
	size_t len;
	FILE *out;

	free(f->text);
	f->text = NULL;
	out = open_memstream(&f->text, &len);
	reads_print(out, &f->reads, f->b, &f->story, columns);
	fclose(out);
	return f->text;
}

static void
all_of_a_bib_say_whether_they_count(void **state)
{
	struct fixture *f = *state;

	reads_of_bib(&f->reads, f->b, "12");
	assert_string_equal(printed(f, READS_OF_BIB),
	    "    time  point    after start  read       counts\n"
	    "10:05:00  arrivee         5:00  arrivee:1  no: too early\n"
	    "10:30:00  arrivee        30:00  arrivee:2  counts\n"
	    "10:30:02  arrivee        30:02  arrivee:3  no: not the first\n");
}

static void
those_at_a_point_are_in_order_of_time(void **state)
{
	struct fixture *f = *state;

	reads_of(&f->reads, f->b, f->ids, f->id_count, 1);
	assert_int_equal(f->reads.count, 5);
	assert_string_equal(f->reads.items[1].bib, "");
	assert_string_equal(f->reads.items[1].under, "DEAD");
	assert_int_equal(f->reads.items[1].read.time_us, TEN + 1700 * S);
	reads_last(&f->reads, 2);
	assert_string_equal(printed(f, READS_OF_POINT),
	    "    time  after start  bib  name       read       counts\n"
	    "10:30:02        30:02   12  Zoé Petit  arrivee:3  no: not the "
	    "first\n"
	    "10:31:40        31:40   14  Paul Roux  arrivee:5  counts\n");
	reads_clear(&f->reads);
	reads_of(&f->reads, f->b, f->ids, f->id_count, 0);
	assert_int_equal(f->reads.count, 0);
}

static void
nobody_s_are_found_until_somebody_has_them(void **state)
{
	struct fixture *f = *state;

	reads_of(&f->reads, f->b, f->ids, f->id_count, -1);
	assert_int_equal(f->reads.count, 1);
	assert_string_equal(printed(f, READS_OF_NOBODY),
	    "    time  point    read       counts\n"
	    "10:28:20  arrivee  arrivee:4  no: nobody has DEAD\n");
	reads_clear(&f->reads);
	decide(f,
	    (struct race_decision){ .verb = RACE_MOVE_READ,
	        .target = { ARRIVEE, 4 },
	        .bib = "14" });
	reads_of(&f->reads, f->b, f->ids, f->id_count, -1);
	assert_int_equal(f->reads.count, 0);
}

static void
what_operators_decide_shows(void **state)
{
	struct fixture *f = *state;

	decide(f,
	    (struct race_decision){ .verb = RACE_VOID_READ,
	        .target = { ARRIVEE, 2 } });
	decide(f,
	    (struct race_decision){ .verb = RACE_SET_TIME,
	        .bib = "12",
	        .point = "arrivee",
	        .time_us = TEN + 1801 * S });
	reads_of_bib(&f->reads, f->b, "12");
	assert_int_equal(f->reads.count, 4);
	assert_int_equal(f->reads.items[1].read.why, RANK_VOIDED_BY_OPERATOR);
	assert_int_equal(f->reads.items[2].read.why, RANK_SET);
	assert_non_null(strstr(printed(f, READS_OF_BIB),
	    "counts: it was set (by an operator)"));
	assert_int_equal(f->reads.items[3].read.why, RANK_OVERRULED);
}

static void
a_crossing_is_found_as_it_is_taken_now(void **state)
{
	struct fixture *f = *state;
	struct rank_crossing c;

	assert_false(rank_find(f->b->rank, (struct race_id){ ARRIVEE, 6 }, &c));
	assert_false(rank_find(f->b->rank, (struct race_id){ FILES, 1 }, &c));
	assert_true(rank_find(f->b->rank, (struct race_id){ ARRIVEE, 4 }, &c));
	assert_string_equal(c.bib, "");
	assert_string_equal(c.under, "DEAD");
	assert_int_equal(c.point, 1);
	decide(f,
	    (struct race_decision){ .verb = RACE_MOVE_READ,
	        .target = { ARRIVEE, 4 },
	        .bib = "14",
	        .point = "depart" });
	assert_true(rank_find(f->b->rank, (struct race_id){ ARRIVEE, 4 }, &c));
	assert_string_equal(c.bib, "14");
	assert_int_equal(c.point, 0);
	assert_false(c.voided);
	decide(f,
	    (struct race_decision){ .verb = RACE_VOID_READ,
	        .target = { ARRIVEE, 4 } });
	assert_true(rank_find(f->b->rank, (struct race_id){ ARRIVEE, 4 }, &c));
	assert_true(c.voided);
	assert_true(c.dismissed);
	/* A voiding of what has not come is no crossing. */
	decide(f,
	    (struct race_decision){ .verb = RACE_VOID_READ,
	        .target = { ARRIVEE, 77 } });
	assert_false(
	    rank_find(f->b->rank, (struct race_id){ ARRIVEE, 77 }, &c));
	assert_int_equal(rank_wave_gun(f->b->rank, 0), TEN);
}

static void
json_is_an_object_a_line(void **state)
{
	struct fixture *f = *state;
	size_t len;
	FILE *out = open_memstream(&f->text, &len);

	reads_of(&f->reads, f->b, f->ids, f->id_count, -1);
	assert_int_equal(reads_json(out, &f->reads, f->b, &f->story), 0);
	fclose(out);
	assert_string_equal(f->text,
	    "{\"read\":\"arrivee:4\",\"time\":\"2014-09-21T10:28:20+02:00\","
	    "\"time_us\":1411288100000000,\"point\":\"arrivee\","
	    "\"under\":\"DEAD\",\"counts\":false,\"why\":\"no: nobody has "
	    "DEAD\","
	    "\"added\":false}\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_of_a_bib_say_whether_they_count),
		TEST(those_at_a_point_are_in_order_of_time),
		TEST(nobody_s_are_found_until_somebody_has_them),
		TEST(what_operators_decide_shows),
		TEST(a_crossing_is_found_as_it_is_taken_now),
		TEST(json_is_an_object_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
