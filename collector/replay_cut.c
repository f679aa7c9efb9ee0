#include "collector/replay_cut.h"

#include <stdlib.h>
#include <string.h>

#include "collector/replay_faults.h"
#include "common/hash.h"
#include "common/xalloc.h"
#include "proto/wire.h"

/* What an event names. */
enum { TARGET, OTHER_TARGET, REPLACES, NAMES };

enum { NOBODY = -1, LEFT_OUT = -2 }; /* else the index of an event */

/* How an operator's event comes a second time. */
enum copy {
	NO_COPY,
	COPY_UNDO, /* as an undo of what it replaced */
	COPY_WORDS /* as it is, with new names */
};

struct reference {
	uint32_t event;
	int64_t names[NAMES];
	enum race_event_kind kind;
	bool undoes; /* TARGET is what it undoes */
	bool reads;  /* takes effect by the crossings that it names */
	bool later;  /* in a way of a later version: cannot be said again */
};

struct cutting {
	struct tape *tape;
	const struct tape_cut *cut;
	struct tape_cut_facts *facts;
	size_t first; /* events of the part; operators' from before */
	size_t end;
	uint64_t salt;        /* of the clocks; 0: none is off */
	struct race_id begin; /* its first crossing, or what a station said */
	bool *kept;           /* by event; operators': under its own name */
	enum copy *copies;    /* by event, operators' */
	bool *renamed;        /* by stream, stations' */
	uint64_t *seqs;       /* by event: its number in the part, */
	uint64_t *copy_seqs;  /* ... and the second time */
	struct reference *references;
	size_t count;
	size_t cap;
	struct wire_arena *arena;
	struct wire_buffer buffer;
};

static bool
is_operators(const struct cutting *c, uint32_t event)
{
	const struct tape *t = c->tape;

	return t->streams[t->events[event].stream].operators;
}

static int64_t
ahead_of(const struct cutting *c, uint32_t stream)
{
	return c->cut->ahead_us == NULL ? 0 : c->cut->ahead_us[stream];
}

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
keep_station(struct cutting *c, const struct tape_stream *s)
{
	bool any = false;

	for (size_t i = 0; i < s->count; i++) {
		uint32_t e = s->events[i];

		c->kept[e] = e >= c->first && e < c->end;
		any |= c->kept[e];
	}
	for (size_t i = 0; any && i < s->count; i++) {
		uint32_t e = s->events[i];

		if (e < c->first && c->tape->events[e].kind == RACE_CLOCK)
			c->kept[e] = true;
	}
}

/* What is behind a hole of the recording cannot be had under its own name. */
static void
keep_operators(struct cutting *c, const struct tape_stream *s)
{
	for (size_t i = 0; i < s->count; i++) {
		uint32_t e = s->events[i];

		if (e >= c->end)
			return;
		c->kept[e] = c->tape->events[e].seq == i + 1;
		c->copies[e] = c->kept[e] ? NO_COPY : COPY_WORDS;
	}
}

static void
keep(struct cutting *c)
{
	for (size_t i = 0; i < c->tape->stream_count; i++) {
		const struct tape_stream *s = &c->tape->streams[i];

		if (s->operators)
			keep_operators(c, s);
		else
			keep_station(c, s);
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

static void
read_decision(struct cutting *c, const struct race_decision *d,
    struct reference *out)
{
	out->names[TARGET] = look_up_id(c, d->target);
	out->names[OTHER_TARGET] = look_up_id(c, d->other_target);
	out->names[REPLACES] = look_up_id(c, d->replaces);
	out->undoes = d->verb == RACE_UNDO;
	/* A gun only tells from which crossing it was taken. */
	out->reads = d->verb == RACE_VOID_READ || d->verb == RACE_MOVE_READ ||
	    d->verb == RACE_SWAP;
	out->later = d->verb == RACE_VERB_UNSPECIFIED;
}

/* False: it names nothing. */
static bool
read_reference(struct cutting *c, uint32_t i, struct reference *out)
{
	const struct tape_event *e = &c->tape->events[i];
	struct race_event event;

	if (e->kind != RACE_VOID && e->kind != RACE_FILL_IN &&
	    e->kind != RACE_DECISION)
		return false;
	wire_reset(c->arena);
	if (wire_get_event(c->arena, bytes_of(c, e), e->len, &event) < 0)
		return false;
	*out = (struct reference){ .event = i,
		.kind = event.kind,
		.names = { NOBODY, NOBODY, NOBODY } };
	if (event.kind == RACE_VOID)
		out->names[TARGET] = look_up(c, e->stream, event.void_seq);
	else if (event.kind == RACE_FILL_IN)
		out->names[TARGET] = look_up(c, e->stream, event.fill_in.seq);
	else if (event.kind == RACE_DECISION)
		read_decision(c, event.decision, out);
	return out->names[TARGET] != NOBODY ||
	    out->names[OTHER_TARGET] != NOBODY ||
	    out->names[REPLACES] != NOBODY;
}

static void
find_references(struct cutting *c)
{
	for (uint32_t i = 0; i < c->tape->count; i++) {
		struct reference r;

		if ((!c->kept[i] && c->copies[i] == NO_COPY) ||
		    !read_reference(c, i, &r))
			continue;
		c->references = xgrow(c->references, &c->cap, c->count,
		    sizeof *c->references);
		c->references[c->count++] = r;
	}
}

/* ---- stations ---- */

static bool
is_left_out(const struct cutting *c, int64_t name)
{
	return name == LEFT_OUT ||
	    (name >= 0 && !is_operators(c, (uint32_t)name) && !c->kept[name]);
}

/* Until nothing goes any more: what names it may stand before it. */
static void
drop_voids(struct cutting *c)
{
	bool moved = true;

	while (moved) {
		moved = false;
		for (size_t i = 0; i < c->count; i++) {
			const struct reference *r = &c->references[i];

			if (r->kind == RACE_DECISION || !c->kept[r->event] ||
			    is_operators(c, r->event) ||
			    !is_left_out(c, r->names[TARGET]))
				continue;
			c->kept[r->event] = false;
			c->facts->dropped++;
			moved = true;
		}
	}
}

/* Numbers from 1; anything but the beginning of a stream as it was is another
 * one. */
static void
number_station(struct cutting *c, uint32_t stream)
{
	const struct tape_stream *s = &c->tape->streams[stream];
	uint64_t seq = 0;

	c->renamed[stream] = ahead_of(c, stream) != 0;
	for (size_t i = 0; i < s->count; i++) {
		uint32_t e = s->events[i];

		if (!c->kept[e])
			continue;
		c->seqs[e] = ++seq;
		if (c->tape->events[e].seq != seq)
			c->renamed[stream] = true;
	}
}

/* ---- operators ---- */

/* Nobody knows it by its old name here. */
static bool
is_renamed(const struct cutting *c, int64_t name)
{
	if (name < 0)
		return false;
	if (is_operators(c, (uint32_t)name))
		return !c->kept[name] && c->copies[name] != NO_COPY;
	return c->kept[name] && c->renamed[c->tape->events[name].stream];
}

static bool
is_copied(const struct cutting *c, int64_t name)
{
	return name >= 0 && c->copies[name] != NO_COPY;
}

static enum copy
copy_of(const struct cutting *c, const struct reference *r)
{
	if (r->reads &&
	    (is_renamed(c, r->names[TARGET]) ||
	        is_renamed(c, r->names[OTHER_TARGET])))
		return COPY_WORDS;
	if ((r->undoes && is_copied(c, r->names[TARGET])) ||
	    is_copied(c, r->names[REPLACES]))
		return COPY_UNDO;
	return NO_COPY;
}

static void
settle_copies(struct cutting *c)
{
	bool moved = true;

	while (moved) {
		moved = false;
		for (size_t i = 0; i < c->count; i++) {
			const struct reference *r = &c->references[i];
			enum copy copy;

			if (r->kind != RACE_DECISION ||
			    !is_operators(c, r->event))
				continue;
			copy = copy_of(c, r);
			if (copy <= c->copies[r->event])
				continue;
			c->copies[r->event] = copy;
			moved = true;
		}
	}
}

static void
number_operators(struct cutting *c, uint32_t stream)
{
	const struct tape_stream *s = &c->tape->streams[stream];
	uint64_t copies = 0;

	for (size_t i = 0; i < s->count; i++) {
		uint32_t e = s->events[i];

		if (c->kept[e])
			c->seqs[e] = i + 1;
		if (c->copies[e] != NO_COPY)
			c->copy_seqs[e] = ++copies;
	}
}

static void
count_waiting(struct cutting *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct reference *r = &c->references[i];

		c->facts->waiting += r->reads &&
		    (is_left_out(c, r->names[TARGET]) ||
		        is_left_out(c, r->names[OTHER_TARGET]));
	}
}

static void
settle(struct cutting *c)
{
	const struct tape *t = c->tape;

	drop_voids(c);
	for (uint32_t i = 0; i < t->stream_count; i++) {
		if (!t->streams[i].operators)
			number_station(c, i);
	}
	settle_copies(c);
	for (uint32_t i = 0; i < t->stream_count; i++) {
		if (t->streams[i].operators)
			number_operators(c, i);
	}
	count_waiting(c);
}

/* ---- the part as a tape ---- */

static uint64_t
hash_words(const uint64_t *words, size_t count)
{
	static const struct hash_key key = { HASH_CHAIN_K0, HASH_CHAIN_K1 };
	uint8_t bytes[8 * 8];

	for (size_t i = 0; i < 8 * count; i++)
		bytes[i] = (uint8_t)(words[i / 8] >> (8 * (i % 8)));
	return hash_sip(&key, bytes, 8 * count);
}

static void
note_clocks(struct cutting *c)
{
	for (uint32_t i = 0; i < c->tape->stream_count; i++) {
		const uint64_t words[] = { c->salt, c->tape->streams[i].epoch,
			(uint64_t)ahead_of(c, i) };

		if (words[2] != 0)
			c->salt = hash_words(words, 3);
	}
}

/* Two recordings that were cut of one have no bounds here, and begin
 * elsewhere. */
static void
note_begin(struct cutting *c)
{
	const struct tape *t = c->tape;

	for (uint32_t i = 0; i < t->count; i++) {
		const struct tape_stream *s = &t->streams[t->events[i].stream];

		if (!c->kept[i] || s->operators)
			continue;
		c->begin = (struct race_id){ s->epoch, t->events[i].seq };
		return;
	}
}

static uint64_t
epoch_of_part(const struct cutting *c, uint32_t stream)
{
	const uint64_t words[] = { c->tape->streams[stream].epoch,
		c->begin.stream, c->begin.seq, (uint64_t)c->cut->from_us,
		(uint64_t)c->cut->to_us, c->salt };

	/* 0 is no epoch; as rare as two alike. */
	return hash_words(words, sizeof words / sizeof *words) | 1;
}

static struct race_id
new_name(const struct cutting *c, int64_t name, struct race_id old)
{
	uint32_t stream;

	if (name < 0)
		return old;
	stream = c->tape->events[name].stream;
	if (is_operators(c, (uint32_t)name))
		return c->copies[name] == NO_COPY
		    ? old
		    : (struct race_id){ epoch_of_part(c, stream),
			      c->copy_seqs[name] };
	return is_renamed(c, name)
	    ? (struct race_id){ epoch_of_part(c, stream), c->seqs[name] }
	    : old;
}

/* Of the same stream. */
static uint64_t
new_seq(const struct cutting *c, const struct reference *r, uint64_t old)
{
	const struct race_id id = { 0, old };

	return new_name(c, r->names[TARGET], id).seq;
}

static void
reword_decision(const struct cutting *c, const struct reference *r,
    struct race_decision *d)
{
	d->target = new_name(c, r->names[TARGET], d->target);
	d->other_target = new_name(c, r->names[OTHER_TARGET], d->other_target);
	d->replaces = new_name(c, r->names[REPLACES], d->replaces);
	if (c->copies[r->event] != COPY_UNDO || r->undoes)
		return;
	/* Whatever else it says was said. */
	*d = (struct race_decision){ .verb = RACE_UNDO,
		.by = d->by,
		.reason = d->reason,
		.target = d->replaces,
		.bib = "",
		.other_bib = "",
		.point = "",
		.wave = "",
		.ranking = "",
		.text = "" };
}

/* The event as it is in a stream with another identity, in the buffer.  r NULL:
 * it names nothing. */
static void
reword(struct cutting *c, const struct tape_event *e, const struct reference *r)
{
	struct race_decision d;
	struct race_event event;

	wire_reset(c->arena);
	(void)wire_get_event(c->arena, bytes_of(c, e), e->len, &event);
	if (event.kind == RACE_VOID && r != NULL) {
		event.void_seq = new_seq(c, r, event.void_seq);
	} else if (event.kind == RACE_FILL_IN && r != NULL) {
		event.fill_in.seq = new_seq(c, r, event.fill_in.seq);
	} else if (event.kind == RACE_DECISION && r != NULL) {
		d = *event.decision;
		reword_decision(c, r, &d);
		event.decision = &d;
	}
	fault_shift(&event, ahead_of(c, e->stream));
	c->buffer.len = 0;
	(void)wire_put_event(&c->buffer, &event);
}

/* Where e goes on to, as the stream of that epoch. */
static uint32_t
stream_in(const struct cutting *c, struct tape *to, uint32_t from,
    uint64_t epoch)
{
	const struct tape_stream *is = &c->tape->streams[from];
	uint32_t stream = tape_stream(to, epoch, is->name);
	struct tape_stream *s = &to->streams[stream];

	if (s->count > 0)
		return stream;
	s->operators = is->operators;
	s->ahead_us = ahead_of(c, from);
	for (size_t i = 0; i < is->point_count; i++)
		tape_note_point(s, is->points[i]);
	c->facts->parts += c->renamed[from];
	return stream;
}

static void
add_event(const struct cutting *c, struct tape *to, uint32_t i, uint64_t epoch,
    const uint8_t *bytes, size_t len)
{
	struct tape_event e = c->tape->events[i];

	e.stream = stream_in(c, to, e.stream, epoch);
	if (e.kind == RACE_CROSSING)
		e.moment_us += to->streams[e.stream].ahead_us;
	e.seq = to->streams[e.stream].count + 1;
	e.len = len;
	e.chain = hash_chain(tape_chain(to, e.stream, e.seq - 1), bytes, len);
	tape_add(to, &e, bytes);
}

/* Bytes of a later version, which cannot be said again, stay as they are; so
 * does all that names nothing and has its clock right. */
static bool
is_reworded(const struct cutting *c, uint32_t i, const struct reference *r)
{
	const struct tape_event *e = &c->tape->events[i];

	if (e->kind == RACE_EVENT_UNKNOWN)
		return false;
	if (r == NULL)
		return ahead_of(c, e->stream) != 0;
	return !r->later || c->copies[i] == COPY_UNDO;
}

static void
copy_event(struct cutting *c, struct tape *to, uint32_t i,
    const struct reference *r)
{
	const struct tape_event *e = &c->tape->events[i];
	const uint64_t old = c->tape->streams[e->stream].epoch;
	bool renamed = c->renamed[e->stream];

	if (c->kept[i] && renamed && is_reworded(c, i, r)) {
		reword(c, e, r);
		add_event(c, to, i, epoch_of_part(c, e->stream), c->buffer.data,
		    c->buffer.len);
	} else if (c->kept[i]) {
		add_event(c, to, i, renamed ? epoch_of_part(c, e->stream) : old,
		    bytes_of(c, e), e->len);
	}
	if (c->copies[i] == NO_COPY)
		return;
	if (!is_reworded(c, i, r)) {
		add_event(c, to, i, epoch_of_part(c, e->stream), bytes_of(c, e),
		    e->len);
		return;
	}
	reword(c, e, r);
	add_event(c, to, i, epoch_of_part(c, e->stream), c->buffer.data,
	    c->buffer.len);
}

static void
copy_events(struct cutting *c, struct tape *to)
{
	size_t next = 0; /* reference */

	for (uint32_t i = 0; i < c->tape->count; i++) {
		const struct reference *r = NULL;

		if (next < c->count && c->references[next].event == i)
			r = &c->references[next++];
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
		.copies = xcalloc(t->count + 1, sizeof *c.copies),
		.renamed = xcalloc(t->stream_count + 1, sizeof *c.renamed),
		.seqs = xcalloc(t->count + 1, sizeof *c.seqs),
		.copy_seqs = xcalloc(t->count + 1, sizeof *c.copy_seqs),
		.arena = wire_arena_new() };
	struct tape part;

	*out = (struct tape_cut_facts){ 0 };
	settle_bounds(&c);
	keep(&c);
	find_references(&c);
	settle(&c);
	note_clocks(&c);
	note_begin(&c);
	tape_init(&part, t->store, t->race);
	copy_events(&c, &part);
	part.rules = t->rules;
	part.gun_us = t->gun_us;
	if (c.first > 0 && c.first < t->count)
		part.begin_us = t->events[c.first].received_us;
	part.torn = t->torn;
	t->rules = NULL;
	tape_clear(t);
	*t = part;
	wire_buffer_free(&c.buffer);
	wire_arena_free(c.arena);
	free(c.references);
	free(c.copy_seqs);
	free(c.seqs);
	free(c.renamed);
	free(c.copies);
	free(c.kept);
}
