#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "collector/replay_faults.h"
#include "common/hash.h"
#include "common/xalloc.h"
#include "proto/wire.h"

#define S INT64_C(1000000)

enum { DEPART = 100, QUATRE = 200, BOTH = 300, ANNA = 400, EVENTS = 10 };

static const int64_t zero = INT64_C(1411286400) * S;

struct fixture {
	struct tape tape;
	struct wire_buffer buffer;
	struct faults faults;
	struct fault_wish wishes[4];
	size_t wish_count;
	struct err err;
};

static void
add(struct fixture *f, uint64_t epoch, const char *name, int64_t second,
    const struct race_event *e)
{
	uint32_t i = tape_stream(&f->tape, epoch, name);
	struct tape_stream *s = &f->tape.streams[i];

	s->operators = epoch == ANNA;
	if (e->kind == RACE_CROSSING)
		tape_note_point(s, e->crossing.point);
	f->buffer.len = 0;
	assert_true(wire_put_event(&f->buffer, e) > 0);
	tape_add(&f->tape,
	    &(struct tape_event){ .stream = i,
	        .seq = s->count + 1,
	        .received_us = zero + second * S,
	        .moment_us = zero + second * S,
	        .kind = e->kind,
	        .len = f->buffer.len },
	    f->buffer.data);
}

static void
add_crossing(struct fixture *f, uint64_t epoch, const char *name,
    const char *point, int64_t second)
{
	add(f, epoch, name, second,
	    &(struct race_event){ .kind = RACE_CROSSING,
	        .made_us = zero,
	        .crossing = { .point = point,
	            .bib = "7",
	            .chip = "",
	            .source = "",
	            .clock = RACE_CLOCK_FILE,
	            .time_us = zero + second * S } });
}

/* Three stations and an operator, each of them each ten seconds. */
static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	tape_init(&f->tape, 9, "a race");
	for (int k = 0; k < EVENTS; k++) {
		add_crossing(f, DEPART, "laptop-1", "depart", 10 * k);
		add_crossing(f, QUATRE, "laptop-2", "4km", 10 * k);
		add_crossing(f, BOTH, "spare", k % 2 == 0 ? "4km" : "8-km",
		    10 * k);
		add(f, ANNA, "anna", 10 * k,
		    &(struct race_event){ .kind = RACE_ENTRY_GONE,
		        .made_us = zero,
		        .entry_gone = "7" });
	}
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	faults_clear(&f->faults);
	tape_clear(&f->tape);
	wire_buffer_free(&f->buffer);
	free(f);
	return 0;
}

/* ---- the command line ---- */

static void
a_fault_names_place_time_and_span(void **state)
{
	static const char *const good[] = { "4km@+10m for 90s",
		" 4km @ +10m  for  1:30 ", "4km@+10m for 90 s",
		"4km@+0:10:00 for 1 min 30 s" };
	struct fault_wish w;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(fault_parse(&w, FAULT_KILL, good[i], &err), 0);
		assert_int_equal(w.kind, FAULT_KILL);
		assert_string_equal(w.place, "4km");
		assert_int_equal(w.from.form, WHEN_AFTER);
		assert_int_equal(w.from.us, 600 * S);
		assert_int_equal(w.span_us, 90 * S);
	}
	assert_int_equal(fault_parse(&w, FAULT_LINK,
	                     "mat @ work for all@10:42 for 5m", &err),
	    0);
	assert_string_equal(w.place, "mat @ work for all");
	assert_int_equal(w.from.form, WHEN_CLOCK);
	assert_int_equal(w.span_us, 300 * S);
}

static void
a_clock_names_place_and_error(void **state)
{
	struct fault_wish w;
	struct err err;

	(void)state;
	assert_int_equal(fault_parse(&w, FAULT_CLOCK, "4km+2.5s", &err), 0);
	assert_string_equal(w.place, "4km");
	assert_int_equal(w.span_us, 5 * S / 2);
	assert_int_equal(fault_parse(&w, FAULT_CLOCK, "4km +2.5s", &err), 0);
	assert_string_equal(w.place, "4km");
	assert_int_equal(fault_parse(&w, FAULT_CLOCK, "mi-course -1h", &err),
	    0);
	assert_string_equal(w.place, "mi-course");
	assert_int_equal(w.span_us, -3600 * S);
	assert_int_equal(fault_parse(&w, FAULT_CLOCK, "8-km-0:02", &err), 0);
	assert_string_equal(w.place, "8-km");
	assert_int_equal(w.span_us, -2 * S);
}

static void
what_is_no_fault_is_refused_with_how_to_write_one(void **state)
{
	static const char *const windows[] = { "", "4km", "4km@+10m",
		"4km@+10m for", "4km@+10m for 0s", "@+10m for 90s",
		"4km for 90s", "4km@late for 90s", "4km@+10m for long",
		"4km@ for 90s", "4km+10m for 90s" };
	static const char *const clocks[] = { "", "4km", "+2.5s", "4km+",
		"4km+0s", "mi-course", "4km +fast", "4km+25h", "4km 2.5s" };
	struct fault_wish w;

	(void)state;
	for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
		struct err err = { "" };

		assert_int_equal(fault_parse(&w, FAULT_LINK, windows[i], &err),
		    -EINVAL);
		assert_true(err.text[0] != '\0');
	}
	for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
		struct err err = { "" };

		assert_int_equal(fault_parse(&w, FAULT_CLOCK, clocks[i], &err),
		    -EINVAL);
		assert_true(err.text[0] != '\0');
	}
}

static void
any_text_is_read_or_refused(void **state)
{
	static const char letters[] = "4km@+- for0159:.sh\xc3";
	uint64_t seed = test_seed();

	(void)state;
	for (int round = 0; round < 200000; round++) {
		char text[40] = "";
		size_t len = (size_t)test_below(&seed, sizeof text);
		struct fault_wish w;
		struct err err;

		for (size_t i = 0; i < len; i++)
			text[i] =
			    letters[test_below(&seed, sizeof letters - 1)];
		text[len < sizeof text ? len : sizeof text - 1] = '\0';
		for (int kind = FAULT_LINK; kind <= FAULT_CLOCK; kind++) {
			if (fault_parse(&w, (enum fault_kind)kind, text, &err) <
			    0)
				continue;
			assert_true(w.place[0] != '\0' && w.span_us != 0);
			assert_non_null(strstr(text, w.place));
		}
	}
}

/* ---- what they mean for a tape ---- */

static void
wish(struct fixture *f, enum fault_kind kind, const char *text)
{
	static char typed[80];
	struct fault_wish *w = &f->wishes[f->wish_count++];

	assert_int_equal(fault_parse(w, kind, text, &f->err), 0);
	(void)snprintf(typed, sizeof typed, "%s", text);
	w->option = kind == FAULT_CLOCK ? "--clock" : "--drop-link";
	w->text = typed;
}

static int
settle(struct fixture *f)
{
	const struct when_zero at = { zero, zero };

	return faults_settle(&f->faults, &f->tape, f->wishes, f->wish_count,
	    &at, &f->err);
}

static void
a_point_is_all_stations_there(void **state)
{
	struct fixture *f = *state;

	wish(f, FAULT_LINK, "4km@+25s for 30s");
	assert_int_equal(settle(f), 0);
	assert_int_equal(f->faults.count, 1);
	assert_int_equal(f->faults.faults[0].stream_count, 2);
	assert_int_equal(f->faults.faults[0].from_us, zero + 25 * S);
	assert_int_equal(f->faults.faults[0].to_us, zero + 55 * S);
	/* 30, 40, 50 of either. */
	assert_int_equal(f->faults.faults[0].held, 6);
}

static void
a_station_is_itself(void **state)
{
	struct fixture *f = *state;

	/* What is received at its beginning belongs to it, at its end not. */
	wish(f, FAULT_LINK, "spare@+20s for 30s");
	assert_int_equal(settle(f), 0);
	assert_int_equal(f->faults.faults[0].stream_count, 1);
	assert_int_equal(f->faults.faults[0].held, 3);
}

static void
faults_begin_and_end_in_their_order(void **state)
{
	static const struct {
		int64_t second;
		uint32_t fault;
		bool begins;
	} want[] = { { 10, 1, true }, { 20, 1, false }, { 20, 2, true },
		{ 30, 0, true }, { 40, 2, false }, { 50, 0, false } };
	struct fixture *f = *state;

	wish(f, FAULT_LINK, "4km@+30s for 20s");
	wish(f, FAULT_CLOCK, "4km+1s");
	wish(f, FAULT_KILL, "depart@+10s for 10s");
	wish(f, FAULT_LINK, "depart@+20s for 20s");
	assert_int_equal(settle(f), 0);
	assert_int_equal(f->faults.edge_count, 6);
	for (size_t i = 0; i < 6; i++) {
		const struct fault_edge *e = &f->faults.edges[i];

		assert_int_equal(e->at_us, zero + want[i].second * S);
		assert_int_equal(e->fault, want[i].fault);
		assert_int_equal(e->begins, want[i].begins);
	}
}

static void
a_place_that_is_not_there_is_refused_with_the_nearest(void **state)
{
	struct fixture *f = *state;
	int64_t ahead[8] = { 0 };

	wish(f, FAULT_LINK, "4kn@+30s for 20s");
	assert_int_equal(settle(f), -ENOENT);
	assert_non_null(strstr(f->err.text, "--drop-link 4kn@+30s for 20s"));
	assert_non_null(strstr(f->err.text, "did you mean '4km'"));
	assert_non_null(strstr(f->err.text, "laptop-1"));
	/* An operator is no station. */
	assert_null(strstr(f->err.text, "anna"));
	f->wish_count = 0;
	wish(f, FAULT_CLOCK, "anna+2s");
	assert_int_equal(faults_clocks(ahead, &f->tape, f->wishes, 1, &f->err),
	    -ENOENT);
}

static void
a_fault_that_nothing_is_under_is_refused(void **state)
{
	static const char *const bad[] = { "4km@+91s for 20s",
		"4km@2014-09-21T09:00:00Z for 30m" };
	struct fixture *f = *state;

	for (size_t i = 0; i < 2; i++) {
		f->wish_count = 0;
		memset(f->wishes, 0, sizeof f->wishes);
		wish(f, FAULT_LINK, i == 0 ? bad[0] : bad[1]);
		if (i == 1)
			f->wishes[0].from.us = zero - 3600 * S;
		assert_int_equal(settle(f), -ENOENT);
		assert_non_null(strstr(f->err.text, "nothing to send"));
	}
	/* Where it is silent between two events, it is there all the same. */
	f->wish_count = 0;
	wish(f, FAULT_LINK, "4km@+81s for 5s");
	assert_int_equal(settle(f), 0);
	assert_int_equal(f->faults.faults[0].held, 0);
}

/* ---- clocks ---- */

static void
clocks_of_a_place_are_ahead(void **state)
{
	struct fixture *f = *state;
	int64_t ahead[8] = { 0 };

	wish(f, FAULT_CLOCK, "4km+2s");
	wish(f, FAULT_CLOCK, "spare-500s");
	wish(f, FAULT_LINK, "depart@+30s for 20s");
	assert_int_equal(faults_clocks(ahead, &f->tape, f->wishes, 3, &f->err),
	    0);
	assert_int_equal(ahead[0], 0);
	assert_int_equal(ahead[1], 2 * S);
	assert_int_equal(ahead[2], -498 * S);
	assert_int_equal(ahead[3], 0);
}

static void
a_time_that_no_aggregator_takes_is_refused(void **state)
{
	struct fixture *f = *state;
	int64_t ahead[8] = { 0 };

	add(f, 500, "old", 1000,
	    &(struct race_event){ .kind = RACE_CROSSING,
	        .crossing = { .point = "old",
	            .bib = "7",
	            .chip = "",
	            .source = "",
	            .clock = RACE_CLOCK_FILE,
	            .time_us = RACE_TIME_MIN + S } });
	wish(f, FAULT_CLOCK, "old-1s");
	assert_int_equal(faults_clocks(ahead, &f->tape, f->wishes, 1, &f->err),
	    0);
	f->wish_count = 0;
	ahead[4] = 0;
	wish(f, FAULT_CLOCK, "old-2s");
	assert_int_equal(faults_clocks(ahead, &f->tape, f->wishes, 1, &f->err),
	    -ERANGE);
}

static void
add_stamp(struct fixture *f, uint32_t clock_epoch, int64_t bound_us)
{
	add(f, 500, "keyboard", 1000,
	    &(struct race_event){ .kind = RACE_CROSSING,
	        .crossing = { .point = "desk",
	            .bib = "7",
	            .chip = "",
	            .source = "",
	            .clock = RACE_CLOCK_LAPTOP,
	            .clock_epoch = clock_epoch,
	            .bound_us = bound_us,
	            .time_us = zero } });
}

/* By its own pair, or by any estimate of its clock epoch. */
static void
what_is_measured_is_corrected(void **state)
{
	struct fixture *f = *state;
	struct fault_clock_facts facts;

	add_stamp(f, 1, 900);
	add_stamp(f, 2, 0);
	add_stamp(f, 3, 0);
	add_stamp(f, 0, 0);
	add(f, 500, "keyboard", 1000,
	    &(struct race_event){ .kind = RACE_CLOCK,
	        .clock = { .clock_epoch = 2, .offset_us = zero } });
	wish(f, FAULT_CLOCK, "desk+2s");
	fault_clock_facts(&f->tape, &f->wishes[0], &facts);
	assert_int_equal(facts.measured, 2);
	assert_int_equal(facts.taken, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(a_fault_names_place_time_and_span),
		T(a_clock_names_place_and_error),
		T(what_is_no_fault_is_refused_with_how_to_write_one),
		T(any_text_is_read_or_refused),
		T(a_point_is_all_stations_there),
		T(a_station_is_itself),
		T(faults_begin_and_end_in_their_order),
		T(a_place_that_is_not_there_is_refused_with_the_nearest),
		T(a_fault_that_nothing_is_under_is_refused),
		T(clocks_of_a_place_are_ahead),
		T(a_time_that_no_aggregator_takes_is_refused),
		T(what_is_measured_is_corrected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
