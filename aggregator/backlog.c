#include "aggregator/backlog.h"

/* Notes what is, once a second; *out is what was 30 s ago.  False: that was
 * before all, or this second has been seen. */
static bool
look_back(struct backlog *b, struct backlog_then is, int64_t now,
    struct backlog_then *out)
{
	struct backlog_then last;

	if (!b->known) {
		b->known = true;
		b->begun = b->second = now;
		b->then[now % BACKLOG_SECONDS] = is;
		return false;
	}
	if (now <= b->second)
		return false;
	last = b->then[b->second % BACKLOG_SECONDS];
	if (now - b->second > BACKLOG_SECONDS)
		b->second = now - BACKLOG_SECONDS - 1;
	/* Who did not look has seen nothing new. */
	while (b->second < now - 1)
		b->then[++b->second % BACKLOG_SECONDS] = last;
	*out = b->then[now % BACKLOG_SECONDS];
	b->then[++b->second % BACKLOG_SECONDS] = is;
	return now - b->begun >= BACKLOG_SECONDS;
}

bool
backlog_look(struct backlog *b, uint64_t stored, uint64_t waiting,
    int64_t now_us)
{
	struct backlog_then is = { stored + waiting, waiting };
	struct backlog_then was;
	bool known = look_back(b, is, now_us / 1000000, &was);

	if (waiting == 0)
		b->stuck = false;
	if (!known)
		return b->stuck;
	if (stored >= was.last)
		b->stuck = false;
	else if (!b->stuck)
		b->stuck = waiting >= was.waiting;
	else
		b->stuck = waiting >= was.waiting - was.waiting / 4;
	return b->stuck;
}
