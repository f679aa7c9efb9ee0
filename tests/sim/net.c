#include "sim/net.h"

#include <stdlib.h>
#include <string.h>

#include "common/xalloc.h"
#include "sim/verdict.h"
#include "support/test.h"

struct net {
	uint64_t *random;
	struct net_faults faults;
	unsigned links;
	/* by link and direction */
	bool *cut;
	size_t *waiting;
	int64_t *last_us; /* keeps order */
	struct net_packet *heap;
	size_t count;
	size_t cap;
	uint64_t order;
};

struct net *
net_new(uint64_t *random, unsigned links)
{
	struct net *n = xcalloc(1, sizeof *n);

	n->random = random;
	n->links = links;
	n->cut = xcalloc(2 * (size_t)links, sizeof *n->cut);
	n->waiting = xcalloc(2 * (size_t)links, sizeof *n->waiting);
	n->last_us = xcalloc(2 * (size_t)links, sizeof *n->last_us);
	return n;
}

void
net_free(struct net *n)
{
	if (n == NULL)
		return;
	for (size_t i = 0; i < n->count; i++)
		free(n->heap[i].bytes);
	free(n->heap);
	free(n->cut);
	free(n->waiting);
	free(n->last_us);
	free(n);
}

void
net_set(struct net *n, const struct net_faults *faults)
{
	n->faults = *faults;
}

static size_t
way(unsigned link, bool up)
{
	return 2 * (size_t)link + (up ? 1 : 0);
}

static bool
before(const struct net_packet *a, const struct net_packet *b)
{
	if (a->at_us != b->at_us)
		return a->at_us < b->at_us;
	return a->order < b->order;
}

static void
swap(struct net_packet *a, struct net_packet *b)
{
	struct net_packet t = *a;

	*a = *b;
	*b = t;
}

static void
push(struct net *n, const struct net_packet *p)
{
	size_t i = n->count;

	n->heap = xgrow(n->heap, &n->cap, n->count, sizeof *n->heap);
	n->heap[n->count++] = *p;
	n->waiting[way(p->link, p->up)]++;
	while (i > 0 && before(&n->heap[i], &n->heap[(i - 1) / 2])) {
		swap(&n->heap[i], &n->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
}

static void
sink(struct net *n, size_t i)
{
	for (;;) {
		size_t least = i;

		for (size_t c = 2 * i + 1; c <= 2 * i + 2; c++)
			if (c < n->count &&
			    before(&n->heap[c], &n->heap[least]))
				least = c;
		if (least == i)
			return;
		swap(&n->heap[i], &n->heap[least]);
		i = least;
	}
}

void
net_cut(struct net *n, unsigned link, bool up, bool down)
{
	size_t kept = 0;

	n->cut[way(link, up)] = down;
	if (!down)
		return;
	for (size_t i = 0; i < n->count; i++) {
		if (n->heap[i].link == link && n->heap[i].up == up)
			free(n->heap[i].bytes);
		else
			n->heap[kept++] = n->heap[i];
	}
	verdict_count(SIM_MESSAGES_LOST, n->count - kept);
	n->count = kept;
	n->waiting[way(link, up)] = 0;
	for (size_t i = kept / 2 + 1; i-- > 0;)
		sink(n, i);
}

bool
net_is_cut(const struct net *n, unsigned link, bool up)
{
	return n->cut[way(link, up)];
}

size_t
net_waiting(const struct net *n, unsigned link, bool up)
{
	return n->waiting[way(link, up)];
}

static bool
chance(struct net *n, unsigned of_1000)
{
	return test_below(n->random, 1000) < of_1000;
}

static void
send_once(struct net *n, int64_t now_us, const struct net_packet *like)
{
	struct net_packet p = *like;
	int64_t *last = &n->last_us[way(p.link, p.up)];

	p.at_us = now_us + 1;
	if (n->faults.delay_us > 0)
		p.at_us += (int64_t)test_below(n->random,
		    (uint64_t)n->faults.delay_us);
	if (!n->faults.shuffle && p.at_us < *last)
		p.at_us = *last;
	if (p.at_us > *last)
		*last = p.at_us;
	p.order = n->order++;
	p.bytes = xmalloc(p.len);
	memcpy(p.bytes, like->bytes, p.len);
	push(n, &p);
}

void
net_send(struct net *n, int64_t now_us, unsigned link, bool up, uint32_t conn,
    const char *topic, const uint8_t *bytes, size_t len)
{
	struct net_packet p = { .link = link,
		.up = up,
		.conn = conn,
		.len = len };

	verdict_count(SIM_MESSAGES, 1);
	if (n->cut[way(link, up)] || chance(n, n->faults.loss)) {
		verdict_count(SIM_MESSAGES_LOST, 1);
		return;
	}
	/* borrowed here, copied by send_once */
	memcpy(&p.bytes, &bytes, sizeof p.bytes);
	snprintf(p.topic, sizeof p.topic, "%s", topic);
	send_once(n, now_us, &p);
	if (chance(n, n->faults.repeat)) {
		verdict_count(SIM_MESSAGES_REPEATED, 1);
		send_once(n, now_us, &p);
	}
}

int64_t
net_deadline(const struct net *n)
{
	return n->count > 0 ? n->heap[0].at_us : INT64_MAX;
}

bool
net_next(struct net *n, int64_t now_us, struct net_packet *out)
{
	if (n->count == 0 || n->heap[0].at_us > now_us)
		return false;
	*out = n->heap[0];
	n->heap[0] = n->heap[--n->count];
	sink(n, 0);
	n->waiting[way(out->link, out->up)]--;
	return true;
}

void
net_hold(struct net *n, const struct net_packet *p, int64_t until_us)
{
	struct net_packet held = *p;

	held.at_us = until_us;
	push(n, &held);
}
