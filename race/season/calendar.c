/*
 * calendar - the seasons, their competitions in order, and what of them is
 * still to come.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "common/xalloc.h"
#include "race/season/core.h"

/* ---- what there is ---- */

static bool
is_held_in(const struct season_competition *c, const char *label)
{
	return (c->from[0] == '\0' || text_label_cmp(c->from, label) <= 0) &&
	    (c->to[0] == '\0' || text_label_cmp(label, c->to) <= 0);
}

struct year *
year_of(struct season *s, uint32_t word)
{
	uint32_t at = index_get(&s->years_by_label, word);
	struct year *y;

	if (at != NONE)
		return s->years[at];
	y = xcalloc(1, sizeof *y);
	s->years =
	    xgrow(s->years, &s->year_cap, s->year_count, sizeof *s->years);
	y->number = (uint32_t)s->year_count;
	y->label = s->words[word].text;
	y->reorder = true;
	s->years[s->year_count++] = y;
	index_put(&s->years_by_label, word, y->number);
	for (size_t i = 0; i < 3; i++)
		index_init(&y->crowds[i].by_word);
	y->tables = xcalloc(s->rules->table_count, sizeof *y->tables);
	for (uint32_t i = 0; i < s->rules->table_count; i++)
		table_init(&y->tables[i], s, y, i);
	/* First those of the rules, in their order. */
	for (size_t i = 0; i < s->rules->competition_count; i++) {
		const struct season_competition *c = &s->rules->competitions[i];

		if (is_held_in(c, y->label))
			comp_of(s, y, word_of(s, c->name));
	}
	return y;
}

static const struct season_competition *
find_rule(const struct season *s, const char *name)
{
	for (size_t i = 0; i < s->rules->competition_count; i++)
		if (strcmp(s->rules->competitions[i].name, name) == 0)
			return &s->rules->competitions[i];
	return NULL;
}

static bool
takes_competition(const struct season_table *t, const char *name)
{
	bool found = t->competition_count == 0;

	for (size_t i = 0; i < t->competition_count && !found; i++)
		found = strcmp(t->competitions[i], name) == 0;
	return found;
}

uint32_t
comp_of(struct season *s, struct year *y, uint32_t word)
{
	uint64_t key = index_pair(y->number, word);
	uint32_t at = index_get(&s->comps_by_name, key);
	struct comp *c;

	if (at != NONE)
		return at;
	s->comps =
	    xgrow(s->comps, &s->comp_cap, s->comp_count, sizeof *s->comps);
	at = (uint32_t)s->comp_count++;
	c = &s->comps[at];
	*c = (struct comp){ .year = y->number,
		.local = (uint32_t)y->comps.count,
		.name = s->words[word].text,
		.date = "" };
	c->rule = find_rule(s, c->name);
	c->in_rules = c->rule != NULL && is_held_in(c->rule, y->label);
	for (size_t i = 0; i < s->rules->table_count; i++)
		if (takes_competition(&s->rules->tables[i], c->name))
			c->tables |= UINT32_C(1) << i;
	slots_add(&y->comps, at);
	index_put(&s->comps_by_name, key, at);
	y->reorder = true;
	return at;
}

static int16_t
find_own(const struct season_table *t, const char *comp, const char *award)
{
	const struct season_award *own = season_award_of(t, comp, award);

	return (int16_t)(own != NULL ? own - t->awards : -1);
}

uint32_t
award_of(struct season *s, uint32_t comp, uint32_t word)
{
	size_t tables = s->rules->table_count;
	uint64_t key = index_pair(comp, word);
	uint32_t at = index_get(&s->awards_by_name, key);
	struct award *a;

	if (at != NONE)
		return at;
	s->awards =
	    xgrow(s->awards, &s->award_cap, s->award_count, sizeof *s->awards);
	at = (uint32_t)s->award_count++;
	a = &s->awards[at];
	*a = (struct award){ .comp = comp,
		.name = s->words[word].text,
		.first = NONE,
		.least_us = INT64_MAX };
	a->own = xcalloc(tables, sizeof *a->own);
	for (size_t i = 0; i < tables; i++) {
		const struct season_table *t = &s->rules->tables[i];

		a->own[i] = find_own(t, s->comps[comp].name, a->name);
		if (a->own[i] >= 0 || !t->only_awards)
			a->tables |= UINT32_C(1) << i;
	}
	a->tables &= s->comps[comp].tables;
	if (s->any_tally)
		a->tallies = xcalloc(tables, sizeof *a->tallies);
	for (size_t i = 0; i < tables && s->any_tally; i++)
		a->tallies[i].least_us = INT64_MAX;
	slots_add(&s->comps[comp].awards, at);
	index_put(&s->awards_by_name, key, at);
	return at;
}

/* ---- results come and go ---- */

static void
redate(struct season *s, struct comp *c, const char *date, uint32_t dated)
{
	if (c->date != date && !c->in_rules)
		s->years[c->year]->reorder = true;
	c->date = date;
	c->dated = dated;
}

void
comp_gain(struct season *s, uint32_t comp, const char *date)
{
	struct comp *c = &s->comps[comp];
	struct year *y = s->years[c->year];

	if (c->results++ == 0)
		y->reorder = true;
	if (y->results++ == 0)
		s->resort = true;
	if (date[0] == '\0')
		return;
	if (c->date[0] == '\0' || strcmp(date, c->date) < 0)
		redate(s, c, date, 1);
	else if (date == c->date)
		c->dated++;
}

/* The first date that is left. */
static void
search_date(struct season *s, struct comp *c)
{
	const char *first = "";
	uint32_t count = 0;

	for (size_t i = 0; i < c->awards.count; i++) {
		uint32_t at = s->awards[c->awards.at[i]].first;

		for (; at != NONE; at = s->results[at].links[OF_AWARD].next) {
			const char *date = s->results[at].r.date;

			if (date[0] == '\0')
				continue;
			if (first[0] == '\0' || strcmp(date, first) < 0) {
				first = date;
				count = 0;
			}
			count += date == first;
		}
	}
	redate(s, c, first, count);
}

void
comp_lose(struct season *s, uint32_t comp, const char *date)
{
	struct comp *c = &s->comps[comp];
	struct year *y = s->years[c->year];

	if (--c->results == 0)
		y->reorder = true;
	if (--y->results == 0)
		s->resort = true;
	if (date[0] != '\0' && date == c->date && --c->dated == 0)
		search_date(s, c);
}

static struct comp *
comp_named(struct season *s, const char *season, const char *competition)
{
	struct year *y = year_of(s, word_of(s, season));
	uint32_t comp = comp_of(s, y, word_of(s, competition));

	return &s->comps[comp];
}

static void
settle_state(struct season *s, struct comp *c)
{
	enum season_state state = c->voided ? SEASON_VOID : c->said;
	bool matters = (c->state == SEASON_VOID) != (state == SEASON_VOID);

	c->state = state;
	if (!matters)
		return;
	s->years[c->year]->reorder = true;
	for (size_t i = 0; i < c->awards.count; i++) {
		uint32_t at = s->awards[c->awards.at[i]].first;

		for (; at != NONE; at = s->results[at].links[OF_AWARD].next)
			result_stamp(s, at);
	}
}

void
season_set_state(struct season *s, const char *season, const char *competition,
    enum season_state state)
{
	struct comp *c = comp_named(s, season, competition);

	c->said = state;
	settle_state(s, c);
}

void
season_void(struct season *s, const char *season, const char *competition,
    bool voided)
{
	struct comp *c = comp_named(s, season, competition);

	c->voided = voided;
	settle_state(s, c);
}

/* ---- the order ---- */

bool
comp_held(const struct comp *c)
{
	return c->results > 0 || c->state == SEASON_VOID;
}

bool
comp_counts(const struct comp *c, const struct table *t)
{
	return c->listed && c->state != SEASON_VOID &&
	    (c->tables & t->bit) != 0;
}

struct other {
	const char *date;
	const char *name;
	uint32_t comp;
};

/* Without a date: after all that have one. */
static int
by_date(const void *a, const void *b)
{
	const struct other *x = a;
	const struct other *y = b;
	int c = (x->date[0] == '\0') - (y->date[0] == '\0');

	if (c == 0)
		c = strcmp(x->date, y->date);
	return c != 0 ? c : strcmp(x->name, y->name);
}

static void
list(struct season *s, struct year *y)
{
	struct other *others = xcalloc(y->comps.count, sizeof *others);
	size_t count = 0;

	y->listed.count = 0;
	for (size_t i = 0; i < y->comps.count; i++) {
		struct comp *c = &s->comps[y->comps.at[i]];

		c->listed = c->in_rules || c->results > 0;
		if (c->in_rules)
			slots_add(&y->listed, y->comps.at[i]);
		else if (c->listed)
			others[count++] =
			    (struct other){ c->date, c->name, y->comps.at[i] };
	}
	if (count > 0)
		qsort(others, count, sizeof *others, by_date);
	for (size_t i = 0; i < count; i++)
		slots_add(&y->listed, others[i].comp);
	for (size_t i = 0; i < y->listed.count; i++)
		s->comps[y->listed.at[i]].rank = (uint32_t)i;
	free(others);
}

static void
require(struct table *t)
{
	struct season *s = t->season;

	t->required.count = 0;
	for (size_t i = 0; i < t->rule->compulsory_count; i++) {
		uint32_t word = word_of(s, t->rule->compulsory[i]);
		uint32_t comp = index_get(&s->comps_by_name,
		    index_pair(t->year->number, word));

		if (comp == NONE || !comp_counts(&s->comps[comp], t) ||
		    t->plans[s->comps[comp].local].required)
			continue;
		t->plans[s->comps[comp].local].required = true;
		slots_add(&t->required, s->comps[comp].local);
	}
}

static void
plan(struct table *t)
{
	struct season *s = t->season;
	struct year *y = t->year;
	uint32_t all = 0;

	t->plans = xreallocarray(t->plans, y->comps.count, sizeof *t->plans);
	memset(t->plans, 0, y->comps.count * sizeof *t->plans);
	t->to_come = 0;
	for (size_t i = 0; i < y->listed.count; i++) {
		const struct comp *c = &s->comps[y->listed.at[i]];

		t->plans[c->local].rank = c->rank;
		if (!comp_counts(c, t))
			continue;
		all++;
		t->to_come += !comp_held(c);
	}
	t->at_least = t->rule->at_least;
	if (t->rule->by == SEASON_BY_TIME && t->at_least == 0)
		t->at_least = all;
	/* Nothing is the least of all, and no merit. */
	if (t->less && t->at_least == 0)
		t->at_least = 1;
	require(t);
	t->all = true;
}

void
calendar_settle(struct season *s, struct year *y)
{
	if (!y->reorder)
		return;
	y->reorder = false;
	list(s, y);
	for (size_t i = 0; i < s->rules->table_count; i++)
		plan(&y->tables[i]);
}

/* ---- the seasons ---- */

struct labelled {
	const char *label;
	uint32_t year;
};

static int
by_label(const void *a, const void *b)
{
	return text_label_cmp(((const struct labelled *)a)->label,
	    ((const struct labelled *)b)->label);
}

static void
sort_seasons(struct season *s)
{
	struct labelled *all = xcalloc(s->year_count, sizeof *all);
	size_t count = 0;

	for (uint32_t i = 0; i < s->year_count; i++)
		if (s->years[i]->results > 0)
			all[count++] =
			    (struct labelled){ s->years[i]->label, i };
	if (count > 0)
		qsort(all, count, sizeof *all, by_label);
	s->seasons.count = 0;
	for (size_t i = 0; i < count; i++)
		slots_add(&s->seasons, all[i].year);
	s->resort = false;
	free(all);
}

size_t
season_count(struct season *s)
{
	if (s->resort)
		sort_seasons(s);
	return s->seasons.count;
}

struct year *
calendar_season(struct season *s, size_t season)
{
	if (season >= season_count(s))
		return NULL;
	return s->years[s->seasons.at[season]];
}

void
calendar_free(struct season *s)
{
	for (size_t i = 0; i < s->comp_count; i++)
		free(s->comps[i].awards.at);
	for (size_t i = 0; i < s->year_count; i++) {
		struct year *y = s->years[i];

		for (size_t k = 0; k < s->rules->table_count; k++)
			table_close(&y->tables[k]);
		for (size_t k = 0; k < 3; k++) {
			for (size_t n = 0; n < y->crowds[k].count; n++)
				free(y->crowds[k].subjects[n].parts);
			free(y->crowds[k].subjects);
			index_close(&y->crowds[k].by_word);
		}
		free(y->comps.at);
		free(y->listed.at);
		free(y->awards.at);
		free(y->spots.at);
		free(y->tables);
		free(y);
	}
	free(s->comps);
	free(s->years);
	free(s->seasons.at);
}
