#include "support/test.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/hash.h"
#include "common/xalloc.h"
#include "race/recorder.h"

/* A log of three streams, by turns: the aggregator's, and two stations. */
enum { STORE = 7, EVENTS = 30, STREAMS = 3, LONG = 30000 };

static const struct recording_header header = { STORE, "Une course", "test" };

struct fixture {
	char folder[64];
	char path[128];
	struct recording_record log[EVENTS + 1]; /* by number */
	struct recorder *recorder;
	uint64_t seen[EVENTS + 1]; /* by number: how often it is there */
	size_t count;
	struct err err;
};

static const uint8_t *
body(size_t i)
{
	static uint8_t bytes[EVENTS + 1][LONG];

	memset(bytes[i], (int)i, LONG);
	return bytes[i];
}

static void
make_log(struct fixture *f)
{
	for (size_t i = 1; i <= EVENTS; i++) {
		uint64_t before = i > STREAMS ? f->log[i - STREAMS].chain : 0;
		size_t len = i < 20 ? i : LONG;

		f->log[i] = (struct recording_record){ .log = i,
			.id = { STORE + (i - 1) % STREAMS,
			    (i - 1) / STREAMS + 1 },
			.stream_name = "arrivée",
			.received_us = 1000 + (int64_t)i,
			.event = body(i),
			.len = len,
			.chain = hash_chain(before, body(i), len) };
	}
}

static void
reopen(struct fixture *f, uint64_t from)
{
	recorder_free(f->recorder);
	f->recorder = NULL;
	assert_int_equal(recorder_open(&f->recorder, f->path, from, &f->err),
	    0);
	assert_int_equal(recorder_begin(f->recorder, &header, &f->err), 0);
}

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	strcpy(f->folder, "/tmp/palmares-recorder-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof f->path, "%s/race.rec", f->folder);
	make_log(f);
	*state = f;
	reopen(f, 1);
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	recorder_free(f->recorder);
	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

static int
take(struct fixture *f, size_t i)
{
	return recorder_take(f->recorder, &f->log[i],
	    f->log[i].id.stream != STORE, &f->err);
}

/* From where it wants it, to there. */
static uint64_t
feed(struct fixture *f, size_t to)
{
	uint64_t added = 0;

	for (size_t i = recorder_after(f->recorder) + 1; i <= to; i++) {
		int rc = take(f, i);

		assert_true(rc == 0 || rc == 1);
		added += (uint64_t)rc;
	}
	assert_int_equal(recorder_sync(f->recorder, &f->err), 0);
	return added;
}

static int
count_header(void *arg, const struct recording_header *h)
{
	(void)arg;
	assert_int_equal(h->store, STORE);
	return 0;
}

static int
count_record(void *arg, const struct recording_record *rec)
{
	struct fixture *f = arg;
	const struct recording_record *want = &f->log[rec->log];

	assert_int_equal(rec->received_us, want->received_us);
	assert_int_equal(rec->len, want->len);
	assert_memory_equal(rec->event, want->event, want->len);
	f->seen[rec->log]++;
	f->count++;
	return 0;
}

static void
assert_has(struct fixture *f, size_t to)
{
	const struct recording_reader reader = { count_header, count_record,
		f };
	struct recording_end end;

	memset(f->seen, 0, sizeof f->seen);
	f->count = 0;
	assert_int_equal(recording_read(f->path, &reader, &end, &f->err), 0);
	assert_false(end.torn);
	assert_int_equal(f->count, to);
	for (size_t i = 1; i <= to; i++)
		assert_int_equal(f->seen[i], 1);
}

/* ---- tests ---- */

static void
a_log_is_recorded_in_any_number_of_stretches(void **state)
{
	struct fixture *f = *state;
	struct recorder_facts facts;

	assert_int_equal(recorder_after(f->recorder), 0);
	assert_int_equal(feed(f, 5), 5);
	for (size_t to = 5; to <= EVENTS; to += 5) {
		reopen(f, 1);
		/* The last one comes again. */
		assert_int_equal(recorder_after(f->recorder), to - 1);
		assert_int_equal(feed(f, to), 0);
		if (to < EVENTS)
			assert_int_equal(feed(f, to + 5), 5);
	}
	recorder_facts(f->recorder, &facts);
	assert_int_equal(facts.store, STORE);
	assert_int_equal(facts.last, EVENTS);
	assert_int_equal(facts.seen, EVENTS);
	assert_int_equal(facts.events, EVENTS);
	assert_int_equal(facts.unsynced, 0);
	assert_has(f, EVENTS);
}

static void
what_waits_for_the_disk_is_counted(void **state)
{
	struct fixture *f = *state;
	struct recorder_facts facts;

	assert_int_equal(take(f, 1), 1);
	assert_int_equal(take(f, 2), 1);
	recorder_facts(f->recorder, &facts);
	assert_int_equal(facts.unsynced, 2);
	assert_int_equal(facts.waiting, 3);
	assert_int_equal(recorder_sync(f->recorder, &f->err), 0);
	recorder_facts(f->recorder, &facts);
	assert_int_equal(facts.unsynced, 0);
	assert_int_equal(facts.waiting, 0);
}

static void
a_hole_in_the_log_is_refused(void **state)
{
	struct fixture *f = *state;

	feed(f, 5);
	assert_int_equal(take(f, 7), -ESTALE);
	assert_non_null(strstr(f->err.text, "hole"));
	assert_int_equal(take(f, 6), 1);
	assert_int_equal(take(f, 7), 1);
	/* Nor what came before the last one. */
	assert_int_equal(take(f, 5), -ESTALE);
}

static void
a_log_that_went_on_differently_is_refused(void **state)
{
	struct fixture *f = *state;

	feed(f, 12);
	/* The same events, but stored later: an older copy that got them
	 * again. */
	f->log[12].received_us++;
	reopen(f, 1);
	assert_int_equal(take(f, 12), -ESTALE);
	assert_non_null(strstr(f->err.text, "older copy"));
	f->log[12].received_us--;
	assert_int_equal(take(f, 12), 0);
	f->log[12].chain++;
	assert_int_equal(take(f, 12), -ESTALE);
	f->log[12].id.seq++;
	f->log[12].chain--;
	assert_int_equal(take(f, 12), -ESTALE);
	/* Events of streams that do not go on where they ended. */
	f->log[13].chain++;
	assert_int_equal(take(f, 13), -ESTALE);
	assert_non_null(strstr(f->err.text, "chain"));
	f->log[13].chain--;
	f->log[13].id.seq++;
	assert_int_equal(take(f, 13), -ESTALE);
	assert_non_null(strstr(f->err.text, "next one of its stream"));
	f->log[13].id.seq--;
	assert_int_equal(take(f, 13), 1);
	assert_int_equal(feed(f, 14), 1);
}

static void
another_race_is_refused(void **state)
{
	static const struct recording_header other = { 8, "Another", "test" };
	struct fixture *f = *state;

	feed(f, 3);
	assert_int_equal(recorder_begin(f->recorder, &other, &f->err), -ESTALE);
	recorder_free(f->recorder);
	f->recorder = NULL;
	assert_int_equal(recorder_open(&f->recorder, f->path, 1, &f->err), 0);
	assert_int_equal(recorder_begin(f->recorder, &other, &f->err), -ESTALE);
	assert_non_null(strstr(f->err.text, "another race"));
}

/* Of each third event the aggregator's own. */
static void
a_part_has_of_stations_what_is_from_there_on(void **state)
{
	struct fixture *f = *state;

	reopen(f, 10);
	assert_int_equal(feed(f, 6), 2);
	/* Interrupted before the part itself has begun. */
	reopen(f, 10);
	assert_int_equal(recorder_after(f->recorder), 3);
	assert_int_equal(feed(f, 15), 7);
	/* The same command again goes on. */
	reopen(f, 10);
	assert_int_equal(feed(f, 18), 3);
	/* Two of the aggregator's are before the tenth, as of each third. */
	for (size_t i = 0; i < 2; i++) {
		const struct recording_reader reader = { count_header,
			count_record, f };
		struct recording_end end;

		memset(f->seen, 0, sizeof f->seen);
		assert_int_equal(recording_read(f->path, &reader, &end, NULL),
		    0);
		for (size_t n = 1; n <= 18; n++)
			assert_int_equal(f->seen[n], n >= 10 || n % 3 == 1);
		reopen(f, 5); /* less than there is: nothing is left out */
		assert_int_equal(feed(f, 18), 0);
	}
}

static void
a_part_never_leaves_a_hole_behind_what_is_there(void **state)
{
	struct fixture *f = *state;

	feed(f, 6);
	reopen(f, 20);
	assert_int_equal(take(f, 6), 0);
	assert_int_equal(take(f, 7), 1); /* the aggregator's */
	assert_int_equal(take(f, 8), -EINVAL);
	assert_non_null(strstr(f->err.text, "hole"));
}

static void
what_finds_no_room_is_taken_later(void **state)
{
	struct fixture *f = *state;
	struct rlimit before;
	struct rlimit low;
	size_t i = 20;
	int rc;

	feed(f, 19);
	signal(SIGXFSZ, SIG_IGN); /* then write() says EFBIG */
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	low = (struct rlimit){ 2000, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	while ((rc = take(f, i)) == 1)
		i++;
	assert_true(recording_full(rc));
	assert_true(i < EVENTS);
	assert_true(recording_full(recorder_sync(f->recorder, &f->err)));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(recorder_after(f->recorder), i - 2);
	assert_int_equal(feed(f, EVENTS), EVENTS - i + 1);
	assert_has(f, EVENTS);
}

static void
a_recording_that_is_no_log_is_not_gone_on_with(void **state)
{
	struct fixture *f = *state;
	struct recording *r;

	recorder_free(f->recorder);
	f->recorder = NULL;
	assert_int_equal(recording_open(&r, f->path, &header, &f->err), 0);
	f->log[4].id.seq = 9;
	for (size_t i = 1; i <= 4; i++)
		assert_int_equal(recording_append(r, &f->log[i]), 0);
	assert_int_equal(recording_sync(r), 0);
	recording_free(r);
	assert_int_equal(recorder_open(&f->recorder, f->path, 1, &f->err),
	    -EBADMSG);
	assert_non_null(strstr(f->err.text, "palmares verify"));
	f->recorder = NULL;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_log_is_recorded_in_any_number_of_stretches),
		TEST(what_waits_for_the_disk_is_counted),
		TEST(a_hole_in_the_log_is_refused),
		TEST(a_log_that_went_on_differently_is_refused),
		TEST(another_race_is_refused),
		TEST(a_part_has_of_stations_what_is_from_there_on),
		TEST(a_part_never_leaves_a_hole_behind_what_is_there),
		TEST(what_finds_no_room_is_taken_later),
		TEST(a_recording_that_is_no_log_is_not_gone_on_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
