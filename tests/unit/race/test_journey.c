#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "common/hash.h"
#include "proto/wire.h"
#include "race/export.h"
#include "race/journey.h"
#include "race/row.h"
#include "support/logged.h"

/* Wherever one stands, and from wherever one came, the race is what the events
 * up to there make of the rules that held: a book that is built from the
 * beginning says so. */

enum { ROUNDS = 25, JUMPS = 40 };

static struct book *
fresh(const struct logged *f, size_t events)
{
	struct book *b = book_new(logged_rules(f, events), MODEL_FILES);

	for (size_t i = 0; i < events; i++)
		(void)book_apply(b, f->events[i].id, &f->events[i].event);
	return b;
}

static char *export(const struct race_rules *rules, size_t v,
    struct board *board, const struct roster *roster)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(export_ranking(out, EXPORT_CSV, rules, v, board,
	                     roster),
	    0);
	fclose(out);
	return text;
}

static struct board *
board_of(struct book *b, size_t v)
{
	struct board *board = board_new();
	struct race_outlook outlook;
	struct race_row row;

	for (size_t i = 0; i < rank_slots(b->rank, v); i++)
		if (rank_row(b->rank, v, (uint32_t)i, &row))
			board_put(board, &row, 1);
	book_outlook(b, v, &outlook);
	board_expect(board, &outlook);
	return board;
}

static void
check_scene(const struct logged *f, const struct travel_scene *s, size_t v)
{
	struct book *b = fresh(f, s->moment);
	struct board *board = board_of(b, v);
	char *want = export(b->rules, v, board, b->roster);
	char *got = export(s->rules, v, s->board, s->roster);

	assert_string_equal(got, want);
	assert_int_equal(board_digest(s->board), board_digest(board));
	assert_memory_equal(board_outlook(s->board)->from,
	    board_outlook(board)->from, sizeof(int64_t[3]));
	assert_int_equal(board_outlook(s->board)->open,
	    board_outlook(board)->open);
	assert_int_equal(board_outlook(s->board)->published,
	    board_outlook(board)->published);
	assert_int_equal(s->as_of_us, book_as_of(b));
	free(want);
	free(got);
	board_free(board);
	book_free(b);
}

static struct journey *
go(const struct past_source *from, size_t budget)
{
	struct journey *j;
	struct err err = { "" };

	if (journey_new(&j, from, budget, &err) < 0)
		fail_msg("%s", err.text);
	return j;
}

static void
at_a_thousand_moments_it_is_what_the_events_up_to_then_make(void **state)
{
	struct logged *f = *state;
	const struct past_source from = { .from = f->path };

	for (int round = 0; round < ROUNDS; round++) {
		struct travel_scene s;
		struct journey *j;
		struct travel *t;

		logged_make(f, round % 3 == 0);
		j = go(&from, JOURNEY_BUDGET);
		t = journey_travel(j);
		assert_int_equal(travel_count(t), f->count);
		for (int i = 0; i < JUMPS; i++) {
			size_t moment = 1 + test_below(&f->random, f->count);
			size_t v = test_below(&f->random,
			    travel_rules(t, moment)->ranking_count);

			travel_to(t, moment, v, &s);
			assert_int_equal(s.moment, moment);
			check_scene(f, &s, v);
		}
		journey_free(j);
	}
}

static void
there_and_back_it_is_the_same_at_every_moment(void **state)
{
	struct logged *f = *state;
	const struct past_source from = { .from = f->path };
	struct travel_scene s;
	struct journey *j;

	logged_make(f, false);
	j = go(&from, JOURNEY_BUDGET);
	for (size_t n = 1; n <= f->count; n++) {
		travel_to(journey_travel(j), n, 0, &s);
		check_scene(f, &s, 0);
	}
	for (size_t n = f->count; n >= 1; n--) {
		travel_to(journey_travel(j), n, 0, &s);
		check_scene(f, &s, 0);
	}
	journey_free(j);
}

/* The slow way: whether an event altered a row, or brought other rules. */
static bool
is_step(const struct logged *f, size_t moment, size_t v)
{
	struct book *before = fresh(f, moment - 1);
	struct book *then = fresh(f, moment);
	bool other = moment == 1 || moment - 1 == f->changed ||
	    rank_digest(before->rank, v) != rank_digest(then->rank, v);

	book_free(before);
	book_free(then);
	return other;
}

/* The last step up to that moment. */
static size_t
step_until(const bool *steps, size_t moment)
{
	while (!steps[moment])
		moment--;
	return moment;
}

static void
a_step_leads_to_the_next_change_and_skips_none(void **state)
{
	struct logged *f = *state;
	const struct past_source from = { .from = f->path };
	bool steps[LOGGED_MAX + 1] = { false };
	struct journey *j;
	struct travel *t;

	logged_make(f, false);
	for (size_t n = 1; n <= f->count; n++)
		steps[n] = is_step(f, n, 0);
	j = go(&from, JOURNEY_BUDGET);
	t = journey_travel(j);
	for (size_t n = 1; n <= f->count; n++) {
		size_t next = n < f->count ? n + 1 : n;
		size_t shown = step_until(steps, n);

		while (next < f->count && !steps[next])
			next++;
		assert_int_equal(travel_behind(t, n, 0), next);
		if (shown == 1 || shown == f->changed + 1)
			assert_int_equal(travel_before(t, n, 0),
			    shown > 1 ? shown - 1 : 1);
		else
			assert_int_equal(travel_before(t, n, 0),
			    step_until(steps, shown - 1));
	}
	journey_free(j);
}

static void
with_less_room_there_are_fewer_stops_and_each_is_right(void **state)
{
	struct logged *f = *state;
	const struct past_source from = { .from = f->path };
	struct travel_scene s;
	struct journey *all;
	struct journey *few;
	size_t bytes;

	logged_make(f, false);
	all = go(&from, JOURNEY_BUDGET);
	bytes = travel_bytes(journey_travel(all));
	assert_int_equal(journey_stride(all), 1);
	journey_free(all);
	few = go(&from, bytes - 1);
	assert_true(journey_stride(few) > 1);
	assert_true(travel_bytes(journey_travel(few)) < bytes);
	for (size_t n = 1; n <= f->count; n++) {
		travel_to(journey_travel(few), n, 1, &s);
		assert_true(s.moment <= n);
		assert_true(n - s.moment < journey_stride(few));
		check_scene(f, &s, 1);
	}
	journey_free(few);
	/* No room at all: the race as it is. */
	few = go(&from, 0);
	travel_to(journey_travel(few), f->count, 0, &s);
	assert_int_equal(s.moment, f->count);
	check_scene(f, &s, 0);
	journey_free(few);
}

static void
an_instant_is_the_last_event_received_by_then(void **state)
{
	struct logged *f = *state;
	const struct past_source from = { .from = f->path };
	struct journey *j;
	struct travel *t;

	logged_make(f, true);
	j = go(&from, JOURNEY_BUDGET);
	t = journey_travel(j);
	for (int i = 0; i < 200; i++) {
		int64_t us = LOGGED_BEGIN_US +
		    (int64_t)test_below(&f->random, 300) * 1000000;
		size_t want = logged_received(f, us);

		assert_int_equal(travel_received(t, us), want > 0 ? want : 1);
	}
	assert_int_equal(travel_received(t, 0), 1);
	assert_int_equal(travel_numbered(t, 0), 1);
	assert_int_equal(travel_numbered(t, 7), 7);
	assert_int_equal(travel_numbered(t, UINT64_MAX), f->count);
	journey_free(j);
}

static int
leave(void *arg, const char *doing, uint64_t done, uint64_t all)
{
	int *calls = arg;

	assert_true(doing[0] != '\0' && (all == 0 || done <= all));
	(*calls)++;
	return 1;
}

/* So many more events, of which nothing follows. */
static void
lengthen(struct logged *f, size_t count)
{
	const struct recording_header header = { MODEL_FILES, "random",
		"0.1.0" };
	const struct race_event e = { .kind = RACE_ENTRY_GONE,
		.entry_gone = "nobody" };
	struct wire_buffer b = { 0 };
	struct recording *to;

	assert_true(wire_put_event(&b, &e) > 0);
	assert_int_equal(recording_open(&to, f->path, &header, NULL), 0);
	for (size_t i = 1; i <= count; i++) {
		const struct recording_record rec = { .log = f->count + i,
			.id = { MODEL_FILES, 2000000 + i },
			.stream_name = "somebody",
			.received_us = LOGGED_BEGIN_US,
			.event = b.data,
			.len = b.len,
			.chain = hash_chain(0, b.data, b.len) };

		assert_int_equal(recording_append(to, &rec), 0);
	}
	assert_int_equal(recording_sync(to), 0);
	recording_free(to);
	wire_buffer_free(&b);
}

static void
who_has_seen_enough_need_not_wait(void **state)
{
	struct logged *f = *state;
	int calls = 0;
	const struct past_source from = { .from = f->path,
		.progress = leave,
		.arg = &calls };
	struct journey *j;
	struct err err;

	logged_make(f, false);
	lengthen(f, 5000);
	assert_int_equal(journey_new(&j, &from, JOURNEY_BUDGET, &err),
	    -ECANCELED);
	assert_int_equal(calls, 1);
}

static void
what_is_no_recording_is_told_and_nothing_is_left(void **state)
{
	struct logged *f = *state;
	const struct past_source from = { .from = f->folder };
	struct journey *j;
	struct err err = { "" };

	assert_true(journey_new(&j, &from, JOURNEY_BUDGET, &err) < 0);
	assert_non_null(strstr(err.text, f->folder));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    at_a_thousand_moments_it_is_what_the_events_up_to_then_make,
		    logged_set_up, logged_tear_down),
		cmocka_unit_test_setup_teardown(
		    there_and_back_it_is_the_same_at_every_moment,
		    logged_set_up, logged_tear_down),
		cmocka_unit_test_setup_teardown(
		    a_step_leads_to_the_next_change_and_skips_none,
		    logged_set_up, logged_tear_down),
		cmocka_unit_test_setup_teardown(
		    with_less_room_there_are_fewer_stops_and_each_is_right,
		    logged_set_up, logged_tear_down),
		cmocka_unit_test_setup_teardown(
		    an_instant_is_the_last_event_received_by_then,
		    logged_set_up, logged_tear_down),
		cmocka_unit_test_setup_teardown(
		    who_has_seen_enough_need_not_wait, logged_set_up,
		    logged_tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_no_recording_is_told_and_nothing_is_left,
		    logged_set_up, logged_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
