#include "support/test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aggregator/archive.h"
#include "proto/wire.h"

enum { RUN = 9, STREAMS = 300 };

struct fixture {
	char dir[64];
	char path[96];
	struct store *store;
	struct archive *archive;
	struct wire_buffer out;
	uint64_t seqs[STREAMS]; /* last of each stream */
};

static void
open_both(struct fixture *f)
{
	struct err err;

	if (store_open(&f->store, f->path, STORE_WRITE, &err) != 0)
		fail_msg("%s", err.text);
	f->archive = archive_new(f->store, RUN);
}

static void
close_both(struct fixture *f)
{
	archive_free(f->archive);
	store_free(f->store);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	snprintf(f->dir, sizeof f->dir, "/tmp/test_archive.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof f->path, "%s/race.db", f->dir);
	open_both(f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	struct fixture *f = *state;
	char path[128];

	close_both(f);
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s%s", f->path, ends[i]);
		unlink(path);
	}
	rmdir(f->dir);
	wire_buffer_free(&f->out);
	free(f);
	return 0;
}

static uint64_t
epoch_of(size_t k)
{
	return 1000 + k;
}

/* Bytes that tell which event they are. */
static size_t
body_of(uint8_t *body, uint64_t log, size_t len)
{
	for (size_t i = 0; i < len; i++)
		body[i] = (uint8_t)(log * 7 + i);
	return len;
}

static void
append(struct fixture *f, size_t k, size_t len)
{
	uint8_t body[RACE_EVENT_MAX];
	struct store_stream st;
	char name[32];

	snprintf(name, sizeof name, "station %zu", k);
	assert_int_equal(store_stream(f->store, epoch_of(k), name, "p",
	                     k % 2 == 1, &st),
	    0);
	body_of(body, store_log(f->store) + 1, len);
	assert_int_equal(store_append(f->store, st.id, ++f->seqs[k], NULL, body,
	                     len, store_log(f->store) + 77, 1400000000000000),
	    0);
}

static void
commit(struct fixture *f)
{
	struct err err;

	assert_int_equal(store_commit(f->store, &err), 0);
}

static const struct message_log_reply *
ask(struct fixture *f, uint64_t after, struct message *m)
{
	archive_answer(f->archive,
	    &(struct message_log_request){ .request = 4, .after = after }, m);
	assert_int_equal(m->type, MESSAGE_LOG_REPLY);
	assert_int_equal(m->log_reply.request, 4);
	assert_int_equal(m->log_reply.store, store_id(f->store));
	assert_int_equal(m->log_reply.run, RUN);
	assert_int_equal(wire_put(&f->out, m), 0);
	assert_true(f->out.len <= ARCHIVE_PAGE + WIRE_HEADER);
	return &m->log_reply;
}

/* Each of the page's streams is named once, as it is. */
static void
check_streams(const struct message_log_reply *r)
{
	size_t used = 0;

	for (size_t i = 0; i < r->stream_count; i++) {
		const struct message_log_stream *s = &r->streams[i];
		size_t k = (size_t)(s->stream - 1000);
		char name[32];
		bool found = false;

		snprintf(name, sizeof name, "station %zu", k);
		assert_string_equal(s->name, name);
		assert_string_equal(s->point, "p");
		assert_int_equal(s->operators, k % 2 == 1);
		for (size_t e = 0; e < r->event_count; e++) {
			found = found || r->events[e].id.stream == s->stream;
			used += r->events[e].id.stream == s->stream;
		}
		assert_true(found);
	}
	assert_int_equal(used, r->event_count);
}

static void
check_event(const struct message_log_event *e, uint64_t log)
{
	uint8_t body[RACE_EVENT_MAX];

	assert_int_equal(e->log, log);
	assert_int_equal(e->chain, log - 1 + 77);
	assert_int_equal(e->received_us, 1400000000000000);
	body_of(body, log, e->len);
	assert_memory_equal(e->body, body, e->len);
}

static void
the_pages_together_are_the_log(void **state)
{
	struct fixture *f = *state;
	uint64_t random = test_seed();
	uint64_t have = 0;
	struct message m;

	for (int i = 0; i < 4000; i++)
		append(f, (size_t)test_below(&random, STREAMS),
		    (size_t)test_below(&random,
		        test_below(&random, 50) == 0 ? RACE_EVENT_MAX : 100));
	commit(f);
	while (have < 4000) {
		const struct message_log_reply *r = ask(f, have, &m);

		assert_true(r->event_count > 0);
		assert_int_equal(r->log, 4000);
		check_streams(r);
		for (size_t i = 0; i < r->event_count; i++)
			check_event(&r->events[i], ++have);
	}
	assert_int_equal(ask(f, have, &m)->event_count, 0);
}

static void
the_longest_events_fit(void **state)
{
	struct fixture *f = *state;
	struct message m;

	append(f, 0, RACE_EVENT_MAX);
	append(f, 1, RACE_EVENT_MAX);
	append(f, 2, 0);
	commit(f);
	assert_int_equal(ask(f, 0, &m)->event_count, 1);
	assert_int_equal(ask(f, 1, &m)->event_count, 2);
}

static void
what_is_not_committed_is_not_told(void **state)
{
	struct fixture *f = *state;
	const struct message_log_reply *r;
	struct message m;

	assert_int_equal(ask(f, 0, &m)->log, 0);
	append(f, 0, 10);
	r = ask(f, 0, &m);
	assert_int_equal(r->log, 0);
	assert_int_equal(r->event_count, 0);
	commit(f);
	append(f, 0, 10);
	r = ask(f, 0, &m);
	assert_int_equal(r->log, 1);
	assert_int_equal(r->event_count, 1);
	store_rollback(f->store);
	assert_int_equal(ask(f, 1, &m)->event_count, 0);
}

static void
behind_the_end_there_is_nothing(void **state)
{
	struct fixture *f = *state;
	struct message m;

	append(f, 0, 10);
	commit(f);
	assert_int_equal(ask(f, 1, &m)->event_count, 0);
	assert_int_equal(ask(f, 2, &m)->event_count, 0);
	assert_int_equal(ask(f, UINT64_MAX, &m)->event_count, 0);
	assert_int_equal(m.log_reply.log, 1);
}

/* In a transaction, even of a reader, a connection cannot checkpoint. */
static void
an_answer_leaves_no_transaction_behind(void **state)
{
	struct fixture *f = *state;
	struct message m;
	struct stat st;

	for (int i = 0; i < 2000; i++)
		append(f, 0, 100);
	commit(f);
	ask(f, 0, &m);
	store_idle(f->store);
	assert_int_equal(stat(f->path, &st), 0);
	assert_true(st.st_size > 200000);
}

static void
a_log_that_cannot_be_read_is_refused(void **state)
{
	struct fixture *f = *state;
	static const uint8_t zeros[4096];
	struct message m;
	int fd;

	for (int i = 0; i < 3000; i++)
		append(f, 0, 500);
	commit(f);
	close_both(f);
	fd = open(f->path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	for (int page = 100; page < 200; page++)
		assert_int_equal(pwrite(fd, zeros, 4096, page * 4096), 4096);
	close(fd);
	open_both(f);
	for (uint64_t after = 0; after < 3000; after += 10) {
		archive_answer(f->archive,
		    &(struct message_log_request){ 1, after }, &m);
		if (m.type == MESSAGE_REFUSE)
			break;
	}
	assert_int_equal(m.type, MESSAGE_REFUSE);
	assert_non_null(strstr(m.refuse.text, "palmares check"));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_pages_together_are_the_log),
		TEST(the_longest_events_fit),
		TEST(what_is_not_committed_is_not_told),
		TEST(behind_the_end_there_is_nothing),
		TEST(an_answer_leaves_no_transaction_behind),
		TEST(a_log_that_cannot_be_read_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
