/* Events as bytes, and back. */
#include <errno.h>
#include <string.h>

#include "proto/wire_parts.h"

/* Of a penalty: the sums of a few thousand do not overflow. */
#define PENALTY_MAX (INT64_C(10) * 86400 * 1000000)

/* Our enums have the values of the schema's. */
SAME(RACE_CLOCK_LAPTOP, PALMARES__CLOCK__CLOCK_LAPTOP);
SAME(RACE_CLOCK_FILE, PALMARES__CLOCK__CLOCK_FILE);
SAME(RACE_UNDO, PALMARES__DECISION__VERB__UNDO);
SAME(RACE_REMOVE_ENTRY, PALMARES__DECISION__VERB__REMOVE_ENTRY);
SAME(RACE_ASIDE, PALMARES__DECISION__VERB__ASIDE);
SAME(RACE_PUBLISH_LIST, PALMARES__DECISION__VERB__PUBLISH_LIST);

/* ---- to the schema's ---- */

static void
put_crossing(Palmares__Crossing *p, const struct race_crossing *c)
{
	palmares__crossing__init(p);
	p->point = wire_str(c->point);
	p->bib = wire_str(c->bib);
	p->chip = wire_str(c->chip);
	p->time_us = c->time_us;
	p->clock = (Palmares__Clock)c->clock;
	p->offset_us = c->offset_us;
	p->bound_us = (uint64_t)c->bound_us;
	p->clock_epoch = c->clock_epoch;
	p->boot_us = c->boot_us;
	p->flags = c->flags;
	p->source = wire_str(c->source);
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

static Palmares__EventId *
put_id(struct wire_arena *a, struct race_id id)
{
	Palmares__EventId *p;

	if (id.seq == 0)
		return NULL;
	p = wire_take(a, sizeof *p);
	palmares__event_id__init(p);
	p->stream = id.stream;
	p->seq = id.seq;
	return p;
}

static void
put_decision(struct wire_arena *a, Palmares__Decision *p,
    const struct race_decision *d)
{
	palmares__decision__init(p);
	p->verb = (Palmares__Decision__Verb)d->verb;
	p->by = wire_str(d->by);
	p->reason = wire_str(d->reason);
	p->target = put_id(a, d->target);
	p->other_target = put_id(a, d->other_target);
	p->replaces = put_id(a, d->replaces);
	p->bib = wire_str(d->bib);
	p->other_bib = wire_str(d->other_bib);
	p->point = wire_str(d->point);
	p->wave = wire_str(d->wave);
	p->ranking = wire_str(d->ranking);
	p->status = (Palmares__Status)d->status;
	p->time_us = d->time_us;
	p->amount_us = d->amount_us;
	p->text = wire_str(d->text);
	p->facts = d->facts;
	if (d->matter != NULL)
		wire_put_matter(p, d->matter);
	if (d->entry == NULL)
		return;
	p->entry = wire_take(a, sizeof *p->entry);
	wire_put_entry(a, p->entry, d->entry);
}

static void
put_prize(Palmares__Award *p, const struct race_prize *prize)
{
	palmares__award__init(p);
	p->name = wire_str(prize->award);
	p->place = prize->place;
	p->holder = wire_str(prize->holder);
	p->note = wire_str(prize->note);
	p->collected = prize->collected;
	p->by = wire_str(prize->by);
	p->winner = wire_str(prize->winner);
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
	Palmares__Result result;
	Palmares__ResultGone result_gone;
	Palmares__SeasonFile season_file;
	Palmares__SeasonFileGone season_file_gone;
	Palmares__SeasonGiven season_given;
	Palmares__SeasonMoment season_moment;
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
		p->fill_in->bib = wire_str(e->fill_in.bib);
		break;
	case RACE_ENTRY_GONE:
		p->body_case = PALMARES__EVENT__BODY_ENTRY_GONE;
		p->entry_gone = &body->entry_gone;
		palmares__entry_gone__init(p->entry_gone);
		p->entry_gone->bib = wire_str(e->entry_gone);
		break;
	case RACE_GUN:
		p->body_case = PALMARES__EVENT__BODY_GUN;
		p->gun = &body->gun;
		palmares__gun__init(p->gun);
		p->gun->wave = wire_str(e->gun.wave);
		p->gun->gun_us = e->gun.gun_us;
		break;
	case RACE_AWARD:
		p->body_case = PALMARES__EVENT__BODY_AWARD;
		p->award = &body->award;
		put_prize(p->award, &e->prize);
		break;
	case RACE_RESULT_GONE:
		p->body_case = PALMARES__EVENT__BODY_RESULT_GONE;
		p->result_gone = &body->result_gone;
		palmares__result_gone__init(p->result_gone);
		p->result_gone->key = e->result_gone;
		break;
	case RACE_EVENT_UNKNOWN:
	case RACE_CROSSING:
	case RACE_DECISION:
	case RACE_CLOCK:
	case RACE_RULES:
	case RACE_ENTRY:
	case RACE_RESULT:
	case RACE_SEASON_FILE:
	case RACE_SEASON_FILE_GONE:
	case RACE_SEASON_GIVEN:
	case RACE_SEASON_MOMENT:
		break;
	}
}

/* Of the recording of a season. */
static void
put_season_body(Palmares__Event *p, union body *body,
    const struct race_event *e)
{
	if (e->kind == RACE_SEASON_FILE) {
		p->body_case = PALMARES__EVENT__BODY_SEASON_FILE;
		p->season_file = &body->season_file;
		wire_put_part(p->season_file, &e->part);
	} else if (e->kind == RACE_SEASON_FILE_GONE) {
		p->body_case = PALMARES__EVENT__BODY_SEASON_FILE_GONE;
		p->season_file_gone = &body->season_file_gone;
		palmares__season_file_gone__init(p->season_file_gone);
		p->season_file_gone->name = wire_str(e->file_gone);
	} else if (e->kind == RACE_SEASON_GIVEN) {
		p->body_case = PALMARES__EVENT__BODY_SEASON_GIVEN;
		p->season_given = &body->season_given;
		wire_put_given(p->season_given, &e->given);
	} else if (e->kind == RACE_SEASON_MOMENT) {
		p->body_case = PALMARES__EVENT__BODY_SEASON_MOMENT;
		p->season_moment = &body->season_moment;
		palmares__season_moment__init(p->season_moment);
		p->season_moment->events = e->moment.events;
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
		wire_put_entry(a, p->entry, &e->entry);
	} else if (e->kind == RACE_RULES) {
		p->body_case = PALMARES__EVENT__BODY_RULES;
		p->rules = &body->rules;
		wire_put_rules(a, p->rules, e->rules);
	} else if (e->kind == RACE_CLOCK) {
		p->body_case = PALMARES__EVENT__BODY_CLOCK;
		p->clock = &body->clock;
		put_clock(p->clock, &e->clock);
	} else if (e->kind == RACE_DECISION) {
		p->body_case = PALMARES__EVENT__BODY_DECISION;
		p->decision = &body->decision;
		put_decision(a, p->decision, e->decision);
	} else if (e->kind == RACE_RESULT) {
		p->body_case = PALMARES__EVENT__BODY_RESULT;
		p->result = &body->result;
		wire_put_result(a, p->result, &e->listed);
	} else if (e->kind >= RACE_SEASON_FILE) {
		put_season_body(p, body, e);
	} else {
		put_small_body(p, body, e);
	}
}

int
wire_put_event(struct wire_buffer *b, const struct race_event *e)
{
	struct wire_arena *a = wire_scratch(b);
	Palmares__Event p = PALMARES__EVENT__INIT;
	union body body;
	size_t size;

	wire_reset(a);
	p.made_us = e->made_us;
	put_body(a, &p, &body, e);
	size = palmares__event__get_packed_size(&p);
	if (size > RACE_EVENT_MAX)
		return -EMSGSIZE;
	wire_reserve(b, size);
	palmares__event__pack(&p, b->data + b->len);
	b->len += size;
	return (int)size;
}

/* ---- from the schema's ---- */

static int
get_crossing(const Palmares__Crossing *p, struct race_crossing *out)
{
	if (!wire_label_ok(p->point) || !wire_bib_ok(p->bib) ||
	    !wire_chip_ok(p->chip) || !wire_text_ok(p->source, RACE_MORE_MAX) ||
	    !wire_time_ok(p->time_us) || !wire_span_ok(p->offset_us) ||
	    !wire_time_ok(p->time_us + p->offset_us) ||
	    !wire_bound_ok(p->bound_us) || !wire_span_ok(p->boot_us) ||
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
	if (!wire_span_ok(p->boot_us) || !wire_span_ok(p->offset_us) ||
	    p->drift_ppb < -RACE_DRIFT_MAX || p->drift_ppb > RACE_DRIFT_MAX ||
	    !wire_bound_ok(p->bound_us) || p->drift_bound_ppb > RACE_DRIFT_MAX)
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
	if (!wire_bib_ok(p->bib))
		return -EINVAL;
	out->seq = p->seq;
	out->bib = p->bib;
	return 0;
}

static int
get_gun(const Palmares__Gun *p, struct race_gun *out)
{
	if (!wire_label_ok(p->wave) || !wire_time_ok(p->gun_us))
		return -EINVAL;
	out->wave = p->wave;
	out->gun_us = p->gun_us;
	return 0;
}

/* Absent, or with number 0: none.  The numbers are 64-bit integers of SQLite.
 */
static bool
get_id(const Palmares__EventId *p, struct race_id *out)
{
	*out = (struct race_id){ 0, 0 };
	if (p == NULL || p->seq == 0)
		return true;
	if (p->stream == 0 || p->seq > INT64_MAX)
		return false;
	*out = (struct race_id){ p->stream, p->seq };
	return true;
}

static bool
decision_ok(const Palmares__Decision *p)
{
	return wire_name_ok(p->by) && wire_reason_ok(p->reason) &&
	    wire_bib_ok(p->bib) && wire_bib_ok(p->other_bib) &&
	    wire_label_ok(p->point) && wire_label_ok(p->wave) &&
	    wire_label_ok(p->ranking) && (unsigned)p->status <= RACE_NC &&
	    wire_start_ok(p->time_us) && p->amount_us >= -PENALTY_MAX &&
	    p->amount_us <= PENALTY_MAX && wire_reason_ok(p->text);
}

static bool
is_standing(const char *text)
{
	return strcmp(text, "provisional") == 0 || strcmp(text, "final") == 0 ||
	    strcmp(text, "amended") == 0;
}

/* It says all that its verb needs. */
static bool
is_whole(const struct race_decision *d)
{
	bool bib = d->bib[0] != '\0';

	switch (d->verb) {
	case RACE_UNDO:
	case RACE_VOID_READ:
		return d->target.seq != 0;
	case RACE_ADD_READ:
	case RACE_SET_TIME:
		return bib && d->point[0] != '\0' && d->time_us != 0;
	case RACE_MOVE_READ:
		return d->target.seq != 0 && (bib || d->point[0] != '\0');
	case RACE_SET_STATUS:
	case RACE_PENALTY:
	case RACE_REMOVE_ENTRY:
		return bib;
	case RACE_SWAP:
		return d->target.seq != 0 && d->other_target.seq != 0 && bib &&
		    d->other_bib[0] != '\0';
	case RACE_SET_ENTRY:
		return d->entry != NULL;
	case RACE_SET_GUN:
		return d->wave[0] != '\0' && d->time_us != 0;
	case RACE_PUBLISH:
		return d->ranking[0] != '\0' && is_standing(d->text);
	case RACE_SET_START:
		return bib && d->time_us != 0;
	case RACE_ASIDE:
		return d->text[0] != '\0';
	case RACE_NAME:
	case RACE_VOID_COMPETITION:
	case RACE_DECIDE_TIE:
	case RACE_PUBLISH_LIST:
		return wire_matter_whole(d);
	case RACE_VERB_UNSPECIFIED:
	case RACE_VERBS:
		break;
	}
	return true;
}

static int
get_decision(struct wire_arena *a, const Palmares__Decision *p,
    const struct race_decision **out)
{
	struct race_decision *d = wire_take(a, sizeof *d);
	struct race_entry *entry = NULL;

	*d = (struct race_decision){
		.verb = (unsigned)p->verb < RACE_VERBS ? (enum race_verb)p->verb
		                                       : RACE_VERB_UNSPECIFIED,
		.by = p->by,
		.reason = p->reason,
		.bib = p->bib,
		.other_bib = p->other_bib,
		.point = p->point,
		.wave = p->wave,
		.ranking = p->ranking,
		.status = (enum race_status)p->status,
		.time_us = p->time_us,
		.amount_us = p->amount_us,
		.text = p->text,
		.facts = p->facts,
	};
	if (!decision_ok(p) || !get_id(p->target, &d->target) ||
	    !get_id(p->other_target, &d->other_target) ||
	    !get_id(p->replaces, &d->replaces) ||
	    wire_get_matter(a, p, &d->matter) < 0)
		return -EINVAL;
	if (p->entry != NULL) {
		entry = wire_take(a, sizeof *entry);
		if (wire_get_entry(a, p->entry, entry) < 0)
			return -EINVAL;
	}
	d->entry = entry;
	*out = d;
	return is_whole(d) ? 0 : -EINVAL;
}

static int
get_prize(const Palmares__Award *p, struct race_prize *out)
{
	if (p->name[0] == '\0' || !wire_label_ok(p->name) || p->place < 1 ||
	    p->place > RACE_ENTRIES_MAX || !wire_name_ok(p->holder) ||
	    !wire_reason_ok(p->note) || !wire_name_ok(p->by) ||
	    !wire_name_ok(p->winner))
		return -EINVAL;
	out->award = p->name;
	out->place = p->place;
	out->holder = p->holder;
	out->note = p->note;
	out->collected = p->collected != 0;
	out->by = p->by;
	out->winner = p->winner;
	return 0;
}

/* Of the recording of a season; else none, or one of a later version. */
static int
get_season_body(const Palmares__Event *p, struct race_event *out)
{
	switch (p->body_case) {
	case PALMARES__EVENT__BODY_SEASON_FILE:
		out->kind = RACE_SEASON_FILE;
		return wire_get_part(p->season_file, &out->part);
	case PALMARES__EVENT__BODY_SEASON_FILE_GONE:
		out->kind = RACE_SEASON_FILE_GONE;
		out->file_gone = p->season_file_gone->name;
		return wire_file_ok(out->file_gone) ? 0 : -EINVAL;
	case PALMARES__EVENT__BODY_SEASON_GIVEN:
		out->kind = RACE_SEASON_GIVEN;
		return wire_get_given(p->season_given, &out->given);
	case PALMARES__EVENT__BODY_SEASON_MOMENT:
		out->kind = RACE_SEASON_MOMENT;
		out->moment.events = p->season_moment->events;
		return 0;
	default:
		out->kind = RACE_EVENT_UNKNOWN;
		return 0;
	}
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
		return wire_get_rules(a, p->rules, false, &out->rules);
	case PALMARES__EVENT__BODY_ENTRY:
		out->kind = RACE_ENTRY;
		return wire_get_entry(a, p->entry, &out->entry);
	case PALMARES__EVENT__BODY_ENTRY_GONE:
		out->kind = RACE_ENTRY_GONE;
		out->entry_gone = p->entry_gone->bib;
		return out->entry_gone[0] != '\0' &&
		        wire_bib_ok(out->entry_gone)
		    ? 0
		    : -EINVAL;
	case PALMARES__EVENT__BODY_GUN:
		out->kind = RACE_GUN;
		return get_gun(p->gun, &out->gun);
	case PALMARES__EVENT__BODY_DECISION:
		out->kind = RACE_DECISION;
		return get_decision(a, p->decision, &out->decision);
	case PALMARES__EVENT__BODY_AWARD:
		out->kind = RACE_AWARD;
		return get_prize(p->award, &out->prize);
	case PALMARES__EVENT__BODY_RESULT:
		out->kind = RACE_RESULT;
		return wire_get_result(a, p->result, &out->listed);
	case PALMARES__EVENT__BODY_RESULT_GONE:
		out->kind = RACE_RESULT_GONE;
		out->result_gone = p->result_gone->key;
		return out->result_gone != 0 ? 0 : -EINVAL;
	default:
		return get_season_body(p, out);
	}
}

static int
get_event(struct wire_arena *a, const uint8_t *bytes, size_t len,
    struct race_event *out)
{
	Palmares__Crossing crossing;
	Palmares__Event event;
	Palmares__Event *p = &event;
	int rc = 0;

	if (!wire_quick(a, bytes, len, &event, &crossing))
		rc = wire_unpack(a, &palmares__event__descriptor, bytes, len,
		    &p);
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
	struct wire_mark before = wire_mark(a);

	if (len > RACE_EVENT_MAX || get_event(a, bytes, len, &e) < 0) {
		wire_rewind(a, before);
		return -EINVAL;
	}
	*out = e;
	return 0;
}
