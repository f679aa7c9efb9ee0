#include "support/test.h"

#include <string.h>

#include "aggregator/feed.h"
#include "common/strmap.h"
#include "proto/wire.h"
#include "race/row.h"
#include "support/plain.h"

enum { STORE = 3, RUN = 4, MANY = 1300, VIEWS = 4, TEAMS = 40 };

static const int64_t second_us = 1000000;
static const int64_t gun_us = 1400000000000000;

static struct race_wave waves[] = { { .name = (char[]){ "w" },
    .gun_us = 1400000000000000 } };
static struct race_point points[] = {
	{ .name = (char[]){ "start" }, .metres = 0 },
	{ .name = (char[]){ "half" }, .metres = 4000 },
	{ .name = (char[]){ "finish" }, .metres = 8000 },
};
static char none[] = "";
static struct race_ranking rankings[] = {
	{ .name = (char[]){ "all" },
	    .sex = none,
	    .category = none,
	    .team = none,
	    .wave = none,
	    .at = 2 },
	{ .name = (char[]){ "women" },
	    .sex = (char[]){ "F" },
	    .category = none,
	    .team = none,
	    .wave = none,
	    .at = RACE_LIVE },
	{ .name = (char[]){ "teams" },
	    .of = RACE_TEAMS,
	    .sex = none,
	    .category = none,
	    .team = none,
	    .wave = none,
	    .at = 2,
	    .best = 2 },
};
static const char *const views[VIEWS] = { "all", "women", "teams",
	MESSAGE_ROSTER };
static const struct race_rules rules = { .title = (char[]){ "Race" },
	.date = (char[]){ "2014-05-13" },
	.timezone = (char[]){ "UTC" },
	.waves = waves,
	.wave_count = 1,
	.points = points,
	.point_count = 3,
	.rankings = rankings,
	.ranking_count = 3 };

/* What one display holds of one view. */
struct mirror {
	const char *view;
	char tier;
	bool joined;  /* subscribed: deltas are taken */
	bool whole;   /* all pages are there */
	uint64_t seq; /* of the highest page, then of the last delta */
	uint64_t last_to;
	struct strmap *index;
	struct {
		char label[64];
		uint64_t hash;
		uint64_t version;
		bool present;
	} rows[4 * MANY];
	uint32_t count;
	struct roster *roster;
	uint32_t next_part;
	uint64_t deltas;
	uint64_t rows_told;
};

struct fixture {
	struct book *book;
	struct feed *feed;
	struct mirror *mirrors[2 * VIEWS];
	size_t mirror_count;
	uint64_t heartbeats;
	uint64_t log; /* as far as it reaches, */
	uint64_t log_told;
	size_t logs_told;
	struct message_heartbeat heartbeat;
	struct message_view_state states[VIEWS];
	struct race_outlook delta_outlook; /* of the last one */
	char trouble[64];
	size_t published;
	size_t longest;
	struct wire_buffer buffer;
	struct wire_arena *arena;
	uint64_t seq;
	int64_t now_us;
};

static struct mirror *
mirror_new(struct fixture *f, const char *view, char tier)
{
	struct mirror *m = calloc(1, sizeof *m);

	m->view = view;
	m->tier = tier;
	m->index = strmap_new();
	m->roster = roster_new(0);
	f->mirrors[f->mirror_count++] = m;
	return m;
}

static void
mirror_free(struct mirror *m)
{
	strmap_free(m->index);
	roster_free(m->roster);
	free(m);
}

static void
mirror_set(struct mirror *m, const char *label, uint64_t hash, bool present,
    uint64_t version)
{
	uint32_t i = strmap_get(m->index, label);

	if (i == STRMAP_NONE) {
		i = m->count++;
		assert_true(i < 4 * MANY);
		strmap_put(m->index, label, i);
		snprintf(m->rows[i].label, sizeof m->rows[i].label, "%s",
		    label);
	} else if (m->rows[i].version > version) {
		return;
	}
	m->rows[i].hash = hash;
	m->rows[i].present = present;
	m->rows[i].version = version;
}

static uint64_t
mirror_digest(const struct mirror *m)
{
	uint64_t sum = 0;

	if (strcmp(m->view, MESSAGE_ROSTER) == 0)
		return roster_digest(m->roster);
	for (uint32_t i = 0; i < m->count; i++)
		if (m->rows[i].present)
			sum += m->rows[i].hash;
	return sum;
}

static void
mirror_entries(struct mirror *m, const struct race_entry *entries, size_t count,
    uint64_t version)
{
	for (size_t i = 0; i < count; i++)
		roster_put(m->roster, (int64_t)version, (struct race_id){ 0 },
		    &entries[i]);
}

static void
mirror_delta(struct mirror *m, const struct message_delta *d)
{
	bool roster = strcmp(m->view, MESSAGE_ROSTER) == 0;

	assert_int_equal(d->store, STORE);
	assert_int_equal(d->run, RUN);
	assert_int_equal(d->part, m->next_part);
	assert_true(d->part < d->parts);
	m->next_part = d->part + 1 < d->parts ? d->part + 1 : 0;
	/* no hole between deltas of a tier */
	if (d->part == 0 && m->deltas++ > 0)
		assert_int_equal(d->from, m->last_to);
	assert_true(d->to > d->from);
	if (m->whole)
		assert_true(d->from <= m->seq);
	for (size_t i = 0; i < d->row_count; i++)
		mirror_set(m, d->rows[i].label, row_hash(&d->rows[i]), true,
		    d->to);
	mirror_entries(m, d->entries, d->entry_count, d->to);
	for (size_t i = 0; i < d->gone_count; i++) {
		if (roster)
			roster_remove(m->roster, (int64_t)d->to,
			    (struct race_id){ 0 }, d->gone[i]);
		else
			mirror_set(m, d->gone[i], 0, false, d->to);
	}
	m->rows_told += d->row_count + d->entry_count + d->gone_count;
	if (d->part + 1 < d->parts)
		return;
	m->last_to = d->to;
	if (!m->whole || d->to < m->seq)
		return;
	m->seq = d->to;
	assert_true(mirror_digest(m) == d->digest);
}

static void
on_publish(void *arg, const char *topic, const struct message *m)
{
	struct fixture *f = arg;
	struct message read;

	f->published++;
	/* as displays get it: through the wire */
	assert_int_equal(wire_put(&f->buffer, m), 0);
	if (f->buffer.len > f->longest)
		f->longest = f->buffer.len;
	wire_reset(f->arena);
	assert_int_equal(wire_get(f->arena, f->buffer.data, f->buffer.len,
	                     &read),
	    0);
	if (m->type == MESSAGE_HEARTBEAT) {
		assert_string_equal(topic, "h/");
		f->heartbeats++;
		f->heartbeat = m->heartbeat;
		assert_int_equal(m->heartbeat.view_count, VIEWS);
		memcpy(f->states, m->heartbeat.views, sizeof f->states);
		snprintf(f->trouble, sizeof f->trouble, "%s",
		    m->heartbeat.trouble);
		return;
	}
	if (m->type == MESSAGE_LOG_REPLY) {
		assert_string_equal(topic, "l/");
		assert_int_equal(read.log_reply.store, STORE);
		assert_int_equal(read.log_reply.run, RUN);
		assert_int_equal(read.log_reply.request, 0);
		assert_int_equal(read.log_reply.event_count, 0);
		f->log_told = read.log_reply.log;
		f->logs_told++;
		return;
	}
	assert_int_equal(read.type, MESSAGE_DELTA);
	f->delta_outlook = read.delta.outlook;
	for (size_t i = 0; i < f->mirror_count; i++) {
		struct mirror *mirror = f->mirrors[i];
		char want[FEED_TOPIC_MAX];

		snprintf(want, sizeof want, "%c/%s\n", mirror->tier,
		    mirror->view);
		if (mirror->joined && strcmp(want, topic) == 0)
			mirror_delta(mirror, &read.delta);
	}
}

static const struct feed_ops ops = { on_publish };

static void
apply(struct fixture *f, const struct race_event *e)
{
	book_apply(f->book, (struct race_id){ 9, ++f->seq }, e);
}

static void
enter(struct fixture *f, unsigned n, const char *sex, unsigned team)
{
	char bib[16];
	char name[16];
	struct race_event e = { .kind = RACE_ENTRY,
		.made_us = (int64_t)f->seq + 1,
		.entry = plain_entry(bib) };

	e.entry.name = "Name";
	e.entry.sex = sex;
	e.entry.team = name;
	snprintf(bib, sizeof bib, "%u", n);
	snprintf(name, sizeof name, "Team %u", team);
	apply(f, &e);
}

static void
leave(struct fixture *f, unsigned n)
{
	char bib[16];
	struct race_event e = { .kind = RACE_ENTRY_GONE,
		.made_us = (int64_t)f->seq + 1,
		.entry_gone = bib };

	snprintf(bib, sizeof bib, "%u", n);
	apply(f, &e);
}

static void
cross(struct fixture *f, unsigned n, const char *point, int64_t after_us)
{
	char bib[16];
	struct race_event e = { .kind = RACE_CROSSING,
		.crossing = plain_crossing(point, bib, gun_us + after_us) };

	snprintf(bib, sizeof bib, "%u", n);
	apply(f, &e);
}

static void
fire(struct fixture *f, int64_t us)
{
	struct race_event e = { .kind = RACE_GUN,
		.made_us = (int64_t)f->seq + 1,
		.gun = { .wave = "w", .gun_us = us } };

	apply(f, &e);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->book = book_new(&rules, 0);
	f->now_us = 50 * second_us;
	f->log = 17;
	f->arena = wire_arena_new();
	for (unsigned n = 1; n <= MANY; n++)
		enter(f, n, n % 2 ? "F" : "M", n % TEAMS);
	f->feed = feed_new(STORE, RUN,
	    &(struct feed_sources){ .book = f->book }, &ops, f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	feed_free(f->feed);
	book_free(f->book);
	for (size_t i = 0; i < f->mirror_count; i++)
		mirror_free(f->mirrors[i]);
	wire_buffer_free(&f->buffer);
	wire_arena_free(f->arena);
	free(f);
	return 0;
}

static void
commit(struct fixture *f)
{
	feed_commit(f->feed, gun_us);
}

static void
turn(struct fixture *f, int64_t later_us)
{
	f->now_us += later_us;
	feed_turn(f->feed, f->now_us, gun_us, f->log, "");
}

static void
subscribe(struct fixture *f, const char *topic)
{
	feed_subscribed(f->feed, topic, strlen(topic));
}

static void
join(struct fixture *f, struct mirror *m)
{
	char topic[FEED_TOPIC_MAX];

	snprintf(topic, sizeof topic, "%c/%s\n", m->tier, m->view);
	m->joined = true;
	subscribe(f, topic);
}

/* One page; returns where the next begins. */
static uint32_t
take_page(struct fixture *f, struct mirror *m, uint32_t first)
{
	struct message_snapshot_request req = { .request = 5,
		.view = m->view,
		.first = first };
	struct message out;
	const struct message_snapshot_page *p = &out.snapshot_page;

	feed_snapshot(f->feed, &req, &out);
	assert_int_equal(out.type, MESSAGE_SNAPSHOT_PAGE);
	assert_int_equal(wire_put(&f->buffer, &out), 0);
	assert_true(f->buffer.len < 64 * 1024);
	assert_int_equal(p->request, 5);
	assert_int_equal(p->first, first);
	assert_true(p->row_count + p->entry_count <= FEED_PAGE_ROWS);
	for (size_t i = 0; i < p->row_count; i++)
		mirror_set(m, p->rows[i].label, row_hash(&p->rows[i]), true,
		    p->seq);
	mirror_entries(m, p->entries, p->entry_count, p->seq);
	if (p->seq > m->seq)
		m->seq = p->seq;
	if (p->next == 0)
		m->whole = true;
	return p->next;
}

static uint64_t
digest_of(struct fixture *f, const char *view)
{
	for (size_t v = 0; v < rules.ranking_count; v++)
		if (strcmp(view, rankings[v].name) == 0)
			return rank_digest(f->book->rank, v);
	return roster_digest(f->book->roster);
}

static void
publish(struct fixture *f, const char *ranking, const char *text)
{
	struct race_decision d = plain_decision(RACE_PUBLISH, "");
	struct race_event e = { .kind = RACE_DECISION,
		.made_us = gun_us + (int64_t)f->seq,
		.decision = &d };

	d.ranking = ranking;
	d.text = text;
	apply(f, &e);
}

/* No row says it, and nobody shall wait for a second. */
static void
what_is_published_is_told_by_a_heartbeat_soon(void **state)
{
	struct fixture *f = *state;
	uint64_t before;

	subscribe(f, "h/");
	turn(f, second_us);
	turn(f, second_us / 5);
	before = f->heartbeats;
	publish(f, "all", "final");
	commit(f);
	turn(f, 1000);
	assert_int_equal(f->heartbeats, before + 1);
	assert_int_equal(f->states[0].outlook.published, RACE_FINAL);
	assert_true(
	    f->states[0].outlook.since_us == gun_us + (int64_t)f->seq - 1);
	assert_int_equal(f->states[1].outlook.published, RACE_UNPUBLISHED);
	/* Once. */
	turn(f, second_us / 5);
	commit(f);
	turn(f, 1000);
	assert_int_equal(f->heartbeats, before + 1);
}

/* With the rows, so that no place is doubted for a second that is certain. */
static void
deltas_pages_and_heartbeats_say_what_is_provisional(void **state)
{
	struct fixture *f = *state;
	struct message_snapshot_request req = { .request = 5,
		.view = "all",
		.first = 0 };
	struct message page;
	struct race_outlook o;

	fire(f, gun_us);
	cross(f, 1, "finish", 3000 * second_us);
	subscribe(f, "h/");
	subscribe(f, "c/all\n");
	commit(f);
	turn(f, second_us);
	book_outlook(f->book, 0, &o);
	assert_true(o.open);
	assert_true(o.from[0] == 3000 * second_us + 1);
	assert_memory_equal(&f->states[0].outlook, &o, sizeof o);
	assert_false(f->states[VIEWS - 1].outlook.open);
	feed_snapshot(f->feed, &req, &page);
	assert_memory_equal(&page.snapshot_page.outlook, &o, sizeof o);
	cross(f, 2, "finish", 3001 * second_us);
	commit(f);
	book_outlook(f->book, 0, &o);
	assert_memory_equal(&f->delta_outlook, &o, sizeof o);
}

static void
what_nobody_subscribes_to_is_not_told(void **state)
{
	struct fixture *f = *state;

	cross(f, 1, "finish", 3000 * second_us);
	commit(f);
	turn(f, 0);
	turn(f, second_us);
	assert_int_equal(f->published, 0);
	assert_true(feed_deadline(f->feed, f->now_us) == INT64_MAX);
}

static void
a_commit_is_told_at_once_to_the_commit_tier_alone(void **state)
{
	struct fixture *f = *state;
	struct mirror *m = mirror_new(f, "all", 'c');

	join(f, m);
	cross(f, 1, "finish", 3000 * second_us);
	commit(f);
	assert_int_equal(m->deltas, 1);
	assert_int_equal(m->rows_told, 1);
	assert_int_equal(f->published, 1);
	/* women changed as well, and nobody asked */
	turn(f, second_us);
	assert_int_equal(f->published, 1);
}

static void
a_commit_that_changes_nothing_of_a_view_is_not_told(void **state)
{
	struct fixture *f = *state;
	struct mirror *m = mirror_new(f, "women", 'c');

	join(f, m);
	cross(f, 2, "finish", 3000 * second_us);
	commit(f);
	assert_int_equal(m->deltas, 0);
}

static void
the_tick_tier_merges_what_changed_in_a_tenth_of_a_second(void **state)
{
	struct fixture *f = *state;
	struct mirror *m = mirror_new(f, "all", 't');

	join(f, m);
	turn(f, 0);
	for (int i = 0; i < 9; i++) {
		cross(f, 7, i % 2 ? "half" : "finish", (3000 - i) * second_us);
		cross(f, 8, "half", (2000 - i) * second_us);
		commit(f);
		turn(f, 10000);
	}
	/* the first at once, the others together */
	assert_int_equal(m->deltas, 1);
	assert_true(feed_deadline(f->feed, f->now_us) <= f->now_us + 100000);
	turn(f, 100000);
	assert_int_equal(m->deltas, 2);
	assert_true(m->rows_told <= 4);
	turn(f, 100000);
	assert_int_equal(m->deltas, 2);
	assert_true(feed_deadline(f->feed, f->now_us) == INT64_MAX);
	/* and each change once */
	m->rows_told = 0;
	cross(f, 9, "half", 2000 * second_us);
	commit(f);
	turn(f, 0);
	assert_int_equal(m->rows_told, 1);
}

static void
what_changed_before_somebody_subscribed_is_not_told_again(void **state)
{
	struct fixture *f = *state;
	struct mirror *c = mirror_new(f, "all", 'c');
	struct mirror *t = mirror_new(f, "all", 't');

	for (unsigned n = 1; n <= 50; n++)
		cross(f, n, "finish", 3000 * second_us);
	commit(f);
	join(f, t);
	cross(f, 60, "finish", 3000 * second_us);
	commit(f);
	join(f, c);
	cross(f, 61, "finish", 3000 * second_us);
	commit(f);
	turn(f, 0);
	assert_int_equal(t->rows_told, 2);
	assert_int_equal(c->rows_told, 1);
}

static void
a_snapshot_has_the_number_of_its_rows_though_nobody_follows(void **state)
{
	struct fixture *f = *state;
	struct mirror *m = mirror_new(f, "all", 'c');
	uint64_t before;

	take_page(f, m, 0);
	before = m->seq;
	cross(f, 60, "finish", 3000 * second_us);
	commit(f);
	take_page(f, m, 0);
	assert_int_equal(m->seq, before + 1);
}

static void
subscriptions_may_be_prefixes(void **state)
{
	struct fixture *f = *state;

	subscribe(f, "c/other\n");
	subscribe(f, "c/al");
	cross(f, 1, "finish", 3000 * second_us);
	commit(f);
	assert_int_equal(f->published, 1);
	subscribe(f, "c/");
	subscribe(f, "c/all\n");
	cross(f, 3, "finish", 3000 * second_us);
	commit(f);
	/* all, women, and the team */
	assert_int_equal(f->published, 4);
}

static void
heartbeats_come_each_second_and_soon_after_somebody_joins(void **state)
{
	struct fixture *f = *state;

	subscribe(f, "h/");
	turn(f, 0);
	assert_int_equal(f->heartbeats, 1);
	assert_int_equal(f->heartbeat.log, 17);
	turn(f, 900000);
	assert_int_equal(f->heartbeats, 1);
	assert_int_equal(feed_deadline(f->feed, f->now_us), f->now_us + 100000);
	turn(f, 100000);
	assert_int_equal(f->heartbeats, 2);
	/* a room full that joins: ten a second, no more */
	turn(f, 200000);
	for (int i = 0; i < 50; i++) {
		subscribe(f, "h/");
		turn(f, 4000);
	}
	assert_int_equal(f->heartbeats, 4);
}

static void
each_commit_is_told_to_those_who_follow_the_log(void **state)
{
	struct fixture *f = *state;

	turn(f, 0);
	assert_int_equal(f->logs_told, 0);
	subscribe(f, "l/");
	turn(f, 0);
	assert_int_equal(f->logs_told, 1);
	assert_int_equal(f->log_told, 17);
	/* A commit, another one; a turn without any. */
	f->log = 18;
	turn(f, 1);
	f->log = 30;
	turn(f, 1);
	turn(f, 1);
	assert_int_equal(f->logs_told, 3);
	assert_int_equal(f->log_told, 30);
}

static void
who_turns_to_another_ranking_does_not_wait_a_second(void **state)
{
	struct fixture *f = *state;

	subscribe(f, "h/");
	turn(f, 0);
	turn(f, 200000);
	subscribe(f, "c/no such ranking\n");
	turn(f, 0);
	assert_int_equal(f->heartbeats, 1);
	subscribe(f, "t/women\n");
	turn(f, 0);
	assert_int_equal(f->heartbeats, 2);
}

static void
heartbeats_tell_every_views_number_and_digest(void **state)
{
	struct fixture *f = *state;

	subscribe(f, "h/");
	turn(f, 0);
	for (size_t v = 0; v < VIEWS; v++) {
		assert_string_equal(f->states[v].view, views[v]);
		assert_int_equal(f->states[v].seq, 1);
		assert_true(f->states[v].digest == digest_of(f, views[v]));
	}
	assert_int_equal(f->states[0].rows, MANY);
	assert_int_equal(f->states[2].rows, TEAMS);
	cross(f, 2, "finish", 3000 * second_us);
	commit(f);
	turn(f, second_us);
	assert_int_equal(f->states[0].seq, 2);
	assert_int_equal(f->states[1].seq, 1);
	assert_true(f->states[0].digest == digest_of(f, "all"));
}

/* However long its words are. */
static void
a_trouble_that_stays_is_told_each_second(void **state)
{
	struct fixture *f = *state;
	char words[RACE_MORE_MAX + 1];

	memset(words, 'x', RACE_MORE_MAX);
	words[RACE_MORE_MAX] = '\0';
	subscribe(f, "h/");
	for (int i = 0; i < 30; i++) {
		f->now_us += second_us / 10;
		feed_turn(f->feed, f->now_us, gun_us, 17, words);
	}
	assert_int_equal(f->heartbeats, 3);
}

static void
health_is_for_those_who_asked_for_it(void **state)
{
	struct fixture *f = *state;

	assert_false(feed_health(f->feed));
	subscribe(f, "h/");
	subscribe(f, "t/roster/\n");
	subscribe(f, "s/x");
	assert_false(feed_health(f->feed));
	subscribe(f, "s/");
	assert_true(feed_health(f->feed));
	subscribe(f, "h/");
	assert_true(feed_health(f->feed));
}

static void
troubles_are_told_at_once(void **state)
{
	struct fixture *f = *state;

	subscribe(f, "h/");
	turn(f, 0);
	feed_turn(f->feed, f->now_us, gun_us, 17, "disk full");
	assert_int_equal(f->heartbeats, 2);
	assert_string_equal(f->trouble, "disk full");
	feed_turn(f->feed, f->now_us, gun_us, 17, "disk full");
	assert_int_equal(f->heartbeats, 2);
	turn(f, 1);
	assert_string_equal(f->trouble, "");
}

static void
a_moved_gun_comes_in_parts_below_64_kib(void **state)
{
	struct fixture *f = *state;
	struct mirror *m = mirror_new(f, "all", 'c');

	for (unsigned n = 1; n <= MANY; n++)
		cross(f, n, "finish", (int64_t)(3000 + n) * second_us);
	commit(f);
	join(f, m);
	for (uint32_t first = 0; !m->whole;)
		first = take_page(f, m, first);
	fire(f, gun_us - 7 * second_us);
	commit(f);
	assert_int_equal(m->deltas, 1);
	assert_int_equal(m->rows_told, MANY);
	assert_true(f->published > 1);
	assert_true(f->longest < 64 * 1024);
	assert_true(mirror_digest(m) == digest_of(f, "all"));
}

static void
a_snapshot_comes_in_pages_and_counts_once(void **state)
{
	struct fixture *f = *state;

	for (size_t v = 0; v < VIEWS; v++) {
		struct mirror *m = mirror_new(f, views[v], 'c');
		uint32_t first = 0;
		unsigned pages = 0;

		do {
			first = take_page(f, m, first);
			pages++;
		} while (first != 0);
		assert_int_equal(pages,
		    strcmp(views[v], "teams") == 0       ? 1
		        : strcmp(views[v], "women") == 0 ? 2
		                                         : 3);
		assert_true(mirror_digest(m) == digest_of(f, views[v]));
	}
	assert_int_equal(feed_snapshots(f->feed), VIEWS);
}

static void
a_page_past_the_end_is_empty_and_the_last(void **state)
{
	struct fixture *f = *state;
	struct mirror *m = mirror_new(f, "all", 'c');

	assert_int_equal(take_page(f, m, UINT32_MAX), 0);
	assert_int_equal(m->count, 0);
}

static void
a_page_of_few_among_many_ends_early(void **state)
{
	struct fixture *f = *state;
	struct mirror *m = mirror_new(f, "women", 'c');
	uint32_t first = 0;
	unsigned pages = 0;

	/* men only: who asks for women does not make us look at all at once */
	for (unsigned n = MANY + 1; n <= MANY + 9000; n++)
		enter(f, n, "M", 1);
	do {
		first = take_page(f, m, first);
		pages++;
	} while (first != 0);
	assert_int_equal(pages, 3);
	assert_true(mirror_digest(m) == digest_of(f, "women"));
}

static void
long_entries_make_short_pages(void **state)
{
	static const char column[] = "column";
	struct fixture *f = *state;
	char value[RACE_MORE_MAX + 1];
	struct race_column more[20];
	struct mirror *m = mirror_new(f, MESSAGE_ROSTER, 'c');
	struct race_event e = { .kind = RACE_ENTRY,
		.entry = { .name = "",
		    .sex = "",
		    .born = "",
		    .category = "",
		    .team = "",
		    .wave = "",
		    .nation = "",
		    .more = more,
		    .more_count = 20 } };
	unsigned pages = 1;
	uint32_t first = 0;

	memset(value, 'v', RACE_MORE_MAX);
	value[RACE_MORE_MAX] = '\0';
	for (size_t i = 0; i < 20; i++)
		more[i] = (struct race_column){ column, value };
	join(f, m);
	for (unsigned n = 0; n < 10; n++) {
		char bib[8];

		snprintf(bib, sizeof bib, "x%u", n);
		e.entry.bib = bib;
		e.made_us = (int64_t)f->seq + 1;
		apply(f, &e);
	}
	commit(f);
	/* three of 20 KiB fit into a message */
	assert_int_equal(f->published, 4);
	while ((first = take_page(f, m, first)) != 0)
		pages++;
	assert_true(pages >= 6);
	assert_true(mirror_digest(m) == roster_digest(f->book->roster));
}

static void
a_view_that_does_not_exist_is_refused(void **state)
{
	struct fixture *f = *state;
	struct message_snapshot_request req = { .view = "nothing" };
	struct message out;

	feed_snapshot(f->feed, &req, &out);
	assert_int_equal(out.type, MESSAGE_REFUSE);
	assert_int_equal(out.refuse.why, MESSAGE_WHY_NOT_HELD);
	assert_int_equal(feed_snapshots(f->feed), 0);
}

/* ---- random races, followed from random moments ---- */

static void
random_event(struct fixture *f, uint64_t *random)
{
	static const char *const at[] = { "start", "half", "finish", "lost" };
	unsigned n = (unsigned)test_below(random, MANY + 50) + 1;

	switch (test_below(random, 40)) {
	case 0:
		fire(f, gun_us + (int64_t)test_below(random, 100) * second_us);
		return;
	case 1:
		leave(f, n);
		return;
	case 2:
	case 3:
		enter(f, n, test_below(random, 2) ? "F" : "M",
		    (unsigned)test_below(random, TEAMS + 5));
		return;
	case 4:
		apply(f,
		    &(struct race_event){ .kind = RACE_VOID,
		        .void_seq = 1 + test_below(random, f->seq) });
		return;
	default:
		cross(f, n, at[test_below(random, 4)],
		    (int64_t)test_below(random, 4000) * second_us);
	}
}

static void
random_step(struct fixture *f, uint64_t *random, uint32_t next[])
{
	for (uint64_t n = test_below(random, 4); n > 0; n--) {
		for (uint64_t k = test_below(random, 6); k > 0; k--)
			random_event(f, random);
		commit(f);
	}
	turn(f, (int64_t)test_below(random, 120000));
	for (size_t i = 0; i < f->mirror_count; i++) {
		struct mirror *m = f->mirrors[i];

		if (test_below(random, 12) != 0 || m->whole)
			continue;
		if (!m->joined)
			join(f, m);
		else
			next[i] = take_page(f, m, next[i]);
	}
}

static void
check_rows(struct fixture *f, const struct mirror *m, size_t v)
{
	static struct rank_standing rows[4 * MANY];
	size_t count = rank_rows(f->book->rank, v, 0, rows, 4 * MANY);
	size_t present = 0;

	for (uint32_t i = 0; i < m->count; i++)
		present += m->rows[i].present;
	assert_int_equal(present, count);
	for (size_t i = 0; i < count; i++) {
		uint32_t k = strmap_get(m->index, rows[i].row.label);

		assert_true(k != STRMAP_NONE);
		assert_true(m->rows[k].present);
		assert_true(m->rows[k].hash == row_hash(&rows[i].row));
	}
}

static void
deltas_of_both_tiers_from_any_start_give_the_ranking(void **state)
{
	struct fixture *f = *state;
	uint64_t random = test_seed();
	uint32_t next[2 * VIEWS] = { 0 };

	for (size_t v = 0; v < VIEWS; v++) {
		mirror_new(f, views[v], 'c');
		mirror_new(f, views[v], 't');
	}
	subscribe(f, "h/");
	for (int i = 0; i < 300; i++)
		random_step(f, &random, next);
	for (size_t i = 0; i < f->mirror_count; i++) {
		struct mirror *m = f->mirrors[i];

		if (!m->joined)
			join(f, m);
		while (!m->whole)
			next[i] = take_page(f, m, next[i]);
	}
	for (int i = 0; i < 100; i++)
		random_step(f, &random, next);
	turn(f, second_us);
	for (size_t i = 0; i < f->mirror_count; i++) {
		struct mirror *m = f->mirrors[i];

		assert_true(m->deltas > 5);
		assert_true(mirror_digest(m) == digest_of(f, m->view));
		if (i / 2 < rules.ranking_count)
			check_rows(f, m, i / 2);
	}
	assert_true(f->longest < 64 * 1024);
}

#define FEED_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* ---- a table of a season ---- */

enum { SUBJECTS = 700 };

/* Points as the palmarès gives them. */
static struct season *
given_season(struct season_rules *out)
{
	static char name[] = "all";
	static struct season_table table = { .name = name,
		.points = { .scale = SEASON_LIST, .given = true },
		.sex = none,
		.category = none,
		.team = none,
		.missing = SEASON_NO_VALUE };

	*out = (struct season_rules){ .title = none,
		.tables = &table,
		.table_count = 1 };
	return season_new(out);
}

static void
score(struct season *s, unsigned who, int64_t amount)
{
	char name[200];
	struct season_result r = { .season = "2014",
		.competition = "C",
		.award = "",
		.place = 1,
		.recipient = name,
		.team = "",
		.sex = "",
		.category = "",
		.date = "",
		.time_us = -1,
		.points = amount * SEASON_UNIT,
		.note = "" };

	snprintf(name, sizeof name, "%u %0150u", who, 0u);
	season_put(s, who, &r);
}

/* Reads the whole table again: whether a row changed. */
static bool
read_table(struct tally *t, struct season *s, const struct season_rules *by)
{
	enum tally_step step;

	do
		step = tally_step(t, s, 0, by, 0);
	while (step == TALLY_MORE);
	return step == TALLY_MOVED;
}

static void
a_table_of_a_season_is_a_view_like_the_others(void **state)
{
	struct fixture *f = *state;
	struct season_rules season_rules;
	struct season *season = given_season(&season_rules);
	struct feed_table table = { "prix/all", tally_new() };
	struct mirror *late;
	struct mirror *m;
	uint32_t next = 0;

	for (unsigned i = 0; i < SUBJECTS; i++)
		score(season, i, i);
	assert_true(read_table(table.tally, season, &season_rules));
	feed_free(f->feed);
	f->feed = feed_new(STORE, RUN,
	    &(struct feed_sources){ f->book, &table, 1 }, &ops, f);
	m = mirror_new(f, "prix/all", 'c');
	late = mirror_new(f, "prix/all", 't');
	join(f, m);
	join(f, late);
	do
		next = take_page(f, m, next);
	while (next != 0);
	assert_int_equal(m->count, SUBJECTS);
	assert_true(mirror_digest(m) == tally_digest(table.tally));
	for (unsigned i = 0; i < SUBJECTS; i += 2)
		score(season, i, i + 2 * SUBJECTS);
	season_drop(season, 1);
	assert_true(read_table(table.tally, season, &season_rules));
	commit(f);
	turn(f, second_us);
	assert_int_equal(m->seq, 2);
	assert_int_equal(m->rows_told, SUBJECTS / 2 + 1);
	assert_int_equal(late->rows_told, SUBJECTS / 2 + 1);
	assert_true(mirror_digest(m) == tally_digest(table.tally));
	assert_int_equal(tally_count(table.tally), SUBJECTS - 1);
	/* What did not change it tells nothing of it. */
	cross(f, 1, "b", 60 * second_us);
	commit(f);
	turn(f, second_us);
	assert_int_equal(m->seq, 2);
	feed_free(f->feed);
	f->feed = NULL;
	tally_free(table.tally);
	season_free(season);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FEED_TEST(what_is_published_is_told_by_a_heartbeat_soon),
		FEED_TEST(deltas_pages_and_heartbeats_say_what_is_provisional),
		FEED_TEST(what_nobody_subscribes_to_is_not_told),
		FEED_TEST(a_commit_is_told_at_once_to_the_commit_tier_alone),
		FEED_TEST(a_commit_that_changes_nothing_of_a_view_is_not_told),
		FEED_TEST(
		    the_tick_tier_merges_what_changed_in_a_tenth_of_a_second),
		FEED_TEST(
		    what_changed_before_somebody_subscribed_is_not_told_again),
		FEED_TEST(
		    a_snapshot_has_the_number_of_its_rows_though_nobody_follows),
		FEED_TEST(subscriptions_may_be_prefixes),
		FEED_TEST(
		    heartbeats_come_each_second_and_soon_after_somebody_joins),
		FEED_TEST(each_commit_is_told_to_those_who_follow_the_log),
		FEED_TEST(who_turns_to_another_ranking_does_not_wait_a_second),
		FEED_TEST(heartbeats_tell_every_views_number_and_digest),
		FEED_TEST(a_trouble_that_stays_is_told_each_second),
		FEED_TEST(health_is_for_those_who_asked_for_it),
		FEED_TEST(troubles_are_told_at_once),
		FEED_TEST(a_moved_gun_comes_in_parts_below_64_kib),
		FEED_TEST(a_snapshot_comes_in_pages_and_counts_once),
		FEED_TEST(a_page_past_the_end_is_empty_and_the_last),
		FEED_TEST(a_page_of_few_among_many_ends_early),
		FEED_TEST(long_entries_make_short_pages),
		FEED_TEST(a_view_that_does_not_exist_is_refused),
		FEED_TEST(a_table_of_a_season_is_a_view_like_the_others),
		FEED_TEST(deltas_of_both_tiers_from_any_start_give_the_ranking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
