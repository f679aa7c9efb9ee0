#include "race/logbook.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/number.h"
#include "common/xalloc.h"
#include "race/ask_zmq.h"
#include "race/trail.h"

struct kept {
	uint64_t log;
	struct race_id id;
	int64_t received_us;
	size_t at; /* in bytes */
	size_t len;
};

struct logbook {
	struct endpoint from;
	struct ask *ask;
	struct name_streams *streams;
	struct trail trail;
	struct kept *events;
	size_t count;
	size_t cap;
	uint8_t *bytes;
	size_t len;
	size_t bytes_cap;
};

void
logbook_free(struct logbook *l)
{
	if (l == NULL)
		return;
	ask_free(l->ask);
	free(l->events);
	free(l->bytes);
	free(l);
}

static void
keep(struct logbook *l, const struct message_log_event *e)
{
	l->bytes = xgrow(l->bytes, &l->bytes_cap, l->len + e->len, 1);
	memcpy(l->bytes + l->len, e->body, e->len);
	l->events = xgrow(l->events, &l->cap, l->count, sizeof *l->events);
	l->events[l->count++] = (struct kept){ .log = e->log,
		.id = e->id,
		.received_us = e->received_us,
		.at = l->len,
		.len = e->len };
	l->len += e->len;
}

static int
take(struct logbook *l, const struct message_log_reply *r, struct err *err)
{
	size_t first = 0;
	int count = trail_take(&l->trail, r, clock_mono_us(), &first);

	if (count < 0)
		return err_set(err, count,
		    "the aggregator at %s:%d answers from another race.db than "
		    "a moment ago: ask again",
		    l->from.host, l->from.base);
	for (size_t i = 0; i < r->stream_count; i++)
		name_stream(l->streams, r->streams[i].stream,
		    r->streams[i].name, r->streams[i].operators);
	for (int i = 0; i < count; i++)
		keep(l, &r->events[first + (size_t)i]);
	return 0;
}

static int
ask_all(struct logbook *l, struct err *err)
{
	struct message m = { .type = MESSAGE_LOG_REQUEST };
	int rc = 0;

	while (rc == 0 && trail_ask(&l->trail, clock_mono_us(), &m.log_request))
		rc = ask_send(l->ask, &m, err);
	return rc;
}

/* Silence, with what is known of it. */
static int
lost(const struct logbook *l, struct err *err)
{
	const struct trail *t = &l->trail;
	char have[32];
	char last[32];

	if (t->store == 0)
		return err_set(err, -ETIMEDOUT,
		    "no aggregator answers at %s:%d (is it running?)",
		    l->from.host, l->from.base);
	return err_set(err, -ETIMEDOUT,
	    "the aggregator at %s:%d fell silent: nothing for 10 s, after %s "
	    "of %s events; ask again when it is back",
	    l->from.host, l->from.base, number_grouped(have, t->have),
	    number_grouped(last, t->last));
}

int
logbook_step(struct logbook *l, int64_t until_us, struct err *err)
{
	struct trail *t = &l->trail;
	struct message m;
	int rc = ask_all(l, err);

	while (rc == 0 && !trail_done(t)) {
		int64_t due_us = trail_deadline(t);

		rc = ask_wait(l->ask, due_us < until_us ? due_us : until_us, &m,
		    err);
		if (rc == 0 && m.type == MESSAGE_LOG_REPLY)
			rc = take(l, &m.log_reply, err);
		/* What arrived damaged is as good as lost. */
		else if (rc == -ETIMEDOUT || rc == -EBADMSG)
			rc = 0;
		/* Nor is an answer that holds nothing one. */
		if (rc == 0 && !trail_done(t) && trail_lost(t, clock_mono_us()))
			rc = lost(l, err);
		if (rc == 0)
			rc = ask_all(l, err);
		if (rc == 0 && !trail_done(t) && clock_mono_us() >= until_us)
			return 0;
	}
	return rc < 0 ? rc : 1;
}

int
logbook_new(struct logbook **out, const struct endpoint *from, uint64_t after,
    struct name_streams *streams, struct err *err)
{
	struct logbook *l = xcalloc(1, sizeof *l);
	int rc = ask_new(&l->ask, from, ENDPOINT_SNAPSHOTS, err);

	if (rc < 0) {
		free(l);
		return rc;
	}
	l->from = *from;
	l->streams = streams;
	trail_init(&l->trail, after, clock_mono_us());
	*out = l;
	return 0;
}

void
logbook_told(const struct logbook *l, uint64_t *have, uint64_t *last)
{
	*have = l->trail.have;
	*last = l->trail.last;
}

uint64_t
logbook_store(const struct logbook *l)
{
	return l->trail.store;
}

size_t
logbook_count(const struct logbook *l)
{
	return l->count;
}

void
logbook_at(const struct logbook *l, size_t i, struct logbook_event *out)
{
	const struct kept *k = &l->events[i];

	*out = (struct logbook_event){ .log = k->log,
		.id = k->id,
		.received_us = k->received_us,
		.body = l->bytes + k->at,
		.len = k->len };
}
