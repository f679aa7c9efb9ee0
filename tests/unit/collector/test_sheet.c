#include "support/test.h"

#include <string.h>

#include "collector/sheet.h"
#include "common/instant.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "support/shown.h"

#define T0 INT64_C(1411293600000000) /* 2014-09-21T10:00:00Z */
#define S  INT64_C(1000000)

static const struct race_entry entries[] = {
	{ .bib = "102",
	    .name = "Ada Lovelace",
	    .team = "Engines",
	    .category = "" },
	{ .bib = "120", .name = "Bob", .team = "", .category = "M2" },
	{ .bib = "121", .name = "Zoé", .team = "", .category = "" },
};

struct fixture {
	struct bibs *bibs;
	struct keyboard *k;
	struct clockwork *clocks;
	struct sheet sheet;
	struct sheet_scene scene;
	int64_t now_us;
};

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);
	struct keyboard_setup s = { .point = "finish" };
	const struct clockwork_epoch none = { 0 };
	const struct keys_stamp start = { T0, 0, 0 };

	f->clocks = clockwork_new(&none, "boot", &start);
	s.clocks = f->clocks;
	assert_int_equal(instant_zone("UTC", NULL), 0);
	f->bibs = bibs_new(entries, sizeof entries / sizeof *entries);
	s.bibs = f->bibs;
	f->k = keyboard_new(&s);
	f->scene = (struct sheet_scene){ .keyboard = f->k,
		.bibs = f->bibs,
		.title = "Les 8 kilomètres",
		.point = "finish",
		.name = "laptop-7",
		.now_us = T0 + 100 * S,
		.link = UPLINK_UP,
		.disk_free = UINT64_C(20000000000),
		.alarm = "",
		.fresh = "",
		.log = "" };
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	sheet_close(&f->sheet);
	keyboard_free(f->k);
	clockwork_free(f->clocks);
	bibs_free(f->bibs);
	free(f);
	return 0;
}

static void
press(struct fixture *f, uint32_t key)
{
	struct keys_press p = { .key = key };

	f->now_us += S / 10;
	p.stamp = (struct keys_stamp){ .utc_us = T0 + f->now_us,
		.boot_us = f->now_us,
		.mono_us = f->now_us };
	keyboard_press(f->k, &p);
}

static void
type(struct fixture *f, const char *ascii)
{
	for (; *ascii != '\0'; ascii++)
		press(f,
		    *ascii == '\n' ? (uint32_t)KEYS_ENTER : (uint32_t)*ascii);
}

static void
compose(struct fixture *f, size_t height, size_t width)
{
	sheet_compose(&f->sheet, height, width, &f->scene);
}

static const struct screen_line *
find(const struct fixture *f, const char *words)
{
	return shown_find(f->sheet.lines, f->sheet.height, words);
}

static const struct screen_line *
sees(const struct fixture *f, const char *words)
{
	const struct screen_line *line = find(f, words);

	if (line != NULL)
		return line;
	for (size_t i = 0; i < f->sheet.height; i++)
		print_message("%s|\n", f->sheet.lines[i].text);
	fail_msg("nowhere: %s", words);
	return NULL;
}

static void
sees_not(const struct fixture *f, const char *words)
{
	const struct screen_line *line = find(f, words);

	if (line != NULL)
		fail_msg("'%s' is in '%s'", words, line->text);
}

/* ---- ---- */

static void
somebody_who_has_read_nothing_is_told_what_to_do(void **state)
{
	struct fixture *f = *state;

	compose(f, 24, 80);
	sees(f, "Type the bib of each runner who passes, then Enter.");
	sees(f, "Enter alone takes the time");
	sees(f, "Ctrl-Z takes the last entry back");
	sees(f, "Ctrl-C: leave");
	compose(f, 10, 40);
	sees(f, "Type the bib of each");
	sees(f, "^C end");
	type(f, "102\n");
	compose(f, 24, 80);
	sees_not(f, "Type the bib");
}

static void
who_types_bibs_alone_is_told_so(void **state)
{
	struct fixture *f = *state;

	f->scene.listed = true;
	compose(f, 24, 80);
	sees(f, "finish (bibs) - Les 8");
	sees(f, "on the other laptop");
	sees(f, "Enter alone: bib not read");
}

static void
an_entry_has_its_time_name_team_and_state(void **state)
{
	struct fixture *f = *state;
	const struct screen_line *line;

	type(f, "102\n120\n");
	f->scene.durable = 1;
	compose(f, 24, 80);
	line = sees(f, "    1  10:00:00.1  102   Ada Lovelace");
	assert_non_null(strstr(line->text, "Engines"));
	assert_non_null(strstr(line->text, "on disk"));
	line = sees(f, "    2  10:00:00.5  120   Bob");
	assert_non_null(strstr(line->text, "M2"));
	assert_non_null(strstr(line->text, "..."));
	sees(f, "1 on disk to be sent, 0 sent");
	f->scene.durable = f->scene.acked = 2;
	compose(f, 24, 80);
	assert_non_null(strstr(sees(f, "Ada")->text, "sent"));
	sees(f, "link up: all 2 sent");
}

static void
what_found_no_room_is_an_alarm(void **state)
{
	struct fixture *f = *state;
	const struct screen_line *line;

	type(f, "102\n120\n");
	f->scene.durable = 1;
	f->scene.full = true;
	for (size_t width = 40; width <= 80; width += 40) {
		compose(f, 12, width);
		line = sees(f, "DISK FULL: 1 NOT ON DISK.");
		assert_int_equal(line->style, SCREEN_BOLD | SCREEN_REVERSE);
		line = sees(f, "120");
		assert_non_null(strstr(line->text, "NOT ON DISK"));
		assert_int_equal(line->style, SCREEN_BOLD);
	}
	f->scene.full = false;
	f->scene.disk_free = 49000000;
	compose(f, 12, 80);
	sees(f, "disk 49 MB free");
}

static void
a_lost_link_is_told_with_what_waits(void **state)
{
	struct fixture *f = *state;

	type(f, "102\n");
	f->scene.durable = 1;
	f->scene.link = UPLINK_DOWN;
	f->scene.gone_us = 94 * S;
	compose(f, 24, 80);
	sees(f, "NO LINK for 94 s: 1 on disk to be sent");
	assert_int_equal(f->sheet.lines[1].style, SCREEN_BOLD);
	f->scene.link = UPLINK_CONNECTING;
	compose(f, 24, 80);
	sees(f, "looking for the aggregator: 1 on disk");
	f->scene.link = UPLINK_REFUSED;
	compose(f, 24, 80);
	sees(f, "REFUSED");
}

static void
a_name_is_seen_while_it_is_typed(void **state)
{
	struct fixture *f = *state;

	type(f, "1");
	compose(f, 24, 80);
	sees(f, "... 102 Ada Lovelace, 120 Bob, 121 Zoé");
	type(f, "02");
	compose(f, 24, 80);
	sees(f, "10:00:00.1 > 102");
	sees(f, "= Ada Lovelace, Engines");
	assert_int_equal(f->sheet.cursor_column,
	    strlen("       10:00:00.1 > 102"));
	assert_non_null(
	    strstr(f->sheet.lines[f->sheet.cursor_line].text, "> 102"));
}

static void
nobody_is_told_as_soon_as_no_bib_begins_so(void **state)
{
	struct fixture *f = *state;

	type(f, "2");
	compose(f, 24, 80);
	assert_int_equal(sees(f, "nobody has 2")->style, SCREEN_BOLD);
	type(f, "01");
	compose(f, 24, 80);
	assert_int_equal(sees(f, "nobody has 201")->style, SCREEN_BOLD);
	press(f, KEYS_ESCAPE);
	type(f, "210");
	compose(f, 24, 80);
	sees(f, "nobody has 210: perhaps 120 Bob (");
	press(f, KEYS_ENTER);
	compose(f, 24, 80);
	assert_int_equal(sees(f, "nobody has it: 120 Bob (")->style,
	    SCREEN_BOLD);
	compose(f, 12, 40);
	sees(f, "210  unknown");
}

static void
the_same_bib_again_is_told_before_and_after_enter(void **state)
{
	struct fixture *f = *state;

	type(f, "102\n102");
	compose(f, 24, 80);
	sees(f, "again, first at 10:00:00");
	press(f, KEYS_ENTER);
	compose(f, 24, 80);
	assert_int_equal(sees(f, "again (10:00:00)")->style, SCREEN_BOLD);
	compose(f, 12, 40);
	sees(f, "102  again (10:");
}

static void
a_chosen_entry_stands_out_and_is_what_is_filled(void **state)
{
	struct fixture *f = *state;

	type(f, "\n120\n");
	press(f, KEYS_UP);
	press(f, KEYS_UP);
	type(f, "10");
	compose(f, 24, 80);
	assert_int_equal(sees(f, "(no bib yet)")->style, SCREEN_REVERSE);
	sees(f, "bib of no 1, 10:00:00.1 > 10");
	sees(f, "bib, Enter: fill in");
	press(f, KEYS_ESCAPE);
	compose(f, 24, 80);
	assert_int_equal(sees(f, "(no bib yet)")->style, SCREEN_BOLD);
}

static void
what_is_taken_back_is_dim_and_says_so(void **state)
{
	struct fixture *f = *state;

	type(f, "120\n");
	press(f, KEYS_CTRL_Z);
	f->scene.durable = 2;
	compose(f, 24, 80);
	assert_int_equal(sees(f, "120   Bob")->style, SCREEN_DIM);
	assert_non_null(strstr(sees(f, "120   Bob")->text, "taken back"));
}

static void
the_newest_are_shown_and_the_chosen_one_scrolls(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 40; i++)
		type(f, "120\n");
	compose(f, 24, 80);
	sees(f, "   40  10:00:15.7");
	sees_not(f, "    1  10:00:00.1");
	for (int i = 0; i < 40; i++)
		press(f, KEYS_UP);
	compose(f, 24, 80);
	sees(f, "    1  10:00:00.1");
	sees_not(f, "   40  10:00:15.7");
	press(f, KEYS_PAGE_DOWN);
	press(f, KEYS_PAGE_DOWN);
	compose(f, 24, 80);
	assert_int_equal(sees(f, "   21  10:")->style, SCREEN_REVERSE);
	press(f, KEYS_ESCAPE);
	compose(f, 24, 80);
	sees(f, "   40  10:00:15.7");
}

static void
a_long_note_takes_two_lines(void **state)
{
	struct fixture *f = *state;

	type(f, "210\n");
	compose(f, 12, 40);
	sees(f, "210 taken, but nobody has it");
	sees(f, "Ctrl-Z");
}

static void
on_a_small_screen_the_log_stands_where_nothing_else_does(void **state)
{
	struct fixture *f = *state;

	f->scene.log = "uplink: back after 94 s";
	compose(f, 10, 40);
	sees(f, "^C end");
	sees(f, "uplink: back");
	/* What a key did is read there. */
	type(f, "102\n");
	compose(f, 10, 40);
	sees(f, "102 Ada Lovelace taken");
	sees(f, "uplink: back");
}

static void
an_entry_that_was_taken_back_is_not_filled_in(void **state)
{
	struct fixture *f = *state;

	type(f, "102\n");
	press(f, KEYS_UP);
	press(f, KEYS_DELETE);
	press(f, KEYS_UP);
	compose(f, 24, 80);
	sees(f, "Delete: bring it back");
	sees_not(f, "fill in");
}

static void
who_types_bibs_alone_is_told_of_no_times(void **state)
{
	struct fixture *f = *state;

	f->scene.listed = true;
	type(f, "102\n");
	press(f, KEYS_UP);
	compose(f, 24, 80);
	sees(f, "Space: bib not read");
	sees_not(f, "a time now");
}

static void
the_log_does_not_hide_the_keys_where_there_is_room(void **state)
{
	struct fixture *f = *state;

	f->scene.log = "uplink: back after 94 s";
	compose(f, 24, 80);
	sees(f, "back after 94 s");
	sees(f, "Ctrl-C: leave");
	compose(f, 12, 40);
	sees(f, "back after 94 s");
}

static void
an_alarm_moves_the_entries_down_and_no_key_away(void **state)
{
	struct fixture *f = *state;
	const struct screen_line *alarm;

	type(f, "102\n120\n");
	f->scene.alarm = "WRONG POINT: no point 'finsh': did you mean "
	                 "'finish'? There are: start, finish. Entries are "
	                 "kept, and do not count.";
	f->scene.wrong = true;
	compose(f, 24, 80);
	alarm = sees(f, "WRONG POINT: no point 'finsh'");
	assert_ptr_equal(alarm, &f->sheet.lines[2]);
	assert_int_equal(alarm->style, SCREEN_BOLD | SCREEN_REVERSE);
	assert_ptr_equal(sees(f, "and do not count."), &f->sheet.lines[3]);
	assert_ptr_equal(sees(f, "Ada Lovelace"), &f->sheet.lines[5]);
	assert_non_null(strstr(f->sheet.lines[1].text, "link up"));
	compose(f, 10, 40);
	sees(f, "WRONG POINT");
	sees(f, "120");
	sees(f, "^C end");
	/* What is wrong elsewhere is no alarm of this station. */
	f->scene.wrong = false;
	compose(f, 24, 80);
	assert_int_equal(f->sheet.lines[2].style, SCREEN_BOLD);
	f->scene.alarm = "";
	compose(f, 24, 80);
	assert_ptr_equal(sees(f, "Ada Lovelace"), &f->sheet.lines[3]);
}

static void
a_new_outbox_is_told_until_something_is_entered(void **state)
{
	struct fixture *f = *state;

	compose(f, 24, 80);
	sees_not(f, "new list");
	f->scene.fresh = "/home/ada/laptop-7.outbox.db";
	compose(f, 24, 80);
	sees(f, "This is a new list, kept in /home/ada/laptop-7.outbox.db.");
	sees(f, "Ctrl-Z takes the last entry back");
	type(f, "102\n");
	compose(f, 24, 80);
	sees_not(f, "new list");
}

static void
who_is_entered_late_gets_the_name(void **state)
{
	struct fixture *f = *state;
	const struct race_entry late = { .bib = "131",
		.name = "Hedy Lamarr",
		.team = "",
		.category = "" };

	type(f, "131\n");
	compose(f, 24, 80);
	sees(f, "nobody has it: 121");
	bibs_replace(f->bibs, (const struct race_entry *[]){ &late }, 1);
	compose(f, 24, 80);
	sees_not(f, "nobody has it:");
	sees(f, "Hedy Lamarr");
}

static void
it_fits_any_size(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = test_seed();

	f->scene.log = "Œuvres & Façades: a long line of the log, with words";
	for (int i = 0; i < 300; i++) {
		static const char *const keys[] = { "1", "0", "2", "\n", "\n" };
		size_t height = 1 + test_below(&seed, 60);
		size_t width = 1 + test_below(&seed, 200);

		type(f, keys[test_below(&seed, 5)]);
		if (test_below(&seed, 5) == 0)
			press(f, KEYS_UP);
		f->scene.full = test_below(&seed, 2) == 0;
		f->scene.alarm = test_below(&seed, 2) == 0
		    ? ""
		    : "WRONG POINT: no point 'arivée', wherever that may be. "
		      "Entries are kept, and do not count, Œuvres & Façades";
		compose(f, height, width);
		assert_true(f->sheet.height >= height);
		for (size_t y = 0; y < f->sheet.height; y++)
			assert_true(
			    text_width(f->sheet.lines[y].text) <= width);
		assert_true(f->sheet.cursor_line < f->sheet.height);
	}
}

static void
long_names_move_nothing(void **state)
{
	char name[RACE_NAME_MAX + 1];
	const struct race_entry long_one = {
		.bib = "12345678901234567890123456789012",
		.name = name,
		.team = name,
		.category = ""
	};
	struct fixture *f = *state;
	struct keyboard_setup s = { .point = "finish" };
	struct bibs *bibs;

	memset(name, 'W', RACE_NAME_MAX);
	name[RACE_NAME_MAX] = '\0';
	bibs = bibs_new(&long_one, 1);
	keyboard_free(f->k);
	s.bibs = bibs;
	s.clocks = f->clocks;
	f->k = keyboard_new(&s);
	f->scene.keyboard = f->k;
	f->scene.bibs = bibs;
	f->scene.title = name;
	type(f, long_one.bib);
	compose(f, 24, 80);
	sees(f, "= WWW");
	type(f, "\n1\n");
	f->scene.durable = 2;
	compose(f, 24, 80);
	assert_int_equal(text_width(sees(f, "on disk")->text), 80);
	sees(f, "10:01:40"); /* the clock keeps its room */
	f->scene.bibs = f->bibs;
	keyboard_free(f->k);
	f->k = NULL;
	bibs_free(bibs);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(somebody_who_has_read_nothing_is_told_what_to_do),
		TEST(who_types_bibs_alone_is_told_so),
		TEST(an_entry_has_its_time_name_team_and_state),
		TEST(what_found_no_room_is_an_alarm),
		TEST(a_lost_link_is_told_with_what_waits),
		TEST(a_name_is_seen_while_it_is_typed),
		TEST(nobody_is_told_as_soon_as_no_bib_begins_so),
		TEST(the_same_bib_again_is_told_before_and_after_enter),
		TEST(a_chosen_entry_stands_out_and_is_what_is_filled),
		TEST(what_is_taken_back_is_dim_and_says_so),
		TEST(the_newest_are_shown_and_the_chosen_one_scrolls),
		TEST(a_long_note_takes_two_lines),
		TEST(on_a_small_screen_the_log_stands_where_nothing_else_does),
		TEST(an_entry_that_was_taken_back_is_not_filled_in),
		TEST(who_types_bibs_alone_is_told_of_no_times),
		TEST(the_log_does_not_hide_the_keys_where_there_is_room),
		TEST(an_alarm_moves_the_entries_down_and_no_key_away),
		TEST(a_new_outbox_is_told_until_something_is_entered),
		TEST(who_is_entered_late_gets_the_name),
		TEST(it_fits_any_size),
		TEST(long_names_move_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
