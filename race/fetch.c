#include "race/fetch.h"

#include <errno.h>

#include "common/clock.h"
#include "common/loop.h"
#include "race/choice.h"
#include "race/follow_zmq.h"
#include "race/rules.h"
#include "race/served.h"

/* A snapshot of a big race on a bad link, once somebody answers at all. */
#define SNAPSHOT_US INT64_C(60000000)

struct fetch {
	const struct fetch_job *job;
	struct loop *loop;
	struct follow *follow;
	struct replica *board;
	struct replica *roster;
	int64_t until_us;
	int ranking; /* -1 until the rules have come */
	int rc;      /* why it ended without a ranking */
	bool complete;
};

static void
stop(struct fetch *f, int rc)
{
	f->rc = rc;
	loop_stop(f->loop);
}

static void
choose(struct fetch *f, const struct race_rules *rules, int64_t now_us)
{
	const struct fetch_job *job = f->job;
	int i = rules->ranking_count > 0 ? 0 : -1;

	if (job->store != 0 && follow_store(f->follow) != job->store) {
		stop(f, -ESTALE);
		return;
	}
	if (served_check(follow_peer(f->follow), rules->title, job->title,
	        NULL) < 0) {
		stop(f, -ESTALE);
		return;
	}
	if (job->ranking != NULL)
		i = rules_ranking(rules, job->ranking);
	if (i < 0) {
		stop(f, -ENOENT);
		return;
	}
	f->ranking = i;
	f->board = follow_view(f->follow, rules->rankings[i].name);
	f->roster = follow_view(f->follow, MESSAGE_ROSTER);
	f->until_us = now_us + SNAPSHOT_US;
}

static bool
is_live(const struct replica *r, int64_t now_us)
{
	return replica_state(r, now_us) == REPLICA_LIVE;
}

static void
on_turn(void *arg, int64_t now_us)
{
	struct fetch *f = arg;
	const struct race_rules *rules;

	follow_turn(f->follow, now_us);
	rules = follow_rules(f->follow);
	if (f->ranking < 0 && rules != NULL) {
		choose(f, rules, now_us);
		if (f->ranking >= 0)
			follow_turn(f->follow, now_us);
	} else if (f->ranking >= 0 && is_live(f->board, now_us) &&
	    is_live(f->roster, now_us)) {
		f->complete = true;
		loop_stop(f->loop);
	} else if (now_us >= f->until_us) {
		stop(f, -ETIMEDOUT);
	}
}

static int64_t
on_deadline(void *arg, int64_t now_us)
{
	const struct fetch *f = arg;
	int64_t due = follow_deadline(f->follow, now_us);

	return due < f->until_us ? due : f->until_us;
}

static int
result(struct fetch *f, fetch_fn fn, void *arg, char **words, struct err *err)
{
	const struct race_rules *rules = follow_rules(f->follow);

	if (f->complete)
		return fn(arg, rules, (size_t)f->ranking,
		    replica_board(f->board), replica_roster(f->roster));
	if (f->rc == -ENOENT)
		*words = choice_ranking(rules,
		    f->job->ranking != NULL ? f->job->ranking : "");
	else if (f->rc == -ESTALE && f->job->title != NULL)
		served_check(follow_peer(f->follow), rules->title,
		    f->job->title, err);
	else if (f->rc == -ESTALE)
		err_set(err, f->rc, "the aggregator at %s holds another race",
		    follow_peer(f->follow));
	else if (f->rc == -ETIMEDOUT)
		err_set(err, f->rc,
		    "no aggregator answers at %s (is it running?)",
		    follow_peer(f->follow));
	return f->rc;
}

int
fetch_ranking(const struct fetch_job *job, fetch_fn fn, void *arg, char **words,
    struct err *err)
{
	static const struct loop_ops ops = {
		.turn_end = on_turn,
		.deadline = on_deadline,
	};
	struct fetch f = { .job = job, .ranking = -1 };
	int rc = loop_new(&f.loop, &ops, &f, err);

	if (rc < 0)
		return rc;
	f.until_us = clock_mono_us() + job->patience_us;
	rc = follow_new(&f.follow, f.loop, job->aggregator, job->race,
	    FOLLOW_TICK, err);
	if (rc == 0) {
		if (loop_run(f.loop) != 0)
			f.rc = err_set(err, -EINTR, "interrupted");
		rc = result(&f, fn, arg, words, err);
		follow_free(f.follow);
	}
	loop_free(f.loop);
	return rc;
}
