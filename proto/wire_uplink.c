/* What collectors and operators exchange with the aggregator. */
#include <errno.h>

#include "proto/wire_parts.h"

/* Our enums have the values of the schema's. */
SAME(MESSAGE_WHY_VERSION, PALMARES__REFUSE__WHY__VERSION);
SAME(MESSAGE_WHY_NOT_HELD, PALMARES__REFUSE__WHY__NOT_HELD);

/* ---- to the schema's ---- */

int
wire_put_hello(struct wire_buffer *b, const struct message_hello *m)
{
	Palmares__Hello p = PALMARES__HELLO__INIT;

	p.stream = m->stream;
	p.name = wire_str(m->name);
	p.point = wire_str(m->point);
	p.first_kept = m->first_kept;
	p.last = m->last;
	p.software = wire_str(m->software);
	p.protocol = m->protocol;
	return wire_pack(b, MESSAGE_HELLO, &p.base);
}

int
wire_put_welcome(struct wire_buffer *b, const struct message_welcome *m)
{
	Palmares__Welcome p = PALMARES__WELCOME__INIT;

	p.store = m->store;
	p.run = m->run;
	p.committed = m->committed;
	p.chain = m->chain;
	p.credit = m->credit;
	p.race = wire_str(m->race);
	p.software = wire_str(m->software);
	p.protocol = m->protocol;
	return wire_pack(b, MESSAGE_WELCOME, &p.base);
}

int
wire_put_batch(struct wire_buffer *b, const struct message_batch *m)
{
	Palmares__Batch p = PALMARES__BATCH__INIT;

	p.stream = m->stream;
	p.first = m->first;
	p.chain = m->chain;
	p.n_events = m->count;
	p.events = wire_take_array(b->scratch, m->count, sizeof *p.events);
	for (size_t i = 0; i < m->count; i++) {
		p.events[i].len = m->events[i].len;
		p.events[i].data = (uint8_t *)m->events[i].data;
	}
	return wire_pack(b, MESSAGE_BATCH, &p.base);
}

int
wire_put_ack(struct wire_buffer *b, const struct message_ack *m)
{
	Palmares__Ack p = PALMARES__ACK__INIT;

	p.stream = m->stream;
	p.committed = m->committed;
	p.chain = m->chain;
	p.credit = m->credit;
	p.holes = m->holes;
	p.repeats = m->repeats;
	return wire_pack(b, MESSAGE_ACK, &p.base);
}

int
wire_put_gap(struct wire_buffer *b, const struct message_gap *m)
{
	Palmares__Gap p = PALMARES__GAP__INIT;

	p.stream = m->stream;
	p.expected = m->expected;
	return wire_pack(b, MESSAGE_GAP, &p.base);
}

int
wire_put_ping(struct wire_buffer *b, const struct message_ping *m)
{
	Palmares__Ping p = PALMARES__PING__INIT;

	p.stream = m->stream;
	p.t1_us = m->t1_us;
	p.last = m->last;
	p.waiting = m->waiting;
	p.last_time_us = wire_put_time(m->last_time_us);
	p.disk_free = m->disk_free;
	p.offset_us = m->offset_us;
	p.bound_us = m->bound_us;
	p.refused = m->refused;
	p.wall_us = m->wall_us;
	return wire_pack(b, MESSAGE_PING, &p.base);
}

int
wire_put_pong(struct wire_buffer *b, const struct message_pong *m)
{
	Palmares__Pong p = PALMARES__PONG__INIT;

	p.stream = m->stream;
	p.t1_us = m->t1_us;
	p.t2_us = m->t2_us;
	p.t3_us = m->t3_us;
	p.committed = m->committed;
	p.credit = m->credit;
	return wire_pack(b, MESSAGE_PONG, &p.base);
}

int
wire_put_refuse(struct wire_buffer *b, const struct message_refuse *m)
{
	Palmares__Refuse p = PALMARES__REFUSE__INIT;

	p.why = (Palmares__Refuse__Why)m->why;
	p.text = wire_str(m->text);
	p.stream = m->stream;
	p.seq = m->seq;
	return wire_pack(b, MESSAGE_REFUSE, &p.base);
}

int
wire_put_bye(struct wire_buffer *b, const struct message_bye *m)
{
	Palmares__Bye p = PALMARES__BYE__INIT;

	p.stream = m->stream;
	p.text = wire_str(m->text);
	return wire_pack(b, MESSAGE_BYE, &p.base);
}

/* ---- from the schema's ---- */

int
wire_get_hello(const Palmares__Hello *p, struct message_hello *out)
{
	if (p->stream == 0 || !wire_name_ok(p->name) ||
	    !wire_label_ok(p->point) || !wire_name_ok(p->software))
		return -EINVAL;
	out->stream = p->stream;
	out->name = p->name;
	out->point = p->point;
	out->first_kept = p->first_kept;
	out->last = p->last;
	out->software = p->software;
	out->protocol = p->protocol;
	return 0;
}

int
wire_get_welcome(const Palmares__Welcome *p, struct message_welcome *out)
{
	if (!wire_name_ok(p->race) || !wire_name_ok(p->software))
		return -EINVAL;
	out->store = p->store;
	out->run = p->run;
	out->committed = p->committed;
	out->chain = p->chain;
	out->credit = p->credit;
	out->race = p->race;
	out->software = p->software;
	out->protocol = p->protocol;
	return 0;
}

int
wire_get_batch(struct wire_arena *a, const Palmares__Batch *p,
    struct message_batch *out)
{
	struct message_bytes *events;

	/* The numbers of all events are 64-bit integers of SQLite. */
	if (p->n_events < 1 || p->n_events > RACE_BATCH_EVENTS ||
	    p->first < 1 || p->first > INT64_MAX - RACE_BATCH_EVENTS)
		return -EINVAL;
	events = wire_take_array(a, p->n_events, sizeof *events);
	for (size_t i = 0; i < p->n_events; i++) {
		if (p->events[i].len > RACE_EVENT_MAX)
			return -EINVAL;
		events[i].len = p->events[i].len;
		events[i].data =
		    events[i].len > 0 ? p->events[i].data : (const uint8_t *)"";
	}
	out->stream = p->stream;
	out->first = p->first;
	out->chain = p->chain;
	out->events = events;
	out->count = p->n_events;
	return 0;
}

int
wire_get_ack(const Palmares__Ack *p, struct message_ack *out)
{
	out->stream = p->stream;
	out->committed = p->committed;
	out->chain = p->chain;
	out->credit = p->credit;
	out->holes = p->holes;
	out->repeats = p->repeats;
	return 0;
}

int
wire_get_gap(const Palmares__Gap *p, struct message_gap *out)
{
	out->stream = p->stream;
	out->expected = p->expected;
	return 0;
}

int
wire_get_ping(const Palmares__Ping *p, struct message_ping *out)
{
	if (!wire_span_ok(p->t1_us) || !wire_span_ok(p->last_time_us) ||
	    !wire_span_ok(p->offset_us) || !wire_bound_ok(p->bound_us) ||
	    !wire_span_ok(p->wall_us))
		return -EINVAL;
	out->stream = p->stream;
	out->t1_us = p->t1_us;
	out->last = p->last;
	out->waiting = p->waiting;
	out->last_time_us = wire_get_time(p->last_time_us);
	out->disk_free = p->disk_free;
	out->offset_us = p->offset_us;
	out->bound_us = p->bound_us;
	out->refused = p->refused;
	out->wall_us = p->wall_us;
	return 0;
}

int
wire_get_pong(const Palmares__Pong *p, struct message_pong *out)
{
	if (!wire_span_ok(p->t1_us) || !wire_span_ok(p->t2_us) ||
	    !wire_span_ok(p->t3_us))
		return -EINVAL;
	out->stream = p->stream;
	out->t1_us = p->t1_us;
	out->t2_us = p->t2_us;
	out->t3_us = p->t3_us;
	out->committed = p->committed;
	out->credit = p->credit;
	return 0;
}

int
wire_get_refuse(const Palmares__Refuse *p, struct message_refuse *out)
{
	if (!wire_words_ok(p->text))
		return -EINVAL;
	/* A reason of a later version still comes with its words. */
	out->why = (unsigned)p->why <= MESSAGE_WHY_NOT_HELD
	    ? (enum message_why)p->why
	    : MESSAGE_WHY_UNSPECIFIED;
	out->text = p->text;
	out->stream = p->stream;
	out->seq = p->seq;
	return 0;
}

int
wire_get_bye(const Palmares__Bye *p, struct message_bye *out)
{
	if (!wire_words_ok(p->text))
		return -EINVAL;
	out->stream = p->stream;
	out->text = p->text;
	return 0;
}
