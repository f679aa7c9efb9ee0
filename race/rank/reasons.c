/*
 * reasons - of each read of a bib, whether it counts, and why not.
 */
#include <stdlib.h>

#include "common/xalloc.h"
#include "race/rank/core.h"

/* Of whom is asked, and what has been found so far. */
struct inquiry {
	struct rank *r;
	uint32_t bib;   /* the node */
	uint32_t slot;  /* who has or had it, NONE: nobody ever */
	bool is_there;  /* has it */
	int64_t gun_us; /* or his own start */
	struct rank_read *reads;
	size_t cap;
	size_t count;
};

static struct rank_read *
add(struct inquiry *q, uint32_t i, enum rank_why why)
{
	const struct read *read = &q->r->id.reads[i];
	struct rank_read *out;

	q->reads = xgrow(q->reads, &q->cap, q->count, sizeof *q->reads);
	out = &q->reads[q->count++];
	*out = (struct rank_read){
		.id = read->id,
		.point = read->point == POINT_UNKNOWN ? -1 : read->point,
		.time_us = read->time_us,
		.bound_us = identity_bound(q->r, i),
		.why = why,
		.backup = (read->flags & READ_BACKUP) != 0,
		.added = (read->flags & READ_ADDED) != 0,
	};
	return out;
}

/* ---- his own ---- */

static bool
is_near(const struct rank *r, const struct read *a, const struct read *b)
{
	int64_t gap_us = r->rules->points[a->point].gap_us;
	int64_t span_us = a->time_us - b->time_us;

	return gap_us > 0 && span_us <= gap_us && -span_us <= gap_us;
}

/* Of a read that does not count at the start; what counts there was not set. */
static enum rank_why
why_not_at_start(const struct inquiry *q, const struct read *read,
    const struct read *best)
{
	if (read->time_us > people_first_elsewhere(q->r, q->slot))
		return RANK_UNDER_WAY;
	if (best != NULL && is_near(q->r, read, best))
		return RANK_REPEAT;
	return RANK_NOT_LAST;
}

static enum rank_why
why_not_elsewhere(const struct inquiry *q, const struct read *read,
    const struct read *best)
{
	int timely = people_timely(q->r, q->gun_us, read);

	if (timely != 0)
		return timely < 0 ? RANK_TOO_EARLY : RANK_TOO_LATE;
	if (best != NULL && is_near(q->r, read, best))
		return RANK_REPEAT;
	return RANK_NOT_FIRST;
}

static void
explain(struct inquiry *q, uint32_t i)
{
	const struct rank *r = q->r;
	const struct read *read = &r->id.reads[i];
	uint32_t counting = r->counting[q->slot * r->points + read->point];
	const struct read *best =
	    counting == NONE ? NULL : &r->id.reads[counting];
	struct rank_read *out;

	if (counting == i) {
		add(q, i,
		    (read->flags & READ_SET) != 0 ? RANK_SET : RANK_COUNTS);
		return;
	}
	out = add(q, i, RANK_OVERRULED);
	if (best != NULL)
		out->by = best->id;
	if (best != NULL && (best->flags & READ_SET) != 0)
		return;
	if (people_is_start(r, read->point)) {
		out->why = people_admits(r, read)
		    ? why_not_at_start(q, read, best)
		    : RANK_BACKUP;
		return;
	}
	out->why = why_not_elsewhere(q, read, best);
	if (out->why != RANK_TOO_EARLY && out->why != RANK_TOO_LATE &&
	    !people_admits(r, read))
		out->why = RANK_BACKUP;
}

static void
explain_his_own(struct inquiry *q)
{
	struct identity_walk w;

	people_mains(q->r, q->slot, q->gun_us);
	for (uint32_t i = identity_first(q->r, &w, q->slot); i != NONE;
	     i = identity_next(q->r, &w))
		explain(q, i);
}

/* ---- those that are not ---- */

static bool
claims(const struct inquiry *q, uint32_t node)
{
	const struct identity *id = &q->r->id;

	if (q->slot == NONE)
		return false;
	for (uint32_t i = q->r->runners[q->slot].claims; i != NONE;
	     i = id->claims[i].next_of_runner)
		if (id->claims[i].node == node)
			return true;
	return false;
}

static bool
owns(const struct inquiry *q, uint32_t node)
{
	return q->is_there && q->r->id.nodes[node].owner == q->slot;
}

/* Whether somebody has said that a read is the bib's. */
static bool
concerns(const struct inquiry *q, const struct note *n)
{
	return n->named == q->bib || n->bib == q->bib ||
	    (n->fill_seq > 0 && n->filled == q->bib) || claims(q, n->named);
}

/* A read of which something special is said; of all others the nodes tell. */
static void
explain_noted(struct inquiry *q, const struct note *n)
{
	const struct read *read = &q->r->id.reads[n->read];
	bool linked = identity_is_linked(read);

	/* A line of a list is no read, and a read that has not come none yet.
	 */
	if ((read->flags & READ_ARRIVED) == 0 ||
	    (read->flags & READ_LISTED) != 0 || !concerns(q, n))
		return;
	/* Told with its node. */
	if (linked && (n->node == q->bib || claims(q, n->node)))
		return;
	if (!linked && (read->flags & READ_VOIDED) != 0)
		add(q, n->read, RANK_VOIDED);
	else if (!linked)
		add(q, n->read, RANK_VOIDED_BY_OPERATOR);
	else if (read->point == POINT_UNKNOWN)
		add(q, n->read, RANK_NOWHERE);
	else
		add(q, n->read, RANK_NOT_OURS);
}

static void
explain_node(struct inquiry *q, uint32_t node)
{
	const struct identity *id = &q->r->id;

	if (owns(q, node))
		return;
	for (uint32_t i = id->nodes[node].reads; i != NONE;
	     i = id->reads[i].next)
		add(q, i, RANK_NOT_OURS);
}

static void
explain_others(struct inquiry *q)
{
	const struct identity *id = &q->r->id;

	explain_node(q, q->bib);
	if (q->slot != NONE)
		for (uint32_t i = q->r->runners[q->slot].claims; i != NONE;
		     i = id->claims[i].next_of_runner)
			explain_node(q, id->claims[i].node);
	for (size_t i = 0; i < id->notes_count; i++)
		explain_noted(q, &id->notes[i]);
}

/* ---- the calls ---- */

static int
by_time_and_name(const void *a, const void *b)
{
	const struct rank_read *x = a;
	const struct rank_read *y = b;

	if (x->time_us != y->time_us)
		return x->time_us < y->time_us ? -1 : 1;
	if (x->id.stream != y->id.stream)
		return x->id.stream < y->id.stream ? -1 : 1;
	return (x->id.seq > y->id.seq) - (x->id.seq < y->id.seq);
}

/* False: no crossing has ever named the bib, and nobody has it. */
static bool
begin(struct inquiry *q, struct rank *r, const char *bib)
{
	uint32_t node = strmap_get(r->id.names[RACE_UNKNOWN_BIB], bib);
	struct facts f;

	rank_settle(r);
	if (node == STRMAP_NONE)
		return false;
	*q = (struct inquiry){
		.r = r,
		.bib = node,
		.slot = r->id.nodes[node].runner,
		.is_there = r->id.nodes[node].owner != NONE,
	};
	if (q->slot == NONE)
		return true;
	people_facts(r, q->slot, &f);
	q->gun_us = f.gun_us;
	return true;
}

size_t
rank_reads(struct rank *r, const char *bib, struct rank_read **out)
{
	struct inquiry q;

	*out = NULL;
	if (!begin(&q, r, bib))
		return 0;
	if (q.is_there)
		explain_his_own(&q);
	explain_others(&q);
	if (q.count > 0)
		qsort(q.reads, q.count, sizeof *q.reads, by_time_and_name);
	*out = q.reads;
	return q.count;
}

size_t
rank_own_reads(struct rank *r, const char *bib, struct rank_read **out)
{
	struct inquiry q;

	*out = NULL;
	if (!begin(&q, r, bib) || !q.is_there)
		return 0;
	explain_his_own(&q);
	if (q.count > 0)
		qsort(q.reads, q.count, sizeof *q.reads, by_time_and_name);
	*out = q.reads;
	return q.count;
}

bool
rank_start(struct rank *r, const char *bib, struct rank_start *out)
{
	const struct runner *runner;
	struct inquiry q;
	struct facts f;

	if (!begin(&q, r, bib) || !q.is_there)
		return false;
	runner = &r->runners[q.slot];
	people_facts(r, q.slot, &f);
	*out = (struct rank_start){
		.wave = runner->wave == WAVE_UNKNOWN ? -1 : runner->wave,
		.inferred = (runner->flags & RUNNER_INFERS) != 0 &&
		    people_infer(r, q.slot) >= 0,
		.own = people_own_start(r, q.slot),
		.gun_us = f.gun_us,
		.crossed_us = f.start_us,
		.status = f.status,
		.penalty_us = f.penalty_us,
	};
	return true;
}

bool
rank_find(struct rank *r, struct race_id id, struct rank_crossing *out)
{
	const struct identity *all = &r->id;
	const struct node *node;
	const struct read *read;
	uint32_t i;

	rank_settle(r);
	i = identity_find(r, id);
	if (i == NONE)
		return false;
	read = &all->reads[i];
	node = &all->nodes[identity_node_of(all, read)];
	*out = (struct rank_crossing){
		.point = read->point == POINT_UNKNOWN ? -1 : read->point,
		.time_us = read->time_us,
		.bib = "",
		.under = node->kind == RACE_UNKNOWN_BIB ||
		        node->kind == RACE_UNKNOWN_CHIP
		    ? node->text
		    : "",
		.voided = (read->flags & (READ_VOIDED | READ_DISMISSED)) != 0,
		.dismissed = (read->flags & READ_DISMISSED) != 0,
		.listed = (read->flags & READ_LISTED) != 0,
	};
	if (node->owner != NONE)
		out->bib = r->runners[node->owner].bib;
	return true;
}
