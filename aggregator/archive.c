#include "aggregator/archive.h"

#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/xalloc.h"

enum {
	/* No less than what stands around the bytes of an event or the words
	 * of a stream, and before all of them. */
	EVENT_BOUND = 64,
	STREAM_BOUND = 24,
	REPLY_BOUND = 64
};

struct archive {
	struct store *store;
	uint64_t run;
	bool told; /* that it cannot be read */

	/* The page: */
	uint8_t bodies[ARCHIVE_PAGE];
	size_t body_len;
	size_t bytes; /* encoded, at most */
	struct message_log_event *events;
	size_t event_count;
	size_t event_cap;
	struct message_log_stream *streams;
	size_t stream_count;
	size_t stream_cap;

	uint64_t page;   /* its number */
	uint64_t *named; /* by a stream's id: in which page it was, last */
	size_t named_count;
	size_t named_cap;
};

struct archive *
archive_new(struct store *store, uint64_t run)
{
	struct archive *a = xcalloc(1, sizeof *a);

	a->store = store;
	a->run = run;
	return a;
}

void
archive_free(struct archive *a)
{
	if (a == NULL)
		return;
	free(a->events);
	free(a->streams);
	free(a->named);
	free(a);
}

/* Where it is kept in which page the stream was named last. */
static uint64_t *
named_in(struct archive *a, uint32_t id)
{
	while (a->named_count <= id) {
		a->named = xgrow(a->named, &a->named_cap, a->named_count,
		    sizeof *a->named);
		a->named[a->named_count++] = 0;
	}
	return &a->named[id];
}

static void
add_stream(struct archive *a, const struct store_stream *st)
{
	a->streams = xgrow(a->streams, &a->stream_cap, a->stream_count,
	    sizeof *a->streams);
	/* The store's own words, which stay until a stream is made. */
	a->streams[a->stream_count++] =
	    (struct message_log_stream){ .stream = st->epoch,
		    .name = st->name,
		    .point = st->point,
		    .operators = st->operators };
	*named_in(a, st->id) = a->page;
}

static void
add_event(struct archive *a, const struct store_event *e)
{
	uint8_t *body = a->bodies + a->body_len;

	if (e->len > 0)
		memcpy(body, e->body, e->len);
	a->body_len += e->len;
	a->events =
	    xgrow(a->events, &a->event_cap, a->event_count, sizeof *a->events);
	a->events[a->event_count++] = (struct message_log_event){ .log = e->log,
		.id = e->id,
		.received_us = e->received_us,
		.chain = e->chain,
		.body = body,
		.len = e->len };
}

/* 1 when the page is full. */
static int
add(void *arg, const struct store_event *e)
{
	struct archive *a = arg;
	bool named = *named_in(a, e->stream->id) == a->page;
	size_t bytes = EVENT_BOUND + e->len;

	if (!named)
		bytes += STREAM_BOUND + strlen(e->stream->name) +
		    strlen(e->stream->point);
	if (bytes > ARCHIVE_PAGE - a->bytes)
		return 1;
	a->bytes += bytes;
	if (!named)
		add_stream(a, e->stream);
	add_event(a, e);
	return 0;
}

static void
refuse(struct archive *a, struct message *out)
{
	if (!a->told)
		log_warnx("race.db cannot be read where its log is asked for: "
		          "see palmares check");
	a->told = true;
	*out = (struct message){ .type = MESSAGE_REFUSE,
		.refuse = { .why = MESSAGE_WHY_NOT_HELD,
		    .text = "race.db cannot be read there: see palmares "
		            "check at the aggregator" } };
}

void
archive_answer(struct archive *a, const struct message_log_request *q,
    struct message *out)
{
	a->page++;
	a->body_len = 0;
	a->bytes = REPLY_BOUND;
	a->event_count = 0;
	a->stream_count = 0;
	/* No such number is stored, nor could SQLite be asked for it. */
	if (q->after < store_committed(a->store) &&
	    store_page(a->store, q->after, add, a) < 0) {
		refuse(a, out);
		return;
	}
	*out = (struct message){ .type = MESSAGE_LOG_REPLY,
		.log_reply = { .request = q->request,
		    .store = store_id(a->store),
		    .run = a->run,
		    .log = store_committed(a->store),
		    .events = a->events,
		    .event_count = a->event_count,
		    .streams = a->streams,
		    .stream_count = a->stream_count } };
}
