#include "support/test.h"

#include <string.h>

#include "proto/wire.h"
#include "race/replica.h"
#include "race/row.h"
#include "support/plain.h"

#define SECOND INT64_C(1000000)
#define STORE  UINT64_C(77)
#define VIEW   "scratch"

/* ---- one replica, message by message ---- */

struct fixture {
	struct replica *r;
	int64_t now_us;
	uint64_t run;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->r = replica_new(VIEW, 1);
	f->now_us = 100 * SECOND;
	f->run = 5;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	replica_free(f->r);
	free(f);
	return 0;
}

static struct race_row
row(const char *label, int64_t key)
{
	struct race_row r = { .label = label, .elapsed_us = key, .point = -1 };

	r.sort.key[0] = key;
	return r;
}

static uint64_t
digest_of(const struct race_row *rows, size_t n)
{
	uint64_t digest = 0;

	for (size_t i = 0; i < n; i++)
		digest += row_hash(&rows[i]);
	return digest;
}

static void
heartbeat(struct fixture *f, uint64_t seq, uint64_t digest)
{
	struct message_view_state views[] = {
		{ .view = "other", .seq = 999, .digest = 1 },
		{ .view = VIEW, .seq = seq, .digest = digest }
	};
	struct message_heartbeat h = { .store = STORE,
		.run = f->run,
		.as_of_us = RACE_TIME_MIN + (int64_t)seq,
		.views = views,
		.view_count = 2,
		.trouble = "" };

	replica_heartbeat(f->r, &h, f->now_us);
}

static void
page(struct fixture *f, uint32_t request, uint32_t first, uint32_t next,
    uint64_t seq, uint64_t digest, const struct race_row *rows, size_t n)
{
	struct message_snapshot_page p = { .request = request,
		.store = STORE,
		.run = f->run,
		.view = VIEW,
		.seq = seq,
		.first = first,
		.next = next,
		.as_of_us = RACE_TIME_MIN + (int64_t)seq,
		.digest = digest,
		.rows = rows,
		.row_count = n };

	replica_page(f->r, &p, f->now_us);
}

static struct message_delta
delta_of(struct fixture *f, uint64_t from, uint64_t to, uint64_t digest,
    const struct race_row *rows, size_t n)
{
	return (struct message_delta){ .store = STORE,
		.run = f->run,
		.view = VIEW,
		.from = from,
		.to = to,
		.parts = 1,
		.digest = digest,
		.as_of_us = RACE_TIME_MIN + (int64_t)to,
		.rows = rows,
		.row_count = n };
}

static void
delta(struct fixture *f, uint64_t from, uint64_t to, uint64_t digest,
    const struct race_row *rows, size_t n)
{
	struct message_delta d = delta_of(f, from, to, digest, rows, n);

	replica_delta(f->r, &d, f->now_us);
}

/* The request that is due, which has to be for that page. */
static uint32_t
asked(struct fixture *f, uint32_t first)
{
	struct message_snapshot_request req;

	assert_true(replica_request(f->r, f->now_us, &req));
	assert_string_equal(req.view, VIEW);
	assert_int_equal(req.first, first);
	return req.request;
}

static void
nothing_due(struct fixture *f)
{
	struct message_snapshot_request req;

	assert_false(replica_request(f->r, f->now_us, &req));
}

static void
is(struct fixture *f, enum replica_state state)
{
	assert_int_equal(replica_state(f->r, f->now_us), state);
}

static size_t
shown(struct fixture *f)
{
	return board_count(replica_board(f->r));
}

static struct replica_facts
facts(struct fixture *f)
{
	struct replica_facts out;

	replica_facts(f->r, &out);
	return out;
}

static const char A[] = "1", B[] = "2", C[] = "3";

/* Live at seq 10 with rows 1 and 2; returns the digest. */
static uint64_t
join(struct fixture *f)
{
	struct race_row rows[] = { row(A, 100), row(B, 200) };
	uint64_t digest = digest_of(rows, 2);

	heartbeat(f, 10, digest);
	page(f, asked(f, 0), 0, 0, 10, digest, rows, 2);
	is(f, REPLICA_LIVE);
	return digest;
}

static void
nothing_is_asked_before_the_first_heartbeat(void **state)
{
	struct fixture *f = *state;
	struct race_row a = row(A, 1);

	is(f, REPLICA_JOINING);
	nothing_due(f);
	assert_true(replica_deadline(f->r, f->now_us) == INT64_MAX);
	delta(f, 0, 1, row_hash(&a), &a, 1);
	nothing_due(f);
	heartbeat(f, 1, row_hash(&a));
	assert_true(replica_deadline(f->r, f->now_us) <= f->now_us);
	asked(f, 0);
	nothing_due(f);
}

static void
pages_are_asked_for_one_by_one_and_shown_together(void **state)
{
	struct fixture *f = *state;
	struct race_row rows[] = { row(A, 100), row(B, 200), row(C, 50) };
	uint64_t digest = digest_of(rows, 3);
	uint32_t first;
	uint32_t second;

	heartbeat(f, 10, digest);
	first = asked(f, 0);
	page(f, first, 0, 2, 10, digest, rows, 2);
	is(f, REPLICA_JOINING);
	assert_int_equal(shown(f), 0);
	second = asked(f, 2);
	assert_int_not_equal(first, second);
	nothing_due(f);
	page(f, second, 2, 0, 10, digest, rows + 2, 1);
	is(f, REPLICA_LIVE);
	assert_int_equal(shown(f), 3);
	assert_int_equal(facts(f).seq, 10);
	assert_int_equal(facts(f).run, f->run);
	assert_int_equal(facts(f).store, STORE);
	assert_int_equal(facts(f).snapshots, 1);
	assert_true(facts(f).as_of_us == RACE_TIME_MIN + 10);
	nothing_due(f);
}

static void
a_delta_is_not_overwritten_by_a_page_from_before_it(void **state)
{
	struct fixture *f = *state;
	struct race_row old[] = { row(A, 100), row(B, 200) };
	struct race_row new = row(B, 150);
	struct race_row now[] = { row(A, 100), row(B, 150) };

	heartbeat(f, 10, digest_of(old, 2));
	page(f, asked(f, 0), 0, 1, 10, digest_of(old, 2), old, 1);
	delta(f, 10, 11, digest_of(now, 2), &new, 1);
	/* asked for before, arrives after */
	page(f, asked(f, 1), 1, 0, 10, digest_of(old, 2), old + 1, 1);
	is(f, REPLICA_LIVE);
	assert_int_equal(facts(f).seq, 11);
	assert_true(board_digest(replica_board(f->r)) == digest_of(now, 2));
}

static void
a_delta_before_the_first_page_counts(void **state)
{
	struct fixture *f = *state;
	struct race_row old[] = { row(A, 100), row(B, 200) };
	struct race_row now[] = { row(A, 100), row(B, 150) };
	uint32_t request;

	heartbeat(f, 10, digest_of(old, 2));
	request = asked(f, 0);
	delta(f, 9, 12, digest_of(now, 2), now + 1, 1);
	page(f, request, 0, 0, 10, digest_of(old, 2), old, 2);
	is(f, REPLICA_LIVE);
	assert_int_equal(facts(f).seq, 12);
}

static void
deltas_that_the_first_page_holds_already_are_not_needed(void **state)
{
	struct fixture *f = *state;
	struct race_row now[] = { row(A, 100), row(B, 150) };
	struct race_row gone = row(C, 1);
	uint32_t request;

	heartbeat(f, 10, 0);
	request = asked(f, 0);
	delta(f, 10, 11, 1, &gone, 1);
	/* that of 12, which took row 3 away, was lost */
	page(f, request, 0, 0, 12, digest_of(now, 2), now, 2);
	is(f, REPLICA_LIVE);
	assert_int_equal(shown(f), 2);
	assert_int_equal(facts(f).seq, 12);
}

static void
a_page_older_than_the_first_delta_is_a_hole(void **state)
{
	struct fixture *f = *state;
	struct race_row rows[] = { row(A, 100) };
	uint32_t request;

	heartbeat(f, 10, row_hash(rows));
	request = asked(f, 0);
	delta(f, 11, 12, row_hash(rows), rows, 1);
	page(f, request, 0, 0, 10, row_hash(rows), rows, 1);
	is(f, REPLICA_JOINING);
	assert_int_equal(facts(f).holes, 1);
}

static void
a_row_that_goes_while_pages_come_stays_gone(void **state)
{
	struct fixture *f = *state;
	struct race_row old[] = { row(A, 100), row(B, 200) };
	const char *gone[] = { B };
	struct message_delta d;
	uint32_t request;

	heartbeat(f, 10, digest_of(old, 2));
	page(f, asked(f, 0), 0, 1, 10, digest_of(old, 2), old, 1);
	request = asked(f, 1);
	d = delta_of(f, 10, 11, row_hash(old), NULL, 0);
	d.gone = gone;
	d.gone_count = 1;
	replica_delta(f->r, &d, f->now_us);
	page(f, request, 1, 0, 10, digest_of(old, 2), old + 1, 1);
	is(f, REPLICA_LIVE);
	assert_int_equal(shown(f), 1);
}

static void
a_snapshot_waits_for_the_deltas_up_to_its_highest_page(void **state)
{
	struct fixture *f = *state;
	struct race_row old[] = { row(A, 100), row(B, 200) };
	struct race_row now[] = { row(A, 90), row(B, 200) };

	heartbeat(f, 10, digest_of(old, 2));
	page(f, asked(f, 0), 0, 1, 10, digest_of(old, 2), old, 1);
	page(f, asked(f, 1), 1, 0, 11, digest_of(now, 2), now + 1, 1);
	is(f, REPLICA_JOINING);
	nothing_due(f);
	delta(f, 10, 11, digest_of(now, 2), now, 1);
	is(f, REPLICA_LIVE);
	assert_int_equal(facts(f).seq, 11);
}

static void
a_snapshot_with_a_wrong_digest_is_never_shown(void **state)
{
	struct fixture *f = *state;
	struct race_row rows[] = { row(A, 100) };

	heartbeat(f, 10, 1);
	page(f, asked(f, 0), 0, 0, 10, row_hash(rows) + 1, rows, 1);
	is(f, REPLICA_JOINING);
	assert_int_equal(shown(f), 0);
	assert_int_equal(facts(f).mismatches, 1);
	f->now_us += SECOND;
	page(f, asked(f, 0), 0, 0, 10, row_hash(rows), rows, 1);
	is(f, REPLICA_LIVE);
}

static void
deltas_of_both_tiers_are_followed(void **state)
{
	struct fixture *f = *state;
	struct race_row now[] = { row(A, 100), row(B, 150) };
	uint64_t digest;

	join(f);
	digest = digest_of(now, 2);
	delta(f, 10, 11, digest, now + 1, 1);
	assert_int_equal(facts(f).seq, 11);
	now[1] = row(B, 140);
	digest = digest_of(now, 2);
	delta(f, 8, 14, digest, now, 2); /* spans what is known */
	is(f, REPLICA_LIVE);
	assert_int_equal(facts(f).seq, 14);
	now[1] = row(B, 999);
	delta(f, 11, 14, 0, now, 2); /* brings nothing new: ignored */
	is(f, REPLICA_LIVE);
	assert_true(board_digest(replica_board(f->r)) == digest);
	assert_int_equal(facts(f).holes, 0);
}

static void
a_hole_makes_it_stale_and_the_old_rows_stay(void **state)
{
	struct fixture *f = *state;
	struct race_row now[] = { row(A, 100), row(B, 150) };

	join(f);
	delta(f, 11, 12, digest_of(now, 2), now, 2);
	is(f, REPLICA_STALE);
	assert_int_equal(facts(f).holes, 1);
	assert_int_equal(shown(f), 2);
	assert_int_equal(facts(f).seq, 10);
	f->now_us += SECOND / 2;
	page(f, asked(f, 0), 0, 0, 12, digest_of(now, 2), now, 2);
	is(f, REPLICA_LIVE);
	assert_int_equal(facts(f).seq, 12);
	assert_int_equal(facts(f).snapshots, 2);
}

static void
parts_are_applied_together(void **state)
{
	struct fixture *f = *state;
	struct race_row now[] = { row(A, 90), row(B, 80), row(C, 70) };
	uint64_t digest = digest_of(now, 3);
	uint64_t before = join(f);

	for (uint32_t part = 0; part < 3; part++) {
		struct message_delta d =
		    delta_of(f, 10, 11, digest, now + part, 1);
		char label[] = "?";

		/* a received message does not outlive its turn */
		label[0] = now[part].label[0];
		now[part].label = label;
		d.part = part;
		d.parts = 3;
		assert_true(board_digest(replica_board(f->r)) == before);
		replica_delta(f->r, &d, f->now_us);
		label[0] = '?';
	}
	is(f, REPLICA_LIVE);
	assert_true(board_digest(replica_board(f->r)) == digest);
	assert_int_equal(facts(f).seq, 11);
}

static void
a_missing_part_is_a_hole(void **state)
{
	for (uint32_t lost = 0; lost < 3; lost++) {
		struct race_row now[] = { row(A, 90), row(B, 80), row(C, 70) };
		struct fixture *f;
		uint64_t before;

		(void)state;
		setup((void **)&f);
		before = join(f);
		for (uint32_t part = 0; part < 3; part++) {
			struct message_delta d = delta_of(f, 10, 11,
			    digest_of(now, 3), now + part, 1);

			d.part = part;
			d.parts = 3;
			if (part != lost)
				replica_delta(f->r, &d, f->now_us);
		}
		assert_int_equal(facts(f).seq, 10);
		assert_true(board_digest(replica_board(f->r)) == before);
		delta(f, 11, 12, 1, now, 1);
		is(f, REPLICA_STALE);
		assert_int_equal(facts(f).holes, 1);
		teardown((void **)&f);
	}
}

static void
parts_of_two_deltas_are_not_taken_for_one(void **state)
{
	struct fixture *f = *state;
	struct race_row now[] = { row(A, 90), row(B, 80) };
	uint64_t before = join(f);
	struct message_delta d = delta_of(f, 10, 11, digest_of(now, 2), now, 1);

	d.parts = 2;
	replica_delta(f->r, &d, f->now_us);
	d = delta_of(f, 10, 12, digest_of(now, 2), now + 1, 1);
	d.part = 1;
	d.parts = 2;
	replica_delta(f->r, &d, f->now_us);
	assert_int_equal(facts(f).seq, 10);
	assert_true(board_digest(replica_board(f->r)) == before);
}

static void
a_wrong_digest_after_a_delta_is_not_live(void **state)
{
	struct fixture *f = *state;
	struct race_row now[] = { row(A, 100), row(B, 150) };

	join(f);
	delta(f, 10, 11, digest_of(now, 2) + 1, now, 2);
	is(f, REPLICA_STALE);
	assert_int_equal(facts(f).mismatches, 1);
}

static void
a_heartbeat_with_another_digest_is_a_mismatch(void **state)
{
	struct fixture *f = *state;
	uint64_t digest = join(f);

	heartbeat(f, 10, digest);
	is(f, REPLICA_LIVE);
	heartbeat(f, 10, digest + 1);
	is(f, REPLICA_STALE);
	assert_int_equal(facts(f).mismatches, 1);
}

static void
a_lost_last_update_is_noticed_by_heartbeats(void **state)
{
	struct fixture *f = *state;

	join(f);
	heartbeat(f, 11, 0);
	is(f, REPLICA_LIVE); /* the delta may wait for its tick */
	f->now_us += SECOND / 10;
	heartbeat(f, 11, 0);
	is(f, REPLICA_LIVE);
	f->now_us += 9 * SECOND / 10;
	heartbeat(f, 11, 0);
	is(f, REPLICA_STALE);
	assert_int_equal(facts(f).holes, 1);
}

static void
an_update_that_is_only_late_is_no_hole(void **state)
{
	struct fixture *f = *state;
	struct race_row now[] = { row(A, 100), row(B, 150) };

	join(f);
	heartbeat(f, 11, digest_of(now, 2));
	delta(f, 10, 11, digest_of(now, 2), now, 2);
	f->now_us += SECOND;
	/* ahead again, but of another number */
	heartbeat(f, 12, 0);
	is(f, REPLICA_LIVE);
	f->now_us += SECOND;
	heartbeat(f, 12, 0);
	is(f, REPLICA_STALE);
}

static void
another_run_makes_it_stale(void **state)
{
	struct fixture *f = *state;
	uint64_t digest = join(f);
	struct race_row rows[] = { row(A, 100), row(B, 200) };

	f->run++;
	heartbeat(f, 10, digest);
	is(f, REPLICA_STALE);
	assert_int_equal(facts(f).run, 5);
	f->now_us += SECOND / 2;
	page(f, asked(f, 0), 0, 0, 3, digest, rows, 2);
	is(f, REPLICA_LIVE);
	assert_int_equal(facts(f).run, 6);
	assert_int_equal(facts(f).seq, 3);
	/* and by a delta, if that comes first */
	f->run++;
	delta(f, 3, 4, digest, rows, 2);
	is(f, REPLICA_STALE);
	assert_int_equal(facts(f).seq, 3);
}

static void
pages_of_two_runs_are_not_mixed(void **state)
{
	struct fixture *f = *state;
	struct race_row rows[] = { row(A, 100), row(B, 200) };
	uint64_t digest = digest_of(rows, 2);

	heartbeat(f, 10, digest);
	page(f, asked(f, 0), 0, 1, 10, digest, rows, 1);
	f->run++;
	page(f, asked(f, 1), 1, 0, 10, digest, rows + 1, 1);
	is(f, REPLICA_JOINING);
	f->now_us += SECOND;
	asked(f, 0);
}

static void
silence_of_3_seconds_makes_it_stale_until_it_ends(void **state)
{
	struct fixture *f = *state;
	uint64_t digest = join(f);
	int64_t deadline = replica_deadline(f->r, f->now_us);

	assert_true(deadline == f->now_us + REPLICA_SILENCE_US + 1);
	f->now_us += REPLICA_SILENCE_US;
	is(f, REPLICA_LIVE);
	f->now_us = deadline;
	is(f, REPLICA_STALE);
	nothing_due(f);
	assert_true(replica_deadline(f->r, f->now_us) == INT64_MAX);
	heartbeat(f, 10, digest);
	is(f, REPLICA_LIVE);
	assert_int_equal(facts(f).snapshots, 1);
}

static void
an_unanswered_request_is_repeated_with_another_number(void **state)
{
	struct fixture *f = *state;
	struct race_row rows[] = { row(A, 100) };
	uint32_t first;
	uint32_t second;

	heartbeat(f, 10, row_hash(rows));
	first = asked(f, 0);
	f->now_us += 2 * SECOND - 1;
	nothing_due(f);
	assert_true(replica_deadline(f->r, f->now_us) == f->now_us + 1);
	f->now_us++;
	second = asked(f, 0);
	assert_int_not_equal(first, second);
	/* the first answer was only late */
	page(f, first, 0, 0, 10, row_hash(rows), rows, 1);
	is(f, REPLICA_LIVE);
}

static void
an_answer_to_a_request_of_before_is_ignored(void **state)
{
	struct fixture *f = *state;
	struct race_row rows[] = { row(A, 100), row(B, 200) };
	uint64_t digest = digest_of(rows, 2);
	uint32_t first;
	uint32_t second;

	heartbeat(f, 10, digest);
	first = asked(f, 0);
	page(f, first + 1, 0, 0, 10, row_hash(rows), rows, 1);
	is(f, REPLICA_JOINING);
	page(f, first, 0, 1, 10, digest, rows, 1);
	page(f, first, 0, 0, 10, row_hash(rows), rows, 1); /* again */
	second = asked(f, 1);
	page(f, first, 1, 0, 10, row_hash(rows), rows, 1);
	is(f, REPLICA_JOINING);
	page(f, second, 1, 0, 10, digest, rows + 1, 1);
	is(f, REPLICA_LIVE);
}

static void
requests_wait_at_random_and_longer_while_in_vain(void **state)
{
	struct fixture *f = *state;
	struct race_row rows[] = { row(A, 100) };
	int64_t longest_us = 0;
	int64_t limit_us = SECOND / 2;

	heartbeat(f, 10, 0);
	for (int i = 0; i < 12; i++) {
		int64_t wait_us;

		page(f, asked(f, 0), 0, 0, 10, row_hash(rows) + 1, rows, 1);
		nothing_due(f);
		wait_us = replica_deadline(f->r, f->now_us) - f->now_us;
		assert_true(wait_us >= 0 && wait_us < limit_us);
		if (limit_us < 8 * SECOND)
			limit_us *= 2;
		if (wait_us > longest_us)
			longest_us = wait_us;
		for (int64_t end = f->now_us + limit_us; f->now_us < end;) {
			f->now_us += SECOND;
			heartbeat(f, 10, 0);
		}
	}
	assert_true(longest_us > SECOND);
}

static void
displays_do_not_ask_all_at_once(void **state)
{
	int64_t waits[8];

	(void)state;
	for (uint64_t seed = 0; seed < 8; seed++) {
		struct fixture f = { replica_new(VIEW, seed), SECOND, 5 };

		join(&f);
		delta(&f, 11, 12, 0, NULL, 0);
		waits[seed] = replica_deadline(f.r, f.now_us) - f.now_us;
		assert_true(waits[seed] >= 0 && waits[seed] < SECOND / 2);
		for (uint64_t i = 0; i < seed; i++)
			assert_true(waits[i] != waits[seed]);
		replica_free(f.r);
	}
}

static void
other_views_do_not_concern_it(void **state)
{
	struct fixture *f = *state;
	struct message_delta d;

	join(f);
	d = delta_of(f, 50, 60, 0, NULL, 0);
	d.view = "femmes";
	replica_delta(f->r, &d, f->now_us);
	is(f, REPLICA_LIVE);
	assert_int_equal(facts(f).holes, 0);
}

static void
trouble_is_kept_up_to_a_whole_character(void **state)
{
	struct fixture *f = *state;
	char words[400] = "disk full";
	struct message_heartbeat h = { .store = STORE,
		.run = 5,
		.as_of_us = RACE_NO_TIME,
		.trouble = words };

	replica_heartbeat(f->r, &h, f->now_us);
	assert_string_equal(facts(f).trouble, "disk full");
	memset(words, 'x', 254);
	strcpy(words + 254, "\xc3\xa9 and more");
	replica_heartbeat(f->r, &h, f->now_us);
	assert_int_equal(strlen(facts(f).trouble), 254);
	words[0] = '\0';
	replica_heartbeat(f->r, &h, f->now_us);
	assert_string_equal(facts(f).trouble, "");
}

/* ---- many replicas, a bad network, and the truth ---- */

enum {
	LABELS = 40,
	PAGE = 7,
	PART = 3,
	RUNS = 12,
	SEQS = 6000,
	MAIL_MAX = 4096
};

/* What is true of a label: the value from which its row or entry is made. */
struct truth {
	uint64_t seed;
	bool bibs;
	char labels[LABELS][8];
	uint64_t values[LABELS]; /* 0: not there */
	bool dirty[LABELS];      /* since the last tick */
	uint64_t run;
	uint64_t seq;
	uint64_t tick_seq; /* `to` of the last tick */
	uint64_t digests[RUNS][SEQS];
};

struct mail {
	int64_t due_us;
	uint8_t *bytes;
	size_t len;
	bool up; /* to the aggregator */
};

struct network {
	struct mail mails[MAIL_MAX];
	size_t count;
	unsigned loss;     /* per 1000 */
	int64_t delay_us;  /* at most; more than one step: reordered */
	int64_t answer_us; /* of a page, at most */
	struct wire_buffer buffer;
	struct wire_arena *arena;
};

struct world {
	struct truth truth;
	struct network net;
	struct replica *replica;
	int64_t now_us;
	bool calm;
	bool ticks;
	bool commits;
	size_t live_steps;
};

static struct race_row
row_of(const struct truth *t, size_t i, int64_t splits[3])
{
	uint64_t v = t->values[i];
	struct race_row r = { .label = t->labels[i],
		.status = (enum race_status)(v % 8),
		.elapsed_us = (int64_t)(v % 1000),
		.metres = (uint32_t)(v % 5000),
		.point = (int)(v % 3),
		.splits = splits,
		.split_count = 3 };

	r.sort.group = (uint8_t)(v % 7);
	r.sort.key[0] = (int64_t)(v % 100);
	for (int s = 0; s < 3; s++)
		splits[s] = (int64_t)(v >> s & 0xff);
	return r;
}

static struct race_entry
entry_of(const struct truth *t, size_t i, char name[24])
{
	snprintf(name, 24, "n%llu", (unsigned long long)t->values[i]);
	struct race_entry e = plain_entry(t->labels[i]);

	e.name = name;
	return e;
}

static uint64_t
true_digest(const struct truth *t)
{
	struct roster *roster = roster_new(0);
	struct race_id none = { 0, 0 };
	uint64_t digest = 0;

	for (size_t i = 0; i < LABELS; i++) {
		int64_t splits[3];
		char name[24];

		if (t->values[i] == 0)
			continue;
		if (t->bibs) {
			struct race_entry e = entry_of(t, i, name);

			roster_put(roster, 1, none, &e);
		} else {
			struct race_row r = row_of(t, i, splits);

			digest += row_hash(&r);
		}
	}
	if (t->bibs)
		digest = roster_digest(roster);
	roster_free(roster);
	return digest;
}

static const char *
view_of(const struct truth *t)
{
	return t->bibs ? MESSAGE_ROSTER : VIEW;
}

static void
post(struct world *w, const struct message *m, bool up)
{
	struct network *n = &w->net;
	uint64_t *seed = &w->truth.seed;
	int64_t delay_us =
	    m->type == MESSAGE_SNAPSHOT_PAGE ? n->answer_us : n->delay_us;
	struct mail *mail;

	if (test_below(seed, 1000) < n->loss)
		return;
	assert_true(n->count < MAIL_MAX);
	assert_int_equal(wire_put(&n->buffer, m), 0);
	mail = &n->mails[n->count++];
	mail->due_us =
	    w->now_us + (int64_t)test_below(seed, (uint64_t)delay_us + 1);
	mail->len = n->buffer.len;
	mail->bytes = malloc(mail->len);
	mail->up = up;
	memcpy(mail->bytes, n->buffer.data, mail->len);
}

/* Everything to be said of labels: rows or entries, and those gone. */
struct words {
	int64_t splits[LABELS][3];
	char names[LABELS][24];
	struct race_row rows[LABELS];
	struct race_entry entries[LABELS];
	const char *gone[LABELS];
	size_t row_count;
	size_t entry_count;
	size_t gone_count;
};

static void
say(const struct truth *t, size_t i, struct words *out)
{
	if (t->values[i] == 0)
		out->gone[out->gone_count++] = t->labels[i];
	else if (t->bibs)
		out->entries[out->entry_count++] =
		    entry_of(t, i, out->names[i]);
	else
		out->rows[out->row_count++] = row_of(t, i, out->splits[i]);
}

static void
publish_part(struct world *w, struct message_delta *d, const bool *which,
    size_t *next)
{
	struct words words = { .row_count = 0 };
	struct message m = { .type = MESSAGE_DELTA };

	for (int said = 0; *next < LABELS && said < PART; (*next)++)
		if (which[*next]) {
			say(&w->truth, *next, &words);
			said++;
		}
	d->rows = words.rows;
	d->row_count = words.row_count;
	d->entries = words.entries;
	d->entry_count = words.entry_count;
	d->gone = words.gone;
	d->gone_count = words.gone_count;
	m.delta = *d;
	post(w, &m, false);
}

static void
publish(struct world *w, uint64_t from, const bool *which)
{
	struct truth *t = &w->truth;
	struct message_delta d = { .store = STORE,
		.run = t->run,
		.view = view_of(t),
		.from = from,
		.to = t->seq,
		.digest = t->digests[t->run][t->seq],
		.as_of_us = RACE_NO_TIME };
	bool said[LABELS];
	size_t count = 0;
	size_t next = 0;

	memcpy(said, which, sizeof said);
	/* a fault of the aggregator, which digests have to show */
	if (!w->calm && test_below(&t->seed, 100) == 0)
		for (size_t i = 0; i < LABELS; i++)
			said[i] = said[i] && test_below(&t->seed, 2) == 0;
	for (size_t i = 0; i < LABELS; i++)
		count += said[i];
	d.parts = count == 0 ? 1 : (uint32_t)((count + PART - 1) / PART);
	for (d.part = 0; d.part < d.parts; d.part++)
		publish_part(w, &d, said, &next);
}

static void
commit(struct world *w)
{
	struct truth *t = &w->truth;
	bool changed[LABELS] = { false };

	for (uint64_t n = 1 + test_below(&t->seed, 8); n > 0; n--) {
		size_t i = test_below(&t->seed, LABELS);

		changed[i] = t->dirty[i] = true;
		t->values[i] = test_below(&t->seed, 4) == 0
		    ? 0
		    : 1 + test_below(&t->seed, 1000000);
	}
	t->seq++;
	assert_true(t->seq < SEQS);
	t->digests[t->run][t->seq] = true_digest(t);
	if (w->commits)
		publish(w, t->seq - 1, changed);
}

static void
tick(struct world *w)
{
	struct truth *t = &w->truth;

	if (t->seq == t->tick_seq)
		return;
	if (w->ticks)
		publish(w, t->tick_seq, t->dirty);
	memset(t->dirty, 0, sizeof t->dirty);
	t->tick_seq = t->seq;
}

static void
beat(struct world *w)
{
	struct truth *t = &w->truth;
	struct message_view_state state = { .view = view_of(t),
		.seq = t->seq,
		.digest = t->digests[t->run][t->seq] };
	struct message m = { .type = MESSAGE_HEARTBEAT,
		.heartbeat = { .store = STORE,
		    .run = t->run,
		    .as_of_us = RACE_NO_TIME,
		    .views = &state,
		    .view_count = 1,
		    .trouble = "" } };

	post(w, &m, false);
}

static void
answer(struct world *w, const struct message_snapshot_request *req)
{
	const struct truth *t = &w->truth;
	struct words words = { .row_count = 0 };
	struct message m = { .type = MESSAGE_SNAPSHOT_PAGE };
	struct message_snapshot_page *p = &m.snapshot_page;
	uint32_t end = req->first + PAGE < LABELS ? req->first + PAGE : LABELS;

	assert_string_equal(req->view, view_of(t));
	for (uint32_t i = req->first; i < end; i++)
		if (t->values[i] != 0)
			say(t, i, &words);
	p->request = req->request;
	p->store = STORE;
	p->run = t->run;
	p->view = req->view;
	p->seq = t->seq;
	p->first = req->first;
	p->next = end < LABELS ? end : 0;
	p->as_of_us = RACE_NO_TIME;
	p->digest = t->digests[t->run][t->seq];
	p->rows = words.rows;
	p->row_count = words.row_count;
	p->entries = words.entries;
	p->entry_count = words.entry_count;
	post(w, &m, false);
}

/* Rows, seq and run of a restarted aggregator; the rows may go on changing. */
static void
restart(struct world *w)
{
	struct truth *t = &w->truth;

	if (t->run + 1 == RUNS)
		return;
	t->run++;
	t->seq = test_below(&t->seed, 5);
	t->tick_seq = t->seq;
	memset(t->dirty, 0, sizeof t->dirty);
	for (size_t i = 0; i < LABELS; i++)
		if (test_below(&t->seed, 3) == 0)
			t->values[i] = test_below(&t->seed, 3);
	t->digests[t->run][t->seq] = true_digest(t);
}

static void
receive(struct world *w, const struct message *m)
{
	if (m->type == MESSAGE_DELTA)
		replica_delta(w->replica, &m->delta, w->now_us);
	else if (m->type == MESSAGE_HEARTBEAT)
		replica_heartbeat(w->replica, &m->heartbeat, w->now_us);
	else if (m->type == MESSAGE_SNAPSHOT_PAGE)
		replica_page(w->replica, &m->snapshot_page, w->now_us);
	else
		answer(w, &m->snapshot_request);
}

static void
deliver(struct world *w)
{
	struct network *n = &w->net;
	size_t kept = 0;
	size_t count = n->count;
	struct mail mails[64];
	size_t due = 0;

	for (size_t i = 0; i < count; i++)
		if (n->mails[i].due_us <= w->now_us && due < 64)
			mails[due++] = n->mails[i];
		else
			n->mails[kept++] = n->mails[i];
	n->count = kept;
	for (size_t i = 0; i < due; i++) {
		struct message m;

		wire_reset(n->arena);
		assert_int_equal(wire_get(n->arena, mails[i].bytes,
		                     mails[i].len, &m),
		    0);
		receive(w, &m);
		free(mails[i].bytes);
	}
}

static uint64_t
shown_digest(struct world *w)
{
	return w->truth.bibs ? roster_digest(replica_roster(w->replica))
	                     : board_digest(replica_board(w->replica));
}

/* The promise: what is called live was the aggregator's view at that seq. */
static void
check_live(struct world *w)
{
	struct replica_facts now;

	if (replica_state(w->replica, w->now_us) != REPLICA_LIVE)
		return;
	replica_facts(w->replica, &now);
	assert_true(now.run < RUNS && now.seq < SEQS);
	assert_true(shown_digest(w) == w->truth.digests[now.run][now.seq]);
	w->live_steps++;
}

static void
step(struct world *w, unsigned change)
{
	struct message m = { .type = MESSAGE_SNAPSHOT_REQUEST };
	int64_t step_us = 10000;

	w->now_us += step_us;
	if (test_below(&w->truth.seed, 1000) < change)
		commit(w);
	if (w->now_us % (100 * 1000) == 0)
		tick(w);
	if (w->now_us % SECOND == 0)
		beat(w);
	deliver(w);
	check_live(w);
	while (replica_request(w->replica, w->now_us, &m.snapshot_request))
		post(w, &m, true);
	assert_true(replica_deadline(w->replica, w->now_us) > w->now_us);
}

/* Rows one by one: digests alone would not show a bad hash. */
static void
check_equal(struct world *w)
{
	const struct truth *t = &w->truth;
	struct replica_facts now;
	size_t count = 0;

	replica_facts(w->replica, &now);
	assert_int_equal(replica_state(w->replica, w->now_us), REPLICA_LIVE);
	assert_true(now.run == t->run && now.seq == t->seq);
	for (size_t i = 0; i < LABELS; i++) {
		char name[24];
		int64_t splits[3];

		count += t->values[i] != 0;
		if (t->bibs) {
			struct race_entry want = entry_of(t, i, name);
			const struct race_entry *got =
			    roster_find(replica_roster(w->replica),
			        t->labels[i]);

			assert_true((got != NULL) == (t->values[i] != 0));
			assert_true(
			    got == NULL || roster_entry_equal(&want, got));
		} else {
			struct board *b = replica_board(w->replica);
			int64_t at = board_find(b, t->labels[i]);
			struct race_row want = row_of(t, i, splits);
			struct board_line got;

			assert_true((at >= 0) == (t->values[i] != 0));
			if (at < 0)
				continue;
			assert_int_equal(board_line(b, (size_t)at, &got), 0);
			assert_string_equal(got.row.label, want.label);
			assert_int_equal(got.row.elapsed_us, want.elapsed_us);
			assert_memory_equal(got.row.splits, splits,
			    sizeof splits);
		}
	}
	assert_int_equal(t->bibs ? roster_count(replica_roster(w->replica))
	                         : board_count(replica_board(w->replica)),
	    count);
}

static struct world *
world_new(uint64_t seed)
{
	struct world *w = calloc(1, sizeof *w);
	struct truth *t = &w->truth;

	t->seed = seed;
	t->bibs = test_below(&t->seed, 3) == 0;
	for (size_t i = 0; i < LABELS; i++) {
		snprintf(t->labels[i], sizeof t->labels[i], "%zu", i + 1);
		t->values[i] = test_below(&t->seed, 3);
	}
	t->digests[0][0] = true_digest(t);
	w->ticks = test_below(&t->seed, 2) == 0;
	w->commits = !w->ticks || test_below(&t->seed, 4) == 0;
	w->net.arena = wire_arena_new();
	w->replica = replica_new(view_of(t), seed);
	return w;
}

static void
world_free(struct world *w)
{
	for (size_t i = 0; i < w->net.count; i++)
		free(w->net.mails[i].bytes);
	wire_buffer_free(&w->net.buffer);
	wire_arena_free(w->net.arena);
	replica_free(w->replica);
	free(w);
}

static struct replica_facts
run_world(struct world *w)
{
	struct truth *t = &w->truth;
	uint64_t minutes = 1 + test_below(&t->seed, 3);
	unsigned change = 5 + (unsigned)test_below(&t->seed, 150);
	struct replica_facts out;

	for (uint64_t era = 0; era < 8 * minutes; era++) {
		static const unsigned losses[] = { 0, 0, 3, 50 };
		static const int64_t answers[] = { 0, SECOND / 10, 2 * SECOND };

		w->net.loss = losses[test_below(&t->seed, 4)];
		w->net.delay_us = test_below(&t->seed, 4) == 0
		    ? (int64_t)test_below(&t->seed, 60000)
		    : 0;
		w->net.answer_us = answers[test_below(&t->seed, 3)];
		if (test_below(&t->seed, 8) == 0)
			restart(w);
		if (test_below(&t->seed, 10) == 0)
			w->net.loss = 1000;
		for (int i = 0; i < 500; i++)
			step(w, change);
	}
	w->calm = true;
	w->net.loss = 0;
	w->net.delay_us = 0;
	w->net.answer_us = 20000;
	for (int i = 0; i < 2500; i++) /* longer than the longest wait */
		step(w, change);
	for (int i = 0; i < 150; i++)
		step(w, 0);
	check_equal(w);
	replica_facts(w->replica, &out);
	return out;
}

static void
once_the_network_heals_the_view_is_the_aggregators(void **state)
{
	uint64_t seed = test_seed();
	uint64_t holes = 0;
	uint64_t mismatches = 0;
	uint64_t snapshots = 0;
	size_t live = 0;

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct world *w = world_new(test_random(&seed));
		struct replica_facts f = run_world(w);

		holes += f.holes;
		mismatches += f.mismatches;
		snapshots += f.snapshots;
		live += w->live_steps;
		world_free(w);
	}
	print_message("%llu holes, %llu mismatches, %llu snapshots, "
	              "live in %zu steps\n",
	    (unsigned long long)holes, (unsigned long long)mismatches,
	    (unsigned long long)snapshots, live);
	/* or else nothing was tried */
	assert_true(holes > 500);
	assert_true(mismatches > 100);
	assert_true(snapshots > 500);
	assert_true(live > 500000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static enum race_publication
said(struct fixture *f)
{
	return board_outlook(replica_board(f->r))->published;
}

/* Of the rows that are shown, whichever message it comes with. */
static void
the_outlook_comes_with_pages_deltas_and_heartbeats(void **state)
{
	struct fixture *f = *state;
	struct message_snapshot_page p = { .store = STORE,
		.run = f->run,
		.view = VIEW,
		.seq = 5,
		.as_of_us = RACE_TIME_MIN,
		.outlook = { .published = RACE_PROVISIONAL } };
	struct message_delta d = delta_of(f, 5, 6, 0, NULL, 0);
	struct message_view_state view = { .view = VIEW,
		.seq = 7,
		.outlook = { .published = RACE_AMENDED } };
	struct message_heartbeat h = { .store = STORE,
		.run = f->run,
		.as_of_us = RACE_TIME_MIN,
		.views = &view,
		.view_count = 1,
		.trouble = "" };

	heartbeat(f, 5, 0);
	p.request = asked(f, 0);
	replica_page(f->r, &p, f->now_us);
	is(f, REPLICA_LIVE);
	assert_int_equal(said(f), RACE_PROVISIONAL);
	d.outlook.published = RACE_FINAL;
	replica_delta(f->r, &d, f->now_us);
	assert_int_equal(said(f), RACE_FINAL);
	/* Ahead of the rows: not theirs. */
	replica_heartbeat(f->r, &h, f->now_us);
	assert_int_equal(said(f), RACE_FINAL);
	view.seq = 6;
	replica_heartbeat(f->r, &h, f->now_us);
	assert_int_equal(said(f), RACE_AMENDED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_outlook_comes_with_pages_deltas_and_heartbeats),
		TEST(nothing_is_asked_before_the_first_heartbeat),
		TEST(pages_are_asked_for_one_by_one_and_shown_together),
		TEST(a_delta_is_not_overwritten_by_a_page_from_before_it),
		TEST(a_delta_before_the_first_page_counts),
		TEST(deltas_that_the_first_page_holds_already_are_not_needed),
		TEST(a_page_older_than_the_first_delta_is_a_hole),
		TEST(a_row_that_goes_while_pages_come_stays_gone),
		TEST(a_snapshot_waits_for_the_deltas_up_to_its_highest_page),
		TEST(a_snapshot_with_a_wrong_digest_is_never_shown),
		TEST(deltas_of_both_tiers_are_followed),
		TEST(a_hole_makes_it_stale_and_the_old_rows_stay),
		TEST(parts_are_applied_together),
		TEST(a_missing_part_is_a_hole),
		TEST(parts_of_two_deltas_are_not_taken_for_one),
		TEST(a_wrong_digest_after_a_delta_is_not_live),
		TEST(a_heartbeat_with_another_digest_is_a_mismatch),
		TEST(a_lost_last_update_is_noticed_by_heartbeats),
		TEST(an_update_that_is_only_late_is_no_hole),
		TEST(another_run_makes_it_stale),
		TEST(pages_of_two_runs_are_not_mixed),
		TEST(silence_of_3_seconds_makes_it_stale_until_it_ends),
		TEST(an_unanswered_request_is_repeated_with_another_number),
		TEST(an_answer_to_a_request_of_before_is_ignored),
		TEST(requests_wait_at_random_and_longer_while_in_vain),
		TEST(displays_do_not_ask_all_at_once),
		TEST(other_views_do_not_concern_it),
		TEST(trouble_is_kept_up_to_a_whole_character),
		cmocka_unit_test(
		    once_the_network_heals_the_view_is_the_aggregators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
