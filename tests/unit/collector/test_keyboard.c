#include "support/test.h"

#include <string.h>

#include "collector/keyboard.h"
#include "common/instant.h"
#include "common/xalloc.h"

#define T0 INT64_C(1411293600000000) /* 2014-09-21T10:00:00Z */
#define MS INT64_C(1000)
#define S  INT64_C(1000000)

static const struct race_entry entries[] = {
	{ .bib = "102",
	    .name = "Ada Lovelace",
	    .team = "Engines",
	    .category = "" },
	{ .bib = "120", .name = "Bob", .team = "", .category = "M2" },
	{ .bib = "121", .name = "Zoé", .team = "", .category = "" },
	{ .bib = "7", .name = "Grace Hopper", .team = "Navy", .category = "" },
};

struct fixture {
	struct bibs *bibs;
	struct clockwork *clocks;
	struct keyboard *k;
	int64_t now_us; /* since T0, on all clocks */
};

static struct keyboard *
make(struct fixture *f, bool listed, uint64_t last)
{
	struct keyboard_setup setup = { .point = "finish",
		.listed = listed,
		.bibs = f->bibs,
		.clocks = f->clocks,
		.last = last };

	return keyboard_new(&setup);
}

static int
setup(void **state)
{
	const struct clockwork_epoch none = { 0 };
	const struct keys_stamp start = { T0, 5000 * S, 100 * S };
	struct fixture *f = xcalloc(1, sizeof *f);

	assert_int_equal(instant_zone("UTC", NULL), 0);
	f->clocks = clockwork_new(&none, "boot", &start);
	f->bibs = bibs_new(entries, sizeof entries / sizeof *entries);
	f->k = make(f, false, 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	keyboard_free(f->k);
	clockwork_free(f->clocks);
	bibs_free(f->bibs);
	free(f);
	return 0;
}

/* ---- typing ---- */

static void
press_at(struct fixture *f, int64_t us, uint32_t key)
{
	struct keys_press press = { .key = key,
		.stamp = { .utc_us = T0 + us,
		    .boot_us = 5000 * S + us,
		    .mono_us = 100 * S + us } };

	f->now_us = us;
	keyboard_press(f->k, &press);
}

/* A key each 100 ms. */
static void
press(struct fixture *f, uint32_t key)
{
	press_at(f, f->now_us + 100 * MS, key);
}

static void
type(struct fixture *f, const char *ascii)
{
	for (; *ascii != '\0'; ascii++)
		press(f,
		    *ascii == '\n' ? (uint32_t)KEYS_ENTER : (uint32_t)*ascii);
}

static struct race_event
event(struct fixture *f, uint64_t seq)
{
	struct race_event e;

	keyboard_event(f->k, seq, &e);
	return e;
}

static void
assert_crossing(struct fixture *f, uint64_t seq, const char *bib,
    int64_t time_us, uint32_t flags)
{
	struct race_event e = event(f, seq);

	assert_int_equal(e.kind, RACE_CROSSING);
	assert_string_equal(e.crossing.bib, bib);
	assert_int_equal(e.crossing.time_us, T0 + time_us);
	assert_int_equal(e.crossing.boot_us, 5000 * S + time_us);
	assert_int_equal(e.crossing.flags, flags);
	assert_int_equal(e.crossing.clock, RACE_CLOCK_LAPTOP);
	assert_string_equal(e.crossing.point, "finish");
	assert_string_equal(e.crossing.source, "keyboard");
}

static void
assert_void(struct fixture *f, uint64_t seq, uint64_t target)
{
	struct race_event e = event(f, seq);

	assert_int_equal(e.kind, RACE_VOID);
	assert_int_equal(e.void_seq, target);
}

static void
assert_fill_in(struct fixture *f, uint64_t seq, uint64_t target,
    const char *bib)
{
	struct race_event e = event(f, seq);

	assert_int_equal(e.kind, RACE_FILL_IN);
	assert_int_equal(e.fill_in.seq, target);
	assert_string_equal(e.fill_in.bib, bib);
}

static void
assert_says(struct fixture *f, const char *words, bool warns)
{
	if (strstr(keyboard_note(f->k), words) == NULL)
		fail_msg("'%s' is not in '%s'", words, keyboard_note(f->k));
	assert_int_equal(keyboard_warns(f->k), warns);
	assert_int_equal(keyboard_rings(f->k), warns);
}

/* ---- ---- */

static void
the_time_is_that_of_the_first_key(void **state)
{
	struct fixture *f = *state;

	press_at(f, 10 * S + 345 * MS, '1');
	press_at(f, 11 * S, '0');
	press_at(f, 13 * S, '2');
	press_at(f, 17 * S, KEYS_ENTER);
	assert_int_equal(keyboard_last(f->k), 1);
	assert_crossing(f, 1, "102", 10 * S + 345 * MS, 0);
	assert_int_equal(event(f, 1).made_us, T0 + 17 * S);
	assert_says(f, "102 Ada Lovelace taken, 10:00:10.3", false);
}

static void
each_line_has_a_time_of_its_own(void **state)
{
	struct fixture *f = *state;

	type(f, "102\n120\n");
	assert_crossing(f, 1, "102", 100 * MS, 0);
	assert_crossing(f, 2, "120", 500 * MS, 0);
	assert_int_equal(keyboard_count(f->k), 2);
}

static void
an_empty_enter_is_a_time_without_bib(void **state)
{
	struct fixture *f = *state;

	press_at(f, 3 * S, KEYS_ENTER);
	press_at(f, 4 * S, ' ');
	assert_crossing(f, 1, "", 3 * S, 0);
	assert_crossing(f, 2, "", 4 * S, 0);
}

static void
a_key_held_down_counts_once(void **state)
{
	struct fixture *f = *state;

	press_at(f, 3 * S, KEYS_ENTER);
	for (int i = 1; i <= 40; i++)
		press_at(f, 3 * S + i * 33 * MS, KEYS_ENTER);
	assert_int_equal(keyboard_last(f->k), 1);
	press_at(f, 3 * S + 40 * 33 * MS + 50 * MS, KEYS_ENTER);
	assert_int_equal(keyboard_last(f->k), 2);
}

/* Half a second passes before it repeats, as between two runners. */
static void
a_key_held_down_that_was_taken_for_a_runner_is_told(void **state)
{
	struct fixture *f = *state;

	press_at(f, 3 * S, KEYS_ENTER);
	press_at(f, 3 * S + 500 * MS, KEYS_ENTER);
	assert_int_equal(keyboard_last(f->k), 2);
	assert_false(keyboard_rings(f->k));
	press_at(f, 3 * S + 533 * MS, KEYS_ENTER);
	assert_says(f, "held down counts once", false);
	press_at(f, 3 * S + 566 * MS, KEYS_ENTER);
	assert_says(f, "no 2 may be nobody: Ctrl-Z takes it back", true);
	press_at(f, 3 * S + 599 * MS, KEYS_ENTER);
	assert_int_equal(keyboard_last(f->k), 2);
	/* The bell rings once. */
	assert_false(keyboard_rings(f->k));
	press(f, KEYS_CTRL_Z);
	assert_void(f, 3, 2);
}

static void
a_key_held_down_at_once_took_nobody_in_vain(void **state)
{
	struct fixture *f = *state;

	type(f, "102\n");
	for (int i = 1; i <= 3; i++)
		press_at(f, f->now_us + 33 * MS, KEYS_ENTER);
	assert_int_equal(keyboard_last(f->k), 1);
	assert_says(f, "held down counts once", false);
}

static void
the_enter_of_a_bib_that_bounces_is_no_second_runner(void **state)
{
	struct fixture *f = *state;

	type(f, "102\n");
	press_at(f, f->now_us + 49 * MS, KEYS_ENTER);
	assert_int_equal(keyboard_last(f->k), 1);
	press_at(f, f->now_us + 50 * MS, ' ');
	assert_int_equal(keyboard_last(f->k), 2);
}

static void
an_unknown_bib_is_told_with_its_neighbours_and_taken(void **state)
{
	struct fixture *f = *state;

	type(f, "201\n");
	assert_crossing(f, 1, "201", 100 * MS, RACE_FLAG_UNKNOWN_BIB);
	assert_says(f, "201 taken, but nobody has it", true);
	type(f, "210\n");
	assert_says(f, "Perhaps 120 Bob (", true);
}

static void
nobody_is_unknown_where_nobody_is_entered(void **state)
{
	struct fixture *f = *state;
	struct bibs *none = bibs_new(NULL, 0);
	struct keyboard_setup s = { .point = "finish",
		.bibs = none,
		.clocks = f->clocks };

	keyboard_free(f->k);
	f->k = keyboard_new(&s);
	type(f, "999\n");
	assert_crossing(f, 1, "999", 100 * MS, 0);
	assert_says(f, "999 taken", false);
	bibs_free(none);
}

static void
a_list_of_bibs_is_listed(void **state)
{
	struct fixture *f = *state;

	keyboard_free(f->k);
	f->k = make(f, true, 0);
	type(f, "102\n\n");
	assert_crossing(f, 1, "102", 100 * MS, RACE_FLAG_LISTED);
	assert_crossing(f, 2, "", 500 * MS, RACE_FLAG_LISTED);
	type(f, "9\n");
	assert_crossing(f, 3, "9", 600 * MS,
	    RACE_FLAG_LISTED | RACE_FLAG_UNKNOWN_BIB);
}

static void
backspace_corrects_and_keeps_the_time(void **state)
{
	struct fixture *f = *state;

	type(f, "99");
	press(f, KEYS_BACKSPACE);
	press(f, KEYS_BACKSPACE);
	assert_int_equal(keyboard_since(f->k), T0 + 100 * MS);
	type(f, "102\n");
	assert_crossing(f, 1, "102", 100 * MS, 0);
}

static void
an_emptied_line_lets_its_time_go_after_5_s(void **state)
{
	struct fixture *f = *state;

	type(f, "9");
	assert_int_equal(keyboard_deadline(f->k), INT64_MAX);
	press(f, KEYS_BACKSPACE);
	assert_int_equal(keyboard_deadline(f->k),
	    100 * S + 200 * MS + KEYBOARD_EMPTIED_US);
	keyboard_tick(f->k, keyboard_deadline(f->k) - 1);
	assert_int_equal(keyboard_since(f->k), T0 + 100 * MS);
	keyboard_tick(f->k, keyboard_deadline(f->k));
	assert_int_equal(keyboard_since(f->k), RACE_NO_TIME);
	assert_int_equal(keyboard_deadline(f->k), INT64_MAX);
	/* The tick may be late: the key's own time decides. */
	type(f, "9");
	press(f, KEYS_BACKSPACE);
	press_at(f, f->now_us + KEYBOARD_EMPTIED_US, '7');
	press(f, KEYS_ENTER);
	assert_crossing(f, 1, "7", f->now_us - 100 * MS, 0);
}

static void
escape_drops_the_line_and_its_time(void **state)
{
	struct fixture *f = *state;

	type(f, "99");
	press(f, KEYS_ESCAPE);
	assert_says(f, "dropped: 99", false);
	type(f, "7\n");
	assert_int_equal(keyboard_last(f->k), 1);
	assert_crossing(f, 1, "7", 400 * MS, 0);
}

static void
a_bib_is_bounded_and_characters_stay_whole(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 40; i++)
		press(f, 0xe9); /* two bytes each */
	assert_int_equal(strlen(keyboard_text(f->k)), RACE_BIB_MAX);
	assert_says(f, "no bib is longer", true);
	press(f, KEYS_BACKSPACE);
	assert_int_equal(strlen(keyboard_text(f->k)), RACE_BIB_MAX - 2);
	press(f, 0x1d11e); /* four */
	assert_int_equal(strlen(keyboard_text(f->k)), RACE_BIB_MAX - 2);
	press(f, 'x');
	press(f, 'y');
	press(f, 'z');
	assert_int_equal(strlen(keyboard_text(f->k)), RACE_BIB_MAX);
}

static void
blanks_and_controls_type_nothing(void **state)
{
	static const uint32_t keys[] = { KEYS_NONE, 1, 17, 0x7f, 0x85, 0xa0,
		0x3000, 0xfeff, 0x202e, KEYS_LEFT, KEYS_HOME, KEYS_END };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		press(f, keys[i]);
	assert_string_equal(keyboard_text(f->k), "");
	assert_int_equal(keyboard_since(f->k), RACE_NO_TIME);
	type(f, "10 ");
	assert_string_equal(keyboard_text(f->k), "10");
	assert_says(f, "no blanks in a bib", true);
}

static void
a_time_gets_its_bib_later(void **state)
{
	struct fixture *f = *state;

	type(f, "\n102\n");
	press(f, KEYS_UP);
	assert_int_equal(keyboard_selected(f->k), 1);
	press(f, KEYS_UP);
	assert_int_equal(keyboard_selected(f->k), 0);
	type(f, "7\n");
	assert_fill_in(f, 3, 1, "7");
	assert_says(f, "7 Grace Hopper put in no 1", false);
	assert_int_equal(keyboard_selected(f->k), DEEDS_NONE);
	assert_string_equal(keyboard_entry(f->k, 0)->bib, "7");
	assert_int_equal(keyboard_entry(f->k, 0)->touched, 3);
	type(f, "120\n");
	assert_crossing(f, 4, "120", f->now_us - 300 * MS, 0);
}

static void
a_wrong_bib_is_corrected(void **state)
{
	struct fixture *f = *state;

	type(f, "102\n");
	press(f, KEYS_UP);
	type(f, "102\n");
	assert_says(f, "has 102 already", false);
	assert_int_equal(keyboard_last(f->k), 1);
	press(f, KEYS_UP);
	type(f, "999\n");
	assert_fill_in(f, 2, 1, "999");
	assert_says(f, "put in no 1 instead of 102", true);
}

static void
up_and_down_walk_and_never_lose_a_time(void **state)
{
	struct fixture *f = *state;

	press(f, KEYS_UP);
	assert_says(f, "nothing has been entered", true);
	press(f, KEYS_DOWN);
	type(f, "\n\n\n1");
	press(f, KEYS_UP);
	assert_says(f, "first finish 1", true);
	assert_int_equal(keyboard_selected(f->k), DEEDS_NONE);
	press(f, KEYS_ENTER);
	for (int i = 0; i < 6; i++)
		press(f, KEYS_UP);
	assert_int_equal(keyboard_selected(f->k), 0);
	press(f, KEYS_DOWN);
	assert_int_equal(keyboard_selected(f->k), 1);
	press(f, KEYS_PAGE_DOWN);
	assert_int_equal(keyboard_selected(f->k), DEEDS_NONE);
	press(f, KEYS_PAGE_UP);
	assert_int_equal(keyboard_selected(f->k), 0);
	press(f, KEYS_ESCAPE);
	assert_int_equal(keyboard_selected(f->k), DEEDS_NONE);
	/* Enter alone leaves, too: it is no runner. */
	press(f, KEYS_UP);
	press(f, KEYS_ENTER);
	assert_int_equal(keyboard_selected(f->k), DEEDS_NONE);
	assert_int_equal(keyboard_last(f->k), 4);
}

static void
somebody_passes_while_another_one_is_filled_in(void **state)
{
	struct fixture *f = *state;

	type(f, "\n");
	press(f, KEYS_UP);
	press(f, ' ');
	assert_crossing(f, 2, "", f->now_us, 0);
	assert_int_equal(keyboard_selected(f->k), 0);
	type(f, "7\n");
	assert_fill_in(f, 3, 1, "7");
}

static void
delete_takes_back_and_brings_back(void **state)
{
	struct fixture *f = *state;

	type(f, "102\n120\n");
	press(f, KEYS_DELETE);
	assert_says(f, "chosen with Up", true);
	press(f, KEYS_UP);
	press(f, KEYS_UP);
	press(f, KEYS_DELETE);
	assert_void(f, 3, 1);
	assert_true(keyboard_entry(f->k, 0)->gone);
	assert_says(f, "taken back: no 1, 10:00:00.1, 102 Ada", false);
	assert_int_equal(keyboard_selected(f->k), DEEDS_NONE);
	press(f, KEYS_UP);
	press(f, KEYS_UP);
	press(f, '7');
	assert_says(f, "no 1 was taken back", true);
	press(f, KEYS_DELETE);
	assert_crossing(f, 4, "102", 100 * MS, 0);
	assert_false(keyboard_entry(f->k, 0)->gone);
	assert_int_equal(keyboard_entry(f->k, 0)->seq, 4);
	/* It is found under its new number. */
	press(f, KEYS_UP);
	press(f, KEYS_UP);
	type(f, "7\n");
	assert_fill_in(f, 5, 4, "7");
}

static void
who_passes_after_a_delete_is_typed_and_taken(void **state)
{
	struct fixture *f = *state;

	type(f, "102\n");
	press(f, KEYS_UP);
	press(f, KEYS_DELETE);
	type(f, "7\n");
	assert_crossing(f, 3, "7", 700 * MS, 0);
}

static void
undo_goes_back_step_by_step_and_redo_forth(void **state)
{
	struct fixture *f = *state;

	type(f, "102\n\n");
	press(f, KEYS_UP);
	type(f, "120\n"); /* 3: a fill-in of 2 */
	press(f, KEYS_UP);
	press(f, KEYS_UP);
	press(f, KEYS_DELETE); /* 4: a void of 1 */
	assert_int_equal(keyboard_last(f->k), 4);

	press(f, KEYS_CTRL_Z);
	assert_crossing(f, 5, "102", 100 * MS, 0);
	assert_says(f, "brought back: no 1", false);
	press(f, KEYS_CTRL_Z);
	assert_fill_in(f, 6, 2, "");
	assert_says(f, "has no bib again", false);
	press(f, KEYS_CTRL_Z);
	assert_void(f, 7, 2);
	press(f, KEYS_CTRL_Z);
	assert_void(f, 8, 5);
	press(f, KEYS_CTRL_Z);
	assert_says(f, "nothing to take back", true);

	press(f, KEYS_CTRL_Y);
	assert_crossing(f, 9, "102", 100 * MS, 0);
	press(f, KEYS_CTRL_Y);
	assert_crossing(f, 10, "", 500 * MS, 0);
	press(f, KEYS_CTRL_Y);
	assert_fill_in(f, 11, 10, "120");
	press(f, KEYS_CTRL_Y);
	assert_void(f, 12, 9);
	press(f, KEYS_CTRL_Y);
	assert_says(f, "nothing to do again", true);
	assert_int_equal(keyboard_last(f->k), 12);
}

static void
what_is_done_after_an_undo_ends_the_redo(void **state)
{
	struct fixture *f = *state;

	type(f, "102\n120\n");
	press(f, KEYS_CTRL_Z);
	type(f, "7\n");
	press(f, KEYS_CTRL_Y);
	assert_says(f, "nothing to do again", true);
	press(f, KEYS_CTRL_Z);
	assert_void(f, 5, 4);
	press(f, KEYS_CTRL_Z);
	assert_void(f, 6, 1);
}

static void
undo_is_not_for_what_is_being_typed(void **state)
{
	struct fixture *f = *state;

	type(f, "102\n12");
	press(f, KEYS_CTRL_Z);
	assert_says(f, "12 is not entered yet", true);
	assert_string_equal(keyboard_text(f->k), "12");
	assert_int_equal(keyboard_last(f->k), 1);
}

static void
the_same_bib_again_within_10_minutes_is_told_and_taken(void **state)
{
	struct fixture *f = *state;

	press_at(f, 2 * S, '7');
	press(f, KEYS_ENTER);
	press_at(f, 602 * S, '7');
	press(f, KEYS_ENTER);
	assert_says(f, "again, first at 10:00:02.0", true);
	assert_int_equal(keyboard_last(f->k), 2);
	press_at(f, 1202 * S + 1, '7');
	press(f, KEYS_ENTER);
	assert_says(f, "taken, 10:20:02.0", false);
	/* What was taken back is not there. */
	press(f, KEYS_CTRL_Z);
	press_at(f, 1300 * S, '7');
	press(f, KEYS_ENTER);
	assert_says(f, "taken, 10:21:40.0", false);
	assert_int_equal(keyboard_seen(f->k, 1, "7", T0 + 602 * S), T0 + 2 * S);
}

static void
events_leave_when_they_are_durable(void **state)
{
	struct fixture *f = *state;

	keyboard_free(f->k);
	f->k = make(f, false, 40);
	type(f, "102\n120\n7\n");
	assert_int_equal(keyboard_last(f->k), 43);
	keyboard_durable(f->k, 42);
	assert_crossing(f, 43, "7", 900 * MS, 0);
	type(f, "\n");
	press(f, KEYS_CTRL_Z);
	assert_void(f, 45, 44);
	keyboard_durable(f->k, 45);
	assert_int_equal(keyboard_last(f->k), 45);
}

static void
the_draft_is_the_line_with_its_time(void **state)
{
	struct fixture *f = *state;
	struct keyboard_draft d;

	assert_false(keyboard_draft(f->k, &d));
	type(f, "12");
	assert_true(keyboard_draft(f->k, &d));
	assert_string_equal(d.text, "12");
	assert_int_equal(d.time_us, T0 + 100 * MS);
	assert_int_equal(d.boot_us, 5000 * S + 100 * MS);
	type(f, "\n");
	assert_false(keyboard_draft(f->k, &d));
	/* A fill-in has no time to lose. */
	press(f, KEYS_UP);
	type(f, "7");
	assert_false(keyboard_draft(f->k, &d));
}

/* 3.5 s behind the aggregator, 3 ms up and down. */
static void
measure(struct fixture *f)
{
	int64_t boot_us = 5000 * S + f->now_us;
	int64_t utc_us = T0 + f->now_us + 3500 * MS;

	clockwork_sample(f->clocks,
	    &(struct clockfit_sample){ .t1_us = boot_us - 6 * MS,
	        .t2_us = utc_us - 3 * MS,
	        .t3_us = utc_us - 3 * MS,
	        .t4_us = boot_us });
}

static void
a_crossing_says_what_was_known_of_the_clock_when_it_was_stamped(void **state)
{
	struct fixture *f = *state;
	struct keyboard_draft d;
	struct race_event e;

	type(f, "7\n");
	e = event(f, 1);
	assert_int_equal(e.crossing.clock_epoch, 1);
	assert_int_equal(e.crossing.offset_us, 0);
	assert_int_equal(e.crossing.bound_us, 0);
	measure(f);
	type(f, "102");
	assert_true(keyboard_draft(f->k, &d));
	assert_in_range(d.mark.offset_us, 3500 * MS - 200, 3500 * MS + 200);
	type(f, "\n");
	e = event(f, 2);
	assert_int_equal(e.crossing.clock_epoch, 1);
	assert_int_equal(e.crossing.offset_us, d.mark.offset_us);
	assert_in_range(e.crossing.bound_us, 3 * MS, 3200);
	/* Taken back and brought back it is the same moment. */
	press(f, KEYS_CTRL_Z);
	press(f, KEYS_CTRL_Z);
	press(f, KEYS_CTRL_Y);
	press(f, KEYS_CTRL_Y);
	press(f, KEYS_CTRL_Z);
	press(f, KEYS_CTRL_Y);
	e = event(f, keyboard_last(f->k));
	for (uint64_t seq = 3; seq <= keyboard_last(f->k); seq++) {
		struct race_event again = event(f, seq);

		if (again.kind == RACE_CROSSING &&
		    strcmp(again.crossing.bib, "102") == 0)
			e = again;
	}
	assert_int_equal(e.crossing.offset_us, d.mark.offset_us);
	assert_int_equal(e.crossing.clock_epoch, 1);
}

static void
an_estimate_takes_a_number_and_is_nobodys_entry(void **state)
{
	const struct race_clock_estimate made = { .clock_epoch = 1,
		.boot_us = 5,
		.offset_us = 6,
		.drift_ppb = 7,
		.bound_us = 8,
		.drift_bound_ppb = 9 };
	struct fixture *f = *state;
	struct race_event e;

	keyboard_estimate(f->k, &made, T0);
	/* Nor a reason to stay. */
	press(f, KEYS_CTRL_C);
	assert_true(keyboard_ended(f->k));
	type(f, "7\n");
	e = event(f, 1);
	assert_int_equal(e.kind, RACE_CLOCK);
	assert_int_equal(e.made_us, T0);
	assert_memory_equal(&e.clock, &made, sizeof made);
	assert_crossing(f, 2, "7", 200 * MS, 0);
	assert_int_equal(keyboard_count(f->k), 1);
	press(f, KEYS_CTRL_Z);
	assert_void(f, 3, 2);
}

static void
a_line_goes_on_after_a_restart_with_its_old_time(void **state)
{
	struct keyboard_draft d = { .time_us = T0 - 60 * S,
		.boot_us = 17,
		.mark = { .epoch = 4, .offset_us = -5, .bound_us = 6 },
		.text = "10" };
	struct fixture *f = *state;
	struct race_event e;

	keyboard_resume(f->k, &d);
	assert_says(f, "you were typing 10 at 09:59:00.0", true);
	type(f, "2\n");
	e = event(f, 1);
	assert_string_equal(e.crossing.bib, "102");
	assert_int_equal(e.crossing.time_us, T0 - 60 * S);
	assert_int_equal(e.crossing.boot_us, 17);
	assert_int_equal(e.crossing.clock_epoch, 4);
	assert_int_equal(e.crossing.offset_us, -5);
	assert_int_equal(e.crossing.bound_us, 6);
	d.text[0] = '\0';
	keyboard_resume(f->k, &d);
	assert_int_equal(keyboard_since(f->k), RACE_NO_TIME);
}

static void
leaving_asks_when_something_would_be_lost(void **state)
{
	struct fixture *f = *state;

	type(f, "102\n");
	press(f, KEYS_CTRL_C);
	assert_says(f, "1 NOT ON DISK", true);
	assert_false(keyboard_ended(f->k));
	/* Any other key is a no. */
	press(f, KEYS_ESCAPE);
	press(f, KEYS_CTRL_C);
	assert_false(keyboard_ended(f->k));
	keyboard_durable(f->k, 1);
	type(f, "7");
	press(f, KEYS_CTRL_C);
	assert_says(f, "7 is not entered", true);
	assert_false(keyboard_ended(f->k));
	press(f, KEYS_CTRL_C);
	assert_true(keyboard_ended(f->k));
}

static void
leaving_with_everything_on_disk_asks_nothing(void **state)
{
	struct fixture *f = *state;

	type(f, "102\n");
	keyboard_durable(f->k, 1);
	press(f, 17); /* Ctrl-Q */
	assert_false(keyboard_ended(f->k));
	press(f, KEYS_CTRL_C);
	assert_true(keyboard_ended(f->k));
}

static void
a_clock_that_is_decades_off_takes_nothing(void **state)
{
	struct fixture *f = *state;

	press_at(f, -T0 + 3600 * S, '7');
	assert_says(f, "clock is wrong", true);
	assert_string_equal(keyboard_text(f->k), "");
	press_at(f, -T0 + 3600 * S, KEYS_ENTER);
	assert_int_equal(keyboard_last(f->k), 0);
	press_at(f, -T0 + 3600 * S, KEYS_CTRL_C);
	assert_true(keyboard_ended(f->k));
}

/* ---- any typing ---- */

static uint32_t
some_key(uint64_t *seed)
{
	static const uint32_t keys[] = { KEYS_ENTER, KEYS_ENTER, KEYS_ENTER,
		KEYS_UP, KEYS_UP, KEYS_DOWN, KEYS_DELETE, KEYS_BACKSPACE,
		KEYS_ESCAPE, KEYS_CTRL_Z, KEYS_CTRL_Z, KEYS_CTRL_Y, ' ', '1',
		'0', '2', '7', '7', 0xe9 };

	return keys[test_below(seed, sizeof keys / sizeof *keys)];
}

/* What the aggregator makes of the events: the bib of each crossing. */
struct state {
	uint64_t seq;
	int64_t time_us;
	char bib[RACE_BIB_MAX + 1];
	bool gone;
};

static void
apply(struct state *all, uint64_t seq, const struct race_event *e)
{
	struct state *s = &all[seq];

	if (e->kind == RACE_CROSSING) {
		s->seq = seq;
		s->time_us = e->crossing.time_us;
		snprintf(s->bib, sizeof s->bib, "%s", e->crossing.bib);
	} else if (e->kind == RACE_VOID) {
		assert_int_equal(all[e->void_seq].seq, e->void_seq);
		assert_false(all[e->void_seq].gone);
		all[e->void_seq].gone = true;
	} else {
		s = &all[e->fill_in.seq];
		assert_int_equal(s->seq, e->fill_in.seq);
		assert_false(s->gone);
		snprintf(s->bib, sizeof s->bib, "%s", e->fill_in.bib);
	}
}

/* The entries shown are what the events say, no more and no less. */
static void
assert_shown(const struct keyboard *k, const struct state *all, uint64_t last)
{
	size_t there = 0;
	size_t shown = 0;

	for (uint64_t seq = 1; seq <= last; seq++)
		there += all[seq].seq == seq && !all[seq].gone;
	for (size_t i = 0; i < keyboard_count(k); i++) {
		const struct deeds_entry *e = keyboard_entry(k, i);
		const struct state *s = &all[e->seq];

		assert_int_equal(s->seq, e->seq);
		assert_int_equal(s->gone, e->gone);
		assert_int_equal(s->time_us, e->time_us);
		assert_string_equal(s->bib, e->bib);
		shown += !e->gone;
	}
	assert_int_equal(shown, there);
}

static void
assert_same(const struct keyboard *a, const struct keyboard *b)
{
	assert_int_equal(keyboard_count(a), keyboard_count(b));
	for (size_t i = 0; i < keyboard_count(a); i++) {
		const struct deeds_entry *x = keyboard_entry(a, i);
		const struct deeds_entry *y = keyboard_entry(b, i);

		assert_int_equal(x->seq, y->seq);
		assert_int_equal(x->touched, y->touched);
		assert_int_equal(x->time_us, y->time_us);
		assert_string_equal(x->bib, y->bib);
		assert_int_equal(x->gone, y->gone);
	}
}

enum { KEYS = 3000 };

static void
whatever_is_typed_the_screen_shows_what_the_events_say(void **state)
{
	struct fixture *f = *state;
	struct state *all = xcalloc(KEYS + 1, sizeof *all);
	struct keyboard *again = make(f, false, 0);
	uint64_t seed = test_seed();
	uint64_t seq = 0;

	for (int i = 0; i < KEYS; i++) {
		struct race_event e;

		press_at(f, f->now_us + 1 + (int64_t)test_below(&seed, 300000),
		    some_key(&seed));
		assert_true(keyboard_last(f->k) <= seq + 1);
		if (keyboard_last(f->k) == seq)
			continue;
		keyboard_event(f->k, ++seq, &e);
		apply(all, seq, &e);
		keyboard_recall(again, seq, &e);
		if (test_below(&seed, 4) == 0)
			keyboard_durable(f->k, seq);
	}
	assert_true(keyboard_count(f->k) > KEYS / 20);
	assert_shown(f->k, all, seq);
	assert_same(f->k, again);
	keyboard_free(again);
	free(all);
}

static void
after_a_restart_undo_goes_on_where_it_was(void **state)
{
	struct fixture *f = *state;
	struct keyboard *before = f->k;
	uint64_t last;

	type(f, "102\n\n");
	press(f, KEYS_UP);
	type(f, "7\n120\n");
	press(f, KEYS_CTRL_Z); /* 120 */
	last = keyboard_last(before);
	f->k = make(f, false, last);
	for (uint64_t seq = 1; seq <= last; seq++) {
		struct race_event e;

		keyboard_event(before, seq, &e);
		keyboard_recall(f->k, seq, &e);
	}
	keyboard_free(before);
	press(f, KEYS_CTRL_Z);
	assert_fill_in(f, last + 1, 2, "");
	press(f, KEYS_CTRL_Y);
	assert_fill_in(f, last + 2, 2, "7");
	press(f, KEYS_CTRL_Y);
	assert_int_equal(event(f, last + 3).kind, RACE_CROSSING);
	assert_string_equal(event(f, last + 3).crossing.bib, "120");
}

/* As what is pasted has: many bytes of one moment. */
static void
entries_of_one_moment_come_back_as_themselves(void **state)
{
	struct fixture *f = *state;
	struct keyboard *again = make(f, false, 0);

	for (const char *c = "7\r120\r"; *c != '\0'; c++)
		press_at(f, S,
		    *c == '\r' ? (uint32_t)KEYS_ENTER : (uint32_t)*c);
	press(f, KEYS_CTRL_Z);
	press(f, KEYS_CTRL_Z);
	press(f, KEYS_CTRL_Y);
	for (uint64_t seq = 1; seq <= keyboard_last(f->k); seq++) {
		struct race_event e = event(f, seq);

		keyboard_recall(again, seq, &e);
	}
	assert_same(f->k, again);
	keyboard_free(again);
}

static void
what_was_not_typed_is_passed_over(void **state)
{
	struct fixture *f = *state;
	struct race_event e = { .kind = RACE_CROSSING,
		.crossing = { .point = "finish",
		    .bib = "7",
		    .chip = "",
		    .time_us = T0,
		    .source = "box.csv:2" } };

	keyboard_recall(f->k, 1, &e);
	e = (struct race_event){ .kind = RACE_VOID, .void_seq = 1 };
	keyboard_recall(f->k, 2, &e);
	e = (struct race_event){ .kind = RACE_CLOCK };
	keyboard_recall(f->k, 3, &e);
	assert_int_equal(keyboard_count(f->k), 0);
}

static void
who_begins_with_what_is_typed_is_found(void **state)
{
	const struct race_entry *list[3];
	struct fixture *f = *state;

	assert_int_equal(bibs_beginning(f->bibs, "12", list, 3), 2);
	assert_string_equal(list[0]->bib, "120");
	assert_string_equal(list[1]->bib, "121");
	assert_int_equal(bibs_beginning(f->bibs, "1", list, 2), 2);
	assert_int_equal(bibs_beginning(f->bibs, "13", list, 3), 0);
	assert_int_equal(bibs_beginning(f->bibs, "8", list, 3), 0);
	assert_string_equal(bibs_find(f->bibs, "7")->name, "Grace Hopper");
	assert_string_equal(bibs_find(f->bibs, "7")->team, "Navy");
	assert_null(bibs_find(f->bibs, "77"));
	assert_null(bibs_find(f->bibs, ""));
}

/* The texts are gone by then: nothing may point at them. */
static void
enter_late(struct fixture *f, const char *bib, const char *name)
{
	char copies[2][64];
	struct race_entry late = { .bib = copies[0],
		.name = copies[1],
		.team = "",
		.category = "" };
	const struct race_entry *all[] = { &entries[0], &entries[1],
		&entries[2], &entries[3], &late };

	(void)snprintf(copies[0], sizeof copies[0], "%s", bib);
	(void)snprintf(copies[1], sizeof copies[1], "%s", name);
	bibs_replace(f->bibs, all, sizeof all / sizeof *all);
	memset(copies, 'x', sizeof copies);
}

static void
other_bibs_take_the_place_of_all(void **state)
{
	struct fixture *f = *state;

	enter_late(f, "1200", "Hedy Lamarr");
	assert_string_equal(bibs_find(f->bibs, "1200")->name, "Hedy Lamarr");
	assert_string_equal(bibs_find(f->bibs, "102")->name, "Ada Lovelace");
	bibs_replace(f->bibs, NULL, 0);
	assert_true(bibs_empty(f->bibs));
	assert_null(bibs_find(f->bibs, "102"));
}

static void
an_unknown_bib_that_somebody_gets_is_told_as_known(void **state)
{
	struct fixture *f = *state;

	type(f, "131\n");
	assert_says(f, "131 taken, but nobody has it", true);
	enter_late(f, "132", "Not that one");
	keyboard_renew(f->k);
	assert_true(keyboard_warns(f->k));
	assert_false(keyboard_rings(f->k));
	enter_late(f, "131", "Hedy Lamarr");
	keyboard_renew(f->k);
	assert_says(f, "131 Hedy Lamarr: entered meanwhile", false);
	/* No second event: the crossing is what it was. */
	assert_int_equal(keyboard_last(f->k), 1);
	assert_crossing(f, 1, "131", 100 * MS, RACE_FLAG_UNKNOWN_BIB);
}

static void
words_about_another_bib_are_left_alone(void **state)
{
	struct fixture *f = *state;

	type(f, "131\n");
	assert_says(f, "131 taken, but nobody has it", true);
	type(f, "7\n");
	enter_late(f, "131", "Hedy Lamarr");
	keyboard_renew(f->k);
	assert_says(f, "7 Grace Hopper taken", false);
	/* Nor do words come back that a key has wiped off. */
	type(f, "133\n1");
	enter_late(f, "133", "Hedy Lamarr");
	keyboard_renew(f->k);
	assert_string_equal(keyboard_note(f->k), "");
}

static void
a_guess_says_why_of_the_best_and_never_overflows(void **state)
{
	struct fixture *f = *state;
	char out[200];
	char small[24];

	bibs_guess(f->bibs, "201", out, sizeof out);
	bibs_guess(f->bibs, "210", out, sizeof out);
	assert_non_null(strstr(out, "120 Bob ("));
	bibs_guess(f->bibs, "210", small, 8);
	assert_string_equal(small, "");
	bibs_guess(f->bibs, "55555", out, sizeof out);
	assert_string_equal(out, "");
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_time_is_that_of_the_first_key),
		TEST(each_line_has_a_time_of_its_own),
		TEST(an_empty_enter_is_a_time_without_bib),
		TEST(a_key_held_down_counts_once),
		TEST(a_key_held_down_that_was_taken_for_a_runner_is_told),
		TEST(a_key_held_down_at_once_took_nobody_in_vain),
		TEST(the_enter_of_a_bib_that_bounces_is_no_second_runner),
		TEST(an_unknown_bib_is_told_with_its_neighbours_and_taken),
		TEST(nobody_is_unknown_where_nobody_is_entered),
		TEST(a_list_of_bibs_is_listed),
		TEST(backspace_corrects_and_keeps_the_time),
		TEST(an_emptied_line_lets_its_time_go_after_5_s),
		TEST(escape_drops_the_line_and_its_time),
		TEST(a_bib_is_bounded_and_characters_stay_whole),
		TEST(blanks_and_controls_type_nothing),
		TEST(a_time_gets_its_bib_later),
		TEST(a_wrong_bib_is_corrected),
		TEST(up_and_down_walk_and_never_lose_a_time),
		TEST(somebody_passes_while_another_one_is_filled_in),
		TEST(delete_takes_back_and_brings_back),
		TEST(who_passes_after_a_delete_is_typed_and_taken),
		TEST(undo_goes_back_step_by_step_and_redo_forth),
		TEST(what_is_done_after_an_undo_ends_the_redo),
		TEST(undo_is_not_for_what_is_being_typed),
		TEST(the_same_bib_again_within_10_minutes_is_told_and_taken),
		TEST(events_leave_when_they_are_durable),
		TEST(the_draft_is_the_line_with_its_time),
		TEST(
		    a_crossing_says_what_was_known_of_the_clock_when_it_was_stamped),
		TEST(an_estimate_takes_a_number_and_is_nobodys_entry),
		TEST(a_line_goes_on_after_a_restart_with_its_old_time),
		TEST(leaving_asks_when_something_would_be_lost),
		TEST(leaving_with_everything_on_disk_asks_nothing),
		TEST(a_clock_that_is_decades_off_takes_nothing),
		TEST(whatever_is_typed_the_screen_shows_what_the_events_say),
		TEST(after_a_restart_undo_goes_on_where_it_was),
		TEST(entries_of_one_moment_come_back_as_themselves),
		TEST(what_was_not_typed_is_passed_over),
		TEST(who_begins_with_what_is_typed_is_found),
		TEST(other_bibs_take_the_place_of_all),
		TEST(an_unknown_bib_that_somebody_gets_is_told_as_known),
		TEST(words_about_another_bib_are_left_alone),
		TEST(a_guess_says_why_of_the_best_and_never_overflows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
