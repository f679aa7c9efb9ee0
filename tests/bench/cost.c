/*
 * cost - what a crossing and an entry cost, in a field of any size.
 *
 *	cost RACE ENTRIES DECISIONS
 *
 * RACE is a folder with race.yaml.  So many decisions of operators are present,
 * spread over the field: penalties, times that were set, voided crossings,
 * other starts and teams, and statuses.  Does what the aggregator does, without
 * disk and network, phase by phase:
 *
 * entries: their events are decoded and applied, and all rows and digests
 * follow.
 *
 * crossings: some thousands in mid-race.  Per turn of 1,000 from three streams
 * the batches are decoded and applied, a display that follows every commit of
 * the first ranking is told, and the changes and digests of all rankings are
 * taken, as for a heartbeat.
 *
 * display: what was told is decoded and applied by a replica, which shows
 * twenty lines after each turn.
 *
 * Prints a line for each, separated by tabs: name, how many, microseconds, how
 * many have come to stay (all crossings so far), the bytes that they take.
 * Under callgrind (with --instr-atstart=no) each phase is a dump with its name;
 * times and bytes say nothing then.
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#include "aggregator/feed.h"
#include "common/cli.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/xalloc.h"
#include "proto/wire.h"
#include "race/conf.h"
#include "race/replica.h"
#include "race/rules.h"
#include "tests/bench/passing.h"

enum {
	OPERATOR = 100, /* the stream of the decisions */
	TURN = 1000,
	COUNTED = 50000, /* crossings, or half of all */
	SHOWN = 20,
	DECISION_KINDS = 6,
	STORE = 1,
	RUN = 1
};

static const int64_t second_us = 1000000;

/* Messages or events in a row, each behind its length. */
struct tape {
	struct wire_buffer buffer;
	size_t *lengths;
	size_t cap;
	size_t count;
};

struct cost {
	struct race_rules *rules;
	struct passing passing;
	struct book *book;
	struct feed *feed;
	struct replica *replica;
	struct wire_arena *message;
	struct wire_arena *turn;
	struct wire_buffer out;
	struct tape told; /* what was published since told.count was 0 */
	uint64_t seqs[PASSING_STREAMS];
	uint64_t applied; /* crossings */
	uint64_t decisions;
	int64_t now_us;   /* a second a turn: a heartbeat is always due */
	int64_t since_us; /* of the phase */
};

/* ---- phases ---- */

static size_t
bytes_in_use(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static void
begin(struct cost *c)
{
	c->since_us = clock_mono_us();
	CALLGRIND_START_INSTRUMENTATION;
	CALLGRIND_ZERO_STATS;
}

static void
end(struct cost *c, const char *name, uint64_t count)
{
	CALLGRIND_DUMP_STATS_AT(name);
	CALLGRIND_STOP_INSTRUMENTATION;
	printf("%s\t%" PRIu64 "\t%" PRId64, name, count,
	    clock_mono_us() - c->since_us);
}

/* The rest of the line. */
static void
print_bytes(uint64_t kept, size_t bytes)
{
	printf("\t%" PRIu64 "\t%zu\n", kept, bytes);
}

/* ---- tapes ---- */

static void
tape_add(struct tape *t, const uint8_t *bytes, size_t len)
{
	t->buffer.data =
	    xgrow(t->buffer.data, &t->buffer.cap, t->buffer.len + len, 1);
	memcpy(t->buffer.data + t->buffer.len, bytes, len);
	t->buffer.len += len;
	t->lengths = xgrow(t->lengths, &t->cap, t->count, sizeof *t->lengths);
	t->lengths[t->count++] = len;
}

static void
tape_clear(struct tape *t)
{
	t->buffer.len = 0;
	t->count = 0;
}

static void
tape_free(struct tape *t)
{
	wire_buffer_free(&t->buffer);
	free(t->lengths);
}

static void
encode(struct wire_buffer *b, const struct message *m)
{
	if (wire_put(b, m) < 0)
		log_fatal(1, "a message of type %d is too long", (int)m->type);
}

static void
decode(struct wire_arena *a, const uint8_t *bytes, size_t len,
    struct message *out)
{
	int rc = wire_get(a, bytes, len, out);

	if (rc < 0)
		log_fatal(1, "a message: %s", wire_why(rc));
}

static void
publish(void *arg, const char *topic, const struct message *m)
{
	struct cost *c = arg;

	(void)topic;
	encode(&c->out, m);
	tape_add(&c->told, c->out.data, c->out.len);
}

static const struct feed_ops feed_ops = { publish };

static void
tell(struct cost *c)
{
	c->now_us += second_us;
	feed_commit(c->feed, c->now_us);
	feed_turn(c->feed, c->now_us, c->now_us, c->applied, "");
}

/* ---- entries ---- */

static void
record_entries(struct tape *t, uint64_t count)
{
	struct wire_buffer b = { 0 };

	for (uint64_t i = 0; i < count; i++) {
		struct passing_entry e = { 0 };
		struct race_event event = { .kind = RACE_ENTRY,
			.made_us = RACE_TIME_MIN + 1 };

		passing_entry(i, &e);
		event.entry = e.entry;
		b.len = 0;
		if (wire_put_event(&b, &event) < 0)
			log_fatal(1, "entry %" PRIu64 " is too long", i);
		tape_add(t, b.data, b.len);
	}
	wire_buffer_free(&b);
}

static void
apply_event(struct cost *c, struct race_id id, const uint8_t *bytes, size_t len)
{
	struct race_event event;

	if (wire_get_event(c->turn, bytes, len, &event) < 0 ||
	    book_apply(c->book, id, &event) < 0)
		log_fatal(1, "event %" PRIu64 " is not taken", id.seq);
}

static void
load_entries(struct cost *c)
{
	struct tape t = { 0 };
	const uint8_t *bytes;
	size_t before;

	record_entries(&t, c->passing.entries);
	before = bytes_in_use();
	bytes = t.buffer.data;
	begin(c);
	c->book = book_new(c->rules, 0);
	for (size_t i = 0; i < t.count; bytes += t.lengths[i++]) {
		wire_reset(c->turn);
		apply_event(c, (struct race_id){ STORE, i + 1 }, bytes,
		    t.lengths[i]);
	}
	c->feed = feed_new(STORE, RUN,
	    &(struct feed_sources){ .book = c->book }, &feed_ops, c);
	feed_subscribed(c->feed, "h/", 2);
	tell(c);
	end(c, "entries", c->passing.entries);
	print_bytes(c->passing.entries, bytes_in_use() - before);
	tape_free(&t);
	tape_clear(&c->told);
}

/* ---- decisions ---- */

/* The i-th; what is of a bib goes round the field, for it is a prime. */
static void
fill_decision(const struct cost *c, uint64_t i, struct passing_entry *e,
    struct race_decision *out)
{
	const struct race_rules *rules = c->rules;
	const struct race_point *last = &rules->points[rules->point_count - 1];

	passing_entry(i * 7919 % c->passing.entries, e);
	*out = (struct race_decision){ .by = "bench",
		.reason = "bench",
		.bib = e->entry.bib,
		.other_bib = "",
		.point = "",
		.wave = "",
		.ranking = "",
		.text = "" };
	switch (i % DECISION_KINDS) {
	case 0:
		out->verb = RACE_PENALTY;
		out->amount_us = second_us;
		break;
	case 1:
		out->verb = RACE_SET_TIME;
		out->point = last->name;
		out->time_us =
		    rules->waves[0].gun_us + (int64_t)(20000 + i) * second_us;
		break;
	case 2:
		/* Of the first stream, whether it comes or not. */
		out->verb = RACE_VOID_READ;
		out->bib = "";
		out->target = (struct race_id){ 2, 1 + i * 7 };
		break;
	case 3:
		out->verb = RACE_SET_START;
		out->time_us = rules->waves[0].gun_us + second_us;
		break;
	case 4:
		out->verb = RACE_SET_ENTRY;
		e->entry.team = "Entreprise 000000";
		out->entry = &e->entry;
		break;
	default:
		out->verb = RACE_SET_STATUS;
		out->status = RACE_DNF;
		break;
	}
}

static void
decide(struct cost *c)
{
	struct passing_entry e;
	struct race_decision d;
	const struct race_event event = { .kind = RACE_DECISION,
		.made_us = RACE_TIME_MIN + 1,
		.decision = &d };

	for (uint64_t i = 0; i < c->decisions; i++) {
		fill_decision(c, i, &e, &d);
		if (book_apply(c->book, (struct race_id){ OPERATOR, i + 1 },
		        &event) < 0)
			log_fatal(1, "decision %" PRIu64 " is not taken", i);
	}
	tell(c);
	tape_clear(&c->told);
}

/* ---- crossings ---- */

/* The batches of a turn, one for each stream that has crossings. */
struct turn {
	struct tape events[PASSING_STREAMS];
	struct tape batches;
	uint64_t count;
};

static void
add_crossing(struct turn *t, unsigned stream, const struct race_crossing *x,
    struct wire_buffer *b)
{
	struct race_event event = { .kind = RACE_CROSSING,
		.made_us = x->time_us,
		.crossing = *x };

	b->len = 0;
	if (wire_put_event(b, &event) < 0)
		log_fatal(1, "a crossing is too long");
	tape_add(&t->events[stream], b->data, b->len);
	t->count++;
}

static void
add_batches(struct cost *c, struct turn *t, unsigned stream)
{
	const struct tape *events = &t->events[stream];
	const uint8_t *bytes = events->buffer.data;
	struct message_bytes bodies[RACE_BATCH_EVENTS];
	size_t i = 0;

	while (i < events->count) {
		size_t n = 0;

		for (; n < RACE_BATCH_EVENTS && i < events->count; i++) {
			bodies[n++] =
			    (struct message_bytes){ bytes, events->lengths[i] };
			bytes += events->lengths[i];
		}
		encode(&c->out,
		    &(struct message){ .type = MESSAGE_BATCH,
		        .batch = { .stream = stream + 2,
		            .first = c->seqs[stream] + 1,
		            .events = bodies,
		            .count = n } });
		c->seqs[stream] += n;
		tape_add(&t->batches, c->out.data, c->out.len);
	}
}

/* The next crossings as the collectors send them. */
static void
record_turn(struct cost *c, struct turn *t, uint64_t count)
{
	struct wire_buffer b = { 0 };
	struct race_crossing x;
	unsigned stream;

	while (t->count < count && passing_next(&c->passing, &x, &stream))
		add_crossing(t, stream, &x, &b);
	for (unsigned i = 0; i < PASSING_STREAMS; i++)
		add_batches(c, t, i);
	wire_buffer_free(&b);
}

static void
free_turn(struct turn *t)
{
	for (unsigned i = 0; i < PASSING_STREAMS; i++)
		tape_free(&t->events[i]);
	tape_free(&t->batches);
}

static void
apply_batch(struct cost *c, const uint8_t *bytes, size_t len)
{
	struct message m;

	wire_reset(c->message);
	decode(c->message, bytes, len, &m);
	for (size_t i = 0; i < m.batch.count; i++)
		apply_event(c,
		    (struct race_id){ m.batch.stream, m.batch.first + i },
		    m.batch.events[i].data, m.batch.events[i].len);
	c->applied += m.batch.count;
}

static void
apply_turn(struct cost *c, const struct turn *t)
{
	const uint8_t *bytes = t->batches.buffer.data;

	for (size_t i = 0; i < t->batches.count; i++) {
		apply_batch(c, bytes, t->batches.lengths[i]);
		bytes += t->batches.lengths[i];
	}
	wire_reset(c->turn);
}

/* Not counted: the race until then. */
static void
run_until(struct cost *c, uint64_t crossings)
{
	while (c->applied < crossings) {
		uint64_t left = crossings - c->applied;
		struct turn t = { 0 };

		record_turn(c, &t, left < TURN ? left : TURN);
		apply_turn(c, &t);
		free_turn(&t);
	}
	tell(c);
	tape_clear(&c->told);
}

/* bytes: of the crossings before. */
static void
run_counted(struct cost *c, size_t turns, size_t bytes)
{
	struct turn *all = xcalloc(turns, sizeof *all);
	size_t before;

	for (size_t i = 0; i < turns; i++)
		record_turn(c, &all[i], TURN);
	before = bytes_in_use() - c->told.buffer.cap;
	begin(c);
	for (size_t i = 0; i < turns; i++) {
		apply_turn(c, &all[i]);
		tell(c);
	}
	end(c, "crossings", turns * TURN);
	/* The tape is not the aggregator's. */
	bytes += bytes_in_use() - c->told.buffer.cap - before;
	print_bytes(c->applied, bytes);
	for (size_t i = 0; i < turns; i++)
		free_turn(&all[i]);
	free(all);
}

/* ---- display ---- */

static void
show(struct cost *c)
{
	struct board *board = replica_board(c->replica);
	struct board_line line;

	for (size_t i = 0; i < SHOWN; i++)
		if (board_line(board, i, &line) < 0)
			log_fatal(1, "the board has %zu lines", i);
}

static void
hear(struct cost *c, const uint8_t *bytes, size_t len)
{
	struct message m;

	wire_reset(c->message);
	decode(c->message, bytes, len, &m);
	c->now_us++;
	if (m.type == MESSAGE_DELTA)
		replica_delta(c->replica, &m.delta, c->now_us);
	else if (m.type == MESSAGE_HEARTBEAT)
		replica_heartbeat(c->replica, &m.heartbeat, c->now_us);
	else if (m.type == MESSAGE_SNAPSHOT_PAGE)
		replica_page(c->replica, &m.snapshot_page, c->now_us);
	/* Once a turn. */
	if (m.type == MESSAGE_HEARTBEAT &&
	    replica_state(c->replica, c->now_us) == REPLICA_LIVE)
		show(c);
}

static void
hear_told(struct cost *c)
{
	const uint8_t *bytes = c->told.buffer.data;

	for (size_t i = 0; i < c->told.count; i++) {
		hear(c, bytes, c->told.lengths[i]);
		bytes += c->told.lengths[i];
	}
}

static void
must_be_live(struct cost *c)
{
	struct replica_facts facts;

	replica_facts(c->replica, &facts);
	if (replica_state(c->replica, c->now_us) != REPLICA_LIVE ||
	    facts.mismatches > 0 || facts.holes > 0)
		log_fatal(1, "the display does not follow");
}

static void
join(struct cost *c)
{
	const char *view = c->rules->rankings[0].name;
	struct message_snapshot_request req;
	char topic[FEED_TOPIC_MAX];
	struct message page;

	snprintf(topic, sizeof topic, "c/%s\n", view);
	feed_subscribed(c->feed, topic, strlen(topic));
	c->replica = replica_new(view, 1);
	tell(c);
	hear_told(c);
	while (replica_request(c->replica, c->now_us, &req)) {
		feed_snapshot(c->feed, &req, &page);
		encode(&c->out, &page);
		hear(c, c->out.data, c->out.len);
	}
	must_be_live(c);
	show(c);
	tape_clear(&c->told);
}

static void
follow(struct cost *c, uint64_t count, size_t bytes)
{
	begin(c);
	hear_told(c);
	end(c, "display", count);
	print_bytes(c->passing.entries, bytes);
	must_be_live(c);
}

/* ---- */

static void
measure(struct cost *c)
{
	uint64_t total = passing_total(&c->passing);
	uint64_t counted = total / 2 < COUNTED ? total / 2 : COUNTED;
	size_t crossings;
	size_t display;
	size_t before;

	load_entries(c);
	decide(c);
	before = bytes_in_use();
	run_until(c, (total - counted) / 2);
	crossings = bytes_in_use() - before;
	before = bytes_in_use();
	join(c);
	display = bytes_in_use() - before;
	run_counted(c, (size_t)counted / TURN, crossings);
	follow(c, counted / TURN * TURN, display);
}

static struct race_rules *
read_rules(const char *dir)
{
	struct conf_report report = { 0 };
	struct race_rules *rules = conf_rules(dir, &report);

	if (rules == NULL)
		log_fatal(1, "%s/race.yaml has mistakes", dir);
	conf_report_clear(&report);
	return rules;
}

int
main(int argc, char **argv)
{
	struct cost c = { .now_us = RACE_TIME_MIN };
	int64_t entries;
	int64_t decisions;

	log_init("cost");
	if (argc != 4 ||
	    cli_number(argv[2], 1000, RACE_ENTRIES_MAX, &entries) < 0 ||
	    entries % 1000 != 0 ||
	    cli_number(argv[3], 0, UINT32_MAX, &decisions) < 0)
		cli_usage("cost",
		    "RACE ENTRIES (a multiple of 1000) DECISIONS");
	c.decisions = (uint64_t)decisions;
	c.rules = read_rules(argv[1]);
	c.message = wire_arena_new();
	c.turn = wire_arena_new();
	passing_init(&c.passing, c.rules, (uint64_t)entries, 1);
	measure(&c);
	replica_free(c.replica);
	feed_free(c.feed);
	book_free(c.book);
	wire_arena_free(c.message);
	wire_arena_free(c.turn);
	wire_buffer_free(&c.out);
	tape_free(&c.told);
	rules_free(c.rules);
	return 0;
}
