#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "common/instant.h"
#include "control/explain_print.h"
#include "support/decisions.h"
#include "support/flat.h"
#include "support/handmade.h"
#include "support/plain.h"

#define S HANDMADE_S

struct fixture {
	struct handmade *h;
	struct name_streams *streams;
	struct story story;
	char *text;
};

static void
begin_story(struct fixture *f)
{
	static const char *const names[] = { "depart", "mi-course", "arrivee",
		"ailleurs" };

	name_streams_free(f->streams);
	f->streams = name_streams_new();
	for (uint64_t i = 0; i < 4; i++)
		name_stream(f->streams, HANDMADE_STATION + i, names[i], false);
	name_stream(f->streams, HANDMADE_OPERATOR, "anna", true);
	f->story = (struct story){ .streams = f->streams,
		.rulings = f->h->book->rulings,
		.date = "2014-09-21" };
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	f->h = handmade_new();
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	name_streams_free(f->streams);
	handmade_free(f->h);
	free(f->text);
	free(f);
	return 0;
}

static const char *
explained(struct fixture *f, size_t v, const char *label, bool json)
{
	struct explain *e;
	size_t len;
	FILE *out;

	free(f->text);
	f->text = NULL;
	begin_story(f);
	assert_int_equal(explain_new(&e, f->h->book, f->h->crossings, v, label),
	    0);
	out = open_memstream(&f->text, &len);
	if (json)
		assert_int_equal(explain_json(out, e, &f->story), 0);
	else
		explain_print(out, e, &f->story);
	fclose(out);
	explain_free(e);
	return f->text;
}

/* Blanks count as one, so that nothing here depends on columns. */
static void
says(struct fixture *f, size_t v, const char *label, const char *expected)
{
	char *said = flat(strdup(explained(f, v, label, false)));

	if (strstr(said, expected) == NULL)
		fail_msg("'%s' is not said:\n%s", expected, f->text);
	free(said);
}

/* ---- the golden ones: every line of them was looked at ---- */

/* tests/golden/NAME is what has to be said. */
static void
golden(const char *name, const char *said)
{
	char path[400];
	char expected[8000];
	size_t len;
	FILE *in;

	snprintf(path, sizeof path, "%s/%s", GOLDEN, name);
	in = fopen(path, "r");
	if (in == NULL)
		fail_msg("%s: not there; it would be:\n%s", path, said);
	len = fread(expected, 1, sizeof expected - 1, in);
	fclose(in);
	expected[len] = '\0';
	if (strcmp(expected, said) != 0) {
		fputs(said, stdout);
		fail_msg("%s is other than that", path);
	}
}

static void
the_whole_chain_is_told(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "Anne Martin", "F", "PMU");
	handmade_enter(f->h, "2", "Zoé Petit", "F", "PMU");
	handmade_enter(f->h, "3", "Paul Roy", "M", "Orange");
	handmade_cross(f->h, 0, "1", "", -30 * S);
	handmade_cross(f->h, 0, "1", "", 4 * S + S / 5);
	handmade_cross(f->h, 1, "1", "", 900 * S);
	handmade_cross(f->h, 1, "1", "", 902 * S);
	handmade_cross(f->h, 2, "1", "", 600 * S);
	handmade_stamp(f->h, 2, "1", 1865 * S - S / 5, S / 5, S / 500);
	handmade_run(f->h, "2", 0, 1990 * S);
	handmade_run(f->h, "3", 0, 1980 * S);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_PENALTY,
	        .bib = "1",
	        .amount_us = 120 * S,
	        .reason = "cut the corner" });
	golden("explain-runner.txt", explained(f, HANDMADE_WOMEN, "1", false));
	golden("explain-team.txt", explained(f, HANDMADE_TEAMS, "PMU", false));
}

static void
no_line_is_longer_than_80_columns(void **state)
{
	struct fixture *f = *state;
	const char *line;

	handmade_enter(f->h, "1",
	    "Anne-Charlotte Marie Bernadette Martin de la Tour du Pin", "F",
	    "Association sportive et culturelle du personnel");
	handmade_run(f->h, "1", 0, 1865 * S);
	for (int i = 0; i < 6; i++)
		handmade_stamp(f->h, 2, "1", 2000 * S + i, S, S);
	line = explained(f, HANDMADE_SCRATCH, "1", false);
	while (*line != '\0') {
		size_t len = strcspn(line, "\n");

		if (len > 80)
			fail_msg("too long: %.*s", (int)len, line);
		line += len + (line[len] == '\n');
	}
}

/* ---- reads ---- */

static void
reads_of_others_and_voided_ones_say_so(void **state)
{
	struct fixture *f = *state;
	struct race_id id;

	handmade_enter(f->h, "1", "", "", "");
	handmade_enter(f->h, "2", "", "", "");
	id = handmade_cross(f->h, 1, "1", "", 900 * S);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_VOID_READ, .target = id });
	says(f, HANDMADE_SCRATCH, "1",
	    "mi-course:1 not used: voided by an operator");
	id = handmade_cross(f->h, 1, "1", "", 1000 * S);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_MOVE_READ,
	        .target = id,
	        .bib = "2" });
	says(f, HANDMADE_SCRATCH, "1", "mi-course:2 not used: it is that of 2");
	says(f, HANDMADE_SCRATCH, "2", "mi-course:2 counts; named 1");
	handmade_cross(f->h, 3, "1", "", 1100 * S);
	says(f, HANDMADE_SCRATCH, "1",
	    "no point of the course 10:18:20 ailleurs:1 not used: not on the "
	    "course");
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_TIME,
	        .bib = "1",
	        .point = "mi-course",
	        .time_us = HANDMADE_GUN_US + 950 * S });
	says(f, HANDMADE_SCRATCH, "1",
	    "counts: it was set; added by an operator");
}

static void
too_early_and_too_late_are_told_from_the_start(void **state)
{
	struct fixture *f = *state;

	f->h->points[1].max_us = 3600 * S;
	handmade_begin(f->h);
	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 1, "1", "", -60 * S);
	handmade_cross(f->h, 2, "1", "", 600 * S);
	handmade_cross(f->h, 1, "1", "", 3601 * S);
	says(f, HANDMADE_SCRATCH, "1",
	    "09:59:00 mi-course:1 not used: too early, before the start");
	says(f, HANDMADE_SCRATCH, "1",
	    "too early, less than 15:00 after the start");
	says(f, HANDMADE_SCRATCH, "1",
	    "too late, more than 1:00:00 after the start");
}

static void
of_a_read_of_another_he_is_named(void **state)
{
	struct fixture *f = *state;
	struct race_entry e = plain_entry("1");
	const char *chip = "A1";
	struct race_id id;

	handmade_enter(f->h, "2", "Zoé Petit", "", "");
	e.chips = &chip;
	e.chip_count = 1;
	handmade_entry(f->h, &e);
	id = handmade_cross(f->h, 1, "1", "", 900 * S);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_MOVE_READ,
	        .target = id,
	        .bib = "2" });
	says(f, HANDMADE_SCRATCH, "1",
	    "mi-course:1 not used: it is that of 2 Zoé Petit");
	assert_non_null(strstr(explained(f, HANDMADE_SCRATCH, "1", true),
	    "\"whose\": \"2\""));
	id = handmade_cross(f->h, 1, "", "A1", 910 * S);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_MOVE_READ,
	        .target = id,
	        .bib = "77" });
	says(f, HANDMADE_SCRATCH, "1", "mi-course:2 not used: nobody has 77");
}

/* Every text of a log that nobody has checked. */
static void
nothing_that_steers_a_terminal_is_printed(void **state)
{
	static const char evil[] = "\x1b[2J\xe2\x80\xae\x9b"
	                           "1m";
	struct fixture *f = *state;
	struct race_entry e = plain_entry("1");
	struct race_event crossing = { .kind = RACE_CROSSING };
	const char *said;

	e.name = evil;
	e.sex = evil;
	e.category = evil;
	e.team = evil;
	e.nation = evil;
	e.wave = evil;
	e.chips = (const char *const[]){ evil };
	e.chip_count = 1;
	handmade_entry(f->h, &e);
	crossing.crossing = (struct race_crossing){ .point = evil,
		.bib = "1",
		.chip = evil,
		.source = evil,
		.time_us = HANDMADE_GUN_US + 900 * S };
	handmade_event(f->h, (struct race_id){ HANDMADE_STATION, 99 },
	    &crossing);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_PENALTY,
	        .bib = "1",
	        .amount_us = S,
	        .by = evil,
	        .reason = evil });
	for (int v = HANDMADE_SCRATCH; v <= HANDMADE_KM; v++) {
		bool team = v == HANDMADE_TEAMS || v == HANDMADE_KM;

		said = explained(f, (size_t)v, team ? evil : "1", false);
		assert_null(strpbrk(said, "\x1b\x9b"));
		assert_null(strstr(said, "\xe2\x80\xae"));
		assert_non_null(strstr(said, "\xef\xbf\xbd[2J"));
	}
}

static void
who_has_no_read_has_none(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "", "", "");
	says(f, HANDMADE_SCRATCH, "1", "no place in scratch: not seen");
	says(f, HANDMADE_SCRATCH, "1", "Reads none");
	says(f, HANDMADE_SCRATCH, "1", "start line no read: the gun counts");
	says(f, HANDMADE_SCRATCH, "1", "at arrivee: no read counts there");
	says(f, HANDMADE_SCRATCH, "1", "by gun: no time");
	says(f, HANDMADE_SCRATCH, "1",
	    "status not seen: no read counts anywhere");
}

/* ---- starts ---- */

static void
a_wave_is_entered_or_found_or_the_first(void **state)
{
	struct fixture *f = *state;
	struct race_entry e = plain_entry("1");

	handmade_entry(f->h, &e);
	says(f, HANDMADE_SCRATCH, "1",
	    "wave masse, the first one, for none is entered, and no start in a "
	    "window counts gun");
	handmade_run(f->h, "1", 610 * S, 2600 * S);
	says(f, HANDMADE_SCRATCH, "1",
	    "wave elite, for the start was crossed in its window");
	e.bib = "2";
	e.wave = "walkers";
	handmade_entry(f->h, &e);
	says(f, HANDMADE_SCRATCH, "2",
	    "wave walkers: there is no such wave, so no start");
}

static void
a_start_of_ones_own_is_entered_or_decided(void **state)
{
	struct fixture *f = *state;
	struct race_entry e = plain_entry("1");

	e.start_us = HANDMADE_GUN_US + 5 * S;
	handmade_entry(f->h, &e);
	handmade_run(f->h, "1", 6 * S, 1805 * S);
	says(f, HANDMADE_SCRATCH, "1", "own start 10:00:05, as entered");
	says(f, HANDMADE_SCRATCH, "1",
	    "start line 10:00:06, 0:01 after the own start");
	says(f, HANDMADE_SCRATCH, "1",
	    "by gun, which is the own start: 10:30:05 - 10:00:05 = 30:00");
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_START,
	        .bib = "1",
	        .time_us = HANDMADE_GUN_US + 6 * S });
	says(f, HANDMADE_SCRATCH, "1", "own start 10:00:06, as decided");
	says(f, HANDMADE_SCRATCH, "1", "10:30:05 - 10:00:06 = 29:59");
}

static void
over_the_line_before_the_gun_is_no_time_below_zero(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 0, "1", "", -3 * S);
	says(f, HANDMADE_LIVE, "1", "start line 09:59:57, 0:03 before the gun");
	says(f, HANDMADE_LIVE, "1",
	    "09:59:57 - 10:00:00 = 0:00, for nobody is before the gun");
}

static void
a_moved_gun_and_an_undone_decision_are_part_of_it(void **state)
{
	struct fixture *f = *state;
	struct race_id id;

	handmade_enter(f->h, "1", "", "", "");
	handmade_run(f->h, "1", 20 * S, 1805 * S);
	id = handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_GUN,
	        .wave = "masse",
	        .time_us = HANDMADE_GUN_US + 10 * S,
	        .reason = "late" });
	says(f, HANDMADE_SCRATCH, "1",
	    "1 gun of masse at 10:00:10; by anna at 12:00:02 (late)");
	says(f, HANDMADE_SCRATCH, "1", "gun 10:00:10, as decided");
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_UNDO, .target = id });
	says(f, HANDMADE_SCRATCH, "1", "(late); undone by 2");
	says(f, HANDMADE_SCRATCH, "1", "gun 10:00:00");
}

/* ---- rules ---- */

static void
who_does_not_pass_a_filter_is_told_which(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "", "M", "");
	handmade_run(f->h, "1", 0, 1800 * S);
	says(f, HANDMADE_WOMEN, "1", "not in femmes");
	says(f, HANDMADE_WOMEN, "1", "sex F: no (M), so not in this ranking");
	says(f, HANDMADE_ELITE, "1",
	    "wave elite: no (masse), so not in this ranking");
	handmade_enter(f->h, "2", "", "", "");
	says(f, HANDMADE_WOMEN, "2", "sex F: no (none)");
}

static struct race_category categories[] = {
	{ .name = (char[]){ "SE" },
	    .sex = (char[]){ "" },
	    .from = 18,
	    .to = 39 },
	{ .name = (char[]){ "V" },
	    .sex = (char[]){ "" },
	    .from = 40,
	    .to = 99 },
};

static void
a_category_says_how_one_comes_into_it(void **state)
{
	struct fixture *f = *state;
	struct race_entry e = plain_entry("1");

	f->h->rules.categories = categories;
	f->h->rules.category_count = 2;
	f->h->rankings[HANDMADE_SCRATCH].category = (char[]){ "SE" };
	handmade_begin(f->h);
	e.born = "1974-09-22";
	handmade_entry(f->h, &e);
	says(f, HANDMADE_SCRATCH, "1", "category SE: yes, at the age of 39");
	e.born = "1974";
	handmade_entry(f->h, &e);
	says(f, HANDMADE_SCRATCH, "1",
	    "category SE: no (V, at the age of 40 by the year of birth), so "
	    "not in this ranking");
	e.category = "SE";
	handmade_entry(f->h, &e);
	says(f, HANDMADE_SCRATCH, "1", "category SE: yes, as entered");
	e.born = e.category = "";
	handmade_entry(f->h, &e);
	says(f, HANDMADE_SCRATCH, "1",
	    "category SE: no (none, for no birth is known)");
}

static void
who_has_no_start_has_no_place_for_that(void **state)
{
	struct fixture *f = *state;

	f->h->waves[0].gun_us = RACE_NO_TIME;
	handmade_begin(f->h);
	handmade_enter(f->h, "1", "", "", "");
	handmade_run(f->h, "1", 0, 1800 * S);
	says(f, HANDMADE_SCRATCH, "1",
	    "gun not yet: nobody of that wave has a time");
	says(f, HANDMADE_SCRATCH, "1",
	    "status finished, but no place without a time");
}

static void
of_one_time_the_order_is_told(void **state)
{
	struct fixture *f = *state;

	f->h->rankings[HANDMADE_SCRATCH].ties = RACE_TIES_ORDER;
	handmade_begin(f->h);
	handmade_enter(f->h, "1", "", "", "");
	handmade_enter(f->h, "2", "", "", "");
	handmade_cross(f->h, 2, "2", "", 1800 * S);
	handmade_cross(f->h, 2, "1", "", 1800 * S);
	says(f, HANDMADE_SCRATCH, "2",
	    "behind 2. 1, 30:00, the same time, recorded after");
	says(f, HANDMADE_SCRATCH, "1",
	    "before 1. 2, 30:00, the same time, recorded before");
}

static void
who_is_first_elsewhere_is_told_where(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "", "", "");
	handmade_run(f->h, "1", 0, 1800 * S);
	handmade_enter(f->h, "2", "", "", "");
	handmade_run(f->h, "2", 0, 1900 * S);
	says(f, HANDMADE_REST, "1",
	    "without the first 1 of scratch: place 1 there, so not in this "
	    "one");
	says(f, HANDMADE_REST, "2",
	    "without the first 1 of scratch: not one of them");
	says(f, HANDMADE_REST, "2", "1. of 1 in autres");
}

static void
net_is_from_the_start_line_but_for_the_first_by_gun(void **state)
{
	struct fixture *f = *state;

	for (int i = 1; i <= 3; i++) {
		char bib[8];

		snprintf(bib, sizeof bib, "%d", i);
		handmade_enter(f->h, bib, "", "", "");
		handmade_run(f->h, bib, 10 * i * S, (1800 + i) * S);
	}
	says(f, HANDMADE_NET, "1",
	    "the first 2 by gun keep the places of the gun: one of them");
	says(f, HANDMADE_NET, "1",
	    "by gun, as one of the first: 10:30:01 - 10:00:00 = 30:01");
	says(f, HANDMADE_NET, "3",
	    "the first 2 by gun go before: not one of them");
	says(f, HANDMADE_NET, "3", "by net: 10:30:03 - 10:00:30 = 29:33");
	says(f, HANDMADE_NET, "3", "3. of 3 in net");
}

static void
live_and_by_kilometres_look_at_the_furthest_point(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 1, "1", "", 900 * S);
	says(f, HANDMADE_LIVE, "1",
	    "at the furthest point: mi-course, 4 km, 10:15:00");
	says(f, HANDMADE_DISTANCE, "1",
	    "by kilometres, then gun: 10:15:00 - 10:00:00 = 15:00");
	says(f, HANDMADE_LIVE, "1", "provisional still on the way");
	says(f, HANDMADE_DISTANCE, "1", "provisional still on the way");
	says(f, HANDMADE_DISTANCE, "1",
	    "ties the same time keeps the order in which one station recorded "
	    "it; of several stations it shares a place");
	says(f, HANDMADE_DISTANCE, "1", "shown 15:00, not rounded");
	says(f, HANDMADE_ELITE, "1", "so not in this ranking");
}

static void
a_status_takes_the_place_away(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "", "", "");
	handmade_run(f->h, "1", 0, 1800 * S);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_STATUS,
	        .bib = "1",
	        .status = RACE_DSQ });
	says(f, HANDMADE_SCRATCH, "1", "no place in scratch: DSQ");
	says(f, HANDMADE_SCRATCH, "1", "status DSQ, so no place");
}

static void
a_penalty_is_for_the_last_point_alone_and_a_bonus_is_one(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "", "", "");
	handmade_cross(f->h, 1, "1", "", 900 * S);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_PENALTY,
	        .bib = "1",
	        .amount_us = -30 * S });
	says(f, HANDMADE_LIVE, "1",
	    "penalty -0:30 at the last point, so not "
	    "here");
	says(f, HANDMADE_SCRATCH, "1", "bonus 0:30, but there is no time");
	handmade_cross(f->h, 2, "1", "", 1800 * S);
	says(f, HANDMADE_LIVE, "1", "bonus - 0:30 = 29:30 status");
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_PENALTY,
	        .bib = "1",
	        .amount_us = -1800 * S });
	says(f, HANDMADE_LIVE, "1",
	    "bonus - 30:30 = 0:00, for no time is below that");
}

/* ---- places ---- */

static void
ties_and_neighbours_are_named(void **state)
{
	struct fixture *f = *state;
	static const int64_t ends[] = { 1800, 1810, 1810, 1825 };

	for (int i = 0; i < 4; i++) {
		char bib[8];

		snprintf(bib, sizeof bib, "%d", i + 1);
		handmade_enter(f->h, bib, i == 2 ? "Paul" : "", "", "");
		handmade_run(f->h, bib, 0, ends[i] * S);
	}
	says(f, HANDMADE_SCRATCH, "2", "tied 2. of 4 in scratch, 30:10");
	says(f, HANDMADE_SCRATCH, "2", "tied with 3 Paul");
	says(f, HANDMADE_SCRATCH, "2", "before 1. 1, 30:00, 0:10 ahead");
	says(f, HANDMADE_SCRATCH, "2", "behind 2. 3 Paul, 30:10, tied");
	says(f, HANDMADE_SCRATCH, "3", "behind 4. 4, 30:25, 0:15 behind");
	says(f, HANDMADE_SCRATCH, "4", "behind nobody with a place");
}

static void
too_close_to_call_is_told_with_the_bound(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "", "", "");
	handmade_enter(f->h, "2", "", "", "");
	handmade_stamp(f->h, 2, "1", 1800 * S, 0, S / 10);
	handmade_cross(f->h, 2, "2", "", 1800 * S + S / 20);
	says(f, HANDMADE_SCRATCH, "1",
	    "too close to call: the next one was timed by another clock");
	says(f, HANDMADE_SCRATCH, "1", "(this one by 0.1 s)");
}

static void
a_place_that_may_still_change_is_provisional(void **state)
{
	struct fixture *f = *state;
	const char *text;

	for (int i = 1; i <= 4; i++) {
		char bib[8];

		snprintf(bib, sizeof bib, "%d", i);
		handmade_enter(f->h, bib, "", i == 2 ? "F" : "M",
		    i <= 2 ? "PMU" : "Orange");
	}
	handmade_run(f->h, "1", 0, 1800 * S);
	handmade_run(f->h, "2", 0, 1810 * S);
	says(f, HANDMADE_SCRATCH, "1", "1. of 2 in scratch, 30:00 Reads");
	/* Whoever comes now comes later, but 3, who begins later too. */
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_START,
	        .bib = "3",
	        .time_us = HANDMADE_GUN_US + 600 * S });
	says(f, HANDMADE_SCRATCH, "2",
	    "2. of 2 in scratch, 30:10, provisional");
	says(f, HANDMADE_SCRATCH, "2",
	    "provisional 2 of this ranking are still out, on the way or not "
	    "seen, and may change the place");
	says(f, HANDMADE_TEAMS, "PMU",
	    "provisional somebody who is still out may change the place");
	/* Live 4 has a place on the way, and waits for 3 alone. */
	handmade_cross(f->h, 1, "4", "", 900 * S);
	says(f, HANDMADE_LIVE, "4",
	    "provisional 1 of this ranking is still out");
	text = explained(f, HANDMADE_WOMEN, "2", false);
	assert_null(strstr(text, "provisional"));
	assert_non_null(strstr(explained(f, HANDMADE_SCRATCH, "2", true),
	    "\"provisional\": true"));
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_STATUS,
	        .bib = "3",
	        .status = RACE_DNF });
	text = explained(f, HANDMADE_SCRATCH, "2", false);
	assert_null(strstr(text, "provisional"));
}

static void
a_published_ranking_says_since_when(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "1", "", "", "");
	handmade_run(f->h, "1", 0, 1800 * S);
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_PUBLISH,
	        .ranking = "scratch",
	        .text = "final" });
	says(f, HANDMADE_SCRATCH, "1", "published final since 12:00:02");
}

/* ---- teams ---- */

static void
a_team_tells_who_scores_and_why_the_others_do_not(void **state)
{
	struct fixture *f = *state;

	for (int i = 1; i <= 5; i++) {
		char bib[8];

		snprintf(bib, sizeof bib, "%d", i);
		handmade_enter(f->h, bib, "", "", i < 5 ? "PMU" : "Orange");
	}
	handmade_run(f->h, "1", 0, 1800 * S);
	handmade_run(f->h, "2", 0, 1700 * S);
	handmade_run(f->h, "3", 0, 1900 * S);
	handmade_run(f->h, "5", 0, 1900 * S);
	says(f, HANDMADE_TEAMS, "PMU",
	    "Scorers 2 28:20 no name 1 30:00 no name score 58:20 by 2 of 2 "
	    "in");
	says(f, HANDMADE_TEAMS, "PMU",
	    "Do not score, for enough are faster 3 31:40");
	says(f, HANDMADE_TEAMS, "PMU", "No time there 4 no name");
	handmade_decide(f->h,
	    (struct race_decision){ .verb = RACE_SET_STATUS,
	        .bib = "2",
	        .status = RACE_DSQ });
	says(f, HANDMADE_TEAMS, "PMU",
	    "Do not score, for they have no place 2 DSQ");
	says(f, HANDMADE_TEAMS, "PMU", "1 2: DSQ; by anna");
	says(f, HANDMADE_TEAMS, "Orange", "by 1 of 2 in");
	says(f, HANDMADE_KM, "PMU", "1. of 2 in solidaire, 16 km");
	says(f, HANDMADE_KM, "PMU", "behind 2. Orange, 8 km, 8 km behind");
}

static void
what_has_parted_teams_of_one_score_is_told(void **state)
{
	struct fixture *f = *state;
	static const int64_t finish[] = { 1700, 1900, 1750, 1850, 1700, 1900 };

	for (int i = 0; i < 6; i++) {
		char bib[8];

		snprintf(bib, sizeof bib, "%d", i + 1);
		handmade_enter(f->h, bib, "", "",
		    i < 2       ? "PMU"
		        : i < 4 ? "Orange"
		                : "Axa");
		handmade_run(f->h, bib, 0, finish[i] * S);
	}
	says(f, HANDMADE_TEAMS, "Orange",
	    "behind 2. Axa, 1:00:00, behind by the last scorer");
	says(f, HANDMADE_TEAMS, "Axa",
	    "before 1. Orange, 1:00:00, ahead by the last scorer");
	says(f, HANDMADE_TEAMS, "PMU", "tied with Axa");
	handmade_run(f->h, "7", 0, 2500 * S);
	handmade_enter(f->h, "7", "", "", "PMU");
	handmade_enter(f->h, "8", "", "", "PMU");
	handmade_enter(f->h, "9", "", "", "Orange");
	handmade_cross(f->h, 1, "8", "", 1200 * S);
	handmade_cross(f->h, 1, "9", "", 1300 * S);
	handmade_run(f->h, "10", 0, 2600 * S);
	handmade_enter(f->h, "10", "", "", "Axa");
	/* 28 km by 4; 20 by 3; 24 by 3. */
	says(f, HANDMADE_KM, "PMU", "behind 2. Axa, 24 km, 4 km behind");
	handmade_enter(f->h, "11", "", "", "Orange");
	handmade_cross(f->h, 1, "11", "", 1400 * S);
	/* Orange has 24 by 4 now. */
	says(f, HANDMADE_KM, "Orange",
	    "behind 3. Axa, 24 km, behind by more runners");
}

static void
what_he_has_won_and_holds_is_told(void **state)
{
	static char scratch_prize[] = "Scratch";
	static char scratch[] = "scratch";
	static char teams_prize[] = "Teams";
	static char teams[] = "entreprises";
	static struct race_award awards[] = {
		{ scratch_prize, scratch, 2 },
		{ teams_prize, teams, 1 },
	};
	struct fixture *f = *state;
	const struct race_event e = { .kind = RACE_AWARD,
		.made_us = HANDMADE_GUN_US,
		.prize = { .award = "Scratch",
		    .place = 1,
		    .holder = "2",
		    .note = "she gave it",
		    .by = "anna",
		    .winner = "1" } };

	f->h->rules.awards = awards;
	f->h->rules.award_count = 2;
	handmade_begin(f->h);
	handmade_enter(f->h, "1", "", "", "PMU");
	handmade_enter(f->h, "2", "", "", "");
	handmade_run(f->h, "1", 0, 1800 * S);
	handmade_run(f->h, "2", 0, 1900 * S);
	says(f, HANDMADE_SCRATCH, "1", "Prizes prize Scratch, place 1: won ");
	handmade_event(f->h, (struct race_id){ HANDMADE_OPERATOR, 90 }, &e);
	says(f, HANDMADE_NET, "1",
	    "prize Scratch, place 1: won; handed on to 2: she gave it");
	says(f, HANDMADE_SCRATCH, "2",
	    "Prizes prize Scratch, place 1: handed on to this one: she gave "
	    "it prize Scratch, place 2: won");
	assert_null(
	    strstr(explained(f, HANDMADE_TEAMS, "PMU", false), "Scratch"));
}

static void
nobody_and_no_team_are_refused(void **state)
{
	struct fixture *f = *state;
	struct explain *e;

	handmade_enter(f->h, "1", "", "", "PMU");
	assert_int_equal(explain_new(&e, f->h->book, NULL, HANDMADE_SCRATCH,
	                     "2"),
	    -ENOENT);
	assert_int_equal(explain_new(&e, f->h->book, NULL, HANDMADE_TEAMS,
	                     "Orange"),
	    -ENOENT);
}

static void
json_has_the_facts(void **state)
{
	struct fixture *f = *state;
	const char *text;

	handmade_enter(f->h, "1", "Anne", "F", "PMU");
	handmade_run(f->h, "1", 4 * S, 1865 * S);
	text = explained(f, HANDMADE_SCRATCH, "1", true);
	assert_non_null(strstr(text, "\"elapsed_us\": 1865000000"));
	assert_non_null(strstr(text, "\"net_us\": 1861000000"));
	assert_non_null(strstr(text, "\"why\": \"counts\""));
	assert_non_null(
	    strstr(text, "\"since\": \"2014-09-21T10:00:00+02:00\""));
	text = explained(f, HANDMADE_TEAMS, "PMU", true);
	assert_non_null(strstr(text, "\"share\": \"scores\""));
}

/* ---- what is told adds up, whatever has been decided ---- */

static void
check_runner(const struct explain *e, const struct race_entry *entry)
{
	const struct race_row *row = &e->line.row;
	bool in = e->runner.passes && e->without == NULL;

	if (in != (e->at >= 0))
		fail_msg("%s in %s: %s", entry->bib, e->rule->name,
		    in ? "has no row" : "has a row");
	if (!in)
		return;
	assert_int_equal(e->runner.time.elapsed_us, row->elapsed_us);
	assert_int_equal(e->runner.metres, row->metres);
	assert_int_equal(e->runner.start.status, row->status);
	/* Subtracted by hand. */
	if (row->elapsed_us > 0)
		assert_int_equal(row->elapsed_us,
		    (e->runner.time.read_us > e->runner.time.since_us
		            ? e->runner.time.read_us - e->runner.time.since_us
		            : 0) +
		        e->runner.time.penalty_us);
}

static void
check_team(const struct explain *e)
{
	int64_t total = 0;
	uint64_t metres = 0;
	bool km = e->rule->score == RACE_SCORE_KM;

	if (e->at < 0)
		return;
	for (size_t i = 0; i < e->scorer_count; i++) {
		total += e->rule->score == RACE_SCORE_PLACES
		    ? e->members[i].place
		    : e->members[i].runner.time.elapsed_us;
		metres += e->members[i].runner.metres;
	}
	assert_int_equal(e->line.row.counted, e->scorer_count);
	if (km)
		assert_int_equal(e->line.row.metres, metres);
	else if (e->rule->how == RACE_SUM &&
	    e->rule->score == RACE_SCORE_PLACES)
		assert_int_equal(e->line.row.places, total);
	else if (e->rule->how == RACE_SUM && e->scorer_count > 0)
		assert_int_equal(e->line.row.elapsed_us, total);
}

static void
check_label(struct book *b, size_t v, const char *label,
    const struct race_entry *entry)
{
	struct explain *e;

	assert_int_equal(explain_new(&e, b, NULL, v, label), 0);
	if (b->rules->rankings[v].of == RACE_TEAMS)
		check_team(e);
	else
		check_runner(e, entry);
	explain_free(e);
}

static void
check_sides(struct book *b, size_t v, const char *team)
{
	uint32_t sides = b->rules->rankings[v].sides;
	char label[RACE_NAME_MAX + 3];

	if (sides <= 1)
		check_label(b, v, team, NULL);
	for (uint32_t k = 0; sides > 1 && k < sides; k++) {
		snprintf(label, sizeof label, "%s %c", team, 'A' + (int)k);
		check_label(b, v, label, NULL);
	}
}

static void
check_all(struct book *b)
{
	for (size_t v = 0; v < b->rules->ranking_count; v++)
		for (size_t i = 0; i < roster_slots(b->roster); i++) {
			const char *bib;
			const struct race_entry *entry =
			    roster_at(b->roster, i, &bib);

			if (entry == NULL)
				continue;
			if (b->rules->rankings[v].of == RACE_RUNNERS)
				check_label(b, v, bib, entry);
			else if (entry->team[0] != '\0')
				check_sides(b, v, entry->team);
		}
}

/* Teams with quotas, sides, and places that are added up. */
static void
vary_teams(struct decisions *d, uint64_t *random)
{
	for (size_t i = 4; i < 6; i++) {
		struct race_ranking *r = &d->rankings[i];

		if (r->score == RACE_SCORE_KM)
			continue;
		r->best = 1 + (uint32_t)test_below(random, 3);
		r->score = test_below(random, 2) == 0 ? RACE_SCORE_TIME
		                                      : RACE_SCORE_PLACES;
		r->how = (enum race_how)test_below(random, 3);
		r->sides = 1 + (uint32_t)test_below(random, 3);
		r->women = (uint32_t)test_below(random, r->best + 1);
		r->men = (uint32_t)test_below(random, r->best + 1 - r->women);
		if (r->score == RACE_SCORE_PLACES && r->by == RACE_BY_KM)
			r->by = RACE_BY_GUN;
	}
}

static void
what_is_told_adds_up_to_the_row(void **state)
{
	uint64_t random = test_seed();
	struct decisions *d = calloc(1, sizeof *d);

	(void)state;
	for (int round = 0; round < 150; round++) {
		struct book *b;

		decisions_race(d, &random, 60);
		vary_teams(d, &random);
		while (d->count < 100)
			decisions_add(d);
		b = book_new(&d->rules, MODEL_FILES);
		for (size_t i = 0; i < d->count; i++)
			book_apply(b, d->events[i].id, &d->events[i].event);
		check_all(b);
		book_free(b);
	}
	free(d);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_whole_chain_is_told),
		TEST(no_line_is_longer_than_80_columns),
		TEST(reads_of_others_and_voided_ones_say_so),
		TEST(of_a_read_of_another_he_is_named),
		TEST(nothing_that_steers_a_terminal_is_printed),
		TEST(too_early_and_too_late_are_told_from_the_start),
		TEST(who_has_no_read_has_none),
		TEST(a_wave_is_entered_or_found_or_the_first),
		TEST(a_start_of_ones_own_is_entered_or_decided),
		TEST(over_the_line_before_the_gun_is_no_time_below_zero),
		TEST(a_moved_gun_and_an_undone_decision_are_part_of_it),
		TEST(who_does_not_pass_a_filter_is_told_which),
		TEST(a_category_says_how_one_comes_into_it),
		TEST(who_has_no_start_has_no_place_for_that),
		TEST(of_one_time_the_order_is_told),
		TEST(who_is_first_elsewhere_is_told_where),
		TEST(net_is_from_the_start_line_but_for_the_first_by_gun),
		TEST(live_and_by_kilometres_look_at_the_furthest_point),
		TEST(a_status_takes_the_place_away),
		TEST(a_penalty_is_for_the_last_point_alone_and_a_bonus_is_one),
		TEST(ties_and_neighbours_are_named),
		TEST(too_close_to_call_is_told_with_the_bound),
		TEST(a_place_that_may_still_change_is_provisional),
		TEST(a_published_ranking_says_since_when),
		TEST(a_team_tells_who_scores_and_why_the_others_do_not),
		TEST(what_has_parted_teams_of_one_score_is_told),
		TEST(what_he_has_won_and_holds_is_told),
		TEST(nobody_and_no_team_are_refused),
		TEST(json_has_the_facts),
		cmocka_unit_test(what_is_told_adds_up_to_the_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
