#include "race/season/taken.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/nearest.h"
#include "common/xalloc.h"
#include "race/category.h"
#include "race/team.h"

enum { PAGE = 256, SLOT_BITS = 32, NOBODY_MAX = RACE_BIB_MAX + 8 };

/* What was told of a slot. */
struct told {
	struct season_result result; /* award and note are others' */
	char *text;                  /* its names; NULL: nothing was told */
	bool seen;                   /* in this update */
};

struct source {
	size_t ranking;
	char *award;
	uint32_t places; /* UINT32_MAX: all of the ranking */
	struct told *told;
	size_t count; /* by slot */
	size_t cap;
	bool known;
	uint64_t digest;
};

struct taken {
	char *competition;
	char *season;
	uint64_t first_key;
	struct source *sources;
	size_t source_count;
	bool known;
	uint64_t roster;
	enum season_state state;
	struct rank_standing page[PAGE];
};

/* ---- which rankings ---- */

static int64_t
ranking_of(const struct race_rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->ranking_count; i++) {
		if (strcmp(rules->rankings[i].name, name) == 0)
			return (int64_t)i;
	}
	return -1;
}

static void
add_source(struct taken *t, size_t ranking, const char *award, uint32_t places)
{
	t->sources[t->source_count++] = (struct source){
		.ranking = ranking,
		.award = xstrdup(award),
		.places = places,
	};
}

static char *
no_ranking(const struct race_rules *rules, const char *name)
{
	const char *words[RACE_RANKINGS_MAX];
	char *all;
	char *why;

	for (size_t i = 0; i < rules->ranking_count; i++)
		words[i] = rules->rankings[i].name;
	all = nearest_list(words, rules->ranking_count);
	why = xasprintf("has no ranking %s; it has %s", name, all);
	free(all);
	return why;
}

/* NULL, or what is wrong. */
static char *
find_sources(struct taken *t, const struct season_feed *feed,
    const struct race_rules *rules)
{
	size_t count =
	    feed->ranking_count > 0 ? feed->ranking_count : rules->award_count;

	t->sources = xcalloc(count + 1, sizeof *t->sources);
	for (size_t i = 0; i < feed->ranking_count; i++) {
		int64_t v = ranking_of(rules, feed->rankings[i]);

		if (v < 0)
			return no_ranking(rules, feed->rankings[i]);
		add_source(t, (size_t)v, feed->rankings[i], UINT32_MAX);
	}
	for (size_t i = 0; feed->ranking_count == 0 && i < count; i++) {
		const struct race_award *a = &rules->awards[i];
		int64_t v = ranking_of(rules, a->ranking);

		if (v >= 0)
			add_source(t, (size_t)v, a->name, a->places);
	}
	if (t->source_count == 0)
		return xstrdup("has no awards: name its rankings, as in "
		               "rankings: [scratch]");
	return NULL;
}

struct taken *
taken_new(const struct season_feed *feed, const struct race_rules *rules,
    uint64_t first_key, char **why)
{
	struct taken *t = xcalloc(1, sizeof *t);

	*why = find_sources(t, feed, rules);
	if (*why != NULL) {
		taken_free(t);
		return NULL;
	}
	t->competition = xstrdup(feed->competition);
	t->season = feed->season[0] != '\0' ? xstrdup(feed->season)
	                                    : xasprintf("%.4s", rules->date);
	t->first_key = first_key;
	return t;
}

static void
forget(struct told *t)
{
	free(t->text);
	*t = (struct told){ .text = NULL };
}

void
taken_free(struct taken *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->source_count; i++) {
		struct source *s = &t->sources[i];

		for (size_t k = 0; k < s->count; k++)
			forget(&s->told[k]);
		free(s->told);
		free(s->award);
	}
	free(t->sources);
	free(t->season);
	free(t->competition);
	free(t);
}

const char *
taken_season(const struct taken *t)
{
	return t->season;
}

enum season_state
taken_state(const struct taken *t)
{
	return t->state;
}

/* ---- a row ---- */

static bool
took_part(enum race_status status)
{
	return status != RACE_STATUS_NONE && status != RACE_DNS;
}

static struct season_result
result_of(const struct taken *t, const struct source *s, const struct book *b,
    const struct rank_standing *row, char nobody[NOBODY_MAX])
{
	const struct race_rules *rules = b->rules;
	bool team = rules->rankings[s->ranking].of == RACE_TEAMS;
	const struct race_entry *e =
	    team ? NULL : roster_find(b->roster, row->row.label);
	struct season_result r = { .season = t->season,
		.competition = t->competition,
		.award = s->award,
		.place = row->place,
		.recipient = row->row.label,
		.team = team ? row->row.label : "",
		.sex = "",
		.category = "",
		.date = rules->date,
		.status = row->row.status,
		.time_us = row->place > 0 ? row->row.elapsed_us : -1,
		.points = SEASON_NO_VALUE,
		.note = "" };

	if (e != NULL) {
		(void)snprintf(nobody, NOBODY_MAX, "bib %s", e->bib);
		r.recipient = e->name[0] != '\0' ? e->name : nobody;
		r.team = team_of(rules, e);
		r.sex = e->sex;
		r.category = category_of(rules, e);
	}
	return r;
}

static bool
same(const struct season_result *a, const struct season_result *b)
{
	return a->place == b->place && a->status == b->status &&
	    a->time_us == b->time_us &&
	    strcmp(a->recipient, b->recipient) == 0 &&
	    strcmp(a->team, b->team) == 0 && strcmp(a->sex, b->sex) == 0 &&
	    strcmp(a->category, b->category) == 0;
}

/* Keeps the names in one block. */
static void
keep(struct told *to, const struct season_result *r)
{
	const char *from[] = { r->recipient, r->team, r->sex, r->category };
	const char **names[] = { &to->result.recipient, &to->result.team,
		&to->result.sex, &to->result.category };
	size_t size = 0;
	char *p;

	for (size_t i = 0; i < 4; i++)
		size += strlen(from[i]) + 1;
	free(to->text);
	to->text = p = xmalloc(size);
	to->result = *r;
	for (size_t i = 0; i < 4; i++) {
		size_t len = strlen(from[i]) + 1;

		*names[i] = memcpy(p, from[i], len);
		p += len;
	}
}

static uint64_t
key_of(const struct taken *t, const struct source *s, size_t slot)
{
	return t->first_key + ((uint64_t)(s - t->sources) << SLOT_BITS) + slot;
}

static bool
tell(const struct taken *t, struct source *s, const struct book *b,
    const struct rank_standing *row, struct season *season)
{
	char nobody[NOBODY_MAX];
	struct season_result r = result_of(t, s, b, row, nobody);
	struct told *told;

	if (row->slot >= s->count) {
		s->told = xgrow(s->told, &s->cap, row->slot, sizeof *s->told);
		memset(s->told + s->count, 0,
		    (row->slot + 1 - s->count) * sizeof *s->told);
		s->count = row->slot + 1;
	}
	told = &s->told[row->slot];
	told->seen = true;
	if (told->text != NULL && same(&told->result, &r))
		return false;
	season_put(season, key_of(t, s, row->slot), &r);
	keep(told, &r);
	told->seen = true;
	return true;
}

/* ---- a ranking ---- */

/* False: the rest of the listing is told no more. */
static bool
is_told(const struct source *s, const struct rank_standing *row)
{
	if (s->places == UINT32_MAX)
		return true;
	return row->place > 0 && row->place <= s->places;
}

static bool
drop_unseen(const struct taken *t, struct source *s, struct season *season)
{
	bool changed = false;

	for (size_t i = 0; i < s->count; i++) {
		struct told *told = &s->told[i];

		if (told->text != NULL && !told->seen) {
			season_drop(season, key_of(t, s, i));
			forget(told);
			changed = true;
		}
		told->seen = false;
	}
	return changed;
}

static bool
update_source(struct taken *t, struct source *s, struct book *b,
    struct season *season)
{
	bool changed = false;
	bool more = true;
	size_t from = 0;
	size_t n;

	while (more &&
	    (n = rank_rows(b->rank, s->ranking, from, t->page, PAGE)) > 0) {
		for (size_t i = 0; i < n && more; i++) {
			const struct rank_standing *row = &t->page[i];

			more = is_told(s, row);
			if (more &&
			    (row->place > 0 || took_part(row->row.status)) &&
			    tell(t, s, b, row, season))
				changed = true;
		}
		from += n;
	}
	return drop_unseen(t, s, season) || changed;
}

static enum season_state
state_of(const struct taken *t, struct book *b)
{
	for (size_t i = 0; i < t->source_count; i++) {
		struct race_outlook o;

		book_outlook(b, t->sources[i].ranking, &o);
		if (o.published != RACE_FINAL && o.published != RACE_AMENDED)
			return SEASON_LIVE;
	}
	return SEASON_PUBLISHED;
}

bool
taken_update(struct taken *t, struct book *b, struct season *s)
{
	uint64_t roster = roster_digest(b->roster);
	enum season_state state = state_of(t, b);
	bool named = !t->known || roster != t->roster;
	bool changed = !t->known || state != t->state;

	if (changed)
		season_set_state(s, t->season, t->competition, state);
	t->known = true;
	t->roster = roster;
	t->state = state;
	for (size_t i = 0; i < t->source_count; i++) {
		struct source *from = &t->sources[i];
		uint64_t digest = rank_digest(b->rank, from->ranking);

		if (from->known && !named && digest == from->digest)
			continue;
		from->known = true;
		from->digest = digest;
		if (update_source(t, from, b, s))
			changed = true;
	}
	return changed;
}
