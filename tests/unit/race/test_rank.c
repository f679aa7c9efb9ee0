#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "race/rank/rank.h"
#include "support/plain.h"

/* ---- races worked by hand ---- */

#define GUN_US (RACE_TIME_MIN + INT64_C(36000000000))
#define S      INT64_C(1000000)

enum { DESK = 1, MAT = 2, SPARE = 3 }; /* streams */

struct fixture {
	struct race_wave waves[2];
	struct race_point points[3];
	struct race_ranking ranking;
	struct race_rules rules;
	struct rank *rank;
	uint64_t seqs[4];
	char text[1000];
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->waves[0] =
	    (struct race_wave){ .name = plain_text("masse"), .gun_us = GUN_US };
	f->waves[1] = (struct race_wave){ .name = plain_text("handi"),
		.gun_us = RACE_NO_TIME };
	f->points[0] = plain_point("depart", 0);
	f->points[1] = plain_point("mi-course", 4000);
	f->points[1].min_us = 300 * S;
	f->points[2] = plain_point("arrivee", 8000);
	f->points[2].min_us = 900 * S;
	f->ranking = plain_ranking("scratch", 2);
	f->ranking.best = 3;
	f->rules = plain_rules();
	f->rules.waves = f->waves;
	f->rules.wave_count = 2;
	f->rules.points = f->points;
	f->rules.point_count = 3;
	f->rules.rankings = &f->ranking;
	f->rules.ranking_count = 1;
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	rank_free(f->rank);
	free(f);
	return 0;
}

/* After the ranking is as the test wants it. */
static void
begin(struct fixture *f)
{
	f->rank = rank_new(&f->rules);
}

static struct race_entry
entry(const char *bib, const char *team)
{
	struct race_entry e = plain_entry(bib);

	e.team = team;
	return e;
}

static void
enter(struct fixture *f, const char *bib, const char *team)
{
	struct race_entry e = entry(bib, team);

	rank_entry(f->rank, &e);
}

static void
enter_as(struct fixture *f, const char *bib, enum race_status status)
{
	struct race_entry e = entry(bib, "");

	e.status = status;
	rank_entry(f->rank, &e);
}

static void
enter_chip(struct fixture *f, const char *bib, const char *chip)
{
	struct race_entry e = entry(bib, "");

	e.chips = &chip;
	e.chip_count = 1;
	rank_entry(f->rank, &e);
}

/* A read, so long after the gun of masse; returns its seq. */
static uint64_t
cross(struct fixture *f, uint64_t stream, const char *point, const char *bib,
    const char *chip, int64_t after_us)
{
	struct race_id id = { stream, ++f->seqs[stream] };
	struct race_crossing c = plain_crossing(point, bib, GUN_US + after_us);

	c.chip = chip;
	assert_int_equal(rank_apply(f->rank, id, &c), 0);
	return id.seq;
}

static uint64_t
finish(struct fixture *f, const char *bib, int64_t after_us)
{
	return cross(f, MAT, "arrivee", bib, "", after_us);
}

static int
correct(struct fixture *f, uint64_t stream, const struct race_event *e)
{
	struct race_id id = { stream, ++f->seqs[stream] };

	return rank_correct(f->rank, id, e);
}

static void
take_back(struct fixture *f, uint64_t stream, uint64_t seq)
{
	struct race_event e = { .kind = RACE_VOID, .void_seq = seq };

	assert_int_equal(correct(f, stream, &e), 0);
}

static void
name(struct fixture *f, uint64_t stream, uint64_t seq, const char *bib)
{
	struct race_event e = { .kind = RACE_FILL_IN };

	e.fill_in.seq = seq;
	e.fill_in.bib = bib;
	assert_int_equal(correct(f, stream, &e), 0);
}

static void
fire(struct fixture *f, const char *wave, int64_t gun_us)
{
	rank_gun(f->rank, wave, gun_us);
}

/* "1:12 2=:7 2=:9 4:3 -:5": place, = if shared, label. */
static const char *
listing(struct fixture *f)
{
	struct rank_standing rows[20];
	size_t n = rank_rows(f->rank, 0, 0, rows, 20);
	size_t len = 0;

	f->text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		char place[12] = "-";

		if (rows[i].place > 0)
			snprintf(place, sizeof place, "%u%s", rows[i].place,
			    rows[i].tied ? "=" : "");
		len += (size_t)snprintf(f->text + len, sizeof f->text - len,
		    "%s%s:%s", i > 0 ? " " : "", place, rows[i].row.label);
		assert_int_equal(rank_place(f->rank, 0, rows[i].row.label),
		    rows[i].place);
	}
	return f->text;
}

static void
row(struct fixture *f, const char *label, struct race_row *out)
{
	for (uint32_t i = 0; i < rank_slots(f->rank, 0); i++)
		if (rank_row(f->rank, 0, i, out) &&
		    strcmp(out->label, label) == 0)
			return;
	fail_msg("no row of %s", label);
}

static int64_t
elapsed(struct fixture *f, const char *label)
{
	struct race_row out;

	row(f, label, &out);
	return out.elapsed_us;
}

/* ---- places ---- */

static void
equal_times_share_a_place_and_the_next_is_skipped(void **state)
{
	struct fixture *f = *state;

	begin(f);
	enter(f, "1", "");
	enter(f, "2", "");
	enter(f, "10", "");
	enter(f, "9", "");
	finish(f, "1", 1700 * S);
	finish(f, "10", 1650 * S);
	finish(f, "9", 1650 * S);
	finish(f, "2", 1600 * S);
	assert_string_equal(listing(f), "1:2 2=:9 2=:10 4:1");
}

static void
who_is_not_placed_follows_by_group(void **state)
{
	struct fixture *f = *state;

	begin(f);
	enter(f, "1", "");
	enter_as(f, "2", RACE_DNS);
	enter_as(f, "3", RACE_NC);
	enter_as(f, "4", RACE_DSQ);
	enter_as(f, "5", RACE_OTL);
	enter_as(f, "6", RACE_DNF);
	enter(f, "7", "");
	enter(f, "8", "");
	enter(f, "9", ""); /* never seen */
	finish(f, "1", 2000 * S);
	for (const char *bib = "23456"; *bib != '\0'; bib++)
		finish(f, (char[]){ *bib, '\0' }, 1000 * S);
	cross(f, MAT, "depart", "7", "", 1 * S);
	cross(f, MAT, "mi-course", "8", "", 800 * S);
	assert_string_equal(listing(f), "1:1 -:8 -:7 -:6 -:5 -:4 -:3 -:2 -:9");
}

static void
who_was_not_seen_is_not_called_dns(void **state)
{
	struct fixture *f = *state;
	struct rank_standing rows[2];

	begin(f);
	enter(f, "1", "");
	enter_as(f, "2", RACE_DNS);
	assert_int_equal(rank_rows(f->rank, 0, 0, rows, 2), 2);
	assert_string_equal(rows[0].row.label, "1");
	assert_int_equal(rows[0].row.status, RACE_STATUS_NONE);
	assert_int_equal(rows[1].row.status, RACE_DNS);
	cross(f, MAT, "mi-course", "1", "", 800 * S);
	assert_int_equal(rank_rows(f->rank, 0, 0, rows, 2), 2);
	assert_int_equal(rows[0].row.status, RACE_RUNNING);
}

static void
equal_times_keep_the_order_of_one_stream(void **state)
{
	struct fixture *f = *state;

	f->ranking.ties = RACE_TIES_ORDER;
	begin(f);
	enter(f, "1", "");
	enter(f, "2", "");
	enter(f, "3", "");
	finish(f, "3", 1500 * S);
	finish(f, "1", 1500 * S);
	finish(f, "2", 1500 * S);
	assert_string_equal(listing(f), "1:3 2:1 3:2");
}

static void
equal_times_of_two_streams_share_a_place(void **state)
{
	struct fixture *f = *state;

	f->ranking.ties = RACE_TIES_ORDER;
	begin(f);
	enter(f, "1", "");
	enter(f, "2", "");
	enter(f, "3", "");
	enter(f, "4", "");
	finish(f, "3", 1500 * S);
	finish(f, "1", 1500 * S);
	cross(f, SPARE, "arrivee", "2", "", 1500 * S);
	finish(f, "4", 1501 * S);
	assert_string_equal(listing(f), "1=:1 1=:2 1=:3 4:4");
}

static void
the_shown_time_decides_where_the_race_wants_it(void **state)
{
	struct fixture *f = *state;

	f->ranking.ties = RACE_TIES_TIME;
	begin(f);
	enter(f, "1", "");
	enter(f, "2", "");
	enter(f, "3", "");
	finish(f, "2", 1500 * S + 100000); /* shown 25:01 */
	finish(f, "1", 1500 * S + 900000); /* shown 25:01 */
	finish(f, "3", 1500 * S);          /* shown 25:00 */
	assert_string_equal(listing(f), "1:3 2=:1 2=:2");
	assert_int_equal(elapsed(f, "1"), 1500 * S + 900000);
}

static void
two_tenths_apart_is_not_tied_by_default(void **state)
{
	struct fixture *f = *state;

	begin(f);
	enter(f, "1", "");
	enter(f, "2", "");
	finish(f, "2", 1500 * S + 100000);
	finish(f, "1", 1500 * S + 300000);
	assert_string_equal(listing(f), "1:2 2:1");
}

static void
net_times_place_otherwise_than_gun_times(void **state)
{
	struct fixture *f = *state;

	f->ranking.by = RACE_BY_NET;
	begin(f);
	enter(f, "1", "");
	enter(f, "2", "");
	enter(f, "3", "");
	cross(f, MAT, "depart", "1", "", 5 * S);
	cross(f, MAT, "depart", "2", "", 90 * S);
	finish(f, "1", 1500 * S); /* net 1495 */
	finish(f, "2", 1560 * S); /* net 1470 */
	finish(f, "3", 1480 * S); /* no start read: the gun, 1480 */
	assert_string_equal(listing(f), "1:2 2:3 3:1");
	assert_int_equal(elapsed(f, "2"), 1470 * S);
}

static void
nobody_starts_before_the_gun(void **state)
{
	struct fixture *f = *state;
	struct race_row out;

	f->ranking.by = RACE_BY_NET;
	begin(f);
	enter(f, "1", "");
	cross(f, MAT, "depart", "1", "", -30 * S);
	finish(f, "1", 1500 * S);
	row(f, "1", &out);
	assert_int_equal(out.elapsed_us, 1500 * S);
	assert_int_equal(out.splits[0], 0);
}

/* ---- which read counts ---- */

static void
the_last_read_at_the_start_counts_if_nothing_came_before(void **state)
{
	struct fixture *f = *state;
	struct race_row out;

	begin(f);
	enter(f, "1", "");
	cross(f, MAT, "depart", "1", "", 3 * S);
	cross(f, MAT, "depart", "1", "", 20 * S);
	cross(f, MAT, "depart", "1", "", 1600 * S); /* walks back over it */
	row(f, "1", &out);
	assert_int_equal(out.splits[0], 1600 * S);
	cross(f, MAT, "mi-course", "1", "", 800 * S);
	row(f, "1", &out);
	assert_int_equal(out.splits[0], 20 * S);
	assert_int_equal(out.splits[1], 800 * S);
	assert_int_equal(out.splits[2], RACE_NO_SPLIT);
}

static void
the_first_read_late_enough_counts_at_the_finish(void **state)
{
	struct fixture *f = *state;

	begin(f);
	enter(f, "1", "");
	finish(f, "1", 1510 * S);
	finish(f, "1", 899 * S); /* too early: crosses it at the start */
	assert_int_equal(elapsed(f, "1"), 1510 * S);
	finish(f, "1", 1500 * S);
	assert_int_equal(elapsed(f, "1"), 1500 * S);
	finish(f, "1", 900 * S); /* just late enough */
	assert_int_equal(elapsed(f, "1"), 900 * S);
}

static void
an_offset_is_part_of_a_laptops_time_alone(void **state)
{
	struct fixture *f = *state;
	static const enum race_clock clocks[] = { RACE_CLOCK_LAPTOP,
		RACE_CLOCK_FILE, RACE_CLOCK_READER, RACE_CLOCK_UNSPECIFIED };
	static const int64_t times[] = { 1498, 1500, 1500, 1500 };

	begin(f);
	for (size_t i = 0; i < 4; i++) {
		struct race_id id = { MAT, i + 1 };
		char bib[] = { (char)('1' + i), '\0' };
		struct race_crossing c =
		    plain_crossing("arrivee", bib, GUN_US + 1500 * S);

		c.offset_us = -2 * S;
		c.bound_us = 5000;
		c.clock = clocks[i];
		enter(f, bib, "");
		assert_int_equal(rank_apply(f->rank, id, &c), 0);
		assert_int_equal(elapsed(f, bib), times[i] * S);
	}
}

static void
a_row_tells_how_far_and_when(void **state)
{
	struct fixture *f = *state;
	struct race_row out;

	begin(f);
	enter(f, "7", "");
	cross(f, MAT, "mi-course", "7", "", 800 * S);
	row(f, "7", &out);
	assert_int_equal(out.status, RACE_RUNNING);
	assert_int_equal(out.sort.group, RACE_GROUP_RUNNING);
	assert_int_equal(out.elapsed_us, -1);
	assert_int_equal(out.metres, 4000);
	assert_int_equal(out.point, 1);
	assert_int_equal(out.split_count, 3);
	assert_int_equal(out.splits[0], RACE_NO_SPLIT);
	assert_int_equal(out.splits[1], 800 * S);
	finish(f, "7", 1600 * S);
	row(f, "7", &out);
	assert_int_equal(out.status, RACE_FINISHED);
	assert_int_equal(out.sort.group, RACE_GROUP_PLACED);
	assert_int_equal(out.elapsed_us, 1600 * S);
	assert_int_equal(out.metres, 8000);
	assert_int_equal(out.point, 2);
}

static void
live_the_furthest_lead_and_then_the_fastest_there(void **state)
{
	struct fixture *f = *state;

	f->ranking.at = RACE_LIVE;
	begin(f);
	for (const char *bib = "123456"; *bib != '\0'; bib++)
		enter(f, (char[]){ *bib, '\0' }, "");
	cross(f, MAT, "depart", "1", "", 2 * S);
	cross(f, MAT, "mi-course", "2", "", 850 * S);
	cross(f, MAT, "mi-course", "3", "", 800 * S);
	cross(f, MAT, "mi-course", "4", "", 700 * S);
	finish(f, "4", 1900 * S);
	enter_as(f, "5", RACE_DNF);
	cross(f, MAT, "mi-course", "5", "", 600 * S);
	assert_string_equal(listing(f), "1:4 2:3 3:2 4:1 -:5 -:6");
}

static void
by_kilometres_who_stopped_counts_too(void **state)
{
	struct fixture *f = *state;

	f->ranking.by = RACE_BY_KM;
	begin(f);
	enter(f, "1", "");
	enter_as(f, "2", RACE_DNF);
	enter_as(f, "3", RACE_DSQ);
	enter(f, "4", "");
	finish(f, "1", 1500 * S);
	cross(f, MAT, "mi-course", "2", "", 700 * S);
	finish(f, "3", 1000 * S);
	finish(f, "4", 1400 * S);
	assert_string_equal(listing(f), "1:4 2:1 3:2 -:3");
}

static void
a_ranking_lists_its_own_alone(void **state)
{
	struct fixture *f = *state;
	struct race_entry woman = entry("1", "");
	struct race_entry man = entry("2", "");

	f->ranking.sex = plain_text("F");
	begin(f);
	woman.sex = "F";
	man.sex = "M";
	rank_entry(f->rank, &woman);
	rank_entry(f->rank, &man);
	finish(f, "1", 1500 * S);
	finish(f, "2", 1400 * S);
	assert_string_equal(listing(f), "1:1");
	assert_int_equal(rank_count(f->rank, 0), 1);
	assert_int_equal(rank_place(f->rank, 0, "2"), 0);
	man.sex = "F";
	rank_entry(f->rank, &man);
	assert_string_equal(listing(f), "1:2 2:1");
	rank_entry_gone(f->rank, "1");
	assert_string_equal(listing(f), "1:2");
	assert_int_equal(rank_unknown_reads(f->rank), 1);
}

/* ---- guns ---- */

static void
nobody_is_placed_without_a_gun(void **state)
{
	struct fixture *f = *state;
	struct race_entry e = entry("1", "");

	begin(f);
	e.wave = "handi";
	rank_entry(f->rank, &e);
	enter(f, "2", "");
	finish(f, "1", 1200 * S);
	finish(f, "2", 1500 * S);
	assert_string_equal(listing(f), "1:2 -:1");
	assert_int_equal(elapsed(f, "1"), -1);
	fire(f, "handi", GUN_US - 600 * S);
	assert_string_equal(listing(f), "1:2 2:1");
	assert_int_equal(elapsed(f, "1"), 1800 * S);
}

static void
a_gun_holds_until_the_next_one_or_none(void **state)
{
	struct fixture *f = *state;

	begin(f);
	enter(f, "1", "");
	finish(f, "1", 1500 * S);
	fire(f, "masse", GUN_US + 10 * S);
	assert_int_equal(elapsed(f, "1"), 1490 * S);
	fire(f, "", GUN_US + 30 * S); /* the first */
	assert_int_equal(elapsed(f, "1"), 1470 * S);
	fire(f, "nowhere", GUN_US);
	assert_int_equal(elapsed(f, "1"), 1470 * S);
	fire(f, "masse", RACE_NO_TIME); /* that of the rules */
	assert_int_equal(elapsed(f, "1"), 1500 * S);
}

static void
a_later_gun_makes_a_read_too_early(void **state)
{
	struct fixture *f = *state;

	begin(f);
	enter(f, "1", "");
	finish(f, "1", 950 * S);
	finish(f, "1", 1600 * S);
	assert_int_equal(elapsed(f, "1"), 950 * S);
	fire(f, "masse", GUN_US + 100 * S);
	assert_int_equal(elapsed(f, "1"), 1500 * S);
}

/* ---- corrections ---- */

static void
a_crossing_sent_twice_counts_once(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c =
	    plain_crossing("arrivee", "1", GUN_US + 1000 * S);
	struct race_id id = { MAT, 1 };
	uint64_t digest;

	begin(f);
	enter(f, "1", "");
	finish(f, "1", 1500 * S);
	digest = rank_digest(f->rank, 0);
	assert_int_equal(rank_apply(f->rank, id, &c), -EEXIST);
	assert_int_equal(rank_digest(f->rank, 0), digest);
	assert_int_equal(elapsed(f, "1"), 1500 * S);
}

static void
a_void_takes_a_crossing_back_even_if_it_comes_first(void **state)
{
	struct fixture *f = *state;
	uint64_t seq;

	begin(f);
	enter(f, "1", "");
	finish(f, "1", 1600 * S);
	seq = finish(f, "1", 1500 * S);
	take_back(f, MAT, seq);
	assert_int_equal(elapsed(f, "1"), 1600 * S);
	take_back(f, SPARE, 2); /* seq 1 of SPARE speaks of 2 */
	cross(f, SPARE, "arrivee", "1", "", 1400 * S);
	assert_int_equal(elapsed(f, "1"), 1600 * S);
}

static void
a_void_speaks_of_its_own_stream_alone(void **state)
{
	struct fixture *f = *state;
	uint64_t seq;

	begin(f);
	enter(f, "1", "");
	seq = finish(f, "1", 1500 * S);
	f->seqs[SPARE] = 9;
	take_back(f, SPARE, seq);
	assert_int_equal(elapsed(f, "1"), 1500 * S);
}

static void
a_crossing_belongs_to_the_last_bib_filled_in(void **state)
{
	struct fixture *f = *state;
	uint64_t seq;

	begin(f);
	enter(f, "1", "");
	enter(f, "2", "");
	seq = cross(f, MAT, "arrivee", "", "", 1500 * S);
	assert_int_equal(rank_unknown_reads(f->rank), 1);
	name(f, MAT, seq, "1");
	assert_string_equal(listing(f), "1:1 -:2");
	name(f, MAT, seq, "2");
	assert_string_equal(listing(f), "1:2 -:1");
	name(f, MAT, seq, "3");
	assert_string_equal(listing(f), "-:1 -:2");
	assert_int_equal(rank_unknown_reads(f->rank), 1);
}

static void
a_correction_is_applied_once_and_known_by_its_kind(void **state)
{
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_VOID, .void_seq = 5 };
	struct race_id id = { MAT, 1 };

	begin(f);
	assert_int_equal(rank_correct(f->rank, id, &e), 0);
	assert_int_equal(rank_correct(f->rank, id, &e), -EEXIST);
	e.kind = RACE_CROSSING;
	assert_int_equal(rank_correct(f->rank, id, &e), -ENOTSUP);
	e.kind = RACE_GUN;
	assert_int_equal(rank_correct(f->rank, id, &e), -ENOTSUP);
}

/* ---- whose reads ---- */

static void
an_unknown_bib_counts_once_it_is_entered(void **state)
{
	struct fixture *f = *state;
	struct race_unknown *all;

	begin(f);
	finish(f, "12", 1500 * S);
	cross(f, MAT, "mi-course", "12", "", 700 * S);
	cross(f, MAT, "nowhere", "1", "", 100 * S);
	cross(f, MAT, "depart", "", "", 3 * S);
	cross(f, MAT, "depart", "", "AB", 4 * S);
	assert_int_equal(rank_unknown_reads(f->rank), 5);
	assert_int_equal(rank_unknowns(f->rank, &all), 4);
	assert_int_equal(all[0].kind, RACE_UNKNOWN_BIB);
	assert_string_equal(all[0].text, "12");
	assert_int_equal(all[0].reads, 2);
	assert_int_equal(all[0].first_us, GUN_US + 700 * S);
	assert_int_equal(all[0].last_us, GUN_US + 1500 * S);
	assert_string_equal(all[0].point, "arrivee");
	assert_int_equal(all[1].kind, RACE_UNKNOWN_CHIP);
	assert_string_equal(all[1].text, "AB");
	assert_string_equal(all[1].point, "depart");
	assert_int_equal(all[2].kind, RACE_UNKNOWN_POINT);
	assert_string_equal(all[2].text, "nowhere");
	assert_int_equal(all[3].kind, RACE_UNKNOWN_NOBODY);
	assert_string_equal(all[3].text, "");
	free(all);
	enter(f, "12", "");
	assert_string_equal(listing(f), "1:12");
	assert_int_equal(rank_unknown_reads(f->rank), 3);
}

static void
a_chip_belongs_to_the_lowest_bib_that_claims_it(void **state)
{
	struct fixture *f = *state;

	begin(f);
	cross(f, MAT, "arrivee", "", "C1", 1500 * S);
	enter_chip(f, "10", "C1");
	assert_string_equal(listing(f), "1:10");
	enter_chip(f, "9", "C1");
	assert_string_equal(listing(f), "1:9 -:10");
	enter_chip(f, "9", "C2");
	assert_string_equal(listing(f), "1:10 -:9");
	rank_entry_gone(f->rank, "10");
	assert_string_equal(listing(f), "-:9");
	assert_int_equal(rank_unknown_reads(f->rank), 1);
}

static void
a_bib_goes_before_a_chip(void **state)
{
	struct fixture *f = *state;

	begin(f);
	enter_chip(f, "1", "C1");
	enter_chip(f, "2", "C2");
	cross(f, MAT, "arrivee", "1", "C2", 1500 * S);
	assert_string_equal(listing(f), "1:1 -:2");
}

/* ---- times on one laptop, bibs on another ---- */

static struct race_crossing
crossing_by_hand(const char *point, const char *bib, int64_t after_us,
    uint32_t flags)
{
	struct race_crossing c = plain_crossing(point, bib, GUN_US + after_us);

	c.clock = RACE_CLOCK_LAPTOP;
	c.flags = flags;
	return c;
}

static uint64_t
by_hand(struct fixture *f, uint64_t stream, const struct race_crossing *c)
{
	struct race_id id = { stream, ++f->seqs[stream] };

	assert_int_equal(rank_apply(f->rank, id, c), 0);
	return id.seq;
}

/* Somebody presses a key at the finish; returns its seq. */
static uint64_t
stamp(struct fixture *f, const char *bib, int64_t after_us)
{
	struct race_crossing c = crossing_by_hand("arrivee", bib, after_us, 0);

	return by_hand(f, MAT, &c);
}

/* Somebody else types who that was. */
static uint64_t
list(struct fixture *f, const char *bib, int64_t after_us)
{
	struct race_crossing c =
	    crossing_by_hand("arrivee", bib, after_us, RACE_FLAG_LISTED);

	return by_hand(f, DESK, &c);
}

/* ---- clocks that are measured ---- */

/* A laptop was switched on when the gun was fired, in epoch 1. */
static struct race_crossing
measured(const char *point, const char *bib, int64_t after_us)
{
	struct race_crossing c = crossing_by_hand(point, bib, after_us, 0);

	c.clock_epoch = 1;
	c.boot_us = after_us;
	return c;
}

/* The laptop's time is off by so much; returns what rank_correct does. */
static int
learn(struct fixture *f, uint64_t stream, int64_t off_us, int64_t bound_us)
{
	struct race_event e = { .kind = RACE_CLOCK };

	e.clock.clock_epoch = 1;
	e.clock.offset_us = GUN_US + off_us;
	e.clock.bound_us = bound_us;
	return correct(f, stream, &e);
}

static void
pass(struct fixture *f, uint64_t stream, const char *point, const char *bib,
    int64_t after_us)
{
	struct race_crossing c = measured(point, bib, after_us);

	by_hand(f, stream, &c);
}

static void
an_estimate_puts_two_laptops_in_order_whenever_it_comes(void **state)
{
	struct fixture *f = *state;
	struct race_row r;

	begin(f);
	enter(f, "1", "");
	enter(f, "2", "");
	enter(f, "3", "");
	pass(f, MAT, "arrivee", "1", 1500 * S);
	pass(f, SPARE, "arrivee", "2", 1510 * S); /* 20 s fast */
	assert_string_equal(listing(f), "1:1 2:2 -:3");
	row(f, "2", &r);
	assert_int_equal(r.bound_us, 0);
	assert_int_equal(r.clock, SPARE);
	assert_int_equal(learn(f, SPARE, -20 * S, 3000), 0);
	assert_string_equal(listing(f), "1:2 2:1 -:3");
	row(f, "2", &r);
	assert_int_equal(r.elapsed_us, 1490 * S);
	assert_int_equal(r.bound_us, 3000);
	pass(f, SPARE, "arrivee", "3", 1515 * S);
	assert_string_equal(listing(f), "1:2 2:3 3:1");
	row(f, "1", &r);
	assert_int_equal(r.bound_us, 0);
	assert_int_equal(r.clock, MAT);
	f->seqs[SPARE] = 1; /* the estimate's, again */
	assert_int_equal(learn(f, SPARE, 5 * S, 1), -EEXIST);
	assert_string_equal(listing(f), "1:2 2:3 3:1");
}

/* The same read counts as before, and yet it is another row. */
static void
a_clock_measured_while_the_runner_is_away_changes_the_row(void **state)
{
	struct fixture *f = *state;
	uint64_t before;

	begin(f);
	enter(f, "1", "");
	pass(f, SPARE, "arrivee", "1", 1510 * S);
	before = rank_digest(f->rank, 0);
	rank_entry_gone(f->rank, "1");
	assert_int_equal(learn(f, SPARE, -20 * S, 3000), 0);
	enter(f, "1", "");
	assert_true(rank_digest(f->rank, 0) != before);
}

static void
a_clock_measured_late_can_change_which_read_counts(void **state)
{
	struct fixture *f = *state;
	struct race_row r;

	begin(f);
	enter(f, "1", "");
	pass(f, MAT, "arrivee", "1", 1500 * S);
	pass(f, SPARE, "arrivee", "1", 1505 * S);
	row(f, "1", &r);
	assert_int_equal(r.clock, MAT);
	assert_int_equal(learn(f, SPARE, -10 * S, 3000), 0);
	row(f, "1", &r);
	assert_int_equal(r.clock, SPARE);
	assert_int_equal(r.elapsed_us, 1495 * S);
	/* Before the point's minimum none counts. */
	assert_int_equal(learn(f, SPARE, -700 * S, 2000), 0);
	row(f, "1", &r);
	assert_int_equal(r.clock, MAT);
	assert_int_equal(r.elapsed_us, 1500 * S);
}

static void
a_start_that_is_later_than_thought_shortens_the_net_time(void **state)
{
	struct fixture *f = *state;
	struct race_row r;

	f->ranking.by = RACE_BY_NET;
	begin(f);
	enter(f, "1", "");
	pass(f, DESK, "depart", "1", 5 * S);
	pass(f, MAT, "arrivee", "1", 1500 * S);
	assert_int_equal(elapsed(f, "1"), 1495 * S);
	assert_int_equal(learn(f, DESK, 2 * S, 4000), 0);
	assert_int_equal(learn(f, MAT, 0, 3000), 0);
	row(f, "1", &r);
	assert_int_equal(r.elapsed_us, 1493 * S);
	assert_int_equal(r.bound_us, 7000);
	assert_int_equal(r.clock, MAT);
	/* Over the line before the gun: the gun is where it starts. */
	assert_int_equal(learn(f, DESK, -6 * S, 1000), 0);
	row(f, "1", &r);
	assert_int_equal(r.elapsed_us, 1500 * S);
	assert_int_equal(r.bound_us, 3000);
}

static void
a_row_changes_when_its_bound_does(void **state)
{
	struct fixture *f = *state;
	uint64_t digest;
	uint32_t slots[4];

	begin(f);
	enter(f, "1", "");
	enter(f, "2", "");
	pass(f, MAT, "arrivee", "1", 1500 * S);
	pass(f, SPARE, "arrivee", "2", 1600 * S);
	assert_int_equal(learn(f, MAT, 0, 8000), 0);
	while (rank_take_changes(f->rank, 0, slots, 4) > 0)
		;
	digest = rank_digest(f->rank, 0);
	assert_int_equal(learn(f, MAT, 0, 4000), 0);
	assert_int_equal(rank_take_changes(f->rank, 0, slots, 4), 1);
	assert_true(rank_digest(f->rank, 0) != digest);
	assert_int_equal(learn(f, MAT, 0, 9000), 0); /* no better */
	assert_int_equal(rank_take_changes(f->rank, 0, slots, 4), 0);
}

static void
a_bound_beyond_all_times_stays_within_what_is_sent(void **state)
{
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_CLOCK };
	struct race_row r;

	begin(f);
	enter(f, "1", "");
	pass(f, MAT, "arrivee", "1", 1500 * S);
	e.clock = (struct race_clock_estimate){
		.clock_epoch = 1,
		.offset_us = GUN_US,
		.bound_us = RACE_TIME_MAX,
		.drift_bound_ppb = RACE_DRIFT_MAX,
	};
	assert_int_equal(correct(f, MAT, &e), 0);
	row(f, "1", &r);
	assert_true(r.bound_us == RACE_TIME_MAX);
}

static void
bibs_of_a_laptop_that_is_a_minute_slow_find_their_times(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c;
	struct race_unknown *all;
	static const char *const bibs[] = { "2", "1", "3" };

	begin(f);
	for (size_t i = 0; i < 3; i++) {
		int64_t at_us = (1500 + 2 * (int64_t)i) * S;

		enter(f, bibs[i], "");
		pass(f, MAT, "arrivee", "", at_us);
		/* Typed a second later. */
		c = measured("arrivee", bibs[i], at_us - 59 * S);
		c.flags = RACE_FLAG_LISTED;
		by_hand(f, DESK, &c);
	}
	assert_string_equal(listing(f), "-:1 -:2 -:3");
	assert_true(rank_unknown_reads(f->rank) > 0);
	assert_int_equal(learn(f, DESK, 60 * S, 5000), 0);
	assert_string_equal(listing(f), "1:2 2:1 3:3");
	assert_int_equal(rank_unknown_reads(f->rank), 0);
	assert_int_equal(rank_unknowns(f->rank, &all), 0);
	free(all);
	/* And the times move in their list, too. */
	assert_int_equal(learn(f, MAT, -300 * S, 5000), 0);
	assert_string_equal(listing(f), "-:1 -:2 -:3");
}

/* Two who stamp at one point, one of them with a clock that is ahead. */
static void
stamps_of_two_laptops_are_merged_as_their_clocks_say(void **state)
{
	struct fixture *f = *state;

	begin(f);
	enter(f, "1", "");
	enter(f, "2", "");
	pass(f, MAT, "arrivee", "", 1500 * S);
	pass(f, SPARE, "arrivee", "", 1501 * S); /* was 1499 */
	list(f, "1", 1502 * S);
	list(f, "2", 1503 * S);
	assert_string_equal(listing(f), "1:1 2:2");
	assert_int_equal(elapsed(f, "1"), 1500 * S);
	assert_int_equal(learn(f, SPARE, -2 * S, 5000), 0);
	assert_string_equal(listing(f), "1:1 2:2");
	assert_int_equal(elapsed(f, "1"), 1499 * S);
	assert_int_equal(elapsed(f, "2"), 1500 * S);
}

/* ---- what is not joined ---- */

/* "conflict 3 2 times, 1 bib: 7; open ..." */
static const char *
not_joined(struct fixture *f)
{
	struct race_unknown *all;
	size_t n = rank_unknowns(f->rank, &all);
	size_t len = 0;

	f->text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (all[i].kind < RACE_UNKNOWN_CONFLICT)
			continue;
		assert_string_equal(all[i].point, "arrivee");
		assert_true(all[i].first_us <= all[i].last_us);
		len += (size_t)snprintf(f->text + len, sizeof f->text - len,
		    "%s%s %u %s", len > 0 ? "; " : "",
		    all[i].kind == RACE_UNKNOWN_OPEN ? "open" : "conflict",
		    (unsigned)all[i].reads, all[i].text);
	}
	free(all);
	return f->text;
}

static void
begin_three(struct fixture *f)
{
	begin(f);
	enter(f, "1", "");
	enter(f, "2", "");
	enter(f, "3", "");
}

static void
a_time_belongs_to_the_bib_listed_for_it(void **state)
{
	struct fixture *f = *state;
	struct race_row r;

	begin_three(f);
	list(f, "2", 1502 * S);
	stamp(f, "", 1500 * S);
	stamp(f, "", 1501 * S);
	assert_string_equal(listing(f), "-:1 -:2 -:3");
	assert_int_equal(rank_unknown_reads(f->rank), 2);
	list(f, "1", 1503 * S);
	assert_int_equal(rank_unknown_reads(f->rank), 0);
	assert_string_equal(listing(f), "1:2 2:1 -:3");
	row(f, "2", &r);
	assert_int_equal(r.elapsed_us, 1500 * S);
	assert_string_equal(not_joined(f), "");
}

/* The times were there first, some of them taken back. */
static void
a_list_that_comes_later_is_joined_too(void **state)
{
	struct fixture *f = *state;

	begin_three(f);
	stamp(f, "", 1500 * S);
	take_back(f, MAT, stamp(f, "", 1500 * S + 1));
	stamp(f, "", 1501 * S);
	assert_string_equal(listing(f), "-:1 -:2 -:3");
	list(f, "1", 1502 * S);
	list(f, "3", 1503 * S);
	assert_string_equal(listing(f), "1:1 2:3 -:2");
}

static void
a_listed_crossing_is_no_read(void **state)
{
	struct fixture *f = *state;
	struct race_unknown *all;

	begin_three(f);
	list(f, "1", 1500 * S);
	list(f, "77", 1501 * S);
	assert_string_equal(listing(f), "-:1 -:2 -:3");
	assert_int_equal(rank_unknown_reads(f->rank), 0);
	assert_string_equal(not_joined(f), "open 2 0 times, 2 bibs: 1 ... 77");
	stamp(f, "", 1600 * S);
	assert_string_equal(not_joined(f),
	    "conflict 2 0 times, 2 bibs: 1 ... 77; open 1 1 time, 0 bibs");
	/* The two of them, and the time that waits: told once each. */
	assert_int_equal(rank_unknown_reads(f->rank), 3);
	assert_int_equal(rank_unknowns(f->rank, &all), 2);
	assert_int_equal(all[0].kind, RACE_UNKNOWN_CONFLICT);
	assert_int_equal(all[0].first_us, GUN_US + 1500 * S);
	assert_int_equal(all[0].last_us, GUN_US + 1501 * S);
	assert_int_equal(all[1].kind, RACE_UNKNOWN_OPEN);
	free(all);
}

static void
a_bib_that_nobody_has_takes_its_time_along(void **state)
{
	struct fixture *f = *state;
	struct race_unknown *all;

	begin_three(f);
	stamp(f, "", 1500 * S);
	list(f, "12", 1502 * S);
	assert_int_equal(rank_unknowns(f->rank, &all), 1);
	assert_int_equal(all[0].kind, RACE_UNKNOWN_BIB);
	assert_string_equal(all[0].text, "12");
	assert_int_equal(all[0].first_us, GUN_US + 1500 * S);
	free(all);
	enter(f, "12", "");
	assert_string_equal(listing(f), "1:12 -:1 -:2 -:3");
}

static void
one_row_taken_back_settles_a_conflict(void **state)
{
	struct fixture *f = *state;
	uint64_t twice;

	begin_three(f);
	stamp(f, "", 1500 * S);
	twice = stamp(f, "", 1500 * S + 200000);
	stamp(f, "", 1501 * S);
	list(f, "1", 1502 * S);
	list(f, "3", 1503 * S);
	stamp(f, "", 1600 * S);
	assert_string_equal(listing(f), "-:1 -:2 -:3");
	assert_string_equal(not_joined(f),
	    "conflict 5 3 times, 2 bibs: 1 ... 3; open 1 1 time, 0 bibs");
	take_back(f, MAT, twice);
	assert_string_equal(listing(f), "1:1 2:3 -:2");
	assert_string_equal(not_joined(f), "open 1 1 time, 0 bibs");
	/* And one bib too many takes it all away again. */
	twice = list(f, "2", 1504 * S);
	assert_string_equal(listing(f), "-:1 -:2 -:3");
	take_back(f, DESK, twice);
	assert_string_equal(listing(f), "1:1 2:3 -:2");
}

static void
conflicts_are_counted_by_point_and_only_joining_changes_them(void **state)
{
	struct fixture *f = *state;
	struct rank_conflict c;
	uint64_t joins;
	uint64_t twice;
	size_t finish;

	begin_three(f);
	finish = f->rules.point_count - 1;
	rank_conflict(f->rank, finish, &c);
	assert_int_equal(c.conflicts, 0);
	assert_int_equal(c.first_us, INT64_MAX);
	twice = stamp(f, "", 1500 * S);
	stamp(f, "", 1500 * S + 200000);
	list(f, "1", 1501 * S);
	/* Open: whoever types may be behind. */
	rank_conflict(f->rank, finish, &c);
	assert_int_equal(c.conflicts, 0);
	joins = rank_joins(f->rank);
	assert_int_equal(rank_joins(f->rank), joins);
	list(f, "3", 1600 * S);
	assert_true(rank_joins(f->rank) > joins);
	rank_conflict(f->rank, finish, &c);
	assert_int_equal(c.conflicts, 1);
	assert_int_equal(c.times, 2);
	assert_int_equal(c.bibs, 1);
	assert_int_equal(c.first_us, GUN_US + 1500 * S);
	rank_conflict(f->rank, 0, &c);
	assert_int_equal(c.conflicts, 0);
	joins = rank_joins(f->rank);
	take_back(f, MAT, twice);
	assert_true(rank_joins(f->rank) > joins);
	rank_conflict(f->rank, finish, &c);
	assert_int_equal(c.conflicts, 0);
}

static void
one_bib_beside_a_time_settles_a_conflict(void **state)
{
	struct fixture *f = *state;
	uint64_t second;

	begin_three(f);
	enter(f, "4", "");
	stamp(f, "", 1500 * S);
	second = stamp(f, "", 1501 * S);
	stamp(f, "", 1502 * S);
	list(f, "2", 1503 * S);
	list(f, "3", 1504 * S);
	stamp(f, "", 1600 * S);
	list(f, "4", 1601 * S);
	assert_string_equal(listing(f), "1:4 -:1 -:2 -:3");
	/* The first was not typed. */
	name(f, MAT, second, "2");
	assert_string_equal(listing(f), "1:2 2:3 3:4 -:1");
	assert_string_equal(not_joined(f), "conflict 1 1 time, 0 bibs");
	/* No, the second was not: 2 is the first. */
	name(f, MAT, second, "1");
	assert_string_equal(listing(f), "1:2 2:1 3:3 4:4");
	assert_string_equal(not_joined(f), "");
	name(f, MAT, second, "");
	assert_string_equal(listing(f), "1:4 -:1 -:2 -:3");
}

static void
a_listed_bib_can_be_filled_in(void **state)
{
	struct fixture *f = *state;
	uint64_t unread;

	begin_three(f);
	stamp(f, "", 1500 * S);
	stamp(f, "", 1501 * S);
	unread = list(f, "", 1502 * S);
	list(f, "3", 1503 * S);
	assert_string_equal(listing(f), "1:3 -:1 -:2");
	assert_string_equal(not_joined(f), "");
	assert_int_equal(rank_unknown_reads(f->rank), 1);
	name(f, DESK, unread, "1");
	assert_string_equal(listing(f), "1:1 2:3 -:2");
	name(f, DESK, unread, "2");
	assert_string_equal(listing(f), "1:2 2:3 -:1");
}

static void
corrections_of_lists_may_come_first(void **state)
{
	struct fixture *f = *state;

	begin_three(f);
	take_back(f, DESK, 3);
	name(f, DESK, 4, "2");
	stamp(f, "", 1500 * S);
	assert_int_equal(list(f, "1", 1501 * S), 3);
	assert_string_equal(not_joined(f), "");
	assert_int_equal(list(f, "", 1502 * S), 4);
	assert_string_equal(listing(f), "1:2 -:1 -:3");
}

/* Of two fill-ins the later holds, joined in between or not. */
static void
a_time_that_is_joined_keeps_its_fill_in(void **state)
{
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_FILL_IN };
	uint64_t seq;

	begin_three(f);
	seq = stamp(f, "3", 1500 * S);
	f->seqs[MAT]++;
	name(f, MAT, seq, "");
	list(f, "1", 1502 * S);
	assert_string_equal(listing(f), "1:1 -:2 -:3");
	e.fill_in.seq = seq;
	e.fill_in.bib = "2";
	assert_int_equal(rank_correct(f->rank, (struct race_id){ MAT, seq + 1 },
	                     &e),
	    0);
	assert_string_equal(listing(f), "1:1 -:2 -:3");
}

static void
a_listed_chip_is_no_bib(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c =
	    crossing_by_hand("arrivee", "", 1502 * S, RACE_FLAG_LISTED);

	begin(f);
	enter_chip(f, "1", "C1");
	stamp(f, "", 1500 * S);
	c.chip = "C1";
	by_hand(f, DESK, &c);
	assert_string_equal(listing(f), "-:1");
	assert_string_equal(not_joined(f), "");
}

static void
a_time_with_chip_or_of_a_file_is_not_joined(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c = crossing_by_hand("arrivee", "", 1500 * S, 0);

	begin_three(f);
	list(f, "1", 1502 * S);
	c.chip = "C9";
	by_hand(f, MAT, &c);
	c.chip = "";
	c.clock = RACE_CLOCK_FILE;
	by_hand(f, MAT, &c);
	c.clock = RACE_CLOCK_READER;
	by_hand(f, MAT, &c);
	assert_string_equal(listing(f), "-:1 -:2 -:3");
	stamp(f, "", 1501 * S);
	assert_string_equal(listing(f), "1:1 -:2 -:3");
}

static void
points_are_joined_each_for_itself(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c = crossing_by_hand("mi-course", "", 700 * S, 0);
	struct race_row r;

	begin_three(f);
	by_hand(f, MAT, &c);
	list(f, "1", 701 * S);
	assert_string_equal(not_joined(f), "open 1 0 times, 1 bib: 1");
	c.flags = RACE_FLAG_LISTED;
	c.bib = "3";
	by_hand(f, SPARE, &c);
	row(f, "3", &r);
	assert_int_equal(r.splits[1], 700 * S);
	assert_int_equal(r.status, RACE_RUNNING);
}

/* The race does not know the point: somebody should be told. */
static void
a_list_of_an_unknown_point_is_told(void **state)
{
	struct fixture *f = *state;
	struct race_crossing c =
	    crossing_by_hand("nowhere", "1", 0, RACE_FLAG_LISTED);
	struct race_unknown *all;

	begin_three(f);
	take_back(f, MAT, by_hand(f, MAT, &c));
	by_hand(f, MAT, &c);
	assert_int_equal(rank_unknown_reads(f->rank), 1);
	assert_int_equal(rank_unknowns(f->rank, &all), 1);
	assert_int_equal(all[0].kind, RACE_UNKNOWN_POINT);
	free(all);
}

/* Such a text passes wire.c, which holds it to RACE_LABEL_MAX. */
static void
bibs_that_would_be_cut_are_left_out(void **state)
{
	static const char *const longest = "12345678901234567890123456789012";
	struct fixture *f = *state;

	begin_three(f);
	list(f, longest, 1500 * S);
	assert_string_equal(not_joined(f),
	    "open 1 0 times, 1 bib: 12345678901234567890123456789012");
	list(f, "2", 1501 * S);
	assert_string_equal(not_joined(f),
	    "open 2 0 times, 2 bibs: 12345678901234567890123456789012 ... 2");
	list(f, "1234567890", 1502 * S);
	assert_string_equal(not_joined(f),
	    "open 3 0 times, 3 bibs: 12345678901234567890123456789012 ... "
	    "1234567890");
	list(f, "12345678901", 1503 * S);
	assert_string_equal(not_joined(f), "open 4 0 times, 4 bibs");
}

/* ---- teams ---- */

static void
teams_by_time(struct fixture *f)
{
	f->ranking.of = RACE_TEAMS;
	f->ranking.score = RACE_SCORE_TIME;
	begin(f);
}

static void
score(struct fixture *f, const char *team, const char *bib, int64_t after_s)
{
	enter(f, bib, team);
	if (after_s > 0)
		finish(f, bib, after_s * S);
}

static void
the_best_three_make_a_teams_time(void **state)
{
	struct fixture *f = *state;
	struct race_row out;

	teams_by_time(f);
	score(f, "Axa", "1", 1500);
	score(f, "Axa", "2", 1600);
	score(f, "Axa", "3", 1700);
	score(f, "Axa", "4", 1550);
	score(f, "BNP", "5", 1510);
	score(f, "BNP", "6", 1520);
	score(f, "BNP", "7", 1530);
	score(f, "CNP", "8", 1000); /* two of three: no place */
	score(f, "CNP", "9", 1010);
	score(f, "CNP", "10", 0);
	score(f, "EDF", "11", 0);
	score(f, "", "12", 1000);
	assert_string_equal(listing(f), "1:BNP 2:Axa -:CNP -:EDF");
	row(f, "Axa", &out);
	assert_int_equal(out.elapsed_us, (1500 + 1550 + 1600) * S);
	assert_int_equal(out.counted, 3);
	assert_int_equal(out.finishers, 4);
	row(f, "CNP", &out);
	assert_int_equal(out.elapsed_us, 2010 * S);
	assert_int_equal(out.counted, 2);
	row(f, "EDF", &out);
	assert_int_equal(out.elapsed_us, -1);
	assert_int_equal(out.counted, 0);
}

static void
equal_sums_go_by_the_last_then_the_first_scorer(void **state)
{
	struct fixture *f = *state;

	teams_by_time(f);
	score(f, "A", "1", 1000);
	score(f, "A", "2", 1100);
	score(f, "A", "3", 1300); /* 3400, third 1300 */
	score(f, "B", "4", 1050);
	score(f, "B", "5", 1150);
	score(f, "B", "6", 1200); /* 3400, third 1200, first 1050 */
	score(f, "C", "7", 1000);
	score(f, "C", "8", 1200);
	score(f, "C", "9", 1200); /* 3400, third 1200, first 1000 */
	score(f, "D", "10", 1050);
	score(f, "D", "11", 1150);
	score(f, "D", "12", 1200); /* as B */
	assert_string_equal(listing(f), "1:C 2=:B 2=:D 4:A");
}

static void
who_leaves_the_best_makes_room_for_the_next(void **state)
{
	struct fixture *f = *state;
	uint64_t seq;

	f->ranking.best = 2;
	teams_by_time(f);
	score(f, "A", "1", 1500);
	score(f, "A", "2", 1600);
	score(f, "A", "3", 1800);
	enter(f, "4", "A");
	seq = finish(f, "4", 1000 * S);
	assert_int_equal(elapsed(f, "A"), 2500 * S);
	take_back(f, MAT, seq);
	assert_int_equal(elapsed(f, "A"), 3100 * S);
	enter(f, "1", "B");
	assert_int_equal(elapsed(f, "A"), 3400 * S);
	assert_string_equal(listing(f), "1:A -:B");
	enter_as(f, "1", RACE_STATUS_NONE); /* no team any more */
	assert_string_equal(listing(f), "1:A");
}

static void
kilometres_add_up_and_ties_go_by_runners_then_time(void **state)
{
	struct fixture *f = *state;
	struct race_row out;

	f->ranking.of = RACE_TEAMS;
	f->ranking.score = RACE_SCORE_KM;
	begin(f);
	score(f, "A", "1", 1500); /* 8 km with one runner */
	enter(f, "2", "B");       /* 8 km with two, one of whom stopped */
	enter(f, "3", "B");
	cross(f, MAT, "mi-course", "2", "", 700 * S);
	cross(f, MAT, "mi-course", "3", "", 710 * S);
	enter(f, "4", "C"); /* as B, and 10 s faster */
	enter(f, "5", "C");
	cross(f, MAT, "mi-course", "4", "", 700 * S);
	cross(f, MAT, "mi-course", "5", "", 700 * S);
	enter(f, "6", "D"); /* as B */
	enter(f, "7", "D");
	cross(f, MAT, "mi-course", "6", "", 705 * S);
	cross(f, MAT, "mi-course", "7", "", 705 * S);
	enter(f, "8", "E"); /* at the start alone: no metres */
	cross(f, MAT, "depart", "8", "", 1 * S);
	score(f, "F", "9", 1500);
	score(f, "F", "10", 2000);
	assert_string_equal(listing(f), "1:F 2:C 3=:B 3=:D 5:A -:E");
	row(f, "F", &out);
	assert_int_equal(out.metres, 16000);
	assert_int_equal(out.counted, 2);
	assert_int_equal(out.finishers, 2);
	assert_int_equal(out.elapsed_us, 3500 * S);
}

static void
a_team_counts_those_in_the_filter_alone(void **state)
{
	struct fixture *f = *state;
	struct race_entry e = entry("1", "A");

	f->ranking.sex = plain_text("F");
	f->ranking.best = 1;
	teams_by_time(f);
	score(f, "A", "2", 1000);
	assert_int_equal(rank_count(f->rank, 0), 0);
	assert_string_equal(listing(f), "");
	e.sex = "F";
	rank_entry(f->rank, &e);
	finish(f, "1", 1500 * S);
	assert_int_equal(rank_count(f->rank, 0), 1);
	assert_int_equal(elapsed(f, "A"), 1500 * S);
}

/* ---- changes ---- */

static void
a_slot_is_told_once_until_it_is_taken(void **state)
{
	struct fixture *f = *state;
	uint32_t slots[4];
	struct race_row out;

	begin(f);
	enter(f, "1", "");
	enter(f, "2", "");
	assert_int_equal(rank_take_changes(f->rank, 0, slots, 4), 2);
	finish(f, "2", 1600 * S);
	finish(f, "2", 1500 * S);
	assert_int_equal(rank_take_changes(f->rank, 0, slots, 4), 1);
	assert_true(rank_row(f->rank, 0, slots[0], &out));
	assert_string_equal(out.label, "2");
	finish(f, "2", 1700 * S); /* does not count: no change */
	assert_int_equal(rank_take_changes(f->rank, 0, slots, 4), 0);
	rank_entry_gone(f->rank, "2");
	assert_int_equal(rank_take_changes(f->rank, 0, slots, 4), 1);
	assert_false(rank_row(f->rank, 0, slots[0], &out));
	assert_string_equal(out.label, "2");
}

static void
a_race_without_points_or_waves_lists_its_entries(void **state)
{
	struct fixture *f = *state;
	struct rank_standing rows[2];

	f->rules.point_count = 0;
	f->rules.wave_count = 0;
	f->ranking.at = RACE_LIVE;
	begin(f);
	enter(f, "2", "");
	enter(f, "1", "");
	cross(f, MAT, "arrivee", "1", "", 0);
	assert_string_equal(listing(f), "-:1 -:2");
	assert_int_equal(rank_rows(f->rank, 0, 1, rows, 2), 1);
	assert_int_equal(rank_rows(f->rank, 0, 2, rows, 2), 0);
	assert_int_equal(rows[0].row.split_count, 0);
}

/* ---- what came, and who should have ---- */

static struct rank_traffic
traffic(struct fixture *f, size_t point)
{
	struct rank_traffic t;

	rank_traffic(f->rank, point, &t);
	return t;
}

static void
traffic_is_what_came_from_a_point(void **state)
{
	struct fixture *f = *state;
	uint64_t seq;

	begin(f);
	enter(f, "1", "");
	assert_int_equal(traffic(f, 1).reads, 0);
	assert_true(traffic(f, 1).last_us == RACE_NO_TIME);
	seq = cross(f, MAT, "mi-course", "1", "", 1200 * S);
	cross(f, MAT, "mi-course", "nobody", "", 1300 * S);
	cross(f, MAT, "mi-course", "", "", 1250 * S);
	cross(f, MAT, "nowhere", "1", "", 1400 * S);
	take_back(f, MAT, seq);
	assert_int_equal(traffic(f, 1).reads, 3);
	assert_int_equal(traffic(f, 1).last_us, GUN_US + 1300 * S);
	assert_int_equal(traffic(f, 2).reads, 0);
}

/* Of any kind, since a last read. */
static uint32_t
awaited_since(struct fixture *f, size_t point, int64_t last_us, int64_t now_us)
{
	struct rank_awaited is;

	rank_awaited(f->rank, point, last_us, now_us, &is);
	return is.missed + is.late;
}

static uint32_t
awaited(struct fixture *f, size_t point, int64_t after_us)
{
	return awaited_since(f, point, RACE_NO_TIME, GUN_US + after_us);
}

static void
who_is_awaited_follows_from_the_pace(void **state)
{
	struct fixture *f = *state;

	begin(f);
	for (const char *const *bib =
	         (const char *const[]){ "1", "2", "3", "4", "5", NULL };
	     *bib != NULL; bib++)
		enter(f, *bib, "");
	/* 20 min for the first half: 60 in all are slow enough. */
	cross(f, MAT, "mi-course", "1", "", 1200 * S);
	assert_int_equal(awaited(f, 2, 3600 * S - 1), 0);
	assert_int_equal(awaited(f, 2, 3600 * S), 1);
	/* By net: started 10 min late, and ran 10 min. */
	cross(f, MAT, "depart", "2", "", 600 * S);
	cross(f, MAT, "mi-course", "2", "", 1200 * S);
	assert_int_equal(awaited(f, 2, 2400 * S - 1), 0);
	assert_int_equal(awaited(f, 2, 2400 * S), 1);
	/* At the finish, and missed at mi-course half way. */
	cross(f, MAT, "arrivee", "3", "", 2000 * S);
	assert_int_equal(awaited(f, 1, 1000 * S - 1), 0);
	assert_int_equal(awaited(f, 1, 1000 * S), 1);
	assert_int_equal(awaited_since(f, 1, GUN_US + 1000 * S - 1,
	                     GUN_US + 2000 * S),
	    1);
	assert_int_equal(awaited_since(f, 1, GUN_US + 1000 * S,
	                     GUN_US + 2000 * S),
	    0);
	/* Over the start line alone: an hour for 4 km. */
	cross(f, MAT, "depart", "4", "", 60 * S);
	assert_int_equal(awaited(f, 1, 3660 * S - 1), 1);
	assert_int_equal(awaited(f, 1, 3660 * S), 2);
	/* Nobody awaits who is out, nor who has not been seen at all. */
	enter_as(f, "4", RACE_DNF);
	assert_int_equal(awaited(f, 1, 86400 * S), 1);
	enter_as(f, "4", RACE_NC);
	assert_int_equal(awaited(f, 1, 86400 * S), 2);
	enter_as(f, "4", RACE_FINISHED);
	assert_int_equal(awaited(f, 1, 86400 * S), 1);
	rank_entry_gone(f->rank, "3");
	assert_int_equal(awaited(f, 1, 86400 * S), 0);
}

/* A finish that fails is to be noticed while they come in. */
static void
just_before_a_point_nobody_is_believed_to_take_an_hour(void **state)
{
	struct fixture *f = *state;
	struct rank_awaited is;

	f->points[1].metres = 40000;
	f->points[2].metres = 42195;
	begin(f);
	enter(f, "1", "");
	enter(f, "2", "");
	/* 3 h 20 min for 40 km, and 658.5 s to go: twice that, and 2 min. */
	cross(f, MAT, "mi-course", "1", "", 12000 * S);
	assert_int_equal(awaited(f, 2, 12000 * S + 1437 * S - 1), 0);
	assert_int_equal(awaited(f, 2, 12000 * S + 1437 * S), 1);
	cross(f, MAT, "arrivee", "2", "", 12000 * S);
	rank_awaited(f->rank, 2, RACE_NO_TIME, GUN_US + 14000 * S, &is);
	assert_int_equal(is.late, 1);
	assert_int_equal(is.missed, 0);
	assert_int_equal(is.passed, 1);
	rank_awaited(f->rank, 1, RACE_NO_TIME, GUN_US + 14000 * S, &is);
	assert_int_equal(is.late, 0);
	assert_int_equal(is.missed, 1);
	assert_int_equal(is.passed, 1);
}

/* 50 years for a metre, and then a course as long as a number is. */
static void
no_span_and_no_course_is_too_long_to_await_somebody(void **state)
{
	struct fixture *f = *state;
	const int64_t years_us = INT64_C(1576800000) * S;

	f->points[1].metres = 1;
	f->points[1].min_us = 0;
	f->points[2].metres = UINT32_MAX;
	f->points[2].min_us = 0;
	begin(f);
	enter(f, "1", "");
	enter(f, "2", "");
	enter(f, "3", "");
	cross(f, MAT, "mi-course", "1", "", years_us);
	assert_int_equal(awaited(f, 2, RACE_TIME_MAX - GUN_US), 0);
	assert_int_equal(awaited(f, 2, INT64_MAX - GUN_US), 1);
	/* The other way round it is a moment. */
	cross(f, MAT, "arrivee", "2", "", years_us);
	assert_int_equal(awaited(f, 1, years_us / UINT32_MAX - 1), 0);
	assert_int_equal(awaited(f, 1, years_us / UINT32_MAX), 1);
	/* At 15 min a km that is 122 years. */
	cross(f, MAT, "depart", "3", "", 0);
	assert_int_equal(awaited(f, 2, INT64_C(900000) * UINT32_MAX - 1), 0);
	assert_int_equal(awaited(f, 2, INT64_C(900000) * UINT32_MAX), 1);
	/* One lap less than a number, at the pace of a microsecond a metre. */
	cross(f, SPARE, "mi-course", "3", "", 1);
	assert_int_equal(awaited(f, 2, INT64_C(4294967295) / 2 * 3), 0);
	assert_int_equal(awaited(f, 2, INT64_C(4294967295) / 2 * 3 + 1), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(equal_times_share_a_place_and_the_next_is_skipped),
		TEST(who_is_not_placed_follows_by_group),
		TEST(who_was_not_seen_is_not_called_dns),
		TEST(equal_times_keep_the_order_of_one_stream),
		TEST(equal_times_of_two_streams_share_a_place),
		TEST(the_shown_time_decides_where_the_race_wants_it),
		TEST(two_tenths_apart_is_not_tied_by_default),
		TEST(net_times_place_otherwise_than_gun_times),
		TEST(nobody_starts_before_the_gun),
		TEST(the_last_read_at_the_start_counts_if_nothing_came_before),
		TEST(the_first_read_late_enough_counts_at_the_finish),
		TEST(an_offset_is_part_of_a_laptops_time_alone),
		TEST(a_row_tells_how_far_and_when),
		TEST(live_the_furthest_lead_and_then_the_fastest_there),
		TEST(by_kilometres_who_stopped_counts_too),
		TEST(a_ranking_lists_its_own_alone),
		TEST(nobody_is_placed_without_a_gun),
		TEST(a_gun_holds_until_the_next_one_or_none),
		TEST(a_later_gun_makes_a_read_too_early),
		TEST(a_crossing_sent_twice_counts_once),
		TEST(a_void_takes_a_crossing_back_even_if_it_comes_first),
		TEST(a_void_speaks_of_its_own_stream_alone),
		TEST(a_crossing_belongs_to_the_last_bib_filled_in),
		TEST(a_correction_is_applied_once_and_known_by_its_kind),
		TEST(an_unknown_bib_counts_once_it_is_entered),
		TEST(a_chip_belongs_to_the_lowest_bib_that_claims_it),
		TEST(a_bib_goes_before_a_chip),
		TEST(an_estimate_puts_two_laptops_in_order_whenever_it_comes),
		TEST(a_clock_measured_while_the_runner_is_away_changes_the_row),
		TEST(a_clock_measured_late_can_change_which_read_counts),
		TEST(a_start_that_is_later_than_thought_shortens_the_net_time),
		TEST(a_row_changes_when_its_bound_does),
		TEST(a_bound_beyond_all_times_stays_within_what_is_sent),
		TEST(bibs_of_a_laptop_that_is_a_minute_slow_find_their_times),
		TEST(stamps_of_two_laptops_are_merged_as_their_clocks_say),
		TEST(a_time_belongs_to_the_bib_listed_for_it),
		TEST(a_list_that_comes_later_is_joined_too),
		TEST(a_listed_crossing_is_no_read),
		TEST(a_bib_that_nobody_has_takes_its_time_along),
		TEST(one_row_taken_back_settles_a_conflict),
		TEST(
		    conflicts_are_counted_by_point_and_only_joining_changes_them),
		TEST(one_bib_beside_a_time_settles_a_conflict),
		TEST(a_listed_bib_can_be_filled_in),
		TEST(corrections_of_lists_may_come_first),
		TEST(a_time_that_is_joined_keeps_its_fill_in),
		TEST(a_listed_chip_is_no_bib),
		TEST(a_time_with_chip_or_of_a_file_is_not_joined),
		TEST(points_are_joined_each_for_itself),
		TEST(a_list_of_an_unknown_point_is_told),
		TEST(bibs_that_would_be_cut_are_left_out),
		TEST(the_best_three_make_a_teams_time),
		TEST(equal_sums_go_by_the_last_then_the_first_scorer),
		TEST(who_leaves_the_best_makes_room_for_the_next),
		TEST(kilometres_add_up_and_ties_go_by_runners_then_time),
		TEST(a_team_counts_those_in_the_filter_alone),
		TEST(a_slot_is_told_once_until_it_is_taken),
		TEST(a_race_without_points_or_waves_lists_its_entries),
		TEST(traffic_is_what_came_from_a_point),
		TEST(who_is_awaited_follows_from_the_pace),
		TEST(just_before_a_point_nobody_is_believed_to_take_an_hour),
		TEST(no_span_and_no_course_is_too_long_to_await_somebody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
