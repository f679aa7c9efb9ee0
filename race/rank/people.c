#include <stdlib.h>

#include "common/xalloc.h"
#include "race/rank/core.h"

uint32_t
people_new(struct rank *r, uint32_t node)
{
	size_t slot = r->runners_count++;
	size_t n = r->runners_count;

	r->runners =
	    xgrow(r->runners, &r->runners_cap, slot, sizeof *r->runners);
	r->counting = xgrow(r->counting, &r->counting_cap, n * r->points,
	    sizeof *r->counting);
	r->cells = xgrow(r->cells, &r->cells_cap, n * r->runner_views,
	    sizeof *r->cells);
	r->shares = xgrow(r->shares, &r->shares_cap, n * r->team_views,
	    sizeof *r->shares);
	r->runners[slot] = (struct runner){
		.bib = r->id.nodes[node].text,
		.settled_gun = RACE_NO_TIME,
		.settled_team = NONE,
		.node = node,
		.claims = NONE,
		.team = NONE,
	};
	for (size_t i = 0; i < r->points; i++)
		r->counting[slot * r->points + i] = NONE;
	for (size_t i = 0; i < r->runner_views; i++)
		r->cells[slot * r->runner_views + i] = (struct cell){ 0 };
	for (size_t i = 0; i < r->team_views; i++)
		r->shares[slot * r->team_views + i] =
		    (struct share){ .elapsed_us = -1 };
	return (uint32_t)slot;
}

void
people_queue(struct rank *r, uint32_t slot, uint8_t why)
{
	struct runner *runner = &r->runners[slot];

	runner->flags |= why;
	if ((runner->flags & RUNNER_QUEUED) != 0)
		return;
	runner->flags |= RUNNER_QUEUED;
	rank_list(&r->queued, slot);
}

/* ---- which reads count ---- */

static int64_t
gun_of(const struct rank *r, const struct runner *runner)
{
	if (runner->wave == WAVE_UNKNOWN)
		return RACE_NO_TIME;
	return r->guns[runner->wave].gun_us;
}

static bool
is_start(const struct rank *r, uint8_t point)
{
	return r->has_start && point == 0;
}

/* Whether a read away from the start is late enough to count. */
static bool
is_late_enough(const struct rank *r, int64_t gun_us, const struct read *read)
{
	return gun_us == RACE_NO_TIME ||
	    read->time_us >= gun_us + r->rules->points[read->point].min_us;
}

/* When somebody first counts away from the start; INT64_MAX: not yet. */
static int64_t
first_elsewhere(const struct rank *r, const uint32_t *counting)
{
	int64_t first = INT64_MAX;

	for (size_t p = 1; p < r->points; p++)
		if (counting[p] != NONE &&
		    r->id.reads[counting[p]].time_us < first)
			first = r->id.reads[counting[p]].time_us;
	return first;
}

static uint32_t
decide_start(const struct rank *r, uint32_t slot, const uint32_t *counting)
{
	const struct read *reads = r->id.reads;
	int64_t first = first_elsewhere(r, counting);
	uint32_t last = NONE;
	struct identity_walk w;

	for (uint32_t i = identity_first(r, &w, slot); i != NONE;
	     i = identity_next(r, &w))
		if (is_start(r, reads[i].point) && reads[i].time_us <= first &&
		    (last == NONE || identity_before(&reads[last], &reads[i])))
			last = i;
	return last;
}

void
people_recount(struct rank *r, uint32_t slot)
{
	const struct read *reads = r->id.reads;
	struct runner *runner = &r->runners[slot];
	uint32_t *counting = r->counting + slot * r->points;
	int64_t gun_us = gun_of(r, runner);
	uint32_t best[RACE_POINTS_MAX];
	struct identity_walk w;

	for (size_t p = 0; p < r->points; p++)
		best[p] = NONE;
	for (uint32_t i = identity_first(r, &w, slot); i != NONE;
	     i = identity_next(r, &w)) {
		uint8_t p = reads[i].point;

		if (!is_start(r, p) && is_late_enough(r, gun_us, &reads[i]) &&
		    (best[p] == NONE ||
		        identity_before(&reads[i], &reads[best[p]])))
			best[p] = i;
	}
	if (r->has_start)
		best[0] = decide_start(r, slot, best);
	for (size_t p = 0; p < r->points; p++) {
		if (counting[p] != best[p])
			runner->flags |= RUNNER_MOVED;
		counting[p] = best[p];
	}
}

static void
read_start(struct rank *r, uint32_t slot, uint32_t read)
{
	const struct read *reads = r->id.reads;
	uint32_t *counting = r->counting + slot * r->points;

	if (reads[read].time_us > first_elsewhere(r, counting))
		return;
	if (counting[0] != NONE &&
	    identity_before(&reads[read], &reads[counting[0]]))
		return;
	counting[0] = read;
	people_queue(r, slot, RUNNER_MOVED);
}

/* One more read of a runner: decides again what it can change. */
void
people_read(struct rank *r, uint32_t slot, uint32_t read)
{
	const struct read *reads = r->id.reads;
	const struct read *new = &reads[read];
	const struct runner *runner = &r->runners[slot];
	uint32_t *counting = r->counting + slot * r->points;
	uint32_t now = counting[new->point];

	if ((runner->flags & RUNNER_RECOUNT) != 0)
		return;
	if (is_start(r, new->point)) {
		read_start(r, slot, read);
		return;
	}
	if (!is_late_enough(r, gun_of(r, runner), new) ||
	    (now != NONE && !identity_before(new, &reads[now])))
		return;
	counting[new->point] = read;
	/* What counted at the start may now be after it. */
	if (r->has_start && counting[0] != NONE &&
	    reads[counting[0]].time_us > new->time_us)
		counting[0] = decide_start(r, slot, counting);
	people_queue(r, slot, RUNNER_MOVED);
}

/* ---- what follows ---- */

void
people_facts(const struct rank *r, uint32_t slot, struct facts *out)
{
	const struct runner *runner = &r->runners[slot];
	const struct race_point *points = r->rules->points;
	const uint32_t *counting = r->counting + slot * r->points;

	*out = (struct facts){
		.gun_us = gun_of(r, runner),
		.start_us = RACE_NO_TIME,
		.time_us = RACE_NO_TIME,
		.point = -1,
		.status = (enum race_status)runner->status,
	};
	for (size_t p = 0; p < r->points; p++)
		if (counting[p] != NONE &&
		    (out->point < 0 ||
		        points[p].metres >= points[out->point].metres))
			out->point = (int)p;
	if (out->point >= 0)
		out->time_us = r->id.reads[counting[out->point]].time_us;
	if (r->has_start && counting[0] != NONE)
		out->start_us = r->id.reads[counting[0]].time_us;
	/* No read is no proof of anything: a mat fails, a race has begun. */
	if (out->status != RACE_STATUS_NONE || out->point < 0)
		return;
	if (counting[r->points - 1] != NONE)
		out->status = RACE_FINISHED;
	else
		out->status = RACE_RUNNING;
}

/* Since the start that counts; -1: no read there, or no gun. */
int64_t
people_elapsed(const struct rank *r, uint32_t slot, const struct facts *f,
    enum race_by by, int point)
{
	uint32_t read;
	int64_t since = f->gun_us;
	int64_t elapsed;

	if (point < 0 || since == RACE_NO_TIME)
		return -1;
	read = r->counting[slot * r->points + (size_t)point];
	if (read == NONE)
		return -1;
	if (by == RACE_BY_NET && f->start_us != RACE_NO_TIME &&
	    f->start_us > since)
		since = f->start_us;
	elapsed = r->id.reads[read].time_us - since;
	/* Over the start line before the gun. */
	return elapsed > 0 ? elapsed : 0;
}

/* Where a ranking looks at a runner. */
static int
point_of(const struct race_ranking *rule, const struct facts *f)
{
	if (rule->at == RACE_LIVE || rule->by == RACE_BY_KM)
		return f->point;
	return rule->at;
}

static bool
is_eligible(enum race_status status, bool km)
{
	switch (status) {
	case RACE_FINISHED:
	case RACE_RUNNING:
		return true;
	case RACE_DNF:
	case RACE_OTL:
		return km;
	case RACE_STATUS_NONE:
	case RACE_DNS:
	case RACE_DSQ:
	case RACE_NC:
		break;
	}
	return false;
}

static enum race_group
group_unplaced(enum race_status status)
{
	switch (status) {
	case RACE_FINISHED:
	case RACE_RUNNING:
		break;
	case RACE_STATUS_NONE:
	case RACE_DNS:
		return RACE_GROUP_DNS;
	case RACE_DNF:
		return RACE_GROUP_DNF;
	case RACE_DSQ:
		return RACE_GROUP_DSQ;
	case RACE_OTL:
		return RACE_GROUP_OTL;
	case RACE_NC:
		return RACE_GROUP_NC;
	}
	return RACE_GROUP_RUNNING;
}

/* The time that decides: with `ties: time`, the one shown. */
static int64_t
decisive(const struct race_ranking *rule, int64_t elapsed_us)
{
	const int64_t second = 1000000;

	if (rule->ties != RACE_TIES_TIME || rule->round != RACE_ROUND_UP_SECOND)
		return elapsed_us;
	return (elapsed_us + second - 1) / second * second;
}

static uint32_t
metres_of(const struct rank *r, const struct facts *f)
{
	return f->point < 0 ? 0 : r->rules->points[f->point].metres;
}

/* Those on their way: further first, then who was there first. */
static void
key_running(const struct rank *r, const struct race_ranking *rule,
    uint32_t slot, const struct facts *f, struct race_key *out)
{
	int64_t elapsed = people_elapsed(r, slot, f, rule->by, f->point);

	out->key[0] = -(int64_t)metres_of(r, f);
	out->key[1] = INT64_MAX;
	if (elapsed >= 0)
		out->key[1] = elapsed;
	else if (f->point >= 0)
		/* No gun: by the clock, which is behind all that are timed. */
		out->key[1] = f->time_us;
}

void
people_key(const struct rank *r, const struct race_ranking *rule, uint32_t slot,
    const struct facts *f, struct race_key *out)
{
	int point = point_of(rule, f);
	int64_t elapsed = people_elapsed(r, slot, f, rule->by, point);
	int64_t *key = out->key;

	*out = (struct race_key){ 0 };
	if (elapsed < 0 || !is_eligible(f->status, rule->by == RACE_BY_KM)) {
		out->group = (uint8_t)group_unplaced(f->status);
		if (out->group == RACE_GROUP_RUNNING)
			key_running(r, rule, slot, f, out);
		return;
	}
	out->group = RACE_GROUP_PLACED;
	if (rule->at == RACE_LIVE || rule->by == RACE_BY_KM)
		*key++ = -(int64_t)metres_of(r, f);
	*key = decisive(rule, elapsed);
	if (rule->ties == RACE_TIES_ORDER)
		out->tie =
		    r->id.reads[r->counting[slot * r->points + (size_t)point]]
		        .id;
}

void
people_share(const struct rank *r, const struct race_ranking *rule,
    uint32_t slot, const struct facts *f, struct share *out)
{
	bool km = rule->score == RACE_SCORE_KM;
	int point = km ? f->point : point_of(rule, f);
	int64_t elapsed = people_elapsed(r, slot, f, rule->by, point);

	*out = (struct share){ .elapsed_us = -1 };
	out->finisher = f->status == RACE_FINISHED;
	if (!is_eligible(f->status, km))
		return;
	if (!km) {
		out->elapsed_us = elapsed;
		return;
	}
	out->metres = metres_of(r, f);
	/* Who has run is counted, with or without a gun. */
	if (out->metres > 0)
		out->elapsed_us = elapsed > 0 ? elapsed : 0;
}

/* How far off elapsed_us may be, and by which clock that is. */
static void
put_clock(const struct rank *r, const struct race_ranking *rule, uint32_t slot,
    const struct facts *f, struct race_row *out)
{
	const uint32_t *counting = r->counting + slot * r->points;
	uint32_t read;

	out->bound_us = 0;
	out->clock = 0;
	if (out->elapsed_us < 0)
		return;
	read = counting[point_of(rule, f)];
	out->bound_us = identity_bound(r, read);
	if ((r->id.reads[read].flags & READ_LAPTOP) != 0)
		out->clock = r->id.reads[read].id.stream;
	/* From a start that somebody has stamped as well. */
	if (rule->by == RACE_BY_NET && f->start_us > f->gun_us &&
	    counting[0] != read)
		out->bound_us += identity_bound(r, counting[0]);
	/* What anybody claims, and what every edge takes. */
	if (out->bound_us > RACE_TIME_MAX)
		out->bound_us = RACE_TIME_MAX;
}

void
people_row(const struct rank *r, const struct race_ranking *rule, uint32_t slot,
    int64_t *splits, struct race_row *out)
{
	struct facts f;

	people_facts(r, slot, &f);
	for (size_t p = 0; p < r->points; p++)
		splits[p] = people_elapsed(r, slot, &f, rule->by, (int)p);
	out->status = f.status;
	out->elapsed_us =
	    people_elapsed(r, slot, &f, rule->by, point_of(rule, &f));
	out->metres = metres_of(r, &f);
	out->point = f.point;
	out->splits = splits;
	out->split_count = r->points;
	out->counted = 0;
	out->finishers = 0;
	put_clock(r, rule, slot, &f, out);
}
