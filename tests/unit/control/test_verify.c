#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files.h"
#include "common/hash.h"
#include "common/xalloc.h"
#include "control/verify.h"
#include "proto/recording.h"
#include "proto/wire.h"

enum { EVENTS = 12, STREAMS = 3 };

static const struct recording_header header = { 77, "Les 8 kilomètres",
	"0.1.0" };

/* A small race, as it was recorded: crossings of three streams by turns. */
struct fixture {
	char folder[64];
	char path[128];
	struct recording_record records[EVENTS];
	uint8_t *bodies[EVENTS];
	size_t offsets[EVENTS + 1]; /* where each begins, and the end */
	struct verify got;
	struct err err;
};

static void
make_event(struct fixture *f, size_t i)
{
	struct race_event e = { .kind = RACE_CROSSING,
		.made_us = RACE_TIME_MIN,
		.crossing = { .point = "arrivee",
		    .bib = "12",
		    .chip = "",
		    .source = "",
		    .time_us = RACE_TIME_MIN + (int64_t)i } };
	struct wire_buffer b = { 0 };
	uint64_t before = i < STREAMS ? 0 : f->records[i - STREAMS].chain;
	size_t len;

	assert_true(wire_put_event(&b, &e) > 0);
	len = b.len;
	f->bodies[i] = xmalloc(len);
	memcpy(f->bodies[i], b.data, len);
	wire_buffer_free(&b);
	f->records[i] = (struct recording_record){ .log = i + 1,
		.id = { 100 + i % STREAMS, i / STREAMS + 1 },
		.stream_name = "arrivée",
		.received_us = RACE_TIME_MIN,
		.event = f->bodies[i],
		.len = len,
		.chain = hash_chain(before, f->bodies[i], len) };
}

static size_t
size_of(const struct fixture *f)
{
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	return (size_t)st.st_size;
}

/* Appends those of them from..to-1. */
static void
record(struct fixture *f, size_t from, size_t to)
{
	struct recording *r;

	assert_int_equal(recording_open(&r, f->path, &header, &f->err), 0);
	for (size_t i = from; i < to; i++)
		assert_int_equal(recording_append(r, &f->records[i]), 0);
	assert_int_equal(recording_sync(r), 0);
	recording_free(r);
}

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	strcpy(f->folder, "/tmp/palmares-verify-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof f->path, "%s/race.rec", f->folder);
	for (size_t i = 0; i < EVENTS; i++)
		make_event(f, i);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < EVENTS; i++)
		free(f->bodies[i]);
	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

static void
record_all(struct fixture *f)
{
	record(f, 0, 0);
	for (size_t i = 0; i < EVENTS; i++) {
		f->offsets[i] = size_of(f);
		record(f, i, i + 1);
	}
	f->offsets[EVENTS] = size_of(f);
}

static char *
slurp(const struct fixture *f, size_t *len)
{
	char *bytes = NULL;

	assert_int_equal(files_read(f->path, 1024 * 1024, &bytes, len, NULL),
	    0);
	return bytes;
}

static void
spill(const struct fixture *f, const char *bytes, size_t len)
{
	int fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static int
verify(struct fixture *f)
{
	f->err.text[0] = '\0';
	return verify_file(f->path, &f->got, &f->err);
}

/* Events that end at or before that byte. */
static size_t
whole(const struct fixture *f, size_t byte)
{
	size_t n = 0;

	while (n < EVENTS && f->offsets[n + 1] <= byte)
		n++;
	return n;
}

static void
assert_says(const struct fixture *f, const char *words)
{
	if (strstr(f->err.text, words) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", words, f->err.text);
}

static void
a_recording_as_it_was_written_is_whole(void **state)
{
	struct fixture *f = *state;

	record_all(f);
	assert_int_equal(verify(f), 0);
	assert_true(f->got.recording);
	assert_false(f->got.torn);
	assert_int_equal(f->got.events, EVENTS);
	assert_int_equal(f->got.first, 1);
	assert_int_equal(f->got.last, EVENTS);
	assert_int_equal(f->got.streams, STREAMS);
	assert_int_equal(f->got.begun, 0);
	assert_int_equal(f->got.undecoded, 0);
	assert_int_equal(f->got.bytes, f->offsets[EVENTS]);
}

static void
cut_at_every_byte_it_is_torn_or_whole(void **state)
{
	struct fixture *f = *state;
	size_t len;
	char *bytes;

	record_all(f);
	bytes = slurp(f, &len);
	assert_int_equal(len, f->offsets[EVENTS]);
	for (size_t cut = 0; cut <= len; cut++) {
		size_t good = whole(f, cut);

		spill(f, bytes, cut);
		if (cut < f->offsets[0]) {
			/* Nothing was recorded at all. */
			assert_int_equal(verify(f), -EUCLEAN);
			assert_int_equal(f->got.events, 0);
			continue;
		}
		assert_int_equal(verify(f), 0);
		assert_int_equal(f->got.torn, cut != f->offsets[good]);
		assert_int_equal(f->got.bytes, f->offsets[good]);
		assert_int_equal(f->got.events, good);
		/* And it goes on. */
		record(f, good, EVENTS);
		assert_int_equal(verify(f), 0);
		assert_false(f->got.torn);
		assert_int_equal(f->got.events, EVENTS);
	}
	free(bytes);
}

static void
every_byte_that_flips_is_found_where_it_is(void **state)
{
	struct fixture *f = *state;
	char where[64];
	size_t len;
	char *bytes;

	record_all(f);
	bytes = slurp(f, &len);
	for (size_t at = 0; at < len; at++) {
		size_t good = whole(f, at);

		bytes[at] = (char)~bytes[at];
		spill(f, bytes, len);
		bytes[at] = (char)~bytes[at];
		assert_int_not_equal(verify(f), 0);
		assert_int_equal(f->got.events, good);
		if (at < f->offsets[0])
			continue;
		snprintf(where, sizeof where,
		    "damaged at byte %zu:", f->offsets[good]);
		assert_says(f, where);
		snprintf(where, sizeof where, "the %zu events before it are",
		    good);
		assert_says(f, where);
	}
	free(bytes);
}

/* Its CRC is right, but nobody stored it. */
static void
an_event_that_was_altered_and_sealed_again_is_found(void **state)
{
	struct fixture *f = *state;

	f->bodies[7][f->records[7].len - 1] ^= 1;
	record_all(f);
	assert_int_equal(verify(f), -EUCLEAN);
	assert_int_equal(f->got.events, 7);
	assert_says(f, "event 8 is not what was stored; the 7 events");
	f->bodies[7][f->records[7].len - 1] ^= 1;
}

static void
an_event_that_is_missing_or_there_twice_is_found(void **state)
{
	struct fixture *f = *state;

	record(f, 0, 5);
	record(f, 6, EVENTS);
	assert_int_equal(verify(f), -EUCLEAN);
	/* Event 6 is the second one of its stream, event 9 the third. */
	assert_says(f, "event 9 is not the next one of its stream");
	assert_int_equal(f->got.events, 7);
	unlink(f->path);
	f->records[6].id = f->records[3].id;
	record(f, 0, EVENTS);
	assert_int_equal(verify(f), -EUCLEAN);
	assert_says(f, "event 7 is not the next one of its stream");
}

static void
a_part_of_a_recording_is_whole_and_said_to_be_a_part(void **state)
{
	struct fixture *f = *state;

	record(f, 4, EVENTS);
	assert_int_equal(verify(f), 0);
	assert_int_equal(f->got.events, EVENTS - 4);
	assert_int_equal(f->got.first, 5);
	assert_int_equal(f->got.begun, STREAMS);
	/* The chain goes on from the first event that is here. */
	unlink(f->path);
	f->records[10].chain++;
	record(f, 4, EVENTS);
	assert_int_equal(verify(f), -EUCLEAN);
	assert_says(f, "event 11 is not what was stored");
}

static void
an_event_of_a_later_version_is_counted_not_refused(void **state)
{
	struct fixture *f = *state;
	static const uint8_t later[] = { 0xfa, 0x7f, 0x02, 0x08, 0x01 };

	f->records[EVENTS - 1].event = later;
	f->records[EVENTS - 1].len = sizeof later;
	f->records[EVENTS - 1].chain =
	    hash_chain(f->records[EVENTS - 1 - STREAMS].chain, later,
	        sizeof later);
	record(f, 0, EVENTS);
	assert_int_equal(verify(f), 0);
	assert_int_equal(f->got.undecoded, 1);
}

static void
a_file_that_is_not_there_is_named(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(verify(f), -ENOENT);
	assert_says(f, f->path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_recording_as_it_was_written_is_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    cut_at_every_byte_it_is_torn_or_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    every_byte_that_flips_is_found_where_it_is, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    an_event_that_was_altered_and_sealed_again_is_found, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    an_event_that_is_missing_or_there_twice_is_found, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_part_of_a_recording_is_whole_and_said_to_be_a_part, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    an_event_of_a_later_version_is_counted_not_refused, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_file_that_is_not_there_is_named, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
