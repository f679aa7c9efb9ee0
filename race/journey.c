#include "race/journey.h"

#include <errno.h>
#include <stdlib.h>

#include "common/xalloc.h"
#include "race/logbook.h"

struct journey {
	const struct past_source *from;
	struct past past; /* its book is at the end of the log */
	struct travel *travel;
	struct travel_era *era; /* the last one, NULL: no rules yet */
	size_t stride;
	bool stale; /* events have come that it cannot hold */
};

/* Rules, and the moment from which on they hold. */
struct turn {
	size_t moment;
	uint64_t log;
};

/* A way through the log, under the rules of one era. */
struct walk {
	struct journey *journey;
	struct past *past;
	struct travel_era *era;
	struct turn *turns; /* of the first walk: all of them */
	size_t turn_count;
	size_t turn_cap;
	size_t first; /* of later ones: where their era begins */
	size_t moment;
	int rc;
};

/* The book stands where the event before left it. */
static void
stop(struct walk *w)
{
	if (w->era != NULL && w->rc == 0)
		w->rc = travel_stop(w->journey->travel, w->era, w->past->book,
		    w->moment);
}

static bool
is_due(const struct walk *w)
{
	return w->moment % w->journey->stride == 0 || w->moment == w->first;
}

static bool
is_rules(const struct walk *w, const struct past_event *e)
{
	return e->event->kind == RACE_RULES && e->id.stream == w->past->store;
}

static void
note_event(struct walk *w, const struct past_event *e)
{
	const struct until_event is = {
		.log = e->log,
		.received_us = e->received_us,
		.station = e->id.stream != w->past->store && !e->operators,
	};

	travel_event(w->journey->travel, &is,
	    e->event->kind == RACE_DECISION && e->operators);
}

/* The book has the last rules: eras that others end are walked again. */
static void
first_walk(void *arg, const struct past_event *e)
{
	struct walk *w = arg;

	if (w->rc < 0)
		return;
	if (w->moment > 0 && is_due(w))
		stop(w);
	note_event(w, e);
	w->moment++;
	if (!is_rules(w, e))
		return;
	w->turns =
	    xgrow(w->turns, &w->turn_cap, w->turn_count, sizeof *w->turns);
	w->turns[w->turn_count++] = (struct turn){ w->moment, e->log };
	w->first = w->moment;
	w->era =
	    travel_era(w->journey->travel, w->moment, w->past->book->rules);
}

static void
later_walk(void *arg, const struct past_event *e)
{
	struct walk *w = arg;

	(void)e;
	if (w->rc == 0 && w->moment > 0 && is_due(w))
		stop(w);
	w->moment++;
	if (w->moment == w->first)
		w->era = travel_era(w->journey->travel, w->moment,
		    w->past->book->rules);
}

/* What has no room is not read to its end. */
static int
on_progress(void *arg, const char *doing, uint64_t done, uint64_t all)
{
	const struct walk *w = arg;
	const struct past_source *from = w->journey->from;

	if (w->rc < 0)
		return 1;
	return from->progress != NULL
	    ? from->progress(from->arg, doing, done, all)
	    : 0;
}

static int
walk(struct walk *w, struct past_source from, past_fn fn, struct err *err)
{
	int rc;

	from.progress = on_progress;
	from.arg = w;
	rc = past_load(&from, w->past, fn, w, err);
	if (rc == 0)
		stop(w);
	return w->rc < 0 ? w->rc : rc;
}

/* The era that begins with turn i, and ends before the next. */
static int
walk_era(struct journey *j, const struct walk *all, size_t i, struct err *err)
{
	struct past_source from = *j->from;
	struct past past;
	struct walk w = { .journey = j,
		.past = &past,
		.first = all->turns[i].moment };
	int rc;

	from.at_seq = "";
	from.at_log =
	    travel_event_at(j->travel, all->turns[i + 1].moment - 1)->log;
	rc = walk(&w, from, later_walk, err);
	past_clear(&past);
	return rc;
}

/* -E2BIG: not with so many stops. */
static int
walk_all(struct journey *j, struct err *err)
{
	struct walk w = { .journey = j, .past = &j->past };
	int rc = walk(&w, *j->from, first_walk, err);

	j->era = w.era;
	for (size_t i = w.turn_count; rc == 0 && i-- > 1;)
		rc = walk_era(j, &w, i - 1, err);
	free(w.turns);
	return rc;
}

static void
forget(struct journey *j)
{
	travel_free(j->travel);
	j->travel = NULL;
	past_clear(&j->past);
	j->era = NULL;
}

int
journey_new(struct journey **out, const struct past_source *from, size_t budget,
    struct err *err)
{
	struct journey *j = xcalloc(1, sizeof *j);
	int rc;

	j->from = from;
	j->stride = 1;
	do {
		forget(j);
		j->travel = travel_new(budget);
		rc = walk_all(j, err);
		/* One stop alone is the race as it is, however big. */
		if (rc == -E2BIG && j->stride > travel_count(j->travel))
			budget = SIZE_MAX;
		if (rc == -E2BIG)
			j->stride *= 4;
	} while (rc == -E2BIG);
	if (rc < 0) {
		journey_free(j);
		return rc;
	}
	*out = j;
	return 0;
}

void
journey_free(struct journey *j)
{
	if (j == NULL)
		return;
	forget(j);
	free(j);
}

/* past_more() leaves the book as it is. */
static void
walk_on(void *arg, const struct past_event *e)
{
	struct walk *w = arg;

	if (w->rc < 0)
		return;
	if (is_rules(w, e)) {
		w->rc = -ESTALE;
		return;
	}
	note_event(w, e);
	w->moment++;
	(void)book_apply(w->past->book, e->id, e->event);
	if (is_due(w))
		stop(w);
}

int
journey_more(struct journey *j, struct err *err)
{
	size_t before = travel_count(j->travel);
	struct walk w = { .journey = j,
		.past = &j->past,
		.era = j->era,
		.moment = before };
	int rc;

	if (j->from->from != NULL)
		return 0;
	if (!j->stale) {
		rc = past_more(j->from, &j->past, walk_on, &w, err);
		if (w.moment > before)
			stop(&w);
		j->stale = w.rc < 0;
		if (rc < 0)
			return rc;
	}
	if (j->stale)
		return err_set(err, -ESTALE,
		    "the rules have changed, or the log has grown much: it is "
		    "read again");
	return (int)(w.moment - before);
}

void
journey_rest(struct journey *j)
{
	logbook_free(j->past.coming);
	j->past.coming = NULL;
}

bool
journey_running(const struct journey *j)
{
	return j->past.running;
}

size_t
journey_stride(const struct journey *j)
{
	return j->stride;
}

struct travel *
journey_travel(struct journey *j)
{
	return j->travel;
}
