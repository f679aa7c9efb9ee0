#include "race/trail.h"

#include <errno.h>

static const int64_t again_us = 2000000;
static const int64_t lost_us = 10000000;

void
trail_init(struct trail *t, uint64_t after, int64_t now_us)
{
	*t = (struct trail){ .have = after,
		.asked = after,
		.asked_us = now_us,
		.progress_us = now_us };
}

static unsigned
under_way(const struct trail *t)
{
	unsigned n = 0;

	for (int i = 0; i < TRAIL_WINDOW; i++)
		n += t->slots[i].request != 0;
	return n;
}

/* What is under way is no longer waited for. */
static void
forget(struct trail *t)
{
	for (int i = 0; i < TRAIL_WINDOW; i++)
		t->slots[i].request = 0;
	t->asked = t->have;
}

static struct trail_slot *
find(struct trail *t, uint32_t request)
{
	for (int i = 0; i < TRAIL_WINDOW; i++)
		if (t->slots[i].request == request)
			return &t->slots[i];
	return NULL;
}

bool
trail_ask(struct trail *t, int64_t now_us, struct message_log_request *out)
{
	struct trail_slot *slot;
	unsigned waiting;

	if (under_way(t) > 0 && now_us - t->asked_us >= again_us)
		forget(t);
	waiting = under_way(t);
	if (waiting == 0 || t->asked < t->have)
		t->asked = t->have;
	if (trail_done(t) || waiting == TRAIL_WINDOW)
		return false;
	if (waiting > 0 && (t->step == 0 || t->asked >= t->last))
		return false;
	slot = find(t, 0);
	/* 0 is none. */
	t->request = t->request == UINT32_MAX ? 1 : t->request + 1;
	*slot = (struct trail_slot){ t->request, t->asked };
	*out = (struct message_log_request){ .request = t->request,
		.after = t->asked };
	t->asked += t->step;
	t->asked_us = now_us;
	return true;
}

/* A sixteenth less than this page held: events differ in length. */
static void
guess(struct trail *t, const struct message_log_reply *r)
{
	uint64_t n = r->event_count;

	/* The last page is full by chance alone. */
	if (n > 0 && r->events[n - 1].log < r->log)
		t->step = n - n / 16;
}

/* No hole before it: a log has none inside. */
static bool
joins(const struct trail *t, const struct message_log_reply *r)
{
	return r->event_count > 0 && r->events[0].log <= t->have + 1;
}

int
trail_take(struct trail *t, const struct message_log_reply *r, int64_t now_us,
    size_t *first)
{
	struct trail_slot *slot = r->request != 0 ? find(t, r->request) : NULL;
	size_t i = 0;

	if ((t->store != 0 && r->store != t->store) || r->log < t->have)
		return -ESTALE;
	/* Answered late, and asked again meanwhile: what it brings is as good,
	 * on a link that takes its time. */
	if (slot == NULL && !joins(t, r))
		return 0;
	t->store = r->store;
	t->last = r->log;
	guess(t, r);
	if (slot != NULL)
		slot->request = 0;
	if (slot != NULL && slot->after > t->have) {
		forget(t);
		return 0;
	}
	while (i < r->event_count && r->events[i].log <= t->have)
		i++;
	if (i == r->event_count)
		return 0;
	t->have = r->events[r->event_count - 1].log;
	t->progress_us = now_us;
	*first = i;
	return (int)(r->event_count - i);
}

void
trail_told(struct trail *t, uint64_t last)
{
	if (last > t->last)
		t->last = last;
}

bool
trail_done(const struct trail *t)
{
	return t->store != 0 && t->have >= t->last;
}

bool
trail_lost(const struct trail *t, int64_t now_us)
{
	return now_us - t->progress_us >= lost_us;
}

int64_t
trail_again(const struct trail *t)
{
	return t->asked_us + again_us;
}

int64_t
trail_deadline(const struct trail *t)
{
	int64_t again = trail_again(t);
	int64_t lost = t->progress_us + lost_us;

	return again < lost ? again : lost;
}
