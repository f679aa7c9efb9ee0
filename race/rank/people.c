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
		.special = NONE,
	};
	for (size_t i = 0; i < r->points; i++)
		r->counting[slot * r->points + i] = NONE;
	for (size_t i = 0; i < r->runner_views; i++)
		r->cells[slot * r->runner_views + i] = (struct cell){ 0 };
	for (size_t i = 0; i < r->team_views; i++)
		r->shares[slot * r->team_views + i] =
		    (struct share){ .score = -1 };
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

/* ---- what is said of few ---- */

struct special *
people_special(struct rank *r, uint32_t slot)
{
	struct runner *runner = &r->runners[slot];

	if (runner->special == NONE) {
		size_t i = r->specials_count++;

		r->specials = xgrow(r->specials, &r->specials_cap, i,
		    sizeof *r->specials);
		r->specials[i] = (struct special){ .start_us = 0 };
		runner->special = (uint32_t)i;
	}
	return &r->specials[runner->special];
}

/* 0: he has none. */
static int64_t
own_start(const struct rank *r, const struct runner *runner)
{
	const struct special *special;

	if (runner->special == NONE)
		return 0;
	special = &r->specials[runner->special];
	return special->said.start_us != 0 ? special->said.start_us
	                                   : special->start_us;
}

bool
people_own_start(const struct rank *r, uint32_t slot)
{
	return own_start(r, &r->runners[slot]) != 0;
}

enum race_status
people_status(const struct rank *r, uint32_t slot)
{
	const struct runner *runner = &r->runners[slot];

	if (runner->special != NONE &&
	    r->specials[runner->special].said.status != RACE_STATUS_NONE)
		return r->specials[runner->special].said.status;
	return (enum race_status)runner->status;
}

/* ---- which reads count ---- */

static int64_t
gun_of(const struct rank *r, const struct runner *runner)
{
	int64_t own = own_start(r, runner);

	if (own != 0)
		return own;
	if (runner->wave == WAVE_UNKNOWN)
		return RACE_NO_TIME;
	return r->guns[runner->wave];
}

bool
people_is_start(const struct rank *r, uint8_t point)
{
	return r->has_start && point == 0;
}

int
people_timely(const struct rank *r, int64_t gun_us, const struct read *read)
{
	const struct race_point *point = &r->rules->points[read->point];

	if (gun_us == RACE_NO_TIME)
		return 0;
	if (read->time_us < gun_us + point->min_us)
		return -1;
	return point->max_us > 0 && read->time_us > gun_us + point->max_us;
}

static bool
is_set(const struct read *read)
{
	return (read->flags & READ_SET) != 0;
}

/* ---- second readers ---- */

static int
by_point_and_time(const void *a, const void *b)
{
	const struct main_read *x = a;
	const struct main_read *y = b;

	if (x->point != y->point)
		return x->point < y->point ? -1 : 1;
	return (x->time_us > y->time_us) - (x->time_us < y->time_us);
}

/* Notes the reads that keep those of second readers out. */
void
people_mains(struct rank *r, uint32_t slot, int64_t gun_us)
{
	const struct read *reads = r->id.reads;
	bool backup = false;
	struct identity_walk w;

	r->mains_count = 0;
	if (r->backed == 0)
		return;
	for (uint32_t i = identity_first(r, &w, slot); i != NONE;
	     i = identity_next(r, &w)) {
		uint8_t p = reads[i].point;

		if ((reads[i].flags & READ_BACKUP) != 0) {
			backup = true;
			continue;
		}
		if ((r->backed >> p & 1) == 0 ||
		    (!people_is_start(r, p) &&
		        people_timely(r, gun_us, &reads[i]) != 0))
			continue;
		r->mains = xgrow(r->mains, &r->mains_cap, r->mains_count,
		    sizeof *r->mains);
		r->mains[r->mains_count++] =
		    (struct main_read){ reads[i].time_us, p };
	}
	if (backup && r->mains_count > 0)
		qsort(r->mains, r->mains_count, sizeof *r->mains,
		    by_point_and_time);
}

/* Of the runner whose main reads were noted: false if the point's own reader
 * had him when its second one did. */
bool
people_admits(const struct rank *r, const struct read *read)
{
	int64_t tolerance_us;
	struct main_read first;
	size_t low = 0;
	size_t high = r->mains_count;

	if ((read->flags & READ_BACKUP) == 0)
		return true;
	tolerance_us = r->rules->points[read->point].tolerance_us;
	first = (struct main_read){ read->time_us - tolerance_us, read->point };
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_point_and_time(&r->mains[middle], &first) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low == r->mains_count || r->mains[low].point != read->point ||
	    r->mains[low].time_us > read->time_us + tolerance_us;
}

/* ---- the start ---- */

/* When somebody first counts away from the start; INT64_MAX: not yet. */
static int64_t
first_counting(const struct rank *r, const uint32_t *counting)
{
	int64_t first = INT64_MAX;

	for (size_t p = 1; p < r->points; p++)
		if (counting[p] != NONE &&
		    r->id.reads[counting[p]].time_us < first)
			first = r->id.reads[counting[p]].time_us;
	return first;
}

int64_t
people_first_elsewhere(const struct rank *r, uint32_t slot)
{
	return first_counting(r, r->counting + slot * r->points);
}

/* Whether a read at the start is to be taken before the one that is best so
 * far: the last one, but what was set in any case. */
static bool
starts_better(const struct rank *r, uint32_t i, uint32_t best)
{
	const struct read *reads = r->id.reads;

	if (best == NONE)
		return true;
	if (is_set(&reads[i]) != is_set(&reads[best]))
		return is_set(&reads[i]);
	if (is_set(&reads[i]))
		return identity_before(&reads[i], &reads[best]);
	return identity_before(&reads[best], &reads[i]);
}

/* The main reads are noted. */
static uint32_t
decide_start(const struct rank *r, uint32_t slot, const uint32_t *counting)
{
	const struct read *reads = r->id.reads;
	int64_t first = first_counting(r, counting);
	uint32_t best = NONE;
	struct identity_walk w;

	for (uint32_t i = identity_first(r, &w, slot); i != NONE;
	     i = identity_next(r, &w))
		if (people_is_start(r, reads[i].point) &&
		    (is_set(&reads[i]) ||
		        (reads[i].time_us <= first &&
		            people_admits(r, &reads[i]))) &&
		    starts_better(r, i, best))
			best = i;
	return best;
}

/* The wave in whose window that is, of several the one that began last; -1:
 * none. */
static int
wave_at(const struct rank *r, int64_t time_us)
{
	int best = -1;

	for (size_t i = 0; i < r->rules->wave_count; i++) {
		int64_t gun_us = r->guns[i];

		if (gun_us != RACE_NO_TIME && gun_us <= time_us &&
		    time_us < gun_us + r->rules->waves[i].window_us &&
		    (best < 0 || gun_us > r->guns[best]))
			best = (int)i;
	}
	return best;
}

/* When he was first read elsewhere at a time that counts in that wave (-1: in
 * the first one, where he is until he starts); INT64_MAX: never. */
static int64_t
first_away(const struct rank *r, uint32_t slot, int wave)
{
	const struct read *reads = r->id.reads;
	int64_t gun_us = own_start(r, &r->runners[slot]);
	int64_t first = INT64_MAX;
	struct identity_walk w;

	if (gun_us == 0)
		gun_us = r->guns[wave < 0 ? 0 : wave];
	for (uint32_t i = identity_first(r, &w, slot); i != NONE;
	     i = identity_next(r, &w))
		if (!people_is_start(r, reads[i].point) &&
		    reads[i].time_us < first &&
		    (is_set(&reads[i]) ||
		        people_timely(r, gun_us, &reads[i]) == 0))
			first = reads[i].time_us;
	return first;
}

/* The first start from from_us on that puts him into another wave.  Whoever was
 * read elsewhere, by the gun of either, was under way already: a course may
 * come past the start.  NONE: there is none. */
static uint32_t
next_start(const struct rank *r, uint32_t slot, int wave, int64_t from_us)
{
	const struct read *reads = r->id.reads;
	int64_t away_us = first_away(r, slot, wave);
	int64_t there_us = INT64_MAX;
	int there = wave;
	uint32_t best = NONE;
	struct identity_walk w;

	for (uint32_t i = identity_first(r, &w, slot); i != NONE;
	     i = identity_next(r, &w)) {
		int64_t us = reads[i].time_us;
		int found;

		if (!people_is_start(r, reads[i].point) || us < from_us ||
		    us > away_us || !people_admits(r, &reads[i]) ||
		    (best != NONE && !identity_before(&reads[i], &reads[best])))
			continue;
		found = wave_at(r, us);
		if (found < 0 || found == wave)
			continue;
		/* Who stands on the mat has many reads in one wave. */
		if (found != there)
			there_us = first_away(r, slot, found);
		there = found;
		if (us <= there_us)
			best = i;
	}
	return best;
}

/* What an operator has set at the start, NONE: nothing. */
static uint32_t
start_set(const struct rank *r, uint32_t slot)
{
	const struct read *reads = r->id.reads;
	uint32_t best = NONE;
	struct identity_walk w;

	for (uint32_t i = identity_first(r, &w, slot); i != NONE;
	     i = identity_next(r, &w))
		if (people_is_start(r, reads[i].point) && is_set(&reads[i]) &&
		    starts_better(r, i, best))
			best = i;
	return best;
}

int
people_infer(struct rank *r, uint32_t slot)
{
	uint32_t i = start_set(r, slot);
	int64_t from_us = INT64_MIN;
	int wave = -1;

	if (i != NONE)
		return wave_at(r, r->id.reads[i].time_us);
	/* At the start nothing is too early or too late: no gun is needed. */
	people_mains(r, slot, RACE_NO_TIME);
	while ((i = next_start(r, slot, wave, from_us)) != NONE) {
		from_us = r->id.reads[i].time_us;
		wave = wave_at(r, from_us);
	}
	return wave;
}

/* Puts him into the wave that he has started in, else into the first. */
static void
find_wave(struct rank *r, uint32_t slot)
{
	struct runner *runner = &r->runners[slot];
	int found = people_infer(r, slot);
	uint16_t wave = found < 0 ? 0 : (uint16_t)found;
	uint64_t views =
	    r->specials[runner->special].views & r->wave_views[wave];

	runner->wave = wave;
	if (runner->views != views)
		rank_move(r, slot, views, runner->team);
}

/* ---- the other points ---- */

/* Away from the start. */
static bool
counts_better(const struct rank *r, uint32_t i, uint32_t best)
{
	const struct read *reads = r->id.reads;

	if (best == NONE)
		return true;
	if (is_set(&reads[i]) != is_set(&reads[best]))
		return is_set(&reads[i]);
	return identity_before(&reads[i], &reads[best]);
}

void
people_recount(struct rank *r, uint32_t slot)
{
	const struct read *reads = r->id.reads;
	struct runner *runner = &r->runners[slot];
	uint32_t *counting = r->counting + slot * r->points;
	uint32_t best[RACE_POINTS_MAX];
	int64_t gun_us;
	struct identity_walk w;

	if ((runner->flags & RUNNER_INFERS) != 0)
		find_wave(r, slot);
	gun_us = gun_of(r, runner);
	people_mains(r, slot, gun_us);
	for (size_t p = 0; p < r->points; p++)
		best[p] = NONE;
	for (uint32_t i = identity_first(r, &w, slot); i != NONE;
	     i = identity_next(r, &w)) {
		uint8_t p = reads[i].point;

		if (!people_is_start(r, p) &&
		    (is_set(&reads[i]) ||
		        (people_timely(r, gun_us, &reads[i]) == 0 &&
		            people_admits(r, &reads[i]))) &&
		    counts_better(r, i, best[p]))
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

	if (reads[read].time_us > first_counting(r, counting) ||
	    !starts_better(r, read, counting[0]))
		return;
	counting[0] = read;
	people_queue(r, slot, RUNNER_MOVED);
}

/* One more crossing of a runner: decides again what it can change. */
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
	/* It may change the wave, or keep others out. */
	if ((runner->flags & RUNNER_INFERS) != 0 ||
	    (r->entangled >> new->point & 1) != 0) {
		people_queue(r, slot, RUNNER_RECOUNT);
		return;
	}
	if (people_is_start(r, new->point)) {
		read_start(r, slot, read);
		return;
	}
	if (people_timely(r, gun_of(r, runner), new) != 0 ||
	    !counts_better(r, read, now))
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
		.status = people_status(r, slot),
	};
	if (runner->special != NONE)
		out->penalty_us = r->specials[runner->special].said.penalty_us;
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

/* What is ranked: with the penalty, which is for the whole race. */
static int64_t
score_at(const struct rank *r, uint32_t slot, const struct facts *f,
    enum race_by by, int point)
{
	int64_t elapsed = people_elapsed(r, slot, f, by, point);

	if (f->penalty_us == 0 || elapsed < 0 || point != (int)r->points - 1)
		return elapsed;
	elapsed += f->penalty_us;
	if (elapsed > RACE_TIME_MAX)
		return RACE_TIME_MAX;
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

int64_t
people_decisive(const struct race_ranking *rule, int64_t elapsed_us)
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
	int64_t elapsed = score_at(r, slot, f, rule->by, f->point);

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
	int64_t elapsed = score_at(r, slot, f, rule->by, point);
	size_t used = 0;

	*out = (struct race_key){ 0 };
	if (elapsed < 0 || !is_eligible(f->status, rule->by == RACE_BY_KM)) {
		out->group = (uint8_t)group_unplaced(f->status);
		if (out->group == RACE_GROUP_RUNNING)
			key_running(r, rule, slot, f, out);
		return;
	}
	out->group = RACE_GROUP_PLACED;
	if (rule->at == RACE_LIVE || rule->by == RACE_BY_KM)
		out->key[used++] = -(int64_t)metres_of(r, f);
	out->key[used] = people_decisive(rule, elapsed);
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
	int64_t elapsed = score_at(r, slot, f, rule->by, point);

	*out = (struct share){
		.score = -1,
		.sex = r->runners[slot].sex,
		.finisher = f->status == RACE_FINISHED,
		.able = f->status == RACE_STATUS_NONE ||
		    is_eligible(f->status, false),
	};
	if (rule->score == RACE_SCORE_PLACES || !is_eligible(f->status, km))
		return;
	if (!km) {
		out->score = elapsed;
		return;
	}
	out->metres = metres_of(r, f);
	/* Who has run is counted, with or without a gun. */
	if (out->metres > 0)
		out->score = elapsed > 0 ? elapsed : 0;
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
	out->elapsed_us = score_at(r, slot, &f, rule->by, point_of(rule, &f));
	out->metres = metres_of(r, &f);
	out->point = f.point;
	out->splits = splits;
	out->split_count = r->points;
	out->counted = 0;
	out->finishers = 0;
	out->women = 0;
	out->men = 0;
	out->places = 0;
	put_clock(r, rule, slot, &f, out);
}
