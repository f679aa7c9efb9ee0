#include "proto/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/text.h"
#include "common/xalloc.h"
#include "palmares.pb-c.h"

/* protobuf-c's structs and __INIT macros hold what is only read without const.
 */
#pragma GCC diagnostic ignored "-Wcast-qual"

enum {
	CHUNK = 64 * 1024, /* the arena grows by at least this */
	ALIGN = 8,
	AT_LENGTH = 8, /* offsets in the header */
	AT_CRC = 12,
	PARTS_MAX = 65536, /* of a delta: a roster of 2 million needs 7000 */
	SPLIT_MAX = 9      /* bytes of a varint of up to 63 bits */
};

/* Of an elapsed time: the sums of teams stay below, and sums and differences of
 * two of them do not overflow. */
#define ELAPSED_MAX (64 * RACE_TIME_MAX)

/* Our enums have the values of the schema's. */
#define SAME(ours, theirs) _Static_assert((int)(ours) == (int)(theirs), #ours)
SAME(RACE_NC, PALMARES__STATUS__STATUS_NC);
SAME(RACE_DNS, PALMARES__STATUS__STATUS_DNS);
SAME(RACE_CLOCK_LAPTOP, PALMARES__CLOCK__CLOCK_LAPTOP);
SAME(RACE_CLOCK_FILE, PALMARES__CLOCK__CLOCK_FILE);
SAME(RACE_TEAMS, PALMARES__RANKING__OF__TEAMS);
SAME(RACE_BY_NET, PALMARES__RANKING__BY__NET);
SAME(RACE_BY_KM, PALMARES__RANKING__BY__KM);
SAME(RACE_TIES_ORDER, PALMARES__RANKING__TIES__ORDER);
SAME(RACE_TIES_TIME, PALMARES__RANKING__TIES__TIME);
SAME(RACE_ROUND_NONE, PALMARES__RANKING__ROUND__NONE);
SAME(RACE_SCORE_KM, PALMARES__RANKING__SCORE__SCORE_KM);
SAME(MESSAGE_WHY_VERSION, PALMARES__REFUSE__WHY__VERSION);
SAME(MESSAGE_WHY_NOT_HELD, PALMARES__REFUSE__WHY__NOT_HELD);
SAME(RACE_UNKNOWN_NOBODY, PALMARES__UNKNOWN__KIND__NOBODY);
SAME(RACE_UNKNOWN_OPEN, PALMARES__UNKNOWN__KIND__OPEN);

/* ---- arena ---- */

struct chunk {
	struct chunk *next;
	size_t cap;
	size_t used;
	_Alignas(16) uint8_t data[];
};

struct wire_arena {
	struct chunk *first;
	struct chunk *current; /* those behind it are unused */
	size_t budget;         /* left for the message being unpacked */
	bool over;             /* it was asked for more */
};

struct mark {
	struct chunk *current;
	size_t used;
};

struct wire_arena *
wire_arena_new(void)
{
	return xcalloc(1, sizeof(struct wire_arena));
}

void
wire_arena_free(struct wire_arena *a)
{
	struct chunk *next;

	if (a == NULL)
		return;
	for (struct chunk *c = a->first; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
}

void
wire_reset(struct wire_arena *a)
{
	a->current = a->first;
	if (a->current != NULL)
		a->current->used = 0;
}

static struct mark
mark(const struct wire_arena *a)
{
	if (a->current == NULL)
		return (struct mark){ NULL, 0 };
	return (struct mark){ a->current, a->current->used };
}

static void
rewind_to(struct wire_arena *a, struct mark m)
{
	if (m.current == NULL) {
		wire_reset(a);
		return;
	}
	a->current = m.current;
	a->current->used = m.used;
}

/* Makes a chunk with that room the current one. */
static void
next_chunk(struct wire_arena *a, size_t size)
{
	struct chunk *c = a->current != NULL ? a->current->next : a->first;

	if (c == NULL || c->cap < size) {
		size_t cap = size > CHUNK ? size : CHUNK;
		struct chunk *fresh = xmalloc(sizeof *fresh + cap);

		fresh->cap = cap;
		fresh->next = c;
		if (a->current != NULL)
			a->current->next = fresh;
		else
			a->first = fresh;
		c = fresh;
	}
	c->used = 0;
	a->current = c;
}

static void *
take(struct wire_arena *a, size_t size)
{
	void *p;

	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (a->current == NULL || a->current->cap - a->current->used < size)
		next_chunk(a, size);
	p = a->current->data + a->current->used;
	a->current->used += size;
	return p;
}

/* Counts come from what was decoded within the budget, or from our caller. */
static void *
take_array(struct wire_arena *a, size_t count, size_t size)
{
	return take(a, count * size);
}

static void *
budget_alloc(void *arg, size_t size)
{
	struct wire_arena *a = arg;

	if (size > a->budget) {
		a->over = true;
		return NULL;
	}
	a->budget -= size;
	return take(a, size);
}

static void
budget_free(void *arg, void *p)
{
	(void)arg;
	(void)p;
}

/* protobuf-c makes half a million objects of a valid 1 MiB of empty messages;
 * the budget ends that. */
static int
unpack(struct wire_arena *a, const ProtobufCMessageDescriptor *type,
    const uint8_t *bytes, size_t len, void *out)
{
	ProtobufCAllocator allocator = { budget_alloc, budget_free, a };
	ProtobufCMessage *m;

	a->budget = WIRE_BUDGET;
	a->over = false;
	m = protobuf_c_message_unpack(type, &allocator, len, bytes);
	if (m == NULL)
		return a->over ? -E2BIG : -EBADMSG;
	memcpy(out, &m, sizeof m);
	return 0;
}

/* ---- buffer ---- */

void
wire_buffer_free(struct wire_buffer *b)
{
	free(b->data);
	wire_arena_free(b->scratch);
	*b = (struct wire_buffer){ 0 };
}

static void
reserve(struct wire_buffer *b, size_t more)
{
	if (more < b->cap - b->len) /* so that data is never NULL */
		return;
	b->cap = b->len + more + b->cap / 2 + 1;
	b->data = xreallocarray(b->data, b->cap, 1);
}

/* Memory that lasts until the next wire_put of b. */
static struct wire_arena *
scratch(struct wire_buffer *b)
{
	if (b->scratch == NULL)
		b->scratch = wire_arena_new();
	return b->scratch;
}

static void
put_u32(uint8_t *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t
get_u32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	    (uint32_t)at[3] << 24;
}

static uint32_t
message_crc(const uint8_t *bytes, size_t len)
{
	uint32_t crc = hash_crc32c(0, bytes, AT_CRC);

	return hash_crc32c(crc, bytes + WIRE_HEADER, len - WIRE_HEADER);
}

static int
put(struct wire_buffer *b, enum message_type type, const ProtobufCMessage *m)
{
	size_t size = protobuf_c_message_get_packed_size(m);
	uint8_t *at;

	if (size > WIRE_MESSAGE_MAX - WIRE_HEADER)
		return -EMSGSIZE;
	reserve(b, WIRE_HEADER + size);
	at = b->data;
	memcpy(at, "PLMR", 4);
	at[4] = MESSAGE_PROTOCOL;
	at[5] = (uint8_t)type;
	at[6] = 0;
	at[7] = 0;
	put_u32(at + AT_LENGTH, (uint32_t)size);
	protobuf_c_message_pack(m, at + WIRE_HEADER);
	b->len = WIRE_HEADER + size;
	put_u32(at + AT_CRC, message_crc(at, b->len));
	return 0;
}

/* ---- race structs to the schema's ---- */

static char *
str(const char *s)
{
	return (char *)s;
}

/* Optional times are 0 on the wire, which no race's time is. */
static int64_t
put_time(int64_t time_us)
{
	return time_us == RACE_NO_TIME ? 0 : time_us;
}

static uint64_t
plus1(int64_t elapsed_us)
{
	return (uint64_t)elapsed_us + 1;
}

static void
put_row_head(Palmares__Row *p, const struct race_row *row)
{
	palmares__row__init(p);
	p->label = str(row->label);
	p->status = (Palmares__Status)row->status;
	p->group = row->sort.group;
	p->key1 = row->sort.key[0];
	p->key2 = row->sort.key[1];
	p->key3 = row->sort.key[2];
	p->tie_stream = row->sort.tie.stream;
	p->tie_seq = row->sort.tie.seq;
	p->time_plus1 = plus1(row->elapsed_us);
	p->metres = row->metres;
	p->point_plus1 = (uint32_t)(row->point + 1);
	p->counted = row->counted;
	p->finishers = row->finishers;
	p->bound_us = (uint64_t)row->bound_us;
	p->clock = row->clock;
}

static void
put_row(struct wire_arena *a, Palmares__Row *p, const struct race_row *row)
{
	put_row_head(p, row);
	p->n_split_plus1 = row->split_count;
	p->split_plus1 = take_array(a, row->split_count, sizeof(uint64_t));
	for (size_t i = 0; i < row->split_count; i++)
		p->split_plus1[i] = plus1(row->splits[i]);
}

/* The rows, then those that are gone. */
static Palmares__Row **
put_rows(struct wire_arena *a, const struct race_row *rows, size_t count,
    const char *const *gone, size_t gone_count)
{
	size_t all = count + gone_count;
	Palmares__Row **list = take_array(a, all, sizeof(Palmares__Row *));
	Palmares__Row *p = take_array(a, all, sizeof *p);

	for (size_t i = 0; i < all; i++)
		list[i] = &p[i];
	for (size_t i = 0; i < count; i++)
		put_row(a, &p[i], &rows[i]);
	for (size_t i = 0; i < gone_count; i++) {
		palmares__row__init(&p[count + i]);
		p[count + i].label = str(gone[i]);
		p[count + i].gone = true;
	}
	return list;
}

static void
put_entry_head(Palmares__Entry *p, const struct race_entry *entry)
{
	palmares__entry__init(p);
	p->bib = str(entry->bib);
	p->n_chips = entry->chip_count;
	p->chips = (char **)entry->chips;
	p->name = str(entry->name);
	p->sex = str(entry->sex);
	p->born = str(entry->born);
	p->category = str(entry->category);
	p->team = str(entry->team);
	p->wave = str(entry->wave);
	p->nation = str(entry->nation);
	p->status = (Palmares__Status)entry->status;
}

static void
put_entry(struct wire_arena *a, Palmares__Entry *p,
    const struct race_entry *entry)
{
	Palmares__Column *columns;

	put_entry_head(p, entry);
	p->n_more = entry->more_count;
	p->more = take_array(a, p->n_more, sizeof(Palmares__Column *));
	columns = take_array(a, p->n_more, sizeof *columns);
	for (size_t i = 0; i < p->n_more; i++) {
		palmares__column__init(&columns[i]);
		columns[i].name = str(entry->more[i].name);
		columns[i].value = str(entry->more[i].value);
		p->more[i] = &columns[i];
	}
}

static Palmares__Entry **
put_entries(struct wire_arena *a, const struct race_entry *entries,
    size_t count)
{
	Palmares__Entry **list =
	    take_array(a, count, sizeof(Palmares__Entry *));
	Palmares__Entry *p = take_array(a, count, sizeof *p);

	for (size_t i = 0; i < count; i++) {
		put_entry(a, &p[i], &entries[i]);
		list[i] = &p[i];
	}
	return list;
}

static void
put_waves(struct wire_arena *a, Palmares__Rules *p,
    const struct race_rules *rules)
{
	Palmares__Wave *w = take_array(a, rules->wave_count, sizeof *w);

	p->n_waves = rules->wave_count;
	p->waves = take_array(a, p->n_waves, sizeof(Palmares__Wave *));
	for (size_t i = 0; i < p->n_waves; i++) {
		const struct race_wave *wave = &rules->waves[i];

		p->waves[i] = &w[i];
		palmares__wave__init(&w[i]);
		w[i].name = wave->name;
		if (wave->gun_us == RACE_NO_TIME)
			continue;
		w[i].start_case = PALMARES__WAVE__START_GUN_US;
		w[i].gun_us = wave->gun_us;
	}
}

static void
put_points(struct wire_arena *a, Palmares__Rules *p,
    const struct race_rules *rules)
{
	Palmares__Point *points =
	    take_array(a, rules->point_count, sizeof *points);

	p->n_points = rules->point_count;
	p->points = take_array(a, p->n_points, sizeof(Palmares__Point *));
	for (size_t i = 0; i < p->n_points; i++) {
		p->points[i] = &points[i];
		palmares__point__init(&points[i]);
		points[i].name = rules->points[i].name;
		points[i].metres = rules->points[i].metres;
		points[i].min_us = (uint64_t)rules->points[i].min_us;
	}
}

static void
put_ranking(Palmares__Ranking *p, const struct race_ranking *r)
{
	palmares__ranking__init(p);
	p->name = r->name;
	p->of = (Palmares__Ranking__Of)r->of;
	p->sex = r->sex;
	p->category = r->category;
	p->team = r->team;
	p->wave = r->wave;
	p->at = r->at;
	p->by = (Palmares__Ranking__By)r->by;
	p->ties = (Palmares__Ranking__Ties)r->ties;
	p->round = (Palmares__Ranking__Round)r->round;
	p->score = (Palmares__Ranking__Score)r->score;
	p->best = r->best;
}

static void
put_rankings(struct wire_arena *a, Palmares__Rules *p,
    const struct race_rules *rules)
{
	Palmares__Ranking *r = take_array(a, rules->ranking_count, sizeof *r);

	p->n_rankings = rules->ranking_count;
	p->rankings = take_array(a, p->n_rankings, sizeof(Palmares__Ranking *));
	for (size_t i = 0; i < p->n_rankings; i++) {
		put_ranking(&r[i], &rules->rankings[i]);
		p->rankings[i] = &r[i];
	}
}

static void
put_awards(struct wire_arena *a, Palmares__Rules *p,
    const struct race_rules *rules)
{
	Palmares__AwardRule *w = take_array(a, rules->award_count, sizeof *w);

	p->n_awards = rules->award_count;
	p->awards = take_array(a, p->n_awards, sizeof(Palmares__AwardRule *));
	for (size_t i = 0; i < p->n_awards; i++) {
		palmares__award_rule__init(&w[i]);
		w[i].name = rules->awards[i].name;
		w[i].ranking = rules->awards[i].ranking;
		w[i].places = rules->awards[i].places;
		p->awards[i] = &w[i];
	}
}

static void
put_rules(struct wire_arena *a, Palmares__Rules *p,
    const struct race_rules *rules)
{
	palmares__rules__init(p);
	p->title = rules->title;
	p->date = rules->date;
	p->timezone = rules->timezone;
	put_waves(a, p, rules);
	put_points(a, p, rules);
	put_rankings(a, p, rules);
	put_awards(a, p, rules);
}

static void
put_crossing(Palmares__Crossing *p, const struct race_crossing *c)
{
	palmares__crossing__init(p);
	p->point = str(c->point);
	p->bib = str(c->bib);
	p->chip = str(c->chip);
	p->time_us = c->time_us;
	p->clock = (Palmares__Clock)c->clock;
	p->offset_us = c->offset_us;
	p->bound_us = (uint64_t)c->bound_us;
	p->clock_epoch = c->clock_epoch;
	p->boot_us = c->boot_us;
	p->flags = c->flags;
	p->source = str(c->source);
}

static void
put_clock(Palmares__ClockEstimate *p, const struct race_clock_estimate *c)
{
	palmares__clock_estimate__init(p);
	p->clock_epoch = c->clock_epoch;
	p->boot_us = c->boot_us;
	p->offset_us = c->offset_us;
	p->drift_ppb = c->drift_ppb;
	p->bound_us = (uint64_t)c->bound_us;
	p->drift_bound_ppb = (uint64_t)c->drift_bound_ppb;
}

/* One of these is inside an event. */
union body {
	Palmares__Crossing crossing;
	Palmares__Void void_;
	Palmares__FillIn fill_in;
	Palmares__ClockEstimate clock;
	Palmares__Rules rules;
	Palmares__Entry entry;
	Palmares__EntryGone entry_gone;
	Palmares__Gun gun;
	Palmares__Decision decision;
	Palmares__Award award;
};

static void
put_small_body(Palmares__Event *p, union body *body, const struct race_event *e)
{
	switch (e->kind) {
	case RACE_VOID:
		p->body_case = PALMARES__EVENT__BODY_VOID;
		p->void_ = &body->void_;
		palmares__void__init(p->void_);
		p->void_->seq = e->void_seq;
		break;
	case RACE_FILL_IN:
		p->body_case = PALMARES__EVENT__BODY_FILL_IN;
		p->fill_in = &body->fill_in;
		palmares__fill_in__init(p->fill_in);
		p->fill_in->seq = e->fill_in.seq;
		p->fill_in->bib = str(e->fill_in.bib);
		break;
	case RACE_ENTRY_GONE:
		p->body_case = PALMARES__EVENT__BODY_ENTRY_GONE;
		p->entry_gone = &body->entry_gone;
		palmares__entry_gone__init(p->entry_gone);
		p->entry_gone->bib = str(e->entry_gone);
		break;
	case RACE_GUN:
		p->body_case = PALMARES__EVENT__BODY_GUN;
		p->gun = &body->gun;
		palmares__gun__init(p->gun);
		p->gun->wave = str(e->gun.wave);
		p->gun->gun_us = e->gun.gun_us;
		break;
	case RACE_DECISION:
		p->body_case = PALMARES__EVENT__BODY_DECISION;
		p->decision = &body->decision;
		palmares__decision__init(p->decision);
		break;
	case RACE_AWARD:
		p->body_case = PALMARES__EVENT__BODY_AWARD;
		p->award = &body->award;
		palmares__award__init(p->award);
		break;
	case RACE_EVENT_UNKNOWN:
	case RACE_CROSSING:
	case RACE_CLOCK:
	case RACE_RULES:
	case RACE_ENTRY:
		break;
	}
}

static void
put_body(struct wire_arena *a, Palmares__Event *p, union body *body,
    const struct race_event *e)
{
	if (e->kind == RACE_CROSSING) {
		p->body_case = PALMARES__EVENT__BODY_CROSSING;
		p->crossing = &body->crossing;
		put_crossing(p->crossing, &e->crossing);
	} else if (e->kind == RACE_ENTRY) {
		p->body_case = PALMARES__EVENT__BODY_ENTRY;
		p->entry = &body->entry;
		put_entry(a, p->entry, &e->entry);
	} else if (e->kind == RACE_RULES) {
		p->body_case = PALMARES__EVENT__BODY_RULES;
		p->rules = &body->rules;
		put_rules(a, p->rules, e->rules);
	} else if (e->kind == RACE_CLOCK) {
		p->body_case = PALMARES__EVENT__BODY_CLOCK;
		p->clock = &body->clock;
		put_clock(p->clock, &e->clock);
	} else {
		put_small_body(p, body, e);
	}
}

int
wire_put_event(struct wire_buffer *b, const struct race_event *e)
{
	struct wire_arena *a = scratch(b);
	Palmares__Event p = PALMARES__EVENT__INIT;
	union body body;
	size_t size;

	wire_reset(a);
	p.made_us = e->made_us;
	put_body(a, &p, &body, e);
	size = palmares__event__get_packed_size(&p);
	if (size > RACE_EVENT_MAX)
		return -EMSGSIZE;
	reserve(b, size);
	palmares__event__pack(&p, b->data + b->len);
	b->len += size;
	return (int)size;
}

/* Field number, and a length of up to three bytes. */
static const size_t tag_and_length = 4;

size_t
wire_row_bound(const struct race_row *row)
{
	Palmares__Row p;

	put_row_head(&p, row);
	return 2 * tag_and_length + palmares__row__get_packed_size(&p) +
	    SPLIT_MAX * row->split_count;
}

size_t
wire_entry_bound(const struct race_entry *entry)
{
	Palmares__Entry p;
	size_t size;

	put_entry_head(&p, entry);
	size = tag_and_length + palmares__entry__get_packed_size(&p);
	for (size_t i = 0; i < entry->more_count; i++)
		size += 3 * tag_and_length + strlen(entry->more[i].name) +
		    strlen(entry->more[i].value);
	return size;
}

/* ---- messages to the schema's ---- */

static int
put_hello(struct wire_buffer *b, const struct message_hello *m)
{
	Palmares__Hello p = PALMARES__HELLO__INIT;

	p.stream = m->stream;
	p.name = str(m->name);
	p.point = str(m->point);
	p.first_kept = m->first_kept;
	p.last = m->last;
	p.software = str(m->software);
	p.protocol = m->protocol;
	return put(b, MESSAGE_HELLO, &p.base);
}

static int
put_welcome(struct wire_buffer *b, const struct message_welcome *m)
{
	Palmares__Welcome p = PALMARES__WELCOME__INIT;

	p.store = m->store;
	p.run = m->run;
	p.committed = m->committed;
	p.chain = m->chain;
	p.credit = m->credit;
	p.race = str(m->race);
	p.software = str(m->software);
	p.protocol = m->protocol;
	return put(b, MESSAGE_WELCOME, &p.base);
}

static int
put_batch(struct wire_buffer *b, const struct message_batch *m)
{
	Palmares__Batch p = PALMARES__BATCH__INIT;

	p.stream = m->stream;
	p.first = m->first;
	p.chain = m->chain;
	p.n_events = m->count;
	p.events = take_array(b->scratch, m->count, sizeof *p.events);
	for (size_t i = 0; i < m->count; i++) {
		p.events[i].len = m->events[i].len;
		p.events[i].data = (uint8_t *)m->events[i].data;
	}
	return put(b, MESSAGE_BATCH, &p.base);
}

static int
put_ack(struct wire_buffer *b, const struct message_ack *m)
{
	Palmares__Ack p = PALMARES__ACK__INIT;

	p.stream = m->stream;
	p.committed = m->committed;
	p.chain = m->chain;
	p.credit = m->credit;
	p.holes = m->holes;
	p.repeats = m->repeats;
	return put(b, MESSAGE_ACK, &p.base);
}

static int
put_gap(struct wire_buffer *b, const struct message_gap *m)
{
	Palmares__Gap p = PALMARES__GAP__INIT;

	p.stream = m->stream;
	p.expected = m->expected;
	return put(b, MESSAGE_GAP, &p.base);
}

static int
put_ping(struct wire_buffer *b, const struct message_ping *m)
{
	Palmares__Ping p = PALMARES__PING__INIT;

	p.stream = m->stream;
	p.t1_us = m->t1_us;
	p.last = m->last;
	p.waiting = m->waiting;
	p.last_time_us = put_time(m->last_time_us);
	p.disk_free = m->disk_free;
	p.offset_us = m->offset_us;
	p.bound_us = m->bound_us;
	p.refused = m->refused;
	p.wall_us = m->wall_us;
	return put(b, MESSAGE_PING, &p.base);
}

static int
put_pong(struct wire_buffer *b, const struct message_pong *m)
{
	Palmares__Pong p = PALMARES__PONG__INIT;

	p.stream = m->stream;
	p.t1_us = m->t1_us;
	p.t2_us = m->t2_us;
	p.t3_us = m->t3_us;
	p.committed = m->committed;
	p.credit = m->credit;
	return put(b, MESSAGE_PONG, &p.base);
}

static int
put_refuse(struct wire_buffer *b, const struct message_refuse *m)
{
	Palmares__Refuse p = PALMARES__REFUSE__INIT;

	p.why = (Palmares__Refuse__Why)m->why;
	p.text = str(m->text);
	p.stream = m->stream;
	p.seq = m->seq;
	return put(b, MESSAGE_REFUSE, &p.base);
}

static int
put_bye(struct wire_buffer *b, const struct message_bye *m)
{
	Palmares__Bye p = PALMARES__BYE__INIT;

	p.stream = m->stream;
	p.text = str(m->text);
	return put(b, MESSAGE_BYE, &p.base);
}

static int
put_delta(struct wire_buffer *b, const struct message_delta *m)
{
	Palmares__Delta p = PALMARES__DELTA__INIT;
	bool bibs = strcmp(m->view, MESSAGE_ROSTER) == 0;
	size_t gone_rows = bibs ? 0 : m->gone_count;

	p.store = m->store;
	p.run = m->run;
	p.view = str(m->view);
	p.from = m->from;
	p.to = m->to;
	p.part = m->part;
	p.parts = m->parts;
	p.digest = m->digest;
	p.as_of_us = put_time(m->as_of_us);
	p.sent_us = m->sent_us;
	p.n_rows = m->row_count + gone_rows;
	p.rows =
	    put_rows(b->scratch, m->rows, m->row_count, m->gone, gone_rows);
	p.n_entries = m->entry_count;
	p.entries = put_entries(b->scratch, m->entries, m->entry_count);
	if (bibs) {
		p.n_gone = m->gone_count;
		p.gone = (char **)m->gone;
	}
	return put(b, MESSAGE_DELTA, &p.base);
}

static int
put_heartbeat(struct wire_buffer *b, const struct message_heartbeat *m)
{
	Palmares__Heartbeat p = PALMARES__HEARTBEAT__INIT;
	Palmares__ViewState *views =
	    take_array(b->scratch, m->view_count, sizeof *views);

	p.store = m->store;
	p.run = m->run;
	p.now_us = m->now_us;
	p.as_of_us = put_time(m->as_of_us);
	p.log = m->log;
	p.trouble = str(m->trouble);
	p.n_views = m->view_count;
	p.views = take_array(b->scratch, p.n_views, sizeof *p.views);
	for (size_t i = 0; i < p.n_views; i++) {
		palmares__view_state__init(&views[i]);
		views[i].view = str(m->views[i].view);
		views[i].seq = m->views[i].seq;
		views[i].digest = m->views[i].digest;
		views[i].rows = m->views[i].rows;
		p.views[i] = &views[i];
	}
	return put(b, MESSAGE_HEARTBEAT, &p.base);
}

static int
put_snapshot_request(struct wire_buffer *b,
    const struct message_snapshot_request *m)
{
	Palmares__SnapshotRequest p = PALMARES__SNAPSHOT_REQUEST__INIT;

	p.request = m->request;
	p.view = str(m->view);
	p.first = m->first;
	return put(b, MESSAGE_SNAPSHOT_REQUEST, &p.base);
}

static int
put_snapshot_page(struct wire_buffer *b, const struct message_snapshot_page *m)
{
	Palmares__SnapshotPage p = PALMARES__SNAPSHOT_PAGE__INIT;

	p.request = m->request;
	p.store = m->store;
	p.run = m->run;
	p.view = str(m->view);
	p.seq = m->seq;
	p.first = m->first;
	p.next = m->next;
	p.as_of_us = put_time(m->as_of_us);
	p.digest = m->digest;
	p.n_rows = m->row_count;
	p.rows = put_rows(b->scratch, m->rows, m->row_count, NULL, 0);
	p.n_entries = m->entry_count;
	p.entries = put_entries(b->scratch, m->entries, m->entry_count);
	return put(b, MESSAGE_SNAPSHOT_PAGE, &p.base);
}

static int
put_rules_request(struct wire_buffer *b, const struct message_rules_request *m)
{
	Palmares__RulesRequest p = PALMARES__RULES_REQUEST__INIT;

	p.request = m->request;
	return put(b, MESSAGE_RULES_REQUEST, &p.base);
}

static int
put_rules_reply(struct wire_buffer *b, const struct message_rules_reply *m)
{
	Palmares__RulesReply p = PALMARES__RULES_REPLY__INIT;
	Palmares__Rules rules;

	put_rules(b->scratch, &rules, m->rules);
	p.request = m->request;
	p.store = m->store;
	p.run = m->run;
	p.rules = &rules;
	p.software = str(m->software);
	return put(b, MESSAGE_RULES_REPLY, &p.base);
}

static int
put_status_request(struct wire_buffer *b,
    const struct message_status_request *m)
{
	Palmares__StatusRequest p = PALMARES__STATUS_REQUEST__INIT;

	p.request = m->request;
	return put(b, MESSAGE_STATUS_REQUEST, &p.base);
}

static void
put_station(Palmares__Station *p, const struct message_station *s)
{
	palmares__station__init(p);
	p->stream = s->stream;
	p->name = str(s->name);
	p->point = str(s->point);
	p->connected = s->connected;
	p->stored = s->stored;
	p->waiting = s->waiting;
	p->last_time_us = put_time(s->last_time_us);
	p->heard_us = s->heard_us;
	p->holes = s->holes;
	p->repeats = s->repeats;
	p->offset_us = s->offset_us;
	p->bound_us = s->bound_us;
	p->disk_free = s->disk_free;
	p->software = str(s->software);
	p->refused = s->refused;
}

static int
put_status_reply(struct wire_buffer *b, const struct message_status_reply *m)
{
	Palmares__StatusReply p = PALMARES__STATUS_REPLY__INIT;
	Palmares__Station *stations =
	    take_array(b->scratch, m->station_count, sizeof *stations);

	p.request = m->request;
	p.store = m->store;
	p.run = m->run;
	p.race = str(m->race);
	p.software = str(m->software);
	p.now_us = m->now_us;
	p.started_us = m->started_us;
	p.log = m->log;
	p.crossings = m->crossings;
	p.unknown = m->unknown;
	p.repeats = m->repeats;
	p.holes = m->holes;
	p.commits = m->commits;
	p.undecoded = m->undecoded;
	p.snapshots = m->snapshots;
	p.malformed = m->malformed;
	p.conflicts = m->conflicts;
	p.misfits = m->misfits;
	p.entries = m->entries;
	p.entries_us = m->entries_us;
	p.trouble = str(m->trouble);
	p.n_stations = m->station_count;
	p.stations = take_array(b->scratch, p.n_stations, sizeof *p.stations);
	for (size_t i = 0; i < p.n_stations; i++) {
		put_station(&stations[i], &m->stations[i]);
		p.stations[i] = &stations[i];
	}
	return put(b, MESSAGE_STATUS_REPLY, &p.base);
}

static int
put_unknown_request(struct wire_buffer *b,
    const struct message_unknown_request *m)
{
	Palmares__UnknownRequest p = PALMARES__UNKNOWN_REQUEST__INIT;

	p.request = m->request;
	p.first = m->first;
	return put(b, MESSAGE_UNKNOWN_REQUEST, &p.base);
}

static void
put_unknown(Palmares__Unknown *p, const struct race_unknown *u)
{
	palmares__unknown__init(p);
	p->kind = (Palmares__Unknown__Kind)u->kind;
	p->text = str(u->text);
	p->reads = u->reads;
	p->first_us = u->first_us;
	p->last_us = u->last_us;
	p->point = str(u->point);
}

static int
put_unknown_reply(struct wire_buffer *b, const struct message_unknown_reply *m)
{
	Palmares__UnknownReply p = PALMARES__UNKNOWN_REPLY__INIT;
	Palmares__Unknown *list =
	    take_array(b->scratch, m->count, sizeof *list);

	p.request = m->request;
	p.next = m->next;
	p.n_unknown = m->count;
	p.unknown = take_array(b->scratch, m->count, sizeof *p.unknown);
	for (size_t i = 0; i < m->count; i++) {
		put_unknown(&list[i], &m->unknown[i]);
		p.unknown[i] = &list[i];
	}
	return put(b, MESSAGE_UNKNOWN_REPLY, &p.base);
}

int
wire_put(struct wire_buffer *b, const struct message *m)
{
	wire_reset(scratch(b));
	b->len = 0;
	switch (m->type) {
	case MESSAGE_HELLO:
		return put_hello(b, &m->hello);
	case MESSAGE_WELCOME:
		return put_welcome(b, &m->welcome);
	case MESSAGE_BATCH:
		return put_batch(b, &m->batch);
	case MESSAGE_ACK:
		return put_ack(b, &m->ack);
	case MESSAGE_GAP:
		return put_gap(b, &m->gap);
	case MESSAGE_PING:
		return put_ping(b, &m->ping);
	case MESSAGE_PONG:
		return put_pong(b, &m->pong);
	case MESSAGE_REFUSE:
		return put_refuse(b, &m->refuse);
	case MESSAGE_BYE:
		return put_bye(b, &m->bye);
	case MESSAGE_DELTA:
		return put_delta(b, &m->delta);
	case MESSAGE_HEARTBEAT:
		return put_heartbeat(b, &m->heartbeat);
	case MESSAGE_SNAPSHOT_REQUEST:
		return put_snapshot_request(b, &m->snapshot_request);
	case MESSAGE_SNAPSHOT_PAGE:
		return put_snapshot_page(b, &m->snapshot_page);
	case MESSAGE_RULES_REQUEST:
		return put_rules_request(b, &m->rules_request);
	case MESSAGE_RULES_REPLY:
		return put_rules_reply(b, &m->rules_reply);
	case MESSAGE_STATUS_REQUEST:
		return put_status_request(b, &m->status_request);
	case MESSAGE_STATUS_REPLY:
		return put_status_reply(b, &m->status_reply);
	case MESSAGE_UNKNOWN_REQUEST:
		return put_unknown_request(b, &m->unknown_request);
	case MESSAGE_UNKNOWN_REPLY:
		return put_unknown_reply(b, &m->unknown_reply);
	}
	return -EPROTO;
}

/* ---- bounds ---- */

/* UTF-8 of at most max bytes. */
static bool
text_ok(const char *s, size_t max)
{
	unsigned char high = 0;
	size_t n = 0;

	for (; s[n] != '\0'; n++)
		high |= (unsigned char)s[n];
	return n <= max && (high < 0x80 || text_utf8_valid(s, n));
}

/* The same, and nothing that steers a terminal. */
static bool
plain_ok(const char *s, size_t max)
{
	bool ascii = true;
	size_t n = 0;

	for (; s[n] != '\0'; n++)
		ascii = ascii && s[n] >= 0x20 && s[n] < 0x7f;
	return n <= max && (ascii || text_printable(s));
}

static bool
label_ok(const char *s)
{
	return plain_ok(s, RACE_LABEL_MAX);
}

static bool
name_ok(const char *s)
{
	return plain_ok(s, RACE_NAME_MAX);
}

static bool
bib_ok(const char *s)
{
	return plain_ok(s, RACE_BIB_MAX);
}

static bool
chip_ok(const char *s)
{
	return plain_ok(s, RACE_CHIP_MAX);
}

/* A ranking's name or MESSAGE_ROSTER. */
static bool
view_ok(const char *s)
{
	return s[0] != '\0' && label_ok(s);
}

static bool
time_ok(int64_t us)
{
	return us >= RACE_TIME_MIN && us <= RACE_TIME_MAX;
}

/* An offset, or a time for information: sums and differences do not overflow.
 */
static bool
span_ok(int64_t us)
{
	return us >= -RACE_TIME_MAX && us <= RACE_TIME_MAX;
}

static bool
bound_ok(uint64_t us)
{
	return us <= (uint64_t)RACE_TIME_MAX;
}

static int64_t
get_time(int64_t us)
{
	return us == 0 ? RACE_NO_TIME : us;
}

/* *us - 1, as plus1() made it. */
static bool
minus1(uint64_t plus1, int64_t *us)
{
	*us = (int64_t)(plus1 - 1);
	return plus1 <= (uint64_t)ELAPSED_MAX;
}

/* ---- the schema's structs to ours ---- */

static int
get_row(struct wire_arena *a, const Palmares__Row *p, struct race_row *out)
{
	int64_t *splits;

	if (p->label[0] == '\0' || !name_ok(p->label) ||
	    (unsigned)p->status > RACE_NC || p->group > RACE_GROUP_DNS ||
	    p->point_plus1 > RACE_POINTS_MAX ||
	    p->n_split_plus1 > RACE_POINTS_MAX || !bound_ok(p->bound_us) ||
	    !minus1(p->time_plus1, &out->elapsed_us))
		return -EINVAL;
	splits = take_array(a, p->n_split_plus1, sizeof *splits);
	for (size_t i = 0; i < p->n_split_plus1; i++)
		if (!minus1(p->split_plus1[i], &splits[i]))
			return -EINVAL;
	out->label = p->label;
	out->status = (enum race_status)p->status;
	out->sort.group = (uint8_t)p->group;
	out->sort.key[0] = p->key1;
	out->sort.key[1] = p->key2;
	out->sort.key[2] = p->key3;
	out->sort.tie.stream = p->tie_stream;
	out->sort.tie.seq = p->tie_seq;
	out->metres = p->metres;
	out->point = (int)p->point_plus1 - 1;
	out->splits = splits;
	out->split_count = p->n_split_plus1;
	out->counted = p->counted;
	out->finishers = p->finishers;
	out->bound_us = (int64_t)p->bound_us;
	out->clock = p->clock;
	return 0;
}

/* Those that are there to *rows, labels of the others to *gone. */
static int
get_rows(struct wire_arena *a, Palmares__Row *const *list, size_t n,
    struct race_row *rows, size_t *row_count, const char **gone,
    size_t *gone_count)
{
	size_t r = 0;
	size_t g = 0;

	for (size_t i = 0; i < n; i++) {
		const Palmares__Row *p = list[i];
		int rc = 0;

		if (!p->gone)
			rc = get_row(a, p, &rows[r++]);
		else if (gone != NULL && p->label[0] != '\0' &&
		    name_ok(p->label))
			gone[g++] = p->label;
		else
			rc = -EINVAL;
		if (rc < 0)
			return rc;
	}
	*row_count = r;
	*gone_count = g;
	return 0;
}

static int
get_columns(struct wire_arena *a, const Palmares__Entry *p,
    struct race_entry *out)
{
	struct race_column *more;

	if (p->n_more > RACE_COLUMNS_MAX)
		return -EINVAL;
	more = take_array(a, p->n_more, sizeof *more);
	for (size_t i = 0; i < p->n_more; i++) {
		more[i].name = p->more[i]->name;
		more[i].value = p->more[i]->value;
		if (!text_ok(more[i].name, RACE_NAME_MAX) ||
		    !text_ok(more[i].value, RACE_MORE_MAX))
			return -EINVAL;
	}
	out->more = more;
	out->more_count = p->n_more;
	return 0;
}

static bool
chips_ok(const Palmares__Entry *p)
{
	if (p->n_chips > RACE_CHIPS_MAX)
		return false;
	for (size_t i = 0; i < p->n_chips; i++)
		if (p->chips[i][0] == '\0' || !chip_ok(p->chips[i]))
			return false;
	return true;
}

static int
get_entry(struct wire_arena *a, const Palmares__Entry *p,
    struct race_entry *out)
{
	if (p->bib[0] == '\0' || !bib_ok(p->bib) || !chips_ok(p) ||
	    !name_ok(p->name) || !label_ok(p->sex) || !label_ok(p->born) ||
	    !label_ok(p->category) || !name_ok(p->team) || !label_ok(p->wave) ||
	    !label_ok(p->nation) || (unsigned)p->status > RACE_NC)
		return -EINVAL;
	out->bib = p->bib;
	out->name = p->name;
	out->sex = p->sex;
	out->born = p->born;
	out->category = p->category;
	out->team = p->team;
	out->wave = p->wave;
	out->nation = p->nation;
	out->status = (enum race_status)p->status;
	out->chips = (const char *const *)p->chips;
	out->chip_count = p->n_chips;
	return get_columns(a, p, out);
}

static int
get_entries(struct wire_arena *a, Palmares__Entry *const *list, size_t n,
    const struct race_entry **out)
{
	struct race_entry *entries = take_array(a, n, sizeof *entries);

	for (size_t i = 0; i < n; i++) {
		int rc = get_entry(a, list[i], &entries[i]);

		if (rc < 0)
			return rc;
	}
	*out = entries;
	return 0;
}

static int
get_waves(struct wire_arena *a, const Palmares__Rules *p,
    struct race_rules *out)
{
	if (p->n_waves > RACE_WAVES_MAX)
		return -EINVAL;
	out->wave_count = p->n_waves;
	out->waves = take_array(a, p->n_waves, sizeof *out->waves);
	for (size_t i = 0; i < p->n_waves; i++) {
		const Palmares__Wave *w = p->waves[i];
		bool gun = w->start_case == PALMARES__WAVE__START_GUN_US;

		if (!label_ok(w->name) || (gun && !time_ok(w->gun_us)))
			return -EINVAL;
		out->waves[i].name = w->name;
		out->waves[i].gun_us = gun ? w->gun_us : RACE_NO_TIME;
	}
	return 0;
}

static int
get_points(struct wire_arena *a, const Palmares__Rules *p,
    struct race_rules *out)
{
	if (p->n_points > RACE_POINTS_MAX)
		return -EINVAL;
	out->point_count = p->n_points;
	out->points = take_array(a, p->n_points, sizeof *out->points);
	for (size_t i = 0; i < p->n_points; i++) {
		const Palmares__Point *point = p->points[i];

		if (!label_ok(point->name) || !bound_ok(point->min_us))
			return -EINVAL;
		out->points[i].name = point->name;
		out->points[i].metres = point->metres;
		out->points[i].min_us = (int64_t)point->min_us;
	}
	return 0;
}

static bool
ranking_ok(const Palmares__Ranking *r, size_t points)
{
	return view_ok(r->name) && strchr(r->name, '/') == NULL &&
	    (unsigned)r->of <= RACE_TEAMS && label_ok(r->sex) &&
	    label_ok(r->category) && name_ok(r->team) && label_ok(r->wave) &&
	    r->at >= RACE_LIVE && r->at < (int)points &&
	    (unsigned)r->by <= RACE_BY_KM &&
	    (unsigned)r->ties <= RACE_TIES_TIME &&
	    (unsigned)r->round <= RACE_ROUND_NONE &&
	    (unsigned)r->score <= RACE_SCORE_KM && r->best <= RACE_BEST_MAX;
}

static int
get_rankings(struct wire_arena *a, const Palmares__Rules *p,
    struct race_rules *out)
{
	if (p->n_rankings > RACE_RANKINGS_MAX)
		return -EINVAL;
	out->ranking_count = p->n_rankings;
	out->rankings = take_array(a, p->n_rankings, sizeof *out->rankings);
	for (size_t i = 0; i < p->n_rankings; i++) {
		const Palmares__Ranking *r = p->rankings[i];

		if (!ranking_ok(r, p->n_points))
			return -EINVAL;
		out->rankings[i] = (struct race_ranking){
			.name = r->name,
			.of = (enum race_of)r->of,
			.sex = r->sex,
			.category = r->category,
			.team = r->team,
			.wave = r->wave,
			.at = r->at,
			.by = (enum race_by)r->by,
			.ties = (enum race_ties)r->ties,
			.round = (enum race_round)r->round,
			.score = (enum race_score)r->score,
			.best = r->best,
		};
	}
	return 0;
}

static int
get_awards(struct wire_arena *a, const Palmares__Rules *p,
    struct race_rules *out)
{
	if (p->n_awards > RACE_AWARDS_MAX)
		return -EINVAL;
	out->award_count = p->n_awards;
	out->awards = take_array(a, p->n_awards, sizeof *out->awards);
	for (size_t i = 0; i < p->n_awards; i++) {
		const Palmares__AwardRule *w = p->awards[i];

		if (!label_ok(w->name) || !label_ok(w->ranking))
			return -EINVAL;
		out->awards[i].name = w->name;
		out->awards[i].ranking = w->ranking;
		out->awards[i].places = w->places;
	}
	return 0;
}

static int
get_rules(struct wire_arena *a, const Palmares__Rules *p,
    const struct race_rules **out)
{
	struct race_rules *rules = take(a, sizeof *rules);
	int rc;

	if (!name_ok(p->title) || !label_ok(p->date) || !label_ok(p->timezone))
		return -EINVAL;
	rules->title = p->title;
	rules->date = p->date;
	rules->timezone = p->timezone;
	rc = get_waves(a, p, rules);
	if (rc == 0)
		rc = get_points(a, p, rules);
	if (rc == 0)
		rc = get_rankings(a, p, rules);
	if (rc == 0)
		rc = get_awards(a, p, rules);
	if (rc == 0)
		*out = rules;
	return rc;
}

static int
get_crossing(const Palmares__Crossing *p, struct race_crossing *out)
{
	if (!label_ok(p->point) || !bib_ok(p->bib) || !chip_ok(p->chip) ||
	    !text_ok(p->source, RACE_MORE_MAX) || !time_ok(p->time_us) ||
	    !span_ok(p->offset_us) || !time_ok(p->time_us + p->offset_us) ||
	    !bound_ok(p->bound_us) || !span_ok(p->boot_us) ||
	    (unsigned)p->clock > RACE_CLOCK_LAPTOP)
		return -EINVAL;
	out->point = p->point;
	out->bib = p->bib;
	out->chip = p->chip;
	out->time_us = p->time_us;
	out->offset_us = p->offset_us;
	out->bound_us = (int64_t)p->bound_us;
	out->clock = (enum race_clock)p->clock;
	out->clock_epoch = p->clock_epoch;
	out->boot_us = p->boot_us;
	out->flags = p->flags;
	out->source = p->source;
	return 0;
}

static int
get_clock(const Palmares__ClockEstimate *p, struct race_clock_estimate *out)
{
	if (!span_ok(p->boot_us) || !span_ok(p->offset_us) ||
	    p->drift_ppb < -RACE_DRIFT_MAX || p->drift_ppb > RACE_DRIFT_MAX ||
	    !bound_ok(p->bound_us) || p->drift_bound_ppb > RACE_DRIFT_MAX)
		return -EINVAL;
	out->clock_epoch = p->clock_epoch;
	out->boot_us = p->boot_us;
	out->offset_us = p->offset_us;
	out->drift_ppb = p->drift_ppb;
	out->bound_us = (int64_t)p->bound_us;
	out->drift_bound_ppb = (int64_t)p->drift_bound_ppb;
	return 0;
}

static int
get_fill_in(const Palmares__FillIn *p, struct race_fill_in *out)
{
	if (!bib_ok(p->bib))
		return -EINVAL;
	out->seq = p->seq;
	out->bib = p->bib;
	return 0;
}

static int
get_gun(const Palmares__Gun *p, struct race_gun *out)
{
	if (!label_ok(p->wave) || !time_ok(p->gun_us))
		return -EINVAL;
	out->wave = p->wave;
	out->gun_us = p->gun_us;
	return 0;
}

static int
get_body(struct wire_arena *a, const Palmares__Event *p, struct race_event *out)
{
	switch (p->body_case) {
	case PALMARES__EVENT__BODY_CROSSING:
		out->kind = RACE_CROSSING;
		return get_crossing(p->crossing, &out->crossing);
	case PALMARES__EVENT__BODY_VOID:
		out->kind = RACE_VOID;
		out->void_seq = p->void_->seq;
		return 0;
	case PALMARES__EVENT__BODY_FILL_IN:
		out->kind = RACE_FILL_IN;
		return get_fill_in(p->fill_in, &out->fill_in);
	case PALMARES__EVENT__BODY_CLOCK:
		out->kind = RACE_CLOCK;
		return get_clock(p->clock, &out->clock);
	case PALMARES__EVENT__BODY_RULES:
		out->kind = RACE_RULES;
		return get_rules(a, p->rules, &out->rules);
	case PALMARES__EVENT__BODY_ENTRY:
		out->kind = RACE_ENTRY;
		return get_entry(a, p->entry, &out->entry);
	case PALMARES__EVENT__BODY_ENTRY_GONE:
		out->kind = RACE_ENTRY_GONE;
		out->entry_gone = p->entry_gone->bib;
		return out->entry_gone[0] != '\0' && bib_ok(out->entry_gone)
		    ? 0
		    : -EINVAL;
	case PALMARES__EVENT__BODY_GUN:
		out->kind = RACE_GUN;
		return get_gun(p->gun, &out->gun);
	case PALMARES__EVENT__BODY_DECISION:
		out->kind = RACE_DECISION;
		return 0;
	case PALMARES__EVENT__BODY_AWARD:
		out->kind = RACE_AWARD;
		return 0;
	default: /* none, or one of a later version */
		out->kind = RACE_EVENT_UNKNOWN;
		return 0;
	}
}

static int
get_event(struct wire_arena *a, const uint8_t *bytes, size_t len,
    struct race_event *out)
{
	Palmares__Event *p;
	int rc = unpack(a, &palmares__event__descriptor, bytes, len, &p);

	if (rc < 0)
		return rc;
	/* A laptop may wake up in 1970, which is no reason to lose what a
	 * reader with a right clock has seen; a time far ahead would win for
	 * ever. */
	if (p->made_us < 0 || p->made_us > RACE_TIME_MAX)
		return -EINVAL;
	out->made_us = p->made_us;
	return get_body(a, p, out);
}

int
wire_get_event(struct wire_arena *a, const uint8_t *bytes, size_t len,
    struct race_event *out)
{
	struct race_event e = { .kind = RACE_EVENT_UNKNOWN };
	struct mark before = mark(a);

	if (len > RACE_EVENT_MAX || get_event(a, bytes, len, &e) < 0) {
		rewind_to(a, before);
		return -EINVAL;
	}
	*out = e;
	return 0;
}

/* ---- the schema's messages to ours ---- */

static int
get_hello(const Palmares__Hello *p, struct message_hello *out)
{
	if (p->stream == 0 || !name_ok(p->name) || !label_ok(p->point) ||
	    !name_ok(p->software))
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

static int
get_welcome(const Palmares__Welcome *p, struct message_welcome *out)
{
	if (!name_ok(p->race) || !name_ok(p->software))
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

static int
get_batch(struct wire_arena *a, const Palmares__Batch *p,
    struct message_batch *out)
{
	struct message_bytes *events;

	/* The numbers of all events are 64-bit integers of SQLite. */
	if (p->n_events < 1 || p->n_events > RACE_BATCH_EVENTS ||
	    p->first < 1 || p->first > INT64_MAX - RACE_BATCH_EVENTS)
		return -EINVAL;
	events = take_array(a, p->n_events, sizeof *events);
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

static int
get_ack(const Palmares__Ack *p, struct message_ack *out)
{
	out->stream = p->stream;
	out->committed = p->committed;
	out->chain = p->chain;
	out->credit = p->credit;
	out->holes = p->holes;
	out->repeats = p->repeats;
	return 0;
}

static int
get_gap(const Palmares__Gap *p, struct message_gap *out)
{
	out->stream = p->stream;
	out->expected = p->expected;
	return 0;
}

static int
get_ping(const Palmares__Ping *p, struct message_ping *out)
{
	if (!span_ok(p->t1_us) || !span_ok(p->last_time_us) ||
	    !span_ok(p->offset_us) || !bound_ok(p->bound_us) ||
	    !span_ok(p->wall_us))
		return -EINVAL;
	out->stream = p->stream;
	out->t1_us = p->t1_us;
	out->last = p->last;
	out->waiting = p->waiting;
	out->last_time_us = get_time(p->last_time_us);
	out->disk_free = p->disk_free;
	out->offset_us = p->offset_us;
	out->bound_us = p->bound_us;
	out->refused = p->refused;
	out->wall_us = p->wall_us;
	return 0;
}

static int
get_pong(const Palmares__Pong *p, struct message_pong *out)
{
	if (!span_ok(p->t1_us) || !span_ok(p->t2_us) || !span_ok(p->t3_us))
		return -EINVAL;
	out->stream = p->stream;
	out->t1_us = p->t1_us;
	out->t2_us = p->t2_us;
	out->t3_us = p->t3_us;
	out->committed = p->committed;
	out->credit = p->credit;
	return 0;
}

static int
get_refuse(const Palmares__Refuse *p, struct message_refuse *out)
{
	if (!text_ok(p->text, RACE_MORE_MAX))
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

static int
get_bye(const Palmares__Bye *p, struct message_bye *out)
{
	if (!text_ok(p->text, RACE_MORE_MAX))
		return -EINVAL;
	out->stream = p->stream;
	out->text = p->text;
	return 0;
}

static int
get_gone_bibs(const Palmares__Delta *p, const char **gone)
{
	for (size_t i = 0; i < p->n_gone; i++) {
		if (p->gone[i][0] == '\0' || !bib_ok(p->gone[i]))
			return -EINVAL;
		gone[i] = p->gone[i];
	}
	return 0;
}

static int
get_changes(struct wire_arena *a, const Palmares__Delta *p,
    struct message_delta *out)
{
	struct race_row *rows = take_array(a, p->n_rows, sizeof *rows);
	const char **gone = take_array(a, p->n_rows + p->n_gone, sizeof *gone);
	/* Who is gone is a row of a ranking, and a bib of the roster. */
	bool bibs = strcmp(p->view, MESSAGE_ROSTER) == 0;
	int rc = get_rows(a, p->rows, p->n_rows, rows, &out->row_count,
	    bibs ? NULL : gone, &out->gone_count);

	if (rc == 0)
		rc = get_entries(a, p->entries, p->n_entries, &out->entries);
	if (rc == 0 && !bibs && p->n_gone > 0)
		rc = -EINVAL;
	if (rc == 0)
		rc = get_gone_bibs(p, gone + out->gone_count);
	if (rc < 0)
		return rc;
	out->rows = rows;
	out->entry_count = p->n_entries;
	out->gone = gone;
	out->gone_count += p->n_gone;
	return 0;
}

static int
get_delta(struct wire_arena *a, const Palmares__Delta *p,
    struct message_delta *out)
{
	if (!view_ok(p->view) || p->from > p->to || p->parts < 1 ||
	    p->parts > PARTS_MAX || p->part >= p->parts ||
	    !span_ok(p->as_of_us) || !span_ok(p->sent_us))
		return -EINVAL;
	out->store = p->store;
	out->run = p->run;
	out->view = p->view;
	out->from = p->from;
	out->to = p->to;
	out->part = p->part;
	out->parts = p->parts;
	out->digest = p->digest;
	out->as_of_us = get_time(p->as_of_us);
	out->sent_us = p->sent_us;
	return get_changes(a, p, out);
}

static int
get_views(struct wire_arena *a, const Palmares__Heartbeat *p,
    struct message_heartbeat *out)
{
	struct message_view_state *views;

	if (p->n_views > RACE_RANKINGS_MAX + 1) /* and the roster */
		return -EINVAL;
	views = take_array(a, p->n_views, sizeof *views);
	for (size_t i = 0; i < p->n_views; i++) {
		if (!view_ok(p->views[i]->view))
			return -EINVAL;
		views[i].view = p->views[i]->view;
		views[i].seq = p->views[i]->seq;
		views[i].digest = p->views[i]->digest;
		views[i].rows = p->views[i]->rows;
	}
	out->views = views;
	out->view_count = p->n_views;
	return 0;
}

static int
get_heartbeat(struct wire_arena *a, const Palmares__Heartbeat *p,
    struct message_heartbeat *out)
{
	if (!span_ok(p->now_us) || !span_ok(p->as_of_us) ||
	    !text_ok(p->trouble, RACE_MORE_MAX))
		return -EINVAL;
	out->store = p->store;
	out->run = p->run;
	out->now_us = p->now_us;
	out->as_of_us = get_time(p->as_of_us);
	out->log = p->log;
	out->trouble = p->trouble;
	return get_views(a, p, out);
}

static int
get_snapshot_request(const Palmares__SnapshotRequest *p,
    struct message_snapshot_request *out)
{
	if (!view_ok(p->view))
		return -EINVAL;
	out->request = p->request;
	out->view = p->view;
	out->first = p->first;
	return 0;
}

static int
get_snapshot_page(struct wire_arena *a, const Palmares__SnapshotPage *p,
    struct message_snapshot_page *out)
{
	struct race_row *rows = take_array(a, p->n_rows, sizeof *rows);
	size_t gone;
	int rc;

	if (!view_ok(p->view) || (p->next != 0 && p->next <= p->first) ||
	    !span_ok(p->as_of_us))
		return -EINVAL;
	rc =
	    get_rows(a, p->rows, p->n_rows, rows, &out->row_count, NULL, &gone);
	if (rc == 0)
		rc = get_entries(a, p->entries, p->n_entries, &out->entries);
	if (rc < 0)
		return rc;
	out->request = p->request;
	out->store = p->store;
	out->run = p->run;
	out->view = p->view;
	out->seq = p->seq;
	out->first = p->first;
	out->next = p->next;
	out->as_of_us = get_time(p->as_of_us);
	out->digest = p->digest;
	out->rows = rows;
	out->entry_count = p->n_entries;
	return 0;
}

static int
get_rules_reply(struct wire_arena *a, const Palmares__RulesReply *p,
    struct message_rules_reply *out)
{
	if (p->rules == NULL || !name_ok(p->software))
		return -EINVAL;
	out->request = p->request;
	out->store = p->store;
	out->run = p->run;
	out->software = p->software;
	return get_rules(a, p->rules, &out->rules);
}

static int
get_station(const Palmares__Station *p, struct message_station *out)
{
	if (!name_ok(p->name) || !label_ok(p->point) ||
	    !span_ok(p->last_time_us) || !span_ok(p->heard_us) ||
	    !span_ok(p->offset_us) || !bound_ok(p->bound_us) ||
	    !name_ok(p->software))
		return -EINVAL;
	out->stream = p->stream;
	out->name = p->name;
	out->point = p->point;
	out->connected = p->connected != 0;
	out->stored = p->stored;
	out->waiting = p->waiting;
	out->last_time_us = get_time(p->last_time_us);
	out->heard_us = p->heard_us;
	out->holes = p->holes;
	out->repeats = p->repeats;
	out->offset_us = p->offset_us;
	out->bound_us = p->bound_us;
	out->disk_free = p->disk_free;
	out->software = p->software;
	out->refused = p->refused;
	return 0;
}

static int
get_stations(struct wire_arena *a, const Palmares__StatusReply *p,
    struct message_status_reply *out)
{
	struct message_station *stations =
	    take_array(a, p->n_stations, sizeof *stations);

	for (size_t i = 0; i < p->n_stations; i++) {
		int rc = get_station(p->stations[i], &stations[i]);

		if (rc < 0)
			return rc;
	}
	out->stations = stations;
	out->station_count = p->n_stations;
	return 0;
}

static int
get_status_reply(struct wire_arena *a, const Palmares__StatusReply *p,
    struct message_status_reply *out)
{
	if (!name_ok(p->race) || !name_ok(p->software) || !span_ok(p->now_us) ||
	    !span_ok(p->started_us) || !text_ok(p->trouble, RACE_MORE_MAX) ||
	    p->entries_us < 0 || p->entries_us > RACE_TIME_MAX)
		return -EINVAL;
	out->request = p->request;
	out->store = p->store;
	out->run = p->run;
	out->race = p->race;
	out->software = p->software;
	out->now_us = p->now_us;
	out->started_us = p->started_us;
	out->log = p->log;
	out->crossings = p->crossings;
	out->unknown = p->unknown;
	out->repeats = p->repeats;
	out->holes = p->holes;
	out->commits = p->commits;
	out->undecoded = p->undecoded;
	out->snapshots = p->snapshots;
	out->malformed = p->malformed;
	out->conflicts = p->conflicts;
	out->misfits = p->misfits;
	out->entries = p->entries;
	out->entries_us = p->entries_us;
	out->trouble = p->trouble;
	return get_stations(a, p, out);
}

static int
get_unknown(const Palmares__Unknown *p, struct race_unknown *out)
{
	if ((unsigned)p->kind > RACE_UNKNOWN_OPEN || !label_ok(p->text) ||
	    !span_ok(p->first_us) || !span_ok(p->last_us) ||
	    !label_ok(p->point))
		return -EINVAL;
	out->kind = (enum race_unknown_kind)p->kind;
	out->text = p->text;
	out->reads = p->reads;
	out->first_us = p->first_us;
	out->last_us = p->last_us;
	out->point = p->point;
	return 0;
}

static int
get_unknown_reply(struct wire_arena *a, const Palmares__UnknownReply *p,
    struct message_unknown_reply *out)
{
	struct race_unknown *list = take_array(a, p->n_unknown, sizeof *list);

	if (p->next != 0 && p->n_unknown == 0)
		return -EINVAL; /* the asker would turn in a circle */
	for (size_t i = 0; i < p->n_unknown; i++) {
		int rc = get_unknown(p->unknown[i], &list[i]);

		if (rc < 0)
			return rc;
	}
	out->request = p->request;
	out->next = p->next;
	out->unknown = list;
	out->count = p->n_unknown;
	return 0;
}

static const ProtobufCMessageDescriptor *
descriptor(uint8_t type)
{
	switch ((enum message_type)type) {
	case MESSAGE_HELLO:
		return &palmares__hello__descriptor;
	case MESSAGE_WELCOME:
		return &palmares__welcome__descriptor;
	case MESSAGE_BATCH:
		return &palmares__batch__descriptor;
	case MESSAGE_ACK:
		return &palmares__ack__descriptor;
	case MESSAGE_GAP:
		return &palmares__gap__descriptor;
	case MESSAGE_PING:
		return &palmares__ping__descriptor;
	case MESSAGE_PONG:
		return &palmares__pong__descriptor;
	case MESSAGE_REFUSE:
		return &palmares__refuse__descriptor;
	case MESSAGE_BYE:
		return &palmares__bye__descriptor;
	case MESSAGE_DELTA:
		return &palmares__delta__descriptor;
	case MESSAGE_HEARTBEAT:
		return &palmares__heartbeat__descriptor;
	case MESSAGE_SNAPSHOT_REQUEST:
		return &palmares__snapshot_request__descriptor;
	case MESSAGE_SNAPSHOT_PAGE:
		return &palmares__snapshot_page__descriptor;
	case MESSAGE_RULES_REQUEST:
		return &palmares__rules_request__descriptor;
	case MESSAGE_RULES_REPLY:
		return &palmares__rules_reply__descriptor;
	case MESSAGE_STATUS_REQUEST:
		return &palmares__status_request__descriptor;
	case MESSAGE_STATUS_REPLY:
		return &palmares__status_reply__descriptor;
	case MESSAGE_UNKNOWN_REQUEST:
		return &palmares__unknown_request__descriptor;
	case MESSAGE_UNKNOWN_REPLY:
		return &palmares__unknown_reply__descriptor;
	}
	return NULL;
}

/* p is of the type that descriptor() gave for m->type. */
static int
get_message(struct wire_arena *a, const void *p, struct message *m)
{
	switch (m->type) {
	case MESSAGE_HELLO:
		return get_hello(p, &m->hello);
	case MESSAGE_WELCOME:
		return get_welcome(p, &m->welcome);
	case MESSAGE_BATCH:
		return get_batch(a, p, &m->batch);
	case MESSAGE_ACK:
		return get_ack(p, &m->ack);
	case MESSAGE_GAP:
		return get_gap(p, &m->gap);
	case MESSAGE_PING:
		return get_ping(p, &m->ping);
	case MESSAGE_PONG:
		return get_pong(p, &m->pong);
	case MESSAGE_REFUSE:
		return get_refuse(p, &m->refuse);
	case MESSAGE_BYE:
		return get_bye(p, &m->bye);
	case MESSAGE_DELTA:
		return get_delta(a, p, &m->delta);
	case MESSAGE_HEARTBEAT:
		return get_heartbeat(a, p, &m->heartbeat);
	case MESSAGE_SNAPSHOT_REQUEST:
		return get_snapshot_request(p, &m->snapshot_request);
	case MESSAGE_SNAPSHOT_PAGE:
		return get_snapshot_page(a, p, &m->snapshot_page);
	case MESSAGE_RULES_REQUEST:
		m->rules_request.request =
		    ((const Palmares__RulesRequest *)p)->request;
		return 0;
	case MESSAGE_RULES_REPLY:
		return get_rules_reply(a, p, &m->rules_reply);
	case MESSAGE_STATUS_REQUEST:
		m->status_request.request =
		    ((const Palmares__StatusRequest *)p)->request;
		return 0;
	case MESSAGE_STATUS_REPLY:
		return get_status_reply(a, p, &m->status_reply);
	case MESSAGE_UNKNOWN_REQUEST:
		m->unknown_request.request =
		    ((const Palmares__UnknownRequest *)p)->request;
		m->unknown_request.first =
		    ((const Palmares__UnknownRequest *)p)->first;
		return 0;
	case MESSAGE_UNKNOWN_REPLY:
		return get_unknown_reply(a, p, &m->unknown_reply);
	}
	return -EPROTO;
}

static int
check_header(const uint8_t *bytes, size_t len)
{
	if (len < WIRE_HEADER || memcmp(bytes, "PLMR", 4) != 0)
		return -EBADMSG;
	/* What stands behind belongs to the version. */
	if (bytes[4] != MESSAGE_PROTOCOL)
		return -EPROTO;
	if (len > WIRE_MESSAGE_MAX)
		return -E2BIG;
	if (get_u32(bytes + AT_LENGTH) != len - WIRE_HEADER ||
	    get_u32(bytes + AT_CRC) != message_crc(bytes, len))
		return -EBADMSG;
	if (bytes[6] != 0 || bytes[7] != 0 || descriptor(bytes[5]) == NULL)
		return -EPROTO;
	return 0;
}

int
wire_get(struct wire_arena *a, const uint8_t *bytes, size_t len,
    struct message *out)
{
	struct mark before = mark(a);
	struct message m;
	void *p;
	int rc = check_header(bytes, len);

	if (rc < 0)
		return rc;
	/* A field forgotten here is 0 and not what the stack held. */
	memset(&m, 0, sizeof m);
	m.type = (enum message_type)bytes[5];
	rc = unpack(a, descriptor(bytes[5]), bytes + WIRE_HEADER,
	    len - WIRE_HEADER, &p);
	if (rc == 0)
		rc = get_message(a, p, &m);
	if (rc < 0) {
		rewind_to(a, before);
		return rc;
	}
	*out = m;
	return 0;
}

const char *
wire_why(int rc)
{
	switch (rc) {
	case -EBADMSG:
		return "no message of Palmarès, cut off or damaged";
	case -EPROTO:
		return "a version or a type that this program, which speaks "
		       "protocol 1, does not know";
	case -EINVAL:
		return "a field is out of bounds, or text is not UTF-8";
	case -E2BIG:
		return "larger than a message may be";
	case -EMSGSIZE:
		return "does not fit into a message";
	default:
		return "cannot be read";
	}
}
