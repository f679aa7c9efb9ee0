/* Lines of award lists, and what is decided about a season, as bytes, and back.
 */
#include <errno.h>
#include <string.h>

#include "common/instant.h"
#include "proto/wire_parts.h"

/* ---- to the schema's ---- */

void
wire_put_result(struct wire_arena *a, Palmares__Result *p,
    const struct race_listed *l)
{
	const struct season_result *r = &l->result;

	palmares__result__init(p);
	p->key = l->key;
	p->season = wire_str(r->season);
	p->competition = wire_str(r->competition);
	p->award = wire_str(r->award);
	p->place = r->place;
	p->recipient = wire_str(r->recipient);
	p->team = wire_str(r->team);
	p->sex = wire_str(r->sex);
	p->category = wire_str(r->category);
	p->date = wire_str(r->date);
	p->status = (Palmares__Status)r->status;
	p->time_plus1 = (uint64_t)(r->time_us + 1);
	if (r->points != SEASON_NO_VALUE)
		p->points_plus1 = (uint64_t)(r->points + 1);
	p->note = wire_str(r->note);
	p->n_more = l->more_count;
	p->more = wire_put_columns(a, l->more, l->more_count);
}

void
wire_put_matter(Palmares__Decision *p, const struct race_matter *m)
{
	p->season = wire_str(m->season);
	p->competition = wire_str(m->competition);
	p->table = wire_str(m->table);
	p->subject = wire_str(m->subject);
	p->team = wire_str(m->team);
}

/* ---- from the schema's ---- */

static bool
result_ok(const Palmares__Result *p)
{
	return p->key != 0 && p->season[0] != '\0' &&
	    wire_label_ok(p->season) && p->competition[0] != '\0' &&
	    wire_name_ok(p->competition) && wire_name_ok(p->award) &&
	    p->place <= SEASON_PLACE_MAX && p->recipient[0] != '\0' &&
	    wire_row_ok(p->recipient) && wire_row_ok(p->team) &&
	    wire_label_ok(p->sex) && wire_label_ok(p->category) &&
	    wire_reason_ok(p->note) &&
	    (p->date[0] == '\0' || instant_date_valid(p->date)) &&
	    (unsigned)p->status <= RACE_NC && wire_bound_ok(p->time_plus1) &&
	    p->points_plus1 <= (uint64_t)SEASON_VALUE_MAX + 1;
}

int
wire_get_result(struct wire_arena *a, const Palmares__Result *p,
    struct race_listed *out)
{
	struct season_result *r = &out->result;

	if (!result_ok(p))
		return -EINVAL;
	out->key = p->key;
	r->season = p->season;
	r->competition = p->competition;
	r->award = p->award;
	r->place = p->place;
	r->recipient = p->recipient;
	r->team = p->team;
	r->sex = p->sex;
	r->category = p->category;
	r->date = p->date;
	r->status = (enum race_status)p->status;
	r->time_us = (int64_t)p->time_plus1 - 1;
	r->points = p->points_plus1 == 0 ? SEASON_NO_VALUE
	                                 : (int64_t)(p->points_plus1 - 1);
	r->note = p->note;
	out->more_count = p->n_more;
	return wire_get_columns(a, p->more, p->n_more, &out->more);
}

int
wire_get_matter(struct wire_arena *a, const Palmares__Decision *p,
    const struct race_matter **out)
{
	struct race_matter *m;

	if (!wire_label_ok(p->season) || !wire_name_ok(p->competition) ||
	    !wire_label_ok(p->table) || !wire_name_ok(p->subject) ||
	    !wire_name_ok(p->team))
		return -EINVAL;
	if (p->season[0] == '\0' && p->competition[0] == '\0' &&
	    p->table[0] == '\0' && p->subject[0] == '\0' &&
	    p->team[0] == '\0') {
		*out = NULL;
		return 0;
	}
	m = wire_take(a, sizeof *m);
	m->season = p->season;
	m->competition = p->competition;
	m->table = p->table;
	m->subject = p->subject;
	m->team = p->team;
	*out = m;
	return 0;
}

/* ---- the recording of a season ---- */

void
wire_put_part(Palmares__SeasonFile *p, const struct season_part *part)
{
	palmares__season_file__init(p);
	p->name = wire_str(part->name);
	p->part = part->part;
	p->parts = part->parts;
	p->data.data = (uint8_t *)part->data;
	p->data.len = part->len;
}

int
wire_get_part(const Palmares__SeasonFile *p, struct season_part *out)
{
	/* Only of a file without any bytes a part has none. */
	if (!wire_file_ok(p->name) || p->parts > SEASON_PARTS_MAX ||
	    p->part >= p->parts || p->data.len > SEASON_PART_MAX ||
	    (p->data.len == 0 && p->parts > 1))
		return -EINVAL;
	out->name = p->name;
	out->part = p->part;
	out->parts = p->parts;
	out->data = p->data.len > 0 ? p->data.data : (const uint8_t *)"";
	out->len = p->data.len;
	return 0;
}

void
wire_put_given(Palmares__SeasonGiven *p, const struct season_given *g)
{
	palmares__season_given__init(p);
	p->season = wire_str(g->season);
	p->competition = wire_str(g->competition);
	p->live = g->live;
}

int
wire_get_given(const Palmares__SeasonGiven *p, struct season_given *out)
{
	if (p->season[0] == '\0' || !wire_label_ok(p->season) ||
	    p->competition[0] == '\0' || !wire_name_ok(p->competition))
		return -EINVAL;
	out->season = p->season;
	out->competition = p->competition;
	out->live = p->live != 0;
	return 0;
}

/* ---- what is decided ---- */

static bool
names_tie(const struct race_decision *d)
{
	const struct race_matter *m = d->matter;

	return m != NULL && m->season[0] != '\0' && m->table[0] != '\0' &&
	    d->text[0] != '\0' && m->subject[0] != '\0' &&
	    strcmp(d->text, m->subject) != 0;
}

bool
wire_matter_whole(const struct race_decision *d)
{
	const struct race_matter *m = d->matter;

	if (d->verb == RACE_VOID_COMPETITION)
		return m != NULL && m->season[0] != '\0' &&
		    m->competition[0] != '\0';
	if (d->verb == RACE_DECIDE_TIE)
		return names_tie(d);
	return d->verb != RACE_NAME || d->text[0] != '\0';
}
