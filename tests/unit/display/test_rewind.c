#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/hash.h"
#include "common/keys.h"
#include "display/rewind.h"
#include "proto/wire.h"
#include "race/store.h"
#include "support/logged.h"

/* A race whose rules were changed, of which some rankings went: keys may come
 * faster than the screen is drawn. */

enum { KEYS = 2000 };

struct fixture {
	struct logged *logged;
	struct display_job job;
	struct rewind rewind;
	struct view view;
	struct frame_scene scene;
	bool leave;
	int calls;
};

static int
on_reading(void *arg, const char *words)
{
	struct fixture *f = arg;

	assert_true(words[0] != '\0');
	f->calls++;
	return f->leave;
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	if (f == NULL || logged_set_up((void **)&f->logged) < 0)
		return -1;
	logged_make(f->logged, false);
	f->job.from = f->logged->path;
	rewind_init(&f->rewind, &f->job, false, on_reading, f);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	rewind_close(&f->rewind);
	logged_tear_down((void **)&f->logged);
	free(f);
	return 0;
}

static void
open_it(struct fixture *f, const char *ranking, int want)
{
	struct err err = { "" };

	assert_int_equal(rewind_open(&f->rewind, ranking, &err), want);
}

static void
draw(struct fixture *f)
{
	(void)rewind_fill(&f->rewind, &f->view, 80, &f->scene);
}

/* What a screen drawn after each key shows. */
static uint64_t
one_by_one(struct fixture *f, const uint32_t *keys, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		draw(f);
		(void)rewind_press(&f->rewind, keys[i]);
	}
	draw(f);
	return f->scene.past->log;
}

static void
keys_in_one_go_are_as_good_as_one_by_one(void **state)
{
	static const uint32_t steps[] = { KEYS_LEFT, KEYS_RIGHT, KEYS_HOME,
		KEYS_END };
	struct fixture *f = *state;
	struct fixture other = { .job = f->job };
	/* The last one, which the later rules need not have. */
	const char *ranking =
	    f->logged->d.rules.rankings[f->logged->d.rules.ranking_count - 1]
	        .name;
	uint32_t keys[KEYS];
	struct err err;

	for (size_t i = 0; i < KEYS; i++)
		keys[i] = i < KEYS / 2 || test_below(&f->logged->random, 9) > 0
		    ? steps[i < KEYS / 2]
		    : steps[test_below(&f->logged->random, 4)];
	rewind_init(&other.rewind, &other.job, false, on_reading, &other);
	open_it(f, "", 0);
	rewind_choose(&f->rewind, ranking);
	assert_int_equal(rewind_open(&other.rewind, "", &err), 0);
	rewind_choose(&other.rewind, ranking);
	for (size_t from = 0; from < KEYS;) {
		size_t count = 1 + test_below(&f->logged->random, 40);

		count = count < KEYS - from ? count : KEYS - from;
		for (size_t i = from; i < from + count; i++)
			(void)rewind_press(&f->rewind, keys[i]);
		draw(f);
		assert_int_equal(f->scene.past->log,
		    one_by_one(&other, keys + from, count));
		from += count;
	}
	rewind_close(&other.rewind);
}

static void
a_ranking_that_went_gives_way_and_comes_back(void **state)
{
	struct fixture *f = *state;
	const struct race_rules *first = &f->logged->d.rules;
	size_t last = first->ranking_count - 1;

	open_it(f, "", 0);
	rewind_choose(&f->rewind, first->rankings[last].name);
	(void)rewind_press(&f->rewind, '1');
	(void)rewind_press(&f->rewind, KEYS_ENTER);
	draw(f);
	assert_int_equal(f->view.ranking, last);
	(void)rewind_press(&f->rewind, KEYS_END);
	draw(f);
	assert_int_equal(f->view.ranking,
	    last < f->logged->later.ranking_count ? last : 0);
}

static void
a_ranking_that_the_log_has_not_is_told(void **state)
{
	struct fixture *f = *state;

	open_it(f, "none of these", 1);
	draw(f);
	assert_int_equal(f->view.ranking, 0);
}

static void
who_leaves_it_has_nothing_to_close(void **state)
{
	struct fixture *f = *state;

	f->leave = true;
	open_it(f, "", -ECANCELED);
	assert_int_equal(f->calls, 1);
	f->leave = false;
	open_it(f, "", 0);
}

static void
of_a_recording_nothing_is_waited_for(void **state)
{
	struct fixture *f = *state;

	open_it(f, "", 0);
	assert_int_equal(rewind_deadline(&f->rewind), INT64_MAX);
	assert_int_equal(rewind_turn(&f->rewind, INT64_MAX - 1), SLIDER_PASSED);
}

/* ---- a race.db that nobody holds, and that goes on ---- */

static void
append(struct fixture *f, const struct race_event *e)
{
	char path[160];
	struct wire_buffer b = { 0 };
	struct store_stream st;
	struct store *s;
	struct err err = { "" };

	snprintf(path, sizeof path, "%s/race.db", f->logged->folder);
	if (store_open(&s, path, STORE_WRITE, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(store_stream(s, store_id(s), "race", "", false, &st),
	    0);
	assert_true(wire_put_event(&b, e) > 0);
	assert_int_equal(store_append(s, st.id, st.cursor + 1, e, b.data, b.len,
	                     hash_chain(st.chain, b.data, b.len),
	                     LOGGED_BEGIN_US),
	    0);
	assert_int_equal(store_commit(s, &err), 0);
	store_free(s);
	wire_buffer_free(&b);
}

static void
append_rules(struct fixture *f, const struct race_rules *rules)
{
	append(f, &(struct race_event){ .kind = RACE_RULES, .rules = rules });
}

static void
append_gone(struct fixture *f)
{
	append(f,
	    &(struct race_event){ .kind = RACE_ENTRY_GONE,
	        .entry_gone = "nobody" });
}

/* Beside a live board. */
static void
open_store(struct fixture *f)
{
	static char title[] = "Later";

	f->logged->later.title = title;
	append_rules(f, &f->logged->d.rules);
	f->job.from = NULL;
	f->job.race = f->logged->folder;
	rewind_init(&f->rewind, &f->job, true, on_reading, f);
	open_it(f, "", 0);
}

static void
remove_store(struct fixture *f)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	char path[160];

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		snprintf(path, sizeof path, "%s/race.db%s", f->logged->folder,
		    ends[i]);
		unlink(path);
	}
}

/* It is time to look. */
static void
look(struct fixture *f)
{
	assert_int_not_equal(rewind_deadline(&f->rewind), INT64_MAX);
	assert_int_equal(rewind_turn(&f->rewind, rewind_deadline(&f->rewind)),
	    SLIDER_PASSED);
	draw(f);
}

static void
beside_a_live_board_it_goes_on_whoever_runs_meanwhile(void **state)
{
	struct fixture *f = *state;

	open_store(f);
	look(f);
	assert_int_equal(f->scene.past->last_log, 1);
	append_gone(f);
	look(f);
	assert_int_equal(f->scene.past->last_log, 2);
	assert_int_equal(f->scene.past->log, 1);
	assert_int_equal(f->calls, 1);
	append_rules(f, &f->logged->later);
	append_gone(f);
	look(f);
	assert_int_equal(f->scene.past->last_log, 4);
	assert_int_equal(f->scene.past->log, 1);
	(void)rewind_press(&f->rewind, '4');
	(void)rewind_press(&f->rewind, KEYS_ENTER);
	draw(f);
	assert_string_equal(f->scene.view.rules->title, "Later");
	remove_store(f);
}

static void
other_rules_that_are_not_waited_for_are_not_forgotten(void **state)
{
	struct fixture *f = *state;

	open_store(f);
	append_rules(f, &f->logged->later);
	f->leave = true;
	look(f);
	assert_int_equal(f->scene.past->last_log, 1);
	assert_int_equal(rewind_deadline(&f->rewind), INT64_MAX);
	/* What comes behind is none of the old rules'. */
	append_gone(f);
	f->leave = false;
	open_it(f, "", 0);
	draw(f);
	assert_int_equal(f->scene.past->log, 3);
	assert_string_equal(f->scene.view.rules->title, "Later");
	remove_store(f);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(keys_in_one_go_are_as_good_as_one_by_one),
		CASE(a_ranking_that_went_gives_way_and_comes_back),
		CASE(a_ranking_that_the_log_has_not_is_told),
		CASE(who_leaves_it_has_nothing_to_close),
		CASE(of_a_recording_nothing_is_waited_for),
		CASE(beside_a_live_board_it_goes_on_whoever_runs_meanwhile),
		CASE(other_rules_that_are_not_waited_for_are_not_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
