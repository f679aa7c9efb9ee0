#include "collector/replay_cut.h"

#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/xalloc.h"
#include "proto/wire.h"

/* What an event names. */
enum { TARGET, OTHER_TARGET, REPLACES, NAMES };

enum { NOBODY = -1, LEFT_OUT = -2 }; /* else the index of an event */

struct reference {
	uint32_t event;
	int64_t names[NAMES];
	bool readable; /* can be said again; else of a later version */
};

struct cutting {
	struct tape *tape;
	const struct tape_cut *cut;
	struct tape_cut_facts *facts;
	size_t first; /* events of the part; operators' from before */
	size_t end;
	struct race_id begin; /* its first crossing, or what a station said */
	bool *kept;           /* by event */
	bool *renamed;        /* by stream */
	uint64_t *seqs;       /* by event: its number in the part */
	struct reference *references;
	size_t count;
	size_t cap;
	struct wire_arena *arena;
	struct wire_buffer buffer;
};

/* ---- which events ---- */

static void
settle_bounds(struct cutting *c)
{
	const struct tape *t = c->tape;

	for (size_t i = 0; i < t->count; i++) {
		if (t->events[i].received_us < c->cut->from_us)
			c->first = i + 1;
		if (t->events[i].received_us <= c->cut->to_us)
			c->end = i + 1;
	}
}

static void
keep_stream(struct cutting *c, const struct tape_stream *s)
{
	bool any = false;

	for (size_t i = 0; i < s->count; i++) {
		uint32_t e = s->events[i];

		c->kept[e] = e < c->end && (s->operators || e >= c->first);
		any |= c->kept[e];
	}
	for (size_t i = 0; any && i < s->count; i++) {
		uint32_t e = s->events[i];

		if (c->tape->events[e].kind == RACE_CLOCK && e < c->first)
			c->kept[e] = true;
	}
}

/* ---- what names what ---- */

static int64_t
look_up(const struct cutting *c, uint32_t stream, uint64_t seq)
{
	const struct tape *t = c->tape;
	const struct tape_stream *s = &t->streams[stream];
	int64_t found = tape_find(t, stream, seq);
	const struct tape_event *last;

	if (found >= 0)
		return found;
	/* A hole of the recording, or what nobody has said yet. */
	last = &t->events[s->events[s->count - 1]];
	return seq <= last->seq ? LEFT_OUT : NOBODY;
}

static int64_t
look_up_id(const struct cutting *c, struct race_id id)
{
	int64_t stream =
	    id.seq == 0 ? -1 : tape_find_stream(c->tape, id.stream);

	return stream < 0 ? NOBODY : look_up(c, (uint32_t)stream, id.seq);
}

static const uint8_t *
bytes_of(const struct cutting *c, const struct tape_event *e)
{
	return c->tape->bytes + e->at;
}

/* False: it names nothing. */
static bool
read_reference(struct cutting *c, const struct tape_event *e,
    struct reference *out)
{
	struct race_event event;

	if (e->kind != RACE_VOID && e->kind != RACE_FILL_IN &&
	    e->kind != RACE_DECISION)
		return false;
	wire_reset(c->arena);
	if (wire_get_event(c->arena, bytes_of(c, e), e->len, &event) < 0)
		return false;
	*out = (struct reference){ .names = { NOBODY, NOBODY, NOBODY },
		.readable = true };
	if (event.kind == RACE_VOID) {
		out->names[TARGET] = look_up(c, e->stream, event.void_seq);
	} else if (event.kind == RACE_FILL_IN) {
		out->names[TARGET] = look_up(c, e->stream, event.fill_in.seq);
	} else if (event.kind == RACE_DECISION) {
		const struct race_decision *d = event.decision;

		out->names[TARGET] = look_up_id(c, d->target);
		out->names[OTHER_TARGET] = look_up_id(c, d->other_target);
		out->names[REPLACES] = look_up_id(c, d->replaces);
		out->readable = d->verb != RACE_VERB_UNSPECIFIED;
	}
	return out->names[TARGET] != NOBODY ||
	    out->names[OTHER_TARGET] != NOBODY ||
	    out->names[REPLACES] != NOBODY;
}

static void
find_references(struct cutting *c)
{
	for (size_t i = 0; i < c->tape->count; i++) {
		struct reference r;

		if (!c->kept[i] || !read_reference(c, &c->tape->events[i], &r))
			continue;
		r.event = (uint32_t)i;
		c->references = xgrow(c->references, &c->cap, c->count,
		    sizeof *c->references);
		c->references[c->count++] = r;
	}
}

/* ---- until nothing changes any more ---- */

static bool
is_left_out(const struct cutting *c, int64_t name)
{
	return name == LEFT_OUT || (name >= 0 && !c->kept[name]);
}

static bool
is_renamed(const struct cutting *c, int64_t name)
{
	return name >= 0 && c->renamed[c->tape->events[name].stream];
}

static bool
is_altered(const struct cutting *c, const struct reference *r)
{
	bool altered = false;

	for (int i = 0; i < NAMES; i++)
		altered |=
		    is_left_out(c, r->names[i]) || is_renamed(c, r->names[i]);
	return altered;
}

static void
drop(struct cutting *c, const struct reference *r)
{
	c->kept[r->event] = false;
	c->facts->dropped++;
}

/* True if something became of it that others may have to follow. */
static bool
settle_reference(struct cutting *c, struct reference *r)
{
	uint32_t stream = c->tape->events[r->event].stream;

	if (!c->kept[r->event])
		return false;
	if (is_left_out(c, r->names[TARGET]) ||
	    is_left_out(c, r->names[OTHER_TARGET]) ||
	    (is_altered(c, r) && !r->readable)) {
		drop(c, r);
		return true;
	}
	if (!is_altered(c, r) || c->renamed[stream])
		return false;
	c->renamed[stream] = true;
	return true;
}

/* Numbers from 1; anything but the beginning of the stream is another one. */
static bool
number_stream(struct cutting *c, uint32_t stream)
{
	const struct tape_stream *s = &c->tape->streams[stream];
	bool before = c->renamed[stream];
	uint64_t seq = 0;

	for (size_t i = 0; i < s->count; i++) {
		uint32_t e = s->events[i];

		if (!c->kept[e])
			continue;
		c->seqs[e] = ++seq;
		if (c->tape->events[e].seq != seq)
			c->renamed[stream] = true;
	}
	return c->renamed[stream] && !before;
}

static void
settle(struct cutting *c)
{
	bool moved = true;

	while (moved) {
		moved = false;
		for (uint32_t i = 0; i < c->tape->stream_count; i++)
			moved |= number_stream(c, i);
		for (size_t i = 0; i < c->count; i++)
			moved |= settle_reference(c, &c->references[i]);
	}
}

/* ---- the part as a tape ---- */

/* Two recordings that were cut of one have no bounds here, and begin
 * elsewhere. */
static void
note_begin(struct cutting *c)
{
	const struct tape *t = c->tape;

	for (size_t i = 0; i < t->count; i++) {
		const struct tape_stream *s = &t->streams[t->events[i].stream];

		if (!c->kept[i] || s->operators)
			continue;
		c->begin = (struct race_id){ s->epoch, t->events[i].seq };
		return;
	}
}

static uint64_t
epoch_of(const struct cutting *c, uint32_t stream)
{
	static const struct hash_key key = { HASH_CHAIN_K0, HASH_CHAIN_K1 };
	const uint64_t old = c->tape->streams[stream].epoch;
	const uint64_t words[] = { old, c->begin.stream, c->begin.seq,
		(uint64_t)c->cut->from_us, (uint64_t)c->cut->to_us };
	uint8_t bytes[sizeof words];

	if (!c->renamed[stream])
		return old;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(words[i / 8] >> (8 * (i % 8)));
	/* 0 is no epoch; as rare as two alike. */
	return hash_sip(&key, bytes, sizeof bytes) | 1;
}

static struct race_id
new_name(const struct cutting *c, int64_t name, struct race_id old)
{
	if (is_left_out(c, name))
		return (struct race_id){ 0, 0 };
	if (name == NOBODY)
		return old;
	return (struct race_id){ epoch_of(c, c->tape->events[name].stream),
		c->seqs[name] };
}

/* The event says what it named by its new name. */
static void
reword(struct cutting *c, const struct reference *r)
{
	const struct tape_event *e = &c->tape->events[r->event];
	struct race_decision d;
	struct race_event event;

	wire_reset(c->arena);
	(void)wire_get_event(c->arena, bytes_of(c, e), e->len, &event);
	if (event.kind == RACE_VOID) {
		event.void_seq = c->seqs[r->names[TARGET]];
	} else if (event.kind == RACE_FILL_IN) {
		event.fill_in.seq = c->seqs[r->names[TARGET]];
	} else {
		d = *event.decision;
		d.target = new_name(c, r->names[TARGET], d.target);
		d.other_target =
		    new_name(c, r->names[OTHER_TARGET], d.other_target);
		d.replaces = new_name(c, r->names[REPLACES], d.replaces);
		if (is_left_out(c, r->names[REPLACES]))
			c->facts->dropped++;
		event.decision = &d;
	}
	c->buffer.len = 0;
	(void)wire_put_event(&c->buffer, &event);
}

static void
copy_event(struct cutting *c, struct tape *to, uint32_t i,
    const struct reference *r)
{
	struct tape_event e = c->tape->events[i];
	const struct tape_stream *from = &c->tape->streams[e.stream];
	const uint8_t *bytes = bytes_of(c, &e);
	uint32_t stream = tape_stream(to, epoch_of(c, e.stream), from->name);
	struct tape_stream *s = &to->streams[stream];

	if (s->point == NULL) {
		s->point = xstrdup(from->point);
		s->operators = from->operators;
		c->facts->parts += c->renamed[e.stream];
	}
	if (r != NULL && is_altered(c, r)) {
		reword(c, r);
		bytes = c->buffer.data;
		e.len = c->buffer.len;
	}
	e.stream = stream;
	e.seq = c->seqs[i];
	e.chain = hash_chain(tape_chain(to, stream, e.seq - 1), bytes, e.len);
	tape_add(to, &e, bytes);
}

static void
copy_events(struct cutting *c, struct tape *to)
{
	size_t next = 0; /* reference */

	for (uint32_t i = 0; i < c->tape->count; i++) {
		const struct reference *r = NULL;

		if (next < c->count && c->references[next].event == i)
			r = &c->references[next++];
		if (c->kept[i])
			copy_event(c, to, i, r);
	}
}

void
tape_cut(struct tape *t, const struct tape_cut *cut, struct tape_cut_facts *out)
{
	struct cutting c = { .tape = t,
		.cut = cut,
		.facts = out,
		.kept = xcalloc(t->count + 1, sizeof *c.kept),
		.renamed = xcalloc(t->stream_count + 1, sizeof *c.renamed),
		.seqs = xcalloc(t->count + 1, sizeof *c.seqs),
		.arena = wire_arena_new() };
	struct tape part;

	*out = (struct tape_cut_facts){ 0 };
	settle_bounds(&c);
	for (size_t i = 0; i < t->stream_count; i++)
		keep_stream(&c, &t->streams[i]);
	find_references(&c);
	settle(&c);
	note_begin(&c);
	tape_init(&part, t->store, t->race);
	copy_events(&c, &part);
	part.rules = t->rules;
	part.torn = t->torn;
	t->rules = NULL;
	tape_clear(t);
	*t = part;
	wire_buffer_free(&c.buffer);
	wire_arena_free(c.arena);
	free(c.references);
	free(c.seqs);
	free(c.renamed);
	free(c.kept);
}
