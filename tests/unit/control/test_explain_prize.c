#include "support/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/instant.h"
#include "control/explain_prize.h"
#include "support/flat.h"
#include "support/handmade.h"

#define S HANDMADE_S

enum { PRIX, EQUIPES, NOWHERE };

static struct race_award awards[] = {
	{ (char[]){ "Prix" }, (char[]){ "scratch" }, 2 },
	{ (char[]){ "Equipes" }, (char[]){ "entreprises" }, 1 },
	{ (char[]){ "Nowhere" }, (char[]){ "no-such" }, 1 },
};

struct fixture {
	struct handmade *h;
	struct name_streams *streams;
	uint64_t seq;
	char *text;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	f->h = handmade_new();
	f->h->rules.awards = awards;
	f->h->rules.award_count = sizeof awards / sizeof *awards;
	handmade_begin(f->h);
	f->streams = name_streams_new();
	name_stream(f->streams, HANDMADE_OPERATOR, "anna", true);
	handmade_enter(f->h, "1", "Anne Martin", "F", "PMU");
	handmade_enter(f->h, "2", "Zoé Petit", "F", "PMU");
	handmade_enter(f->h, "3", "Paul Roy", "M", "Orange");
	handmade_run(f->h, "1", 0, 1800 * S);
	handmade_run(f->h, "2", 0, 1900 * S);
	handmade_run(f->h, "3", 0, 2000 * S);
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

static void
give(struct fixture *f, const char *holder, const char *note, bool collected,
    const char *winner)
{
	const struct race_event e = { .kind = RACE_AWARD,
		.made_us = HANDMADE_GUN_US + 7200 * S + (int64_t)f->seq,
		.prize = { .award = "Prix",
		    .place = 1,
		    .holder = holder,
		    .note = note,
		    .collected = collected,
		    .by = "anna",
		    .winner = winner } };

	handmade_event(f->h,
	    (struct race_id){ HANDMADE_OPERATOR, 50 + ++f->seq }, &e);
}

static const char *
told(struct fixture *f, size_t award, uint32_t place)
{
	struct story story = { .streams = f->streams,
		.rulings = f->h->book->rulings,
		.date = "2014-09-21" };
	size_t len;
	FILE *out;

	free(f->text);
	out = open_memstream(&f->text, &len);
	assert_int_equal(explain_prize(out, f->h->book, &story, award, place),
	    0);
	fclose(out);
	for (const char *line = f->text; *line != '\0';) {
		size_t width = strcspn(line, "\n");

		assert_true(width <= 80 + 4);
		line += width + (line[width] == '\n');
	}
	return flat(f->text);
}

static void
says(struct fixture *f, size_t award, uint32_t place, const char *expected)
{
	const char *text = told(f, award, place);

	if (strstr(text, expected) == NULL)
		fail_msg("'%s' is not told: %s", expected, text);
}

static void
a_prize_tells_who_has_won_it_and_who_is_next(void **state)
{
	struct fixture *f = *state;

	says(f, PRIX, 1,
	    "Prix, place 1 ranking place 1 of scratch, not published yet won "
	    "by 1 Anne Martin (PMU), 30:00 next 2. 2 Zoé Petit (PMU), 31:40 "
	    "collected not yet");
	says(f, EQUIPES, 1, "won by PMU, 1:01:40");
}

static void
winner_and_holder_are_both_told_with_why(void **state)
{
	struct fixture *f = *state;

	give(f, "3", "she gave it to him", true, "1");
	says(f, PRIX, 1, "won by 1 Anne Martin (PMU), 30:00");
	says(f, PRIX, 1,
	    "handed on to 3 Paul Roy (Orange): she gave it to him collected "
	    "yes decision 1 prize Prix, place 1: goes to 3, collected; by "
	    "anna at 12:00:00 (she gave it to him)");
}

static void
a_prize_that_was_given_for_another_result_says_so(void **state)
{
	struct fixture *f = *state;

	give(f, "3", "", true, "2");
	says(f, PRIX, 1, "look at it that was said when 2 had won it");
}

static void
a_shared_place_and_one_of_nobody(void **state)
{
	struct fixture *f = *state;

	handmade_enter(f->h, "4", "", "", "");
	handmade_run(f->h, "4", 0, 1800 * S);
	says(f, PRIX, 1,
	    "won by 1 Anne Martin (PMU), 30:00, tied won by 4, 30:00, tied "
	    "next 3. 2");
	says(f, PRIX, 2, "won by nobody next 3. 2");
}

static void
all_places_or_one_and_none_that_there_is_not(void **state)
{
	struct fixture *f = *state;
	const struct story story = { .streams = f->streams,
		.rulings = f->h->book->rulings,
		.date = "" };

	says(f, PRIX, 0, "Prix, place 1");
	says(f, PRIX, 0, "Prix, place 2");
	assert_null(strstr(told(f, PRIX, 2), "place 1"));
	assert_int_equal(explain_prize(stdout, f->h->book, &story, PRIX, 3),
	    -ENOENT);
	assert_int_equal(explain_prize(stdout, f->h->book, &story, NOWHERE, 0),
	    -ENOENT);
	assert_int_equal(explain_award(&f->h->rules, "Equipes"), EQUIPES);
	assert_int_equal(explain_award(&f->h->rules, "equipes"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_prize_tells_who_has_won_it_and_who_is_next, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    winner_and_holder_are_both_told_with_why, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_prize_that_was_given_for_another_result_says_so, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_shared_place_and_one_of_nobody, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    all_places_or_one_and_none_that_there_is_not, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
