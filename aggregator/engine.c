#include "aggregator/engine.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "aggregator/archive.h"
#include "aggregator/feed.h"
#include "aggregator/folder.h"
#include "aggregator/health.h"
#include "aggregator/hub_zmq.h"
#include "aggregator/intake.h"
#include "aggregator/misfits.h"
#include "aggregator/report.h"
#include "common/clock.h"
#include "common/files.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/xalloc.h"
#include "proto/wire.h"
#include "race/book.h"
#include "race/outlook.h"
#include "race/rules.h"
#include "race/store.h"

enum {
	TURN_EVENTS = 2000,
	TURN_MESSAGES = 1000,
	TURN_SUBSCRIPTIONS = 10000,
	TURN_REQUESTS = 20, /* a snapshot page each: some 10 ms */
	UNKNOWN_PAGE = 300
};

static const char software[] = "palmares-aggregator " PALMARES_VERSION;
static const int64_t second_us = 1000000;
static const int64_t turn_requests_us = 10000;
/* A checkpoint flushes twice: not while crossings come every moment. */
static const int64_t idle_us = 500000;

/* An event that was stored in this turn. */
struct taken {
	uint32_t stream;
	struct race_id id;
	struct race_event event;
};

struct engine {
	char *dir;
	struct loop *loop;
	struct hub *hub;
	struct store *store;
	struct book *book;
	struct intake *intake;
	struct feed *feed;
	struct seasons *seasons;
	struct race_rules *shown; /* what displays are told */
	struct health *health;
	struct archive *archive;
	struct endpoint where;
	uint64_t run;
	int64_t started_us;
	int status;

	struct wire_arena *message; /* what was received last */
	struct wire_arena *turn;    /* the events of this turn */
	struct wire_buffer out;
	struct taken *taken;
	size_t taken_count;
	size_t taken_cap;
	size_t stored; /* in this turn, those that do not decode too */
	uint64_t turn_undecoded;
	int turn_rc; /* why the turn cannot be committed */

	/* Of streams, by their number - 1. */
	struct known {
		uint64_t epoch;
		uint64_t entries; /* changed since it was connected */
	} * known;
	size_t known_count;
	size_t known_cap;

	uint64_t undecoded;
	uint64_t commits;
	uint64_t malformed;
	struct misfits misfits;
	uint64_t joins;    /* of lists, as looked at */
	char trouble[200]; /* "" is none */
	int64_t trouble_since_us;
	int64_t retry_at_us;
	int64_t second_at_us;
	int64_t checkpoint_at_us;
};

/* ---- messages out ---- */

static bool
encode(struct engine *e, const struct message *m)
{
	if (wire_put(&e->out, m) == 0)
		return true;
	log_warnx("a message of type %d is too long to be sent", (int)m->type);
	return false;
}

static void
send_to(struct engine *e, enum endpoint_port port, uint32_t peer,
    const struct message *m)
{
	if (encode(e, m))
		hub_send(e->hub, port, peer, e->out.data, e->out.len);
}

static void
publish(void *arg, const char *topic, const struct message *m)
{
	struct engine *e = arg;

	if (encode(e, m))
		hub_publish(e->hub, topic, e->out.data, e->out.len);
}

static const struct feed_ops feed_ops = { publish };

/* ---- what intake asks for ---- */

static void
intake_send(void *arg, intake_conn conn, const struct message *m)
{
	bool operators = (conn & INTAKE_OPERATOR) != 0;
	struct message pong;

	/* What passes before it leaves is not to be taken for the way. */
	if (m->type == MESSAGE_PONG) {
		pong = *m;
		pong.pong.t3_us = clock_utc_us();
		m = &pong;
	}
	send_to(arg, operators ? ENDPOINT_CONTROL : ENDPOINT_INTAKE,
	    (uint32_t)conn, m);
}

static void
remember(struct engine *e, const struct store_stream *st)
{
	/* Numbers are given in order, and kept. */
	if (st->id <= e->known_count)
		return;
	e->known =
	    xgrow(e->known, &e->known_cap, e->known_count, sizeof *e->known);
	e->known[e->known_count++] = (struct known){ .epoch = st->epoch };
}

static int
intake_open(void *arg, const struct message_hello *h, bool operators,
    uint32_t *stream, uint64_t *cursor, uint64_t *chain)
{
	struct engine *e = arg;
	struct store_stream st;
	int rc = store_stream(e->store, h->stream, h->name, h->point, operators,
	    &st);

	if (rc < 0)
		return rc;
	remember(e, &st);
	*stream = st.id;
	*cursor = st.cursor;
	*chain = st.chain;
	return 0;
}

/* Decoded once, for the columns of the store now and for the book after the
 * commit. */
static int
intake_take(void *arg, uint32_t stream, uint64_t seq,
    const struct message_bytes *body, uint64_t chain)
{
	struct engine *e = arg;
	struct taken *t;
	bool decoded;

	if (e->turn_rc < 0)
		return e->turn_rc;
	e->taken =
	    xgrow(e->taken, &e->taken_cap, e->taken_count, sizeof *e->taken);
	t = &e->taken[e->taken_count];
	decoded =
	    wire_get_event(e->turn, body->data, body->len, &t->event) == 0;
	e->turn_rc =
	    store_append(e->store, stream, seq, decoded ? &t->event : NULL,
	        body->data, body->len, chain, clock_utc_us());
	if (e->turn_rc < 0)
		return e->turn_rc;
	e->stored++;
	if (!decoded) {
		e->turn_undecoded++;
		return 0;
	}
	t->stream = stream;
	t->id = (struct race_id){ e->known[stream - 1].epoch, seq };
	e->taken_count++;
	return 0;
}

static int
intake_chain(void *arg, uint32_t stream, uint64_t seq, uint64_t *chain)
{
	struct engine *e = arg;

	return store_chain(e->store, stream, seq, chain);
}

static void
intake_conflict(void *arg, const char *name, const char *point, uint64_t seq,
    bool missing)
{
	(void)arg;
	if (missing)
		log_warnx("collector %s (%s): its outbox no longer holds event "
		          "%" PRIu64 ", which is missing here: refused; bring "
		          "the older outbox back, or keep this one and start "
		          "anew with another --outbox",
		    name, point, seq);
	else
		log_warnx("collector %s (%s): event %" PRIu64 " as stored is "
		          "not that of its outbox: refused; the outbox was "
		          "copied or restored: look which of the two is right",
		    name, point, seq);
}

static void
intake_ended(void *arg, uint32_t stream, const char *name, bool orderly)
{
	struct engine *e = arg;
	uint64_t count = e->known[stream - 1].entries;

	e->known[stream - 1].entries = 0;
	if (count == 0)
		return;
	if (orderly)
		log_info("operator %s: %" PRIu64 " entr%s changed", name, count,
		    count == 1 ? "y" : "ies");
	else
		log_warnx("operator %s: %" PRIu64 " entr%s changed, then not a "
		          "word: if that was not all, do the same again",
		    name, count, count == 1 ? "y" : "ies");
}

static const struct intake_ops intake_ops = { .send = intake_send,
	.take = intake_take,
	.open = intake_open,
	.chain = intake_chain,
	.conflict = intake_conflict,
	.ended = intake_ended };

/* ---- messages in ---- */

static void
on_intake(void *arg)
{
	struct engine *e = arg;
	struct hub_message in;
	struct message m;

	/* Repeats count: they have to be compared with what is stored. */
	for (size_t events = 0, i = 0;
	     i < TURN_MESSAGES && events < TURN_EVENTS; i++) {
		int64_t received_us;
		int rc;

		if (!hub_receive(e->hub, ENDPOINT_INTAKE, &in))
			return;
		received_us = clock_utc_us();
		wire_reset(e->message);
		rc = wire_get(e->message, in.data, in.len, &m);
		if (rc < 0) {
			intake_malformed(e->intake, in.peer, wire_why(rc),
			    rc == -EPROTO);
			continue;
		}
		if (m.type == MESSAGE_BATCH)
			events += m.batch.count;
		intake_receive(e->intake, in.peer, &m, clock_mono_us(),
		    received_us);
	}
}

static void
on_rankings(void *arg)
{
	struct engine *e = arg;
	struct hub_subscription s;

	for (int i = 0; i < TURN_SUBSCRIPTIONS; i++) {
		if (!hub_subscription(e->hub, &s))
			return;
		if (s.on)
			feed_subscribed(e->feed, s.topic, s.len);
	}
}

static void
refuse(struct engine *e, enum endpoint_port port, uint32_t peer,
    enum message_why why, const char *text)
{
	e->malformed++;
	send_to(e, port, peer,
	    &(struct message){ .type = MESSAGE_REFUSE,
	        .refuse = { .why = why, .text = text } });
}

typedef void (
    *answer_fn)(struct engine *e, uint32_t peer, const struct message *m);

/* Answers what has come, as long as collectors may wait for it. */
static void
answer_all(struct engine *e, enum endpoint_port port, answer_fn answer)
{
	int64_t end_us = clock_mono_us() + turn_requests_us;
	struct hub_message in;
	struct message m;

	for (int i = 0; i < TURN_REQUESTS && clock_mono_us() < end_us; i++) {
		int rc;

		if (!hub_receive(e->hub, port, &in))
			return;
		wire_reset(e->message);
		rc = wire_get(e->message, in.data, in.len, &m);
		if (rc == 0)
			answer(e, in.peer, &m);
		else
			refuse(e, port, in.peer,
			    rc == -EPROTO ? MESSAGE_WHY_VERSION
			                  : MESSAGE_WHY_MALFORMED,
			    wire_why(rc));
	}
}

static void
answer_display(struct engine *e, uint32_t peer, const struct message *m)
{
	struct message reply;

	if (m->type == MESSAGE_SNAPSHOT_REQUEST) {
		feed_snapshot(e->feed, &m->snapshot_request, &reply);
		send_to(e, ENDPOINT_SNAPSHOTS, peer, &reply);
	} else if (m->type == MESSAGE_RULES_REQUEST) {
		reply = (struct message){ .type = MESSAGE_RULES_REPLY,
			.rules_reply = { .request = m->rules_request.request,
			    .store = store_id(e->store),
			    .run = e->run,
			    .rules = e->shown,
			    .software = software } };
		send_to(e, ENDPOINT_SNAPSHOTS, peer, &reply);
	} else if (m->type == MESSAGE_LOG_REQUEST) {
		archive_answer(e->archive, &m->log_request, &reply);
		send_to(e, ENDPOINT_SNAPSHOTS, peer, &reply);
	} else if (m->type != MESSAGE_REFUSE) {
		refuse(e, ENDPOINT_SNAPSHOTS, peer, MESSAGE_WHY_MALFORMED,
		    "this port is for displays: ask for rules, snapshots or "
		    "the log");
	}
}

static void
on_snapshots(void *arg)
{
	answer_all(arg, ENDPOINT_SNAPSHOTS, answer_display);
}

/* False: it is not to be told. */
static bool
encode_status(struct engine *e, uint32_t request)
{
	struct message_season seasons[SEASONS_MAX];
	struct report_scene scene = {
		.store = e->store,
		.book = e->book,
		.intake = e->intake,
		.feed = e->feed,
		.health = e->health,
		.software = software,
		.trouble = e->trouble,
		.run = e->run,
		.started_us = e->started_us,
		.commits = e->commits,
		.undecoded = e->undecoded,
		.malformed = e->malformed + hub_malformed(e->hub),
		.misfits = e->misfits.conflicts,
		.seasons = seasons,
		.season_count = seasons_states(e->seasons, seasons),
		.now_us = clock_mono_us(),
		.now_utc_us = clock_utc_us(),
	};

	return report_put(&e->out, &scene, request) == 0;
}

static void
reply_status(struct engine *e, uint32_t peer, uint32_t request)
{
	if (encode_status(e, request))
		hub_send(e->hub, ENDPOINT_CONTROL, peer, e->out.data,
		    e->out.len);
}

static void
reply_unknown(struct engine *e, uint32_t peer, uint32_t request, uint32_t first)
{
	struct message m = { .type = MESSAGE_UNKNOWN_REPLY };
	struct race_unknown *all;
	size_t count = rank_unknowns(e->book->rank, &all);
	size_t from = first < count ? first : count;
	size_t n = count - from < UNKNOWN_PAGE ? count - from : UNKNOWN_PAGE;

	m.unknown_reply = (struct message_unknown_reply){ .request = request,
		.next = from + n < count ? (uint32_t)(from + n) : 0,
		.unknown = n > 0 ? all + from : NULL,
		.count = n };
	send_to(e, ENDPOINT_CONTROL, peer, &m);
	free(all);
}

/* What those say who bring events, by whichever port. */
static bool
is_uplink(enum message_type type)
{
	return type == MESSAGE_HELLO || type == MESSAGE_BATCH ||
	    type == MESSAGE_PING || type == MESSAGE_BYE ||
	    type == MESSAGE_REFUSE;
}

static void
answer_operator(struct engine *e, uint32_t peer, const struct message *m)
{
	if (m->type == MESSAGE_STATUS_REQUEST)
		reply_status(e, peer, m->status_request.request);
	else if (m->type == MESSAGE_UNKNOWN_REQUEST)
		reply_unknown(e, peer, m->unknown_request.request,
		    m->unknown_request.first);
	else if (is_uplink(m->type))
		intake_receive(e->intake, peer | INTAKE_OPERATOR, m,
		    clock_mono_us(), clock_utc_us());
	else
		refuse(e, ENDPOINT_CONTROL, peer, MESSAGE_WHY_MALFORMED,
		    "this port is for operators: ask for status or unknown "
		    "reads, or bring what has changed");
}

static void
on_control(void *arg)
{
	answer_all(arg, ENDPOINT_CONTROL, answer_operator);
}

/* ---- the end of a turn ---- */

static bool
may_wait(int rc)
{
	return rc == -ENOSPC || rc == -EBUSY;
}

static void
begin_trouble(struct engine *e, int rc, int64_t now_us)
{
	if (e->trouble[0] == '\0') {
		e->trouble_since_us = now_us;
		snprintf(e->trouble, sizeof e->trouble,
		    "%s: new crossings wait in the collectors",
		    rc == -ENOSPC ? "disk full"
		                  : "race.db is held by another program");
		log_warnx("%s/race.db: %s; tried again each second", e->dir,
		    e->trouble);
	}
	e->retry_at_us = now_us + second_us;
	store_rollback(e->store);
	intake_rolled_back(e->intake);
}

static void
end_with(struct engine *e, const char *why)
{
	log_warnx("%s: the aggregator ends here; start it again, what the "
	          "collectors have will come back",
	    why);
	e->status = 1;
	loop_stop(e->loop);
}

/* True if what was taken is durable. */
static bool
commit(struct engine *e, int64_t now_us)
{
	bool pending = store_pending(e->store);
	struct err err;
	int rc = e->turn_rc;

	if (rc == 0)
		rc = store_commit(e->store, &err);
	else
		err_errno(&err, rc, "%s/race.db: append", e->dir);
	if (rc == 0) {
		e->commits += pending;
		return true;
	}
	if (may_wait(rc))
		begin_trouble(e, rc, now_us);
	else
		end_with(e, err.text);
	return false;
}

static void
retry(struct engine *e, int64_t now_us)
{
	int rc = store_room(e->store);

	e->retry_at_us = now_us + second_us;
	if (rc == 0) {
		log_info("%s/race.db: room again after %" PRId64
		         " s: the collectors go on",
		    e->dir, (now_us - e->trouble_since_us) / second_us);
		e->trouble[0] = '\0';
		intake_recovered(e->intake);
	} else if (!may_wait(rc)) {
		struct err err;

		err_errno(&err, rc, "%s/race.db: write", e->dir);
		end_with(e, err.text);
	}
}

/* Bibs that are listed apart are no reads of their point. */
static void
count_crossing(struct engine *e, const struct taken *t, int64_t now_us)
{
	const struct race_crossing *c = &t->event.crossing;
	int point = -1;

	if ((c->flags & RACE_FLAG_LISTED) == 0)
		point = rules_reader(e->book->rules, c->point);
	intake_crossing(e->intake, t->id.stream, c->time_us);
	health_crossing(e->health, t->id.stream, point, now_us);
}

static bool
is_about_entry(const struct race_event *e)
{
	if (e->kind == RACE_DECISION)
		return e->decision->verb == RACE_SET_ENTRY ||
		    e->decision->verb == RACE_REMOVE_ENTRY;
	return e->kind == RACE_ENTRY || e->kind == RACE_ENTRY_GONE;
}

static void
apply_one(struct engine *e, const struct taken *t, int64_t now_us)
{
	book_apply(e->book, t->id, &t->event);
	if (t->event.kind == RACE_CROSSING)
		count_crossing(e, t, now_us);
	e->known[t->stream - 1].entries += is_about_entry(&t->event);
}

static void
apply_taken(struct engine *e, int64_t now_us)
{
	for (size_t i = 0; i < e->taken_count; i++)
		apply_one(e, &e->taken[i], now_us);
	e->undecoded += e->turn_undecoded;
}

static void
forget_turn(struct engine *e)
{
	e->taken_count = 0;
	e->stored = 0;
	e->turn_undecoded = 0;
	e->turn_rc = 0;
	wire_reset(e->turn);
}

static void
say_line(void *arg, bool warning, const char *line)
{
	(void)arg;
	if (warning)
		log_warnx("%s", line);
	else
		log_info("%s", line);
}

static void
tell_misfits(struct engine *e)
{
	struct rank_conflict all[RACE_POINTS_MAX];
	uint64_t joins = rank_joins(e->book->rank);

	if (joins == e->joins)
		return;
	e->joins = joins;
	for (size_t i = 0; i < e->book->rules->point_count; i++)
		rank_conflict(e->book->rank, i, &all[i]);
	misfits_look(&e->misfits, e->book->rules, all, say_line, NULL);
}

/* Of several the first is told, and how many there are: for free(). */
static char *
changed_since(struct engine *e)
{
	char *words = xstrdup("");
	size_t more = 0;

	for (size_t v = 0; v < e->book->rules->ranking_count; v++) {
		struct race_outlook o;
		char *longer;

		if (!book_changed_since(e->book, v))
			continue;
		if (words[0] != '\0') {
			more++;
			continue;
		}
		book_outlook(e->book, v, &o);
		longer = outlook_changed(e->book->rules->rankings[v].name, &o);
		free(words);
		words = longer;
	}
	if (more > 0) {
		char *longer = xasprintf("%s, as %zu other%s", words, more,
		    more == 1 ? " has" : "s have");

		free(words);
		words = longer;
	}
	return words;
}

static void
look_health(struct engine *e, int64_t now_us)
{
	char *published = changed_since(e);
	struct message_station *stations;
	size_t count = intake_stations(e->intake, &stations);
	const struct health_scene scene = {
		.stations = stations,
		.station_count = count,
		.rank = e->book->rank,
		.entries = roster_count(e->book->roster),
		.store = e->trouble,
		.misfits = e->misfits.trouble,
		.published = published,
		.season = seasons_trouble(e->seasons),
		.now_us = now_us,
		.now_utc_us = clock_utc_us(),
	};

	health_look(e->health, &scene, say_line, NULL);
	free(published);
}

static void
each_second(struct engine *e, int64_t now_us)
{
	e->second_at_us = now_us + second_us;
	intake_tick(e->intake, now_us);
	tell_misfits(e);
	look_health(e, now_us);
	if (feed_health(e->feed) && encode_status(e, 0))
		hub_publish(e->hub, FEED_HEALTH, e->out.data, e->out.len);
}

/* The gravest, so that every display shows that something is wrong.  The store
 * does not wait for the next second. */
static const char *
worst_trouble(const struct engine *e)
{
	const struct message_alarm *alarms;

	if (e->trouble[0] != '\0')
		return e->trouble;
	if (e->misfits.trouble[0] != '\0')
		return e->misfits.trouble;
	for (size_t n = health_alarms(e->health, &alarms); n > 0; n--, alarms++)
		/* Over since the last look. */
		if (alarms->kind != MESSAGE_ALARM_STORE &&
		    alarms->kind != MESSAGE_ALARM_MISFITS)
			return alarms->text;
	return "";
}

static void
turn_end(void *arg, int64_t now_us)
{
	struct engine *e = arg;
	bool stored = e->stored > 0;

	if (e->status != 0)
		return;
	if (!commit(e, now_us)) {
		forget_turn(e);
		if (e->status != 0)
			return;
	} else {
		/* Acknowledged at once: the ranking of it can wait. */
		intake_committed(e->intake);
		apply_taken(e, now_us);
		forget_turn(e);
		if (stored) {
			feed_commit(e->feed, clock_utc_us());
			seasons_commit(e->seasons);
			e->checkpoint_at_us = now_us + idle_us;
		}
	}
	if (e->trouble[0] != '\0' && now_us >= e->retry_at_us)
		retry(e, now_us);
	if (now_us >= e->second_at_us)
		each_second(e, now_us);
	if (seasons_turn(e->seasons, now_us))
		feed_commit(e->feed, clock_utc_us());
	feed_turn(e->feed, now_us, clock_utc_us(), store_log(e->store),
	    worst_trouble(e));
	if (now_us >= e->checkpoint_at_us) {
		store_idle(e->store);
		e->checkpoint_at_us = LOOP_NEVER;
	}
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
deadline(void *arg, int64_t now_us)
{
	struct engine *e = arg;
	int64_t at_us = feed_deadline(e->feed, now_us);

	at_us = sooner(at_us, e->second_at_us);
	at_us = sooner(at_us, seasons_deadline(e->seasons, now_us));
	at_us = sooner(at_us, e->checkpoint_at_us);
	if (e->trouble[0] != '\0')
		at_us = sooner(at_us, e->retry_at_us);
	return at_us;
}

static const struct loop_ops loop_ops = { .turn_end = turn_end,
	.deadline = deadline };

/* ---- the start ---- */

static int
know_stream(void *arg, const struct store_stream *st)
{
	struct engine *e = arg;

	remember(e, st);
	if (st->epoch != store_id(e->store))
		intake_known(e->intake, st->id, st->epoch, st->operators,
		    st->name, st->point, st->cursor, st->chain,
		    st->last_time_us);
	return 0;
}

static int
load(struct engine *e, const struct engine_race *race, struct err *err)
{
	struct feed_sources sources;
	int rc = folder_load(&e->book, &e->undecoded, e->store, race->rules,
	    race->roll, err);

	if (rc < 0)
		return rc;
	e->seasons = race->seasons;
	seasons_follow(e->seasons, e->book);
	e->shown = seasons_rules(e->seasons, e->book->rules);
	e->intake = intake_new(store_id(e->store), e->run, race->rules->title,
	    software, &intake_ops, e);
	store_streams(e->store, know_stream, e);
	sources.book = e->book;
	sources.tables = seasons_tables(e->seasons, &sources.table_count);
	e->feed = feed_new(store_id(e->store), e->run, &sources, &feed_ops, e);
	e->health = health_new(e->book->rules, software);
	e->archive = archive_new(e->store, e->run);
	return 0;
}

/*
 * The store before the ports: its lock tells best that another aggregator
 * serves this folder.  Collectors that come while the log is read wait in the
 * sockets.  Only of a race that has not begun the ports are first: nobody
 * serves it, and a start that fails on them is not to leave a race.db, which
 * says that it has.
 */
static int
open_doors(struct engine *e, const char *path, struct endpoint *where,
    struct err *err)
{
	bool begun = access(path, F_OK) == 0;
	int rc = begun ? 0 : hub_open(&e->hub, where, err);

	if (rc == 0)
		rc = store_open(&e->store, path, STORE_WRITE, err);
	if (rc == 0 && begun)
		rc = hub_open(&e->hub, where, err);
	return rc;
}

int
engine_open(struct engine **out, const struct engine_race *race,
    struct endpoint *where, struct err *err)
{
	struct engine *e = xcalloc(1, sizeof *e);
	char *path = xasprintf("%s/race.db", race->dir);
	int rc;

	e->dir = xstrdup(race->dir);
	e->run = files_random();
	e->started_us = clock_utc_us();
	e->checkpoint_at_us = LOOP_NOW;
	e->second_at_us = LOOP_NOW;
	e->message = wire_arena_new();
	e->turn = wire_arena_new();
	rc = open_doors(e, path, where, err);
	free(path);
	if (rc == 0)
		rc = loop_new(&e->loop, &loop_ops, e, err);
	if (rc == 0)
		rc = load(e, race, err);
	if (rc < 0) {
		engine_free(e);
		return rc;
	}
	e->where = *where;
	*out = e;
	return 0;
}

void
engine_free(struct engine *e)
{
	if (e == NULL)
		return;
	archive_free(e->archive);
	health_free(e->health);
	feed_free(e->feed);
	rules_free(e->shown);
	intake_free(e->intake);
	book_free(e->book);
	loop_free(e->loop);
	hub_free(e->hub);
	store_free(e->store);
	wire_arena_free(e->message);
	wire_arena_free(e->turn);
	wire_buffer_free(&e->out);
	free(e->taken);
	free(e->known);
	free(e->dir);
	free(e);
}

/* ---- serving ---- */

static void
listen_all(struct engine *e)
{
	loop_add_zmq(e->loop, hub_socket(e->hub, ENDPOINT_INTAKE), on_intake,
	    e);
	loop_add_zmq(e->loop, hub_socket(e->hub, ENDPOINT_RANKINGS),
	    on_rankings, e);
	loop_add_zmq(e->loop, hub_socket(e->hub, ENDPOINT_SNAPSHOTS),
	    on_snapshots, e);
	loop_add_zmq(e->loop, hub_socket(e->hub, ENDPOINT_CONTROL), on_control,
	    e);
}

static void
tell_ready(const struct engine *e)
{
	size_t entries = roster_count(e->book->roster);
	uint64_t events = store_log(e->store);
	int base = e->where.base;

	log_info("%s: %zu entr%s, %" PRIu64 " event%s in race.db; %s: "
	         "collectors at port %d, rankings %d, snapshots %d, operators "
	         "%d",
	    e->book->rules->title, entries, entries == 1 ? "y" : "ies", events,
	    events == 1 ? "" : "s", e->where.host, base, base + 1, base + 2,
	    base + 3);
}

int
engine_run(struct engine *e)
{
	char *path = xasprintf("%s/endpoint", e->dir);
	struct err err;
	int rc;

	rc = endpoint_write(&e->where, e->dir, &err);
	if (rc < 0) {
		log_warnx("%s", err.text);
		free(path);
		return 1;
	}
	listen_all(e);
	tell_ready(e);
	rc = loop_run(e->loop);
	if (e->status == 0 && rc >= 0)
		intake_end(e->intake);
	/* The lock is still ours, so nobody else has written it. */
	if (unlink(path) < 0 && errno != ENOENT)
		log_warn("remove %s", path);
	free(path);
	return rc < 0 ? 1 : e->status;
}
