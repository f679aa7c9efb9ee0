#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/hash.h"
#include "common/xalloc.h"
#include "control/past.h"
#include "proto/recording.h"
#include "proto/wire.h"
#include "race/export.h"
#include "support/decisions.h"

/* A race as it stood: whatever was decided, at whatever instant, it is what the
 * events up to then make of the rules that held then. */

enum { LOG_MAX = DECISIONS_EVENTS + 2, ROUNDS = 50, INSTANTS = 20 };

static const int64_t second_us = 1000000;
static const int64_t begin_us = DECISIONS_BASE_US + INT64_C(3600000000);

/* A random race as it was logged. */
struct fixture {
	uint64_t random;
	char folder[64];
	char path[128];
	struct decisions d;
	struct race_rules later; /* others, that hold from an event on */
	struct race_ranking rankings[6];
	struct model_event events[LOG_MAX]; /* number i + 1 */
	int64_t received_us[LOG_MAX];
	size_t count;
	size_t changed; /* index of the later rules */
	struct recording *to;
};

static int
set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	f->random = test_seed();
	strcpy(f->folder, "/tmp/palmares-past-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof f->path, "%s/race.rec", f->folder);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

/* ---- a log ---- */

static void
log_event(struct fixture *f, const struct model_event *e, int64_t received_us)
{
	const struct recording_header header = { MODEL_FILES, "random",
		"0.1.0" };
	struct recording_record rec = { .log = f->count + 1,
		.id = e->id,
		.stream_name = "somebody",
		.received_us = received_us };
	struct wire_arena *arena = wire_arena_new();
	struct wire_buffer b = { 0 };
	struct race_event event;

	if (f->to == NULL)
		assert_int_equal(recording_open(&f->to, f->path, &header, NULL),
		    0);
	assert_true(wire_put_event(&b, &e->event) > 0);
	/* What no edge lets through is in no log. */
	if (wire_get_event(arena, b.data, b.len, &event) == 0) {
		rec.event = b.data;
		rec.len = b.len;
		rec.chain = hash_chain(0, b.data, b.len);
		assert_int_equal(recording_append(f->to, &rec), 0);
		f->events[f->count] = *e;
		f->received_us[f->count] = received_us;
		f->count++;
	}
	wire_buffer_free(&b);
	wire_arena_free(arena);
}

static void
log_rules(struct fixture *f, const struct race_rules *rules, uint64_t seq,
    int64_t received_us)
{
	const struct model_event e = { .id = { MODEL_FILES, 1000000 + seq },
		.event = { .kind = RACE_RULES,
		    .made_us = DECISIONS_BASE_US,
		    .rules = rules } };

	log_event(f, &e, received_us);
	assert_int_equal(f->events[f->count - 1].event.kind, RACE_RULES);
}

/* Time goes by fits and starts, and is set back by somebody now and then. */
static int64_t
next_us(struct fixture *f, int64_t us, bool back)
{
	if (back && test_below(&f->random, 30) == 0)
		return us - 40 * second_us;
	return us + (int64_t)test_below(&f->random, 4) * second_us;
}

static void
make_log(struct fixture *f, bool back)
{
	struct decisions *d = &f->d;
	int64_t us = begin_us;

	decisions_race(d, &f->random, 20 + test_below(&f->random, 60));
	for (uint64_t n = test_below(&f->random, 60); n > 0; n--)
		decisions_add(d);
	decisions_shuffle(d, 0);
	memcpy(f->rankings, d->rankings, sizeof f->rankings);
	f->later = d->rules;
	f->later.rankings = f->rankings;
	f->rankings[0].at = 1;
	f->rankings[0].sex = f->rankings[1].sex;
	f->count = 0;
	unlink(f->path);
	log_rules(f, &d->rules, 0, us);
	f->changed = SIZE_MAX;
	for (size_t i = 0; i < d->count; i++) {
		us = next_us(f, us, back);
		if (i == d->count / 2) {
			log_rules(f, &f->later, 1, us);
			f->changed = f->count - 1;
		}
		log_event(f, &d->events[i], us);
	}
	assert_true(f->count > d->count / 2);
	assert_int_equal(recording_sync(f->to), 0);
	recording_free(f->to);
	f->to = NULL;
}

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

/* Of the first events, and the rules that held then. */
static const struct race_rules *
rules_at(const struct fixture *f, size_t events)
{
	return f->changed < events ? &f->later : &f->d.rules;
}

static void
check_model(struct fixture *f, struct book *b, size_t events)
{
	const struct race_rules *rules = rules_at(f, events);

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
check_fresh(struct fixture *f, struct book *b, size_t events)
{
	struct book *fresh = book_new(rules_at(f, events), MODEL_FILES);
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
load(const struct verb_options *o, struct past *out)
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

/* The slow way: how many events are told at an instant. */
static size_t
received(const struct fixture *f, int64_t us)
{
	size_t events = 0;

	for (size_t i = 0; i < f->count; i++)
		if (f->received_us[i] <= us)
			events = i + 1;
	return events;
}

/* ---- tests ---- */

static void
check_instant(struct fixture *f, int64_t us)
{
	const struct verb_options o = { .from = f->path,
		.at = "then",
		.at_us = us };
	size_t events = received(f, us);
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
	struct fixture *f = *state;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t span = 5 * (uint64_t)second_us;

		make_log(f, round % 3 == 0);
		for (size_t i = 0; i < f->count; i++)
			if (f->received_us[i] > begin_us)
				span += (uint64_t)second_us * 3 / 2;
		for (int i = 0; i < INSTANTS; i++)
			check_instant(f,
			    begin_us + (int64_t)test_below(&f->random, span));
	}
}

static void
at_every_number_it_is_what_the_events_up_to_it_make(void **state)
{
	struct fixture *f = *state;

	make_log(f, true);
	for (size_t n = 1; n <= f->count; n++) {
		const struct verb_options o = { .from = f->path,
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
	struct fixture *f = *state;
	struct verb_options o = { .from = f->path, .at_seq = "n", .at_log = 5 };
	struct past past;
	struct err err;
	int fd;

	make_log(f, false);
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
	struct fixture *f = *state;
	struct verb_options o = { .from = f->path,
		.at = "2014-05-13T17:00:00Z",
		.at_us = begin_us - 1 };
	struct past past;
	struct err err;

	make_log(f, false);
	assert_int_equal(past_load(&o, &past, NULL, NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, "nothing had been received by"));
	o = (struct verb_options){ .from = f->path,
		.at_seq = "9999",
		.at_log = 9999 };
	assert_int_equal(past_load(&o, &past, NULL, NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, "the last event of"));
}

/* A rehearsal took place years after the race's date. */
static void
a_time_of_day_is_that_of_the_day_when_it_was_received(void **state)
{
	struct fixture *f = *state;
	struct verb_options o = { .from = f->path,
		.at = "17:53:20",
		.at_clock = true };
	struct past past;

	make_log(f, false);
	/* 2014-05-13T16:53:20Z is the base; it was received an hour later. */
	o.at_us = (17 * 3600 + 53 * 60 + 20) * second_us;
	load(&o, &past);
	assert_int_equal(past.log, received(f, begin_us));
	past_clear(&past);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    at_a_thousand_instants_it_is_what_the_events_up_to_then_make,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    at_every_number_it_is_what_the_events_up_to_it_make, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    before_the_damage_it_is_what_it_was, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_nothing_is_known_of_is_refused_with_words, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_time_of_day_is_that_of_the_day_when_it_was_received,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
