#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/instant.h"
#include "control/consequences.h"
#include "control/correct_file.h"
#include "control/terms.h"

/* 2014-09-21T10:00:00+02:00 */
#define TEN INT64_C(1411286400000000)
#define S   INT64_C(1000000)

enum { FILES = 1, DEPART = 4, ARRIVEE = 5, LATER = 6, IMPORT = 7, ANNA = 9 };

static char none[] = "";
static struct race_wave waves[] = { { (char[]){ "masse" }, TEN, 0 } };
static struct race_point points[] = {
	{ .name = (char[]){ "depart" }, .metres = 0, .backup = none },
	{ .name = (char[]){ "arrivee" }, .metres = 8000, .backup = none },
};
static struct race_ranking rankings[] = {
	{ .name = (char[]){ "scratch" },
	    .sex = none,
	    .category = none,
	    .team = none,
	    .wave = none,
	    .at = 1 },
};
static struct race_award awards[] = {
	{ (char[]){ "Scratch" }, (char[]){ "scratch" }, 1 },
};
static const struct race_rules rules = {
	.title = none,
	.date = (char[]){ "2014-09-21" },
	.timezone = (char[]){ "Europe/Paris" },
	.waves = waves,
	.wave_count = 1,
	.points = points,
	.point_count = 2,
	.rankings = rankings,
	.ranking_count = 1,
	.awards = awards,
	.award_count = 1,
};

struct fixture {
	struct book *b;
	struct name_streams *streams;
	struct correct_job job;
	struct correct c;
	struct err err;
	uint64_t seq[ANNA + 1];
	char *text;
};

static struct race_id
next(struct fixture *f, uint64_t stream)
{
	return (struct race_id){ stream, ++f->seq[stream] };
}

static void
put_entry(struct fixture *f, uint64_t stream, const char *bib, const char *name,
    const char *chip)
{
	const char *chips[] = { chip };
	struct race_event e = { .kind = RACE_ENTRY, .made_us = f->job.made_us };

	e.entry = (struct race_entry){ .bib = bib,
		.name = name,
		.sex = "",
		.born = "",
		.category = "",
		.team = "",
		.wave = "",
		.nation = "",
		.chips = chips,
		.chip_count = *chip != '\0' };
	assert_int_equal(book_apply(f->b, next(f, stream), &e), 0);
}

static void
enter(struct fixture *f, const char *bib, const char *name, const char *chip)
{
	put_entry(f, FILES, bib, name, chip);
}

static void
cross(struct fixture *f, uint64_t stream, const char *bib, const char *chip,
    int64_t us)
{
	struct race_event e = { .kind = RACE_CROSSING };

	e.crossing = (struct race_crossing){
		.point = stream == DEPART ? "depart" : "arrivee",
		.bib = bib,
		.chip = chip,
		.time_us = TEN + us,
		.clock = RACE_CLOCK_FILE,
		.source = "",
	};
	book_apply(f->b, next(f, stream), &e);
}

static void
again(struct fixture *f)
{
	correct_clear(&f->c);
	correct_init(&f->c, &f->job);
	f->err.text[0] = '\0';
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	f->b = book_new(&rules, FILES);
	f->streams = name_streams_new();
	name_stream(f->streams, DEPART, "depart", false);
	name_stream(f->streams, ARRIVEE, "arrivee", false);
	enter(f, "124", "Zoé Petit", "A1");
	enter(f, "142", "Paul Roux", "B2");
	enter(f, "7", "Léa Blanc", "");
	cross(f, ARRIVEE, "", "A1", 1800 * S); /* arrivee:1 */
	cross(f, ARRIVEE, "", "B2", 1801 * S); /* :2 */
	cross(f, ARRIVEE, "7", "", 1900 * S);  /* :3 */
	cross(f, ARRIVEE, "", "C3", 1950 * S); /* :4 */
	f->job = (struct correct_job){ .book = f->b,
		.streams = f->streams,
		.by = "anna",
		.stream = ANNA,
		.made_us = TEN + 7200 * S,
		.now_us = TEN + 7000 * S };
	correct_init(&f->c, &f->job);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	correct_clear(&f->c);
	book_free(f->b);
	name_streams_free(f->streams);
	free(f->text);
	free(f);
	return 0;
}

/* The verb and its words, split at blanks. */
static int
say(struct fixture *f, const char *line)
{
	const struct correct_verb *v;
	char *copy = strdup(line);
	char *rest = copy;
	char *words[16];
	size_t count = 0;
	int rc;

	while (rest != NULL && count < 16)
		words[count++] = strsep(&rest, " ");
	v = correct_verb(words[0]);
	assert_non_null(v);
	rc = v->make(&f->c, words + 1, count - 1, &f->err);
	free(copy);
	return rc;
}

static const struct race_decision *
decision(const struct fixture *f, size_t i)
{
	assert_true(i < f->c.count);
	return f->c.events[i].event.decision;
}

/* The only one that the line makes. */
static const struct race_decision *
only(struct fixture *f, const char *line)
{
	again(f);
	if (say(f, line) < 0)
		fail_msg("%s: %s", line, f->err.text);
	assert_int_equal(f->c.count, 1);
	assert_string_equal(decision(f, 0)->by, "anna");
	return decision(f, 0);
}

/* Nothing is decided, and the words say this. */
static void
refused(struct fixture *f, const char *line, const char *words)
{
	again(f);
	assert_int_equal(say(f, line), -EINVAL);
	if (strstr(f->err.text, words) == NULL)
		fail_msg("%s: %s", line, f->err.text);
	assert_int_equal(f->c.count, 0);
}

static void
unchanged(struct fixture *f, const char *line, const char *words)
{
	again(f);
	assert_int_equal(say(f, line), 0);
	assert_int_equal(f->c.count, 0);
	assert_int_equal(f->c.note_count, 1);
	if (strstr(f->c.notes[0], words) == NULL)
		fail_msg("%s: %s", line, f->c.notes[0]);
}

/* What was made holds from now on. */
static void
hold(struct fixture *f, const char *line)
{
	again(f);
	if (say(f, line) < 0)
		fail_msg("%s: %s", line, f->err.text);
	for (size_t i = 0; i < f->c.count; i++)
		assert_int_equal(book_apply(f->b, f->c.events[i].id,
		                     &f->c.events[i].event),
		    0);
	f->job.stream += 100;
	f->job.made_us += S;
	again(f);
}

/* Whether a note says so. */
static bool
is_noted(const struct fixture *f, const char *words)
{
	for (size_t i = 0; i < f->c.note_count; i++)
		if (strstr(f->c.notes[i], words) != NULL)
			return true;
	return false;
}

static int64_t
elapsed(struct fixture *f, const char *bib)
{
	struct rank_standing rows[8];
	size_t count = rank_rows(f->b->rank, 0, 0, rows, 8);

	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].row.label, bib) == 0)
			return rows[i].row.elapsed_us;
	return -2;
}

static void
a_status_is_marked_once(void **state)
{
	struct fixture *f = *state;
	const struct race_decision *d = only(f, "mark dsq 124");

	assert_int_equal(d->verb, RACE_SET_STATUS);
	assert_int_equal(d->status, RACE_DSQ);
	assert_string_equal(d->bib, "124");
	hold(f, "mark DSQ 124");
	unchanged(f, "mark dsq 124", "124 Zoé Petit is DSQ already");
	again(f);
	assert_int_equal(say(f, "mark dnf 124 7"), 0);
	assert_int_equal(f->c.count, 2);
	refused(f, "mark lost 124", "dns, dnf, dsq, otl or nc");
	refused(f, "mark finished 124", "dns, dnf, dsq, otl or nc");
	refused(f, "mark dsq", "a status and bibs");
	refused(f, "mark 124 7 dnf", "before the bibs: mark dnf 124 7");
}

static void
an_unknown_bib_is_refused_with_near_ones(void **state)
{
	struct fixture *f = *state;

	refused(f, "mark dsq 412",
	    "nobody has bib \"412\": did you mean 142 (Paul Roux");
	refused(f, "mark dsq 7 9999", "palmares enter enters somebody");
}

static void
a_penalty_has_a_sign(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(only(f, "penalty 124 +2:00")->amount_us, 120 * S);
	assert_int_equal(only(f, "penalty 124 -0:30")->amount_us, -30 * S);
	assert_int_equal(only(f,
	                     "penalty 124 \xe2\x88\x92"
	                     "0:30")
	                     ->amount_us,
	    -30 * S);
	refused(f, "penalty 124 2:00", "more or less?");
	refused(f, "penalty 124 +0:00", "more than 0");
	refused(f, "penalty 124 +49:00:00", "a day at most");
}

static void
a_time_is_of_the_clock_or_after_the_start(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(only(f, "time 124 arrivee 10:31:05.2")->time_us,
	    TEN + 1865 * S + S / 5);
	assert_int_equal(only(f, "time 124 arrivee +31:05")->time_us,
	    TEN + 1865 * S);
	assert_int_equal(only(f, "add 124 arrivee 2014-09-21T08:31:05Z")
	                     ->time_us,
	    TEN + 1865 * S);
	/* Midnight rolls over. */
	assert_int_equal(only(f, "add 124 arrivee 02:00:00")->time_us,
	    TEN + INT64_C(16) * 3600 * S);
	refused(f, "time 124 arrivee 09:59:00",
	    "09:59:00 at arrivee is before the start of 124 at 10:00:00");
	assert_int_equal(only(f, "time 124 depart 09:59:00")->verb,
	    RACE_SET_TIME);
	refused(f, "time 124 arivee 10:31:05", "did you mean 'arrivee'");
	refused(f, "time 124 arrivee 1865", "time 1865");
	unchanged(f, "time 124 arrivee 10:30:00",
	    "124 has 10:30:00 at arrivee already");
}

static void
a_number_that_another_laptop_with_that_name_has_is_said(void **state)
{
	struct fixture *f = *state;

	name_stream(f->streams, LATER, "arrivee", false);
	for (int i = 0; i < 8; i++)
		cross(f, LATER, "142", "", (2000 + i) * S);
	refused(f, "void arrivee:8", "did you mean arrivee/2:8");
	refused(f, "void arrivee:9", "palmares reads shows");
	assert_int_equal(only(f, "void arrivee:4")->target.stream, ARRIVEE);
	assert_int_equal(only(f, "void arrivee/2:8")->target.stream, LATER);
}

/* What palmares log shows first; unless something else is called that. */
static void
crossings_are_voided_and_moved_by_number(void **state)
{
	static const uint64_t behind[] = { 120, 1000, 8059 };
	struct fixture *f = *state;
	const struct race_decision *d;

	/* As if each stood there thrice. */
	for (size_t i = 0; i < sizeof behind / sizeof *behind; i++)
		for (uint64_t seq = 1; seq <= 4; seq++)
			name_number(f->streams, behind[i] + seq,
			    (struct race_id){ ARRIVEE, seq });
	d = only(f, "void 1004");
	assert_int_equal(d->verb, RACE_VOID_READ);
	assert_int_equal(d->target.stream, ARRIVEE);
	assert_int_equal(d->target.seq, 4);
	assert_int_equal(only(f, "move 1004 bib=124")->target.seq, 4);
	assert_int_equal(only(f, "gun masse 8060")->target.seq, 1);
	refused(f, "void 999", "no crossing has that number in the log");
	refused(f, "void 1004-1005", "STATION:NUMBER");
	/* A bib. */
	refused(f, "void 124",
	    "124 is a bib, whose crossings palmares reads 124 shows, and the "
	    "number of a crossing in the log, which is arrivee:4");
	refused(f, "void 142", "142 is a bib: which crossing?");
	/* A time of day in a hurry. */
	refused(f, "gun masse 1001", "a time of day (10:00:05)");
	refused(f, "gun masse 123", "a time of day (10:00:05)");
	refused(f, "gun masse 8059", "a time of day (10:00:05)");
}

static void
crossings_are_voided_and_moved_by_name(void **state)
{
	struct fixture *f = *state;
	const struct race_decision *d = only(f, "void arrivee:4");

	assert_int_equal(d->verb, RACE_VOID_READ);
	assert_int_equal(d->target.stream, ARRIVEE);
	assert_int_equal(d->target.seq, 4);
	d = only(f, "move arrivee:4 bib=124");
	assert_string_equal(d->bib, "124");
	assert_string_equal(d->point, "");
	d = only(f, "move arrivee:4 bib=124 point=depart");
	assert_string_equal(d->point, "depart");
	unchanged(f, "move arrivee:1 bib=124", "is 124 already");
	refused(f, "move arrivee:4", "where they belong");
	refused(f, "move arrivee:4 chip=A1", "bib=BIB or point=POINT");
	refused(f, "void arrivee:99", "no crossing arrivee:99");
	refused(f, "void finish:1", "finish:1: there is no such station");
	hold(f, "void arrivee:4");
	unchanged(f, "void arrivee:4", "is no read already");
}

static void
a_gun_that_was_taken_from_what_is_no_read_is_told(void **state)
{
	struct fixture *f = *state;

	hold(f, "gun masse arrivee:1"); /* number 1 */
	(void)only(f, "void arrivee:2");
	assert_int_equal(f->c.note_count, 0);
	(void)only(f, "void arrivee:1");
	assert_true(is_noted(f,
	    "the gun of masse was taken from arrivee:1, and stays as it is: "
	    "palmares gun sets another one, palmares undo 1 brings"));
	/* Another one holds. */
	hold(f, "gun masse 10:00:05");
	(void)only(f, "void arrivee:1");
	assert_int_equal(f->c.note_count, 0);
	hold(f, "undo 1-2");
	(void)only(f, "void arrivee:1");
	assert_int_equal(f->c.note_count, 0);
}

static void
crossings_of_a_station_are_voided_by_the_range(void **state)
{
	struct fixture *f = *state;

	again(f);
	assert_int_equal(say(f, "void arrivee:1-3 arrivee:2-4"), 0);
	assert_int_equal(f->c.count, 4);
	for (uint64_t i = 0; i < 4; i++) {
		assert_int_equal(decision(f, i)->verb, RACE_VOID_READ);
		assert_int_equal(decision(f, i)->target.stream, ARRIVEE);
		assert_int_equal(decision(f, i)->target.seq, i + 1);
	}
	refused(f, "void arrivee:3-1", "the lower number comes first");
	refused(f, "void arrivee:2-99", "no crossing arrivee:99");
	refused(f, "void arrivee:0-2", "arrivee:0: a crossing is named");
	refused(f, "void arrivee:2-", "arrivee:: a crossing is named");
	hold(f, "void arrivee:2");
	assert_int_equal(say(f, "void arrivee:1-3"), 0);
	assert_int_equal(f->c.count, 2);
	assert_true(is_noted(f, "arrivee:2 is no read already"));

	/* A dash may be in a name. */
	name_stream(f->streams, LATER, "mi-course", false);
	cross(f, LATER, "7", "", 1000 * S);
	cross(f, LATER, "7", "", 1001 * S);
	assert_int_equal(only(f, "void mi-course:1")->target.stream, LATER);
	again(f);
	assert_int_equal(say(f, "void mi-course:1-2"), 0);
	assert_int_equal(f->c.count, 2);
}

static void
what_was_looked_at_is_set_aside_until_its_facts_change(void **state)
{
	struct fixture *f = *state;
	const struct race_decision *d;
	uint64_t facts;

	f->job.crossings = crossings_new();
	d = only(f, "aside unknown-chip:C3");
	assert_int_equal(d->verb, RACE_ASIDE);
	assert_string_equal(d->text, "unknown-chip:C3");
	facts = d->facts;
	/* What it is, before it is decided. */
	assert_true(is_noted(f, "nobody has chip C3, 1 read"));
	only(f, "aside unknown-chip:C3 unknown-chip:C3");
	refused(f, "aside", "palmares problems tells each with its key");
	refused(f, "aside unknown-chip:C4", "did you mean 'unknown-chip:C3'");
	hold(f, "aside unknown-chip:C3");
	unchanged(f, "aside unknown-chip:C3", "already, by decision 1");
	cross(f, ARRIVEE, "", "C3", 2000 * S);
	d = only(f, "aside unknown-chip:C3");
	assert_true(d->facts != facts);
	crossings_free(f->job.crossings);
}

/* Its rows would change what is there to be set aside. */
static void
nothing_is_set_aside_by_a_file(void **state)
{
	char *list = correct_verb_list();

	(void)state;
	assert_non_null(correct_verb("aside"));
	assert_null(strstr(list, "aside"));
	assert_non_null(strstr(list, "undo"));
	free(list);
}

static void
who_was_never_seen_is_marked_at_one_stroke(void **state)
{
	struct fixture *f = *state;

	unchanged(f, "mark dns --unseen", "nobody is entered whose start");
	enter(f, "9", "", "");
	enter(f, "8", "", "");
	again(f);
	assert_int_equal(say(f, "mark dns --unseen"), 0);
	assert_int_equal(f->c.count, 2);
	assert_string_equal(decision(f, 0)->bib, "8");
	assert_string_equal(decision(f, 1)->bib, "9");
	assert_int_equal(decision(f, 1)->status, RACE_DNS);
	assert_true(f->c.listed);
	assert_true(is_noted(f, "nobody was read at the start"));

	cross(f, DEPART, "7", "", S);
	again(f);
	assert_int_equal(say(f, "mark dns --unseen"), 0);
	assert_int_equal(f->c.count, 2);
	assert_int_equal(f->c.note_count, 0);
	refused(f, "mark dnf --unseen", "mark dns --unseen");

	/* Somebody has just started: so may they. */
	enter(f, "10", "", "");
	cross(f, DEPART, "10", "", 1900 * S);
	again(f);
	assert_int_equal(say(f, "mark dns --unseen"), 0);
	assert_int_equal(f->c.count, 0);
	assert_true(is_noted(f, "2 more were not seen yet"));
}

static void
a_photo_finish_swaps_what_counts(void **state)
{
	struct fixture *f = *state;
	const struct race_decision *d = only(f, "swap 124 142");

	assert_int_equal(d->verb, RACE_SWAP);
	assert_int_equal(d->target.seq, 1);
	assert_int_equal(d->other_target.seq, 2);
	hold(f, "swap 124 142 arrivee");
	assert_int_equal(elapsed(f, "124"), 1801 * S);
	assert_int_equal(elapsed(f, "142"), 1800 * S);
	refused(f, "swap 124 7", "99 s apart");
	f->job.sure = true;
	assert_int_equal(only(f, "swap 124 7")->verb, RACE_SWAP);
	refused(f, "swap 124 124", "with himself");
	refused(f, "swap 124 142 depart",
	    "no crossing of 124 counts at depart");
}

static void
a_gun_is_a_time_or_now_or_a_crossing(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(only(f, "gun masse 10:00:05")->time_us, TEN + 5 * S);
	assert_false(f->c.unreasoned);
	assert_string_equal(only(f, "gun 10:00:05")->wave, "masse");
	assert_int_equal(only(f, "gun now")->time_us, TEN + 7000 * S);
	assert_int_equal(only(f, "gun masse arrivee:4")->time_us,
	    TEN + 1950 * S);
	unchanged(f, "gun masse 10:00:00", "is at 10:00:00 already");
	refused(f, "gun elite 10:00:00", "There are: masse");
	refused(f, "gun masse noon", "a time of day");
	refused(f, "gun masse 10:05", "a time of day");
	refused(f, "gun masse nowhere:5", "no such station");
	refused(f, "gun masse +0:05", "after what?");
}

static void
fire(struct fixture *f, int64_t us)
{
	struct race_event e = { .kind = RACE_GUN };

	e.gun = (struct race_gun){ "masse", us };
	book_apply(f->b, next(f, LATER), &e);
}

static void
a_gun_at_midnight_is_put_right_by_minutes(void **state)
{
	struct fixture *f = *state;
	const int64_t hour = 3600 * S;

	fire(f, TEN + 14 * hour - 600 * S); /* 23:50 */
	assert_int_equal(only(f, "gun 00:00:30")->time_us,
	    TEN + 14 * hour + 30 * S);
	assert_int_equal(only(f, "gun 21:00:00")->time_us, TEN + 11 * hour);
	/* Half a day off: 10 was meant for 22. */
	assert_int_equal(only(f, "gun 10:00:00")->time_us, TEN);
	fire(f, TEN - 10 * hour); /* 00:00 */
	assert_int_equal(only(f, "gun 23:59:50")->time_us,
	    TEN - 10 * hour - 10 * S);
	assert_int_equal(only(f, "gun 20:00:00")->time_us, TEN + 10 * hour);
}

/* 2014-10-26: from 02:00 to 03:00 comes twice. */
static void
of_a_time_that_comes_twice_the_first_after_his_start_is_taken(void **state)
{
	struct fixture *f = *state;
	const int64_t half_past_one = TEN + INT64_C(2993400) * S;
	struct race_event e = { .kind = RACE_ENTRY };

	e.entry = (struct race_entry){ .bib = "124",
		.name = "",
		.sex = "",
		.born = "",
		.category = "",
		.team = "",
		.wave = "",
		.nation = "",
		.start_us = half_past_one };
	book_apply(f->b, next(f, FILES), &e);
	assert_int_equal(only(f, "add 124 arrivee 02:10:00")->time_us,
	    half_past_one + 2400 * S);
	assert_int_equal(only(f, "add 124 arrivee 03:10:00")->time_us,
	    half_past_one + 9600 * S);
	e.entry.start_us += 4200 * S; /* 02:40 */
	book_apply(f->b, next(f, FILES), &e);
	assert_int_equal(only(f, "add 124 arrivee 02:10:00")->time_us,
	    half_past_one + 6000 * S);
	assert_int_equal(only(f, "add 124 arrivee 02:50:00")->time_us,
	    half_past_one + 4800 * S);
}

static void
a_start_of_his_own(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(only(f, "start 124 +0:10")->time_us, TEN + 10 * S);
	hold(f, "start 124 10:00:10");
	assert_int_equal(elapsed(f, "124"), 1790 * S);
	unchanged(f, "start 124 10:00:10", "starts at 10:00:10 already");
}

static void
an_entry_changes_in_what_is_said(void **state)
{
	struct fixture *f = *state;
	const struct race_decision *d = only(f, "change 124 team=Alpha sex=f");

	assert_int_equal(d->verb, RACE_SET_ENTRY);
	assert_string_equal(d->bib, "124");
	assert_string_equal(d->entry->name, "Zoé Petit");
	assert_string_equal(d->entry->team, "Alpha");
	assert_string_equal(d->entry->sex, "F");
	assert_int_equal(d->entry->chip_count, 1);
	unchanged(f, "change 124 chip=A1", "is that already");
	refused(f, "change 124 bib=142", "bib 142 is that of Paul Roux");
	refused(f, "change 124 teem=x", "nobody has such a column");
	refused(f, "change 124 sex=Q", "Q");
	refused(f, "change 124 wave=elite", "elite");
	refused(f, "change 124", "what is other");
	hold(f, "change 124 bib=99 team=Alpha");
	assert_null(roster_find(f->b->roster, "124"));
	assert_string_equal(roster_find(f->b->roster, "99")->team, "Alpha");
	assert_int_equal(elapsed(f, "99"), 1800 * S);
}

static void
a_chip_is_taken_from_who_wore_it(void **state)
{
	struct fixture *f = *state;

	again(f);
	assert_int_equal(say(f, "change 124 chip=B2"), 0);
	assert_int_equal(f->c.count, 2);
	assert_string_equal(decision(f, 0)->bib, "142");
	assert_int_equal(decision(f, 0)->entry->chip_count, 0);
	assert_string_equal(decision(f, 1)->entry->chips[0], "B2");
	hold(f, "change 124 chip=B2");
	hold(f, "change 142 chip=A1");
	assert_int_equal(elapsed(f, "124"), 1801 * S);
	assert_int_equal(elapsed(f, "142"), 1800 * S);
}

static void
a_late_entry_is_a_decision(void **state)
{
	struct fixture *f = *state;
	const struct race_decision *d =
	    only(f, "enter 412 name=Ada sex=f team=Alpha");

	assert_int_equal(d->verb, RACE_SET_ENTRY);
	assert_string_equal(d->bib, "412");
	assert_string_equal(d->entry->bib, "412");
	assert_string_equal(d->entry->name, "Ada");
	assert_string_equal(d->entry->sex, "F");
	refused(f, "enter 124 name=Ada", "bib 124 is that of Zoé Petit");
	refused(f, "enter 412 bib=413", "bib=413 is another");
	refused(f, "enter 412 bib=412 bib=413",
	    "enter 412: bib=412 and bib=413");
	refused(f, "enter 412 teem=x", "enter: \"teem\"=: nobody has such");
	refused(f, "enter 412 sex=Q", "enter: ");
	refused(f, "enter 412 name=", "enter: name= says nothing");
	refused(f, "enter", "a bib, and who has it");
	refused(f, "enter 123456789012345678901234567890123",
	    "at most 32 bytes");
	hold(f, "enter 412");
	assert_non_null(roster_find(f->b->roster, "412"));
	refused(f, "enter 412", "bib 412 is that of somebody");
	hold(f, "undo 1");
	assert_null(roster_find(f->b->roster, "412"));
	/* The chip's crossings go with it. */
	hold(f, "enter 413 chip=A1");
	assert_int_equal(elapsed(f, "413"), 1800 * S);
	assert_int_equal(roster_find(f->b->roster, "124")->chip_count, 0);
}

static void
reads_that_wait_for_who_is_entered_are_told_and_count(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++)
		cross(f, ARRIVEE, "17", "", (2000 + i) * S);
	cross(f, ARRIVEE, "18", "", 2010 * S);
	(void)only(f, "enter 17 name=Ada");
	assert_int_equal(f->c.note_count, 1);
	assert_string_equal(f->c.notes[0],
	    "17 has 3 reads waiting; they count now");
	/* C3 was read once, and nobody has it. */
	(void)only(f, "enter 18 chip=C3");
	assert_int_equal(f->c.note_count, 2);
	assert_true(is_noted(f, "18 has 1 read waiting; it counts now"));
	assert_true(is_noted(f, "chip C3 has 1 read waiting; it counts now"));
	(void)only(f, "change 7 chip=C3");
	assert_true(is_noted(f, "chip C3 has 1 read waiting; it counts now"));
	(void)only(f, "change 7 bib=17");
	assert_true(is_noted(f, "17 has 3 reads waiting; they count now"));
	/* What somebody has does not wait. */
	(void)only(f, "change 7 team=Alpha");
	assert_false(is_noted(f, "waiting"));
	hold(f, "enter 17 name=Ada");
	assert_int_equal(elapsed(f, "17"), 2000 * S);
	again(f);
	assert_int_equal(say(f, "enter 19 chip=A1"), 0);
	assert_false(is_noted(f, "waiting"));
}

static void
a_late_entry_tells_what_looks_like_a_slip(void **state)
{
	struct fixture *f = *state;

	hold(f, "change 7 team=Webhelp");
	(void)only(f, "enter 412 team=Webhelq");
	assert_int_equal(f->c.note_count, 1);
	assert_string_equal(f->c.notes[0],
	    "new team \"Webhelq\": near to \"Webhelp\"");
	(void)only(f, "enter 412 team=Webhelp");
	assert_int_equal(f->c.note_count, 0);
	(void)only(f, "change 124 team=Webhelq");
	assert_true(is_noted(f, "near to \"Webhelp\""));
	/* His own is the one that goes. */
	(void)only(f, "change 7 team=Webhelq");
	assert_false(is_noted(f, "near to"));
}

static void
an_entry_that_was_a_mistake_is_removed_and_comes_back(void **state)
{
	struct fixture *f = *state;
	const struct race_decision *d = only(f, "remove 7");

	assert_int_equal(d->verb, RACE_REMOVE_ENTRY);
	assert_string_equal(d->bib, "7");
	assert_int_equal(f->c.note_count, 1);
	assert_true(is_noted(f, "7 has 1 read, nobody's then"));
	assert_true(is_noted(f, "palmares mark"));
	refused(f, "remove", "as in remove 412");
	refused(f, "remove 7 412", "did you mean 142");
	again(f);
	assert_int_equal(say(f, "remove 142 7 142"), 0);
	assert_int_equal(f->c.count, 2);
	hold(f, "remove 7");
	assert_null(roster_find(f->b->roster, "7"));
	assert_int_equal(elapsed(f, "7"), -2);
	assert_int_equal(rank_waiting(f->b->rank, RACE_UNKNOWN_BIB, "7"), 1);
	refused(f, "mark dnf 7", "decision 1 has removed it; palmares undo 1");
	(void)only(f, "enter 7 name=Zoe");
	assert_true(
	    is_noted(f, "decision 1 has removed bib 7: palmares undo 1"));
	assert_true(is_noted(f, "7 has 1 read waiting"));
	hold(f, "undo 1");
	assert_string_equal(roster_find(f->b->roster, "7")->name, "Léa Blanc");
	assert_int_equal(elapsed(f, "7"), 1900 * S);
	hold(f, "undo 2");
	assert_null(roster_find(f->b->roster, "7"));
	/* Entered anew he is somebody else, whom undoing it does not touch. */
	hold(f, "enter 7 name=Ada");
	hold(f, "undo 3");
	assert_string_equal(roster_find(f->b->roster, "7")->name, "Ada");
}

static void
a_prize_of_who_is_removed_stays_with_the_bib_and_is_told(void **state)
{
	struct fixture *f = *state;

	(void)only(f, "remove 142");
	assert_false(is_noted(f, "prize"));
	hold(f, "award Scratch 1 to=142 note=x");
	(void)only(f, "remove 142");
	assert_true(is_noted(f,
	    "prize Scratch, place 1 went to bib 142, and stays there: palmares "
	    "award hands it on"));
}

static void
a_bib_that_was_changed_says_to_which(void **state)
{
	struct fixture *f = *state;

	hold(f, "change 124 bib=99");
	refused(f, "mark dsq 124",
	    "nobody has bib 124: by decision 1 it is 99");
	hold(f, "undo 1");
	assert_int_equal(only(f, "mark dsq 124")->verb, RACE_SET_STATUS);
}

static void
crossings_by_the_old_bib_are_told(void **state)
{
	struct fixture *f = *state;

	again(f);
	assert_int_equal(say(f, "change 7 bib=8"), 0);
	assert_int_equal(f->c.note_count, 2);
	assert_string_equal(f->c.notes[0], "bib: 7 -> 8");
	assert_non_null(strstr(f->c.notes[1], "1 crossing is by bib 7"));
}

static void
what_was_decided_is_undone_and_redone(void **state)
{
	struct fixture *f = *state;

	refused(f, "undo 1", "nothing was decided yet");
	assert_int_equal(correct_undo(&f->c, NULL, 0, &f->err), -EINVAL);
	assert_string_equal(f->err.text, "undo: nothing was decided yet");
	hold(f, "penalty 124 +2:00");
	assert_int_equal(correct_undo(&f->c, NULL, 0, &f->err), -EINVAL);
	assert_non_null(strstr(f->err.text, "The last: 1 (124: penalty"));
	refused(f, "undo 2", "numbers 1 to 1");
	refused(f, "undo x", "a number");
	refused(f, "undo 0", "numbers 1 to 1");
	hold(f, "undo 1");
	assert_int_equal(elapsed(f, "124"), 1800 * S);
	refused(f, "undo 1", "undone already, by 2: palmares undo 2");
	hold(f, "undo 2");
	assert_int_equal(elapsed(f, "124"), 1920 * S);
	hold(f, "penalty 7 +1:00");
	again(f);
	assert_int_equal(say(f, "undo 3-4 4"), 0);
	assert_int_equal(f->c.count, 2);
}

static void
an_undo_and_what_it_undid_are_undone_together(void **state)
{
	struct fixture *f = *state;

	/* As a file that undoes one of its own rows is. */
	hold(f, "penalty 124 +2:00");
	hold(f, "undo 1");
	hold(f, "penalty 7 +1:00");
	hold(f, "undo 1-3");
	assert_int_equal(elapsed(f, "124"), 1800 * S);
	assert_int_equal(elapsed(f, "7"), 1900 * S);
	refused(f, "undo 2", "undone already, by 5");
	/* And brought back: the penalty stays undone by its row. */
	hold(f, "undo 4-6");
	assert_int_equal(elapsed(f, "124"), 1800 * S);
	assert_int_equal(elapsed(f, "7"), 1960 * S);
	hold(f, "undo 2");
	assert_int_equal(elapsed(f, "124"), 1920 * S);
}

static void
a_reason_is_given_to_those_without(void **state)
{
	struct fixture *f = *state;

	again(f);
	assert_int_equal(say(f, "mark dsq 124"), 0);
	correct_reason(&f->c, "cut the course");
	assert_int_equal(say(f, "mark dnf 7"), 0);
	correct_reason(&f->c, "hurt");
	assert_string_equal(decision(f, 0)->reason, "cut the course");
	assert_string_equal(decision(f, 1)->reason, "hurt");
	assert_int_equal(f->c.events[1].id.seq, 2);
}

/* ---- consequences ---- */

static const char *
told(struct fixture *f)
{
	size_t len;
	FILE *out;

	free(f->text);
	f->text = NULL;
	out = open_memstream(&f->text, &len);
	consequences_print(out, &f->c, f->b);
	fclose(out);
	return f->text;
}

static void
who_changes_place_is_told(void **state)
{
	struct fixture *f = *state;

	(void)only(f, "mark dsq 124");
	assert_string_equal(told(f),
	    "What changes by that:\n"
	    "  scratch\n"
	    "    124  Zoé Petit  place 1, 30:00 -> DSQ\n"
	    "    2 others move: places 2 to 3 up 1\n"
	    "  prizes that change hands\n"
	    "    Scratch, place 1\n"
	    "      124 Zoé Petit -> 142 Paul Roux\n");
}

static void
who_has_no_place_is_told_with_the_time_that_changes(void **state)
{
	struct fixture *f = *state;

	hold(f, "mark nc 124");
	(void)only(f, "penalty 124 +1:00");
	assert_string_equal(told(f),
	    "What changes by that:\n"
	    "  scratch\n"
	    "    124  Zoé Petit  NC, 30:00 -> NC, 31:00\n");
}

static void
who_is_removed_is_told_by_name(void **state)
{
	struct fixture *f = *state;

	(void)only(f, "remove 7");
	assert_string_equal(told(f),
	    "What changes by that:\n"
	    "  scratch\n"
	    "    7  Léa Blanc  place 3, 31:40 -> not there\n");
	/* What was previewed has been applied. */
	f->job.stream += 100;
	f->job.made_us += S;
	(void)only(f, "undo 1");
	assert_string_equal(told(f),
	    "What changes by that:\n"
	    "  scratch\n"
	    "    7  Léa Blanc  not there -> place 3, 31:40\n");
}

static void
nothing_told_where_no_ranking_changes(void **state)
{
	struct fixture *f = *state;

	(void)only(f, "void arrivee:4");
	assert_string_equal(told(f), "No ranking changes by that.\n");
}

static void
splits_alone_name_the_ranking(void **state)
{
	struct fixture *f = *state;

	(void)only(f, "add 124 depart 10:00:03");
	assert_string_equal(told(f),
	    "What changes by that:\n"
	    "  the same places and shown times, but other details: "
	    "scratch\n");
}

static void
a_gun_that_moves_all_alike_is_told_in_short(void **state)
{
	struct fixture *f = *state;

	enter(f, "20", "", "");
	enter(f, "21", "", "");
	cross(f, ARRIVEE, "20", "", 2000 * S);
	cross(f, ARRIVEE, "21", "", 2001 * S);
	(void)only(f, "gun 10:00:05");
	assert_string_equal(told(f),
	    "What changes by that:\n"
	    "  scratch\n"
	    "    124  Zoé Petit  place 1, 30:00 -> place 1, 29:55\n"
	    "    142  Paul Roux  place 2, 30:01 -> place 2, 29:56\n"
	    "    7    Léa Blanc  place 3, 31:40 -> place 3, 31:35\n"
	    "    and 2 more, each 0:05 faster; they keep their places\n");
}

/* ---- files ---- */

static size_t
take_file(struct fixture *f, const char *text, struct conf_report *report)
{
	char path[] = "/tmp/palmares-correct-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	again(f);
	assert_int_equal(correct_file(&f->c, path, report, &f->err), 0);
	unlink(path);
	return report->errors;
}

static void
rows_of_a_file_build_upon_each_other(void **state)
{
	struct fixture *f = *state;
	struct conf_report report = { 0 };

	assert_int_equal(take_file(f,
	                     "verb;bib;time;point;amount;new-bib;chip;reason\n"
	                     "change;124;;;;99;;wrong bib\n"
	                     "dsq;99;;;;;;cut\n"
	                     "penalty;7;;;-0:30;;;\n"
	                     "change;142;;;;;D4;\n"
	                     "time;7;10:33:00;arrivee;;;;\n",
	                     &report),
	    0);
	assert_int_equal(f->c.count, 5);
	assert_int_equal(decision(f, 0)->verb, RACE_SET_ENTRY);
	assert_string_equal(decision(f, 0)->entry->bib, "99");
	assert_string_equal(decision(f, 1)->bib, "99");
	assert_string_equal(decision(f, 1)->reason, "cut");
	assert_int_equal(decision(f, 2)->amount_us, -30 * S);
	assert_string_equal(decision(f, 3)->entry->chips[0], "D4");
	assert_int_equal(elapsed(f, "7"), 1950 * S);
	conf_report_clear(&report);
}

static void
every_mistake_of_a_file_has_its_line(void **state)
{
	static const char *const words[] = { "nobody has bib", "verb \"kick\"",
		"takes no point", "column time is empty" };
	struct fixture *f = *state;
	struct conf_report report = { 0 };

	assert_int_equal(take_file(f,
	                     "verb,bib,point,time\n"
	                     "dsq,412,,\n"
	                     "dsq,124,,\n"
	                     "kick,124,,\n"
	                     "dnf,7,arrivee,\n"
	                     "add,7,arrivee,\n",
	                     &report),
	    4);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(report.problems[i].line, i == 0 ? 2 : i + 3);
		if (strstr(report.problems[i].text, words[i]) == NULL)
			fail_msg("%s", report.problems[i].text);
	}
	conf_report_clear(&report);
	report = (struct conf_report){ 0 };
	assert_int_equal(take_file(f, "bib,time\n124,\n", &report), 1);
	assert_non_null(strstr(report.problems[0].text, "one of them is verb"));
	conf_report_clear(&report);
	report = (struct conf_report){ 0 };
	assert_int_equal(take_file(f, "", &report), 1);
	conf_report_clear(&report);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void
what_was_decided_of_a_bib_is_told_when_it_changes(void **state)
{
	struct fixture *f = *state;

	hold(f, "mark dsq 124");
	hold(f, "penalty 124 +2:00");
	hold(f, "start 124 10:00:10");
	hold(f, "award Scratch 1 to=124 note=photo");
	(void)only(f, "change 124 bib=99");
	assert_true(is_noted(f, "palmares mark dsq 99"));
	assert_true(is_noted(f, "palmares penalty 99 +2:00"));
	assert_true(is_noted(f, "10:00:10: palmares start 99"));
	assert_true(is_noted(f, "prize Scratch, place 1"));
	hold(f, "penalty 142 -0:30.5");
	(void)only(f, "change 142 bib=98");
	assert_true(is_noted(f, "palmares penalty 98 -0:30.5"));
	assert_false(is_noted(f, "palmares mark"));
	assert_false(is_noted(f, "palmares start"));
	assert_false(is_noted(f, "prize"));
	/* What the entry itself says goes with it. */
	hold(f, "change 7 status=dnf start=10:00:20");
	(void)only(f, "change 7 bib=8");
	assert_false(is_noted(f, "palmares mark"));
	assert_false(is_noted(f, "palmares start"));
}

static void
an_undo_tells_what_was_said_since_and_stays(void **state)
{
	struct fixture *f = *state;

	hold(f, "change 124 team=Alpha");
	hold(f, "change 124 name=Zed");
	(void)only(f, "undo 1");
	assert_true(is_noted(f, "decision 2 came later, and stays: entry 124"));
	again(f);
	assert_int_equal(say(f, "undo 1-2"), 0);
	assert_int_equal(f->c.note_count, 0);
	hold(f, "undo 1-2");
	(void)only(f, "undo 4");
	assert_int_equal(f->c.note_count, 0);
	hold(f, "undo 4");
	/* Done again, it is not what holds either. */
	(void)only(f, "undo 3");
	assert_true(is_noted(f, "decision 2 came later, and stays: entry 124"));
	hold(f, "change 124 bib=99");
	hold(f, "change 99 team=Beta");
	(void)only(f, "undo 6");
	assert_true(is_noted(f, "decision 7 came later, and stays: entry 99"));
}

/* As a spreadsheet says it, now. */
static void
import(struct fixture *f, const char *bib, const char *name)
{
	put_entry(f, IMPORT, bib, name, "");
	f->job.made_us += S;
}

static void
an_undo_tells_what_was_imported_since_and_stays(void **state)
{
	struct fixture *f = *state;

	import(f, "7", "Lea");
	hold(f, "change 7 name=Zed");
	(void)only(f, "undo 1");
	assert_int_equal(f->c.note_count, 0);
	import(f, "7", "Leah");
	(void)only(f, "undo 1");
	assert_int_equal(f->c.note_count, 1);
	assert_true(is_noted(f,
	    "what a spreadsheet said of bib 7 came later, and stays"));
	hold(f, "undo 1");
	assert_string_equal(roster_find(f->b->roster, "7")->name, "Leah");
	/* Done again, it is not what holds either. */
	(void)only(f, "undo 2");
	assert_true(is_noted(f, "what a spreadsheet said of bib 7"));
	hold(f, "remove 142");
	(void)only(f, "undo 3");
	assert_int_equal(f->c.note_count, 0);
	import(f, "142", "Paul");
	(void)only(f, "undo 3");
	assert_true(is_noted(f, "what a spreadsheet said of bib 142"));
}

static void
each_kind_of_decision_can_be_overridden_by_a_later_one(void **state)
{
	static const char *const pairs[][2] = {
		{ "mark dsq 124", "mark dnf 124" },
		{ "start 124 10:00:10", "start 124 10:00:20" },
		{ "time 124 arrivee 10:40:00", "time 124 arrivee 10:41:00" },
		{ "gun 10:00:05", "gun 10:00:06" },
		{ "publish scratch final", "publish scratch provisional" },
		{ "move arrivee:4 bib=124", "move arrivee:4 bib=142" },
		{ "move arrivee:1 point=depart",
		    "move arrivee:1 "
		    "point=arrivee" },
		{ "swap 124 142", "move arrivee:2 bib=7" },
		{ "award Scratch 1 to=7 note=x",
		    "award Scratch 1 to=142 note=y" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		char line[32];

		hold(f, pairs[i][0]);
		hold(f, pairs[i][1]);
		snprintf(line, sizeof line, "undo %zu",
		    rulings_count(f->b->rulings) - 1);
		(void)only(f, line);
		if (f->c.note_count != 1 || !is_noted(f, "came later"))
			fail_msg("%s", pairs[i][0]);
		snprintf(line, sizeof line, "undo %zu",
		    rulings_count(f->b->rulings));
		(void)only(f, line);
		if (f->c.note_count != 0)
			fail_msg("%s: %s", pairs[i][1], f->c.notes[0]);
		snprintf(line, sizeof line, "undo %zu-%zu",
		    rulings_count(f->b->rulings) - 1,
		    rulings_count(f->b->rulings));
		hold(f, line);
	}
	/* All of these hold, none is of the last. */
	hold(f, "penalty 124 +1:00");
	hold(f, "penalty 124 +2:00");
	hold(f, "move arrivee:1 bib=142");
	hold(f, "move arrivee:1 point=depart");
	for (size_t n = rulings_count(f->b->rulings) - 3;
	     n <= rulings_count(f->b->rulings); n++) {
		char line[32];

		snprintf(line, sizeof line, "undo %zu", n);
		(void)only(f, line);
		assert_int_equal(f->c.note_count, 0);
	}
}

static void
a_start_of_the_clock_is_the_one_nearest_to_the_gun(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(only(f, "start 124 07:00:00")->time_us,
	    TEN - INT64_C(3) * 3600 * S);
	enter(f, "12", "", "");
	assert_int_equal(only(f, "start 12 21:00:00")->time_us,
	    TEN + INT64_C(11) * 3600 * S);
}

static void
what_is_said_twice_is_decided_once_or_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(only(f, "mark dsq 124 124")->status, RACE_DSQ);
	assert_int_equal(only(f, "void arrivee:1 arrivee:1")->target.seq, 1);
	refused(f, "move arrivee:1 bib=142 bib=7", "one bib");
	refused(f, "move arrivee:1 point=depart point=arrivee", "one point");
	refused(f, "change 124 bib=9 bib=10", "one bib");
}

static void
a_bib_has_no_blank_at_its_ends(void **state)
{
	char *const blanks[] = { (char[]){ "bib= 9" }, (char[]){ "bib=9 " } };
	struct fixture *f = *state;

	for (size_t i = 0; i < 2; i++) {
		char *words[] = { (char[]){ "124" }, blanks[i] };

		again(f);
		assert_int_equal(correct_change(&f->c, words, 2, &f->err),
		    -EINVAL);
		assert_non_null(strstr(f->err.text, "no blank at its ends"));
	}
}

static void
a_column_is_emptied_by_a_minus_and_not_by_nothing(void **state)
{
	struct fixture *f = *state;

	refused(f, "change 124 chip=", "chip=- empties it");
	assert_int_equal(only(f, "change 124 chip=-")->entry->chip_count, 0);
	refused(f, "change 124 bib=", "not empty");
}

static void
a_long_file_says_that_it_is_stored_in_parts(void **state)
{
	struct fixture *f = *state;
	struct conf_report report = { 0 };
	char text[4096] = "\xef\xbb\xbf"
	                  "Verb;bib;amount;reason\r\n";

	for (int i = 0; i < 60; i++)
		strcat(text, "penalty;124;+0:01;pushed\r\n");
	assert_int_equal(take_file(f, text, &report), 0);
	assert_int_equal(f->c.count, 60);
	assert_false(is_noted(f, "in parts"));
	conf_report_clear(&report);
	book_free(f->b);
	f->b = book_new(&rules, FILES);
	f->seq[FILES] = 0;
	enter(f, "124", "Zoé Petit", "A1");
	f->job.book = f->b;
	strcat(text, "penalty;124;+0:01;pushed\r\n");
	assert_int_equal(take_file(f, text, &report), 0);
	assert_int_equal(f->c.count, 61);
	assert_true(is_noted(f, "in parts"));
	conf_report_clear(&report);
}

static void
who_gets_a_bib_gets_what_was_decided_of_it_and_is_told(void **state)
{
	struct fixture *f = *state;

	hold(f, "mark dsq 124");
	hold(f, "penalty 142 +1:00");
	hold(f, "change 124 bib=99");
	(void)only(f, "enter 124 name=Ada");
	assert_int_equal(f->c.note_count, 1);
	assert_true(
	    is_noted(f, "decision 1 holds for whoever has bib 124: 124: DSQ"));
	(void)only(f, "change 7 bib=124");
	assert_true(is_noted(f, "decision 1 holds for whoever has bib 124"));
	(void)only(f, "enter 125 name=Ada");
	assert_int_equal(f->c.note_count, 0);
	hold(f, "undo 1");
	(void)only(f, "enter 124 name=Ada");
	assert_int_equal(f->c.note_count, 0);
}

static void
a_swap_is_not_spoilt_by_reads_that_did_not_count(void **state)
{
	struct fixture *f = *state;

	/* Over the mat once more, between the two. */
	cross(f, ARRIVEE, "", "A1", 1800 * S + S / 2);
	hold(f, "swap 124 142");
	assert_int_equal(elapsed(f, "124"), 1801 * S);
	assert_int_equal(elapsed(f, "142"), 1800 * S);
	hold(f, "undo 1-2");
	assert_int_equal(elapsed(f, "124"), 1800 * S);
	assert_int_equal(elapsed(f, "142"), 1801 * S);
	hold(f, "swap 142 124");
	assert_int_equal(elapsed(f, "124"), 1801 * S);
	assert_int_equal(elapsed(f, "142"), 1800 * S);
	/* What was set hides what the mat says. */
	hold(f, "time 7 arrivee 10:31:45");
	cross(f, ARRIVEE, "", "B2", 1906 * S);
	hold(f, "time 142 arrivee 10:31:46");
	hold(f, "swap 142 7");
	assert_int_equal(elapsed(f, "142"), 1905 * S);
	assert_int_equal(elapsed(f, "7"), 1906 * S);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_status_is_marked_once),
		TEST(an_unknown_bib_is_refused_with_near_ones),
		TEST(a_penalty_has_a_sign),
		TEST(a_time_is_of_the_clock_or_after_the_start),
		TEST(crossings_are_voided_and_moved_by_number),
		TEST(crossings_are_voided_and_moved_by_name),
		TEST(a_number_that_another_laptop_with_that_name_has_is_said),
		TEST(a_gun_that_was_taken_from_what_is_no_read_is_told),
		TEST(crossings_of_a_station_are_voided_by_the_range),
		TEST(what_was_looked_at_is_set_aside_until_its_facts_change),
		TEST(nothing_is_set_aside_by_a_file),
		TEST(who_was_never_seen_is_marked_at_one_stroke),
		TEST(a_photo_finish_swaps_what_counts),
		TEST(a_swap_is_not_spoilt_by_reads_that_did_not_count),
		TEST(a_gun_is_a_time_or_now_or_a_crossing),
		TEST(a_start_of_his_own),
		TEST(an_entry_changes_in_what_is_said),
		TEST(a_chip_is_taken_from_who_wore_it),
		TEST(a_late_entry_is_a_decision),
		TEST(reads_that_wait_for_who_is_entered_are_told_and_count),
		TEST(a_late_entry_tells_what_looks_like_a_slip),
		TEST(an_entry_that_was_a_mistake_is_removed_and_comes_back),
		TEST(a_prize_of_who_is_removed_stays_with_the_bib_and_is_told),
		TEST(a_bib_that_was_changed_says_to_which),
		TEST(crossings_by_the_old_bib_are_told),
		TEST(what_was_decided_is_undone_and_redone),
		TEST(what_was_decided_of_a_bib_is_told_when_it_changes),
		TEST(an_undo_tells_what_was_said_since_and_stays),
		TEST(an_undo_tells_what_was_imported_since_and_stays),
		TEST(each_kind_of_decision_can_be_overridden_by_a_later_one),
		TEST(a_start_of_the_clock_is_the_one_nearest_to_the_gun),
		TEST(a_gun_at_midnight_is_put_right_by_minutes),
		TEST(
		    of_a_time_that_comes_twice_the_first_after_his_start_is_taken),
		TEST(what_is_said_twice_is_decided_once_or_refused),
		TEST(a_column_is_emptied_by_a_minus_and_not_by_nothing),
		TEST(a_bib_has_no_blank_at_its_ends),
		TEST(who_gets_a_bib_gets_what_was_decided_of_it_and_is_told),
		TEST(a_long_file_says_that_it_is_stored_in_parts),
		TEST(an_undo_and_what_it_undid_are_undone_together),
		TEST(a_reason_is_given_to_those_without),
		TEST(who_changes_place_is_told),
		TEST(who_has_no_place_is_told_with_the_time_that_changes),
		TEST(who_is_removed_is_told_by_name),
		TEST(nothing_told_where_no_ranking_changes),
		TEST(splits_alone_name_the_ranking),
		TEST(a_gun_that_moves_all_alike_is_told_in_short),
		TEST(rows_of_a_file_build_upon_each_other),
		TEST(every_mistake_of_a_file_has_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
