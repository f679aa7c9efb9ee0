#include "collector/replay_pace.h"

#include <stdlib.h>

#include "common/xalloc.h"

enum {
	OPERATORS_MAX = 64,
	EXPECTED_MAX = 32,    /* streams that are told of before they begin */
	EXPECTED_AHEAD = 5000 /* events */
};

static const int64_t soon_us = 1000000;

struct way {
	uint64_t released;
	uint64_t acked;
	unsigned cut; /* by so many faults */
};

struct pace {
	const struct tape *tape;
	const struct faults *faults;
	double speed;
	const struct pace_ops *ops;
	void *arg;
	struct way *ways; /* by stream */
	size_t next;      /* event */
	size_t edge;      /* the next one of a fault */
	const int64_t *stops;
	size_t stop_count;
	size_t stop;       /* the next one */
	size_t looked;     /* up to this event for streams that begin soon, */
	unsigned expected; /* ... so many of which have not begun */
	bool hailed;       /* the first one was told of, for nothing goes yet */
	uint64_t waiting;
	unsigned operators; /* streams of theirs that are under way */
	bool going;
	unsigned steps; /* asked for, while it stands */
	bool jumping;
	int64_t jump_us;
	int64_t clock_us; /* of the recording, at */
	int64_t at_us;
};

struct pace *
pace_new(const struct tape *tape, const struct faults *faults, double speed,
    const struct pace_ops *ops, void *arg)
{
	struct pace *p = xcalloc(1, sizeof *p);

	p->tape = tape;
	p->faults = faults;
	p->speed = speed;
	p->ops = ops;
	p->arg = arg;
	p->ways = xcalloc(tape->stream_count + 1, sizeof *p->ways);
	if (tape->count > 0)
		p->clock_us = tape->events[0].received_us;
	if (tape->begin_us > p->clock_us)
		p->clock_us = tape->begin_us;
	return p;
}

void
pace_free(struct pace *p)
{
	if (p == NULL)
		return;
	free(p->ways);
	free(p);
}

/* ---- the clock ---- */

void
pace_stops(struct pace *p, const int64_t *at_us, size_t count)
{
	p->stops = at_us;
	p->stop_count = count;
}

static int64_t
stop_us(const struct pace *p)
{
	return p->stop < p->stop_count ? p->stops[p->stop] : INT64_MAX;
}

/* No further than where it is to stand. */
static int64_t
clock_at(const struct pace *p, int64_t now_us)
{
	int64_t us;

	if (!p->going || p->jumping || p->clock_us >= stop_us(p))
		return p->clock_us;
	us = p->clock_us + (int64_t)((double)(now_us - p->at_us) * p->speed);
	return us < stop_us(p) ? us : stop_us(p);
}

static void
set_clock(struct pace *p, int64_t now_us)
{
	p->clock_us = clock_at(p, now_us);
	p->at_us = now_us;
}

void
pace_go(struct pace *p, bool go, int64_t now_us)
{
	set_clock(p, now_us);
	p->going = go;
	p->jumping &= go;
	p->steps = 0;
}

void
pace_step(struct pace *p)
{
	p->steps += !p->going;
}

void
pace_speed(struct pace *p, double speed, int64_t now_us)
{
	set_clock(p, now_us);
	p->speed = speed;
}

void
pace_jump(struct pace *p, int64_t to_us, int64_t now_us)
{
	set_clock(p, now_us);
	p->jumping = true;
	p->jump_us = to_us;
}

/* ---- what comes next ---- */

enum next { NEXT_EVENT, NEXT_EDGE, NEXT_NOTHING };

/* A fault begins and ends before the first event that was received at that time
 * or later, also where the aggregator's clock was set back behind it.  But the
 * very first event goes: somebody has to be there for the clock to go. */
static enum next
what_is_next(const struct pace *p)
{
	const struct tape *t = p->tape;

	if (p->edge < p->faults->edge_count && p->next > 0 &&
	    (p->next == t->count ||
	        t->events[p->next].received_us >=
	            p->faults->edges[p->edge].at_us))
		return NEXT_EDGE;
	return p->next < t->count ? NEXT_EVENT : NEXT_NOTHING;
}

static int64_t
next_us(const struct pace *p)
{
	return what_is_next(p) == NEXT_EDGE
	    ? p->faults->edges[p->edge].at_us
	    : p->tape->events[p->next].received_us;
}

/* The next event. */
static bool
is_held(const struct pace *p)
{
	const struct tape_event *e = &p->tape->events[p->next];

	return p->next < p->tape->count && p->ways[e->stream].acked >= e->seq;
}

/* There is something next. */
static bool
is_due(const struct pace *p, int64_t now_us)
{
	if ((p->going || p->jumping) && is_held(p))
		return true;
	if (next_us(p) > stop_us(p))
		return false;
	if (p->jumping)
		return next_us(p) <= p->jump_us;
	if (!p->going)
		return p->steps > 0 || (p->next == 0 && !p->hailed);
	return p->speed <= 0 || next_us(p) <= clock_at(p, now_us);
}

/* ---- what is under way ---- */

static uint64_t
way_waiting(const struct way *w)
{
	if (w->cut > 0 || w->released <= w->acked)
		return 0;
	return w->released - w->acked;
}

/* w has changed, and so has what was waiting of it. */
static void
count(struct pace *p, uint32_t stream, uint64_t before)
{
	uint64_t after = way_waiting(&p->ways[stream]);

	p->waiting += after - before;
	if (!p->tape->streams[stream].operators)
		return;
	p->operators += (after > 0);
	p->operators -= (before > 0);
}

void
pace_acked(struct pace *p, uint32_t stream, uint64_t seq)
{
	struct way *w = &p->ways[stream];
	uint64_t before = way_waiting(w);

	w->acked = seq;
	count(p, stream, before);
}

bool
pace_is_cut(const struct pace *p, uint32_t stream)
{
	return p->ways[stream].cut > 0;
}

static bool
edge_may_go(const struct pace *p)
{
	return p->faults->edges[p->edge].begins || p->waiting == 0;
}

static bool
event_may_go(const struct pace *p)
{
	const struct tape *t = p->tape;
	uint32_t stream = t->events[p->next].stream;
	bool operators = t->streams[stream].operators;
	uint32_t last;

	if (p->next == 0 || p->waiting == 0)
		return true;
	last = t->events[p->next - 1].stream;
	if (operators != t->streams[last].operators)
		return false;
	return !operators || p->operators < OPERATORS_MAX ||
	    way_waiting(&p->ways[stream]) > 0;
}

/* There is something next. */
static bool
may_go(const struct pace *p)
{
	return what_is_next(p) == NEXT_EDGE ? edge_may_go(p) : event_may_go(p);
}

static bool
begins_operators(const struct pace *p, size_t i)
{
	const struct tape_event *e = &p->tape->events[i];

	return e->seq == 1 && p->tape->streams[e->stream].operators;
}

static bool
is_soon(const struct pace *p, size_t i, int64_t now_us)
{
	int64_t soon_is_us =
	    p->jumping ? p->jump_us : clock_at(p, now_us + soon_us);

	return i < p->tape->count && i < p->next + EXPECTED_AHEAD &&
	    ((p->speed <= 0 && !p->jumping) ||
	        p->tape->events[i].received_us <= soon_is_us);
}

static void
look_ahead(struct pace *p, int64_t now_us)
{
	if (!p->going && !p->jumping)
		return;
	if (p->looked < p->next)
		p->looked = p->next;
	while (p->expected < EXPECTED_MAX && is_soon(p, p->looked, now_us)) {
		size_t i = p->looked++;

		if (!begins_operators(p, i))
			continue;
		p->expected++;
		p->ops->expect(p->arg, p->tape->events[i].stream);
	}
}

/* Where nothing goes by the clock, the clock goes by what went. */
static void
advance(struct pace *p, int64_t us)
{
	if ((p->steps > 0 || p->jumping || p->speed <= 0) && us > p->clock_us)
		p->clock_us = us;
}

/* It was there already, so its time is over. */
static void
skip_to(struct pace *p, int64_t us, int64_t now_us)
{
	set_clock(p, now_us);
	if (us > p->clock_us)
		p->clock_us = us;
	while (stop_us(p) < us)
		p->stop++;
}

static void
release_next(struct pace *p, int64_t now_us)
{
	bool held = is_held(p);
	size_t i = p->next++;
	const struct tape_event *e = &p->tape->events[i];
	struct way *w = &p->ways[e->stream];
	uint64_t before = way_waiting(w);

	if (held)
		skip_to(p, e->received_us, now_us);
	p->expected -= i < p->looked && begins_operators(p, i);
	w->released = e->seq;
	count(p, e->stream, before);
	advance(p, e->received_us);
	p->steps -= p->steps > 0;
	p->ops->release(p->arg, e->stream, e->seq);
}

static void
pass_edge(struct pace *p)
{
	const struct fault_edge *edge = &p->faults->edges[p->edge++];
	const struct fault *f = &p->faults->faults[edge->fault];

	for (size_t i = 0; i < f->stream_count; i++) {
		struct way *w = &p->ways[f->streams[i]];
		uint64_t before = way_waiting(w);

		if (edge->begins)
			w->cut++;
		else
			w->cut--;
		count(p, f->streams[i], before);
	}
	advance(p, edge->at_us);
	p->ops->fault(p->arg, f, edge->begins);
}

/* There is something next. */
static bool
is_at_stop(const struct pace *p, int64_t now_us)
{
	if (p->waiting > 0 || next_us(p) <= stop_us(p))
		return false;
	return p->jumping ? p->jump_us >= stop_us(p)
	    : !p->going   ? p->steps > 0
	                  : p->speed <= 0 || clock_at(p, now_us) >= stop_us(p);
}

static void
stand(struct pace *p, int64_t now_us)
{
	int64_t us = p->stops[p->stop++];

	if (us > p->clock_us)
		p->clock_us = us;
	p->at_us = now_us;
	p->going = false;
	p->jumping = false;
	p->steps = 0;
	p->ops->stand(p->arg, us);
}

/* All up to there has gone. */
static void
end_jump(struct pace *p, int64_t now_us)
{
	if (p->jump_us > p->clock_us)
		p->clock_us = p->jump_us;
	p->at_us = now_us;
	p->jumping = false;
}

/* Where it is to stand before the very first event: the clock goes once
 * somebody is there. */
static void
hail(struct pace *p)
{
	if (p->hailed || p->next > 0 || what_is_next(p) == NEXT_NOTHING ||
	    next_us(p) <= stop_us(p))
		return;
	p->hailed = true;
	p->ops->expect(p->arg, p->tape->events[0].stream);
}

void
pace_turn(struct pace *p, int64_t now_us)
{
	enum next next;

	hail(p);
	while ((next = what_is_next(p)) != NEXT_NOTHING && is_due(p, now_us) &&
	    may_go(p)) {
		if (next == NEXT_EDGE)
			pass_edge(p);
		else
			release_next(p, now_us);
	}
	if (next != NEXT_NOTHING && is_at_stop(p, now_us))
		stand(p, now_us);
	if (p->jumping &&
	    (next == NEXT_NOTHING ||
	        (!is_due(p, now_us) && p->jump_us < stop_us(p))))
		end_jump(p, now_us);
	look_ahead(p, now_us);
}

int64_t
pace_deadline(const struct pace *p, int64_t now_us)
{
	int64_t until_us;
	double wait_us;

	if (what_is_next(p) == NEXT_NOTHING || !may_go(p))
		return INT64_MAX;
	if (is_due(p, now_us))
		return now_us;
	if (!p->going || (p->waiting > 0 && clock_at(p, now_us) >= stop_us(p)))
		return INT64_MAX;
	until_us = next_us(p) < stop_us(p) ? next_us(p) : stop_us(p);
	wait_us = (double)(until_us - clock_at(p, now_us)) / p->speed + 1;
	/* A day is soon enough to look again. */
	return now_us + (wait_us < 86400e6 ? (int64_t)wait_us : 86400000000);
}

/* It ends with the tape. */
static int64_t
end_us(const struct pace *p)
{
	const struct tape *t = p->tape;
	int64_t us = t->events[t->count - 1].received_us;

	if (p->faults->edge_count > 0 &&
	    p->faults->edges[p->faults->edge_count - 1].at_us > us)
		us = p->faults->edges[p->faults->edge_count - 1].at_us;
	return us;
}

void
pace_facts(const struct pace *p, int64_t now_us, struct pace_facts *out)
{
	*out = (struct pace_facts){ .released = p->next,
		.waiting = p->waiting,
		.jumping = p->jumping };
	if (p->tape->count == 0)
		return;
	out->time_us = clock_at(p, now_us);
	if (out->time_us > end_us(p))
		out->time_us = end_us(p);
	out->until_us = p->jumping ? p->jump_us : out->time_us;
}
