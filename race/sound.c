#include "race/sound.h"

#include <stdlib.h>

#include "common/hash.h"
#include "common/xalloc.h"

/* Ids of streams are 1, 2, 3 ...: a damaged one may not take all memory. */
enum { STREAM_MAX = 1 << 20 };

static struct sound_stream *
stream_of(struct sound *s, int64_t id)
{
	while (s->stream_count <= (size_t)id) {
		s->streams = xgrow(s->streams, &s->cap, s->stream_count,
		    sizeof *s->streams);
		s->streams[s->stream_count++] = (struct sound_stream){ 0 };
	}
	return &s->streams[id];
}

const char *
sound_next(struct sound *s, const struct sound_event *e)
{
	struct sound_stream *st;
	uint64_t chain;

	if (e->log != s->log + 1)
		return "is missing";
	if (e->stream < 1 || e->stream > STREAM_MAX)
		return "has no stream";
	st = stream_of(s, e->stream);
	if (e->seq != st->seq + 1)
		return "is not the next of its stream";
	chain = hash_chain(st->chain, e->len > 0 ? e->body : "", e->len);
	if (chain != e->chain)
		return "is not what was stored";
	st->seq = e->seq;
	st->chain = chain;
	s->log = e->log;
	return NULL;
}

void
sound_close(struct sound *s)
{
	free(s->streams);
}
