#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "control/consequences.h"
#include "support/flat.h"
#include "support/handmade.h"
#include "support/plain.h"

#define S HANDMADE_S

enum { ANNA = HANDMADE_OPERATOR };

struct fixture {
	struct handmade *h;
	struct name_streams *streams;
	struct correct_job job;
	struct correct c;
	char *text;
};

static void
wear(struct fixture *f, const char *bib, const char *chip)
{
	struct race_entry e = plain_entry(bib);

	e.wave = "masse";
	e.chips = &chip;
	e.chip_count = 1;
	handmade_entry(f->h, &e);
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	f->h = handmade_new();
	f->streams = name_streams_new();
	name_stream(f->streams, HANDMADE_STATION, "depart", false);
	name_stream(f->streams, HANDMADE_STATION + 1, "mi-course", false);
	name_stream(f->streams, HANDMADE_STATION + 2, "arrivee", false);
	wear(f, "15", "A1");
	wear(f, "16", "B2");
	handmade_cross(f->h, 1, "", "A1", 900 * S);
	handmade_cross(f->h, 2, "", "A1", 1800 * S);
	handmade_cross(f->h, 2, "", "B2", 1900 * S);
	f->job = (struct correct_job){ .book = f->h->book,
		.streams = f->streams,
		.by = "anna",
		.stream = ANNA,
		.made_us = HANDMADE_GUN_US + 7200 * S,
		.now_us = HANDMADE_GUN_US + 7200 * S };
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	handmade_free(f->h);
	name_streams_free(f->streams);
	free(f->text);
	free(f);
	return 0;
}

/* Decided, and told as a person sees it, blanks as one. */
static const char *
told(struct fixture *f, const char *line)
{
	char *copy = strdup(line);
	char *rest = copy;
	char *words[8];
	size_t count = 0;
	struct err err = { "" };
	FILE *out;
	size_t len;

	while (rest != NULL && count < 8)
		words[count++] = strsep(&rest, " ");
	correct_init(&f->c, &f->job);
	if (correct_verb(words[0])->make(&f->c, words + 1, count - 1, &err) < 0)
		fail_msg("%s: %s", line, err.text);
	free(f->text);
	out = open_memstream(&f->text, &len);
	consequences_print(out, &f->c, f->h->book);
	fclose(out);
	correct_clear(&f->c);
	f->job.stream++;
	f->job.made_us += S;
	free(copy);
	return flat(f->text);
}

static void
says(struct fixture *f, const char *line, const char *expected)
{
	const char *text = told(f, line);

	if (strstr(text, expected) == NULL)
		fail_msg("%s: '%s' is not told: %s", line, expected, text);
}

static void
is_certain(struct fixture *f, const char *line)
{
	const char *text = told(f, line);

	if (strstr(text, "To be looked at") != NULL)
		fail_msg("%s: %s", line, text);
}

/* 1 takes it from 15, 2 gives it to 16 beside his own. */
static void
transfer(struct fixture *f)
{
	(void)told(f, "change 16 chip=B2;A1");
}

static void
a_transfer_leaves_no_doubt_nor_do_both_halves_undone(void **state)
{
	struct fixture *f = *state;

	is_certain(f, "change 16 chip=B2;A1");
	is_certain(f, "undo 1-2");
	is_certain(f, "undo 3-4");
}

static void
a_chip_that_is_nobodys_by_half_an_undo_says_which_is_the_other(void **state)
{
	struct fixture *f = *state;

	transfer(f);
	says(f, "undo 2",
	    "To be looked at: chip A1, of 16 until now, is nobody's then, and "
	    "so are its 2 crossings: palmares undo 1 as well gives it to 15");
	is_certain(f, "undo 1");
}

static void
a_chip_of_two_by_half_an_undo_says_which_is_the_other(void **state)
{
	struct fixture *f = *state;

	transfer(f);
	says(f, "undo 1",
	    "chip A1 is that of 15 and of 16 then, and its crossings are "
	    "15's: palmares undo 2 as well leaves it to 15 alone");
	is_certain(f, "undo 2");
}

/* 1 takes it from 15, 2 another one from 17, and 3 gives both to 16. */
static void
a_decision_that_mends_nothing_is_no_half(void **state)
{
	struct fixture *f = *state;

	wear(f, "17", "C3");
	(void)told(f, "change 16 chip=B2;A1;C3");
	says(f, "undo 1", "palmares undo 3 as well leaves it to 15 alone");
}

static void
what_two_wear_already_is_not_told_again(void **state)
{
	struct fixture *f = *state;

	wear(f, "17", "A1");
	is_certain(f, "mark dsq 16");
}

static void
half_of_a_transfer_done_again_says_which_is_the_other(void **state)
{
	struct fixture *f = *state;

	transfer(f);
	(void)told(f, "undo 1-2");
	says(f, "undo 3", "palmares undo 4 as well gives it to 16");
	is_certain(f, "undo 4");
}

/* A transfer that takes his own chip from him cannot be made whole by undoing
 * it. */
static void
what_is_meant_is_not_told_to_be_undone(void **state)
{
	struct fixture *f = *state;

	says(f, "change 16 chip=A1",
	    "chip B2, of 16 until now, is nobody's then, and so is its 1 "
	    "crossing: palmares change 15 chip=B2 gives it to 15, who has "
	    "none then");
	(void)told(f, "undo 1-2");
	says(f, "undo 3-4", "palmares change 15 chip=B2 gives it to 15");
	is_certain(f, "change 15 chip=B2");
}

static void
other_decisions_of_the_same_command_are_no_half(void **state)
{
	struct fixture *f = *state;

	(void)told(f, "mark dsq 15 16");
	(void)told(f, "change 15 chip=C3");
	says(f, "undo 3",
	    "chip C3, of 15 until now, is nobody's then: "
	    "palmares change 15 'chip=A1;C3' leaves it to him as well");
}

static void
a_chip_of_somebody_who_is_removed_is_for_anybody(void **state)
{
	struct fixture *f = *state;

	says(f, "remove 15",
	    "chip A1, of 15 until now, is nobody's then, and so are its 2 "
	    "crossings: palmares change BIB 'chip=OLD;A1' gives it to "
	    "somebody");
}

static void
what_two_wear_then_is_taken_from_one(void **state)
{
	struct fixture *f = *state;

	transfer(f);
	for (int i = 0; i < 20; i++) {
		char line[64];

		snprintf(line, sizeof line, "enter %d wave=masse", 100 + i);
		(void)told(f, line);
	}
	says(f, "undo 1 3-22",
	    "chip A1 is that of 15 and of 16 then, and its crossings are "
	    "15's: palmares change 16 chip=B2 leaves it to 15 alone");
	is_certain(f, "change 16 chip=B2");
}

/* What is pasted from one list does not undo what was pasted from the last
 * one. */
static void
what_is_pasted_comes_to_an_end(void **state)
{
	struct fixture *f = *state;

	says(f, "change 15 chip=D4", "palmares change 15 'chip=D4;A1' leaves");
	is_certain(f, "change 15 chip=D4;A1");
}

static void
of_a_file_that_is_undone_nothing_is_a_half(void **state)
{
	struct fixture *f = *state;

	transfer(f);
	for (int i = 0; i < 20; i++) {
		char line[64];

		snprintf(line, sizeof line, "enter %d wave=masse", 100 + i);
		(void)told(f, line);
	}
	says(f, "undo 2-21", "palmares undo 1 as well gives it to 15");
	(void)told(f, "undo 23-42");
	says(f, "undo 2-22", "palmares change 16 'chip=B2;A1' leaves it to");
}

static void
what_was_tried_is_taken_back(void **state)
{
	struct fixture *f = *state;
	const struct race_entry *e;

	transfer(f);
	(void)told(f, "undo 2");
	e = roster_find(f->h->book->roster, "15");
	assert_int_equal(e->chip_count, 0);
	e = roster_find(f->h->book->roster, "16");
	assert_int_equal(e->chip_count, 1);
	assert_string_equal(e->chips[0], "B2");
}

static void
times_that_run_backwards_are_told(void **state)
{
	struct fixture *f = *state;

	handmade_cross(f->h, 1, "", "C3", 950 * S);
	handmade_cross(f->h, 1, "", "D4", 2000 * S);
	is_certain(f, "change 16 chip=B2;C3");
	(void)told(f, "undo 1");
	says(f, "change 16 chip=B2;D4",
	    "the times of 16 run backwards then: 10:33:20 at mi-course, but "
	    "10:31:40 at arrivee (palmares reads 16)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_two_wear_then_is_taken_from_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_transfer_leaves_no_doubt_nor_do_both_halves_undone,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_chip_that_is_nobodys_by_half_an_undo_says_which_is_the_other,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_chip_of_two_by_half_an_undo_says_which_is_the_other,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_decision_that_mends_nothing_is_no_half, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    what_two_wear_already_is_not_told_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    half_of_a_transfer_done_again_says_which_is_the_other,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_meant_is_not_told_to_be_undone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    other_decisions_of_the_same_command_are_no_half, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_chip_of_somebody_who_is_removed_is_for_anybody, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(what_is_pasted_comes_to_an_end,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    of_a_file_that_is_undone_nothing_is_a_half, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(what_was_tried_is_taken_back,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    times_that_run_backwards_are_told, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
