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
};

struct pace {
	const struct tape *tape;
	double speed;
	const struct pace_ops *ops;
	void *arg;
	struct way *ways;  /* by stream */
	size_t next;       /* event */
	size_t looked;     /* up to this event for streams that begin soon, */
	unsigned expected; /* ... so many of which have not begun */
	uint64_t waiting;
	unsigned operators; /* streams of theirs that are under way */
	bool going;
	unsigned steps;   /* asked for, while it stands */
	int64_t clock_us; /* of the recording, at */
	int64_t at_us;
};

struct pace *
pace_new(const struct tape *tape, double speed, const struct pace_ops *ops,
    void *arg)
{
	struct pace *p = xcalloc(1, sizeof *p);

	p->tape = tape;
	p->speed = speed;
	p->ops = ops;
	p->arg = arg;
	p->ways = xcalloc(tape->stream_count + 1, sizeof *p->ways);
	if (tape->count > 0)
		p->clock_us = tape->events[0].received_us;
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

static int64_t
clock_at(const struct pace *p, int64_t now_us)
{
	if (!p->going)
		return p->clock_us;
	return p->clock_us + (int64_t)((double)(now_us - p->at_us) * p->speed);
}

void
pace_go(struct pace *p, bool go, int64_t now_us)
{
	p->clock_us = clock_at(p, now_us);
	p->at_us = now_us;
	p->going = go;
	p->steps = 0;
}

void
pace_step(struct pace *p)
{
	p->steps += !p->going;
}

static bool
is_due(const struct pace *p, int64_t now_us)
{
	const struct tape_event *e = &p->tape->events[p->next];

	if (!p->going)
		return p->steps > 0 || p->next == 0;
	return p->speed <= 0 || e->received_us <= clock_at(p, now_us);
}

/* ---- what is under way ---- */

static uint64_t
way_waiting(const struct way *w)
{
	return w->released > w->acked ? w->released - w->acked : 0;
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

static bool
may_go(const struct pace *p)
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

static bool
begins_operators(const struct pace *p, size_t i)
{
	const struct tape_event *e = &p->tape->events[i];

	return e->seq == 1 && p->tape->streams[e->stream].operators;
}

static bool
is_soon(const struct pace *p, size_t i, int64_t now_us)
{
	return i < p->tape->count && i < p->next + EXPECTED_AHEAD &&
	    (p->speed <= 0 ||
	        p->tape->events[i].received_us <=
	            clock_at(p, now_us + soon_us));
}

static void
look_ahead(struct pace *p, int64_t now_us)
{
	if (!p->going)
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

static void
release_next(struct pace *p)
{
	size_t i = p->next++;
	const struct tape_event *e = &p->tape->events[i];
	struct way *w = &p->ways[e->stream];
	uint64_t before = way_waiting(w);

	p->expected -= i < p->looked && begins_operators(p, i);
	w->released = e->seq;
	count(p, e->stream, before);
	if (p->steps > 0 && e->received_us > p->clock_us)
		p->clock_us = e->received_us;
	p->steps -= p->steps > 0;
	p->ops->release(p->arg, e->stream, e->seq);
}

void
pace_turn(struct pace *p, int64_t now_us)
{
	while (p->next < p->tape->count && is_due(p, now_us) && may_go(p))
		release_next(p);
	look_ahead(p, now_us);
}

int64_t
pace_deadline(const struct pace *p, int64_t now_us)
{
	const struct tape_event *e;
	double wait_us;

	if (p->next == p->tape->count || !may_go(p))
		return INT64_MAX;
	if (is_due(p, now_us))
		return now_us;
	if (!p->going)
		return INT64_MAX;
	e = &p->tape->events[p->next];
	wait_us = (double)(e->received_us - clock_at(p, now_us)) / p->speed + 1;
	/* A day is soon enough to look again. */
	return now_us + (wait_us < 86400e6 ? (int64_t)wait_us : 86400000000);
}

void
pace_facts(const struct pace *p, struct pace_facts *out)
{
	const struct tape *t = p->tape;

	*out =
	    (struct pace_facts){ .released = p->next, .waiting = p->waiting };
	if (t->count > 0)
		out->time_us =
		    t->events[p->next > 0 ? p->next - 1 : 0].moment_us;
}
