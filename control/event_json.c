#include "control/event_json.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "common/instant.h"
#include "race/kind.h"
#include "race/rules.h"

static void
put_text(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, json_string(text));
}

/* Ids and fingerprints are 64 bits, which other languages' numbers do not hold.
 */
static void
put_hex(json_t *o, const char *key, uint64_t number)
{
	char text[20];

	snprintf(text, sizeof text, "%016" PRIx64, number);
	put_text(o, key, text);
}

/* Left out where there is none. */
static void
put_given(json_t *o, const char *key, const char *text)
{
	if (text[0] != '\0')
		put_text(o, key, text);
}

static void
put_count(json_t *o, const char *key, uint64_t count)
{
	json_object_set_new(o, key, json_integer((json_int_t)count));
}

static void
put_span(json_t *o, const char *key, int64_t us)
{
	json_object_set_new(o, key, json_integer((json_int_t)us));
}

static void
put_moment(json_t *o, const char *key, int64_t us)
{
	char text[40];

	put_text(o, key, instant_format(text, us));
}

static void
put_name(json_t *o, const char *key, struct race_id id,
    struct name_streams *streams)
{
	char text[NAME_MAX_PRINTED];

	if (id.seq > 0)
		put_text(o, key, name_print(text, id, streams));
}

static const char *
clock_name(enum race_clock clock)
{
	switch (clock) {
	case RACE_CLOCK_UNSPECIFIED:
		break;
	case RACE_CLOCK_FILE:
		return "file";
	case RACE_CLOCK_READER:
		return "reader";
	case RACE_CLOCK_LAPTOP:
		return "laptop";
	}
	return "";
}

static void
put_crossing(json_t *o, const struct race_crossing *c)
{
	put_text(o, "point", c->point);
	put_given(o, "bib", c->bib);
	put_given(o, "chip", c->chip);
	put_moment(o, "time", c->time_us);
	put_span(o, "time_us", c->time_us);
	put_given(o, "clock", clock_name(c->clock));
	if (c->clock == RACE_CLOCK_LAPTOP) {
		put_span(o, "offset_us", c->offset_us);
		put_span(o, "bound_us", c->bound_us);
		put_count(o, "clock_epoch", c->clock_epoch);
		put_span(o, "boot_us", c->boot_us);
	}
	if (c->flags != 0)
		put_count(o, "flags", c->flags);
	put_given(o, "source", c->source);
}

static void
put_estimate(json_t *o, const struct race_clock_estimate *c)
{
	put_count(o, "clock_epoch", c->clock_epoch);
	put_span(o, "boot_us", c->boot_us);
	put_span(o, "offset_us", c->offset_us);
	put_span(o, "drift_ppb", c->drift_ppb);
	put_span(o, "bound_us", c->bound_us);
	put_span(o, "drift_bound_ppb", c->drift_bound_ppb);
}

static void
put_entry(json_t *o, const struct race_entry *e)
{
	put_text(o, "bib", e->bib);
	put_given(o, "name", e->name);
	put_given(o, "sex", e->sex);
	put_given(o, "born", e->born);
	put_given(o, "category", e->category);
	put_given(o, "team", e->team);
	put_given(o, "wave", e->wave);
	put_given(o, "nation", e->nation);
	put_given(o, "status", rules_status_name(e->status));
	if (e->start_us != 0)
		put_moment(o, "start", e->start_us);
	if (e->chip_count > 0) {
		json_t *chips = json_array();

		for (size_t i = 0; i < e->chip_count; i++)
			json_array_append_new(chips, json_string(e->chips[i]));
		json_object_set_new(o, "chips", chips);
	}
	for (size_t i = 0; i < e->more_count; i++) {
		/* A column of the race's own takes no place of ours. */
		if (json_object_get(o, e->more[i].name) == NULL)
			put_text(o, e->more[i].name, e->more[i].value);
	}
}

static void
put_nested(json_t *o, const struct race_entry *e)
{
	json_t *entry = json_object();

	put_entry(entry, e);
	json_object_set_new(o, "entry", entry);
}

static void
put_rules(json_t *o, const struct race_rules *r)
{
	put_text(o, "title", r->title);
	put_text(o, "date", r->date);
	put_text(o, "timezone", r->timezone);
	put_count(o, "points", r->point_count);
	put_count(o, "waves", r->wave_count);
	put_count(o, "rankings", r->ranking_count);
	put_count(o, "awards", r->award_count);
}

static const char *
verb_name(enum race_verb verb)
{
	switch (verb) {
	case RACE_VERB_UNSPECIFIED:
	case RACE_VERBS:
		break;
	case RACE_UNDO:
		return "undo";
	case RACE_ADD_READ:
		return "add";
	case RACE_VOID_READ:
		return "void";
	case RACE_MOVE_READ:
		return "move";
	case RACE_SET_STATUS:
		return "status";
	case RACE_SET_TIME:
		return "time";
	case RACE_PENALTY:
		return "penalty";
	case RACE_SWAP:
		return "swap";
	case RACE_SET_ENTRY:
		return "entry";
	case RACE_SET_GUN:
		return "gun";
	case RACE_PUBLISH:
		return "publish";
	case RACE_SET_START:
		return "start";
	case RACE_REMOVE_ENTRY:
		return "remove-entry";
	case RACE_ASIDE:
		return "aside";
	case RACE_NAME:
		return "name";
	case RACE_VOID_COMPETITION:
		return "void-competition";
	case RACE_DECIDE_TIE:
		return "decide-tie";
	case RACE_PUBLISH_LIST:
		return "publish-list";
	}
	return "unknown";
}

static void
put_matter(json_t *o, const struct race_matter *m)
{
	put_given(o, "season", m->season);
	put_given(o, "competition", m->competition);
	put_given(o, "table", m->table);
	put_given(o, "subject", m->subject);
	put_given(o, "team", m->team);
}

static void
put_decision(json_t *o, const struct race_decision *d,
    struct name_streams *streams)
{
	put_text(o, "verb", verb_name(d->verb));
	put_given(o, "by", d->by);
	put_given(o, "reason", d->reason);
	put_name(o, "target", d->target, streams);
	put_name(o, "other_target", d->other_target, streams);
	put_name(o, "replaces", d->replaces, streams);
	put_given(o, "bib", d->bib);
	put_given(o, "other_bib", d->other_bib);
	put_given(o, "point", d->point);
	put_given(o, "wave", d->wave);
	put_given(o, "ranking", d->ranking);
	if (d->verb == RACE_SET_STATUS)
		put_text(o, "status", rules_status_name(d->status));
	if (d->time_us != 0)
		put_moment(o, "time", d->time_us);
	if (d->verb == RACE_PENALTY)
		put_span(o, "amount_us", d->amount_us);
	if (d->entry != NULL)
		put_nested(o, d->entry);
	put_given(o, "text", d->text);
	if (d->matter != NULL)
		put_matter(o, d->matter);
	if (d->verb == RACE_ASIDE)
		put_hex(o, "facts", d->facts);
}

static void
put_prize(json_t *o, const struct race_prize *p)
{
	put_text(o, "award", p->award);
	put_count(o, "place", p->place);
	put_given(o, "holder", p->holder);
	put_given(o, "note", p->note);
	json_object_set_new(o, "collected", json_boolean(p->collected));
	put_given(o, "by", p->by);
	put_given(o, "winner", p->winner);
}

static void
put_result(json_t *o, const struct race_listed *l)
{
	const struct season_result *r = &l->result;

	put_hex(o, "key", l->key);
	put_text(o, "season", r->season);
	put_text(o, "competition", r->competition);
	put_given(o, "award", r->award);
	if (r->place > 0)
		put_count(o, "place", r->place);
	put_text(o, "recipient", r->recipient);
	put_given(o, "team", r->team);
	put_given(o, "sex", r->sex);
	put_given(o, "category", r->category);
	put_given(o, "date", r->date);
	put_given(o, "status", rules_status_name(r->status));
	if (r->time_us >= 0)
		put_span(o, "time_us", r->time_us);
	if (r->points != SEASON_NO_VALUE)
		put_span(o, "points_18018000ths", r->points);
	put_given(o, "note", r->note);
}

/* Of the recording of a season.  What a file holds is any bytes: they are
 * counted. */
static void
put_season(json_t *o, const struct race_event *e)
{
	if (e->kind == RACE_SEASON_FILE) {
		put_text(o, "file", e->part.name);
		put_count(o, "part", e->part.part + 1);
		put_count(o, "parts", e->part.parts);
		put_count(o, "bytes", e->part.len);
	} else if (e->kind == RACE_SEASON_FILE_GONE) {
		put_text(o, "file", e->file_gone);
	} else if (e->kind == RACE_SEASON_GIVEN) {
		put_text(o, "season", e->given.season);
		put_text(o, "competition", e->given.competition);
		json_object_set_new(o, "live", json_boolean(e->given.live));
	} else {
		put_count(o, "events", e->moment.events);
	}
}

static void
put_event(json_t *o, struct race_id id, const struct race_event *e,
    struct name_streams *streams)
{
	struct race_id about = { .stream = id.stream };

	put_text(o, "kind", kind_name(e->kind));
	if (e->kind != RACE_EVENT_UNKNOWN)
		put_moment(o, "made", e->made_us);
	switch (e->kind) {
	case RACE_EVENT_UNKNOWN:
		break;
	case RACE_CROSSING:
		put_crossing(o, &e->crossing);
		break;
	case RACE_VOID:
		about.seq = e->void_seq;
		put_name(o, "target", about, streams);
		break;
	case RACE_FILL_IN:
		about.seq = e->fill_in.seq;
		put_name(o, "target", about, streams);
		put_text(o, "bib", e->fill_in.bib);
		break;
	case RACE_CLOCK:
		put_estimate(o, &e->clock);
		break;
	case RACE_RULES:
		put_rules(o, e->rules);
		break;
	case RACE_ENTRY:
		put_text(o, "bib", e->entry.bib);
		put_nested(o, &e->entry);
		break;
	case RACE_ENTRY_GONE:
		put_text(o, "bib", e->entry_gone);
		break;
	case RACE_GUN:
		put_text(o, "wave", e->gun.wave);
		put_moment(o, "time", e->gun.gun_us);
		break;
	case RACE_DECISION:
		put_decision(o, e->decision, streams);
		break;
	case RACE_AWARD:
		put_prize(o, &e->prize);
		break;
	case RACE_RESULT:
		put_result(o, &e->listed);
		break;
	case RACE_RESULT_GONE:
		put_hex(o, "key", e->result_gone);
		break;
	case RACE_SEASON_FILE:
	case RACE_SEASON_FILE_GONE:
	case RACE_SEASON_GIVEN:
	case RACE_SEASON_MOMENT:
		put_season(o, e);
		break;
	}
}

static char *
dump(json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT);

	json_decref(o);
	return text;
}

static void
put_id(json_t *o, struct race_id id, struct name_streams *streams)
{
	put_name(o, "event", id, streams);
	put_hex(o, "stream", id.stream);
	put_count(o, "seq", id.seq);
}

char *
event_json(const struct past_event *e, struct name_streams *streams)
{
	json_t *o = json_object();

	put_count(o, "log", e->log);
	put_id(o, e->id, streams);
	put_text(o, e->operators ? "operator" : "station", e->station);
	put_moment(o, "received", e->received_us);
	put_event(o, e->id, e->event, streams);
	return dump(o);
}

char *
event_json_ruling(const struct rulings_item *item, struct name_streams *streams,
    int64_t stored_us)
{
	json_t *o = json_object();

	put_count(o, "decision", item->number);
	put_id(o, item->id, streams);
	put_text(o, "operator", name_of(streams, item->id.stream));
	json_object_set_new(o, "holds", json_boolean(item->holds));
	if (item->undone_by > 0)
		put_count(o, "undone_by", item->undone_by);
	put_moment(o, "received", stored_us);
	put_event(o, item->id, item->event, streams);
	return dump(o);
}
