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
	struct trail trail;
	struct kept *events;
	size_t count;
	size_t cap;
	uint8_t *bytes;
	size_t len;
	size_t bytes_cap;
};

struct fetching {
	struct logbook *book;
	struct ask *ask;
	struct name_streams *streams;
	logbook_fn told;
	void *arg;
	const struct endpoint *from;
	struct err *err;
};

void
logbook_free(struct logbook *l)
{
	if (l == NULL)
		return;
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
take(struct fetching *f, const struct message_log_reply *r)
{
	size_t first = 0;
	int count = trail_take(&f->book->trail, r, clock_mono_us(), &first);

	if (count < 0)
		return err_set(f->err, count,
		    "the aggregator at %s:%d answers from another race.db than "
		    "a moment ago: ask again",
		    f->from->host, f->from->base);
	for (size_t i = 0; i < r->stream_count; i++)
		name_stream(f->streams, r->streams[i].stream,
		    r->streams[i].name, r->streams[i].operators);
	for (int i = 0; i < count; i++)
		keep(f->book, &r->events[first + (size_t)i]);
	if (f->told != NULL)
		f->told(f->arg, f->book->trail.have, f->book->trail.last);
	return 0;
}

static int
ask_all(struct fetching *f)
{
	struct message m = { .type = MESSAGE_LOG_REQUEST };
	int rc = 0;

	while (rc == 0 &&
	    trail_ask(&f->book->trail, clock_mono_us(), &m.log_request))
		rc = ask_send(f->ask, &m, f->err);
	return rc;
}

/* Silence, with what is known of it. */
static int
lost(const struct fetching *f)
{
	const struct trail *t = &f->book->trail;
	char have[32];
	char last[32];

	if (t->store == 0)
		return err_set(f->err, -ETIMEDOUT,
		    "no aggregator answers at %s:%d (is it running?)",
		    f->from->host, f->from->base);
	return err_set(f->err, -ETIMEDOUT,
	    "the aggregator at %s:%d fell silent: nothing for 10 s, after %s "
	    "of %s events; ask again when it is back",
	    f->from->host, f->from->base, number_grouped(have, t->have),
	    number_grouped(last, t->last));
}

static int
fetch(struct fetching *f)
{
	struct trail *t = &f->book->trail;
	struct message m;
	int rc = ask_all(f);

	while (rc == 0 && !trail_done(t)) {
		rc = ask_wait(f->ask, trail_deadline(t), &m, f->err);
		if (rc == 0 && m.type == MESSAGE_LOG_REPLY)
			rc = take(f, &m.log_reply);
		/* What arrived damaged is as good as lost. */
		else if (rc == -ETIMEDOUT || rc == -EBADMSG)
			rc = 0;
		/* Nor is an answer that holds nothing one. */
		if (rc == 0 && !trail_done(t) && trail_lost(t, clock_mono_us()))
			rc = lost(f);
		if (rc == 0)
			rc = ask_all(f);
	}
	return rc;
}

int
logbook_fetch(struct logbook **out, const struct endpoint *from, uint64_t after,
    struct name_streams *streams, logbook_fn told, void *arg, struct err *err)
{
	struct fetching f = {
		.streams = streams,
		.told = told,
		.arg = arg,
		.from = from,
		.err = err,
	};
	int rc = ask_new(&f.ask, from, ENDPOINT_SNAPSHOTS, err);

	if (rc < 0)
		return rc;
	f.book = xcalloc(1, sizeof *f.book);
	trail_init(&f.book->trail, after, clock_mono_us());
	rc = fetch(&f);
	ask_free(f.ask);
	if (rc < 0) {
		logbook_free(f.book);
		return rc;
	}
	*out = f.book;
	return 0;
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
