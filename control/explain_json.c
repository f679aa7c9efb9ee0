#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/dump.h"
#include "common/instant.h"
#include "control/explain_print.h"
#include "control/why.h"
#include "race/category.h"
#include "race/rules.h"
#include "race/team.h"

static void
put_text(json_t *o, const char *key, const char *text)
{
	json_object_set_new(o, key, json_string(text));
}

static void
put_number(json_t *o, const char *key, int64_t value)
{
	json_object_set_new(o, key, json_integer((json_int_t)value));
}

static void
put_flag(json_t *o, const char *key, bool is)
{
	if (is)
		json_object_set_new(o, key, json_true());
}

/* Microseconds, null for none. */
static void
put_span(json_t *o, const char *key, int64_t us)
{
	json_object_set_new(o, key,
	    us < 0 ? json_null() : json_integer((json_int_t)us));
}

static void
put_moment(json_t *o, const char *key, int64_t us)
{
	char text[40];

	if (us != RACE_NO_TIME)
		put_text(o, key, instant_format(text, us));
	else
		json_object_set_new(o, key, json_null());
}

static void
put_name(json_t *o, const char *key, struct race_id id, const struct story *s)
{
	char text[NAME_MAX_PRINTED];

	if (id.seq > 0)
		put_text(o, key, name_print(text, id, s->streams));
}

static const char *
point_name(const struct explain *e, int point)
{
	return point >= 0 ? e->book->rules->points[point].name : "";
}

static json_t *
json_read(const struct explain *e, const struct explain_read *r,
    const struct story *s)
{
	json_t *o = json_object();
	struct rank_crossing crossing;

	put_text(o, "point", point_name(e, r->is.point));
	put_moment(o, "time", r->is.time_us);
	put_name(o, "event", r->is.id, s);
	put_text(o, "why", why_name(r->is.why));
	put_name(o, "by", r->is.by, s);
	if (r->is.why == RANK_NOT_OURS &&
	    rank_find(e->book->rank, r->is.id, &crossing))
		put_text(o, "whose", crossing.bib);
	put_flag(o, "backup", r->is.backup);
	put_flag(o, "added", r->is.added);
	if (r->is.bound_us > 0)
		put_number(o, "bound_us", r->is.bound_us);
	if (r->said == NULL)
		return o;
	put_moment(o, "raw", r->said->time_us);
	put_number(o, "correction_us", r->is.time_us - r->said->time_us);
	put_text(o, "bib", r->said->bib);
	put_text(o, "chip", r->said->chip);
	put_text(o, "source", r->said->source);
	return o;
}

static json_t *
json_reads(const struct explain *e, const struct explain_runner *r,
    const struct story *s)
{
	json_t *all = json_array();

	for (size_t i = 0; i < r->read_count; i++)
		json_array_append_new(all, json_read(e, &r->reads[i], s));
	return all;
}

static json_t *
json_filters(const struct explain_runner *r)
{
	json_t *all = json_array();

	for (size_t i = 0; i < r->filter_count; i++) {
		json_t *o = json_object();

		put_text(o, "what", r->filters[i].what);
		put_text(o, "wants", r->filters[i].wants);
		put_text(o, "has", r->filters[i].has);
		json_object_set_new(o, "passes",
		    json_boolean(r->filters[i].passes));
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *
json_time(const struct explain *e, const struct explain_runner *r)
{
	json_t *o = json_object();

	put_text(o, "point", point_name(e, r->time.point));
	put_moment(o, "read", r->time.read_us);
	put_moment(o, "since", r->time.since_us);
	put_number(o, "penalty_us", r->time.penalty_us);
	put_span(o, "elapsed_us", r->time.elapsed_us);
	put_span(o, "gun_us", r->gun_us);
	put_span(o, "net_us", r->net_us);
	put_number(o, "metres", r->metres);
	return o;
}

static json_t *
json_start(const struct explain *e, const struct explain_runner *r)
{
	const struct race_rules *rules = e->book->rules;
	json_t *o = json_object();

	put_text(o, "wave",
	    r->start.wave >= 0 ? rules->waves[r->start.wave].name : "");
	put_flag(o, "inferred", r->start.inferred);
	put_flag(o, "own", r->start.own);
	put_moment(o, "gun", r->start.gun_us);
	put_moment(o, "crossed", r->start.crossed_us);
	return o;
}

static void
put_runner(json_t *o, const struct explain *e, const struct explain_runner *r,
    const struct story *s)
{
	const struct race_rules *rules = e->book->rules;

	put_text(o, "bib", r->entry->bib);
	put_text(o, "name", r->entry->name);
	put_text(o, "sex", r->entry->sex);
	put_text(o, "category", category_of(rules, r->entry));
	put_text(o, "team", team_of(rules, r->entry));
	put_text(o, "status", rules_status_name(r->start.status));
	json_object_set_new(o, "reads", json_reads(e, r, s));
	json_object_set_new(o, "start", json_start(e, r));
	json_object_set_new(o, "filters", json_filters(r));
	json_object_set_new(o, "time", json_time(e, r));
}

static json_t *
json_members(const struct explain *e, const struct story *s)
{
	json_t *all = json_array();

	for (size_t i = 0; i < e->member_count; i++) {
		json_t *o = json_object();

		put_runner(o, e, &e->members[i].runner, s);
		put_text(o, "share", explain_share(e->members[i].share));
		json_array_append_new(all, o);
	}
	return all;
}

static json_t *
json_decided(const struct explain *e, const struct story *s)
{
	json_t *all = json_array();

	for (size_t i = 0; i < e->decided_count; i++) {
		const struct rulings_item *item = &e->decided[i];
		json_t *o = json_object();
		char *what = NULL;
		size_t len = 0;
		FILE *out = open_memstream(&what, &len);

		if (out != NULL) {
			story_decided(out, s, item->event);
			fclose(out);
		}
		put_number(o, "number", (int64_t)item->number);
		put_text(o, "what", what != NULL ? what : "");
		put_text(o, "by", story_by(s, item->id, item->event));
		put_text(o, "reason", story_reason(item->event));
		put_moment(o, "made", item->event->made_us);
		json_object_set_new(o, "holds", json_boolean(item->holds));
		if (!item->holds)
			put_number(o, "undone_by", (int64_t)item->undone_by);
		json_array_append_new(all, o);
		free(what);
	}
	return all;
}

static json_t *
json_line(const struct explain *e, size_t i)
{
	struct board_line line;
	json_t *o;

	if (board_line(e->board, i, &line) < 0 || line.place == 0)
		return json_null();
	o = json_object();
	put_text(o, e->rule->of == RACE_TEAMS ? "team" : "bib", line.row.label);
	put_number(o, "place", line.place);
	put_span(o, "elapsed_us", line.row.elapsed_us);
	put_number(o, "metres", line.row.metres);
	return o;
}

static json_t *
json_tied(const struct explain *e)
{
	json_t *all = json_array();

	for (size_t i = 0; i < e->tied_count; i++)
		if (e->first_tied + i != (size_t)e->at)
			json_array_append_new(all,
			    json_line(e, e->first_tied + i));
	return all;
}

static void
put_place(json_t *o, const struct explain *e)
{
	json_t *place = json_object();

	if (e->at < 0 || e->line.place == 0) {
		json_decref(place);
		json_object_set_new(o, "place", json_null());
		return;
	}
	put_number(place, "place", e->line.place);
	put_number(place, "of", (int64_t)e->placed);
	put_span(place, "elapsed_us", e->line.row.elapsed_us);
	put_number(place, "metres", e->line.row.metres);
	put_span(place, "ahead_us", e->line.ahead_us);
	put_flag(place, "close", e->line.close);
	put_flag(place, "provisional", e->line.provisional);
	json_object_set_new(place, "tied", json_tied(e));
	json_object_set_new(place, "before",
	    e->at > 0 ? json_line(e, (size_t)e->at - 1) : json_null());
	json_object_set_new(place, "behind", json_line(e, (size_t)e->at + 1));
	json_object_set_new(o, "place", place);
}

int
explain_json(FILE *out, const struct explain *e, const struct story *s)
{
	json_t *o = json_object();

	put_text(o, "ranking", e->rule->name);
	if (e->rule->of == RACE_TEAMS) {
		put_text(o, "team", e->label);
		json_object_set_new(o, "members", json_members(e, s));
	} else {
		put_runner(o, e, &e->runner, s);
	}
	if (e->without != NULL) {
		put_text(o, "without",
		    e->book->rules->rankings[e->without->ranking].name);
		put_number(o, "without_place", e->without_place);
	}
	put_flag(o, "by_gun", e->by_gun);
	json_object_set_new(o, "decisions", json_decided(e, s));
	put_place(o, e);
	return dump_json(out, o, JSON_INDENT(1));
}
