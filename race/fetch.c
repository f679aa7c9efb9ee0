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
	bool alone;  /* the roster alone, no ranking */
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

/* false: there is none. */
static bool
choose_ranking(struct fetch *f, const struct race_rules *rules)
{
	int i = rules->ranking_count > 0 ? 0 : -1;

	if (f->job->ranking != NULL)
		i = rules_ranking(rules, f->job->ranking);
	if (i < 0)
		return false;
	f->ranking = i;
	f->board = follow_view(f->follow, rules->rankings[i].name);
	return true;
}

static void
choose(struct fetch *f, const struct race_rules *rules, int64_t now_us)
{
	const struct fetch_job *job = f->job;

	if (job->store != 0 && follow_store(f->follow) != job->store) {
		stop(f, -ESTALE);
		return;
	}
	if (served_check(follow_peer(f->follow), rules->title, job->title,
	        NULL) < 0) {
		stop(f, -ESTALE);
		return;
	}
	if (!f->alone && !choose_ranking(f, rules)) {
		stop(f, -ENOENT);
		return;
	}
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
	if (f->roster == NULL && rules != NULL) {
		choose(f, rules, now_us);
		if (f->roster != NULL)
			follow_turn(f->follow, now_us);
	} else if (f->roster != NULL && is_live(f->roster, now_us) &&
	    (f->alone || is_live(f->board, now_us))) {
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

/* Why nothing came, in words. */
static void
explain(const struct fetch *f, struct err *err)
{
	const char *peer = follow_peer(f->follow);

	if (f->rc == -ESTALE && f->job->title != NULL)
		served_check(peer, follow_rules(f->follow)->title,
		    f->job->title, err);
	else if (f->rc == -ESTALE)
		err_set(err, f->rc, "the aggregator at %s holds another race",
		    peer);
	else if (f->rc == -ETIMEDOUT)
		served_silent(peer, f->job->aggregator, f->job->race, err);
}

/* Until what was asked for is there: 0, or why not. */
static int
run(struct fetch *f, struct err *err)
{
	if (loop_run(f->loop) != 0)
		f->rc = err_set(err, -EINTR, "interrupted");
	if (f->complete)
		return 0;
	explain(f, err);
	return f->rc;
}

static int
begin(struct fetch *f, struct err *err)
{
	static const struct loop_ops ops = {
		.turn_end = on_turn,
		.deadline = on_deadline,
	};
	int rc = loop_new(&f->loop, &ops, f, err);

	if (rc < 0)
		return rc;
	f->until_us = clock_mono_us() + f->job->patience_us;
	rc = follow_new(&f->follow, f->loop, f->job->aggregator, f->job->race,
	    FOLLOW_TICK, err);
	if (rc < 0)
		loop_free(f->loop);
	return rc;
}

static void
end(struct fetch *f)
{
	follow_free(f->follow);
	loop_free(f->loop);
}

int
fetch_ranking(const struct fetch_job *job, fetch_fn fn, void *arg, char **words,
    struct err *err)
{
	struct fetch f = { .job = job, .ranking = -1 };
	int rc = begin(&f, err);

	if (rc < 0)
		return rc;
	rc = run(&f, err);
	if (rc == 0)
		rc = fn(arg, follow_rules(f.follow), (size_t)f.ranking,
		    replica_board(f.board), replica_roster(f.roster));
	else if (rc == -ENOENT)
		*words = choice_ranking(follow_rules(f.follow),
		    job->ranking != NULL ? job->ranking : "");
	end(&f);
	return rc;
}

int
fetch_roster(const struct fetch_job *job, fetch_roster_fn fn, void *arg,
    struct err *err)
{
	struct fetch f = { .job = job, .alone = true, .ranking = -1 };
	int rc = begin(&f, err);

	if (rc < 0)
		return rc;
	rc = run(&f, err);
	if (rc == 0)
		rc = fn(arg, replica_roster(f.roster));
	end(&f);
	return rc;
}
