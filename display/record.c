#include "display/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/loop.h"
#include "common/number.h"
#include "common/status.h"
#include "common/xalloc.h"
#include "race/follow_zmq.h"
#include "race/recorder.h"
#include "race/served.h"

static const int64_t second_us = 1000000;
static const int64_t patience_us = 10000000; /* of --once */

struct record {
	const struct record_job *job;
	struct recorder *to;
	struct loop *loop;
	struct follow *follow;
	struct status *line; /* NULL: no terminal */
	bool begun;          /* it is known whose log it is */
	int exit;
	uint64_t added;
	int64_t oldest_us; /* of what is not synced; LOOP_NEVER: all is */
	int64_t synced_us;
	int64_t retry_us; /* the disk is full: tried again then */
	int64_t full_us;  /* ... since */
	int64_t give_up_us;
	/* For the rate: how many a while ago. */
	int64_t then_us;
	uint64_t then;
	uint64_t a_second;
};

/* ---- what may go wrong ---- */

static void
end_with(struct record *r, int status, const char *why)
{
	log_warnx("%s", why);
	r->exit = status;
	loop_stop(r->loop);
}

/* What does not fit waits where it comes from. */
static void
begin_full(struct record *r, const char *why)
{
	int64_t now_us = clock_mono_us();

	if (r->retry_us == LOOP_NEVER) {
		log_warnx("%s: tried again each second; what is missing waits "
		          "in the aggregator",
		    why);
		r->full_us = now_us;
	}
	r->retry_us = now_us + second_us;
}

static void
fail(struct record *r, int rc, const char *why)
{
	if (recording_full(rc))
		begin_full(r, why);
	else
		end_with(r, rc == -ESTALE ? RECORD_STALE : RECORD_FAILED, why);
}

/* ---- the log ---- */

static uint64_t
after(void *arg)
{
	const struct record *r = arg;

	return recorder_after(r->to);
}

static void
stale(void *arg, const struct message_log_reply *reply)
{
	struct record *r = arg;
	struct recorder_facts facts;
	char have[32];
	char theirs[32];
	char *why;

	recorder_facts(r->to, &facts);
	if (reply->store != facts.store)
		why = xasprintf("%s: the aggregator at %s has the log of "
		                "another race: name another file",
		    r->job->file, follow_peer(r->follow));
	else
		why =
		    xasprintf("%s has event %s, and the log of the "
		              "aggregator at %s ends with %s: was its race.db "
		              "set back to an older copy? Name another file",
		        r->job->file, number_grouped(have, facts.seen),
		        follow_peer(r->follow),
		        number_grouped(theirs, reply->log));
	end_with(r, RECORD_STALE, why);
	free(why);
}

static const struct message_log_stream *
stream_of(const struct message_log_reply *reply, uint64_t stream)
{
	for (size_t i = 0; i < reply->stream_count; i++)
		if (reply->streams[i].stream == stream)
			return &reply->streams[i];
	return NULL;
}

static int
take_event(struct record *r, const struct message_log_reply *reply,
    const struct message_log_event *e, struct err *err)
{
	const struct message_log_stream *st = stream_of(reply, e->id.stream);
	struct recording_record rec = {
		.log = e->log,
		.id = e->id,
		.stream_name = st != NULL ? st->name : "",
		.received_us = e->received_us,
		.event = e->len > 0 ? e->body : (const uint8_t *)"",
		.len = e->len,
		.chain = e->chain,
	};
	bool station =
	    e->id.stream != reply->store && (st == NULL || !st->operators);

	return recorder_take(r->to, &rec, station, err);
}

static int
take(void *arg, const struct message_log_reply *reply, size_t first,
    size_t count)
{
	struct record *r = arg;
	struct recorder_facts facts;
	struct err err;

	recorder_facts(r->to, &facts);
	if (reply->store != facts.store) {
		stale(r, reply);
		return -ESTALE;
	}
	for (size_t i = first; i < first + count; i++) {
		int rc = take_event(r, reply, &reply->events[i], &err);

		if (rc < 0) {
			fail(r, rc, err.text);
			return rc;
		}
		r->added += (uint64_t)rc;
		if (rc > 0 && r->oldest_us == LOOP_NEVER)
			r->oldest_us = clock_mono_us();
	}
	return 0;
}

static const struct follow_log_ops log_ops = { after, take, stale };

/* ---- the file ---- */

static void
sync_now(struct record *r)
{
	struct err err;
	int rc = recorder_sync(r->to, &err);

	if (rc < 0) {
		fail(r, rc, err.text);
		return;
	}
	r->synced_us = clock_mono_us();
	r->oldest_us = LOOP_NEVER;
	if (r->retry_us == LOOP_NEVER)
		return;
	r->retry_us = LOOP_NEVER;
	log_info("%s: room again after %" PRId64 " s", r->job->file,
	    (r->synced_us - r->full_us) / second_us);
	if (r->begun)
		follow_log_on(r->follow);
}

static bool
sync_due(const struct record *r, int64_t now_us)
{
	struct recorder_facts facts;

	if (r->retry_us != LOOP_NEVER)
		return now_us >= r->retry_us;
	if (r->oldest_us == LOOP_NEVER)
		return false;
	recorder_facts(r->to, &facts);
	return now_us - r->oldest_us >= r->job->sync_us ||
	    facts.waiting >= r->job->sync_bytes;
}

static void
tell_begun(const struct record *r, const char *title)
{
	struct recorder_facts facts;
	char number[32];

	recorder_facts(r->to, &facts);
	if (facts.last > 0)
		log_info("%s: %s, from %s; goes on behind event %s",
		    r->job->file, title, follow_peer(r->follow),
		    number_grouped(number, facts.last));
	else
		log_info("%s: %s, from %s", r->job->file, title,
		    follow_peer(r->follow));
}

/* Now it is known whose log it is. */
static void
begin(struct record *r)
{
	const struct race_rules *rules = follow_rules(r->follow);
	const struct recording_header header = {
		.store = follow_store(r->follow),
		.race = rules->title,
		.software = PALMARES_VERSION,
	};
	char *ours = r->job->named ? NULL : served_title(r->job->race);
	struct err err;
	int rc = served_check(follow_peer(r->follow), rules->title, ours, &err);

	free(ours);
	if (rc == 0)
		rc = recorder_begin(r->to, &header, &err);
	if (rc < 0) {
		fail(r, rc, err.text);
		return;
	}
	r->begun = true;
	tell_begun(r, rules->title);
	follow_log(r->follow, &log_ops, r);
}

/* ---- the line on a terminal ---- */

static uint64_t
missing(const struct record *r, const struct recorder_facts *facts)
{
	uint64_t end = r->begun ? follow_log_end(r->follow) : 0;

	return end > facts->seen ? end - facts->seen : 0;
}

static void
measure(struct record *r, int64_t now_us)
{
	int64_t us = now_us - r->then_us;

	if (us < second_us)
		return;
	r->a_second = (r->added - r->then) * (uint64_t)second_us / (uint64_t)us;
	r->then = r->added;
	r->then_us = now_us;
}

static void
show(struct record *r, int64_t now_us)
{
	struct recorder_facts facts;
	char events[32];
	char rate[32];
	char behind[32];
	char state[400];
	char text[600];

	measure(r, now_us);
	recorder_facts(r->to, &facts);
	if (r->retry_us != LOOP_NEVER)
		snprintf(state, sizeof state, "no room for %" PRId64 " s",
		    (now_us - r->full_us) / second_us);
	else if (!follow_live(r->follow))
		snprintf(state, sizeof state, "waiting for %s",
		    follow_peer(r->follow));
	else if (r->oldest_us == LOOP_NEVER)
		snprintf(state, sizeof state, "synced");
	else
		snprintf(state, sizeof state, "synced %.1f s ago",
		    (double)(now_us - r->synced_us) / (double)second_us);
	snprintf(text, sizeof text, "%s events  %s/s  %s missing  %.1f MiB  %s",
	    number_grouped(events, facts.events),
	    number_grouped(rate, r->a_second),
	    number_grouped(behind, missing(r, &facts)),
	    (double)facts.size / (1024 * 1024), state);
	status_show(r->line, now_us, text);
}

/* ---- turns ---- */

/* With --once. */
static void
look_whether_done(struct record *r, int64_t now_us)
{
	struct recorder_facts facts;
	struct err err;

	recorder_facts(r->to, &facts);
	if (r->begun && r->retry_us == LOOP_NEVER &&
	    follow_log_done(r->follow) && missing(r, &facts) == 0) {
		loop_stop(r->loop);
		return;
	}
	if (follow_live(r->follow) || now_us < r->give_up_us)
		return;
	served_silent(follow_peer(r->follow), r->job->aggregator, r->job->race,
	    &err);
	end_with(r, RECORD_FAILED, err.text);
}

static void
turn_end(void *arg, int64_t now_us)
{
	struct record *r = arg;

	if (r->exit != 0)
		return;
	if (follow_live(r->follow))
		r->give_up_us = now_us + patience_us;
	if (r->begun && sync_due(r, now_us))
		sync_now(r);
	else if (!r->begun && follow_rules(r->follow) != NULL &&
	    (r->retry_us == LOOP_NEVER || now_us >= r->retry_us))
		begin(r);
	if (r->exit == 0 && r->job->once)
		look_whether_done(r, now_us);
	follow_turn(r->follow, now_us);
	if (r->line != NULL && status_due(r->line, now_us))
		show(r, now_us);
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
deadline(void *arg, int64_t now_us)
{
	const struct record *r = arg;
	int64_t at_us = follow_deadline(r->follow, now_us);

	at_us = sooner(at_us, r->retry_us);
	if (r->oldest_us != LOOP_NEVER && r->retry_us == LOOP_NEVER)
		at_us = sooner(at_us, r->oldest_us + r->job->sync_us);
	if (r->job->once)
		at_us = sooner(at_us, r->give_up_us);
	if (r->line != NULL)
		at_us = sooner(at_us, status_deadline(r->line));
	return at_us;
}

static const struct loop_ops loop_ops = { .turn_end = turn_end,
	.deadline = deadline };

/* ---- life ---- */

/* A file that cannot be made is told before anybody is waited for. */
static int
check_folder(const struct record *r, struct err *err)
{
	struct recorder_facts facts;
	char *folder = xstrdup(r->job->file);
	char *slash = strrchr(folder, '/');
	int rc = 0;

	if (slash != NULL)
		slash[slash == folder ? 1 : 0] = '\0';
	recorder_facts(r->to, &facts);
	if (facts.store == 0 && access(slash != NULL ? folder : ".", W_OK) < 0)
		rc = err_errno(err, -errno, "make %s", r->job->file);
	free(folder);
	return rc;
}

static int
open_all(struct record *r, struct err *err)
{
	const struct record_job *job = r->job;
	int rc = recorder_open(&r->to, job->file, job->from, err);

	if (rc == 0)
		rc = check_folder(r, err);
	if (rc == 0)
		rc = loop_new(&r->loop, &loop_ops, r, err);
	if (rc == 0)
		rc = follow_new(&r->follow, r->loop, job->aggregator, job->race,
		    FOLLOW_TICK, err);
	return rc;
}

static void
end(struct record *r)
{
	struct recorder_facts facts;
	struct err err;
	char events[32];
	char added[32];

	/* What was taken before is good, whatever ended it. */
	if (recorder_sync(r->to, &err) < 0 && r->exit == 0) {
		log_warnx("%s: the end is not written; start again, and it "
		          "goes on where it is",
		    err.text);
		r->exit = RECORD_FAILED;
	}
	recorder_facts(r->to, &facts);
	if (r->begun)
		log_info("%s: %s events, %s added", r->job->file,
		    number_grouped(events, facts.events),
		    number_grouped(added, r->added));
}

int
record_run(const struct record_job *job)
{
	int64_t now_us = clock_mono_us();
	struct record r = { .job = job,
		.oldest_us = LOOP_NEVER,
		.retry_us = LOOP_NEVER,
		.synced_us = now_us,
		.then_us = now_us,
		.give_up_us = now_us + patience_us };
	struct err err;
	int rc = open_all(&r, &err);

	if (rc < 0)
		log_fatal(RECORD_FAILED, "%s", err.text);
	r.line = status_new("palmares-record");
	rc = loop_run(r.loop);
	status_free(r.line);
	if (rc < 0)
		r.exit = RECORD_FAILED;
	end(&r);
	follow_free(r.follow);
	loop_free(r.loop);
	recorder_free(r.to);
	return r.exit;
}
