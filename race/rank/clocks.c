#include "race/rank/clocks.h"

#include <stdlib.h>

#include "common/xalloc.h"
#include "race/rank/journal.h"

#define NONE UINT32_MAX

#define BILLION INT64_C(1000000000)

/* A crossing. */
struct stamp {
	int64_t raw_us;
	int64_t boot_us;
	struct clocks_moment own; /* no bound: none, or refuted */
	struct clocks_moment best;
	uint64_t best_seq; /* of the estimate; best without time: none */
	uint32_t read;
	uint32_t next; /* of its stretch */
};

struct estimate {
	uint64_t seq;
	struct race_clock_estimate says;
};

/* A stream's clock epoch. */
struct stretch {
	struct estimate *estimates;
	size_t cap;
	size_t count;
	uint32_t stamps; /* the first */
	int64_t latest_us;
};

struct clocks {
	struct journal *numbers; /* by stream and epoch: a stretch, from 1 */
	struct stretch *stretches;
	size_t stretches_cap;
	size_t stretches_count;
	struct stamp *stamps;
	size_t stamps_cap;
	size_t stamps_count;
	int64_t latest_us;
	bool moved; /* latest_us has to be found again */
};

struct clocks *
clocks_new(void)
{
	struct clocks *c = xcalloc(1, sizeof *c);

	c->numbers = journal_new();
	c->latest_us = RACE_NO_TIME;
	return c;
}

void
clocks_free(struct clocks *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->stretches_count; i++)
		free(c->stretches[i].estimates);
	journal_free(c->numbers);
	free(c->stretches);
	free(c->stamps);
	free(c);
}

/* ---- what an estimate says ---- */

/* Towards 0.  In two steps: a century in microseconds times the drift does not
 * fit, but each part of it does. */
static int64_t
drifted(int64_t span_us, int64_t ppb)
{
	return span_us / BILLION * ppb + span_us % BILLION * ppb / BILLION;
}

/* Upwards, for a bound has to hold. */
static int64_t
widened(int64_t span_us, int64_t ppb)
{
	return span_us / BILLION * ppb +
	    (span_us % BILLION * ppb + BILLION - 1) / BILLION;
}

bool
clocks_at(const struct race_clock_estimate *e, int64_t boot_us,
    struct clocks_moment *out)
{
	int64_t span_us = boot_us - e->boot_us;
	int64_t time_us =
	    boot_us + e->offset_us + drifted(span_us, e->drift_ppb);

	if (time_us < RACE_TIME_MIN || time_us > RACE_TIME_MAX)
		return false;
	out->time_us = time_us;
	out->bound_us = e->bound_us +
	    widened(span_us < 0 ? -span_us : span_us, e->drift_bound_ppb);
	return true;
}

/* ---- what decides ---- */

static struct clocks_moment
moment_of(const struct stamp *s)
{
	if (s->own.bound_us > 0)
		return s->own;
	if (s->best.time_us != RACE_NO_TIME)
		return s->best;
	return (struct clocks_moment){ .time_us = s->raw_us };
}

static bool
is_refuted(const struct clocks_moment *own, const struct clocks_moment *by)
{
	int64_t off_us = by->time_us - own->time_us;

	return by->bound_us < own->bound_us &&
	    (off_us < 0 ? -off_us : off_us) > own->bound_us;
}

static void
judge(struct stamp *s, const struct estimate *e)
{
	struct clocks_moment m;

	if (!clocks_at(&e->says, s->boot_us, &m))
		return;
	/* One is enough, and for ever: what the own pair says is forgotten. */
	if (is_refuted(&s->own, &m))
		s->own.bound_us = 0;
	if (s->best.time_us != RACE_NO_TIME &&
	    (m.bound_us > s->best.bound_us ||
	        (m.bound_us == s->best.bound_us && e->seq < s->best_seq)))
		return;
	s->best = m;
	s->best_seq = e->seq;
}

/* ---- stretches ---- */

static struct stretch *
stretch_of(struct clocks *c, uint64_t stream, uint32_t epoch)
{
	uint32_t *number =
	    journal_at(c->numbers, (struct race_id){ stream, epoch });

	if (*number == 0) {
		c->stretches = xgrow(c->stretches, &c->stretches_cap,
		    c->stretches_count, sizeof *c->stretches);
		c->stretches[c->stretches_count] = (struct stretch){
			.stamps = NONE,
			.latest_us = RACE_NO_TIME,
		};
		*number = (uint32_t)++c->stretches_count;
	}
	return &c->stretches[*number - 1];
}

static void
note_time(int64_t *latest_us, int64_t time_us)
{
	/* RACE_NO_TIME is before all. */
	if (time_us > *latest_us)
		*latest_us = time_us;
}

uint32_t
clocks_stamp(struct clocks *c, uint64_t stream,
    const struct race_crossing *crossing, uint32_t read)
{
	struct stretch *t = stretch_of(c, stream, crossing->clock_epoch);
	uint32_t i = (uint32_t)c->stamps_count++;
	struct stamp *s;
	int64_t time_us;

	c->stamps = xgrow(c->stamps, &c->stamps_cap, i, sizeof *c->stamps);
	s = &c->stamps[i];
	*s = (struct stamp){
		.raw_us = crossing->time_us,
		.boot_us = crossing->boot_us,
		.own = { crossing->time_us + crossing->offset_us,
		    crossing->bound_us },
		.best = { .time_us = RACE_NO_TIME },
		.read = read,
		.next = t->stamps,
	};
	t->stamps = i;
	for (size_t k = 0; k < t->count; k++)
		judge(s, &t->estimates[k]);
	time_us = moment_of(s).time_us;
	note_time(&t->latest_us, time_us);
	note_time(&c->latest_us, time_us);
	return i;
}

void
clocks_estimate(struct clocks *c, struct race_id id,
    const struct race_clock_estimate *e, clocks_moved_fn moved, void *arg)
{
	struct estimate estimate = { id.seq, *e };
	struct stretch *t;

	/* No epoch at all: of no crossing. */
	if (e->clock_epoch == 0)
		return;
	t = stretch_of(c, id.stream, e->clock_epoch);
	t->estimates =
	    xgrow(t->estimates, &t->cap, t->count, sizeof *t->estimates);
	t->estimates[t->count++] = estimate;
	t->latest_us = RACE_NO_TIME;
	c->moved = true;
	for (uint32_t i = t->stamps; i != NONE; i = c->stamps[i].next) {
		struct stamp *s = &c->stamps[i];
		struct clocks_moment was = moment_of(s);
		struct clocks_moment is;

		judge(s, &estimate);
		is = moment_of(s);
		note_time(&t->latest_us, is.time_us);
		if (is.time_us != was.time_us || is.bound_us != was.bound_us)
			moved(arg, s->read);
	}
}

struct clocks_moment
clocks_moment(const struct clocks *c, uint32_t stamp)
{
	return moment_of(&c->stamps[stamp]);
}

int64_t
clocks_latest(struct clocks *c)
{
	if (!c->moved)
		return c->latest_us;
	c->latest_us = RACE_NO_TIME;
	for (size_t i = 0; i < c->stretches_count; i++)
		note_time(&c->latest_us, c->stretches[i].latest_us);
	c->moved = false;
	return c->latest_us;
}
