#include "support/test.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/replay_tape.h"
#include "common/hash.h"
#include "common/xalloc.h"
#include "proto/recording.h"
#include "proto/wire.h"

#define S INT64_C(1000000)

enum { STORE = 9, STREAMS = 1000 };

static const int64_t zero = INT64_C(1411286400) * S;

struct fixture {
	char folder[64];
	char path[128];
	struct recording *to;
	struct wire_buffer buffer;
	uint64_t log;
	uint64_t seqs[STREAMS]; /* last, by epoch */
	uint64_t chains[STREAMS];
	struct tape tape;
	struct err err;
};

static int
setup(void **state)
{
	static const struct recording_header header = { STORE, "a race", "0" };
	struct fixture *f = xcalloc(1, sizeof *f);

	strcpy(f->folder, "/tmp/palmares-tape-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof f->path, "%s/race.rec", f->folder);
	assert_int_equal(recording_open(&f->to, f->path, &header, &f->err), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	recording_free(f->to);
	tape_clear(&f->tape);
	wire_buffer_free(&f->buffer);
	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

static void
append(struct fixture *f, uint64_t epoch, struct race_event *e)
{
	struct recording_record rec = { .log = ++f->log,
		.id = { epoch, ++f->seqs[epoch] },
		.stream_name = "somebody",
		.received_us = zero + 3600 * S + (int64_t)f->log };

	f->buffer.len = 0;
	assert_true(wire_put_event(&f->buffer, e) > 0);
	rec.event = f->buffer.data;
	rec.len = f->buffer.len;
	rec.chain = f->chains[epoch] =
	    hash_chain(f->chains[epoch], rec.event, rec.len);
	assert_int_equal(recording_append(f->to, &rec), 0);
	assert_int_equal(recording_sync(f->to), 0);
}

static void
append_crossing(struct fixture *f, uint64_t epoch, const char *point)
{
	append(f, epoch,
	    &(struct race_event){ .kind = RACE_CROSSING,
	        .made_us = zero,
	        .crossing = { .point = point,
	            .bib = "7",
	            .chip = "",
	            .source = "",
	            .clock = RACE_CLOCK_FILE,
	            .time_us = zero + 5 * S } });
}

static void
append_gun(struct fixture *f, uint64_t epoch, int64_t made_us)
{
	append(f, epoch,
	    &(struct race_event){ .kind = RACE_GUN,
	        .made_us = made_us,
	        .gun = { .wave = "all", .gun_us = zero } });
}

static void
append_rules(struct fixture *f, const char *title)
{
	char text[3][32];
	struct race_rules rules = { .title = text[0],
		.date = text[1],
		.timezone = text[2] };

	strcpy(text[0], title);
	strcpy(text[1], "2014-09-21");
	strcpy(text[2], "Europe/Paris");
	append(f, STORE,
	    &(struct race_event){ .kind = RACE_RULES,
	        .made_us = zero,
	        .rules = &rules });
}

static int
load(struct fixture *f)
{
	return tape_load(&f->tape, f->path, &f->err);
}

static const struct tape_stream *
stream(const struct fixture *f, uint64_t epoch)
{
	int64_t i = tape_find_stream(&f->tape, epoch);

	assert_true(i >= 0);
	return &f->tape.streams[i];
}

static void
what_the_aggregator_said_is_known_and_not_played(void **state)
{
	struct fixture *f = *state;

	append_rules(f, "first");
	append_rules(f, "second");
	append_crossing(f, 1, "arrivee");
	assert_int_equal(load(f), 0);
	assert_int_equal(f->tape.count, 1);
	assert_int_equal(f->tape.stream_count, 1);
	assert_int_equal(f->tape.store, STORE);
	assert_string_equal(f->tape.race, "a race");
	assert_string_equal(f->tape.rules->title, "second");
}

static void
a_stream_is_whose_its_first_event_is(void **state)
{
	struct fixture *f = *state;

	append_gun(f, 1, zero);
	append_crossing(f, 2, "arrivee");
	append_gun(f, 2, zero);
	assert_int_equal(load(f), 0);
	assert_true(stream(f, 1)->operators);
	assert_false(stream(f, 2)->operators);
	assert_string_equal(stream(f, 2)->name, "somebody");
}

static void
a_stream_stands_at_the_point_of_all_its_crossings(void **state)
{
	struct fixture *f = *state;

	append_crossing(f, 1, "arrivee");
	append_crossing(f, 1, "arrivee");
	append_crossing(f, 2, "arrivee");
	append_crossing(f, 2, "depart");
	append_crossing(f, 2, "arrivee");
	append_gun(f, 3, zero);
	assert_int_equal(load(f), 0);
	assert_string_equal(tape_point(stream(f, 1)), "arrivee");
	assert_string_equal(tape_point(stream(f, 2)), "");
	assert_string_equal(tape_point(stream(f, 3)), "");
}

static void
a_crossing_happened_at_its_time_the_rest_when_it_was_said(void **state)
{
	struct fixture *f = *state;

	append_crossing(f, 1, "arrivee");
	append_gun(f, 2, zero + 9 * S);
	/* By a clock that is a day ahead: when it came. */
	append_gun(f, 2, zero + 86400 * S);
	assert_int_equal(load(f), 0);
	assert_int_equal(f->tape.events[0].moment_us, zero + 5 * S);
	assert_int_equal(f->tape.events[1].moment_us, zero + 9 * S);
	assert_int_equal(f->tape.events[2].moment_us,
	    f->tape.events[2].received_us);
}

static void
what_was_recorded_is_found_by_its_name(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 100; i++) {
		append_crossing(f, 1, "arrivee");
		f->seqs[1] += (uint64_t)i % 3;
		f->chains[1] += (uint64_t)i % 3;
	}
	assert_int_equal(load(f), 0);
	for (size_t i = 0; i < 100; i++) {
		uint64_t seq = f->tape.events[i].seq;

		assert_int_equal(tape_find(&f->tape, 0, seq), i);
		if (i % 3 == 2)
			assert_int_equal(tape_find(&f->tape, 0, seq + 1), -1);
	}
	assert_int_equal(tape_find(&f->tape, 0, 0), -1);
	assert_int_equal(tape_find(&f->tape, 0, 1000), -1);
}

/* With a CRC that fits, as an editor of the file would make it. */
static void
what_was_altered_is_refused(void **state)
{
	struct fixture *f = *state;

	append_crossing(f, 1, "arrivee");
	f->chains[1]++;
	append_crossing(f, 1, "arrivee");
	assert_int_equal(load(f), -EUCLEAN);
	assert_non_null(strstr(f->err.text, "log number 2"));
	assert_non_null(strstr(f->err.text, "altered"));
}

static void
an_event_that_comes_again_is_refused(void **state)
{
	struct fixture *f = *state;

	append_crossing(f, 1, "arrivee");
	f->seqs[1] = 0;
	f->chains[1] = 0;
	append_crossing(f, 1, "arrivee");
	assert_int_equal(load(f), -EUCLEAN);
	assert_non_null(strstr(f->err.text, "comes again"));
}

static void
what_is_torn_is_left_out(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	append_crossing(f, 1, "arrivee");
	append_crossing(f, 1, "arrivee");
	assert_int_equal(load(f), 0);
	assert_false(f->tape.torn);
	tape_clear(&f->tape);
	recording_free(f->to);
	f->to = NULL;
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(truncate(f->path, st.st_size - 3), 0);
	assert_int_equal(load(f), 0);
	assert_true(f->tape.torn);
	assert_int_equal(f->tape.count, 1);
	tape_clear(&f->tape);
	/* Within the header. */
	assert_int_equal(truncate(f->path, 5), 0);
	assert_int_equal(load(f), -EUCLEAN);
	assert_int_equal(truncate(f->path, 0), 0);
	assert_int_equal(load(f), -EUCLEAN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(what_the_aggregator_said_is_known_and_not_played),
		T(a_stream_is_whose_its_first_event_is),
		T(a_stream_stands_at_the_point_of_all_its_crossings),
		T(a_crossing_happened_at_its_time_the_rest_when_it_was_said),
		T(what_was_recorded_is_found_by_its_name),
		T(what_was_altered_is_refused),
		T(an_event_that_comes_again_is_refused),
		T(what_is_torn_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
