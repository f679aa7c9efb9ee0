#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "race/export.h"
#include "race/past.h"
#include "support/logged.h"

/* A race as it stood: whatever was decided, at whatever instant, it is what the
 * events up to then make of the rules that held then. */

enum { ROUNDS = 50, INSTANTS = 20 };

static const int64_t second_us = 1000000;

/* ---- two ways to tell it ---- */

/* Every ranking as it is exported, in one text for free(). */
static char *
export_all(struct book *b)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct race_row row;

	assert_non_null(out);
	for (size_t v = 0; v < b->rules->ranking_count; v++) {
		struct board *board = board_new();

		for (size_t i = 0; i < rank_slots(b->rank, v); i++)
			if (rank_row(b->rank, v, (uint32_t)i, &row))
				board_put(board, &row, 1);
		assert_int_equal(export_ranking(out, EXPORT_CSV, b->rules, v,
		                     board, b->roster),
		    0);
		board_free(board);
	}
	fclose(out);
	return text;
}

static void
check_model(struct logged *f, struct book *b, size_t events)
{
	const struct race_rules *rules = logged_rules(f, events);

	for (size_t v = 0; v < rules->ranking_count; v++) {
		struct rank_standing row;
		struct model_line *lines;
		size_t count = model_rows(rules, f->events, events, v, &lines);

		assert_int_equal(rank_count(b->rank, v), count);
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(rank_rows(b->rank, v, i, &row, 1), 1);
			assert_string_equal(row.row.label, lines[i].label);
			assert_int_equal(row.place, lines[i].place);
			assert_int_equal(row.row.status, lines[i].status);
			assert_int_equal(row.row.elapsed_us,
			    lines[i].elapsed_us);
			assert_int_equal(row.row.metres, lines[i].metres);
			assert_int_equal(row.row.point, lines[i].point);
		}
		free(lines);
	}
}

static void
check_fresh(struct logged *f, struct book *b, size_t events)
{
	struct book *fresh = book_new(logged_rules(f, events), MODEL_FILES);
	char *want;
	char *got = export_all(b);

	for (size_t i = 0; i < events; i++)
		(void)book_apply(fresh, f->events[i].id, &f->events[i].event);
	want = export_all(fresh);
	assert_string_equal(got, want);
	assert_true(strlen(want) > 0);
	free(got);
	free(want);
	book_free(fresh);
}

/* What it says of the instant nobody reads here. */
static void
load(const struct past_source *o, struct past *out)
{
	int errors = dup(STDERR_FILENO);
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct err err = { "" };
	int rc;

	fflush(stderr);
	dup2(nowhere, STDERR_FILENO);
	rc = past_load(o, out, NULL, NULL, &err);
	fflush(stderr);
	dup2(errors, STDERR_FILENO);
	close(nowhere);
	close(errors);
	if (rc < 0)
		fail_msg("%s", err.text);
}

/* ---- tests ---- */

static void
check_instant(struct logged *f, int64_t us)
{
	const struct past_source o = { .from = f->path,
		.at = "then",
		.at_us = us };
	size_t events = logged_received(f, us);
	struct past past;

	load(&o, &past);
	assert_int_equal(past.log, events);
	check_fresh(f, past.book, events);
	check_model(f, past.book, events);
	past_clear(&past);
}

static void
at_a_thousand_instants_it_is_what_the_events_up_to_then_make(void **state)
{
	struct logged *f = *state;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t span = 5 * (uint64_t)second_us;

		logged_make(f, round % 3 == 0);
		for (size_t i = 0; i < f->count; i++)
			if (f->received_us[i] > LOGGED_BEGIN_US)
				span += (uint64_t)second_us * 3 / 2;
		for (int i = 0; i < INSTANTS; i++)
			check_instant(f,
			    LOGGED_BEGIN_US +
			        (int64_t)test_below(&f->random, span));
	}
}

static void
at_every_number_it_is_what_the_events_up_to_it_make(void **state)
{
	struct logged *f = *state;

	logged_make(f, true);
	for (size_t n = 1; n <= f->count; n++) {
		const struct past_source o = { .from = f->path,
			.at_seq = "n",
			.at_log = n };
		struct past past;

		load(&o, &past);
		assert_int_equal(past.log, n);
		check_fresh(f, past.book, n);
		past_clear(&past);
	}
}

/* What is behind that number, whole or not, does not matter. */
static void
before_the_damage_it_is_what_it_was(void **state)
{
	struct logged *f = *state;
	struct past_source o = { .from = f->path, .at_seq = "n", .at_log = 5 };
	struct past past;
	struct err err;
	int fd;

	logged_make(f, false);
	fd = open(f->path, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "damage", 6), 6);
	close(fd);
	load(&o, &past);
	assert_int_equal(past.log, 5);
	check_fresh(f, past.book, 5);
	past_clear(&past);
	o.at_log = f->count + 1;
	assert_int_equal(past_load(&o, &past, NULL, NULL, &err), -EUCLEAN);
}

static void
what_nothing_is_known_of_is_refused_with_words(void **state)
{
	struct logged *f = *state;
	struct past_source o = { .from = f->path,
		.at = "2014-05-13T17:00:00Z",
		.at_us = LOGGED_BEGIN_US - 1 };
	struct past past;
	struct err err;

	logged_make(f, false);
	assert_int_equal(past_load(&o, &past, NULL, NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, "nothing had been received by"));
	o = (struct past_source){ .from = f->path,
		.at_seq = "9999",
		.at_log = 9999 };
	assert_int_equal(past_load(&o, &past, NULL, NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, "the last event of"));
}

/* A rehearsal took place years after the race's date. */
static void
a_time_of_day_is_that_of_the_day_when_it_was_received(void **state)
{
	struct logged *f = *state;
	struct past_source o = { .from = f->path,
		.at = "17:53:20",
		.at_clock = true };
	struct past past;

	logged_make(f, false);
	/* 2014-05-13T16:53:20Z is the base; it was received an hour later. */
	o.at_us = (17 * 3600 + 53 * 60 + 20) * second_us;
	load(&o, &past);
	assert_int_equal(past.log, logged_received(f, LOGGED_BEGIN_US));
	past_clear(&past);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    at_a_thousand_instants_it_is_what_the_events_up_to_then_make,
		    logged_set_up, logged_tear_down),
		cmocka_unit_test_setup_teardown(
		    at_every_number_it_is_what_the_events_up_to_it_make,
		    logged_set_up, logged_tear_down),
		cmocka_unit_test_setup_teardown(
		    before_the_damage_it_is_what_it_was, logged_set_up,
		    logged_tear_down),
		cmocka_unit_test_setup_teardown(
		    what_nothing_is_known_of_is_refused_with_words,
		    logged_set_up, logged_tear_down),
		cmocka_unit_test_setup_teardown(
		    a_time_of_day_is_that_of_the_day_when_it_was_received,
		    logged_set_up, logged_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
