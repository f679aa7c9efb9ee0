#include "support/test.h"

#include <string.h>

#include "common/instant.h"
#include "common/keys.h"
#include "common/text.h"
#include "display/slider.h"
#include "support/shown.h"
#include "unit/display/race.h"

/* 2014-09-21T10:00:00+02:00 */
#define TEN (INT64_C(1411286400) * S)

enum { RUNNERS = 60 };

/*
 * Moment 1 is the rules, a day before; then somebody is entered.  From ten on
 * someone arrives each minute, and a crossing of nobody 30 s later.
 */
struct fixture {
	struct travel *travel;
	struct slider slider;
	struct slider_scene scene;
};

static void
event(struct travel *t, int64_t received_us, bool station)
{
	const struct until_event e = { travel_count(t) + 1, received_us,
		station };

	travel_event(t, &e, false);
}

static void
decision(struct travel *t, int64_t received_us)
{
	const struct until_event e = { travel_count(t) + 1, received_us, true };

	travel_event(t, &e, true);
}

static void
cross(struct book *b, uint64_t seq, const char *bib, int64_t time_us)
{
	const struct race_event e = { .kind = RACE_CROSSING,
		.crossing = { .bib = bib,
		    .chip = "",
		    .point = "arrivee",
		    .time_us = time_us } };

	assert_int_equal(book_apply(b, (struct race_id){ 7, seq }, &e), 0);
}

static void
run(struct travel *t, struct travel_era *era, struct book *b)
{
	for (uint64_t i = 0; i < RUNNERS; i++) {
		char bib[16];
		int64_t us = TEN + (int64_t)i * 60 * S;

		snprintf(bib, sizeof bib, "%d", 1 + (int)(i % 8));
		event(t, us, true);
		cross(b, 2 * i + 1, bib, us + (int64_t)(i / 8));
		assert_int_equal(travel_stop(t, era, b, travel_count(t)), 0);
		event(t, us + 30 * S, true);
		cross(b, 2 * i + 2, "nobody", us);
		assert_int_equal(travel_stop(t, era, b, travel_count(t)), 0);
	}
}

static int
setup(void **state)
{
	static char date[] = "2014-09-21";
	static char zone[] = "Europe/Paris";
	static struct race_wave waves[] = { { .name = race_nothing,
	    .gun_us = TEN - 3600 * S } };
	struct fixture *f = calloc(1, sizeof *f);
	struct race_rules rules = race_rules_small;
	struct travel_era *era;
	struct book *b;

	assert_int_equal(instant_zone("Europe/Paris", NULL), 0);
	rules.date = date;
	rules.timezone = zone;
	rules.waves = waves;
	rules.wave_count = 1;
	f->travel = travel_new(SIZE_MAX);
	b = book_new(&rules, 1);
	event(f->travel, TEN - 86400 * S, false);
	era = travel_era(f->travel, 1, &rules);
	for (int i = 0; i < 8; i++) {
		char bib[16];
		struct race_event e = { .kind = RACE_ENTRY };

		snprintf(bib, sizeof bib, "%d", 1 + i);
		e.entry = race_person(bib, "Zoé", "Sodexo");
		assert_int_equal(book_apply(b,
		                     (struct race_id){ 1, 1 + (uint64_t)i },
		                     &e),
		    0);
	}
	assert_int_equal(travel_stop(f->travel, era, b, 1), 0);
	run(f->travel, era, b);
	decision(f->travel, TEN + 3570 * S);
	assert_int_equal(travel_stop(f->travel, era, b,
	                     travel_count(f->travel)),
	    0);
	book_free(b);
	f->scene = (struct slider_scene){ .travel = f->travel, .live = true };
	slider_end(&f->slider, &f->scene);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	travel_free(f->travel);
	free(f);
	return 0;
}

static enum slider_did
press(struct fixture *f, uint32_t key)
{
	return slider_press(&f->slider, key, &f->scene);
}

static void
type(struct fixture *f, const char *text)
{
	for (; *text != '\0'; text++)
		assert_int_equal(press(f, (uint32_t)*text), SLIDER_TOOK);
}

static const char *
told(struct fixture *f)
{
	static char out[SLIDER_TOLD];

	return slider_told(out, &f->slider, &f->scene);
}

static void
it_begins_at_the_end(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(f->slider.moment, travel_count(f->travel));
	assert_string_equal(told(f), "as of 10:59:30 — not live");
}

static void
brackets_go_by_minutes_and_pages_by_ten(void **state)
{
	struct fixture *f = *state;

	press(f, '[');
	assert_string_equal(told(f), "as of 10:58:30 — not live");
	press(f, KEYS_SHIFT_LEFT);
	assert_string_equal(told(f), "as of 10:57:30 — not live");
	press(f, KEYS_PAGE_UP);
	assert_string_equal(told(f), "as of 10:47:30 — not live");
	/* 47 people and 48 times nobody, behind the rules. */
	assert_int_equal(f->slider.moment, 1 + 48 + 48);
	press(f, KEYS_PAGE_DOWN);
	press(f, ']');
	press(f, KEYS_SHIFT_RIGHT);
	assert_string_equal(told(f), "as of 10:59:30 — not live");
	press(f, ']');
	assert_string_equal(told(f), "as of 10:59:30 — not live");
}

static void
arrows_go_from_change_to_change(void **state)
{
	struct fixture *f = *state;

	press(f, KEYS_HOME);
	assert_int_equal(f->slider.moment, 2);
	assert_string_equal(told(f), "as of 10:00:00 — not live");
	press(f, KEYS_RIGHT);
	assert_string_equal(told(f), "as of 10:01:00 — not live");
	press(f, ']');
	assert_string_equal(told(f), "as of 10:02:00 — not live");
	press(f, KEYS_LEFT);
	assert_string_equal(told(f), "as of 10:01:00 — not live");
	/* What was received when nobody had crossed anything is there, too. */
	press(f, KEYS_LEFT);
	press(f, KEYS_LEFT);
	assert_int_equal(f->slider.moment, 1);
	assert_string_equal(told(f), "as of 2014-09-20 10:00:00 — not live");
	press(f, KEYS_LEFT);
	assert_int_equal(f->slider.moment, 1);
}

static void
where_nothing_comes_time_goes_on_all_the_same(void **state)
{
	struct fixture *f = *state;

	type(f, "1");
	press(f, KEYS_ENTER);
	press(f, KEYS_PAGE_DOWN);
	press(f, KEYS_PAGE_DOWN);
	assert_int_equal(f->slider.moment, 1);
	assert_string_equal(told(f), "as of 2014-09-20 10:20:00 — not live");
}

static void
a_time_that_is_typed_is_gone_to(void **state)
{
	struct fixture *f = *state;

	type(f, "10:42");
	assert_string_equal(f->slider.typed, "10:42");
	assert_string_equal(told(f), "as of 10:59:30 — not live");
	press(f, KEYS_ENTER);
	assert_string_equal(f->slider.typed, "");
	assert_string_equal(told(f), "as of 10:42:00 — not live");
	assert_int_equal(f->slider.moment, 1 + 43 + 42);
	type(f, "10:07:30.5");
	press(f, KEYS_ENTER);
	assert_string_equal(told(f), "as of 10:07:30 — not live");
	assert_int_equal(f->slider.moment, 1 + 8 + 8);
	/* Beyond the log, which begins the day before at ten. */
	type(f, "12:00");
	press(f, KEYS_ENTER);
	assert_string_equal(told(f), "as of 10:59:30 — not live");
}

static void
so_is_an_event_by_its_number(void **state)
{
	struct fixture *f = *state;

	type(f, "17");
	press(f, KEYS_ENTER);
	assert_int_equal(f->slider.moment, 17);
	type(f, "99999999999999999999999");
	press(f, KEYS_ENTER);
	assert_non_null(f->slider.wrong);
}

static void
before_the_log_there_is_nothing_to_go_to(void **state)
{
	struct fixture *f = *state;
	struct travel *t = travel_new(SIZE_MAX);

	event(t, TEN, true);
	event(t, TEN + 60 * S, true);
	travel_free(f->travel);
	f->travel = t;
	f->scene.travel = t;
	slider_end(&f->slider, &f->scene);
	type(f, "9:59");
	press(f, KEYS_ENTER);
	assert_string_equal(f->slider.wrong,
	    "nothing had been received by then");
	assert_int_equal(f->slider.moment, 2);
	type(f, "10:00");
	press(f, KEYS_ENTER);
	assert_null(f->slider.wrong);
	assert_int_equal(f->slider.moment, 1);
}

static void
playing_a_step_skips_what_is_empty_and_plays_on(void **state)
{
	struct fixture *f = *state;

	press(f, KEYS_HOME);
	press(f, ' ');
	press(f, KEYS_RIGHT);
	assert_true(f->slider.playing);
	assert_int_equal(f->slider.moment, 4);
	assert_int_equal(f->slider.clock_us, TEN + 60 * S);
}

static void
what_is_typed_wrong_stays_to_be_mended(void **state)
{
	struct fixture *f = *state;
	size_t moment = f->slider.moment;

	/* The log has events 1 to 163, the first one at ten a day before. */
	static const char *const wrong[] = { "25:00", "10:61", "10:", ":",
		"10:42:00:00", "1.5", "..", "10:00:00.1234567", "0", "99999" };

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		type(f, wrong[i]);
		press(f, KEYS_ENTER);
		assert_non_null(f->slider.wrong);
		assert_string_equal(f->slider.typed, wrong[i]);
		assert_int_equal(f->slider.moment, moment);
		press(f, KEYS_BACKSPACE);
		assert_null(f->slider.wrong);
		press(f, KEYS_ESCAPE);
		assert_string_equal(f->slider.typed, "");
	}
	type(f, "25:00");
	press(f, KEYS_ENTER);
	type(f, "10:4");
	assert_string_equal(f->slider.typed, "10:4");
	press(f, KEYS_ESCAPE);
	/* As much as fits. */
	for (int i = 0; i < 100; i++)
		press(f, '1');
	assert_int_equal(strlen(f->slider.typed), SLIDER_TYPED - 1);
}

static void
another_key_ends_typing_and_does_what_it_does(void **state)
{
	struct fixture *f = *state;

	type(f, "10:4");
	assert_int_equal(press(f, '['), SLIDER_TOOK);
	assert_string_equal(f->slider.typed, "");
	assert_string_equal(told(f), "as of 10:58:30 — not live");
	type(f, "10:4");
	assert_int_equal(press(f, KEYS_TAB), SLIDER_PASSED);
	assert_string_equal(f->slider.typed, "");
}

static void
it_plays_as_fast_as_it_is_told(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(slider_play(&f->slider, S, &f->scene), SLIDER_PASSED);
	type(f, "10:10");
	press(f, KEYS_ENTER);
	press(f, ' ');
	assert_int_equal(slider_play(&f->slider, 5 * S, &f->scene),
	    SLIDER_TOOK);
	assert_string_equal(told(f), "as of 10:10:05 — not live  playing 1x");
	press(f, '+');
	press(f, '+');
	slider_play(&f->slider, 5 * S, &f->scene);
	assert_string_equal(told(f), "as of 10:10:30 — not live  playing 5x");
	press(f, '-');
	press(f, '-');
	press(f, '-');
	slider_play(&f->slider, S, &f->scene);
	assert_string_equal(told(f), "as of 10:10:31 — not live  playing 1x");
	for (int i = 0; i < 20; i++)
		press(f, '+');
	assert_non_null(strstr(told(f), "playing 1200x"));
	press(f, ' ');
	assert_int_equal(slider_play(&f->slider, S, &f->scene), SLIDER_PASSED);
	assert_string_equal(told(f), "as of 10:10:31 — not live");
}

static void
at_its_end_it_is_live_again_or_stands_still(void **state)
{
	struct fixture *f = *state;

	press(f, '[');
	press(f, ' ');
	assert_int_equal(slider_play(&f->slider, 60 * S, &f->scene),
	    SLIDER_LEFT);
	f->scene.live = false;
	press(f, '[');
	press(f, ' ');
	assert_int_equal(slider_play(&f->slider, 200 * S, &f->scene),
	    SLIDER_TOOK);
	assert_false(f->slider.playing);
	assert_int_equal(f->slider.moment, travel_count(f->travel));
}

static void
three_keys_lead_back_to_the_live_board_if_there_is_one(void **state)
{
	static const uint32_t keys[] = { 'l', 't', KEYS_END };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		f->scene.live = true;
		assert_int_equal(press(f, keys[i]), SLIDER_LEFT);
		f->scene.live = false;
		press(f, KEYS_HOME);
		assert_int_equal(press(f, keys[i]), SLIDER_TOOK);
		assert_int_equal(f->slider.moment, travel_count(f->travel));
	}
}

static void
what_is_not_its_key_is_the_listings(void **state)
{
	static const uint32_t keys[] = { KEYS_UP, KEYS_DOWN, KEYS_TAB,
		KEYS_BACKTAB, '/', 'f', '?', 'q', KEYS_ESCAPE, KEYS_ENTER };
	struct fixture *f = *state;
	struct slider before = f->slider;

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		assert_int_equal(press(f, keys[i]), SLIDER_PASSED);
	assert_memory_equal(&f->slider, &before, sizeof before);
}

static void
the_bar_has_its_ends_and_marks_and_the_moment(void **state)
{
	struct fixture *f = *state;
	struct screen_line bar = { .style = 0 };

	type(f, "10:30");
	press(f, KEYS_ENTER);
	slider_bar(&bar, 40, &f->slider, &f->scene);
	assert_string_equal(bar.text,
	    "10:00:00 ──────────◆──────────┼ 10:59:30");
	assert_memory_equal(bar.text + bar.mark, "◆", bar.mark_len);
	press(f, KEYS_HOME);
	slider_bar(&bar, 40, &f->slider, &f->scene);
	assert_string_equal(bar.text,
	    "10:00:00 ◆────────────────────┼ 10:59:30");
	/* Before the stations said anything. */
	press(f, KEYS_LEFT);
	slider_bar(&bar, 40, &f->slider, &f->scene);
	assert_string_equal(bar.text,
	    "10:00:00 ◆────────────────────┼ 10:59:30");
}

static void
the_bar_fills_a_screen_of_any_width(void **state)
{
	struct fixture *f = *state;
	uint64_t random = test_seed();

	for (size_t width = 1; width < 3000; width += 1 + width / 8) {
		struct screen_line bar = { .style = 0 };

		f->slider.clock_us =
		    TEN + (int64_t)test_below(&random, 3600) * S;
		slider_bar(&bar, width, &f->slider, &f->scene);
		assert_true(text_width(bar.text) <= width);
		assert_true(bar.mark + bar.mark_len <= strlen(bar.text));
		if (width < 1000)
			assert_int_equal(text_width(bar.text), width);
	}
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(it_begins_at_the_end),
		CASE(brackets_go_by_minutes_and_pages_by_ten),
		CASE(arrows_go_from_change_to_change),
		CASE(where_nothing_comes_time_goes_on_all_the_same),
		CASE(a_time_that_is_typed_is_gone_to),
		CASE(so_is_an_event_by_its_number),
		CASE(before_the_log_there_is_nothing_to_go_to),
		CASE(playing_a_step_skips_what_is_empty_and_plays_on),
		CASE(what_is_typed_wrong_stays_to_be_mended),
		CASE(another_key_ends_typing_and_does_what_it_does),
		CASE(it_plays_as_fast_as_it_is_told),
		CASE(at_its_end_it_is_live_again_or_stands_still),
		CASE(three_keys_lead_back_to_the_live_board_if_there_is_one),
		CASE(what_is_not_its_key_is_the_listings),
		CASE(the_bar_has_its_ends_and_marks_and_the_moment),
		CASE(the_bar_fills_a_screen_of_any_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
