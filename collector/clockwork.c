#include "collector/clockwork.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/offclock.h"
#include "common/xalloc.h"

/* More than two clocks can be read apart on a busy machine, less than anybody
 * sleeps. */
static const int64_t nap_us = 500000;

/* An estimate is not replaced by a better one while it is this good: nobody
 * types more exactly, and the crystal makes it worse soon. */
static const int64_t good_us = 2000;

struct clockwork {
	struct clockwork_epoch epoch;
	struct clockfit fit;
	bool made_any; /* in this epoch, and it is: */
	struct race_clock_estimate made;
	struct offclock alarm;
	bool set;    /* not told yet: one of the clocks was */
	bool slewed; /* nor this */
};

static void
begin_epoch(struct clockwork *w, int64_t asleep_us)
{
	w->epoch.number++;
	w->epoch.asleep_us = asleep_us;
	w->made_any = false;
}

static int64_t
asleep(const struct keys_stamp *s)
{
	return s->boot_us - s->mono_us;
}

static bool
differ(int64_t a, int64_t b)
{
	return a - b > nap_us || b - a > nap_us;
}

struct clockwork *
clockwork_new(const struct clockwork_epoch *kept, const char *boot_id,
    const struct keys_stamp *now)
{
	struct clockwork *w = xcalloc(1, sizeof *w);

	clockfit_init(&w->fit);
	w->epoch = *kept;
	if (kept->number != 0 && boot_id[0] != '\0' &&
	    strcmp(kept->boot_id, boot_id) == 0 &&
	    !differ(kept->asleep_us, asleep(now)))
		return w;
	begin_epoch(w, asleep(now));
	(void)snprintf(w->epoch.boot_id, sizeof w->epoch.boot_id, "%s",
	    boot_id);
	return w;
}

void
clockwork_free(struct clockwork *w)
{
	free(w);
}

void
clockwork_recall(struct clockwork *w, const struct race_clock_estimate *e)
{
	if (e->clock_epoch != w->epoch.number)
		return;
	w->made_any = true;
	w->made = *e;
}

void
clockwork_look(struct clockwork *w, const struct keys_stamp *now)
{
	if (asleep(now) - w->epoch.asleep_us <= nap_us)
		return;
	begin_epoch(w, asleep(now));
	clockfit_init(&w->fit);
}

/* Whether what the stream says last and what is known now exclude each other:
 * the aggregator's clock was set while this program did not run. */
static bool
contradicts(const struct clockwork *w, const struct race_clock_estimate *e)
{
	int64_t by_us =
	    clockfit_time(e, e->boot_us) - clockfit_time(&w->made, e->boot_us);

	return llabs(by_us) >
	    e->bound_us + clockfit_bound(&w->made, e->boot_us);
}

void
clockwork_sample(struct clockwork *w, const struct clockfit_sample *s)
{
	struct race_clock_estimate e;
	int rc = clockfit_take(&w->fit, s);

	if (rc == 0 && w->made_any && clockfit_estimate(&w->fit, 0, &e) &&
	    contradicts(w, &e))
		rc = -ESTALE;
	if (rc != -ESTALE && rc != -EAGAIN)
		return;
	begin_epoch(w, w->epoch.asleep_us);
	if (rc == -ESTALE)
		w->set = true;
	else
		w->slewed = true;
}

const struct clockwork_epoch *
clockwork_epoch(const struct clockwork *w)
{
	return &w->epoch;
}

/* What is known, if a race can be then: an event that says something else is
 * taken by no aggregator, and would keep those behind it back for ever. */
static bool
estimate_at(const struct clockwork *w, int64_t boot_us,
    struct race_clock_estimate *out)
{
	int64_t time_us;

	if (!clockfit_estimate(&w->fit, boot_us, out))
		return false;
	time_us = clockfit_time(out, boot_us);
	return time_us >= RACE_TIME_MIN && time_us < RACE_TIME_MAX;
}

void
clockwork_mark(const struct clockwork *w, const struct keys_stamp *stamp,
    struct clockwork_mark *out)
{
	struct race_clock_estimate e;

	*out = (struct clockwork_mark){ 0 };
	/* Stamped before the laptop slept, and come behind it. */
	if (differ(asleep(stamp), w->epoch.asleep_us))
		return;
	out->epoch = w->epoch.number;
	if (!estimate_at(w, stamp->boot_us, &e))
		return;
	out->offset_us = clockfit_time(&e, stamp->boot_us) - stamp->utc_us;
	out->bound_us = clockfit_bound(&e, stamp->boot_us);
}

/* ---- the stream's estimates ---- */

static bool
is_news(const struct clockwork *w, const struct race_clock_estimate *e)
{
	int64_t bound_us = clockfit_bound(&w->made, e->boot_us);
	int64_t by_us =
	    clockfit_time(e, e->boot_us) - clockfit_time(&w->made, e->boot_us);

	return llabs(by_us) > bound_us ||
	    (bound_us > good_us && e->bound_us <= bound_us / 2);
}

bool
clockwork_due(struct clockwork *w, int64_t boot_us,
    struct race_clock_estimate *out)
{
	struct race_clock_estimate e;

	if (!estimate_at(w, boot_us, &e))
		return false;
	if (w->made_any && !is_news(w, &e))
		return false;
	e.clock_epoch = w->epoch.number;
	w->made_any = true;
	w->made = e;
	*out = e;
	return true;
}

/* ---- for people ---- */

static int
tell_set(struct clockwork *w, char out[CLOCKWORK_WORDS])
{
	const char *what = w->set
	    ? "the aggregator's clock was set: times of before and after do "
	      "not fit each other"
	    : "a clock is being corrected, this laptop's or the aggregator's: "
	      "until that is over it is known less well";

	(void)snprintf(out, CLOCKWORK_WORDS, "%s", what);
	w->set = false;
	w->slewed = false;
	return 2;
}

static int
tell_wrong(bool wrong, const struct clockwork_mark *m, bool stamps,
    char out[CLOCKWORK_WORDS])
{
	char words[OFFCLOCK_WORDS];

	if (wrong)
		(void)snprintf(out, CLOCKWORK_WORDS,
		    "this laptop's clock is %s%s",
		    offclock_words(words, m->offset_us),
		    stamps ? ": times are corrected" : "");
	else
		(void)snprintf(out, CLOCKWORK_WORDS,
		    "this laptop's clock is right, to %s",
		    offclock_span(words, llabs(m->offset_us) + m->bound_us));
	return wrong ? 2 : 1;
}

static int
tell_vague(bool vague, const struct clockwork_mark *m,
    char out[CLOCKWORK_WORDS])
{
	char words[OFFCLOCK_WORDS];

	(void)snprintf(out, CLOCKWORK_WORDS,
	    "this laptop's clock is known to %s%s",
	    offclock_span(words, m->bound_us),
	    vague ? " only: the link is slow, or was away" : "");
	return vague ? 2 : 1;
}

int
clockwork_news(struct clockwork *w, const struct keys_stamp *now, bool stamps,
    char out[CLOCKWORK_WORDS])
{
	struct offclock before = w->alarm;
	struct clockwork_mark m;
	unsigned news;

	if (w->set || w->slewed)
		return tell_set(w, out);
	clockwork_mark(w, now, &m);
	news = offclock_look(&w->alarm, m.offset_us, m.bound_us);
	if ((news & (OFFCLOCK_WRONG | OFFCLOCK_RIGHT)) != 0) {
		/* The other one is told by the next call. */
		w->alarm.vague = before.vague;
		return tell_wrong(w->alarm.wrong, &m, stamps, out);
	}
	if (news != 0)
		return tell_vague(w->alarm.vague, &m, out);
	return 0;
}

char *
clockwork_trouble(const struct clockwork *w, const struct keys_stamp *now,
    char out[CLOCKWORK_WORDS])
{
	struct clockwork_mark m;

	out[0] = '\0';
	clockwork_mark(w, now, &m);
	if (m.bound_us == 0)
		return out;
	if (w->alarm.wrong)
		(void)tell_wrong(true, &m, true, out);
	else if (w->alarm.vague)
		(void)tell_vague(true, &m, out);
	return out;
}
